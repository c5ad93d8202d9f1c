package reportweb

import (
	"net/http"
	"strings"
	"testing"

	"dinh/internal/web/webtest"
)

func TestTemplates(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2021-04-20")
	webtest.CheckTemplates(t, h.k, Pages())
	webtest.CheckReserved(t, h.k)
}

// A report's whole way in pages: opened, filled with slips, laid before the head, sent, asked back, supplemented, accepted.
func TestReportInPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2021-05-03")
	snv, huyen := h.in("snv", "SNV", "focal_officer"), h.in("huyen", "100", "focal_officer")
	lo, head := h.in("lo", "03322", "focal_officer"), h.in("pom", "03322", "head")
	period := h.half(snv, "100")
	both(snv, period+"/cong-van/soan")
	if p := snv.Get(period + "/cong-van/soan.docx").Want(200); !strings.HasPrefix(p.Body, "PK") {
		t.Error("no DOCX")
	}
	const base = "/lam-viec/bao-cao/2021/6-thang"
	const of = "?don-vi=03322"
	both(lo, "/lam-viec/bao-cao").WantText("Báo cáo kết quả xây dựng và thực hiện QCDC ở cơ sở 06 tháng đầu năm 2021")
	formTo(both(lo, base), "/bat-dau").Submit().Want(200).Check().WantText("Đã điền số có sẵn")
	// What is not handed in is the unit's alone.
	huyen.Get(base + of).Want(200).Check().WantText("chỉ đơn vị xem được nội dung")
	huyen.Get(base + "/muc/2" + of).Want(404)
	h.in("other", "SYT", "officer").Get(base + of).Want(404)

	f := formTo(both(lo, base+"/muc/2"+of), "/muc/2")
	if v := f.Values.Get("II.2"); v != "1.120" {
		t.Errorf("II.2 holds %q", v)
	}
	// Slips: all told at once, what was typed stays.
	p := f.Set("II.1", "6").Set("II.3", "-4").Set("II.4", "1.234,5").Set("II.5", "3O").Submit().Want(http.StatusUnprocessableEntity).Check()
	p.WantText("Số không thể âm", "“1.234,5” có cả dấu chấm và dấu phẩy", "Chỉ ghi chữ số")
	if v := formTo(p, "/muc/2").Values.Get("II.4"); v != "1.234,5" {
		t.Errorf("what was typed is %q", v)
	}
	p = formTo(p, "/muc/2").Set("II.3", "4").Set("II.4", "1").Set("II.5", "30").Set("II.6", "9").Set("viec", "luu").Submit().Want(200).Check()
	p.WantText("II.6 (là 9) không được lớn hơn II.1 (là 6)", "xin ghi lý do", "Số theo hồ sơ trên phần mềm: 5")
	// A colleague's old form meets what is stored.
	old := formTo(lo.Get(base+"/muc/2"+of), "/muc/2")
	formTo(p, "/muc/2").Set("II.6", "2").Set("ly-do-II.1", "Một cuộc chưa nhập").Set("viec", "luu").Submit().Want(200)
	both(head, base+"/so/II.1"+of).WantText("Tuyên truyền bản Mển")
	old.Set("II.6", "3").Submit().Want(http.StatusConflict).Check().WantText("vừa lưu mục này")
	both(lo, base+"/muc/2/ban"+of).WantText("II.6: 2")
	formTo(lo.Get(base+"/muc/6"+of), "/muc/6").Set("nothing", "1").Set("viec", "luu").Submit().Want(200).Check()
	for n := range 10 {
		both(lo, base+"/muc/"+string(rune('1'+n))+of)
		if n == 8 {
			break
		}
	}
	both(lo, base+"/van-ban"+of).WantText("BÁO CÁO", "Trong kỳ không phát sinh.")
	formTo(both(lo, base+of), "/trinh-ky").Submit().Want(200).Check()

	// The head signs on screen; empty figures must be owned up to.
	p = formTo(both(head, base+"/gui"+of), "/gui").Set("way", "man-hinh").Submit().Want(http.StatusUnprocessableEntity).Check()
	formTo(p, "/gui").Set("incomplete", "1").Submit().Want(200).Check().WantText("Đã gửi báo cáo")
	lo.Get(base + "/gui" + of).Want(http.StatusConflict)

	// The district asks, the unit supplements by paper, the district accepts.
	both(huyen, period+"/gui-ve?don-vi=100").WantText("Đã gửi")
	formTo(both(huyen, base+"/yeu-cau-bo-sung"+of), "/yeu-cau-bo-sung").Set("reason", "").Submit().Want(http.StatusUnprocessableEntity).Check()
	formTo(huyen.Get(base+"/yeu-cau-bo-sung"+of), "/yeu-cau-bo-sung").Set("reason", "Mục II còn thiếu").Submit().Want(200).Check()
	formTo(both(lo, base+"/muc/2"+of), "/muc/2").Set("II.3", "7").Set("viec", "luu").Submit().Want(200)
	p = formTo(both(lo, base+"/gui"+of), "/gui").Set("way", "giay").Set("incomplete", "1").Set("answer", "Đã bổ sung mục II").Set("number", "45/BC-UBND").
		Set("signer", "Quàng Văn Pọm").SetDate("day", "2021-05-03").Attach("file", "bc.pdf", "application/pdf", pdf).Submit().Want(200).Check()
	p.WantText("45/BC-UBND", "tệp đã ký")
	huyen.Get(base+of).Want(200).WantText("Đã đổi sau khi gửi", "4 → 7")
	formTo(both(huyen, base+of), "/tiep-nhan").Submit().Want(200).Check().WantText("Đã tiếp nhận báo cáo")
	both(snv, base+"/muc/2"+of)
	both(snv, period)
	formTo(snv.Get(period), "/khoa").Submit().Want(200).Check()
	formTo(both(snv, period+"/mo-lai"), "/mo-lai").Set("reason", "Còn một xã").Submit().Want(200).Check()
}

func TestSuperiorsPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2021-05-06")
	snv, huyen, lo := h.in("snv", "SNV", "focal_officer"), h.in("huyen", "100", "focal_officer"), h.in("lo", "03322", "officer")
	period := h.half(snv, "100")
	coming := period + "/gui-ve?don-vi=100"
	lo.Get(coming).Want(404)
	p := both(huyen, coming)
	p = formTo(p, "/han").SetDate("day", "2021-05-20").Submit().Want(http.StatusUnprocessableEntity).Check()
	formTo(p, "/han").SetDate("day", "2021-05-07").Submit().Want(200).Check().WantText("Đã đặt hạn", "hạn gửi 7/5/2021")
	p = formTo(both(huyen, coming), "/gop").Set("n", "200").Submit().Want(http.StatusUnprocessableEntity).Check()
	formTo(p, "/gop").Set("n", "3").Submit().Want(200).Check().WantText("nhập gộp 3")
	formTo(both(huyen, "/lam-viec/bao-cao/2021/6-thang/muc/2?don-vi=100&gop=commune"), "/muc/2").Set("II.1", "12").Set("viec", "luu").Submit().Want(200).Check()
	formTo(both(huyen, "/lam-viec/bao-cao/2021/6-thang/gui?don-vi=100&gop=commune"), "/gui").Set("incomplete", "1").Submit().Want(200).Check()
	formTo(both(huyen, "/lam-viec/bao-cao/2021/6-thang/gia-han?don-vi=03322"), "/gia-han").SetDate("day", "2021-05-10").Set("reason", "Mưa lũ").Submit().Want(200).Check().WantText("Gia hạn đến 10/5/2021")
	both(snv, "/lam-viec/bao-cao")
	both(huyen, "/lam-viec/bao-cao")

	// A form of one's own, edited until its period opens.
	f := formTo(both(snv, "/lam-viec/bao-cao/bieu-mau/them"), "/them").Set("title", "Báo cáo đột xuất")
	p = f.Submit().Want(200).Check()
	at := p.URL.Path
	p = formTo(both(snv, at+"/chi-tieu"), "/chi-tieu").Set("code", "Á 1").Set("section", "A. Việc").Set("title_vi", "Số việc").Set("to", "commune").Submit().Want(http.StatusUnprocessableEntity).Check()
	formTo(p, "/chi-tieu").Set("code", "A.1").Submit().Want(200).Check().WantText("A.1. Số việc")
	both(snv, at)
	both(snv, at+"/chi-tieu?ma=A.1")
	both(snv, "/lam-viec/bao-cao/bieu-mau")
	lo.Get(at + "/chi-tieu").Want(http.StatusConflict)
}

// pdf is a small file that really is a PDF.
var pdf = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n100\n%%EOF\n")
