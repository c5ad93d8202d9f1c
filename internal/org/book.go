package org

import (
	"context"
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
)

// book is the units that a command reads and changes, in memory, with the rules that every change keeps. Units come from the database as they are asked
// for; an import reads them all at once. A book belongs to one transaction.
type book struct {
	ctx     context.Context
	q       db.Querier // nil where all is read
	all     map[string]*entry
	code    map[string][]*entry      // by codes ever held
	slug    map[string][]*entry      // by slugs ever held, whatever the base
	kids    map[string][]*entry      // by parents ever had
	man     map[string][]*entry      // by managing authorities ever had
	asked   map[string]bool          // what was read by code, slug and parent: "code:…"
	succ    []*Succession            // new ones
	after   map[string][]*Succession // what became of units, new ones included, as far as it was read
	rebased []*entry                 // units whose unit above has changed
	newID   func() string
	err     error // the first fault of the database
}

// entry is one unit in a book.
type entry struct {
	id, kind         string
	life             civil.Span
	beginAct, endAct string
	version          int
	rows             []Unit // oldest first, without gap or overlap
	fresh            bool   // not in the database
	dirty            bool
	line             int // the line of the file that speaks of it
}

func newBook(ctx context.Context, q db.Querier, newID func() string) *book {
	return &book{ctx: ctx, q: q, newID: newID, all: map[string]*entry{}, code: map[string][]*entry{}, slug: map[string][]*entry{}, kids: map[string][]*entry{}, man: map[string][]*entry{}, asked: map[string]bool{}, after: map[string][]*Succession{}}
}

// wholeBook reads all units.
func wholeBook(ctx context.Context, q db.Querier, newID func() string) (*book, error) {
	b := newBook(ctx, nil, newID)
	entries, err := loadEntries(ctx, q, "")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		b.add(e)
	}
	succ, err := readSuccessions(ctx, q, -1)
	for _, s := range succ {
		b.after[s.Old] = append(b.after[s.Old], s)
	}
	return b, err
}

// add puts an entry into the book and its maps; one that is there already stays.
func (b *book) add(e *entry) {
	if b.all[e.id] == nil {
		b.all[e.id] = e
		b.note(e)
	}
}

// note brings the maps up to date; they may name more than is true, never less.
func (b *book) note(e *entry) {
	for i := range e.rows {
		for _, m := range []struct {
			m   map[string][]*entry
			key string
		}{{b.code, e.rows[i].Code}, {b.slug, bookSlug(e.kind, &e.rows[i])}, {b.kids, e.rows[i].ParentID}, {b.man, e.rows[i].ManagerID}} {
			if m.key != "" && !slices.Contains(m.m[m.key], e) {
				m.m[m.key] = append(m.m[m.key], e)
			}
		}
	}
}

func (b *book) read(key, where string, arg string) {
	if b.q == nil || b.err != nil || b.asked[key] {
		return
	}
	b.asked[key] = true
	entries, err := loadEntries(b.ctx, b.q, where, arg)
	if err != nil {
		b.err = err
		return
	}
	for _, e := range entries {
		b.add(e)
	}
}

func (b *book) get(id string) *entry {
	if id == "" {
		return nil
	}
	if e, ok := b.all[id]; ok {
		return e
	}
	b.read("id:"+id, `WHERE u.id = $1`, id)
	return b.all[id]
}

func (b *book) withCode(code string) []*entry {
	b.read("code:"+code, `WHERE u.id IN (SELECT unit_id FROM unit_row WHERE code = $1)`, code)
	return b.code[code]
}

// withSlug are the units that ever had the slug, of villages those below the same commune.
func (b *book) withSlug(kind, parent, slug string) []*entry {
	if kind == Village {
		b.withParent(parent)
		return b.slug[parent+"/"+slug]
	}
	b.read("slug:"+slug, `WHERE u.id IN (SELECT unit_id FROM unit_row WHERE slug = $1)`, slug)
	return b.slug[slug]
}

func bookSlug(kind string, u *Unit) string {
	switch {
	case u.Slug == "":
		return ""
	case kind == Village:
		return u.ParentID + "/" + u.Slug
	}
	return u.Slug
}

func (b *book) withParent(id string) []*entry {
	if id == "" {
		return nil
	}
	b.read("kids:"+id, `WHERE u.id IN (SELECT unit_id FROM unit_row WHERE parent_id = $1)`, id)
	return b.kids[id]
}

func (b *book) managedBy(id string) []*entry {
	b.read("manager:"+id, `WHERE u.id IN (SELECT unit_id FROM unit_row WHERE manager_id = $1)`, id)
	return b.man[id]
}

// holder is the unit with the code on the day.
func (b *book) holder(code string, day civil.Date) *entry {
	for _, e := range b.withCode(code) {
		if u := e.on(day); u != nil && u.Code == code {
			return e
		}
	}
	return nil
}

// touched are the changed entries in a fixed order.
func (b *book) touched() []*entry {
	var out []*entry
	for _, e := range b.all {
		if e.dirty {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(x, y *entry) int { return strings.Compare(x.id, y.id) })
	return out
}

// on is the row in force on the day, nil where the unit does not live.
func (e *entry) on(day civil.Date) *Unit {
	for i := len(e.rows) - 1; i >= 0; i-- {
		if u := &e.rows[i]; u.valid.From <= day {
			if day <= end(u.valid.To) {
				return u
			}
			return nil
		}
	}
	return nil
}

// at is the row on the day or the nearest one: what to call the unit.
func (e *entry) near(day civil.Date) *Unit {
	for i := len(e.rows) - 1; i >= 0; i-- {
		if e.rows[i].valid.From <= day {
			return &e.rows[i]
		}
	}
	return &e.rows[0]
}

func (e *entry) last() *Unit { return &e.rows[len(e.rows)-1] }

// create adds a unit that lives for the span. u says everything but id, slug and sort key; an empty slug is made by finish.
func (b *book) create(u Unit, life civil.Span, act string) *entry {
	e := &entry{id: b.newID(), kind: u.Kind, life: life, beginAct: act, version: 1, fresh: true, dirty: true}
	u.ID, u.Span, u.valid = e.id, life, life
	u.SortKey = i18n.SortKey(u.Name)
	slices.Sort(u.Flags)
	e.rows = []Unit{u}
	b.add(e)
	return e
}

// Patch says what changes of a unit from a day on; nil leaves a thing as it is.
type Patch struct {
	Code, Slug, Name, NameEN *string
	ParentID, ManagerID      *string
	Flags                    *[]string
	Staff, Workers           *int
}

// change lets the patch hold from the day on: each thing until the day on which it was to change again anyway. The unit must live on the day.
func (b *book) change(e *entry, from civil.Date, p Patch) {
	i := e.cut(from)
	set(e.rows[i:], p.Code, func(u *Unit) *string { return &u.Code })
	set(e.rows[i:], p.Slug, func(u *Unit) *string { return &u.Slug })
	set(e.rows[i:], p.Name, func(u *Unit) *string { return &u.Name })
	set(e.rows[i:], p.NameEN, func(u *Unit) *string { return &u.NameEN })
	set(e.rows[i:], p.ParentID, func(u *Unit) *string { return &u.ParentID })
	set(e.rows[i:], p.ManagerID, func(u *Unit) *string { return &u.ManagerID })
	set(e.rows[i:], p.Staff, func(u *Unit) *int { return &u.Staff })
	set(e.rows[i:], p.Workers, func(u *Unit) *int { return &u.Workers })
	if p.Flags != nil {
		flags := slices.Sorted(slices.Values(*p.Flags))
		old := e.rows[i].Flags
		for j := i; j < len(e.rows) && slices.Equal(e.rows[j].Flags, old); j++ {
			e.rows[j].Flags = flags
		}
	}
	for j := range e.rows {
		e.rows[j].SortKey = i18n.SortKey(e.rows[j].Name)
	}
	e.join()
	e.dirty = true
	b.note(e)
	if p.ParentID != nil {
		b.rebased = append(b.rebased, e)
	}
}

func set[T comparable](rows []Unit, v *T, field func(*Unit) *T) {
	if v == nil {
		return
	}
	old := *field(&rows[0])
	for i := range rows {
		if *field(&rows[i]) != old {
			return
		}
		*field(&rows[i]) = *v
	}
}

// cut makes a row begin on the day and returns its place.
func (e *entry) cut(day civil.Date) int {
	for i := len(e.rows) - 1; i >= 0; i-- {
		u := e.rows[i]
		if u.valid.From == day {
			return i
		}
		if u.valid.From < day {
			e.rows[i].valid.To = day.Add(-1)
			u.valid.From = day
			e.rows = slices.Insert(e.rows, i+1, u)
			return i + 1
		}
	}
	return 0
}

// join makes one row of neighbours that say the same.
func (e *entry) join() {
	out := e.rows[:1]
	for _, u := range e.rows[1:] {
		if l := &out[len(out)-1]; alike(l, &u) {
			l.valid.To = u.valid.To
		} else {
			out = append(out, u)
		}
	}
	e.rows = out
}

func alike(a, b *Unit) bool {
	return a.Code == b.Code && a.Slug == b.Slug && a.Name == b.Name && a.NameEN == b.NameEN && a.ParentID == b.ParentID && a.ManagerID == b.ManagerID &&
		a.Staff == b.Staff && a.Workers == b.Workers && slices.Equal(a.Flags, b.Flags)
}

// finish lets the unit live until the day, at least one day.
func (b *book) finish(e *entry, last civil.Date, act string) {
	e.life.To = last
	if act != "" {
		e.endAct = act
	}
	e.rows = slices.DeleteFunc(e.rows, func(u Unit) bool { return u.valid.From > last })
	if n := len(e.rows); n > 0 && end(e.rows[n-1].valid.To) > last {
		e.rows[n-1].valid.To = last
	}
	e.setLife()
	e.dirty = true
}

// prolong lets the unit live on until a later day, or without end.
func (b *book) prolong(e *entry, last civil.Date) {
	e.life.To = last
	e.last().valid.To = last
	e.setLife()
	e.dirty = true
}

func (e *entry) setLife() {
	for i := range e.rows {
		e.rows[i].Span = e.life
	}
}

// renew ends the unit the day before and goes on with a new body that has its rows from the day on: what a merger does to a unit whose code stays.
// Units below and managed ones go over to the new body.
func (b *book) renew(e *entry, day civil.Date, act string) *entry {
	i := e.cut(day)
	n := &entry{id: b.newID(), kind: e.kind, life: civil.Span{From: day, To: e.life.To}, beginAct: act, endAct: e.endAct, version: 1, fresh: true, dirty: true}
	n.rows = slices.Clone(e.rows[i:])
	for j := range n.rows {
		n.rows[j].ID = n.id
		n.rows[j].Version = 1
	}
	n.setLife()
	b.add(n)
	b.handOver(e, n, day)
	b.finish(e, day.Add(-1), act)
	return n
}

// handOver puts everything that stands below old, or is managed by it, on the day or later, under another unit; it begins on the day at the earliest.
func (b *book) handOver(old, to *entry, day civil.Date) {
	for _, c := range slices.Clone(b.withParent(old.id)) {
		b.replace(c, day, old.id, to.id, func(u *Unit) *string { return &u.ParentID })
	}
	for _, c := range slices.Clone(b.managedBy(old.id)) {
		b.replace(c, day, old.id, to.id, func(u *Unit) *string { return &u.ManagerID })
	}
}

// replace puts a new id for an old one in one field of all rows from the day on.
func (b *book) replace(e *entry, day civil.Date, old, to string, field func(*Unit) *string) {
	for i := range e.rows {
		u := &e.rows[i]
		if *field(u) != old || end(u.valid.To) < day {
			continue
		}
		if u.valid.From < day {
			j := e.cut(day)
			*field(&e.rows[j]) = to
			e.dirty = true
			b.replace(e, day, old, to, field)
			break
		}
		*field(u) = to
		e.dirty = true
	}
	if e.dirty {
		e.join()
		b.note(e)
		b.rebased = append(b.rebased, e)
	}
}

// became is what became of the unit.
func (b *book) became(e *entry) []*Succession {
	if b.q != nil && !e.fresh && !b.asked["after:"+e.id] && b.err == nil {
		b.asked["after:"+e.id] = true
		b.err = readSuccessionsOf(b.ctx, b.q, e.id, func(s *Succession) { b.after[e.id] = append(b.after[e.id], s) })
	}
	return b.after[e.id]
}

// follow notes a succession unless it is known already, and reports whether it was new.
func (b *book) follow(kind string, old, to *entry, share string, day civil.Date, act string) bool {
	for _, s := range b.became(old) {
		if s.Kind == kind && s.New == to.id && s.Day == day {
			return false
		}
	}
	s := &Succession{ID: b.newID(), Kind: kind, Old: old.id, New: to.id, Share: share, Day: day, Act: act}
	b.after[old.id] = append(b.after[old.id], s)
	b.succ = append(b.succ, s)
	return true
}

// heir is the unit that took all of an ended one over the day after its end; nil where there is none or there are several.
func (b *book) heir(e *entry) *entry {
	var out *entry
	for _, s := range b.became(e) {
		if s.Day != e.life.To.Add(1) || s.New == e.id {
			continue
		}
		if s.Share != Whole || out != nil {
			return nil
		}
		out = b.get(s.New)
	}
	return out
}

// outlive lets a unit without end that stands below one with an end go on below the heir, or end with it where there is none.
func (b *book) outlive(e *entry) {
	for range maxDepth {
		last := e.last()
		p := b.get(last.ParentID)
		if last.valid.To != civil.None || p == nil || p.life.To == civil.None || p.life.To < last.valid.From {
			return
		}
		if allowed, _ := AllowedParents(e.kind, last.valid.From); !slices.Contains(allowed, p.kind) {
			return // a fault that will be found
		}
		heir := b.heir(p)
		if heir == nil {
			b.finish(e, p.life.To, "")
			return
		}
		i := e.cut(p.life.To.Add(1))
		e.rows[i].ParentID = heir.id
		b.note(e)
		b.rebased = append(b.rebased, e)
	}
}
