package planweb

import (
	"context"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

const endedPath = "/lam-viec/don-vi-da-ket-thuc"

// What is done with the work of a unit that has ended, as the form says it.
const (
	settleGive  = "chuyen"
	settleClose = "dong"
)

// endedPage lists the open work of units that have ended: it has come to the unit above that still lives, and to the units that came after.
type endedPage struct {
	Unit   *org.Unit
	Code   string
	Groups []endedGroup
	N      int // tasks
	May    bool
	Done   i18n.Msg
}

// endedGroup is the open work of one unit.
type endedGroup struct {
	ID, Name string
	Until    civil.Date
	Heirs    []string // names of the units that may take it over
	Rows     []claimLine
	May      bool
	Path     string // of the form that settles it

	Field string // names of the form's fields
	Box   string
	To    []web.Option
	Tasks []web.Option
}

func (h officer) endedOf(c *web.Context, name string) (*endedPage, error) {
	u, ok := h.unitOf(c, name)
	if !ok {
		units := workUnits(c)
		if name != "" || len(units) == 0 {
			return nil, errNone()
		}
		if u, ok = c.Tree.ByID(units[0]); !ok {
			return nil, errNone()
		}
	}
	list, err := h.Plans.LeftWork(c.Context(), c.Actor, u.ID)
	if err != nil {
		return nil, err
	}
	p := &endedPage{Unit: u, Code: codeOf(u)}
	for i := range list {
		p.Groups = append(p.Groups, endedGroupOf(c, p.Code, &list[i]))
		p.N += len(list[i].Works)
		p.May = p.May || list[i].May
	}
	c.L.Crumbs = []web.Crumb{{Key: "planweb.nav.work", Path: homePath + "?don-vi=" + p.Code}}
	return p, nil
}

func endedGroupOf(c *web.Context, code string, l *plan.LeftWork) endedGroup {
	g := endedGroup{
		ID: l.Unit.ID, Name: l.Unit.NameIn(c.Lang), Until: l.Unit.To, May: l.May, Path: endedPath + "/giai-quyet?don-vi=" + code + "&cu=" + l.Unit.ID,
		Field: "den-" + l.Unit.ID, Box: "viec-" + l.Unit.ID,
	}
	for _, u := range l.To {
		g.To = append(g.To, web.Option{Value: u.ID, Label: u.NameIn(c.Lang)})
		g.Heirs = append(g.Heirs, u.NameIn(c.Lang))
	}
	for i := range l.Works {
		x := &l.Works[i]
		row := claimLine{workRow: workRow{Path: plan.WorkLink(x.Assignment), Title: x.Task.Title(c.Lang), Lang: langOf(c.Lang, x.Task.TitleEN), Ref: x.Task.Ref, Tag: stateTag(c.P, x.State, 0, true)}}
		o := web.Option{Value: x.Assignment + ":" + strconv.Itoa(x.Version), Label: row.Title, Lang: row.Lang, Hint: c.P.T("planweb.list.of_plan", "number", x.Plan.Number)}
		if x.Due != civil.None {
			row.Hint = " · " + c.P.T("planweb.due", "day", x.Due)
			o.Hint = c.P.T("planweb.settle.task_hint", "number", x.Plan.Number, "day", x.Due)
		}
		g.Rows, g.Tasks = append(g.Rows, row), append(g.Tasks, o)
	}
	return g
}

func (h officer) ended(c *web.Context) error {
	p, err := h.endedOf(c, c.Query("don-vi"))
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(c.Query("xong")); err == nil && n > 0 {
		p.Done = i18n.M("planweb.settle.done", "n", n)
	}
	return c.Render("work_ended", p)
}

// settlePage asks what is to become of the open work: of one unit, or of all on the list.
type settlePage struct {
	F      *web.Form
	Unit   *org.Unit
	Code   string
	Only   string // id of the one unit
	Groups []endedGroup
	How    []web.Option
	Back   string
}

// settledPage says before what will become of each task.
type settledPage struct {
	F                     *web.Form
	Unit                  *org.Unit
	Code                  string
	Only                  string
	Fields                []web.Option // everything typed, to be sent again
	Given, Joined, Closed int
	Groups                []settledGroup
	Reason                string
}

type settledGroup struct {
	Name  string
	Lines []settledLine
}

type settledLine struct {
	Title, Lang string
	What        i18n.Msg
}

func (h officer) settleOf(c *web.Context) (*settlePage, error) {
	f := c.Form()
	name, only := c.Query("don-vi"), c.Query("cu")
	if f.Posted() {
		name, only = f.Text("don-vi"), f.Text("cu")
	}
	e, err := h.endedOf(c, name)
	if err != nil {
		return nil, err
	}
	p := &settlePage{F: f, Unit: e.Unit, Code: e.Code, Only: only, Back: endedPath + "?don-vi=" + e.Code}
	for _, g := range e.Groups {
		if !g.May || only != "" && g.ID != only {
			continue
		}
		var all []string
		for _, t := range g.Tasks {
			all = append(all, t.Value)
		}
		f.PrefillAll(g.Box, all)
		if len(g.To) > 0 {
			f.Prefill(g.Field, g.To[0].Value)
		}
		p.Groups = append(p.Groups, g)
	}
	if len(p.Groups) == 0 {
		return nil, errNone()
	}
	for _, how := range []string{settleGive, settleClose} {
		p.How = append(p.How, web.Option{Value: how, Label: c.P.T("planweb.settle." + how), Hint: c.P.T("planweb.settle." + how + "_hint")})
	}
	f.Prefill("cach", settleGive)
	f.Prefill("reason", c.P.T("planweb.settle.reason_default"))
	c.L.Crumbs = append(c.L.Crumbs, web.Crumb{Key: "planweb.ended.title", Path: p.Back})
	return p, nil
}

func (h officer) settleForm(c *web.Context) error {
	p, err := h.settleOf(c)
	if err != nil {
		return err
	}
	return c.Render("work_settle", p)
}

// order reads what the form asks for.
func (p *settlePage) order() (plan.Settle, error) {
	f := p.F
	o := plan.Settle{Reason: f.Lines("reason")}
	how := f.Text("cach")
	if how != settleGive && how != settleClose {
		f.Add("cach", "planweb.settle.how_needed")
	}
	for _, g := range p.Groups {
		to := ""
		if how == settleGive {
			to = f.Text(g.Field)
		}
		picked := f.Texts(g.Box)
		if how == settleGive && to == "" && len(picked) > 0 {
			f.Add(g.Field, "planweb.settle.to_needed")
		}
		for _, v := range picked {
			id, version, _ := strings.Cut(v, ":")
			n, err := strconv.Atoi(version)
			if err != nil {
				return o, errNone()
			}
			o.Works = append(o.Works, plan.SettleOne{Assignment: id, Version: n, To: to})
		}
	}
	if len(o.Works) == 0 {
		f.Add(p.Groups[0].Box, "plan.settle.nothing")
	}
	return o, f.Err()
}

// settle shows first what would become of each task, then does it.
func (h officer) settle(c *web.Context) error {
	p, err := h.settleOf(c)
	if errs.Is(err, errs.NotFound) && c.Form().Text("buoc") == "ghi" {
		// Everything was settled already: a form sent twice is answered by its first result.
		return c.Post(func(context.Context, *db.Tx) (string, error) { return "", err })
	}
	if err != nil {
		return err
	}
	o, err := p.order()
	if err != nil {
		return c.Retry(err, "work_settle", p)
	}
	if p.F.Text("buoc") != "ghi" {
		list, err := h.Plans.PreviewSettle(c.Context(), c.Actor, o)
		if err != nil {
			return c.Retry(err, "work_settle", p)
		}
		return c.Render("work_settled", p.preview(c, list))
	}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		list, err := h.Plans.SettleTx(ctx, tx, c.Actor, o)
		return p.Back + "&xong=" + strconv.Itoa(len(list)), err
	})
	if err == nil {
		return nil
	}
	// A task that somebody changed meanwhile is no longer ticked: its box has another version.
	return c.Retry(err, "work_settle", p)
}

func (p *settlePage) preview(c *web.Context, list []plan.Settled) *settledPage {
	out := &settledPage{F: p.F, Unit: p.Unit, Code: p.Code, Only: p.Only, Reason: p.F.Lines("reason")}
	keep := func(name string) {
		for _, v := range p.F.Texts(name) {
			out.Fields = append(out.Fields, web.Option{Value: v, Label: name})
		}
	}
	keep("cach")
	for _, g := range p.Groups {
		keep(g.Field)
		keep(g.Box)
	}
	at := map[string]int{}
	for i := range list {
		x := &list[i]
		j, ok := at[x.Unit.ID]
		if !ok {
			j = len(out.Groups)
			at[x.Unit.ID] = j
			out.Groups = append(out.Groups, settledGroup{Name: x.Unit.NameIn(c.Lang)})
		}
		l := settledLine{Title: x.Task.Title(c.Lang), Lang: langOf(c.Lang, x.Task.TitleEN), What: i18n.M("planweb.settle.how." + x.How)}
		if x.To != nil {
			l.What = i18n.M("planweb.settle.how."+x.How, "unit", x.To.NameIn(c.Lang))
		}
		switch x.How {
		case plan.SettleGiven:
			out.Given++
		case plan.SettleJoined:
			out.Joined++
		default:
			out.Closed++
		}
		out.Groups[j].Lines = append(out.Groups[j].Lines, l)
	}
	return out
}
