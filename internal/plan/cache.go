package plan

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"dinh/internal/db"
	"dinh/internal/errs"
)

// cache holds what pages read again and again: plans with their tasks, roles, members, boards. One query a page tells whether anything changed; what
// changed is read from plan_touch.
type cache struct {
	mu      sync.Mutex
	epoch   int64
	known   bool             // epoch was read
	from    int64            // touches from here on may be new
	seen    map[string]int64 // touches that were taken in, by id, with their instant
	plans   map[string]*Plan
	roles   map[string][]Role
	members map[string][]Member
	boards  map[string]*board
	order   []string // boards, the one used last at the end
	works   works
}

// A command's transaction may be committed so long after its instant; whatever is younger is looked at again.
const touchWindow = 10 * 60 * 1_000_000 // microseconds

// keepPlans bounds the plans in memory, keepBoards the boards: those of a province are few, units' own plans many.
const (
	keepPlans  = 64
	keepBoards = 6
)

// lock locks the cache after taking in what changed since the last call, with one query where nothing did. The caller unlocks; after an error nothing is
// locked.
func (s *Service) lock(ctx context.Context) error {
	epoch, err := s.db.Epoch(ctx, epochName)
	if err != nil {
		return err
	}
	s.kept.mu.Lock()
	if s.kept.known && epoch <= s.kept.epoch {
		return nil
	}
	if err := s.sync(ctx, epoch); err != nil {
		s.kept.mu.Unlock()
		return err
	}
	return nil
}

func (s *Service) sync(ctx context.Context, epoch int64) error {
	c := &s.kept
	if !c.known {
		c.reset()
		c.known, c.epoch, c.from = true, epoch, db.Micros(s.db.Clock().Now())-touchWindow
	}
	type change struct {
		id, plan, assignment string
		at                   int64
	}
	var fresh []change
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var t change
		if err := rows.Scan(&t.id, &t.plan, &t.assignment, &t.at); err != nil {
			return err
		}
		if _, old := c.seen[t.id]; !old {
			fresh = append(fresh, t)
		}
		return nil
	}, `SELECT id, plan_id, assignment_id, at FROM plan_touch WHERE at >= $1`, c.from)
	if err != nil {
		return err
	}
	latest := c.from + touchWindow
	var changed []string
	for _, t := range fresh {
		c.seen[t.id] = t.at
		latest = max(latest, t.at)
		switch {
		case t.plan == "":
			clear(c.roles)
			clear(c.members)
		case t.assignment == "":
			delete(c.plans, t.plan)
			delete(c.boards, t.plan)
			c.works.clear()
		default:
			changed = append(changed, t.assignment)
			if b := c.boards[t.plan]; b != nil {
				b.stale(t.assignment)
			}
		}
	}
	if err := c.works.forget(ctx, s.db, changed); err != nil {
		c.works.clear()
		return err
	}
	c.epoch, c.from = epoch, latest-touchWindow
	for id, at := range c.seen {
		if at < c.from {
			delete(c.seen, id)
		}
	}
	return nil
}

func (c *cache) reset() {
	c.seen, c.plans = map[string]int64{}, map[string]*Plan{}
	c.roles, c.members, c.boards, c.order = map[string][]Role{}, map[string][]Member{}, map[string]*board{}, nil
	c.works.clear()
}

// Plan is the plan with its tasks, shared: do not change it. errs.NotFound where there is none.
func (s *Service) Plan(ctx context.Context, id string) (*Plan, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.kept.mu.Unlock()
	return s.planLocked(ctx, id)
}

func (s *Service) planLocked(ctx context.Context, id string) (*Plan, error) {
	if p := s.kept.plans[id]; p != nil {
		return p, nil
	}
	p, err := readPlan(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	if len(s.kept.plans) >= keepPlans {
		for k := range s.kept.plans {
			delete(s.kept.plans, k)
			break
		}
	}
	s.kept.plans[id] = p
	return p, nil
}

// Roles are the dated roles of a province, shared: do not change them.
func (s *Service) Roles(ctx context.Context, province string) ([]Role, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.kept.mu.Unlock()
	return s.rolesLocked(ctx, province)
}

func (s *Service) rolesLocked(ctx context.Context, province string) ([]Role, error) {
	if r, ok := s.kept.roles[province]; ok {
		return r, nil
	}
	r, err := readRoles(ctx, s.db, province)
	if err == nil {
		s.kept.roles[province] = r
	}
	return r, err
}

// Members are the members of a unit's steering committee over all days, shared: do not change them.
func (s *Service) Members(ctx context.Context, unit string) ([]Member, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.kept.mu.Unlock()
	if m, ok := s.kept.members[unit]; ok {
		return m, nil
	}
	m, err := readMembers(ctx, s.db, unit)
	if err == nil {
		s.kept.members[unit] = m
	}
	return m, err
}

// pair is a plan with the roles of its province.
func (s *Service) pair(ctx context.Context, id string) (*Plan, []Role, error) {
	if err := s.lock(ctx); err != nil {
		return nil, nil, err
	}
	defer s.kept.mu.Unlock()
	p, err := s.planLocked(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	roles, err := s.rolesLocked(ctx, s.province(p.Unit, s.clock.Today()))
	return p, roles, err
}

// planTx is pair inside a command: as the transaction sees them. A plan of the same version is taken from memory.
func (s *Service) planTx(ctx context.Context, tx *db.Tx, id string) (*Plan, []Role, error) {
	var version int
	err := tx.QueryRow(ctx, `SELECT version FROM plan WHERE id=$1`, id).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, errs.E(errs.NotFound, "plan.none")
	}
	if err != nil {
		return nil, nil, err
	}
	s.kept.mu.Lock()
	p := s.kept.plans[id]
	s.kept.mu.Unlock()
	if p == nil || p.Version != version {
		if p, err = readPlan(ctx, tx, id); err != nil {
			return nil, nil, err
		}
	}
	roles, err := readRoles(ctx, tx, s.province(p.Unit, tx.Today()))
	return p, roles, err
}

// version is errs.Conflict where the form was filled from another version than is stored now; 0 asks for nothing.
func version(form, stored int) error {
	if form != 0 && form != stored {
		return errs.E(errs.Conflict, "db.conflict")
	}
	return nil
}
