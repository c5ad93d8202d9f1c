package plan

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// board is a plan's assignments in memory.
type board struct {
	mu    sync.Mutex
	plan  *Plan
	list  []*Assignment
	at    map[string]int
	ready bool
	stock *stock

	dirtyMu sync.Mutex
	dirty   map[string]bool
}

// stock is what was computed from the assignments for one day and one tree; it never changes.
type stock struct {
	day    civil.Date
	units  *org.Unit // first unit of the tree: another tree, another stock
	n      int
	rows   []*Row
	groups []*Group // without sums
}

// stale notes that an assignment must be read again.
func (b *board) stale(assignment string) {
	b.dirtyMu.Lock()
	defer b.dirtyMu.Unlock()
	if b.dirty == nil {
		b.dirty = map[string]bool{}
	}
	b.dirty[assignment] = true
}

func (b *board) takeDirty() []string {
	b.dirtyMu.Lock()
	defer b.dirtyMu.Unlock()
	var out []string
	for id := range b.dirty {
		out = append(out, id)
	}
	b.dirty = nil
	return out
}

// boardOf is the board in memory, made where it is not there.
func (s *Service) boardOf(ctx context.Context, id string) (*board, *Plan, []Role, error) {
	if err := s.lock(ctx); err != nil {
		return nil, nil, nil, err
	}
	defer s.kept.mu.Unlock()
	p, err := s.planLocked(ctx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	roles, err := s.rolesLocked(ctx, s.province(p.Unit, s.clock.Today()))
	if err != nil {
		return nil, nil, nil, err
	}
	c := &s.kept
	b := c.boards[id]
	if b == nil {
		b = &board{}
		c.boards[id] = b
	}
	c.order = append(slices.DeleteFunc(c.order, func(x string) bool { return x == id || c.boards[x] == nil }), id)
	for len(c.order) > keepBoards {
		delete(c.boards, c.order[0])
		c.order = c.order[1:]
	}
	return b, p, roles, nil
}

// load brings the assignments up to date: two queries where anything changed, none otherwise. b.mu is held.
func (s *Service) load(ctx context.Context, b *board, p *Plan) error {
	dirty := b.takeDirty()
	if !b.ready {
		list, err := readAssignments(ctx, s.db, `a.plan_id=$1 AND a.dropped=''`, p.ID)
		if err != nil {
			return err
		}
		b.list, b.ready, b.stock = list, true, nil
		b.at = make(map[string]int, len(list))
		same := interner{}
		for i, a := range list {
			b.at[a.ID] = i
			a.Plan, a.Task, a.Unit = p.ID, same.of(a.Task), same.of(a.Unit)
			same.day(&a.Given)
			same.day(&a.Received)
			same.day(&a.Last)
			for j := range a.Occ {
				o := &a.Occ[j]
				o.Assignment = a.ID
				same.day(&o.Due)
				same.day(&o.Limit)
				same.day(&o.Done)
				same.day(&o.Entered)
			}
		}
	} else if len(dirty) > 0 {
		const part = 100
		for len(dirty) > 0 {
			n := min(part, len(dirty))
			ids := slices.Clone(dirty[:n])
			dirty = dirty[n:]
			for len(ids) < part && len(ids) > 1 { // few texts, so that they stay prepared
				ids = append(ids, ids[0])
			}
			list, err := readAssignments(ctx, s.db, `a.id IN `+in(len(ids))+` AND a.dropped=''`, db.Args(ids)...)
			if err != nil {
				b.ready = false
				return err
			}
			found := map[string]*Assignment{}
			for _, a := range list {
				found[a.ID] = a
			}
			for _, id := range ids {
				a, i := found[id], -1
				if j, ok := b.at[id]; ok {
					i = j
				}
				switch {
				case a == nil && i >= 0:
					b.ready = false // an assignment was taken away: rare
				case a != nil && i >= 0:
					b.list[i] = a
				case a != nil:
					b.at[id] = len(b.list)
					b.list = append(b.list, a)
				}
			}
		}
		b.stock = nil
		if !b.ready {
			return s.load(ctx, b, p)
		}
	}
	if b.plan != p {
		b.plan, b.stock = p, nil
	}
	return nil
}

// interner lets equal texts share one piece of memory.
type interner map[string]string

func (in interner) of(s string) string {
	if t, ok := in[s]; ok {
		return t
	}
	in[s] = s
	return s
}

func (in interner) day(d *civil.Date) { *d = civil.Date(in.of(string(*d))) }

// Facts are what the state of the assignment follows from. unitEnd is the unit's last day.
func (a *Assignment) Facts(t *Task, planEnd, unitEnd civil.Date) Facts {
	f := Facts{Request: a.Request, NA: a.NA, Given: a.Given, Received: a.Received, Last: a.Last, PlanEnd: planEnd, UnitEnd: unitEnd, Occ: a.Occ}
	if len(t.Days()) == 0 {
		f.Recurs = t.Recurs
	}
	return f
}

// boardDay is the day whose tree shows the board: today, but not after the plan's last day.
func boardDay(p *Plan, today civil.Date) civil.Date {
	if p.To != civil.None && today > p.To {
		return p.To
	}
	return max(today, p.Signed)
}

// compute makes the rows of the board for a day. b.mu is held.
func (s *Service) compute(b *board, p *Plan, today civil.Date) *stock {
	tree := s.units.On(boardDay(p, today))
	var first *org.Unit
	if tree.Len() > 0 {
		first = tree.All()[0]
	}
	if b.stock != nil && b.stock.day == today && b.stock.units == first && b.stock.n == tree.Len() {
		return b.stock
	}
	column := make(map[string]int, len(p.Tasks))
	for i, t := range p.Tasks {
		column[t.ID] = i
	}
	st := &stock{day: today, units: first, n: tree.Len()}
	rows := map[string]*Row{}
	groups := map[string]*Group{}
	for _, a := range b.list {
		col, ok := column[a.Task]
		if !ok {
			continue
		}
		r := rows[a.Unit]
		if r == nil {
			u, ok := tree.ByID(a.Unit)
			if !ok {
				if u, ok = s.units.Near(a.Unit, boardDay(p, today)); !ok {
					continue
				}
			}
			g := s.groupOf(u, p, tree)
			if groups[g.Key] == nil {
				groups[g.Key] = g
				st.groups = append(st.groups, g)
			}
			r = &Row{Unit: u, Group: g.Key, Cells: make([]Cell, len(p.Tasks))}
			rows[a.Unit] = r
			st.rows = append(st.rows, r)
		}
		r.Cells[col] = cellOf(a, p.Tasks[col], p.To, r.Unit.To, today)
		r.Assigned++
		if a.Received != civil.None || a.NA == NARule || a.NA == NAAgreed {
			r.Received++
		}
	}
	slices.SortFunc(st.groups, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(groupRank(a), groupRank(b)), strings.Compare(a.code(), b.code()))
	})
	place := map[string]int{}
	for i, g := range st.groups {
		place[g.Key] = i
	}
	slices.SortFunc(st.rows, func(a, b *Row) int {
		ga, gb := st.groups[place[a.Group]], st.groups[place[b.Group]]
		return cmp.Or(place[a.Group]-place[b.Group], db.Flag(ga.Unit != a.Unit)-db.Flag(gb.Unit != b.Unit), kindRank(a.Unit)-kindRank(b.Unit), strings.Compare(a.Unit.SortKey, b.Unit.SortKey), strings.Compare(a.Unit.ID, b.Unit.ID))
	})
	for _, r := range st.rows {
		r.sum(nil)
	}
	b.stock = st
	return st
}

func kindRank(u *org.Unit) int { return slices.Index(org.Kinds, u.Kind) }

func cellOf(a *Assignment, t *Task, planEnd, unitEnd, today civil.Date) Cell {
	f := a.Facts(t, planEnd, unitEnd)
	c := Cell{Assignment: a.ID, State: CellState(&f, today), Request: a.Request, Sample: a.Sample, Due: f.NextDue()}
	c.counted = Count(&f, c.State, today)
	for i := range f.Occ {
		o := &f.Occ[i]
		c.Open = c.Open || o.Open()
		if c.State == Overdue && f.OccState(o, today) == Overdue {
			missed := o.Due
			if o.Returned {
				missed = o.AnswerBy
			}
			c.Late = max(c.Late, f.asOf(today).Sub(missed))
		}
	}
	if !c.Open {
		for i := range f.Occ {
			c.Due = max(c.Due, f.Occ[i].Due)
		}
	}
	if c.State == DueSoon {
		c.Late = c.Due.Sub(today)
	}
	if c.State == NotApplicable {
		c.Open = false
	}
	return c
}

// sum counts the row's cells, all of them or those of some columns.
func (r *Row) sum(columns []int) {
	r.Done, r.Due, r.DoneDue, r.Overdue = 0, 0, 0, 0
	add := func(c *Cell) {
		if c.counted.Done {
			r.Done++
		}
		if c.counted.Due {
			r.Due++
			if c.counted.Done {
				r.DoneDue++
			}
		}
		if c.counted.Overdue {
			r.Overdue++
		}
	}
	if columns == nil {
		for i := range r.Cells {
			add(&r.Cells[i])
		}
		return
	}
	for _, i := range columns {
		add(&r.Cells[i])
	}
}

// The groups of bodies that are no district's, in the order of the board.
const (
	groupIssuer     = "issuer"
	groupBodies     = "agencies"
	groupServices   = "service_units"
	groupFirms      = "enterprises"
	groupCommunes   = "communes"
	groupVillages   = "villages"
	groupOther      = "others"
	groupUnitPrefix = "unit-"
)

var groupOrder = []string{groupIssuer, groupBodies, groupServices, groupFirms}

func groupRank(g *Group) int {
	if i := slices.Index(groupOrder, g.Key); i >= 0 {
		return i
	}
	switch g.Key {
	case groupCommunes:
		return 20
	case groupVillages:
		return 21
	case groupOther:
		return 22
	}
	return 10
}

func (g *Group) code() string {
	if g.Unit != nil {
		return g.Unit.Code
	}
	return g.Key
}

// groupOf is the group of a unit on the board: its district where one stands between it and the issuer, else its kind.
func (s *Service) groupOf(u *org.Unit, p *Plan, tree *org.Tree) *Group {
	named := func(key string) *Group { return &Group{Key: key, Name: i18n.M("plan.group." + key)} }
	if u.ID == p.Unit {
		return named(groupIssuer)
	}
	if _, lives := tree.ByID(u.ID); !lives {
		tree = s.units.TreeOf(u.ID, tree.Day())
	}
	for _, id := range append([]string{u.ID}, tree.Above(u.ID)...) {
		if id == p.Unit {
			break
		}
		if d, ok := tree.ByID(id); ok && d.Kind == org.District {
			return &Group{Key: groupUnitPrefix + d.Code, Unit: d}
		}
	}
	switch u.Kind {
	case org.Agency, org.Front, org.Union, org.MassOrg, org.Party:
		return named(groupBodies)
	case org.ServiceUnit:
		return named(groupServices)
	case org.Enterprise:
		return named(groupFirms)
	case org.Commune:
		return named(groupCommunes)
	case org.Village:
		return named(groupVillages)
	}
	return named(groupOther)
}
