// Package db opens the database, SQLite or PostgreSQL, and is the only way to change it: Write.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"dinh/internal/civil"
	"dinh/internal/errs"
)

// Options say which database to open. The zero value of each number is usable.
type Options struct {
	DSN        string // postgres://…; "" is SQLite in Dir
	Dir        string // SQLite: the data folder; the database is Dir/dinh.db
	ReadOnly   bool   // never writes; works beside a running server
	ReadConns  int    // connections for reading at most; default 8
	WriteConns int    // PostgreSQL: connections for writing at most; default 16
	Clock      civil.Clock
}

// Querier reads. *DB reads what is committed, *Tx what its own transaction sees as well.
type Querier interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect  Dialect
	dir      string
	dsn      string
	clock    civil.Clock
	readOnly bool
	read     *sql.DB
	stmts    *stmtCache // SQLite: prepared statements of the read pool
	sqlite   *writer    // SQLite: the one connection that writes
	pg       *sql.DB    // PostgreSQL: the pool that writes
	slow     chan struct{}
	bells    sync.Map // topic to chan struct{}

	damage atomic.Pointer[error] // what quick_check found
	stop   context.CancelFunc
	wait   sync.WaitGroup
	closed atomic.Bool
}

// Open opens the pools and begins SQLite's quick_check beside them; it does not migrate. A read-only SQLite database must be there already.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Clock.Now == nil {
		return nil, errors.New("db: no clock")
	}
	if o.ReadConns <= 0 {
		o.ReadConns = 8
	}
	if o.WriteConns <= 0 {
		o.WriteConns = 16
	}
	d := &DB{dir: o.Dir, dsn: o.DSN, clock: o.Clock, readOnly: o.ReadOnly, slow: make(chan struct{}, 1)}
	var err error
	if o.DSN != "" {
		d.dialect = Postgres
		err = d.openPostgres(ctx, o)
	} else {
		d.dialect = SQLite
		err = d.openSQLite(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close()) //nolint:contextcheck,nolintlint // closing goes on to its end; seen or not depending on the order of analysis
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.stop = stop
	if d.dialect == SQLite && !o.ReadOnly {
		d.wait.Go(func() { d.quickCheck(background) })
	}
	return d, nil
}

// Close waits for the command that is under way and closes all connections. A second call does nothing.
func (d *DB) Close() error {
	if !d.closed.CompareAndSwap(false, true) {
		return nil
	}
	if d.stop != nil {
		d.stop()
	}
	d.wait.Wait()
	var all []error
	if d.sqlite != nil {
		d.sqlite.close()
	}
	if d.stmts != nil {
		d.stmts.clear()
	}
	for _, p := range []*sql.DB{d.read, d.pg} {
		if p != nil {
			all = append(all, p.Close())
		}
	}
	if d.sqlite != nil {
		// Last, when nobody reads any more: write the log back into the file, so that the file alone is the database.
		_, err := d.sqlite.pool.ExecContext(context.Background(), `PRAGMA busy_timeout=100; PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)`)
		all = append(all, err, d.sqlite.pool.Close())
	}
	return errors.Join(all...)
}

// Dialect is the engine.
func (d *DB) Dialect() Dialect { return d.dialect }

// Clock is the pair of clocks that the database was opened with.
func (d *DB) Clock() civil.Clock { return d.clock }

// Healthy is nil while the database can be used: it answers, and SQLite's quick_check has found no damage.
func (d *DB) Healthy(ctx context.Context) error {
	if p := d.damage.Load(); p != nil {
		return *p
	}
	var one int
	return d.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one)
}

// Checked waits until quick_check has read the whole file.
func (d *DB) Checked() { d.wait.Wait() }

// quickCheck looks for damage in the file and, where there is any, stops all writing: it could only make things worse.
func (d *DB) quickCheck(ctx context.Context) {
	var said string
	err := d.read.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&said)
	if ctx.Err() != nil || err == nil && said == "ok" {
		return
	}
	if err == nil {
		err = errors.New(said)
	}
	err = errs.Wrap(errs.Unavailable, fmt.Errorf("db: quick_check: %w", err), "db.damaged")
	d.damage.Store(&err)
	slog.ErrorContext(ctx, "the database file is damaged; nothing more is written to it", slog.Any("error", err))
}

// Query reads from the pool of connections that cannot write.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if st := d.stmts.of(ctx, query); st != nil {
		return st.s.QueryContext(ctx, args...)
	}
	return d.read.QueryContext(ctx, query, args...)
}

// QueryRow is Query for at most one row.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if st := d.stmts.of(ctx, query); st != nil {
		return st.s.QueryRowContext(ctx, args...)
	}
	return d.read.QueryRowContext(ctx, query, args...)
}

// Read runs f on one unchanging view of the database, however long it reads.
func (d *DB) Read(ctx context.Context, f func(q Querier) error) error {
	opt := &sql.TxOptions{ReadOnly: true}
	if d.dialect == Postgres {
		opt.Isolation = sql.LevelRepeatableRead
	}
	tx, err := d.read.BeginTx(ctx, opt)
	if err != nil {
		return fmt.Errorf("db: read: %w", err)
	}
	defer tx.Rollback()
	return f(view{tx})
}

type view struct{ tx *sql.Tx }

func (v view) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return v.tx.QueryContext(ctx, query, args...)
}

func (v view) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return v.tx.QueryRowContext(ctx, query, args...)
}

// Woken is the channel on which Wake tells of a topic; several wakes that nobody heard are one. It has one listener.
func (d *DB) Woken(topic string) <-chan struct{} { return d.bell(topic) }

func (d *DB) bell(topic string) chan struct{} {
	c, ok := d.bells.Load(topic)
	if !ok {
		c, _ = d.bells.LoadOrStore(topic, make(chan struct{}, 1))
	}
	return c.(chan struct{})
}

// Wake tells whoever waits for a topic in this process.
func (d *DB) Wake(topic string) {
	select {
	case d.bell(topic) <- struct{}{}:
	default:
	}
}

// Micros is the instant as it is stored.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// FromMicros is the stored instant.
func FromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }
