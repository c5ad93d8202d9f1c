package search

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

const manyMarks = 16

// walkSQLite walks the index of each part from its newest end.
func (x *Index) walkSQLite(ctx context.Context, s selection, limit int, count map[string]int) ([]int64, error) {
	terms := make([]string, 0, len(s.words)+2)
	for i, w := range s.words {
		w = `"` + w + `"`
		if s.prefix && i == len(s.words)-1 {
			w += "*"
		}
		terms = append(terms, w)
	}
	if len(s.units) > 0 {
		terms = append(terms, anyOf(s.units, `"`, " OR "))
	}
	public := strings.Join(terms, " AND ")
	private := public
	if len(s.reader) > 0 {
		private += " AND " + anyOf(s.reader, `"`, " OR ")
	}
	if s.prefix || len(s.units) > manyMarks {
		ids, done, err := x.allSQLite(ctx, s, public, private, count)
		if err != nil || done {
			return ids, err
		}
	}
	var ids []int64
	for _, part := range s.parts {
		match := public
		if part&inner != 0 {
			match = private
		}
		lo, hi := s.rangeOf(part)
		n := len(ids)
		var err error
		if lo <= hi {
			if ids, err = x.newestSQLite(ctx, ids, match, lo, hi, limit); err != nil {
				return nil, err
			}
		}
		found := len(ids) - n
		if s.after >= 0 || found == limit { // there may be more than was read
			whole := s
			whole.after = -1
			lo, hi = whole.rangeOf(part)
			err := x.d.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM search_words WHERE search_words MATCH $1 AND rowid BETWEEN $2 AND $3 ORDER BY rowid DESC LIMIT `+strconv.Itoa(Most+1)+`)`,
				match, lo, hi).Scan(&found)
			if err != nil {
				return nil, err
			}
		}
		if found > 0 {
			count[s.kinds[part&(inner-1)]] += found
		}
	}
	return ids, nil
}

// allSQLite asks once for all that is public and once for all that is not, where to begin a walk costs more than to walk: for the beginning of a word,
// whose lists are put together first, and for many units. It is done where these are no more than are counted.
func (x *Index) allSQLite(ctx context.Context, s selection, public, private string, count map[string]int) (ids []int64, done bool, err error) {
	low, high := slices.Min(s.parts)&(inner-1), int64(0)
	for _, part := range s.parts {
		high = max(high, part&(inner-1))
	}
	all, err := x.newestSQLite(ctx, nil, public, low<<ordBits, (high+1)<<ordBits-1, Most+1)
	if err == nil && len(s.reader) > 0 && len(all) <= Most {
		all, err = x.newestSQLite(ctx, all, private, (low|inner)<<ordBits, ((high|inner)+1)<<ordBits-1, Most+1)
	}
	if err != nil || len(all) > Most {
		return nil, false, err
	}
	for _, id := range all {
		part := partOf(id)
		if kind, ok := s.kinds[part&(inner-1)]; ok && ordOf(id) >= s.lo && ordOf(id) <= s.hi {
			count[kind]++
			if lo, hi := s.rangeOf(part); id >= lo && id <= hi {
				ids = append(ids, id)
			}
		}
	}
	return ids, true, nil
}

func (x *Index) newestSQLite(ctx context.Context, ids []int64, match string, lo, hi int64, limit int) ([]int64, error) {
	rows, err := x.d.Query(ctx, `SELECT rowid FROM search_words WHERE search_words MATCH $1 AND rowid BETWEEN $2 AND $3 ORDER BY rowid DESC LIMIT $4`, match, lo, hi, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
