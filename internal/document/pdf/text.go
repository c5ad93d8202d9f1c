package pdf

import (
	"strconv"
	"strings"

	"dinh/internal/document"
)

func pageNumber(n int) string { return strconv.Itoa(n) }

// piece is text in one style; a word is one or more pieces without space between them.
type piece struct {
	text  string
	style style
	width float64
}

type word struct {
	pieces []piece
	width  float64
	space  float64 // after it, where another follows in the line
	ends   bool    // a line break stands behind it
}

// row is a line of words.
type row struct {
	words   []word
	natural float64 // with the usual spaces
	last    bool    // of its paragraph, or before a line break: not stretched
	height  float64
	size    float64 // the largest, for the place of the letters
}

// words cuts text at its spaces.
func (d *page) wordsOf(t document.Text, base style) []word {
	var out []word
	var cur word
	flush := func(ends bool) {
		if len(cur.pieces) > 0 || ends {
			if len(cur.pieces) == 0 { // an empty line
				cur.pieces = []piece{{"", base, 0}}
			}
			cur.space = d.measure(" ", cur.pieces[len(cur.pieces)-1].style)
			cur.ends = ends
			out = append(out, cur)
		}
		cur = word{}
	}
	for _, span := range t {
		s := base
		s.bold, s.italic = s.bold || span.Bold, s.italic || span.Italic
		text := clean(span.Text)
		for text != "" {
			i := strings.IndexAny(text, " \n")
			part := text
			if i >= 0 {
				part = text[:i]
			}
			if part != "" {
				w := d.measure(part, s)
				cur.pieces = append(cur.pieces, piece{part, s, w})
				cur.width += w
			}
			if i < 0 {
				break
			}
			flush(text[i] == '\n')
			text = text[i+1:]
		}
	}
	flush(false)
	return out
}

// wrap lays words into lines of a width, the first shorter by indent.
func (d *page) wrap(t document.Text, base style, width, indent float64) []row {
	var out []row
	cur := row{}
	room := width - indent
	done := func(last bool) {
		cur.last = last
		cur.size = base.size
		cur.height = base.leading()
		out = append(out, cur)
		cur, room = row{}, width
	}
	for _, w := range d.split(d.wordsOf(t, base), width-indent) {
		add := w.width
		if n := len(cur.words); n > 0 {
			add += cur.words[n-1].space
		}
		if len(cur.words) > 0 && cur.natural+add > room+0.05 {
			done(false)
			add = w.width
		}
		cur.words = append(cur.words, w)
		cur.natural += add
		if w.ends {
			done(true)
		}
	}
	if len(cur.words) > 0 {
		done(true)
	}
	if len(out) > 0 {
		out[len(out)-1].last = true
	}
	return out
}

// split breaks words that are wider than a line: addresses, long numbers.
func (d *page) split(words []word, width float64) []word {
	for i, w := range words {
		if w.width > width {
			out := append([]word(nil), words[:i]...)
			for ; i < len(words); i++ {
				out = append(out, d.broken(words[i], width)...)
			}
			return out
		}
	}
	return words
}

func (d *page) broken(w word, width float64) []word {
	if w.width <= width {
		return []word{w}
	}
	var out []word
	var cur word
	for _, p := range w.pieces {
		text := ""
		room := width - cur.width
		used := 0.0
		for _, r := range p.text {
			a := d.measure(string(r), p.style)
			if used+a > room && (text != "" || len(cur.pieces) > 0) {
				if text != "" {
					cur.pieces = append(cur.pieces, piece{text, p.style, used})
					cur.width += used
				}
				out = append(out, cur)
				cur, text, used, room = word{}, "", 0, width
			}
			text += string(r)
			used += a
		}
		if text != "" {
			cur.pieces = append(cur.pieces, piece{text, p.style, used})
			cur.width += used
		}
	}
	cur.space, cur.ends = w.space, w.ends
	return append(out, cur)
}

// draw prints a line between x and x+width with its top at y. Words keep a space behind them, so that what is copied has its spaces.
func (d *page) draw(r row, x, y, width float64, align document.Align) {
	base := y + (r.height-r.size*line)/2 + r.size*0.891
	extra := 0.0
	switch align {
	case document.Right:
		x += width - r.natural
	case document.Centre:
		x += (width - r.natural) / 2
	case document.Justify:
		if n := len(r.words) - 1; !r.last && n > 0 {
			extra = (width - r.natural) / float64(n)
			if extra > r.size { // a long word comes next: holes would be worse than an uneven edge
				extra = 0
			}
		}
	case document.Left:
	}
	// What has one style and no stretched spaces goes out as one piece.
	if extra == 0 {
		var text strings.Builder
		start, s := x, style{}
		flush := func() {
			if text.Len() > 0 {
				d.put(start, base, text.String(), s)
			}
			text.Reset()
		}
		for i, w := range r.words {
			for _, p := range w.pieces {
				if text.Len() > 0 && p.style != s {
					flush()
				}
				if text.Len() == 0 {
					start, s = x, p.style
				}
				text.WriteString(p.text)
				x += p.width
			}
			if i < len(r.words)-1 {
				text.WriteByte(' ')
				x += w.space
			}
		}
		flush()
		return
	}
	for i, w := range r.words {
		for j, p := range w.pieces {
			text := p.text
			if j == len(w.pieces)-1 && i < len(r.words)-1 {
				text += " "
			}
			d.put(x, base, text, p.style)
			x += p.width
		}
		x += w.space + extra
	}
}

// lines prints lines one below the other.
func (d *page) lines(rows []row, x, width, indent float64, align document.Align) {
	for i, r := range rows {
		if i == 0 {
			d.draw(r, x+indent, d.y, width-indent, align)
		} else {
			d.draw(r, x, d.y, width, align)
		}
		d.y += r.height
	}
}

// balanced is a centred text in lines of about equal length. Widths are those of the upright faces, near enough for italics.
func balanced(text string, s style, width float64) document.Text {
	return document.Plain(strings.Join(document.Lines(clean(text), s.size, s.bold, width/mm), "\n"))
}

// column prints a text in a column, centred.
func (d *page) column(x, width float64, text string, s style) {
	for _, r := range d.wrap(balanced(text, s, width-1), s, width, 0) {
		r.height = s.size * line
		d.draw(r, x, d.y, width, document.Centre)
		d.y += r.height
	}
}

// centre prints a text in the middle of the page.
func (d *page) centre(text string, s style) {
	rows := d.wrap(balanced(text, s, d.right-d.left-10*mm), s, d.right-d.left, 0)
	if len(rows) == 0 {
		return
	}
	d.need(float64(len(rows)) * rows[0].height)
	d.lines(rows, d.left, d.right-d.left, 0, document.Centre)
}

// paragraph prints lines over as many pages as they need: never a single line at the foot or head of a page, and the last two with what must follow them.
func (d *page) paragraph(t document.Text, s style, align document.Align, indent float64) {
	width := d.right - d.left
	rows := d.wrap(t, s, width, indent)
	if len(rows) == 0 {
		return
	}
	h := rows[0].height
	for i, r := range rows {
		rest := len(rows) - i
		keep := h
		switch {
		case i == 0:
			keep = h * float64(min(rest, 2))
			if rest == 3 {
				keep = h * 3
			}
		case rest == 2:
			keep = 2 * h
		}
		if rest <= 2 || i == 0 && rest <= 3 {
			keep += d.reserve
		}
		d.need(keep)
		if i == 0 {
			d.draw(r, d.left+indent, d.y, width-indent, align)
		} else {
			d.draw(r, d.left, d.y, width, align)
		}
		d.y += h
	}
	d.y += document.ParaSpace
}
