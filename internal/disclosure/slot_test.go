package disclosure

import (
	"strings"
	"sync"
	"testing"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/law"
	"dinh/internal/org"

	"github.com/google/go-cmp/cmp"
)

var slotLaw = sync.OnceValue(func() *law.Catalogue {
	c, err := law.Load()
	if err != nil {
		panic(err)
	}
	return c
})

func aCommune() *org.Unit {
	return &org.Unit{ID: "u", Kind: org.Commune, Span: civil.Span{From: "1975-04-30"}, Staff: org.Unknown, Workers: org.Unknown}
}

func dayMicros(d civil.Date) int64 { return db.Micros(d.Time()) }

// Which matters a unit has in a year, by the law of that year.
func TestSlotsOfTheYear(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		unit     *org.Unit
		year     int
		prefix   string
		audience Audience
		want     int // slots whose duty's id begins with prefix
	}{
		{"eleven matters of the ordinance", aCommune(), 2021, "pl-34-2007.d5.", Everybody, 11},
		{"the commune's own staff too", aCommune(), 2021, "nd-04-2015.d7.", Staff, 9},
		{"not the law of later", aCommune(), 2021, "l-10-2022.", Everybody, 0},
		{"both in the year of the change", aCommune(), 2023, "pl-34-2007.d5.", Everybody, 11},
		{"fourteen clauses, five parts of one of them, and a quarterly one that begins in July", aCommune(), 2023, "l-10-2022.d11.", Everybody, 14 - 1 + 5 - 1 + 2},
		{"a year later the quarterly one has four periods", aCommune(), 2026, "l-10-2022.d11.", Everybody, 14 - 1 + 5 - 1 + 4},
		{"the ordinance is over", aCommune(), 2026, "pl-34-2007.", Everybody, 0},
		{"a firm before the decree of 2020", &org.Unit{Kind: org.Enterprise, Staff: -1, Workers: -1}, 2021, "nd-149-2018.d4.", Staff, 8},
		{"and after", &org.Unit{Kind: org.Enterprise, Staff: -1, Workers: -1}, 2021, "nd-145-2020.d43.", Staff, 7},
		{"a unit that began after the change", &org.Unit{Kind: org.Commune, Span: civil.Span{From: "2025-07-01"}, Staff: -1, Workers: -1}, 2025, "l-10-2022.d11.k2.p3", Everybody, 2},
	} {
		n := 0
		for _, s := range Slots(slotLaw(), c.unit, c.year, "2026-12-31", nil, nil, nil) {
			if strings.HasPrefix(s.Matter, c.prefix) && s.Audience == c.audience {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%s: %d slots of %s, want %d", c.name, n, c.prefix, c.want)
		}
	}
}

func TestSlotStates(t *testing.T) {
	t.Parallel()
	const yearly, quarterly, event, standing = "pl-34-2007.d5.k1", "l-10-2022.d11.k2.p3", "pl-34-2007.d5.k2", "pl-34-2007.d5.k3"
	type want struct {
		State     SlotState
		Due, Told civil.Date
		Late      int
	}
	item := func(i Item) *Item { i.State = Up; return &i }
	for _, c := range []struct {
		name   string
		matter string
		period Period
		year   int
		today  civil.Date
		items  []*Item
		stated []Statement
		want   want
	}{
		{"a yearly one is due by the end of the year", yearly, "2021", 2021, "2021-04-20", nil, nil, want{SlotDue, "2021-12-31", "", -255}},
		{"and overdue after", yearly, "2021", 2021, "2022-01-05", nil, nil, want{SlotOverdue, "2021-12-31", "", 5}},
		{"not begun", yearly, "2022", 2022, "2021-04-20", nil, nil, want{State: SlotComing}},
		{"the decision sets the day", yearly, "2021", 2021, "2021-04-20", []*Item{item(Item{Matter: yearly, Period: "2021", Decided: "2021-04-19", Due: "2021-04-21"})}, nil, want{SlotDue, "2021-04-21", "", -1}},
		{"and its end", yearly, "2021", 2021, "2021-04-24", []*Item{item(Item{Matter: yearly, Period: "2021", Decided: "2021-04-19", Due: "2021-04-21"})}, nil, want{SlotOverdue, "2021-04-21", "", 3}},
		{"told in time", yearly, "2021", 2021, "2021-04-24", []*Item{item(Item{Matter: yearly, Period: "2021", Decided: "2021-04-19", Due: "2021-04-21", FirstTold: "2021-04-21"})}, nil, want{SlotFilled, "2021-04-21", "2021-04-21", 0}},
		{"told late", yearly, "2021", 2021, "2021-04-24", []*Item{item(Item{Matter: yearly, Period: "2021", Decided: "2021-04-19", Due: "2021-04-21", FirstTold: "2021-04-23"})}, nil, want{SlotFilledLate, "2021-04-21", "2021-04-23", 2}},
		{"told the next year", yearly, "2021", 2021, "2022-02-01", []*Item{item(Item{Matter: yearly, Period: "2021", Created: dayMicros("2022-01-10"), FirstTold: "2022-01-10"})}, nil, want{SlotFilledLate, "2021-12-31", "2022-01-10", 10}},
		{"the settlement of a year is decided in the next", yearly, "2021", 2021, "2022-07-01", []*Item{item(Item{Matter: yearly, Period: "2021", Decided: "2022-06-20", Due: "2022-06-22", FirstTold: "2022-06-22"})}, nil, want{SlotFilled, "2022-06-22", "2022-06-22", 0}},
		{"an item of another year", yearly, "2021", 2021, "2021-04-20", []*Item{item(Item{Matter: yearly, Period: "2020", FirstTold: "2020-04-21"})}, nil, want{SlotDue, "2021-12-31", "", -255}},
		{"without a period its day decides", yearly, "2021", 2021, "2021-04-20", []*Item{item(Item{Matter: yearly, FirstTold: "2021-03-21"})}, nil, want{SlotFilled, "2021-12-31", "2021-03-21", 0}},
		{"what was withdrawn fills nothing", yearly, "2021", 2021, "2021-04-20", []*Item{{Matter: yearly, Period: "2021", State: Withdrawn, FirstTold: "2021-03-01"}}, nil, want{SlotDue, "2021-12-31", "", -255}},
		{"what goes beyond the law fills nothing", yearly, "2021", 2021, "2021-04-20", []*Item{item(Item{Matter: yearly, Period: "2021", Beyond: true, FirstTold: "2021-03-01"})}, nil, want{SlotDue, "2021-12-31", "", -255}},
		{"a statement ends it", yearly, "2021", 2021, "2022-01-05", nil, []Statement{{Matter: yearly, Period: "2021"}}, want{State: SlotNotArisen}},
		{"taken back", yearly, "2021", 2021, "2022-01-05", nil, []Statement{{Matter: yearly, Period: "2021", Ended: "2021-12-01"}}, want{SlotOverdue, "2021-12-31", "", 5}},
		{"an item counts more than a statement", yearly, "2021", 2021, "2021-04-20", []*Item{item(Item{Matter: yearly, Period: "2021", FirstTold: "2021-03-21"})}, []Statement{{Matter: yearly, Period: "2021"}}, want{SlotFilled, "2021-12-31", "2021-03-21", 0}},
		{"the law ends before the period: still due", yearly, "2023", 2023, "2023-06-30", nil, nil, want{SlotDue, "2023-12-31", "", -184}},
		{"and asks no more", yearly, "2023", 2023, "2023-07-01", nil, nil, want{State: SlotLapsed}},
		{"what was told under it stays told", yearly, "2023", 2023, "2023-07-01", []*Item{item(Item{Matter: yearly, Period: "2023", FirstTold: "2023-01-15"})}, nil, want{SlotFilled, "2023-12-31", "2023-01-15", 0}},
		{"the new law's year", "l-10-2022.d11.k1", "2023", 2023, "2023-06-30", nil, nil, want{State: SlotComing}},
		{"from its first day", "l-10-2022.d11.k1", "2023", 2023, "2023-07-01", nil, nil, want{SlotDue, "2023-12-31", "", -183}},
		{"a quarter of its own", quarterly, "2026-Q2", 2026, "2026-07-01", nil, nil, want{SlotOverdue, "2026-06-30", "", 1}},
		{"an item of the quarter", quarterly, "2026-Q2", 2026, "2026-07-02", []*Item{item(Item{Matter: quarterly, Period: "2026-Q2", Decided: "2026-07-01", Due: "2026-07-08"})}, nil, want{SlotDue, "2026-07-08", "", -6}},
		{"a draft without a day keeps the period's", quarterly, "2026-Q2", 2026, "2026-06-02", []*Item{{Matter: quarterly, Period: "2026-Q2", State: Draft}}, nil, want{SlotDue, "2026-06-30", "", -28}},
		{"waits for an event", event, "", 2021, "2021-04-20", nil, nil, want{State: SlotWaiting}},
		{"no event in the year", event, "", 2021, "2022-01-01", nil, nil, want{State: SlotNoEvent}},
		{"no event as far as the law went", event, "", 2023, "2023-07-01", nil, nil, want{State: SlotNoEvent}},
		{"stated for the year", event, "", 2021, "2022-01-01", nil, []Statement{{Matter: event, Period: "2021"}}, want{State: SlotNotArisen}},
		{"an event told, another overdue", event, "", 2021, "2021-04-20", []*Item{item(Item{Matter: event, Decided: "2021-02-01", Due: "2021-02-03", FirstTold: "2021-02-02"}), item(Item{Matter: event, Decided: "2021-04-12", Due: "2021-04-14"})}, nil, want{SlotOverdue, "2021-04-14", "", 6}},
		{"events of other years", event, "", 2021, "2021-04-20", []*Item{item(Item{Matter: event, Decided: "2020-12-30", Due: "2021-01-04"})}, nil, want{State: SlotWaiting}},
		{"an event without a last day", event, "", 2021, "2021-04-20", []*Item{item(Item{Matter: event, Created: dayMicros("2021-04-02")})}, nil, want{State: SlotDue}},
		{"a standing one since the law began", standing, "", 2021, "2007-07-01", nil, nil, want{State: SlotComing}},
		{"a standing one that is missing", standing, "", 2021, "2021-04-20", nil, nil, want{SlotOverdue, "2007-07-01", "", 5042}},
		{"a standing one of years ago", standing, "", 2021, "2021-04-20", []*Item{item(Item{Matter: standing, FirstTold: "2015-03-01"})}, nil, want{SlotFilled, "", "2015-03-01", 0}},
		{"a standing one put up too late for the year", standing, "", 2021, "2022-04-20", []*Item{item(Item{Matter: standing, Decided: "2021-11-01", FirstTold: "2022-03-01"})}, nil, want{SlotFilledLate, "2021-12-31", "2022-03-01", 60}},
		{"a standing one whose law has ended", standing, "", 2023, "2023-08-01", nil, nil, want{State: SlotLapsed}},
		{"a standing one of the new law", "l-10-2022.d11.k13", "", 2023, "2023-08-01", nil, nil, want{SlotOverdue, "2023-07-01", "", 31}},
	} {
		found := false
		for _, s := range Slots(slotLaw(), aCommune(), c.year, c.today, c.items, c.stated, nil) {
			if s.Matter != c.matter || s.Period != c.period {
				continue
			}
			found = true
			if diff := cmp.Diff(c.want, want{s.State, s.Due, s.Told, s.Late}); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
		if !found {
			t.Errorf("%s: no slot of %s %s in %d", c.name, c.matter, c.period, c.year)
		}
	}
}

func TestSlotsOfOwnMatters(t *testing.T) {
	t.Parallel()
	own := []*OwnMatter{
		{ID: "a", Title: "Giá chợ", Recurrence: "monthly", Audience: Everybody, Span: civil.Span{From: "2021-03-15", To: "2021-05-31"}},
		{ID: "b", Title: "Nội quy", Audience: Staff, Span: civil.Span{From: "2021-03-15"}},
	}
	items := []*Item{{Matter: "own:a", Beyond: true, State: Up, Period: "2021-03", FirstTold: "2021-03-20"}}
	var got []string
	for _, s := range Slots(slotLaw(), aCommune(), 2021, "2021-04-20", items, nil, own) {
		if s.Own != nil {
			got = append(got, strings.Join([]string{s.Own.ID, string(s.Period), string(s.Days.From), string(s.Audience), string(s.State)}, " "))
		}
	}
	if diff := cmp.Diff([]string{"a 2021-03 2021-03-15 public filled", "a 2021-04 2021-04-01 public due", "a 2021-05 2021-05-01 public coming", "b  2021-03-15 staff overdue"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestMayState(t *testing.T) {
	t.Parallel()
	for _, s := range Slots(slotLaw(), aCommune(), 2021, "2021-04-20", nil, nil, nil) {
		if got, want := s.MayState(), !s.Duty.Limits.Permanent && s.State != SlotComing; got != want {
			t.Errorf("%s %s %s: %v", s.Matter, s.Period, s.State, got)
		}
	}
}

func TestObligations(t *testing.T) {
	t.Parallel()
	const yearly, event = "pl-34-2007.d5.k1", "pl-34-2007.d5.k2"
	items := []*Item{
		{ID: "a", Matter: yearly, Period: "2021", State: Up, Decided: "2021-01-04", Due: "2021-01-06", FirstTold: "2021-01-07"},
		{ID: "b", Matter: event, State: Up, Decided: "2021-04-12", Due: "2021-04-14"},
		{ID: "c", Matter: event, State: Draft, Created: dayMicros("2021-04-15")},
		{ID: "d", Matter: event, State: Up, FirstTold: "2021-04-15"},
		{ID: "e", Matter: event, Beyond: true, State: Up, FirstTold: "2021-04-15"},
	}
	got := map[string]bool{}
	empty := 0
	for _, o := range Obligations(Slots(slotLaw(), aCommune(), 2021, "2021-04-20", items, nil, []*OwnMatter{{ID: "x"}})) {
		if o.Item == nil {
			empty++
			continue
		}
		got[o.Item.ID+" "+string(o.Due)] = o.InTime()
	}
	if diff := cmp.Diff(map[string]bool{"a 2021-01-06": false, "b 2021-04-14": false, "d 2021-04-15": true}, got); diff != "" {
		t.Error(diff)
	}
	// Nothing was made of: the funds and the programme of the boards (yearly), two or three that hang for ever, twelve months of reception.
	if empty != 1+1+2+1+4 {
		t.Errorf("%d slots of which nothing was made", empty)
	}
}
