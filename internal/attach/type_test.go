package attach

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"dinh/internal/errs"
)

const (
	docxTypes = `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
	xlsxTypes = `<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`
	docmTypes = `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>`
)

// zipped makes a zip of name, content pairs.
func zipped(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(w, pairs[i+1])
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

// liar makes a zip whose part unpacks to more than its head says.
func liar(t testing.TB) []byte {
	t.Helper()
	b := zipped(t, "[Content_Types].xml", docxTypes, "word/document.xml", strings.Repeat("a", 1<<20))
	var out bytes.Buffer
	src, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&out)
	for _, f := range src.File {
		h := f.FileHeader
		if f.Name == "word/document.xml" {
			h.UncompressedSize64 = 10
			h.CRC32 = crc32.ChecksumIEEE([]byte(strings.Repeat("a", 10)))
		}
		w, err := z.CreateRaw(&h)
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(w, r)
		if err != nil {
			t.Fatal(err)
		}
	}
	err = z.Close()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func jpegOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2)))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hugePNG says that it has 60,000 × 60,000 points.
func hugePNG(t testing.TB) []byte {
	t.Helper()
	b := pngOf(t)
	copy(b[16:], []byte{0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60})
	sum := crc32.ChecksumIEEE(b[12:29])
	copy(b[29:], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
	return b
}

const (
	pdf  = "%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
	webp = "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
	m4a  = "\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00M4A mp42isom\x00\x00\x00\x00"
)

func all() Types { return append(append(Types{}, Documents...), Audio...) }

func TestHonestFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		content string
		want    Type
	}{
		"kế hoạch.pdf": {pdf, PDF},
		"a.PDF":        {pdf, PDF},
		"a.docx":       {string(zipped(t, "[Content_Types].xml", docxTypes, "word/document.xml", "<w/>")), DOCX},
		"a.xlsx":       {string(zipped(t, "[Content_Types].xml", xlsxTypes, "xl/workbook.xml", "<w/>")), XLSX},
		"a.odt":        {string(zipped(t, "mimetype", string(ODT), "content.xml", "<o/>")), ODT},
		"a.ods":        {string(zipped(t, "mimetype", string(ODS), "content.xml", "<o/>")), ODS},
		"a.jpg":        {string(jpegOf(t, 8, 8)), JPEG},
		"a.jpeg":       {string(jpegOf(t, 8, 8)), JPEG},
		"a.png":        {string(pngOf(t)), PNG},
		"a.webp":       {webp, WebP},
		"a.csv":        {"\uFEFFcode,name\n03322,Xã Thanh Nưa\n", CSV},
		"a.txt":        {"a < b, và thế thôi " + strings.Repeat("ơ", 40_000), Plain},
		"a.m4a":        {m4a, M4A},
		"a.ogg":        {"OggS\x00\x02", OGG},
		"a.mp3":        {"ID3\x04\x00", MP3},
	} {
		got, err := check(strings.NewReader(tc.content), int64(len(tc.content)), name, all())
		if err != nil || got != tc.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestLyingFiles(t *testing.T) {
	t.Parallel()
	mz := "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"
	svg := `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	macro := string(zipped(t, "[Content_Types].xml", docxTypes, "word/document.xml", "<w/>", "word/vbaProject.bin", "x"))
	for _, tc := range []struct{ file, content, key string }{
		{"a.pdf", "", "attach.empty"},
		{"a.exe", mz, "attach.type"},
		{"a", pdf, "attach.type"},
		{"a.svg", svg, "attach.type"},
		{"a.html", "<html>", "attach.type"},
		{"a.zip", string(zipped(t, "x", "y")), "attach.type"},
		{"a.pdf.exe", pdf, "attach.type"},
		{"a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "attach.old_office"},
		{"a.docm", macro, "attach.macro"},
		{"a.pdf", mz, "attach.lies"},
		{"a.pdf", svg, "attach.lies"},
		{"a.pdf", "<html>%PDF-1.7 %%EOF", "attach.lies"},
		{"a.pdf", "%PDF-1.7 cut off", "attach.torn"},
		{"a.pdf", string(pngOf(t)), "attach.lies"},
		{"a.png", string(jpegOf(t, 4, 4)), "attach.lies"},
		{"a.jpg", "\xff\xd8\xff<script>alert(1)</script>", "attach.lies"},
		{"a.png", "\x89PNG\r\n\x1a\n<script>", "attach.lies"},
		{"a.png", string(hugePNG(t)), "attach.pixels"},
		{"a.webp", "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\x00\x00", "attach.pixels"},
		{"a.webp", "RIFF\x00\x00\x00\x00WEBPVP8 short", "attach.lies"},
		{"a.docx", string(zipped(t, "[Content_Types].xml", xlsxTypes)), "attach.lies"},
		{"a.docx", string(zipped(t, "word/document.xml", "<w/>")), "attach.lies"},
		{"a.docx", "PK\x03\x04 and nothing more", "attach.torn"},
		{"a.docx", macro, "attach.macro"},
		{"a.docx", string(zipped(t, "[Content_Types].xml", docmTypes)), "attach.macro"},
		{"a.docx", string(zipped(t, "[Content_Types].xml", docxTypes, `word\activeX\activeX1.xml`, "x")), "attach.macro"},
		{"a.xlsx", string(zipped(t, "[Content_Types].xml", xlsxTypes, "xl/macrosheets/sheet1.xml", "x")), "attach.macro"},
		{"a.ods", string(zipped(t, "mimetype", string(ODS), "Basic/Standard/Module1.xml", "x")), "attach.macro"},
		{"a.odt", string(zipped(t, "mimetype", "application/vnd.oasis.opendocument.presentation")), "attach.lies"},
		{"a.docx", string(zipped(t, "[Content_Types].xml", docxTypes, "word/document.xml", strings.Repeat("a", 4<<20))), "attach.bomb"},
		{"a.docx", string(liar(t)), "attach.torn"},
		{"a.csv", "code,name\n1,\x00\n", "attach.lies"},
		{"a.csv", " \r\n<!DOCTYPE html><p>", "attach.lies"},
		{"a.txt", "#!/bin/sh\nrm -rf /\n", "attach.lies"},
		{"a.txt", "X\xf7 Thanh N\xf8a", "attach.not_utf8"},
		{"a.txt", "đứt giữa chữ \xe1\xbb", "attach.not_utf8"},
		{"a.txt", pdf, "attach.lies"},
		{"a.mp3", "\xff\xd8\xff\xe0", "attach.lies"},
		{"a.m4a", "not sound", "attach.lies"},
	} {
		got, err := check(strings.NewReader(tc.content), int64(len(tc.content)), tc.file, all())
		if err == nil {
			t.Errorf("%s %.20q: taken as %s; want %s", tc.file, tc.content, got, tc.key)
			continue
		}
		if key := errs.MsgOf(err).Key; key != tc.key {
			t.Errorf("%s %.20q: %v; want %s", tc.file, tc.content, err, tc.key)
		}
		if name := errs.MsgOf(err).Args["name"]; name != tc.file {
			t.Errorf("%s: the message names %v", tc.file, name)
		}
	}
}

func TestNotAllowedHere(t *testing.T) {
	t.Parallel()
	_, err := check(strings.NewReader(pdf), int64(len(pdf)), "a.pdf", Images)
	if errs.MsgOf(err).Key != "attach.type" {
		t.Errorf("got %v", err)
	}
	if got := Signed.Accept(); got != ".pdf,.jpg,.jpeg,.png,.webp" {
		t.Errorf("accept %q", got)
	}
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Kế hoạch 12.pdf":                    "Kế hoạch 12.pdf",
		"Ke\u0302\u0301 hoa\u0323ch.pdf":     "Kế hoạch.pdf",
		`C:\Users\An\Desktop\ảnh.jpg`:        "ảnh.jpg",
		"../../etc/passwd":                   "passwd",
		"a/../b.pdf":                         "b.pdf",
		"..":                                 "tep",
		"":                                   "tep",
		"  a  \t b .pdf":                     "a b.pdf",
		"a\x00b\r\nSet-Cookie: x.pdf":        "abSet-Cookie- x.pdf",
		"anh\u202Egpj.exe":                   "anhgpj.exe",
		`"; filename="x.html`:                "-; filename=-x.html",
		"bad\xffutf8.pdf":                    "badutf8.pdf",
		"a." + strings.Repeat("x", 40):       "a." + strings.Repeat("x", 40),
		strings.Repeat("đ", 300) + ".docx":   strings.Repeat("đ", 87) + ".docx",
		strings.Repeat("a", 200) + ". .xlsx": strings.Repeat("a", 175) + ".xlsx",
	} {
		if got := cleanName(in); got != want {
			t.Errorf("%q became %q; want %q", in, got, want)
		}
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	f := File{SHA256: "ab", Type: PDF, Name: `Kế hoạch "648" (bản ký).pdf`}
	h := f.Header(false)
	want := `attachment; filename="ke-hoach-648-ban-ky.pdf"; filename*=UTF-8''K%E1%BA%BF%20ho%E1%BA%A1ch%20%22648%22%20%28b%E1%BA%A3n%20k%C3%BD%29.pdf`
	if h["Content-Disposition"] != want {
		t.Errorf("got  %s\nwant %s", h["Content-Disposition"], want)
	}
	if h["X-Content-Type-Options"] != "nosniff" || !strings.Contains(h["Content-Security-Policy"], "sandbox") {
		t.Errorf("headers %v", h)
	}
	if got := f.Header(true)["Content-Disposition"]; !strings.HasPrefix(got, "inline;") {
		t.Errorf("PDF asked inline: %s", got)
	}
	for _, kind := range []Type{DOCX, XLSX, ODT, ODS, CSV, Plain, M4A} {
		got := File{Type: kind, Name: "a"}.Header(true)
		if !strings.HasPrefix(got["Content-Disposition"], "attachment;") || !strings.Contains(got["Content-Security-Policy"], "sandbox") {
			t.Errorf("%s asked inline: %v", kind, got)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{pdf, webp, m4a, "a,b\n", string(pngOf(f)), string(zipped(f, "[Content_Types].xml", docxTypes))} {
		f.Add(s, "x.docx")
		f.Add(s, "x.csv")
	}
	f.Fuzz(func(t *testing.T, content, name string) {
		clean := cleanName(name)
		if strings.ContainsAny(clean, "/\\\x00\r\n") || clean == "" || len(clean) > maxName+16 {
			t.Errorf("%q became %q", name, clean)
		}
		kind, err := check(strings.NewReader(content), int64(len(content)), clean, all())
		if err == nil && kind == "" {
			t.Error("taken without a type")
		}
		if err != nil && errs.KindOf(err) == errs.Internal {
			t.Errorf("a file that somebody sent is not a fault of ours: %v", err)
		}
	})
}
