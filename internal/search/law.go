package search

import (
	"context"
	"sync"

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
	duty     *law.Duty
	act      *law.Act
}

func lawRows(cat *law.Catalogue) []lawRow {
	p := i18n.For(i18n.VI)
	var out []lawRow
	seen := map[string]bool{}
	for _, d := range cat.All() {
		if a := d.ActOf(); !seen[a.ID] {
			seen[a.ID] = true
			out = append(out, lawRow{kind: KindAct, id: a.ID, vi: a.TitleVI, en: a.TitleEN, cite: a.Name(), act: a, folded: FoldWords(a.TitleVI + " " + a.TitleEN + " " + p.Say(a.Name()))})
		}
		out = append(out, lawRow{kind: KindDuty, id: d.ID, vi: d.TitleVI, en: d.TitleEN, cite: d.Cite(), duty: d, folded: FoldWords(d.TitleVI + " " + d.TitleEN + " " + p.Say(d.Cite()))})
	}
	return out
}

func (s *lawSource) Kinds() []string { return []string{KindDuty, KindAct} }

func (s *lawSource) Find(_ context.Context, q Query, t Terms, limit int) ([]Hit, error) {
	p := i18n.For(q.Lang)
	var out []Hit
	for _, r := range s.rows() {
		if !t.Match(r.folded) {
			continue
		}
		h := Hit{Kind: r.kind, ID: r.id, Title: r.vi, Lang: q.Lang, Note: p.Say(r.cite), Path: s.path(r.kind, r.id)}
		if q.Lang == i18n.EN {
			h.Title = r.en
		}
		var inForce bool
		if r.duty != nil {
			inForce = r.duty.InForce(q.Day)
		} else {
			inForce = r.act.InForce(q.Day)
		}
		h.score = t.Score(r.vi, r.en)
		if inForce {
			h.score += 64 // what holds today before what held once
		}
		h.Over = !inForce
		out = append(out, h)
	}
	Rank(out)
	return out[:min(len(out), limit)], nil
}
