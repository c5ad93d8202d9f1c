package disclosure

import (
	"context"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Tell is that something was told without a sheet: broadcasts on one day or on each of several, a word of the village head, a meeting, letters.
type Tell struct {
	Item    string
	Place   string // key
	Edition int    // 0: the one that was up on the day
	Day     civil.Date
	Until   civil.Date // the last of several days with one telling each; None: only Day
	Hour    string
	Lang    string // of a broadcast: one of Langs; "" where it is not said
	People  int    // who heard it, 0 where it is not known
	Person  string // who did it, or who told of it
	How     string // HowSelf where it is ""
	Note    string
}

// Langs are the languages in which things are told and sounds are spoken, in the order of forms. LangName names them.
var Langs = []string{"vi", "th", "hmn", "kjg", "lo", "ium", "hni"}

// maxTellDays is how many days one form may enter.
const maxTellDays = 31

// TellTx enters tellings, one for each of the days, and gives their number. Fields: day, until, hour, people, person, how, place.
func (s *Service) TellTx(ctx context.Context, tx *db.Tx, actor access.Actor, in Tell) (int, error) {
	i, p, err := s.placeTx(ctx, tx, actor, in.Item, in.Place)
	if err != nil {
		return 0, err
	}
	if !Told(p.Kind) {
		return 0, errs.At("place", "disclosurepost.fault.told_not")
	}
	var l errs.List
	s.checkDay(&l, "", tx, in.Day, in.Hour)
	until := in.Until
	switch {
	case until == civil.None:
		until = in.Day
	case until > tx.Today():
		l.Add("until", "disclosurepost.fault.day_ahead", "today", tx.Today())
	case in.Day != civil.None && until < in.Day:
		l.Add("until", "disclosurepost.fault.until_before", "day", in.Day)
	case in.Day != civil.None && until.Sub(in.Day) >= maxTellDays:
		l.Add("until", "disclosurepost.fault.until_far", "n", maxTellDays)
	}
	if in.People < 0 || in.People > 1_000_000 {
		l.Add("people", "disclosurepost.fault.people")
	}
	if in.Lang != "" && !slices.Contains(Langs, in.Lang) {
		l.Add("lang", "disclosurepost.fault.lang")
	}
	source(&l, "", actor, p, &in.How, in.Person)
	if err := l.Err(); err != nil {
		return 0, err
	}
	editions, err := readEditions(ctx, tx, `item_id=$1 ORDER BY number`, i.ID)
	if err != nil {
		return 0, err
	}
	n := 0
	for day := in.Day; day <= until; day = day.Add(1) {
		e, _, err := editionOf(i, editions, in.Edition, day, "day")
		if err != nil {
			return 0, err
		}
		t := &Telling{
			ID: tx.NewID(), Item: i.ID, Unit: i.Unit, Edition: e.Number, Place: p.Key, Day: day, Hour: in.Hour, Lang: in.Lang, People: in.People, Person: in.Person,
			How: in.How, Note: in.Note, Entered: tx.Today(), Actor: actor.ID, ActorName: actor.Name, Version: 1, Created: db.Micros(tx.Now()),
		}
		if err := insertTelling(ctx, tx, t); err != nil {
			return 0, err
		}
		n++
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return 0, err
	}
	details := map[string]any{"place": p.Key, "day": in.Day, "until": until, "hour": in.Hour, "lang": in.Lang, "people": in.People, "how": in.How, "person": in.Person, "note": in.Note}
	return n, s.note(ctx, tx, actor, i, "told", details, "place", p.Label(), "day", in.Day, "n", n)
}

// StrikeTellingTx strikes out a telling that was entered by mistake, as StrikeTx does a posting.
func (s *Service) StrikeTellingTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, why string) error {
	list, err := readTellings(ctx, tx, `id=$1`, id)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	t := list[0]
	i, p, err := s.placeTx(ctx, tx, actor, t.Item, t.Place)
	if err != nil {
		return err
	}
	if version != 0 && version != t.Version || t.Struck != civil.None {
		return errs.E(errs.Conflict, "db.conflict")
	}
	if why == "" {
		return errs.At("why", "disclosurepost.fault.why")
	}
	err = tx.Update(ctx, `UPDATE disclosure_telling SET struck=$3, struck_why=$4, version=version+1 WHERE id=$1 AND version=$2`, id, t.Version, tx.Today(), why)
	if err != nil {
		return err
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, i, "telling_struck", map[string]any{"telling": id, "place": p.Key, "day": t.Day, "why": why}, "place", p.Label(), "day", t.Day)
}

// LangName names one of Langs.
func LangName(code string) i18n.Msg { return i18n.M("disclosure.lang." + code) }
