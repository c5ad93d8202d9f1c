// Package auth knows who people are: accounts, passwords, second factors, sessions, invitations and API tokens, and which posts they hold where and when.
package auth

import (
	"context"
	"net/netip"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/job"
	"dinh/internal/org"
)

// Epoch is the name under which other processes are told that an account, a post or a session is no longer what it was.
const Epoch = "auth"

// Units is the tree of units: *org.Directory.
type Units interface {
	On(day civil.Date) *org.Tree
	Unit(id string, on civil.Date) (*org.Unit, bool) // also after its end, as it was on its last day
	Successors(id string, on civil.Date) []*org.Succession
}

// Options are what a Service is made of. Zero numbers are usable.
type Options struct {
	DB          *db.DB
	Clock       civil.Clock
	Units       Units
	KeyDir      string // the data folder's keys/
	Workers     int    // passwords hashed at once; default 2
	SessionDays int    // how long a log-in lasts; default 30
	Issuer      string // what authenticator apps show; default "Đình"
}

// Service is the room's door. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	clock    civil.Clock
	units    Units
	key      *key
	queue    *queue
	throttle *throttle
	cache    cache
	days     int
	issuer   string
	handover Handover
}

// New makes a Service, and the key in o.KeyDir where there is none yet.
func New(o Options) (*Service, error) {
	k, err := loadKey(o.KeyDir)
	if err != nil {
		return nil, err
	}
	if o.SessionDays <= 0 {
		o.SessionDays = 30
	}
	if o.Issuer == "" {
		o.Issuer = "Đình"
	}
	s := &Service{
		db: o.DB, clock: o.Clock, units: o.Units, key: k, queue: newQueue(o.Workers), throttle: newThrottle(o.Clock.Now), days: o.SessionDays,
		issuer: o.Issuer,
	}
	s.cache.init()
	return s, nil
}

// Client is where a log-in comes from.
type Client struct {
	IP    netip.Addr
	Agent string // the browser's User-Agent
}

func (c Client) net() string { return network(c.IP) }

// Manages reports whether the actor looks after the people of the unit today.
func (s *Service) Manages(a access.Actor, unit string) bool {
	return s.manages(a, unit, s.clock.Today())
}

func (s *Service) manages(a access.Actor, unit string, day civil.Date) bool {
	tree := s.units.On(day)
	p := tree.Place(unit)
	if p.Unit == "" { // a unit that has ended: its people are in the care of the province
		if len(tree.Roots()) != 1 {
			return a.ID == access.System.ID
		}
		p = tree.Place(tree.Root().ID)
	}
	return access.Allowed(a, access.ManagePeople, p)
}

// managed are the units whose people the actor looks after, nil and all true for the administrator of a root (or the program itself).
func (s *Service) managed(a access.Actor, day civil.Date) (units []string, all bool) {
	if a.ID == access.System.ID {
		return nil, true
	}
	tree := s.units.On(day)
	for _, p := range a.Posts {
		if p.Kind != access.Admin {
			continue
		}
		if root := tree.Root(); root != nil && root.ID == p.Unit && len(tree.Roots()) == 1 {
			return nil, true
		}
		for u := range tree.Walk(p.Unit) {
			units = append(units, u.ID)
		}
	}
	return units, false
}

// bump tells this process and all others that what is remembered is old. It comes first in every command that ends or changes rights.
func (s *Service) bump(ctx context.Context, tx *db.Tx) error {
	tx.OnCommit(s.cache.clear)
	return tx.Bump(ctx, Epoch)
}

// errNotFound is the answer for what is not there and for what is not the actor's to see.
var errNotFound = errs.E(errs.NotFound, "auth.not_found")

// Prune forgets sessions that are over, half-finished log-ins, and codes of invitations that can no longer be used. Run it daily.
func (s *Service) Prune(ctx context.Context) error {
	now := db.Micros(s.clock.Now())
	today := string(s.clock.Today())
	var n int
	err := s.db.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM session WHERE expires<$1) + (SELECT COUNT(*) FROM invitation WHERE code<>'' AND (last_day<$2 OR used>0 OR revoked>0))`,
		now, today).Scan(&n)
	if err != nil || n == 0 {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM session WHERE expires<$1`, now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE invitation SET code='' WHERE code<>'' AND (last_day<$1 OR used>0 OR revoked>0)`, today)
		return err
	})
}

// Register lets the runner forget every night what is over.
func (s *Service) Register(r *job.Runner) { r.Every("auth.prune", job.Daily(3), s.Prune) }

// Run writes down now and then when sessions were last used, which pages do not: they write nothing. It returns when ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.Flush(context.WithoutCancel(ctx))
		case <-tick.C:
			if err := s.Flush(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// Unit is a unit as it is on the day, or as it was on its last day before; false for an unknown id.
func (s *Service) Unit(id string, on civil.Date) (*org.Unit, bool) { return s.units.Unit(id, on) }
