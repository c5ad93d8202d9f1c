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

// SumAsk says which reports are to be added up, and how.
type SumAsk struct {
	Period string
	Scope
	By    By
	Which Which
	Now   bool // on today's tree; else on that of the period's last day
}

// SumGroup is a group with its counts and sums.
type SumGroup struct {
	*Group
	*Counted
	Sums *Sums // of the choice of reports

	Before, Year *Sums // of the period before and of the same period of the year before; nil where there is none
}

// Sum is what the reports of a scope add up to.
type Sum struct {
	Ask     SumAsk
	Period  *Period
	Form    *Form
	Of      *org.Unit
	Sector  *org.Unit
	Day     civil.Date // whose tree it is
	Today   civil.Date
	Above   []*org.Unit // those whose sums the reader may see too, highest first
	Groups  []*SumGroup // without empty ones
	Total   *SumGroup
	Limited bool // counts only: the reader does not see figures of others
	Own     *Report
	OwnMine bool // the reader works at the unit: its drafts are its own

	Before, Year *Period
	Snapshots    []*Snapshot // without rows, newest first
	MayFreeze    bool
	Sectors      []*org.Unit // authorities of fields in the scope, where the reader may choose one
}

// belowOf is where figures of the units of a scope are read: at some unit below it, whose report is handed in.
func (s *Service) belowOf(p *Period, unit string) access.Place {
	tree := s.units.TreeOf(unit, s.clock.Today())
	return access.Place{Above: append([]string{unit}, tree.Above(unit)...), Issuer: p.Unit, Focal: []string{p.Via}, State: access.Submitted}
}

// maySum says whether the actor may see the sums of a scope, and whether the counts alone.
func (s *Service) maySum(actor access.Actor, p *Period, sc Scope) (figures, counts bool) {
	unit := sc.Unit
	if sc.Sector != "" && sc.Unit != sc.Sector { // the field's authority reads the reports of its units, wherever they stand
		if access.Allowed(actor, access.ReadRecord, s.belowOf(p, sc.Sector)) {
			return true, true
		}
	}
	pl := s.belowOf(p, unit)
	if access.Allowed(actor, access.ReadRecord, pl) {
		return true, true
	}
	own := s.units.TreeOf(unit, s.clock.Today()).Place(unit)
	own.State = access.Submitted
	return false, access.Allowed(actor, access.ReadProgress, pl) || access.Allowed(actor, access.ReadProgress, own)
}

// read is a period with its form and the tree of an ask, checked for who may see it.
func (s *Service) sumOf(ctx context.Context, q db.Querier, actor access.Actor, ask SumAsk) (*Sum, error) {
	p, err := readPeriod(ctx, q, ask.Period)
	if err != nil {
		return nil, err
	}
	if ask.Unit == "" {
		ask.Unit = p.Unit
	}
	if !slices.Contains(Bys, ask.By) {
		ask.By = ByPlace
	}
	figures, counts := s.maySum(actor, p, ask.Scope)
	if p.State == Planned || !figures && !counts {
		return nil, errs.E(errs.NotFound, "report.none")
	}
	v := &Sum{Ask: ask, Period: p, Limited: !figures, Today: s.clock.Today(), Day: s.units.TreeOf(p.Unit, p.To).Day()}
	if ask.Now {
		v.Day = v.Today
	}
	if v.Form, err = s.formOf(ctx, q, p); err != nil {
		return nil, err
	}
	tree := s.units.On(v.Day)
	u, ok := tree.ByID(ask.Unit)
	if !ok {
		if u, ok = s.standsAt(tree, ask.Unit); !ok {
			return nil, errs.E(errs.NotFound, "report.none")
		}
		v.Ask.Unit = u.ID
		if figures, counts = s.maySum(actor, p, v.Ask.Scope); !figures && !counts {
			return nil, errs.E(errs.NotFound, "report.none")
		}
		v.Limited = !figures
	}
	v.Of = u
	if ask.Sector != "" {
		if v.Sector, ok = tree.ByID(ask.Sector); !ok {
			return nil, errs.E(errs.NotFound, "report.none")
		}
	}
	for _, id := range tree.Above(u.ID) {
		if f, c := s.maySum(actor, p, Scope{Unit: id}); f || c {
			if a, ok := tree.ByID(id); ok {
				v.Above = append([]*org.Unit{a}, v.Above...)
			}
		}
	}
	v.OwnMine = actor.Holds(u.ID, desk...)
	v.MayFreeze = !v.Limited && ask.Sector == "" && s.mayFreeze(actor, p, u.ID)
	return v, nil
}

// Sum adds up the reports of a scope.
func (s *Service) Sum(ctx context.Context, actor access.Actor, ask SumAsk) (*Sum, error) {
	var v *Sum
	err := s.db.Read(ctx, func(q db.Querier) error {
		var err error
		if v, err = s.sumOf(ctx, q, actor, ask); err != nil {
			return err
		}
		return s.fillSum(ctx, q, actor, v)
	})
	return v, err
}

// fillSum adds the groups, what was before, and what there is besides.
func (s *Service) fillSum(ctx context.Context, q db.Querier, actor access.Actor, v *Sum) error {
	if err := s.addUp(ctx, q, actor, v); err != nil {
		return err
	}
	if v.Limited {
		return nil
	}
	if err := s.compareSum(ctx, q, v); err != nil {
		return err
	}
	own, err := readReports(ctx, q, len(v.Form.Indicators), `period_id=$1 AND unit_id=$2 AND lump_kind=''`, v.Period.ID, v.Of.ID)
	if err != nil {
		return err
	}
	if len(own) > 0 && v.Ask.Sector == "" && (own[0].State.Final() || v.OwnMine) {
		v.Own = own[0]
	}
	v.Snapshots, err = readSnapshots(ctx, q, false, `period_id=$1 AND unit_id=$2 AND number>0 ORDER BY number DESC`, v.Period.ID, v.Of.ID)
	return err
}

// addUp makes the groups of a sum as they stand after everything that is committed.
func (s *Service) addUp(ctx context.Context, q db.Querier, actor access.Actor, v *Sum) error {
	g := s.group(v.Period, v.Form, v.Day, v.Ask.Scope, v.Ask.By)
	n := len(v.Form.Indicators)
	return s.live.tally(ctx, q, v.Period, v.Form, g.Grouping, func(c *Columns, groups []*Counted) error {
		total := &Counted{Asked: make([]int32, n), States: map[State]int{}, open: map[int32]int{}}
		v.Groups = nil
		var drafts map[int]*Sums
		if v.Ask.Which == WithDrafts {
			drafts = s.ownDrafts(actor, c, g, n)
		}
		sum := &SumGroup{Group: &Group{Key: "all"}, Counted: total}
		for i, k := range groups {
			if k.Bound == 0 && k.Lumped == 0 && k.Handed.Reports == 0 {
				continue
			}
			x := &SumGroup{Group: g.groups[i], Counted: k.clone(v.Ask.Which)}
			total.add(x.Counted)
			x.Sums = x.Handed
			if v.Ask.Which == OnlyAccepted {
				x.Sums = x.Accepted
			}
			if d := drafts[i]; d != nil {
				x.Sums.Add(d)
			}
			v.Groups = append(v.Groups, x)
		}
		sum.Sums = newSums(n)
		for _, x := range v.Groups {
			sum.Sums.Add(x.Sums)
		}
		v.Total = sum
		if v.Limited {
			for _, x := range append([]*SumGroup{sum}, v.Groups...) {
				x.Sums, x.Handed, x.Accepted = nil, nil, nil
			}
		}
		return nil
	})
}

// ownDrafts are the figures of reports that are not handed in, of the units at which the actor works: others' drafts are counted and not added.
func (s *Service) ownDrafts(actor access.Actor, c *Columns, g *grouped, n int) map[int]*Sums {
	out := map[int]*Sums{}
	for _, unit := range actor.Units() {
		if !actor.Holds(unit, desk...) {
			continue
		}
		at := g.Place(unit)
		if at < 0 {
			continue
		}
		for r := range c.RowsOf(unit) {
			if st := c.StateOf(r); st.Final() || st == NotStarted {
				continue
			}
			if out[at] == nil {
				out[at] = newSums(n)
			}
			out[at].Reports++
			for i, v := range c.Values(r) {
				if v != None {
					out[at].take(c.form.Indicators[i], i, v, 1)
				}
			}
		}
	}
	return out
}

// SumFigure is one figure of a sum, as pages and papers show it.
type SumFigure struct {
	*Indicator
	I            int
	Own          int64 // the unit's own, None where not known
	Value        int64 // the sum, None where nobody gave it
	Yes, Of      int   // count_yes: x of y units bound
	Part, Whole  int64 // of a ratio
	RatioOK      bool
	Grades       []int // by grade from 1
	Known        int   // reports that give it
	Asked        int   // units asked for it
	Before, Year int64 // None where not known
	YesBefore    int
	YesYear      int
}

// Missing is how many units that are asked have not given the figure.
func (f *SumFigure) Missing() int { return max(f.Asked-f.Known, 0) }

// figureOf is a figure of sums.
func figureOf(form *Form, i int, s, before, year *Sums, asked int32) *SumFigure {
	x := form.Indicators[i]
	f := &SumFigure{Indicator: x, I: i, Own: None, Value: None, Before: None, Year: None, Asked: int(asked)}
	if s == nil {
		return f
	}
	f.Known = int(s.Known[i])
	value := func(s *Sums) (int64, int) {
		if s == nil || s.Known[i] == 0 {
			return None, -1
		}
		return s.Sum[i], int(s.Yes[i])
	}
	switch {
	case x.over != "":
		f.Part, f.Whole, f.RatioOK = s.Ratio(form, x)
	case x.Agg == "count_yes":
		f.Yes, f.Of = int(s.Yes[i]), int(asked)
		_, f.YesBefore = value(before)
		_, f.YesYear = value(year)
	case x.Agg == "histogram":
		for _, n := range s.Grades[1:5] {
			f.Grades = append(f.Grades, int(n))
		}
	case x.Agg == "sum":
		f.Value, _ = value(s)
		f.Before, _ = value(before)
		f.Year, _ = value(year)
	}
	return f
}

// Figures are those of a group in the form's order, those of the total where g is nil.
func (v *Sum) Figures(g *SumGroup) []*SumFigure {
	if g == nil {
		g = v.Total
	}
	out := make([]*SumFigure, len(v.Form.Indicators))
	for i := range out {
		out[i] = figureOf(v.Form, i, g.Sums, g.Before, g.Year, g.Asked[i])
		if v.Own != nil && v.Form.Indicators[i].Stored() {
			out[i].Own = v.Own.Values[i]
		}
	}
	return out
}

// Figure is one figure of a group by its code.
func (v *Sum) Figure(g *SumGroup, code string) *SumFigure {
	i := v.Form.Index(code)
	if i < 0 {
		return nil
	}
	if g == nil {
		g = v.Total
	}
	return figureOf(v.Form, i, g.Sums, g.Before, g.Year, g.Asked[i])
}
