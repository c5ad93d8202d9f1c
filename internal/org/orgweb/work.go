package orgweb

import (
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// Lang is the language of the name on English pages.
func (l nameLink) Lang() string {
	if l.Unit == nil {
		return ""
	}
	return nameLang(l.Unit)
}

type workPage struct {
	F     *web.Form
	Kinds []web.Option
	Total int
	Rows  []workRow
	Pager web.Pager
	Done  i18n.Msg
}

type workRow struct {
	Unit   *org.Unit
	Path   string
	Kind   i18n.Msg
	Parent *org.Unit
}

// roots are the units at which the actor is administrator, as they are today.
func roots(c *web.Context) []*org.Unit {
	var out []*org.Unit
	for _, id := range c.Actor.Units() {
		if u, ok := c.Tree.ByID(id); ok && access.Allowed(c.Actor, access.EditUnits, c.Tree.Place(id)) {
			out = append(out, u)
		}
	}
	return out
}

// reach are all units that the actor may change, in Vietnamese order of names.
func reach(c *web.Context) []*org.Unit {
	mine := roots(c)
	return slices.DeleteFunc(slices.Clone(c.Tree.All()), func(u *org.Unit) bool {
		return !slices.ContainsFunc(mine, func(r *org.Unit) bool { return c.Tree.Under(u.ID, r.ID) })
	})
}

func (h *pages) work(c *web.Context) error {
	mine := roots(c)
	if len(mine) == 0 {
		return errs.E(errs.Forbidden, "org.error.forbidden")
	}
	p := workPage{F: c.Form(), Done: done(c), Kinds: kindOptions(c, true)}
	var units []*org.Unit
	for _, r := range mine {
		units = append(units, c.Tree.Pick(org.Filter{Under: r.ID, Kind: c.Query("kind"), Q: c.Query("q")})...)
	}
	p.Total = len(units)
	query := []string{"kind", c.Query("kind"), "q", c.Query("q")}
	start := 0
	if after := c.Query("after"); after != "" {
		start = slices.IndexFunc(units, func(u *org.Unit) bool { return u.Code == after }) + 1
	}
	stop := min(start+perPage, len(units))
	for _, u := range units[start:stop] {
		p.Rows = append(p.Rows, workRow{Unit: u, Path: workPath + "/" + u.ID, Kind: org.KindMsg(u.Kind), Parent: c.Tree.Parent(u.ID)})
	}
	if start > 0 {
		p.Pager.First = addQuery(workPath, query...)
	}
	if stop < len(units) {
		p.Pager.Next = addQuery(workPath, append(query, "after", units[stop-1].Code)...)
	}
	return c.Render("org_work", p)
}

// done words what has just been done, from the address: a notice that a reload may show again.
func done(c *web.Context) i18n.Msg {
	switch c.Query("xong") {
	case "them":
		return i18n.M("org.done.add")
	case "sua":
		return i18n.M("org.done.change")
	case "sap-nhap":
		return i18n.M("org.done.merge")
	case "chia":
		return i18n.M("org.done.split")
	case "ket-thuc":
		return i18n.M("org.done.end")
	case "tep":
		return i18n.M("org.done.import")
	case "thon-ban":
		return i18n.M("org.done.villages")
	}
	return i18n.Msg{}
}

func kindOptions(c *web.Context, all bool) []web.Option {
	var out []web.Option
	if all {
		out = append(out, web.Option{Label: c.P.T("org.list.any_kind")})
	}
	for _, k := range org.Kinds {
		out = append(out, web.Option{Value: k, Label: c.P.T("org.kinds." + k)})
	}
	return out
}

// known is the unit of the address, as it is today, else as it was or will be; not found where the actor may not change it.
func (h *pages) known(c *web.Context) (*org.Unit, error) {
	rows := h.dir.History(c.Value("id"))
	if len(rows) == 0 {
		return nil, errs.E(errs.NotFound, "org.error.no_unit")
	}
	u, ok := h.dir.Unit(rows[0].ID, c.Today)
	if !ok {
		u = rows[0]
	}
	day := u.Valid().From
	if u.Valid().Has(c.Today) {
		day = c.Today
	} else if u.Valid().To != civil.None {
		day = u.Valid().To
	}
	if !access.Allowed(c.Actor, access.EditUnits, h.dir.On(day).Place(u.ID)) {
		return nil, errs.E(errs.NotFound, "org.error.no_unit")
	}
	return u, nil
}

type showPage struct {
	Unit  *org.Unit
	Path  string // public
	Work  string
	Kind  i18n.Msg
	Done  i18n.Msg
	Lives bool // today
	Rows  []showRow
	Steps []step
	Below int
}

type showRow struct {
	Span    i18n.Msg
	Unit    *org.Unit
	Parent  string
	Manager string
	Flags   []i18n.Msg
	Now     bool
}

// spanMsg words a run of days.
func spanMsg(s civil.Span) i18n.Msg {
	switch {
	case s.From == civil.None && s.To == civil.None:
		return i18n.M("org.span.always")
	case s.To == civil.None:
		return i18n.M("org.span.since", "from", s.From)
	case s.From == civil.None:
		return i18n.M("org.span.until", "to", s.To)
	}
	return i18n.M("org.span.between", "from", s.From, "to", s.To)
}

func (h *pages) show(c *web.Context) error {
	u, err := h.known(c)
	if err != nil {
		return err
	}
	p := showPage{Unit: u, Path: h.dir.Link(u, c.Today), Work: workPath + "/" + u.ID, Kind: org.KindMsg(u.Kind), Done: done(c), Lives: u.Has(c.Today)}
	for _, r := range h.dir.History(u.ID) {
		row := showRow{Span: spanMsg(r.Valid()), Unit: r, Now: r.Valid().Has(c.Today), Parent: h.name(c, r.ParentID, r.Valid().From), Manager: h.name(c, r.ManagerID, r.Valid().From)}
		for _, f := range r.Flags {
			row.Flags = append(row.Flags, flagMsg(f))
		}
		p.Rows = append(p.Rows, row)
	}
	slices.Reverse(p.Rows)
	const ever civil.Date = "9998-12-31"
	for _, s := range h.dir.Predecessors(u.ID, ever) {
		p.Steps = append(p.Steps, h.step(c, s, s.Old, s.Day.Add(-1), false))
	}
	for _, s := range h.dir.Successors(u.ID, ever) {
		if s.New != s.Old {
			p.Steps = append(p.Steps, h.step(c, s, s.New, s.Day, true))
		}
	}
	p.Below = len(h.dir.On(c.Today).Children(u.ID))
	return c.Render("org_show", p)
}

func (h *pages) step(c *web.Context, s *org.Succession, other string, day civil.Date, into bool) step {
	st := step{Kind: s.Kind, Share: s.Share, Day: s.Day, Act: s.Act}
	if into {
		st.Kind = "into"
	}
	if x, ok := h.dir.Unit(other, day); ok {
		st.Unit, st.Was, st.Path = x, x.NameIn(c.Lang), workPath+"/"+x.ID
		if s.Kind == org.Moved {
			st.Was = h.name(c, x.ParentID, day)
		}
	}
	return st
}

// name is the name of the unit with the id, near the day; "" for no id.
func (h *pages) name(c *web.Context, id string, day civil.Date) string {
	if u, ok := h.dir.Unit(id, max(day, c.Today)); ok {
		return u.NameIn(c.Lang)
	}
	if rows := h.dir.History(id); len(rows) > 0 {
		return rows[0].NameIn(c.Lang)
	}
	return ""
}
