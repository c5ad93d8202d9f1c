package web_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

// sessions knows one person by each token.
type sessions map[string]access.Actor

func (s sessions) Session(_ context.Context, token string) (access.Actor, web.Session, error) {
	if token == "broken" {
		return access.Actor{}, web.Session{}, errors.New("database is away")
	}
	return s[token], web.Session{ID: token}, nil
}

var people = sessions{
	"lan":  {ID: "lan", Name: "Lò Thị Lan", Posts: []access.Post{{Kind: access.Officer, Unit: "u"}}},
	"head": {ID: "head", Name: "Cà Văn Hặc", Posts: []access.Post{{Kind: access.Head, Unit: "u"}}},
}

func withUnits(t *testing.T) func(*web.Config) {
	t.Helper()
	d, dir := webtest.Province(t)
	return func(c *web.Config) {
		c.DB, c.Units, c.Sessions = d, dir, people
	}
}

func say(words string) web.Handler {
	return func(c *web.Context) error {
		unit := ""
		if c.Unit != nil {
			unit = c.Unit.Code + " "
		}
		return c.Bytes("text/plain", "", []byte(words+" "+unit+c.Value("id")+" "+string(c.On)+" "+string(c.Lang)))
	}
}

func TestRouting(t *testing.T) {
	t.Parallel()
	k := newKit(t, withUnits(t))
	k.Handle(web.Route{Method: "GET", Pattern: "/luat", Handler: say("law")})
	k.Handle(web.Route{Method: "GET", Pattern: "/luat/{id}", Handler: say("act")})
	k.HandleUnit(web.Route{Method: "GET", Pattern: "/", Handler: say("unit")})
	k.HandleUnit(web.Route{Method: "GET", Pattern: "/", Handler: say("province"), Kinds: []string{org.Province}})
	k.HandleUnit(web.Route{Method: "GET", Pattern: "/ke-hoach/{id}", Handler: say("plan")})
	k.HandleUnit(web.Route{Method: "POST", Pattern: "/ke-hoach/{id}", Handler: say("sent"), Who: web.Staff})
	k.HandleUnit(web.Route{Method: "GET", Pattern: "/bang/{year}/{id}", Handler: say("board")})
	c := webtest.New(t, k)
	for _, tt := range []struct{ path, want string }{
		{"/luat", "law  2021-04-20 vi"},
		{"/en/luat", "law  2021-04-20 en"},
		{"/luat/nd-1", "act nd-1 2021-04-20 vi"},
		{"/dien-bien", "province 11  2021-04-20 vi"},
		{"/en/dien-bien", "province 11  2021-04-20 en"},
		{"/dien-bien/xa-thanh-nua", "unit 03322  2021-04-20 vi"},
		{"/dien-bien/xa-thanh-nua?on=2026-01-01", "unit 03328  2026-01-01 vi"},
		{"/dien-bien/xa-thanh-nua/ke-hoach/648", "plan 03322 648 2021-04-20 vi"},
		{"/en/dien-bien/ke-hoach/648", "plan 11 648 2021-04-20 en"},
		{"/dien-bien/xa-thanh-nua/bang/2026/x", "board 03328 x 2026-12-31 vi"}, // a year in the address
		{"/dien-bien/so-noi-vu", "unit SNV  2021-04-20 vi"},
	} {
		if p := c.Do("GET", tt.path, nil, nil); p.Status != 200 || p.Body != tt.want {
			t.Errorf("%s: %d %q, want %q", tt.path, p.Status, p.Body, tt.want)
		}
	}
	for path, want := range map[string]int{
		"/luat/a/b": 404, "/dien-bien/xa-khong-co": 404, "/dien-bien/xa-thanh-nua/khong-co": 404, "/xa-thanh-nua": 404, "/dien-bien/ke-hoach": 404,
		"/dien-bien?on=2021-02-31": 400, "/english": 404, "/static/x/khong-co.css": 404, "/static/": 404, "/%2e%2e/etc/passwd": 404,
	} {
		if p := c.Get(path); p.Status != want {
			t.Errorf("%s: %d, want %d", path, p.Status, want)
		}
	}
	for path, want := range map[string]string{
		"/luat/": "/luat", "/dien-bien/xa-thanh-nua/?on=2026-01-01": "/dien-bien/xa-thanh-nua?on=2026-01-01", "//evil.example/": "/evil.example",
		"/luat//nd-1": "/luat/nd-1", "/en//luat/../luat": "/en/luat", "/%5Cevil.example/": "/%5Cevil.example",
	} {
		if p := c.Do("GET", path, nil, nil); p.Status != http.StatusPermanentRedirect || p.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", path, p.Status, p.Header.Get("Location"), want)
		}
	}
	if p := c.Do("POST", "/luat", nil, nil).Want(405); p.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow: %s", p.Header.Get("Allow"))
	}
	c.Do("DELETE", "/dien-bien/ke-hoach/648", nil, nil).Want(405)
	if p := c.Do("HEAD", "/luat", nil, nil).Want(200); p.Header.Get("Content-Type") != "text/plain" {
		t.Error(p.Header)
	}
}

func TestWhoMayCome(t *testing.T) {
	t.Parallel()
	k := newKit(t, withUnits(t))
	k.Handle(web.Route{Method: "GET", Pattern: "/lam-viec/viec-cua-toi", Handler: say("work"), Who: web.Staff})
	k.Handle(web.Route{Method: "GET", Pattern: "/lam-viec/ky", Handler: say("sign"), Who: web.Posts(access.Head, access.Admin)})
	k.Handle(web.Route{Method: "POST", Pattern: "/lam-viec/ky", Handler: say("signed"), Who: web.Posts(access.Head)})
	k.Handle(web.Route{Method: "GET", Pattern: "/tai-khoan", Handler: say("account"), Who: web.Staff})
	k.Handle(web.Route{Method: "GET", Pattern: "/luat", Handler: say("law")})
	for _, tt := range []struct {
		token, method, path string
		status              int
	}{
		{"", "GET", "/lam-viec/viec-cua-toi", 303},
		{"", "GET", "/lam-viec/ky", 303},
		{"", "POST", "/lam-viec/ky", 403},
		{"", "GET", "/tai-khoan", 404},
		{"unknown", "GET", "/lam-viec/viec-cua-toi", 303},
		{"lan", "GET", "/lam-viec/viec-cua-toi", 200},
		{"lan", "GET", "/lam-viec/ky", 404},
		{"lan", "POST", "/lam-viec/ky", 404},
		{"head", "GET", "/lam-viec/ky", 200},
		{"head", "POST", "/lam-viec/ky", 200},
		{"broken", "GET", "/luat", 500},
	} {
		c := webtest.New(t, k)
		if tt.token != "" {
			c.Cookies[web.CookieName] = tt.token
		}
		if p := c.Do(tt.method, tt.path, nil, nil); p.Status != tt.status {
			t.Errorf("%s %s as %q: %d, want %d", tt.method, tt.path, tt.token, p.Status, tt.status)
		}
	}
	p := webtest.New(t, k).Do("POST", "/lam-viec/ky", nil, nil).Want(403).Check()
	p.WantText("Phiên làm việc đã hết")
}

// Every page and every answer of an error carries the same policy; nothing inline could run.
func TestHeaders(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(c *web.Config) { c.BaseURL = "https://" + webtest.Host })
	k.Handle(web.Route{Method: "GET", Pattern: "/tep", Handler: func(c *web.Context) error {
		return c.File("text/html", "a.html", c.Today.Time(), strings.NewReader("<script>alert(1)</script>"), true)
	}})
	c := webtest.New(t, k)
	for _, path := range []string{"/khong-co", k.Static("dinh.css"), "/tep"} {
		h := c.Do("GET", path, nil, nil).Header
		if p := h.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'") || strings.Contains(p, "unsafe") || !strings.Contains(p, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, p)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
	if h := c.Do("GET", "/tep", nil, nil).Header; !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
		t.Errorf("a page that somebody sent is shown: %v", h)
	}
}

func TestFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.Handle(web.Route{Method: "POST", Pattern: "/luat", Handler: say("sent")})
	c := webtest.New(t, k)
	for _, tt := range []struct {
		header http.Header
		status int
	}{
		{http.Header{"Sec-Fetch-Site": {"same-origin"}}, 200},
		{http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}, 403},
		{http.Header{"Origin": {"https://evil.example"}}, 403},
		{http.Header{"Origin": {"http://" + webtest.Host}}, 200},
		{nil, 200}, // no browser at all: the token is what protects
	} {
		if p := c.Do("POST", "/luat", nil, tt.header); p.Status != tt.status {
			t.Errorf("%v: %d, want %d", tt.header, p.Status, tt.status)
		} else if p.Status == 403 {
			p.Check().WantText("được gửi từ một trang khác")
		}
	}
}

type noteForm struct {
	F *web.Form
}

var noteTemplates = fstest.MapFS{"note.gohtml": {Data: []byte(`{{define "title"}}Ghi chú{{end}}{{define "main"}}{{template "errors" .P.F}}<h1>Ghi chú</h1>
<form method="post" action="{{href .L.Path}}" enctype="multipart/form-data" novalidate data-once>{{template "token" .P.F}}
{{template "field" (control .P.F "name" "web.skip" "hint" "web.print")}}{{template "textarea" (control .P.F "text" "web.done" "optional" true)}}
{{template "dateinput" (control .P.F "due" "web.form.date.day")}}{{template "file" (control .P.F "scan" "web.tools.work" "multiple" true)}}
{{template "radios" (control .P.F "kind" "web.motto" "options" (options "a" "web.room.know" "b" "web.room.do"))}}
{{template "checkboxes" (control .P.F "many" "web.nav.work" "options" (options "a" "web.room.know" "b" "web.room.do"))}}
{{template "select" (control .P.F "one" "web.nav.rooms" "options" (options "a" "web.room.know" "b" "web.room.do"))}}
{{template "checkbox" (control .P.F "sure" "web.nav.crumbs")}}
<input type="hidden" name="version" value="{{.P.F.Text "version"}}">{{template "submit" "web.done"}}</form>{{end}}`)}}

// notes is a room of its own: one note with a version, and how many commands have run.
type notes struct {
	mu   sync.Mutex
	name string
	ran  int
}

func (n *notes) register(k *web.Kit) {
	k.Templates(noteTemplates)
	k.Handle(web.Route{Method: "GET", Pattern: "/lam-viec/ghi", Who: web.Staff, Handler: func(c *web.Context) error {
		c.Form().Prefill("name", n.name)
		c.Form().Prefill("version", "1")
		return c.Render("note", noteForm{c.Form()})
	}})
	k.Handle(web.Route{Method: "GET", Pattern: "/lam-viec/xong/{id}", Who: web.Staff, Handler: say("done")})
	k.Handle(web.Route{Method: "POST", Pattern: "/lam-viec/ghi", Who: web.Staff, Handler: func(c *web.Context) error {
		f := c.Form()
		name := f.Text("name")
		f.Date("due")
		err := f.Err()
		if err == nil {
			err = c.Post(func(_ context.Context, tx *db.Tx) (string, error) {
				switch name {
				case "":
					return "", errs.At("name", "web.form.int")
				case "conflict":
					return "", errs.E(errs.Conflict, "db.conflict")
				case "gone":
					return "", errs.E(errs.NotFound, "web.error.not_found")
				}
				tx.OnCommit(func() {
					n.mu.Lock()
					n.name, n.ran = name, n.ran+1
					n.mu.Unlock()
				})
				return "/lam-viec/xong/" + url.PathEscape(name), nil
			})
		}
		if err == nil {
			return nil
		}
		if errs.Is(err, errs.Conflict) {
			f.Stored("name", "tên của người khác")
			f.Put("version", "7")
		}
		return c.Retry(err, "note", noteForm{f})
	}})
}

func TestPost(t *testing.T) {
	t.Parallel()
	k := newKit(t, withUnits(t))
	n := &notes{}
	n.register(k)
	c := webtest.New(t, k)
	c.Cookies[web.CookieName] = "lan"
	page := c.Get("/lam-viec/ghi").Want(200).Check()
	if page.Header.Get("Cache-Control") != "no-store" {
		t.Error("a page with a form may be stored")
	}
	form := page.Form("main form").Set("name", "Lò Văn Xôm")
	for range 3 { // the second and third tap get the first result
		if p := form.Send().Want(303); p.Header.Get("Location") != "/lam-viec/xong/L%C3%B2%20V%C4%83n%20X%C3%B4m" {
			t.Errorf("sent to %s", p.Header.Get("Location"))
		}
	}
	if n.ran != 1 || n.name != "Lò Văn Xôm" {
		t.Errorf("ran %d times for %q", n.ran, n.name)
	}
	// In English one stays in English.
	if p := c.Get("/en/lam-viec/ghi").Form("main form").Set("name", "x").Send().Want(303); p.Header.Get("Location") != "/en/lam-viec/xong/x" {
		t.Errorf("sent to %s", p.Header.Get("Location"))
	}
}

func TestPostAtOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t, withUnits(t))
	n := &notes{}
	n.register(k)
	c := webtest.New(t, k)
	c.Cookies[web.CookieName] = "lan"
	token := c.Get("/lam-viec/ghi").Form("main form").Values.Get("_token")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			c := webtest.New(t, k)
			c.Cookies[web.CookieName] = "lan"
			body := url.Values{"_token": {token}, "name": {"x"}}.Encode()
			if p := c.Do("POST", "/lam-viec/ghi", strings.NewReader(body), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}); p.Status != 303 {
				t.Errorf("%d", p.Status)
			}
		})
	}
	wg.Wait()
	if n.ran != 1 {
		t.Errorf("one token ran %d commands", n.ran)
	}
}

func TestFormShownAgain(t *testing.T) {
	t.Parallel()
	k := newKit(t, withUnits(t))
	n := &notes{}
	n.register(k)
	c := webtest.New(t, k)
	c.Cookies[web.CookieName] = "lan"
	get := func() *webtest.Form { return c.Get("/lam-viec/ghi").Form("main form") }

	p := get().Set("text", "<em>giữ</em> nguyên").SetDate("due", "2021-02-31").Set("kind", "b").Set("many", "a", "b").Set("one", "b").Set("sure", "1").
		Attach("scan", "a.pdf", "application/pdf", []byte("%PDF")).Send().Want(422).Check()
	p.WantText("Không có ngày 31/2/2021 trên lịch", "Xin chọn lại tệp")
	if title := p.Text("title"); !strings.HasPrefix(title, "Có lỗi: Ghi chú") {
		t.Errorf("title %q", title)
	}
	again := p.Form("main form").Values
	for name, want := range map[string][]string{"text": {"<em>giữ</em> nguyên"}, "due-day": {"31"}, "kind": {"b"}, "many": {"a", "b"}, "one": {"b"}, "sure": {"1"}, "version": {"1"}} {
		if !slices.Equal(again[name], want) {
			t.Errorf("%s: %q, want %q", name, again[name], want)
		}
	}
	if n.ran != 0 {
		t.Error("a form with faults ran its command")
	}

	p = get().Set("name", "conflict").Send().Want(409).Check().WantText("Hiện đang lưu: tên của người khác")
	if v := p.Form("main form").Values; v.Get("version") != "7" || v.Get("name") != "conflict" {
		t.Errorf("after a conflict: %v", v)
	}
	get().Set("name", "gone").Send().Want(404).Check()

	// A token that is forged, old or of somebody else: nothing is done, everything typed is there, and sending again works.
	f := get().Set("name", "kept")
	f.Values.Set("_token", "forged")
	p = f.Send().Want(422).Check().WantText("Những gì đã gõ còn nguyên")
	again2 := p.Form("main form")
	if again2.Values.Get("name") != "kept" || again2.Values.Get("_token") == "forged" {
		t.Errorf("after an expired token: %v", again2.Values)
	}
	again2.Send().Want(303)

	// A file over the limit, with the rest kept. The kit's limit is 25 MB; a body of the whole is refused far above that.
	small := newKit(t, withUnits(t), func(c *web.Config) { c.Upload = 1000 })
	n.register(small)
	c2 := webtest.New(t, small)
	c2.Cookies[web.CookieName] = "lan"
	p = c2.Get("/en/lam-viec/ghi").Form("main form").Set("name", "kept").Attach("scan", "a.pdf", "application/pdf", make([]byte, 1001)).Send().Want(422).Check()
	if p.Form("main form").Values.Get("name") != "kept" || !p.Has("The file is larger than") {
		t.Error(p.Main())
	}
}

func TestKeptPagesOverHTTP(t *testing.T) {
	t.Parallel()
	k := newKit(t, withUnits(t))
	rendered := 0
	k.Templates(fstest.MapFS{"kept.gohtml": {Data: []byte(`{{define "title"}}x{{end}}{{define "main"}}<h1>{{.P}}</h1><a href="{{.L.Switch}}">en</a>{{end}}`)}})
	k.HandleUnit(web.Route{Method: "GET", Pattern: "/", Kept: &web.Kept{Params: []string{"nhom"}}, Handler: func(c *web.Context) error {
		rendered++
		c.Touches("unit:" + c.Unit.ID)
		if c.Query("nhom") == "sai" {
			return errs.E(errs.NotFound, "web.error.not_found")
		}
		return c.Render("kept", c.Unit.Code+c.Query("nhom")+c.Query("khac"))
	}})
	c := webtest.New(t, k)
	ask := func(path string, n int) *webtest.Page {
		t.Helper()
		rendered = 0
		p := c.Do("GET", path, nil, nil)
		if rendered != n {
			t.Errorf("%s: rendered %d times, want %d", path, rendered, n)
		}
		return p
	}
	first := ask("/dien-bien", 1).Want(200)
	if again := ask("/dien-bien", 0).Want(200); again.Body != first.Body {
		t.Error("two pages differ")
	}
	ask("/en/dien-bien", 1)
	ask("/dien-bien?nhom=I", 1)
	ask("/dien-bien?nhom=I&fbclid=zzz", 0)
	if p := ask("/dien-bien?khac=1", 0); strings.Contains(p.Body, "khac") || p.Has("111") {
		t.Error("an unknown parameter came into a kept page")
	}
	ask("/dien-bien/xa-thanh-nua", 1)
	ask("/dien-bien/xa-thanh-nua?on=2026-01-01", 1)
	ask("/dien-bien/xa-thanh-nua?on=2026-01-01", 0).Want(200)
	ask("/dien-bien?nhom=sai", 1).Want(404)
	ask("/dien-bien?nhom=sai", 1).Want(404)

	c.Header.Set("If-None-Match", first.Header.Get("Etag"))
	ask("/dien-bien", 0).Want(304)
	c.Header.Del("If-None-Match")
	if p := c.Do("HEAD", "/dien-bien", nil, nil).Want(200); p.Header.Get("Etag") != first.Header.Get("Etag") {
		t.Error("HEAD answers another tag")
	}

	c.Cookies[web.CookieName] = "lan"
	p := ask("/dien-bien", 1).Want(200)
	if !p.Has("Lò Thị Lan") || p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("Etag") != "" {
		t.Errorf("the signed-in got a kept page: %v", p.Header)
	}
	delete(c.Cookies, web.CookieName)
	if ask("/dien-bien", 0).Has("Lò Thị Lan") {
		t.Error("a page of the signed-in was kept")
	}

	k.Drop("unit:khac")
	ask("/dien-bien", 0)
	k.Drop("*")
	ask("/dien-bien", 1)
}

// A command drops the pages that it makes old before its answer is sent; one that fails drops nothing.
func TestCommandDropsPages(t *testing.T) {
	t.Parallel()
	k := newKit(t, withUnits(t))
	k.Templates(fstest.MapFS{
		"kept.gohtml": {Data: []byte(`{{define "title"}}x{{end}}{{define "main"}}<h1>{{.P}}</h1>{{end}}`)},
		"form.gohtml": {Data: []byte(`{{define "title"}}x{{end}}{{define "main"}}<h1>x</h1><form method="post">{{template "token" .P.F}}{{template "field" (control .P.F "v" "web.done")}}</form>{{end}}`)},
	})
	value := "old"
	k.Handle(web.Route{Method: "GET", Pattern: "/luat", Kept: &web.Kept{}, Handler: func(c *web.Context) error {
		c.Touches("act:1")
		return c.Render("kept", value)
	}})
	k.Handle(web.Route{Method: "GET", Pattern: "/luat/form", Handler: func(c *web.Context) error { return c.Render("form", noteForm{c.Form()}) }})
	k.Handle(web.Route{Method: "POST", Pattern: "/luat/form", Handler: func(c *web.Context) error {
		return c.Post(func(_ context.Context, tx *db.Tx) (string, error) {
			v := c.Form().Text("v")
			tx.OnCommit(func() { value = v })
			tx.Touch("act:1")
			if v == "" {
				return "", errs.E(errs.Forbidden, "web.error.method")
			}
			return "/luat", nil
		})
	}})
	c := webtest.New(t, k)
	c.Get("/luat").WantText("old")
	c.Get("/luat/form").Form("main form").Submit().Want(403)
	value = "changed behind its back"
	c.Get("/luat").WantText("old")
	c.Get("/luat/form").Form("main form").Set("v", "new").Submit().Want(200).WantText("new")
}

// Pages of two languages rendered at the same time never mix: functions are bound when a set is parsed.
func TestLanguagesAtOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t, withUnits(t))
	(&notes{}).register(k)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			c := webtest.New(t, k)
			c.Cookies[web.CookieName] = "lan"
			path, want, never := "/lam-viec/ghi", "Đến nội dung chính", "Skip to main"
			if i%2 == 1 {
				path, want, never = "/en/lam-viec/ghi", "Skip to main content", "Đến nội dung"
			}
			for range 40 {
				if p := c.Do("GET", path, nil, nil); !p.Has(want) || p.Has(never) {
					t.Errorf("%s has the wrong language", path)
				}
			}
		})
	}
	wg.Wait()
}

func TestAPIAnswersProblems(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.HandleAPI("GET /api/v1/units/{code}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.PathValue("code") {
		case "11":
			_, _ = io.WriteString(w, "{}")
		case "locked":
			k.Problem(w, r, errs.E(errs.Unauthenticated, "web.error.session_over"))
		default:
			k.Problem(w, r, errs.At("code", "web.form.int"))
		}
	}))
	k.HandleAPI("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") }))
	c := webtest.New(t, k)
	c.Get("/healthz").Want(200)
	c.Get("/api/v1/units/11").Want(200)
	for path, want := range map[string]int{"/api/v1/units/locked": 401, "/api/v1/units/x": 400, "/api/v1/nothing": 404, "/api": 404} {
		p := c.Do("GET", path, nil, nil).Want(want)
		if p.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(p.Body, `"status":`) {
			t.Errorf("%s: %s %s", path, p.Header.Get("Content-Type"), p.Body)
		}
	}
	if p := c.Do("POST", "/api/v1/units/11", nil, nil).Want(405); p.Header.Get("Content-Type") != "application/problem+json" {
		t.Error(p.Body)
	}
}
