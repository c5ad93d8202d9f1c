package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"dinh/internal/db"
)

// keySetting is the fingerprint of the key with which the database's secrets are sealed.
const keySetting = "key"

// SameKey reports whether this process has the key with which the secrets in the database are sealed. The first process of a database enters its key's
// fingerprint; another key takes its place when nobody's second factor is sealed with the old one any more.
func (s *Service) SameKey(ctx context.Context) (bool, error) {
	now, err := sealedWith(ctx, s.db)
	if err != nil || now == s.key.print {
		return err == nil, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		var sealed int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM account WHERE totp<>''`).Scan(&sealed); err != nil {
			return err
		}
		if now, err = sealedWith(ctx, tx); err != nil || now != "" && sealed > 0 {
			return err
		}
		now = s.key.print
		_, err := tx.Exec(ctx, `INSERT INTO auth_setting(name,value,version) VALUES($1,$2,1) ON CONFLICT(name) DO UPDATE SET value=excluded.value, version=auth_setting.version+1`, keySetting, now)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("auth: key: %w", err)
	}
	return now == s.key.print, nil
}

func sealedWith(ctx context.Context, q db.Querier) (string, error) {
	var fingerprint string
	err := q.QueryRow(ctx, `SELECT value FROM auth_setting WHERE name=$1`, keySetting).Scan(&fingerprint)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return fingerprint, err
}
