package report

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

func noRow(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errs.E(errs.NotFound, "report.none")
	}
	return err
}

// readSections reads the sections of a report that were ever saved, by name.
func readSections(ctx context.Context, q db.Querier, report string) (map[string]*Section, error) {
	out := map[string]*Section{}
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		x := &Section{Report: report}
		var nothing int
		var reasons, texts string
		if err := rows.Scan(&x.Name, &nothing, &x.Body, &reasons, &texts, &x.By, &x.At, &x.Version); err != nil {
			return err
		}
		x.Nothing = nothing == 1
		for _, m := range []struct {
			text string
			to   *map[string]string
		}{{reasons, &x.Reasons}, {texts, &x.Texts}} {
			if err := json.Unmarshal([]byte(m.text), m.to); err != nil {
				return fmt.Errorf("report: section %s of %s: %w", x.Name, report, err)
			}
		}
		out[x.Name] = x
		return nil
	}, `SELECT name, not_arisen, body, reasons, texts, actor_name, at, version FROM report_section WHERE report_id=$1`, report)
	return out, err
}

// saveSection stores a section; version is the one that it had, 0 where it is new.
func saveSection(ctx context.Context, tx *db.Tx, actor access.Actor, x *Section, version int) error {
	x.By, x.At, x.Version = actor.Name, db.Micros(tx.Now()), version+1
	reasons, texts := toJSON(nonNilMap(x.Reasons)), toJSON(nonNilMap(x.Texts))
	if version == 0 {
		_, err := tx.Exec(ctx, `INSERT INTO report_section(report_id, name, not_arisen, body, reasons, texts, actor, actor_name, at, version) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,1)`,
			x.Report, x.Name, db.Flag(x.Nothing), x.Body, reasons, texts, actor.ID, x.By, x.At)
		if tx.Dialect().IsUnique(err) {
			return errs.E(errs.Conflict, "report.conflict")
		}
		return err
	}
	return tx.Update(ctx, `UPDATE report_section SET not_arisen=$4, body=$5, reasons=$6, texts=$7, actor=$8, actor_name=$9, at=$10, version=version+1
		WHERE report_id=$1 AND name=$2 AND version=$3`, x.Report, x.Name, version, db.Flag(x.Nothing), x.Body, reasons, texts, actor.ID, x.By, x.At)
}

func nonNilMap(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// bumpSection marks a section as changed by something else than its form, so that a form that is open somewhere meets a conflict.
func (s *Service) bumpSection(ctx context.Context, tx *db.Tx, actor access.Actor, o *opened, name string) error {
	all, err := readSections(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	x, ok := all[name]
	if !ok {
		return saveSection(ctx, tx, actor, &Section{Report: o.ID, Name: name}, 0)
	}
	return saveSection(ctx, tx, actor, x, x.Version)
}

// Draft is what a section was after a save.
type Draft struct {
	ID      string
	Name    string
	Version int
	By      string
	At      int64
	Doc     DraftDoc
}

// DraftDoc is the content of a version: figures by code, words.
type DraftDoc struct {
	Values  map[string]int64  `json:"values,omitempty"`
	Nothing bool              `json:"nothing,omitempty"`
	Body    string            `json:"body,omitempty"`
	Texts   map[string]string `json:"texts,omitempty"`
	Reasons map[string]string `json:"reasons,omitempty"`
}

// joinDrafts is how long one person's saves of a section make one version, in microseconds.
const joinDrafts = 10 * 60 * 1_000_000

// keepDraft keeps a section as it is now as a version; saves of one person within some minutes make one. It reports whether there is a new one.
func keepDraft(ctx context.Context, tx *db.Tx, actor access.Actor, x *Section, doc DraftDoc) (bool, error) {
	var id, by string
	var at int64
	err := tx.QueryRow(ctx, `SELECT id, actor, at FROM report_draft WHERE report_id=$1 AND name=$2 ORDER BY version DESC LIMIT 1`, x.Report, x.Name).Scan(&id, &by, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if err == nil && by == actor.ID && x.At-at < joinDrafts {
		_, err := tx.Exec(ctx, `UPDATE report_draft SET version=$2, doc=$3 WHERE id=$1`, id, x.Version, toJSON(doc))
		return false, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO report_draft(id, report_id, name, version, doc, actor, actor_name, at) VALUES($1,$2,$3,$4,$5,$6,$7,$8)`,
		tx.NewID(), x.Report, x.Name, x.Version, toJSON(doc), actor.ID, actor.Name, x.At)
	return true, err
}

func readDrafts(ctx context.Context, q db.Querier, report, name string) ([]Draft, error) {
	var out []Draft
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var d Draft
		var doc string
		if err := rows.Scan(&d.ID, &d.Name, &d.Version, &doc, &d.By, &d.At); err != nil {
			return err
		}
		out = append(out, d)
		return json.Unmarshal([]byte(doc), &out[len(out)-1].Doc)
	}, `SELECT id, name, version, doc, actor_name, at FROM report_draft WHERE report_id=$1 AND ($2='' OR name=$2) ORDER BY version DESC LIMIT 200`, report, name)
	return out, err
}

// thinDrafts keeps of a report that was handed in the last version of each section and day.
func thinDrafts(ctx context.Context, tx *db.Tx, report string) error {
	list, err := readDrafts(ctx, tx, report, "")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, d := range list {
		key := d.Name + "\x00" + string(civil.Of(db.FromMicros(d.At)))
		if !seen[key] {
			seen[key] = true
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM report_draft WHERE id=$1`, d.ID); err != nil {
			return err
		}
	}
	return nil
}

// noteChanges keeps what changed in a report that had been handed in before.
func (s *Service) noteChanges(ctx context.Context, tx *db.Tx, actor access.Actor, o *opened, before Values, reasons map[string]string) error {
	if o.First == civil.None {
		return nil
	}
	for i, x := range o.form.Indicators {
		if i >= len(before) || before[i] == o.Values[i] {
			continue
		}
		_, err := tx.Exec(ctx, `INSERT INTO report_change(id, report_id, period_id, unit_id, code, before_value, after_value, reason, day, actor_name, at) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
			tx.NewID(), o.ID, o.Period, o.Unit, x.Code, orNull(before[i]), orNull(o.Values[i]), reasons[x.Code], tx.Today(), actor.Name, db.Micros(tx.Now()))
		if err != nil {
			return err
		}
	}
	return nil
}

func orNull(v int64) sql.NullInt64 { return sql.NullInt64{Int64: v, Valid: v != None} }

func fromNull(v sql.NullInt64) int64 {
	if !v.Valid {
		return None
	}
	return v.Int64
}

// readChanges reads changes; where holds the condition, the order and the limit.
func readChanges(ctx context.Context, q db.Querier, where string, args ...any) ([]*Change, error) {
	var out []*Change
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		c := new(Change)
		var before, after sql.NullInt64
		err := rows.Scan(&c.ID, &c.Report, &c.Period, &c.Unit, &c.Code, &before, &after, &c.Reason, &c.Day, &c.By, &c.At)
		c.Before, c.After = fromNull(before), fromNull(after)
		out = append(out, c)
		return err
	}, `SELECT id, report_id, period_id, unit_id, code, before_value, after_value, reason, day, actor_name, at FROM report_change WHERE `+where, args...)
	return out, err
}

func readAsks(ctx context.Context, q db.Querier, report string) ([]*Ask, error) {
	var out []*Ask
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		a := &Ask{Report: report}
		err := rows.Scan(&a.ID, &a.Reason, &a.Day, &a.AnswerBy, &a.By, &a.ByUnit, &a.Answer, &a.Answered)
		out = append(out, a)
		return err
	}, `SELECT id, reason, day, answer_by, actor_name, actor_unit, answer, answered FROM report_ask WHERE report_id=$1 ORDER BY day, id`, report)
	return slices.Clip(out), err
}
