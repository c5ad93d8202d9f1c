package search

import (
	"context"
	"slices"
	"sync"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/law"
)

// Law finds duties and acts of the catalogue in force, out of memory. path gives the address of one by its kind (KindDuty, KindAct) and id.
func Law(current func() *law.Catalogue, path func(kind, id string) string) Source {
	return &lawSource{current: current, path: path}
}

type lawSource struct {
	current func() *law.Catalogue
	path    func(kind, id string) string
	mu      sync.Mutex
	of      *law.Catalogue // the catalogue that kept belongs to
	kept    []lawRow
}

// rows are the catalogue's texts as they are compared, made once for a catalogue.
func (s *lawSource) rows() []lawRow {
	cat := s.current()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of != cat {
		s.of, s.kept = cat, lawRows(cat)
	}
	return s.kept
}

type lawRow struct {
	kind, id string
	vi, en   string
	cite     i18n.Msg
	folded   string
	title    title // of vi
	duty     *law.Duty
	act      *law.Act
}

func lawRows(cat *law.Catalogue) []lawRow {
	p := i18n.For(i18n.VI)
	var out []lawRow
	add := func(r lawRow) {
		r.folded = FoldWords(r.vi + " " + r.en + " " + p.Say(r.cite))
		r.title = compared(r.vi)
		out = append(out, r)
	}
	seen := map[string]bool{}
	for _, d := range cat.All() {
		if a := d.ActOf(); !seen[a.ID] {
			seen[a.ID] = true
			add(lawRow{kind: KindAct, id: a.ID, vi: a.TitleVI, en: a.TitleEN, cite: a.Name(), act: a})
		}
		add(lawRow{kind: KindDuty, id: d.ID, vi: d.TitleVI, en: d.TitleEN, cite: d.Cite(), duty: d})
	}
	return out
}

func (r lawRow) inForce(day civil.Date) bool {
	if r.duty != nil {
		return r.duty.InForce(day)
	}
	return r.act.InForce(day)
}

func (s *lawSource) Kinds() []string { return []string{KindDuty, KindAct} }

func (s *lawSource) Find(_ context.Context, q Query, t Terms, limit int) ([]Hit, map[string]int, error) {
	if len(q.Units) > 0 {
		return nil, nil, nil // the law is no unit's
	}
	p := i18n.For(q.Lang)
	rows := s.rows()
	count := map[string]int{}
	var found []scored
	for i, r := range rows {
		if len(q.Kinds) > 0 && !slices.Contains(q.Kinds, r.kind) || !t.Match(r.folded) {
			continue
		}
		count[r.kind]++
		score := t.fit(r.title)
		if r.inForce(q.Day) {
			score += 64 // what holds today before what held once
		}
		found = append(found, scored{i, score})
	}
	out := make([]Hit, 0, min(limit, len(found)))
	for _, f := range top(found, limit) {
		r := rows[f.row]
		h := Hit{Kind: r.kind, ID: r.id, Title: r.vi, Lang: q.Lang, Note: p.Say(r.cite), Path: s.path(r.kind, r.id), Over: !r.inForce(q.Day), score: f.score}
		if q.Lang == i18n.EN {
			h.Title = r.en
		}
		out = append(out, h)
	}
	return out, count, nil
}
