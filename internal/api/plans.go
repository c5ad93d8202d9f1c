package api

import (
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/plan"
)

// Totals are cells counted. Requests and what does not apply are in neither due nor overdue.
type Totals struct {
	Units   int `json:"units"`
	Done    int `json:"done"`
	Due     int `json:"due"`      // cells whose last day has passed or is today
	DueDone int `json:"due_done"` // of those, done
	Overdue int `json:"overdue"`
}

func totals(s plan.Sum) Totals {
	return Totals{Units: s.Units, Done: s.Done, Due: s.Due, DueDone: s.DoneDue, Overdue: s.Overdue}
}

// Plan is a plan's facts with its progress today.
type Plan struct {
	ID             string      `json:"id"`
	Number         string      `json:"number"`
	TitleVI        string      `json:"title_vi"`
	TitleEN        string      `json:"title_en"`
	Issuer         string      `json:"issuer"` // code of the unit
	Signed         civil.Date  `json:"signed"`
	Signer         string      `json:"signer"`
	SignerTitle    string      `json:"signer_title"`
	From           civil.Date  `json:"from"`
	To             civil.Date  `json:"to"`
	Status         plan.Status `json:"status"`
	Motto          string      `json:"motto"`
	Basis          []string    `json:"basis"`
	Cites          []Cite      `json:"cites"`
	ProgressPublic bool        `json:"progress_public"`
	Totals         Totals      `json:"totals"`
	Groups         []Group     `json:"groups"`
}

// Cite is an act that a plan names, with its standing on the plan's day.
type Cite struct {
	Act       string `json:"act"`
	InForce   bool   `json:"in_force"`
	Successor string `json:"successor"` // the act in force in its place; "" where none is known or needed
}

// Group is the sum over a group of units: a district with its communes, or a kind of bodies.
type Group struct {
	Unit string `json:"unit"` // code of the district; "" for a kind of bodies
	Name string `json:"name"`
	Totals
}

// Row is a unit on the board.
type Row struct {
	Unit    string                `json:"unit"`
	Name    string                `json:"name"`
	Kind    string                `json:"kind"`
	Tasks   map[string]plan.State `json:"tasks"` // task id → state, a cell for each assignment
	Done    int                   `json:"done"`
	Due     int                   `json:"due"`
	Overdue int                   `json:"overdue"`
}

func (a *api) plan(c *call) (any, error) {
	b, err := a.Plans.Board(c.ctx, c.actor, c.r.PathValue("id"), plan.Filter{Limit: 1})
	if err != nil {
		return nil, err
	}
	p := b.Plan
	out := Plan{
		ID: p.ID, Number: p.Number, TitleVI: p.TitleVI, TitleEN: p.TitleEN, Issuer: a.code(p.Unit, p.Signed), Signed: p.Signed, Signer: p.Signer,
		SignerTitle: p.SignerTitle, From: p.From, To: p.To, Status: p.StatusOn(a.Clock.Today()), Motto: p.Motto, Basis: p.Basis, Cites: []Cite{},
		ProgressPublic: p.ProgressPublic, Totals: totals(b.Total), Groups: []Group{},
	}
	if out.Basis == nil {
		out.Basis = []string{}
	}
	cat := a.Law()
	for _, id := range p.Cites {
		inForce, next := cat.Standing(id, p.Signed)
		cite := Cite{Act: id, InForce: inForce}
		if next != nil && !inForce {
			cite.Successor = next.ID
		}
		out.Cites = append(out.Cites, cite)
	}
	vi := i18n.For(i18n.VI)
	for _, g := range b.Groups {
		one := Group{Name: vi.Say(g.Name), Totals: totals(g.Sum)}
		if g.Unit != nil {
			one.Unit, one.Name = g.Unit.Code, g.Unit.Name
		}
		out.Groups = append(out.Groups, one)
	}
	return out, nil
}

func (a *api) code(id string, day civil.Date) string {
	if u, ok := a.Units.Unit(id, day); ok {
		return u.Code
	}
	return ""
}

func (a *api) tasks(c *call) (any, error) {
	b, err := a.Plans.Board(c.ctx, c.actor, c.r.PathValue("id"), plan.Filter{Limit: 1})
	if err != nil {
		return nil, err
	}
	all := make([]Task, 0, len(b.Plan.Tasks))
	for _, t := range b.Plan.Tasks {
		all = append(all, Task{
			ID: t.ID, Ref: t.Ref, Room: t.Room, Kind: t.Kind, To: list0(t.To), ToUnits: t.ToUnits, ToRoles: t.ToRoles, Mode: t.Mode, OnlyIf: t.OnlyIf, Due: t.Due, Dues: t.Dues,
			DueFrom: t.DueFrom, DueSetBy: t.DueSetBy, Recurs: t.Recurs, ReportTo: t.ReportTo, Acts: t.Acts, DutyKinds: t.DutyKinds, Records: t.Records, Steps: t.Steps, TitleVI: t.TitleVI,
			TitleEN: t.TitleEN, Evidence: t.Evidence,
		})
	}
	return pageInOrder(c, all, func(t Task) string { return t.ID })
}

// list0 is the list itself, empty and not null where there is none.
func list0(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// Task is a task of a plan, without what a unit notes for itself (persons, accounts).
type Task struct {
	ID        string       `json:"id"`
	Ref       string       `json:"ref"`
	Room      string       `json:"room"`
	Kind      string       `json:"kind"`
	To        []string     `json:"to"`
	ToUnits   []string     `json:"to_units,omitempty"`
	ToRoles   []string     `json:"to_roles,omitempty"`
	Mode      string       `json:"mode,omitempty"`
	OnlyIf    string       `json:"only_if,omitempty"`
	Due       civil.Date   `json:"due,omitempty"`
	Dues      []civil.Date `json:"dues,omitempty"`
	DueFrom   string       `json:"due_from,omitempty"`
	DueSetBy  string       `json:"due_set_by,omitempty"`
	Recurs    string       `json:"recurs,omitempty"`
	ReportTo  string       `json:"report_to,omitempty"`
	Acts      []string     `json:"acts,omitempty"`
	DutyKinds []string     `json:"duty_kinds,omitempty"`
	Records   []string     `json:"records,omitempty"`
	Steps     []string     `json:"steps,omitempty"`
	TitleVI   string       `json:"title_vi"`
	TitleEN   string       `json:"title_en"`
	Evidence  []string     `json:"evidence,omitempty"`
}

func (a *api) board(c *call) (any, error) {
	limit, err := c.limit()
	if err != nil {
		return nil, err
	}
	f := plan.Filter{Kind: c.q.Get("kind"), After: c.q.Get("after"), Limit: limit}
	if code := c.q.Get("under"); code != "" {
		_, u, ok := a.resolve(code, a.Clock.Today())
		if !ok {
			return nil, errs.At("under", "api.unit.none", "code", code)
		}
		f.Under = u.ID
	}
	b, err := a.Plans.Board(c.ctx, c.actor, c.r.PathValue("id"), f)
	if err != nil {
		return nil, err
	}
	out := list[Row]{Items: make([]Row, 0, len(b.Rows)), Next: b.Next}
	for _, r := range b.Rows {
		out.Items = append(out.Items, row(r, b.Tasks))
	}
	return out, nil
}

func row(r *plan.Row, tasks []*plan.Task) Row {
	out := Row{Unit: r.Unit.Code, Name: r.Unit.Name, Kind: r.Unit.Kind, Tasks: map[string]plan.State{}, Done: r.Done, Due: r.Due, Overdue: r.Overdue}
	for i := range r.Cells {
		if s := r.Cells[i].Wire(); s != "" {
			out.Tasks[tasks[i].ID] = s
		}
	}
	return out
}

// assignments are a unit's assignments, for those who may see them; without a token errs.Unauthenticated.
func (a *api) assignments(c *call) (any, error) {
	if c.actor.Public() {
		return nil, errs.E(errs.Unauthenticated, "api.token")
	}
	code := c.q.Get("unit")
	if code == "" {
		return nil, errs.At("unit", "api.unit.missing")
	}
	_, u, ok := a.resolve(code, a.Clock.Today())
	if !ok {
		return nil, errs.At("unit", "api.unit.none", "code", code)
	}
	return a.assignmentsOf(c, u)
}

func (a *api) assignmentsOf(c *call, u *org.Unit) (any, error) {
	all, err := a.Plans.UnitAssignments(c.ctx, c.actor, u.ID)
	if err != nil {
		return nil, err
	}
	return pageInOrder(c, all, func(x plan.AssignmentRow) string { return x.ID })
}

// PlanRef is a plan in a list.
type PlanRef struct {
	ID      string      `json:"id"`
	Number  string      `json:"number"`
	TitleVI string      `json:"title_vi"`
	TitleEN string      `json:"title_en"`
	Issuer  string      `json:"issuer"` // code of the unit
	Signed  civil.Date  `json:"signed"`
	From    civil.Date  `json:"from"`
	To      civil.Date  `json:"to"`
	Status  plan.Status `json:"status"`
}

func (a *api) plans(c *call) (any, error) {
	list, err := a.Plans.IssuedPlans(c.ctx)
	if err != nil {
		return nil, err
	}
	out := make([]PlanRef, 0, len(list))
	for _, p := range list {
		out = append(out, PlanRef{ID: p.ID, Number: p.Number, TitleVI: p.TitleVI, TitleEN: p.TitleEN, Issuer: a.code(p.Unit, p.Signed), Signed: p.Signed, From: p.From, To: p.To, Status: p.Status})
	}
	return pageInOrder(c, out, func(p PlanRef) string { return p.ID })
}
