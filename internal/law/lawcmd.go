package law

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Command runs "law duties", "law due" or "law passes" with the arguments after "law", and writes to w. A command line that cannot be understood
// (an unknown step, kind or flag, no such day, a count that is missing) is an errs.Usage; other errors say that there is no rule or no number.
func Command(ctx context.Context, c *Catalogue, args []string, lang i18n.Lang, w io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(args) == 0 {
		return errs.E(errs.Usage, "law.usage.sub", "word", "")
	}
	cmd := command{c: c, p: i18n.For(lang), w: w}
	switch args[0] {
	case "duties":
		return cmd.duties(args[1:])
	case "due":
		return cmd.due(args[1:])
	case "passes":
		return cmd.passes(args[1:])
	}
	return errs.E(errs.Usage, "law.usage.sub", "word", args[0])
}

type command struct {
	c *Catalogue
	p *i18n.Printer
	w io.Writer
}

// options are the arguments of one call, as given.
type options struct {
	words  []string            // without a name
	values map[string][]string // by name, without --
}

// parse tells names from words. A name in truths stands alone, one in named has a value; any other is a fault.
func parse(args []string, truths, named []string) (options, error) {
	o := options{values: map[string][]string{}}
	for i := 0; i < len(args); i++ {
		name, dashed := strings.CutPrefix(args[i], "--")
		if !dashed {
			if strings.HasPrefix(args[i], "-") && len(args[i]) > 1 {
				return o, errs.E(errs.Usage, "law.usage.option", "option", args[i])
			}
			o.words = append(o.words, args[i])
			continue
		}
		name, value, given := strings.Cut(name, "=")
		switch {
		case slices.Contains(truths, name) && !given:
			value = "true"
		case !slices.Contains(named, name):
			return o, errs.E(errs.Usage, "law.usage.option", "option", args[i])
		case !given && i+1 == len(args):
			return o, errs.E(errs.Usage, "law.usage.value", "option", "--"+name)
		case !given:
			i++
			value = args[i]
		}
		if len(o.values[name]) > 0 && name != "flag" {
			return o, errs.E(errs.Usage, "law.usage.twice", "option", "--"+name)
		}
		o.values[name] = append(o.values[name], value)
	}
	return o, nil
}

func (o options) text(name string) string {
	if v := o.values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (o options) has(name string) bool { return len(o.values[name]) > 0 }

// count is a whole number from 0, -1 where it is not given.
func (o options) count(name string) (int, error) {
	if !o.has(name) {
		return -1, nil
	}
	n, err := strconv.Atoi(o.text(name))
	if err != nil || n < 0 || n > maxCount {
		return 0, errs.E(errs.Usage, "law.usage.number", "option", "--"+name, "value", o.text(name))
	}
	return n, nil
}

func readDay(option, value string) (civil.Date, error) {
	if value == "" {
		return civil.None, errs.E(errs.Usage, "law.usage.missing", "option", option)
	}
	d, err := civil.Parse(value)
	if err != nil {
		return civil.None, errs.E(errs.Usage, "law.usage.day", "value", value)
	}
	return d, nil
}

// word reads an option that must be one of the vocabulary; must says that it may not be left out.
func (o options) word(name string, vocabulary []string, must bool) (string, error) {
	v := o.text(name)
	switch {
	case !o.has(name) && must:
		return "", errs.E(errs.Usage, "law.usage.missing", "option", "--"+name)
	case o.has(name) && !slices.Contains(vocabulary, v):
		return "", errs.E(errs.Usage, "law.usage.word", "option", "--"+name, "value", v, "words", vocabulary)
	}
	return v, nil
}

// asked are the options that all three commands share.
type asked struct {
	kind  string
	flags []string
	size  Sizes
}

var askedOptions = []string{"kind", "flag", "size", "staff", "workers"}

func (cmd command) asked(o options) (asked, error) {
	var a asked
	var err error
	if a.kind, err = o.word("kind", UnitKinds, true); err != nil {
		return a, err
	}
	for _, f := range o.values["flag"] {
		if _, ok := cmd.c.Flag(f); !ok {
			var all []string
			for _, x := range cmd.c.Flags {
				all = append(all, x.ID)
			}
			return a, errs.E(errs.Usage, "law.usage.word", "option", "--flag", "value", f, "words", all)
		}
		a.flags = append(a.flags, f)
	}
	both, err := o.count("size")
	if err != nil {
		return a, err
	}
	sizes := [2]int{both, both}
	for i, name := range []string{"staff", "workers"} {
		n, err := o.count(name)
		if err != nil {
			return a, err
		}
		if n >= 0 {
			sizes[i] = n
		}
	}
	a.size = SizesOf(sizes[0], sizes[1])
	return a, nil
}

// step reads the words of due and passes: the step, then n-1 others.
func (cmd command) step(o options, n int) (string, error) {
	if len(o.words) == 0 {
		return "", errs.E(errs.Usage, "law.usage.missing", "option", "STEP")
	}
	if _, ok := cmd.c.Step(o.words[0]); !ok {
		return "", errs.E(errs.Usage, "law.usage.step", "value", o.words[0])
	}
	if len(o.words) > n {
		return "", errs.E(errs.Usage, "law.usage.extra", "value", o.words[n])
	}
	return o.words[0], nil
}

func (cmd command) duties(args []string) error {
	o, err := parse(args, []string{"json"}, append([]string{"on", "role", "duty-kind", "principle"}, askedOptions...))
	if err != nil {
		return err
	}
	if len(o.words) > 0 {
		return errs.E(errs.Usage, "law.usage.extra", "value", o.words[0])
	}
	a, err := cmd.asked(o)
	if err != nil {
		return err
	}
	q := Query{Kind: a.kind, Flags: a.flags, Size: a.size}
	if q.Day, err = readDay("--on", o.text("on")); err != nil {
		return err
	}
	if q.Role, err = o.word("role", Roles, false); err != nil {
		return err
	}
	if q.DutyKind, err = o.word("duty-kind", DutyKinds, false); err != nil {
		return err
	}
	if q.Principle, err = o.word("principle", Principles, false); err != nil {
		return err
	}
	found := cmd.c.Duties(q)
	if o.has("json") {
		return cmd.json(map[string]any{"items": append([]*Duty{}, found...)})
	}
	t := tabwriter.NewWriter(cmd.w, 0, 4, 2, ' ', 0)
	for _, d := range found {
		fmt.Fprintf(t, "%s\t%s\t%s\n", d.ID, cmd.p.Say(d.Cite()), d.Title(cmd.p.Lang))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.w, cmd.p.T("law.command.duties", "n", len(found), "day", q.Day))
	return err
}

func (cmd command) due(args []string) error {
	o, err := parse(args, []string{"json"}, askedOptions)
	if err != nil {
		return err
	}
	step, err := cmd.step(o, 2)
	if err != nil {
		return err
	}
	if len(o.words) < 2 {
		return errs.E(errs.Usage, "law.usage.missing", "option", "DATE")
	}
	event, err := readDay("DATE", o.words[1])
	if err != nil {
		return err
	}
	a, err := cmd.asked(o)
	if err != nil {
		return err
	}
	d, err := cmd.c.Deadline(step, a.kind, a.flags, a.size, event)
	if err != nil {
		return err
	}
	explanation := cmd.p.Say(d.Msg)
	if o.has("json") {
		return cmd.json(struct {
			Date        civil.Date   `json:"date"`
			Duty        string       `json:"duty"`
			Explanation string       `json:"explanation"`
			Step        string       `json:"step"`
			Event       civil.Date   `json:"event"`
			Sense       Sense        `json:"sense"`
			Hours       int          `json:"hours,omitempty"`
			Tentative   bool         `json:"tentative"`
			Recalled    bool         `json:"recalled"`
			Skipped     []civil.Date `json:"skipped"`
			Digest      string       `json:"digest"`
		}{d.Date, d.DutyID, explanation, d.Step, d.Event, d.Sense, d.Hours, d.Tentative, d.Recalled, append([]civil.Date{}, d.Skipped...), d.Digest})
	}
	_, err = fmt.Fprintf(cmd.w, "%s\t%s\t%s\n", d.Date, d.DutyID, explanation)
	return err
}

// countOptions are the names of the counts by their options.
var countOptions = map[string]string{
	"yes": Yes, "backing": Backing, "attending": Attending, "called": "called", "members": "members", "all-households": "all_households",
	"all-voters-or-households": "all_voters_or_households", "all-villages": "all_villages", "all-workers": "all_workers",
}

func (cmd command) passes(args []string) error {
	names := append([]string{"on"}, askedOptions...)
	for name := range countOptions {
		names = append(names, name)
	}
	o, err := parse(args, []string{"json"}, names)
	if err != nil {
		return err
	}
	step, err := cmd.step(o, 1)
	if err != nil {
		return err
	}
	a, err := cmd.asked(o)
	if err != nil {
		return err
	}
	day, err := readDay("--on", o.text("on"))
	if err != nil {
		return err
	}
	counts := Counts{}
	for option, name := range countOptions {
		n, err := o.count(option)
		if err != nil {
			return err
		}
		if n >= 0 {
			counts[name] = n
		}
	}
	d, ok := cmd.c.Rule(step, a.kind, a.flags, a.size, day)
	if !ok {
		return cmd.c.noRule(step, a.kind, a.flags, a.size, day)
	}
	v, err := cmd.c.Passes(d, counts)
	if fields := errs.FieldsOf(err); len(fields) > 0 {
		return errs.Wrap(errs.Usage, err, "law.usage.count", "option", "--"+strings.ReplaceAll(fields[0].Name, "_", "-"), "what", fields[0].Msg)
	}
	if err != nil {
		return err
	}
	explanation := cmd.p.Say(v.Msg)
	if o.has("json") {
		return cmd.json(struct {
			Passes      bool   `json:"passes"`
			Duty        string `json:"duty"`
			Explanation string `json:"explanation"`
			Recalled    bool   `json:"recalled"`
			Digest      string `json:"digest"`
		}{v.Passes, d.ID, explanation, d.Recalled, cmd.c.Digest()})
	}
	answer := cmd.p.T("law.command.no")
	if v.Passes {
		answer = cmd.p.T("law.command.yes")
	}
	_, err = fmt.Fprintf(cmd.w, "%s\t%s\t%s\n", answer, d.ID, explanation)
	return err
}

func (cmd command) json(v any) error {
	e := json.NewEncoder(cmd.w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
