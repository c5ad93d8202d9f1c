package disclosure

import (
	"context"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// makeRoomTx ends the sheet that hangs where another one is put up, as the form says, and sees that no two of them hang at one place on the same days. It
// gives the id of the one that it ended.
func (s *Service) makeRoomTx(ctx context.Context, tx *db.Tx, actor access.Actor, p Place, x *Posting, hung []Posting, in PutUp) (ended string, err error) {
	if in.Down != nil {
		if err := s.endPosting(tx, actor, p, x, *in.Down, downFields); err != nil {
			return "", err
		}
		if err := hadDays(p, x, downFields); err != nil {
			return "", err
		}
	}
	for n := range hung {
		o := &hung[n]
		open := o.DownDay == civil.None
		switch {
		case open && !before(x, o):
			// The earlier one is still said to hang.
			if in.Prev == nil {
				return "", errs.At(prevFields+"day", "disclosurepost.fault.still_hangs", "day", o.UpDay)
			}
			if err := s.endPosting(tx, actor, p, o, *in.Prev, prevFields); err != nil {
				return "", err
			}
			if err := hadDays(p, o, prevFields); err != nil {
				return "", err
			}
			if o.DownDay > x.UpDay || o.DownDay == x.UpDay && o.DownHour != "" && x.UpHour != "" && o.DownHour > x.UpHour {
				return "", errs.At(prevFields+"day", "disclosurepost.fault.prev_after", "day", x.UpDay)
			}
			if err := savePosting(ctx, tx, o); err != nil {
				return "", err
			}
			ended = o.ID
		case before(x, o):
			// Entered late: it came down before the other one went up.
			if x.DownDay == civil.None {
				return "", errs.At(downFields+"day", "disclosurepost.fault.earlier_ends", "day", o.UpDay)
			}
			if x.DownDay > o.UpDay {
				return "", errs.At(downFields+"day", "disclosurepost.fault.overlaps", "from", o.UpDay)
			}
		case o.DownDay > x.UpDay:
			return "", errs.At("day", "disclosurepost.fault.hung_then", "from", o.UpDay, "to", o.DownDay.Add(-1))
		}
	}
	return ended, nil
}

// hadDays refuses to call it the end where the sheet did not hang for as long as it must.
func hadDays(p Place, x *Posting, prefix string) error {
	if days := x.DownDay.Sub(x.UpDay); x.DownKind == DownEnd && days < p.Need {
		return errs.At(prefix+"kind", "disclosurepost.fault.not_full", "days", days, "need", p.Need)
	}
	return nil
}

// before reports whether a was put up before b.
func before(a, b *Posting) bool {
	return a.UpDay < b.UpDay || a.UpDay == b.UpDay && a.UpHour != "" && b.UpHour != "" && a.UpHour < b.UpHour
}

// endPosting fills in how a posting ended. It stores nothing.
func (s *Service) endPosting(tx *db.Tx, actor access.Actor, p Place, x *Posting, d Down, prefix string) error {
	var l errs.List
	s.checkDay(&l, prefix, tx, d.Day, d.Hour)
	switch {
	case d.Day == civil.None:
	case d.Day < x.UpDay:
		l.Add(prefix+"day", "disclosurepost.fault.down_before_up", "day", x.UpDay)
	case d.Day == x.UpDay && d.Hour != "" && x.UpHour != "" && d.Hour < x.UpHour:
		l.Add(prefix+"hour", "disclosurepost.fault.down_before_up_hour", "hour", x.UpHour)
	}
	if !slices.Contains(Downs, d.Kind) {
		l.Add(prefix+"kind", "disclosurepost.fault.down_kind")
	}
	if d.Kind == DownTaken && d.Note == "" {
		l.Add(prefix+"note", "disclosurepost.fault.down_why")
	}
	if d.How == "" && x.ID != "" && prefix != "" {
		d.How = x.UpHow // two ends in one form share the source
	}
	if d.Person == "" && prefix != "" {
		d.Person = x.UpPerson
	}
	source(&l, prefix, actor, p, &d.How, d.Person)
	if err := l.Err(); err != nil {
		return err
	}
	x.DownDay, x.DownHour, x.DownKind, x.DownPerson, x.DownHow, x.DownNote = d.Day, d.Hour, d.Kind, d.Person, d.How, d.Note
	x.DownEntered, x.DownActor, x.DownName = tx.Today(), actor.ID, actor.Name
	return nil
}

// TakeDownTx enters that a sheet came down, was found missing or torn. Fields: day, hour, kind, note, person, how.
func (s *Service) TakeDownTx(ctx context.Context, tx *db.Tx, actor access.Actor, in TakeDown) (*Posting, error) {
	x, i, p, err := s.postingTx(ctx, tx, actor, in.Posting, in.Version)
	if err != nil {
		return nil, err
	}
	if x.DownDay != civil.None {
		return nil, errs.E(errs.Conflict, "disclosurepost.fault.down_already", "day", x.DownDay)
	}
	if err := s.endPosting(tx, actor, p, x, in.Down, ""); err != nil {
		return nil, err
	}
	if in.Down.Kind == DownEnd {
		if err := s.fullTx(ctx, tx, i, p, x); err != nil {
			return nil, err
		}
	}
	if err := savePosting(ctx, tx, x); err != nil {
		return nil, err
	}
	photos, err := s.givePhotosTx(ctx, tx, actor, x, in.Photos, true)
	if err != nil {
		return nil, err
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return nil, err
	}
	details := map[string]any{
		"posting": x.ID, "place": p.Key, "edition": x.Edition, "day": x.DownDay, "hour": x.DownHour, "kind": x.DownKind, "how": x.DownHow, "person": x.DownPerson,
		"note": x.DownNote, "photos": photos,
	}
	return x, s.note(ctx, tx, actor, i, "down_"+x.DownKind, details, "place", p.Label(), "day", x.DownDay)
}

// fullTx refuses to call it the end while the days of the place are not full.
func (s *Service) fullTx(ctx context.Context, tx *db.Tx, i *Item, p Place, x *Posting) error {
	if p.Need == 0 {
		return nil
	}
	list, err := readPostings(ctx, tx, `item_id=$1 AND place=$2 AND struck=''`, i.ID, p.Key)
	if err != nil {
		return err
	}
	for n := range list {
		if list[n].ID == x.ID {
			list[n] = *x
		}
	}
	c := countPlace(Records{Postings: list, Edition: x.Edition, Withdrawn: i.Withdrawn}, p, tx.Today(), tx.Today())
	if c.Full == civil.None {
		return errs.At("kind", "disclosurepost.fault.not_full", "days", c.Days, "need", p.Need)
	}
	return nil
}

// postingTx reads a posting that the actor wants to change, with its item and place.
func (s *Service) postingTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) (*Posting, *Item, Place, error) {
	list, err := readPostings(ctx, tx, `id=$1`, id)
	if err != nil {
		return nil, nil, Place{}, err
	}
	if len(list) == 0 {
		return nil, nil, Place{}, errs.E(errs.NotFound, "disclosure.none")
	}
	x := &list[0]
	i, p, err := s.placeTx(ctx, tx, actor, x.Item, x.Place)
	if err != nil {
		return nil, nil, Place{}, err
	}
	if version != 0 && version != x.Version || x.Struck != civil.None {
		return nil, nil, Place{}, errs.E(errs.Conflict, "db.conflict")
	}
	return x, i, p, nil
}

// ReopenTx takes back that a sheet came down, which was entered by mistake: it hangs still. What ended by itself stays ended. Field: why.
func (s *Service) ReopenTx(ctx context.Context, tx *db.Tx, actor access.Actor, posting string, version int, why string) error {
	x, i, p, err := s.postingTx(ctx, tx, actor, posting, version)
	if err != nil {
		return err
	}
	if x.DownDay == civil.None || !slices.Contains(Downs, x.DownKind) {
		return errs.E(errs.Conflict, "db.conflict")
	}
	if why == "" {
		return errs.At("why", "disclosurepost.fault.why")
	}
	later, err := readPostings(ctx, tx, `item_id=$1 AND place=$2 AND edition=$3 AND struck='' AND id<>$4 AND up_day>=$5`, x.Item, x.Place, x.Edition, x.ID, x.DownDay)
	if err != nil {
		return err
	}
	if len(later) > 0 {
		return errs.E(errs.Invalid, "disclosurepost.fault.reopen_later", "day", later[0].UpDay)
	}
	was := map[string]any{"posting": x.ID, "place": p.Key, "day": x.DownDay, "kind": x.DownKind, "note": x.DownNote, "why": why}
	x.DownDay, x.DownHour, x.DownKind, x.DownPerson, x.DownHow, x.DownNote = civil.None, "", "", "", "", ""
	x.DownEntered, x.DownActor, x.DownName = civil.None, "", ""
	if err := savePosting(ctx, tx, x); err != nil {
		return err
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, i, "reopened", was, "place", p.Label())
}

// StrikeTx strikes out a posting that was entered by mistake. It stays to be seen by the unit, and no longer counts. Field: why.
func (s *Service) StrikeTx(ctx context.Context, tx *db.Tx, actor access.Actor, posting string, version int, why string) error {
	x, i, p, err := s.postingTx(ctx, tx, actor, posting, version)
	if err != nil {
		return err
	}
	if why == "" {
		return errs.At("why", "disclosurepost.fault.why")
	}
	x.Struck, x.StruckWhy = tx.Today(), why
	if err := savePosting(ctx, tx, x); err != nil {
		return err
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, i, "struck", map[string]any{"posting": x.ID, "place": p.Key, "up": x.UpDay, "down": x.DownDay, "why": why}, "place", p.Label(), "day", x.UpDay)
}
