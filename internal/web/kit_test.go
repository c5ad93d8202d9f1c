package web_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"dinh/internal/db/dbtest"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

func newKit(t *testing.T, change ...func(*web.Config)) *web.Kit {
	t.Helper()
	conf := web.Config{Clock: dbtest.Clock, Key: []byte("test"), BaseURL: "http://" + webtest.Host, Demo: true}
	for _, f := range change {
		f(&conf)
	}
	k, err := web.New(conf)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestErrorPages(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.Handle(web.Route{Method: "GET", Pattern: "/luat/hong", Handler: func(*web.Context) error { return errors.New("secret detail") }})
	k.Handle(web.Route{Method: "GET", Pattern: "/luat/hoang", Handler: func(*web.Context) error { panic("secret detail") }})
	k.Handle(web.Route{Method: "GET", Pattern: "/lam-viec/viec-cua-toi", Who: web.Staff, Handler: func(*web.Context) error { return nil }})
	c := webtest.New(t, k)
	for _, tt := range []struct {
		method, path string
		status       int
		words        string
	}{
		{"GET", "/khong-co", 404, "Không thấy trang này"},
		{"GET", "/en/khong-co", 404, "Page not found"},
		{"POST", "/luat/hong", 405, "Không gửi được như vậy"},
		{"GET", "/luat/hong", 500, "Máy chủ gặp lỗi"},
		{"GET", "/en/luat/hoang", 500, "Something went wrong"},
	} {
		p := c.Do(tt.method, tt.path, nil, nil).Want(tt.status).WantText(tt.words).Check()
		if strings.Contains(p.Body, "secret") {
			t.Errorf("%s: the inside of a fault is shown", tt.path)
		}
		if tt.status == 500 && p.Text(".dinh-code") == "" {
			t.Errorf("%s: no code to read out", tt.path)
		}
	}
	if p := c.Do("GET", "/lam-viec/viec-cua-toi?q=a%26b", nil, nil).Want(http.StatusSeeOther); p.Header.Get("Location") != "/dang-nhap?tiep=%2Flam-viec%2Fviec-cua-toi%3Fq%3Da%2526b" {
		t.Errorf("sent to %s", p.Header.Get("Location"))
	}
}
