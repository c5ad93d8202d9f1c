package disclosure

import (
	"context"
	"database/sql"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// tellSessionTx lets the plan know whether a session counts as evidence.
func (s *Service) tellSessionTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string) error {
	if s.recorder == nil {
		return nil
	}
	list, err := readSessions(ctx, tx, `id=$1`, id)
	if err != nil {
		return err
	}
	for _, x := range list {
		if s.files != nil {
			if x.Files, err = s.files.Of(ctx, tx, OwnerSession, x.ID); err != nil {
				return err
			}
		}
		if err := s.recorder.RecordTx(ctx, tx, actor, s.sessionRecord(x)); err != nil {
			return err
		}
	}
	return nil
}

// sessionRecord is what a session is to the plan: a session or a course is one, material fills the line of material.
func (s *Service) sessionRecord(x *Session) Record {
	r := Record{
		Kind: "session", ID: x.ID, Unit: x.Unit, Day: x.Day, DutyKind: "propagate", Title: i18n.M("disclosure.record.session", "title", x.Title),
		Link: "/lam-viec/tuyen-truyen/" + x.ID, Counts: x.Struck == civil.None,
	}
	if x.Kind != SessionMaterial {
		r.Lines = append(r.Lines, 0)
	}
	if x.Told() > 0 || len(x.Files) > 0 {
		r.Lines = append(r.Lines, 1)
	}
	if x.Audience == Everybody {
		r.Link = s.publicPath(x.Unit) + "/tuyen-truyen/" + x.ID
	}
	return r
}

func (s *Service) publicPath(unit string) string {
	return s.units.Path(unit, s.clock.Today())
}

func (s *Service) regulationLink(r *Regulation) string {
	if r.Audience == Everybody {
		return s.publicPath(r.Unit) + "/quy-che/" + r.ID
	}
	return "/lam-viec/quy-che/" + r.ID
}

// tellEditionTx lets the plan know of a regulation that was issued or amended: the result of a review, with its paper.
func (s *Service) tellEditionTx(ctx context.Context, tx *db.Tx, actor access.Actor, r *Regulation, e *RegulationEdition) error {
	if s.recorder == nil {
		return nil
	}
	return s.recorder.RecordTx(ctx, tx, actor, s.editionRecord(r, e))
}

func (s *Service) editionRecord(r *Regulation, e *RegulationEdition) Record {
	key := "disclosure.record.regulation_new"
	if e.Amends {
		key = "disclosure.record.regulation_amended"
	}
	return Record{
		Kind: "regulation", ID: e.ID, Unit: r.Unit, Day: e.DocDay, TaskKind: "regulation", Title: i18n.M(key, "title", r.Title), Link: s.regulationLink(r), Number: e.DocNumber,
		Lines: []int{0, 1}, Counts: true,
	}
}

// tellReviewTx lets the plan know of a review, whatever it ended with.
func (s *Service) tellReviewTx(ctx context.Context, tx *db.Tx, actor access.Actor, r *Regulation, x *Review) error {
	if s.recorder == nil {
		return nil
	}
	return s.recorder.RecordTx(ctx, tx, actor, s.reviewRecord(r, x))
}

func (s *Service) reviewRecord(r *Regulation, x *Review) Record {
	return Record{
		Kind: "regulation", ID: x.ID, Unit: r.Unit, Day: x.Day, TaskKind: "regulation", Title: i18n.M("disclosure.record.review_"+x.Result, "title", r.Title),
		Link: s.regulationLink(r), Number: x.DocNumber, Lines: []int{0}, Counts: true,
	}
}

// Records calls f for every record of the room that counts as evidence, so that the plan's rows can be checked and rebuilt. It is a plan's EvidenceSource.
func (s *Service) Records(ctx context.Context, q db.Querier, f func(Record) error) error {
	for _, part := range []func(context.Context, db.Querier, func(Record) error) error{s.itemRecords, s.sessionRecords, s.regulationRecords, s.boardRecords} {
		if err := part(ctx, q, f); err != nil {
			return err
		}
	}
	return nil
}

// recordBatch is how many items are looked at at once.
const recordBatch = 200

func (s *Service) itemRecords(ctx context.Context, q db.Querier, f func(Record) error) error {
	after := ""
	for {
		items, err := readItems(ctx, q, `state=$1 AND first_told<>'' AND id>$2 ORDER BY id LIMIT $3`, string(Up), after, recordBatch)
		if err != nil || len(items) == 0 {
			return err
		}
		list, err := s.views(ctx, q, items, false)
		if err != nil {
			return err
		}
		for _, v := range list {
			if r := s.itemRecord(v); r.Counts {
				if err := f(r); err != nil {
					return err
				}
			}
		}
		after = items[len(items)-1].ID
	}
}

func (s *Service) sessionRecords(ctx context.Context, q db.Querier, f func(Record) error) error {
	list, err := readSessions(ctx, q, `struck='' ORDER BY id`)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(list, recordBatch) {
		if err := s.sessionFiles(ctx, q, part...); err != nil {
			return err
		}
		for _, x := range part {
			if err := f(s.sessionRecord(x)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) regulationRecords(ctx context.Context, q db.Querier, f func(Record) error) error {
	list, err := readRegulations(ctx, q, `1=1 ORDER BY id`)
	if err != nil {
		return err
	}
	at := map[string]*Regulation{}
	for _, v := range list {
		at[v.ID] = v.Regulation
	}
	editions, err := readRegulationEditions(ctx, q, `1=1 ORDER BY id`)
	if err != nil {
		return err
	}
	for _, e := range editions {
		if err := f(s.editionRecord(at[e.Regulation], e)); err != nil {
			return err
		}
	}
	reviews, err := readReviews(ctx, q, `1=1 ORDER BY id`)
	if err != nil {
		return err
	}
	for _, r := range reviews {
		if err := f(s.reviewRecord(at[r.Regulation], r)); err != nil {
			return err
		}
	}
	return nil
}

// boardRecord is what a notice board is to the plan: evidence of each year over whose end it hangs. Only tasks that name boards take it.
func (s *Service) boardRecord(b Board, photo bool) Record {
	r := Record{
		Kind: "board", ID: b.ID, Unit: b.Unit, Day: b.From, Until: b.To, Title: i18n.M("disclosure.record.board", "name", b.Name),
		Link: s.publicPath(b.Unit) + "/bang-niem-yet", Lines: []int{0}, Counts: true,
	}
	if b.To == civil.None {
		r.Until = "9999-12-31"
	}
	if photo {
		r.Lines = append(r.Lines, 1)
	}
	return r
}

func (s *Service) boardRecords(ctx context.Context, q db.Querier, f func(Record) error) error {
	photos := map[string]bool{}
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		photos[key] = true
		return err
	}, `SELECT DISTINCT batch FROM disclosure_photo WHERE batch LIKE $1`, BoardKey("")+"%")
	if err != nil {
		return err
	}
	var units []string
	err = db.Each(ctx, q, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		units = append(units, id)
		return err
	}, `SELECT DISTINCT unit_id FROM disclosure_board ORDER BY unit_id`)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(units, recordBatch) {
		list, err := readBoards(ctx, q, part...)
		if err != nil {
			return err
		}
		for _, b := range list {
			if r := s.boardRecord(b, photos[BoardKey(b.ID)]); r.Counts {
				if err := f(r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// focalOf are the bodies of home affairs beside the unit's way up: they follow how the units below the same body carry the regulation out.
func focalOf(tree *org.Tree, above []string) []string {
	var out []string
	for _, id := range above {
		for _, u := range tree.Children(id) {
			if u.Kind == org.Agency && u.HasFlag("home_affairs") {
				out = append(out, u.ID)
			}
		}
	}
	return out
}

// superiorPlace is where a unit's records are read by those above it and by the bodies of home affairs.
func (s *Service) superiorPlace(unit string) access.Place {
	today := s.clock.Today()
	tree := s.units.TreeOf(unit, today)
	pl := tree.Place(unit)
	pl.State = access.Submitted
	pl.Focal = focalOf(tree, pl.Above)
	return pl
}

// MayFollow reports whether the actor may see how the unit stands with what it must disclose.
func (s *Service) MayFollow(actor access.Actor, unit string) bool {
	return access.Allowed(actor, access.ReadProgress, s.superiorPlace(unit))
}

// mayReadUp reports whether the actor reads what the unit has entered for good: the unit itself, those above it, the body of home affairs.
func (s *Service) mayReadUp(actor access.Actor, unit string) bool {
	return access.Allowed(actor, access.ReadRecord, s.superiorPlace(unit))
}
