package report

import (
	"embed"
	"regexp"
	"strings"
	"sync"

	"dinh/internal/i18n"
	"dinh/internal/org"

	"github.com/BurntSushi/toml"
)

//go:embed prose/*.toml
var proseFiles embed.FS

type sentence struct {
	Code string `toml:"code"`
	When *int64 `toml:"when"`
	Text string `toml:"text"`
	Zero string `toml:"zero"`
}

// sentences are those of the forms that come with the program, by form.
var sentences = sync.OnceValue(func() map[string][]sentence {
	out := map[string][]sentence{}
	entries, err := proseFiles.ReadDir("prose")
	if err != nil {
		panic(err) // embedded
	}
	for _, e := range entries {
		src, err := proseFiles.ReadFile("prose/" + e.Name())
		if err != nil {
			panic(err) // embedded
		}
		var in struct {
			Sentence []sentence `toml:"sentence"`
		}
		if _, err := toml.Decode(string(src), &in); err != nil {
			panic(err) // embedded, read by a test
		}
		out[strings.TrimSuffix(e.Name(), ".toml")] = in.Sentence
	}
	return out
})

// proseOf is what the prose of a report is written from.
type proseOf struct {
	form   *Form
	asked  []*Indicator
	now    Values
	before func(code string) int64 // the same period of the year before
	unit   string                  // inside a sentence
	period string
	p      *i18n.Printer
}

// prosePeriod words the run of days inside a sentence.
func prosePeriod(p *Period) string {
	switch p.Kind {
	case PeriodHalf:
		return "06 tháng đầu năm " + itoa(p.Year)
	case PeriodYear:
		return "năm " + itoa(p.Year)
	}
	return "kỳ báo cáo"
}

// proseUnit is a unit's name inside a Vietnamese sentence.
func proseUnit(u *org.Unit) string {
	name := u.Name
	if !org.Administrative(u.Kind) {
		return name
	}
	for _, w := range []string{"Tỉnh", "Thành phố", "Huyện", "Thị xã", "Xã", "Phường", "Thị trấn", "Đặc khu"} {
		if rest, ok := strings.CutPrefix(name, w+" "); ok {
			return strings.ToLower(w) + " " + rest
		}
	}
	return name
}

// section is the first draft of a section's prose: the sentences of its form whose figures are known, then figures that none of them mentions. It is in
// Vietnamese, the language of the paper. "" where no figure is known.
func (x *proseOf) section(name string) string {
	said := map[string]bool{}
	var out []string
	for _, s := range sentences()[x.form.ID] {
		i := x.form.Index(s.Code)
		if i < 0 || x.form.Indicators[i].Section != name || !x.has(s.Code) {
			continue
		}
		v := x.now[i]
		if s.When != nil && *s.When != v {
			continue
		}
		text := s.Text
		if v == 0 && s.When == nil {
			text = s.Zero
		}
		for _, c := range marks(s.Text + s.Zero) {
			said[c] = true
		}
		said[s.Code] = true
		if line := x.fill(text); line != "" {
			out = append(out, upperFirst(line))
		}
	}
	var list []string
	for _, f := range x.asked {
		if f.Section != name || said[f.Code] || !f.Stored() || !x.has(f.Code) {
			continue
		}
		if f.Measure == "flow" && x.now[x.form.Index(f.Code)] == 0 {
			continue // what did not happen needs no line
		}
		list = append(list, "- "+f.TitleVI+": "+Show(x.p, f, x.now[x.form.Index(f.Code)])+x.compared(f.Code, " (", ")")+".")
	}
	return strings.TrimSpace(strings.Join(out, " ") + "\n\n" + strings.Join(list, "\n"))
}

// has reports whether the figure is asked for and known.
func (x *proseOf) has(code string) bool {
	for _, f := range x.asked {
		if f.Code == code {
			return x.now.Known(x.form.Index(code))
		}
	}
	return false
}

var (
	optional = regexp.MustCompile(`\[([^\]]*)\]`)
	mark     = regexp.MustCompile(`\{([^}]+)\}`)
)

// marks are the codes that a sentence mentions.
func marks(text string) []string {
	var out []string
	for _, m := range mark.FindAllStringSubmatch(text, -1) {
		for c := range strings.SplitSeq(strings.TrimSuffix(m[1], "+"), "/") {
			out = append(out, c)
		}
	}
	return out
}

// fill puts the figures in; "" where one outside brackets is not known.
func (x *proseOf) fill(text string) string {
	text = optional.ReplaceAllStringFunc(text, func(part string) string {
		inner := part[1 : len(part)-1]
		s, ok := x.replace(inner, true)
		if !ok {
			return ""
		}
		return s
	})
	s, ok := x.replace(text, false)
	if !ok {
		return ""
	}
	return s
}

// replace puts figures in the place of marks; notZero refuses figures that are 0.
func (x *proseOf) replace(text string, notZero bool) (string, bool) {
	ok := true
	out := mark.ReplaceAllStringFunc(text, func(m string) string {
		code := m[1 : len(m)-1]
		switch code {
		case "period":
			return x.period
		case "unit":
			return x.unit
		}
		if c, is := strings.CutSuffix(code, "+"); is {
			s := x.compared(c, "", "")
			ok = ok && s != ""
			return s
		}
		if a, b, is := strings.Cut(code, "/"); is {
			if !x.has(a) || !x.has(b) || x.now[x.form.Index(b)] == 0 {
				ok = false
				return ""
			}
			return x.p.Percent(int(x.now[x.form.Index(a)]), int(x.now[x.form.Index(b)]))
		}
		i := x.form.Index(code)
		if i < 0 || !x.has(code) || notZero && x.now[i] == 0 {
			ok = false
			return ""
		}
		if f := x.form.Indicators[i]; f.Unit != Count {
			return Show(x.p, f, x.now[i])
		}
		n := x.p.Int(x.now[i])
		if len(n) == 1 && n != "0" {
			return "0" + n // as papers write numbers below ten
		}
		return n
	})
	return out, ok
}

// compared words how a figure stands to the same period of the year before; "" where that is not known.
func (x *proseOf) compared(code, before, after string) string {
	i := x.form.Index(code)
	if i < 0 || x.before == nil || !x.now.Known(i) || x.form.Indicators[i].Agg != "sum" {
		return ""
	}
	was := x.before(code)
	if was == None {
		return ""
	}
	f := x.form.Indicators[i]
	switch d := x.now[i] - was; {
	case d > 0:
		return before + "so với cùng kỳ tăng " + Show(x.p, f, d) + after
	case d < 0:
		return before + "so với cùng kỳ giảm " + Show(x.p, f, -d) + after
	}
	return before + "bằng cùng kỳ" + after
}

func upperFirst(s string) string {
	for i, r := range s {
		if i == 0 {
			return strings.ToUpper(string(r)) + s[len(string(r)):]
		}
	}
	return s
}
