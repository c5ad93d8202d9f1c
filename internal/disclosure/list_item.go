package disclosure

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/law"
	"dinh/internal/org"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Link is the address of the item's page, or of a page below it ("/hoi"), without language. It stands below the address that the unit had in the item's
// year, so that a merger or another name takes it from nobody.
func (s *Service) Link(i *Item, rest string) string {
	today := s.clock.Today()
	day := today
	if i.Year < today.Year() {
		if last, ok := civil.New(i.Year, 12, 31); ok {
			day = last
		}
	}
	path := s.units.Path(i.Unit, day)
	if path == "" { // the unit is younger than the item's year
		path, day = s.units.Path(i.Unit, today), today
	}
	out := path + i.Path() + rest
	// Another unit may have the address by then: the day says whose it is.
	if r, ok := s.units.Find(strings.Split(strings.TrimPrefix(path, "/"), "/"), org.DayOf([]string{itoa(i.Year)}, today)); !ok || r.Unit.ID != i.Unit {
		if u, ok := s.units.Unit(i.Unit, day); ok && u.To != civil.None && u.To < day {
			day = u.To
		}
		out += "?on=" + string(day)
	}
	return out
}

// holders are the units that may have had items at the unit's address: itself, then those before it.
func (s *Service) holders(u *org.Unit, on civil.Date) []string {
	out := []string{u.ID}
	for _, x := range s.units.Before(u, on) {
		out = append(out, x.ID)
	}
	return out
}

// at reads the item of an address below a unit: the unit's own, else one of the units that had the address before it.
func (s *Service) at(ctx context.Context, q db.Querier, actor access.Actor, u *org.Unit, on civil.Date, year int, slug string) (*Item, error) {
	units := s.holders(u, on)
	items, err := readItems(ctx, q, `year=$1 AND slug=$2 AND unit_id IN `+db.In(len(units), 3), append([]any{year, slug}, db.Args(units)...)...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(items, func(a, b *Item) int { return slices.Index(units, a.Unit) - slices.Index(units, b.Unit) })
	for _, i := range items {
		if s.MaySee(actor, i) || s.mayTell(ctx, q, actor, i) {
			return i, nil
		}
	}
	return nil, errs.E(errs.NotFound, "disclosure.none")
}

// PageView is an item with what its own page shows beside a View.
type PageView struct {
	*View
	Dues      []law.Due // the deadlines as they were set when the item was made, with their explanation
	Questions []Question
	Contact   string   // whom people may ask, as the unit says
	Changes   []Change // against the edition that was up before
}

// At gives the item of an address below the unit with all that its page shows. errs.NotFound for who may not see it, as for what does not exist.
func (s *Service) At(ctx context.Context, actor access.Actor, u *org.Unit, on civil.Date, year int, slug string) (*PageView, error) {
	var out *PageView
	err := s.db.Read(ctx, func(q db.Querier) error {
		i, err := s.at(ctx, q, actor, u, on, year, slug)
		if err != nil {
			return err
		}
		list, err := s.views(ctx, q, []*Item{i}, true)
		if err != nil {
			return err
		}
		out = &PageView{View: list[0]}
		if err := s.fillFiles(ctx, q, out.View); err != nil {
			return err
		}
		if err := out.compare(ctx, q); err != nil {
			return err
		}
		dues, err := law.StoredFor(ctx, q, "disclosure", i.ID)
		if err != nil {
			return err
		}
		for _, d := range dues {
			out.Dues = append(out.Dues, d.Due)
		}
		set, err := readSetting(ctx, q, i.Unit)
		if err != nil {
			return err
		}
		out.Contact = set.Contact
		out.Questions, err = readQuestions(ctx, q, `item_id=$1 AND state IN ('open','answered') ORDER BY created, id`, i.ID)
		return err
	})
	return out, err
}

// compare finds what the edition that is up says otherwise than the one before.
func (v *PageView) compare(ctx context.Context, q db.Querier) error {
	var old *Edition
	for _, e := range v.Editions {
		if e.Number < v.Edition && e.Published != civil.None && v.Ed.Number == v.Edition {
			old = e
		}
	}
	if old == nil {
		return nil
	}
	files, err := readFiles(ctx, q, `edition_id=$1`, old.ID)
	if err == nil {
		v.Changes = Changes(old, v.Ed, files, v.Files)
	}
	return err
}

// fillFiles finds the attachments that readers get.
func (s *Service) fillFiles(ctx context.Context, q db.Querier, v *View) error {
	if s.files == nil || len(v.Files) == 0 {
		return nil
	}
	var ids []string
	for _, f := range v.Files {
		if f.Shown != "" {
			ids = append(ids, f.Shown)
		}
	}
	all, err := s.files.ByIDs(ctx, q, ids...)
	for n := range v.Files {
		v.Files[n].At = all[v.Files[n].Shown]
	}
	return err
}

// Head is an item of an address with the edition that is up, for the pages below it that need no more.
func (s *Service) Head(ctx context.Context, actor access.Actor, u *org.Unit, on civil.Date, year int, slug string) (*Item, *Edition, error) {
	var i *Item
	var e *Edition
	err := s.db.Read(ctx, func(q db.Querier) (err error) {
		if i, err = s.at(ctx, q, actor, u, on, year, slug); err != nil {
			return err
		}
		list, err := readEditions(ctx, q, `item_id=$1 AND number=$2`, i.ID, i.Edition)
		if err == nil && len(list) > 0 {
			e = list[0]
		}
		return err
	})
	return i, e, err
}

// ShownFile is the attachment that a reader of the item gets for one of its files: only of the edition that is up, and not of what was withdrawn.
func (s *Service) ShownFile(ctx context.Context, i *Item, file string) (string, error) {
	none := errs.E(errs.NotFound, "disclosure.none")
	if i.State != Up {
		return "", none
	}
	list, err := readFiles(ctx, s.db, `id=$1 AND edition_id IN (SELECT id FROM disclosure_edition WHERE item_id=$2 AND number=$3)`, file, i.ID, i.Edition)
	if err == nil && (len(list) == 0 || list[0].Shown == "") {
		err = none
	}
	if err != nil {
		return "", err
	}
	return list[0].Shown, nil
}

// ContactOf is whom people may ask about what the unit discloses, as it says itself; "" where it has not said.
func (s *Service) ContactOf(ctx context.Context, unit string) (string, error) {
	set, err := readSetting(ctx, s.db, unit)
	return set.Contact, err
}
