package disclosure

import (
	"context"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// What a figure is measured in.
const (
	FigureCount = "count"
	FigureYesNo = "yes_no" // 1 or 0
	FigureShare = "share"  // N of Of
)

// FigureRow is a record behind a figure, with what it adds.
type FigureRow struct {
	Kind  string // session, regulation (an edition), item, slot
	ID    string // of the session, the regulation, the item; of a slot its matter and its period
	Title string // as the unit or the catalogue wrote it
	Day   civil.Date
	N     int
	Item  *Item // where Kind is item
	Slot  *Slot // where Kind is slot
}

// Figure is one number of the report's form for a unit and a period, with the records behind it.
type Figure struct {
	Code    string
	Measure string
	N       int
	Of      int         // the whole, of a share
	Rows    []FigureRow // of a share: those of its whole
}

// figures are the codes of the report's form that the room computes, in its order, with their functions.
var figures = []struct {
	code string
	f    func(d *figureData) Figure
}{
	{"II.1", func(d *figureData) Figure { return d.count(d.sessionsOf(SessionTalk), each) }},
	{"II.2", func(d *figureData) Figure { return d.count(d.sessionsOf(SessionTalk), (*Session).people) }},
	{"II.3", func(d *figureData) Figure { return d.count(d.sessions, (*Session).Told) }},
	{"II.4", func(d *figureData) Figure { return d.count(d.sessionsOf(SessionTraining), each) }},
	{"II.5", func(d *figureData) Figure { return d.count(d.sessionsOf(SessionTraining), (*Session).people) }},
	{"II.6", func(d *figureData) Figure { return d.count(d.sessionsOf(SessionTalk), (*Session).minority) }},
	{"III.0", (*figureData).inForce},
	{"III.1", func(d *figureData) Figure { return d.issued(false) }},
	{"III.2", func(d *figureData) Figure { return d.issued(true) }},
	{"IV.1", func(d *figureData) Figure { return d.obliged(func(Obligation) bool { return true }) }},
	{"IV.2", func(d *figureData) Figure { return d.obliged(func(o Obligation) bool { return o.Told != civil.None }) }},
	{"IV.3a", func(d *figureData) Figure { return d.obliged(Obligation.InTime) }},
	{"IV.3b", func(d *figureData) Figure { return d.posted(false) }},
	{"IV.3c", func(d *figureData) Figure { return d.posted(true) }},
	{"IV.4", (*figureData).beyond},
	{"IV.5", func(d *figureData) Figure {
		return share(d.obliged(Obligation.InTime), d.obliged(func(Obligation) bool { return true }))
	}},
	{"IV.6", func(d *figureData) Figure { return share(d.posted(true), d.posted(false)) }},
}

// FigureCodes are the codes of the report's form that the room computes, in the form's order.
func FigureCodes() []string {
	out := make([]string, len(figures))
	for i, f := range figures {
		out[i] = f.code
	}
	return out
}

// figureData is what the figures of a unit and period are counted from.
type figureData struct {
	span        civil.Span
	asof        civil.Date // today, or the period's last day where that is past
	sessions    []*Session // of the period
	regulations []*RegulationView
	obligations []Obligation // due, or told, in the period
	items       []*Item      // told up to asof and not withdrawn
	ended       []endedPosting
}

// endedPosting is an item whose days are over: full, or passed without being full.
type endedPosting struct {
	item *Item
	day  civil.Date
	full bool
}

// Figures are the room's figures for a unit and a period, as they stand today or at the period's end, by a constant number of queries. It asks nobody who
// may see them: rows name items for the unit's staff and drafts.
func (s *Service) Figures(ctx context.Context, q db.Querier, unit string, span civil.Span) ([]Figure, error) {
	d, err := s.figureData(ctx, q, unit, span)
	if err != nil {
		return nil, err
	}
	out := make([]Figure, len(figures))
	for i, f := range figures {
		out[i] = f.f(d)
		out[i].Code = f.code
	}
	return out, nil
}

func (s *Service) figureData(ctx context.Context, q db.Querier, unit string, span civil.Span) (*figureData, error) {
	today := s.clock.Today()
	d := &figureData{span: span, asof: min(today, span.To)}
	var err error
	if d.sessions, err = readSessions(ctx, q, `unit_id=$1 AND day>=$2 AND day<=$3 AND struck='' ORDER BY day, created`, unit, span.From, d.asof); err != nil {
		return nil, err
	}
	if d.regulations, err = s.regulationsIn(ctx, q, unit); err != nil {
		return nil, err
	}
	all, err := readItems(ctx, q, `unit_id=$1 ORDER BY id`, unit)
	if err != nil {
		return nil, err
	}
	statements, err := readStatements(ctx, q, `unit_id=$1 AND ended=''`, unit)
	if err != nil {
		return nil, err
	}
	var then []*Item
	for _, i := range all {
		x := *i
		if x.Withdrawn != civil.None && x.Withdrawn > d.asof {
			x.State = Up
		}
		if x.FirstTold > d.asof {
			x.FirstTold = civil.None
		}
		then = append(then, &x)
		if x.FirstTold != civil.None && x.State == Up {
			d.items = append(d.items, &x)
		}
	}
	seen := map[string]bool{}
	for year := span.From.Year() - 1; year <= span.To.Year(); year++ { // what was decided at the end of a year may be due in the next
		u, ok := s.unitInYear(unit, year, today)
		if !ok {
			continue
		}
		for _, o := range Obligations(Slots(s.law(), u, year, d.asof, then, statements, nil)) {
			key := o.Slot.Matter + " " + string(o.Due)
			if o.Item != nil {
				key = o.Item.ID
			}
			if !seen[key] && span.Has(o.Due) && (o.Due <= d.asof || o.Told != civil.None) {
				seen[key] = true
				d.obligations = append(d.obligations, o)
			}
		}
	}
	slices.SortStableFunc(d.obligations, func(a, b Obligation) int { return compareDays(a.Due, b.Due) })
	d.ended, err = s.endedPostings(ctx, q, d)
	return d, err
}

// longestPosting is how many days before a period an item may have begun whose days end in it.
const longestPosting = 400

func (s *Service) endedPostings(ctx context.Context, q db.Querier, d *figureData) ([]endedPosting, error) {
	var list []*Item
	for _, i := range d.items {
		if !i.Permanent && i.Published != civil.None && i.FirstTold >= d.span.From.Add(-longestPosting) {
			list = append(list, i)
		}
	}
	views, err := s.views(ctx, q, list, false)
	if err != nil || len(views) == 0 {
		return nil, err
	}
	dark, err := readDark(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []endedPosting
	for _, v := range views {
		c := CountDays(v.records(dark), d.asof)
		running := slices.ContainsFunc(c.Places, func(p PlaceCount) bool { return p.Need > 0 && p.Full == civil.None && p.Ends != civil.None })
		switch {
		case c.Full != civil.None:
			if d.span.Has(c.Full) {
				out = append(out, endedPosting{v.Item, c.Full, true})
			}
		case c.Need > 0 && c.Begun && !running:
			if day := v.FirstTold.Add(c.Need - 1); day < d.asof && d.span.Has(day) {
				out = append(out, endedPosting{v.Item, day, false})
			}
		}
	}
	return out, nil
}

func each(*Session) int { return 1 }

func (x *Session) people() int { return x.People }

func (x *Session) minority() int {
	if x.Minority() {
		return 1
	}
	return 0
}

func (d *figureData) sessionsOf(kind string) []*Session {
	var out []*Session
	for _, x := range d.sessions {
		if x.Kind == kind {
			out = append(out, x)
		}
	}
	return out
}

func (d *figureData) count(list []*Session, n func(*Session) int) Figure {
	f := Figure{Measure: FigureCount}
	for _, x := range list {
		if k := n(x); k > 0 {
			f.N += k
			f.Rows = append(f.Rows, FigureRow{Kind: "session", ID: x.ID, Title: x.Title, Day: x.Day, N: k})
		}
	}
	return f
}

// inForce: the unit has its own regulation on democracy in force at the end of the period.
func (d *figureData) inForce() Figure {
	f := Figure{Measure: FigureYesNo}
	for _, v := range d.regulations {
		if e := v.On(d.asof); v.Kind == RegulationQCDC && e != nil {
			f.N = 1
			f.Rows = append(f.Rows, FigureRow{Kind: "regulation", ID: v.ID, Title: v.Title + editionNumber(e), Day: e.From, N: 1})
		}
	}
	return f
}

func editionNumber(e *RegulationEdition) string {
	if e.DocNumber == "" {
		return ""
	}
	return " (" + e.DocNumber + ")"
}

func (d *figureData) issued(amended bool) Figure {
	f := Figure{Measure: FigureCount}
	for _, v := range d.regulations {
		for _, e := range v.Editions {
			if e.Amends == amended && d.span.Has(e.DocDay) {
				f.N++
				f.Rows = append(f.Rows, FigureRow{Kind: "regulation", ID: v.ID, Title: v.Title + editionNumber(e), Day: e.DocDay, N: 1})
			}
		}
	}
	return f
}

func (d *figureData) obliged(has func(Obligation) bool) Figure {
	f := Figure{Measure: FigureCount}
	for _, o := range d.obligations {
		if !has(o) {
			continue
		}
		f.N++
		r := FigureRow{Kind: "slot", ID: strings.TrimSpace(o.Slot.Matter + " " + o.Slot.Key()), Title: o.Slot.Name(), Day: o.Due, N: 1, Slot: o.Slot}
		if o.Item != nil {
			r.Kind, r.ID, r.Title, r.Item = "item", o.Item.ID, o.Item.Title, o.Item
		}
		f.Rows = append(f.Rows, r)
	}
	return f
}

func (d *figureData) posted(full bool) Figure {
	f := Figure{Measure: FigureCount}
	for _, x := range d.ended {
		if x.full || !full {
			f.N++
			f.Rows = append(f.Rows, FigureRow{Kind: "item", ID: x.item.ID, Title: x.item.Title, Day: x.day, N: 1, Item: x.item})
		}
	}
	return f
}

// beyond: items of the unit's own matters, and those that it marked as going beyond the law, first told in the period.
func (d *figureData) beyond() Figure {
	f := Figure{Measure: FigureCount}
	for _, i := range d.items {
		if (i.Beyond || i.Matter == "" || OwnID(i.Matter) != "") && d.span.Has(i.FirstTold) {
			f.N++
			f.Rows = append(f.Rows, FigureRow{Kind: "item", ID: i.ID, Title: i.Title, Day: i.FirstTold, N: 1, Item: i})
		}
	}
	return f
}

func share(part, whole Figure) Figure {
	return Figure{Measure: FigureShare, N: part.N, Of: whole.N, Rows: whole.Rows}
}

// FiguresFor are the room's figures for who may read what the unit has entered for good: the unit, those above it, the body of home affairs. The rows of
// items and sessions for the staff alone come along; pages name them only to who may see them.
func (s *Service) FiguresFor(ctx context.Context, actor access.Actor, unit string, span civil.Span) (out []Figure, err error) {
	if !s.mayReadUp(actor, unit) {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	err = s.db.Read(ctx, func(q db.Querier) error {
		out, err = s.Figures(ctx, q, unit, span)
		return err
	})
	return out, err
}
