package reportweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/report"
	"dinh/internal/web"
)

const (
	periodPath = homePath + "/ky"
	formsPath  = homePath + "/bieu-mau"
)

func (h *pages) registerPeriods(k *web.Kit) {
	handle := func(method, pattern string, f web.Handler) {
		k.Handle(web.Route{Method: method, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	handle(http.MethodGet, periodPath+"/them", h.newPeriod)
	handle(http.MethodPost, periodPath+"/them", h.makePeriod)
	handle(http.MethodGet, periodPath+"/{id}", h.period)
	handle(http.MethodGet, periodPath+"/{id}/sua", h.editPeriod)
	handle(http.MethodPost, periodPath+"/{id}/sua", h.savePeriod)
	for _, q := range periodQuick {
		handle(http.MethodPost, periodPath+"/{id}/"+q.slug, h.periodQuick(q))
	}
	handle(http.MethodGet, periodPath+"/{id}/mo-lai", h.reopenForm)
	handle(http.MethodPost, periodPath+"/{id}/mo-lai", h.reopen)
	handle(http.MethodGet, periodPath+"/{id}/cong-van", h.letterForm)
	handle(http.MethodPost, periodPath+"/{id}/cong-van", h.saveLetter)
	handle(http.MethodGet, periodPath+"/{id}/cong-van/soan", h.letterPage)
	for _, as := range []string{web.AsDOCX, web.AsPDF} {
		handle(http.MethodGet, periodPath+"/{id}/cong-van/soan"+as, func(c *web.Context) error { return h.letterFile(c, as) })
	}
	handle(http.MethodGet, periodPath+"/{id}/tep/{file}", h.periodFile)
	handle(http.MethodGet, periodPath+"/{id}/gui-ve", h.coming)
	handle(http.MethodPost, periodPath+"/{id}/gui-ve/han", h.ownDue)
	handle(http.MethodPost, periodPath+"/{id}/gui-ve/gop", h.lump)
	h.registerForms(handle)
}

func periodPages() map[string]any {
	return map[string]any{
		"period_form": (*periodFormPage)(nil), "period_view": (*periodPage)(nil), "period_reopen": (*periodPage)(nil), "period_letter": (*periodPage)(nil), "period_paper": (*letterPaperPage)(nil),
		"period_coming": (*comingPage)(nil), "period_forms": (*formsPage)(nil), "period_fields": (*fieldsPage)(nil), "period_field": (*fieldPage)(nil), "period_new_form": (*newFormPage)(nil),
	}
}

// periodFormPage makes a period or changes one.
type periodFormPage struct {
	F      *web.Form
	V      *report.PeriodView // nil for a new one
	Path   string
	Back   string
	Askers []web.Option
	Kinds  []web.Option // of periods
	Forms  []web.Option
	Units  []web.Option // kinds of units
}

func (h *pages) askers(c *web.Context) ([]report.Asker, []web.Option, error) {
	list, err := h.Service.Askers(c.Context(), c.Actor)
	if err != nil {
		return nil, nil, err
	}
	if len(list) == 0 {
		return nil, nil, errNone()
	}
	var opts []web.Option
	for _, a := range list {
		u, ok := c.Tree.ByID(a.Unit)
		if !ok {
			continue
		}
		o := web.Option{Value: a.Unit, Label: u.NameIn(c.Lang)}
		if via, ok := c.Tree.ByID(a.Via); ok && a.Via != a.Unit {
			o.Label = c.P.T("reportunit.period.through", "unit", o.Label, "via", via.NameIn(c.Lang))
		}
		opts = append(opts, o)
	}
	return list, opts, nil
}

func (h *pages) periodFormBase(c *web.Context) (*periodFormPage, []report.Asker, error) {
	list, opts, err := h.askers(c)
	if err != nil {
		return nil, nil, err
	}
	p := &periodFormPage{F: c.Form(), Askers: opts, Back: homePath}
	for _, k := range []string{report.PeriodHalf, report.PeriodYear, report.PeriodOther} {
		p.Kinds = append(p.Kinds, web.Option{Value: k, Label: c.P.T("reportunit.period_kind.in_" + k)})
	}
	forms, err := h.Service.FormList(c.Context(), c.Actor)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range forms {
		p.Forms = append(p.Forms, web.Option{Value: f.ID + "-" + strconv.Itoa(f.Version), Label: formName(c, f.Form), Lang: "vi"})
	}
	for _, k := range reporting {
		p.Units = append(p.Units, web.Option{Value: k, Label: c.P.T("reportunit.kind." + k)})
	}
	c.L.Crumbs = []web.Crumb{{Key: "reportunit.nav", Path: homePath}}
	return p, list, nil
}

// reporting are the kinds of units that can be asked for reports.
var reporting = []string{org.Province, org.District, org.Commune, org.Agency, org.ServiceUnit, org.Enterprise, org.MassOrg, org.Front, org.Union, org.Party}

func formName(c *web.Context, f *report.Form) string {
	if f.Title != "" {
		return f.Title
	}
	return c.P.T("reportunit.form.main", "n", f.Version)
}

// fill puts a period into the form.
func (p *periodFormPage) fill(c *web.Context, x *report.Period) {
	f := p.F
	f.Prefill("unit", x.Unit)
	f.Prefill("kind", x.Kind)
	f.Prefill("year", strconv.Itoa(x.Year))
	f.Prefill("title", x.Title)
	f.Prefill("form", x.Form+"-"+strconv.Itoa(x.FormVersion))
	f.PrefillDate("from", x.From)
	f.PrefillDate("to", x.To)
	f.PrefillDate("opens", x.Opens)
	for _, d := range x.Dues {
		switch {
		case d.Unit == "" && d.Kind == "":
			f.PrefillDate("due", d.Day)
		case d.Unit == "" && d.Kind == org.Commune:
			f.PrefillDate("due_commune", d.Day)
		}
	}
	f.PrefillAll("kinds", x.Kinds)
	f.Prefill("outline", x.Outline)
	var codes []string
	tree := c.Tree
	for _, id := range x.Units {
		if u, ok := tree.ByID(id); ok {
			codes = append(codes, unitCode(u))
		}
	}
	f.Prefill("units", strings.Join(codes, ", "))
	f.Prefill("version", strconv.Itoa(x.Version))
}

// take reads the form into a period.
func (h *pages) take(c *web.Context, p *periodFormPage, x *report.Period) error {
	f := p.F
	x.Kind, x.Year, x.Title = f.Text("kind"), f.Int("year"), f.Text("title")
	x.Span = civil.Span{From: f.Date("from"), To: f.Date("to")}
	x.Opens = f.Date("opens")
	id, n, _ := strings.Cut(f.Text("form"), "-")
	x.Form = id
	x.FormVersion, _ = strconv.Atoi(n)
	keep := slices.DeleteFunc(slices.Clone(x.Dues), func(d report.Due) bool { return d.Unit == "" && (d.Kind == "" || d.Kind == org.Commune) })
	x.Dues = keep
	if d := f.Date("due_commune"); d != civil.None {
		x.Dues = append(x.Dues, report.Due{Kind: org.Commune, Day: d})
	}
	if d := f.Date("due"); d != civil.None {
		x.Dues = append(x.Dues, report.Due{Day: d})
	}
	x.Kinds = f.Texts("kinds")
	x.Outline = f.Lines("outline")
	x.Units = nil
	for _, code := range strings.FieldsFunc(f.Text("units"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		u, ok := h.named(c, code)
		if !ok {
			f.Add("units", "reportunit.period.no_unit", "code", code)
			continue
		}
		x.Units = append(x.Units, u.ID)
	}
	return f.Err()
}

func (h *pages) newPeriodPage(c *web.Context) (*periodFormPage, []report.Asker, error) {
	p, list, err := h.periodFormBase(c)
	if err != nil {
		return nil, nil, err
	}
	p.Path = periodPath + "/them"
	return p, list, nil
}

func (h *pages) newPeriod(c *web.Context) error {
	p, list, err := h.newPeriodPage(c)
	if err != nil {
		return err
	}
	kind := c.Query("loai")
	if !slices.Contains([]string{report.PeriodHalf, report.PeriodYear, report.PeriodOther}, kind) {
		kind = report.PeriodHalf
		if c.Today.Month() > 6 {
			kind = report.PeriodYear
		}
	}
	year, err := strconv.Atoi(c.Query("nam"))
	if err != nil || year < 2000 || year > 2100 {
		year = c.Today.Year()
	}
	forms, err := h.Service.FormList(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	var all []*report.Form
	for _, f := range forms {
		all = append(all, f.Form)
	}
	p.fill(c, h.Service.NewPeriod(all, list[0], kind, year))
	c.NoStore()
	return c.Render("period_form", p)
}

func (h *pages) makePeriod(c *web.Context) error {
	p, list, err := h.newPeriodPage(c)
	if err != nil {
		return err
	}
	i := max(0, slices.IndexFunc(list, func(a report.Asker) bool { return a.Unit == p.F.Text("unit") }))
	x := report.Period{Unit: list[i].Unit, Via: list[i].Via}
	if err = h.take(c, p, &x); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			id, err := h.Service.CreatePeriodTx(ctx, tx, c.Actor, x)
			return periodPath + "/" + id + "?xong=them", err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "period_form", p)
}

func (h *pages) editPage(c *web.Context) (*periodFormPage, error) {
	v, err := h.Service.PeriodOf(c.Context(), c.Actor, c.Value("id"))
	if err != nil {
		return nil, err
	}
	if !v.Steer {
		return nil, errs.E(errs.Forbidden, "report.period.not_yours")
	}
	p, _, err := h.periodFormBase(c)
	if err != nil {
		return nil, err
	}
	p.V, p.Path, p.Back = v, periodPath+"/"+v.ID+"/sua", periodPath+"/"+v.ID
	return p, nil
}

func (h *pages) editPeriod(c *web.Context) error {
	p, err := h.editPage(c)
	if err != nil {
		return err
	}
	if p.V.State != report.Planned {
		return errs.E(errs.Conflict, "report.period.opened_already")
	}
	p.fill(c, p.V.Period)
	c.NoStore()
	return c.Render("period_form", p)
}

func (h *pages) savePeriod(c *web.Context) error {
	p, err := h.editPage(c)
	if err != nil {
		return err
	}
	x := *p.V.Period
	x.Version = p.F.Int("version")
	if err = h.take(c, p, &x); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return p.Back + "?xong=sua", h.Service.SavePeriodTx(ctx, tx, c.Actor, x)
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		p.F.Put("version", strconv.Itoa(p.V.Version))
	}
	return c.Retry(err, "period_form", p)
}

// periodPage is one period.
type periodPage struct {
	F        *web.Form
	V        *report.PeriodView
	Base     string
	Form     string
	FormPath string
	Tag      web.Tag
	Kinds    []i18n.Msg
	Dues     []dueLine
	Bound    []boundLine
	BoundN   int
	States   []stateLine
	Letter   string // address of its file
	Coming   []periodLink
	Sum      string
	Done     i18n.Msg
	Version  string
	Types    []string
	MB       int
}

type dueLine struct {
	Who i18n.Msg
	Day civil.Date
}

type boundLine struct {
	Kind i18n.Msg
	N    int
}

type stateLine struct {
	Tag web.Tag
	N   int
}

func (h *pages) periodOf(c *web.Context) (*periodPage, error) {
	v, err := h.Service.PeriodOf(c.Context(), c.Actor, c.Value("id"))
	if err != nil {
		return nil, err
	}
	p := &periodPage{F: c.Form(), V: v, Base: periodPath + "/" + v.ID, Version: strconv.Itoa(v.Version), BoundN: len(v.Bound), Types: attach.Signed.Names()}
	if h.Files != nil {
		p.MB = int(h.Files.Max() >> 20)
	}
	if v.Form != nil {
		p.Form, p.FormPath = formName(c, v.Form), formsPath+"/"+v.Form.ID+"-"+strconv.Itoa(v.Form.Version)
	}
	p.Tag = web.Tag{Class: periodClass[v.State], Text: c.P.T("reportunit.period_state." + string(v.State))}
	for _, k := range v.Kinds {
		p.Kinds = append(p.Kinds, i18n.M("reportunit.kind."+k))
	}
	for _, d := range v.Dues {
		l := dueLine{Day: d.Day, Who: i18n.M("reportunit.period.due_all")}
		switch {
		case d.Unit != "":
			name := d.Unit
			if u, ok := h.Units.Unit(d.Unit, c.Today); ok {
				name = u.NameIn(c.Lang)
			}
			l.Who = i18n.M("reportunit.period.due_below", "unit", name)
		case d.Kind != "":
			l.Who = i18n.M("reportunit.period.due_kind", "kind", i18n.M("reportunit.kind."+d.Kind))
		}
		p.Dues = append(p.Dues, l)
	}
	for _, k := range reporting {
		n := 0
		for _, b := range v.Bound {
			if b.Unit.Kind == k {
				n++
			}
		}
		if n > 0 {
			p.Bound = append(p.Bound, boundLine{i18n.M("reportunit.kind." + k), n})
		}
	}
	for _, st := range []report.State{report.NotStarted, report.Drafting, report.Signing, report.Submitted, report.Returned, report.Accepted} {
		if n := v.States[st]; n > 0 {
			p.States = append(p.States, stateLine{web.Tag{Class: stateClass[st], Text: c.P.T("reportunit.state." + string(st))}, n})
		}
	}
	if v.Letter.File != "" {
		p.Letter = p.Base + "/tep/" + v.Letter.File
	}
	p.Sum = h.sumOf(c, v.Period)
	if v.State != report.Planned {
		units, err := h.Service.Collectors(c.Context(), c.Actor, v.ID)
		if err != nil {
			return nil, err
		}
		for _, id := range units {
			if u, ok := c.Tree.ByID(id); ok {
				p.Coming = append(p.Coming, periodLink{u.NameIn(c.Lang), p.Base + "/gui-ve?don-vi=" + url.QueryEscape(unitCode(u))})
			}
		}
	}
	c.L.Crumbs = []web.Crumb{{Key: "reportunit.nav", Path: homePath}}
	c.NoStore()
	return p, nil
}

func (h *pages) period(c *web.Context) error {
	p, err := h.periodOf(c)
	if err != nil {
		return err
	}
	if w := c.Query("xong"); slices.Contains([]string{"them", "sua", "mo", "khoa", "mo-lai", "cong-van"}, w) {
		p.Done = i18n.M("reportunit.period_done." + w)
	}
	return c.Render("period_view", p)
}

type periodButton struct {
	slug string
	run  func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *periodPage, version int) (string, error)
}

var periodQuick = []periodButton{
	{"mo", func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *periodPage, version int) (string, error) {
		_, err := h.Service.OpenTx(ctx, tx, c.Actor, p.V.ID, version)
		return p.Base + "?xong=mo", err
	}},
	{"khoa", func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *periodPage, version int) (string, error) {
		return p.Base + "?xong=khoa", h.Service.CloseTx(ctx, tx, c.Actor, p.V.ID, version)
	}},
	{"xoa", func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *periodPage, version int) (string, error) {
		return homePath, h.Service.DropPeriodTx(ctx, tx, c.Actor, p.V.ID, version)
	}},
}

func (h *pages) periodQuick(b periodButton) web.Handler {
	return func(c *web.Context) error {
		p, err := h.periodOf(c)
		if err != nil {
			return err
		}
		version := c.Form().Int("version")
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) { return b.run(h, ctx, tx, c, p, version) })
		if err == nil {
			return nil
		}
		return c.Retry(err, "period_view", p)
	}
}

func (h *pages) reopenForm(c *web.Context) error {
	p, err := h.periodOf(c)
	if err != nil {
		return err
	}
	if !p.V.Steer || p.V.State != report.Closed {
		return errs.E(errs.Conflict, "report.period.other_state")
	}
	p.F.Prefill("version", p.Version)
	return c.Render("period_reopen", p)
}

func (h *pages) reopen(c *web.Context) error {
	p, err := h.periodOf(c)
	if err != nil {
		return err
	}
	version, reason := p.F.Int("version"), p.F.Lines("reason")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return p.Base + "?xong=mo-lai", h.Service.ReopenTx(ctx, tx, c.Actor, p.V.ID, version, reason)
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "period_reopen", p)
}
