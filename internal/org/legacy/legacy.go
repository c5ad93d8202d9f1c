// Package legacy reads Vietnamese text written in the fonts of before Unicode: TCVN3 (ABC, .VnTime) and VNI (VNI-Times).
package legacy

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// Encoding is how the text of a file is written.
type Encoding string

// The encodings that a person may choose. There is no guessing: a preview shows what each would give.
const (
	UTF8  Encoding = "utf-8"
	TCVN3 Encoding = "tcvn3"
	VNI   Encoding = "vni"
)

// Encodings lists them in the order of forms.
var Encodings = []Encoding{UTF8, TCVN3, VNI}

// Parse reads the name of an encoding; "" is UTF-8.
func Parse(s string) (Encoding, bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "utf-8", "utf8":
		return UTF8, true
	case "tcvn3", "tcvn", "abc":
		return TCVN3, true
	case "vni":
		return VNI, true
	}
	return "", false
}

// Bytes gives the text of a file in Unicode NFC, without byte order mark; ok is false where the file is not written so. A file in an old encoding may
// hold its single bytes as they are or, when it came through a program that knows Unicode, as the Latin letters that they look like.
func Bytes(b []byte, enc Encoding) (text string, ok bool) {
	b = trimMark(b)
	valid := utf8.Valid(b)
	if enc == UTF8 {
		return norm.NFC.String(string(b)), valid
	}
	if valid && !ascii(b) {
		if _, ok := bytesOf(string(b)); ok {
			return Text(string(b), enc)
		}
	}
	return decode(b, enc), true
}

// Text turns text that was read as if it were Latin letters (a cell of a workbook in an old font) into Unicode NFC; ok is false where it holds letters
// that no old font has.
func Text(s string, enc Encoding) (text string, ok bool) {
	if enc == UTF8 {
		return norm.NFC.String(s), utf8.ValidString(s)
	}
	b, ok := bytesOf(s)
	if !ok {
		return s, false
	}
	return decode(b, enc), true
}

func trimMark(b []byte) []byte {
	if len(b) >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF {
		return b[3:]
	}
	return b
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// bytesOf is the text in Windows' Latin code page, in which old fonts drew their letters.
func bytesOf(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		switch b, ok := charmap.Windows1252.EncodeRune(r); {
		case ok:
			out = append(out, b)
		case r < 0x100:
			out = append(out, byte(r)) // the five places that the code page leaves empty
		default:
			return nil, false
		}
	}
	return out, true
}

func decode(b []byte, enc Encoding) string {
	var sb strings.Builder
	sb.Grow(len(b) + len(b)/2)
	if enc == TCVN3 {
		for _, c := range b {
			sb.WriteRune(tcvn3[c])
		}
	} else {
		decodeVNI(&sb, b)
	}
	return norm.NFC.String(sb.String())
}

// tcvn3 is TCVN 5712:1993, whose lower-case part is the font encoding ABC. Combining tones stand at B0 to B4.
var tcvn3 = func() (t [256]rune) {
	for i := range t {
		t[i] = rune(i)
	}
	put := func(at int, letters string) {
		for _, r := range letters {
			if r != '.' { // a place that keeps its own meaning
				t[at] = r
			}
			at++
		}
	}
	put(0x01, "ÚỤ.ỪỬỮ")
	put(0x11, "ỨỰỲỶỸÝỴ")
	put(0x80, "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ")
	put(0xA1, "ĂÂÊÔƠƯĐăâêôơưđẰ")
	put(0xB0, "\u0300\u0309\u0303\u0301\u0323")
	put(0xB5, "àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ")
	return t
}()

// VNI writes a vowel and then its marks, both as letters of the code page; a few letters stand alone.
var (
	vniAlone = map[byte]rune{
		0xED: 'í', 0xEC: 'ì', 0xE6: 'ỉ', 0xF3: 'ĩ', 0xF2: 'ị', 0xF4: 'ơ', 0xF6: 'ư', 0xEE: 'ỵ', 0xF1: 'đ',
		0xCD: 'Í', 0xCC: 'Ì', 0xC6: 'Ỉ', 0xD3: 'Ĩ', 0xD2: 'Ị', 0xD4: 'Ơ', 0xD6: 'Ư', 0xCE: 'Ỵ', 0xD1: 'Đ',
	}
	vniMarks = map[byte]string{ // lower case; upper case is 0x20 below
		0xF9: "\u0301", 0xF8: "\u0300", 0xFB: "\u0309", 0xF5: "\u0303", 0xEF: "\u0323",
		0xE2: "\u0302", 0xE1: "\u0302\u0301", 0xE0: "\u0302\u0300", 0xE5: "\u0302\u0309", 0xE3: "\u0302\u0303", 0xE4: "\u0302\u0323",
		0xEA: "\u0306", 0xE9: "\u0306\u0301", 0xE8: "\u0306\u0300", 0xFA: "\u0306\u0309", 0xFC: "\u0306\u0303", 0xEB: "\u0306\u0323",
	}
)

// decodeVNI writes marks as combining ones after their vowel: composed later, a circumflex before its tone.
func decodeVNI(sb *strings.Builder, b []byte) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		alone, isAlone := vniAlone[c]
		var base rune
		switch {
		case isAlone:
			base = alone
		case c < 0x80:
			base = rune(c)
		default:
			base = charmap.Windows1252.DecodeByte(c)
		}
		sb.WriteRune(base)
		if i+1 < len(b) && (strings.ContainsRune("aeouyAEOUY", base) || base == 'ơ' || base == 'ư' || base == 'Ơ' || base == 'Ư') {
			if m, ok := vniMark(b[i+1]); ok {
				sb.WriteString(m)
				i++
			}
		}
	}
}

func vniMark(c byte) (string, bool) {
	if m, ok := vniMarks[c]; ok {
		return m, true
	}
	m, ok := vniMarks[c|0x20]
	return m, ok && c >= 0xC0
}
