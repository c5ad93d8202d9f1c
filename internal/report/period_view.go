package report

import (
	"context"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// PeriodView is a period as those who steer it, and those whom it concerns, see it.
type PeriodView struct {
	*Period
	Form    *Form
	Of, Via *org.Unit
	Steer   bool
	Bound   []BoundUnit // who would report, while it is planned
	States  map[State]int
	Reports int
}

// Line is a report in a list.
type Line struct {
	*Report
	Period *Period
	Of     *org.Unit
	Kind   string
	Form   *Form
	asked  []*Indicator
}

// Link is the page of the report.
func (l *Line) Link() string { return Link(l.Period, l.Of.Code, l.Of.ID, l.LumpKind) }

// Given is how many of the figures asked for are there, and how many are asked for.
func (l *Line) Given() (given, asked int) {
	for _, x := range l.asked {
		if typed(x) && x.Stored() && x.Source != SourceGrading {
			asked++
			if l.Values.Known(l.Form.Index(x.Code)) {
				given++
			}
		}
	}
	return given, asked
}

// Periods are those that concern the actor, newest first.
func (s *Service) Periods(ctx context.Context, actor access.Actor) ([]*PeriodView, error) {
	var out []*PeriodView
	err := s.db.Read(ctx, func(q db.Querier) error {
		list, err := readPeriods(ctx, q, `id<>'' ORDER BY to_day DESC, created DESC LIMIT 200`)
		if err != nil {
			return err
		}
		for _, p := range list {
			if s.seesPeriod(actor, p) {
				v := &PeriodView{Period: p, Steer: s.MaySteer(actor, p)}
				v.Of, _ = s.units.TreeOf(p.Unit, s.clock.Today()).ByID(p.Unit)
				out = append(out, v)
			}
		}
		return nil
	})
	return out, err
}

// PeriodOf is one period, as the actor may see it.
func (s *Service) PeriodOf(ctx context.Context, actor access.Actor, id string) (*PeriodView, error) {
	var v *PeriodView
	err := s.db.Read(ctx, func(q db.Querier) error {
		p, err := readPeriod(ctx, q, id)
		if err != nil {
			return err
		}
		if !s.seesPeriod(actor, p) {
			return errs.E(errs.NotFound, "report.none")
		}
		v = &PeriodView{Period: p, Steer: s.MaySteer(actor, p), States: map[State]int{}}
		if v.Form, err = s.formOf(ctx, q, p); err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		today := s.clock.Today()
		v.Of, _ = s.units.TreeOf(p.Unit, today).ByID(p.Unit)
		v.Via, _ = s.units.TreeOf(cmpOr(p.Via, p.Unit), today).ByID(cmpOr(p.Via, p.Unit))
		if p.State == Planned {
			if v.Form != nil && p.To != civil.None {
				v.Bound = s.Bound(p, v.Form)
			}
			return nil
		}
		rows, err := q.Query(ctx, `SELECT state, COUNT(*) FROM report WHERE period_id=$1 AND lump_kind='' GROUP BY state`, p.ID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var st State
			var n int
			if err := rows.Scan(&st, &n); err != nil {
				return err
			}
			v.States[st] = n
			v.Reports += n
		}
		return rows.Err()
	})
	return v, err
}

// Mine are the reports of the units at which the actor does the unit's work, those of open periods first, then the newest.
func (s *Service) Mine(ctx context.Context, actor access.Actor) ([]*Line, error) {
	var out []*Line
	err := s.db.Read(ctx, func(q db.Querier) error {
		for _, unit := range actor.Units() {
			if !actor.Holds(unit, access.Head, access.Focal, access.Officer, access.Front, access.Union) {
				continue
			}
			list, err := s.lines(ctx, q, `unit_id=$1`, unit)
			if err != nil {
				return err
			}
			out = append(out, list...)
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b *Line) int {
		if x, y := a.Period.State == Open, b.Period.State == Open; x != y {
			if x {
				return -1
			}
			return 1
		}
		return -compareDates(a.Period.To, b.Period.To)
	})
	return out, err
}

func compareDates(a, b civil.Date) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// lines reads reports with their periods; where is about the table report.
func (s *Service) lines(ctx context.Context, q db.Querier, where string, args ...any) ([]*Line, error) {
	periods, err := readPeriods(ctx, q, `id IN (SELECT period_id FROM report WHERE `+where+`) ORDER BY to_day DESC, id`, args...)
	if err != nil {
		return nil, err
	}
	var out []*Line
	for _, p := range periods {
		form, err := s.formOf(ctx, q, p)
		if err != nil {
			return nil, err
		}
		n := len(args) + 1
		list, err := readReports(ctx, q, len(form.Indicators), `period_id=$`+itoa(n)+` AND `+where+` ORDER BY lump_kind, id`, append(slices.Clone(args), p.ID)...)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			o := s.with(r, p, form)
			out = append(out, &Line{Report: r, Period: p, Of: o.unit, Kind: o.kind, Form: form, asked: o.asked})
		}
	}
	return out, nil
}

// Incoming are the reports of a period that go to a unit of the actor's, by the name of their unit, and the kinds of units for which it may report in one
// line. Of reports that are not handed in only how far they are is for its eyes.
type Incoming struct {
	Unit  *org.Unit
	Lines []*Line
	Kinds []LumpKind
	Due   civil.Date // by which they report to it
}

// Below gives what comes in to a unit in a period.
func (s *Service) Below(ctx context.Context, actor access.Actor, period, unit string) (*Incoming, error) {
	in := new(Incoming)
	err := s.db.Read(ctx, func(q db.Querier) error {
		p, err := readPeriod(ctx, q, period)
		if err != nil {
			return err
		}
		if !s.seesPeriod(actor, p) || !actor.Holds(unit, desk...) && !s.MaySteer(actor, p) {
			return errs.E(errs.NotFound, "report.none")
		}
		in.Unit, _ = s.units.TreeOf(unit, p.To).ByID(unit)
		if in.Unit == nil {
			return errs.E(errs.NotFound, "report.none")
		}
		if in.Lines, err = s.lines(ctx, q, `to_unit=$1 AND period_id=$2`, unit, p.ID); err != nil {
			return err
		}
		in.Lines = slices.DeleteFunc(in.Lines, func(l *Line) bool { return l.LumpKind != "" && l.Lump == 0 })
		slices.SortStableFunc(in.Lines, func(a, b *Line) int {
			if a.Of.SortKey < b.Of.SortKey {
				return -1
			}
			if a.Of.SortKey > b.Of.SortKey {
				return 1
			}
			return 0
		})
		form, err := s.formOf(ctx, q, p)
		if err != nil {
			return err
		}
		in.Due = p.dueOf("", unit)
		in.Kinds, err = s.lumpKinds(ctx, q, p, form, unit)
		return err
	})
	return in, err
}

// Collectors are the units to which reports of the period go and at which the actor works.
func (s *Service) Collectors(ctx context.Context, actor access.Actor, period string) ([]string, error) {
	var out []string
	err := s.db.Read(ctx, func(q db.Querier) error {
		for _, unit := range actor.Units() {
			if !actor.Holds(unit, desk...) {
				continue
			}
			var n int
			if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM report WHERE period_id=$1 AND to_unit=$2 AND unit_id<>$2`, period, unit).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				out = append(out, unit)
			}
		}
		return nil
	})
	return out, err
}
