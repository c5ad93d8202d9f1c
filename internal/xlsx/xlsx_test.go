package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"dinh/internal/civil"
	"dinh/internal/errs"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func write(t *testing.T, b Book) []byte {
	t.Helper()
	var buf bytes.Buffer
	err := b.Write(&buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func read(b []byte, l Limits) ([]Row, error) { return Read(bytes.NewReader(b), int64(len(b)), l) }

func sample() Book {
	return Book{
		Title: "Tiến độ R&D", Subject: "Kế hoạch 648", Author: "Sở Nội vụ", Lang: "vi-VN", Page: "Trang",
		Created: time.Date(2021, 4, 20, 1, 0, 0, 0, time.UTC),
		Sheets: []Sheet{{
			Name: "Bảng theo dõi: xã/phường [2021] rất dài", Title: "BẢNG THEO DÕI", Notes: []string{"Số liệu đến 20/4/2021", ""},
			Columns: []Column{{Head: "Đơn vị"}, {Head: "Mã"}, {Head: "Số hộ", Type: Int}, {Head: "Hạn", Type: Date}, {Head: "Tỷ lệ", Type: Percent}, {Head: "Ghi chú", Type: Long}},
			Rows: Rows([][]any{
				{"Xã Thanh Nưa", "03322", 1234, civil.Date("2021-03-26"), Share{1, 4}, "dòng một\ndòng hai"},
				{`=HYPERLINK("http://x","y")`, "+1", int64(-5), civil.None, Share{}, "@SUM(A1)"},
				{"-2+3", nil, nil, nil, nil, "\x01ngắt\x02"},
			}),
		}},
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	got, err := read(write(t, sample()), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{1, []string{"BẢNG THEO DÕI"}},
		{2, []string{"Số liệu đến 20/4/2021"}},
		{3, []string{"Đơn vị", "Mã", "Số hộ", "Hạn", "Tỷ lệ", "Ghi chú"}},
		{4, []string{"Xã Thanh Nưa", "03322", "1234", "2021-03-26", "0.25", "dòng một\ndòng hai"}},
		{5, []string{`=HYPERLINK("http://x","y")`, "+1", "-5", "", "", "@SUM(A1)"}},
		{6, []string{"-2+3", "", "", "", "", "ngắt"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSetUp opens the file with another reader and checks what a person sees: no formula, the head in sight and on each page, A4 across.
func TestSetUp(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(write(t, sample())))
	if err != nil {
		t.Fatal(err)
	}
	name := f.GetSheetName(0)
	if name != "Bảng theo dõi- xã-phường -2021-" {
		t.Errorf("sheet %q", name)
	}
	for _, ref := range []string{"A5", "B5", "F5", "A6"} {
		formula, err := f.GetCellFormula(name, ref)
		if err != nil || formula != "" {
			t.Errorf("%s: formula %q, %v", ref, formula, err)
		}
		kind, err := f.GetCellType(name, ref)
		if err != nil || kind != excelize.CellTypeInlineString {
			t.Errorf("%s: type %v, %v", ref, kind, err)
		}
	}
	panes, err := f.GetPanes(name)
	if err != nil || !panes.Freeze || panes.YSplit != 3 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	page, err := f.GetPageLayout(name)
	if err != nil || *page.Size != 9 || *page.Orientation != "landscape" || *page.FitToWidth != 1 || *page.FitToHeight != 0 {
		t.Errorf("page %+v, %v", page, err)
	}
	props, err := f.GetSheetProps(name)
	if err != nil || props.FitToPage == nil || !*props.FitToPage {
		t.Errorf("fit to page %+v, %v", props, err)
	}
	var titles, filter string
	for _, d := range f.GetDefinedName() {
		switch d.Name {
		case "_xlnm.Print_Titles":
			titles = d.RefersTo
		case "_xlnm._FilterDatabase":
			filter = d.RefersTo
		}
	}
	if titles != "'"+name+"'!$3:$3" || !strings.HasSuffix(filter, "!$A$3:$F$6") {
		t.Errorf("print titles %q, filter %q", titles, filter)
	}
	doc, err := f.GetDocProps()
	if err != nil || doc.Title != "Tiến độ R&D" || doc.Creator != "Sở Nội vụ" {
		t.Errorf("properties %+v, %v", doc, err)
	}
	shown, err := f.GetCellValue(name, "D4")
	if err != nil || shown != "26/3/2021" {
		t.Errorf("day shown as %q, %v", shown, err)
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string][]any{
		"text in numbers": {"x"}, "too many": {1, 2}, "other type": {1.5},
	} {
		err := Book{Sheets: []Sheet{{Columns: []Column{{Head: "n", Type: Int}}, Rows: Rows([][]any{row})}}}.Write(io.Discard)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	stop := errors.New("stop")
	rows := func(yield func([]any, error) bool) { yield(nil, stop) }
	err := Book{Sheets: []Sheet{{Columns: []Column{{}}, Rows: rows}}}.Write(io.Discard)
	if !errors.Is(err, stop) {
		t.Errorf("got %v; want the rows' error", err)
	}
}

func TestLongTextAndSameTabs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("🏠đ", 20_000)
	b := Book{}
	for range 3 {
		b.Sheets = append(b.Sheets, Sheet{Name: "Một cái tên giống nhau và quá dài", Columns: []Column{{}}, Rows: Rows([][]any{{long}})})
	}
	got, err := read(write(t, b), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	cell := got[len(got)-1].Cells[0]
	if !strings.HasSuffix(cell, "…") || !strings.HasPrefix(long, strings.TrimSuffix(cell, "…")) {
		t.Errorf("cut badly: ends %q", cell[len(cell)-8:])
	}
}

// book makes a workbook by hand: parts by name over a plain one with the sheet's rows.
func book(t *testing.T, rows string, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="h" state="hidden" r:id="r0"/><sheet name="s" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r0" Target="none.xml"/><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/styles.xml":              `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165" formatCode="[$-42A]dd/mm/yyyy;@"/><numFmt numFmtId="166" formatCode="0&quot; day&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml":       `<sst><si><t>Xã Thanh Nưa</t></si><si><r><t>hai </t></r><r><t>đoạn</t></r></si></sst>`,
		"xl/worksheets/sheet1.xml":   `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`,
	}
	maps.Copy(all, parts)
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, content := range all {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(w, content)
		if err != nil {
			t.Fatal(err)
		}
	}
	err := z.Close()
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestReadValues(t *testing.T) {
	t.Parallel()
	got, err := read(book(t, `<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" s="1"><v>44267</v></c><c r="D2" s="2"><v>94</v></c><c r="E2" s="3"><v>44267.9</v></c></row>`+
		`<row><c t="s"><v>1</v></c><c><v>1.50</v></c><c s="4"><v>3</v></c><c><v>1E+3</v></c><c t="b"><v>1</v></c></row><row r="9"/>`, nil), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{{2, []string{"Xã Thanh Nưa", "", "2021-03-12", "00094", "2021-03-12"}}, {3, []string{"hai đoạn", "1.5", "3", "1000", "1"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	row := `<row><c><v>1</v></c></row>`
	bomb := `<row><c t="inlineStr"><is><t>` + strings.Repeat("a", 3<<20) + `</t></is></c></row>`
	for name, tc := range map[string]struct {
		file []byte
		l    Limits
		kind errs.Kind
		key  string
	}{
		"not a zip":     {[]byte("code,name\n"), Limits{}, errs.Invalid, "xlsx.broken"},
		"macro":         {book(t, row, map[string]string{"xl/vbaProject.bin": "x"}), Limits{}, errs.Invalid, "xlsx.macro"},
		"macro sheet":   {book(t, row, map[string]string{"xl/macrosheets/sheet1.xml": "x"}), Limits{}, errs.Invalid, "xlsx.macro"},
		"link":          {book(t, row, map[string]string{"xl/externalLinks/externalLink1.xml": "x"}), Limits{}, errs.Invalid, "xlsx.macro"},
		"bomb":          {book(t, bomb, nil), Limits{Unzipped: 2 << 20}, errs.TooLarge, "xlsx.bomb"},
		"rows":          {book(t, strings.Repeat(row, 4), nil), Limits{Rows: 3}, errs.TooLarge, "xlsx.rows"},
		"columns":       {book(t, `<row><c r="XFD1"><v>1</v></c></row>`, nil), Limits{}, errs.TooLarge, "xlsx.columns"},
		"formula":       {book(t, `<row><c r="A1"><f>1+1</f><v>2</v></c></row>`, nil), Limits{}, errs.Invalid, "error.invalid"},
		"error cell":    {book(t, `<row><c r="A1" t="e"><v>#REF!</v></c></row>`, nil), Limits{}, errs.Invalid, "error.invalid"},
		"rows go back":  {book(t, `<row r="5"/><row r="3"/>`, nil), Limits{}, errs.Invalid, "xlsx.broken"},
		"bad reference": {book(t, `<row><c r="1A"><v>1</v></c></row>`, nil), Limits{}, errs.Invalid, "xlsx.broken"},
		"no string":     {book(t, `<row><c r="A1" t="s"><v>9</v></c></row>`, nil), Limits{}, errs.Invalid, "error.invalid"},
		"torn xml":      {book(t, `<row><c>`, nil), Limits{}, errs.Invalid, "xlsx.broken"},
		"no sheet":      {book(t, row, map[string]string{"xl/workbook.xml": "<workbook/>"}), Limits{}, errs.Invalid, "xlsx.broken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(tc.file, tc.l)
			if errs.KindOf(err) != tc.kind || err == nil || errs.MsgOf(err).Key != tc.key {
				t.Errorf("got %v; want %s", err, tc.key)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	var buf bytes.Buffer
	err := sample().Write(&buf)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := read(b, Limits{Unzipped: 1 << 20})
		if err != nil && errs.KindOf(err) == errs.Internal {
			t.Errorf("a file that somebody sent is not a fault of ours: %v", err)
		}
	})
}

// TestHeadOfTwoRows is a register as reports have it: groups of columns, sums in bold, decimals.
func TestHeadOfTwoRows(t *testing.T) {
	t.Parallel()
	b := Book{Title: "Phụ lục", Page: "Trang", Sheets: []Sheet{{
		Name: "Phụ lục", Title: "PHỤ LỤC",
		Columns: []Column{{Head: "Đơn vị"}, {Head: "Phải", Group: "Công khai", Type: Int}, {Head: "Đã", Group: "Công khai", Type: Int}, {Head: "Điểm", Type: Decimal}},
		Rows:    Rows([][]any{{Strong{"Tổng"}, Strong{14}, Strong{12}, Strong{8.25}}, {"Xã A", 14, 12, 8.5}}),
	}}}
	f, err := excelize.OpenReader(bytes.NewReader(write(t, b)))
	if err != nil {
		t.Fatal(err)
	}
	merged, err := f.GetMergeCells("Phụ lục")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range merged {
		got = append(got, m.GetStartAxis()+":"+m.GetEndAxis()+" "+m.GetCellValue())
	}
	if diff := cmp.Diff([]string{"A2:A3 Đơn vị", "B2:C2 Công khai", "D2:D3 Điểm"}, got); diff != "" {
		t.Error(diff)
	}
	for ref, want := range map[string]string{"B3": "Phải", "A4": "Tổng", "D4": "8.25", "D5": "8.5"} {
		if v, err := f.GetCellValue("Phụ lục", ref); err != nil || v != want {
			t.Errorf("%s: %q, %v; want %q", ref, v, err, want)
		}
	}
	bold := func(ref string) bool {
		id, err := f.GetCellStyle("Phụ lục", ref)
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		return s.Font.Bold
	}
	if !bold("C4") || bold("C5") {
		t.Error("sums are not in bold, or all is")
	}
	names := f.GetDefinedName()
	for _, n := range names {
		if n.Name == "_xlnm.Print_Titles" && n.RefersTo != "'Phụ lục'!$2:$3" {
			t.Errorf("printed on each page: %s", n.RefersTo)
		}
	}
	panes, err := f.GetPanes("Phụ lục")
	if err != nil || panes.YSplit != 3 {
		t.Errorf("%d rows stay in sight, %v", panes.YSplit, err)
	}
}
