package org

import (
	"context"
	"encoding/csv"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// ReadFirst reads the province that a new data folder begins with; it lives from the day given. Faults stand in line 2.
func (s *Service) ReadFirst(code, name string, from civil.Date) (*Import, error) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"code", "name", "kind", "parent_code"}) // a strings.Builder does not fail
	_ = w.Write([]string{code, name, Province, ""})
	w.Flush()
	return s.ReadImport([]byte(b.String()), "province.csv", ImportOptions{On: from})
}

// FirstTx puts the province into an empty tree and returns its id; errs.Conflict where there is a unit already.
func (s *Service) FirstTx(ctx context.Context, tx *db.Tx, in *Import) (id string, err error) {
	var n int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM unit`).Scan(&n); err != nil {
		return "", err
	}
	if n > 0 {
		return "", errs.E(errs.Conflict, "org.first.there")
	}
	if _, err := s.ImportTx(ctx, tx, access.System, in); err != nil {
		return "", err
	}
	return id, tx.QueryRow(ctx, `SELECT id FROM unit`).Scan(&id)
}
