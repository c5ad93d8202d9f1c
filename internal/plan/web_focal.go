package plan

import (
	"context"

	"dinh/internal/access"
	"dinh/internal/civil"
)

// MaySteer reports whether the actor may press and guide all units of a plan.
func (s *Service) MaySteer(ctx context.Context, actor access.Actor, id string) (bool, error) {
	p, roles, err := s.pair(ctx, id)
	if err != nil {
		return false, err
	}
	return access.Allowed(actor, access.SteerPlan, s.planPlace(p, roles, s.clock.Today())), nil
}

// Parse reads a plan's file against the catalogue in force.
func (s *Service) Parse(data []byte) (*Parsed, error) { return Parse(data, s.words()) }

// Templates lists what a new plan can be made from: the plan that comes with the program, and the issued plans of the province.
func (s *Service) Templates(ctx context.Context, unit string) ([]Summary, error) {
	out, err := s.summaries(ctx, false, `unit_id=$1 AND parent_id=''`, unit)
	if err != nil {
		return nil, err
	}
	for _, p := range out {
		if p.Number == "648/KH-UBND" {
			return out, nil
		}
	}
	parsed, err := s.Parse(Plan648)
	if err != nil {
		return nil, err
	}
	p := parsed.Plan
	return append(out, Summary{Number: p.Number, TitleVI: p.TitleVI, TitleEN: p.TitleEN, Status: StatusIssued, Signed: p.Signed, From: p.From, To: p.To}), nil
}

// FromTemplate is a draft of a template for a new year, with what differs, not stored. id "" is the plan that comes with the program.
func (s *Service) FromTemplate(ctx context.Context, actor access.Actor, id string, o DeriveOptions) (*Preview, error) {
	today := s.clock.Today()
	roles, err := s.Roles(ctx, s.province(o.Unit, today))
	if err != nil {
		return nil, err
	}
	if err := may(actor, access.EditPlan, s.planPlace(&Plan{Unit: o.Unit}, roles, today), false); err != nil {
		return nil, err
	}
	var tmpl *Plan
	if id == "" {
		parsed, err := s.Parse(Plan648)
		if err != nil {
			return nil, err
		}
		tmpl = parsed.Plan
	} else {
		var err error
		tmpl, _, err = s.pair(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := s.seePlan(actor, tmpl, roles, today); err != nil {
			return nil, err
		}
	}
	day := o.Signed
	if day == civil.None {
		day = tmpl.Signed.AddMonths(12 * (o.Year - tmpl.From.Year()))
	}
	p, diffs := Derive(tmpl, o, s.units.On(day), roles, s.law())
	out := s.preview(p, roles)
	out.Differences = append(diffs, out.Differences...)
	return out, nil
}
