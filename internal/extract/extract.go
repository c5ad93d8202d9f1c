// Package extract reads the text of PDF files, office documents and plain text for search and for checks, and tells what else such a file carries.
package extract

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The media types that Text reads; every type "text/…" is read as plain text too.
const (
	PDF   = "application/pdf"
	DOCX  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	XLSX  = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	ODT   = "application/vnd.oasis.opendocument.text"
	ODS   = "application/vnd.oasis.opendocument.spreadsheet"
	CSV   = "text/csv"
	Plain = "text/plain"
)

// What Text refuses.
var (
	ErrKind   = errors.New("extract: no text in files of this kind")
	ErrBroken = errors.New("extract: the file cannot be read")
	ErrTooBig = errors.New("extract: the file unpacks to more than allowed")
)

// Limits bound what is read of one file. Zero values are usable.
type Limits struct {
	Chars    int   // characters of text; default 2,000,000. What is behind them is left out, and Truncated says so
	Unpacked int64 // bytes of all parts and streams that are unpacked; default 256 MiB
	Entries  int   // entries of a zip; default 10,000
	Pages    int   // of a PDF; default 5,000
}

func (l Limits) defaults() Limits {
	if l.Chars <= 0 {
		l.Chars = 2_000_000
	}
	if l.Unpacked <= 0 {
		l.Unpacked = 256 << 20
	}
	if l.Entries <= 0 {
		l.Entries = 10_000
	}
	if l.Pages <= 0 {
		l.Pages = 5000
	}
	return l
}

// Result is what was found in a file.
type Result struct {
	Text      string // NFC; lines end with "\n", cells of a line are parted by tabs
	Truncated bool   // there is more text
	Macros    bool   // code of an office document
	Scripts   bool   // code or actions of a PDF, of an office document that runs on a server's or a link's word (DDE)
	External  bool   // data, pictures or templates that would be fetched from elsewhere; ordinary links are none
	Embedded  bool   // another file inside
	Encrypted bool   // a PDF with a password, also one that only forbids printing: Text is empty
	Pages     int    // of a PDF
	Scanned   bool   // a PDF without a letter that can be read: pictures of pages
}

// Text reads a file of the media type kind. It opens nothing, resolves no reference to anything outside of r, and ends soon after ctx does. Whatever the
// bytes are, memory stays in proportion to the limits. The errors are ErrKind, ErrBroken, ErrTooBig and those of ctx and r; the flags found before an error
// are given too.
func Text(ctx context.Context, r io.ReaderAt, size int64, kind string, lim Limits) (res Result, err error) {
	lim = lim.defaults()
	w := &writer{left: lim.Chars}
	defer func() {
		if x := recover(); x != nil { // a fault of ours in some strange file must not end a server
			err = fmt.Errorf("%w: panic: %v", ErrBroken, x)
		}
		if errors.Is(err, errTooMuch) {
			err = fmt.Errorf("%w: %w", ErrTooBig, err)
		}
		res.Text = norm.NFC.String(w.String())
		res.Truncated = w.cut
	}()
	switch kind {
	case PDF:
		err = pdfText(ctx, r, size, lim, &res, w)
	case DOCX, XLSX, ODT, ODS:
		err = officeText(ctx, r, size, kind, lim, &res, w)
	default:
		if !strings.HasPrefix(kind, "text/") {
			return res, fmt.Errorf("%w: %q", ErrKind, kind)
		}
		err = plainText(ctx, io.NewSectionReader(r, 0, size), w)
	}
	return res, err
}

func plainText(ctx context.Context, r io.Reader, w *writer) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for n := 0; ; n++ {
		c, width, err := in.ReadRune()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if c == utf8.RuneError && width == 1 || c == 0xfeff || c < ' ' && c != '\n' && c != '\t' {
			continue
		}
		if !w.rune(c) {
			return nil
		}
	}
}

// writer collects text up to its bound.
type writer struct {
	strings.Builder
	left int
	cut  bool
}

// write adds text; false says that the bound is reached.
func (w *writer) write(s string) bool {
	for _, c := range s {
		if !w.rune(c) {
			return false
		}
	}
	return true
}

func (w *writer) rune(c rune) bool {
	if w.left <= 0 {
		w.cut = true
		return false
	}
	w.left--
	w.WriteRune(c)
	return true
}
