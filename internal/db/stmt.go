package db

import (
	"context"
	"database/sql"
	"sync"
)

// preparer is a pool or a connection that prepares statements.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// Statements kept at most, and the longest text kept.
const (
	maxStmts   = 256
	maxStmtLen = 8 << 10
)

// kept is a statement that belongs to a cache: whoever gets it must not close it.
type kept struct{ s *sql.Stmt }

// stmtCache keeps prepared statements by their text. A nil cache keeps nothing: pgx has its own.
type stmtCache struct {
	on  preparer
	mu  sync.RWMutex
	all map[string]*kept
}

func newStmtCache(on preparer) *stmtCache {
	return &stmtCache{on: on, all: map[string]*kept{}}
}

// of is the prepared statement, or nil where it cannot be prepared; running the text itself then tells why.
func (c *stmtCache) of(ctx context.Context, query string) *kept {
	if c == nil || len(query) > maxStmtLen {
		return nil
	}
	c.mu.RLock()
	st := c.all[query]
	c.mu.RUnlock()
	if st != nil {
		return st
	}
	fresh, err := c.on.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	st = &kept{fresh}
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := c.all[query]; other != nil {
		st.s.Close() //nolint:errcheck // somebody else was quicker
		return other
	}
	if len(c.all) >= maxStmts { // texts made by In with many lengths: make room
		n := 0
		for q, old := range c.all {
			old.s.Close() //nolint:errcheck // rows still being read keep it open
			delete(c.all, q)
			if n++; n >= maxStmts/4 {
				break
			}
		}
	}
	c.all[query] = st
	return st
}

func (c *stmtCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, st := range c.all {
		st.s.Close() //nolint:errcheck // the connection goes too
	}
	c.all = map[string]*kept{}
}
