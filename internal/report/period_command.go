package report

import (
	"context"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/job"
	"dinh/internal/org"
)

// OwnerPeriod and OwnerReport are the kinds of owners under which files hang.
const (
	OwnerPeriod = "report_period"
	OwnerReport = "report"
)

// maxOutline is how long a text of a period or of a section may be, in bytes.
const maxText = 60_000

// checkPeriod refuses a period that could not be opened.
func (s *Service) checkPeriod(ctx context.Context, q db.Querier, p *Period) error {
	forms, err := s.Forms(ctx, q)
	if err != nil {
		return err
	}
	l := new(errs.List)
	var form *Form
	i := slices.IndexFunc(forms, func(f *Form) bool { return f.ID == p.Form && f.Version == p.FormVersion })
	if i >= 0 {
		form = forms[i]
	}
	p.check(l, form, i >= 0)
	if len(p.Outline) > maxText {
		l.Add("outline", "report.text_long")
	}
	tree := s.units.TreeOf(p.Unit, p.To)
	for _, id := range p.Units {
		u, ok := tree.ByID(id)
		if !ok || !tree.Under(id, p.Unit) && u.ManagerID != p.Unit {
			l.Add("units", "report.period.unit_foreign")
			break
		}
	}
	if len(l.Fields) == 0 && form != nil && len(s.Bound(p, form)) == 0 {
		l.Add("kinds", "report.period.nobody")
	}
	return l.Err()
}

// CreatePeriodTx stores a planned period and gives its id.
func (s *Service) CreatePeriodTx(ctx context.Context, tx *db.Tx, actor access.Actor, p Period) (string, error) {
	p.ID, p.State, p.Version, p.Created = tx.NewID(), Planned, 1, db.Micros(tx.Now())
	p.Via = cmpOr(p.Via, p.Unit)
	p.Title = strings.TrimSpace(p.Title)
	if !s.MaySteer(actor, &p) {
		return "", errs.E(errs.Forbidden, "report.period.not_yours")
	}
	if err := s.checkPeriod(ctx, tx, &p); err != nil {
		return "", err
	}
	if err := insertPeriod(ctx, tx, &p); err != nil {
		return "", err
	}
	return p.ID, note(ctx, tx, actor, p.Unit, "report_period", p.ID, "period_created", map[string]any{"period": p}, "title", p.Title)
}

// steered reads a period for a command of those who steer it; version 0 takes any.
func (s *Service) steered(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) (*Period, error) {
	p, err := readPeriod(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !s.MaySteer(actor, p) {
		if s.seesPeriod(actor, p) {
			return nil, errs.E(errs.Forbidden, "report.period.not_yours")
		}
		return nil, errs.E(errs.NotFound, "report.none")
	}
	if version > 0 && p.Version != version {
		return nil, errs.E(errs.Conflict, "report.conflict")
	}
	return p, nil
}

// SavePeriodTx changes a period that has not opened.
func (s *Service) SavePeriodTx(ctx context.Context, tx *db.Tx, actor access.Actor, n Period) error {
	p, err := s.steered(ctx, tx, actor, n.ID, n.Version)
	if err != nil {
		return err
	}
	if p.State != Planned {
		return errs.E(errs.Conflict, "report.period.opened_already")
	}
	before := *p
	p.Form, p.FormVersion, p.Kind, p.Year, p.Title, p.Span, p.Opens = n.Form, n.FormVersion, n.Kind, n.Year, strings.TrimSpace(n.Title), n.Span, n.Opens
	p.Dues, p.Kinds, p.Units, p.Outline = n.Dues, n.Kinds, n.Units, n.Outline
	if err := s.checkPeriod(ctx, tx, p); err != nil {
		return err
	}
	if err := savePeriod(ctx, tx, p); err != nil {
		return err
	}
	return note(ctx, tx, actor, p.Unit, "report_period", p.ID, "period_changed", map[string]any{"before": before, "after": p}, "title", p.Title)
}

// DropPeriodTx deletes a period that never opened.
func (s *Service) DropPeriodTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) error {
	p, err := s.steered(ctx, tx, actor, id, version)
	if err != nil {
		return err
	}
	if p.State != Planned {
		return errs.E(errs.Conflict, "report.period.opened_already")
	}
	if err := tx.Update(ctx, `DELETE FROM report_period WHERE id=$1 AND version=$2`, p.ID, p.Version); err != nil {
		return err
	}
	return note(ctx, tx, actor, p.Unit, "report_period", p.ID, "period_dropped", map[string]any{"period": p}, "title", p.Title)
}

// openedJob tells the units of a period that it is open.
const openedJob = "report.opened"

type openedArgs struct {
	Period string `json:"period"`
}

// OpenTx opens a period: each unit that is bound gets its report, not begun, with the body to which it goes and its last day, by the tree of the period's
// last day. It gives their number.
func (s *Service) OpenTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) (int, error) {
	p, err := s.steered(ctx, tx, actor, id, version)
	if err != nil {
		return 0, err
	}
	if p.State != Planned {
		return 0, errs.E(errs.Conflict, "report.period.opened_already")
	}
	if err := s.checkPeriod(ctx, tx, p); err != nil {
		return 0, err
	}
	form, err := s.formOf(ctx, tx, p)
	if err != nil {
		return 0, err
	}
	p.State = Open
	if p.Opens == civil.None || p.Opens > tx.Today() {
		p.Opens = tx.Today()
	}
	if err := savePeriod(ctx, tx, p); err != nil {
		return 0, err
	}
	bound := s.Bound(p, form)
	for _, b := range bound {
		r := &Report{
			ID: tx.NewID(), Period: p.ID, Unit: b.Unit.ID, To: b.To, Due: b.Due, State: NotStarted, Values: NewValues(len(form.Indicators)), Found: NewValues(len(form.Indicators)),
			Sample: p.Sample, Version: 1,
		}
		if err := insertReport(ctx, tx, r); err != nil {
			return 0, err
		}
	}
	if err := job.Enqueue(ctx, tx, openedJob, openedArgs{p.ID}, tx.Now()); err != nil {
		return 0, err
	}
	return len(bound), note(ctx, tx, actor, p.Unit, "report_period", p.ID, "period_opened", map[string]any{"units": len(bound)}, "title", p.Title, "n", len(bound))
}

// CloseTx ends a period: nothing is taken in any more.
func (s *Service) CloseTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) error {
	return s.turn(ctx, tx, actor, id, version, Open, Closed, "", "period_closed")
}

// ReopenTx takes reports in again after the period was closed; the reason stays in the log.
func (s *Service) ReopenTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return errs.At("reason", "report.reason_missing")
	}
	return s.turn(ctx, tx, actor, id, version, Closed, Open, reason, "period_reopened")
}

func (s *Service) turn(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, from, to PeriodState, reason, action string) error {
	p, err := s.steered(ctx, tx, actor, id, version)
	if err != nil {
		return err
	}
	if p.State != from {
		return errs.E(errs.Conflict, "report.period.other_state")
	}
	p.State = to
	if err := savePeriod(ctx, tx, p); err != nil {
		return err
	}
	return note(ctx, tx, actor, p.Unit, "report_period", p.ID, action, map[string]any{"reason": reason}, "title", p.Title)
}

// LetterTx notes the guiding letter as it was signed. file may be the zero File.
func (s *Service) LetterTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, letter Paper, file attach.File) error {
	p, err := s.steered(ctx, tx, actor, id, version)
	if err != nil {
		return err
	}
	l := new(errs.List)
	if letter.Number = strings.TrimSpace(letter.Number); letter.Number == "" {
		l.Add("number", "report.paper.number_missing")
	}
	if letter.Day == civil.None {
		l.Add("day", "report.paper.day_missing")
	} else if letter.Day > tx.Today() {
		l.Add("day", "report.paper.day_later")
	}
	if err := l.Err(); err != nil {
		return err
	}
	if letter.File, err = s.attachTx(ctx, tx, actor, file, attach.Owner{Kind: OwnerPeriod, ID: p.ID, Unit: p.Unit}, p.Letter.File); err != nil {
		return err
	}
	p.Letter = letter
	if err := savePeriod(ctx, tx, p); err != nil {
		return err
	}
	return note(ctx, tx, actor, p.Unit, "report_period", p.ID, "period_letter", map[string]any{"letter": letter}, "title", p.Title, "number", letter.Number)
}

// attachTx links a new file in place of the old one; without a new one the old one stays.
func (s *Service) attachTx(ctx context.Context, tx *db.Tx, actor access.Actor, file attach.File, o attach.Owner, old string) (string, error) {
	if file.SHA256 == "" {
		return old, nil
	}
	a, err := s.files.LinkTx(ctx, tx, file, o, true, actor.ID)
	return a.ID, err
}

// OwnDueTx sets an earlier day by which those directly below a unit report to it. It holds for reports that are not handed in.
func (s *Service) OwnDueTx(ctx context.Context, tx *db.Tx, actor access.Actor, period, unit string, day civil.Date) (int, error) {
	p, err := readPeriod(ctx, tx, period)
	if err != nil {
		return 0, err
	}
	if !s.seesPeriod(actor, p) {
		return 0, errs.E(errs.NotFound, "report.none")
	}
	u, ok := s.units.TreeOf(unit, p.To).ByID(unit)
	if !ok || !actor.Holds(unit, access.Head, access.Focal, access.Officer) {
		return 0, errs.E(errs.Forbidden, "report.not_superior")
	}
	limit := p.dueOf(u.Kind, p.Via)
	switch {
	case p.State == Closed:
		return 0, errs.E(errs.Conflict, "report.period.closed")
	case day == civil.None:
		return 0, errs.At("day", "report.day_missing")
	case day < p.To:
		return 0, errs.At("day", "report.period.due_early", "to", p.To)
	case limit != civil.None && day > limit:
		return 0, errs.At("day", "report.period.own_due_late", "limit", limit)
	}
	p.Dues = slices.DeleteFunc(p.Dues, func(d Due) bool { return d.Unit == unit })
	p.Dues = append([]Due{{Unit: unit, Day: day}}, p.Dues...)
	if err := savePeriod(ctx, tx, p); err != nil {
		return 0, err
	}
	n := 0
	if p.State == Open {
		form, err := s.formOf(ctx, tx, p)
		if err != nil {
			return 0, err
		}
		list, err := readReports(ctx, tx, len(form.Indicators), `period_id=$1 AND to_unit=$2 AND unit_id<>$2 AND first_day='' ORDER BY id`, p.ID, unit)
		if err != nil {
			return 0, err
		}
		for _, r := range list {
			r.Due = day
			if err := saveReport(ctx, tx, r); err != nil {
				return 0, err
			}
			n++
		}
	}
	return n, note(ctx, tx, actor, unit, "report_period", p.ID, "own_due", map[string]any{"day": day}, "title", p.Title, "day", day)
}

// seesPeriod reports whether the period concerns a unit of the actor's: it steers it, is bound by it or stands above one that is.
func (s *Service) seesPeriod(actor access.Actor, p *Period) bool {
	if s.MaySteer(actor, p) || access.Allowed(actor, access.ReadProgress, s.steerPlace(p.Unit, p.Via)) {
		return true
	}
	if p.State == Planned {
		return false
	}
	tree := s.units.TreeOf(p.Unit, p.To)
	for _, id := range actor.Units() {
		u, ok := s.units.TreeOf(id, p.To).ByID(id)
		if !ok || u.Kind == org.Village {
			continue
		}
		if tree.Under(id, p.Unit) || u.ManagerID == p.Unit {
			return true
		}
	}
	return false
}
