// Package civil has the calendar day as Đình stores and compares it, and the two clocks that are passed in everywhere.
package civil

import (
	"fmt"
	"time"
)

// Zone is Vietnam's time: UTC+7 all year, so no zone file is needed.
var Zone = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

const layout = "2006-01-02"

// Date is a day of the civil calendar as text "2006-01-02". It sorts and compares as text; "" is no day.
type Date string

// None is no day: an open end, or not known.
const None Date = ""

// Parse reads "2006-01-02" strictly: 31 February is an error, never 3 March.
func Parse(s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil {
		return None, fmt.Errorf("civil: not a day: %q", s)
	}
	if t.Year() < 1800 || t.Year() > 9998 {
		return None, fmt.Errorf("civil: year out of range: %q", s)
	}
	return Date(s), nil
}

// MustParse is Parse for literals in code and tests.
func MustParse(s string) Date {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// New makes a day from year, month and day of month; ok is false where there is no such day (31/2).
func New(year, month, day int) (d Date, ok bool) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day || year < 1800 || year > 9998 {
		return None, false
	}
	return Date(t.Format(layout)), true
}

// Of is the day in Vietnam at the instant t.
func Of(t time.Time) Date { return Date(t.In(Zone).Format(layout)) }

// Time is midnight UTC of the day, for arithmetic; the zero time for None.
func (d Date) Time() time.Time {
	t, err := time.Parse(layout, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// IsZero reports whether d is None.
func (d Date) IsZero() bool { return d == None }

// Add is the day n days later (earlier for n < 0); None stays None.
func (d Date) Add(n int) Date {
	if d == None {
		return None
	}
	return Date(d.Time().AddDate(0, 0, n).Format(layout))
}

// AddMonths is the same day n months later, or the last day of that month where it is shorter.
func (d Date) AddMonths(n int) Date {
	if d == None {
		return None
	}
	t := d.Time()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date(first.AddDate(0, 0, min(t.Day(), last)-1).Format(layout))
}

// Sub is the number of days from e to d.
func (d Date) Sub(e Date) int { return int(d.Time().Sub(e.Time()) / (24 * time.Hour)) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.Time().Weekday() }

// Year is the year of the day.
func (d Date) Year() int { return d.Time().Year() }

// Month is 1 to 12.
func (d Date) Month() int { return int(d.Time().Month()) }

// Day is the day of the month.
func (d Date) Day() int { return d.Time().Day() }

// Span is a run of days, both ends included; an empty To is open.
type Span struct{ From, To Date }

// Has reports whether d lies in the span.
func (s Span) Has(d Date) bool { return (s.From == None || s.From <= d) && (s.To == None || d <= s.To) }

// Meets reports whether the two spans share a day.
func (s Span) Meets(o Span) bool {
	return (s.To == None || o.From <= s.To) && (o.To == None || s.From <= o.To)
}

// Clock is the two clocks. Now is machine time (ids, sessions, leases); Today is the civil day in Vietnam (law, deadlines, pages). Only Today is
// shifted by --today.
type Clock struct {
	Now   func() time.Time
	Today func() Date
}

// Fixed is a clock for tests: Now stands still at noon of the day.
func Fixed(day Date) Clock {
	at := day.Time().Add(5 * time.Hour)
	return Clock{Now: func() time.Time { return at }, Today: func() Date { return day }}
}

// Shifted is a clock whose Today starts at first when now() is start, and goes on with the days.
func Shifted(now func() time.Time, first Date) Clock {
	delta := first.Sub(Of(now()))
	return Clock{Now: now, Today: func() Date { return Of(now()).Add(delta) }}
}

// Real is the clock of a server that is not shifted.
func Real(now func() time.Time) Clock {
	return Clock{Now: now, Today: func() Date { return Of(now()) }}
}
