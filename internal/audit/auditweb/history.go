package auditweb

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// maxCSV is how many entries one CSV file has at most; the filter by days makes it smaller.
const maxCSV = 50_000

type historyPage struct {
	F       *web.Form
	Unit    *org.Unit // nil: the whole log
	Whole   bool      // the reader may see the whole log
	Units   []web.Option
	Areas   []web.Option
	Who     string // the account filtered by
	WhoName string
	Lines   []historyLine
	Pager   web.Pager
	CSV     string
	Admin   bool
	Shifted bool // the program runs on a day that is not the machine's
}

type historyLine struct {
	audit.Line
	UnitName string
	WhoName  string
	WhoLink  string
	Facts    []fact
	Hidden   bool // about a draft that the reader may not read
}

// fact is one value of the details.
type fact struct{ Name, Before, After string }

// allUnits is the value of the filter that means the whole log, for administrators.
const allUnits = "tat-ca"

// query reads the filters. A unit whose history the actor may not read is not there.
func (h *handlers) query(c *web.Context) (audit.Query, *org.Unit, error) {
	f := c.Form()
	q := audit.Query{Keep: func(l *audit.Line) bool { return h.sees(c, l) }, Actor: f.Text("nguoi"), Area: knownArea(f.Text("mang")), From: f.Date("tu"), To: f.Date("den"), Subject: f.Text("muc")}
	if by := h.shift(c); by != 0 { // entries stand in the log by the machine's time
		q.From, q.To = moved(q.From, -by), moved(q.To, -by)
	}
	whole := administrator(c) == nil
	v := f.Text("don-vi")
	switch {
	case v == allUnits && whole:
		return q, nil, f.Err()
	case v == "":
		own := h.ownUnits(c)
		if len(own) == 0 {
			return q, nil, errs.E(errs.NotFound, "audit.none")
		}
		f.Put("don-vi", own[0].ID)
		q.Unit = own[0].ID
		return q, own[0], f.Err()
	}
	u, ok := h.unitByValue(c, v)
	if !ok || !h.readable(c, u.ID) {
		return q, nil, errs.E(errs.NotFound, "audit.none")
	}
	f.Put("don-vi", u.ID)
	q.Unit = u.ID
	return q, u, f.Err()
}

// shift is how many days the program's day is after the machine's: not 0 in a demonstration of another day.
func (h *handlers) shift(c *web.Context) int { return c.Today.Sub(civil.Of(h.db.Clock().Now())) }

func moved(d civil.Date, days int) civil.Date {
	if d == civil.None {
		return d
	}
	return d.Add(days)
}

func (h *handlers) history(c *web.Context) error {
	q, unit, fault := h.query(c)
	if fault != nil && !errs.Is(fault, errs.Invalid) {
		return fault
	}
	f := c.Form()
	q.After = f.Text("sau")
	p := historyPage{F: f, Unit: unit, Admin: administrator(c) == nil, Who: q.Actor}
	p.Whole, p.Shifted = p.Admin, h.shift(c) != 0
	h.choices(c, &p)
	c.L.Wide = true
	if fault == nil {
		lines, next, err := h.log.History(c.Context(), q)
		switch {
		case errs.Is(err, errs.Invalid):
			fault = err
		case err != nil:
			return err
		}
		for _, l := range lines {
			p.Lines = append(p.Lines, h.newLine(c, l, unit == nil))
			if l.Actor == q.Actor && l.ActorName != "" {
				p.WhoName = l.ActorName
			}
		}
		same := filterQuery(q, f.Text("don-vi"))
		if next != "" {
			p.Pager.Next = pathOf(historyPath, append(same, "sau", next)...)
		}
		if q.After != "" {
			p.Pager.First = pathOf(historyPath, same...)
		}
		p.CSV = pathOf(csvPath, same...)
	}
	if fault != nil {
		return c.Retry(fault, "audit_history", p)
	}
	return c.Render("audit_history", p)
}

// filterQuery are the filters as name, value pairs.
func filterQuery(q audit.Query, unit string) []string {
	return []string{"don-vi", unit, "nguoi", q.Actor, "mang", q.Area, "muc", q.Subject, "tu", string(q.From), "den", string(q.To)}
}

// choices fills the lists of the filters: the actor's own units, the one on the page, and those directly below it, today or once; and what it came from.
func (h *handlers) choices(c *web.Context, p *historyPage) {
	seen := map[string]bool{}
	add := func(u *org.Unit) {
		if u != nil && !seen[u.ID] {
			seen[u.ID] = true
			label := u.NameIn(c.Lang)
			if u.To != civil.None && u.To < c.Today {
				label = c.P.T("audit.history.ended", "unit", label, "day", u.To)
			}
			p.Units = append(p.Units, web.Option{Value: u.ID, Label: label})
		}
	}
	for _, u := range h.ownUnits(c) {
		add(u)
	}
	add(p.Unit)
	if p.Unit != nil {
		for _, u := range c.Tree.Children(p.Unit.ID) {
			add(u)
		}
		for _, u := range h.units.Ended(p.Unit.ID, c.Today) {
			add(u)
		}
		for _, s := range h.units.Predecessors(p.Unit.ID, c.Today) {
			if u, ok := h.units.Unit(s.Old, c.Today); ok && h.readable(c, u.ID) {
				add(u)
			}
		}
	}
	if p.Whole {
		p.Units = append(p.Units, web.Option{Value: allUnits, Label: c.P.T("audit.history.whole")})
	}
	p.Areas = []web.Option{{Value: "", Label: c.P.T("audit.area.all")}}
	for _, a := range areas {
		p.Areas = append(p.Areas, web.Option{Value: a, Label: c.P.T("audit.area." + a)})
	}
}

func (h *handlers) newLine(c *web.Context, l audit.Line, withUnit bool) historyLine {
	out := historyLine{Line: l, WhoName: whoName(c.P, l), Hidden: !h.readsDraft(c, &l)}
	if !out.Hidden {
		out.Facts = facts(l.Details)
	}
	if l.Actor != "" && l.Actor != "system" {
		unit := l.Unit
		if withUnit {
			unit = allUnits
		}
		out.WhoLink = pathOf(historyPath, "don-vi", unit, "nguoi", l.Actor)
	}
	if withUnit {
		if u, ok := h.unit(c, l.Unit); ok {
			out.UnitName = u.NameIn(c.Lang)
		}
	}
	return out
}

func whoName(p *i18n.Printer, l audit.Line) string {
	switch {
	case l.Erased:
		return p.T("audit.history.erased_name")
	case l.ActorName != "":
		return l.ActorName
	case l.Actor == "":
		return p.T("audit.history.public")
	case l.Actor == "system":
		return p.T("audit.history.system")
	}
	return l.Actor
}

// facts lays details out as rows: those below "before" and "after" side by side, all else as they are.
func facts(details json.RawMessage) []fact {
	var d any
	in := json.NewDecoder(bytes.NewReader(details))
	in.UseNumber()
	if len(details) == 0 || in.Decode(&d) != nil {
		return nil
	}
	var out []fact
	where := map[string]int{}
	put := func(name, value string, before bool) {
		i, ok := where[name]
		if !ok {
			i = len(out)
			where[name] = i
			out = append(out, fact{Name: name})
		}
		if before {
			out[i].Before = value
		} else {
			out[i].After = value
		}
	}
	m, ok := d.(map[string]any)
	if !ok {
		flat("", d, func(n, v string) { put(n, v, false) })
		return out
	}
	for _, k := range sortedKeys(m) {
		if k == "before" || k == "after" {
			flat("", m[k], func(n, v string) { put(n, v, k == "before") })
		} else {
			flat(k, m[k], func(n, v string) { put(n, v, false) })
		}
	}
	return out
}

// flat names every value inside a value of JSON.
func flat(name string, v any, put func(name, value string)) {
	join := func(k string) string {
		if name == "" {
			return k
		}
		return name + "." + k
	}
	switch x := v.(type) {
	case map[string]any:
		for _, k := range sortedKeys(x) {
			flat(join(k), x[k], put)
		}
	case []any:
		for i, e := range x {
			flat(join(strconv.Itoa(i+1)), e, put)
		}
	case nil:
	default:
		put(name, fmt.Sprint(x))
	}
}

// historyCSV is the same list, all of it, as a table for spreadsheets.
func (h *handlers) historyCSV(c *web.Context) error {
	q, unit, err := h.query(c)
	if err != nil {
		return err
	}
	q.Limit = 1000
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheets take the file for UTF-8 then
	w := csv.NewWriter(&b)
	head := []string{"seq", "entry", "time", "who", "what", "action", "unit", "kind", "subject", "details", "day"}
	for i, k := range head {
		head[i] = c.P.T("audit.csv." + k)
	}
	if err := w.Write(head); err != nil {
		return err
	}
	for n := 0; n < maxCSV; {
		lines, next, err := h.log.History(c.Context(), q)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if err := w.Write(h.csvRow(c, l)); err != nil {
				return err
			}
		}
		n += len(lines)
		if q.After = next; next == "" {
			break
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	name := "nhat-ky"
	if unit != nil {
		name = "lich-su-" + unit.Slug
	}
	return c.Bytes("text/csv; charset=utf-8", name+"-"+string(c.Today)+".csv", b.Bytes())
}

func (h *handlers) csvRow(c *web.Context, l audit.Line) []string {
	seq, unit, what := "", l.Unit, c.P.T("audit.history.erased")
	if l.Seq >= 0 {
		seq = strconv.FormatInt(l.Seq, 10)
	}
	if u, ok := h.unit(c, l.Unit); ok {
		unit = u.NameIn(c.Lang)
	}
	subject, details := l.Subject, string(l.Details)
	switch {
	case !h.readsDraft(c, &l):
		what, subject, details = c.P.T("audit.history.draft"), "", ""
	case !l.Erased:
		what = c.P.Say(l.Msg)
	}
	row := []string{seq, l.ID, l.At.In(civil.Zone).Format("2006-01-02 15:04:05"), whoName(c.P, l), what, l.Action, unit, l.Kind, subject, details, string(cmp.Or(l.Day, civil.Of(l.At)))}
	for i, s := range row {
		if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) { // a spreadsheet would take it for a formula
			row[i] = "'" + s
		}
	}
	return row
}
