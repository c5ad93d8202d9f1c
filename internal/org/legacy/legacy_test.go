package legacy

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

const (
	lower = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
	upper = "AÀẢÃÁẠĂẰẲẴẮẶÂẦẨẪẤẬEÈẺẼÉẸÊỀỂỄẾỆIÌỈĨÍỊOÒỎÕÓỌÔỒỔỖỐỘƠỜỞỠỚỢUÙỦŨÚỤƯỪỬỮỨỰYỲỶỸÝỴĐ"
)

// write is the way back, made from the same tables: each letter has one.
func write(t *testing.T, s string, enc Encoding) []byte {
	t.Helper()
	var out []byte
	for _, r := range s {
		b, ok := writeRune(r, enc)
		if !ok {
			t.Fatalf("%s has no %q", enc, r)
		}
		out = append(out, b...)
	}
	return out
}

func writeRune(r rune, enc Encoding) ([]byte, bool) {
	if enc == TCVN3 {
		for b, x := range tcvn3 {
			if x == r {
				return []byte{byte(b)}, true
			}
		}
		return nil, false
	}
	if r < 0x80 {
		return []byte{byte(r)}, true
	}
	for b, x := range vniAlone {
		if x == r {
			return []byte{b}, true
		}
	}
	for _, base := range "aeouyAEOUYơưƠƯ" {
		for b, m := range vniMarks {
			if norm.NFC.String(string(base)+m) != string(r) {
				continue
			}
			head, _ := writeRune(base, enc)
			if strings.ContainsRune("AEOUYƠƯ", base) {
				b &^= 0x20
			}
			return append(head, b), true
		}
	}
	return nil, false
}

func TestEveryLetterComesBack(t *testing.T) {
	t.Parallel()
	for _, enc := range []Encoding{TCVN3, VNI} {
		for _, r := range lower + upper + " 0123456789,;-\"\r\n\t" {
			b, ok := writeRune(r, enc)
			if !ok {
				t.Errorf("%s has no %q", enc, r)
				continue
			}
			if got, ok := Bytes(append([]byte("x"), b...), enc); !ok || got != "x"+string(r) {
				t.Errorf("%s: %q came back as %q", enc, r, got)
			}
		}
		text := "Xã Thanh Nưa, Huyện Điện Biên; " + lower + upper
		raw := write(t, text, enc)
		if got, _ := Bytes(raw, enc); got != text {
			t.Errorf("%s: %q", enc, got)
		}
		// The same text after a program that took the bytes for Latin letters and saved them as UTF-8, as Excel does.
		latin := make([]rune, 0, len(raw))
		for _, c := range raw {
			latin = append(latin, latinRune(c))
		}
		if got, ok := Text(string(latin), enc); !ok || got != text {
			t.Errorf("%s by way of Latin: %q", enc, got)
		}
		if got, ok := Bytes([]byte(string(latin)), enc); !ok || got != text {
			t.Errorf("%s file by way of Latin: %q", enc, got)
		}
	}
}

func latinRune(c byte) rune {
	special := []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")
	if c >= 0x80 && c < 0xA0 {
		return special[c-0x80]
	}
	return rune(c)
}

// What people see of such files when they open them, so that the tables are not only true to themselves.
func TestKnownTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		enc      Encoding
		in, want string
	}{
		{TCVN3, "UBND x· Thanh N\u00ada, huyÖn §iÖn Biªn", "UBND xã Thanh Nưa, huyện Điện Biên"},
		{TCVN3, "Céng hoµ x· héi chñ nghÜa ViÖt Nam", "Cộng hoà xã hội chủ nghĩa Việt Nam"},
		{TCVN3, "§éc lËp - Tù do - H¹nh phóc", "Độc lập - Tự do - Hạnh phúc"},
		{VNI, "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"},
		{VNI, "Ñoäc laäp - Töï do - Haïnh phuùc", "Độc lập - Tự do - Hạnh phúc"},
		{VNI, "xaõ Thanh Nöa, huyeän Ñieän Bieân", "xã Thanh Nưa, huyện Điện Biên"},
		{UTF8, "Xa\u0303 Thanh Nưa", "Xã Thanh Nưa"},
	} {
		if got, ok := Text(c.in, c.enc); !ok || got != c.want {
			t.Errorf("%s %q = %q, want %q", c.enc, c.in, got, c.want)
		}
	}
	if _, ok := Text("Xã Thanh Nưa", TCVN3); ok {
		t.Error("Unicode passed for TCVN3")
	}
	if got, ok := Bytes([]byte("\xEF\xBB\xBFcode"), UTF8); !ok || got != "code" {
		t.Errorf("byte order mark: %q", got)
	}
	if _, ok := Bytes([]byte("x\xB7"), UTF8); ok {
		t.Error("bytes that are not UTF-8 passed for it")
	}
}

func FuzzBytes(f *testing.F) {
	f.Add([]byte("X\xB7 Thanh N\xADa"), true)
	f.Add([]byte("xa\xF5 \xD1ie\xE4n"), false)
	f.Fuzz(func(t *testing.T, b []byte, abc bool) {
		enc := VNI
		if abc {
			enc = TCVN3
		}
		got, ok := Bytes(b, enc)
		if !ok || !norm.NFC.IsNormalString(got) {
			t.Fatalf("%q gives %q", b, got)
		}
	})
}
