package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/search"
)

// texts makes documents out of the words that the law, the plan and the units have.
type texts struct {
	words []string // in the order in which they stand, so that runs of them keep real pairs
	units []string
	rng   *rand.Rand
	days  int
	n     int
	bytes int // of titles and texts so far
}

// hiddenWord stands in every tenth text, of which none is for the reader of the measurement.
const hiddenWord = "zưng"

func newTexts(ctx context.Context, d *db.DB, n int) (*texts, error) {
	cat, err := law.Load()
	if err != nil {
		return nil, err
	}
	t := &texts{rng: rand.New(rand.NewPCG(1, 2)), days: 3650, n: n}
	add := func(s string) {
		t.words = append(t.words, strings.FieldsFunc(i18n.NFC(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) })...)
	}
	for _, duty := range cat.All() {
		add(duty.TitleVI)
	}
	for _, q := range []string{`SELECT title || ' ' || body FROM search_doc ORDER BY kind, doc_id`, `SELECT name FROM unit_row ORDER BY unit_id, from_day`, `SELECT id FROM unit ORDER BY id`} {
		rows, err := d.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return nil, err
			}
			if strings.HasPrefix(q, "SELECT id") {
				t.units = append(t.units, s)
			} else {
				add(s)
			}
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// vocabulary are the different words, with marks and without.
func (t *texts) vocabulary() (typed, folded []string) {
	seen := map[string]bool{}
	for _, w := range t.words {
		if w = strings.ToLower(w); !seen[w] {
			seen[w] = true
			typed = append(typed, w)
		}
	}
	for _, w := range typed {
		folded = append(folded, i18n.Fold(w))
	}
	slices.Sort(folded)
	return typed, slices.Compact(folded)
}

// pair is two words that stand side by side.
func (t *texts) pair() string {
	i := t.rng.IntN(len(t.words) - 1)
	return strings.ToLower(t.words[i] + " " + t.words[i+1])
}

func rare(i int) string { return fmt.Sprintf("%dx", 5_000_000+i) }

// doc is the i-th text: 8 to 24 syllables in runs of up to four, every tenth with a number of its own; days rise.
func (t *texts) doc(i int) search.Doc {
	size := 8 + t.rng.IntN(17)
	w := make([]string, 0, size+1)
	for len(w) < size {
		run := min(size-len(w), 1+t.rng.IntN(4))
		at := t.rng.IntN(len(t.words) - run)
		w = append(w, t.words[at:at+run]...)
	}
	if i%10 == 0 {
		w = append(w, rare(i))
	}
	d := search.Doc{
		Kind: search.KindTask, ID: fmt.Sprintf("bench-%d", i), Unit: t.units[t.rng.IntN(len(t.units))], Audience: search.Public, Path: "/x",
		Day: civil.Date("2011-04-20").Add(i * t.days / t.n),
	}
	switch {
	case i%20 == 7:
		d.Kind = search.KindPlan
	case i%20 == 3:
		d.Audience = search.Unit
	case i%40 == 9:
		d.Audience, d.Posts = search.Posts, []access.PostKind{access.Head}
	case i%10 == 5:
		w[len(w)-1] = hiddenWord
		d.Audience, d.Unit = search.Unit, "another-"+d.Unit
	}
	d.Title, d.Text = strings.Join(w[:8], " "), strings.Join(w[8:], " ")
	t.bytes += len(d.Title) + len(d.Text)
	return d
}
