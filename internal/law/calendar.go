package law

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"time"

	"dinh/internal/civil"
)

const holidaysFile = "holidays.csv"

// Calendar knows weekends, days off and swapped working days. It is data by year: of a year without any entry only the weekends are known, so
// deadlines that depend on it are tentative.
type Calendar struct {
	days  map[civil.Date]dayOff
	years map[int]bool
}

type dayOff struct {
	off   bool // else a working day although on a weekend
	name  string
	local bool
}

func newCalendar() *Calendar { return &Calendar{days: map[civil.Date]dayOff{}, years: map[int]bool{}} }

// read adds the rows date,day,name of a file; day is off or work. A later file's row replaces an earlier one's for the same day.
func (c *Calendar) read(s source, f *faults) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(s.body, []byte("\ufeff"))))
	r.Comment = '#'
	r.FieldsPerRecord = 3
	seen := map[civil.Date]bool{}
	for n := 0; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		line, _ := r.FieldPos(0)
		where := s.name + ":" + strconv.Itoa(line)
		if err != nil {
			pe, ok := errors.AsType[*csv.ParseError](err)
			if ok {
				where = s.name + ":" + strconv.Itoa(pe.Line)
			}
			f.add(where, "syntax", "what", err.Error())
			return
		}
		if n == 0 && row[0] == "date" {
			continue
		}
		d, err := civil.Parse(row[0])
		switch {
		case err != nil:
			f.add(where, "holiday_date", "value", row[0])
		case row[1] != "off" && row[1] != "work":
			f.add(where, "vocabulary", "field", "day", "word", row[1])
		case seen[d]:
			f.add(where, "twice")
		default:
			seen[d] = true
			c.days[d] = dayOff{off: row[1] == "off", name: row[2], local: s.local}
			c.years[d.Year()] = true
		}
	}
}

// Off reports whether offices are closed on the day: a weekend that was not swapped, or a holiday.
func (c *Calendar) Off(d civil.Date) bool {
	if x, ok := c.days[d]; ok {
		return x.off
	}
	return weekend(d)
}

func weekend(d civil.Date) bool { w := d.Weekday(); return w == time.Saturday || w == time.Sunday }

// Swapped reports whether offices work on the day although it is a Saturday or Sunday.
func (c *Calendar) Swapped(d civil.Date) bool {
	x, ok := c.days[d]
	return ok && !x.off && weekend(d)
}

// Holiday is the name of the holiday, or of what a swapped day makes up for; "" on ordinary days.
func (c *Calendar) Holiday(d civil.Date) string { return c.days[d].name }

// Knows reports whether the days off of the year are known.
func (c *Calendar) Knows(year int) bool { return c.years[year] }

// Workday is the n-th working day after the day.
func (c *Calendar) Workday(from civil.Date, n int) civil.Date {
	end, _, _ := c.count(from, n, 1)
	return end
}

// knowsAll reports whether all years from a to b, in either order, are known.
func (c *Calendar) knowsAll(a, b civil.Date) bool {
	lo, hi := min(a.Year(), b.Year()), max(a.Year(), b.Year())
	for y := lo; y <= hi; y++ {
		if !c.years[y] {
			return false
		}
	}
	return true
}
