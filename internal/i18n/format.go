package i18n

import (
	"strconv"
	"strings"
	"time"

	"dinh/internal/civil"
)

var monthsEN = []string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

// Date is a day as one writes it: 12/3/2021, 12 March 2021. No day is "–".
func (p *Printer) Date(d civil.Date) string {
	if d.IsZero() {
		return "–"
	}
	t := d.Time()
	if p.Lang == EN {
		return strconv.Itoa(t.Day()) + " " + monthsEN[t.Month()] + " " + strconv.Itoa(t.Year())
	}
	return strconv.Itoa(t.Day()) + "/" + strconv.Itoa(int(t.Month())) + "/" + strconv.Itoa(t.Year())
}

var daysVI = []string{"Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"}

// LongDate is a day with its day of the week: "thứ Năm, ngày 22/4/2021", "Thursday 22 April 2021".
func (p *Printer) LongDate(d civil.Date) string {
	if d.IsZero() {
		return "–"
	}
	if p.Lang == EN {
		return d.Weekday().String() + " " + p.Date(d)
	}
	return daysVI[d.Weekday()] + ", ngày " + p.Date(d)
}

// PaperDate is a day as papers write it after decree 30/2020: "ngày 05 tháng 02 năm 2021".
func PaperDate(d civil.Date) string {
	if d.IsZero() {
		return "ngày … tháng … năm …"
	}
	t := d.Time()
	month := strconv.Itoa(int(t.Month()))
	if t.Month() < 3 { // decree 30/2020: a nought before months 1 and 2, and before days under 10
		month = "0" + month
	}
	day := strconv.Itoa(t.Day())
	if t.Day() < 10 {
		day = "0" + day
	}
	return "ngày " + day + " tháng " + month + " năm " + strconv.Itoa(t.Year())
}

// Instant is an instant in Vietnam: "8 giờ 05 ngày 22/4/2021", "08:05, 22 April 2021".
func (p *Printer) Instant(t time.Time) string {
	t = t.In(civil.Zone)
	if p.Lang == EN {
		return t.Format("15:04") + ", " + p.Date(civil.Of(t))
	}
	return strconv.Itoa(t.Hour()) + " giờ " + t.Format("04") + " ngày " + p.Date(civil.Of(t))
}

// Int is a whole number in groups of three: 1.234, 1,234.
func (p *Printer) Int(n int64) string {
	s := strconv.FormatInt(n, 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	sep := "."
	if p.Lang == EN {
		sep = ","
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	if neg {
		s = "-" + s
	}
	return s
}

// Percent is part of whole with one decimal: 90,1%, 90.1%. A whole of 0 is "–": a share that is not known is never 0.
func (p *Printer) Percent(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	tenths := (int64(part)*1000 + int64(whole)/2) / int64(whole)
	if part < whole && tenths == 1000 {
		tenths = 999 // "100%" is said only of all
	}
	sep := ","
	if p.Lang == EN {
		sep = "."
	}
	return p.Int(tenths/10) + sep + strconv.FormatInt(tenths%10, 10) + "%"
}
