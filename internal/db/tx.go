package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dinh/internal/civil"
	"dinh/internal/errs"
)

// Tx is one command's transaction. It is used by one goroutine and not after the function it was given to has returned. After a statement has failed
// the command can only fail: further statements return the first fault, on both engines.
type Tx struct {
	d       *DB
	dialect Dialect
	clock   civil.Clock
	now     time.Time
	stmts   *stmtCache // SQLite
	conn    runner
	hooks   []func()
	touched []string
	fault   error
	over    bool
}

// runner is what *sql.Conn and *sql.Tx have in common.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

var errOver = errors.New("db: transaction used after its end")

func (d *DB) newTx(conn runner, stmts *stmtCache) *Tx {
	return &Tx{d: d, dialect: d.dialect, clock: d.clock, now: d.clock.Now().Truncate(time.Microsecond), stmts: stmts, conn: conn}
}

// Dialect is the engine.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// Now is the instant at which the transaction began, the same all through it.
func (tx *Tx) Now() time.Time { return tx.now }

// Today is the civil day of the command.
func (tx *Tx) Today() civil.Date { return tx.clock.Today() }

// NewID is a new UUIDv7.
func (tx *Tx) NewID() string { return NewID(tx.now) }

// OnCommit runs f after the commit, before Write returns. Where the command is tried again, what was asked for before is forgotten.
func (tx *Tx) OnCommit(f func()) { tx.hooks = append(tx.hooks, f) }

// Touch notes tags of kept pages that the command makes old; the log does so for each entry.
func (tx *Tx) Touch(tags ...string) { tx.touched = append(tx.touched, tags...) }

// Touched are the tags noted so far: who runs the command drops the pages once it is committed and what is kept in memory is new.
func (tx *Tx) Touched() []string { return tx.touched }

// Wake tells whoever waits for a topic in this process, after the commit, that there is something to do.
func (tx *Tx) Wake(topic string) { tx.OnCommit(func() { tx.d.Wake(topic) }) }

// turn makes a context of a statement. On SQLite the caller's cancellation no longer counts once the command has its turn: an interrupted statement
// would take the whole batch with it.
func (tx *Tx) turn(ctx context.Context) (context.Context, error) {
	if tx.over {
		return ctx, errOver
	}
	if tx.dialect == SQLite {
		ctx = context.WithoutCancel(ctx)
	}
	return ctx, tx.fault
}

func (tx *Tx) note(err error) error {
	if err != nil && tx.fault == nil {
		tx.fault = err
	}
	return err
}

// Exec runs a statement.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, err := tx.turn(ctx)
	if err != nil {
		return nil, err
	}
	var res sql.Result
	if st := tx.stmts.of(ctx, query); st != nil {
		res, err = st.s.ExecContext(ctx, args...)
	} else {
		res, err = tx.conn.ExecContext(ctx, query, args...)
	}
	return res, tx.note(err)
}

// Query reads rows. Close them before the next statement: PostgreSQL insists.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := tx.turn(ctx)
	if err != nil {
		return nil, err
	}
	var rows *sql.Rows
	if st := tx.stmts.of(ctx, query); st != nil {
		rows, err = st.s.QueryContext(ctx, args...)
	} else {
		rows, err = tx.conn.QueryContext(ctx, query, args...)
	}
	return rows, tx.note(err)
}

// QueryRow reads at most one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	ctx, err := tx.turn(ctx)
	if err != nil {
		dead, cancel := context.WithCancelCause(ctx)
		cancel(err)
		return tx.conn.QueryRowContext(dead, query, args...) // a row that carries an error
	}
	var row *sql.Row
	if st := tx.stmts.of(ctx, query); st != nil {
		row = st.s.QueryRowContext(ctx, args...)
	} else {
		row = tx.conn.QueryRowContext(ctx, query, args...)
	}
	tx.note(row.Err()) //nolint:errcheck // Scan returns it
	return row
}

// Update is Exec for `UPDATE … WHERE id=$1 AND version=$2`: it must change exactly one row. None is errs.Conflict: somebody else was quicker.
func (tx *Tx) Update(ctx context.Context, query string, args ...any) error {
	res, err := tx.Exec(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	switch n {
	case 1:
		return nil
	case 0:
		return errs.E(errs.Conflict, "db.conflict")
	}
	return errors.New("db: Update changed more than one row")
}

// outcome is how the command ended, from what its function returned and the first statement that failed.
func (tx *Tx) outcome(err error) error {
	switch {
	case tx.fault == nil:
		return err
	case err == nil, errors.Is(err, context.Canceled): // swallowed, or said by a statement that was not run any more
		return tx.fault
	case tx.dialect.IsBusy(tx.fault) && !tx.dialect.IsBusy(err): // worded anew; that it may be tried again is what counts
		return tx.fault
	}
	return err
}

// committed runs what was asked for by OnCommit.
func (tx *Tx) committed() {
	for _, f := range tx.hooks {
		f()
	}
}
