package plan

import (
	"context"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Extend moves the last day of an open occurrence.
type Extend struct {
	Occurrence string
	Version    int
	Due        civil.Date
	Reason     string
}

// ExtendTx moves an occurrence's last day, by the focal body or, where the plan leaves the day to it, by the superior. What was late when the day was
// moved stays late.
func (s *Service) ExtendTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Extend) error {
	w, o, err := s.occurrenceTx(ctx, tx, actor, access.ReadProgress, c.Occurrence, c.Version)
	if err != nil {
		return err
	}
	if err := mayMove(actor, w.task, w.place); err != nil {
		return err
	}
	var l errs.List
	c.Reason = strings.TrimSpace(c.Reason)
	switch {
	case c.Due == civil.None:
		l.Add("due", "plan.day_needed")
	case c.Due == o.Due:
		l.Add("due", "plan.extend.same")
	case c.Due < tx.Today() || c.Due > w.plan.To.Add(366):
		l.Add("due", "plan.extend.day", "today", tx.Today())
	}
	text(&l, "reason", c.Reason, true, 1000)
	if !o.Open() {
		l.Add("", "plan.extend.closed")
	}
	if err := l.Err(); err != nil {
		return err
	}
	before := o.Due
	o.move(c.Due, tx.Today())
	if err := saveOcc(ctx, tx, o); err != nil {
		return err
	}
	if err := s.tellUnit(ctx, tx, w, "plan.extend", i18n.M("plan.notice.extended", "task", w.task.TitleVI, "before", before, "due", c.Due), c.Due); err != nil {
		return err
	}
	return w.finish(ctx, tx, actor, "extend", map[string]any{"before": before, "after": c.Due, "reason": c.Reason},
		Step{Kind: StepExtended, Occurrence: o.ID, Reason: c.Reason, Before: before, After: c.Due})
}

// move gives an occurrence a new last day. What had been late by then stays late: it is judged by the day that was missed.
func (o *Occurrence) move(due, today civil.Date) {
	if o.Limit == civil.None || today <= o.Limit {
		o.Limit = due
	}
	o.Due = due
	if o.Returned && o.AnswerBy != civil.None {
		o.AnswerBy = due
	}
}

// mayMove is nil where the actor may move a task's days at the place.
func mayMove(actor access.Actor, t *Task, pl access.Place) error {
	if access.Allowed(actor, access.SteerPlan, pl) || t.DueSetBy == "parent" && access.Allowed(actor, access.ReturnRecord, pl) {
		return nil
	}
	return errs.E(errs.Forbidden, "plan.forbidden.extend")
}

// MoveDues sets the last day of one task for all units of a superior, where the plan leaves the day to it or the focal body asks.
type MoveDues struct {
	Plan, Task string
	Under      string // the superior: the units below it
	Seq        int    // which of the task's days; 0 is the first
	Due        civil.Date
	Reason     string
}

// MoveDuesTx moves the open occurrences of a task at all units below a superior. It returns how many were moved.
func (s *Service) MoveDuesTx(ctx context.Context, tx *db.Tx, actor access.Actor, c MoveDues) (int, error) {
	p, roles, err := s.planTx(ctx, tx, c.Plan)
	if err != nil {
		return 0, err
	}
	t, ok := p.Task(c.Task)
	if !ok {
		return 0, errs.E(errs.NotFound, "plan.task.none")
	}
	var l errs.List
	c.Reason = strings.TrimSpace(c.Reason)
	switch {
	case c.Due == civil.None:
		l.Add("due", "plan.day_needed")
	case c.Due < tx.Today() || c.Due > p.To.Add(366):
		l.Add("due", "plan.extend.day", "today", tx.Today())
	}
	text(&l, "reason", c.Reason, true, 1000)
	if err := l.Err(); err != nil {
		return 0, err
	}
	seq := max(c.Seq, 1)
	list, err := readAssignments(ctx, tx, `a.plan_id=$1 AND a.task_id=$2 AND a.dropped=''`, c.Plan, c.Task)
	if err != nil {
		return 0, err
	}
	tree := s.units.On(boardDay(p, tx.Today()))
	var steps []Step
	var ids []string
	for _, a := range list {
		if a.Unit == c.Under || !s.under(tree, a.Unit, c.Under) {
			continue
		}
		if err := mayMove(actor, t, s.placeOf(p, a.Unit, roles, tx.Today())); err != nil {
			return 0, err
		}
		for i := range a.Occ {
			o := &a.Occ[i]
			if o.Seq != seq || !o.Open() || o.Due == c.Due {
				continue
			}
			before := o.Due
			o.move(c.Due, tx.Today())
			if err := saveOcc(ctx, tx, o); err != nil {
				return 0, err
			}
			steps = append(steps, Step{Assignment: a.ID, Unit: a.Unit, Occurrence: o.ID, Kind: StepMoved, Reason: c.Reason, Before: before, After: c.Due})
			ids = append(ids, a.ID)
		}
	}
	if len(ids) == 0 {
		return 0, errs.At("under", "plan.extend.nothing")
	}
	if err := insertSteps(ctx, tx, actor, steps...); err != nil {
		return 0, err
	}
	err = record(ctx, tx, actor, entry{
		action: "plan.move", unit: c.Under, kind: "plan", subject: p.ID, msg: i18n.M("plan.audit.move", "task", t.ID, "number", p.Number, "due", c.Due, "n", len(ids)),
		details: c, touches: []string{"plan:" + p.ID},
	})
	if err != nil {
		return 0, err
	}
	return len(ids), touch(ctx, tx, p.ID, ids...)
}
