package auth

import (
	"context"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Recovery codes: how many, and of how many letters.
const (
	recoveryCodes  = 10
	recoveryLength = 12
)

// The setting that says for which posts a second factor is required.
const factorSetting = "factor_required"

// FactorPosts are the posts for which a second factor can be required.
var FactorPosts = []access.PostKind{access.Admin, access.Head}

// FactorPolicy are the posts for which a second factor is required, and the version of the setting.
func (s *Service) FactorPolicy(ctx context.Context) (kinds []access.PostKind, version int, err error) {
	return s.factorPolicy(ctx, s.db)
}

func (s *Service) factorPolicy(ctx context.Context, q db.Querier) (kinds []access.PostKind, version int, err error) {
	var value string
	rows, err := q.Query(ctx, `SELECT value, version FROM auth_setting WHERE name=$1`, factorSetting)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&value, &version); err != nil {
			return nil, 0, err
		}
	}
	for k := range strings.FieldsSeq(value) {
		kinds = append(kinds, access.PostKind(k))
	}
	return kinds, version, rows.Err()
}

// RequireFactorTx says for which posts a second factor is required; those who have none set one up at their next log-in.
func (s *Service) RequireFactorTx(ctx context.Context, tx *db.Tx, actor access.Actor, kinds []access.PostKind, version int) error {
	root := s.units.On(tx.Today()).Root()
	if root == nil || !access.Allowed(actor, access.ManageSettings, s.units.On(tx.Today()).Place(root.ID)) {
		return errNotFound
	}
	var words []string
	for _, k := range FactorPosts {
		if slices.Contains(kinds, k) {
			words = append(words, string(k))
		}
	}
	before, have, err := s.factorPolicy(ctx, tx)
	if err != nil {
		return err
	}
	if have != version {
		return errs.E(errs.Conflict, "db.conflict")
	}
	_, err = tx.Exec(ctx, `INSERT INTO auth_setting(name,value,version) VALUES($1,$2,1) ON CONFLICT(name) DO UPDATE SET value=excluded.value, version=auth_setting.version+1`,
		factorSetting, strings.Join(words, " "))
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "auth.factor.require", Unit: root.ID, Kind: "unit", Subject: root.ID,
		Msg: i18n.M("auth.audit.factor_require"), Details: map[string]any{"before": before, "after": words},
	})
}

// needsFactor is StageEnrol where a post of the account asks for a second factor that it does not have.
func (s *Service) needsFactor(ctx context.Context, tx *db.Tx, acc *Account) (Stage, error) {
	kinds, _, err := s.factorPolicy(ctx, tx)
	if err != nil || acc.TOTP || len(kinds) == 0 {
		return StageIn, err
	}
	need, err := s.holdsAny(ctx, tx, acc.ID, kinds)
	if err != nil || !need {
		return StageIn, err
	}
	return StageEnrol, nil
}

func (s *Service) holdsAny(ctx context.Context, q db.Querier, account string, kinds []access.PostKind) (bool, error) {
	args := []any{account, string(s.clock.Today())}
	for _, k := range kinds {
		args = append(args, string(k))
	}
	var n int
	err := q.QueryRow(ctx, `SELECT COUNT(*) FROM post WHERE account_id=$1 AND day_from<=$2 AND (day_to='' OR day_to>=$2) AND kind IN `+db.In(len(kinds), 3), args...).Scan(&n)
	return n > 0, err
}

// Setup is a second factor about to be set up. Nothing is stored yet: the form carries Sealed, which only this account can bring back.
type Setup struct {
	Secret string // to type, in groups of four
	URL    string
	QR     QR
	Sealed string
}

// SetUp makes a new secret for an account, or shows the one in sealed again after a failed try.
func (s *Service) SetUp(acc *Account, sealed string) (Setup, error) {
	name := acc.Login
	if name == "" {
		name = ShowPhone(acc.Phone)
	}
	t, err := newTOTP(s.issuer, name)
	if err != nil {
		return Setup{}, err
	}
	if secret, err := s.key.open("setup:"+acc.ID, sealed); sealed != "" && err == nil {
		t.URL = strings.Replace(t.URL, "secret="+t.Secret, "secret="+secret, 1)
		t.Secret = secret
	}
	code, err := NewQR(t.URL)
	if err != nil {
		return Setup{}, err
	}
	var groups []string
	for g := range slices.Chunk([]byte(t.Secret), 4) {
		groups = append(groups, string(g))
	}
	return Setup{Secret: strings.Join(groups, " "), URL: t.URL, QR: code, Sealed: s.key.seal("setup:"+acc.ID, t.Secret)}, nil
}

// ConfirmFactorTx turns the second factor on after the first right code, and gives the recovery codes, which are shown once. Other sessions of the
// account end; keep is the one that stays.
func (s *Service) ConfirmFactorTx(ctx context.Context, tx *db.Tx, actor access.Actor, sealed, code, keep string) ([]string, error) {
	acc, err := account(ctx, tx, `a.id=$1`, actor.ID)
	if err != nil {
		return nil, err
	}
	return s.confirmFactor(ctx, tx, acc, sealed, code, keep)
}

func (s *Service) confirmFactor(ctx context.Context, tx *db.Tx, acc *Account, sealed, code, keep string) ([]string, error) {
	if acc.TOTP { // to change it, it is turned off first, with the password
		return nil, errs.E(errs.Conflict, "auth.factor.on_already")
	}
	secret, err := s.key.open("setup:"+acc.ID, sealed)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "auth.factor.expired")
	}
	step, ok := totpStep(secret, code, tx.Now(), acc.totpStep)
	if !ok {
		return nil, errs.At("ma", "auth.factor.wrong")
	}
	if err := s.bump(ctx, tx); err != nil {
		return nil, err
	}
	err = tx.Update(ctx, `UPDATE account SET totp=$3, totp_at=$4, totp_step=$5, version=version+1 WHERE id=$1 AND version=$2`,
		acc.ID, acc.Version, s.key.seal("totp:"+acc.ID, secret), db.Micros(tx.Now()), step)
	if err != nil {
		return nil, err
	}
	if err := s.endAll(ctx, tx, acc.ID, keep); err != nil {
		return nil, err
	}
	codes, err := newRecovery(ctx, tx, acc.ID)
	if err != nil {
		return nil, err
	}
	return codes, recordSession(ctx, tx, access.Actor{ID: acc.ID, Name: acc.Name}, "auth.factor.on", i18n.M("auth.audit.factor_on"))
}

// Enrol sets up the second factor in the middle of a log-in that requires it, and finishes the log-in.
func (s *Service) Enrol(ctx context.Context, pending, sealed, code string, c Client) (LoggedIn, []string, error) {
	acc, se, err := s.Pending(ctx, pending)
	if err != nil {
		return LoggedIn{}, nil, err
	}
	if se.Stage != StageEnrol {
		return LoggedIn{}, nil, errs.E(errs.Unauthenticated, "auth.login.again")
	}
	var codes []string
	in, err := s.finish(ctx, acc, se, c, func(ctx context.Context, tx *db.Tx, now *Account) error {
		codes, err = s.confirmFactor(ctx, tx, now, sealed, code, "")
		return err
	})
	return in, codes, err
}

// DropFactorTx turns the actor's own second factor off, unless a post requires it.
func (s *Service) DropFactorTx(ctx context.Context, tx *db.Tx, actor access.Actor, keep string) error {
	acc, err := account(ctx, tx, `a.id=$1`, actor.ID)
	if err != nil {
		return err
	}
	acc.TOTP = false
	stage, err := s.needsFactor(ctx, tx, acc)
	if err != nil {
		return err
	}
	if stage == StageEnrol {
		return errs.E(errs.Forbidden, "auth.factor.required")
	}
	if err := s.bump(ctx, tx); err != nil {
		return err
	}
	if err := dropFactor(ctx, tx, acc.ID); err != nil {
		return err
	}
	if err := s.endAll(ctx, tx, acc.ID, keep); err != nil {
		return err
	}
	return recordSession(ctx, tx, actor, "auth.factor.off", i18n.M("auth.audit.factor_off"))
}

func dropFactor(ctx context.Context, tx *db.Tx, account string) error {
	if _, err := tx.Exec(ctx, `UPDATE account SET totp='', totp_at=0, version=version+1 WHERE id=$1`, account); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM recovery_code WHERE account_id=$1`, account)
	return err
}

// NewRecoveryTx makes new recovery codes in place of the old; they are shown once.
func (s *Service) NewRecoveryTx(ctx context.Context, tx *db.Tx, actor access.Actor) ([]string, error) {
	acc, err := account(ctx, tx, `a.id=$1 AND a.totp<>''`, actor.ID)
	if err != nil {
		return nil, err
	}
	codes, err := newRecovery(ctx, tx, acc.ID)
	if err != nil {
		return nil, err
	}
	return codes, recordSession(ctx, tx, actor, "auth.factor.recovery", i18n.M("auth.audit.recovery_new"))
}

func newRecovery(ctx context.Context, tx *db.Tx, account string) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM recovery_code WHERE account_id=$1`, account); err != nil {
		return nil, err
	}
	var codes []string
	for range recoveryCodes {
		code := newCode(recoveryLength)
		if _, err := tx.Exec(ctx, `INSERT INTO recovery_code(account_id,hash,used) VALUES($1,$2,0)`, account, tokenHash(account+code)); err != nil {
			return nil, err
		}
		codes = append(codes, ShowCode(code))
	}
	return codes, nil
}

// RecoveryLeft counts the actor's recovery codes that are not used.
func (s *Service) RecoveryLeft(ctx context.Context, actor access.Actor) (n int, err error) {
	err = s.db.QueryRow(ctx, `SELECT COUNT(*) FROM recovery_code WHERE account_id=$1 AND used=0`, actor.ID).Scan(&n)
	return n, err
}

// useCode is nil where code is the account's one-time code of now, not used before, or one of its recovery codes, which is then used up. The fault
// stands beside ma.
func (s *Service) useCode(ctx context.Context, tx *db.Tx, acc *Account, code string) error {
	if strings.TrimSpace(code) == "" {
		return errs.At("ma", "auth.factor.missing")
	}
	if !acc.TOTP {
		return errs.E(errs.Unauthenticated, "auth.login.again")
	}
	secret, err := s.key.open("totp:"+acc.ID, acc.totp)
	if err != nil {
		return err
	}
	if step, ok := totpStep(secret, code, tx.Now(), acc.totpStep); ok {
		res, err := tx.Exec(ctx, `UPDATE account SET totp_step=$2 WHERE id=$1 AND totp_step<$2`, acc.ID, step)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
	}
	if letters, ok := normalCode(code, recoveryLength); ok {
		res, err := tx.Exec(ctx, `UPDATE recovery_code SET used=$3 WHERE account_id=$1 AND hash=$2 AND used=0`, acc.ID, tokenHash(acc.ID+letters), db.Micros(tx.Now()))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
	}
	return errs.At("ma", "auth.factor.wrong")
}
