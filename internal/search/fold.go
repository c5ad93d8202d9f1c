package search

import (
	"crypto/sha256"
	encoding "encoding/base32"
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
func markUnit(unit string) string       { return "~u" + short(unit) }
func markStaff(unit string) string      { return "~s" + short(unit) }
func markPost(unit, post string) string { return "~p" + short(unit+"\x00"+post) }
func markKind(code int64) string        { return "~k" + strconv.FormatInt(code, 10) }
func markMonth(month int64) string      { return "~m" + strconv.FormatInt(month, 10) }

const markPublic = "~a"

var base32 = encoding.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(encoding.NoPadding)

// short is 80 bits of an id's sum, in letters and digits, whatever the id is made of.
func short(id string) string {
	sum := sha256.Sum256([]byte(id))
	return base32.EncodeToString(sum[:10])
}
