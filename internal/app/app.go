// Package app wires the rooms together: the only package that knows them all. The command and the end-to-end tests start here.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/audit"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/config"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/job"
	"dinh/internal/law"
	"dinh/internal/mail"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/report"
	"dinh/internal/search"
	"dinh/internal/web"
)

// Options say how an App is opened.
type Options struct {
	Config config.Config
	Clock  civil.Clock
	Log    *slog.Logger
	Demo   bool // each page says that it is a demonstration, and on which day
}

// errLocked is a data folder that another process holds.
var errLocked = errors.New("app: the data folder is in use")

// App is everything that runs on one data folder or one PostgreSQL database.
type App struct {
	opts  Options
	log   *slog.Logger
	lock  *db.Lock
	DB    *db.DB
	Clock civil.Clock

	Units   *org.Directory
	Org     *org.Service
	Auth    *auth.Service
	Files   *attach.Store
	Audit   *audit.Log
	Jobs    *job.Runner
	Mail    *mail.Outbox
	Plans   *plan.Service
	LawRoom *law.Service

	Disclosure *disclosure.Service
	Reports    *report.Service

	Search *search.Index
	kit    *web.Kit

	law atomic.Pointer[law.Catalogue]
}

// Law is the catalogue in force: the embedded one with the data folder's laws laid over it.
func (a *App) Law() *law.Catalogue { return a.law.Load() }

// Open opens the data folder, brings its database up to date and reads what is kept in memory. It fails with errLocked where another process holds the
// folder, and refuses laws of the data folder that are not sound.
func Open(ctx context.Context, o Options) (_ *App, err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &App{opts: o, log: o.Log, Clock: o.Clock}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	dir := o.Config.Data
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if o.Config.Database == "" {
		if a.lock, err = db.LockDir(dir); err != nil {
			return nil, lockFault(err)
		}
	}
	a.DB, err = db.Open(ctx, db.Options{DSN: o.Config.Database, Dir: dir, ReadConns: o.Config.Limits.ReadConns, Clock: o.Clock})
	if err != nil {
		return nil, err
	}
	if err := a.DB.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := search.Ready(ctx, a.DB); err != nil {
		return nil, err
	}
	if err := a.readLaw(); err != nil {
		return nil, err
	}
	return a, a.openRooms(ctx)
}

func lockFault(err error) error {
	if errs.MsgOf(err).Key == "db.locked" {
		return fmt.Errorf("%w: %w", errLocked, err)
	}
	return err
}

// readLaw reads the catalogue with the folder's overlay, where there is one.
func (a *App) readLaw() error {
	dir := filepath.Join(a.opts.Config.Data, "law")
	cat, err := law.Load()
	if _, serr := os.Stat(dir); serr == nil {
		cat, err = law.Overlay(dir)
	} else if !errors.Is(serr, fs.ErrNotExist) {
		err = serr
	}
	if err != nil {
		return err
	}
	a.law.Store(cat)
	return nil
}

func (a *App) openRooms(ctx context.Context) (err error) {
	c, dir := a.opts.Config, a.opts.Config.Data
	keys := filepath.Join(dir, "keys")
	if a.Units, err = org.Open(ctx, a.DB); err != nil {
		return err
	}
	a.Org = org.NewService(a.DB, a.Units)
	a.Auth, err = auth.New(auth.Options{DB: a.DB, Clock: a.Clock, Units: a.Units, KeyDir: keys, Workers: c.Limits.HashQueue, SessionDays: c.Limits.SessionDay})
	if err != nil {
		return err
	}
	same, err := a.Auth.SameKey(ctx)
	if err != nil {
		return err
	}
	if !same {
		a.log.ErrorContext(ctx, "keys/auth.key is not the key with which this database's second factors and invitation codes are sealed: this server can read none of them")
	}
	if a.Files, err = attach.New(a.DB, dir, int64(c.Limits.UploadMB)<<20, a.Clock); err != nil {
		return err
	}
	a.Audit = audit.New(a.DB, keys, a.Clock)
	a.Mail = mail.New(a.DB, c.Mail, c.BaseURL, a.Clock)
	a.Plans = plan.New(plan.Options{DB: a.DB, Units: a.Units, Law: a.Law, Clock: a.Clock, People: a.Auth})
	a.Disclosure = disclosure.New(disclosure.Options{DB: a.DB, Units: a.Units, Law: a.Law, Clock: a.Clock, People: a.Auth, Files: a.Files, Recorder: planRecorder{a.Plans}})
	if err := a.openReports(); err != nil {
		return err
	}
	a.Auth.SetHandover(a.Plans)
	a.LawRoom = law.NewService(a.DB, a.Law(), func(unit string) access.Place { return a.Units.On(a.Clock.Today()).Place(unit) })
	a.LawRoom.Own(disclosure.Owner, a.Disclosure.LawOwner())
	a.Audit.Also("files", checkFiles(a.Files, nil))
	a.Jobs = job.New(a.DB, 2)
	a.registerJobs(a.Jobs)
	return a.LawRoom.Start(ctx)
}

// Close ends what Open began. Run must have returned.
func (a *App) Close() error {
	var all []error
	if a.Audit != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		all = append(all, a.Audit.Flush(ctx))
		cancel()
	}
	if a.Files != nil {
		all = append(all, a.Files.Close())
	}
	if a.DB != nil {
		all = append(all, a.DB.Close())
	}
	if a.lock != nil {
		all = append(all, a.lock.Unlock())
	}
	return errors.Join(all...)
}

// formKey signs form tokens: one for all processes on one database.
func (a *App) formKey(ctx context.Context) ([]byte, error) {
	var key string
	err := a.DB.Write(ctx, func(tx *db.Tx) error {
		fresh := rand.Text() + rand.Text()
		if _, err := tx.Exec(ctx, `INSERT INTO setting(name, value) VALUES ('form_key', $1) ON CONFLICT (name) DO NOTHING`, fresh); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT value FROM setting WHERE name = 'form_key'`).Scan(&key)
	})
	return []byte(key), err
}

// Handler is the whole site, made once.
func (a *App) Handler(ctx context.Context) (http.Handler, error) {
	if a.kit != nil {
		return a.kit, nil
	}
	key, err := a.formKey(ctx)
	if err != nil {
		return nil, err
	}
	var proxies []netip.Prefix
	for _, s := range a.opts.Config.Proxies {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("trusted_proxies: %w", err)
		}
		proxies = append(proxies, p)
	}
	l := a.opts.Config.Limits
	k, err := web.New(web.Config{
		DB: a.DB, Clock: a.Clock, Units: a.Units, Sessions: sessions{a.Auth}, Key: key, BaseURL: a.opts.Config.BaseURL, Proxies: proxies,
		Cache: int64(l.CacheMB) << 20, Upload: int64(l.UploadMB) << 20, Demo: a.opts.Demo, Log: a.log,
	})
	if err != nil {
		return nil, err
	}
	if err := a.register(k); err != nil {
		return nil, err
	}
	a.kit = k
	return k, nil
}

// Serve answers on ln until ctx ends, then lets requests finish.
func (a *App) Serve(ctx context.Context, ln net.Listener) error {
	h, err := a.Handler(ctx)
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(auth.Procs(a.opts.Config.Limits.HashQueue)) // pages do not wait for passwords being hashed
	debug.FreeOSMemory()                                           // what the start needed once is given back: a server at rest stays small
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	var wg sync.WaitGroup
	a.background(background, &wg)
	stopCommands := func() {}
	if a.lock != nil {
		if stopCommands, err = a.listenCommands(background); err != nil {
			return err
		}
	}
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		shut, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		err = srv.Shutdown(shut)
		cancel()
		if serr := <-done; err == nil {
			err = serr
		}
	}
	stopCommands()
	stopBackground()
	wg.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// background starts what runs beside the pages: the audit log's sequencer, the jobs, the follower that drops kept pages.
func (a *App) background(ctx context.Context, wg *sync.WaitGroup) {
	wg.Go(func() { a.Audit.Run(ctx) })
	wg.Go(func() { a.follow(ctx) })
	wg.Go(func() {
		if err := a.Auth.Run(ctx); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "sessions", slog.Any("error", err))
		}
	})
	wg.Go(func() { a.Jobs.Run(ctx) })
}

// follow drops what other processes have made old: every half second it asks whether the units moved and reads the numbered entries of the audit log.
func (a *App) follow(ctx context.Context) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	next, err := a.Audit.Size(ctx)
	if err != nil {
		a.log.ErrorContext(ctx, "follow the audit log", slog.Any("error", err))
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := a.followOnce(ctx, &next); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "follow the audit log", slog.Any("error", err))
		}
	}
}

func (a *App) followOnce(ctx context.Context, next *int64) error {
	if err := a.Units.Refresh(ctx); err != nil {
		return err
	}
	for {
		touched, n, err := a.Audit.Follow(ctx, *next, 1000)
		if err != nil {
			return err
		}
		var tags []string
		for _, t := range touched {
			tags = append(tags, t.Tags...)
		}
		if len(tags) > 0 {
			a.kit.Drop(tags...)
		}
		if n == *next {
			return nil
		}
		*next = n
	}
}

// Listen opens the address of the configuration.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(ctx, "tcp", addr)
}

// URL is the address to type for a listener.
func URL(ln net.Listener) string {
	host, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return "http://" + ln.Addr().String()
	}
	if host == "::" || host == "0.0.0.0" {
		host = "127.0.0.1"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "http://" + host + ":" + port
}
