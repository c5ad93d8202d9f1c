package reportweb

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/attach"
	"dinh/internal/db"
	"dinh/internal/document"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/report"
	"dinh/internal/web"
)

// sendPage hands a report in.
type sendPage struct {
	*overviewPage
	Ways   []web.Option
	Ask    *report.Ask
	Empty  []string
	Faults []faultLine
	Types  []string
	MB     int
}

type faultLine struct {
	Code string
	Msg  i18n.Msg
	Path string
}

func (h *pages) sendOf(c *web.Context) (*sendPage, error) {
	o, err := h.overviewOf(c)
	if err != nil {
		return nil, err
	}
	if o.V.Limited || !o.Send && c.R.Method != "POST" {
		return nil, errs.E(errs.Conflict, "report.other_state")
	}
	p := &sendPage{overviewPage: o, Ask: o.V.OpenAsk(), Types: attach.Signed.Names()}
	if h.Files != nil {
		p.MB = int(h.Files.Max() >> 20)
	}
	p.Ways = []web.Option{{Value: "giay", Label: c.P.T("reportunit.send.paper"), Hint: c.P.T("reportunit.send.paper_hint")}}
	if o.V.MaySign {
		p.Ways = append([]web.Option{{Value: "man-hinh", Label: c.P.T("reportunit.send.screen"), Hint: c.P.T("reportunit.send.screen_hint")}}, p.Ways...)
	}
	for _, x := range o.V.Empty {
		p.Empty = append(p.Empty, x.Code+". "+x.Title(c.Lang))
	}
	for _, f := range o.V.Findings {
		l := faultLine{Code: f.Code, Msg: f.Msg}
		for _, s := range o.V.Sections {
			if s.Name == f.Section {
				l.Path = o.At("muc/" + strconv.Itoa(s.N))
			}
		}
		p.Faults = append(p.Faults, l)
	}
	f := p.F
	f.Prefill("version", p.Version)
	f.Prefill("way", p.Ways[0].Value)
	f.Prefill("number", o.V.Paper.Number)
	f.Prefill("signer", o.V.Paper.Signer)
	f.PrefillDate("day", o.V.Paper.Day)
	return p, nil
}

func (h *pages) sendForm(c *web.Context) error {
	p, err := h.sendOf(c)
	if err != nil {
		return err
	}
	return c.Render("unit_send", p)
}

func (h *pages) send(c *web.Context) error {
	p, err := h.sendOf(c)
	if err != nil {
		return err
	}
	f := p.F
	in := report.Submit{Report: p.V.ID, Version: f.Int("version"), OnScreen: f.Text("way") == "man-hinh", Incomplete: f.Bool("incomplete"), Answer: f.Lines("answer")}
	if !in.OnScreen && p.V.LumpKind == "" {
		in.Paper = report.Paper{Number: f.Text("number"), Day: f.Date("day"), Signer: f.Text("signer")}
	}
	err = f.Err()
	if err == nil {
		in.File, err = h.takeFile(c, "file", attach.Signed)
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return p.Top() + "&xong=gui", h.Service.SubmitTx(ctx, tx, c.Actor, in)
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		f.Put("version", p.Version)
	}
	return c.Retry(err, "unit_send", p)
}

// paperPage is the report as the paper to sign.
type paperPage struct {
	*head
	Files *web.Files
	Paper *document.Paper
}

var vi = i18n.For(i18n.VI)

// roman are the numbers of headings.
var roman = strings.Fields("I II III IV V VI VII VIII IX X XI XII XIII XIV XV")

// PaperOf is a unit's report as an official paper: its prose by section, the figures as an annex.
func PaperOf(c *web.Context, v *report.View) *document.Paper {
	p := &document.Paper{
		Head: c.PaperHead(v.Of, "BC"), Kind: "BÁO CÁO", Subject: strings.TrimPrefix(v.Period.Title, "Báo cáo "), Sent: []string{"Lưu: VT"}, Signs: []document.Signature{web.PaperSign(v.Of)},
	}
	if r, rest, ok := cutRune(p.Subject); ok {
		p.Subject = strings.ToUpper(r) + rest
	}
	if v.ToUnit != nil {
		to := officeName(v.ToUnit)
		if asks, ok := c.Tree.ByID(v.Period.Unit); ok && v.To == v.Period.Via && asks.ID != v.To {
			to = officeName(asks) + " (qua " + to + ")"
		}
		p.To = []string{to}
		p.Sent = []string{"Như trên", "Lưu: VT"}
	}
	if v.Paper.Number != "" {
		p.Head.Number, p.Head.Day = v.Paper.Number, v.Paper.Day
		p.Signs[0].Name = v.Paper.Signer
	} else if v.SignedBy != "" {
		p.Head.Day, p.Signs[0].Name = v.Submitted, v.SignedBy
	}
	table := document.Table{
		Size:    12,
		Columns: []document.Column{{Width: 9, Align: document.Centre}, {Width: 51}, {Width: 16, Align: document.Right}, {Width: 16, Align: document.Right}},
		Head:    [][]document.Cell{document.Cells("Mã", "Chỉ tiêu", "Kỳ này", "Cùng kỳ năm trước")},
	}
	no := 0
	for _, s := range v.Sections {
		table.Rows = append(table.Rows, []document.Cell{document.B(""), document.B(s.Name), document.B(""), document.B("")})
		words := slices.ContainsFunc(s.Figures, func(f *report.FigureView) bool { return f.Text != "" })
		if s.Section.Nothing || words || s.Section.Body != "" || s.Draft != "" { // a heading with nothing below it is no report
			p.Blocks = append(p.Blocks, document.H(document.Roman, roman[min(no, len(roman)-1)], sectionTitle(s.Name)))
			no++
		}
		switch {
		case s.Section.Nothing:
			p.Blocks = append(p.Blocks, document.P("Trong kỳ không phát sinh."))
		case s.Section.Body != "":
			p.Blocks = append(p.Blocks, proseBlocks(s.Section.Body)...)
		case s.Draft != "":
			p.Blocks = append(p.Blocks, proseBlocks(s.Draft)...)
		}
		for _, f := range s.Figures {
			if f.Unit == report.Words {
				if f.Text != "" {
					p.Blocks = append(p.Blocks, document.H(document.Arabic, "", f.TitleVI))
					p.Blocks = append(p.Blocks, proseBlocks(f.Text)...)
				}
				continue
			}
			value := report.Show(vi, f.Indicator, f.Value)
			if f.RatioOK {
				value = vi.Percent(int(f.Part), int(f.Whole))
			}
			table.Rows = append(table.Rows, document.Cells(f.Code, f.TitleVI, value, report.Show(vi, f.Indicator, f.Year)))
		}
	}
	p.Annexes = []document.Annex{{
		Title:  "Số liệu từ ngày " + vi.Date(v.Period.From) + " đến ngày " + vi.Date(v.Period.To),
		Blocks: []document.Block{document.TableOf(table)},
	}}
	return p
}

// officeName is how papers address a unit: an administrative one by its people's committee.
func officeName(u *org.Unit) string {
	if !org.Administrative(u.Kind) || u.Kind == org.Village {
		return u.Name
	}
	first, rest, _ := cutRune(u.Name)
	return "Ủy ban nhân dân " + strings.ToLower(first) + rest
}

func cutRune(s string) (first, rest string, ok bool) {
	for i, r := range s {
		if i == 0 {
			return string(r), s[len(string(r)):], true
		}
	}
	return "", "", false
}

// sectionTitle is a section's name without its number.
func sectionTitle(name string) string {
	if n, rest, ok := strings.Cut(name, ". "); ok && slices.Contains(roman, n) {
		return rest
	}
	return name
}

// proseBlocks are paragraphs and lists of plain text.
func proseBlocks(text string) []document.Block {
	var out []document.Block
	var items []string
	flush := func() {
		if len(items) > 0 {
			out = append(out, document.Items(items...))
			items = nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "- "); ok {
			items = append(items, strings.TrimSuffix(rest, "."))
			continue
		}
		flush()
		if line != "" {
			out = append(out, document.P(line))
		}
	}
	flush()
	return out
}

func (h *pages) paperHead(c *web.Context) (*head, error) {
	hd, err := h.headOf(c)
	if err != nil {
		return nil, err
	}
	if hd.V.Limited {
		return nil, errNone()
	}
	return hd, nil
}

func (h *pages) paper(c *web.Context) error {
	hd, err := h.paperHead(c)
	if err != nil {
		return err
	}
	return c.Render("unit_paper", &paperPage{head: hd, Files: web.FilesOf(hd.At("van-ban")), Paper: PaperOf(c, hd.V)})
}

func (h *pages) paperFile(c *web.Context, as string) error {
	hd, err := h.paperHead(c)
	if err != nil {
		return err
	}
	return c.Paper(PaperOf(c, hd.V), "bao cao "+hd.V.Of.Name+" "+hd.V.Period.Slug()+" "+strconv.Itoa(hd.V.Period.Year), as)
}
