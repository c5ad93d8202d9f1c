package auth

import (
	"context"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// clock is a pair of clocks that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: dbtest.Clock.Now()} }

func (c *clock) civil() civil.Clock {
	return civil.Clock{Now: c.read, Today: func() civil.Date { return civil.Of(c.read()) }}
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// house is a province with two communes and a village, and a service in it.
type house struct {
	*Service
	t                        *testing.T
	d                        *db.DB
	clock                    *clock
	dir                      *org.Directory
	keys                     string
	province, xaA, xaB, banA string
	admin                    access.Actor // the province's administrator, password adminPassword
}

const (
	adminPassword = "nước chảy đá mòn"
	goodPassword  = "một cây làm chẳng nên non"
)

var here = Client{IP: netip.MustParseAddr("192.0.2.7"), Agent: "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"}

// build makes a house on a database whose clock c is; adminPassword is hashed once for all tests.
func build(t *testing.T, d *db.DB, c *clock) *house {
	t.Helper()
	ctx := t.Context()
	dir, err := org.Open(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	units := org.NewService(d, dir)
	h := &house{t: t, d: d, clock: c, dir: dir, keys: filepath.Join(t.TempDir(), "keys")}
	add := func(kind, code, name, parent string) (id string) {
		err := d.Write(ctx, func(tx *db.Tx) error {
			id, err = units.AddTx(ctx, tx, access.System, org.Draft{Kind: kind, Code: code, Name: name, ParentID: parent, Staff: org.Unknown, Workers: org.Unknown}, "2021-01-01", "")
			return err
		})
		if err != nil {
			t.Fatalf("unit %s: %v", name, err)
		}
		return id
	}
	h.province = add(org.Province, "11", "Tỉnh Điện Biên", "")
	district := add(org.District, "094", "Huyện Điện Biên", h.province)
	h.xaA = add(org.Commune, "03322", "Xã Thanh Nưa", district)
	h.xaB = add(org.Commune, "03325", "Xã Hua Thanh", district)
	h.banA = add(org.Village, "03322-1", "Bản Mển", h.xaA)
	h.Service = h.another()
	hashed := adminHash(t)
	err = d.Write(ctx, func(tx *db.Tx) error {
		id, err := h.FirstTx(ctx, tx, NewPerson{Name: "Lò Thị Quản Trị", Login: "quantri1", Post: Assignment{Unit: h.province}}, hashed)
		h.admin = access.Actor{ID: id, Name: "Lò Thị Quản Trị", Posts: []access.Post{{Kind: access.Admin, Unit: h.province, Span: civil.Span{From: "2021-01-01"}}}}
		return err
	})
	if err != nil {
		t.Fatalf("first administrator: %v", err)
	}
	return h
}

var adminHashOnce = sync.OnceValues(func() (Hashed, error) {
	s := &Service{queue: newQueue(2)}
	return s.HashPassword(context.Background(), adminPassword)
})

func adminHash(t *testing.T) Hashed {
	t.Helper()
	h, err := adminHashOnce()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// another is a second service on the same database and keys: another process.
func (h *house) another() *Service {
	h.t.Helper()
	s, err := New(Options{DB: h.d, Clock: h.clock.civil(), Units: h.dir, KeyDir: h.keys})
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// each runs a test in a house on each engine, with clocks of its own.
func each(t *testing.T, f func(t *testing.T, h *house)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		c := newClock()
		f(t, build(t, dbtest.NewAt(t, c.civil()), c))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		c := newClock()
		f(t, build(t, dbtest.Open(t, db.Options{DSN: dbtest.Postgres(t), Clock: c.civil()}), c))
	})
}

func (h *house) write(f func(ctx context.Context, tx *db.Tx) error) error {
	ctx := h.t.Context()
	return h.d.Write(ctx, func(tx *db.Tx) error { return f(ctx, tx) })
}

func (h *house) must(f func(ctx context.Context, tx *db.Tx) error) {
	h.t.Helper()
	if err := h.write(f); err != nil {
		h.t.Fatal(err)
	}
}

// person adds somebody with a post and the administrator's password, and gives the actor.
func (h *house) person(name, login, unit string, kind access.PostKind) access.Actor {
	h.t.Helper()
	var id string
	hashed := adminHash(h.t)
	h.must(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = h.AddHashedTx(ctx, tx, access.System, NewPerson{Name: name, Login: login, Post: Assignment{Unit: unit, Kind: kind, From: "2021-01-01"}}, hashed)
		return err
	})
	a, err := h.ActorOf(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func (h *house) logIn(login, password string) (LoggedIn, error) {
	return h.LogIn(h.t.Context(), Attempt{Name: login, Password: password, Client: here}, "")
}

func (h *house) mustLogIn(login, password string) LoggedIn {
	h.t.Helper()
	in, err := h.logIn(login, password)
	if err != nil {
		h.t.Fatalf("log in as %s: %v", login, err)
	}
	return in
}

// who is whom the token speaks for, "" for nobody.
func who(t *testing.T, s *Service, token string) string {
	t.Helper()
	a, _, err := s.Session(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func wantKind(t *testing.T, err error, kind errs.Kind, key string) {
	t.Helper()
	got := errs.MsgOf(err).Key
	if f := errs.FieldsOf(err); len(f) > 0 {
		got = f[0].Msg.Key
	}
	if !errs.Is(err, kind) || got != key {
		t.Errorf("error %v (kind %d, %s), want kind %d, %s", err, errs.KindOf(err), got, kind, key)
	}
}
