package reportweb

import (
	"net/http"
	"strings"
	"testing"

	"dinh/internal/db"
	"dinh/internal/report"
	"dinh/internal/web/webtest"
)

// give makes a unit's report what it is to be, without its way through the pages: figures by code.
func (h *house) give(code, state, first string, figures map[string]int64) {
	h.t.Helper()
	forms, err := report.Embedded()
	if err != nil {
		h.t.Fatal(err)
	}
	v := report.NewValues(len(forms[0].Indicators))
	for c, n := range figures {
		v[forms[0].Index(c)] = n
	}
	err = h.d.Write(h.t.Context(), func(tx *db.Tx) error {
		return tx.Update(h.t.Context(), `UPDATE report SET state=$2, first_day=$3, submitted=$3, figures=$4, version=version+1, changed=$5 WHERE unit_id=$1 AND lump_kind=''`,
			h.unit(code).ID, state, first, v.Encode(), db.Micros(tx.Now()))
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) say(code, section, body string) {
	h.t.Helper()
	err := h.d.Write(h.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(h.t.Context(), `INSERT INTO report_section(report_id, name, body, texts, actor_name, at) SELECT id, $2, $3, '{"X.4":"Đề nghị mở lớp tập huấn"}', 'Bà Lò', 0 FROM report WHERE unit_id=$1`,
			h.unit(code).ID, section, body)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestSumsInPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2021-05-20")
	snv := h.in("snv", "SNV", "focal_officer")
	h.half(snv)
	const base = "/lam-viec/bao-cao/2021/6-thang/tong-hop"
	h.give("03322", "submitted", "2021-05-04", map[string]int64{"I.1": 1, "II.1": 5, "IV.1": 10, "IV.3a": 8, "V.8": 7})
	h.give("03319", "accepted", "2021-05-10", map[string]int64{"I.1": 1, "II.1": 6, "IV.1": 10, "IV.3a": 1})
	h.give("100", "drafting", "", map[string]int64{"II.1": 1000})
	h.give("SYT", "submitted", "2021-05-04", map[string]int64{"II.1": 20})
	h.give("BVDKT", "submitted", "2021-05-04", map[string]int64{"II.1": 300})
	h.say("100", "II. Tuyên truyền, quán triệt", "Huyện viết nháp.")
	h.say("SYT", "II. Tuyên truyền, quán triệt", "Ngành y tế đã tuyên truyền.")

	p := both(snv, base).WantText("Tổng hợp báo cáo: Tỉnh Điện Biên", "Huyện Điện Biên", "Cơ quan, đơn vị trực thuộc", "331")
	if strings.Contains(p.Main(), "1.331") {
		t.Error("a draft was added")
	}
	for _, by := range []string{"loai", "loai-hinh", "nganh"} {
		both(snv, base+"?theo="+by).WantText("331")
	}
	both(snv, base+"?lay=tiep-nhan")
	both(snv, base+"?lay=du-thao").WantText("chỉ đếm, không cộng")
	both(snv, base+"?cay=nay")
	both(snv, base+"?nganh=SYT&theo=loai").WantText("ngành của Sở Y tế", "320")
	snv.Get(base + "?don-vi=99999999").Want(http.StatusNotFound)
	snv.Get("/lam-viec/bao-cao/2020/6-thang/tong-hop").Want(http.StatusNotFound)

	// Down to the district, the figure, the report.
	d := both(snv, base+"?don-vi=100").WantText("Tổng hợp báo cáo: Huyện Điện Biên", "Xã Thanh Nưa", "11")
	d.Click("II.1. Số cuộc tuyên truyền, phổ biến").Want(200).Check().WantText("Xã Thanh Nưa", "Phân bố theo báo cáo đã gửi", "chưa gửi")
	f := both(snv, base+"/chi-tieu/II.1?don-vi=100")
	if f := f.Find("svg.dinh-chart"); len(f) == 0 {
		t.Error("no picture")
	}
	if strings.Contains(f.Main(), "1.000") {
		t.Error("a figure of a draft is shown")
	}
	both(snv, base+"/chi-tieu/IV.5").WantText("45,0%", "9 trên 20")
	both(snv, base+"/chi-tieu/I.1").WantText("2 trên")
	snv.Get(base + "/chi-tieu/Z.9").Want(http.StatusNotFound)
	both(snv, base+"/don-vi?chi=cham&don-vi=100").WantText("Đã tiếp nhận, gửi chậm 5 ngày", "Quá hạn")
	both(snv, base+"/don-vi?nhom=bodies&chi=da-gui").WantText("Sở Y tế")
	if list := snv.Get(base + "/don-vi.csv?so=II.1&don-vi=100").Want(200); !strings.Contains(list.Body, "03322,Xã Thanh Nưa,submitted") || strings.Contains(list.Body, "1000") {
		t.Errorf("%s", list.Body)
	}
	if list := snv.Get(base + "/bang.csv").Want(200); !strings.Contains(list.Body, "II.1,\"Số cuộc tuyên truyền") {
		t.Error("no figures in the CSV")
	}
	if b := snv.Get(base + "/bang.xlsx").Want(200); !strings.HasPrefix(b.Body, "PK") {
		t.Error("no workbook")
	}

	// Who sees what: a superior its own, a field's authority its units, those who watch the counts, a sibling nothing.
	huyen := h.in("huyen", "100", "focal_officer")
	both(huyen, base).WantText("Huyện Điện Biên", "11")
	both(huyen, base+"?lay=du-thao").WantText("1.011")
	huyen.Get(base + "?don-vi=11").Want(http.StatusNotFound)
	huyen.Get(base + "?don-vi=101").Want(http.StatusNotFound)
	syt := h.in("syt", "SYT", "officer")
	both(syt, base).WantText("320")
	syt.Get(base + "?don-vi=100").Want(http.StatusNotFound)
	syt.Get(base + "?nganh=SGDDT").Want(http.StatusNotFound)
	mttq := h.in("mttq", "MTTQ", "front_officer")
	m := both(mttq, base).WantText("Số liệu chỉ cấp trên")
	if strings.Contains(m.Main(), "II.1") {
		t.Error("the Front sees figures")
	}
	mttq.Get(base + "/chi-tieu/II.1").Want(http.StatusNotFound)
	mttq.Get(base + "/loi-van").Want(http.StatusNotFound)
	both(mttq, base+"/don-vi?chi=chua-gui")
	mttq.Get(base + "/bang.csv").Want(200)
	h.in("lo", "03319", "officer").Get(base + "?don-vi=03322").Want(http.StatusNotFound)
	if p := webtest.New(t, h.k).Do(http.MethodGet, base, nil, nil); p.Status != http.StatusSeeOther {
		t.Errorf("the public gets %d", p.Status)
	}
}

func TestConsolidatedReportInPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2021-05-20")
	snv := h.in("snv", "SNV", "focal_officer")
	h.half(snv)
	const base = "/lam-viec/bao-cao/2021/6-thang/tong-hop"
	formTo(both(snv, base), "/chot").Submit().Want(http.StatusUnprocessableEntity).Check().WantText("chưa có gì để chốt")
	h.give("03322", "submitted", "2021-05-04", map[string]int64{"I.1": 1, "II.1": 5})
	h.give("SYT", "submitted", "2021-05-04", map[string]int64{"II.1": 20})
	h.say("SYT", "II. Tuyên truyền, quán triệt", "Ngành y tế đã tuyên truyền.")
	both(snv, base+"/loi-van").WantText("II. Tuyên truyền, quán triệt", "Có bản thảo")
	at := base + "/loi-van/2"
	p := both(snv, at).WantText("Ngành y tế đã tuyên truyền.", "Đề nghị mở lớp tập huấn", "đã tổ chức 25 cuộc tuyên truyền")
	old := formTo(snv.Get(at), "/loi-van/2")
	formTo(p, "/loi-van/2").Set("body", "Toàn tỉnh đã tổ chức 25 cuộc.").Submit().Want(200).Check().WantText("Đã lưu lời văn")
	old.Set("body", "Chữ khác.").Submit().Want(http.StatusConflict).Check().WantText("Toàn tỉnh đã tổ chức 25 cuộc.")
	h.in("lo", "03322", "officer").Get(at + "?don-vi=11").Want(http.StatusNotFound)

	s := formTo(both(snv, base), "/chot").Set("note", "Chưa có số của huyện.").Submit().Want(200).Check().WantText("Báo cáo tổng hợp lần 1", "Không có gì đổi", "Toàn tỉnh đã tổ chức 25 cuộc.")
	id := s.URL.Path
	h.give("03322", "submitted", "2021-05-04", map[string]int64{"I.1": 1, "II.1": 9})
	h.give("03319", "submitted", "2021-05-20", map[string]int64{"II.1": 1})
	both(snv, id).WantText("Báo cáo gửi thêm: 1", "đã sửa số: 1", "25 thành 30", "5 thành 9", "gửi sau khi chốt")
	both(snv, id+"/van-ban").WantText("BÁO CÁO", "SỞ NỘI VỤ", "Toàn tỉnh đã tổ chức 25 cuộc.", "2 báo cáo")
	for _, x := range []string{"/van-ban.docx", "/bang.xlsx"} {
		if b := snv.Get(id + x).Want(200); !strings.HasPrefix(b.Body, "PK") {
			t.Errorf("%s is none", x)
		}
	}
	if b := snv.Get(id + "/van-ban.pdf").Want(200); !strings.HasPrefix(b.Body, "%PDF") {
		t.Error("no PDF")
	}
	f := func(p *webtest.Page) *webtest.Form { return formTo(p, id[strings.LastIndex(id, "/"):]) }
	f(both(snv, id)).Set("number", "").Submit().Want(http.StatusUnprocessableEntity).Check().WantText("Xin ghi số, ký hiệu")
	f(snv.Get(id)).Set("number", "120/BC-SNV").SetDate("day", "2021-05-20").Set("signer", "Bà Giám đốc").Submit().Want(200).Check().WantText("120/BC-SNV")
	h.in("huyen", "100", "officer").Get(id).Want(http.StatusNotFound)
	h.in("mttq", "MTTQ", "front_officer").Get(id).Want(http.StatusNotFound)
}

// A map is of its own time: a period of 2025 has one of the communes of 2025, one of 2021 has none, also not on the tree of then.
func TestMapOfItsOwnTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2025-11-20")
	forms, err := report.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	v := report.NewValues(len(forms[0].Indicators))
	v[forms[0].Index("V.8")] = 7
	err = h.d.Write(t.Context(), func(tx *db.Tx) error {
		for _, p := range []struct{ id, kind, year, to string }{{"p25", "year", "2025", "2025-10-31"}, {"p21", "half", "2021", "2021-04-30"}} {
			_, err := tx.Exec(t.Context(), `INSERT INTO report_period(id, form_id, form_number, unit_id, via, kind, year, title, from_day, to_day, state, created) VALUES($1,'qcdc',1,$2,$2,$3,$4,'Kỳ','2020-11-15',$5,'open',0)`,
				p.id, h.unit("11").ID, p.kind, p.year, p.to)
			if err != nil {
				return err
			}
			u, _ := h.dir.On("2025-10-01").ByCode("03127")
			if p.id == "p21" {
				u = h.unit("03322")
			}
			_, err = tx.Exec(t.Context(), `INSERT INTO report(id, period_id, unit_id, to_unit, state, first_day, figures, found, changed) VALUES($1,$1,$2,$3,'submitted','2025-11-01',$4,$4,0)`, p.id, u.ID, h.unit("11").ID, v.Encode())
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	head := h.in("chutich", "11", "head")
	if n := len(both(head, "/lam-viec/bao-cao/2025/nam/tong-hop/chi-tieu/V.8").WantText("Phường Điện Biên Phủ").Find("svg.dinh-map path")); n != 1 {
		t.Errorf("%d communes on the map of 2025, want the one with a report", n)
	}
	if n := len(both(head, "/lam-viec/bao-cao/2021/6-thang/tong-hop/chi-tieu/V.8").Find("svg.dinh-map")); n != 0 {
		t.Error("a map in 2021")
	}
}
