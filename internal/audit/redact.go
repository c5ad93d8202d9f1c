package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Actions of the log about itself. Their entries can never be erased.
const (
	actionKey     = "audit.key"
	actionAsk     = "audit.redact_ask"
	actionRedact  = "audit.redact"
	actionDecline = "audit.redact_decline"
)

// Person is who asks for or decides on a redaction.
type Person struct{ ID, Name string }

// State is how far a redaction has come.
type State string

// The states of a redaction.
const (
	Asked    State = "asked"
	Done     State = "done"
	Declined State = "declined"
)

// Redaction is the erasure of an entry's details: one administrator asks, another confirms.
type Redaction struct {
	ID, Entry   string
	State       State
	Reason      string
	Basis       string // the legal ground
	AskedBy     Person
	AskedAt     time.Time
	DecidedBy   Person
	DecidedAt   time.Time
	EntryAction string
	EntryUnit   string
	EntryAt     time.Time
}

// redactDetails are the details of a redaction's own entries; Verify shows them.
type redactDetails struct {
	Reason    string `json:"reason"`
	Basis     string `json:"basis"`
	AskedBy   string `json:"asked_by"`
	DecidedBy string `json:"decided_by,omitempty"`
}

// Ask asks for the erasure of an entry's details and returns the request's id. The caller has checked that by is an administrator. Faults of reason and
// basis stand beside the fields "reason" and "basis"; an entry that is not there is errs.NotFound; one that is erased or asked for already is
// errs.Conflict; entries of the log about itself are errs.Forbidden.
func (l *Log) Ask(ctx context.Context, tx *db.Tx, by Person, entry, reason, basis string) (string, error) {
	reason, basis = strings.TrimSpace(i18n.NFC(reason)), strings.TrimSpace(i18n.NFC(basis))
	var bad errs.List
	if reason == "" {
		bad.Add("reason", "audit.redact.no_reason")
	}
	if basis == "" {
		bad.Add("basis", "audit.redact.no_basis")
	}
	if err := bad.Err(); err != nil {
		return "", err
	}
	var action, unit string
	var has int
	err := tx.QueryRow(ctx, `SELECT e.action, e.unit, CASE WHEN d.entry_id IS NULL THEN 0 ELSE 1 END FROM audit_entry e LEFT JOIN audit_detail d ON d.entry_id=e.id
		WHERE e.id=$1`, entry).Scan(&action, &unit, &has)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", errs.E(errs.NotFound, "audit.redact.no_entry")
	case err != nil:
		return "", fmt.Errorf("audit: %w", err)
	case strings.HasPrefix(action, "audit."):
		return "", errs.E(errs.Forbidden, "audit.redact.of_the_log")
	case has == 0:
		return "", errs.E(errs.Conflict, "audit.redact.already")
	}
	var asked int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM audit_redaction WHERE entry_id=$1 AND state<>'declined'`, entry).Scan(&asked); err != nil {
		return "", fmt.Errorf("audit: %w", err)
	}
	if asked > 0 {
		return "", errs.E(errs.Conflict, "audit.redact.asked_already")
	}
	id := tx.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO audit_redaction(id,entry_id,state,reason,basis,asked_by,asked_name,asked_at) VALUES($1,$2,'asked',$3,$4,$5,$6,$7)`,
		id, entry, reason, basis, by.ID, by.Name, db.Micros(tx.Now()))
	if err != nil {
		return "", fmt.Errorf("audit: %w", err)
	}
	return id, Record(ctx, tx, Entry{
		Actor: by.ID, ActorName: by.Name, Action: actionAsk, Unit: unit, Kind: "audit", Subject: entry,
		Msg: i18n.M("audit.did.ask"), Details: redactDetails{Reason: reason, Basis: basis, AskedBy: by.ID},
	})
}

// Confirm erases the details. by must be another person than asked: the same is errs.Forbidden; a request that is decided already is errs.Conflict.
func (l *Log) Confirm(ctx context.Context, tx *db.Tx, by Person, request string) error {
	r, err := l.decide(ctx, tx, by, request, Done)
	if err != nil {
		return err
	}
	res, err := tx.Exec(ctx, `DELETE FROM audit_detail WHERE entry_id=$1`, r.Entry)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, errs.E(errs.Conflict, "audit.redact.already"))
	}
	tx.OnCommit(func() { // the old text goes from SQLite's log too
		if err := l.d.Settle(context.WithoutCancel(ctx)); err != nil {
			slog.WarnContext(ctx, "audit: the database's log still holds erased text until it is next written back", slog.Any("error", err))
		}
	})
	return Record(ctx, tx, Entry{
		Actor: by.ID, ActorName: by.Name, Action: actionRedact, Unit: r.EntryUnit, Kind: "audit", Subject: r.Entry,
		Msg: i18n.M("audit.did.redact"), Details: redactDetails{Reason: r.Reason, Basis: r.Basis, AskedBy: r.AskedBy.ID, DecidedBy: by.ID},
	})
}

// Decline refuses a request, or takes one's own back.
func (l *Log) Decline(ctx context.Context, tx *db.Tx, by Person, request string) error {
	r, err := l.decide(ctx, tx, by, request, Declined)
	if err != nil {
		return err
	}
	return Record(ctx, tx, Entry{
		Actor: by.ID, ActorName: by.Name, Action: actionDecline, Unit: r.EntryUnit, Kind: "audit", Subject: r.Entry,
		Msg: i18n.M("audit.did.decline"), Details: redactDetails{Reason: r.Reason, Basis: r.Basis, AskedBy: r.AskedBy.ID, DecidedBy: by.ID},
	})
}

func (l *Log) decide(ctx context.Context, tx *db.Tx, by Person, request string, to State) (Redaction, error) {
	all, err := redactions(ctx, tx, `r.id=$1`, request)
	switch {
	case err != nil:
		return Redaction{}, err
	case len(all) == 0:
		return Redaction{}, errs.E(errs.NotFound, "audit.redact.no_request")
	}
	r := all[0]
	if r.State != Asked {
		return r, errs.E(errs.Conflict, "audit.redact.decided")
	}
	if to == Done && r.AskedBy.ID == by.ID {
		return r, errs.E(errs.Forbidden, "audit.redact.same_person")
	}
	return r, tx.Update(ctx, `UPDATE audit_redaction SET state=$2, decided_by=$3, decided_name=$4, decided_at=$5 WHERE id=$1 AND state='asked'`,
		request, string(to), by.ID, by.Name, db.Micros(tx.Now()))
}

// Redactions are the latest requests, newest first.
func (l *Log) Redactions(ctx context.Context, limit int) ([]Redaction, error) {
	return redactions(ctx, l.d, `r.id<>$1 ORDER BY r.asked_at DESC, r.id DESC LIMIT $2`, "", limit)
}

// Redaction is one request; errs.NotFound where there is none.
func (l *Log) Redaction(ctx context.Context, id string) (Redaction, error) {
	all, err := redactions(ctx, l.d, `r.id=$1`, id)
	if err == nil && len(all) == 0 {
		err = errs.E(errs.NotFound, "audit.redact.no_request")
	}
	if err != nil {
		return Redaction{}, err
	}
	return all[0], nil
}

func redactions(ctx context.Context, q db.Querier, where string, args ...any) ([]Redaction, error) {
	rows, err := q.Query(ctx, `SELECT r.id, r.entry_id, r.state, r.reason, r.basis, r.asked_by, r.asked_name, r.asked_at, r.decided_by, r.decided_name, r.decided_at,
		e.action, e.unit, e.at FROM audit_redaction r JOIN audit_entry e ON e.id=r.entry_id WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	defer rows.Close()
	var out []Redaction
	for rows.Next() {
		var r Redaction
		var asked, decided, at int64
		err := rows.Scan(&r.ID, &r.Entry, &r.State, &r.Reason, &r.Basis, &r.AskedBy.ID, &r.AskedBy.Name, &asked, &r.DecidedBy.ID, &r.DecidedBy.Name, &decided,
			&r.EntryAction, &r.EntryUnit, &at)
		if err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		r.AskedAt, r.EntryAt = db.FromMicros(asked), db.FromMicros(at)
		if decided > 0 {
			r.DecidedAt = db.FromMicros(decided)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
