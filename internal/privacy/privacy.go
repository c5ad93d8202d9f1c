// Package privacy finds personal data and state-secret markings in Vietnamese text before it is shown to everybody, and masks what it found.
package privacy

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"dinh/internal/i18n"
)

// Kind is the kind of personal data.
type Kind string

// The kinds, in the order in which they win where two cover the same characters.
const (
	Email     Kind = "email"
	Insurance Kind = "insurance"  // number of a social or health insurance card
	Household Kind = "household"  // number of a household register or of a household in a list
	Account   Kind = "account"    // bank account or card
	OldID     Kind = "old_id"     // identity card of 9 digits
	CitizenID Kind = "citizen_id" // citizen's number of 12 digits
	Phone     Kind = "phone"
	Birth     Kind = "birth" // day or year of birth, where a person is named beside it
)

var rank = map[Kind]int{Email: 0, Insurance: 1, Household: 2, Account: 3, OldID: 4, CitizenID: 5, Phone: 6, Birth: 7}

// Hit is one place with personal data: bytes [Start, End) of i18n.NFC of the text.
type Hit struct {
	Kind       Kind
	Start, End int
}

// Find looks for personal data. Hits are in the order of the text and do not overlap; their offsets are bytes of i18n.NFC(text). It is a help for the
// person who decides, not a proof that nothing is there: names alone and data in words are not found. Addresses under gov.vn are taken for offices.
func Find(text string) []Hit {
	s := newSheet(i18n.NFC(text))
	s.emails()
	s.cards()
	s.numbers()
	s.births()
	slices.SortFunc(s.hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(rank[a.Kind], rank[b.Kind]), cmp.Compare(a.Start, b.Start))
	})
	var out []Hit
	taken := make(map[int]bool) // by character: hits are short and few
	for _, h := range s.hits {
		free := true
		for i := h.Start; i < h.End; i++ {
			if taken[i] {
				free = false
				break
			}
		}
		if !free {
			continue
		}
		for i := h.Start; i < h.End; i++ {
			taken[i] = true
		}
		out = append(out, Hit{Kind: h.Kind, Start: s.pos[h.Start], End: s.pos[h.End]})
	}
	slices.SortFunc(out, func(a, b Hit) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

// Mask gives i18n.NFC(text) with the letters and digits of the hits as dots. The last two characters of a number stay, so that two people of one list
// can be told apart, and the last three of an address; of a birth nothing stays. Hits outside the text, or out of order, are left out.
func Mask(text string, hits []Hit) string {
	text = i18n.NFC(text)
	var b strings.Builder
	at := 0
	for _, h := range hits {
		if h.Start < at || h.End > len(text) || h.Start >= h.End {
			continue
		}
		b.WriteString(text[at:h.Start])
		part := []rune(text[h.Start:h.End])
		keep := 2
		switch h.Kind {
		case Birth:
			keep = 0
		case Email:
			keep = 3
		case Insurance, Household, Account, OldID, CitizenID, Phone:
		}
		for i, c := range slices.Backward(part) {
			if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
				continue
			}
			if keep > 0 {
				keep--
				continue
			}
			part[i] = '•'
		}
		b.WriteString(string(part))
		at = h.End
	}
	b.WriteString(text[at:])
	return b.String()
}

// sheet is a text and its plain form: one ASCII byte per character, small letters without marks, every space and dash the same.
type sheet struct {
	text  string
	plain []byte
	pos   []int // byte of text at which plain[i] stands; one more than plain is long
	hits  []Hit // in characters of plain
	words map[*[]string][]int
}

func newSheet(nfc string) *sheet {
	s := &sheet{text: nfc, plain: make([]byte, 0, len(nfc)), pos: make([]int, 0, len(nfc)+1), words: map[*[]string][]int{}}
	for i, c := range nfc {
		p := plain(c)
		if p == 0 {
			continue
		}
		s.plain = append(s.plain, p)
		s.pos = append(s.pos, i)
	}
	s.pos = append(s.pos, len(nfc))
	return s
}

// other stands in plain text for a character that is neither a letter nor a digit nor ASCII.
const other = '~'

// plain is a character's plain form, 0 for one that cannot be seen.
func plain(c rune) byte {
	switch {
	case c < 0x80:
		if c >= 'A' && c <= 'Z' {
			return byte(c) + 'a' - 'A'
		}
		if c == 0 {
			return other
		}
		return byte(c)
	case c == 'đ' || c == 'Đ' || c == 'Ð':
		return 'd'
	case c == 0xad || c >= 0x200b && c <= 0x200f || c == 0x2060 || c == 0xfeff || unicode.Is(unicode.Mn, c):
		return 0
	case c == 0x2028 || c == 0x2029 || c == 0x85:
		return '\n'
	case unicode.IsSpace(c):
		return ' '
	case c >= 0x2010 && c <= 0x2015 || c == 0x2212:
		return '-'
	case c >= '０' && c <= '９':
		return byte(c-'０') + '0'
	case c == '＠':
		return '@'
	case c == '＋':
		return '+'
	case c == '：':
		return ':'
	case c == '·' || c == '∙':
		return '.'
	case unicode.IsLetter(c):
		if b := base(c); b != 0 {
			return b
		}
		return 'x'
	}
	return other
}

func isDigit(b byte) bool  { return b >= '0' && b <= '9' }
func isLetter(b byte) bool { return b >= 'a' && b <= 'z' }

// at is plain[i], or a line's end outside.
func (s *sheet) at(i int) byte {
	if i < 0 || i >= len(s.plain) {
		return '\n'
	}
	return s.plain[i]
}

func (s *sheet) hit(k Kind, from, to int) { s.hits = append(s.hits, Hit{k, from, to}) }

// upper reports whether the letter at plain[i] is a capital in the text.
func (s *sheet) upper(i int) bool {
	for _, c := range s.text[s.pos[i]:s.pos[i+1]] {
		return unicode.IsUpper(c)
	}
	return false
}
