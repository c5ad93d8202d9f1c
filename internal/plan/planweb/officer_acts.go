package planweb

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// act is one thing that somebody may do with an assignment, on a page with one form.
type act struct {
	slug   string
	may    func(r plan.Rights) bool
	forbid string                                                       // the sentence that names who may
	ready  func(h officer, c *web.Context, p *actPage) error            // reads what the form shows; nil where nothing is needed
	run    func(h officer, c *web.Context, p *actPage) (command, error) // reads what was typed
	stored func(pr *i18n.Printer, p *actPage, now *plan.AssignmentView) // after a conflict: what is stored, beside what was typed
	page   string                                                       // template; "" is work_act
}

// command is what a form does, in its transaction.
type command func(ctx context.Context, tx *db.Tx) error

// actPage is a page with one form about an assignment.
type actPage struct {
	F        *web.Form
	V        *plan.AssignmentView
	Act      string
	Path     string // of the page
	Back     string
	O        *plan.OccView
	E        *plan.Evidence
	People   []web.Option
	Lines    []lineField
	Occs     []web.Option
	SignAs   []web.Option
	Confirms []web.Option
	Accept   string
	Types    []string
	MB       int
	Source   bool // who told it: an officer enters for a village
	Event    bool // the task waits for events
	Closes   bool // the form can end an occurrence
	Keep     bool // the task is a review that may end with "giữ nguyên"
	Exempt   i18n.Msg
	Conflict bool
	Recent   []stepLine // what happened meanwhile
	Now      web.Tag
}

// lineField is a line of the evidence list in a form.
type lineField struct {
	Box, Gap string // names of the fields
	Text     string
	Shown    bool // by what is there already
	Reason   string
}

func mayWrite(r plan.Rights) bool   { return r.Write }
func mayConfirm(r plan.Rights) bool { return r.Confirm }
func mayReturn(r plan.Rights) bool  { return r.Return }
func mayExtend(r plan.Rights) bool  { return r.Extend }

const (
	forbidWrite   = "plan.forbidden.write"
	forbidConfirm = "plan.forbidden.confirm"
	forbidReturn  = "plan.forbidden.return"
	forbidExtend  = "plan.forbidden.extend"
)

// acts are all of them, by the last part of their address.
var acts = []act{
	{slug: "tiep-nhan", may: mayWrite, forbid: forbidWrite, ready: officer.readyReceive, run: officer.runReceive},
	{slug: "giao", may: mayWrite, forbid: forbidWrite, ready: officer.readyName, run: officer.runName, stored: storedName},
	{slug: "ket-qua", may: mayWrite, forbid: forbidWrite, ready: officer.readyEvidence, run: officer.runEvidence, page: "work_evidence"},
	{slug: "xac-nhan", may: mayConfirm, forbid: forbidConfirm, ready: officer.readyConfirm, run: officer.runConfirm, stored: storedConfirm},
	{slug: "phat-sinh", may: mayWrite, forbid: forbidWrite, run: officer.runEvent},
	{slug: "khong-ap-dung", may: mayWrite, forbid: forbidWrite, run: officer.runClaim, stored: storedClaim},
	{slug: "y-kien", may: mayReturn, forbid: forbidReturn, run: officer.runConsent},
	{slug: "yeu-cau-bo-sung", may: mayReturn, forbid: forbidReturn, ready: officer.needOcc, run: officer.runReturn},
	{slug: "tra-loi", may: mayWrite, forbid: forbidWrite, ready: officer.needOcc, run: officer.runAnswer},
	{slug: "gia-han", may: mayExtend, forbid: forbidExtend, ready: officer.readyExtend, run: officer.runExtend, stored: storedExtend},
	{slug: "rut", may: mayWrite, forbid: forbidWrite, ready: officer.readyWithdraw, run: officer.runWithdraw},
}

// open reads the assignment and what the form shows.
func (h officer) open(c *web.Context, a act) (*actPage, error) {
	v, err := h.Plans.Assignment(c.Context(), c.Actor, c.Value("assignment"))
	if err != nil {
		return nil, err
	}
	if !a.may(v.Rights) {
		return nil, errs.E(errs.Forbidden, a.forbid)
	}
	h.crumbs(c, v)
	c.L.Crumbs[len(c.L.Crumbs)-1] = web.Crumb{Text: v.Task.Title(c.Lang), Path: plan.WorkLink(v.ID)}
	p := &actPage{F: c.Form(), V: v, Act: a.slug, Back: plan.WorkLink(v.ID), Path: assignmentPath(v.ID, a.slug), Event: isEvent(v.Task), Exempt: v.MayRule}
	p.F.Prefill("version", strconv.Itoa(v.Version))
	p.find(cmp.Or(p.F.Text("lan"), c.Query("lan")), cmp.Or(p.F.Text("kq"), c.Query("kq")))
	if a.ready != nil {
		if err := a.ready(h, c, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// find takes the occurrence and the evidence that the form is about.
func (p *actPage) find(occ, evidence string) {
	all := slices.Clone(p.V.Evidence)
	for i := range p.V.Occ {
		o := &p.V.Occ[i]
		if o.ID == occ && occ != "" {
			p.O = o
			p.F.Prefill("lan", o.ID)
			p.F.Prefill("lan-version", strconv.Itoa(o.Version))
		}
		all = append(all, o.Evidence...)
	}
	for _, e := range all {
		if e.ID == evidence && evidence != "" {
			p.E = e
			p.F.Prefill("kq", e.ID)
			p.F.Prefill("kq-version", strconv.Itoa(e.Version))
		}
	}
}

func (a act) template() string { return cmp.Or(a.page, "work_act") }

func (h officer) show(a act) web.Handler {
	return func(c *web.Context) error {
		p, err := h.open(c, a)
		if err != nil {
			return err
		}
		return c.Render(a.template(), p)
	}
}

func (h officer) take(a act) web.Handler {
	return func(c *web.Context) error {
		p, err := h.open(c, a)
		if err != nil {
			return err
		}
		run, err := a.run(h, c, p)
		if err == nil {
			err = c.Form().Err()
		}
		if err == nil {
			err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
				return assignmentPath(p.V.ID, "", "xong", a.slug), run(ctx, tx)
			})
		}
		if err == nil {
			return nil
		}
		if errs.Is(err, errs.Conflict) {
			if cerr := h.conflict(c, a, p); cerr != nil {
				return cerr
			}
		}
		return c.Retry(beside(a, err), a.template(), p)
	}
}

// conflict puts what is stored now beside what was typed, and says what happened meanwhile.
func (h officer) conflict(c *web.Context, a act, p *actPage) error {
	now, err := h.Plans.Assignment(c.Context(), c.Actor, p.V.ID)
	if err != nil {
		return err
	}
	p.V, p.Conflict, p.O, p.E = now, true, nil, nil
	p.F.Put("version", strconv.Itoa(now.Version))
	p.find(p.F.Text("lan"), p.F.Text("kq"))
	if p.O != nil {
		p.F.Put("lan-version", strconv.Itoa(p.O.Version))
	}
	if p.E != nil {
		p.F.Put("kq-version", strconv.Itoa(p.E.Version))
	}
	p.Now = viewTag(c.P, now)
	if p.O != nil {
		p.Now = occTag(c.P, now, p.O)
	}
	steps := h.history(c, now.Steps)
	p.Recent = steps[max(0, len(steps)-3):]
	if a.stored != nil {
		a.stored(c.P, p, now)
	}
	return nil
}

// beside names the fields of the act's form in the service's faults. The form of results has one number and one day for the paper and its signing.
func beside(a act, err error) error {
	names := map[string]string{"occurrence": "lan", "items": ""}
	if a.page == "work_evidence" {
		names["sign_number"], names["sign_day"] = "number", "day"
	}
	fields := errs.FieldsOf(err)
	if !slices.ContainsFunc(fields, func(f errs.Field) bool { _, ok := names[f.Name]; return ok }) {
		return err
	}
	out := &errs.Error{Kind: errs.KindOf(err), Msg: errs.MsgOf(err), Err: err}
	for _, f := range fields {
		if n, ok := names[f.Name]; ok {
			f.Name = n
		}
		if !slices.ContainsFunc(out.Fields, func(g errs.Field) bool { return g.Name == f.Name && g.Msg.Key == f.Msg.Key && f.Name != "" }) {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

// needOcc is errs.NotFound where the address names no occurrence of the assignment.
func (h officer) needOcc(_ *web.Context, p *actPage) error {
	if p.O == nil {
		return errNone()
	}
	return nil
}

func (h officer) readyReceive(c *web.Context, p *actPage) error {
	p.F.PrefillDate("day", c.Today)
	p.F.Prefill("by", c.Actor.Name)
	return nil
}

func (h officer) runReceive(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.Receive{Plan: p.V.Plan.ID, Unit: p.V.Assignment.Unit, Day: f.Date("day"), By: f.Text("by")}
	if f.Bool("now") { // the one tap of the assignment's page
		in.Day, in.By = c.Today, ""
	}
	if !f.Bool("all") {
		in.Tasks = []string{p.V.Task.ID}
	}
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := h.Plans.ReceiveTx(ctx, tx, c.Actor, in)
		return err
	}, nil
}

func (h officer) readyName(c *web.Context, p *actPage) error {
	people, err := h.people(c, p)
	if err != nil {
		return err
	}
	p.People = people
	known := slices.ContainsFunc(people, func(o web.Option) bool { return o.Value == p.V.Account && p.V.Account != "" })
	switch {
	case known:
		p.F.Prefill("account", p.V.Account)
	case p.V.Person != "":
		p.F.Prefill("account", "khac")
		p.F.Prefill("person", p.V.Person)
	case len(people) == 2: // nobody to choose from but by name
		p.F.Prefill("account", "khac")
	default:
		p.F.Prefill("account", "")
	}
	return nil
}

// people are the choices of who does a task: the unit's own people, somebody by name, nobody.
func (h officer) people(c *web.Context, p *actPage) ([]web.Option, error) {
	var out []web.Option
	if h.People != nil {
		list, err := h.People.Colleagues(c.Context(), p.V.Assignment.Unit, c.Today)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if slices.ContainsFunc(out, func(o web.Option) bool { return o.Value == x.Account }) {
				continue // somebody with two posts
			}
			out = append(out, web.Option{Value: x.Account, Label: x.Name, Hint: x.Title, Lang: string(i18n.VI)})
		}
	}
	return append(out, web.Option{Value: "khac", Label: c.P.T("planweb.act.giao.somebody")}, web.Option{Value: "", Label: c.P.T("planweb.act.giao.nobody")}), nil
}

func (h officer) runName(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.Name{Assignment: p.V.ID, Version: f.Int("version")}
	switch who := f.Text("account"); who {
	case "khac":
		if in.Person = f.Text("person"); in.Person == "" {
			return nil, errs.At("person", "planweb.act.giao.person_needed")
		}
	case "":
	default:
		i := slices.IndexFunc(p.People, func(o web.Option) bool { return o.Value == who })
		if i < 0 {
			return nil, errs.At("account", "planweb.act.giao.unknown")
		}
		in.Account, in.Person = who, p.People[i].Label
	}
	return func(ctx context.Context, tx *db.Tx) error { return h.Plans.NameTx(ctx, tx, c.Actor, in) }, nil
}

func storedName(_ *i18n.Printer, p *actPage, now *plan.AssignmentView) {
	p.F.Stored("person", cmp.Or(now.Person, "–"))
}

// readyConfirm shows the list of what is there and what is missing.
func (h officer) readyConfirm(c *web.Context, p *actPage) error {
	if err := h.needOcc(c, p); err != nil {
		return err
	}
	p.Keep = p.V.Task.MayKeep()
	p.lines()
	latest := civil.None
	for _, e := range p.O.Evidence {
		if e.Live() {
			latest = max(latest, e.Day)
		}
	}
	p.F.PrefillDate("sign_day", latest)
	return nil
}

// lines are the task's evidence list as fields of a form.
func (p *actPage) lines() {
	p.Lines = nil
	for i, text := range p.V.Task.Evidence {
		l := lineField{Box: "item-" + strconv.Itoa(i), Gap: "gap-" + strconv.Itoa(i), Text: text}
		if p.O != nil && i < len(p.O.Lines) {
			l.Shown, l.Reason = len(p.O.Lines[i].Shown) > 0, p.O.Lines[i].Gap
			p.F.Prefill(l.Gap, l.Reason)
		}
		p.Lines = append(p.Lines, l)
	}
}

// gaps are the reasons that were typed, by line.
func (p *actPage) gaps() map[int]string {
	out := map[int]string{}
	for i := range p.V.Task.Evidence {
		if why := p.F.Text("gap-" + strconv.Itoa(i)); why != "" {
			out[i] = why
		}
	}
	return out
}

func (h officer) runConfirm(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.Confirm{
		Occurrence: p.O.ID, Version: f.Int("lan-version"), Kept: f.Bool("kept"), Gaps: p.gaps(),
		Confirmation: plan.Confirmation{Screen: true, Day: f.Date("sign_day")},
	}
	return func(ctx context.Context, tx *db.Tx) error { return h.Plans.ConfirmTx(ctx, tx, c.Actor, in) }, nil
}

func storedConfirm(pr *i18n.Printer, p *actPage, _ *plan.AssignmentView) {
	p.lines()
	if p.O != nil && p.O.Done != civil.None {
		p.F.Stored("sign_day", pr.Date(p.O.Done))
	}
}

func (h officer) runEvent(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.Event{Assignment: p.V.ID, Version: f.Int("version"), Text: f.Text("event"), Due: f.Date("due")}
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := h.Plans.EventTx(ctx, tx, c.Actor, in)
		return err
	}, nil
}

func (h officer) runClaim(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.NAClaim{Assignment: p.V.ID, Version: f.Int("version"), Reason: f.Lines("reason")}
	return func(ctx context.Context, tx *db.Tx) error { return h.Plans.NotApplicableTx(ctx, tx, c.Actor, in) }, nil
}

func storedClaim(_ *i18n.Printer, p *actPage, now *plan.AssignmentView) {
	if now.NAReason != "" {
		p.F.Stored("reason", now.NAReason)
	}
}

func (h officer) runConsent(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.Consent{Assignment: p.V.ID, Version: f.Int("version"), Agree: f.Text("agree") == "co", Reason: f.Lines("reason")}
	if v := f.Text("agree"); v != "co" && v != "khong" {
		return nil, errs.At("agree", "planweb.act.y-kien.choose")
	}
	return func(ctx context.Context, tx *db.Tx) error { return h.Plans.ConsentTx(ctx, tx, c.Actor, in) }, nil
}

func (h officer) runReturn(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.Return{Occurrence: p.O.ID, Version: f.Int("lan-version"), Reason: f.Lines("reason"), AnswerBy: f.Date("answer_by")}
	return func(ctx context.Context, tx *db.Tx) error { return h.Plans.ReturnTx(ctx, tx, c.Actor, in) }, nil
}

func (h officer) runAnswer(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.Answer{Occurrence: p.O.ID, Version: f.Int("lan-version"), Text: f.Lines("text")}
	return func(ctx context.Context, tx *db.Tx) error { return h.Plans.AnswerTx(ctx, tx, c.Actor, in) }, nil
}

func (h officer) readyExtend(c *web.Context, p *actPage) error {
	if err := h.needOcc(c, p); err != nil {
		return err
	}
	p.F.PrefillDate("due", p.O.Due)
	return nil
}

func (h officer) runExtend(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.Extend{Occurrence: p.O.ID, Version: f.Int("lan-version"), Due: f.Date("due"), Reason: f.Lines("reason")}
	return func(ctx context.Context, tx *db.Tx) error { return h.Plans.ExtendTx(ctx, tx, c.Actor, in) }, nil
}

func storedExtend(pr *i18n.Printer, p *actPage, _ *plan.AssignmentView) {
	if p.O != nil {
		p.F.Stored("due", pr.Date(p.O.Due))
	}
}

func (h officer) readyWithdraw(_ *web.Context, p *actPage) error {
	if p.E == nil {
		return errNone()
	}
	return nil
}

func (h officer) runWithdraw(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.Withdraw{Evidence: p.E.ID, Version: f.Int("kq-version"), Reason: f.Lines("reason")}
	return func(ctx context.Context, tx *db.Tx) error { return h.Plans.WithdrawTx(ctx, tx, c.Actor, in) }, nil
}
