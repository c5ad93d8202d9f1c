package internal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the module's folder seen from this package.
const root = ".."

const module = "dinh/"

type layer struct {
	name   string
	may    []string
	http   bool
	ranked int // place in the table
}

type row struct {
	path  string // without the module: "internal/db"
	layer *layer
	rank  int
}

type drawing struct {
	layers map[string]*layer
	rows   map[string]*row
}

// readDrawing reads the two tables of docs/architecture.md.
func readDrawing(t *testing.T) drawing {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	d := drawing{layers: map[string]*layer{}, rows: map[string]*row{}}
	table := ""
	for line := range strings.Lines(string(b)) {
		if !strings.HasPrefix(line, "|") {
			table = ""
			continue
		}
		var cells []string
		for c := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cells = append(cells, strings.TrimSpace(c))
		}
		switch {
		case cells[0] == "Layer" || cells[0] == "Package":
			table = cells[0]
		case strings.HasPrefix(cells[0], "---"):
		case table == "Layer":
			d.layers[cells[0]] = &layer{name: cells[0], may: strings.Split(cells[1], ", "), http: cells[2] == "yes", ranked: len(d.layers)}
		case table == "Package":
			l := d.layers[cells[1]]
			if l == nil {
				t.Fatalf("docs/architecture.md: %s is in layer %q, which is not in the table of layers", cells[0], cells[1])
			}
			p := strings.Trim(cells[0], "`")
			if d.rows[p] != nil {
				t.Errorf("docs/architecture.md: %s has two rows", p)
			}
			d.rows[p] = &row{path: p, layer: l, rank: len(d.rows)}
		}
	}
	for _, l := range d.layers {
		for _, m := range l.may {
			if m != "above" && d.layers[m] == nil {
				t.Errorf("docs/architecture.md: layer %s may import %q, which is not in the table", l.name, m)
			}
		}
	}
	return d
}

// of is the row of a package: its own, or that of the nearest package above it in the tree.
func (d drawing) of(pkg string) *row {
	for p := pkg; p != "." && p != "/"; p = filepath.ToSlash(filepath.Dir(p)) {
		if r := d.rows[p]; r != nil {
			return r
		}
	}
	return nil
}

// may reports whether from may import to, and why not.
func (d drawing) may(from, to *row) string {
	if from == to {
		return ""
	}
	ok := slices.Contains(from.layer.may, to.layer.name)
	if to.layer == from.layer {
		ok = slices.Contains(from.layer.may, "above") && to.rank < from.rank
	}
	if !ok {
		return "layer " + from.layer.name + " may not import " + to.path + " of layer " + to.layer.name
	}
	if from.layer.name == "pages" && to.layer.name == "room" && !strings.HasPrefix(from.path, to.path+"/") {
		return "pages import of the rooms only their own, not " + to.path
	}
	return ""
}

type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports", "./...")
	cmd.Dir = root
	var faults bytes.Buffer
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, faults.String())
	}
	var all []listed
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		err = dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
}

// TestImportTable checks the imports of every package against the tables of docs/architecture.md.
func TestImportTable(t *testing.T) {
	t.Parallel()
	d := readDrawing(t)
	seen := map[*row]bool{}
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		from := d.of(path)
		if from == nil {
			t.Errorf("%s has no row in docs/architecture.md", path)
			continue
		}
		seen[from] = true
		for _, imp := range p.Imports {
			if to, ours := strings.CutPrefix(imp, module); ours {
				toRow := d.of(to)
				if toRow == nil {
					continue // said above
				}
				if why := d.may(from, toRow); why != "" {
					t.Errorf("%s: %s", path, why)
				}
				continue
			}
			switch imp {
			case "net/http", "html/template", "net/http/httputil", "net/http/httptest":
				if !from.layer.http {
					t.Errorf("%s: layer %s does not speak HTTP: %s", path, from.layer.name, imp)
				}
			case "text/template":
				t.Errorf("%s: pages are html/template, words are i18n: %s", path, imp)
			case "database/sql":
				if slices.Contains([]string{"leaf", "pure", "kit", "pages", "api", "command"}, from.layer.name) {
					t.Errorf("%s: layer %s has no SQL: %s", path, from.layer.name, imp)
				}
			case "testing":
				if from.layer.name != "helper" {
					t.Errorf("%s: %s is for tests", path, imp)
				}
			case "os", "os/exec", "net", "io/fs":
				if from.layer.name == "pure" && imp != "io/fs" || path == "internal/access" || path == "internal/civil" {
					t.Errorf("%s is pure: %s", path, imp)
				}
			}
		}
	}
	for _, r := range d.rows {
		if !seen[r] {
			t.Errorf("docs/architecture.md has a row for %s, which is not there", r.path)
		}
	}
}

var sqlText = regexp.MustCompile(`(?is)^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+.*\sAS\s*\()`)

// TestNoSQLInPages looks for SQL in the text of the packages that show pages.
func TestNoSQLInPages(t *testing.T) {
	t.Parallel()
	d := readDrawing(t)
	for _, p := range packages(t) {
		r := d.of(strings.TrimPrefix(p.ImportPath, module))
		if r == nil || r.layer.name != "pages" && r.layer.name != "kit" && r.layer.name != "api" {
			continue
		}
		for _, name := range p.GoFiles {
			eachString(t, filepath.Join(p.Dir, name), func(s string, at token.Position) {
				if sqlText.MatchString(s) {
					t.Errorf("%s: SQL belongs into the store of a room: %.40q", at, s)
				}
			})
		}
	}
}

// eachString calls f with every string of a Go file.
func eachString(t *testing.T, file string, f func(s string, at token.Position)) {
	t.Helper()
	fset := token.NewFileSet()
	src, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(src, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if ok && lit.Kind == token.STRING {
			s, err := strconv.Unquote(lit.Value)
			if err == nil {
				f(s, fset.Position(lit.Pos()))
			}
		}
		return true
	})
}

// TestDrawingRefuses checks the checker: what the house forbids is found.
func TestDrawingRefuses(t *testing.T) {
	t.Parallel()
	d := readDrawing(t)
	for _, tc := range []struct {
		from, to string
		ok       bool
	}{
		{"internal/db", "internal/civil", true},
		{"internal/db", "internal/org", false},
		{"internal/org", "internal/law", true},
		{"internal/law", "internal/org", false},
		{"internal/civil", "internal/i18n", false},
		{"internal/plan", "internal/auth", true},
		{"internal/plan", "internal/web", false},
		{"internal/web", "internal/plan", false},
		{"internal/plan/planweb", "internal/plan", true},
		{"internal/law/lawweb", "internal/plan", false},
		{"internal/feed", "internal/db", false},
		{"internal/api", "internal/plan", true},
		{"internal/api", "internal/plan/planweb", false},
		{"internal/auth/argon2id", "internal/auth", true},
		{"internal/db", "internal/db/dbtest", false},
		{"internal/access", "internal/web", false},
	} {
		why := d.may(d.of(tc.from), d.of(tc.to))
		if (why == "") != tc.ok {
			t.Errorf("%s → %s: %q; want allowed %v", tc.from, tc.to, why, tc.ok)
		}
	}
}
