package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"dinh/internal/errs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// Migrations are the files of an engine, in order, as names like "20261124100000_floor.sql".
func Migrations(d Dialect) ([]string, error) {
	entries, err := fs.ReadDir(migrations, "migrations/"+d.String())
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out, nil
}

// newest is the version that this program knows.
func newest(d Dialect) (int64, error) {
	names, err := Migrations(d)
	if err != nil {
		return 0, err
	}
	var top int64
	for _, name := range names {
		num, _, _ := strings.Cut(name, "_")
		n, err := strconv.ParseInt(num, 10, 64)
		if err != nil || path.Ext(name) != ".sql" {
			return 0, fmt.Errorf("db: not a migration's name: %s", name)
		}
		top = max(top, n)
	}
	return top, nil
}

// Version is the schema's version; 0 where nothing has been migrated yet.
func (d *DB) Version(ctx context.Context) (int64, error) {
	var there int
	q := `SELECT COUNT(*) FROM sqlite_master WHERE name='goose_db_version'`
	if d.dialect == Postgres {
		q = `SELECT COUNT(*) FROM pg_tables WHERE tablename='goose_db_version' AND schemaname=current_schema()`
	}
	if err := d.read.QueryRowContext(ctx, q).Scan(&there); err != nil || there == 0 {
		return 0, err
	}
	var v sql.NullInt64
	err := d.read.QueryRowContext(ctx, `SELECT MAX(version_id) FROM goose_db_version`).Scan(&v)
	return v.Int64, err
}

// Migrate brings the schema up to this program. A schema newer than the program is refused with errs.Unavailable: an old program would damage it.
func (d *DB) Migrate(ctx context.Context) error {
	have, err := d.Version(ctx)
	if err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	know, err := newest(d.dialect)
	if err != nil {
		return err
	}
	switch {
	case have > know:
		return newer(have, know)
	case have == know:
		return nil
	case d.readOnly:
		return errs.E(errs.Unavailable, "db.older")
	}
	return d.migrate(ctx, know)
}

func newer(have, know int64) error {
	return errs.E(errs.Unavailable, "db.newer", "have", strconv.FormatInt(have, 10), "know", strconv.FormatInt(know, 10))
}

// migrate brings the schema up to a version.
func (d *DB) migrate(ctx context.Context, to int64) error {
	files, err := fs.Sub(migrations, "migrations/"+d.dialect.String())
	if err != nil {
		return err
	}
	// A pool of its own: the writing connection may be in somebody's hands.
	var pool *sql.DB
	kind := goose.DialectSQLite3
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if d.dialect == Postgres {
		kind = goose.DialectPostgres
		conf, err := pgx.ParseConfig(d.dsn)
		if err != nil {
			return fmt.Errorf("db: migrate: %w", err)
		}
		pool = stdlib.OpenDB(*conf)
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fmt.Errorf("db: migrate: %w", err)
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	} else {
		file, err := filepath.Abs(filepath.Join(d.dir, File))
		if err != nil {
			return fmt.Errorf("db: migrate: %w", err)
		}
		if pool, err = sql.Open("sqlite", sqliteDSN(file, false)); err != nil {
			return fmt.Errorf("db: migrate: %w", err)
		}
		pool.SetMaxOpenConns(1)
	}
	defer pool.Close() //nolint:errcheck // what counts was committed
	p, err := goose.NewProvider(kind, pool, files, opts...)
	if err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	if _, err := p.UpTo(ctx, to); err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	return nil
}
