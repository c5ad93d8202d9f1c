// Package search finds records, units and duties by their words, with or without diacritics. What it shows is what the reader may see.
package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// The kinds of what the floor itself makes findable; rooms have kinds of their own (PutTx).
const (
	KindUnit = "unit"
	KindDuty = "duty"
	KindAct  = "act"
	KindTask = "task"
	KindPlan = "plan"

	KindDisclosure = "disclosure" // of the room that discloses
)

// Hit is one thing found.
type Hit struct {
	Kind  string
	ID    string
	Unit  string // id of the unit it belongs to, "" for none
	Title string // as written
	Note  string // a second line, worded by the source; "" for none
	Path  string // without /en
	Day   civil.Date
	Lang  i18n.Lang // of Title
	Over  bool      // not in force, or not living, on the day asked for
	Parts []Part    // where in the text the words stand; nil where there is nothing to show
	score int
	id    int64 // of a stored document
}

// Part is a piece of text, marked where it is what was looked for.
type Part struct {
	Text   string
	Marked bool
}

// Query is what somebody looks for. Actor decides what may be found.
type Query struct {
	Text  string
	Kinds []string   // none means all
	Units []string   // only what belongs to one of these units, a subtree for example; none means all
	From  civil.Date // the first and the last day of the documents, each open where it is zero
	Until civil.Date
	Actor access.Actor
	Day   civil.Date // the day as of which sources in memory answer
	Lang  i18n.Lang
	Order Order
	After string // Found.Next of the page before; "" for the first
	Limit int    // default 20, at most Ranked
}

// Order is how hits are ordered.
type Order uint8

// The newest first, without end; or the best first, of those that can be ranked.
const (
	Newest Order = iota
	Best
)

const (
	// Most is how many matches of a kind are counted.
	Most = 1000
	// Ranked is how many documents are ranked, the newest; whoever has more must look for more words.
	Ranked = 200
)

var errCursor = errs.E(errs.Invalid, "search.bad_page")

// Source answers from memory: what is there anyway need not be stored again.
type Source interface {
	// Kinds are the kinds of its hits.
	Kinds() []string
	// Find gives the best hits that have all words of the terms, at most limit, and counts all by kind. Of the query Kinds and Units count.
	Find(ctx context.Context, q Query, t Terms, limit int) ([]Hit, map[string]int, error)
}

// Terms are the words of a query: all must be there, the last one as the beginning of a word.
type Terms struct {
	Words  []string // folded
	Typed  []string // lower case, with the diacritics that were typed
	prefix bool     // the last word may go on
}

const maxWords = 10

// Parse takes the words out of a query. Signs part words: "648/KH-UBND" is three.
func Parse(s string) Terms {
	var t Terms
	for _, w := range strings.FieldsFunc(strings.ToLower(i18n.NFC(s)), notWord) {
		if len(t.Words) == maxWords {
			break
		}
		f := fold(w)
		if f == "" || len(f) > maxWord {
			continue
		}
		t.Words = append(t.Words, f)
		t.Typed = append(t.Typed, w)
	}
	// A single letter as a beginning would match half of everything.
	if n := len(t.Words); n > 0 {
		t.prefix = utf8.RuneCountInString(t.Words[n-1]) >= 2
	}
	return t
}

// Empty reports whether there is nothing to look for.
func (t Terms) Empty() bool { return len(t.Words) == 0 }

// Match reports whether text made by FoldWords has all words.
func (t Terms) Match(folded string) bool {
	for i, w := range t.Words {
		if !hasWord(folded, w, t.prefix && i == len(t.Words)-1) {
			return false
		}
	}
	return true
}

// hasWord reports whether the folded text has the word, or one that begins with it.
func hasWord(folded, w string, prefix bool) bool {
	for at := 0; ; {
		i := strings.Index(folded[at:], w)
		if i < 0 {
			return false
		}
		end := at + i + len(w)
		if at+i > 0 && folded[at+i-1] == ' ' && (prefix || end < len(folded) && folded[end] == ' ') {
			return true
		}
		at += i + 1
	}
}

// Score is how well a title and a text fit beyond having the words: exactly as typed with its diacritics before what is only alike without them ("má"
// before "ma"), words side by side before words apart, the title before the text, a title that begins with the words first.
func (t Terms) Score(title, text string) int {
	n := t.fit(compared(title))
	if text != "" {
		if strings.Contains(lowerWords(text), t.phrase()) {
			n += 2
		} else if strings.Contains(FoldWords(text), t.folded()) {
			n++
		}
	}
	return n
}

func (t Terms) phrase() string { return " " + strings.Join(t.Typed, " ") }
func (t Terms) folded() string { return " " + strings.Join(t.Words, " ") }

// title is a title as it is compared, made once where it is kept.
type title struct{ lower, folded string }

func compared(s string) title { return title{lowerWords(s), FoldWords(s)} }

// fit is the part of the score that a title gives.
func (t Terms) fit(of title) int {
	n, folded := 0, t.folded()
	if strings.Contains(of.lower, t.phrase()) {
		n += 32
	}
	if strings.HasPrefix(of.folded, folded) {
		n += 8
	}
	if strings.Contains(of.folded, folded) {
		n += 16
	}
	if t.Match(of.folded) {
		n += 4
	}
	return n
}

// top are the best of n scored rows, at most limit, in the order of Rank where equals stay as they are.
func top(rows []scored, limit int) []scored {
	slices.SortStableFunc(rows, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	return rows[:min(len(rows), limit)]
}

type scored struct{ row, score int }

// Rank orders hits: the better fit first, among equals the newer, among those by title.
func Rank(hits []Hit) {
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(string(b.Day), string(a.Day)))
	})
}

// excerptRunes is how much of a text is shown around the first match.
const excerptRunes = 180

// Excerpt shows where in a text the words stand; nil where they do not.
func (t Terms) Excerpt(text string) []Part {
	type span struct{ from, to int }
	var marks []span
	from := -1
	end := func(i int) {
		if from < 0 {
			return
		}
		w := fold(text[from:i])
		for j, want := range t.Words {
			if w == want || t.prefix && j == len(t.Words)-1 && strings.HasPrefix(w, want) {
				marks = append(marks, span{from, i})
				break
			}
		}
		from = -1
	}
	for i, r := range text {
		if len(marks) > 0 && i > marks[0].from+4*excerptRunes {
			from = -1
			break // beyond what is shown
		}
		if notWord(r) {
			end(i)
		} else if from < 0 {
			from = i
		}
	}
	end(len(text))
	if len(marks) == 0 {
		return nil
	}
	lo, hi := around(text, marks[0].from)
	var out []Part
	at := lo
	if lo > 0 {
		out = append(out, Part{Text: "… "})
	}
	for _, m := range marks {
		if m.to > hi {
			break
		}
		out = append(out, Part{Text: text[at:m.from]}, Part{Text: text[m.from:m.to], Marked: true})
		at = m.to
	}
	out = append(out, Part{Text: text[at:hi]})
	if hi < len(text) {
		out = append(out, Part{Text: " …"})
	}
	return out
}

// around is the piece of text to show about a match, cut between words.
func around(text string, at int) (lo, hi int) {
	lo = at
	for n := 0; lo > 0 && n < excerptRunes/3; n++ {
		_, w := utf8.DecodeLastRuneInString(text[:lo])
		lo -= w
	}
	if lo > 0 {
		if i := strings.IndexFunc(text[lo:at], unicode.IsSpace); i >= 0 {
			lo += i + 1
		} else {
			lo = at
		}
	}
	hi = at
	for n := 0; hi < len(text) && n < excerptRunes; n++ {
		_, w := utf8.DecodeRuneInString(text[hi:])
		hi += w
	}
	if hi < len(text) {
		if i := strings.LastIndexFunc(text[at:hi], unicode.IsSpace); i > 0 {
			hi = at + i
		}
	}
	return lo, hi
}
