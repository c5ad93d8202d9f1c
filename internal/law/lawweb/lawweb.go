// Package lawweb has the pages of the law: lists of acts and duties, an act, a duty with what held before it, and the deadlines that a change of the
// catalogue would move.
package lawweb

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/web"
)

//go:embed templates/*.gohtml
var templateFiles embed.FS

// ActPath is the address of an act's page, without /en.
func ActPath(id string) string { return "/luat/" + id }

// DutyPath is the address of a duty's page, without /en.
func DutyPath(id string) string { return "/luat/nghia-vu/" + id }

const movedPath = "/lam-viec/luat/thay-doi"

type pages struct {
	s      *law.Service
	folded func() map[*law.Duty]string // what the search box looks through
}

// Register adds the pages to the kit.
func Register(k *web.Kit, s *law.Service) {
	sub, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err)
	}
	k.Templates(sub)
	h := pages{s: s, folded: sync.OnceValue(func() map[*law.Duty]string { return fold(s.Catalogue()) })}
	kept := &web.Kept{Params: filterParams}
	k.Handle(web.Route{Method: http.MethodGet, Pattern: "/luat", Handler: h.list, Kept: kept})
	k.Handle(web.Route{Method: http.MethodGet, Pattern: "/luat/danh-sach.csv", Handler: h.csv})
	k.Handle(web.Route{Method: http.MethodGet, Pattern: "/luat/{act}", Handler: h.act, Kept: &web.Kept{}})
	k.Handle(web.Route{Method: http.MethodGet, Pattern: "/luat/nghia-vu/{duty}", Handler: h.duty, Kept: &web.Kept{}})
	admin := web.Posts(access.Admin)
	k.Handle(web.Route{Method: http.MethodGet, Pattern: movedPath, Handler: h.moved, Who: admin})
	k.Handle(web.Route{Method: http.MethodPost, Pattern: movedPath, Handler: h.answer, Who: admin})
	k.Nav(web.NavItem{Key: "law.moved.nav", Path: movedPath, Who: admin, Order: 95})
}

// fold is the text of each duty as the search box compares it.
func fold(c *law.Catalogue) map[*law.Duty]string {
	p := i18n.For(i18n.VI)
	out := map[*law.Duty]string{}
	for _, d := range c.All() {
		out[d] = i18n.Fold(strings.Join([]string{d.TitleVI, d.TitleEN, p.Say(d.Cite()), d.ActOf().TitleVI, d.ActOf().TitleEN, d.ID, strings.Join(d.Steps(), " ")}, "\n"))
	}
	return out
}

// text is words with their language, where it need not be the page's.
type text struct {
	Text string
	Lang string
}

func worded(s string, l i18n.Lang) text { return text{s, string(l)} }

// vietnamese are letters that no English text has.
const vietnamese = "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơưăâêôàáãèéìíòóõùúýĩũ"

// written guesses the language of a note: the catalogue's are in both.
func written(s string) text {
	if strings.ContainsAny(strings.ToLower(s), vietnamese) {
		return text{s, string(i18n.VI)}
	}
	return text{s, string(i18n.EN)}
}

// row is a duty in a list.
type row struct {
	Path, Title string
	Cite        string // "Khoản 1 Điều 5", with the act where the list does not stand below it
	Meta        string
	Tags        []web.Tag
}

// row shows the duty below its act, or anywhere with its act's name.
func (h pages) row(c *web.Context, d *law.Duty, below bool) row {
	r := row{Path: DutyPath(d.ID), Title: d.Title(c.Lang), Cite: d.Ref, Meta: h.meta(c, d), Tags: tags(c, d.Span(), d.Recalled, d.Local)}
	if !below {
		r.Cite = c.P.Say(d.Cite())
	}
	return r
}

// meta is "Công khai · xã, phường · chậm nhất 5 ngày làm việc".
func (h pages) meta(c *web.Context, d *law.Duty) string {
	parts := []string{c.P.T("law.kind." + d.Kind), h.units(c, d)}
	numbers := d.Numbers(h.s.Catalogue())
	if d.Recurrence == "on_event" { // goes without saying
		numbers = numbers[:len(numbers)-1]
	}
	if n := sayAll(c.P, numbers); n != "" {
		parts = append(parts, n)
	}
	return strings.Join(parts, " · ")
}

func sayAll(p *i18n.Printer, list []i18n.Msg) string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = p.Say(m)
	}
	return strings.Join(out, "; ")
}

// tags mark what a reader must know before believing: no longer or not yet in force, not compared with the text, local.
func tags(c *web.Context, span civil.Span, recalled, local bool) []web.Tag {
	var out []web.Tag
	switch {
	case c.Today < span.From:
		out = append(out, web.Tag{Class: "sap", Text: c.P.T("law.tag.not_yet")})
	case !span.Has(c.Today):
		out = append(out, web.Tag{Class: "cho", Text: c.P.T("law.tag.ended")})
	}
	if recalled {
		out = append(out, web.Tag{Class: "sap", Text: c.P.T("law.tag.recalled")})
	}
	if local {
		out = append(out, web.Tag{Class: "lam", Text: c.P.T("law.tag.local")})
	}
	return out
}

func notThere() error { return errs.E(errs.NotFound, "law.page_gone") }
