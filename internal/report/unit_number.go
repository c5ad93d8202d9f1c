package report

import (
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Grades are the words of the grades, from the best.
const Grades = 4

// maxFigure is the largest figure that is taken: more is a slip of the finger.
const maxFigure = 999_999_999_999_999

// ReadFigure reads what was typed for a figure in its unit of measure: "1.234" and "1,234" and "1 234" are one thousand where the figure knows no fractions;
// where a text can mean two numbers, the fault names both readings and asks. Nothing typed is None.
func ReadFigure(x *Indicator, s string) (int64, *errs.Field) {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\u00a0' || r == '\u202f' || r == '\t' {
			return ' '
		}
		return r
	}, s))
	if s == "" || s == "–" {
		return None, nil
	}
	bad := func(key string, kv ...any) (int64, *errs.Field) {
		return None, &errs.Field{Name: x.Code, Msg: i18n.M("report.figure."+key, kv...)}
	}
	switch x.Unit {
	case YesNo:
		switch i18n.Fold(s) {
		case "1", "co", "yes", "x":
			return 1, nil
		case "0", "khong", "no":
			return 0, nil
		}
		return bad("yes_no")
	case Day:
		if d, ok := readDay(s); ok {
			n, _ := strconv.ParseInt(strings.ReplaceAll(string(d), "-", ""), 10, 64)
			return n, nil
		}
		return bad("day")
	case Grade:
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > Grades {
			return bad("grade", "n", Grades)
		}
		return int64(n), nil
	}
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "−") || strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		return bad("negative")
	}
	if strings.Trim(s, "0123456789., ") != "" {
		return bad("letters")
	}
	readings := readNumber(s)
	if len(readings) == 0 {
		return bad("unclear")
	}
	scale := int64(1) // what is stored for 1
	if x.Unit == Points {
		scale = 100
	}
	var fits []int64
	for _, r := range readings {
		if v, ok := r.times(scale); ok {
			fits = append(fits, v)
		}
	}
	// Land is measured with fractions, so a comma before three digits may be one; counts of things and people have none.
	if len(readings) > 1 && (x.Unit == Points || x.Unit == M2 && strings.Contains(s, ",")) {
		return bad("two_readings", "a", readings[0].text(), "b", readings[1].text())
	}
	if strings.Contains(s, ".") && strings.Contains(s, ",") {
		return bad("fraction_or_thousands", "typed", s, "a", readings[0].text())
	}
	switch {
	case len(fits) == 0:
		return bad("fraction", "a", readings[0].text())
	case fits[0] > maxFigure:
		return bad("large")
	}
	return fits[0], nil
}

// reading is a number as digits before and after the decimal sign.
type reading struct{ whole, fraction string }

func (r reading) text() string {
	n, err := strconv.ParseInt(r.whole, 10, 64)
	whole := r.whole
	if err == nil {
		whole = i18n.For(i18n.VI).Int(n)
	}
	if r.fraction == "" {
		return whole
	}
	return whole + "," + r.fraction
}

// times is the number times scale (1 or 100), where that is whole.
func (r reading) times(scale int64) (int64, bool) {
	f := strings.TrimRight(r.fraction, "0")
	digits := r.whole
	switch {
	case scale == 1 && f != "":
		return 0, false
	case scale == 100:
		if len(f) > 2 {
			return 0, false
		}
		digits += (f + "00")[:2]
	}
	if len(digits) > 17 {
		return maxFigure + 1, true
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// readNumber gives what a text of digits, points, commas and spaces can mean: thousands first, then a fraction.
func readNumber(s string) []reading {
	groups := func(parts []string) bool {
		for i, g := range parts {
			if i == 0 && (g == "" || len(g) > 3) || i > 0 && len(g) != 3 {
				return false
			}
		}
		return len(parts) > 1
	}
	points, commas, spaces := strings.Count(s, "."), strings.Count(s, ","), strings.Count(s, " ")
	digits := func(t string) bool { return t != "" && strings.Trim(t, "0123456789") == "" }
	plain := func(t string) (string, bool) { // without or with grouping by one sign
		if digits(t) {
			return t, true
		}
		for _, sep := range []string{".", ",", " "} {
			if parts := strings.Split(t, sep); len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return !digits(p) }) && groups(parts) {
				return strings.Join(parts, ""), true
			}
		}
		return "", false
	}
	if points+commas == 0 || points+commas > 1 && (points == 0 || commas == 0) || spaces > 0 && points+commas == 0 {
		if w, ok := plain(s); ok {
			return []reading{{whole: w}}
		}
		return nil
	}
	at := strings.LastIndexAny(s, ".,")
	whole, fraction := s[:at], s[at+1:]
	if !digits(fraction) || strings.Count(s, s[at:at+1]) > 1 {
		return nil
	}
	w, ok := plain(whole)
	if !ok || strings.Contains(whole, s[at:at+1]) {
		return nil
	}
	if points+commas+spaces == 1 && len(fraction) == 3 && len(whole) <= 3 && whole[0] != '0' { // 1.234: thousands, or a fraction
		return []reading{{whole: w + fraction}, {w, fraction}}
	}
	return []reading{{w, fraction}}
}

func readDay(s string) (civil.Date, bool) {
	if d, err := civil.Parse(s); err == nil {
		return d, true
	}
	p := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '-' || r == '.' || r == ' ' })
	if len(p) == 1 && len(s) == 8 {
		p = []string{s[6:], s[4:6], s[:4]}
	}
	if len(p) != 3 || len(p[2]) != 4 {
		return civil.None, false
	}
	var n [3]int
	for i := range p {
		v, err := strconv.Atoi(p[i])
		if err != nil {
			return civil.None, false
		}
		n[i] = v
	}
	return civil.New(n[2], n[1], n[0])
}

// DayOf is a figure that is a day; None where the number is none.
func DayOf(v int64) civil.Date {
	s := strconv.FormatInt(v, 10)
	if v == None || len(s) != 8 {
		return civil.None
	}
	d, _ := readDay(s)
	return d
}

// Show words a figure in a language, "–" where it is not known.
func Show(p *i18n.Printer, x *Indicator, v int64) string {
	if v == None {
		return "–"
	}
	switch x.Unit {
	case YesNo:
		if v == 0 {
			return p.T("report.no")
		}
		return p.T("report.yes")
	case Day:
		return p.Date(DayOf(v))
	case Grade:
		return p.T("report.grade." + strconv.FormatInt(v, 10))
	case Points:
		return trimPoints(p, v)
	case VND:
		return p.T("report.in_vnd", "n", v)
	case M2:
		return p.T("report.in_m2", "n", v)
	}
	return p.Int(v)
}

// trimPoints is a number of hundredths with at most two digits after the decimal sign.
func trimPoints(p *i18n.Printer, v int64) string {
	s := p.Int(v / 100)
	f := strings.TrimRight(strconv.FormatInt(100+v%100, 10)[1:], "0")
	if f == "" {
		return s
	}
	return p.T("report.decimal", "whole", s, "fraction", f)
}

// Typed is a figure as it stands in its box: with the thousands grouped as the language does.
func Typed(p *i18n.Printer, x *Indicator, v int64) string {
	switch {
	case v == None:
		return ""
	case x.Unit == YesNo || x.Unit == Grade:
		return strconv.FormatInt(v, 10)
	case x.Unit == Day:
		return i18n.For(i18n.VI).Date(DayOf(v)) // as the hint writes days, in both languages
	case x.Unit == Points && v%100 != 0: // without thousands signs, so that it reads in one way only
		whole := strconv.FormatInt(v/100, 10)
		return p.T("report.decimal", "whole", whole, "fraction", strings.TrimRight(strconv.FormatInt(100+v%100, 10)[1:], "0"))
	case x.Unit == Points:
		return strconv.FormatInt(v/100, 10)
	case x.Unit == M2 || p.Lang != i18n.VI:
		return strconv.FormatInt(v, 10)
	}
	return p.Int(v)
}
