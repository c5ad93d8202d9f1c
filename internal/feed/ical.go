package feed

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dinh/internal/civil"
)

// Calendar is a calendar that other programs subscribe to.
type Calendar struct {
	Name    string // shown by the subscriber's program
	Lang    string // "vi", "en"
	Refresh time.Duration
	Events  []Event
}

// Event is one entry: on whole days (Day, Last) or between two instants (Start, Stop).
type Event struct {
	UID      string    // the same for ever for the same event
	Sequence int       // grows with each change, so that programs take the newer one
	Stamp    time.Time // when the event was last changed

	Day  civil.Date // first day; then Start and Stop are not used
	Last civil.Date // last day, included; None is one day

	Start, Stop time.Time

	Summary     string
	Description string
	Location    string
	URL         string
	Categories  []string
	Cancelled   bool
	RemindDays  int // days before the event that a program may remind; 0 is no reminder
}

const productID = "-//Dinh//Dinh//VI"

// Bytes is the calendar as text/calendar. An event without UID, Stamp or day is an error, for programs drop such calendars without a word.
func (c Calendar) Bytes() ([]byte, error) {
	w := &icalWriter{}
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", productID)
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	if c.Name != "" {
		name := lang("NAME", c.Lang)
		w.text(name, oneLine(c.Name))
		w.text("X-WR-CALNAME", oneLine(c.Name))
	}
	w.line("X-WR-TIMEZONE", "Asia/Ho_Chi_Minh")
	if c.Refresh > 0 {
		w.line("REFRESH-INTERVAL;VALUE=DURATION", "PT"+strconv.Itoa(int(c.Refresh/time.Minute))+"M")
		w.line("X-PUBLISHED-TTL", "PT"+strconv.Itoa(int(c.Refresh/time.Minute))+"M")
	}
	if len(c.Events) == 0 {
		// A calendar must have one component; events need none of this, for their times are UTC or whole days.
		w.line("BEGIN", "VTIMEZONE")
		w.line("TZID", "Asia/Ho_Chi_Minh")
		w.line("BEGIN", "STANDARD")
		w.line("DTSTART", "19750613T000000")
		w.line("TZOFFSETFROM", "+0700")
		w.line("TZOFFSETTO", "+0700")
		w.line("END", "STANDARD")
		w.line("END", "VTIMEZONE")
	}
	seen := make(map[string]bool, len(c.Events))
	for i, e := range c.Events {
		if seen[e.UID] {
			return nil, fmt.Errorf("feed: event %d: UID %q twice", i, e.UID)
		}
		seen[e.UID] = true
		err := w.event(e, c.Lang)
		if err != nil {
			return nil, fmt.Errorf("feed: event %d: %w", i, err)
		}
	}
	w.line("END", "VCALENDAR")
	return w.b.Bytes(), nil
}

type icalWriter struct{ b bytes.Buffer }

func (w *icalWriter) event(e Event, language string) error {
	switch {
	case oneLine(e.UID) == "":
		return errors.New("no UID")
	case e.Stamp.IsZero():
		return errors.New("no stamp")
	case e.Day.IsZero() && e.Start.IsZero():
		return errors.New("no day and no start")
	case !e.Last.IsZero() && e.Last < e.Day, !e.Stop.IsZero() && e.Stop.Before(e.Start):
		return errors.New("ends before it starts")
	}
	w.line("BEGIN", "VEVENT")
	w.text("UID", oneLine(e.UID))
	w.line("DTSTAMP", utc(e.Stamp))
	w.line("LAST-MODIFIED", utc(e.Stamp))
	w.line("SEQUENCE", strconv.Itoa(e.Sequence))
	if !e.Day.IsZero() {
		last := e.Last
		if last.IsZero() {
			last = e.Day
		}
		w.line("DTSTART;VALUE=DATE", compact(e.Day))
		w.line("DTEND;VALUE=DATE", compact(last.Add(1))) // the first day that is no longer part of it
		w.line("TRANSP", "TRANSPARENT")                  // a deadline does not make its day busy
	} else {
		w.line("DTSTART", utc(e.Start))
		if !e.Stop.IsZero() {
			w.line("DTEND", utc(e.Stop))
		}
	}
	w.text(lang("SUMMARY", language), oneLine(e.Summary))
	if e.Description != "" {
		w.text(lang("DESCRIPTION", language), clean(e.Description))
	}
	if e.Location != "" {
		w.text(lang("LOCATION", language), oneLine(e.Location))
	}
	if e.URL != "" {
		w.line("URL", uri(e.URL))
	}
	if len(e.Categories) > 0 {
		esc := make([]string, len(e.Categories))
		for i, c := range e.Categories {
			esc[i] = escape(oneLine(c))
		}
		w.line("CATEGORIES", strings.Join(esc, ","))
	}
	status := "CONFIRMED"
	if e.Cancelled {
		status = "CANCELLED"
	}
	w.line("STATUS", status)
	if e.RemindDays > 0 {
		w.line("BEGIN", "VALARM")
		w.line("ACTION", "DISPLAY")
		w.text("DESCRIPTION", oneLine(e.Summary))
		w.line("TRIGGER", "-P"+strconv.Itoa(e.RemindDays)+"D")
		w.line("END", "VALARM")
	}
	w.line("END", "VEVENT")
	return nil
}

// text writes a property whose value is text.
func (w *icalWriter) text(name, value string) { w.line(name, escape(value)) }

// line writes one property, folded so that no line has more than 75 octets and no character is split.
func (w *icalWriter) line(name, value string) {
	s := name + ":" + value
	for room := 75; ; room = 74 {
		part := cut(s, room)
		w.b.WriteString(part)
		s = s[len(part):]
		if s == "" {
			break
		}
		w.b.WriteString("\r\n ")
	}
	w.b.WriteString("\r\n")
}

var escaper = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

func escape(s string) string { return escaper.Replace(s) }

// uri takes out what cannot stand in an address, so that an address can never begin a new property.
func uri(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1
		}
		return r
	}, clean(s))
}

func lang(property, language string) string {
	if language == "" {
		return property
	}
	return property + ";LANGUAGE=" + language
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

func compact(d civil.Date) string { return strings.ReplaceAll(string(d), "-", "") }
