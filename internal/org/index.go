package org

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"dinh/internal/civil"
)

// index is all that the database says of units at one moment, over all days. It never changes; a reload makes the next one.
type index struct {
	epoch   int64
	rows    [][]*Unit        // by handle: the unit's rows, oldest first
	byID    map[string]int32 // handles
	byCode  map[string][]*Unit
	bySlug  map[string][]*Unit // a village under "commune id/slug", all others under their slug
	order   []*Unit            // all rows in Vietnamese order
	changes []civil.Date       // days on which some tree begins to differ, in order
	after   map[string][]*Succession
	before  map[string][]*Succession
}

func slugKey(u *Unit) string {
	if u.Kind == Village {
		return u.ParentID + "/" + u.Slug
	}
	return u.Slug
}

func byName(a, b *Unit) int {
	return cmp.Or(strings.Compare(a.SortKey, b.SortKey), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID), strings.Compare(string(a.valid.From), string(b.valid.From)))
}

// next is the index with some units' rows put in place of what was there, and successions added. rows must be grouped by unit, oldest first.
func (ix *index) next(epoch int64, rows []*Unit, succ []*Succession) *index {
	out := &index{epoch: epoch}
	if ix == nil {
		ix = &index{}
		out.byID = make(map[string]int32, len(rows))
		out.byCode = make(map[string][]*Unit, len(rows))
		out.bySlug = make(map[string][]*Unit, len(rows))
		out.after = map[string][]*Succession{}
		out.before = map[string][]*Succession{}
	} else {
		out.byID = maps.Clone(ix.byID)
		out.byCode = maps.Clone(ix.byCode)
		out.bySlug = maps.Clone(ix.bySlug)
		out.after = maps.Clone(ix.after)
		out.before = maps.Clone(ix.before)
	}
	out.rows = slices.Clone(ix.rows)
	gone := map[*Unit]bool{}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].ID == rows[0].ID {
			n++
		}
		mine := rows[:n:n]
		rows = rows[n:]
		h, ok := out.byID[mine[0].ID]
		if !ok {
			h = int32(len(out.rows))
			out.byID[mine[0].ID] = h
			out.rows = append(out.rows, nil)
		}
		for _, old := range out.rows[h] {
			gone[old] = true
			drop(out.byCode, old.Code, old)
			drop(out.bySlug, slugKey(old), old)
		}
		out.rows[h] = mine
		for _, u := range mine {
			u.at = h
			put(out.byCode, u.Code, u)
			put(out.bySlug, slugKey(u), u)
			out.order = append(out.order, u)
		}
	}
	slices.SortFunc(out.order, byName)
	out.order = merge(ix.order, gone, out.order)
	for _, s := range succ {
		put(out.after, s.Old, s)
		put(out.before, s.New, s)
	}
	out.days()
	return out
}

// put and drop leave the old slice alone, because the index before still reads it.
func put[T any](m map[string][]*T, key string, v *T) {
	m[key] = append(slices.Clip(m[key]), v)
}

func drop[T any](m map[string][]*T, key string, v *T) {
	kept := slices.DeleteFunc(slices.Clone(m[key]), func(x *T) bool { return x == v })
	if len(kept) == 0 {
		delete(m, key)
		return
	}
	m[key] = kept
}

// merge joins two lists in order, leaving out what is gone from the first.
func merge(a []*Unit, gone map[*Unit]bool, b []*Unit) []*Unit {
	out := make([]*Unit, 0, len(a)+len(b))
	for _, u := range a {
		if gone[u] {
			continue
		}
		for len(b) > 0 && byName(b[0], u) < 0 {
			out = append(out, b[0])
			b = b[1:]
		}
		out = append(out, u)
	}
	return append(out, b...)
}

func (ix *index) days() {
	set := map[civil.Date]bool{}
	for _, rows := range ix.rows {
		for _, u := range rows {
			set[u.valid.From] = true
			if u.valid.To != civil.None {
				set[u.valid.To.Add(1)] = true
			}
		}
	}
	ix.changes = slices.Sorted(maps.Keys(set))
}

// run is which run of unchanging days the day lies in.
func (ix *index) run(day civil.Date) int {
	n, exact := slices.BinarySearch(ix.changes, day)
	if exact {
		return n + 1
	}
	return n
}
