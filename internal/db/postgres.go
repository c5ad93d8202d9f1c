package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// oldestPostgres is the oldest server that Đình runs on, as PostgreSQL counts.
const oldestPostgres = 150000

func (d *DB) openPostgres(ctx context.Context, o Options) error {
	conf, err := pgx.ParseConfig(o.DSN)
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	if conf.RuntimeParams["application_name"] == "" {
		conf.RuntimeParams["application_name"] = "dinh"
	}
	reading := conf.Copy()
	reading.RuntimeParams["default_transaction_read_only"] = "on"
	d.read = stdlib.OpenDB(*reading)
	d.read.SetMaxOpenConns(o.ReadConns)
	d.read.SetMaxIdleConns(min(o.ReadConns, 4))
	d.read.SetConnMaxIdleTime(time.Minute)
	if !o.ReadOnly {
		d.pg = stdlib.OpenDB(*conf)
		d.pg.SetMaxOpenConns(o.WriteConns)
		d.pg.SetMaxIdleConns(min(o.WriteConns, 4))
		d.pg.SetConnMaxIdleTime(time.Minute)
	}
	var version int
	if err := d.read.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
		return fmt.Errorf("db: open: %w", err)
	}
	if version < oldestPostgres {
		return fmt.Errorf("db: PostgreSQL %d is too old; 15 or newer is needed", version/10000)
	}
	return nil
}
