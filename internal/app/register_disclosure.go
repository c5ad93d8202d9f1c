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
	return x.plans.RecordTx(ctx, tx, actor, planRecord(r))
}

func planRecord(r disclosure.Record) plan.Record {
	return plan.Record{
		Room: "disclosure", Kind: r.Kind, ID: r.ID, Unit: r.Unit, Day: r.Day, Until: r.Until, DutyKind: r.DutyKind, TaskKind: r.TaskKind, Items: r.Lines,
		Title: r.Title, Link: r.Link, Number: r.Number, Counts: r.Counts,
	}
}

// planEvidence lists the room's records again, so that the plan's rows can be checked and rebuilt.
type planEvidence struct{ s *disclosure.Service }

// Room is the room's name in rows of evidence.
func (planEvidence) Room() string { return "disclosure" }

// Records calls f for every record that counts.
func (x planEvidence) Records(ctx context.Context, q db.Querier, f func(plan.Record) error) error {
	return x.s.Records(ctx, q, func(r disclosure.Record) error { return f(planRecord(r)) })
}
