package plan

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// ownPrefix begins the ids of the tasks that a unit adds to its own plan: R.1, R.2, …
const ownPrefix = "R."

// NextOwnID is the id of the next task that a unit adds to its own plan. Ids of tasks that amendments took away are not given again.
func NextOwnID(p *Plan, amendments []Amendment) string {
	last := 0
	see := func(id string) {
		if n, err := strconv.Atoi(strings.TrimPrefix(id, ownPrefix)); err == nil && strings.HasPrefix(id, ownPrefix) {
			last = max(last, n)
		}
	}
	for _, t := range p.Tasks {
		see(t.ID)
	}
	for _, a := range amendments {
		for _, c := range a.Changes {
			see(c.Task)
		}
	}
	return ownPrefix + strconv.Itoa(last+1)
}

// ordered are the task's days in their order, each once: as its occurrences have them.
func ordered(t *Task) []civil.Date {
	return slices.Compact(slices.Sorted(slices.Values(t.Days())))
}

// takeDays moves the task's days to those that the assignment has now: an extension or the superior's own day may have moved them.
func (t *Task) takeDays(a *Assignment) {
	days := ordered(t)
	switch len(days) {
	case 0:
		return
	case 1:
		if o := a.firstOpen(); o != nil && o.Due != civil.None {
			days[0] = o.Due
		}
	default:
		for _, o := range a.Occ {
			if o.Event == "" && o.Due != civil.None && o.Seq >= 1 && o.Seq <= len(days) {
				days[o.Seq-1] = o.Due
			}
		}
	}
	t.setDays(days)
}

func (t *Task) setDays(days []civil.Date) {
	t.Due, t.Dues = civil.None, nil
	if len(days) == 1 {
		t.Due = days[0]
		return
	}
	t.Dues = days
}

// CheckOwnDays adds what is wrong with the days that a unit gives to a task of its superior's: no day may be later than the superior's, and where the
// superior has several there is one for each, in order. The faults stand beside due, or beside due-1, due-2, … where there are several.
func CheckOwnDays(own, up *Task, l *errs.List) {
	asked := ordered(up)
	switch {
	case len(asked) == 0:
	case len(asked) == 1:
		for _, d := range own.Days() {
			if d > asked[0] {
				l.Add("due", "plan.own.later", "day", asked[0])
				return
			}
		}
	case len(own.Dues) != len(asked):
		l.Add("due-1", "plan.own.each_day", "n", len(asked))
	default:
		for i, d := range own.Dues {
			field := "due-" + strconv.Itoa(i+1)
			switch {
			case d == civil.None:
				l.Add(field, "plan.day_needed")
			case d > asked[i]:
				l.Add(field, "plan.own.later", "day", asked[i])
			case i > 0 && own.Dues[i-1] != civil.None && d <= own.Dues[i-1]:
				l.Add(field, "plan.own.order", "day", own.Dues[i-1])
			}
		}
	}
}

// checkOwn adds what is wrong with a task of a unit's own plan in the light of its superior's.
func (s *Service) checkOwn(ctx context.Context, tx *db.Tx, p *Plan, t *Task, from string, l *errs.List) error {
	if p.Parent == "" || from == "" {
		return nil
	}
	up, err := readPlan(ctx, tx, p.Parent)
	if err != nil {
		return err
	}
	asked, ok := up.Task(from)
	if !ok {
		return nil
	}
	asked = asked.Clone()
	id, err := superior(ctx, tx, p.Parent, from, p.Unit)
	if err != nil {
		return err
	}
	if id != "" {
		a, err := readAssignment(ctx, tx, id)
		if err != nil {
			return err
		}
		asked.takeDays(a)
	}
	CheckOwnDays(t, asked, l)
	return nil
}

// linkDays are the days of a task as a link stores them: the first, and all of them in JSON where they are several.
func linkDays(t *Task) (due civil.Date, days string) {
	list := ordered(t)
	if len(list) == 0 {
		return civil.None, ""
	}
	if len(list) > 1 {
		days = mustJSON(list)
	}
	return list[0], days
}

func readLinkDays(due civil.Date, days string) ([]civil.Date, error) {
	if days == "" {
		return []civil.Date{due}, nil
	}
	var out []civil.Date
	if err := json.Unmarshal([]byte(days), &out); err != nil {
		return nil, fmt.Errorf("plan: days of a link: %w", err)
	}
	return out, nil
}

// ownDay is the day of the unit's own plan for one of the superior's days, counted from 1.
func ownDay(days []civil.Date, seq int) civil.Date {
	if seq < 1 || seq > len(days) {
		return civil.None
	}
	return days[seq-1]
}

// linksOf are the days that the unit's own plan sets, by assignment.
func (s *Service) linksOf(ctx context.Context, unit string) (map[string][]civil.Date, error) {
	out := map[string][]civil.Date{}
	err := db.Each(ctx, s.db, func(rows *sql.Rows) (err error) {
		var id, days string
		var due civil.Date
		if err := rows.Scan(&id, &due, &days); err != nil {
			return err
		}
		out[id], err = readLinkDays(due, days)
		return err
	}, `SELECT assignment_id, due, days FROM plan_link WHERE unit_id=$1 AND due<>''`, unit)
	return out, err
}

// relinkTx brings the links of an own plan's changed tasks in line with its amendment. It returns the targets that need an assignment of their own.
func (s *Service) relinkTx(ctx context.Context, tx *db.Tx, n *Plan, changes []Change, targets []Target) ([]Target, error) {
	if n.Parent == "" {
		return targets, nil
	}
	touched := map[string]bool{}
	for _, c := range changes {
		touched[c.Task] = c.Task != ""
	}
	mine := slices.DeleteFunc(slices.Clone(targets), func(tg Target) bool { return !touched[tg.Task.ID] })
	bound := map[string]bool{}
	for _, tg := range mine {
		bound[tg.Task.ID+"\x00"+tg.Unit.ID] = true
	}
	var gone []string
	for id := range touched {
		if id == "" {
			continue
		}
		err := db.Each(ctx, tx, func(rows *sql.Rows) error {
			var a, unit string
			err := rows.Scan(&a, &unit)
			if !bound[id+"\x00"+unit] {
				gone = append(gone, id, a)
			}
			return err
		}, `SELECT assignment_id, unit_id FROM plan_link WHERE plan_id=$1 AND task_id=$2`, n.ID, id)
		if err != nil {
			return nil, err
		}
	}
	for x := range slices.Chunk(gone, 2) {
		if _, err := tx.Exec(ctx, `DELETE FROM plan_link WHERE plan_id=$1 AND task_id=$2 AND assignment_id=$3`, n.ID, x[0], x[1]); err != nil {
			return nil, err
		}
		if err := touch(ctx, tx, n.Parent, x[1]); err != nil {
			return nil, err
		}
	}
	rest, _, err := s.linked(ctx, tx, n, mine)
	return rest, err
}

// unlinked are the targets of a plan that have no assignment of the superior's plan to be linked with.
func unlinked(ctx context.Context, q db.Querier, p *Plan, targets []Target) ([]Target, error) {
	if p.Parent == "" {
		return targets, nil
	}
	var out []Target
	for _, tg := range targets {
		id, err := superior(ctx, q, p.Parent, tg.Task.From, tg.Unit.ID)
		if err != nil {
			return nil, err
		}
		if id == "" {
			out = append(out, tg)
		}
	}
	return out, nil
}

// renameTx gives the unit's own assignments of changed tasks to the person whom the amendment names.
func (s *Service) renameTx(ctx context.Context, tx *db.Tx, n *Plan, changes []Change) error {
	if n.Parent == "" {
		return nil
	}
	for _, c := range changes {
		if c.After == nil || c.Before != nil && c.Before.Person == c.After.Person && c.Before.Account == c.After.Account || c.Before == nil && c.After.Person == "" {
			continue
		}
		list, err := readAssignments(ctx, tx, `a.unit_id=$1 AND a.dropped='' AND (a.plan_id=$2 AND a.task_id=$3 OR a.id IN (SELECT k.assignment_id FROM plan_link k WHERE k.plan_id=$2 AND k.task_id=$3))`, n.Unit, n.ID, c.Task)
		if err != nil {
			return err
		}
		for _, a := range list {
			if err := tx.Update(ctx, `UPDATE assignment SET person=$3, account=$4, version=version+1 WHERE id=$1 AND version=$2`, a.ID, a.Version, c.After.Person, c.After.Account); err != nil {
				return err
			}
			if err := touch(ctx, tx, a.Plan, a.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
