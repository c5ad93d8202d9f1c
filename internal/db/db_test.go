package db_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
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

func TestCancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	table(t, d)
	began, finish := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	first, cancelFirst := context.WithCancel(t.Context())
	wg.Go(func() {
		// Cancelled in its turn: it goes on to its commit.
		err := d.Write(first, func(tx *db.Tx) error {
			close(began)
			<-finish
			_, err := tx.Exec(first, `UPDATE counter SET n=n+1 WHERE id=1`)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-began
	second, cancelSecond := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		waiting <- d.Write(second, func(*db.Tx) error {
			t.Error("the command ran")
			return nil
		})
	}()
	cancelSecond()
	if err := <-waiting; !errors.Is(err, context.Canceled) { // it need not wait for the first
		t.Errorf("err = %v", err)
	}
	cancelFirst()
	close(finish)
	wg.Wait()
	if _, sum := count(t, d); sum != 1 {
		t.Errorf("sum = %d", sum)
	}
}

func TestPanicUndoesItsCommandAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		var wg sync.WaitGroup
		var panics, gone atomic.Int64
		for i := range 30 {
			wg.Go(func() {
				ended := false
				defer func() {
					if p := recover(); p != nil {
						panics.Add(1)
					} else if !ended {
						gone.Add(1)
					}
				}()
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					if _, err := tx.Exec(t.Context(), `INSERT INTO counter(id,n) VALUES($1,1)`, 10+i); err != nil {
						return err
					}
					switch i % 3 {
					case 0:
						panic("oh")
					case 1:
						runtime.Goexit()
					}
					return nil
				})
				ended = true
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if _, sum := count(t, d); sum != 10 || panics.Load() != 10 || gone.Load() != 10 {
			t.Errorf("sum %d, panics %d, gone %d", sum, panics.Load(), gone.Load())
		}
	})
}

// A constraint that is checked at the commit spoils the commit of a batch; only the command whose fault it is may fail.
func TestFaultAtCommit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `CREATE TABLE child (id BIGINT PRIMARY KEY, parent BIGINT NOT NULL REFERENCES counter(id) DEFERRABLE INITIALLY DEFERRED)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				parent := 1
				if i%10 == 0 {
					parent = 1000
				}
				hooks := 0
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					tx.OnCommit(func() { hooks++ })
					_, err := tx.Exec(t.Context(), `INSERT INTO child(id,parent) VALUES($1,$2)`, i, parent)
					return err
				})
				if (err != nil) != (parent == 1000) || (hooks == 1) != (err == nil) || err != nil && !d.Dialect().IsForeignKey(err) {
					t.Errorf("command %d: %v, %d hooks", i, err, hooks)
				}
			})
		}
		wg.Wait()
		var n int
		if err := d.QueryRow(t.Context(), `SELECT COUNT(*) FROM child`).Scan(&n); err != nil || n != 36 {
			t.Errorf("%d children, %v", n, err)
		}
	})
}

func TestAfterAFailedStatementOnlyFailure(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `INSERT INTO counter(id,n) VALUES(5,5)`); err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), `INSERT INTO counter(id,n) VALUES(1,5)`); !d.Dialect().IsUnique(err) {
				t.Errorf("not a unique violation: %v", err)
			}
			var n int
			if err := tx.QueryRow(t.Context(), `SELECT 1`).Scan(&n); err == nil {
				t.Error("a statement ran after a failed one")
			}
			return nil // swallowed
		})
		if !d.Dialect().IsUnique(err) {
			t.Errorf("err = %v", err)
		}
		if rows, _ := count(t, d); rows != 1 {
			t.Errorf("%d rows", rows)
		}
	})
}

func TestEpochsAndPrune(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				if err := d.Write(t.Context(), func(tx *db.Tx) error { return tx.Bump(t.Context(), "org") }); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if err := d.Prune(t.Context(), 0); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return tx.Bump(t.Context(), "law") }); err != nil {
			t.Fatal(err)
		}
		all, err := d.Epochs(t.Context())
		if err != nil || all["org"] != 30 || all["law"] != 1 || len(all) != 2 || epoch(t, d, "org") != 30 || epoch(t, d, "plan") != 0 {
			t.Errorf("epochs %v, %v", all, err)
		}
	})
}

func TestReadSeesOneState(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		err := d.Read(t.Context(), func(q db.Querier) error {
			var before, after int
			if err := q.QueryRow(t.Context(), `SELECT n FROM counter WHERE id=1`).Scan(&before); err != nil {
				return err
			}
			err := d.Write(t.Context(), func(tx *db.Tx) error { return tx.Update(t.Context(), `UPDATE counter SET n=n+1 WHERE id=1`) })
			if err != nil {
				return err
			}
			if err := q.QueryRow(t.Context(), `SELECT n FROM counter WHERE id=1`).Scan(&after); err != nil {
				return err
			}
			if before != after {
				t.Errorf("%d, then %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := d.Query(t.Context(), `UPDATE counter SET n=9 WHERE id=1 RETURNING n`)
		if err == nil {
			rows.Next()
			err = errors.Join(rows.Err(), rows.Close())
		}
		if err == nil {
			t.Error("Query wrote")
		}
	})
}
