package app

import (
	"context"

	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/plan/planweb"
	"dinh/internal/web"
)

// registerPlan adds the pages of the room plan.
func (a *App) registerPlan(k *web.Kit) {
	planweb.Register(k, planweb.Deps{Plans: a.Plans, Units: a.Units, Law: a.Law, Files: a.Files, DB: a.DB, Clock: a.Clock, People: people{a.Auth}, Actors: a.Auth, Door: a.reportDoor})
}

// people tells planweb who works at a unit.
type people struct{ s *auth.Service }

// Colleagues are those who do the unit's work on the day.
func (x people) Colleagues(ctx context.Context, unit string, day civil.Date) ([]planweb.Colleague, error) {
	list, err := x.s.People(ctx, unit, day)
	if err != nil {
		return nil, err
	}
	var out []planweb.Colleague
	for _, h := range list {
		out = append(out, planweb.Colleague{Account: h.Account, Name: h.Name, Title: h.Title})
	}
	return out, nil
}
