package disclosure

import (
	"dinh/internal/civil"
)

// Obligation is one thing that had to be told by a day: an item, or a slot of which nothing was made.
type Obligation struct {
	Slot *Slot
	Item *Item      // nil where nothing was made
	Due  civil.Date // the last day; where the law sets none, the day on which it was told
	Told civil.Date // None: not yet
}

// InTime reports whether it was told by its last day.
func (o Obligation) InTime() bool { return o.Told != civil.None && o.Told <= o.Due }

// Obligations are what the law's slots come to: each item that was told or has a last day counts by itself; a periodic or standing slot of which nothing
// was made counts once. What did not arise, waits for an event, has not begun or has lapsed does not count, nor do the unit's own matters.
func Obligations(slots []Slot) []Obligation {
	var out []Obligation
	for n := range slots {
		s := &slots[n]
		if s.Duty == nil {
			continue
		}
		before := len(out)
		for _, i := range s.Items {
			o := Obligation{Slot: s, Item: i, Due: i.Due, Told: i.FirstTold}
			if o.Due == civil.None {
				o.Due = o.Told
				if s.Rhythm == Periodic && o.Told > s.end {
					o.Due = s.end
				}
			}
			if o.Due != civil.None {
				out = append(out, o)
			}
		}
		if len(out) == before && s.Rhythm != OnEvent && (s.State == SlotDue || s.State == SlotOverdue) {
			out = append(out, Obligation{Slot: s, Due: s.Due})
		}
	}
	return out
}
