package plan

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// The kinds of steps in an assignment's history.
const (
	StepReceived  = "received"
	StepNamed     = "named"
	StepEvidence  = "evidence"
	StepConfirmed = "confirmed"
	StepEvent     = "event"
	StepReturned  = "returned"
	StepAnswered  = "answered"
	StepNARule    = "na_rule"
	StepNAAsked   = "na_asked"
	StepNAAgreed  = "na_agreed"
	StepNARefused = "na_refused"
	StepNAOver    = "na_over"
	StepExtended  = "extended"
	StepMoved     = "moved"
	StepWithdrawn = "withdrawn"
	StepReopened  = "reopened"
	StepHanded    = "handed_over"
	StepPassedOn  = "passed_on"  // the unit has ended and another took the work over
	StepTakenOver = "taken_over" // from a unit that has ended
	StepClosed    = "closed"     // the unit has ended and nobody takes the work over
)

// Step is one line of an assignment's history.
type Step struct {
	ID, Assignment, Occurrence, Unit string
	Kind                             string
	Day                              civil.Date
	Reason                           string
	Before, After                    civil.Date
	Actor, ActorName, ActorUnit      string
	At                               int64 // microseconds
}

func insertSteps(ctx context.Context, tx *db.Tx, actor access.Actor, steps ...Step) error {
	at := db.Micros(tx.Now())
	unit := ""
	if u := actor.Units(); len(u) > 0 {
		unit = u[0]
	}
	return insertAll(ctx, tx, `INSERT INTO plan_step(id,assignment_id,occurrence_id,unit_id,kind,day,reason,before_day,after_day,actor,actor_name,actor_unit,at)`, 13, len(steps), func(i int) []any {
		st := steps[i]
		if st.Day == civil.None {
			st.Day = tx.Today()
		}
		return []any{tx.NewID(), st.Assignment, st.Occurrence, st.Unit, st.Kind, st.Day, st.Reason, st.Before, st.After, actor.ID, actor.Name, unit, at}
	})
}

// subject is the plan, the task and the place of an assignment.
func (s *Service) subject(ctx context.Context, tx *db.Tx, a *Assignment) (*Plan, *Task, access.Place, error) {
	p, roles, err := s.planTx(ctx, tx, a.Plan)
	if err != nil {
		return nil, nil, access.Place{}, err
	}
	t, ok := p.Task(a.Task)
	if !ok || a.Dropped != civil.None {
		return nil, nil, access.Place{}, errs.E(errs.Gone, "plan.task.dropped", "task", a.Task)
	}
	return p, t, s.placeOf(p, a.Unit, roles, tx.Today()), nil
}

// work is an assignment that a command is about to change.
type work struct {
	*Assignment
	plan  *Plan
	task  *Task
	place access.Place
	draft bool // the command is about what the head has not confirmed yet
}

// workTx reads an assignment for an action of the actor whose form has version v.
func (s *Service) workTx(ctx context.Context, tx *db.Tx, actor access.Actor, act access.Action, id string, v int) (*work, error) {
	a, err := readAssignment(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	p, t, pl, err := s.subject(ctx, tx, a)
	if err != nil {
		return nil, err
	}
	if err := may(actor, act, pl, p.ProgressPublic || access.Allowed(actor, access.ReadProgress, pl)); err != nil {
		return nil, err
	}
	return &work{Assignment: a, plan: p, task: t, place: pl}, version(v, a.Version)
}

// occurrenceTx is workTx for one occurrence, whose own version counts.
func (s *Service) occurrenceTx(ctx context.Context, tx *db.Tx, actor access.Actor, act access.Action, id string, v int) (*work, *Occurrence, error) {
	var a string
	if err := db.Each(ctx, tx, func(rows *sql.Rows) error { return rows.Scan(&a) }, `SELECT assignment_id FROM occurrence WHERE id=$1`, id); err != nil {
		return nil, nil, err
	}
	if a == "" {
		return nil, nil, errs.E(errs.NotFound, "plan.assignment.none")
	}
	w, err := s.workTx(ctx, tx, actor, act, a, 0)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(w.Occ, func(o Occurrence) bool { return o.ID == id })
	o := &w.Occ[i]
	return w, o, version(v, o.Version)
}

// save stores the assignment's own columns if nobody else changed it meanwhile.
func (w *work) save(ctx context.Context, tx *db.Tx) error {
	rule := ""
	if !w.NARule.IsZero() {
		rule = mustJSON(w.NARule)
	}
	err := tx.Update(ctx, `UPDATE assignment SET given=$3, received=$4, received_by=$5, person=$6, account=$7, na=$8, na_rule=$9, na_reason=$10, last_record=$11, version=version+1 WHERE id=$1 AND version=$2`,
		w.ID, w.Version, w.Given, w.Received, w.ReceivedBy, w.Person, w.Account, string(w.NA), rule, w.NAReason, w.Last)
	if err == nil {
		w.Version++
	}
	return err
}

// saveOcc stores an occurrence if nobody else changed it meanwhile.
func saveOcc(ctx context.Context, tx *db.Tx, o *Occurrence) error {
	err := tx.Update(ctx, `UPDATE occurrence SET event=$3, due=$4, limit_day=$5, begun=$6, done=$7, entered=$8, kept=$9, returned=$10, answer_by=$11, version=version+1 WHERE id=$1 AND version=$2`,
		o.ID, o.Version, o.Event, o.Due, o.Limit, db.Flag(o.Begun), o.Done, o.Entered, db.Flag(o.Kept), db.Flag(o.Returned), o.AnswerBy)
	if err == nil {
		o.Version++
	}
	return err
}

// finish ends a command on an assignment: history, audit entry, touches, epoch.
func (w *work) finish(ctx context.Context, tx *db.Tx, actor access.Actor, action string, details any, steps ...Step) error {
	for i := range steps {
		steps[i].Assignment, steps[i].Unit = w.ID, w.Unit
	}
	if err := insertSteps(ctx, tx, actor, steps...); err != nil {
		return err
	}
	err := record(ctx, tx, actor, entry{
		action: "plan." + action, unit: w.Unit, kind: "assignment", subject: w.ID,
		msg:     i18n.M("plan.audit.work."+action, "task", w.task.ID, "number", w.plan.Number),
		details: details, touches: []string{"plan:" + w.plan.ID, "unit:" + w.Unit}, draft: w.draft,
	})
	if err != nil {
		return err
	}
	return touch(ctx, tx, w.plan.ID, w.ID)
}

// note receives on behalf of a unit that acts without having said so: who enters evidence has the plan.
func (w *work) note(actor access.Actor, today civil.Date) {
	if w.Received == civil.None {
		w.Received, w.ReceivedBy = today, actor.Name
	}
}

// pastDay adds a fault where a day that should have been is missing or lies ahead.
func pastDay(l *errs.List, field string, d, today civil.Date) {
	switch {
	case d == civil.None:
		l.Add(field, "plan.day_needed")
	case d > today:
		l.Add(field, "plan.day_ahead", "today", today)
	case d < "1990-01-01":
		l.Add(field, "plan.day_too_old")
	}
}

// Receive says that a unit has the plan.
type Receive struct {
	Plan  string
	Unit  string
	Day   civil.Date
	By    string   // who received it; "" is the actor
	Tasks []string // the tasks received; none is all that were not received yet
}

// ReceiveTx notes that the unit received the plan on a day, and who did. It returns how many assignments were received; those received before stay.
func (s *Service) ReceiveTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Receive) (int, error) {
	p, roles, err := s.planTx(ctx, tx, c.Plan)
	if err != nil {
		return 0, err
	}
	pl := s.placeOf(p, c.Unit, roles, tx.Today())
	if err := may(actor, access.WriteRecord, pl, p.ProgressPublic || access.Allowed(actor, access.ReadProgress, pl)); err != nil {
		return 0, err
	}
	var l errs.List
	pastDay(&l, "day", c.Day, tx.Today())
	if c.Day != civil.None && c.Day < p.Signed {
		l.Add("day", "plan.receive.before_signed", "signed", p.Signed)
	}
	text(&l, "by", c.By, false, 200)
	if err := l.Err(); err != nil {
		return 0, err
	}
	if c.By == "" {
		c.By = actor.Name
	}
	var ids, tasks []string
	err = db.Each(ctx, tx, func(rows *sql.Rows) error {
		var id, task string
		err := rows.Scan(&id, &task)
		if len(c.Tasks) == 0 || slices.Contains(c.Tasks, task) {
			ids, tasks = append(ids, id), append(tasks, task)
		}
		return err
	}, `SELECT id, task_id FROM assignment WHERE unit_id=$1 AND plan_id=$2 AND received='' AND dropped='' ORDER BY id`+tx.Dialect().ForUpdate(), c.Unit, c.Plan)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	args := append([]any{c.Day, c.By}, db.Args(ids)...)
	if _, err := tx.Exec(ctx, `UPDATE assignment SET received=$1, received_by=$2, version=version+1 WHERE id IN `+db.In(len(ids), 3), args...); err != nil {
		return 0, err
	}
	steps := make([]Step, len(ids))
	for i, id := range ids {
		steps[i] = Step{Assignment: id, Unit: c.Unit, Kind: StepReceived, Day: c.Day}
	}
	if err := insertSteps(ctx, tx, actor, steps...); err != nil {
		return 0, err
	}
	err = record(ctx, tx, actor, entry{
		action: "plan.receive", unit: c.Unit, kind: "plan", subject: p.ID, msg: i18n.M("plan.audit.receive", "number", p.Number, "n", len(ids), "day", c.Day),
		details: map[string]any{"by": c.By, "tasks": tasks}, touches: []string{"plan:" + p.ID, "unit:" + c.Unit},
	})
	if err != nil {
		return 0, err
	}
	return len(ids), touch(ctx, tx, p.ID, ids...)
}

// Name gives an assignment to a person of the unit.
type Name struct {
	Assignment string
	Version    int
	Person     string
	Account    string // of the person, where they have one: their own work list and reminders
}

// NameTx names who does an assignment.
func (s *Service) NameTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Name) error {
	w, err := s.workTx(ctx, tx, actor, access.WriteRecord, c.Assignment, c.Version)
	if err != nil {
		return err
	}
	c.Person = strings.TrimSpace(c.Person)
	var l errs.List
	text(&l, "person", c.Person, c.Account != "", 200)
	if err := l.Err(); err != nil {
		return err
	}
	before := w.Person
	w.Person, w.Account = c.Person, c.Account
	w.note(actor, tx.Today())
	if err := w.save(ctx, tx); err != nil {
		return err
	}
	return w.finish(ctx, tx, actor, "name", map[string]string{"before": before, "after": c.Person}, Step{Kind: StepNamed, Reason: c.Person})
}

// NAClaim says that a task does not apply to the unit.
type NAClaim struct {
	Assignment string
	Version    int
	Reason     string
}

// NotApplicableTx notes that a task does not apply. Where the law or the plan exempts the unit no consent is needed; otherwise the unit gives a reason
// and the task counts on until its superior agrees.
func (s *Service) NotApplicableTx(ctx context.Context, tx *db.Tx, actor access.Actor, c NAClaim) error {
	w, err := s.workTx(ctx, tx, actor, access.WriteRecord, c.Assignment, c.Version)
	if err != nil {
		return err
	}
	if w.NA == NARule || w.NA == NAAgreed {
		return errs.E(errs.Conflict, "plan.na.already")
	}
	w.note(actor, tx.Today())
	if u, ok := s.units.Near(w.Unit, tx.Today()); ok {
		if why, exempt := Exemption(w.task, u, s.law(), w.plan.Signed); exempt {
			w.NA, w.NARule, w.NAReason = NARule, why, ""
			if err := w.save(ctx, tx); err != nil {
				return err
			}
			return w.finish(ctx, tx, actor, "na_rule", why, Step{Kind: StepNARule})
		}
	}
	var l errs.List
	c.Reason = strings.TrimSpace(c.Reason)
	if text(&l, "reason", c.Reason, true, 1000); l.Err() != nil {
		return l.Err()
	}
	w.NA, w.NAReason = NAAsked, c.Reason
	if err := w.save(ctx, tx); err != nil {
		return err
	}
	if err := s.tellAbove(ctx, tx, w, "plan.na_asked", i18n.M("plan.notice.na_asked", "unit", s.name(w.Unit, tx.Today()), "task", w.task.TitleVI)); err != nil {
		return err
	}
	return w.finish(ctx, tx, actor, "na_asked", c.Reason, Step{Kind: StepNAAsked, Reason: c.Reason})
}

// Consent is a superior's answer to "not applicable".
type Consent struct {
	Assignment string
	Version    int
	Agree      bool
	Reason     string // needed to refuse
}

// ConsentTx agrees that a task does not apply, or refuses with a reason.
func (s *Service) ConsentTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Consent) error {
	w, err := s.workTx(ctx, tx, actor, access.ReturnRecord, c.Assignment, c.Version)
	if err != nil {
		return err
	}
	if w.NA != NAAsked {
		return errs.E(errs.Conflict, "plan.na.not_asked")
	}
	var l errs.List
	c.Reason = strings.TrimSpace(c.Reason)
	if text(&l, "reason", c.Reason, !c.Agree, 1000); l.Err() != nil {
		return l.Err()
	}
	kind, action, key := StepNARefused, "na_refused", "plan.notice.na_refused"
	w.NA = NANo
	if c.Agree {
		w.NA, kind, action, key = NAAgreed, StepNAAgreed, "na_agreed", "plan.notice.na_agreed"
	}
	if err := w.save(ctx, tx); err != nil {
		return err
	}
	if err := s.tellUnit(ctx, tx, w, "plan."+action, i18n.M(key, "task", w.task.TitleVI), civil.None); err != nil {
		return err
	}
	return w.finish(ctx, tx, actor, action, c.Reason, Step{Kind: kind, Reason: c.Reason})
}
