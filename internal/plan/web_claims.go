package plan

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"dinh/internal/access"
)

// Claim is a unit's request that a task be held not to apply to it.
type Claim struct {
	Work
	Reason string
}

// Claims are the requests that wait for an answer of the actor: of units below one's own, or under a plan that one's unit steers. The longest due come
// first.
func (s *Service) Claims(ctx context.Context, actor access.Actor) ([]Claim, error) {
	today := s.clock.Today()
	list, err := readAssignments(ctx, s.db, `a.na='asked' AND a.dropped=''`)
	if err != nil {
		return nil, err
	}
	var out []Claim
	for _, a := range list {
		p, roles, err := s.pair(ctx, a.Plan)
		if err != nil {
			return nil, err
		}
		t, ok := p.Task(a.Task)
		if !ok || !access.Allowed(actor, access.ReturnRecord, s.placeOf(p, a.Unit, roles, today)) {
			continue
		}
		u, ok := s.units.Near(a.Unit, today)
		if !ok {
			continue
		}
		cell := cellOf(a, t, p.To, u.To, today)
		out = append(out, Claim{Work{Assignment: a.ID, Plan: p, Task: t, Unit: a.Unit, State: cell.State, Due: cell.Due, Days: cell.Late, place: p.TaskIndex(a.Task)}, a.NAReason})
	}
	slices.SortFunc(out, func(a, b Claim) int {
		return cmp.Or(strings.Compare(late(a.Due), late(b.Due)), taskOrder(a.Work, b.Work), strings.Compare(a.Unit, b.Unit))
	})
	return out, nil
}
