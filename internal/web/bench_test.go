package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"dinh/internal/db/dbtest"
	"dinh/internal/web"
)

// quiet is a ResponseWriter that keeps nothing.
type quiet struct{ h http.Header }

func (q quiet) Header() http.Header         { return q.h }
func (q quiet) Write(b []byte) (int, error) { return len(b), nil }
func (q quiet) WriteHeader(int)             {}

func BenchmarkKept(b *testing.B) {
	k, err := web.New(web.Config{Clock: dbtest.Clock})
	if err != nil {
		b.Fatal(err)
	}
	k.Templates(fstest.MapFS{"kept.gohtml": {Data: []byte(`{{define "title"}}x{{end}}{{define "main"}}<h1>{{.P}}</h1>{{end}}`)}})
	body := strings.Repeat("một hai ba ", 1500)
	k.Handle(web.Route{Method: "GET", Pattern: "/luat", Kept: &web.Kept{Params: []string{"q"}}, Handler: func(c *web.Context) error { return c.Render("kept", body) }})
	for name, r := range map[string]*http.Request{
		"plain": httptest.NewRequest(http.MethodGet, "/luat", nil),
		"query": httptest.NewRequest(http.MethodGet, "/luat?q=a", nil),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				k.ServeHTTP(quiet{http.Header{}}, r)
			}
		})
	}
	b.Run("bare", func(b *testing.B) {
		bytes := []byte(body)
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write(bytes)
		})
		b.ReportAllocs()
		r := httptest.NewRequest(http.MethodGet, "/luat", nil)
		for b.Loop() {
			h.ServeHTTP(quiet{http.Header{}}, r)
		}
	})
}
