package search

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
)

// Index is the stored documents together with sources in memory. It is safe for concurrent use.
type Index struct {
	d       *db.DB
	sources []Source
}

// New makes an index.
func New(d *db.DB, sources ...Source) *Index { return &Index{d: d, sources: sources} }

// Found is the answer to a query.
type Found struct {
	Known []Hit          // from memory, the best first; only with Newest and only before the first documents
	Hits  []Hit          // in the order asked for
	Next  string         // Query.After for what follows; "" at the end
	Count map[string]int // by kind; more than Most means that there are more
}

// Total is the number of all that was found; more than Most means that there are more.
func (f Found) Total() int {
	n := 0
	for _, k := range f.Count {
		n += k
	}
	return min(n, Most+1)
}

// Find answers a query. With Newest the documents come in the order of their days without end, page after page, and beside the first page stands what is
// known from memory. With Best all that is in memory and the newest Ranked documents are ranked together. Where no document is found, what is known from
// memory is the answer itself, by rank.
//
// What it costs does not grow with what the reader may not see, with other kinds or other days: each is a range of the index or a mark in it.
func (x *Index) Find(ctx context.Context, q Query) (Found, error) {
	out := Found{Count: map[string]int{}}
	t := Parse(q.Text)
	if t.Empty() {
		return out, nil
	}
	if q.Limit <= 0 {
		q.Limit = 20
	}
	q.Limit = min(q.Limit, Ranked)
	at, err := parseCursor(q.After)
	if err != nil {
		return out, err
	}
	known, err := x.known(ctx, q, t, at.skip+q.Limit+1, out.Count)
	if err != nil {
		return out, err
	}
	s, err := x.selection(ctx, q, t)
	if err != nil {
		return out, err
	}
	if len(s.parts) == 0 || q.Order == Best || at.skip > 0 {
		return x.best(ctx, q, t, s, known, at.skip, out)
	}
	s.prefix, s.after = at.prefix, at.id
	ids, err := x.walk(ctx, s, q.Limit+1, out.Count)
	if err == nil && len(ids) == 0 && q.After == "" && t.prefix {
		s.prefix = true
		ids, err = x.walk(ctx, s, q.Limit+1, out.Count)
	}
	if err != nil {
		return out, err
	}
	if len(ids) == 0 && q.After == "" {
		s.parts = nil
		return x.best(ctx, q, t, s, known, 0, out)
	}
	if len(ids) > q.Limit {
		ids = ids[:q.Limit]
		out.Next = cursor{id: ids[len(ids)-1], prefix: s.prefix}.String()
	}
	if out.Hits, err = x.hits(ctx, q, t, ids); err != nil {
		return out, err
	}
	if q.After == "" {
		out.Known = known[:min(len(known), q.Limit)]
	}
	return out, nil
}

// known are the hits from memory, ranked and counted.
func (x *Index) known(ctx context.Context, q Query, t Terms, limit int, count map[string]int) ([]Hit, error) {
	if !q.From.IsZero() || !q.Until.IsZero() {
		return nil, nil // what is in memory has no day
	}
	var hits []Hit
	for _, s := range x.sources {
		if len(q.Kinds) > 0 && !slices.ContainsFunc(s.Kinds(), func(k string) bool { return slices.Contains(q.Kinds, k) }) {
			continue
		}
		found, counted, err := s.Find(ctx, q, t, limit)
		if err != nil {
			return nil, err
		}
		for k, n := range counted {
			if n > 0 {
				count[k] += n
			}
		}
		hits = append(hits, found...)
	}
	Rank(hits)
	return hits, nil
}

// best ranks what is in memory and the newest documents together and gives the hits after skip.
func (x *Index) best(ctx context.Context, q Query, t Terms, s selection, known []Hit, skip int, out Found) (Found, error) {
	hits := known
	q.Order = Best
	if len(s.parts) > 0 {
		ids, err := x.walk(ctx, s, Ranked, out.Count)
		if err == nil && len(ids) == 0 && t.prefix {
			s.prefix = true
			ids, err = x.walk(ctx, s, Ranked, out.Count)
		}
		if err != nil {
			return out, err
		}
		found, err := x.hits(ctx, q, t, ids)
		if err != nil {
			return out, err
		}
		hits = append(hits, found...)
		Rank(hits)
	}
	end := min(skip+q.Limit, len(hits))
	if skip < end {
		out.Hits = hits[skip:end]
		if err := x.excerpts(ctx, q, t, out.Hits); err != nil {
			return out, err
		}
	}
	if end < len(hits) {
		out.Next = cursor{skip: end}.String()
	}
	return out, nil
}

// selection is a query as the engines are asked: words, ranges of numbers and marks.
type selection struct {
	words  []string
	prefix bool // the last word may go on
	parts  []int64
	kinds  map[int64]string // by number
	reader []string         // marks of which one must stand at a document that is not public
	units  []string         // marks of which one must stand at every document
	lo, hi int64            // first and last number in time
	from   civil.Date
	until  civil.Date
	after  int64    // the document before; -1 for none
	months []string // on PostgreSQL: marks of which one must stand at every document
}

// selection finds out what is stored at all; without parts there is nothing to walk.
func (x *Index) selection(ctx context.Context, q Query, t Terms) (selection, error) {
	s := selection{words: t.Words, kinds: map[int64]string{}, after: -1, hi: 1<<ordBits - 1, from: q.From, until: q.Until}
	if !q.From.IsZero() {
		s.lo = dayNumber(q.From) << seqBits
	}
	if !q.Until.IsZero() {
		s.hi = dayNumber(q.Until)<<seqBits | (1<<seqBits - 1)
		s.lo = max(s.lo, 1<<seqBits) // without a day is before no day
	}
	for _, u := range q.Actor.Units() {
		s.reader = append(s.reader, markStaff(u))
	}
	for _, p := range q.Actor.Posts {
		s.reader = append(s.reader, markPost(p.Unit, string(p.Kind)))
	}
	for _, u := range q.Units {
		s.units = append(s.units, markUnit(u))
	}
	rows, err := x.d.Query(ctx, `SELECT kind,code FROM search_kind`)
	if err != nil {
		return s, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var code int64
		if err := rows.Scan(&kind, &code); err != nil {
			return s, err
		}
		if len(q.Kinds) > 0 && !slices.Contains(q.Kinds, kind) {
			continue
		}
		s.kinds[code] = kind
		s.parts = append(s.parts, code)
		if len(s.reader) > 0 {
			s.parts = append(s.parts, code|inner)
		}
	}
	return s, rows.Err()
}

// rangeOf are the numbers of a part that are asked for: of the days, and after the document before.
func (s selection) rangeOf(part int64) (lo, hi int64) {
	lo, hi = part<<ordBits|s.lo, part<<ordBits|s.hi
	if s.after >= 0 {
		last := part<<ordBits | ordOf(s.after)
		if part >= partOf(s.after) {
			last--
		}
		hi = min(hi, last)
	}
	return lo, hi
}

// walk gives the numbers of the newest documents, and counts all by kind.
func (x *Index) walk(ctx context.Context, s selection, limit int, count map[string]int) ([]int64, error) {
	var ids []int64
	var err error
	if x.d.Dialect() == db.Postgres {
		ids, err = x.walkPostgres(ctx, s, limit, count)
	} else {
		ids, err = x.walkSQLite(ctx, s, limit, count)
	}
	slices.SortFunc(ids, newer)
	return ids[:min(len(ids), limit)], err
}

// newer orders documents: the later in time first, among equals by part.
func newer(a, b int64) int { return cmp.Or(cmp.Compare(ordOf(b), ordOf(a)), cmp.Compare(b, a)) }

// hits reads documents, in the order of the numbers.
func (x *Index) hits(ctx context.Context, q Query, t Terms, ids []int64) ([]Hit, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	shown := maxShown
	if q.Order == Best {
		shown = 500 // to be ranked: the beginning tells enough
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	// One by one by their numbers, whatever the planner believes the table's size to be: it may have been counted when the table was small.
	from := `json_each($1) v CROSS JOIN search_doc d ON d.id=v.value`
	if x.d.Dialect() == db.Postgres {
		from = `json_array_elements_text($1::json) v JOIN search_doc d ON d.id=v.value::bigint`
	}
	rows, err := x.d.Query(ctx, `SELECT d.id,d.kind,d.doc_id,d.unit_id,d.title,d.title_en,substr(d.body,1,`+strconv.Itoa(shown)+`),d.path,d.day FROM `+from, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[int64]Hit, len(ids))
	for rows.Next() {
		h := Hit{Lang: i18n.VI}
		var body, english string
		if err := rows.Scan(&h.id, &h.Kind, &h.ID, &h.Unit, &h.Title, &english, &body, &h.Path, &h.Day); err != nil {
			return nil, err
		}
		if q.Order == Best {
			h.score = t.Score(h.Title, body)
			if english != "" {
				h.score = max(h.score, t.Score(english, body))
			}
		} else {
			h.Parts = t.Excerpt(body)
		}
		if english != "" && q.Lang == i18n.EN {
			h.Title, h.Lang = english, i18n.EN
		}
		found[h.id] = h
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	out := make([]Hit, 0, len(ids))
	for _, id := range ids {
		if h, ok := found[id]; ok { // one that went in this moment is not there
			out = append(out, h)
		}
	}
	return out, nil
}

// excerpts gives ranked documents that are shown their excerpts.
func (x *Index) excerpts(ctx context.Context, q Query, t Terms, hits []Hit) error {
	var ids []int64
	for _, h := range hits {
		if h.id != 0 {
			ids = append(ids, h.id)
		}
	}
	q.Order = Newest
	full, err := x.hits(ctx, q, t, ids)
	for _, f := range full {
		for i := range hits {
			if hits[i].id == f.id {
				hits[i].Parts = f.Parts
			}
		}
	}
	return err
}

// cursor is where a page ended: at a document, or after so many ranked hits.
type cursor struct {
	id     int64
	prefix bool
	skip   int
}

func (c cursor) String() string {
	switch {
	case c.skip > 0:
		return "b" + strconv.Itoa(c.skip)
	case c.prefix:
		return "p" + strconv.FormatInt(c.id, 36)
	}
	return "n" + strconv.FormatInt(c.id, 36)
}

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{id: -1}, nil
	}
	if s[0] == 'b' {
		n, err := strconv.Atoi(s[1:])
		if err != nil || n < 0 || n > 10*Most {
			return cursor{}, errCursor
		}
		return cursor{id: -1, skip: n}, nil
	}
	id, err := strconv.ParseInt(s[1:], 36, 64)
	if err != nil || id < 0 || s[0] != 'n' && s[0] != 'p' {
		return cursor{}, errCursor
	}
	return cursor{id: id, prefix: s[0] == 'p'}, nil
}

// anyOf is an expression of which one alternative must hold.
func anyOf(marks []string, quote, or string) string {
	if len(marks) == 1 {
		return quote + marks[0] + quote
	}
	return "(" + quote + strings.Join(marks, quote+or+quote) + quote + ")"
}
