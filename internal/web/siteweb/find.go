package siteweb

import (
	"strconv"

	"dinh/internal/search"
	"dinh/internal/web"
)

const perPage = 20

type searchPage struct {
	F      *web.Form
	Q      string
	Kind   string
	Found  search.Found
	Facets []facet
	Hits   []search.Hit
	Pager  web.Pager
	Path   string
	Total  int
	Most   int
}

type facet struct {
	Kind    string // "" is all
	Path    string
	Count   int
	Current bool
}

// find is the search page: over the whole site, or below a province. Its answer depends on who asks.
func (s *site) find(c *web.Context) error {
	c.L.Hidden = true
	p := searchPage{F: c.Form(), Q: c.Query("q"), Kind: c.Query("loai"), Path: c.Path(), Most: search.Most}
	q := search.Query{Text: p.Q, Actor: c.Actor, Day: c.On, Lang: c.Lang, Limit: 4 * search.Most}
	all, err := s.Search.Find(c.Context(), q)
	if err != nil {
		return err
	}
	p.Found = all
	hits := all.Hits
	p.Facets = append(p.Facets, facet{Path: c.Path() + "?q=" + urlQuery(p.Q), Count: len(all.Hits), Current: p.Kind == ""})
	for _, k := range s.Kinds {
		if n := all.Count[k]; n > 0 {
			p.Facets = append(p.Facets, facet{Kind: k, Path: c.Path() + "?q=" + urlQuery(p.Q) + "&loai=" + k, Count: n, Current: p.Kind == k})
		}
	}
	if p.Kind != "" {
		q.Kinds = []string{p.Kind}
		only, err := s.Search.Find(c.Context(), q)
		if err != nil {
			return err
		}
		hits = only.Hits
		p.Found.More = only.More
	}
	p.Total = len(hits)
	page, _ := strconv.Atoi(c.Query("trang"))
	page = min(max(1, page), len(hits)/perPage+1)
	from := min((page-1)*perPage, len(hits))
	p.Hits = hits[from:min(from+perPage, len(hits))]
	at := func(n int) string {
		to := c.Path() + "?q=" + urlQuery(p.Q)
		if p.Kind != "" {
			to += "&loai=" + urlQuery(p.Kind)
		}
		return to + "&trang=" + strconv.Itoa(n)
	}
	if page > 1 {
		p.Pager.Prev = at(page - 1)
	}
	if from+perPage < len(hits) {
		p.Pager.Next = at(page + 1)
	}
	return c.Render("site_search", p)
}
