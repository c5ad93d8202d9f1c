// Package pdf writes papers as PDF, in a free face with the widths of the usual one, of which a file holds the letters that it uses: text that can be selected and searched, with
// language and title. Equal papers are equal files.
package pdf

import (
	"bytes"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifbolditalic"
	"github.com/go-fonts/liberation/liberationserifitalic"
	"github.com/go-fonts/liberation/liberationserifregular"

	"dinh/internal/document"
	"dinh/internal/i18n"
)

// ContentType is the media type of the files.
const ContentType = "application/pdf"

const (
	mm   = 72 / 25.4 // points in a millimetre
	line = 1.149     // the face's own line, of its size
	face = "p"
)

// Write writes the paper. It fails where the paper is faulty (see document.Paper.Check) and with the errors of w.
func Write(w io.Writer, p *document.Paper) error {
	if err := p.Check(); err != nil {
		return err
	}
	f := fpdf.New("P", "pt", "A4", "")
	f.SetCatalogSort(true)
	f.SetCreationDate(p.Stamp())
	f.SetModificationDate(p.Stamp())
	f.SetTitle(p.Name(), true)
	f.SetAuthor(p.Writer(), true)
	f.SetSubject(p.Subject, true)
	f.SetCreator("Dinh", true)
	f.SetProducer("Dinh", true)
	f.SetLang(p.Language())
	f.SetDisplayMode("fullwidth", "continuous")
	f.SetAutoPageBreak(false, 0)
	f.SetMargins(0, 0, 0)
	f.SetCellMargin(0)
	f.SetLineWidth(0.5)
	d := &page{f: f, p: p, widths: map[key]float64{}}
	d.write()
	return f.Output(w)
}

// A style is the face and size of a piece of text.
type style struct {
	bold, italic bool
	size         float64
}

func (s style) name() string {
	out := ""
	if s.bold {
		out = "B"
	}
	if s.italic {
		out += "I"
	}
	return out
}

// leading is the distance of lines in text.
func (s style) leading() float64 { return s.size * line * document.LineSpace }

type key struct {
	text string
	style
}

// page is the page that is being written and what is known of the whole.
type page struct {
	f      *fpdf.Fpdf
	p      *document.Paper
	widths map[key]float64
	loaded [4]bool
	now    style

	y             float64 // where the next line begins
	left, right   float64 // the margins' places
	top, bottom   float64
	landscape     bool
	number        int     // of the page in its section
	reserve       float64 // what must stay with the last lines of the body
	closing       bool    // the last block is being written
	width, height float64
}

// use selects a face; each is read from its file when it is first needed. fpdf writes into the bytes that it is given, so it gets a copy.
func (d *page) use(s style) {
	if s == d.now {
		return
	}
	i := 0
	if s.bold {
		i++
	}
	if s.italic {
		i += 2
	}
	if !d.loaded[i] {
		d.loaded[i] = true
		d.f.AddUTF8FontFromBytes(face, s.name(), bytes.Clone([][]byte{liberationserifregular.TTF, liberationserifbold.TTF, liberationserifitalic.TTF, liberationserifbolditalic.TTF}[i]))
	}
	d.f.SetFont(face, s.name(), s.size)
	d.now = s
}

// measure is the width of a piece of text.
func (d *page) measure(text string, s style) float64 {
	k := key{text, s}
	w, ok := d.widths[k]
	if !ok {
		d.use(s)
		w = d.f.GetStringWidth(text)
		d.widths[k] = w
	}
	return w
}

// put prints a piece of text whose letters stand on the line y.
func (d *page) put(x, y float64, text string, s style) {
	d.use(s)
	d.f.Text(x, y, text)
}

// clean makes text what the writer of PDF can take: composed letters, no control characters, nothing beyond the plane that the face has.
func clean(s string) string {
	s = i18n.NFC(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < 0x20 && r != '\n', r == 0x7f, r >= 0x200B && r <= 0x200F, r == 0xFEFF:
			return -1
		case r > 0xFFFE:
			return '\uFFFD'
		}
		return r
	}, s)
}

func (d *page) write() {
	d.section(false)
	d.add()
	d.head()
	d.opening()
	d.body(d.p.Blocks, true)
	d.end()
	for i, a := range d.p.Annexes {
		d.section(a.Landscape)
		d.add()
		d.f.Bookmark(clean(d.p.AnnexLabel(i)+" "+a.Title), 0, d.y)
		d.centre(d.p.AnnexLabel(i), style{bold: true, size: document.BodySize})
		if a.Title != "" {
			d.centre(document.Upper(a.Title), style{bold: true, size: document.BodySize})
		}
		note := d.p.AnnexNote(i)
		d.centre(note, style{italic: true, size: document.BodySize})
		d.rule((d.left+d.right)/2, min(d.measure(note, style{italic: true, size: document.BodySize}), d.right-d.left)/3)
		d.y += 8
		d.body(a.Blocks, false)
	}
}

// section begins a part of the paper that counts its own pages.
func (d *page) section(landscape bool) {
	d.landscape, d.number = landscape, 0
	d.width, d.height = document.PageWidth*mm, document.PageHeight*mm
	left, top, right, bottom := document.MarginLeft, document.MarginTop, document.MarginRight, document.MarginBottom
	if landscape {
		d.width, d.height = d.height, d.width
		left, top, right, bottom = bottom, left, top, right // the sheet is turned, its margins with it
	}
	d.left, d.top, d.right, d.bottom = left*mm, top*mm, d.width-right*mm, d.height-bottom*mm
}

// add begins a page; from the second on it has its number.
func (d *page) add() {
	o := "P"
	if d.landscape {
		o = "L"
	}
	d.f.AddPageFormat(o, fpdf.SizeType{Wd: document.PageWidth * mm, Ht: document.PageHeight * mm})
	d.now = style{} // the new page knows no face
	d.number++
	if d.number > 1 {
		s := style{size: document.PageNoSize}
		n := pageNumber(d.number)
		d.put((d.left+d.right-d.measure(n, s))/2, d.top-6*mm, n, s)
	}
	d.y = d.top
}

// need begins a new page where less than h is left.
func (d *page) need(h float64) {
	if d.y+h > d.bottom+0.1 && d.y > d.top {
		d.add()
	}
}

// rule draws a line of a length around the middle x, below what was written last.
func (d *page) rule(x, length float64) {
	d.y += 3
	d.f.SetLineWidth(0.75)
	d.f.Line(x-length/2, d.y, x+length/2, d.y)
	d.f.SetLineWidth(0.5)
	d.y++
}
