package report

import (
	"encoding/hex"
	"math"
	"slices"
	"sync/atomic"

	"dinh/internal/civil"
)

// Columns are the reports of one period in memory, a column for each figure, so that any grouping of units can be added up when it is asked for. They are
// changed by Put and read by sums under the lock of whoever holds them.
//
// Groupings that were asked for are kept (see Tally) and changed with each report, so that a page costs the groups that it shows and not the reports below
// them.
type Columns struct {
	form    *Form
	of      map[string]int32 // a unit's first row
	next    []int32          // by row: the unit's next one, -1 for none
	ids     [][16]byte       // of the reports
	odd     map[string][16]byte
	units   []string // of each row
	state   []state
	ver     []int32
	due     []int32          // the last day, counted from the beginning of the calendar; 0 for none
	first   []int32          // the day on which it was first handed in; 0 for none
	lump    map[int32]lumped // few rows are lines for several units
	cells   []column         // by figure
	over    map[cell]int64   // numbers that do not fit their column
	days    map[civil.Date]int32
	tallies []*Tally
	clock   *atomic.Int64 // of the tallies' use
}

// state is a State in a byte.
type state uint8

var states = []State{NotStarted, Drafting, Signing, Submitted, Returned, Accepted}

func stateOf(s State) state { return state(max(slices.Index(states, s), 0)) }

// lumped is what a line stands for.
type lumped struct {
	n    int32
	kind string
}

type cell struct {
	figure, row int32
}

// column is one figure of all reports, as narrow as its unit of measure allows: one of the three, or none where the figure is not stored. In the first two the
// least number means that nothing is given, the next one that the number is in Columns.over.
type column struct {
	tiny []int8  // yes or no, grades
	cell []int32 // counts
	wide []int64 // money; None where nothing is given
}

const (
	noTiny  = math.MinInt8
	bigTiny = math.MinInt8 + 1
	noCell  = math.MinInt32
	bigCell = math.MinInt32 + 1
)

func (k *column) none() bool { return k.tiny == nil && k.cell == nil && k.wide == nil }

// grow makes room for n more reports, which give nothing yet.
func (k *column) grow(n int) {
	for range n {
		switch {
		case k.tiny != nil:
			k.tiny = append(k.tiny, noTiny)
		case k.cell != nil:
			k.cell = append(k.cell, noCell)
		case k.wide != nil:
			k.wide = append(k.wide, None)
		}
	}
}

// set writes a number into figure i of row r.
func (c *Columns) set(i int, r int32, v int64) {
	k := &c.cells[i]
	switch {
	case k.cell != nil:
		if k.cell[r] == bigCell {
			delete(c.over, cell{int32(i), r})
		}
		switch {
		case v == None:
			k.cell[r] = noCell
		case v > bigCell && v <= math.MaxInt32:
			k.cell[r] = int32(v)
		default:
			k.cell[r] = bigCell
			c.over[cell{int32(i), r}] = v
		}
	case k.tiny != nil:
		if k.tiny[r] == bigTiny {
			delete(c.over, cell{int32(i), r})
		}
		switch {
		case v == None:
			k.tiny[r] = noTiny
		case v > bigTiny && v <= math.MaxInt8:
			k.tiny[r] = int8(v)
		default:
			k.tiny[r] = bigTiny
			c.over[cell{int32(i), r}] = v
		}
	case k.wide != nil:
		k.wide[r] = v
	}
}

// Row is a report as Columns take it in.
type Row struct {
	ID, Unit string
	State    State
	Version  int
	Lump     int
	LumpKind string
	Due      civil.Date // or the later day that was granted
	First    civil.Date
	Values   Values
}

// NewColumns are no reports yet, with room for n.
func NewColumns(f *Form, n int) *Columns {
	c := &Columns{
		form: f, of: make(map[string]int32, n), next: make([]int32, 0, n), ids: make([][16]byte, 0, n), odd: map[string][16]byte{}, units: make([]string, 0, n),
		state: make([]state, 0, n), ver: make([]int32, 0, n), due: make([]int32, 0, n), first: make([]int32, 0, n), lump: map[int32]lumped{}, over: map[cell]int64{}, days: map[civil.Date]int32{}, clock: new(atomic.Int64),
	}
	c.cells = make([]column, len(f.Indicators))
	for i, x := range f.Indicators {
		switch {
		case !x.Stored():
		case x.Unit == YesNo || x.Unit == Grade:
			c.cells[i].tiny = make([]int8, 0, n)
		case x.Unit == VND:
			c.cells[i].wide = make([]int64, 0, n)
		default:
			c.cells[i].cell = make([]int32, 0, n)
		}
	}
	return c
}

// Len is the number of reports.
func (c *Columns) Len() int { return len(c.units) }

// short is a report's id in 16 bytes: an UUID's own, else one of a row of numbers that no UUID has.
func (c *Columns) short(id string) (out [16]byte, known bool) {
	if len(id) == 36 && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-' {
		var digits [32]byte
		n := copy(digits[:], id[:8])
		n += copy(digits[n:], id[9:13])
		n += copy(digits[n:], id[14:18])
		n += copy(digits[n:], id[19:23])
		copy(digits[n:], id[24:])
		if _, err := hex.Decode(out[:], digits[:]); err == nil {
			return out, true
		}
	}
	out, known = c.odd[id]
	return out, known
}

// ID is the id of a row's report.
func (c *Columns) ID(r int32) string {
	b := c.ids[r]
	if b[0] == 0xff {
		for id, x := range c.odd {
			if x == b {
				return id
			}
		}
	}
	var d [36]byte
	hex.Encode(d[:8], b[:4])
	d[8] = '-'
	hex.Encode(d[9:13], b[4:6])
	d[13] = '-'
	hex.Encode(d[14:18], b[6:8])
	d[18] = '-'
	hex.Encode(d[19:23], b[8:10])
	d[23] = '-'
	hex.Encode(d[24:], b[10:])
	return string(d[:])
}

// find is the row of a report.
func (c *Columns) find(id, unit string) (int32, bool) {
	short, ok := c.short(id)
	if !ok {
		return 0, false
	}
	for r := range c.RowsOf(unit) {
		if c.ids[r] == short {
			return r, true
		}
	}
	return 0, false
}

// RowsOf goes over the rows of a unit: its report, and the lines that it entered for others.
func (c *Columns) RowsOf(unit string) func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		r, ok := c.of[unit]
		for ok {
			if !yield(r) {
				return
			}
			r = c.next[r]
			ok = r >= 0
		}
	}
}

func dayNumber(d civil.Date) int32 {
	if d == civil.None {
		return 0
	}
	return int32(d.Sub("1900-01-01")) + 1
}

// day is dayNumber; the days of a period's reports are few.
func (c *Columns) day(d civil.Date) int32 {
	n, ok := c.days[d]
	if !ok {
		n = dayNumber(d)
		c.days[d] = n
	}
	return n
}

// add makes a row, which has no figures yet: its columns and tallies must grow with it.
func (c *Columns) add(id, unit string) int32 {
	short, ok := c.short(id)
	if !ok {
		n := len(c.odd)
		short = [16]byte{0: 0xff, 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
		c.odd[id] = short
	}
	r := int32(len(c.units))
	next := int32(-1)
	if first, ok := c.of[unit]; ok {
		next = c.next[first]
		c.next[first] = r
	} else {
		c.of[unit] = r
	}
	c.next, c.ids, c.units, c.state, c.ver = append(c.next, next), append(c.ids, short), append(c.units, unit), append(c.state, 0), append(c.ver, 0)
	c.due, c.first = append(c.due, 0), append(c.first, 0)
	return r
}

// Put takes in a report, or what it is now. An older version than the one known is passed over; it reports whether anything changed.
func (c *Columns) Put(x Row) bool {
	r, ok := c.find(x.ID, x.Unit)
	if ok && int(c.ver[r]) >= x.Version {
		return false
	}
	if !ok {
		r = c.add(x.ID, x.Unit)
		for i := range c.cells {
			c.cells[i].grow(1)
		}
		for _, t := range c.tallies {
			t.grow(c, r)
		}
	}
	for _, t := range c.tallies {
		t.count(c, r, -1)
	}
	c.head(r, &x)
	for i := range c.cells {
		v := None
		if i < len(x.Values) {
			v = x.Values[i]
		}
		c.set(i, r, v)
	}
	for _, t := range c.tallies {
		t.count(c, r, 1)
		if !ok {
			t.ask(c, r)
		}
	}
	return true
}

// head takes in all of a row but its figures.
func (c *Columns) head(r int32, x *Row) {
	c.state[r], c.ver[r], c.due[r], c.first[r] = stateOf(x.State), int32(x.Version), c.day(x.Due), c.day(x.First)
	if x.LumpKind != "" {
		c.lump[r] = lumped{int32(x.Lump), x.LumpKind}
	}
}

// fill takes in many reports that are all new, before anybody asked for a grouping, column by column: values has the figures of each.
func (c *Columns) fill(rows []Row, values []Values) {
	from := len(c.units)
	for k := range rows {
		c.head(c.add(rows[k].ID, rows[k].Unit), &rows[k])
	}
	for i := range c.cells {
		col := &c.cells[i]
		if col.none() {
			continue
		}
		col.grow(len(rows))
		if col.cell != nil {
			for k, out := 0, col.cell[from:]; k < len(rows); k++ {
				if v := values[k][i]; v > bigCell && v <= math.MaxInt32 {
					out[k] = int32(v)
				} else if v != None {
					c.set(i, int32(from+k), v)
				}
			}
			continue
		}
		for k := range rows {
			if v := values[k][i]; v != None {
				c.set(i, int32(from+k), v)
			}
		}
	}
}

// Value is figure i of row r.
func (c *Columns) Value(i int, r int32) int64 {
	k := &c.cells[i]
	switch {
	case k.cell != nil:
		switch x := k.cell[r]; x {
		case noCell:
			return None
		case bigCell:
			return c.over[cell{int32(i), r}]
		default:
			return int64(x)
		}
	case k.tiny != nil:
		switch x := k.tiny[r]; x {
		case noTiny:
			return None
		case bigTiny:
			return c.over[cell{int32(i), r}]
		default:
			return int64(x)
		}
	case k.wide != nil:
		return k.wide[r]
	}
	return None
}

// Values are all figures of row r.
func (c *Columns) Values(r int32) Values {
	out := make(Values, len(c.cells))
	for i := range c.cells {
		out[i] = c.Value(i, r)
	}
	return out
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

// Group adds up the reports by group: of says in which group a report's unit is, -1 for none; groups is their number.
func (c *Columns) Group(groups int, which Which, of func(unit string) int) []*Sums {
	out := make([]*Sums, groups)
	for i := range out {
		out[i] = newSums(len(c.cells))
	}
	at := make([]int32, len(c.units))
	for r, u := range c.units {
		at[r] = -1
		if which.takes(states[c.state[r]]) {
			if g := of(u); g >= 0 && g < groups {
				at[r] = int32(g)
			}
		}
	}
	c.addUp(out, at)
	return out
}

// addUp adds the rows to the groups, -1 for none, column by column.
func (c *Columns) addUp(out []*Sums, at []int32) {
	for _, g := range at {
		if g >= 0 {
			out[g].Reports++
		}
	}
	for i := range c.cells {
		if c.cells[i].none() {
			continue
		}
		x := c.form.Indicators[i]
		for r, g := range at {
			if g < 0 {
				continue
			}
			if v := c.Value(i, int32(r)); v != None {
				out[g].take(x, i, v, 1)
			}
		}
	}
}

// Rows are the reports of the units for which take says so, by row.
func (c *Columns) Rows(take func(unit string, st State) bool) []int32 {
	var out []int32
	for r, u := range c.units {
		if take(u, states[c.state[r]]) {
			out = append(out, int32(r))
		}
	}
	return out
}

// Unit and State are those of a row.
func (c *Columns) Unit(r int32) string { return c.units[r] }

// StateOf is the state of a row.
func (c *Columns) StateOf(r int32) State { return states[c.state[r]] }

// Version is that of a row's report.
func (c *Columns) Version(r int32) int { return int(c.ver[r]) }

// Lump is for how many units of which kind a row stands; 0 for an ordinary report.
func (c *Columns) Lump(r int32) (n int, kind string) {
	l := c.lump[r]
	return int(l.n), l.kind
}

// Late is the number of days by which the row's report came, or is by today, after its day.
func (c *Columns) Late(r int32, today civil.Date) int {
	end := c.first[r]
	if end == 0 {
		end = dayNumber(today)
	}
	if c.due[r] == 0 {
		return 0
	}
	return int(max(end-c.due[r], 0))
}

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
func (c *Columns) has(id, unit string, version int) bool {
	r, ok := c.find(id, unit)
	return ok && int(c.ver[r]) >= version
}
