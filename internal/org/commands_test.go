package org

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func write(t testing.TB, d *db.DB, f func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), f); err != nil {
		t.Fatalf("%v %v", err, words(errs.FieldsOf(err)))
	}
}

func refuse(t testing.TB, d *db.DB, kind errs.Kind, key string, f func(tx *db.Tx) error) {
	t.Helper()
	err := d.Write(context.Background(), f)
	got := errs.MsgOf(err).Key
	if fields := errs.FieldsOf(err); len(fields) > 0 {
		got = fields[0].Msg.Key
	}
	if !errs.Is(err, kind) || got != key {
		t.Errorf("%v, want %s", err, key)
	}
}

func ref(u *Unit) Ref { return Ref{u.ID, u.Version} }

func code(t testing.TB, s *Service, code string, day civil.Date) *Unit {
	t.Helper()
	u, ok := s.dir.On(day).ByCode(code)
	if !ok {
		t.Fatalf("nobody holds %s on %s", code, day)
	}
	return u
}

func TestCommands(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := sample(t, d)
		const day civil.Date = "2021-04-20"
		root, nua := s.dir.On(day).Root(), code(t, s, "03322", day)
		admin := access.Actor{ID: "a", Name: "A", Posts: []access.Post{{Kind: access.Admin, Unit: root.ID}}}
		officer := access.Actor{ID: "o", Name: "O", Posts: []access.Post{{Kind: access.Officer, Unit: nua.ID}}}

		// Villages, by the commune's officer, live on below what the commune becomes.
		write(t, d, func(tx *db.Tx) error {
			_, err := s.AddVillagesTx(ctx, tx, officer, nua.ID, []VillageDraft{{Name: "Bản Mển"}, {Name: "Bản Tông Khao"}}, day)
			return err
		})
		men := code(t, s, "03322-01", day)
		if s.dir.On(day).Path(men.ID) != "/dien-bien/xa-thanh-nua/ban-men" || s.dir.On("2025-07-01").Parent(men.ID).Code != "03328" {
			t.Errorf("%v", men)
		}
		refuse(t, d, errs.Forbidden, "org.error.forbidden_villages", func(tx *db.Tx) error {
			_, err := s.AddVillagesTx(ctx, tx, officer, code(t, s, "03325", day).ID, []VillageDraft{{Name: "Bản A"}}, day)
			return err
		})
		refuse(t, d, errs.Invalid, "org.form.same_village", func(tx *db.Tx) error {
			_, err := s.AddVillagesTx(ctx, tx, officer, nua.ID, []VillageDraft{{Name: "Bản A"}, {Name: "bản a"}}, day)
			return err
		})

		// A rename, and one who comes too late.
		name := "Bản Mển Mới"
		write(t, d, func(tx *db.Tx) error {
			return s.ChangeTx(ctx, tx, officer, ref(men), "2021-06-01", Patch{Name: &name}, "QĐ 1")
		})
		refuse(t, d, errs.Conflict, "db.conflict", func(tx *db.Tx) error {
			return s.ChangeTx(ctx, tx, officer, ref(men), "2021-06-01", Patch{Name: &name}, "")
		})
		if u := code(t, s, "03322-01", "2021-06-01"); u.ID != men.ID || u.Name != name || u.Slug != "ban-men-moi" || u.Version != men.Version+1 {
			t.Errorf("%v", u)
		}
		if u := code(t, s, "03322-01", "2021-05-31"); u.Name != "Bản Mển" {
			t.Errorf("%v", u)
		}

		// A school is set up, moves, and gets a managing authority, flags and sizes.
		var school string
		write(t, d, func(tx *db.Tx) (err error) {
			school, err = s.AddTx(ctx, tx, admin, Draft{Kind: ServiceUnit, Code: "TH1", Name: "Trường Tiểu học số 1", ParentID: nua.ID, Staff: 20, Workers: Unknown}, day, "QĐ 2")
			return err
		})
		u := code(t, s, "TH1", day)
		sgd := code(t, s, "SGDDT", day).ID
		flags := []string{"school", "remote"}
		write(t, d, func(tx *db.Tx) error {
			return s.ChangeTx(ctx, tx, admin, ref(u), "2021-05-01", Patch{ParentID: &sgd, ManagerID: &nua.ID, Flags: &flags}, "")
		})
		u = code(t, s, "TH1", "2021-05-01")
		if s.dir.On("2021-05-01").Parent(school).ID != sgd || u.ManagerID != nua.ID || !cmp.Equal(u.Flags, []string{"remote", "school"}) || u.Staff != 20 {
			t.Errorf("%v", u)
		}
		for _, b := range []struct {
			p   Patch
			key string
		}{
			{Patch{ParentID: &school}, "org.fault.cycle"},
			{Patch{ParentID: &men.ID}, "org.fault.kind_parent"},
			{Patch{ManagerID: &school}, "org.form.manager"},
			{Patch{Flags: &[]string{"x"}}, "org.import.unknown_flag"},
			{Patch{Code: &root.Code}, "org.fault.code_taken"},
			{Patch{Slug: &[]string{"so-noi-vu"}[0]}, "org.fault.slug_taken"},
			{Patch{Slug: &[]string{"ke-hoach"}[0]}, "org.import.slug"},
			{Patch{Name: &[]string{"<b>\x00"}[0]}, "org.import.name"},
		} {
			refuse(t, d, errs.Invalid, b.key, func(tx *db.Tx) error { return s.ChangeTx(ctx, tx, access.System, ref(u), "2021-05-01", b.p, "") })
		}
		refuse(t, d, errs.Forbidden, "org.error.forbidden", func(tx *db.Tx) error {
			return s.ChangeTx(ctx, tx, officer, ref(u), "2021-05-01", Patch{Name: &name}, "")
		})
		refuse(t, d, errs.Invalid, "org.form.not_alive", func(tx *db.Tx) error { return s.EndTx(ctx, tx, admin, ref(u), "2020-01-01", "") })
		refuse(t, d, errs.NotFound, "org.error.no_unit", func(tx *db.Tx) error { return s.EndTx(ctx, tx, admin, Ref{"x", 1}, day, "") })
		refuse(t, d, errs.Invalid, "org.fault.children_left", func(tx *db.Tx) error { return s.EndTx(ctx, tx, admin, ref(code(t, s, "SYT", day)), "2021-12-31", "") })
		write(t, d, func(tx *db.Tx) error { return s.EndTx(ctx, tx, admin, ref(u), "2021-12-31", "QĐ 3") })
		if _, ok := s.dir.On("2022-01-01").ByCode("TH1"); ok {
			t.Error("TH1 lives on")
		}

		// Two departments become one under the name of the first: a new body; hospitals go along, and so does the other's school.
		snv, ld := code(t, s, "SNV", day), code(t, s, "SLDTBXH", day)
		var merged string
		write(t, d, func(tx *db.Tx) (err error) {
			merged, err = s.MergeTx(ctx, tx, admin, Merge{Old: []Ref{ref(snv), ref(ld)}, New: Draft{Kind: Agency, Code: "SNV", Name: "Sở Nội vụ", ParentID: root.ID, Staff: Unknown, Workers: Unknown}, Day: "2025-03-01", Act: "NQ"})
			return err
		})
		tree := s.dir.On("2025-03-01")
		now, _ := tree.ByCode("SNV")
		cdn, _ := tree.ByCode("CDN")
		if now.ID != merged || now.ID == snv.ID || tree.Path(merged) != "/dien-bien/so-noi-vu" || cdn.ManagerID != merged {
			t.Errorf("%v %v", now, cdn)
		}
		if f := find(t, s.dir, "dien-bien/so-lao-dong-thuong-binh-va-xa-hoi", "2025-03-01"); !f.Ended("2025-03-01") || s.dir.Successors(f.Unit.ID, "2025-03-01")[0].New != merged {
			t.Errorf("%v", f)
		}
		refuse(t, d, errs.Invalid, "org.form.merge_kind", func(tx *db.Tx) error {
			_, err := s.MergeTx(ctx, tx, admin, Merge{Old: []Ref{ref(nua), ref(code(t, s, "SYT", day))}, New: Draft{Kind: Commune, Code: "X", Name: "Xã X", ParentID: nua.ParentID}, Day: "2021-06-01"})
			return err
		})

		// A commune is split; each village must be told where it goes.
		ho := code(t, s, "03331", day)
		write(t, d, func(tx *db.Tx) error {
			_, err := s.AddVillagesTx(ctx, tx, admin, ho.ID, []VillageDraft{{Name: "Bản Một"}, {Name: "Bản Hai"}}, day)
			return err
		})
		ho = code(t, s, "03331", day)
		split := Split{Old: ref(ho), Day: "2023-01-01", New: []Draft{
			{Kind: Commune, Code: "03331", Name: ho.Name, ParentID: ho.ParentID, Staff: Unknown, Workers: Unknown},
			{Kind: Commune, Code: "03332", Name: "Xã Mới", ParentID: ho.ParentID, Staff: Unknown, Workers: Unknown},
		}, Below: map[string]int{code(t, s, "03331-01", day).ID: 0}}
		refuse(t, d, errs.Invalid, "org.form.split_below", func(tx *db.Tx) error { _, err := s.SplitTx(ctx, tx, admin, split); return err })
		split.Below[code(t, s, "03331-02", day).ID] = 1
		write(t, d, func(tx *db.Tx) error { _, err := s.SplitTx(ctx, tx, admin, split); return err })
		if got := names(s.dir.On("2023-01-01").Children(code(t, s, "03332", "2023-01-01").ID)); !cmp.Equal(got, []string{"03331-02 Bản Hai"}) {
			t.Errorf("%v", got)
		}
		wantTrees(t, s.dir)
		again, err := Open(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range s.dir.state.Load().ix.changes {
			if diff := cmp.Diff(dump(again.On(day)), dump(s.dir.On(day))); diff != "" {
				t.Errorf("%s: memory and database differ: %s", day, diff)
			}
		}
		var n int
		if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM audit_entry WHERE kind = 'unit'`).Scan(&n); err != nil || n != 3+8 {
			t.Errorf("%d entries in the log, %v", n, err)
		}
	})
}

// world is where the random commands begin: two provinces with something of everything below them.
const world = `code,name,kind,parent_code,manager_code
P1,Tỉnh Một,province,,
P2,Tỉnh Hai,province,,
D1,Huyện Một,district,P1,
D2,Huyện Hai,district,P1,
D3,Huyện Ba,district,P2,
X1,Xã 1,commune,D1,
X2,Xã 2,commune,D1,
X3,Xã 1,commune,D2,
X4,Xã 2,commune,D3,
V1,Bản 1,village,X1,
V2,Bản 2,village,X1,
V3,Bản 1,village,X2,
A1,Sở 1,agency,P1,
A2,Sở 2,agency,P1,
S1,Trường 1,service_unit,A1,A2
S2,Trường 2,service_unit,X1,A1
`

// TestEveryDaysTree tries commands at random: whatever is accepted or refused, every day's tree is a tree, rows of a unit never overlap, and what is in
// memory is what is in the database.
func TestEveryDaysTree(t *testing.T) {
	t.Parallel()
	var accepted, tried atomic.Int64
	t.Cleanup(func() {
		if a, n := accepted.Load(), tried.Load(); a*10 < n {
			t.Errorf("only %d of %d commands were accepted: the test tests too little", a, n)
		}
	})
	rapid.Check(t, func(r *rapid.T) {
		ctx := context.Background()
		d := dbtest.New(t)
		dir, err := Open(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		s := NewService(d, dir)
		if _, err := s.ImportFile(ctx, access.System, []byte(world), "world.csv", ImportOptions{On: "2024-01-01"}); err != nil {
			t.Fatal(err)
		}
		all := []string{""} // ids
		for _, u := range dir.On("2024-01-01").All() {
			all = append(all, u.ID)
		}
		day := rapid.Map(rapid.IntRange(0, 24), func(n int) civil.Date { return civil.Date("2024-01-01").AddMonths(n).Add(n % 3) })
		id := func(label string) string { return rapid.SampledFrom(all).Draw(r, label) }
		seen := func(label string) Ref {
			id := id(label)
			if h := dir.History(id); len(h) > 0 {
				return ref(h[0])
			}
			return Ref{}
		}
		draft := func() Draft {
			n := rapid.IntRange(1, 30).Draw(r, "n")
			parent := id("parent")
			kind := rapid.SampledFrom(Kinds).Draw(r, "kind")
			if u, ok := dir.Unit(parent, far); ok && n%8 > 0 { // mostly a kind that may stand there
				kind = rapid.SampledFrom(append(AllowedKinds(u.Kind, "2025-01-01"), kind)).Draw(r, "kind that fits")
			}
			return Draft{Kind: kind, Code: fmt.Sprint("C", n), Name: fmt.Sprint("Xã ", n%4), ParentID: parent, Staff: Unknown, Workers: Unknown}
		}
		do := func(f func(tx *db.Tx) error) {
			tried.Add(1)
			err := d.Write(ctx, f)
			switch errs.KindOf(err) {
			case errs.Internal:
				if err != nil {
					r.Fatal(err)
				}
				accepted.Add(1)
			case errs.Invalid, errs.NotFound:
			default:
				r.Fatal(err)
			}
		}
		add := func(r *rapid.T) {
			var got string
			do(func(tx *db.Tx) (err error) {
				got, err = s.AddTx(ctx, tx, access.System, draft(), day.Draw(r, "from"), "")
				return err
			})
			if _, ok := dir.Unit(got, far); ok {
				all = append(all, got)
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"add": add, "add more": add,
			"rename": func(r *rapid.T) {
				name := fmt.Sprint("Xã ", rapid.IntRange(0, 5).Draw(r, "name"))
				ref, from := seen("unit"), day.Draw(r, "from")
				do(func(tx *db.Tx) error { return s.ChangeTx(ctx, tx, access.System, ref, from, Patch{Name: &name}, "") })
			},
			"move": func(r *rapid.T) {
				ref, parent, from := seen("unit"), id("parent"), day.Draw(r, "from")
				do(func(tx *db.Tx) error {
					return s.ChangeTx(ctx, tx, access.System, ref, from, Patch{ParentID: &parent}, "")
				})
			},
			"manage": func(r *rapid.T) {
				ref, by, from := seen("unit"), id("manager"), day.Draw(r, "from")
				do(func(tx *db.Tx) error { return s.ChangeTx(ctx, tx, access.System, ref, from, Patch{ManagerID: &by}, "") })
			},
			"end": func(r *rapid.T) {
				ref, last := seen("unit"), day.Draw(r, "last")
				do(func(tx *db.Tx) error { return s.EndTx(ctx, tx, access.System, ref, last, "") })
			},
			"merge": func(r *rapid.T) {
				m := Merge{Old: []Ref{seen("a"), seen("b")}, New: draft(), Day: day.Draw(r, "day")}
				if u, ok := dir.Unit(m.Old[0].ID, m.Day); ok && rapid.IntRange(0, 9).Draw(r, "as it should be") > 0 {
					m.New.Kind, m.New.ParentID, m.Old[1] = u.Kind, u.ParentID, ref(u)
					if like := slices.DeleteFunc(slices.Clone(dir.On(m.Day).All()), func(o *Unit) bool { return o.Kind != u.Kind || o.ID == u.ID }); len(like) > 0 {
						m.Old[1] = ref(rapid.SampledFrom(like).Draw(r, "other"))
					}
				}
				var got string
				do(func(tx *db.Tx) (err error) { got, err = s.MergeTx(ctx, tx, access.System, m); return err })
				if _, ok := dir.Unit(got, far); ok {
					all = append(all, got)
				}
			},
			"split": func(r *rapid.T) {
				p := Split{Old: seen("a"), New: []Draft{draft(), draft()}, Day: day.Draw(r, "day"), Below: map[string]int{}}
				if u, ok := dir.Unit(p.Old.ID, p.Day); ok && rapid.IntRange(0, 9).Draw(r, "as it should be") > 0 {
					p.New[0].Kind, p.New[1].Kind, p.New[0].ParentID, p.New[1].ParentID = u.Kind, u.Kind, u.ParentID, u.ParentID
				}
				for _, id := range all {
					p.Below[id] = rapid.IntRange(0, 1).Draw(r, "below")
				}
				var got []string
				do(func(tx *db.Tx) (err error) { got, err = s.SplitTx(ctx, tx, access.System, p); return err })
				for _, id := range got {
					if _, ok := dir.Unit(id, far); ok {
						all = append(all, id)
					}
				}
			},
			"": func(*rapid.T) {
				wantTrees(t, dir)
				if t.Failed() {
					r.FailNow()
				}
			},
		})
		again, err := Open(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range dir.state.Load().ix.changes {
			if diff := cmp.Diff(dump(again.On(day)), dump(dir.On(day))); diff != "" {
				r.Fatalf("%s: memory and database differ: %s", day, diff)
			}
		}
	})
}
