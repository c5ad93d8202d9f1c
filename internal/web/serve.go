package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// match takes the place of the ResponseWriter while a mux looks for the route: our entries note themselves in it, the mux's own answers (404, 405) leave
// their status.
type match struct {
	header http.Header
	status int
	route  *Route
	req    *http.Request
}

func (m *match) Header() http.Header {
	if m.header == nil {
		m.header = http.Header{}
	}
	return m.header
}
func (m *match) WriteHeader(status int)      { m.status = status }
func (m *match) Write(b []byte) (int, error) { return len(b), nil }

// answer notes the status and whether anything was sent.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// ServeHTTP answers a request.
func (k *Kit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header(), k.hsts)
	if rest, ok := strings.CutPrefix(r.URL.Path, staticPrefix); ok && k.static.serve(w, r, rest) {
		return
	}
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	// The shortest way to a kept page: no query, no cookie, no route to look for.
	if get && r.URL.RawQuery == "" && len(r.Header["Cookie"]) == 0 {
		if p := k.kept.get(r.URL.Path, string(k.today())); p != nil {
			p.write(w, r)
			return
		}
	}
	c := &Context{k: k, W: &answer{ResponseWriter: w}, R: r, Today: k.today()}
	c.Lang, c.path = splitLang(r.URL.Path)
	c.P = i18n.For(c.Lang)
	c.On = c.Today
	began := k.start()
	defer func() { //nolint:contextcheck // the request carries its context
		c.end()
		if p := recover(); p != nil {
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			k.log.ErrorContext(r.Context(), "panic", slog.String("request", c.ID()), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			c.fail(errors.New("panic"))
		}
		k.log.DebugContext(r.Context(), "request", slog.String("request", c.ID()), slog.String("method", r.Method), slog.String("route", c.routeName()),
			slog.Int("status", c.W.(*answer).status), slog.Duration("took", k.start().Sub(began)))
	}()
	if err := k.cop.Check(r); err != nil {
		c.fail(errs.Wrap(errs.Forbidden, err, "web.error.cross_origin")) //nolint:contextcheck // the request carries its context
		return
	}
	if k.serveAPI(c) {
		return
	}
	if c.redirectClean() {
		return
	}
	if err := k.serve(c); err != nil { //nolint:contextcheck // the request carries its context
		c.fail(err) //nolint:contextcheck // the request carries its context
	}
}

// serveAPI hands the request to a handler registered with HandleAPI. Below /api/ what is not there answers as a problem, not as a page.
func (k *Kit) serveAPI(c *Context) bool {
	h, pattern := k.api.Handler(c.R)
	if pattern != "" {
		_ = h
		k.api.ServeHTTP(c.W, c.R)
		return true
	}
	if !strings.HasPrefix(c.R.URL.Path, "/api/") && c.R.URL.Path != "/api" {
		return false
	}
	m := &match{}
	k.api.ServeHTTP(m, c.R)
	if m.status == http.StatusMethodNotAllowed {
		c.W.Header()["Allow"] = m.Header()["Allow"]
		k.Problem(c.W, c.R, errMethod)
		return true
	}
	k.Problem(c.W, c.R, errs.E(errs.NotFound, "web.error.not_found"))
	return true
}

// redirectClean sends a reader of /luat/ or //luat to /luat.
func (c *Context) redirectClean() bool {
	p := path.Clean("/" + c.path)
	if p == c.path {
		return false
	}
	to := url.URL{Path: langPath(c.Lang, p), RawQuery: c.R.URL.RawQuery}
	c.W.Header().Set("Location", to.String())
	c.W.WriteHeader(http.StatusPermanentRedirect)
	return true
}

func langPath(lang i18n.Lang, p string) string {
	if lang == i18n.EN {
		if p == "/" {
			return "/en"
		}
		return "/en" + p
	}
	return p
}

// find looks for the route of a path.
func find(mux *http.ServeMux, r *http.Request, p string) *match {
	req := *r
	u := *r.URL
	u.Path, u.RawPath = p, ""
	req.URL = &u
	m := &match{}
	mux.ServeHTTP(m, &req)
	if m.req != nil {
		m.req.URL = r.URL
	}
	return m
}

// route finds what answers the path: a fixed route, else the longest chain of unit slugs and a route below units.
func (k *Kit) route(c *Context) (*match, error) {
	m := find(k.mux, c.R, c.path)
	if m.route != nil {
		return m, nil
	}
	if m.status == http.StatusNotFound && k.conf.Units != nil {
		segments := strings.Split(strings.TrimPrefix(c.path, "/"), "/")
		c.On = org.DayOf(segments, c.Today)
		if on := c.R.URL.Query().Get("on"); on != "" {
			day, err := civil.Parse(on)
			if err != nil {
				return nil, errs.Wrap(errs.Invalid, err, "web.error.on", "on", on)
			}
			c.On = day
		}
		u, n := k.conf.Units.Resolve(c.On, segments)
		if n > 0 {
			c.Unit = u
			rest := "/" + strings.Join(segments[n:], "/")
			if own := k.units[u.Kind]; own != nil {
				m = find(own, c.R, rest)
			}
			if m.route == nil {
				m = find(k.units[""], c.R, rest)
			}
		}
	}
	switch {
	case m.route != nil:
		return m, nil
	case m.status == http.StatusMethodNotAllowed:
		c.W.Header()["Allow"] = m.Header()["Allow"]
		return nil, errMethod
	}
	return nil, errs.E(errs.NotFound, "web.error.not_found")
}

func (k *Kit) serve(c *Context) error {
	// Who asks comes first, so that error pages too know them.
	if err := c.identify(); err != nil {
		return err
	}
	m, err := k.route(c)
	if k.conf.Units != nil {
		c.Tree = k.conf.Units.On(c.On)
	}
	if err != nil {
		return err
	}
	c.route, c.R = m.route, m.req
	if !c.route.Who.Allows(c.Actor) {
		return c.turnAway()
	}
	if c.route.Kept != nil {
		return k.serveKept(c)
	}
	return c.route.Handler(c)
}

// identify finds the actor by the session's cookie.
func (c *Context) identify() error {
	if c.k.conf.Sessions == nil || len(c.R.Header["Cookie"]) == 0 {
		return nil
	}
	cookie, err := c.R.Cookie(CookieName)
	if err != nil || cookie.Value == "" {
		return nil //nolint:nilerr // no cookie: the public
	}
	c.Actor, c.Session, err = c.k.conf.Sessions.Session(c.R.Context(), cookie.Value)
	if err != nil {
		c.Actor, c.Session = access.Actor{}, Session{}
	}
	return err
}

// turnAway answers who may not come: below /lam-viec those without session are sent to log in, all others are told there is no such page.
func (c *Context) turnAway() error {
	if c.Actor.Public() && (c.path == "/lam-viec" || strings.HasPrefix(c.path, "/lam-viec/")) {
		if c.R.Method == http.MethodPost {
			// What was typed must not be lost by a redirect: it is still in the page one came from.
			return errs.E(errs.Unauthenticated, "web.error.session_over")
		}
		next := c.path
		if c.R.URL.RawQuery != "" {
			next += "?" + c.R.URL.RawQuery
		}
		return c.Redirect("/dang-nhap?tiep=" + url.QueryEscape(next))
	}
	return errs.E(errs.NotFound, "web.error.not_found")
}

// serveKept answers from the store or renders for it. The signed-in never see a kept page, nor do they leave one.
func (k *Kit) serveKept(c *Context) error {
	known := c.knownQuery(c.route.Kept.Params)
	u := *c.R.URL
	u.RawQuery = known
	c.R.URL = &u
	if !c.Actor.Public() || c.R.Method != http.MethodGet && c.R.Method != http.MethodHead {
		return c.route.Handler(c)
	}
	key := langPath(c.Lang, c.path)
	if known != "" {
		key += "?" + known
	}
	var err error
	p, own := k.kept.do(c.R.Context(), key, string(c.Today), func() ([]byte, []string) {
		c.keep = &keep{}
		err = c.route.Handler(c)
		body, tags := c.keep.body, c.keep.tags
		c.keep = nil
		if err != nil {
			return nil, nil
		}
		return body, tags
	})
	switch {
	case p != nil:
		p.write(c.W, c.R)
		return nil
	case own:
		return err
	}
	return c.route.Handler(c) // the one who rendered for us got no page
}

// knownQuery is the query with the known parameters only, sorted by name: the key of a kept page, and what its links may carry.
func (c *Context) knownQuery(params []string) string {
	if c.R.URL.RawQuery == "" {
		return ""
	}
	q := c.R.URL.Query()
	out := url.Values{}
	for name, values := range q {
		if (slices.Contains(params, name) || name == "on" && c.route.unit) && len(values) > 0 && values[0] != "" {
			out[name] = values
		}
	}
	return out.Encode()
}
