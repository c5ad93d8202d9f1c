package planweb

import (
	"context"
	"os"
	"path/filepath"
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
	"dinh/internal/plan"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

const plan648 = "648-kh-ubnd-2021"

var catalogue = sync.OnceValues(law.Load)

// desk is a house with Điện Biên and plan 648 in it, and the people of a test.
type desk struct {
	t      testing.TB
	k      *web.Kit
	d      *db.DB
	dir    *org.Directory
	org    *org.Service
	plans  *plan.Service
	people map[string]access.Actor // by log-in, which is the account and the session's token too
}

// issued is a database with the plan issued, made once in a process.
var issued = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "dinh-planweb-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{Dir: dir, Clock: dbtest.Clock})
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		return nil, err
	}
	units, err := org.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := org.NewService(d, units).LoadSample(ctx); err != nil {
		return nil, err
	}
	cat, err := catalogue()
	if err != nil {
		return nil, err
	}
	s := plan.New(plan.Options{DB: d, Units: units, Law: func() *law.Catalogue { return cat }, Clock: dbtest.Clock})
	parsed, err := s.Parse(plan.Plan648)
	if err != nil {
		return nil, err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		id, err := s.ImportTx(ctx, tx, access.System, plan.Import{Parsed: parsed})
		if err != nil {
			return err
		}
		if _, err = s.IssueTx(ctx, tx, access.System, id, 0); err != nil {
			return err
		}
		return s.PublicTx(ctx, tx, access.System, id, 0, true)
	})
	if err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, db.File))
})

func newDesk(t testing.TB) *desk { return newDeskAt(t, dbtest.Clock) }

func newDeskAt(t testing.TB, clock civil.Clock) *desk {
	t.Helper()
	file, err := issued()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, db.File), file, 0o600); err != nil {
		t.Fatal(err)
	}
	h := &desk{t: t, d: dbtest.Open(t, db.Options{Dir: dir, Clock: clock}), people: map[string]access.Actor{}}
	if h.dir, err = org.Open(t.Context(), h.d); err != nil {
		t.Fatal(err)
	}
	h.org = org.NewService(h.d, h.dir)
	cat, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	now := func() *law.Catalogue { return cat }
	h.plans = plan.New(plan.Options{DB: h.d, Units: h.dir, Law: now, Clock: clock, People: h})
	files, err := attach.New(h.d, t.TempDir(), 1<<20, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	h.k, err = web.New(web.Config{DB: h.d, Clock: clock, Units: h.dir, Sessions: h, Key: []byte("k"), BaseURL: "http://" + webtest.Host, Upload: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	Register(h.k, Deps{Plans: h.plans, Units: h.dir, Law: now, Files: files, DB: h.d, Clock: clock, People: h, Actors: h})
	return h
}

// Session: the token is the account.
func (h *desk) Session(_ context.Context, token string) (access.Actor, web.Session, error) {
	return h.people[token], web.Session{ID: token}, nil
}

func (h *desk) ActorOf(_ context.Context, account string) (access.Actor, error) {
	return h.people[account], nil
}

func (h *desk) Holders(_ context.Context, unit string, kinds ...access.PostKind) ([]string, error) {
	var out []string
	for id, a := range h.people {
		if a.Holds(unit, kinds...) {
			out = append(out, id)
		}
	}
	return out, nil
}

func (h *desk) Names(_ context.Context, ids ...string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range ids {
		if a, ok := h.people[id]; ok {
			out[id] = a.Name
		}
	}
	return out, nil
}

func (h *desk) Colleagues(_ context.Context, unit string, _ civil.Date) ([]Colleague, error) {
	var out []Colleague
	for id, a := range h.people {
		if a.Holds(unit) {
			out = append(out, Colleague{Account: id, Name: a.Name, Title: "Công chức"})
		}
	}
	return out, nil
}

func (h *desk) unit(code string) *org.Unit {
	h.t.Helper()
	u, ok := h.dir.On("2021-04-20").ByCode(code)
	if !ok {
		h.t.Fatalf("no unit %s", code)
	}
	return u
}

// in is somebody logged in: posts are unit's code or id and kind in turn.
func (h *desk) in(login string, posts ...string) *webtest.Client {
	h.t.Helper()
	a := access.Actor{ID: login, Name: "Ông Bà " + login}
	for i := 0; i < len(posts); i += 2 {
		id := posts[i]
		if u, ok := h.dir.On("2021-04-20").ByCode(id); ok {
			id = u.ID
		}
		a.Posts = append(a.Posts, access.Post{Unit: id, Kind: access.PostKind(posts[i+1])})
	}
	h.people[login] = a
	c := webtest.New(h.t, h.k)
	c.Cookies[web.CookieName] = login
	return c
}

func (h *desk) public() *webtest.Client { return webtest.New(h.t, h.k) }

// of is the id of the assignment of a task at a unit.
func (h *desk) of(task, code string) string {
	h.t.Helper()
	b, err := h.plans.Board(h.t.Context(), access.System, plan648, plan.Filter{Task: task, Under: h.unit(code).ID})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range b.Rows {
		if r.Unit.Code == code {
			return r.Cells[0].Assignment
		}
	}
	h.t.Fatalf("%s has no task %s", code, task)
	return ""
}

func (h *desk) state(task, code string) plan.State {
	h.t.Helper()
	v, err := h.plans.Assignment(h.t.Context(), access.System, h.of(task, code))
	if err != nil {
		h.t.Fatal(err)
	}
	return v.State
}

func (h *desk) write(f func(tx *db.Tx) error) {
	h.t.Helper()
	if err := h.d.Write(h.t.Context(), f); err != nil {
		h.t.Fatal(err)
	}
}

// hide takes each unit's progress from the public.
func (h *desk) hide() {
	h.write(func(tx *db.Tx) error {
		return h.plans.PublicTx(h.t.Context(), tx, access.System, plan648, 0, false)
	})
}

// pdf is a small file that really is a PDF.
var pdf = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n100\n%%EOF\n")

// both gets a page in both languages and looks at each as its readers must be able to.
func both(c *webtest.Client, path string) *webtest.Page {
	c.T.Helper()
	en := path
	if strings.HasPrefix(path, "/") {
		en = "/en" + path
	}
	c.Get(en).Want(200).Check()
	return c.Get(path).Want(200).Check()
}
