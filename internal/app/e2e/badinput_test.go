package e2e

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"dinh/internal/web/webtest"
)

// TestBadInput tries what goes wrong with forms every day: the message stands beside the field and what was typed is kept.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := demo(t)
	snv, officer := s.as(t, "snv"), s.as(t, "thanhnua")

	// An end before the start.
	p := snv.Get("/lam-viec/ke-hoach/lap/moi").Want(http.StatusOK).Form("main form").Set("number", "1/KH").Set("title_vi", "Kế hoạch thử").SetDate("signed", "2021-04-20").
		SetDate("from", "2021-12-31").SetDate("to", "2021-01-01").Send().Want(http.StatusUnprocessableEntity).Check()
	beside(t, p, "to")
	shows(t, p, map[string]string{"number": "1/KH", "title_vi": "Kế hoạch thử", "from-day": "31", "to-month": "1"})

	// A day that does not exist, in English.
	p = snv.Get("/en/lam-viec/ke-hoach/lap/moi").Form("main form").Set("title_vi", "Kế hoạch thử").SetDate("signed", "2021-02-31").Send().Want(http.StatusUnprocessableEntity).Check()
	beside(t, p, "signed")
	shows(t, p, map[string]string{"signed-day": "31", "signed-month": "2"})
	if !strings.HasPrefix(p.Text("title"), "Error: ") {
		t.Errorf("title %q", p.Text("title"))
	}

	// A file that is too large, and one of a forbidden type.
	task := "/lam-viec/viec/" + assignment(t, s, "1.2")
	fill := func() *webtest.Form {
		return officer.Get(task+"/ket-qua").Want(http.StatusOK).Form("main form").Set("number", "15/KH-UBND").SetDate("day", "2021-03-25").Set("signer", "Quàng Văn Pọm").
			Set("item-0", "1").Set("confirm", "giay")
	}
	large := append([]byte(pdf), bytes.Repeat([]byte("%"), 1<<20)...)
	for name, body := range map[string][]byte{"ke-hoach.pdf": large, "ke-hoach.exe": []byte("MZ\x90\x00"), "ke-hoach.docx": []byte(pdf), "trang.html": []byte("<html><script>alert(1)</script></html>")} {
		p = fill().Attach("file", name, "application/pdf", body).Send().Want(http.StatusUnprocessableEntity).Check()
		beside(t, p, "file")
		shows(t, p, map[string]string{"number": "15/KH-UBND", "signer": "Quàng Văn Pọm"})
	}

	// The same form twice is one paper, and gives the first result.
	form := fill().Attach("file", "ke-hoach.pdf", "application/pdf", []byte(pdf))
	first := form.Send().Want(http.StatusSeeOther)
	again := form.Send().Want(http.StatusSeeOther)
	if first.Header.Get("Location") != again.Header.Get("Location") {
		t.Errorf("the repeat leads to %s, the first to %s", again.Header.Get("Location"), first.Header.Get("Location"))
	}
	if n := strings.Count(officer.Get(task).Body, "/lam-viec/tep/"); n != 1 {
		t.Errorf("%d files after the same form came twice", n)
	}

	// Two at once: the second is told what the first did, with the own input kept.
	next := "/lam-viec/viec/" + assignment(t, s, "1.3") + "/giao"
	one, two := officer.Get(next).Want(http.StatusOK).Form("main form"), s.as(t, "ct-thanhnua").Get(next).Want(http.StatusOK).Form("main form")
	one.Set("account", "khac").Set("person", "Người thứ nhất").Send().Want(http.StatusSeeOther)
	p = two.Set("account", "khac").Set("person", "Người thứ hai").Send().Want(http.StatusConflict).Check()
	p.WantText("Người thứ nhất")
	shows(t, p, map[string]string{"person": "Người thứ hai"})

	// A token of another person, and none that was ever ours.
	stolen := officer.Get("/lam-viec/thong-bao/cai-dat").Form("main form").Values.Get("_token")
	f := snv.Get("/lam-viec/thong-bao/cai-dat").Form("main form")
	f.Values.Set("_token", stolen)
	f.Send().Want(http.StatusUnprocessableEntity).Check()
}

// beside wants a fault at the field and in the summary.
func beside(t *testing.T, p *webtest.Page, name string) {
	t.Helper()
	if len(p.Find("#f-"+name+"-error")) != 1 {
		t.Errorf("%s: no fault beside %s:\n%s", p.URL, name, p.Main())
	}
	if len(p.Find(".govuk-error-summary a")) == 0 {
		t.Errorf("%s: the summary leads nowhere", p.URL)
	}
}

// shows wants fields to have values.
func shows(t *testing.T, p *webtest.Page, want map[string]string) {
	t.Helper()
	values := p.Form("main form").Values
	for name, v := range want {
		if got := values.Get(name); got != v {
			t.Errorf("%s: %s is %q, want %q", p.URL, name, got, v)
		}
	}
}
