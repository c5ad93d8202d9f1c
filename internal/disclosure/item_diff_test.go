package disclosure

import (
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("một hai ba bốn\n", 3000)
	for _, c := range []struct{ old, now, want string }{
		{"", "", ""},
		{"a b", "a b", "=a b"},
		{"", "mới", "+mới"},
		{"cũ", "", "-cũ"},
		{"chi 640 triệu đồng", "chi 710 triệu đồng", "=chi |-640 |+710 |=triệu đồng"},
		{"một hai", "một hai ba", "=một |-hai|+hai ba"},
		{"a\n\nb", "a\nb", "-a\n\n|+a\n|=b"},
	} {
		var got []string
		for _, p := range Diff(c.old, c.now) {
			got = append(got, string(p.Kind)+p.Text)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("Diff(%q, %q) = %q, want %q", c.old, c.now, s, c.want)
		}
	}
	// Whatever is compared, both texts can be read out of the pieces.
	for _, now := range []string{long + "x", "x" + long, strings.ReplaceAll(long, "hai", "2"), strings.Repeat("khác hẳn đi\n", 5000)} {
		var a, b strings.Builder
		for _, p := range Diff(long, now) {
			if p.Kind != Added {
				a.WriteString(p.Text)
			}
			if p.Kind != Gone {
				b.WriteString(p.Text)
			}
		}
		if a.String() != long || b.String() != now {
			t.Errorf("pieces do not make the texts: %.40q", now)
		}
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	old := &Edition{Title: "Dự toán", DocDay: "2021-04-05", Body: "Chi 640"}
	now := &Edition{Title: "Dự toán", DocDay: "2021-04-06", Body: "Chi 710"}
	files := []File{{ID: "1", Kind: FilePaper, Title: "Phụ lục", Shown: "x"}, {ID: "2", Kind: FilePaper, Title: "Nội bộ"}}
	next := []File{{ID: "3", Kind: FilePaper, Title: "Phụ lục", Shown: "y"}, {ID: "4", Kind: FilePaper, Title: "Phụ lục 2", Shown: "z"}}
	var got []string
	for _, c := range Changes(old, now, files, next) {
		s := c.Field
		for _, p := range c.Pieces {
			s += " " + string(p.Kind) + p.Text
		}
		got = append(got, s)
	}
	want := "doc_day -2021-04-05 +2021-04-06; body =Chi  -640 +710; files +Phụ lục 2"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("changes %q, want %q", s, want)
	}
}
