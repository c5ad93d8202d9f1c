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

// Return asks a unit for supplements.
type Return struct {
	Occurrence string
	Version    int
	Reason     string
	AnswerBy   civil.Date // None sets no day
}

// ReturnTx asks for supplements to what a unit has confirmed (yêu cầu bổ sung, chỉnh sửa), by its superior or the focal body.
func (s *Service) ReturnTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Return) error {
	w, o, err := s.occurrenceTx(ctx, tx, actor, access.ReturnRecord, c.Occurrence, c.Version)
	if err != nil {
		return err
	}
	if o.Open() {
		return errs.E(errs.Conflict, "plan.return.open")
	}
	c.Reason = strings.TrimSpace(c.Reason)
	var l errs.List
	text(&l, "reason", c.Reason, true, 2000)
	if c.AnswerBy != civil.None && c.AnswerBy < tx.Today() {
		l.Add("answer_by", "plan.day_past")
	}
	if err := l.Err(); err != nil {
		return err
	}
	o.Returned, o.AnswerBy = true, c.AnswerBy
	if err := saveOcc(ctx, tx, o); err != nil {
		return err
	}
	if err := s.tellUnit(ctx, tx, w, "plan.return", i18n.M("plan.notice.returned", "task", w.task.TitleVI), c.AnswerBy); err != nil {
		return err
	}
	return w.finish(ctx, tx, actor, "return", c, Step{Kind: StepReturned, Occurrence: o.ID, Reason: c.Reason, After: c.AnswerBy})
}

// Answer is a unit's answer to a request for supplements.
type Answer struct {
	Occurrence string
	Version    int
	Text       string
}

// AnswerTx sends what was returned up again. The day on which the thing was done stays; new evidence is added by EvidenceTx before.
func (s *Service) AnswerTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Answer) error {
	w, o, err := s.occurrenceTx(ctx, tx, actor, access.WriteRecord, c.Occurrence, c.Version)
	if err != nil {
		return err
	}
	if !o.Returned {
		return errs.E(errs.Conflict, "plan.answer.not_returned")
	}
	c.Text = strings.TrimSpace(c.Text)
	var l errs.List
	if text(&l, "text", c.Text, true, 2000); l.Err() != nil {
		return l.Err()
	}
	o.Returned, o.AnswerBy = false, civil.None
	if err := saveOcc(ctx, tx, o); err != nil {
		return err
	}
	if err := s.tellAbove(ctx, tx, w, "plan.answer", i18n.M("plan.notice.answered", "unit", s.name(w.Unit, tx.Today()), "task", w.task.TitleVI)); err != nil {
		return err
	}
	return w.finish(ctx, tx, actor, "answer", c, Step{Kind: StepAnswered, Occurrence: o.ID, Reason: c.Text})
}

// Withdraw takes evidence back.
type Withdraw struct {
	Evidence string
	Version  int
	Reason   string
}

// WithdrawTx withdraws evidence with a reason, by who entered it or the unit's head. It stays to be seen. An occurrence that is left without evidence is
// open again.
func (s *Service) WithdrawTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Withdraw) error {
	list, err := readEvidence(ctx, tx, `id=$1`, c.Evidence)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.E(errs.NotFound, "plan.evidence.none")
	}
	e := list[0]
	w, err := s.workTx(ctx, tx, actor, access.WriteRecord, e.Assignment, 0)
	if err != nil {
		return err
	}
	if err := version(c.Version, e.Version); err != nil {
		return err
	}
	switch {
	case e.Kind != kindPaper:
		return errs.E(errs.Forbidden, "plan.evidence.of_room")
	case e.Withdrawn != civil.None:
		return errs.E(errs.Conflict, "plan.evidence.withdrawn")
	case e.Actor != actor.ID && !access.Allowed(actor, access.ConfirmRecord, w.place):
		return errs.E(errs.Forbidden, "plan.forbidden.withdraw", "name", e.ActorName)
	}
	c.Reason = strings.TrimSpace(c.Reason)
	var l errs.List
	if text(&l, "reason", c.Reason, true, 1000); l.Err() != nil {
		return l.Err()
	}
	err = tx.Update(ctx, `UPDATE evidence SET withdrawn=$3, withdrawn_reason=$4, withdrawn_by=$5, version=version+1 WHERE id=$1 AND version=$2`, e.ID, e.Version, tx.Today(), c.Reason, actor.Name)
	if err != nil {
		return err
	}
	w.draft = !w.sent(e.Occurrence)
	steps := []Step{{Kind: StepWithdrawn, Occurrence: e.Occurrence, Reason: c.Reason}}
	reopened, err := w.recount(ctx, tx)
	if err != nil {
		return err
	}
	return w.finish(ctx, tx, actor, "withdraw", c, append(steps, reopened...)...)
}

// recount brings the assignment in line with its evidence after some has gone: the last record's day, what has begun, and what is open again because
// nothing shows it any more.
func (w *work) recount(ctx context.Context, tx *db.Tx) ([]Step, error) {
	list, err := readEvidence(ctx, tx, `assignment_id=$1`, w.ID)
	if err != nil {
		return nil, err
	}
	last := civil.None
	shown := map[string]bool{}
	for _, e := range list {
		if e.Live() {
			last = max(last, e.Day)
			shown[e.Occurrence] = true
		}
	}
	var steps []Step
	for i := range w.Occ {
		o := &w.Occ[i]
		if !o.Begun || shown[o.ID] {
			continue
		}
		o.Begun = false
		if o.Done != civil.None {
			steps = append(steps, Step{Kind: StepReopened, Occurrence: o.ID, Before: o.Done})
			o.Done, o.Entered, o.Kept, o.Returned, o.AnswerBy = civil.None, civil.None, false, false, civil.None
		}
		if err := saveOcc(ctx, tx, o); err != nil {
			return nil, err
		}
	}
	w.Last = last
	return steps, w.save(ctx, tx)
}
