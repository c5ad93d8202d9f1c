package plan

import (
	"context"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/law"
	"dinh/internal/org"
)

// People knows who holds posts; auth is it.
type People interface {
	// Holders are the accounts that hold one of the posts at the unit today.
	Holders(ctx context.Context, unit string, kinds ...access.PostKind) ([]string, error)
	// Names are the names of accounts by id; unknown ids are left out.
	Names(ctx context.Context, ids ...string) (map[string]string, error)
}

// Options are what a Service works with. People may be nil: then nobody is told of anything.
type Options struct {
	DB     *db.DB
	Units  *org.Directory
	Law    func() *law.Catalogue
	Clock  civil.Clock
	People People
}

// Service is the room: plans, assignments, evidence, the board. It is safe for concurrent use.
//
// Methods whose names end in Tx are commands: they check who may, keep the rule, change, and write the audit entry inside the caller's transaction.
// Their errors are errs.Invalid with the fields of the form, errs.Forbidden for what the actor sees but may not do, errs.NotFound for what it may not
// see, errs.Conflict where somebody else was quicker.
type Service struct {
	db     database
	units  *org.Directory
	law    func() *law.Catalogue
	clock  civil.Clock
	people People
	kept   cache
}

// database is what the room needs of *db.DB; tests count its queries.
type database interface {
	db.Querier
	Epoch(ctx context.Context, name string) (int64, error)
	Read(ctx context.Context, f func(q db.Querier) error) error
	Write(ctx context.Context, f func(tx *db.Tx) error) error
	WriteLoose(ctx context.Context, f func(tx *db.Tx) error) error
	Clock() civil.Clock
}

// New makes the service.
func New(o Options) *Service {
	return &Service{db: o.DB, units: o.Units, law: o.Law, clock: o.Clock, people: o.People}
}

// words are what the catalogue in force knows.
func (s *Service) words() Words {
	cat := s.law()
	return Words{
		Act:  func(id string) bool { _, ok := cat.Act(id); return ok },
		Flag: func(id string) bool { _, ok := cat.Flag(id); return ok },
	}
}

// province is the root above a unit on a day, the unit itself where it is one; "" for an unknown unit.
func (s *Service) province(unit string, day civil.Date) string {
	if u := s.units.TreeOf(unit, day).Top(unit); u != nil {
		return u.ID
	}
	return ""
}

// focal are the units that lead the plan's work: those that hold the role today, and that held it on the plan's day. A unit's own plan has none.
func focal(p *Plan, roles []Role, today civil.Date) []string {
	if p.Parent != "" {
		return nil
	}
	var out []string
	for _, day := range []civil.Date{today, p.Signed} {
		if u := RoleHolder(roles, RoleFocal, day); u != "" && !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

// placeOf is where an action on an assignment of the unit happens.
func (s *Service) placeOf(p *Plan, unit string, roles []Role, today civil.Date) access.Place {
	tree := s.units.TreeOf(unit, today)
	pl := tree.Place(unit)
	pl.Focal, pl.Issuer, pl.State = focal(p, roles, today), p.Unit, access.Submitted
	if u, ok := tree.ByID(unit); ok {
		pl.Manager = u.ManagerID
	}
	for _, at := range append([]string{unit}, pl.Above...) {
		for _, c := range tree.Children(at) {
			if c.Kind == org.Front || c.Kind == org.Union {
				pl.Watch = append(pl.Watch, c.ID)
			}
		}
	}
	return pl
}

// planPlace is where an action on the plan itself happens.
func (s *Service) planPlace(p *Plan, roles []Role, today civil.Date) access.Place {
	pl := s.units.TreeOf(p.Unit, today).Place(p.Unit)
	pl.Focal, pl.Issuer = focal(p, roles, today), p.Unit
	if p.Status != StatusDraft {
		pl.State = access.Published
	}
	return pl
}

// whoMay words who may do an action; the others are the unit's own.
var whoMay = map[access.Action]string{
	access.ConfirmRecord: "plan.forbidden.confirm",
	access.ReturnRecord:  "plan.forbidden.return",
	access.EditPlan:      "plan.forbidden.edit",
	access.SteerPlan:     "plan.forbidden.steer",
}

// may is nil where the actor may do the action at the place; errs.Forbidden with a sentence that names who may where they see the record, else
// errs.NotFound.
func may(a access.Actor, act access.Action, pl access.Place, seen bool) error {
	if access.Allowed(a, act, pl) {
		return nil
	}
	if !seen && !access.Allowed(a, access.ReadRecord, pl) {
		return errs.E(errs.NotFound, "plan.none")
	}
	if key, ok := whoMay[act]; ok {
		return errs.E(errs.Forbidden, key)
	}
	return errs.E(errs.Forbidden, "plan.forbidden.write")
}

// MayEdit reports whether the actor may draft, issue and amend plans of the unit.
func (s *Service) MayEdit(ctx context.Context, actor access.Actor, unit string) (bool, error) {
	today := s.clock.Today()
	roles, err := s.Roles(ctx, s.province(unit, today))
	if err != nil {
		return false, err
	}
	p := &Plan{Unit: unit}
	if u, ok := s.units.Near(unit, today); ok && u.Kind != org.Province {
		p.Parent = "own"
	}
	return access.Allowed(actor, access.EditPlan, s.planPlace(p, roles, today)), nil
}
