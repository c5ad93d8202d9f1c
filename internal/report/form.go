// Package report is the room of reports: forms and periods as data, a unit's report filled from its own records, its way to the superior, and sums over any
// grouping of units, computed from the reports at the moment they are asked for.
package report

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"

	"github.com/BurntSushi/toml"
)

//go:embed data/*.toml
var formFiles embed.FS

// The units of measure of a figure.
const (
	Count   = "count"
	VND     = "vnd"
	M2      = "m2"
	YesNo   = "yes_no"  // 1 is yes
	Day     = "date"    // 20210331
	Grade   = "grade"   // 1 is the best; see Grades
	Points  = "points"  // hundredths
	Percent = "percent" // derived only: never stored
	Words   = "text"    // stored as a text, not as a number
)

// Measures lists the units of measure.
var Measures = []string{Count, VND, M2, YesNo, Day, Grade, Points, Percent, Words}

// The sources that are no room's.
const (
	SourceTyped   = "typed"
	SourceDerived = "derived"
	SourceGrading = "grading"
)

// Indicator is one figure of a form.
type Indicator struct {
	Code    string   `toml:"code" json:"code"`
	Section string   `toml:"section" json:"section"`
	Room    string   `toml:"room" json:"room"`
	Unit    string   `toml:"unit" json:"unit"`
	Agg     string   `toml:"agg" json:"agg"`         // sum, count_yes, histogram, none, or ratio:A/B of the sums
	Measure string   `toml:"measure" json:"measure"` // stock or flow
	Periods []string `toml:"periods" json:"periods"` // half, year
	To      []string `toml:"to" json:"to"`           // kinds of units asked
	OnlyIf  string   `toml:"only_if" json:"only_if,omitempty"`
	Source  string   `toml:"source" json:"source"`
	TitleVI string   `toml:"title_vi" json:"title_vi"`
	TitleEN string   `toml:"title_en" json:"title_en"`
	Rule    string   `toml:"rule" json:"rule,omitempty"` // a check between figures of one report
	Hint    string   `toml:"hint" json:"hint,omitempty"`

	over, under string // of a ratio
	rule        *Rule
}

// Title is the title in the language.
func (x *Indicator) Title(l i18n.Lang) string {
	if l == i18n.EN && x.TitleEN != "" {
		return x.TitleEN
	}
	return x.TitleVI
}

// Ratio gives the codes of numerator and denominator; ok is false where the figure is no ratio.
func (x *Indicator) Ratio() (over, under string, ok bool) { return x.over, x.under, x.over != "" }

// Stored reports whether a report stores a number for the figure.
func (x *Indicator) Stored() bool { return x.Unit != Words && x.over == "" }

// Asks reports whether a unit of the kind with the flags is asked for the figure in the kind of period.
func (x *Indicator) Asks(kind string, flags []string, period string) bool {
	return slices.Contains(x.To, kind) && (x.OnlyIf == "" || slices.Contains(flags, x.OnlyIf)) && (period == PeriodOther || slices.Contains(x.Periods, period))
}

// Form is a version of a form. Values of a Form that came from Parse never change.
type Form struct {
	ID      string `json:"id"`
	Version int    `json:"version"` // a form's versions follow each other by date
	Title   string `json:"title"`
	TitleEN string `json:"title_en"`
	civil.Span
	Indicators []*Indicator `json:"indicators"`

	at map[string]int
}

// Indicator gives a figure by its code.
func (f *Form) Indicator(code string) (*Indicator, bool) {
	i, ok := f.at[code]
	if !ok {
		return nil, false
	}
	return f.Indicators[i], true
}

// Index is the place of a figure in the form's order, -1 where it has none.
func (f *Form) Index(code string) int {
	if i, ok := f.at[code]; ok {
		return i
	}
	return -1
}

// Sections are the headings in the form's order.
func (f *Form) Sections() []string {
	var out []string
	for _, x := range f.Indicators {
		if n := len(out); n == 0 || out[n-1] != x.Section {
			out = append(out, x.Section)
		}
	}
	return out
}

// Asked are the figures that a unit is asked for in a period of the kind, in the form's order.
func (f *Form) Asked(kind string, flags []string, period string) []*Indicator {
	var out []*Indicator
	for _, x := range f.Indicators {
		if x.Asks(kind, flags, period) {
			out = append(out, x)
		}
	}
	return out
}

var codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$`)

// ParseForm reads the figures of a form strictly: an unknown field, a code twice, a rule about what is not there are errors that name the figure.
func ParseForm(id string, version int, src []byte) (*Form, error) {
	var in struct {
		Title   string       `toml:"title_vi"`
		TitleEN string       `toml:"title_en"`
		From    string       `toml:"from"`
		To      string       `toml:"to"`
		Rows    []*Indicator `toml:"indicator"`
	}
	md, err := toml.Decode(string(src), &in)
	if err != nil {
		return nil, errs.E(errs.Invalid, "report.form.syntax", "fault", err.Error())
	}
	if un := md.Undecoded(); len(un) > 0 {
		return nil, errs.E(errs.Invalid, "report.form.unknown", "field", un[0].String())
	}
	f := &Form{ID: id, Version: version, Title: in.Title, TitleEN: in.TitleEN, Span: civil.Span{From: civil.Date(in.From), To: civil.Date(in.To)}, Indicators: in.Rows}
	return f, f.Check()
}

// Check makes the form's index and says what is wrong with it, by figure. A form must be checked before it is used.
func (f *Form) Check() error {
	f.at = map[string]int{}
	bad := func(x *Indicator, what, is string) error {
		return errs.E(errs.Invalid, "report.form.fault", "code", x.Code, "what", i18n.M("report.form.what."+what), "is", is)
	}
	for i, x := range f.Indicators {
		if !codeForm.MatchString(x.Code) {
			return bad(x, "code", x.Code)
		}
		if _, ok := f.at[x.Code]; ok {
			return bad(x, "twice", x.Code)
		}
		f.at[x.Code] = i
		if !slices.Contains(Measures, x.Unit) {
			return bad(x, "unit", x.Unit)
		}
		if x.TitleVI == "" || x.Section == "" || len(x.To) == 0 || len(x.Periods) == 0 {
			return bad(x, "missing", "")
		}
		if x.Measure != "stock" && x.Measure != "flow" {
			return bad(x, "measure", x.Measure)
		}
	}
	for _, x := range f.Indicators {
		switch ratio, ok := strings.CutPrefix(x.Agg, "ratio:"); {
		case ok:
			x.over, x.under, _ = strings.Cut(ratio, "/")
			for _, c := range []string{x.over, x.under} {
				if o, ok := f.Indicator(c); !ok || o.Agg != "sum" {
					return bad(x, "ratio", ratio)
				}
			}
		case !slices.Contains([]string{"sum", "count_yes", "histogram", "none"}, x.Agg),
			x.Agg == "count_yes" && x.Unit != YesNo, x.Agg == "histogram" && x.Unit != Grade,
			x.Agg == "sum" && !slices.Contains([]string{Count, VND, M2, Points}, x.Unit):
			return bad(x, "agg", x.Agg)
		}
		if x.Rule == "" {
			continue
		}
		r, err := ParseRule(x.Rule)
		if err != nil {
			return bad(x, "rule", x.Rule)
		}
		for _, c := range r.Codes() {
			if o, ok := f.Indicator(c); !ok || !o.Stored() {
				return bad(x, "rule", x.Rule)
			}
		}
		x.rule = r
	}
	return nil
}

// Embedded are the versions of the forms that come with the program, by id and version.
func Embedded() ([]*Form, error) {
	entries, err := formFiles.ReadDir("data")
	if err != nil {
		return nil, err
	}
	var out []*Form
	for _, e := range entries {
		src, err := formFiles.ReadFile("data/" + e.Name())
		if err != nil {
			return nil, err
		}
		var id string
		var version int
		if _, err := fmt.Sscanf(strings.NewReplacer("-", " ", ".toml", "").Replace(e.Name()), "%s %d", &id, &version); err != nil {
			return nil, fmt.Errorf("report: %s: the name must be FORM-VERSION.toml", e.Name())
		}
		f, err := ParseForm(id, version, src)
		if err != nil {
			return nil, fmt.Errorf("report: %s: %w", e.Name(), err)
		}
		out = append(out, f)
	}
	return out, nil
}

// FormOn is the version of the form that is in force on the day.
func FormOn(forms []*Form, id string, day civil.Date) (*Form, bool) {
	for _, f := range slices.Backward(forms) {
		if f.ID == id && f.Has(day) {
			return f, true
		}
	}
	return nil, false
}
