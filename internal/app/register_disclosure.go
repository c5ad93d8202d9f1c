package app

import (
	"context"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/disclosure/disclosureweb"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// registerDisclosure adds the pages of the room disclosure.
func (a *App) registerDisclosure(k *web.Kit) {
	disclosureweb.Register(k, disclosureweb.Deps{Service: a.Disclosure, Units: a.Units, Law: a.Law, Files: a.Files})
}

// planRecorder tells the room plan of records of the room disclosure.
type planRecorder struct{ plans *plan.Service }

// RecordTx makes the record evidence of the tasks that it fits, or takes it away.
func (x planRecorder) RecordTx(ctx context.Context, tx *db.Tx, actor access.Actor, r disclosure.Record) error {
	return x.plans.RecordTx(ctx, tx, actor, plan.Record{
		Room: "disclosure", Kind: r.Kind, ID: r.ID, Unit: r.Unit, Day: r.Day, DutyKind: r.DutyKind, Items: r.Lines, Title: r.Title, Link: r.Link, Number: r.Number,
		Counts: r.Counts,
	})
}
