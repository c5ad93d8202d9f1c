package reportweb

import (
	"context"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/db"
	"dinh/internal/document/chart"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/report"
	"dinh/internal/web"
)

const sumPath = unitPath + "/tong-hop"

func (h *pages) registerSums(k *web.Kit) {
	handle := func(method, pattern string, f web.Handler) {
		k.Handle(web.Route{Method: method, Pattern: sumPath + pattern, Handler: f, Who: web.Staff})
	}
	handle(http.MethodGet, "", h.sum)
	handle(http.MethodGet, "/bang.csv", h.sumCSV)
	handle(http.MethodGet, "/bang.xlsx", h.sumXLSX)
	handle(http.MethodGet, "/don-vi", h.sumReports)
	handle(http.MethodGet, "/don-vi.csv", h.sumReportsCSV)
	handle(http.MethodGet, "/chi-tieu/{code}", h.sumFigure)
	handle(http.MethodGet, "/loi-van", h.sumTexts)
	handle(http.MethodGet, "/loi-van/{n}", h.sumText)
	handle(http.MethodPost, "/loi-van/{n}", h.saveSumText)
	handle(http.MethodPost, "/chot", h.freeze)
	handle(http.MethodGet, "/chot/{id}", h.snapshot)
	handle(http.MethodPost, "/chot/{id}", h.snapshotPaper)
	handle(http.MethodGet, "/chot/{id}/bang.xlsx", h.snapshotXLSX)
	handle(http.MethodGet, "/chot/{id}/van-ban", h.snapshotSheet)
	for _, as := range []string{web.AsDOCX, web.AsPDF} {
		handle(http.MethodGet, "/chot/{id}/van-ban"+as, func(c *web.Context) error { return h.snapshotFile(c, as) })
	}
}

func sumPages() map[string]any {
	return map[string]any{
		"sum_view": (*sumPage)(nil), "sum_figure": (*sumFigurePage)(nil), "sum_reports": (*sumReportsPage)(nil), "sum_texts": (*sumTextsPage)(nil), "sum_text": (*sumTextsPage)(nil),
		"sum_snapshot": (*snapshotPage)(nil), "sum_paper": (*sumPaperPage)(nil),
	}
}

// sumHead is what all pages of a sum show.
type sumHead struct {
	F      *web.Form
	V      *report.Sum
	Base   string
	Name   string // whose sum it is
	Above  []sumLink
	Bys    []sumLink
	Filter sumFilter
	Done   i18n.Msg
	Before bool // there is a period before that is another than that of the year before
	args   url.Values
	p      *i18n.Printer
}

type sumLink struct {
	Name, Path string
	On         bool
}

type sumFilter struct {
	Which, Sector string
	Now           bool
	Whichs        []web.Option
	Sectors       []web.Option
}

// The words of the choices in addresses.
var whichWords = map[report.Which]string{report.HandedIn: "da-gui", report.OnlyAccepted: "tiep-nhan", report.WithDrafts: "du-thao"}

// At is the address of a page of the sum, with some of the choices otherwise: name and value in turn, an empty value for none.
func (p *sumHead) At(part string, kv ...string) string {
	q := url.Values{}
	maps.Copy(q, p.args)
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] == "" {
			q.Del(kv[i])
		} else {
			q.Set(kv[i], kv[i+1])
		}
	}
	out := p.Base
	if part != "" {
		out += "/" + part
	}
	if len(q) > 0 {
		out += "?" + q.Encode()
	}
	return out
}

// askOf reads what the address asks for.
func (h *pages) askOf(c *web.Context) (report.SumAsk, *report.Period, error) {
	year, err := strconv.Atoi(c.Value("year"))
	if err != nil {
		return report.SumAsk{}, nil, errNone()
	}
	p, err := h.Service.PeriodAt(c.Context(), c.Actor, year, c.Value("period"))
	if err != nil {
		return report.SumAsk{}, nil, err
	}
	ask := report.SumAsk{Period: p.ID, By: report.By(c.Query("theo")), Which: report.HandedIn, Now: c.Query("cay") == "nay"}
	if !slices.Contains(report.Bys, ask.By) {
		ask.By = report.ByPlace
	}
	for w, word := range whichWords {
		if c.Query("lay") == word {
			ask.Which = w
		}
	}
	sc, ok := h.Service.SumHome(c.Actor, p)
	if name := c.Query("don-vi"); name != "" {
		u, found := h.at(name, p)
		if !found {
			return ask, nil, errNone()
		}
		sc, ok = report.Scope{Unit: u.ID}, true
	}
	if name := c.Query("nganh"); name != "" {
		u, found := h.at(name, p)
		if !found {
			return ask, nil, errNone()
		}
		if sc.Unit == "" {
			sc.Unit = p.Unit
		}
		sc.Sector = u.ID
	}
	if !ok {
		return ask, nil, errNone()
	}
	ask.Scope = sc
	return ask, p, nil
}

// at is the unit that a code or id names on the period's last day, else the first that ever had it.
func (h *pages) at(name string, p *report.Period) (*org.Unit, bool) {
	tree := h.Units.On(p.To)
	if u, ok := tree.ByCode(name); ok {
		return u, true
	}
	if u, ok := tree.ByID(name); ok {
		return u, true
	}
	if u, ok := h.Units.Holder(name, p.To); ok {
		return u, true
	}
	var first *org.Unit // of a period before the first unit: whoever had the code first
	for _, u := range h.Units.Holders(name, "9999-12-31") {
		if first == nil || u.From < first.From {
			first = u
		}
	}
	return first, first != nil
}

// headOfSum makes the head; it must be called after the sum was read.
func (h *pages) headOfSum(c *web.Context, v *report.Sum) *sumHead {
	p := &sumHead{F: c.Form(), V: v, Base: report.SumBase(v.Period), p: c.P, args: url.Values{}}
	p.Before = v.Before != nil && (v.Year == nil || v.Year.ID != v.Before.ID)
	p.args.Set("don-vi", unitCode(v.Of))
	if v.Sector != nil {
		p.args.Set("nganh", unitCode(v.Sector))
	}
	if v.Ask.By != report.ByPlace {
		p.args.Set("theo", string(v.Ask.By))
	}
	if v.Ask.Which != report.HandedIn {
		p.args.Set("lay", whichWords[v.Ask.Which])
	}
	if v.Ask.Now {
		p.args.Set("cay", "nay")
	}
	p.Name = v.Of.NameIn(c.Lang)
	if v.Sector != nil {
		p.Name = c.P.T("reportsum.sector_of", "sector", v.Sector.NameIn(c.Lang), "unit", p.Name)
	}
	for _, u := range v.Above {
		p.Above = append(p.Above, sumLink{Name: u.NameIn(c.Lang), Path: p.At("", "don-vi", unitCode(u), "nganh", "")})
	}
	if v.Sector != nil {
		if f, n := h.Service.MaySum(c.Actor, v.Period, report.Scope{Unit: v.Of.ID}); f || n {
			p.Above = append(p.Above, sumLink{Name: v.Of.NameIn(c.Lang), Path: p.At("", "nganh", "")})
		}
	}
	for _, b := range report.Bys {
		if b == report.BySector && v.Sector != nil {
			continue
		}
		p.Bys = append(p.Bys, sumLink{Name: c.P.T("reportsum.by." + string(b)), Path: p.At("", "theo", map[bool]string{false: string(b)}[b == report.ByPlace]), On: v.Ask.By == b})
	}
	p.Filter = sumFilter{Which: whichWords[v.Ask.Which], Now: v.Ask.Now}
	for _, w := range []report.Which{report.HandedIn, report.OnlyAccepted, report.WithDrafts} {
		p.Filter.Whichs = append(p.Filter.Whichs, web.Option{Value: whichWords[w], Label: c.P.T("reportsum.which." + whichWords[w])})
	}
	return p
}

// Hidden are the choices of the address that the filter does not offer, for its form.
func (p *sumHead) Hidden() []sumLink {
	var out []sumLink
	for _, k := range []string{"don-vi", "nganh", "theo"} {
		if v := p.args.Get(k); v != "" {
			out = append(out, sumLink{Name: k, Path: v})
		}
	}
	return out
}

// Show words a figure of a sum.
func (p *sumHead) Show(f *report.SumFigure) string { return showSum(p.p, f) }

func showSum(p *i18n.Printer, f *report.SumFigure) string {
	if _, _, ok := f.Ratio(); ok {
		if !f.RatioOK {
			return "–"
		}
		return p.Percent(int(f.Part), int(f.Whole))
	}
	switch f.Agg {
	case "count_yes":
		if f.Of == 0 {
			return "–"
		}
		return p.Int(int64(f.Yes)) + "/" + p.Int(int64(f.Of))
	case "histogram":
		var parts []string
		for i, n := range f.Grades {
			if n > 0 {
				parts = append(parts, p.T("report.grade."+strconv.Itoa(i+1))+" "+p.Int(int64(n)))
			}
		}
		if parts == nil {
			return "–"
		}
		return strings.Join(parts, ", ")
	case "sum":
		return report.Show(p, f.Indicator, f.Value)
	}
	return "–"
}

// groupRow is a group in the table of groups.
type groupRow struct {
	*report.SumGroup
	Name            string
	Path, List      string // its own sums; its reports
	Share           string
	Bar             template.HTML
	Overdue, InTime int
	Figures         []figureCell
}

type figureCell struct{ Code, Title, Text string }

// sumPage is the page of a sum.
type sumPage struct {
	*sumHead
	Groups    []groupRow
	Total     groupRow
	Shown     []*report.Indicator
	Sections  []sumSection
	Overdue   int
	InTime    int
	Accepted  int
	Returned  int
	Snapshots []snapshotLine
}

type sumSection struct {
	Name string
	Rows []sumRow
}

type sumRow struct {
	*report.SumFigure
	Text, OwnText, BeforeText, YearText, Change string
	Path                                        string
}

type snapshotLine struct {
	*report.Snapshot
	Path string
}

func (h *pages) sum(c *web.Context) error {
	p, err := h.sumPageOf(c)
	if err != nil {
		return err
	}
	c.L.Wide = true
	return c.Render("sum_view", p)
}

func (h *pages) sumPageOf(c *web.Context) (*sumPage, error) {
	ask, _, err := h.askOf(c)
	if err != nil {
		return nil, err
	}
	v, err := h.Service.Sum(c.Context(), c.Actor, ask)
	if err != nil {
		return nil, err
	}
	p := &sumPage{sumHead: h.headOfSum(c, v), Overdue: v.Total.Overdue(v.Today), InTime: v.Total.InTime(), Accepted: v.Total.States[report.Accepted], Returned: v.Total.States[report.Returned]}
	if c.Query("xong") == "chot" {
		p.Done = i18n.M("reportsum.frozen")
	}
	if !v.Limited {
		p.Shown = shown(v.Form)
		p.Sections = p.sections(v)
	}
	for _, g := range v.Groups {
		p.Groups = append(p.Groups, p.row(g))
	}
	p.Total = p.row(v.Total)
	p.Total.Name = c.P.T("reportsum.all")
	for _, s := range v.Snapshots {
		p.Snapshots = append(p.Snapshots, snapshotLine{s, s.Link(v.Period)})
	}
	return p, nil
}

// shown are the figures that stand beside each group: those that the room's settings name, else the first that can be added.
func shown(f *report.Form) []*report.Indicator {
	var out []*report.Indicator
	for _, code := range report.ShownFigures() {
		if x, ok := f.Indicator(code); ok {
			out = append(out, x)
		}
	}
	for _, x := range f.Indicators {
		if len(out) < 4 && x.Agg == "sum" && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

func (p *sumHead) groupName(g *report.SumGroup) string { return g.Title(p.p) }

func (p *sumPage) row(g *report.SumGroup) groupRow {
	handed := g.HandedIn()
	r := groupRow{SumGroup: g, Name: p.groupName(g), Share: p.p.Percent(handed, g.Bound), Overdue: g.Overdue(p.V.Today), InTime: g.InTime()}
	r.Bar = template.HTML(chart.Bar(int64(handed), int64(g.Bound), "xong")) //nolint:gosec // our own picture
	r.List = p.At("don-vi", "nhom", g.Key)
	if g.Key == "all" {
		r.List = p.At("don-vi")
	}
	if g.Down && g.Unit != nil {
		r.Path = p.At("", "don-vi", unitCode(g.Unit))
	} else if p.V.Ask.By == report.BySector && g.Unit != nil {
		r.Path = p.At("", "nganh", unitCode(g.Unit), "theo", string(report.ByKind))
	}
	for _, x := range p.Shown {
		if f := p.V.Figure(g, x.Code); f != nil {
			r.Figures = append(r.Figures, figureCell{x.Code, x.Title(p.p.Lang), p.Show(f)})
		}
	}
	return r
}

func (p *sumHead) sections(v *report.Sum) []sumSection {
	var out []sumSection
	for _, f := range v.Figures(nil) {
		if n := len(out); n == 0 || out[n-1].Name != f.Section {
			out = append(out, sumSection{Name: f.Section})
		}
		r := sumRow{SumFigure: f, Text: p.Show(f), OwnText: report.Show(p.p, f.Indicator, f.Own), BeforeText: report.Show(p.p, f.Indicator, f.Before), YearText: report.Show(p.p, f.Indicator, f.Year)}
		if f.Agg == "count_yes" {
			r.BeforeText, r.YearText = countOr(p.p, f.YesBefore, v.Before != nil), countOr(p.p, f.YesYear, v.Year != nil)
		}
		if f.Agg == "sum" && f.Value != report.None && f.Year != report.None {
			switch d := f.Value - f.Year; {
			case d > 0:
				r.Change = p.p.T("reportsum.more", "n", report.Show(p.p, f.Indicator, d))
			case d < 0:
				r.Change = p.p.T("reportsum.less", "n", report.Show(p.p, f.Indicator, -d))
			default:
				r.Change = p.p.T("reportsum.same")
			}
		}
		r.Path = p.At("chi-tieu/" + url.PathEscape(f.Code))
		s := &out[len(out)-1]
		s.Rows = append(s.Rows, r)
	}
	return out
}

func countOr(p *i18n.Printer, n int, known bool) string {
	if !known || n < 0 {
		return "–"
	}
	return p.Int(int64(n))
}

// freeze makes a consolidated report of what is handed in.
func (h *pages) freeze(c *web.Context) error {
	ask, p, err := h.askOf(c)
	if err != nil {
		return err
	}
	to, err := c.Command(func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := h.Service.FreezeTx(ctx, tx, c.Actor, report.Freeze{Period: p.ID, Unit: ask.Unit, Note: c.Form().Lines("note")})
		if err != nil {
			return "", err
		}
		return report.SumBase(p) + "/chot/" + id, nil
	})
	if err != nil {
		v, err2 := h.sumPageOf(c)
		if err2 != nil {
			return err2
		}
		c.L.Wide = true
		return c.Retry(err, "sum_view", v)
	}
	return c.Redirect(to)
}
