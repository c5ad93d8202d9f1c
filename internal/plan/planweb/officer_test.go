package planweb

import (
	"net/http"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web/webtest"
)

func TestOfficerTemplates(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	webtest.CheckTemplates(t, h.k, map[string]any{
		"work_list": &workPage{}, "work_none": struct{}{}, "work_assignment": &assignmentPage{}, "work_act": &actPage{}, "work_evidence": &actPage{},
		"work_claims": &claimsPage{}, "work_ended": &endedPage{}, "own_list": &ownListPage{}, "own_plan": &ownPage{}, "own_task": &ownTaskPage{}, "own_issue": &ownIssuePage{},
		"own_amend": &ownAmendPage{}, "own_facts": &ownFactsPage{}, "work_settle": &settlePage{}, "work_settled": &settledPage{},
		"adoptions": &adoptionsPage{}, "adoption": &adoptionPage{}, "notices": noticesPage{}, "notice_settings": settingsPage{},
		"plan_list": publicListPage{}, "plan_public": &publicPage{}, "plan_task": &publicTaskPage{},
	})
	webtest.CheckReserved(t, h.k)
}

// What the README's main job asks of a commune officer: receive the plan, see the tasks with articles and days, name a person, upload the signed plan.
func TestOfficerJourney(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	c := h.in("huong", "03322", "focal_officer")
	h.in("pom", "03322", "head")
	list := both(c, "/lam-viec").WantText("Xã Thanh Nưa. 5 việc quá hạn.", "chưa tiếp nhận 29 việc", "Quá hạn 20 ngày", "Việc thường xuyên trong tháng 4", "Việc khi phát sinh")
	got := list.Form("form[action=/lam-viec/viec-cua-toi/tiep-nhan]").Submit().Want(200).WantText("Đã tiếp nhận tất cả việc")
	if got.Has("chưa tiếp nhận") {
		t.Error("the list still offers to receive")
	}
	if s := h.state("2.1", "03322"); s != plan.Received {
		t.Errorf("2.1 is %s", s)
	}
	page := got.Click("Công khai để Nhân dân biết theo Chương II").WantText("Căn cứ pháp luật", "Pháp lệnh 34/2007", "thường xuyên")
	if len(page.Find("a[href^=/luat/nghia-vu/]")) == 0 && !strings.Contains(page.Body, `href="/luat/nghia-vu/`) {
		t.Error("no link to a duty of the law")
	}
	id := h.of("1.2", "03322")
	both(c, "/lam-viec/viec/"+id).WantText("Hạn 31/3/2021", "Hạn theo Mục II.1", "Chưa có", "kế hoạch (số, ngày, tệp)")
	named := both(c, "/lam-viec/viec/"+id+"/giao").Form("form[method=post]").Set("account", "huong").Submit().Want(200).WantText("Đã ghi người thực hiện", "Ông Bà huong")
	form := named.Click("Nhập kết quả").Check().Form("form[method=post]")
	done := form.Set("number", "15/KH-UBND").SetDate("day", "2021-03-25").Set("signer", "Quàng Văn Pọm").Set("confirm", "giay").Set("sign_as", "kt").Set("item-0", "1").
		Attach("file", "ke hoach.pdf", "application/pdf", pdf).Submit().Want(200).Check()
	done.WantText("Đã lưu kết quả", "Hoàn thành", "15/KH-UBND", "KT. (ký thay)", "ke hoach.pdf", "Đã có")
	if s := h.state("1.2", "03322"); s != plan.Done {
		t.Errorf("1.2 is %s", s)
	}
	// The file is everybody's where progress is public.
	href := ""
	for _, a := range done.Find("a[href]") {
		if strings.HasPrefix(webtest.Attr(a, "href"), "/lam-viec/tep/") {
			href = webtest.Attr(a, "href")
		}
	}
	if f := h.public().Get(href).Want(200); f.Header.Get("Content-Type") != "application/pdf" || f.Body != string(pdf) {
		t.Errorf("file: %s, %d bytes", f.Header.Get("Content-Type"), len(f.Body))
	}
	h.public().Get("/dien-bien/xa-thanh-nua/ke-hoach/648-2021/viec/1.2").Want(200).Check().WantText("Hoàn thành", "15/KH-UBND")
	h.hide()
	if f := h.public().Do("GET", href, nil, nil); f.Status != http.StatusSeeOther {
		t.Errorf("hidden progress: the file answers %d", f.Status)
	}
	h.in("snv", "SNV", "focal_officer").Get(href).Want(200)
	h.in("other", "03325", "focal_officer").Get(href).Want(404)
}

func TestInternalFile(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	c := h.in("huong", "03322", "officer")
	id := h.of("1.3", "03322")
	p := c.Get("/lam-viec/viec/"+id+"/ket-qua").Want(200).Form("form[method=post]").Set("number", "7/QĐ-UBND").SetDate("day", "2021-03-22").Set("internal", "1").Set("confirm", "sau").
		Attach("file", "quyết định.pdf", "application/pdf", pdf).Submit().Want(200).WantText("nội bộ", "chờ thủ trưởng xác nhận")
	href := ""
	for _, a := range p.Find("a[href]") {
		if strings.HasPrefix(webtest.Attr(a, "href"), "/lam-viec/tep/") {
			href = webtest.Attr(a, "href")
		}
	}
	if href == "" {
		t.Fatal("no link to the file")
	}
	if got := h.public().Do("GET", href, nil, nil); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/dang-nhap") {
		t.Errorf("the public: %d %s", got.Status, got.Header.Get("Location"))
	}
	if got := h.public().Do("GET", "/lam-viec/tep/there-is-none", nil, nil); got.Status != http.StatusSeeOther {
		t.Errorf("a file that is not there answers the public %d, another than one that is", got.Status)
	}
	h.in("sibling", "03325", "head").Get(href).Want(404)
	// The superior reads what the head has confirmed.
	district, head := h.in("district", "100", "focal_officer"), h.in("pom", "03322", "head")
	district.Get(href).Want(404)
	if district.Get("/lam-viec/viec/" + id).Want(200).Has("7/QĐ-UBND") {
		t.Error("the superior reads a draft")
	}
	head.Get(occPath(t, head.Get("/lam-viec/viec/"+id), "xac-nhan")).Form("form[method=post]").Set("kept", "1").Submit().Want(200)
	district.Get(href).Want(200)
	district.Get("/lam-viec/viec/" + id).WantText("7/QĐ-UBND")
	h.in("sibling", "03325", "head").Get(href).Want(404)
	if h.public().Get("/dien-bien/xa-thanh-nua/ke-hoach/648-2021/viec/1.3").Want(200).Has("7/QĐ-UBND") {
		t.Error("the public page shows a paper whose file is internal")
	}
}

// The head confirms on screen; of two who do so at once the second sees what the first did, with the own input kept.
func TestHeadConfirms(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	officer, head, deputy := h.in("huong", "03322", "officer"), h.in("pom", "03322", "head"), h.in("deputy", "03322", "head")
	id := h.of("8.1", "03322")
	officer.Get("/lam-viec/viec/"+id+"/ket-qua").Form("form[method=post]").Set("number", "9/BB").SetDate("day", "2021-03-30").Set("confirm", "sau").Submit().Want(200).WantText("chờ thủ trưởng xác nhận")
	officer.Get("/lam-viec/viec-cua-toi").WantText("Chờ thủ trưởng xác nhận")
	both(head, "/lam-viec/viec-cua-toi").WantText("Chờ thủ trưởng xác nhận")
	to := occPath(t, head.Get("/lam-viec/viec/"+id).Want(200), "xac-nhan")
	officer.Get(to).Want(403).WantText("Chỉ người đứng đầu")
	first := both(head, to).Form("form[method=post]")
	second := deputy.Get(to).Want(200).Form("form[method=post]")
	missing := first.Send().Want(422).Check() // nothing says why lines are missing
	if n := len(missing.Find(".govuk-error-message")); n != 2 {
		t.Errorf("%d messages beside fields, want one for each missing line:\n%s", n, missing.Main())
	}
	missing.Form("form[method=post]").Set("kept", "1").SetDate("sign_day", "2021-03-29").Submit().Want(200).WantText("Đã xác nhận", "rà soát")
	if s := h.state("8.1", "03322"); s != plan.Done {
		t.Errorf("8.1 is %s", s)
	}
	late := second.Set("kept", "1").SetDate("sign_day", "2021-03-31").Send().Want(409).Check()
	late.WantText("Có người vừa thay đổi", "Xác nhận hoàn thành, ngày 29/3/2021", "Ông Bà pom", "29/3/2021")
	if v := late.Form("form[method=post]").Values.Get("sign_day-day"); v != "31" {
		t.Errorf("the day that was typed is %q", v)
	}
}

// occPath is the address behind a button of an assignment's page.
func occPath(t *testing.T, p *webtest.Page, act string) string {
	t.Helper()
	for _, a := range p.Find("a[href]") {
		if h := webtest.Attr(a, "href"); strings.Contains(h, "/"+act+"?") {
			return h
		}
	}
	t.Fatalf("no button %s in\n%s", act, p.Main())
	return ""
}

// A superior asks for supplements with a day; the unit adds, answers; the superior sees it.
func TestSupplements(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	officer, district := h.in("huong", "03322", "officer"), h.in("mai", "100", "focal_officer")
	id := h.of("1.2", "03322")
	enterPaper(officer, id)
	page := district.Get("/lam-viec/viec/" + id).Want(200).Check().WantText("15/KH-UBND")
	ask := both(district, occPath(t, page, "yeu-cau-bo-sung")).Form("form[method=post]")
	ask.Send().Want(422).WantText("Xin ghi")
	ask = district.Get(occPath(t, page, "yeu-cau-bo-sung")).Form("form[method=post]")
	ask.Set("reason", "Thiếu phân công <em>từng người</em>").SetDate("answer_by", "2021-04-28").Submit().Want(200).WantText("Yêu cầu bổ sung")
	h.in("huong", "03322", "officer").Get("/lam-viec/thong-bao").Want(200).Check().WantText("1 thông báo chưa đọc")
	mine := officer.Get("/lam-viec/viec/"+id).Want(200).Check().WantText("Thiếu phân công <em>từng người</em>", "Bổ sung trước hết ngày 28/4/2021")
	officer.Get("/lam-viec/viec-cua-toi").WantText("Yêu cầu bổ sung")
	both(officer, occPath(t, mine, "tra-loi")).Form("form[method=post]").Set("text", "Đã bổ sung phụ lục").Submit().Want(200).WantText("Hoàn thành")
	district.Get("/lam-viec/viec/"+id).WantText("Đã bổ sung phụ lục", "Đơn vị trả lời")
	district.Get("/lam-viec/viec/" + id + "/tra-loi").Want(403)
}

// enterPaper enters the signed plan for 1.2.
func enterPaper(c *webtest.Client, id string) {
	c.T.Helper()
	c.Get("/lam-viec/viec/"+id+"/ket-qua").Want(200).Form("form[method=post]").Set("number", "15/KH-UBND").SetDate("day", "2021-03-25").Set("signer", "Quàng Văn Pọm").
		Set("confirm", "giay").Set("item-0", "1").Submit().Want(200).WantText("Hoàn thành")
}

// Nobody sees a sibling's work: not there at all while progress is hidden, the bare state where it is public.
func TestSibling(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	officer, sibling := h.in("huong", "03322", "officer"), h.in("khac", "03325", "head")
	id := h.of("1.2", "03322")
	enterPaper(officer, id)
	p := sibling.Get("/lam-viec/viec/" + id).Want(200).Check().WantText("Hoàn thành")
	for _, secret := range []string{"15/KH-UBND", "Quàng Văn Pọm", "Ông Bà huong", "Nhập kết quả"} {
		if p.Has(secret) {
			t.Errorf("a sibling reads %q", secret)
		}
	}
	sibling.Get("/lam-viec/viec/" + id + "/ket-qua").Want(403)
	h.hide()
	for _, path := range []string{"", "/ket-qua", "/giao", "/khong-ap-dung", "/y-kien", "/tiep-nhan"} {
		sibling.Get("/lam-viec/viec/" + id + path).Want(404)
	}
	sibling.Get("/lam-viec/viec-cua-toi?don-vi=03322").Want(404)
	sibling.Get("/lam-viec/ke-hoach-rieng?don-vi=03322").Want(404)
	if got := h.public().Do("GET", "/lam-viec/viec/"+id, nil, nil); got.Status != http.StatusSeeOther {
		t.Errorf("the public: %d", got.Status)
	}
	// A form of another's is refused too.
	own := sibling.Get("/lam-viec/viec/" + h.of("1.2", "03325") + "/giao").Form("form[method=post]")
	own.Set("account", "khac").Set("person", "Ai đó")
	body := strings.NewReader(own.Values.Encode())
	got := sibling.Do("POST", "/lam-viec/viec/"+id+"/giao", body, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}})
	if got.Status != 404 {
		t.Errorf("POST to a sibling's task: %d", got.Status)
	}
}

// A village's work is entered by its commune, which names who told it; the village's head sees three lines.
func TestVillageThroughCommune(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	var village string
	h.write(func(tx *db.Tx) error {
		ids, err := h.org.AddVillagesTx(t.Context(), tx, access.System, h.unit("03322").ID, []org.VillageDraft{{Code: "03322-01", Name: "Bản Mển"}}, "2021-01-01")
		if err == nil {
			village = ids[0]
		}
		return err
	})
	if _, err := h.plans.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	officer, head := h.in("huong", "03322", "officer"), h.in("truong-ban", village, "village_head")
	list := both(head, "/lam-viec/viec-cua-toi").WantText("Việc tuần này", "Bản Mển")
	if n := len(list.Find(".dinh-large .govuk-task-list__item")); n == 0 || n > 3 {
		t.Errorf("a village head sees %d lines", n)
	}
	both(head, "/lam-viec/viec-cua-toi?xem=don-vi")
	v := both(officer, "/lam-viec/viec-cua-toi?don-vi=03322-01").WantText("Rà soát hương ước, quy ước")
	form := v.Click("Rà soát hương ước").Click("Nhập kết quả").Check().Form("form[method=post]")
	form.Set("number", "1/BB").SetDate("day", "2021-04-02").Set("confirm", "giay").Set("signer", "Lò Văn Ánh").Set("kept", "1")
	again := form.Send().Want(422).Check().WantText("Chưa gửi được")
	done := again.Form("form[method=post]").Set("source", "Trưởng bản báo qua điện thoại").Submit().Want(200)
	done.WantText("Nguồn: Trưởng bản báo qua điện thoại", "rà soát")
	if got := head.Get("/lam-viec/viec/" + h.of("3.4", "03322-01") + "/ket-qua").Want(200); len(got.Find("[name=source]")) != 0 {
		t.Error("the village head is asked who told it")
	}
}

// Bad input: beside the fields, with what was typed kept.
func TestBadInput(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	c := h.in("huong", "03322", "officer")
	id := h.of("1.2", "03322")
	fresh := func() *webtest.Form {
		return c.Get("/lam-viec/viec/" + id + "/ket-qua").Want(200).Form("form[method=post]")
	}
	ok := func() *webtest.Form {
		return fresh().Set("number", `15/KH <em>"'; DROP TABLE evidence;--`).SetDate("day", "2021-03-25").Set("signer", "Pọm").Set("confirm", "giay").Set("item-0", "1")
	}
	for _, tt := range []struct {
		name string
		form *webtest.Form
		want string
	}{
		{"31 February", ok().Set("day-day", "31").Set("day-month", "2"), "Không có ngày 31/2/2021"},
		{"a day ahead", ok().SetDate("day", "2021-05-01"), "Ngày này chưa đến"},
		{"no day", ok().Set("day-day", "").Set("day-month", "").Set("day-year", ""), "Xin ghi ngày"},
		{"no confirmation chosen", ok().Set("confirm"), "Xin chọn việc xác nhận"},
		{"no signer", ok().Set("signer", ""), "Xin ghi"},
		{"no number under a signed paper", ok().Set("number", ""), "Xin ghi"},
		{"a missing line", ok().Set("item-0"), "kế hoạch (số, ngày, tệp)"},
		{"a program", ok().Attach("file", "virus.exe", "application/octet-stream", []byte("MZ")), "PDF"},
		{"a file that lies", ok().Attach("file", "anh.pdf", "application/pdf", []byte("GIF89a......")), "PDF"},
		{"a file too large", ok().Attach("file", "to.pdf", "application/pdf", append([]byte("%PDF-1.4\n"), make([]byte, 2<<20)...)), "1 MB"},
		{"a foreign occurrence", ok().Set("lan", "x"), ""},
	} {
		p := tt.form.Send()
		if p.Status != 422 && tt.want != "" {
			t.Errorf("%s: status %d\n%s", tt.name, p.Status, p.Main())
			continue
		}
		if tt.want == "" {
			continue
		}
		p.Check().WantText(tt.want)
		if len(p.Find(".govuk-error-summary")) != 1 || len(p.Find(".govuk-error-message")) == 0 {
			t.Errorf("%s: no message beside a field\n%s", tt.name, p.Main())
		}
		if got := p.Form("form[method=post]").Values.Get("signer"); tt.name != "no signer" && got != "Pọm" {
			t.Errorf("%s: what was typed is gone: %q", tt.name, got)
		}
		if strings.HasPrefix(tt.name, "a file") && !p.Has("Tệp phải chọn lại") && !p.Has("chọn lại") {
			t.Errorf("%s: the page does not say that the file must be chosen again", tt.name)
		}
	}
	if s := h.state("1.2", "03322"); s != plan.Overdue && s != plan.Done {
		t.Errorf("1.2 is %s", s)
	}
	// A form that was sent is not sent again.
	f := c.Get("/lam-viec/viec/"+h.of("2.1", "03322")+"/ket-qua").Form("form[method=post]").Set("note", "Họp bản").SetDate("day", "2021-04-02")
	one, two := f.Send(), f.Send()
	if one.Status != 303 || two.Status != 303 || one.Header.Get("Location") != two.Header.Get("Location") {
		t.Errorf("a repeat: %d, %d", one.Status, two.Status)
	}
	v, err := h.plans.Assignment(t.Context(), access.System, h.of("2.1", "03322"))
	if err != nil || len(v.Evidence) != 1 {
		t.Errorf("%d pieces of evidence after a repeat, %v", len(v.Evidence), err)
	}
	// A token that is not ours.
	bad := fresh().Set("_token", "AAAA").Set("number", "1").Send().Want(422).Check()
	if got := bad.Form("form[method=post]").Values.Get("number"); got != "1" {
		t.Errorf("the input is gone: %q", got)
	}
	for _, path := range []string{"/lam-viec/viec/x", "/lam-viec/viec/..%2f..%2f", "/lam-viec/tep/..%2fkeys", "/lam-viec/viec/%27%20OR%201=1", "/lam-viec/viec-cua-toi?don-vi=%27"} {
		c.Get(path).Want(404)
	}
}

// "Not applicable" needs a reason and the superior's consent; the superior finds it in a list of its own.
func TestNotApplicable(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	officer, district := h.in("huong", "03322", "officer"), h.in("mai", "100", "head")
	id := h.of("8.1.b", "03322")
	form := both(officer, "/lam-viec/viec/"+id+"/khong-ap-dung").Form("form[method=post]")
	form.Send().Want(422).WantText("Xin ghi")
	officer.Get("/lam-viec/viec/"+id+"/khong-ap-dung").Form("form[method=post]").Set("reason", "Ban chưa kiện toàn").Submit().Want(200).WantText("đang chờ ý kiến cấp trên")
	both(district, "/lam-viec/xin-y-kien").WantText("Xã Thanh Nưa", "Ban chưa kiện toàn")
	h.in("x", "03325", "head").Get("/lam-viec/xin-y-kien").Want(200).WantText("Không có đề nghị nào")
	answer := both(district, "/lam-viec/viec/"+id+"/y-kien").Form("form[method=post]")
	answer.Send().Want(422).WantText("Xin chọn đồng ý")
	district.Get("/lam-viec/viec/"+id+"/y-kien").Form("form[method=post]").Set("agree", "khong").Send().Want(422)
	district.Get("/lam-viec/viec/"+id+"/y-kien").Form("form[method=post]").Set("agree", "co").Submit().Want(200).WantText("đã được cấp trên đồng ý")
	if s := h.state("8.1.b", "03322"); s != plan.NotApplicable {
		t.Errorf("8.1.b is %s", s)
	}
	district.Get("/lam-viec/xin-y-kien").WantText("Không có đề nghị nào")
}

// An event, its result, a withdrawal that opens it again, and a moved day.
func TestEventWithdrawExtend(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	officer, focal := h.in("huong", "03322", "officer"), h.in("son", "SNV", "focal_officer")
	id := h.of("4.2.a", "03322")
	both(officer, "/lam-viec/viec/"+id+"/phat-sinh").Form("form[method=post]").Set("event", "Làm đường bản Mển").SetDate("due", "2021-06-15").Submit().Want(200).WantText("Việc phát sinh: Làm đường bản Mển", "15/6/2021")
	form := both(officer, "/lam-viec/viec/"+id+"/ket-qua").Form("form[method=post]")
	if got := form.Set("note", "Đã họp").SetDate("day", "2021-04-10").Set("confirm", "sau").Send().Want(422); !got.Has("Xin chọn việc phát sinh") {
		t.Error(got.Main())
	}
	page := officer.Get("/lam-viec/viec/" + id)
	o := occPath(t, page, "ket-qua")
	lan := o[strings.Index(o, "lan=")+4:]
	officer.Get(o).Form("form[method=post]").Set("lan", lan).Set("note", "Đã họp").SetDate("day", "2021-04-10").Set("confirm", "sau").Submit().Want(200).WantText("Đã họp", "Đang làm")
	to := occPath(t, officer.Get("/lam-viec/viec/"+id), "rut")
	h.in("khac", "03322", "officer").Get("/lam-viec/viec/" + id).Want(200)
	both(officer, to).Form("form[method=post]").Set("reason", "Nhập nhầm").Submit().Want(200).WantText("đã rút ngày 20/4/2021. Lý do: Nhập nhầm")
	id = h.of("10.1.c", "03322")
	officer.Get("/lam-viec/viec/" + id + "/gia-han").Want(403)
	move := both(focal, occPath(t, focal.Get("/lam-viec/viec/"+id).Want(200), "gia-han")).Form("form[method=post]")
	move.SetDate("due", "2021-04-01").Set("reason", "Lùi").Send().Want(422).Check()
	focal.Get(occPath(t, focal.Get("/lam-viec/viec/"+id), "gia-han")).Form("form[method=post]").SetDate("due", "2021-05-10").Set("reason", "Lũ quét").Submit().Want(200).WantText("Đổi hạn từ 5/5/2021 sang 10/5/2021", "Lũ quét")
}

func TestNoticesAndCalendar(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	officer, district := h.in("huong", "03322", "officer"), h.in("mai", "100", "focal_officer")
	id := h.of("1.2", "03322")
	enterPaper(officer, id)
	both(officer, "/lam-viec/thong-bao").WantText("Chưa có thông báo nào")
	district.Get(occPath(t, district.Get("/lam-viec/viec/"+id), "yeu-cau-bo-sung")).Form("form[method=post]").Set("reason", "Thiếu").Submit().Want(200)
	p := both(officer, "/lam-viec/thong-bao").WantText("1 thông báo chưa đọc", "Thông báo (1)")
	p.Form("form[action=/lam-viec/thong-bao/da-doc]").Submit().Want(200).WantText("Không có thông báo chưa đọc")
	if officer.Get("/lam-viec/viec-cua-toi").Has("Thông báo (1)") {
		t.Error("the badge stays")
	}
	set := both(officer, "/lam-viec/thong-bao/cai-dat").Form("form[action=/lam-viec/thong-bao/cai-dat]")
	set.Set("mail", "mỗi giây").Send().Want(422)
	officer.Get("/lam-viec/thong-bao/cai-dat").Form("form[action=/lam-viec/thong-bao/cai-dat]").Set("mail", "never").Submit().Want(200).WantText("Đã lưu")
	make1 := officer.Get("/lam-viec/thong-bao/cai-dat").Form("form[action=/lam-viec/lich/tao]")
	made := make1.Send().Want(200).Check()
	feed := webtest.Attr(made.Find("#dia-chi")[0], "value")
	if !strings.HasPrefix(feed, "http://"+webtest.Host+"/lam-viec/lich.ics?token=") {
		t.Fatalf("address %q", feed)
	}
	if again := make1.Send(); again.Status != 303 {
		t.Errorf("a repeat shows the address again: %d", again.Status)
	}
	path := strings.TrimPrefix(feed, "http://"+webtest.Host)
	ics := h.public().Get(path).Want(200)
	if !strings.HasPrefix(ics.Body, "BEGIN:VCALENDAR") || !strings.Contains(ics.Body, "DTSTART;VALUE=DATE:20210505") || strings.Contains(ics.Body, "Ông Bà") {
		t.Errorf("calendar:\n%s", ics.Body)
	}
	h.public().Get("/lam-viec/lich.ics?token=x").Want(404)
	h.public().Get("/lam-viec/lich.ics").Want(404)
	officer.Get("/lam-viec/thong-bao/cai-dat").Form("form[action=/lam-viec/lich/huy]").Submit().Want(200).WantText("Đã hủy địa chỉ lịch")
	h.public().Get(path).Want(404)
}

// A unit's own plan: everything taken over, one task with a day and a person of its own, one left out; its issue ends task 1.2.
func TestOwnPlan(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	officer, district := h.in("huong", "03322", "focal_officer"), h.in("mai", "100", "focal_officer")
	both(officer, "/lam-viec/ke-hoach-rieng").WantText("Chưa lập").Form("form[action=/lam-viec/ke-hoach-rieng]").Submit().Want(200).Check().WantText("Lập từ Kế hoạch 648/KH-UBND")
	p := officer.Get("/lam-viec/ke-hoach-rieng").Click("Soạn tiếp")
	base := p.URL.Path
	both(officer, base)
	h.in("khac", "03325", "head").Get(base).Want(404)
	h.public().Get("/dien-bien/xa-thanh-nua/ke-hoach/" + strings.TrimPrefix(base, "/lam-viec/ke-hoach-rieng/")).Want(404)
	edit := both(officer, base+"/viec/10.1.c").Form("form[method=post]")
	edit.Set("due-day", "30").Set("due-month", "2").Send().Want(422).Check().WantText("30/2/2021")
	officer.Get(base+"/viec/10.1.c").Form("form[method=post]").SetDate("due", "2021-05-01").Set("account", "khac").Set("person", "Lò Văn Ánh").Submit().Want(200).WantText("Đã lưu nhiệm vụ", "hạn 1/5/2021", "cấp trên: hạn 5/5/2021", "Lò Văn Ánh")
	officer.Get(base+"/viec/10.2.c").Form("form[method=post]").SetDate("due", "2021-12-01").Send().Want(422).Check().WantText("không được muộn hơn hạn của cấp trên")
	officer.Get(base+"/viec/10.2.c").Form("form[method=post]").SetDate("due", "2020-12-15").Submit().Want(200).WantText("nằm ngoài thời gian của kế hoạch")
	drop := officer.Get(base).Form("form[action=" + base + "/bo]")
	dropped := drop.Values.Get("task")
	after := drop.Submit().Want(200).WantText("Đã bỏ qua", "Nhiệm vụ của cấp trên không đưa vào")
	if drop.Values.Set("version", "1"); drop.Values.Get("task") == "" {
		t.Fatal("no task")
	}
	after.Form("form[action=" + base + "/lay-lai]").Submit().Want(200).WantText("Đã lấy lại")
	again := officer.Get(base).Form("form[action=" + base + "/bo]")
	if got := again.Values.Get("task"); got != dropped {
		t.Errorf("%s came back to another place than the first: now that is %s", dropped, got)
	}
	again.Submit().Want(200)
	issue := both(officer, base+"/ban-hanh").Form("form[method=post]")
	issue.Send().Want(422).Check().WantText("Xin ghi số", "Xin chọn tệp")
	issue = officer.Get(base + "/ban-hanh").Form("form[method=post]")
	bad := issue.Set("number", "15/KH-UBND").SetDate("signed", "2021-03-25").Set("signer", "Quàng Văn Pọm").Attach("file", "a.docx", "application/octet-stream", []byte("x")).Send().Want(422)
	if bad.Form("form[method=post]").Values.Get("number") != "15/KH-UBND" {
		t.Error("what was typed is gone")
	}
	issue = officer.Get(base + "/ban-hanh").Form("form[method=post]")
	issue.Set("number", "15/KH-UBND").SetDate("signed", "2021-03-25").Set("signer", "Quàng Văn Pọm").Attach("file", "ke-hoach.pdf", "application/pdf", pdf).Submit().Want(200).Check().WantText("Đã ban hành")
	if s := h.state("1.2", "03322"); s != plan.Done {
		t.Errorf("1.2 is %s", s)
	}
	both(h.public(), "/dien-bien/xa-thanh-nua/ke-hoach/15-2021").WantText("15/KH-UBND")
	h.public().Get("/dien-bien/xa-thanh-nua/ke-hoach/15-2021/ban-ky").Want(200)
	officer.Get("/lam-viec/viec-cua-toi?xem=don-vi").WantText("hạn của đơn vị 1/5/2021, hạn của kế hoạch 5/5/2021")
	list := both(district, "/lam-viec/ke-hoach-cap-duoi/"+plan648+"?don-vi=100").WantText("1 trên", "15/KH-UBND")
	list.Click("Xã Thanh Nưa").Want(200).Check().WantText("Có thay đổi", "Không đưa vào")
	if district.Get("/lam-viec/ke-hoach-cap-duoi/" + plan648 + "/03322").Has("Lò Văn Ánh") {
		t.Error("the superior reads who does what inside the unit")
	}
}

// What a villager without an account sees: the province's progress, a commune's, the law behind a task; the sums alone where the rest is hidden.
func TestPublicPlan(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	c := h.public()
	both(c, "/dien-bien/ke-hoach").WantText("Kế hoạch 648/KH-UBND", "Đang thực hiện")
	whole := both(c, "/dien-bien/ke-hoach/648-2021").WantText("Việc đến hạn đã hoàn thành", "Chậm nhất:", "Huyện Điện Biên", "Nghị định 149/2018/NĐ-CP", "Nghị định 145/2020/NĐ-CP", "Không còn hiệu lực")
	if got := c.Get("/dien-bien/ke-hoach/648-2021"); got.Header.Get("Etag") == "" {
		t.Error("the page is not kept")
	}
	whole.Click("Huyện Điện Biên").Want(200).Check().WantText("Xã Thanh Nưa")
	both(c, "/dien-bien/ke-hoach/648-2021?xem=viec").WantText("Dân biết", "Dân kiểm tra")
	both(c, "/dien-bien/ke-hoach/648-2021?xem=don-vi").WantText("Xã Thanh Nưa")
	both(c, "/dien-bien/ke-hoach/648-kh-ubnd-2021")
	one := both(c, "/dien-bien/xa-thanh-nua/ke-hoach/648-2021").WantText("Quá hạn 20 ngày", "Chưa tiếp nhận")
	one.Click("Rà soát QCDC và quy định của xã").Check().WantText("Căn cứ pháp luật", "Pháp lệnh 34/2007")
	both(c, "/dien-bien/ke-hoach/648-2021/viec/4.1.c").WantText("Không còn hiệu lực", "Nghị định 145/2020/NĐ-CP")
	both(c, "/dien-bien/so-noi-vu/ke-hoach/648-2021/viec/III.7.a")
	both(c, "/dien-bien/huyen-dien-bien/ke-hoach/648-2021").WantText("Các đơn vị cấp dưới", "Xã Thanh Nưa")
	for _, path := range []string{"/dien-bien/ke-hoach/1-2021", "/dien-bien/ke-hoach/648-2020", "/dien-bien/ke-hoach/648-2021/viec/99", "/dien-bien/ke-hoach/648-2021?nhom=nobody", "/dien-bien/ke-hoach/648-2021/ban-ky"} {
		c.Get(path).Want(404)
	}
	h.hide()
	h.k.Drop("plan:" + plan648)
	hidden := both(c, "/dien-bien/xa-thanh-nua/ke-hoach/648-2021").WantText("chưa công khai tiến độ")
	if hidden.Has("Quá hạn 20 ngày") {
		t.Error("a unit's state is shown where progress is hidden")
	}
	both(c, "/dien-bien/ke-hoach/648-2021").WantText("Huyện Điện Biên", "số chung")
	if got := both(c, "/dien-bien/xa-thanh-nua/ke-hoach/648-2021/viec/1.2"); got.Has("Quá hạn 20 ngày") {
		t.Error("the task's page shows the state")
	}
	h.in("huong", "03322", "officer").Get("/dien-bien/xa-thanh-nua/ke-hoach/648-2021").Want(200).WantText("Quá hạn 20 ngày")
}

// Who has no work, and who has work at two units.
func TestListsWithoutWork(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	h.in("admin", "11", "administrator").Get("/lam-viec/viec-cua-toi").Want(200).Check().WantText("chưa có chức danh")
	two := h.in("two", "03322", "officer", "03325", "officer")
	both(two, "/lam-viec/viec-cua-toi").WantText("Xã Thanh Nưa")
	both(two, "/lam-viec/viec-cua-toi?don-vi=03325").WantText(h.unit("03325").Name)
	if n := len(two.Get("/lam-viec/viec-cua-toi").Find(".dinh-sub")); n != 2 {
		t.Errorf("%d choices, want one of units and one of whose work", n)
	}
}
