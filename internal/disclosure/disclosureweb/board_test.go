package disclosureweb

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/disclosure"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

var boardLaw = sync.OnceValues(law.Load)

// square is a house with Điện Biên in it: what people see of xã Thanh Nưa and of a school, on 20/4/2021.
type square struct {
	*disclosure.Service
	t       testing.TB
	k       *web.Kit
	d       *db.DB
	dir     *org.Directory
	org     *org.Service
	people  map[string]access.Actor
	commune *org.Unit
	school  *org.Unit
	village *org.Unit
}

func newSquare(t testing.TB) *square { return newSquareAt(t, dbtest.Clock) }

func newSquareAt(t testing.TB, clock civil.Clock) *square {
	t.Helper()
	h := &square{t: t, people: map[string]access.Actor{}}
	h.d, h.dir = webtest.Province(t)
	h.org = org.NewService(h.d, h.dir)
	cat, err := boardLaw()
	if err != nil {
		t.Fatal(err)
	}
	now := func() *law.Catalogue { return cat }
	files, err := attach.New(h.d, t.TempDir(), 4<<20, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	tree := h.dir.On("2021-04-20")
	h.commune, _ = tree.ByCode("03322")
	h.write(func(tx *db.Tx) error {
		ids, err := h.org.AddVillagesTx(t.Context(), tx, access.System, h.commune.ID, []org.VillageDraft{{Name: "Bản Mển"}, {Name: "Bản Phiêng Ban"}}, "2021-01-01")
		if err != nil {
			return err
		}
		id, err := h.org.AddTx(t.Context(), tx, access.System, org.Draft{Kind: org.ServiceUnit, Code: "TH-TN", Name: "Trường Tiểu học Thanh Nưa", ParentID: tree.Root().ID, Staff: 30, Workers: org.Unknown}, "2021-01-01", "")
		h.village, h.school = &org.Unit{ID: ids[0]}, &org.Unit{ID: id}
		return err
	})
	tree = h.dir.On("2021-04-20")
	h.village, _ = tree.ByID(h.village.ID)
	h.school, _ = tree.ByID(h.school.ID)
	h.Service = disclosure.New(disclosure.Options{DB: h.d, Units: h.dir, Law: now, Clock: clock, Files: files, People: h})
	h.k, err = web.New(web.Config{DB: h.d, Clock: clock, Units: h.dir, Sessions: h, Key: []byte("k"), BaseURL: "http://" + webtest.Host, Upload: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	Register(h.k, Deps{Service: h.Service, Units: h.dir, Law: now, Files: files})
	return h
}

func (h *square) Session(_ context.Context, token string) (access.Actor, web.Session, error) {
	return h.people[token], web.Session{ID: token}, nil
}

func (h *square) Holders(_ context.Context, unit string, kinds ...access.PostKind) ([]string, error) {
	var out []string
	for id, a := range h.people {
		if a.Holds(unit, kinds...) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (h *square) Names(context.Context, ...string) (map[string]string, error) { return nil, nil }

func (h *square) write(f func(tx *db.Tx) error) {
	h.t.Helper()
	if err := h.d.Write(h.t.Context(), f); err != nil {
		h.t.Fatalf("%+v", err)
	}
}

func (h *square) in(login, unit string, post access.PostKind) *webtest.Client {
	h.people[login] = access.Actor{ID: login, Name: "Bà " + login, Posts: []access.Post{{Unit: unit, Kind: post}}}
	c := webtest.New(h.t, h.k)
	c.Cookies[web.CookieName] = login
	return c
}

func (h *square) public() *webtest.Client { return webtest.New(h.t, h.k) }

func budget() disclosure.ItemInput {
	return disclosure.ItemInput{
		Matter: "pl-34-2007.d5.k1", Period: "2021", Audience: disclosure.Everybody, Title: "Dự toán thu, chi ngân sách xã năm 2021",
		Summary: "Năm nay xã thu 7.412,5 triệu đồng và chi bấy nhiêu.\nChi đầu tư 640 triệu đồng.", Body: "Tổng thu **7.412,5** triệu đồng.", DocNumber: "21/TB-UBND", DocDay: "2021-04-05", Decided: "2021-04-05",
		Places: []string{"office", "website"},
	}
}

// publish brings an item up on a day, as the program itself does for what was on paper before.
func (h *square) publish(unit string, in disclosure.ItemInput, day civil.Date) *disclosure.View {
	h.t.Helper()
	ctx := h.t.Context()
	var id string
	h.write(func(tx *db.Tx) error {
		i, err := h.CreateTx(ctx, tx, access.System, disclosure.NewItem{Unit: unit, ItemInput: in})
		if err != nil {
			return err
		}
		id = i.ID
		if err := h.ApproveTx(ctx, tx, access.System, id, disclosure.Approval{PaperNumber: "21/TB-UBND", PaperDay: day, PaperSigner: "Cà Văn Hặc"}); err != nil {
			return err
		}
		return h.PublishTx(ctx, tx, access.System, id, disclosure.Publication{Checks: disclosure.Checks{Secret: disclosure.SecretNo, SecretBy: "Bà Lò Thị Hương"}, Day: day})
	})
	h.k.Drop("*")
	return h.view(id)
}

func (h *square) view(id string) *disclosure.View {
	h.t.Helper()
	v, err := h.Item(h.t.Context(), access.System, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

func (h *square) hang(v *disclosure.View, place string, day civil.Date) {
	h.t.Helper()
	h.write(func(tx *db.Tx) error {
		_, err := h.PostTx(h.t.Context(), tx, access.System, disclosure.PutUp{Item: v.ID, Place: place, Day: day, Person: "Bà Lò Thị Hương", How: disclosure.HowSelf})
		return err
	})
	h.k.Drop("*")
}

// twice gets a page in both languages and looks at each as its readers must be able to.
func twice(c *webtest.Client, path string) *webtest.Page {
	c.T.Helper()
	c.Get("/en" + path).Want(200).Check()
	return c.Get(path).Want(200).Check()
}

const thanhNua = "/dien-bien/xa-thanh-nua"

func TestBoardTemplates(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	webtest.CheckTemplates(t, h.k, boardPages())
	webtest.CheckReserved(t, h.k)
}

func TestEmptyBoard(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	twice(h.public(), thanhNua+"/bang-niem-yet").WantText("chưa niêm yết mục nào", "Nhận tin khi có mục mới")
	twice(h.public(), "/dien-bien/bang-niem-yet").WantText("Chưa có đơn vị nào niêm yết")
	twice(h.public(), thanhNua+"/bang-niem-yet/in").WantText("0 mục đang niêm yết")
	h.public().Get(thanhNua + "/bang-niem-yet.atom").Want(200)
	h.public().Get(thanhNua + "/bang-niem-yet/2021/khong-co").Want(404)
	h.public().Get("/n/22222").Want(404)
	h.public().Get("/n/OOOOO").Want(404)
}

func TestBoardAndItem(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	h.hang(v, "office", "2021-04-06")
	c := h.public()
	twice(c, thanhNua+"/bang-niem-yet").WantText("Dự toán thu, chi ngân sách xã năm 2021", "Ngày 15 trên 30, còn 15 ngày", "6/4/2021 đến 5/5/2021", "Đang niêm yết", "Có ảnh 0 trên 1 nơi", "Pháp lệnh 34/2007")
	twice(c, "/dien-bien/bang-niem-yet").WantText("Dự toán thu, chi ngân sách xã năm 2021", "Xã Thanh Nưa", "1 mục")
	twice(c, "/dien-bien/bang-niem-yet?don-vi=03322&trang-thai=current&dung-han=in_time").WantText("Dự toán thu, chi")
	if p := c.Get("/dien-bien/bang-niem-yet?dung-han=late").Want(200); p.Has("Dự toán thu, chi") {
		t.Error("an item told in time is listed as late")
	}
	item := c.Get("/n/" + strings.ToLower(v.Code)).Want(200).Check()
	if want := thanhNua + "/bang-niem-yet/2021/du-toan-thu-chi-ngan-sach-xa-nam-2021"; item.URL.Path != want {
		t.Errorf("the short link leads to %s, want %s", item.URL.Path, want)
	}
	item.WantText("Còn 15 ngày", "Năm nay xã thu", "21/TB-UBND, ngày 5/4/2021", "Trụ sở", "Dán ngày 6/4/2021, Bà Lò Thị Hương", "Hạn này tính thế nào", "Đúng hạn", "dinh.test/n/"+v.Code)
	if item.Header.Get("ETag") == "" || strings.Contains(item.Body, "<form method=\"post\"") {
		t.Error("the item's page is not kept, or has a form")
	}
	base := item.URL.Path
	twice(c, base)
	twice(c, base+"/to-niem-yet").WantText("THÔNG BÁO", "Về việc công khai: Dự toán", "CHỦ TỊCH", "(Ký, đóng dấu)", "Ủy ban nhân dân xã Thanh Nưa công khai", "từ ngày 6/4/2021 đến hết ngày 5/5/2021", "dinh.test/n/"+v.Code)
	twice(c, base+"/to-niem-yet?kieu=bia").WantText("NIÊM YẾT KÈM VĂN BẢN", "21/TB-UBND")
	twice(c, base+"/tin-nhan").WantText("Ủy ban nhân dân xã Thanh Nưa công khai:", "http://dinh.test/n/"+v.Code)
	picture := c.Get(base + "/anh-nhom.png").Want(200)
	if _, err := png.Decode(strings.NewReader(picture.Body)); err != nil || picture.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the picture for the group: %v", err)
	}
	twice(c, thanhNua+"/bang-niem-yet/in").WantText("/n/"+v.Code, "1 mục đang niêm yết")
	// Filters.
	c.Get(thanhNua + "/bang-niem-yet?q=ngan+sach").WantText("Dự toán thu, chi")
	c.Get(thanhNua + "/bang-niem-yet?q=21/TB").WantText("Dự toán thu, chi")
	twice(c, thanhNua+"/bang-niem-yet?q=truong+hoc").WantText("Không có mục nào như bà con chọn")
	c.Get(thanhNua + "/bang-niem-yet?nam=abc").Want(404)
	c.Get(thanhNua + "/bang-niem-yet?sau=x").Want(404)
}

// smallPDF is a small file that really is a PDF.
var smallPDF = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n100\n%%EOF\n")

// Readers get the public copies of files and photos of what is up, and nothing else.
func TestFilesAndPhotos(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	ctx := t.Context()
	paper, err := h.Prepare(ctx, bytes.NewReader(smallPDF), "dự toán.pdf", disclosure.PaperTypes)
	if err != nil {
		t.Fatal(err)
	}
	var pixels bytes.Buffer
	if err := jpeg.Encode(&pixels, image.NewRGBA(image.Rect(0, 0, 900, 600)), nil); err != nil {
		t.Fatal(err)
	}
	photo, err := h.TakePhoto(ctx, bytes.NewReader(pixels.Bytes()), "anh.jpg")
	if err != nil {
		t.Fatal(err)
	}
	var id, posting string
	h.write(func(tx *db.Tx) error {
		i, err := h.CreateTx(ctx, tx, access.System, disclosure.NewItem{Unit: h.commune.ID, ItemInput: budget()})
		if err != nil {
			return err
		}
		id = i.ID
		if _, err := h.AttachTx(ctx, tx, access.System, id, disclosure.NewFile{Title: "Dự toán đã ký", Prepared: paper}); err != nil {
			return err
		}
		if err := h.ApproveTx(ctx, tx, access.System, id, disclosure.Approval{PaperNumber: "21/TB-UBND", PaperDay: "2021-04-06", PaperSigner: "Cà Văn Hặc"}); err != nil {
			return err
		}
		if err := h.PublishTx(ctx, tx, access.System, id, disclosure.Publication{Checks: disclosure.Checks{Secret: disclosure.SecretNo, SecretBy: "Bà Lò Thị Hương"}, Day: "2021-04-06"}); err != nil {
			return err
		}
		x, err := h.PostTx(ctx, tx, access.System, disclosure.PutUp{Item: id, Place: "office", Day: "2021-04-06", Hour: "08:15", Person: "Bà Lò Thị Hương", Photos: []disclosure.TakenIn{photo}})
		posting = x.ID
		return err
	})
	v := h.view(id)
	base := h.Link(v.Item, "")
	p := twice(h.public(), base).WantText("Dự toán đã ký", "PDF, 1 KB", "Dán 8 giờ 15 ngày 6/4/2021")
	twice(h.public(), thanhNua+"/bang-niem-yet").WantText("Có ảnh đủ 1 nơi")
	file := ""
	for _, a := range p.Find("a[href]") {
		if strings.HasPrefix(webtest.Attr(a, "href"), base+"/tep/") {
			file = webtest.Attr(a, "href")
		}
	}
	if got := h.public().Get(file).Want(200); got.Body != string(smallPDF) || got.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("file: %s, %d bytes", got.Header.Get("Content-Type"), len(got.Body))
	}
	h.public().Get(base + "/tep/" + v.Files[0].Original + "x").Want(404)
	img := p.Find("main img")
	if len(img) != 1 || !strings.HasSuffix(webtest.Attr(img[0], "src"), "?co=nho") || !strings.Contains(webtest.Attr(img[0], "alt"), "Trụ sở") {
		t.Fatalf("%d photos", len(img))
	}
	small := h.public().Get(webtest.Attr(img[0], "src")).Want(200)
	large := h.public().Get(strings.TrimSuffix(webtest.Attr(img[0], "src"), "?co=nho")).Want(200)
	if small.Header.Get("Content-Type") != "image/jpeg" || len(small.Body) >= len(large.Body) {
		t.Errorf("photo: %s, %d of %d bytes", small.Header.Get("Content-Type"), len(small.Body), len(large.Body))
	}
	// What was entered by mistake is gone for readers.
	h.write(func(tx *db.Tx) error { return h.StrikeTx(ctx, tx, access.System, posting, 0, "Nhầm mục") })
	h.k.Drop("*")
	h.public().Get(webtest.Attr(img[0], "src")).Want(404)
	if len(h.public().Get(base).Want(200).Find("main img")) != 0 {
		t.Error("the photo of a struck posting is shown")
	}
	h.write(func(tx *db.Tx) error { return h.WithdrawTx(ctx, tx, access.System, id, 0, "Sai") })
	h.public().Get(file).Want(404)
}

func TestVillageBoardShowsWhatHangsThere(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	in := budget()
	in.Places = []string{"office", disclosure.VillageKey(h.village.ID)}
	h.publish(h.commune.ID, in, "2021-04-06")
	path := h.dir.Path(h.village.ID, "2021-04-20") + "/bang-niem-yet"
	twice(h.public(), path).WantText("Dự toán thu, chi", "Xã Thanh Nưa")
	other := in
	other.Title, other.Places, other.Matter, other.Period = "Chỉ dán ở xã", []string{"office"}, "", ""
	h.publish(h.commune.ID, other, "2021-04-07")
	if h.public().Get(path).Has("Chỉ dán ở xã") {
		t.Error("the village's board shows what does not hang in the village")
	}
}

func TestWithdrawnLeavesAStub(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	h.write(func(tx *db.Tx) error {
		return h.WithdrawTx(t.Context(), tx, access.System, v.ID, 0, "Số liệu sai, sẽ công khai lại")
	})
	h.k.Drop("*")
	base := h.Link(v.Item, "")
	p := twice(h.public(), base).WantText("đã được rút ngày 20/4/2021", "Số liệu sai")
	if p.Has("7.412,5") || p.Has("Đặt câu hỏi") {
		t.Error("the stub shows the words of what was withdrawn, or takes questions")
	}
	for _, rest := range []string{"/hoi", "/to-niem-yet", "/tin-nhan", "/anh-nhom.png", "/bao-mat-to"} {
		h.public().Get(base + rest).Want(404)
	}
	twice(h.public(), thanhNua+"/bang-niem-yet").WantText("Rút ngày 20/4/2021", "Hiện không có mục nào")
	if body := h.public().Get(thanhNua + "/bang-niem-yet.atom").Body; !strings.Contains(body, "Đã rút: Dự toán") || strings.Contains(body, "7.412,5") {
		t.Errorf("feed: %s", body)
	}
}

// A school discloses to its staff only: for others it does not exist on any route, in feeds and files.
func TestStaffOnly(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	in := budget()
	in.Matter, in.Period, in.Audience, in.Title, in.Places = "", "", disclosure.Staff, "Kế hoạch biên chế của trường", []string{"office", "website"}
	v := h.publish(h.school.ID, in, "2021-04-06")
	school := h.dir.Path(h.school.ID, "2021-04-20")
	base := h.Link(v.Item, "")
	staff, villager, officer := h.in("giao-vien", h.school.ID, access.Officer), h.in("truong-ban", h.village.ID, access.VillageHead), h.in("can-bo-xa", h.commune.ID, access.Officer)
	staff.Get(school+"/bang-niem-yet").Want(200).Check().WantText("Kế hoạch biên chế", "Chỉ cán bộ, nhân viên")
	staff.Get(base).Want(200).Check().WantText("Mục này chỉ dành cho cán bộ")
	staff.Get(base + "/to-niem-yet").Want(200).WantText("người lao động biết")
	staff.Get("/n/" + v.Code).Want(200)
	for _, c := range []*webtest.Client{h.public(), villager, officer} {
		for _, rest := range []string{"", "/to-niem-yet", "/tin-nhan", "/anh-nhom.png", "/hoi", "/hoi/ABCDEFGHJK", "/bao-mat-to", "/tep/x", "/anh/x"} {
			c.Get(base + rest).Want(404)
			c.Get("/en" + base + rest).Want(404)
		}
		c.Get("/n/" + v.Code).Want(404)
		for _, path := range []string{school + "/bang-niem-yet", school + "/bang-niem-yet?q=bien+che", school + "/bang-niem-yet.atom", school + "/bang-niem-yet.csv", school + "/bang-niem-yet.json", school + "/bang-niem-yet/in", "/dien-bien/bang-niem-yet", "/dien-bien/bang-niem-yet.atom", "/dien-bien/bang-niem-yet.csv", "/dien-bien/bang-niem-yet/in"} {
			if p := c.Get(path).Want(200); strings.Contains(p.Body, "biên chế") || strings.Contains(p.Body, v.Code) {
				t.Errorf("%s tells of what is for staff", path)
			}
		}
	}
	// What its staff saw was not kept for the next reader.
	if h.public().Get(school + "/bang-niem-yet").Has("biên chế") {
		t.Error("a page of the signed-in was kept")
	}
	for _, path := range []string{school + "/bang-niem-yet.atom", school + "/bang-niem-yet.csv"} {
		if strings.Contains(staff.Get(path).Body, "biên chế") {
			t.Errorf("%s is no longer the public's when staff read it", path)
		}
	}
}

func TestDraftHasNoPublicPage(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	var i *disclosure.Item
	h.write(func(tx *db.Tx) (err error) {
		i, err = h.CreateTx(t.Context(), tx, access.System, disclosure.NewItem{Unit: h.commune.ID, ItemInput: budget()})
		return err
	})
	h.public().Get("/n/" + i.Code).Want(404)
	h.public().Get(h.Link(i, "")).Want(404)
	h.public().Get(h.Link(i, "/to-niem-yet")).Want(404)
	p := h.in("huong", h.commune.ID, access.Officer).Do("GET", "/n/"+i.Code, nil, nil)
	if p.Status != http.StatusFound || p.Header.Get("Location") != "/lam-viec/niem-yet/"+i.ID {
		t.Errorf("its officer is led to %d %s", p.Status, p.Header.Get("Location"))
	}
}
