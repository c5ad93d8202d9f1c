package auth

import (
	"context"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// merge makes one commune of the house's two, whose first day is 1/5/2021, and lets ten days pass after it.
func (h *house) merge() (id string) {
	h.t.Helper()
	units := org.NewService(h.d, h.dir)
	h.must(func(ctx context.Context, tx *db.Tx) (err error) {
		var old []org.Ref
		for _, u := range []string{h.xaA, h.xaB} {
			v, _ := h.dir.Unit(u, "2021-04-20")
			old = append(old, org.Ref{ID: u, Version: v.Version})
		}
		a, _ := h.dir.Unit(h.xaA, "2021-04-20")
		id, err = units.MergeTx(ctx, tx, access.System, org.Merge{
			Old: old, Day: "2021-05-01", Act: "NQ 1",
			New: org.Draft{Kind: org.Commune, Code: "03999", Name: "Xã Thanh Nưa Mới", ParentID: a.ParentID, Staff: org.Unknown, Workers: org.Unknown},
		})
		return err
	})
	h.clock.pass(20 * 24 * time.Hour)
	return id
}

// Two communes merge: whoever holds a post at one of them goes over with a dated post, stays logged in, and the record names all; one head is enough.
func TestMove(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		headA := h.person("Lò Văn A", "lovana1", h.xaA, access.Head)
		h.person("Lò Văn B", "lovanb1", h.xaB, access.Head)
		officer := h.person("Cà Thị C", "cathic1", h.xaA, access.Officer)
		stranger := h.person("Quàng Văn D", "quangvand", h.xaB, access.Admin)
		token := h.mustLogIn("lovana1", adminPassword).Token
		if list, err := h.EndedUnits(ctx, h.admin); err != nil || len(list) != 0 {
			t.Fatalf("before: %v %v", list, err)
		}
		heir := h.merge()
		list, err := h.EndedUnits(ctx, h.admin)
		if err != nil || len(list) != 2 {
			t.Fatalf("ended: %+v %v", list, err)
		}
		if n, err := h.CountEnded(ctx, h.admin); err != nil || n != 2 {
			t.Errorf("counted %d %v", n, err)
		}
		if list, err := h.EndedUnits(ctx, stranger); err != nil || len(list) != 0 {
			t.Errorf("somebody without care for them: %v %v", list, err)
		}
		byUnit := map[string]EndedUnit{}
		for _, e := range list {
			byUnit[e.Unit.ID] = e
		}
		a := byUnit[h.xaA]
		if len(a.Posts) != 2 || a.Posts[0].Kind != access.Head || len(a.Heirs) != 1 || a.Heirs[0].ID != heir {
			t.Fatalf("ended: %+v", a)
		}
		move := func(actor access.Actor, o MoveOrder) (id string, err error) {
			err = h.write(func(ctx context.Context, tx *db.Tx) (err error) { id, err = h.MoveTx(ctx, tx, actor, o); return err })
			return id, err
		}
		as := func(e EndedUnit, kinds ...access.PostKind) map[string]access.PostKind {
			out := map[string]access.PostKind{}
			for i, k := range kinds {
				out[e.Posts[i].ID] = k
			}
			return out
		}
		sound := MoveOrder{Unit: h.xaA, To: heir, Day: "2021-05-01", Basis: "NQ 1", Note: "Con dấu", As: as(a, access.Head, access.Officer)}
		for _, tt := range []struct {
			name   string
			actor  access.Actor
			change func(o *MoveOrder)
			kind   errs.Kind
			key    string
		}{
			{"a stranger", stranger, func(*MoveOrder) {}, errs.NotFound, "auth.not_found"},
			{"a unit that lives", h.admin, func(o *MoveOrder) { o.Unit = heir }, errs.Conflict, "auth.move.lives"},
			{"to one that is no heir", h.admin, func(o *MoveOrder) { o.To = h.banA }, errs.Invalid, "auth.move.to"},
			{"before the end", h.admin, func(o *MoveOrder) { o.Day = "2021-04-30" }, errs.Invalid, "auth.move.before_end"},
			{"a day ahead", h.admin, func(o *MoveOrder) { o.Day = "2021-06-30" }, errs.Invalid, "auth.handover.future"},
			{"no day", h.admin, func(o *MoveOrder) { o.Day = civil.None }, errs.Invalid, "auth.post.from"},
			{"a post of villages", h.admin, func(o *MoveOrder) { o.As = as(a, access.VillageHead) }, errs.Invalid, "auth.post.kind_unit"},
			{"a post that is none", h.admin, func(o *MoveOrder) { o.As = as(a, "king") }, errs.Invalid, "auth.post.kind_unknown"},
			{"nobody", h.admin, func(o *MoveOrder) { o.As = nil }, errs.Invalid, "auth.move.nothing"},
		} {
			o := sound
			tt.change(&o)
			_, err := move(tt.actor, o)
			wantKind(t, err, tt.kind, tt.key)
		}
		id, err := move(h.admin, sound)
		if err != nil {
			t.Fatal(err)
		}
		if who(t, h.Service, token) != headA.ID {
			t.Error("whoever moved was logged out")
		}
		people, err := h.People(ctx, heir, "2021-05-02")
		if err != nil || len(people) != 2 || people[0].Account != headA.ID || people[0].From != "2021-05-01" || people[1].Account != officer.ID {
			t.Errorf("at the new unit: %+v %v", people, err)
		}
		if left, err := h.People(ctx, h.xaA, "2021-05-01"); err != nil || len(left) != 0 {
			t.Errorf("at the old unit: %+v %v", left, err)
		}
		m, err := h.MoveRecord(ctx, h.admin, id)
		if err != nil || len(m.Posts) != 2 || m.Posts[0].Name == "" || m.Basis != "NQ 1" || m.To != heir {
			t.Errorf("record: %+v %v", m, err)
		}
		if _, err := h.MoveRecord(ctx, stranger, id); !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger reads the record: %v", err)
		}
		// The second commune's head finds the place taken, beside the post; as an officer the move goes through, and the other post ends.
		b := byUnit[h.xaB]
		second := MoveOrder{Unit: h.xaB, To: heir, Day: "2021-05-01", As: as(b, access.Head, PostEnds)}
		_, err = move(h.admin, second)
		wantKind(t, err, errs.Invalid, "auth.post.head_taken")
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "viec-"+b.Posts[0].ID {
			t.Errorf("beside what: %v", f)
		}
		second.As = as(b, access.Officer, PostEnds)
		if _, err := move(h.admin, second); err != nil {
			t.Fatal(err)
		}
		people, err = h.People(ctx, heir, "2021-05-02")
		if err != nil || len(people) != 3 {
			t.Errorf("at the new unit: %+v %v", people, err)
		}
		if n, err := h.CountEnded(ctx, h.admin); err != nil || n != 0 {
			t.Errorf("%d left, %v", n, err)
		}
		if moves, err := h.Moves(ctx, h.admin); err != nil || len(moves) != 2 {
			t.Errorf("records: %v %v", moves, err)
		}
	})
}
