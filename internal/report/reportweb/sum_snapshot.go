package reportweb

import (
	"context"
	"strconv"

	"dinh/internal/db"
	"dinh/internal/document"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/report"
	"dinh/internal/web"
)

// snapshotPage is a consolidated report as it was frozen, beside what the reports give now.
type snapshotPage struct {
	F     *web.Form
	S     *report.Compared
	Name  string
	Base  string // of this page
	Back  string
	Rows  []snapshotRow
	Diffs []diffRow
	Texts []textPart
	Done  i18n.Msg
	Same  bool
}

type snapshotRow struct {
	*report.SumFigure
	Text string
}

type diffRow struct {
	*report.Difference
	ThenText, NowText string
	Reports           []diffReport
}

type diffReport struct {
	report.ChangedReport
	Name, ThenText, NowText string
}

type textPart struct{ Name, Body string }

func (h *pages) snapshotOf(c *web.Context, by report.By) (*snapshotPage, error) {
	s, err := h.Service.Snapshot(c.Context(), c.Actor, c.Value("id"), by)
	if err != nil {
		return nil, err
	}
	if strconv.Itoa(s.Of2.Year) != c.Value("year") || s.Of2.Slug() != c.Value("period") {
		return nil, errNone()
	}
	p := &snapshotPage{F: c.Form(), S: s, Name: s.Of.NameIn(c.Lang), Base: s.Link(s.Of2), Back: report.SumBase(s.Of2) + "?don-vi=" + unitCode(s.Of), Same: len(s.Differs) == 0 && s.Came+s.Left+s.Changed == 0}
	for _, f := range s.Figures(nil) {
		p.Rows = append(p.Rows, snapshotRow{f, showSum(c.P, f)})
	}
	for _, d := range s.Differs {
		r := diffRow{Difference: d, ThenText: showSum(c.P, d.Then), NowText: showSum(c.P, d.Now)}
		if d.Agg == "count_yes" {
			r.ThenText, r.NowText = c.P.Int(int64(d.Then.Yes)), c.P.Int(int64(d.Now.Yes))
		}
		for _, x := range d.Reports {
			r.Reports = append(r.Reports, diffReport{x, x.Unit.NameIn(c.Lang), report.Show(c.P, d.Indicator, x.Then), report.Show(c.P, d.Indicator, x.Now)})
		}
		p.Diffs = append(p.Diffs, r)
	}
	for _, name := range report.Headings(s.Of2, s.Form) {
		if s.Texts[name] != "" {
			p.Texts = append(p.Texts, textPart{name, s.Texts[name]})
		}
	}
	f := p.F
	f.Prefill("version", strconv.Itoa(s.Version))
	f.Prefill("number", s.Paper.Number)
	f.Prefill("signer", s.Paper.Signer)
	f.PrefillDate("day", s.Paper.Day)
	if c.Query("xong") == "so" {
		p.Done = i18n.M("reportsum.numbered")
	}
	return p, nil
}

func (h *pages) snapshot(c *web.Context) error {
	p, err := h.snapshotOf(c, report.ByType)
	if err != nil {
		return err
	}
	c.L.Wide = true
	return c.Render("sum_snapshot", p)
}

func (h *pages) snapshotPaper(c *web.Context) error {
	p, err := h.snapshotOf(c, report.ByType)
	if err != nil {
		return err
	}
	f := c.Form()
	version, err := strconv.Atoi(f.Raw("version"))
	if err != nil {
		version = -1
	}
	day := f.Date("day")
	err = f.Err()
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			paper := report.Paper{Number: f.Text("number"), Day: day, Signer: f.Text("signer")}
			return p.Base + "?xong=so", h.Service.SnapshotPaperTx(ctx, tx, c.Actor, p.S.ID, version, paper)
		})
	}
	if err != nil {
		f.Put("version", strconv.Itoa(p.S.Version))
		c.L.Wide = true
		return c.Retry(err, "sum_snapshot", p)
	}
	return nil
}

// sumPaperPage is the consolidated report as a paper.
type sumPaperPage struct {
	S     *report.Compared
	Back  string
	Files *web.Files
	Paper *document.Paper
}

func (h *pages) paperOfSnapshot(c *web.Context) (*sumPaperPage, error) {
	s, err := h.Service.Snapshot(c.Context(), c.Actor, c.Value("id"), report.ByType)
	if err != nil {
		return nil, err
	}
	if s.Of == nil {
		return nil, errs.E(errs.NotFound, "report.none")
	}
	return &sumPaperPage{S: s, Back: s.Link(s.Of2), Files: web.FilesOf(s.Link(s.Of2) + "/van-ban"), Paper: h.consolidated(c, s)}, nil
}

func (h *pages) snapshotSheet(c *web.Context) error {
	p, err := h.paperOfSnapshot(c)
	if err != nil {
		return err
	}
	return c.Render("sum_paper", p)
}

func (h *pages) snapshotFile(c *web.Context, as string) error {
	p, err := h.paperOfSnapshot(c)
	if err != nil {
		return err
	}
	return c.Paper(p.Paper, "bao cao tong hop "+p.S.Of.Name+" "+p.S.Of2.Slug()+" "+strconv.Itoa(p.S.Of2.Year), as)
}
