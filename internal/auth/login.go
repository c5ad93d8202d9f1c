package auth

import (
	"context"
	"strings"
	"time"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Attempt is somebody who wants to log in.
type Attempt struct {
	Name     string // log-in name or telephone number, as typed
	Password string
	Shared   bool // a shared computer: the log-in ends when unused for half an hour, and with the browser
	Client
}

// LoggedIn is a log-in that was begun.
type LoggedIn struct {
	Token   string // for the cookie; stored nowhere
	Stage   Stage
	Expires time.Time // of the cookie; zero: when the browser is closed
}

// errWrong is the one answer to a wrong name, a wrong password and a locked account.
func errWrong() error { return errs.At("mat_khau", "auth.login.wrong") }

// LogIn checks name and password and begins a session, or, where the account has or needs a second factor, a log-in that waits for it. A wrong name and a
// wrong password take as long and get the same answer (errs.Invalid). errs.TooMany says in how many minutes to try again; errs.Unavailable that too many
// others log in just now. replaces is the token of the session that the browser had, which ends; "" where it had none.
func (s *Service) LogIn(ctx context.Context, t Attempt, replaces string) (LoggedIn, error) {
	name := strings.TrimSpace(t.Name)
	if name == "" || t.Password == "" {
		var l errs.List
		if name == "" {
			l.Add("ten", "auth.login.name_missing")
		}
		if t.Password == "" {
			l.Add("mat_khau", "auth.login.password_missing")
		}
		return LoggedIn{}, l.Err()
	}
	where, value, known := identity(name)
	if !known {
		value = "?" // no account can have it: all such names are one
	}
	if d := s.throttle.logInWait(value, t.net()); d > 0 {
		return LoggedIn{}, tooMany(d)
	}
	acc := &Account{}
	if known {
		found, err := account(ctx, s.db, where, value)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return LoggedIn{}, err
		}
		if err == nil {
			acc = found
		}
	}
	ok, anew, err := s.queue.check(ctx, t.net(), t.Password, acc.password)
	if err != nil {
		return LoggedIn{}, err
	}
	if !ok || acc.Disabled {
		s.throttle.logInFailed(value, t.net())
		return LoggedIn{}, errWrong()
	}
	s.throttle.logInGood(value, t.net())
	renewed := ""
	if anew {
		if renewed, err = s.queue.hash(ctx, t.net(), t.Password); err != nil {
			return LoggedIn{}, err
		}
	}
	var in LoggedIn
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		now, err := account(ctx, tx, `a.id=$1`, acc.ID)
		if err != nil || now.password != acc.password || now.Disabled { // changed while we hashed
			return errWrong()
		}
		stage := StageCode
		if !now.TOTP {
			if stage, err = s.needsFactor(ctx, tx, now); err != nil {
				return err
			}
		}
		if renewed != "" {
			if err := tx.Update(ctx, `UPDATE account SET password=$2 WHERE id=$1`, acc.ID, renewed); err != nil {
				return err
			}
		}
		if err := s.dropToken(ctx, tx, replaces); err != nil {
			return err
		}
		in, err = s.begin(ctx, tx, now, stage, t.Shared, t.Agent)
		return err
	})
	return in, err
}

func tooMany(d time.Duration) error {
	minutes := int((d + time.Minute - 1) / time.Minute)
	return errs.E(errs.TooMany, "auth.login.wait", "n", minutes)
}

// dropToken ends the session of a token that is replaced.
func (s *Service) dropToken(ctx context.Context, tx *db.Tx, token string) error {
	if token == "" {
		return nil
	}
	res, err := tx.Exec(ctx, `DELETE FROM session WHERE token_hash=$1`, tokenHash(token))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return s.bump(ctx, tx)
}

// begin makes a session of the stage. An account that has no post today or later cannot log in.
func (s *Service) begin(ctx context.Context, tx *db.Tx, acc *Account, stage Stage, shared bool, agent string) (LoggedIn, error) {
	today := tx.Today()
	var posts int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM post WHERE account_id=$1 AND (day_to='' OR day_to>=$2)`, acc.ID, string(today)).Scan(&posts)
	if err != nil {
		return LoggedIn{}, err
	}
	if posts == 0 {
		return LoggedIn{}, errs.At("ten", "auth.login.no_post")
	}
	now := tx.Now()
	expires, idle := now.AddDate(0, 0, s.days), time.Duration(0)
	switch {
	case stage != StageIn:
		expires = now.Add(pendingLife)
	case shared:
		expires = now.Add(sharedIdle)
	}
	if shared {
		idle = sharedIdle
	}
	token, hash := newToken()
	_, err = tx.Exec(ctx, `INSERT INTO session(id,token_hash,account_id,stage,agent,idle,first_day,last_day,created,expires) VALUES($1,$2,$3,$4,$5,$6,$7,$7,$8,$9)`,
		tx.NewID(), hash, acc.ID, string(stage), shortAgent(agent), int64(idle/time.Second), string(today), db.Micros(now), db.Micros(expires))
	if err != nil {
		return LoggedIn{}, err
	}
	in := LoggedIn{Token: token, Stage: stage, Expires: expires}
	if shared || stage != StageIn {
		in.Expires = time.Time{}
	}
	if stage != StageIn {
		return in, nil
	}
	return in, recordSession(ctx, tx, access.Actor{ID: acc.ID, Name: acc.Name}, "auth.session.begin", i18n.M("auth.audit.session_begin"))
}

// SecondStep finishes a log-in with a one-time code or a recovery code, and gives a new token for the session.
func (s *Service) SecondStep(ctx context.Context, pending, code string, c Client) (LoggedIn, error) {
	acc, se, err := s.Pending(ctx, pending)
	if err != nil {
		return LoggedIn{}, err
	}
	if se.Stage != StageCode {
		return LoggedIn{}, errs.E(errs.Unauthenticated, "auth.login.again")
	}
	return s.finish(ctx, acc, se, c, func(ctx context.Context, tx *db.Tx, now *Account) error { return s.useCode(ctx, tx, now, code) })
}

// finish turns a pending log-in into a session where prove succeeds; failures of prove are counted against the account's codes.
func (s *Service) finish(ctx context.Context, acc *Account, se Session, c Client, prove func(ctx context.Context, tx *db.Tx, now *Account) error) (LoggedIn, error) {
	if d := s.throttle.wait(codeKey(acc.ID)); d > 0 {
		return LoggedIn{}, tooMany(d)
	}
	var in LoggedIn
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		now, err := account(ctx, tx, `a.id=$1 AND a.disabled_at=0`, acc.ID)
		if err != nil {
			return errs.E(errs.Unauthenticated, "auth.login.again")
		}
		// The row goes first: of two who send the same step at once, one finds it gone.
		res, err := tx.Exec(ctx, `DELETE FROM session WHERE id=$1 AND stage=$2 AND expires>$3`, se.ID, string(se.Stage), db.Micros(tx.Now()))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errs.Wrap(errs.Unauthenticated, err, "auth.login.again")
		}
		if err := prove(ctx, tx, now); err != nil {
			return err
		}
		if err := s.bump(ctx, tx); err != nil {
			return err
		}
		in, err = s.begin(ctx, tx, now, StageIn, se.Idle > 0, c.Agent)
		return err
	})
	switch {
	case errs.Is(err, errs.Invalid):
		s.throttle.fail(codeKey(acc.ID), limitCode)
	case err == nil:
		s.throttle.forget(codeKey(acc.ID))
	}
	return in, err
}

// NewPassword is a password that was checked and hashed, ready to be set.
type NewPassword struct {
	account, before, hash string
}

// PreparePassword checks the present password and hashes the new one; what comes of it goes to ChangePasswordTx. Faults stand beside mat_khau (the
// present one) and mat_khau_moi.
func (s *Service) PreparePassword(ctx context.Context, actor access.Actor, present, password string, c Client) (NewPassword, error) {
	acc, err := s.verify(ctx, actor, present, c)
	if err != nil {
		return NewPassword{}, err
	}
	if err := CheckPassword("mat_khau_moi", password, acc.Name, acc.Login, acc.Phone); err != nil {
		return NewPassword{}, err
	}
	h, err := s.queue.hash(ctx, c.net(), password)
	return NewPassword{account: acc.ID, before: acc.password, hash: h}, err
}

// Verify is nil where the password is the actor's: it is asked for again before a second factor is changed. The fault stands beside mat_khau.
func (s *Service) Verify(ctx context.Context, actor access.Actor, password string, c Client) error {
	_, err := s.verify(ctx, actor, password, c)
	return err
}

func (s *Service) verify(ctx context.Context, actor access.Actor, password string, c Client) (*Account, error) {
	acc, err := account(ctx, s.db, `a.id=$1`, actor.ID)
	if err != nil {
		return nil, err
	}
	if d := s.throttle.wait(pairKey(acc.ID, "self")); d > 0 {
		return nil, tooMany(d)
	}
	if password == "" {
		return nil, errs.At("mat_khau", "auth.login.password_missing")
	}
	ok, _, err := s.queue.check(ctx, c.net(), password, acc.password)
	if err != nil {
		return nil, err
	}
	if !ok {
		s.throttle.fail(pairKey(acc.ID, "self"), limitPair)
		return nil, errs.At("mat_khau", "auth.password.wrong")
	}
	return acc, nil
}

// ChangePasswordTx sets the actor's prepared password and ends all sessions but the one with the id.
func (s *Service) ChangePasswordTx(ctx context.Context, tx *db.Tx, actor access.Actor, p NewPassword, keep string) error {
	if p.account != actor.ID || p.hash == "" {
		return errNotFound
	}
	if err := s.bump(ctx, tx); err != nil {
		return err
	}
	err := tx.Update(ctx, `UPDATE account SET password=$3, password_at=$4, version=version+1 WHERE id=$1 AND password=$2`, p.account, p.before, p.hash, db.Micros(tx.Now()))
	if err != nil {
		return err
	}
	if err := s.endAll(ctx, tx, actor.ID, keep); err != nil {
		return err
	}
	return recordSession(ctx, tx, actor, "auth.password.change", i18n.M("auth.audit.password_change"))
}
