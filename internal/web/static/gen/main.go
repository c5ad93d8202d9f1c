// Command gen fetches the vendored static files from npm at fixed versions and makes them ours: the style sheet without the fonts, the crest and
// the names that are not licensed outside gov.uk, and the font files that pages use. Run it with go generate; its results are committed.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	govuk = "govuk-frontend@6.6.0"
	fonts = "@fontsource/be-vietnam-pro@5.3.0"
	out   = "static"
)

func main() {
	if err := run(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	tmp, err := os.MkdirTemp("", "dinh-static")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)

	files, err := unpack(tmp, govuk)
	if err != nil {
		return err
	}
	css, err := restyle(files["dist/govuk/govuk-frontend.min.css"])
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "govuk-frontend.min.css"), css, 0o644); err != nil {
		return err
	}

	files, err = unpack(tmp, fonts)
	if err != nil {
		return err
	}
	for _, subset := range []string{"vietnamese", "latin"} {
		for _, weight := range []string{"400", "600"} {
			name := "be-vietnam-pro-" + subset + "-" + weight + "-normal.woff2"
			b, ok := files["files/"+name]
			if !ok {
				return fmt.Errorf("%s: no %s", fonts, name)
			}
			if err := os.WriteFile(filepath.Join(out, name), b, 0o644); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(filepath.Join(out, "licences", "be-vietnam-pro.txt"), files["LICENSE"], 0o644)
}

var fontFace = regexp.MustCompile(`@font-face\{[^}]*\}`)

// restyle takes the parts out of the style sheet that are not licensed to us, and fails when one is left.
func restyle(css []byte) ([]byte, error) {
	if len(css) == 0 {
		return nil, errors.New(govuk + ": no style sheet")
	}
	s := fontFace.ReplaceAllString(string(css), "")
	s = strings.ReplaceAll(s, "GDS Transport,arial,sans-serif", "var(--dinh-font)")
	s = strings.ReplaceAll(s, "url(/assets/images/govuk-crest.svg)", "none")
	for _, bad := range []string{"GDS", "url("} {
		if i := strings.Index(s, bad); i >= 0 {
			return nil, fmt.Errorf("%s: %q is left: …%s…", govuk, bad, s[max(0, i-40):min(len(s), i+60)])
		}
	}
	return []byte(s), nil
}

// unpack fetches a package with npm and reads its files into memory, without the leading "package/".
func unpack(dir, pkg string) (map[string][]byte, error) {
	cmd := exec.Command("npm", "pack", "--silent", "--pack-destination", dir, pkg)
	cmd.Stderr = os.Stderr
	name, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", pkg, err)
	}
	b, err := os.ReadFile(filepath.Join(dir, strings.TrimSpace(string(name))))
	if err != nil {
		return nil, err
	}
	zr, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		_, rest, _ := strings.Cut(h.Name, "/")
		if files[rest], err = io.ReadAll(tr); err != nil {
			return nil, err
		}
	}
}
