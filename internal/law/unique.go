package law

import (
	"slices"
	"strings"

	"dinh/internal/civil"
)

// The days between which the loader proves that a step never has two duties.
const (
	provenFrom civil.Date = "2021-01-01"
	provenTo   civil.Date = "2027-01-01"
)

// checkUnique notes each step that has two answers on some day, for some kind of unit, flags and size. It asks every question that can have another
// answer than its neighbour: the days on which a duty begins or ends, each set of flags that a duty of the step names, and sizes round each border.
func (c *Catalogue) checkUnique(f *faults) {
	days := c.turns()
	for _, s := range c.Steps {
		own := c.answer[s.ID]
		if len(own) < 2 {
			continue
		}
		for _, day := range days {
			now := slices.DeleteFunc(slices.Clone(own), func(d *Duty) bool { return !d.InForce(day) })
			if len(now) < 2 {
				continue
			}
			flags, sizes := questions(own)
			for _, kind := range UnitKinds {
				for _, size := range sizes {
					eachSet(flags, func(have []string) {
						fit := make([]*Duty, 0, len(now))
						for _, d := range now {
							if d.Binds(kind, have, size, day) {
								fit = append(fit, d)
							}
						}
						if left := precedence(fit); len(left) > 1 {
							ids := make([]string, len(left))
							for i, d := range left {
								ids[i] = d.ID
							}
							f.add(s.ID, "two_answers", "day", day, "kind", kind, "flags", strings.Join(have, "+"), "size", size.Staff(), "duties", ids)
						}
					})
				}
			}
		}
	}
}

// turns are the days on which an answer can change: the first, the last, and each on which a duty begins or has just ended.
func (c *Catalogue) turns() []civil.Date {
	out := []civil.Date{provenFrom, provenTo}
	for _, d := range c.all {
		out = append(out, d.EffectiveFrom)
		if d.EffectiveTo != civil.None {
			out = append(out, d.EffectiveTo.Add(1))
		}
	}
	out = slices.DeleteFunc(out, func(d civil.Date) bool { return d < provenFrom || d > provenTo })
	slices.Sort(out)
	return slices.Compact(out)
}

// questions are the flags that decide between the duties, and the sizes round the borders of their exemptions.
func questions(own []*Duty) (flags []string, sizes []Sizes) {
	var borders []int
	for _, d := range own {
		flags = append(flags, d.Flags...)
		for _, a := range d.exempt {
			if a.op == "" {
				flags = append(flags, "state_owned")
			} else {
				borders = append(borders, a.n-1, a.n, a.n+1)
			}
		}
	}
	slices.Sort(flags)
	slices.Sort(borders)
	for _, n := range slices.Compact(borders) {
		sizes = append(sizes, SizesOf(n, n))
	}
	if sizes == nil {
		sizes = []Sizes{{}}
	}
	return slices.Compact(flags), sizes
}

// eachSet calls f with every subset of the words.
func eachSet(words []string, f func([]string)) {
	have := make([]string, 0, len(words))
	for bits := range 1 << len(words) {
		have = have[:0]
		for i, w := range words {
			if bits&(1<<i) != 0 {
				have = append(have, w)
			}
		}
		f(have)
	}
}
