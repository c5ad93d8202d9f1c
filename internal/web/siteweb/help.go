package siteweb

import (
	"embed"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/web"
)

//go:embed help
var helpFiles embed.FS

// THIRD_PARTY.txt is made by the tools module from the modules that the program is built with.
//
//go:embed THIRD_PARTY.txt
var thirdParty string

// help are the pages of help and notices by language and name. A file begins with "# Title"; its name begins with its place in the list ("20-can-bo.md"),
// a file without a number is in no list.
type help map[i18n.Lang]map[string]*helpText

type helpText struct {
	name, title string
	place       string // "" is in no list
	lead        string // the first paragraph
	html        func() (template.HTML, error)
}

type helpPage struct {
	Title string
	Body  template.HTML
}

type helpLink struct{ Title, Lead, Path string }

func readHelp() (help, error) {
	out := help{}
	for _, lang := range i18n.Langs {
		out[lang] = map[string]*helpText{}
		names, err := fs.Glob(helpFiles, "help/"+string(lang)+"/*.md")
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			b, err := helpFiles.ReadFile(n)
			if err != nil {
				return nil, err
			}
			t := &helpText{name: strings.TrimSuffix(path.Base(n), ".md")}
			if place, rest, ok := strings.Cut(t.name, "-"); ok && strings.Trim(place, "0123456789") == "" {
				t.place, t.name = place, rest
			}
			head, rest, _ := strings.Cut(string(b), "\n")
			t.title = strings.TrimPrefix(head, "# ")
			t.lead, _, _ = strings.Cut(strings.TrimSpace(rest), "\n\n")
			t.lead = strings.ReplaceAll(t.lead, "\n", " ")
			t.html = sync.OnceValues(func() (template.HTML, error) { return web.PageMarkdown(local(lang, string(b))) })
			out[lang][t.name] = t
		}
	}
	return out, nil
}

// local makes addresses in the text lead to pages of the reader's language.
func local(lang i18n.Lang, text string) string {
	if lang == i18n.EN {
		return strings.ReplaceAll(text, "](/", "](/en/")
	}
	return text
}

func (s *site) helpIndex(c *web.Context) error {
	var texts []*helpText
	for _, t := range s.help[c.Lang] {
		if t.place != "" {
			texts = append(texts, t)
		}
	}
	slices.SortFunc(texts, func(a, b *helpText) int { return strings.Compare(a.place, b.place) })
	links := make([]helpLink, len(texts))
	for i, t := range texts {
		links[i] = helpLink{t.title, t.lead, "/tro-giup/" + t.name}
	}
	return c.Render("site_help_index", links)
}

func (s *site) helpPage(c *web.Context) error {
	c.L.Crumbs = []web.Crumb{{Key: "site.help.title", Path: "/tro-giup"}}
	return s.text(c, c.Value("page"))
}

func (s *site) single(name string) web.Handler {
	return func(c *web.Context) error { return s.text(c, name) }
}

func (s *site) text(c *web.Context, name string) error {
	t, ok := s.help[c.Lang][name]
	if !ok {
		return errs.E(errs.NotFound, "web.error.not_found")
	}
	body, err := t.html()
	if err != nil {
		return err
	}
	return c.Render("site_help", helpPage{t.title, body})
}

type licencesPage struct{ Notices string }

func (s *site) licences(c *web.Context) error {
	notices := s.Notices
	if notices == "" {
		notices = thirdParty
	}
	return c.Render("site_licences", licencesPage{notices})
}
