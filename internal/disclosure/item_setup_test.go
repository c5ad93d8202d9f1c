package disclosure

import (
	"bytes"
	"context"
	"testing"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/org"
)

// itemHouse is the room over a database with a province, a commune with two villages, and a school.
type itemHouse struct {
	*Service
	t                         *testing.T
	d                         *db.DB
	province, commune, school string
	villages                  []string
	holders                   map[string][]string // by unit and post
	told                      []Record
}

func (h *itemHouse) Holders(_ context.Context, unit string, kinds ...access.PostKind) (out []string, err error) {
	for _, k := range kinds {
		out = append(out, h.holders[unit+" "+string(k)]...)
	}
	return out, nil
}

func (h *itemHouse) Names(context.Context, ...string) (map[string]string, error) {
	return map[string]string{}, nil
}

func (h *itemHouse) RecordTx(_ context.Context, _ *db.Tx, _ access.Actor, r Record) error {
	h.told = append(h.told, r)
	return nil
}

func newItemHouse(t *testing.T, d *db.DB, clock civil.Clock) *itemHouse {
	t.Helper()
	ctx := t.Context()
	dir, err := org.Open(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	o := org.NewService(d, dir)
	first, err := o.ReadFirst("11", "Tỉnh Điện Biên", "1950-01-01")
	if err != nil {
		t.Fatal(err)
	}
	h := &itemHouse{t: t, d: d, holders: map[string][]string{}}
	h.write(func(tx *db.Tx) error {
		h.province, err = o.FirstTx(ctx, tx, first)
		return err
	})
	add := func(kind, code, name, parent string) (id string) {
		h.write(func(tx *db.Tx) error {
			id, err = o.AddTx(ctx, tx, access.System, org.Draft{Kind: kind, Code: code, Name: name, ParentID: parent, Staff: org.Unknown, Workers: org.Unknown}, "1960-01-01", "")
			return err
		})
		return id
	}
	h.commune = add(org.Commune, "03322", "Xã Thanh Nưa", add(org.District, "100", "Huyện Điện Biên", h.province))
	h.school = add(org.ServiceUnit, "TH-01", "Trường Tiểu học Thanh Nưa", h.commune)
	h.write(func(tx *db.Tx) error {
		h.villages, err = o.AddVillagesTx(ctx, tx, access.System, h.commune, []org.VillageDraft{{Name: "Bản Mển"}, {Name: "Bản Co Rốm"}}, "1960-01-01")
		return err
	})
	files, err := attach.New(d, t.TempDir(), 4<<20, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	h.Service = New(Options{DB: d, Units: dir, Law: slotLaw, Clock: clock, People: h, Files: files, Recorder: h})
	return h
}

func (h *itemHouse) write(f func(tx *db.Tx) error) {
	h.t.Helper()
	if err := h.d.Write(h.t.Context(), f); err != nil {
		h.t.Fatalf("%+v", err)
	}
}

// try is a command that may be refused.
func (h *itemHouse) try(f func(tx *db.Tx) error) error {
	h.t.Helper()
	return h.d.Write(h.t.Context(), f)
}

// someone holds posts: unit and kind in turn.
func (h *itemHouse) someone(name string, posts ...string) access.Actor {
	a := access.Actor{ID: name, Name: "Bà " + name}
	for i := 0; i < len(posts); i += 2 {
		a.Posts = append(a.Posts, access.Post{Unit: posts[i], Kind: access.PostKind(posts[i+1])})
		h.holders[posts[i]+" "+posts[i+1]] = append(h.holders[posts[i]+" "+posts[i+1]], name)
	}
	return a
}

// budget is an item that a commune must disclose under the law of 2021.
func budget() ItemInput {
	return ItemInput{
		Matter: "pl-34-2007.d5.k1", Period: "2021", Audience: Everybody, Title: "Dự toán thu, chi ngân sách xã năm 2021", Summary: "Xã thu 7.412,5 triệu đồng và chi bấy nhiêu.",
		Body: "Tổng thu ngân sách xã 7.412,5 triệu đồng.", DocNumber: "21/TB-UBND", DocDay: "2021-04-05", Decided: "2021-04-05", Places: []string{"office", "website"},
	}
}

func (h *itemHouse) create(a access.Actor, unit string, in ItemInput) (i *Item) {
	h.t.Helper()
	h.write(func(tx *db.Tx) (err error) {
		i, err = h.CreateTx(h.t.Context(), tx, a, NewItem{Unit: unit, ItemInput: in})
		return err
	})
	return i
}

// up brings the item's draft up by a signed paper.
func (h *itemHouse) up(a access.Actor, item string) *View {
	h.t.Helper()
	ctx := h.t.Context()
	h.write(func(tx *db.Tx) error {
		return h.ApproveTx(ctx, tx, a, item, Approval{PaperNumber: "21/TB-UBND", PaperDay: h.clock.Today(), PaperSigner: "Cà Văn Hặc"})
	})
	h.write(func(tx *db.Tx) error {
		return h.PublishTx(ctx, tx, a, item, Publication{Checks: Checks{Secret: SecretNo, SecretBy: a.Name}})
	})
	return h.item(a, item)
}

func (h *itemHouse) item(a access.Actor, id string) *View {
	h.t.Helper()
	v, err := h.Item(h.t.Context(), a, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

func (h *itemHouse) count(query string, args ...any) (n int) {
	h.t.Helper()
	if err := h.d.QueryRow(h.t.Context(), query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *itemHouse) prepare(name string, body []byte) Prepared {
	h.t.Helper()
	p, err := h.Prepare(h.t.Context(), bytes.NewReader(body), name, PaperTypes)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}
