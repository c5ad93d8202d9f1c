package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// applicationID is "Dinh" in ASCII.
const applicationID = 0x44696e68

// File is the name of SQLite's database in the data folder.
const File = "dinh.db"

// sqliteDSN is the address of the file with the pragmas of every connection; busy_timeout must come first.
func sqliteDSN(file string, readOnly bool) string {
	p := filepath.ToSlash(file)
	if filepath.VolumeName(file) != "" {
		p = "/" + p
	}
	q := "?_pragma=busy_timeout(10000)"
	if readOnly {
		q += "&mode=ro&_pragma=query_only(1)&_pragma=cache_size(-1000)"
	} else {
		q += "&_txlock=immediate&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=foreign_keys(on)" +
			"&_pragma=cache_size(-2000)&_pragma=journal_size_limit(67108864)&_pragma=secure_delete(on)"
	}
	return "file:" + (&url.URL{Path: p}).EscapedPath() + q
}

func (d *DB) openSQLite(ctx context.Context, o Options) error {
	file, err := filepath.Abs(filepath.Join(o.Dir, File))
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	if kind := networkFS(filepath.Dir(file)); kind != "" {
		slog.WarnContext(ctx, "SQLite on a network file system can be damaged; use a local disk or PostgreSQL", slog.String("file_system", kind))
	}
	if !o.ReadOnly {
		// Made here so that the file, its log and its index are the owner's alone.
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return fmt.Errorf("db: %w", err)
		}
		f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return fmt.Errorf("db: %w", err)
		}
		if err := f.Close(); err != nil {
			return fmt.Errorf("db: %w", err)
		}
		pool, err := sql.Open("sqlite", sqliteDSN(file, false))
		if err != nil {
			return fmt.Errorf("db: %w", err)
		}
		pool.SetMaxOpenConns(1)
		d.sqlite = &writer{d: d, pool: pool}
		// The number in the file's head says whose file it is. Writing it also begins the log before the first reader comes: a reader that finds a
		// log mode without a log keeps it from ever being written back.
		var mode string
		var id int64
		if err := pool.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
			return fmt.Errorf("db: open: %w", err)
		}
		if id != applicationID {
			if _, err := pool.ExecContext(ctx, `PRAGMA application_id=`+strconv.Itoa(applicationID)); err != nil {
				return fmt.Errorf("db: open: %w", err)
			}
		}
		if err := pool.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
			return fmt.Errorf("db: open: %w", err)
		}
		if mode != "wal" {
			return fmt.Errorf("db: open: journal mode is %s, not wal", mode)
		}
	}
	d.read, err = sql.Open("sqlite", sqliteDSN(file, true))
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	d.read.SetMaxOpenConns(o.ReadConns)
	d.read.SetMaxIdleConns(min(o.ReadConns, 4))
	d.read.SetConnMaxIdleTime(time.Minute)
	d.stmts = newStmtCache(d.read)
	if err := d.read.PingContext(ctx); err != nil {
		return fmt.Errorf("db: open: %w", err)
	}
	return nil
}

// Settle writes SQLite's log back into the file and empties it, so that what was erased is in neither. On PostgreSQL it does nothing: its log and old
// rows go by its own rules.
func (d *DB) Settle(ctx context.Context) error {
	if d.sqlite == nil {
		return nil
	}
	return d.sqlite.between(ctx, func(conn *sql.Conn) error {
		var busy, pages, back int
		if err := conn.QueryRowContext(context.WithoutCancel(ctx), `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &back); err != nil {
			return fmt.Errorf("db: settle: %w", err)
		}
		if busy != 0 {
			return errors.New("db: settle: somebody is still reading")
		}
		return nil
	})
}
