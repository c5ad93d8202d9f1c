package search

import (
	"context"
	"slices"
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
	all []unitRow
}

type unitRow struct {
	folded string
	title  title
}

func (s *units) Kinds() []string { return []string{KindUnit} }

// folded are the names of all units as they are compared, made once for a tree.
func (s *units) folded(all []*org.Unit) []unitRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == &all[0] && s.n == len(all) {
		return s.all
	}
	out := make([]unitRow, len(all))
	for i, u := range all {
		out[i] = unitRow{FoldWords(u.Name + " " + u.NameEN + " " + u.Code), compared(u.Name)}
	}
	s.of, s.n, s.all = &all[0], len(all), out
	return out
}

func (s *units) Find(_ context.Context, q Query, t Terms, limit int) ([]Hit, map[string]int, error) {
	tree := s.dir.On(q.Day)
	all := tree.All()
	if len(all) == 0 || len(q.Kinds) > 0 && !slices.Contains(q.Kinds, KindUnit) {
		return nil, nil, nil
	}
	var only map[string]bool
	if len(q.Units) > 0 {
		only = make(map[string]bool, len(q.Units))
		for _, id := range q.Units {
			only[id] = true
		}
	}
	var found []scored
	for i, f := range s.folded(all) {
		if only != nil && !only[all[i].ID] || !t.Match(f.folded) {
			continue
		}
		// Whoever types a name wants the unit, not the papers about it.
		found = append(found, scored{i, 100 + t.fit(f.title)})
	}
	count := map[string]int{KindUnit: len(found)}
	out := make([]Hit, 0, min(limit, len(found)))
	for _, f := range top(found, limit) {
		u := all[f.row]
		h := Hit{Kind: KindUnit, ID: u.ID, Unit: u.ID, Title: u.NameIn(q.Lang), Path: tree.Path(u.ID), Lang: q.Lang, score: f.score}
		if p := tree.Parent(u.ID); p != nil {
			h.Note = p.NameIn(q.Lang)
		}
		out = append(out, h)
	}
	return out, count, nil
}
