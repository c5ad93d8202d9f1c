package disclosure

import (
	"slices"

	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/law"
)

// RegulationQCDC is the kind of a unit's regulation on grassroots democracy.
const RegulationQCDC = "qcdc"

// RegulationKinds are the kinds of regulations in the order of forms and lists.
var RegulationKinds = []string{RegulationQCDC, "working", "spending", "assets", "conduct", "labour", "dialogue", "another"}

// The results of a review.
const (
	ReviewKeep  = "keep"  // giữ nguyên: a valid end of a review
	ReviewAmend = "amend" // to be amended
	ReviewRenew = "renew" // to be replaced by a new one
	ReviewEnd   = "end"   // to be repealed
)

// ReviewResults lists the results in the order of forms.
var ReviewResults = []string{ReviewKeep, ReviewAmend, ReviewRenew, ReviewEnd}

// Regulation is a regulation that a unit has, by editions.
type Regulation struct {
	ID, Unit string
	Kind     string
	Title    string
	Audience Audience
	Ended    civil.Date // the first day on which it no longer holds
	EndedBy  string     // the paper that ended it, or why
	Sample   bool
	Version  int
	Created  int64
}

// RegulationEdition is a regulation as it was issued or amended on a day.
type RegulationEdition struct {
	ID, Regulation, Unit string
	Seq                  int
	DocNumber            string
	DocDay               civil.Date
	From                 civil.Date // its first day in force
	Signer               string
	Basis                []string // acts by id, and papers that the catalogue does not hold by what the unit wrote
	Note                 string
	Amends               bool // it amends the one before; else it is new, or takes that one's place
	Created              int64
	Files                []attach.Attachment
}

// Review is the looking through of a regulation.
type Review struct {
	ID, Regulation, Unit string
	Day                  civil.Date
	Result               string
	DocNumber            string
	DocDay               civil.Date
	Note                 string
	Entered              civil.Date
	Actor                string
	Name                 string
	Created              int64
}

// RegulationView is a regulation with all that its page shows.
type RegulationView struct {
	*Regulation
	Editions []*RegulationEdition // the latest first
	Reviews  []*Review            // the latest first
	Now      *RegulationEdition   // in force today; nil where none is
	Expired  []law.Expired        // acts that the edition in force stands on and that are no longer in force
	Reviewed bool                 // it was reviewed, or issued, this year
}

// On is the edition in force on a day; nil where none is.
func (v *RegulationView) On(day civil.Date) *RegulationEdition {
	if v.Ended != civil.None && v.Ended <= day {
		return nil
	}
	for _, e := range v.Editions {
		if e.From <= day {
			return e
		}
	}
	return nil
}

// look fills in how the regulation stands today.
func (v *RegulationView) look(c *law.Catalogue, today civil.Date) {
	slices.SortStableFunc(v.Editions, func(a, b *RegulationEdition) int {
		if d := compareDays(b.From, a.From); d != 0 {
			return d
		}
		return b.Seq - a.Seq
	})
	v.Now = v.On(today)
	if v.Now != nil {
		v.Expired = c.CitesExpired(v.Now.Basis, today)
	}
	year := today.Year()
	v.Reviewed = slices.ContainsFunc(v.Reviews, func(r *Review) bool { return r.Day.Year() == year }) ||
		slices.ContainsFunc(v.Editions, func(e *RegulationEdition) bool { return e.DocDay != civil.None && e.DocDay.Year() == year })
}

// RegulationKindMsg is the word for a kind of regulation.
func RegulationKindMsg(kind string) i18n.Msg {
	return i18n.M("disclosureduty.regulation.kind." + kind)
}

// RegulationTag is the tag of kept pages that show a unit's regulations.
func RegulationTag(unit string) string { return "regulations:" + unit }
