package org

import (
	"strings"
	"testing"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/i18n"

	"github.com/google/go-cmp/cmp"
)

func names(units []*Unit) []string {
	var out []string
	for _, u := range units {
		out = append(out, u.Code+" "+u.Name)
	}
	return out
}

func find(t *testing.T, dir *Directory, path string, on civil.Date) Found {
	t.Helper()
	f, ok := dir.Find(strings.Split(path, "/"), on)
	if !ok {
		t.Fatalf("%s leads nowhere on %s", path, on)
	}
	return f
}

func TestSample(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := sample(t, d)
		if err := s.LoadSample(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantTrees(t, s.dir)
		before := map[string]int{Province: 1, District: 10, Commune: 129, Agency: 28, Front: 1, Union: 1, MassOrg: 6, ServiceUnit: 23, Enterprise: 8, Party: 1}
		if diff := cmp.Diff(before, kinds(s.dir.On("2021-04-20"))); diff != "" {
			t.Error(diff)
		}
		after := before
		delete(after, District)
		after[Commune] = 45
		if diff := cmp.Diff(after, kinds(s.dir.On("2026-11-01"))); diff != "" {
			t.Error(diff)
		}
		other, err := Open(t.Context(), d) // as another process reads it
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(dump(s.dir.On("2026-11-01")), dump(other.On("2026-11-01"))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestHolders(t *testing.T) {
	t.Parallel()
	dir := sample(t, dbtest.New(t)).dir

	// Code 03127 was Phường Him Lam until 30/6/2025 and has been Phường Điện Biên Phủ since.
	for day, want := range map[civil.Date]string{"2021-04-20": "Phường Him Lam", "2025-06-30": "Phường Him Lam", "2025-07-01": "Phường Điện Biên Phủ"} {
		if u, ok := dir.Holder("03127", day); !ok || u.Name != want {
			t.Errorf("03127 on %s: %v, want %s", day, u, want)
		}
	}
	if diff := cmp.Diff([]string{"03127 Phường Điện Biên Phủ", "03127 Phường Him Lam"}, names(dir.Holders("03127", "2026-11-01"))); diff != "" {
		t.Error(diff)
	}
	if got := names(dir.Holders("03127", "2021-04-20")); len(got) != 1 {
		t.Errorf("2021 knows the holder of 2025: %v", got)
	}

	// The slug xa-thanh-nua belonged to 03322, now to 03328, which came from five communes.
	f := find(t, dir, "dien-bien/xa-thanh-nua", "2021-04-20")
	if f.Unit.Code != "03322" {
		t.Errorf("2021: %s", f.Unit.Code)
	}
	if len(dir.Successors(f.Unit.ID, "2021-04-20")) != 0 || len(dir.Before(f.Unit, "2021-04-20")) != 0 {
		t.Error("2021 knows what comes")
	}
	f = find(t, dir, "dien-bien/xa-thanh-nua/bang-niem-yet/x", "2026-11-01")
	if f.Unit.Code != "03328" || !cmp.Equal(f.Rest, []string{"bang-niem-yet", "x"}) || f.Path != "/dien-bien/xa-thanh-nua" {
		t.Errorf("2026: %v", f)
	}
	var from []string
	for _, p := range dir.Predecessors(f.Unit.ID, "2026-11-01") {
		u, _ := dir.Unit(p.Old, "2026-11-01")
		from = append(from, u.Code)
		if p.Kind != Merged || p.Share != Whole || p.Day != "2025-07-01" || p.Act == "" {
			t.Errorf("%v", p)
		}
	}
	if diff := cmp.Diff([]string{"03322", "03323", "03328", "03331", "03337"}, from); diff != "" {
		t.Error(diff)
	}
	earlier := dir.Before(f.Unit, "2026-11-01")
	if len(earlier) != 1 || earlier[0].Code != "03322" {
		t.Errorf("earlier holders: %v", names(earlier))
	}
	if got := dir.Link(earlier[0], "2026-11-01"); got != "/dien-bien/xa-thanh-nua?on=2025-06-30" {
		t.Error(got)
	}
	if got := dir.Link(f.Unit, "2026-11-01"); got != "/dien-bien/xa-thanh-nua" {
		t.Error(got)
	}
	if got := dir.Link(f.Unit, "2021-04-20"); got != "/dien-bien/xa-thanh-nua?on=2025-07-01" {
		t.Error(got)
	}
}

func TestDaysThatAreNotToday(t *testing.T) {
	t.Parallel()
	dir := sample(t, dbtest.New(t)).dir
	const today civil.Date = "2021-04-20"

	// What begins in 2025 neither shows nor lists before.
	if _, ok := dir.On(today).ByCode("03127"); !ok {
		t.Error("03127 must be there")
	}
	for _, u := range dir.On(today).All() {
		if u.Name == "Phường Điện Biên Phủ" {
			t.Error("a unit of 2025 is listed in 2021")
		}
	}
	if f := find(t, dir, "dien-bien/phuong-dien-bien-phu", today); f.Unit.Kind != Province || len(f.Rest) != 1 {
		t.Errorf("a unit of 2025 has a page in 2021: %v", f)
	}
	// A year in the address finds it, whatever today is.
	u, n := dir.Resolve(today, []string{"dien-bien", "phuong-dien-bien-phu", "2026"})
	if u == nil || u.Name != "Phường Điện Biên Phủ" || n != 2 {
		t.Errorf("%v %d", u, n)
	}
	u, _ = dir.Resolve("2026-11-01", []string{"dien-bien", "xa-thanh-nua", "bang-niem-yet", "2021", "du-toan"})
	if u == nil || u.Code != "03322" {
		t.Errorf("the page of 2021 leads to %v", u)
	}
	// A unit merged away: its address leads to it as it was on its last day.
	f := find(t, dir, "dien-bien/xa-hua-thanh", "2026-11-01")
	if f.Unit.Code != "03323" || f.Day != "2025-06-30" || !f.Ended("2026-11-01") || f.Path != "/dien-bien/xa-hua-thanh" {
		t.Errorf("%v", f)
	}
	if s := dir.Successors(f.Unit.ID, "2026-11-01"); len(s) != 1 {
		t.Errorf("successors: %v", s)
	}
	f = find(t, dir, "dien-bien/huyen-dien-bien", "2026-11-01")
	if f.Unit.To != "2025-06-30" || len(dir.Successors(f.Unit.ID, "2026-11-01")) != 0 {
		t.Errorf("a district: %v", f.Unit)
	}
	if _, ok := dir.Find([]string{"luat"}, today); ok {
		t.Error("/luat is a unit")
	}
	if u, n := dir.Resolve(today, []string{"sai-gon"}); u != nil || n != 0 {
		t.Error("/sai-gon is a unit")
	}
}

func TestTree(t *testing.T) {
	t.Parallel()
	dir := sample(t, dbtest.New(t)).dir
	tree := dir.On("2021-04-20")
	nua, _ := tree.ByCode("03322")
	district, _ := tree.ByCode("100")
	province := tree.Root()
	if diff := cmp.Diff([]string{district.ID, province.ID}, tree.Above(nua.ID)); diff != "" {
		t.Error(diff)
	}
	if !tree.Under(nua.ID, district.ID) || !tree.Under(nua.ID, nua.ID) || tree.Under(district.ID, nua.ID) || tree.Under("x", province.ID) {
		t.Error("Under")
	}
	p := tree.Place(nua.ID)
	mttq, _ := tree.ByCode("MTTQ")
	ldld, _ := tree.ByCode("LDLD")
	if p.Unit != nua.ID || p.Kind != Commune || len(p.Above) != 2 || len(p.Watch) != 2 || !tree.Under(p.Watch[0], mttq.ID) && !tree.Under(p.Watch[0], ldld.ID) {
		t.Errorf("%v", p)
	}
	cdyt, _ := tree.ByCode("CDYT")
	syt, _ := tree.ByCode("SYT")
	if tree.Place(cdyt.ID).Manager != syt.ID || tree.Place("x").Unit != "" {
		t.Error("Manager")
	}
	if len(tree.Children(syt.ID)) != 10 || len(tree.Subtree(province.ID)) != tree.Len() || tree.Top(nua.ID) != province || tree.Parent(province.ID) != nil {
		t.Error("children")
	}
	for i, c := range tree.Children(district.ID)[1:] {
		if tree.Children(district.ID)[i].SortKey > c.SortKey {
			t.Errorf("%s comes after %s", tree.Children(district.ID)[i].Name, c.Name)
		}
	}
	for u, want := range map[*Unit]string{nua: "Thanh Nưa Commune", district: "Điện Biên District", province: "Điện Biên Province", syt: "Department of Health"} {
		if got := u.NameIn(i18n.EN); got != want {
			t.Errorf("%s in English: %s", u.Name, got)
		}
	}
	if a, b := dir.On("2021-04-20"), dir.On("2024-02-29"); a.snapshot != b.snapshot || b.Day() != "2024-02-29" {
		t.Error("days without change do not share a tree")
	}
}
