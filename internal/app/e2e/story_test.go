package e2e

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/plan"

	"github.com/xuri/excelize/v2"
)

// story is the demonstration's tour for one kind of reader: language, width of the screen, with or without script.
type story struct {
	t     *testing.T
	p     *i18n.Printer
	v     view
	s     *site
	base  string
	sit   func(name string) *tab
	task  string // assignment of task 1.2 at xã Thanh Nưa
	law   string // assignment of task 4.1.a
	files string
}

// TestJourneys walks through the tour in a browser: a commune does task 1.2, Home Affairs sees it done and presses the others, the chairman has one page,
// and everybody sees the province's progress and the law behind it. Pictures of every page are kept in the test's folder of artifacts.
func TestJourneys(t *testing.T) {
	t.Parallel()
	b := browser(t)
	// Each width with and without script, in each language; Home Affairs' long pages at one of each.
	for _, v := range []view{{"", 1280, true}, {"/en", 360, false}, {"", 360, true}, {"/en", 1280, false}} {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			s, base := serve(t)
			lang := i18n.VI
			if v.lang != "" {
				lang = i18n.EN
			}
			j := &story{t: t, p: i18n.For(lang), v: v, s: s, base: base, files: t.TempDir(), sit: func(name string) *tab { return sit(b, t, base, name, v) }}
			j.task, j.law = assignment(t, s, "1.2"), assignment(t, s, "4.1.a")
			j.officer()
			if v == (view{"", 1280, true}) || v == (view{"/en", 360, false}) {
				j.homeAffairs()
			}
			j.chairman()
			j.villager()
		})
	}
}

// assignment is what the plan asks of xã Thanh Nưa under a task.
func assignment(t *testing.T, s *site, task string) string {
	t.Helper()
	u, _ := s.Units.On("2021-04-20").ByCode("03322")
	b, err := s.Plans.Board(t.Context(), access.System, planID, plan.Filter{Under: u.ID, Task: task})
	if err != nil || len(b.Rows) != 1 {
		t.Fatal("no assignment", task, err)
	}
	return b.Rows[0].Cells[0].Assignment
}

func (j *story) file(name, content string) string {
	j.t.Helper()
	path := filepath.Join(j.files, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		j.t.Fatal(err)
	}
	return path
}

// officer: log in, receive the plan, open task 1.2, get it wrong, upload the signed plan, be done.
func (j *story) officer() {
	b := j.sit("thanhnua")
	b.visit("/")
	b.click(`.dinh-tools a[href$="/dang-nhap"]`)
	b.fill("ten", "thanhnua")
	b.fill("mat_khau", "khong-phai")
	b.press(`main form button[type=submit]`, http.StatusUnprocessableEntity)
	if b.value("ten") != "thanhnua" || b.value("mat_khau") != "" {
		j.t.Errorf("after a wrong password the form has %q and %q", b.value("ten"), b.value("mat_khau"))
	}
	b.fill("mat_khau", password)
	b.click(`main form button[type=submit]`)
	b.click(`form[action$="/viec-cua-toi/tiep-nhan"] button`)
	b.reads(j.p.T("planweb.list.received"))
	if n := b.count(`form[action$="/viec-cua-toi/tiep-nhan"]`); n != 0 {
		j.t.Errorf("the plan is received and %d forms still ask for it", n)
	}
	// A task with law behind it, and the one that is late.
	b.click(`main a[href$="/viec/` + j.law + `"]`)
	if b.count(`section[aria-labelledby=h-luat] a[href*="/luat/"]`) == 0 {
		j.t.Errorf("task 4.1.a names no law: %s", b.text("main"))
	}
	b.visit("/lam-viec/viec-cua-toi")
	b.click(`main a[href$="/viec/` + j.task + `"]`)
	b.reads(j.p.T("planweb.occ.due", "day", civil.Date("2021-03-31")))
	b.click(`main a[href*="/ket-qua"]`)

	// 31/2, a program that calls itself a PDF.
	b.fill("number", "15/KH-UBND")
	b.fillDay("day", "31", "2", "2021")
	b.fill("signer", "Quàng Văn Pọm")
	b.fill("note", "Kế hoạch của xã năm 2021")
	b.tick(`input[name=confirm][value=giay]`)
	b.attach("file", j.file("ke-hoach.pdf", "MZ\x90\x00\x03 This program cannot be run in DOS mode."))
	b.press(`main form button[type=submit]`, http.StatusUnprocessableEntity)
	if b.count(".govuk-error-summary") != 1 || b.count("#f-day-error") != 1 {
		j.t.Errorf("31/2 is not refused beside the day: %s", b.text("main"))
	}
	for name, want := range map[string]string{"number": "15/KH-UBND", "day-day": "31", "day-month": "2", "signer": "Quàng Văn Pọm", "note": "Kế hoạch của xã năm 2021"} {
		if got := b.value(name); got != want {
			j.t.Errorf("%s: %s was %q, is %q", b.name, name, want, got)
		}
	}
	b.fillDay("day", "25", "3", "2021")
	b.attach("file", j.file("ke-hoach.pdf", "MZ\x90\x00\x03 This program cannot be run in DOS mode."))
	b.press(`main form button[type=submit]`, http.StatusUnprocessableEntity)
	if b.count("#f-file-error") != 1 || b.value("day-day") != "25" {
		j.t.Errorf("a program with the name of a PDF is not refused beside the file: %s", b.text("main"))
	}
	b.attach("file", j.file("ke-hoach.pdf", pdf))
	b.tick(`input[name=item-0]`)
	b.click(`main form button[type=submit]`)
	b.reads(j.p.T("planweb.state.done"), "15/KH-UBND", "Quàng Văn Pọm", "ke-hoach.pdf")
	if b.count(`.dinh-card .govuk-tag.dinh-tag--xong`) == 0 {
		j.t.Errorf("task 1.2 is not done: %s", b.text("main"))
	}
	b.click(`a[href$="/thoat"]`)
	b.click(`main form button[type=submit]`)
}

// homeAffairs: the cell is done, filter what is overdue, remind, print the letter, take the workbook, look by task.
func (j *story) homeAffairs() {
	b := j.sit("snv")
	b.logIn("snv")
	b.visit("/lam-viec/ke-hoach/" + planID)
	b.reads("Thanh Nưa")
	done := j.p.T("planboard.state.done")
	b.choose("viec", "1.2")
	b.click(`form.dinh-filter button[type=submit]`)
	if got := b.text(`#bang tr:has(a[href$="/don-vi/03322"]) td`); !strings.Contains(got, done) {
		j.t.Errorf("%s: the board's cell of task 1.2 says %q, want %q", b.name, got, done)
	}
	b.choose("trang-thai", "overdue")
	b.click(`form.dinh-filter button[type=submit]`)
	if late := b.count(`#bang tbody tr:not(.nhom)`); late == 0 || b.count(`#bang a[href$="/don-vi/03322"]`) != 0 {
		j.t.Errorf("%s: %d units are late with task 1.2; Thanh Nưa must not be one", b.name, late)
	}
	b.visit("/lam-viec/ke-hoach/" + planID + "/don-vi/03322")
	if got, want := b.text(`li:has(a[href$="/viec/`+j.task+`"]) .govuk-tag`), j.p.T("planweb.state.done"); got != want {
		j.t.Errorf("%s: task 1.2 is %q on the unit's page, want %q", b.name, got, want)
	}
	b.visit("/lam-viec/ke-hoach/" + planID)
	b.click(`.dinh-sub a[href*="xem=qua-han"]`)
	b.visit("/lam-viec/ke-hoach/" + planID + "?xem=viec")
	if b.count(`table.dinh-progress a[href*="viec=1.2"], table.dinh-progress a[href*="/1.2"]`) == 0 {
		j.t.Errorf("%s: task 1.2 is not in the list by task", b.name)
	}
	b.visit("/lam-viec/ke-hoach/" + planID + "/nhac?viec=1.2")
	b.fill("note", "Đề nghị hoàn thành trong tuần")
	b.click(`form[action$="/nhac"] button[type=submit]`)
	b.visit("/lam-viec/ke-hoach/" + planID + "/van-ban")
	b.reads(j.p.Date("2021-04-20"))
	b.visit("/lam-viec/ke-hoach/" + planID + "/van-ban/soan?kieu=don-doc&viec=1.2")
	b.reads("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "đôn đốc", "Phụ lục", "Nơi nhận:")
	if strings.Contains(b.text(".dinh-sheet"), "Thanh Nưa") {
		j.t.Errorf("%s: the letter presses xã Thanh Nưa, which is done", b.name)
	}
	if n := b.pages("cong-van"); n < 2 {
		j.t.Errorf("%s: the letter with its annex prints on %d sheets", b.name, n)
	}
	j.workbook(b)
}

// workbook takes the XLSX of the board and opens it.
func (j *story) workbook(b *tab) {
	prefix := j.v.lang
	req, err := http.NewRequestWithContext(j.t.Context(), http.MethodGet, j.base+prefix+"/lam-viec/ke-hoach/"+planID+"/bang.xlsx", nil)
	if err != nil {
		j.t.Fatal(err)
	}
	req.AddCookie(b.cookie())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		j.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		j.t.Fatalf("the workbook: %d %v", res.StatusCode, err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		j.t.Fatalf("the workbook does not open: %v", err)
	}
	defer f.Close()
	found := false
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			j.t.Fatal(err)
		}
		for _, row := range rows {
			if len(row) > 5 && row[0] == "03322" {
				found = true
				if !strings.Contains(strings.Join(row, "|"), j.p.T("planboard.state.done")) {
					j.t.Errorf("%s: the workbook's row of Thanh Nưa has nothing done: %v", b.name, row)
				}
			}
		}
	}
	if !found {
		j.t.Errorf("%s: the workbook has no row of Thanh Nưa: %v", b.name, f.GetSheetList())
	}
}

// chairman: the summary is one sheet of paper.
func (j *story) chairman() {
	b := j.sit("chutich")
	b.logIn("chutich")
	b.visit("/lam-viec/ke-hoach/" + planID + "/tom-tat")
	b.reads(j.p.T("planboard.fact.done"))
	if n := b.pages("tom-tat"); n != 1 {
		j.t.Errorf("%s: the summary of one page prints on %d", b.name, n)
	}
}

// villager: without account from the province's home to one commune and to the law behind a task.
func (j *story) villager() {
	b := j.sit("ba-con")
	b.visit("/")
	b.click(`main a[href*="/ke-hoach/"]`)
	b.reads("648/KH-UBND")
	b.visit("/dien-bien/tim?q=thanh+nua")
	b.click(`main a[href$="/xa-thanh-nua"]`)
	b.click(`main a[href*="/xa-thanh-nua/ke-hoach/"]`)
	b.click(`main a[href$="/viec/4.1.a"]`)
	b.click(`section[aria-labelledby=h-luat] a[href*="/luat/nghia-vu/"]`)
	b.reads("34/2007")
	b.visit("/dien-bien/xa-thanh-nua/ke-hoach/" + planID + "/viec/1.2")
	b.reads("15/KH-UBND", j.p.T("planweb.state.done"))
	if strings.Contains(b.text("main"), "Quàng Văn Pọm") {
		j.t.Errorf("%s: the public reads who signed", b.name)
	}
	b.visit("/dien-bien/xa-thanh-nua/dan-biet")
	b.visit("/luat")
	b.visit("/tro-giup")
}
