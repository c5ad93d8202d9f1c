package report

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// toJSON is for values of our own types, which always can be written.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("report: %T: %v", v, err))
	}
	return string(b)
}

const periodColumns = `id, form_id, form_number, unit_id, via, kind, year, title, from_day, to_day, opens, state, dues, kinds, units, letter, outline, sample, version, created`

// readPeriods reads periods; where holds the condition, the order and the limit.
func readPeriods(ctx context.Context, q db.Querier, where string, args ...any) ([]*Period, error) {
	var out []*Period
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		p := new(Period)
		var dues, kinds, units, letter string
		var sample int
		err := rows.Scan(&p.ID, &p.Form, &p.FormVersion, &p.Unit, &p.Via, &p.Kind, &p.Year, &p.Title, &p.From, &p.To, &p.Opens, &p.State, &dues, &kinds, &units, &letter,
			&p.Outline, &sample, &p.Version, &p.Created)
		if err != nil {
			return err
		}
		p.Sample = sample == 1
		for _, x := range []struct {
			text string
			to   any
		}{{dues, &p.Dues}, {kinds, &p.Kinds}, {units, &p.Units}, {letter, &p.Letter}} {
			if err := json.Unmarshal([]byte(x.text), x.to); err != nil {
				return fmt.Errorf("report: period %s: %w", p.ID, err)
			}
		}
		out = append(out, p)
		return nil
	}, `SELECT `+periodColumns+` FROM report_period WHERE `+where, args...)
	return out, err
}

// readPeriod reads one period; errs.NotFound where there is none.
func readPeriod(ctx context.Context, q db.Querier, id string) (*Period, error) {
	list, err := readPeriods(ctx, q, `id=$1`, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.E(errs.NotFound, "report.none")
	}
	return list[0], nil
}

func insertPeriod(ctx context.Context, tx *db.Tx, p *Period) error {
	_, err := tx.Exec(ctx, `INSERT INTO report_period(`+periodColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)`,
		p.ID, p.Form, p.FormVersion, p.Unit, p.Via, p.Kind, p.Year, p.Title, p.From, p.To, p.Opens, string(p.State), toJSON(nonNil(p.Dues)), toJSON(nonNil(p.Kinds)),
		toJSON(nonNil(p.Units)), toJSON(p.Letter), p.Outline, db.Flag(p.Sample), p.Version, p.Created)
	return err
}

// savePeriod stores a period if nobody else changed it meanwhile.
func savePeriod(ctx context.Context, tx *db.Tx, p *Period) error {
	err := tx.Update(ctx, `UPDATE report_period SET form_id=$3, form_number=$4, kind=$5, year=$6, title=$7, from_day=$8, to_day=$9, opens=$10, state=$11, dues=$12, kinds=$13,
		units=$14, letter=$15, outline=$16, via=$17, version=version+1 WHERE id=$1 AND version=$2`,
		p.ID, p.Version, p.Form, p.FormVersion, p.Kind, p.Year, p.Title, p.From, p.To, p.Opens, string(p.State), toJSON(nonNil(p.Dues)), toJSON(nonNil(p.Kinds)),
		toJSON(nonNil(p.Units)), toJSON(p.Letter), p.Outline, p.Via)
	if err == nil {
		p.Version++
	}
	return err
}

// nonNil is an empty list for none, so that JSON has [] and never null.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

const reportColumns = `id, period_id, unit_id, to_unit, due, extended, extended_why, extended_by, state, first_day, submitted, submitted_by, accepted, accepted_by, paper,
	signed_by, figures, found, lump, lump_kind, sample, version, changed`

// readReports reads reports of periods with a form of n figures; where holds the condition, the order and the limit.
func readReports(ctx context.Context, q db.Querier, n int, where string, args ...any) ([]*Report, error) {
	var out []*Report
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		r := new(Report)
		var paper string
		var figures, found []byte
		var sample int
		err := rows.Scan(&r.ID, &r.Period, &r.Unit, &r.To, &r.Due, &r.Extended, &r.ExtendedWhy, &r.ExtendedBy, &r.State, &r.First, &r.Submitted, &r.SubmittedBy, &r.Accepted,
			&r.AcceptedBy, &paper, &r.SignedBy, &figures, &found, &r.Lump, &r.LumpKind, &sample, &r.Version, &r.Changed)
		if err != nil {
			return err
		}
		r.Sample = sample == 1
		if err := json.Unmarshal([]byte(paper), &r.Paper); err != nil {
			return fmt.Errorf("report: %s: %w", r.ID, err)
		}
		if r.Values, err = DecodeValues(figures, n); err != nil {
			return fmt.Errorf("%w: %s", err, r.ID)
		}
		if r.Found, err = DecodeValues(found, n); err != nil {
			return fmt.Errorf("%w: %s", err, r.ID)
		}
		out = append(out, r)
		return nil
	}, `SELECT `+reportColumns+` FROM report WHERE `+where, args...)
	return out, err
}

func insertReport(ctx context.Context, tx *db.Tx, r *Report) error {
	r.Changed = db.Micros(tx.Now())
	_, err := tx.Exec(ctx, `INSERT INTO report(`+reportColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23)`,
		r.ID, r.Period, r.Unit, r.To, r.Due, r.Extended, r.ExtendedWhy, r.ExtendedBy, string(r.State), r.First, r.Submitted, r.SubmittedBy, r.Accepted, r.AcceptedBy,
		toJSON(r.Paper), r.SignedBy, r.Values.Encode(), r.Found.Encode(), r.Lump, r.LumpKind, db.Flag(r.Sample), r.Version, r.Changed)
	return err
}

// saveReport stores a report if nobody else changed it meanwhile, and marks it as changed for the columns in memory.
func saveReport(ctx context.Context, tx *db.Tx, r *Report) error {
	r.Changed = db.Micros(tx.Now())
	err := tx.Update(ctx, `UPDATE report SET to_unit=$3, due=$4, extended=$5, extended_why=$6, extended_by=$7, state=$8, first_day=$9, submitted=$10, submitted_by=$11,
		accepted=$12, accepted_by=$13, paper=$14, signed_by=$15, figures=$16, found=$17, lump=$18, changed=$19, version=version+1 WHERE id=$1 AND version=$2`,
		r.ID, r.Version, r.To, r.Due, r.Extended, r.ExtendedWhy, r.ExtendedBy, string(r.State), r.First, r.Submitted, r.SubmittedBy, r.Accepted, r.AcceptedBy,
		toJSON(r.Paper), r.SignedBy, r.Values.Encode(), r.Found.Encode(), r.Lump, r.Changed)
	if err == nil {
		r.Version++
	}
	return err
}

// readForms reads the versions of forms that are not the program's own.
func readForms(ctx context.Context, q db.Querier) ([]*Form, error) {
	var out []*Form
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var id, title, doc string
		var number int
		var from, to civil.Date
		if err := rows.Scan(&id, &number, &title, &from, &to, &doc); err != nil {
			return err
		}
		f := new(Form)
		if err := json.Unmarshal([]byte(doc), f); err != nil {
			return fmt.Errorf("report: form %s: %w", id, err)
		}
		f.ID, f.Version, f.Title, f.Span = id, number, title, civil.Span{From: from, To: to}
		if err := f.Check(); err != nil {
			return fmt.Errorf("report: form %s: %w", id, err)
		}
		out = append(out, f)
		return nil
	}, `SELECT id, number, title, from_day, to_day, doc FROM report_form ORDER BY id, number`)
	return out, err
}
