package disclosureweb

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/url"
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
	"dinh/internal/job"
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

func TestQuestions(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	base := h.Link(v.Item, "")
	officer, other := h.in("huong", h.commune.ID, access.Officer), h.in("la", h.school.ID, access.Officer)
	twice(h.public(), base+"/hoi")
	form := h.public().Get(base).Click("Đặt câu hỏi").Check()
	if form.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the form is %q", form.Header.Get("Cache-Control"))
	}
	form.Form("form[method=post]").Submit().Want(422).Check().WantText("Xin ghi câu hỏi")
	form.Form("form[method=post]").Set("hoi", "Chi đầu tư làm gì?").Set("lien-he", "chín một hai").Submit().Want(422).WantText("Xin ghi số điện thoại", "Chi đầu tư làm gì?")
	receipt := form.Form("form[method=post]").Set("hoi", "Chi đầu tư 640 triệu làm những công trình nào?").Set("noi", "bản Mển").Set("lien-he", "dan@example.vn").Submit().Want(200).Check()
	receipt.WantText("Đã gửi câu hỏi", "chậm nhất ngày 28/4/2021") // five working days, not counting the weekend and the Hùng Kings' day on 21/4
	if receipt.Header.Get("Cache-Control") != "no-store" {
		t.Error("the receipt may be stored")
	}
	at := receipt.URL.Path
	twice(h.public(), at)
	if h.public().Get(base).Has("làm những công trình nào") {
		t.Error("a question is shown before anybody has read it")
	}
	h.public().Get(at[:len(at)-1] + "2").Want(404)

	desk := officer.Get("/lam-viec/hoi-dap").Want(200).Check().WantText("làm những công trình nào", "Chờ xem")
	if other.Get("/lam-viec/hoi-dap").Want(200).Has("công trình") {
		t.Error("another unit reads the question")
	}
	reply := desk.Click("làm những công trình nào").Check().WantText("dan@example.vn")
	other.Get(reply.URL.Path).Want(404)
	reply.Form("form[method=post]").Submit().Want(422).Check().WantText("Xin chọn cách xử lý")
	reply.Form("form[method=post]").Set("lam", "refused").Submit().Want(422).WantText("Xin ghi lý do")
	stale := officer.Get(reply.URL.Path)
	reply.Form("form[method=post]").Set("lam", "open").Submit().Want(200).WantText("Đã lưu", "Chờ trả lời")
	twice(h.public(), base).WantText("làm những công trình nào", "bản Mển", "chậm nhất ngày 28/4/2021")
	// Somebody else has the page of before still open.
	stale.Form("form[method=post]").Set("lam", "answered").Set("tra-loi", "Muộn rồi").Submit().Want(409).WantText("Muộn rồi")
	officer.Get(reply.URL.Path).Form("form[method=post]").Set("lam", "answered").Set("tra-loi", "Đường nội bản Mển và kênh Nậm Rốm.").Submit().Want(200)
	p := twice(h.public(), base).WantText("Đường nội bản Mển", "trả lời ngày 20/4/2021")
	if strings.Contains(p.Body, "dan@example.vn") || strings.Contains(h.public().Get(at).Body, "dan@example.vn") {
		t.Error("the asker's address is shown")
	}
	twice(h.public(), at).WantText("Đường nội bản Mển", "Đã trả lời")
	var letters int
	if err := h.d.QueryRow(t.Context(), `SELECT COUNT(*) FROM mail_outbox WHERE recipient='dan@example.vn'`).Scan(&letters); err != nil || letters != 1 {
		t.Errorf("%d letters to the asker, %v", letters, err)
	}
	officer.Get("/lam-viec/hoi-dap?xem=xong").Want(200).Check().WantText("Đã trả lời")
	officer.Get("/en/lam-viec/hoi-dap").Want(200).Check()
	officer.Get("/en" + reply.URL.Path).Want(200).Check()

	// A refused one is seen by nobody but its asker.
	receipt = h.public().Get(base+"/hoi").Form("form[method=post]").Set("hoi", "Ông nào ăn hết rồi?").Submit().Want(200)
	officer.Get("/lam-viec/hoi-dap").Click("Ông nào ăn").Form("form[method=post]").Set("lam", "refused").Set("ly-do", "Câu hỏi không về mục này").Submit().Want(200)
	if h.public().Get(base).Has("ăn hết") {
		t.Error("a refused question is shown")
	}
	twice(h.public(), receipt.URL.Path).WantText("Không hiện", "Câu hỏi không về mục này")
}

func TestTrapAndThrottle(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	base := h.Link(v.Item, "")
	count := func() (n int) {
		if err := h.d.QueryRow(t.Context(), `SELECT COUNT(*) FROM disclosure_question`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	c := h.public()
	c.Get(base+"/hoi").Form("form[method=post]").Set("hoi", "Mua hàng rẻ ở đây").Set("website", "http://spam.example").Submit().Want(200)
	if n := count(); n != 0 {
		t.Fatalf("%d questions of a program were taken", n)
	}
	var last *webtest.Page
	for n := range 20 {
		last = c.Get(base+"/hoi").Form("form[method=post]").Set("hoi", fmt.Sprintf("Câu hỏi thứ %d là gì?", n)).Submit()
		if last.Status != 200 {
			break
		}
	}
	last.Want(429).Check().WantText("vừa gửi nhiều tin", "Câu hỏi thứ 12")
	if n := count(); n != 12 {
		t.Errorf("%d questions from one network at once", n)
	}
	// A form without a token of ours, or from another site, changes nothing.
	p := c.Do("POST", base+"/hoi", strings.NewReader(url.Values{"hoi": {"Không có mã của ta"}}.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	if p.Status == 303 || count() != 12 {
		t.Errorf("a form without a token: %d", p.Status)
	}
}

func TestReportOfATornSheet(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	base := h.Link(v.Item, "")
	officer := h.in("huong", h.commune.ID, access.Officer)
	twice(h.public(), base+"/bao-mat-to").Form("form[method=post]").Submit().Want(422).Check().WantText("Xin chọn điều bà con thấy", "Xin cho biết ở đâu")
	h.public().Get(base+"/bao-mat-to").Form("form[method=post]").Set("loai", "missing").Set("noi", "office").SetDate("ngay", "2021-05-01").Submit().Want(422).WantText("Ngày này chưa đến")
	h.public().Get(base+"/bao-mat-to").Form("form[method=post]").Set("loai", "missing").Set("noi", "office").SetDate("ngay", "2021-04-19").Submit().Want(200).Check().WantText("Xã Thanh Nưa sẽ đến xem")
	twice(h.public(), thanhNua+"/bang-niem-yet/bao-mat-to").Form("form[method=post]").Set("loai", "torn").Set("noi", "Nhà văn hóa bản Mển").Submit().Want(200)
	desk := officer.Get("/lam-viec/hoi-dap").Want(200).Check().WantText("Không thấy tờ niêm yết: Trụ sở", "Nhà văn hóa bản Mển")
	settle := desk.Click("Không thấy tờ niêm yết").Check().WantText("19/4/2021")
	h.in("la", h.school.ID, access.Officer).Get(settle.URL.Path).Want(404)
	settle.Form("form[method=post]").Submit().Want(422).Check().WantText("Xin chọn kết quả")
	late := officer.Get(settle.URL.Path)
	settle.Form("form[method=post]").Set("ket-qua", "fixed").Submit().Want(200).WantText("Đã ghi kết quả")
	late.Form("form[method=post]").Set("ket-qua", "fine").Submit().Want(409)
	officer.Get("/lam-viec/hoi-dap?xem=xong").WantText("Đã dán lại")
	officer.Get("/en" + settle.URL.Path).Want(200).Check().WantText("As reported")
	var notices int
	if err := h.d.QueryRow(t.Context(), `SELECT COUNT(*) FROM notice WHERE account='huong' AND kind='disclosure.torn'`).Scan(&notices); err != nil || notices != 1 {
		t.Errorf("%d notices wait, %v", notices, err)
	}
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	letters := func() (out []string) { // those that ask to confirm before those that tell of something
		rows, err := h.d.Query(t.Context(), `SELECT content FROM mail_outbox ORDER BY kind DESC, id`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			out = append(out, s)
		}
		return out
	}
	link := func(content, prefix string) string {
		_, rest, ok := strings.Cut(content, prefix)
		if !ok {
			t.Fatalf("no %s in %s", prefix, content)
		}
		token, _, _ := strings.Cut(rest, `"`)
		return prefix + token
	}
	path := thanhNua + "/bang-niem-yet/theo-doi"
	twice(h.public(), path).Form("form[method=post]").Set("thu", "khong phai thu").Submit().Want(422).Check()
	h.public().Get(path).Form("form[method=post]").Set("thu", "Dan@Example.vn").Submit().Want(200).Check().WantText("Đã nhận địa chỉ")
	h.public().Get(path).Form("form[method=post]").Set("thu", "dan@example.vn").Submit().Want(200) // at once again: no second letter
	got := letters()
	if len(got) != 1 {
		t.Fatalf("%d letters", len(got))
	}
	// Not confirmed yet: nothing is sent.
	h.publish(h.commune.ID, budget(), "2021-04-06")
	runner := job.New(h.d, 1)
	h.RegisterBoard(runner)
	if _, err := runner.Drain(t.Context()); err != nil || len(letters()) != 1 {
		t.Fatalf("%d letters before the address is confirmed, %v", len(letters()), err)
	}
	confirm := link(got[0], "/dang-ky/")
	twice(h.public(), confirm).Form("form[method=post]").Submit().Want(200).Check().WantText("Đã đăng ký nhận tin: Xã Thanh Nưa")
	h.public().Get("/dang-ky/" + strings.Repeat("A", 26)).Want(404)
	in := budget()
	in.Title, in.Matter, in.Period = "Danh sách Ban Giám sát đầu tư của cộng đồng", "", ""
	h.publish(h.commune.ID, in, "2021-04-20")
	if _, err := runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	got = letters()
	if len(got) != 2 || !strings.Contains(got[1], "disclosureboard.mail.new") {
		t.Fatalf("letters %q", got)
	}
	leave := link(got[1], "/huy-dang-ky/")
	twice(h.public(), leave).WantText("Bấm nút để thôi nhận tin")
	// A mail program's one press: no page, no cookie, no token.
	p := h.public().Do("POST", leave, strings.NewReader("List-Unsubscribe=One-Click"), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	if p.Status != 200 {
		t.Fatalf("one press: %d", p.Status)
	}
	twice(h.public(), leave).WantText("Đã thôi nhận tin")
	in.Title = "Một mục nữa"
	h.publish(h.commune.ID, in, "2021-04-20")
	if _, err := runner.Drain(t.Context()); err != nil || len(letters()) != 2 {
		t.Fatalf("%d letters after leaving, %v", len(letters()), err)
	}
	var n int
	if err := h.d.QueryRow(t.Context(), `SELECT COUNT(*) FROM disclosure_subscriber`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d addresses are kept, %v", n, err)
	}
}

func TestFeedAndOpenData(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	in := budget()
	in.Title, in.Matter, in.Period = `=HYPERLINK("x") & "dấu", <chấm>`, "", ""
	h.publish(h.commune.ID, in, "2021-04-07")
	for _, unit := range []string{thanhNua, "/dien-bien"} {
		p := h.public().Get(unit + "/bang-niem-yet.atom").Want(200)
		if p.Header.Get("Content-Type") != "application/atom+xml; charset=utf-8" {
			t.Errorf("feed is %s", p.Header.Get("Content-Type"))
		}
		var f struct {
			ID      string `xml:"id"`
			Updated string `xml:"updated"`
			Entries []struct {
				ID, Title, Updated, Published string
				Link                          struct {
					Href string `xml:"href,attr"`
				} `xml:"link"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(p.Body), &f); err != nil || len(f.Entries) != 2 {
			t.Fatalf("%d entries, %v", len(f.Entries), err)
		}
		if f.Updated != "2021-04-07T05:00:00Z" || !strings.Contains(p.Body, "http://dinh.test"+h.Link(v.Item, "")) || !strings.Contains(p.Body, "urn:uuid:"+v.ID) {
			t.Errorf("feed %s", p.Body)
		}
		file := h.public().Get(unit + "/bang-niem-yet.csv").Want(200)
		if !strings.HasPrefix(file.Body, "\uFEFF") || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
			t.Error("the file has no byte order mark, or no name")
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\uFEFF"))).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		if rows[0][2] != "Tên mục" || rows[1][2] != `'=HYPERLINK("x") & "dấu", <chấm>` || rows[2][0] != "03322" || rows[2][1] != "Xã Thanh Nưa" || rows[2][6] != "21/TB-UBND" || rows[2][14] != "Chờ niêm yết" {
			t.Errorf("rows %q", rows)
		}
		if strings.Contains(file.Body, "Hặc") || strings.Contains(file.Body, "Hương") {
			t.Error("the open data name persons")
		}
		var data struct {
			About map[string]string
			Items []map[string]any
		}
		if err := json.Unmarshal([]byte(h.public().Get(unit+"/bang-niem-yet.json").Want(200).Body), &data); err != nil || len(data.Items) != 2 {
			t.Fatalf("%d items, %v", len(data.Items), err)
		}
		if data.Items[1]["title"] != v.Title || data.Items[1]["days_needed"] != 30.0 || data.Items[1]["published"] != "2021-04-06" {
			t.Errorf("item %v", data.Items[1])
		}
	}
}

// Whoever wrote an address on paper finds the item after the unit was merged away and another one has its name.
func TestAddressesOutliveAMerger(t *testing.T) {
	t.Parallel()
	clock := civil.Fixed("2021-04-20")
	h := newSquareAt(t, clock)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	before := h.Link(v.Item, "")
	tree := h.dir.On("2021-04-20")
	other, ok := tree.ByCode("03325")
	if !ok {
		t.Fatal("no neighbour")
	}
	h.write(func(tx *db.Tx) error {
		_, err := h.org.MergeTx(t.Context(), tx, access.System, org.Merge{
			Day: "2021-04-15", Act: "Nghị quyết 1/NQ", Old: []org.Ref{{ID: h.commune.ID, Version: h.commune.Version}, {ID: other.ID, Version: other.Version}}, New: org.Draft{Kind: org.Commune, Code: "99999", Name: "Xã Thanh Nưa", ParentID: h.commune.ParentID, Staff: org.Unknown, Workers: org.Unknown},
		})
		return err
	})
	h.k.Drop("*")
	u, _ := h.dir.On("2021-04-20").ByCode("99999")
	if u == nil || h.dir.Path(u.ID, "2021-04-20") != thanhNua {
		t.Fatalf("the new unit has another address: %v", u)
	}
	h.public().Get(before).Want(200).Check().WantText("Dự toán thu, chi")
	h.public().Get("/n/" + v.Code).Want(200).WantText("Dự toán thu, chi")
	h.public().Get(h.Link(v.Item, "/to-niem-yet")).Want(200).WantText("XÃ THANH NƯA")
	// The new unit's board is empty and names the boards before it.
	board := twice(h.public(), thanhNua+"/bang-niem-yet")
	if board.Has("Dự toán thu, chi") {
		t.Error("the new unit's board shows what another unit told")
	}
	earlier := ""
	for _, a := range board.Find("main a[href]") {
		if strings.HasSuffix(webtest.Attr(a, "href"), "/bang-niem-yet?on=2021-04-14") && webtest.Text(a) == "Xã Thanh Nưa" {
			earlier = webtest.Attr(a, "href")
		}
	}
	if earlier == "" {
		t.Fatalf("no way to the boards before in %s", board.Main())
	}
	h.public().Get(earlier).Want(200).WantText("Dự toán thu, chi")
	// The new unit may tell something of the same name: both are found, each under its own address.
	w := h.publish(u.ID, budget(), "2021-04-20")
	if h.Link(w.Item, "") == h.Link(v.Item, "") {
		t.Error("two items have one address")
	}
	for _, x := range []*disclosure.View{v, w} {
		if p := h.public().Get("/n/" + x.Code).Want(200); !strings.Contains(p.Body, "/n/"+x.Code) {
			t.Errorf("%s leads to another item", x.Code)
		}
	}
}

func zipped(body string) int {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, 7)
	_, _ = w.Write([]byte(body))
	_ = w.Close()
	return b.Len()
}

// A board of hundreds of items is read by pages that stay small, each item once; the whole of it in print too.
func TestBoardOfManyItems(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	in := budget()
	in.Matter, in.Period = "", ""
	const many = 130
	for n := range many {
		in.Title = fmt.Sprintf("Thông báo số %d về danh sách hộ được hỗ trợ gạo, giống cây trồng và vật nuôi đợt %d năm 2021", n, many-n)
		h.publish(h.commune.ID, in, civil.Date("2021-03-01").Add(n%45))
	}
	for _, start := range []string{thanhNua + "/bang-niem-yet", "/dien-bien/bang-niem-yet", thanhNua + "/bang-niem-yet?nam=2021&q=ho+tro+gao"} {
		seen := map[string]bool{}
		c := h.public()
		p := c.Get(start).Want(200).Check()
		for n := 0; ; n++ {
			if size := zipped(p.Body); size > 60<<10 {
				t.Errorf("%s: %d bytes", p.URL, size)
			}
			for _, a := range p.Find(".dinh-board h3 a") {
				if seen[webtest.Text(a)] {
					t.Fatalf("%s: twice: %s", p.URL, webtest.Text(a))
				}
				seen[webtest.Text(a)] = true
			}
			next := p.Find("a[rel=next]")
			if len(next) == 0 || n > 20 {
				break
			}
			p = c.Get(webtest.Attr(next[0], "href")).Want(200)
		}
		if len(seen) != many {
			t.Errorf("%s: %d of %d", start, len(seen), many)
		}
	}
	p := h.public().Get(thanhNua + "/bang-niem-yet/in").Want(200).Check()
	if n := len(p.Find("tbody tr")); n != many {
		t.Errorf("%d rows printed", n)
	}
	if size := zipped(p.Body) * 500 / many; size > 60<<10 {
		t.Errorf("500 printed rows would take %d bytes", size)
	}
}

func TestQRHasItsQuietZone(t *testing.T) {
	t.Parallel()
	q, err := newQR("https://dinh.dienbien.gov.vn/n/7K3M2")
	if err != nil {
		t.Fatal(err)
	}
	if q.Size != 29+8 || !strings.HasPrefix(q.Path, "M4 4h7v1h-7z") {
		t.Errorf("size %d, %.40s", q.Size, q.Path)
	}
}

// Whatever was written, a sheet has no more lines than its page: what does not fit is cut, and says where the rest is.
func TestSheetKeepsToItsPage(t *testing.T) {
	t.Parallel()
	u := &org.Unit{ID: "u", Name: "Xã Thanh Nưa", Kind: org.Commune}
	h := &pages{}
	h.Units = newSquare(t).dir
	sentence := "Ủy ban nhân dân xã thông báo để bà con biết việc thu, chi ngân sách trong năm. "
	for _, c := range []struct {
		name, title, summary, body string
		cut, whole                 bool
	}{
		{"short", "Dự toán năm 2021", "Một câu.", "Nội dung.", false, true},
		{"a table that fits", "Dự toán năm 2021", "Một câu.", strings.Repeat("| Thu xã được hưởng | 286,4 |\n", 4), false, true},
		{"a table that does not", "Dự toán năm 2021", "Một câu.", strings.Repeat("| Thu xã được hưởng | 286,4 |\n", 80), true, false},
		{"a long summary", "Dự toán năm 2021", strings.Repeat(sentence, 80), "Nội dung.", true, false},
		{"many lines", "Dự toán năm 2021", strings.Repeat("một dòng\n", 200), "Nội dung.", true, false},
		{"no words to break at", strings.Repeat("W", 2000), strings.Repeat("M", 9000), strings.Repeat("x", 9000), true, false},
		{"no summary", strings.Repeat("Danh sách hộ nghèo ", 60), "", strings.Repeat("**"+sentence+"**\n\n", 60), true, false},
	} {
		v := &disclosure.View{
			Item: &disclosure.Item{Unit: "u", Published: "2021-04-06"}, Ed: &disclosure.Edition{Title: c.title, Summary: c.summary, Body: c.body, DocNumber: strings.Repeat("1", 300)},
			Places: []disclosure.Place{{Kind: disclosure.PlaceOffice}, {Kind: disclosure.PlaceVillage, Name: strings.Repeat("Bản dài ", 40)}},
		}
		for _, cover := range []bool{false, true} {
			p := &sheetPage{Cover: cover, Contact: strings.Repeat("bà Lò Thị Hương ", 60)}
			p.fill(h, &web.Context{Unit: u, On: "2021-04-20", Today: "2021-04-20"}, v)
			used := sheetFixed + 12*linesOf(p.Title) + tenthsOf(p.Body)
			for _, part := range append([]string{p.Basis + p.Who + p.Doc, p.Time, p.Where, p.Contact}, p.Lines...) {
				used += 10*linesOf(part) + sheetGap
			}
			if used > sheetTenths+10 { // cut parts of the head may leave the text its least three lines
				t.Errorf("%s: %d tenths of a line of %d", c.name, used, sheetTenths)
			}
			if !cover && (p.Cut != c.cut || (p.Body != "") != c.whole) {
				t.Errorf("%s: cut %v, whole text %v", c.name, p.Cut, p.Body != "")
			}
		}
	}
}

func TestCutText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		n    int
		want string
		cut  bool
	}{
		{"ngắn", 10, "ngắn", false},
		{"Năm nay xã thu nhiều hơn", 15, "Năm nay xã thu…", true},
		{"Năm nay xã, thu", 11, "Năm nay xã…", true},
		{"liềnkhôngcódấucách", 8, "liềnkh…", true},
	} {
		if got, cut := cutText(c.in, c.n); got != c.want || cut != c.cut {
			t.Errorf("cutText(%q, %d) = %q, %v", c.in, c.n, got, cut)
		}
	}
}
