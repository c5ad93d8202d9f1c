package planweb

import (
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web/webtest"
)

// A unit adds tasks of its own to its plan: with a day, with a rhythm, for itself and for its villages; wrong input stands beside its field. After the
// issue it takes an amendment, which stays to be seen. The superior sees them apart from its own tasks.
func TestOwnTaskPages(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	h.write(func(tx *db.Tx) error {
		_, err := h.org.AddVillagesTx(t.Context(), tx, access.System, h.unit("03322").ID, []org.VillageDraft{{Name: "Bản Mển"}, {Name: "Bản Co Rốm"}}, "2021-01-01")
		return err
	})
	officer, district := h.in("huong", "03322", "focal_officer"), h.in("mai", "100", "focal_officer")
	base := officer.Get("/lam-viec/ke-hoach-rieng").Form("form[action=/lam-viec/ke-hoach-rieng]").Submit().Want(200).URL.Path
	both(officer, base+"/viec-moi").WantText("Thêm việc riêng", "Đơn vị tự làm", "Minh chứng")
	fresh := func() *webtest.Form {
		return officer.Get(base+"/viec-moi").Want(200).Form("form[method=post]").Set("title_vi", "Bảng tin <b>điện tử</b> ở trụ sở").Set("room", "know").Set("kind", "disclose").SetDate("due", "2021-06-01").
			Set("account", "khac").Set("person", "Lò Văn Ánh").Set("evidence", "Ảnh bảng tin\n\nBiên bản")
	}
	for _, tt := range []struct {
		name string
		form *webtest.Form
		want string
	}{
		{"31 February", fresh().Set("due-day", "31").Set("due-month", "2"), "Không có ngày 31/2/2021"},
		{"a further day that is none", fresh().Set("dues", "31/6/2021"), "31/6/2021"},
		{"no title", fresh().Set("title_vi", ""), "Xin ghi"},
		{"nobody", fresh().Set("to"), "bảng"},
		{"neither day nor rhythm", fresh().Set("due-day", "").Set("due-month", "").Set("due-year", ""), ""},
		{"both day and rhythm", fresh().Set("recurs", "yearly"), "Xin chọn một"},
		{"somebody without a name", fresh().Set("person", ""), "Xin ghi"},
		{"a kind that is none", fresh().Set("kind", "x"), ""},
		{"somebody who is not of the unit", fresh().Set("account", "nobody"), ""},
	} {
		p := tt.form.Send().Want(422).Check()
		if len(p.Find(".govuk-error-message")) == 0 {
			t.Errorf("%s: no message beside a field\n%s", tt.name, p.Main())
		}
		if tt.want != "" && tt.name != "nobody" {
			p.WantText(tt.want)
		}
		if got := p.Form("form[method=post]").Values.Get("evidence"); !strings.Contains(got, "Biên bản") {
			t.Errorf("%s: what was typed is gone", tt.name)
		}
	}
	saved := fresh().Submit().Want(200).Check().WantText("Đã lưu nhiệm vụ", "Bảng tin <b>điện tử</b> ở trụ sở", "hạn 1/6/2021", "Lò Văn Ánh", "Thêm mới")
	saved.Form("form[action=" + base + "/bo]")
	fresh().Set("title_vi", "Việc quá sớm").SetDate("due", "2020-06-01").Submit().Want(200).WantText("nằm ngoài thời gian của kế hoạch")
	fresh().Set("title_vi", "Việc của bản").Set("to", "village").Set("due-day", "").Set("due-month", "").Set("due-year", "").Set("recurs", "half_yearly").Submit().Want(200).WantText("giao tiếp cho")
	edit := both(officer, base+"/viec/R.1").WantText("Sửa việc riêng").Form("form[method=post]")
	if edit.Values.Get("evidence") != "Ảnh bảng tin\nBiên bản" || edit.Values.Get("due-day") != "1" || edit.Values.Get("person") != "Lò Văn Ánh" {
		t.Errorf("the form shows %v", edit.Values)
	}
	edit.SetDate("due", "2021-06-15").Set("dues", "15/9/2021").Submit().Want(200).WantText("15/6", "15/9/2021")
	page := officer.Get(base)
	page.WantText("Việc quá sớm")
	version := page.Form("form[action="+base+"/bo]").Set("task", "R.2")
	if version.Submit().Want(200).Has("Việc quá sớm") {
		t.Error("a task that was removed is still there")
	}
	h.in("khac", "03325", "head").Get(base + "/viec-moi").Want(404)
	// Title and time: an end before the start is refused.
	facts := both(officer, base+"/thong-tin").Form("form[method=post]")
	facts.SetDate("from", "2021-12-31").SetDate("to", "2021-01-01").Send().Want(422).Check()
	officer.Get(base+"/thong-tin").Form("form[method=post]").Set("title_vi", "Kế hoạch của xã Thanh Nưa").Submit().Want(200).WantText("Đã lưu tên và thời gian")
	issue := officer.Get(base + "/ban-hanh").WantText("2 việc tự thêm").Form("form[method=post]")
	issue.Set("number", "15/KH-UBND").SetDate("signed", "2021-03-25").Set("signer", "Quàng Văn Pọm").Attach("file", "ke-hoach.pdf", "application/pdf", pdf).Submit().Want(200).Check().WantText("Đã ban hành")
	officer.Get("/lam-viec/viec-cua-toi?xem=don-vi").WantText("Bảng tin <b>điện tử</b> ở trụ sở")
	officer.Get(base + "/thong-tin").Want(404)
	// Now only by a paper.
	form := both(officer, base+"/viec-moi").WantText("Văn bản sửa đổi, bổ sung").Form("form[method=post]")
	form.Set("title_vi", "Sửa đường ngõ").Set("room", "do").Set("kind", "organise").SetDate("due", "2021-08-01")
	again := form.Send().Want(422).Check()
	if len(again.Find(".govuk-error-message")) < 3 {
		t.Errorf("number, day and reason are asked for beside their fields\n%s", again.Main())
	}
	done := again.Form("form[method=post]").Set("amend_number", "20/KH-UBND").SetDate("amend_day", "2021-04-15").Set("amend_reason", "Nhân dân đề nghị").Submit().Want(200).Check()
	done.WantText("Đã ghi văn bản sửa đổi", "20/KH-UBND", "Nhân dân đề nghị", "Thêm: Sửa đường ngõ")
	both(officer, base+"/viec/R.1").Form("form[method=post]").SetDate("due", "2021-05-30").Set("dues", "").Set("amend_number", "21/KH-UBND").SetDate("amend_day", "2021-04-16").Set("amend_reason", "Làm sớm").
		Submit().Want(200).Check().WantText("Đổi hạn: Bảng tin", "15/9/2021", "30/5/2021")
	drop := both(officer, base+"/sua-doi/10.1.c").Form("form[method=post]")
	drop.Set("amend_number", "22/KH-UBND").SetDate("amend_day", "2021-04-17").Set("amend_reason", "Trùng").Submit().Want(200).Check().WantText("Nhiệm vụ của cấp trên không đưa vào", "22/KH-UBND")
	both(officer, base+"/sua-doi/10.1.c").WantText("Đưa lại").Form("form[method=post]").Set("amend_number", "23/KH-UBND").SetDate("amend_day", "2021-04-18").Set("amend_reason", "Nhầm").Submit().Want(200).WantText("23/KH-UBND")
	if s := h.state("10.1.c", "03322"); s == plan.NotApplicable {
		t.Error("the superior's task is gone")
	}
	list := both(district, "/lam-viec/ke-hoach-cap-duoi/"+plan648+"?don-vi=100").WantText("1 trên", "%")
	list.Click("Xã Thanh Nưa").Want(200).Check().WantText("Việc riêng của đơn vị", "Sửa đường ngõ", "Việc của bản")
	if district.Get("/lam-viec/ke-hoach-cap-duoi/" + plan648 + "/03322").Has("Lò Văn Ánh") {
		t.Error("the superior reads who does what inside the unit")
	}
}

// Where the superior's task has several days, the form has a field for each, with the superior's day beside it.
func TestOwnDaysPage(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	up, err := h.plans.Plan(t.Context(), plan648)
	if err != nil {
		t.Fatal(err)
	}
	task, _ := up.Task("10.1.c")
	task = task.Clone()
	task.Due, task.Dues = "", []civil.Date{"2021-05-05", "2021-11-05"}
	h.write(func(tx *db.Tx) error {
		_, err := h.plans.AmendTx(t.Context(), tx, access.System, plan.Amend{Plan: plan648, Number: "700/KH-UBND", Day: "2021-03-20", Reason: "Hai lần", Set: []*plan.Task{task}})
		return err
	})
	officer := h.in("huong", "03322", "focal_officer")
	base := officer.Get("/lam-viec/ke-hoach-rieng").Form("form[action=/lam-viec/ke-hoach-rieng]").Submit().Want(200).URL.Path
	form := both(officer, base+"/viec/10.1.c").WantText("Hạn của cấp trên: 5/5/2021", "Hạn của cấp trên: 5/11/2021", "Hạn của đơn vị, lần 2").Form("form[method=post]")
	bad := form.SetDate("due-1", "2021-05-01").SetDate("due-2", "2021-11-20").Send().Want(422).Check().WantText("không được muộn hơn hạn của cấp trên (5/11/2021)")
	bad.Form("form[method=post]").SetDate("due-2", "2021-11-01").Submit().Want(200).Check().WantText("Đã lưu nhiệm vụ", "1/5/2021", "1/11/2021", "cấp trên:")
}
