package internal_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// Each module that go.mod requires directly has one line of reason in docs/dependencies.md, and no other module has.
func TestDependenciesHaveTheirReason(t *testing.T) {
	t.Parallel()
	read := func(name ...string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(append([]string{root}, name...)...))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	mod, err := modfile.Parse("go.mod", read("go.mod"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, r := range mod.Require {
		if !r.Indirect {
			want = append(want, r.Mod.Path)
		}
	}
	row := regexp.MustCompile(`(?m)^\| ([a-z0-9.]+/[^ |]+) \| ([^|]*) \| ([^|]*) \|$`)
	for _, m := range row.FindAllStringSubmatch(string(read("docs", "dependencies.md")), -1) {
		got = append(got, m[1])
		if strings.TrimSpace(m[2]) == "" || len(strings.TrimSpace(m[3])) < 10 {
			t.Errorf("docs/dependencies.md: %s lacks its licence or its reason", m[1])
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	for _, m := range want {
		if !slices.Contains(got, m) {
			t.Errorf("docs/dependencies.md: no line for %s", m)
		}
	}
	for i, m := range got {
		if !slices.Contains(want, m) || i > 0 && got[i-1] == m {
			t.Errorf("docs/dependencies.md: %s is not required directly, or stands twice", m)
		}
	}
}
