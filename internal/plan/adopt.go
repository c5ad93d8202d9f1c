package plan

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// Adopt makes the draft of a unit's own plan from its superior's: the tasks that fall on the unit, with their days, for its own people, and those that
// fall only on units below it, to be passed on. It is stored by DeriveTx.
func (s *Service) Adopt(ctx context.Context, actor access.Actor, parent, unit string) (*Plan, error) {
	up, roles, err := s.pair(ctx, parent)
	if err != nil {
		return nil, err
	}
	today := s.clock.Today()
	if up.Status == StatusDraft {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	p := up.Clone()
	p.ID, p.Number, p.Unit, p.Parent, p.Status, p.Template, p.File = "", "", unit, up.ID, StatusDraft, up.ID, ""
	p.Signed, p.Signer, p.SignerTitle, p.Issued, p.Version, p.ProgressPublic, p.Roles = civil.None, "", "", civil.None, 0, false, nil
	if err := may(actor, access.EditPlan, s.planPlace(p, roles, today), true); err != nil {
		return nil, err
	}
	tree := s.units.TreeOf(unit, today)
	u, ok := tree.ByID(unit)
	if !ok {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	list, err := s.assignmentsUnder(ctx, up.ID, tree, unit)
	if err != nil {
		return nil, err
	}
	p.ID = s.newID(p, today)
	mine, below := map[string]*Assignment{}, map[string][]string{}
	for _, a := range list {
		if a.NA == NARule || a.NA == NAAgreed {
			continue
		}
		if a.Unit == unit {
			mine[a.Task] = a
		} else if v, ok := tree.ByID(a.Unit); ok && !slices.Contains(below[a.Task], v.Kind) {
			below[a.Task] = append(below[a.Task], v.Kind)
		}
	}
	p.Tasks = p.Tasks[:0]
	for _, t := range up.Tasks {
		t = t.Clone()
		t.From, t.To, t.ToUnits, t.ToRoles, t.OnlyIf, t.Mode = t.ID, nil, nil, nil, "", ""
		switch {
		case mine[t.ID] != nil:
			t.ToUnits = []string{u.Code}
			t.takeDays(mine[t.ID])
		case len(below[t.ID]) > 0:
			t.To, t.PassDown = below[t.ID], true
		default:
			continue
		}
		p.Tasks = append(p.Tasks, t)
		if a := mine[t.ID]; a != nil && p.Fulfils == "" && t.Kind == "plan" && t.Room == "lead" {
			p.Fulfils = a.ID
		}
	}
	if len(p.Tasks) == 0 {
		return nil, errs.E(errs.NotFound, "plan.adopt.nothing")
	}
	return p, nil
}

// assignmentsUnder are a plan's assignments at a unit and below it.
func (s *Service) assignmentsUnder(ctx context.Context, plan string, tree *org.Tree, unit string) ([]*Assignment, error) {
	var out []*Assignment
	ids := []any{}
	flush := func() error {
		if len(ids) == 0 {
			return nil
		}
		list, err := readAssignments(ctx, s.db, `a.plan_id=$1 AND a.dropped='' AND a.unit_id IN `+db.In(len(ids), 2), append([]any{plan}, ids...)...)
		out, ids = append(out, list...), ids[:0]
		return err
	}
	for u := range tree.Walk(unit) {
		if ids = append(ids, u.ID); len(ids) == 400 {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	return out, flush()
}

// linked parts the targets of a unit's own plan: those whose task came from the superior's plan, at units that have that task already, become links that
// carry the own day; the others become assignments. Only issuing calls it.
func (s *Service) linked(ctx context.Context, tx *db.Tx, p *Plan, targets []Target) ([]Target, int, error) {
	if p.Parent == "" {
		return targets, 0, nil
	}
	var rest []Target
	links := 0
	for _, tg := range targets {
		id, err := superior(ctx, tx, p.Parent, tg.Task.From, tg.Unit.ID)
		if err != nil {
			return nil, 0, err
		}
		if id == "" {
			rest = append(rest, tg)
			continue
		}
		due, days := linkDays(tg.Task)
		res, err := tx.Exec(ctx, `INSERT INTO plan_link(plan_id,task_id,assignment_id,unit_id,due,days) VALUES($1,$2,$3,$4,$5,$6)
			ON CONFLICT(plan_id,task_id,assignment_id) DO UPDATE SET due=excluded.due, days=excluded.days WHERE plan_link.due<>excluded.due OR plan_link.days<>excluded.days`,
			p.ID, tg.Task.ID, id, tg.Unit.ID, due, days)
		if err != nil {
			return nil, 0, err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return nil, 0, err
			}
			continue
		}
		links++
		if tg.Unit.ID == p.Unit && tg.Task.Person != "" {
			if _, err := tx.Exec(ctx, `UPDATE assignment SET person=$2, account=$3, version=version+1 WHERE id=$1 AND person=''`, id, tg.Task.Person, tg.Task.Account); err != nil {
				return nil, 0, err
			}
		}
		if err := touch(ctx, tx, p.Parent, id); err != nil {
			return nil, 0, err
		}
	}
	return rest, links, nil
}

// superior finds the assignment of a task at a unit in a plan or, where the task itself came from above, in the plans above; "" where there is none.
func superior(ctx context.Context, tx db.Querier, plan, task, unit string) (string, error) {
	for range 4 {
		if plan == "" || task == "" {
			return "", nil
		}
		var id string
		err := tx.QueryRow(ctx, `SELECT id FROM assignment WHERE plan_id=$1 AND task_id=$2 AND unit_id=$3 AND dropped=''`, plan, task, unit).Scan(&id)
		if !errors.Is(err, sql.ErrNoRows) {
			return id, err
		}
		up, err := readPlan(ctx, tx, plan)
		if err != nil {
			return "", err
		}
		t, ok := up.Task(task)
		if !ok {
			return "", nil
		}
		plan, task = up.Parent, t.From
	}
	return "", nil
}

// How a unit took over a task of its superior's plan.
const (
	Adopted   = "adopted"
	Altered   = "changed"
	Ignored   = "ignored"
	AddedTask = "added" // a task of its own
)

// Taken is what became of a superior's task in a unit's own plan.
type Taken struct {
	How    string
	Task   *Task // the superior's; nil where the unit added one
	Own    *Task // the unit's; nil where it was ignored
	Fields []string
}

// Adoption is a unit's own plan beside its superior's.
type Adoption struct {
	Unit                             *org.Unit
	Own                              *Plan // nil where the unit has issued none
	Adopted, Altered, Ignored, Added int
	Tasks                            []Taken
}

// compare says what became of the superior's tasks that fall on a unit.
func compare(up, own *Plan, mine map[string]bool) Adoption {
	out := Adoption{Own: own}
	for _, t := range up.Tasks {
		if !mine[t.ID] {
			continue
		}
		i := slices.IndexFunc(own.Tasks, func(o *Task) bool { return o.From == t.ID })
		if i < 0 {
			out.Ignored++
			out.Tasks = append(out.Tasks, Taken{How: Ignored, Task: t})
			continue
		}
		o := own.Tasks[i]
		var f []string
		for _, x := range []struct {
			name string
			same bool
		}{
			{"title_vi", o.TitleVI == t.TitleVI},
			{"due", slices.Equal(ordered(o), ordered(t))},
			{"recurs", o.Recurs == t.Recurs},
			{"kind", o.Kind == t.Kind},
			{"evidence", slices.Equal(o.Evidence, t.Evidence)},
			{"acts", slices.Equal(o.Acts, t.Acts)},
		} {
			if !x.same {
				f = append(f, x.name)
			}
		}
		tk := Taken{How: Adopted, Task: t, Own: o, Fields: f}
		if len(f) > 0 {
			tk.How = Altered
			out.Altered++
		} else {
			out.Adopted++
		}
		out.Tasks = append(out.Tasks, tk)
	}
	for _, o := range own.Tasks {
		if o.From == "" {
			out.Added++
			out.Tasks = append(out.Tasks, Taken{How: AddedTask, Own: o})
		}
	}
	return out
}

// Adoptions lists the units that have a task of the plan which asks for an own plan, or that have issued one, each with what became of the tasks. The actor
// sees the units whose progress it may see.
func (s *Service) Adoptions(ctx context.Context, actor access.Actor, id string, f Filter) ([]Adoption, error) {
	b, err := s.Board(ctx, actor, id, f)
	if err != nil {
		return nil, err
	}
	own, err := s.ownPlans(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []Adoption
	for _, r := range b.Rows {
		mine := map[string]bool{}
		asked := false
		for i, c := range r.Cells {
			if c.State == "" || c.State == NotApplicable {
				continue
			}
			mine[b.Tasks[i].ID] = true
			asked = asked || b.Tasks[i].Kind == "plan" && b.Tasks[i].Room == "lead"
		}
		a := Adoption{Unit: r.Unit}
		if p := own[r.Unit.ID]; p != nil {
			a = compare(b.Plan, p, mine)
			a.Unit = r.Unit
		} else if !asked {
			continue
		}
		out = append(out, a)
	}
	return out, nil
}

// ownPlans are the plans that units have issued under a superior's plan, by unit, with their tasks, in two queries; of several the last counts.
func (s *Service) ownPlans(ctx context.Context, parent string) (map[string]*Plan, error) {
	out, byID := map[string]*Plan{}, map[string]*Plan{}
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		p, err := scanPlan(rows.Scan)
		if err == nil {
			out[p.Unit], byID[p.ID] = p, p
		}
		return err
	}, `SELECT `+planColumns+` FROM plan WHERE parent_id=$1 AND status=$2 ORDER BY created, id`, parent, string(StatusIssued))
	if err != nil || len(out) == 0 {
		return out, err
	}
	err = db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var id, doc string
		if err := rows.Scan(&id, &doc); err != nil {
			return err
		}
		t := new(Task)
		p := byID[id]
		if p == nil { // issued between the two queries
			return nil
		}
		p.Tasks = append(p.Tasks, t)
		return json.Unmarshal([]byte(doc), t)
	}, `SELECT t.plan_id, t.doc FROM plan_task t JOIN plan p ON p.id=t.plan_id WHERE p.parent_id=$1 AND p.status=$2 ORDER BY t.plan_id, t.seq`, parent, string(StatusIssued))
	return out, err
}

// Adoption is one unit's own plan beside the superior's, task by task. errs.NotFound where the unit has issued none or the actor may not see it.
func (s *Service) Adoption(ctx context.Context, actor access.Actor, id, unit string) (*Adoption, error) {
	list, err := s.Adoptions(ctx, actor, id, Filter{Under: unit})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Unit.ID == unit && list[i].Own != nil {
			return &list[i], nil
		}
	}
	return nil, errs.E(errs.NotFound, "plan.none")
}

// HowMsg words how a task was taken over.
func HowMsg(how string) i18n.Msg { return i18n.M("plan.taken." + how) }
