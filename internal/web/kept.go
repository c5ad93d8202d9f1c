package web

import (
	"bytes"
	"compress/gzip"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Kept makes a public page be kept as rendered bytes. The page is the same for everybody, holds no POST form and names what it shows with
// Context.Touches.
type Kept struct {
	Params []string // the query parameters that the page knows; others are taken away before the handler sees them
}

// page is a kept answer: bytes, plain and zipped, and the headers that go with them.
type page struct {
	key          string
	tags         []string
	plain, zip   []byte
	etag, ztag   []string
	length, zlen []string
}

func newPage(key string, body []byte, tags []string) *page {
	sum := sha256.Sum256(body)
	hash := base64.RawURLEncoding.EncodeToString(sum[:12])
	p := &page{key: key, tags: tags, plain: bytes.Clone(body), etag: []string{`"` + hash + `"`}, ztag: []string{`"` + hash + `-gz"`}}
	p.length = []string{strconv.Itoa(len(body))}
	var b bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&b, 7)
	_, _ = zw.Write(body)
	_ = zw.Close()
	p.zip = bytes.Clone(b.Bytes())
	p.zlen = []string{strconv.Itoa(len(p.zip))}
	return p
}

func (p *page) size() int64 { return int64(len(p.plain) + len(p.zip) + len(p.key) + 512) }

var (
	htmlKind   = []string{"text/html; charset=utf-8"}
	keptCache  = []string{"max-age=0, stale-if-error=604800"}
	varyKept   = []string{"Accept-Encoding, Cookie"}
	noStore    = []string{"no-store"}
	revalidate = []string{"private, no-cache"}
)

// write answers with the kept bytes, or 304 where the reader has them.
func (p *page) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Cache-Control"] = keptCache
	h["Vary"] = varyKept
	zipped := acceptsGzip(r)
	tag := p.etag
	if zipped {
		tag = p.ztag
	}
	h["Etag"] = tag
	if have := r.Header["If-None-Match"]; len(have) > 0 && (have[0] == p.etag[0] || have[0] == p.ztag[0] || tagListed(have, p)) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h["Content-Type"] = htmlKind
	if zipped {
		h["Content-Encoding"] = gzipCoding
		h["Content-Length"] = p.zlen
		_, _ = w.Write(p.zip)
		return
	}
	h["Content-Length"] = p.length
	_, _ = w.Write(p.plain)
}

// store holds the kept pages within a bound of bytes, the least recently read dropped first. It is safe for concurrent use.
//
// A page that is being rendered while one of its tags is dropped is given to those who asked before the drop and not kept; who asks after the drop
// gets a new rendering.
type store struct {
	bound int64

	mu      sync.Mutex
	pages   map[string]*list.Element // of *page
	order   *list.List               // most recently read first
	byTag   map[string]map[string]bool
	bytes   int64
	calls   map[string]*call
	running int
	seq     uint64            // counts drops
	dropped map[string]uint64 // tag → seq of its last drop, as long as something is being rendered
	day     string
}

// call is one rendering that others may wait for.
type call struct {
	done  chan struct{}
	page  *page // nil where the rendering gave no page to keep: each waiter then renders by itself
	began uint64
}

func newStore(bound int64) *store {
	return &store{bound: bound, pages: map[string]*list.Element{}, order: list.New(), byTag: map[string]map[string]bool{}, calls: map[string]*call{}, dropped: map[string]uint64{}}
}

// get is the page of the key kept on the civil day, nil where there is none.
func (s *store) get(key, day string) *page {
	s.mu.Lock()
	s.turn(day)
	e, ok := s.pages[key]
	if !ok {
		s.mu.Unlock()
		return nil
	}
	s.order.MoveToFront(e)
	p := e.Value.(*page)
	s.mu.Unlock()
	return p
}

// do gives the kept page of the key, or renders it once for all who ask at the same time. Where render gives no page (a redirect, an error: it has
// answered by itself), do returns nil and own is true for the one who rendered.
func (s *store) do(ctx context.Context, key, day string, render func() ([]byte, []string)) (p *page, own bool) {
	s.mu.Lock()
	s.turn(day)
	if e, ok := s.pages[key]; ok {
		s.order.MoveToFront(e)
		s.mu.Unlock()
		return e.Value.(*page), false
	}
	if c, ok := s.calls[key]; ok {
		s.mu.Unlock()
		select {
		case <-c.done:
			return c.page, false
		case <-ctx.Done():
			return nil, false
		}
	}
	c := &call{done: make(chan struct{}), began: s.seq}
	s.calls[key] = c
	s.running++
	s.mu.Unlock()

	defer func() { // also when render panics
		s.mu.Lock()
		if s.calls[key] == c {
			delete(s.calls, key)
		}
		if c.page != nil && s.day == day && !s.droppedSince(c.began, c.page.tags) {
			s.put(c.page)
		}
		if s.running--; s.running == 0 {
			clear(s.dropped)
		}
		s.mu.Unlock()
		close(c.done)
	}()
	if body, tags := render(); body != nil {
		c.page = newPage(key, body, tags)
	}
	return c.page, true
}

// everything is the tag that every page has.
const everything = "*"

func (s *store) droppedSince(began uint64, tags []string) bool {
	if s.dropped[everything] > began {
		return true
	}
	for _, t := range tags {
		if s.dropped[t] > began {
			return true
		}
	}
	return false
}

// put is called with the lock held.
func (s *store) put(p *page) {
	if p.size() > s.bound/4 {
		return
	}
	if e, ok := s.pages[p.key]; ok {
		s.remove(e)
	}
	s.pages[p.key] = s.order.PushFront(p)
	s.bytes += p.size()
	for _, t := range p.tags {
		if s.byTag[t] == nil {
			s.byTag[t] = map[string]bool{}
		}
		s.byTag[t][p.key] = true
	}
	for s.bytes > s.bound {
		s.remove(s.order.Back())
	}
}

func (s *store) remove(e *list.Element) {
	p := e.Value.(*page)
	s.order.Remove(e)
	delete(s.pages, p.key)
	s.bytes -= p.size()
	for _, t := range p.tags {
		delete(s.byTag[t], p.key)
		if len(s.byTag[t]) == 0 {
			delete(s.byTag, t)
		}
	}
}

// drop forgets all pages that have one of the tags; the tag "*" forgets all.
func (s *store) drop(tags ...string) {
	if len(tags) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	clear(s.calls) // who asks from now on does not join a rendering that may have read the old rows
	for _, t := range tags {
		if s.running > 0 {
			s.dropped[t] = s.seq
		}
		if t == everything {
			for s.order.Len() > 0 {
				s.remove(s.order.Back())
			}
			continue
		}
		for key := range s.byTag[t] {
			s.remove(s.pages[key])
		}
	}
}

// turn forgets all pages when the civil day has changed: what they say of today is over. It is called with the lock held.
func (s *store) turn(day string) {
	if s.day == day {
		return
	}
	s.day = day
	clear(s.calls)
	for s.order.Len() > 0 {
		s.remove(s.order.Back())
	}
}

// tagListed reports whether a list of entity tags has one of the page's.
func tagListed(have []string, p *page) bool {
	for _, line := range have {
		for _, t := range splitTags(line) {
			if t == "*" || t == p.etag[0] || t == p.ztag[0] {
				return true
			}
		}
	}
	return false
}

func splitTags(line string) []string {
	var out []string
	for t := range strings.SplitSeq(line, ",") {
		out = append(out, strings.TrimPrefix(strings.TrimSpace(t), "W/"))
	}
	return out
}
