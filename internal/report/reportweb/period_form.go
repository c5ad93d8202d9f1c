package reportweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/report"
	"dinh/internal/web"
)

func (h *pages) registerForms(handle func(method, pattern string, f web.Handler)) {
	one := formsPath + "/{form}" // FORM-NUMBER
	handle(http.MethodGet, formsPath, h.forms)
	handle(http.MethodGet, formsPath+"/them", h.newForm)
	handle(http.MethodPost, formsPath+"/them", h.makeForm)
	handle(http.MethodGet, one, h.fields)
	handle(http.MethodGet, one+"/chi-tieu", h.fieldForm)
	handle(http.MethodPost, one+"/chi-tieu", h.saveField)
	handle(http.MethodPost, one+"/bo", h.dropField)
}

// formsPage lists the forms.
type formsPage struct {
	List []formLine
	Make bool
}

type formLine struct {
	M    *report.MadeForm
	Name string
	Path string
	N    int
}

func (h *pages) forms(c *web.Context) error {
	list, err := h.Service.FormList(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	askers, err := h.Service.Askers(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	p := &formsPage{Make: len(askers) > 0}
	for _, f := range list {
		p.List = append(p.List, formLine{f, formName(c, f.Form), formsPath + "/" + f.ID + "-" + strconv.Itoa(f.Version), len(f.Indicators)})
	}
	c.L.Crumbs = []web.Crumb{{Key: "reportunit.nav", Path: homePath}}
	return c.Render("period_forms", p)
}

// newFormPage makes a form.
type newFormPage struct {
	F     *web.Form
	Units []web.Option
	Like  []web.Option
}

func (h *pages) newFormOf(c *web.Context) (*newFormPage, error) {
	_, units, err := h.askers(c)
	if err != nil {
		return nil, err
	}
	list, err := h.Service.FormList(c.Context(), c.Actor)
	if err != nil {
		return nil, err
	}
	p := &newFormPage{F: c.Form(), Units: units, Like: []web.Option{{Value: "", Label: c.P.T("reportunit.form.empty")}}}
	for _, f := range list {
		p.Like = append(p.Like, web.Option{Value: f.ID + "-" + strconv.Itoa(f.Version), Label: formName(c, f.Form), Lang: "vi"})
	}
	p.F.Prefill("unit", units[0].Value)
	p.F.Prefill("like", c.Query("tu"))
	c.L.Crumbs = []web.Crumb{{Key: "reportunit.nav", Path: homePath}, {Key: "reportunit.form.list", Path: formsPath}}
	return p, nil
}

func (h *pages) newForm(c *web.Context) error {
	p, err := h.newFormOf(c)
	if err != nil {
		return err
	}
	return c.Render("period_new_form", p)
}

func (h *pages) makeForm(c *web.Context) error {
	p, err := h.newFormOf(c)
	if err != nil {
		return err
	}
	f := p.F
	unit, title, from := f.Text("unit"), f.Text("title"), f.Date("from")
	like, n, _ := strings.Cut(f.Text("like"), "-")
	number, _ := strconv.Atoi(n)
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		id, version, err := h.Service.MakeFormTx(ctx, tx, c.Actor, unit, title, from, like, number)
		return formsPath + "/" + id + "-" + strconv.Itoa(version), err
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "period_new_form", p)
}

// fieldsPage shows a form's figures.
type fieldsPage struct {
	F        *web.Form
	M        *report.MadeForm
	Name     string
	Base     string
	Edit     bool
	Sections []fieldSection
	Version  string
}

type fieldSection struct {
	N      int
	Name   string
	Fields []fieldLine
}

type fieldLine struct {
	X     *report.Indicator
	Title string
	Lang  string
	Unit  i18n.Msg
	To    []i18n.Msg
	Path  string
}

func (h *pages) formOf(c *web.Context) (*report.MadeForm, string, error) {
	id, number, _ := strings.Cut(c.Value("form"), "-")
	n, err := strconv.Atoi(number)
	if err != nil {
		return nil, "", errNone()
	}
	m, err := h.Service.FormOf(c.Context(), c.Actor, id, n)
	if err != nil {
		return nil, "", err
	}
	c.L.Crumbs = []web.Crumb{{Key: "reportunit.nav", Path: homePath}, {Key: "reportunit.form.list", Path: formsPath}}
	return m, formsPath + "/" + m.ID + "-" + strconv.Itoa(m.Version), nil
}

func (h *pages) fieldsOf(c *web.Context) (*fieldsPage, error) {
	m, base, err := h.formOf(c)
	if err != nil {
		return nil, err
	}
	p := &fieldsPage{F: c.Form(), M: m, Base: base, Name: formName(c, m.Form), Edit: m.MayEdit && !m.Used, Version: strconv.Itoa(m.Row)}
	for _, x := range m.Indicators {
		if len(p.Sections) == 0 || p.Sections[len(p.Sections)-1].Name != x.Section {
			p.Sections = append(p.Sections, fieldSection{N: len(p.Sections) + 1, Name: x.Section})
		}
		s := &p.Sections[len(p.Sections)-1]
		l := fieldLine{X: x, Title: x.Title(c.Lang), Lang: "vi", Unit: i18n.M("reportunit.unit." + x.Unit), Path: base + "/chi-tieu?ma=" + x.Code}
		if c.Lang == i18n.EN && x.TitleEN != "" {
			l.Lang = "en"
		}
		for _, k := range x.To {
			l.To = append(l.To, i18n.M("reportunit.kind."+k))
		}
		s.Fields = append(s.Fields, l)
	}
	return p, nil
}

func (h *pages) fields(c *web.Context) error {
	p, err := h.fieldsOf(c)
	if err != nil {
		return err
	}
	return c.Render("period_fields", p)
}

func (h *pages) dropField(c *web.Context) error {
	p, err := h.fieldsOf(c)
	if err != nil {
		return err
	}
	row, code := p.F.Int("version"), p.F.Text("ma")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return p.Base, h.Service.DropIndicatorTx(ctx, tx, c.Actor, p.M.ID, p.M.Version, row, code)
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "period_fields", p)
}

// fieldPage is one figure of a form.
type fieldPage struct {
	F        *web.Form
	M        *report.MadeForm
	Name     string
	Base     string
	Old      string
	Units    []web.Option
	Measures []web.Option
	To       []web.Option
	Periods  []web.Option
}

func (h *pages) fieldOf(c *web.Context) (*fieldPage, error) {
	m, base, err := h.formOf(c)
	if err != nil {
		return nil, err
	}
	if !m.MayEdit || m.Used {
		return nil, errs.E(errs.Conflict, "report.form.used")
	}
	p := &fieldPage{F: c.Form(), M: m, Base: base, Name: formName(c, m.Form), Old: c.Query("ma")}
	for _, u := range report.Measures {
		if u != report.Percent && u != report.Grade && u != report.Points {
			p.Units = append(p.Units, web.Option{Value: u, Label: c.P.T("reportunit.unit." + u)})
		}
	}
	for _, k := range []string{"flow", "stock"} {
		p.Measures = append(p.Measures, web.Option{Value: k, Label: c.P.T("reportunit.measure." + k)})
	}
	for _, k := range reporting {
		p.To = append(p.To, web.Option{Value: k, Label: c.P.T("reportunit.kind." + k)})
	}
	for _, k := range []string{report.PeriodHalf, report.PeriodYear} {
		p.Periods = append(p.Periods, web.Option{Value: k, Label: c.P.T("reportunit.period_kind.in_" + k)})
	}
	f := p.F
	if c.R.Method == http.MethodPost {
		p.Old = f.Text("old")
	}
	f.Prefill("version", strconv.Itoa(m.Row))
	f.Prefill("old", p.Old)
	if p.Old == "" {
		f.Prefill("unit", report.Count)
		f.Prefill("measure", "flow")
		f.PrefillAll("periods", []string{report.PeriodHalf, report.PeriodYear})
		if n := len(m.Indicators); n > 0 {
			f.Prefill("section", m.Indicators[n-1].Section)
			f.PrefillAll("to", m.Indicators[n-1].To)
		}
		return p, nil
	}
	i := slices.IndexFunc(m.Indicators, func(x *report.Indicator) bool { return x.Code == p.Old })
	if i < 0 {
		return nil, errNone()
	}
	x := m.Indicators[i]
	for _, v := range [][2]string{
		{"code", x.Code}, {"section", x.Section}, {"title_vi", x.TitleVI}, {"title_en", x.TitleEN}, {"unit", x.Unit}, {"measure", x.Measure}, {"rule", x.Rule}, {"hint", x.Hint},
	} {
		f.Prefill(v[0], v[1])
	}
	f.PrefillAll("to", x.To)
	f.PrefillAll("periods", x.Periods)
	return p, nil
}

func (h *pages) fieldForm(c *web.Context) error {
	p, err := h.fieldOf(c)
	if err != nil {
		return err
	}
	return c.Render("period_field", p)
}

func (h *pages) saveField(c *web.Context) error {
	p, err := h.fieldOf(c)
	if err != nil {
		return err
	}
	f := p.F
	row := f.Int("version")
	x := report.Indicator{
		Code: f.Text("code"), Section: f.Text("section"), TitleVI: f.Text("title_vi"), TitleEN: f.Text("title_en"), Unit: f.Text("unit"), Measure: f.Text("measure"), Rule: f.Text("rule"),
		Hint: f.Text("hint"), To: f.Texts("to"), Periods: f.Texts("periods"),
	}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return p.Base, h.Service.SaveIndicatorTx(ctx, tx, c.Actor, p.M.ID, p.M.Version, row, p.Old, x)
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "period_field", p)
}
