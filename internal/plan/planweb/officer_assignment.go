package planweb

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// ownerKind is the kind of owner under which an assignment's files are linked.
const ownerKind = "assignment"

// assignmentPage is one task at one unit: what is asked, by when, under which law, what was done, and what the reader may do.
type assignmentPage struct {
	F        *web.Form
	V        *plan.AssignmentView
	Tag      web.Tag
	PlanPath string
	TaskPath string
	Due      i18n.Msg // when, where there is no occurrence that says so
	Done     i18n.Msg
	Receive  bool // offer to receive at once
	Buttons  []actLink
	Occ      []occPart
	Evidence []evidencePart // of no occurrence
	NA       i18n.Msg       // why the task does not apply, or that the unit asks so
	Exempt   i18n.Msg       // the law exempts the unit, and that is not noted yet
	Law      []lawAct
	Steps    []stepLine
	Limited  bool // only the state is for the reader
	ReportTo i18n.Msg
	Door     string // where the record that shows the task is made
	DoorName i18n.Msg
}

type actLink struct {
	Path, Key string
	Primary   bool
}

// occPart is one time that the task falls due.
type occPart struct {
	O        *plan.OccView
	ID       string // anchor
	Heading  i18n.Msg
	Tag      web.Tag
	Why      []i18n.Msg // where the last day comes from
	Lines    []linePart
	Evidence []evidencePart
	Signed   i18n.Msg
	Buttons  []actLink
}

type linePart struct {
	Text string
	Tag  web.Tag
	Gap  string
}

// evidencePart is one paper or record.
type evidencePart struct {
	E        *plan.Evidence
	Title    string
	File     *attach.Attachment
	Size     string
	Withdraw string // path; "" where the reader may not
}

// stepLine is one line of the history.
type stepLine struct {
	What   i18n.Msg
	Day    civil.Date
	At     time.Time
	Who    string
	Unit   string
	Reason string
	Now    bool
}

// assignmentPath is the page of an assignment, or of something to do with it.
func assignmentPath(id, act string, query ...string) string {
	p := plan.WorkLink(id)
	if act != "" {
		p += "/" + act
	}
	q := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		if query[i+1] != "" {
			q.Set(query[i], query[i+1])
		}
	}
	if len(q) > 0 {
		p += "?" + q.Encode()
	}
	return p
}

func (h officer) assignment(c *web.Context) error {
	v, err := h.Plans.Assignment(c.Context(), c.Actor, c.Value("assignment"))
	if err != nil {
		return err
	}
	p, err := h.assignmentPage(c, v)
	if err != nil {
		return err
	}
	if key := c.Query("xong"); slices.ContainsFunc(acts, func(a act) bool { return a.slug == key }) {
		p.Done = i18n.M("planweb.done." + key)
	}
	return c.Render("work_assignment", p)
}

func (h officer) assignmentPage(c *web.Context, v *plan.AssignmentView) (*assignmentPage, error) {
	h.crumbs(c, v)
	files, err := h.filesOf(c.Context(), v)
	if err != nil {
		return nil, err
	}
	p := &assignmentPage{F: c.Form(), V: v, PlanPath: c.UnitPath(v.Unit, "/ke-hoach/"+v.Plan.Slug()), Limited: !v.Rights.Read, Due: dueMsg(v.Task)}
	p.TaskPath = p.PlanPath + "/viec/" + v.Task.ID
	p.Tag = viewTag(c.P, v)
	p.Receive = v.Rights.Write && v.Received == civil.None && v.State != plan.NotApplicable
	if v.Task.ReportTo != "" {
		p.ReportTo = i18n.M("planweb.report_to." + v.Task.ReportTo)
	}
	switch v.NA {
	case plan.NARule:
		p.NA = i18n.M("planweb.na.rule", "why", v.NARule)
	case plan.NAAsked:
		p.NA = i18n.M("planweb.na.asked")
	case plan.NAAgreed:
		p.NA = i18n.M("planweb.na.agreed")
	case plan.NANo:
	}
	if v.Rights.Write {
		p.Exempt = v.MayRule
	}
	p.Buttons = wholeButtons(v)
	for i := range v.Occ {
		p.Occ = append(p.Occ, h.occPart(c, v, &v.Occ[i], files))
	}
	for _, e := range v.Evidence {
		p.Evidence = append(p.Evidence, evidenceOf(c, v, e, files))
	}
	p.Evidence = slices.DeleteFunc(p.Evidence, func(e evidencePart) bool { return e.E == nil })
	p.Law = lawOf(h.Law(), c.Lang, v.Task, v.Unit, lawDay(v.Plan, c.Today))
	p.Steps = h.history(c, v.Steps)
	if h.Door != nil && v.Rights.Write {
		due := v.Task.Due
		if len(v.Occ) > 0 && v.Occ[0].Due != civil.None {
			due = v.Occ[0].Due
		}
		if p.Door, p.DoorName, err = h.Door(c.Context(), v.Task, v.Unit, due); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// crumbs lead back to the list from which one comes: the unit's own, or the board.
func (h officer) crumbs(c *web.Context, v *plan.AssignmentView) {
	if v.Rights.Write {
		c.L.Crumbs = []web.Crumb{{Key: "planweb.nav.work", Path: homePath + "?don-vi=" + codeOf(v.Unit)}, {Text: v.Unit.NameIn(c.Lang)}}
		return
	}
	c.L.Crumbs = []web.Crumb{{Text: v.Plan.Number, Path: plan.BoardLink(v.Plan.ID)}, {Text: v.Unit.NameIn(c.Lang)}}
}

// viewTag is the state of the whole.
func viewTag(p *i18n.Printer, v *plan.AssignmentView) web.Tag {
	for i := range v.Occ {
		if o := &v.Occ[i]; o.State == v.State {
			return occTag(p, v, o)
		}
	}
	return stateTag(p, v.State, 0, true)
}

func occTag(p *i18n.Printer, v *plan.AssignmentView, o *plan.OccView) web.Tag {
	if v.Request && o.State == plan.Done {
		return web.Tag{Class: "xong", Text: p.T("planweb.state.request_done")}
	}
	if o.Kept && o.State == plan.Done {
		return web.Tag{Class: "xong", Text: p.T("planweb.state.kept")}
	}
	return stateTag(p, o.State, max(o.Late, o.DaysLate), o.Open())
}

// wholeButtons are what the reader may do with the whole assignment.
func wholeButtons(v *plan.AssignmentView) []actLink {
	var out []actLink
	add := func(slug string, primary bool) {
		out = append(out, actLink{assignmentPath(v.ID, slug), "planweb.act." + slug + ".link", primary})
	}
	applies := v.NA == plan.NANo || v.NA == plan.NAAsked
	if v.Rights.Write && applies {
		if len(v.Occ) == 0 || isEvent(v.Task) {
			add("ket-qua", true)
		}
		if isEvent(v.Task) {
			add("phat-sinh", false)
		}
		if open := len(v.Occ) == 0 || isEvent(v.Task) || slices.ContainsFunc(v.Occ, func(o plan.OccView) bool { return o.Open() }); open {
			add("giao", false)
			if v.NA == plan.NANo {
				add("khong-ap-dung", false)
			}
		}
	}
	if v.Rights.Return && v.NA == plan.NAAsked {
		add("y-kien", true)
	}
	return out
}

// isEvent reports whether the task waits for events.
func isEvent(t *plan.Task) bool { return len(t.Days()) == 0 && t.Recurs == plan.OnEvent }

func (h officer) occPart(c *web.Context, v *plan.AssignmentView, o *plan.OccView, files map[string]attach.Attachment) occPart {
	p := occPart{O: o, ID: "lan-" + o.ID, Tag: occTag(c.P, v, o), Why: explain(v, o)}
	switch {
	case o.Event != "":
		p.Heading = i18n.M("planweb.occ.event", "event", o.Event)
	case o.Due != civil.None:
		p.Heading = i18n.M("planweb.occ.due", "day", o.Due)
	case isEvent(v.Task):
		p.Heading = i18n.M("planweb.occ.some_event", "n", o.Seq)
	default:
		p.Heading = i18n.M("planweb.occ.number", "n", o.Seq)
	}
	if v.Rights.Read && !o.Kept {
		for _, l := range o.Lines {
			lp := linePart{Text: l.Text, Gap: l.Gap, Tag: web.Tag{Class: "cho", Text: c.P.T("planweb.line.missing")}}
			switch {
			case len(l.Shown) > 0:
				lp.Tag = web.Tag{Class: "xong", Text: c.P.T("planweb.line.shown")}
			case l.Gap != "":
				lp.Tag = web.Tag{Class: "lam", Text: c.P.T("planweb.line.gap")}
			}
			p.Lines = append(p.Lines, lp)
		}
	}
	for _, e := range o.Evidence {
		if ep := evidenceOf(c, v, e, files); ep.E != nil {
			p.Evidence = append(p.Evidence, ep)
		}
	}
	if o.Done != civil.None && v.Rights.Read {
		p.Signed = signedMsg(o)
	}
	p.Buttons = occButtons(v, o)
	return p
}

// signedMsg says how an occurrence was confirmed.
func signedMsg(o *plan.OccView) i18n.Msg {
	switch {
	case o.Kept:
		return i18n.M("planweb.occ.kept", "signer", o.Signer, "done", o.Done, "entered", o.Entered)
	case o.SignNumber == "":
		return i18n.M("planweb.occ.on_screen", "signer", o.Signer, "done", o.Done, "entered", o.Entered)
	}
	return i18n.M("planweb.occ.on_paper", "signer", o.Signer, "as", i18n.M("planweb.sign."+cmp.Or(o.SignAs, plan.SignHead)), "number", o.SignNumber, "done", o.Done, "entered", o.Entered)
}

// occButtons are what the reader may do with one occurrence.
func occButtons(v *plan.AssignmentView, o *plan.OccView) []actLink {
	var out []actLink
	add := func(slug, key string, primary bool) {
		out = append(out, actLink{assignmentPath(v.ID, slug, "lan", o.ID), "planweb.act." + key + ".link", primary})
	}
	if v.NA == plan.NARule || v.NA == plan.NAAgreed {
		return nil
	}
	r := v.Rights
	if r.Write {
		switch {
		case o.Returned:
			add("ket-qua", "ket-qua", false)
			add("tra-loi", "tra-loi", true)
		case o.Open():
			add("ket-qua", "ket-qua", !(r.Confirm && o.Begun))
		}
	}
	if r.Confirm && o.Open() && !o.Returned && o.Begun {
		add("xac-nhan", "xac-nhan", true)
	}
	if r.Return && !o.Open() {
		add("yeu-cau-bo-sung", "yeu-cau-bo-sung", false)
	}
	if r.Extend && o.Open() && o.Due != civil.None {
		add("gia-han", "gia-han", false)
	}
	return out
}

// explain says where the last day comes from.
func explain(v *plan.AssignmentView, o *plan.OccView) []i18n.Msg {
	var out []i18n.Msg
	t := v.Task
	ref := cmp.Or(t.DueFrom, t.Ref)
	switch {
	case o.Event != "" && o.Due != civil.None:
		out = append(out, i18n.M("planweb.why.event", "day", o.Due))
	case o.Due == civil.None:
	case len(t.Days()) > 0:
		out = append(out, i18n.M("planweb.why.day", "ref", ref, "number", v.Plan.Number))
	case t.Recurs == plan.HalfYearly:
		out = append(out, i18n.M("planweb.why.half_yearly", "to", v.Plan.To))
	case t.Recurs == plan.Yearly:
		out = append(out, i18n.M("planweb.why.yearly", "to", v.Plan.To))
	}
	switch {
	case t.DueSetBy != "" && o.Due != civil.None:
		out = append(out, i18n.M("planweb.why.set_by_"+t.DueSetBy))
	}
	if o.Limit != civil.None && o.Due != civil.None && o.Limit < o.Due {
		out = append(out, i18n.M("planweb.why.extended", "limit", o.Limit))
	}
	if o.Returned && o.AnswerBy != civil.None {
		out = append(out, i18n.M("planweb.why.answer_by", "day", o.AnswerBy))
	}
	if o.Open() && o.Begun && !o.Returned && v.Rights.Read && live(o.Evidence) {
		out = append(out, i18n.M("planweb.why.unconfirmed"))
	}
	if o.OwnDue != civil.None && o.Open() {
		out = append(out, i18n.M("planweb.why.own", "day", o.OwnDue))
	}
	if v.Request {
		out = append(out, i18n.M("planweb.why.request"))
	}
	return out
}

func live(list []*plan.Evidence) bool {
	return slices.ContainsFunc(list, func(e *plan.Evidence) bool { return e.Live() && e.Kind != "gap" })
}

// filesOf are the files of an assignment's evidence by id.
func (h officer) filesOf(ctx context.Context, v *plan.AssignmentView) (map[string]attach.Attachment, error) {
	if !v.Rights.Read || h.Files == nil {
		return nil, nil
	}
	list, err := h.Files.Of(ctx, h.DB, ownerKind, v.ID)
	if err != nil {
		return nil, err
	}
	out := make(map[string]attach.Attachment, len(list))
	for _, a := range list {
		out[a.ID] = a
	}
	return out, nil
}

// evidenceOf words a piece of evidence; E is nil for a row that only says why something is missing.
func evidenceOf(c *web.Context, v *plan.AssignmentView, e *plan.Evidence, files map[string]attach.Attachment) evidencePart {
	if e.Kind == "gap" {
		return evidencePart{}
	}
	p := evidencePart{E: e, Title: e.Number}
	if !e.Title.IsZero() {
		p.Title = c.P.Say(e.Title)
	}
	if p.Title == "" {
		p.Title = c.P.T("planweb.evidence.no_number")
	}
	if a, ok := files[e.File]; ok && e.File != "" {
		p.File, p.Size = &a, size(c.P, a.Size)
	}
	if v.Rights.Write && e.Kind == "paper" && e.Withdrawn == civil.None && (e.Actor == c.Actor.ID || v.Rights.Confirm) {
		p.Withdraw = assignmentPath(v.ID, "rut", "kq", e.ID)
	}
	return p
}

// size is a number of bytes as people say it.
func size(p *i18n.Printer, n int64) string {
	switch {
	case n >= 1<<20:
		tenths := (n*10 + 1<<19) >> 20
		return p.T("planweb.file.mb", "n", int(tenths/10), "d", int(tenths%10))
	case n >= 1<<10:
		return p.T("planweb.file.kb", "n", int((n+512)>>10))
	}
	return p.T("planweb.file.bytes", "n", int(n))
}

// history words the steps, oldest first.
func (h officer) history(c *web.Context, steps []plan.Step) []stepLine {
	out := make([]stepLine, len(steps))
	for i, s := range steps {
		l := stepLine{Day: s.Day, At: db.FromMicros(s.At), Who: s.ActorName, Reason: s.Reason, Now: i == len(steps)-1}
		if u, ok := h.Units.Unit(s.ActorUnit, c.Today); ok {
			l.Unit = u.NameIn(c.Lang)
		}
		l.What = stepMsg(s)
		switch s.Kind {
		case plan.StepNamed, plan.StepPassedOn, plan.StepTakenOver: // the reason is the person's name, or the unit's
			l.Reason = ""
		}
		out[i] = l
	}
	return out
}

func stepMsg(s plan.Step) i18n.Msg {
	key := "planweb.step." + s.Kind
	switch s.Kind {
	case plan.StepExtended, plan.StepMoved:
		return i18n.M(key, "before", s.Before, "after", s.After)
	case plan.StepReturned:
		if s.After != civil.None {
			return i18n.M("planweb.step.returned_by", "day", s.After)
		}
	case plan.StepReceived, plan.StepEvidence, plan.StepConfirmed:
		return i18n.M(key, "day", s.Day)
	case plan.StepNamed:
		if s.Reason == "" {
			return i18n.M("planweb.step.unnamed")
		}
		return i18n.M(key, "person", s.Reason)
	case plan.StepPassedOn, plan.StepTakenOver:
		return i18n.M(key, "unit", s.Reason)
	}
	return i18n.M(key)
}

// file answers with a file of an assignment: internal ones to those who may read its evidence, the others to whoever may see the unit's progress. The
// public is asked to log in, whether there is such a file or not.
func (h officer) file(c *web.Context) error {
	err := h.sendEvidence(c)
	if c.Actor.Public() && errs.Is(err, errs.NotFound) {
		return c.Redirect("/dang-nhap", "tiep", c.Path())
	}
	return err
}

func (h officer) sendEvidence(c *web.Context) error {
	var denied error
	err := h.send(c, c.Value("file"), func(a attach.Attachment) bool {
		if a.Owner.Kind != ownerKind {
			return false
		}
		ok, err := h.Plans.MayReadFile(c.Context(), c.Actor, a.Owner.ID, a.ID, a.Internal)
		denied = err
		return ok && err == nil
	})
	return cmp.Or(denied, err)
}
