package orgweb_test

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/org/orgweb"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

// sessions knows who holds which post: the token is the post's kind and the unit's code.
type sessions struct {
	dir   *org.Directory
	today civil.Date
}

func (s sessions) Session(_ context.Context, token string) (access.Actor, web.Session, error) {
	kind, code, ok := strings.Cut(token, ":")
	u, there := s.dir.On(s.today).ByCode(code)
	if !ok || !there {
		return access.Actor{}, web.Session{}, nil
	}
	return access.Actor{ID: token, Name: "Lò Thị Hương", Posts: []access.Post{{Kind: access.PostKind(kind), Unit: u.ID}}}, web.Session{}, nil
}

type site struct {
	k *web.Kit
	d *db.DB
	s *org.Service
}

type panel struct{}

func (panel) Panel(c *web.Context, u *org.Unit) (orgweb.Panel, bool, error) {
	if u.Kind != org.Commune {
		return orgweb.Panel{}, false, nil
	}
	return orgweb.Panel{Title: i18n.M("org.page.rooms"), Facts: []orgweb.Fact{{Label: i18n.M("org.page.code"), Value: "41 trên 59"}}, More: orgweb.Link{Label: i18n.M("org.page.list"), Path: c.UnitPath(u, "/don-vi")}}, true, nil
}

func open(t *testing.T, today civil.Date) site {
	t.Helper()
	d := dbtest.NewAt(t, civil.Fixed(today))
	dir, err := org.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	s := org.NewService(d, dir)
	if err := s.LoadSample(t.Context()); err != nil {
		t.Fatal(err)
	}
	k, err := web.New(web.Config{DB: d, Clock: civil.Fixed(today), Units: dir, Sessions: sessions{dir, today}, Key: []byte("k"), BaseURL: "http://" + webtest.Host})
	if err != nil {
		t.Fatal(err)
	}
	cat, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	orgweb.Register(k, orgweb.Deps{Service: s, Law: func() *law.Catalogue { return cat }, Rooms: []orgweb.Room{panel{}}})
	for _, p := range []string{"/dang-nhap", "/luat", "/tro-giup", "/bao-ve-thong-tin", "/kha-nang-tiep-can", "/giay-phep", "/lam-viec", "/thoat"} {
		k.Handle(web.Route{Method: "GET", Pattern: p, Handler: blank})
	}
	k.HandleUnit(web.Route{Method: "GET", Pattern: "/", Handler: blank, Kinds: []string{org.Province}})
	for _, p := range append(web.Rooms, "tim") {
		k.HandleUnit(web.Route{Method: "GET", Pattern: "/" + p, Handler: blank})
	}
	return site{k, d, s}
}

// blank stands for the pages of others.
func blank(c *web.Context) error { return c.Bytes("text/plain", "", nil) }

func as(t *testing.T, s site, token string) *webtest.Client {
	t.Helper()
	c := webtest.New(t, s.k)
	c.Cookies[web.CookieName] = token
	return c
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	s := open(t, "2021-04-20")
	webtest.CheckTemplates(t, s.k, orgweb.Pages())
	webtest.CheckReserved(t, s.k)
}

func TestUnitPage(t *testing.T) {
	t.Parallel()
	now := webtest.New(t, open(t, "2026-11-24").k)
	p := now.Get("/dien-bien/xa-thanh-nua").Want(200).Check()
	p.WantText("03328", "Hình thành từ 5 đơn vị", "Xã Thanh Nưa 03322", "Xã Hua Thanh 03323", "Xã Thanh Luông 03328", "Xã Thanh Hưng 03331", "Xã Thanh Chăn 03337",
		"Nghị quyết số 1661/NQ-UBTVQH15", "Địa chỉ trang này trước đây là của", "Mã 03328 trước đây là của", "41 trên 59")
	now.Get("/en/dien-bien/xa-thanh-nua").Want(200).Check().WantText("Thanh Nưa Commune", "It came from 5 units", "Hua Thanh Commune")
	// Each earlier unit is a page of its own.
	now.Get("/dien-bien/xa-thanh-nua?on=2025-06-30").Want(200).Check().WantText("Đơn vị này kết thúc ngày 30/6/2025", "03322", "Xã Thanh Nưa (03328)")
	p.Click("Xã Hua Thanh").Want(200).Check().WantText("toàn bộ nhập vào từ ngày 1/7/2025").Click("Xã Thanh Nưa").Want(200).WantText("03328", "Hình thành từ 5")
	// A district went without successor.
	now.Get("/dien-bien/huyen-dien-bien").Want(200).Check().WantText("Không có đơn vị nào tiếp nối")
	// Year and day in the address.
	now.Get("/dien-bien/xa-thanh-nua/2021").Want(200).Check().WantText("03322", "vào ngày 31/12/2021")
	if p := now.Get("/dien-bien/2021"); p.URL.RequestURI() != "/dien-bien?on=2021-12-31" {
		t.Error(p.URL)
	}
	now.Get("/dien-bien/xa-thanh-nua/20211").Want(404)

	then := webtest.New(t, open(t, "2021-04-20").k)
	p = then.Get("/dien-bien/xa-thanh-nua").Want(200).Check().WantText("03322", "Huyện Điện Biên")
	if p.Has("2025") || p.Has("03328") {
		t.Error("the page of 2021 knows what comes")
	}
	then.Get("/dien-bien/phuong-dien-bien-phu").Want(404)
	then.Get("/dien-bien/phuong-dien-bien-phu?on=2026-11-01").Want(200).Check().WantText("03127", "không phải hôm nay", "Phường Him Lam")
	then.Get("/dien-bien/phuong-dien-bien-phu/2026").Want(200).Check().WantText("03127")
	then.Get("/dien-bien/so-y-te").Want(200).Check().WantText("sở, ngành có đơn vị trực thuộc", "Bệnh viện Phổi tỉnh Điện Biên", "Đơn vị sự nghiệp")
	then.Get("/en/dien-bien/so-y-te").Want(200).Check().WantText("Department of Health", "Điện Biên Lung Hospital", "Public service units")
}

func TestList(t *testing.T) {
	t.Parallel()
	s := open(t, "2021-04-20")
	c := webtest.New(t, s.k)
	p := c.Get("/dien-bien/don-vi/danh-muc").Want(200).Check().WantText("207 đơn vị ngày 20/4/2021")
	p = p.Click("Phần sau").Want(200).Check()
	p = p.Click("Phần sau").Want(200).Check()
	if n := len(p.Find("tbody tr")); n != 7 {
		t.Errorf("%d rows on the last page", n)
	}
	p.Click("Phần trước").Want(200).Check()
	f := c.Get("/dien-bien/don-vi/danh-muc").Form(".dinh-filter")
	f.Set("q", "thanh").Set("kind", "commune").Set("parent", "100")
	p = f.Send().Want(200).Check()
	if !p.Has("Xã Thanh Nưa") || p.Has("Phường Thanh Bình") {
		t.Error(p.Main())
	}
	csv := p.Click("CSV").Want(200)
	if !strings.HasPrefix(csv.Body, "\ufeffcode,name,kind,parent_code") || !strings.Contains(csv.Body, "03322,Xã Thanh Nưa,commune,100") || strings.Contains(csv.Body, "Phường") {
		t.Error(csv.Body)
	}
	if x := p.Click("XLSX").Want(200); !strings.HasPrefix(x.Body, "PK") {
		t.Error("no workbook")
	}
	c.Get("/dien-bien/huyen-dien-bien/don-vi").Want(200).Check().WantText("21 đơn vị")
	c.Get("/dien-bien/don-vi/danh-muc?kind=x").Want(404)
	c.Get("/dien-bien/don-vi/danh-muc?parent=khong").Want(404)
	c.Get("/dien-bien/don-vi/danh-muc?q=%3Cem%3E&on=2026-01-01").Want(200).Check()
	c.Get("/dien-bien/don-vi/danh-muc?on=2026-01-01").Want(200).Check().WantText("113 đơn vị ngày 1/1/2026")
}

func TestLinks(t *testing.T) {
	t.Parallel()
	s := open(t, "2026-11-24")
	read := webtest.New(t, s.k).Crawl(400, func(p string) bool { return strings.Contains(p, "danh-muc") }, "/dien-bien/xa-thanh-nua", "/en/dien-bien/phuong-dien-bien-phu", "/dien-bien/so-y-te")
	if len(read) < 50 {
		t.Errorf("only %d pages", len(read))
	}
	as(t, s, "administrator:11").Crawl(120, func(p string) bool { return !strings.Contains(p, "lam-viec") }, "/lam-viec/don-vi", "/en/lam-viec/don-vi", "/lam-viec/thon-ban")
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	s := open(t, "2021-04-20")
	nua, _ := s.s.Directory().On("2021-04-20").ByCode("03322")
	other, _ := s.s.Directory().On("2021-04-20").ByCode("03325")
	for _, c := range []struct {
		who, path string
		status    int
	}{
		{"", "/lam-viec/don-vi", http.StatusSeeOther},
		{"head:11", "/lam-viec/don-vi", 404},
		{"administrator:03322", "/lam-viec/don-vi", 403},
		{"administrator:03322", "/lam-viec/don-vi/them", 403},
		{"administrator:03322", "/lam-viec/nhap-don-vi", 403},
		{"administrator:03322", "/lam-viec/don-vi/" + nua.ID, 404},
		{"administrator:11", "/lam-viec/don-vi/" + nua.ID, 200},
		{"administrator:11", "/lam-viec/don-vi/khong-co", 404},
		{"officer:03322", "/lam-viec/thon-ban", 200},
		{"officer:03322", "/lam-viec/thon-ban?xa=" + other.ID, 404},
		{"officer:SNV", "/lam-viec/thon-ban", 403},
		{"front_officer:03322", "/lam-viec/thon-ban", 404},
	} {
		if got := as(t, s, c.who).Do("GET", c.path, nil, nil).Status; got != c.status {
			t.Errorf("%s %s: %d, want %d", c.who, c.path, got, c.status)
		}
	}
}

func TestVillages(t *testing.T) {
	t.Parallel()
	s := open(t, "2021-04-20")
	public, officer := webtest.New(t, s.k), as(t, s, "officer:03322")
	if public.Get("/dien-bien/xa-thanh-nua").Has("Bản Mển") {
		t.Fatal("the village is there already")
	}
	f := officer.Get("/lam-viec/thon-ban").Want(200).Check().Form("main form[method=post]")
	p := f.Set("villages", "Bản Mển\nBản Mển").SetDate("day", "2021-02-31").Send().Want(422).Check().WantText("Có lỗi", "Bản Mển")
	p = p.Form("main form[method=post]").SetDate("day", "2021-04-20").Send().Want(422).Check().WantText("ghi hai lần")
	f = p.Form("main form[method=post]").Set("villages", "Bản Mển\nBản Tông Khao; TK-1\n\n")
	f.Submit().Want(200).Check().WantText("Đã thêm", "03322-01", "TK-1")
	if again := f.Submit(); !again.Has("03322-01") || again.Has("03322-02") {
		t.Error("a form sent twice adds twice")
	}
	public.Get("/dien-bien/xa-thanh-nua").Want(200).Check().WantText("Bản Mển", "Thôn, bản, tổ dân phố")
	public.Get("/dien-bien/xa-thanh-nua/ban-men").Want(200).Check().WantText("03322-01", "Xã Thanh Nưa")
	if !officer.Get("/dien-bien/xa-thanh-nua").Has("Sửa danh sách thôn, bản") {
		t.Error("no way to the villages")
	}
	p = officer.Get("/lam-viec/thon-ban").Click("Sửa Bản Mển").Want(200).Check()
	late := officer.Get(p.URL.RequestURI()).Form("main form[method=post]").Set("name", "Bản Khác")
	p.Form("main form[method=post]").Set("name", "Bản Mển Đông").SetDate("day", "2021-04-21").Set("act", "Quyết định 5").Submit().Want(200).WantText("Đã lưu")
	late.Send().Want(409).Check().WantText("Bản Mển")
	public.Get("/dien-bien/xa-thanh-nua/ban-men-dong?on=2021-04-21").Want(200).Check().WantText("Đổi tên từ ngày 21/4/2021; tên trước là Bản Mển", "Quyết định 5")
}

func TestEdit(t *testing.T) {
	t.Parallel()
	s := open(t, "2021-04-20")
	admin := as(t, s, "administrator:11")
	tree := s.s.Directory().On("2021-04-20")
	snv, _ := tree.ByCode("SNV")
	root := tree.Root()

	p := admin.Get("/lam-viec/don-vi?q=so+noi+vu").Want(200).Check().Click("Sở Nội vụ").Want(200).Check().WantText("Từ 1/1/2021 đến nay")
	p = p.Click("Sửa đơn vị").Want(200).Check()
	f := p.Form("main form[method=post]").Set("name", "").Set("staff", "x")
	p = f.Send().Want(422).Check().WantText("Có lỗi", "số nguyên")
	p = p.Form("main form[method=post]").Set("staff", "41").Send().Want(422).Check().WantText("Xin ghi tên đơn vị")
	p.Form("main form[method=post]").Set("name", "Sở Nội vụ và Lao động").Set("act", "NQ 1").SetDate("day", "2021-05-01").Submit().Want(200).Check().
		WantText("Đã lưu", "Từ 1/5/2021 đến nay", "Sở Nội vụ và Lao động", "NQ 1", "Số cán bộ, công chức, viên chức: 41")
	if u, _ := s.s.Directory().On("2021-05-01").ByCode("SNV"); u.ID != snv.ID || u.Staff != 41 || len(u.Flags) != 3 || u.Slug != "so-noi-vu-va-lao-dong" {
		t.Errorf("%v", u)
	}
	webtest.New(t, s.k).Get("/dien-bien/so-noi-vu").Want(200).Check().WantText("Sở Nội vụ")

	f = admin.Get("/lam-viec/don-vi/them").Want(200).Check().Form("main form[method=post]")
	p = f.Set("kind", "village").Set("name", "Bản A").Set("code", "BA").Send().Want(422).Check().WantText("không trực thuộc")
	p.Form("main form[method=post]").Set("kind", "agency").Set("name", "Ban Quản lý A").Submit().Want(200).Check().WantText("Đã thêm")

	nua, _ := tree.ByCode("03322")
	district := tree.Parent(nua.ID)
	p = admin.Get("/lam-viec/don-vi/sap-nhap?kind=commune&under=" + district.ID).Want(200).Check().WantText("Xã Hua Thanh (03323)")
	f = p.Form("main form[method=post]").Set("name", "Xã Thanh Nưa").Set("code", "03322").SetDate("day", "2023-01-01")
	p = f.Send().Want(422).Check().WantText("ít nhất hai")
	f = p.Form("main form[method=post]")
	hua, _ := tree.ByCode("03323")
	f.Set("old", nua.ID+"."+strconv.Itoa(nua.Version), hua.ID+"."+strconv.Itoa(hua.Version))
	f.Submit().Want(200).Check().WantText("Đã sáp nhập", "Hình thành từ toàn bộ")
	if u, _ := s.s.Directory().On("2023-01-01").ByCode("03322"); u.ID == nua.ID {
		t.Error("a merger has continued a unit")
	}

	syt, _ := tree.ByCode("SYT")
	p = admin.Get("/lam-viec/don-vi/" + syt.ID + "/ket-thuc").Want(200).Check()
	p.Form("main form[method=post]").SetDate("day", "2021-12-31").Send().Want(422).Check().WantText("vẫn có 10 đơn vị trực thuộc")
	tvt, _ := tree.ByCode("TVT")
	admin.Get("/lam-viec/don-vi/"+tvt.ID+"/ket-thuc").Want(200).Form("main form[method=post]").SetDate("day", "2021-12-31").Submit().Want(200).Check().WantText("Đã ghi ngày kết thúc")

	tg, _ := tree.ByCode("SGDDT")
	p = admin.Get("/lam-viec/don-vi/" + tg.ID + "/chia").Want(200).Check().WantText("Trường THPT Phan Đình Giót")
	p = p.Form("main form[method=post]").Set("new2-name", "Sở Đào tạo").Set("new2-code", "SDT").SetDate("day", "2022-01-01").Send().Want(422).Check().WantText("Xin chọn nơi")
	f = p.Form("main form[method=post]")
	for _, x := range tree.Children(tg.ID) {
		f.Set("below-"+x.ID, "2")
	}
	f.Submit().Want(200).Check().WantText("Đã chia, tách")
	if u, _ := s.s.Directory().On("2022-01-01").ByCode("SDT"); len(s.s.Directory().On("2022-01-01").Children(u.ID)) != 6 {
		t.Error("the schools are elsewhere")
	}
	_ = root
}

func TestImport(t *testing.T) {
	t.Parallel()
	s := open(t, "2021-04-20")
	admin := as(t, s, "administrator:11")
	up := func(name string, data []byte) *webtest.Page {
		f := admin.Get("/lam-viec/nhap-don-vi").Want(200).Check().Form("main form[method=post]")
		return f.Attach("file", name, "text/csv", data).Submit()
	}
	admin.Get("/lam-viec/nhap-don-vi").Form("main form[method=post]").Send().Want(422).Check().WantText("Xin chọn tệp")
	up("a.exe", []byte("MZ")).Want(422).Check().WantText("Chỉ nhận tệp CSV hoặc XLSX")
	up("a.xlsx", []byte("code,name\n1,2\n")).Want(422).Check().WantText("không đúng với phần mở rộng")

	p := up("thon.csv", []byte("code,name,kind,parent_code\n03322-01,B\xB6n M\xD3n,village,03322\n")).Want(200).Check().WantText("Bản Mển", "TCVN3")
	f := p.Form("main form[method=get]")
	p = f.Send().Want(200).Check().WantText("không phải chữ Unicode")
	p = p.Form("main form[method=get]").Set("encoding", "tcvn3").Send().Want(200).Check().WantText("Chạy thử, chưa ghi gì", "1 mới", "Bản Mển (03322-01): mới từ ngày 20/4/2021", "dòng 2")
	if _, ok := s.s.Directory().On("2021-04-20").ByCode("03322-01"); ok {
		t.Fatal("a preview has stored something")
	}
	p.Form("main form[method=post]").Submit().Want(200).Check().WantText("Đã nhập tệp")
	if u, ok := s.s.Directory().On("2021-04-20").ByCode("03322-01"); !ok || u.Name != "Bản Mển" {
		t.Errorf("%v", u)
	}
	// Faults by line, nothing to agree to.
	p = up("b.csv", []byte("code,name,kind,parent_code\nV1,Bản <em>Một</em>,village,03322\nV2,,village,99\n")).Want(200).Check()
	p = p.Form("main form[method=get]").Send().Want(200).Check().WantText("1 lỗi", "Dòng 3: Thiếu tên đơn vị")
	if len(p.Find("main form[method=post]")) != 0 {
		t.Error("a file with faults can be agreed to")
	}
	// With successions, by two files.
	var book bytes.Buffer
	if err := s.s.Directory().On("2021-04-20").Book(i18n.For(i18n.VI), nil).Write(&book); err != nil {
		t.Fatal(err)
	}
	f = admin.Get("/lam-viec/nhap-don-vi").Form("main form[method=post]")
	p = f.Attach("file", "u.csv", "text/csv", []byte("code,name,kind,parent_code\n03399,Xã Gộp,commune,100\n")).
		Attach("successions", "s.csv", "text/csv", []byte("level,old_code,new_code,share\ncommune,03325,03399,whole\ncommune,03337,03399,whole\n")).Submit().Want(200).Check().WantText("Kèm tệp")
	p = p.Form("main form[method=get]").SetDate("day", "2023-01-01").Set("act", "NQ 9").Send().Want(200).Check().WantText("toàn bộ nhập vào Xã Gộp (03399)")
	p.Form("main form[method=post]").Submit().Want(200).WantText("Đã nhập tệp")
	u, _ := s.s.Directory().On("2023-01-01").ByCode("03399")
	if u == nil || len(s.s.Directory().Predecessors(u.ID, "2023-01-01")) != 2 || s.s.Directory().Predecessors(u.ID, "2023-01-01")[0].Act != "NQ 9" {
		t.Errorf("%v", u)
	}
	// Nobody else sees the file.
	if got := as(t, s, "administrator:03322").Get(p.URL.RequestURI()).Status; got != 404 {
		t.Error(got)
	}
}
