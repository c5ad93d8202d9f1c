// Package feed writes calendars (iCalendar, RFC 5545) and news (Atom, RFC 4287) from plain structs. It does no I/O and knows no room.
package feed

import (
	"strings"
	"unicode/utf8"
)

// clean makes text fit for both formats: valid UTF-8, lines ended by "\n", no other control characters.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0xFFFE || r == 0xFFFF:
			return -1
		}
		return r
	}, s)
}

// oneLine is clean text on one line, for titles, identifiers and addresses.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// cut is the longest start of s that has at most n bytes and does not split a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
