package extract_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"dinh/internal/extract"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t testing.TB, b []byte, kind string) (extract.Result, error) {
	t.Helper()
	return extract.Text(t.Context(), bytes.NewReader(b), int64(len(b)), kind, extract.Limits{})
}

// TestVietnameseComesOutAsItWasWritten reads files that real programs made: a browser, an office suite, also packed into object streams.
func TestVietnameseComesOutAsItWasWritten(t *testing.T) {
	t.Parallel()
	plan := []string{
		"ỦY BAN NHÂN DÂN XÃ THANH NƯA\n", "Công khai dự toán ngân sách, đường giao thông bản Mển; người hưởng lợi: ông Lò Văn Pánh", "Ẵm ẫm ượng thuở ễnh, quỹ, khuỷu, Đắk Lắk, bưởi, rượu.",
		"Cà Thị Hịa", "1.500.000 đồng", "Trang hai: kết thúc niêm yết, ưu tiên hộ nghèo.",
	}
	list := []string{"Họ và tên\tNgày sinh\tSố tài khoản\n", "Lò Văn Pánh\t12/03/1985\t8905205012345\n", "Cà Thị Hịa\t01/09/1990\t8905205067890\n"}
	for _, c := range []struct {
		file, kind string
		pages      int
		want       []string
	}{
		{"browser.pdf", extract.PDF, 2, plan},
		{"office.pdf", extract.PDF, 2, plan},
		{"plan.docx", extract.DOCX, 0, append(plan, "Cà Thị Hịa\t1.500.000 đồng\t\n")},
		{"plan.odt", extract.ODT, 0, append(plan, "Cà Thị Hịa\t1.500.000 đồng\t\n")},
		{"list.xlsx", extract.XLSX, 0, list},
		{"list.ods", extract.ODS, 0, []string{"Lò Văn Pánh\t12/03/1985\t8905205012345\t\n"}},
	} {
		got, err := read(t, sample(t, c.file), c.kind)
		if err != nil {
			t.Fatalf("%s: %v", c.file, err)
		}
		for _, w := range c.want {
			if !strings.Contains(got.Text, w) {
				t.Errorf("%s: no %q in\n%s", c.file, w, got.Text)
			}
		}
		if !norm.NFC.IsNormalString(got.Text) {
			t.Errorf("%s: not NFC", c.file)
		}
		if got.Pages != c.pages || got.Macros || got.Scripts || got.External || got.Encrypted || got.Embedded || got.Scanned || got.Truncated {
			t.Errorf("%s: %+v", c.file, got)
		}
	}
}

// pdf makes a PDF of objects, numbered from 1.
func pdf(objects ...string) []byte {
	var b strings.Builder
	b.WriteString("%PDF-1.7\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	b.WriteString("trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n")
	return []byte(b.String())
}

func stream(head, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", head, len(data), data)
}

func deflate(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

const (
	catalog = "<</Type/Catalog/Pages 2 0 R>>"
	pages   = "<</Type/Pages/Kids[3 0 R]/Count 1>>"
)

func page(content string) []string {
	return []string{
		catalog, pages, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>", stream("", content),
		"<</Type/Font/Subtype/Type1/BaseFont/Times/Encoding<</Differences[128/uni1EBF/acircumflexdotbelow/dcroat/uhornhookabove]>>>>",
	}
}

func TestPDFsThatCarryMoreThanText(t *testing.T) {
	t.Parallel()
	hidden := "6 0 7 30 <</Type/Action/S/GoTo/D 3>>     <</S/J#61vaScript/JS(app.alert\\(1\\))>>"
	for what, c := range map[string]struct {
		b    []byte
		want extract.Result
	}{
		"nothing":          {pdf(page("BT /F 12 Tf (x) Tj ET")...), extract.Result{}},
		"open at a page":   {pdf(append(page("BT /F 12 Tf (x) Tj ET"), "<</OpenAction[3 0 R/Fit]>>")...), extract.Result{}},
		"javascript":       {pdf(append(page("BT /F 12 Tf (x) Tj ET"), "<</S/JavaScript/JS(x)>>")...), extract.Result{Scripts: true}},
		"escaped name":     {pdf(append(page("BT /F 12 Tf (x) Tj ET"), "<</S/Java#53cript>>")...), extract.Result{Scripts: true}},
		"launch":           {pdf(append(page("BT /F 12 Tf (x) Tj ET"), "<</OpenAction<</S/Launch/F(cmd.exe)>>>>")...), extract.Result{Scripts: true}},
		"in object stream": {pdf(append(page("BT /F 12 Tf (x) Tj ET"), stream("/Type/ObjStm/N 2/First 9/Filter/FlateDecode", deflate(hidden)))...), extract.Result{Scripts: true}},
		"another file":     {pdf(append(page("BT /F 12 Tf (x) Tj ET"), stream("/Type/EmbeddedFile", "MZ"))...), extract.Result{Embedded: true}},
		"form that sends":  {pdf(append(page("BT /F 12 Tf (x) Tj ET"), "<</S/SubmitForm/F(https://example.org)>>")...), extract.Result{External: true}},
		"no letters":       {pdf(page("0 0 m 10 10 l S")...), extract.Result{Scanned: true}},
		"password":         {bytes.Replace(pdf(page("BT /F 12 Tf (x) Tj ET")...), []byte("/Root 1 0 R"), []byte("/Root 1 0 R/Encrypt 9 0 R"), 1), extract.Result{Encrypted: true}},
	} {
		got, err := read(t, c.b, extract.PDF)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if c.want.Pages = 1; c.want.Encrypted {
			c.want.Pages = 0
		}
		got.Text = ""
		if got != c.want {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

func TestLettersAreReadByNamePlaceAndOldAlphabet(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		`BT /F 10 Tf 72 700 Td (t\200n \202\201y \203) Tj ET`:                                          "tến đậy ử\n", // names of glyphs
		`BT /F 10 Tf 72 700 Td (b) Tj 5 0 Td (c) Tj -5 -20 Td (sau) Tj 0 40 Td (tr) Tj ET`:             "tr\nbc\nsau\n",
		`BT /F 10 Tf [(m)-600(t)] TJ 1 0 0 1 5 0 Tm (\201) Tj ET`:                                      "mật\n",  // a letter of another font, drawn later
		`BT /F 10 Tf (a) Tj 100 0 Td (b) Tj ET`:                                                        "a\tb\n", // columns
		`BT /F 10 Tf 0 1 -1 0 300 100 Tm (xoay) Tj ET`:                                                 "xoay\n",
		"q BT /F 10 Tf <6162> Tj ET Q BI /W 1 /H 1 ID \x00EI\x01 (Tj EI BT /F 10 Tf 0 -20 Td (c) ' ET": "ab\nc\n",
	} {
		got, err := read(t, pdf(page(content)...), extract.PDF)
		if err != nil {
			t.Fatal(err)
		}
		if s := strings.TrimSuffix(got.Text, "\n\n"); s != want {
			t.Errorf("%s: %q, want %q", content, s, want)
		}
	}
	old := page("BT /F 10 Tf (Céng hoµ x· héi chñ nghÜa ViÖt Nam) Tj ET")
	old[3] = stream("", "BT /F 10 Tf <43E96E6720686FB52078B72068E96920> Tj ET")
	old[4] = "<</Type/Font/Subtype/TrueType/BaseFont/ABCDEF+.VnTime/Encoding/WinAnsiEncoding>>"
	got, err := read(t, pdf(old...), extract.PDF)
	if err != nil || strings.TrimSpace(got.Text) != "Cộng hoà xã hội" {
		t.Errorf("%q %v", got.Text, err)
	}
}

func TestFieldsAndCommentsOfAPDFAreRead(t *testing.T) {
	t.Parallel()
	o := page("BT /F 10 Tf 50 700 Td (than) Tj ET")
	o[2] = "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Annots[6 0 R 7 0 R 8 0 R]/Resources<</Font<</F 5 0 R>>>>>>"
	o = append(o,
		"<</Subtype/Widget/Rect[50 600 200 620]/AP<</N 9 0 R>>>>",
		"<</Subtype/Text/Contents<FEFF0067006800691EBF>>>",
		"<</Subtype/Widget/V(trong o)>>",
		stream("/Subtype/Form/BBox[0 0 150 20]/Resources<</Font<</F 5 0 R>>>>", "/Tx BMC BT /F 10 Tf 2 2 Td (dien) Tj ET EMC"))
	got, err := read(t, pdf(o...), extract.PDF)
	if err != nil || got.Text != "than\ndien\nghiế\ntrong o\n\n\n" {
		t.Errorf("%q %v", got.Text, err)
	}
	changed := append(bytes.TrimSuffix(pdf(o...), []byte("\n")), "4 0 obj "+stream("", "BT /F 10 Tf 50 700 Td (moi) Tj ET")+" endobj\ntrailer <</Root 1 0 R>>\n%%EOF"...)
	got, err = read(t, changed, extract.PDF)
	if err != nil || !strings.HasPrefix(got.Text, "moi\ndien\n") {
		t.Errorf("a later version: %q %v", got.Text, err)
	}
}

func zipped(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Write([]byte(parts[i+1]))
		if err != nil {
			t.Fatal(err)
		}
	}
	err := z.Close()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	wordNS = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>`
	rels   = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://x/relationships/%s" Target="%s" TargetMode="%s"/></Relationships>`
)

func TestOfficeFilesThatCarryMoreThanText(t *testing.T) {
	t.Parallel()
	body := wordNS + `<w:p><w:r><w:t>chữ</w:t></w:r></w:p></w:body></w:document>`
	odt := `<o:document-content xmlns:o="urn:o" xmlns:t="urn:t" xmlns:x="http://www.w3.org/1999/xlink">%s<t:p>chữ</t:p></o:document-content>`
	for what, c := range map[string]struct {
		kind string
		b    []byte
		want extract.Result
	}{
		"plain":          {extract.DOCX, zipped(t, "word/document.xml", body), extract.Result{}},
		"macros":         {extract.DOCX, zipped(t, "word/document.xml", body, "word/vbaProject.bin", "x"), extract.Result{Macros: true}},
		"macros by type": {extract.DOCX, zipped(t, "word/document.xml", body, "[Content_Types].xml", `<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>`), extract.Result{Macros: true}},
		"template":       {extract.DOCX, zipped(t, "word/document.xml", body, "word/_rels/settings.xml.rels", fmt.Sprintf(rels, "attachedTemplate", "https://example.org/t.dotm", "External")), extract.Result{External: true}},
		"picture":        {extract.DOCX, zipped(t, "word/document.xml", body, "word/_rels/document.xml.rels", fmt.Sprintf(rels, "image", "file:///etc/passwd", "External")), extract.Result{External: true}},
		"a link":         {extract.DOCX, zipped(t, "word/document.xml", body, "word/_rels/document.xml.rels", fmt.Sprintf(rels, "hyperlink", "https://example.org", "External")), extract.Result{}},
		"object":         {extract.DOCX, zipped(t, "word/document.xml", body, "word/embeddings/oleObject1.bin", "x"), extract.Result{Embedded: true}},
		"dde":            {extract.DOCX, zipped(t, "word/document.xml", wordNS+`<w:p><w:r><w:instrText> DDE</w:instrText></w:r><w:r><w:instrText>AUTO c:\\cmd</w:instrText></w:r><w:r><w:t>chữ</w:t></w:r></w:p></w:body></w:document>`), extract.Result{Scripts: true}},
		"odt macros":     {extract.ODT, zipped(t, "content.xml", fmt.Sprintf(odt, ""), "Basic/Standard/Module1.xml", "x"), extract.Result{Macros: true}},
		"odt event":      {extract.ODT, zipped(t, "content.xml", fmt.Sprintf(odt, `<o:event-listener x:href="vnd.sun.star.script:a"/>`)), extract.Result{Macros: true}},
		"odt picture":    {extract.ODT, zipped(t, "content.xml", fmt.Sprintf(odt, `<o:image x:href="http://example.org/a.png"/>`)), extract.Result{External: true}},
		"odt password":   {extract.ODT, zipped(t, "META-INF/manifest.xml", `<m><encryption-data/></m>`), extract.Result{Encrypted: true}},
		"docx password":  {extract.DOCX, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"), extract.Result{Encrypted: true}},
	} {
		got, err := read(t, c.b, c.kind)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !c.want.Encrypted && strings.TrimSpace(got.Text) != "chữ" {
			t.Errorf("%s: %q", what, got.Text)
		}
		got.Text = ""
		if got != c.want {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

func TestWordsOfADocument(t *testing.T) {
	t.Parallel()
	b := zipped(t, "word/document.xml", wordNS+`<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>một</w:t></w:r></w:p><w:p><w:r><w:t>hai</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>
<w:p><w:r><w:rPr><w:rFonts w:ascii=".VnTimeH"/></w:rPr><w:t>Céng hoµ</w:t></w:r><w:r><w:t> xã</w:t></w:r><w:del><w:r><w:delText> xoá</w:delText></w:r></w:del></w:p>
<mc:AlternateContent><mc:Choice><w:p><w:r><w:t>khung</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>khung</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:body></w:document>`,
		"word/header1.xml", wordNS+`<w:p><w:r><w:t>đầu trang</w:t></w:r></w:p></w:body></w:document>`,
		"word/footnotes.xml", wordNS+`<w:p><w:r><w:t>chú thích</w:t></w:r></w:p></w:body></w:document>`)
	got, err := read(t, b, extract.DOCX)
	want := "đầu trang\na\tb\nc\nmột hai\t\t\nCỘNG HOÀ xã xoá\nkhung\nchú thích\n"
	if err != nil || got.Text != want {
		t.Errorf("%q %v\nwant %q", got.Text, err, want)
	}
}

func TestBombsAndLiesAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	big := wordNS + strings.Repeat(" ", 3<<20) + `</w:body></w:document>`
	deep := wordNS + strings.Repeat("<w:p>", 5000)
	for what, c := range map[string]struct {
		kind string
		b    []byte
		lim  extract.Limits
		want error
	}{
		"no zip":              {extract.DOCX, []byte("PK\x03\x04 nothing"), extract.Limits{}, extract.ErrBroken},
		"unpacks to too much": {extract.DOCX, zipped(t, "word/document.xml", big), extract.Limits{Unpacked: 1 << 20}, extract.ErrTooBig},
		"too many parts":      {extract.DOCX, zipped(t, "a", "", "b", "", "c", ""), extract.Limits{Entries: 2}, extract.ErrTooBig},
		"nested":              {extract.DOCX, zipped(t, "word/document.xml", deep), extract.Limits{}, extract.ErrBroken},
		"entities":            {extract.DOCX, zipped(t, "word/document.xml", `<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:document xmlns:w="w"><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:document>`), extract.Limits{}, extract.ErrBroken},
		"no document":         {extract.DOCX, zipped(t, "a", ""), extract.Limits{}, extract.ErrBroken},
		"no PDF":              {extract.PDF, []byte("hello"), extract.Limits{}, extract.ErrBroken},
		"empty PDF":           {extract.PDF, []byte("%PDF-1.4\n%%EOF"), extract.Limits{}, extract.ErrBroken},
		"packed content":      {extract.PDF, pdf(catalog, pages, "<</Type/Page/Contents 4 0 R>>", stream("/Filter/FlateDecode", deflate(strings.Repeat("0 ", 1<<20)))), extract.Limits{Unpacked: 1 << 20}, extract.ErrTooBig},
		"open strings":        {extract.PDF, []byte("%PDF-1.4\n" + strings.Repeat("1 0 obj(\n", 200_000)), extract.Limits{}, extract.ErrTooBig},
		"pictures":            {"image/png", []byte("x"), extract.Limits{}, extract.ErrKind},
	} {
		_, err := extract.Text(t.Context(), bytes.NewReader(c.b), int64(len(c.b)), c.kind, c.lim)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Loops: pages that are their own kids, forms that show themselves, references to themselves.
	loop := pdf("<</Pages 2 0 R>>", "<</Kids[2 0 R 3 0 R]>>", "<</Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>", stream("", strings.Repeat("/X Do ", 5000)),
		stream("/Subtype/Form", strings.Repeat("/X Do ", 5000)), "6 0 R")
	_, err := read(t, loop, extract.PDF)
	if err != nil {
		t.Errorf("loop: %v", err)
	}
	if d := time.Since(begin); d > 20*time.Second {
		t.Errorf("took %s", d)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	b := sample(t, "browser.pdf")
	_, err = extract.Text(ctx, bytes.NewReader(b), int64(len(b)), extract.PDF, extract.Limits{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

func TestTextIsCutWhereItIsTooLong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, kind string }{{"browser.pdf", extract.PDF}, {"plan.docx", extract.DOCX}, {"list.xlsx", extract.XLSX}, {"plan.odt", extract.ODT}} {
		b := sample(t, c.file)
		got, err := extract.Text(t.Context(), bytes.NewReader(b), int64(len(b)), c.kind, extract.Limits{Chars: 12})
		if err != nil || !got.Truncated || len([]rune(got.Text)) != 12 {
			t.Errorf("%s: %q %v %v", c.file, got.Text, got.Truncated, err)
		}
	}
	got, err := read(t, []byte("\ufeffHọ tên,Bản\r\nLò Văn A,Mển\r\n\x00\xff"), extract.CSV)
	if err != nil || got.Text != "Họ tên,Bản\nLò Văn A,Mển\n" {
		t.Errorf("%q %v", got.Text, err)
	}
}

func fuzz(f *testing.F, kind string, seeds ...[]byte) {
	f.Helper()
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		_, err := extract.Text(ctx, bytes.NewReader(b), int64(len(b)), kind, extract.Limits{Unpacked: 8 << 20})
		if errors.Is(err, context.DeadlineExceeded) {
			t.Fatal("took too long")
		}
		if err != nil && strings.Contains(err.Error(), "panic") {
			t.Fatal(err)
		}
	})
}

func FuzzPDF(f *testing.F) {
	fuzz(f, extract.PDF, pdf(page(`BT /F 10 Tf 72 700 Td [(t\200n)-600(x)] TJ ET`)...), sample(f, "office.pdf"),
		pdf(catalog, pages, "<</Contents[4 0 R]>>", stream("/Type/ObjStm/N 1/First 4/Filter[/ASCIIHexDecode/RL]", "0102>")))
}

func FuzzDOCX(f *testing.F) { fuzz(f, extract.DOCX, sample(f, "plan.docx")) }

func FuzzXLSX(f *testing.F) { fuzz(f, extract.XLSX, sample(f, "list.xlsx")) }

func BenchmarkPDF(b *testing.B) {
	file := sample(b, "office.pdf")
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := read(b, file, extract.PDF)
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDOCX(b *testing.B) {
	var s strings.Builder
	s.WriteString(wordNS)
	for range 20_000 {
		s.WriteString(`<w:p><w:r><w:rPr><w:rFonts w:ascii="Times New Roman"/></w:rPr><w:t>Thực hiện dân chủ ở cơ sở</w:t></w:r></w:p>`)
	}
	s.WriteString(`</w:body></w:document>`)
	file := zipped(b, "word/document.xml", s.String())
	b.SetBytes(int64(s.Len()))
	b.ReportAllocs()
	for b.Loop() {
		_, err := read(b, file, extract.DOCX)
		if err != nil {
			b.Fatal(err)
		}
	}
}
