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
	"dinh/internal/i18n"
	"dinh/internal/job"
	"dinh/internal/notify"
)

var desk = []access.PostKind{access.Head, access.Focal, access.Officer}

// Slug is a period's part of an address: 6-thang, nam, or its id.
func (p *Period) Slug() string {
	switch {
	case p.Kind == PeriodHalf && p.Form == MainForm:
		return "6-thang"
	case p.Kind == PeriodYear && p.Form == MainForm:
		return "nam"
	}
	return p.ID
}

// Link is the page of the report.
func (o *opened) Link() string { return Link(o.period, o.unit.Code, o.unit.ID, o.LumpKind) }

// Link is the page of a unit's report of a period; lump is the kind of units that a line stands for.
func Link(p *Period, code, id, lump string) string {
	l := "/lam-viec/bao-cao/" + itoa(p.Year) + "/" + p.Slug() + "?don-vi=" + cmpOr(code, id)
	if lump != "" {
		l += "&gop=" + lump
	}
	return l
}

// tell sends one notice to those who hold one of the posts at a unit.
func (s *Service) tell(ctx context.Context, tx *db.Tx, unit string, kinds []access.PostKind, kind string, msg i18n.Msg, link string, due civil.Date, once string) error {
	if s.people == nil {
		return nil
	}
	who, err := s.people.Holders(ctx, unit, kinds...)
	if err != nil {
		return err
	}
	for _, a := range who {
		if err := notify.SendTx(ctx, tx, notify.Notice{Account: a, Unit: unit, Kind: kind, Msg: msg, Link: link, Due: due, Once: once}); err != nil {
			return err
		}
	}
	return nil
}

// Submit hands a report in.
type Submit struct {
	Report     string
	Version    int
	OnScreen   bool // signed off by the head on screen; else by the paper
	Paper      Paper
	File       attach.File // the signed paper, zero where none came
	Incomplete bool        // figures that are not there are not known
	Answer     string      // to the superior's request for supplements
}

// SubmitTx hands a report in. The day of the first time stays for ever. It writes the report's own row and no other's.
func (s *Service) SubmitTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Submit) error {
	o, err := s.ownTx(ctx, tx, actor, c.Report, c.Version)
	if err != nil {
		return err
	}
	switch o.State {
	case Submitted, Accepted:
		return errs.E(errs.Conflict, "report.submitted_already", "day", o.Submitted)
	case NotStarted:
		return errs.E(errs.Conflict, "report.other_state")
	default:
	}
	asks, err := readAsks(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	if err := s.checkSubmit(ctx, tx, actor, o, &c, asks); err != nil {
		return err
	}
	paper := o.Paper
	if c.OnScreen || o.LumpKind != "" {
		o.SignedBy, o.Paper = actor.Name, Paper{}
	} else {
		if c.Paper.File, err = s.attachTx(ctx, tx, actor, c.File, attach.Owner{Kind: OwnerReport, ID: o.ID, Unit: o.Unit}, paper.File); err != nil {
			return err
		}
		o.Paper, o.SignedBy = c.Paper, ""
	}
	today := tx.Today()
	o.State, o.Submitted, o.SubmittedBy = Submitted, today, actor.Name
	if o.First == civil.None {
		o.First = today
	}
	o.Accepted, o.AcceptedBy = civil.None, ""
	if err := saveReport(ctx, tx, o.Report); err != nil {
		return err
	}
	if err := thinDrafts(ctx, tx, o.ID); err != nil {
		return err
	}
	for _, a := range asks {
		if a.Answered == civil.None {
			if _, err := tx.Exec(ctx, `UPDATE report_ask SET answer=$2, answered=$3, version=version+1 WHERE id=$1`, a.ID, c.Answer, today); err != nil {
				return err
			}
		}
	}
	if err := s.joinTx(ctx, tx, o); err != nil {
		return err
	}
	if o.To != o.Unit {
		if err := s.tell(ctx, tx, o.To, []access.PostKind{access.Focal}, "report.submitted", i18n.M("report.notice.submitted", "unit", o.unit.Name, "title", o.period.Title), o.Link(), civil.None, ""); err != nil {
			return err
		}
	}
	if err := s.recordTx(ctx, tx, actor, o, true); err != nil {
		return err
	}
	return note(ctx, tx, actor, o.Unit, "report", o.ID, "submitted", map[string]any{"paper": o.Paper, "signed_by": o.SignedBy, "answer": c.Answer, "figures": o.named(), "late": o.Late(today)},
		"title", o.period.Title)
}

func (s *Service) checkSubmit(ctx context.Context, tx *db.Tx, actor access.Actor, o *opened, c *Submit, asks []*Ask) error {
	l := new(errs.List)
	switch {
	case o.LumpKind != "":
	case c.OnScreen:
		if !access.Allowed(actor, access.ConfirmRecord, s.placeOf(o.Report, o.period)) {
			l.Add("way", "report.head_signs")
		}
	default:
		p := &c.Paper
		p.Number, p.Signer = strings.TrimSpace(p.Number), strings.TrimSpace(p.Signer)
		if p.Number == "" {
			l.Add("number", "report.paper.number_missing")
		}
		switch {
		case p.Day == civil.None:
			l.Add("day", "report.paper.day_missing")
		case p.Day > tx.Today():
			l.Add("day", "report.paper.day_later")
		}
		if p.Signer == "" {
			l.Add("signer", "report.paper.signer_missing")
		}
	}
	c.Answer = strings.TrimSpace(c.Answer)
	if slices.ContainsFunc(asks, func(a *Ask) bool { return a.Answered == civil.None }) && c.Answer == "" {
		l.Add("answer", "report.answer_missing")
	}
	if err := s.sound(ctx, tx, o, c.Incomplete); err != nil {
		l.Fields = append(l.Fields, errs.FieldsOf(err)...)
		if errs.FieldsOf(err) == nil {
			return err
		}
	}
	return l.Err()
}

// named are the figures by code, for the log.
func (o *opened) named() map[string]int64 {
	out := map[string]int64{}
	for i, x := range o.form.Indicators {
		if o.Values.Known(i) {
			out[x.Code] = o.Values[i]
		}
	}
	return out
}

// recordTx tells the plan.
func (s *Service) recordTx(ctx context.Context, tx *db.Tx, actor access.Actor, o *opened, counts bool) error {
	if s.recorder == nil || o.LumpKind != "" {
		return nil
	}
	return s.recorder.RecordTx(ctx, tx, actor, s.recordOf(o, counts))
}

func (s *Service) recordOf(o *opened, counts bool) Record {
	return Record{
		Kind: "report", ID: o.ID, Unit: o.Unit, Day: o.First, Period: o.period.Kind, Due: o.Due, Title: i18n.M("report.record", "title", o.period.Title), Link: o.Link(),
		Number: o.Paper.Number, Counts: counts,
	}
}

// superiorTx reads a report for a command of the body that it goes to, or of those who steer the period.
func (s *Service) superiorTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) (*opened, error) {
	o, err := s.openTx(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !s.mayReturn(actor, o.Report, o.period) {
		if !access.Allowed(actor, access.ReadRecord, s.placeOf(o.Report, o.period)) {
			return nil, errs.E(errs.NotFound, "report.none")
		}
		return nil, errs.E(errs.Forbidden, "report.not_superior")
	}
	return o, o.ready(version)
}

// mayReturn: the body that the report goes to and those who steer the period ask for supplements, accept and extend; nobody at its own unit's report, but
// the body to which all others report.
func (s *Service) mayReturn(actor access.Actor, r *Report, p *Period) bool {
	return access.Allowed(actor, access.ReturnRecord, s.placeOf(r, p))
}

// AskTx asks for supplements: the report goes back and can be changed again.
func (s *Service) AskTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, reason string, answerBy civil.Date) error {
	o, err := s.superiorTx(ctx, tx, actor, id, version)
	if err != nil {
		return err
	}
	l := new(errs.List)
	if reason = strings.TrimSpace(reason); reason == "" {
		l.Add("reason", "report.reason_missing")
	}
	if answerBy != civil.None && answerBy < tx.Today() {
		l.Add("answer_by", "report.day_past")
	}
	if err := l.Err(); err != nil {
		return err
	}
	if o.State != Submitted && o.State != Accepted {
		return errs.E(errs.Conflict, "report.other_state")
	}
	o.State = Returned
	if err := saveReport(ctx, tx, o.Report); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO report_ask(id, report_id, reason, day, answer_by, actor, actor_name, actor_unit) VALUES($1,$2,$3,$4,$5,$6,$7,$8)`,
		tx.NewID(), o.ID, reason, tx.Today(), answerBy, actor.ID, actor.Name, o.To)
	if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, o.Unit, desk, "report.asked", i18n.M("report.notice.asked", "title", o.period.Title, "by", s.nameOf(o.To)), o.Link(), answerBy, ""); err != nil {
		return err
	}
	return note(ctx, tx, actor, o.Unit, "report", o.ID, "asked", map[string]any{"reason": reason, "answer_by": answerBy}, "title", o.period.Title)
}

// AcceptTx accepts a report.
func (s *Service) AcceptTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) error {
	o, err := s.superiorTx(ctx, tx, actor, id, version)
	if err != nil {
		return err
	}
	if o.State != Submitted {
		return errs.E(errs.Conflict, "report.other_state")
	}
	o.State, o.Accepted, o.AcceptedBy = Accepted, tx.Today(), actor.Name
	if err := saveReport(ctx, tx, o.Report); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, o.Unit, desk, "report.accepted", i18n.M("report.notice.accepted", "title", o.period.Title, "by", s.nameOf(o.To)), o.Link(), civil.None, ""); err != nil {
		return err
	}
	return note(ctx, tx, actor, o.Unit, "report", o.ID, "accepted", nil, "title", o.period.Title)
}

// ExtendTx grants a later day to a report that is not handed in; who and why stay with it.
func (s *Service) ExtendTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, day civil.Date, why string) error {
	o, err := s.superiorTx(ctx, tx, actor, id, version)
	if err != nil {
		return err
	}
	l := new(errs.List)
	switch {
	case day == civil.None:
		l.Add("day", "report.day_missing")
	case day <= max(o.Due, o.Extended):
		l.Add("day", "report.extend_later", "due", max(o.Due, o.Extended))
	}
	if why = strings.TrimSpace(why); why == "" {
		l.Add("reason", "report.reason_missing")
	}
	if err := l.Err(); err != nil {
		return err
	}
	if o.First != civil.None {
		return errs.E(errs.Conflict, "report.late_is_late")
	}
	o.Extended, o.ExtendedWhy, o.ExtendedBy = day, why, actor.Name
	if err := saveReport(ctx, tx, o.Report); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, o.Unit, desk, "report.extended", i18n.M("report.notice.extended", "title", o.period.Title, "day", day), o.Link(), day, ""); err != nil {
		return err
	}
	return note(ctx, tx, actor, o.Unit, "report", o.ID, "extended", map[string]any{"day": day, "why": why}, "title", o.period.Title, "day", day)
}

func (s *Service) nameOf(unit string) string {
	if u, ok := s.units.TreeOf(unit, s.clock.Today()).ByID(unit); ok {
		return u.Name
	}
	return unit
}

// joinedJob makes a superior's line for units without account smaller when one of them reports by itself. It is a job, so that a submission writes no row
// but its own.
const joinedJob = "report.joined"

type joinedArgs struct {
	Report string `json:"report"`
}

func (s *Service) joinTx(ctx context.Context, tx *db.Tx, o *opened) error {
	if o.LumpKind != "" {
		return nil
	}
	var n int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM report WHERE period_id=$1 AND unit_id=$2 AND lump_kind=$3`, o.Period, o.To, o.kind).Scan(&n); err != nil || n == 0 {
		return err
	}
	return job.Enqueue(ctx, tx, joinedJob, joinedArgs{o.ID}, tx.Now())
}
