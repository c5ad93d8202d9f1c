package report

import (
	"context"
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/org"

	"github.com/BurntSushi/toml"
)

//go:embed setting/periods.toml
var periodFile []byte

// yearDay is a day of a year, or of one before or after it.
type yearDay struct {
	Year  int      `toml:"year"`
	Month int      `toml:"month"`
	Day   int      `toml:"day"`
	Kinds []string `toml:"kinds"`
}

func (d yearDay) in(year int) civil.Date {
	day, _ := civil.New(year+d.Year, d.Month, d.Day)
	return day
}

type periodDefault struct {
	Kind    string  `toml:"kind"`
	Title   string  `toml:"title_vi"`
	From    yearDay `toml:"from"`
	To      yearDay `toml:"to"`
	Opens   yearDay `toml:"opens"`
	Due     yearDay `toml:"due"`
	Earlier yearDay `toml:"earlier"`
}

var periodDefaults = sync.OnceValue(func() []periodDefault {
	var in struct {
		Period []periodDefault `toml:"period"`
	}
	if _, err := toml.Decode(string(periodFile), &in); err != nil {
		panic(err) // embedded, read by a test
	}
	return in.Period
})

// MainForm is the form of the regular reports.
const MainForm = "qcdc"

// Asker is a unit for which somebody may ask for reports, and the body through which they reach it.
type Asker struct{ Unit, Via string }

// Askers are the units for which the actor may ask for reports: its own where others stand below or are managed by it, the province for its focal body.
func (s *Service) Askers(ctx context.Context, actor access.Actor) ([]Asker, error) {
	var out []Asker
	tree := s.units.On(s.clock.Today())
	for _, id := range actor.Units() {
		u, ok := tree.ByID(id)
		if !ok || u.Kind == org.Village || !actor.Holds(id, access.Head, access.Focal, access.Officer) {
			continue
		}
		top := tree.Top(id)
		via, err := s.focalOf(ctx, top.ID)
		if err != nil {
			return nil, err
		}
		if via == id {
			out = append(out, Asker{top.ID, id})
			continue // it asks for the province; what it asks of its own field is asked in the province's name too
		}
		if id == top.ID {
			if via == "" {
				via = id
			}
			if actor.Holds(id, access.Head, access.Focal) {
				out = append(out, Asker{id, via})
			}
			continue
		}
		if slices.ContainsFunc(tree.Children(id), func(c *org.Unit) bool { return c.Kind != org.Village }) || slices.ContainsFunc(tree.All(), func(c *org.Unit) bool { return c.ManagerID == id }) {
			out = append(out, Asker{id, id})
		}
	}
	return out, nil
}

func (s *Service) focalOf(ctx context.Context, province string) (string, error) {
	if s.focal == nil {
		return "", nil
	}
	return s.focal(ctx, province)
}

// steerPlace is where the commands on a period happen: at the unit that asks, with the body that collects for it.
func (s *Service) steerPlace(unit, via string) access.Place {
	pl := s.units.TreeOf(unit, s.clock.Today()).Place(unit)
	pl.Issuer = unit
	pl.Focal = []string{via}
	return pl
}

// MaySteer reports whether the actor may change, open and close the period.
func (s *Service) MaySteer(actor access.Actor, p *Period) bool {
	return access.Allowed(actor, access.SteerPlan, s.steerPlace(p.Unit, cmpOr(p.Via, p.Unit)))
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// NewPeriod is a period with sensible days, not stored: of the regular report, or of another kind with all days left open.
func (s *Service) NewPeriod(forms []*Form, a Asker, kind string, year int) *Period {
	p := &Period{Unit: a.Unit, Via: a.Via, Kind: kind, Year: year, State: Planned, Form: MainForm}
	for _, d := range periodDefaults() {
		if d.Kind != kind {
			continue
		}
		p.Title = strings.ReplaceAll(d.Title, "{{year}}", strconv.Itoa(year))
		p.Span = civil.Span{From: d.From.in(year), To: d.To.in(year)}
		p.Opens = d.Opens.in(year)
		for _, k := range d.Earlier.Kinds {
			p.Dues = append(p.Dues, Due{Kind: k, Day: d.Earlier.in(year)})
		}
		p.Dues = append(p.Dues, Due{Day: d.Due.in(year)})
	}
	if f, ok := FormOn(forms, p.Form, max(p.To, civil.Date(strconv.Itoa(year)+"-01-01"))); ok {
		p.FormVersion = f.Version
		p.Outline = Outline(f)
	}
	return p
}

// Outline is the đề cương of a form: its sections as headings, with what each is to say.
func Outline(f *Form) string {
	var b strings.Builder
	for _, name := range f.Sections() {
		b.WriteString("## " + name + "\n\n")
		for _, x := range f.Indicators {
			if x.Section == name {
				b.WriteString("- " + x.TitleVI + "\n")
			}
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

// dueOf is the last day for a unit of the kind that reports to a body: what that body set, then what holds for the kind, then what holds for all.
func (p *Period) dueOf(kind, to string) civil.Date {
	best, rank := civil.None, 0
	for _, d := range p.Dues {
		n := 1
		if d.Kind != "" {
			n = 2
		}
		if d.Unit != "" {
			n += 2
		}
		if (d.Kind == "" || d.Kind == kind) && (d.Unit == "" || d.Unit == to) && n > rank {
			best, rank = d.Day, n
		}
	}
	return best
}

// BoundUnit is a unit that reports in a period: to whom, and by when.
type BoundUnit struct {
	Unit *org.Unit
	To   string
	Due  civil.Date
}

// Bound are the units that report in the period, by the tree of its last day: those at and below the unit that asks, and those that it manages, whose kind
// the form asks anything of.
func (s *Service) Bound(p *Period, f *Form) []BoundUnit {
	tree := s.units.TreeOf(p.Unit, p.To)
	var out []BoundUnit
	seen := map[string]bool{}
	take := func(u *org.Unit) {
		if seen[u.ID] || u.Kind == org.Village || len(p.Kinds) > 0 && !slices.Contains(p.Kinds, u.Kind) {
			return
		}
		if len(p.Units) > 0 && !slices.ContainsFunc(p.Units, func(root string) bool { return tree.Under(u.ID, root) }) {
			return
		}
		if len(f.Asked(u.Kind, u.Flags, p.Kind)) == 0 {
			return
		}
		seen[u.ID] = true
		b := BoundUnit{Unit: u, To: p.Via}
		if par := tree.Parent(u.ID); par != nil && par.ID != p.Unit && tree.Under(par.ID, p.Unit) && u.ID != p.Unit {
			b.To = par.ID
		}
		b.To = cmpOr(b.To, p.Unit)
		b.Due = p.dueOf(u.Kind, b.To)
		out = append(out, b)
	}
	for u := range tree.Walk(p.Unit) {
		take(u)
	}
	if tree.Parent(p.Unit) != nil {
		for _, u := range tree.All() {
			if u.ManagerID == p.Unit {
				take(u)
			}
		}
	}
	return out
}

// check gathers what is wrong with a period before it can open.
func (p *Period) check(l *errs.List, form *Form, found bool) {
	if p.Title == "" {
		l.Add("title", "report.period.title_missing")
	}
	if p.Year < 2000 || p.Year > 2100 {
		l.Add("year", "report.period.year_bad")
	}
	if p.From == civil.None {
		l.Add("from", "report.period.from_missing")
	}
	switch {
	case p.To == civil.None:
		l.Add("to", "report.period.to_missing")
	case p.From != civil.None && p.To < p.From:
		l.Add("to", "report.period.to_early")
	}
	if !slices.Contains([]string{PeriodHalf, PeriodYear, PeriodOther}, p.Kind) {
		l.Add("kind", "report.period.kind_bad")
	}
	if !found {
		l.Add("form", "report.period.form_missing")
	} else if p.To != civil.None && !form.Has(p.To) {
		l.Add("form", "report.period.form_other_time", "from", form.From, "to", form.To)
	}
	general := false
	for _, d := range p.Dues {
		general = general || d.Kind == "" && d.Unit == "" && d.Day != civil.None
		if d.Day != civil.None && p.To != civil.None && d.Day < p.To {
			field := "due"
			if d.Kind != "" {
				field = "due_commune"
			}
			l.Add(field, "report.period.due_early", "to", p.To)
		}
	}
	if !general {
		l.Add("due", "report.period.due_missing")
	}
}
