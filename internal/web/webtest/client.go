// Package webtest drives the site in tests: a client with cookies over a handler, forms filled in and sent, and checks of the HTML that comes back.
package webtest

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Host is the host that requests are sent to.
const Host = "dinh.test"

// Client is one reader: it keeps cookies. It is not safe for concurrent use; take one per goroutine.
type Client struct {
	T       testing.TB
	H       http.Handler
	Cookies map[string]string
	Header  http.Header // sent with every request
}

// New makes a reader without cookies.
func New(t testing.TB, h http.Handler) *Client {
	return &Client{T: t, H: h, Cookies: map[string]string{}, Header: http.Header{}}
}

// Page is an answer.
type Page struct {
	c      *Client
	URL    *url.URL
	Status int
	Header http.Header
	Body   string
	doc    *html.Node
}

// Do sends a request as it is and does not follow redirects.
func (c *Client) Do(method, target string, body io.Reader, header http.Header) *Page {
	c.T.Helper()
	r := httptest.NewRequestWithContext(c.T.Context(), method, target, body)
	r.Host = Host
	r.RemoteAddr = "192.0.2.7:4711"
	for _, h := range []http.Header{c.Header, header} {
		maps.Copy(r.Header, h)
	}
	for n, v := range c.Cookies {
		r.AddCookie(&http.Cookie{Name: n, Value: v})
	}
	w := httptest.NewRecorder()
	c.H.ServeHTTP(w, r)
	res := w.Result()
	defer res.Body.Close()
	for _, ck := range res.Cookies() {
		if ck.MaxAge < 0 || ck.Value == "" {
			delete(c.Cookies, ck.Name)
		} else {
			c.Cookies[ck.Name] = ck.Value
		}
	}
	p := &Page{c: c, URL: r.URL, Status: res.StatusCode, Header: res.Header, Body: w.Body.String()}
	if res.Header.Get("Content-Encoding") == "gzip" {
		zr, err := gzip.NewReader(strings.NewReader(p.Body))
		if err != nil {
			c.T.Fatalf("%s %s: %v", method, target, err)
		}
		b, err := io.ReadAll(zr)
		if err != nil {
			c.T.Fatalf("%s %s: %v", method, target, err)
		}
		p.Body = string(b)
	}
	return p
}

// Get reads a page and follows redirects.
func (c *Client) Get(target string) *Page {
	c.T.Helper()
	return c.Do(http.MethodGet, target, nil, nil).Follow()
}

// Follow goes where a redirect leads, at most ten times.
func (p *Page) Follow() *Page {
	p.c.T.Helper()
	for range 10 {
		if p.Status < 300 || p.Status >= 400 || p.Header.Get("Location") == "" {
			return p
		}
		to, err := p.URL.Parse(p.Header.Get("Location"))
		if err != nil {
			p.c.T.Fatalf("%s: Location %q: %v", p.URL, p.Header.Get("Location"), err)
		}
		p = p.c.Do(http.MethodGet, to.RequestURI(), nil, nil)
	}
	p.c.T.Fatalf("%s: redirects do not end", p.URL)
	return nil
}

// Want fails the test at once unless the page has the status.
func (p *Page) Want(status int) *Page {
	p.c.T.Helper()
	if p.Status != status {
		p.c.T.Fatalf("%s: status %d, want %d\n%s", p.URL, p.Status, status, p.Main())
	}
	return p
}

// Doc is the parsed page.
func (p *Page) Doc() *html.Node {
	if p.doc == nil {
		d, err := html.Parse(strings.NewReader(p.Body))
		if err != nil {
			p.c.T.Fatalf("%s: %v", p.URL, err)
		}
		p.doc = d
	}
	return p.doc
}

// Find are the elements that match a selector: tag, .class, #id, [attr], [attr=value], joined, and descendants after a space.
func (p *Page) Find(selector string) []*html.Node { return Find(p.Doc(), selector) }

// Text is the text of the first element that matches, spaces made single; "" where none does.
func (p *Page) Text(selector string) string {
	if n := p.Find(selector); len(n) > 0 {
		return Text(n[0])
	}
	return ""
}

// Main is the text of the page's main part, for messages and for looking words up.
func (p *Page) Main() string {
	if s := p.Text("main"); s != "" {
		return s
	}
	return p.Body
}

// Has reports whether the page's text has the words.
func (p *Page) Has(words string) bool { return strings.Contains(Text(p.Doc()), words) }

// WantText fails the test unless the page's text has the words.
func (p *Page) WantText(words ...string) *Page {
	p.c.T.Helper()
	all := Text(p.Doc())
	for _, w := range words {
		if !strings.Contains(all, w) {
			p.c.T.Errorf("%s: no %q in\n%s", p.URL, w, p.Main())
		}
	}
	return p
}

// Click follows the first link whose text has the words.
func (p *Page) Click(words string) *Page {
	p.c.T.Helper()
	for _, a := range p.Find("a[href]") {
		if strings.Contains(Text(a), words) {
			to, err := p.URL.Parse(Attr(a, "href"))
			if err != nil {
				p.c.T.Fatalf("%s: link %q: %v", p.URL, Attr(a, "href"), err)
			}
			return p.c.Get(to.RequestURI())
		}
	}
	p.c.T.Fatalf("%s: no link with %q in\n%s", p.URL, words, p.Main())
	return nil
}

// Form is a form of a page, being filled in.
type Form struct {
	p      *Page
	node   *html.Node
	Values url.Values
	files  map[string][]file
}

type file struct {
	name string
	kind string
	body []byte
}

// Form is the first form that matches the selector, with the values that a browser would send unchanged.
func (p *Page) Form(selector string) *Form {
	p.c.T.Helper()
	forms := p.Find(selector)
	if len(forms) == 0 {
		p.c.T.Fatalf("%s: no form %q in\n%s", p.URL, selector, p.Main())
	}
	return p.form(forms[0])
}

// Forms are all forms of the page.
func (p *Page) Forms() []*Form {
	var out []*Form
	for _, n := range p.Find("form") {
		out = append(out, p.form(n))
	}
	return out
}

// Node is the form's element.
func (f *Form) Node() *html.Node { return f.node }

func (p *Page) form(node *html.Node) *Form {
	f := &Form{p: p, node: node, Values: url.Values{}, files: map[string][]file{}}
	for _, n := range Find(f.node, "[name]") {
		name := Attr(n, "name")
		switch n.Data {
		case "textarea":
			text := ""
			if n.FirstChild != nil {
				text = n.FirstChild.Data
			}
			f.Values.Add(name, text)
		case "select":
			f.addSelect(n, name)
		case "input":
			switch Attr(n, "type") {
			case "radio", "checkbox":
				if HasAttr(n, "checked") {
					f.Values.Add(name, Attr(n, "value"))
				}
			case "file":
				f.files[name] = nil
			default:
				f.Values.Add(name, Attr(n, "value"))
			}
		}
	}
	return f
}

func (f *Form) addSelect(n *html.Node, name string) {
	opts := Find(n, "option")
	chosen := false
	for _, o := range opts {
		if HasAttr(o, "selected") {
			f.Values.Add(name, Attr(o, "value"))
			chosen = true
		}
	}
	if !chosen && len(opts) > 0 && !HasAttr(n, "multiple") {
		f.Values.Add(name, Attr(opts[0], "value"))
	}
}

// Set fills a field in, in place of what it had. A field that the form does not have fails the test.
func (f *Form) Set(name string, values ...string) *Form {
	f.p.c.T.Helper()
	if len(Find(f.node, "[name="+name+"]")) == 0 {
		f.p.c.T.Fatalf("%s: the form has no field %q", f.p.URL, name)
	}
	f.Values[name] = values
	return f
}

// SetDate fills in the three boxes of a day "2006-01-02".
func (f *Form) SetDate(name, day string) *Form {
	f.p.c.T.Helper()
	p := strings.Split(day, "-")
	return f.Set(name+"-day", strings.TrimLeft(p[2], "0")).Set(name+"-month", strings.TrimLeft(p[1], "0")).Set(name+"-year", p[0])
}

// Attach chooses a file.
func (f *Form) Attach(name, filename, kind string, body []byte) *Form {
	f.p.c.T.Helper()
	if _, ok := f.files[name]; !ok {
		f.p.c.T.Fatalf("%s: the form has no file field %q", f.p.URL, name)
	}
	f.files[name] = append(f.files[name], file{filename, kind, body})
	return f
}

// Send sends the form and does not follow redirects.
func (f *Form) Send() *Page {
	f.p.c.T.Helper()
	target := f.p.URL
	if a := Attr(f.node, "action"); a != "" {
		u, err := f.p.URL.Parse(a)
		if err != nil {
			f.p.c.T.Fatalf("%s: action %q: %v", f.p.URL, a, err)
		}
		target = u
	}
	if !strings.EqualFold(Attr(f.node, "method"), "post") {
		u := *target
		u.RawQuery = f.Values.Encode()
		return f.p.c.Do(http.MethodGet, u.RequestURI(), nil, nil)
	}
	header := http.Header{"Origin": {"http://" + Host}, "Sec-Fetch-Site": {"same-origin"}}
	if Attr(f.node, "enctype") != "multipart/form-data" {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		return f.p.c.Do(http.MethodPost, target.RequestURI(), strings.NewReader(f.Values.Encode()), header)
	}
	body, kind := f.multipart()
	header.Set("Content-Type", kind)
	return f.p.c.Do(http.MethodPost, target.RequestURI(), body, header)
}

func (f *Form) multipart() (io.Reader, string) {
	var b bytes.Buffer
	mw := multipart.NewWriter(&b)
	check := func(err error) {
		if err != nil {
			f.p.c.T.Fatal(err)
		}
	}
	for name, values := range f.Values {
		for _, v := range values {
			check(mw.WriteField(name, v))
		}
	}
	for name, files := range f.files {
		if len(files) == 0 { // as browsers do
			files = []file{{kind: "application/octet-stream"}}
		}
		for _, x := range files {
			h := textproto.MIMEHeader{}
			h.Set("Content-Disposition", `form-data; name="`+name+`"; filename="`+x.name+`"`)
			h.Set("Content-Type", x.kind)
			w, err := mw.CreatePart(h)
			check(err)
			_, err = w.Write(x.body)
			check(err)
		}
	}
	check(mw.Close())
	return &b, mw.FormDataContentType()
}

// Submit sends the form and follows redirects.
func (f *Form) Submit() *Page {
	f.p.c.T.Helper()
	return f.Send().Follow()
}
