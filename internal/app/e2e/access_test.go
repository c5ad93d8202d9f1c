package e2e

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/web"
	"dinh/internal/web/webtest"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/access.txt anew; look at what changed before it is committed")

// TestAccess asks for every route as every role, in both languages: who may not come is turned away as Who says, nothing fails inside, nobody reads what is
// not theirs. The answers stand in testdata/access.txt, so that a change of who may do what is seen.
func TestAccess(t *testing.T) {
	t.Parallel()
	f := furnish(t, demo(t))
	for _, role := range roles() {
		f.as(t, role)
	}
	before := contents(t, f.DB)
	all := f.addresses()
	var table strings.Builder
	for _, r := range f.kit.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		for _, path := range f.of(t, all, r) {
			table.WriteString(f.ask(t, r, path))
		}
	}
	unchanged(t, before, contents(t, f.DB))
	golden(t, "access.txt", table.String())
	for _, s := range secrets {
		for _, role := range s.who {
			if !f.read[s.word+" "+role] {
				t.Errorf("%s may read %s and found it nowhere", role, s.word)
			}
		}
	}
}

// TestPostsNeedTheirForm sends every POST as every role without the token of a form, and with a forged one: nothing may come of it.
func TestPostsNeedTheirForm(t *testing.T) {
	t.Parallel()
	f := furnish(t, demo(t))
	for _, role := range roles() {
		f.as(t, role)
	}
	before := contents(t, f.DB)
	all := f.addresses()
	header := http.Header{"Origin": {"http://" + webtest.Host}, "Sec-Fetch-Site": {"same-origin"}, "Content-Type": {"application/x-www-form-urlencoded"}}
	n := 0
	for _, r := range f.kit.Routes() {
		// Whoever wants to go, may; another site cannot send it. One click in a mail program ends a subscription, without a form.
		if r.Method != http.MethodPost || r.Pattern == "/thoat" || r.Pattern == "/huy-dang-ky/{token}" {
			continue
		}
		for _, path := range f.of(t, all, r) {
			for _, role := range roles() {
				for _, body := range []string{"sure=1&confirm=1&version=1", "_token=" + strings.Repeat("A", 54) + "&sure=1&confirm=1"} {
					p := f.as(t, role).Do(http.MethodPost, path, strings.NewReader(body), header)
					f.turned(t, r, role, p)
					f.sound(t, role, p)
					if (r.Pattern == "/lam-viec/tai-bang" && p.Status == http.StatusOK) || (strings.HasSuffix(r.Pattern, "/{place}/go") && strings.Contains(path, f.draftOf)) {
						continue // asks where one stands; there is nothing to take down: nothing is done before the form is looked at
					}
					if p.Status < 300 || p.Status < 400 && !strings.HasPrefix(path, "/dang-nhap") {
						t.Errorf("POST %s as %s without a form: %d to %s", path, role, p.Status, p.Header.Get("Location"))
					}
					n++
				}
			}
		}
	}
	unchanged(t, before, contents(t, f.DB))
	t.Logf("%d posts", n)
}

// ask is one line of the table: an address with the status for each role.
func (f *furnished) ask(t *testing.T, r *web.Route, path string) string {
	t.Helper()
	by := map[int][]string{}
	for _, role := range roles() {
		c := f.as(t, role)
		p := c.Do(http.MethodGet, path, nil, nil)
		f.turned(t, r, role, p)
		f.sound(t, role, p)
		en := c.Do(http.MethodGet, english(path), nil, nil)
		f.sound(t, role, en)
		if en.Status != p.Status {
			t.Errorf("%s as %s: %d, in English %d", path, role, p.Status, en.Status)
		}
		by[p.Status] = append(by[p.Status], role)
	}
	return f.named(r, path) + "\n" + byStatus(by)
}

func english(path string) string {
	if path == "/" {
		return "/en"
	}
	return "/en" + path
}

func byStatus(by map[int][]string) string {
	var out strings.Builder
	for _, status := range slices.Sorted(maps.Keys(by)) {
		who := strings.Join(by[status], " ")
		switch len(by[status]) {
		case len(roles()):
			who = "EVERYBODY"
		case len(roles()) - 1:
			if by[status][0] != public {
				who = "STAFF"
			}
		}
		fmt.Fprintf(&out, "    %d %s\n", status, strings.ReplaceAll(who, public, "PUBLIC"))
	}
	return out.String()
}

// named is an address with words in the place of ids, so that the table is the same in every run.
func (f *furnished) named(r *web.Route, path string) string {
	words := map[string]string{f.unit: "THANH-NUA", f.village: "BAN-MEN", f.nudge: "NUDGE", f.invite: "INVITATION", f.code: "CODE", f.handed: "RECORD", f.upload: "UPLOAD", f.erasure: "ERASURE", f.post: "POST"}
	for login, id := range f.accs {
		words[id] = strings.ToUpper(login)
	}
	for _, m := range []map[string]string{f.at, f.occ, f.ev, f.file} {
		for name, id := range m {
			if name == "draft" || name == "returned" || name == "claimed" || strings.HasPrefix(name, "bimat") {
				words[id] = strings.ToUpper(name)
			}
		}
	}
	maps.Copy(words, f.know.words(""))
	maps.Copy(words, f.staff.words("STAFF-"))
	if f.report.period != "none" {
		words[f.report.period] = "PERIOD"
	}
	words[f.draftOf] = "DRAFT-ITEM"
	for id, word := range words {
		path = strings.ReplaceAll(path, id, word)
	}
	return r.Method + " " + path
}

// turned checks what Who alone decides.
func (f *furnished) turned(t *testing.T, r *web.Route, role string, p *webtest.Page) {
	t.Helper()
	var actor access.Actor
	if role != public {
		actor = f.actor(t, role)
	}
	work := strings.HasPrefix(r.Pattern, "/lam-viec")
	want := 0
	switch {
	case r.Who.Allows(actor):
		if role != public && p.Status == http.StatusSeeOther && strings.HasPrefix(p.Header.Get("Location"), "/dang-nhap") && !strings.HasPrefix(r.Pattern, "/dang-nhap") {
			t.Errorf("%s as %s: sent to log in", p.URL, role)
		}
	case role == public && work && r.Method == http.MethodGet:
		want = http.StatusSeeOther
		if to := p.Header.Get("Location"); to != "/dang-nhap?tiep="+url.QueryEscape(p.URL.RequestURI()) {
			t.Errorf("%s: sent to %s", p.URL, to)
		}
	case role == public && work:
		want = http.StatusForbidden
	default:
		want = http.StatusNotFound
	}
	if want != 0 && p.Status != want {
		t.Errorf("%s as %s: %d, want %d", p.URL, role, p.Status, want)
	}
	if p.Status == http.StatusForbidden && role != public && len(p.Text("main")) < 40 {
		t.Errorf("%s as %s: 403 does not say who may: %s", p.URL, role, p.Main())
	}
}

// sound checks what holds for every answer: it did not fail inside, it is no page with faults, it tells nothing that is not the reader's.
func (f *furnished) sound(t *testing.T, role string, p *webtest.Page) {
	t.Helper()
	if p.Status >= 500 {
		t.Errorf("%s as %s: %d\n%s", p.URL, role, p.Status, f.log.last())
		return
	}
	if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") && (p.Status < 300 || p.Status >= 400) {
		for _, fault := range webtest.Faults(p.Body) {
			t.Errorf("%s as %s: %s", p.URL, role, fault)
		}
	}
	f.discreet(t, role, p)
}

func (f *furnished) discreet(t *testing.T, role string, p *webtest.Page) {
	t.Helper()
	for _, s := range secrets {
		if !strings.Contains(p.Body, s.word) || slices.Contains(f.told, s.word) {
			continue
		}
		f.read[s.word+" "+role] = true
		if !slices.Contains(s.who, role) && !history(role, p) {
			t.Errorf("%s as %s shows %s", p.URL, role, s.word)
		}
	}
	if slices.Contains(mayReadNames, role) {
		return
	}
	for _, name := range personalNames {
		if strings.Contains(p.Body, name) && (name != personalNames[0] || !acted(p)) {
			t.Errorf("%s as %s names %s", p.URL, role, name)
		}
	}
}

// acted reports whether the page tells everybody who put a sheet up, or stated that something did not arise: they do so by name.
func acted(p *webtest.Page) bool {
	path := strings.TrimPrefix(p.URL.Path, "/en")
	return strings.HasPrefix(path, commune+"/bang-niem-yet/2021/") || path == commune+"/phai-cong-khai"
}

// history reports whether the page is the log of what was done, which heads, focal officers and administrators of a unit and of those above it read with
// all its details.
func history(role string, p *webtest.Page) bool {
	path := strings.TrimPrefix(p.URL.Path, "/en")
	return (strings.HasPrefix(path, "/lam-viec/lich-su") || strings.HasPrefix(path, "/lam-viec/nhat-ky/xoa")) &&
		slices.Contains([]string{"thanhnua", "ct-thanhnua", "huyendb", "chutich", "quantri", "quantri-huyen"}, role)
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s differs (see -update): %s", name, d)
	}
}

// unchanged compares the rows of all tables.
func unchanged(t *testing.T, before, now map[string]string) {
	t.Helper()
	for table := range now {
		old := strings.Split(before[table], "\n")
		for row := range strings.SplitSeq(now[table], "\n") {
			if !slices.Contains(old, row) {
				t.Errorf("%s has a new row: %.300s", table, row)
			}
		}
		if n := strings.Count(before[table], "\n") - strings.Count(now[table], "\n"); n > 0 {
			t.Errorf("%s has lost %d rows", table, n)
		}
	}
}

// contents are the rows of each table, in a fixed order.
func contents(t *testing.T, d *db.DB) map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := d.Dump(t.Context(), &b, nil, nil); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	table := ""
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "[") && !strings.HasPrefix(line, `{"table"`) {
			continue // head and end
		}
		if m := tableLine.FindStringSubmatch(line); m != nil {
			table = m[1]
		}
		out[table] += line
	}
	for name, text := range out {
		lines := strings.Split(text, "\n")
		sort.Strings(lines)
		out[name] = strings.Join(lines, "\n")
	}
	return out
}

var tableLine = regexp.MustCompile(`^\{"table":"(\w+)"`)
