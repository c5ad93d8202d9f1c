package audit

import (
	"context"
	"fmt"
	"strings"

	"dinh/internal/db"

	"golang.org/x/mod/sumdb/tlog"
)

// tree reads the stored hashes and lays new ones over them.
type tree struct {
	ctx   context.Context //nolint:containedctx // tlog.HashReader takes none
	q     db.Querier
	size  int64
	first int64 // index of fresh[0]
	fresh []tlog.Hash
}

// ReadHashes makes tree a tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	where := make(map[int64]int, len(indexes))
	var args []any
	for i, idx := range indexes {
		if len(t.fresh) > 0 && idx >= t.first {
			if idx >= t.first+int64(len(t.fresh)) {
				return nil, fmt.Errorf("audit: hash %d is not there yet", idx)
			}
			out[i] = t.fresh[idx-t.first]
			continue
		}
		where[idx] = i
		args = append(args, idx)
	}
	if len(args) == 0 {
		return out, nil
	}
	rows, err := t.q.Query(t.ctx, `SELECT idx, hash FROM audit_hash WHERE idx IN `+db.In(len(args), 1), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var idx int64
		var h []byte
		if err := rows.Scan(&idx, &h); err != nil {
			return nil, err
		}
		if len(h) != tlog.HashSize {
			return nil, fmt.Errorf("audit: hash %d is damaged", idx)
		}
		out[where[idx]] = tlog.Hash(h)
		n++
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if n != len(where) {
		return nil, fmt.Errorf("audit: %d hashes are missing", len(where)-n)
	}
	return out, nil
}

// add appends a leaf.
func (t *tree) add(leaf tlog.Hash) error {
	hashes, err := tlog.StoredHashesForRecordHash(t.size, leaf, t)
	if err != nil {
		return err
	}
	if len(t.fresh) == 0 {
		t.first = tlog.StoredHashIndex(0, t.size)
	}
	t.fresh = append(t.fresh, hashes...)
	t.size++
	return nil
}

// root is the tree's root.
func (t *tree) root() (tlog.Hash, error) { return tlog.TreeHash(t.size, t) }

// save stores the new hashes.
func (t *tree) save(tx *db.Tx) error {
	const each = 250
	for from := 0; from < len(t.fresh); from += each {
		part := t.fresh[from:min(from+each, len(t.fresh))]
		var q strings.Builder
		args := make([]any, 0, 2*len(part))
		q.WriteString(`INSERT INTO audit_hash(idx,hash) VALUES `)
		for i, h := range part {
			if i > 0 {
				q.WriteByte(',')
			}
			fmt.Fprintf(&q, "($%d,$%d)", 2*i+1, 2*i+2)
			args = append(args, t.first+int64(from+i), h[:])
		}
		if _, err := tx.Exec(t.ctx, q.String(), args...); err != nil {
			return err
		}
	}
	return nil
}
