package org

import (
	"encoding/json"
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// What an import does to a unit.
const (
	ChangeNew       = "new"
	ChangeRenamed   = "renamed"
	ChangeMoved     = "moved"
	ChangeOther     = "changed" // flags, sizes, managing authority, slug, code
	ChangeEnded     = "ended"
	ChangeUnchanged = "unchanged"
	ChangeFollows   = "succession"
)

// ChangeKinds lists them in the order of reports.
var ChangeKinds = []string{ChangeNew, ChangeRenamed, ChangeMoved, ChangeOther, ChangeEnded, ChangeFollows, ChangeUnchanged}

// Change is one thing that an import does. Line is the line of the file it comes from, 0 where it follows from others.
type Change struct {
	Line int
	Kind string
	Code string
	Name string
	Msg  i18n.Msg
}

// Report says what an import did or, in a dry run or where there are faults, would do.
type Report struct {
	File     string
	On       civil.Date
	DryRun   bool
	Lines    int // lines of the file that were taken
	Skipped  int // lines outside the province asked for
	Counts   map[string]int
	Changes  []Change
	Warnings []errs.Field
	Faults   []errs.Field
}

// Warned is how many warnings have the message key.
func (r *Report) Warned(key string) int {
	n := 0
	for _, w := range r.Warnings {
		if w.Msg.Key == key {
			n++
		}
	}
	return n
}

func (r *Report) warn(line int, field, key string, kv ...any) {
	r.Warnings = append(r.Warnings, errs.Field{Name: field, Line: line, Msg: i18n.M(key, kv...)})
}

func (r *Report) change(line int, kind string, u *Unit, msg i18n.Msg) {
	r.Changes = append(r.Changes, Change{Line: line, Kind: kind, Code: u.Code, Name: u.Name, Msg: msg})
}

// Changed is how many changes there are, those to nothing left out.
func (r *Report) Changed() int { return len(r.Changes) - r.Counts[ChangeUnchanged] }

func (r *Report) finish() {
	r.Counts = map[string]int{}
	for _, c := range r.Changes {
		r.Counts[c.Kind]++
	}
	byLine := func(a, b errs.Field) int { return a.Line - b.Line }
	slices.SortStableFunc(r.Warnings, byLine)
	slices.SortStableFunc(r.Faults, byLine)
	slices.SortStableFunc(r.Changes, func(a, b Change) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.Code, b.Code)
	})
}

// Text is the report for a terminal: faults, warnings, changes by line, then the sums. What stays as it was is only counted.
func (r *Report) Text(p *i18n.Printer) string {
	var b strings.Builder
	line := func(mark string, n int, text string) {
		b.WriteString(mark)
		if n > 0 {
			b.WriteString(p.T("org.import.line", "line", n) + " ")
		}
		b.WriteString(text + "\n")
	}
	for _, f := range r.Faults {
		line("✗ ", f.Line, p.Say(f.Msg))
	}
	for _, w := range r.Warnings {
		line("! ", w.Line, p.Say(w.Msg))
	}
	for _, c := range r.Changes {
		if c.Kind != ChangeUnchanged {
			line("  ", c.Line, c.Code+" "+c.Name+": "+p.Say(c.Msg))
		}
	}
	b.WriteString(p.Say(r.Summary()) + "\n")
	return b.String()
}

// Summary is the report in one sentence.
func (r *Report) Summary() i18n.Msg {
	key := "org.import.done"
	switch {
	case len(r.Faults) > 0:
		return i18n.M("org.import.refused", "n", len(r.Faults))
	case r.DryRun:
		key = "org.import.would"
	}
	return i18n.M(key, "on", r.On, "new", r.Counts[ChangeNew], "renamed", r.Counts[ChangeRenamed], "moved", r.Counts[ChangeMoved], "changed", r.Counts[ChangeOther],
		"ended", r.Counts[ChangeEnded], "follows", r.Counts[ChangeFollows], "unchanged", r.Counts[ChangeUnchanged], "warnings", len(r.Warnings))
}

// JSON is the report for programs, its messages worded.
func (r *Report) JSON(p *i18n.Printer) ([]byte, error) {
	type note struct {
		Line  int    `json:"line,omitempty"`
		Field string `json:"field,omitempty"`
		Text  string `json:"text"`
	}
	type change struct {
		Line int    `json:"line,omitempty"`
		Kind string `json:"kind"`
		Code string `json:"code"`
		Name string `json:"name"`
		Text string `json:"text"`
	}
	notes := func(fields []errs.Field) []note {
		out := make([]note, len(fields))
		for i, f := range fields {
			out[i] = note{f.Line, f.Name, p.Say(f.Msg)}
		}
		return out
	}
	changes := []change{}
	for _, c := range r.Changes {
		if c.Kind != ChangeUnchanged {
			changes = append(changes, change{c.Line, c.Kind, c.Code, c.Name, p.Say(c.Msg)})
		}
	}
	return json.Marshal(struct {
		File     string         `json:"file"`
		On       civil.Date     `json:"on"`
		DryRun   bool           `json:"dry_run"`
		Lines    int            `json:"lines"`
		Skipped  int            `json:"skipped,omitempty"`
		Counts   map[string]int `json:"counts"`
		Faults   []note         `json:"faults"`
		Warnings []note         `json:"warnings"`
		Changes  []change       `json:"changes"`
	}{r.File, r.On, r.DryRun, r.Lines, r.Skipped, r.Counts, notes(r.Faults), notes(r.Warnings), changes})
}
