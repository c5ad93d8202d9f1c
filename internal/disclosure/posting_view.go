package disclosure

import (
	"context"
	"database/sql"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// PlaceView is what happened with an item at one of its places, for those who enter it.
type PlaceView struct {
	*View
	Place    Place
	At       PlaceCount
	Postings []Posting // of all editions, the latest first; struck ones too
	Tellings []Telling // likewise
	Reports  []Torn    // that the sheet here is missing or torn, not yet looked into
}

// Hanging is the posting whose sheet hangs there now, nil where none does. Of two editions it is the later one's.
func (p *PlaceView) Hanging() *Posting {
	var out *Posting
	for n := range p.Postings {
		x := &p.Postings[n]
		if x.Struck == civil.None && x.DownDay == civil.None && (out == nil || x.Edition > out.Edition) {
			out = x
		}
	}
	return out
}

// Next is the edition whose sheet is to be put up: the one that is up, or the approved one before the first publication; nil where none may hang.
func (v *View) Next() *Edition {
	var out *Edition
	for _, e := range v.Editions {
		if e.Number == v.Edition || v.Edition == 0 && e.State == Approved {
			out = e
		}
	}
	if v.State == Withdrawn {
		return nil
	}
	return out
}

// PlaceAt gives what happened at a place of an item. errs.NotFound for who may enter nothing of the item, errs.Forbidden where it is another's place.
func (s *Service) PlaceAt(ctx context.Context, actor access.Actor, item, key string) (out *PlaceView, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		v, err := s.enterable(ctx, q, actor, item)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(v.Places, func(p Place) bool { return p.Key == key })
		if n < 0 {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		if !s.mayEnter(actor, v.Places[n]) {
			return errs.E(errs.Forbidden, "disclosurepost.forbidden.place")
		}
		out = &PlaceView{View: v, Place: v.Places[n], At: v.Count.Places[n]}
		if out.Postings, err = readPostings(ctx, q, `item_id=$1 AND place=$2`, item, key); err != nil {
			return err
		}
		slices.Reverse(out.Postings)
		if out.Tellings, err = readTellings(ctx, q, `item_id=$1 AND place=$2`, item, key); err != nil {
			return err
		}
		slices.Reverse(out.Tellings)
		out.Reports, err = readTorn(ctx, q, `item_id=$1 AND place=$2 AND state='open' ORDER BY seen, id`, item, key)
		return err
	})
	return out, err
}

// Enterable gives an item at one of whose places the actor may enter what happens. errs.NotFound else.
func (s *Service) Enterable(ctx context.Context, actor access.Actor, item string) (v *View, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		v, err = s.enterable(ctx, q, actor, item)
		return err
	})
	return v, err
}

// EnterableByCode is Enterable for a short code in its clean form.
func (s *Service) EnterableByCode(ctx context.Context, actor access.Actor, code string) (v *View, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		i, err := readItem(ctx, q, `code=$1`, code)
		if err != nil {
			return err
		}
		v, err = s.enterable(ctx, q, actor, i.ID)
		return err
	})
	return v, err
}

// HeadsVillage reports whether the actor heads the village.
func (s *Service) HeadsVillage(actor access.Actor, unit string) bool {
	return actor.Holds(unit, access.VillageHead)
}

func (s *Service) enterable(ctx context.Context, q db.Querier, actor access.Actor, item string) (*View, error) {
	i, err := readItem(ctx, q, `id=$1`, item)
	if err != nil {
		return nil, err
	}
	if !s.MayWrite(actor, i.Unit) && !s.mayTell(ctx, q, actor, i) {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	list, err := s.views(ctx, q, []*Item{i}, true)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// EnterPlaces are the places of an item at which the actor may enter what happens, those at which a sheet hangs alone.
func (s *Service) EnterPlaces(actor access.Actor, v *View) []Place {
	var out []Place
	for _, p := range v.Places {
		if Hangs(p.Kind) && s.mayEnter(actor, p) {
			out = append(out, p)
		}
	}
	return out
}

// UsualPlace is the key of the place of an item at which the actor most likely stands: the village it heads, else the one it entered last; "" where nothing
// is known.
func (s *Service) UsualPlace(ctx context.Context, actor access.Actor, v *View) (string, error) {
	places := s.EnterPlaces(actor, v)
	if len(places) == 1 {
		return places[0].Key, nil
	}
	for _, p := range places {
		if p.AtUnit != "" && actor.Holds(p.AtUnit, access.VillageHead) {
			return p.Key, nil
		}
	}
	usual := ""
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		if usual == "" && slices.ContainsFunc(places, func(p Place) bool { return p.Key == key }) {
			usual = key
		}
		return err
	}, `SELECT place FROM disclosure_posting WHERE unit_id=$1 AND up_actor=$2 AND up_day>=$3 ORDER BY created DESC, id DESC LIMIT 20`,
		v.Unit, actor.ID, s.clock.Today().AddMonths(-6))
	return usual, err
}

// ToHang is an item with a place at which the actor enters what happens.
type ToHang struct {
	*View
	At PlaceCount
}

// toHangMost is how many items a phone shows.
const toHangMost = 60

// ToHangAt are the items that hang or must hang in the villages which the actor heads, those that wait first, then by the day on which they end. What is full
// is left out.
func (s *Service) ToHangAt(ctx context.Context, actor access.Actor) (out []ToHang, err error) {
	var villages []any
	for _, p := range actor.Posts {
		if p.Kind == access.VillageHead {
			villages = append(villages, p.Unit)
		}
	}
	if len(villages) == 0 {
		return nil, nil
	}
	err = s.db.Read(ctx, func(q db.Querier) error {
		n := len(villages)
		items, err := readItems(ctx, q, `id IN (SELECT item_id FROM disclosure_place WHERE at_unit IN `+db.In(n, 1)+`) AND (state='up' OR state='draft' AND
			EXISTS (SELECT 1 FROM disclosure_edition e WHERE e.item_id=disclosure_item.id AND e.state='approved')) ORDER BY created DESC, id LIMIT 200`, villages...)
		if err != nil {
			return err
		}
		views, err := s.views(ctx, q, items, false)
		if err != nil {
			return err
		}
		today := s.clock.Today()
		out = nil
		for _, v := range views {
			for _, c := range v.Count.Places {
				if !slices.Contains(villages, any(c.Place.AtUnit)) || c.Full != civil.None && !c.Up || v.Withdrawn != civil.None {
					continue
				}
				out = append(out, ToHang{v, c})
			}
		}
		rank := func(h ToHang) int {
			switch h.At.Progress(today) {
			case ToBePosted, RemovedEarly:
				return 0
			case Full:
				return 2
			default:
				return 1
			}
		}
		slices.SortStableFunc(out, func(a, b ToHang) int { return rank(a) - rank(b) })
		out = out[:min(len(out), toHangMost)]
		return nil
	})
	return out, err
}

// Drops are the items of a unit for which photos may be dropped: up or approved, with a place at which a sheet hangs, newest first.
func (s *Service) Drops(ctx context.Context, actor access.Actor, unit string) (out []*Item, err error) {
	if err := s.writable(actor, unit); err != nil {
		return nil, err
	}
	return readItems(ctx, s.db, `unit_id=$1 AND (state='up' OR state='draft' AND
		EXISTS (SELECT 1 FROM disclosure_edition e WHERE e.item_id=disclosure_item.id AND e.state='approved'))
		AND EXISTS (SELECT 1 FROM disclosure_place p WHERE p.item_id=disclosure_item.id AND p.kind IN ('office','village','board'))
		ORDER BY CASE WHEN published='' THEN '9999' ELSE published END DESC, id DESC LIMIT 100`, unit)
}

// EnterUnits are the units for which the actor may enter postings: those of its posts, in their order, villages below a commune left out.
func (s *Service) EnterUnits(actor access.Actor) []*org.Unit {
	var out []*org.Unit
	for _, id := range actor.Units() {
		if !s.MayWrite(actor, id) {
			continue
		}
		if u, ok := s.units.Unit(id, s.clock.Today()); ok {
			out = append(out, u)
		}
	}
	return out
}

// QuestionCount is how many questions an item got from the day on, for the record of the end of posting.
func (s *Service) QuestionCount(ctx context.Context, item string, from, to civil.Date) (n int, err error) {
	err = s.db.QueryRow(ctx, `SELECT COUNT(*) FROM disclosure_question WHERE item_id=$1 AND day>=$2 AND day<=$3`, item, from, to).Scan(&n)
	return n, err
}
