package e2e

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"dinh/internal/app"
	"dinh/internal/web"
	"dinh/internal/web/webtest"

	"golang.org/x/net/html"
)

// unlinked are the routes to which no link leads, with the reason.
var unlinked = map[string]string{
	"/dang-nhap/ma":                   "between the two steps of a log-in",
	"/dang-nhap/cai-ma":               "between the two steps of a log-in",
	"/moi/{code}":                     "on paper, in a mail",
	"/lam-viec/lich.ics":              "its address is shown once",
	"/{year}":                         "typed, or from papers",
	"/tim":                            "the form of a site without a province",
	"/don-vi":                         "short for /don-vi/danh-muc below units other than the province",
	"/ke-hoach/{plan}/ban-ky":         "linked once the signed plan is attached",
	"/lam-viec/tai-khoan/ma-du-phong": "linked once the codes are set up",
	"/lam-viec/nhap-don-vi/{file}":    "the second step of an upload",
	"/lam-viec/nhan-su/ban-giao/{id}": "where a hand-over leads",
	"/lam-viec/don-vi-da-ket-thuc/giai-quyet":                           "linked while units that have ended have open work",
	"/lam-viec/nhan-su/don-vi-da-ket-thuc":                              "linked while people hold posts at units that have ended",
	"/lam-viec/nhan-su/don-vi-da-ket-thuc/{id}":                         "likewise",
	"/lam-viec/nhan-su/bien-ban-chuyen/{id}":                            "where a move leads",
	"/lam-viec/ke-hoach-rieng/{plan}/sua-doi/{task}":                    "linked once the own plan is issued",
	"/lam-viec/bao-cao/{year}/{period}/rut":                             "linked while a report lies before the head",
	"/lam-viec/bao-cao/{year}/{period}/gia-han":                         "linked while a report is awaited",
	"/lam-viec/bao-cao/{year}/{period}/tep/{file}":                      "linked once the signed report is attached",
	"/lam-viec/bao-cao/ky/{id}/sua":                                     "linked until a period is opened",
	"/lam-viec/bao-cao/ky/{id}/tep/{file}":                              "linked once the signed letter is attached",
	"/lam-viec/bao-cao/bieu-mau/{form}/chi-tieu":                        "linked for forms made here, until their period opens",
	"/lam-viec/bao-cao/{year}/{period}/tong-hop/chot/{id}":              "linked once a consolidated report is frozen",
	"/lam-viec/bao-cao/{year}/{period}/tong-hop/chot/{id}/bang.xlsx":    "likewise",
	"/lam-viec/bao-cao/{year}/{period}/tong-hop/chot/{id}/van-ban":      "likewise",
	"/lam-viec/bao-cao/{year}/{period}/tong-hop/chot/{id}/van-ban.docx": "likewise",
	"/lam-viec/bao-cao/{year}/{period}/tong-hop/chot/{id}/van-ban.pdf":  "likewise",
	"/n/{code}":            "printed on sheets",
	"/dang-ky/{token}":     "in a letter",
	"/huy-dang-ky/{token}": "in a letter",
	"/bang-niem-yet/{year}/{slug}/hoi/{code}":       "where a question leads",
	"/lam-viec/niem-yet/{item}/tra-lai":             "linked while an item waits for its approval",
	"/lam-viec/niem-yet/{item}/cong-bo":             "linked once an item is approved",
	"/lam-viec/niem-yet/{item}/noi/{place}/dan-lai": "the same as /dan, for addresses from papers",
	"/lam-viec/ke-hoach-cap-duoi/{plan}/{unit}":     "linked once a unit has issued its own plan",
}

// TestCrawl follows the links of every page as every role, in both languages: no link is dead, every page is sound, English pages speak English, and every
// route is reached by somebody.
func TestCrawl(t *testing.T) {
	t.Parallel()
	f := furnish(t, demo(t))
	for _, role := range roles() {
		f.as(t, role)
	}
	before := contents(t, f.DB)
	reached := map[*web.Route]bool{}
	finder, said := newFinder(f), map[string]bool{}
	for _, role := range roles() {
		for _, lang := range []string{"", "/en"} {
			c := crawl{f: f, t: t, role: role, lang: lang, finder: finder, reached: reached, client: f.as(t, role), seen: map[string]bool{}, shapes: map[string]int{}, said: said}
			start := []string{lang + "/tro-giup", lang + "/", lang + "/luat", lang + commune}
			if role != public {
				for _, at := range []string{
					"viec-cua-toi", "viec/" + f.at["draft"], "viec/" + f.at["returned"], "viec/" + f.at["claimed"], "viec/" + f.at["1.2"], "viec/" + f.at["event"], "viec/" + f.at["done"],
				} {
					start = append(start, lang+"/lam-viec/"+at)
				}
			}
			c.run(start...)
		}
	}
	unchanged(t, before, contents(t, f.DB))
	for _, r := range f.kit.Routes() {
		if r.Method == http.MethodGet && !reached[r] && unlinked[r.Pattern] == "" {
			t.Errorf("no link leads to %s %v", r.Pattern, r.Kinds)
		}
	}
}

// finder tells which route answers an address.
type finder struct {
	f     *furnished
	fixed *http.ServeMux
	units map[string]*http.ServeMux
	by    map[string]*web.Route
}

func newFinder(f *furnished) *finder {
	x := &finder{f: f, fixed: http.NewServeMux(), units: map[string]*http.ServeMux{"": http.NewServeMux()}, by: map[string]*web.Route{}}
	for _, r := range f.kit.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		pattern := "GET " + r.Pattern
		if r.Pattern == "/" {
			pattern = "GET /{$}"
		}
		kinds := []string{"fixed"}
		if r.Unit() {
			kinds = r.Kinds
			if len(kinds) == 0 {
				kinds = []string{""}
			}
		}
		for _, k := range kinds {
			mux := x.fixed
			if k != "fixed" {
				if x.units[k] == nil {
					x.units[k] = http.NewServeMux()
				}
				mux = x.units[k]
			}
			mux.Handle(pattern, http.NotFoundHandler())
			x.by[k+" "+pattern] = r
		}
	}
	return x
}

// route is the route of an address and the kind of its unit; nil where it is none of the pages'.
func (x *finder) route(u *url.URL) (*web.Route, string) {
	path := strings.TrimPrefix(u.Path, "/en")
	if path == "" {
		path = "/"
	}
	if !strings.HasPrefix(path, "/") {
		path = u.Path
	}
	if _, p := x.fixed.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}}); p != "" {
		return x.by["fixed "+p], ""
	}
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	unit, n := x.f.Units.Resolve(app.DemoDay, segments)
	if n == 0 {
		return nil, ""
	}
	rest := "/" + strings.Join(segments[n:], "/")
	for _, k := range []string{unit.Kind, ""} {
		if x.units[k] == nil {
			continue
		}
		if _, p := x.units[k].Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: rest}}); p != "" {
			return x.by[k+" "+p], unit.Kind
		}
	}
	return nil, unit.Kind
}

// crawl is one reader's way through the pages.
type crawl struct {
	f       *furnished
	t       *testing.T
	role    string
	lang    string // "" or "/en"
	finder  *finder
	reached map[*web.Route]bool
	client  *webtest.Client
	said    map[string]bool
	seen    map[string]bool
	shapes  map[string]int
	queue   []string
	from    map[string]string
}

func (c *crawl) run(start ...string) {
	c.queue, c.from = start, map[string]string{}
	for len(c.queue) > 0 {
		at := c.queue[0]
		c.queue = c.queue[1:]
		if c.seen[at] {
			continue
		}
		c.seen[at] = true
		c.visit(at)
	}
}

func (c *crawl) visit(at string) {
	u, err := url.Parse(at)
	if err != nil {
		c.t.Errorf("%s, linked from %s: %v", at, c.from[at], err)
		return
	}
	r, kind := c.finder.route(u)
	shape := kind + " " + u.Path
	if r != nil {
		shape = kind + " " + r.Pattern + " " + strings.Join(slices.Sorted(maps.Keys(u.Query())), " ")
	}
	if c.shapes[shape]++; c.shapes[shape] > c.most(r) {
		return
	}
	p := c.client.Get(at)
	if p.Status != http.StatusOK {
		c.t.Errorf("%s as %s, linked from %s: %d\n%s", at, c.role, c.from[at], p.Status, c.f.log.last())
		return
	}
	if end, _ := c.finder.route(p.URL); end != nil {
		c.reached[end] = true
	}
	if r != nil {
		c.reached[r] = true
	}
	c.f.discreet(c.t, c.role, p)
	if !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
		return
	}
	for _, fault := range webtest.Faults(p.Body) {
		c.fault(r, at, fault)
	}
	if c.lang != "" {
		for _, words := range vietnamese(p.Doc()) {
			c.fault(r, at, "Vietnamese: "+words)
		}
	}
	for _, a := range p.Find("a[href]") {
		c.link(p, a)
	}
}

// most is how many pages of one shape are read: the public looks at more, and the signed-in at fewer of the pages that everybody sees.
func (c *crawl) most(r *web.Route) int {
	switch {
	case c.role == public:
		return 3
	case r != nil && r.Pattern == "/lam-viec/viec/{assignment}":
		return 6
	case r != nil && r.Who.Public():
		return 1
	}
	return 2
}

// fault says what is wrong with a page, once for each kind of page.
func (c *crawl) fault(r *web.Route, at, what string) {
	pattern := at
	if r != nil {
		pattern = r.Pattern
	}
	if key := pattern + " " + what; !c.said[key] {
		c.said[key] = true
		c.t.Errorf("%s as %s: %s", at, c.role, what)
	}
}

// link queues a link's address. A link out of an English page stays English, unless it says that it leads to another language or to a file.
func (c *crawl) link(p *webtest.Page, a *html.Node) {
	href := webtest.Attr(a, "href")
	to, err := p.URL.Parse(href)
	if err != nil {
		c.t.Errorf("%s: link %q: %v", p.URL, href, err)
		return
	}
	if to.Scheme == "mailto" || to.Scheme == "tel" {
		return
	}
	if to.Host != p.URL.Host {
		if r, _ := c.finder.route(p.URL); r == nil || r.Pattern != "/luat/{act}" || webtest.Attr(a, "rel") != "noreferrer nofollow" { // where an act's text was taken from
			c.t.Errorf("%s: link to another site: %s", p.URL, href)
		}
		return
	}
	to.Fragment = ""
	english := to.Path == "/en" || strings.HasPrefix(to.Path, "/en/")
	switch {
	case strings.HasPrefix(to.Path, "/static/") || strings.HasPrefix(to.Path, "/api/"):
	case webtest.Attr(a, "hreflang") != "":
		if english == (c.lang != "") {
			c.t.Errorf("%s: the link to the other language is %s", p.URL, href)
		}
		return
	case english != (c.lang != "") && to.Path != "/dang-nhap":
		if r, _ := c.finder.route(to); r == nil || !isFile(r.Pattern) {
			c.t.Errorf("%s as %s: the link %s (%s) leaves the language", p.URL, c.role, href, webtest.Text(a))
		}
	}
	next := to.RequestURI()
	if c.from[next] == "" {
		c.from[next] = p.URL.RequestURI()
	}
	c.queue = append(c.queue, next)
}

// isFile reports whether what stands at a route is the same in all languages.
func isFile(pattern string) bool {
	return strings.HasSuffix(pattern, ".csv") || strings.HasSuffix(pattern, ".xlsx") || strings.HasSuffix(pattern, ".ics") || strings.HasPrefix(pattern, "/lam-viec/tep/") ||
		strings.HasSuffix(pattern, "/ban-ky") || strings.HasSuffix(pattern, "/csv")
}

var quoted = regexp.MustCompile(`“[^”]*”`)

// vietnamese are texts of a page in English that look Vietnamese and are not marked so: words with Vietnamese letters that do not begin with a capital,
// since names keep their letters in English; what stands in quotation marks inside a sentence cannot be marked, and says so by them.
func vietnamese(doc *html.Node) []string {
	var out []string
	var walk func(n *html.Node, lang string)
	look := func(n *html.Node, text string) {
		text = strings.NewReplacer("đồng", "", "Dữ liệu mẫu", "", "Công chức văn phòng (mẫu)", "").Replace(quoted.ReplaceAllString(text, "")) // the currency; the names of the demonstration's signer and checker
		for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
			if first := []rune(w)[0]; unicode.IsLower(first) && strings.ContainsFunc(w, isVietnamese) {
				out = append(out, n.Data+": "+strings.Join(strings.Fields(text), " "))
				return
			}
		}
	}
	walk = func(n *html.Node, lang string) {
		if n.Type == html.ElementNode {
			if l := webtest.Attr(n, "lang"); l != "" {
				lang = l
			}
			if n.Data == "title" || n.Data == "script" || n.Data == "style" || n.Data == "textarea" || n.Data == "pre" {
				return
			}
			if lang != "vi" {
				for _, k := range []string{"title", "aria-label", "alt", "placeholder"} {
					look(n, webtest.Attr(n, k))
				}
			}
		}
		if n.Type == html.TextNode && lang != "vi" {
			look(n.Parent, n.Data)
		}
		for d := n.FirstChild; d != nil; d = d.NextSibling {
			walk(d, lang)
		}
	}
	walk(doc, "")
	return out
}

// isVietnamese reports whether hardly any other language writes the letter.
func isVietnamese(r rune) bool {
	return strings.ContainsRune("ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹáàãâéèêíìóòõôúùýĩũ", unicode.ToLower(r))
}
