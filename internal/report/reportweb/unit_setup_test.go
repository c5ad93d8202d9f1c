package reportweb

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/report"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

var catalogue = sync.OnceValues(law.Load)

// house is a site with Điện Biên and the room report in it.
type house struct {
	t      *testing.T
	k      *web.Kit
	d      *db.DB
	dir    *org.Directory
	s      *report.Service
	people map[string]access.Actor // by log-in, which is the session's token too
}

func newHouse(t *testing.T, day civil.Date) *house {
	t.Helper()
	clock := civil.Fixed(day)
	h := &house{t: t, d: dbtest.Open(t, db.Options{Dir: t.TempDir(), Clock: clock}), people: map[string]access.Actor{}}
	err := h.d.Migrate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if h.dir, err = org.Open(t.Context(), h.d); err != nil {
		t.Fatal(err)
	}
	if err := org.NewService(h.d, h.dir).LoadSample(t.Context()); err != nil {
		t.Fatal(err)
	}
	cat, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	files, err := attach.New(h.d, t.TempDir(), 1<<20, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	now := func() *law.Catalogue { return cat }
	h.s, err = report.New(report.Options{
		DB: h.d, Units: h.dir, Law: now, Clock: clock, People: h, Files: files, Sources: []report.FigureSource{h},
		Focal: func(context.Context, string) (string, error) { return h.unit("SNV").ID, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	h.k, err = web.New(web.Config{DB: h.d, Clock: clock, Units: h.dir, Sessions: h, Key: []byte("k"), BaseURL: "http://" + webtest.Host, Upload: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	Register(h.k, Deps{Service: h.s, Units: h.dir, Law: now, Files: files})
	return h
}

// Session: the token is the account.
func (h *house) Session(_ context.Context, token string) (access.Actor, web.Session, error) {
	return h.people[token], web.Session{ID: token}, nil
}

func (h *house) Holders(_ context.Context, unit string, kinds ...access.PostKind) ([]string, error) {
	var out []string
	for id, a := range h.people {
		if a.Holds(unit, kinds...) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (h *house) Names(_ context.Context, ids ...string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range ids {
		out[id] = h.people[id].Name
	}
	return out, nil
}

// Sources and Figures: the house is the room that computes.
func (*house) Sources() []string { return []string{"propagate"} }

func (*house) Figures(_ context.Context, _ db.Querier, _ string, _ civil.Span, codes []string) (map[string]report.Figure, error) {
	out := map[string]report.Figure{}
	for c, v := range map[string]int64{"II.1": 5, "II.2": 1120} {
		if slices.Contains(codes, c) {
			out[c] = report.Figure{Value: v, Records: []report.Source{{ID: "1", Title: "Tuyên truyền bản Mển", Link: "/lam-viec/tuyen-truyen/1", Day: "2021-02-03", N: v}}}
		}
	}
	return out, nil
}

func (h *house) unit(code string) *org.Unit {
	h.t.Helper()
	u, ok := h.dir.On("2021-04-20").ByCode(code)
	if !ok {
		h.t.Fatalf("no unit %s", code)
	}
	return u
}

// in is somebody logged in: unit's code and kind of post in turn.
func (h *house) in(login string, posts ...string) *webtest.Client {
	h.t.Helper()
	a := access.Actor{ID: login, Name: "Bà " + login}
	for i := 0; i < len(posts); i += 2 {
		a.Posts = append(a.Posts, access.Post{Unit: h.unit(posts[i]).ID, Kind: access.PostKind(posts[i+1])})
	}
	h.people[login] = a
	c := webtest.New(h.t, h.k)
	c.Cookies[web.CookieName] = login
	return c
}

// both gets a page in both languages and looks at each as its readers must be able to.
func both(c *webtest.Client, path string) *webtest.Page {
	c.T.Helper()
	c.Get("/en" + path).Want(200).Check()
	return c.Get(path).Want(200).Check()
}

// formTo is the form of a page whose address ends so, before its query.
func formTo(p *webtest.Page, ending string) *webtest.Form {
	for _, f := range p.Forms() {
		action, _, _ := strings.Cut(webtest.Attr(f.Node(), "action"), "?")
		if strings.HasSuffix(action, ending) {
			return f
		}
	}
	return nil
}

// half opens the half year of 2021 in pages, for units given by code, and gives the period's address.
func (h *house) half(snv *webtest.Client, codes ...string) string {
	h.t.Helper()
	f := formTo(both(snv, "/lam-viec/bao-cao/ky/them?loai=half"), "/ky/them")
	p := f.Set("units", strings.Join(codes, ", ")).Send().Want(303)
	at, _, _ := strings.Cut(p.Header.Get("Location"), "?")
	formTo(both(snv, at), "/mo").Submit().Want(200).Check()
	return at
}
