package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// CookieName is the name of the session's cookie.
const CookieName = "dinh"

// Session is what pages need to know of a log-in.
type Session struct {
	ID string // to mark "this one" in the list of sessions; not the token
}

// Sessions finds out who a request comes from. Of an unknown or ended token it gives the zero Actor and no error. It is asked on every page, so it
// costs one indexed query at most and writes nothing.
type Sessions interface {
	Session(ctx context.Context, token string) (access.Actor, Session, error)
}

// Units is the tree of units.
type Units interface {
	// On is the tree of a day, out of memory.
	On(day civil.Date) *org.Tree
	// Resolve finds the unit that the longest chain of slugs at the beginning of segments means on the day, and how many segments the chain has. A
	// slug without holder on the day means its last one. Without a match the unit is nil.
	Resolve(day civil.Date, segments []string) (*org.Unit, int)
	// Path is a unit's address on the day, or on its last day before.
	Path(id string, on civil.Date) string
}

// Writer runs a command in a transaction: *db.DB.
type Writer interface {
	Write(ctx context.Context, f func(tx *db.Tx) error) error
}

// Config is what a Kit is made of. Zero values: no sessions (everybody is the public), 16 MB of kept pages, files of 25 MB, no trusted proxies.
type Config struct {
	DB       Writer
	Clock    civil.Clock
	Units    Units
	Sessions Sessions
	Key      []byte         // signs form tokens; the same in all processes; random where empty
	BaseURL  string         // the address people type, without a slash at its end
	Proxies  []netip.Prefix // whose X-Forwarded-For is believed
	Cache    int64          // bytes of kept pages
	Upload   int64          // bytes of one file
	Demo     bool           // say on every page that the data are samples
	Log      *slog.Logger
}

// Kit answers all requests. Rooms register routes, templates and navigation before the first request; after that it never changes.
type Kit struct {
	conf   Config
	log    *slog.Logger
	mux    *http.ServeMux            // fixed first segments
	units  map[string]*http.ServeMux // below a unit, by its kind; "" for all kinds
	api    *http.ServeMux
	cop    *http.CrossOriginProtection
	static assets
	views  *views
	kept   *store
	tokens tokens
	nav    []NavItem
	routes []*Route
	hsts   []string
	boot   string // begins every request's code
	count  atomic.Uint64

	observe func(page string, again func(buf *bytes.Buffer) error)
}

// Observe has f told of every page that is rendered, with a function that runs its template on the same data again: so that benches can compare a page
// with its template alone. Call it before the first request.
func (k *Kit) Observe(f func(page string, again func(buf *bytes.Buffer) error)) { k.observe = f }

// New makes a kit.
func New(conf Config) (*Kit, error) {
	if conf.Cache <= 0 {
		conf.Cache = 16 << 20
	}
	if conf.Upload <= 0 {
		conf.Upload = 25 << 20
	}
	if conf.Log == nil {
		conf.Log = slog.New(slog.DiscardHandler)
	}
	if len(conf.Key) == 0 {
		conf.Key = []byte(rand.Text())
	}
	static, err := readAssets(staticFiles)
	if err != nil {
		return nil, err
	}
	k := &Kit{
		conf: conf, log: conf.Log, mux: http.NewServeMux(), units: map[string]*http.ServeMux{"": http.NewServeMux()}, api: http.NewServeMux(), cop: http.NewCrossOriginProtection(),
		static: static, kept: newStore(conf.Cache), tokens: tokens{key: conf.Key, now: conf.Clock.Now}, boot: rand.Text()[:5],
	}
	if conf.BaseURL != "" {
		if u, err := url.Parse(conf.BaseURL); err == nil && u.Host != "" {
			if err := k.cop.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
				return nil, fmt.Errorf("web: base_url: %w", err)
			}
			if u.Scheme == "https" {
				k.hsts = []string{"max-age=31536000"}
			}
		}
	}
	k.views = newViews(k)
	sub, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, err
	}
	return k, k.views.add(sub)
}

// Handler answers one request below a route. An error that it returns becomes a page.
type Handler func(c *Context) error

// Who may come to a route at all; what they may do there is for the service to decide.
type Who struct {
	staff bool
	posts []access.PostKind
}

// Public is everybody; Staff is everybody with an account.
var (
	Public = Who{}
	Staff  = Who{staff: true}
)

// Posts are those who hold one of the posts at any unit.
func Posts(kinds ...access.PostKind) Who { return Who{staff: true, posts: kinds} }

// Public reports whether no account is needed.
func (w Who) Public() bool { return !w.staff }

// Allows reports whether the actor may come.
func (w Who) Allows(a access.Actor) bool {
	if !w.staff {
		return true
	}
	if a.Public() {
		return false
	}
	return len(w.posts) == 0 || slices.ContainsFunc(a.Posts, func(p access.Post) bool { return slices.Contains(w.posts, p.Kind) })
}

// Route is one address.
type Route struct {
	Method  string // GET (which answers HEAD too) or POST
	Pattern string // as in net/http: "/luat/{id}"; relative to a unit with HandleUnit: "/", "/dan-biet"
	Handler Handler
	Who     Who
	Kept    *Kept    // GET and Public only
	Kinds   []string // with HandleUnit: only below units of these kinds, in front of a route for all kinds
	Name    string   // for logs and tests; default Method and Pattern
	unit    bool
}

// Unit reports whether the route stands below a unit.
func (r *Route) Unit() bool { return r.unit }

// First is the first segment of a fixed route or of what follows a unit's address; "" for the unit itself.
func (r *Route) First() string {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.Pattern, "/"), "/")
	return first
}

// Handle registers a route with a fixed first segment. A route that clashes with another panics at start.
func (k *Kit) Handle(r Route) { k.register(r, k.mux) }

// HandleUnit registers a route below every unit, or below those of the route's kinds.
func (k *Kit) HandleUnit(r Route) {
	r.unit = true
	if len(r.Kinds) == 0 {
		k.register(r, k.units[""])
		return
	}
	var muxes []*http.ServeMux
	for _, kind := range r.Kinds {
		if k.units[kind] == nil {
			k.units[kind] = http.NewServeMux()
		}
		muxes = append(muxes, k.units[kind])
	}
	k.register(r, muxes...)
}

func (k *Kit) register(r Route, muxes ...*http.ServeMux) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		panic("web: " + r.Pattern + ": routes are GET or POST")
	}
	if r.Kept != nil && (r.Method != http.MethodGet || r.Who.staff) {
		panic("web: " + r.Pattern + ": only a public GET can be kept")
	}
	r.Name = cmp.Or(r.Name, r.Method+" "+r.Pattern)
	pattern := r.Pattern
	if pattern == "/" {
		pattern = "/{$}"
	}
	route := &r
	note := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		m := w.(*match)
		m.route, m.req = route, req
	})
	for _, mux := range muxes {
		mux.Handle(r.Method+" "+pattern, note)
	}
	k.routes = append(k.routes, route)
}

// HandleAPI hands an address below /api/, or one for machines ("/healthz"), to a handler with its own way of answering. It stands behind the same
// headers, limits and protection, without session.
func (k *Kit) HandleAPI(pattern string, h http.Handler) { k.api.Handle(pattern, h) }

// Routes lists all routes in the order of registration, for tests and for the table of pages.
func (k *Kit) Routes() []*Route { return slices.Clone(k.routes) }

// Templates adds a room's templates: *.gohtml at the top of fsys. A page is called by its file's base name; files that begin with _ are partials,
// seen by all pages. A page of a name that is there already is an error of the programmer and panics.
func (k *Kit) Templates(fsys fs.FS) {
	if err := k.views.add(fsys); err != nil {
		panic(err)
	}
}

// NavItem is one entry of the navigation of the signed-in.
type NavItem struct {
	Key   string // catalogue key of the label
	Path  string
	Who   Who
	Order int
	Count func(c *Context) int  // what waits there, shown beside the label; nil or 0 shows nothing
	Show  func(c *Context) bool // whether the entry is of use to this reader; nil: to everybody of Who
}

// Nav adds an entry to the navigation of the signed-in.
func (k *Kit) Nav(n NavItem) {
	k.nav = append(k.nav, n)
	slices.SortStableFunc(k.nav, func(a, b NavItem) int { return cmp.Compare(a.Order, b.Order) })
}

// Drop forgets the kept pages with one of the tags; "*" forgets all. Call it when what the pages read is new: after the commit and after directories in
// memory have been read again (tx.OnCommit in the committing process, the follower of the audit log in others).
func (k *Kit) Drop(tags ...string) { k.kept.drop(tags...) }

// Static is the address of a static file, "" where there is none of the name.
func (k *Kit) Static(name string) string {
	if a, ok := k.static[name]; ok {
		return a.url
	}
	return ""
}

// Icon answers with a static file under a plain address (/favicon.ico).
func (k *Kit) Icon(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { k.static[name].write(w, r, anHour) })
}

// requestID is a short code that a reader can say on the telephone and that stands in the log.
func (k *Kit) requestID() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	n := k.count.Add(1)
	b := [6]byte{}
	for i := range b {
		b[len(b)-1-i] = letters[n%32]
		n /= 32
	}
	return k.boot + "-" + string(b[:])
}

// unitPath is the address of a unit, on its last day where it does not live on the tree's.
func (k *Kit) unitPath(t *org.Tree, u *org.Unit) string {
	if t != nil {
		if p := t.Path(u.ID); p != "" {
			return p
		}
	}
	if k.conf.Units == nil {
		return "/"
	}
	return k.conf.Units.Path(u.ID, k.today())
}

func (k *Kit) today() civil.Date { return k.conf.Clock.Today() }

// start measures how long a request took, by machine time.
func (k *Kit) start() time.Time { return k.conf.Clock.Now() }

// Langs of addresses: Vietnamese has none, English begins with /en.
func splitLang(path string) (i18n.Lang, string) {
	if rest, ok := strings.CutPrefix(path, "/en"); ok && (rest == "" || rest[0] == '/') {
		if rest == "" {
			rest = "/"
		}
		return i18n.EN, rest
	}
	return i18n.VI, path
}
