package web

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

func TestDateBoxes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d, m, y, one string
		want         civil.Date
		fault        string
	}{
		{"22", "4", "2021", "", "2021-04-22", ""},
		{"02", "04", "2021", "", "2021-04-02", ""},
		{"29", "2", "2024", "", "2024-02-29", ""},
		{"31", "2", "2021", "", "", "web.form.date.none"},
		{"29", "2", "2021", "", "", "web.form.date.none"},
		{"0", "1", "2021", "", "", "web.form.date.none"},
		{"1", "13", "2021", "", "", "web.form.date.none"},
		{"1", "1", "21", "", "", "web.form.date.year"},
		{"1", "", "2021", "", "", "web.form.date.parts"},
		{"", "", "2021", "", "", "web.form.date.parts"},
		{"a", "1", "2021", "", "", "web.form.date.unclear"},
		{"", "", "", "", "", ""},
		{"", "", "", "2021-04-22", "2021-04-22", ""},
		{"", "", "", "22/4/2021", "2021-04-22", ""},
		{"", "", "", "31/2/2021", "", "web.form.date.none"},
		{"", "", "", "hôm qua", "", "web.form.date.unclear"},
	} {
		f := NewForm(url.Values{"due-day": {tt.d}, "due-month": {tt.m}, "due-year": {tt.y}, "due": {tt.one}})
		got := f.Date("due")
		fault := ""
		if len(f.Faults()) > 0 {
			fault = f.Faults()[0].Msg.Key
		}
		if got != tt.want || fault != tt.fault {
			t.Errorf("%q %q %q %q: %q %q, want %q %q", tt.d, tt.m, tt.y, tt.one, got, fault, tt.want, tt.fault)
		}
	}
	f := NewForm(url.Values{"due-day": {"31"}, "due-month": {"2"}, "due-year": {"2021"}})
	f.Date("due")
	if s := i18n.For(i18n.VI).Say(f.Faults()[0].Msg); s != "Không có ngày 31/2/2021 trên lịch" {
		t.Error(s)
	}
}

func TestIntField(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{"": 0, "0": 0, "12": 12, "-3": -3, "1.234": 1234, "1,234,567": 1234567, "12 345": 12345} {
		f := NewForm(url.Values{"n": {s}})
		if got := f.Int("n"); got != want || f.Failed() {
			t.Errorf("%q: %d %v", s, got, f.Faults())
		}
	}
	for _, s := range []string{"x", "1.23", "1.2345", "1..234", ".123", "1e3", "99999999999999999", "٣", "1,23"} {
		f := NewForm(url.Values{"n": {s}})
		if got := f.Int("n"); !f.Failed() {
			t.Errorf("%q: %d without fault", s, got)
		}
	}
}

func TestTextIsCleaned(t *testing.T) {
	t.Parallel()
	f := NewForm(url.Values{"t": {"  Xa\u0303\u00a0Thanh\tNưa\r\nbản\x00 Mển\u202e "}})
	if got := f.Text("t"); got != "Xã Thanh Nưa bản Mển" {
		t.Errorf("%q", got)
	}
	if got := f.Lines("t"); got != "Xã Thanh Nưa\nbản Mển" {
		t.Errorf("%q", got)
	}
}

func TestFormToken(t *testing.T) {
	t.Parallel()
	now := time.Date(2021, 4, 20, 5, 0, 0, 0, time.UTC)
	tk := tokens{key: []byte("k"), now: func() time.Time { return now }}
	a := tk.issue("lan")
	if a == tk.issue("lan") {
		t.Error("two tokens alike")
	}
	key, ok := tk.check(a, "lan")
	if !ok || key == "" {
		t.Error("a good token refused")
	}
	for name, bad := range map[string]struct{ token, actor string }{
		"of somebody else": {a, "minh"},
		"of the public":    {a, ""},
		"empty":            {"", "lan"},
		"cut":              {a[:20], "lan"},
		"changed":          {"A" + strings.Map(func(r rune) rune { return r + 1 }, a[:1]) + a[2:], "lan"},
		"no base64":        {"%%%", "lan"},
	} {
		if _, ok := tk.check(bad.token, bad.actor); ok {
			t.Errorf("%s: taken", name)
		}
	}
	now = now.Add(tokenLife + time.Second)
	if _, ok := tk.check(a, "lan"); ok {
		t.Error("an old token taken")
	}
	if _, ok := (tokens{key: []byte("other"), now: tk.now}).check(a, "lan"); ok {
		t.Error("a token of another key taken")
	}
}

// send makes a request with files; each is name, file name, size.
func send(t *testing.T, text map[string]string, files ...[3]any) *http.Request {
	t.Helper()
	var b bytes.Buffer
	mw := multipart.NewWriter(&b)
	for k, v := range text {
		if err := mw.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		w, err := mw.CreateFormFile(f[0].(string), f[1].(string))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(bytes.Repeat([]byte("x"), f[2].(int)))
	}
	if err := mw.WriteField("after", "still read"); err != nil {
		t.Fatal(err)
	}
	if err := mw.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", &b)
	r.Header.Set("Content-Type", mw.FormDataContentType())
	return r
}

func TestUploads(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	f, err := readForm(httptest.NewRecorder(), send(t, map[string]string{"name": "Lò Văn Xôm"},
		[3]any{"small", `C:\thư mục\ảnh.jpg`, 10}, [3]any{"big", "../../etc/passwd", inMemory + 5}, [3]any{"huge", "a.pdf", limit + 1}, [3]any{"none", "", 0}), limit)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if f.Text("name") != "Lò Văn Xôm" || f.Text("after") != "still read" {
		t.Error("text around a file over the limit is lost")
	}
	if u := f.File("small"); u == nil || u.Size != 10 || u.Name != "ảnh.jpg" {
		t.Errorf("small: %+v", u)
	}
	u := f.File("big")
	if u == nil || u.Name != "passwd" || u.Size != inMemory+5 {
		t.Fatalf("big: %+v", u)
	}
	for range 2 { // each Open reads from the beginning
		var b bytes.Buffer
		if n, err := b.ReadFrom(u.Open()); err != nil || n != u.Size {
			t.Errorf("read %d, %v", n, err)
		}
	}
	if f.File("huge") != nil || f.File("none") != nil {
		t.Error("a file over the limit, or none, is there")
	}
	if got := f.Faults(); len(got) != 1 || got[0].Name != "huge" || got[0].Msg.Key != "web.form.file.large" {
		t.Errorf("faults %v", got)
	}
	if !f.FileAgain() {
		t.Error("nobody says that the files must be chosen again")
	}
}

func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("a="+strings.Repeat("x", maxText)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err := readForm(httptest.NewRecorder(), r, 1); !errs.Is(err, errs.TooLarge) {
		t.Errorf("text: %v", err)
	}
	f, err := readForm(httptest.NewRecorder(), send(t, nil, [3]any{"a", "a", 1 << 20}, [3]any{"b", "b", 3 << 20}), 100<<10)
	f.close()
	if !errs.Is(err, errs.TooLarge) {
		t.Errorf("files: %v", err)
	}
	r = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"a":1}`))
	r.Header.Set("Content-Type", "application/json")
	if _, err := readForm(httptest.NewRecorder(), r, 1); !errs.Is(err, errs.Invalid) {
		t.Errorf("JSON: %v", err)
	}
}

func TestFaultsBesideFields(t *testing.T) {
	t.Parallel()
	p := i18n.For(i18n.VI)
	f := NewForm(url.Values{"name": {"Lan"}, "due-day": {"31"}, "due-month": {"2"}, "due-year": {"2021"}, "kind": {"b"}})
	f.posted = true
	f.Date("due")
	err := &errs.Error{Kind: errs.Invalid, Fields: []errs.Field{{Name: "name", Msg: i18n.M("web.form.int")}, {Msg: i18n.M("web.form.expired")}}}
	f.Fail(err)
	f.Fail(err) // twice is once
	s := newSummary(p, f)
	var to []string
	for _, i := range s.Items {
		to = append(to, i.Href)
	}
	if got := fmt.Sprint(to); got != "[#f-due-day #f-name ]" {
		t.Errorf("summary leads to %s", got)
	}
	c, cerr := newControl(p, f, "name", "web.skip", []any{"hint", "web.print"})
	if cerr != nil || c.Value != "Lan" || c.Error == "" || c.Hints != "f-name-hint f-name-error" {
		t.Errorf("%+v, %v", c, cerr)
	}
	f.Stored("name", "Minh")
	if c, _ = newControl(p, f, "name", "web.skip", nil); c.Stored != "Minh" || c.Value != "Lan" {
		t.Errorf("after a conflict: %+v", c)
	}
	c, _ = newControl(p, f, "kind", "web.skip", []any{"options", []Option{{Value: "a"}, {Value: "b"}}})
	if c.Options[0].Chosen || !c.Options[1].Chosen || c.Options[0].ID != "f-kind" {
		t.Errorf("options %+v", c.Options)
	}
	if _, err := newControl(p, f, "name", "web.skip", []any{"hnit", "x"}); err == nil {
		t.Error("a misspelt option is taken")
	}
	pw, _ := newControl(p, NewForm(url.Values{"p": {"secret"}}), "p", "web.skip", []any{"type", "password"})
	if pw.Value != "" {
		t.Error("a password is sent back")
	}
}

func TestClientIP(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, tt := range []struct {
		remote string
		via    []string
		want   string
	}{
		{"203.0.113.5:1", nil, "203.0.113.5"},
		{"203.0.113.5:1", []string{"198.51.100.1"}, "203.0.113.5"}, // not from a proxy of ours
		{"10.1.1.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"10.1.1.1:1", []string{"1.1.1.1, 198.51.100.1", "10.2.2.2"}, "198.51.100.1"},
		{"10.1.1.1:1", []string{"forged, 10.2.2.2"}, "10.2.2.2"},
		{"10.1.1.1:1", nil, "10.1.1.1"},
		{"[::1]:1", []string{"2001:db8::7"}, "2001:db8::7"},
		{"@", nil, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: tt.remote, Header: http.Header{"X-Forwarded-For": tt.via}}
		if got := clientIP(r, trusted).String(); got != tt.want {
			t.Errorf("%s %v: %s, want %s", tt.remote, tt.via, got, tt.want)
		}
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"/", "/lam-viec/viec-cua-toi", "/luat?ngay=2021-04-20&q=a%2Fb", "/a#b"} {
		if got := Local(ok, "/no"); got != ok {
			t.Errorf("%s refused", ok)
		}
	}
	for _, bad := range []string{"", "luat", "//evil.example", "https://evil.example", "/\\evil.example", "/%5Cevil\\", "javascript:alert(1)", "/a/../../b", "/a\r\nSet-Cookie: x", "///x", "/./x"} {
		if got := Local(bad, "/no"); got != "/no" {
			t.Errorf("%q taken as %q", bad, got)
		}
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"# Lớn":                          `<h3 class="govuk-heading-s">Lớn</h3>`,
		"<script>alert(1)</script>":      "",
		"một <em>hai</em>":               "<em>",
		"[x](javascript:alert(1))":       "javascript",
		"![ảnh](https://evil.example/p)": "<img",
		"- a\n- b":                       `<ul class="govuk-list govuk-list--bullet">`,
		"|a|b|\n|-|-:|\n|x|1,5|":         `<td class="govuk-table__cell govuk-table__cell--numeric">1,5</td>`,
		"|a|\n|-|\n|x|":                  `<th scope="col" class="govuk-table__header">a</th>`,
	} {
		got, err := markdown(in)
		if err != nil {
			t.Error(err)
		}
		wanted := strings.HasPrefix(want, "<h3") || strings.HasPrefix(want, "<ul") || strings.HasPrefix(want, "<t")
		if want != "" && strings.Contains(string(got), want) != wanted {
			t.Errorf("%s: %s", in, got)
		}
		if strings.Contains(string(got), "<script") {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestStaticAddresses(t *testing.T) {
	t.Parallel()
	as, err := readAssets(staticFiles)
	if err != nil {
		t.Fatal(err)
	}
	css := string(as["dinh.css"].body)
	if !strings.Contains(css, "url("+as["be-vietnam-pro-latin-400-normal.woff2"].url+")") {
		t.Error("the style sheet does not name the fonts by their hashed address")
	}
	for _, name := range []string{"govuk-frontend.min.css", "dinh.css"} {
		for _, bad := range []string{"GDS", "data:", "@import", "url(http"} {
			if strings.Contains(string(as[name].body), bad) {
				t.Errorf("%s has %s", name, bad)
			}
		}
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, as["dinh.js"].url, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	if !as.serve(w, r, strings.TrimPrefix(as["dinh.js"].url, staticPrefix)) || w.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%v", w.Header())
	}
	if as.serve(w, r, "x/../kit.go") || as.serve(w, r, "") {
		t.Error("something that is not there was served")
	}
}

func TestAcceptsGzip(t *testing.T) {
	t.Parallel()
	for h, want := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "br": false, "": false, "deflate, gzip": true} {
		if got := acceptsGzip(&http.Request{Header: http.Header{"Accept-Encoding": {h}}}); got != want {
			t.Errorf("%q: %v", h, got)
		}
	}
}

func TestStatusOfEveryKind(t *testing.T) {
	t.Parallel()
	p := map[i18n.Lang]*i18n.Printer{i18n.VI: i18n.For(i18n.VI), i18n.EN: i18n.For(i18n.EN)}
	for k := errs.Internal; k <= errs.Usage; k++ {
		s := statusOf(errs.E(k, "x"))
		if s < 400 {
			t.Errorf("kind %d: %d", k, s)
		}
		for lang, p := range p {
			if key := fmt.Sprintf("web.error.title.%d", s); !p.Has(key) {
				t.Errorf("%s: no %s", lang, key)
			}
		}
	}
	if s := statusOf(errors.New("x")); s != 500 {
		t.Error(s)
	}
}
