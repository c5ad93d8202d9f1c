package planweb

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"dinh/internal/extract"
	"dinh/internal/plan"
	"dinh/internal/web/webtest"

	"github.com/xuri/excelize/v2"
)

const boardPath = "/lam-viec/ke-hoach/648-kh-ubnd-2021"

func TestFocalTemplates(t *testing.T) {
	t.Parallel()
	webtest.CheckTemplates(t, newDesk(t).k, map[string]any{
		"board": &boardPage{}, "board_summary": &boardPage{}, "board_unit": &unitPage{}, "press_nudge": &nudgePage{}, "press_letters": &lettersPage{}, "press_sent": &pressedPage{},
		"press_letter": &letterPage{}, "plan_paper": &paperPage{}, "press_enter": &letterPage{}, "edit_plans": &plansPage{}, "edit_facts": &factsPage{}, "edit_plan": &editPage{}, "edit_task": &taskPage{},
		"edit_issue": &issuePage{}, "edit_signed": &signedPage{}, "edit_derive": &derivePage{}, "edit_import": &importPage{}, "edit_roles": &rolesPage{}, "edit_committee": &committeePage{},
	})
}

// The board in its three views and with filters, for the focal body; everything that it offers as a file.
func TestBoard(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	c := h.in("son", "SNV", "focal_officer")
	all := both(c, boardPath).WantText("Theo dõi Kế hoạch 648/KH-UBND", "Xã Thanh Nưa", "Việc quá hạn")
	if n := len(all.Find("tr")); n < 207 {
		t.Errorf("%d rows for 207 units", n)
	}
	narrow := both(c, boardPath+"?nhom=unit-100&muc=1").WantText("Xã Thanh Nưa", "Bỏ lọc")
	if narrow.Has("Xã Sín Thầu") {
		t.Error("another district is shown")
	}
	both(c, boardPath+"?xem=viec").WantText("1.2 Ban hành kế hoạch")
	late := both(c, boardPath+"?xem=qua-han&q=thanh+nua").WantText("Xã Thanh Nưa", "Quá hạn 20 ngày")
	if late.Has("Xã Sín Thầu") {
		t.Error("another unit is shown")
	}
	both(c, boardPath+"/tom-tat").WantText("một trang cho lãnh đạo", "Huyện Điện Biên")
	both(c, boardPath+"/don-vi/03322").WantText("Xã Thanh Nưa – Kế hoạch 648/KH-UBND", "1.2 Ban hành kế hoạch")
	csv := c.Get(boardPath + "/bang.csv?nhom=unit-100").Want(200)
	if !strings.Contains(csv.Body, "03322,Xã Thanh Nưa,commune") || strings.Contains(csv.Body, "Xã Sín Thầu") {
		t.Errorf("the CSV: %.300s", csv.Body)
	}
	book, err := excelize.OpenReader(bytes.NewReader([]byte(c.Get(boardPath + "/bang.xlsx").Want(200).Body)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Từng đơn vị")
	if err != nil || len(rows) < 207 {
		t.Errorf("%d rows in the workbook: %v", len(rows), err)
	}
	// Who may not steer sees the board, where progress is public, without pressing or editing.
	other := both(h.in("huong", "03322", "officer"), boardPath)
	if other.Has("Nhắc, đôn đốc") || other.Has("Sửa kế hoạch") {
		t.Error("a commune's officer is offered to press")
	}
	if p := h.public().Get(boardPath); p.URL.Path != "/dang-nhap" {
		t.Errorf("without a session the board leads to %s", p.URL)
	}
}

// Nudge, then a letter with its signed number: both are recorded, and the letter is evidence of the focal body's own task.
func TestPress(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	c := h.in("son", "SNV", "focal_officer")
	h.in("huong", "03322", "focal_officer")
	form := both(c, boardPath+"/nhac?nhom=unit-100").WantText("22 đơn vị", "Xã Thanh Nưa").Form("form[method=post]")
	form.Set("note", "Xin gửi trong tuần này").Submit().Want(200).WantText("Nhắc", "22 đơn vị", "Xin gửi trong tuần này")
	both(c, boardPath+"/van-ban/soan?kieu=don-doc&nhom=unit-100").WantText("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "V/v đôn đốc", "Phụ lục", "(Kèm theo Công văn số", "Xã Thanh Nưa", "Tải DOCX")
	for _, path := range []string{"/van-ban/soan.docx?kieu=don-doc&nhom=unit-100", "/van-ban/soan.pdf?kieu=don-doc&nhom=unit-100"} {
		download(t, c, boardPath+path, "V/v đôn đốc", "CÁC VIỆC QUÁ HẠN TÍNH ĐẾN NGÀY", "Xã Thanh Nưa", "GIÁM ĐỐC")
	}
	both(c, boardPath+"/toan-van").WantText("KẾ HOẠCH", "Dân quyết định", "TM. ỦY BAN NHÂN DÂN", "PHÂN CÔNG NHIỆM VỤ")
	for _, as := range []string{".docx", ".pdf"} {
		download(t, c, boardPath+"/toan-van"+as, "Số: 648/KH-UBND", "I. NỘI DUNG", "PHÂN CÔNG NHIỆM VỤ", "Ban hành kế hoạch")
	}
	both(c, boardPath+"/van-ban/soan?kieu=huong-dan").WantText("Kính gửi")
	enter := both(c, boardPath+"/van-ban/ghi-so?kieu=don-doc&nhom=unit-100")
	bad := enter.Form("form[method=post]").Set("number", "412/SNV-CCVC").Set("signed-day", "31").Set("signed-month", "2").Set("signed-year", "2021").Send().Want(422)
	bad.WantText("412/SNV-CCVC")
	if f := bad.Form("form[method=post]"); f == nil || len(bad.Find("p.govuk-error-message")) == 0 {
		t.Error("no message beside a field")
	}
	bad.Form("form[method=post]").Set("number", "412/SNV-CCVC").SetDate("signed", "2021-04-19").Set("signer", "Người Ký Mẫu").Set("sign_as", "head").Submit().Want(200).WantText("Công văn đôn đốc lần 1", "412/SNV-CCVC")
	both(c, boardPath+"/van-ban").WantText("Công văn đôn đốc lần 1 412/SNV-CCVC")
	if s := h.state("III.7.a", "SNV"); s != plan.Doing {
		t.Errorf("III.7.a is %s", s)
	}
	both(c, boardPath+"/nhac?de-nghi=1")
	h.in("xa", "03325", "focal_officer").Get(boardPath + "/van-ban").Want(403)
}

// download takes a paper as a file and reads its text.
func download(t *testing.T, c *webtest.Client, path string, words ...string) {
	t.Helper()
	r := c.Get(path).Want(200)
	kind := r.Header.Get("Content-Type")
	got, err := extract.Text(t.Context(), strings.NewReader(r.Body), int64(len(r.Body)), kind, extract.Limits{})
	if err != nil {
		t.Fatalf("%s: %s: %v", path, kind, err)
	}
	text := strings.Join(strings.Fields(got.Text), " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s has no %q: %.3000s", path, w, text)
		}
	}
}

// A plan as last year: preview with its differences, draft, a task changed, issued, amended; two editors at once.
func TestMakeAndIssue(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	c := h.in("son", "SNV", "focal_officer")
	both(c, "/lam-viec/ke-hoach").WantText("648/KH-UBND", "Làm như năm trước")
	form := both(c, "/lam-viec/ke-hoach/lap/nhu-nam-truoc").Form("form[method=post]").Set("year", "2022").Set("number", "12/KH-UBND").SetDate("signed", "2021-04-19")
	pre := form.Send().Want(200).WantText("Chỗ cần xem", "Lưu thành dự thảo")
	draft := pre.Form("form[method=post]").Set("sure", "1").Submit().Want(200).Check().WantText("Kế hoạch 12/KH-UBND", "59 việc", "Ban hành")
	outside := h.in("huong", "03322", "focal_officer")
	outside.Get(draft.URL.Path).Want(404)
	for _, page := range []string{"", "/tom-tat", "/nhac", "/van-ban", "/van-ban/soan", "/van-ban/soan.docx", "/van-ban/soan.pdf?kieu=huong-dan", "/toan-van", "/toan-van.docx", "/toan-van.pdf", "/van-ban/soan?kieu=huong-dan", "/van-ban/ghi-so", "/van-ban/x", "/ban-hanh", "/ban-ky", "/bang.csv"} {
		outside.Get(strings.TrimSuffix(draft.URL.Path, "/sua") + page).Want(404)
	}
	task := both(c, draft.URL.Path+"/viec?viec=1.2").Form("form[method=post]")
	stale := both(c, draft.URL.Path+"/viec?viec=1.2").Form("form[method=post]")
	task.Set("dues", "31/2/2022").Send().Want(422).WantText("31/2/2022")
	task = both(c, draft.URL.Path+"/viec?viec=1.2").Form("form[method=post]")
	task.Set("dues", "15/4/2022").Submit().Want(200)
	stale.Set("dues", "20/4/2022").Send().Want(409)
	base := strings.TrimSuffix(draft.URL.Path, "/sua")
	both(c, base+"/ban-hanh").WantText("Lượt giao việc").Form("form[method=post]").Send().Want(422).WantText("Người ký")
	both(c, base+"/sua/thong-tin").Form("form[method=post]").Set("signer", "Người Ký Mẫu").Submit().Want(200)
	both(c, base+"/ban-hanh").Form("form[method=post]").Submit().Want(200).WantText("Theo dõi Kế hoạch 12/KH-UBND")
	amend := both(c, draft.URL.Path+"/viec?viec=1.2").Form("form[method=post]").Set("dues", "30/4/2022")
	amend.Send().Want(422) // an issued plan changes by a numbered paper alone
	amend.Set("amend_number", "99/KH-UBND").SetDate("amend_day", "2021-04-20").Set("amend_reason", "Lùi hạn").Submit().Want(200).WantText("99/KH-UBND", "Lùi hạn")
}

func TestImportNewRolesAndCommittee(t *testing.T) {
	t.Parallel()
	h := newDesk(t)
	c := h.in("long", "11", "administrator")
	both(c, "/lam-viec/ke-hoach/lap/nhap-tep").Form("form[method=post]").Attach("file", "hong.toml", "text/plain", []byte("[plan]\nnumber = 1")).Send().Want(422)
	file := bytes.Replace(plan.Plan648, []byte(`id        = "648-kh-ubnd-2021"`), []byte(`id        = "7-kh-ubnd-2021"`), 1)
	pre := both(c, "/lam-viec/ke-hoach/lap/nhap-tep").Form("form[method=post]").Attach("file", "ke-hoach.toml", "text/plain", file).Send().Want(200).WantText("Lưu thành dự thảo")
	pre.Form("form[method=post]").Set("sure", "1").Submit().Want(200).WantText("59 việc")
	both(c, "/lam-viec/ke-hoach/lap/moi").Form("form[method=post]").Set("title_vi", "").Send().Want(422)
	both(c, "/lam-viec/ke-hoach/lap/moi").Form("form[method=post]").Set("title_vi", "Kế hoạch thử").SetDate("from", "2021-01-01").SetDate("to", "2021-12-31").Submit().Want(200).WantText("Kế hoạch thử", "Chưa có việc nào")
	both(c, "/lam-viec/vai-tro").Form("form[method=post]").Set("role", "focal").Set("unit", "SYT").SetDate("from", "2021-01-01").Send().Want(422) // somebody holds it
	both(c, "/lam-viec/ban-chi-dao").Form("form[method=post]").Set("name", "Nguyễn Văn Mẫu").SetDate("from", "2021-01-01").Set("groups", "unit-100").Submit().Want(200).WantText("Nguyễn Văn Mẫu", "Huyện Điện Biên")

	// Others read who holds which role and who sits in the committee; they get no form, and what they send by hand is refused, with faults as without.
	other := h.in("huong", "03322", "focal_officer")
	for path, fields := range map[string]map[string]string{
		"/lam-viec/vai-tro":     {"role": "focal", "unit": "SYT", "from": "1990-01-01", "to": "1990-12-31"},
		"/lam-viec/ban-chi-dao": {"name": "Kẻ Lạ"},
	} {
		rows := c.Get(path).Find("ul.dinh-rows a.dinh-rows__t")
		if len(rows) == 0 {
			t.Fatalf("%s: the administrator has no row to edit", path)
		}
		mine := c.Get(webtest.Attr(rows[0], "href")).Want(200).Form("form[method=post]")
		if mine == nil || mine.Values.Get("id") == "" {
			t.Fatalf("%s: the administrator cannot edit a row", path)
		}
		if page := both(other, path+"?sua="+mine.Values.Get("id")); len(page.Find("main form"))+len(page.Find("main .dinh-rows a")) > 0 {
			t.Errorf("%s: a form for who may not change it", path)
		}
		for k, v := range fields {
			mine.Values.Set(k, v)
		}
		sent := other.Do(http.MethodPost, path, strings.NewReader(mine.Values.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
		sent.Want(403)
	}
	if c.Get("/lam-viec/ban-chi-dao").Has("Kẻ Lạ") {
		t.Error("a stranger's member was stored")
	}
}
