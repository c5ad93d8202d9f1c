package e2e

import (
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// TestKnowInABrowser goes a short way through the room disclosure in a browser: an officer makes an item from the list, approves it by its paper, publishes it,
// and gives photos to the office and a village; a villager reads board, item and sheet, which is one page, and asks; the officer answers.
func TestKnowInABrowser(t *testing.T) {
	t.Parallel()
	b := browser(t)
	for _, v := range []view{{"", 360, false}, {"/en", 1280, true}} {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			s, base := serve(t)
			u, _ := s.Units.On("2021-04-20").ByCode("03322")
			err := s.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := s.Org.AddVillagesTx(t.Context(), tx, access.System, u.ID, []org.VillageDraft{{Name: "Bản Mển"}}, "2021-04-01")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			lang := i18n.VI
			if v.lang != "" {
				lang = i18n.EN
			}
			k := &seen{t: t, p: i18n.For(lang), v: v, officer: sit(b, t, base, "thanhnua", v), reader: sit(b, t, base, "ba-con", v), files: t.TempDir()}
			k.publish()
			k.post()
			k.read()
			k.answer()
		})
	}
}

// seen is the way of one view.
type seen struct {
	t               *testing.T
	p               *i18n.Printer
	v               view
	officer, reader *tab
	files           string
	work            string
}

const send = `main form[method=post] button[type=submit]:not([name])`

func (k *seen) file(name string, content []byte) string {
	k.t.Helper()
	at := filepath.Join(k.files, name)
	if err := os.WriteFile(at, content, 0o600); err != nil {
		k.t.Fatal(err)
	}
	return at
}

// here is where the tab is, without the language.
func (b *tab) here() string {
	b.t.Helper()
	at := strings.TrimPrefix(b.eval("address", "html", "baseURI"), b.base)
	at, _, _ = strings.Cut(strings.TrimPrefix(at, b.lang), "?")
	return at
}

func (k *seen) publish() {
	b := k.officer
	b.logIn("thanhnua")
	b.visit("/lam-viec/phai-cong-khai")
	b.click(`main a[href*="viec=` + budgetDuty + `"]`)
	b.fill("title", "Dự toán ngân sách xã năm 2021")
	b.fill("summary", "Xã thu 7.412,5 triệu đồng.")
	b.fillDay("decided", "31", "2", "2021")
	b.press(`form.dinh-form button[type=submit]:not([name])`, http.StatusUnprocessableEntity)
	if b.count(".govuk-error-summary") != 1 || b.value("title") != "Dự toán ngân sách xã năm 2021" {
		k.t.Errorf("%s: 31/2 is not refused, or what was typed is lost: %s", b.name, b.text("main"))
	}
	b.fillDay("decided", "19", "4", "2021")
	b.attach("file", k.file("thong-bao-21.pdf", budgetPDF(k.t)))
	b.click(`form.dinh-form button[type=submit]:not([name])`)
	k.work = b.here()
	b.reads("thong-bao-21", k.p.Date("2021-04-22"))
	b.visit(k.work + "/duyet")
	b.fill("paper_number", "21/TB-UBND")
	b.fillDay("paper_day", "20", "4", "2021")
	b.fill("paper_signer", "Cà Văn Hặc")
	b.click(`form.dinh-form button[type=submit]`)
	b.visit(k.work + "/cong-bo")
	b.tick(`input[name=secret][value=no]`)
	b.click(`form.dinh-form button[type=submit]`)
}

func (k *seen) post() {
	b := k.officer
	b.visit("/lam-viec/nhan-anh?muc=" + path.Base(k.work))
	b.attach("photos", k.file("1.jpg", snapshot(k.t, 1, "")), k.file("2.jpg", snapshot(k.t, 2, "")))
	b.click(send)
	b.pick(`.dinh-batch li:nth-child(1) select`, 1)
	b.pick(`.dinh-batch li:nth-child(2) select`, 2)
	b.fillDay("day", "20", "4", "2021")
	b.fill("person", "trưởng bản")
	b.tick(`input[name=how][value=chat]`)
	b.click(send)
	b.visit(k.work)
	b.reads("Bản Mển")
	b.visit(k.work + "/bien-ban")
	if n := b.pages("bien-ban"); n < 1 || n > 2 {
		k.t.Errorf("%s: the record of posting prints on %d sheets", b.name, n)
	}
}

func (k *seen) read() {
	b := k.reader
	b.visit(commune + "/bang-niem-yet")
	b.click(`main a[href*="/bang-niem-yet/2021/"]`)
	b.reads("Dự toán ngân sách xã năm 2021", "Bản Mển")
	if n := b.count(`main img`); n < 2 {
		k.t.Errorf("%s: %d photos of the sheets", b.name, n)
	}
	item := b.here()
	b.click(`main a[href$="/to-niem-yet"]`)
	b.reads("THÔNG BÁO", "/n/")
	if n := b.pages("to-niem-yet"); n != 1 {
		k.t.Errorf("%s: the sheet prints on %d pages", b.name, n)
	}
	b.visit(item + "/to-niem-yet?kieu=bia")
	b.visit(item)
	b.click(`main a[href$="/hoi"]`)
	b.press(send, http.StatusUnprocessableEntity)
	b.fill("hoi", "Chi đầu tư làm những gì?")
	b.click(send)
}

func (k *seen) answer() {
	b := k.officer
	b.visit("/lam-viec/hoi-dap")
	b.click(`main a[href*="/lam-viec/hoi-dap/"]`)
	b.tick(`input[name=lam][value=answered]`)
	b.fill("tra-loi", "Làm đường nội bản Mển.")
	b.click(send)
	b.visit(k.work + "/bien-ban-ket-thuc")
	k.reader.visit(commune + "/bang-niem-yet")
	k.reader.click(`main a[href*="/bang-niem-yet/2021/"]`)
	k.reader.reads("Chi đầu tư làm những gì?", "Làm đường nội bản Mển.")
}
