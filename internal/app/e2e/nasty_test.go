package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dinh/internal/web"
	"dinh/internal/web/webtest"

	"golang.org/x/net/html"
)

// nasty are values that somebody tries in every place.
var nasty = []string{
	`'; DROP TABLE plan; --`, `<em>x</em>"'><script>alert(1)</script>`, `../../../../etc/passwd`, "a\x00b", strings.Repeat("ạ", 3000), `-1`, `99999999999999999999`, `2021-02-31`,
	`' OR '1'='1`, `%`, `_`, `\`, "\xff\xfe", "\u202etxt.exe", `{{.}}`, `javascript:alert(1)`, "𝕏 \r\nSet-Cookie: x=1", `*`,
}

// payload is typed into every field: markup, a quotation mark of each kind, SQL.
const payload = `<em>x</em>"'>; DROP TABLE plan; -- {{.}} \`

// TestNastyAddresses puts nasty values into every wildcard and every parameter of every address: nothing fails inside, nothing stands in a page as markup.
func TestNastyAddresses(t *testing.T) {
	t.Parallel()
	f := furnish(t, demo(t))
	before := contents(t, f.DB)
	all := f.addresses()
	for _, r := range f.kit.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		params := parameters(t, r)
		role := "snv"
		switch {
		case r.Who.Public():
			role = public
		case !r.Who.Allows(f.actor(t, "snv")):
			role = "quantri"
		}
		c := f.as(t, role)
		for _, path := range f.of(t, all, r)[:1] {
			for i, bad := range nasty {
				if strings.Contains(r.Pattern, "{") {
					f.sound(t, role, c.Do(http.MethodGet, f.filled(r, path, bad), nil, nil))
				}
				q := url.Values{}
				for _, name := range params {
					q.Set(name, bad)
				}
				f.sound(t, role, c.Do(http.MethodGet, with(path, q), nil, nil))
				if i > 1 {
					continue
				}
				for _, name := range params {
					f.sound(t, role, c.Do(http.MethodGet, with(path, url.Values{name: {bad}}), nil, nil))
				}
			}
		}
	}
	delete(before, "session")
	now := contents(t, f.DB)
	for _, table := range []string{"session", "audit_entry", "audit_detail", "account"} { // logging in
		delete(now, table)
	}
	unchanged(t, before, now)
}

func with(path string, q url.Values) string {
	path, had, _ := strings.Cut(path, "?")
	if had != "" {
		old, _ := url.ParseQuery(had)
		for k, v := range old {
			if !q.Has(k) {
				q[k] = v
			}
		}
	}
	return path + "?" + q.Encode()
}

// filled is a route's address with a value in the place of each wildcard.
func (f *furnished) filled(r *web.Route, path, value string) string {
	path, _, _ = strings.Cut(path, "?")
	base := strings.Split(strings.Trim(path, "/"), "/")
	pattern := strings.Split(strings.Trim(r.Pattern, "/"), "/")
	for i, p := range pattern {
		if strings.HasPrefix(p, "{") {
			base[len(base)-len(pattern)+i] = url.PathEscape(value)
		}
	}
	return "/" + strings.Join(base, "/")
}

// handlerName is the function that answers the route: dinh/internal/plan/planweb.officer.workList-fm.
func handlerName(r *web.Route) string {
	return runtime.FuncForPC(reflect.ValueOf(r.Handler).Pointer()).Name()
}

// parameters are the names that the handlers of the route's package read from addresses and forms, found in its source.
func parameters(t *testing.T, r *web.Route) []string {
	t.Helper()
	name := handlerName(r)
	slash := strings.LastIndexByte(name, '/')
	pkg := name[:slash] + "/" + name[slash+1:][:strings.IndexByte(name[slash+1:], '.')]
	dir := filepath.Join("..", "..", "..", filepath.FromSlash(strings.TrimPrefix(pkg, "dinh/")))
	if out, ok := read[dir]; ok {
		return out
	}
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(src, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Query" {
				return true
			}
			if lit, ok := call.Args[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Kept != nil {
		out = append(out, r.Kept.Params...)
	}
	out = append(out, "on", "q", "after")
	slices.Sort(out)
	out = slices.Compact(out)
	read[dir] = out
	return out
}

// read keeps what parameters has found, by folder.
var read = map[string][]string{}

// TestNastyForms fills every form that each role meets with markup and SQL, impossible days and a program that calls itself a PDF: nothing fails inside, a
// refused form keeps what was typed, and what was taken never stands in a page as markup.
func TestNastyForms(t *testing.T) {
	t.Parallel()
	f := furnish(t, demo(t))
	f.told = []string{kQuestion} // an officer lets it be seen
	all := f.addresses()
	refused, taken := map[string]int{}, map[string]int{}
	seen := map[string]bool{}
	for _, role := range []string{"thanhnua", "ct-thanhnua", "huyendb", "snv", "chutich", "truongban", public, "quantri"} {
		for _, r := range f.kit.Routes() {
			if r.Method != http.MethodGet || strings.HasPrefix(r.Pattern, "/thoat") {
				continue
			}
			for _, path := range f.of(t, all, r) {
				f.forms(t, role, path, seen, refused, taken)
			}
		}
	}
	t.Logf("forms refused: %d, taken: %d", len(refused), len(taken))
	if len(refused) < 30 || len(taken) < 15 {
		t.Errorf("only %d forms were refused and %d taken: has the test lost its way?\n%v", len(refused), len(taken), taken)
	}
	// What was taken is shown as text.
	for _, role := range []string{public, "thanhnua", "huyendb", "snv", "quantri"} {
		for _, r := range f.kit.Routes() {
			if r.Method != http.MethodGet {
				continue
			}
			for _, path := range f.of(t, all, r) {
				f.sound(t, role, f.as(t, role).Get(path))
			}
		}
	}
}

// forms sends the forms of one page, each kind once for a role.
func (f *furnished) forms(t *testing.T, role, path string, seen map[string]bool, refused, taken map[string]int) {
	t.Helper()
	c := f.as(t, role)
	p := c.Get(path)
	if p.Status != http.StatusOK || !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
		return
	}
	for i := range p.Forms() {
		for _, hidden := range []bool{false, true} {
			page := c.Get(path)
			if i >= len(page.Forms()) {
				break
			}
			form := page.Forms()[i]
			action := webtest.Attr(form.Node(), "action")
			key := role + " " + strings.Join(names(form), ",") + strconv.FormatBool(hidden)
			if seen[key] || strings.HasSuffix(action, "/thoat") || strings.Contains(path, "/tai-khoan/mat-khau") {
				continue
			}
			seen[key] = true
			typed := fill(form, hidden)
			got := form.Send()
			where := role + " " + path + " → " + action
			if hidden { // the fault of a field that nobody sees is said, but there is nowhere to lead
				got.Body = hiddenLink.ReplaceAllString(got.Body, "")
			}
			if got.Status >= 500 {
				t.Errorf("%s: %d\n%s", where, got.Status, f.log.last())
				continue
			}
			f.sound(t, role, got)
			switch got.Status {
			case http.StatusUnprocessableEntity:
				refused[action]++
				f.kept(t, where, got, typed)
			case http.StatusSeeOther:
				taken[action]++
				f.sound(t, role, got.Follow())
			}
		}
	}
}

var hiddenLink = regexp.MustCompile(`href="#f-(version|phien_ban|lan-version|kq-version)"`)

func names(form *webtest.Form) []string {
	out := []string{webtest.Attr(form.Node(), "method")}
	for _, n := range webtest.Find(form.Node(), "[name]") {
		if name := webtest.Attr(n, "name"); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// fill types the payload into each field that takes text and 31/2 into each day, and gives what was typed by field. With hidden it forges hidden fields
// too, all but the token.
func fill(form *webtest.Form, hidden bool) map[string]string {
	typed := map[string]string{}
	for _, n := range webtest.Find(form.Node(), "[name]") {
		name := webtest.Attr(n, "name")
		switch kind := webtest.Attr(n, "type"); {
		case name == "_token" || n.Data == "button":
		case strings.HasSuffix(name, "-day"):
			form.Values.Set(name, "31")
		case strings.HasSuffix(name, "-month"):
			form.Values.Set(name, "2")
		case strings.HasSuffix(name, "-year"):
			form.Values.Set(name, "2021")
		case n.Data == "textarea" || n.Data == "input" && slices.Contains([]string{"", "text", "search", "email", "tel", "number", "date"}, kind):
			form.Values.Set(name, payload)
			typed[name] = payload
		case n.Data == "input" && kind == "password":
			form.Values.Set(name, payload)
		case n.Data == "input" && kind == "file":
			form.Attach(name, `ke-hoach<em>.pdf`, "application/pdf", []byte("MZ\x90\x00\x03 This program cannot be run in DOS mode."))
		case n.Data == "input" && kind == "hidden" && hidden:
			form.Values.Set(name, payload)
		case n.Data == "select":
			if opts := webtest.Find(n, "option"); len(opts) > 0 {
				form.Values.Set(name, webtest.Attr(opts[len(opts)-1], "value"))
			}
		case n.Data == "input" && (kind == "radio" || kind == "checkbox") && !form.Values.Has(name):
			form.Values.Set(name, webtest.Attr(n, "value"))
		}
	}
	return typed
}

// kept checks that a refused form shows a fault and every typed value again.
func (f *furnished) kept(t *testing.T, where string, p *webtest.Page, typed map[string]string) {
	t.Helper()
	if len(p.Find(".govuk-error-summary")) == 0 {
		t.Errorf("%s: refused without saying why: %s", where, p.Main())
	}
	if !strings.HasPrefix(p.Text("title"), "Có lỗi") {
		t.Errorf("%s: refused, and the title is %q", where, p.Text("title"))
	}
	for name, want := range typed {
		n := field(p, name)
		if n == nil {
			continue // a form of another step
		}
		got := webtest.Attr(n, "value")
		if n.Data == "textarea" {
			got = ""
			if n.FirstChild != nil {
				got = n.FirstChild.Data
			}
		}
		if got != want && webtest.Attr(n, "type") != "date" {
			t.Errorf("%s: %s was %q, is shown as %q", where, name, want, got)
		}
	}
}

func field(p *webtest.Page, name string) *html.Node {
	for _, n := range p.Find("[name]") {
		if webtest.Attr(n, "name") == name && webtest.Attr(n, "type") != "hidden" {
			return n
		}
	}
	return nil
}
