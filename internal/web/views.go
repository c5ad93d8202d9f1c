package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"reflect"
	"strings"
	"sync"

	"dinh/internal/i18n"
)

//go:embed templates/*.gohtml
var templateFiles embed.FS

const templateExt = ".gohtml"

// views are all page templates, one set per language. Functions are bound to the language when a set is made and never changed after; a page's set is
// parsed when it is first asked for, so that a start does not wait for pages that nobody opens.
type views struct {
	k        *Kit
	css      []string
	js, logo string
	partials []source // in the order they came
	pages    map[string]*pageViews
}

type source struct{ name, text string }

type pageViews struct {
	source
	sets map[i18n.Lang]func() (*template.Template, error)
}

func newViews(k *Kit) *views {
	return &views{k: k, css: []string{k.Static("govuk-frontend.min.css"), k.Static("dinh.css")}, js: k.Static("dinh.js"), logo: k.Static("logo.svg"), pages: map[string]*pageViews{}}
}

// add reads the templates at the top of fsys.
func (v *views) add(fsys fs.FS) error {
	names, err := fs.Glob(fsys, "*"+templateExt)
	if err != nil {
		return err
	}
	for _, n := range names {
		b, err := fs.ReadFile(fsys, n)
		if err != nil {
			return err
		}
		src := source{strings.TrimSuffix(path.Base(n), templateExt), string(b)}
		if strings.HasPrefix(src.name, "_") {
			v.partials = append(v.partials, src)
			continue
		}
		if _, twice := v.pages[src.name]; twice {
			return fmt.Errorf("web: page template %s twice", src.name)
		}
		p := &pageViews{source: src, sets: map[i18n.Lang]func() (*template.Template, error){}}
		for _, lang := range i18n.Langs {
			p.sets[lang] = sync.OnceValues(func() (*template.Template, error) { return v.parse(lang, p.source) })
		}
		v.pages[src.name] = p
	}
	return nil
}

// parse makes the set of a page: the partials, the page's own definitions, the frame.
func (v *views) parse(lang i18n.Lang, page source) (*template.Template, error) {
	t := template.New(page.name).Funcs(v.funcs(lang)).Option("missingkey=error")
	for _, p := range v.partials {
		if _, err := t.New(p.name).Parse(p.text); err != nil {
			return nil, fmt.Errorf("web: template %s: %w", p.name, err)
		}
	}
	if _, err := t.Parse(page.text); err != nil {
		return nil, fmt.Errorf("web: template %s: %w", page.name, err)
	}
	for _, want := range []string{"title", "main"} {
		if t.Lookup(want) == nil {
			return nil, fmt.Errorf("web: template %s does not define %q", page.name, want)
		}
	}
	return t, nil
}

func (v *views) set(lang i18n.Lang, page string) (*template.Template, error) {
	p, ok := v.pages[page]
	if !ok {
		return nil, fmt.Errorf("web: no page template %q", page)
	}
	return p.sets[lang]()
}

func (v *views) render(buf *bytes.Buffer, lang i18n.Lang, page string, data *View) error {
	t, err := v.set(lang, page)
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(buf, "_frame", data)
}

// CheckView parses the page in all languages and hands each set to check, with a value of the type that the frame is executed with when the page's own
// data are of the type of data. It is for webtest.CheckTemplates.
func (k *Kit) CheckView(page string, data any, check func(t *template.Template, view any) error) error {
	view := reflect.New(reflect.StructOf([]reflect.StructField{
		{Name: "L", Type: reflect.TypeFor[*Layout]()},
		{Name: "P", Type: reflect.TypeOf(data)},
	})).Elem().Interface()
	for _, lang := range i18n.Langs {
		// A set of its own: a check may look into a template in ways that must not touch those in use.
		p, ok := k.views.pages[page]
		if !ok {
			return fmt.Errorf("web: no page template %q", page)
		}
		t, err := k.views.parse(lang, p.source)
		if err != nil {
			return err
		}
		if err := check(t.Lookup("_frame"), view); err != nil {
			return fmt.Errorf("%s (%s): %w", page, lang, err)
		}
	}
	return nil
}

// Pages lists the names of all page templates, for tests.
func (k *Kit) Pages() []string {
	out := make([]string, 0, len(k.views.pages))
	for n := range k.views.pages {
		out = append(out, n)
	}
	return out
}
