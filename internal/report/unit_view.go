package report

import (
	"context"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// FigureView is a figure of a report as its pages show it.
type FigureView struct {
	*Indicator
	Value, Found int64 // None where not known
	Year, Last   int64 // of the same period of the year before, of the period before
	Part, Whole  int64 // of a ratio
	RatioOK      bool
	Text         string // of words
	LastText     string // what was written last time
	Reason       string // of a correction
	Known        bool   // a room computes it
	Unbuilt      bool   // a room is to compute it, which is not there: typed till then
	Findings     []i18n.Msg
	Notes        []i18n.Msg
	Rule         string
}

// Corrected reports whether the figure is another than the records say.
func (f *FigureView) Corrected() bool { return f.Known && f.Found != None && f.Value != f.Found }

// SectionView is a section of a report.
type SectionView struct {
	N        int // from 1, in the form's order, as in its address
	Name     string
	Section  *Section // never nil; Version 0: never saved
	Figures  []*FigureView
	Filled   int
	Asked    int // of those that are typed or computed
	Hard     int
	Notes    int
	LastBody string // the prose of last time
	Draft    string // a first draft of the prose from the figures
}

// NothingOffered reports whether "nothing happened" can be ticked.
func (s *SectionView) NothingOffered() bool {
	return slices.ContainsFunc(s.Figures, func(f *FigureView) bool { return f.nothing() })
}

// View is a report as the reader may see it.
type View struct {
	*Report
	Period   *Period
	Form     *Form
	Of       *org.Unit
	ToUnit   *org.Unit
	Kind     string // by which it is asked: the unit's, or that of the units that the line stands for
	Limited  bool   // only how far it is: the reader does not see drafts
	Sections []*SectionView
	Findings []Finding // of the whole report
	Empty    []*Indicator
	Asks     []*Ask
	Changes  []*Change
	Before   *Report // the same period of the year before
	Previous *Report // the period before
	Drafts   []Draft // of the section asked for

	MayWrite  bool // fill in, lay before the head, enter the signed paper
	MaySign   bool
	MayReturn bool // ask for supplements, accept, extend
}

// Filled and Asked count figures over all sections.
func (v *View) Filled() int {
	n := 0
	for _, s := range v.Sections {
		n += s.Filled
	}
	return n
}

// AskedN is how many figures are asked for.
func (v *View) AskedN() int {
	n := 0
	for _, s := range v.Sections {
		n += s.Asked
	}
	return n
}

// OpenAsk is the superior's request that is not answered, nil where there is none.
func (v *View) OpenAsk() *Ask {
	for _, a := range v.Asks {
		if a.Answered == civil.None {
			return a
		}
	}
	return nil
}

// Section is the section of a number, nil where there is none.
func (v *View) Section(n int) *SectionView {
	for _, s := range v.Sections {
		if s.N == n {
			return s
		}
	}
	return nil
}

// Find gives the report of a unit for a year and a period's part of an address, and the form that its lines stand for.
func (s *Service) Find(ctx context.Context, actor access.Actor, year int, slug, unit, lump string) (*View, error) {
	var id string
	err := s.db.Read(ctx, func(q db.Querier) error {
		kind := map[string]string{"6-thang": PeriodHalf, "nam": PeriodYear}[slug]
		query := `SELECT r.id FROM report r JOIN report_period p ON p.id=r.period_id WHERE r.unit_id=$1 AND r.lump_kind=$2 AND p.year=$3 AND p.id=$4 ORDER BY p.created LIMIT 1`
		args := []any{unit, lump, year, slug}
		if kind != "" {
			query = `SELECT r.id FROM report r JOIN report_period p ON p.id=r.period_id WHERE r.unit_id=$1 AND r.lump_kind=$2 AND p.year=$3 AND p.kind=$4 AND p.form_id=$5 ORDER BY p.created LIMIT 1`
			args = []any{unit, lump, year, kind, MainForm}
		}
		return noRow(q.QueryRow(ctx, query, args...).Scan(&id))
	})
	if err != nil {
		return nil, err
	}
	return s.Report(ctx, actor, id)
}

// Report is a report as the actor may see it. Of one that is not handed in, superiors see only how far it is.
func (s *Service) Report(ctx context.Context, actor access.Actor, id string) (*View, error) {
	var v *View
	err := s.db.Read(ctx, func(q db.Querier) error {
		o, err := s.openTx(ctx, q, id)
		if err != nil {
			return err
		}
		v, err = s.view(ctx, q, actor, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !v.Limited {
		if err := s.compare(ctx, v); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (s *Service) view(ctx context.Context, q db.Querier, actor access.Actor, o *opened) (*View, error) {
	pl := s.placeOf(o.Report, o.period)
	read := access.Allowed(actor, access.ReadRecord, pl)
	v := &View{Report: o.Report, Period: o.period, Form: o.form, Of: o.unit, Kind: o.kind, Limited: !read}
	if !read && !access.Allowed(actor, access.ReadProgress, pl) {
		return nil, errs.E(errs.NotFound, "report.none")
	}
	if o.To != "" {
		v.ToUnit, _ = s.units.TreeOf(o.To, s.clock.Today()).ByID(o.To)
	}
	running := o.period.State == Open
	v.MayReturn = running && s.mayReturn(actor, o.Report, o.period)
	if v.Limited {
		return v, nil
	}
	v.MayWrite = running && s.mayWrite(actor, o.Report, o.period)
	v.MaySign = running && o.LumpKind == "" && access.Allowed(actor, access.ConfirmRecord, pl)
	sections, err := readSections(ctx, q, o.ID)
	if err != nil {
		return nil, err
	}
	if v.Asks, err = readAsks(ctx, q, o.ID); err != nil {
		return nil, err
	}
	if v.Changes, err = readChanges(ctx, q, `report_id=$1 ORDER BY at DESC, id LIMIT 200`, o.ID); err != nil {
		return nil, err
	}
	prev, err := s.earlier(ctx, q, o)
	if err != nil {
		return nil, err
	}
	v.Before, v.Previous = prev.year.report(), prev.last.report()
	v.Findings = append(o.form.checks(o.asked, o.Values), o.reasonsMissing(sections)...)
	v.Empty = o.empty(sections)
	s.fillSections(v, o, sections, prev)
	return v, nil
}

// fillSections makes the sections of a view.
func (s *Service) fillSections(v *View, o *opened, sections map[string]*Section, prev *earlier) {
	prose := &proseOf{form: o.form, asked: o.asked, now: o.Values, before: prev.year.value, unit: proseUnit(o.unit), period: prosePeriod(o.period), p: i18n.For(i18n.VI)}
	for n, name := range o.form.Sections() {
		fields := o.inSection(name)
		if len(fields) == 0 {
			continue
		}
		sv := &SectionView{N: n + 1, Name: name, Section: sections[name], LastBody: prev.text().body(name), Draft: prose.section(name)}
		if sv.Section == nil {
			sv.Section = &Section{Report: o.ID, Name: name}
		}
		for _, x := range fields {
			f := s.figureView(o, x, sv.Section, prev)
			for _, fi := range v.Findings {
				if fi.Code == x.Code {
					f.Findings = append(f.Findings, fi.Msg)
					sv.Hard++
				}
			}
			if typed(x) && x.Source != SourceGrading {
				sv.Asked++
				if f.Value != None || f.Text != "" || x.Unit == Words && sv.Section.Nothing {
					sv.Filled++
				}
			}
			sv.Figures = append(sv.Figures, f)
		}
		v.Sections = append(v.Sections, sv)
	}
}

func (s *Service) figureView(o *opened, x *Indicator, sec *Section, prev *earlier) *FigureView {
	i := o.form.Index(x.Code)
	f := &FigureView{Indicator: x, Value: o.Values[i], Found: o.Found[i], Year: prev.year.value(x.Code), Last: prev.last.value(x.Code), Reason: sec.Reasons[x.Code], Known: s.Known(x)}
	f.Unbuilt = !f.Known && !slices.Contains([]string{SourceTyped, SourceDerived, SourceGrading}, x.Source)
	if x.Unit == Words {
		f.Value, f.Text, f.LastText = None, sec.Texts[x.Code], prev.text().words(x.Section, x.Code)
	}
	if over, under, ok := x.Ratio(); ok {
		a, b := o.form.Index(over), o.form.Index(under)
		f.Part, f.Whole = o.Values[a], o.Values[b]
		f.RatioOK = o.Values.Known(a) && o.Values.Known(b) && f.Whole > 0
	}
	if x.rule != nil {
		f.Rule = x.rule.String()
	}
	return f
}

// compare points out what is far from earlier periods and from like units.
func (s *Service) compare(ctx context.Context, v *View) error {
	like := map[string]int64{}
	if v.LumpKind == "" {
		err := s.live.read(ctx, s.db, v.Period, v.Form, func(c *Columns) error {
			tree := s.units.TreeOf(v.Period.Unit, v.Period.To)
			rows := c.Rows(func(unit string, st State) bool {
				u, ok := tree.ByID(unit)
				return ok && unit != v.Unit && u.Kind == v.Kind && st.Final()
			})
			for i, x := range v.Form.Indicators {
				if x.Agg != "sum" {
					continue
				}
				if all := c.Spread(i, rows); len(all) >= likeMost {
					like[x.Code] = all[len(all)/2]
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, sec := range v.Sections {
		for _, f := range sec.Figures {
			l, ok := like[f.Code]
			if !ok {
				l = None
			}
			f.Notes = outlier(f.Indicator, f.Value, f.Last, f.Year, l)
			sec.Notes += len(f.Notes)
		}
	}
	return nil
}

// earlier are the reports of the same unit, or of what it was before, of the same form.
type earlier struct{ year, last *old }

// old is a report of an earlier period.
type old struct {
	r        *Report
	form     *Form
	sections map[string]*Section
}

func (o *old) report() *Report {
	if o == nil {
		return nil
	}
	return o.r
}

func (o *old) value(code string) int64 {
	if o == nil {
		return None
	}
	i := o.form.Index(code)
	if !o.r.Values.Known(i) {
		return None
	}
	return o.r.Values[i]
}

func (o *old) body(section string) string {
	if o == nil || o.sections[section] == nil {
		return ""
	}
	return o.sections[section].Body
}

func (o *old) words(section, code string) string {
	if o == nil || o.sections[section] == nil {
		return ""
	}
	return o.sections[section].Texts[code]
}

// text is the report whose words stand beside: the last one.
func (e *earlier) text() *old {
	if e.last != nil {
		return e.last
	}
	return e.year
}

// earlier finds the same unit's reports of the same form: of the same kind of period a year before, and of the period before.
func (s *Service) earlier(ctx context.Context, q db.Querier, o *opened) (*earlier, error) {
	units := []string{o.Unit}
	if o.LumpKind == "" {
		if from := s.units.Predecessors(o.Unit, o.period.To); len(from) == 1 {
			units = append(units, from[0].Old) // one that only changed its name or kind; of a merger no single report can be the one before
		}
	}
	out := new(earlier)
	for _, unit := range units {
		list, err := readPeriods(ctx, q, `form_id=$1 AND to_day<$2 AND id IN (SELECT period_id FROM report WHERE unit_id=$3 AND lump_kind=$4 AND first_day<>'') ORDER BY to_day DESC, created DESC LIMIT 12`,
			o.period.Form, o.period.To, unit, o.LumpKind)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			year := out.year == nil && p.Kind == o.period.Kind && p.Year == o.period.Year-1
			last := out.last == nil
			if !year && !last {
				continue
			}
			form, err := s.formOf(ctx, q, p)
			if err != nil {
				return nil, err
			}
			rs, err := readReports(ctx, q, len(form.Indicators), `period_id=$1 AND unit_id=$2 AND lump_kind=$3`, p.ID, unit, o.LumpKind)
			if err != nil {
				return nil, err
			}
			if len(rs) == 0 {
				continue
			}
			x := &old{r: rs[0], form: form}
			if x.sections, err = readSections(ctx, q, x.r.ID); err != nil {
				return nil, err
			}
			if year {
				out.year = x
			}
			if last {
				out.last = x
			}
		}
	}
	return out, nil
}

// Drafts are the versions of a section, newest first, for those who write the report.
func (s *Service) Drafts(ctx context.Context, actor access.Actor, report string, n int) (*View, error) {
	v, err := s.Report(ctx, actor, report)
	if err != nil {
		return nil, err
	}
	sec := v.Section(n)
	if v.Limited || sec == nil || !access.Allowed(actor, access.WriteRecord, s.placeOf(v.Report, v.Period)) {
		return nil, errs.E(errs.NotFound, "report.none")
	}
	v.Drafts, err = readDrafts(ctx, s.db, report, sec.Name)
	return v, err
}

// Opened is a figure with the records behind it, asked of its room now.
type Opened struct {
	*FigureView
	Now   Figure
	Fresh bool // the room knows the figure; else nothing lies behind it but the form
}

// Open gives a figure of a report with what it was counted from.
func (s *Service) Open(ctx context.Context, actor access.Actor, report, code string) (*View, *Opened, error) {
	v, err := s.Report(ctx, actor, report)
	if err != nil {
		return nil, nil, err
	}
	if v.Limited {
		return nil, nil, errs.E(errs.NotFound, "report.none")
	}
	for _, sec := range v.Sections {
		for _, f := range sec.Figures {
			if f.Code != code {
				continue
			}
			x := &Opened{FigureView: f}
			if f.Known && v.LumpKind == "" {
				err := s.db.Read(ctx, func(q db.Querier) error {
					got, err := s.found(ctx, q, v.Unit, v.Period.days(s.clock.Today()), []*Indicator{f.Indicator})
					x.Now, x.Fresh = got[code], err == nil && got != nil
					_, known := got[code]
					x.Fresh = x.Fresh && known
					for i := range x.Now.Records {
						if r := &x.Now.Records[i]; r.May != nil && !r.May(actor) {
							r.ID, r.Title, r.Link = "", "", ""
						}
					}
					return err
				})
				if err != nil {
					return nil, nil, err
				}
			}
			return v, x, nil
		}
	}
	return nil, nil, errs.E(errs.NotFound, "report.none")
}

// LinkOf is the page of a unit's report of the main form for a kind of period and a year; "" where no such period is open or was.
func (s *Service) LinkOf(ctx context.Context, kind string, year int, u *org.Unit) (string, error) {
	list, err := readPeriods(ctx, s.db, `kind=$1 AND year=$2 AND form_id=$3 AND id IN (SELECT period_id FROM report WHERE unit_id=$4 AND lump_kind='') ORDER BY created LIMIT 1`, kind, year, MainForm, u.ID)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return Link(list[0], u.Code, u.ID, ""), nil
}
