package audit

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dinh/internal/db"
	"dinh/internal/i18n"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Fault is something that is not as the log says it must be.
type Fault struct {
	Entry string // id of the entry; "" where it is not about one
	Seq   int64  // its number; -1 where it has none
	Msg   i18n.Msg
}

// Erasure is a lawful erasure that the log itself proves.
type Erasure struct {
	Entry  string // whose details were erased
	Seq    int64
	By     string // id of the entry that says so
	At     time.Time
	Reason string
	Basis  string
}

// Report is what Verify has found.
type Report struct {
	Origin      string
	Entries     int64 // numbered
	Pending     int64 // committed, not numbered yet
	Checkpoints int
	Root        string // base64
	Faults      []Fault
	Erasures    []Erasure
	More        int // faults beyond those listed
}

// OK reports whether nothing was found.
func (r Report) OK() bool { return len(r.Faults) == 0 }

const maxFaults = 1000

// Check looks at something that the log vouches for outside its own tables, such as the content of files.
type Check func(ctx context.Context, q db.Querier, fault func(msg i18n.Msg)) error

type namedCheck struct {
	name string
	run  Check
}

// Also has Verify run a check as well. It is called while the program is put together.
func (l *Log) Also(name string, c Check) { l.checks = append(l.checks, namedCheck{name, c}) }

// Verify recomputes every leaf from the entries and their details, every hash of the tree and every checkpoint, on one view of the database; it changes
// nothing and works beside a running server. An error says that it could not look, not that something is wrong.
func (l *Log) Verify(ctx context.Context) (Report, error) {
	v := verifier{ctx: ctx, keyDir: l.keyDir, now: l.clock.Now(), redacted: map[string]Erasure{}, erased: map[string]int64{}, keys: map[string]bool{}, entered: map[string]bool{}}
	err := l.d.Read(ctx, func(q db.Querier) error {
		v.q = q
		for _, step := range []func() error{v.head, v.numbered, v.unnumbered, v.redactions, v.end} {
			if err := step(); err != nil {
				return err
			}
		}
		for _, c := range l.checks {
			err := c.run(ctx, q, func(msg i18n.Msg) { v.fault("", -1, msg) })
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
		return nil
	})
	if err != nil {
		return v.r, fmt.Errorf("audit: verify: %w", err)
	}
	return v.r, nil
}

type verifier struct {
	ctx context.Context //nolint:containedctx // lives for one call
	q   db.Querier
	now time.Time
	r   Report

	keyDir string

	verifiers []note.Verifier
	points    []Checkpoint
	front     []tlog.Hash // front[level] is the hash of the last whole subtree of 2^level leaves
	redacted  map[string]Erasure
	erased    map[string]int64 // entries without details, and their number
	keys      map[string]bool  // in the table
	entered   map[string]bool  // in the log
	details   int64            // rows of details seen
}

func (v *verifier) fault(entry string, seq int64, msg i18n.Msg) {
	if len(v.r.Faults) >= maxFaults {
		v.r.More++
		return
	}
	v.r.Faults = append(v.r.Faults, Fault{entry, seq, msg})
}

// head reads the tree's name and size, the keys and the checkpoints.
func (v *verifier) head() error {
	if err := v.q.QueryRow(v.ctx, `SELECT origin, size FROM audit_tree WHERE one=1`).Scan(&v.r.Origin, &v.r.Entries); err != nil {
		return err
	}
	rows, err := v.q.Query(v.ctx, `SELECT verifier FROM audit_key ORDER BY at, verifier`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k string
		if err := rows.Scan(&k); err != nil {
			return err
		}
		v.keys[k] = true
		key, err := note.NewVerifier(k)
		if err != nil {
			v.fault("", -1, i18n.M("audit.fault.key", "key", k))
			continue
		}
		v.verifiers = append(v.verifiers, key)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return v.checkpoints()
}

func (v *verifier) checkpoints() error {
	rows, err := v.q.Query(v.ctx, `SELECT size, at, note FROM audit_checkpoint ORDER BY size`)
	if err != nil {
		return err
	}
	defer rows.Close()
	known := note.VerifierList(v.verifiers...)
	for rows.Next() {
		var c Checkpoint
		var at int64
		if err := rows.Scan(&c.Size, &at, &c.Note); err != nil {
			return err
		}
		c.At = db.FromMicros(at)
		v.point(c, known)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	last, err := os.ReadFile(filepath.Join(v.keyDir, lastFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, size, _, _ := parseHead(string(last))
	v.point(Checkpoint{Size: size, Note: string(last)}, known)
	slices.SortStableFunc(v.points, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	return nil
}

// point checks a checkpoint's signature and form, and puts it where the walk will hold the tree to it.
func (v *verifier) point(c Checkpoint, known note.Verifiers) {
	v.r.Checkpoints++
	n, err := note.Open([]byte(c.Note), known)
	if err != nil {
		v.fault("", -1, i18n.M("audit.fault.signature", "size", c.Size))
		return
	}
	origin, size, root, err := parseHead(n.Text)
	if err != nil || origin != v.r.Origin || size != c.Size {
		v.fault("", -1, i18n.M("audit.fault.checkpoint", "size", c.Size))
		return
	}
	if size > v.r.Entries {
		v.fault("", -1, i18n.M("audit.fault.short", "size", v.r.Entries, "signed", size))
	}
	c.Root = root.String()
	v.points = append(v.points, c)
}

// entry is an entry with its details, if it still has them.
type entry struct {
	row
	seq  int64
	salt []byte
	body sql.NullString
}

// entries reads a page of entries.
func (v *verifier) entries(where string, args ...any) ([]entry, error) {
	rows, err := v.q.Query(v.ctx, `SELECT `+rowColumns+`, COALESCE(e.seq,-1), d.salt, d.body FROM audit_entry e LEFT JOIN audit_detail d ON d.entry_id=e.id WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []entry
	for rows.Next() {
		var e entry
		if err := rows.Scan(append(e.dest(), &e.seq, &e.salt, &e.body)...); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// numbered walks the log from its beginning.
func (v *verifier) numbered() error {
	const page = 1000
	next := int64(0)
	for next < v.r.Entries {
		to := min(next+page, v.r.Entries)
		entries, err := v.entries(`e.seq>=$1 AND e.seq<$2 ORDER BY e.seq`, next, to)
		if err != nil {
			return err
		}
		stored, err := v.hashes(tlog.StoredHashIndex(0, next), tlog.StoredHashIndex(0, to))
		if err != nil {
			return err
		}
		for ; next < to; next++ {
			id, leaf := "", tlog.Hash{}
			have := false
			if len(entries) > 0 && entries[0].seq == next {
				e := entries[0]
				entries = entries[1:]
				v.check(e)
				id, leaf, have = e.id, e.leaf(), true
			} else {
				v.fault("", next, i18n.M("audit.fault.gap", "seq", next))
			}
			v.grow(next, id, leaf, have, stored)
		}
	}
	extra, err := v.entries(`e.seq>=$1 ORDER BY e.seq LIMIT 100`, v.r.Entries)
	for _, e := range extra {
		v.check(e)
		v.fault(e.id, e.seq, i18n.M("audit.fault.beyond", "seq", e.seq, "size", v.r.Entries))
	}
	return err
}

// hashes are the stored hashes from index from up to, not including, to.
func (v *verifier) hashes(from, to int64) (map[int64]tlog.Hash, error) {
	rows, err := v.q.Query(v.ctx, `SELECT idx, hash FROM audit_hash WHERE idx>=$1 AND idx<$2`, from, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[int64]tlog.Hash, to-from)
	for rows.Next() {
		var idx int64
		var h []byte
		if err := rows.Scan(&idx, &h); err != nil {
			return nil, err
		}
		if len(h) == tlog.HashSize {
			out[idx] = tlog.Hash(h)
		}
	}
	return out, rows.Err()
}

// check checks an entry's details against its commitment.
func (v *verifier) check(e entry) {
	switch {
	case !e.body.Valid:
		v.erased[e.id] = e.seq
	case !bytes.Equal(commit(e.salt, e.body.String), e.commitment):
		v.details++
		v.fault(e.id, e.seq, i18n.M("audit.fault.details", "entry", e.id))
	default:
		v.details++
	}
	switch e.action {
	case actionRedact:
		r := Erasure{Entry: e.subject, Seq: -1, By: e.id, At: db.FromMicros(e.at)}
		var b body
		var d redactDetails
		if e.body.Valid && json.Unmarshal([]byte(e.body.String), &b) == nil && json.Unmarshal(b.Details, &d) == nil {
			r.Reason, r.Basis = d.Reason, d.Basis
		}
		v.redacted[e.subject] = r
	case actionKey:
		v.entered[e.subject] = true
	}
}

// grow appends the leaf with the number seq and compares all hashes that come with it. Where the entry itself does not match its leaf (which is told) the
// stored leaf goes on, so that one fault is told once.
func (v *verifier) grow(seq int64, id string, leaf tlog.Hash, have bool, stored map[int64]tlog.Hash) {
	idx := tlog.StoredHashIndex(0, seq)
	h, there := stored[idx]
	switch {
	case !there:
		v.fault(id, seq, i18n.M("audit.fault.no_hash", "seq", seq))
		h = leaf
	case have && h != leaf:
		v.fault(id, seq, i18n.M("audit.fault.entry", "entry", id))
	}
	level := 0
	for ; seq>>level&1 == 1; level++ {
		h = tlog.NodeHash(v.front[level], h)
		if s, there := stored[tlog.StoredHashIndex(level+1, seq>>(level+1))]; !there || s != h {
			first := seq >> (level + 1) << (level + 1)
			v.fault(id, seq, i18n.M("audit.fault.node", "from", first, "to", seq))
		}
	}
	v.front = append(v.front, make([]tlog.Hash, max(0, level+1-len(v.front)))...)
	v.front[level] = h
	for len(v.points) > 0 && v.points[0].Size <= seq+1 {
		c := v.points[0]
		v.points = v.points[1:]
		if c.Size > 0 && c.Root != v.root(seq+1).String() {
			v.fault(id, seq, i18n.M("audit.fault.root", "size", c.Size))
		}
	}
}

// root is the root of the tree of the first size leaves, size being where the walk is.
func (v *verifier) root(size int64) tlog.Hash {
	var h tlog.Hash
	begun := false
	for level := range v.front {
		if size>>level&1 == 0 {
			continue
		}
		if begun {
			h = tlog.NodeHash(v.front[level], h)
		} else {
			h, begun = v.front[level], true
		}
	}
	return h
}

// unnumbered looks at the entries that wait for their number: none waits longer than a minute while a server runs.
func (v *verifier) unnumbered() error {
	if err := v.q.QueryRow(v.ctx, `SELECT COUNT(*) FROM audit_entry WHERE seq IS NULL`).Scan(&v.r.Pending); err != nil {
		return err
	}
	at, id := int64(-1<<62), ""
	for {
		entries, err := v.entries(`e.seq IS NULL AND (e.at, e.id)>($1, $2) ORDER BY e.at, e.id LIMIT 1000`, at, id)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			at, id = e.at, e.id
			v.check(e)
			if e.at < db.Micros(v.now.Add(-time.Minute)) {
				v.fault(e.id, -1, i18n.M("audit.fault.unnumbered", "entry", e.id))
			}
		}
	}
}

// redactions holds erased details against the entries that say that they were erased.
func (v *verifier) redactions() error {
	for _, id := range slices.Sorted(maps.Keys(v.erased)) {
		r, ok := v.redacted[id]
		if !ok {
			v.fault(id, v.erased[id], i18n.M("audit.fault.missing", "entry", id))
			continue
		}
		r.Seq = v.erased[id]
		v.r.Erasures = append(v.r.Erasures, r)
	}
	slices.SortFunc(v.r.Erasures, func(a, b Erasure) int { return a.At.Compare(b.At) })
	for _, id := range slices.Sorted(maps.Keys(v.redacted)) {
		if _, ok := v.erased[id]; !ok {
			v.fault(id, -1, i18n.M("audit.fault.not_erased", "entry", id))
		}
	}
	return nil
}

// end looks at what is left over.
func (v *verifier) end() error {
	var rows int64
	if err := v.q.QueryRow(v.ctx, `SELECT COUNT(*) FROM audit_detail`).Scan(&rows); err != nil {
		return err
	}
	if rows != v.details {
		v.fault("", -1, i18n.M("audit.fault.orphans", "n", rows-v.details))
	}
	for _, k := range slices.Sorted(maps.Keys(v.keys)) {
		if !v.entered[k] {
			v.fault("", -1, i18n.M("audit.fault.key_unknown", "key", k))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(v.entered)) {
		if !v.keys[k] {
			v.fault("", -1, i18n.M("audit.fault.key_gone", "key", k))
		}
	}
	if v.r.Entries > 0 {
		v.r.Root = v.root(v.r.Entries).String()
	}
	var signed int64
	if err := v.q.QueryRow(v.ctx, `SELECT COALESCE(MAX(size),0) FROM audit_checkpoint`).Scan(&signed); err != nil {
		return err
	}
	if signed < v.r.Entries {
		v.fault("", -1, i18n.M("audit.fault.unsigned", "from", signed, "to", v.r.Entries))
	}
	return nil
}
