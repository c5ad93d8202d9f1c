package extract

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

type matrix [6]float64

var ident = matrix{1, 0, 0, 1, 0, 0}

// mul is the matrix that does m first, then n.
func (m matrix) mul(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// state is what q keeps and Q brings back.
type state struct {
	ctm                                   matrix
	font                                  *font
	size, char, word, scale, lead, upward float64
}

// piece is text without a gap, in a frame turned so that its line is level.
type piece struct {
	turn      int // degrees by 5
	x, end, y float64
	size      float64
	s         []byte
}

// pageText collects the pieces of a page. Text is put together by where it stands, not by the order in which it was drawn: writers draw the letters of a
// second font, which for Vietnamese means half of all vowels, after the rest of the line.
type pageText struct {
	p      *pdfFile
	fonts  map[any]*font
	pieces []piece
	chars  int
	ops    int
	forms  int
	notes  []string // comments, in their order
}

const (
	maxPageChars = 500_000
	maxForms     = 2000 // of one page, each of its uses counted
	maxStates    = 256
)

func (t *pageText) page(d dict) error {
	var content []byte
	list := array{d["Contents"]}
	if a := t.p.array(d["Contents"]); a != nil {
		list = a
	}
	for _, c := range list[:min(len(list), 10_000)] {
		if s, ok := t.p.get(c).(stream); ok {
			b, err := t.p.data(s)
			if errors.Is(err, errTooMuch) {
				return err
			}
			content = append(append(content, b...), '\n')
		}
	}
	err := t.run(content, d["Resources"], ident, 0)
	if err != nil {
		return err
	}
	return t.annotations(d["Annots"])
}

// annotations reads what lies on the page: filled fields, signatures as they look, comments.
func (t *pageText) annotations(v any) error {
	list := t.p.array(v)
	for _, a := range list[:min(len(list), maxForms)] {
		d := t.p.dict(a)
		if d == nil {
			continue
		}
		look := t.p.get(t.p.dict(d["AP"])["N"])
		if states, ok := look.(dict); ok {
			state, _ := t.p.get(d["AS"]).(name)
			look = t.p.get(states[state])
		}
		if s, ok := look.(stream); ok {
			ctm := ident
			rect, box := t.p.array(d["Rect"]), t.p.array(s.dict["BBox"])
			if len(rect) == 4 && len(box) == 4 {
				ctm[4] = min(t.p.num(rect[0]), t.p.num(rect[2])) - min(t.p.num(box[0]), t.p.num(box[2]))
				ctm[5] = min(t.p.num(rect[1]), t.p.num(rect[3])) - min(t.p.num(box[1]), t.p.num(box[3]))
			}
			err := t.form(s, nil, ctm, 0)
			if err != nil {
				return err
			}
		} else if s, ok := t.p.get(d["V"]).(text); ok {
			t.notes = append(t.notes, said(s))
		}
		if s, ok := t.p.get(d["Contents"]).(text); ok && len(s) > 0 && (look == nil || d["Subtype"] != any(name("FreeText"))) {
			t.notes = append(t.notes, said(s))
		}
	}
	return nil
}

// said is a text string of a PDF.
func said(s text) string {
	switch {
	case strings.HasPrefix(string(s), "\xfe\xff"):
		u := make([]uint16, 0, len(s)/2)
		for i := 2; i+1 < len(s); i += 2 {
			u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
		}
		return string(utf16.Decode(u))
	case strings.HasPrefix(string(s), "\xef\xbb\xbf"):
		return strings.ToValidUTF8(string(s[3:]), "")
	}
	out, _ := charmap.Windows1252.NewDecoder().String(string(s)) // PDFDocEncoding but for some signs
	return out
}

// run interprets a content stream.
func (t *pageText) run(b []byte, resources any, ctm matrix, depth int) error {
	if t.p.work -= int64(len(b)); t.p.work < 0 {
		return errTooMuch
	}
	res := t.p.dict(resources)
	fonts, forms := t.p.dict(res["Font"]), t.p.dict(res["XObject"])
	l := &lexer{b: b}
	g := state{ctm: ctm, scale: 1}
	var kept []state
	var tm, line matrix
	var args []any
	num := func(i int) float64 {
		if i < len(args) {
			f, _ := args[i].(float64)
			return f
		}
		return 0
	}
	next := func(x, y float64) {
		line = matrix{1, 0, 0, 1, x, y}.mul(line)
		tm = line
	}
	show := func(v any) {
		if s, ok := v.(text); ok && g.font != nil {
			tm = t.show(&g, tm, s)
		}
	}
	for {
		v, err := l.value(0)
		if err != nil {
			return nil //nolint:nilerr // the end, or what cannot be read any further
		}
		op, ok := v.(word)
		if !ok {
			if len(args) < 64 {
				args = append(args, v)
			}
			continue
		}
		if t.ops++; t.ops%1024 == 0 {
			err := t.p.ctx.Err()
			if err != nil {
				return err
			}
		}
		switch op {
		case "q":
			if len(kept) < maxStates {
				kept = append(kept, g)
			}
		case "Q":
			if n := len(kept); n > 0 {
				g, kept = kept[n-1], kept[:n-1]
			}
		case "cm":
			g.ctm = matrix{num(0), num(1), num(2), num(3), num(4), num(5)}.mul(g.ctm)
		case "BT":
			tm, line = ident, ident
		case "Tf":
			if len(args) >= 2 {
				n, _ := args[0].(name)
				g.font, g.size = t.font(fonts[n]), num(1)
			}
		case "Tc":
			g.char = num(0)
		case "Tw":
			g.word = num(0)
		case "Tz":
			g.scale = num(0) / 100
		case "TL":
			g.lead = num(0)
		case "Ts":
			g.upward = num(0)
		case "Td":
			next(num(0), num(1))
		case "TD":
			g.lead = -num(1)
			next(num(0), num(1))
		case "Tm":
			tm = matrix{num(0), num(1), num(2), num(3), num(4), num(5)}
			line = tm
		case "T*":
			next(0, -g.lead)
		case "'":
			next(0, -g.lead)
			if len(args) > 0 {
				show(args[0])
			}
		case `"`:
			g.word, g.char = num(0), num(1)
			next(0, -g.lead)
			if len(args) > 2 {
				show(args[2])
			}
		case "Tj":
			if len(args) > 0 {
				show(args[0])
			}
		case "TJ":
			if len(args) > 0 {
				list, _ := args[0].(array)
				for _, v := range list {
					if f, ok := v.(float64); ok {
						tm = matrix{1, 0, 0, 1, -f / 1000 * g.size * g.scale, 0}.mul(tm)
						continue
					}
					show(v)
				}
			}
		case "Do":
			if len(args) > 0 {
				n, _ := args[0].(name)
				err := t.form(forms[n], resources, g.ctm, depth)
				if err != nil {
					return err
				}
			}
		case "BI":
			l.inlineImage()
		}
		args = args[:0]
	}
}

// form runs a form that the page shows.
func (t *pageText) form(v, resources any, ctm matrix, depth int) error {
	s, ok := t.p.get(v).(stream)
	if !ok || t.p.get(s.dict["Subtype"]) != any(name("Form")) || depth >= 12 {
		return nil
	}
	if t.forms++; t.forms > maxForms {
		return nil
	}
	b, err := t.p.data(s)
	if err != nil {
		if errors.Is(err, errTooMuch) {
			return err
		}
		return nil
	}
	if m := t.p.array(s.dict["Matrix"]); len(m) == 6 {
		var f matrix
		for i := range f {
			f[i] = t.p.num(m[i])
		}
		ctm = f.mul(ctm)
	}
	if s.dict["Resources"] != nil {
		resources = s.dict["Resources"]
	}
	return t.run(b, resources, ctm, depth+1)
}

// inlineImage skips the bytes of a picture within the content.
func (l *lexer) inlineImage() {
	for {
		v, err := l.value(0)
		if err != nil {
			return
		}
		if v == any(word("ID")) {
			break
		}
	}
	for {
		n := bytes.Index(l.b[l.i:], []byte("EI"))
		if n < 0 {
			l.i = len(l.b)
			return
		}
		at := l.i + n
		l.i = at + 2
		if at > 0 && space(l.b[at-1]) && (l.i >= len(l.b) || space(l.b[l.i])) {
			return
		}
	}
}

func (t *pageText) font(v any) *font {
	r, ok := v.(ref)
	if !ok {
		return t.p.font(v)
	}
	if f, ok := t.fonts[r]; ok {
		return f
	}
	f := t.p.font(v)
	if len(t.fonts) < 2000 {
		t.fonts[r] = f
	}
	return f
}

// show places the glyphs of a string and gives the text matrix behind them.
func (t *pageText) show(g *state, tm matrix, s text) matrix {
	g.font.glyphs(s, func(gl glyph) {
		at := matrix{g.size * g.scale, 0, 0, g.size, 0, g.upward}.mul(tm).mul(g.ctm)
		width := gl.w*g.size + g.char
		if gl.space {
			width += g.word
		}
		if gl.s != "" && t.chars < maxPageChars {
			t.chars += len(gl.s)
			t.glyph(at, gl)
		}
		tm = matrix{1, 0, 0, 1, width * g.scale, 0}.mul(tm)
	})
	return tm
}

// glyph adds one to the piece before it, or begins a new piece.
func (t *pageText) glyph(at matrix, gl glyph) {
	run := math.Hypot(at[0], at[1])
	size := math.Hypot(at[2], at[3])
	if run == 0 || size == 0 || math.IsNaN(run+size+at[4]+at[5]) || math.IsInf(run+size+at[4]+at[5], 0) {
		return
	}
	turn := int(math.Round(math.Atan2(at[1], at[0])*180/math.Pi/5)) * 5
	sin, cos := math.Sincos(float64(turn) * math.Pi / 180)
	x, y := at[4]*cos+at[5]*sin, -at[4]*sin+at[5]*cos
	end := x + gl.w*run
	if n := len(t.pieces); n > 0 {
		last := &t.pieces[n-1]
		gap := x - last.end
		if last.turn == turn && math.Abs(y-last.y) < 0.1*size && math.Abs(last.size-size) < 0.1*size && gap < gapSpace*size && gap > -0.3*size {
			last.s = append(last.s, gl.s...)
			last.end = max(last.end, end)
			return
		}
	}
	t.pieces = append(t.pieces, piece{turn: turn, x: x, end: end, y: y, size: size, s: []byte(gl.s)})
}

const (
	gapSpace = 0.2 // of the size: wider than any kerning, narrower than a letter that another font will fill in
	gapCell  = 1.5 // of the size: another column
)

// lines puts the pieces together, top to bottom, left to right. Columns of a table are parted by tabs.
func (t *pageText) lines() string {
	slices.SortStableFunc(t.pieces, func(a, b piece) int { return cmp.Or(cmp.Compare(a.turn, b.turn), cmp.Compare(b.y, a.y)) })
	var out strings.Builder
	for from := 0; from < len(t.pieces); {
		first := &t.pieces[from]
		base, size := first.y, first.size
		to := from + 1
		for to < len(t.pieces) && t.pieces[to].turn == first.turn && base-t.pieces[to].y < 0.4*min(size, t.pieces[to].size) {
			to++
		}
		writeLine(&out, t.pieces[from:to])
		from = to
	}
	for _, n := range t.notes {
		out.WriteString(strings.TrimSpace(strings.ReplaceAll(n, "\r", "\n")) + "\n")
	}
	return out.String()
}

func writeLine(out *strings.Builder, line []piece) {
	slices.SortStableFunc(line, func(a, b piece) int { return cmp.Compare(a.x, b.x) })
	begin := out.Len()
	var last *piece
	for i := range line {
		q := &line[i]
		if last != nil {
			if bytes.Equal(q.s, last.s) && len(bytes.TrimSpace(q.s)) > 0 && math.Abs(q.x-last.x) < 0.15*q.size { // printed twice to look bold
				continue
			}
			gap := q.x - last.end
			ended := out.String()
			open := out.Len() > begin && !strings.HasSuffix(ended, " ") && !bytes.HasPrefix(q.s, []byte(" "))
			switch size := max(q.size, last.size); {
			case gap > gapCell*size:
				out.WriteByte('\t')
			case gap > gapSpace*size && open:
				out.WriteByte(' ')
			}
		}
		if utf8.Valid(q.s) {
			out.Write(q.s)
		}
		if last == nil || q.end > last.end {
			last = q
		}
	}
	out.WriteByte('\n')
}
