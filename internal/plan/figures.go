package plan

import (
	"cmp"
	"context"
	"slices"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
)

// OwnPlanMade is how a unit made its own plan.
type OwnPlanMade struct {
	Day    civil.Date
	Number string
	Title  i18n.Msg // zero where it was made here: Name is its title then
	Name   string
	Link   string
}

// OwnPlans are the plans of its own that a unit issued under its superiors' plans for the days, as of their last: those made here, and papers entered as
// evidence of the task to make one, by their day.
func (s *Service) OwnPlans(ctx context.Context, q db.Querier, unit string, days civil.Span) ([]OwnPlanMade, error) {
	var out []OwnPlanMade
	own, err := s.summaries(ctx, false, `unit_id=$1 AND parent_id<>''`, unit)
	if err != nil {
		return nil, err
	}
	for _, p := range own {
		if p.Signed != civil.None && p.Signed <= days.To && days.Meets(civil.Span{From: p.From, To: p.To}) {
			out = append(out, OwnPlanMade{Day: p.Signed, Number: p.Number, Name: p.TitleVI, Link: "/lam-viec/ke-hoach-rieng/" + p.ID})
		}
	}
	list, err := readAssignments(ctx, q, `a.unit_id=$1 AND a.dropped='' AND a.plan_id IN (SELECT id FROM plan WHERE status<>'draft' AND from_day<=$2 AND to_day>=$3)`, unit, days.To, days.From)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		p, err := s.Plan(ctx, a.Plan)
		if err != nil {
			return nil, err
		}
		if t, ok := p.Task(a.Task); !ok || t.Kind != "plan" || t.Room != "lead" {
			continue
		}
		papers, err := readEvidence(ctx, q, `assignment_id=$1`, a.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range papers {
			if e.Live() && e.Day != civil.None && e.Day <= days.To && !slices.ContainsFunc(out, func(o OwnPlanMade) bool { return o.Number != "" && o.Number == e.Number }) {
				out = append(out, OwnPlanMade{Day: e.Day, Number: e.Number, Title: e.Title, Name: e.Number, Link: WorkLink(a.ID)})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b OwnPlanMade) int { return cmp.Compare(a.Day, b.Day) })
	return out, nil
}
