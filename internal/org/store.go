package org

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
)

// epochName is the epoch that moves with each change of units, for the caches of other rooms and processes.
const epochName = "org"

// readEpoch is the number of the last change of units; 0 before the first.
func readEpoch(ctx context.Context, q db.Querier) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT n FROM unit_change WHERE one = 1`).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// begin numbers a change of units. It comes first of all in a command: changes of units stand in line for it, so that of two numbers the lower is
// always seen first.
func begin(ctx context.Context, tx *db.Tx) (int64, error) {
	var n int64
	err := tx.QueryRow(ctx, `INSERT INTO unit_change (one, n) VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET n = unit_change.n + 1 RETURNING n`).Scan(&n)
	if err != nil {
		return 0, err
	}
	return n, tx.Bump(ctx, epochName)
}

const rowColumns = `u.id, u.kind, u.from_day, u.to_day, u.version, r.from_day, r.to_day, r.code, r.slug, r.name, r.name_en, r.parent_id, r.manager_id, r.flags, r.staff, r.workers, r.sort_key`

// readRows reads the rows of all units that changed after an epoch, grouped by unit, oldest first.
func readRows(ctx context.Context, q db.Querier, after int64) ([]*Unit, error) {
	rows, err := q.Query(ctx, `SELECT `+rowColumns+` FROM unit u JOIN unit_row r ON r.unit_id = u.id WHERE u.touched > $1 ORDER BY u.id, r.from_day`, after)
	if err != nil {
		return nil, err
	}
	return scanRows(rows)
}

func scanRows(rows *sql.Rows) ([]*Unit, error) {
	defer rows.Close()
	var out []*Unit
	same := interner{}
	for rows.Next() {
		u := new(Unit)
		var flags string
		if err := rows.Scan(&u.ID, &u.Kind, &u.From, &u.To, &u.Version, &u.valid.From, &u.valid.To, &u.Code, &u.Slug, &u.Name, &u.NameEN, &u.ParentID, &u.ManagerID, &flags, &u.Staff, &u.Workers, &u.SortKey); err != nil {
			return nil, err
		}
		u.Flags = strings.Fields(flags)
		for _, s := range []*string{&u.ID, &u.Kind, &u.ParentID, &u.ManagerID, (*string)(&u.From), (*string)(&u.To), (*string)(&u.valid.From), (*string)(&u.valid.To)} {
			*s = same.of(*s)
		}
		out = append(out, u)
	}
	return out, rows.Err()
}

// interner lets equal texts share one piece of memory: a commune's id stands in each of its villages.
type interner map[string]string

func (in interner) of(s string) string {
	if t, ok := in[s]; ok {
		return t
	}
	in[s] = s
	return s
}

const successionColumns = `SELECT id, kind, old_id, new_id, share, day, act FROM succession `

func readSuccessions(ctx context.Context, q db.Querier, after int64) (out []*Succession, err error) {
	err = scanSuccessions(ctx, q, func(s *Succession) { out = append(out, s) }, successionColumns+`WHERE touched > $1 ORDER BY id`, after)
	return out, err
}

func readSuccessionsOf(ctx context.Context, q db.Querier, old string, f func(*Succession)) error {
	return scanSuccessions(ctx, q, f, successionColumns+`WHERE old_id = $1`, old)
}

func scanSuccessions(ctx context.Context, q db.Querier, f func(*Succession), query string, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		s := new(Succession)
		if err := rows.Scan(&s.ID, &s.Kind, &s.Old, &s.New, &s.Share, &s.Day, &s.Act); err != nil {
			return err
		}
		f(s)
	}
	return rows.Err()
}

// save writes what changed in the book.
func (b *book) save(ctx context.Context, tx *db.Tx, epoch int64) error {
	var fresh, rows []*entry
	for _, e := range b.touched() {
		if err := b.saveHead(ctx, tx, e, epoch, &fresh); err != nil {
			return err
		}
		rows = append(rows, e)
	}
	if err := dropRows(ctx, tx, rows); err != nil {
		return err
	}
	if err := insertAll(ctx, tx, `INSERT INTO unit (id, kind, from_day, to_day, begin_act, end_act, version, touched) VALUES `, 8, len(fresh), func(i int) []any {
		e := fresh[i]
		return []any{e.id, e.kind, e.life.From, e.life.To, e.beginAct, e.endAct, e.version, epoch}
	}); err != nil {
		return err
	}
	type row struct {
		e *entry
		u *Unit
	}
	var all []row
	for _, e := range rows {
		for i := range e.rows {
			all = append(all, row{e, &e.rows[i]})
		}
	}
	if err := insertAll(ctx, tx, `INSERT INTO unit_row (unit_id, from_day, to_day, code, slug, name, name_en, parent_id, manager_id, flags, staff, workers, sort_key) VALUES `, 13, len(all), func(i int) []any {
		u := all[i].u
		return []any{all[i].e.id, u.valid.From, u.valid.To, u.Code, u.Slug, u.Name, u.NameEN, u.ParentID, u.ManagerID, strings.Join(u.Flags, " "), u.Staff, u.Workers, u.SortKey}
	}); err != nil {
		return err
	}
	return insertAll(ctx, tx, `INSERT INTO succession (id, kind, old_id, new_id, share, day, act, touched) VALUES `, 8, len(b.succ), func(i int) []any {
		s := b.succ[i]
		return []any{s.ID, s.Kind, s.Old, s.New, s.Share, s.Day, s.Act, epoch}
	})
}

func (b *book) saveHead(ctx context.Context, tx *db.Tx, e *entry, epoch int64, fresh *[]*entry) error {
	if e.fresh {
		*fresh = append(*fresh, e)
		return nil
	}
	err := tx.Update(ctx, `UPDATE unit SET from_day = $3, to_day = $4, begin_act = $5, end_act = $6, version = version + 1, touched = $7 WHERE id = $1 AND version = $2`,
		e.id, e.version, e.life.From, e.life.To, e.beginAct, e.endAct, epoch)
	if err != nil {
		return err
	}
	e.version++
	return nil
}

// dropRows deletes the rows of units that were there before; they are written anew.
func dropRows(ctx context.Context, tx *db.Tx, entries []*entry) error {
	var ids []any
	for _, e := range entries {
		if !e.fresh {
			ids = append(ids, e.id)
		}
	}
	for chunk := range slices.Chunk(ids, 100) {
		if _, err := tx.Exec(ctx, `DELETE FROM unit_row WHERE unit_id IN `+db.In(len(chunk), 1), chunk...); err != nil {
			return err
		}
	}
	return nil
}

// insertAll inserts many rows with few statements.
func insertAll(ctx context.Context, tx *db.Tx, head string, cols, n int, args func(int) []any) error {
	batch := 200
	if tx.Dialect() == db.SQLite {
		batch = 250 / cols // a statement is prepared once, and its arguments are matched one against all
	}
	for i := 0; i < n; i += batch {
		m := min(batch, n-i)
		var sb strings.Builder
		sb.WriteString(head)
		all := make([]any, 0, m*cols)
		for j := range m {
			if j > 0 {
				sb.WriteByte(',')
			}
			sb.WriteByte('(')
			for c := range cols {
				if c > 0 {
					sb.WriteByte(',')
				}
				sb.WriteByte('$')
				sb.WriteString(strconv.Itoa(j*cols + c + 1))
			}
			sb.WriteByte(')')
			all = append(all, args(i+j)...)
		}
		if _, err := tx.Exec(ctx, sb.String(), all...); err != nil {
			return fmt.Errorf("org: store: %w", err)
		}
	}
	return nil
}

// loadEntries reads units for a book.
func loadEntries(ctx context.Context, q db.Querier, where string, args ...any) ([]*entry, error) {
	rows, err := q.Query(ctx, `SELECT `+rowColumns+`, u.begin_act, u.end_act FROM unit u JOIN unit_row r ON r.unit_id = u.id `+where+` ORDER BY u.id, r.from_day`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*entry
	same := interner{}
	for rows.Next() {
		var u Unit
		var flags, beginAct, endAct string
		if err := rows.Scan(&u.ID, &u.Kind, &u.From, &u.To, &u.Version, &u.valid.From, &u.valid.To, &u.Code, &u.Slug, &u.Name, &u.NameEN, &u.ParentID, &u.ManagerID, &flags, &u.Staff, &u.Workers, &u.SortKey, &beginAct, &endAct); err != nil {
			return nil, err
		}
		u.Flags = strings.Fields(flags)
		u.ID, u.ParentID = same.of(u.ID), same.of(u.ParentID)
		if len(out) == 0 || out[len(out)-1].id != u.ID {
			out = append(out, &entry{id: u.ID, kind: u.Kind, life: civil.Span{From: u.From, To: u.To}, version: u.Version, beginAct: beginAct, endAct: endAct})
		}
		e := out[len(out)-1]
		e.rows = append(e.rows, u)
	}
	return out, rows.Err()
}
