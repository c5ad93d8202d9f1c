package document_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dinh/internal/document"
	"dinh/internal/document/sample"
)

func TestHeadLeavesOpenWhatTheClerkFillsIn(t *testing.T) {
	t.Parallel()
	plain := func(s string) string { return strings.Join(strings.Fields(s), " ") } // spaces that stay together are spaces too
	for _, c := range []struct {
		head         document.Head
		number, date string
	}{
		{document.Head{Number: "648/KH-UBND", Place: "Điện Biên", Day: "2021-03-12"}, "Số: 648/KH-UBND", "Điện Biên, ngày 12 tháng 3 năm 2021"},
		{document.Head{Symbol: "TB-UBND", Place: "Thanh Nưa", Day: "2021-02-05"}, "Số: /TB-UBND", "Thanh Nưa, ngày 05 tháng 02 năm 2021"},
		{document.Head{Place: "Điện Biên"}, "Số: /", "Điện Biên, ngày tháng năm"},
		{document.Head{Place: "Điện Biên", Undated: true, Day: "2021-03-12"}, "Số: /", ""},
	} {
		if got := plain(c.head.NumberLine()); got != c.number {
			t.Errorf("number of %+v: %q, want %q", c.head, got, c.number)
		}
		if got := plain(c.head.DateLine()); got != c.date {
			t.Errorf("date of %+v: %q, want %q", c.head, got, c.date)
		}
	}
}

func TestPartsGetTheirMarks(t *testing.T) {
	t.Parallel()
	p := document.Paper{Bases: []string{"Căn cứ A;", "Căn cứ B"}, To: []string{"Sở A", "Sở B"}, Sent: []string{"Như trên", "Lưu: VT."}, Subject: "Đôn đốc thực hiện", Annexes: make([]document.Annex, 2)}
	p.Head = document.Head{Number: "1/UBND-NC", Day: "2021-12-01", Place: "Điện Biên"}
	for _, c := range []struct {
		got  []string
		want string
	}{
		{p.BaseLines(), "Căn cứ A; | Căn cứ B."},
		{p.ToLines(), "- Sở A; | - Sở B."},
		{p.SentLines(), "- Như trên; | - Lưu: VT."},
		{[]string{p.SubjectLine(), p.AnnexLabel(1), p.AnnexNote(1)}, "V/v đôn đốc thực hiện | Phụ lục II | (Kèm theo Công văn số 1/UBND-NC ngày 01 tháng 12 năm 2021)"},
	} {
		if got := strings.Join(c.got, " | "); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	p.Kind, p.To, p.Annexes = "KẾ HOẠCH", []string{"Sở A"}, p.Annexes[:1]
	if got := p.ToLines()[0] + p.SubjectLine() + p.AnnexLabel(0) + p.AnnexNote(0); got != "Sở AĐôn đốc thực hiệnPhụ lục(Kèm theo Kế hoạch số 1/UBND-NC ngày 01 tháng 12 năm 2021)" {
		t.Errorf("a plan with one annex and one addressee: %s", got)
	}
	l := document.List{Marker: document.Letters, Items: make([]document.Text, 6)}
	if got := l.Mark(3) + l.Mark(4) + l.Mark(5); got != "d)đ)e)" {
		t.Errorf("points: %s", got)
	}
}

func TestTablesAreWhole(t *testing.T) {
	t.Parallel()
	c, wide, tall := document.C("x"), document.C("x").Wide(2), document.C("x").Tall(2)
	for _, x := range []struct {
		name string
		rows [][]document.Cell
		want string
	}{
		{"whole", [][]document.Cell{{tall, wide}, {c, c}}, ""},
		{"nothing", nil, ""},
		{"hole", [][]document.Cell{{c, c}}, "row 1: no cell in column 3"},
		{"too many", [][]document.Cell{{c, c, wide}}, "row 1: more cells than the 3 columns"},
		{"overlap", [][]document.Cell{{c, tall, c}, {wide, c}}, "row 2: cells overlap in column 2"},
		{"below the end", [][]document.Cell{{c, c, tall}}, "row 1: a cell reaches below the last row"},
	} {
		table := document.Table{Columns: make([]document.Column, 3)}
		_, err := table.Grid(x.rows, false)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}

func TestCheckNamesEachFault(t *testing.T) {
	t.Parallel()
	for _, p := range []*document.Paper{sample.Report(7), sample.Letter(), sample.Minutes(), sample.Decision(), sample.Long(2)} {
		if err := p.Check(); err != nil {
			t.Error(err)
		}
	}
	bad := &document.Paper{Blocks: []document.Block{{}, document.H("x", "1", "y"), document.TableOf(document.Table{})}, Annexes: []document.Annex{{}}, Mark: &document.Mark{Link: strings.Repeat("x", 5000)}}
	err := bad.Check()
	if err == nil {
		t.Fatal("no fault found")
	}
	for _, want := range []string{"no issuing body", "a letter without a subject", "nobody signs", "block 1: 0 parts", `level "x"`, "a table without columns", "annex 1 is empty", "mark: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
}

func TestLinesAreBalanced(t *testing.T) {
	t.Parallel()
	text := "Kết quả xây dựng và thực hiện quy chế dân chủ ở cơ sở 06 tháng đầu năm 2021"
	got := document.Lines(text, document.BodySize, true, 160)
	if strings.Join(got, " ") != text || len(got) != 2 || len(got[1]) < len(got[0])/2 {
		t.Errorf("%q", got)
	}
	if got := document.Lines("BÁO CÁO", 14, true, 160); !slices.Equal(got, []string{"BÁO CÁO"}) {
		t.Errorf("%q", got)
	}
	long := strings.Repeat("x", 300)
	if diff := cmp.Diff([]string{long}, document.Lines(long, 14, true, 50)); diff != "" {
		t.Error(diff)
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	got := document.Markdown("# Tổng thu\n\nThu **7.412** triệu,\nchi *đủ*. <b>x</b>\n\n- một\n- hai\n  - sâu\n\n1. thứ nhất\n\n| Khoản | Số |\n| --- | ---: |\n| Thu | 12 |\n| Chi |\n\n![ảnh](x.png)\n\n> Ghi chú [đường dẫn](http://x)\n")
	var out []string
	for _, b := range got {
		switch {
		case b.Para != nil:
			out = append(out, b.Para.Text.String())
		case b.List != nil:
			for i := range b.List.Items {
				out = append(out, b.List.Line(i).String())
			}
		case b.Table != nil:
			if _, err := b.Table.Grid(b.Table.Rows, false); err != nil {
				t.Error(err)
			}
			out = append(out, b.Table.Label()+" / "+b.Table.Rows[0][0].Text.String()+" "+string(b.Table.Columns[1].Align))
		}
	}
	want := []string{"Tổng thu", "Thu 7.412 triệu,\nchi đủ. x", "- một", "- hai", "- sâu", "1. thứ nhất", "Khoản, Số / Thu right", "ảnh", "Ghi chú đường dẫn"}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	if spans := got[1].Para.Text; !spans[1].Bold || spans[1].Text != "7.412" || spans[2].Bold {
		t.Errorf("%+v", spans)
	}
	if n := len(document.Markdown("")); n != 0 {
		t.Errorf("%d blocks of nothing", n)
	}
}
