// Package e2e tests the whole program from the outside: pages as each role sees them, journeys in a browser, two processes on one database.
package e2e

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dinh/internal/app"
	"dinh/internal/civil"
	"dinh/internal/config"
	"dinh/internal/db/dbtest"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

// site is the demonstration, open, with its pages.
type site struct {
	*app.App
	kit *web.Kit
	dir string
	log *faults

	mu      sync.Mutex
	cookies map[string]string // by log-in name
}

const password = "thu-dinh-2021"

// planID is the demonstration's plan.
const planID = "648-kh-ubnd-2021"

// options are those of the demonstration on its day, over a folder or a PostgreSQL database.
func options(dir, dsn string) app.Options {
	return app.Options{
		Config: config.Config{Data: dir, Database: dsn, BaseURL: "http://" + webtest.Host, Limits: config.Limits{UploadMB: 1, HashQueue: 2, SessionDay: 7, CacheMB: 16}},
		Clock:  civil.Shifted(time.Now, app.DemoDay), Demo: true,
	}
}

// made is the demonstration's data folder, file by file. It is made once in a process, because it takes a second, and copied for each test.
var made = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "dinh-e2e-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	a, err := app.Open(ctx, options(dir, ""))
	if err != nil {
		return nil, err
	}
	_, err = a.Demo(ctx)
	if err := errors.Join(err, a.Close()); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[name], err = os.ReadFile(path)
		return err
	})
	return files, err
})

// folder is a copy of the demonstration's data folder.
func folder(t testing.TB) string {
	t.Helper()
	files, err := made()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// demo is a demonstration of the test's own on SQLite.
func demo(t testing.TB) *site {
	t.Helper()
	return open(t, options(folder(t), ""))
}

// demoOn is a demonstration of the test's own on the engine "sqlite" or "postgres".
func demoOn(t testing.TB, engine string) *site {
	t.Helper()
	if engine == "sqlite" {
		return demo(t)
	}
	s := open(t, options(t.TempDir(), dbtest.Postgres(t)))
	if _, err := s.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t testing.TB, o app.Options) *site {
	t.Helper()
	said := &faults{}
	o.Log = slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.Open(context.WithoutCancel(t.Context()), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	h, err := a.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &site{App: a, kit: h.(*web.Kit), dir: o.Config.Data, log: said, cookies: map[string]string{}}
}

// faults keeps what the program logs as wrong, to say in a test why a page failed.
type faults struct {
	mu  sync.Mutex
	all []string
}

func (f *faults) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, string(b))
	return len(b), nil
}

// last is what was logged since last was asked.
func (f *faults) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := strings.Join(f.all, "")
	f.all = nil
	return out
}

// public is the log-in name of those who have none.
const public = "công chúng"

// as is a reader: the public, or somebody who has logged in. The log-in is made once for each name.
func (s *site) as(t testing.TB, login string) *webtest.Client {
	t.Helper()
	c := webtest.New(t, s.kit)
	if login == public {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cookies[login] == "" {
		s.cookies[login] = logIn(t, s.kit, login)
	}
	c.Cookies[web.CookieName] = s.cookies[login]
	return c
}

// logIn goes through the form and gives the cookie.
func logIn(t testing.TB, h http.Handler, login string) string {
	t.Helper()
	c := webtest.New(t, h)
	p := c.Get("/dang-nhap").Want(http.StatusOK).Form("form[method=post]").Set("ten", login).Set("mat_khau", password).Send().Want(http.StatusSeeOther)
	if c.Cookies[web.CookieName] == "" {
		t.Fatalf("%s got no cookie: %v", login, p.Header)
	}
	return c.Cookies[web.CookieName]
}
