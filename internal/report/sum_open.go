package report

import (
	"context"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// SumLine is a report behind a sum.
type SumLine struct {
	Unit     *org.Unit
	Report   string
	State    State
	Late     int // days after its day, by today where it is not handed in
	Lump     int // units for which a line stands
	LumpKind string
	Value    int64
	Hidden   bool // a draft of others: that it is there is all the reader sees
	Asked    bool // the unit is asked for the figure
	Moved    bool // its unit has been merged or divided since: Unit is the old one
	At       *org.Unit
	Link     string
}

// The choices of lines.
const (
	OnlyMissing = "chua-gui"
	OnlyLate    = "cham"
	OnlyHanded  = "da-gui"
	OnlyWithout = "thieu-so" // handed in without the figure
)

// SumList are the reports behind a group, or behind one of its figures.
type SumList struct {
	Group     *SumGroup // nil: all
	Indicator *Indicator
	Figure    *SumFigure
	Lines     []SumLine
	Found     int
	From      int
	Spread    *Spread
	Trend     []Point // of the figure over all groups
}

// Spread is how a figure is distributed over the reports that give it.
type Spread struct {
	N                     int
	Least, Low, Mid, High int64 // the least, the quartiles and the middle
	Most                  int64
	Mean10                int64 // tenths of the mean
	Bins                  []Bin
}

// Bin is how many reports give a number from Low to High.
type Bin struct {
	Low, High int64
	N         int
}

func spreadOf(all []int64) *Spread {
	if len(all) == 0 {
		return nil
	}
	q := func(part int) int64 { return all[(len(all)-1)*part/4] }
	s := &Spread{N: len(all), Least: all[0], Low: q(1), Mid: q(2), High: q(3), Most: all[len(all)-1]}
	var sum int64
	for _, v := range all {
		sum += v
	}
	s.Mean10 = sum * 10 / int64(len(all))
	const bins = 8
	width := (s.Most-s.Least)/bins + 1
	for low := s.Least; low <= s.Most; low += width {
		b := Bin{Low: low, High: min(low+width-1, s.Most)}
		for _, v := range all {
			if v >= b.Low && v <= b.High {
				b.N++
			}
		}
		s.Bins = append(s.Bins, b)
	}
	return s
}

// linesAtOnce is how many lines a page of reports has.
const linesAtOnce = 100

// Lines lists the reports behind a group of a sum ("" for all of them), with one figure where code names one.
func (s *Service) Lines(ctx context.Context, actor access.Actor, ask SumAsk, group, code, only string, from int) (*Sum, *SumList, error) {
	var v *Sum
	l := &SumList{From: max(from, 0)}
	err := s.db.Read(ctx, func(q db.Querier) error {
		var err error
		if v, err = s.sumOf(ctx, q, actor, ask); err != nil {
			return err
		}
		if err := s.addUp(ctx, q, actor, v); err != nil {
			return err
		}
		if !v.Limited {
			if err := s.compareSum(ctx, q, v); err != nil {
				return err
			}
		}
		if err := s.fillLines(ctx, q, actor, v, l, group, code, only); err != nil || code == "" {
			return err
		}
		l.Trend, err = s.trend(ctx, q, v, code)
		return err
	})
	return v, l, err
}

func (s *Service) fillLines(ctx context.Context, q db.Querier, actor access.Actor, v *Sum, l *SumList, group, code, only string) error {
	figure := -1
	if code != "" {
		x, ok := v.Form.Indicator(code)
		if !ok || v.Limited {
			return errs.E(errs.NotFound, "report.none")
		}
		figure, l.Indicator = v.Form.Index(code), x
	}
	if group != "" {
		i := slices.IndexFunc(v.Groups, func(g *SumGroup) bool { return g.Key == group })
		if i < 0 {
			return errs.E(errs.NotFound, "report.none")
		}
		l.Group = v.Groups[i]
	}
	if code != "" {
		l.Figure = v.Figure(l.Group, code)
	}
	g := s.group(v.Period, v.Form, v.Day, v.Ask.Scope, v.Ask.By)
	want := slices.IndexFunc(g.groups, func(x *Group) bool { return x.Key == group })
	mine := map[string]bool{}
	for _, u := range actor.Units() {
		mine[u] = actor.Holds(u, desk...)
	}
	return s.live.tally(ctx, q, v.Period, v.Form, g.Grouping, func(c *Columns, _ []*Counted) error {
		var rows, handed []int32
		for r, unit := range c.units {
			if at := g.Place(unit); at < 0 || group != "" && at != want {
				continue
			}
			row := int32(r)
			st := c.StateOf(row)
			n, kind := c.Lump(row)
			if kind != "" && (st == NotStarted || n == 0) {
				continue
			}
			if st.Final() {
				handed = append(handed, row)
			}
			late := c.Late(row, v.Today)
			has := figure >= 0 && c.Value(figure, row) != None
			switch only {
			case OnlyMissing:
				if st.Final() || kind != "" {
					continue
				}
			case OnlyLate:
				if late == 0 || kind != "" {
					continue
				}
			case OnlyHanded:
				if !st.Final() {
					continue
				}
			case OnlyWithout:
				if a := g.Asks(unit); !st.Final() || figure < 0 || has || figure >= len(a) || !a[figure] {
					continue
				}
			}
			rows = append(rows, row)
		}
		l.Found = len(rows)
		if figure >= 0 && v.Form.Indicators[figure].Agg == "sum" {
			l.Spread = spreadOf(c.Spread(figure, handed))
		}
		lines := make([]SumLine, 0, len(rows))
		for _, r := range rows {
			lines = append(lines, s.sumLine(v, g, c, r, figure, mine))
		}
		slices.SortStableFunc(lines, func(a, b SumLine) int {
			return strings.Compare(a.Unit.SortKey+a.Unit.ID+a.LumpKind, b.Unit.SortKey+b.Unit.ID+b.LumpKind)
		})
		if only == OnlyLate { // the latest first
			slices.SortStableFunc(lines, func(a, b SumLine) int { return b.Late - a.Late })
		}
		if l.From > len(lines) {
			l.From = len(lines)
		}
		l.Lines = lines[l.From:min(l.From+linesAtOnce, len(lines))]
		return nil
	})
}

func (s *Service) sumLine(v *Sum, g *grouped, c *Columns, r int32, figure int, mine map[string]bool) SumLine {
	unit := c.Unit(r)
	l := SumLine{Report: c.ID(r), State: c.StateOf(r), Late: c.Late(r, v.Today), Value: None}
	l.Lump, l.LumpKind = c.Lump(r)
	u, ok := s.units.TreeOf(unit, v.Period.To).ByID(unit)
	if !ok {
		u = &org.Unit{ID: unit, Name: unit}
	}
	l.Unit = u
	if at, ok := s.standsAt(g.tree, unit); ok && at.ID != unit {
		l.Moved, l.At = true, at
	}
	l.Hidden = !l.State.Final() && !mine[unit] || v.Limited
	if figure >= 0 {
		if a := g.Asks(unit); figure < len(a) {
			l.Asked = a[figure]
		}
		if !l.Hidden {
			l.Value = c.Value(figure, r)
		}
	}
	l.Link = Link(v.Period, u.Code, u.ID, l.LumpKind)
	return l
}

// More is where the next page of lines begins, 0 where this is the last.
func (l *SumList) More() int {
	if n := l.From + len(l.Lines); n < l.Found {
		return n
	}
	return 0
}
