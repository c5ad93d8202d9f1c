package law

import (
	"regexp"
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
)

var (
	idForm   = regexp.MustCompile(`^[a-z0-9]+([.-][a-z0-9]+)*$`)
	stepForm = regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)+$`)
	teamForm = regexp.MustCompile(`^([0-9]+\.\.[0-9]+|[0-9]+(\|[0-9]+)+)$`)
	dueForm  = regexp.MustCompile(`^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$`)
)

// isDue reports whether s is "MM-DD" of every year or "YYYY-MM-DD".
func isDue(s string) bool {
	if !dueForm.MatchString(s) {
		return false
	}
	if len(s) == len("01-02") {
		s = "2021-" + s // a year without 29 February
	}
	_, err := civil.Parse(s)
	return err == nil
}

// one notes words that are not in the vocabulary, and words that stand twice.
func one(where, field string, got []string, in func(string) bool, f *faults) {
	for i, w := range got {
		if !in(w) {
			f.add(where, "vocabulary", "field", field, "word", w)
		}
		if slices.Contains(got[:i], w) {
			f.add(where, "repeats", "field", field)
		}
	}
}

// oneOf notes a word that is not in the vocabulary; a field that is missing is another fault.
func (e entry) oneOf(field string, in func(string) bool, f *faults) {
	if e.has(field) {
		one(e.id, field, []string{e.text(field)}, in, f)
	}
}

func has(vocabulary []string) func(string) bool {
	return func(w string) bool { return slices.Contains(vocabulary, w) }
}

func key[T any](m map[string]T) func(string) bool {
	return func(w string) bool { _, ok := m[w]; return ok }
}

// build understands rows and checks them as data/README.md says, in the stages of its check.py: what is wrong in one stage hides the later ones.
func build(t *tables, f *faults) *Catalogue {
	if f.any() {
		return nil
	}
	shapes(t, f)
	if f.any() {
		return nil
	}
	c := &Catalogue{
		acts: make(map[string]*Act, len(t.acts)), duties: make(map[string]*Duty, len(t.duties)),
		steps: make(map[string]*Step, len(t.steps)), flags: make(map[string]*Flag, len(t.flags)), answer: map[string][]*Duty{},
	}
	for _, e := range t.acts {
		a := e.act()
		c.acts[a.ID], c.Acts = a, append(c.Acts, a)
	}
	for _, e := range t.steps {
		s := e.step()
		c.steps[s.ID], c.Steps = s, append(c.Steps, s)
	}
	for _, e := range t.flags {
		fl := e.flag()
		c.flags[fl.ID], c.Flags = fl, append(c.Flags, fl)
	}
	for _, e := range t.duties {
		d := e.duty(f)
		d.act = c.acts[d.Act]
		for _, w := range d.Flags {
			if fl := c.flags[w]; fl != nil {
				d.weight += fl.Weight
			}
		}
		c.duties[d.ID], c.all = d, append(c.all, d)
	}
	for i, d := range c.all {
		c.checkDuty(t.duties[i], d, f)
		for _, s := range d.Steps() {
			c.answer[s] = append(c.answer[s], d)
		}
	}
	for _, s := range c.Steps {
		if len(c.answer[s.ID]) == 0 {
			f.list = append(f.list, Fault{Where: s.ID, Msg: i18n.M("law.fault.step_unused"), at: t.tookAway(s.ID)})
		}
	}
	if !f.any() {
		c.checkUnique(f)
	}
	return c
}

// tookAway is where the local duty stands in whose place one of the program answered the step.
func (t *tables) tookAway(step string) place {
	for _, e := range t.duties {
		if e.was != nil && (e.was.text("step") == step || slices.Contains(e.was.list("also"), step)) {
			return e.place
		}
	}
	return place{}
}

func shapes(t *tables, f *faults) {
	for _, e := range t.acts {
		shape(e, actFields, actNeeds, f)
		e.oneOf("kind", has(ActKinds), f)
		if !idForm.MatchString(e.id) {
			f.add(e.id, "id_form")
		}
		if to := e.day("effective_to"); to != civil.None && to < e.day("effective_from") {
			f.add(e.id, "ends_before")
		}
	}
	for _, e := range t.steps {
		shape(e, stepFields, stepNeeds, f)
		if e.has("unit") {
			one(e.id, "unit", strings.Split(e.text("unit"), ", "), has(stepUnits), f)
		}
		if !stepForm.MatchString(e.id) {
			f.add(e.id, "step_form")
		}
		if e.has("quorum") && e.text("quorum") != "backing" {
			f.add(e.id, "share", "field", "quorum")
		}
	}
	for _, e := range t.flags {
		shape(e, flagFields, flagNeeds, f)
		e.oneOf("scope", has(scopes), f)
	}
	for _, e := range t.duties {
		shape(e, dutyFields, dutyNeeds, f)
	}
}

func (c *Catalogue) checkDuty(e entry, d *Duty, f *faults) {
	if d.act == nil {
		f.add(d.ID, "no_act", "act", d.Act)
	}
	if !idForm.MatchString(d.ID) || !strings.HasPrefix(d.ID, d.Act+".") {
		f.add(d.ID, "id_act")
	}
	for _, x := range []struct {
		field string
		in    func(string) bool
	}{
		{"principle", has(Principles)},
		{"kind", has(DutyKinds)},
		{"role", has(Roles)},
		{"unit_kinds", has(UnitKinds)},
		{"forms", has(Forms)},
		{"recurrence", has(Recurrences)},
		{"flags", key(c.flags)},
		{"also", key(c.steps)},
		{"step", key(c.steps)},
		{"confidence", has(confidences)},
		{"audience", has(Audiences)},
	} {
		if !e.has(x.field) {
			continue
		}
		got := e.list(x.field)
		if got == nil {
			got = []string{e.text(x.field)}
		}
		one(d.ID, x.field, got, x.in, f)
	}
	for _, k := range []string{"min_days", "within_days"} {
		if e.has(k) && e.number(k) < 1 {
			f.add(d.ID, "below_one", "field", k)
		}
	}
	if e.has("working") && !e.has("within_days") {
		f.add(d.ID, "working")
	}
	if d.EffectiveTo != civil.None && d.EffectiveTo < d.EffectiveFrom {
		f.add(d.ID, "ends_before")
	}
	if a := d.act; a != nil && (d.EffectiveFrom < a.EffectiveFrom || a.EffectiveTo != civil.None && (d.EffectiveTo == civil.None || d.EffectiveTo > a.EffectiveTo)) {
		f.add(d.ID, "outside_act", "act", a.ID)
	}
	c.checkRole(e, d, f)
	c.checkTargets(d, f)
}

// checkRole checks the role against the step and the numbers.
func (c *Catalogue) checkRole(e entry, d *Duty, f *faults) {
	if e.has("also") && d.Step == "" {
		f.add(d.ID, "also")
	}
	steps := d.Steps()
	for i, s := range steps {
		if slices.Contains(steps[:i], s) {
			f.add(d.ID, "step_twice", "step", s)
		}
	}
	numbers := e.has("min_days") || e.has("within_days") || e.has("quorum") || e.has("approval") || e.has("limits")
	switch d.Role {
	case "matter":
		if !d.Of.IsZero() {
			f.add(d.ID, "matter_of")
		}
		if d.Step == "" {
			l := d.Limits
			l.Permanent, l.LoudspeakerDays = false, 0
			if !l.IsZero() || e.has("quorum") || e.has("approval") {
				f.add(d.ID, "matter_number")
			}
			if e.has("within_days") && d.Kind != "disclose" {
				f.add(d.ID, "matter_deadline")
			}
		}
	case "limit":
		if d.Step == "" {
			f.add(d.ID, "limit_step")
		}
	case "how":
	default:
		if d.Step != "" || e.has("of") || e.has("yields_to") || numbers {
			f.add(d.ID, "role_numbers", "role", d.Role)
		}
	}
	if s := c.steps[d.Step]; s != nil && !numbers && s.Unit != "none" && s.Unit != "times" && !embeddedWords().Step[s.ID].Bare {
		f.add(d.ID, "step_number", "step", s.ID)
	}
}

// checkTargets checks what the duty details and what it yields to.
func (c *Catalogue) checkTargets(d *Duty, f *faults) {
	if p := d.Of.Pattern; p != "" {
		fits := func(x *Duty) bool { return x.Role == "matter" && d.Of.Has(x.ID) }
		if !strings.HasSuffix(p, ".*") {
			f.add(d.ID, "of_pattern")
		} else if !slices.ContainsFunc(c.all, fits) {
			f.add(d.ID, "of_none", "of", p)
		}
	}
	for _, t := range d.Of.IDs {
		if x := c.duties[t]; x == nil {
			f.add(d.ID, "of_missing", "of", t)
		} else if x.Role != "matter" {
			f.add(d.ID, "of_matter", "of", t)
		}
	}
	for _, t := range d.YieldsTo {
		x := c.duties[t]
		if x == nil {
			f.add(d.ID, "yields_missing", "to", t)
		} else if !slices.ContainsFunc(d.Steps(), x.answers) {
			f.add(d.ID, "yields_step", "to", t)
		}
	}
}
