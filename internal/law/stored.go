package law

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"dinh/internal/db"
	"dinh/internal/errs"
)

// StoredDue is a deadline that a room keeps for one of its records, with what was asked to get it. Nothing recomputes it silently: after a change of the
// catalogue a person accepts or declines the new one.
type StoredDue struct {
	ID        string
	OwnerKind string // "petition": the room's word for its record
	OwnerID   string
	Unit      string // whose record it is
	Kind      string // of the unit, when the deadline was set
	Flags     []string
	Size      Sizes
	Due       Due
	Running   bool // false once what was due is done, or need not be
	Version   int
}

// PutTx stores a deadline of a record, in place of the one that the record had for the same step, and sets it running.
func PutTx(ctx context.Context, tx *db.Tx, s StoredDue) error {
	body, err := json.Marshal(s.Due)
	if err != nil {
		return fmt.Errorf("law: store a deadline: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO law_due(id,owner_kind,owner_id,unit_id,step,unit_kind,flags,staff,workers,event,due,duty,explanation,seen)
		VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)
		ON CONFLICT (owner_kind,owner_id,step) DO UPDATE SET unit_id=excluded.unit_id, unit_kind=excluded.unit_kind, flags=excluded.flags, staff=excluded.staff,
		workers=excluded.workers, event=excluded.event, due=excluded.due, duty=excluded.duty, explanation=excluded.explanation, seen=excluded.seen, running=1,
		version=law_due.version+1`,
		tx.NewID(), s.OwnerKind, s.OwnerID, s.Unit, s.Due.Step, s.Kind, strings.Join(s.Flags, " "), s.Size.Staff(), s.Size.Workers(),
		string(s.Due.Event), string(s.Due.Date), s.Due.DutyID, string(body), s.Due.Digest)
	if err != nil {
		return fmt.Errorf("law: store a deadline: %w", err)
	}
	return nil
}

// CloseTx ends a record's deadlines of the steps, of all steps where none is named. It is no error where there is none.
func CloseTx(ctx context.Context, tx *db.Tx, ownerKind, ownerID string, steps ...string) error {
	query := `UPDATE law_due SET running=0, version=version+1 WHERE owner_kind=$1 AND owner_id=$2 AND running=1`
	args := []any{ownerKind, ownerID}
	if len(steps) > 0 {
		query += ` AND step IN ` + db.In(len(steps), 3)
		for _, s := range steps {
			args = append(args, s)
		}
	}
	if _, err := tx.Exec(ctx, query, args...); err != nil {
		return fmt.Errorf("law: close deadlines: %w", err)
	}
	return nil
}

const storedColumns = `id, owner_kind, owner_id, unit_id, unit_kind, flags, staff, workers, explanation, running, version`

func scanStored(scan func(...any) error) (StoredDue, error) {
	var s StoredDue
	var flags, body string
	var staff, workers, running int
	if err := scan(&s.ID, &s.OwnerKind, &s.OwnerID, &s.Unit, &s.Kind, &flags, &staff, &workers, &body, &running, &s.Version); err != nil {
		return s, err
	}
	if flags != "" {
		s.Flags = strings.Split(flags, " ")
	}
	s.Size, s.Running = SizesOf(staff, workers), running == 1
	return s, json.Unmarshal([]byte(body), &s.Due)
}

func queryStored(ctx context.Context, q db.Querier, where string, args ...any) ([]StoredDue, error) {
	rows, err := q.Query(ctx, `SELECT `+storedColumns+` FROM law_due WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("law: deadlines: %w", err)
	}
	defer rows.Close()
	var out []StoredDue
	for rows.Next() {
		s, err := scanStored(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("law: deadlines: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// StoredFor are a record's deadlines, running or not, the earliest first.
func StoredFor(ctx context.Context, q db.Querier, ownerKind, ownerID string) ([]StoredDue, error) {
	return queryStored(ctx, q, `owner_kind=$1 AND owner_id=$2 ORDER BY due, step`, ownerKind, ownerID)
}

func storedByID(ctx context.Context, q db.Querier, id string) (StoredDue, error) {
	s, err := scanStored(q.QueryRow(ctx, `SELECT `+storedColumns+` FROM law_due WHERE id=$1`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return s, errs.E(errs.NotFound, "law.due_gone")
	}
	return s, err
}

// Move is a running deadline that the present catalogue would set otherwise.
type Move struct {
	Stored StoredDue
	Now    *Due // nil where there is no deadline any more
}

// again is what the catalogue says now to what was asked then; nil where it says nothing.
//
// A deadline that a matter itself set, without answering the step for others, is set by it again.
func (c *Catalogue) again(s StoredDue) *Due {
	if d, ok := c.duties[s.Due.DutyID]; ok && !d.answers(s.Due.Step) && d.InForce(s.Due.Event) {
		due, err := c.DueOf(d, s.Due.Step, s.Due.Event)
		if err != nil {
			return nil
		}
		return &due
	}
	due, err := c.Deadline(s.Due.Step, s.Kind, s.Flags, s.Size, s.Due.Event)
	if err != nil {
		return nil
	}
	return &due
}

// moves reports whether the new deadline is another one: another day, another duty, or none.
func moves(s StoredDue, now *Due) bool {
	return now == nil || now.Date != s.Due.Date || now.DutyID != s.Due.DutyID
}

// Moved lists running deadlines that the catalogue would set otherwise and nobody has answered for, by id after the one given; next is "" at the end.
func Moved(ctx context.Context, q db.Querier, c *Catalogue, after string, limit int) (out []Move, next string, err error) {
	const batch = 200
	for {
		rows, err := queryStored(ctx, q, `running=1 AND seen<>$1 AND id>$2 ORDER BY id LIMIT $3`, c.digest, after, batch)
		if err != nil {
			return nil, "", err
		}
		for _, s := range rows {
			if now := c.again(s); moves(s, now) {
				if len(out) == limit {
					return out, after, nil
				}
				out = append(out, Move{Stored: s, Now: now})
			}
			after = s.ID
		}
		if len(rows) < batch {
			return out, "", nil
		}
	}
}

// compareTx notes for some running deadlines after the id that the catalogue still gives them, so that they need not be looked at again; last is "" when
// none are left.
func compareTx(ctx context.Context, tx *db.Tx, c *Catalogue, after string) (last string, err error) {
	const batch = 200
	rows, err := queryStored(ctx, tx, `running=1 AND seen<>$1 AND id>$2 ORDER BY id LIMIT $3`, c.digest, after, batch)
	if err != nil {
		return "", err
	}
	var same []any
	for _, s := range rows {
		if !moves(s, c.again(s)) {
			same = append(same, s.ID)
		}
		last = s.ID
	}
	if len(same) > 0 {
		args := append([]any{c.digest}, same...)
		if _, err := tx.Exec(ctx, `UPDATE law_due SET seen=$1 WHERE id IN `+db.In(len(same), 2), args...); err != nil {
			return "", err
		}
	}
	if len(rows) < batch {
		last = ""
	}
	return last, nil
}

// Seen is a catalogue that the installation has run with.
type Seen struct {
	Digest       string
	At           int64 // microseconds
	Acts, Duties int
	LocalFiles   []string
}

// History lists the catalogues that the installation has run with, the newest first.
func History(ctx context.Context, q db.Querier, limit int) ([]Seen, error) {
	rows, err := q.Query(ctx, `SELECT digest, at, acts, duties, local_files FROM law_catalogue ORDER BY at DESC, id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("law: catalogues: %w", err)
	}
	defer rows.Close()
	var out []Seen
	for rows.Next() {
		var s Seen
		var files string
		if err := rows.Scan(&s.Digest, &s.At, &s.Acts, &s.Duties, &files); err != nil {
			return nil, err
		}
		s.LocalFiles = strings.Fields(files)
		out = append(out, s)
	}
	return out, rows.Err()
}

// recordTx enters the catalogue where the last one entered is another; it reports whether it is new.
func recordTx(ctx context.Context, tx *db.Tx, c *Catalogue) (bool, error) {
	last, err := History(ctx, tx, 1)
	if err != nil || len(last) == 1 && last[0].Digest == c.digest {
		return false, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO law_catalogue(id,digest,at,acts,duties,local_files) VALUES($1,$2,$3,$4,$5,$6)`,
		tx.NewID(), c.digest, db.Micros(tx.Now()), len(c.Acts), len(c.all), strings.Join(c.Local, " "))
	return err == nil, err
}
