package law

import (
	"cmp"
	"strconv"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Due is a deadline with the steps that led to it. It is stored as it is, and worded when shown.
type Due struct {
	Date      civil.Date   `json:"date"`
	DutyID    string       `json:"duty"`
	Digest    string       `json:"digest"` // of the catalogue that gave it
	Step      string       `json:"step"`
	Event     civil.Date   `json:"event"`
	Sense     Sense        `json:"sense"`
	Hours     int          `json:"hours,omitempty"`     // the exact limit, where the law counts hours; Date is the last day
	Tentative bool         `json:"tentative,omitempty"` // tạm tính: days off of a year are not known yet
	Recalled  bool         `json:"recalled,omitempty"`  // chưa đối chiếu: the duty is from memory
	Skipped   []civil.Date `json:"skipped,omitempty"`   // days off that were not counted, or that the last day was moved over
	Msg       i18n.Msg     `json:"msg"`                 // the whole sentence
}

// Sense is what the day of a Due means.
type Sense string

// The senses.
const (
	Latest Sense = "latest" // the last day still in time
	Until  Sense = "until"  // it lasts, or must stay, to the end of this day
	After  Sense = "over"   // the waiting time ends with this day
)

// maxDays bounds what a deadline may count, a hundred years.
const maxDays = 36525

// Deadline answers the step on the event's day, which also picks the rule. Errors: errs.NotFound "law.no_rule" where no duty answers,
// "law.size_needed" where the size decides which and is not known, "law.no_date" where the duty sets no day.
func (c *Catalogue) Deadline(step, kind string, flags []string, size Sizes, event civil.Date) (Due, error) {
	d, ok := c.Rule(step, kind, flags, size, event)
	if !ok {
		return Due{}, c.noRule(step, kind, flags, size, event)
	}
	return c.DueOf(d, step, event)
}

// DueOf is the day that the duty sets in the step when the event is on the day. The day of the event is not counted. Error: errs.NotFound
// "law.no_date" where the duty sets no day.
//
// Working days skip all days off. A limit in calendar days or months that ends on a day off ends with the next working day; days counted back from
// the event, days that something must last, hours and fixed dates do not move.
func (c *Catalogue) DueOf(d *Duty, step string, event civil.Date) (Due, error) {
	s := c.steps[step]
	b := dueBuilder{c: c, d: d, due: Due{DutyID: d.ID, Digest: c.digest, Step: step, Event: event, Sense: Latest, Recalled: d.Recalled}}
	if s == nil || !b.measure(s) || b.due.Date < "1800" || b.due.Date > "9998-12-31" {
		return Due{}, errs.E(errs.NotFound, "law.no_date", "step", step, "cite", d.Cite(), "title", d.TitleVI)
	}
	b.due.Msg = b.sentence()
	return b.due, nil
}

type dueBuilder struct {
	c     *Catalogue
	d     *Duty
	due   Due
	parts []i18n.Msg // what was counted and what was not
}

func (b *dueBuilder) say(key string, kv ...any) {
	b.parts = append(b.parts, i18n.M("law.due."+key, kv...))
}

// measure finds the number that answers the step and counts it. words/vi.toml names the field where a duty has several (posting against telling).
func (b *dueBuilder) measure(s *Step) bool {
	l, ev := &b.d.Limits, b.due.Event
	if s.Measures("date") {
		return b.fixed(l)
	}
	if s.Measures("times") {
		return b.period()
	}
	if s.Measures("months") {
		return b.months(l)
	}
	if !s.Measures("days") && !s.Measures("hours") {
		return false
	}
	field := embeddedWords().Step[s.ID].Counts
	switch {
	case s.Backward():
		return l.LeadDays > 0 && b.backward(l.LeadDays, l.LeadWorking)
	case field == "min_days":
		return b.lasts(b.d.MinDays)
	case l.Hours > 0:
		days := cmp.Or(b.d.WithinDays, (l.Hours+23)/24)
		b.due.Hours, b.due.Date = l.Hours, ev.Add(days)
		b.say("hours", "n", l.Hours, "event", ev)
		return days <= maxDays
	case b.d.WithinDays > 0:
		return b.forward(b.d.WithinDays, b.d.Working)
	case l.AfterDays > 0:
		return b.waits("after", l.AfterDays)
	case l.AlarmDays > 0:
		return b.waits("alarm", l.AlarmDays)
	case l.MaxGapDays > 0:
		b.due.Date = ev.Add(l.MaxGapDays)
		b.say("gap", "n", l.MaxGapDays, "event", ev)
		return l.MaxGapDays <= maxDays
	}
	return b.lasts(b.d.MinDays)
}

// forward counts days after the event.
func (b *dueBuilder) forward(n int, working bool) bool {
	if n > maxDays {
		return false
	}
	ev, cal := b.due.Event, b.c.calendar
	if !working {
		b.say("forward", "days", daysMsg(n, false), "event", ev)
		b.due.Date = b.moved(ev.Add(n))
		return true
	}
	var worked []civil.Date
	b.due.Date, b.due.Skipped, worked = cal.count(ev, n, 1)
	b.due.Tentative = !cal.knowsAll(ev.Add(1), b.due.Date)
	b.say("forward", "days", daysMsg(n, true), "event", ev)
	b.skipped(worked)
	return true
}

// backward counts days before the event.
func (b *dueBuilder) backward(n int, working bool) bool {
	if n > maxDays {
		return false
	}
	ev, cal := b.due.Event, b.c.calendar
	b.say("backward", "days", daysMsg(n, working), "event", ev)
	if !working {
		b.due.Date = ev.Add(-n)
		return true
	}
	var worked []civil.Date
	b.due.Date, b.due.Skipped, worked = cal.count(ev, n, -1)
	b.due.Tentative = !cal.knowsAll(ev.Add(-1), b.due.Date)
	b.skipped(worked)
	return true
}

func (b *dueBuilder) skipped(worked []civil.Date) {
	if len(b.due.Skipped) > 0 {
		b.parts = append(b.parts, skippedMsg(b.due.Skipped, b.due.Event.Year()))
	}
	if len(worked) > 0 {
		b.say("worked", "days", compress(worked, b.due.Event.Year()))
	}
}

// moved is the day, or the next working day where it is a day off; that is noted.
func (b *dueBuilder) moved(last civil.Date) civil.Date {
	cal, d := b.c.calendar, last
	for cal.Off(d) && d.Sub(last) < maxDays {
		b.due.Skipped = append(b.due.Skipped, d)
		d = d.Add(1)
	}
	b.due.Tentative = !cal.knowsAll(last, d)
	if d != last {
		b.say("moved", "days", compress([]civil.Date{last}, b.due.Event.Year()))
	}
	return d
}

// lasts is how long something must stay or go on.
func (b *dueBuilder) lasts(n int) bool {
	b.due.Date, b.due.Sense = b.due.Event.Add(n), Until
	b.say("lasts", "days", daysMsg(n, false), "event", b.due.Event)
	return n > 0 && n <= maxDays
}

func (b *dueBuilder) waits(key string, n int) bool {
	b.due.Date, b.due.Sense = b.due.Event.Add(n), After
	b.say(key, "days", daysMsg(n, false), "event", b.due.Event)
	return n <= maxDays
}

// fixed is a date in the year of the event, a date of one year, or a day of the last month of the event's period.
func (b *dueBuilder) fixed(l *Limits) bool {
	ev := b.due.Event
	switch {
	case l.Due != "":
		s := l.Due
		if len(s) == len("01-02") {
			s = ev.Time().Format("2006-") + s
		}
		d, err := civil.Parse(s)
		if err != nil {
			return false
		}
		b.due.Date = d
		b.say("fixed", "year", strconv.Itoa(d.Year()))
	case l.DueDay > 0:
		_, end, ok := period(b.d.Recurrence, ev)
		if !ok {
			return false
		}
		b.due.Date = end.Add(min(l.DueDay, end.Day()) - end.Day())
		b.say("due_day", "day", l.DueDay, "month", i18n.M("law.month.m"+strconv.Itoa(end.Month())), "year", strconv.Itoa(end.Year()))
	default:
		return false
	}
	return true
}

// period is the end of the period in which the thing must happen so many times.
func (b *dueBuilder) period() bool {
	from, to, ok := period(b.d.Recurrence, b.due.Event)
	if !ok {
		return false
	}
	b.due.Date = to
	b.say("times", "n", max(b.d.Limits.Times, 1), "from", from, "to", to)
	return true
}

func (b *dueBuilder) months(l *Limits) bool {
	ev := b.due.Event
	switch {
	case l.WithinMonths > 0:
		b.say("months", "n", l.WithinMonths, "event", ev)
		b.due.Date = b.moved(monthsAfter(ev, l.WithinMonths))
		return l.WithinMonths <= maxDays/30
	case l.ValidMonths > 0:
		return b.monthsLast("valid", l.ValidMonths)
	case l.MaxMonths > 0:
		return b.monthsLast("at_most", l.MaxMonths)
	case l.TermMonths > 0:
		return b.monthsLast("term", l.TermMonths)
	}
	return false
}

func (b *dueBuilder) monthsLast(key string, n int) bool {
	b.due.Date, b.due.Sense = b.due.Event.AddMonths(n), Until
	b.say(key, "n", n, "event", b.due.Event)
	return n <= maxDays/30
}

// monthsAfter is the last day of n months after the event's day: of a year that ends on 28/2 three months end on 31/5, not on 28/5.
func monthsAfter(ev civil.Date, n int) civil.Date {
	return max(ev.AddMonths(n), ev.Add(1).AddMonths(n).Add(-1))
}

// period is the calendar year, half-year, quarter, month or week (Monday to Sunday) that holds the day.
func period(rhythm string, day civil.Date) (from, to civil.Date, ok bool) {
	months := map[string]int{"yearly": 12, "half_yearly": 6, "quarterly": 3, "monthly": 1}[rhythm]
	if rhythm == "weekly" {
		from = day.Add(-(int(day.Weekday()) + 6) % 7)
		return from, from.Add(6), true
	}
	if months == 0 {
		return "", "", false
	}
	from, ok = civil.New(day.Year(), (day.Month()-1)/months*months+1, 1)
	return from, from.AddMonths(months).Add(-1), ok
}

// count goes n working days from the day, which is not counted, forward (dir 1) or back (-1). It gives the days off between and the swapped days that
// were worked, in the order of the calendar.
func (c *Calendar) count(from civil.Date, n, dir int) (end civil.Date, skipped, worked []civil.Date) {
	end = from
	for steps := 0; n > 0 && steps < 4*maxDays; steps++ {
		end = end.Add(dir)
		if c.Off(end) {
			skipped = append(skipped, end)
			continue
		}
		if c.Swapped(end) {
			worked = append(worked, end)
		}
		n--
	}
	if dir < 0 {
		reverse(skipped)
		reverse(worked)
	}
	return end, skipped, worked
}

func reverse(d []civil.Date) {
	for i, j := 0, len(d)-1; i < j; i, j = i+1, j-1 {
		d[i], d[j] = d[j], d[i]
	}
}

func daysMsg(n int, working bool) i18n.Msg {
	if working {
		return i18n.M("law.due.working_days", "n", n)
	}
	return i18n.M("law.due.days", "n", n)
}

// sentence is "5 ngày làm việc từ 12/3/2021, không tính 13, 14/3: hạn 19/3/2021 (Khoản …)".
func (b *dueBuilder) sentence() i18n.Msg {
	key := "law.due." + string(b.due.Sense)
	if b.due.Tentative {
		key += "_tentative"
	}
	return i18n.M(key, "steps", b.parts, "date", b.due.Date, "cite", b.d.Cite())
}
