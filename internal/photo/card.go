package photo

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"strings"
	"unicode"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"rsc.io/qr"

	"dinh/internal/i18n"
)

// CardText is what stands on a picture for chat groups. All of it is public.
type CardText struct {
	Heading string // small, above: "Dân biết", "Thông báo niêm yết"
	Title   string // up to six lines; what is longer is cut
	Unit    string
	Days    string // "Niêm yết từ 20/4 đến 20/5/2021"
	Short   string // the short address as people type it: dinh.example/n/7KQ2M
	Link    string // what the QR code holds; the whole address
	Alt     string // a line beside the code: "Quét mã để đọc toàn văn"
}

const (
	cardSide = 1080
	margin   = 72
	qrSide   = 336
	maxTitle = 6 // lines
)

// The colours of the pages.
var (
	paper = color.RGBA{0xfa, 0xf8, 0xf4, 0xff}
	ink   = color.RGBA{0x23, 0x1c, 0x18, 0xff}
	pale  = color.RGBA{0x5c, 0x52, 0x4b, 0xff}
	brand = color.RGBA{0x7a, 0x1d, 0x20, 0xff}
	gold  = color.RGBA{0xe3, 0xb8, 0x66, 0xff}
)

// Card draws a picture of 1080 × 1080 pixels for a chat group, as PNG: heading, unit, title, days, short address and a QR code that can be read from the
// screen of another phone. Characters that the font lacks are left out. It fails where Link does not fit into a code, and with the errors of w.
func Card(w io.Writer, c CardText) error {
	bold, err := opentype.Parse(liberationsansbold.TTF)
	if err != nil {
		return err
	}
	plain, err := opentype.Parse(liberationsansregular.TTF)
	if err != nil {
		return err
	}
	if c.Link == "" {
		return errors.New("photo: a card without a link")
	}
	code, err := qr.Encode(c.Link, qr.M)
	if err != nil {
		return err
	}
	img := image.NewRGBA(image.Rect(0, 0, cardSide, cardSide))
	fill := func(r image.Rectangle, col color.Color) {
		draw.Draw(img, r, image.NewUniform(col), image.Point{}, draw.Src)
	}
	fill(img.Rect, paper)
	fill(image.Rect(0, 0, cardSide, 132), brand)
	fill(image.Rect(0, 132, cardSide, 140), gold)

	d := &drawing{img: img}
	wide := fixed.I(cardSide - 2*margin)
	d.line(bold, 44, margin, 82, wide, c.Heading, color.White)
	d.line(bold, 36, margin, 214, wide, c.Unit, brand)

	title := d.title(bold, c.Title, wide)
	y := 236
	for _, l := range title.lines {
		y += title.step
		d.draw(title.face, margin, y, l, ink)
	}

	// The code at the lower left, words beside it.
	top := cardSide - margin - qrSide
	fill(image.Rect(margin, top, margin+qrSide, top+qrSide), color.White)
	n := code.Size + 8 // with four modules of rest around
	module := qrSide / n
	from := (qrSide - module*code.Size) / 2
	for qy := range code.Size {
		for qx := range code.Size {
			if code.Black(qx, qy) {
				x0, y0 := margin+from+qx*module, top+from+qy*module
				fill(image.Rect(x0, y0, x0+module, y0+module), color.Black)
			}
		}
	}
	left := margin + qrSide + 40
	narrow := fixed.I(cardSide - margin - left)
	y = top + 40
	for _, p := range []struct {
		f    *sfnt.Font
		size float64
		s    string
		col  color.Color
		max  int
	}{{bold, 36, c.Days, ink, 3}, {plain, 32, c.Alt, pale, 3}, {bold, 38, c.Short, brand, 2}} {
		s, size := clean(p.f, p.s), p.size
		face := d.face(p.f, size)
		for face != nil && size > 0.7*p.size && !strings.Contains(s, " ") && font.MeasureString(face, s) > narrow { // an address is not broken while it can be read
			size -= 2
			face = d.face(p.f, size)
		}
		for _, l := range wrap(face, s, narrow, p.max) {
			d.draw(face, left, y, l, p.col)
			y += int(p.size * 1.35)
		}
		y += 18
	}
	if d.err != nil {
		return d.err
	}
	return png.Encode(w, paletted(img))
}

// drawing is a picture on which words are drawn; it remembers the first error.
type drawing struct {
	img *image.RGBA
	err error
}

func (d *drawing) face(f *sfnt.Font, size float64) font.Face {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		d.err = errors.Join(d.err, err)
		return nil
	}
	return face
}

func (d *drawing) draw(face font.Face, x, y int, s string, col color.Color) {
	if face == nil {
		return
	}
	(&font.Drawer{Dst: d.img, Src: image.NewUniform(col), Face: face, Dot: fixed.P(x, y)}).DrawString(s)
}

// line draws one line, made smaller where it is too long, and cut where that is not enough.
func (d *drawing) line(f *sfnt.Font, size float64, x, y int, width fixed.Int26_6, s string, col color.Color) {
	s = clean(f, s)
	for try := size; try >= size*0.6; try -= 2 {
		face := d.face(f, try)
		if face == nil {
			return
		}
		if lines := wrap(face, s, width, 1); try-2 < size*0.6 || font.MeasureString(face, s) <= width {
			for _, l := range lines {
				d.draw(face, x, y, l, col)
			}
			return
		}
	}
}

// set is a title as it fits.
type set struct {
	face  font.Face
	lines []string
	step  int
}

// title finds the largest type in which the title fits.
func (d *drawing) title(f *sfnt.Font, s string, width fixed.Int26_6) set {
	s = clean(f, s)
	const room = cardSide - margin - qrSide - 236 - 40
	for size := 76.0; ; size -= 4 {
		face := d.face(f, size)
		if face == nil {
			return set{}
		}
		step := int(size * 1.32) // stacked marks: Ễ, ộ
		most := min(maxTitle, room/step)
		lines := wrap(face, s, width, most+1)
		if len(lines) <= most || size <= 44 {
			return set{face, wrap(face, s, width, most), step}
		}
	}
}

// clean brings text to one line of characters that the font has.
func clean(f *sfnt.Font, s string) string {
	var buf sfnt.Buffer
	s = strings.Join(strings.Fields(i18n.NFC(s)), " ")
	if len(s) > 2000 {
		s = strings.ToValidUTF8(s[:2000], "")
	}
	return strings.Map(func(r rune) rune {
		if n, err := f.GlyphIndex(&buf, r); err != nil || n == 0 || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

// wrap breaks text into at most most lines; the last ends with … where there was more. A word that is wider than a line is broken.
func wrap(face font.Face, s string, width fixed.Int26_6, most int) []string {
	if face == nil || most < 1 {
		return nil
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		try := strings.TrimPrefix(line+" "+word, " ")
		if font.MeasureString(face, try) <= width {
			line = try
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for font.MeasureString(face, word) > width && len(lines) <= most {
			n := 0
			for i := range word {
				if i > 0 && font.MeasureString(face, word[:i]) > width {
					break
				}
				n = i
			}
			if n == 0 {
				break
			}
			lines = append(lines, word[:n])
			word = word[n:]
		}
		line = word
		if len(lines) > most {
			break
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) <= most {
		return lines
	}
	last := []rune(lines[most-1])
	for len(last) > 0 && font.MeasureString(face, string(last)+"…") > width {
		last = last[:len(last)-1]
	}
	lines[most-1] = strings.TrimRight(string(last), " ,;:.–-") + "…"
	return lines[:most]
}

// paletted makes the picture small: the few colours and what lies between each and what it stands on.
func paletted(img *image.RGBA) image.Image {
	var p color.Palette
	const steps = 16
	for _, pair := range [][2]color.RGBA{
		{paper, ink}, {paper, brand}, {paper, pale}, {brand, {0xff, 0xff, 0xff, 0xff}}, {{0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 0xff}}, {gold, gold},
	} {
		for i := range steps {
			mix := func(a, b uint8) uint8 { return uint8((int(a)*(steps-1-i) + int(b)*i) / (steps - 1)) }
			p = append(p, color.RGBA{mix(pair[0].R, pair[1].R), mix(pair[0].G, pair[1].G), mix(pair[0].B, pair[1].B), 0xff})
			if pair[0] == pair[1] {
				break
			}
		}
	}
	out := image.NewPaletted(img.Rect, p)
	known := map[color.RGBA]uint8{}
	last, n := color.RGBA{}, uint8(0)
	for i := range out.Pix { // both pictures have cardSide pixels in a row
		q := img.Pix[4*i : 4*i+4 : 4*i+4]
		if c := (color.RGBA{q[0], q[1], q[2], q[3]}); c != last {
			var ok bool
			n, ok = known[c]
			if !ok {
				n = uint8(p.Index(c))
				known[c] = n
			}
			last = c
		}
		out.Pix[i] = n
	}
	return out
}
