package plan

import (
	"context"
	"slices"
	"strconv"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// mayEdit is nil where the actor may edit the plan.
func (s *Service) mayEdit(actor access.Actor, p *Plan, roles []Role, today civil.Date) error {
	return may(actor, access.EditPlan, s.planPlace(p, roles, today), p.Status != StatusDraft)
}

// CreateTx stores a new draft of the unit p.Unit. p.ID "" makes one from number and year. It returns the id.
func (s *Service) CreateTx(ctx context.Context, tx *db.Tx, actor access.Actor, p *Plan) (string, error) {
	p = p.Clone()
	today := tx.Today()
	roles, err := readRoles(ctx, tx, s.province(p.Unit, today))
	if err != nil {
		return "", err
	}
	if _, ok := s.units.Near(p.Unit, today); !ok {
		return "", errs.At("unit", "plan.unknown_issuer", "code", p.Unit)
	}
	p.Status, p.Issued = StatusDraft, civil.None
	if err := may(actor, access.EditPlan, s.planPlace(p, roles, today), false); err != nil {
		return "", err
	}
	if p.ID == "" {
		p.ID = s.newID(p, today)
	}
	if err := s.check(p); err != nil {
		return "", err
	}
	FillSteps(p, s.law())
	if err := insertPlan(ctx, tx, p); err != nil {
		return "", err
	}
	return p.ID, s.done(ctx, tx, actor, p, "plan.create", i18n.M("plan.audit.create", "number", p.Number), p)
}

// check gathers the faults of a draft.
func (s *Service) check(p *Plan) error {
	var l errs.List
	w := s.words()
	CheckFacts(p, w, &l)
	seen := map[string]bool{}
	for _, t := range p.Tasks {
		if seen[t.ID] {
			l.Add("task", "plan.task.twice", "task", t.ID)
		}
		seen[t.ID] = true
		CheckTask(t, w, &l)
	}
	if len(p.Tasks) > maxTasks {
		l.Add("task", "plan.import.too_many_tasks", "n", maxTasks)
	}
	return l.Err()
}

// done ends a command on a plan: audit entry, touches, epoch.
func (s *Service) done(ctx context.Context, tx *db.Tx, actor access.Actor, p *Plan, action string, msg i18n.Msg, details any) error {
	err := record(ctx, tx, actor, entry{action: action, unit: p.Unit, kind: "plan", subject: p.ID, msg: msg, details: details, touches: []string{"plan:" + p.ID, "unit:" + p.Unit}, draft: p.Status == StatusDraft})
	if err != nil {
		return err
	}
	return touch(ctx, tx, p.ID)
}

// newID is the id of a new plan: that of its number; units below a province add their code, because numbers repeat from unit to unit.
func (s *Service) newID(p *Plan, today civil.Date) string {
	name := p.Number
	if name == "" {
		name = "ke-hoach"
	}
	if u, ok := s.units.Near(p.Unit, today); ok && (u.Kind != org.Province || p.Number == "") {
		name += " " + u.Code
	}
	return NewPlanID(name, p.From)
}

// NewPlanID is the id that a plan gets from its number and year: "648-kh-ubnd-2021".
func NewPlanID(number string, from civil.Date) string {
	id := i18n.Slug(number)
	if from != civil.None {
		id += "-" + strconv.Itoa(from.Year())
	}
	if len(id) > 80 {
		id = id[len(id)-80:]
	}
	for len(id) > 0 && id[0] == '-' {
		id = id[1:]
	}
	return id
}

// draftTx reads a draft for a change by the actor whose form has version v.
func (s *Service) draftTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, v int) (*Plan, error) {
	p, roles, err := s.planTx(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if err := s.mayEdit(actor, p, roles, tx.Today()); err != nil {
		return nil, err
	}
	if p.Status != StatusDraft {
		return nil, errs.E(errs.Forbidden, "plan.issued_amend")
	}
	return p.Clone(), version(v, p.Version)
}

// FactsTx changes the facts of a draft: everything but its tasks. form's ID, Unit, Status and Tasks do not count.
func (s *Service) FactsTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, v int, form *Plan) error {
	p, err := s.draftTx(ctx, tx, actor, id, v)
	if err != nil {
		return err
	}
	before := facts(p)
	p.Number, p.TitleVI, p.TitleEN, p.Signed, p.Signer, p.SignerTitle = form.Number, form.TitleVI, form.TitleEN, form.Signed, form.Signer, form.SignerTitle
	p.From, p.To, p.RequestKinds, p.Motto, p.Basis, p.Cites = form.From, form.To, slices.Clone(form.RequestKinds), form.Motto, slices.Clone(form.Basis), slices.Clone(form.Cites)
	var l errs.List
	if CheckFacts(p, s.words(), &l); l.Err() != nil {
		return l.Err()
	}
	if err := savePlan(ctx, tx, p); err != nil {
		return err
	}
	return s.done(ctx, tx, actor, p, "plan.facts", i18n.M("plan.audit.facts", "number", p.Number), map[string]string{"before": before, "after": facts(p)})
}

// TaskTx adds a task to a draft or, where old names one, changes it. A new task goes before the task before, or to the end.
func (s *Service) TaskTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, v int, old string, t *Task, before string) error {
	p, err := s.draftTx(ctx, tx, actor, id, v)
	if err != nil {
		return err
	}
	t = t.Clone()
	var l errs.List
	CheckTask(t, s.words(), &l)
	if t.ID != old && p.TaskIndex(t.ID) >= 0 {
		l.Add("task", "plan.task.twice", "task", t.ID)
	}
	from := t.From
	if i := p.TaskIndex(old); i >= 0 {
		from = p.Tasks[i].From
	}
	if err := s.checkOwn(ctx, tx, p, t, from, &l); err != nil {
		return err
	}
	if err := l.Err(); err != nil {
		return err
	}
	var was *Task
	if old != "" {
		i := p.TaskIndex(old)
		if i < 0 {
			return errs.E(errs.NotFound, "plan.task.none")
		}
		was = p.Tasks[i]
		if slices.Equal(t.Acts, was.Acts) && slices.Equal(t.DutyKinds, was.DutyKinds) {
			t.Steps = was.Steps
		} else {
			t.Steps = StepsOf(t, s.law())
		}
		t.From = was.From
		p.Tasks[i] = t
	} else {
		t.Steps = StepsOf(t, s.law())
		at := len(p.Tasks)
		if i := p.TaskIndex(before); i >= 0 {
			at = i
		}
		p.Tasks = slices.Insert(p.Tasks, at, t)
	}
	if len(p.Tasks) > maxTasks {
		return errs.At("task", "plan.import.too_many_tasks", "n", maxTasks)
	}
	if err := s.saveDraft(ctx, tx, p); err != nil {
		return err
	}
	return s.done(ctx, tx, actor, p, "plan.task", i18n.M("plan.audit.task", "task", t.ID, "number", p.Number), map[string]*Task{"before": was, "after": t})
}

// DropTaskTx takes a task out of a draft.
func (s *Service) DropTaskTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, v int, task string) error {
	p, err := s.draftTx(ctx, tx, actor, id, v)
	if err != nil {
		return err
	}
	i := p.TaskIndex(task)
	if i < 0 {
		return errs.E(errs.NotFound, "plan.task.none")
	}
	was := p.Tasks[i]
	p.Tasks = slices.Delete(p.Tasks, i, i+1)
	if err := s.saveDraft(ctx, tx, p); err != nil {
		return err
	}
	return s.done(ctx, tx, actor, p, "plan.task.drop", i18n.M("plan.audit.task_drop", "task", task, "number", p.Number), was)
}

func (s *Service) saveDraft(ctx context.Context, tx *db.Tx, p *Plan) error {
	if err := savePlan(ctx, tx, p); err != nil {
		return err
	}
	return saveTasks(ctx, tx, p)
}

// DropDraftTx deletes a draft; an issued plan stays for ever.
func (s *Service) DropDraftTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, v int) error {
	p, err := s.draftTx(ctx, tx, actor, id, v)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM plan_task WHERE plan_id=$1`, id); err != nil {
		return err
	}
	if err := tx.Update(ctx, `DELETE FROM plan WHERE id=$1 AND version=$2`, id, p.Version); err != nil {
		return err
	}
	return s.done(ctx, tx, actor, p, "plan.drop", i18n.M("plan.audit.drop", "number", p.Number), p)
}

// PublicTx switches whether each unit's state per task is for everybody.
func (s *Service) PublicTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, v int, public bool) error {
	p, roles, err := s.planTx(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := s.mayEdit(actor, p, roles, tx.Today()); err != nil {
		return err
	}
	if err := version(v, p.Version); err != nil {
		return err
	}
	p = p.Clone()
	p.ProgressPublic = public
	if err := savePlan(ctx, tx, p); err != nil {
		return err
	}
	msg := i18n.M("plan.audit.hidden", "number", p.Number)
	if public {
		msg = i18n.M("plan.audit.public", "number", p.Number)
	}
	return s.done(ctx, tx, actor, p, "plan.public", msg, nil)
}

// SignedTx attaches the signed paper: file is the id of its attachment. Where the plan is a unit's own, made for a task of its superior (1.2), the
// paper is evidence of that task, and its signer confirms it.
func (s *Service) SignedTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, v int, file string, c Confirmation) error {
	p, roles, err := s.planTx(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := s.mayEdit(actor, p, roles, tx.Today()); err != nil {
		return err
	}
	if err := version(v, p.Version); err != nil {
		return err
	}
	p = p.Clone()
	p.File = file
	if err := savePlan(ctx, tx, p); err != nil {
		return err
	}
	if err := s.done(ctx, tx, actor, p, "plan.signed", i18n.M("plan.audit.signed", "number", p.Number), map[string]string{"file": file}); err != nil {
		return err
	}
	if p.Fulfils == "" || p.Status == StatusDraft {
		return nil
	}
	a, err := readAssignment(ctx, tx, p.Fulfils)
	if err != nil {
		return err
	}
	if c.Number == "" {
		c.Number = p.Number
	}
	if c.Day == civil.None {
		c.Day = p.Signed
	}
	_, t, _, err := s.subject(ctx, tx, a)
	if err != nil {
		return err
	}
	_, err = s.EvidenceTx(ctx, tx, actor, NewEvidence{Assignment: a.ID, Number: c.Number, Day: c.Day, Signer: c.Signer, File: file, Items: all(len(t.Evidence)), Confirm: &c})
	return err
}

func all(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
