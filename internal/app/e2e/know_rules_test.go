package e2e

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/app"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

// oneHead is a site with the units of Điện Biên on a day, one commune's head, and nothing else.
func oneHead(t *testing.T, day civil.Date) (*site, string) {
	t.Helper()
	o := options(t.TempDir(), "")
	o.Clock = civil.Shifted(time.Now, day)
	s := open(t, o)
	if err := s.Org.LoadSample(t.Context()); err != nil {
		t.Fatal(err)
	}
	h, err := s.Auth.HashPassword(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	var u *org.Unit
	for _, x := range s.Units.On(day).All() {
		if x.Kind == org.Commune && x.Name == "Xã Thanh Nưa" {
			u = x
		}
	}
	if u == nil {
		t.Fatalf("no xã Thanh Nưa on %s", day)
	}
	err = s.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := s.Auth.AddHashedTx(t.Context(), tx, access.System, auth.NewPerson{
			Name: "Cà Văn Hặc", Login: "chutichxa", Lang: i18n.VI, Post: auth.Assignment{Unit: u.ID, Kind: access.Head, Basis: "Kiểm thử", From: day},
		}, h)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, s.Units.Path(u.ID, day)
}

// TestEachYearItsOwnLaw publishes the same item in 2021 and in 2026: deadline and days are those of the law of its time, and the pages say why.
func TestEachYearItsOwnLaw(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		day, decided civil.Date
		matter, year string
		due, law     string
		not          string
	}{
		{"2021-04-20", "2021-04-12", budgetDuty, "2021", "14/4/2021", "Pháp lệnh 34/2007", "Luật 10/2022"},
		{"2026-04-21", "2026-04-13", "l-10-2022.d11.k1", "2026", "20/4/2026", "Luật 10/2022", "Pháp lệnh 34/2007"},
	} {
		t.Run(x.year, func(t *testing.T) {
			t.Parallel()
			s, unit := oneHead(t, x.day)
			c := s.as(t, "chutichxa")
			slots := c.Get("/lam-viec/phai-cong-khai").Want(http.StatusOK).Check()
			form := c.Get(one(t, slots, "viec="+x.matter)).Want(http.StatusOK).Form("form.dinh-form").Set("title", "Kế hoạch kinh tế - xã hội năm "+x.year).Set("summary", "Xã làm gì trong năm").Set("body", "Nội dung").
				SetDate("decided", string(x.decided))
			form.Values.Set("xem", "1")
			look := form.Send().Want(http.StatusOK).Check()
			look.WantText("chậm nhất ngày "+x.due, x.law, "niêm yết 30 ngày liên tục")
			if strings.Contains(look.Text("#han"), x.not) {
				t.Errorf("the law of another year: %s", look.Text("#han"))
			}
			form = look.Form("form.dinh-form")
			form.Values.Del("xem")
			work := form.Submit().Want(http.StatusOK).Check()
			work.WantText(x.due, x.law)
			at := work.URL.Path
			c.Get(at+"/duyet").Want(http.StatusOK).Form("form.dinh-form").Set("how", "man-hinh").Submit().Want(http.StatusOK)
			done := c.Get(at+"/cong-bo").Want(http.StatusOK).Form("form.dinh-form").Set("secret", "no").Submit().Want(http.StatusOK).Check()
			c.Get(at+"/noi/office/dan").Want(http.StatusOK).Form("main form[method=post]").SetDate("day", string(x.day)).Submit().Want(http.StatusOK).Check().WantText("Ngày thứ 1 trên 30")
			pub := hrefs(done, unit+"/bang-niem-yet/"+x.year+"/")[0]
			page := s.as(t, public).Get(strings.TrimSuffix(strings.TrimSuffix(pub, "/to-niem-yet"), "/tin-nhan")).Want(http.StatusOK).Check()
			page.WantText(x.due, x.law)
			if page.Has(x.not) {
				t.Errorf("the page names %s", x.not)
			}
			// The other year's law gives the unit nothing today.
			for _, line := range table(t, s.as(t, public).Get(unit+"/bang-niem-yet.csv").Want(http.StatusOK))[1:] {
				if !slices.Contains(line, string(x.day)) || !slices.Contains(line, "30") {
					t.Errorf("open data: %v", line)
				}
			}
		})
	}
}

// TestStaffOnly asks for a school's item for its staff on every route that there is, as those who do not work there: it does not exist, is not found, not
// listed and not fed. The school's own read it.
func TestStaffOnly(t *testing.T) {
	t.Parallel()
	f := furnish(t, demo(t))
	strangers := []string{public, "thanhnua", "truongban", "syt", "xakhac", "huyendb", "snv", "chutich", "mttq", "congdoan", "quantri"}
	all := f.addresses()
	n := 0
	for _, r := range f.kit.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		for _, role := range strangers {
			c := f.as(t, role)
			at, own := f.staff.address(r.Pattern)
			if own = own && room(r) && (strings.Contains(r.Pattern, "{") || strings.HasSuffix(r.Pattern, "/khong-phat-sinh")) && !strings.Contains(r.Pattern, "so-lieu") && !strings.Contains(r.Pattern, "{token}"); own {
				if r.Unit() {
					at = school + at
				}
				for _, lang := range []string{"", "/en"} {
					p := c.Do(http.MethodGet, lang+at, nil, nil)
					n++
					if p.Status == http.StatusOK && counted(r, role) {
						continue
					}
					if p.Status == http.StatusNotFound || role == public && strings.HasPrefix(at, "/lam-viec/") && p.Status == http.StatusSeeOther {
						continue
					}
					t.Errorf("GET %s (%s) as %s: %d", lang+at, r.Pattern, role, p.Status)
				}
				continue
			}
			// What names no record of the school: it tells of none.
			paths := f.of(t, all, r)
			if r.Unit() && !strings.Contains(r.Pattern, "{") {
				paths = append(paths, school+r.Pattern)
			}
			for _, path := range paths {
				f.silent(t, role, c.Do(http.MethodGet, path, nil, nil))
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d addresses of the school's records were asked for", n)
	}
	for _, role := range strangers {
		c := f.as(t, role)
		for _, path := range []string{
			province + "/tim?q=" + kStaffItem, school + "/tim?q=" + kStaffItem, "/tim?q=" + kStaffItem, school + "/bang-niem-yet?q=" + kStaffItem, province + "/bang-niem-yet?q=" + kStaffItem,
			province + "/bang-niem-yet?don-vi=CLQD", province + "/bang-niem-yet?loai=service_unit", school + "/bang-niem-yet.atom", school + "/bang-niem-yet.csv", school + "/bang-niem-yet.json",
			province + "/bang-niem-yet.atom", province + "/bang-niem-yet.csv", province + "/bang-niem-yet.json", "/sitemap.xml", "/robots.txt", "/api/v1/units", "/api/v1/search?q=" + kStaffItem,
			"/lam-viec/niem-yet?don-vi=CLQD", "/lam-viec/niem-yet.csv?don-vi=CLQD", "/lam-viec/phai-cong-khai?don-vi=CLQD", "/lam-viec/quy-che?don-vi=CLQD", "/lam-viec/tuyen-truyen?don-vi=CLQD",
			"/lam-viec/noi-dung-rieng?don-vi=CLQD", "/lam-viec/so-lieu?don-vi=CLQD", "/lam-viec/bang-thong-bao?don-vi=CLQD", "/lam-viec/tai-bang?ma=" + f.staff.code, "/lam-viec/nhan-anh?muc=" + f.staff.item,
		} {
			f.silent(t, role, c.Get(path))
		}
	}
	own := f.as(t, "clqd")
	for _, path := range []string{school + "/bang-niem-yet", f.staff.pub, f.staff.pub + "/to-niem-yet", f.staff.work, province + "/tim?q=" + kStaffItem, "/lam-viec/niem-yet", "/lam-viec/hoi-dap", "/n/" + f.staff.code} {
		own.Get(path).Want(http.StatusOK).Check().WantText(kStaffItem)
	}
	own.Get(f.staff.pub + "/tep/" + f.staff.file).Want(http.StatusOK)
	own.Get(f.staff.pub + "/anh/" + f.staff.photo).Want(http.StatusOK)

	// A form of one's own, sent to the school's records.
	officer := f.as(t, "thanhnua")
	before := contents(t, f.DB)
	for _, r := range f.kit.Routes() {
		at, ok := f.staff.address(r.Pattern)
		if !ok || r.Method != http.MethodPost || !room(r) || !strings.Contains(r.Pattern, "{") || strings.Contains(r.Pattern, "{token}") {
			continue
		}
		if r.Unit() {
			at = school + at
		}
		token := officer.Get(f.know.work + "/rut").Want(http.StatusOK).Form("form.dinh-form").Values.Get("_token")
		body := url.Values{"_token": {token}, "version": {"1"}, "title": {"x"}, "why": {"x"}, "secret": {"no"}, "lam": {"answered"}, "tra-loi": {"x"}, "hoi": {"x"}, "kind": {"taken"}, "day-day": {"20"}, "day-month": {"4"}, "day-year": {"2021"}}
		p := officer.Do(http.MethodPost, at, strings.NewReader(body.Encode()), http.Header{"Origin": {"http://" + webtest.Host}, "Sec-Fetch-Site": {"same-origin"}, "Content-Type": {"application/x-www-form-urlencoded"}})
		if p.Status != http.StatusNotFound {
			t.Errorf("POST %s as another unit's officer: %d to %q", at, p.Status, p.Header.Get("Location"))
		}
		f.silent(t, "thanhnua", p)
	}
	unchanged(t, before, contents(t, f.DB))
}

// counted reports whether the route shows what superiors count, with the right to read it that they have to everything that a unit has sent up: sessions and
// regulations. Items are not among it.
func counted(r *web.Route, role string) bool {
	return (role == "snv" || role == "chutich") && (strings.Contains(r.Pattern, "/tuyen-truyen/") || strings.Contains(r.Pattern, "/quy-che/"))
}

// silent wants an answer to tell nothing of what the school tells its staff alone. What the reader typed may come back; so the search's own words are not
// what is looked for.
func (f *furnished) silent(t *testing.T, role string, p *webtest.Page) {
	t.Helper()
	if p.Status >= 500 {
		t.Errorf("%s as %s: %d\n%s", p.URL, role, p.Status, f.log.last())
	}
	body := p.Body
	if strings.Contains(p.URL.RawQuery, kStaffItem) { // typed by the reader
		body = strings.ReplaceAll(body, kStaffItem, "")
	}
	asked, _ := url.QueryUnescape(p.URL.RequestURI())
	for _, word := range []string{kStaffItem, "Mục thử " + kStaffItem, f.staff.title, f.staff.slug, f.staff.code, f.staff.item, f.staff.photo, f.staff.file, f.staff.question, f.staff.regulation, f.staff.session} {
		if strings.Contains(body, word) && !strings.Contains(asked, word) {
			t.Errorf("%s as %s tells of %s", p.URL, role, word)
		}
	}
	if strings.Contains(body, "Mục thử ") && strings.Contains(p.URL.RawQuery, kStaffItem) && strings.Contains(p.Body, f.staff.title) {
		t.Errorf("%s as %s finds the school's item", p.URL, role)
	}
}

// atom is what RFC 4287 asks of a feed.
type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"http://www.w3.org/2005/Atom id"`
	Title   string   `xml:"http://www.w3.org/2005/Atom title"`
	Updated string   `xml:"http://www.w3.org/2005/Atom updated"`
	Author  []struct {
		Name string `xml:"http://www.w3.org/2005/Atom name"`
	} `xml:"http://www.w3.org/2005/Atom author"`
	Links   []atomLink `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		ID        string     `xml:"http://www.w3.org/2005/Atom id"`
		Title     string     `xml:"http://www.w3.org/2005/Atom title"`
		Updated   string     `xml:"http://www.w3.org/2005/Atom updated"`
		Published string     `xml:"http://www.w3.org/2005/Atom published"`
		Links     []atomLink `xml:"http://www.w3.org/2005/Atom link"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

func (a atom) link(rel string) string {
	for _, l := range a.Links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

// TestFeedsAndTables reads the feeds as strictly as their standard, and the tables as a table program does.
func TestFeedsAndTables(t *testing.T) {
	t.Parallel()
	f := furnish(t, demo(t))
	c := f.as(t, public)
	for _, at := range []string{commune, province, school, department} {
		for _, lang := range []string{"", "/en"} {
			p := c.Get(lang + at + "/bang-niem-yet.atom").Want(http.StatusOK)
			feed := parseAtom(t, p)
			if self := feed.link("self"); self != "http://"+webtest.Host+lang+at+"/bang-niem-yet.atom" {
				t.Errorf("%s says that it is at %s", p.URL, self)
			}
			if at == commune && (len(feed.Entries) != 1 || feed.Entries[0].Title != f.know.title) || at == province && len(feed.Entries) < 20 || at == school && !strings.Contains(p.Body, "(mẫu)") && len(feed.Entries) > 0 {
				t.Errorf("%s: %d entries", p.URL, len(feed.Entries))
			}
			for _, e := range feed.Entries[:min(len(feed.Entries), 5)] {
				u, err := url.Parse(e.Links[0].Href)
				if err != nil || u.Host != webtest.Host {
					t.Fatalf("%s: entry at %q: %v", p.URL, e.Links[0].Href, err)
				}
				c.Get(u.RequestURI()).Want(http.StatusOK)
			}
		}
	}
	lines := table(t, c.Get(province+"/bang-niem-yet.csv").Want(http.StatusOK))
	found := false
	for _, l := range lines[1:] {
		if len(l) != len(lines[0]) {
			t.Errorf("a line of %d cells under a head of %d: %v", len(l), len(lines[0]), l)
		}
		found = found || slices.Contains(l, "Xã Thanh Nưa") && slices.Contains(l, f.know.title) && slices.Contains(l, "03322")
		if slices.ContainsFunc(l, func(s string) bool { return s != i18n.NFC(s) || s != "" && strings.ContainsRune("=+-@", rune(s[0])) }) {
			t.Errorf("a cell that is taken for a formula, or not one form of Vietnamese: %q", l)
		}
	}
	if !found {
		t.Errorf("no line of the commune's item among %d", len(lines))
	}
	var rows any
	p := c.Get(province + "/bang-niem-yet.json").Want(http.StatusOK)
	if err := json.Unmarshal([]byte(p.Body), &rows); err != nil || !strings.Contains(p.Body, "Xã Thanh Nưa") {
		t.Errorf("JSON: %v: %.300s", err, p.Body)
	}
}

// parseAtom reads a feed with the strict reader and wants what the standard says must be there.
func parseAtom(t *testing.T, p *webtest.Page) atom {
	t.Helper()
	if kind := p.Header.Get("Content-Type"); kind != "application/atom+xml; charset=utf-8" {
		t.Errorf("%s is %s", p.URL, kind)
	}
	var a atom
	d := xml.NewDecoder(strings.NewReader(p.Body))
	if err := d.Decode(&a); err != nil {
		t.Fatalf("%s: %v\n%.500s", p.URL, err, p.Body)
	}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if text, ok := tok.(xml.CharData); err != nil || !ok || len(bytes.TrimSpace(text)) > 0 {
			t.Fatalf("%s: after the feed: %v %v", p.URL, tok, err)
		}
	}
	seen := map[string]bool{}
	whole := func(what, id, title, updated string) {
		if u, err := url.Parse(id); err != nil || u.Scheme == "" || seen[id] {
			t.Errorf("%s: %s has the id %q: %v", p.URL, what, id, err)
		}
		seen[id] = true
		if _, err := time.Parse(time.RFC3339, updated); err != nil || strings.TrimSpace(title) == "" {
			t.Errorf("%s: %s %q of %q: %v", p.URL, what, title, updated, err)
		}
	}
	whole("feed", a.ID, a.Title, a.Updated)
	if len(a.Author) != 1 || a.Author[0].Name == "" || a.link("alternate") == "" {
		t.Errorf("%s: author %v, links %v", p.URL, a.Author, a.Links)
	}
	for _, e := range a.Entries {
		whole("entry", e.ID, e.Title, e.Updated)
		if len(e.Links) == 0 || e.Published != "" && e.Published > e.Updated {
			t.Errorf("%s: entry %q with links %v, published %s after %s", p.URL, e.Title, e.Links, e.Published, e.Updated)
		}
	}
	return a
}

// TestServerOffForADay lets the server be away for more than a day: the days on the website that it cuts are not counted, and the item's page says so.
func TestServerOffForADay(t *testing.T) {
	t.Parallel()
	s := moving(t)
	ctx := t.Context()
	c := s.as(t, "ct-thanhnua")
	work := c.Get("/lam-viec/niem-yet/them?viec=pl-34-2007.d5.k9").Want(http.StatusOK).Form("form.dinh-form").Set("title", "Mức thu phí năm 2021").Set("summary", "Thu bao nhiêu").Set("body", "Nội dung").SetDate("decided", "2021-04-19").Submit().Want(http.StatusOK).URL.Path
	c.Get(work+"/duyet").Form("form.dinh-form").Set("how", "man-hinh").Submit().Want(http.StatusOK)
	done := c.Get(work+"/cong-bo").Form("form.dinh-form").Set("secret", "no").Submit().Want(http.StatusOK)
	pub := slices.MinFunc(hrefs(done, "/bang-niem-yet/2021/"), func(a, b string) int { return len(a) - len(b) })
	beat := func() {
		t.Helper()
		if err := s.Disclosure.Beat(ctx); err != nil {
			t.Fatal(err)
		}
	}
	beat()
	const dark = "Trang không vào được"
	if p := s.as(t, public).Get(pub).Want(http.StatusOK).Check(); p.Has(dark) {
		t.Error("the website is said to have been away before it was")
	}
	s.ahead.Add(int64(2 * time.Minute)) // a beat that comes a little late is no outage
	beat()
	if out, err := s.Disclosure.Outages(ctx, 10); err != nil || len(out) != 0 {
		t.Errorf("outages %v, %v", out, err)
	}
	s.until("2021-04-22") // two days without a beat: at least one whole civil day
	beat()
	out, err := s.Disclosure.Outages(ctx, 10)
	if err != nil || len(out) != 1 || out[0].To.Sub(out[0].From) < 47*time.Hour {
		t.Fatalf("outages %v, %v", out, err)
	}
	for _, at := range []string{pub, s.officerPage(work)} {
		reader := s.as(t, "ct-thanhnua")
		if at == pub {
			reader = s.as(t, public)
		}
		if p := reader.Get(at).Want(http.StatusOK).Check(); at == pub {
			p.WantText(dark)
		} else {
			p.WantText("ngày trang bị ngừng, không tính")
		}
	}
	if err := s.Audit.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Audit.Verify(ctx); err != nil || !r.OK() {
		t.Errorf("the log: %v, %+v", err, r.Faults)
	}
}

func (s movingSite) officerPage(work string) string { return work + "/noi/website" }

// TestChangedPhotoIsFound changes the bytes of a photo on the disk: verifying says which, and of a file that is gone too.
func TestChangedPhotoIsFound(t *testing.T) {
	t.Parallel()
	s := demo(t)
	f := furnish(t, s)
	ctx := t.Context()
	verify := func() int {
		t.Helper()
		r, err := app.Verify(ctx, app.Options{Config: options(s.dir, "").Config, Clock: s.Clock}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range r.Faults {
			t.Log(i18n.For(i18n.VI).Say(fault.Msg))
		}
		return r.FaultCount()
	}
	if err := s.Audit.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if n := verify(); n != 0 {
		t.Fatalf("%d faults before anything was changed", n)
	}
	// The file of the photo as the phone took it.
	original := f.as(t, "thanhnua").Get("/lam-viec/anh/" + f.know.photo + "/goc").Want(http.StatusOK).Body
	changed := 0
	err := filepath.WalkDir(filepath.Join(s.dir, "files"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil || string(b) != original {
			return err
		}
		changed++
		b[len(b)/2] ^= 1
		return errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, b, 0o600))
	})
	if err != nil || changed != 1 {
		t.Fatalf("%d files changed: %v", changed, err)
	}
	if n := verify(); n != 1 {
		t.Errorf("%d faults after one bit of one photo was changed", n)
	}
}
