package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// report prints what was measured and counts the goals that were missed.
type report struct {
	out    io.Writer
	missed int
}

func (r *report) head(name string) {
	b, err := os.ReadFile("/proc/loadavg")
	load := "?"
	if f := strings.Fields(string(b)); err == nil && len(f) > 0 {
		load = f[0]
	}
	fmt.Fprintf(r.out, "## %s (load %s)\n", name, load)
}

func (r *report) say(format string, args ...any) { fmt.Fprintf(r.out, format+"\n", args...) }

// spread is min, median and max.
type spread struct{ min, med, max float64 }

func spreadOf(xs []float64) spread {
	s := slices.Sorted(slices.Values(xs))
	if len(s) == 0 {
		return spread{}
	}
	return spread{s[0], s[len(s)/2], s[len(s)-1]}
}

// ratio compares ours with the limit, pair by pair: both of one round. The median of the ratios decides; atMost says which side is good.
func (r *report) ratio(name, unit string, ours, limit []float64, goal float64, atMost bool) {
	n := min(len(ours), len(limit))
	ratios := make([]float64, 0, n)
	for i := range n {
		if limit[i] > 0 {
			ratios = append(ratios, ours[i]/limit[i])
		}
	}
	q, o, l := spreadOf(ratios), spreadOf(ours), spreadOf(limit)
	sign, good := "≤", q.med <= goal
	if !atMost {
		sign, good = "≥", q.med >= goal
	}
	good = good && len(ratios) > 0
	fmt.Fprintf(r.out, "%-46s ours %s / limit %s %s = %.2f/%.2f/%.2f  goal %s %.4g  %s\n", name, num(o.med), num(l.med), unit, q.min, q.med, q.max, sign, goal, r.verdict(good))
}

// bound compares a figure with a fixed bound.
func (r *report) bound(name, unit string, xs []float64, bound float64) {
	s := spreadOf(xs)
	fmt.Fprintf(r.out, "%-46s %s/%s/%s %s  goal ≤ %s  %s\n", name, num(s.min), num(s.med), num(s.max), unit, num(bound), r.verdict(s.med <= bound && len(xs) > 0))
}

func (r *report) verdict(good bool) string {
	if good {
		return "ok"
	}
	r.missed++
	return "MISSED"
}

func num(x float64) string {
	switch {
	case x >= 1000:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}
