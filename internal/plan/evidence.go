package plan

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// Evidence is one thing that shows that an assignment was done. It is withdrawn with a reason, never erased.
type Evidence struct {
	ID, Assignment, Occurrence, Plan, Unit string
	Kind                                   string // "paper" entered here, "record" of another room
	Room, RecordKind, Record               string
	Number                                 string
	Day                                    civil.Date // the paper's, the record's
	Signer                                 string
	File                                   string // id of an attachment
	Note                                   string
	Source                                 string // who reported it, where an officer entered for a village head
	Title                                  i18n.Msg
	Link                                   string
	Items                                  []int          // lines of the task's evidence list that it shows, from 0
	Gaps                                   map[int]string // why lines are missing
	Counts                                 bool
	Entered                                civil.Date
	Actor, ActorName                       string
	Withdrawn                              civil.Date
	WithdrawnReason, WithdrawnBy           string
	Sample                                 bool
	Version                                int
}

// Live reports whether the evidence counts and was not withdrawn.
func (e *Evidence) Live() bool { return e.Counts && e.Withdrawn == civil.None }

const (
	kindPaper  = "paper"
	kindRecord = "record"
)

const evidenceColumns = `id, assignment_id, occurrence_id, plan_id, unit_id, kind, room, record_kind, record_id, number, day, signer, file_id, note, source, title, link, items, gaps, counts, entered, actor, actor_name, withdrawn, withdrawn_reason, withdrawn_by, sample, version`

func scanEvidence(scan func(...any) error) (*Evidence, error) {
	e := new(Evidence)
	var title, items, gaps string
	var counts, sample int
	err := scan(&e.ID, &e.Assignment, &e.Occurrence, &e.Plan, &e.Unit, &e.Kind, &e.Room, &e.RecordKind, &e.Record, &e.Number, &e.Day, &e.Signer, &e.File, &e.Note, &e.Source,
		&title, &e.Link, &items, &gaps, &counts, &e.Entered, &e.Actor, &e.ActorName, &e.Withdrawn, &e.WithdrawnReason, &e.WithdrawnBy, &sample, &e.Version)
	if err != nil {
		return nil, err
	}
	e.Counts, e.Sample = counts != 0, sample != 0
	if title != "" {
		err = json.Unmarshal([]byte(title), &e.Title)
	}
	return e, errors.Join(err, json.Unmarshal([]byte(items), &e.Items), json.Unmarshal([]byte(gaps), &e.Gaps))
}

func readEvidence(ctx context.Context, q db.Querier, where string, args ...any) ([]*Evidence, error) {
	var out []*Evidence
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		e, err := scanEvidence(rows.Scan)
		out = append(out, e)
		return err
	}, `SELECT `+evidenceColumns+` FROM evidence WHERE `+where+` ORDER BY id`, args...)
	return out, err
}

func insertEvidence(ctx context.Context, tx *db.Tx, list ...*Evidence) error {
	return insertAll(ctx, tx, `INSERT INTO evidence(id,assignment_id,occurrence_id,plan_id,unit_id,kind,room,record_kind,record_id,number,day,signer,file_id,note,source,title,link,items,gaps,counts,entered,actor,actor_name,sample)`, 24, len(list), func(i int) []any {
		e := list[i]
		title, items, gaps := "", "[]", "{}"
		if !e.Title.IsZero() {
			title = mustJSON(e.Title)
		}
		if len(e.Items) > 0 {
			items = mustJSON(e.Items)
		}
		if len(e.Gaps) > 0 {
			gaps = mustJSON(e.Gaps)
		}
		return []any{e.ID, e.Assignment, e.Occurrence, e.Plan, e.Unit, e.Kind, e.Room, e.RecordKind, e.Record, e.Number, e.Day, e.Signer, e.File, e.Note, e.Source, title, e.Link, items, gaps, db.Flag(e.Counts), e.Entered, e.Actor, e.ActorName, db.Flag(e.Sample)}
	})
}

// The ways in which a paper that counts as the head's confirmation is signed: by the head, or for the head by a deputy (KT.), by order (TL.) or by
// delegation (TUQ.).
const (
	SignHead = "head"
	SignKT   = "kt"
	SignTL   = "tl"
	SignTUQ  = "tuq"
)

// SignAs lists the ways in the order of forms.
var SignAs = []string{SignHead, SignKT, SignTL, SignTUQ}

// Confirmation is the head's: on a signed and stamped paper, which an officer enters, or on screen.
type Confirmation struct {
	Screen bool // by the head, here and now; then only Day counts
	Signer string
	As     string // one of SignAs
	Number string
	Day    civil.Date // of the paper; on screen the day the thing was done, None: that of the latest evidence
}

// NewEvidence is what an officer enters.
type NewEvidence struct {
	Assignment string
	Version    int    // of the assignment
	Occurrence string // "" is the one that falls due first
	Number     string
	Day        civil.Date
	Signer     string
	File       string // id of an attachment made in the same command
	Note       string
	Source     string
	Items      []int
	Gaps       map[int]string
	Event      string     // what happened, for a task on an event: it opens an occurrence
	EventDue   civil.Date // by when, where something says so
	Kept       bool       // "rà soát, giữ nguyên"
	Confirm    *Confirmation
}

// EvidenceTx adds evidence to an assignment and, where Confirm is given, closes the occurrence. It returns the id of the evidence.
func (s *Service) EvidenceTx(ctx context.Context, tx *db.Tx, actor access.Actor, c NewEvidence) (string, error) {
	w, err := s.workTx(ctx, tx, actor, access.WriteRecord, c.Assignment, c.Version)
	if err != nil {
		return "", err
	}
	c.Note, c.Number, c.Source, c.Event = strings.TrimSpace(c.Note), strings.TrimSpace(c.Number), strings.TrimSpace(c.Source), strings.TrimSpace(c.Event)
	var l errs.List
	if w.NA == NARule || w.NA == NAAgreed {
		l.Add("", "plan.evidence.not_applicable")
	}
	text(&l, "number", c.Number, false, 100)
	pastDay(&l, "day", c.Day, tx.Today())
	text(&l, "signer", c.Signer, false, 200)
	text(&l, "note", c.Note, c.Number == "" && c.File == "", 2000)
	text(&l, "source", c.Source, w.place.Kind == org.Village && !actor.Holds(w.Unit) && actor.ID != access.System.ID, 300)
	text(&l, "event", c.Event, false, 500)
	w.checkItems(&l, c.Items, c.Gaps)
	o := w.pick(c, &l)
	if err := l.Err(); err != nil {
		return "", err
	}
	w.note(actor, tx.Today())
	if c.Event != "" {
		if o, err = w.open(ctx, tx, c.Event, c.EventDue); err != nil {
			return "", err
		}
	}
	e := &Evidence{
		ID: tx.NewID(), Assignment: w.ID, Plan: w.plan.ID, Unit: w.Unit, Kind: kindPaper, Number: c.Number, Day: c.Day, Signer: c.Signer, File: c.File, Note: c.Note,
		Source: c.Source, Items: c.Items, Gaps: c.Gaps, Counts: true, Entered: tx.Today(), Actor: actor.ID, ActorName: actor.Name,
	}
	if o != nil {
		e.Occurrence = o.ID
		if !o.Begun {
			o.Begun = true
			if err := saveOcc(ctx, tx, o); err != nil {
				return "", err
			}
		}
	}
	w.Last = max(w.Last, c.Day)
	if err := insertEvidence(ctx, tx, e); err != nil {
		return "", err
	}
	if err := w.save(ctx, tx); err != nil {
		return "", err
	}
	steps := []Step{{Kind: StepEvidence, Occurrence: e.Occurrence, Day: c.Day, Reason: c.Number}}
	if c.Confirm != nil && o != nil && o.Done == civil.None {
		st, err := s.confirm(ctx, tx, actor, w, o, *c.Confirm, c.Kept, nil)
		if err != nil {
			return "", err
		}
		steps = append(steps, st)
	}
	w.draft = o != nil && o.Done == civil.None // the head has not confirmed it yet
	return e.ID, w.finish(ctx, tx, actor, "evidence", e, steps...)
}

func (w *work) checkItems(l *errs.List, items []int, gaps map[int]string) {
	for _, i := range items {
		if i < 0 || i >= len(w.task.Evidence) {
			l.Add("items", "plan.evidence.item")
			return
		}
	}
	for i, why := range gaps {
		if i < 0 || i >= len(w.task.Evidence) {
			l.Add("items", "plan.evidence.item")
			return
		}
		text(l, gapField(i), why, false, 500)
	}
}

// event reports whether the task waits for events: it names no day and recurs on an event.
func (t *Task) event() bool { return len(t.Days()) == 0 && t.Recurs == OnEvent }

// pick is the occurrence that evidence belongs to: the one named, the open one that falls due first, else the last; nil where the task has none.
func (w *work) pick(c NewEvidence, l *errs.List) *Occurrence {
	if c.Event != "" {
		if !w.task.event() {
			l.Add("event", "plan.event.not_here")
		}
		return nil
	}
	if c.Occurrence != "" {
		for i := range w.Occ {
			if w.Occ[i].ID == c.Occurrence {
				return &w.Occ[i]
			}
		}
		l.Add("occurrence", "plan.assignment.none")
		return nil
	}
	if o := w.firstOpen(); o != nil {
		return o
	}
	if w.task.event() {
		l.Add("event", "plan.event.first")
		return nil
	}
	if len(w.Occ) > 0 {
		return &w.Occ[len(w.Occ)-1]
	}
	return nil
}

// firstOpen is the open occurrence that falls due first; those without a day come last.
func (a *Assignment) firstOpen() *Occurrence {
	var best *Occurrence
	for i := range a.Occ {
		o := &a.Occ[i]
		if !o.Open() {
			continue
		}
		if best == nil || o.Due != civil.None && (best.Due == civil.None || o.Due < best.Due) {
			best = o
		}
	}
	return best
}

// open makes an occurrence of an event.
func (w *work) open(ctx context.Context, tx *db.Tx, event string, due civil.Date) (*Occurrence, error) {
	o := Occurrence{ID: tx.NewID(), Assignment: w.ID, Seq: 1, Event: event, Due: due, Limit: due, Version: 1}
	for _, x := range w.Occ {
		o.Seq = max(o.Seq, x.Seq+1)
	}
	_, err := tx.Exec(ctx, `INSERT INTO occurrence(id,assignment_id,plan_id,unit_id,seq,event,due,limit_day) VALUES($1,$2,$3,$4,$5,$6,$7,$8)`, o.ID, w.ID, w.plan.ID, w.Unit, o.Seq, o.Event, o.Due, o.Limit)
	w.Occ = append(w.Occ, o)
	return &w.Occ[len(w.Occ)-1], err
}

// Event states that something happened of which a task speaks ("khi phát sinh").
type Event struct {
	Assignment string
	Version    int
	Text       string
	Due        civil.Date // None where nothing says by when
}

// EventTx opens an occurrence of a task on an event. It returns the occurrence's id.
func (s *Service) EventTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Event) (string, error) {
	w, err := s.workTx(ctx, tx, actor, access.WriteRecord, c.Assignment, c.Version)
	if err != nil {
		return "", err
	}
	c.Text = strings.TrimSpace(c.Text)
	var l errs.List
	text(&l, "event", c.Text, true, 500)
	if !w.task.event() {
		l.Add("event", "plan.event.not_here")
	}
	if c.Due != civil.None && (c.Due < w.plan.From || c.Due > w.plan.To.Add(366)) {
		l.Add("due", "plan.event.day")
	}
	if err := l.Err(); err != nil {
		return "", err
	}
	w.note(actor, tx.Today())
	if err := w.save(ctx, tx); err != nil {
		return "", err
	}
	o, err := w.open(ctx, tx, c.Text, c.Due)
	if err != nil {
		return "", err
	}
	return o.ID, w.finish(ctx, tx, actor, "event", c, Step{Kind: StepEvent, Occurrence: o.ID, Reason: c.Text, After: c.Due})
}

// Confirm closes an occurrence.
type Confirm struct {
	Occurrence string
	Version    int // of the occurrence: of two who confirm at once one gets errs.Conflict
	Kept       bool
	Gaps       map[int]string // why lines of the evidence list are missing
	Confirmation
}

// ConfirmTx closes an occurrence by the head's confirmation. Each line of the task's evidence list must be shown by evidence or have a reason why it is
// missing; a review that kept everything as it was needs neither.
func (s *Service) ConfirmTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Confirm) error {
	act := access.WriteRecord
	if c.Screen {
		act = access.ConfirmRecord
	}
	w, o, err := s.occurrenceTx(ctx, tx, actor, act, c.Occurrence, c.Version)
	if err != nil {
		return err
	}
	st, err := s.confirm(ctx, tx, actor, w, o, c.Confirmation, c.Kept, c.Gaps)
	if err != nil {
		return err
	}
	w.note(actor, tx.Today())
	if err := w.save(ctx, tx); err != nil {
		return err
	}
	return w.finish(ctx, tx, actor, "confirm", c, st)
}

func gapField(i int) string { return "gap-" + itoa(i) }

// keepable are the kinds of tasks that may end with "rà soát, giữ nguyên".
var keepable = []string{"regulation", "convention", "organise"}

// MayKeep reports whether the task is a review that may end with "giữ nguyên".
func (t *Task) MayKeep() bool { return slices.Contains(keepable, t.Kind) }

func (s *Service) confirm(ctx context.Context, tx *db.Tx, actor access.Actor, w *work, o *Occurrence, c Confirmation, kept bool, gaps map[int]string) (Step, error) {
	if w.NA == NARule || w.NA == NAAgreed || !o.Open() || o.Returned {
		return Step{}, errs.E(errs.Conflict, "plan.confirm.closed")
	}
	if c.Screen && !access.Allowed(actor, access.ConfirmRecord, w.place) {
		return Step{}, errs.E(errs.Forbidden, "plan.forbidden.confirm")
	}
	list, err := readEvidence(ctx, tx, `assignment_id=$1 AND (occurrence_id=$2 OR occurrence_id='')`, w.ID, o.ID)
	if err != nil {
		return Step{}, err
	}
	shown := make([]bool, len(w.task.Evidence))
	latest, live := civil.None, 0
	for _, e := range list {
		if !e.Live() {
			continue
		}
		live++
		latest = max(latest, e.Day)
		for _, i := range e.Items {
			if i < len(shown) {
				shown[i] = true
			}
		}
		for i, why := range e.Gaps {
			if i < len(shown) && strings.TrimSpace(why) != "" {
				shown[i] = true
			}
		}
	}
	var l errs.List
	w.checkItems(&l, nil, gaps)
	if live == 0 {
		l.Add("", "plan.confirm.no_evidence")
	}
	if kept && !w.task.MayKeep() {
		l.Add("kept", "plan.confirm.no_review")
	}
	for i, item := range w.task.Evidence {
		if !kept && !shown[i] && strings.TrimSpace(gaps[i]) == "" {
			l.Add(gapField(i), "plan.confirm.gap", "item", item)
		}
	}
	day := c.Day
	if c.Screen {
		if day == civil.None {
			day = latest
		}
		c.Signer, c.As, c.Number = actor.Name, SignHead, ""
	} else {
		text(&l, "signer", c.Signer, true, 200)
		word(&l, "sign_as", c.As, SignAs, "plan.confirm.sign_as")
		text(&l, "sign_number", c.Number, true, 100)
	}
	pastDay(&l, "sign_day", day, tx.Today())
	if err := l.Err(); err != nil {
		return Step{}, err
	}
	o.Begun, o.Done, o.Entered, o.Kept = true, day, tx.Today(), kept
	if err := saveOcc(ctx, tx, o); err != nil {
		return Step{}, err
	}
	_, err = tx.Exec(ctx, `UPDATE occurrence SET signer=$2, sign_as=$3, sign_number=$4, confirmed_by=$5 WHERE id=$1`, o.ID, c.Signer, c.As, c.Number, actor.ID)
	if err != nil {
		return Step{}, err
	}
	if len(gaps) > 0 {
		reasons := map[int]string{}
		for i, why := range gaps {
			if why = strings.TrimSpace(why); why != "" && !shown[i] {
				reasons[i] = why
			}
		}
		if len(reasons) > 0 {
			e := &Evidence{ID: tx.NewID(), Assignment: w.ID, Occurrence: o.ID, Plan: w.plan.ID, Unit: w.Unit, Kind: kindGap, Day: day, Gaps: reasons, Entered: tx.Today(), Actor: actor.ID, ActorName: actor.Name}
			if err := insertEvidence(ctx, tx, e); err != nil {
				return Step{}, err
			}
		}
	}
	return Step{Kind: StepConfirmed, Occurrence: o.ID, Day: day, Reason: c.Number}, nil
}

// kindGap is a row that only tells why lines are missing; it is no evidence.
const kindGap = "gap"
