// Package law holds the catalogue of grassroots-democracy law as data: acts, duties, calendars, and from them deadlines and majorities.
//
// No article, number of days or percentage stands in its code: rooms ask by meaning (a step, a kind of unit, flags, size, day), and the files in
// data/ answer. data/README.md is the specification. A change of law is a change of data; a past year is judged by the law of that year.
package law

import (
	"encoding/json"
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
)

// Act is a law, decree or other paper that duties follow from. Its JSON has the fields of the catalogue, and local.
type Act struct {
	ID            string     `json:"id"`
	Number        string     `json:"number"`
	Kind          string     `json:"kind"`
	Issuer        string     `json:"issuer"`
	TitleVI       string     `json:"title_vi"`
	TitleEN       string     `json:"title_en"`
	Issued        civil.Date `json:"issued,omitempty"`
	EffectiveFrom civil.Date `json:"effective_from"`
	EffectiveTo   civil.Date `json:"effective_to,omitempty"` // last day in force; none where still in force or not known
	ReplacedBy    string     `json:"replaced_by,omitempty"`  // may name an act that the catalogue does not hold
	Source        string     `json:"source,omitempty"`       // where it was read; none where written from memory
	Local         bool       `json:"local"`                  // from the data folder, not from the program
}

// Span is the days on which the act is in force.
func (a *Act) Span() civil.Span { return civil.Span{From: a.EffectiveFrom, To: a.EffectiveTo} }

// InForce reports whether the act is in force on the day.
func (a *Act) InForce(day civil.Date) bool { return a.Span().Has(day) }

// Title is the title in the language.
func (a *Act) Title(l i18n.Lang) string {
	if l == i18n.EN {
		return a.TitleEN
	}
	return a.TitleVI
}

// Name is how one cites the act: "Luật 10/2022/QH15".
func (a *Act) Name() i18n.Msg {
	word := a.Kind
	if i := strings.IndexByte(a.ID, '-'); i > 0 {
		if w, ok := embeddedWords().Prefix[a.ID[:i]]; ok {
			word = w
		}
	}
	return i18n.M("law.act.name", "kind", i18n.M("law.act_kind."+word), "number", a.Number)
}

// Duty is one rule of an act. Its JSON has the fields of the catalogue, and local and recalled. A Duty of a Catalogue is never changed.
type Duty struct {
	ID            string     `json:"id"`
	Act           string     `json:"act"`
	Ref           string     `json:"ref"` // "Khoản 1 Điều 5"
	Principle     string     `json:"principle"`
	Kind          string     `json:"kind"`
	Role          string     `json:"role"`
	Step          string     `json:"step,omitempty"`
	Also          []string   `json:"also,omitempty"`
	Of            Targets    `json:"of,omitzero"`
	YieldsTo      []string   `json:"yields_to,omitempty"`
	Flags         []string   `json:"flags,omitempty"`
	UnitKinds     []string   `json:"unit_kinds"`
	Subject       string     `json:"subject,omitempty"`
	TitleVI       string     `json:"title_vi"`
	TitleEN       string     `json:"title_en"`
	Forms         []string   `json:"forms,omitempty"`
	MinDays       int        `json:"min_days,omitempty"`
	WithinDays    int        `json:"within_days,omitempty"`
	Working       bool       `json:"working,omitempty"`
	Exempt        string     `json:"exempt,omitempty"`
	Recurrence    string     `json:"recurrence,omitempty"`
	Audience      string     `json:"audience,omitempty"` // of a matter to disclose: staff of the unit; "" is everybody
	Quorum        *Share     `json:"quorum,omitempty"`
	Approval      *Share     `json:"approval,omitempty"`
	MajorityText  string     `json:"majority_text,omitempty"`
	Limits        Limits     `json:"limits,omitzero"`
	EffectiveFrom civil.Date `json:"effective_from"`
	EffectiveTo   civil.Date `json:"effective_to,omitempty"`
	Confidence    string     `json:"confidence"`
	Note          string     `json:"note,omitempty"`
	Local         bool       `json:"local"`
	Recalled      bool       `json:"recalled"` // from memory, still to be compared with the text

	exempt []alternative
	weight int  // sum of the weights of Flags
	act    *Act // never nil in a Catalogue
}

// Span is the days on which the duty is in force.
func (d *Duty) Span() civil.Span { return civil.Span{From: d.EffectiveFrom, To: d.EffectiveTo} }

// InForce reports whether the duty is in force on the day.
func (d *Duty) InForce(day civil.Date) bool { return d.Span().Has(day) }

// Title is the title in the language.
func (d *Duty) Title(l i18n.Lang) string {
	if l == i18n.EN {
		return d.TitleEN
	}
	return d.TitleVI
}

// ActOf is the act that the duty follows from.
func (d *Duty) ActOf() *Act { return d.act }

// Cite is the place in the law: "Khoản 3 Điều 12 Luật 10/2022/QH15".
func (d *Duty) Cite() i18n.Msg { return i18n.M("law.cite", "ref", d.Ref, "act", d.act.Name()) }

// Steps are the steps that the duty answers: its own, then the further ones.
func (d *Duty) Steps() []string {
	if d.Step == "" {
		return nil
	}
	return append([]string{d.Step}, d.Also...)
}

// answers reports whether the duty answers the step.
func (d *Duty) answers(step string) bool {
	return d.Step != "" && (d.Step == step || slices.Contains(d.Also, step))
}

// Targets are the matters that a how or a limit details: ids, or one pattern "act.d5.*".
type Targets struct {
	Pattern string
	IDs     []string
}

// IsZero reports whether nothing is named: then the duty governs all papers, reports or systems.
func (t Targets) IsZero() bool { return t.Pattern == "" && len(t.IDs) == 0 }

// MarshalJSON writes what the catalogue has: a pattern as text, ids as a list.
func (t Targets) MarshalJSON() ([]byte, error) {
	if t.Pattern != "" {
		return json.Marshal(t.Pattern)
	}
	return json.Marshal(t.IDs)
}

// Has reports whether the id is meant.
func (t Targets) Has(id string) bool {
	if t.Pattern != "" {
		return strings.HasPrefix(id, strings.TrimSuffix(t.Pattern, "*"))
	}
	return slices.Contains(t.IDs, id)
}

// Share is a fraction of a whole that must be reached, or exceeded.
type Share struct {
	Num    int    `json:"num"`
	Den    int    `json:"den"`
	Of     string `json:"of"` // all_households, …: see Bases
	Exceed bool   `json:"exceed"`
}

// Step is a moment of a procedure that programs ask for by meaning.
type Step struct {
	ID      string `json:"id"`
	Meaning string `json:"meaning"`
	Event   string `json:"event"`
	Unit    string `json:"unit"`
	Quorum  string `json:"quorum,omitempty"` // "backing": the quorum is the share behind a request, not attendance
	Local   bool   `json:"local"`
}

// Backward reports whether the step's days are counted backwards from its event.
func (s *Step) Backward() bool { return strings.Contains(s.Event, "(back)") }

// Measures reports whether the step's numbers are of the unit: days, share, people, months, date, times, …
func (s *Step) Measures(unit string) bool {
	for u := range strings.SplitSeq(s.Unit, ", ") {
		if u == unit {
			return true
		}
	}
	return false
}

// Flag is a mark of a unit or of a case that narrows the duties that hold for it.
type Flag struct {
	ID      string `json:"id"`
	Scope   string `json:"scope"` // unit, case or both
	Weight  int    `json:"weight"`
	Meaning string `json:"meaning"`
	Local   bool   `json:"local"`
}

// The vocabulary of the catalogue, in its order.
var (
	Roles       = words("matter how limit ban right care")
	Principles  = words("know discuss decide do inspect")
	DutyKinds   = words("disclose decide vote opinion supervise meeting dialogue reception petition report organise convention propagate inspect")
	UnitKinds   = words("province district commune village agency service_unit enterprise front union")
	Forms       = words("posting loudspeaker village_head website meeting written ballot")
	Recurrences = words("yearly half_yearly quarterly monthly weekly once on_event")
	Bases       = words("all_households all_voters_or_households all_villages all_workers called attending members")
	Audiences   = words("staff")
	ActKinds    = words("law ordinance decree circular directive conclusion decision resolution regulation")
)

var (
	stepUnits   = words("days share people households ballots times months years date hours none")
	confidences = words("checked recalled")
	scopes      = words("unit case both")
)

func words(s string) []string { return strings.Fields(s) }
