package planweb

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
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

func (h focal) registerEdit(k *web.Kit) {
	both := func(pattern string, get, post web.Handler) {
		if get != nil {
			k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: get, Who: web.Staff})
		}
		if post != nil {
			k.Handle(web.Route{Method: http.MethodPost, Pattern: pattern, Handler: post, Who: web.Staff})
		}
	}
	both("/lam-viec/ke-hoach", h.plans, nil)
	both("/lam-viec/ke-hoach/lap/moi", h.newForm, h.create)
	both("/lam-viec/ke-hoach/lap/nhu-nam-truoc", h.deriveForm, h.derive)
	both("/lam-viec/ke-hoach/lap/nhap-tep", h.importForm, h.importFile)
	both("/lam-viec/ke-hoach/{plan}/sua", h.edit, nil)
	both("/lam-viec/ke-hoach/{plan}/sua/thong-tin", h.factsForm, h.facts)
	both("/lam-viec/ke-hoach/{plan}/sua/viec", h.taskForm, h.task)
	both("/lam-viec/ke-hoach/{plan}/sua/bo-viec", nil, h.dropTask)
	both("/lam-viec/ke-hoach/{plan}/sua/bo-du-thao", nil, h.dropDraft)
	both("/lam-viec/ke-hoach/{plan}/ban-hanh", h.issueForm, h.issue)
	both("/lam-viec/ke-hoach/{plan}/cong-khai", nil, h.public)
	both("/lam-viec/ke-hoach/{plan}/ban-ky", h.signedForm, h.signed)
	both("/lam-viec/ke-hoach/{plan}/don-vi/{code}", h.unit, nil)
	k.Nav(web.NavItem{Key: "planedit.nav", Path: "/lam-viec/ke-hoach", Who: web.Staff, Order: 30})
}

func base(p *plan.Plan) string { return "/lam-viec/ke-hoach/" + url.PathEscape(p.ID) }

// plansPage lists the plans that concern the actor's units.
type plansPage struct {
	Issued, Drafts []planLine
	May            bool
}

type planLine struct {
	plan.Summary
	Href, Issuer string
	Tag          web.Tag
}

var statusClass = map[plan.Status]string{plan.StatusDraft: "cho", plan.StatusIssued: "lam", plan.StatusEnded: "xong"}

func (h focal) plans(c *web.Context) error {
	out := &plansPage{}
	seen := map[string]bool{}
	add := func(list []plan.Summary) {
		for _, s := range list {
			if seen[s.ID] {
				continue
			}
			seen[s.ID] = true
			l := planLine{Summary: s, Href: "/lam-viec/ke-hoach/" + url.PathEscape(s.ID), Tag: web.Tag{Class: statusClass[s.Status], Text: c.P.T("planedit.status." + string(s.Status))}}
			if u, ok := h.Units.Unit(s.Unit, max(c.Today, s.Signed)); ok {
				l.Issuer = u.NameIn(c.Lang)
			}
			if s.Status == plan.StatusDraft {
				l.Href += "/sua"
				out.Drafts = append(out.Drafts, l)
			} else {
				out.Issued = append(out.Issued, l)
			}
		}
	}
	units := c.Actor.Units()
	for _, id := range slices.Clone(units) {
		if p := c.Tree.Top(id); p != nil && !slices.Contains(units, p.ID) {
			units = append(units, p.ID)
		}
	}
	for _, id := range units {
		may, err := h.Plans.MayEdit(c.Context(), c.Actor, id)
		if err != nil {
			return err
		}
		out.May = out.May || may
		own, err := h.Plans.Plans(c.Context(), c.Actor, id)
		if err != nil {
			return err
		}
		add(own)
		bound, err := h.Plans.PlansFor(c.Context(), id)
		if err != nil {
			return err
		}
		add(bound)
	}
	return c.Render("edit_plans", out)
}

// issuers are the units for which the actor may write plans; the province first.
func (h focal) issuers(c *web.Context) ([]web.Option, error) {
	var out []web.Option
	seen := map[string]bool{}
	try := func(u *org.Unit) error {
		if u == nil || seen[u.ID] {
			return nil
		}
		seen[u.ID] = true
		may, err := h.Plans.MayEdit(c.Context(), c.Actor, u.ID)
		if may {
			out = append(out, web.Option{Value: u.Code, Label: u.NameIn(c.Lang)})
		}
		return err
	}
	for _, id := range c.Actor.Units() {
		if err := try(c.Tree.Top(id)); err != nil {
			return nil, err
		}
	}
	for _, id := range c.Actor.Units() {
		u, _ := c.Tree.ByID(id)
		if err := try(u); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, errs.E(errs.Forbidden, "plan.forbidden.edit")
	}
	return out, nil
}

func (h focal) issuerOf(c *web.Context, f *web.Form) (string, error) {
	u, ok := c.Tree.ByCode(f.Text("unit"))
	if !ok {
		return "", errs.At("unit", "plan.unknown_issuer", "code", f.Text("unit"))
	}
	return u.ID, nil
}

// factsPage is the form of a plan's facts; P is nil for a new one.
type factsPage struct {
	F       *web.Form
	Plan    *plan.Plan
	Base    string
	Issuers []web.Option
	Kinds   []web.Option
	Action  string
}

func (h focal) kinds(c *web.Context) []web.Option {
	var out []web.Option
	for _, k := range plan.UnitKinds {
		out = append(out, web.Option{Value: k, Label: c.P.Say(org.KindMsg(k))})
	}
	return out
}

func (h focal) newForm(c *web.Context) error {
	issuers, err := h.issuers(c)
	if err != nil {
		return err
	}
	f := c.Form()
	f.Prefill("unit", issuers[0].Value)
	return c.Render("edit_facts", &factsPage{F: f, Issuers: issuers, Kinds: h.kinds(c), Action: "/lam-viec/ke-hoach/lap/moi"})
}

func readFacts(f *web.Form) *plan.Plan {
	return &plan.Plan{
		Number: f.Text("number"), TitleVI: f.Text("title_vi"), TitleEN: f.Text("title_en"), Signed: f.Date("signed"), Signer: f.Text("signer"), SignerTitle: f.Text("signer_title"),
		From: f.Date("from"), To: f.Date("to"), Motto: f.Text("motto"), RequestKinds: f.Texts("request_kinds"), Basis: lines(f, "basis"), Cites: lines(f, "cites"),
	}
}

// lines are the lines of a text area without the empty ones.
func lines(f *web.Form, name string) []string {
	var out []string
	for s := range strings.SplitSeq(f.Lines(name), "\n") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (h focal) create(c *web.Context) error {
	issuers, err := h.issuers(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := readFacts(f)
	err = f.Err()
	if err == nil {
		in.Unit, err = h.issuerOf(c, f)
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			id, err := h.Plans.CreateTx(ctx, tx, c.Actor, in)
			return "/lam-viec/ke-hoach/" + url.PathEscape(id) + "/sua", err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "edit_facts", &factsPage{F: f, Issuers: issuers, Kinds: h.kinds(c), Action: "/lam-viec/ke-hoach/lap/moi"})
}

// draft is the plan of the address, where the actor may edit it.
func (h focal) editable(c *web.Context) (*plan.Plan, error) {
	p, err := h.Plans.Plan(c.Context(), c.Value("plan"))
	if err != nil {
		return nil, err
	}
	may, err := h.Plans.MayEdit(c.Context(), c.Actor, p.Unit)
	if err != nil {
		return nil, err
	}
	if !may {
		if p.Status == plan.StatusDraft {
			return nil, errs.E(errs.NotFound, "plan.none")
		}
		return nil, errs.E(errs.Forbidden, "plan.forbidden.edit")
	}
	return p, nil
}

// editPage is the plan with its tasks, and what a person should look at before it is issued.
type editPage struct {
	F          *web.Form
	Plan       *plan.Plan
	Base       string
	Draft      bool
	Issuer     string
	Tasks      []editTask
	Preview    *plan.Preview
	Amendments []plan.Amendment
	Done       string
}

type editTask struct {
	*plan.Task
	Title, Due, Href string
	Units            int
	Request          bool
}

func (h focal) edit(c *web.Context) error {
	p, err := h.editable(c)
	if err != nil {
		return err
	}
	out := &editPage{F: c.Form(), Plan: p, Base: base(p), Draft: p.Status == plan.StatusDraft}
	if u, ok := h.Units.Unit(p.Unit, max(c.Today, p.Signed)); ok {
		out.Issuer = u.NameIn(c.Lang)
	}
	bound := map[string]plan.Bound{}
	if out.Draft {
		if out.Preview, err = h.Plans.PreviewIssue(c.Context(), c.Actor, p.ID); err != nil {
			return err
		}
		for _, b := range out.Preview.Bound {
			bound[b.Task.ID] = b
		}
	} else if out.Amendments, err = h.Plans.Amendments(c.Context(), p.ID); err != nil {
		return err
	}
	for _, t := range p.Tasks {
		out.Tasks = append(out.Tasks, editTask{
			Task: t, Title: t.Title(c.Lang), Due: dueNote(c, t), Href: out.Base + "/sua/viec?viec=" + url.QueryEscape(t.ID), Units: bound[t.ID].Units, Request: t.Mode == plan.ModeRequest,
		})
	}
	return c.Render("edit_plan", out)
}

func (h focal) factsPage(c *web.Context, p *plan.Plan) *factsPage {
	return &factsPage{F: c.Form(), Plan: p, Base: base(p), Kinds: h.kinds(c), Action: base(p) + "/sua/thong-tin"}
}

func (h focal) factsForm(c *web.Context) error {
	p, err := h.editable(c)
	if err != nil {
		return err
	}
	out := h.factsPage(c, p)
	f := out.F
	for k, v := range map[string]string{
		"number": p.Number, "title_vi": p.TitleVI, "title_en": p.TitleEN, "signer": p.Signer, "signer_title": p.SignerTitle, "motto": p.Motto,
		"basis": strings.Join(p.Basis, "\n"), "cites": strings.Join(p.Cites, "\n"), "version": strconv.Itoa(p.Version),
	} {
		f.Prefill(k, v)
	}
	f.PrefillDate("signed", p.Signed)
	f.PrefillDate("from", p.From)
	f.PrefillDate("to", p.To)
	f.PrefillAll("request_kinds", p.RequestKinds)
	return c.Render("edit_facts", out)
}

func (h focal) facts(c *web.Context) error {
	p, err := h.editable(c)
	if err != nil {
		return err
	}
	out := h.factsPage(c, p)
	f := out.F
	in := readFacts(f)
	v := f.Int("version")
	if err = f.Err(); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			if p.Status == plan.StatusDraft {
				return out.Base + "/sua", h.Plans.FactsTx(ctx, tx, c.Actor, p.ID, v, in)
			}
			_, err := h.Plans.AmendTx(ctx, tx, c.Actor, plan.Amend{
				Plan: p.ID, Version: v, Number: f.Text("amend_number"), Day: f.Date("amend_day"), Reason: f.Lines("amend_reason"), Facts: in,
			})
			return out.Base + "/sua", err
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		f.Stored("title_vi", p.TitleVI)
		f.Put("version", strconv.Itoa(p.Version))
	}
	if p.Status != plan.StatusDraft {
		err = besideAmend(err)
	}
	return c.Retry(err, "edit_facts", out)
}

// taskPage is the form of one task.
type taskPage struct {
	F                                         *web.Form
	Plan                                      *plan.Plan
	Task                                      *plan.Task // nil for a new one
	Base, Action                              string
	Kinds, TaskKinds, Rooms, Rhythms, Reports []web.Option
	Setters, DutyKinds, Roles                 []web.Option
	Amend                                     bool
}

func options(c *web.Context, words []string, key string, none bool) []web.Option {
	var out []web.Option
	if none {
		out = append(out, web.Option{Value: "", Label: c.P.T("planedit.none")})
	}
	for _, w := range words {
		out = append(out, web.Option{Value: w, Label: c.P.T(key + "." + w)})
	}
	return out
}

func (h focal) taskPage(c *web.Context) (*taskPage, error) {
	p, err := h.editable(c)
	if err != nil {
		return nil, err
	}
	f := c.Form()
	id := c.Query("viec")
	if id == "" {
		id = f.Text("old")
	}
	out := &taskPage{
		F: f, Plan: p, Base: base(p), Action: base(p) + "/sua/viec", Kinds: h.kinds(c), TaskKinds: options(c, plan.TaskKinds, "planedit.task_kind", false),
		Rooms: options(c, plan.Rooms, "planedit.room", false), Rhythms: options(c, plan.Rhythms, "planedit.rhythm", true), Reports: options(c, plan.ReportsTo, "planedit.report_to", true),
		Setters: options(c, plan.DueSetBys, "planedit.set_by", true), Roles: options(c, plan.RoleNames, "planedit.role", false), Amend: p.Status != plan.StatusDraft,
	}
	if t, ok := p.Task(id); ok {
		out.Task = t
	} else if id != "" {
		return nil, errs.E(errs.NotFound, "plan.task.none")
	}
	return out, nil
}

func (h focal) taskForm(c *web.Context) error {
	out, err := h.taskPage(c)
	if err != nil {
		return err
	}
	f := out.F
	f.Prefill("version", strconv.Itoa(out.Plan.Version))
	if t := out.Task; t != nil {
		for k, v := range map[string]string{
			"old": t.ID, "task": t.ID, "ref": t.Ref, "title_vi": t.TitleVI, "title_en": t.TitleEN, "room": t.Room, "kind": t.Kind, "only_if": t.OnlyIf, "due_from": t.DueFrom,
			"due_set_by": t.DueSetBy, "recurs": t.Recurs, "report_to": t.ReportTo, "to_units": strings.Join(t.ToUnits, "\n"), "acts": strings.Join(t.Acts, "\n"),
			"evidence": strings.Join(t.Evidence, "\n"), "duty_kinds": strings.Join(t.DutyKinds, " "),
		} {
			f.Prefill(k, v)
		}
		if t.Mode == plan.ModeRequest {
			f.Prefill("mode", "1")
		}
		var days []string
		for _, d := range t.Days() {
			days = append(days, c.P.Date(d))
			if c.Lang != "vi" {
				days[len(days)-1] = string(d)
			}
		}
		f.Prefill("dues", strings.Join(days, "\n"))
		f.PrefillAll("to", t.To)
		f.PrefillAll("to_roles", t.ToRoles)
	} else {
		f.Prefill("room", "lead")
		f.Prefill("kind", "organise")
	}
	return c.Render("edit_task", out)
}

// readTask reads a task from the form; what the form does not show stays as it was.
func readTask(f *web.Form, old *plan.Task) *plan.Task {
	t := &plan.Task{}
	if old != nil {
		t = old.Clone()
	}
	t.ID, t.Ref, t.TitleVI, t.TitleEN, t.Room, t.Kind = f.Text("task"), f.Text("ref"), f.Text("title_vi"), f.Text("title_en"), f.Text("room"), f.Text("kind")
	t.To, t.ToRoles, t.ToUnits, t.OnlyIf = f.Texts("to"), f.Texts("to_roles"), lines(f, "to_units"), f.Text("only_if")
	t.DueFrom, t.DueSetBy, t.Recurs, t.ReportTo = f.Text("due_from"), f.Text("due_set_by"), f.Text("recurs"), f.Text("report_to")
	t.Acts, t.Evidence, t.DutyKinds = lines(f, "acts"), lines(f, "evidence"), strings.Fields(f.Text("duty_kinds"))
	t.Mode = ""
	if f.Bool("mode") {
		t.Mode = plan.ModeRequest
	}
	t.Due, t.Dues = civil.None, nil
	var days []civil.Date
	for _, s := range lines(f, "dues") {
		d, ok := parseDay(s)
		if !ok {
			f.Add("dues", "planedit.bad_day", "value", s)
			continue
		}
		days = append(days, d)
	}
	switch len(days) {
	case 0:
	case 1:
		t.Due = days[0]
	default:
		t.Dues = days
	}
	return t
}

// parseDay reads 31/3/2021 and 2021-03-31.
func parseDay(s string) (civil.Date, bool) {
	if d, err := civil.Parse(s); err == nil {
		return d, true
	}
	p := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '.' || r == ' ' })
	if len(p) != 3 {
		return civil.None, false
	}
	var n [3]int
	for i := range p {
		v, err := strconv.Atoi(p[i])
		if err != nil {
			return civil.None, false
		}
		n[i] = v
	}
	return civil.New(n[2], n[1], n[0])
}

func (h focal) task(c *web.Context) error {
	out, err := h.taskPage(c)
	if err != nil {
		return err
	}
	f := out.F
	in := readTask(f, out.Task)
	v := f.Int("version")
	amend := plan.Amend{Plan: out.Plan.ID, Version: v, Set: []*plan.Task{in}}
	if out.Amend {
		amend.Number, amend.Day, amend.Reason = f.Text("amend_number"), f.Date("amend_day"), f.Lines("amend_reason")
	}
	if err = f.Err(); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			if out.Amend {
				_, err := h.Plans.AmendTx(ctx, tx, c.Actor, amend)
				return out.Base + "/sua", err
			}
			return out.Base + "/sua", h.Plans.TaskTx(ctx, tx, c.Actor, out.Plan.ID, v, f.Text("old"), in, "")
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		if out.Task != nil {
			f.Stored("title_vi", out.Task.TitleVI)
		}
		f.Put("version", strconv.Itoa(out.Plan.Version))
	}
	if out.Amend {
		err = besideAmend(err)
	}
	return c.Retry(err, "edit_task", out)
}

func (h focal) dropTask(c *web.Context) error {
	p, err := h.editable(c)
	if err != nil {
		return err
	}
	f := c.Form()
	return h.orBack(c, p, c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return base(p) + "/sua", h.Plans.DropTaskTx(ctx, tx, c.Actor, p.ID, f.Int("version"), f.Text("viec"))
	}))
}

// orBack shows the plan's page again with what went wrong.
func (h focal) orBack(c *web.Context, p *plan.Plan, err error) error {
	if err == nil || !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) {
		return err
	}
	out := &editPage{F: c.Form(), Plan: p, Base: base(p), Draft: p.Status == plan.StatusDraft}
	for _, t := range p.Tasks {
		out.Tasks = append(out.Tasks, editTask{Task: t, Title: t.Title(c.Lang), Due: dueNote(c, t), Href: out.Base + "/sua/viec?viec=" + url.QueryEscape(t.ID)})
	}
	return c.Retry(err, "edit_plan", out)
}

func (h focal) dropDraft(c *web.Context) error {
	p, err := h.editable(c)
	if err != nil {
		return err
	}
	f := c.Form()
	return h.orBack(c, p, c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return "/lam-viec/ke-hoach", h.Plans.DropDraftTx(ctx, tx, c.Actor, p.ID, f.Int("version"))
	}))
}

func (h focal) public(c *web.Context) error {
	p, err := h.editable(c)
	if err != nil {
		return err
	}
	f := c.Form()
	return h.orBack(c, p, c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return base(p) + "/sua", h.Plans.PublicTx(ctx, tx, c.Actor, p.ID, f.Int("version"), f.Bool("public"))
	}))
}

// issuePage says what issuing will bind.
type issuePage struct {
	F       *web.Form
	Plan    *plan.Plan
	Base    string
	Preview *plan.Preview
}

func (h focal) issueForm(c *web.Context) error {
	p, err := h.editable(c)
	if err != nil {
		return err
	}
	pre, err := h.Plans.PreviewIssue(c.Context(), c.Actor, p.ID)
	if err != nil {
		return err
	}
	return c.Render("edit_issue", &issuePage{F: c.Form(), Plan: p, Base: base(p), Preview: pre})
}

func (h focal) issue(c *web.Context) error {
	p, err := h.editable(c)
	if err != nil {
		return err
	}
	f := c.Form()
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.Plans.IssueTx(ctx, tx, c.Actor, p.ID, f.Int("version"))
		return base(p), err
	})
	if err == nil {
		return nil
	}
	pre, perr := h.Plans.PreviewIssue(c.Context(), c.Actor, p.ID)
	if perr != nil {
		return perr
	}
	if errs.Is(err, errs.Invalid) && len(errs.FieldsOf(err)) > 0 { // the faulty fields stand on another page
		var l errs.List
		for _, n := range errs.FieldsOf(err) {
			key := "planedit.facts." + n.Name
			if !c.P.Has(key) {
				l.Fields = append(l.Fields, n)
				continue
			}
			l.Add("", "planedit.issue_fault", "field", c.P.T(key), "what", n.Msg)
		}
		err = l.Err()
	}
	return c.Retry(err, "edit_issue", &issuePage{F: f, Plan: p, Base: base(p), Preview: pre})
}

// signedPage takes the signed paper.
type signedPage struct {
	F      *web.Form
	Plan   *plan.Plan
	Base   string
	Accept string
}

func (h focal) signedForm(c *web.Context) error {
	p, err := h.editable(c)
	if err != nil {
		return err
	}
	return c.Render("edit_signed", &signedPage{F: c.Form(), Plan: p, Base: base(p), Accept: evidenceTypes.Accept()})
}

func (h focal) signed(c *web.Context) error {
	p, err := h.editable(c)
	if err != nil {
		return err
	}
	f := c.Form()
	out := &signedPage{F: f, Plan: p, Base: base(p), Accept: evidenceTypes.Accept()}
	up := f.File("file")
	if up == nil {
		f.Add("file", "planedit.no_file")
	}
	if err = f.Err(); err != nil {
		return c.Retry(err, "edit_signed", out)
	}
	file, err := h.Files.Put(c.Context(), up.Open(), up.Name, evidenceTypes)
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			a, err := h.Files.LinkTx(ctx, tx, file, attach.Owner{Kind: "plan", ID: p.ID, Unit: p.Unit}, false, c.Actor.ID)
			if err != nil {
				return "", err
			}
			return base(p) + "/sua", h.Plans.SignedTx(ctx, tx, c.Actor, p.ID, f.Int("version"), a.ID, plan.Confirmation{Number: p.Number, Day: p.Signed, Signer: p.Signer, As: plan.SignHead})
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "edit_signed", out)
}

// unitPage is one unit's part of a plan for those who follow it.
type unitPage struct {
	V     *plan.UnitView
	Base  string
	Lines []unitLine
}

type unitLine struct {
	ID, Title, Ref, Href string
	Due                  civil.Date
	Tag                  web.Tag
}

func (h focal) unit(c *web.Context) error {
	u, ok := h.Units.Holder(c.Value("code"), c.Today)
	if !ok {
		return errs.E(errs.NotFound, "plan.none")
	}
	v, err := h.Plans.UnitProgress(c.Context(), c.Actor, c.Value("plan"), u.ID)
	if err != nil {
		return err
	}
	out := &unitPage{V: v, Base: base(v.Plan)}
	for _, t := range v.Tasks {
		out.Lines = append(out.Lines, unitLine{
			ID: t.Task.ID, Title: t.Task.Title(c.Lang), Ref: t.Task.Ref, Href: "/lam-viec/viec/" + t.Cell.Assignment, Due: t.Cell.Due,
			Tag: cellTag(c.P, &t.Cell),
		})
	}
	return c.Render("board_unit", out)
}
