package disclosure

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/photo"
)

// People knows who holds posts; auth is it.
type People interface {
	// Holders are the accounts that hold one of the posts at the unit today.
	Holders(ctx context.Context, unit string, kinds ...access.PostKind) ([]string, error)
	// Names are the names of accounts by id; unknown ids are left out.
	Names(ctx context.Context, ids ...string) (map[string]string, error)
}

// Record is what the room tells of one of its records that begins or ceases to count for a task of a plan. Wired in app to the room plan.
type Record struct {
	Kind     string // item, beyond, session, regulation, board
	ID       string
	Unit     string
	Day      civil.Date
	Until    civil.Date // of a board: the last day on which it hangs, far away for no end
	Title    i18n.Msg
	Link     string
	Number   string
	DutyKind string // disclose, propagate: the kind of duty that it fulfils
	TaskKind string // regulation: the kind of task that it fulfils
	Lines    []int  // lines of the task's evidence list that it fills
	Counts   bool
}

// Recorder hears of records in their own transaction.
type Recorder interface {
	RecordTx(ctx context.Context, tx *db.Tx, actor access.Actor, r Record) error
}

// Options are what a Service works with. People, Recorder and Files may be nil in tests that need none.
type Options struct {
	DB       *db.DB
	Units    *org.Directory
	Law      func() *law.Catalogue
	Clock    civil.Clock
	People   People
	Files    *attach.Store
	Recorder Recorder
}

// Service is the room. It is safe for concurrent use.
//
// Methods whose names end in Tx are commands: they check who may, keep the rule, change, and write the audit entry inside the caller's transaction.
// Their errors are errs.Invalid with the fields of the form, errs.Forbidden for what the actor sees but may not do, errs.NotFound for what it may not
// see, errs.Conflict where somebody else was quicker.
type Service struct {
	db       database
	units    *org.Directory
	law      func() *law.Catalogue
	clock    civil.Clock
	people   People
	files    *attach.Store
	recorder Recorder
	camera   *photo.Maker
	door     door // slows down what the public sends
}

// database is what the room needs of *db.DB; tests count its queries.
type database interface {
	db.Querier
	Read(ctx context.Context, f func(q db.Querier) error) error
	Write(ctx context.Context, f func(tx *db.Tx) error) error
}

// New makes the service.
func New(o Options) *Service {
	return &Service{db: o.DB, units: o.Units, law: o.Law, clock: o.Clock, people: o.People, files: o.Files, recorder: o.Recorder, camera: photo.New(1, Rules.PhotoMegapixels*1_000_000)}
}

// placeAt is where an action on a record of the unit happens.
func (s *Service) placeAt(unit string, state access.State, today civil.Date) access.Place {
	pl := s.units.TreeOf(unit, today).Place(unit)
	pl.State = state
	return pl
}

// accessState is who sees an item: everybody what is or was up for everybody; its staff alone what is for staff; the unit alone what is a draft. What was
// withdrawn leaves a stub for those who saw it.
func accessState(i *Item) access.State {
	if i.State == Draft || i.Audience == Staff {
		return access.Draft
	}
	return access.Published
}

// MaySee reports whether the actor may see the item as it is up. Staff-only items are for everybody with a post at the unit.
func (s *Service) MaySee(actor access.Actor, i *Item) bool {
	if i.Audience == Staff && i.State != Draft {
		return actor.ID == access.System.ID || actor.InScope(access.ReadRecord) && actor.Holds(i.Unit)
	}
	return access.Allowed(actor, access.ReadRecord, s.placeAt(i.Unit, accessState(i), s.clock.Today()))
}

// MayWrite reports whether the actor may make and change items of the unit.
func (s *Service) MayWrite(actor access.Actor, unit string) bool {
	return access.Allowed(actor, access.WriteRecord, s.placeAt(unit, access.Draft, s.clock.Today()))
}

// MayWriteAt reports whether the actor may enter what happens at a place: who may write at the unit, and the head of the village in which the place is.
func (s *Service) MayWriteAt(actor access.Actor, p Place) bool {
	return s.MayWrite(actor, p.Unit) || p.AtUnit != "" && access.Allowed(actor, access.WriteRecord, s.placeAt(p.AtUnit, access.Draft, s.clock.Today()))
}

// MayApprove reports whether the actor may approve on screen: the head.
func (s *Service) MayApprove(actor access.Actor, unit string) bool {
	return access.Allowed(actor, access.ConfirmRecord, s.placeAt(unit, access.Draft, s.clock.Today()))
}

// writable is nil where the actor may write at the unit; errs.NotFound else, or errs.Forbidden for members of the unit.
func (s *Service) writable(actor access.Actor, unit string) error {
	if s.MayWrite(actor, unit) {
		return nil
	}
	if actor.Holds(unit) {
		return errs.E(errs.Forbidden, "disclosure.forbidden.write")
	}
	return errs.E(errs.NotFound, "disclosure.none")
}

// itemTx reads an item that the actor wants to change; v is the version of the form, 0 where the form has none.
func (s *Service) itemTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, v int) (*Item, error) {
	i, err := readItem(ctx, tx, `id=$1`, id)
	if err != nil {
		return nil, err
	}
	if !s.MayWrite(actor, i.Unit) {
		if s.MaySee(actor, i) {
			return nil, errs.E(errs.Forbidden, "disclosure.forbidden.write")
		}
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	if v != 0 && v != i.Version {
		return nil, errs.E(errs.Conflict, "db.conflict")
	}
	return i, nil
}

// Tags are the tags of kept pages that show the item: the item's own, its unit's board, and the room over all units.
func Tags(i *Item) []string { return []string{"item:" + i.ID, "board:" + i.Unit, "disclosure"} }

// note writes the audit entry of a command on an item. What is said of a draft, or for staff alone, is for those who read the unit's drafts.
func (s *Service) note(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item, action string, details any, kv ...any) error {
	return s.record(ctx, tx, actor, i, action, accessState(i) == access.Draft, details, kv...)
}

func (s *Service) record(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item, action string, draft bool, details any, kv ...any) error {
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "disclosure." + action, Unit: i.Unit, Kind: "disclosure", Subject: i.ID,
		Msg: i18n.M("disclosure.audit."+action, append([]any{"title", i.Title}, kv...)...), Details: details, Touches: Tags(i), Draft: draft,
	})
}

// newCode is a short code that no item has yet.
func newCode(ctx context.Context, tx *db.Tx) (string, error) {
	for range 20 {
		code := randomCode()
		var n int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM disclosure_item WHERE code=$1`, code).Scan(&n); err != nil {
			return "", err
		}
		if n == 0 {
			return code, nil
		}
	}
	return "", fmt.Errorf("disclosure: no free short code")
}

func randomCode() string {
	b := make([]byte, Rules.CodeLength)
	rand.Read(b)
	letters := Rules.CodeLetters // 32 of them: no letter is likelier than another
	for i, x := range b {
		b[i] = letters[int(x)%len(letters)]
	}
	return string(b)
}

// CleanCode is what somebody typed as a short code, in its one form: upper case, without spaces and hyphens; ok is false where it cannot be a code.
func CleanCode(s string) (code string, ok bool) {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s))
	if len(s) != Rules.CodeLength || strings.Trim(s, Rules.CodeLetters) != "" {
		return "", false
	}
	return s, true
}

// Path is the address of an item below its unit.
func (i *Item) Path() string { return fmt.Sprintf("/bang-niem-yet/%d/%s", i.Year, i.Slug) }

// View is an item with all that its pages show.
type View struct {
	*Item
	Ed       *Edition // the edition that is up; the one being written where none is
	Editions []*Edition
	Files    []File // of Ed
	Places   []Place
	Postings []Posting // of all editions, struck ones left out
	Tellings []Telling
	Photos   map[string][]Photo // by posting
	Count    Count
	Progress Progress
	Duty     *law.Duty // nil where the matter is the unit's own, or the catalogue has lost it
	Own      *OwnMatter
}

// views fills in what the pages of items show, with a constant number of queries whatever their number. full also brings photos and all editions.
func (s *Service) views(ctx context.Context, q db.Querier, items []*Item, full bool) ([]*View, error) {
	if len(items) == 0 {
		return nil, nil
	}
	today := s.clock.Today()
	ids := make([]string, len(items))
	out := make([]*View, len(items))
	at := map[string]*View{}
	var own []string
	for n, i := range items {
		ids[n] = i.ID
		v := &View{Item: i, Photos: map[string][]Photo{}}
		out[n], at[i.ID] = v, v
		if o := OwnID(i.Matter); o != "" {
			own = append(own, o)
		} else if d, ok := s.law().Duty(i.Matter); ok {
			v.Duty = d
		}
	}
	in := db.In(len(ids), 1)
	editions, err := readEditions(ctx, q, `item_id IN `+in+` ORDER BY item_id, number`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	var shown []string
	for _, e := range editions {
		v := at[e.Item]
		v.Editions = append(v.Editions, e)
		if e.Number == v.Edition || v.Edition == 0 && e.Number == v.Draft {
			v.Ed = e
			shown = append(shown, e.ID)
		}
	}
	places, err := readPlaces(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		v := at[p.Item]
		v.Places = append(v.Places, p)
	}
	postings, err := readPostings(ctx, q, `item_id IN `+in+` AND struck=''`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	for _, p := range postings {
		v := at[p.Item]
		v.Postings = append(v.Postings, p)
	}
	tellings, err := readTellings(ctx, q, `item_id IN `+in+` AND struck=''`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	for _, t := range tellings {
		v := at[t.Item]
		v.Tellings = append(v.Tellings, t)
	}
	photos, err := readPhotos(ctx, q, `item_id IN `+in+` AND posting_id<>''`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	for _, p := range photos {
		v := at[p.Item]
		v.Photos[p.Posting] = append(v.Photos[p.Posting], p)
	}
	if full && len(shown) > 0 {
		files, err := readFiles(ctx, q, `edition_id IN `+db.In(len(shown), 1), db.Args(shown)...)
		if err != nil {
			return nil, err
		}
		for _, v := range out {
			for _, f := range files {
				if v.Ed != nil && f.Edition == v.Ed.ID {
					v.Files = append(v.Files, f)
				}
			}
		}
	}
	matters, err := readOwnMatters(ctx, q, own)
	if err != nil {
		return nil, err
	}
	dark, err := readDark(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, v := range out {
		v.Own = matters[OwnID(v.Matter)]
		v.Count = CountDays(v.records(dark), today)
		v.Progress = v.Count.Progress(v.Item, today)
	}
	return out, nil
}

// records are what the item's days are counted from.
func (v *View) records(dark []civil.Date) Records {
	return Records{Places: v.Places, Postings: v.Postings, Tellings: v.Tellings, Edition: v.Edition, Published: v.Published, Withdrawn: v.Withdrawn, Dark: dark}
}

// Item gives an item with all that its page shows. errs.NotFound for who may not see it, as for what does not exist.
func (s *Service) Item(ctx context.Context, actor access.Actor, id string) (*View, error) {
	return s.one(ctx, actor, `id=$1`, id)
}

// ByPath is Item for an address below a unit.
func (s *Service) ByPath(ctx context.Context, actor access.Actor, unit string, year int, slug string) (*View, error) {
	return s.one(ctx, actor, `unit_id=$1 AND year=$2 AND slug=$3`, unit, year, slug)
}

// ByCode is Item for a short code, in its clean form.
func (s *Service) ByCode(ctx context.Context, actor access.Actor, code string) (*View, error) {
	return s.one(ctx, actor, `code=$1`, code)
}

func (s *Service) one(ctx context.Context, actor access.Actor, where string, args ...any) (v *View, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		i, err := readItem(ctx, q, where, args...)
		if err != nil {
			return err
		}
		if !s.MaySee(actor, i) && !s.mayTell(ctx, q, actor, i) {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		list, err := s.views(ctx, q, []*Item{i}, true)
		if err == nil {
			v = list[0]
		}
		return err
	})
	return v, err
}

// mayTell reports whether the actor may enter what happens at one of the item's places: a village head sees what is to hang in the village, from the day on
// which it is approved.
func (s *Service) mayTell(ctx context.Context, q db.Querier, actor access.Actor, i *Item) bool {
	if actor.Public() {
		return false
	}
	places, err := readPlaces(ctx, q, i.ID)
	if err != nil || !slices.ContainsFunc(places, func(p Place) bool { return s.mayEnter(actor, p) }) {
		return false
	}
	if i.State != Draft {
		return true
	}
	editions, err := readEditions(ctx, q, `item_id=$1 AND state=$2`, i.ID, string(Approved))
	return err == nil && len(editions) > 0
}

func readOwnMatters(ctx context.Context, q db.Querier, ids []string) (map[string]*OwnMatter, error) {
	out := map[string]*OwnMatter{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := q.Query(ctx, `SELECT id, unit_id, title, basis, audience, recurrence, from_day, to_day, version FROM disclosure_matter WHERE id IN `+db.In(len(ids), 1), db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		m := new(OwnMatter)
		if err := rows.Scan(&m.ID, &m.Unit, &m.Title, &m.Basis, &m.Audience, &m.Recurrence, &m.From, &m.To, &m.Version); err != nil {
			return nil, err
		}
		out[m.ID] = m
	}
	return out, rows.Err()
}

// readDark are the days on which the website was away for longer than the house allows.
func readDark(ctx context.Context, q db.Querier) ([]civil.Date, error) {
	rows, err := q.Query(ctx, `SELECT day FROM disclosure_dark_day WHERE minutes>=$1 ORDER BY day`, Rules.DarkMinutes)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []civil.Date
	for rows.Next() {
		var d civil.Date
		if err := rows.Scan(&d); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// recountTx brings the item's first day of telling, its end and what the plan knows of it in line with its records, after a command has changed them. It
// stores the item.
func (s *Service) recountTx(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item) error {
	list, err := s.views(ctx, tx, []*Item{i}, false)
	if err != nil {
		return err
	}
	v := list[0]
	told := i.FirstTold
	i.FirstTold = v.firstTold()
	if err := settleDueTx(ctx, tx, i, told); err != nil {
		return err
	}
	i.Ends = civil.None
	if !i.Permanent && i.State == Up {
		i.Ends = max(v.Count.Full, v.Count.Ends)
	}
	if err := saveItem(ctx, tx, i); err != nil {
		return err
	}
	return s.tellPlanTx(ctx, tx, actor, v)
}

// firstTold is the first day on which one of the forms that the law names was done: of any form where the matter is the unit's own. It does not go away
// when a later edition comes.
func (v *View) firstTold() civil.Date {
	counts := func(kind string) bool {
		return v.Duty == nil || len(v.Duty.Forms) == 0 || slices.Contains(v.Duty.Forms, FormOf(kind))
	}
	kind := map[string]string{}
	for _, p := range v.Places {
		kind[p.Key] = p.Kind
	}
	first := civil.None
	take := func(d civil.Date) {
		if d != civil.None && (first == civil.None || d < first) {
			first = d
		}
	}
	for _, p := range v.Postings {
		if counts(kind[p.Place]) {
			take(p.UpDay)
		}
	}
	for _, t := range v.Tellings {
		if counts(kind[t.Place]) {
			take(t.Day)
		}
	}
	if slices.ContainsFunc(v.Places, func(p Place) bool { return p.Kind == PlaceWebsite }) && counts(PlaceWebsite) {
		for _, e := range v.Editions {
			take(e.Published)
		}
	}
	return first
}

// tellPlanTx lets the plan know whether the item counts as evidence: it was told in one of the law's forms and is not withdrawn.
func (s *Service) tellPlanTx(ctx context.Context, tx *db.Tx, actor access.Actor, v *View) error {
	if s.recorder == nil {
		return nil
	}
	return s.recorder.RecordTx(ctx, tx, actor, s.itemRecord(v))
}

// itemRecord is what an item is to the plan.
func (s *Service) itemRecord(v *View) Record {
	r := Record{
		Kind: "item", ID: v.ID, Unit: v.Unit, Day: v.FirstTold, DutyKind: "disclose", Title: i18n.M("disclosure.record.item", "title", v.Title),
		Link: s.Link(v.Item, ""), Counts: v.FirstTold != civil.None && v.State == Up, Lines: []int{0, 1},
	}
	if v.Beyond {
		r.Kind = "beyond"
		r.Lines = []int{0}
	}
	if v.Ed != nil {
		r.Number = v.Ed.DocNumber
	}
	for _, list := range v.Photos {
		if len(list) > 0 && !v.Beyond {
			r.Lines = []int{0, 1, 2}
		}
	}
	if r.Day == civil.None {
		r.Day = s.clock.Today()
	}
	return r
}
