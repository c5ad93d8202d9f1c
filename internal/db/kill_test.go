package db_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
)

const killEnv = "DINH_TEST_KILLED"

// TestMain lets the test's program be the child that is killed.
func TestMain(m *testing.M) {
	if where := os.Getenv(killEnv); where != "" {
		if err := writeUntilKilled(where); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeUntilKilled writes pairs of rows from many goroutines and says on standard output which pair is committed.
func writeUntilKilled(where string) error {
	o := db.Options{Dir: where, Clock: civil.Real(time.Now)}
	if strings.HasPrefix(where, "postgres") {
		o = db.Options{DSN: where, Clock: o.Clock}
	}
	ctx := context.Background()
	d, err := db.Open(ctx, o)
	if err != nil {
		return err
	}
	errc := make(chan error)
	var mu sync.Mutex
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				id := 1_000_000*(w+1) + 2*i
				err := d.Write(ctx, func(tx *db.Tx) error {
					for n := range 2 {
						if _, err := tx.Exec(ctx, `INSERT INTO counter(id,n) VALUES($1,1)`, id+n); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					errc <- err
					return
				}
				mu.Lock()
				fmt.Println(id)
				mu.Unlock()
			}
		}()
	}
	return <-errc
}

func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		dbtest.Fill(t, dir)
		o := db.Options{Dir: dir, Clock: dbtest.Clock}
		killed(t, o, dir)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		dsn := dbtest.Postgres(t)
		killed(t, db.Options{DSN: dsn, Clock: dbtest.Clock}, dsn)
	})
}

func killed(t *testing.T, o db.Options, where string) {
	t.Helper()
	d, err := db.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	table(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), killEnv+"="+where)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said []int
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, id)
		if len(said) == 300 {
			if err := cmd.Process.Kill(); err != nil { // SIGKILL
				t.Fatal(err)
			}
		}
	}
	cmd.Wait()
	if len(said) < 300 {
		t.Fatalf("only %d commits", len(said))
	}
	d = dbtest.Open(t, o)
	rows, err := d.Query(t.Context(), `SELECT id FROM counter WHERE id>=1000000 ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	there := map[int]bool{}
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		there[id] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, id := range said {
		if !there[id] || !there[id+1] {
			t.Errorf("%d was acknowledged and is lost", id)
		}
	}
	for id := range there {
		if !there[id^1] {
			t.Errorf("%d is half of a command", id)
		}
	}
}

func TestLockDir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	l, err := db.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.LockDir(dir); !errs.Is(err, errs.Unavailable) {
		t.Errorf("taken twice: %v", err)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := db.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestReadOnlyBesideAWriter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dbtest.Fill(t, dir)
	w := dbtest.Open(t, db.Options{Dir: dir, Clock: dbtest.Clock})
	table(t, w)
	r := dbtest.Open(t, db.Options{Dir: dir, Clock: dbtest.Clock, ReadOnly: true})
	if rows, _ := count(t, r); rows != 1 {
		t.Errorf("%d rows", rows)
	}
	if err := r.Write(t.Context(), func(*db.Tx) error { return nil }); !errs.Is(err, errs.Unavailable) {
		t.Errorf("wrote: %v", err)
	}
	if _, err := db.Open(t.Context(), db.Options{Dir: t.TempDir(), Clock: dbtest.Clock, ReadOnly: true}); err == nil {
		t.Error("opened a database that is not there")
	}
}

func TestDamagedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dbtest.Fill(t, dir)
	file := filepath.Join(dir, db.File)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096 * 3; i < 4096*6; i++ {
		b[i] ^= 0x5a
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), db.Options{Dir: dir, Clock: dbtest.Clock})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	d.Checked()
	if err := d.Healthy(t.Context()); !errs.Is(err, errs.Unavailable) {
		t.Errorf("healthy: %v", err)
	}
	if err := d.Write(t.Context(), func(*db.Tx) error { return nil }); !errs.Is(err, errs.Unavailable) {
		t.Errorf("wrote into a damaged file: %v", err)
	}
}
