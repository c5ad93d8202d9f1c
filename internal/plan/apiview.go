package plan

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/errs"
)

// AssignmentRow is an assignment as the API gives it to those who may see the unit's progress.
type AssignmentRow struct {
	ID          string          `json:"id"`
	Plan        string          `json:"plan"`
	Task        string          `json:"task"`
	Unit        string          `json:"unit"` // code
	State       State           `json:"state"`
	Request     bool            `json:"request"`
	Given       civil.Date      `json:"given"`
	Received    civil.Date      `json:"received,omitempty"`
	Person      string          `json:"person,omitempty"`
	LastRecord  civil.Date      `json:"last_record,omitempty"`
	Sample      bool            `json:"sample,omitempty"`
	Occurrences []OccurrenceRow `json:"occurrences"`
}

// OccurrenceRow is one time that an assignment falls due.
type OccurrenceRow struct {
	Seq     int        `json:"seq"`
	Event   string     `json:"event,omitempty"`
	Due     civil.Date `json:"due,omitempty"`
	State   State      `json:"state"`
	Done    civil.Date `json:"done,omitempty"`    // the day the thing was done
	Entered civil.Date `json:"entered,omitempty"` // the day of entry
	Kept    bool       `json:"kept,omitempty"`
}

// UnitAssignments lists a unit's assignments under plans in force or lately over, by plan and in the order of its tasks. errs.NotFound where the actor may
// not see the unit's progress.
func (s *Service) UnitAssignments(ctx context.Context, actor access.Actor, unit string) ([]AssignmentRow, error) {
	today := s.clock.Today()
	u, ok := s.units.Near(unit, today)
	if !ok {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	list, plans, err := s.workOf(ctx, unit, today)
	if err != nil {
		return nil, err
	}
	roles, err := s.Roles(ctx, s.province(unit, today))
	if err != nil {
		return nil, err
	}
	seen, read := map[string]bool{}, map[string]bool{}
	some := access.Allowed(actor, access.ReadProgress, s.units.TreeOf(unit, today).Place(unit))
	for id, p := range plans {
		pl := s.placeOf(p, unit, roles, today)
		seen[id], read[id] = access.Allowed(actor, access.ReadProgress, pl), access.Allowed(actor, access.ReadRecord, pl)
		some = some || seen[id]
	}
	if !some {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	out := []AssignmentRow{}
	slices.SortFunc(list, func(a, b *Assignment) int {
		p, q := plans[a.Plan], plans[b.Plan]
		return cmp.Or(strings.Compare(string(q.From), string(p.From)), strings.Compare(p.ID, q.ID), p.TaskIndex(a.Task)-q.TaskIndex(b.Task))
	})
	for _, a := range list {
		p := plans[a.Plan]
		t, ok := p.Task(a.Task)
		if !ok || !seen[p.ID] {
			continue
		}
		f := a.Facts(t, p.To, u.To)
		r := AssignmentRow{
			ID: a.ID, Plan: p.ID, Task: a.Task, Unit: u.Code, State: CellState(&f, today), Request: a.Request, Given: a.Given, Received: a.Received,
			LastRecord: a.Last, Sample: a.Sample, Occurrences: []OccurrenceRow{},
		}
		if read[p.ID] {
			r.Person = a.Person
		}
		for i := range a.Occ {
			o := &a.Occ[i]
			row := OccurrenceRow{Seq: o.Seq, Due: o.Due, State: f.OccState(o, today), Done: o.Done, Entered: o.Entered, Kept: o.Kept}
			if read[p.ID] {
				row.Event = o.Event
			}
			r.Occurrences = append(r.Occurrences, row)
		}
		out = append(out, r)
	}
	return out, nil
}
