package lawweb_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/law"
	"dinh/internal/law/lawweb"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

// sessions knows one administrator.
type sessions struct{}

func (sessions) Session(_ context.Context, token string) (access.Actor, web.Session, error) {
	if token != "quan-tri" {
		return access.Actor{}, web.Session{}, nil
	}
	return access.Actor{ID: "a", Name: "Quản trị", Posts: []access.Post{{Kind: access.Admin, Unit: "tinh"}}}, web.Session{}, nil
}

type site struct {
	k *web.Kit
	d *db.DB
	s *law.Service
}

func newSite(t *testing.T) site {
	t.Helper()
	d := dbtest.New(t)
	k, err := web.New(web.Config{DB: d, Clock: dbtest.Clock, Sessions: sessions{}, Key: []byte("test"), BaseURL: "http://" + webtest.Host})
	if err != nil {
		t.Fatal(err)
	}
	cat, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := law.NewService(d, cat, func(unit string) access.Place {
		return access.Place{Unit: unit, Above: []string{"tinh"}, Kind: "commune"}
	})
	lawweb.Register(k, s)
	return site{k, d, s}
}

func TestTheList(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, newSite(t).k)
	p := c.Get("/luat").Want(200).Check().WantText("Luật và nghĩa vụ", "quy định có hiệu lực ngày 20/4/2021", "Kế hoạch 648/KH-UBND")
	if p.Has("Luật 10/2022/QH15") {
		t.Error("a law of 2023 is shown in 2021")
	}
	p.Click("Phần sau").Want(200).Check().Click("Phần trước").WantText("quy định có hiệu lực ngày 20/4/2021")

	f := p.Form("form.dinh-filter").Set("ngay", "1/11/2026").Set("don-vi", "commune").Set("gian", "know").Set("vai", "limit")
	f.Send().Want(200).Check().WantText("Khoản 3 Điều 12", "Luật 10/2022/QH15", "chậm nhất 5 ngày làm việc", "Chưa có hiệu lực")
	c.Get("/luat?tim=quy+uoc").Want(200).Check().WantText("quy ước")
	c.Get("/luat?tim=%3Cscript%3E%27").Want(200).Check().WantText("Không có mục nào như vậy")
	c.Get("/luat?ngay=31%2F2%2F2021").Want(422).Check().WantText("31/2/2021")
	c.Get("/luat?don-vi=x&gian=y&vai=z&trang=999&la=1").Want(200).Check()
	c.Get("/luat?xem=van-ban&moi-luc=1").Want(200).Check().WantText("81 văn bản, cả đã hết", "Chưa có hiệu lực").
		Click("Phần sau").Want(200).Check().WantText("Hết hiệu lực", "Nghị định 149/2018/NĐ-CP")
	c.Get("/en/luat?don-vi=agency&tim=04%2F2015&vai=limit").Want(200).Check().WantText("Law and duties", "rules in force on 20 April 2021", "within 3 working days")
}

func TestTheListAsAFile(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, newSite(t).k)
	p := c.Get("/luat?don-vi=commune&vai=matter&gian=know").Want(200).Click("Tải danh sách này").Want(200)
	if got := p.Header.Get("Content-Disposition"); !strings.Contains(got, "luat-2021-04-20.csv") {
		t.Error(got)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 20 || rows[0][0] != "Văn bản" {
		t.Errorf("%d rows, %v", len(rows), rows[0])
	}
	for _, r := range rows[1:] {
		if r[3] != "Dân biết" || r[5] != "Việc phải làm" || !strings.Contains(r[7], "xã, phường") {
			t.Errorf("%v", r)
		}
	}
}

func TestAnAct(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, newSite(t).k)
	c.Get("/luat/nd-149-2018").Want(200).Check().WantText("Hết hiệu lực", "từ 1/1/2019 đến 31/1/2021", "Được thay bằng").
		Click("Nghị định 145/2020/NĐ-CP").Want(200).Check().WantText("Thay thế", "Nghị định 149/2018/NĐ-CP")
	c.Get("/luat/kh-648-2021-dien-bien").Want(200).Check().WantText("Kế hoạch 648/KH-UBND")
	c.Get("/en/luat/pl-34-2007").Want(200).Check().WantText("from 1 July 2007 to 30 June 2023", "not yet checked")
	c.Get("/luat/no-such-act").Want(404)
	c.Get("/luat/%2e%2e%2f").Want(404)
}

func TestADuty(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, newSite(t).k)
	// Old against new by step.
	p := c.Get("/luat/nghia-vu/pl-34-2007.d10.k1").Want(200).Check()
	p.WantText("Trước đây và bây giờ", "hơn một nửa tổng số cử tri hoặc cử tri đại diện hộ tán thành", "ít nhất hai phần ba tổng số hộ tán thành", "Hiện hành")
	p.Click("Khoản 1 Điều 15").Want(200).Check().WantText("(mục này)", "Chưa có hiệu lực")
	c.Get("/luat/nghia-vu/pl-34-2007.d5.k1").Want(200).Check().WantText("Chưa đối chiếu", "ghi theo trí nhớ", "UBND cấp xã")
	c.Get("/luat/nghia-vu/l-10-2022.d51.k1").Want(200).Check().WantText("nơi có từ 7 cán bộ, công chức, viên chức trở xuống")
	c.Get("/en/luat/nghia-vu/l-02-2011.d28.remote-complex").Want(200).Check().WantText("remote, mountain or hard to reach area", "within 60 days")
	c.Get("/luat/nghia-vu/no-such-duty").Want(404)
}

// Every act and duty has a page that holds in both languages, with every key worded.
func TestAllPages(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	c := webtest.New(t, x.k)
	var paths []string
	for _, a := range x.s.Catalogue().Acts {
		paths = append(paths, lawweb.ActPath(a.ID))
	}
	for i, d := range x.s.Catalogue().All() {
		if i%7 == 0 || d.Step != "" && i%2 == 0 {
			paths = append(paths, lawweb.DutyPath(d.ID))
		}
	}
	for i, p := range paths {
		if i%3 == 0 {
			p = "/en" + p
		}
		page := c.Get(p).Want(200).Check()
		if strings.Contains(page.Body, "⟦") || strings.Contains(page.Body, "&lt;no value") {
			t.Errorf("%s: a key without words", p)
		}
	}
}

func TestMovedDeadlines(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	ctx := t.Context()
	// A deadline that another catalogue had set a day later.
	due, err := x.s.Catalogue().Deadline("disclosure.staff.publish", "agency", nil, law.Sizes{}, "2021-03-12")
	if err != nil {
		t.Fatal(err)
	}
	due.Date, due.Digest = due.Date.Add(1), "another"
	for _, id := range []string{"1", "2"} {
		err := x.d.Write(ctx, func(tx *db.Tx) error {
			return law.PutTx(ctx, tx, law.StoredDue{OwnerKind: "posting", OwnerID: "niem-yet-" + id, Unit: "u", Kind: "agency", Due: due})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	public := webtest.New(t, x.k)
	public.Do("GET", "/lam-viec/luat/thay-doi", nil, nil).Want(http.StatusSeeOther)

	c := webtest.New(t, x.k)
	c.Cookies = map[string]string{web.CookieName: "quan-tri"}
	p := c.Get("/lam-viec/luat/thay-doi").Want(200).Check().WantText("niem-yet-1", "niem-yet-2", "18/3/2021", "hạn 17/3/2021")
	p.Form("main form").Set("answer", "accept").Submit().Want(200).Check()
	p = c.Get("/lam-viec/luat/thay-doi").Want(200)
	if p.Has("niem-yet-1") == p.Has("niem-yet-2") {
		t.Error("one of the two must be gone")
	}
	p.Form("main form").Set("answer", "none").Send().Want(422).Check().WantText("Xin chọn")
	c.Get("/lam-viec/luat/thay-doi").Form("main form").Set("version", "9").Set("answer", "keep").Send().Want(409).Check()
	c.Get("/lam-viec/luat/thay-doi").Form("main form").Set("answer", "keep").Submit().Want(200).WantText("Không có hạn nào thay đổi")
}
