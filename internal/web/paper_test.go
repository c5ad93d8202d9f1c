package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"dinh/internal/document"
	"dinh/internal/document/sample"
	"dinh/internal/extract"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

// TestPaper shows the papers of all forms as sheets, which are whole pages with the words of the paper in its order, and gives them as files.
func TestPaper(t *testing.T) {
	t.Parallel()
	type page struct {
		Paper *document.Paper
		Files *web.Files
	}
	k := newKit(t)
	k.Templates(fstest.MapFS{"sheet.gohtml": {Data: []byte(`{{define "title"}}Giấy{{end}}{{define "main"}}<h1>Giấy</h1>{{template "paper_files" .P.Files}}{{template "paper" .P.Paper}}{{end}}`)}})
	papers := map[string]*document.Paper{"bao-cao": sample.Report(7), "cong-van": sample.Letter(), "bien-ban": sample.Minutes(), "quyet-dinh": sample.Decision()}
	for name, p := range papers {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: "/luat/" + name, Handler: func(c *web.Context) error {
			return c.Render("sheet", page{p, web.FilesOf("/luat/" + name + "?a=1")})
		}})
		for _, as := range []string{web.AsDOCX, web.AsPDF} {
			k.Handle(web.Route{Method: http.MethodGet, Pattern: "/luat/" + name + as, Handler: func(c *web.Context) error { return c.Paper(p, "Báo cáo số 1/BC", as) }})
		}
	}
	c := webtest.New(t, k)
	for name, p := range papers {
		for _, lang := range []string{"", "/en"} {
			got := c.Get(lang + "/luat/" + name).Want(200).Check()
			words := append([]string{document.Country, document.Motto, p.Head.Body, p.SubjectLine(), "Nơi nhận:"}, p.SentLines()...)
			for _, s := range p.Signs {
				words = append(words, s.As...)
			}
			got.WantText(words...)
			for _, as := range []string{web.AsDOCX, web.AsPDF} {
				if n := len(got.Find(fmt.Sprintf(`a[href="%s/luat/%s%s?a=1"]`, lang, name, as))); n != 1 {
					t.Errorf("%s%s: %d links to the file %s", lang, name, n, as)
				}
			}
		}
		for _, as := range []string{web.AsDOCX, web.AsPDF} {
			got := c.Get("/luat/" + name + as).Want(200)
			if d := got.Header.Get("Content-Disposition"); d != "attachment; filename=bao-cao-so-1-bc"+as {
				t.Errorf("saved as %s", d)
			}
			text, err := extract.Text(t.Context(), strings.NewReader(got.Body), int64(len(got.Body)), got.Header.Get("Content-Type"), extract.Limits{})
			if err != nil || !strings.Contains(text.Text, document.Motto) {
				t.Errorf("%s%s: %v, %.200s", name, as, err, text.Text)
			}
		}
	}
	if rows := c.Get("/luat/bao-cao").Find(".dinh-sheet__wide tbody tr"); len(rows) != 7 {
		t.Errorf("%d rows in the annex", len(rows))
	}
}

func TestWhoSigns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ kind, name, want string }{
		{org.Commune, "Xã Thanh Nưa", "TM. ỦY BAN NHÂN DÂN/CHỦ TỊCH"},
		{org.Agency, "Sở Nội vụ", "GIÁM ĐỐC"},
		{org.Agency, "Phòng Nội vụ huyện Điện Biên", "TRƯỞNG PHÒNG"},
		{org.Village, "Bản Men", "TRƯỞNG BẢN"},
		{org.ServiceUnit, "Trường THPT Phan Đình Giót", "HIỆU TRƯỞNG"},
		{org.Front, "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", "TM. BAN THƯỜNG TRỰC/CHỦ TỊCH"},
		{org.Enterprise, "VNPT Điện Biên", "THỦ TRƯỞNG ĐƠN VỊ"},
	} {
		if got := strings.Join(web.PaperSign(&org.Unit{Kind: tt.kind, Name: tt.name}).As, "/"); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestPaperBasis(t *testing.T) {
	t.Parallel()
	a := law.Act{ID: "kl-120-tw-2016", Number: "120-KL/TW", Kind: "conclusion", Issuer: "Bộ Chính trị", Issued: "2016-01-07"}
	if got := web.PaperBasis(&a); got != "Căn cứ Kết luận số 120-KL/TW ngày 07 tháng 01 năm 2016 của Bộ Chính trị" {
		t.Error(got)
	}
}
