package plan

import (
	"bytes"
	_ "embed"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"

	"github.com/BurntSushi/toml"
)

// Plan648 is kế hoạch 648/KH-UBND of Điện Biên, 12 March 2021, as data: the demo's plan and the template of every other.
//
//go:embed data/plan-648-2021.toml
var Plan648 []byte

// maxFile bounds a plan's file, maxTasks its tasks, maxText one text of it.
const (
	maxFile  = 1 << 20
	maxTasks = 500
	maxText  = 2000
)

// Words says what the catalogue knows. A nil function knows everything.
type Words struct {
	Act  func(id string) bool
	Flag func(id string) bool
}

func (w Words) act(id string) bool  { return w.Act == nil || w.Act(id) }
func (w Words) flag(id string) bool { return w.Flag == nil || id == "has_committee" || w.Flag(id) }

// Warning is something in a file that a person should look at and may accept.
type Warning struct {
	Line  int // 0 where it has no line
	Field string
	Msg   i18n.Msg
}

// tomlDate reads a TOML local date.
type tomlDate struct {
	day civil.Date
	bad string
}

// UnmarshalTOML takes a local date; whatever else stands there is kept to be named as a fault.
func (d *tomlDate) UnmarshalTOML(v any) error {
	switch x := v.(type) {
	case time.Time:
		d.day = civil.Date(x.Format(time.DateOnly))
		if x.Location().String() != "date-local" && (x.Hour() != 0 || x.Minute() != 0) {
			d.bad = x.Format(time.RFC3339)
		}
	case string:
		day, err := civil.Parse(x)
		if err != nil {
			d.bad = x
			return nil //nolint:nilerr // reported beside its field
		}
		d.day = day
	default:
		d.bad = "?"
	}
	return nil
}

type fileTask struct {
	ID        string     `toml:"id"`
	Ref       string     `toml:"ref"`
	Room      string     `toml:"room"`
	Kind      string     `toml:"kind"`
	To        []string   `toml:"to"`
	ToUnits   []string   `toml:"to_units"`
	ToRoles   []string   `toml:"to_roles"`
	Mode      string     `toml:"mode"`
	OnlyIf    string     `toml:"only_if"`
	Due       tomlDate   `toml:"due"`
	Dues      []tomlDate `toml:"dues"`
	DueFrom   string     `toml:"due_from"`
	DueSetBy  string     `toml:"due_set_by"`
	Recurs    string     `toml:"recurs"`
	ReportTo  string     `toml:"report_to"`
	Acts      []string   `toml:"acts"`
	DutyKinds []string   `toml:"duty_kinds"`
	Records   []string   `toml:"records"`
	TitleVI   string     `toml:"title_vi"`
	TitleEN   string     `toml:"title_en"`
	Evidence  []string   `toml:"evidence"`
	Steps     []string   `toml:"steps"`
}

type file struct {
	Plan struct {
		ID           string            `toml:"id"`
		Number       string            `toml:"number"`
		TitleVI      string            `toml:"title_vi"`
		TitleEN      string            `toml:"title_en"`
		Issuer       string            `toml:"issuer"`
		Signed       tomlDate          `toml:"signed"`
		Signer       string            `toml:"signer"`
		SignerTitle  string            `toml:"signer_title"`
		From         tomlDate          `toml:"from"`
		To           tomlDate          `toml:"to"`
		RequestKinds []string          `toml:"request_kinds"`
		Motto        string            `toml:"motto"`
		Basis        []string          `toml:"basis"`
		Cites        []string          `toml:"cites"`
		Roles        map[string]string `toml:"roles"`
	} `toml:"plan"`
	Task []fileTask `toml:"task"`
}

// Parsed is a plan as a file tells it: units and roles are still codes. Issuer is the issuing unit's code; Plan.Unit is empty.
type Parsed struct {
	Plan     *Plan
	Issuer   string
	Warnings []Warning
	lines    map[string]int // line of each task by id
}

// Line is the line of the task in the file, 0 where there is none.
func (p *Parsed) Line(task string) int { return p.lines[task] }

// Parse reads a plan's file strictly. What cannot be right is refused with line and field (errs.Invalid: unknown fields, kinds, acts, flags; bad days; an
// end before a start; a task without addressee or day); what may be meant so, such as a last day outside the plan's time, comes back as warnings.
func Parse(data []byte, w Words) (*Parsed, error) {
	if len(data) > maxFile {
		return nil, errs.E(errs.TooLarge, "plan.import.too_large")
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var f file
	md, err := toml.NewDecoder(strings.NewReader(i18n.NFC(string(data)))).Decode(&f)
	if err != nil {
		if pe, ok := errors.AsType[toml.ParseError](err); ok {
			var faults errs.List
			faults.AddLine(pe.Position.Line, "", "plan.import.syntax", "text", pe.Message)
			return nil, faults.Err()
		}
		return nil, errs.Wrap(errs.Invalid, err, "plan.import.not_toml")
	}
	lines := tableLines(data)
	var faults errs.List
	for _, k := range md.Undecoded() {
		faults.AddLine(keyLine(data, k), k.String(), "plan.import.unknown_field", "field", k.String())
	}
	p := &Plan{
		ID: f.Plan.ID, Number: f.Plan.Number, TitleVI: f.Plan.TitleVI, TitleEN: f.Plan.TitleEN, Signed: f.Plan.Signed.day, Signer: f.Plan.Signer,
		SignerTitle: f.Plan.SignerTitle, From: f.Plan.From.day, To: f.Plan.To.day, RequestKinds: f.Plan.RequestKinds, Motto: f.Plan.Motto,
		Basis: f.Plan.Basis, Cites: f.Plan.Cites, Status: StatusDraft,
	}
	for _, d := range []struct {
		field string
		v     tomlDate
	}{{"signed", f.Plan.Signed}, {"from", f.Plan.From}, {"to", f.Plan.To}} {
		if d.v.bad != "" {
			faults.AddLine(lines.plan, d.field, "plan.bad_day", "text", d.v.bad)
		}
	}
	if p.Number == "" {
		faults.AddLine(lines.plan, "number", "plan.needed")
	}
	if f.Plan.Issuer == "" {
		faults.AddLine(lines.plan, "issuer", "plan.import.no_issuer")
	}
	for role, code := range f.Plan.Roles {
		p.Roles = append(p.Roles, RoleCode{role, code})
		if !roleName.MatchString(role) {
			faults.AddLine(lines.plan, "roles", "plan.bad_role", "role", role)
		}
	}
	slices.SortFunc(p.Roles, func(a, b RoleCode) int { return strings.Compare(a.Role, b.Role) })
	if len(f.Task) > maxTasks {
		return nil, errs.E(errs.TooLarge, "plan.import.too_many_tasks", "n", maxTasks)
	}
	out := &Parsed{Plan: p, Issuer: f.Plan.Issuer, lines: map[string]int{}}
	for i, ft := range f.Task {
		line := lines.task(i)
		t := &Task{
			ID: ft.ID, Ref: ft.Ref, Room: ft.Room, Kind: ft.Kind, To: ft.To, ToUnits: ft.ToUnits, ToRoles: ft.ToRoles, Mode: ft.Mode, OnlyIf: ft.OnlyIf,
			Due: ft.Due.day, DueFrom: ft.DueFrom, DueSetBy: ft.DueSetBy, Recurs: ft.Recurs, ReportTo: ft.ReportTo, Acts: ft.Acts, DutyKinds: ft.DutyKinds, Records: ft.Records,
			TitleVI: ft.TitleVI, TitleEN: ft.TitleEN, Evidence: ft.Evidence, Steps: ft.Steps,
		}
		if ft.Due.bad != "" {
			faults.AddLine(line, "due", "plan.bad_day", "text", ft.Due.bad)
		}
		for _, d := range ft.Dues {
			if d.bad != "" {
				faults.AddLine(line, "dues", "plan.bad_day", "text", d.bad)
				continue
			}
			t.Dues = append(t.Dues, d.day)
		}
		if _, twice := out.lines[t.ID]; twice && t.ID != "" {
			faults.AddLine(line, "id", "plan.task.twice", "task", t.ID)
		}
		out.lines[t.ID] = line
		p.Tasks = append(p.Tasks, t)
		bad := len(faults.Fields)
		CheckTask(t, w, &faults)
		for j := bad; j < len(faults.Fields); j++ {
			faults.Fields[j].Line = line
		}
	}
	bad := len(faults.Fields)
	CheckFacts(p, w, &faults)
	for j := bad; j < len(faults.Fields); j++ {
		faults.Fields[j].Line = lines.plan
	}
	if len(p.Tasks) == 0 {
		faults.AddLine(0, "task", "plan.no_tasks")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	out.Warnings = warnings(p, out.lines)
	return out, nil
}

// warnings are what may be meant so, but rarely is.
func warnings(p *Plan, lines map[string]int) []Warning {
	var out []Warning
	for _, t := range p.Tasks {
		for _, d := range t.Days() {
			if d < p.From || d > p.To {
				out = append(out, Warning{lines[t.ID], "due", i18n.M("plan.warn.due_outside", "task", t.ID, "due", d, "from", p.From, "to", p.To)})
			} else if p.Signed != civil.None && d < p.Signed {
				out = append(out, Warning{lines[t.ID], "due", i18n.M("plan.warn.due_before_signed", "task", t.ID, "due", d, "signed", p.Signed)})
			}
		}
		if len(t.Evidence) == 0 {
			out = append(out, Warning{lines[t.ID], "evidence", i18n.M("plan.warn.no_evidence", "task", t.ID)})
		}
	}
	if p.Signed != civil.None && p.Signed > p.To {
		out = append(out, Warning{0, "signed", i18n.M("plan.warn.signed_after_end", "signed", p.Signed, "to", p.To)})
	}
	return out
}

var (
	planID   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,79}$`)
	taskID   = regexp.MustCompile(`^[A-Za-z0-9]+(\.[A-Za-z0-9]+)*$`)
	roleName = regexp.MustCompile(`^[a-z][a-z_]{0,39}$`)
	stepName = regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)+$`)
	recName  = regexp.MustCompile(`^[a-z_]{1,40}\.[a-z_]{1,40}$`)
)

// CheckFacts adds what is wrong with the plan's facts, in the order of the form.
func CheckFacts(p *Plan, w Words, l *errs.List) {
	if !planID.MatchString(p.ID) {
		l.Add("id", "plan.bad_id")
	}
	text(l, "number", p.Number, false, 100) // a draft has none before the clerk gives it
	text(l, "title_vi", p.TitleVI, true, 500)
	text(l, "title_en", p.TitleEN, false, 500)
	text(l, "signer", p.Signer, false, 200)
	text(l, "signer_title", p.SignerTitle, false, 200)
	text(l, "motto", p.Motto, false, 500)
	switch {
	case p.From == civil.None:
		l.Add("from", "plan.day_needed")
	case p.To == civil.None:
		l.Add("to", "plan.day_needed")
	case p.To < p.From:
		l.Add("to", "plan.end_before_start")
	case p.To.Sub(p.From) > 366*6:
		l.Add("to", "plan.too_long")
	}
	words(l, "request_kinds", p.RequestKinds, UnitKinds, "plan.unknown_kind")
	for _, a := range p.Basis {
		if !w.act(a) {
			l.Add("basis", "plan.unknown_act", "act", a)
		}
	}
	for _, a := range p.Cites {
		if !w.act(a) {
			l.Add("cites", "plan.unknown_act", "act", a)
		}
	}
}

// CheckTask adds what is wrong with a task, in the order of the form.
func CheckTask(t *Task, w Words, l *errs.List) {
	if !taskID.MatchString(t.ID) || len(t.ID) > 40 {
		l.Add("task", "plan.task.bad_id", "task", t.ID)
	}
	text(l, "title_vi", t.TitleVI, true, 500)
	text(l, "title_en", t.TitleEN, false, 500)
	text(l, "ref", t.Ref, false, 300)
	word(l, "room", t.Room, Rooms, "plan.task.unknown_room")
	word(l, "kind", t.Kind, TaskKinds, "plan.task.unknown_task_kind")
	words(l, "to", t.To, UnitKinds, "plan.unknown_kind")
	for _, r := range t.ToRoles {
		if !roleName.MatchString(r) {
			l.Add("to_roles", "plan.bad_role", "role", r)
		}
	}
	if len(t.To)+len(t.ToUnits)+len(t.ToRoles) == 0 {
		l.Add("to", "plan.task.no_addressee", "task", t.ID)
	}
	if t.Mode != "" && t.Mode != ModeRequest {
		l.Add("mode", "plan.task.unknown_mode", "word", t.Mode)
	}
	if t.OnlyIf != "" && !w.flag(t.OnlyIf) {
		l.Add("only_if", "plan.unknown_flag", "flag", t.OnlyIf)
	}
	switch {
	case t.Due != civil.None && len(t.Dues) > 0:
		l.Add("dues", "plan.task.due_twice", "task", t.ID)
	case t.Due == civil.None && len(t.Dues) == 0 && t.Recurs == "":
		l.Add("due", "plan.task.no_day", "task", t.ID)
	case len(t.Dues) > 24:
		l.Add("dues", "plan.task.too_many_days", "n", 24)
	}
	if t.Recurs != "" {
		word(l, "recurs", t.Recurs, Rhythms, "plan.task.unknown_rhythm")
	}
	if t.DueSetBy != "" {
		word(l, "due_set_by", t.DueSetBy, DueSetBys, "plan.task.unknown_setter")
	}
	if t.ReportTo != "" {
		word(l, "report_to", t.ReportTo, ReportsTo, "plan.task.unknown_report_to")
	}
	for _, a := range t.Acts {
		if !w.act(a) {
			l.Add("acts", "plan.unknown_act", "act", a)
		}
	}
	words(l, "duty_kinds", t.DutyKinds, law.DutyKinds, "plan.task.unknown_duty_kind")
	for _, r := range t.Records {
		if !recName.MatchString(r) {
			l.Add("records", "plan.task.unknown_record", "record", r)
		}
	}
	for _, s := range t.Steps {
		if !stepName.MatchString(s) {
			l.Add("steps", "plan.task.unknown_step", "step", s)
		}
	}
	for _, e := range t.Evidence {
		text(l, "evidence", e, true, 500)
	}
	if len(t.Evidence) > 30 {
		l.Add("evidence", "plan.task.too_much_evidence", "n", 30)
	}
	text(l, "person", t.Person, false, 200)
}

func text(l *errs.List, field, s string, needed bool, most int) {
	switch {
	case strings.TrimSpace(s) == "" && needed:
		l.Add(field, "plan.needed")
	case len(s) > min(most*3, maxText*3) || len([]rune(s)) > most:
		l.Add(field, "plan.too_long_text", "n", most)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }):
		l.Add(field, "plan.control_characters")
	}
}

func word(l *errs.List, field, s string, all []string, key string) {
	if !slices.Contains(all, s) {
		l.Add(field, key, "word", s)
	}
}

func words(l *errs.List, field string, list, all []string, key string) {
	seen := map[string]bool{}
	for _, s := range list {
		if seen[s] {
			l.Add(field, "plan.repeated", "word", s)
		}
		seen[s] = true
		word(l, field, s, all, key)
	}
}

// places are the lines at which the tables of a file begin.
type places struct {
	plan  int
	tasks []int
}

func (p places) task(i int) int {
	if i < len(p.tasks) {
		return p.tasks[i]
	}
	return 0
}

func tableLines(data []byte) places {
	var p places
	line := 0
	for l := range bytes.Lines(data) {
		line++
		switch s := strings.TrimSpace(string(l)); {
		case strings.HasPrefix(s, "[plan]") && p.plan == 0:
			p.plan = line
		case strings.HasPrefix(s, "[[task]]"):
			p.tasks = append(p.tasks, line)
		}
	}
	return p
}

// keyLine is the first line on which the last word of an unknown key stands.
func keyLine(data []byte, key toml.Key) int {
	last := key[len(key)-1]
	line := 0
	for l := range bytes.Lines(data) {
		line++
		s := strings.TrimSpace(string(l))
		if rest, ok := strings.CutPrefix(s, last); ok && strings.HasPrefix(strings.TrimSpace(rest), "=") || strings.Trim(s, "[] ") == key.String() {
			return line
		}
	}
	return 0
}
