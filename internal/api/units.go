package api

import (
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// Unit is a unit as it is on the day asked for.
type Unit struct {
	Code        string     `json:"code"`
	Name        string     `json:"name"`
	NameEN      string     `json:"name_en"`
	Kind        string     `json:"kind"`
	ParentCode  string     `json:"parent_code"`  // "" for the province
	ManagerCode string     `json:"manager_code"` // the managing authority beside the tree; "" for none
	Slug        string     `json:"slug"`
	Path        string     `json:"path"`
	From        civil.Date `json:"from"` // the body's first day; "" where it is not known
	To          civil.Date `json:"to"`   // its last day; "" while it lives
	Flags       []string   `json:"flags"`
	Staff       *int       `json:"staff"`   // null: not known
	Workers     *int       `json:"workers"` // null: not known
}

// UnitDetail adds what the unit came from and what became of it.
type UnitDetail struct {
	Unit
	Predecessors []Succession `json:"predecessors"`
	Successors   []Succession `json:"successors"`
	Holders      []Holder     `json:"holders"` // every body that has held the code, the newest first
}

// Succession is one step from or to another body.
type Succession struct {
	Code  string     `json:"code"`
	Name  string     `json:"name"`
	Kind  string     `json:"kind"`  // merge, split, rename, move
	Share string     `json:"share"` // whole, part
	Day   civil.Date `json:"day"`
	Act   string     `json:"act"`
}

// Holder is a body that holds or held a code.
type Holder struct {
	Name string     `json:"name"`
	Kind string     `json:"kind"`
	From civil.Date `json:"from"`
	To   civil.Date `json:"to"`
}

func (a *api) shape(t *org.Tree, u *org.Unit) Unit {
	out := Unit{
		Code: u.Code, Name: u.Name, NameEN: u.NameIn(i18n.EN), Kind: u.Kind, Slug: u.Slug, Path: a.Units.Path(u.ID, t.Day()),
		From: u.From, To: u.To, Flags: slices.Clone(u.Flags), Staff: known(u.Staff), Workers: known(u.Workers),
	}
	if out.Flags == nil {
		out.Flags = []string{}
	}
	if p, ok := t.ByID(u.ParentID); ok {
		out.ParentCode = p.Code
	}
	if m, ok := t.ByID(u.ManagerID); ok {
		out.ManagerCode = m.Code
	}
	return out
}

func known(n int) *int {
	if n == org.Unknown {
		return nil
	}
	return &n
}

func (a *api) units(c *call) (any, error) {
	day, err := a.day(c)
	if err != nil {
		return nil, err
	}
	t := a.Units.On(day)
	all := t.All()
	if code := c.q.Get("parent"); code != "" {
		p, ok := t.ByCode(code)
		if !ok {
			return nil, errs.At("parent", "api.unit.none", "code", code)
		}
		all = t.Children(p.ID)
	}
	kind, q := c.q.Get("kind"), i18n.Fold(strings.TrimSpace(c.q.Get("q")))
	if kind != "" && !slices.Contains(org.Kinds, kind) {
		return nil, errs.At("kind", "api.kind", "value", kind)
	}
	var found []*org.Unit
	for _, u := range all {
		if (kind == "" || u.Kind == kind) && (q == "" || strings.Contains(i18n.Fold(u.Name), q) || strings.EqualFold(u.Code, q)) {
			found = append(found, u)
		}
	}
	slices.SortFunc(found, func(x, y *org.Unit) int { return strings.Compare(unitKey(x), unitKey(y)) })
	p, err := page(c, found, unitKey)
	if err != nil {
		return nil, err
	}
	out := list[Unit]{Items: make([]Unit, 0, len(p.Items)), Next: p.Next}
	for _, u := range p.Items {
		out.Items = append(out.Items, a.shape(t, u))
	}
	return out, nil
}

func unitKey(u *org.Unit) string { return u.SortKey + " " + u.ID }

// resolve is the unit that the code means on the day: its holder, or, where nobody holds it, the last one before.
func (a *api) resolve(code string, day civil.Date) (*org.Tree, *org.Unit, bool) {
	t := a.Units.On(day)
	if u, ok := t.ByCode(code); ok {
		return t, u, true
	}
	u, ok := a.Units.Holder(code, day)
	if !ok {
		return t, nil, false
	}
	if u.To != civil.None && u.To < day {
		t = a.Units.On(u.To)
	}
	return t, u, true
}

func (a *api) unit(c *call) (any, error) {
	day, err := a.day(c)
	if err != nil {
		return nil, err
	}
	code := c.r.PathValue("code")
	t, u, ok := a.resolve(code, day)
	if !ok {
		return nil, errs.E(errs.NotFound, "api.unit.none", "code", code)
	}
	out := UnitDetail{Unit: a.shape(t, u), Predecessors: []Succession{}, Successors: []Succession{}, Holders: []Holder{}}
	for _, s := range a.Units.Predecessors(u.ID, day) {
		out.Predecessors = append(out.Predecessors, a.succession(s, s.Old, s.Day.Add(-1)))
	}
	for _, s := range a.Units.Successors(u.ID, day) {
		out.Successors = append(out.Successors, a.succession(s, s.New, s.Day))
	}
	for _, h := range a.Units.Holders(code, day) {
		out.Holders = append(out.Holders, Holder{Name: h.Name, Kind: h.Kind, From: h.From, To: h.To})
	}
	return out, nil
}

func (a *api) succession(s *org.Succession, id string, on civil.Date) Succession {
	out := Succession{Kind: s.Kind, Share: s.Share, Day: s.Day, Act: s.Act}
	if u, ok := a.Units.Unit(id, on); ok {
		out.Code, out.Name = u.Code, u.Name
	}
	return out
}
