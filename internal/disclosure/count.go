package disclosure

import (
	"slices"

	"dinh/internal/civil"
)

// Run is a run of days without a gap on which something was told at a place: From to To, both included. Open: it still goes on.
type Run struct {
	From, To civil.Date
	Open     bool
	Postings []string // ids of the postings it is made of
}

// Days is the length of the run up to and including today.
func (r Run) Days(today civil.Date) int {
	to := r.To
	if r.Open || to > today {
		to = today
	}
	return max(to.Sub(r.From)+1, 0)
}

// PlaceCount is the days of one place.
type PlaceCount struct {
	Place    Place
	Runs     []Run      // the earliest first; nil: nothing was told there yet
	Days     int        // of the last run that counts, up to today
	Need     int        // 0: none is asked for
	Full     civil.Date // the day with which the days were full; None: not yet
	Ends     civil.Date // the day with which they will be full if nothing happens; None where nothing runs
	Up       bool       // it is told there now: a sheet hangs, the website shows it
	Restarts int        // gaps after which the days began anew
	Lost     civil.Date // the first day of the last gap
	Dark     []civil.Date
}

// Progress is the state of a posting at a place, and of an item as a whole.
type Progress string

// The states, with the words of the design: Chờ niêm yết, Đang niêm yết, Sắp hết hạn, Đã đủ ngày, Gỡ trước hạn.
const (
	ToBePosted   Progress = "to_be_posted"
	Posted       Progress = "posted"
	EndingSoon   Progress = "ending_soon"
	Full         Progress = "full"
	RemovedEarly Progress = "removed_early"
	Taken        Progress = "withdrawn"
)

// Progress is the state of the place on a day. A permanent place, and one without a number of days, is posted for as long as it is up.
func (c PlaceCount) Progress(today civil.Date) Progress {
	switch {
	case c.Full != civil.None && c.Need > 0:
		return Full
	case len(c.Runs) == 0:
		return ToBePosted
	case !c.Up && Hangs(c.Place.Kind):
		return RemovedEarly
	case c.Ends != civil.None && c.Ends.Sub(today) <= Rules.EndingDays && c.Ends >= today:
		return EndingSoon
	}
	return Posted
}

// Records are what the count is made from. They may hold more than one edition; only those of the edition count.
type Records struct {
	Places    []Place
	Postings  []Posting
	Tellings  []Telling
	Edition   int
	Published civil.Date   // of the edition: from then on the website shows it
	Withdrawn civil.Date   // the clock stops with the day before
	Dark      []civil.Date // days on which the website was away, sorted
}

// Count is the days of an item as a whole.
type Count struct {
	Places []PlaceCount
	Days   int        // the least of the places that must count days
	Need   int        // the greatest number that a place must reach
	Full   civil.Date // the day with which the last place was full; None: not yet, or nothing is to be counted
	Ends   civil.Date // the day with which all will be full if nothing happens; None while a place is not up
	Up     int        // places at which it is up
	Hang   int        // places at which a sheet hangs or must hang
	Begun  bool       // a sheet was put up; where none must hang: it was told anywhere
}

// CountDays counts an item's days as they stand on a day.
//
// A sheet's days are counted with the day it was put up and without the day it came down; they are full when the last one is over. A sheet that came down and was put up again on the same day has
// no gap; a whole day without it is a gap, and the days of that place begin anew. The same holds for broadcasts (a day without one) and for the website
// (a day on which it was away for longer than the house allows). Days after the place was full are not lost again.
func CountDays(r Records, today civil.Date) Count {
	last := today
	if r.Withdrawn != civil.None && r.Withdrawn.Add(-1) < last {
		last = r.Withdrawn.Add(-1)
	}
	var c Count
	counted, all, hung := 0, true, false
	for _, p := range r.Places {
		pc := countPlace(r, p, today, last)
		c.Places = append(c.Places, pc)
		c.Begun = c.Begun || len(pc.Runs) > 0
		hung = hung || len(pc.Runs) > 0 && Hangs(p.Kind)
		if pc.Up {
			c.Up++
		}
		if Hangs(p.Kind) {
			c.Hang++
		}
		if pc.Need == 0 {
			continue
		}
		days := min(pc.Days, pc.Need)
		if pc.Full != civil.None {
			days = pc.Need
		}
		if counted == 0 || days < c.Days {
			c.Days = days
		}
		counted++
		c.Need = max(c.Need, pc.Need)
		switch {
		case pc.Full != civil.None:
			c.Full, c.Ends = later(c.Full, pc.Full), later(c.Ends, pc.Full)
		case pc.Ends != civil.None:
			all = false
			c.Ends = later(c.Ends, pc.Ends)
		default:
			all = false
			c.Ends = "9999-12-31"
		}
	}
	if c.Hang > 0 {
		c.Begun = hung // the website alone does not make it posted where a sheet must hang
	}
	if counted == 0 || !all {
		c.Full = civil.None
	}
	if c.Ends == "9999-12-31" {
		c.Ends = civil.None
	}
	return c
}

func later(a, b civil.Date) civil.Date { return max(a, b) }

func countPlace(r Records, p Place, today, last civil.Date) PlaceCount {
	c := PlaceCount{Place: p, Need: p.Need}
	switch {
	case Hangs(p.Kind):
		c.Runs = sheetRuns(r, p, last)
	case p.Kind == PlaceWebsite:
		c.Runs, c.Dark = siteRuns(r, last)
	default:
		c.Runs = toldRuns(r, p, last)
	}
	for i, run := range c.Runs {
		if i > 0 && c.Full == civil.None {
			c.Restarts++
			c.Lost = c.Runs[i-1].To.Add(1)
		}
		if p.Need == 0 || c.Full != civil.None {
			continue
		}
		// The last day counts when it is over: while the sheet still hangs, not before the day after.
		full := run.From.Add(p.Need - 1)
		if run.Days(last) >= p.Need && (!run.Open || last < today || full < today) {
			c.Full = full
		}
	}
	n := len(c.Runs)
	if n == 0 {
		return c
	}
	run := c.Runs[n-1]
	c.Up = run.Open && last == today
	c.Days = run.Days(last)
	if c.Full == civil.None && p.Need > 0 && (run.Open && last == today) {
		c.Ends = run.From.Add(p.Need - 1)
	}
	return c
}

// sheetRuns joins the postings of a place to runs.
func sheetRuns(r Records, p Place, last civil.Date) []Run {
	var list []Posting
	for _, x := range r.Postings {
		if x.Place == p.Key && x.Edition == r.Edition && x.Struck == civil.None && x.UpDay <= last {
			list = append(list, x)
		}
	}
	slices.SortStableFunc(list, func(a, b Posting) int {
		if a.UpDay != b.UpDay {
			if a.UpDay < b.UpDay {
				return -1
			}
			return 1
		}
		return cmpHour(a, b)
	})
	var out []Run
	for _, x := range list {
		next := Run{From: x.UpDay, To: last, Open: true, Postings: []string{x.ID}}
		if x.DownDay != civil.None && x.DownDay <= last {
			next.To, next.Open = x.DownDay.Add(-1), false
		}
		if n := len(out); n > 0 && (out[n-1].Open || x.UpDay <= out[n-1].To.Add(1)) {
			prev := &out[n-1]
			prev.Postings = append(prev.Postings, x.ID)
			prev.Open = prev.Open || next.Open
			prev.To = max(prev.To, next.To)
			continue
		}
		out = append(out, next)
	}
	// A sheet that went up and came down on one day leaves no day.
	return slices.DeleteFunc(out, func(x Run) bool { return x.To < x.From })
}

func cmpHour(a, b Posting) int {
	switch {
	case a.UpHour < b.UpHour:
		return -1
	case a.UpHour > b.UpHour:
		return 1
	}
	return 0
}

// siteRuns are the days on which the website showed the edition.
func siteRuns(r Records, last civil.Date) (out []Run, dark []civil.Date) {
	if r.Published == civil.None || r.Published > last {
		return nil, nil
	}
	from := r.Published
	for _, d := range r.Dark {
		if d < r.Published || d > last {
			continue
		}
		dark = append(dark, d)
		if from < d {
			out = append(out, Run{From: from, To: d.Add(-1)})
		}
		from = d.Add(1)
	}
	return append(out, Run{From: from, To: max(last, from), Open: true}), dark
}

// toldRuns are the days of broadcasts, meetings and the like. A run of broadcasts is open while the next one can still follow without a gap.
func toldRuns(r Records, p Place, last civil.Date) []Run {
	var days []civil.Date
	for _, x := range r.Tellings {
		if x.Place == p.Key && x.Edition == r.Edition && x.Struck == civil.None && x.Day <= last {
			days = append(days, x.Day)
		}
	}
	slices.Sort(days)
	var out []Run
	for _, d := range slices.Compact(days) {
		if n := len(out); n > 0 && d == out[n-1].To.Add(1) {
			out[n-1].To = d
			continue
		}
		out = append(out, Run{From: d, To: d})
	}
	return out
}

// Progress is the state of the item as a whole.
func (c Count) Progress(it *Item, today civil.Date) Progress {
	switch {
	case it.State == Withdrawn:
		return Taken
	case c.Full != civil.None && !it.Permanent:
		return Full
	case !c.Begun:
		return ToBePosted
	}
	out := Posted
	for _, p := range c.Places {
		switch p.Progress(today) {
		case RemovedEarly:
			return RemovedEarly
		default:
		}
	}
	if c.Ends != civil.None && c.Ends >= today && c.Ends.Sub(today) <= Rules.EndingDays {
		out = EndingSoon
	}
	return out
}
