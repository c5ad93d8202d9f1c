package disclosureweb

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/extract"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

// snapshot is a real JPEG of a colour.
func snapshot(t testing.TB, n uint8) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			img.Set(x, y, color.RGBA{n, uint8(x), uint8(y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// posted is an item with places to hang at, up since 6/4.
func (h *square) posted() *disclosure.View {
	in := budget()
	tree := h.dir.On("2021-04-20")
	in.Places = []string{"office", "website", "loudspeaker", disclosure.VillageKey(h.village.ID)}
	for _, v := range tree.Children(h.commune.ID) {
		if v.ID != h.village.ID {
			in.Places = append(in.Places, disclosure.VillageKey(v.ID))
		}
	}
	return h.publish(h.commune.ID, in, "2021-04-06")
}

// approved is an item that is approved by paper on a day and not published.
func (h *square) approved(in disclosure.ItemInput, day civil.Date) (id string) {
	h.t.Helper()
	h.write(func(tx *db.Tx) error {
		i, err := h.CreateTx(h.t.Context(), tx, access.System, disclosure.NewItem{Unit: h.commune.ID, ItemInput: in})
		if err != nil {
			return err
		}
		id = i.ID
		return h.ApproveTx(h.t.Context(), tx, access.System, id, disclosure.Approval{PaperNumber: "21/TB-UBND", PaperDay: day, PaperSigner: "Cà Văn Hặc"})
	})
	return id
}

func TestPostTemplates(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	webtest.CheckTemplates(t, h.k, postPages())
	webtest.CheckReserved(t, h.k)
}

func TestPostAtOffice(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.posted()
	c := h.in("huong", h.commune.ID, access.Officer)
	at := placePath(v.ID, "office")
	twice(c, at).WantText("Chờ niêm yết", "Phải đủ 30 ngày liên tục", "Ghi đã dán")
	twice(c, at+"/dan")

	// What is wrong stands beside its field, and what was typed stays.
	p := c.Get(at+"/dan").Form("form").SetDate("day", "2021-04-21").Set("hour", "sáng sớm").Send().Want(422).Check()
	p.WantText("Ngày này chưa đến", "8 giờ 15 hoặc 08:15")
	if got := p.Form("form").Values.Get("hour"); got != "sáng sớm" {
		t.Errorf("hour typed: %q", got)
	}
	p = p.Form("form").SetDate("day", "2021-04-06").Set("hour", "8 giờ 15").Attach("photos", "a.jpg", "image/jpeg", []byte("GIF89a")).Send().Want(422).Check()
	if p.Text("#f-photos-error") == "" {
		t.Errorf("a picture that is none: %s", p.Main())
	}
	p = p.Form("form").Attach("photos", "a.jpg", "image/jpeg", snapshot(t, 1)).Send()
	if p.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", p.Status, p.Main())
	}
	p = p.Follow().Check()
	p.WantText("Dán 8 giờ 15 ngày 6/4/2021", "Ngày thứ 15 trên 30", "Bà huong", "hết 5/5/2021")
	img := p.Find("img")
	if len(img) != 1 {
		t.Fatalf("%d photos", len(img))
	}
	thumb := webtest.Attr(img[0], "src")
	if a := c.Get(thumb).Want(200); a.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("thumb %v", a.Header)
	}
	if a := c.Get(strings.Replace(thumb, "/nho", "/goc", 1)).Want(200); !bytes.Equal([]byte(a.Body), snapshot(t, 1)) {
		t.Error("the original is not as it came")
	}
	webtest.New(t, h.k).Do(http.MethodGet, thumb, nil, nil).Want(http.StatusSeeOther)

	// The public sees the copy on the item's page, and not the original.
	h.public().Get(thanhNua + "/bang-niem-yet/2021/" + v.Slug).Want(200).WantText("Dán 8 giờ 15")

	// A second sheet while the first hangs: the question appears.
	p = twice(c, at+"/dan-lai")
	p.WantText("vẫn ghi là đang treo")
	p = p.Form("form").SetDate("day", "2021-04-12").Send().Want(422).Check()
	p.WantText("Xin ghi tờ đó hết treo từ ngày nào")
	p = p.Form("form").SetDate("prev-day", "2021-04-05").Set("prev-kind", "missing").Send().Want(422).Check()
	p.WantText("không thể hết treo trước đó")
	p = p.Form("form").SetDate("prev-day", "2021-04-10").Send().Follow().Want(200).Check()
	p.WantText("Thấy mất ngày 10/4/2021", "Gián đoạn từ 10/4/2021", "Ngày thứ 9 trên 30")

	// Taken down before it was put up; then without a reason; then with one; then it was a mistake.
	p = twice(c, at+"/go")
	p = p.Form("form").Set("kind", "taken").SetDate("day", "2021-04-11").Send().Want(422).Check()
	p.WantText("không thể hết treo trước đó", "Xin ghi vì sao gỡ trước hạn")
	p = p.Form("form").SetDate("day", "2021-04-19").Set("note", "sửa bảng").Send().Follow().Want(200).Check()
	p.WantText("Gỡ trước hạn ngày 19/4/2021", "sửa bảng")
	p = p.Click("Vẫn còn treo").Want(200).Check()
	p.Form("form").Send().Want(422).Check().WantText("Xin ghi lý do")
	p = p.Form("form").Set("why", "nhầm").Send().Follow().Want(200)
	p.WantText("Ghi không còn treo", "Đang niêm yết")

	// Struck out: it stays, crossed out.
	p = p.Click("Gạch bỏ").Want(200).Check()
	p = p.Form("form").Set("why", "ghi nhầm mục").Send().Follow().Want(200).Check()
	p.WantText("Đã gạch bỏ: ghi nhầm mục")
}

func TestPostPhotosPage(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.posted()
	h.hang(v, "office", "2021-04-06")
	c := h.in("huong", h.commune.ID, access.Officer)
	p := c.Get(placePath(v.ID, "office")).Click("Thêm ảnh").Want(200).Check()
	p.Form("#them-anh").Send().Want(422).Check().WantText("Xin chọn ảnh")
	p = p.Form("#them-anh").Attach("photos", "b.jpg", "image/jpeg", snapshot(t, 9)).Send().Follow().Want(200).Check()
	photo := webtest.Attr(p.Find("img")[0], "src")
	p = p.Click("Thêm ảnh").Want(200).Check()
	p.Form("#bo-anh").Send().Want(422).Check()
	drop := p.Find("#bo-anh input[type=radio]")
	p = p.Form("#bo-anh").Set("drop", webtest.Attr(drop[0], "value")).Set("why", "thấy mặt người").Send().Follow().Want(200).Check()
	if len(p.Find("img")) != 0 {
		t.Error("the photo is still there")
	}
	c.Get(photo).Want(200) // the unit keeps it
}

func TestPostVillage(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.posted()
	at := placePath(v.ID, disclosure.VillageKey(h.village.ID))
	officer := h.in("huong", h.commune.ID, access.Officer)
	p := twice(officer, at+"/dan")
	p = p.Form("form").SetDate("day", "2021-04-07").Send().Want(422).Check()
	p.WantText("Xin chọn biết bằng cách nào", "Xin ghi ai báo cho biết ở Bản Mển")
	p = p.Form("form").Set("how", "chat").Set("person", "anh Quàng Văn Ún").Send().Follow().Want(200).Check()
	p.WantText("anh Quàng Văn Ún, báo trong nhóm chat. Bà huong nhập ngày 20/4/2021")

	h.write(func(tx *db.Tx) error {
		return h.TornTx(t.Context(), tx, access.Actor{}, disclosure.NewTorn{Item: v.ID, Place: disclosure.VillageKey(h.village.ID), Kind: disclosure.TornTorn, Body: "mưa ướt", Seen: "2021-04-18"})
	})
	twice(officer, at).WantText("Có người báo tờ này rách ngày 18/4/2021", "mưa ướt", "Ghi kết quả xem lại")

	head := h.in("un", h.village.ID, access.VillageHead)
	if p := twice(head, at); p.Has("Ghi kết quả xem lại") {
		t.Error("a village head is sent to the unit's desk")
	}
	head.Get(placePath(v.ID, "office")).Want(403)
	head.Get(placePath(v.ID, "website")).Want(403)
	h.in("khac", h.school.ID, access.Officer).Get(at).Want(404)
	h.in("mat", h.commune.ID, access.BoardMember).Get(at).Want(404)
	officer.Get(placePath(v.ID, "v:khong-co")).Want(404)
	officer.Get(placePath("khong-co", "office")).Want(404)
}

func TestPhone(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.posted()
	head := h.in("un", h.village.ID, access.VillageHead)

	// The list, then the sheet: the village is known, one photo, two taps.
	p := twice(head, phonePath)
	p.WantText(v.Title, "Chờ niêm yết")
	p = p.Click(v.Title).Want(200).Check()
	p.WantText("Bản Mển", "Chụp tờ vừa dán")
	input := p.Find("input[type=file]")
	if len(input) != 1 || webtest.Attr(input[0], "capture") != "environment" || webtest.Attr(input[0], "accept") != "image/*" {
		t.Errorf("camera: %v", input)
	}
	p.Form("form").Send().Want(422).Check().WantText("Xin chụp một ảnh")
	p = p.Form("form").Attach("photo", "IMG_0001.jpg", "image/jpeg", snapshot(t, 3)).Send().Follow().Want(200).Check()
	p.WantText("Bản Mển đã dán", "Dán 12 giờ 00 ngày 20/4/2021", "vẫn còn treo")

	// Once more: it hangs still.
	p = p.Form("form").Attach("photo", "IMG_0002.jpg", "image/jpeg", snapshot(t, 4)).Send().Follow().Want(200).Check()
	p.WantText("Đã thêm ảnh cho Bản Mển")
	full := h.view(v.ID)
	if len(full.Postings) != 1 || len(full.Photos[full.Postings[0].ID]) != 2 || full.Postings[0].UpActor != "un" {
		t.Errorf("postings %+v", full.Postings)
	}
	// It is gone: one tap, no photo.
	f := p.Form("form")
	f.Values.Set("viec", "missing")
	p = f.Send().Follow().Want(200).Check()
	p.WantText("không còn treo", "Chụp tờ vừa dán")

	// Codes that are none, and those of others.
	for code, want := range map[string]string{"O0I1": "Mã có năm chữ và số", "ZZZZZ": "Không có mục mang mã ZZZZZ"} {
		head.Get(phonePath + "?ma=" + code).Want(200).Check().WantText(want)
	}
	h.in("khac", h.school.ID, access.Officer).Get(phonePath + "?ma=" + v.Code).WantText("Không có mục mang mã")
	h.public().Do(http.MethodGet, phonePath+"?ma="+v.Code, nil, nil).Want(http.StatusSeeOther)

	// An officer has many places and chooses; the next time the place is known.
	officer := h.in("huong", h.commune.ID, access.Officer)
	p = twice(officer, phonePath+"?ma="+v.Code)
	p.WantText("đang đứng ở nơi nào", "Trụ sở", "Bản Phiêng Ban")
	p = p.Click("Trụ sở").Want(200).Check()
	p.Form("form").Attach("photo", "x.jpg", "image/jpeg", snapshot(t, 5)).Send().Follow().Want(200)
	twice(officer, phonePath+"?ma="+strings.ToLower(v.Code)).WantText("Trụ sở", "vẫn còn treo")
	twice(officer, phonePath+"?chon=1&ma="+v.Code).WantText("đang đứng ở nơi nào")
}

func TestBatchPages(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.posted()
	c := h.in("huong", h.commune.ID, access.Officer)
	p := twice(c, batchPath+"?muc="+v.ID)
	p.Form("form").Send().Want(422).Check().WantText("Xin chọn ảnh")
	p.Form("form").Set("item", "").Attach("photos", "1.jpg", "image/jpeg", snapshot(t, 1)).Send().Want(422).Check().WantText("Xin chọn mục")

	// One of three is no picture: the two others are kept, and sending them again keeps them once.
	bad := p.Form("form").Attach("photos", "1.jpg", "image/jpeg", snapshot(t, 1)).Attach("photos", "hỏng.jpg", "image/jpeg", []byte("no")).Attach("photos", "2.jpg", "image/jpeg", snapshot(t, 2)).Send().Want(422).Check()
	bad.WantText("Đã nhận 2 ảnh", "hỏng.jpg")
	twice(c, batchPath).WantText("2 ảnh, nhận lúc")
	p = bad.Form("form").Attach("photos", "1.jpg", "image/jpeg", snapshot(t, 1)).Attach("photos", "3.jpg", "image/jpeg", snapshot(t, 3)).Send()
	if p.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", p.Status, p.Main())
	}
	p = p.Follow().Want(200).Check()
	p.WantText("3 ảnh đang chờ", "Nơi của ảnh 3", "Ảnh không ghi ngày chụp là chuyện thường")
	path := p.URL.RequestURI()
	twice(c, path)
	h.in("khac", h.school.ID, access.Officer).Get(path).Want(404)
	h.in("un", h.village.ID, access.VillageHead).Get(path).Want(404)
	h.in("un", h.village.ID, access.VillageHead).Get(batchPath + "?muc=" + v.ID).Want(200) // for the village's own items

	p.Form("form").Send().Want(422).Check().WantText("Chưa chọn nơi cho ảnh nào")
	selects := p.Find(".dinh-batch select")
	if len(selects) != 3 {
		t.Fatalf("%d places to choose", len(selects))
	}
	name := func(n int) string { return webtest.Attr(selects[n], "name") }
	mine := disclosure.VillageKey(h.village.ID)
	f := p.Form("form").SetDate("day", "2021-04-25").Set(name(0), "office").Set(name(1), mine)
	w := f.Send().Want(422).Check()
	w.WantText("Ngày này chưa đến", "Xin ghi ai báo")
	f = w.Form("form").SetDate("day", "2021-04-07").Set("person", "các trưởng bản")
	f = f.Set(strings.Replace(name(1), "place", "day", 1), "9/4/2021").Set(strings.Replace(name(1), "place", "hour", 1), "16h30")
	p = f.Send().Follow().Want(200).Check()
	p.WantText("1 ảnh đang chờ", "2 ảnh đã có nơi", "Trụ sở (đang treo)")
	p = p.Form("form").Set(webtest.Attr(p.Find(".dinh-batch select")[0], "name"), "-").Set("person", "x").Send().Follow().Want(200).Check()
	p.WantText("Đã ghi 0 nơi")
	full := h.view(v.ID)
	if len(full.Postings) != 2 {
		t.Fatalf("postings %+v", full.Postings)
	}
	for _, x := range full.Postings {
		if x.Place == mine && (x.UpDay != "2021-04-09" || x.UpHour != "16:30") || x.Place == "office" && (x.UpDay != "2021-04-07" || x.UpPerson != "các trưởng bản") {
			t.Errorf("posting %+v", x)
		}
	}
}

func TestTellAndScript(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.posted()
	c := h.in("huong", h.commune.ID, access.Officer)
	p := twice(c, disclosure.WorkPath(v.ID)+"/phat")
	p = p.Form("form").SetDate("day", "2021-04-08").SetDate("until", "2021-04-06").Send().Want(422).Check()
	p.WantText("Ngày cuối sớm hơn ngày đầu")
	p = p.Form("form").SetDate("day", "2021-04-06").SetDate("until", "2021-04-08").Set("hour", "5:30").Set("lang", "th").Send().Follow().Want(200).Check()
	p.WantText("Đã phát, báo 5 giờ 30 ngày 6/4/2021", "Bằng tiếng Thái")
	p = p.Click("Gạch bỏ").Want(200).Check()
	p.Form("form").Set("why", "mất điện, không phát").Send().Follow().Want(200).WantText("Đã gạch bỏ: mất điện")

	s := twice(c, disclosure.WorkPath(v.ID)+"/bai-doc")
	s.WantText("Kính thưa bà con", "7.412,5 triệu đồng", "Đọc mất khoảng", "Ủy ban nhân dân xã Thanh Nưa")
}

func TestRecords(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.posted()
	mine := disclosure.VillageKey(h.village.ID)
	h.hang(v, "office", "2021-04-06")
	c := h.in("huong", h.commune.ID, access.Officer)
	work := disclosure.WorkPath(v.ID)
	twice(c, work+"/bien-ban").WantText("BIÊN BẢN", "XÃ THANH NƯA", "Trụ sở", "Bản Mển", "6/4/2021", "Bà Lò Thị Hương", "30 ngày liên tục")
	twice(c, work+"/bien-ban?noi=office").WantText("tại trụ sở Ủy ban nhân dân xã Thanh Nưa", "ngày 06 tháng 4 năm 2021", "đến hết ngày 5/5/2021")
	twice(c, work+"/bien-ban?noi="+mine).WantText("nhà văn hóa (điểm sinh hoạt cộng đồng) bản Mển", "…… tháng …… năm ………", "ĐẠI DIỆN THÔN, BẢN, TỔ DÂN PHỐ")
	paperFile(t, c, work+"/bien-ban.docx?noi=office", "BIÊN BẢN", "tại trụ sở Ủy ban nhân dân xã Thanh Nưa", "đến hết ngày 5/5/2021")
	paperFile(t, c, work+"/bien-ban-ket-thuc.pdf", "BIÊN BẢN", "Về việc kết thúc niêm yết công khai", "Bà Lò Thị Hương")
	twice(c, work+"/bien-ban-ket-thuc?noi=office").WantText("Chưa đủ số ngày", "số ngày niêm yết liên tục: 15 ngày", "0 câu hỏi")
	c.Get(work + "/bien-ban?noi=website").Want(404)
	head := h.in("un", h.village.ID, access.VillageHead)
	p := twice(head, work+"/bien-ban")
	p.WantText("bản Mển")
	if p.Has("Bà Lò Thị Hương") {
		t.Error("a village head's record has the office in it")
	}
	h.in("khac", h.school.ID, access.Officer).Get(work + "/bien-ban").Want(404)
}

func TestBoardsPages(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	c := h.in("huong", h.commune.ID, access.Officer)
	twice(c, boardsPath).WantText("Chưa ghi bảng thông báo nào", "5 ngày làm việc")
	p := twice(c, boardsPath+"/them?don-vi="+h.commune.ID)
	p.Form("form").Send().Want(422).Check().WantText("Xin ghi tên bảng", "Xin ghi bảng treo ở đâu", "Xin ghi ngày")
	p = p.Form("form").Set("name", "Bảng chợ").Set("spot", "Cổng chợ Thanh Nưa").SetDate("from", "2021-01-05").Attach("photos", "b.jpg", "image/jpeg", snapshot(t, 8)).Send().Follow().Want(200).Check()
	p.WantText("Bảng chợ", "từ 5/1/2021")
	if len(p.Find("img")) != 1 {
		t.Error("no photo of the board")
	}
	edit := p.Click("Bảng chợ").Want(200).Check()
	edit.Form("form").Set("spot", "Trong chợ").Send().Follow().Want(200).WantText("Trong chợ")
	edit.Form("form").Set("spot", "Ngoài chợ").Send()
	late := c.Get(edit.URL.RequestURI()).Form("form")
	late.Values.Set("version", "1")
	late.Set("spot", "Sau chợ").Send().Want(409).Check().WantText("Người khác vừa sửa", "Trong chợ")
	h.in("khac", h.school.ID, access.Officer).Get(edit.URL.RequestURI()).Want(404)
	h.in("khac", h.school.ID, access.Officer).Get(boardsPath + "?don-vi=" + h.commune.ID).Want(404)

	// The officer cannot do away with the second person; the head can.
	p = twice(c, boardsPath+"/cai-dat?don-vi="+h.commune.ID)
	if len(p.Find("[name=two_people]")) != 0 {
		t.Error("an officer is asked for two people")
	}
	p.Form("form").Set("answer_days", "100").Send().Want(422).Check().WantText("Nhiều nhất 60 ngày")
	p.Form("form").Set("answer_days", "3").Set("contact", "bà Hương, Văn phòng xã").Send().Follow().Want(200).WantText("3 ngày làm việc", "bà Hương, Văn phòng xã")
	head := h.in("pom", h.commune.ID, access.Head)
	p = twice(head, boardsPath+"/cai-dat?don-vi="+h.commune.ID)
	p.Form("form").Set("two_people", "1").Send().Follow().Want(200).WantText("Có")
}

func TestPostingBeforePublication(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	in := budget()
	in.Places = []string{"office", disclosure.VillageKey(h.village.ID)}
	c := h.in("huong", h.commune.ID, access.Officer)
	head := h.in("un", h.village.ID, access.VillageHead)
	id := h.approved(in, "2021-04-12")
	at := placePath(id, disclosure.VillageKey(h.village.ID))
	twice(head, at).WantText("đã được duyệt nhưng chưa công bố")
	twice(head, phonePath).WantText("Dự toán thu, chi ngân sách xã năm 2021")
	p := head.Get(at+"/dan").Form("form").SetDate("day", "2021-04-11").Send().Want(422).Check()
	p.WantText("được duyệt ngày 12/4/2021")
	p.Form("form").SetDate("day", "2021-04-12").Send().Follow().Want(200).Check().WantText("Dán ngày 12/4/2021")
	twice(c, batchPath+"?muc="+id)
	if h.public().Get(thanhNua + "/bang-niem-yet").Has("Dự toán thu, chi ngân sách xã năm 2021") {
		t.Error("the board shows what is not published")
	}
	c.Cookies[web.CookieName] = "" // not signed in
	c.Do(http.MethodGet, at, nil, nil).Want(http.StatusSeeOther)
}

// paperFile takes a paper as a file and reads its text.
func paperFile(t *testing.T, c *webtest.Client, path string, words ...string) {
	t.Helper()
	r := c.Get(path).Want(200)
	got, err := extract.Text(t.Context(), strings.NewReader(r.Body), int64(len(r.Body)), r.Header.Get("Content-Type"), extract.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	text := strings.Join(strings.Fields(got.Text), " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s has no %q: %.3000s", path, w, text)
		}
	}
}
