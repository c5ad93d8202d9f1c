package law

import (
	"encoding/json"
	"iter"
	"maps"
)

// Limits are the further numbers of a duty; 0 where it has none. data/README.md says what each means.
type Limits struct {
	LeadDays, TestLeadDays                              int // days before an event
	MinMembers, MaxMembers, MaxVillagers, MaxDeputies   int
	MinCandidates, MinAge, MinHouseholds                int
	Witnesses, Copies, Signatures, BallotsPerHousehold  int
	TermMonths, MaxMonths, ChangeMonths, ValidMonths    int
	RemainingMonths, Times, WithinMonths, Hours, DueDay int
	LoudspeakerDays, AfterDays, AlarmDays               int
	Extensions, ExtensionDays, MaxGapDays               int
	LeadWorking, Permanent                              bool
	Team                                                string // "3..5" or "3|5|7|9"
	Due                                                 string // "MM-DD" or "YYYY-MM-DD": the last day still in time
}

// limitInts are the whole-number limits by their name in the catalogue, in the order of its README.
var limitInts = []struct {
	name string
	at   func(*Limits) *int
}{
	{"lead_days", func(l *Limits) *int { return &l.LeadDays }},
	{"test_lead_days", func(l *Limits) *int { return &l.TestLeadDays }},
	{"min_members", func(l *Limits) *int { return &l.MinMembers }},
	{"max_members", func(l *Limits) *int { return &l.MaxMembers }},
	{"max_villagers", func(l *Limits) *int { return &l.MaxVillagers }},
	{"max_deputies", func(l *Limits) *int { return &l.MaxDeputies }},
	{"min_candidates", func(l *Limits) *int { return &l.MinCandidates }},
	{"min_age", func(l *Limits) *int { return &l.MinAge }},
	{"min_households", func(l *Limits) *int { return &l.MinHouseholds }},
	{"witnesses", func(l *Limits) *int { return &l.Witnesses }},
	{"copies", func(l *Limits) *int { return &l.Copies }},
	{"signatures", func(l *Limits) *int { return &l.Signatures }},
	{"ballots_per_household", func(l *Limits) *int { return &l.BallotsPerHousehold }},
	{"term_months", func(l *Limits) *int { return &l.TermMonths }},
	{"max_months", func(l *Limits) *int { return &l.MaxMonths }},
	{"change_months", func(l *Limits) *int { return &l.ChangeMonths }},
	{"valid_months", func(l *Limits) *int { return &l.ValidMonths }},
	{"remaining_months", func(l *Limits) *int { return &l.RemainingMonths }},
	{"times", func(l *Limits) *int { return &l.Times }},
	{"within_months", func(l *Limits) *int { return &l.WithinMonths }},
	{"hours", func(l *Limits) *int { return &l.Hours }},
	{"due_day", func(l *Limits) *int { return &l.DueDay }},
	{"loudspeaker_days", func(l *Limits) *int { return &l.LoudspeakerDays }},
	{"after_days", func(l *Limits) *int { return &l.AfterDays }},
	{"alarm_days", func(l *Limits) *int { return &l.AlarmDays }},
	{"extensions", func(l *Limits) *int { return &l.Extensions }},
	{"extension_days", func(l *Limits) *int { return &l.ExtensionDays }},
	{"max_gap_days", func(l *Limits) *int { return &l.MaxGapDays }},
}

func limitInt(name string) func(*Limits) *int {
	for _, x := range limitInts {
		if x.name == name {
			return x.at
		}
	}
	return nil
}

// IsZero reports whether there are no further numbers.
func (l Limits) IsZero() bool { return l == Limits{} }

// Each gives the limits that are set, by their name in the catalogue: int, true, or text.
func (l Limits) Each() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, x := range limitInts {
			if n := *x.at(&l); n != 0 && !yield(x.name, n) {
				return
			}
			if x.name == "lead_days" && l.LeadWorking && !yield("lead_working", true) {
				return
			}
		}
		if l.Team != "" && !yield("team", l.Team) {
			return
		}
		if l.Due != "" && !yield("due", l.Due) {
			return
		}
		if l.Permanent {
			yield("permanent", true)
		}
	}
}

// MarshalJSON writes the limits that are set, as the catalogue has them.
func (l Limits) MarshalJSON() ([]byte, error) {
	return json.Marshal(maps.Collect(l.Each()))
}
