package plan

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// The kinds of pressing.
const (
	NudgeRemind  = "remind"  // "Nhắc": a notice to all late units of a filter
	NudgeLetter  = "letter"  // công văn đôn đốc, with its signed number
	NudgeGuide   = "guide"   // công văn hướng dẫn
	NudgeRequest = "request" // đề nghị phối hợp: to bodies that are only requested
)

// LateTask is a late task of a unit.
type LateTask struct {
	Task       *Task      `json:"-"`
	ID         string     `json:"task"`
	Assignment string     `json:"assignment"`
	Due        civil.Date `json:"due"`
	Days       int        `json:"days"`
	State      State      `json:"state"`
}

// LateUnit is a unit with what it has not done in time, or what is requested of it and open.
type LateUnit struct {
	Unit  *org.Unit
	Tasks []LateTask
	Round int        // which letter to it the next one would be: 1, 2, 3 …
	Last  civil.Date // the day it was last reminded or written to
}

// Late lists the units of a filter that have overdue tasks, as far as the actor may press them: all for the focal body and the issuer, those below it for a
// superior. With request it lists the bodies that are only requested and have not done what was.
func (s *Service) Late(ctx context.Context, actor access.Actor, id string, f Filter, request bool) ([]LateUnit, error) {
	f.After, f.Limit = "", 0
	b, err := s.Board(ctx, actor, id, f)
	if err != nil {
		return nil, err
	}
	roles, err := s.Roles(ctx, s.province(b.Plan.Unit, b.Day))
	if err != nil {
		return nil, err
	}
	rounds, err := s.rounds(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []LateUnit
	for _, r := range b.Rows {
		if !s.mayPress(actor, b.Plan, r.Unit.ID, roles, b.Day) {
			continue
		}
		l := LateUnit{Unit: r.Unit, Round: rounds[r.Unit.ID].letters + 1, Last: rounds[r.Unit.ID].last}
		for i, c := range r.Cells {
			if !request && c.State == Overdue || request && c.Request && c.Open && c.Due != civil.None {
				l.Tasks = append(l.Tasks, LateTask{b.Tasks[i], b.Tasks[i].ID, c.Assignment, c.Due, c.Late, c.State})
			}
		}
		if len(l.Tasks) > 0 {
			out = append(out, l)
		}
	}
	return out, nil
}

// mayPress reports whether the actor may press the unit.
func (s *Service) mayPress(actor access.Actor, p *Plan, unit string, roles []Role, today civil.Date) bool {
	pl := s.placeOf(p, unit, roles, today)
	return access.Allowed(actor, access.SteerPlan, pl) || unit != p.Unit && access.Allowed(actor, access.ReturnRecord, pl)
}

type pressed struct {
	letters int
	last    civil.Date
}

// rounds counts the letters to each unit under a plan.
func (s *Service) rounds(ctx context.Context, plan string) (map[string]pressed, error) {
	out := map[string]pressed{}
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var unit, kind string
		var day civil.Date
		err := rows.Scan(&unit, &kind, &day)
		p := out[unit]
		if kind == NudgeLetter {
			p.letters++
		}
		p.last = max(p.last, day)
		out[unit] = p
		return err
	}, `SELECT u.unit_id, n.kind, n.day FROM nudge_unit u JOIN nudge n ON n.id=u.nudge_id WHERE n.plan_id=$1`, plan)
	return out, err
}

// Nudge reminds all late units of a filter at once.
type Nudge struct {
	Plan    string
	Unit    string // who presses: the focal body or the superior
	Filter  Filter
	Units   []LateUnit // from Late, read before the transaction
	Note    string
	Request bool // to bodies that are only requested: "đề nghị phối hợp"
}

// Nudged is what pressing did.
type Nudged struct {
	ID                   string
	Units, Tasks, People int
}

// NudgeTx tells the people of all units given, and records it with counts.
func (s *Service) NudgeTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Nudge) (*Nudged, error) {
	p, roles, err := s.planTx(ctx, tx, c.Plan)
	if err != nil {
		return nil, err
	}
	var l errs.List
	text(&l, "note", c.Note, false, 1000)
	if len(c.Units) == 0 {
		l.Add("", "plan.nudge.nobody")
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	kind := NudgeRemind
	if c.Request {
		kind = NudgeRequest
	}
	out := &Nudged{ID: tx.NewID()}
	for _, u := range c.Units {
		if !s.mayPress(actor, p, u.Unit.ID, roles, tx.Today()) {
			return nil, errs.E(errs.Forbidden, "plan.forbidden.press")
		}
		accounts, err := s.holders(ctx, u.Unit.ID, deskPosts...)
		if err != nil {
			return nil, err
		}
		msg := nudgeMsg(p, u, kind, c.Note)
		link := HomeLink
		if len(u.Tasks) == 1 {
			link = WorkLink(u.Tasks[0].Assignment)
		}
		for _, a := range accounts {
			if err := s.tell(ctx, tx, a, u.Unit.ID, "plan.nudge", msg, link, civil.None); err != nil {
				return nil, err
			}
		}
		out.Units++
		out.Tasks += len(u.Tasks)
		out.People += len(accounts)
	}
	return out, s.storeNudge(ctx, tx, actor, p, nudgeRow{id: out.ID, unit: c.Unit, kind: kind, filter: c.Filter, units: c.Units, note: c.Note})
}

func nudgeMsg(p *Plan, u LateUnit, kind, note string) i18n.Msg {
	tasks := make([]string, len(u.Tasks))
	for i, t := range u.Tasks {
		tasks[i] = t.ID
	}
	key := "plan.notice.nudge"
	if kind == NudgeRequest {
		key = "plan.notice.request"
	}
	if note != "" {
		return i18n.M(key+"_note", "n", len(tasks), "tasks", tasks, "number", p.Number, "note", note)
	}
	return i18n.M(key, "n", len(tasks), "tasks", tasks, "number", p.Number)
}

type nudgeRow struct {
	id, unit, kind       string
	filter               Filter
	units                []LateUnit
	round                int
	number, signer, note string
	signed               civil.Date
	evidence             string
}

func (s *Service) storeNudge(ctx context.Context, tx *db.Tx, actor access.Actor, p *Plan, n nudgeRow) error {
	tasks := 0
	for _, u := range n.units {
		tasks += len(u.Tasks)
	}
	_, err := tx.Exec(ctx, `INSERT INTO nudge(id,plan_id,unit_id,kind,day,filter,units,tasks,round,number,signed,signer,note,evidence_id,actor,actor_name,at) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17)`,
		n.id, p.ID, n.unit, n.kind, tx.Today(), mustJSON(n.filter), len(n.units), tasks, n.round, n.number, n.signed, n.signer, n.note, n.evidence, actor.ID, actor.Name, db.Micros(tx.Now()))
	if err != nil {
		return err
	}
	err = insertAll(ctx, tx, `INSERT INTO nudge_unit(nudge_id,unit_id,tasks,round)`, 4, len(n.units), func(i int) []any {
		round := 0
		if n.kind == NudgeLetter {
			round = n.units[i].Round
		}
		list := n.units[i].Tasks
		if list == nil {
			list = []LateTask{}
		}
		return []any{n.id, n.units[i].Unit.ID, mustJSON(list), round}
	})
	if err != nil {
		return err
	}
	touches := []string{"plan:" + p.ID}
	return record(ctx, tx, actor, entry{
		action: "plan.nudge", unit: n.unit, kind: "plan", subject: p.ID, msg: i18n.M("plan.audit.nudge."+n.kind, "number", p.Number, "units", len(n.units), "n", tasks),
		details: map[string]any{"nudge": n.id, "note": n.note, "number": n.number, "filter": n.filter}, touches: touches,
	})
}

// Letter is the draft of a letter: công văn V/v đôn đốc …, with the late tasks as its annex; a guiding letter or a request for cooperation likewise. It is data
// for a page to print, and for an official paper.
type Letter struct {
	Kind    string // NudgeLetter, NudgeGuide or NudgeRequest
	Plan    *Plan
	From    *org.Unit // who writes
	Day     civil.Date
	Round   int // lần 1, 2, 3: the highest of its units
	Units   []LateUnit
	Tasks   int
	Total   Sum // of the filter
	Subject i18n.Msg
	Body    []i18n.Msg // paragraphs
}

// DraftLetter makes the draft of a letter of the unit to the units of a filter. A guiding letter goes to all units of the filter, the others to those that are
// late, or of which something is requested.
func (s *Service) DraftLetter(ctx context.Context, actor access.Actor, id, kind, from string, f Filter) (*Letter, error) {
	b, err := s.Board(ctx, actor, id, f)
	if err != nil {
		return nil, err
	}
	roles, err := s.Roles(ctx, s.province(b.Plan.Unit, b.Day))
	if err != nil {
		return nil, err
	}
	u, ok := s.units.Near(from, b.Day)
	if !ok || !actor.Holds(from) && actor.ID != access.System.ID {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	out := &Letter{Kind: kind, Plan: b.Plan, From: u, Day: b.Day, Total: b.Total, Round: 1}
	switch kind {
	case NudgeGuide:
		for _, r := range b.Rows {
			if s.mayPress(actor, b.Plan, r.Unit.ID, roles, b.Day) && r.Unit.ID != from {
				out.Units = append(out.Units, LateUnit{Unit: r.Unit})
			}
		}
	case NudgeLetter, NudgeRequest:
		if out.Units, err = s.Late(ctx, actor, id, f, kind == NudgeRequest); err != nil {
			return nil, err
		}
	default:
		return nil, errs.At("kind", "plan.letter.kind")
	}
	if len(out.Units) == 0 {
		return nil, errs.At("", "plan.nudge.nobody")
	}
	for _, u := range out.Units {
		out.Round = max(out.Round, u.Round)
		out.Tasks += len(u.Tasks)
	}
	out.word()
	return out, nil
}

func (l *Letter) word() {
	p := l.Plan
	switch l.Kind {
	case NudgeGuide:
		l.Subject = i18n.M("plan.letter.guide.subject", "number", p.Number, "signed", p.Signed)
		l.Body = []i18n.Msg{i18n.M("plan.letter.guide.open", "number", p.Number, "signed", p.Signed, "title", p.TitleVI), i18n.M("plan.letter.guide.ask", "number", p.Number), i18n.M("plan.letter.close", "unit", l.From.Name)}
	case NudgeRequest:
		l.Subject = i18n.M("plan.letter.request.subject", "number", p.Number, "signed", p.Signed)
		l.Body = []i18n.Msg{i18n.M("plan.letter.request.open", "number", p.Number, "signed", p.Signed, "title", p.TitleVI), i18n.M("plan.letter.request.ask", "n", l.Tasks), i18n.M("plan.letter.close", "unit", l.From.Name)}
	default:
		l.Subject = i18n.M("plan.letter.press.subject", "number", p.Number, "signed", p.Signed, "round", l.Round)
		l.Body = []i18n.Msg{
			i18n.M("plan.letter.press.open", "number", p.Number, "signed", p.Signed, "title", p.TitleVI),
			i18n.M("plan.letter.press.state", "day", l.Day, "units", len(l.Units), "n", l.Tasks),
			i18n.M("plan.letter.press.ask"),
			i18n.M("plan.letter.close", "unit", l.From.Name),
		}
	}
}

// SentLetter is a letter whose number the clerk has given.
type SentLetter struct {
	Plan   string
	Kind   string
	Unit   string // who wrote
	Filter Filter
	Units  []LateUnit // from the draft
	Number string
	Signed civil.Date
	Signer string
	As     string
	File   string
	Note   string
}

// LetterTx records a letter with its signed number. Under a plan whose focal body has a task of guiding and pressing (648: III.7.a) it counts as evidence
// of that task. It returns the id of the record.
func (s *Service) LetterTx(ctx context.Context, tx *db.Tx, actor access.Actor, c SentLetter) (string, error) {
	p, roles, err := s.planTx(ctx, tx, c.Plan)
	if err != nil {
		return "", err
	}
	c.Number, c.Signer = strings.TrimSpace(c.Number), strings.TrimSpace(c.Signer)
	var l errs.List
	if !slices.Contains([]string{NudgeLetter, NudgeGuide, NudgeRequest}, c.Kind) {
		l.Add("kind", "plan.letter.kind")
	}
	if len(c.Units) == 0 {
		l.Add("", "plan.nudge.nobody")
	}
	text(&l, "number", c.Number, true, 100)
	pastDay(&l, "signed", c.Signed, tx.Today())
	text(&l, "signer", c.Signer, true, 200)
	if err := l.Err(); err != nil {
		return "", err
	}
	round := 0
	for _, u := range c.Units {
		if !s.mayPress(actor, p, u.Unit.ID, roles, tx.Today()) {
			return "", errs.E(errs.Forbidden, "plan.forbidden.press")
		}
		round = max(round, u.Round)
	}
	n := nudgeRow{id: tx.NewID(), unit: c.Unit, kind: c.Kind, filter: c.Filter, units: c.Units, round: round, number: c.Number, signed: c.Signed, signer: c.Signer, note: c.Note}
	if c.Kind != NudgeLetter {
		n.round = 0
	}
	if n.evidence, err = s.guiding(ctx, tx, actor, p, c, n.id); err != nil {
		return "", err
	}
	for _, u := range c.Units {
		key := "plan.notice.letter"
		if c.Kind != NudgeLetter {
			key = "plan.notice.letter_other"
		}
		if err := s.tell(ctx, tx, "", u.Unit.ID, "plan.letter", i18n.M(key, "by", s.name(c.Unit, tx.Today()), "paper", c.Number, "signed", c.Signed, "number", p.Number), HomeLink, civil.None); err != nil {
			return "", err
		}
	}
	return n.id, s.storeNudge(ctx, tx, actor, p, n)
}

// guiding enters a letter as evidence of the writer's own continuous task of guiding and pressing under the plan; "" where it has none.
func (s *Service) guiding(ctx context.Context, tx *db.Tx, actor access.Actor, p *Plan, c SentLetter, id string) (string, error) {
	var found *Assignment
	list, err := readAssignments(ctx, tx, `a.plan_id=$1 AND a.unit_id=$2 AND a.dropped=''`, p.ID, c.Unit)
	if err != nil {
		return "", err
	}
	for _, a := range list {
		t, ok := p.Task(a.Task)
		if ok && t.Kind == "guide" && t.Recurs == Continuous && slices.Contains(t.ToRoles, RoleFocal) && a.NA == NANo {
			found = a
			break
		}
	}
	if found == nil {
		return "", nil
	}
	t, _ := p.Task(found.Task)
	r := Record{
		Room: "plan", Kind: c.Kind, ID: id, Unit: c.Unit, Day: c.Signed, Tasks: []string{t.ID}, TaskKind: t.Kind, Number: c.Number, Counts: true,
		Title: i18n.M("plan.letter.evidence."+c.Kind, "number", c.Number, "n", len(c.Units)), Link: BoardLink(p.ID),
	}
	if err := s.recordOne(ctx, tx, actor, p, found, r, nil); err != nil {
		return "", err
	}
	var e string
	err = tx.QueryRow(ctx, `SELECT id FROM evidence WHERE assignment_id=$1 AND room='plan' AND record_kind=$2 AND record_id=$3`, found.ID, c.Kind, id).Scan(&e)
	if err == nil && c.File != "" {
		_, err = tx.Exec(ctx, `UPDATE evidence SET file_id=$2 WHERE id=$1`, e, c.File)
	}
	return e, err
}

// Pressing is a line of a plan's list of reminders and letters.
type Pressing struct {
	ID, Unit, Kind       string
	Day                  civil.Date
	Units, Tasks, Round  int
	Number, Signer, Note string
	Signed               civil.Date
	ActorName            string
	At                   int64 // microseconds
}

// Pressings lists the reminders and letters under a plan, newest first, for those who may steer it.
func (s *Service) Pressings(ctx context.Context, actor access.Actor, id string) ([]Pressing, error) {
	p, roles, err := s.pair(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := may(actor, access.SteerPlan, s.planPlace(p, roles, s.clock.Today()), p.Status != StatusDraft); err != nil {
		return nil, err
	}
	return s.pressings(ctx, `n.plan_id=$1`, id)
}

// PressingsTo lists the reminders and letters to a unit, newest first, for those who may see its progress.
func (s *Service) PressingsTo(ctx context.Context, actor access.Actor, unit string) ([]Pressing, error) {
	today := s.clock.Today()
	if !access.Allowed(actor, access.ReadProgress, s.units.TreeOf(unit, today).Place(unit)) {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	return s.pressings(ctx, `n.id IN (SELECT nudge_id FROM nudge_unit WHERE unit_id=$1)`, unit)
}

func (s *Service) pressings(ctx context.Context, where string, args ...any) ([]Pressing, error) {
	var out []Pressing
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var x Pressing
		err := rows.Scan(&x.ID, &x.Unit, &x.Kind, &x.Day, &x.Units, &x.Tasks, &x.Round, &x.Number, &x.Signer, &x.Note, &x.Signed, &x.ActorName, &x.At)
		out = append(out, x)
		return err
	}, `SELECT n.id, n.unit_id, n.kind, n.day, n.units, n.tasks, n.round, n.number, n.signer, n.note, n.signed, n.actor_name, n.at FROM nudge n WHERE `+where+` ORDER BY n.at DESC, n.id DESC LIMIT 200`, args...)
	return out, err
}

// PressedUnits lists the units of a reminder or letter with their tasks as they were then.
func (s *Service) PressedUnits(ctx context.Context, actor access.Actor, plan, id string) ([]LateUnit, error) {
	if _, err := s.Pressings(ctx, actor, plan); err != nil {
		return nil, err
	}
	p, err := s.Plan(ctx, plan)
	if err != nil {
		return nil, err
	}
	var out []LateUnit
	err = db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var unit, tasks string
		var l LateUnit
		if err := rows.Scan(&unit, &tasks, &l.Round); err != nil {
			return err
		}
		if l.Unit, _ = s.units.Near(unit, s.clock.Today()); l.Unit == nil {
			return nil
		}
		err := json.Unmarshal([]byte(tasks), &l.Tasks)
		for i := range l.Tasks {
			l.Tasks[i].Task, _ = p.Task(l.Tasks[i].ID)
		}
		out = append(out, l)
		return err
	}, `SELECT u.unit_id, u.tasks, u.round FROM nudge_unit u JOIN nudge n ON n.id=u.nudge_id WHERE u.nudge_id=$1 AND n.plan_id=$2`, id, plan)
	slices.SortFunc(out, func(a, b LateUnit) int {
		return cmp.Or(kindRank(a.Unit)-kindRank(b.Unit), strings.Compare(a.Unit.SortKey, b.Unit.SortKey))
	})
	return out, err
}
