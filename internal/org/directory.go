package org

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"dinh/internal/civil"
	"dinh/internal/db"
)

// Directory holds all units of all days in memory. It is safe for concurrent use. What it hands out never changes; after a commit of this process or
// a Refresh it hands out newer things.
type Directory struct {
	d     *db.DB
	state atomic.Pointer[state]
	load  sync.Mutex // one reload at a time
}

// state is an index with the trees that were asked for lately.
type state struct {
	ix   *index
	last atomic.Pointer[kept] // the tree asked for last, found without a lock
	mu   sync.Mutex
	lru  []*kept // newest first
}

type kept struct {
	run int
	s   *snapshot
}

// keptTrees is how many trees are kept beside each other: today's, a plan's day, and those of a few readers of history.
const keptTrees = 4

// Open reads all units of the database.
func Open(ctx context.Context, d *db.DB) (*Directory, error) {
	dir := &Directory{d: d}
	dir.state.Store(&state{ix: (*index)(nil).next(-1, nil, nil)})
	return dir, dir.Refresh(ctx)
}

// Refresh reads what has changed since, where anything has. The server asks every half second; commands of this process do so themselves
// when they are committed.
func (dir *Directory) Refresh(ctx context.Context) error {
	dir.load.Lock()
	defer dir.load.Unlock()
	old := dir.state.Load().ix
	epoch, err := readEpoch(ctx, dir.d)
	if err != nil || epoch == old.epoch {
		return err
	}
	var next *index
	err = dir.d.Read(ctx, func(q db.Querier) error {
		epoch, err := readEpoch(ctx, q)
		if err != nil {
			return err
		}
		rows, err := readRows(ctx, q, old.epoch)
		if err != nil {
			return err
		}
		succ, err := readSuccessions(ctx, q, old.epoch)
		if err != nil {
			return err
		}
		if old.epoch < 0 {
			next = (*index)(nil).next(epoch, rows, succ)
		} else {
			next = old.next(epoch, rows, succ)
		}
		return nil
	})
	if err != nil {
		return err
	}
	dir.state.Store(&state{ix: next})
	return nil
}

// refreshAfter asks for a Refresh once the command is committed.
func (dir *Directory) refreshAfter(ctx context.Context, tx *db.Tx) {
	ctx = context.WithoutCancel(ctx)
	tx.OnCommit(func() {
		if err := dir.Refresh(ctx); err != nil {
			slog.ErrorContext(ctx, "units are stored but not yet read again", slog.Any("error", err))
		}
	})
}

// On is the tree of a day. Days between which nothing changes share one.
func (dir *Directory) On(day civil.Date) *Tree {
	return &Tree{snapshot: dir.state.Load().snapshot(day), day: day}
}

func (st *state) snapshot(day civil.Date) *snapshot {
	run := st.ix.run(day)
	if k := st.last.Load(); k != nil && k.run == run {
		return k.s
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	i := slices.IndexFunc(st.lru, func(k *kept) bool { return k.run == run })
	var k *kept
	if i >= 0 {
		k = st.lru[i]
		st.lru = slices.Delete(st.lru, i, i+1)
	} else {
		k = &kept{run: run, s: newSnapshot(st.ix, day)}
		if len(st.lru) == keptTrees {
			st.lru = st.lru[:keptTrees-1]
		}
	}
	st.lru = slices.Insert(st.lru, 0, k)
	st.last.Store(k)
	return k.s
}

// Unit is the unit as it is on the day or, where it does not live then, as it was on its last day before; false for an id that is not known or begins
// later.
func (dir *Directory) Unit(id string, on civil.Date) (*Unit, bool) {
	return dir.state.Load().ix.unit(id, on)
}

func (ix *index) unit(id string, on civil.Date) (*Unit, bool) {
	h, ok := ix.byID[id]
	if !ok {
		return nil, false
	}
	rows := ix.rows[h]
	for _, u := range slices.Backward(rows) {
		if u.valid.From <= on {
			return u, true
		}
	}
	return nil, false
}

// History are the unit's rows, oldest first: each has its own Valid days. Do not change the slice.
func (dir *Directory) History(id string) []*Unit {
	ix := dir.state.Load().ix
	h, ok := ix.byID[id]
	if !ok {
		return nil
	}
	return ix.rows[h]
}

// Predecessors are the units that the unit came from, on days up to on; renames and moves of its own come among them. In order of days.
func (dir *Directory) Predecessors(id string, on civil.Date) []*Succession {
	ix := dir.state.Load().ix
	return ix.upTo(ix.before[id], on)
}

// Successors are the units into which the unit went, on days up to on; its own renames and moves come among them. In order of days.
func (dir *Directory) Successors(id string, on civil.Date) []*Succession {
	ix := dir.state.Load().ix
	return ix.upTo(ix.after[id], on)
}

// upTo are the successions up to the day, by day, then by the old and the new unit's code.
func (ix *index) upTo(all []*Succession, on civil.Date) []*Succession {
	var out []*Succession
	for _, s := range all {
		if s.Day <= on {
			out = append(out, s)
		}
	}
	code := func(id string, day civil.Date) string {
		if u, ok := ix.unit(id, day); ok {
			return u.Code
		}
		return id
	}
	slices.SortStableFunc(out, func(a, b *Succession) int {
		return cmp.Or(compareDays(a.Day, b.Day), strings.Compare(code(a.Old, a.Day.Add(-1)), code(b.Old, b.Day.Add(-1))), strings.Compare(code(a.New, a.Day), code(b.New, b.Day)))
	})
	return out
}

// Ended are the units that ended before the day and stood directly below the parent ("" for roots) on their last day, as they were then; in Vietnamese
// order.
func (dir *Directory) Ended(parent string, on civil.Date) []*Unit {
	ix := dir.state.Load().ix
	var out []*Unit
	for _, u := range ix.order {
		rows := ix.rows[u.at]
		if u.To != civil.None && u.To < on && u.ParentID == parent && rows[len(rows)-1] == u {
			out = append(out, u)
		}
	}
	return out
}

// Holder is the unit that holds the code on the day or, where none does, the one that held it last before; false where none ever did. The unit is as it
// is on the day, or on the last day on which it held the code.
func (dir *Directory) Holder(code string, on civil.Date) (*Unit, bool) {
	return lastOf(dir.state.Load().ix.byCode[code], on)
}

// lastOf is the row in force on the day, else the one that ended last before it.
func lastOf(rows []*Unit, on civil.Date) (*Unit, bool) {
	var best *Unit
	for _, u := range rows {
		if u.valid.From <= on && (best == nil || end(u.valid.To) > end(best.valid.To)) {
			best = u
		}
	}
	return best, best != nil
}

// Holders are all units that held the code up to the day, newest first, each once, as they were on the last day on which they held it.
func (dir *Directory) Holders(code string, on civil.Date) []*Unit {
	return holders(dir.state.Load().ix.byCode[code], on)
}

func holders(rows []*Unit, on civil.Date) []*Unit {
	var out []*Unit
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b *Unit) int {
		if c := compareDays(end(b.valid.To), end(a.valid.To)); c != 0 {
			return c
		}
		return compareDays(b.valid.From, a.valid.From)
	})
	for _, u := range sorted {
		if u.valid.From <= on && !slices.ContainsFunc(out, func(o *Unit) bool { return o.ID == u.ID }) {
			out = append(out, u)
		}
	}
	return out
}

func compareDays(a, b civil.Date) int { return strings.Compare(string(a), string(b)) }

// Near is the unit as it is on the day, else as it was on its last day, else as it will be on its first; false for an id that no unit ever had.
func (dir *Directory) Near(id string, day civil.Date) (*Unit, bool) {
	if u, ok := dir.Unit(id, day); ok {
		return u, true
	}
	if rows := dir.History(id); len(rows) > 0 {
		return rows[0], true
	}
	return nil, false
}

// TreeOf is the tree in which a unit is to be judged on the day: the day's, or that of the unit's own last or first day where it does not live then.
func (dir *Directory) TreeOf(id string, day civil.Date) *Tree {
	tree := dir.On(day)
	if _, ok := tree.ByID(id); ok {
		return tree
	}
	u, ok := dir.Near(id, day)
	switch {
	case !ok:
		return tree
	case u.To != civil.None && u.To < day:
		return dir.On(u.To)
	}
	return dir.On(u.From)
}
