package i18n_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"dinh/internal/civil"
	"dinh/internal/i18n"

	"github.com/google/go-cmp/cmp"
)

func TestMsgKeepsTheTypesOfItsArguments(t *testing.T) {
	t.Parallel()
	in := i18n.M("law.due", "day", civil.Date("2021-03-19"), "n", 5, "off", []civil.Date{"2021-03-13", "2021-03-14"}, "ref", "Khoản 1",
		"why", i18n.M("error.invalid"), "list", []i18n.Msg{i18n.M("error.internal")}, "names", []string{"a", "b"}, "yes", true)
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out i18n.Msg
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(in, out); d != "" {
		t.Error(d)
	}
}

func TestAnUnknownKeyIsSeen(t *testing.T) {
	t.Parallel()
	if got := i18n.For(i18n.EN).T("no.such.key"); got != "⟦no.such.key⟧" {
		t.Error(got)
	}
}

func TestFoldAndSlug(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Xã Thanh Nưa": "xa-thanh-nua", "Thị trấn Điện Biên Đông": "thi-tran-dien-bien-dong", " Bản  Mển ": "ban-men", "Sở VH-TT&DL": "so-vh-tt-dl", "…": ""} {
		if got := i18n.Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
	nfd := "Quye\u0302\u0301t ĐỊNH"
	if got := i18n.Fold(nfd); got != "quyet dinh" {
		t.Errorf("Fold = %q", got)
	}
}

func TestVietnameseOrder(t *testing.T) {
	t.Parallel()
	got := []string{"Đà", "Dung", "An", "Ân", "Ấn", "Ăn", "E", "Ê"}
	slices.SortFunc(got, func(a, b string) int {
		x, y := i18n.SortKey(a), i18n.SortKey(b)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	if d := cmp.Diff([]string{"An", "Ăn", "Ân", "Ấn", "Dung", "Đà", "E", "Ê"}, got); d != "" {
		t.Error(d)
	}
}

func TestNumbersAndDays(t *testing.T) {
	t.Parallel()
	vi, en := i18n.For(i18n.VI), i18n.For(i18n.EN)
	for _, c := range [][2]string{
		{vi.Int(1234567), "1.234.567"},
		{en.Int(-1234), "-1,234"},
		{vi.Int(12), "12"},
		{vi.Percent(1179, 1309), "90,1%"},
		{en.Percent(1, 3), "33.3%"},
		{vi.Percent(1999, 2000), "99,9%"},
		{vi.Percent(9999, 10000), "99,9%"},
		{vi.Percent(7, 7), "100,0%"},
		{vi.Percent(0, 0), "–"},
		{vi.Date("2021-05-05"), "5/5/2021"},
		{en.Date("2021-05-05"), "5 May 2021"},
		{vi.LongDate("2021-04-22"), "thứ Năm, ngày 22/4/2021"},
		{vi.Date(civil.None), "–"},
		{i18n.PaperDate("2021-03-05"), "ngày 05 tháng 3 năm 2021"},
		{i18n.PaperDate("2021-02-12"), "ngày 12 tháng 02 năm 2021"},
		{vi.Instant(time.Date(2021, 4, 20, 1, 5, 0, 0, time.UTC)), "8 giờ 05 ngày 20/4/2021"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	vi, en := i18n.For(i18n.VI), i18n.For(i18n.EN)
	for _, tt := range []struct{ got, want string }{
		{en.T("search.found", "n", 1), "One result."},
		{en.T("search.found", "n", int64(1)), "One result."},
		{en.T("search.found", "n", 1234), "1,234 results."},
		{vi.T("search.found", "n", 1), "1 kết quả."},
		{vi.T("web.form.date.none"), "Không có ngày ⟦day⟧ trên lịch"},
		{vi.Say(i18n.M("web.form.line", "line", 2, "text", i18n.M("web.form.int"))), "Dòng 2: Xin ghi một số nguyên, ví dụ 1.250"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}
