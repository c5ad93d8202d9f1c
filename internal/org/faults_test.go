package org

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org/legacy"
	"dinh/internal/xlsx"

	"github.com/google/go-cmp/cmp"
)

// TestImportFaults: each fault of a file is found at its line, all at once, and nothing of the file is stored.
func TestImportFaults(t *testing.T) {
	t.Parallel()
	s := sample(t, dbtest.New(t))
	before := dump(s.dir.On("2021-04-20"))
	const head = "code,name,kind,parent_code\n"
	for _, c := range []struct {
		name, file, text string
		want             []string // line and key of each fault
	}{
		{"double code", "", head + "V1,Bản Một,village,03322\nV1,Bản Hai,village,03322\n", []string{"3 org.import.double_code"}},
		{"before its parent", "", "code,name,kind,parent_code,from\nV1,Bản Một,village,03322,2020-01-01\nSNV,Sở Nào,agency,11,2020-01-01\n", []string{"2 org.import.unknown_parent"}},
		{"unknown parent", "", head + "V1,Bản Một,village,99999\n", []string{"2 org.import.unknown_parent"}},
		{"cycle", "", head + "A,Sở A,agency,B\nB,Sở B,agency,A\n", []string{"2 org.import.unknown_parent", "3 org.import.unknown_parent"}},
		{"below itself", "", head + "SNV,Sở Nội vụ,agency,SNV\n", []string{"2 org.fault.cycle"}},
		{"cycle with those there", "", head + "11,Tỉnh Điện Biên,province,094\n", []string{"2 org.fault.cycle"}},
		{"village below district", "", head + "V1,Bản Một,village,094\n", []string{"2 org.fault.kind_parent"}},
		{"agency below agency", "", head + "A,Chi cục A,agency,SNV\n", []string{"2 org.fault.kind_parent"}},
		{"commune without parent", "", head + "03999,Xã Mới,commune,\n", []string{"2 org.fault.parent_needed"}},
		{"province below province", "", head + "12,Tỉnh Lai Châu,province,11\n", []string{"2 org.fault.kind_parent"}},
		{"31/2", "", "code,name,kind,parent_code,from\nV1,Bản Một,village,03322,31/2/2021\nV2,Bản Hai,village,03322,2021-13-01\n", []string{"2 org.import.day", "3 org.import.day"}},
		{"end before start", "", "code,name,kind,parent_code,from,to\nV1,Bản Một,village,03322,2021-05-01,2021-04-01\n", []string{"2 org.import.end_before_start"}},
		{"no name, no code", "", head + "V1,,village,03322\n,Bản Hai,village,03322\n", []string{"2 org.import.no_name", "3 org.import.no_code"}},
		{"control character", "", head + "V1,Bản \x07Một,village,03322\nV2,Bản \u202eHai,village,03322\n", []string{"2 org.import.control", "3 org.import.control"}},
		{"code with marks", "", head + "Mã 1,Bản Một,village,03322\n../x,Bản Hai,village,03322\n", []string{"2 org.import.code", "3 org.import.code"}},
		{"name that is a formula", "", head + "V1,=1+1,village,03322\nV2,@SUM(A1),village,03322\nV3,---,village,03322\n", []string{"2 org.import.name", "3 org.import.name", "4 org.import.name"}},
		{"unknown flag", "", "code,name,kind,parent_code,flags\nV1,Bản Một,village,03322,remote xa\n", []string{"2 org.import.unknown_flag"}},
		{"size", "", "code,name,kind,parent_code,staff\nV1,Bản Một,village,03322,-3\nV2,Bản Hai,village,03322,1e3\n", []string{"2 org.import.size", "3 org.import.size"}},
		{"slug", "", "code,name,kind,parent_code,slug\nV1,Bản Một,village,03322,Bản-Một\nV2,Bản Hai,village,03322,luat\nV3,Bản Ba,village,03322,2021\n", []string{"2 org.import.slug", "3 org.import.slug", "4 org.import.slug"}},
		{"slug of another", "", "code,name,kind,parent_code,slug\nA,Sở A,agency,11,so-noi-vu\n", []string{"2 org.fault.slug_taken"}},
		{"unknown kind", "", head + "V1,Bản Một,xa,03322\n", []string{"2 org.import.unknown_kind"}},
		{"unknown kinds hide nothing", "", "code,name,kind,parent_code,manager_code\nV1,Bản Một,xa,99999,KHONG\nV2,Bản Hai,village,99998,\nV3,Bản Ba,village,V1,\nV4,Bản Bốn,village,94,\nSNV,Sở Nội vụ,service_unit,11,SYT\n", []string{
			"2 org.import.unknown_kind", "2 org.import.unknown_manager", "2 org.import.unknown_parent", "3 org.import.unknown_parent", "6 org.import.kind_changed",
		}},
		{"another kind", "", head + "SNV,Sở Nội vụ,service_unit,11\n", []string{"2 org.import.kind_changed"}},
		{"manager", "", "code,name,kind,parent_code,manager_code\nSNV,Sở Nội vụ,agency,11,KHONG\n", []string{"2 org.import.unknown_manager"}},
		{"columns", "", "code,name,mã\nA,B,C\n", []string{"1 org.import.missing_column", "1 org.import.missing_column", "1 org.import.unknown_column"}},
		{"too many cells", "", head + "V1,Bản Một,village,03322,thừa\n", []string{"2 org.import.too_many_cells"}},
		{"quotes", "", head + "V1,\"Bản Một,village,03322\n", []string{"2 org.import.quotes"}},
		{"not UTF-8", "", head + "V1,B\xB6n M\xE9t,village,03322\n", []string{"2 org.import.not_utf8"}},
		{"ends after its parent", "", "code,name,kind,parent_code,to\nV1,Bản Một,village,03322,2031-01-01\n", []string{"2 org.fault.parent_ends"}},
		{"children outlive it", "", "code,name,kind,parent_code,to\n094,Thành phố Điện Biên Phủ,district,11,2023-12-31\n", []string{"2 org.fault.children_left"}},
		{"empty", "", "", []string{"0 org.import.empty"}},
		{"only a head", "", head, []string{"0 org.import.empty"}},
		{"forbidden type", "units.exe", head, []string{"0 org.import.type"}},
		{"workbook by name only", "units.xlsx", head + "V1,Bản Một,village,03322\n", []string{"0 org.import.other_type"}},
		{"CSV by name only", "units.csv", "PK\x03\x04xxxx", []string{"0 org.import.other_type"}},
		{"bytes", "units.csv", "a,b\x00c\n1,2\n", []string{"0 org.import.other_type"}},
		{"too large", "", strings.Repeat("x", MaxFile+1), []string{"0 org.import.too_large"}},
		{"successions: share", "", "level,old_code,new_code,share\ncommune,03322,03328,half\n", []string{"2 org.import.share"}},
		{"successions: twice", "", "level,old_code,new_code,share\ncommune,03322,03328,whole\ncommune,03322,03328,part\n", []string{"3 org.import.double_succession"}},
	} {
		file := c.file
		if file == "" {
			file = "units.csv"
		}
		_, err := s.ImportFile(t.Context(), access.System, []byte(c.text), file, ImportOptions{On: "2021-04-20"})
		if k := errs.KindOf(err); k != errs.Invalid && k != errs.TooLarge {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, f := range errs.FieldsOf(err) {
			got = append(got, i18n.For(i18n.EN).Arg(f.Line)+" "+f.Msg.Key)
			for _, lang := range i18n.Langs {
				if text := i18n.For(lang).Say(f.Msg); strings.ContainsAny(text, "⟦{") || strings.Contains(text, "<no value>") {
					t.Errorf("%s: %s: %s", c.name, lang, text)
				}
			}
		}
		if got == nil {
			got = []string{"0 " + errs.MsgOf(err).Key}
		}
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	if diff := cmp.Diff(before, dump(s.dir.On("2021-04-20"))); diff != "" {
		t.Errorf("a refused file left something behind: %s", diff)
	}
}

func TestImportKinds(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := sample(t, dbtest.New(t))
	const day civil.Date = "2021-04-20"
	put := func(text string, o ImportOptions) *Report {
		t.Helper()
		if o.On == "" {
			o.On = day
		}
		r, err := s.ImportFile(ctx, access.System, []byte(text), "x.csv", o)
		if err != nil {
			t.Fatalf("%v %v", err, words(errs.FieldsOf(err)))
		}
		wantTrees(t, s.dir)
		return r
	}
	counts := func(r *Report, want map[string]int) {
		t.Helper()
		if diff := cmp.Diff(want, r.Counts); diff != "" {
			t.Errorf("%s\n%s", diff, r.Text(i18n.For(i18n.EN)))
		}
	}
	// New, renamed, moved, changed, unchanged, with a byte order mark, semicolons and letters typed in two parts.
	counts(put("\xEF\xBB\xBFcode;name;kind;parent_code;staff\n03322-01;Ba\u0309n Me\u0302\u0309n;village;03322;\nSNV;Sở Nội vụ và Lao động;agency;11;40\nTVT;Thư viện tỉnh;service_unit;11;\nSTP;Sở Tư pháp;agency;11;\n", ImportOptions{}),
		map[string]int{ChangeNew: 1, ChangeRenamed: 1, ChangeMoved: 1, ChangeOther: 1, ChangeUnchanged: 1})
	v := find(t, s.dir, "dien-bien/xa-thanh-nua/ban-men", day)
	if v.Unit.Name != "Bản Mển" || v.Unit.From != day {
		t.Errorf("%v", v.Unit)
	}
	snv, _ := s.dir.On(day).ByCode("SNV")
	if snv.Staff != 40 || snv.Slug != "so-noi-vu-va-lao-dong" || snv.Valid().From != day || snv.From != sampleFrom || snv.NameEN != "" || !snv.HasFlag("home_affairs") {
		t.Errorf("%v", snv)
	}
	// The old address leads to the renamed unit under its new one.
	if f := find(t, s.dir, "dien-bien/so-noi-vu", day); f.Unit != snv || f.Path != "/dien-bien/so-noi-vu-va-lao-dong" || f.Ended(day) {
		t.Errorf("%v", f)
	}
	if u := find(t, s.dir, "dien-bien/so-noi-vu", "2021-04-19").Unit; u.Name != "Sở Nội vụ" || u.ID != snv.ID {
		t.Errorf("%v", u)
	}
	if p := s.dir.Predecessors(snv.ID, day); len(p) != 1 || p[0].Kind != Renamed {
		t.Errorf("%v", p)
	}
	// Ends, and "-" empties.
	counts(put("code,name,kind,parent_code,staff,flags,to\nSNV,Sở Nội vụ và Lao động,agency,11,-,-,\n03322-01,Bản Mển,village,03322,,,2021-12-31\n", ImportOptions{}), map[string]int{ChangeOther: 1, ChangeEnded: 1})
	snv, _ = s.dir.On(day).ByCode("SNV")
	if snv.Staff != Unknown || len(snv.Flags) != 0 {
		t.Errorf("%v", snv)
	}
	if _, ok := s.dir.On("2022-01-01").ByCode("03322-01"); ok {
		t.Error("the village lives on")
	}
	// Missing units end only where that is asked for: here the other schools and hospitals below the province.
	r := put("code,name,kind,parent_code\nTVT,Thư viện tỉnh,service_unit,11\n", ImportOptions{EndMissing: true, DryRun: true})
	counts(r, map[string]int{ChangeUnchanged: 1, ChangeEnded: 22})
	counts(put("code,name,kind,parent_code\nTVT,Thư viện tỉnh,service_unit,11\n", ImportOptions{}), map[string]int{ChangeUnchanged: 1})
	// Noughts lost by a table program come back where only one reading is possible.
	r = put("code,name,kind,parent_code\n3125,Xã Thử,commune,94\n", ImportOptions{DryRun: true})
	counts(r, map[string]int{ChangeNew: 1})
	if r.Warned("org.import.zeros") != 2 || r.Changes[0].Code != "03125" {
		t.Errorf("%v %v", words(r.Warnings), r.Changes)
	}
	// A rename and a move at once, without a word of what happened, smell of a merger.
	if r := put("code,name,kind,parent_code\n03127,Phường Điện Biên,commune,100\n", ImportOptions{DryRun: true}); r.Warned("org.import.another_body") != 1 {
		t.Errorf("%v", words(r.Warnings))
	}
}

func TestImportWorkbookAndOldFonts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := sample(t, dbtest.New(t))
	o := ImportOptions{On: "2021-04-20", DryRun: true, Encoding: legacy.TCVN3}
	want := "Bản Mển Đông"
	var book bytes.Buffer
	err := xlsx.Book{Sheets: []xlsx.Sheet{{
		Columns: []xlsx.Column{{Head: "code"}, {Head: "name"}, {Head: "kind"}, {Head: "parent_code"}},
		Rows:    xlsx.Rows([][]any{{"V1", "B¶n MÓn §«ng", "village", "03322"}}),
	}}}.Write(&book)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"a.xlsx": book.Bytes(),
		"a.csv":  []byte("code,name,kind,parent_code\nV1,B\xB6n M\xD3n \xA7\xABng,village,03322\n"),
	} {
		r, err := s.ImportFile(ctx, access.System, data, name, o)
		if err != nil || len(r.Changes) != 1 || r.Changes[0].Name != want {
			t.Errorf("%s: %v %v", name, err, r)
		}
		previews, err := PreviewFile(data, name, 3)
		if err != nil || len(previews) != 3 || previews[1].Lines[1] != "V1 | "+want+" | village | 03322" {
			t.Errorf("%s: %v %v", name, err, previews)
		}
	}
}

// TestProvince: the file of the whole country sets up one province.
func TestProvince(t *testing.T) {
	t.Parallel()
	s := service(t, dbtest.NewAt(t, civil.Fixed("2026-11-24")))
	r, err := s.ImportFile(t.Context(), access.System, nation(t, "units-vietnam-2025"), "u.csv", ImportOptions{On: "2025-07-01", Province: "12"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Counts[ChangeNew] != 39 || r.Skipped != 3355-39 || s.dir.On("2026-11-24").Root().Name != "Tỉnh Lai Châu" {
		t.Errorf("%v, %d skipped", r.Counts, r.Skipped)
	}
	r, err = s.ImportFile(t.Context(), access.System, []byte("code,name,kind,parent_code\nSNV,Sở Nội vụ,agency,12\n"), "b.csv", ImportOptions{})
	if err != nil || r.Counts[ChangeNew] != 1 {
		t.Errorf("%v %v", err, r)
	}
	// What became of units is of no use where their past is not there: one warning, no fault.
	r, err = s.ImportFile(t.Context(), access.System, nation(t, "successions-vietnam-2025"), "s.csv", ImportOptions{On: "2025-07-01", Province: "12"})
	if err != nil || len(r.Warnings) != 1 || r.Changed() != 0 {
		t.Errorf("%v %v", err, words(r.Warnings))
	}
	if _, err := s.ImportFile(t.Context(), access.System, nation(t, "units-vietnam-2025"), "u.csv", ImportOptions{Province: "99"}); errs.FieldsOf(err)[0].Msg.Key != "org.import.no_province" {
		t.Error(err)
	}
}

func TestImportAccess(t *testing.T) {
	t.Parallel()
	s := sample(t, dbtest.New(t))
	root := s.dir.On("2021-04-20").Root()
	nua, _ := s.dir.On("2021-04-20").ByCode("03322")
	post := func(kind access.PostKind, unit string) access.Actor {
		return access.Actor{ID: "a", Name: "A", Posts: []access.Post{{Kind: kind, Unit: unit}}}
	}
	const village = "code,name,kind,parent_code\nV1,Bản Một,village,03322\n"
	for _, c := range []struct {
		actor access.Actor
		text  string
		want  bool
	}{
		{access.Actor{}, village, false},
		{post(access.Admin, nua.ID), village, false},
		{post(access.Head, root.ID), village, false},
		{post(access.Admin, root.ID), "code,name,kind,parent_code\n12,Tỉnh Lai Châu,province,\n", false},
		{post(access.Admin, root.ID), village, true},
	} {
		_, err := s.ImportFile(t.Context(), c.actor, []byte(c.text), "x.csv", ImportOptions{On: "2021-04-20"})
		if (err == nil) != c.want || err != nil && !errs.Is(err, errs.Forbidden) {
			t.Errorf("%v: %v", c.actor.Posts, err)
		}
	}
}
