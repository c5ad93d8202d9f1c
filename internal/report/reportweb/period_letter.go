package reportweb

import (
	"context"
	"strconv"
	"strings"

	"dinh/internal/attach"
	"dinh/internal/db"
	"dinh/internal/document"
	"dinh/internal/errs"
	"dinh/internal/report"
	"dinh/internal/web"
)

func (h *pages) letterForm(c *web.Context) error {
	p, err := h.periodOf(c)
	if err != nil {
		return err
	}
	if !p.V.Steer {
		return errs.E(errs.Forbidden, "report.period.not_yours")
	}
	p.F.Prefill("version", p.Version)
	p.F.Prefill("number", p.V.Letter.Number)
	p.F.Prefill("signer", p.V.Letter.Signer)
	p.F.PrefillDate("day", p.V.Letter.Day)
	return c.Render("period_letter", p)
}

func (h *pages) saveLetter(c *web.Context) error {
	p, err := h.periodOf(c)
	if err != nil {
		return err
	}
	f := p.F
	version, letter := f.Int("version"), report.Paper{Number: f.Text("number"), Day: f.Date("day"), Signer: f.Text("signer")}
	var file attach.File
	if err = f.Err(); err == nil {
		file, err = h.takeFile(c, "file", attach.Signed)
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return p.Base + "?xong=cong-van", h.Service.LetterTx(ctx, tx, c.Actor, p.V.ID, version, letter, file)
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "period_letter", p)
}

func (h *pages) periodFile(c *web.Context) error {
	p, err := h.periodOf(c)
	if err != nil {
		return err
	}
	if p.V.Letter.File == "" || p.V.Letter.File != c.Value("file") {
		return errNone()
	}
	return h.sendFile(c, p.V.Letter.File)
}

// letterPaperPage is the guiding letter to be signed.
type letterPaperPage struct {
	*periodPage
	Files *web.Files
	Paper *document.Paper
}

// guidingLetter is the letter that guides the units: what to report, about which days, by which form, by when; outline and form are annexes.
func (h *pages) guidingLetter(c *web.Context, p *periodPage) *document.Paper {
	v := p.V
	from := v.Via
	if from == nil {
		from = v.Of
	}
	title := strings.TrimPrefix(v.Title, "Báo cáo ")
	w := &document.Paper{
		Head: c.PaperHead(from, ""), Subject: "hướng dẫn báo cáo " + title, To: []string{"Các cơ quan, đơn vị, địa phương"}, Sent: []string{"Như trên", "Lưu: VT"},
		Signs: []document.Signature{web.PaperSign(from)},
	}
	w.Blocks = append(w.Blocks,
		document.P("Để tổng hợp báo cáo "+title+", "+from.Name+" đề nghị các cơ quan, đơn vị, địa phương thực hiện như sau:"),
		document.P("1. Nội dung: theo đề cương và biểu số liệu kèm theo. Số liệu tính từ ngày "+vi.Date(v.From)+" đến ngày "+vi.Date(v.To)+"."),
		document.P("2. Cách gửi: lập báo cáo trên phần mềm; nơi không có mạng thì dùng tệp biểu mẫu tải về từ phần mềm. Số đã có trong hồ sơ trên phần mềm được điền sẵn, đơn vị kiểm tra, sửa thì ghi lý do."),
		document.P("3. Thời hạn:"),
	)
	var dues []string
	for _, d := range p.Dues {
		dues = append(dues, upper(vi.Say(d.Who))+": chậm nhất ngày "+vi.Date(d.Day))
	}
	w.Blocks = append(w.Blocks, document.Items(dues...), document.P("Đề nghị các cơ quan, đơn vị, địa phương nghiêm túc thực hiện./."))
	if v.Outline != "" {
		a := document.Annex{Title: "Đề cương báo cáo"}
		for line := range strings.SplitSeq(v.Outline, "\n") {
			line = strings.TrimSpace(line)
			switch rest, ok := strings.CutPrefix(line, "#"); {
			case line == "":
			case ok:
				a.Blocks = append(a.Blocks, document.H(document.Arabic, "", strings.TrimLeft(rest, "# ")))
			default:
				a.Blocks = append(a.Blocks, proseBlocks(line)...)
			}
		}
		w.Annexes = append(w.Annexes, a)
	}
	if v.Form != nil {
		t := document.Table{
			Size:    12,
			Columns: []document.Column{{Width: 10, Align: document.Centre}, {Width: 55}, {Width: 18, Align: document.Centre}, {Width: 10}},
			Head:    [][]document.Cell{document.Cells("Mã", "Chỉ tiêu", "Đơn vị tính", "Số liệu")},
		}
		section := ""
		for _, x := range v.Form.Indicators {
			if x.Section != section {
				section = x.Section
				t.Rows = append(t.Rows, []document.Cell{document.B(""), document.B(section), document.B(""), document.B("")})
			}
			t.Rows = append(t.Rows, document.Cells(x.Code, x.TitleVI, vi.T("reportunit.unit."+x.Unit), ""))
		}
		w.Annexes = append(w.Annexes, document.Annex{Title: "Biểu số liệu", Blocks: []document.Block{document.TableOf(t)}})
	}
	return w
}

func upper(s string) string {
	first, rest, ok := cutRune(s)
	if !ok {
		return s
	}
	return strings.ToUpper(first) + rest
}

func (h *pages) letterPage(c *web.Context) error {
	p, err := h.periodOf(c)
	if err != nil {
		return err
	}
	if !p.V.Steer {
		return errNone()
	}
	return c.Render("period_paper", &letterPaperPage{periodPage: p, Files: web.FilesOf(p.Base + "/cong-van/soan"), Paper: h.guidingLetter(c, p)})
}

func (h *pages) letterFile(c *web.Context, as string) error {
	p, err := h.periodOf(c)
	if err != nil {
		return err
	}
	if !p.V.Steer {
		return errNone()
	}
	return c.Paper(h.guidingLetter(c, p), "cong van huong dan bao cao "+strconv.Itoa(p.V.Year), as)
}
