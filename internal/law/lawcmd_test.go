package law

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"dinh/internal/errs"
	"dinh/internal/i18n"
)

func run(t *testing.T, lang i18n.Lang, line string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Command(t.Context(), catalogue(t), strings.Fields(line), lang, &out)
	return out.String(), err
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		lang       i18n.Lang
		line, want string
	}{
		{i18n.VI, "due ballot.recognise.village_head 2021-03-12 --kind commune", "2021-03-19\tnqlt-09-2008.d9\t5 ngày làm việc từ 12/3/2021, không tính 13, 14/3: hạn 19/3/2021 ("},
		{i18n.EN, "due --kind=commune --flag remote --flag complex complaint.settle 2021-03-12", "2021-05-11\tl-02-2011.d28.remote-complex\t60 days from 12 March 2021: due 11 May 2021 ("},
		{i18n.VI, "passes ballot.contribution.pass --kind village --on 2026-11-01 --yes 58 --all-households 86", "đạt\tl-10-2022.d15.k1\t58 trên 86 hộ: cần ít nhất 58 (hai phần ba của 86 là 57,33)."},
		{i18n.EN, "passes ballot.contribution.pass --kind village --on 2026-11-01 --yes 57 --all-households 86", "no\tl-10-2022.d15.k1\t57 of 86 households"},
		{i18n.VI, "duties --kind commune --on 2021-03-12 --role matter --size 120", "76 quy định ngày 12/3/2021"},
		{i18n.EN, "duties --kind agency --on 2026-11-01 --role matter --size 7 --duty-kind meeting", "duties on 1 November 2026"},
	} {
		got, err := run(t, x.lang, x.line)
		if err != nil || !strings.Contains(got, x.want) {
			t.Errorf("%s: %v\n%s\nwant %s", x.line, err, got, x.want)
		}
	}
}

func TestCommandsInJSON(t *testing.T) {
	t.Parallel()
	out, err := run(t, i18n.VI, "due disclosure.staff.publish 2021-03-12 --kind agency --json")
	if err != nil {
		t.Fatal(err)
	}
	var due struct {
		Date, Duty, Explanation string
		Skipped                 []string
	}
	if err := json.Unmarshal([]byte(out), &due); err != nil {
		t.Fatal(err)
	}
	if due.Date != "2021-03-17" || due.Duty != "nd-04-2015.d8.k2" || !strings.HasPrefix(due.Explanation, "3 ngày làm việc từ 12/3/2021") || len(due.Skipped) != 2 {
		t.Errorf("%+v", due)
	}
	if out, err = run(t, i18n.VI, "passes conference.staff.pass --kind agency --on 2026-11-01 --yes 51 --attending 51 --called 78 --json"); err != nil {
		t.Fatal(err)
	}
	var passes struct {
		Passes            *bool
		Duty, Explanation string
	}
	if err := json.Unmarshal([]byte(out), &passes); err != nil {
		t.Fatal(err)
	}
	if passes.Passes == nil || *passes.Passes || passes.Duty != "l-10-2022.d51.k2.c.bieu-quyet" || passes.Explanation == "" {
		t.Errorf("%s", out)
	}
	if out, err = run(t, i18n.VI, "duties --kind commune --on 2021-03-12 --role matter --duty-kind disclose --json"); err != nil {
		t.Fatal(err)
	}
	var list struct{ Items []map[string]any }
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 23 || list.Items[0]["recalled"] == nil || list.Items[0]["local"] == nil || list.Items[0]["title_vi"] == nil {
		t.Errorf("%d items", len(list.Items))
	}
}

func TestCommandLinesThatCannotBeUnderstood(t *testing.T) {
	t.Parallel()
	usage := func(lines ...string) {
		for _, line := range lines {
			if out, err := run(t, i18n.VI, line); !errs.Is(err, errs.Usage) || out != "" {
				t.Errorf("%q: %v %s", line, err, out)
			} else if text := i18n.For(i18n.VI).Say(errs.MsgOf(err)); strings.Contains(text, "⟦") || strings.Contains(text, "<no value>") {
				t.Errorf("%q: %s", line, text)
			}
		}
	}
	usage(
		"", "statutes", "due", "due disclosure.publish --kind commune", "due no.step 2021-03-12 --kind commune", "due disclosure.publish 2021-02-31 --kind commune",
		"due disclosure.publish 31/2/2021 --kind commune", "due disclosure.publish 2021-03-12", "due disclosure.publish 2021-03-12 --kind town",
		"due disclosure.publish 2021-03-12 --kind commune --flag blue", "due disclosure.publish 2021-03-12 --kind commune --size many",
		"due disclosure.publish 2021-03-12 --kind commune --size -3", "due disclosure.publish 2021-03-12 --kind", "due disclosure.publish 2021-03-12 --kind commune --kind village",
		"due disclosure.publish 2021-03-12 extra --kind commune", "due disclosure.publish 2021-03-12 --kind commune --jason", "due disclosure.publish 2021-03-12 -k commune",
		"due disclosure.publish 2021-03-12 --kind commune --json=no",
		"duties --on 2021-03-12", "duties --kind commune", "duties --kind commune --on today", "duties --kind commune --on 2021-03-12 --role matters",
		"passes ballot.contribution.pass --kind village --on 2026-11-01 --yes 58", "passes ballot.contribution.pass --kind village --on 2026-11-01 --all-households 86",
		"passes ballot.contribution.pass --kind village --on 2026-11-01 --yes 87 --all-households 86", "passes ballot.contribution.pass --kind village --yes 58 --all-households 86",
		"passes ballot.contribution.pass --kind village --on 2026-11-01 --yes 5.5 --all-households 86",
	)
	if _, err := run(t, i18n.VI, "passes ballot.contribution.pass --kind village --on 2026-11-01 --yes 58"); !strings.Contains(i18n.For(i18n.VI).Say(errs.MsgOf(err)), "--all-households") {
		t.Errorf("the missing base is not named: %v", err)
	}
	for _, line := range []string{
		"due disclosure.publish 2021-03-12 --kind agency", "due ballot.team 2026-11-01 --kind village",
		"passes ballot.contribution.pass --kind agency --on 2026-11-01 --yes 1 --all-households 2", "passes disclosure.publish --kind commune --on 2026-11-01 --yes 1",
	} {
		if _, err := run(t, i18n.VI, line); err == nil || errs.Is(err, errs.Usage) || strings.Contains(i18n.For(i18n.VI).Say(errs.MsgOf(err)), "⟦") {
			t.Errorf("%q: %v", line, err)
		}
	}
}
