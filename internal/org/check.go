package org

import (
	"cmp"
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// settle lets units outlive those above them, gives slugs to rows that have none and new ones to rows that clash with others, parents first.
func (b *book) settle() {
	changed := b.touched()
	for _, e := range changed {
		b.outlive(e)
	}
	slices.SortStableFunc(changed, func(x, y *entry) int {
		return cmp.Or(slices.Index(Kinds, x.kind)-slices.Index(Kinds, y.kind), strings.Compare(x.rows[0].Code, y.rows[0].Code))
	})
	// Units that come together with the same plain slug all get a longer one; one that was there before keeps its own.
	plain := map[string]int{}
	for _, e := range changed {
		for i := range e.rows {
			if u := &e.rows[i]; u.Slug == "" {
				plain[b.base(e, u.valid.From)+"/"+SlugOf(e.kind, u.Name)]++
			}
		}
	}
	for _, e := range slices.Concat(changed, b.below(b.rebased)) {
		for i := 0; i < len(e.rows); i++ {
			u := &e.rows[i]
			if u.Slug == "" {
				b.slugFor(e, u, plain[b.base(e, u.valid.From)+"/"+SlugOf(e.kind, u.Name)] > 1)
				e.dirty = true
				continue
			}
			if o, day := b.slugClash(e, u, u.Slug); o != nil && !u.chosen {
				i = e.cut(day)
				b.slugFor(e, &e.rows[i], false)
				e.dirty = true
			}
		}
		e.join()
		b.note(e)
	}
}

// below are the units below those whose own unit above has changed: they may have come to another province, where others have their slugs. Villages are
// addressed below their commune and need no look.
func (b *book) below(moved []*entry) []*entry {
	var out []*entry
	seen := map[*entry]bool{}
	var walk func(e *entry)
	walk = func(e *entry) {
		for _, c := range b.withParent(e.id) {
			if c.kind == Village || seen[c] {
				continue
			}
			seen[c] = true
			if !c.dirty {
				out = append(out, c)
			}
			walk(c)
		}
	}
	for _, e := range moved {
		if e.kind != Village {
			walk(e)
		}
	}
	slices.SortFunc(out, func(x, y *entry) int { return strings.Compare(x.id, y.id) })
	return out
}

// slugFor makes a slug from the name; a clash adds the parent's slug, a last one the code.
func (b *book) slugFor(e *entry, u *Unit, several bool) {
	plain := SlugOf(e.kind, u.Name)
	try := []string{plain}
	if several {
		try = nil
	}
	if p := b.get(u.ParentID); p != nil && p.id != b.base(e, u.valid.From) {
		try = append(try, plain+"-"+p.near(u.valid.From).Slug)
	}
	code := i18n.Slug(u.Code)
	try = append(try, strings.TrimPrefix(plain+"-"+code, "-"))
	for _, s := range try {
		if o, _ := b.slugClash(e, u, s); o == nil && !IsReserved(s) {
			u.Slug = s
			return
		}
	}
	u.Slug = strings.TrimPrefix(plain+"-"+code+"-"+e.id[len(e.id)-6:], "-") // the slug of another unit looks like name and code of this one
}

// slugClash is another unit that has the slug below the same base while the row holds, and the first day of that.
func (b *book) slugClash(e *entry, u *Unit, slug string) (other *entry, day civil.Date) {
	var mine []baseRun
	for _, o := range b.withSlug(e.kind, u.ParentID, slug) {
		if o == e || (o.kind == Village) != (e.kind == Village) {
			continue
		}
		for i := range o.rows {
			r := &o.rows[i]
			if r.Slug != slug || !r.valid.Meets(u.valid) {
				continue
			}
			if mine == nil {
				mine = b.baseRuns(e, u)
			}
			for _, theirs := range b.baseRuns(o, r) {
				for _, m := range mine {
					if m.base != theirs.base {
						continue
					}
					if both, ok := clip(m.span, theirs.span); ok && (other == nil || both.From < day) {
						other, day = o, both.From
					}
				}
			}
		}
	}
	return other, day
}

// baseRun is a run of days on which a unit's address stands below one base.
type baseRun struct {
	base string
	span civil.Span
}

// baseRuns are the bases of the row's days; neighbours may have the same.
func (b *book) baseRuns(e *entry, u *Unit) []baseRun {
	if e.kind == Village || u.ParentID == "" {
		return []baseRun{{u.ParentID, u.valid}}
	}
	var out []baseRun
	var up func(id string, span civil.Span, depth int)
	up = func(id string, span civil.Span, depth int) {
		p := b.get(id)
		if p == nil || depth > maxDepth {
			return
		}
		for i := range p.rows {
			part, ok := clip(p.rows[i].valid, span)
			switch {
			case !ok:
			case p.rows[i].ParentID == "":
				out = append(out, baseRun{p.id, part})
			default:
				up(p.rows[i].ParentID, part, depth+1)
			}
		}
	}
	up(u.ParentID, u.valid, 0)
	return out
}

// base is the id of the unit below whose address the unit's own stands on the day: see snapshot.base.
func (b *book) base(e *entry, day civil.Date) string {
	u := e.near(day)
	if e.kind == Village {
		return u.ParentID
	}
	id := ""
	for range maxDepth {
		p := b.get(u.ParentID)
		if p == nil {
			break
		}
		id = p.id
		u = p.near(day)
	}
	return id
}

// maxDepth is more than any tree has levels; a chain that is longer is a cycle.
const maxDepth = 16

// faults looks for everything that must not be, in what was changed: each day's tree must be a tree, and no code may have two holders on a day. A unit
// without a line is named in words.
func (b *book) faults(l *errs.List) {
	for _, e := range b.touched() {
		for i := range e.rows {
			b.rowFaults(l, e, i)
		}
		b.leftBehind(l, e)
	}
}

func (b *book) rowFaults(l *errs.List, e *entry, i int) {
	u := &e.rows[i]
	name := u.Name
	for _, o := range b.withCode(u.Code) {
		if o == e {
			continue
		}
		if slices.ContainsFunc(o.rows, func(r Unit) bool { return r.Code == u.Code && r.valid.Meets(u.valid) }) && (!o.dirty || o.id < e.id) {
			l.AddLine(e.line, "code", "org.fault.code_taken", "code", u.Code, "name", o.near(u.valid.From).Name)
			break
		}
	}
	if u.chosen {
		if o, _ := b.slugClash(e, u, u.Slug); o != nil {
			l.AddLine(e.line, "slug", "org.fault.slug_taken", "slug", u.Slug, "name", o.near(u.valid.From).Name)
		}
	}
	parents, root := AllowedParents(e.kind, u.valid.From)
	if u.ParentID == "" {
		if !root {
			l.AddLine(e.line, "parent", "org.fault.parent_needed", "name", name)
		}
		return
	}
	p := b.get(u.ParentID)
	if p == nil {
		l.AddLine(e.line, "parent", "org.fault.parent_unknown", "name", name)
		return
	}
	if b.within(p, e.id, u.valid, 0) {
		l.AddLine(e.line, "parent", "org.fault.cycle", "name", name, "parent", p.near(u.valid.From).Name)
		return
	}
	if i == 0 || e.rows[i-1].ParentID != u.ParentID { // which kind may stand below which is asked when a unit comes under its parent
		if len(parents) == 0 && !root {
			l.AddLine(e.line, "kind", "org.fault.kind_gone", "kind", KindMsg(e.kind), "day", u.valid.From)
			return
		}
		if !slices.Contains(parents, p.kind) {
			l.AddLine(e.line, "kind", "org.fault.kind_parent", "kind", KindMsg(e.kind), "parent", KindMsg(p.kind), "day", u.valid.From)
			return
		}
	}
	if got, ok := clip(u.valid, p.life); !ok || got != u.valid {
		l.AddLine(e.line, "parent", "org.fault.parent_ends", "name", name, "parent", p.near(u.valid.From).Name)
		return
	}
}

// within reports whether the unit is, or stands below, the unit with the id on a day of the span.
func (b *book) within(e *entry, id string, span civil.Span, depth int) bool {
	if e.id == id || depth > maxDepth {
		return true
	}
	for i := range e.rows {
		u := &e.rows[i]
		if part, ok := clip(u.valid, span); ok && u.ParentID != "" {
			if p := b.get(u.ParentID); p != nil && b.within(p, id, part, depth+1) {
				return true
			}
		}
	}
	return false
}

// leftBehind finds units below that outlive the unit.
func (b *book) leftBehind(l *errs.List, e *entry) {
	if e.fresh {
		return
	}
	n := 0
	var first *entry
	for _, c := range b.withParent(e.id) {
		for i := range c.rows {
			u := &c.rows[i]
			if u.ParentID != e.id {
				continue
			}
			if got, ok := clip(u.valid, e.life); !c.dirty && (!ok || got != u.valid) {
				if first == nil || strings.Compare(c.id, first.id) < 0 {
					first = c
				}
				n++
				break
			}
		}
	}
	if n > 0 {
		l.AddLine(e.line, "to", "org.fault.children_left", "name", e.last().Name, "day", e.life.To, "n", n, "first", first.last().Name)
	}
}

// KindMsg names a kind of unit.
func KindMsg(kind string) i18n.Msg { return i18n.M("org.kind." + kind) }
