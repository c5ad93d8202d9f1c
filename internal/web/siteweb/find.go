package siteweb

import (
	"net/url"
	"slices"

	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/search"
	"dinh/internal/web"
)

const (
	perPage   = 20
	knownRows = 5  // of what is known from memory, above the newest records
	maxUnits  = 10 // offered to choose from where a name is that of several
)

type searchPage struct {
	F       *web.Form
	Path    string
	Q       string
	Kind    string
	Best    bool
	Sorts   []sortLink // none where there is one order only
	Facets  []facet
	Unit    *org.Unit // only below this one
	UnitAll string    // the address without it
	Choices []choice  // units that the name typed may mean
	Known   []search.Hit
	Hits    []search.Hit
	Pager   web.Pager
	Total   int // at most Most; Many where there are more
	Many    bool
	Most    int
	Ranked  int  // not 0: only so many of the newest were ranked
	Tags    bool // rows tell their kinds
	Start   bool // the first page
}

type facet struct {
	Kind    string // "" is all
	Path    string
	Count   int
	Many    bool // more than Count
	Current bool
}

type sortLink struct {
	Best    bool
	Path    string
	Current bool
}

type choice struct {
	Name, Above, Path string
}

// find is the search page: over the whole site, or below a province. Its answer depends on who asks.
func (s *site) find(c *web.Context) error {
	c.L.Hidden = true
	p := searchPage{F: c.Form(), Q: c.Query("q"), Kind: c.Query("loai"), Best: c.Query("sap-xep") == "sat", Path: c.Path(), Most: search.Most}
	if !slices.Contains(s.Kinds, p.Kind) {
		p.Kind = ""
	}
	after := c.Query("sau")
	q := search.Query{Text: p.Q, Kinds: s.Kinds, Actor: c.Actor, Day: c.On, Lang: c.Lang, Limit: perPage, After: after}
	if p.Best {
		q.Order = search.Best
	}
	if name := c.Query("don-vi"); name != "" && !s.under(c, &p, &q, name) {
		p.Start = true
		return c.Render("site_search", p)
	}
	p.UnitAll = p.at("don-vi", "")
	all, err := s.found(c, &q)
	if err != nil {
		return err
	}
	p.Facets = append(p.Facets, facet{Path: p.at("loai", ""), Count: min(all.Total(), search.Most), Many: all.Total() > search.Most, Current: p.Kind == ""})
	for _, k := range s.Kinds {
		if n := all.Count[k]; n > 0 || k == p.Kind {
			p.Facets = append(p.Facets, facet{Kind: k, Path: p.at("loai", k), Count: min(n, search.Most), Many: n > search.Most, Current: p.Kind == k})
		}
	}
	if p.Kind != "" {
		q.Kinds, q.After = []string{p.Kind}, after
		if all, err = s.found(c, &q); err != nil {
			return err
		}
	}
	p.Start = q.After == ""
	p.Hits, p.Known = all.Hits, all.Known[:min(len(all.Known), knownRows)]
	p.Total, p.Many = min(all.Total(), search.Most), all.Total() > search.Most
	p.Tags = p.Kind == "" && len(p.Facets) > 2
	if !slices.Contains([]string{search.KindUnit, search.KindDuty, search.KindAct}, p.Kind) && p.Total > 1 {
		p.Sorts = []sortLink{{Best: false, Path: p.at("sap-xep", ""), Current: !p.Best}, {Best: true, Path: p.at("sap-xep", "sat"), Current: p.Best}}
	}
	if p.Best && all.Total() > search.Ranked {
		p.Ranked = search.Ranked
	}
	if !p.Start {
		p.Pager.First = p.at("sau", "")
	}
	if all.Next != "" {
		p.Pager.Next = p.at("sau", all.Next)
	}
	return c.Render("site_search", p)
}

// found asks for a page; an address that is none of ours is the first page.
func (s *site) found(c *web.Context, q *search.Query) (search.Found, error) {
	all, err := s.Search.Find(c.Context(), *q)
	if errs.Is(err, errs.Invalid) && q.After != "" {
		q.After = ""
		all, err = s.Search.Find(c.Context(), *q)
	}
	return all, err
}

// at is the address of the page with one parameter changed; a page of another list is no page of this one.
func (p searchPage) at(name, value string) string {
	v := url.Values{"q": {p.Q}}
	set := func(k, s string) {
		if k == name {
			s = value
		}
		if s != "" {
			v.Set(k, s)
		}
	}
	set("loai", p.Kind)
	if p.Unit != nil {
		set("don-vi", p.Unit.Code)
	} else {
		set("don-vi", "")
	}
	if p.Best {
		set("sap-xep", "sat")
	} else {
		set("sap-xep", "")
	}
	set("sau", "")
	return p.Path + "?" + v.Encode()
}

// under takes a unit's code, or its name as people type it, and narrows the query to the unit and all below it; false where it is not clear which unit
// is meant, which the page then says.
func (s *site) under(c *web.Context, p *searchPage, q *search.Query, name string) bool {
	u, ok := c.Tree.ByCode(name)
	if !ok {
		like := unitsLike(c.Tree, name)
		if len(like) == 0 {
			p.F.Fail(errs.At("don-vi", "search.unit.none"))
			return false
		}
		if len(like) > 1 {
			for _, u := range like[:min(len(like), maxUnits)] {
				o := choice{Name: u.NameIn(c.Lang), Path: p.at("don-vi", u.Code)}
				if up := c.Tree.Parent(u.ID); up != nil {
					o.Above = up.NameIn(c.Lang)
				}
				p.Choices = append(p.Choices, o)
			}
			return false
		}
		u = like[0]
	}
	p.Unit = u
	if c.Tree.Parent(u.ID) == nil {
		return true // everything is below it
	}
	for below := range c.Tree.Walk(u.ID) {
		q.Units = append(q.Units, below.ID)
	}
	return true
}

// unitsLike are the units whose name is the one typed, with or without diacritics; where there are none, those that have all its words.
func unitsLike(tree *org.Tree, name string) []*org.Unit {
	typed, terms := search.FoldWords(name), search.Parse(name)
	if terms.Empty() {
		return nil
	}
	var same, like []*org.Unit
	for _, u := range tree.All() {
		switch vi, en := search.FoldWords(u.Name), search.FoldWords(u.NameIn(i18n.EN)); {
		case vi == typed || en == typed:
			same = append(same, u)
		case terms.Match(vi):
			like = append(like, u)
		}
	}
	if len(same) > 0 {
		return same
	}
	return like
}

// hitList is what the template of rows takes.
type hitList struct {
	Hits []search.Hit
	Tags bool
}

// List are the rows of what is known from memory, or those of records.
func (p searchPage) List(known bool) hitList {
	if known {
		return hitList{p.Known, p.Tags}
	}
	return hitList{p.Hits, p.Tags}
}

// Without is the address without a parameter.
func (p searchPage) Without(name string) string { return p.at(name, "") }
