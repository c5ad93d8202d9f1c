package planweb

import (
	"bytes"
	"html/template"
	"net/http"
	"net/http/httptest"
	"testing"

	"dinh/internal/web"
)

// BenchmarkWorkList is a signed-in work list beside its data and html/template's part of the same page alone.
func BenchmarkWorkList(b *testing.B) {
	h := newDesk(b)
	h.in("huong", "03322", "focal_officer")
	if _, err := h.plans.WorkList(b.Context(), h.people["huong"], h.unit("03322").ID); err != nil {
		b.Fatal(err)
	}
	var page *workPage
	o := officer{Deps{Plans: h.plans, Units: h.dir, DB: h.d, Clock: h.d.Clock()}}
	h.k.Handle(web.Route{Method: http.MethodGet, Pattern: "/lam-viec/bench", Who: web.Staff, Handler: func(c *web.Context) (err error) {
		page, err = o.listPage(c)
		return err
	}})
	get := func(path string) int {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://dinh.test"+path, nil)
		r.AddCookie(&http.Cookie{Name: web.CookieName, Value: "huong"})
		w := httptest.NewRecorder()
		h.k.ServeHTTP(w, r)
		return w.Code
	}
	get("/lam-viec/bench")
	if page == nil {
		b.Fatal("no page")
	}
	b.Run("page", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if code := get(homePath); code != http.StatusOK {
				b.Fatal(code)
			}
		}
	})
	b.Run("data", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			get("/lam-viec/bench")
		}
	})
	seen := false
	err := h.k.CheckView("work_list", page, func(t *template.Template, _ any) error {
		if t.Name() != "main" || seen {
			return nil
		}
		seen = true
		b.Run("template", func(b *testing.B) {
			b.ReportAllocs()
			var buf bytes.Buffer
			for b.Loop() {
				buf.Reset()
				if err := t.Execute(&buf, web.View{L: &web.Layout{SignedIn: true, Work: true}, P: page}); err != nil {
					b.Fatal(err)
				}
			}
		})
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
