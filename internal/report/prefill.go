package report

import (
	"context"
	"maps"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// Known reports whether a room computes the figure from its own records.
func (s *Service) Known(x *Indicator) bool {
	_, ok := s.sources[x.Source]
	return ok && x.Stored()
}

// found asks the rooms for a unit's figures over the days of a period.
func (s *Service) found(ctx context.Context, q db.Querier, unit string, days civil.Span, asked []*Indicator) (map[string]Figure, error) {
	codes := map[FigureSource][]string{}
	var order []FigureSource
	for _, x := range asked {
		if !s.Known(x) {
			continue
		}
		src := s.sources[x.Source]
		if !slices.Contains(order, src) {
			order = append(order, src)
		}
		codes[src] = append(codes[src], x.Code)
	}
	out := map[string]Figure{}
	for _, src := range order {
		got, err := src.Figures(ctx, q, unit, days, codes[src])
		if err != nil {
			return nil, err
		}
		maps.Copy(out, got)
	}
	return out, nil
}

// days are those whose records count for the period: not beyond today.
func (p *Period) days(today civil.Date) civil.Span {
	return civil.Span{From: p.From, To: min(p.To, today)}
}

// prefill takes in what the records say now: figures that are not given yet, or were as found before, become what is found; corrected ones stay. It gives
// the sections that changed.
func (r *Report) prefill(form *Form, asked []*Indicator, now map[string]Figure) []string {
	var changed []string
	for _, x := range asked {
		f, ok := now[x.Code]
		if !ok {
			continue
		}
		i := form.Index(x.Code)
		if r.Found[i] == f.Value && r.Values[i] != None {
			continue
		}
		if r.Values[i] == None || r.Values[i] == r.Found[i] {
			r.Values[i] = f.Value
		}
		r.Found[i] = f.Value
		if !slices.Contains(changed, x.Section) {
			changed = append(changed, x.Section)
		}
	}
	return changed
}

// kindOf is the kind and the flags by which a report is asked: those of its unit on the period's last day, or of the units that its line stands for.
func (s *Service) kindOf(r *Report, p *Period) (kind string, flags []string, u *org.Unit) {
	u, ok := s.units.TreeOf(r.Unit, p.To).ByID(r.Unit)
	if !ok {
		if rows := s.units.History(r.Unit); len(rows) > 0 {
			u = rows[len(rows)-1]
		} else {
			u = &org.Unit{ID: r.Unit}
		}
	}
	if r.LumpKind != "" {
		return r.LumpKind, nil, u
	}
	return u.Kind, u.Flags, u
}

// opened is a report with its period and form, for a command.
type opened struct {
	*Report
	period *Period
	form   *Form
	unit   *org.Unit
	kind   string
	asked  []*Indicator
}

func (s *Service) openTx(ctx context.Context, q db.Querier, id string) (*opened, error) {
	var period string
	err := q.QueryRow(ctx, `SELECT period_id FROM report WHERE id=$1`, id).Scan(&period)
	if err != nil {
		return nil, noRow(err)
	}
	p, err := readPeriod(ctx, q, period)
	if err != nil {
		return nil, err
	}
	form, err := s.formOf(ctx, q, p)
	if err != nil {
		return nil, err
	}
	list, err := readReports(ctx, q, len(form.Indicators), `id=$1`, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.E(errs.NotFound, "report.none")
	}
	return s.with(list[0], p, form), nil
}

func (s *Service) with(r *Report, p *Period, form *Form) *opened {
	o := &opened{Report: r, period: p, form: form}
	var flags []string
	o.kind, flags, o.unit = s.kindOf(r, p)
	o.asked = form.Asked(o.kind, flags, p.Kind)
	return o
}

// ownTx reads a report for a command of its unit's staff: the period must be open.
func (s *Service) ownTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) (*opened, error) {
	o, err := s.openTx(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !s.mayWrite(actor, o.Report, o.period) {
		if !access.Allowed(actor, access.ReadRecord, s.placeOf(o.Report, o.period)) {
			return nil, errs.E(errs.NotFound, "report.none")
		}
		return nil, errs.E(errs.Forbidden, "report.not_yours")
	}
	return o, o.ready(version)
}

// ready: the period is open and nobody changed the report meanwhile; version 0 takes any.
func (o *opened) ready(version int) error {
	if o.period.State != Open {
		return errs.E(errs.Conflict, "report.period.closed")
	}
	if version > 0 && version != o.Version {
		return errs.E(errs.Conflict, "report.conflict")
	}
	return nil
}

// mayWrite: those who do the unit's own work fill its report.
func (s *Service) mayWrite(actor access.Actor, r *Report, p *Period) bool {
	pl := s.placeOf(r, p)
	return access.Allowed(actor, access.WriteRecord, pl) && (actor.ID == access.System.ID || actor.Holds(r.Unit, access.Head, access.Focal, access.Officer, access.Front, access.Union))
}

// editable are the states in which figures can be entered.
func (s State) editable() bool { return s == NotStarted || s == Drafting || s == Returned }

// StartTx begins a report: what the records say is filled in.
func (s *Service) StartTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string) error {
	o, err := s.ownTx(ctx, tx, actor, id, 0)
	if err != nil {
		return err
	}
	if o.State != NotStarted {
		return nil // a colleague was quicker; there is nothing to lose
	}
	if err := s.beginTx(ctx, tx, o); err != nil {
		return err
	}
	if err := saveReport(ctx, tx, o.Report); err != nil {
		return err
	}
	return noteDraft(ctx, tx, actor, o.Unit, o.ID, "started", nil, "title", o.period.Title)
}

func (s *Service) beginTx(ctx context.Context, tx *db.Tx, o *opened) error {
	o.State = Drafting
	if o.LumpKind != "" {
		return nil
	}
	now, err := s.found(ctx, tx, o.Unit, o.period.days(tx.Today()), o.asked)
	if err == nil {
		o.prefill(o.form, o.asked, now)
	}
	return err
}

// RefreshTx asks the rooms again. Figures that somebody corrected keep the correction.
func (s *Service) RefreshTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string) error {
	o, err := s.ownTx(ctx, tx, actor, id, 0)
	if err != nil {
		return err
	}
	if !o.State.editable() || o.LumpKind != "" {
		return errs.E(errs.Conflict, "report.frozen")
	}
	now, err := s.found(ctx, tx, o.Unit, o.period.days(tx.Today()), o.asked)
	if err != nil {
		return err
	}
	before := slices.Clone(o.Values)
	for _, name := range o.prefill(o.form, o.asked, now) {
		if err := s.bumpSection(ctx, tx, actor, o, name); err != nil {
			return err
		}
	}
	if o.State == NotStarted {
		o.State = Drafting
	}
	if err := s.noteChanges(ctx, tx, actor, o, before, nil); err != nil {
		return err
	}
	if err := saveReport(ctx, tx, o.Report); err != nil {
		return err
	}
	return noteDraft(ctx, tx, actor, o.Unit, o.ID, "refreshed", nil, "title", o.period.Title)
}
