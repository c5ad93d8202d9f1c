package disclosure

import (
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// The beginnings of keys of places of which a unit has more than one.
const (
	villagePrefix = "v:"
	boardPrefix   = "b:"
)

// VillageKey is the key of a village's place.
func VillageKey(unit string) string { return villagePrefix + unit }

// BoardKey is the key of a notice board.
func BoardKey(id string) string { return boardPrefix + id }

// ParseKey is the kind of a place and the id in its key: of the village, of the Board, "" for places of which a unit has only one. ok is false where it is
// no key.
func ParseKey(key string) (kind, id string, ok bool) {
	if id, ok := strings.CutPrefix(key, villagePrefix); ok {
		return PlaceVillage, id, id != ""
	}
	if id, ok := strings.CutPrefix(key, boardPrefix); ok {
		return PlaceBoard, id, id != ""
	}
	switch key {
	case PlaceOffice, PlaceWebsite, PlaceLoudspeaker, PlaceVillageHead, PlaceMeeting, PlaceWritten:
		return key, "", true
	}
	return "", "", false
}

// Label names the place: a village or a board by its name, others by the word for their kind.
func (p Place) Label() i18n.Msg {
	if p.Name != "" {
		return i18n.M("disclosure.at.named", "name", p.Name)
	}
	return i18n.M("disclosure.place." + p.Kind)
}

// Offers are the places at which a unit can tell something to an audience on a day, in the order of forms: its office, the villages of the tree, its notice
// boards of that day, this site, the loudspeakers, and the ways that leave no sheet. Need and Item are for the caller to fill. A village has its own
// meeting place instead of an office and of villages; what is for staff alone hangs in no village.
func Offers(tree *org.Tree, unit string, audience Audience, day civil.Date, boards []Board) []Place {
	u, ok := tree.ByID(unit)
	if !ok {
		return nil
	}
	var out []Place
	add := func(p Place) {
		p.Unit, p.Position = unit, len(out)
		out = append(out, p)
	}
	village := func(v *org.Unit) {
		if v.Kind == org.Village && audience == Everybody {
			add(Place{Key: VillageKey(v.ID), Kind: PlaceVillage, AtUnit: v.ID, Name: v.Name})
		}
	}
	if u.Kind != org.Village {
		add(Place{Key: PlaceOffice, Kind: PlaceOffice})
	}
	village(u)
	for _, v := range tree.Children(unit) {
		village(v)
	}
	for _, b := range boards {
		if b.Unit == unit && b.Has(day) && (b.Audience == audience || audience == Staff) {
			add(Place{Key: BoardKey(b.ID), Kind: PlaceBoard, Name: b.Name})
		}
	}
	for _, kind := range []string{PlaceWebsite, PlaceLoudspeaker, PlaceVillageHead, PlaceMeeting, PlaceWritten} {
		if kind == PlaceVillageHead && (audience == Staff || u.Kind != org.Commune && u.Kind != org.Village) {
			continue
		}
		add(Place{Key: kind, Kind: kind})
	}
	return out
}
