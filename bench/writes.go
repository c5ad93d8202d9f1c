package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
)

const callers = 64

// Both sides run the same two statements in each command.
const (
	writeSchema = `CREATE TABLE bench_voter (id INTEGER PRIMARY KEY, voted INTEGER NOT NULL DEFAULT 0) STRICT;
		CREATE TABLE bench_ballot (id TEXT NOT NULL PRIMARY KEY, choice TEXT NOT NULL) STRICT;`
	writeUpdate = `UPDATE bench_voter SET voted=voted+1 WHERE id=$1`
	writeInsert = `INSERT INTO bench_ballot (id, choice) VALUES ($1, $2)`
)

// writes compares db.Write on SQLite with a bare group commit: one goroutine that takes what waits and commits it together.
func writes(ctx context.Context, o options, r *report) error {
	dir, err := os.MkdirTemp("", "dinh-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	clock := civil.Real(time.Now)

	ourDir := filepath.Join(dir, "ours")
	err = os.MkdirAll(ourDir, 0o700)
	if err != nil {
		return err
	}
	ours, err := db.Open(ctx, db.Options{Dir: ourDir, Clock: clock})
	if err != nil {
		return err
	}
	defer ours.Close()
	err = ours.Migrate(ctx)
	if err != nil {
		return err
	}
	err = ours.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, writeSchema)
		if err != nil {
			return err
		}
		return fill(func(i int) error {
			_, err := tx.Exec(ctx, `INSERT INTO bench_voter (id) VALUES ($1)`, i)
			return err
		})
	})
	if err != nil {
		return err
	}
	bare, err := newGroup(ctx, filepath.Join(dir, "bare.db"))
	if err != nil {
		return err
	}
	defer bare.close()

	var our, limit []float64
	for range o.rounds {
		n, err := together(ctx, seconds(o.seconds), func(i int) error {
			return ours.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, writeUpdate, i%voters)
				if err != nil {
					return err
				}
				_, err = tx.Exec(ctx, writeInsert, tx.NewID(), "yes")
				return err
			})
		})
		if err != nil {
			return err
		}
		our = append(our, n)
		n, err = together(ctx, seconds(o.seconds), func(i int) error { return bare.write(i%voters, db.NewID(clock.Now())) })
		if err != nil {
			return err
		}
		limit = append(limit, n)
	}
	r.ratio("db.Write, 64 callers, SQLite FULL", "commands/s", our, limit, 0.5, false)
	return nil
}

const voters = 10_000

func fill(f func(i int) error) error {
	for i := range voters {
		err := f(i)
		if err != nil {
			return err
		}
	}
	return nil
}

// together runs f from all callers for so long and gives the number done in a second.
func together(ctx context.Context, length time.Duration, f func(i int) error) (float64, error) {
	var (
		n     atomic.Int64
		wg    sync.WaitGroup
		mu    sync.Mutex
		fault error
	)
	begun := time.Now()
	for range callers {
		wg.Go(func() {
			for time.Since(begun) < length && ctx.Err() == nil {
				err := f(int(n.Add(1)))
				if err != nil {
					mu.Lock()
					fault = errors.Join(fault, err)
					mu.Unlock()
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(begun).Seconds(), fault
}

// group is the bare group commit.
type group struct {
	db     *sql.DB
	update *sql.Stmt
	insert *sql.Stmt
	ch     chan groupRequest
	done   chan struct{}
}

type groupRequest struct {
	voter  int
	id     string
	answer chan error
}

func newGroup(ctx context.Context, file string) (*group, error) {
	d, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=foreign_keys(on)&_pragma=synchronous(full)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	d.SetMaxOpenConns(1)
	g := &group{db: d, ch: make(chan groupRequest, 1024), done: make(chan struct{})}
	_, err = d.ExecContext(ctx, writeSchema)
	if err == nil {
		err = g.filled(ctx)
	}
	if err == nil {
		g.update, err = d.PrepareContext(ctx, writeUpdate)
	}
	if err == nil {
		g.insert, err = d.PrepareContext(ctx, writeInsert)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	go g.run(ctx)
	return g, nil
}

func (g *group) filled(ctx context.Context) error {
	tx, err := g.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	err = fill(func(i int) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO bench_voter (id) VALUES ($1)`, i)
		return err
	})
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (g *group) run(ctx context.Context) {
	defer close(g.done)
	for r := range g.ch {
		batch := []groupRequest{r}
	more:
		for len(batch) < 1000 {
			select {
			case r, ok := <-g.ch:
				if !ok {
					break more
				}
				batch = append(batch, r)
			default:
				break more
			}
		}
		err := g.commit(ctx, batch)
		for _, r := range batch {
			r.answer <- err
		}
	}
}

func (g *group) commit(ctx context.Context, batch []groupRequest) error {
	tx, err := g.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	update, insert := tx.StmtContext(ctx, g.update), tx.StmtContext(ctx, g.insert)
	for _, r := range batch {
		_, err = update.ExecContext(ctx, r.voter)
		if err == nil {
			_, err = insert.ExecContext(ctx, r.id, "yes")
		}
		if err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

func (g *group) write(voter int, id string) error {
	r := groupRequest{voter, id, make(chan error, 1)}
	g.ch <- r
	return <-r.answer
}

func (g *group) close() {
	close(g.ch)
	<-g.done
	g.db.Close()
}
