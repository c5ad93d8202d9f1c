package planweb

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// itself is the addressee "the unit itself" in the form of a task of its own.
const itself = "minh"

// ownTaskPage is one task of a unit's own plan: taken over from the superior, or of its own. Task is nil for a new one.
type ownTaskPage struct {
	F       *web.Form
	O       *plan.OwnPlan
	Task    *plan.Task
	Up      *plan.Task // the superior's, with the days that the unit has now
	UpDue   i18n.Msg
	Own     bool // a task of its own: everything can be changed
	Amend   bool // the plan is issued: by a paper with number, day and reason
	Base    string
	Path    string
	OneDay  bool
	Days    []ownDay // where the superior has several
	DueHint string
	People  []web.Option
	Kinds   []web.Option

	TaskKinds, Rooms, Rhythms []web.Option
}

// ownDay is one of several days of a task.
type ownDay struct{ Field, Label, Hint string }

// ownTaskBase is what the form of a task shows, whichever task it is.
func (h officer) ownTaskBase(c *web.Context) (*ownTaskPage, error) {
	o, err := h.Plans.OwnPlan(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return nil, err
	}
	base := ownPath + "/" + o.Plan.ID
	p := &ownTaskPage{F: c.Form(), O: o, Base: base, Amend: o.Plan.Status != plan.StatusDraft, OneDay: true}
	if p.Amend && o.Plan.StatusOn(c.Today) == plan.StatusEnded {
		return nil, errNone()
	}
	c.L.Crumbs = []web.Crumb{{Key: "planweb.own.title", Path: base}, {Text: o.Adoption.Unit.NameIn(c.Lang)}}
	for _, k := range h.Plans.KindsBelow(o.Plan.Unit) {
		p.Kinds = append(p.Kinds, web.Option{Value: k, Label: c.P.T("planweb.unit_kind." + k)})
	}
	ap := &actPage{V: &plan.AssignmentView{Assignment: &plan.Assignment{Unit: o.Plan.Unit}}}
	if p.People, err = h.people(c, ap); err != nil {
		return nil, err
	}
	p.F.Prefill("version", strconv.Itoa(o.Plan.Version))
	return p, nil
}

// asOwn makes it the form of a task of the unit's own.
func (p *ownTaskPage) asOwn(c *web.Context) {
	p.Own, p.OneDay = true, true
	p.Kinds = append([]web.Option{{Value: itself, Label: c.P.T("planweb.own.itself")}}, p.Kinds...)
	p.TaskKinds, p.Rooms = options(c, plan.TaskKinds, "planedit.task_kind", false), options(c, plan.Rooms, "planedit.room", false)
	p.Rhythms = append([]web.Option{{Label: c.P.T("planweb.own.on_day")}}, options(c, plan.Rhythms, "planedit.rhythm", false)...)
}

func (h officer) ownTaskOf(c *web.Context) (*ownTaskPage, error) {
	p, err := h.ownTaskBase(c)
	if err != nil {
		return nil, err
	}
	t, ok := p.O.Plan.Task(c.Value("task"))
	if !ok {
		return nil, errNone()
	}
	p.Task, p.Path = t, p.Base+"/viec/"+t.ID
	f := p.F
	if t.From == "" {
		p.asOwn(c)
		f.Prefill("ref", t.Ref)
		f.Prefill("room", t.Room)
		f.Prefill("kind", t.Kind)
		f.Prefill("recurs", t.Recurs)
		f.Prefill("evidence", strings.Join(t.Evidence, "\n"))
		if days := t.Days(); len(days) > 0 {
			f.PrefillDate("due", days[0])
			var more []string
			for _, d := range days[1:] {
				more = append(more, shownDay(c, d))
			}
			f.Prefill("dues", strings.Join(more, "\n"))
		}
		to := slices.Clone(t.To)
		if len(t.ToUnits) > 0 {
			to = append(to, itself)
		}
		f.PrefillAll("to", to)
	} else {
		if up, ok := p.O.Asked.Task(t.From); ok {
			p.Up, p.UpDue = up, dueMsg(up)
		}
		p.days(c)
		f.PrefillAll("to", t.To)
	}
	f.Prefill("title_vi", t.TitleVI)
	switch {
	case t.Account != "":
		f.Prefill("account", t.Account)
	case t.Person != "":
		f.Prefill("account", "khac")
		f.Prefill("person", t.Person)
	default:
		f.Prefill("account", "")
	}
	return p, nil
}

// days makes a field for each of the superior's days.
func (p *ownTaskPage) days(c *web.Context) {
	f, own := p.F, p.Task.Days()
	var asked []civil.Date
	if p.Up != nil {
		asked = p.Up.Days()
	}
	if len(asked) < 2 && len(own) < 2 {
		f.PrefillDate("due", p.Task.Due)
		p.DueHint = c.P.T("planweb.own.due_free")
		if len(asked) == 1 {
			p.DueHint = c.P.T("planweb.own.due_hint", "day", asked[0])
		}
		return
	}
	p.OneDay = false
	for i := range max(len(asked), len(own)) {
		d := ownDay{Field: "due-" + strconv.Itoa(i+1), Label: c.P.T("planweb.own.due_n", "n", i+1)}
		if i < len(asked) {
			d.Hint = c.P.T("planweb.own.due_hint", "day", asked[i])
			f.PrefillDate(d.Field, asked[i])
		}
		if i < len(own) {
			f.PrefillDate(d.Field, own[i])
		}
		p.Days = append(p.Days, d)
	}
}

func shownDay(c *web.Context, d civil.Date) string {
	if c.Lang == i18n.VI {
		return c.P.Date(d)
	}
	return string(d)
}

func (h officer) ownTask(c *web.Context) error {
	p, err := h.ownTaskOf(c)
	if err != nil {
		return err
	}
	return c.Render("own_task", p)
}

func (h officer) newOwnTaskOf(c *web.Context) (*ownTaskPage, error) {
	p, err := h.ownTaskBase(c)
	if err != nil {
		return nil, err
	}
	p.Path = p.Base + "/viec-moi"
	p.asOwn(c)
	p.F.Prefill("room", plan.Rooms[0])
	p.F.Prefill("kind", plan.TaskKinds[1])
	p.F.Prefill("account", "")
	p.F.PrefillAll("to", []string{itself})
	return p, nil
}

func (h officer) newOwnTask(c *web.Context) error {
	p, err := h.newOwnTaskOf(c)
	if err != nil {
		return err
	}
	return c.Render("own_task", p)
}

// addOwnTask adds a task of the unit's own to its plan.
func (h officer) addOwnTask(c *web.Context) error {
	p, err := h.newOwnTaskOf(c)
	if err != nil {
		return err
	}
	list, err := h.Plans.Amendments(c.Context(), p.O.Plan.ID)
	if err != nil {
		return err
	}
	return h.storeOwnTask(c, p, &plan.Task{ID: plan.NextOwnID(p.O.Plan, list)})
}

func (h officer) saveOwnTask(c *web.Context) error {
	p, err := h.ownTaskOf(c)
	if err != nil {
		return err
	}
	return h.storeOwnTask(c, p, p.Task.Clone())
}

// storeOwnTask reads the form into the task and stores it, in the draft or by an amendment.
func (h officer) storeOwnTask(c *web.Context, p *ownTaskPage, t *plan.Task) error {
	f := c.Form()
	p.read(t)
	version := f.Int("version")
	amend := plan.Amend{Plan: p.O.Plan.ID, Version: version, Set: []*plan.Task{t}}
	word := p.warn(t)
	if p.Amend {
		readAmend(f, &amend)
		if word == "viec" {
			word = "sua-doi"
		}
	}
	err := f.Err()
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			to := p.Base + "?xong=" + word
			if p.Amend {
				_, err := h.Plans.AmendTx(ctx, tx, c.Actor, amend)
				return to, err
			}
			old := ""
			if p.Task != nil {
				old = p.Task.ID
			}
			return to, h.Plans.TaskTx(ctx, tx, c.Actor, p.O.Plan.ID, version, old, t, "")
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		if p.Task != nil {
			f.Stored("title_vi", p.Task.TitleVI)
			f.Stored("due", c.P.Date(p.Task.Due))
			f.Stored("person", p.Task.Person)
		}
		f.Put("version", strconv.Itoa(p.O.Plan.Version))
	}
	return c.Retry(besideAmend(err), "own_task", p)
}

// read takes what was typed into the task; faults stay with the form.
func (p *ownTaskPage) read(t *plan.Task) {
	f := p.F
	if title := f.Text("title_vi"); title != t.TitleVI {
		t.TitleVI, t.TitleEN = title, "" // what was changed here is not what the English title says
	}
	t.Person, t.Account = "", ""
	switch who := f.Text("account"); who {
	case "khac":
		if t.Person = f.Text("person"); t.Person == "" {
			f.Add("person", "planweb.act.giao.person_needed")
		}
	case "":
	default:
		i := slices.IndexFunc(p.People, func(o web.Option) bool { return o.Value == who })
		if i < 0 {
			f.Add("account", "planweb.act.giao.unknown")
			break
		}
		t.Person, t.Account = p.People[i].Label, who
	}
	self := false
	t.To = nil
	for _, k := range f.Texts("to") {
		switch {
		case k == itself && p.Own:
			self = true
		case slices.ContainsFunc(p.Kinds, func(o web.Option) bool { return o.Value == k }):
			t.To = append(t.To, k)
		}
	}
	t.PassDown = len(t.To) > 0
	switch {
	case p.Own:
		t.ToUnits = nil
		if self {
			t.ToUnits = []string{p.O.Adoption.Unit.Code}
		}
		p.readOwn(t)
	case p.OneDay:
		t.Due, t.Dues = f.Date("due"), nil
		p.checkDays(t)
	default:
		t.Due, t.Dues = civil.None, nil
		for _, d := range p.Days {
			t.Dues = append(t.Dues, f.Date(d.Field))
		}
		if f.Err() == nil {
			p.checkDays(t)
		}
	}
}

// checkDays puts beside the fields where the unit's days cannot stand before the superior's.
func (p *ownTaskPage) checkDays(t *plan.Task) {
	if p.Up == nil {
		return
	}
	var l errs.List
	if plan.CheckOwnDays(t, p.Up, &l); len(l.Fields) > 0 {
		p.F.Fail(l.Err())
	}
}

// readOwn reads what only a task of the unit's own has.
func (p *ownTaskPage) readOwn(t *plan.Task) {
	f := p.F
	t.Room, t.Kind, t.Recurs, t.Evidence = f.Text("room"), f.Text("kind"), f.Text("recurs"), lines(f, "evidence")
	if t.Ref = f.Text("ref"); t.Ref == "" {
		t.Ref = t.ID
	}
	var days []civil.Date
	if d := f.Date("due"); d != civil.None {
		days = append(days, d)
	}
	for _, s := range lines(f, "dues") {
		d, ok := parseDay(s)
		if !ok {
			f.Add("dues", "planedit.bad_day", "value", s)
			continue
		}
		days = append(days, d)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	if len(days) > 0 && t.Recurs != "" {
		f.Add("recurs", "planweb.own.day_or_rhythm")
	}
	t.Due, t.Dues = civil.None, nil
	if len(days) == 1 {
		t.Due = days[0]
	} else {
		t.Dues = days
	}
}

// warn chooses what to say after a task was saved: a day that is rarely right is told, not refused.
func (p *ownTaskPage) warn(t *plan.Task) string {
	for _, d := range t.Days() {
		if d < p.O.Plan.From || d > p.O.Plan.To {
			return "viec-ngoai"
		}
	}
	return "viec"
}

// readAmend reads number, day and reason of an amendment.
func readAmend(f *web.Form, a *plan.Amend) {
	a.Number, a.Day, a.Reason = f.Text("amend_number"), f.Date("amend_day"), f.Lines("amend_reason")
}

// besideAmend names the fields of the form of an amendment in the service's faults.
func besideAmend(err error) error {
	fields := errs.FieldsOf(err)
	if len(fields) == 0 {
		return err
	}
	out := &errs.Error{Kind: errs.KindOf(err), Msg: errs.MsgOf(err), Err: err}
	for _, f := range fields {
		switch f.Name {
		case "number", "day", "reason":
			f.Name = "amend_" + f.Name
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

// ownAmendPage takes a task out of an issued plan, or the superior's task back in, by an amendment.
type ownAmendPage struct {
	F     *web.Form
	O     *plan.OwnPlan
	Title string
	Lang  string
	Back  bool // the task comes back in
	Base  string
	Path  string
	set   *plan.Task
	drop  string
}

func (h officer) ownAmendOf(c *web.Context) (*ownAmendPage, error) {
	o, err := h.Plans.OwnPlan(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return nil, err
	}
	if o.Plan.Status == plan.StatusDraft || o.Plan.StatusOn(c.Today) == plan.StatusEnded {
		return nil, errNone()
	}
	id := c.Value("task")
	p := &ownAmendPage{F: c.Form(), O: o, Base: ownPath + "/" + o.Plan.ID}
	p.Path = p.Base + "/sua-doi/" + id
	t, ok := o.Plan.Task(id)
	if ok {
		p.drop = id
	} else {
		if t, err = h.Plans.AdoptedTask(c.Context(), c.Actor, o.Plan, id); err != nil {
			return nil, err
		}
		p.set, p.Back = t, true
	}
	p.Title, p.Lang = t.Title(c.Lang), langOf(c.Lang, t.TitleEN)
	p.F.Prefill("version", strconv.Itoa(o.Plan.Version))
	c.L.Crumbs = []web.Crumb{{Key: "planweb.own.title", Path: p.Base}, {Text: o.Adoption.Unit.NameIn(c.Lang)}}
	return p, nil
}

func (h officer) ownAmend(c *web.Context) error {
	p, err := h.ownAmendOf(c)
	if err != nil {
		return err
	}
	return c.Render("own_amend", p)
}

func (h officer) saveOwnAmend(c *web.Context) error {
	p, err := h.ownAmendOf(c)
	if err != nil {
		return err
	}
	f := c.Form()
	a := plan.Amend{Plan: p.O.Plan.ID, Version: f.Int("version")}
	readAmend(f, &a)
	if p.Back {
		a.Set = []*plan.Task{p.set}
	} else {
		a.Drop = []string{p.drop}
	}
	if err = f.Err(); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			_, err := h.Plans.AmendTx(ctx, tx, c.Actor, a)
			return p.Base + "?xong=sua-doi", err
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		f.Put("version", strconv.Itoa(p.O.Plan.Version))
	}
	return c.Retry(besideAmend(err), "own_amend", p)
}

// ownFactsPage is the title and the time of a draft.
type ownFactsPage struct {
	F    *web.Form
	O    *plan.OwnPlan
	Base string
}

func (h officer) ownFactsOf(c *web.Context) (*ownFactsPage, error) {
	o, err := h.Plans.OwnPlan(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return nil, err
	}
	if o.Plan.Status != plan.StatusDraft {
		return nil, errNone()
	}
	p := &ownFactsPage{F: c.Form(), O: o, Base: ownPath + "/" + o.Plan.ID}
	p.F.Prefill("title_vi", o.Plan.TitleVI)
	p.F.PrefillDate("from", o.Plan.From)
	p.F.PrefillDate("to", o.Plan.To)
	p.F.Prefill("version", strconv.Itoa(o.Plan.Version))
	c.L.Crumbs = []web.Crumb{{Key: "planweb.own.title", Path: p.Base}, {Text: o.Adoption.Unit.NameIn(c.Lang)}}
	return p, nil
}

func (h officer) ownFacts(c *web.Context) error {
	p, err := h.ownFactsOf(c)
	if err != nil {
		return err
	}
	return c.Render("own_facts", p)
}

func (h officer) saveOwnFacts(c *web.Context) error {
	p, err := h.ownFactsOf(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := p.O.Plan.Clone()
	if title := f.Text("title_vi"); title != in.TitleVI {
		in.TitleVI, in.TitleEN = title, ""
	}
	in.From, in.To = f.Date("from"), f.Date("to")
	version := f.Int("version")
	if err = f.Err(); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return p.Base + "?xong=thong-tin", h.Plans.FactsTx(ctx, tx, c.Actor, p.O.Plan.ID, version, in)
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		f.Stored("title_vi", p.O.Plan.TitleVI)
		f.Put("version", strconv.Itoa(p.O.Plan.Version))
	}
	return c.Retry(err, "own_facts", p)
}

// changesOf words what an amendment changed, task by task.
func changesOf(list []plan.Change, lang i18n.Lang) []i18n.Msg {
	var out []i18n.Msg
	for _, ch := range list {
		switch {
		case ch.Task == "":
			out = append(out, i18n.M("planweb.own.change.facts"))
		case ch.Before == nil:
			out = append(out, i18n.M("planweb.own.change.added", "title", ch.After.Title(lang)))
		case ch.After == nil:
			out = append(out, i18n.M("planweb.own.change.dropped", "title", ch.Before.Title(lang)))
		case slices.Contains(ch.Fields, "due") || slices.Contains(ch.Fields, "dues"):
			out = append(out, i18n.M("planweb.own.change.due", "title", ch.After.Title(lang), "before", ch.Before.Days(), "after", ch.After.Days()))
		default:
			out = append(out, i18n.M("planweb.own.change.changed", "title", ch.After.Title(lang)))
		}
	}
	return out
}
