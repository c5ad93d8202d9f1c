package disclosureweb

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/web/webtest"
)

// paperPDF is a small file that really is a PDF.
var paperPDF = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n100\n%%EOF\n")

// letter is a small document with a paragraph.
func letter(text string, more ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	parts := [][2]string{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`},
		{"_rels/.rels", `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>` + text + `</w:t></w:r></w:p></w:body></w:document>`},
	}
	for _, name := range more {
		parts = append(parts, [2]string{name, "x"})
	}
	for _, p := range parts {
		w, err := z.Create(p[0])
		if err == nil {
			_, err = w.Write([]byte(p[1]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestItemTemplates(t *testing.T) {
	t.Parallel()
	webtest.CheckTemplates(t, newSquare(t).k, itemPages())
}

const newBudget = itemsPath + "/them?viec=pl-34-2007.d5.k1&ky=2021"

// typed fills in the form of a new item.
func typed(p *webtest.Page) *webtest.Form {
	return p.Form("form.dinh-form").Set("title", "Dự toán thu, chi ngân sách xã năm 2021").Set("summary", "Xã thu 7.412,5 triệu đồng.").Set("body", "Tổng thu **7.412,5** triệu đồng.").
		Set("doc_number", "21/TB-UBND").SetDate("doc_day", "2021-04-19").SetDate("decided", "2021-04-19")
}

// make1 makes an item and gives the address of its work page.
func make1(c *webtest.Client) string {
	c.T.Helper()
	return typed(c.Get(newBudget)).Submit().Want(200).URL.Path
}

// The way of a commune officer from the list to the stub, page by page, in both languages.
func TestItemPages(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer, head := h.in("huong", h.commune.ID, access.Officer), h.in("hac", h.commune.ID, access.Head)
	village := h.in("panh", h.village.ID, access.VillageHead)
	twice(officer, itemsPath).WantText("Đơn vị chưa có mục nào")
	start := twice(officer, itemsPath).Click("Lập mục công khai").Want(200)
	start.WantText("Công khai việc gì?", "Khoản 1 Điều 5", "Không thuộc việc nào ở trên")
	twice(officer, itemsPath+"/them")
	twice(officer, itemsPath+"/them?viec=khac").WantText("Không có hạn công khai theo pháp luật")

	form := typed(twice(officer, newBudget))
	if got := strings.Join(form.Values["places"], " "); !strings.Contains(got, "office") || !strings.Contains(got, disclosure.VillageKey(h.village.ID)) {
		t.Errorf("chosen beforehand: %s", got)
	}
	form.Values.Set("xem", "1")
	form.Send().Want(200).Check().WantText("Hạn công khai: chậm nhất ngày 22/4/2021", "Điều 7", "niêm yết 30 ngày liên tục")
	form.Values.Del("xem")
	form.Attach("file", "thong-bao-21.pdf", "application/pdf", paperPDF)
	work := form.Submit().Want(200).Check()
	work.WantText("Đã lưu bản soạn.", "thong-bao-21", "Chậm nhất ngày 22/4/2021", "Bản Mển", "Việc tiếp theo: đọc lại, rồi trình duyệt")
	at := work.URL.Path
	id := strings.TrimPrefix(at, itemsPath+"/")
	h.public().Get(thanhNua + "/bang-niem-yet").Want(200)
	if p := h.public().Get("/n/" + h.view(id).Code); p.Status != http.StatusNotFound {
		t.Errorf("a draft's short link answers %d", p.Status)
	}

	for _, step := range []string{"/sua", "/noi", "/tep", "/am-thanh", "/trinh", "/duyet", "/bo"} {
		twice(officer, at+step)
	}
	p := officer.Get(at+"/sua").Form("form.dinh-form").Set("title", "").Send().Want(422).Check()
	p.WantText("Xin ghi tên của mục công khai.")
	officer.Get(at+"/sua").Form("form.dinh-form").Set("summary", "Xã thu 7.412,5 triệu đồng, chi bấy nhiêu.").Submit().Want(200).WantText("chi bấy nhiêu")

	officer.Get(at + "/trinh").Form("form.dinh-form").Send().Want(422).Check().WantText("Xin trả lời: nội dung có bí mật nhà nước không.")
	officer.Get(at+"/trinh").Form("form.dinh-form").Set("secret", "no").Submit().Want(200).WantText("Đã trình duyệt", "Đang chờ người đứng đầu duyệt")
	officer.Get(at + "/sua").Follow().WantText("Đang chờ người đứng đầu duyệt") // over: back to the item
	twice(head, at).WantText("Chờ duyệt. Người soạn: Bà huong")
	head.Get(at + "/tra-lai").Form("form.dinh-form").Send().Want(422).WantText("Xin ghi lý do.")
	head.Get(at+"/tra-lai").Form("form.dinh-form").Set("why", "Ghi rõ chi đầu tư").Submit().Want(200)
	twice(officer, at).WantText("Yêu cầu bổ sung, chỉnh sửa", "Ghi rõ chi đầu tư")
	officer.Get(at+"/trinh").Form("form.dinh-form").Set("secret", "no").Submit().Want(200)
	twice(head, at+"/duyet").WantText("Tôi duyệt trên màn hình", "Xã thu 7.412,5 triệu đồng")
	head.Get(at+"/duyet").Form("form.dinh-form").Set("how", "man-hinh").Submit().Want(200).WantText("Đã duyệt. Bây giờ có thể công bố.")
	twice(officer, at+"/cong-bo").WantText("Đã kiểm tra bí mật nhà nước: Bà huong.")
	officer.Get(at+"/cong-bo").Form("form.dinh-form").Submit().Want(200).Check().WantText("Đã công bố.", "Trang cho người xem", "còn 3 nơi chưa niêm yết")
	public := h.public().Get("/n/" + h.view(id).Code).Want(200)
	public.WantText("Dự toán thu, chi ngân sách xã năm 2021", "thong-bao-21")
	if head.Get(at+"/duyet").Follow().URL.Path != at {
		t.Error("the approval of what is published is still offered")
	}
	// A village head sees what is to be posted, and nothing of the work on it.
	seen := twice(village, at)
	if seen.Has("Rút mục này") || seen.Has("Lập bản mới") {
		t.Error("a village head is offered the unit's work")
	}
	village.Get(at + "/rut").Want(404)
	twice(village, at+"/am-thanh").Form("form.dinh-form").Set("lang", "th").Attach("sound", "doc.ogg", "audio/ogg", []byte("OggS"+strings.Repeat("\x00", 60))).Submit().Want(200).WantText("tiếng Thái")

	// A new edition, with its visible difference.
	officer.Get(at+"/ban-moi").Form("form.dinh-form").Set("why", "Sửa số thu").Submit().Want(200).WantText("Đã lập bản mới để sửa.", "Bản số 2:")
	twice(officer, at+"/sua")
	officer.Get(at+"/sua").Form("form.dinh-form").Set("body", "Tổng thu **7.500** triệu đồng.").Submit().Want(200)
	changed := twice(officer, at)
	if len(changed.Find("del")) == 0 || len(changed.Find("ins")) == 0 {
		t.Error("no difference is shown")
	}
	officer.Get(at+"/duyet").Form("form.dinh-form").Set("paper_number", "").Send().Want(422).Check().WantText("Xin ghi số văn bản đã ký.", "Xin ghi người ký.")
	officer.Get(at+"/duyet").Form("form.dinh-form").Set("paper_number", "25/TB-UBND").SetDate("paper_day", "2021-04-20").Set("paper_signer", "Cà Văn Hặc").Submit().Want(200)
	officer.Get(at+"/cong-bo").Form("form.dinh-form").Set("secret", "no").Submit().Want(200).WantText("Bản số 1, công bố ngày 20/4/2021", "Duyệt bằng văn bản số 25/TB-UBND")

	officer.Get(at + "/rut").Form("form.dinh-form").Send().Want(422).Check()
	twice(officer, at+"/rut")
	officer.Get(at+"/rut").Form("form.dinh-form").Set("why", "Có quyết định thay thế").Submit().Want(200).WantText("Đã rút mục này.", "Có quyết định thay thế")
	twice(officer, at)
	h.public().Get("/n/" + h.view(id).Code).Want(200).WantText("Có quyết định thay thế")
	twice(officer, itemsPath).WantText("Đã rút", "Đã rút ngày 20/4/2021")
	twice(officer, itemsPath+"?trang-thai=writing").WantText("Không có mục nào như vậy.")
	officer.Get(itemsPath + "?trang-thai=x").Want(404)
}

// A draft that is not complete goes no further, and each fault is said.
func TestIncompleteItem(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer := h.in("huong", h.commune.ID, access.Officer)
	form := officer.Get(itemsPath+"/them?viec=khac&ky=2021-Q2").Form("form.dinh-form").Set("title", "Một việc")
	form.Values["places"] = nil
	at := form.Submit().Want(200).URL.Path
	for _, step := range []string{"/trinh", "/duyet"} {
		f := officer.Get(at + step).Form("form.dinh-form")
		if step == "/trinh" {
			f.Set("secret", "no")
		} else {
			f.Set("paper_number", "1").SetDate("paper_day", "2021-04-20").Set("paper_signer", "Cà Văn Hặc")
		}
		f.Send().Want(422).Check().WantText("Xin viết tóm tắt", "Xin ghi nội dung hoặc đính kèm văn bản", "Xin chọn ít nhất một nơi công khai")
	}
	// A matter that the law of the day does not give the unit.
	typed(officer.Get(itemsPath + "/them?viec=l-10-2022.d11.k1")).Send().Want(422).Check().WantText("Ngày 19/4/2021 pháp luật không giao việc này cho đơn vị.")
}

// Two officers have the same form open: the second gets what is stored beside what was typed, and can send again.
func TestItemConflict(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	a, b := h.in("a", h.commune.ID, access.Officer), h.in("b", h.commune.ID, access.Officer)
	at := make1(a)
	first, second := a.Get(at+"/sua").Form("form.dinh-form"), b.Get(at+"/sua").Form("form.dinh-form")
	first.Set("summary", "Của A").Submit().Want(200)
	page := second.Set("summary", "Của B").Send().Want(409).Check()
	page.WantText("Của A")
	again := page.Form("form.dinh-form")
	if got := again.Values.Get("summary"); got != "Của B" {
		t.Errorf("what was typed is lost: %q", got)
	}
	again.Submit().Want(200).WantText("Của B")
	// The same form sent twice is done once.
	drop := a.Get(at+"/trinh").Form("form.dinh-form").Set("secret", "no")
	drop.Send().Want(303)
	if p := drop.Send(); p.Status != http.StatusSeeOther {
		t.Errorf("the second sending of one form answers %d", p.Status)
	}
}

// Nobody else's: every address answers that there is nothing.
func TestItemsOfOthers(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer := h.in("huong", h.commune.ID, access.Officer)
	at := typed(officer.Get(newBudget)).Attach("file", "a.pdf", "application/pdf", paperPDF).Submit().Want(200).URL.Path
	file := ""
	for _, n := range officer.Get(at).Find("a") {
		if href := webtest.Attr(n, "href"); strings.Contains(href, "/tep/") {
			file = href
		}
	}
	officer.Get(file).Want(200)
	stranger, member := h.in("la", h.school.ID, access.Officer), h.in("tra", h.commune.ID, access.BoardMember)
	for _, c := range []*webtest.Client{stranger, member} {
		for _, path := range []string{at, at + "/sua", at + "/trinh", at + "/duyet", at + "/cong-bo", at + "/rut", at + "/am-thanh", file, file + "?goc=1", itemsPath + "?don-vi=03322", itemsPath + "/them?don-vi=03322"} {
			c.Get(path).Want(404)
		}
	}
	if p := h.public().Do(http.MethodGet, at, nil, nil); p.Status != http.StatusSeeOther {
		t.Errorf("without a log-in: %d", p.Status)
	}
	// A form of one's own, sent to another's item.
	own := typed(stranger.Get(itemsPath + "/them?viec=khac"))
	own.Values.Set("unit", "03322")
	own.Send().Want(404)
	if n := h.count(`SELECT COUNT(*) FROM disclosure_item`); n != 1 {
		t.Errorf("%d items", n)
	}
}

func TestItemFilesRefused(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer := h.in("huong", h.commune.ID, access.Officer)
	at := make1(officer)
	for _, c := range []struct {
		name, want string
		body       []byte
	}{
		{"so-do.svg", "Không nhận tệp", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")},
		{"bang.pdf", "không phải", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")},
		{"bang.docx", "macro", letter("x", "word/vbaProject.bin")},
		{"mat.docx", "có dấu “Tối mật”", letter("TỐI MẬT")},
	} {
		p := officer.Get(at+"/tep").Form("form.dinh-form").Attach("file", c.name, "application/octet-stream", c.body).Send().Want(422).Check()
		if len(p.Find("#f-file-error")) == 0 || !strings.Contains(p.Main(), c.want) {
			t.Errorf("%s: not beside the field, or without %q:\n%s", c.name, c.want, p.Text(".govuk-error-message"))
		}
	}
	officer.Get(at + "/tep").Form("form.dinh-form").Send().Want(422).WantText("Xin chọn tệp.")
	if n := h.count(`SELECT COUNT(*) FROM attachment`); n != 0 {
		t.Errorf("%d files are kept", n)
	}
	// The file's refusal keeps what was typed into a new item.
	p := typed(officer.Get(newBudget)).Attach("file", "x.svg", "image/svg+xml", []byte("<svg/>")).Send().Want(422).Check()
	if got := p.Form("form.dinh-form").Values.Get("summary"); got != "Xã thu 7.412,5 triệu đồng." {
		t.Errorf("typed text is lost: %q", got)
	}
}

// Personal data: kinds and counts are shown, the words and the file are masked at a button, the original stays for the unit.
func TestItemMasks(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer := h.in("huong", h.commune.ID, access.Officer)
	form := typed(officer.Get(newBudget)).Set("body", "Hộ ông Lò Văn Pánh, CCCD 011085001234").Attach("file", "../../danh-sach.docx", "application/octet-stream", letter("Bà Lò Thị Mai, CCCD 011085005678"))
	work := form.Submit().Want(200).Check()
	at := work.URL.Path
	twice(officer, at).WantText("Dữ liệu cá nhân tìm thấy", "1 số định danh, căn cước", "danh-sach")
	officer.Get(at+"/trinh").Form("form.dinh-form").Set("secret", "no").Send().Want(422).Check().WantText("Có dữ liệu cá nhân.")
	masks := func(p *webtest.Page) []*webtest.Form {
		var out []*webtest.Form
		for _, f := range p.Forms() {
			if strings.HasSuffix(webtest.Attr(f.Node(), "action"), "/che") {
				out = append(out, f)
			}
		}
		return out
	}
	for range 4 {
		list := masks(officer.Get(at))
		if len(list) == 0 {
			break
		}
		list[0].Submit().Want(200).WantText("Đã che dữ liệu cá nhân.")
	}
	page := twice(officer, at)
	if page.Has("011085001234") || page.Has("Dữ liệu cá nhân tìm thấy") {
		t.Error("not masked")
	}
	page.WantText("Tệp gốc (nội bộ)", "tệp gốc giữ nội bộ")
	page.WantText("Nội dung trước khi che dữ liệu cá nhân; giữ nội bộ.")
	original, shown := "", ""
	for _, n := range page.Find("a") {
		href := webtest.Attr(n, "href")
		switch {
		case strings.HasSuffix(href, "?goc=1"):
			if original == "" { // the words' own follows
				original = href
			}
		case strings.Contains(href, "/tep/"):
			shown = href
		}
	}
	if p := officer.Get(shown).Want(200); strings.Contains(p.Body, "011085005678") || !strings.Contains(p.Body, "Lò Thị Mai") || !strings.Contains(p.Body, "BẢN CHỮ ĐÃ CHE") {
		t.Errorf("the copy: %s", p.Body)
	}
	if p := officer.Get(original).Want(200); !strings.HasPrefix(p.Body, "PK") {
		t.Error("the original is not what was sent")
	}
	officer.Get(at+"/trinh").Form("form.dinh-form").Set("secret", "no").Submit().Want(200).WantText("Đã trình duyệt")
}

// A school tells its staff alone: every route is closed to others.
func TestStaffItemPages(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer, villager := h.in("hoa", h.school.ID, access.Head), h.in("dan", h.village.ID, access.VillageHead)
	form := officer.Get(itemsPath+"/them?viec=khac").Want(200).Form("form.dinh-form").Set("title", "Phân công giảng dạy").Set("summary", "Ai dạy lớp nào").Set("body", "Lớp 1A: cô Hoa").Set("audience", "staff")
	at := form.Submit().Want(200).Check().URL.Path
	officer.Get(at+"/duyet").Form("form.dinh-form").Set("how", "man-hinh").Submit().Want(200)
	officer.Get(at+"/cong-bo").Form("form.dinh-form").Set("secret", "no").Submit().Want(200)
	id := strings.TrimPrefix(at, itemsPath+"/")
	v := h.view(id)
	public := h.Link(v.Item, "")
	officer.Get(public).Want(200).WantText("Phân công giảng dạy")
	for _, path := range []string{public, "/n/" + v.Code, public + "/to-niem-yet", public + "/hoi"} {
		h.public().Get(path).Want(404)
		villager.Get(path).Want(404)
	}
	villager.Get(at).Want(404)
	if n := h.count(`SELECT COUNT(*) FROM search_doc WHERE audience='public' AND doc_id=$1`, id); n != 0 {
		t.Error("everybody finds it")
	}
	// In villages nothing hangs that is for staff.
	bad := h.in("huong", h.commune.ID, access.Officer).Get(itemsPath+"/them?viec=khac").Form("form.dinh-form").Set("title", "Lương").Set("summary", "x").Set("audience", "staff")
	bad.Values["places"] = []string{disclosure.VillageKey(h.village.ID)}
	bad.Send().Want(422).Check().WantText("Mục chỉ cho nội bộ không niêm yết ở thôn, bản.")
}

func TestItemExports(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	in := budget()
	in.Title = "=cmd|Dự toán"
	v := h.publish(h.commune.ID, in, "2021-04-06")
	h.hang(v, "office", "2021-04-06")
	officer := h.in("huong", h.commune.ID, access.Officer)
	p := officer.Get(itemsPath + ".csv").Want(200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][1] != "'=cmd|Dự toán" || rows[1][6] != "Đang niêm yết" || rows[1][11] != "2021-04-06" || !strings.HasPrefix(rows[1][16], "http://") {
		t.Errorf("rows %q, %v", rows, err)
	}
	if !strings.HasPrefix(p.Body, "\ufeff") {
		t.Error("spreadsheets would not read the Vietnamese")
	}
	book := officer.Get("/en" + itemsPath + ".xlsx?trang-thai=up").Want(200)
	if _, err := zip.NewReader(strings.NewReader(book.Body), int64(len(book.Body))); err != nil {
		t.Errorf("the workbook: %v", err)
	}
	h.in("la", h.school.ID, access.Officer).Get(itemsPath + ".csv?don-vi=03322").Want(404)
}

// Past years are judged by their law, on the form already.
func TestItemFormOfTwoLaws(t *testing.T) {
	t.Parallel()
	h := newSquareAt(t, civil.Fixed("2025-03-20"))
	officer := h.in("huong", h.commune.ID, access.Officer)
	look := func(matter, period, day string) *webtest.Page {
		f := officer.Get(itemsPath+"/them?viec="+matter+"&ky="+period).Want(200).Form("form.dinh-form").SetDate("decided", day)
		f.Values.Set("xem", "1")
		return f.Send().Want(200).Check()
	}
	look("pl-34-2007.d5.k1", "2021", "2021-03-12").WantText("chậm nhất ngày 15/3/2021", "Pháp lệnh 34/2007")
	look("l-10-2022.d11.k1", "2025", "2025-03-12").WantText("chậm nhất ngày 19/3/2025", "Luật 10/2022")
	if p := look("l-10-2022.d11.k1", "2025", "2021-03-12"); p.Has("chậm nhất ngày") {
		t.Error("the law of 2022 sets a deadline in 2021")
	}
	f := officer.Get(newBudget).Form("form.dinh-form").SetDate("decided", "2025-02-31")
	f.Values.Set("xem", "1")
	f.Send().Want(422).Check()
}

func (h *square) count(query string, args ...any) (n int) {
	h.t.Helper()
	if err := h.d.QueryRow(h.t.Context(), query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// A long list comes in parts.
func TestItemListParts(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	officer := h.in("huong", h.commune.ID, access.Officer)
	for range 7 {
		h.write(func(tx *db.Tx) error {
			for range 10 {
				if _, err := h.CreateTx(t.Context(), tx, access.System, disclosure.NewItem{Unit: h.commune.ID, ItemInput: budget()}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	p := officer.Get(itemsPath).Want(200).Check()
	p.WantText("Đang soạn (70)")
	next := p.Click("Phần sau").Want(200).Check()
	if n := len(next.Find(".dinh-rows__t")); n != 20 {
		t.Errorf("%d items on the second page", n)
	}
}
