package privacy

import (
	"regexp"
	"strings"
	"unicode"

	"dinh/internal/i18n"
)

// level is one of the three degrees of secrecy.
type level struct {
	say  string
	caps []rune
}

var levels = []level{{"Tuyệt mật", []rune("TUYỆTMẬT")}, {"Tối mật", []rune("TỐIMẬT")}, {"Mật", []rune("MẬT")}}

// weaker are what is left of an accented capital where a scanner or a keyboard lost marks.
var weaker = map[rune]string{'Ậ': "ÂẠA", 'Ố': "ÔÓO", 'Ệ': "ÊẸE"}

// headLines is how many lines of a paper may carry a stamp that is not in capitals.
const headLines = 12

// markWords announce a degree of secrecy; behindLabel is what must follow.
var markWords = []string{"do mat", "muc mat", "do bao mat"}

var behindLabel = regexp.MustCompile(`(?i)^(\s*[:\-–—.]\s*|\s+)((?:tuyệt|tuyet|tối|toi)\s+(?:mật|mat)|mật|mat)[\s"'.,;)\]]*(?:$|\n|\t|[–—\-(])`)

var behindStamp = regexp.MustCompile(`^\s*(?:TÀI LIỆU|TAI LIEU|VĂN BẢN|VAN BAN|HỒ SƠ|HO SO|CÔNG VĂN|CONG VAN|ĐÓNG DẤU|DẤU)[\s:"“]*`)

// Marking looks for a marking of state secrecy and gives the highest: "Mật", "Tối mật" or "Tuyệt mật". A marking is a stamp alone in a line or in a
// cell of a line (in capitals, also letter-spaced or without marks; in small letters only in the first lines) or what stands behind "Độ mật". Sentences
// that speak of secrets, honey or density are none. A secret paper without a marking is not recognised: that stays the named question to a person.
func Marking(text string) (string, bool) {
	text = i18n.NFC(text)
	best := len(levels)
	note := func(n int) {
		if n >= 0 && n < best {
			best = n
		}
	}
	seen := 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		seen++
		if len(line) > 2000 {
			line = line[:2000]
		}
		for _, cell := range cells(line) {
			note(stamp(cell, seen <= headLines))
		}
	}
	s := newSheet(text)
	for _, end := range s.ends(&markWords) {
		m := behindLabel.FindStringSubmatch(text[s.pos[end]:s.pos[min(end+80, len(s.plain))]])
		if m == nil {
			continue
		}
		sep, said := m[1], m[2]
		strong := strings.ContainsAny(sep, ":-–—") || strings.Contains(sep, "\n") || said == strings.ToUpper(said)
		if strong {
			note(stamp(strings.ToUpper(said), true))
		}
	}
	if best == len(levels) {
		return "", false
	}
	return levels[best].say, true
}

// cells cuts a line where columns part; a line without small letters also at its punctuation.
func cells(line string) []string {
	small := strings.ContainsFunc(line, unicode.IsLower)
	var out []string
	start, spaces := 0, 0
	for i, c := range line {
		cut := c == '\t' || c == '|' || !small && strings.ContainsRune("-–—:;,/()", c)
		if unicode.IsSpace(c) && c != '\t' {
			spaces++
		} else {
			if spaces >= 3 {
				out = append(out, line[start:i])
				start = i
			}
			spaces = 0
		}
		if cut {
			out = append(out, line[start:i])
			start = i
		}
	}
	return append(out, line[start:], line)
}

// stamp is the place in levels of what a cell is, -1 for no marking.
func stamp(cell string, head bool) int {
	if loc := behindStamp.FindStringIndex(cell); loc != nil {
		cell = cell[loc[1]:]
	}
	var letters []rune
	capital, words := true, 0
	space := true
	for _, c := range cell {
		switch {
		case unicode.IsLetter(c):
			letters = append(letters, c)
			if len(letters) > len("TUYỆTMẬT") {
				return -1
			}
			if unicode.IsLower(c) {
				capital = false
			}
			if space {
				words++
			}
			space = false
		case unicode.IsDigit(c):
			return -1
		case unicode.IsMark(c):
		default:
			space = true
		}
	}
	if !capital && (!head || !unicode.IsUpper(letters[0]) || words > 2) {
		return -1
	}
	bare := 0
	for n, l := range levels {
		if len(letters) != len(l.caps) {
			continue
		}
		same := true
		for i, want := range l.caps {
			got := unicode.ToUpper(letters[i])
			if got != want && !strings.ContainsRune(weaker[want], got) {
				same = false
				break
			}
			if got != want {
				bare++
			}
		}
		if same && (capital || bare == 0) {
			return n
		}
	}
	return -1
}
