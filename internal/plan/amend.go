package plan

import (
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
)

// Amendment is a numbered change of an issued plan.
type Amendment struct {
	ID, Plan  string
	Number    string
	Day       civil.Date // of the paper
	Reason    string
	Changes   []Change
	Moved     int // open occurrences that got another day
	Given     int // assignments made
	Dropped   int // assignments taken away
	Kept      int // occurrences that were done and stay
	Actor     string
	ActorName string
	At        int64 // microseconds
}

// Amend changes an issued plan.
type Amend struct {
	Plan    string
	Version int
	Number  string
	Day     civil.Date
	Reason  string
	Set     []*Task  // tasks added or changed, by id
	Drop    []string // tasks that are no more
	Facts   *Plan    // not nil: title, motto, basis, cites and last day as in the form
	File    string   // id of the signed amendment's attachment
}

// amended is the plan as the amendment makes it, and what that changes.
func (s *Service) amended(p *Plan, c Amend) (*Plan, []Change, error) {
	n := p.Clone()
	var l errs.List
	if f := c.Facts; f != nil {
		n.TitleVI, n.TitleEN, n.Motto, n.To = f.TitleVI, f.TitleEN, f.Motto, f.To
		n.Basis, n.Cites = slices.Clone(f.Basis), slices.Clone(f.Cites)
		CheckFacts(n, s.words(), &l)
	}
	for _, id := range c.Drop {
		i := n.TaskIndex(id)
		if i < 0 {
			l.Add("drop", "plan.task.none")
			continue
		}
		n.Tasks = slices.Delete(n.Tasks, i, i+1)
	}
	for _, t := range c.Set {
		t = t.Clone()
		CheckTask(t, s.words(), &l)
		was, ok := p.Task(t.ID)
		if !ok {
			t.Steps = StepsOf(t, s.law())
			n.Tasks = append(n.Tasks, t)
			continue
		}
		t.From, t.Steps = was.From, was.Steps
		if !slices.Equal(t.Acts, was.Acts) || !slices.Equal(t.DutyKinds, was.DutyKinds) {
			t.Steps = StepsOf(t, s.law())
		}
		if i := n.TaskIndex(t.ID); i >= 0 {
			n.Tasks[i] = t
		} else {
			l.Add("drop", "plan.amend.both", "task", t.ID)
		}
	}
	if len(n.Tasks) == 0 {
		l.Add("task", "plan.no_tasks")
	}
	if err := l.Err(); err != nil {
		return nil, nil, err
	}
	ch := Changes(p, n)
	if len(ch) == 0 {
		return nil, nil, errs.At("", "plan.amend.nothing")
	}
	return n, ch, nil
}

// PreviewAmend says what an amendment would change, without changing anything: the fields before and after, and how many assignments and open days.
func (s *Service) PreviewAmend(ctx context.Context, actor access.Actor, c Amend) (*Amendment, []Difference, error) {
	p, roles, err := s.pair(ctx, c.Plan)
	if err != nil {
		return nil, nil, err
	}
	if err := s.mayEdit(actor, p, roles, s.clock.Today()); err != nil {
		return nil, nil, err
	}
	n, changes, err := s.amended(p, c)
	if err != nil {
		return nil, nil, err
	}
	list, err := readAssignments(ctx, s.db, `a.plan_id=$1`, p.ID)
	if err != nil {
		return nil, nil, err
	}
	targets, diffs := s.amendTargets(n, roles, c.day(s.clock.Today()))
	if targets, err = unlinked(ctx, s.db, n, targets); err != nil {
		return nil, nil, err
	}
	w := s.reshape(n, p, changes, list, targets, c.day(s.clock.Today()), func() string { return "" })
	return &Amendment{Plan: p.ID, Number: c.Number, Day: c.Day, Reason: c.Reason, Changes: changes, Moved: len(w.moved) + len(w.added), Given: len(w.fresh), Dropped: len(w.dropped), Kept: w.kept}, diffs, nil
}

func (c Amend) day(today civil.Date) civil.Date {
	if c.Day == civil.None {
		return today
	}
	return c.Day
}

func (s *Service) amendTargets(n *Plan, roles []Role, day civil.Date) ([]Target, []Difference) {
	tree := s.units.On(day)
	if _, ok := tree.ByID(n.Unit); !ok {
		tree = s.units.On(n.Signed)
	}
	return Resolve(n, tree, roles, s.law())
}

// reshaping is what an amendment does to assignments and occurrences.
type reshaping struct {
	fresh   []*Assignment
	dropped []*Assignment
	revived []*Assignment // taken away before, and given again
	moved   []*Occurrence // with their new days
	before  map[string]civil.Date
	added   []Occurrence // further days of assignments that stay
	gone    []*Occurrence
	changed map[string]bool // ids of assignments
	kept    int
}

// reshape works out what becomes of the assignments: addressees that are new get theirs from the amendment's day, those that are none any more lose
// theirs unless they have done it; open occurrences take the new days, done ones stay.
func (s *Service) reshape(n, old *Plan, changes []Change, list []*Assignment, targets []Target, day civil.Date, newID func() string) *reshaping {
	w := &reshaping{before: map[string]civil.Date{}, changed: map[string]bool{}}
	touched := map[string]bool{}
	all := n.To != old.To
	for _, c := range changes {
		touched[c.Task] = true
	}
	have := map[string]*Assignment{}
	for _, a := range list {
		have[a.Task+"\x00"+a.Unit] = a
	}
	bound := map[string]bool{}
	for _, tg := range targets {
		key := tg.Task.ID + "\x00" + tg.Unit.ID
		bound[key] = true
		if a := have[key]; a != nil && a.Dropped != civil.None && touched[tg.Task.ID] {
			a.Dropped = civil.None
			w.revived = append(w.revived, a)
			w.changed[a.ID] = true
		}
		if have[key] == nil && touched[tg.Task.ID] {
			a := &Assignment{ID: newID(), Plan: n.ID, Task: tg.Task.ID, Unit: tg.Unit.ID, Request: tg.Request, Given: day, Version: 1}
			if !tg.Exempt.IsZero() {
				a.NA, a.NARule = NARule, tg.Exempt
			}
			for _, d := range Occurrences(tg.Task, n.From, n.To) {
				a.Occ = append(a.Occ, Occurrence{ID: newID(), Assignment: a.ID, Seq: d.Seq, Due: d.Day, Limit: d.Day, Version: 1})
			}
			w.fresh = append(w.fresh, a)
		}
	}
	for _, a := range list {
		if a.Dropped != civil.None || !touched[a.Task] && !all {
			continue
		}
		t, ok := n.Task(a.Task)
		if !ok || touched[a.Task] && !bound[a.Task+"\x00"+a.Unit] && s.addresseesDiffer(old, t) {
			if slices.ContainsFunc(a.Occ, func(o Occurrence) bool { return !o.Open() }) && ok {
				w.kept++
				continue
			}
			a.Dropped = day
			w.dropped = append(w.dropped, a)
			w.changed[a.ID] = true
			continue
		}
		w.reshapeOne(a, t, n, day, newID)
	}
	return w
}

// addresseesDiffer reports whether the task speaks to others than before; otherwise a unit that merely is no longer there keeps its assignment.
func (s *Service) addresseesDiffer(old *Plan, t *Task) bool {
	was, ok := old.Task(t.ID)
	return !ok || !slices.Equal(was.To, t.To) || !slices.Equal(was.ToUnits, t.ToUnits) || !slices.Equal(was.ToRoles, t.ToRoles) || was.OnlyIf != t.OnlyIf
}

func (w *reshaping) reshapeOne(a *Assignment, t *Task, n *Plan, day civil.Date, newID func() string) {
	days := Occurrences(t, n.From, n.To)
	seen := map[int]bool{}
	for i := range a.Occ {
		o := &a.Occ[i]
		if o.Event != "" {
			continue
		}
		seen[o.Seq] = true
		j := slices.IndexFunc(days, func(d Due) bool { return d.Seq == o.Seq })
		switch {
		case !o.Open():
			w.kept++
		case j < 0 && !o.Begun:
			w.gone = append(w.gone, o)
			w.changed[a.ID] = true
		case j >= 0 && days[j].Day != o.Due:
			w.before[o.ID] = o.Due
			o.move(days[j].Day, day)
			w.moved = append(w.moved, o)
			w.changed[a.ID] = true
		}
	}
	for _, d := range days {
		if !seen[d.Seq] {
			w.added = append(w.added, Occurrence{ID: newID(), Assignment: a.ID, Seq: d.Seq, Due: d.Day, Limit: d.Day, Version: 1})
			w.changed[a.ID] = true
		}
	}
}

// AmendTx amends an issued plan by a paper with number, day and reason. What was before stays in the amendment; open occurrences move, done ones are kept.
func (s *Service) AmendTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Amend) (*Amendment, error) {
	p, roles, err := s.planTx(ctx, tx, c.Plan)
	if err != nil {
		return nil, err
	}
	if err := s.mayEdit(actor, p, roles, tx.Today()); err != nil {
		return nil, err
	}
	if p.Status != StatusIssued {
		return nil, errs.E(errs.Conflict, "plan.amend.draft")
	}
	if err := version(c.Version, p.Version); err != nil {
		return nil, err
	}
	var l errs.List
	c.Number, c.Reason = strings.TrimSpace(c.Number), strings.TrimSpace(c.Reason)
	text(&l, "number", c.Number, true, 100)
	pastDay(&l, "day", c.Day, tx.Today())
	if c.Day != civil.None && c.Day < p.Signed {
		l.Add("day", "plan.receive.before_signed", "signed", p.Signed)
	}
	text(&l, "reason", c.Reason, true, 2000)
	for _, t := range c.Set {
		from := t.From
		if was, ok := p.Task(t.ID); ok {
			from = was.From
		}
		if err := s.checkOwn(ctx, tx, p, t, from, &l); err != nil {
			return nil, err
		}
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	n, changes, err := s.amended(p, c)
	if err != nil {
		return nil, err
	}
	list, err := readAssignments(ctx, tx, `a.plan_id=$1`, p.ID)
	if err != nil {
		return nil, err
	}
	targets, _ := s.amendTargets(n, roles, c.Day)
	if targets, err = s.relinkTx(ctx, tx, n, changes, targets); err != nil {
		return nil, err
	}
	w := s.reshape(n, p, changes, list, targets, c.Day, tx.NewID)
	if err := w.store(ctx, tx, actor, p, c); err != nil {
		return nil, err
	}
	if err := s.renameTx(ctx, tx, n, changes); err != nil {
		return nil, err
	}
	if err := s.saveDraft(ctx, tx, n); err != nil {
		return nil, err
	}
	if err := s.findableTx(ctx, tx, n, p); err != nil {
		return nil, err
	}
	out := &Amendment{
		ID: tx.NewID(), Plan: p.ID, Number: c.Number, Day: c.Day, Reason: c.Reason, Changes: changes, Moved: len(w.moved) + len(w.added), Given: len(w.fresh),
		Dropped: len(w.dropped), Kept: w.kept, Actor: actor.ID, ActorName: actor.Name, At: db.Micros(tx.Now()),
	}
	_, err = tx.Exec(ctx, `INSERT INTO plan_amendment(id,plan_id,number,day,reason,doc,actor,actor_name,at) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		out.ID, out.Plan, out.Number, out.Day, out.Reason, mustJSON(out), out.Actor, out.ActorName, out.At)
	if err != nil {
		return nil, err
	}
	return out, s.done(ctx, tx, actor, n, "plan.amend", i18n.M("plan.audit.amend", "number", p.Number, "by", c.Number), out)
}

func (w *reshaping) store(ctx context.Context, tx *db.Tx, actor access.Actor, p *Plan, c Amend) error {
	for _, a := range w.dropped {
		if err := tx.Update(ctx, `UPDATE assignment SET dropped=$3, version=version+1 WHERE id=$1 AND version=$2`, a.ID, a.Version, a.Dropped); err != nil {
			return err
		}
	}
	for _, a := range w.revived {
		if err := tx.Update(ctx, `UPDATE assignment SET dropped='', version=version+1 WHERE id=$1 AND version=$2`, a.ID, a.Version); err != nil {
			return err
		}
	}
	for _, o := range w.gone {
		if err := tx.Update(ctx, `DELETE FROM occurrence WHERE id=$1 AND version=$2`, o.ID, o.Version); err != nil {
			return err
		}
	}
	unit := map[string]string{}
	err := db.Each(ctx, tx, func(rows *sql.Rows) error {
		var id, u string
		err := rows.Scan(&id, &u)
		unit[id] = u
		return err
	}, `SELECT id, unit_id FROM assignment WHERE plan_id=$1`, p.ID)
	if err != nil {
		return err
	}
	steps := make([]Step, 0, len(w.moved))
	for _, o := range w.moved {
		if err := saveOcc(ctx, tx, o); err != nil {
			return err
		}
		steps = append(steps, Step{Assignment: o.Assignment, Unit: unit[o.Assignment], Occurrence: o.ID, Kind: StepMoved, Day: c.Day, Reason: c.Number, Before: w.before[o.ID], After: o.Due})
	}
	if err := insertSteps(ctx, tx, actor, steps...); err != nil {
		return err
	}
	err = insertAll(ctx, tx, `INSERT INTO occurrence(id,assignment_id,plan_id,unit_id,seq,event,due,limit_day)`, 8, len(w.added), func(i int) []any {
		o := w.added[i]
		return []any{o.ID, o.Assignment, p.ID, unit[o.Assignment], o.Seq, "", o.Due, o.Limit}
	})
	if err != nil {
		return err
	}
	return insertAssignments(ctx, tx, w.fresh)
}

// Amendments lists a plan's amendments, oldest first, with what each changed.
func (s *Service) Amendments(ctx context.Context, id string) ([]Amendment, error) {
	var out []Amendment
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		var a Amendment
		err := json.Unmarshal([]byte(doc), &a)
		out = append(out, a)
		return err
	}, `SELECT doc FROM plan_amendment WHERE plan_id=$1 ORDER BY at, id`, id)
	return out, err
}
