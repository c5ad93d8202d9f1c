package plan

import (
	"slices"
	"strings"
	"testing"

	"dinh/internal/errs"
	"dinh/internal/i18n"
)

var known = Words{
	Act:  func(id string) bool { _, ok := catalogue().Act(id); return ok },
	Flag: func(id string) bool { _, ok := catalogue().Flag(id); return ok },
}

func TestParse648(t *testing.T) {
	t.Parallel()
	p, err := Parse(Plan648, known)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Plan.Tasks); n != 59 {
		t.Errorf("%d tasks, want 59", n)
	}
	if len(p.Warnings) != 0 {
		t.Errorf("warnings: %+v", p.Warnings)
	}
	if p.Issuer != "11" || p.Plan.Signed != "2021-03-12" || p.Plan.Number != "648/KH-UBND" {
		t.Errorf("facts: %s %s %s", p.Issuer, p.Plan.Signed, p.Plan.Number)
	}
	if tk, _ := p.Plan.Task("III.3.b"); len(tk.Dues) != 2 || tk.Dues[1] != "2021-11-14" {
		t.Errorf("III.3.b: %v", tk.Dues)
	}
	if p.Line("1.1") == 0 || p.Line("1.2") <= p.Line("1.1") {
		t.Errorf("lines: %d, %d", p.Line("1.1"), p.Line("1.2"))
	}
}

const small = `[plan]
id = "thu-2021"
number = "1/KH-UBND"
title_vi = "Kế hoạch thử"
issuer = "11"
signed = 2021-03-12
from = 2021-01-01
to = 2021-12-31

[[task]]
id = "1"
room = "lead"
kind = "plan"
to = ["commune"]
due = 2021-03-31
title_vi = "Lập kế hoạch"
evidence = ["kế hoạch"]
`

func TestParseFaults(t *testing.T) {
	t.Parallel()
	if _, err := Parse([]byte(small), known); err != nil {
		t.Fatalf("the sound file: %v", err)
	}
	for _, c := range []struct {
		name     string
		old, new string
		field    string
		key      string
		line     int // 0: any but none
	}{
		{"unknown field of the plan", "issuer =", "colour = 1\nissuer =", "plan.colour", "plan.import.unknown_field", 5},
		{"unknown field of a task", "evidence =", "due_day = 3\nevidence =", "task.due_day", "plan.import.unknown_field", 17},
		{"31 February", "due = 2021-03-31", "due = 2021-02-31", "", "plan.import.syntax", 15},
		{"31 February as text", "due = 2021-03-31", `due = "2021-02-31"`, "due", "plan.bad_day", 10},
		{"a number for a day", "due = 2021-03-31", `due = 31`, "due", "plan.bad_day", 10},
		{"end before start", "to = 2021-12-31", "to = 2020-12-31", "to", "plan.end_before_start", 1},
		{"no days of the plan", "from = 2021-01-01\n", "", "from", "plan.day_needed", 1},
		{"unknown kind of unit", `["commune"]`, `["hamlet"]`, "to", "plan.unknown_kind", 10},
		{"unknown kind of task", `kind = "plan"`, `kind = "dance"`, "kind", "plan.task.unknown_task_kind", 10},
		{"unknown room", `room = "lead"`, `room = "attic"`, "room", "plan.task.unknown_room", 10},
		{"unknown act", `evidence =`, "acts = [\"nd-1-1000\"]\nevidence =", "acts", "plan.unknown_act", 10},
		{"unknown kind of duty", `evidence =`, "duty_kinds = [\"sing\"]\nevidence =", "duty_kinds", "plan.task.unknown_duty_kind", 10},
		{"unknown flag", `evidence =`, "only_if = \"rich\"\nevidence =", "only_if", "plan.unknown_flag", 10},
		{"unknown rhythm", `due = 2021-03-31`, `recurs = "daily"`, "recurs", "plan.task.unknown_rhythm", 10},
		{"unknown mode", `evidence =`, "mode = \"order\"\nevidence =", "mode", "plan.task.unknown_mode", 10},
		{"neither day nor rhythm", "due = 2021-03-31\n", "", "due", "plan.task.no_day", 10},
		{"day and days", `due = 2021-03-31`, "due = 2021-03-31\ndues = [2021-05-14]", "dues", "plan.task.due_twice", 10},
		{"for nobody", `to = ["commune"]`, "to = []", "to", "plan.task.no_addressee", 10},
		{"a role that is no word", `to = ["commune"]`, "to_roles = [\"<b>\"]", "to_roles", "plan.bad_role", 10},
		{"id with a path", `id = "thu-2021"`, `id = "../x"`, "id", "plan.bad_id", 1},
		{"task id with markup", `id = "1"`, `id = "<1>"`, "task", "plan.task.bad_id", 10},
		{"no title", `title_vi = "Lập kế hoạch"`, `title_vi = " "`, "title_vi", "plan.needed", 10},
		{"no issuer", "issuer = \"11\"\n", "", "issuer", "plan.import.no_issuer", 1},
		{"the same task twice", "evidence = [\"kế hoạch\"]\n", "evidence = [\"kế hoạch\"]\n[[task]]\nid = \"1\"\nroom = \"lead\"\nkind = \"plan\"\nto = [\"commune\"]\ndue = 2021-03-31\ntitle_vi = \"x\"\n", "id", "plan.task.twice", 18},
		{"not TOML", "[plan]", "[plan", "", "plan.import.syntax", 2},
		{"control characters", "Lập kế hoạch", `Lập\u0007`, "title_vi", "plan.control_characters", 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(strings.Replace(small, c.old, c.new, 1)), known)
			if !errs.Is(err, errs.Invalid) {
				t.Fatalf("got %v", err)
			}
			i := slices.IndexFunc(errs.FieldsOf(err), func(f errs.Field) bool { return f.Name == c.field && f.Msg.Key == c.key })
			if i < 0 {
				t.Fatalf("got %v, want %s: %s", err, c.field, c.key)
			}
			if f := errs.FieldsOf(err)[i]; f.Line != c.line {
				t.Errorf("line %d, want %d", f.Line, c.line)
			}
			for _, lang := range i18n.Langs {
				for _, f := range errs.FieldsOf(err) {
					if s := i18n.For(lang).Say(f.Msg); strings.Contains(s, "⟦") || strings.Contains(s, "<no value>") {
						t.Errorf("%s: %s", lang, s)
					}
				}
			}
		})
	}
}

func TestParseWarnings(t *testing.T) {
	t.Parallel()
	p, err := Parse([]byte("\xef\xbb\xbf"+strings.Replace(strings.Replace(small, "due = 2021-03-31", "due = 2022-01-05", 1), "evidence = [\"kế hoạch\"]\n", "", 1)), known)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, w := range p.Warnings {
		keys = append(keys, w.Msg.Key)
		if w.Line != 10 {
			t.Errorf("%s at line %d, want 10", w.Msg.Key, w.Line)
		}
	}
	if !slices.Equal(keys, []string{"plan.warn.due_outside", "plan.warn.no_evidence"}) {
		t.Errorf("warnings %v", keys)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("[plan]\nroles = 3\n[[task]]\ndue = 1979-05-27T07:32:00Z\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data, known)
		if err == nil && (p.Plan.To < p.Plan.From || len(p.Plan.Tasks) == 0) {
			t.Errorf("taken: %+v", p.Plan)
		}
	})
}
