package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dinh/internal/i18n"

	"github.com/google/go-cmp/cmp"
)

func catalogue(t *testing.T, lang i18n.Lang) map[string]string {
	t.Helper()
	keys, err := i18n.Keys(lang)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func placeholders(text string) []string {
	names := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		names[m[1]] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// TestCataloguesAgree checks that each language says the same: the same keys with the same arguments, nothing empty, nothing that is not an argument.
func TestCataloguesAgree(t *testing.T) {
	t.Parallel()
	first := catalogue(t, i18n.Langs[0])
	for _, lang := range i18n.Langs {
		these := catalogue(t, lang)
		for _, key := range i18n.SortedKeys(first) {
			if _, ok := these[key]; !ok {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
		for _, key := range i18n.SortedKeys(these) {
			want, ok := first[key]
			if !ok {
				t.Errorf("%s has %s, which %s lacks", lang, key, i18n.Langs[0])
				continue
			}
			one, other, _ := strings.Cut(these[key], "\x00")
			if strings.TrimSpace(other) == "" {
				t.Errorf("%s: %s is empty", lang, key)
			}
			if lang == i18n.VI && one != "" {
				t.Errorf("%s: %s: Vietnamese has one form only", lang, key)
			}
			_, wantOther, _ := strings.Cut(want, "\x00")
			if diff := cmp.Diff(placeholders(wantOther), placeholders(other)); diff != "" {
				t.Errorf("%s: %s has other arguments than %s: %s", lang, key, i18n.Langs[0], diff)
			}
			for _, name := range placeholders(one) {
				if !slices.Contains(placeholders(other), name) {
					t.Errorf("%s: %s: the form for one has the argument %s, the other has not", lang, key, name)
				}
			}
			for _, text := range []string{one, other} {
				if strings.Count(text, "{{") != len(placeholder.FindAllString(text, -1)) {
					t.Errorf("%s: %s: something in {{}} is no argument", lang, key)
				}
				if text != i18n.NFC(text) {
					t.Errorf("%s: %s is not in NFC", lang, key)
				}
			}
		}
	}
}

// TestCatalogueAreas checks that each file holds the keys of its own area.
func TestCatalogueAreas(t *testing.T) {
	t.Parallel()
	top := regexp.MustCompile(`(?m)^\[([\w-]+)`)
	for _, lang := range i18n.Langs {
		dir := filepath.Join("i18n", "locales", string(lang))
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			area := strings.TrimSuffix(f.Name(), ".toml")
			b, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range top.FindAllStringSubmatch(string(b), -1) {
				if m[1] != area {
					t.Errorf("%s/%s holds keys of %s", lang, f.Name(), m[1])
				}
			}
		}
	}
}

// uses are the keys that sources name, in whole or by their beginning.
type uses struct {
	texts    map[string]bool     // every string: what may be a key
	prefixes map[string]bool     // beginnings of keys that are composed: "plan.state."
	keys     map[string][]string // strings that stand where a key must: where
}

var (
	keyLike    = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-zA-Z0-9_-]+)+$`)
	prefixLike = regexp.MustCompile(`^[a-z][a-z0-9_]*\.([a-zA-Z0-9_-]+\.)*[a-zA-Z0-9_-]*$`)
	// In templates: t "key", and keys that are composed by print or printf.
	pageKey    = regexp.MustCompile(`[({\s]t\s+"([^"]+)"`)
	pageString = regexp.MustCompile(`"([a-z][a-z0-9_]*(?:\.[a-zA-Z0-9_%-]+)*\.?)"`)
	pagePrefix = regexp.MustCompile(`print\s+"([a-z][a-z0-9_.-]*)"`)
)

// keyAt says which argument of a call is a key, by the name of what is called. -1: none.
var keyAt = map[string]int{"i18n.M": 0, "errs.E": 1, "errs.Wrap": 2, "errs.At": 1, ".AddLine": 2, ".Add": 1, ".T": 0}

func (u *uses) text(s string) {
	u.texts[s] = true
	if strings.HasSuffix(s, ".") {
		u.prefix(s)
	}
	if before, _, found := strings.Cut(s, "%"); found {
		u.prefix(before)
	}
}

func (u *uses) prefix(s string) {
	if prefixLike.MatchString(s) {
		u.prefixes[s] = true
	}
}

func (u *uses) goFile(t *testing.T, file string) {
	t.Helper()
	fset := token.NewFileSet()
	src, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(src, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.BasicLit:
			if s, err := strconv.Unquote(x.Value); x.Kind == token.STRING && err == nil {
				u.text(s)
			}
		case *ast.BinaryExpr: // "law.month.m" + strconv.Itoa(n)
			if lit, ok := x.X.(*ast.BasicLit); ok && x.Op == token.ADD && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					u.prefix(s)
				}
			}
		case *ast.CallExpr:
			sel, ok := x.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			name := "." + sel.Sel.Name
			if id, ok := sel.X.(*ast.Ident); ok && (id.Name == "i18n" || id.Name == "errs") {
				name = id.Name + name
			}
			i, ok := keyAt[name]
			if !ok || i >= len(x.Args) {
				return true
			}
			lit, ok := x.Args[i].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, err := strconv.Unquote(lit.Value)
			if err == nil && (keyLike.MatchString(s) || !strings.HasPrefix(name, ".")) {
				u.keys[s] = append(u.keys[s], fset.Position(lit.Pos()).String())
			}
		}
		return true
	})
}

func (u *uses) page(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range pageString.FindAllStringSubmatch(string(b), -1) {
		u.text(m[1])
	}
	for _, m := range pagePrefix.FindAllStringSubmatch(string(b), -1) {
		u.prefix(m[1])
	}
	for _, m := range pageKey.FindAllStringSubmatch(string(b), -1) {
		if !strings.HasSuffix(m[1], ".") {
			u.keys[m[1]] = append(u.keys[m[1]], file)
		}
	}
}

func sources(t *testing.T) *uses {
	t.Helper()
	u := &uses{texts: map[string]bool{}, prefixes: map[string]bool{}, keys: map[string][]string{}}
	for _, dir := range []string{".", filepath.Join(root, "cmd")} {
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return fs.SkipDir
			case strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go"):
				u.goFile(t, p)
			case strings.HasSuffix(p, ".gohtml"):
				u.page(t, p)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return u
}

// TestKeysUsed checks that every key in the sources is in the catalogue and every key of the catalogue is in the sources. A key that is composed must be
// written as its beginning and what is added ("notify.pace." + pace; in pages t (print "notify.pace." .Pace)), so that this test and a reader find it.
func TestKeysUsed(t *testing.T) {
	t.Parallel()
	keys := catalogue(t, i18n.Langs[0])
	u := sources(t)
	for _, k := range slices.Sorted(maps.Keys(u.keys)) {
		if _, ok := keys[k]; !ok {
			t.Errorf("%s is not in the catalogue: %s", k, strings.Join(u.keys[k], ", "))
		}
	}
	for _, k := range i18n.SortedKeys(keys) {
		used := u.texts[k]
		for p := range u.prefixes {
			used = used || strings.HasPrefix(k, p)
		}
		for i := range k { // a group that is named as a whole: options("planedit.room")
			used = used || k[i] == '.' && strings.Contains(k[:i], ".") && u.texts[k[:i]]
		}
		if !used {
			t.Errorf("%s is not used", k)
		}
	}
}
