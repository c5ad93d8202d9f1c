package search

import (
	"testing"

	"dinh/internal/i18n"
)

// What is folded rune by rune is what the rest of the program folds.
func TestFoldIsTheSame(t *testing.T) {
	t.Parallel()
	for r := rune(1); r < 0x3000; r++ {
		if got, want := fold("a"+string(r)+"z"), i18n.Fold("a"+string(r)+"z"); got != want {
			t.Fatalf("%U: %q, want %q", r, got, want)
		}
	}
	for _, s := range []string{"Xã Thanh Nưa", "ĐIỆN BIÊN ĐÔNG", "Hoà Bình", "i\u0302\u0323", "한글", "ﬁ", ""} {
		if got, want := fold(s), i18n.Fold(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
