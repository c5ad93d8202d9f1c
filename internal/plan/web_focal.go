package plan

import (
	"context"

	"dinh/internal/access"
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
