package reportweb

import (
	"html/template"
	"net/url"
	"strconv"

	"dinh/internal/document/chart"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/report"
	"dinh/internal/web"
)

// sumReportsPage lists the reports behind a sum.
type sumReportsPage struct {
	*sumHead
	L     *report.SumList
	Of    string // the group
	Only  string
	Onlys []sumLink
	Rows  []reportRow
	More  string
	First string
	CSV   string
}

type reportRow struct {
	report.SumLine
	Name, AtName, Text string
	Path               string
	Tag                web.Tag
	Kind               i18n.Msg
}

// sumFigurePage is one figure: over the groups, over time, over the units, on the map.
type sumFigurePage struct {
	*sumReportsPage
	I         *report.Indicator
	Fig       *report.SumFigure
	Text      string
	YearText  string
	Change    string
	Groups    []figureRow
	Trend     template.HTML
	Points    []trendPoint
	Bins      template.HTML
	BinRows   []binRow
	Spread    []spreadCell
	Map       template.HTML
	Multiples []multiple
}

type figureRow struct {
	Name, Path, Text, Before, Year string
	Bar                            template.HTML
	Known, Missing                 int
}

type trendPoint struct{ Title, Text string }

type binRow struct {
	Range string
	N     int
}

type spreadCell struct{ Name, Text string }

type multiple struct {
	Name, Text string
	SVG        template.HTML
}

func (h *pages) linesOf(c *web.Context, code string) (*sumReportsPage, error) {
	ask, _, err := h.askOf(c)
	if err != nil {
		return nil, err
	}
	from, err := strconv.Atoi(c.Query("tu"))
	if err != nil {
		from = 0
	}
	only := c.Query("chi")
	v, l, err := h.Service.Lines(c.Context(), c.Actor, ask, c.Query("nhom"), code, only, from)
	if err != nil {
		return nil, err
	}
	p := &sumReportsPage{sumHead: h.headOfSum(c, v), L: l, Only: only}
	part := "don-vi"
	if code != "" {
		part = "chi-tieu/" + url.PathEscape(code)
	}
	group := ""
	if l.Group != nil {
		group = l.Group.Key
		p.Of = p.groupName(l.Group)
	}
	words := []string{"", report.OnlyHanded, report.OnlyMissing, report.OnlyLate}
	if code != "" {
		words = []string{"", report.OnlyWithout, report.OnlyMissing}
	}
	for _, w := range words {
		key := w
		if key == "" {
			key = "all"
		}
		p.Onlys = append(p.Onlys, sumLink{Name: c.P.T("reportsum.only." + key), Path: p.At(part, "nhom", group, "chi", w), On: only == w})
	}
	if n := l.More(); n > 0 {
		p.More = p.At(part, "nhom", group, "chi", only, "tu", strconv.Itoa(n))
	}
	if l.From > 0 {
		p.First = p.At(part, "nhom", group, "chi", only)
	}
	p.CSV = p.At("don-vi.csv", "nhom", group, "chi", only, "so", code)
	for _, x := range l.Lines {
		p.Rows = append(p.Rows, p.reportRow(x, l.Indicator))
	}
	return p, nil
}

func (p *sumHead) reportRow(x report.SumLine, i *report.Indicator) reportRow {
	r := reportRow{SumLine: x, Name: x.Unit.NameIn(p.p.Lang), Path: x.Link}
	if x.At != nil {
		r.AtName = x.At.NameIn(p.p.Lang)
	}
	if x.LumpKind != "" {
		r.Kind = i18n.M("org.kinds." + x.LumpKind)
	}
	switch {
	case i == nil:
	case x.Hidden:
		r.Text = p.p.T("reportsum.hidden")
	case i.Unit == report.Words:
		r.Text = p.p.T("reportsum.words")
	default:
		r.Text = report.Show(p.p, i, x.Value)
	}
	if i != nil && !x.Hidden && x.LumpKind == "" && i.Stored() {
		u := "/so/" + url.PathEscape(i.Code) + "?don-vi=" + unitCode(x.Unit)
		r.Path = homePath + "/" + strconv.Itoa(p.V.Period.Year) + "/" + p.V.Period.Slug() + u
	}
	r.Tag = sumTag(p.p, x.State, x.Late)
	return r
}

// sumTag is how far a report is, with how late.
func sumTag(p *i18n.Printer, st report.State, late int) web.Tag {
	word := p.T("reportunit.state." + string(st))
	switch {
	case st.Final() && late > 0:
		return web.Tag{Class: "sap", Text: p.T("reportunit.state.sent_late", "state", word, "n", late)}
	case st.Final() && st == report.Returned:
		return web.Tag{Class: "sap", Text: word}
	case st.Final():
		return web.Tag{Class: "xong", Text: word}
	case late > 0:
		return web.Tag{Class: "tre", Text: p.T("reportunit.state.overdue", "n", late)}
	case st == report.NotStarted:
		return web.Tag{Class: "cho", Text: word}
	}
	return web.Tag{Class: "lam", Text: word}
}

func (h *pages) sumReports(c *web.Context) error {
	p, err := h.linesOf(c, "")
	if err != nil {
		return err
	}
	c.L.Wide = true
	return c.Render("sum_reports", p)
}

func (h *pages) sumFigure(c *web.Context) error {
	code := c.Value("code")
	l, err := h.linesOf(c, code)
	if err != nil {
		return err
	}
	if l.L.Figure == nil {
		return errs.E(errs.NotFound, "report.none")
	}
	v := l.V
	p := &sumFigurePage{sumReportsPage: l, I: l.L.Indicator, Fig: l.L.Figure, Text: l.Show(l.L.Figure), YearText: report.Show(c.P, l.L.Indicator, l.L.Figure.Year)}
	part := "chi-tieu/" + url.PathEscape(code)
	most := int64(1)
	for _, g := range v.Groups {
		f := v.Figure(g, code)
		n, _ := measure(f)
		most = max(most, n, f.Before, f.Year)
	}
	for _, g := range v.Groups {
		f := v.Figure(g, code)
		n, whole := measure(f)
		if whole == 0 {
			whole = most
		}
		r := figureRow{Name: p.groupName(g), Path: p.At(part, "nhom", g.Key), Text: p.Show(f), Known: f.Known, Missing: f.Missing(), Before: report.Show(c.P, f.Indicator, f.Before), Year: report.Show(c.P, f.Indicator, f.Year)}
		r.Bar = template.HTML(chart.Bar(n, whole, "")) //nolint:gosec // our own picture
		p.Groups = append(p.Groups, r)
		if f.Agg == "sum" && (v.Year != nil || v.Before != nil) && len(p.Multiples) < 40 {
			var cols []chart.Column
			if v.Year != nil {
				cols = append(cols, chart.Column{Value: f.Year, Unknown: f.Year == report.None})
			}
			if p.Before {
				cols = append(cols, chart.Column{Value: f.Before, Unknown: f.Before == report.None})
			}
			cols = append(cols, chart.Column{Value: f.Value, Unknown: f.Value == report.None, Strong: true})
			p.Multiples = append(p.Multiples, multiple{r.Name, r.Text, template.HTML(chart.Small(cols, most))}) //nolint:gosec // our own picture
		}
	}
	h.trendOf(c, p)
	if s := l.L.Spread; s != nil {
		show := func(n int64) string { return report.Show(c.P, p.I, n) }
		for _, x := range []struct {
			key string
			n   int64
		}{{"least", s.Least}, {"low", s.Low}, {"mid", s.Mid}, {"high", s.High}, {"most", s.Most}} {
			p.Spread = append(p.Spread, spreadCell{c.P.T("reportsum.spread." + x.key), show(x.n)})
		}
		var cols []chart.Column
		for _, b := range s.Bins {
			name := c.P.Int(b.Low)
			if b.High > b.Low {
				name += "–" + c.P.Int(b.High)
			}
			p.BinRows = append(p.BinRows, binRow{name, b.N})
			label := name
			if len(label) > 12 {
				label = c.P.Int(b.Low/1_000_000) + "+"
			}
			cols = append(cols, chart.Column{Label: label, Text: strconv.Itoa(b.N), Value: int64(b.N)})
		}
		p.Bins = template.HTML(chart.Columns(c.P.T("reportsum.spread.title"), cols)) //nolint:gosec // our own picture
	}
	p.Map = h.mapOf(c, p)
	c.L.Wide = true
	return c.Render("sum_figure", p)
}

// measure is the number by which groups are compared in a picture, with the whole that it is a part of, 0 for none.
func measure(f *report.SumFigure) (n, whole int64) {
	if _, _, ok := f.Ratio(); ok {
		return f.Part, max(f.Whole, 1)
	}
	switch f.Agg {
	case "count_yes":
		return int64(f.Yes), int64(max(f.Of, 1))
	case "sum":
		return max(f.Value, 0), 0
	}
	return 0, 1
}

func (h *pages) trendOf(c *web.Context, p *sumFigurePage) {
	var cols []chart.Column
	for i, x := range p.L.Trend {
		text := p.Show(x.SumFigure)
		n, whole := measure(x.SumFigure)
		unknown := x.Value == report.None && x.Agg == "sum"
		if _, _, ok := x.Ratio(); ok {
			n, unknown = n*1000/max(whole, 1), !x.RatioOK
		}
		if x.Agg == "count_yes" && x.Of == 0 { // of earlier periods only who said yes is known here
			text = c.P.Int(int64(x.Yes))
		}
		p.Points = append(p.Points, trendPoint{x.Period.Title, text})
		cols = append(cols, chart.Column{Label: strconv.Itoa(x.Period.Year), Text: text, Value: n, Unknown: unknown, Strong: i == len(p.L.Trend)-1})
	}
	if len(cols) > 1 && p.I.Agg != "none" && p.I.Agg != "histogram" {
		p.Trend = template.HTML(chart.Columns(c.P.T("reportsum.trend"), cols)) //nolint:gosec // our own picture
	}
}

// mapOf draws the communes of the tree's own time; "" for a time whose territories nobody has drawn.
func (h *pages) mapOf(c *web.Context, p *sumFigurePage) template.HTML {
	src, ok := org.Shapes(p.V.Day)
	if !ok || p.V.Ask.By != report.ByPlace {
		return ""
	}
	areas, err := chart.ParseAreas(src)
	if err != nil {
		return ""
	}
	top := 1.0
	rate := func(g *report.SumGroup) (float64, bool) {
		f := p.V.Figure(g, p.I.Code)
		n, whole := measure(f)
		if f.Known == 0 && f.Agg == "sum" {
			return 0, false
		}
		if whole > 0 {
			return float64(n) / float64(whole), true
		}
		return float64(n), true
	}
	for _, g := range p.V.Groups {
		if r, ok := rate(g); ok && g.Unit != nil && g.Unit.Kind == org.Commune {
			top = max(top, r)
		}
	}
	shades := map[string]chart.Shade{}
	for _, g := range p.V.Groups {
		if g.Unit == nil || g.Unit.Kind != org.Commune {
			continue
		}
		s := chart.Shade{Class: "m0", Title: p.groupName(g) + ": " + p.Show(p.V.Figure(g, p.I.Code)), Href: c.Href(p.At("chi-tieu/"+url.PathEscape(p.I.Code), "nhom", g.Key))}
		if r, ok := rate(g); ok {
			s.Class = "m" + strconv.Itoa(1+min(int(r/top*3), 2))
		}
		shades[g.Unit.Code] = s
	}
	return template.HTML(chart.Map(areas, shades)) //nolint:gosec // our own picture
}
