package planweb

import (
	"cmp"
	"context"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// homePath is the work list.
const homePath = plan.HomeLink

// workPage is the work list of an officer at one unit (prototype 06).
type workPage struct {
	F        *web.Form
	Unit     *org.Unit
	Units    []unitLink // the units at which the reader has work, where there are several
	All      bool       // of the whole unit, not the reader's own alone
	Own, Of  string     // addresses of the two
	Village  bool       // a village head: three lines, large
	Lead     i18n.Msg
	Receive  []receive
	Sections []workSection
	Waiting  []workRow
	Done     []workRow
	Cards    []progressCard
	MayPlan  bool // the unit may have a plan of its own
	Below    bool // units below may ask for consent
	Empty    bool
	Done2    i18n.Msg
}

type unitLink struct {
	Name, Path string
	Current    bool
}

// receive offers to receive all tasks of a plan in one tap.
type receive struct {
	Plan *plan.Plan
	N    int
}

type workSection struct {
	ID, Key string
	Month   int // in the heading of the standing work
	Late    bool
	Rows    []workRow
}

// workRow is one line. Its texts are worded once, because a list has many.
type workRow struct {
	Path, Title, Lang string
	Ref, Hint         string
	Tag               web.Tag
}

type progressCard struct {
	Plan  *plan.Plan
	P     plan.Progress
	Width int
	Board string
	Path  string
}

// workUnits are the units at which the actor does work today, in the order of the posts.
func workUnits(c *web.Context) []string {
	var out []string
	for _, p := range c.Actor.Posts {
		if p.Kind != access.Admin && p.Kind != access.BoardMember && !slices.Contains(out, p.Unit) {
			out = append(out, p.Unit)
		}
	}
	return out
}

// listUnit is the unit of the page: the one asked for by code, else the first of one's own. A village's list is open to its commune too.
func (h officer) listUnit(c *web.Context, units []string) (string, error) {
	code := c.Query("don-vi")
	if code == "" {
		if len(units) == 0 {
			return "", nil
		}
		return units[0], nil
	}
	u, ok := h.unitOf(c, code)
	if !ok {
		return "", errNone()
	}
	return u.ID, nil
}

// unitOf is the unit that an address or a form names: by its code today or the last holder's, or by its id where it has no code.
func (h officer) unitOf(c *web.Context, name string) (*org.Unit, bool) {
	if u, ok := c.Tree.ByCode(name); ok {
		return u, true
	}
	if u, ok := c.Tree.ByID(name); ok {
		return u, true
	}
	return h.Units.Holder(name, c.Today)
}

// codeOf names a unit in an address or a form.
func codeOf(u *org.Unit) string { return cmp.Or(u.Code, u.ID) }

func (h officer) workList(c *web.Context) error {
	p, err := h.listPage(c)
	switch {
	case err != nil:
		return err
	case p == nil:
		return c.Render("work_none", struct{}{})
	}
	return c.Render("work_list", p)
}

// listPage is the work list that the address asks for; nil for somebody who has no work anywhere.
func (h officer) listPage(c *web.Context) (*workPage, error) {
	units := workUnits(c)
	unit, err := h.listUnit(c, units)
	if err != nil || unit == "" {
		return nil, err
	}
	l, err := h.Plans.WorkList(c.Context(), c.Actor, unit)
	if err != nil {
		return nil, err
	}
	p := &workPage{F: c.Form(), Unit: l.Unit}
	h.choices(c, p, units)
	p.Village = l.Unit.Kind == org.Village && c.Actor.Holds(unit, access.VillageHead)
	p.All = c.Query("xem") == "don-vi" || !c.Actor.Holds(unit)
	w := wording{c: c, all: p.All, told: l.NotYet == 0}
	week, overdue := w.rows(l.Week), w.rows(l.Overdue)
	if p.Village {
		w.village(p, l, overdue, week)
	} else {
		p.Sections = append(p.Sections,
			workSection{ID: "qua-han", Key: "planweb.list.overdue", Late: true, Rows: overdue},
			workSection{ID: "tuan", Key: "planweb.list.week", Rows: week},
			workSection{ID: "sau", Key: "planweb.list.later", Rows: w.rows(l.Later)},
			workSection{ID: "thuong-xuyen", Key: "planweb.list.standing", Month: c.Today.Month(), Rows: w.standing(l.Standing)},
			workSection{ID: "phat-sinh", Key: "planweb.list.events", Rows: w.rows(l.Events)},
		)
		if c.Actor.Holds(unit, access.Head) {
			p.Sections = slices.Insert(p.Sections, 0, workSection{ID: "cho-xac-nhan", Key: "planweb.list.confirm", Rows: w.confirm(l.Waiting)})
		} else {
			p.Waiting = w.waiting(l.Waiting)
		}
		p.Sections = slices.DeleteFunc(p.Sections, func(s workSection) bool { return len(s.Rows) == 0 })
	}
	p.Done = w.done(l.Done)
	p.Empty = len(p.Sections) == 0 && len(p.Waiting) == 0
	p.Lead = leadOf(len(overdue), len(week))
	for i := range l.Plans {
		if n := l.Plans[i].NotYet; n > 0 {
			p.Receive = append(p.Receive, receive{l.Plans[i].Plan, n})
		}
	}
	cards(c, p, l)
	switch c.Query("xong") {
	case "tiep-nhan":
		p.Done2 = i18n.M("planweb.list.received")
	case "khong-con":
		p.Done2 = i18n.M("planweb.list.received_before")
	}
	return p, nil
}

func leadOf(overdue, week int) i18n.Msg {
	switch {
	case overdue > 0 && week > 0:
		return i18n.M("planweb.list.lead_both", "late", i18n.M("planweb.list.n_late", "n", overdue), "week", i18n.M("planweb.list.n_week", "n", week))
	case overdue > 0:
		return i18n.M("planweb.list.lead_late", "late", i18n.M("planweb.list.n_late", "n", overdue))
	case week > 0:
		return i18n.M("planweb.list.lead_week", "week", i18n.M("planweb.list.n_week", "n", week))
	}
	return i18n.M("planweb.list.lead_none")
}

func (h officer) choices(c *web.Context, p *workPage, units []string) {
	own := homePath
	if len(units) == 0 || units[0] != p.Unit.ID {
		own += "?don-vi=" + codeOf(p.Unit)
	}
	p.Own, p.Of = own, homePath+"?xem=don-vi&don-vi="+codeOf(p.Unit)
	if len(units) > 1 {
		for _, id := range units {
			if u, ok := c.Tree.ByID(id); ok {
				p.Units = append(p.Units, unitLink{u.NameIn(c.Lang), homePath + "?don-vi=" + codeOf(u), id == p.Unit.ID})
			}
		}
	}
	p.MayPlan = p.Unit.Kind != org.Village && c.Actor.Holds(p.Unit.ID, access.Head, access.Focal, access.Officer, access.Admin)
	p.Below = c.Actor.Holds(p.Unit.ID, access.Head, access.Focal, access.Officer) && len(c.Tree.Children(p.Unit.ID)) > 0
}

// cards are the unit's shares, plan by plan.
func cards(c *web.Context, p *workPage, l *plan.WorkList) {
	for _, pr := range l.Plans {
		p.Cards = append(p.Cards, progressCard{
			Plan: pr.Plan, P: pr, Width: share(pr.DoneDue, pr.Due), Board: plan.BoardLink(pr.Plan.ID), Path: c.UnitPath(l.Unit, "/ke-hoach/"+pr.Plan.Slug()),
		})
	}
}

// wording makes the lines of a list.
type wording struct {
	c    *web.Context
	all  bool
	told bool // the unit has received its plans: that nobody does a task is worth a word
}

// mine reports whether a line stands on the reader's own list: given to the reader, or to nobody yet.
func (w wording) mine(x *plan.Work) bool { return w.all || x.Mine || x.Person == "" }

func (w wording) row(x *plan.Work) workRow {
	p := w.c.P
	r := workRow{Path: plan.WorkLink(x.Assignment), Title: x.Task.Title(w.c.Lang), Lang: langOf(w.c.Lang, x.Task.TitleEN), Ref: x.Task.Ref}
	if x.Event != "" {
		r.Title = x.Event
		r.Lang = string(i18n.VI)
	}
	hint := ""
	add := func(s string) {
		if s != "" {
			hint += " · " + s
		}
	}
	add(p.T("planweb.list.of_plan", "number", shortNumber(x.Plan)))
	switch {
	case x.OwnDue != civil.None:
		add(p.T("planweb.list.own_due", "day", x.OwnDue, "last", x.Due))
	case x.Due != civil.None:
		add(p.T("planweb.due", "day", x.Due))
	}
	switch {
	case x.Request:
		add(p.T("planweb.list.request"))
	case w.all && x.Person != "":
		add(x.Person)
	case w.all && w.told && x.Done == civil.None:
		add(p.T("planweb.list.nobody"))
	case x.Mine && !w.all:
		add(p.T("planweb.list.yours"))
	}
	r.Hint = hint
	r.Tag = stateTag(p, x.State, x.Days, x.Done == civil.None)
	if x.State == plan.Received && x.Due != civil.None {
		r.Tag = web.Tag{Class: "cho", Text: p.T("planweb.state.not_due")}
	}
	return r
}

// shortNumber is the number by which people call a plan: "648".
func shortNumber(p *plan.Plan) string {
	for i, r := range p.Number {
		if r < '0' || r > '9' {
			if i > 0 {
				return p.Number[:i]
			}
			break
		}
	}
	return p.Number
}

func (w wording) rows(list []plan.Work) []workRow {
	out := make([]workRow, 0, len(list))
	for i := range list {
		if w.mine(&list[i]) {
			out = append(out, w.row(&list[i]))
		}
	}
	return out
}

func (w wording) standing(list []plan.Work) []workRow {
	out := make([]workRow, 0, len(list))
	for i := range list {
		x := &list[i]
		if !w.mine(x) {
			continue
		}
		r := w.row(x)
		if x.Records > 0 {
			r.Tag = web.Tag{Class: "xong", Text: w.c.P.T("planweb.list.records", "n", x.Records)}
		} else if x.State == plan.Doing || x.State == plan.Received {
			r.Tag = web.Tag{Class: "cho", Text: w.c.P.T("planweb.list.no_records")}
		}
		out = append(out, r)
	}
	return out
}

// confirm are the lines that wait for the head.
func (w wording) confirm(list []plan.Work) []workRow {
	var out []workRow
	for i := range list {
		if list[i].Occurrence != "" {
			out = append(out, w.row(&list[i]))
		}
	}
	return out
}

// waiting says for whom each line waits.
func (w wording) waiting(list []plan.Work) []workRow {
	var out []workRow
	for i := range list {
		x := &list[i]
		if !w.mine(x) {
			continue
		}
		r := w.row(x)
		r.Hint = w.c.P.T("planweb.list.wait_head")
		if x.Occurrence == "" {
			r.Hint = w.c.P.T("planweb.list.wait_consent")
		}
		out = append(out, r)
	}
	return out
}

func (w wording) done(list []plan.Work) []workRow {
	out := make([]workRow, 0, len(list))
	for i := range list {
		x := &list[i]
		r := w.row(x)
		r.Hint = w.c.P.Date(x.Done)
		r.Tag = stateTag(w.c.P, x.State, x.DaysLate, false)
		out = append(out, r)
	}
	return out
}

// villageLines is how many lines a village head sees.
const villageLines = 3

// village fills a village head's page: at most three lines, those that press first.
func (w wording) village(p *workPage, l *plan.WorkList, overdue, week []workRow) {
	rows := slices.Concat(overdue, week)
	for _, more := range [][]workRow{w.rows(l.Later), w.standing(l.Standing), w.rows(l.Events)} {
		if len(rows) < villageLines {
			rows = append(rows, more...)
		}
	}
	if p.All {
		p.Sections = []workSection{{ID: "tat-ca", Key: "planweb.list.village_all", Rows: slices.Concat(overdue, week, w.rows(l.Later), w.standing(l.Standing), w.rows(l.Events))}}
		return
	}
	if len(rows) > 0 {
		p.Sections = []workSection{{ID: "tuan-nay", Key: "planweb.list.village", Rows: rows[:min(villageLines, len(rows))]}}
	}
}

// receiveAll receives all tasks of a plan at a unit, today, by the reader.
func (h officer) receiveAll(c *web.Context) error {
	f := c.Form()
	id := f.Text("plan")
	u, ok := h.unitOf(c, f.Text("don-vi"))
	if !ok {
		return errNone()
	}
	err := c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		n, err := h.Plans.ReceiveTx(ctx, tx, c.Actor, plan.Receive{Plan: id, Unit: u.ID, Day: tx.Today()})
		word := "tiep-nhan"
		if n == 0 {
			word = "khong-con"
		}
		return homePath + "?don-vi=" + codeOf(u) + "&xong=" + word, err
	})
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Invalid) { // an old page: show the list again, with what it says now
		return h.again(c, err, u)
	}
	return err
}

func (h officer) again(c *web.Context, err error, u *org.Unit) error {
	l, lerr := h.Plans.WorkList(c.Context(), c.Actor, u.ID)
	if lerr != nil {
		return lerr
	}
	p := &workPage{F: c.Form(), Unit: u, All: true, Lead: leadOf(len(l.Overdue), len(l.Week))}
	h.choices(c, p, workUnits(c))
	w := wording{c: c, all: true}
	p.Sections = []workSection{{ID: "qua-han", Key: "planweb.list.overdue", Late: true, Rows: w.rows(l.Overdue)}, {ID: "tuan", Key: "planweb.list.week", Rows: w.rows(l.Week)}}
	p.Sections = slices.DeleteFunc(p.Sections, func(s workSection) bool { return len(s.Rows) == 0 })
	for i := range l.Plans {
		if n := l.Plans[i].NotYet; n > 0 {
			p.Receive = append(p.Receive, receive{l.Plans[i].Plan, n})
		}
	}
	return c.Retry(err, "work_list", p)
}
