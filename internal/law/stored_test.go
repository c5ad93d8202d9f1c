package law

import (
	"context"
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"

	"github.com/google/go-cmp/cmp"
)

// changed is the catalogue with three working days in place of five for a sheet about a decision, and no rule for a village's notice any more.
func changed(t *testing.T) *Catalogue {
	t.Helper()
	files, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	c, err := assemble(append(files, source{name: "tinh.toml", local: true, body: []byte(`
[[duty]]
id = "l-10-2022.d12.k3"
act = "l-10-2022"
ref = "Khoản 3 Điều 12"
principle = "know"
kind = "disclose"
role = "limit"
step = "disclosure.publish"
unit_kinds = ["commune"]
title_vi = "Công khai chậm nhất 3 ngày làm việc"
title_en = "Disclose within 3 working days"
within_days = 3
working = true
effective_from = 2023-07-01
confidence = "checked"

[[duty]]
id = "nd-59-2023.d3.k3"
act = "nd-59-2023"
ref = "Khoản 3 Điều 3"
principle = "discuss"
kind = "meeting"
role = "limit"
step = "meeting.notice"
unit_kinds = ["village"]
title_vi = "Báo trước cuộc họp 2 ngày"
title_en = "Two days' notice of a meeting"
limits = { lead_days = 2 }
effective_from = 2023-08-15
effective_to = 2024-01-01
confidence = "checked"
`)}))
	if err != nil {
		t.Fatal(faultText(err))
	}
	return c
}

// room is an owner of deadlines that remembers what it was told.
type room struct{ moved map[string]*Due }

func (r *room) Describe(_ context.Context, _ db.Querier, id string) (string, string, error) {
	return "Bản công khai " + id, "/n/" + id, nil
}

func (r *room) MoveTx(_ context.Context, _ *db.Tx, id, step string, now *Due) error {
	r.moved[id+" "+step] = now
	return nil
}

func TestDeadlinesThatAChangeWouldMove(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		old, now := catalogue(t), changed(t)
		place := func(unit string) access.Place {
			return access.Place{Unit: unit, Above: []string{"tinh-" + unit[:1]}, Kind: "commune"}
		}
		before := NewService(d, old, place)
		if err := before.Start(ctx); err != nil {
			t.Fatal(err)
		}
		put := func(id, unit, step, kind string, event civil.Date) Due {
			t.Helper()
			due, err := old.Deadline(step, kind, []string{"remote"}, SizesOf(12, -1), event)
			if err != nil {
				t.Fatal(err)
			}
			write(t, d, func(tx *db.Tx) error {
				return PutTx(ctx, tx, StoredDue{OwnerKind: "posting", OwnerID: id, Unit: unit, Kind: kind, Flags: []string{"remote"}, Size: SizesOf(12, -1), Due: due})
			})
			return due
		}
		first := put("1", "a1", "disclosure.publish", "commune", "2026-11-02")
		put("2", "a1", "meeting.notice", "village", "2026-11-20")
		put("3", "a2", "complaint.settle", "commune", "2026-11-02") // the same in both
		put("4", "b1", "disclosure.publish", "commune", "2026-11-02")
		put("5", "a2", "disclosure.publish", "commune", "2026-11-03")
		write(t, d, func(tx *db.Tx) error { return CloseTx(ctx, tx, "posting", "5", "disclosure.publish") })

		stored, err := StoredFor(ctx, d, "posting", "1")
		if err != nil || len(stored) != 1 {
			t.Fatalf("%+v, %v", stored, err)
		}
		if diff := cmp.Diff(first, stored[0].Due); diff != "" || !stored[0].Running || stored[0].Size != SizesOf(12, -1) {
			t.Errorf("%s %+v", diff, stored[0])
		}

		s := NewService(d, now, place)
		r := &room{moved: map[string]*Due{}}
		s.Own("posting", r)
		if err := s.Start(ctx); err != nil {
			t.Fatal(err)
		}
		if h, err := History(ctx, d, 10); err != nil || len(h) != 2 || h[0].Digest == h[1].Digest || len(h[0].LocalFiles)+len(h[1].LocalFiles) != 1 {
			t.Errorf("%+v, %v", h, err)
		}
		admin := access.Actor{ID: "x", Name: "Quản trị", Posts: []access.Post{{Kind: access.Admin, Unit: "tinh-a"}}}
		list, next, err := s.Moved(ctx, admin, "", 10)
		if err != nil || next != "" || len(list) != 2 {
			t.Fatalf("%+v %q %v", list, next, err)
		}
		// Ids of one instant have no order.
		slices.SortFunc(list, func(a, b Changed) int { return strings.Compare(a.Stored.OwnerID, b.Stored.OwnerID) })
		if list[0].Title != "Bản công khai 1" || list[0].Now == nil || list[0].Now.Date != "2026-11-05" || list[0].Stored.Due.Date != "2026-11-09" {
			t.Errorf("%+v", list[0])
		}
		if list[1].Stored.OwnerID != "2" || list[1].Now != nil {
			t.Errorf("%+v", list[1])
		}
		if one, next, err := s.Moved(ctx, admin, "", 1); err != nil || len(one) != 1 || next == "" {
			t.Errorf("%+v %q %v", one, next, err)
		} else if two, next, err := s.Moved(ctx, admin, next, 1); err != nil || len(two) != 1 || next != "" || two[0].Stored.ID == one[0].Stored.ID {
			t.Errorf("%+v %q %v", two, next, err)
		}
		if all, _, err := s.Moved(ctx, access.Actor{ID: "y", Posts: []access.Post{{Kind: access.Officer, Unit: "tinh-a"}}}, "", 10); err != nil || len(all) != 0 {
			t.Errorf("an officer sees %+v, %v", all, err)
		}

		officer := access.Actor{ID: "y", Posts: []access.Post{{Kind: access.Officer, Unit: "a1"}}}
		accept := func(a access.Actor, m Changed, version int) error {
			return d.Write(ctx, func(tx *db.Tx) error { return s.AcceptTx(ctx, tx, a, m.Stored.ID, version) })
		}
		if err := accept(officer, list[0], 1); !errs.Is(err, errs.NotFound) {
			t.Errorf("an officer accepts: %v", err)
		}
		if err := accept(admin, list[0], 7); !errs.Is(err, errs.Conflict) {
			t.Errorf("an old version: %v", err)
		}
		if err := accept(admin, list[0], list[0].Stored.Version); err != nil {
			t.Fatal(err)
		}
		if err := accept(admin, list[0], list[0].Stored.Version); !errs.Is(err, errs.Conflict) {
			t.Errorf("a second time: %v", err)
		}
		if moved := r.moved["1 disclosure.publish"]; moved == nil || moved.Date != "2026-11-05" {
			t.Errorf("the room was told %+v", r.moved)
		}
		if stored, err = StoredFor(ctx, d, "posting", "1"); err != nil || stored[0].Due.Date != "2026-11-05" || stored[0].Due.Digest != now.Digest() || !stored[0].Running {
			t.Errorf("%+v, %v", stored, err)
		}
		write(t, d, func(tx *db.Tx) error { return s.KeepTx(ctx, tx, admin, list[1].Stored.ID, list[1].Stored.Version) })
		if left, _, err := s.Moved(ctx, admin, "", 10); err != nil || len(left) != 0 {
			t.Errorf("left %+v, %v", left, err)
		}
		if stored, err = StoredFor(ctx, d, "posting", "2"); err != nil || stored[0].Due.Date != "2026-11-18" || !stored[0].Running {
			t.Errorf("kept: %+v, %v", stored, err)
		}

		// Accepting that there is none any more ends the deadline.
		put("6", "a1", "meeting.notice", "village", "2026-12-20")
		list, _, err = s.Moved(ctx, admin, "", 10)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := accept(admin, list[0], list[0].Stored.Version); err != nil {
			t.Fatal(err)
		}
		if stored, err = StoredFor(ctx, d, "posting", "6"); err != nil || stored[0].Running {
			t.Errorf("ended: %+v, %v", stored, err)
		}
		// The answers stand in the log.
		var entries int
		if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM audit_entry WHERE action IN ('law.due.accept','law.due.keep','law.catalogue')`).Scan(&entries); err != nil || entries != 5 {
			t.Errorf("%d entries, %v", entries, err)
		}
	})
}

func write(t *testing.T, d *db.DB, f func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}
