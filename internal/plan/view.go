package plan

import (
	"context"
	"database/sql"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// Line is one line of a task's evidence list at an assignment.
type Line struct {
	Text     string
	Shown    []*Evidence // what shows it
	Gap      string      // why it is missing
	NotShown bool        // neither
}

// OccView is an occurrence with its state and its evidence.
type OccView struct {
	Occurrence
	State                      State
	Late                       int // days overdue, or left where due soon
	DaysLate                   int // how late it was done
	Signer, SignAs, SignNumber string
	Evidence                   []*Evidence
	Lines                      []Line
	OwnDue                     civil.Date // the unit's own plan asks for it by then
	Rights                     Rights
}

// Rights are what the actor may do with an assignment, for the buttons of its page.
type Rights struct {
	Write   bool // receive, name, enter evidence, state events
	Confirm bool // on screen
	Return  bool // ask for supplements, agree that it does not apply
	Extend  bool
	Read    bool // people, reasons, and the evidence that has been confirmed
	Draft   bool // evidence that the head has not confirmed yet
}

// AssignmentView is the page of an assignment.
type AssignmentView struct {
	*Assignment
	Plan     *Plan
	Task     *Task
	Unit     *org.Unit
	State    State
	Occ      []OccView
	Evidence []*Evidence // of no occurrence: continuous tasks
	Steps    []Step
	Rights   Rights
	MayRule  i18n.Msg // why the law exempts the unit, where it does and that is not noted yet
}

// Assignment is the page of an assignment as the actor may see it. Who may only see the state (where progress is public) gets no people, evidence or
// reasons.
func (s *Service) Assignment(ctx context.Context, actor access.Actor, id string) (*AssignmentView, error) {
	a, err := readAssignment(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	p, roles, err := s.pair(ctx, a.Plan)
	if err != nil {
		return nil, err
	}
	t, ok := p.Task(a.Task)
	if !ok || a.Dropped != civil.None {
		return nil, errs.E(errs.Gone, "plan.task.dropped", "task", a.Task)
	}
	today := s.clock.Today()
	pl := s.placeOf(p, a.Unit, roles, today)
	r := rightsOf(actor, t, pl)
	if !r.Read && !p.ProgressPublic && !access.Allowed(actor, access.ReadProgress, pl) {
		return nil, errs.E(errs.NotFound, "plan.assignment.none")
	}
	u, ok := s.units.Near(a.Unit, boardDay(p, today))
	if !ok {
		return nil, errs.E(errs.NotFound, "plan.assignment.none")
	}
	f := a.Facts(t, p.To, u.To)
	out := &AssignmentView{Assignment: a, Plan: p, Task: t, Unit: u, State: CellState(&f, today), Rights: r}
	var evidence []*Evidence
	if r.Read {
		if evidence, err = readEvidence(ctx, s.db, `assignment_id=$1`, id); err != nil {
			return nil, err
		}
		if out.Steps, err = readSteps(ctx, s.db, id); err != nil {
			return nil, err
		}
		if !r.Draft {
			all := out.Steps
			once := func(occurrence string) bool { // confirmed at some time, perhaps reopened since
				return a.sent(occurrence) || slices.ContainsFunc(all, func(st Step) bool { return st.Kind == StepConfirmed && st.Occurrence == occurrence })
			}
			evidence = slices.DeleteFunc(evidence, func(e *Evidence) bool { return !a.sent(e.Occurrence) && (e.Live() || !once(e.Occurrence)) })
			out.Steps = nil
			for _, st := range all {
				if st.Kind != StepEvidence && st.Kind != StepWithdrawn || once(st.Occurrence) {
					out.Steps = append(out.Steps, st)
				}
			}
		}
	} else {
		a.Person, a.Account, a.ReceivedBy, a.NAReason = "", "", "", ""
	}
	signs, err := readSigns(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	own, err := s.ownDays(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := range a.Occ {
		o := &a.Occ[i]
		v := OccView{Occurrence: *o, State: f.OccState(o, today), Rights: r, OwnDue: ownDay(own, o.Seq)}
		if r.Read {
			v.Signer, v.SignAs, v.SignNumber = signs[o.ID][0], signs[o.ID][1], signs[o.ID][2]
		} else {
			v.Event = ""
		}
		v.count(today)
		for _, e := range evidence {
			if e.Occurrence == o.ID {
				v.Evidence = append(v.Evidence, e)
			}
		}
		v.Lines = lines(t, v.Evidence)
		out.Occ = append(out.Occ, v)
	}
	for _, e := range evidence {
		if e.Occurrence == "" {
			out.Evidence = append(out.Evidence, e)
		}
	}
	if a.NA == NANo || a.NA == NAAsked {
		out.MayRule, _ = Exemption(t, u, s.law(), p.Signed)
	}
	return out, nil
}

// sent reports whether what the unit entered for an occurrence has gone up: its head has confirmed it, be it that a superior sent it back since. What
// belongs to no occurrence goes up at once.
func (a *Assignment) sent(occurrence string) bool {
	return occurrence == "" || slices.ContainsFunc(a.Occ, func(o Occurrence) bool { return o.ID == occurrence && o.Done != civil.None })
}

func rightsOf(actor access.Actor, t *Task, pl access.Place) Rights {
	draft := pl
	draft.State = access.Draft
	return Rights{
		Write:   access.Allowed(actor, access.WriteRecord, pl),
		Confirm: access.Allowed(actor, access.ConfirmRecord, pl),
		Return:  access.Allowed(actor, access.ReturnRecord, pl),
		Extend:  mayMove(actor, t, pl) == nil,
		Read:    access.Allowed(actor, access.ReadRecord, pl),
		Draft:   access.Allowed(actor, access.ReadRecord, draft),
	}
}

// count fills the days late or left.
func (v *OccView) count(today civil.Date) {
	switch {
	case v.State == Overdue && v.Returned:
		v.Late = today.Sub(v.AnswerBy)
	case v.State == Overdue:
		v.Late = today.Sub(v.Due)
	case v.State == DueSoon:
		v.Late = v.Due.Sub(today)
	case v.State == DoneLate:
		v.DaysLate = v.Done.Sub(v.Limit)
	}
}

// lines goes down a task's evidence list.
func lines(t *Task, list []*Evidence) []Line {
	out := make([]Line, len(t.Evidence))
	for i, text := range t.Evidence {
		out[i] = Line{Text: text, NotShown: true}
		for _, e := range list {
			if why := e.Gaps[i]; why != "" && e.Withdrawn == civil.None {
				out[i].Gap, out[i].NotShown = why, false
			}
			if !e.Live() {
				continue
			}
			for _, j := range e.Items {
				if j == i {
					out[i].Shown, out[i].NotShown = append(out[i].Shown, e), false
				}
			}
		}
		if len(out[i].Shown) > 0 {
			out[i].Gap = ""
		}
	}
	return out
}

func readSteps(ctx context.Context, q db.Querier, assignment string) ([]Step, error) {
	var out []Step
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var st Step
		err := rows.Scan(&st.ID, &st.Assignment, &st.Occurrence, &st.Unit, &st.Kind, &st.Day, &st.Reason, &st.Before, &st.After, &st.Actor, &st.ActorName, &st.ActorUnit, &st.At)
		out = append(out, st)
		return err
	}, `SELECT id, assignment_id, occurrence_id, unit_id, kind, day, reason, before_day, after_day, actor, actor_name, actor_unit, at FROM plan_step WHERE assignment_id=$1 ORDER BY at, id`, assignment)
	return out, err
}

// readSigns are signer, way of signing and number by occurrence.
func readSigns(ctx context.Context, q db.Querier, assignment string) (map[string][3]string, error) {
	out := map[string][3]string{}
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var id string
		var s [3]string
		err := rows.Scan(&id, &s[0], &s[1], &s[2])
		out[id] = s
		return err
	}, `SELECT id, signer, sign_as, sign_number FROM occurrence WHERE assignment_id=$1`, assignment)
	return out, err
}

// ownDays are the days that the unit's own plan sets for an assignment of its superior's, none where it sets none.
func (s *Service) ownDays(ctx context.Context, assignment string) ([]civil.Date, error) {
	var out []civil.Date
	err := db.Each(ctx, s.db, func(rows *sql.Rows) (err error) {
		var due civil.Date
		var days string
		if err := rows.Scan(&due, &days); err != nil {
			return err
		}
		out, err = readLinkDays(due, days)
		return err
	}, `SELECT due, days FROM plan_link WHERE assignment_id=$1 AND due<>'' ORDER BY plan_id`, assignment)
	return out, err
}

// UnitTask is one task of a plan at a unit, for the unit's page.
type UnitTask struct {
	Task *Task
	Cell Cell
}

// UnitView is a unit's part of a plan.
type UnitView struct {
	Plan  *Plan
	Unit  *org.Unit
	Tasks []UnitTask // empty where Hidden
	Row   *Row       // nil where Hidden
	// Hidden says that the plan binds the unit but its progress is not for the actor.
	Hidden bool
}

// UnitProgress is a unit's part of a plan as the actor may see it; errs.NotFound where the plan does not bind the unit.
func (s *Service) UnitProgress(ctx context.Context, actor access.Actor, id, unit string) (*UnitView, error) {
	b, err := s.Board(ctx, actor, id, Filter{Under: unit})
	if err != nil {
		return nil, err
	}
	out := &UnitView{Plan: b.Plan}
	for _, r := range b.Rows {
		if r.Unit.ID != unit {
			continue
		}
		out.Unit, out.Row = r.Unit, r
		for i, c := range r.Cells {
			if c.State != "" {
				out.Tasks = append(out.Tasks, UnitTask{b.Tasks[i], c})
			}
		}
		return out, nil
	}
	if !b.Hidden {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	u, ok := s.units.Near(unit, boardDay(b.Plan, s.clock.Today()))
	if !ok {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	out.Unit, out.Hidden = u, true
	return out, nil
}

// Summary is a plan in a list.
type Summary struct {
	ID, Number, Unit string
	TitleVI, TitleEN string
	Status           Status
	Signed           civil.Date
	From, To         civil.Date
	Parent           string
	Version          int
}

// Title is the plan's title in the reader's language.
func (p *Summary) Title(lang i18n.Lang) string { return pick(lang, p.TitleVI, p.TitleEN) }

// Plans lists the plans that a unit issued, newest first; drafts only to those who may edit them.
func (s *Service) Plans(ctx context.Context, actor access.Actor, unit string) ([]Summary, error) {
	drafts, err := s.MayEdit(ctx, actor, unit)
	if err != nil {
		return nil, err
	}
	return s.summaries(ctx, drafts, `unit_id=$1`, unit)
}

// PlansFor lists the issued plans that bind a unit, newest first.
func (s *Service) PlansFor(ctx context.Context, unit string) ([]Summary, error) {
	return s.summaries(ctx, false, `id IN (SELECT plan_id FROM assignment WHERE unit_id=$1 AND dropped='')`, unit)
}

func (s *Service) summaries(ctx context.Context, drafts bool, where string, args ...any) ([]Summary, error) {
	var out []Summary
	today := s.clock.Today()
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		p, err := scanPlan(rows.Scan)
		if err == nil && (drafts || p.Status != StatusDraft) {
			out = append(out, Summary{p.ID, p.Number, p.Unit, p.TitleVI, p.TitleEN, p.StatusOn(today), p.Signed, p.From, p.To, p.Parent, p.Version})
		}
		return err
	}, `SELECT `+planColumns+` FROM plan WHERE `+where+` ORDER BY from_day DESC, created DESC, id`, args...)
	return out, err
}
