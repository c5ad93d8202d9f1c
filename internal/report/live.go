package report

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
)

// overlap is how far back a process looks for changed rows beyond the newest it knows: no transaction lasts longer, and no two servers' clocks differ by
// more.
const overlap = 2 * time.Minute

// mostLive is the number of periods kept in memory at once.
const mostLive = 2

// live keeps the reports of the periods asked for last as columns, and takes in what has changed before it answers.
type live struct {
	mu     sync.Mutex
	list   []*livePeriod // the last used in front
	intern func(unit string) string
}

type livePeriod struct {
	id     string
	intern func(unit string) string
	first  sync.Mutex // held by whoever reads all rows
	mu     sync.RWMutex
	cols   *Columns
	seen   int64 // the newest change known, microseconds
	loaded bool
}

// read calls f with the columns of a period as they stand after everything that is committed. f must not keep them.
func (l *live) read(ctx context.Context, q db.Querier, p *Period, form *Form, f func(c *Columns) error) error {
	x := l.get(p.ID, form)
	if err := x.refresh(ctx, q, form); err != nil {
		return err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	return f(x.cols)
}

// tally calls f with the columns and the groups of a grouping, as they stand after everything that is committed. f must keep neither.
func (l *live) tally(ctx context.Context, q db.Querier, p *Period, form *Form, g Grouping, f func(c *Columns, groups []*Counted) error) error {
	x := l.get(p.ID, form)
	if err := x.refresh(ctx, q, form); err != nil {
		return err
	}
	x.mu.RLock()
	if t := x.cols.tally(g.Key); t != nil {
		defer x.mu.RUnlock()
		return f(x.cols, t.groups)
	}
	x.mu.RUnlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	return f(x.cols, x.cols.Tally(g))
}

func (l *live) get(id string, form *Form) *livePeriod {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, x := range l.list {
		if x.id == id {
			copy(l.list[1:i+1], l.list[:i])
			l.list[0] = x
			return x
		}
	}
	x := &livePeriod{id: id, cols: NewColumns(form, 0), intern: l.intern}
	l.list = append([]*livePeriod{x}, l.list...)
	if len(l.list) > mostLive {
		l.list = l.list[:mostLive]
	}
	return x
}

const liveColumns = `id, unit_id, state, version, lump, lump_kind, due, extended, first_day, changed, figures`

// scanned is a row of liveColumns with its figures still packed. The words of a period's reports are few: they are read out of the database's own memory and
// made into strings once.
type scanned struct {
	Row
	changed                           int64
	raw                               sql.RawBytes
	state, kind, due, extended, first sql.RawBytes
	words                             map[string]string
}

func (r *scanned) word(b sql.RawBytes) string {
	if len(b) == 0 {
		return ""
	}
	w, ok := r.words[string(b)]
	if !ok {
		if r.words == nil {
			r.words = map[string]string{}
		}
		w = string(b)
		r.words[w] = w
	}
	return w
}

func (r *scanned) scan(rows *sql.Rows) error {
	err := rows.Scan(&r.ID, &r.Unit, &r.state, &r.Version, &r.Lump, &r.kind, &r.due, &r.extended, &r.first, &r.changed, &r.raw)
	r.State, r.LumpKind, r.First = State(r.word(r.state)), r.word(r.kind), civil.Date(r.word(r.first))
	r.Due = max(civil.Date(r.word(r.due)), civil.Date(r.word(r.extended)))
	return err
}

// refresh takes in the rows that have changed since, with the overlap. The first time it reads all.
func (x *livePeriod) refresh(ctx context.Context, q db.Querier, form *Form) error {
	x.mu.RLock()
	since, loaded := x.seen, x.loaded
	x.mu.RUnlock()
	if !loaded {
		done, err := x.load(ctx, q, form)
		if done || err != nil {
			return err
		}
		x.mu.RLock()
		since = x.seen // another reader was quicker; what was committed since then may be missing
		x.mu.RUnlock()
	}
	from := since - overlap.Microseconds()
	var fresh []Row
	newest := since
	x.mu.RLock()
	var r scanned
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		if err := r.scan(rows); err != nil {
			return err
		}
		newest = max(newest, r.changed)
		if x.cols.has(r.ID, r.Unit, r.Version) {
			return nil
		}
		row := r.Row
		var err error
		if row.Values, err = DecodeValues(r.raw, len(form.Indicators)); err != nil {
			return fmt.Errorf("%w: %s", err, row.ID)
		}
		fresh = append(fresh, row)
		return nil
	}, `SELECT `+liveColumns+` FROM report WHERE period_id=$1 AND changed>=$2`, x.id, from)
	x.mu.RUnlock()
	if err != nil || len(fresh) == 0 && newest == since {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range fresh {
		x.put(r)
	}
	x.seen = max(x.seen, newest)
	return nil
}

// put takes in a row; the unit's id is the one that the tree has in memory already.
func (x *livePeriod) put(r Row) {
	if x.intern != nil {
		r.Unit = x.intern(r.Unit)
	}
	x.cols.Put(r)
}

// load reads all rows into new columns, straight from the database's own memory. It reports whether it did: not where another reader was quicker.
func (x *livePeriod) load(ctx context.Context, q db.Querier, form *Form) (bool, error) {
	x.first.Lock()
	defer x.first.Unlock()
	x.mu.RLock()
	loaded := x.loaded
	x.mu.RUnlock()
	if loaded {
		return false, nil
	}
	var n int
	if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM report WHERE period_id=$1`, x.id).Scan(&n); err != nil {
		return false, err
	}
	cols, newest := NewColumns(form, n+n/64), int64(0)
	const block = 256 // rows that are written into each column at once, which is what memory likes
	rows, values := make([]Row, 0, block), make([]Values, block)
	for i := range values {
		values[i] = make(Values, len(form.Indicators))
	}
	var r scanned
	err := db.Each(ctx, q, func(in *sql.Rows) error {
		if err := r.scan(in); err != nil {
			return err
		}
		if err := values[len(rows)].decode(r.raw); err != nil {
			return fmt.Errorf("%w: %s", err, r.ID)
		}
		newest = max(newest, r.changed)
		if x.intern != nil {
			r.Unit = x.intern(r.Unit)
		}
		if rows = append(rows, r.Row); len(rows) == block {
			cols.fill(rows, values)
			rows = rows[:0]
		}
		return nil
	}, `SELECT `+liveColumns+` FROM report WHERE period_id=$1`, x.id)
	if err != nil {
		return false, err
	}
	cols.fill(rows, values)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cols, x.seen, x.loaded = cols, newest, true
	return true, nil
}
