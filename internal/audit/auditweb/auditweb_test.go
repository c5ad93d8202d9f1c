package auditweb

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/i18n"
	"dinh/internal/job"
	"dinh/internal/org"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

// people are log-ins by their token.
type people map[string]access.Actor

func (p people) Session(_ context.Context, token string) (access.Actor, web.Session, error) {
	return p[token], web.Session{ID: token}, nil
}

type bundle struct {
	d     *db.DB
	log   *audit.Log
	k     *web.Kit
	tree  *org.Tree
	units *org.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	return setupAt(t, dbtest.Clock)
}

func setupAt(t *testing.T, clock civil.Clock) *bundle {
	t.Helper()
	d := dbtest.NewAt(t, clock)
	dir, err := org.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	units := org.NewService(d, dir)
	if err := units.LoadSample(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &bundle{d: d, units: units, log: audit.New(d, t.TempDir(), clock), tree: dir.On("2021-04-20")}
	who := people{}
	for token, p := range map[string]struct {
		kind access.PostKind
		code string
	}{
		"an": {access.Admin, "11"}, "binh": {access.Admin, "11"}, "head": {access.Head, "03322"}, "officer": {access.Officer, "03322"}, "other": {access.Admin, "03325"},
		"district": {access.Head, "100"}, "keeper": {access.Admin, "03322"}, "chairman": {access.Head, "11"},
	} {
		u, ok := b.tree.ByCode(p.code)
		if !ok {
			t.Fatalf("no unit %s", p.code)
		}
		who[token] = access.Actor{ID: token, Name: "Người " + token, Posts: []access.Post{{Kind: p.kind, Unit: u.ID}}}
	}
	b.k, err = web.New(web.Config{DB: d, Clock: clock, Units: dir, Sessions: who, Key: []byte("k"), BaseURL: "http://" + webtest.Host})
	if err != nil {
		t.Fatal(err)
	}
	Register(b.k, b.log, d, dir)
	return b
}

func (b *bundle) as(t *testing.T, token string) *webtest.Client {
	t.Helper()
	c := webtest.New(t, b.k)
	if token != "" {
		c.Cookies[web.CookieName] = token
	}
	return c
}

// record writes an entry of a unit and returns its id.
func (b *bundle) record(t *testing.T, code, who, what string) string {
	t.Helper()
	return b.enter(t, code, audit.Entry{ActorName: who, Subject: what})
}

// enter writes an entry of a unit, filled up, and returns its id.
func (b *bundle) enter(t *testing.T, code string, e audit.Entry) string {
	t.Helper()
	who, what := e.ActorName, e.Subject
	u, ok := b.tree.ByCode(code)
	if !ok {
		t.Fatalf("no unit %s", code)
	}
	err := b.d.Write(t.Context(), func(tx *db.Tx) error {
		return audit.Record(t.Context(), tx, audit.Entry{
			Actor: "a-" + who, ActorName: who, Action: "plan.receive", Unit: u.ID, Kind: cmp.Or(e.Kind, "plan"), Subject: what, Draft: e.Draft,
			Msg: i18n.M("audit.did.ask"), Details: map[string]any{"before": map[string]any{"state": "new"}, "after": map[string]any{"state": "<b>" + what, "tags": []string{"x", "y"}}},
		})
	})
	if err := errors.Join(err, b.log.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	lines, _, err := b.log.History(t.Context(), audit.Query{Subject: what})
	if err != nil || len(lines) != 1 {
		t.Fatal(lines, err)
	}
	return lines[0].ID
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	webtest.CheckTemplates(t, b.k, map[string]any{
		"audit_history": historyPage{}, "audit_log": checkpointPage{}, "audit_erase": erasePage{}, "audit_decide": decidePage{}, "audit_jobs": jobsPage{},
	})
	webtest.CheckReserved(t, b.k)
}

func TestHistoryPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, "03322", "Lò Thị Mai", "one")
	b.record(t, "03325", "=Vì Văn Sơn", "two")

	head := b.as(t, "head")
	p := head.Get("/lam-viec/lich-su").Want(200).Check().WantText("Lịch sử xã Thanh Nưa", "Lò Thị Mai", "<b>one", "tags.2")
	if p.Has("Vì Văn Sơn") {
		t.Error("another unit's history")
	}
	head.Get("/en/lam-viec/lich-su").Want(200).Check().WantText("History of")
	head.Get("/lam-viec/lich-su?don-vi=03325").Want(404)
	head.Get("/lam-viec/lich-su?don-vi=tat-ca").Want(404)
	if head.Get("/lam-viec/lich-su?mang=auth").Want(200).Has("Lò Thị Mai") {
		t.Error("the filter by field shows others")
	}
	if head.Get("/lam-viec/lich-su?den=2021-04-19").Want(200).Has("Lò Thị Mai") {
		t.Error("the filter by days shows others")
	}
	head.Get("/lam-viec/lich-su?tu=2021-02-31").Want(422).Check()
	head.Get("/lam-viec/lich-su?sau=xyz").Want(422).Check()
	head.Get("/lam-viec/lich-su").Click("Lò Thị Mai").Want(200).WantText("Chỉ các việc của Lò Thị Mai.")

	admin := b.as(t, "an")
	admin.Get("/lam-viec/lich-su?don-vi=tat-ca").Want(200).Check().WantText("Toàn bộ nhật ký", "Lò Thị Mai", "=Vì Văn Sơn", "Xã Thanh Nưa")
	body := strings.TrimPrefix(admin.Get("/lam-viec/lich-su/csv?don-vi=tat-ca&mang=plan").Want(200).Body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || len(rows) != 3 || rows[0][3] != "Người làm" || rows[1][3] != "'=Vì Văn Sơn" && rows[2][3] != "'=Vì Văn Sơn" {
		t.Errorf("%q %v", rows, err)
	}
	b.as(t, "officer").Get("/lam-viec/lich-su").Want(404)
	if got := b.as(t, "").Do("GET", "/lam-viec/lich-su", nil, nil); got.Status != 303 {
		t.Errorf("without session: %d", got.Status)
	}
}

// What is done in a draft is read by the unit's own staff; an administrator sees that there was something, others nothing at all.
func TestDraftsAreTheUnitsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, "03322", "Lò Thị Mai", "open")
	b.enter(t, "03322", audit.Entry{ActorName: "Lò Thị Nháp", Kind: "assignment", Subject: "secret", Draft: true})
	id := b.enter(t, "03322", audit.Entry{ActorName: "Lò Thị Soạn", Kind: "plan", Subject: "secretplan", Draft: true})
	unit, _ := b.tree.ByCode("03322")
	const hidden = "chỉ đơn vị xem được nội dung"
	for _, x := range []struct {
		token                 string
		there, draft, drawing bool // the entries are there; what the draft of a record, and that of a plan, says
	}{
		{"head", true, true, true}, {"keeper", true, false, true}, {"an", true, false, false}, {"district", false, false, false}, {"chairman", false, false, false},
	} {
		c := b.as(t, x.token)
		for _, path := range []string{"/lam-viec/lich-su?don-vi=" + unit.ID, "/en/lam-viec/lich-su?don-vi=" + unit.ID, "/lam-viec/lich-su/csv?don-vi=" + unit.ID} {
			p := c.Get(path).Want(200)
			has := func(words string) bool { return strings.Contains(p.Body, words) }
			if !has("Lò Thị Mai") || has("Lò Thị Nháp") != x.there || has("Lò Thị Soạn") != x.there || has("&gt;secret<") != (x.draft && !strings.Contains(path, "csv")) {
				t.Errorf("%s %s: the entries %v %v %v", x.token, path, has("Lò Thị Mai"), has("Lò Thị Nháp"), has("Lò Thị Soạn"))
			}
			if has("secretplan") != x.drawing {
				t.Errorf("%s %s: the draft of a plan is shown: %v", x.token, path, has("secretplan"))
			}
			if strings.HasPrefix(path, "/lam") && has(hidden) != (x.there && !(x.draft && x.drawing)) {
				t.Errorf("%s %s: %s", x.token, path, p.Main())
			}
		}
		c.Get("/lam-viec/lich-su?don-vi=" + unit.ID).Check()
	}
	// Nor does the page on which an erasure is asked for.
	if p := b.as(t, "an").Get("/lam-viec/nhat-ky/xoa?muc=" + id).Want(200).Check().WantText(hidden); strings.Contains(p.Body, "secretplan") {
		t.Error("the draft is shown to who erases it")
	}
	if r, err := b.log.Verify(t.Context()); err != nil || !r.OK() {
		t.Errorf("%+v %v", r, err)
	}
	// Pages are filled, however many entries lie between.
	for range 60 {
		b.enter(t, "03322", audit.Entry{ActorName: "Lò Thị Nháp", Kind: "assignment", Subject: rand.Text(), Draft: true})
	}
	if p := b.as(t, "district").Get("/lam-viec/lich-su?don-vi=" + unit.ID).Want(200); !p.Has("Lò Thị Mai") || p.Has("Phần sau") {
		t.Error("the entry behind a page of drafts is not found")
	}
}

// The history of a unit that has ended is offered where it stood, by those who may read it.
func TestEndedUnits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, "STP", "Lò Thị Mai", "one")
	_, err := b.units.ImportFile(t.Context(), access.System, []byte("code,name,kind,parent_code,to\nSTP,Sở Tư pháp,agency,11,2021-04-10\n"), "x.csv", org.ImportOptions{On: "2021-04-01"})
	if err != nil {
		t.Fatal(err)
	}
	stp, _ := b.tree.ByCode("STP")
	for _, token := range []string{"an", "chairman"} {
		c := b.as(t, token)
		if p := c.Get("/lam-viec/lich-su").Want(200).Check(); len(p.Find("option[value="+stp.ID+"]")) != 1 || !p.Has("Sở Tư pháp (đến 10/4/2021)") {
			t.Errorf("%s is not offered the unit that has ended", token)
		}
		c.Get("/lam-viec/lich-su?don-vi="+stp.ID).Want(200).Check().WantText("Lò Thị Mai", "Lịch sử Sở Tư pháp")
	}
	b.as(t, "an").Get("/lam-viec/lich-su?don-vi=STP").Want(200).WantText("Lò Thị Mai")
	b.as(t, "an").Get("/lam-viec/lich-su?don-vi=tat-ca").Want(200).WantText("Lò Thị Mai", "Sở Tư pháp")
	b.as(t, "head").Get("/lam-viec/lich-su?don-vi=" + stp.ID).Want(404)
}

// A demonstration runs on another day than the machine: entries show that day with the machine's time, and the filter asks for that day.
func TestShiftedDays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	b := setupAt(t, civil.Shifted(func() time.Time { return now }, "2021-04-20"))
	b.record(t, "03322", "Lò Thị Mai", "one")
	head := b.as(t, "head")
	head.Get("/lam-viec/lich-su?tu=2021-04-20&den=2021-04-20").Want(200).Check().WantText("20/4/2021 (giờ máy chủ: 10 giờ 00 ngày 24/11/2026)", "ngày giả định")
	head.Get("/en/lam-viec/lich-su").Want(200).Check().WantText("the machine’s time")
	if head.Get("/lam-viec/lich-su?tu=2021-04-21").Want(200).Has("Lò Thị Mai") {
		t.Error("the filter by days shows others")
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(head.Get("/lam-viec/lich-su/csv").Want(200).Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][2] != "2026-11-24 10:00:00" || rows[1][10] != "2021-04-20" {
		t.Errorf("%q %v", rows, err)
	}
}

func TestHistoryPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 60 {
		b.record(t, "03322", "Mai", strings.Repeat("x", i+1)+".")
	}
	p := b.as(t, "head").Get("/lam-viec/lich-su").Want(200)
	n := len(p.Find("tbody tr"))
	p = p.Click("Phần sau").Want(200).Check()
	if second := len(p.Find("tr.govuk-table__row")); n == 0 || second != 10 {
		t.Errorf("%d rows, then %d", n, second)
	}
}

func TestPublicPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.as(t, "")
	if _, err := b.log.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.record(t, "03322", "Lò Thị Mai", "one")
	old, err := b.log.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := c.Get("/nhat-ky").Want(200).Check().WantText(old.Root)
	if p.Has("Mai") {
		t.Error("a name on the public page")
	}
	c.Get("/en/nhat-ky").Want(200).Check().WantText("The latest checkpoint")
	for range 3 {
		b.record(t, "03322", "Mai", time.Now().String())
	}
	ask := func(size, root string) *webtest.Page {
		return c.Get("/nhat-ky?" + url.Values{"so-muc": {size}, "goc": {root}}.Encode())
	}
	size := i18n.For(i18n.VI).Int(old.Size)
	ask(size, old.Root).Want(200).Check().WantText("Đúng: khi có")
	ask("1", old.Root).Want(200).WantText("Không khớp")
	ask("100000", old.Root).Want(200).WantText("Không khớp")
	ask("x", "<script>").Want(422).Check().WantText("44 ký tự")
}

func TestErasureByTwo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.record(t, "03322", "Lò Thị Mai", "one")
	an, binh := b.as(t, "an"), b.as(t, "binh")
	an.Get("/lam-viec/nhat-ky/xoa").Want(200).Check().WantText("Chưa có đề nghị nào.")
	ask := an.Get("/lam-viec/nhat-ky/xoa?muc=" + id).Want(200).Check().WantText("Lò Thị Mai").Form("main form")
	again := ask.Set("reason", "Tên người tố cáo").Send().Want(422).Check().WantText("Xin ghi căn cứ pháp lý.").Form("main form")
	if !strings.Contains(again.Values.Get("reason"), "Tên người tố cáo") {
		t.Error("what was typed is gone")
	}
	again.Set("basis", "Điều 1").Submit().Want(200).WantText("Đã gửi đề nghị.", "Chờ xác nhận")

	list, err := b.log.Redactions(t.Context(), 10)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	path := "/lam-viec/nhat-ky/xoa/" + list[0].ID
	own := an.Get(path).Want(200).Check().WantText("Người đề nghị không được tự xác nhận.").Form("main form")
	own.Values.Set("quyet-dinh", "xoa")
	own.Send().Want(403)
	for _, stranger := range []string{"head", "other", "officer"} {
		if s := b.as(t, stranger).Get(path).Status; s != 404 && s != 403 {
			t.Errorf("%s: %d", stranger, s)
		}
	}
	yes := binh.Get(path).Want(200).Check().WantText("Lò Thị Mai", "Tên người tố cáo", "Điều 1").Form("main form")
	yes.Values.Set("quyet-dinh", "xoa")
	yes.Submit().Want(200).WantText("Đã xóa nội dung của mục.")
	if err := b.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := b.as(t, "head").Get("/lam-viec/lich-su").Want(200).Check().WantText("Nội dung đã được xóa theo quyết định")
	if p.Has("Lò Thị Mai") {
		t.Error("the name is still there")
	}
	binh.Get(path).Want(200).Check().WantText("Đã xóa")
	if r, err := b.log.Verify(t.Context()); err != nil || !r.OK() || len(r.Erasures) != 1 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestFailedJobs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := job.New(b.d, 1)
	r.Register("mail", func(context.Context, []byte) error { return job.Hopeless(errors.New("no such host")) })
	for range 2 {
		err := b.d.Write(t.Context(), func(tx *db.Tx) error { return job.Enqueue(t.Context(), tx, "mail", nil, time.Time{}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	an := b.as(t, "an")
	f := an.Get("/lam-viec/viec-nen").Want(200).Check().WantText("no such host").Form("main form")
	f.Values.Set("lam", "bo")
	f = f.Submit().Want(200).Form("main form")
	f.Values.Set("lam", "lai")
	f.Submit().Want(200).WantText("Không có việc nào hỏng.")
	if n, err := r.Drain(t.Context()); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	b.as(t, "other").Get("/lam-viec/viec-nen").Want(404)
}
