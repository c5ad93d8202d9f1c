package docx_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dinh/internal/document"
	"dinh/internal/document/docx"
	"dinh/internal/document/sample"
	"dinh/internal/extract"
)

var update = flag.Bool("update", false, "write the golden files anew; open them in Word or LibreOffice before they are committed")

func papers() map[string]*document.Paper {
	return map[string]*document.Paper{"report": sample.Report(7), "letter": sample.Letter(), "minutes": sample.Minutes(), "decision": sample.Decision()}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, p := range papers() {
		parts, err := docx.Parts(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if part.Name != "word/document.xml" && (name != "letter" || part.Name != "word/styles.xml") {
				continue
			}
			file := filepath.Join("testdata", name+"-"+filepath.Base(part.Name))
			got := strings.NewReplacer("<w:p>", "\n<w:p>", "<w:tbl>", "\n<w:tbl>", "<w:tr>", "\n<w:tr>", "<w:sectPr>", "\n<w:sectPr>", "<w:style ", "\n<w:style ").Replace(string(part.Body))
			if *update {
				err = os.WriteFile(file, []byte(got+"\n"), 0o644)
				if err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(strings.TrimSpace(string(want)), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		}
	}
}

// TestPackage checks what Word asks of a file: every part is XML, every part has a type, every relation leads to a part, and styles that are used are there.
func TestPackage(t *testing.T) {
	t.Parallel()
	used, defined := regexp.MustCompile(`<w:pStyle w:val="(\w+)"`), regexp.MustCompile(`w:styleId="(\w+)"`)
	for name, p := range papers() {
		parts, err := docx.Parts(p)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]string{}
		for _, part := range parts {
			all[part.Name] = string(part.Body)
			if strings.HasSuffix(part.Name, ".png") {
				continue
			}
			dec := xml.NewDecoder(bytes.NewReader(part.Body))
			for {
				_, err := dec.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s: %s: %v", name, part.Name, err)
				}
			}
		}
		for _, m := range regexp.MustCompile(`PartName="/([^"]+)"`).FindAllStringSubmatch(all["[Content_Types].xml"], -1) {
			if all[m[1]] == "" {
				t.Errorf("%s: a type for %s, which is not there", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`Target="([^"]+)"`).FindAllStringSubmatch(all["word/_rels/document.xml.rels"], -1) {
			if all["word/"+m[1]] == "" {
				t.Errorf("%s: a relation to %s, which is not there", name, m[1])
			}
		}
		styles := map[string]bool{}
		for _, m := range defined.FindAllStringSubmatch(all["word/styles.xml"], -1) {
			styles[m[1]] = true
		}
		for _, m := range used.FindAllStringSubmatch(all["word/document.xml"]+all["word/header1.xml"], -1) {
			if !styles[m[1]] {
				t.Errorf("%s: style %s is not defined", name, m[1])
			}
		}
	}
}

func TestEqualPapersAreEqualFiles(t *testing.T) {
	t.Parallel()
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := docx.Write(w, sample.Report(7)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same paper made two different files")
	}
	if _, err := zip.NewReader(bytes.NewReader(a.Bytes()), int64(a.Len())); err != nil {
		t.Error(err)
	}
}

func TestTextThatIsNoXML(t *testing.T) {
	t.Parallel()
	p := sample.Letter()
	p.Blocks = append(p.Blocks, document.P("a < b & \"c\" ]]> \x00\x1b\uFFFE\xff\nd"))
	var b bytes.Buffer
	if err := docx.Write(&b, p); err != nil {
		t.Fatal(err)
	}
	got, err := extract.Text(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), docx.ContentType, extract.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "a < b & \"c\" ]]> \uFFFD"; !strings.Contains(got.Text, want) {
		t.Errorf("no %q in %q", want, got.Text)
	}
}

// TestLibreOffice has LibreOffice lay the papers out: it opens them, and pages and text are what they should be. It is much too large to install for this
// test alone, so the test is left out where it is not there, also in the checks of a clean checkout.
func TestLibreOffice(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short")
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice (soffice) is not installed")
	}
	if _, err = exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "report.docx")
	var b bytes.Buffer
	if err = docx.Write(&b, sample.Report(60)); err != nil {
		t.Fatal(err)
	}
	if err = os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "pdf", "--outdir", dir, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", filepath.Join(dir, "report.pdf"), "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
	find := func(page int, words ...string) {
		t.Helper()
		flat := strings.Join(strings.Fields(pages[page]), " ")
		for _, w := range words {
			if !strings.Contains(flat, w) {
				t.Errorf("page %d has no %q:\n%s", page+1, w, pages[page])
			}
		}
	}
	if len(pages) < 6 {
		t.Fatalf("%d pages:\n%s", len(pages), text)
	}
	find(0, document.Country, document.Motto, "/BC-SNV", "Điện Biên, ngày 05 tháng 5 năm 2021", "BÁO CÁO", "Kính gửi:", "I. KẾT QUẢ ĐẠT ĐƯỢC", "đ")
	find(1, "Nơi nhận:", "- Lưu: VT, XDCQ.", "KT. GIÁM ĐỐC", "Lò Văn Mừng", "172 157")
	if first := strings.TrimSpace(strings.SplitN(strings.TrimSpace(pages[1]), "\n", 2)[0]); first != "2" {
		t.Errorf("the second page begins with %q instead of its number", first)
	}
	find(2, "Phụ lục I", "DANH SÁCH ĐƠN VỊ CHƯA BÁO CÁO")
	find(3, "Phụ lục II", "BIỂU TỔNG HỢP THEO ĐƠN VỊ", "Nội dung công khai")
	find(4, "Nội dung công khai", "Xã Mường Phăng 40") // the head again
	if first := strings.TrimSpace(strings.SplitN(strings.TrimSpace(pages[4]), "\n", 2)[0]); first != "2" {
		t.Errorf("the second page of the annex begins with %q instead of its number", first)
	}
}
