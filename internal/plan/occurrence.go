package plan

import (
	"slices"

	"dinh/internal/civil"
)

// Occurrence is one time that an assignment falls due, or one event of it.
type Occurrence struct {
	ID         string
	Assignment string
	Seq        int
	Event      string     // what happened, for a task on an event; "" otherwise
	Due        civil.Date // the last day that is now asked; None for an event without one
	Limit      civil.Date // the last day that still counts as in time: an extension after the day has passed moves Due alone
	Begun      bool       // there is evidence, or a person was named for it
	Done       civil.Date // the day the thing was done (the paper's date); None while open
	Entered    civil.Date // the day its confirmation was entered
	Kept       bool       // ended as "rà soát, giữ nguyên"
	Returned   bool       // a superior asked for supplements that have not come
	AnswerBy   civil.Date // the last day for the supplements, if one was set
	Version    int
}

// Open reports whether the occurrence is still to be done.
func (o *Occurrence) Open() bool { return o.Done == civil.None || o.Returned }

// Due is a last day that a task gives to each of its addressees.
type Due struct {
	Seq int
	Day civil.Date
}

// midYear is the end of the first half year of the civil year.
func midYear(year int) civil.Date { d, _ := civil.New(year, 6, 30); return d }

// Occurrences lists the last days of a task under a plan that runs from one day to another: a day gives exactly one, several days one
// each in order, half-yearly 30 June and the plan's last day, yearly the last day; on-event and continuous tasks none.
func Occurrences(t *Task, from, to civil.Date) []Due {
	var days []civil.Date
	switch {
	case len(t.Days()) > 0:
		days = slices.Sorted(slices.Values(t.Days()))
		days = slices.Compact(days)
	case t.Recurs == HalfYearly:
		for y := from.Year(); y <= to.Year(); y++ {
			if mid := midYear(y); mid >= from && mid < to {
				days = append(days, mid)
			}
		}
		days = append(days, to)
	case t.Recurs == Yearly:
		days = []civil.Date{to}
	}
	out := make([]Due, len(days))
	for i, d := range days {
		out[i] = Due{Seq: i + 1, Day: d}
	}
	return out
}
