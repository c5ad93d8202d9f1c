package report

import (
	"context"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// PeriodAt is the period of an address, the oldest of those that the actor may see where two have the same.
func (s *Service) PeriodAt(ctx context.Context, actor access.Actor, year int, slug string) (*Period, error) {
	var out *Period
	err := s.db.Read(ctx, func(q db.Querier) error {
		where, args := `year=$1 AND id=$2`, []any{year, slug}
		if kind := map[string]string{"6-thang": PeriodHalf, "nam": PeriodYear}[slug]; kind != "" {
			where, args = `year=$1 AND kind=$2 AND form_id=$3`, []any{year, kind, MainForm}
		}
		list, err := readPeriods(ctx, q, where+` AND state<>'planned' ORDER BY created LIMIT 20`, args...)
		if err != nil {
			return err
		}
		for _, p := range list {
			if s.seesPeriod(actor, p) {
				out = p
				return nil
			}
		}
		return errs.E(errs.NotFound, "report.none")
	})
	return out, err
}

// SumHome is the unit whose sums an actor opens first: the one that asks where it steers the period, else the highest of its own that has sums, else its field.
func (s *Service) SumHome(actor access.Actor, p *Period) (Scope, bool) {
	if f, c := s.maySum(actor, p, Scope{Unit: p.Unit}); f || c {
		return Scope{Unit: p.Unit}, true
	}
	tree := s.units.TreeOf(p.Unit, p.To)
	best, depth := "", 99
	for _, id := range actor.Units() {
		u, ok := s.standsAt(tree, id)
		if !ok || u.Kind == org.Village {
			continue
		}
		if f, c := s.maySum(actor, p, Scope{Unit: u.ID}); !f && !c {
			continue
		}
		if n := len(tree.Above(u.ID)); n < depth {
			best, depth = u.ID, n
		}
	}
	if best == "" {
		return Scope{}, false
	}
	if s.isField(tree, p, best) { // an authority of a field: the units that it manages stand elsewhere in the tree
		return Scope{Unit: p.Unit, Sector: best}, true
	}
	return Scope{Unit: best}, true
}

// isField reports whether units of the period stand in the field of an agency outside its own subtree, or below it.
func (s *Service) isField(tree *org.Tree, p *Period, id string) bool {
	u, ok := tree.ByID(id)
	if !ok || u.Kind != org.Agency {
		return false
	}
	for _, x := range tree.All() {
		if x.ID != id && x.Kind != org.Village && sectorOf(tree, x) == id && tree.Under(x.ID, p.Unit) {
			return true
		}
	}
	return false
}

// MaySum says whether the actor may see the sums of a scope, and whether how far the reports are.
func (s *Service) MaySum(actor access.Actor, p *Period, sc Scope) (figures, counts bool) {
	return s.maySum(actor, p, sc)
}

// Preload reads a period's reports into memory ahead of whoever asks first, and gives their number.
func (s *Service) Preload(ctx context.Context, period string) (n int, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		p, err := readPeriod(ctx, q, period)
		if err != nil {
			return err
		}
		form, err := s.formOf(ctx, q, p)
		if err != nil {
			return err
		}
		return s.live.read(ctx, q, p, form, func(c *Columns) error {
			n = c.Len()
			return nil
		})
	})
	return n, err
}
