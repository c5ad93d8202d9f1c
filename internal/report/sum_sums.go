package report

// Sums are the figures of a group of reports.
type Sums struct {
	Reports int     // taken in
	Sum     []int64 // by figure of the form
	Known   []int32 // reports that give the figure
	Yes     []int32 // of those, how many say yes (count_yes)
	Grades  []int32 // by grade from 1 on, for the histogram
}

// newSums are sums of nothing for a form of n figures.
func newSums(n int) *Sums {
	small := make([]int32, 2*n+8)
	return &Sums{Sum: make([]int64, n), Known: small[:n:n], Yes: small[n : 2*n : 2*n], Grades: small[2*n:]}
}

// Add takes in another group.
func (s *Sums) Add(o *Sums) {
	s.Reports += o.Reports
	for i := range s.Sum {
		s.Sum[i] += o.Sum[i]
		s.Known[i] += o.Known[i]
		s.Yes[i] += o.Yes[i]
	}
	for i := range s.Grades {
		s.Grades[i] += o.Grades[i]
	}
}

func (s *Sums) clone() *Sums {
	out := newSums(len(s.Sum))
	out.Reports = s.Reports
	copy(out.Sum, s.Sum)
	copy(out.Known, s.Known)
	copy(out.Yes, s.Yes)
	copy(out.Grades, s.Grades)
	return out
}

// take adds a figure, or takes it out again with sign -1. A line's yes counts once: it says nothing about how many of its units would say so.
func (s *Sums) take(x *Indicator, i int, v int64, sign int32) {
	if x.Agg == "sum" {
		s.Sum[i] += v * int64(sign)
	}
	s.Known[i] += sign
	if x.Unit == YesNo && v == 1 {
		s.Yes[i] += sign
	}
	if x.Unit == Grade && v > 0 && v < int64(len(s.Grades)) {
		s.Grades[v] += sign
	}
}

// Ratio is numerator and denominator of a ratio figure in the sums; ok is false where a part is not known or the whole is 0.
func (s *Sums) Ratio(f *Form, x *Indicator) (part, whole int64, ok bool) {
	over, under, isRatio := x.Ratio()
	if !isRatio {
		return 0, 0, false
	}
	a, b := f.Index(over), f.Index(under)
	return s.Sum[a], s.Sum[b], s.Known[a] > 0 && s.Known[b] > 0 && s.Sum[b] != 0
}
