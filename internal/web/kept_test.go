package web

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

const day = "2021-04-20"

func text(s string, tags ...string) func() ([]byte, []string) {
	return func() ([]byte, []string) { return []byte(s), tags }
}

func TestKeptOnceForManyReaders(t *testing.T) {
	t.Parallel()
	s := newStore(1 << 20)
	var rendered atomic.Int32
	begun, go_ := make(chan struct{}), make(chan struct{})
	render := func() ([]byte, []string) {
		if rendered.Add(1) == 1 {
			close(begun)
		}
		<-go_
		return []byte("page"), []string{"a"}
	}
	var wg sync.WaitGroup
	wg.Go(func() { s.do(t.Context(), "/x", day, render) })
	<-begun
	for range 20 {
		wg.Go(func() {
			if p, _ := s.do(t.Context(), "/x", day, render); p == nil || string(p.plain) != "page" {
				t.Errorf("got %v", p)
			}
		})
	}
	close(go_)
	wg.Wait()
	if n := rendered.Load(); n != 1 {
		t.Errorf("rendered %d times", n)
	}
}

func TestDropWhileRendering(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		drop string
		kept bool
	}{{"a", false}, {"b", true}, {everything, false}} {
		s := newStore(1 << 20)
		s.do(t.Context(), "/x", day, func() ([]byte, []string) {
			// The handler has read the old row; somebody else commits and drops; only then is the page ready.
			s.drop(tt.drop)
			// Who comes now must not be given the old page.
			if p, own := s.do(t.Context(), "/x", day, text("new", "a")); !own || string(p.plain) != "new" {
				t.Errorf("drop %s: who came after the drop waited for the old page", tt.drop)
			}
			s.drop("a")
			s.drop(tt.drop)
			if tt.kept {
				return []byte("old"), []string{"c"}
			}
			return []byte("old"), []string{"a", "c"}
		})
		if p := s.get("/x", day); (p != nil) != tt.kept {
			t.Errorf("drop %s: kept is %v", tt.drop, p != nil)
		}
	}
}

func TestDropTagsBoundAndDay(t *testing.T) {
	t.Parallel()
	s := newStore(40_000)
	for i := range 20 {
		s.do(t.Context(), fmt.Sprint("/", i), day, text(strings.Repeat(fmt.Sprint(i), 2000), fmt.Sprint("unit:", i%2), "units"))
		s.get("/0", day) // read often, so it stays
	}
	if s.bytes > 40_000 || s.get("/0", day) == nil || s.get("/1", day) != nil {
		t.Errorf("%d bytes, first %v, second %v", s.bytes, s.get("/0", day) != nil, s.get("/1", day) != nil)
	}
	s.drop("unit:0")
	if s.get("/0", day) != nil || s.get("/19", day) == nil {
		t.Error("the wrong pages were dropped")
	}
	if s.get("/19", "2021-04-21") != nil || s.bytes != 0 || len(s.byTag) != 0 {
		t.Errorf("yesterday's pages are there: %d bytes, %d tags", s.bytes, len(s.byTag))
	}
	s.do(t.Context(), "/big", day, text(strings.Repeat("x", 20_000)))
	if s.get("/big", day) != nil {
		t.Error("one page takes half of the bound")
	}
}

func TestKeptRenderingThatFails(t *testing.T) {
	t.Parallel()
	s := newStore(1 << 20)
	if p, own := s.do(t.Context(), "/x", day, func() ([]byte, []string) { return nil, nil }); p != nil || !own {
		t.Error("a page out of nothing")
	}
	func() {
		defer func() { _ = recover() }()
		s.do(t.Context(), "/x", day, func() ([]byte, []string) { panic("x") })
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p, own := s.do(ctx, "/x", day, text("page")); p == nil || !own {
		t.Error("a rendering that panicked left the key blocked")
	}
	if s.running != 0 || len(s.calls) != 0 {
		t.Errorf("%d running, %d calls", s.running, len(s.calls))
	}
}

func TestKeptHeaders(t *testing.T) {
	t.Parallel()
	p := newPage("/x", []byte(strings.Repeat("trang ", 500)), nil)
	ask := func(header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/x", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		p.write(w, r)
		return w
	}
	plain, zipped := ask(), ask("Accept-Encoding", "gzip")
	if plain.Header().Get("Etag") == zipped.Header().Get("Etag") || strings.HasPrefix(plain.Header().Get("Etag"), "W/") {
		t.Error("strong tags of two codings must differ")
	}
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Body.Len() >= plain.Body.Len() {
		t.Error("not zipped")
	}
	for _, tag := range []string{plain.Header().Get("Etag"), zipped.Header().Get("Etag"), `"other", ` + plain.Header().Get("Etag"), "W/" + plain.Header().Get("Etag")} {
		if w := ask("If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s: %d", tag, w.Code)
		}
	}
	if w := ask("If-None-Match", `"other"`); w.Code != http.StatusOK {
		t.Error("another page's tag was taken")
	}
}

// TestKeptNeverStale has writers that change a row and drop its page, and readers that must never see a page older than the last change they know of.
func TestKeptNeverStale(t *testing.T) {
	t.Parallel()
	s := newStore(20_000)
	const rows = 4
	var row [rows]atomic.Int64
	var settled [rows]atomic.Int64 // the drop of this value has returned
	var wg sync.WaitGroup
	for w := range rows {
		wg.Go(func() {
			for range 300 {
				v := row[w].Add(1)
				s.drop(fmt.Sprint("row:", w))
				settled[w].Store(v)
			}
		})
	}
	for range 6 {
		wg.Go(func() {
			for range 1500 {
				i := rand.IntN(rows)
				floor := settled[i].Load()
				tag := fmt.Sprint("row:", i)
				p, _ := s.do(t.Context(), "/"+tag, day, func() ([]byte, []string) { return []byte(fmt.Sprint(row[i].Load())), []string{tag} })
				var got int64
				_, _ = fmt.Sscan(string(p.plain), &got)
				if got < floor {
					t.Errorf("row %d: page says %d, %d was settled before it was asked for", i, got, floor)
				}
			}
		})
	}
	wg.Wait()
}
