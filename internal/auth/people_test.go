package auth

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// invite adds somebody without password and invites them.
func (h *house) invite(p NewPerson, way string) (accountID, invitation string) {
	h.t.Helper()
	h.must(func(ctx context.Context, tx *db.Tx) (err error) {
		if accountID, err = h.AddTx(ctx, tx, h.admin, p); err != nil {
			return err
		}
		invitation, err = h.InviteTx(ctx, tx, h.admin, accountID, way)
		return err
	})
	return accountID, invitation
}

func (h *house) codeOf(invitation string) string {
	h.t.Helper()
	i, err := h.Invitation(h.t.Context(), h.admin, invitation)
	if err != nil || i.Code == "" {
		h.t.Fatalf("invitation: %+v, %v", i, err)
	}
	return i.Code
}

func TestInvitationWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		id, inv := h.invite(NewPerson{Phone: "0912 345 678", Post: Assignment{Unit: h.banA, Kind: access.VillageHead, From: "2021-04-20"}}, Paper)
		code := h.codeOf(inv)
		if _, ok := normalCode(code, inviteLength); !ok {
			t.Errorf("code %q", code)
		}
		if _, err := h.logIn("0912345678", ""); err == nil {
			t.Error("logs in without a password")
		}
		accept := func(typed, name, password string) (LoggedIn, error) {
			return h.Accept(ctx, Acceptance{Code: typed, Name: name, Password: password, Client: here})
		}
		if _, err := accept(code, "", "ngắn"); len(errs.FieldsOf(err)) != 2 {
			t.Errorf("no name and a short password: %v", err)
		}
		// Many at once, as typed from paper: one gets in, the others hear that it was used.
		var mu sync.Mutex
		var good, gone int
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				in, err := accept(" "+ShowCode(code)+" ", "Quàng Văn Bản", goodPassword)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					good++
					if a, _, err := h.Session(ctx, in.Token); err != nil || a.ID != id || a.Name != "Quàng Văn Bản" {
						t.Errorf("logged in as %+v, %v", a, err)
					}
				case errs.Is(err, errs.Gone):
					gone++
				default:
					t.Errorf("accept: %v", err)
				}
			})
		}
		wg.Wait()
		if good != 1 || gone != 7 {
			t.Errorf("accepted %d times, refused %d times", good, gone)
		}
		h.mustLogIn("0912.345.678", goodPassword)
		_, err := h.Invited(ctx, code, here)
		wantKind(t, err, errs.Gone, "auth.invite.used")
	})
}

func TestInvitationEnds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		p := NewPerson{Name: "Quàng Văn Bản", Mail: "quang@example.vn", Post: Assignment{Unit: h.xaA, Kind: access.Officer, From: "2021-04-20"}}
		id, first := h.invite(p, ByMail)
		code := h.codeOf(first)
		var letters int
		if err := h.d.QueryRow(ctx, `SELECT COUNT(*) FROM mail_outbox WHERE account=$1`, id).Scan(&letters); err != nil || letters != 1 {
			t.Errorf("%d letters, %v", letters, err)
		}
		var again string
		h.must(func(ctx context.Context, tx *db.Tx) (err error) {
			again, err = h.InviteTx(ctx, tx, h.admin, id, Paper)
			return err
		})
		_, err := h.Invited(ctx, code, here)
		wantKind(t, err, errs.Gone, "auth.invite.revoked") // a new one takes the force from the old
		code = h.codeOf(again)
		h.must(func(ctx context.Context, tx *db.Tx) error { return h.RevokeTx(ctx, tx, h.admin, again) })
		_, err = h.Invited(ctx, code, here)
		wantKind(t, err, errs.Gone, "auth.invite.revoked")
		err = h.write(func(ctx context.Context, tx *db.Tx) error { return h.RevokeTx(ctx, tx, h.admin, again) })
		wantKind(t, err, errs.Conflict, "auth.invite.over")

		h.must(func(ctx context.Context, tx *db.Tx) (err error) {
			again, err = h.InviteTx(ctx, tx, h.admin, id, Paper)
			return err
		})
		code = h.codeOf(again)
		list, err := h.Invitations(ctx, h.admin, 10)
		if err != nil || len(list) != 1 || list[0].ID != again || list[0].Code != "" {
			t.Errorf("open: %+v, %v", list, err)
		}
		h.clock.pass(inviteDays * 24 * time.Hour)
		if _, err := h.Invited(ctx, code, here); err != nil {
			t.Errorf("on the last day: %v", err)
		}
		h.clock.pass(24 * time.Hour)
		_, err = h.Invited(ctx, code, here)
		wantKind(t, err, errs.Gone, "auth.invite.expired")
		for i := range 25 {
			_, err = h.Invited(ctx, "ABCDEFGHJK"+string(codeLetters[i])+"L", here)
		}
		wantKind(t, err, errs.TooMany, "auth.login.wait") // guessing
		h.clock.pass(time.Hour)
		_, err = h.Invited(ctx, "' OR 1=1 --", here)
		wantKind(t, err, errs.NotFound, "auth.invite.unknown")
	})
}

// An invitation that resets a password takes the second factor and the sessions with it.
func TestReset(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		officer := h.person("Lò Văn Mển", "lovanmen", h.xaA, access.Officer)
		h.enrol(officer)
		h.clock.pass(time.Minute)
		var inv string
		h.must(func(ctx context.Context, tx *db.Tx) (err error) {
			inv, err = h.InviteTx(ctx, tx, h.admin, officer.ID, Paper)
			return err
		})
		in, err := h.Accept(ctx, Acceptance{Code: h.codeOf(inv), Password: goodPassword, Client: here})
		if err != nil || in.Stage != StageIn {
			t.Fatalf("%+v, %v", in, err)
		}
		if again := h.mustLogIn("lovanmen", goodPassword); again.Stage != StageIn {
			t.Errorf("stage %q after a reset", again.Stage)
		}
		if _, err := h.logIn("lovanmen", adminPassword); err == nil {
			t.Error("the old password still counts")
		}
		err = h.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := h.InviteTx(ctx, tx, h.admin, h.admin.ID, Paper)
			return err
		})
		wantKind(t, err, errs.Forbidden, "auth.account.self")
	})
}

// Whoever looks after one unit neither sees the people of others nor takes over somebody who also works elsewhere.
func TestWhoManagesWhom(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		adminA := h.person("Lò Văn A", "quantria", h.xaA, access.Admin)
		officerA := h.person("Lò Văn Mển", "lovanmen", h.xaA, access.Officer)
		officerB := h.person("Cà Văn Bê", "cavanbe", h.xaB, access.Officer)
		headA := h.person("Tòng Thị Trưởng", "tongthitruong", h.xaA, access.Head)
		both := h.person("Vì Văn Hai", "vivanhai", h.xaA, access.Officer)
		h.must(func(ctx context.Context, tx *db.Tx) error {
			_, err := h.AssignTx(ctx, tx, h.admin, Assignment{Account: both.ID, Unit: h.xaB, Kind: access.Officer, From: "2021-04-20"})
			return err
		})
		reset := func(actor access.Actor, id string) error {
			return h.write(func(ctx context.Context, tx *db.Tx) error {
				_, err := h.InviteTx(ctx, tx, actor, id, Paper)
				return err
			})
		}
		for _, c := range []struct {
			name  string
			actor access.Actor
			whom  access.Actor
			kind  errs.Kind
			key   string
		}{
			{"the commune's administrator, its officer", adminA, officerA, 0, ""},
			{"the province's administrator, a commune's officer", h.admin, officerB, 0, ""},
			{"the commune's administrator, a sibling's officer", adminA, officerB, errs.NotFound, "auth.not_found"},
			{"the commune's administrator, somebody of two communes", adminA, both, errs.Forbidden, "auth.account.elsewhere"},
			{"the commune's administrator, the province's administrator", adminA, h.admin, errs.NotFound, "auth.not_found"},
			{"a head, an officer", headA, officerA, errs.NotFound, "auth.not_found"},
			{"nobody", access.Actor{}, officerA, errs.NotFound, "auth.not_found"},
		} {
			err := reset(c.actor, c.whom.ID)
			if c.key == "" {
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				continue
			}
			if !errs.Is(err, c.kind) || errs.MsgOf(err).Key != c.key {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		err := h.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := h.AddTx(ctx, tx, adminA, NewPerson{Name: "X Y", Post: Assignment{Unit: h.xaB, Kind: access.Officer, From: "2021-04-20"}})
			return err
		})
		wantKind(t, err, errs.Invalid, "auth.post.unit")
		if _, err := h.Account(ctx, adminA, officerB.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("sees a sibling's officer: %v", err)
		}
		list, _, err := h.List(ctx, adminA, Filter{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range list {
			names = append(names, p.Name)
			if p.Unit != h.xaA && p.Unit != h.banA {
				t.Errorf("lists %s of another unit", p.Name)
			}
		}
		if want := []string{"Lò Văn A", "Vì Văn Hai", "Lò Văn Mển", "Tòng Thị Trưởng"}; !slices.Equal(names, want) { // by given name
			t.Errorf("list %q, want %q", names, want)
		}
		if _, _, err := h.List(ctx, adminA, Filter{Unit: h.xaB}, 100); !errs.Is(err, errs.NotFound) {
			t.Errorf("lists a sibling: %v", err)
		}
		if list, _, err := h.List(ctx, headA, Filter{}, 100); err != nil || len(list) != 0 {
			t.Errorf("a head lists %v, %v", list, err)
		}
	})
}

func TestListPagesAndFinds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		want := map[string]bool{"Lò Thị Quản Trị": true}
		for i := range 13 {
			name := "Lường Văn " + string(rune('A'+i))
			h.person(name, "luongvan"+strconv.Itoa(i), h.xaA, access.Officer)
			want[name] = true
		}
		got := map[string]bool{}
		after, pages := "", 0
		for {
			list, next, err := h.List(ctx, h.admin, Filter{After: after}, 5)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range list {
				if got[p.Name] {
					t.Errorf("%s twice", p.Name)
				}
				got[p.Name] = true
			}
			pages++
			if after = next; after == "" {
				break
			}
		}
		if len(got) != len(want) || pages != 3 {
			t.Errorf("%d people on %d pages", len(got), pages)
		}
		for q, n := range map[string]int{"luong": 13, "LƯỜNG VĂN b": 1, "quan tri": 1, "luongvan1": 4, "%": 0, "_": 0, `\`: 0, "không có": 0} {
			list, _, err := h.List(ctx, h.admin, Filter{Query: q}, 100)
			if err != nil || len(list) != n {
				t.Errorf("%q finds %d, want %d (%v)", q, len(list), n, err)
			}
		}
		list, _, err := h.List(ctx, h.admin, Filter{Unit: h.xaA, Kind: access.Officer, Day: "2021-01-01"}, 100)
		if err != nil || len(list) != 13 {
			t.Errorf("filtered: %d, %v", len(list), err)
		}
		if _, _, err := h.List(ctx, h.admin, Filter{After: "x"}, 5); !errs.Is(err, errs.Invalid) {
			t.Errorf("a broken cursor: %v", err)
		}
	})
}

func TestPosts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		head := h.person("Tòng Thị Trưởng", "tongthitruong", h.xaA, access.Head)
		deputy := h.person("Lò Văn Phó", "lovanpho", h.xaA, access.Officer)
		assign := func(a Assignment) error {
			return h.write(func(ctx context.Context, tx *db.Tx) error {
				_, err := h.AssignTx(ctx, tx, h.admin, a)
				return err
			})
		}
		posts, err := h.PostsOf(t.Context(), h.admin, head.ID)
		if err != nil || len(posts) != 1 {
			t.Fatal(posts, err)
		}
		for _, c := range []struct {
			a   Assignment
			key string
		}{
			{Assignment{Account: deputy.ID, Unit: h.xaA, Kind: access.Head, From: "2021-05-01"}, "auth.post.head_taken"},
			{Assignment{Account: deputy.ID, Unit: h.xaA, Kind: access.Officer, From: "2021-05-01"}, "auth.post.twice"},
			{Assignment{Account: deputy.ID, Unit: h.xaA, Kind: "king", From: "2021-05-01"}, "auth.post.kind_unknown"},
			{Assignment{Account: deputy.ID, Unit: h.xaA, Kind: access.VillageHead, From: "2021-05-01"}, "auth.post.kind_unit"},
			{Assignment{Account: deputy.ID, Unit: h.banA, Kind: access.Head, From: "2021-05-01"}, "auth.post.kind_unit"},
			{Assignment{Account: deputy.ID, Unit: h.xaA, Kind: access.Focal}, "auth.post.from"},
			{Assignment{Account: deputy.ID, Unit: h.xaA, Kind: access.Focal, From: "2021-05-01", To: "2021-04-30"}, "auth.post.to_before"},
			{Assignment{Account: deputy.ID, Unit: h.xaA, Kind: access.Focal, From: "2021-01-01", To: "2021-02-01"}, "auth.post.over"},
			{Assignment{Account: deputy.ID, Unit: "nowhere", Kind: access.Focal, From: "2021-05-01"}, "auth.post.unit"},
			{Assignment{Account: deputy.ID, Unit: h.xaA, Kind: access.Head, From: "2021-05-01", StandsIn: posts[0].ID}, "auth.post.substitute_end"},
			{Assignment{Account: deputy.ID, Unit: h.xaA, Kind: access.Head, From: "2021-05-01", To: "2021-05-31", StandsIn: "nobody"}, "auth.post.substitute_whom"},
			{Assignment{Account: head.ID, Unit: h.xaA, Kind: access.Head, From: "2021-05-01", To: "2021-05-31", StandsIn: posts[0].ID}, "auth.post.twice"},
		} {
			err := assign(c.a)
			wantKind(t, err, errs.Invalid, c.key)
		}
		if err := assign(Assignment{Account: deputy.ID, Unit: h.xaA, Kind: access.Head, From: "2021-05-01", To: "2021-05-31", StandsIn: posts[0].ID}); err != nil {
			t.Fatalf("substitute: %v", err)
		}
		people, err := h.People(t.Context(), h.xaA, "2021-05-10")
		if err != nil || len(people) != 3 || people[0].Kind != access.Head || people[1].Kind != access.Head || people[2].Kind != access.Officer {
			t.Errorf("people: %+v, %v", people, err)
		}
		// The substitute's post ends with the one stood in for; a version that is old is a conflict.
		end := func(version int) error {
			return h.write(func(ctx context.Context, tx *db.Tx) error {
				return h.EndTx(ctx, tx, h.admin, posts[0].ID, "2021-05-15", version)
			})
		}
		if err := end(posts[0].Version); err != nil {
			t.Fatal(err)
		}
		wantKind(t, end(posts[0].Version), errs.Conflict, "db.conflict")
		if people, err = h.People(t.Context(), h.xaA, "2021-05-16"); err != nil || len(people) != 1 {
			t.Errorf("people on the day after: %+v, %v", people, err)
		}
	})
}

func TestLastAdministrator(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		posts := func(id string) Holding {
			t.Helper()
			list, err := h.PostsOf(ctx, h.admin, id)
			if err != nil || len(list) == 0 {
				t.Fatalf("posts: %v, %v", list, err)
			}
			return list[0]
		}
		end := func(actor access.Actor, p Holding) error {
			return h.write(func(ctx context.Context, tx *db.Tx) error {
				return h.EndTx(ctx, tx, actor, p.ID, "2021-04-19", p.Version)
			})
		}
		wantKind(t, end(h.admin, posts(h.admin.ID)), errs.Forbidden, "auth.post.last_administrator")
		// An invited one who has no password yet does not count, and may be taken back.
		invited, _ := h.invite(NewPerson{Name: "Chưa Nhận", Post: Assignment{Unit: h.province, Kind: access.Admin, From: "2021-04-20"}}, Paper)
		wantKind(t, end(h.admin, posts(h.admin.ID)), errs.Forbidden, "auth.post.last_administrator")
		if err := end(h.admin, posts(invited)); err != nil {
			t.Errorf("taking an invited administrator back: %v", err)
		}
		second := h.person("Cà Thị Hai", "cathihai", h.province, access.Admin)
		acc, err := account(ctx, h.d, `a.id=$1`, h.admin.ID)
		if err != nil {
			t.Fatal(err)
		}
		h.must(func(ctx context.Context, tx *db.Tx) error {
			return h.DisableTx(ctx, tx, second, h.admin.ID, true, acc.Version)
		})
		wantKind(t, end(second, posts(second.ID)), errs.Forbidden, "auth.post.last_administrator")
		h.must(func(ctx context.Context, tx *db.Tx) error {
			return h.DisableTx(ctx, tx, second, h.admin.ID, false, acc.Version+1)
		})
		// Two who end each other at the same moment: one stays.
		var wg sync.WaitGroup
		results := make([]error, 2)
		pair := []Holding{posts(second.ID), posts(h.admin.ID)}
		for i, actor := range []access.Actor{h.admin, second} {
			wg.Go(func() { results[i] = end(actor, pair[i]) })
		}
		wg.Wait()
		if (results[0] == nil) == (results[1] == nil) {
			t.Errorf("both ended, or none: %v", results)
		}
	})
}
