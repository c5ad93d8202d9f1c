package plan

import (
	"slices"

	"dinh/internal/civil"
	"dinh/internal/i18n"
)

// Status is how far a plan has come.
type Status string

// A plan is drafted, issued with its signing day, and over after its last day.
const (
	StatusDraft  Status = "draft"
	StatusIssued Status = "issued"
	StatusEnded  Status = "ended"
)

// Plan is one plan with its tasks. Those kept in a Service's memory are shared: do not change one, Clone it.
type Plan struct {
	ID           string     `json:"id"`
	Unit         string     `json:"unit"` // id of the issuing unit
	Number       string     `json:"number"`
	TitleVI      string     `json:"title_vi"`
	TitleEN      string     `json:"title_en"`
	Signed       civil.Date `json:"signed"` // addressees and roles resolve on this day
	Signer       string     `json:"signer"`
	SignerTitle  string     `json:"signer_title"`
	From         civil.Date `json:"from"`
	To           civil.Date `json:"to"`
	RequestKinds []string   `json:"request_kinds"` // kinds of units of which the plan only requests
	Motto        string     `json:"motto"`
	Basis        []string   `json:"basis"` // acts
	Cites        []string   `json:"cites"` // acts
	Roles        []RoleCode `json:"roles"` // as the file or the template named them

	Status         Status     `json:"status"`
	ProgressPublic bool       `json:"progress_public"` // each unit's state per task is for everybody
	File           string     `json:"file"`            // the signed paper's file id
	Parent         string     `json:"parent"`          // the superior's plan that this one was derived from
	Fulfils        string     `json:"fulfils"`         // the assignment under Parent that this plan is the evidence of
	Template       string     `json:"template"`        // the plan that this one was made from ("như năm trước")
	Issued         civil.Date `json:"issued"`          // day of entry of the issue
	Version        int        `json:"version"`

	Tasks []*Task `json:"tasks"`
}

// RoleCode is a role and the code of the unit that held it, as a file names them.
type RoleCode struct {
	Role string `json:"role"`
	Code string `json:"code"`
}

// Title is the plan's title in the reader's language.
func (p *Plan) Title(lang i18n.Lang) string { return pick(lang, p.TitleVI, p.TitleEN) }

// Task is the plan's task with the id.
func (p *Plan) Task(id string) (*Task, bool) {
	i := p.TaskIndex(id)
	if i < 0 {
		return nil, false
	}
	return p.Tasks[i], true
}

// TaskIndex is the place of the task in the plan's order, -1 where there is none.
func (p *Plan) TaskIndex(id string) int {
	return slices.IndexFunc(p.Tasks, func(t *Task) bool { return t.ID == id })
}

// Requests reports whether the plan only requests of units of this kind.
func (p *Plan) Requests(kind string) bool { return slices.Contains(p.RequestKinds, kind) }

// StatusOn is the status on a day: an issued plan is ended after its last day.
func (p *Plan) StatusOn(today civil.Date) Status {
	if p.Status == StatusIssued && p.To != civil.None && today > p.To {
		return StatusEnded
	}
	return p.Status
}

// Clone is a deep copy.
func (p *Plan) Clone() *Plan {
	c := *p
	c.RequestKinds, c.Basis, c.Cites, c.Roles = slices.Clone(p.RequestKinds), slices.Clone(p.Basis), slices.Clone(p.Cites), slices.Clone(p.Roles)
	c.Tasks = make([]*Task, len(p.Tasks))
	for i, t := range p.Tasks {
		c.Tasks[i] = t.Clone()
	}
	return &c
}

// The rhythms of a task that has no day of its own.
const (
	Continuous = "continuous"
	HalfYearly = "half_yearly"
	Yearly     = "yearly"
	OnEvent    = "on_event"
)

// ModeRequest marks a task that is requested (đề nghị), not assigned (giao).
const ModeRequest = "request"

// Task is one task of a plan: who must do what by when, and what shows that it was done.
type Task struct {
	ID        string       `json:"id"`
	Ref       string       `json:"ref"` // the place in the document
	Room      string       `json:"room"`
	Kind      string       `json:"kind"`
	To        []string     `json:"to"`                   // kinds of units
	ToUnits   []string     `json:"to_units,omitempty"`   // single units by code
	ToRoles   []string     `json:"to_roles,omitempty"`   // units by the role they hold
	Mode      string       `json:"mode,omitempty"`       // "" or ModeRequest
	OnlyIf    string       `json:"only_if,omitempty"`    // a flag that the unit must have
	Due       civil.Date   `json:"due,omitempty"`        // the last day
	Dues      []civil.Date `json:"dues,omitempty"`       // several last days
	DueFrom   string       `json:"due_from,omitempty"`   // the place of the plan where the day stands
	DueSetBy  string       `json:"due_set_by,omitempty"` // parent or issuer: may move the day, which is only a proposal ("hạn nội bộ")
	Recurs    string       `json:"recurs,omitempty"`
	ReportTo  string       `json:"report_to,omitempty"`
	Acts      []string     `json:"acts,omitempty"`
	DutyKinds []string     `json:"duty_kinds,omitempty"`
	Records   []string     `json:"records,omitempty"` // which records of other rooms show it: "disclosure.item"; none goes by the kinds above
	TitleVI   string       `json:"title_vi"`
	TitleEN   string       `json:"title_en"`
	Evidence  []string     `json:"evidence,omitempty"`

	Steps    []string `json:"steps,omitempty"`  // steps of the law that the task is about; a unit exempt from all of them is exempt from the task
	From     string   `json:"from,omitempty"`   // the superior's task that this one came from
	Person   string   `json:"person,omitempty"` // who in the unit does it (a unit's own plan)
	Account  string   `json:"account,omitempty"`
	PassDown bool     `json:"pass_down,omitempty"` // handed on to the units below as well (a unit's own plan)
}

// Title is the task's title in the reader's language.
func (t *Task) Title(lang i18n.Lang) string { return pick(lang, t.TitleVI, t.TitleEN) }

// Clone is a deep copy.
func (t *Task) Clone() *Task {
	c := *t
	c.To, c.ToUnits, c.ToRoles = slices.Clone(t.To), slices.Clone(t.ToUnits), slices.Clone(t.ToRoles)
	c.Dues, c.Acts, c.DutyKinds = slices.Clone(t.Dues), slices.Clone(t.Acts), slices.Clone(t.DutyKinds)
	c.Evidence, c.Steps, c.Records = slices.Clone(t.Evidence), slices.Clone(t.Steps), slices.Clone(t.Records)
	return &c
}

// Days are the last days that the task names itself: Due, or Dues in their order.
func (t *Task) Days() []civil.Date {
	if t.Due != civil.None {
		return []civil.Date{t.Due}
	}
	return t.Dues
}

func pick(lang i18n.Lang, vi, en string) string {
	if lang == i18n.EN && en != "" || vi == "" {
		return en
	}
	return vi
}

// The vocabulary of plans. Unit kinds are the kinds of the tree that a task may fall on.
var (
	TaskKinds = []string{
		"plan", "organise", "propagate", "regulation", "convention", "disclose", "decide", "opinion", "supervise", "conference",
		"dialogue", "reception", "petition", "inspect", "self_inspect", "report", "guide", "lead", "train",
	}
	Rooms     = []string{"know", "discuss", "decide", "do", "inspect", "lead"}
	UnitKinds = []string{"province", "district", "commune", "village", "agency", "service_unit", "enterprise", "front", "union", "mass_org", "party"}
	Rhythms   = []string{Continuous, HalfYearly, Yearly, OnEvent}
	ReportsTo = []string{"focal", "parent", "issuer", "asker"}
	DueSetBys = []string{"parent", "issuer"}
	RoleNames = []string{RoleFocal, RoleLabour, "culture", "health", "education", "front", "union", "committee"}
)

// Roles that the program itself asks for.
const (
	RoleFocal  = "focal" // leads the plan's work: Sở Nội vụ
	RoleLabour = "labour"
)

// Role is a dated row: which unit holds a role in a province. A template for another year resolves roles on its signing day.
type Role struct {
	ID       string
	Province string // unit id of the province
	Role     string
	Unit     string // unit id
	civil.Span
	Source  string // who or what says so; "recalled" marks a row that nobody has checked against a paper
	Version int
}

// RoleHolder is the unit that holds the role on the day, "" where nobody does.
func RoleHolder(rows []Role, role string, day civil.Date) string {
	best, from := "", civil.None
	for _, r := range rows {
		if r.Role == role && r.Has(day) && (best == "" || r.From >= from) {
			best, from = r.Unit, r.From
		}
	}
	return best
}

// Member is a member of a steering committee with the units and groups in their charge, until the room body keeps committees.
type Member struct {
	ID       string
	Unit     string // the unit whose committee it is
	Name     string
	Position string
	Account  string
	civil.Span
	Units   []string // unit ids in charge
	Groups  []string // groups of the board in charge (Group.Key)
	Version int
}
