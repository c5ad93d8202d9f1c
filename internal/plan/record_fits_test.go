package plan

import "testing"

func TestRecordFits(t *testing.T) {
	t.Parallel()
	named := func(records ...string) *Task {
		return &Task{ID: "4.1.a", Kind: "disclose", DutyKinds: []string{"disclose"}, Records: records}
	}
	old := func(kind string, duties ...string) *Task { return &Task{ID: "4.1.a", Kind: kind, DutyKinds: duties} }
	for _, c := range []struct {
		name string
		r    Record
		t    *Task
		want bool
	}{
		{"the record that the task names", Record{Room: "disclosure", Kind: "item", DutyKind: "disclose"}, named("disclosure.item"), true},
		{"another of the same kind of duty", Record{Room: "disclosure", Kind: "beyond", DutyKind: "disclose"}, named("disclosure.item"), false},
		{"one of several", Record{Room: "disclosure", Kind: "beyond"}, named("disclosure.item", "disclosure.beyond"), true},
		{"of another room", Record{Room: "petition", Kind: "item", DutyKind: "disclose"}, named("disclosure.item"), false},
		{"only other tasks", Record{Room: "disclosure", Kind: "item", Tasks: []string{"4.1.b"}}, named("disclosure.item"), false},
		{"a plan of before, by the kind of duty", Record{Room: "disclosure", Kind: "item", DutyKind: "disclose"}, old("disclose", "disclose"), true},
		{"by the kind of task where it names no duties", Record{Room: "disclosure", Kind: "item", DutyKind: "disclose"}, old("disclose"), true},
		{"by the kind of task that the record names", Record{Room: "disclosure", Kind: "regulation", TaskKind: "regulation"}, old("regulation", "organise"), true},
		{"a board, which a plan of before does not know", Record{Room: "disclosure", Kind: "board"}, old("organise"), false},
	} {
		if got := c.r.fits(c.t); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// The plan of 2021 names the room's records at the tasks that they show.
func TestPlan648NamesRecords(t *testing.T) {
	t.Parallel()
	p, err := Parse(Plan648, Words{})
	if err != nil {
		t.Fatal(err)
	}
	reports := map[string]string{
		"10.1": "half", "10.1.c": "half", "10.2": "year", "10.2.c": "year", "10.3": "other", "III.3.b": "consolidated", "III.4.b": "consolidated", "III.6.b": "year",
		"III.7.b": "consolidated", "III.7.c": "consolidated",
	}
	want := map[string]string{
		"2.1": "session", "3.1": "regulation", "3.2": "regulation", "3.3": "regulation", "4.1.a": "item", "4.1.b": "item", "4.1.c": "item", "4.1.d": "board", "4.1.e": "beyond",
	}
	for _, task := range p.Plan.Tasks {
		got := ""
		if len(task.Records) > 0 {
			got = task.Records[0]
		}
		wanted := ""
		if w := want[task.ID]; w != "" {
			wanted = "disclosure." + w
		} else if w := reports[task.ID]; w != "" {
			wanted = "report." + w
		}
		if got != wanted {
			t.Errorf("%s names %q", task.ID, got)
		}
	}
}
