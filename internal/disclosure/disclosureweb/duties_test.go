package disclosureweb

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/disclosure"
	"dinh/internal/web/webtest"
)

func TestDutyTemplates(t *testing.T) {
	t.Parallel()
	webtest.CheckTemplates(t, newSquare(t).k, dutyPages())
}

// links are the addresses of links that begin so.
func links(p *webtest.Page, prefix string) []string {
	var out []string
	for _, a := range p.Find("a[href]") {
		if h := webtest.Attr(a, "href"); strings.HasPrefix(h, prefix) && !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

// A commune officer sees what must be told, makes an item of one matter, states that another did not arise, and takes that back.
func TestSlotPages(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer := h.in("huong", h.commune.ID, access.Officer)
	list := twice(officer, slotsPath)
	list.WantText("Việc phải công khai năm 2021", "Khoản 1 Điều 5; Điều 6, 7 Pháp lệnh 34/2007", "chưa đối chiếu văn bản", "niêm yết ít nhất 30 ngày liên tục", "chậm nhất 2 ngày", "truyền thanh 3 ngày liên tục",
		"phải có thường xuyên", "Chờ phát sinh", "Công khai trong nội bộ đơn vị", "tháng 4/2021", "Còn 8 kỳ chưa đến")
	make1 := links(list, itemsPath+"/them?")
	if len(make1) < 20 || !slices.Contains(make1, itemsPath+"/them?don-vi=03322&ky=2021&viec=pl-34-2007.d5.k1") {
		t.Errorf("links to new items: %v", make1)
	}
	officer.Get(itemsPath + "/them?don-vi=03322&ky=2021&viec=pl-34-2007.d5.k1").Want(200).WantText("Khoản 1 Điều 5")
	missing := twice(officer, slotsPath+"?xem=thieu")
	if missing.Has("Chờ phát sinh") && len(missing.Find(".dinh-tag--cho")) > 0 || !missing.Has("Chưa có") {
		t.Errorf("only what is missing:\n%s", missing.Main())
	}
	state := slotsPath + "/khong-phat-sinh?don-vi=03322&ky=2021&viec=pl-34-2007.d5.k2"
	if !slices.Contains(links(list, slotsPath+"/khong-phat-sinh"), state) {
		t.Fatalf("no link to state it: %v", links(list, slotsPath+"/khong-phat-sinh"))
	}
	form := twice(officer, state).WantText("Bà huong xác nhận").Form("form.dinh-form")
	form.Set("note", strings.Repeat("dài ", 600)).Send().Want(422).Check().WantText("Viết không quá")
	done := officer.Get(state).Form("form.dinh-form").Set("note", "Năm nay xã <b>không</b> có dự án").Submit().Want(200).Check()
	done.WantText("Đã ghi: không phát sinh", "Bà huong xác nhận ngày 20/4/2021", "Năm nay xã <b>không</b> có dự án")
	officer.Get(state).Want(404)
	back := links(done, slotsPath+"/lay-lai/")
	if len(back) != 1 {
		t.Fatalf("ways to take it back: %v", back)
	}
	form = twice(officer, back[0]).Form("form.dinh-form")
	officer.Get(back[0]).Form("form.dinh-form").Set("note", "Có dự án").Submit().Want(200).WantText("Đã rút lại xác nhận")
	form.Send().Want(409) // somebody was quicker
	for _, bad := range []string{"?nam=x", "?nam=1900", "?nam=2050", "?don-vi=NONE"} {
		officer.Get(slotsPath + bad).Want(404)
	}
	officer.Get(slotsPath + "?nam=2020").Want(404) // before the commune
	twice(officer, slotsPath+"?nam=2022").WantText("Chưa đến kỳ")
	officer.Get(slotsPath + "/khong-phat-sinh?don-vi=03322&ky=2021&viec=pl-34-2007.d5.k3").Want(404)
	officer.Get(slotsPath + "/khong-phat-sinh?don-vi=03322&ky=2021&viec=no-such").Want(404)

	// A superior sees how it stands and makes nothing; a neighbour sees nothing.
	tree := h.dir.On("2021-04-20")
	snv, _ := tree.ByCode("SNV")
	boss := twice(h.in("snv", snv.ID, access.Focal), slotsPath+"?don-vi=03322").WantText("Chờ phát sinh")
	if n := len(links(boss, itemsPath+"/")) + len(links(boss, slotsPath+"/khong-phat-sinh")); n != 0 {
		t.Errorf("a superior is offered %d links to the unit's work", n)
	}
	h.in("snv", snv.ID, access.Focal).Get(state).Want(404)
	other, _ := tree.ByCode("03325")
	h.in("khac", other.ID, access.Head).Get(slotsPath + "?don-vi=03322").Want(404)
	if p := h.public().Do(http.MethodGet, slotsPath, nil, nil); p.Status != http.StatusSeeOther {
		t.Errorf("the public: %d", p.Status)
	}
}

// Everybody reads what the commune must tell, and what it told; drafts and what is for the staff stay inside.
func TestPublicSlots(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	at := thanhNua + "/phai-cong-khai"
	first := twice(h.public(), at).WantText("Việc xã Thanh Nưa phải công khai năm 2021", "Pháp lệnh 34/2007")
	if first.Has("nội bộ") || first.Has("Nghị định 04/2015") && first.Has("Công khai trong đơn vị") {
		t.Errorf("what is for the staff:\n%s", first.Main())
	}
	officer := h.in("huong", h.commune.ID, access.Officer)
	make1(officer)
	if p := h.public().Get(at); p.Has("Dự toán thu, chi") {
		t.Error("a draft is public")
	}
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	h.hang(v, "office", "2021-04-06")
	p := twice(h.public(), at).WantText("Đã công khai", "công khai ngày 6/4/2021", "Dự toán thu, chi ngân sách xã năm 2021")
	p.Click("Dự toán thu, chi ngân sách xã năm 2021").Want(200)
	h.public().Get(at + "?nam=1900").Want(404)
	twice(h.public(), at+"?nam=2022")
	twice(h.public(), "/dien-bien/"+h.school.Slug+"/phai-cong-khai")
	// A statement drops the kept page.
	form := officer.Get(slotsPath + "/khong-phat-sinh?don-vi=03322&ky=2021&viec=pl-34-2007.d5.k2").Form("form.dinh-form")
	form.Submit().Want(200)
	h.public().Get(at).Want(200).WantText("Không phát sinh")
}

func TestOwnMatterPages(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer := h.in("huong", h.commune.ID, access.Officer)
	twice(officer, ownMatterPath).WantText("Đơn vị chưa có nội dung riêng")
	form := twice(officer, ownMatterPath+"/them").Form("form.dinh-form")
	bad := form.Set("from-day", "").Set("from-month", "").Set("from-year", "").Set("basis", "Nghị quyết 5").Send().Want(422).Check().WantText("Xin ghi tên.", "Xin ghi ngày.")
	form = bad.Form("form.dinh-form")
	if form.Values.Get("basis") != "Nghị quyết 5" {
		t.Error("what was typed is gone")
	}
	list := form.Set("title", "Giá chợ phiên").SetDate("from", "2021-01-01").Set("recurrence", "quarterly").Submit().Want(200).Check().WantText("Đã thêm nội dung riêng", "hằng quý", "Giá chợ phiên")
	at := ""
	for _, l := range links(list, ownMatterPath+"/") {
		if !strings.Contains(l, "/them") {
			at = l
		}
	}
	twice(officer, slotsPath).WantText("Giá chợ phiên", "quý I/2021", "Quá hạn 20 ngày")
	edit := twice(officer, at)
	stale := officer.Get(at).Form("form.dinh-form")
	edit.Form("form.dinh-form").Set("title", "Giá chợ").Set("recurrence", standingWord).Submit().Want(200).WantText("Đã lưu nội dung riêng", "thường xuyên")
	stale.Set("title", "Giá khác").Send().Want(409).Check().WantText("Giá chợ")
	tree := h.dir.On("2021-04-20")
	other, _ := tree.ByCode("03325")
	stranger := h.in("khac", other.ID, access.Head)
	stranger.Get(at).Want(404)
	stranger.Get(ownMatterPath + "?don-vi=03322").Want(404)
}

func TestSessionPages(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer := h.in("huong", h.commune.ID, access.Officer)
	twice(officer, sessionPath).WantText("Năm này đơn vị chưa ghi cuộc nào")
	twice(h.public(), thanhNua+"/tuyen-truyen").WantText("chưa ghi cuộc tuyên truyền nào")
	form := twice(officer, sessionPath+"/them").Form("form.dinh-form")
	bad := form.Set("people", "nhiều").SetDate("day", "2021-05-01").Attach("files", "a.svg", "image/svg+xml", []byte("<svg/>")).Send().Want(422).Check()
	bad.WantText("Chưa gửi được")
	form = officer.Get(sessionPath + "/them").Form("form.dinh-form")
	form.Set("title", "Phổ biến Pháp lệnh 34/2007 <em>cho bà con</em>").SetDate("day", "2021-04-12").Set("langs", "vi", "th").Set("people", "1.086").Set("copies", "30").Set("spot", "Nhà văn hóa bản Mển").
		Set("acts", "pl-34-2007").Set("speaker", "Bà Lò Thị Hương").Attach("files", "tài liệu.pdf", "application/pdf", paperPDF)
	page := form.Submit().Want(200).Check().WantText("Đã lưu.", "Phổ biến Pháp lệnh 34/2007 <em>cho bà con</em>", "tiếng Thái", "1.086", "Pháp lệnh 34/2007", "tài liệu.pdf", "Bà Lò Thị Hương")
	id := strings.TrimPrefix(page.URL.Path, sessionPath+"/")
	twice(officer, sessionPath+"/"+id)
	twice(officer, sessionPath).WantText("1.086 lượt người", "Cuộc tuyên truyền")
	pub := twice(h.public(), thanhNua+"/tuyen-truyen/"+id).WantText("tiếng Thái", "tài liệu.pdf")
	if pub.Has("Bà Lò Thị Hương") {
		t.Error("the speaker's name is public")
	}
	file := links(pub, thanhNua+"/tuyen-truyen/"+id+"/tep/")
	if len(file) != 1 {
		t.Fatalf("files: %v", file)
	}
	if f := h.public().Get(file[0]).Want(200); f.Body != string(paperPDF) {
		t.Errorf("%d bytes", len(f.Body))
	}
	h.public().Get(thanhNua + "/tuyen-truyen/" + id + "/tep/none").Want(404)
	h.public().Get("/dien-bien/" + h.school.Slug + "/tuyen-truyen/" + id).Want(404)

	edit := twice(officer, sessionPath+"/"+id+"/sua").Form("form.dinh-form")
	stale := officer.Get(sessionPath + "/" + id + "/sua").Form("form.dinh-form")
	edit.Set("audience", "staff").Submit().Want(200).WantText("Đã lưu thay đổi.")
	stale.Set("title", "Khác").Send().Want(409)
	for _, path := range []string{thanhNua + "/tuyen-truyen/" + id, file[0]} {
		h.public().Get(path).Want(404)
	}
	tree := h.dir.On("2021-04-20")
	other, _ := tree.ByCode("03325")
	stranger := h.in("khac", other.ID, access.Head)
	for _, rest := range []string{"", "/sua", "/gach", "/tep/x"} {
		stranger.Get(sessionPath + "/" + id + rest).Want(404)
	}
	snv, _ := tree.ByCode("SNV")
	boss := h.in("snv", snv.ID, access.Officer)
	boss.Get(sessionPath + "/" + id).Want(200)
	boss.Get(sessionPath + "/" + id + "/sua").Want(404)

	strike := twice(officer, sessionPath+"/"+id+"/gach").Form("form.dinh-form")
	strike.Send().Want(422).Check().WantText("Xin ghi lý do.")
	officer.Get(sessionPath+"/"+id+"/gach").Form("form.dinh-form").Set("why", "Nhập trùng").Submit().Want(200).Check().WantText("Đã gạch bỏ", "Nhập trùng")
	officer.Get(sessionPath + "/" + id + "/gach").Want(404)
	boss.Get(sessionPath + "/" + id).Want(404)
}

func TestRegulationPages(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer := h.in("huong", h.commune.ID, access.Officer)
	twice(officer, regulationPath).WantText("Đơn vị chưa ghi quy chế nào")
	form := twice(officer, regulationPath+"/them").Form("form.dinh-form")
	form.Send().Want(422).Check().WantText("Xin ghi tên.", "Xin ghi số văn bản.", "Xin ghi ngày.")
	macro := officer.Get(regulationPath+"/them").Form("form.dinh-form").Set("title", "Quy chế").Set("doc_number", "1").SetDate("doc_day", "2019-03-01").
		Attach("files", "quy chế.docx", "application/octet-stream", letter("Quy chế", "word/vbaProject.bin")).Send().Want(422).Check()
	macro.WantText("quy chế.docx có macro")
	macro = officer.Get(regulationPath+"/them").Form("form.dinh-form").Set("title", "Quy chế").Set("doc_number", "1").SetDate("doc_day", "2019-03-01").
		Attach("files", "quy chế.docx", "application/octet-stream", letter("TỐI MẬT")).Send().Want(422)
	if !macro.Form("form.dinh-form").Values.Has("title") || h.count(`SELECT COUNT(*) FROM disclosure_regulation`) != 0 {
		t.Error("a secret paper went in")
	}
	page := officer.Get(regulationPath+"/them").Form("form.dinh-form").Set("title", "Quy chế dân chủ của xã").Set("doc_number", "12/QĐ-UBND").SetDate("doc_day", "2019-03-01").
		Set("acts", "pl-34-2007").Set("basis", "Nghị quyết 5 của Hội đồng nhân dân xã\n\n149/2018").Attach("files", "quy chế.pdf", "application/pdf", paperPDF).Submit().Want(200).Check()
	page.WantText("Đã lưu quy chế.", "12/QĐ-UBND", "Pháp lệnh 34/2007", "Nghị quyết 5 của Hội đồng nhân dân xã", "Chưa rà soát lần nào", "quy chế.pdf")
	at := page.URL.Path
	id := strings.TrimPrefix(at, regulationPath+"/")
	twice(officer, regulationPath).WantText("1 quy chế chưa rà soát trong năm nay")
	review := twice(officer, at+"/ra-soat").Form("form.dinh-form")
	review.Send().Want(422).Check().WantText("Xin ghi ngày.", "Xin chọn một mục")
	officer.Get(at+"/ra-soat").Form("form.dinh-form").SetDate("day", "2021-03-20").Set("result", "keep").Set("doc_number", "5/BB-UBND").Submit().Want(200).Check().WantText("Đã ghi kết quả rà soát", "20/3/2021: Giữ nguyên", "5/BB-UBND")
	if officer.Get(regulationPath).Want(200).Has("chưa rà soát trong năm nay") {
		t.Error("a review that keeps it is none")
	}
	// The decree of 2018 ended in January 2021: the page says so, and what stands in its place.
	amend := twice(officer, at+"/sua-doi").Form("form.dinh-form")
	if got := amend.Values["acts"]; !slices.Equal(got, []string{"pl-34-2007"}) || !strings.Contains(amend.Values.Get("basis"), "149/2018") {
		t.Errorf("the basis of before: %v, %q", got, amend.Values.Get("basis"))
	}
	done := amend.Set("doc_number", "30/QĐ-UBND").SetDate("doc_day", "2021-04-01").Set("acts", "pl-34-2007", "nd-149-2018").Submit().Want(200).Check()
	done.WantText("Sửa đổi, bổ sung: 30/QĐ-UBND", "Căn cứ Nghị định 149/2018/NĐ-CP hết hiệu lực từ sau ngày 31/1/2021", "Thay bằng Nghị định 145/2020/NĐ-CP", "Căn cứ đã hết hiệu lực")
	pub := twice(h.public(), thanhNua+"/quy-che").WantText("Quy chế dân chủ của xã", "30/QĐ-UBND")
	one := pub.Click("Quy chế dân chủ của xã").Want(200).Check().WantText("12/QĐ-UBND")
	if one.Has("Bà huong") {
		t.Error("who entered the review is public")
	}
	file := links(one, thanhNua+"/quy-che/"+id+"/tep/")
	if len(file) != 1 {
		t.Fatalf("files: %v", file)
	}
	h.public().Get(file[0]).Want(200)
	end := twice(officer, at+"/het-hieu-luc").Form("form.dinh-form")
	end.Send().Want(422).Check()
	officer.Get(at+"/het-hieu-luc").Form("form.dinh-form").SetDate("ended", "2021-04-20").Set("ended_by", "40/QĐ-UBND").Submit().Want(200).WantText("Đã ghi quy chế hết hiệu lực", "40/QĐ-UBND")
	twice(h.public(), thanhNua+"/quy-che").WantText("Đã hết hiệu lực")
	officer.Get(at + "/ra-soat").Want(404)
	tree := h.dir.On("2021-04-20")
	other, _ := tree.ByCode("03325")
	h.in("khac", other.ID, access.Head).Get(at + "/sua-doi").Want(404)

	// What is for the staff is not there for others.
	inner := officer.Get(regulationPath+"/them").Form("form.dinh-form").Set("title", "Quy chế chi tiêu").Set("kind", "spending").Set("audience", "staff").Set("doc_number", "1").SetDate("doc_day", "2021-04-01").Submit().Want(200)
	h.public().Get(thanhNua + "/quy-che/" + strings.TrimPrefix(inner.URL.Path, regulationPath+"/")).Want(404)
	if h.public().Get(thanhNua + "/quy-che").Has("chi tiêu") {
		t.Error("a regulation for the staff is listed")
	}
	h.in("khac", other.ID, access.Head).Get(inner.URL.Path).Want(404)
}

func TestFigurePages(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer := h.in("huong", h.commune.ID, access.Officer)
	officer.Get(sessionPath+"/them").Form("form.dinh-form").Set("title", "Phổ biến Pháp lệnh").SetDate("day", "2021-04-12").Set("people", "86").Submit().Want(200)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	h.hang(v, "office", "2021-04-06")
	page := twice(officer, figurePath).WantText("6 tháng đầu năm 2021", "Kỳ chưa hết, số tính đến 20/4/2021", "Số cuộc tuyên truyền, phổ biến", "Tỷ lệ công khai đúng hạn", "14,3%")
	for _, l := range links(page, figurePath+"/") {
		twice(officer, l)
	}
	twice(officer, figurePath+"/II.2").WantText("Số theo hồ sơ trên phần mềm: 86", "Phổ biến Pháp lệnh").Click("Phổ biến Pháp lệnh").Want(200)
	twice(officer, figurePath+"/IV.1").WantText("công khai ngày 6/4/2021", "chưa có mục nào, tháng 1/2021")
	twice(officer, figurePath+"/IV.1?ky=nam&nam=2020")
	officer.Get(figurePath + "/IX.9").Want(404)
	tree := h.dir.On("2021-04-20")
	snv, _ := tree.ByCode("SNV")
	twice(h.in("snv", snv.ID, access.Focal), figurePath+"/IV.2?don-vi=03322").Click("Dự toán thu, chi").Want(200)
	other, _ := tree.ByCode("03325")
	h.in("khac", other.ID, access.Head).Get(figurePath + "?don-vi=03322").Want(404)
}

// Sở Nội vụ sees which communes miss which matters; a district its own; a commune's officer no other.
func TestFollowPages(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	h.hang(v, "office", "2021-04-09")
	tree := h.dir.On("2021-04-20")
	snv, _ := tree.ByCode("SNV")
	boss := h.in("snv", snv.ID, access.Focal)
	page := twice(boss, followPath).WantText("Điều 5 Pháp lệnh 34/2007/PL-UBTVQH11 (11 việc)", "Xã Thanh Nưa", "Công khai chậm", "Huyện Điện Biên", "2 thiếu")
	if n := len(page.Find("table.dinh-matrix thead th")); n != 12 {
		t.Errorf("%d columns", n)
	}
	if n := len(page.Find("table.dinh-matrix tbody tr")); n < 129 {
		t.Errorf("%d rows", n)
	}
	page.Click("Xã Thanh Nưa").Want(200).WantText("Việc phải công khai năm 2021")
	some := twice(boss, followPath+"?q=thanh+nua&xem=danh-sach").WantText("Công khai chậm 2 ngày", "Chưa có")
	if some.Has("Xã Thanh Minh") {
		t.Error("the filter by name lets others through")
	}
	twice(boss, followPath+"?duoi=100&xem=thieu")
	if p := boss.Get(followPath + "?duoi=100").Want(200); strings.Contains(p.Text("table"), "Mường Nhé") {
		t.Error("the filter by district lets others through")
	}
	twice(boss, followPath+"?loai=agency").WantText("nội bộ")
	twice(boss, followPath+"?nam=2020")
	twice(boss, followPath+"?q=khongco").WantText("Không có đơn vị nào")
	for _, bad := range []string{"?loai=x", "?nam=x", "?duoi=NONE"} {
		boss.Get(followPath + bad).Want(404)
	}
	file := boss.Get(followPath + "/bang.csv?q=thanh+nua").Want(200)
	if !strings.HasPrefix(file.Body, "\ufeff") {
		t.Error("the CSV does not say that it is UTF-8")
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 12 || lines[1][1] != "Xã Thanh Nưa" || lines[1][7] != string(disclosure.SlotFilledLate) || lines[1][11] != "2" {
		t.Errorf("%d lines, %v: %v", len(lines), err, lines[1])
	}
	book := boss.Get(followPath + "/bang.xlsx").Want(200)
	if _, err := zip.NewReader(bytes.NewReader([]byte(book.Body)), int64(len(book.Body))); err != nil {
		t.Error(err)
	}
	district, _ := tree.ByCode("100")
	if p := twice(h.in("huyen", district.ID, access.Head), followPath); !p.Has("Xã Thanh Nưa") || strings.Contains(p.Text("table"), "Mường Nhé") {
		t.Error("a district follows others than its own")
	}
	syt, _ := tree.ByCode("SYT")
	if syt != nil {
		if p := h.in("syt", syt.ID, access.Head).Get(followPath); p.Status == 200 && p.Has("Xã Thanh Nưa") {
			t.Error("a department follows communes")
		}
	}
	if p := h.in("huong", h.commune.ID, access.Officer).Get(followPath); p.Status == 200 && p.Has("Xã Thanh Minh") {
		t.Error("a commune follows its neighbours")
	}
	if p := h.public().Do(http.MethodGet, followPath, nil, nil); p.Status != http.StatusSeeOther {
		t.Errorf("the public: %d", p.Status)
	}
}
