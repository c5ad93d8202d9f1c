package disclosure

import (
	"fmt"
	"regexp"
	"strconv"

	"dinh/internal/civil"
	"dinh/internal/i18n"
)

// Period is a run of days for which a recurring matter is disclosed: "2021", "2021-H1", "2021-Q2", "2021-04"; "" is no period (permanent, on an event).
type Period string

var periodForm = regexp.MustCompile(`^([0-9]{4})(?:-H([12])|-Q([1-4])|-(0[1-9]|1[0-2]))?$`)

// Periods are those of the recurrence that begin in the year; nil where the recurrence has none.
func Periods(recurrence string, year int) []Period {
	var out []Period
	add := func(n int, form string) {
		for i := 1; i <= n; i++ {
			out = append(out, Period(fmt.Sprintf(form, year, i)))
		}
	}
	switch recurrence {
	case "yearly":
		out = []Period{Period(strconv.Itoa(year))}
	case "half_yearly":
		add(2, "%04d-H%d")
	case "quarterly":
		add(4, "%04d-Q%d")
	case "monthly":
		add(12, "%04d-%02d")
	}
	return out
}

// Span is the days of the period; ok is false where it is none.
func (p Period) Span() (s civil.Span, ok bool) {
	m := periodForm.FindStringSubmatch(string(p))
	if m == nil {
		return s, false
	}
	year, _ := strconv.Atoi(m[1])
	first, months := 1, 12
	for i, length := range []int{6, 3, 1} { // half, quarter, month
		if m[i+2] != "" {
			n, _ := strconv.Atoi(m[i+2])
			first, months = (n-1)*length+1, length
		}
	}
	from, ok := civil.New(year, first, 1)
	if !ok {
		return s, false
	}
	return civil.Span{From: from, To: from.AddMonths(months).Add(-1)}, true
}

// Msg words the period: "quý II/2021"; the empty message for none.
func (p Period) Msg() i18n.Msg {
	s, ok := p.Span()
	if !ok {
		return i18n.Msg{}
	}
	year, month := s.From.Year(), s.From.Month()
	switch rest := string(p)[4:]; {
	case rest == "":
		return i18n.M("disclosure.period.year", "year", strconv.Itoa(year))
	case rest[1] == 'H':
		return i18n.M([...]string{"disclosure.period.half1", "disclosure.period.half2"}[(month-1)/6], "year", strconv.Itoa(year))
	case rest[1] == 'Q':
		return i18n.M("disclosure.period.quarter", "n", [...]string{"I", "II", "III", "IV"}[(month-1)/3], "year", strconv.Itoa(year))
	}
	return i18n.M("disclosure.period.month", "n", month, "year", strconv.Itoa(year))
}

// PeriodOf is the period of the recurrence in which the day lies; "" where the recurrence has none.
func PeriodOf(recurrence string, day civil.Date) Period {
	for _, p := range Periods(recurrence, day.Year()) {
		if s, _ := p.Span(); s.Has(day) {
			return p
		}
	}
	return ""
}
