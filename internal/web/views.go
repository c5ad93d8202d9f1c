package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"iter"
	"path"
	"reflect"
	"strings"
	"sync"
	"text/template/parse" //nolint:depguard // to see which partials a page calls; nothing is rendered with it

	"dinh/internal/i18n"
)

//go:embed templates/*.gohtml
var templateFiles embed.FS

const templateExt = ".gohtml"

// views are all page templates, one set per page and language. Functions are bound to the language when a set is made and never changed after; a page's set
// is parsed when it is first asked for, so that a start does not wait for pages that nobody opens, and it has only the partials that the page uses.
type views struct {
	k        *Kit
	css      []string
	js, logo string
	partials []source // in the order they came
	pages    map[string]*pageViews
	langs    map[i18n.Lang]*language
}

type source struct{ name, text string }

type pageViews struct {
	source
	sets map[i18n.Lang]func() (*template.Template, error)
}

// language is what all pages of one language share.
type language struct {
	funcs template.FuncMap
	lib   func() (*template.Template, error) // all partials, parsed and never executed: sets take copies of what they need
	frame func() (*template.Template, error)
}

// frameView is what the frame is executed with: the page's own parts have been rendered by then.
type frameView struct {
	L           *Layout
	Title, Main template.HTML
}

func newViews(k *Kit) *views {
	v := &views{
		k: k, css: []string{k.Static("govuk-frontend.min.css"), k.Static("dinh.css")}, js: k.Static("dinh.js"), logo: k.Static("logo.svg"),
		pages: map[string]*pageViews{}, langs: map[i18n.Lang]*language{},
	}
	for _, lang := range i18n.Langs {
		l := &language{funcs: v.funcs(lang)}
		l.lib = sync.OnceValues(func() (*template.Template, error) { return l.library(v.partials) })
		l.frame = sync.OnceValues(func() (*template.Template, error) { return l.parse(source{"frame", `{{template "_frame" .}}`}) })
		v.langs[lang] = l
	}
	return v
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
			p.sets[lang] = sync.OnceValues(func() (*template.Template, error) { return v.langs[lang].page(p.source) })
		}
		v.pages[src.name] = p
	}
	return nil
}

func (l *language) library(partials []source) (*template.Template, error) {
	lib := template.New("").Funcs(l.funcs)
	for _, p := range partials {
		if _, err := lib.New(p.name).Parse(p.text); err != nil {
			return nil, fmt.Errorf("web: template %s: %w", p.name, err)
		}
	}
	return lib, nil
}

// page makes the set of a page, which must define "title" and "main".
func (l *language) page(src source) (*template.Template, error) {
	t, err := l.parse(src)
	if err != nil {
		return nil, err
	}
	for _, want := range []string{"title", "main"} {
		if t.Lookup(want) == nil {
			return nil, fmt.Errorf("web: template %s does not define %q", src.name, want)
		}
	}
	return t, nil
}

// parse makes a set of a source and copies of the partials that it calls, directly or by others.
func (l *language) parse(src source) (*template.Template, error) {
	lib, err := l.lib()
	if err != nil {
		return nil, err
	}
	t := template.New(src.name).Funcs(l.funcs).Option("missingkey=error")
	if _, err := t.Parse(src.text); err != nil {
		return nil, fmt.Errorf("web: template %s: %w", src.name, err)
	}
	var add func(n parse.Node) error
	add = func(n parse.Node) error {
		for name := range called(n) {
			if t.Lookup(name) != nil {
				continue
			}
			part := lib.Lookup(name)
			if part == nil || part.Tree == nil {
				return fmt.Errorf("web: template %s: no partial %q", src.name, name)
			}
			tree := part.Tree.Copy()
			if _, err := t.AddParseTree(name, tree); err != nil {
				return fmt.Errorf("web: template %s: %w", src.name, err)
			}
			if err := add(tree.Root); err != nil {
				return err
			}
		}
		return nil
	}
	for _, own := range t.Templates() {
		if own.Tree != nil {
			if err := add(own.Tree.Root); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// called are the names of the templates that a tree calls.
func called(n parse.Node) iter.Seq[string] {
	return func(yield func(string) bool) { walkCalls(n, yield) }
}

func walkCalls(n parse.Node, yield func(string) bool) bool {
	branch := func(b *parse.BranchNode) bool {
		return walkCalls(b.List, yield) && (b.ElseList == nil || walkCalls(b.ElseList, yield))
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, x := range n.Nodes {
			if !walkCalls(x, yield) {
				return false
			}
		}
	case *parse.IfNode:
		return branch(&n.BranchNode)
	case *parse.RangeNode:
		return branch(&n.BranchNode)
	case *parse.WithNode:
		return branch(&n.BranchNode)
	case *parse.TemplateNode:
		return yield(n.Name)
	}
	return true
}

func (v *views) set(lang i18n.Lang, page string) (*template.Template, error) {
	p, ok := v.pages[page]
	if !ok {
		return nil, fmt.Errorf("web: no page template %q", page)
	}
	return p.sets[lang]()
}

// render writes the page into buf: its title and its main part first, then the frame around them.
func (v *views) render(buf *bytes.Buffer, lang i18n.Lang, page string, data *View) error {
	t, err := v.set(lang, page)
	if err != nil {
		return err
	}
	frame, err := v.langs[lang].frame()
	if err != nil {
		return err
	}
	part := getBuffer()
	defer putBuffer(part)
	if err := t.ExecuteTemplate(part, "title", data); err != nil {
		return err
	}
	f := frameView{L: data.L, Title: template.HTML(part.String())} //nolint:gosec // escaped by the page's set
	part.Reset()
	if err := t.ExecuteTemplate(part, "main", data); err != nil {
		return err
	}
	f.Main = template.HTML(part.String()) //nolint:gosec // escaped by the page's set
	return frame.Execute(buf, &f)
}

// CheckView parses the page in all languages and hands its title and its main part to check, with a value of the type that they are executed with when the
// page's own data are of the type of data. It is for webtest.CheckTemplates.
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
		t, err := k.views.langs[lang].page(p.source)
		if err != nil {
			return err
		}
		for _, part := range []string{"title", "main"} {
			if err := check(t.Lookup(part), view); err != nil {
				return fmt.Errorf("%s (%s): %w", page, lang, err)
			}
		}
	}
	return nil
}

// CheckFrame is CheckView for the frame around all pages.
func (k *Kit) CheckFrame(check func(t *template.Template, view any) error) error {
	for _, lang := range i18n.Langs {
		t, err := k.views.langs[lang].parse(source{"frame", `{{template "_frame" .}}`})
		if err != nil {
			return err
		}
		if err := check(t, frameView{}); err != nil {
			return fmt.Errorf("frame (%s): %w", lang, err)
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
