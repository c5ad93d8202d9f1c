package plan

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// Cell is one task at one unit on the board. A unit without the task has a cell without State.
type Cell struct {
	Assignment string
	State      State
	Due        civil.Date // the nearest last day of what is open, else the last one
	Late       int        // days that an overdue cell is late, or that a due_soon one has left
	Request    bool
	Open       bool // something is still to be done
	Sample     bool
	counted    Counted
}

// Wire is the state as the API gives it: a cell without an open occurrence shows its last result, else received, no_event or quiet. Pages also tell where
// continuous work has records of the last 90 days (Doing).
func (c *Cell) Wire() State {
	if c.State == Doing && !c.Open {
		return Received
	}
	return c.State
}

// Row is a unit on the board with a cell for each task of Board.Tasks.
type Row struct {
	Unit                        *org.Unit
	Group                       string
	Cells                       []Cell
	Done, Due, DoneDue, Overdue int // as the API counts; DoneDue are those of Due that are done
	Received, Assigned          int // assignments that the unit has received, of all it has
}

// Sum is the sum over some rows.
type Sum struct {
	Units, OverdueUnits         int
	Done, Due, DoneDue, Overdue int
	Received                    int // units that have received the plan: all that they have
}

func (s *Sum) add(r *Row) {
	s.Units++
	s.Done += r.Done
	s.Due += r.Due
	s.DoneDue += r.DoneDue
	s.Overdue += r.Overdue
	if r.Overdue > 0 {
		s.OverdueUnits++
	}
	if r.Assigned > 0 && r.Received == r.Assigned {
		s.Received++
	}
}

// Column is how many of the units of a group have done a task, of those that have it; requests and what does not apply are left out.
type Column struct{ Done, Of int }

// Group is a group of units: a district with its communes, or a kind of bodies of the province.
type Group struct {
	Key  string
	Unit *org.Unit // the district; nil for a kind of bodies
	Name i18n.Msg  // where Unit is nil
	Sum
	Columns []Column // by task of Board.Tasks
}

// TaskSum is a task over all units.
type TaskSum struct {
	Task                        *Task
	Units                       int
	ByState                     map[State]int
	Done, Due, DoneDue, Overdue int
}

// NextDay is the nearest last day of what is open.
type NextDay struct {
	Day   civil.Date
	Cells int
	Tasks []*Task
}

// Filter narrows the board. Empty fields do not.
type Filter struct {
	Under       string // unit id: the unit itself and all below it
	Kind        string // kind of units
	Group       string
	Member      string // id of a member of the steering committee: what is in their charge
	Task        string
	Room        string
	State       State
	Q           string // part of a unit's name, with or without marks
	OnlyOverdue bool
	After       string // cursor of the page before
	Limit       int    // rows; 0 is all
}

// Board is the tracking board of a plan.
type Board struct {
	Plan      *Plan
	Day       civil.Date
	Tasks     []*Task // the columns
	Rows      []*Row  // those that the actor may see, grouped
	Found     int     // rows before paging
	Hidden    bool    // rows exist that the actor may not see: only sums are shown
	Groups    []*Group
	AllGroups []*Group // without sums: every group of the plan, whatever the filter
	ByTask    []TaskSum
	Total     Sum
	Slowest   []*Group // at most three, the slowest first
	NextDue   NextDay
	Next      string // cursor of the next page; "" at the end
}

// Board is the board of a plan today as the actor may see it. Sums and groups are everybody's; rows show where the plan's progress is public, else
// to the unit, its superiors and the focal body. It takes one query where nothing changed since the last.
func (s *Service) Board(ctx context.Context, actor access.Actor, id string, f Filter) (*Board, error) {
	today := s.clock.Today()
	b, p, roles, err := s.boardOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.seePlan(actor, p, roles, today); err != nil {
		return nil, err
	}
	b.mu.Lock()
	err = s.load(ctx, b, p)
	var st *stock
	if err == nil {
		st = s.compute(b, p, today)
	}
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	var charge *Member
	if f.Member != "" {
		members, err := s.Members(ctx, p.Unit)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(members, func(m Member) bool { return m.ID == f.Member })
		if i < 0 {
			return nil, errs.E(errs.NotFound, "plan.member.none")
		}
		charge = &members[i]
	}
	return s.show(actor, p, roles, st, f, charge), nil
}

// seePlan is errs.NotFound where the plan is a draft that the actor may not edit.
func (s *Service) seePlan(actor access.Actor, p *Plan, roles []Role, today civil.Date) error {
	if p.Status != StatusDraft || access.Allowed(actor, access.EditPlan, s.planPlace(p, roles, today)) {
		return nil
	}
	return errs.E(errs.NotFound, "plan.none")
}

// Seen is the plan, where the actor may see it: a draft only where they may edit it. Else it is errs.NotFound, as if it were not there.
func (s *Service) Seen(ctx context.Context, actor access.Actor, id string) (*Plan, error) {
	p, roles, err := s.pair(ctx, id)
	if err != nil {
		return nil, err
	}
	return p, s.seePlan(actor, p, roles, s.clock.Today())
}

func (s *Service) show(actor access.Actor, p *Plan, roles []Role, st *stock, f Filter, charge *Member) *Board {
	out := &Board{Plan: p, Day: st.day, AllGroups: st.groups}
	var columns []int
	for i, t := range p.Tasks {
		if (f.Task == "" || t.ID == f.Task) && (f.Room == "" || t.Room == f.Room) {
			columns = append(columns, i)
			out.Tasks = append(out.Tasks, t)
			out.ByTask = append(out.ByTask, TaskSum{Task: t, ByState: map[State]int{}})
		}
	}
	groups := map[string]*Group{}
	for _, g := range st.groups {
		c := &Group{Key: g.Key, Unit: g.Unit, Name: g.Name, Columns: make([]Column, len(columns))}
		groups[g.Key] = c
		out.Groups = append(out.Groups, c)
	}
	tree := s.units.On(boardDay(p, st.day))
	narrow := len(columns) < len(p.Tasks)
	var shown []*Row
	next := nextDays{}
	for _, r := range st.rows {
		if f.Under != "" && !s.under(tree, r.Unit.ID, f.Under) || f.Kind != "" && r.Unit.Kind != f.Kind || f.Group != "" && r.Group != f.Group || charge != nil && !charge.has(r) {
			continue
		}
		if narrow {
			c := &Row{Unit: r.Unit, Group: r.Group, Cells: make([]Cell, len(columns)), Received: r.Received, Assigned: r.Assigned}
			some := false
			for j, i := range columns {
				c.Cells[j] = r.Cells[i]
				some = some || r.Cells[i].State != ""
			}
			if !some {
				continue
			}
			c.sum(nil)
			r = c
		}
		g := groups[r.Group]
		g.add(r)
		out.Total.add(r)
		for i := range r.Cells {
			c := &r.Cells[i]
			if c.State == "" {
				continue
			}
			out.ByTask[i].add(c)
			if !c.Request && c.State != NotApplicable {
				g.Columns[i].Of++
				if c.counted.Done {
					g.Columns[i].Done++
				}
				if c.Open && c.Due >= st.day {
					next.add(c.Due, out.Tasks[i])
				}
			}
		}
		shown = append(shown, r)
	}
	out.Groups = slices.DeleteFunc(out.Groups, func(g *Group) bool { return g.Units == 0 })
	out.Slowest = slowest(out.Groups)
	out.NextDue = next.first()
	out.Rows = s.visible(actor, p, roles, shown, st.day)
	out.Hidden = len(out.Rows) < len(shown)
	out.Rows = matching(out.Rows, f)
	out.Found = len(out.Rows)
	out.page(f)
	return out
}

func (t *TaskSum) add(c *Cell) {
	t.Units++
	t.ByState[c.State]++
	if c.counted.Done {
		t.Done++
	}
	if c.counted.Due {
		t.Due++
		if c.counted.Done {
			t.DoneDue++
		}
	}
	if c.counted.Overdue {
		t.Overdue++
	}
}

// under reports whether the unit is root or stood below it, also where one of them has ended.
func (s *Service) under(tree *org.Tree, id, root string) bool {
	if _, ok := tree.ByID(id); !ok {
		tree = s.units.TreeOf(id, tree.Day())
	}
	return tree.Under(id, root)
}

func (m *Member) has(r *Row) bool {
	return slices.Contains(m.Units, r.Unit.ID) || slices.Contains(m.Groups, r.Group)
}

// visible are the rows that the actor may see.
func (s *Service) visible(actor access.Actor, p *Plan, roles []Role, rows []*Row, today civil.Date) []*Row {
	if p.ProgressPublic || access.Allowed(actor, access.SteerPlan, s.planPlace(p, roles, today)) {
		return rows
	}
	if actor.Public() {
		return nil
	}
	var out []*Row
	for _, r := range rows {
		if access.Allowed(actor, access.ReadProgress, s.placeOf(p, r.Unit.ID, roles, today)) {
			out = append(out, r)
		}
	}
	return out
}

func matching(rows []*Row, f Filter) []*Row {
	q := i18n.Fold(strings.TrimSpace(f.Q))
	if q == "" && f.State == "" && !f.OnlyOverdue {
		return rows
	}
	var out []*Row
	for _, r := range rows {
		if f.OnlyOverdue && r.Overdue == 0 || q != "" && !strings.Contains(i18n.Fold(r.Unit.Name), q) {
			continue
		}
		if f.State != "" && !slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.State == f.State }) {
			continue
		}
		out = append(out, r)
	}
	return out
}

func (b *Board) page(f Filter) {
	if f.After != "" {
		after, err := base64.RawURLEncoding.DecodeString(f.After)
		i := slices.IndexFunc(b.Rows, func(r *Row) bool { return err == nil && r.Unit.ID == string(after) })
		b.Rows = b.Rows[i+1:]
	}
	if f.Limit > 0 && len(b.Rows) > f.Limit {
		b.Rows = b.Rows[:f.Limit:f.Limit]
		b.Next = base64.RawURLEncoding.EncodeToString([]byte(b.Rows[f.Limit-1].Unit.ID))
	}
}

// slowest are the three groups with the smallest share of what is due done, leaving out those that have done all.
func slowest(groups []*Group) []*Group {
	var out []*Group
	for _, g := range groups {
		if g.Due > g.DoneDue {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(a, b *Group) int { return cmp.Compare(a.DoneDue*b.Due, b.DoneDue*a.Due) })
	return out[:min(3, len(out))]
}

type nextDays map[civil.Date]*NextDay

func (n nextDays) add(day civil.Date, t *Task) {
	d := n[day]
	if d == nil {
		d = &NextDay{Day: day}
		n[day] = d
	}
	d.Cells++
	if !slices.Contains(d.Tasks, t) {
		d.Tasks = append(d.Tasks, t)
	}
}

func (n nextDays) first() NextDay {
	var out NextDay
	for _, d := range n {
		if out.Day == civil.None || d.Day < out.Day {
			out = *d
		}
	}
	return out
}
