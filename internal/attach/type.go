package attach

import (
	"archive/zip"
	"bytes"
	"errors"
	"image"
	_ "image/jpeg" // sizes of pictures
	_ "image/png"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"dinh/internal/errs"
)

// Type is a media type that a file may have.
type Type string

// The types that can be stored.
const (
	PDF   Type = "application/pdf"
	DOCX  Type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	XLSX  Type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	ODT   Type = "application/vnd.oasis.opendocument.text"
	ODS   Type = "application/vnd.oasis.opendocument.spreadsheet"
	JPEG  Type = "image/jpeg"
	PNG   Type = "image/png"
	WebP  Type = "image/webp"
	CSV   Type = "text/csv"
	Plain Type = "text/plain"
	M4A   Type = "audio/mp4"
	OGG   Type = "audio/ogg"
	MP3   Type = "audio/mpeg"
)

// Types is a choice of types that a form takes.
type Types []Type

// The usual choices.
var (
	Images    = Types{JPEG, PNG, WebP}
	Documents = Types{PDF, DOCX, XLSX, ODT, ODS, JPEG, PNG, WebP, CSV, Plain}
	Signed    = Types{PDF, JPEG, PNG, WebP} // a signed paper, scanned or signed digitally
	Tables    = Types{XLSX, ODS, CSV}
	Audio     = Types{M4A, OGG, MP3}
)

// extensions are the endings of names by type; the first is the one for the attribute "accept" and for messages.
var extensions = map[Type][]string{
	PDF: {"pdf"}, DOCX: {"docx"}, XLSX: {"xlsx"}, ODT: {"odt"}, ODS: {"ods"}, JPEG: {"jpg", "jpeg"}, PNG: {"png"}, WebP: {"webp"},
	CSV: {"csv"}, Plain: {"txt"}, M4A: {"m4a"}, OGG: {"ogg", "oga", "opus"}, MP3: {"mp3"},
}

// Accept is the value of a file field's attribute "accept".
func (ts Types) Accept() string {
	var out []string
	for _, t := range ts {
		for _, e := range extensions[t] {
			out = append(out, "."+e)
		}
	}
	return strings.Join(out, ",")
}

// Names lists the endings for people: PDF, DOCX, JPG.
func (ts Types) Names() []string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = strings.ToUpper(extensions[t][0])
	}
	return out
}

func byExtension(ext string) (Type, bool) {
	for t, es := range extensions {
		if slices.Contains(es, ext) {
			return t, true
		}
	}
	return "", false
}

// Bounds of what is looked into.
const (
	maxUnzipped = 512 << 20 // bytes in all parts of an office document
	maxParts    = 10_000
	maxRatio    = 500 // unpacked to packed, for parts of more than 1 MiB
	maxPixels   = 100_000_000
)

// check finds out what the file really is and refuses it where that is not what its name says, not allowed, or dangerous.
func check(r io.ReaderAt, size int64, name string, allow Types) (Type, error) {
	ext := strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".")
	said, known := byExtension(ext)
	if size == 0 {
		return "", errs.E(errs.Invalid, "attach.empty", "name", name)
	}
	switch ext {
	case "docm", "xlsm", "dotm", "xltm", "xlam", "pptm":
		return "", errs.E(errs.Invalid, "attach.macro", "name", name)
	case "doc", "xls":
		return "", errs.E(errs.Invalid, "attach.old_office", "name", name)
	}
	if !known || !slices.Contains(allow, said) {
		return "", errs.E(errs.Invalid, "attach.type", "name", name, "types", allow.Names())
	}
	is, err := sniff(r, size, said)
	if err != nil {
		if e, ok := errors.AsType[*errs.Error](err); ok {
			e.Msg.Args = map[string]any{"name": name}
			return "", e
		}
		return "", errs.Wrap(errs.Invalid, err, "attach.lies", "name", name, "ext", strings.ToUpper(ext))
	}
	if is != said {
		return "", errs.E(errs.Invalid, "attach.lies", "name", name, "ext", strings.ToUpper(ext))
	}
	return is, nil
}

var errUnknown = errors.New("attach: type not recognised")

// sniff tells the type from the content alone; said only chooses between the two kinds of text.
func sniff(r io.ReaderAt, size int64, said Type) (Type, error) {
	head := make([]byte, min(size, 4096))
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	head = head[:n]
	has := func(at int, magic string) bool {
		return len(head) >= at+len(magic) && string(head[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "%PDF-1.") || has(0, "%PDF-2."):
		return PDF, pdfEnds(r, size)
	case has(0, "\xff\xd8\xff"):
		return JPEG, picture(r, size)
	case has(0, "\x89PNG\r\n\x1a\n"):
		return PNG, picture(r, size)
	case has(0, "RIFF") && has(8, "WEBPVP8"):
		return WebP, webpSize(head)
	case has(0, "PK\x03\x04"):
		return office(r, size)
	case has(0, "OggS"):
		return OGG, nil
	case has(4, "ftyp") && (has(8, "M4A ") || has(8, "mp42") || has(8, "isom") || has(8, "iso5")):
		return M4A, nil
	case has(0, "ID3") || len(head) > 2 && head[0] == 0xff && head[1]&0xe6 == 0xe2: // an MPEG frame of layer III
		return MP3, nil
	case said == CSV || said == Plain:
		return said, text(r, size)
	}
	return "", errUnknown
}

func pdfEnds(r io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, 4096))
	_, err := r.ReadAt(tail, size-int64(len(tail)))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Contains(tail, []byte("%%EOF")) {
		return errs.E(errs.Invalid, "attach.torn")
	}
	return nil
}

func picture(r io.ReaderAt, size int64) error {
	c, _, err := image.DecodeConfig(io.NewSectionReader(r, 0, size))
	if err != nil {
		return errUnknown
	}
	return pixels(c.Width, c.Height)
}

func pixels(w, h int) error {
	if w <= 0 || h <= 0 || int64(w)*int64(h) > maxPixels {
		return errs.E(errs.TooLarge, "attach.pixels")
	}
	return nil
}

// webpSize reads width and height from the three forms of a WebP head.
func webpSize(b []byte) error {
	if len(b) < 30 {
		return errUnknown
	}
	u24 := func(at int) int { return int(b[at]) | int(b[at+1])<<8 | int(b[at+2])<<16 }
	switch string(b[12:16]) {
	case "VP8X":
		return pixels(u24(24)+1, u24(27)+1)
	case "VP8L":
		bits := u24(21) | int(b[24])<<24
		return pixels(bits&0x3fff+1, bits>>14&0x3fff+1)
	case "VP8 ":
		return pixels(u24(26)&0x3fff, (int(b[28])|int(b[29])<<8)&0x3fff)
	}
	return errUnknown
}

// office looks into a zip: which kind of document it is, that it carries no macros, and that it does not unpack to far more than it is. The parts are
// unpacked and counted, not believed.
func office(r io.ReaderAt, size int64) (Type, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return "", errs.Wrap(errs.Invalid, err, "attach.torn")
	}
	if len(z.File) > maxParts {
		return "", errs.E(errs.TooLarge, "attach.bomb")
	}
	var declared uint64
	var kind Type
	for _, f := range z.File {
		declared += f.UncompressedSize64
		if declared > maxUnzipped || f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/maxRatio > f.CompressedSize64 {
			return "", errs.E(errs.TooLarge, "attach.bomb")
		}
		name := strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(f.Name, `\`, "/")), "/"))
		dir, base := path.Split(name)
		switch {
		case base == "vbaproject.bin", base == "vbadata.xml", strings.Contains(dir, "activex/"), strings.Contains(dir, "macrosheets/"), strings.Contains(dir, "dialogsheets/"),
			strings.HasPrefix(name, "basic/"), strings.HasPrefix(name, "scripts/"), strings.HasPrefix(name, "dialogs/"):
			return "", errs.E(errs.Invalid, "attach.macro")
		}
	}
	left := int64(maxUnzipped)
	for _, f := range z.File {
		part, err := unpack(f, &left)
		if err != nil {
			return "", err
		}
		switch f.Name {
		case "mimetype":
			if t := Type(strings.TrimSpace(string(part))); t == ODT || t == ODS {
				kind = t
			}
		case "[Content_Types].xml":
			if bytes.Contains(bytes.ToLower(part), []byte("macroenabled")) {
				return "", errs.E(errs.Invalid, "attach.macro")
			}
			switch {
			case bytes.Contains(part, []byte(DOCX+".main+xml")):
				kind = DOCX
			case bytes.Contains(part, []byte(XLSX+".main+xml")):
				kind = XLSX
			}
		}
	}
	if kind == "" {
		return "", errUnknown
	}
	return kind, nil
}

// unpack reads a part to its end, which checks its sum, and gives the start of it.
func unpack(f *zip.File, left *int64) ([]byte, error) {
	rc, err := f.Open()
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "attach.torn")
	}
	defer rc.Close()
	var start bytes.Buffer
	_, err = io.CopyN(&start, rc, 64<<10)
	n := int64(start.Len())
	if err == nil {
		var more int64
		more, err = io.Copy(io.Discard, io.LimitReader(rc, *left-n+1))
		n += more
	} else if errors.Is(err, io.EOF) {
		err = nil
	}
	*left -= n
	if *left < 0 {
		return nil, errs.E(errs.TooLarge, "attach.bomb")
	}
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "attach.torn")
	}
	return start.Bytes(), nil
}

// text refuses what is no text or is text that a browser or a shell would run.
func text(r io.ReaderAt, size int64) error {
	buf := make([]byte, 32<<10)
	head := true
	var rest []byte // a character cut by the end of the last piece
	for at := int64(0); at < size; {
		n, err := r.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) || n == 0 {
			return errUnknown
		}
		at += int64(n)
		piece := slices.Concat(rest, buf[:n])
		if head {
			head = false
			start := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(piece, []byte("\uFEFF")), " \t\r\n"))
			for _, bad := range []string{"<!doctype", "<html", "<svg", "<script", "<head", "<body", "<?xml", "<?php", "#!", "mz\x90"} {
				if bytes.HasPrefix(start, []byte(bad)) {
					return errUnknown
				}
			}
		}
		if bytes.IndexByte(piece, 0) >= 0 {
			return errUnknown
		}
		for len(piece) > 0 {
			c, w := utf8.DecodeRune(piece)
			if c == utf8.RuneError && w == 1 {
				if !utf8.FullRune(piece) && at < size {
					break
				}
				return errs.E(errs.Invalid, "attach.not_utf8")
			}
			if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' {
				return errUnknown
			}
			piece = piece[w:]
		}
		rest = piece
	}
	return nil
}
