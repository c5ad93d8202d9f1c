package plan

import (
	"context"
	"slices"

	"dinh/internal/access"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// OwnPlan is a unit's own plan on the desk of those who write it, beside the superior's.
type OwnPlan struct {
	Plan     *Plan
	Parent   *Plan
	Asked    *Plan    // the superior's with the days that the unit has now: an extension may have moved them
	Adoption Adoption // of the tasks that fall on the unit or on units below it
}

// OwnPlan is a unit's own plan for those who may edit it; errs.NotFound for all others, and for a plan that came from nowhere above.
func (s *Service) OwnPlan(ctx context.Context, actor access.Actor, id string) (*OwnPlan, error) {
	p, roles, err := s.pair(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.Parent == "" || !access.Allowed(actor, access.EditPlan, s.planPlace(p, roles, s.clock.Today())) {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	up, err := s.Plan(ctx, p.Parent)
	if err != nil {
		return nil, err
	}
	full, err := s.Adopt(ctx, actor, p.Parent, p.Unit)
	if err != nil {
		return nil, err
	}
	mine := map[string]bool{}
	for _, t := range full.Tasks {
		mine[t.From] = true
	}
	// An extension of the superior's day came with the draft and is no change of the unit's own.
	asked := up.Clone()
	for _, t := range asked.Tasks {
		if i := slices.IndexFunc(full.Tasks, func(o *Task) bool { return o.From == t.ID }); i >= 0 {
			t.Due, t.Dues = full.Tasks[i].Due, full.Tasks[i].Dues
		}
	}
	out := &OwnPlan{Plan: p, Parent: up, Asked: asked, Adoption: compare(asked, p, mine)}
	out.Adoption.Unit, _ = s.units.Near(p.Unit, s.clock.Today())
	return out, nil
}

// AdoptedTask is the task of the superior's plan as a unit's own plan takes it over: for a draft that had left it out.
func (s *Service) AdoptedTask(ctx context.Context, actor access.Actor, own *Plan, task string) (*Task, error) {
	full, err := s.Adopt(ctx, actor, own.Parent, own.Unit)
	if err != nil {
		return nil, err
	}
	for _, t := range full.Tasks {
		if t.From == task {
			return t, nil
		}
	}
	return nil, errs.E(errs.NotFound, "plan.task.none")
}

// KindsBelow are the kinds of the units below a unit today, to which it may pass tasks on.
func (s *Service) KindsBelow(unit string) []string {
	tree := s.units.On(s.clock.Today())
	var out []string
	for u := range tree.Walk(unit) {
		if u.ID != unit && !slices.Contains(out, u.Kind) {
			out = append(out, u.Kind)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return slices.Index(org.Kinds, a) - slices.Index(org.Kinds, b) })
	return out
}
