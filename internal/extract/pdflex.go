package extract

import (
	"bytes"
	"errors"
	"strconv"
)

// The values of a PDF: nil, bool, float64, and these.
type (
	name   string
	text   string // a string as bytes
	array  []any
	dict   map[name]any
	word   string // an operator or key word
	ref    struct{ num, gen int }
	stream struct {
		dict
		off int64 // of its data
	}
)

var (
	errShort = errors.New("extract: the value goes on behind the window")
	errLex   = errors.New("extract: not a PDF value")
)

const maxDepth = 64 // of arrays and dictionaries in each other, of forms in forms, of kids in pages

// lexer reads values from bytes. With refs it takes "1 0 R" for a reference.
type lexer struct {
	b    []byte
	i    int
	refs bool
}

func space(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func delim(c byte) bool {
	return c == '/' || c == '[' || c == ']' || c == '<' || c == '>' || c == '(' || c == ')' || c == '{' || c == '}' || c == '%'
}

func (l *lexer) skip() {
	for l.i < len(l.b) {
		switch c := l.b[l.i]; {
		case space(c):
			l.i++
		case c == '%':
			n := bytes.IndexAny(l.b[l.i:], "\r\n")
			if n < 0 {
				l.i = len(l.b)
				return
			}
			l.i += n
		default:
			return
		}
	}
}

func (l *lexer) has(s string) bool {
	return l.i+len(s) <= len(l.b) && string(l.b[l.i:l.i+len(s)]) == s
}

// value reads the next value. At the end it gives errShort.
func (l *lexer) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errLex
	}
	l.skip()
	if l.i >= len(l.b) {
		return nil, errShort
	}
	switch c := l.b[l.i]; {
	case c == '/':
		l.i++
		return l.name(), nil
	case c == '(':
		return l.literal()
	case l.has("<<"):
		l.i += 2
		return l.dict(depth)
	case c == '<':
		return l.hex()
	case c == '[':
		l.i++
		return l.array(depth)
	case l.has(">>"):
		l.i += 2
		return word(">>"), nil
	case c == ']' || c == '>' || c == '{' || c == '}' || c == ')':
		l.i++
		return word(c), nil
	case c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.':
		return l.number(), nil
	}
	from := l.i
	for l.i < len(l.b) && !space(l.b[l.i]) && !delim(l.b[l.i]) {
		l.i++
	}
	switch w := string(l.b[from:l.i]); w {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	default:
		return word(w), nil
	}
}

func (l *lexer) name() name {
	var out []byte
	for l.i < len(l.b) && !space(l.b[l.i]) && !delim(l.b[l.i]) {
		c := l.b[l.i]
		if c == '#' && l.i+2 < len(l.b) && hexOf(l.b[l.i+1]) >= 0 && hexOf(l.b[l.i+2]) >= 0 {
			c = byte(hexOf(l.b[l.i+1])<<4 | hexOf(l.b[l.i+2]))
			l.i += 2
		}
		out = append(out, c)
		l.i++
	}
	return name(out)
}

func hexOf(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (l *lexer) hex() (any, error) {
	var out []byte
	half := -1
	for l.i++; l.i < len(l.b); l.i++ {
		c := l.b[l.i]
		if c == '>' {
			l.i++
			if half >= 0 {
				out = append(out, byte(half<<4))
			}
			return text(out), nil
		}
		h := hexOf(c)
		if h < 0 {
			continue
		}
		if half < 0 {
			half = h
			continue
		}
		out = append(out, byte(half<<4|h))
		half = -1
	}
	return nil, errShort
}

func (l *lexer) literal() (any, error) {
	var out []byte
	open := 0
	for ; l.i < len(l.b); l.i++ {
		c := l.b[l.i]
		switch c {
		case '(':
			if open++; open == 1 {
				continue
			}
		case ')':
			if open--; open == 0 {
				l.i++
				return text(out), nil
			}
		case '\\':
			l.i++
			if l.i >= len(l.b) {
				return nil, errShort
			}
			c = l.b[l.i]
			switch {
			case c == 'n':
				c = '\n'
			case c == 'r':
				c = '\r'
			case c == 't':
				c = '\t'
			case c == 'b':
				c = '\b'
			case c == 'f':
				c = '\f'
			case c == '\r':
				if l.i+1 < len(l.b) && l.b[l.i+1] == '\n' {
					l.i++
				}
				continue
			case c == '\n':
				continue
			case c >= '0' && c <= '7':
				n := int(c - '0')
				for k := 0; k < 2 && l.i+1 < len(l.b) && l.b[l.i+1] >= '0' && l.b[l.i+1] <= '7'; k++ {
					l.i++
					n = n<<3 | int(l.b[l.i]-'0')
				}
				c = byte(n)
			}
		}
		out = append(out, c)
	}
	return nil, errShort
}

func (l *lexer) number() any {
	from := l.i
	for l.i < len(l.b) && (l.b[l.i] >= '0' && l.b[l.i] <= '9' || l.b[l.i] == '+' || l.b[l.i] == '-' || l.b[l.i] == '.') {
		l.i++
	}
	s := string(l.b[from:l.i])
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		f = 0 // "--5", "1.2.3": seen in the wild, readers take what they can
	}
	if l.refs && f >= 0 && f == float64(int(f)) {
		at := l.i
		l.skip()
		gen, ok := l.integer()
		if ok {
			l.skip()
			if l.has("R") && (l.i+1 == len(l.b) || space(l.b[l.i+1]) || delim(l.b[l.i+1])) {
				l.i++
				return ref{int(f), gen}
			}
		}
		l.i = at
	}
	return f
}

func (l *lexer) integer() (n int, ok bool) {
	from := l.i
	for l.i < len(l.b) && l.b[l.i] >= '0' && l.b[l.i] <= '9' && l.i-from < 10 {
		n = n*10 + int(l.b[l.i]-'0')
		l.i++
	}
	return n, l.i > from
}

func (l *lexer) array(depth int) (any, error) {
	var out array
	for {
		v, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if w, ok := v.(word); ok {
			if w == "]" {
				return out, nil
			}
			if w == "endobj" || w == "stream" {
				return nil, errLex
			}
			continue
		}
		out = append(out, v)
	}
}

func (l *lexer) dict(depth int) (any, error) {
	out := dict{}
	for {
		k, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		key, ok := k.(name)
		if !ok {
			switch k {
			case word(">>"):
				return out, nil
			case word("endobj"), word("stream"):
				return nil, errLex
			}
			continue
		}
		v, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if v == word(">>") {
			return out, nil
		}
		out[key] = v
	}
}
