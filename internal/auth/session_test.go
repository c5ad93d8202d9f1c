package auth

import (
	"context"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
)

// What ends a session in one process counts in another within the bound, and reading writes nothing.
func TestSessionEndsElsewhere(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		one, two := h.Service, h.another()
		officer := h.person("Lò Văn Mển", "lovanmen", h.xaA, access.Officer)
		begin := func() string {
			in := h.mustLogIn("lovanmen", adminPassword)
			if who(t, one, in.Token) != officer.ID || who(t, two, in.Token) != officer.ID {
				t.Fatal("the session is not known to both")
			}
			return in.Token
		}
		acc := func() *Account {
			a, err := account(ctx, h.d, `a.id=$1`, officer.ID)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		for name, end := range map[string]func(token string) error{
			"log out": func(token string) error { return one.LogOut(ctx, token) },
			"end others": func(string) error {
				return h.write(func(ctx context.Context, tx *db.Tx) error { return one.EndOthersTx(ctx, tx, officer, "") })
			},
			"lock": func(string) error {
				err := h.write(func(ctx context.Context, tx *db.Tx) error {
					return one.DisableTx(ctx, tx, h.admin, officer.ID, true, acc().Version)
				})
				if err != nil {
					return err
				}
				if _, err := h.logIn("lovanmen", adminPassword); err == nil {
					t.Error("a locked account logs in")
				}
				return h.write(func(ctx context.Context, tx *db.Tx) error {
					return one.DisableTx(ctx, tx, h.admin, officer.ID, false, acc().Version)
				})
			},
		} {
			token := begin()
			if err := end(token); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if who(t, one, token) != "" {
				t.Errorf("%s: goes on in the same process", name)
			}
			h.clock.pass(cacheFresh)
			if who(t, two, token) != "" {
				t.Errorf("%s: goes on in the other process", name)
			}
		}
		// When the last post ends, so do the sessions.
		token := begin()
		posts, err := one.PostsOf(ctx, h.admin, officer.ID)
		if err != nil || len(posts) != 1 {
			t.Fatalf("posts: %v, %v", posts, err)
		}
		h.must(func(ctx context.Context, tx *db.Tx) error {
			return one.EndTx(ctx, tx, h.admin, posts[0].ID, "2021-04-19", posts[0].Version)
		})
		h.clock.pass(cacheFresh)
		if who(t, one, token) != "" || who(t, two, token) != "" {
			t.Error("a session without posts goes on")
		}
		if _, err := h.logIn("lovanmen", adminPassword); err == nil {
			t.Error("somebody without posts logs in")
		}
	})
}

// A post counts from its first day to its last, without anybody doing anything.
func TestPostsFollowTheDay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		officer := h.person("Lò Văn Mển", "lovanmen", h.xaA, access.Officer)
		h.must(func(ctx context.Context, tx *db.Tx) error {
			_, err := h.AssignTx(ctx, tx, h.admin, Assignment{Account: officer.ID, Unit: h.xaA, Kind: access.Reception, From: "2021-04-22", To: "2021-04-23"})
			return err
		})
		token := h.mustLogIn("lovanmen", adminPassword).Token
		for day, want := range []int{1, 1, 2, 2, 1} {
			a, _, err := h.Session(t.Context(), token)
			if err != nil || len(a.Posts) != want {
				t.Errorf("day %d: posts %v, %v; want %d", day, a.Posts, err, want)
			}
			h.clock.pass(24 * time.Hour)
		}
	})
}

func TestSessionLife(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		long := h.mustLogIn("quantri1", adminPassword).Token
		in, err := h.LogIn(ctx, Attempt{Name: "quantri1", Password: adminPassword, Shared: true, Client: here}, "")
		if err != nil || !in.Expires.IsZero() {
			t.Fatalf("on a shared computer: %+v, %v", in, err)
		}
		two := h.another()
		for range 4 { // used every 25 minutes it stays, in both processes
			h.clock.pass(25 * time.Minute)
			if who(t, h.Service, in.Token) == "" {
				t.Fatal("ended while in use")
			}
			if err := h.Flush(ctx); err != nil {
				t.Fatal(err)
			}
			h.clock.pass(20 * time.Minute)
			if who(t, two, in.Token) == "" {
				t.Fatal("ended in the other process while in use")
			}
			if err := two.Flush(ctx); err != nil {
				t.Fatal(err)
			}
		}
		h.clock.pass(31 * time.Minute)
		if who(t, h.Service, in.Token) != "" || who(t, two, in.Token) != "" {
			t.Error("unused for half an hour, it goes on")
		}
		h.clock.pass(29 * 24 * time.Hour)
		if who(t, h.Service, long) == "" {
			t.Error("ended before 30 days")
		}
		if err := h.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		list, err := h.Sessions(ctx, h.admin)
		if err != nil || len(list) != 1 || list[0].First != "2021-04-20" || list[0].Last != civil.Of(h.clock.read()) {
			t.Errorf("sessions: %+v, %v", list, err)
		}
		h.clock.pass(24 * time.Hour)
		if who(t, h.Service, long) != "" {
			t.Error("goes on after 30 days")
		}
		if err := h.Prune(ctx); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := h.d.QueryRow(ctx, `SELECT COUNT(*) FROM session`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d sessions left, %v", n, err)
		}
	})
}

// A new log-in in the same browser ends the session it replaces.
func TestLogInReplaces(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		old := h.mustLogIn("quantri1", adminPassword).Token
		if who(t, h.Service, old) == "" {
			t.Fatal("no session")
		}
		in, err := h.LogIn(t.Context(), Attempt{Name: "quantri1", Password: adminPassword, Client: here}, old)
		if err != nil || who(t, h.Service, old) != "" || who(t, h.Service, in.Token) == "" {
			t.Errorf("old goes on, or new does not: %v", err)
		}
	})
}

func TestSessionIgnoresNonsense(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		token := h.mustLogIn("quantri1", adminPassword).Token
		for _, bad := range []string{"", "x", token + "x", token[:len(token)-1], token[1:] + "A", "' OR ''='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"} {
			if who(t, h.Service, bad) != "" {
				t.Errorf("%q is somebody", bad)
			}
		}
	})
}
