package org

import (
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
)

// applyUnits makes or changes the unit of each line, parents first.
func (im *importer) applyUnits() {
	lines := slices.Clone(im.units)
	slices.SortStableFunc(lines, func(a, b *fileUnit) int {
		if a.kind != b.kind {
			return slices.Index(Kinds, a.kind) - slices.Index(Kinds, b.kind)
		}
		return strings.Compare(string(im.day(a)), string(im.day(b)))
	})
	// Agencies come before the service units below them, whatever their order in Kinds; villages last.
	for _, village := range []bool{false, true} {
		for _, u := range lines {
			if (u.kind == Village) == village {
				im.applyUnit(u)
			}
		}
	}
	for _, u := range lines {
		im.applyManager(u)
	}
}

func (im *importer) applyUnit(u *fileUnit) {
	day := im.day(u)
	e := im.match(u, day)
	if e != nil && e.life.From > day {
		day = e.life.From
	}
	parent := ""
	if u.parentCode != "" {
		p := im.b.holder(u.parentCode, day)
		if p == nil {
			im.faults.AddLine(u.line, "parent_code", "org.import.unknown_parent", "code", u.parentCode, "day", day)
			return
		}
		parent = p.id
	}
	if e == nil {
		n := Unit{Kind: u.kind, Code: u.code, Name: u.name, ParentID: parent, Staff: Unknown, Workers: Unknown}
		give(&n.Slug, u.slug)
		n.chosen = u.slug != nil && *u.slug != ""
		give(&n.NameEN, u.nameEN)
		give(&n.Flags, u.flags)
		give(&n.Staff, u.staff)
		give(&n.Workers, u.workers)
		act := ""
		if len(im.succ) > 0 {
			act = im.act
		}
		u.made = im.b.create(n, civil.Span{From: day, To: u.to}, act)
		u.made.line = u.line
		im.report.change(u.line, ChangeNew, &u.made.rows[0], i18n.M("org.import.new", "kind", KindMsg(u.kind), "day", day))
		return
	}
	if e.kind != u.kind {
		im.faults.AddLine(u.line, "kind", "org.import.kind_changed", "code", u.code, "name", e.near(day).Name, "old", KindMsg(e.kind), "new", KindMsg(u.kind))
		return
	}
	u.made, e.line = e, u.line
	im.update(u, e, parent, day)
}

func give[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

// match is the unit that a line speaks of, nil where it makes a new one. A unit that goes on in a succession is found under its old code; a new body ends
// the old holder of its code.
func (im *importer) match(u *fileUnit, day civil.Date) *entry {
	key := levelKey(u.kind, u.code)
	if e := im.goesOn[key]; e != nil && day == im.on {
		return e
	}
	e := im.b.holder(u.code, day)
	if e != nil && day == im.on && len(im.preds[key]) > 0 && im.goesOn[key] == nil && e.life.From < im.on && e.kind == u.kind {
		return im.newBody(e)
	}
	if e == nil && u.from != civil.None && u.from < im.on {
		// The unit is known here from a later day on than where the file comes from.
		if later := im.b.holder(u.code, im.on); later != nil && later.life.From > u.from && (u.to == civil.None || u.to >= later.life.From) {
			im.report.warn(u.line, "from", "org.import.from_kept", "name", later.near(im.on).Name, "from", later.life.From)
			return later
		}
	}
	return e
}

// newBody ends the holder of a code and gives the code to a new body: nil where the line is to make it, else what came of later rows of the old one.
func (im *importer) newBody(e *entry) *entry {
	last := e.last()
	if last.valid.From < im.on {
		im.end(e)
		return nil
	}
	return im.renew(e)
}

// end ends a unit the day before, if it still lives on the day.
func (im *importer) end(e *entry) {
	if e.on(im.on) == nil {
		return
	}
	im.b.finish(e, im.on.Add(-1), im.act)
	im.report.change(0, ChangeEnded, e.last(), i18n.M("org.import.ended", "day", im.on.Add(-1)))
}

// update brings a unit to what its line says from the day on.
func (im *importer) update(u *fileUnit, e *entry, parent string, day civil.Date) {
	old := *e.on(day)
	var p Patch
	changed := false
	differs := func(c bool) bool {
		changed = changed || c
		return c
	}
	renamed, moved := u.name != old.Name, parent != old.ParentID
	if renamed {
		p.Name = &u.name
		if u.slug == nil {
			p.Slug = new(string) // a new name makes a new address
		}
		if u.nameEN == nil && old.NameEN != "" {
			p.NameEN = new(string)
		}
	}
	if moved {
		p.ParentID = &parent
	}
	if differs(u.code != old.Code) {
		p.Code = &u.code
	}
	if u.slug != nil && differs(*u.slug != old.Slug) {
		p.Slug = u.slug
	}
	if u.nameEN != nil && differs(*u.nameEN != old.NameEN) {
		p.NameEN = u.nameEN
	}
	if u.flags != nil && differs(!slices.Equal(*u.flags, old.Flags)) {
		p.Flags = u.flags
	}
	if u.staff != nil && differs(*u.staff != old.Staff) {
		p.Staff = u.staff
	}
	if u.workers != nil && differs(*u.workers != old.Workers) {
		p.Workers = u.workers
	}
	if renamed || moved || changed {
		im.b.change(e, day, p)
		if u.slug != nil && *u.slug != "" {
			e.on(day).chosen = true
		}
	}
	now := e.on(day)
	first := day == e.life.From // what is said of a unit's first day corrects it
	if renamed {
		im.report.change(u.line, ChangeRenamed, now, i18n.M("org.import.renamed", "from", old.Name, "to", now.Name, "day", day))
		if !first {
			im.b.follow(Renamed, e, e, Whole, day, im.act)
		}
	}
	if moved {
		im.report.change(u.line, ChangeMoved, now, i18n.M("org.import.moved", "from", im.nameOf(old.ParentID, day), "to", im.nameOf(parent, day), "day", day))
		if !first {
			im.b.follow(Moved, e, e, Whole, day, im.act)
		}
	}
	if renamed && moved && len(im.succ) == 0 && !first {
		im.report.warn(u.line, "name", "org.import.another_body", "code", u.code, "from", old.Name, "to", now.Name)
	}
	if changed {
		im.report.change(u.line, ChangeOther, now, i18n.M("org.import.changed", "day", day))
	}
	ended := im.updateEnd(u, e, day)
	if !renamed && !moved && !changed && !ended {
		im.report.change(u.line, ChangeUnchanged, now, i18n.M("org.import.unchanged"))
	}
}

func (im *importer) updateEnd(u *fileUnit, e *entry, day civil.Date) bool {
	if u.to == civil.None || u.to == e.life.To {
		return false
	}
	if u.to < day {
		im.faults.AddLine(u.line, "to", "org.import.end_before_start", "from", day, "to", u.to)
		return false
	}
	if e.life.To != civil.None && u.to > e.life.To {
		im.b.prolong(e, u.to)
	} else {
		im.b.finish(e, u.to, im.act)
	}
	im.report.change(u.line, ChangeEnded, e.last(), i18n.M("org.import.ended", "day", u.to))
	return true
}

func (im *importer) nameOf(id string, day civil.Date) i18n.Msg {
	if e := im.b.get(id); e != nil {
		return i18n.M("org.import.name_of", "name", e.near(day).Name)
	}
	return i18n.M("org.import.nobody")
}

// applyManager sets the managing authority, once all units of the file are there.
func (im *importer) applyManager(u *fileUnit) {
	e := u.made
	if e == nil || u.manager == nil {
		return
	}
	day := max(im.day(u), e.life.From)
	id := ""
	if *u.manager != "" {
		m := im.b.holder(*u.manager, day)
		if m == nil || m == e {
			im.faults.AddLine(u.line, "manager_code", "org.import.unknown_manager", "code", shorten(*u.manager), "day", day)
			return
		}
		id = m.id
	}
	now := e.on(day)
	if now == nil || now.ManagerID == id {
		return
	}
	im.b.change(e, day, Patch{ManagerID: &id})
	if !e.fresh {
		im.report.change(u.line, ChangeOther, e.on(day), i18n.M("org.import.changed", "day", day))
	}
}

// applySuccessions ends the old units, puts what stood below them under the new one, and notes what became of each.
func (im *importer) applySuccessions() {
	noted := map[string]bool{}
	once := func(key string) bool {
		first := !noted[key]
		noted[key] = true
		return first
	}
	past := slices.ContainsFunc(im.succ, func(s fileSuccession) bool { return im.before(s.level, s.old) != nil })
	if !past && len(im.succ) > 0 {
		im.report.warn(0, "", "org.import.no_past", "day", im.on.Add(-1))
		return
	}
	for _, s := range im.succ {
		old := im.before(s.level, s.old)
		to := im.b.holder(s.new, im.on)
		key := levelKey(s.level, s.new)
		switch {
		case old == nil:
			if once("old " + s.old) {
				im.report.warn(s.line, "old_code", "org.import.old_unknown", "code", s.old, "day", im.on.Add(-1))
			}
			continue
		case im.goesOn[key] == old && to == old:
			continue
		case len(im.units) > 0 && len(im.byCode[s.new]) == 0 && (to == nil || to.life.From != im.on):
			to = nil // the code lives on from before, but the file does not have it
		case to != nil && to.life.From < im.on && to.kind == s.level && im.goesOn[key] == nil:
			to = im.renew(to)
		}
		if to == nil || to.kind != s.level || to.life.From != im.on {
			if once("new " + s.new) {
				im.report.warn(s.line, "new_code", "org.import.new_unknown", "code", s.new, "day", im.on)
			}
			continue
		}
		im.end(old)
		if s.share == Whole {
			im.b.handOver(old, to, im.on)
		}
		kind := Merged
		if s.share == Part && len(im.preds[key]) == 1 || len(im.succs[levelKey(s.level, s.old)]) > 1 && len(im.preds[key]) == 1 {
			kind = Divided
		}
		if to.line == 0 {
			to.line = s.line
		}
		if im.b.follow(kind, old, to, s.share, im.on, im.act) {
			im.report.change(s.line, ChangeFollows, old.last(), i18n.M("org.import.into."+s.share, "to", to.on(im.on).Name, "code", to.on(im.on).Code, "day", im.on))
		}
	}
}

// renew makes a new body of a unit that a file of units had only renamed.
func (im *importer) renew(e *entry) *entry {
	n := im.b.renew(e, im.on, im.act)
	for i := range n.rows {
		n.rows[i].Slug = "" // the old body may hold the plain one no longer
	}
	im.report.change(0, ChangeEnded, e.last(), i18n.M("org.import.ended", "day", im.on.Add(-1)))
	im.report.change(0, ChangeNew, n.on(im.on), i18n.M("org.import.new", "kind", KindMsg(n.kind), "day", im.on))
	return n
}

// gaps lists what the successions leave open: units without a line, and new units without a predecessor.
func (im *importer) gaps() {
	if len(im.succ) == 0 || im.report.Warned("org.import.no_past") > 0 {
		return
	}
	levels, tops := map[string]bool{}, im.tops()
	for _, s := range im.succ {
		levels[s.level] = true
	}
	var open, unborn []*entry
	for _, e := range im.b.all {
		if !levels[e.kind] || e.kind == Province {
			continue
		}
		if im.was[e.id] && tops[im.b.base(e, im.on.Add(-1))] && len(im.succs[levelKey(e.kind, e.on(im.on.Add(-1)).Code)]) == 0 {
			open = append(open, e)
		}
		u := e.on(im.on)
		if u != nil && u.valid.From == im.on && len(im.preds[levelKey(e.kind, u.Code)]) == 0 && tops[im.b.base(e, im.on)] && im.inFile(u.Code, e) {
			unborn = append(unborn, e)
		}
	}
	byCode := func(x, y *entry) int { return strings.Compare(x.near(im.on).Code, y.near(im.on).Code) }
	slices.SortFunc(open, byCode)
	slices.SortFunc(unborn, byCode)
	for _, e := range open {
		u := e.near(im.on.Add(-1))
		im.report.warn(0, "old_code", "org.import.no_successor", "code", u.Code, "name", u.Name)
	}
	for _, e := range unborn {
		im.report.warn(e.line, "new_code", "org.import.no_predecessor", "code", e.on(im.on).Code, "name", e.on(im.on).Name)
	}
}

// inFile reports whether the file of units, where there is one, has the unit.
func (im *importer) inFile(code string, e *entry) bool {
	if len(im.units) == 0 {
		return e.life.From == im.on
	}
	return slices.ContainsFunc(im.byCode[code], func(u *fileUnit) bool { return u.made == e })
}
