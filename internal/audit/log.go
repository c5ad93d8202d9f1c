package audit

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// How the sequencer keeps time.
const (
	gather   = 250 * time.Millisecond // after the first new entry others are waited for: within a batch nothing tells their order
	poll     = time.Second            // PostgreSQL: how often entries of other servers are looked for
	leaseFor = 3 * time.Second        // how long another server leaves a busy sequencer alone
	maxBatch = 500
)

// Log is the sequencer and reader of the log. It is safe for concurrent use.
type Log struct {
	d      *db.DB
	keyDir string
	clock  civil.Clock
	holder string // this process among the sequencers

	mu     sync.Mutex // one flush at a time in this process
	origin string
	signer note.Signer
	public string
	kept   int64 // the hour of the checkpoint that was last kept beside the key

	checks []namedCheck
}

// New is the log of a database; it neither reads nor writes yet. The signing key lies in keyDir and is made when the first entry is numbered.
func New(d *db.DB, keyDir string, clock civil.Clock) *Log {
	id := make([]byte, 8)
	rand.Read(id)
	return &Log{d: d, keyDir: keyDir, clock: clock, holder: hex.EncodeToString(id)}
}

// Run numbers entries until ctx ends, and then what is left. One server does it at a time; any may.
func (l *Log) Run(ctx context.Context) {
	l.round(ctx, false)
	var tick <-chan time.Time
	if l.d.Dialect() == db.Postgres { // on SQLite this process is the only one
		t := time.NewTicker(poll)
		defer t.Stop()
		tick = t.C
	}
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			l.round(last, true)
			l.keep(last)
			return
		case <-l.d.Woken(Topic):
			select {
			case <-time.After(gather):
			case <-ctx.Done():
			}
		case <-tick:
		}
		l.round(context.WithoutCancel(ctx), false)
	}
}

func (l *Log) round(ctx context.Context, mine bool) {
	if err := l.flush(ctx, mine); err != nil {
		slog.ErrorContext(ctx, "audit: entries could not be numbered", slog.Any("error", err))
	}
}

// Flush numbers all entries that are committed now.
func (l *Log) Flush(ctx context.Context) error { return l.flush(ctx, true) }

// flush numbers what is there. Where another server is at it (and mine is false) it leaves it to that one.
func (l *Log) flush(ctx context.Context, mine bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		var open int
		err := l.d.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM audit_entry WHERE seq IS NULL LIMIT 1) AS waiting`).Scan(&open)
		if err != nil || open == 0 {
			return err
		}
		if err := l.key(ctx); err != nil {
			return err
		}
		n := 0
		err = l.d.WriteLoose(ctx, func(tx *db.Tx) (err error) {
			n, err = l.batch(ctx, tx, mine)
			return err
		})
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		if n < maxBatch {
			if l.clock.Now().Unix()/3600 != l.kept {
				l.keepNow(ctx)
			}
			return nil
		}
	}
}

// keep puts the latest checkpoint beside the key, where whoever rewrites the database does not reach: hourly and at the end. Verify holds the log to it.
func (l *Log) keep(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keepNow(ctx)
}

func (l *Log) keepNow(ctx context.Context) {
	if l.signer == nil {
		return // nothing was signed since the start
	}
	c, err := l.Checkpoint(ctx)
	if err == nil && c.Size > 0 {
		err = writeFile(l.keyDir, lastFile, c.Note)
	}
	if err != nil {
		slog.ErrorContext(ctx, "audit: the latest checkpoint could not be kept beside the key", slog.Any("error", err))
		return
	}
	l.kept = l.clock.Now().Unix() / 3600
}

// key names the tree at the very first time and gets this server's key.
func (l *Log) key(ctx context.Context) error {
	if l.signer != nil {
		return nil
	}
	id := make([]byte, 8)
	rand.Read(id)
	var origin string
	err := l.d.QueryRow(ctx, `SELECT origin FROM audit_tree WHERE one=1`).Scan(&origin)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if origin == "" {
		err := l.d.WriteLoose(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE audit_tree SET origin=$1 WHERE one=1 AND origin=''`, "dinh/"+hex.EncodeToString(id)); err != nil {
				return err
			}
			return tx.QueryRow(ctx, `SELECT origin FROM audit_tree WHERE one=1`).Scan(&origin)
		})
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
	}
	s, public, err := signer(l.keyDir, origin)
	if err != nil {
		return err
	}
	l.origin, l.signer, l.public = origin, s, public
	return nil
}

// batch numbers up to maxBatch entries. The row of the tree, locked, keeps a second sequencer out; the lease only spares it the wait.
func (l *Log) batch(ctx context.Context, tx *db.Tx, mine bool) (int, error) {
	var size, until int64
	var holder string
	err := tx.QueryRow(ctx, `SELECT size, holder, until FROM audit_tree WHERE one=1`+tx.Dialect().ForUpdate()).Scan(&size, &holder, &until)
	if err != nil {
		return 0, err
	}
	now := db.Micros(tx.Now())
	if !mine && holder != l.holder && until > now {
		return 0, nil
	}
	if err := l.enterKey(ctx, tx, now); err != nil {
		return 0, err
	}
	entries, err := unnumbered(ctx, tx)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	t := tree{ctx: ctx, q: tx, size: size}
	for _, e := range entries {
		if err := t.add(e.hash); err != nil {
			return 0, err
		}
	}
	if err := number(ctx, tx, entries, size); err != nil {
		return 0, err
	}
	if err := t.save(tx); err != nil {
		return 0, err
	}
	root, err := t.root()
	if err != nil {
		return 0, err
	}
	signed, err := note.Sign(&note.Note{Text: head(l.origin, t.size, root)}, l.signer)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit_checkpoint(hour,size,at,note) VALUES($1,$2,$3,$4)
		ON CONFLICT(hour) DO UPDATE SET size=excluded.size, at=excluded.at, note=excluded.note`, now/time.Hour.Microseconds(), t.size, now, string(signed))
	if err != nil {
		return 0, err
	}
	err = tx.Update(ctx, `UPDATE audit_tree SET size=$1, holder=$2, until=$3 WHERE one=1 AND size=$4`, t.size, l.holder, now+leaseFor.Microseconds(), size)
	return len(entries), err
}

// enterKey enters this server's public key in the log before it first signs.
func (l *Log) enterKey(ctx context.Context, tx *db.Tx, now int64) error {
	res, err := tx.Exec(ctx, `INSERT INTO audit_key(verifier,at) VALUES($1,$2) ON CONFLICT(verifier) DO NOTHING`, l.public, now)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return Record(ctx, tx, Entry{Actor: "system", Action: actionKey, Kind: "key", Subject: l.public, Msg: i18n.M("audit.did.key")})
}

type numbered struct {
	id   string
	hash tlog.Hash
}

// unnumbered are the next entries without a number, in the order of their hashes.
func unnumbered(ctx context.Context, tx *db.Tx) ([]numbered, error) {
	rows, err := tx.Query(ctx, `SELECT `+rowColumns+` FROM audit_entry e WHERE e.seq IS NULL ORDER BY e.at LIMIT $1`, maxBatch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []numbered
	for rows.Next() {
		var r row
		if err := rows.Scan(r.dest()...); err != nil {
			return nil, err
		}
		out = append(out, numbered{r.id, r.leaf()})
	}
	slices.SortFunc(out, func(a, b numbered) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	return out, rows.Err()
}

// number writes the numbers of the entries, the first being from.
func number(ctx context.Context, tx *db.Tx, entries []numbered, from int64) error {
	var q strings.Builder
	args := make([]any, 0, 2*len(entries))
	q.WriteString(`UPDATE audit_entry SET seq=v.column2 FROM (VALUES `)
	for i, e := range entries {
		if i > 0 {
			q.WriteByte(',')
		}
		fmt.Fprintf(&q, "(CAST($%d AS TEXT),CAST($%d AS BIGINT))", 2*i+1, 2*i+2)
		args = append(args, e.id, from+int64(i))
	}
	q.WriteString(`) AS v WHERE audit_entry.id=v.column1 AND audit_entry.seq IS NULL`)
	res, err := tx.Exec(ctx, q.String(), args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != int64(len(entries)) {
		return errors.Join(err, errors.New("audit: an entry was numbered twice"))
	}
	return nil
}

// Checkpoint is a signed head of the tree, in C2SP's form.
type Checkpoint struct {
	Size int64
	Root string // base64
	At   time.Time
	Note string // signed text, as it goes out
}

// Checkpoint is the latest signed head; the zero Checkpoint before the first entry is numbered. It writes nothing.
func (l *Log) Checkpoint(ctx context.Context) (Checkpoint, error) {
	var c Checkpoint
	var at int64
	err := l.d.QueryRow(ctx, `SELECT size, at, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1`).Scan(&c.Size, &at, &c.Note)
	if errors.Is(err, sql.ErrNoRows) {
		return Checkpoint{}, nil
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("audit: %w", err)
	}
	c.At = db.FromMicros(at)
	_, _, root, err := parseHead(c.Note)
	c.Root = root.String()
	return c, err
}

// Keys are the public keys of all servers that have signed, in the order of their first signature.
func (l *Log) Keys(ctx context.Context) ([]string, error) {
	rows, err := l.d.Query(ctx, `SELECT verifier FROM audit_key ORDER BY at, verifier`)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var k string
		if err := rows.Scan(&k); err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

// RootAt is the tree's root (base64) when it had size entries, so that whoever kept an old checkpoint can see whether the log still says the same. ok is
// false where the log never had that many.
func (l *Log) RootAt(ctx context.Context, size int64) (root string, ok bool, err error) {
	var now int64
	if err := l.d.QueryRow(ctx, `SELECT size FROM audit_tree WHERE one=1`).Scan(&now); err != nil {
		return "", false, fmt.Errorf("audit: %w", err)
	}
	if size < 0 || size > now {
		return "", false, nil
	}
	t := tree{ctx: ctx, q: l.d, size: size}
	h, err := t.root()
	return h.String(), err == nil, err
}

// Touched is the tags of kept pages that an entry has made old.
type Touched struct {
	Seq  int64
	Tags []string
}

// Size is the number of numbered entries; what Follow gives after it is new.
func (l *Log) Size(ctx context.Context) (n int64, err error) {
	err = l.d.QueryRow(ctx, `SELECT size FROM audit_tree WHERE one=1`).Scan(&n)
	return n, err
}

// Follow gives what entries from the number `from` on have touched, in the order of the log, at most limit entries; next is the number to ask from next.
func (l *Log) Follow(ctx context.Context, from int64, limit int) (touched []Touched, next int64, err error) {
	rows, err := l.d.Query(ctx, `SELECT seq, touches FROM audit_entry WHERE seq>=$1 ORDER BY seq LIMIT $2`, from, limit)
	if err != nil {
		return nil, from, fmt.Errorf("audit: %w", err)
	}
	defer rows.Close()
	next = from
	for rows.Next() {
		var t Touched
		var tags string
		if err := rows.Scan(&t.Seq, &tags); err != nil {
			return nil, from, fmt.Errorf("audit: %w", err)
		}
		next = t.Seq + 1
		if t.Tags = strings.Fields(tags); len(t.Tags) > 0 {
			touched = append(touched, t)
		}
	}
	return touched, next, rows.Err()
}
