package planweb

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// toUpper is for the heads of papers; Go's upper case knows all Vietnamese letters.
func toUpper(s string) string { return strings.ToUpper(s) }

// trimKind takes the word for the kind off a name: "Tỉnh Điện Biên" becomes "Điện Biên".
func trimKind(name string) string {
	for _, kind := range []string{"Tỉnh ", "Thành phố ", "Thị xã ", "Huyện ", "Quận ", "Xã ", "Phường ", "Thị trấn ", "Đặc khu "} {
		if rest, ok := strings.CutPrefix(name, kind); ok {
			if r, _ := utf8.DecodeRuneInString(rest); unicode.IsUpper(r) {
				return rest
			}
		}
	}
	return name
}
