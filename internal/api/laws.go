package api

import (
	"slices"
	"strings"

	"dinh/internal/errs"
	"dinh/internal/law"
	"dinh/internal/org"
)

// Act is an act with its standing on the day asked for.
type Act struct {
	*law.Act
	InForce bool `json:"in_force"`
}

// ActDetail adds the act's duties.
type ActDetail struct {
	Act
	Duties []*law.Duty `json:"duties"`
}

func (a *api) acts(c *call) (any, error) {
	day, err := a.day(c)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(a.Law().Acts)
	slices.SortFunc(all, func(x, y *law.Act) int { return strings.Compare(x.ID, y.ID) })
	p, err := page(c, all, func(x *law.Act) string { return x.ID })
	if err != nil {
		return nil, err
	}
	out := list[Act]{Items: make([]Act, 0, len(p.Items)), Next: p.Next}
	for _, x := range p.Items {
		out.Items = append(out.Items, Act{x, x.InForce(day)})
	}
	return out, nil
}

func (a *api) act(c *call) (any, error) {
	day, err := a.day(c)
	if err != nil {
		return nil, err
	}
	cat := a.Law()
	x, ok := cat.Act(c.r.PathValue("id"))
	if !ok {
		return nil, errs.E(errs.NotFound, "api.act", "id", c.r.PathValue("id"))
	}
	out := ActDetail{Act: Act{x, x.InForce(day)}, Duties: cat.DutiesOf(x.ID)}
	if out.Duties == nil {
		out.Duties = []*law.Duty{}
	}
	return out, nil
}

// duties are those that bind a unit on a day, or those of the whole catalogue in force on it.
func (a *api) duties(c *call) (any, error) {
	day, err := a.day(c)
	if err != nil {
		return nil, err
	}
	cat := a.Law()
	kind, role := c.q.Get("kind"), c.q.Get("role")
	if kind != "" && !slices.Contains(law.DutyKinds, kind) {
		return nil, errs.At("kind", "api.kind", "value", kind)
	}
	if role != "" && !slices.Contains(law.Roles, role) {
		return nil, errs.At("role", "api.role", "value", role)
	}
	var found []*law.Duty
	if code := c.q.Get("unit"); code != "" {
		_, u, ok := a.resolve(code, day)
		if !ok {
			return nil, errs.At("unit", "api.unit.none", "code", code)
		}
		found = cat.Duties(law.Query{Kind: u.Kind, Flags: u.Flags, Size: sizes(u), Day: day, Role: role, DutyKind: kind})
	} else {
		for _, d := range cat.All() {
			if d.InForce(day) && (kind == "" || d.Kind == kind) && (role == "" || d.Role == role) {
				found = append(found, d)
			}
		}
	}
	slices.SortFunc(found, func(x, y *law.Duty) int { return strings.Compare(x.ID, y.ID) })
	return page(c, found, func(d *law.Duty) string { return d.ID })
}

func sizes(u *org.Unit) law.Sizes { return law.SizesOf(u.Staff, u.Workers) }
