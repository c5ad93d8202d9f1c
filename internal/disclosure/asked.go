package disclosure

import (
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/law"
	"dinh/internal/org"
)

// The steps of the law's catalogue that the room asks by.
const (
	StepPublish      = "disclosure.publish"
	StepPosting      = "disclosure.posting"
	StepLoudspeaker  = "disclosure.loudspeaker"
	StepStaffPublish = "disclosure.staff.publish"
	StepStaffPosting = "disclosure.staff.posting"
	StepStaffOnline  = "disclosure.staff.online"
)

// OwnPrefix begins Item.Matter where it names an OwnMatter.
const OwnPrefix = "own:"

// AudienceOf is whom a matter of the law must be disclosed to.
func AudienceOf(d *law.Duty) Audience {
	if d.Audience == "staff" {
		return Staff
	}
	return Everybody
}

// Matters are the duties that make slots: what a unit must disclose on a day. The unit is as it was then.
func Matters(c *law.Catalogue, u *org.Unit, day civil.Date) []*law.Duty {
	return c.Duties(law.Query{Kind: u.Kind, Flags: u.Flags, Size: law.SizesOf(u.Staff, u.Workers), Day: day, Role: "matter", DutyKind: "disclose"})
}

// Requirements are what the law of a day asks of an item.
type Requirements struct {
	Duty     *law.Duty // nil where the matter is the unit's own
	Audience Audience
	Forms    []string // words of the catalogue, law.Forms; nil for an own matter
	Need
	Due    law.Due // zero Date: the law sets no last day
	HasDue bool
}

// Ask asks the law of the day what holds for an item of the unit about a matter, for an audience. decided is the day of the decision (steps
// disclosure.publish, disclosure.staff.publish); None gives no deadline. duty nil is an own matter: the plain rules for the audience hold for its days,
// and no deadline.
func Ask(c *law.Catalogue, u *org.Unit, duty *law.Duty, audience Audience, decided, day civil.Date) Requirements {
	r := Requirements{Duty: duty, Audience: audience}
	size := law.SizesOf(u.Staff, u.Workers)
	on := day
	if decided != civil.None {
		on = decided
	}
	publish, posting := StepPublish, StepPosting
	if audience == Staff {
		publish, posting = StepStaffPublish, StepStaffPosting
	}
	rule := func(step string) *law.Duty {
		d, ok := c.Rule(step, u.Kind, u.Flags, size, on)
		if !ok || duty != nil && !d.Of.IsZero() && !d.Of.Has(duty.ID) {
			return nil
		}
		return d
	}
	if duty == nil {
		if d := rule(posting); d != nil {
			r.MinDays = d.MinDays
		}
		return r
	}
	r.Forms = duty.Forms
	r.Permanent = duty.Limits.Permanent
	if decided != civil.None {
		d := rule(publish)
		if d == nil { // the rule is about other matters: then the number that stands on the matter itself holds
			d = duty
		}
		if due, err := c.DueOf(d, publish, decided); err == nil && due.Sense == law.Latest {
			r.Due, r.HasDue = due, true
		}
	}
	if slices.Contains(duty.Forms, "posting") && !r.Permanent {
		if d := rule(posting); d != nil {
			r.MinDays = d.MinDays
		} else {
			r.MinDays = duty.MinDays
		}
	}
	if slices.Contains(duty.Forms, "loudspeaker") {
		switch d := rule(StepLoudspeaker); {
		case duty.Limits.LoudspeakerDays > 0:
			r.LoudDays = duty.Limits.LoudspeakerDays
		case d != nil:
			r.LoudDays = d.MinDays
		}
	}
	if audience == Staff && slices.Contains(duty.Forms, "website") {
		if d := rule(StepStaffOnline); d != nil {
			r.OnlineDays = d.MinDays
		}
	}
	return r
}

// NeedAt is the number of running days that the need asks for at places of a kind.
func (n Need) NeedAt(kind string) int {
	switch {
	case Hangs(kind) && !n.Permanent:
		return n.MinDays
	case kind == PlaceLoudspeaker:
		return n.LoudDays
	case kind == PlaceWebsite && !n.Permanent:
		return n.OnlineDays
	}
	return 0
}

// OwnID is the id of the own matter that an item names, "" where it names a duty or nothing.
func OwnID(matter string) string {
	id, ok := strings.CutPrefix(matter, OwnPrefix)
	if !ok {
		return ""
	}
	return id
}
