package disclosure

import (
	"context"
	"slices"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// PlacesTx changes the places of an item at any time before it is withdrawn: more can be added, and those can go at which nothing has happened. version is the item's.
func (s *Service) PlacesTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, version int, keys []string) error {
	i, err := s.itemTx(ctx, tx, actor, item, version)
	if err != nil {
		return err
	}
	if i.State == Withdrawn {
		return errs.E(errs.Conflict, "disclosureitem.withdrawn_already")
	}
	var l errs.List
	places, err := s.choose(ctx, tx, i, keys, &l)
	if err != nil {
		return err
	}
	if len(places) == 0 && len(l.Fields) == 0 {
		l.Add("places", "disclosureitem.places_needed")
	}
	if err := l.Err(); err != nil {
		return err
	}
	if err := s.setPlacesTx(ctx, tx, i, places); err != nil {
		return err
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return err
	}
	if i.State == Up {
		if err := s.tellVillagesTx(ctx, tx, actor, i, "post"); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, actor, i, "places", map[string]any{"places": placeKeys(places)})
}

// OfferedPlaces are the places at which the unit can tell something to the audience today.
func (s *Service) OfferedPlaces(ctx context.Context, unit string, audience Audience) ([]Place, error) {
	return s.offered(ctx, s.db, unit, audience)
}

func (s *Service) offered(ctx context.Context, q db.Querier, unit string, audience Audience) ([]Place, error) {
	boards, err := readBoards(ctx, q, unit)
	if err != nil {
		return nil, err
	}
	today := s.clock.Today()
	tree := s.units.TreeOf(unit, today)
	return Offers(tree, unit, audience, min(today, tree.Day()), boards), nil
}

// Preselect are the keys of the places that the law's forms ask for; of all that hang and of this site where the matter is the unit's own.
func Preselect(r Requirements, offers []Place) []string {
	var out []string
	for _, p := range offers {
		if p.Kind == PlaceWebsite || slices.Contains(r.Forms, FormOf(p.Kind)) || len(r.Forms) == 0 && Hangs(p.Kind) {
			out = append(out, p.Key)
		}
	}
	return out
}

// choose makes places of keys. Places that the item has stay possible when they are no longer offered.
func (s *Service) choose(ctx context.Context, q db.Querier, i *Item, keys []string, l *errs.List) ([]Place, error) {
	offers, err := s.offered(ctx, q, i.Unit, i.Audience)
	if err != nil {
		return nil, err
	}
	old, err := readPlaces(ctx, q, i.ID)
	if err != nil {
		return nil, err
	}
	var out []Place
	for _, key := range keys {
		if slices.ContainsFunc(out, func(p Place) bool { return p.Key == key }) {
			continue
		}
		has := func(p Place) bool { return p.Key == key }
		if n := slices.IndexFunc(old, has); n >= 0 && i.State != Draft {
			out = append(out, old[n])
		} else if n := slices.IndexFunc(offers, has); n >= 0 {
			p := offers[n]
			p.Item, p.Need = i.ID, i.NeedAt(p.Kind)
			out = append(out, p)
		} else if kind, _, _ := ParseKey(key); i.Audience == Staff && (kind == PlaceVillage || kind == PlaceVillageHead) {
			l.Add("places", "disclosureitem.place_public")
			return nil, nil
		} else {
			l.Add("places", "disclosureitem.place_unknown")
			return nil, nil
		}
	}
	slices.SortStableFunc(out, func(a, b Place) int { return a.Position - b.Position })
	return out, nil
}

// setPlacesTx stores the item's places. Those at which something has happened cannot go.
func (s *Service) setPlacesTx(ctx context.Context, tx *db.Tx, i *Item, places []Place) error {
	old, err := readPlaces(ctx, tx, i.ID)
	if err != nil {
		return err
	}
	for _, p := range old {
		if slices.ContainsFunc(places, func(x Place) bool { return x.Key == p.Key }) {
			continue
		}
		var n int
		err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM disclosure_posting WHERE item_id=$1 AND place=$2 AND struck='')
			+ (SELECT COUNT(*) FROM disclosure_telling WHERE item_id=$1 AND place=$2 AND struck='')`, i.ID, p.Key).Scan(&n)
		if err != nil {
			return err
		}
		if n > 0 {
			return errs.At("places", "disclosureitem.place_used", "place", p.Label())
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM disclosure_place WHERE item_id=$1`, i.ID); err != nil {
		return err
	}
	for n, p := range places {
		p.Item, p.Position = i.ID, n
		if err := insertPlace(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

func placeKeys(places []Place) []string {
	out := make([]string, len(places))
	for n, p := range places {
		out[n] = p.Key
	}
	return out
}
