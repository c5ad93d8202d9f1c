package plan

import (
	"context"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/db"
	"dinh/internal/i18n"
)

// entry is what a command writes into the audit log. Names and texts that can be erased belong into details, not into msg.
type entry struct {
	action  string
	unit    string
	kind    string
	subject string
	msg     i18n.Msg
	details any
	touches []string
	draft   bool // about a draft that only the unit itself reads
}

func record(ctx context.Context, tx *db.Tx, actor access.Actor, e entry) error {
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: e.action, Unit: e.unit, Kind: e.kind, Subject: e.subject, Msg: e.msg, Details: e.details, Touches: e.touches, Draft: e.draft,
	})
}
