package disclosureweb

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/feed"
	"dinh/internal/org"
	"dinh/internal/web"
)

// feedEntries is how many items a feed has.
const feedEntries = 50

// noon is the instant that stands for a day in a feed: at noon it is the same day in most of the world.
func noon(d civil.Date) time.Time { return d.Time().Add(5 * time.Hour) }

// unitTitle is the name of a board in feeds and files.
func unitTitle(c *web.Context, u *org.Unit) string {
	if u.Kind == org.Province {
		return c.P.T("disclosureboard.feed.room", "unit", u.NameIn(c.Lang))
	}
	return c.P.T("disclosureboard.feed.board", "unit", u.NameIn(c.Lang))
}

// atom is the feed of a board, or of the room over all units. It has what everybody may see, whoever asks.
func (h *pages) atom(c *web.Context) error {
	u := c.Unit
	f := feed.Feed{
		ID: c.BaseURL() + c.UnitPath(u, BoardPath+".atom"), Title: unitTitle(c, u), Lang: "vi", Author: u.NameIn(c.Lang), Self: c.BaseURL() + c.Href(c.UnitPath(u, BoardPath+".atom")),
		Link: c.BaseURL() + c.Href(c.UnitPath(u, BoardPath)), Updated: noon(c.Today),
	}
	newest := civil.None
	err := h.Service.Open(c.Context(), u, feedEntries, func(r disclosure.OpenRow) error {
		e := feed.Entry{
			ID: feed.URN(r.ID), Title: r.Title, Link: c.BaseURL() + c.Href(h.Service.Link(r.Item, "")), Author: h.unitOf(c, r.Unit).NameIn(c.Lang),
			Updated: noon(r.Published), Summary: r.Summary,
		}
		if r.State == disclosure.Withdrawn {
			e.Title = c.P.T("disclosureboard.feed.withdrawn", "title", r.Title)
			e.Updated, e.Summary = noon(r.Item.Withdrawn), c.P.T("disclosureboard.feed.withdrawn_text", "day", r.Item.Withdrawn)
		}
		e.Published = noon(firstDay(r.Item))
		if e.Published.After(e.Updated) {
			e.Published = e.Updated
		}
		if d, ok := h.Law().Duty(r.Matter); ok {
			e.Categories = append(e.Categories, d.Title(c.Lang))
		}
		newest = max(newest, civil.Of(e.Updated))
		f.Entries = append(f.Entries, e)
		return nil
	})
	if err != nil {
		return err
	}
	if newest != civil.None {
		f.Updated = noon(newest)
	}
	b, err := f.Bytes()
	if err != nil {
		return err
	}
	return c.Bytes("application/atom+xml; charset=utf-8", "", b)
}

// firstDay is when the item first went up, as far as the item itself knows.
func firstDay(i *disclosure.Item) civil.Date {
	if i.FirstTold != civil.None && i.FirstTold < i.Published {
		return i.FirstTold
	}
	return i.Published
}

// openColumns are the columns of the register's open data: of the CSV by their words, of the JSON by these names.
var openColumns = []string{
	"unit_code", "unit", "title", "matter", "law", "period", "doc_number", "doc_date", "decided", "deadline", "published", "first_told", "days_needed", "ends",
	"state", "withdrawn", "edition", "address",
}

func (h *pages) openRow(c *web.Context, r disclosure.OpenRow) []string {
	u := h.unitOf(c, r.Unit)
	matter, cite := "", ""
	if d, ok := h.Law().Duty(r.Matter); ok {
		matter, cite = d.Title(c.Lang), c.P.Say(d.Cite())
	}
	state := string(disclosure.Posted)
	switch {
	case r.State == disclosure.Withdrawn:
		state = string(disclosure.Taken)
	case !r.Permanent && r.Ends != civil.None && r.Ends < c.Today:
		state = string(disclosure.Full)
	case r.FirstTold == civil.None:
		state = string(disclosure.ToBePosted)
	}
	days := ""
	if r.MinDays > 0 {
		days = strconv.Itoa(r.MinDays)
	}
	return []string{
		u.Code, u.NameIn(c.Lang), r.Title, matter, cite, r.Period, r.DocNumber, string(r.DocDay), string(r.Decided), string(r.Due), string(r.Published),
		string(r.FirstTold), days, string(r.Ends), state, string(r.Item.Withdrawn), strconv.Itoa(r.Edition), c.BaseURL() + "/n/" + r.Code,
	}
}

// openHeaders sets the headers of a file that is made while it is sent.
func openHeaders(c *web.Context, kind, ending string) {
	hd := c.W.Header()
	hd.Set("Content-Type", kind)
	hd.Set("Cache-Control", "private, no-cache")
	hd.Set("Content-Disposition", `attachment; filename="niem-yet-`+c.Unit.Slug+`-`+string(c.Today)+ending+`"`)
}

// openCSV is the register as a table: UTF-8 with a byte order mark, which table programs want to see.
func (h *pages) openCSV(c *web.Context) error {
	var w *csv.Writer
	begin := func() error {
		openHeaders(c, "text/csv; charset=utf-8", ".csv")
		if _, err := c.W.Write([]byte("\uFEFF")); err != nil {
			return err
		}
		w = csv.NewWriter(c.W)
		head := make([]string, len(openColumns))
		for n, name := range openColumns {
			head[n] = c.P.T("disclosureboard.column." + name)
		}
		return w.Write(head)
	}
	return h.open(c, begin, func(r disclosure.OpenRow) error {
		cells := h.openRow(c, r)
		for n, cell := range cells {
			if openColumns[n] == "state" {
				cell = c.P.T("disclosure.progress." + cell)
			}
			cells[n] = safeCell(cell)
		}
		return w.Write(cells)
	}, func() error {
		w.Flush()
		return w.Error()
	})
}

// safeCell keeps a table program from taking text for a formula.
func safeCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// openJSON is the register for programs.
func (h *pages) openJSON(c *web.Context) error {
	first := true
	begin := func() error {
		openHeaders(c, "application/json; charset=utf-8", ".json")
		head, err := json.Marshal(map[string]string{"title": unitTitle(c, c.Unit), "unit_code": c.Unit.Code, "day": string(c.Today), "address": c.BaseURL() + c.Href(c.UnitPath(c.Unit, BoardPath))})
		if err != nil {
			return err
		}
		_, err = c.W.Write([]byte(`{"about":` + string(head) + `,"items":[`))
		return err
	}
	return h.open(c, begin, func(r disclosure.OpenRow) error {
		row := map[string]any{}
		for n, cell := range h.openRow(c, r) {
			switch name := openColumns[n]; name {
			case "days_needed", "edition":
				if v, err := strconv.Atoi(cell); err == nil {
					row[name] = v
				}
			default:
				if cell != "" {
					row[name] = cell
				}
			}
		}
		row["permanent"] = r.Permanent
		b, err := json.Marshal(row)
		if err != nil {
			return err
		}
		if !first {
			b = append([]byte(",\n"), b...)
		}
		first = false
		_, err = c.W.Write(b)
		return err
	}, func() error {
		_, err := c.W.Write([]byte("]}\n"))
		return err
	})
}

// open streams the register. Nothing is sent before the first rows were read, so that a fault there is still an error page; one on the way ends the
// connection, so that nobody takes half a file for the whole.
func (h *pages) open(c *web.Context, begin func() error, row func(disclosure.OpenRow) error, end func() error) error {
	begun := false
	start := func() error {
		if begun {
			return nil
		}
		begun = true
		return begin()
	}
	err := h.Service.Open(c.Context(), c.Unit, 0, func(r disclosure.OpenRow) error {
		if err := start(); err != nil {
			return err
		}
		return row(r)
	})
	if err == nil {
		if err = start(); err == nil {
			err = end()
		}
	}
	if err != nil && begun {
		panic(http.ErrAbortHandler)
	}
	return err
}
