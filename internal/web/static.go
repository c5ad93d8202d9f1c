package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ./static/gen

//go:embed static/*.css static/*.js static/*.svg static/*.woff2
var staticFiles embed.FS

const staticPrefix = "/static/"

// asset is one static file with its address for ever: the hash of its bytes is in the address.
type asset struct {
	name, url, hash string
	body            []byte
	kind            []string // Content-Type
	length          []string
	zipped          func() []byte // nil where gzip gains nothing
}

// assets are the static files by name; they never change after they were read.
type assets map[string]*asset

var cssURL = regexp.MustCompile(`url\(([a-z0-9.-]+)\)`)

// readAssets reads all files below static/ of fsys. Addresses of other files inside style sheets are replaced by their hashed ones.
func readAssets(fsys fs.FS) (assets, error) {
	names, err := fs.Glob(fsys, "static/*.*")
	if err != nil {
		return nil, err
	}
	// Style sheets last: they name the others.
	slices.SortStableFunc(names, func(a, b string) int {
		css := func(s string) int { return len(path.Ext(s)) * strings.Count(s, ".css") }
		return css(a) - css(b)
	})
	out := assets{}
	for _, n := range names {
		body, err := fs.ReadFile(fsys, n)
		if err != nil {
			return nil, err
		}
		name := path.Base(n)
		if path.Ext(name) == ".css" {
			var missing string
			body = cssURL.ReplaceAllFunc(body, func(m []byte) []byte {
				ref := string(cssURL.FindSubmatch(m)[1])
				if a, ok := out[ref]; ok {
					return []byte("url(" + a.url + ")")
				}
				missing = ref
				return m
			})
			if missing != "" {
				return nil, fmt.Errorf("web: %s names %s, which is not there", name, missing)
			}
		}
		out[name] = newAsset(name, body)
	}
	return out, nil
}

func newAsset(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	a := &asset{name: name, hash: hex.EncodeToString(sum[:6]), body: body}
	a.url = staticPrefix + a.hash + "/" + name
	kind := map[string]string{".woff2": "font/woff2", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}[path.Ext(name)]
	if kind == "" {
		kind = mime.TypeByExtension(path.Ext(name))
	}
	a.kind = []string{kind}
	a.length = []string{strconv.Itoa(len(body))}
	if path.Ext(name) != ".woff2" {
		a.zipped = sync.OnceValue(func() []byte {
			var b bytes.Buffer
			zw, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
			_, _ = zw.Write(body)
			_ = zw.Close()
			return b.Bytes()
		})
	}
	return a
}

var (
	forEver    = []string{"public, max-age=31536000, immutable"}
	anHour     = []string{"public, max-age=3600"}
	gzipCoding = []string{"gzip"}
	varyCoding = []string{"Accept-Encoding"}
)

// serve answers /static/HASH/NAME. An address with an old hash (a page of another release) gets today's file, kept for an hour only.
func (as assets) serve(w http.ResponseWriter, r *http.Request, rest string) bool {
	hash, name, _ := strings.Cut(rest, "/")
	a, ok := as[name]
	if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	age := forEver
	if hash != a.hash {
		age = anHour
	}
	a.write(w, r, age)
	return true
}

func (a *asset) write(w http.ResponseWriter, r *http.Request, age []string) {
	h := w.Header()
	h["Cache-Control"] = age
	h["Content-Type"] = a.kind
	h["Vary"] = varyCoding
	etag := `"` + a.hash + `"`
	h["Etag"] = []string{etag}
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.body
	if a.zipped != nil && acceptsGzip(r) {
		body = a.zipped()
		h["Content-Encoding"] = gzipCoding
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	} else {
		h["Content-Length"] = a.length
	}
	_, _ = w.Write(body)
}
