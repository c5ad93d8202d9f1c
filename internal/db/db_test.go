package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
)

func epoch(t *testing.T, d *db.DB, name string) int64 {
	t.Helper()
	n, err := d.Epoch(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// table makes a table of counters for tests; migrations know nothing of it.
func table(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `CREATE TABLE counter (id BIGINT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `INSERT INTO counter(id,n) VALUES(1,0)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB) (rows, sum int64) {
	t.Helper()
	if err := d.QueryRow(t.Context(), `SELECT COUNT(*), CAST(SUM(n) AS BIGINT) FROM counter`).Scan(&rows, &sum); err != nil {
		t.Fatal(err)
	}
	return rows, sum
}

func TestWritersLoseNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		const writers, each = 64, 10
		var hooks, failed atomic.Int64
		boom := errors.New("boom")
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					err := d.Write(t.Context(), func(tx *db.Tx) error {
						tx.OnCommit(func() { hooks.Add(1) })
						var n int64
						if err := tx.QueryRow(t.Context(), `SELECT n FROM counter WHERE id=1`).Scan(&n); err != nil {
							return err
						}
						if err := tx.Update(t.Context(), `UPDATE counter SET n=$1 WHERE id=1`, n+1); err != nil {
							return err
						}
						if _, err := tx.Exec(t.Context(), `INSERT INTO counter(id,n) VALUES($1,0)`, 100+w*each+i); err != nil {
							return err
						}
						if i == each-1 { // every tenth fails alone
							return boom
						}
						return nil
					})
					switch {
					case errors.Is(err, boom):
						failed.Add(1)
					case err != nil:
						t.Errorf("writer %d: %v", w, err)
					}
				}
			})
		}
		wg.Wait()
		rows, sum := count(t, d)
		if want := int64(writers * (each - 1)); sum != want || rows != want+1 || hooks.Load() != want || failed.Load() != writers {
			t.Errorf("sum %d, rows %d, hooks %d, want %d; failed %d, want %d", sum, rows, hooks.Load(), want, failed.Load(), writers)
		}
	})
}

func TestOnceUnderConcurrency(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		results := make([]string, 20)
		var effects atomic.Int64
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() {
				did := false
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					did = false
					result, done, err := tx.Once(t.Context(), "token")
					if err != nil {
						return err
					}
					results[i] = result
					if done {
						return nil
					}
					did = true
					results[i] = fmt.Sprintf("/made/%d", i)
					if err := tx.Bump(t.Context(), "effect"); err != nil {
						return err
					}
					return tx.OnceDone(t.Context(), "token", results[i])
				})
				if err != nil {
					t.Error(err)
				}
				if did {
					effects.Add(1)
				}
			})
		}
		wg.Wait()
		for _, r := range results {
			if r != results[0] || r == "" {
				t.Fatalf("results differ: %q", results)
			}
		}
		if n := epoch(t, d, "effect"); n != 1 || effects.Load() != 1 {
			t.Errorf("%d effects, epoch %d, want 1", effects.Load(), n)
		}
	})
}

func TestUpdateConflict(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			return tx.Update(t.Context(), `UPDATE counter SET n=5 WHERE id=1 AND n=7`)
		})
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("err = %v, want a conflict", err)
		}
	})
}

func TestCancelledBeforeItsTurn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := d.Write(ctx, func(tx *db.Tx) error {
			t.Error("the command ran")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
	})
}
