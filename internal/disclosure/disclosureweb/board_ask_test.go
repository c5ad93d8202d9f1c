package disclosureweb

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/job"
	"dinh/internal/web/webtest"
)

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
