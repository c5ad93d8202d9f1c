package plan

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
)

var _ auth.Handover = (*Service)(nil)

// OpenWork lists what an account has still to do at a unit, the earliest deadline first: the assignments given to it that are not closed.
func (s *Service) OpenWork(ctx context.Context, account, unit string) ([]auth.WorkItem, error) {
	today := s.clock.Today()
	list, plans, err := s.workOf(ctx, unit, today)
	if err != nil {
		return nil, err
	}
	var out []auth.WorkItem
	for _, a := range list {
		if a.Account != account || !stillOpen(a) {
			continue
		}
		t, ok := plans[a.Plan].Task(a.Task)
		if !ok {
			continue
		}
		item := auth.WorkItem{Title: t.ID + ". " + t.TitleVI, Unit: unit, Link: WorkLink(a.ID)}
		if o := a.firstOpen(); o != nil {
			item.Due = o.Due
		}
		out = append(out, item)
	}
	slices.SortStableFunc(out, func(a, b auth.WorkItem) int {
		return cmp.Or(strings.Compare(late(a.Due), late(b.Due)), strings.Compare(a.Title, b.Title))
	})
	return out, nil
}

// stillOpen reports whether an assignment has something left to do: an open occurrence, or none at all because it goes on or waits for events.
func stillOpen(a *Assignment) bool {
	if a.NA == NARule || a.NA == NAAgreed {
		return false
	}
	return len(a.Occ) == 0 || a.firstOpen() != nil
}

// HandOverTx gives all open work of one account at a unit to another and says how many pieces that were. The room auth checks who may and writes the
// audit entry.
func (s *Service) HandOverTx(ctx context.Context, tx *db.Tx, from, to, unit string) (int, error) {
	if from == "" || to == "" || from == to {
		return 0, errs.At("to", "plan.handover.who")
	}
	list, err := readAssignments(ctx, tx, `a.unit_id=$1 AND a.account=$2 AND a.dropped='' AND a.plan_id IN (SELECT p.id FROM plan p WHERE p.status='issued')`, unit, from)
	if err != nil {
		return 0, err
	}
	name := to
	if s.people != nil {
		names, err := s.people.Names(ctx, to)
		if err != nil {
			return 0, err
		}
		if n := names[to]; n != "" {
			name = n
		}
	}
	n := 0
	byPlan := map[string][]string{}
	var steps []Step
	for _, a := range list {
		if !stillOpen(a) {
			continue
		}
		if err := tx.Update(ctx, `UPDATE assignment SET account=$3, person=$4, version=version+1 WHERE id=$1 AND version=$2`, a.ID, a.Version, to, name); err != nil {
			return 0, err
		}
		steps = append(steps, Step{Assignment: a.ID, Unit: unit, Kind: StepHanded, Reason: name})
		byPlan[a.Plan] = append(byPlan[a.Plan], a.ID)
		n++
	}
	if err := insertSteps(ctx, tx, access.System, steps...); err != nil {
		return 0, err
	}
	for plan, ids := range byPlan {
		if err := touch(ctx, tx, plan, ids...); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// Deadline is an open deadline for a calendar.
type Deadline struct {
	Assignment string
	Occurrence string
	Version    int // grows with each change of the occurrence
	Due        civil.Date
	OwnDue     civil.Date // by the unit's own plan
	Task       *Task
	Plan       *Plan
	Unit       *org.Unit
	Event      string
}

// Deadlines are the open deadlines of the units at which the actor works, the nearest first; what was given to somebody else is left out.
func (s *Service) Deadlines(ctx context.Context, actor access.Actor) ([]Deadline, error) {
	today := s.clock.Today()
	var out []Deadline
	for _, unit := range actor.Units() {
		u, ok := s.units.Near(unit, today)
		if !ok || !access.Allowed(actor, access.ReadRecord, s.units.TreeOf(unit, today).Place(unit)) {
			continue
		}
		list, plans, err := s.workOf(ctx, unit, today)
		if err != nil {
			return nil, err
		}
		own, err := s.linksOf(ctx, unit)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			t, ok := plans[a.Plan].Task(a.Task)
			if !ok || a.NA == NARule || a.NA == NAAgreed || a.Account != "" && a.Account != actor.ID {
				continue
			}
			for i := range a.Occ {
				if o := &a.Occ[i]; o.Open() && o.Due != civil.None {
					out = append(out, Deadline{a.ID, o.ID, o.Version, o.Due, ownDay(own[a.ID], o.Seq), t, plans[a.Plan], u, o.Event})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Deadline) int {
		return cmp.Or(strings.Compare(string(a.Due), string(b.Due)), strings.Compare(a.Plan.ID, b.Plan.ID), a.Plan.TaskIndex(a.Task.ID)-b.Plan.TaskIndex(b.Task.ID))
	})
	return out, nil
}
