package report

import (
	"errors"
	"slices"
	"strings"
)

// Rule is a check between figures of one report: a sum of figures compared with another sum, "V.3 + V.4 <= V.2".
type Rule struct {
	Left, Right []string
	Op          string // <=, ==, <, >=, >
}

var errRule = errors.New("report: a rule is two sums of codes with <=, ==, <, >= or > between them")

// ParseRule reads a rule.
func ParseRule(s string) (*Rule, error) {
	for _, op := range []string{"<=", ">=", "==", "<", ">"} {
		left, right, ok := strings.Cut(s, op)
		if !ok {
			continue
		}
		r := &Rule{Op: op}
		for _, side := range []struct {
			text string
			to   *[]string
		}{{left, &r.Left}, {right, &r.Right}} {
			for c := range strings.SplitSeq(side.text, "+") {
				c = strings.TrimSpace(c)
				if !codeForm.MatchString(c) {
					return nil, errRule
				}
				*side.to = append(*side.to, c)
			}
		}
		return r, nil
	}
	return nil, errRule
}

// Codes are the figures that the rule is about.
func (r *Rule) Codes() []string { return append(slices.Clone(r.Left), r.Right...) }

// Holds reports whether the rule holds; known is false where a figure that it needs is not known, so that nothing can be said.
func (r *Rule) Holds(value func(code string) (int64, bool)) (holds, known bool) {
	sum := func(codes []string) (n int64, ok bool) {
		for _, c := range codes {
			v, ok := value(c)
			if !ok {
				return 0, false
			}
			n += v
		}
		return n, true
	}
	l, ok1 := sum(r.Left)
	g, ok2 := sum(r.Right)
	if !ok1 || !ok2 {
		return true, false
	}
	switch r.Op {
	case "<=":
		return l <= g, true
	case ">=":
		return l >= g, true
	case "<":
		return l < g, true
	case ">":
		return l > g, true
	}
	return l == g, true
}

// String is the rule as it is written in a form.
func (r *Rule) String() string {
	return strings.Join(r.Left, " + ") + " " + r.Op + " " + strings.Join(r.Right, " + ")
}
