package document

import (
	"strings"
	"sync"

	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The page: A4, margins and sizes as the decree has them. Lengths are in millimetres, sizes in points.
const (
	PageWidth    = 210.0
	PageHeight   = 297.0
	MarginTop    = 20.0
	MarginBottom = 20.0
	MarginLeft   = 30.0
	MarginRight  = 15.0
	Indent       = 12.7 // of a first line

	BodySize   = 14.0
	HeadSize   = 12.0 // country, bodies
	MottoSize  = 13.0
	NumberSize = 13.0 // and the date
	LetterSize = 12.0 // the subject of a letter
	SentHead   = 12.0 // "Nơi nhận:"
	SentSize   = 11.0
	TableSize  = 13.0
	SmallSize  = 9.0 // beside the QR code
	PageNoSize = 13.0

	HeadLeft  = 72.0 // width of the column of the bodies; the country has the rest
	HeadInset = 2.0  // on both sides of the bodies, so that they do not touch the country
	EndLeft   = 75.0 // width of the column of the recipients; the signature has the rest
	QRSide    = 20.0
	SignSpace = 26.0 // for signature and seal
	LineSpace = 1.1  // of the face's own line
	ParaSpace = 6.0  // points after a paragraph
)

// Face is the face of papers; programs without it take one with the same widths.
const Face = "Times New Roman"

type measure struct {
	font *sfnt.Font
	em   fixed.Int26_6
}

func load(ttf []byte) func() measure {
	return sync.OnceValue(func() measure {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			panic("document: the face that comes with the program: " + err.Error())
		}
		return measure{f, fixed.Int26_6(f.UnitsPerEm())}
	})
}

var (
	regular = load(liberationserifregular.TTF)
	bold    = load(liberationserifbold.TTF)
)

// Width is the length of a line of text in millimetres, in the face of papers at a size in points.
func Width(s string, size float64, isBold bool) float64 {
	m := regular()
	if isBold {
		m = bold()
	}
	var buf sfnt.Buffer
	sum := fixed.Int26_6(0)
	for _, r := range s {
		g, err := m.font.GlyphIndex(&buf, r)
		if err != nil {
			continue
		}
		a, err := m.font.GlyphAdvance(&buf, g, m.em, font.HintingNone)
		if err == nil {
			sum += a
		}
	}
	return float64(sum) / float64(m.em) * size * MM
}

// MM is a point in millimetres.
const MM = 25.4 / 72

// Lines breaks a centred text into as few lines as fit into a width, of about equal length, so that no word stands alone on the last one. A line break in the text stays.
func Lines(text string, size float64, isBold bool, width float64) []string {
	var out []string
	for part := range strings.SplitSeq(text, "\n") {
		out = append(out, balance(strings.FieldsFunc(part, func(r rune) bool { return r == ' ' }), size, isBold, width)...) // not at spaces that keep words together
	}
	return out
}

func balance(words []string, size float64, isBold bool, width float64) []string {
	fit := func(width float64) []string {
		var out []string
		line := ""
		for _, w := range words {
			longer := strings.TrimPrefix(line+" "+w, " ")
			if line != "" && Width(longer, size, isBold) > width {
				out = append(out, line)
				longer = w
			}
			line = longer
		}
		if line != "" {
			out = append(out, line)
		}
		return out
	}
	best := fit(width)
	if len(best) < 2 {
		return best
	}
	low, high := width/float64(len(best)), width
	for high-low > 1 {
		mid := (low + high) / 2
		if lines := fit(mid); len(lines) == len(best) {
			best, high = lines, mid
		} else {
			low = mid
		}
	}
	return best
}

// RuleLength is the length in millimetres of the line below a name or subject that stands in a column of a width: between a third and half of its longest line.
func RuleLength(text string, size, width float64) float64 {
	longest := 0.0
	for _, l := range Lines(text, size, true, width) {
		longest = max(longest, min(Width(l, size, true), width))
	}
	return longest * 0.42
}
