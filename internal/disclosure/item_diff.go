package disclosure

import (
	"slices"
	"strings"
	"unicode"
)

// Piece is a piece of a text that was changed.
type Piece struct {
	Text string
	Kind PieceKind
}

// PieceKind is what became of a piece.
type PieceKind byte

// The kinds of pieces.
const (
	Kept  PieceKind = '='
	Gone  PieceKind = '-'
	Added PieceKind = '+'
)

// Change is a part of an edition that is otherwise than in the edition before.
type Change struct {
	Field  string // title, doc_number, doc_day, summary, body, files
	Pieces []Piece
}

// Changes are what is different in an edition, part by part, in the order of the form.
func Changes(old, now *Edition, oldFiles, newFiles []File) []Change {
	var out []Change
	add := func(field, a, b string) {
		if a != b {
			out = append(out, Change{field, Diff(a, b)})
		}
	}
	add("title", old.Title, now.Title)
	add("doc_number", old.DocNumber, now.DocNumber)
	add("doc_day", string(old.DocDay), string(now.DocDay))
	add("summary", old.Summary, now.Summary)
	add("body", old.Body, now.Body)
	if c := fileChanges(oldFiles, newFiles); len(c) > 0 {
		out = append(out, Change{"files", c})
	}
	return out
}

// fileChanges compares what readers get by name and text: files of a new edition have ids of their own.
func fileChanges(old, now []File) []Piece {
	var out []Piece
	same := func(f File) func(File) bool {
		return func(g File) bool {
			return f.Kind == g.Kind && f.Title == g.Title && f.Text == g.Text && f.Lang == g.Lang
		}
	}
	shown := func(f File) bool { return f.Shown == "" }
	old, now = slices.DeleteFunc(slices.Clone(old), shown), slices.DeleteFunc(slices.Clone(now), shown)
	for _, f := range old {
		if !slices.ContainsFunc(now, same(f)) {
			out = append(out, Piece{f.Title, Gone})
		}
	}
	for _, f := range now {
		if !slices.ContainsFunc(old, same(f)) {
			out = append(out, Piece{f.Title, Added})
		}
	}
	return out
}

const maxCells = 4_000_000 // of the table in which two texts are compared

// Diff compares two texts word by word; long ones that differ in much line by line, and where that is still too much as a whole. All pieces but the gone ones make the
// new text, all but the added ones the old one.
func Diff(old, now string) []Piece {
	a, b := splitWords(old), splitWords(now)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	ma, mb := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(ma)*len(mb) > maxCells {
		ma, mb = splitLines(strings.Join(ma, "")), splitLines(strings.Join(mb, ""))
	}
	var out []Piece
	put := func(kind PieceKind, words ...string) {
		text := strings.Join(words, "")
		if text == "" {
			return
		}
		if n := len(out); n > 0 && out[n-1].Kind == kind {
			out[n-1].Text += text
			return
		}
		out = append(out, Piece{text, kind})
	}
	put(Kept, a[:head]...)
	if len(ma)*len(mb) > maxCells {
		put(Gone, ma...)
		put(Added, mb...)
	} else {
		longestCommon(ma, mb, put)
	}
	put(Kept, a[len(a)-tail:]...)
	return out
}

func longestCommon(a, b []string, put func(PieceKind, ...string)) {
	w := len(b) + 1
	length := make([]int32, (len(a)+1)*w)
	for i, x := range slices.Backward(a) {
		for j, y := range slices.Backward(b) {
			if x == y {
				length[i*w+j] = length[(i+1)*w+j+1] + 1
			} else {
				length[i*w+j] = max(length[(i+1)*w+j], length[i*w+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			put(Kept, a[i])
			i, j = i+1, j+1
		case length[(i+1)*w+j] >= length[i*w+j+1]:
			put(Gone, a[i])
			i++
		default:
			put(Added, b[j])
			j++
		}
	}
	put(Gone, a[i:]...)
	put(Added, b[j:]...)
}

// splitWords cuts a text into words, each with the space behind it.
func splitWords(s string) []string {
	var out []string
	start, space := 0, false
	for i, c := range s {
		now := unicode.IsSpace(c)
		if space && !now {
			out = append(out, s[start:i])
			start = i
		}
		space = now
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

func splitLines(s string) []string { return slices.Collect(strings.Lines(s)) }
