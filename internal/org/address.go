package org

import (
	"strconv"
	"strings"

	"dinh/internal/civil"
)

// Found is what an address leads to.
type Found struct {
	Unit *Unit      // as it is on Day
	Day  civil.Date // the day asked for, or the unit's last day where it has ended by then
	Rest []string   // what follows the unit's own address
	Path string     // the unit's address on Day; where it differs from the one asked for, the unit has been renamed since
}

// Ended reports whether the unit does not live on the day asked for: its page says so and names the successors.
func (r Found) Ended(on civil.Date) bool { return r.Day < on }

// Resolve is Find for routing: the unit and how many parts its address has; nil and 0 where there is none. A year that stands in the address as a part
// of its own says on which day to look.
func (dir *Directory) Resolve(day civil.Date, parts []string) (*Unit, int) {
	r, ok := dir.Find(parts, DayOf(parts, day))
	if !ok {
		return nil, 0
	}
	return r.Unit, len(parts) - len(r.Rest)
}

// Find finds the unit of an address, given as its parts, on a day: the longest chain of slugs. A slug means the holder of that day or, where there
// is none, the last one before; false where the first part names no unit up to the day. What begins later is not found.
func (dir *Directory) Find(parts []string, on civil.Date) (Found, bool) {
	st := dir.state.Load()
	var u *Unit
	day, n := on, 0
	for _, slug := range parts {
		v, d := st.find(u, slug, day)
		if v == nil {
			break
		}
		u, day = v, d
		n++
	}
	if u == nil {
		return Found{}, false
	}
	return Found{Unit: u, Day: day, Rest: parts[n:], Path: st.snapshot(day).pathOf(u)}, true
}

// find is the unit with the slug below base and the day on which to look at it.
func (st *state) find(base *Unit, slug string, on civil.Date) (*Unit, civil.Date) {
	if u := st.snapshot(on).bySlug(base, slug); u != nil {
		return u, on
	}
	var last *Unit
	look := func(rows []*Unit, village bool) {
		for _, u := range rows {
			if u.valid.From > on || (last != nil && end(u.valid.To) <= end(last.valid.To)) || (u.Kind == Village) != village {
				continue
			}
			if village || st.ix.baseOn(u, min(end(u.valid.To), on)) == idOf(base) {
				last = u
			}
		}
	}
	look(st.ix.bySlug[slug], false)
	if base != nil && last == nil {
		look(st.ix.bySlug[base.ID+"/"+slug], true)
	}
	if last == nil {
		return nil, on
	}
	u, _ := st.ix.unit(last.ID, on)
	return u, min(on, end(u.valid.To))
}

func idOf(u *Unit) string {
	if u == nil {
		return ""
	}
	return u.ID
}

// baseOn is the id of the unit below whose address the unit's stands on the day; see snapshot.base.
func (ix *index) baseOn(u *Unit, day civil.Date) string {
	if u.Kind == Village {
		return u.ParentID
	}
	id := ""
	for range maxDepth {
		h, ok := ix.byID[u.ParentID]
		if !ok {
			break
		}
		p := rowOn(ix.rows[h], day)
		if p == nil {
			break
		}
		id, u = p.ID, p
	}
	return id
}

// DayOf is the day on which an address without ?on= is resolved: today, or the last day of a year that stands in it as a part of its own, whether that
// year is past or to come.
func DayOf(parts []string, today civil.Date) civil.Date {
	for _, s := range parts {
		if y, ok := Year(s); ok && y != today.Year() {
			if d, ok := civil.New(y, 12, 31); ok {
				return d
			}
		}
	}
	return today
}

// Year reads a part of an address as a year, 1900 to 2999.
func Year(s string) (int, bool) {
	y, err := strconv.Atoi(s)
	return y, err == nil && len(s) == 4 && y >= 1900 && y <= 2999
}

// Path is the unit's address on the day, or on its last day before; "" where it is not known by then.
func (dir *Directory) Path(id string, on civil.Date) string {
	st := dir.state.Load()
	u, ok := st.ix.unit(id, on)
	if !ok {
		return ""
	}
	return st.snapshot(min(on, end(u.valid.To))).pathOf(u)
}

// Link is Path with ?on= where the plain address would lead a reader of the day to another unit or to none: the way to earlier and to coming holders
// of an address.
func (dir *Directory) Link(u *Unit, on civil.Date) string {
	st := dir.state.Load()
	day := min(max(on, u.valid.From), end(u.valid.To))
	path := st.snapshot(day).pathOf(u)
	if r, ok := dir.Find(strings.Split(path[1:], "/"), on); ok && r.Unit.ID == u.ID && len(r.Rest) == 0 {
		return path
	}
	return path + "?on=" + string(day)
}

// Before are the units that had the unit's address before it, newest first: as they were on their last day there.
func (dir *Directory) Before(u *Unit, on civil.Date) []*Unit {
	st := dir.state.Load()
	base := st.ix.baseOn(u, min(max(on, u.valid.From), end(u.valid.To)))
	var rows []*Unit
	for _, o := range st.ix.bySlug[slugKey(u)] {
		if o.ID != u.ID && o.valid.From <= on && o.valid.From < u.From && st.ix.baseOn(o, min(end(o.valid.To), on)) == base {
			rows = append(rows, o)
		}
	}
	return holders(rows, on)
}
