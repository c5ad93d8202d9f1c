package plan

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// NewCalendarToken makes the secret of a calendar's address. It is shown to its owner once and stored only as a hash.
func NewCalendarToken() string { return rand.Text() }

func calendarHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// CalendarTx gives the actor's calendar the address with the token; the one before ends.
func (s *Service) CalendarTx(ctx context.Context, tx *db.Tx, actor access.Actor, token string) error {
	if actor.Public() || token == "" {
		return errs.E(errs.NotFound, "plan.none")
	}
	_, err := tx.Exec(ctx, `INSERT INTO plan_calendar(account,token_hash,created) VALUES($1,$2,$3) ON CONFLICT(account) DO UPDATE SET token_hash=excluded.token_hash, created=excluded.created`,
		actor.ID, calendarHash(token), db.Micros(tx.Now()))
	if err != nil {
		return err
	}
	return record(ctx, tx, actor, entry{action: "plan.calendar", kind: "account", subject: actor.ID, msg: i18n.M("planweb.audit.calendar")})
}

// DropCalendarTx ends the actor's calendar address, where there is one.
func (s *Service) DropCalendarTx(ctx context.Context, tx *db.Tx, actor access.Actor) error {
	if _, err := tx.Exec(ctx, `DELETE FROM plan_calendar WHERE account=$1`, actor.ID); err != nil {
		return err
	}
	return record(ctx, tx, actor, entry{action: "plan.calendar.drop", kind: "account", subject: actor.ID, msg: i18n.M("planweb.audit.calendar_drop")})
}

// CalendarSince is when the account's calendar address was made; zero where there is none.
func (s *Service) CalendarSince(ctx context.Context, account string) (time.Time, error) {
	var at int64
	err := s.db.QueryRow(ctx, `SELECT created FROM plan_calendar WHERE account=$1`, account).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return db.FromMicros(at), err
}

// CalendarOwner is the account whose calendar has the address with the token; errs.NotFound where there is none.
func (s *Service) CalendarOwner(ctx context.Context, token string) (string, error) {
	var account string
	err := s.db.QueryRow(ctx, `SELECT account FROM plan_calendar WHERE token_hash=$1`, calendarHash(token)).Scan(&account)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errs.E(errs.NotFound, "plan.none")
	}
	return account, err
}
