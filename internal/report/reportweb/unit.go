package reportweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"dinh/internal/access"
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
	homePath = "/lam-viec/bao-cao"
	unitPath = homePath + "/{year}/{period}"
)

func (h *pages) registerUnits(k *web.Kit) {
	get := func(pattern string, f web.Handler) {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	post := func(pattern string, f web.Handler) {
		k.Handle(web.Route{Method: http.MethodPost, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	get(homePath, h.home)
	get(unitPath, h.overview)
	for _, q := range quick {
		post(unitPath+"/"+q.slug, h.quick(q))
	}
	for _, a := range unitActs {
		get(unitPath+"/"+a.slug, h.showAct(a))
		post(unitPath+"/"+a.slug, h.takeAct(a))
	}
	get(unitPath+"/muc/{n}", h.section)
	post(unitPath+"/muc/{n}", h.saveSection)
	get(unitPath+"/muc/{n}/ban", h.versions)
	get(unitPath+"/so/{code}", h.figure)
	get(unitPath+"/gui", h.sendForm)
	post(unitPath+"/gui", h.send)
	get(unitPath+"/tep/{file}", h.file)
	get(unitPath+"/van-ban", h.paper)
	for _, as := range []string{web.AsDOCX, web.AsPDF} {
		get(unitPath+"/van-ban"+as, func(c *web.Context) error { return h.paperFile(c, as) })
	}
	k.Nav(web.NavItem{Key: "reportunit.nav", Path: homePath, Who: web.Posts(access.Head, access.Focal, access.Officer, access.Front, access.Union), Order: 30})
}

func unitPages() map[string]any {
	return map[string]any{
		"unit_home": (*homePage)(nil), "unit_report": (*overviewPage)(nil), "unit_section": (*sectionPage)(nil), "unit_versions": (*versionsPage)(nil), "unit_figure": (*figurePage)(nil),
		"unit_send": (*sendPage)(nil), "unit_act": (*actPage)(nil), "unit_paper": (*paperPage)(nil),
	}
}

func errNone() error { return errs.E(errs.NotFound, "report.none") }

func unitCode(u *org.Unit) string {
	if u.Code != "" {
		return u.Code
	}
	return u.ID
}

// named is the unit with the code today or that held it last, or with the id.
func (h *pages) named(c *web.Context, name string) (*org.Unit, bool) {
	if u, ok := c.Tree.ByCode(name); ok {
		return u, true
	}
	if u, ok := c.Tree.ByID(name); ok {
		return u, true
	}
	if u, ok := h.Units.Holder(name, c.Today); ok {
		return u, true
	}
	return h.Units.Unit(name, c.Today)
}

// head is what all pages of one report show.
type head struct {
	F        *web.Form
	V        *report.View
	Base     string // address of the report, without its query
	Query    string // which unit: "?don-vi=03322"
	Tag      web.Tag
	Due      civil.Date
	Left     int  // days until it is due; negative: days late
	Running  bool // it can still be handed in
	LumpKind i18n.Msg
	Done     i18n.Msg
}

// At is the address of a page of the report.
func (p *head) At(part string) string { return p.Base + "/" + part + p.Query }

// Top is the address of the report.
func (p *head) Top() string { return p.Base + p.Query }

// unitAsked is the unit of ?don-vi=, the actor's own without.
func (h *pages) unitsAsked(c *web.Context) ([]string, error) {
	name := c.R.URL.Query().Get("don-vi")
	if name == "" {
		return c.Actor.Units(), nil
	}
	u, ok := h.named(c, name)
	if !ok {
		return nil, errNone()
	}
	return []string{u.ID}, nil
}

// headOf finds the report of the address.
func (h *pages) headOf(c *web.Context) (*head, error) {
	year, err := strconv.Atoi(c.Value("year"))
	if err != nil {
		return nil, errNone()
	}
	units, err := h.unitsAsked(c)
	if err != nil {
		return nil, err
	}
	lump := c.R.URL.Query().Get("gop")
	for _, unit := range units {
		v, err := h.Service.Find(c.Context(), c.Actor, year, c.Value("period"), unit, lump)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return h.headFor(c, v), nil
	}
	return nil, errNone()
}

func (h *pages) headFor(c *web.Context, v *report.View) *head {
	p := &head{F: c.Form(), V: v, Base: homePath + "/" + strconv.Itoa(v.Period.Year) + "/" + v.Period.Slug(), Due: max(v.Due, v.Extended)}
	q := url.Values{"don-vi": {unitCode(v.Of)}}
	if v.LumpKind != "" {
		q.Set("gop", v.LumpKind)
		p.LumpKind = i18n.M("reportunit.kind." + v.LumpKind)
	}
	p.Query = "?" + q.Encode()
	p.Tag = stateTag(c, v.Report, v.Period)
	p.Running = v.Period.State == report.Open
	if p.Due != civil.None {
		p.Left = p.Due.Sub(c.Today)
	}
	c.L.Crumbs = []web.Crumb{{Key: "reportunit.nav", Path: homePath}, {Text: v.Of.NameIn(c.Lang), Path: p.Top()}}
	c.NoStore()
	return p
}

var stateClass = map[report.State]string{
	report.NotStarted: "cho", report.Drafting: "lam", report.Signing: "sap", report.Submitted: "xong", report.Returned: "sap", report.Accepted: "xong",
}

// stateTag words how far a report is: late is said in words, beside where it stands.
func stateTag(c *web.Context, r *report.Report, p *report.Period) web.Tag {
	late := r.Late(c.Today)
	t := web.Tag{Class: stateClass[r.State], Text: c.P.T("reportunit.state." + string(r.State))}
	switch {
	case late == 0 || r.LumpKind != "":
	case r.First != civil.None:
		t.Text = c.P.T("reportunit.state.sent_late", "state", t.Text, "n", late)
		if r.State != report.Returned {
			t.Class = "tre"
		}
	case p.State == report.Open:
		t.Class, t.Text = "tre", c.P.T("reportunit.state.overdue", "n", late)
	}
	return t
}

// sumOf is the address of a period's sums, "" where the reader has nothing to add up.
func (h *pages) sumOf(c *web.Context, p *report.Period) string {
	if _, ok := h.Service.SumHome(c.Actor, p); !ok || p.State == report.Planned {
		return ""
	}
	return homePath + "/" + strconv.Itoa(p.Year) + "/" + p.Slug() + "/tong-hop"
}

// overviewPage is one report: its sections, its way, what the reader may do.
type overviewPage struct {
	*head
	Start     bool
	Rows      []sectionRow
	Refresh   bool
	Lay       bool
	Send      bool
	Recall    bool
	Accept    bool
	AskMore   bool
	Extend    bool
	Hard      int
	Notes     int
	Paper     string // address of the signed file
	Asks      []*report.Ask
	Changes   []changeLine
	Version   string
	LateDays  int
	ExtendWhy bool
}

type sectionRow struct {
	S    *report.SectionView
	Path string
	Tag  web.Tag
}

type changeLine struct {
	C             *report.Change
	Title         string
	Before, After string
}

func (h *pages) overviewOf(c *web.Context) (*overviewPage, error) {
	hd, err := h.headOf(c)
	if err != nil {
		return nil, err
	}
	v := hd.V
	p := &overviewPage{head: hd, Version: strconv.Itoa(v.Version), LateDays: v.Late(c.Today), Asks: v.Asks}
	edit := v.MayWrite && slices.Contains([]report.State{report.Drafting, report.Returned}, v.State)
	p.Start = v.MayWrite && v.State == report.NotStarted
	p.Refresh = edit && v.LumpKind == ""
	p.Lay = v.MayWrite && !v.MaySign && v.State == report.Drafting && v.LumpKind == ""
	p.Send = v.MayWrite && slices.Contains([]report.State{report.Drafting, report.Signing, report.Returned}, v.State)
	p.Recall = v.MayWrite && v.State == report.Signing
	p.Accept = v.MayReturn && v.State == report.Submitted
	p.AskMore = v.MayReturn && (v.State == report.Submitted || v.State == report.Accepted)
	p.Extend = v.MayReturn && v.First == civil.None && v.LumpKind == ""
	for _, s := range v.Sections {
		r := sectionRow{S: s, Path: hd.At("muc/" + strconv.Itoa(s.N))}
		p.Hard, p.Notes = p.Hard+s.Hard, p.Notes+s.Notes
		switch {
		case s.Hard > 0:
			r.Tag = web.Tag{Class: "tre", Text: c.P.T("reportunit.section.faults", "n", s.Hard)}
		case s.Filled >= s.Asked:
			r.Tag = web.Tag{Class: "xong", Text: c.P.T("reportunit.section.full")}
		case s.Filled == 0:
			r.Tag = web.Tag{Class: "cho", Text: c.P.T("reportunit.section.empty")}
		default:
			r.Tag = web.Tag{Class: "lam", Text: c.P.T("reportunit.section.some", "n", s.Filled, "of", s.Asked)}
		}
		p.Rows = append(p.Rows, r)
	}
	for _, ch := range v.Changes {
		x, ok := v.Form.Indicator(ch.Code)
		if !ok {
			continue
		}
		p.Changes = append(p.Changes, changeLine{ch, x.Title(c.Lang), report.Show(c.P, x, ch.Before), report.Show(c.P, x, ch.After)})
	}
	if v.Paper.File != "" && !v.Limited {
		p.Paper = hd.At("tep/" + v.Paper.File)
	}
	return p, nil
}

// doneWords are the things after which the overview says that they were done.
var doneWords = []string{"bat-dau", "lay-so", "trinh-ky", "gui", "tiep-nhan", "rut", "yeu-cau-bo-sung", "gia-han", "muc"}

func (h *pages) overview(c *web.Context) error {
	p, err := h.overviewOf(c)
	if err != nil {
		return err
	}
	if w := c.Query("xong"); slices.Contains(doneWords, w) {
		p.Done = i18n.M("reportunit.done." + w)
	}
	return c.Render("unit_report", p)
}

// quickAct is something that one button does.
type quickAct struct {
	slug string
	run  func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *overviewPage, version int) error
}

var quick = []quickAct{
	{"bat-dau", func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *overviewPage, _ int) error {
		return h.Service.StartTx(ctx, tx, c.Actor, p.V.ID)
	}},
	{"lay-so", func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *overviewPage, _ int) error {
		return h.Service.RefreshTx(ctx, tx, c.Actor, p.V.ID)
	}},
	{"trinh-ky", func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *overviewPage, version int) error {
		return h.Service.LayTx(ctx, tx, c.Actor, p.V.ID, version)
	}},
	{"tiep-nhan", func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *overviewPage, version int) error {
		return h.Service.AcceptTx(ctx, tx, c.Actor, p.V.ID, version)
	}},
}

func (h *pages) quick(a quickAct) web.Handler {
	return func(c *web.Context) error {
		p, err := h.overviewOf(c)
		if err != nil {
			return err
		}
		version := c.Form().Int("version")
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return p.Top() + "&xong=" + a.slug, a.run(h, ctx, tx, c, p, version)
		})
		if err == nil {
			return nil
		}
		return c.Retry(err, "unit_report", p)
	}
}

// unitAct is something with a form of a reason and perhaps a day.
type unitAct struct {
	slug string
	may  func(p *overviewPage) bool
	day  string // name of the field of the day, "" for none
	need bool   // of the day
	run  func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *actPage, version int, day civil.Date) error
}

var unitActs = []unitAct{
	{"rut", func(p *overviewPage) bool { return p.Recall }, "", false, func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *actPage, version int, _ civil.Date) error {
		return h.Service.RecallTx(ctx, tx, c.Actor, p.V.ID, version, p.F.Lines("reason"))
	}},
	{"yeu-cau-bo-sung", func(p *overviewPage) bool { return p.AskMore }, "answer_by", false, func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *actPage, version int, day civil.Date) error {
		return h.Service.AskTx(ctx, tx, c.Actor, p.V.ID, version, p.F.Lines("reason"), day)
	}},
	{"gia-han", func(p *overviewPage) bool { return p.Extend }, "day", true, func(h *pages, ctx context.Context, tx *db.Tx, c *web.Context, p *actPage, version int, day civil.Date) error {
		return h.Service.ExtendTx(ctx, tx, c.Actor, p.V.ID, version, day, p.F.Lines("reason"))
	}},
}

// actPage is the form of a unitAct.
type actPage struct {
	*overviewPage
	Act  string
	Day  string
	Need bool
}

func (h *pages) actOf(c *web.Context, a unitAct) (*actPage, error) {
	o, err := h.overviewOf(c)
	if err != nil {
		return nil, err
	}
	if !a.may(o) && c.R.Method == http.MethodGet {
		return nil, errs.E(errs.Conflict, "report.other_state")
	}
	p := &actPage{overviewPage: o, Act: a.slug, Day: a.day, Need: a.need}
	p.F.Prefill("version", p.Version)
	return p, nil
}

func (h *pages) showAct(a unitAct) web.Handler {
	return func(c *web.Context) error {
		p, err := h.actOf(c, a)
		if err != nil {
			return err
		}
		return c.Render("unit_act", p)
	}
}

func (h *pages) takeAct(a unitAct) web.Handler {
	return func(c *web.Context) error {
		p, err := h.actOf(c, a)
		if err != nil {
			return err
		}
		version, day := p.F.Int("version"), civil.None
		if a.day != "" {
			day = p.F.Date(a.day)
		}
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return p.Top() + "&xong=" + a.slug, a.run(h, ctx, tx, c, p, version, day)
		})
		if err == nil {
			return nil
		}
		if errs.Is(err, errs.Conflict) {
			p.F.Put("version", p.Version)
		}
		return c.Retry(err, "unit_act", p)
	}
}

// file answers with the signed paper of a report, to who may see the report.
func (h *pages) file(c *web.Context) error {
	p, err := h.headOf(c)
	if err != nil {
		return err
	}
	if p.V.Limited || p.V.Paper.File == "" || p.V.Paper.File != c.Value("file") {
		return errNone()
	}
	return h.sendFile(c, p.V.Paper.File)
}

func (h *pages) sendFile(c *web.Context, id string) error {
	if h.Files == nil {
		return errNone()
	}
	a, f, err := h.Files.Open(c.Context(), id)
	if err != nil {
		return err
	}
	defer f.Close()
	return c.File(string(a.Type), a.Name, a.Created, f, true)
}

// takeFile puts the file of a field into the store; the zero File where none came.
func (h *pages) takeFile(c *web.Context, field string, allow attach.Types) (attach.File, error) {
	up := c.Form().File(field)
	if up == nil || h.Files == nil {
		return attach.File{}, nil
	}
	f, err := h.Files.Put(c.Context(), up.Open(), up.Name, allow)
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge) {
		m := errs.MsgOf(err)
		return f, &errs.Error{Kind: errs.Invalid, Msg: m, Fields: []errs.Field{{Name: field, Msg: m}}, Err: err}
	}
	return f, err
}
