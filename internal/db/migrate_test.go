package db_test

import (
	"slices"
	"strings"
	"testing"

	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"

	"github.com/google/go-cmp/cmp"
)

func TestMigrationsHaveEqualNames(t *testing.T) {
	t.Parallel()
	lite, err := db.Migrations(db.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	pg, err := db.Migrations(db.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lite, pg); diff != "" || !slices.IsSorted(lite) {
		t.Errorf("sqlite and postgres: %s", diff)
	}
}

// list reads rows of text.
func list(t *testing.T, d *db.DB, query string) []string {
	t.Helper()
	rows, err := d.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBothEnginesHaveTheSameColumns(t *testing.T) {
	t.Parallel()
	lite := dbtest.New(t)
	pg := dbtest.Open(t, db.Options{DSN: dbtest.Postgres(t), Clock: dbtest.Clock})
	// table.column type null: the types by their portable names.
	ofLite := list(t, lite, `SELECT m.name || '.' || c.name || ' ' || CASE c.type WHEN 'TEXT' THEN 'text' WHEN 'INTEGER' THEN 'bigint' WHEN 'BLOB' THEN 'bytea' ELSE c.type END
		|| CASE WHEN c."notnull"=1 OR c.pk>0 THEN '' ELSE ' null' END
		FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type='table' AND m.sql LIKE '%STRICT%' ORDER BY m.name, c.name`)
	ofPG := list(t, pg, `SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END
		FROM information_schema.columns WHERE table_schema='public' AND table_name<>'goose_db_version'
		ORDER BY table_name COLLATE "C", column_name COLLATE "C"`)
	// What searches has tables and columns of its own on each engine.
	only := func(all []string) []string {
		return slices.DeleteFunc(all, func(s string) bool { return strings.Contains(s, "tsvector") })
	}
	if diff := cmp.Diff(only(ofLite), only(ofPG)); diff != "" {
		t.Errorf("sqlite and postgres: %s", diff)
	}
}

func TestEveryTextColumnSortsByBytes(t *testing.T) {
	t.Parallel()
	pg := dbtest.Open(t, db.Options{DSN: dbtest.Postgres(t), Clock: dbtest.Clock})
	// A column that is in an index is a key or an order.
	bad := list(t, pg, `SELECT DISTINCT c.relname || '.' || a.attname FROM pg_index i JOIN pg_class c ON c.oid=i.indrelid JOIN pg_namespace n ON n.oid=c.relnamespace
		JOIN pg_attribute a ON a.attrelid=c.oid AND a.attnum=ANY(i.indkey) JOIN pg_type y ON y.oid=a.atttypid LEFT JOIN pg_collation l ON l.oid=a.attcollation
		WHERE n.nspname='public' AND y.typname='text' AND l.collname<>'C' ORDER BY 1`)
	if len(bad) > 0 {
		t.Errorf(`without COLLATE "C": %v`, bad)
	}
	if got := list(t, pg, `SELECT x FROM (VALUES ('b'),('Z'),('ă')) AS v(x) ORDER BY x`); !slices.Equal(got, []string{"ă", "b", "Z"}) {
		t.Errorf("the test's server does not sort as Vietnamese does: %v", got)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatalf("a schema of our own: %v", err)
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			yes := any(1)
			if d.Dialect() == db.Postgres {
				yes = true
			}
			_, err := tx.Exec(t.Context(), `INSERT INTO goose_db_version(version_id,is_applied) VALUES(99990101000000,$1)`, yes)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(t.Context()); !errs.Is(err, errs.Unavailable) {
			t.Errorf("err = %v", err)
		}
	})
}
