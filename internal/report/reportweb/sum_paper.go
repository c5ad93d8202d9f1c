package reportweb

import (
	"strings"

	"dinh/internal/document"
	"dinh/internal/org"
	"dinh/internal/report"
	"dinh/internal/web"
)

// consolidated is a consolidated report as an official paper: the texts as they were edited, the figures by loại hình as an annex, whose reports it is made of.
func (h *pages) consolidated(c *web.Context, s *report.Compared) *document.Paper {
	from := s.Of
	to := []string(nil)
	if s.Unit == s.Of2.Unit && s.Of2.Via != "" && s.Of2.Via != s.Unit {
		if u, ok := h.Units.Unit(s.Of2.Via, s.Day); ok { // the body that consolidates reports to the unit that asked
			from, to = u, []string{s.Of.Name}
		}
	} else if up := h.Units.On(s.Of2.To).Parent(s.Of.ID); up != nil {
		to = []string{up.Name}
	}
	if len(to) > 0 && from != s.Of && org.Administrative(s.Of.Kind) {
		to[0] = "Ủy ban nhân dân " + lowerName(s.Of)
	}
	p := &document.Paper{
		Head: c.PaperHead(from, "BC"), Kind: "BÁO CÁO", Subject: strings.TrimPrefix(s.Of2.Title, "Báo cáo "), To: to, Sent: append(append([]string(nil), to...), "Lưu: VT"),
		Signs: []document.Signature{web.PaperSign(from)},
	}
	if r, rest, ok := cutRune(p.Subject); ok {
		p.Subject = strings.ToUpper(r) + rest
	}
	if s.Paper.Number != "" {
		p.Head.Number, p.Head.Day, p.Signs[0].Name = s.Paper.Number, s.Paper.Day, s.Paper.Signer
	}
	no := 0
	for _, name := range report.Headings(s.Of2, s.Form) {
		body := s.Texts[name]
		if body == "" {
			continue
		}
		p.Blocks = append(p.Blocks, document.H(document.Roman, document.RomanNumber(no+1), sectionTitle(name)))
		p.Blocks = append(p.Blocks, proseBlocks(body)...)
		no++
	}
	if s.Note != "" {
		p.Blocks = append(p.Blocks, proseBlocks(s.Note)...)
	}
	p.Blocks = append(p.Blocks, document.P(vi.T("reportsum.paper.made_of", "n", len(s.Rows), "of", s.Total.Bound, "day", s.Day)))
	p.Annexes = []document.Annex{{
		Title: vi.T("reportsum.paper.annex", "from", s.Of2.From, "to", s.Of2.To), Landscape: true, Blocks: []document.Block{document.TableOf(figuresByType(s))},
	}}
	return p
}

// lowerName is a territory's name inside a sentence: "tỉnh Điện Biên".
func lowerName(u *org.Unit) string {
	if r, rest, ok := cutRune(u.Name); ok {
		return strings.ToLower(r) + rest
	}
	return u.Name
}

// figuresByType is the annex: a line for each figure, a column for each loại hình that reported, the sum last.
func figuresByType(s *report.Compared) document.Table {
	t := document.Table{Size: 10, Columns: []document.Column{{Width: 8, Align: document.Centre}, {Width: 40}}}
	head := document.Cells("Mã", "Chỉ tiêu")
	for _, g := range s.Groups {
		head = append(head, document.C(g.Title(vi)))
		t.Columns = append(t.Columns, document.Column{Width: 14, Align: document.Right})
	}
	head = append(head, document.C(vi.T("reportsum.all")))
	t.Columns = append(t.Columns, document.Column{Width: 16, Align: document.Right})
	t.Head = [][]document.Cell{head}
	cols := make([][]*report.SumFigure, len(s.Groups))
	for i, g := range s.Groups {
		cols[i] = s.Figures(g)
	}
	section := ""
	for i, f := range s.Figures(nil) {
		if f.Agg == "none" {
			continue
		}
		if f.Section != section {
			section = f.Section
			t.Rows = append(t.Rows, []document.Cell{document.C(""), document.B(section).Wide(len(s.Groups) + 2)})
		}
		row := document.Cells(f.Code, f.TitleVI)
		for k := range cols {
			row = append(row, document.C(showSum(vi, cols[k][i])))
		}
		t.Rows = append(t.Rows, append(row, document.B(showSum(vi, f))))
	}
	return t
}
