package app

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"dinh/internal/attach"
	"dinh/internal/audit"
	"dinh/internal/db"
	"dinh/internal/i18n"
)

// VerifyReport is what a check of the audit log and of the files found.
type VerifyReport struct{ audit.Report }

// FaultCount is the number of faults, those not listed included.
func (r VerifyReport) FaultCount() int { return len(r.Faults) + r.More }

// Write says what was found, a line each.
func (r VerifyReport) Write(w io.Writer, p *i18n.Printer) {
	for _, f := range r.Faults {
		where := f.Entry
		if f.Seq >= 0 {
			where = fmt.Sprintf("%s (#%d)", f.Entry, f.Seq)
		}
		fmt.Fprintln(w, p.T("command.verify.fault", "entry", where, "what", f.Msg))
	}
	if r.More > 0 {
		fmt.Fprintln(w, p.T("command.verify.more", "n", r.More))
	}
	for _, e := range r.Erasures {
		fmt.Fprintln(w, p.T("command.verify.erasure", "entry", e.Entry, "reason", e.Reason, "at", p.Instant(e.At)))
	}
	if r.OK() {
		fmt.Fprintln(w, p.T("command.verify.ok", "n", r.Entries, "checkpoints", r.Checkpoints, "root", r.Root))
	}
}

// Verify checks the audit log of a data folder and its files. It only reads, so it works beside a running server.
func Verify(ctx context.Context, o Options, progress func(done, of int)) (VerifyReport, error) {
	c := o.Config
	d, err := db.Open(ctx, db.Options{DSN: c.Database, Dir: c.Data, ReadOnly: true, Clock: o.Clock})
	if err != nil {
		return VerifyReport{}, err
	}
	defer d.Close() //nolint:errcheck // nothing was written
	files, err := attach.New(d, c.Data, int64(c.Limits.UploadMB)<<20, o.Clock)
	if err != nil {
		return VerifyReport{}, err
	}
	defer files.Close() //nolint:errcheck // nothing was written
	l := audit.New(d, filepath.Join(c.Data, "keys"), o.Clock)
	l.Also("files", checkFiles(files, progress))
	r, err := l.Verify(ctx)
	return VerifyReport{r}, err
}

// checkFiles compares every file that has a row with its sum.
func checkFiles(files *attach.Store, progress func(done, of int)) audit.Check {
	return func(ctx context.Context, q db.Querier, fault func(i18n.Msg)) error {
		var of int
		if err := q.QueryRow(ctx, `SELECT COUNT(DISTINCT sha256) FROM attachment`).Scan(&of); err != nil {
			return err
		}
		bad, _, err := files.Check(ctx, func(done int) {
			if progress != nil {
				progress(done, of)
			}
		})
		for _, f := range bad {
			key := "command.verify.changed"
			if f.Missing {
				key = "command.verify.missing"
			}
			fault(i18n.M(key, "id", f.ID, "name", f.Name))
		}
		return err
	}
}
