package i18n

import (
	"encoding/hex"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Fold takes diacritics and case away: "Xã Thanh Nưa" becomes "xa thanh nua". Search compares folded text on both sides.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'Đ':
			b.WriteByte('d')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return norm.NFC.String(b.String())
}

// Slug is the part of an address made from a name: "Xã Thanh Nưa" becomes "xa-thanh-nua".
func Slug(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range Fold(s) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		} else {
			dash = true
		}
	}
	return b.String()
}

// NFC brings text from keyboards and old files to one form.
func NFC(s string) string { return norm.NFC.String(s) }

var collators = sync.Pool{New: func() any { return collate.New(language.Vietnamese) }}

// SortKey is the place of a name in Vietnamese order, as hex text that both databases sort alike.
func SortKey(s string) string {
	c := collators.Get().(*collate.Collator)
	defer collators.Put(c)
	var buf collate.Buffer
	return hex.EncodeToString(c.KeyFromString(&buf, strings.TrimSpace(s)))
}
