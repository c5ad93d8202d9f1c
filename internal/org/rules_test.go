package org

import (
	"os"
	"slices"
	"testing"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/law"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

// TestFlagsAreTheLaws: the flags of units are those of the catalogue that a unit can have, and has_committee of plans.
func TestFlagsAreTheLaws(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../law/data/steps.toml")
	if err != nil {
		t.Fatal(err)
	}
	var steps struct {
		Flag []struct{ ID, Scope string }
	}
	if _, err := toml.Decode(string(b), &steps); err != nil {
		t.Fatal(err)
	}
	want := []string{"has_committee"}
	for _, f := range steps.Flag {
		if f.Scope != "case" {
			want = append(want, f.ID)
		}
	}
	got := slices.Clone(Flags())
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, f := range Flags() {
		for _, lang := range i18n.Langs {
			if !i18n.For(lang).Has("org.flag." + f) {
				t.Errorf("%s has no words for %s", lang, f)
			}
		}
	}
	c, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := c.Flag("state_rules"); !ok || f.Scope != "unit" {
		t.Errorf("%v", f)
	}
}

func TestParents(t *testing.T) {
	t.Parallel()
	territory := []string{Province, District, Commune}
	for _, c := range []struct {
		kind    string
		day     civil.Date
		parents []string
		root    bool
	}{
		{Province, "2021-04-20", nil, true},
		{District, "2025-06-30", []string{Province}, false},
		{District, "2025-07-01", nil, false},
		{Commune, "2025-06-30", []string{District}, false},
		{Commune, "2025-07-01", []string{Province}, false},
		{Village, "2021-04-20", []string{Commune}, false},
		{Agency, "2021-04-20", territory, false},
		{Front, "2021-04-20", territory, false},
		{Union, "2021-04-20", territory, false},
		{MassOrg, "2021-04-20", territory, false},
		{Party, "2021-04-20", territory, false},
		{ServiceUnit, "2026-01-01", append(slices.Clone(territory), Agency), false},
		{Enterprise, "2021-04-20", append(slices.Clone(territory), Agency), false},
	} {
		parents, root := AllowedParents(c.kind, c.day)
		if !slices.Equal(parents, c.parents) || root != c.root {
			t.Errorf("%s on %s: %v %v", c.kind, c.day, parents, root)
		}
	}
	for text, want := range map[string]bool{
		"[[rule]]\nkind=\"x\"": false, "[[rule]]\nkind=\"agency\"\nparents=[\"x\"]": false, "[[rule]]\nkind=\"agency\"\nfrom=\"2021-02-31\"": false,
		"[[rule]]\nkind=\"agency\"\nfrom=\"2022-01-01\"\nto=\"2021-01-01\"": false, "[[rule]]\nkind=\"agency\"\nwhen=\"x\"": false, "[[rule]]\nkind=\"agency\"\nparents=[]": true,
	} {
		if _, err := loadParentRules(text); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSlugs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, name, want string }{
		{Province, "Tỉnh Điện Biên", "dien-bien"},
		{Province, "Thành phố Hà Nội", "ha-noi"},
		{Commune, "Xã Thanh Nưa", "xa-thanh-nua"},
		{Commune, "Phường 06", "phuong-06"},
		{District, "Thành phố Điện Biên Phủ", "thanh-pho-dien-bien-phu"},
		{Agency, "Sở Văn hóa, Thể thao và Du lịch", "so-van-hoa-the-thao-va-du-lich"},
		{Village, "Bản Mển", "ban-men"},
	} {
		if got := SlugOf(c.kind, c.name); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	for _, s := range []string{"", "luat", "lam-viec", "2026", "0", "Xa", "xa--a", "-a", "a/b", "../a", "xã"} {
		if ValidSlug(s) {
			t.Errorf("%q is a slug", s)
		}
	}
}

func TestRowsInMemoryStayWhenOthersChange(t *testing.T) {
	t.Parallel()
	a := &Unit{ID: "a", Kind: Province, Code: "1", Slug: "a", Name: "A"}
	ix := (*index)(nil).next(1, []*Unit{a}, nil)
	before := newSnapshot(ix, "2021-01-01")
	b := &Unit{ID: "b", Kind: Agency, Code: "2", Slug: "b", Name: "B", ParentID: "a"}
	again := &Unit{ID: "a", Kind: Province, Code: "3", Slug: "c", Name: "C"}
	next := ix.next(2, []*Unit{again, b}, nil)
	after := newSnapshot(next, "2021-01-01")
	if len(before.all) != 1 || before.all[0] != a || len(ix.byCode["1"]) != 1 || len(next.byCode["1"]) != 0 || len(next.bySlug["a"]) != 0 {
		t.Error("the index before has changed, or the one after has not")
	}
	if diff := cmp.Diff([]string{"2 B", "3 C"}, names(after.all)); diff != "" {
		t.Error(diff)
	}
}
