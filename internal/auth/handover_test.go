package auth

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// fakePlan is the room plan as far as a hand-over sees it.
type fakePlan struct {
	mu   sync.Mutex
	work map[string][]WorkItem // by account
	fail error
}

func (f *fakePlan) OpenWork(_ context.Context, account, _ string) ([]WorkItem, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.work[account], nil
}

func (f *fakePlan) HandOverTx(_ context.Context, tx *db.Tx, from, to, _ string) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return 0, f.fail
	}
	items := f.work[from]
	tx.OnCommit(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.work[to] = append(f.work[to], items...)
		delete(f.work, from)
	})
	return len(items), nil
}

func TestHandOver(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		old := h.person("Lò Văn Cũ", "lovancu", h.xaA, access.Focal)
		h.must(func(ctx context.Context, tx *db.Tx) error {
			_, err := h.AssignTx(ctx, tx, h.admin, Assignment{Account: old.ID, Unit: h.xaA, Kind: access.Reception, Title: "Tiếp công dân", From: "2021-02-01"})
			return err
		})
		young := h.person("Cà Thị Mới", "cathimoi", h.xaA, access.Officer)
		plan := &fakePlan{work: map[string][]WorkItem{old.ID: {{Title: "Việc 1", Unit: h.xaA, Due: "2021-05-01"}, {Title: "Việc 2", Unit: h.xaA}}}}
		h.SetHandover(plan)
		token := h.mustLogIn("lovancu", adminPassword).Token
		work, err := h.OpenWork(ctx, old.ID, h.xaA)
		if err != nil || len(work) != 2 {
			t.Fatal(work, err)
		}
		hand := func(actor access.Actor, o HandoverOrder) (id string, err error) {
			err = h.write(func(ctx context.Context, tx *db.Tx) (err error) {
				id, err = h.HandOverTx(ctx, tx, actor, o)
				return err
			})
			return id, err
		}
		order := HandoverOrder{Unit: h.xaA, From: old.ID, To: young.ID, Day: "2021-04-20", Basis: "Quyết định 12/QĐ-UBND", Work: work}
		for key, change := range map[string]func(o *HandoverOrder){
			"auth.handover.whom":    func(o *HandoverOrder) { o.To = o.From },
			"auth.handover.future":  func(o *HandoverOrder) { o.Day = "2021-04-21" },
			"auth.handover.nothing": func(o *HandoverOrder) { o.From, o.To = young.ID, old.ID; o.Unit = h.xaB },
			"auth.post.from":        func(o *HandoverOrder) { o.Day = "" },
		} {
			o := order
			change(&o)
			_, err := hand(h.admin, o)
			wantKind(t, err, errs.Invalid, key)
		}
		_, err = hand(young, order)
		wantKind(t, err, errs.NotFound, "auth.not_found")

		plan.fail = errors.New("plan cannot")
		if _, err := hand(h.admin, order); !errors.Is(err, plan.fail) {
			t.Fatalf("hand-over although the plan failed: %v", err)
		}
		if who(t, h.Service, token) != old.ID {
			t.Error("a hand-over that failed ended a session")
		}
		plan.fail = nil

		id, err := hand(h.admin, order)
		if err != nil {
			t.Fatal(err)
		}
		if who(t, h.Service, token) != "" {
			t.Error("whoever has no post left is still in")
		}
		people, err := h.People(ctx, h.xaA, "2021-04-20")
		if err != nil || len(people) != 3 {
			t.Fatalf("people: %+v, %v", people, err)
		}
		for _, p := range people {
			if p.Account != young.ID {
				t.Errorf("%s still holds %s", p.Name, p.Kind)
			}
		}
		if n := len(plan.work[young.ID]); n != 2 {
			t.Errorf("%d pieces of work moved", n)
		}
		r, err := h.HandoverRecord(ctx, h.admin, id)
		if err != nil || r.FromName != "Lò Văn Cũ" || r.ToName != "Cà Thị Mới" || len(r.Posts) != 2 || len(r.Work) != 2 || r.Moved != 2 || r.Basis != order.Basis {
			t.Errorf("record: %+v, %v", r, err)
		}
		if _, err := h.HandoverRecord(ctx, young, id); err != nil {
			t.Errorf("who took over cannot read the record: %v", err)
		}
		stranger := h.person("Xa Lạ", "xala", h.xaB, access.Admin)
		if _, err := h.HandoverRecord(ctx, stranger, id); !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger reads the record: %v", err)
		}
		if list, err := h.Handovers(ctx, h.admin, h.xaA); err != nil || len(list) != 1 {
			t.Errorf("records: %v, %v", list, err)
		}
	})
}

func TestAPIToken(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		officer := h.person("Lò Văn Mển", "lovanmen", h.xaA, access.Officer)
		var token string
		h.must(func(ctx context.Context, tx *db.Tx) (err error) {
			token, err = h.CreateTokenTx(ctx, tx, officer, TokenOrder{Label: "Bảng tính", Expires: "2021-04-25"})
			return err
		})
		for _, scheme := range []string{"Bearer ", "bearer ", "ApiToken "} {
			a, err := h.Token(ctx, scheme+token)
			if err != nil || a.ID != officer.ID || len(a.Posts) != 1 || !slices.Equal(a.Scopes, []string{access.ScopeRead}) {
				t.Errorf("%s: %+v, %v", scheme, a, err)
			}
		}
		for _, bad := range []string{"", token, "Basic " + token, "Bearer " + token[:30], "Bearer " + token + "x", "Bearer"} {
			_, err := h.Token(ctx, bad)
			wantKind(t, err, errs.Unauthenticated, "auth.token.bad")
		}
		if who(t, h.Service, token) != "" {
			t.Error("an API token is a session")
		}
		session := h.mustLogIn("lovanmen", adminPassword).Token
		if _, err := h.Token(ctx, "Bearer "+session); err == nil {
			t.Error("a session is an API token")
		}
		if err := h.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		list, err := h.Tokens(ctx, officer)
		if err != nil || len(list) != 1 || list[0].Last != "2021-04-20" {
			t.Fatalf("tokens: %+v, %v", list, err)
		}
		other := h.another()
		if _, err := other.Token(ctx, "Bearer "+token); err != nil {
			t.Errorf("in another process: %v", err)
		}
		h.clock.pass(6 * 24 * time.Hour)
		_, err = other.Token(ctx, "Bearer "+token)
		wantKind(t, err, errs.Unauthenticated, "auth.token.bad")

		second, err := h.CreateTokenFor(ctx, "Lò Văn Mển", TokenOrder{Label: "Lệnh", Scopes: []string{access.ScopeHistory}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Token(ctx, "Bearer "+second); err != nil {
			t.Error(err)
		}
		list, err = h.Tokens(ctx, officer)
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		err = h.write(func(ctx context.Context, tx *db.Tx) error { return h.RevokeTokenTx(ctx, tx, h.admin, list[0].ID) })
		wantKind(t, err, errs.NotFound, "auth.not_found")
		h.must(func(ctx context.Context, tx *db.Tx) error { return h.RevokeTokenTx(ctx, tx, officer, list[0].ID) })
		h.clock.pass(cacheFresh)
		_, err = other.Token(ctx, "Bearer "+second)
		wantKind(t, err, errs.Unauthenticated, "auth.token.bad")
		for _, o := range []TokenOrder{{}, {Label: "x", Scopes: []string{"write"}}, {Label: "x", Expires: "2020-01-01"}} {
			err := h.write(func(ctx context.Context, tx *db.Tx) error {
				_, err := h.CreateTokenTx(ctx, tx, officer, o)
				return err
			})
			if !errs.Is(err, errs.Invalid) {
				t.Errorf("%+v: %v", o, err)
			}
		}
	})
}

func TestUserAdd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		p := NewPerson{Name: "Lò Văn Lệnh", Post: Assignment{Unit: h.xaA, Kind: access.Officer, From: "2021-04-20"}}
		acc, inv, err := h.UserAdd(ctx, p, "")
		if err != nil || inv == nil || inv.Code == "" || acc.Login != "lovanlenh" {
			t.Fatalf("%+v, %+v, %v", acc, inv, err)
		}
		acc, inv, err = h.UserAdd(ctx, p, goodPassword)
		if err != nil || inv != nil || acc.Login != "lovanlenh2" {
			t.Fatalf("%+v, %+v, %v", acc, inv, err)
		}
		h.mustLogIn("lovanlenh2", goodPassword)
		_, _, err = h.UserAdd(ctx, p, "1234567890")
		wantKind(t, err, errs.Invalid, "auth.password.common")
		p.Login = "LoVanLenh"
		_, _, err = h.UserAdd(ctx, p, "")
		wantKind(t, err, errs.Invalid, "auth.account.login_taken")
		err = h.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := h.FirstTx(ctx, tx, p, adminHash(t))
			return err
		})
		wantKind(t, err, errs.Conflict, "auth.first.there")
		names, err := h.Names(ctx, acc.ID, h.admin.ID, "nobody")
		if err != nil || len(names) != 2 || names[acc.ID] != "Lò Văn Lệnh" {
			t.Errorf("names %v, %v", names, err)
		}
		holders, err := h.Holders(ctx, h.xaA, access.Officer)
		if err != nil || !slices.Equal(holders, []string{acc.ID}) { // not the one who has not accepted yet
			t.Errorf("holders %v, %v", holders, err)
		}
	})
}
