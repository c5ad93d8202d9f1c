package report

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dinh/internal/errs"

	"github.com/google/go-cmp/cmp"
)

func qcdc(t *testing.T) *Form {
	t.Helper()
	forms, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	f, ok := FormOn(forms, "qcdc", "2021-05-01")
	if !ok {
		t.Fatal("no form")
	}
	return f
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	f := qcdc(t)
	if len(f.Indicators) != 101 || len(f.Sections()) != 10 {
		t.Errorf("%d figures in %d sections", len(f.Indicators), len(f.Sections()))
	}
	for _, c := range []struct {
		kind, period string
		asked        bool
		code         string
	}{
		{"commune", PeriodHalf, true, "III.3"}, {"agency", PeriodHalf, false, "III.3"}, {"enterprise", PeriodYear, true, "VII.10"}, {"province", PeriodYear, true, "VII.5"},
	} {
		got := slices.ContainsFunc(f.Asked(c.kind, nil, c.period), func(x *Indicator) bool { return x.Code == c.code })
		if got != c.asked {
			t.Errorf("%s asked for %s: %v", c.kind, c.code, got)
		}
	}
}

func TestFormFaults(t *testing.T) {
	t.Parallel()
	const good = "[[indicator]]\ncode=\"A.1\"\nsection=\"A\"\nunit=\"count\"\nagg=\"sum\"\nmeasure=\"flow\"\nperiods=[\"half\"]\nto=[\"commune\"]\nsource=\"typed\"\ntitle_vi=\"Một\"\ntitle_en=\"One\"\n"
	if _, err := ParseForm("x", 1, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]string{
		"an unknown field":          good + "colour=\"red\"\n",
		"a code twice":              good + good,
		"no title":                  strings.Replace(good, "title_vi=\"Một\"\n", "", 1),
		"a unit of measure":         strings.Replace(good, `"count"`, `"apples"`, 1),
		"yes counted as a sum":      strings.Replace(good, `"count"`, `"yes_no"`, 1),
		"a ratio of what is absent": good + strings.NewReplacer("A.1", "A.2", `"sum"`, `"ratio:A.1/A.9"`).Replace(good),
		"a rule of what is absent":  good + "rule=\"A.1 <= A.9\"\n",
		"a rule that is none":       good + "rule=\"A.1\"\n",
		"a code with a space":       strings.Replace(good, "A.1", "A 1", 1),
		"no TOML":                   "[[indicator",
	} {
		if _, err := ParseForm("x", 1, []byte(src)); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	values := map[string]int64{"A": 3, "B": 2, "C": 5}
	get := func(c string) (int64, bool) { v, ok := values[c]; return v, ok }
	for _, c := range []struct {
		rule         string
		holds, known bool
	}{
		{"A <= C", true, true},
		{"C <= A", false, true},
		{"A + B == C", true, true},
		{"A + B < C", false, true},
		{"C >= A + B", true, true},
		{"C > A", true, true},
		{"A <= D", true, false},
		{"D + A == C", true, false},
	} {
		r, err := ParseRule(c.rule)
		if err != nil {
			t.Fatal(err)
		}
		if r.String() != c.rule {
			t.Errorf("%q read as %q", c.rule, r)
		}
		if holds, known := r.Holds(get); holds != c.holds || known != c.known {
			t.Errorf("%s: %v, known %v", c.rule, holds, known)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	v := Values{0, 1, -1, None, 600_000, math.MaxInt64 >> 1, -(math.MaxInt64 >> 1), None}
	got, err := DecodeValues(v.Encode(), len(v))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v, got); diff != "" {
		t.Error(diff)
	}
	if got, err = DecodeValues(v[:2].Encode(), 4); err != nil || got.Known(2) || got[1] != 1 {
		t.Errorf("a form that grew: %v %v", got, err)
	}
	for _, b := range [][]byte{{0x80}, v.Encode()[:12]} {
		if _, err := DecodeValues(b, 3); err == nil {
			t.Errorf("%x read", b)
		}
	}
}

// TestColumns compares sums with sums made one report at a time, over random histories.
func TestColumns(t *testing.T) {
	t.Parallel()
	f := qcdc(t)
	r := rand.New(rand.NewPCG(648, 2021))
	c := NewColumns(f, 10)
	type row struct {
		st   State
		v    Values
		vers int
	}
	now := map[string]row{}
	groups := Grouping{Key: "seven", N: 7, Place: func(unit string) int { n, _ := strconv.Atoi(unit[1:]); return n%8 - 1 }}
	c.Tally(groups) // kept from the beginning, it changes with each report
	states := []State{NotStarted, Drafting, Signing, Submitted, Returned, Accepted}
	for range 3000 {
		id := strconv.Itoa(r.IntN(200))
		x := row{states[r.IntN(len(states))], NewValues(len(f.Indicators)), now[id].vers + 1}
		for i, ind := range f.Indicators {
			switch {
			case !ind.Stored() || r.IntN(3) == 0:
			case ind.Unit == YesNo:
				x.v[i] = int64(r.IntN(2))
			case ind.Unit == VND:
				x.v[i] = r.Int64N(1 << 40)
			case ind.Unit == Grade:
				x.v[i] = int64(1 + r.IntN(4))
			default:
				x.v[i] = int64(r.IntN(100))
			}
		}
		row := Row{ID: id, Unit: "u" + id, State: x.st, Version: x.vers, Values: x.v}
		if !c.Put(row) {
			t.Fatal("a newer version was passed over")
		}
		if row.Values = NewValues(0); c.Put(row) {
			t.Fatal("the same version was taken twice")
		}
		now[id] = x
	}
	kept := c.Tally(groups)
	for _, which := range []Which{WithDrafts, HandedIn, OnlyAccepted} {
		got := c.Group(groups.N, which, groups.Place)
		want := make([]*Sums, groups.N)
		for g := range want {
			want[g] = newSums(len(f.Indicators))
		}
		for id, x := range now {
			g := groups.Place("u" + id)
			if g < 0 || !which.takes(x.st) {
				continue
			}
			want[g].Reports++
			for i, v := range x.v {
				if v == None {
					continue
				}
				s := want[g]
				if f.Indicators[i].Agg == "sum" {
					s.Sum[i] += v
				}
				s.Known[i]++
				if f.Indicators[i].Unit == YesNo && v == 1 {
					s.Yes[i]++
				}
				if f.Indicators[i].Unit == Grade {
					s.Grades[v]++
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: %s", which, diff)
		}
		for g := range kept {
			if diff := cmp.Diff(want[g], kept[g].Sums(which)); diff != "" {
				t.Errorf("kept, %v: %s", which, diff)
			}
		}
	}
}
