package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"dinh/internal/errs"
)

// Write runs f in one transaction and returns after it is committed, safe on disk. It is the only way to change anything.
//
// f may run more than once, and does nothing but SQL through tx: files, hashing, parsing and the network come before or after. It must not call Write.
// An error from f, a panic in it or a failed statement undoes all that f did, and nothing else.
//
// On SQLite commands that wait share one commit, each in a SAVEPOINT of its own; ctx counts until f begins. On PostgreSQL f runs in a SERIALIZABLE
// transaction of its own and is tried again when another was in the way.
func (d *DB) Write(ctx context.Context, f func(tx *Tx) error) error {
	return d.writeAt(ctx, sql.LevelSerializable, f)
}

// WriteLoose is Write for queues, leases and counters whose statements guard themselves (FOR UPDATE, WHERE on what was read): on PostgreSQL it is READ
// COMMITTED, so that it neither sees conflicts nor causes them.
func (d *DB) WriteLoose(ctx context.Context, f func(tx *Tx) error) error {
	return d.writeAt(ctx, sql.LevelReadCommitted, f)
}

func (d *DB) writeAt(ctx context.Context, level sql.IsolationLevel, f func(tx *Tx) error) error {
	if d.readOnly {
		return errs.E(errs.Unavailable, "db.read_only")
	}
	if p := d.damage.Load(); p != nil {
		return *p
	}
	if d.dialect == SQLite {
		return d.sqlite.write(ctx, f)
	}
	return d.writePostgres(ctx, level, f)
}

// Tries on PostgreSQL: the first few at once, the later ones one at a time within this process, so that somebody always gets through.
const (
	freeTries = 4
	maxTries  = 60
)

func (d *DB) writePostgres(ctx context.Context, level sql.IsolationLevel, f func(tx *Tx) error) error {
	slow := false
	defer func() {
		if slow {
			<-d.slow
		}
	}()
	for try := 1; ; try++ {
		tx, err := d.oncePostgres(ctx, level, f)
		if err == nil {
			tx.committed()
			return nil
		}
		again := d.dialect.IsBusy(err) && try < maxTries || d.dialect.IsUnique(err) && try == 1 && level == sql.LevelSerializable
		if !again {
			if d.dialect.IsBusy(err) {
				return errs.Wrap(errs.Unavailable, err, "db.busy")
			}
			return err
		}
		if try >= freeTries && !slow {
			select {
			case d.slow <- struct{}{}:
				slow = true
			case <-ctx.Done():
				return ctx.Err()
			}
			continue
		}
		// Up to 1, 2, 4, … 64 ms, at random, so that two that met do not meet again.
		select {
		case <-time.After(rand.N(time.Millisecond << min(try, 6))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *DB) oncePostgres(ctx context.Context, level sql.IsolationLevel, f func(tx *Tx) error) (*Tx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Statements end with ctx; the commit does not, so that its outcome is always known.
	sqlTx, err := d.pg.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: level})
	if err != nil {
		return nil, fmt.Errorf("db: begin: %w", err)
	}
	defer sqlTx.Rollback()
	tx := d.newTx(sqlTx, nil)
	defer func() { tx.over = true }()
	if err := tx.outcome(f(tx)); err != nil {
		return nil, err
	}
	if err := sqlTx.Commit(); err != nil {
		return nil, fmt.Errorf("db: commit: %w", err)
	}
	return tx, nil
}

// errLost says that the batch a command belonged to was lost through no fault of its own.
var errLost = errors.New("db: batch lost")
