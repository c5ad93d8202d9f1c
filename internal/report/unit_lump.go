package report

import (
	"context"
	"slices"
	"strconv"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/job"
)

func itoa(n int) string { return strconv.Itoa(n) }

// LumpKind is a kind of units below a body of which some have not reported by themselves.
type LumpKind struct {
	Kind string
	Open int // units that have not handed in
}

// lumpKinds are the kinds of units that report to the body, with how many have not handed in.
func (s *Service) lumpKinds(ctx context.Context, q db.Querier, p *Period, form *Form, unit string) ([]LumpKind, error) {
	list, err := readReports(ctx, q, len(form.Indicators), `period_id=$1 AND to_unit=$2 AND unit_id<>$2 AND lump_kind='' ORDER BY id`, p.ID, unit)
	if err != nil {
		return nil, err
	}
	var out []LumpKind
	for _, r := range list {
		kind, _, _ := s.kindOf(r, p)
		i := slices.IndexFunc(out, func(k LumpKind) bool { return k.Kind == kind })
		if i < 0 {
			out = append(out, LumpKind{Kind: kind})
			i = len(out) - 1
		}
		if !r.State.Final() {
			out[i].Open++
		}
	}
	return out, nil
}

// LumpTx makes the line by which a body reports for units of a kind that have no account, or changes for how many it stands. It gives the line's report.
func (s *Service) LumpTx(ctx context.Context, tx *db.Tx, actor access.Actor, period, unit, kind string, n int) (string, error) {
	p, err := readPeriod(ctx, tx, period)
	if err != nil {
		return "", err
	}
	if !s.seesPeriod(actor, p) {
		return "", errs.E(errs.NotFound, "report.none")
	}
	if !actor.Holds(unit, desk...) {
		return "", errs.E(errs.Forbidden, "report.not_superior")
	}
	if p.State != Open {
		return "", errs.E(errs.Conflict, "report.period.closed")
	}
	form, err := s.formOf(ctx, tx, p)
	if err != nil {
		return "", err
	}
	kinds, err := s.lumpKinds(ctx, tx, p, form, unit)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(kinds, func(k LumpKind) bool { return k.Kind == kind })
	switch {
	case i < 0:
		return "", errs.At("kind", "report.lump.kind_none")
	case n < 1 || n > kinds[i].Open:
		return "", errs.At("n", "report.lump.too_many", "n", kinds[i].Open)
	}
	have, err := readReports(ctx, tx, len(form.Indicators), `period_id=$1 AND unit_id=$2 AND lump_kind=$3`, p.ID, unit, kind)
	if err != nil {
		return "", err
	}
	var r *Report
	if len(have) > 0 {
		r = have[0]
		r.Lump = n
		if r.State == NotStarted {
			r.State = Drafting
		}
		err = saveReport(ctx, tx, r)
	} else {
		size := len(form.Indicators)
		to, due := p.Via, p.dueOf("", p.Via)
		if u, ok := s.units.TreeOf(unit, p.To).ByID(unit); ok {
			due = p.dueOf(u.Kind, p.Via)
		}
		r = &Report{ID: tx.NewID(), Period: p.ID, Unit: unit, To: to, Due: due, State: Drafting, Values: NewValues(size), Found: NewValues(size), Lump: n, LumpKind: kind, Sample: p.Sample, Version: 1}
		err = insertReport(ctx, tx, r)
	}
	if err != nil {
		return "", err
	}
	return r.ID, noteDraft(ctx, tx, actor, unit, r.ID, "lumped", map[string]any{"kind": kind, "n": n}, "title", p.Title, "n", n)
}

// joined makes a line smaller by the unit that reported by itself. The figures are the superior's to lessen; of a line that stands for nobody they go.
func (s *Service) joined(ctx context.Context, id string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		o, err := s.openTx(ctx, tx, id)
		if errs.Is(err, errs.NotFound) {
			return job.Hopeless(err)
		}
		if err != nil {
			return err
		}
		have, err := readReports(ctx, tx, len(o.form.Indicators), `period_id=$1 AND unit_id=$2 AND lump_kind=$3`, o.Period, o.To, o.kind)
		if err != nil || len(have) == 0 {
			return err
		}
		kinds, err := s.lumpKinds(ctx, tx, o.period, o.form, o.To)
		if err != nil {
			return err
		}
		line := s.with(have[0], o.period, o.form)
		left := 0
		if i := slices.IndexFunc(kinds, func(k LumpKind) bool { return k.Kind == o.kind }); i >= 0 {
			left = kinds[i].Open
		}
		if line.Lump <= left {
			return nil
		}
		before := slices.Clone(line.Values)
		line.Lump = left
		if left == 0 {
			line.State, line.Values = NotStarted, NewValues(len(before))
		}
		if err := s.noteChanges(ctx, tx, access.System, line, before, nil); err != nil {
			return err
		}
		if err := saveReport(ctx, tx, line.Report); err != nil {
			return err
		}
		err = s.tell(ctx, tx, o.To, desk, "report.joined", i18n.M("report.notice.joined", "unit", o.unit.Name, "title", o.period.Title, "n", left), line.Link(), civil.None, "report.joined:"+o.ID)
		if err != nil {
			return err
		}
		return noteDraft(ctx, tx, access.System, line.Unit, line.ID, "joined", map[string]any{"unit": o.Unit, "left": left}, "title", o.period.Title, "n", left)
	})
}
