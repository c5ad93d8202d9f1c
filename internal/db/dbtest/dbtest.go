// Package dbtest gives tests a migrated database of their own, SQLite or PostgreSQL, which goes when the test ends.
package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"dinh/internal/civil"
	"dinh/internal/db"
)

// Clock stands still at noon of 20 April 2021 in Vietnam.
var Clock = civil.Fixed("2021-04-20")

// New is a migrated SQLite database in a temporary folder, on Clock.
func New(t testing.TB) *db.DB {
	t.Helper()
	return NewAt(t, Clock)
}

// NewAt is New on another clock.
func NewAt(t testing.TB, clock civil.Clock) *db.DB {
	t.Helper()
	dir := t.TempDir()
	Fill(t, dir)
	return Open(t, db.Options{Dir: dir, Clock: clock})
}

// Fill puts a migrated SQLite database into the folder, for tests that open it themselves or in another process.
func Fill(t testing.TB, dir string) {
	t.Helper()
	file, err := template()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, db.File), file, 0o600); err != nil {
		t.Fatal(err)
	}
}

// template is a migrated SQLite file, made once in a process.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "dinh-dbtest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := migrated(db.Options{Dir: dir, Clock: Clock}); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, db.File))
})

func migrated(o db.Options) error {
	d, err := db.Open(context.Background(), o)
	if err != nil {
		return err
	}
	if err := d.Migrate(context.Background()); err != nil {
		return fmt.Errorf("%w (close: %w)", err, d.Close())
	}
	return d.Close()
}

// Open opens a database and closes it when the test ends.
func Open(t testing.TB, o db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return d
}

// Each runs a sub-test on each engine. Where no PostgreSQL is installed its sub-test is skipped, and fails under DINH_TEST_ALL=1.
func Each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachAt(t, Clock, f)
}

// EachAt is Each on another clock.
func EachAt(t *testing.T, clock civil.Clock, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, NewAt(t, clock)) })
	t.Run("postgres", func(t *testing.T) { f(t, Open(t, db.Options{DSN: Postgres(t), Clock: clock})) })
}

// Postgres is the address of a migrated PostgreSQL database of the test's own.
func Postgres(t testing.TB) string {
	t.Helper()
	return server(t).create(t, "dinh_template")
}

// EmptyPostgres is the address of an empty PostgreSQL database of the test's own.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	return server(t).create(t, "template0")
}

// server is the one PostgreSQL server of this process.
func server(t testing.TB) *postgres {
	t.Helper()
	p, err := start()
	if err != nil {
		if os.Getenv("DINH_TEST_ALL") == "1" {
			t.Fatalf("no PostgreSQL for tests: %v", err)
		}
		t.Skipf("no PostgreSQL for tests: %v", err)
	}
	return p
}

var start = sync.OnceValues(startPostgres)
