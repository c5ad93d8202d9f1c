package report

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"dinh/internal/db"
)

// readSnapshots reads consolidated reports, with the rows that they were made of where rows says so; where holds the condition, the order and the limit.
func readSnapshots(ctx context.Context, q db.Querier, rows bool, where string, args ...any) ([]*Snapshot, error) {
	var out []*Snapshot
	doc := `''`
	if rows {
		doc = `rows_doc`
	}
	err := db.Each(ctx, q, func(r *sql.Rows) error {
		x := new(Snapshot)
		var rowsDoc, texts, paper string
		if err := r.Scan(&x.ID, &x.Period, &x.Unit, &x.Number, &x.Day, &x.By, &rowsDoc, &texts, &paper, &x.Note, &x.Version, &x.Created); err != nil {
			return err
		}
		for _, m := range []struct {
			text string
			to   any
		}{{rowsDoc, &x.Rows}, {texts, &x.Texts}, {paper, &x.Paper}} {
			if m.text == "" {
				continue
			}
			if err := json.Unmarshal([]byte(m.text), m.to); err != nil {
				return fmt.Errorf("report: snapshot %s: %w", x.ID, err)
			}
		}
		out = append(out, x)
		return nil
	}, `SELECT id, period_id, unit_id, number, day, actor_name, `+doc+`, texts, paper, note, version, created FROM report_snapshot WHERE `+where, args...)
	return out, err
}

func insertSnapshot(ctx context.Context, tx *db.Tx, x *Snapshot) error {
	x.ID, x.Version, x.Created = tx.NewID(), 1, db.Micros(tx.Now())
	_, err := tx.Exec(ctx, `INSERT INTO report_snapshot(id, period_id, unit_id, number, day, actor_name, rows_doc, texts, paper, note, version, created) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`,
		x.ID, x.Period, x.Unit, x.Number, x.Day, x.By, toJSON(nonNil(x.Rows)), toJSON(nonNilMap(x.Texts)), toJSON(x.Paper), x.Note, x.Version, x.Created)
	return err
}

// eachFinal calls f for every report of a period that is handed in, with its figures still packed.
func eachFinal(ctx context.Context, q db.Querier, period string, f func(r SnapshotRow)) error {
	return db.Each(ctx, q, func(rows *sql.Rows) error {
		var r SnapshotRow
		err := rows.Scan(&r.Report, &r.Unit, &r.State, &r.Version, &r.Values, &r.Lump, &r.LumpKind)
		if err == nil {
			f(r)
		}
		return err
	}, `SELECT id, unit_id, state, version, figures, lump, lump_kind FROM report WHERE period_id=$1 AND state IN ('submitted', 'returned', 'accepted') ORDER BY unit_id, lump_kind`, period)
}
