package org

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// uploadLife is how long a file waits between the steps of an import.
const uploadLife = 24 * time.Hour

// UploadFile is a file that was sent, or with no name none.
type UploadFile struct {
	Name string
	Data []byte
}

// KeepUploadTx keeps a file for the next step of an import in the browser, for a day and for its sender alone, and returns its id.
func (s *Service) KeepUploadTx(ctx context.Context, tx *db.Tx, actor access.Actor, f UploadFile) (string, error) {
	if len(f.Data) > MaxFile {
		return "", errs.At("file", "org.import.too_large", "max", MaxFile>>20)
	}
	now := tx.Now()
	if _, err := tx.Exec(ctx, `DELETE FROM unit_upload WHERE created < $1`, db.Micros(now.Add(-uploadLife))); err != nil {
		return "", err
	}
	id := tx.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO unit_upload (id, account, name, data, created) VALUES ($1, $2, $3, $4, $5)`, id, actor.ID, f.Name, f.Data, db.Micros(now))
	return id, err
}

// Upload is a file that the actor sent less than a day ago; errs.NotFound where it is not there or not the actor's.
func (s *Service) Upload(ctx context.Context, actor access.Actor, id string) (f UploadFile, err error) {
	err = s.d.QueryRow(ctx, `SELECT name, data FROM unit_upload WHERE id = $1 AND account = $2 AND created >= $3`, id, actor.ID, db.Micros(s.d.Clock().Now().Add(-uploadLife))).Scan(&f.Name, &f.Data)
	if errors.Is(err, sql.ErrNoRows) {
		return f, errs.E(errs.NotFound, "org.error.no_upload")
	}
	return f, err
}
