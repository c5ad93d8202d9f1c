package report

import (
	"context"
	"slices"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
)

// Figure is a figure that a room computes from a unit's own records.
type Figure struct {
	Value   int64
	Records []Source // what it was counted from, at most a few hundred; the link leads to all of them
	Link    string   // a page of ours that opens the records, "" for none
}

// Source is one record behind a figure.
type Source struct {
	ID, Title, Link string
	Day             civil.Date
	N               int64 // what it adds
	// May reports whether the actor may see what the record is; nil where all may who see the report. Of others only the number is shown.
	May func(actor access.Actor) bool
}

// FigureSource is a room that computes figures. Wired in app.
type FigureSource interface {
	// Source is the word of the forms for the room: disclosure, propagate, regulation, plan, org, …
	Sources() []string
	// Figures are those of the codes that the room knows for the unit over the days; stock figures are as of the last day. Codes it does not know are left out.
	Figures(ctx context.Context, q db.Querier, unit string, days civil.Span, codes []string) (map[string]Figure, error)
}

// People knows who holds posts; auth is it.
type People interface {
	// Holders are the accounts that hold one of the posts at the unit today.
	Holders(ctx context.Context, unit string, kinds ...access.PostKind) ([]string, error)
	// Names are the names of accounts by id; unknown ids are left out.
	Names(ctx context.Context, ids ...string) (map[string]string, error)
}

// Record is what the room tells the plan of a report that begins or ceases to count. Wired in app.
type Record struct {
	Kind   string // report (a unit's own), consolidated
	ID     string
	Unit   string
	Day    civil.Date // when it was handed in
	Period string     // half, year, other
	Due    civil.Date
	Title  i18n.Msg
	Link   string
	Number string
	Counts bool
}

// Recorder hears of records in their own transaction.
type Recorder interface {
	RecordTx(ctx context.Context, tx *db.Tx, actor access.Actor, r Record) error
}

// Options are what a Service works with. People, Files and Recorder may be nil in tests that need none.
type Options struct {
	DB       *db.DB
	Units    *org.Directory
	Law      func() *law.Catalogue
	Clock    civil.Clock
	People   People
	Files    *attach.Store
	Recorder Recorder
	Sources  []FigureSource
	// Focal is the unit through which reports reach a province; "" where no role says so. It may be nil.
	Focal func(ctx context.Context, province string) (string, error)
}

// Service is the room. It is safe for concurrent use.
//
// Methods whose names end in Tx are commands: they check who may, keep the rule, change, and write the audit entry inside the caller's transaction.
// Their errors are errs.Invalid with the fields of the form, errs.Forbidden for what the actor sees but may not do, errs.NotFound for what it may not
// see, errs.Conflict where somebody else was quicker.
type Service struct {
	db        database
	units     *org.Directory
	law       func() *law.Catalogue
	clock     civil.Clock
	people    People
	files     *attach.Store
	recorder  Recorder
	sources   map[string]FigureSource
	focal     func(ctx context.Context, province string) (string, error)
	own       []*Form // the program's forms
	live      live
	groupings groupings
	pasts     pasts
}

// database is what the room needs of *db.DB; tests count its queries.
type database interface {
	db.Querier
	Read(ctx context.Context, f func(q db.Querier) error) error
	Write(ctx context.Context, f func(tx *db.Tx) error) error
}

// New makes the service. Two rooms that compute the same source are a fault of the wiring.
func New(o Options) (*Service, error) {
	forms, err := Embedded()
	if err != nil {
		return nil, err
	}
	s := &Service{db: o.DB, units: o.Units, law: o.Law, clock: o.Clock, people: o.People, files: o.Files, recorder: o.Recorder, focal: o.Focal, sources: map[string]FigureSource{}, own: forms}
	s.live.intern = func(unit string) string {
		if rows := s.units.History(unit); len(rows) > 0 {
			return rows[0].ID
		}
		return unit
	}
	for _, src := range o.Sources {
		for _, name := range src.Sources() {
			s.sources[name] = src
		}
	}
	return s, nil
}

// Forms are all versions of all forms: the program's, and those made here.
func (s *Service) Forms(ctx context.Context, q db.Querier) ([]*Form, error) {
	made, err := readForms(ctx, q)
	return append(slices.Clone(s.own), made...), err
}

// formOf is the form of a period.
func (s *Service) formOf(ctx context.Context, q db.Querier, p *Period) (*Form, error) {
	at := func(f *Form) bool { return f.ID == p.Form && f.Version == p.FormVersion }
	if i := slices.IndexFunc(s.own, at); i >= 0 {
		return s.own[i], nil
	}
	made, err := readForms(ctx, q)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(made, at); i >= 0 {
		return made[i], nil
	}
	return nil, errs.E(errs.NotFound, "report.form.none")
}

// placeOf is where an action on a report of the unit happens. To and Via are the bodies that the report goes to, which may read and send back what was handed in
// although it does not stand above the unit in the tree.
func (s *Service) placeOf(r *Report, p *Period) access.Place {
	pl := s.units.TreeOf(r.Unit, s.clock.Today()).Place(r.Unit)
	pl.Issuer = p.Unit
	pl.Focal = []string{r.To, p.Via}
	pl.State = access.Draft
	if r.State.Final() {
		pl.State = access.Submitted
	}
	return pl
}

// note writes the audit entry of a command on a report or a period.
func note(ctx context.Context, tx *db.Tx, actor access.Actor, unit, kind, id, action string, details any, kv ...any) error {
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "report." + action, Unit: unit, Kind: kind, Subject: id, Msg: i18n.M("report.audit."+action, kv...), Details: details,
	})
}

// noteDraft is note for what only the unit itself reads: a report that is not handed in.
func noteDraft(ctx context.Context, tx *db.Tx, actor access.Actor, unit, id, action string, details any, kv ...any) error {
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "report." + action, Unit: unit, Kind: "report", Subject: id, Msg: i18n.M("report.audit."+action, kv...), Details: details,
		Draft: true,
	})
}
