package orgweb

import (
	"net/url"
	"slices"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

const perPage = 100

type listPage struct {
	Unit    *org.Unit
	F       *web.Form
	Path    string
	Kinds   []web.Option
	Parents []web.Option
	On      civil.Date
	Other   bool // On is not today
	Total   int
	Rows    []listRow
	Pager   web.Pager
	CSV     string
	XLSX    string
}

type listRow struct {
	nameLink
	Kind   i18n.Msg
	Parent nameLink
}

func addQuery(path string, kv ...string) string {
	q := url.Values{}
	for pair := range slices.Chunk(kv, 2) {
		if len(pair) == 2 && pair[1] != "" {
			q.Set(pair[0], pair[1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// filter reads the filter of the list below c.Unit on the tree's day.
func (h *pages) filter(c *web.Context, tree *org.Tree) (org.Filter, error) {
	f := org.Filter{Under: c.Unit.ID, Not: c.Unit.ID, Kind: c.Query("kind"), Q: c.Query("q")}
	if f.Kind != "" && !slices.Contains(org.Kinds, f.Kind) {
		return f, errs.E(errs.NotFound, "web.error.not_found")
	}
	if code := c.Query("parent"); code != "" {
		x, ok := tree.ByCode(code)
		if !ok || !tree.Under(x.ID, c.Unit.ID) {
			return f, errs.E(errs.NotFound, "web.error.not_found")
		}
		f.Under, f.Not = x.ID, x.ID
	}
	return f, nil
}

// day is the day of the list: the day asked for, or the unit's last.
func day(c *web.Context) civil.Date {
	if c.Unit.To != civil.None {
		return min(c.On, c.Unit.To)
	}
	return c.On
}

func (h *pages) list(c *web.Context) error {
	tree := h.dir.On(day(c))
	f, err := h.filter(c, tree)
	if err != nil {
		return err
	}
	p := listPage{Unit: c.Unit, F: c.Form(), Path: c.UnitPath(c.Unit, ListPath), On: tree.Day(), Other: tree.Day() != c.Today}
	on := ""
	if c.Query("on") != "" {
		on = string(p.On)
	}
	units := tree.Pick(f)
	p.Total = len(units)
	query := []string{"kind", f.Kind, "parent", c.Query("parent"), "q", f.Q, "on", on}
	p.CSV, p.XLSX = addQuery(p.Path+".csv", query...), addQuery(p.Path+".xlsx", query...)
	// The list goes on after the unit with a code; a unit that is gone by now begins it anew.
	start := 0
	if after := c.Query("after"); after != "" {
		start = slices.IndexFunc(units, func(u *org.Unit) bool { return u.Code == after }) + 1
	}
	stop := min(start+perPage, len(units))
	for _, u := range units[start:stop] {
		r := listRow{nameLink: h.link(c, u), Kind: org.KindMsg(u.Kind)}
		if x := tree.Parent(u.ID); x != nil && x.ID != f.Under {
			r.Parent = h.link(c, x)
		}
		p.Rows = append(p.Rows, r)
	}
	at := func(i int) string { return addQuery(p.Path, append(query, "after", units[i].Code)...) }
	if start > perPage {
		p.Pager.First = addQuery(p.Path, query...)
	}
	switch {
	case start > perPage:
		p.Pager.Prev = at(start - perPage - 1)
	case start > 0:
		p.Pager.Prev = addQuery(p.Path, query...)
	}
	if stop < len(units) {
		p.Pager.Next = at(stop - 1)
	}
	p.choices(c, tree)
	return c.Render("org_list", p)
}

// choices are the kinds and the parents that there are below the unit.
func (p *listPage) choices(c *web.Context, tree *org.Tree) {
	have := map[string]bool{}
	p.Kinds = []web.Option{{Label: c.P.T("org.list.any_kind")}}
	p.Parents = []web.Option{{Label: c.P.T("org.list.any_parent")}}
	for u := range tree.Walk(c.Unit.ID) {
		if u.ID == c.Unit.ID {
			continue
		}
		have[u.Kind] = true
		if len(tree.Children(u.ID)) > 0 && len(p.Parents) < 400 {
			p.Parents = append(p.Parents, web.Option{Value: u.Code, Label: u.NameIn(c.Lang), Lang: nameLang(u)})
		}
	}
	for _, k := range org.Kinds {
		if have[k] {
			p.Kinds = append(p.Kinds, web.Option{Value: k, Label: c.P.T("org.kinds." + k)})
		}
	}
}

// nameLang is the language of a unit's name on English pages where it has no English one.
func nameLang(u *org.Unit) string {
	if u.NameEN == "" && !org.Administrative(u.Kind) {
		return string(i18n.VI)
	}
	return ""
}

func (h *pages) export(format string) web.Handler {
	return func(c *web.Context) error {
		f, err := h.filter(c, h.dir.On(day(c)))
		if err != nil {
			return err
		}
		name, kind, data, err := h.dir.Export(day(c), f, format, c.P)
		if err != nil {
			return err
		}
		return c.Bytes(kind, name, data)
	}
}
