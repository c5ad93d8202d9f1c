package report

import (
	"slices"

	"dinh/internal/i18n"
)

// Finding is something that a check says about a figure of a report.
type Finding struct {
	Code    string
	Section string
	Msg     i18n.Msg
	Hard    bool // the report cannot be handed in so
}

// checks are what the rules of the form say of the figures that a unit is asked for.
func (f *Form) checks(asked []*Indicator, v Values) []Finding {
	var out []Finding
	value := func(code string) (int64, bool) {
		i := f.Index(code)
		if !v.Known(i) {
			return 0, false
		}
		return v[i], true
	}
	isAsked := func(code string) bool {
		return slices.ContainsFunc(asked, func(x *Indicator) bool { return x.Code == code })
	}
	for _, x := range asked {
		if x.rule == nil {
			continue
		}
		codes := x.rule.Codes()
		if slices.ContainsFunc(codes, func(c string) bool { return !isAsked(c) }) {
			continue // a rule about what another kind of unit is asked
		}
		if holds, known := x.rule.Holds(value); known && !holds {
			out = append(out, Finding{Code: x.Code, Section: x.Section, Hard: true, Msg: i18n.M("report.rule."+ruleWord(x.rule.Op), "left", f.side(x.rule.Left, v), "right", f.side(x.rule.Right, v))})
		}
	}
	return out
}

func ruleWord(op string) string {
	switch op {
	case "<=":
		return "at_most"
	case ">=":
		return "at_least"
	case "<":
		return "less"
	case ">":
		return "more"
	}
	return "equal"
}

// side words one side of a rule: its codes and what they come to.
func (f *Form) side(codes []string, v Values) i18n.Msg {
	sum, text := int64(0), ""
	for i, c := range codes {
		if i > 0 {
			text += " + "
		}
		text += c
		sum += v[f.Index(c)]
	}
	return i18n.M("report.rule.side", "codes", text, "n", sum)
}

// corrected reports whether the figure is another than the records say.
func corrected(r *Report, i int) bool {
	return r.Found.Known(i) && r.Values[i] != r.Found[i]
}

// reasonsMissing are the corrected figures for which nobody has said why.
func (o *opened) reasonsMissing(sections map[string]*Section) []Finding {
	var out []Finding
	for _, x := range o.asked {
		i := o.form.Index(x.Code)
		if !corrected(o.Report, i) {
			continue
		}
		if sec := sections[x.Section]; sec == nil || sec.Reasons[x.Code] == "" {
			out = append(out, Finding{Code: x.Code, Section: x.Section, Hard: true, Msg: i18n.M("report.reason_for_correction")})
		}
	}
	return out
}

// typed reports whether the figure is entered in the form: all but what is derived.
func typed(x *Indicator) bool { return x.Source != SourceDerived && (x.Stored() || x.Unit == Words) }

// empty are the figures asked for that nobody gave.
func (o *opened) empty(sections map[string]*Section) []*Indicator {
	var out []*Indicator
	for _, x := range o.asked {
		if !typed(x) {
			continue
		}
		sec := sections[x.Section]
		if x.Unit == Words {
			if sec == nil || sec.Texts[x.Code] == "" && !sec.Nothing {
				out = append(out, x)
			}
			continue
		}
		if x.Source == SourceGrading {
			continue // graded later, by the superior
		}
		if !o.Values.Known(o.form.Index(x.Code)) {
			out = append(out, x)
		}
	}
	return out
}

// Far apart: a figure is pointed out where it is this many times more, or less, than what it is compared with, and both are more than a handful.
const (
	farTimes = 3
	farFloor = 5
	likeMost = 5 // units of the same kind that must have given the figure
)

// far reports whether a is far from b.
func far(a, b int64) bool {
	if max(a, b) < farFloor {
		return false
	}
	return a > b*farTimes || b > a*farTimes
}

// outlier compares a figure with the last period, the same period of the year before, and the middle of like units; None where there is no such thing.
func outlier(x *Indicator, v, last, year, like int64) []i18n.Msg {
	if v == None || x.Agg != "sum" {
		return nil
	}
	var out []i18n.Msg
	for _, c := range []struct {
		with int64
		key  string
	}{{year, "year"}, {last, "last"}, {like, "like"}} {
		if c.with == None || !far(v, c.with) {
			continue
		}
		word := "more"
		if v < c.with {
			word = "less"
		}
		out = append(out, i18n.M("report.outlier."+c.key+"_"+word, "n", c.with))
	}
	return out
}

// Hard reports whether a finding keeps the report from being handed in.
func Hard(list []Finding) bool {
	return slices.ContainsFunc(list, func(f Finding) bool { return f.Hard })
}
