package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dinh/internal/db"
	"dinh/internal/web/webtest"
)

// TestAThousandReadsWriteNothing reads a thousand pages, public and signed in, and finds every table and the write-ahead log as they were.
func TestAThousandReadsWriteNothing(t *testing.T) {
	t.Parallel()
	s := demo(t)
	readers := []string{public, "thanhnua", "snv", "quantri"}
	for _, login := range readers {
		s.as(t, login)
	}
	if err := s.Audit.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, wal := contents(t, s.DB), stat(t, s.dir)
	n := 0
	for _, login := range readers {
		n += s.wander(t, login, 250)
	}
	if n < 1000 {
		t.Errorf("only %d pages were read", n)
	}
	unchanged(t, before, contents(t, s.DB))
	if now := stat(t, s.dir); now != wal {
		t.Errorf("the files of the database were %s and are %s", wal, now)
	}
}

// wander reads pages from link to link until there are n, each once.
func (s *site) wander(t *testing.T, login string, n int) int {
	t.Helper()
	c := s.as(t, login)
	queue, seen, read := []string{"/", "/lam-viec/viec-cua-toi", "/luat", "/lam-viec/ke-hoach/" + planID, "/api/v1/units", "/lam-viec/thong-bao", "/en"}, map[string]bool{}, 0
	for len(queue) > 0 && read < n {
		at := queue[0]
		queue = queue[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		p := c.Do(http.MethodGet, at, nil, nil)
		read++
		if to := p.Header.Get("Location"); to != "" && p.Status < 400 {
			queue = append([]string{to}, queue...)
		}
		if !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, a := range p.Find("a[href]") {
			u, err := p.URL.Parse(webtest.Attr(a, "href"))
			if err == nil && u.Host == p.URL.Host && !slices.Contains(queue, u.RequestURI()) {
				queue = append(queue, u.RequestURI())
			}
		}
	}
	return read
}

// stat are size and time of the database's files.
func stat(t *testing.T, dir string) string {
	t.Helper()
	var out []string
	for _, name := range []string{db.File, db.File + "-wal"} {
		st, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(name, " ", st.ModTime().Format("15:04:05.000000"), " ", st.Size()))
	}
	return strings.Join(out, ", ")
}
