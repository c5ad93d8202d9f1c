package plan

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// LeftWork is the open work of one unit that has ended.
type LeftWork struct {
	Unit  *org.Unit // as it was on its last day
	To    []*org.Unit
	Works []LeftTask
	May   bool // the actor may settle it
}

// LeftTask is one assignment with open occurrences at a unit that has ended.
type LeftTask struct {
	Assignment string
	Version    int
	Plan       *Plan
	Task       *Task
	State      State      // on the unit's last day
	Due        civil.Date // of the first open occurrence
	Open       int        // occurrences
	Person     string
}

// LeftWork is the open work of units that have ended: districts since 1 July 2025, merged communes. It goes to the list of the unit above that still lives
// (root), and to that of the units that came after.
func (s *Service) LeftWork(ctx context.Context, actor access.Actor, root string) ([]LeftWork, error) {
	today := s.clock.Today()
	tree := s.units.On(today)
	roles, err := s.Roles(ctx, s.province(root, today))
	if err != nil {
		return nil, err
	}
	pl := tree.Place(root)
	focal := RoleHolder(roles, RoleFocal, today)
	if focal != "" {
		pl.Focal = []string{focal}
	}
	if !access.Allowed(actor, access.ReadProgress, pl) {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	list, err := s.leftBy(ctx, tree, today)
	if err != nil {
		return nil, err
	}
	byUnit := map[string]*LeftWork{}
	for _, a := range list {
		if _, lives := tree.ByID(a.Unit); lives {
			continue
		}
		l := byUnit[a.Unit]
		if l == nil {
			l = &LeftWork{}
			byUnit[a.Unit] = l
			if u, ok := s.units.Near(a.Unit, today); ok && u.To != civil.None && u.To < today {
				heirs := s.heirs(a.Unit, today)
				if s.under(tree, a.Unit, root) || slices.ContainsFunc(heirs, func(h *org.Unit) bool { return h.ID == root }) {
					l.Unit, l.To, l.May = u, s.takers(heirs, root, focal, tree), true
				}
			}
		}
		if l.Unit == nil { // not this list's
			continue
		}
		p, err := s.Plan(ctx, a.Plan)
		if err != nil {
			return nil, err
		}
		t, ok := p.Task(a.Task)
		if !ok {
			continue
		}
		f := a.Facts(t, p.To, l.Unit.To)
		w := LeftTask{Assignment: a.ID, Version: a.Version, Plan: p, Task: t, State: CellState(&f, today), Due: f.NextDue(), Person: a.Person}
		for i := range a.Occ {
			if a.Occ[i].Open() {
				w.Open++
			}
		}
		l.May = l.May && s.maySettle(actor, p, a.Unit, roles, today)
		l.Works = append(l.Works, w)
	}
	var out []LeftWork
	for _, l := range byUnit {
		if l.Unit == nil || len(l.Works) == 0 {
			continue
		}
		slices.SortFunc(l.Works, func(a, b LeftTask) int {
			return cmp.Or(strings.Compare(late(a.Due), late(b.Due)), strings.Compare(a.Plan.ID, b.Plan.ID), a.Plan.TaskIndex(a.Task.ID)-b.Plan.TaskIndex(b.Task.ID))
		})
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b LeftWork) int {
		return cmp.Or(kindRank(a.Unit)-kindRank(b.Unit), strings.Compare(a.Unit.SortKey, b.Unit.SortKey), strings.Compare(a.Unit.ID, b.Unit.ID))
	})
	return out, nil
}

// leftBy are the assignments with open days of the units that have ended, under plans in force or lately over.
func (s *Service) leftBy(ctx context.Context, tree *org.Tree, today civil.Date) ([]*Assignment, error) {
	const open = `a.dropped='' AND a.na NOT IN ('rule','agreed') AND a.request=0 AND a.plan_id IN (SELECT p.id FROM plan p WHERE p.status='issued' AND p.to_day>=$1)`
	var gone []any
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		if _, lives := tree.ByID(id); !lives {
			gone = append(gone, id)
		}
		return err
	}, `SELECT DISTINCT a.unit_id FROM assignment a WHERE `+open, today.Add(-recentDays))
	if err != nil {
		return nil, err
	}
	var out []*Assignment
	for part := range slices.Chunk(gone, 400) {
		list, err := readAssignments(ctx, s.db, open+` AND a.unit_id IN `+db.In(len(part), 2)+`
			AND a.id IN (SELECT o.assignment_id FROM occurrence o WHERE (o.done='' OR o.returned=1) AND o.due<>'')`, append([]any{today.Add(-recentDays)}, part...)...)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// heirs are the living units into which a unit has gone, through several steps where they too have ended; in the order of the successions.
func (s *Service) heirs(unit string, today civil.Date) []*org.Unit {
	tree := s.units.On(today)
	var out []*org.Unit
	seen := map[string]bool{unit: true}
	next := []string{unit}
	for len(next) > 0 {
		id := next[0]
		next = next[1:]
		for _, x := range s.units.Successors(id, today) {
			if seen[x.New] || x.New == x.Old {
				continue
			}
			seen[x.New] = true
			if u, ok := tree.ByID(x.New); ok {
				out = append(out, u)
			} else {
				next = append(next, x.New)
			}
		}
	}
	return out
}

// takers are the units that may be given the work: those that came after, the unit above, the body that leads the plan's work.
func (s *Service) takers(heirs []*org.Unit, root, focal string, tree *org.Tree) []*org.Unit {
	out := slices.Clone(heirs)
	for _, id := range []string{root, focal} {
		if u, ok := tree.ByID(id); ok && !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

// maySettle reports whether the actor may settle the work of a unit that has ended: the superior that still lives and the focal body, and the heads of
// the units that came after.
func (s *Service) maySettle(actor access.Actor, p *Plan, unit string, roles []Role, today civil.Date) bool {
	tree := s.units.On(today)
	pl := s.placeOf(p, unit, roles, today)
	pl.Above = slices.DeleteFunc(slices.Clone(pl.Above), func(id string) bool { _, lives := tree.ByID(id); return !lives })
	if access.Allowed(actor, access.ReturnRecord, pl) {
		return true
	}
	return slices.ContainsFunc(s.heirs(unit, today), func(h *org.Unit) bool { return access.Allowed(actor, access.ConfirmRecord, tree.Place(h.ID)) })
}

// SettleOne is one assignment to be settled.
type SettleOne struct {
	Assignment string
	Version    int
	To         string // the unit that takes the work over; "" closes it
}

// Settle settles open work of units that have ended: each assignment is taken over or closed.
type Settle struct {
	Works  []SettleOne
	Reason string // why: it stays with each assignment
}

// How an assignment of a unit that has ended is settled.
const (
	SettleGiven  = "given"  // the taker gets an assignment of its own
	SettleJoined = "joined" // the taker has the same task: its own assignment counts
	SettleClosed = "closed" // nobody goes on
)

// Settled is what becomes of one assignment.
type Settled struct {
	How   string
	Plan  *Plan
	Task  *Task
	Unit  *org.Unit // that has ended
	To    *org.Unit // nil where it is closed
	Open  int       // occurrences that go over
	old   *Assignment
	taker *Assignment // where there is one
}

// PreviewSettle says what settling would do, without doing it.
func (s *Service) PreviewSettle(ctx context.Context, actor access.Actor, c Settle) ([]Settled, error) {
	return s.settled(ctx, s.db, actor, c, s.clock.Today())
}

// settled checks an order and works out what becomes of each assignment.
func (s *Service) settled(ctx context.Context, q db.Querier, actor access.Actor, c Settle, today civil.Date) ([]Settled, error) {
	var l errs.List
	if text(&l, "reason", strings.TrimSpace(c.Reason), true, 1000); len(c.Works) == 0 {
		l.Add("work", "plan.settle.nothing")
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	tree := s.units.On(today)
	plans, roles := map[string]*Plan{}, map[string][]Role{}
	given := map[string]bool{} // plan, task and unit that this order gives already
	var out []Settled
	for _, w := range c.Works {
		a, err := readAssignment(ctx, q, w.Assignment)
		if err != nil {
			return nil, err
		}
		if plans[a.Plan] == nil {
			if plans[a.Plan], err = readPlan(ctx, q, a.Plan); err != nil {
				return nil, err
			}
			if roles[a.Plan], err = readRoles(ctx, q, s.province(plans[a.Plan].Unit, today)); err != nil {
				return nil, err
			}
		}
		p := plans[a.Plan]
		t, ok := p.Task(a.Task)
		if !ok || a.Dropped != civil.None {
			return nil, errs.E(errs.Gone, "plan.task.dropped", "task", a.Task)
		}
		u, ok := s.units.Near(a.Unit, today)
		if !ok || !s.maySettle(actor, p, a.Unit, roles[a.Plan], today) {
			return nil, errs.E(errs.NotFound, "plan.assignment.none")
		}
		if u.To == civil.None || u.To >= today {
			return nil, errs.E(errs.Conflict, "plan.settle.lives")
		}
		if err := version(w.Version, a.Version); err != nil {
			return nil, err
		}
		if a.NA == NARule || a.NA == NAAgreed || a.firstOpen() == nil {
			return nil, errs.E(errs.Conflict, "plan.settle.done")
		}
		x := Settled{How: SettleClosed, Plan: p, Task: t, Unit: u, old: a}
		for i := range a.Occ {
			if a.Occ[i].Open() {
				x.Open++
			}
		}
		if w.To != "" {
			focal := RoleHolder(roles[a.Plan], RoleFocal, today)
			heirs := s.heirs(a.Unit, today)
			i := slices.IndexFunc(heirs, func(h *org.Unit) bool { return h.ID == w.To })
			switch to, lives := tree.ByID(w.To); {
			case i >= 0:
				x.To = heirs[i]
			case lives && (to.ID == focal || s.under(tree, a.Unit, to.ID)):
				x.To = to
			default:
				return nil, errs.At("to", "plan.settle.to")
			}
			x.How = SettleGiven
			list, err := readAssignments(ctx, q, `a.plan_id=$1 AND a.task_id=$2 AND a.unit_id=$3`, a.Plan, a.Task, x.To.ID)
			if err != nil {
				return nil, err
			}
			key := a.Plan + "\x00" + a.Task + "\x00" + x.To.ID
			if len(list) > 0 {
				x.taker = list[0]
			}
			if x.taker != nil || given[key] {
				x.How = SettleJoined
			}
			given[key] = true
		}
		out = append(out, x)
	}
	return out, nil
}

// SettleTx takes the work of units that have ended off the list of work without holder: the taker gets it on its own list from today on, or nobody goes on
// with it and the reason says why. What the ended unit had done stays with it. It returns what became of each assignment.
func (s *Service) SettleTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Settle) ([]Settled, error) {
	list, err := s.settled(ctx, tx, actor, c, tx.Today())
	if err != nil {
		return nil, err
	}
	c.Reason = strings.TrimSpace(c.Reason)
	fresh := map[string]*Assignment{}
	var steps []Step
	var made []*Assignment
	byPlan, byUnit := map[string][]string{}, map[string][]Settled{}
	var units []string
	for i := range list {
		x := &list[i]
		a := x.old
		w := work{Assignment: a, plan: x.Plan, task: x.Task}
		w.NA, w.NAReason = NAAgreed, c.Reason
		if err := w.save(ctx, tx); err != nil {
			return nil, err
		}
		step := Step{Assignment: a.ID, Unit: a.Unit, Kind: StepClosed, Reason: c.Reason}
		if x.To != nil {
			step.Kind, step.Reason = StepPassedOn, x.To.Name
			key := a.Plan + "\x00" + a.Task + "\x00" + x.To.ID
			taker := x.taker
			if taker == nil {
				taker = fresh[key]
			}
			if taker == nil {
				taker = takeOver(tx, x)
				fresh[key], made = taker, append(made, taker)
			}
			steps = append(steps, Step{Assignment: taker.ID, Unit: x.To.ID, Kind: StepTakenOver, Reason: x.Unit.Name})
			byPlan[a.Plan] = append(byPlan[a.Plan], taker.ID)
		}
		steps = append(steps, step)
		byPlan[a.Plan] = append(byPlan[a.Plan], a.ID)
		if byUnit[a.Unit] == nil {
			units = append(units, a.Unit)
		}
		byUnit[a.Unit] = append(byUnit[a.Unit], *x)
	}
	if err := insertAssignments(ctx, tx, made); err != nil {
		return nil, err
	}
	if err := insertSteps(ctx, tx, actor, steps...); err != nil {
		return nil, err
	}
	for _, id := range units {
		if err := s.recordSettled(ctx, tx, actor, byUnit[id], c.Reason); err != nil {
			return nil, err
		}
	}
	for plan, ids := range byPlan {
		if err := touch(ctx, tx, plan, ids...); err != nil {
			return nil, err
		}
	}
	return list, s.tellTakers(ctx, tx, made)
}

// takeOver is the assignment of the unit that takes work over: its open days and events, from today on. Whoever did it goes on where they are named.
func takeOver(tx *db.Tx, x *Settled) *Assignment {
	a := &Assignment{
		ID: tx.NewID(), Plan: x.Plan.ID, Task: x.Task.ID, Unit: x.To.ID, Request: x.old.Request, Given: tx.Today(), Person: x.old.Person, Account: x.old.Account, Version: 1,
	}
	for i := range x.old.Occ {
		if o := &x.old.Occ[i]; o.Open() {
			a.Occ = append(a.Occ, Occurrence{ID: tx.NewID(), Assignment: a.ID, Seq: o.Seq, Event: o.Event, Due: o.Due, Limit: o.Limit, Version: 1})
		}
	}
	return a
}

// recordSettled writes what was settled of one unit into the audit log.
func (s *Service) recordSettled(ctx context.Context, tx *db.Tx, actor access.Actor, list []Settled, reason string) error {
	type line struct {
		Assignment string `json:"assignment"`
		Plan       string `json:"plan"`
		Task       string `json:"task"`
		How        string `json:"how"`
		To         string `json:"to,omitempty"`
	}
	lines := make([]line, len(list))
	unit := list[0].Unit
	touches := []string{"unit:" + unit.ID}
	given := 0
	for i, x := range list {
		lines[i] = line{Assignment: x.old.ID, Plan: x.Plan.ID, Task: x.Task.ID, How: x.How}
		tags := []string{"plan:" + x.Plan.ID}
		if x.To != nil {
			given++
			lines[i].To = x.To.ID
			tags = append(tags, "unit:"+x.To.ID)
		}
		for _, tag := range tags {
			if !slices.Contains(touches, tag) {
				touches = append(touches, tag)
			}
		}
	}
	return record(ctx, tx, actor, entry{
		action: "plan.settle", unit: unit.ID, kind: "unit", subject: unit.ID, msg: i18n.M("plan.audit.settle", "unit", unit.Name, "given", given, "closed", len(list)-given),
		details: map[string]any{"reason": reason, "works": lines}, touches: touches,
	})
}

// tellTakers tells those who get work of a unit that has ended, each unit once a plan.
func (s *Service) tellTakers(ctx context.Context, tx *db.Tx, made []*Assignment) error {
	n := map[[2]string]int{}
	var order [][2]string
	for _, a := range made {
		key := [2]string{a.Unit, a.Plan}
		if n[key]++; n[key] == 1 {
			order = append(order, key)
		}
	}
	for _, key := range order {
		if err := s.tell(ctx, tx, "", key[0], "plan.taken_over", i18n.M("plan.notice.taken_over", "n", n[key]), HomeLink, civil.None); err != nil {
			return err
		}
	}
	return nil
}
