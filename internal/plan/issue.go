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

// PreviewIssue says what issuing a draft would bind and what a person should look at before.
func (s *Service) PreviewIssue(ctx context.Context, actor access.Actor, id string) (*Preview, error) {
	p, roles, err := s.pair(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.mayEdit(actor, p, roles, s.clock.Today()); err != nil {
		return nil, err
	}
	out := s.preview(p, roles)
	out.Differences = append(s.ended(p), out.Differences...)
	out.Warnings = warnings(p, map[string]int{})
	return out, nil
}

// Issued is what issuing a plan made.
type Issued struct {
	Assignments, Units, Links int
	Differences               []Difference
}

// IssueTx issues a draft: its addressees resolve on the signing day and get their assignments. Differences do not stop it.
func (s *Service) IssueTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, v int) (*Issued, error) {
	p, err := s.draftTx(ctx, tx, actor, id, v)
	if err != nil {
		return nil, err
	}
	if err := s.issuable(p, tx.Today()); err != nil {
		return nil, err
	}
	tree := s.units.On(p.Signed)
	if _, ok := tree.ByID(p.Unit); !ok {
		return nil, errs.At("signed", "plan.issue.no_issuer", "signed", p.Signed)
	}
	roles, err := readRoles(ctx, tx, s.province(p.Unit, p.Signed))
	if err != nil {
		return nil, err
	}
	targets, diffs := Resolve(p, tree, roles, s.law())
	if len(targets) == 0 {
		return nil, errs.At("task", "plan.issue.nobody")
	}
	p.Status, p.Issued = StatusIssued, tx.Today()
	if err := savePlan(ctx, tx, p); err != nil {
		return nil, err
	}
	out := &Issued{Differences: diffs}
	targets, links, err := s.linked(ctx, tx, p, targets)
	if err != nil {
		return nil, err
	}
	list := make([]*Assignment, len(targets))
	units := map[string]bool{}
	for i, tg := range targets {
		list[i] = newAssignment(tx, p, tg, p.Signed)
		units[tg.Unit.ID] = true
	}
	// Units that came between the signing day and today have had the plan since they began.
	if tx.Today() > p.Signed && tx.Today() <= p.To {
		have := map[string]bool{}
		for _, tg := range targets {
			have[tg.Task.ID+"\x00"+tg.Unit.ID] = true
		}
		for _, tg := range s.newcomers(p, s.units.On(tx.Today())) {
			if have[tg.Task.ID+"\x00"+tg.Unit.ID] || tg.Unit.From <= p.Signed {
				continue
			}
			list = append(list, newAssignment(tx, p, tg, tg.Unit.From))
			units[tg.Unit.ID] = true
		}
	}
	if err := insertAssignments(ctx, tx, list); err != nil {
		return nil, err
	}
	if err := s.findableTx(ctx, tx, p, nil); err != nil {
		return nil, err
	}
	out.Assignments, out.Units, out.Links = len(list), len(units), links
	details := map[string]any{"assignments": len(list), "units": len(units), "links": links, "signed": p.Signed, "signer": p.Signer}
	return out, s.done(ctx, tx, actor, p, "plan.issue", i18n.M("plan.audit.issue", "number", p.Number, "units", len(units), "n", len(list)), details)
}

// issuable gathers what a draft lacks before it can be issued.
func (s *Service) issuable(p *Plan, today civil.Date) error {
	var l errs.List
	if p.Number == "" {
		l.Add("number", "plan.needed")
	}
	if p.Signed == civil.None {
		l.Add("signed", "plan.day_needed")
	} else if p.Signed > today {
		l.Add("signed", "plan.day_ahead", "today", today)
	}
	text(&l, "signer", p.Signer, true, 200)
	if len(p.Tasks) == 0 {
		l.Add("task", "plan.no_tasks")
	}
	if err := l.Err(); err != nil {
		return err
	}
	return s.check(p)
}

// newAssignment is the assignment of a target that has the task since a day, with its occurrences.
func newAssignment(tx *db.Tx, p *Plan, tg Target, given civil.Date) *Assignment {
	a := &Assignment{ID: tx.NewID(), Plan: p.ID, Task: tg.Task.ID, Unit: tg.Unit.ID, Request: tg.Request, Given: given, Version: 1}
	if !tg.Exempt.IsZero() {
		a.NA, a.NARule = NARule, tg.Exempt
	}
	if tg.Unit.ID == p.Unit {
		a.Person, a.Account = tg.Task.Person, tg.Task.Account
	}
	for _, d := range Occurrences(tg.Task, p.From, p.To) {
		a.Occ = append(a.Occ, Occurrence{ID: tx.NewID(), Assignment: a.ID, Seq: d.Seq, Due: d.Day, Limit: d.Day, Version: 1})
	}
	return a
}

// newcomers are the targets of a plan over a later day's tree: by kind alone, for units named singly or by role are resolved on the signing day.
func (s *Service) newcomers(p *Plan, tree *org.Tree) []Target {
	q := p.Clone()
	for _, t := range q.Tasks {
		t.ToUnits, t.ToRoles = nil, nil
	}
	if _, ok := tree.ByID(p.Unit); !ok {
		return nil
	}
	targets, _ := Resolve(q, tree, nil, s.law())
	for i := range targets {
		targets[i].Task, _ = p.Task(targets[i].Task.ID)
	}
	return targets
}

// CatchUpTx brings an issued plan in line with today's units: those that came since get their assignments from today on ("entered late" where the day has
// passed), roles that were vacant and are filled now theirs; units that have become exempt, or are so no longer, change accordingly where they have
// done nothing yet. It returns how many assignments were made or changed.
func (s *Service) CatchUpTx(ctx context.Context, tx *db.Tx, id string) (int, error) {
	p, err := readPlan(ctx, tx, id)
	if err != nil || p.Status != StatusIssued || tx.Today() > p.To {
		return 0, err
	}
	roles, err := readRoles(ctx, tx, s.province(p.Unit, tx.Today()))
	if err != nil {
		return 0, err
	}
	list, err := readAssignments(ctx, tx, `a.plan_id=$1`, id)
	if err != nil {
		return 0, err
	}
	have := make(map[string]*Assignment, len(list))
	for _, a := range list {
		have[a.Task+"\x00"+a.Unit] = a
	}
	targets := s.newcomers(p, s.units.On(tx.Today()))
	byRole, _ := Resolve(p, s.units.On(p.Signed), roles, s.law())
	for _, tg := range byRole {
		if len(tg.Task.ToRoles) > 0 {
			targets = append(targets, tg)
		}
	}
	targets, _, err = s.linked(ctx, tx, p, targets)
	if err != nil {
		return 0, err
	}
	var fresh []*Assignment
	var changed []string
	isFresh := map[*Assignment]bool{}
	for _, tg := range targets {
		key := tg.Task.ID + "\x00" + tg.Unit.ID
		a := have[key]
		if a == nil {
			a = newAssignment(tx, p, tg, tx.Today())
			have[key], isFresh[a] = a, true
			fresh = append(fresh, a)
			changed = append(changed, a.ID)
			continue
		}
		if a.Dropped != civil.None || isFresh[a] || !s.reconsider(a, tg, tx.Today()) {
			continue
		}
		w := work{Assignment: a, plan: p, task: tg.Task}
		if err := w.save(ctx, tx); err != nil {
			return 0, err
		}
		kind := StepNARule
		if a.NA == NANo {
			kind = StepNAOver
		}
		if err := insertSteps(ctx, tx, access.System, Step{Assignment: a.ID, Unit: a.Unit, Kind: kind}); err != nil {
			return 0, err
		}
		changed = append(changed, a.ID)
	}
	if len(changed) == 0 {
		return 0, nil
	}
	if err := insertAssignments(ctx, tx, fresh); err != nil {
		return 0, err
	}
	err = record(ctx, tx, access.System, entry{
		action: "plan.catch_up", unit: p.Unit, kind: "plan", subject: p.ID, msg: i18n.M("plan.audit.catch_up", "number", p.Number, "n", len(changed)),
		details: map[string]int{"new": len(fresh), "changed": len(changed) - len(fresh)}, touches: []string{"plan:" + p.ID},
	})
	if err != nil {
		return 0, err
	}
	return len(changed), touch(ctx, tx, p.ID, changed...)
}

// reconsider changes whether an assignment applies by rule, where nothing was done about it yet.
func (s *Service) reconsider(a *Assignment, tg Target, today civil.Date) bool {
	if slices.ContainsFunc(a.Occ, func(o Occurrence) bool { return o.Begun || o.Done != civil.None }) || a.Last != civil.None {
		return false
	}
	switch {
	case a.NA == NANo && !tg.Exempt.IsZero():
		a.NA, a.NARule = NARule, tg.Exempt
	case a.NA == NARule && tg.Exempt.IsZero():
		a.NA, a.NARule, a.Given = NANo, i18n.Msg{}, today
	default:
		return false
	}
	return true
}

// CatchUp runs CatchUpTx for all plans in force. Run it daily, and after changes of units.
func (s *Service) CatchUp(ctx context.Context) (int, error) {
	ids, err := s.running(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, id := range ids {
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			n, err := s.CatchUpTx(ctx, tx, id)
			total += n
			return err
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// running are the ids of the plans that are issued and not over.
func (s *Service) running(ctx context.Context) ([]string, error) {
	var out []string
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	}, `SELECT id FROM plan WHERE status=$1 AND to_day>=$2 ORDER BY id`, string(StatusIssued), s.clock.Today())
	return out, err
}
