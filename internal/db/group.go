package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"dinh/internal/errs"
)

// A batch ends at the latest after so many commands or so long, so that those who came first do not wait for ever.
const (
	maxBatch     = 512
	maxBatchTime = 50 * time.Millisecond
)

// writer is SQLite's one writing connection. Commands take turns on it; whoever has the turn runs its command in its own goroutine and hands the open
// transaction on to the next that waits. When nobody waits, or the batch is full, the last one commits for all.
type writer struct {
	d    *DB
	pool *sql.DB

	mu     sync.Mutex
	queue  []*turn
	taken  bool // somebody has the turn
	closed bool

	// Only whoever has the turn touches what follows.
	conn  *sql.Conn
	stmts *stmtCache
	open  bool // a transaction is open
	began time.Time
	batch []*turn // commands that are done in the open transaction
}

// turn is one command's place in the queue.
type turn struct {
	ready chan error // nil: its turn has come
	done  chan error // the outcome of the commit
	alone bool       // shares its transaction with nobody
}

func (w *writer) write(ctx context.Context, f func(tx *Tx) error) error {
	t := &turn{}
	for try := 1; ; try++ {
		t.ready, t.done = make(chan error, 1), make(chan error, 1)
		if err := w.await(ctx, t); err != nil {
			return err
		}
		tx, err := w.command(ctx, t, f)
		if err != nil {
			return err
		}
		err = <-t.done
		if err == nil {
			tx.committed()
			return nil
		}
		// A commit that failed for many is tried again by each alone: then only the one whose fault it is fails.
		if try >= 3 || t.alone && !errors.Is(err, errLost) {
			return err
		}
		t.alone = true
	}
}

var errClosed = errors.New("db: closed")

// await returns nil when it is t's turn, or the reason why the caller no longer waits.
func (w *writer) await(ctx context.Context, t *turn) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errClosed
	}
	if !w.taken {
		w.taken = true
		w.mu.Unlock()
		return nil
	}
	w.queue = append(w.queue, t)
	w.mu.Unlock()
	select {
	case err := <-t.ready:
		return err
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.queue, t); i >= 0 {
		w.queue = slices.Delete(w.queue, i, i+1)
		return ctx.Err()
	}
	return <-t.ready // the turn had come already
}

// command runs f in its turn and hands the turn on. An error means that f is undone and all is over for t; otherwise t.done tells of the commit.
func (w *writer) command(ctx context.Context, t *turn, f func(tx *Tx) error) (*Tx, error) {
	ctx = context.WithoutCancel(ctx)
	if err := w.begin(ctx); err != nil {
		w.pass(ctx, t, false)
		if w.d.dialect.IsBusy(err) { // another program has the file
			err = errs.Wrap(errs.Unavailable, err, "db.busy")
		}
		return nil, err
	}
	tx := w.d.newTx(w.conn, w.stmts)
	ended := false
	defer func() {
		if !ended { // f panicked or ended its goroutine
			tx.over = true
			w.undo(ctx)
			w.pass(ctx, t, false)
		}
	}()
	err := f(tx)
	ended = true
	tx.over = true
	err = tx.outcome(err)
	if err == nil {
		if err = w.stmts.exec(ctx, `RELEASE command`); err != nil {
			err = fmt.Errorf("db: %w", err)
		}
	}
	if err != nil {
		w.undo(ctx)
	}
	w.pass(ctx, t, err == nil)
	return tx, err
}

func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	conn, err := w.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	w.conn, w.stmts = conn, newStmtCache(conn)
	return nil
}

// begin opens the transaction where none is open, and the command's savepoint.
func (w *writer) begin(ctx context.Context) error {
	if err := w.connect(ctx); err != nil {
		return err
	}
	if !w.open {
		if err := w.stmts.exec(ctx, `BEGIN IMMEDIATE`); err != nil {
			w.drop(ctx)
			return fmt.Errorf("db: begin: %w", err)
		}
		w.open, w.began = true, w.d.clock.Now()
	}
	if err := w.stmts.exec(ctx, `SAVEPOINT command`); err != nil {
		w.lose(ctx)
		return fmt.Errorf("db: begin: %w", err)
	}
	return nil
}

// undo takes back what the command did. Where that is not possible SQLite has rolled all back by itself (disk full, an I/O error), and the batch is lost.
func (w *writer) undo(ctx context.Context) {
	if err := w.stmts.exec(ctx, `ROLLBACK TO command`); err != nil {
		w.lose(ctx)
		return
	}
	if err := w.stmts.exec(ctx, `RELEASE command`); err != nil {
		w.lose(ctx)
	}
}

// lose rolls back and has the commands of the batch tried again.
func (w *writer) lose(ctx context.Context) {
	w.drop(ctx)
	w.answer(errLost)
}

// drop rolls back and gives the connection up: whatever state it was in, the next one is clean.
func (w *writer) drop(ctx context.Context) {
	w.open = false
	if w.conn == nil {
		return
	}
	w.conn.ExecContext(ctx, `ROLLBACK`) //nolint:errcheck // closing does it as well
	w.release()
}

func (w *writer) release() {
	w.stmts.clear()
	w.conn.Close() //nolint:errcheck // it goes back to the pool
	w.conn, w.stmts = nil, nil
}

func (w *writer) answer(err error) {
	for _, t := range w.batch {
		t.done <- err
	}
	w.batch = w.batch[:0]
}

// pass hands the turn on: with the open transaction to the next that waits, or after the commit.
func (w *writer) pass(ctx context.Context, t *turn, done bool) {
	if done {
		w.batch = append(w.batch, t)
	}
	w.mu.Lock()
	if len(w.queue) > 0 && !t.alone && !w.queue[0].alone && len(w.batch) < maxBatch && w.d.clock.Now().Sub(w.began) < maxBatchTime {
		w.grant()
		w.mu.Unlock()
		return
	}
	w.mu.Unlock()
	if w.open {
		w.commit(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) > 0 {
		w.grant()
	} else {
		w.taken = false
	}
}

// grant gives the turn to the first in the queue; mu is held.
func (w *writer) grant() {
	next := w.queue[0]
	w.queue[0] = nil
	w.queue = w.queue[1:]
	if len(w.queue) == 0 {
		w.queue = nil
	}
	next.ready <- nil
}

func (w *writer) commit(ctx context.Context) {
	if len(w.batch) == 0 { // all of it was undone
		if err := w.stmts.exec(ctx, `ROLLBACK`); err != nil {
			w.drop(ctx)
		}
		w.open = false
		return
	}
	if err := w.stmts.exec(ctx, `COMMIT`); err != nil {
		w.drop(ctx)
		err = fmt.Errorf("db: commit: %w", err)
		if len(w.batch) > 1 {
			err = errors.Join(errLost, err)
		}
		w.answer(err)
		return
	}
	w.open = false
	w.answer(nil)
}

// between runs f on the connection while no transaction is open.
func (w *writer) between(ctx context.Context, f func(conn *sql.Conn) error) error {
	t := &turn{ready: make(chan error, 1), alone: true}
	if err := w.await(ctx, t); err != nil {
		return err
	}
	defer w.pass(context.WithoutCancel(ctx), t, false)
	if err := w.connect(ctx); err != nil {
		return err
	}
	return f(w.conn)
}

// close waits for the turn and keeps it.
func (w *writer) close() {
	t := &turn{ready: make(chan error, 1)}
	if err := w.await(context.Background(), t); err != nil {
		return // closed already
	}
	w.mu.Lock()
	w.closed = true
	for _, late := range w.queue {
		late.ready <- errClosed
	}
	w.queue = nil
	w.mu.Unlock()
	if w.open {
		w.commit(context.Background())
	}
	if w.conn != nil {
		w.release()
	}
}

// exec runs one of the few fixed statements.
func (c *stmtCache) exec(ctx context.Context, query string) error {
	if st := c.of(ctx, query); st != nil {
		_, err := st.s.ExecContext(ctx)
		return err
	}
	return fmt.Errorf("db: cannot prepare %s", query)
}
