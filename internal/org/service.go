package org

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org/legacy"
)

// Service has the commands on units. Each checks access, keeps the rules, stores, writes one entry of the log and lets the Directory follow, all in the
// transaction given.
type Service struct {
	d     *db.DB
	dir   *Directory
	flags []string
}

// NewService makes the service over an open Directory. Flags are the words that units may carry; none means Flags().
func NewService(d *db.DB, dir *Directory, flags ...string) *Service {
	if len(flags) == 0 {
		flags = Flags()
	}
	return &Service{d: d, dir: dir, flags: flags}
}

// Directory is where the service's changes show.
func (s *Service) Directory() *Directory { return s.dir }

// Flags are the words that units may carry.
func (s *Service) Flags() []string { return s.flags }

// ImportOptions say how to take a file.
type ImportOptions struct {
	Encoding        legacy.Encoding // "" is UTF-8
	On              civil.Date      // the day from which the file holds; None is today
	DryRun          bool            // say what would be done
	Province        string          // only the units of the province with this code; "" is all
	Successions     []byte          // a file that says what became of the units of the day before
	SuccessionsName string
	EndMissing      bool   // units of the file's kinds and territory that it does not have end the day before
	Act             string // the act that ordered the change, as a person writes it
}

// ImportFile takes a file of units or of successions. Everything is stored or nothing. The report is there whenever the file could be read; where it has
// faults, nothing is stored and the error is errs.Invalid with all of them by line.
func (s *Service) ImportFile(ctx context.Context, actor access.Actor, data []byte, name string, o ImportOptions) (*Report, error) {
	in, err := s.ReadImport(data, name, o)
	if err != nil {
		return nil, err
	}
	if o.DryRun {
		return s.DryRun(ctx, actor, in)
	}
	var report *Report
	err = s.d.Write(ctx, func(tx *db.Tx) error {
		report, err = s.ImportTx(ctx, tx, actor, in)
		return err
	})
	return report, err
}

// Import is a file that was read: ready to be tried or done.
type Import struct {
	name  string
	sum   string
	o     ImportOptions
	units []*fileUnit
	poor  []*fileUnit // lines with faults
	succ  []fileSuccession
	bad   []errs.Field
}

// ReadImport reads a file without looking at the database. A file that cannot be read at all is an error; faults of its lines come with the report.
func (s *Service) ReadImport(data []byte, name string, o ImportOptions) (*Import, error) {
	enc, ok := legacy.Parse(string(o.Encoding))
	if !ok {
		return nil, errs.At("encoding", "org.import.encoding", "encoding", shorten(string(o.Encoding)))
	}
	t, err := readTable(data, name, enc)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	in := &Import{name: shorten(name), sum: hex.EncodeToString(sum[:]), o: o}
	var l errs.List
	if t.isSuccessions() {
		in.succ = t.readSuccessions(&l)
	} else {
		in.units, in.poor = t.readUnits(s.flags, &l)
	}
	if len(o.Successions) > 0 {
		t, err := readTable(o.Successions, o.SuccessionsName, enc)
		if err != nil {
			return nil, err
		}
		if len(in.succ) > 0 || !t.isSuccessions() {
			return nil, errs.At("successions", "org.import.not_successions", "name", shorten(o.SuccessionsName))
		}
		in.succ = t.readSuccessions(&l)
	}
	in.bad = l.Fields
	return in, nil
}

// DryRun says what the import would do.
func (s *Service) DryRun(ctx context.Context, actor access.Actor, in *Import) (report *Report, err error) {
	err = s.d.Read(ctx, func(q db.Querier) error {
		im, err := s.plan(ctx, q, in, s.d.Clock().Today(), func() string { return db.NewID(s.d.Clock().Now()) })
		if err != nil {
			return err
		}
		report = im.report
		report.DryRun = true
		return im.outcome(actor)
	})
	return report, err
}

// ImportTx does the import in a transaction.
func (s *Service) ImportTx(ctx context.Context, tx *db.Tx, actor access.Actor, in *Import) (*Report, error) {
	epoch, err := begin(ctx, tx)
	if err != nil {
		return nil, err
	}
	im, err := s.plan(ctx, tx, in, tx.Today(), tx.NewID)
	if err != nil {
		return nil, err
	}
	if err := im.outcome(actor); err != nil {
		return im.report, err
	}
	if len(im.b.touched())+len(im.b.succ) == 0 {
		return im.report, nil
	}
	if err := im.b.save(ctx, tx, epoch); err != nil {
		return im.report, err
	}
	s.dir.refreshAfter(ctx, tx)
	return im.report, audit.Record(ctx, tx, im.entry(actor, in))
}

func (s *Service) plan(ctx context.Context, q db.Querier, in *Import, today civil.Date, newID func() string) (*importer, error) {
	b, err := wholeBook(ctx, q, newID)
	if err != nil {
		return nil, err
	}
	on := in.o.On
	if on == civil.None {
		on = today
	}
	im := &importer{b: b, on: on, act: in.o.Act, poor: in.poor, succ: slices.Clone(in.succ), opts: in.o, report: &Report{File: in.name, On: on}}
	for _, u := range in.units { // a transaction that is tried again begins anew
		c := *u
		im.units = append(im.units, &c)
	}
	im.faults.Fields = slices.Clone(in.bad)
	im.run()
	return im, b.err
}

// outcome is the error of a plan: its faults, else that the actor may not do it.
func (im *importer) outcome(actor access.Actor) error {
	if len(im.report.Faults) > 0 {
		return &errs.Error{Kind: errs.Invalid, Msg: i18n.M("org.import.refused", "n", len(im.report.Faults)), Fields: im.report.Faults}
	}
	for _, e := range im.b.touched() {
		if !access.Allowed(actor, access.EditUnits, im.b.place(e, im.on)) {
			return errs.E(errs.Forbidden, "org.error.import_elsewhere", "name", e.near(im.on).Name)
		}
	}
	return nil
}

func (im *importer) entry(actor access.Actor, in *Import) audit.Entry {
	type line struct {
		Kind string `json:"kind"`
		Code string `json:"code"`
		Name string `json:"name"`
	}
	var lines []line
	for _, c := range im.report.Changes {
		if c.Kind != ChangeUnchanged {
			lines = append(lines, line{c.Kind, c.Code, c.Name})
		}
	}
	root := ""
	for _, e := range im.b.touched() {
		p := im.b.place(e, im.on)
		top := p.Unit
		if len(p.Above) > 0 {
			top = p.Above[len(p.Above)-1]
		}
		if root == "" || strings.Compare(top, root) < 0 {
			root = top
		}
	}
	if root == "" && len(im.b.succ) > 0 {
		root = im.b.succ[0].New
	}
	return audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "unit.import", Unit: root, Kind: "unit", Subject: root,
		Msg:     i18n.M("org.audit.import", "file", in.name, "on", im.on, "changes", im.report.Changed()),
		Details: map[string]any{"file": in.name, "sha256": in.sum, "on": im.on, "act": im.act, "counts": im.report.Counts, "changes": lines},
		Touches: im.b.touches(),
	}
}

// place is where an action on the unit happens, on the day or the nearest one.
func (b *book) place(e *entry, day civil.Date) access.Place {
	p := access.Place{Unit: e.id, Kind: e.kind}
	u := e.near(day)
	for range maxDepth {
		up := b.get(u.ParentID)
		if up == nil {
			break
		}
		p.Above = append(p.Above, up.id)
		u = up.near(day)
	}
	return p
}

// touches are the tags of pages that show what changed: the units, those above and below which they stand or stood, and the lists.
func (b *book) touches() []string {
	set := map[string]bool{}
	note := func(id string) {
		if id != "" {
			set["unit:"+id] = true
		}
	}
	for _, e := range b.touched() {
		note(e.id)
		for i := range e.rows {
			note(e.rows[i].ParentID)
			note(e.rows[i].ManagerID)
		}
	}
	for _, s := range b.succ {
		note(s.Old)
		note(s.New)
	}
	out := []string{"units"}
	for t := range set {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// notAllowed is what a command answers to somebody who may not do it: everybody may see units, so it names who may.
func notAllowed(act access.Action) error {
	if act == access.EditVillages {
		return errs.E(errs.Forbidden, "org.error.forbidden_villages")
	}
	return errs.E(errs.Forbidden, "org.error.forbidden")
}

var errNoUnit = errs.E(errs.NotFound, "org.error.no_unit")
