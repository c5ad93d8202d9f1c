package plan

import (
	"testing"

	"dinh/internal/civil"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const (
	due31 = civil.Date("2021-03-31")
	day   = civil.Date("2021-04-20")
)

func occ(o Occurrence) Occurrence {
	if o.Limit == civil.None {
		o.Limit = o.Due
	}
	return o
}

func TestCellState(t *testing.T) {
	t.Parallel()
	const given = civil.Date("2021-03-12")
	for _, c := range []struct {
		name  string
		f     Facts
		today civil.Date
		want  State
		count Counted
	}{
		{"nobody has the plan", Facts{Given: given, Occ: []Occurrence{occ(Occurrence{Due: due31})}}, "2021-03-20", NotReceived, Counted{}},
		{"received", Facts{Given: given, Received: "2021-03-15", Occ: []Occurrence{occ(Occurrence{Due: due31})}}, "2021-03-20", Received, Counted{}},
		{"evidence is there", Facts{Given: given, Received: "2021-03-15", Occ: []Occurrence{occ(Occurrence{Due: due31, Begun: true})}}, "2021-03-20", Doing, Counted{}},
		{"four days left", Facts{Given: given, Received: given, Occ: []Occurrence{occ(Occurrence{Due: due31})}}, "2021-03-27", Received, Counted{}},
		{"three days left", Facts{Given: given, Received: given, Occ: []Occurrence{occ(Occurrence{Due: due31, Begun: true})}}, "2021-03-28", DueSoon, Counted{}},
		{"the last day itself is in time", Facts{Given: given, Occ: []Occurrence{occ(Occurrence{Due: due31})}}, due31, DueSoon, Counted{Due: true}},
		{"the day after", Facts{Given: given, Occ: []Occurrence{occ(Occurrence{Due: due31})}}, "2021-04-01", Overdue, Counted{Due: true, Overdue: true}},
		{"overdue though begun", Facts{Given: given, Received: given, Occ: []Occurrence{occ(Occurrence{Due: due31, Begun: true})}}, day, Overdue, Counted{Due: true, Overdue: true}},
		{"done on the last day, entered later", Facts{Given: given, Occ: []Occurrence{occ(Occurrence{Due: due31, Done: due31, Entered: "2021-04-15"})}}, day, Done, Counted{Done: true, Due: true}},
		{"done before the day has come", Facts{Given: given, Occ: []Occurrence{occ(Occurrence{Due: "2021-05-14", Done: "2021-04-10"})}}, day, Done, Counted{Done: true}},
		{"done after the last day", Facts{Given: given, Occ: []Occurrence{occ(Occurrence{Due: due31, Done: "2021-04-02"})}}, day, DoneLate, Counted{Done: true, Due: true}},
		{"unit entered after the last day", Facts{Given: "2021-04-05", Occ: []Occurrence{occ(Occurrence{Due: due31})}}, day, EnteredLate, Counted{Done: true, Due: true}},
		{"and did it", Facts{Given: "2021-04-05", Occ: []Occurrence{occ(Occurrence{Due: due31, Done: "2021-04-10"})}}, day, EnteredLate, Counted{Done: true, Due: true}},
		{"unit entered on the last day is bound by it", Facts{Given: due31, Occ: []Occurrence{occ(Occurrence{Due: due31})}}, day, Overdue, Counted{Due: true, Overdue: true}},
		{"unit entered late, later day still ahead", Facts{Given: "2021-04-05", Received: "2021-04-06", Occ: []Occurrence{occ(Occurrence{Due: due31}), occ(Occurrence{Due: "2021-11-14"})}}, day, Received, Counted{Due: true}},
		{"supplements asked", Facts{Given: given, Received: given, Occ: []Occurrence{occ(Occurrence{Due: due31, Done: "2021-03-25", Returned: true})}}, day, Returned, Counted{Due: true}},
		{"supplements asked by a day that has passed", Facts{Given: given, Received: given, Occ: []Occurrence{occ(Occurrence{Due: due31, Done: "2021-03-25", Returned: true, AnswerBy: "2021-04-19"})}}, day, Overdue, Counted{Due: true, Overdue: true}},
		{"extended in time", Facts{Given: given, Received: given, Occ: []Occurrence{{Due: "2021-04-30", Limit: "2021-04-30", Begun: true}}}, day, Doing, Counted{}},
		{"extended in time and done in the extension", Facts{Given: given, Occ: []Occurrence{{Due: "2021-04-30", Limit: "2021-04-30", Done: "2021-04-15"}}}, day, Done, Counted{Done: true}},
		{"extended after it was late: not overdue now", Facts{Given: given, Received: given, Occ: []Occurrence{{Due: "2021-04-30", Limit: due31}}}, day, Received, Counted{}},
		{"extended after it was late: late stays late", Facts{Given: given, Occ: []Occurrence{{Due: "2021-04-30", Limit: due31, Done: "2021-04-18"}}}, day, DoneLate, Counted{Done: true}},
		{"the worst of two", Facts{Given: given, Received: given, Occ: []Occurrence{occ(Occurrence{Due: "2021-05-14", Begun: true}), occ(Occurrence{Due: "2021-11-14"})}}, "2021-05-20", Overdue, Counted{Due: true, Overdue: true}},
		{"first done, second ahead", Facts{Given: given, Received: given, Occ: []Occurrence{occ(Occurrence{Due: "2021-05-14", Done: "2021-05-13"}), occ(Occurrence{Due: "2021-11-14"})}}, "2021-05-20", Received, Counted{Due: true}},
		{"the nearer one speaks", Facts{Given: given, Received: given, Occ: []Occurrence{occ(Occurrence{Due: "2021-11-14"}), occ(Occurrence{Due: "2021-05-14", Begun: true})}}, day, Doing, Counted{}},
		{"last result after all are closed", Facts{Given: given, Occ: []Occurrence{occ(Occurrence{Due: "2021-05-14", Done: "2021-05-20"}), occ(Occurrence{Due: "2021-11-14", Done: "2021-11-12"})}}, "2021-12-01", Done, Counted{Done: true, Due: true}},
		{"request is never overdue", Facts{Request: true, Given: given, Received: given, Occ: []Occurrence{occ(Occurrence{Due: due31})}}, day, Received, Counted{}},
		{"request is never due soon", Facts{Request: true, Given: given, Occ: []Occurrence{occ(Occurrence{Due: due31})}}, "2021-03-30", NotReceived, Counted{}},
		{"request done late is done", Facts{Request: true, Given: given, Occ: []Occurrence{occ(Occurrence{Due: due31, Done: "2021-04-10"})}}, day, Done, Counted{Done: true}},
		{"exempt by rule", Facts{NA: NARule, Given: given, Occ: []Occurrence{occ(Occurrence{Due: due31})}}, day, NotApplicable, Counted{}},
		{"consent given", Facts{NA: NAAgreed, Given: given}, day, NotApplicable, Counted{}},
		{"consent awaited: late all the same", Facts{NA: NAAsked, Given: given, Occ: []Occurrence{occ(Occurrence{Due: due31})}}, day, Overdue, Counted{Due: true, Overdue: true}},
		{"on event, not received", Facts{Recurs: OnEvent, Given: given}, day, NotReceived, Counted{}},
		{"on event, nothing stated", Facts{Recurs: OnEvent, Given: given, Received: given}, day, NoEvent, Counted{}},
		{"on event, one stated without a day", Facts{Recurs: OnEvent, Given: given, Received: given, Occ: []Occurrence{{Event: "x"}}}, day, Received, Counted{}},
		{"on event, one done", Facts{Recurs: OnEvent, Given: given, Received: given, Occ: []Occurrence{{Event: "x", Done: "2021-04-01"}}}, day, Done, Counted{Done: true}},
		{"on event, late one then one in time", Facts{Recurs: OnEvent, Given: given, Received: given, Occ: []Occurrence{occ(Occurrence{Event: "x", Due: due31, Done: "2021-04-01"}), {Event: "y", Done: "2021-04-10"}}}, day, Done, Counted{Done: true, Due: true}},
		{"continuous, not received", Facts{Recurs: Continuous, Given: given}, "2021-12-01", NotReceived, Counted{}},
		{"continuous, received", Facts{Recurs: Continuous, Given: given, Received: "2021-03-15"}, day, Received, Counted{}},
		{"continuous, 90 days after reception", Facts{Recurs: Continuous, Given: given, Received: given}, "2021-06-10", Received, Counted{}},
		{"continuous, 91 days after reception", Facts{Recurs: Continuous, Given: given, Received: given}, "2021-06-11", Quiet, Counted{}},
		{"continuous, a record", Facts{Recurs: Continuous, Given: given, Received: given, Last: "2021-04-01"}, "2021-06-30", Doing, Counted{}},
		{"continuous, 91 days after the record", Facts{Recurs: Continuous, Given: given, Received: given, Last: "2021-04-01"}, "2021-07-01", Quiet, Counted{}},
		{"continuous, a record before reception was noted", Facts{Recurs: Continuous, Given: given, Last: "2021-04-01"}, day, Doing, Counted{}},
		{"continuous, plan over", Facts{Recurs: Continuous, Given: given, Received: given, Last: "2021-12-01", PlanEnd: "2021-12-31"}, "2026-01-01", Doing, Counted{}},
		{"unit ended before the day", Facts{Given: given, Received: given, UnitEnd: "2021-03-25", Occ: []Occurrence{occ(Occurrence{Due: due31})}}, day, Received, Counted{Due: true}},
		{"unit ended after the day", Facts{Given: given, UnitEnd: "2021-04-15", Occ: []Occurrence{occ(Occurrence{Due: due31})}}, day, Overdue, Counted{Due: true, Overdue: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := CellState(&c.f, c.today)
			if got != c.want {
				t.Errorf("state %s, want %s", got, c.want)
			}
			if n := Count(&c.f, got, c.today); n != c.count {
				t.Errorf("counted %+v, want %+v", n, c.count)
			}
		})
	}
}

func TestOccurrences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		task     Task
		from, to civil.Date
		want     []Due
	}{
		{"a day", Task{Due: due31, Recurs: Yearly}, "2021-01-01", "2021-12-31", []Due{{1, due31}}},
		{"two days, in order", Task{Dues: []civil.Date{"2021-11-14", "2021-05-14"}}, "2021-01-01", "2021-12-31", []Due{{1, "2021-05-14"}, {2, "2021-11-14"}}},
		{"a day outside the plan stays", Task{Due: "2022-01-05"}, "2021-01-01", "2021-12-31", []Due{{1, "2022-01-05"}}},
		{"half-yearly", Task{Recurs: HalfYearly}, "2021-01-01", "2021-12-31", []Due{{1, "2021-06-30"}, {2, "2021-12-31"}}},
		{"half-yearly, plan from July", Task{Recurs: HalfYearly}, "2021-07-01", "2021-12-31", []Due{{1, "2021-12-31"}}},
		{"half-yearly, plan to 30 June", Task{Recurs: HalfYearly}, "2021-01-01", "2021-06-30", []Due{{1, "2021-06-30"}}},
		{"yearly", Task{Recurs: Yearly}, "2021-01-01", "2021-12-20", []Due{{1, "2021-12-20"}}},
		{"on event", Task{Recurs: OnEvent}, "2021-01-01", "2021-12-31", []Due{}},
		{"continuous", Task{Recurs: Continuous}, "2021-01-01", "2021-12-31", []Due{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, Occurrences(&c.task, c.from, c.to)); d != "" {
				t.Error(d)
			}
		})
	}
}

func anyDay(rt *rapid.T, label string) civil.Date {
	return civil.Date("2020-01-01").Add(rapid.IntRange(0, 1200).Draw(rt, label))
}

func TestOccurrencesInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		from := anyDay(rt, "from")
		to := from.Add(rapid.IntRange(0, 800).Draw(rt, "length"))
		task := Task{Recurs: rapid.SampledFrom(append([]string{""}, Rhythms...)).Draw(rt, "recurs")}
		for range rapid.IntRange(0, 4).Draw(rt, "dues") {
			task.Dues = append(task.Dues, anyDay(rt, "due"))
		}
		got := Occurrences(&task, from, to)
		for i, d := range got {
			if d.Seq != i+1 {
				rt.Fatalf("occurrence %d has number %d", i, d.Seq)
			}
			if i > 0 && d.Day <= got[i-1].Day {
				rt.Fatalf("days not strictly rising: %v", got)
			}
			if len(task.Dues) == 0 && (d.Day < from || d.Day > to) {
				rt.Fatalf("%s outside %s..%s", d.Day, from, to)
			}
		}
		if len(task.Dues) == 0 && (task.Recurs == Yearly || task.Recurs == HalfYearly) && got[len(got)-1].Day != to {
			rt.Fatalf("%s does not end on the plan's last day: %v", task.Recurs, got)
		}
		if len(task.Dues) == 0 && (task.Recurs == OnEvent || task.Recurs == Continuous) && len(got) > 0 {
			rt.Fatalf("%s has occurrences: %v", task.Recurs, got)
		}
	})
}

// A closed assignment never gets worse with time, and lateness never goes away by waiting or by a late extension.
func TestStateInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		f := Facts{
			Request: rapid.Bool().Draw(rt, "request"), Given: anyDay(rt, "given"),
			NA: rapid.SampledFrom([]NA{NANo, NARule, NAAsked, NAAgreed}).Draw(rt, "na"),
		}
		for range rapid.IntRange(1, 3).Draw(rt, "n") {
			o := Occurrence{Due: anyDay(rt, "due"), Begun: rapid.Bool().Draw(rt, "begun")}
			o.Limit = o.Due
			if rapid.Bool().Draw(rt, "closed") {
				o.Done = anyDay(rt, "done")
			}
			f.Occ = append(f.Occ, o)
		}
		today := anyDay(rt, "today")
		s, later := CellState(&f, today), CellState(&f, today.Add(rapid.IntRange(1, 400).Draw(rt, "wait")))
		if (s == Overdue || s == NotApplicable || s == Done || s == DoneLate) && later != s {
			rt.Fatalf("%s became %s by waiting", s, later)
		}
		if f.Request && (s == Overdue || s == DueSoon || s == DoneLate) {
			rt.Fatalf("a request is %s", s)
		}
		c := Count(&f, s, today)
		if c.Overdue && (!c.Due || c.Done) {
			rt.Fatalf("overdue but counted %+v", c)
		}
	})
}
