package org

import (
	"strings"
	"testing"

	"dinh/internal/civil"
)

func dayOf(s string) civil.Date { return civil.MustParse(s) }

// dump is a tree as text: path, code, name, flags of each unit.
func dump(t *Tree) []string {
	var out []string
	for _, u := range t.All() {
		out = append(out, strings.Join([]string{t.Path(u.ID), u.Code, u.Kind, u.Name, u.NameEN, strings.Join(u.Flags, " ")}, " | "))
	}
	return out
}

// wantTrees checks what must hold on all days: rows of a unit follow each other and fill its life, each day's tree is a tree, every code and every
// address has one holder and leads back to it.
func wantTrees(t testing.TB, dir *Directory) {
	t.Helper()
	ix := dir.state.Load().ix
	for _, rows := range ix.rows {
		for i, u := range rows {
			if u.valid.From > end(u.valid.To) {
				t.Errorf("%s: row %v ends before it begins", u.Name, u.valid)
			}
			if i > 0 && rows[i-1].valid.To.Add(1) != u.valid.From {
				t.Errorf("%s: rows %v and %v do not meet", u.Name, rows[i-1].valid, u.valid)
			}
		}
		if first, last := rows[0], rows[len(rows)-1]; first.valid.From != first.From || last.valid.To != last.To {
			t.Errorf("%s: rows from %v to %v, life %v", first.Name, first.valid.From, last.valid.To, first.Span)
		}
	}
	for _, day := range append([]civil.Date{"1999-01-01"}, ix.changes...) {
		tree := dir.On(day)
		codes, seen := map[string]bool{}, 0
		for _, r := range tree.Roots() {
			if r.ParentID != "" {
				t.Errorf("%s: %s hangs nowhere", day, r.Name)
			}
			seen += len(tree.Subtree(r.ID))
		}
		if seen != tree.Len() {
			t.Errorf("%s: %d units, %d below the roots", day, tree.Len(), seen)
		}
		for _, u := range tree.All() {
			if codes[u.Code] {
				t.Errorf("%s: code %s twice", day, u.Code)
			}
			codes[u.Code] = true
			if !u.valid.Has(day) {
				t.Errorf("%s: %s is not valid", day, u.Name)
			}
			path := tree.Path(u.ID)
			f, ok := dir.Find(strings.Split(path[1:], "/"), day)
			if !ok || f.Unit != u || f.Path != path || len(f.Rest) != 0 || f.Day != day {
				t.Errorf("%s: %s leads to %v", day, path, f)
			}
			if IsReserved(u.Slug) {
				t.Errorf("%s: slug %q", day, u.Slug)
			}
		}
	}
}
