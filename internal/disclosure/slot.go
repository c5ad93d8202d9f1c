package disclosure

import (
	"slices"
	"strconv"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/law"
	"dinh/internal/org"
)

// SlotState is how a unit stands with one matter.
type SlotState string

// The states of a slot, the one that matters most first.
const (
	SlotOverdue    SlotState = "overdue"     // not told, and the last day is over
	SlotDue        SlotState = "due"         // not told, and still in time
	SlotFilledLate SlotState = "filled_late" // told after its last day
	SlotFilled     SlotState = "filled"      // told in one of the law's forms, in time
	SlotWaiting    SlotState = "waiting"     // for an event
	SlotComing     SlotState = "coming"      // its days have not begun
	SlotNoEvent    SlotState = "no_event"    // the year is over, and nobody entered an event
	SlotNotArisen  SlotState = "not_arisen"  // a person stated that it did not arise
	SlotLapsed     SlotState = "lapsed"      // the duty or the unit ended before the period did
)

// SlotStates lists the states in their order.
var SlotStates = []SlotState{SlotOverdue, SlotDue, SlotFilledLate, SlotFilled, SlotWaiting, SlotComing, SlotNoEvent, SlotNotArisen, SlotLapsed}

// Missing reports whether something that was to be told has not been, or came too late.
func (s SlotState) Missing() bool { return s == SlotOverdue || s == SlotFilledLate }

// Rhythm is how a matter comes back.
type Rhythm string

// The rhythms.
const (
	Standing Rhythm = "standing" // it must be there at all times
	Periodic Rhythm = "periodic" // once in each period
	OnEvent  Rhythm = "on_event"
)

// Slot is one matter of a unit in a period, or over a year where it has no period: what must be told and whether it was.
type Slot struct {
	Matter   string     // id of the duty, or "own:" and the id of Own
	Duty     *law.Duty  // nil for an own matter
	Own      *OwnMatter // nil for a duty
	Audience Audience
	Rhythm   Rhythm
	Period   Period     // of a Periodic one, "" for others
	Days     civil.Span // the days of the period, or the year, on which the unit has the matter
	State    SlotState
	Due      civil.Date // the last day; None where none is known
	Told     civil.Date // the first day on which it was told; of the last item where there are several events
	Late     int        // days after Due on which it was told, or that have passed; below zero: days left
	Items    []*Item    // what was made of it and not withdrawn, the latest first
	Stated   *Statement // that it did not arise

	end   civil.Date // the last day of the period or the year
	start civil.Date // of a standing one: from when the unit has had it
}

// Statement is a person's word that a matter did not arise in a period.
type Statement struct {
	ID, Unit string
	Matter   string
	Period   string // of a matter without periods: the year
	Day      civil.Date
	Note     string
	Actor    string
	Name     string
	Ended    civil.Date // it was taken back
	EndedWhy string
	Version  int
}

// Key is the period under which a statement on the slot is kept.
func (s *Slot) Key() string {
	if s.Period != "" {
		return string(s.Period)
	}
	return strconv.Itoa(s.end.Year())
}

// MayState reports whether somebody may state that it did not arise: nothing was made of it, its days have begun, and it need not hang at all times.
func (s *Slot) MayState() bool {
	return len(s.Items) == 0 && s.Stated == nil && s.State != SlotComing && s.State != SlotLapsed && (s.Duty == nil || !s.Duty.Limits.Permanent)
}

// Open reports whether an item for it can still be made: it has begun.
func (s *Slot) Open() bool { return s.State != SlotComing }

// matter is a duty, or a unit's own matter, with the days on which it holds.
type matter struct {
	id         string
	duty       *law.Duty
	own        *OwnMatter
	audience   Audience
	recurrence string
	rhythm     Rhythm
	span       civil.Span
}

func rhythmOf(recurrence string, permanent bool) Rhythm {
	switch {
	case permanent || recurrence == "" || recurrence == "once":
		return Standing
	case Periods(recurrence, 2000) != nil:
		return Periodic
	}
	return OnEvent
}

// lawMatters are the duties that bind a unit of the kind, flags and size on any day of the year: those that make slots.
func lawMatters(c *law.Catalogue, u *org.Unit, year int) []matter {
	size := law.SizesOf(u.Staff, u.Workers)
	var out []matter
	for _, d := range c.All() {
		if d.Role != "matter" || d.Kind != "disclose" {
			continue
		}
		days, ok := overlap(d.Span(), yearSpan(year))
		if !ok || !d.Binds(u.Kind, u.Flags, size, days.From) {
			continue
		}
		out = append(out, matter{
			id: d.ID, duty: d, audience: AudienceOf(d), recurrence: d.Recurrence, rhythm: rhythmOf(d.Recurrence, d.Limits.Permanent), span: d.Span(),
		})
	}
	return out
}

func ownMatter(m *OwnMatter) matter {
	return matter{id: OwnPrefix + m.ID, own: m, audience: m.Audience, recurrence: m.Recurrence, rhythm: rhythmOf(m.Recurrence, false), span: m.Span}
}

func yearSpan(year int) civil.Span {
	y := strconv.Itoa(year)
	return civil.Span{From: civil.Date(y + "-01-01"), To: civil.Date(y + "-12-31")}
}

// overlap is the days that both spans have; ok is false where there are none.
func overlap(a, b civil.Span) (out civil.Span, ok bool) {
	if !a.Meets(b) {
		return out, false
	}
	out = civil.Span{From: max(a.From, b.From), To: a.To}
	if b.To != civil.None && (out.To == civil.None || b.To < out.To) {
		out.To = b.To
	}
	return out, true
}

// Slots are what a unit must tell in a year, by the law of each day of that year, and how it stands with each on the day today. u is the unit as it was
// in that year; items, statements and own are its own, of any year. Law first in the order of the catalogue, then the unit's own matters.
func Slots(c *law.Catalogue, u *org.Unit, year int, today civil.Date, items []*Item, statements []Statement, own []*OwnMatter) []Slot {
	list := lawMatters(c, u, year)
	for _, m := range own {
		list = append(list, ownMatter(m))
	}
	return slotsOf(list, u, year, today, items, statements)
}

func slotsOf(list []matter, u *org.Unit, year int, today civil.Date, items []*Item, statements []Statement) []Slot {
	y := yearSpan(year)
	made := map[string][]*Item{}
	for _, i := range items {
		if i.State != Withdrawn && (!i.Beyond || OwnID(i.Matter) != "") {
			made[i.Matter] = append(made[i.Matter], i)
		}
	}
	stated := map[[2]string]*Statement{}
	for n := range statements {
		if st := &statements[n]; st.Ended == civil.None {
			stated[[2]string{st.Matter, st.Period}] = st
		}
	}
	var out []Slot
	for _, m := range list {
		life, ok := overlap(m.span, u.Span)
		if !ok {
			continue
		}
		slot := Slot{Matter: m.id, Duty: m.duty, Own: m.own, Audience: m.audience, Rhythm: m.rhythm, start: life.From}
		add := func(p Period, span civil.Span, has func(i *Item) bool) {
			s := slot
			s.Period, s.end = p, span.To
			if s.Days, ok = overlap(life, span); !ok {
				return
			}
			for _, i := range made[m.id] {
				if has(i) {
					s.Items = append(s.Items, i)
				}
			}
			slices.SortStableFunc(s.Items, func(a, b *Item) int { return -compareDays(a.eventDay(), b.eventDay()) })
			s.Stated = stated[[2]string{s.Matter, s.Key()}]
			s.judge(today)
			out = append(out, s)
		}
		switch m.rhythm {
		case Periodic:
			for _, p := range Periods(m.recurrence, year) {
				span, _ := p.Span()
				add(p, span, func(i *Item) bool { return i.periodIn(m.recurrence) == p })
			}
		case Standing:
			add("", y, func(i *Item) bool { return i.eventDay() <= y.To })
		default:
			add("", y, func(i *Item) bool { return y.Has(i.eventDay()) })
		}
	}
	return out
}

func compareDays(a, b civil.Date) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// eventDay is the day by which an item belongs to a year: of the decision, else the first telling, else the day on which it was entered.
func (i *Item) eventDay() civil.Date {
	switch {
	case i.Decided != civil.None:
		return i.Decided
	case i.FirstTold != civil.None:
		return i.FirstTold
	}
	return civil.Of(db.FromMicros(i.Created))
}

// periodIn is the item's period under a recurrence: the one it names, where that is one of the recurrence's, else the one in which its day lies.
func (i *Item) periodIn(recurrence string) Period {
	if span, ok := Period(i.Period).Span(); ok && slices.Contains(Periods(recurrence, span.From.Year()), Period(i.Period)) {
		return Period(i.Period)
	}
	return PeriodOf(recurrence, i.eventDay())
}

// judge says how the slot stands on a day.
func (s *Slot) judge(today civil.Date) {
	if s.Rhythm == OnEvent {
		s.judgeEvents(today)
		return
	}
	var told, open *Item
	for _, i := range s.Items {
		switch {
		case i.FirstTold != civil.None && (told == nil || i.FirstTold < told.FirstTold):
			told = i
		case i.FirstTold == civil.None && (open == nil || open.Due == civil.None || i.Due != civil.None && i.Due < open.Due):
			open = i
		}
	}
	last := s.end // the last day where no decision sets another
	if s.Rhythm == Standing {
		last = s.start
	}
	switch {
	case told != nil:
		s.Told, s.Due = told.FirstTold, told.Due
		switch {
		case s.Due != civil.None:
		case s.Rhythm == Periodic || s.Told > s.end:
			s.Due = s.end
		}
		s.filled() // what hung before anybody kept records of it has no day by which it is judged
	case open != nil && open.Due != civil.None:
		s.Due = open.Due
		s.waits(today)
	case s.Stated != nil:
		s.State = SlotNotArisen
	case open == nil && s.Days.To != civil.None && s.Days.To < s.end && today > s.Days.To:
		s.State = SlotLapsed
	case today < s.Days.From:
		s.State = SlotComing
	default:
		s.Due = last
		s.waits(today)
	}
}

// judgeEvents judges a matter that waits for events: each item is one.
func (s *Slot) judgeEvents(today civil.Date) {
	if len(s.Items) == 0 {
		switch {
		case s.Stated != nil:
			s.State = SlotNotArisen
		case today < s.Days.From:
			s.State = SlotComing
		case s.Days.To != civil.None && today > s.Days.To:
			s.State = SlotNoEvent
		default:
			s.State = SlotWaiting
		}
		return
	}
	best := len(SlotStates)
	for _, i := range s.Items { // the worst of them; of equals the one with the earlier last day
		one := Slot{Due: i.Due}
		if i.FirstTold != civil.None {
			one.Told = i.FirstTold
			one.filled()
		} else {
			one.waits(today)
		}
		rank := slices.Index(SlotStates, one.State)
		if rank < best || rank == best && one.Due != civil.None && one.Due < s.Due {
			best = rank
			s.State, s.Due, s.Told, s.Late = one.State, one.Due, one.Told, one.Late
		}
	}
}

func (s *Slot) filled() {
	s.State, s.Late = SlotFilled, 0
	if s.Due != civil.None && s.Told > s.Due {
		s.State, s.Late = SlotFilledLate, s.Told.Sub(s.Due)
	}
}

func (s *Slot) waits(today civil.Date) {
	s.State = SlotDue
	if s.Due == civil.None {
		return
	}
	s.Late = today.Sub(s.Due)
	if s.Late > 0 {
		s.State = SlotOverdue
	}
}

// WorstSlot is the state that matters most of several; "" for none.
func WorstSlot(slots []Slot) SlotState {
	best := len(SlotStates)
	for i := range slots {
		best = min(best, slices.Index(SlotStates, slots[i].State))
	}
	if best == len(SlotStates) {
		return ""
	}
	return SlotStates[best]
}
