package law

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Sizes are a unit's numbers of staff and of workers. The zero value knows neither, and an unknown size exempts nobody.
type Sizes struct{ staff, workers int } // one more than the number; 0 is not known

// SizesOf makes sizes; a number below 0 is not known.
func SizesOf(staff, workers int) Sizes { return Sizes{max(staff, -1) + 1, max(workers, -1) + 1} }

// Staff is the number of staff, -1 where not known.
func (s Sizes) Staff() int { return s.staff - 1 }

// Workers is the number of workers, -1 where not known.
func (s Sizes) Workers() int { return s.workers - 1 }

// alternative is one part of an exempt: staff or workers compared with a number, or private.
type alternative struct {
	name, op string
	n        int
}

var alternativeForm = regexp.MustCompile(`^(staff|workers)(<=|>=|<|>)([0-9]{1,9})$`)

// alternatives reads "workers<50|workers>=150|private"; bad is the first part that is not understood.
func alternatives(s string) (out []alternative, bad string) {
	for part := range strings.SplitSeq(s, "|") {
		if part == "private" {
			out = append(out, alternative{name: part})
			continue
		}
		m := alternativeForm.FindStringSubmatch(part)
		if m == nil {
			return nil, "»" + part + "«"
		}
		n, _ := strconv.Atoi(m[3])
		out = append(out, alternative{name: m[1], op: m[2], n: n})
	}
	return out, ""
}

func (a alternative) holds(size int) bool {
	switch a.op {
	case "<":
		return size < a.n
	case "<=":
		return size <= a.n
	case ">":
		return size > a.n
	}
	return size >= a.n
}

// Exempts reports whether the duty does not bind a unit of the kind with the flags and size.
func (d *Duty) Exempts(kind string, flags []string, size Sizes) bool {
	for _, a := range d.exempt {
		switch a.name {
		case "private":
			if kind == "enterprise" && !slices.Contains(flags, "state_owned") {
				return true
			}
		case "staff":
			if n := size.Staff(); n >= 0 && a.holds(n) {
				return true
			}
		case "workers":
			if n := size.Workers(); n >= 0 && a.holds(n) {
				return true
			}
		}
	}
	return false
}

// Binds reports whether the duty holds on the day for a unit of the kind, in a case with the flags (the unit's and the case's), of the size.
func (d *Duty) Binds(kind string, flags []string, size Sizes, day civil.Date) bool {
	if !slices.Contains(d.UnitKinds, kind) || !d.InForce(day) {
		return false
	}
	for _, f := range d.Flags {
		if !slices.Contains(flags, f) {
			return false
		}
	}
	return !d.Exempts(kind, flags, size)
}

// Query asks which duties a unit has. Empty fields do not narrow, but a unit always has a kind and a day.
type Query struct {
	Kind      string     // kind of unit
	Flags     []string   // the unit's and the case's; unknown ones do not matter
	Size      Sizes      //
	Day       civil.Date //
	Role      string     // "" is all roles; "matter" makes slots
	DutyKind  string     // disclose, vote, …
	Principle string     // the room
}

// Duties are those that bind the unit on the day, in the order of the catalogue. Duties for flags that the unit lacks, and those it is exempt from,
// are left out.
func (c *Catalogue) Duties(q Query) []*Duty {
	var out []*Duty
	for _, d := range c.all {
		if (q.Role == "" || d.Role == q.Role) && (q.DutyKind == "" || d.Kind == q.DutyKind) && (q.Principle == "" || d.Principle == q.Principle) &&
			d.Binds(q.Kind, q.Flags, q.Size, q.Day) {
			out = append(out, d)
		}
	}
	return out
}

// Rule is the one duty that answers the step on the day for a kind of unit, flags and size; false where there is no rule, so no deadline is shown.
//
// Of those that bind, those are dropped that yield to another of them, then all but the greatest sum of weights of flags. The loader proves that at
// most one is left from 2021 to 2027 once the size is known; two that are left are no rule.
func (c *Catalogue) Rule(step, kind string, flags []string, size Sizes, day civil.Date) (*Duty, bool) {
	var room [16]*Duty
	left := c.left(room[:0], step, kind, flags, size, day)
	if len(left) != 1 {
		return nil, false
	}
	return left[0], true
}

// left are the duties that answer, in room where there is enough.
func (c *Catalogue) left(room []*Duty, step, kind string, flags []string, size Sizes, day civil.Date) []*Duty {
	for _, d := range c.answer[step] {
		if d.Binds(kind, flags, size, day) {
			room = append(room, d)
		}
	}
	return precedence(room)
}

// noRule says why Rule gave none: there is none, or the unit's size must be known first.
func (c *Catalogue) noRule(step, kind string, flags []string, size Sizes, day civil.Date) error {
	key := "law.no_rule"
	if len(c.left(nil, step, kind, flags, size, day)) > 1 {
		key = "law.size_needed"
	}
	return errs.E(errs.NotFound, key, "step", step, "kind", i18n.M("law.unit."+kind), "day", day)
}

// precedence keeps of the duties that apply those that do not yield to another and have the greatest weight. It may use fit's room.
func precedence(fit []*Duty) []*Duty {
	if len(fit) < 2 {
		return fit
	}
	yields := func(d *Duty) bool {
		return slices.ContainsFunc(d.YieldsTo, func(id string) bool {
			return slices.ContainsFunc(fit, func(o *Duty) bool { return o.ID == id })
		})
	}
	var left []*Duty
	top := -1 << 31
	for _, d := range fit {
		switch {
		case yields(d) || d.weight < top:
		case d.weight > top:
			left, top = append(left[:0], d), d.weight
		default:
			left = append(left, d)
		}
	}
	return left
}
