package disclosure

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
)

// The longest texts that the forms of duties take, in characters.
const (
	maxTitle = 300
	maxLine  = 200
	maxNote  = 2000
)

// dutyText notes what is wrong with a text of a form.
func dutyText(l *errs.List, field, s string, needed bool, most int) {
	switch n := len([]rune(s)); {
	case needed && strings.TrimSpace(s) == "":
		l.Add(field, "disclosureduty.fault.needed."+field)
	case n > most:
		l.Add(field, "disclosureduty.fault.too_long", "max", most, "n", n)
	}
}

// recordOf writes the audit entry of a command on a record of the room that is no item.
func recordOf(ctx context.Context, tx *db.Tx, actor access.Actor, unit, kind, id, action string, tags []string, details any, kv ...any) error {
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "disclosure." + action, Unit: unit, Kind: "disclosure." + kind, Subject: id,
		Msg: i18n.M("disclosure.audit."+action, kv...), Details: details, Touches: tags,
	})
}

// DutyTag is the tag of kept pages that show what a unit must disclose.
func DutyTag(unit string) string { return "duties:" + unit }

// UnitYear is what a unit must tell in a year.
type UnitYear struct {
	Unit  *org.Unit // as it was
	Year  int
	Slots []Slot
	Write bool // the reader makes the unit's items, and sees its drafts
}

// unitInYear is the unit as it is today in the present year, as it was at the end of a past one, as it will be at the beginning of a later one; false where
// it did not live in the year.
func (s *Service) unitInYear(id string, year int, today civil.Date) (*org.Unit, bool) {
	y := yearSpan(year)
	on := min(max(today, y.From), y.To)
	u, ok := s.units.Unit(id, on)
	if !ok { // it begins later in the year
		u, ok = s.units.Unit(id, y.To)
	}
	return u, ok && u.Meets(y)
}

// Duties are the unit's slots of a year, for those who write at the unit, with its drafts, and for those who follow its progress, without. errs.NotFound for
// all others, and where the unit did not live in the year.
func (s *Service) Duties(ctx context.Context, actor access.Actor, unit string, year int) (*UnitYear, error) {
	write := s.MayWrite(actor, unit)
	if !write && !s.MayFollow(actor, unit) {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	out, err := s.unitYear(ctx, unit, year, func(i *Item) bool { return write || i.State != Draft })
	if err != nil {
		return nil, err
	}
	out.Write = write
	for n := range out.Slots { // the state is for those who follow; what it is made of is for the unit alone
		sl := &out.Slots[n]
		sl.Items = slices.DeleteFunc(sl.Items, func(i *Item) bool { return !s.MaySee(actor, i) })
		if !write && sl.Audience == Staff {
			sl.Stated = sl.Stated.bare()
		}
	}
	return out, nil
}

// bare is the statement for who has no right to the unit's people and notes: that it was made, and when.
func (x *Statement) bare() *Statement {
	if x == nil {
		return nil
	}
	return &Statement{ID: x.ID, Unit: x.Unit, Matter: x.Matter, Period: x.Period, Day: x.Day, Ended: x.Ended, Version: x.Version}
}

// PublicDuties are the unit's slots of a year for everybody: what it must tell everybody, by what is or was up.
func (s *Service) PublicDuties(ctx context.Context, unit string, year int) (*UnitYear, error) {
	out, err := s.unitYear(ctx, unit, year, func(i *Item) bool { return i.State != Draft && i.Audience == Everybody })
	if err != nil {
		return nil, err
	}
	out.Slots = slices.DeleteFunc(out.Slots, func(sl Slot) bool { return sl.Audience != Everybody })
	for n := range out.Slots {
		out.Slots[n].Stated = out.Slots[n].Stated.bare()
	}
	return out, nil
}

func (s *Service) unitYear(ctx context.Context, unit string, year int, has func(i *Item) bool) (*UnitYear, error) {
	today := s.clock.Today()
	u, ok := s.unitInYear(unit, year, today)
	if !ok {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	out := &UnitYear{Unit: u, Year: year}
	err := s.db.Read(ctx, func(q db.Querier) error {
		list, err := s.slotsIn(ctx, q, u, year, has)
		out.Slots = list
		return err
	})
	return out, err
}

// slotsIn reads the unit's slots of a year, from the items that has lets through.
func (s *Service) slotsIn(ctx context.Context, q db.Querier, u *org.Unit, year int, has func(i *Item) bool) ([]Slot, error) {
	items, err := readItems(ctx, q, `unit_id=$1 ORDER BY id`, u.ID)
	if err != nil {
		return nil, err
	}
	statements, err := readStatements(ctx, q, `unit_id=$1 AND period>=$2 AND period<$3 ORDER BY day, id`, u.ID, strconv.Itoa(year), strconv.Itoa(year+1))
	if err != nil {
		return nil, err
	}
	own, err := readOwn(ctx, q, `unit_id=$1`, u.ID)
	if err != nil {
		return nil, err
	}
	return Slots(s.law(), u, year, s.clock.Today(), slices.DeleteFunc(items, func(i *Item) bool { return !has(i) }), statements, own), nil
}

// AskSlot is what the law asks of an item that would be made for the slot today.
func (s *Service) AskSlot(u *org.Unit, sl *Slot) Requirements {
	day := max(s.clock.Today(), sl.Days.From)
	if sl.Days.To != civil.None && day > sl.Days.To {
		day = sl.Days.To
	}
	return Ask(s.law(), u, sl.Duty, sl.Audience, civil.None, day)
}

// Within is the rule that says by when after a decision the slot's matter must be told; nil where the law of its days has none.
func (s *Service) Within(u *org.Unit, sl *Slot) *law.Duty {
	if sl.Duty == nil {
		return nil
	}
	step := StepPublish
	if sl.Audience == Staff {
		step = StepStaffPublish
	}
	d, ok := s.law().Rule(step, u.Kind, u.Flags, law.SizesOf(u.Staff, u.Workers), sl.Days.From)
	if !ok || d.WithinDays == 0 || !d.Of.IsZero() && !d.Of.Has(sl.Matter) {
		return nil
	}
	return d
}

const statementColumns = `id, unit_id, matter, period, day, note, actor, actor_name, ended, ended_why, version`

func readStatements(ctx context.Context, q db.Querier, where string, args ...any) ([]Statement, error) {
	var out []Statement
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var x Statement
		err := rows.Scan(&x.ID, &x.Unit, &x.Matter, &x.Period, &x.Day, &x.Note, &x.Actor, &x.Name, &x.Ended, &x.EndedWhy, &x.Version)
		out = append(out, x)
		return err
	}, `SELECT `+statementColumns+` FROM disclosure_statement WHERE `+where, args...)
	return out, err
}

// slotTx finds the slot of the unit that a form names, to be changed by the actor.
func (s *Service) slotTx(ctx context.Context, q db.Querier, actor access.Actor, unit, matter, period string) (*org.Unit, *Slot, error) {
	if err := s.writable(actor, unit); err != nil {
		return nil, nil, err
	}
	year := 0
	if span, ok := Period(period).Span(); ok {
		year = span.From.Year()
	}
	u, ok := s.unitInYear(unit, year, s.clock.Today())
	if !ok {
		return nil, nil, errs.E(errs.NotFound, "disclosure.none")
	}
	list, err := s.slotsIn(ctx, q, u, year, func(*Item) bool { return true })
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(list, func(sl Slot) bool { return sl.Matter == matter && sl.Key() == period })
	if i < 0 {
		return nil, nil, errs.E(errs.NotFound, "disclosure.none")
	}
	return u, &list[i], nil
}

// Slot is one of the unit's slots, for those who write at the unit; period is its Key.
func (s *Service) Slot(ctx context.Context, actor access.Actor, unit, matter, period string) (u *org.Unit, sl *Slot, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		u, sl, err = s.slotTx(ctx, q, actor, unit, matter, period)
		return err
	})
	return u, sl, err
}

// StateTx notes the actor's word that a matter did not arise in a period (a Slot's Key). errs.Conflict where an item was made of it meanwhile, or it was stated
// already.
func (s *Service) StateTx(ctx context.Context, tx *db.Tx, actor access.Actor, unit, matter, period, note string) (id string, err error) {
	_, sl, err := s.slotTx(ctx, tx, actor, unit, matter, period)
	if err != nil {
		return "", err
	}
	var l errs.List
	dutyText(&l, "note", note, false, maxNote)
	if err := l.Err(); err != nil {
		return "", err
	}
	if !sl.MayState() {
		return "", errs.E(errs.Conflict, "disclosureduty.fault.not_now")
	}
	id = tx.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO disclosure_statement(`+statementColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,'','',1)`,
		id, unit, matter, period, tx.Today(), note, actor.ID, actor.Name)
	if err != nil {
		return "", err
	}
	return id, recordOf(ctx, tx, actor, unit, "statement", id, "state", []string{DutyTag(unit)}, map[string]any{"matter": matter, "period": period, "note": note},
		"matter", sl.Name(), "period", Period(period).Msg())
}

// UnstateTx takes a statement back; why may be empty.
func (s *Service) UnstateTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, why string) (unit string, err error) {
	list, err := readStatements(ctx, tx, `id=$1`, id)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", errs.E(errs.NotFound, "disclosure.none")
	}
	x := list[0]
	if err := s.writable(actor, x.Unit); err != nil {
		return "", err
	}
	var l errs.List
	dutyText(&l, "note", why, false, maxNote)
	if err := l.Err(); err != nil {
		return "", err
	}
	if x.Ended != civil.None || version != x.Version {
		return "", errs.E(errs.Conflict, "db.conflict")
	}
	if err := tx.Update(ctx, `UPDATE disclosure_statement SET ended=$3, ended_why=$4, version=version+1 WHERE id=$1 AND version=$2`, x.ID, x.Version, tx.Today(), why); err != nil {
		return "", err
	}
	name := s.matterName(ctx, tx, x.Matter)
	return x.Unit, recordOf(ctx, tx, actor, x.Unit, "statement", x.ID, "unstate", []string{DutyTag(x.Unit)}, map[string]any{"matter": x.Matter, "period": x.Period, "why": why},
		"matter", name, "period", Period(x.Period).Msg())
}

// Name is what the matter is called, in Vietnamese: as the catalogue or the unit wrote it.
func (s *Slot) Name() string {
	if s.Own != nil {
		return s.Own.Title
	}
	if s.Duty != nil {
		return s.Duty.TitleVI
	}
	return s.Matter
}

func (s *Service) matterName(ctx context.Context, q db.Querier, matter string) string {
	if id := OwnID(matter); id != "" {
		if own, err := readOwnMatters(ctx, q, []string{id}); err == nil && own[id] != nil {
			return own[id].Title
		}
	}
	if d, ok := s.law().Duty(matter); ok {
		return d.TitleVI
	}
	return matter
}
