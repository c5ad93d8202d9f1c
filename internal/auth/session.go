package auth

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Stage is how far a log-in has come.
type Stage string

// The stages. Only the last is a session; whoever is at an earlier one is still the public.
const (
	StageCode  Stage = "code"  // the second factor is asked for
	StageEnrol Stage = "enrol" // the second factor must be set up first
	StageIn    Stage = ""
)

// How long things hold.
const (
	pendingLife = 10 * time.Minute // a log-in between its two steps
	sharedIdle  = 30 * time.Minute // a log-in on a shared computer, without a page
	flushEvery  = time.Minute      // how often Run writes down when sessions were used
	cacheFresh  = 500 * time.Millisecond
	cacheMax    = 20_000
)

// Session is a log-in on one device.
type Session struct {
	ID      string
	Account string
	Stage   Stage
	Agent   string        // "chrome/android": device and browser, worded by AgentMsg
	Idle    time.Duration // on a shared computer it ends when unused for so long; 0: not by that
	First   civil.Date
	Last    civil.Date
	Expires time.Time
}

// cache keeps who a token belongs to. What it holds is dropped when this process commits a change, when the epoch shows that another has, and when the
// day changes; the epoch is asked for at most every cacheFresh, when somebody comes.
type cache struct {
	mu      sync.Mutex
	all     map[string]*entry // by stored form of the token
	day     civil.Date
	epoch   int64
	checked time.Time
	gen     int // goes up with every clear, so that an answer read before is not kept after
	used    map[string]time.Time
	tokens  map[string]civil.Date // API tokens used, by id
}

type entry struct {
	actor   access.Actor
	session Session
	expires time.Time
}

func (c *cache) init() {
	c.all, c.used, c.tokens = map[string]*entry{}, map[string]time.Time{}, map[string]civil.Date{}
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.all)
	c.gen++
}

// fresh looks whether what is kept still holds, and gives the entry of the token and the generation for keep.
func (s *Service) fresh(ctx context.Context, stored string) (*entry, int, error) {
	c := &s.cache
	now, day := s.clock.Now(), s.clock.Today()
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := now.Sub(c.checked); age < 0 || age >= cacheFresh {
		n, err := s.db.Epoch(ctx, Epoch) // under the lock: others wait for the same answer
		if err != nil {
			return nil, 0, err
		}
		if n != c.epoch {
			clear(c.all)
			c.gen++
		}
		c.epoch, c.checked = n, now
	}
	if c.day != day {
		clear(c.all)
		c.gen++
		c.day = day
	}
	return c.all[stored], c.gen, nil
}

func (c *cache) keep(stored string, e *entry, gen int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if gen != c.gen {
		return
	}
	if len(c.all) >= cacheMax {
		for k := range c.all {
			delete(c.all, k)
			if len(c.all) < cacheMax*3/4 {
				break
			}
		}
	}
	c.all[stored] = e
}

// Session is who a session's token belongs to, with the posts held today. An unknown token, one that is over and one whose log-in is not finished give
// the zero Actor and no error. It writes nothing; it reads memory, or one row by an index. What ends a session counts in every process within a second.
func (s *Service) Session(ctx context.Context, token string) (access.Actor, Session, error) {
	e, err := s.entry(ctx, token)
	if err != nil || e == nil {
		return access.Actor{}, Session{}, err
	}
	if e.session.Stage != StageIn {
		return access.Actor{}, e.session, nil
	}
	s.cache.touch(e.session, s.clock)
	return e.actor, e.session, nil
}

// Pending is the log-in between its steps that the token belongs to; errs.Unauthenticated where there is none.
func (s *Service) Pending(ctx context.Context, token string) (*Account, Session, error) {
	e, err := s.entry(ctx, token)
	if err != nil {
		return nil, Session{}, err
	}
	if e == nil || e.session.Stage == StageIn {
		return nil, Session{}, errs.E(errs.Unauthenticated, "auth.login.again")
	}
	acc, err := account(ctx, s.db, `a.id=$1`, e.session.Account)
	return acc, e.session, err
}

func (s *Service) entry(ctx context.Context, token string) (*entry, error) {
	if len(token) < 40 || len(token) > 64 {
		return nil, nil
	}
	hash := tokenHash(token)
	stored := string(hash)
	e, gen, err := s.fresh(ctx, stored)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	if e != nil && e.session.Idle > 0 && !now.Before(s.cache.end(e)) {
		e = nil // another process may have written down a later use
	}
	if e == nil {
		if e, err = s.load(ctx, hash); err != nil || e == nil {
			return nil, err
		}
		s.cache.keep(stored, e, gen)
	}
	if !now.Before(s.cache.end(e)) {
		return nil, nil
	}
	return e, nil
}

// load reads a session with its account and posts by the token's index. An account that has no post today or later is out.
func (s *Service) load(ctx context.Context, hash []byte) (*entry, error) {
	today := s.clock.Today()
	rows, err := s.db.Query(ctx, `SELECT s.id, s.account_id, s.stage, s.agent, s.idle, s.first_day, s.last_day, s.expires, a.name, p.kind, p.unit_id, p.day_from, p.day_to
		FROM session s JOIN account a ON a.id=s.account_id JOIN post p ON p.account_id=a.id AND (p.day_to='' OR p.day_to>=$2)
		WHERE s.token_hash=$1 AND a.disabled_at=0 ORDER BY p.day_from, p.id`, hash, string(today))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var e *entry
	tree := s.units.On(today)
	for rows.Next() {
		var (
			se       Session
			idle     int64
			expires  int64
			name     string
			post     access.Post
			from, to string
		)
		if err := rows.Scan(&se.ID, &se.Account, &se.Stage, &se.Agent, &idle, &se.First, &se.Last, &expires, &name, &post.Kind, &post.Unit, &from, &to); err != nil {
			return nil, err
		}
		if e == nil {
			se.Idle, se.Expires = time.Duration(idle)*time.Second, db.FromMicros(expires)
			e = &entry{session: se, expires: se.Expires, actor: access.Actor{ID: se.Account, Name: name}}
		}
		post.Span = civil.Span{From: civil.Date(from), To: civil.Date(to)}
		if _, lives := tree.ByID(post.Unit); lives && post.Has(today) {
			e.actor.Posts = append(e.actor.Posts, post)
		}
	}
	return e, rows.Err()
}

// touch notes that a session was used; Flush writes it down.
func (c *cache) touch(se Session, clock civil.Clock) {
	if se.Idle == 0 && se.Last >= clock.Today() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used[se.ID] = clock.Now()
}

// end is when a session ends, with uses that are not written down yet.
func (c *cache) end(e *entry) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.used[e.session.ID]; ok && e.session.Idle > 0 && at.Add(e.session.Idle).After(e.expires) {
		return at.Add(e.session.Idle)
	}
	return e.expires
}

// Flush writes down when sessions and API tokens were last used: the day, and on shared computers the new end. It writes nothing where nothing changed.
func (s *Service) Flush(ctx context.Context) error {
	c := &s.cache
	c.mu.Lock()
	used, tokens := c.used, c.tokens
	c.used, c.tokens = map[string]time.Time{}, map[string]civil.Date{}
	c.mu.Unlock()
	if len(used)+len(tokens) == 0 {
		return nil
	}
	today := string(s.clock.Today())
	err := s.db.WriteLoose(ctx, func(tx *db.Tx) error {
		for id, at := range used {
			_, err := tx.Exec(ctx, `UPDATE session SET last_day=CASE WHEN last_day<$2 THEN $2 ELSE last_day END,
				expires=CASE WHEN idle>0 AND expires<$3+idle*1000000 THEN $3+idle*1000000 ELSE expires END WHERE id=$1`, id, today, db.Micros(at))
			if err != nil {
				return err
			}
		}
		for id, day := range tokens {
			if _, err := tx.Exec(ctx, `UPDATE api_token SET last_day=$2 WHERE id=$1 AND last_day<$2`, id, string(day)); err != nil {
				return err
			}
		}
		return nil
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil { // kept for the next time
		for id, at := range used {
			if c.used[id].Before(at) {
				c.used[id] = at
			}
		}
		return err
	}
	// What is cached still has the old end and day.
	for k, e := range c.all {
		if _, ok := used[e.session.ID]; ok {
			delete(c.all, k)
		}
	}
	c.gen++
	return nil
}

// Sessions lists an account's log-ins, newest first.
func (s *Service) Sessions(ctx context.Context, actor access.Actor) ([]Session, error) {
	rows, err := s.db.Query(ctx, `SELECT id, account_id, stage, agent, idle, first_day, last_day, expires FROM session
		WHERE account_id=$1 AND stage='' AND expires>$2 ORDER BY created DESC, id DESC`, actor.ID, db.Micros(s.clock.Now()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Session
	for rows.Next() {
		var se Session
		var idle, expires int64
		if err := rows.Scan(&se.ID, &se.Account, &se.Stage, &se.Agent, &idle, &se.First, &se.Last, &expires); err != nil {
			return nil, err
		}
		se.Idle, se.Expires = time.Duration(idle)*time.Second, db.FromMicros(expires)
		out = append(out, se)
	}
	return out, rows.Err()
}

// EndSessionTx ends one of the actor's own sessions; one that is over already is no error.
func (s *Service) EndSessionTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string) error {
	if err := s.bump(ctx, tx); err != nil {
		return err
	}
	res, err := tx.Exec(ctx, `DELETE FROM session WHERE id=$1 AND account_id=$2`, id, actor.ID)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return recordSession(ctx, tx, actor, "auth.session.end", i18n.M("auth.audit.session_end"))
}

// EndOthersTx ends all of the actor's sessions but the one with the id.
func (s *Service) EndOthersTx(ctx context.Context, tx *db.Tx, actor access.Actor, keep string) error {
	if err := s.bump(ctx, tx); err != nil {
		return err
	}
	if err := s.endAll(ctx, tx, actor.ID, keep); err != nil {
		return err
	}
	return recordSession(ctx, tx, actor, "auth.session.end_others", i18n.M("auth.audit.session_end_others"))
}

// LogOut ends the session of the token, whatever its stage.
func (s *Service) LogOut(ctx context.Context, token string) error {
	var id, acc string
	err := s.db.QueryRow(ctx, `SELECT id, account_id FROM session WHERE token_hash=$1`, tokenHash(token)).Scan(&id, &acc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.EndSessionTx(ctx, tx, access.Actor{ID: acc}, id) })
}

// endAll ends all sessions of an account but one; the caller bumps.
func (s *Service) endAll(ctx context.Context, tx *db.Tx, account, keep string) error {
	_, err := tx.Exec(ctx, `DELETE FROM session WHERE account_id=$1 AND id<>$2`, account, keep)
	return err
}

func recordSession(ctx context.Context, tx *db.Tx, actor access.Actor, action string, msg i18n.Msg) error {
	return audit.Record(ctx, tx, audit.Entry{Actor: actor.ID, ActorName: actor.Name, Action: action, Kind: "account", Subject: actor.ID, Msg: msg})
}

// Devices and browsers that are told apart, in the order in which they are looked for.
var (
	devices  = []struct{ mark, name string }{{"iPhone", "iphone"}, {"iPad", "ipad"}, {"Android", "android"}, {"Windows", "windows"}, {"Macintosh", "mac"}, {"CrOS", "chromebook"}, {"Linux", "linux"}}
	browsers = []struct{ mark, name string }{{"coc_coc", "coccoc"}, {"Zalo", "zalo"}, {"Edg", "edge"}, {"OPR/", "opera"}, {"SamsungBrowser", "samsung"}, {"Firefox", "firefox"}, {"FxiOS", "firefox"}, {"CriOS", "chrome"}, {"Chrome", "chrome"}, {"Safari", "safari"}}
)

// shortAgent is what is kept of a User-Agent: browser and device, no version, nothing that tells people apart.
func shortAgent(ua string) string {
	find := func(list []struct{ mark, name string }) string {
		i := slices.IndexFunc(list, func(m struct{ mark, name string }) bool { return strings.Contains(ua, m.mark) })
		if i < 0 {
			return "unknown"
		}
		return list[i].name
	}
	return find(browsers) + "/" + find(devices)
}

// AgentMsg words a session's device: "Chrome trên điện thoại Android".
func AgentMsg(agent string) i18n.Msg {
	browser, device, _ := strings.Cut(agent, "/")
	return i18n.M("auth.agent.line", "browser", i18n.M("auth.agent.browser."+browser), "device", i18n.M("auth.agent.device."+device))
}
