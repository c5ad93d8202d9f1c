package privacy

import (
	"bytes"
	"slices"
	"unicode"

	"dinh/internal/i18n"
)

// bases are the letters without marks from À to ỹ, worked out once from the folding that search uses.
var bases = func() (t [0x1f00]byte) {
	for c := rune(0xc0); c < rune(len(t)); c++ {
		if !unicode.IsLetter(c) {
			continue
		}
		if f := i18n.Fold(string(c)); len(f) == 1 && f[0] >= 'a' && f[0] <= 'z' {
			t[c] = f[0]
		}
	}
	return t
}()

func base(c rune) byte {
	if c < rune(len(bases)) {
		return bases[c]
	}
	return 0
}

// ends lists, in order, where one of the words ends as a word of its own in the plain text.
func (s *sheet) ends(words *[]string) []int {
	if out, ok := s.words[words]; ok {
		return out
	}
	var out []int
	for _, w := range *words {
		for at := 0; ; {
			i := bytes.Index(s.plain[at:], []byte(w))
			if i < 0 {
				break
			}
			i += at
			at = i + len(w)
			if !isLetter(s.at(i-1)) && !isLetter(s.at(at)) {
				out = append(out, at)
			}
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	s.words[words] = out
	return out
}

// since is how many characters before i the last of the words ends, or a very large number.
func (s *sheet) since(words *[]string, i int) int {
	ends := s.ends(words)
	n, exact := slices.BinarySearch(ends, i)
	if exact {
		return 0
	}
	if n == 0 {
		return 1 << 30
	}
	return i - ends[n-1]
}

// follows reports whether one of the words stands right behind i, spaces between them allowed.
func (s *sheet) follows(i int, words ...string) bool {
	for s.at(i) == ' ' {
		i++
	}
	for _, w := range words {
		if bytes.HasPrefix(s.plain[min(i, len(s.plain)):], []byte(w)) && !isLetter(s.at(i+len(w))) {
			return true
		}
	}
	return false
}
