package report

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"dinh/internal/db"
)

// overlap is how far back a process looks for changed rows beyond the newest it knows: no transaction lasts longer, and no two servers' clocks differ by
// more.
const overlap = 2 * time.Minute

// mostLive is the number of periods kept in memory at once.
const mostLive = 2

// live keeps the reports of the periods asked for last as columns, and takes in what has changed before it answers.
type live struct {
	mu   sync.Mutex
	list []*livePeriod // the last used in front
}

type livePeriod struct {
	id   string
	mu   sync.RWMutex
	cols *Columns
	seen int64 // the newest change known, microseconds
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
	x := &livePeriod{id: id, cols: NewColumns(form, 0)}
	l.list = append([]*livePeriod{x}, l.list...)
	if len(l.list) > mostLive {
		l.list = l.list[:mostLive]
	}
	return x
}

// refresh takes in the rows that have changed since, with the overlap. The first time it reads all.
func (x *livePeriod) refresh(ctx context.Context, q db.Querier, form *Form) error {
	x.mu.RLock()
	since := x.seen
	x.mu.RUnlock()
	from := int64(0)
	if since > 0 {
		from = since - overlap.Microseconds()
	}
	type row struct {
		id, unit string
		state    State
		version  int
		lump     int
		changed  int64
		values   Values
	}
	var fresh []row
	x.mu.RLock()
	known := x.cols
	err := eachRow(ctx, q, func(rows *sql.Rows) error {
		var r row
		var raw sql.RawBytes
		if err := rows.Scan(&r.id, &r.unit, &r.state, &r.version, &r.lump, &r.changed, &raw); err != nil {
			return err
		}
		since = max(since, r.changed)
		if known.has(r.id, r.version) {
			return nil
		}
		var err error
		if r.values, err = DecodeValues(raw, len(form.Indicators)); err != nil {
			return fmt.Errorf("%w: %s", err, r.id)
		}
		fresh = append(fresh, r)
		return nil
	}, `SELECT id, unit_id, state, version, lump, changed, figures FROM report WHERE period_id=$1 AND changed>=$2`, x.id, from)
	x.mu.RUnlock()
	if err != nil || len(fresh) == 0 && since == x.seenNow() {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range fresh {
		x.cols.Put(r.id, r.unit, r.state, r.version, r.lump, r.values)
	}
	x.seen = max(x.seen, since)
	return nil
}

func (x *livePeriod) seenNow() int64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.seen
}
