package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// Context is one request on its way through a handler. It is used by one goroutine.
type Context struct {
	W       http.ResponseWriter
	R       *http.Request // R.URL is the whole address as it came, with /en
	Lang    i18n.Lang
	P       *i18n.Printer
	Actor   access.Actor
	Session Session
	Today   civil.Date
	On      civil.Date // the day of Tree: Today, or ?on= below units
	Tree    *org.Tree
	Unit    *org.Unit // below units; it may have ended: then it is as on its last day
	L       Layout    // what the frame shows beside what the kit fills in

	k       *Kit
	id      string
	path    string // without /en
	route   *Route
	form    *Form
	keep    *keep
	hasForm bool // a form token was given out: no-store
}

// keep gathers a page that is to be kept.
type keep struct {
	body []byte
	tags []string
}

// Context is the request's context: cancelled when the reader goes away.
func (c *Context) Context() context.Context { return c.R.Context() }

// Path is the path without /en: "/luat".
func (c *Context) Path() string { return c.path }

// Value is a wildcard's value in the route's pattern.
func (c *Context) Value(name string) string { return c.R.PathValue(name) }

// Query is a parameter of the address, cleaned as Form.Text.
func (c *Context) Query(name string) string { return clean(c.R.URL.Query().Get(name), false) }

// IP is where the request comes from, behind trusted proxies too.
func (c *Context) IP() netip.Addr { return clientIP(c.R, c.k.conf.Proxies) }

// Secure reports whether people reach the site by https, so that cookies must be sent that way only.
func (c *Context) Secure() bool { return c.k.hsts != nil }

// BaseURL is the address people type, without a slash at its end, for papers, mails and QR codes.
func (c *Context) BaseURL() string { return c.k.conf.BaseURL }

// ID is the request's code, which error pages show and the log has.
func (c *Context) ID() string {
	if c.id == "" {
		c.id = c.k.requestID()
	}
	return c.id
}

func (c *Context) routeName() string {
	if c.route == nil {
		return ""
	}
	return c.route.Name
}

// Touches names what a kept page shows: "unit:ID", "plan:ID", "act:ID", "law". A change of one of them drops the page.
func (c *Context) Touches(tags ...string) {
	if c.keep != nil {
		c.keep.tags = append(c.keep.tags, tags...)
	}
}

// Href is the address of a path in the reader's language, with name, value pairs as its query. Parts of the path that are not constant must have been
// escaped (slugs and ids are safe as they are).
func (c *Context) Href(p string, query ...any) string { return href(c.Lang, p, query...) }

func href(lang i18n.Lang, p string, query ...any) string {
	p = langPath(lang, p)
	if len(query) == 0 {
		return p
	}
	q := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		if v := fmt.Sprint(query[i+1]); v != "" {
			q.Add(fmt.Sprint(query[i]), v)
		}
	}
	if len(q) == 0 {
		return p
	}
	sep := "?"
	if strings.Contains(p, "?") {
		sep = "&"
	}
	return p + sep + q.Encode()
}

// UnitPath is the path of a page below a unit: UnitPath(u, "/ke-hoach").
func (c *Context) UnitPath(u *org.Unit, rest string) string {
	p := c.k.unitPath(c.Tree, u) + rest
	if len(p) > 1 {
		p = strings.TrimSuffix(p, "/")
	}
	return p
}

// UnitLink is UnitPath that stays on the day of the page: with ?on= where that is another day than today, since a bare address means today's holder.
func (c *Context) UnitLink(u *org.Unit, rest string) string {
	p := c.UnitPath(u, rest)
	if c.On != c.Today {
		p += "?on=" + string(c.On)
	}
	return p
}

// Local is p where it is a path inside this site, else the other one: for addresses that came from the outside (?tiep=).
func Local(p, otherwise string) string {
	u, err := url.Parse(p)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(p, "//") ||
		strings.ContainsAny(p, "\\\r\n\t") || path.Clean(u.Path) != u.Path {
		return otherwise
	}
	return p
}

// Redirect sends the reader to a path with 303, in the language of the page.
func (c *Context) Redirect(p string, query ...any) error {
	c.W.Header().Set("Location", c.Href(p, query...))
	c.W.Header()["Cache-Control"] = noStore
	c.W.WriteHeader(http.StatusSeeOther)
	return nil
}

// MovedTo sends the reader to the path at which the thing stands now.
func (c *Context) MovedTo(p string, query ...any) error {
	c.W.Header().Set("Location", c.Href(p, query...))
	c.W.WriteHeader(http.StatusFound)
	return nil
}

// Render answers 200 with a page.
func (c *Context) Render(page string, data any) error {
	return c.RenderStatus(http.StatusOK, page, data)
}

// RenderStatus answers with a page. Nothing is sent where the template fails.
func (c *Context) RenderStatus(status int, page string, data any) error {
	buf := getBuffer()
	defer putBuffer(buf)
	c.fill()
	if err := c.k.views.render(buf, c.Lang, page, &View{L: &c.L, P: data}); err != nil {
		return err
	}
	if c.k.observe != nil {
		l, lang := c.L, c.Lang
		c.k.observe(page, func(buf *bytes.Buffer) error { return c.k.views.render(buf, lang, page, &View{L: &l, P: data}) })
	}
	if c.keep != nil && status == http.StatusOK {
		if c.hasForm {
			return fmt.Errorf("web: %s: a kept page with a form", page)
		}
		c.keep.body = bytes.Clone(buf.Bytes())
		return nil
	}
	h := c.W.Header()
	h["Content-Type"] = htmlKind
	h["Vary"] = varyKept
	if c.hasForm || !c.Actor.Public() || status >= 400 {
		h["Cache-Control"] = noStore
	} else {
		h["Cache-Control"] = revalidate
	}
	body := buf.Bytes()
	if len(body) > 1400 && acceptsGzip(c.R) {
		zip := getBuffer()
		defer putBuffer(zip)
		zipInto(zip, body)
		body = zip.Bytes()
		h["Content-Encoding"] = gzipCoding
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.W.WriteHeader(status)
	_, _ = c.W.Write(body) // a reader who has gone away is no error
	return nil
}

// Retry shows a form again after err: what was typed, the faults beside the fields, 422 (409 after a conflict, 413, 429 likewise). Other kinds of
// errors are not the form's and come back.
func (c *Context) Retry(err error, page string, data any) error {
	var status int
	switch errs.KindOf(err) {
	case errs.Invalid:
		status = http.StatusUnprocessableEntity
	case errs.Conflict, errs.TooLarge, errs.TooMany:
		status = statusOf(err)
	default:
		return err
	}
	c.Form().Fail(err)
	c.L.Failed = true
	return c.RenderStatus(status, page, data)
}

// Form is the form of the request. It is decoded once; where the body cannot be read (too large, cut off), Form has the fault and what could be read.
func (c *Context) Form() *Form {
	if c.form != nil {
		return c.form
	}
	if c.R.Method == http.MethodPost {
		f, err := readForm(c.W, c.R, c.k.conf.Upload)
		c.form = f
		if err != nil {
			f.broken = err
		}
	} else {
		c.form = &Form{values: c.R.URL.Query()}
	}
	c.form.token = c.token
	return c.form
}

// token is the form's token: the one that came where it can still be used, else a new one.
func (c *Context) token() string {
	c.hasForm = true
	if c.form != nil && c.form.posted {
		t := c.form.values.Get(tokenField)
		if _, ok := c.k.tokens.check(t, c.Actor.ID); ok {
			return t
		}
	}
	return c.k.tokens.issue(c.Actor.ID)
}

// NoStore keeps browsers from keeping the page: it shows something that is for this reader alone.
func (c *Context) NoStore() { c.hasForm = true }

const tokenField = "_token"

// CheckToken says whether the form that came was given out by us to this actor, not long ago. Post and Command do it by themselves; it is for commands
// that are not recorded under a token (a log-in).
func (c *Context) CheckToken() error {
	_, err := c.tokenKey()
	return err
}

func (c *Context) tokenKey() (string, error) {
	f := c.Form()
	if f.broken != nil {
		return "", f.broken
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	key, ok := c.k.tokens.check(f.values.Get(tokenField), c.Actor.ID)
	if !ok {
		return "", errs.E(errs.Invalid, "web.form.expired")
	}
	return key, nil
}

// Command checks the form's token and runs f in a transaction, which records the token with the path that f returns. A form that was sent before gives
// the first path again, without running f.
func (c *Context) Command(f func(ctx context.Context, tx *db.Tx) (string, error)) (to string, err error) {
	key, err := c.tokenKey()
	if err != nil {
		return "", err
	}
	ctx := c.R.Context()
	err = c.k.conf.DB.Write(ctx, func(tx *db.Tx) error {
		first, done, err := tx.Once(ctx, key)
		if err != nil {
			return err
		}
		if done {
			to = first
			return nil
		}
		to, err = f(ctx, tx)
		if err != nil {
			return err
		}
		// Last of the hooks: what rooms keep in memory is new by then.
		if tags := tx.Touched(); len(tags) > 0 {
			tx.OnCommit(func() { c.k.Drop(tags...) })
		}
		return tx.OnceDone(ctx, key, to)
	})
	return to, err
}

// Post is Command and then a redirect to the path. An error comes back to the handler, which shows the form again with Retry.
func (c *Context) Post(f func(ctx context.Context, tx *db.Tx) (redirect string, err error)) error {
	to, err := c.Command(f)
	if err != nil {
		return err
	}
	return c.Redirect(to)
}

// Bytes answers with something that is not a page: a CSV file, a feed. With a name it is saved under that name, else shown.
func (c *Context) Bytes(kind, name string, body []byte) error {
	h := c.W.Header()
	h.Set("Content-Type", kind)
	h["Cache-Control"] = revalidate
	if !c.Actor.Public() {
		h["Cache-Control"] = noStore
	}
	if name != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = c.W.Write(body)
	return nil
}

// File answers with a file that somebody has sent, in parts where the browser asks for parts. It can do nothing in the browser: images, PDF and sound
// may be shown, all else is saved.
func (c *Context) File(kind, name string, at time.Time, content io.ReadSeeker, show bool) error {
	h := c.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", filePolicy)
	h["Cache-Control"] = revalidate
	if !c.Actor.Public() {
		h["Cache-Control"] = noStore
	}
	how := "attachment"
	if base, _, _ := strings.Cut(kind, ";"); show && (base == "application/pdf" || base == "image/jpeg" || base == "image/png" || base == "image/webp" || strings.HasPrefix(base, "audio/")) {
		how = "inline"
		if base == "application/pdf" {
			// Browsers' own PDF viewers do not start inside a sandbox.
			h.Set("Content-Security-Policy", "default-src 'none'; object-src 'self'; frame-ancestors 'none'")
		}
	}
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": name}))
	http.ServeContent(c.W, c.R, "", at, content)
	return nil
}

func (c *Context) end() {
	if c.form != nil {
		c.form.close()
	}
}
