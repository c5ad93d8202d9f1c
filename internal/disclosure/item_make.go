package disclosure

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"
)

// ItemInput is what the form of an item says, in its order.
type ItemInput struct {
	Matter    string // id of a duty, OwnPrefix and the id of an OwnMatter, "" for neither
	Period    Period // of a recurring matter
	Audience  Audience
	Title     string
	Summary   string
	Body      string
	DocNumber string
	DocDay    civil.Date
	Decided   civil.Date // when the decision was passed or the paper received; None where there is no such day
	Places    []string   // keys, of Offers
	Why       string     // of an edition after the first: what has changed
}

// NewItem is a new item of a unit.
type NewItem struct {
	Unit string
	ItemInput
	Sample bool
}

// Bounds of what is typed, in characters.
const (
	maxItemTitle   = 300
	maxItemSummary = 4000
	maxItemBody    = 200_000
	maxItemShort   = 100
	maxItemWhy     = 1000
)

// CreateTx makes the draft of an item with its first edition. Its deadline and its days are those of the law of the day on which it was decided.
func (s *Service) CreateTx(ctx context.Context, tx *db.Tx, actor access.Actor, in NewItem) (*Item, error) {
	if err := s.writable(actor, in.Unit); err != nil {
		return nil, err
	}
	i := &Item{
		ID: tx.NewID(), Unit: in.Unit, State: Draft, Draft: 1, Sample: in.Sample, Version: 1, Created: instant(tx), CreatedBy: actor.ID,
	}
	e := &Edition{ID: tx.NewID(), Item: i.ID, Unit: i.Unit, Number: 1, State: Writing, Version: 1, Created: i.Created}
	places, err := s.takeInput(ctx, tx, actor, i, e, &in.ItemInput)
	if err != nil {
		return nil, err
	}
	if i.Code, err = newCode(ctx, tx); err != nil {
		return nil, err
	}
	if err := insertItem(ctx, tx, i); err != nil {
		return nil, err
	}
	if err := insertEdition(ctx, tx, e); err != nil {
		return nil, err
	}
	if err := s.setPlacesTx(ctx, tx, i, places); err != nil {
		return nil, err
	}
	return i, s.note(ctx, tx, actor, i, "create", map[string]any{"item": detailsOf(i, e), "places": in.Places})
}

// SaveDraftTx changes the edition that is being written; version is the edition's. While nothing of the item was published, its matter, period, audience, day
// of decision and places change too; afterwards they stay. errs.Conflict where somebody else has saved meanwhile, or where it is no longer being written.
func (s *Service) SaveDraftTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, version int, in ItemInput) error {
	i, e, err := s.writingTx(ctx, tx, actor, item, version, Writing)
	if err != nil {
		return err
	}
	before := detailsOf(i, e)
	places, err := s.takeInput(ctx, tx, actor, i, e, &in)
	if err != nil {
		return err
	}
	if err := saveEdition(ctx, tx, e); err != nil {
		return err
	}
	if i.State == Draft {
		if err := saveItem(ctx, tx, i); err != nil {
			return err
		}
		if err := s.setPlacesTx(ctx, tx, i, places); err != nil {
			return err
		}
	}
	return s.noteDraft(ctx, tx, actor, i, "save", map[string]any{"before": before, "after": detailsOf(i, e)})
}

// DropDraftTx gives up the edition that is being written, and the item with it where nothing of it was published. What was published stays.
func (s *Service) DropDraftTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, version int) error {
	i, e, err := s.writingTx(ctx, tx, actor, item, version, Writing)
	if err != nil {
		return err
	}
	files, err := readFiles(ctx, tx, `edition_id=$1`, e.ID)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := s.unlinkTx(ctx, tx, &f); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM disclosure_file WHERE edition_id=$1`, e.ID); err != nil {
		return err
	}
	if err := tx.Update(ctx, `DELETE FROM disclosure_edition WHERE id=$1 AND version=$2`, e.ID, e.Version); err != nil {
		return err
	}
	if i.State != Draft {
		i.Draft = 0
		if err := saveItem(ctx, tx, i); err != nil {
			return err
		}
		return s.noteDraft(ctx, tx, actor, i, "drop_edition", detailsOf(i, e))
	}
	if err := law.CloseTx(ctx, tx, Owner, i.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM disclosure_place WHERE item_id=$1`, i.ID); err != nil {
		return err
	}
	if err := tx.Update(ctx, `DELETE FROM disclosure_item WHERE id=$1 AND version=$2`, i.ID, i.Version); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, i, "drop", detailsOf(i, e))
}

// writingTx reads an item that the actor wants to change and its edition that is not yet published, in one of the states; version is the edition's, 0 where the form has
// none.
func (s *Service) writingTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, version int, states ...EditionState) (*Item, *Edition, error) {
	i, err := s.itemTx(ctx, tx, actor, item, 0)
	if err != nil {
		return nil, nil, err
	}
	e, err := s.editionTx(ctx, tx, i, version, states...)
	return i, e, err
}

func (s *Service) editionTx(ctx context.Context, tx *db.Tx, i *Item, version int, states ...EditionState) (*Edition, error) {
	if i.State == Withdrawn {
		return nil, errs.E(errs.Conflict, "disclosureitem.withdrawn_already")
	}
	if i.Draft == 0 {
		return nil, errs.E(errs.Conflict, "disclosureitem.no_draft")
	}
	list, err := readEditions(ctx, tx, `item_id=$1 AND number=$2`, i.ID, i.Draft)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, errs.E(errs.Conflict, "disclosureitem.no_draft")
	}
	e := list[0]
	switch {
	case !slices.Contains(states, e.State):
		return nil, errs.E(errs.Conflict, "disclosureitem.state."+string(e.State))
	case version != 0 && version != e.Version:
		return nil, errs.E(errs.Conflict, "db.conflict")
	}
	return e, nil
}

// takeInput checks what was typed and puts it into the item and the edition; it gives the chosen places.
func (s *Service) takeInput(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item, e *Edition, in *ItemInput) ([]Place, error) {
	var l errs.List
	today := s.clock.Today()
	first := i.State == Draft
	var req Requirements
	if first {
		i.Matter, i.Period, i.Audience, i.Decided = in.Matter, string(in.Period), in.Audience, in.Decided
		var err error
		if req, err = s.require(ctx, tx, i.Unit, in, &l); err != nil {
			return nil, err
		}
	}
	itemText(&l, "title", in.Title, maxItemTitle, true)
	itemText(&l, "summary", in.Summary, maxItemSummary, false)
	itemText(&l, "body", in.Body, maxItemBody, false)
	itemText(&l, "doc_number", in.DocNumber, maxItemShort, false)
	if in.DocDay > today {
		l.Add("doc_day", "disclosureitem.day_to_come")
	}
	if first && in.Decided > today {
		l.Add("decided", "disclosureitem.day_to_come")
	}
	if !first {
		itemText(&l, "why", in.Why, maxItemWhy, true)
	}
	e.Title, e.Summary, e.Body, e.DocNumber, e.DocDay, e.Why = in.Title, in.Summary, in.Body, in.DocNumber, in.DocDay, in.Why
	e.DraftedBy, e.DraftedName = actor.ID, actor.Name
	e.SecretChecked, e.PersonalChecked = "", ""
	if !first {
		return nil, l.Err()
	}
	i.Title = in.Title
	i.Beyond = req.Duty == nil
	i.Need = req.Need
	places, err := s.choose(ctx, tx, i, in.Places, &l)
	if err != nil {
		return nil, err
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	if err := s.addressTx(ctx, tx, i, e); err != nil {
		return nil, err
	}
	return places, s.setDueTx(ctx, tx, i, req)
}

// instant is the machine's hour on the program's day, in microseconds: in a demonstration that is another day than the machine's.
func instant(tx *db.Tx) int64 {
	now := tx.Now()
	return db.Micros(now.AddDate(0, 0, tx.Today().Sub(civil.Of(now))))
}

func itemText(l *errs.List, field, text string, most int, needed bool) {
	switch n := len([]rune(text)); {
	case needed && strings.TrimSpace(text) == "":
		l.Add(field, "disclosureitem."+field+"_needed")
	case n > most:
		l.Add(field, "disclosureitem.too_long", "max", most, "n", n)
	}
}

// AskedDay is the day whose law holds for an item: that of the decision, else today within the period, else the period's day that is nearest to today.
func AskedDay(p Period, decided, today civil.Date) civil.Date {
	if decided != civil.None {
		return decided
	}
	span, ok := p.Span()
	switch {
	case !ok || span.Has(today):
		return today
	case span.To < today:
		return span.To
	}
	return span.From
}

// Asked is what the law asks of an item as it is typed, for the preview on its form. errs.Invalid with the fields matter, period and audience.
func (s *Service) Asked(ctx context.Context, unit string, in ItemInput) (Requirements, error) {
	var l errs.List
	r, err := s.require(ctx, s.db, unit, &in, &l)
	if err == nil {
		err = l.Err()
	}
	return r, err
}

// require finds out what the law asks and notes what is wrong with matter, period and audience.
func (s *Service) require(ctx context.Context, q db.Querier, unit string, in *ItemInput, l *errs.List) (Requirements, error) {
	today := s.clock.Today()
	day := AskedDay(in.Period, in.Decided, today)
	u, ok := s.units.Near(unit, day)
	if !ok {
		return Requirements{}, errs.E(errs.NotFound, "disclosure.none")
	}
	var duty *law.Duty
	audience, recurrence := Everybody, ""
	asks := false // the matter says for whom it is
	switch own := OwnID(in.Matter); {
	case in.Matter == "":
	case own != "":
		list, err := readOwnMatters(ctx, q, []string{own})
		if err != nil {
			return Requirements{}, err
		}
		m := list[own]
		if m == nil || m.Unit != unit {
			l.Add("matter", "disclosureitem.matter_unknown")
			break
		}
		audience, recurrence, asks = m.Audience, m.Recurrence, true
	default:
		d, ok := s.law().Duty(in.Matter)
		if !ok || !slices.Contains(Matters(s.law(), u, day), d) {
			l.Add("matter", "disclosureitem.matter_not", "day", day)
			break
		}
		duty, audience, recurrence, asks = d, AudienceOf(d), d.Recurrence, true
	}
	if list := Periods(recurrence, day.Year()); len(l.Fields) == 0 {
		span, ok := in.Period.Span()
		switch {
		case len(list) > 0 && !ok:
			l.Add("period", "disclosureitem.period_needed")
		case len(list) > 0 && !slices.Contains(Periods(recurrence, span.From.Year()), in.Period), len(list) == 0 && in.Period != "":
			l.Add("period", "disclosureitem.period_other")
		}
	}
	switch {
	case in.Audience != Everybody && in.Audience != Staff:
		l.Add("audience", "disclosureitem.audience_needed")
	case asks && audience == Everybody && in.Audience == Staff:
		l.Add("audience", "disclosureitem.audience_everybody")
	}
	return Ask(s.law(), u, duty, in.Audience, in.Decided, day), nil
}

const maxItemSlug = 60

// addressTx gives the item its year and slug: free ones below its unit. They are settled with the first publication.
func (s *Service) addressTx(ctx context.Context, tx *db.Tx, i *Item, e *Edition) error {
	day := AskedDay(Period(i.Period), i.Decided, s.clock.Today())
	if i.Decided == civil.None && e.DocDay != civil.None && i.Period == "" {
		day = e.DocDay
	}
	i.Year = day.Year()
	base := i18n.Slug(i.Title)
	if len(base) > maxItemSlug {
		base = base[:maxItemSlug]
		if n := strings.LastIndexByte(base, '-'); n > maxItemSlug/2 {
			base = base[:n]
		}
	}
	if base = strings.Trim(base, "-"); base == "" {
		base = "muc"
	}
	taken := map[string]bool{}
	err := db.Each(ctx, tx, func(rows *sql.Rows) error {
		var slug string
		err := rows.Scan(&slug)
		taken[slug] = true
		return err
	}, `SELECT slug FROM disclosure_item WHERE unit_id=$1 AND year=$2 AND id<>$3 AND (slug=$4 OR slug LIKE $5)`, i.Unit, i.Year, i.ID, base, base+"-%")
	if err != nil {
		return err
	}
	i.Slug = base
	for n := 2; taken[i.Slug]; n++ {
		i.Slug = base + "-" + strconv.Itoa(n)
	}
	return nil
}

// detailsOf is what the log keeps of an item and its edition. The long texts stand in the edition itself, and what a draft once said in them is kept nowhere.
func detailsOf(i *Item, e *Edition) map[string]any {
	return map[string]any{
		"matter": i.Matter, "period": i.Period, "audience": i.Audience, "decided": i.Decided, "due": i.Due, "need": i.Need, "edition": e.Number, "title": e.Title,
		"doc_number": e.DocNumber, "doc_day": e.DocDay, "why": e.Why,
	}
}

// noteDraft is note for what happens to an edition that is not published: only who reads the unit's drafts reads what it says.
func (s *Service) noteDraft(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item, action string, details any, kv ...any) error {
	return s.record(ctx, tx, actor, i, action, true, details, kv...)
}
