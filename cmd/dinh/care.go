package main

import (
	"context"

	"dinh/internal/app"
)

// runAuditRedact asks for the details of an entry to be erased, or, called by a second administrator for the same entry, erases them.
func runAuditRedact(ctx context.Context, e *env) error {
	fs := e.flags("audit redact")
	data, file := fs.String("data", "", ""), fs.String("config", "", "")
	reason, basis, user := fs.String("reason", "", ""), fs.String("basis", "", ""), fs.String("user", "", "")
	words, err := e.parse(fs, 1)
	if err != nil {
		return err
	}
	if err := need("--reason", *reason, "--basis", *basis); err != nil {
		return err
	}
	return e.do(ctx, *file, *data, &app.Redact{Entry: words[0], Reason: *reason, Basis: *basis, User: *user})
}
