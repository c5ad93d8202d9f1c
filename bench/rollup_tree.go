package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/law"
	"dinh/internal/org"
	room "dinh/internal/report"
)

// forest is a tree with a period in which every unit has a report.
type forest struct {
	name   string
	d      *db.DB
	dsn    string
	dir    string
	units  *org.Directory
	law    *law.Catalogue
	s      *room.Service
	form   *room.Form
	root   string
	ready  []string // reports that can be handed in
	expect int64    // the sum of the figure that is looked at
	actor  access.Actor
}

// plant makes a database with the tree and the period.
func plant(ctx context.Context, name, dir, dsn string) (*forest, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f := &forest{name: name, dir: dir, dsn: dsn}
	var err error
	if f.d, err = db.Open(ctx, db.Options{Dir: dir, DSN: dsn, Clock: civil.Shifted(time.Now, "2021-05-20")}); err != nil {
		return nil, err
	}
	if err := f.d.Migrate(ctx); err != nil {
		return nil, err
	}
	if f.law, err = law.Load(); err != nil {
		return nil, err
	}
	forms, err := room.Embedded()
	if err != nil {
		return nil, err
	}
	f.form = forms[0]
	if err := f.fill(ctx); err != nil {
		return nil, err
	}
	if f.units, err = org.Open(ctx, f.d); err != nil {
		return nil, err
	}
	f.actor = access.Actor{ID: "officer", Name: "Officer", Posts: []access.Post{{Kind: access.Focal, Unit: f.root}}}
	f.s, err = f.service()
	return f, err
}

func (f *forest) service() (*room.Service, error) {
	return room.New(room.Options{DB: f.d, Units: f.units, Law: func() *law.Catalogue { return f.law }, Clock: civil.Shifted(time.Now, "2021-05-20")})
}

// rows inserts many rows, some hundred in a statement.
func (f *forest) rows(ctx context.Context, head string, cols, n int, row func(i int) []any) error {
	const batch = 5000
	for from := 0; from < n; from += batch {
		err := f.d.Write(ctx, func(tx *db.Tx) error {
			const some = 50
			for i := from; i < min(from+batch, n); i += some {
				var args []any
				var list []string
				for k := i; k < min(i+some, from+batch, n); k++ {
					list = append(list, db.In(cols, len(args)+1))
					args = append(args, row(k)...)
				}
				if _, err := tx.Exec(ctx, head+strings.Join(list, ","), args...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *forest) fill(ctx context.Context) error {
	kinds := map[int]string{0: org.Province, 1: org.District, 2: org.Commune, 3: org.ServiceUnit, 4: org.Enterprise}
	type unit struct{ id, parent, kind string }
	var units []unit
	var above []string
	now := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	for level, n := range levels[f.name] {
		var here []string
		for i := range n {
			u := unit{id: db.NewID(now), kind: kinds[level]}
			if level > 0 {
				u.parent = above[i*len(above)/n]
			}
			here = append(here, u.id)
			units = append(units, u)
		}
		above = here
	}
	f.root = units[0].id
	if err := f.rows(ctx, `INSERT INTO unit (id, kind, from_day, version) VALUES `, 4, len(units), func(i int) []any { return []any{units[i].id, units[i].kind, "2021-01-01", 1} }); err != nil {
		return err
	}
	err := f.rows(ctx, `INSERT INTO unit_row (unit_id, from_day, to_day, code, slug, name, name_en, parent_id, manager_id, flags, staff, workers, sort_key) VALUES `, 13, len(units), func(i int) []any {
		no := strconv.Itoa(i)
		return []any{units[i].id, "2021-01-01", "", no, "don-vi-" + no, "Đơn vị " + no, "", units[i].parent, "", "", -1, -1, fmt.Sprintf("%07d", i)}
	})
	if err != nil {
		return err
	}
	err = f.d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO report_period(id, form_id, form_number, unit_id, via, kind, year, title, from_day, to_day, opens, state, dues, created) VALUES('p','qcdc',1,$1,$1,'half',2021,'Kỳ','2020-11-15','2021-04-30','2021-04-15','open','[{"day":"2021-05-30"}]',0)`, f.root)
		return err
	})
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(6, 48))
	hourAgo := db.Micros(time.Now().Add(-48*time.Hour).AddDate(-10, 0, 0))
	ids := make([]string, len(units))
	col := f.form.Index(rolled)
	err = f.rows(ctx, `INSERT INTO report(id, period_id, unit_id, to_unit, due, state, first_day, figures, found, version, changed) VALUES `, 11, len(units), func(i int) []any {
		ids[i] = db.NewID(now)
		v := room.NewValues(len(f.form.Indicators))
		state, first := "accepted", "2021-05-10"
		if i%10 == 5 {
			state, first = "drafting", ""
			f.ready = append(f.ready, ids[i])
			v[col] = 1
		} else {
			for k, x := range f.form.Indicators {
				switch {
				case !x.Stored():
				case x.Unit == room.VND:
					v[k] = rng.Int64N(1 << 33)
				case x.Unit == room.YesNo:
					v[k] = int64(rng.IntN(2))
				case x.Unit == room.Grade:
					v[k] = int64(1 + rng.IntN(4))
				case x.Unit == room.Day:
					v[k] = 20210331
				default:
					v[k] = int64(rng.IntN(997))
				}
			}
			f.expect += v[col]
		}
		return []any{ids[i], "p", units[i].id, units[i].parent, "2021-05-30", state, first, v.Encode(), room.NewValues(len(v)).Encode(), 1, hourAgo}
	})
	if err != nil {
		return err
	}
	return f.d.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `CREATE TABLE bench_row (id BIGINT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)`); err != nil {
			return err
		}
		for i := range 200 {
			if _, err := tx.Exec(ctx, `INSERT INTO bench_row VALUES ($1, 0)`, i); err != nil {
				return err
			}
		}
		if tx.Dialect() == db.Postgres {
			_, err := tx.Exec(ctx, `ANALYZE`)
			return err
		}
		return nil
	})
}
