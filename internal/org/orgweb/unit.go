package orgweb

import (
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/web"
)

type unitPage struct {
	Unit     *org.Unit
	Day      civil.Date // the day as of which the page shows the unit
	Other    bool       // Day is not today
	Ended    bool       // by the day asked for or by today
	Gone     bool       // by the day asked for
	EndAct   string
	Into     []step // what became of it
	Facts    []fact
	Flags    []i18n.Msg
	Rooms    []roomLink
	Panels   []Panel
	Groups   []group
	All      string // address of the list of all below
	From     []step
	Own      []step     // its renames and moves
	Address  []nameLink // who had its address before
	Code     []nameLink // who had its code before
	Villages string     // where the reader may keep its villages
	Edit     string     // where the reader may change it
}

// step is another unit with how it became or came of this one.
type step struct {
	Unit  *org.Unit
	Path  string
	Kind  string
	Share string
	Day   civil.Date
	Act   string
	Was   string // a rename: the name before; a move: the unit before
}

type fact struct {
	Label i18n.Msg
	Text  string
	Unit  *org.Unit
	Path  string
	Msg   i18n.Msg
}

type roomLink struct {
	Room  string
	Path  string
	Count int
}

type group struct {
	Kind  string
	Count int
	Units []nameLink
	More  string // address of the rest
}

// shown is how many units of a kind the page names.
const shown = 60

func (h *pages) year(c *web.Context) error {
	if _, ok := org.Year(c.Value("year")); !ok {
		return errs.E(errs.NotFound, "web.error.not_found")
	}
	if c.Unit.Kind == org.Province {
		return c.MovedTo(c.UnitPath(c.Unit, ""), "on", string(c.On))
	}
	return h.unit(c)
}

func (h *pages) unit(c *web.Context) error {
	u := c.Unit
	p := unitPage{Unit: u, Day: c.On, Other: c.On != c.Today}
	if u.To != civil.None {
		p.Ended, p.Gone = u.To < max(c.On, c.Today), u.To < c.On
	}
	if p.Gone {
		p.Day = u.To
	}
	tree := h.dir.On(p.Day)
	c.Touches("unit:"+u.ID, "law")
	h.crumbs(c, tree, u)
	h.facts(c, tree, u, &p)
	h.past(c, u, &p)
	if p.Gone {
		return c.Render("org_unit", p)
	}
	if err := h.rooms(c, u, &p); err != nil {
		return err
	}
	h.below(c, tree, u, &p)
	if !c.Actor.Public() {
		place := tree.Place(u.ID)
		if u.Kind == org.Commune && access.Allowed(c.Actor, access.EditVillages, place) {
			p.Villages = villagePath + "?xa=" + u.ID
		}
		if access.Allowed(c.Actor, access.EditUnits, place) {
			p.Edit = workPath + "/" + u.ID
		}
	}
	return c.Render("org_unit", p)
}

// crumbs leads from the province down to the unit, as things were on its day.
func (h *pages) crumbs(c *web.Context, tree *org.Tree, u *org.Unit) {
	c.L.Crumbs = []web.Crumb{}
	above := tree.Above(u.ID)
	for _, id := range slices.Backward(above) {
		if x, ok := tree.ByID(id); ok {
			c.L.Crumbs = append(c.L.Crumbs, web.Crumb{Text: x.NameIn(c.Lang), Path: h.dir.Link(x, c.Today)})
		}
	}
}

func (h *pages) facts(c *web.Context, tree *org.Tree, u *org.Unit, p *unitPage) {
	add := func(key string, f fact) {
		f.Label = i18n.M(key)
		p.Facts = append(p.Facts, f)
	}
	kind := fact{Text: u.KindWord(c.Lang)}
	if kind.Text == "" {
		kind.Msg = org.KindMsg(u.Kind)
	}
	add("org.page.kind", kind)
	add("org.page.code", fact{Text: u.Code})
	if x := tree.Parent(u.ID); x != nil {
		l := h.link(c, x)
		add("org.page.parent", fact{Unit: l.Unit, Path: l.Path})
		c.Touches("unit:" + x.ID)
	}
	if x, ok := tree.ByID(u.ManagerID); ok {
		l := h.link(c, x)
		add("org.page.manager", fact{Unit: l.Unit, Path: l.Path})
		c.Touches("unit:" + x.ID)
	}
	if u.Staff != org.Unknown {
		add("org.page.staff", fact{Text: c.P.Int(int64(u.Staff))})
	}
	if u.Workers != org.Unknown {
		add("org.page.workers", fact{Text: c.P.Int(int64(u.Workers))})
	}
	for _, f := range u.Flags {
		p.Flags = append(p.Flags, flagMsg(f))
	}
}

// flagMsg words a flag; one of a law laid over the catalogue stands as it is.
func flagMsg(f string) i18n.Msg {
	if key := "org.flag." + f; i18n.For(i18n.VI).Has(key) {
		return i18n.M(key)
	}
	return i18n.M("org.page.flag", "flag", f)
}

// past says where the unit came from, who had its address and its code before, and what became of it.
func (h *pages) past(c *web.Context, u *org.Unit, p *unitPage) {
	for _, s := range h.dir.Predecessors(u.ID, c.On) {
		x, ok := h.dir.Unit(s.Old, s.Day.Add(-1))
		if !ok {
			continue
		}
		st := step{Unit: x, Path: h.dir.Link(x, c.Today), Kind: s.Kind, Share: s.Share, Day: s.Day, Act: s.Act, Was: x.NameIn(c.Lang)}
		c.Touches("unit:" + x.ID)
		if s.Old != u.ID {
			p.From = append(p.From, st)
			continue
		}
		if s.Kind == org.Moved {
			st.Was = "–"
			if parent, ok := h.dir.Unit(x.ParentID, s.Day.Add(-1)); ok {
				st.Was = parent.NameIn(c.Lang)
			}
		}
		p.Own = append(p.Own, st)
	}
	for _, s := range h.dir.Successors(u.ID, max(c.On, c.Today)) {
		if s.New == u.ID {
			continue
		}
		if x, ok := h.dir.Unit(s.New, max(s.Day, c.Today)); ok {
			p.Into = append(p.Into, step{Unit: x, Path: h.dir.Link(x, c.Today), Kind: s.Kind, Share: s.Share, Day: s.Day, Act: s.Act})
			c.Touches("unit:" + x.ID)
		}
	}
	for _, x := range h.dir.Before(u, c.On) {
		p.Address = append(p.Address, h.link(c, x))
	}
	for _, x := range h.dir.Holders(u.Code, c.On) {
		if x.ID != u.ID && x.From < u.From {
			p.Code = append(p.Code, h.link(c, x))
		}
	}
}

func (h *pages) rooms(c *web.Context, u *org.Unit, p *unitPage) error {
	counts := map[string]int{}
	if h.Law != nil {
		for _, d := range h.Law().Duties(law.Query{Kind: u.Kind, Flags: u.Flags, Size: law.SizesOf(u.Staff, u.Workers), Day: c.On, Role: "matter"}) {
			counts[d.Principle]++
		}
	}
	for i, principle := range []string{"know", "discuss", "decide", "do", "inspect"} {
		p.Rooms = append(p.Rooms, roomLink{Room: web.Rooms[i], Path: c.UnitPath(u, "/"+web.Rooms[i]), Count: counts[principle]})
	}
	for _, r := range h.Rooms {
		panel, ok, err := r.Panel(c, u)
		if err != nil {
			return err
		}
		if ok {
			p.Panels = append(p.Panels, panel)
		}
	}
	return nil
}

func (h *pages) below(c *web.Context, tree *org.Tree, u *org.Unit, p *unitPage) {
	list := c.UnitPath(u, ListPath)
	on := ""
	if c.On != c.Today {
		on = string(c.On)
	}
	byKind := map[string]*group{}
	for _, x := range tree.Children(u.ID) {
		g := byKind[x.Kind]
		if g == nil {
			g = &group{Kind: x.Kind}
			byKind[x.Kind] = g
		}
		g.Count++
		if g.Count <= shown {
			g.Units = append(g.Units, h.link(c, x))
		}
	}
	for _, kind := range org.Kinds {
		if g := byKind[kind]; g != nil {
			if g.Count > shown {
				g.More = addQuery(list, "kind", kind, "on", on)
			}
			p.Groups = append(p.Groups, *g)
		}
	}
	if len(p.Groups) > 0 {
		p.All = addQuery(list, "on", on)
	}
}
