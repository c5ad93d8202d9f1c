package plan

import (
	"slices"

	"dinh/internal/civil"
)

// State is the state of a cell of the board: one assignment, or one occurrence of it.
type State string

// The states, as the API names them.
const (
	NotReceived   State = "not_received"
	Received      State = "received"
	Doing         State = "doing"
	DueSoon       State = "due_soon"
	Overdue       State = "overdue"
	Returned      State = "returned"
	Done          State = "done"
	DoneLate      State = "done_late"
	EnteredLate   State = "entered_late"
	NoEvent       State = "no_event"
	Quiet         State = "quiet"
	NotApplicable State = "not_applicable"
)

// States lists all states, the worst open ones first.
var States = []State{Overdue, Returned, DueSoon, NotReceived, Received, Doing, NoEvent, Quiet, DoneLate, EnteredLate, Done, NotApplicable}

// soonDays is how long before its last day an open occurrence is shown as due soon; quietDays is how long without a record a continuous
// task goes quiet. Both are the house's own (design section 6, architecture section 5), not the law's.
const (
	soonDays  = 3
	quietDays = 90
)

// NA says whether and how an assignment was found not to apply.
type NA string

// By rule: the law or the plan exempts the unit. Asked: the unit gave a reason and waits for its superior's consent.
const (
	NANo     NA = ""
	NARule   NA = "rule"
	NAAsked  NA = "asked"
	NAAgreed NA = "agreed"
)

// Facts are what the state of an assignment follows from.
type Facts struct {
	Request  bool // only requested: never overdue, never soon
	NA       NA
	Recurs   string     // the task's rhythm, where it names no day
	Given    civil.Date // the day from which the unit had the task
	Received civil.Date // None: not yet received
	Last     civil.Date // day of the last record, for continuous tasks
	PlanEnd  civil.Date // the plan's last day: a continuous task goes no quieter after it
	UnitEnd  civil.Date // the unit's last day: nothing gets late after it; None where the unit lives
	Occ      []Occurrence
}

// asOf is the day on which to judge: not after the unit's last day.
func (f *Facts) asOf(today civil.Date) civil.Date {
	if f.UnitEnd != civil.None && f.UnitEnd < today {
		return f.UnitEnd
	}
	return today
}

// enteredLate reports whether the unit had the task only after the occurrence's last day.
func (f *Facts) enteredLate(o *Occurrence) bool {
	return o.Limit != civil.None && f.Given != civil.None && f.Given > o.Limit
}

// Result is how a closed occurrence ended: done, done_late or entered_late. A request only has done.
func (f *Facts) Result(o *Occurrence) State {
	switch {
	case f.Request:
		return Done
	case f.enteredLate(o):
		return EnteredLate
	case o.Limit != civil.None && o.Done > o.Limit:
		return DoneLate
	}
	return Done
}

// OccState is the state of one occurrence on a day.
func (f *Facts) OccState(o *Occurrence, today civil.Date) State {
	if f.NA == NARule || f.NA == NAAgreed {
		return NotApplicable
	}
	if !o.Open() {
		return f.Result(o)
	}
	day := f.asOf(today)
	if o.Returned {
		if !f.Request && o.AnswerBy != civil.None && day > o.AnswerBy {
			return Overdue
		}
		return Returned
	}
	if !f.Request && o.Due != civil.None {
		if day > o.Due {
			if f.enteredLate(o) {
				return EnteredLate
			}
			return Overdue
		}
		if o.Due.Sub(day) <= soonDays {
			return DueSoon
		}
	}
	switch {
	case o.Begun:
		return Doing
	case f.Received == civil.None:
		return NotReceived
	}
	return Received
}

// rank orders the states of open occurrences, the worst lowest. What has merely not begun and what has begun rank alike: there the
// occurrence that falls due first speaks.
func rank(s State) int {
	if s == Doing {
		s = Received
	}
	if i := slices.Index(worstFirst, s); i >= 0 {
		return i
	}
	return len(worstFirst) // entered_late: open, but nothing that presses
}

var worstFirst = []State{Overdue, Returned, DueSoon, NotReceived, Received}

// CellState is the state of an assignment on a day: its worst open occurrence; without one its last result; without any occurrence
// whether it was received, no event was stated, or it has gone quiet.
func CellState(f *Facts, today civil.Date) State {
	if f.NA == NARule || f.NA == NAAgreed {
		return NotApplicable
	}
	var worst, last State
	var worstDue, lastDue civil.Date
	for i := range f.Occ {
		o := &f.Occ[i]
		s := f.OccState(o, today)
		if o.Open() {
			if worst == "" || rank(s) < rank(worst) || rank(s) == rank(worst) && o.Due < worstDue {
				worst, worstDue = s, o.Due
			}
			continue
		}
		// The last result is that of the latest day, an event without a day counting by the day it was done.
		day := o.Due
		if day == civil.None {
			day = o.Done
		}
		if last == "" || day >= lastDue {
			last, lastDue = s, day
		}
	}
	switch {
	case worst != "":
		return worst
	case last != "":
		return last
	case f.Recurs == Continuous:
		return f.continuous(today)
	case f.Received == civil.None:
		return NotReceived
	case f.Recurs == OnEvent:
		return NoEvent
	}
	return Received
}

// continuous is the state of a task that goes on all the time and has no occurrence.
func (f *Facts) continuous(today civil.Date) State {
	if f.Received == civil.None && f.Last == civil.None {
		return NotReceived
	}
	day := f.asOf(today)
	if f.PlanEnd != civil.None && f.PlanEnd < day {
		day = f.PlanEnd
	}
	since := f.Last
	if since == civil.None {
		since = max(f.Received, f.Given)
	}
	if day.Sub(since) > quietDays {
		return Quiet
	}
	if f.Last != civil.None {
		return Doing
	}
	return Received
}

// Counted says how a cell counts in the sums of the board.
type Counted struct{ Done, Due, Overdue bool }

// Count is how the assignment counts on a day: done where its state is done, done_late or entered_late; due where a last day of it has passed or is
// today (requests and what does not apply are left out); overdue where its state is overdue.
func Count(f *Facts, state State, today civil.Date) Counted {
	c := Counted{Overdue: state == Overdue}
	c.Done = state == Done || state == DoneLate || state == EnteredLate
	if f.Request || state == NotApplicable {
		return c
	}
	for i := range f.Occ {
		if d := f.Occ[i].Due; d != civil.None && d <= today {
			c.Due = true
			break
		}
	}
	return c
}

// NextDue is the nearest last day of an open occurrence, None where there is none.
func (f *Facts) NextDue() civil.Date {
	next := civil.None
	for i := range f.Occ {
		if o := &f.Occ[i]; o.Open() && o.Due != civil.None && (next == civil.None || o.Due < next) {
			next = o.Due
		}
	}
	return next
}
