package disclosure

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// OwnerRegulation is the owner kind of the files of a regulation's editions.
const OwnerRegulation = "disclosure_regulation"

const (
	regulationColumns        = `id, unit_id, kind, title, audience, ended, ended_by, sample, version, created`
	regulationEditionColumns = `id, regulation_id, unit_id, seq, doc_number, doc_day, from_day, signer, basis, note, amends, created`
	reviewColumns            = `id, regulation_id, unit_id, day, result, doc_number, doc_day, note, entered, actor, actor_name, created`
)

func readRegulations(ctx context.Context, q db.Querier, where string, args ...any) ([]*RegulationView, error) {
	var out []*RegulationView
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		x := new(Regulation)
		var sample int
		out = append(out, &RegulationView{Regulation: x})
		err := rows.Scan(&x.ID, &x.Unit, &x.Kind, &x.Title, &x.Audience, &x.Ended, &x.EndedBy, &sample, &x.Version, &x.Created)
		x.Sample = sample == 1
		return err
	}, `SELECT `+regulationColumns+` FROM disclosure_regulation WHERE `+where, args...)
	return out, err
}

func readRegulationEditions(ctx context.Context, q db.Querier, where string, args ...any) ([]*RegulationEdition, error) {
	var out []*RegulationEdition
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		e := new(RegulationEdition)
		var basis string
		var amends int
		out = append(out, e)
		err := rows.Scan(&e.ID, &e.Regulation, &e.Unit, &e.Seq, &e.DocNumber, &e.DocDay, &e.From, &e.Signer, &basis, &e.Note, &amends, &e.Created)
		if err != nil {
			return err
		}
		e.Amends = amends == 1
		return json.Unmarshal([]byte(basis), &e.Basis)
	}, `SELECT `+regulationEditionColumns+` FROM disclosure_regulation_edition WHERE `+where, args...)
	return out, err
}

func readReviews(ctx context.Context, q db.Querier, where string, args ...any) ([]*Review, error) {
	var out []*Review
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		r := new(Review)
		out = append(out, r)
		return rows.Scan(&r.ID, &r.Regulation, &r.Unit, &r.Day, &r.Result, &r.DocNumber, &r.DocDay, &r.Note, &r.Entered, &r.Actor, &r.Name, &r.Created)
	}, `SELECT `+reviewColumns+` FROM disclosure_review WHERE `+where, args...)
	return out, err
}

// regulationsIn fills in editions and reviews of a unit's regulations, three queries whatever their number.
func (s *Service) regulationsIn(ctx context.Context, q db.Querier, unit string) ([]*RegulationView, error) {
	list, err := readRegulations(ctx, q, `unit_id=$1 ORDER BY kind, created, id`, unit)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	at := map[string]*RegulationView{}
	ids := make([]string, len(list))
	for i, v := range list {
		at[v.ID], ids[i] = v, v.ID
	}
	in := db.In(len(ids), 1)
	editions, err := readRegulationEditions(ctx, q, `regulation_id IN `+in+` ORDER BY regulation_id, seq DESC`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	for _, e := range editions {
		at[e.Regulation].Editions = append(at[e.Regulation].Editions, e)
	}
	reviews, err := readReviews(ctx, q, `regulation_id IN `+in+` ORDER BY day DESC, created DESC`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	for _, r := range reviews {
		at[r.Regulation].Reviews = append(at[r.Regulation].Reviews, r)
	}
	for _, v := range list {
		v.look(s.law(), s.clock.Today())
	}
	slices.SortStableFunc(list, func(a, b *RegulationView) int {
		return slices.Index(RegulationKinds, a.Kind) - slices.Index(RegulationKinds, b.Kind)
	})
	return list, nil
}

// MaySeeRegulation reports whether the actor may see it: everybody what is for everybody, the unit and those above it all.
func (s *Service) MaySeeRegulation(actor access.Actor, r *Regulation) bool {
	return r.Audience == Everybody || actor.InScope(access.ReadRecord) && actor.Holds(r.Unit) || s.MayWrite(actor, r.Unit) || s.mayReadUp(actor, r.Unit)
}

// Regulations are a unit's regulations as far as the actor may see them, with their files.
func (s *Service) Regulations(ctx context.Context, actor access.Actor, unit string) (out []*RegulationView, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		list, err := s.regulationsIn(ctx, q, unit)
		if err != nil {
			return err
		}
		out = slices.DeleteFunc(list, func(v *RegulationView) bool { return !s.MaySeeRegulation(actor, v.Regulation) })
		return s.regulationFiles(ctx, q, out...)
	})
	return out, err
}

// Regulation is one of them. errs.NotFound for who may not see it.
func (s *Service) Regulation(ctx context.Context, actor access.Actor, id string) (v *RegulationView, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		list, err := readRegulations(ctx, q, `id=$1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 || !s.MaySeeRegulation(actor, list[0].Regulation) {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		all, err := s.regulationsIn(ctx, q, list[0].Unit)
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.ID == id {
				v = x
			}
		}
		return s.regulationFiles(ctx, q, v)
	})
	return v, err
}

func (s *Service) regulationFiles(ctx context.Context, q db.Querier, list ...*RegulationView) error {
	at := map[string]*RegulationEdition{}
	var ids []string
	for _, v := range list {
		for _, e := range v.Editions {
			at[e.ID] = e
			ids = append(ids, e.ID)
		}
	}
	if s.files == nil || len(ids) == 0 {
		return nil
	}
	files, err := s.files.Of(ctx, q, OwnerRegulation, ids...)
	if err != nil {
		return err
	}
	for _, f := range files {
		if e := at[f.Owner.ID]; e != nil {
			e.Files = append(e.Files, f)
		}
	}
	return nil
}

func (s *Service) regulationTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) (*RegulationView, error) {
	list, err := readRegulations(ctx, tx, `id=$1`, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	if err := s.writable(actor, list[0].Unit); err != nil {
		return nil, err
	}
	if version != list[0].Version {
		return nil, errs.E(errs.Conflict, "db.conflict")
	}
	all, err := s.regulationsIn(ctx, tx, list[0].Unit)
	if err != nil {
		return nil, err
	}
	return all[slices.IndexFunc(all, func(v *RegulationView) bool { return v.ID == id })], nil
}

func (s *Service) bumpRegulation(ctx context.Context, tx *db.Tx, v *RegulationView) error {
	return tx.Update(ctx, `UPDATE disclosure_regulation SET version=version+1 WHERE id=$1 AND version=$2`, v.ID, v.Version)
}

// RegulationTx enters a regulation with its first edition. Fields: kind, title, audience and those of EditionTx.
func (s *Service) RegulationTx(ctx context.Context, tx *db.Tx, actor access.Actor, r Regulation, e RegulationEdition, files []attach.File) (id string, err error) {
	if err := s.writable(actor, r.Unit); err != nil {
		return "", err
	}
	var l errs.List
	if !slices.Contains(RegulationKinds, r.Kind) {
		l.Add("kind", "disclosureduty.fault.choose")
	}
	dutyText(&l, "title", r.Title, true, maxTitle)
	if r.Audience != Everybody && r.Audience != Staff {
		l.Add("audience", "disclosureduty.fault.choose")
	}
	e.Amends = false
	s.checkEdition(&l, nil, &e)
	if err := l.Err(); err != nil {
		return "", err
	}
	r.ID, r.Created, r.Version = tx.NewID(), db.Micros(tx.Now()), 1
	_, err = tx.Exec(ctx, `INSERT INTO disclosure_regulation(`+regulationColumns+`) VALUES($1,$2,$3,$4,$5,'','',$6,1,$7)`,
		r.ID, r.Unit, r.Kind, r.Title, string(r.Audience), db.Flag(r.Sample), r.Created)
	if err != nil {
		return "", err
	}
	e.Regulation, e.Unit, e.Seq = r.ID, r.Unit, 1
	sums, err := s.insertEdition(ctx, tx, actor, &e, files)
	if err != nil {
		return "", err
	}
	err = recordOf(ctx, tx, actor, r.Unit, "regulation", r.ID, "regulation_add", []string{RegulationTag(r.Unit)}, map[string]any{"regulation": r, "edition": e, "files": sums},
		"title", r.Title, "number", e.DocNumber)
	if err != nil {
		return "", err
	}
	return r.ID, s.tellEditionTx(ctx, tx, actor, &r, &e)
}

// EditionTx enters an edition that amends the regulation or takes the place of the one before. Fields: doc_number, doc_day, from, signer, basis, note.
func (s *Service) EditionTx(ctx context.Context, tx *db.Tx, actor access.Actor, regulation string, version int, e RegulationEdition, files []attach.File) error {
	v, err := s.regulationTx(ctx, tx, actor, regulation, version)
	if err != nil {
		return err
	}
	if v.Ended != civil.None {
		return errs.E(errs.Conflict, "disclosureduty.fault.ended")
	}
	var l errs.List
	s.checkEdition(&l, v, &e)
	if err := l.Err(); err != nil {
		return err
	}
	e.Regulation, e.Unit, e.Seq = v.ID, v.Unit, 1
	for _, x := range v.Editions {
		e.Seq = max(e.Seq, x.Seq+1)
	}
	sums, err := s.insertEdition(ctx, tx, actor, &e, files)
	if err != nil {
		return err
	}
	if err := s.bumpRegulation(ctx, tx, v); err != nil {
		return err
	}
	action := "regulation_renew"
	if e.Amends {
		action = "regulation_amend"
	}
	err = recordOf(ctx, tx, actor, v.Unit, "regulation", v.ID, action, []string{RegulationTag(v.Unit)}, map[string]any{"edition": e, "files": sums}, "title", v.Title, "number", e.DocNumber)
	if err != nil {
		return err
	}
	return s.tellEditionTx(ctx, tx, actor, v.Regulation, &e)
}

func (s *Service) checkEdition(l *errs.List, v *RegulationView, e *RegulationEdition) {
	dutyText(l, "doc_number", e.DocNumber, true, 100)
	switch {
	case e.DocDay == civil.None:
		l.Add("doc_day", "disclosureduty.fault.needed.day")
	case e.DocDay > s.clock.Today():
		l.Add("doc_day", "disclosureduty.fault.future")
	case v != nil && slices.ContainsFunc(v.Editions, func(x *RegulationEdition) bool { return x.DocDay > e.DocDay }):
		l.Add("doc_day", "disclosureduty.fault.before_last")
	}
	switch {
	case e.From == civil.None:
		e.From = e.DocDay
	case e.From < e.DocDay:
		l.Add("from", "disclosureduty.fault.before_signed")
	}
	dutyText(l, "signer", e.Signer, false, maxLine)
	if len(e.Basis) > 30 {
		l.Add("basis", "disclosureduty.fault.too_many", "max", 30)
	}
	for _, b := range e.Basis {
		dutyText(l, "basis", b, false, maxTitle)
	}
	dutyText(l, "note", e.Note, false, maxNote)
}

func (s *Service) insertEdition(ctx context.Context, tx *db.Tx, actor access.Actor, e *RegulationEdition, files []attach.File) ([]map[string]string, error) {
	basis, err := json.Marshal(append([]string{}, e.Basis...))
	if err != nil {
		return nil, err
	}
	e.ID, e.Created = tx.NewID(), db.Micros(tx.Now())
	_, err = tx.Exec(ctx, `INSERT INTO disclosure_regulation_edition(`+regulationEditionColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`,
		e.ID, e.Regulation, e.Unit, e.Seq, e.DocNumber, e.DocDay, e.From, e.Signer, string(basis), e.Note, db.Flag(e.Amends), e.Created)
	if err != nil {
		return nil, err
	}
	return s.linkTx(ctx, tx, actor, attach.Owner{Kind: OwnerRegulation, ID: e.ID, Unit: e.Unit}, files)
}

// ReviewTx enters that a regulation was looked through; that it stays as it is is a valid end. Fields: day, result, doc_number, doc_day, note.
func (s *Service) ReviewTx(ctx context.Context, tx *db.Tx, actor access.Actor, regulation string, version int, r Review) error {
	v, err := s.regulationTx(ctx, tx, actor, regulation, version)
	if err != nil {
		return err
	}
	if v.Ended != civil.None {
		return errs.E(errs.Conflict, "disclosureduty.fault.ended")
	}
	var l errs.List
	switch {
	case r.Day == civil.None:
		l.Add("day", "disclosureduty.fault.needed.day")
	case r.Day > tx.Today():
		l.Add("day", "disclosureduty.fault.future")
	case len(v.Editions) > 0 && r.Day < v.Editions[len(v.Editions)-1].DocDay:
		l.Add("day", "disclosureduty.fault.before_issue")
	}
	if !slices.Contains(ReviewResults, r.Result) {
		l.Add("result", "disclosureduty.fault.choose")
	}
	dutyText(&l, "doc_number", r.DocNumber, false, 100)
	if r.DocDay > tx.Today() {
		l.Add("doc_day", "disclosureduty.fault.future")
	}
	dutyText(&l, "note", r.Note, false, maxNote)
	if err := l.Err(); err != nil {
		return err
	}
	r.ID, r.Regulation, r.Unit, r.Entered, r.Actor, r.Name, r.Created = tx.NewID(), v.ID, v.Unit, tx.Today(), actor.ID, actor.Name, db.Micros(tx.Now())
	_, err = tx.Exec(ctx, `INSERT INTO disclosure_review(`+reviewColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`,
		r.ID, r.Regulation, r.Unit, r.Day, r.Result, r.DocNumber, r.DocDay, r.Note, r.Entered, r.Actor, r.Name, r.Created)
	if err != nil {
		return err
	}
	if err := s.bumpRegulation(ctx, tx, v); err != nil {
		return err
	}
	err = recordOf(ctx, tx, actor, v.Unit, "regulation", v.ID, "regulation_review", []string{RegulationTag(v.Unit)}, r, "title", v.Title, "day", r.Day)
	if err != nil {
		return err
	}
	return s.tellReviewTx(ctx, tx, actor, v.Regulation, &r)
}

// EndRegulationTx notes the day from which a regulation no longer holds. Fields: ended, ended_by.
func (s *Service) EndRegulationTx(ctx context.Context, tx *db.Tx, actor access.Actor, regulation string, version int, ended civil.Date, by string) error {
	v, err := s.regulationTx(ctx, tx, actor, regulation, version)
	if err != nil {
		return err
	}
	if v.Ended != civil.None {
		return errs.E(errs.Conflict, "disclosureduty.fault.ended")
	}
	var l errs.List
	switch {
	case ended == civil.None:
		l.Add("ended", "disclosureduty.fault.needed.day")
	case len(v.Editions) > 0 && ended < v.Editions[0].DocDay:
		l.Add("ended", "disclosureduty.fault.before_last")
	}
	dutyText(&l, "ended_by", by, true, maxTitle)
	if err := l.Err(); err != nil {
		return err
	}
	err = tx.Update(ctx, `UPDATE disclosure_regulation SET ended=$3, ended_by=$4, version=version+1 WHERE id=$1 AND version=$2`, v.ID, v.Version, ended, by)
	if err != nil {
		return err
	}
	return recordOf(ctx, tx, actor, v.Unit, "regulation", v.ID, "regulation_end", []string{RegulationTag(v.Unit)}, map[string]any{"ended": ended, "by": by}, "title", v.Title, "day", ended)
}
