package disclosureweb

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/web"
)

// figuresPage shows a unit's figures of a period, or one of them with its records.
type figuresPage struct {
	*dutyHead
	Year    int
	Period  disclosure.Period
	Span    civil.Span
	Years   []dutyLink
	Periods []dutyLink
	Groups  []figureGroup
	One     *figureLine // the figure that is opened
	Back    string
	Running bool // the period is not over
}

type figureGroup struct {
	Key   string
	Lines []figureLine
}

type figureLine struct {
	F     disclosure.Figure
	Value string
	Title string
	Path  string
	Rows  []figureRow
}

// figureValue words the figure.
func figureValue(p *i18n.Printer, f disclosure.Figure) string {
	switch f.Measure {
	case disclosure.FigureYesNo:
		if f.N > 0 {
			return p.T("disclosureduty.figure.yes")
		}
		return p.T("disclosureduty.figure.no")
	case disclosure.FigureShare:
		if f.Of == 0 {
			return "–"
		}
		return p.Percent(f.N, f.Of)
	}
	return p.Int(int64(f.N))
}

type figureRow struct {
	R     disclosure.FigureRow
	Title string
	Lang  string
	Note  i18n.Msg
	Path  string
}

// figureKey is the catalogue's word for a code: "IV.3a" is iv_3a.
func figureKey(code string) string { return strings.ToLower(strings.ReplaceAll(code, ".", "_")) }

// figurePeriods are the periods of a report by their word in the address.
func figurePeriods(year int) map[string]disclosure.Period {
	y := strconv.Itoa(year)
	return map[string]disclosure.Period{"nam": disclosure.Period(y), "6-thang-dau": disclosure.Period(y + "-H1"), "6-thang-cuoi": disclosure.Period(y + "-H2")}
}

var periodWords = []string{"6-thang-dau", "6-thang-cuoi", "nam"}

func (h *pages) figuresPage(c *web.Context) (*figuresPage, error) {
	head, err := h.dutyHead(c, figurePath, true)
	if err != nil {
		return nil, err
	}
	year, err := yearAsked(c)
	if err != nil {
		return nil, err
	}
	word := c.Query("ky")
	if !slices.Contains(periodWords, word) {
		word = "6-thang-dau"
		if c.Today > civil.Date(strconv.Itoa(year)+"-06-30") {
			word = "nam"
		}
	}
	p := &figuresPage{dutyHead: head, Year: year, Period: figurePeriods(year)[word]}
	p.Span, _ = p.Period.Span()
	p.Running = p.Span.To >= c.Today
	query := func(year int, word string) string {
		return "?" + url.Values{"don-vi": {head.Code}, "nam": {strconv.Itoa(year)}, "ky": {word}}.Encode()
	}
	p.Years = yearLinks(head.Unit, year, c.Today, func(y int) string { return figurePath + query(y, word) })
	for _, w := range periodWords {
		p.Periods = append(p.Periods, dutyLink{c.P.Say(figurePeriods(year)[w].Msg()), figurePath + query(year, w), w == word})
	}
	p.Back = figurePath + query(year, word)
	list, err := h.Service.FiguresFor(c.Context(), c.Actor, head.Unit.ID, p.Span)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		key, _, _ := strings.Cut(f.Code, ".")
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Key != strings.ToLower(key) {
			p.Groups = append(p.Groups, figureGroup{Key: strings.ToLower(key)})
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Lines = append(g.Lines, figureLine{F: f, Value: figureValue(c.P, f), Title: c.P.T("disclosureduty.figure." + figureKey(f.Code)), Path: figurePath + "/" + f.Code + query(year, word)})
	}
	return p, nil
}

func (h *pages) figures(c *web.Context) error {
	p, err := h.figuresPage(c)
	if err != nil {
		return err
	}
	return c.Render("duty_figures", p)
}

// figure opens a figure down to its records.
func (h *pages) figure(c *web.Context) error {
	p, err := h.figuresPage(c)
	if err != nil {
		return err
	}
	for _, g := range p.Groups {
		for i := range g.Lines {
			if g.Lines[i].F.Code == c.Value("code") {
				p.One = &g.Lines[i]
			}
		}
	}
	if p.One == nil {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	for _, r := range p.One.F.Rows {
		p.One.Rows = append(p.One.Rows, h.figureRow(c, p, r))
	}
	return c.Render("duty_figure", p)
}

func (h *pages) figureRow(c *web.Context, p *figuresPage, r disclosure.FigureRow) figureRow {
	out := figureRow{R: r, Title: r.Title, Lang: "vi"}
	switch r.Kind {
	case "session":
		out.Path = sessionPath + "/" + r.ID
	case "regulation":
		out.Path = regulationPath + "/" + r.ID
	case "item":
		out.Path = "/lam-viec/niem-yet/" + r.ID
		if !p.Write {
			out.Path = h.Service.Link(r.Item, "")
		}
		if told := r.Item.FirstTold; told != civil.None {
			out.Note = i18n.M("disclosureduty.figure.told", "day", told)
		} else {
			out.Note = i18n.M("disclosureduty.figure.not_told")
		}
		if !h.Service.MaySee(c.Actor, r.Item) && !p.Write {
			out.Title, out.Lang, out.Path = c.P.T("disclosureduty.figure.inner"), "", ""
		}
	case "slot":
		if r.Slot.Duty != nil {
			out.Title, out.Lang = r.Slot.Duty.Title(c.Lang), ""
		}
		out.Note = i18n.M("disclosureduty.figure.nothing")
		if r.Slot.Period != "" {
			out.Note = i18n.M("disclosureduty.figure.nothing_in", "period", r.Slot.Period.Msg())
		}
		out.Path = slotsPath + "?" + url.Values{"don-vi": {p.Code}, "nam": {r.Slot.Key()[:4]}}.Encode()
	}
	return out
}
