package plan

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// Work is one line of a work list.
type Work struct {
	Assignment string
	Occurrence string // "" for a continuous task
	Plan       *Plan
	Task       *Task
	Unit       string
	State      State
	Event      string
	Due        civil.Date
	OwnDue     civil.Date // by the unit's own plan, where that is earlier
	Days       int        // late where overdue, left where there is a day ahead
	Done       civil.Date
	DaysLate   int
	Person     string
	Mine       bool // given to the actor
	Request    bool
	Records    int // of this month, for standing work
	place      int // of the task in its plan
}

// WorkList is what a unit has to do, prototype 06.
type WorkList struct {
	Unit     *org.Unit
	Day      civil.Date
	Overdue  []Work
	Week     []Work // in the next seven days, and what was returned
	Later    []Work
	Standing []Work // continuous tasks, with this month's records
	Events   []Work // tasks on an event of which none was stated
	Waiting  []Work // entered, and waits for the head's confirmation or a superior's consent
	Done     []Work // lately, at most five
	NotYet   int    // assignments not yet received
	Plans    []Progress
}

// Progress is how far a unit has come with a plan.
type Progress struct {
	Plan                        *Plan
	Done, Due, DoneDue, Overdue int
	NotYet                      int // assignments not yet received
}

// recentDays is how long what was done, and a plan that is over, stay on the work list.
const recentDays = 60

// WorkList is the work of a unit today, for those who do it: its own people, and for a village the people of its commune. Others get errs.NotFound.
func (s *Service) WorkList(ctx context.Context, actor access.Actor, unit string) (*WorkList, error) {
	today := s.clock.Today()
	tree := s.units.TreeOf(unit, today)
	u, ok := tree.ByID(unit)
	if !ok || !access.Allowed(actor, access.WriteRecord, tree.Place(unit)) {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	w, err := s.unitWork(ctx, unit, today)
	if err != nil {
		return nil, err
	}
	out := &WorkList{Unit: u, Day: today}
	progress := map[string]*Progress{}
	var order []string
	for _, a := range w.list {
		p := w.plans[a.Plan]
		place := p.TaskIndex(a.Task)
		if place < 0 {
			continue
		}
		t := p.Tasks[place]
		f := a.Facts(t, p.To, u.To)
		c := cellOf(a, t, p.To, u.To, today)
		pr := progress[p.ID]
		if pr == nil {
			pr = &Progress{Plan: p}
			progress[p.ID] = pr
			order = append(order, p.ID)
		}
		pr.add(&c)
		if c.State == NotApplicable {
			continue
		}
		if a.Received == civil.None {
			out.NotYet++
			pr.NotYet++
		}
		base := Work{Assignment: a.ID, Plan: p, Task: t, Unit: unit, Person: a.Person, Mine: a.Account != "" && a.Account == actor.ID, Request: a.Request, place: place}
		if a.NA == NAAsked {
			asked := base
			asked.State, asked.Due = c.State, c.Due
			out.Waiting = append(out.Waiting, asked)
		}
		if len(a.Occ) == 0 {
			if f.Recurs == Continuous && today <= p.To {
				base.State, base.Records = c.State, w.month[a.ID]
				out.Standing = append(out.Standing, base)
			} else if f.Recurs == OnEvent && today <= p.To {
				base.State = c.State
				out.Events = append(out.Events, base)
			}
			continue
		}
		for i := range a.Occ {
			base.OwnDue = ownDay(w.own[a.ID], a.Occ[i].Seq)
			out.put(base, &f, &a.Occ[i], today)
		}
	}
	for _, id := range order {
		out.Plans = append(out.Plans, *progress[id])
	}
	out.sort()
	return out, nil
}

func (p *Progress) add(c *Cell) {
	if c.counted.Done {
		p.Done++
	}
	if c.counted.Due {
		p.Due++
		if c.counted.Done {
			p.DoneDue++
		}
	}
	if c.counted.Overdue {
		p.Overdue++
	}
}

// put sorts an occurrence into the list.
func (l *WorkList) put(w Work, f *Facts, o *Occurrence, today civil.Date) {
	w.Occurrence, w.Event, w.Due, w.State, w.Done = o.ID, o.Event, o.Due, f.OccState(o, today), o.Done
	if !o.Open() {
		if today.Sub(o.Done) <= recentDays {
			if w.State == DoneLate {
				w.DaysLate = o.Done.Sub(o.Limit)
			}
			l.Done = append(l.Done, w)
		}
		return
	}
	if o.Returned && o.AnswerBy != civil.None {
		w.Due = o.AnswerBy
	}
	if w.OwnDue >= w.Due {
		w.OwnDue = civil.None
	}
	if w.Due != civil.None {
		w.Days = w.Due.Sub(today)
		if w.State == Overdue {
			w.Days = -w.Days
		}
	}
	if o.Begun && !o.Returned {
		l.Waiting = append(l.Waiting, w)
	}
	near := w.Due
	if w.OwnDue != civil.None {
		near = w.OwnDue
	}
	switch {
	case w.State == Overdue:
		l.Overdue = append(l.Overdue, w)
	case w.State == Returned, near != civil.None && near.Sub(today) <= 7:
		l.Week = append(l.Week, w)
	default:
		l.Later = append(l.Later, w)
	}
}

func (l *WorkList) sort() {
	byDue := func(a, b Work) int {
		return cmp.Or(strings.Compare(late(a.Due), late(b.Due)), taskOrder(a, b), strings.Compare(a.Occurrence, b.Occurrence))
	}
	for _, list := range [][]Work{l.Overdue, l.Week, l.Later, l.Waiting} {
		slices.SortFunc(list, byDue)
	}
	slices.SortFunc(l.Standing, taskOrder)
	slices.SortFunc(l.Events, taskOrder)
	slices.SortFunc(l.Done, func(a, b Work) int { return cmp.Or(strings.Compare(string(b.Done), string(a.Done)), taskOrder(a, b)) })
	l.Done = l.Done[:min(5, len(l.Done))]
}

func late(d civil.Date) string {
	if d == civil.None {
		return "~" // after all days
	}
	return string(d)
}

func taskOrder(a, b Work) int {
	return cmp.Or(strings.Compare(a.Plan.ID, b.Plan.ID), a.place-b.place)
}

// workOf are a unit's assignments under plans in force or lately over, with their occurrences and plans.
func (s *Service) workOf(ctx context.Context, unit string, today civil.Date) ([]*Assignment, map[string]*Plan, error) {
	list, err := readAssignments(ctx, s.db, `a.unit_id=$1 AND a.dropped='' AND a.plan_id IN (SELECT p.id FROM plan p WHERE p.status='issued' AND p.to_day>=$2)`, unit, today.Add(-recentDays))
	if err != nil {
		return nil, nil, err
	}
	if err := s.lock(ctx); err != nil {
		return nil, nil, err
	}
	defer s.kept.mu.Unlock()
	plans := map[string]*Plan{}
	for _, a := range list {
		if plans[a.Plan] == nil {
			if plans[a.Plan], err = s.planLocked(ctx, a.Plan); err != nil {
				return nil, nil, err
			}
		}
	}
	return list, plans, nil
}

// monthOf counts the evidence of a unit's assignments in the month of a day.
func (s *Service) monthOf(ctx context.Context, unit string, today civil.Date) (map[string]int, error) {
	first := today.Add(1 - today.Day())
	out := map[string]int{}
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var id string
		var n int
		err := rows.Scan(&id, &n)
		out[id] = n
		return err
	}, `SELECT assignment_id, COUNT(*) FROM evidence WHERE unit_id=$1 AND day>=$2 AND day<=$3 AND counts=1 AND withdrawn='' GROUP BY assignment_id`, unit, first, today)
	return out, err
}
