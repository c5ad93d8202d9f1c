package disclosure

import (
	"context"
	"slices"
	"strings"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// PutUp is that a sheet was put up at a place.
type PutUp struct {
	Item    string
	Place   string // key
	Edition int    // 0: the one that was up on the day
	Day     civil.Date
	Hour    string // "08:15"; "" where it is not known
	Person  string // who put it up, or who told it
	How     string // HowSelf where it is ""
	Prev    *Down  // how the sheet that still hangs there ended; needed where one does
	Down    *Down  // how this one ended, where it hangs no longer
	Photos  []TakenIn
}

// Down is the end of a sheet at its place.
type Down struct {
	Day    civil.Date
	Hour   string
	Kind   string // one of Downs
	Person string
	How    string // HowSelf where it is ""
	Note   string // why, for DownTaken
}

// TakeDown is that a sheet came down or was found missing.
type TakeDown struct {
	Posting string
	Version int // of the posting, 0 where the form has none
	Down
	Photos []TakenIn
}

// What becomes of the fields of a Down in a form that has two of them.
const (
	prevFields = "prev-"
	downFields = "down-"
)

// PostTx enters that a sheet was put up, and gives the posting. It may have happened earlier than it is entered: the days count from the day on which it
// was put up. Fields: day, hour, person, how, place, prev-day …, down-day ….
func (s *Service) PostTx(ctx context.Context, tx *db.Tx, actor access.Actor, in PutUp) (*Posting, error) {
	i, p, err := s.placeTx(ctx, tx, actor, in.Item, in.Place)
	if err != nil {
		return nil, err
	}
	if !Hangs(p.Kind) {
		return nil, errs.At("place", "disclosurepost.fault.hangs_not")
	}
	editions, err := readEditions(ctx, tx, `item_id=$1 ORDER BY number`, i.ID)
	if err != nil {
		return nil, err
	}
	var l errs.List
	s.checkDay(&l, "", tx, in.Day, in.Hour)
	source(&l, "", actor, p, &in.How, in.Person)
	if err := l.Err(); err != nil {
		return nil, err
	}
	e, until, err := editionOf(i, editions, in.Edition, in.Day, "day")
	if err != nil {
		return nil, err
	}
	x := &Posting{
		ID: tx.NewID(), Item: i.ID, Unit: i.Unit, Edition: e.Number, Place: p.Key, UpDay: in.Day, UpHour: in.Hour, UpPerson: in.Person, UpHow: in.How,
		UpEntered: tx.Today(), UpActor: actor.ID, UpName: actor.Name, Version: 1, Created: db.Micros(tx.Now()),
	}
	hung, err := readPostings(ctx, tx, `item_id=$1 AND place=$2 AND edition=$3 AND struck=''`, i.ID, p.Key, e.Number)
	if err != nil {
		return nil, err
	}
	prev, err := s.makeRoomTx(ctx, tx, actor, p, x, hung, in)
	if err != nil {
		return nil, err
	}
	if x.DownDay == civil.None && until.day != civil.None {
		x.DownDay, x.DownKind, x.DownEntered, x.DownActor, x.DownName = until.day, until.kind, tx.Today(), actor.ID, actor.Name
	}
	if err := insertPosting(ctx, tx, x); err != nil {
		return nil, err
	}
	photos, err := s.givePhotosTx(ctx, tx, actor, x, in.Photos, false)
	if err != nil {
		return nil, err
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return nil, err
	}
	details := map[string]any{"posting": x.ID, "place": p.Key, "edition": x.Edition, "day": x.UpDay, "hour": x.UpHour, "how": x.UpHow, "person": x.UpPerson, "photos": photos}
	if prev != "" {
		details["ended"] = prev
	}
	return x, s.note(ctx, tx, actor, i, "posted", details, "place", p.Label(), "day", x.UpDay)
}

// placeTx reads an item and one of its places at which the actor may enter what happens. A place that the item does not have is a fault of the field
// place: it was chosen in a form.
func (s *Service) placeTx(ctx context.Context, tx *db.Tx, actor access.Actor, item, key string) (*Item, Place, error) {
	i, err := readItem(ctx, tx, `id=$1`, item)
	if err != nil {
		return nil, Place{}, err
	}
	places, err := readPlaces(ctx, tx, item)
	if err != nil {
		return nil, Place{}, err
	}
	if !s.MayWrite(actor, i.Unit) && !s.mayTell(ctx, tx, actor, i) {
		if s.MaySee(actor, i) && !actor.Public() {
			return nil, Place{}, errs.E(errs.Forbidden, "disclosure.forbidden.write")
		}
		return nil, Place{}, errs.E(errs.NotFound, "disclosure.none")
	}
	at := slices.IndexFunc(places, func(p Place) bool { return p.Key == key })
	switch {
	case key == "":
		return nil, Place{}, errs.At("place", "disclosurepost.fault.place_which")
	case at < 0:
		return nil, Place{}, errs.At("place", "disclosurepost.fault.place_none")
	case !s.mayEnter(actor, places[at]):
		return nil, Place{}, errs.E(errs.Forbidden, "disclosurepost.forbidden.place")
	}
	return i, places[at], nil
}

// mayEnter is MayWriteAt, and for what is told by village heads also those of the unit's villages.
func (s *Service) mayEnter(actor access.Actor, p Place) bool {
	if s.MayWriteAt(actor, p) {
		return true
	}
	if p.Kind != PlaceVillageHead {
		return false
	}
	tree := s.units.TreeOf(p.Unit, s.clock.Today())
	return slices.ContainsFunc(tree.Children(p.Unit), func(v *org.Unit) bool { return actor.Holds(v.ID, access.VillageHead) })
}

// MayEnterAt reports whether the actor may enter what happens at a place of an item.
func (s *Service) MayEnterAt(actor access.Actor, p Place) bool { return s.mayEnter(actor, p) }

// Now is the day and the hour at which forms begin.
func (s *Service) Now() (day civil.Date, hour string) {
	return s.clock.Today(), s.clock.Now().In(civil.Zone).Format("15:04")
}

// checkDay finds what is wrong with a day and an hour that somebody has typed; prefix begins the names of the fields.
func (s *Service) checkDay(l *errs.List, prefix string, tx *db.Tx, day civil.Date, hour string) {
	today := tx.Today()
	switch {
	case day == civil.None:
		l.Add(prefix+"day", "disclosurepost.fault.day_which")
	case day > today:
		l.Add(prefix+"day", "disclosurepost.fault.day_ahead", "today", today)
	}
	switch {
	case hour == "":
	case !IsHour(hour):
		l.Add(prefix+"hour", "disclosurepost.fault.hour")
	case day == today && hour > tx.Now().In(civil.Zone).Format("15:04"):
		l.Add(prefix+"hour", "disclosurepost.fault.hour_ahead")
	}
}

// IsHour reports whether s is an hour of the day, "08:15".
func IsHour(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil && len(s) == 5
}

// CleanHour is an hour as people type it ("8h15", "8 giờ", "8:15", "0815") in its one form. What is no hour comes back as it is.
func CleanHour(s string) string {
	t := strings.ToLower(strings.Join(strings.Fields(s), ""))
	t = strings.TrimSuffix(strings.TrimSuffix(t, "phút"), "p")
	for _, sep := range []string{"giờ", "gio", "h", "g", "."} {
		t = strings.Replace(t, sep, ":", 1)
	}
	hour, minute, found := strings.Cut(t, ":")
	if !found && len(t) == 4 {
		hour, minute = t[:2], t[2:]
	}
	if minute == "" {
		minute = "00"
	}
	if len(hour) == 1 {
		hour = "0" + hour
	}
	if out := hour + ":" + minute; IsHour(out) {
		return out
	}
	return s
}

// NeedsSource reports whether the actor must say who told it: an officer who enters what happened in a village.
func NeedsSource(actor access.Actor, p Place) bool {
	return p.AtUnit != "" && p.AtUnit != p.Unit && !actor.Holds(p.AtUnit) && actor.ID != access.System.ID
}

// source finds what is missing in who told it and how.
func source(l *errs.List, prefix string, actor access.Actor, p Place, how *string, person string) {
	need := NeedsSource(actor, p)
	switch {
	case *how == "" && need:
		l.Add(prefix+"how", "disclosurepost.fault.how_which")
	case *how == "":
		*how = HowSelf
	case !slices.Contains(Hows, *how):
		l.Add(prefix+"how", "disclosurepost.fault.how_which")
	}
	if need && person == "" {
		l.Add(prefix+"person", "disclosurepost.fault.person", "place", p.Label())
	}
}

// ending is how sheets of an edition ended by themselves.
type ending struct {
	day  civil.Date
	kind string
}

// Start is the first day on which the edition's sheet may hang: that of its approval, by paper or on screen; None while it is not approved.
func (e *Edition) Start() civil.Date {
	if e.State == Writing || e.State == Waiting {
		return civil.None
	}
	first := civil.None
	for _, d := range []civil.Date{e.PaperDay, e.Approved, e.Published} {
		if d != civil.None && (first == civil.None || d < first) {
			first = d
		}
	}
	return first
}

// editionOf is the edition that something told on the day belongs to: the one that was up, or the one asked for. Before the first publication it is the
// one that was approved. It also says how the edition's sheets ended by themselves, where they did.
func editionOf(i *Item, editions []*Edition, number int, day civil.Date, field string) (*Edition, ending, error) {
	var e, next *Edition
	published := 0
	for _, x := range editions {
		from := x.Start()
		if x.Published != civil.None && published > 0 || x.Published == civil.None && i.Edition > 0 {
			from = x.Published // a later one is up from its publication on, unless it is asked for
		}
		if x.Published != civil.None {
			published++
		}
		if number != 0 && x.Number == number || number == 0 && from != civil.None && from <= day {
			e = x
		}
	}
	if e == nil {
		for _, x := range editions {
			if from := x.Start(); from != civil.None && number == 0 {
				return nil, ending{}, errs.At(field, "disclosurepost.fault.before_approval", "day", from)
			}
		}
		return nil, ending{}, errs.E(errs.Invalid, "disclosurepost.fault.not_approved")
	}
	switch from := e.Start(); {
	case from == civil.None:
		return nil, ending{}, errs.E(errs.Invalid, "disclosurepost.fault.not_approved")
	case day < from:
		return nil, ending{}, errs.At(field, "disclosurepost.fault.before_approval", "day", from)
	}
	for _, x := range editions {
		if x.Number > e.Number && x.Published != civil.None && next == nil {
			next = x
		}
	}
	var until ending
	if next != nil {
		until = ending{next.Published, DownReplaced}
	}
	if i.Withdrawn != civil.None && (until.day == civil.None || i.Withdrawn < until.day) {
		until = ending{i.Withdrawn, DownWithdrawn}
	}
	if until.day != civil.None && day >= until.day {
		key := "disclosurepost.fault.replaced"
		if until.kind == DownWithdrawn {
			key = "disclosurepost.fault.withdrawn"
		}
		return nil, ending{}, errs.At(field, key, "day", until.day)
	}
	return e, until, nil
}
