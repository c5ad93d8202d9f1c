package org

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Ref is a unit as somebody saw it: a change is refused with errs.Conflict where somebody else has changed it since.
type Ref struct {
	ID      string
	Version int
}

// Draft is a new unit. Staff and Workers are Unknown where nobody knows.
type Draft struct {
	Kind, Code, Name, NameEN, Slug string
	ParentID, ManagerID            string
	Flags                          []string
	Staff, Workers                 int
}

func (d Draft) unit() Unit {
	return Unit{
		Kind: d.Kind, Code: d.Code, Name: d.Name, NameEN: d.NameEN, Slug: d.Slug, ParentID: d.ParentID, ManagerID: d.ManagerID,
		Flags: slices.Clone(d.Flags), Staff: d.Staff, Workers: d.Workers, chosen: d.Slug != "",
	}
}

// check looks at what a person typed, field by field; prefix stands before the fields' names.
func (s *Service) check(l *errs.List, prefix string, d Draft) {
	if !slices.Contains(Kinds, d.Kind) {
		l.Add(prefix+"kind", "org.form.kind")
	}
	s.checkPatch(l, prefix, Patch{Code: &d.Code, Name: &d.Name, NameEN: &d.NameEN, Slug: &d.Slug, Flags: &d.Flags, Staff: &d.Staff, Workers: &d.Workers})
}

func (s *Service) checkPatch(l *errs.List, prefix string, p Patch) {
	if p.Code != nil && !ValidCode(*p.Code) {
		l.Add(prefix+"code", "org.form.code")
	}
	if p.Name != nil {
		switch n := utf8.RuneCountInString(*p.Name); {
		case *p.Name == "":
			l.Add(prefix+"name", "org.form.name")
		case n > maxName:
			l.Add(prefix+"name", "org.import.long_name", "max", maxName)
		case !validName(*p.Name):
			l.Add(prefix+"name", "org.import.name", "name", shorten(*p.Name))
		}
	}
	if p.NameEN != nil && *p.NameEN != "" && (utf8.RuneCountInString(*p.NameEN) > maxName || !validName(*p.NameEN)) {
		l.Add(prefix+"name_en", "org.import.name", "name", shorten(*p.NameEN))
	}
	if p.Slug != nil && *p.Slug != "" && !ValidSlug(*p.Slug) {
		l.Add(prefix+"slug", "org.import.slug", "slug", shorten(*p.Slug))
	}
	if p.Flags != nil {
		for _, f := range *p.Flags {
			if !slices.Contains(s.flags, f) {
				l.Add(prefix+"flags", "org.import.unknown_flag", "flag", shorten(f))
			}
		}
	}
	for field, n := range map[string]*int{"staff": p.Staff, "workers": p.Workers} {
		if n != nil && *n < Unknown {
			l.Add(prefix+field, "org.form.size")
		}
	}
}

// validName reports whether the text can be a name: letters in it, nothing invisible, no beginning that a table program takes for a formula.
func validName(s string) bool {
	return s != "" && CleanText(s) && i18n.Slug(s) != "" && !strings.ContainsAny(s[:1], "=+-@")
}

// work is a command under way.
type work struct {
	s     *Service
	tx    *db.Tx
	actor access.Actor
	epoch int64
	b     *book
}

func (s *Service) work(ctx context.Context, tx *db.Tx, actor access.Actor) (*work, error) {
	epoch, err := begin(ctx, tx)
	return &work{s: s, tx: tx, actor: actor, epoch: epoch, b: newBook(ctx, tx, tx.NewID)}, err
}

// unit is a unit of the command that lives on the day, in the version that the person saw.
func (w *work) unit(ref Ref, day civil.Date) (*entry, error) {
	e := w.b.get(ref.ID)
	switch {
	case w.b.err != nil:
		return nil, w.b.err
	case e == nil:
		return nil, errNoUnit
	case e.on(day) == nil:
		return nil, errs.At("day", "org.form.not_alive", "name", e.near(day).Name, "day", day)
	case ref.Version != e.version:
		return nil, errs.E(errs.Conflict, "db.conflict")
	}
	return e, nil
}

// may checks that the actor may do the action at the unit.
func (w *work) may(act access.Action, e *entry) error {
	if !access.Allowed(w.actor, act, w.b.place(e, w.tx.Today())) {
		return notAllowed(act)
	}
	return nil
}

// mayBelow checks the right to put a unit of a kind below another; nobody but the program makes roots.
func (w *work) mayBelow(kind, parent string) error {
	p := w.b.get(parent)
	if p == nil {
		if w.b.err != nil {
			return w.b.err
		}
		if w.actor.ID == access.System.ID {
			return nil
		}
		return errs.At("parent", "org.form.parent")
	}
	return w.may(actionFor(kind), p)
}

func actionFor(kind string) access.Action {
	if kind == Village {
		return access.EditVillages
	}
	return access.EditUnits
}

// done checks the rules, stores, logs.
func (w *work) done(ctx context.Context, e audit.Entry) error {
	w.b.settle()
	var l errs.List
	w.b.faults(&l)
	if w.b.err != nil {
		return w.b.err
	}
	for i := range l.Fields { // the names of forms in place of those of files
		switch l.Fields[i].Name {
		case "to":
			l.Fields[i].Name = "day"
		case "kind":
			l.Fields[i].Name = "parent"
		}
	}
	if err := l.Err(); err != nil {
		return err
	}
	if err := w.b.save(ctx, w.tx, w.epoch); err != nil {
		return err
	}
	w.s.dir.refreshAfter(ctx, w.tx)
	e.Actor, e.ActorName, e.Kind, e.Touches = w.actor.ID, w.actor.Name, "unit", w.b.touches()
	if e.Subject == "" {
		e.Subject = e.Unit
	}
	return audit.Record(ctx, w.tx, e)
}

// state is a unit for the log's details.
type stateJSON struct {
	From    civil.Date `json:"from"`
	To      civil.Date `json:"to"`
	Code    string     `json:"code"`
	Slug    string     `json:"slug"`
	Name    string     `json:"name"`
	NameEN  string     `json:"name_en,omitempty"`
	Parent  string     `json:"parent,omitempty"`
	Manager string     `json:"manager,omitempty"`
	Flags   []string   `json:"flags,omitempty"`
	Staff   int        `json:"staff"`
	Workers int        `json:"workers"`
}

func (e *entry) state() []stateJSON {
	out := make([]stateJSON, len(e.rows))
	for i := range e.rows {
		u := &e.rows[i]
		out[i] = stateJSON{u.valid.From, u.valid.To, u.Code, u.Slug, u.Name, u.NameEN, u.ParentID, u.ManagerID, u.Flags, u.Staff, u.Workers}
	}
	return out
}

// AddTx makes a unit that lives from the day on, and returns its id.
func (s *Service) AddTx(ctx context.Context, tx *db.Tx, actor access.Actor, d Draft, from civil.Date, act string) (string, error) {
	w, err := s.work(ctx, tx, actor)
	if err != nil {
		return "", err
	}
	if err := w.mayBelow(d.Kind, d.ParentID); err != nil {
		return "", err
	}
	var l errs.List
	s.check(&l, "", d)
	if from == civil.None {
		l.Add("day", "org.form.day")
	}
	if err := l.Err(); err != nil {
		return "", err
	}
	e := w.b.create(d.unit(), civil.Span{From: from}, act)
	return e.id, w.done(ctx, audit.Entry{Action: "unit.add", Unit: e.id, Msg: i18n.M("org.audit.add", "name", d.Name, "day", from), Details: map[string]any{"act": act, "after": e.state()}})
}

// ChangeTx lets a unit be otherwise from a day on: a new name is a rename, a new parent a move, and both are noted with their act as what became of the
// unit, unless the day is its first: then they correct it.
func (s *Service) ChangeTx(ctx context.Context, tx *db.Tx, actor access.Actor, ref Ref, from civil.Date, p Patch, act string) error {
	w, err := s.work(ctx, tx, actor)
	if err != nil {
		return err
	}
	e, err := w.unit(ref, from)
	if err != nil {
		return err
	}
	if err := w.may(actionFor(e.kind), e); err != nil {
		return err
	}
	if p.ParentID != nil && *p.ParentID != e.on(from).ParentID {
		if err := w.mayBelow(e.kind, *p.ParentID); err != nil {
			return err
		}
	}
	var l errs.List
	s.checkPatch(&l, "", p)
	if p.ManagerID != nil && *p.ManagerID != "" && (*p.ManagerID == e.id || w.b.get(*p.ManagerID) == nil) {
		l.Add("manager", "org.form.manager")
	}
	if err := l.Err(); err != nil {
		return err
	}
	old, before := *e.on(from), e.state()
	if p.Name != nil && *p.Name != old.Name && p.Slug == nil {
		p.Slug = new(string) // a new name makes a new address
	}
	w.b.change(e, from, p)
	now := e.on(from)
	if p.Slug != nil && *p.Slug != "" {
		now.chosen = true
	}
	msg := i18n.M("org.audit.change", "name", now.Name, "day", from)
	if now.ParentID != old.ParentID {
		msg = i18n.M("org.audit.move", "name", now.Name, "day", from)
		w.note(Moved, e, from, act)
	}
	if now.Name != old.Name {
		msg = i18n.M("org.audit.rename", "from", old.Name, "to", now.Name, "day", from)
		w.note(Renamed, e, from, act)
	}
	return w.done(ctx, audit.Entry{Action: "unit.change", Unit: e.id, Msg: msg, Details: map[string]any{"act": act, "before": before, "after": e.state()}})
}

func (w *work) note(kind string, e *entry, day civil.Date, act string) {
	if day > e.life.From {
		w.b.follow(kind, e, e, Whole, day, act)
	}
}

// EndTx lets a unit end with a day, without successor. Units below it must have ended or gone elsewhere by then.
func (s *Service) EndTx(ctx context.Context, tx *db.Tx, actor access.Actor, ref Ref, last civil.Date, act string) error {
	w, err := s.work(ctx, tx, actor)
	if err != nil {
		return err
	}
	e, err := w.unit(ref, last)
	if err != nil {
		return err
	}
	if err := w.may(actionFor(e.kind), e); err != nil {
		return err
	}
	before := e.state()
	w.b.withParent(e.id)
	w.b.finish(e, last, act)
	return w.done(ctx, audit.Entry{Action: "unit.end", Unit: e.id, Msg: i18n.M("org.audit.end", "name", e.last().Name, "day", last), Details: map[string]any{"act": act, "before": before, "after": e.state()}})
}

// Merge says which units become one.
type Merge struct {
	Old  []Ref      // two or more; all of each goes into the new one
	Part []Ref      // units that give a part and live on
	New  Draft      // always a new body, even under the name and code of an old one
	Day  civil.Date // the first day of the new unit
	Act  string
}

// MergeTx ends units and makes one of them; what stood below them goes below it. It returns the new unit's id.
func (s *Service) MergeTx(ctx context.Context, tx *db.Tx, actor access.Actor, m Merge) (string, error) {
	w, err := s.work(ctx, tx, actor)
	if err != nil {
		return "", err
	}
	var l errs.List
	s.check(&l, "", m.New)
	if len(m.Old) == 0 || len(m.Old)+len(m.Part) < 2 {
		l.Add("old", "org.form.merge_few")
	}
	if m.Day == civil.None {
		l.Add("day", "org.form.day")
	}
	if err := l.Err(); err != nil {
		return "", err
	}
	if err := w.mayBelow(m.New.Kind, m.New.ParentID); err != nil {
		return "", err
	}
	var names []string
	before := map[string]any{}
	n := w.b.create(m.New.unit(), civil.Span{From: m.Day}, m.Act)
	for i, ref := range slices.Concat(m.Old, m.Part) {
		old, err := w.unit(ref, m.Day.Add(-1))
		if err != nil {
			return "", err
		}
		if err := w.may(actionFor(old.kind), old); err != nil {
			return "", err
		}
		if old.kind != m.New.Kind || slices.ContainsFunc(slices.Concat(m.Old, m.Part)[:i], func(r Ref) bool { return r.ID == ref.ID }) {
			return "", errs.At("old", "org.form.merge_kind")
		}
		names = append(names, old.near(m.Day.Add(-1)).Name)
		before[old.id] = old.state()
		if i < len(m.Old) {
			w.b.handOver(old, n, m.Day)
			w.b.finish(old, m.Day.Add(-1), m.Act)
			w.b.follow(Merged, old, n, Whole, m.Day, m.Act)
		} else {
			w.b.follow(Merged, old, n, Part, m.Day, m.Act)
		}
	}
	return n.id, w.done(ctx, audit.Entry{
		Action: "unit.merge", Unit: n.id, Msg: i18n.M("org.audit.merge", "old", names, "name", m.New.Name, "day", m.Day),
		Details: map[string]any{"act": m.Act, "before": before, "after": n.state()},
	})
}

// Split says into which units one goes.
type Split struct {
	Old   Ref
	New   []Draft        // two or more
	Below map[string]int // by id of each unit that stands below: the place in New where it goes
	Day   civil.Date
	Act   string
}

// SplitTx ends a unit and makes several of it. It returns the new units' ids in the order of New.
func (s *Service) SplitTx(ctx context.Context, tx *db.Tx, actor access.Actor, p Split) ([]string, error) {
	w, err := s.work(ctx, tx, actor)
	if err != nil {
		return nil, err
	}
	var l errs.List
	for i, d := range p.New {
		s.check(&l, fmt.Sprintf("new%d-", i+1), d)
	}
	if len(p.New) < 2 {
		l.Add("new1-name", "org.form.split_few")
	}
	if p.Day == civil.None {
		l.Add("day", "org.form.day")
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	old, err := w.unit(p.Old, p.Day.Add(-1))
	if err != nil {
		return nil, err
	}
	if err := w.may(actionFor(old.kind), old); err != nil {
		return nil, err
	}
	before := old.state()
	var ids, names []string
	var made []*entry
	for _, d := range p.New {
		if d.Kind != old.kind {
			return nil, errs.At("new1-name", "org.form.split_kind")
		}
		if err := w.mayBelow(d.Kind, d.ParentID); err != nil {
			return nil, err
		}
		n := w.b.create(d.unit(), civil.Span{From: p.Day}, p.Act)
		made, ids, names = append(made, n), append(ids, n.id), append(names, d.Name)
	}
	for _, c := range slices.Clone(w.b.withParent(old.id)) {
		if c.on(p.Day) == nil || c.on(p.Day).ParentID != old.id {
			continue
		}
		i, ok := p.Below[c.id]
		if !ok || i < 0 || i >= len(made) {
			return nil, errs.At("below-"+c.id, "org.form.split_below", "name", c.on(p.Day).Name)
		}
		w.b.replace(c, p.Day, old.id, made[i].id, func(u *Unit) *string { return &u.ParentID })
	}
	w.b.finish(old, p.Day.Add(-1), p.Act)
	after := map[string]any{}
	for _, n := range made {
		w.b.follow(Divided, old, n, Part, p.Day, p.Act)
		after[n.id] = n.state()
	}
	return ids, w.done(ctx, audit.Entry{
		Action: "unit.split", Unit: old.id, Msg: i18n.M("org.audit.split", "name", old.last().Name, "new", names, "day", p.Day),
		Details: map[string]any{"act": p.Act, "before": before, "after": after},
	})
}

// VillageDraft is a village to be added; an empty code is made from the commune's: 03322-01.
type VillageDraft struct{ Code, Name string }

// AddVillagesTx adds villages to a commune. It returns their ids in order.
func (s *Service) AddVillagesTx(ctx context.Context, tx *db.Tx, actor access.Actor, commune string, villages []VillageDraft, from civil.Date) ([]string, error) {
	w, err := s.work(ctx, tx, actor)
	if err != nil {
		return nil, err
	}
	if err := w.mayBelow(Village, commune); err != nil {
		return nil, err
	}
	c := w.b.get(commune)
	if c == nil || c.kind != Commune || c.on(from) == nil {
		return nil, errs.At("day", "org.form.no_commune")
	}
	taken := map[string]bool{}
	for _, v := range w.b.withParent(commune) {
		for i := range v.rows {
			taken[v.rows[i].Code] = true
		}
	}
	var l errs.List
	var ids, names []string
	var after []any
	next := 0
	if len(villages) == 0 {
		l.Add("villages", "org.form.no_village")
	}
	seen := map[string]bool{}
	for i, v := range villages {
		d := Draft{Kind: Village, Code: v.Code, Name: v.Name, ParentID: commune, Staff: Unknown, Workers: Unknown}
		for d.Code == "" || v.Code == "" && taken[d.Code] {
			next++
			d.Code = fmt.Sprintf("%s-%02d", c.on(from).Code, next)
		}
		taken[d.Code] = true
		var one errs.List
		s.check(&one, "", d)
		if seen[i18n.Fold(d.Name)] {
			one.Add("villages", "org.form.same_village", "name", d.Name)
		}
		seen[i18n.Fold(d.Name)] = true
		for _, f := range one.Fields {
			l.Fields = append(l.Fields, errs.Field{Name: "villages", Line: i + 1, Msg: f.Msg})
		}
		if len(one.Fields) > 0 {
			continue
		}
		e := w.b.create(d.unit(), civil.Span{From: from}, "")
		e.line = i + 1
		ids, names, after = append(ids, e.id), append(names, d.Name), append(after, e.state())
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	return ids, w.done(ctx, audit.Entry{
		Action: "unit.villages", Unit: commune, Msg: i18n.M("org.audit.villages", "name", c.on(from).Name, "villages", names, "count", len(names), "day", from),
		Details: map[string]any{"after": after},
	})
}
