package reportweb

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/report"
	"dinh/internal/web"
)

// sectionPage is one section of a report: a form where the reader fills it in, figures and words where not.
type sectionPage struct {
	*head
	S       *report.SectionView
	Edit    bool
	Fields  []*figureField
	Nothing bool // the tick is offered
	Path    string
	Prev    string
	Next    string
	PrevN   int
	NextN   int
	Saved   i18n.Msg // when it was saved last, and by whom
	Body    string
}

// figureField is a figure as the form draws it.
type figureField struct {
	F      *web.Form
	V      *report.FigureView
	Label  string
	Hint   string
	Kind   string // number, yes_no, grade, words, shown
	Value  string // as it is shown
	Found  string
	Year   string
	Last   string
	Delta  string // against the year before
	Open   string // address of the records behind it
	Reason string // name of the field
	Wide   string
	Opts   []web.Option
	Bad    bool // corrected, or a reason is typed: the box for it is open
}

const reasonPrefix = "ly-do-"

func (h *pages) sectionOf(c *web.Context) (*sectionPage, error) {
	hd, err := h.headOf(c)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(c.Value("n"))
	v := hd.V
	s := v.Section(n)
	if err != nil || s == nil || v.Limited {
		return nil, errNone()
	}
	p := &sectionPage{head: hd, S: s, Path: hd.At("muc/" + strconv.Itoa(n)), Nothing: s.NothingOffered(), Body: s.Section.Body}
	p.Edit = v.MayWrite && slices.Contains([]report.State{report.NotStarted, report.Drafting, report.Returned}, v.State)
	i := slices.Index(v.Sections, s)
	if i > 0 {
		p.PrevN = v.Sections[i-1].N
		p.Prev = hd.At("muc/" + strconv.Itoa(p.PrevN))
	}
	if i < len(v.Sections)-1 {
		p.NextN = v.Sections[i+1].N
		p.Next = hd.At("muc/" + strconv.Itoa(p.NextN))
	}
	if s.Section.Version > 0 && s.Section.By != "" {
		p.Saved = i18n.M("reportunit.section.saved", "by", s.Section.By, "at", c.P.Instant(time.UnixMicro(s.Section.At)))
	}
	p.F.Prefill("version", strconv.Itoa(s.Section.Version))
	p.F.Prefill("body", s.Section.Body)
	if s.Section.Nothing {
		p.F.Prefill("nothing", "1")
	}
	for _, f := range s.Figures {
		p.Fields = append(p.Fields, h.field(c, hd, f, p.Edit))
	}
	c.L.Crumbs = append(c.L.Crumbs, web.Crumb{Text: s.Name, Lang: i18n.VI})
	return p, nil
}

func (h *pages) field(c *web.Context, hd *head, f *report.FigureView, edit bool) *figureField {
	x := &figureField{F: hd.F, V: f, Label: f.Code + ". " + f.Title(c.Lang), Reason: reasonPrefix + f.Code, Value: report.Show(c.P, f.Indicator, f.Value)}
	if f.Hint != "" {
		x.Hint = f.Hint
	}
	switch {
	case f.Unit == report.Words:
		x.Kind, x.Value = "words", f.Text
		hd.F.Prefill(f.Code, f.Text)
	case f.Source == report.SourceDerived:
		x.Kind = "shown"
		x.Value = "–"
		if f.RatioOK {
			x.Value = c.P.Percent(int(f.Part), int(f.Whole))
		}
	case f.Source == report.SourceGrading:
		x.Kind = "shown"
	case f.Unit == report.YesNo:
		x.Kind = "yes_no"
		x.Opts = []web.Option{{Value: "1", Label: c.P.T("report.yes")}, {Value: "0", Label: c.P.T("report.no")}}
		hd.F.Prefill(f.Code, report.Typed(c.P, f.Indicator, f.Value))
	default:
		x.Kind, x.Wide = "number", "10"
		if f.Unit == report.VND {
			x.Wide = "20"
		}
		if x.Hint == "" && f.Unit != report.Count {
			x.Hint = c.P.T("reportunit.unit." + f.Unit)
		}
		hd.F.Prefill(f.Code, report.Typed(c.P, f.Indicator, f.Value))
	}
	hd.F.Prefill(x.Reason, f.Reason)
	if f.Known {
		x.Found = report.Show(c.P, f.Indicator, f.Found)
		x.Open = hd.At("so/" + f.Code)
		x.Bad = f.Corrected() || hd.F.Text(x.Reason) != ""
	}
	if f.Year != report.None {
		x.Year = report.Show(c.P, f.Indicator, f.Year)
		if d := f.Value - f.Year; f.Value != report.None && f.Agg == "sum" && d != 0 {
			sign := "+"
			if d < 0 {
				sign, d = "−", -d
			}
			x.Delta = sign + report.Show(c.P, f.Indicator, d)
		}
	}
	if f.Last != report.None && f.Year == report.None {
		x.Last = report.Show(c.P, f.Indicator, f.Last)
	}
	if !edit && x.Kind != "words" {
		x.Kind = "shown"
	}
	return x
}

func (h *pages) section(c *web.Context) error {
	p, err := h.sectionOf(c)
	if err != nil {
		return err
	}
	if c.Query("xong") == "luu" {
		p.Done = i18n.M("reportunit.done.luu")
	}
	return c.Render("unit_section", p)
}

// saveSection stores what was typed. The same address takes the drafts that the script saves by itself.
func (h *pages) saveSection(c *web.Context) error {
	p, err := h.sectionOf(c)
	if err != nil {
		return err
	}
	f := p.F
	if !p.Edit {
		return errs.E(errs.Conflict, "report.frozen")
	}
	e := report.SectionEdit{
		Report: p.V.ID, Name: p.S.Name, Version: f.Int("version"), Nothing: p.Nothing && f.Bool("nothing"), Body: f.Lines("body"), Values: map[string]int64{}, Texts: map[string]string{},
		Reasons: map[string]string{},
	}
	for _, x := range p.Fields {
		switch x.Kind {
		case "words":
			e.Texts[x.V.Code] = f.Lines(x.V.Code)
		case "number", "yes_no":
			v, fault := report.ReadFigure(x.V.Indicator, f.Text(x.V.Code))
			if fault != nil {
				f.Fail(&errs.Error{Kind: errs.Invalid, Fields: []errs.Field{*fault}})
				continue
			}
			e.Values[x.V.Code] = v
			if r := f.Text(x.Reason); r != "" {
				e.Reasons[x.V.Code] = r
			}
		}
	}
	to := p.Path + "&xong=luu"
	if f.Text("viec") == "tiep" {
		to = p.Top() + "&xong=muc"
		if p.Next != "" {
			to = p.Next
		}
	}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return to, h.Service.SaveSectionTx(ctx, tx, c.Actor, e)
	})
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		return h.sectionConflict(c, p, err)
	}
	return c.Retry(err, "unit_section", p)
}

// sectionConflict shows what was typed beside what is stored now; saving again then overwrites knowingly.
func (h *pages) sectionConflict(c *web.Context, p *sectionPage, err error) error {
	for _, x := range p.Fields {
		switch x.Kind {
		case "words":
			p.F.Stored(x.V.Code, x.V.Text)
		case "number", "yes_no":
			p.F.Stored(x.V.Code, report.Typed(c.P, x.V.Indicator, x.V.Value))
			p.F.Stored(x.Reason, x.V.Reason)
		}
	}
	p.F.Stored("body", p.S.Section.Body)
	p.F.Put("version", strconv.Itoa(p.S.Section.Version))
	return c.Retry(err, "unit_section", p)
}

// versionsPage lists what a section was before.
type versionsPage struct {
	*head
	S    *report.SectionView
	List []versionLine
	Path string
}

type versionLine struct {
	D       report.Draft
	At      time.Time
	Figures []string
	Texts   []string
}

func (h *pages) versions(c *web.Context) error {
	hd, err := h.headOf(c)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Value("n"))
	if err != nil {
		return errNone()
	}
	v, err := h.Service.Drafts(c.Context(), c.Actor, hd.V.ID, n)
	if err != nil {
		return err
	}
	p := &versionsPage{head: hd, S: v.Section(n), Path: hd.At("muc/" + strconv.Itoa(n))}
	for _, d := range v.Drafts {
		l := versionLine{D: d, At: time.UnixMicro(d.At)}
		for _, f := range p.S.Figures {
			if x, ok := d.Doc.Values[f.Code]; ok {
				l.Figures = append(l.Figures, f.Code+": "+report.Show(c.P, f.Indicator, x))
			}
			if t := strings.TrimSpace(d.Doc.Texts[f.Code]); t != "" {
				l.Texts = append(l.Texts, f.Code+": "+t)
			}
		}
		p.List = append(p.List, l)
	}
	return c.Render("unit_versions", p)
}

// figurePage opens a figure down to the records behind it.
type figurePage struct {
	*head
	X     *report.Opened
	Value string
	Found string
	Now   string
	Title string
	Back  string
	More  string // a page of the room with all
}

func (h *pages) figure(c *web.Context) error {
	hd, err := h.headOf(c)
	if err != nil {
		return err
	}
	_, x, err := h.Service.Open(c.Context(), c.Actor, hd.V.ID, c.Value("code"))
	if err != nil {
		return err
	}
	p := &figurePage{head: hd, X: x, Value: report.Show(c.P, x.Indicator, x.Value), Title: x.Code + ". " + x.Title(c.Lang), More: x.Now.Link}
	if x.Known {
		p.Found = report.Show(c.P, x.Indicator, x.Found)
	}
	if x.Fresh {
		p.Now = report.Show(c.P, x.Indicator, x.Now.Value)
	}
	for _, s := range hd.V.Sections {
		if s.Name == x.Section {
			p.Back = hd.At("muc/" + strconv.Itoa(s.N))
		}
	}
	return c.Render("unit_figure", p)
}
