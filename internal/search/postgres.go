package search

import (
	"context"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
)

// mask takes a document's number in time out of its whole number, in SQL.
var mask = strconv.Itoa(1<<ordBits - 1)

// widest is the number of months that are asked for at once.
const widest = 240

// walkPostgres asks the index once for up to Most documents, which for most queries are all. Of more, the newest are asked for by months, backwards, in
// windows that grow: the index cannot be walked by day, but the month is one of its words.
func (x *Index) walkPostgres(ctx context.Context, s selection, limit int, count map[string]int) (ids []int64, err error) {
	err = x.d.Read(ctx, func(q db.Querier) error {
		// The table is never read from end to end: what the planner knows about words that stand together is a guess.
		var off string
		if err := q.QueryRow(ctx, `SELECT set_config('enable_seqscan','off',true)`).Scan(&off); err != nil {
			return err
		}
		m, err := s.monthsPostgres(ctx, q)
		if err != nil {
			return err
		}
		if !s.from.IsZero() || !s.until.IsZero() {
			if m.top < m.bottom {
				return nil // nothing is stored of these days
			}
			if m.top-m.bottom < widest {
				s.months = m.marks()
			}
		}
		all, err := someIDs(ctx, q, `SELECT id FROM search_doc WHERE words @@ $1::tsquery AND (id&`+mask+`) BETWEEN $2 AND $3 LIMIT `+strconv.Itoa(Most+1), s.tsquery(), s.lo, s.hi)
		if err != nil {
			return err
		}
		for _, id := range all {
			count[s.kinds[partOf(id)&(inner-1)]]++
			if lo, hi := s.rangeOf(partOf(id)); id >= lo && id <= hi {
				ids = append(ids, id)
			}
		}
		if len(all) <= Most {
			return nil
		}
		if err := s.countPostgres(ctx, q, count); err != nil {
			return err
		}
		ids, err = s.newestPostgres(ctx, q, m, limit)
		return err
	})
	return ids, err
}

// tsquery is the selection as PostgreSQL is asked, with further conditions.
func (s selection) tsquery(more ...string) string {
	terms := make([]string, 0, len(s.words)+4)
	for i, w := range s.words {
		w = "'" + w + "'"
		if s.prefix && i == len(s.words)-1 {
			w += ":*"
		}
		terms = append(terms, w)
	}
	terms = append(terms, anyOf(append([]string{markPublic}, s.reader...), "'", "|"))
	if len(s.units) > 0 {
		terms = append(terms, anyOf(s.units, "'", "|"))
	}
	kinds := make([]string, 0, len(s.kinds))
	for code := range s.kinds {
		kinds = append(kinds, markKind(code))
	}
	terms = append(terms, anyOf(kinds, "'", "|"))
	if len(s.months) > 0 {
		terms = append(terms, anyOf(s.months, "'", "|"))
	}
	return strings.Join(append(terms, more...), "&")
}

// countPostgres counts each kind, where all together are more than Most.
func (s selection) countPostgres(ctx context.Context, q db.Querier, count map[string]int) error {
	for code, kind := range s.kinds {
		one := s
		one.kinds = map[int64]string{code: kind}
		var n int
		err := q.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM search_doc WHERE words @@ $1::tsquery AND (id&`+mask+`) BETWEEN $2 AND $3 LIMIT `+strconv.Itoa(Most+1)+`) n`,
			one.tsquery(), s.lo, s.hi).Scan(&n)
		if err != nil {
			return err
		}
		if delete(count, kind); n > 0 {
			count[kind] = n
		}
	}
	return nil
}

// months are those between two, which may be none.
type months struct{ bottom, top int64 }

func (m months) marks() []string {
	var out []string
	for n := m.top; n >= m.bottom; n-- {
		out = append(out, markMonth(n))
	}
	return out
}

// monthsPostgres are the months of which there are documents and which are asked for.
func (s selection) monthsPostgres(ctx context.Context, q db.Querier) (m months, err error) {
	var first, last civil.Date
	err = q.QueryRow(ctx, `SELECT COALESCE((SELECT day FROM search_doc WHERE day>'' ORDER BY day LIMIT 1),''),COALESCE((SELECT day FROM search_doc WHERE day>'' ORDER BY day DESC LIMIT 1),'')`).Scan(&first, &last)
	m = months{monthOf(max(first, s.from)), monthOf(last)}
	if !s.until.IsZero() {
		m.top = min(m.top, monthOf(s.until))
	}
	return m, err
}

func (s selection) newestPostgres(ctx context.Context, q db.Querier, m months, limit int) ([]int64, error) {
	s.months = nil // the windows say it more narrowly
	bottom, top := m.bottom, m.top
	hi := s.hi
	if s.after >= 0 {
		hi = min(hi, ordOf(s.after))
		day := hi >> seqBits
		if day == 0 {
			top = 0
		} else {
			top = min(top, monthOf(epoch.Add(int(day))))
		}
	}
	var ids []int64
	take := func(marks []string) error {
		found, err := someIDs(ctx, q, `SELECT id FROM search_doc WHERE words @@ $1::tsquery AND (id&`+mask+`) BETWEEN $2 AND $3 ORDER BY (id&`+mask+`) DESC, id DESC LIMIT `+strconv.Itoa(limit+2*maxKind),
			s.tsquery(anyOf(marks, "'", "|")), s.lo, hi)
		for _, id := range found {
			if lo, hi := s.rangeOf(partOf(id)); id >= lo && id <= hi {
				ids = append(ids, id)
			}
		}
		return err
	}
	for width := int64(1); top >= bottom && top > 0 && len(ids) < limit; width = min(2*width, widest) {
		window := months{max(bottom, top-width+1), top}
		top = window.bottom - 1
		if err := take(window.marks()); err != nil {
			return nil, err
		}
	}
	if len(ids) < limit && s.lo == 0 {
		return ids, take([]string{markMonth(0)})
	}
	return ids, nil
}

func someIDs(ctx context.Context, q db.Querier, query string, args ...any) ([]int64, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
