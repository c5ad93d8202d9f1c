package auth

import (
	"strings"
	"unicode/utf8"

	"dinh/internal/i18n"
)

// NormalPhone is a telephone number in the one form in which it is stored, "+84912345678"; false where s is none. "0912 345 678", "+84 912.345.678",
// "84912345678" and "0084-912-345-678" are the same number.
func NormalPhone(s string) (string, bool) {
	var b strings.Builder
	for i, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && i == 0:
			b.WriteString("00")
		case strings.ContainsRune(" .-()\u00a0", r):
		default:
			return "", false
		}
	}
	n := b.String()
	if rest, ok := strings.CutPrefix(n, "00"); ok {
		if vn, ok := strings.CutPrefix(rest, "84"); ok {
			return vietnamese(strings.TrimPrefix(vn, "0"))
		}
		return "+" + rest, len(rest) >= 8 && len(rest) <= 15 && rest[0] != '0'
	}
	if rest, ok := strings.CutPrefix(n, "0"); ok {
		return vietnamese(rest)
	}
	if rest, ok := strings.CutPrefix(n, "84"); ok {
		return vietnamese(rest)
	}
	return "", false
}

// vietnamese takes the digits after the country's code: nine of a mobile, ten of a fixed line, which begins with 2.
func vietnamese(n string) (string, bool) {
	mobile := len(n) == 9 && strings.ContainsRune("35789", rune(n[0]))
	fixed := len(n) == 10 && n[0] == '2'
	if !mobile && !fixed {
		return "", false
	}
	return "+84" + n, true
}

// ShowPhone is a stored number as one writes it: "0912 345 678".
func ShowPhone(stored string) string {
	n, ok := strings.CutPrefix(stored, "+84")
	if !ok || len(n) < 9 {
		return stored
	}
	n = "0" + n
	return n[:4] + " " + n[4:7] + " " + n[7:]
}

// NormalLogin is a log-in name in the one form in which it is stored: "Nguyễn Văn An" and "nguyenvanan" are the same. False where s is none: it has 3 to
// 40 letters a–z, digits and . _ -, at least one of them a letter.
func NormalLogin(s string) (string, bool) {
	s = strings.Join(strings.Fields(i18n.Fold(s)), "")
	letter := false
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
			letter = true
		case r >= '0' && r <= '9', r == '.', r == '_', r == '-':
		default:
			return "", false
		}
	}
	return s, letter && len(s) >= 3 && len(s) <= 40
}

// cleanName is a person's name as typed, in one form and without doubled spaces; false where it is empty, too long or has control characters.
func cleanName(s string) (string, bool) {
	s = strings.Join(strings.Fields(i18n.NFC(s)), " ")
	n := utf8.RuneCountInString(s)
	bad := strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError })
	return s, n >= 1 && n <= 100 && !bad
}
