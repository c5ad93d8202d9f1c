package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"dinh/internal/app"
	"dinh/internal/civil"
	"dinh/internal/config"
	"dinh/internal/web"

	_ "modernc.org/sqlite" // the bare server of "start" has one table
)

// childArg makes this program one of the servers that it measures, in a process of its own.
const childArg = "-child"

func child(ctx context.Context, name string, args []string) error {
	switch name {
	case "bare":
		return bare(ctx, args[0])
	case "table":
		return table(ctx, args[0], args[1])
	case "site":
		return site(ctx, args[0], strings.Join(args[1:], ""))
	case "pdf", "docx":
		return paperTo(args[0], name)
	case "xlsx":
		return sheetTo(args[0])
	case "xlsx-bare":
		return bareSheetTo(args[0])
	}
	return fmt.Errorf("no child %s", name)
}

// self starts this program again as a child.
func self(ctx context.Context, args ...string) (*process, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return begin(ctx, english, urlLine, exe, append([]string{childArg}, args...)...)
}

// listen serves until ctx ends and prints where.
func listen(ctx context.Context, addr string, h http.Handler) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	fmt.Printf("http://%s\n", l.Addr())
	err = srv.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// bare is the limit of a page: a handler that writes the bytes of a file.
func bare(ctx context.Context, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	length := strconv.Itoa(len(body))
	return listen(ctx, "127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", length)
		_, _ = w.Write(body)
	}))
}

// table is the limit of a start: a server that makes one table and answers.
func table(ctx context.Context, addr, file string) error {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, name TEXT)`)
	if err != nil {
		return err
	}
	return listen(ctx, addr, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
}

// site is our own site on a data folder of the demonstration, without anything that runs beside the pages, and with an address that runs the template of
// a page alone, on the database given or, where "", on that of the folder: /-template?PAGE executes it on the data of the last time the page was shown; /-last names the page shown last.
func site(ctx context.Context, data, database string) error {
	c := config.Config{Data: data, Database: database, Addr: "127.0.0.1:0"}
	c.Default()
	a, err := app.Open(ctx, app.Options{Config: c, Clock: civil.Shifted(time.Now, app.DemoDay), Demo: true})
	if err != nil {
		return err
	}
	h, err := a.Handler(ctx)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	kit, ok := h.(*web.Kit)
	if !ok {
		return errors.Join(fmt.Errorf("the site is a %T, not a kit", h), a.Close())
	}
	s := &templates{again: map[string]func(*bytes.Buffer) error{}}
	kit.Observe(s.saw)
	mux := http.NewServeMux()
	mux.Handle("/", kit)
	mux.HandleFunc("GET /-last", s.name)
	mux.HandleFunc("GET /-template", s.run)
	return errors.Join(listen(ctx, "127.0.0.1:0", mux), a.Close())
}

// templates remembers how each page was rendered last.
type templates struct {
	mu    sync.RWMutex
	last  string
	again map[string]func(*bytes.Buffer) error
	pool  sync.Pool
}

func (s *templates) saw(page string, again func(*bytes.Buffer) error) {
	s.mu.RLock()
	_, known := s.again[page]
	same := s.last == page
	s.mu.RUnlock()
	if known && same {
		return // nothing new: the measurement must not pay for the lock
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.again[page] = page, again
}

func (s *templates) name(w http.ResponseWriter, _ *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	fmt.Fprint(w, s.last)
}

func (s *templates) run(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	again := s.again[r.URL.RawQuery]
	s.mu.RUnlock()
	if again == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	b, _ := s.pool.Get().(*bytes.Buffer)
	if b == nil {
		b = new(bytes.Buffer)
	}
	b.Reset()
	defer s.pool.Put(b)
	err := again(b)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	_, _ = w.Write(b.Bytes())
}

// changes is what tells whether a SQLite database was written to: the sizes and times of its files.
func changes(data string) (string, error) {
	var out strings.Builder
	for _, name := range []string{"dinh.db", "dinh.db-wal"} {
		info, err := os.Stat(filepath.Join(data, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%s %d %d; ", name, info.Size(), info.ModTime().UnixNano())
	}
	return out.String(), nil
}
