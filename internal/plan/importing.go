package plan

import (
	"context"
	"reflect"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
)

// Bound is how many units a task will bind.
type Bound struct {
	Task     *Task
	Units    int // assignments
	Requests int
	Exempt   int
}

// Change is a difference between two versions of a plan, with what was and what is; nil is nothing.
type Change struct {
	Task   string   // "" for the plan's facts
	Fields []string // names of the fields that differ; none where the task was added or dropped
	Before *Task
	After  *Task
}

// Preview is what an import, a derived plan or an issue would do.
type Preview struct {
	Plan        *Plan
	Warnings    []Warning
	Differences []Difference
	Bound       []Bound
	Units       int // units bound
	Assignments int
	Exists      *Plan // the draft with the same id that would be replaced
	Changes     []Change
}

// issuer finds the unit that a file names as issuer: on the plan's day, else today.
func (s *Service) issuer(code string, signed, today civil.Date) (*org.Unit, bool) {
	if signed != civil.None {
		if u, ok := s.units.On(signed).ByCode(code); ok {
			return u, true
		}
	}
	return s.units.On(today).ByCode(code)
}

// PreviewImport reads a file and says what its import would bind, without changing anything.
func (s *Service) PreviewImport(ctx context.Context, actor access.Actor, data []byte) (*Preview, error) {
	parsed, err := Parse(data, s.words())
	if err != nil {
		return nil, err
	}
	return s.previewParsed(ctx, actor, parsed)
}

func (s *Service) previewParsed(ctx context.Context, actor access.Actor, parsed *Parsed) (*Preview, error) {
	today := s.clock.Today()
	p := parsed.Plan.Clone()
	u, ok := s.issuer(parsed.Issuer, p.Signed, today)
	if !ok {
		return nil, errs.At("issuer", "plan.unknown_issuer", "code", parsed.Issuer)
	}
	p.Unit = u.ID
	roles, err := s.Roles(ctx, s.province(p.Unit, today))
	if err != nil {
		return nil, err
	}
	if err := may(actor, access.EditPlan, s.planPlace(p, roles, today), false); err != nil {
		return nil, err
	}
	FillSteps(p, s.law())
	out := s.preview(p, roles)
	out.Warnings = parsed.Warnings
	out.Differences = append(s.ended(p), out.Differences...)
	switch old, err := s.Plan(ctx, p.ID); {
	case errs.Is(err, errs.NotFound):
	case err != nil:
		return nil, err
	case old.Status != StatusDraft:
		return nil, errs.At("id", "plan.import.issued", "id", p.ID)
	default:
		out.Exists, out.Changes = old, Changes(old, p)
	}
	return out, nil
}

// preview resolves a draft as its issue would.
func (s *Service) preview(p *Plan, roles []Role) *Preview {
	out := &Preview{Plan: p}
	tree := s.units.On(s.resolveDay(p))
	given, diffs := s.proposed(p, roles, tree)
	out.Differences = diffs
	targets, diffs := Resolve(p, tree, slices.Concat(roles, given), s.law())
	out.Differences = append(out.Differences, diffs...)
	units := map[string]bool{}
	at := map[*Task]int{}
	for i, t := range p.Tasks {
		out.Bound = append(out.Bound, Bound{Task: t})
		at[t] = i
	}
	for _, tg := range targets {
		b := &out.Bound[at[tg.Task]]
		b.Units++
		if tg.Request {
			b.Requests++
		}
		if !tg.Exempt.IsZero() {
			b.Exempt++
		}
		units[tg.Unit.ID] = true
	}
	out.Units, out.Assignments = len(units), len(targets)
	return out
}

// resolveDay is the day on which a plan's addressees, roles and acts resolve: its signing day, today while it has none.
func (s *Service) resolveDay(p *Plan) civil.Date {
	if p.Signed != civil.None {
		return p.Signed
	}
	return s.clock.Today()
}

// proposed are the roles that the plan's file names and nobody holds on its day, as rows that the import will make; and what is to be said of the others.
func (s *Service) proposed(p *Plan, roles []Role, tree *org.Tree) (given []Role, diffs []Difference) {
	for _, rc := range p.Roles {
		u, ok := tree.ByCode(rc.Code)
		holder := RoleHolder(roles, rc.Role, tree.Day())
		switch {
		case holder != "" && (!ok || holder != u.ID):
			diffs = append(diffs, Difference{Kind: DiffRoleKept, Role: rc.Role, Msg: i18n.M("plan.diff.role_kept", "role", RoleMsg(rc.Role), "unit", s.name(holder, tree.Day()), "code", rc.Code)})
		case holder != "":
		case !ok:
			diffs = append(diffs, Difference{Kind: DiffUnknownUnit, Role: rc.Role, Msg: i18n.M("plan.diff.role_unknown", "role", RoleMsg(rc.Role), "code", rc.Code)})
		default:
			given = append(given, Role{Role: rc.Role, Unit: u.ID})
			diffs = append(diffs, Difference{Kind: DiffRoleGiven, Role: rc.Role, Msg: i18n.M("plan.diff.role_given", "role", RoleMsg(rc.Role), "unit", u.Name)})
		}
	}
	return given, diffs
}

// ended lists the acts that a plan names and that are not in force on its day, each with its successor. The plan keeps citing what its paper cites.
func (s *Service) ended(p *Plan) []Difference {
	var out []Difference
	for _, m := range Marks(p, s.law(), s.resolveDay(p)) {
		out = append(out, Difference{Kind: DiffActEnded, Task: m.Task, Msg: m.Msg})
	}
	return out
}

// Mark is an act that a plan cites though it is no longer in force on the plan's day.
type Mark struct {
	Task      string // "" where the plan itself cites it
	Act       *law.Act
	Successor *law.Act // nil where none is known
	Msg       i18n.Msg
}

// Marks lists the acts that a plan cites and that were no longer in force on a day: those of the plan first, then those of each task.
func Marks(p *Plan, cat *law.Catalogue, day civil.Date) []Mark {
	var out []Mark
	look := func(task string, ids []string) {
		for _, id := range ids {
			act, ok := cat.Act(id)
			if !ok || act.InForce(day) {
				continue
			}
			m := Mark{Task: task, Act: act, Msg: i18n.M("plan.diff.cites_ended", "act", act.Name(), "to", act.EffectiveTo)}
			if act.EffectiveFrom > day {
				m.Msg = i18n.M("plan.diff.cites_early", "act", act.Name(), "from", act.EffectiveFrom)
			} else if now, ok := Standing(cat, id, day); ok {
				m.Successor, _ = cat.Act(now)
				m.Msg = i18n.M("plan.diff.cites_replaced", "act", act.Name(), "to", act.EffectiveTo, "successor", m.Successor.Name())
			}
			out = append(out, m)
		}
	}
	look("", slices.Compact(slices.Sorted(slices.Values(slices.Concat(p.Basis, p.Cites)))))
	for _, t := range p.Tasks {
		look(t.ID, t.Acts)
	}
	return out
}

// Import stores a parsed plan.
type Import struct {
	Parsed  *Parsed
	Replace bool // a draft with the same id may be replaced
	Version int  // of that draft, from the preview; 0 asks for nothing
}

// ImportTx stores the plan of a file as a draft and gives the roles that it names and nobody holds. It returns the plan's id.
func (s *Service) ImportTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Import) (string, error) {
	p := c.Parsed.Plan.Clone()
	u, ok := s.issuer(c.Parsed.Issuer, p.Signed, tx.Today())
	if !ok {
		return "", errs.At("issuer", "plan.unknown_issuer", "code", c.Parsed.Issuer)
	}
	p.Unit = u.ID
	return s.storeDraft(ctx, tx, actor, p, c.Replace, c.Version, "plan.import", i18n.M("plan.audit.import", "number", p.Number, "n", len(p.Tasks)))
}

// DeriveTx stores a draft made by Derive or Adopt and gives the roles that it proposes. It returns the plan's id.
func (s *Service) DeriveTx(ctx context.Context, tx *db.Tx, actor access.Actor, p *Plan) (string, error) {
	p = p.Clone()
	if p.ID == "" {
		p.ID = s.newID(p, tx.Today())
	}
	return s.storeDraft(ctx, tx, actor, p, false, 0, "plan.derive", i18n.M("plan.audit.derive", "number", p.Number, "template", p.Template))
}

func (s *Service) storeDraft(ctx context.Context, tx *db.Tx, actor access.Actor, p *Plan, replace bool, v int, action string, msg i18n.Msg) (string, error) {
	roles, err := readRoles(ctx, tx, s.province(p.Unit, tx.Today()))
	if err != nil {
		return "", err
	}
	p.Status = StatusDraft
	if err := may(actor, access.EditPlan, s.planPlace(p, roles, tx.Today()), false); err != nil {
		return "", err
	}
	if err := s.check(p); err != nil {
		return "", err
	}
	FillSteps(p, s.law())
	old, err := readPlan(ctx, tx, p.ID)
	switch {
	case errs.Is(err, errs.NotFound):
		err = insertPlan(ctx, tx, p)
	case err != nil:
	case old.Status != StatusDraft:
		err = errs.At("id", "plan.import.issued", "id", p.ID)
	case !replace:
		err = errs.At("id", "plan.id_taken", "id", p.ID)
	case old.Unit != p.Unit:
		err = errs.E(errs.NotFound, "plan.none")
	default:
		if err = version(v, old.Version); err == nil {
			p.Version = old.Version
			err = s.saveDraft(ctx, tx, p)
		}
	}
	if err != nil {
		return "", err
	}
	if p.Parent == "" {
		if _, err := s.giveRoles(ctx, tx, actor, p, s.units.On(s.resolveDay(p))); err != nil {
			return "", err
		}
	}
	return p.ID, s.done(ctx, tx, actor, p, action, msg, p)
}

// Changes lists in what b differs from a: the facts first, then the tasks in b's order, then those that b has no more.
func Changes(a, b *Plan) []Change {
	var out []Change
	fa, fb := *a, *b
	fa.Tasks, fb.Tasks = nil, nil
	for _, p := range []*Plan{&fa, &fb} {
		p.Version, p.Status, p.File, p.Issued, p.Roles, p.ProgressPublic = 0, "", "", civil.None, nil, false
	}
	if f := differing(fa, fb); len(f) > 0 {
		out = append(out, Change{Fields: f})
	}
	for _, t := range b.Tasks {
		was, ok := a.Task(t.ID)
		if !ok {
			out = append(out, Change{Task: t.ID, After: t})
			continue
		}
		if f := differing(*was, *t); len(f) > 0 {
			out = append(out, Change{Task: t.ID, Fields: f, Before: was, After: t})
		}
	}
	for _, t := range a.Tasks {
		if b.TaskIndex(t.ID) < 0 {
			out = append(out, Change{Task: t.ID, Before: t})
		}
	}
	return out
}

// differing names the fields in which two structs differ by their names in JSON; nothing and an empty list are equal.
func differing(a, b any) []string {
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	var out []string
	for i := range va.NumField() {
		x, y := va.Field(i), vb.Field(i)
		if x.Kind() == reflect.Slice && x.Len() == 0 && y.Len() == 0 || reflect.DeepEqual(x.Interface(), y.Interface()) {
			continue
		}
		name, _, _ := cut(va.Type().Field(i).Tag.Get("json"))
		out = append(out, name)
	}
	return out
}
