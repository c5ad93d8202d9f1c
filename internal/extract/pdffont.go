package extract

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// font turns the bytes of a shown string into characters and their widths.
type font struct {
	composite bool
	spaces    [5][][2]uint32 // code space by number of bytes; empty: two bytes each
	unicode   map[uint32]string
	fallback  [256]string // simple fonts: what the encoding says
	direct    bool        // the codes are UTF-16 themselves
	widths    map[uint32]float64
	width     float64 // of codes without one
	scale     float64 // of widths to text space
	tcvn      int     // 1: the letters are those of TCVN 5712, 2: and all are capitals
}

const maxCodes = 200_000 // of one font

// glyph is one shown code.
type glyph struct {
	s     string
	w     float64
	space bool // the one-byte code 32, to which word spacing applies
}

// glyphs cuts a shown string.
func (f *font) glyphs(s text, yield func(glyph)) {
	for i := 0; i < len(s); {
		n := 1
		if f.composite {
			n = f.length(s[i:])
		}
		n = min(n, len(s)-i)
		var c uint32
		for _, b := range []byte(s[i : i+n]) {
			c = c<<8 | uint32(b)
		}
		i += n
		w, ok := f.widths[c]
		if !ok {
			w = f.width
		}
		out, ok := f.unicode[c]
		switch {
		case ok:
		case f.direct:
			out = string(rune(c))
		case !f.composite:
			out = f.fallback[c&0xff]
		}
		if f.tcvn > 0 {
			out = fromTCVN(out, f.tcvn == 2)
		}
		yield(glyph{out, w * f.scale, n == 1 && c == 32})
	}
}

func (f *font) length(s text) int {
	var c uint32
	known := false
	for n := 1; n <= 4 && n <= len(s); n++ {
		c = c<<8 | uint32(s[n-1])
		for _, r := range f.spaces[n] {
			known = true
			if inside(c, r, n) {
				return n
			}
		}
	}
	if known && len(f.spaces[2]) == 0 {
		return 1
	}
	return 2
}

// inside compares byte by byte, as code spaces are boxes.
func inside(c uint32, r [2]uint32, n int) bool {
	for i := range n {
		b, lo, hi := c>>(8*i)&0xff, r[0]>>(8*i)&0xff, r[1]>>(8*i)&0xff
		if b < lo || b > hi {
			return false
		}
	}
	return true
}

// font reads a font's dictionary; it always gives one that can be used.
func (p *pdfFile) font(v any) *font {
	d := p.dict(v)
	f := &font{unicode: map[uint32]string{}, widths: map[uint32]float64{}, scale: 0.001}
	base, _ := p.get(d["BaseFont"]).(name)
	_, plain, subset := strings.Cut(string(base), "+")
	if !subset {
		plain = string(base)
	}
	if strings.HasPrefix(plain, ".Vn") {
		f.tcvn = 1
		family, _, _ := strings.Cut(plain, ",")
		family, _, _ = strings.Cut(family, "-")
		if strings.HasSuffix(family, "H") {
			f.tcvn = 2
		}
	}
	subtype, _ := p.get(d["Subtype"]).(name)
	if subtype == "Type0" {
		p.composite(f, d)
	} else {
		p.simple(f, d, subtype)
	}
	if s, ok := p.get(d["ToUnicode"]).(stream); ok {
		b, err := p.data(s)
		if err == nil {
			f.cmap(b)
		}
	}
	for _, s := range f.unicode { // a font of the old kind with true Unicode behind it
		if strings.ContainsFunc(s, func(r rune) bool { return r >= 0x1ea0 && r < 0x1f00 }) {
			f.tcvn = 0
			break
		}
	}
	return f
}

func (p *pdfFile) composite(f *font, d dict) {
	f.composite = true
	f.width = 1000
	switch e := p.get(d["Encoding"]).(type) {
	case name:
		f.direct = strings.Contains(string(e), "UCS2") || strings.Contains(string(e), "UTF16")
	case stream:
		b, err := p.data(e)
		if err == nil {
			f.spacesOf(b)
		}
	}
	kids := p.array(d["DescendantFonts"])
	if len(kids) == 0 {
		return
	}
	kid := p.dict(kids[0])
	if w, ok := p.get(kid["DW"]).(float64); ok {
		f.width = w
	}
	list := p.array(kid["W"])
	for i := 0; i+1 < len(list) && len(f.widths) < maxCodes; {
		from := uint32(max(0, p.num(list[i])))
		if each := p.array(list[i+1]); each != nil {
			for j, w := range each {
				f.widths[from+uint32(j)] = p.num(w)
			}
			i += 2
			continue
		}
		if i+2 >= len(list) {
			return
		}
		to, w := uint32(max(0, p.num(list[i+1]))), p.num(list[i+2])
		for c := from; c <= to && c-from < 0x10000 && len(f.widths) < maxCodes; c++ {
			f.widths[c] = w
		}
		i += 3
	}
}

func (p *pdfFile) simple(f *font, d dict, subtype name) {
	f.width = 500
	if desc := p.dict(d["FontDescriptor"]); desc != nil {
		if w := p.num(desc["MissingWidth"]); w > 0 {
			f.width = w
		}
	}
	if subtype == "Type3" {
		if m := p.array(d["FontMatrix"]); len(m) == 6 {
			f.scale = p.num(m[0])
		}
		f.width = 0
	}
	first := int(p.num(d["FirstChar"]))
	for i, w := range p.array(d["Widths"]) {
		if c := first + i; c >= 0 && c < 256 {
			f.widths[uint32(c)] = p.num(w)
		}
	}
	table := charmap.Windows1252
	var differences array
	switch e := p.get(d["Encoding"]).(type) {
	case name:
		if e == "MacRomanEncoding" {
			table = charmap.Macintosh
		}
	case dict:
		if e["BaseEncoding"] == name("MacRomanEncoding") {
			table = charmap.Macintosh
		}
		differences = p.array(e["Differences"])
	}
	for c := range f.fallback {
		if r := table.DecodeByte(byte(c)); r >= ' ' && r != utf8.RuneError {
			f.fallback[c] = string(r)
		}
	}
	c := 0
	for _, v := range differences {
		switch v := p.get(v).(type) {
		case float64:
			c = int(v)
		case name:
			if c >= 0 && c < 256 {
				f.fallback[c] = glyphName(string(v))
			}
			c++
		}
	}
}

// cmap reads what a ToUnicode map says. Its code spaces are often wrong and not needed.
func (f *font) cmap(b []byte) {
	l := &lexer{b: b}
	var args []any
	for {
		v, err := l.value(0)
		if err != nil {
			return
		}
		w, ok := v.(word)
		if !ok {
			if len(args) < 1000 {
				args = append(args, v)
			}
			continue
		}
		switch w {
		case "endbfchar":
			for i := 0; i+1 < len(args); i += 2 {
				from, ok1 := args[i].(text)
				to, ok2 := args[i+1].(text)
				if ok1 && ok2 && len(f.unicode) < maxCodes {
					f.unicode[codeOf(from)] = utf16Text(to)
				}
			}
		case "endbfrange":
			for i := 0; i+2 < len(args); i += 3 {
				f.rangeOf(args[i], args[i+1], args[i+2])
			}
		}
		args = args[:0]
	}
}

func (f *font) rangeOf(from, to, dst any) {
	lo, ok1 := from.(text)
	hi, ok2 := to.(text)
	if !ok1 || !ok2 {
		return
	}
	a, z := codeOf(lo), codeOf(hi)
	switch d := dst.(type) {
	case array:
		for i, v := range d {
			if t, ok := v.(text); ok && a+uint32(i) <= z && len(f.unicode) < maxCodes {
				f.unicode[a+uint32(i)] = utf16Text(t)
			}
		}
	case text:
		s := []rune(utf16Text(d))
		if len(d) == 2 && d[0] == 0 && d[1] == 0 {
			s = []rune{0} // the whole plane, from its first code on
		}
		for c := a; c <= z && c-a < 0x10000 && len(s) > 0 && len(f.unicode) < maxCodes; c++ {
			if s[0] != 0 {
				f.unicode[c] = string(s)
			}
			s[len(s)-1]++
		}
	}
}

func (f *font) spacesOf(b []byte) {
	l := &lexer{b: b}
	var args []any
	for {
		v, err := l.value(0)
		if err != nil {
			return
		}
		w, ok := v.(word)
		if !ok {
			if len(args) < 1000 {
				args = append(args, v)
			}
			continue
		}
		if w == "endcodespacerange" {
			for i := 0; i+1 < len(args); i += 2 {
				lo, ok1 := args[i].(text)
				hi, ok2 := args[i+1].(text)
				if n := len(lo); ok1 && ok2 && n == len(hi) && n >= 1 && n <= 4 && len(f.spaces[n]) < 100 {
					f.spaces[n] = append(f.spaces[n], [2]uint32{codeOf(lo), codeOf(hi)})
				}
			}
		}
		args = args[:0]
	}
}

func codeOf(t text) uint32 {
	var c uint32
	for _, b := range []byte(t) {
		c = c<<8 | uint32(b)
	}
	return c
}

func utf16Text(t text) string {
	if len(t) == 1 {
		return string(rune(t[0]))
	}
	u := make([]uint16, 0, len(t)/2)
	for i := 0; i+1 < len(t) && i < 64; i += 2 {
		u = append(u, uint16(t[i])<<8|uint16(t[i+1]))
	}
	return strings.Map(func(r rune) rune {
		if r == 0 || r == utf8.RuneError {
			return -1
		}
		return r
	}, string(utf16.Decode(u)))
}

// marks are the parts of names such as "acircumflexdotbelow".
var marks = []struct {
	name string
	mark rune
}{
	{"circumflex", 0x302},
	{"breve", 0x306},
	{"horn", 0x31b},
	{"acute", 0x301},
	{"grave", 0x300},
	{"hookabove", 0x309},
	{"hook", 0x309},
	{"tilde", 0x303},
	{"dotbelow", 0x323},
	{"dieresis", 0x308},
	{"caron", 0x30c},
	{"ring", 0x30a},
	{"macron", 0x304},
	{"cedilla", 0x327},
}

var glyphNames = map[string]string{
	"space": " ", "nbspace": " ", "exclam": "!", "quotedbl": `"`, "numbersign": "#", "dollar": "$", "percent": "%", "ampersand": "&", "quotesingle": "'",
	"quoteright": "’", "parenleft": "(", "parenright": ")", "asterisk": "*", "plus": "+", "comma": ",", "hyphen": "-", "minus": "-", "period": ".", "slash": "/",
	"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "colon": ":", "semicolon": ";",
	"less": "<", "equal": "=", "greater": ">", "question": "?", "at": "@", "bracketleft": "[", "backslash": `\`, "bracketright": "]", "asciicircum": "^",
	"underscore": "_", "quoteleft": "‘", "grave": "`", "braceleft": "{", "bar": "|", "braceright": "}", "asciitilde": "~", "endash": "–", "emdash": "—",
	"bullet": "•", "ellipsis": "…", "quotedblleft": "“", "quotedblright": "”", "quotesinglbase": "‚", "quotedblbase": "„", "guillemotleft": "«",
	"guillemotright": "»", "section": "§", "degree": "°", "copyright": "©", "registered": "®", "multiply": "×", "divide": "÷", "periodcentered": "·",
	"dcroat": "đ", "Dcroat": "Đ", "Eth": "Đ", "eth": "đ", "dmacron": "đ", "Dmacron": "Đ", "dong": "₫", "ff": "ff", "fi": "fi", "fl": "fl", "ffi": "ffi", "ffl": "ffl",
	"germandbls": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "oslash": "ø", "Oslash": "Ø", "dotlessi": "ı", "twosuperior": "²", "threesuperior": "³",
	"onesuperior": "¹", "plusminus": "±", "lessequal": "≤", "greaterequal": "≥", "acute": "´", "tilde": "˜", "circumflex": "ˆ", "breve": "˘", "hookabove": "\u0309",
	"gravecomb": "\u0300", "acutecomb": "\u0301", "tildecomb": "\u0303", "dotbelowcomb": "\u0323", "hookabovecomb": "\u0309",
}

// glyphName is the character that a glyph's name stands for, "" for none that is known.
func glyphName(n string) string {
	if s, ok := glyphNames[n]; ok {
		return s
	}
	n, _, _ = strings.Cut(n, ".")
	if s, ok := glyphNames[n]; ok {
		return s
	}
	for _, prefix := range []string{"uni", "u"} {
		if h, ok := strings.CutPrefix(n, prefix); ok && len(h) >= 4 && len(h) <= 6 {
			var c rune
			good := true
			for _, d := range []byte(h) {
				v := hexOf(d)
				good = good && v >= 0
				c = c<<4 | rune(v&15)
			}
			if good {
				return string(c)
			}
		}
	}
	if n == "" || n[0] < 'A' || n[0] > 'z' || n[0] > 'Z' && n[0] < 'a' {
		return ""
	}
	out, rest := n[:1], n[1:]
Marks:
	for rest != "" {
		for _, m := range marks {
			if after, ok := strings.CutPrefix(rest, m.name); ok {
				out += string(m.mark)
				rest = after
				continue Marks
			}
		}
		return ""
	}
	return norm.NFC.String(out)
}
