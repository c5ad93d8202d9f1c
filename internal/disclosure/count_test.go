package disclosure

import (
	"testing"

	"dinh/internal/civil"

	"github.com/google/go-cmp/cmp"
)

func office(need int) Place { return Place{Key: "office", Kind: PlaceOffice, Need: need} }

func up(place string, from, to civil.Date) Posting {
	return Posting{ID: string(from), Edition: 1, Place: place, UpDay: from, DownDay: to}
}

func TestCountSheets(t *testing.T) {
	t.Parallel()
	type want struct {
		days       int
		full, ends civil.Date
		restarts   int
		state      Progress
	}
	for _, c := range []struct {
		name     string
		need     int
		today    civil.Date
		postings []Posting
		want     want
	}{
		{"nothing yet", 30, "2021-04-20", nil, want{0, "", "", 0, ToBePosted}},
		{"day 15 of 30", 30, "2021-04-20", []Posting{up("office", "2021-04-06", "")}, want{15, "", "2021-05-05", 0, Posted}},
		{"three days left", 30, "2021-05-02", []Posting{up("office", "2021-04-06", "")}, want{27, "", "2021-05-05", 0, EndingSoon}},
		{"the last day is not over", 30, "2021-05-05", []Posting{up("office", "2021-04-06", "")}, want{30, "", "2021-05-05", 0, EndingSoon}},
		{"over", 30, "2021-05-06", []Posting{up("office", "2021-04-06", "")}, want{31, "2021-05-05", "", 0, Full}},
		{"taken down after the days", 30, "2021-06-01", []Posting{up("office", "2021-04-06", "2021-05-06")}, want{30, "2021-05-05", "", 0, Full}},
		{"taken down on the last day", 30, "2021-06-01", []Posting{up("office", "2021-04-06", "2021-05-05")}, want{29, "", "", 0, RemovedEarly}},
		{"put up again the same day", 30, "2021-04-20", []Posting{up("office", "2021-04-06", "2021-04-10"), up("office", "2021-04-10", "")}, want{15, "", "2021-05-05", 0, Posted}},
		{"a day without it", 30, "2021-04-20", []Posting{up("office", "2021-04-06", "2021-04-10"), up("office", "2021-04-11", "")}, want{10, "", "2021-05-10", 1, Posted}},
		{"entered in any order", 30, "2021-04-20", []Posting{up("office", "2021-04-11", ""), up("office", "2021-04-06", "2021-04-10")}, want{10, "", "2021-05-10", 1, Posted}},
		{"two sheets at once", 30, "2021-04-20", []Posting{up("office", "2021-04-06", "2021-04-12"), up("office", "2021-04-10", "")}, want{15, "", "2021-05-05", 0, Posted}},
		{"a gap after the days", 30, "2021-07-01", []Posting{up("office", "2021-04-06", "2021-05-20"), up("office", "2021-06-20", "")}, want{12, "2021-05-05", "", 0, Full}},
		{"up and down on one day", 30, "2021-04-20", []Posting{up("office", "2021-04-06", "2021-04-06")}, want{0, "", "", 0, ToBePosted}},
		{"not up yet on the day asked", 30, "2021-04-05", []Posting{up("office", "2021-04-06", "")}, want{0, "", "", 0, ToBePosted}},
		{"came down later", 30, "2021-04-20", []Posting{up("office", "2021-04-06", "2021-04-25")}, want{15, "", "2021-05-05", 0, Posted}},
		{"no number of days", 0, "2021-04-20", []Posting{up("office", "2021-04-06", "")}, want{15, "", "", 0, Posted}},
		{"struck out", 30, "2021-04-20", []Posting{{Edition: 1, Place: "office", UpDay: "2021-04-06", Struck: "2021-04-07"}}, want{0, "", "", 0, ToBePosted}},
		{"of an earlier edition", 30, "2021-04-20", []Posting{{Edition: 0, Place: "office", UpDay: "2021-04-06"}}, want{0, "", "", 0, ToBePosted}},
	} {
		got := CountDays(Records{Places: []Place{office(c.need)}, Postings: c.postings, Edition: 1}, c.today).Places[0]
		if diff := cmp.Diff(c.want, want{got.Days, got.Full, got.Ends, got.Restarts, got.Progress(c.today)}, cmp.AllowUnexported(want{})); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestCountWhole(t *testing.T) {
	t.Parallel()
	village := func(key string) Place { return Place{Key: key, Kind: PlaceVillage, Need: 30} }
	for _, c := range []struct {
		name       string
		r          Records
		today      civil.Date
		days       int
		full, ends civil.Date
		up         int
		state      Progress
	}{
		{
			"the slower place decides",
			Records{Places: []Place{office(30), village("v:1")}, Postings: []Posting{up("office", "2021-04-06", ""), up("v:1", "2021-04-08", "")}},
			"2021-04-20", 13, "", "2021-05-07", 2, Posted,
		},
		{"one place has nothing", Records{Places: []Place{office(30), village("v:1")}, Postings: []Posting{up("office", "2021-04-06", "")}}, "2021-04-20", 0, "", "", 1, Posted},
		{
			"a full place does not hold up",
			Records{Places: []Place{office(30), village("v:1")}, Postings: []Posting{up("office", "2021-03-01", "2021-04-01"), up("v:1", "2021-04-08", "")}},
			"2021-04-20", 13, "", "2021-05-07", 1, Posted,
		},
		{
			"all full",
			Records{Places: []Place{office(30), village("v:1")}, Postings: []Posting{up("office", "2021-03-01", "2021-04-01"), up("v:1", "2021-03-02", "")}},
			"2021-04-20", 30, "2021-03-31", "2021-03-31", 1, Full,
		},
		{
			"withdrawn: the clock stops",
			Records{Places: []Place{office(30)}, Postings: []Posting{up("office", "2021-04-06", "2021-04-10")}, Withdrawn: "2021-04-10"},
			"2021-04-20", 4, "", "", 0, RemovedEarly,
		},
		{
			"three broadcasts running",
			Records{
				Places:   []Place{{Key: "loudspeaker", Kind: PlaceLoudspeaker, Need: 3}},
				Tellings: []Telling{{Place: "loudspeaker", Edition: 1, Day: "2021-04-06"}, {Place: "loudspeaker", Edition: 1, Day: "2021-04-07"}, {Place: "loudspeaker", Edition: 1, Day: "2021-04-07"}, {Place: "loudspeaker", Edition: 1, Day: "2021-04-08"}},
			},
			"2021-04-08", 3, "2021-04-08", "2021-04-08", 0, Full,
		},
		{
			"a day without a broadcast",
			Records{
				Places:   []Place{{Key: "loudspeaker", Kind: PlaceLoudspeaker, Need: 3}},
				Tellings: []Telling{{Place: "loudspeaker", Edition: 1, Day: "2021-04-06"}, {Place: "loudspeaker", Edition: 1, Day: "2021-04-08"}, {Place: "loudspeaker", Edition: 1, Day: "2021-04-09"}},
			},
			"2021-04-09", 2, "", "", 0, Posted,
		},
		{
			"the site was away for a day",
			Records{Places: []Place{{Key: "website", Kind: PlaceWebsite, Need: 20}}, Published: "2021-04-01", Dark: []civil.Date{"2021-04-05"}},
			"2021-04-20", 15, "", "2021-04-25", 1, Posted,
		},
	} {
		c.r.Edition = 1
		got := CountDays(c.r, c.today)
		it := &Item{State: Up}
		if got.Days != c.days || got.Full != c.full || got.Ends != c.ends || got.Up != c.up || got.Progress(it, c.today) != c.state {
			t.Errorf("%s: day %d, full %q, ends %q, up %d, %s; want %d, %q, %q, %d, %s", c.name, got.Days, got.Full, got.Ends, got.Up, got.Progress(it, c.today), c.days, c.full, c.ends, c.up, c.state)
		}
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p        Period
		from, to civil.Date
		ok       bool
	}{
		{"2021", "2021-01-01", "2021-12-31", true},
		{"2021-H2", "2021-07-01", "2021-12-31", true},
		{"2021-Q1", "2021-01-01", "2021-03-31", true},
		{"2024-02", "2024-02-01", "2024-02-29", true},
		{"2021-Q5", "", "", false},
		{"2021-13", "", "", false},
		{"2021-00", "", "", false},
		{"", "", "", false},
		{"21", "", "", false},
		{"2021-4", "", "", false},
		{"2021-HQ1", "", "", false},
		{"2021-H", "", "", false},
	} {
		s, ok := c.p.Span()
		if ok != c.ok || ok && (s.From != c.from || s.To != c.to) {
			t.Errorf("%q: %v %v", c.p, s, ok)
		}
	}
	if got := PeriodOf("quarterly", "2021-04-20"); got != "2021-Q2" {
		t.Errorf("quarter %q", got)
	}
	if got := Periods("on_event", 2021); got != nil {
		t.Errorf("on an event: %v", got)
	}
}
