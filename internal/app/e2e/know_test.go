package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dinh/internal/app"
	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/document"
	documentpdf "dinh/internal/document/pdf"
	"dinh/internal/web/webtest"
)

// movingSite is a demonstration whose days go on when the test says so.
type movingSite struct {
	*site
	ahead *atomic.Int64
}

func moving(t testing.TB) movingSite {
	t.Helper()
	var ahead atomic.Int64
	o := options(folder(t), "")
	o.Clock = civil.Shifted(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }, app.DemoDay)
	return movingSite{site: open(t, o), ahead: &ahead}
}

// until lets the days go by; whoever was logged in has to log in again.
func (s movingSite) until(day civil.Date) {
	s.ahead.Add(int64(day.Sub(s.Clock.Today())) * int64(24*time.Hour))
	s.mu.Lock()
	clear(s.cookies)
	s.mu.Unlock()
}

// budgetDuty is the matter of the commune's plan and budget under the ordinance of 2007.
const budgetDuty = "pl-34-2007.d5.k1"

// villages are the twelve that the officer enters.
var villages = []string{
	"Bản Mển", "Bản Co Củ", "Bản Nà Lốm", "Bản Hồng Lạnh", "Bản Tâu", "Bản Nậm Ty", "Bản Pá Sáng", "Bản Phiêng Ban", "Bản Xôm", "Bản Co Pục", "Bản Nà Ten", "Bản Ten Núa",
}

// budgetPDF is the commune's notice as a real PDF; the word “Nậm Khẩu Hú” stands nowhere else.
func budgetPDF(t testing.TB) []byte {
	t.Helper()
	p := &document.Paper{
		Head: document.Head{Upper: "HUYỆN ĐIỆN BIÊN", Body: "ỦY BAN NHÂN DÂN XÃ THANH NƯA", Number: "21", Symbol: "TB-UBND", Place: "Thanh Nưa", Day: "2021-04-19"},
		Kind: "THÔNG BÁO", Subject: "Về việc công khai dự toán thu, chi ngân sách xã năm 2021",
		Blocks: []document.Block{document.P("Tổng thu 7.412,5 triệu đồng, trong đó chi sửa kênh Nậm Khẩu Hú 640 triệu đồng.")},
		Sent:   []string{"Lưu: VT"}, Signs: []document.Signature{{As: []string{"CHỦ TỊCH"}, Name: "Cà Văn Hặc"}},
	}
	var b bytes.Buffer
	if err := documentpdf.Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// snapshot is a photo of a sheet, each n another. taken is what the phone writes into it, "2021:04:20 08:15:00"; a chat group leaves nothing.
func snapshot(t testing.TB, n uint8, taken string) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			img.SetRGBA(x, y, color.RGBA{n * 17, uint8(x), uint8(y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	if taken == "" {
		return b.Bytes()
	}
	le := binary.LittleEndian
	entry := func(out []byte, tag, kind uint16, count, value uint32) []byte {
		return le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(out, tag), kind), count), value)
	}
	x := append([]byte("Exif\x00\x00II*\x00"), 8, 0, 0, 0)
	x = entry(entry(le.AppendUint16(x, 2), 0x0112, 3, 1, 6), 0x8769, 4, 1, 38) // turned by a quarter; the block of the camera
	x = le.AppendUint32(x, 0)
	x = entry(le.AppendUint16(x, 1), 0x9003, 2, 20, 56)
	x = append(append(le.AppendUint32(x, 0), taken...), 0)
	segment := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(x)+2))...)
	return slices.Concat(b.Bytes()[:2], segment, x, b.Bytes()[2:])
}

// hrefs are the addresses of a page's links that have the words in them.
func hrefs(p *webtest.Page, words string) []string {
	var out []string
	for _, a := range p.Find("a[href]") {
		if h := webtest.Attr(a, "href"); strings.Contains(h, words) && !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

func one(t testing.TB, p *webtest.Page, words string) string {
	t.Helper()
	all := hrefs(p, words)
	if len(all) == 0 {
		t.Fatalf("%s: no link with %q in\n%s", p.URL, words, p.Main())
	}
	return all[0]
}

// knowing is one item's way from the slot to the end record.
type knowing struct {
	movingSite
	t     *testing.T
	at    string            // the item's work page
	keys  map[string]string // by village: the key of its place
	code  string            // of the short link
	pub   string            // the item's public page
	photo string            // the address of a photo that everybody sees
}

// TestFullBoard takes a commune from zero to a full board: twelve villages, an item from the list of what must be told, a PDF, the head's approval, sheets at the
// office and in all villages from one batch of photos, one sheet that was gone and begins anew, the record at the end; a villager reads, scans and asks, the
// officer answers, the department sees who has told nothing.
func TestFullBoard(t *testing.T) {
	t.Parallel()
	k := &knowing{movingSite: moving(t), t: t, keys: map[string]string{}}
	k.enterVillages()
	k.follow(disclosure.SlotDue)
	k.write()
	k.approve()
	k.post()
	k.lose()
	k.villager()
	k.end()
	k.follow(disclosure.SlotFilled)
	if err := k.Audit.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, err := k.Audit.Verify(t.Context()); err != nil || !r.OK() {
		t.Errorf("the log after it all: %v, %+v", err, r.Faults)
	}
}

func (k *knowing) officer() *webtest.Client { return k.as(k.t, "thanhnua") }

func (k *knowing) enterVillages() {
	k.t.Helper()
	p := k.officer().Get("/lam-viec/thon-ban").Want(http.StatusOK).Form("main form[method=post]").Set("villages", strings.Join(villages, "\n")).SetDate("day", "2021-04-01").Submit().Want(http.StatusOK).Check()
	p.WantText(villages...)
	tree := k.Units.On(k.Clock.Today())
	u, _ := tree.ByCode("03322")
	for _, v := range tree.Children(u.ID) {
		k.keys[v.Name] = disclosure.VillageKey(v.ID)
	}
	if len(k.keys) != len(villages) {
		k.t.Fatalf("%d villages: %v", len(k.keys), k.keys)
	}
}

// write goes from the list of what must be told to a draft with a PDF, through what goes wrong on the way.
func (k *knowing) write() {
	k.t.Helper()
	slots := k.officer().Get("/lam-viec/phai-cong-khai").Want(http.StatusOK).Check()
	slots.WantText("Điều 5", "Lập mục công khai")
	form := k.officer().Get(one(k.t, slots, "viec="+budgetDuty)).Want(http.StatusOK).Check().Form("form.dinh-form")
	for name, key := range k.keys {
		if !slices.Contains(form.Values["places"], key) {
			k.t.Errorf("%s is not chosen beforehand", name)
		}
	}
	if !slices.Contains(form.Values["places"], "office") || !slices.Contains(form.Values["places"], "website") {
		k.t.Errorf("office and website are not chosen beforehand: %v", form.Values["places"])
	}
	form.Set("title", "Dự toán thu, chi ngân sách xã Thanh Nưa năm 2021").Set("summary", "Năm nay xã thu 7.412,5 triệu đồng.").Set("doc_number", "21/TB-UBND").SetDate("doc_day", "2021-04-19").SetDate("decided", "2021-04-19")
	refused := form.Attach("file", "thong-bao-21.pdf", "application/pdf", []byte("MZ\x90\x00 program")).Send().Want(http.StatusUnprocessableEntity).Check()
	beside(k.t, refused, "file")
	again := refused.Form("form.dinh-form")
	if got := again.Values.Get("summary"); got != "Năm nay xã thu 7.412,5 triệu đồng." {
		k.t.Errorf("after a refused file the summary is %q", got)
	}
	work := again.Attach("file", "thong-bao-21.pdf", "application/pdf", budgetPDF(k.t)).Submit().Want(http.StatusOK).Check()
	work.WantText("thong-bao-21", "22/4/2021")
	k.at = work.URL.Path
	k.officer().Get("/lam-viec/phai-cong-khai").WantText("Dự toán thu, chi ngân sách xã Thanh Nưa năm 2021")
}

// approve: the officer hands in, the head approves on screen, the officer publishes.
func (k *knowing) approve() {
	k.t.Helper()
	k.officer().Get(k.at + "/trinh").Want(http.StatusOK).Form("form.dinh-form").Send().Want(http.StatusUnprocessableEntity).Check() // a state secret: yes or no?
	k.officer().Get(k.at+"/trinh").Form("form.dinh-form").Set("secret", "no").Submit().Want(http.StatusOK).Check()
	head := k.as(k.t, "ct-thanhnua")
	notice := head.Get("/lam-viec/thong-bao").Want(http.StatusOK).Check()
	waiting := head.Get(one(k.t, notice, "/lam-viec/niem-yet/")).Want(http.StatusOK).Check()
	if waiting.URL.Path != k.at && waiting.URL.Path != k.at+"/duyet" {
		k.t.Errorf("the notice leads the head to %s", waiting.URL)
	}
	head.Get(k.at+"/duyet").Want(http.StatusOK).Form("form.dinh-form").Set("how", "man-hinh").Submit().Want(http.StatusOK).Check()
	done := k.officer().Get(k.at + "/cong-bo").Want(http.StatusOK).Form("form.dinh-form").Submit().Want(http.StatusOK).Check()
	k.pub = slices.MinFunc(hrefs(done, commune+"/bang-niem-yet/2021/"), func(a, b string) int { return len(a) - len(b) }) // not its sheet, not its message
}

// post: thirteen photos in one batch, some as the phone wrote them, some as a chat group leaves them.
func (k *knowing) post() {
	k.t.Helper()
	k.until("2021-04-21")
	form := k.officer().Get("/lam-viec/nhan-anh?muc=" + path.Base(k.at)).Want(http.StatusOK).Check().Form("main form[method=post]")
	for n := range 13 {
		taken := ""
		if n%3 == 0 {
			taken = fmt.Sprintf("2021:04:20 08:%02d:00", 10+n)
		}
		form.Attach("photos", fmt.Sprintf("IMG_%02d.jpg", n), "image/jpeg", snapshot(k.t, uint8(n), taken))
	}
	batch := form.Submit().Want(http.StatusOK).Check()
	batch.WantText("13 ảnh")
	give := batch.Form("main form[method=post]").SetDate("day", "2021-04-20").Set("hour", "9 giờ").Set("person", "các trưởng bản").Set("how", "chat").Set("exif", "1")
	for n, sel := range batch.Find(".dinh-batch select") {
		key := "office"
		if n > 0 {
			key = k.keys[villages[n-1]]
		}
		give.Set(webtest.Attr(sel, "name"), key)
	}
	give.Submit().Want(http.StatusOK).Check().WantText("13 nơi")
	work := k.officer().Get(k.at).Want(http.StatusOK).Check()
	work.WantText(villages...)
	office := k.officer().Get(k.at + "/noi/office").Want(http.StatusOK).Check()
	office.WantText("Dán 8 giờ 10 ngày 20/4/2021", "Ngày thứ 2 trên 30")
	k.officer().Get(k.at+"/noi/"+k.keys["Bản Mển"]).Want(http.StatusOK).Check().WantText("Dán 9 giờ 00 ngày 20/4/2021", "các trưởng bản")

	// The public copy has neither place nor hour of the phone; the original is as it came.
	page := k.as(k.t, public).Get(k.pub).Want(http.StatusOK).Check()
	k.photo = webtest.Attr(page.Find("main img[src]")[0], "src")
	shown := k.as(k.t, public).Get(k.photo).Want(http.StatusOK)
	if strings.Contains(shown.Body, "Exif") {
		k.t.Error("the public copy of a photo tells of the phone")
	}
	original := strings.Replace(webtest.Attr(office.Find("main img[src]")[0], "src"), "/nho", "/goc", 1)
	if got := k.officer().Get(original).Want(http.StatusOK).Body; got != string(snapshot(k.t, 0, "2021:04:20 08:10:00")) {
		k.t.Error("the original of a photo is not as it came")
	}
}

// lost is the village whose sheet was gone.
const lost = "Bản Tâu"

// lose: a villager reports that the sheet is gone, the officer enters it, days later it is put up again, and its clock begins anew.
func (k *knowing) lose() {
	k.t.Helper()
	at := k.at + "/noi/" + k.keys[lost]
	k.until("2021-04-24")
	k.as(k.t, public).Get(k.pub+"/bao-mat-to").Want(http.StatusOK).Check().Form("main form[method=post]").Set("loai", "missing").Set("noi", k.keys[lost]).SetDate("ngay", "2021-04-23").Submit().Want(http.StatusOK).Check()
	k.officer().Get("/lam-viec/hoi-dap").Want(http.StatusOK).Check().WantText("Không thấy tờ niêm yết", lost)
	down := k.officer().Get(at + "/go").Want(http.StatusOK).Check().Form("main form[method=post]")
	p := down.Set("kind", "missing").SetDate("day", "2021-04-19").Set("how", "phone").Set("person", "trưởng bản").Send().Want(http.StatusUnprocessableEntity).Check()
	beside(k.t, p, "day") // down before up
	p.Form("main form[method=post]").SetDate("day", "2021-04-23").Submit().Want(http.StatusOK).Check().WantText("Thấy mất ngày 23/4/2021")
	k.as(k.t, public).Get(k.pub).Want(http.StatusOK).WantText(lost)
	k.until("2021-04-28")
	k.officer().Get(at+"/dan-lai").Want(http.StatusOK).Check().Form("main form[method=post]").SetDate("day", "2021-04-27").Set("how", "phone").Set("person", "trưởng bản").
		Attach("photos", "lai.jpg", "image/jpeg", snapshot(k.t, 14, "")).Submit().Want(http.StatusOK).Check().WantText("Gián đoạn từ 23/4/2021", "Ngày thứ 2 trên 30", "hết 26/5/2021")
	k.officer().Get(k.at+"/noi/office").WantText("Ngày thứ 9 trên 30", "hết 19/5/2021")
	page := k.as(k.t, public).Get(k.pub).Want(http.StatusOK).Check()
	page.WantText("Gián đoạn từ 23/4/2021", "Thấy mất ngày 23/4/2021")
	english := k.as(k.t, public).Get("/en" + k.pub).Want(http.StatusOK).Check()
	if english.Has("Gián đoạn") {
		k.t.Error("the English page gives the reason in Vietnamese")
	}
}

// shortLink is what a sheet says to type.
var shortLink = regexp.MustCompile(`/n/([ABCDEFGHJKLMNPQRSTUVWXYZ2-9]{5})\b`)

// villager: board, item, PDF, sheet, code, question; the officer answers.
func (k *knowing) villager() {
	k.t.Helper()
	c := k.as(k.t, public)
	c.Get(commune).Want(http.StatusOK).Check().WantText("Dự toán thu, chi ngân sách xã Thanh Nưa năm 2021")
	board := c.Get(commune + "/bang-niem-yet").Want(http.StatusOK).Check()
	item := board.Click("Dự toán thu, chi ngân sách xã Thanh Nưa năm 2021").Want(http.StatusOK).Check()
	if item.URL.Path != k.pub {
		k.t.Errorf("the board leads to %s", item.URL)
	}
	item.WantText(villages...)
	if file := c.Get(one(k.t, item, "/tep/")).Want(http.StatusOK); file.Body != string(budgetPDF(k.t)) || !strings.Contains(file.Header.Get("Content-Disposition"), "thong-bao-21.pdf") {
		k.t.Errorf("the PDF is not what the officer gave: %v", file.Header)
	}
	sheet := c.Get(one(k.t, item, "/to-niem-yet")).Want(http.StatusOK).Check()
	sheet.WantText("THÔNG BÁO", "Về việc công khai", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "30 ngày")
	m := shortLink.FindStringSubmatch(sheet.Text("article"))
	if m == nil {
		k.t.Fatalf("the sheet says no short link: %s", sheet.Text("article"))
	}
	k.code = m[1]
	if to := c.Get("/n/" + k.code); to.Status != http.StatusOK || to.URL.Path != k.pub {
		k.t.Errorf("the code leads to %s: %d", to.URL, to.Status)
	}
	for _, q := range []string{"du+toan+thanh+nua", "Nậm+Khẩu+Hú", "nam+khau+hu"} {
		if hits := hrefs(c.Get(province+"/tim?q="+q).Want(http.StatusOK).Check(), k.pub); len(hits) == 0 {
			k.t.Errorf("searching for %s does not find the item", q)
		}
	}
	for _, p := range []string{"/tin-nhan", "/anh-nhom.png"} {
		c.Get(k.pub + p).Want(http.StatusOK)
	}

	ask := c.Get(one(k.t, item, "/hoi")).Want(http.StatusOK).Check()
	receipt := ask.Form("main form[method=post]").Set("hoi", "Sửa kênh Nậm Khẩu Hú khi nào xong?").Set("noi", lost).Submit().Want(http.StatusOK).Check()
	if c.Get(k.pub).Has("khi nào xong") {
		k.t.Error("a question is shown before the unit has read it")
	}
	reply := k.officer().Get("/lam-viec/hoi-dap").Want(http.StatusOK).Check().Click("khi nào xong").Want(http.StatusOK).Check()
	reply.Form("main form[method=post]").Set("lam", "answered").Set("tra-loi", "Xong trước mùa mưa, tháng 6.").Submit().Want(http.StatusOK).Check()
	for _, at := range []string{k.pub, receipt.URL.Path, "/en" + k.pub} {
		c.Get(at).Want(http.StatusOK).Check().WantText("khi nào xong", "Xong trước mùa mưa")
	}
}

// end: when all days are over, the sheets come down and the record is ready to sign.
func (k *knowing) end() {
	k.t.Helper()
	k.until("2021-05-20")
	c := k.officer()
	c.Get(k.at + "/bien-ban-ket-thuc?noi=" + k.keys[lost]).Want(http.StatusOK).Check().WantText("Chưa đủ số ngày")
	k.until("2021-05-27")
	c = k.officer()
	for _, key := range []string{"office", k.keys[lost]} {
		down := c.Get(k.at+"/noi/"+key+"/go").Want(http.StatusOK).Form("main form[method=post]").Set("kind", "end").SetDate("day", "2021-05-27").Set("how", "phone")
		if key != "office" {
			down.Set("person", "trưởng bản")
		}
		down.Submit().Want(http.StatusOK).Check()
	}
	for _, lang := range []string{"", "/en"} {
		all := c.Get(lang + k.at + "/bien-ban-ket-thuc").Want(http.StatusOK).Check()
		all.WantText(append([]string{"BIÊN BẢN", "XÃ THANH NƯA", "Trụ sở", "30 ngày liên tục", "1 câu hỏi"}, villages...)...)
	}
	if p := c.Get(k.at + "/bien-ban-ket-thuc?noi=" + k.keys[lost]).Want(http.StatusOK).Check(); p.Has("Chưa đủ số ngày") {
		k.t.Errorf("after 30 days the record says: %s", p.Main())
	} else {
		p.WantText("27/4/2021", "23/4/2021")
	}
	c.Get(k.at).Want(http.StatusOK).Check()
	page := k.as(k.t, public).Get(k.pub).Want(http.StatusOK).Check()
	page.WantText("Gián đoạn từ 23/4/2021")
}

// follow: the department sees which communes miss which matters, and how xã Thanh Nưa stands with its budget.
func (k *knowing) follow(state disclosure.SlotState) {
	k.t.Helper()
	c := k.as(k.t, "snv")
	c.Get("/lam-viec/theo-doi-cong-khai").Want(http.StatusOK).Check().WantText("Xã Thanh Nưa", "Xã Thanh Minh")
	missing := c.Get("/lam-viec/theo-doi-cong-khai?q=thanh+nua&xem=danh-sach").Want(http.StatusOK).Check()
	duty, _ := k.Law().Duty("pl-34-2007.d5.k10") // nobody has told the procedures
	missing.WantText("Xã Thanh Nưa", duty.TitleVI)
	if budget, _ := k.Law().Duty(budgetDuty); missing.Has(budget.TitleVI) {
		k.t.Errorf("the budget is not due yet, or told, and is said to be missing: %s", missing.Main())
	}
	lines := table(k.t, c.Get("/lam-viec/theo-doi-cong-khai/bang.csv").Want(http.StatusOK))
	for _, l := range lines {
		if l[0] == "03322" {
			if !slices.Contains(l, string(state)) || state == disclosure.SlotFilled == slices.Contains(l, string(disclosure.SlotDue)) {
				k.t.Errorf("want %s in %v", state, l)
			}
			return
		}
	}
	k.t.Errorf("no line of xã Thanh Nưa among %d: %v", len(lines), lines[0])
}

// table reads a CSV as a table program does: it wants to see the byte order mark.
func table(t testing.TB, p *webtest.Page) [][]string {
	t.Helper()
	body, marked := strings.CutPrefix(p.Body, "\ufeff")
	lines, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || !marked || len(lines) < 2 {
		t.Fatalf("%s: %d lines, marked %v: %v\n%.300s", p.URL, len(lines), marked, err, p.Body)
	}
	return lines
}
