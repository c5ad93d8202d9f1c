package plan

import (
	"context"
	"database/sql"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
)

// Record is a record of another room that may show that assignments of its unit were done: a posting, minutes, a board, a report.
type Record struct {
	Room, Kind, ID string // which record: "disclosure", "posting", its id
	Unit           string
	Day            civil.Date // when the thing was done
	Until          civil.Date // of something that stands, such as a notice board: the last day on which it does, NoEnd where there is none; it shows each plan over whose end it stands
	DutyKind       string     // kind of duty that it fulfils: assignments whose task names it
	TaskKind       string     // kind of task that it fulfils
	Tasks          []string   // only these tasks of a plan; none is all that fit
	Items          []int      // lines of the task's evidence list, where the room knows them
	Title          i18n.Msg
	Link           string     // the record's page, a path of ours
	Number         string     // of its paper
	Counts         bool       // false: it counts no longer (withdrawn, a gap in the posting)
	Due            civil.Date // of the record itself, for a task on an event
	Confirmed      *Confirmation
}

// fits reports whether the record may be evidence of the task: one that the task names where it names any, else one of its kinds.
func (r *Record) fits(t *Task) bool {
	if len(r.Tasks) > 0 && !slices.Contains(r.Tasks, t.ID) {
		return false
	}
	if len(t.Records) > 0 {
		return slices.Contains(t.Records, r.Room+"."+r.Kind)
	}
	return r.DutyKind != "" && (slices.Contains(t.DutyKinds, r.DutyKind) || len(t.DutyKinds) == 0 && t.Kind == r.DutyKind) || r.TaskKind != "" && t.Kind == r.TaskKind
}

// NoEnd is Record.Until of what stands without an end.
const NoEnd civil.Date = "9999-12-31"

// days are the last day on which a plan may begin that the record shows, and the last on which it may end.
func (r *Record) days() (from, over civil.Date) {
	if r.Until == civil.None {
		return r.Day, NoEnd
	}
	return r.Until, r.Until
}

// Recorder is what other rooms call, in their own transaction, whenever a record begins or ceases to count. Service is it.
type Recorder interface {
	RecordTx(ctx context.Context, tx *db.Tx, actor access.Actor, r Record) error
}

// EvidenceSource is a room that can list its records again, so that plan's rows can be checked and rebuilt.
type EvidenceSource interface {
	Room() string
	// Records calls f for every record of the room that counts.
	Records(ctx context.Context, q db.Querier, f func(Record) error) error
}

// RecordTx takes in that a record of another room counts, or counts no longer. It keeps one row of evidence for each assignment of the unit that the record
// fits, in the plans in whose time it lies. The room has checked who may and writes the audit entry; the board follows.
func (s *Service) RecordTx(ctx context.Context, tx *db.Tx, actor access.Actor, r Record) error {
	had, err := readEvidence(ctx, tx, `room=$1 AND record_kind=$2 AND record_id=$3 AND record_id<>''`, r.Room, r.Kind, r.ID)
	if err != nil {
		return err
	}
	list, plans, err := s.fitting(ctx, tx, r)
	if err != nil {
		return err
	}
	for _, a := range list {
		i := slices.IndexFunc(had, func(e *Evidence) bool { return e.Assignment == a.ID })
		var e *Evidence
		if i >= 0 {
			e = had[i]
			had = slices.Delete(had, i, i+1)
		}
		if err := s.recordOne(ctx, tx, actor, plans[a.Plan], a, r, e); err != nil {
			return err
		}
	}
	for _, e := range had { // rows whose assignment the record fits no longer
		if !e.Counts {
			continue
		}
		a, err := readAssignment(ctx, tx, e.Assignment)
		if err != nil {
			return err
		}
		p, _, err := s.planTx(ctx, tx, a.Plan)
		if err != nil {
			return err
		}
		gone := r
		gone.Counts = false
		if err := s.recordOne(ctx, tx, actor, p, a, gone, e); err != nil {
			return err
		}
	}
	return nil
}

// fitting are the assignments of the record's unit that it may be evidence of.
func (s *Service) fitting(ctx context.Context, tx *db.Tx, r Record) ([]*Assignment, map[string]*Plan, error) {
	plans := map[string]*Plan{}
	var ids []string
	from, over := r.days()
	err := db.Each(ctx, tx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT DISTINCT p.id FROM plan p JOIN assignment a ON a.plan_id=p.id WHERE a.unit_id=$1 AND p.status=$2 AND p.from_day<=$3 AND p.to_day>=$4 AND p.to_day<=$5 ORDER BY p.id`,
		r.Unit, string(StatusIssued), from, r.Day, over)
	if err != nil {
		return nil, nil, err
	}
	var out []*Assignment
	for _, id := range ids {
		p, _, err := s.planTx(ctx, tx, id)
		if err != nil {
			return nil, nil, err
		}
		plans[id] = p
		list, err := readAssignments(ctx, tx, `a.unit_id=$1 AND a.plan_id=$2 AND a.dropped=''`, r.Unit, id)
		if err != nil {
			return nil, nil, err
		}
		for _, a := range list {
			if t, ok := p.Task(a.Task); ok && a.NA != NARule && a.NA != NAAgreed && r.fits(t) {
				out = append(out, a)
			}
		}
	}
	return out, plans, nil
}

// recordOne brings one assignment in line with a record; e is the row that is there already, nil where none is.
func (s *Service) recordOne(ctx context.Context, tx *db.Tx, actor access.Actor, p *Plan, a *Assignment, r Record, e *Evidence) error {
	t, ok := p.Task(a.Task)
	if !ok {
		return nil
	}
	w := &work{Assignment: a, plan: p, task: t}
	if r.Until != civil.None {
		r.Day = max(r.Day, p.From)
	}
	switch {
	case e == nil && !r.Counts:
		return nil
	case e == nil:
		e = &Evidence{
			ID: tx.NewID(), Assignment: a.ID, Plan: p.ID, Unit: a.Unit, Kind: kindRecord, Room: r.Room, RecordKind: r.Kind, Record: r.ID, Number: r.Number, Day: r.Day,
			Title: r.Title, Link: r.Link, Items: inRange(r.Items, len(t.Evidence)), Counts: true, Entered: tx.Today(), Actor: actor.ID, ActorName: actor.Name,
		}
		o, err := w.forRecord(ctx, tx, r)
		if err != nil {
			return err
		}
		if o != nil {
			e.Occurrence = o.ID
		}
		if err := insertEvidence(ctx, tx, e); err != nil {
			return err
		}
	case !r.Counts:
		if err := tx.Update(ctx, `UPDATE evidence SET counts=0, version=version+1 WHERE id=$1 AND version=$2`, e.ID, e.Version); err != nil {
			return err
		}
		if err := w.forget(ctx, tx, e.Occurrence); err != nil {
			return err
		}
	default:
		if w.task.event() && !slices.ContainsFunc(w.Occ, func(o Occurrence) bool { return o.ID == e.Occurrence }) { // it counted, did not, and does again
			o, err := w.forRecord(ctx, tx, r)
			if err != nil {
				return err
			}
			e.Occurrence = o.ID
			if _, err := tx.Exec(ctx, `UPDATE evidence SET occurrence_id=$2 WHERE id=$1`, e.ID, o.ID); err != nil {
				return err
			}
		}
		err := tx.Update(ctx, `UPDATE evidence SET number=$3, day=$4, title=$5, link=$6, items=$7, counts=$8, version=version+1 WHERE id=$1 AND version=$2`,
			e.ID, e.Version, r.Number, r.Day, mustJSON(r.Title), r.Link, mustJSON(inRange(r.Items, len(t.Evidence))), db.Flag(r.Counts))
		if err != nil {
			return err
		}
	}
	w.note(actor, tx.Today())
	for i := range w.Occ {
		if o := &w.Occ[i]; o.ID == e.Occurrence && r.Counts && !o.Begun {
			o.Begun = true
			if err := saveOcc(ctx, tx, o); err != nil {
				return err
			}
		}
	}
	steps, err := w.recount(ctx, tx)
	if err != nil {
		return err
	}
	if r.Counts && r.Confirmed != nil {
		if st, ok, err := w.closeBy(ctx, tx, e.Occurrence, r, actor); err != nil {
			return err
		} else if ok {
			steps = append(steps, st)
		}
	}
	for i := range steps {
		steps[i].Assignment, steps[i].Unit = w.ID, w.Unit
	}
	if err := insertSteps(ctx, tx, actor, steps...); err != nil {
		return err
	}
	return touch(ctx, tx, p.ID, a.ID)
}

func inRange(items []int, n int) []int {
	out := make([]int, 0, len(items))
	for _, i := range items {
		if i >= 0 && i < n {
			out = append(out, i)
		}
	}
	return out
}

// forRecord is the occurrence that a record belongs to; a task on an event gets one of its own.
func (w *work) forRecord(ctx context.Context, tx *db.Tx, r Record) (*Occurrence, error) {
	if w.task.event() {
		return w.open(ctx, tx, i18n.For(i18n.VI).Say(r.Title), r.Due)
	}
	if o := w.firstOpen(); o != nil {
		return o, nil
	}
	if len(w.Occ) > 0 {
		return &w.Occ[len(w.Occ)-1], nil
	}
	return nil, nil
}

// forget takes away the occurrence that a record opened on an event and that nothing else shows.
func (w *work) forget(ctx context.Context, tx *db.Tx, occurrence string) error {
	if !w.task.event() || occurrence == "" {
		return nil
	}
	list, err := readEvidence(ctx, tx, `assignment_id=$1 AND occurrence_id=$2`, w.ID, occurrence)
	if err != nil || slices.ContainsFunc(list, func(e *Evidence) bool { return e.Live() || e.Kind == kindPaper }) {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM occurrence WHERE id=$1`, occurrence)
	w.Occ = slices.DeleteFunc(w.Occ, func(o Occurrence) bool { return o.ID == occurrence })
	return err
}

// closeBy closes the record's occurrence by the confirmation that the room holds.
func (w *work) closeBy(ctx context.Context, tx *db.Tx, occurrence string, r Record, actor access.Actor) (Step, bool, error) {
	for i := range w.Occ {
		o := &w.Occ[i]
		if o.ID != occurrence || o.Done != civil.None {
			continue
		}
		c := r.Confirmed
		o.Done, o.Entered = max(c.Day, r.Day), tx.Today()
		if c.Day == civil.None {
			o.Done = r.Day
		}
		if err := saveOcc(ctx, tx, o); err != nil {
			return Step{}, false, err
		}
		_, err := tx.Exec(ctx, `UPDATE occurrence SET signer=$2, sign_as=$3, sign_number=$4, confirmed_by=$5 WHERE id=$1`, o.ID, c.Signer, c.As, c.Number, actor.ID)
		return Step{Kind: StepConfirmed, Occurrence: o.ID, Day: o.Done, Reason: c.Number}, err == nil, err
	}
	return Step{}, false, nil
}

// Drift is a difference between a room's records and plan's rows of evidence.
type Drift struct {
	Record  Record
	Missing bool // the room has it, plan has no row that counts; false: plan counts what the room does not
}

// Check compares the rows of evidence with the rooms' records, without changing anything.
func (s *Service) Check(ctx context.Context, sources ...EvidenceSource) ([]Drift, error) {
	var out []Drift
	for _, src := range sources {
		err := s.db.Read(ctx, func(q db.Querier) error {
			have := map[[2]string]Record{}
			err := db.Each(ctx, q, func(rows *sql.Rows) error {
				r := Record{Room: src.Room()}
				var counts int
				err := rows.Scan(&r.Kind, &r.ID, &r.Unit, &counts)
				if counts != 0 {
					have[[2]string{r.Kind, r.ID}] = r
				}
				return err
			}, `SELECT record_kind, record_id, unit_id, MAX(counts) FROM evidence WHERE room=$1 AND record_id<>'' GROUP BY record_kind, record_id, unit_id`, src.Room())
			if err != nil {
				return err
			}
			err = src.Records(ctx, q, func(r Record) error {
				key := [2]string{r.Kind, r.ID}
				if _, ok := have[key]; ok {
					delete(have, key)
					return nil
				}
				r.Room, r.Counts = src.Room(), true
				ok, err := s.someFit(ctx, q, r)
				if ok {
					out = append(out, Drift{Record: r, Missing: true})
				}
				return err
			})
			for _, r := range have {
				out = append(out, Drift{Record: r})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// someFit reports whether the record fits any assignment: one that fits none is rightly missing.
func (s *Service) someFit(ctx context.Context, q db.Querier, r Record) (bool, error) {
	type at struct{ plan, task string }
	var found []at
	from, over := r.days()
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var x at
		err := rows.Scan(&x.plan, &x.task)
		found = append(found, x)
		return err
	}, `SELECT a.plan_id, a.task_id FROM assignment a JOIN plan p ON p.id=a.plan_id
		WHERE a.unit_id=$1 AND a.dropped='' AND a.na NOT IN ('rule','agreed') AND p.status=$2 AND p.from_day<=$3 AND p.to_day>=$4 AND p.to_day<=$5`, r.Unit, string(StatusIssued), from, r.Day, over)
	if err != nil {
		return false, err
	}
	for _, x := range found {
		p, err := s.Plan(ctx, x.plan)
		if err != nil {
			return false, err
		}
		if t, ok := p.Task(x.task); ok && r.fits(t) {
			return true, nil
		}
	}
	return false, nil
}

// Rebuild mends what Check finds: it records what is missing and takes the count from what the rooms no longer have. It returns what it mended.
func (s *Service) Rebuild(ctx context.Context, sources ...EvidenceSource) ([]Drift, error) {
	drift, err := s.Check(ctx, sources...)
	if err != nil {
		return nil, err
	}
	for _, d := range drift {
		r := d.Record
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			if !d.Missing {
				r.Counts = false
			}
			err := s.RecordTx(ctx, tx, access.System, r)
			if err != nil {
				return err
			}
			return record(ctx, tx, access.System, entry{action: "plan.rebuild", unit: r.Unit, kind: r.Kind, subject: r.ID, msg: i18n.M("plan.audit.rebuild", "room", r.Room), touches: []string{"unit:" + r.Unit}})
		})
		if err != nil {
			return nil, err
		}
	}
	return drift, nil
}
