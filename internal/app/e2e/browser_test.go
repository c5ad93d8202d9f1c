package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"dinh/internal/app"
	"dinh/internal/web"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// serve lets a demonstration answer on a port of its own, with all that runs beside the pages.
func serve(t *testing.T) (*site, string) {
	t.Helper()
	ln, err := app.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := options(folder(t), "")
	o.Config.BaseURL = app.URL(ln)
	s := open(t, o)
	run(t, s, ln)
	return s, o.Config.BaseURL
}

// run serves until the test ends.
func run(t *testing.T, s *site, ln net.Listener) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

// browser is Chromium, started once for a test and all its tabs.
func browser(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			program = p
			break
		}
	}
	if program == "" {
		if os.Getenv("DINH_TEST_ALL") == "1" {
			t.Fatal("no Chromium in PATH")
		}
		t.Skip("no Chromium in PATH")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("no-proxy-server", true), chromedp.Flag("lang", "vi"),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	return ctx
}

// tab is one person at a screen.
type tab struct {
	t     *testing.T
	ctx   context.Context
	base  string
	lang  string // "" or "/en"
	width int64
	name  string
	shots int
	dir   string

	mu     sync.Mutex
	faults []string
}

type view struct {
	lang   string
	width  int64
	script bool
}

func (v view) String() string {
	lang, script := "vi", "script"
	if v.lang != "" {
		lang = "en"
	}
	if !v.script {
		script = "noscript"
	}
	return fmt.Sprintf("%s-%d-%s", lang, v.width, script)
}

// patience is how long a person waits for one thing.
const patience = 30 * time.Second

// sit opens a tab without cookies.
func sit(browser context.Context, t *testing.T, base, name string, v view) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, base: base, lang: v.lang, width: v.width, name: v.String() + "-" + name, dir: t.ArtifactDir()}
	var mobile []chromedp.EmulateViewportOption
	height := int64(900)
	if v.width < 600 {
		mobile, height = []chromedp.EmulateViewportOption{chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait}, 740
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(v.width, height, mobile...)); err != nil { // the first to use the tab: it lives as long as ctx
		t.Fatal(err)
	}
	if !v.script {
		b.do("switch script off", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			return err
		}))
	}
	err := chromedp.Listen(ctx, func(ev any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := ev.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Source != "network" && (e.Entry.Level == "error" || e.Entry.Level == "warning") {
				b.faults = append(b.faults, e.Entry.Text)
			}
		case *runtime.EventExceptionThrown:
			b.faults = append(b.faults, e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fatal(what, err)
	}
}

// fatal ends the test with a picture of what the person saw.
func (b *tab) fatal(what string, err error) {
	b.t.Helper()
	at, _ := chromedp.Run(b.ctx, chromedp.Location())
	b.shoot("failed")
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText.slice(0, 2000) : ""`))
	b.t.Fatalf("%s: %s at %s: %v\n%s", b.name, what, at, err, text)
}

func (b *tab) shoot(what string) {
	b.t.Helper()
	b.shots++
	picture := chromedp.FullScreenshot(60)
	if high, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`document.documentElement.scrollHeight`)); err == nil && high > 6000 {
		picture = chromedp.CaptureScreenshot() // a board of 200 units: its beginning will do
	}
	jpeg, err := chromedp.Run(b.ctx, picture)
	if err == nil {
		err = os.WriteFile(filepath.Join(b.dir, fmt.Sprintf("%s-%02d-%s.jpg", b.name, b.shots, what)), jpeg, 0o644)
	}
	if err != nil {
		b.t.Logf("%s: no picture: %v", b.name, err)
	}
}

// go to a page of the site, without its language.
func (b *tab) visit(path string) {
	b.t.Helper()
	p := b.lang + path
	if path == "/" && b.lang != "" {
		p = b.lang
	}
	res, err := chromedp.Run(b.ctx, chromedp.NavigateResponse(b.base+p))
	b.arrived("visit "+path, res, err, http.StatusOK)
}

// click follows a link or presses a button, and waits for the page to which that leads.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.press(selector, http.StatusOK)
}

func (b *tab) press(selector string, status int64) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
	b.arrived("click "+selector, res, err, status)
}

// arrived looks at every page a person comes to: it is there, in the right language, does not scroll sideways, and nothing was refused by its policy.
func (b *tab) arrived(what string, res *network.Response, err error, status int64) {
	b.t.Helper()
	if err != nil {
		b.fatal(what, err)
	}
	if res != nil && res.Status != status {
		b.fatal(what, fmt.Errorf("status %d, want %d", res.Status, status))
	}
	type state struct {
		Lang  string `json:"lang"`
		Wide  int    `json:"wide"`
		Width int    `json:"width"`
		H1    int    `json:"h1"`
		Who   string `json:"who"`
	}
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[state](`(() => {
		const d = document.documentElement, w = d.clientWidth;
		let who = "";
		for (const e of document.querySelectorAll("body *")) {
			const r = e.getBoundingClientRect();
			if (r.right > w + 1 && r.width > 0 && getComputedStyle(e).position !== "fixed") { who = e.tagName + "." + e.className + " " + (e.textContent || "").trim().slice(0, 40); break; }
		}
		return {lang: d.lang, wide: d.scrollWidth, width: w, h1: document.querySelectorAll("h1").length, who: who};
	})()`))
	if err != nil {
		b.fatal(what, err)
	}
	want := "vi"
	if b.lang != "" {
		want = "en"
	}
	if s.Lang != want || s.H1 != 1 {
		b.t.Errorf("%s: %s: language %q, %d h1", b.name, what, s.Lang, s.H1)
	}
	if s.Wide > s.Width {
		b.t.Errorf("%s: %s: scrolls sideways: %d wide on %d: %s", b.name, what, s.Wide, s.Width, s.Who)
	}
	b.mu.Lock()
	for _, f := range b.faults {
		b.t.Errorf("%s: %s: the browser says: %s", b.name, what, f)
	}
	b.faults = nil
	b.mu.Unlock()
	b.shoot(slug(what))
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

func slug(s string) string {
	s = strings.Trim(notSlug.ReplaceAllString(strings.ToLower(s), "-"), "-")
	return s[:min(len(s), 60)]
}

// fill types into a field, in place of what it had.
func (b *tab) fill(name, value string) {
	b.t.Helper()
	sel := `[name="` + name + `"]:not([type=hidden])`
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).value = ''", sel))); err != nil {
		b.fatal("clear "+name, err)
	}
	b.do("fill "+name, chromedp.SendKeys(chromedp.CSS(sel), value))
}

func (b *tab) fillDay(name, day, month, year string) {
	b.t.Helper()
	b.fill(name+"-day", day)
	b.fill(name+"-month", month)
	b.fill(name+"-year", year)
}

// tick presses a radio or a checkbox that is not ticked yet.
func (b *tab) tick(selector string) {
	b.t.Helper()
	if b.count(selector+":checked") > 0 {
		return
	}
	b.do("tick "+selector, chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// choose takes an entry of a select.
func (b *tab) choose(name, value string) {
	b.t.Helper()
	b.do("choose "+name, chromedp.SetValue(chromedp.CSS(`select[name="`+name+`"]`), value))
}

func (b *tab) attach(name string, files ...string) {
	b.t.Helper()
	b.do("attach "+strings.Join(files, " "), chromedp.SetUploadFiles(chromedp.CSS(`input[type=file][name="`+name+`"]`), files))
}

// pick takes the nth entry of the select that the selector finds.
func (b *tab) pick(selector string, n int) {
	b.t.Helper()
	value := b.eval("entry", selector+fmt.Sprintf(" option:nth-child(%d)", n+1), "value")
	b.do("pick "+selector, chromedp.SetValue(chromedp.CSS(selector), value))
}

// text is what an element says; the element must be there.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return strings.Join(strings.Fields(b.eval("text", selector, "textContent")), " ")
}

// value is what stands in a field.
func (b *tab) value(name string) string {
	b.t.Helper()
	return b.eval("value", `[name="`+name+`"]:not([type=hidden])`, "value")
}

func (b *tab) eval(what, selector, property string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf(`(() => { const e = document.querySelector(%q); return e ? "=" + e.%s : ""; })()`, selector, property)))
	if err == nil && s == "" {
		err = errors.New("it is not there")
	}
	if err != nil {
		b.fatal(what+" of "+selector, err)
	}
	return s[1:]
}

// count is how many elements there are.
func (b *tab) count(selector string) int {
	b.t.Helper()
	n, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](fmt.Sprintf("document.querySelectorAll(%q).length", selector)))
	if err != nil {
		b.fatal("count "+selector, err)
	}
	return n
}

// reads fails unless the page's main part has the words.
func (b *tab) reads(words ...string) {
	b.t.Helper()
	all := b.text("main")
	for _, w := range words {
		if !strings.Contains(all, w) {
			b.t.Errorf("%s: no %q in: %s", b.name, w, all)
		}
	}
}

// pages prints the page as its style sheet says, keeps the PDF, and counts its sheets.
func (b *tab) pages(name string) int {
	b.t.Helper()
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize()))
	if err == nil {
		err = os.WriteFile(filepath.Join(b.dir, b.name+"-"+name+".pdf"), pdf, 0o644)
	}
	if err != nil {
		b.fatal("print", err)
	}
	return len(sheet.FindAll(pdf, -1))
}

var sheet = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// logIn goes through the form.
func (b *tab) logIn(login string) {
	b.t.Helper()
	b.visit("/dang-nhap")
	b.fill("ten", login)
	b.fill("mat_khau", password)
	b.click(`main form button[type=submit]`)
}

// cookie is the session's, to fetch files with.
func (b *tab) cookie() *http.Cookie {
	b.t.Helper()
	var out *http.Cookie
	b.do("read the cookie", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		res, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{b.base}})
		if err != nil {
			return err
		}
		for _, c := range res.Cookies {
			if c.Name == web.CookieName {
				out = &http.Cookie{Name: c.Name, Value: c.Value}
				if !c.HTTPOnly || c.SameSite != "Lax" {
					return errors.New("the cookie can be read by scripts or goes to other sites")
				}
			}
		}
		if out == nil {
			return errors.New("no cookie")
		}
		return nil
	}))
	return out
}
