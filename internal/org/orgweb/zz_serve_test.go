package orgweb_test

import (
	"net/http"
	"os"
	"testing"
	"time"

	"dinh/internal/civil"
)

func TestZZServe(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	a, b := open(t, civil.Date("2021-04-20")), open(t, civil.Date("2026-11-24"))
	go http.ListenAndServe("127.0.0.1:9478", host(a.k))
	go http.ListenAndServe("127.0.0.1:9479", host(b.k))
	time.Sleep(10 * time.Minute)
}

func host(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = "dinh.example"
		if tok := r.URL.Query().Get("als"); tok != "" {
			q := r.URL.Query()
			q.Del("als")
			r.URL.RawQuery = q.Encode()
			r.AddCookie(&http.Cookie{Name: "dinh", Value: tok})
		}
		h.ServeHTTP(w, r)
	})
}
