package law

import (
	"slices"
	"strings"

	"dinh/internal/civil"
)

// Standing reports whether the act is in force on the day. Where it is no longer, successor is the act that stands in its place on that day, found by
// following replaced_by; nil where the catalogue names none in force then. An act that the catalogue does not hold is taken to be in force.
func (c *Catalogue) Standing(act string, day civil.Date) (inForce bool, successor *Act) {
	a, ok := c.acts[act]
	if !ok || a.InForce(day) {
		return true, nil
	}
	if day < a.EffectiveFrom {
		return false, nil
	}
	for seen := []string{act}; a.ReplacedBy != "" && !slices.Contains(seen, a.ReplacedBy); seen = append(seen, a.ID) {
		next, ok := c.acts[a.ReplacedBy]
		if !ok || day < next.EffectiveFrom {
			return false, nil
		}
		if next.InForce(day) {
			return false, next
		}
		a = next
	}
	return false, nil
}

// Expired is an act that a document cites although it is not in force on the document's day.
type Expired struct {
	Act       *Act
	NotYet    bool // it comes into force only later
	Days      int  // since its last day (until its first day where NotYet)
	Successor *Act // in force on the day; nil where there is none
}

// CitesExpired lists those of the acts that are not in force on the day, in the order given. Ids that the catalogue does not hold are passed over.
func (c *Catalogue) CitesExpired(acts []string, day civil.Date) []Expired {
	var out []Expired
	for _, id := range acts {
		in, next := c.Standing(id, day)
		if in {
			continue
		}
		a := c.acts[id]
		x := Expired{Act: a, Successor: next}
		if day < a.EffectiveFrom {
			x.NotYet, x.Days = true, a.EffectiveFrom.Sub(day)
		} else {
			x.Days = day.Sub(a.EffectiveTo)
		}
		out = append(out, x)
	}
	return out
}

// ActsIn are the acts whose number stands in a text, in the order of the catalogue: "149/2018/NĐ-CP".
func (c *Catalogue) ActsIn(s string) []*Act {
	var out []*Act
	for _, a := range c.Acts {
		if cites(s, a.Number) {
			out = append(out, a)
		}
	}
	return out
}

// cites reports whether the number stands in the text as a word of its own: 10/2022/QH15 is not in 110/2022/QH15.
func cites(s, num string) bool {
	for i := 0; ; {
		j := strings.Index(s[i:], num)
		if j < 0 {
			return false
		}
		i += j
		before := i == 0 || !isDigit(s[i-1]) && s[i-1] != '/'
		end := i + len(num)
		after := end == len(s) || !isDigit(s[end]) && s[end] != '-' && s[end] != '/'
		if before && after {
			return true
		}
		i = end
	}
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
