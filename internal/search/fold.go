package search

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"dinh/internal/i18n"
)

// Runes whose folded form is looked up: Latin with marks, where all of Vietnamese is. "" is a mark that goes.
const (
	latinFrom, latinTo = 0xc0, 0x250
	moreFrom, moreTo   = 0x1e00, 0x1f00
)

type foldTable struct {
	latin [latinTo - latinFrom]string
	more  [moreTo - moreFrom]string
}

var folded = sync.OnceValue(func() *foldTable {
	t := new(foldTable)
	for i := range t.latin {
		t.latin[i] = i18n.Fold(string(rune(latinFrom + i)))
	}
	for i := range t.more {
		t.more[i] = i18n.Fold(string(rune(moreFrom + i)))
	}
	return t
})

// fold is i18n.Fold rune by rune, without its detour over decomposed text: a paper of two million characters is folded in a blink.
func fold(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	t := folded()
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			b.WriteByte(byte(r) + 'a' - 'A')
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
		case r >= latinFrom && r < latinTo:
			b.WriteString(t.latin[r-latinFrom])
		case r >= moreFrom && r < moreTo:
			b.WriteString(t.more[r-moreFrom])
		case unicode.Is(unicode.Mn, r):
		default:
			b.WriteString(i18n.Fold(string(r)))
		}
	}
	return b.String()
}

func notWord(r rune) bool {
	if r < utf8.RuneSelf {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
	}
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Mn, r)
}

// FoldWords is text as it is compared: folded words with single spaces around each.
func FoldWords(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(' ')
	for w := range strings.FieldsFuncSeq(fold(s), notWord) {
		b.WriteString(w)
		b.WriteByte(' ')
	}
	return b.String()
}

func lowerWords(s string) string {
	return " " + strings.Join(strings.FieldsFunc(strings.ToLower(i18n.NFC(s)), notWord), " ") + " "
}

// What of one document is indexed at most: PostgreSQL takes a megabyte of words, and nobody looks for longer words.
const (
	maxWord      = 64
	maxWordBytes = 600_000
)

// distinct are the folded words of texts, each once: the index keeps no positions.
func distinct(texts ...string) []string {
	seen := map[string]struct{}{}
	var words []string
	size := 0
	for _, s := range texts {
		for w := range strings.FieldsFuncSeq(fold(s), notWord) {
			if _, there := seen[w]; there || len(w) > maxWord {
				continue
			}
			if size += len(w) + 1; size > maxWordBytes {
				break
			}
			seen[w] = struct{}{}
			words = append(words, w)
		}
	}
	slices.Sort(words)
	return words
}

// Marks stand in the index beside the words and say of whom a document is and for whom. They begin with a sign that no word has.
func markUnit(unit string) string       { return "~u" + plain(unit) }
func markStaff(unit string) string      { return "~s" + plain(unit) }
func markPost(unit, post string) string { return "~p" + plain(unit) + "~" + plain(post) }
func markKind(code int64) string        { return "~k" + strconv.FormatInt(code, 10) }
func markMonth(month int64) string      { return "~m" + strconv.FormatInt(month, 10) }

const markPublic = "~a"

// plain is an id that stands for itself in both engines' queries: lower-case letters, digits and dashes, anything else in hex.
func plain(id string) string {
	if strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") == "" {
		return id
	}
	const hex = "0123456789abcdef"
	b := make([]byte, 0, 2*len(id)+1)
	b = append(b, '_') // an id in hex is nobody's id as it stands
	for i := range len(id) {
		b = append(b, hex[id[i]>>4], hex[id[i]&15])
	}
	return string(b)
}
