package law

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// A duty and an act without fault; each mutation spoils one thing in one of them.
const (
	goodAct = `[[act]]
id = "x-1"
number = "1/2021"
kind = "law"
issuer = "Quốc hội"
title_vi = "Luật thử"
title_en = "A test law"
issued = 2021-01-01
effective_from = 2021-02-01
effective_to = 2022-01-31
`
	goodDuty = `[[duty]]
id = "x-1.d1"
act = "x-1"
ref = "Điều 1"
principle = "know"
kind = "disclose"
role = "limit"
step = "test.step"
unit_kinds = ["union"]
title_vi = "Thử"
title_en = "A test"
forms = ["posting"]
within_days = 5
working = true
effective_from = 2021-02-01
effective_to = 2022-01-31
confidence = "checked"
limits = { lead_days = 2, lead_working = true, team = "3..5", due = "11-18" }
quorum = { num = 2, den = 3, of = "called", exceed = false }
`
	goodStep = `[[step]]
id = "test.step"
meaning = "a test"
event = "then"
unit = "days"
`
	goodFlag = `[[flag]]
id = "tested"
scope = "unit"
weight = 1
meaning = "under test"
`
)

type mutation struct {
	name  string
	text  string
	where string // as check.py names it
	key   string
}

func mutations() []mutation {
	good := goodAct + goodStep + goodDuty + goodFlag
	swap := func(name, from, to, where, key string) mutation {
		return mutation{name, strings.Replace(good, from, to, 1), where, "law.fault." + key}
	}
	duty := func(name, from, to, key string) mutation {
		return mutation{name, goodAct + goodStep + strings.Replace(goodDuty, from, to, 1) + goodFlag, "x-1.d1", "law.fault." + key}
	}
	noStep := strings.Replace(strings.Replace(goodDuty, "step = \"test.step\"\n", "", 1), "working = true\n", "", 1)
	bare := noStep // without number, step or deadline
	for _, cut := range []string{"within_days = 5\n", "limits = { lead_days = 2, lead_working = true, team = \"3..5\", due = \"11-18\" }\n", "quorum = { num = 2, den = 3, of = \"called\", exceed = false }\n"} {
		bare = strings.Replace(bare, cut, "", 1)
	}
	alone := func(name, duty, key string) mutation {
		return mutation{name, goodAct + goodStep + goodFlag + goodDuty + strings.Replace(duty, `"x-1.d1"`, `"x-1.d2"`, 1), "x-1.d2", "law.fault." + key}
	}
	of := func(name, line, key string) mutation {
		return alone(name, strings.Replace(bare, "role = \"limit\"", "role = \"how\"\n"+line, 1), key)
	}
	return []mutation{
		swap("unknown table", "[[flag]]", "[[flags]]", "zz.toml", "table"),
		swap("an id twice", `id = "tested"`, `id = "remote"`, "remote", "twice"),
		swap("an act twice", `id = "x-1"`, `id = "l-10-2022"`, "l-10-2022", "twice"),
		swap("unknown field of an act", "issuer = ", "signer = \"x\"\nissuer = ", "x-1", "unknown_field"),
		swap("unknown field of a step", "event = ", "events = \"x\"\nevent = ", "test.step", "unknown_field"),
		swap("unknown field of a flag", "scope = ", "scopes = \"x\"\nscope = ", "tested", "unknown_field"),
		duty("unknown field of a duty", "ref = ", "reff = \"x\"\nref = ", "unknown_field"),
		swap("text for a day", "issued = 2021-01-01", `issued = "2021-01-01"`, "x-1", "wrong_type"),
		swap("text for a weight", "weight = 1", `weight = "1"`, "tested", "wrong_type"),
		duty("truth for a number", "within_days = 5", "within_days = true", "wrong_type"),
		duty("a broken number", "within_days = 5", "within_days = 5.5", "wrong_type"),
		duty("number for truth", "working = true", "working = 1", "wrong_type"),
		duty("text for a list", `forms = ["posting"]`, `forms = "posting"`, "wrong_type"),
		duty("list for text", `kind = "disclose"`, `kind = ["disclose"]`, "wrong_type"),
		duty("text for a table", `limits = { lead_days = 2, lead_working = true, team = "3..5", due = "11-18" }`, `limits = "2"`, "wrong_type"),
		swap("empty text", `issuer = "Quốc hội"`, `issuer = ""`, "x-1", "empty"),
		duty("empty list", `forms = ["posting"]`, `forms = []`, "empty"),
		duty("empty table", `limits = { lead_days = 2, lead_working = true, team = "3..5", due = "11-18" }`, `limits = {}`, "empty"),
		swap("an act without number", "number = \"1/2021\"\n", "", "x-1", "missing"),
		swap("a step without event", "event = \"then\"\n", "", "test.step", "missing"),
		swap("a flag without meaning", "meaning = \"under test\"\n", "", "tested", "missing"),
		duty("a duty without title", "title_en = \"A test\"\n", "", "missing"),
		duty("a duty without day", "effective_from = 2021-02-01\n", "", "missing"),
		swap("kind of act", `kind = "law"`, `kind = "bill"`, "x-1", "vocabulary"),
		swap("id of an act", `id = "x-1"`, `id = "X_1"`, "X_1", "id_form"),
		swap("an act ends before it begins", "effective_to = 2022-01-31\n[[step]]", "effective_to = 2021-01-31\n[[step]]", "x-1", "ends_before"),
		swap("unit of a step", `unit = "days"`, `unit = "days, moons"`, "test.step", "vocabulary"),
		swap("form of a step", `id = "test.step"`, `id = "Test"`, "Test", "step_form"),
		swap("quorum of a step", `unit = "days"`, "unit = \"days\"\nquorum = \"front\"", "test.step", "share"),
		swap("scope of a flag", `scope = "unit"`, `scope = "world"`, "tested", "vocabulary"),
		duty("no such act", `act = "x-1"`, `act = "x-2"`, "no_act"),
		duty("id of another act", `act = "x-1"`, `act = "l-10-2022"`, "id_act"),
		duty("principle", `principle = "know"`, `principle = "believe"`, "vocabulary"),
		duty("kind", `kind = "disclose"`, `kind = "disclosed"`, "vocabulary"),
		duty("role", `role = "limit"`, `role = "limits"`, "vocabulary"),
		duty("unit kind", `["union"]`, `["union", "league"]`, "vocabulary"),
		duty("form", `["posting"]`, `["poster"]`, "vocabulary"),
		duty("audience", `confidence =`, "audience = \"friends\"\nconfidence =", "vocabulary"),
		duty("recurrence", `confidence =`, "recurrence = \"daily\"\nconfidence =", "vocabulary"),
		duty("flag", `confidence =`, "flags = [\"blue\"]\nconfidence =", "vocabulary"),
		duty("also", `confidence =`, "also = [\"no.step\"]\nconfidence =", "vocabulary"),
		duty("step", `step = "test.step"`, `step = "no.step"`, "vocabulary"),
		duty("confidence", `confidence = "checked"`, `confidence = "sure"`, "vocabulary"),
		duty("a word twice", `["union"]`, `["union", "union"]`, "repeats"),
		duty("no days", "within_days = 5", "within_days = 0", "below_one"),
		duty("days kept below one", "within_days = 5", "within_days = 5\nmin_days = -1", "below_one"),
		duty("share over one", "num = 2, den = 3", "num = 4, den = 3", "share"),
		duty("share of none", "num = 2, den = 3", "num = 0, den = 3", "share"),
		duty("share without exceed", ", exceed = false", "", "share"),
		duty("share that says exceed by number", "exceed = false", "exceed = 0", "share"),
		duty("share with more", "exceed = false", "exceed = false, round = 1", "share"),
		duty("base", `of = "called"`, `of = "everybody"`, "vocabulary"),
		duty("approval", "confidence =", "approval = { num = 0, den = 2, of = \"called\", exceed = true }\nconfidence =", "share"),
		duty("unknown limit", "lead_days = 2", "lead_days = 2, lead = 2", "limit"),
		duty("limit of none", "lead_days = 2", "lead_days = 0", "limit"),
		duty("truth for a limit", "lead_days = 2", "lead_days = true", "limit"),
		duty("lead_working that is not true", "lead_working = true", "lead_working = false", "limit"),
		duty("permanent that is not true", "lead_days = 2", "lead_days = 2, permanent = false", "limit"),
		duty("team", `team = "3..5"`, `team = "3-5"`, "limit"),
		duty("due", `due = "11-18"`, `due = "18-11"`, "limit"),
		duty("due on no day", `due = "11-18"`, `due = "02-29"`, "limit"),
		duty("due as a day", `due = "11-18"`, `due = 2021-11-18`, "limit"),
		duty("lead_working without lead_days", "lead_days = 2, ", "", "lead_working"),
		duty("working without within_days", "within_days = 5\n", "", "working"),
		duty("exempt", "confidence =", "exempt = \"staff<8|people>9\"\nconfidence =", "exempt"),
		duty("exempt ending in a bar", "confidence =", "exempt = \"staff<8|\"\nconfidence =", "exempt"),
		duty("a duty ends before it begins", "effective_to = 2022-01-31", "effective_to = 2021-01-31", "ends_before"),
		duty("a duty begins before its act", "effective_from = 2021-02-01", "effective_from = 2021-01-31", "outside_act"),
		duty("a duty outlives its act", "effective_to = 2022-01-31\n", "", "outside_act"),
		alone("also without step", strings.Replace(noStep, "confidence =", "also = [\"test.step\"]\nconfidence =", 1), "also"),
		duty("a step twice", "confidence =", "also = [\"test.step\"]\nconfidence =", "step_twice"),
		alone("a limit without step", noStep, "limit_step"),
		duty("a right with numbers", `role = "limit"`, `role = "right"`, "role_numbers"),
		alone("a ban that details", strings.Replace(bare, "role = \"limit\"", "role = \"ban\"\nof = [\"l-10-2022.d21.k2\"]", 1), "role_numbers"),
		alone("a care that yields", strings.Replace(bare, "role = \"limit\"", "role = \"care\"\nyields_to = [\"l-10-2022.d21.k2\"]", 1), "role_numbers"),
		duty("a matter with of", `role = "limit"`, "role = \"matter\"\nof = [\"l-10-2022.d21.k2\"]", "matter_of"),
		alone("a matter with a number and no step", strings.Replace(noStep, `role = "limit"`, `role = "matter"`, 1), "matter_number"),
		alone("a matter with a deadline and no step", strings.Replace(strings.Replace(bare, `"disclose"`, `"report"`, 1), "role = \"limit\"\n", "role = \"matter\"\nwithin_days = 5\n", 1), "matter_deadline"),
		alone("a step without number", strings.Replace(bare, "role = \"limit\"", "role = \"matter\"\nstep = \"test.step\"", 1), "step_number"),
		of("a pattern without star", `of = "l-10-2022.d21"`, "of_pattern"),
		of("a pattern that fits nothing", `of = "l-10-2022.d9999.*"`, "of_none"),
		of("of what is not there", `of = ["l-10-2022.d9999"]`, "of_missing"),
		of("of what is no matter", `of = ["l-10-2022.d12.k3"]`, "of_matter"),
		duty("yields to what is not there", "confidence =", "yields_to = [\"l-10-2022.d9999\"]\nconfidence =", "yields_missing"),
		duty("yields to another step", "confidence =", "yields_to = [\"l-10-2022.d12.k3\"]\nconfidence =", "yields_step"),
		swap("a step that no duty has", "[[flag]]", strings.Replace(goodStep, "test.step", "test.idle", 1)+"[[flag]]", "test.idle", "step_unused"),
		swap("two answers", "[[flag]]", strings.Replace(goodDuty, `"x-1.d1"`, `"x-1.d2"`, 1)+"[[flag]]", "test.step", "two_answers"),
	}
}

var parsed = sync.OnceValues(func() (*reader, error) {
	files, err := embedded()
	r := newReader(&faults{})
	for _, s := range files {
		if s.name != holidaysFile {
			r.add(s)
		}
	}
	return r, errors.Join(err, r.f.err())
})

// embeddedWith is what the loader says of the program's own files and one more.
func embeddedWith(t *testing.T, text string) error {
	t.Helper()
	base, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	f := &faults{}
	r := &reader{f: f, at: maps.Clone(base.at), tables: tables{
		acts: slices.Clone(base.acts), duties: slices.Clone(base.duties), steps: slices.Clone(base.steps), flags: slices.Clone(base.flags),
	}}
	r.add(source{name: "zz.toml", body: []byte(text)})
	build(&r.tables, f)
	return f.err()
}

func TestAGoodFileIsTaken(t *testing.T) {
	t.Parallel()
	if err := embeddedWith(t, goodAct+goodStep+goodDuty+goodFlag); err != nil {
		t.Error(faultText(err))
	}
}

// What check.py refuses the loader refuses, naming the same place.
func TestTheLoaderRefusesWhatCheckRefuses(t *testing.T) {
	t.Parallel()
	all := mutations()
	texts := make([]string, len(all))
	for i, m := range all {
		texts[i] = m.text
		err := embeddedWith(t, m.text)
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: taken (%v)", m.name, err)
			continue
		}
		if !slices.ContainsFunc(errs.FieldsOf(err), func(f errs.Field) bool { return f.Name == m.where && f.Msg.Key == m.key }) {
			t.Errorf("%s: want %s at %s\n%s", m.name, m.key, m.where, faultText(err))
		}
	}
	var said [][]string
	drive(t, "faults", texts, &said)
	for i, m := range all {
		ok := slices.ContainsFunc(said[i], func(s string) bool { return strings.HasPrefix(s, m.where+": ") || strings.HasPrefix(s, "!") })
		if !ok {
			t.Errorf("%s: check.py says %v", m.name, said[i])
		}
	}
}

func TestWhatIsNotToml(t *testing.T) {
	t.Parallel()
	err := embeddedWith(t, "[[act]]\nid = \"x-1\nnumber = 1\n")
	f := errs.FieldsOf(err)
	if !errs.Is(err, errs.Invalid) || len(f) != 1 || f[0].Name != "zz.toml" || f[0].Line != 2 {
		t.Errorf("%s %+v", faultText(err), f)
	}
	err = embeddedWith(t, "act = 5\n[[duty]]\nref = \"x\"\n")
	if f := errs.FieldsOf(err); len(f) != 2 || f[0].Name != "zz.toml" || f[1].Name != "zz.toml [[duty]] 1" {
		t.Errorf("%s", faultText(err))
	}
}

// What is wrong in a data folder names the file, the line on which the entry begins, and the entry: also where an entry of the program no longer fits.
func TestOverlayFaults(t *testing.T) {
	t.Parallel()
	const act = `[[act]]
id = "l-10-2022"
number = "10/2022/QH15"
kind = "law"
issuer = "Quốc hội"
title_vi = "Luật thử"
title_en = "A test law"
effective_from = 2024-01-01
`
	base, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(base.duties, func(e entry) bool { return e.text("step") == "ballot.count" })
	stepless := strings.Replace(strings.Replace(goodDuty, `"x-1.d1"`, strconv.Quote(base.duties[i].id), 1), `"x-1"`, strconv.Quote(base.duties[i].text("act")), 1)
	for _, line := range []string{"role = \"limit\"", "step = ", "within_days", "working", "effective_", "limits", "quorum", "confidence"} {
		stepless = regexp.MustCompile(`(?m)^`+line+`.*\n`).ReplaceAllString(stepless, "")
	}
	stepless += "role = \"matter\"\nconfidence = \"checked\"\neffective_from = " + string(base.duties[i].day("effective_from")) + "\n"
	for _, x := range []struct {
		name, file, text string
		want             []string // faults that must be there
	}{
		{"two entries", "sai.toml", "# \"\"\" a remark\n[[duty]]\nid = \"x.d1\"\nnote = \"\"\"\n[[duty]]\n\"\"\"\n [[ \"duty\" ]] # x\nid = \"x.d2\"\n", []string{"sai.toml:2: x.d1: act is missing", "sai.toml:7: x.d2: confidence is missing"}},
		{"no id", "sai.toml", "[[flag]]\nscope = \"unit\"\n", []string{"sai.toml:1: [[flag]] 1: id is missing"}},
		{"written inline", "sai.toml", "flag = [{id = \"x\", scope = \"unit\", weight = 1}]\n", []string{"sai.toml: x: meaning is missing"}},
		{"twice", "sai.toml", goodFlag + "\n" + goodFlag, []string{"sai.toml:7: tested: twice"}},
		{"not TOML", "sai.toml", "[[flag]]\nid = \n", []string{"sai.toml:2: cannot be read: expected value but found '\\n' instead"}},
		{"an act that begins later than its duties", "sai.toml", "\n" + act, []string{"sai.toml:2: l-10-2022.d4.k2: is in force when l-10-2022 is not", "sai.toml:2: l-10-2022.d91.k2: is in force when l-10-2022 is not"}},
		{"a step left without answer", "sai.toml", "\n" + stepless, []string{"sai.toml:2: ballot.count: no duty has this step"}},
		{"a holiday", "holidays.csv", "date,day,name\n2021-02-31,off,x\n", []string{"holidays.csv:2: “2021-02-31” is no day"}},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, x.file), []byte(x.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Overlay(dir)
		fields := errs.FieldsOf(err)
		if !errs.Is(err, errs.Invalid) || len(fields) == 0 {
			t.Errorf("%s: %v", x.name, err)
			continue
		}
		var got []string
		for _, f := range fields {
			where := f.Name
			if f.Line > 0 {
				where += ":" + strconv.Itoa(f.Line)
			}
			got = append(got, where+": "+i18n.For(i18n.EN).Say(f.Msg))
		}
		for _, w := range x.want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: want %s in\n%s", x.name, w, strings.Join(got, "\n"))
			}
		}
		if bare := slices.IndexFunc(got, func(s string) bool { return !strings.HasPrefix(s, x.file) }); bare >= 0 {
			t.Errorf("%s: no file is named: %s", x.name, got[bare])
		}
	}
}

func TestHolidayFaults(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ text, where, key string }{
		{"date,day,name\n2021-02-31,off,x\n", "holidays.csv:2", "holiday_date"},
		{"date,day,name\n2021-02-01,maybe,x\n", "holidays.csv:2", "vocabulary"},
		{"date,day,name\n2021-02-01,off,x\n2021-02-01,off,x\n", "holidays.csv:3", "twice"},
		{"date,day,name\n2021-02-01,off\n", "holidays.csv:2", "syntax"},
	} {
		var f faults
		newCalendar().read(source{name: holidaysFile, body: []byte(x.text)}, &f)
		if len(f.list) != 1 || f.list[0].Where != x.where || f.list[0].Msg.Key != "law.fault."+x.key {
			t.Errorf("%q: %+v", x.text, f.list)
		}
	}
}

// drive runs testdata/drive.py; without python3 the comparison is left out, unless DINH_TEST_ALL asks for everything.
func drive(t *testing.T, what string, in, out any) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("DINH_TEST_ALL") == "1" {
			t.Fatal("DINH_TEST_ALL asks for python3")
		}
		t.Log("no python3: not compared with check.py")
		return
	}
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/drive.py", "data", what)
	cmd.Stdin = bytes.NewReader(body)
	var said, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &wrong
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, wrong.String())
	}
	if err := json.Unmarshal(said.Bytes(), out); err != nil {
		t.Fatal(err)
	}
}
