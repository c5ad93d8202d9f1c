package disclosure

import (
	"context"
	"database/sql"
	"io"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// A batch is photos dropped together for one item. Each is kept as soon as it has come, so that a broken connection loses none; then they are given to
// places on one screen. What was not given waits.

// Batch is photos that wait to be given to places.
type Batch struct {
	ID, Item, Unit string
	Title          string // of the item
	Photos         int
	Created        int64
}

// IsBatch reports whether s may name a batch: what NewID gives.
func IsBatch(s string) bool {
	return len(s) == 36 && strings.Trim(s, "0123456789abcdef-") == ""
}

// NewBatch is the id of a batch that begins.
func (s *Service) NewBatch() string { return db.NewID(s.clock.Now()) }

// BatchItem checks that the actor may drop photos for the item, before any of them is read.
func (s *Service) BatchItem(ctx context.Context, actor access.Actor, item string) error {
	return s.db.Read(ctx, func(q db.Querier) error {
		_, err := s.batchItem(ctx, q, actor, item)
		return err
	})
}

func (s *Service) batchItem(ctx context.Context, q db.Querier, actor access.Actor, item string) (*Item, error) {
	if item == "" {
		return nil, errs.At("item", "disclosurepost.fault.item_which")
	}
	i, err := readItem(ctx, q, `id=$1`, item)
	if err != nil {
		return nil, err
	}
	return i, s.writable(actor, i.Unit)
}

// KeepPhotoTx keeps a photo in a batch for an item. A photo that the batch has already is not kept again: the sender came back after a broken connection.
func (s *Service) KeepPhotoTx(ctx context.Context, tx *db.Tx, actor access.Actor, item, batch string, t TakenIn) (kept bool, err error) {
	i, err := s.batchItem(ctx, tx, actor, item)
	if err != nil {
		return false, err
	}
	if !IsBatch(batch) {
		return false, errs.E(errs.Invalid, "disclosurepost.fault.batch")
	}
	var n, same int
	err = tx.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN a.sha256=$3 THEN 1 ELSE 0 END),0) FROM disclosure_photo p JOIN attachment a ON a.id=p.original
		WHERE p.unit_id=$1 AND p.batch=$2`, i.Unit, batch, t.Original.SHA256).Scan(&n, &same)
	switch {
	case err != nil:
		return false, err
	case same > 0:
		return false, nil
	case n >= Rules.BatchPhotos:
		return false, errs.At("photos", "disclosurepost.fault.batch_full", "n", Rules.BatchPhotos)
	}
	p, err := s.keepPhotoTx(ctx, tx, actor, t, Photo{Unit: i.Unit, Item: i.ID, Batch: batch})
	if err != nil {
		return false, err
	}
	// Nothing that anybody else sees has changed: no page is touched.
	return true, audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "disclosure.photo_kept", Unit: i.Unit, Kind: "disclosure", Subject: i.ID, Draft: true,
		Msg: i18n.M("disclosure.audit.photo_kept", "title", i.Title), Details: map[string]any{"batch": batch, "photo": photoSum{p.ID, t.Original.SHA256, t.Taken}},
	})
}

// KeepPhoto takes a photo in and keeps it in a batch, in a transaction of its own: whatever happens to the next one, this one stays.
func (s *Service) KeepPhoto(ctx context.Context, actor access.Actor, item, batch string, r io.Reader, name string) (kept bool, err error) {
	t, err := s.TakePhoto(ctx, r, name)
	if err != nil {
		return false, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		kept, err = s.KeepPhotoTx(ctx, tx, actor, item, batch, t)
		return err
	})
	return kept, err
}

// Batches lists the batches of the units that wait, newest first.
func (s *Service) Batches(ctx context.Context, actor access.Actor, units ...string) ([]Batch, error) {
	units = slices.DeleteFunc(slices.Clone(units), func(u string) bool { return !s.MayWrite(actor, u) })
	if len(units) == 0 {
		return nil, nil
	}
	var out []Batch
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var b Batch
		err := rows.Scan(&b.ID, &b.Item, &b.Unit, &b.Title, &b.Photos, &b.Created)
		out = append(out, b)
		return err
	}, `SELECT p.batch, p.item_id, p.unit_id, i.title, COUNT(*), MIN(p.created) FROM disclosure_photo p JOIN disclosure_item i ON i.id=p.item_id
		WHERE p.unit_id IN `+db.In(len(units), 1)+` AND p.batch<>'' AND p.posting_id='' GROUP BY p.batch, p.item_id, p.unit_id, i.title
		ORDER BY MIN(p.created) DESC, p.batch LIMIT 50`, db.Args(units)...)
	return out, err
}

// BatchView is a batch with its item, and the photos of it that wait.
type BatchView struct {
	Batch
	View    *View
	Waiting []Photo
	Given   int // photos of it that have their place
}

// Batch gives a batch. errs.NotFound for who may not enter for its unit.
func (s *Service) Batch(ctx context.Context, actor access.Actor, id string) (b *BatchView, err error) {
	if !IsBatch(id) {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	err = s.db.Read(ctx, func(q db.Querier) error {
		// A batch is looked for below the units of the actor: the index begins with the unit.
		units := s.enterUnits(actor)
		if len(units) == 0 {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		list, err := readPhotos(ctx, q, `unit_id IN `+db.In(len(units), 2)+` AND batch=$1`, append([]any{id}, db.Args(units)...)...)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		i, err := readItem(ctx, q, `id=$1`, list[0].Item)
		if err != nil {
			return err
		}
		views, err := s.views(ctx, q, []*Item{i}, false)
		if err != nil {
			return err
		}
		b = &BatchView{Batch: Batch{ID: id, Item: i.ID, Unit: i.Unit, Title: i.Title, Photos: len(list), Created: list[0].Created}, View: views[0]}
		for _, p := range list {
			if p.Posting == "" {
				b.Waiting = append(b.Waiting, p)
			} else {
				b.Given++
			}
		}
		return nil
	})
	return b, err
}

// enterUnits are the units for which the actor may write by a post at them or at the commune above.
func (s *Service) enterUnits(actor access.Actor) []string {
	var out []string
	add := func(u string) {
		if s.MayWrite(actor, u) && !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	tree := s.units.On(s.clock.Today())
	for _, u := range actor.Units() {
		add(u)
		for _, v := range tree.Children(u) {
			if v.Kind == org.Village {
				add(v.ID)
			}
		}
	}
	return out
}

// GivenPhoto says where a photo of a batch belongs.
type GivenPhoto struct {
	Photo  string
	Place  string // key; "" leaves it waiting
	Drop   bool   // it belongs nowhere
	Day    civil.Date
	Hour   string
	Person string
}

// Given is a batch with a place for each photo. Day, Hour, Person and How hold for those that have none of their own.
type Given struct {
	Batch  string
	Day    civil.Date
	Hour   string
	Person string
	How    string
	ByExif bool // the day and hour that the phone wrote, where it wrote one
	Photos []GivenPhoto
}

// GiveResult says what became of a batch.
type GiveResult struct {
	Posted  int // postings entered
	Added   int // photos that were added to sheets which hang already
	Dropped int
	Waiting int
}

// GiveBatchTx gives the photos of a batch to places: a place at which no sheet hangs on that day gets a posting, one at which a sheet hangs gets the photo.
// Several photos of one place belong to one posting. Fields: day, hour, how, person; place-ID, day-ID, hour-ID for a photo.
func (s *Service) GiveBatchTx(ctx context.Context, tx *db.Tx, actor access.Actor, in Given) (GiveResult, error) {
	var out GiveResult
	waiting, err := readPhotos(ctx, tx, `batch=$1 AND posting_id=''`, in.Batch)
	if err != nil {
		return out, err
	}
	if !IsBatch(in.Batch) || len(waiting) == 0 {
		return out, errs.E(errs.Conflict, "disclosurepost.fault.batch_done")
	}
	at := map[string]Photo{}
	for _, p := range waiting {
		at[p.ID] = p
	}
	i, err := s.batchItem(ctx, tx, actor, waiting[0].Item)
	if err != nil {
		return out, err
	}
	places, err := readPlaces(ctx, tx, i.ID)
	if err != nil {
		return out, err
	}
	groups, err := s.groupPhotos(tx, actor, in, at, places, &out)
	if err != nil {
		return out, err
	}
	for _, g := range groups {
		if err := s.giveGroupTx(ctx, tx, actor, i, g, in, &out); err != nil {
			return out, err
		}
	}
	out.Waiting = len(waiting) - out.Dropped
	for _, g := range groups {
		out.Waiting -= len(g.photos)
	}
	for _, g := range in.Photos {
		if p, ok := at[g.Photo]; ok && g.Drop {
			if _, err := tx.Exec(ctx, `UPDATE disclosure_photo SET batch='' WHERE id=$1 AND posting_id=''`, p.ID); err != nil {
				return out, err
			}
		}
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return out, err
	}
	return out, s.note(ctx, tx, actor, i, "batch_given", map[string]any{"batch": in.Batch, "result": out, "how": in.How, "person": in.Person}, "n", out.Posted)
}

// photoGroup is the photos of one place and day.
type photoGroup struct {
	place  Place
	day    civil.Date
	hour   string
	person string
	photos []Photo
}

// groupPhotos sorts the photos by place and finds all that is wrong with what was typed.
func (s *Service) groupPhotos(tx *db.Tx, actor access.Actor, in Given, at map[string]Photo, places []Place, out *GiveResult) ([]photoGroup, error) {
	var l errs.List
	var groups []photoGroup
	chosen := false
	for _, g := range in.Photos {
		ph, ok := at[g.Photo]
		if !ok {
			continue // given meanwhile
		}
		if g.Drop {
			out.Dropped++
			chosen = true
			continue
		}
		if g.Place == "" {
			continue
		}
		chosen = true
		n := slices.IndexFunc(places, func(p Place) bool { return p.Key == g.Place && Hangs(p.Kind) })
		if n < 0 {
			l.Add("place-"+ph.ID, "disclosurepost.fault.place_none")
			continue
		}
		grp := photoGroup{place: places[n], day: g.Day, hour: g.Hour, person: g.Person, photos: []Photo{ph}}
		if day, hour, ok := ph.TakenAt(); ok && in.ByExif && grp.day == civil.None {
			grp.day = day
			if grp.hour == "" {
				grp.hour = hour
			}
		}
		own := grp.day != civil.None
		if !own {
			grp.day = in.Day
		}
		if grp.hour == "" && (!own || grp.day == in.Day) {
			grp.hour = in.Hour
		}
		if grp.person == "" {
			grp.person = in.Person
		}
		var faults errs.List
		s.checkDay(&faults, "", tx, grp.day, grp.hour)
		for _, f := range faults.Fields {
			if own || f.Name == "hour" && g.Hour != "" {
				f.Name += "-" + ph.ID
			}
			if !slices.ContainsFunc(l.Fields, func(o errs.Field) bool { return o.Name == f.Name }) {
				l.Fields = append(l.Fields, f)
			}
		}
		var who errs.List
		how := in.How
		source(&who, "", actor, grp.place, &how, grp.person)
		for _, f := range who.Fields {
			if !slices.ContainsFunc(l.Fields, func(o errs.Field) bool { return o.Name == f.Name }) {
				l.Fields = append(l.Fields, f)
			}
		}
		same := slices.IndexFunc(groups, func(o photoGroup) bool { return o.place.Key == grp.place.Key && o.day == grp.day })
		if same < 0 {
			groups = append(groups, grp)
			continue
		}
		groups[same].photos = append(groups[same].photos, ph)
		if groups[same].hour == "" || grp.hour != "" && grp.hour < groups[same].hour {
			groups[same].hour = grp.hour
		}
	}
	if !chosen {
		l.Add("", "disclosurepost.fault.batch_nothing")
	}
	slices.SortStableFunc(groups, func(a, b photoGroup) int { return strings.Compare(string(a.day)+a.hour, string(b.day)+b.hour) })
	return groups, l.Err()
}

// giveGroupTx gives photos to the sheet that hung at the place on the day, or enters that it was put up.
func (s *Service) giveGroupTx(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item, g photoGroup, in Given, out *GiveResult) error {
	editions, err := readEditions(ctx, tx, `item_id=$1 ORDER BY number`, i.ID)
	if err != nil {
		return err
	}
	e, _, err := editionOf(i, editions, 0, g.day, "day-"+g.photos[0].ID)
	if err != nil {
		return err
	}
	hung, err := readPostings(ctx, tx, `item_id=$1 AND place=$2 AND edition=$3 AND struck=''`, i.ID, g.place.Key, e.Number)
	if err != nil {
		return err
	}
	var x *Posting
	for n := range hung {
		if o := &hung[n]; o.UpDay <= g.day && (o.DownDay == civil.None || g.day < o.DownDay) {
			x = o
		}
	}
	if x == nil {
		// PostTx reads and saves the item itself.
		x, err = s.PostTx(ctx, tx, actor, PutUp{Item: i.ID, Place: g.place.Key, Day: g.day, Hour: g.hour, Person: g.person, How: in.How})
		if err != nil {
			return besidePhoto(err, g.photos[0].ID)
		}
		out.Posted++
		now, err := readItem(ctx, tx, `id=$1`, i.ID)
		if err != nil {
			return err
		}
		*i = *now
	} else {
		out.Added += len(g.photos)
	}
	for _, p := range g.photos {
		err := tx.Update(ctx, `UPDATE disclosure_photo SET posting_id=$2, at_down=0 WHERE id=$1 AND posting_id=''`, p.ID, x.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// besidePhoto puts a fault beside the place that was chosen for a photo, unless it is of a field that all photos share.
func besidePhoto(err error, photo string) error {
	fields := errs.FieldsOf(err)
	if len(fields) == 0 {
		return err
	}
	var l errs.List
	for _, f := range fields {
		if f.Name != "person" && f.Name != "how" {
			f.Name = "place-" + photo
		}
		l.Fields = append(l.Fields, f)
	}
	return l.Err()
}

// TakenAt is the day and the hour at which the phone says that the photo was taken; ok is false where it does not say.
func (p Photo) TakenAt() (day civil.Date, hour string, ok bool) {
	d, h, _ := strings.Cut(p.Taken, " ")
	day, err := civil.Parse(d)
	if err != nil {
		return civil.None, "", false
	}
	if !IsHour(h) {
		h = ""
	}
	return day, h, true
}

// noteUnit writes the audit entry of a command that belongs to no item.
func (s *Service) noteUnit(ctx context.Context, tx *db.Tx, actor access.Actor, unit, action, subject string, details any, kv ...any) error {
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "disclosure." + action, Unit: unit, Kind: "disclosure", Subject: subject,
		Msg: i18n.M("disclosure.audit."+action, kv...), Details: details, Touches: []string{"board:" + unit, "disclosure"},
	})
}
