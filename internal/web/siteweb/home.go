package siteweb

import (
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// root leads from the bare host to the province; a data folder without units says how to begin.
func (s *site) root(c *web.Context) error {
	switch roots := c.Tree.Roots(); len(roots) {
	case 0:
		return c.Render("site_empty", struct{}{})
	case 1:
		return c.MovedTo(c.UnitPath(roots[0], ""))
	default:
		return c.Render("site_provinces", roots)
	}
}

type bay struct {
	Room  string
	Path  string
	Count *Count // nil: the bay says what will be there
}

type homePage struct {
	Bays      []bay
	Piece     Piece
	Districts []district
	Communes  int // directly below the province
	Bodies    int
	UnitsPath string
	Search    string
}

type district struct {
	Unit  *org.Unit
	Path  string
	Count int
}

func (s *site) home(c *web.Context) error {
	u := c.Unit
	c.Touches("unit:"+u.ID, "units")
	p := homePage{UnitsPath: c.UnitLink(u, "/don-vi"), Search: c.UnitPath(u, "/tim")}
	var err error
	if p.Piece, err = s.gather(c, u, ""); err != nil {
		return err
	}
	for _, r := range web.Rooms {
		b := bay{Room: r, Path: c.UnitLink(u, "/"+r)}
		for i, n := range p.Piece.Counts {
			if n.Room == r && n.N > 0 {
				b.Count = &p.Piece.Counts[i]
				break
			}
		}
		p.Bays = append(p.Bays, b)
	}
	for x := range c.Tree.Walk(u.ID) {
		if x.ID != u.ID && ofProvince(c.Tree, x) {
			p.Bodies++
		}
	}
	for _, child := range c.Tree.Children(u.ID) {
		switch child.Kind {
		case org.District:
			d := district{Unit: child, Path: p.UnitsPath + "#" + child.Slug}
			for _, x := range c.Tree.Children(child.ID) {
				if x.Kind == org.Commune {
					d.Count++
				}
			}
			p.Districts = append(p.Districts, d)
		case org.Commune:
			p.Communes++
		}
	}
	return c.Render("site_home", p)
}

// ofProvince reports whether the unit is a body of the province itself, also below another body of it: no territory stands between.
func ofProvince(t *org.Tree, u *org.Unit) bool {
	if org.Administrative(u.Kind) {
		return false
	}
	for p := t.Parent(u.ID); p != nil && p.Kind != org.Province; p = t.Parent(p.ID) {
		if org.Administrative(p.Kind) {
			return false
		}
	}
	return true
}

type unitsPage struct {
	Filter string // address of the list that filters and downloads
	Groups []unitGroup
}

type unitGroup struct {
	ID    string
	Unit  *org.Unit // heading with a link; nil where Title says it
	Title i18n.Msg
	Path  string
	Units []unitLink
}

type unitLink struct {
	Unit *org.Unit
	Path string
}

// units lists everything below the province: communes by district (or directly), then bodies by kind.
func (s *site) units(c *web.Context) error {
	u := c.Unit
	c.Touches("units", "unit:"+u.ID)
	c.L.Crumbs = []web.Crumb{{Text: u.NameIn(c.Lang), Path: c.UnitLink(u, "")}}
	link := func(x *org.Unit) unitLink { return unitLink{x, c.UnitLink(x, "")} }
	var p unitsPage
	if s.Filter != "" {
		p.Filter = c.UnitPath(u, s.Filter)
	}
	byKind := map[string]*unitGroup{}
	for _, k := range org.Kinds {
		byKind[k] = &unitGroup{ID: k, Title: i18n.M("site.units.kind." + k)}
	}
	for _, x := range c.Tree.All() { // in the order of names
		if ofProvince(c.Tree, x) && c.Tree.Under(x.ID, u.ID) {
			byKind[x.Kind].Units = append(byKind[x.Kind].Units, link(x))
		}
	}
	for _, child := range c.Tree.Children(u.ID) {
		if child.Kind == org.Commune {
			byKind[org.Commune].Units = append(byKind[org.Commune].Units, link(child))
		}
		if child.Kind != org.District {
			continue
		}
		g := unitGroup{ID: child.Slug, Unit: child, Path: c.UnitLink(child, "")}
		for _, x := range c.Tree.Children(child.ID) {
			if x.Kind == org.Commune {
				g.Units = append(g.Units, link(x))
			}
		}
		p.Groups = append(p.Groups, g)
	}
	for _, k := range org.Kinds {
		if len(byKind[k].Units) > 0 {
			p.Groups = append(p.Groups, *byKind[k])
		}
	}
	return c.Render("site_units", p)
}
