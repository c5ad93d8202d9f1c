package plan

import (
	"context"
	"database/sql"

	"dinh/internal/civil"
	"dinh/internal/db"
)

// unitWork is what a unit's work list is made of, kept in memory from page to page: reading it costs more than drawing the page. It never changes;
// a change of one of its assignments drops it.
type unitWork struct {
	day   civil.Date
	list  []*Assignment // shared: do not change them
	plans map[string]*Plan
	month map[string]int          // evidence of the month, by assignment
	own   map[string][]civil.Date // days of the unit's own plan, by assignment
	used  uint64
}

// keepUnits bounds the units whose work is in memory: those whose people are at their desks now.
const keepUnits = 96

// works are the units' work in memory. They belong to the cache and stand under its lock.
type works struct {
	byUnit map[string]*unitWork
	gen    uint64 // grows with everything that changed, so that what was read before is not kept
	clock  uint64
}

func (w *works) clear() {
	w.gen++
	clear(w.byUnit)
}

// forget drops the work of the units to which changed assignments belong.
func (w *works) forget(ctx context.Context, q db.Querier, assignments []string) error {
	w.gen++
	for len(assignments) > 0 && len(w.byUnit) > 0 {
		part := assignments[:min(len(assignments), 100)]
		assignments = assignments[len(part):]
		err := db.Each(ctx, q, func(rows *sql.Rows) error {
			var unit string
			err := rows.Scan(&unit)
			delete(w.byUnit, unit)
			return err
		}, `SELECT DISTINCT unit_id FROM assignment WHERE id IN `+in(len(part)), db.Args(part)...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *works) keep(unit string, u *unitWork) {
	if w.byUnit == nil {
		w.byUnit = map[string]*unitWork{}
	}
	if len(w.byUnit) >= keepUnits {
		oldest, at := "", w.clock+1
		for id, x := range w.byUnit {
			if x.used < at {
				oldest, at = id, x.used
			}
		}
		delete(w.byUnit, oldest)
	}
	w.clock++
	u.used = w.clock
	w.byUnit[unit] = u
}

// unitWork is the work of a unit, from memory where nothing of it has changed: then it costs the one query that says so.
func (s *Service) unitWork(ctx context.Context, unit string, today civil.Date) (*unitWork, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	w := &s.kept.works
	u, gen := w.byUnit[unit], w.gen
	if u != nil && u.day == today {
		w.clock++
		u.used = w.clock
		s.kept.mu.Unlock()
		return u, nil
	}
	s.kept.mu.Unlock()
	u = &unitWork{day: today}
	var err error
	if u.list, u.plans, err = s.workOf(ctx, unit, today); err != nil {
		return nil, err
	}
	if u.month, err = s.monthOf(ctx, unit, today); err != nil {
		return nil, err
	}
	if u.own, err = s.linksOf(ctx, unit); err != nil {
		return nil, err
	}
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	if w.gen == gen {
		w.keep(unit, u)
	}
	return u, nil
}
