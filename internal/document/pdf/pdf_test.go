package pdf_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dinh/internal/document"
	"dinh/internal/document/pdf"
	"dinh/internal/document/sample"
	"dinh/internal/extract"
)

// pagesOf gives the text of the pages as poppler reads it.
func pagesOf(t *testing.T, p *document.Paper, options ...string) []string {
	t.Helper()
	var b bytes.Buffer
	err := pdf.Write(&b, p)
	if err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("DINH_TEST_ALL") == "1" {
			t.Fatal("DINH_TEST_ALL asks for pdftotext (poppler-utils)")
		}
		t.Skip("pdftotext is not installed")
	}
	file := filepath.Join(t.TempDir(), "p.pdf")
	err = os.WriteFile(file, b.Bytes(), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, append(options, file, "-")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
}

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

func want(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(flat(page), w) {
			t.Errorf("no %q in:\n%s", w, page)
		}
	}
}

func TestTextComesBack(t *testing.T) {
	t.Parallel()
	pages := pagesOf(t, sample.Report(60))
	if len(pages) != 6 {
		t.Fatalf("%d pages", len(pages))
	}
	want(t, pages[0], document.Country, document.Motto, "/BC-SNV", "Điện Biên, ngày 05 tháng 5 năm 2021", "- Ủy ban nhân dân tỉnh Điện Biên;",
		"Căn cứ Kế hoạch số 648/KH-UBND ngày 12 tháng 3 năm 2021 của Ủy ban nhân dân tỉnh;", "I. KẾT QUẢ ĐẠT ĐƯỢC",
		"Trong 06 tháng, các xã đã niêm yết 14 nội dung, đạt 90,1%; so với cùng kỳ tăng 03 nội dung. Các cơ quan, đơn vị tổ chức quán triệt, triển khai thực hiện nghiêm túc, nhân dân đồng tình ủng hộ.",
		"Số liệu chi tiết tại Phụ lục II kèm theo, tính đến hết ngày 30/4/2021.", "b) Cơ quan, đơn vị;")
	want(t, pages[1], "Nguồn: báo cáo của các đơn vị.", "Nơi nhận: - Như trên;", "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC", "Lò Văn Mừng")
	if !strings.HasPrefix(flat(pages[1]), "2 ") {
		t.Errorf("the second page begins with %q", flat(pages[1])[:20])
	}
	if !strings.HasPrefix(flat(pages[2]), "Phụ lục I DANH SÁCH") || !strings.HasPrefix(flat(pages[3]), "Phụ lục II BIỂU TỔNG HỢP") {
		t.Error("annexes do not begin on pages of their own without a number")
	}
	for i, p := range pages[3:] {
		want(t, p, "Xã, phường, thị trấn", "Nội dung công khai")
		if i > 0 && !strings.HasPrefix(flat(p), []string{"", "2 ", "3 "}[i]) {
			t.Errorf("page %d of the annex begins with %q", i+1, flat(p)[:20])
		}
	}
}

func TestOtherForms(t *testing.T) {
	t.Parallel()
	want(t, pagesOf(t, sample.Letter())[0], "/SNV-XDCQ", "V/v đôn đốc thực hiện Kế hoạch số", "KHẨN", "Kính gửi: Ủy ban nhân dân xã Mường Phăng", "GIÁM ĐỐC")
	want(t, pagesOf(t, sample.Minutes(), "-layout")[0], "NGƯỜI CHỨNG KIẾN NGƯỜI NIÊM YẾT", "(Ký, ghi rõ họ tên)", "Lò Thị Hương", "- Lưu: VT.")
	want(t, pagesOf(t, sample.Decision())[0], "Số: 512/QĐ-UBND", "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH ĐIỆN BIÊN", "Theo đề nghị của Giám đốc Sở Nội vụ.", "QUYẾT ĐỊNH:", "Chương I QUY ĐỊNH CHUNG",
		"Điều 1. Công nhận kết quả xếp loại của 129 xã, phường, thị trấn")
}

func TestFileSaysLanguageAndTitle(t *testing.T) {
	t.Parallel()
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := pdf.Write(w, sample.Report(7)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same paper made two different files")
	}
	for _, part := range []string{"/Lang (vi-VN)", "/Title ", "/ToUnicode "} {
		if !bytes.Contains(a.Bytes(), []byte(part)) {
			t.Errorf("no %s", part)
		}
	}
	if a.Len() > 150_000 {
		t.Errorf("%d bytes: the face is not cut to what is used", a.Len())
	}
}

// TestHardTables has rows higher than a page, tall cells over more rows than a page holds, words wider than a column, and letters that no face has.
func TestHardTables(t *testing.T) {
	t.Parallel()
	p := sample.Letter()
	rows := [][]document.Cell{{document.C(strings.Repeat("Dòng dài của ô này. ", 400)), document.C(strings.Repeat("x", 200)), document.C("\U0001F600 \uFFFE\x00 Hết")}}
	for i := range 90 {
		row := document.Cells("giữa", "cuối")
		if i == 0 {
			row = append([]document.Cell{document.C("Ô cao").Tall(90)}, row...)
		}
		rows = append(rows, row)
	}
	rows = append(rows, document.Cells("Dòng cuối bảng", "", ""))
	p.Blocks = append(p.Blocks, document.TableOf(document.Table{Columns: make([]document.Column, 3), Head: [][]document.Cell{document.Cells("Cột một", "Cột hai", "Cột ba")}, Rows: rows}))
	pages := pagesOf(t, p)
	all := flat(strings.Join(pages, " "))
	if n := strings.Count(all, "ô này"); n < 395 { // some stand at the end of a line, apart
		t.Errorf("the long cell came through %d times of 400", n)
	}
	if n := strings.Count(all, "Cột một"); n != len(pages) {
		t.Errorf("%d heads on %d pages", n, len(pages))
	}
	if n := strings.Count(all, "giữa"); n != 90 {
		t.Errorf("%d rows of 90", n)
	}
	want(t, all, "Ô cao", "Dòng cuối bảng", "Hết")
}

// TestSignatureIsNotAlone moves the end over the page's edge line by line: the signature never stands on a page without text.
func TestSignatureIsNotAlone(t *testing.T) {
	t.Parallel()
	for n := 10; n < 28; n++ {
		p := sample.Letter()
		p.Blocks = nil
		for range n {
			p.Blocks = append(p.Blocks, document.P("Một dòng."))
		}
		p.Blocks = append(p.Blocks, document.P(strings.Repeat("Đoạn cuối cùng của văn bản. ", 12)))
		pages := pagesOf(t, p)
		last := pages[len(pages)-1]
		if !strings.Contains(last, "GIÁM ĐỐC") || !strings.Contains(last, "của văn bản") {
			t.Errorf("%d lines, %d pages; the last:\n%s", n, len(pages), last)
		}
	}
}

// TestWeReadItToo has the reader of uploaded files read a paper: what a unit takes out and uploads again is searchable and raises no suspicion.
func TestWeReadItToo(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := pdf.Write(&b, sample.Report(7)); err != nil {
		t.Fatal(err)
	}
	got, err := extract.Text(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), pdf.ContentType, extract.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want(t, got.Text, document.Motto, "Kết quả xây dựng và thực hiện quy chế dân chủ ở cơ sở", "đạt 90,1%; so với cùng kỳ tăng 03 nội dung.", "PHÓ GIÁM ĐỐC")
	if got.Scripts || got.Embedded || got.External || got.Encrypted || got.Scanned || got.Pages != 4 {
		t.Errorf("%+v", got)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	var first bytes.Buffer
	if err := pdf.Write(&first, sample.Letter()); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var b bytes.Buffer
			if err := pdf.Write(&b, sample.Letter()); err != nil || !bytes.Equal(b.Bytes(), first.Bytes()) {
				t.Errorf("another file than before, or %v", err)
			}
		})
	}
	wg.Wait()
}
