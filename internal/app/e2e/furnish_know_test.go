package e2e

import (
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

// The words of what the room disclosure keeps to some.
const (
	kStaffItem   = "Bimatnoibotruong"   // in everything about a school's item for its staff: title, words, file, question
	kStaffMatter = "Bimatviecrieng"     // a matter of the school's own for its staff, and that it did not arise: those who follow the school's progress read it
	kStaffCount  = "Bimatquychetruong"  // a session and a regulation of the school for its staff: superiors count them
	kDraftItem   = "Bimatbansoanxa"     // title of the commune's item that is not published
	kQuestion    = "Bimatcauhoichuaxem" // a question that nobody has looked at
	kContact     = "bimat@nguoihoi.vn"  // the address of whoever asked
	kTorn        = "Bimatbaomatto"      // what somebody says of a sheet that is gone
)

// school is where the demonstration's clqd works.
const school = "/dien-bien/truong-thpt-chuyen-le-quy-don"

// told is one record of each kind that a unit has in the room disclosure, as ids and addresses.
type told struct {
	item, slug, code, title            string
	pub                                string // the item's page for readers
	file, photo, work                  string
	question, receipt, report          string
	batch, board, matter               string
	session, sessionFile               string
	regulation, regulationFile, stated string
	posting                            string
	arise, unstate                     string // the forms that say so and take it back, with what they are about
}

// tell makes one record of each kind for a unit, through the pages, as its officer. Every text about the item has the word in it.
func (f *furnished) tell(t *testing.T, login, audience, word string) *told {
	t.Helper()
	c := f.as(t, login)
	send := func(at, form string, fill func(x *webtest.Form)) *webtest.Page {
		t.Helper()
		x := c.Get(at).Want(http.StatusOK).Form(form)
		fill(x)
		return x.Submit().Want(http.StatusOK)
	}
	follow, count := word, word // what those who follow the unit's progress read too, and what superiors count
	if audience != "public" {
		follow, count = kStaffMatter, kStaffCount
	}
	places := []string{"office", "website"}
	if audience == "public" {
		places = append(places, "loudspeaker")
	}
	const dinh, post = "form.dinh-form", "main form[method=post]"
	r := &told{title: "Mục thử " + word}
	r.work = send("/lam-viec/niem-yet/them?viec=khac", dinh, func(x *webtest.Form) {
		x.Set("title", r.title).Set("summary", "Tóm tắt "+word).Set("body", "Nội dung "+word).Set("audience", audience).Set("places", places...).SetDate("decided", "2021-04-19").
			Attach("file", word+".pdf", "application/pdf", budgetPDF(t))
	}).URL.Path
	r.item = path.Base(r.work)
	send(r.work+"/duyet", dinh, func(x *webtest.Form) {
		x.Set("paper_number", "21/TB").SetDate("paper_day", "2021-04-20").Set("paper_signer", "Người ký")
	})
	done := send(r.work+"/cong-bo", dinh, func(x *webtest.Form) { x.Set("secret", "no") })
	r.file = path.Base(strings.TrimSuffix(one(t, done, r.work+"/tep/"), "?goc=1"))
	r.pub = slices.MinFunc(hrefs(done, "/bang-niem-yet/2021/"), func(a, b string) int { return len(a) - len(b) })
	r.slug = path.Base(r.pub)
	send(r.work+"/noi/office/dan", post, func(x *webtest.Form) {
		x.SetDate("day", "2021-04-20").Attach("photos", "to.jpg", "image/jpeg", snapshot(t, uint8(len(word)), ""))
	})
	r.posting = strings.TrimPrefix(one(t, c.Get(r.work+"/noi/office"), "/noi/office/anh?lan="), r.work+"/noi/office/anh?lan=")
	r.batch = path.Base(send("/lam-viec/nhan-anh?muc="+r.item, post, func(x *webtest.Form) {
		x.Attach("photos", "cho.jpg", "image/jpeg", snapshot(t, 100+uint8(len(word)), ""))
	}).URL.Path)

	reader := c
	if audience == "public" {
		reader = f.as(t, public)
	}
	page := reader.Get(r.pub).Want(http.StatusOK)
	r.photo = path.Base(one(t, page, "/anh/"))
	r.code = shortLink.FindStringSubmatch(reader.Get(r.pub + "/to-niem-yet").Want(http.StatusOK).Text("article"))[1]
	ask := func(body, contact string) *webtest.Page {
		return reader.Get(r.pub+"/hoi").Want(http.StatusOK).Form(post).Set("hoi", body).Set("lien-he", contact).Submit().Want(http.StatusOK)
	}
	r.receipt = path.Base(ask("Câu hỏi "+word+" khi nào xong?", "").URL.Path)
	waits := kQuestion
	if audience != "public" {
		waits = word
	}
	ask("Câu hỏi "+waits+" bao giờ có?", kContact)
	tornAs := kTorn
	if audience != "public" {
		tornAs = word
	}
	reader.Get(r.pub+"/bao-mat-to").Want(http.StatusOK).Form(post).Set("loai", "missing").Set("noi", "office").Set("noi-dung", tornAs).Submit().Want(http.StatusOK)
	desk := c.Get("/lam-viec/hoi-dap").Want(http.StatusOK)
	r.report = path.Base(one(t, desk, "/lam-viec/hoi-dap/to/"))
	for _, h := range hrefs(desk, "/lam-viec/hoi-dap/") {
		if !strings.Contains(h, "/to/") && c.Get(h).Has(waits) {
			r.question = path.Base(h)
		}
	}

	send("/lam-viec/bang-thong-bao/them", post, func(x *webtest.Form) {
		x.Set("name", "Bảng "+word).Set("spot", "Hành lang").Set("audience", audience).SetDate("from", "2021-01-04")
	})
	r.board = last(t, c.Get("/lam-viec/bang-thong-bao"), "/lam-viec/bang-thong-bao/", "them", "cai-dat")
	send("/lam-viec/noi-dung-rieng/them", dinh, func(x *webtest.Form) {
		x.Set("title", "Việc riêng "+follow).Set("audience", audience).Set("recurrence", "yearly").SetDate("from", "2021-01-01")
	})
	r.matter = last(t, c.Get("/lam-viec/noi-dung-rieng"), "/lam-viec/noi-dung-rieng/", "them")
	send("/lam-viec/tuyen-truyen/them", dinh, func(x *webtest.Form) {
		x.Set("title", "Buổi "+count).SetDate("day", "2021-04-12").Set("audience", audience).Set("people", "40").Set("body", "Quán triệt "+count).Attach("files", count+"-2.pdf", "application/pdf", []byte(pdf))
		x.Set("kind", webtest.Attr(webtest.Find(x.Node(), "[name=kind]")[0], "value"))
	})
	r.session = last(t, c.Get("/lam-viec/tuyen-truyen"), "/lam-viec/tuyen-truyen/", "them")
	r.sessionFile = path.Base(one(t, c.Get("/lam-viec/tuyen-truyen/"+r.session).Want(http.StatusOK), "/tep/"))
	send("/lam-viec/quy-che/them", dinh, func(x *webtest.Form) {
		x.Set("title", "Quy chế "+count).Set("audience", audience).Set("doc_number", "12/QĐ").SetDate("doc_day", "2019-03-01").Attach("files", count+"-3.pdf", "application/pdf", []byte(pdf))
	})
	r.regulation = last(t, c.Get("/lam-viec/quy-che"), "/lam-viec/quy-che/", "them")
	r.regulationFile = path.Base(one(t, c.Get("/lam-viec/quy-che/"+r.regulation).Want(http.StatusOK), "/tep/"))

	arise := hrefs(c.Get("/lam-viec/phai-cong-khai").Want(http.StatusOK), "/khong-phat-sinh") // what is for staff stands last
	send(arise[len(arise)-1], dinh, func(x *webtest.Form) { x.Set("note", "Không có "+follow) })
	slots := c.Get("/lam-viec/phai-cong-khai").Want(http.StatusOK)
	r.arise, r.unstate = one(t, slots, "/khong-phat-sinh"), one(t, slots, "/lay-lai/")
	r.stated = path.Base(strings.Split(r.unstate, "?")[0])
	return r
}

// drafted is the commune's item that is not published.
func (f *furnished) drafted(t *testing.T) string {
	t.Helper()
	p := f.as(t, "thanhnua").Get("/lam-viec/niem-yet/them?viec=khac").Want(http.StatusOK).Form("form.dinh-form").Set("title", kDraftItem).Set("summary", kDraftItem).Submit().Want(http.StatusOK)
	return path.Base(p.URL.Path)
}

// last is the last part of the first address below prefix that is none of the words.
func last(t testing.TB, p *webtest.Page, prefix string, not ...string) string {
	t.Helper()
	for _, h := range hrefs(p, prefix) {
		id, _, _ := strings.Cut(strings.TrimPrefix(h, prefix), "?")
		if id != "" && !strings.Contains(id, "/") && !slices.Contains(not, id) {
			return id
		}
	}
	t.Fatalf("%s: nothing below %s in\n%s", p.URL, prefix, p.Main())
	return ""
}

// address is the route's pattern with this unit's records in the place of its wildcards; ok is false where it has others.
func (r *told) address(pattern string) (string, bool) {
	v := map[string]string{
		"item": r.item, "year": "2021", "slug": r.slug, "photo": r.photo, "size": "nho", "place": "office", "question": r.question, "report": r.report, "batch": r.batch, "board": r.board,
		"matter": r.matter, "session": r.session, "regulation": r.regulation, "statement": r.stated, "file": r.file, "token": strings.Repeat("A", 26),
	}
	switch {
	case strings.HasPrefix(pattern, "/n/"):
		v["code"] = r.code
	case strings.HasSuffix(pattern, "/hoi/{code}"):
		v["code"] = r.receipt
	case strings.HasPrefix(pattern, "/lam-viec/so-lieu/"):
		v["code"] = "II.1"
	}
	switch {
	case strings.Contains(pattern, "/tuyen-truyen/"):
		v["file"] = r.sessionFile
	case strings.Contains(pattern, "/quy-che/"):
		v["file"] = r.regulationFile
	}
	if strings.HasSuffix(pattern, "/{place}/phat") {
		v["place"] = "loudspeaker"
	}
	query := ""
	switch {
	case strings.HasSuffix(pattern, "/khong-phat-sinh"):
		return r.arise, true
	case strings.HasSuffix(pattern, "/lay-lai/{statement}"):
		return r.unstate, true
	}
	if pattern == "/lam-viec/tai-bang" {
		query = "?ma=" + r.code
	}
	if strings.HasSuffix(pattern, "/{place}/anh") || strings.HasSuffix(pattern, "/{place}/go") || strings.HasSuffix(pattern, "/{place}/gach") {
		query = "?lan=" + r.posting
	}
	parts := strings.Split(pattern, "/")
	for i, p := range parts {
		if name, is := strings.CutPrefix(p, "{"); is {
			value, known := v[strings.TrimSuffix(name, "}")]
			if !known {
				return "", false
			}
			parts[i] = value
		}
	}
	return strings.Join(parts, "/") + query, true
}

// words are ids of the records and what stands for them in tables.
func (r *told) words(prefix string) map[string]string {
	out := map[string]string{}
	for id, word := range map[string]string{
		r.item: "ITEM", r.slug: "SLUG", r.code: "CODE5", r.file: "PAPER", r.photo: "PHOTO", r.question: "QUESTION", r.receipt: "RECEIPT", r.report: "TORN", r.batch: "BATCH", r.board: "BOARD",
		r.posting: "POSTING", r.matter: "MATTER", r.session: "SESSION", r.sessionFile: "SESSION-FILE", r.regulation: "REGULATION", r.regulationFile: "REGULATION-FILE", r.stated: "STATEMENT",
	} {
		out[id] = prefix + word
	}
	return out
}

// room reports whether the route belongs to the room disclosure.
func room(r *web.Route) bool { return strings.Contains(handlerName(r), "/disclosureweb.") }
