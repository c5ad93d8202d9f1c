package report

import (
	"math"
	"slices"
)

// Columns are the reports of one period in memory, a column for each figure, so that any grouping of units can be added up when it is asked for. They are
// changed by Put and read by sums under the lock of whoever holds them.
type Columns struct {
	form  *Form
	row   map[string]int32 // by report
	units []string         // of each row
	state []State
	ver   []int32
	lump  []int32
	cells [][]int32 // by figure, then by row; none where nothing is given, over where the number does not fit
	over  map[cell]int64
}

type cell struct {
	figure int
	row    int32
}

const (
	noCell  = math.MinInt32
	bigCell = math.MinInt32 + 1
)

// NewColumns are no reports yet, with room for n.
func NewColumns(f *Form, n int) *Columns {
	c := &Columns{form: f, row: make(map[string]int32, n), units: make([]string, 0, n), state: make([]State, 0, n), ver: make([]int32, 0, n), over: map[cell]int64{}}
	c.cells = make([][]int32, len(f.Indicators))
	for i, x := range f.Indicators {
		if x.Stored() {
			c.cells[i] = make([]int32, 0, n)
		}
	}
	return c
}

// Len is the number of reports.
func (c *Columns) Len() int { return len(c.units) }

// Put takes in a report, or what it is now. An older version than the one known is passed over; it reports whether anything changed.
func (c *Columns) Put(id, unit string, st State, version, lump int, v Values) bool {
	r, ok := c.row[id]
	if ok && int(c.ver[r]) >= version {
		return false
	}
	if !ok {
		r = int32(len(c.units))
		c.row[id] = r
		c.units, c.state, c.ver, c.lump = append(c.units, unit), append(c.state, st), append(c.ver, int32(version)), append(c.lump, int32(lump))
		for i := range c.cells {
			if c.cells[i] != nil {
				c.cells[i] = append(c.cells[i], noCell)
			}
		}
	}
	c.units[r], c.state[r], c.ver[r], c.lump[r] = unit, st, int32(version), int32(lump)
	for i, col := range c.cells {
		if col == nil {
			continue
		}
		x := None
		if i < len(v) {
			x = v[i]
		}
		if col[r] == bigCell {
			delete(c.over, cell{i, r})
		}
		switch {
		case x == None:
			col[r] = noCell
		case x > bigCell && x <= math.MaxInt32:
			col[r] = int32(x)
		default:
			col[r] = bigCell
			c.over[cell{i, r}] = x
		}
	}
	return true
}

// Value is figure i of row r.
func (c *Columns) Value(i int, r int32) int64 {
	if c.cells[i] == nil {
		return None
	}
	switch x := c.cells[i][r]; x {
	case noCell:
		return None
	case bigCell:
		return c.over[cell{i, r}]
	default:
		return int64(x)
	}
}

// Which says which reports a sum takes in.
type Which int

// The choices.
const (
	WithDrafts Which = iota // all that is there
	HandedIn                // submitted, accepted or sent back
	OnlyAccepted
)

func (w Which) takes(s State) bool {
	switch w {
	case HandedIn:
		return s.Final()
	case OnlyAccepted:
		return s == Accepted
	default:
		return s != NotStarted
	}
}

// Sums are the figures of a group of reports.
type Sums struct {
	Reports int     // taken in
	Sum     []int64 // by figure of the form
	Known   []int32 // reports that give the figure
	Yes     []int32 // of those, how many say yes (count_yes)
	Grades  []int32 // by grade from 1 on, for the histogram
	Least   []int64
	Most    []int64
}

// NewSums are sums of nothing for a form of n figures.
func newSums(n int) *Sums {
	return &Sums{Sum: make([]int64, n), Known: make([]int32, n), Yes: make([]int32, n), Grades: make([]int32, 8), Least: make([]int64, n), Most: make([]int64, n)}
}

// Group adds up the reports by group: of says in which group a report's unit is, -1 for none; groups is their number.
func (c *Columns) Group(groups int, which Which, of func(unit string) int) []*Sums {
	out := make([]*Sums, groups)
	for i := range out {
		out[i] = newSums(len(c.cells))
	}
	at := make([]int32, len(c.units))
	for r, u := range c.units {
		at[r] = -1
		if which.takes(c.state[r]) {
			if g := of(u); g >= 0 && g < groups {
				at[r] = int32(g)
				out[g].Reports++
			}
		}
	}
	for i, col := range c.cells {
		if col == nil {
			continue
		}
		yes, grade := c.form.Indicators[i].Unit == YesNo, c.form.Indicators[i].Unit == Grade
		for r, x := range col {
			g := at[r]
			if g < 0 || x == noCell {
				continue
			}
			v := int64(x)
			if x == bigCell {
				v = c.over[cell{i, int32(r)}]
			}
			s := out[g]
			if s.Known[i] == 0 || v < s.Least[i] {
				s.Least[i] = v
			}
			if s.Known[i] == 0 || v > s.Most[i] {
				s.Most[i] = v
			}
			s.Sum[i] += v
			s.Known[i]++
			if yes && v == 1 {
				s.Yes[i]++
			}
			if grade && v > 0 && int(v) < len(s.Grades) {
				s.Grades[v]++
			}
		}
	}
	return out
}

// Ratio is numerator and denominator of a ratio figure in the sums; ok is false where a part is not known or the whole is 0.
func (s *Sums) Ratio(f *Form, x *Indicator) (part, whole int64, ok bool) {
	over, under, isRatio := x.Ratio()
	if !isRatio {
		return 0, 0, false
	}
	a, b := f.Index(over), f.Index(under)
	return s.Sum[a], s.Sum[b], s.Known[a] > 0 && s.Known[b] > 0 && s.Sum[b] != 0
}

// Rows are the reports of the units for which take says so, by row.
func (c *Columns) Rows(take func(unit string, st State) bool) []int32 {
	var out []int32
	for r, u := range c.units {
		if take(u, c.state[r]) {
			out = append(out, int32(r))
		}
	}
	return out
}

// Unit and State are those of a row.
func (c *Columns) Unit(r int32) string { return c.units[r] }

// StateOf is the state of a row.
func (c *Columns) StateOf(r int32) State { return c.state[r] }

// Spread are the values of figure i over the rows that give it, sorted: for medians, outliers and small multiples.
func (c *Columns) Spread(i int, rows []int32) []int64 {
	var out []int64
	for _, r := range rows {
		if v := c.Value(i, r); v != None {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// has reports whether the version of the report, or a newer one, is known.
func (c *Columns) has(id string, version int) bool {
	r, ok := c.row[id]
	return ok && int(c.ver[r]) >= version
}
