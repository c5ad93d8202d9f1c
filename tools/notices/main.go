// Command notices gathers the licences of everything that is in the binary: Go itself, the modules, the vendored style sheet and font.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const out = "internal/web/siteweb/THIRD_PARTY.txt"

// part is something that the binary holds, with its notices.
type part struct {
	name, version string
	texts         []string
}

func main() {
	log.SetFlags(0)
	check := flag.Bool("check", false, "only say whether the file is up to date")
	root := flag.String("root", "..", "folder of the program's module")
	flag.Parse()
	err := run(*root, *check)
	if err != nil {
		log.Fatal("notices: ", err)
	}
}

func run(root string, check bool) error {
	parts, err := modules(root)
	if err != nil {
		return err
	}
	vendored, err := vendored(root)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("Đình contains the following works of others, under their own licences.\nĐình có sử dụng các phần sau đây của người khác, theo giấy phép riêng của từng phần.\n\n")
	parts = append(parts, vendored...)
	for _, p := range parts {
		fmt.Fprintf(&b, "- %s\n", strings.TrimSpace(p.name+" "+p.version))
	}
	for _, p := range parts {
		fmt.Fprintf(&b, "\n%s\n%s\n", strings.Repeat("=", 80), strings.TrimSpace(p.name+" "+p.version))
		for _, t := range p.texts {
			fmt.Fprintf(&b, "%s\n%s\n", strings.Repeat("-", 80), strings.TrimSpace(t))
		}
	}
	file := filepath.Join(root, out)
	if !check {
		return os.WriteFile(file, b.Bytes(), 0o644)
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(old, b.Bytes()) {
		return fmt.Errorf("%s is not up to date: run go run -C tools ./notices", out)
	}
	return nil
}

// modules are Go and the modules that the command is built from on Linux.
func modules(root string) ([]part, error) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	golang, err := texts(strings.TrimSpace(string(goroot)))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "list", "-deps", "-json=Module", "./cmd/dinh")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	b, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	found := map[string]part{}
	dec := json.NewDecoder(bytes.NewReader(b))
	for {
		var p struct {
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		err = dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		m := p.Module
		if m == nil || m.Main {
			continue
		}
		if _, known := found[m.Path]; known {
			continue
		}
		t, err := texts(m.Dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Path, err)
		}
		found[m.Path] = part{m.Path, m.Version, t}
	}
	all := []part{{name: "Go, its run time and standard library", texts: golang}}
	for _, name := range sortedKeys(found) {
		all = append(all, found[name])
	}
	return all, nil
}

func sortedKeys(m map[string]part) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

var (
	licence = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|unlicense|.*-licen[cs]e)([._-].*)?$`)
	// Licences that the program cannot be given out under; whoever adds a module with such a head must notice.
	refused = regexp.MustCompile(`(?i)GNU (AFFERO )?GENERAL PUBLIC LICENSE`)
)

// texts are the licence files at the top of a folder; none is an error.
func texts(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() || !licence.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if refused.Match(b[:min(len(b), 300)]) {
			return nil, fmt.Errorf("%s: a licence that we cannot take", e.Name())
		}
		text := strings.ReplaceAll(string(b), "\r\n", "\n")
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no licence file")
	}
	return out, nil
}

// vendored are the notices beside the vendored static files.
func vendored(root string) ([]part, error) {
	names := map[string]string{
		"govuk-frontend.txt": "govuk-frontend, style sheet, changed", "be-vietnam-pro.txt": "Be Vietnam Pro, font",
	}
	files, err := filepath.Glob(filepath.Join(root, "internal/web/static/licences/*.txt"))
	if err != nil {
		return nil, err
	}
	var out []part
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		name := names[filepath.Base(f)]
		if name == "" {
			name = strings.TrimSuffix(filepath.Base(f), ".txt")
		}
		out = append(out, part{name: name, texts: []string{string(b)}})
	}
	if len(out) == 0 {
		return nil, errors.New("no notices of vendored files")
	}
	return out, nil
}
