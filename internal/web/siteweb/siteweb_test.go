package siteweb_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/search"
	"dinh/internal/web"
	"dinh/internal/web/siteweb"
	"dinh/internal/web/webtest"
)

type house struct {
	k   *web.Kit
	d   *db.DB
	dir *org.Directory
}

// law2021 is the catalogue, loaded once.
var law2021 = sync.OnceValues(law.Load)

func open(t *testing.T, rooms ...siteweb.Contributor) house {
	t.Helper()
	d, dir := webtest.Province(t)
	cat, err := law2021()
	if err != nil {
		t.Fatal(err)
	}
	current := func() *law.Catalogue { return cat }
	path := func(kind, id string) string { return "/luat/" + kind + "/" + id }
	k, err := web.New(web.Config{DB: d, Clock: dbtest.Clock, Units: dir, Key: []byte("k"), BaseURL: "http://" + webtest.Host, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	err = siteweb.Register(k, siteweb.Deps{Units: dir, Law: current, LawPath: path, Search: search.New(d, search.Units(dir), search.Law(current, path)), Rooms: rooms})
	if err != nil {
		t.Fatal(err)
	}
	return house{k, d, dir}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	k := open(t).k
	webtest.CheckTemplates(t, k, siteweb.Pages())
	webtest.CheckReserved(t, k)
}

func TestPagesOfTheSite(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := webtest.New(t, h.k)
	for _, tt := range []struct{ path, vi, en string }{
		{"/dien-bien", "68 sở, ban, ngành", "known to all, discussed by all"},
		{"/dien-bien/don-vi", "Huyện Điện Biên Đông", "Điện Biên Đông District"},
		{"/dien-bien/dan-biet", "Luật quy định phải làm gì", "What the law asks"},
		{"/dien-bien/dan-kiem-tra?loai=agency", "cơ quan", "public agency"},
		{"/dien-bien/xa-thanh-nua/dan-quyet-dinh", "Xã Thanh Nưa", "Thanh Nưa Commune"},
		{"/dien-bien/tim?q=thanh+nua", "Xã Thanh Nưa", "Thanh Nưa Commune"},
		{"/dien-bien/tim?q=khong+co+gi+ca", "Không thấy gì", "Nothing has all the words"},
		{"/tim?q=cong+khai&loai=duty", "Nghĩa vụ theo luật", "Duty under the law"},
		{"/dien-bien/tim", "Cần tìm gì?", "What are you looking for?"},
		{"/tro-giup", "Việc của cán bộ", "For officers"},
		{"/tro-giup/can-bo", "Tiếp nhận kế hoạch", "Receive the plan"},
		{"/bao-ve-thong-tin", "Bảo vệ thông tin cá nhân", "Protection of personal data"},
		{"/kha-nang-tiep-can", "WCAG 2.2", "WCAG 2.2"},
		{"/giay-phep", "Apache 2.0", "Apache License 2.0"},
	} {
		c.Get(tt.path).Want(200).Check().WantText(tt.vi, "Hôm nay trong bản này là thứ Ba, ngày 20/4/2021.")
		c.Get("/en"+tt.path).Want(200).Check().WantText(tt.en, "Tuesday 20 April 2021")
	}
	if p := c.Get("/"); p.URL.Path != "/dien-bien" {
		t.Errorf("/ leads to %s", p.URL)
	}
	if p := c.Get("/en"); p.URL.Path != "/en/dien-bien" {
		t.Errorf("/en leads to %s", p.URL)
	}
	c.Get("/tro-giup/khong-co").Want(404).Check()
	if p := c.Get("/robots.txt").Want(200); !strings.Contains(p.Body, "Disallow: /lam-viec") {
		t.Error(p.Body)
	}
}

// Every link of every page leads to something that is there, in both languages.
func TestLinksOfTheSite(t *testing.T) {
	t.Parallel()
	h := open(t)
	// Pages of other rooms stand in for themselves.
	for _, p := range []string{"/dang-nhap", "/luat", "/luat/{kind}/{id}", "/lam-viec", "/nhat-ky"} {
		h.k.Handle(web.Route{Method: "GET", Pattern: p, Handler: func(c *web.Context) error { return c.Bytes("text/plain", "", nil) }})
	}
	h.k.HandleUnit(web.Route{Method: "GET", Pattern: "/", Handler: func(c *web.Context) error { return c.Bytes("text/plain", "", nil) }})
	read := webtest.New(t, h.k).Crawl(500, nil, "/dien-bien", "/en/dien-bien")
	if len(read) < 100 {
		t.Errorf("only %d pages", len(read))
	}
}

func TestUnitsOfTheDay(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, open(t).k)
	now := c.Get("/dien-bien/don-vi").Want(200)
	later := c.Get("/dien-bien/don-vi?on=2026-01-01").Want(200)
	if !now.Has("Huyện Điện Biên Đông") || later.Has("Huyện Điện Biên Đông") {
		t.Error("districts of 2021 and none of 2026")
	}
	if now.Has("Phường Điện Biên Phủ") || !later.Has("Phường Điện Biên Phủ") {
		t.Error("a ward of 2025 shows in 2021, or not in 2026")
	}
	if got := len(later.Find("main section ul li")); got < 45 {
		t.Errorf("%d units in 2026", got)
	}
	if p := later.Click("Phường Điện Biên Phủ"); p.URL.RequestURI() != "/dien-bien/phuong-dien-bien-phu?on=2026-01-01" {
		t.Errorf("a unit to come is at %s", p.URL)
	}
	c.Get("/dien-bien/don-vi?on=hom-nay").Want(400).Check().WantText("không phải là một ngày")
}

func TestRoomsShowTheirRecords(t *testing.T) {
	t.Parallel()
	h := open(t, siteweb.ContributorFunc(func(c *web.Context, u *org.Unit, room string) (siteweb.Piece, error) {
		var p siteweb.Piece
		if room == "" {
			p.Counts = []siteweb.Count{{Room: "dan-biet", N: 1412, Label: i18n.M("site.room.dan-biet")}}
			p.Cards = []siteweb.Card{{Title: i18n.M("site.room.dan-lam"), Big: "90,1%", Part: 90, Whole: 100, Links: []siteweb.Link{{Label: i18n.M("site.help.title"), Path: "/tro-giup"}}}}
		}
		if room == "dan-biet" {
			p.Sections = []siteweb.Section{{Title: i18n.M("site.room.dan-biet"), Rows: []siteweb.Row{{Title: "<em>Dự toán</em>", Path: "/x", Tag: &web.Tag{Class: "lam", Text: "Còn 15 ngày"}}}}}
		}
		return p, nil
	}))
	c := webtest.New(t, h.k)
	home := c.Get("/dien-bien").Want(200).Check().WantText("1.412", "90,1%", "Sẽ có các cuộc biểu quyết")
	if home.Has("Sẽ có bảng niêm yết của từng xã") {
		t.Error("a room with records says what will be there")
	}
	room := c.Get("/dien-bien/dan-biet").Want(200).Check().WantText("<em>Dự toán</em>", "Còn 15 ngày")
	if room.Has("Chưa có mục nào") {
		t.Error("a room with records says that there are none")
	}
}

func TestSearchShowsWhatTheReaderMaySee(t *testing.T) {
	t.Parallel()
	h := open(t)
	err := h.d.Write(t.Context(), func(tx *db.Tx) error {
		for _, doc := range []search.Doc{
			{Kind: search.KindTask, ID: "open", Audience: search.Public, Title: "Ban hành kế hoạch tưới tiêu", Path: "/a", Day: civil.Date("2021-03-12")},
			{Kind: search.KindTask, ID: "hidden", Unit: "u", Audience: search.Unit, Title: "Dự thảo kế hoạch tưới tiêu", Path: "/b"},
		} {
			if err := search.PutTx(context.Background(), tx, doc); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p := webtest.New(t, h.k).Get("/dien-bien/tim?q=tuoi+tieu").Want(200).Check().WantText("Ban hành kế hoạch tưới tiêu", "12/3/2021")
	if p.Has("Dự thảo") {
		t.Error("the public finds a draft")
	}
	p = webtest.New(t, h.k).Get("/dien-bien/tim?q=tuoi+tieu&loai=duty").Want(200).Check().WantText("Không thấy gì", "Tìm trong mọi loại")
	p.Click("Tìm trong mọi loại").Want(200).WantText("Ban hành kế hoạch tưới tiêu")
	p = webtest.New(t, h.k).Get("/dien-bien/tim?q=" + "%3Cem%3Ex%3C%2Fem%3E%27%22%25").Want(200).Check()
	if !p.Has("<em>x</em>") {
		t.Error("what was typed is not shown again")
	}
}

func TestSearchInAUnitAndPages(t *testing.T) {
	t.Parallel()
	h := open(t)
	tree := h.dir.On("2021-04-20")
	var nua, na *org.Unit
	for _, u := range tree.All() {
		switch u.Name {
		case "Xã Thanh Nưa":
			nua = u
		case "Huyện Nậm Pồ":
			na = u
		}
	}
	if nua == nil || na == nil {
		t.Fatal("no units")
	}
	err := h.d.Write(t.Context(), func(tx *db.Tx) error {
		for i := range 45 {
			u := []*org.Unit{nua, nua, na}[i%3]
			doc := search.Doc{Kind: search.KindTask, ID: fmt.Sprint(i), Unit: u.ID, Audience: search.Public, Title: fmt.Sprintf("Tưới tiêu %d.", i), Path: "/a", Day: civil.Date("2020-01-01").Add(i)}
			if err := search.PutTx(context.Background(), tx, doc); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c := webtest.New(t, h.k)
	p := c.Get("/dien-bien/tim?q=tuoi+tieu").Want(200).Check().WantText("45 kết quả", "Tưới tiêu 44.", "Tưới tiêu 25.")
	if p.Has("Tưới tiêu 24.") {
		t.Error("a page of more than 20")
	}
	p = p.Click("Phần sau").Want(200).Check().WantText("45 kết quả", "Tưới tiêu 24.").Click("Phần sau").Want(200).Check().WantText("Tưới tiêu 0.")
	p.Click("Về đầu danh sách").Want(200).WantText("Tưới tiêu 44.")
	// By name, by a part of it, with and without diacritics; a district has what its communes have.
	for _, name := range []string{nua.Code, "Xã Thanh Nưa", "thanh nua", "Thanh Nưa Commune"} {
		p = c.Get("/dien-bien/tim?q=tuoi+tieu&don-vi="+url.QueryEscape(name)).Want(200).Check().WantText("30 kết quả", "Chỉ tìm trong Xã Thanh Nưa", "Tưới tiêu 43.")
		if p.Has("Tưới tiêu 44.") {
			t.Errorf("%s: another unit's", name)
		}
		p.Click("Phần sau").Want(200).WantText("30 kết quả", "Chỉ tìm trong Xã Thanh Nưa", "Tưới tiêu 0.")
	}
	if up := tree.Parent(nua.ID); up != nil && tree.Parent(up.ID) != nil {
		c.Get("/dien-bien/tim?q=tuoi+tieu&don-vi=" + up.Code).Want(200).WantText("30 kết quả")
	}
	c.Get("/dien-bien/tim?q=tuoi+tieu&don-vi=" + tree.Root().Code).Want(200).WantText("45 kết quả")
	c.Get("/dien-bien/tim?q=tuoi+tieu&don-vi=khong+co").Want(200).Check().WantText("Không có đơn vị nào tên như vậy")
	many := c.Get("/dien-bien/tim?q=tuoi+tieu&don-vi=huyen").Want(200).Check().WantText("Có nhiều đơn vị tên như vậy")
	many.Click("Huyện Nậm Pồ").Want(200).WantText("15 kết quả")
	best := c.Get("/dien-bien/tim?q=tuoi+tieu&sap-xep=sat").Want(200).Check().WantText("45 kết quả", "mới nhất ở trên")
	best.Click("Phần sau").Want(200).WantText("45 kết quả").Click("mới nhất ở trên").Want(200).WantText("Tưới tiêu 44.")
	c.Get("/dien-bien/tim?q=tuoi+tieu&sau=xyz").Want(200).Check().WantText("Tưới tiêu 44.")
	c.Get("/dien-bien/tim?q=tuoi+tieu&sau=n0").Want(200).Check().WantText("Hết kết quả").Click("Về đầu danh sách").Want(200).WantText("Tưới tiêu 44.")
	c.Get("/dien-bien/tim?q=xa&loai=unit").Want(200).Check().Click("Phần sau").Want(200).Check()
}
