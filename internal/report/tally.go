package report

import (
	"maps"
	"slices"
	"sync/atomic"

	"dinh/internal/civil"
)

// mostTallies is how many groupings of a period are kept; the one that was asked for longest ago goes.
const mostTallies = 12

// Tally is a grouping of a period's reports whose sums are kept and changed with each report, so that asking again costs nothing of the number of reports.
// It is not stored anywhere and made anew from the reports when it is not there.
type Tally struct {
	key    string
	place  func(unit string) int    // the group of a unit, -1 for none: for reports that come later
	asks   func(unit string) []bool // by figure: whether the unit is asked for it
	at     []int16                  // by row
	groups []*Counted
	used   atomic.Int64
}

// Counted are the counts and sums of one group of reports.
type Counted struct {
	Handed   *Sums         // submitted, accepted, sent back
	Accepted *Sums         // of those
	Drafts   *Sums         // what is not handed in: for those who may see it, and to check sums
	Asked    []int32       // by figure: units that are bound and asked for it, whether they reported or not
	Bound    int           // reports that are due: one for each unit
	States   map[State]int // of those
	Late     int           // handed in after their day
	Lumped   int           // units for which a line stands
	open     map[int32]int // not handed in, by last day
}

func newCounted(n int) *Counted {
	return &Counted{Handed: newSums(n), Accepted: newSums(n), Drafts: newSums(n), Asked: make([]int32, n), States: map[State]int{}, open: map[int32]int{}}
}

// clone is the group as it is now, with the sums of a choice of reports: of WithDrafts those that are handed in, since drafts are not everybody's.
func (g *Counted) clone(w Which) *Counted {
	out := &Counted{
		Asked: slices.Clone(g.Asked), Bound: g.Bound, Late: g.Late, Lumped: g.Lumped, States: maps.Clone(g.States), open: maps.Clone(g.open),
	}
	if w == OnlyAccepted {
		out.Accepted = g.Accepted.clone()
	} else {
		out.Handed = g.Handed.clone()
	}
	return out
}

// add takes in another group.
func (g *Counted) add(o *Counted) {
	for _, x := range []struct{ to, from *Sums }{{g.Handed, o.Handed}, {g.Accepted, o.Accepted}, {g.Drafts, o.Drafts}} {
		if x.from != nil && x.to != nil {
			x.to.Add(x.from)
		}
	}
	for i := range g.Asked {
		g.Asked[i] += o.Asked[i]
	}
	g.Bound += o.Bound
	g.Late += o.Late
	g.Lumped += o.Lumped
	for k, v := range o.States {
		g.States[k] += v
	}
	for k, v := range o.open {
		g.open[k] += v
	}
}

// HandedIn is the number of units that handed in by themselves.
func (g *Counted) HandedIn() int {
	return g.States[Submitted] + g.States[Accepted] + g.States[Returned]
}

// Missing is the number of units that have not handed in.
func (g *Counted) Missing() int { return g.Bound - g.HandedIn() }

// Overdue is the number of units that have not handed in and whose last day is over.
func (g *Counted) Overdue(today civil.Date) int {
	n, day := 0, dayNumber(today)
	for due, k := range g.open {
		if due != 0 && due < day {
			n += k
		}
	}
	return n
}

// InTime is the number of units that handed in by their last day.
func (g *Counted) InTime() int { return g.HandedIn() - g.Late }

// Sums are those of a choice of reports.
func (g *Counted) Sums(w Which) *Sums {
	switch w {
	case OnlyAccepted:
		return g.Accepted
	case HandedIn:
		return g.Handed
	case WithDrafts:
	}
	all := g.Handed.clone()
	all.Add(g.Drafts)
	return all
}

// Grouping says how reports are grouped: by Key for as long as the grouping stays the same.
type Grouping struct {
	Key   string
	N     int
	Place func(unit string) int    // the group of a unit, -1 for none
	Asks  func(unit string) []bool // by figure; nil where nobody asks for x of y
}

// tally is the grouping that is kept, nil where there is none.
func (c *Columns) tally(key string) *Tally {
	for _, t := range c.tallies {
		if t.key == key {
			t.used.Store(c.clock.Add(1))
			return t
		}
	}
	return nil
}

// Tally gives the groups of a grouping. They change with the reports: read them under the lock of the columns, which must be held for writing where the
// grouping is new.
func (c *Columns) Tally(g Grouping) []*Counted {
	if t := c.tally(g.Key); t != nil {
		return t.groups
	}
	t := c.newTally(g)
	t.used.Store(c.clock.Add(1))
	if len(c.tallies) >= mostTallies {
		c.tallies = slices.DeleteFunc(c.tallies, func(o *Tally) bool {
			return o == slices.MinFunc(c.tallies, func(a, b *Tally) int { return int(a.used.Load() - b.used.Load()) })
		})
	}
	c.tallies = append(c.tallies, t)
	return t.groups
}

func (c *Columns) newTally(g Grouping) *Tally {
	t := &Tally{key: g.Key, place: g.Place, asks: g.Asks, at: make([]int16, len(c.units)), groups: make([]*Counted, g.N)}
	for i := range t.groups {
		t.groups[i] = newCounted(len(c.cells))
	}
	handed, accepted, drafts := make([]int32, len(c.units)), make([]int32, len(c.units)), make([]int32, len(c.units))
	for r, u := range c.units {
		g := int32(t.place(u))
		t.at[r] = int16(g)
		handed[r], accepted[r], drafts[r] = -1, -1, -1
		if g < 0 {
			continue
		}
		row := int32(r)
		t.states(c, row, 1)
		t.ask(c, row)
		switch st := states[c.state[r]]; {
		case st.Final():
			handed[r] = g
			if st == Accepted {
				accepted[r] = g
			}
		case st != NotStarted:
			drafts[r] = g
		}
	}
	side := func(at []int32, of func(*Counted) *Sums) {
		out := make([]*Sums, len(t.groups))
		for i, g := range t.groups {
			out[i] = of(g)
		}
		c.addUp(out, at)
	}
	side(handed, func(g *Counted) *Sums { return g.Handed })
	side(accepted, func(g *Counted) *Sums { return g.Accepted })
	side(drafts, func(g *Counted) *Sums { return g.Drafts })
	return t
}

// grow makes room for a new row, which is not begun till count is called.
func (t *Tally) grow(c *Columns, r int32) {
	t.at = append(t.at, int16(t.place(c.units[r])))
	t.states(c, r, 1)
}

// ask counts what a new row's unit is asked for.
func (t *Tally) ask(c *Columns, r int32) {
	if _, line := c.lump[r]; line || t.at[r] < 0 || t.asks == nil {
		return
	}
	g := t.groups[t.at[r]]
	for i, is := range t.asks(c.units[r]) {
		if is {
			g.Asked[i]++
		}
	}
}

// states counts how far the row is, or takes it out again.
func (t *Tally) states(c *Columns, r int32, sign int) {
	if t.at[r] < 0 {
		return
	}
	g, st := t.groups[t.at[r]], states[c.state[r]]
	if l, ok := c.lump[r]; ok {
		if st != NotStarted {
			g.Lumped += int(l.n) * sign
		}
		return
	}
	g.Bound += sign
	g.States[st] += sign
	if !st.Final() {
		g.open[c.due[r]] += sign
	} else if c.due[r] != 0 && c.first[r] > c.due[r] {
		g.Late += sign
	}
}

// count adds the row to its group as it is now, or takes it out again.
func (t *Tally) count(c *Columns, r int32, sign int32) {
	if t.at[r] < 0 {
		return
	}
	t.states(c, r, int(sign))
	g, st := t.groups[t.at[r]], states[c.state[r]]
	var to []*Sums
	switch {
	case st == Accepted:
		to = []*Sums{g.Handed, g.Accepted}
	case st.Final():
		to = []*Sums{g.Handed}
	case st != NotStarted:
		to = []*Sums{g.Drafts}
	default:
		return
	}
	for _, s := range to {
		s.Reports += int(sign)
	}
	for i := range c.cells {
		v := c.Value(i, r)
		if v == None {
			continue
		}
		for _, s := range to {
			s.take(c.form.Indicators[i], i, v, sign)
		}
	}
}
