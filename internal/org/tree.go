package org

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
)

// Tree is the tree of one day. It never changes and is safe for concurrent use; making one from a Directory costs next to nothing.
type Tree struct {
	*snapshot
	day civil.Date
}

// snapshot is the tree of a run of days on which nothing changes. Units are known by handle, a small number that all snapshots share.
type snapshot struct {
	ix     *index
	units  []*Unit // by handle; nil where the unit does not live on these days
	parent []int32 // by handle; -1 for roots
	all    []*Unit // in Vietnamese order
	start  []int32 // by handle: where its children begin in kids
	kids   []*Unit // grouped by parent, in Vietnamese order
	roots  []*Unit
	watch  map[int32][]string // by handle: bodies of the Front and the unions directly below
}

func newSnapshot(ix *index, day civil.Date) *snapshot {
	n := len(ix.rows)
	s := &snapshot{ix: ix, units: make([]*Unit, n), parent: make([]int32, n), start: make([]int32, n+1), watch: map[int32][]string{}}
	for h, rows := range ix.rows {
		s.units[h] = rowOn(rows, day)
	}
	live := 0
	for h, u := range s.units {
		s.parent[h] = -1
		if u == nil {
			continue
		}
		live++
		if p, ok := ix.byID[u.ParentID]; ok && s.units[p] != nil {
			s.parent[h] = p
			s.start[p+1]++
		}
	}
	for h := range n {
		s.start[h+1] += s.start[h]
	}
	s.all = make([]*Unit, 0, live)
	s.kids = make([]*Unit, s.start[n])
	next := slices.Clone(s.start)
	for _, u := range ix.order {
		if s.units[u.at] != u {
			continue
		}
		s.all = append(s.all, u)
		if p := s.parent[u.at]; p >= 0 {
			s.kids[next[p]] = u
			next[p]++
			if u.Kind == Front || u.Kind == Union {
				s.watch[p] = append(s.watch[p], u.ID)
			}
		} else {
			s.roots = append(s.roots, u)
		}
	}
	return s
}

// rowOn is the row in force on the day, nil where there is none. Rows are few.
func rowOn(rows []*Unit, day civil.Date) *Unit {
	for _, u := range slices.Backward(rows) {
		if u.valid.From <= day {
			if day <= end(u.valid.To) {
				return u
			}
			return nil
		}
	}
	return nil
}

// Day is the day whose tree it is.
func (t *Tree) Day() civil.Date { return t.day }

// Key names what the tree says: two trees with the same key are the same. It changes with the units and with the day.
func (t *Tree) Key() string {
	return strconv.FormatInt(t.ix.epoch, 10) + ":" + strconv.Itoa(t.ix.run(t.day))
}

// Len is the number of units.
func (t *Tree) Len() int { return len(t.all) }

// All are all units in Vietnamese order of their names. Do not change the slice.
func (t *Tree) All() []*Unit { return t.all }

// Roots are the units under none (the province), in Vietnamese order.
func (t *Tree) Roots() []*Unit { return t.roots }

// Root is the first root, nil in an empty tree.
func (t *Tree) Root() *Unit {
	if len(t.roots) == 0 {
		return nil
	}
	return t.roots[0]
}

// ByID is the unit as it is on the day; false where it does not live.
func (t *Tree) ByID(id string) (*Unit, bool) {
	h, ok := t.ix.byID[id]
	if !ok || t.units[h] == nil {
		return nil, false
	}
	return t.units[h], true
}

// ByCode is the unit that holds the code on the day.
func (t *Tree) ByCode(code string) (*Unit, bool) {
	for _, u := range t.ix.byCode[code] {
		if t.units[u.at] == u {
			return u, true
		}
	}
	return nil, false
}

// Parent is the unit above, nil for a root or an unknown id.
func (t *Tree) Parent(id string) *Unit {
	h, ok := t.ix.byID[id]
	if !ok || t.units[h] == nil || t.parent[h] < 0 {
		return nil
	}
	return t.units[t.parent[h]]
}

// Children are the units directly below, in Vietnamese order. Do not change the slice.
func (t *Tree) Children(id string) []*Unit {
	h, ok := t.ix.byID[id]
	if !ok {
		return nil
	}
	return t.childrenAt(h)
}

func (t *Tree) childrenAt(h int32) []*Unit { return t.kids[t.start[h]:t.start[h+1]:t.start[h+1]] }

// Above are the ids of the units above, nearest first, up to the root.
func (t *Tree) Above(id string) []string {
	h, ok := t.ix.byID[id]
	if !ok || t.units[h] == nil {
		return nil
	}
	var out []string
	for h = t.parent[h]; h >= 0; h = t.parent[h] {
		out = append(out, t.units[h].ID)
	}
	return out
}

// Top is the root above the unit, the unit itself where it is one; nil for an unknown id.
func (t *Tree) Top(id string) *Unit {
	h, ok := t.ix.byID[id]
	if !ok || t.units[h] == nil {
		return nil
	}
	for t.parent[h] >= 0 {
		h = t.parent[h]
	}
	return t.units[h]
}

// Under reports whether the unit is the root given or stands below it.
func (t *Tree) Under(id, root string) bool {
	h, ok := t.ix.byID[id]
	r, ok2 := t.ix.byID[root]
	if !ok || !ok2 || t.units[h] == nil {
		return false
	}
	for h >= 0 {
		if h == r {
			return true
		}
		h = t.parent[h]
	}
	return false
}

// Subtree are the unit and all below it, a parent always before its children, siblings in Vietnamese order; nil for an unknown id.
func (t *Tree) Subtree(id string) []*Unit { return slices.Collect(t.Walk(id)) }

// Walk goes over Subtree without making a list.
func (t *Tree) Walk(id string) iter.Seq[*Unit] {
	return func(yield func(*Unit) bool) {
		if u, ok := t.ByID(id); ok {
			t.walk(u, yield)
		}
	}
}

func (t *Tree) walk(u *Unit, yield func(*Unit) bool) bool {
	if !yield(u) {
		return false
	}
	for _, c := range t.childrenAt(u.at) {
		if !t.walk(c, yield) {
			return false
		}
	}
	return true
}

// base is the unit below whose address the unit's own stands: a village's commune, the province of all others, nil for a root.
func (s *snapshot) base(u *Unit) *Unit {
	h := s.parent[u.at]
	if h < 0 {
		return nil
	}
	if u.Kind != Village {
		for s.parent[h] >= 0 {
			h = s.parent[h]
		}
	}
	return s.units[h]
}

// Path is the unit's address on the day: "/dien-bien/xa-thanh-nua", "/dien-bien/xa-thanh-nua/ban-men"; "" where it does not live. A unit that has
// ended has Directory.Path.
func (t *Tree) Path(id string) string {
	u, ok := t.ByID(id)
	if !ok {
		return ""
	}
	return t.pathOf(u)
}

func (s *snapshot) pathOf(u *Unit) string {
	var parts [4]string
	n := 0
	for ; u != nil && n < len(parts); u = s.base(u) {
		parts[n] = u.Slug
		n++
	}
	slices.Reverse(parts[:n])
	return "/" + strings.Join(parts[:n], "/")
}

// bySlug is the unit with the slug below base (nil for roots) on these days.
func (s *snapshot) bySlug(base *Unit, slug string) *Unit {
	for _, u := range s.ix.bySlug[slug] {
		if s.units[u.at] == u && s.base(u) == base && u.Kind != Village {
			return u
		}
	}
	if base != nil {
		for _, u := range s.ix.bySlug[base.ID+"/"+slug] {
			if s.units[u.at] == u {
				return u
			}
		}
	}
	return nil
}

// Place is where an action on a record of the unit happens; Focal, Issuer and State are the caller's to fill. An unknown id gives a Place at which
// nobody may do anything.
func (t *Tree) Place(id string) access.Place {
	u, ok := t.ByID(id)
	if !ok {
		return access.Place{}
	}
	p := access.Place{Unit: u.ID, Above: t.Above(id), Kind: u.Kind, Manager: u.ManagerID, Watch: t.watch[u.at]}
	for _, a := range p.Above {
		if w := t.watch[t.ix.byID[a]]; len(w) > 0 {
			p.Watch = append(slices.Clip(p.Watch), w...)
		}
	}
	return p
}
