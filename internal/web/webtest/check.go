package webtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"dinh/internal/org"
	"dinh/internal/web"

	"github.com/jba/templatecheck"
	"golang.org/x/net/html"
)

// CheckTemplates checks pages against the Go types that they are rendered with, in all languages: a misspelt field or partial is an error, also where
// no test comes by. pages is the page's name → a value of its type (zero values will do).
func CheckTemplates(t *testing.T, k *web.Kit, pages map[string]any) {
	t.Helper()
	if err := k.CheckFrame(templatecheck.CheckHTML); err != nil {
		t.Errorf("template _frame: %v", err)
	}
	for name, data := range pages {
		err := k.CheckView(name, data, templatecheck.CheckHTML)
		if err != nil {
			t.Errorf("template %s: %v", name, err)
		}
	}
}

// CheckReserved checks that no unit can take the place of a page: the first part of every route is a word that is no slug.
func CheckReserved(t *testing.T, k *web.Kit) {
	t.Helper()
	for _, r := range k.Routes() {
		first := r.First()
		if i := strings.IndexByte(first, '.'); i > 0 {
			first = first[:i] // "robots.txt": a slug has no dot, but the word stays free too
		}
		if first != "" && !strings.HasPrefix(first, "{") && !org.IsReserved(first) {
			t.Errorf("%s %s: %q may become a unit's slug; add it to org.Reserved", r.Method, r.Pattern, first)
		}
	}
}

// Crawl follows every link from the pages given, as this reader and within the pages' languages, looks at each page with Check and wants 200 of each. It
// reads at most limit pages, does not follow links with which skip agrees, and gives back what it has read.
func (c *Client) Crawl(limit int, skip func(path string) bool, start ...string) []string {
	c.T.Helper()
	seen := map[string]bool{}
	var done []string
	queue := slices.Clone(start)
	for len(queue) > 0 && len(done) < limit {
		at := queue[0]
		queue = queue[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		p := c.Get(at)
		done = append(done, at)
		if p.Status != http.StatusOK {
			c.T.Errorf("%s: status %d", at, p.Status)
			continue
		}
		if !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			continue
		}
		p.Check()
		for _, a := range p.Find("a[href]") {
			u, err := p.URL.Parse(Attr(a, "href"))
			if err != nil {
				c.T.Errorf("%s: link %q: %v", at, Attr(a, "href"), err)
				continue
			}
			u.Fragment = ""
			if to := u.RequestURI(); u.Host == p.URL.Host && !seen[to] && (skip == nil || !skip(to)) {
				queue = append(queue, to)
			}
		}
	}
	return done
}

// Check looks at a page as its readers must be able to: valid nesting, a title and one h1, every input labelled, every id once, every reference inside
// the page there, no words missing in the catalogue, nothing inline that the content policy would refuse.
func (p *Page) Check() *Page {
	p.c.T.Helper()
	for _, f := range Faults(p.Body) {
		p.c.T.Errorf("%s: %s", p.URL, f)
	}
	return p
}

var voidElements = map[string]bool{"area": true, "base": true, "br": true, "col": true, "hr": true, "img": true, "input": true, "link": true, "meta": true, "source": true, "wbr": true}

// Faults are what is wrong with a page's HTML, in words for a test's log.
func Faults(body string) []string {
	var out []string
	add := func(s ...string) { out = append(out, strings.Join(s, " ")) }
	if i := strings.Index(body, "⟦"); i >= 0 {
		add("no words for", body[i:min(len(body), i+60)])
	}
	if strings.Contains(body, "<no value>") || strings.Contains(body, "%!") {
		add("a value that was not printed")
	}
	if strings.Contains(body, "ZgotmplZ") {
		add("a value that is not safe where it stands (ZgotmplZ)")
	}
	out = append(out, nesting(body)...)
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		add(err.Error())
		return out
	}
	if n := len(Find(doc, "h1")); n != 1 {
		add("h1:", itoa(n), "of them")
	}
	title := Find(doc, "title")
	if len(title) == 0 || Text(title[0]) == "" || strings.HasPrefix(Text(title[0]), "–") {
		add("no title")
	}
	if h := Find(doc, "html"); Attr(h[0], "lang") == "" {
		add("no lang")
	}
	ids := map[string]int{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := Attr(n, "id"); id != "" {
			ids[id]++
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				add("inline", a.Key, "on", n.Data)
			}
		}
		switch n.Data {
		case "style":
			add("inline style sheet")
		case "script":
			if Attr(n, "src") == "" {
				add("inline script")
			}
		case "em":
			// The prototype's bays are the one place; anything else would be text that was not escaped.
			if !insideClass(n, "dinh-bay") && !insideClass(n, "dinh-md") {
				add("<em> in the page:", Text(n))
			}
		}
		for _, k := range []string{"src", "href", "action"} {
			if u, err := url.Parse(Attr(n, k)); HasAttr(n, k) && (err != nil || u.Scheme != "" && n.Data != "a" || strings.HasPrefix(strings.ToLower(Attr(n, k)), "javascript:")) {
				add("foreign or broken", k, Attr(n, k))
			}
		}
	}
	for id, n := range ids {
		if n > 1 {
			add("id", id, itoa(n), "times")
		}
	}
	out = append(out, references(doc, ids)...)
	out = append(out, unlabelled(doc)...)
	slices.Sort(out)
	return out
}

func itoa(n int) string {
	if n == 0 {
		return "none"
	}
	return strings.Repeat("I", min(n, 9))
}

func insideClass(n *html.Node, class string) bool {
	for ; n != nil; n = n.Parent {
		if hasWord(Attr(n, "class"), class) {
			return true
		}
	}
	return false
}

// nesting looks for tags that are not closed in order.
func nesting(body string) []string {
	var out, open []string
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				out = append(out, "not closed: "+strings.Join(open, " > "))
			}
			return out
		case html.StartTagToken:
			if name, _ := z.TagName(); !voidElements[string(name)] {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				out = append(out, "</"+string(name)+"> closes "+strings.Join(open[max(0, len(open)-3):], " > "))
				if i := slices.Index(open, string(name)); i >= 0 {
					open = open[:i]
				}
				continue
			}
			open = open[:len(open)-1]
		case html.TextToken, html.SelfClosingTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
}

func references(doc *html.Node, ids map[string]int) []string {
	var out []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, k := range []string{"aria-describedby", "aria-labelledby", "aria-controls", "for"} {
			for id := range strings.FieldsSeq(Attr(n, k)) {
				if ids[id] == 0 {
					out = append(out, k+" names "+id+", which is not there")
				}
			}
		}
		if h := Attr(n, "href"); strings.HasPrefix(h, "#") && len(h) > 1 && ids[h[1:]] == 0 {
			out = append(out, "link to "+h+", which is not there")
		}
		if n.Data == "th" && !HasAttr(n, "scope") {
			out = append(out, "th without scope: "+Text(n))
		}
		if n.Data == "table" && len(Find(n, "caption")) == 0 {
			out = append(out, "table without caption")
		}
		if n.Data == "img" && !HasAttr(n, "alt") {
			out = append(out, "img without alt")
		}
		if n.Data == "nav" && !HasAttr(n, "aria-label") && !HasAttr(n, "aria-labelledby") {
			out = append(out, "nav without a name")
		}
		if n.Data == "fieldset" && len(Find(n, "legend")) == 0 {
			out = append(out, "fieldset without legend")
		}
	}
	return out
}

func unlabelled(doc *html.Node) []string {
	var out []string
	labels := map[string]string{}
	for _, l := range Find(doc, "label") {
		labels[Attr(l, "for")] += Text(l)
	}
	for _, kind := range []string{"input", "select", "textarea"} {
		for _, n := range Find(doc, kind) {
			switch Attr(n, "type") {
			case "hidden", "submit", "button":
				continue
			}
			if labels[Attr(n, "id")] == "" && Attr(n, "aria-label") == "" && Attr(n, "aria-labelledby") == "" {
				out = append(out, kind+" "+Attr(n, "name")+" without label")
			}
		}
	}
	for _, kind := range []string{"button", "a"} {
		for _, n := range Find(doc, kind) {
			if Text(n) == "" && Attr(n, "aria-label") == "" && Attr(n, "tabindex") != "-1" && !pictured(n) {
				out = append(out, kind+" without words")
			}
		}
	}
	return out
}

// pictured reports whether a picture in n says what n is.
func pictured(n *html.Node) bool {
	return slices.ContainsFunc(Find(n, "img"), func(img *html.Node) bool { return Attr(img, "alt") != "" })
}
