package org

import (
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// importer makes the changes of one file in a book that holds all units.
type importer struct {
	b      *book
	on     civil.Date
	act    string
	units  []*fileUnit
	poor   []*fileUnit // lines with faults: nothing is made of them
	succ   []fileSuccession
	opts   ImportOptions
	report *Report
	faults errs.List

	byCode map[string][]*fileUnit      // lines by code
	preds  map[string][]fileSuccession // by level and new code
	succs  map[string][]fileSuccession // by level and old code
	goesOn map[string]*entry           // level and new code: the unit that goes on under it
	was    map[string]bool             // ids of the units that lived the day before
}

func levelKey(level, code string) string { return level + " " + code }

// run makes all changes in the book; faults and warnings go to the report.
func (im *importer) run() {
	im.was = map[string]bool{}
	for id, e := range im.b.all {
		if e.on(im.on.Add(-1)) != nil {
			im.was[id] = true
		}
	}
	im.mendZeros()
	im.byCode = map[string][]*fileUnit{}
	for _, u := range im.units {
		im.byCode[u.code] = append(im.byCode[u.code], u)
	}
	im.doubles()
	im.onlyProvince()
	im.readFollowing()
	if len(im.faults.Fields) == 0 {
		gone := im.abolish()
		im.applyUnits()
		im.endMissing(gone)
		im.applySuccessions()
		im.liftOrphans(gone)
		im.gaps()
		im.b.settle()
		im.b.faults(&im.faults)
	} else {
		im.lookAhead()
	}
	im.report.Lines = len(im.units)
	if im.report.Lines == 0 {
		im.report.Lines = len(im.succ)
	}
	im.report.Faults = append(im.report.Faults, im.faults.Fields...)
	im.report.finish()
}

// day is the day from which a line holds.
func (im *importer) day(u *fileUnit) civil.Date {
	if u.from != civil.None {
		return u.from
	}
	return im.on
}

// doubles finds lines that give one code to two units on a day.
func (im *importer) doubles() {
	for _, u := range im.units {
		for _, o := range im.byCode[u.code] {
			if o.line < u.line && (civil.Span{From: im.day(o), To: o.to}).Meets(civil.Span{From: im.day(u), To: u.to}) {
				im.faults.AddLine(u.line, "code", "org.import.double_code", "code", u.code, "line", o.line)
				break
			}
		}
	}
}

// lookAhead finds, in a file that is refused already, what the next try would be refused for: parents and managing authorities that are nowhere, and
// units that are of another kind. Whoever mends the file sees all faults of a line together.
func (im *importer) lookAhead() {
	inFile := map[string]bool{}
	lines := slices.Clone(im.units)
	if im.opts.Province == "" { // else nobody knows whether a faulty line is meant
		lines = append(lines, im.poor...)
	}
	for _, u := range slices.Concat(im.units, im.poor) {
		inFile[u.code] = true
	}
	known := func(code string, day civil.Date) bool {
		if inFile[code] || im.b.holder(code, day) != nil {
			return true
		}
		for _, w := range codeWidth { // a table program may have taken its noughts
			if !figures(code) || len(code) >= w {
				continue
			}
			if full := strings.Repeat("0", w-len(code)) + code; inFile[full] || im.b.holder(full, day) != nil {
				return true
			}
		}
		return false
	}
	for _, u := range lines {
		day := im.day(u)
		if u.parentCode != "" && ValidCode(u.parentCode) && !known(u.parentCode, day) {
			im.faults.AddLine(u.line, "parent_code", "org.import.unknown_parent", "code", u.parentCode, "day", day)
		}
		if m := u.manager; m != nil && *m != "" && !known(*m, day) {
			im.faults.AddLine(u.line, "manager_code", "org.import.unknown_manager", "code", shorten(*m), "day", day)
		}
		e := im.b.holder(u.code, day)
		if e != nil && len(im.succ) == 0 && e.kind != u.kind && slices.Contains(Kinds, u.kind) {
			im.faults.AddLine(u.line, "kind", "org.import.kind_changed", "code", u.code, "name", e.near(day).Name, "old", KindMsg(e.kind), "new", KindMsg(u.kind))
		}
	}
}

// codeWidth is the length of official codes, to which a table program may have left only the figures after the noughts.
var codeWidth = map[string]int{Province: 2, District: 3, Commune: 5}

// mendZeros puts back the noughts that table programs take from codes: 94 was 094. It does so where only one reading is possible, and says so.
func (im *importer) mendZeros() {
	known := func(code string) bool {
		return im.b.holder(code, im.on) != nil || slices.ContainsFunc(im.units, func(u *fileUnit) bool { return u.code == code })
	}
	inFile := map[string]bool{}
	for _, u := range im.units {
		w := codeWidth[u.kind]
		if len(u.code) < w && figures(u.code) {
			full := strings.Repeat("0", w-len(u.code)) + u.code
			im.report.warn(u.line, "code", "org.import.zeros", "code", u.code, "full", full)
			u.code = full
		}
		inFile[u.code] = true
	}
	for _, u := range im.units {
		if u.parentCode == "" || !figures(u.parentCode) || len(u.parentCode) >= 5 || inFile[u.parentCode] || known(u.parentCode) {
			continue
		}
		var found []string
		parents, _ := AllowedParents(u.kind, im.day(u))
		for _, k := range parents {
			w := codeWidth[k]
			if w <= len(u.parentCode) {
				continue
			}
			full := strings.Repeat("0", w-len(u.parentCode)) + u.parentCode
			if (inFile[full] || known(full)) && !slices.Contains(found, full) {
				found = append(found, full)
			}
		}
		if len(found) == 1 {
			im.report.warn(u.line, "parent_code", "org.import.zeros", "code", u.parentCode, "full", found[0])
			u.parentCode = found[0]
		}
	}
}

func figures(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// onlyProvince leaves out the lines that do not belong to the province asked for.
func (im *importer) onlyProvince() {
	if im.opts.Province == "" {
		return
	}
	inside := map[string]bool{im.opts.Province: true}
	var belongs func(code string, depth int) bool
	belongs = func(code string, depth int) bool {
		if in, ok := inside[code]; ok {
			return in
		}
		in := false
		if lines := im.byCode[code]; len(lines) > 0 && depth < maxDepth {
			for _, u := range lines {
				in = in || u.parentCode != "" && belongs(u.parentCode, depth+1)
			}
		} else if e := im.b.holder(code, im.on); e != nil {
			if root := im.b.get(im.b.base(e, im.on)); root != nil {
				in = root.near(im.on).Code == im.opts.Province
			}
		}
		inside[code] = in
		return in
	}
	all := len(im.units)
	im.units = slices.DeleteFunc(im.units, func(u *fileUnit) bool { return !belongs(u.code, 0) })
	im.report.Skipped = all - len(im.units)
	if len(im.units) == 0 && all > 0 {
		im.faults.AddLine(0, "province", "org.import.no_province", "code", im.opts.Province)
	}
	im.succ = slices.DeleteFunc(im.succ, func(s fileSuccession) bool { return !belongs(s.new, 0) })
}

// readFollowing sorts the successions and finds which units go on: those whose new code has one predecessor, taken whole.
func (im *importer) readFollowing() {
	im.preds, im.succs, im.goesOn = map[string][]fileSuccession{}, map[string][]fileSuccession{}, map[string]*entry{}
	for _, s := range im.succ {
		im.preds[levelKey(s.level, s.new)] = append(im.preds[levelKey(s.level, s.new)], s)
		im.succs[levelKey(s.level, s.old)] = append(im.succs[levelKey(s.level, s.old)], s)
	}
	for key, p := range im.preds {
		if len(p) == 1 && p[0].share == Whole && len(im.succs[levelKey(p[0].level, p[0].old)]) == 1 {
			if e := im.before(p[0].level, p[0].old); e != nil {
				im.goesOn[key] = e
			}
		}
	}
}

// before is the unit of the level that held the code the day before.
func (im *importer) before(level, code string) *entry {
	if e := im.b.holder(code, im.on.Add(-1)); e != nil && e.kind == level {
		return e
	}
	return nil
}

// abolish ends the units of a level that no longer exists from the day on (districts on 1/7/2025), where the file says what became of units: they have
// no successor. It returns them.
func (im *importer) abolish() []*entry {
	if len(im.succ) == 0 && !im.opts.EndMissing {
		return nil
	}
	tops := im.tops()
	var gone []*entry
	for _, kind := range Kinds {
		now, root := AllowedParents(kind, im.on)
		if len(now) > 0 || root {
			continue
		}
		for _, e := range im.b.all {
			if e.kind == kind && e.on(im.on) != nil && e.life.From < im.on && tops[im.b.base(e, im.on.Add(-1))] && len(im.succs[levelKey(kind, e.near(im.on).Code)]) == 0 {
				gone = append(gone, e)
			}
		}
	}
	slices.SortFunc(gone, func(x, y *entry) int { return strings.Compare(x.near(im.on).Code, y.near(im.on).Code) })
	for _, e := range gone {
		im.b.finish(e, im.on.Add(-1), im.act)
		im.report.change(0, ChangeEnded, e.last(), i18n.M("org.import.abolished", "kind", KindMsg(e.kind), "day", im.on.Add(-1)))
	}
	return gone
}

// tops are the ids of the roots that the file speaks of, as they were the day before.
func (im *importer) tops() map[string]bool {
	out := map[string]bool{}
	note := func(code string) {
		for _, day := range []civil.Date{im.on.Add(-1), im.on} {
			if e := im.b.holder(code, day); e != nil {
				if base := im.b.base(e, day); base != "" && e.kind != Village {
					out[base] = true
				} else if e.kind == Province {
					out[e.id] = true
				}
			}
		}
	}
	for _, u := range im.units {
		note(u.code)
		note(u.parentCode)
	}
	for _, s := range im.succ {
		note(s.old)
	}
	return out
}

// endMissing ends, where asked for, the units of the file's kinds and territory that the file does not have.
func (im *importer) endMissing(gone []*entry) {
	if !im.opts.EndMissing || len(im.units) == 0 {
		return
	}
	kinds, provinces := map[string]bool{}, 0
	kept := map[string]bool{}
	for _, u := range im.units {
		kinds[u.kind] = true
		if u.kind == Province {
			provinces++
		}
		if u.made != nil {
			kept[u.made.id] = true
		}
	}
	tops := im.tops()
	var missing []*entry
	for _, e := range im.b.all {
		top := im.b.base(e, im.on.Add(-1))
		if e.kind == Province {
			top = e.id
		}
		switch {
		case !kinds[e.kind] || kept[e.id] || e.fresh || e.on(im.on) == nil || e.life.From >= im.on || slices.Contains(gone, e):
		case len(im.succs[levelKey(e.kind, e.near(im.on.Add(-1)).Code)]) > 0: // ends with its successors
		case e.kind == Province && provinces < 2, e.kind != Province && !tops[top]:
		default:
			missing = append(missing, e)
		}
	}
	slices.SortFunc(missing, func(x, y *entry) int { return strings.Compare(x.near(im.on).Code, y.near(im.on).Code) })
	for _, e := range missing {
		im.b.finish(e, im.on.Add(-1), im.act)
		im.report.change(0, ChangeEnded, e.last(), i18n.M("org.import.ended_missing", "day", im.on.Add(-1)))
	}
}

// liftOrphans puts what is left below an abolished unit under the unit above it.
func (im *importer) liftOrphans(gone []*entry) {
	for _, e := range gone {
		up := im.heir(im.b.get(e.last().ParentID))
		if up == nil {
			continue
		}
		for _, c := range slices.Clone(im.b.withParent(e.id)) {
			u := c.on(im.on)
			if u == nil || u.ParentID != e.id {
				continue
			}
			im.b.change(c, im.on, Patch{ParentID: &up.id})
			im.report.change(0, ChangeMoved, c.on(im.on), i18n.M("org.import.moved", "from", e.last().Name, "to", up.near(im.on).Name, "day", im.on))
			im.b.follow(Moved, c, c, Whole, im.on, im.act)
		}
	}
}

// heir is the unit itself or, where it has ended, the one that took all of it over.
func (im *importer) heir(e *entry) *entry {
	if e == nil || e.on(im.on) != nil {
		return e
	}
	return im.b.heir(e)
}
