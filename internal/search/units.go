package search

import (
	"context"
	"sync"

	"dinh/internal/civil"
	"dinh/internal/org"
)

// Directory is where units are found: *org.Directory.
type Directory interface {
	On(day civil.Date) *org.Tree
}

// Units finds units of the query's day by name and code, out of memory.
func Units(dir Directory) Source { return &units{dir: dir} }

type units struct {
	dir Directory
	mu  sync.Mutex
	of  **org.Unit // the list that folded belongs to
	n   int
	all []string
}

func (s *units) Kinds() []string { return []string{KindUnit} }

// folded are the names of all units as they are compared, made once for a tree.
func (s *units) folded(all []*org.Unit) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == &all[0] && s.n == len(all) {
		return s.all
	}
	out := make([]string, len(all))
	for i, u := range all {
		out[i] = FoldWords(u.Name + " " + u.NameEN + " " + u.Code)
	}
	s.of, s.n, s.all = &all[0], len(all), out
	return out
}

func (s *units) Find(_ context.Context, q Query, t Terms, limit int) ([]Hit, error) {
	tree := s.dir.On(q.Day)
	all := tree.All()
	if len(all) == 0 {
		return nil, nil
	}
	var out []Hit
	for i, f := range s.folded(all) {
		if !t.Match(f) {
			continue
		}
		u := all[i]
		h := Hit{Kind: KindUnit, ID: u.ID, Unit: u.ID, Title: u.NameIn(q.Lang), Path: tree.Path(u.ID), Lang: q.Lang}
		// Whoever types a name wants the unit, not the papers about it.
		h.score = 100 + t.Score(u.Name, "")
		if p := tree.Parent(u.ID); p != nil {
			h.Note = p.NameIn(q.Lang)
		}
		out = append(out, h)
		if len(out) == limit {
			break
		}
	}
	return out, nil
}
