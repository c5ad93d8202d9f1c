package law

import (
	"context"
	"encoding/json"
	"fmt"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Owner is a room that keeps deadlines: it names its records, and hears when one of their deadlines is moved.
type Owner interface {
	// Describe names a record and gives the address of its page, without /en.
	Describe(ctx context.Context, q db.Querier, id string) (title, path string, err error)
	// MoveTx is called after a person has accepted a new deadline, in the same transaction; now is nil where there is no deadline any more.
	MoveTx(ctx context.Context, tx *db.Tx, id, step string, now *Due) error
}

// Service keeps the catalogue that the program runs with and the deadlines that rooms have stored. Owners are added before the first request.
type Service struct {
	db     *db.DB
	cat    *Catalogue
	place  func(unit string) access.Place
	owners map[string]Owner
}

// NewService makes a service. place gives where a unit stands today, for the rights.
func NewService(d *db.DB, c *Catalogue, place func(unit string) access.Place) *Service {
	return &Service{db: d, cat: c, place: place, owners: map[string]Owner{}}
}

// Catalogue is the catalogue that the program runs with.
func (s *Service) Catalogue() *Catalogue { return s.cat }

// Own makes a room the owner of the deadlines of a kind.
func (s *Service) Own(kind string, o Owner) { s.owners[kind] = o }

// Start enters the catalogue in the database where it is another than the last one, and finds out which running deadlines it leaves as they are.
func (s *Service) Start(ctx context.Context) error {
	changed := false
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		isNew, err := recordTx(ctx, tx, s.cat)
		if changed = isNew; err != nil || !isNew {
			return err
		}
		if err := tx.Bump(ctx, "law"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Actor: access.System.ID, ActorName: access.System.Name, Action: "law.catalogue", Kind: "law", Subject: s.cat.digest, Touches: []string{"law"},
			Msg:     i18n.M("law.audit.catalogue", "acts", len(s.cat.Acts), "duties", len(s.cat.all)),
			Details: map[string]any{"local_files": s.cat.Local},
		})
	})
	if err != nil {
		return fmt.Errorf("law: enter the catalogue: %w", err)
	}
	if !changed {
		return nil
	}
	for after := ""; ; {
		err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
			after, err = compareTx(ctx, tx, s.cat, after)
			return err
		})
		if err != nil {
			return fmt.Errorf("law: compare deadlines: %w", err)
		}
		if after == "" {
			return nil
		}
	}
}

// History lists the catalogues that the installation has run with, the newest first.
func (s *Service) History(ctx context.Context, limit int) ([]Seen, error) {
	return History(ctx, s.db, limit)
}

// Changed is a Move with the words of the room whose record it is.
type Changed struct {
	Move
	Title, Path string
}

// Moved lists the deadlines that the present catalogue would set otherwise, those that the actor may decide about, by id after the one given; next is ""
// at the end.
func (s *Service) Moved(ctx context.Context, actor access.Actor, after string, limit int) (out []Changed, next string, err error) {
	for last := ""; ; {
		moves, more, err := Moved(ctx, s.db, s.cat, after, limit)
		if err != nil {
			return nil, "", err
		}
		for _, m := range moves {
			if !access.Allowed(actor, access.ManageSettings, s.place(m.Stored.Unit)) {
				continue
			}
			if len(out) == limit {
				return out, last, nil
			}
			c, err := s.describe(ctx, m)
			if err != nil {
				return nil, "", err
			}
			out, last = append(out, c), m.Stored.ID
		}
		if more == "" {
			return out, "", nil
		}
		after = more
	}
}

func (s *Service) describe(ctx context.Context, m Move) (Changed, error) {
	c := Changed{Move: m, Title: m.Stored.OwnerID}
	o := s.owners[m.Stored.OwnerKind]
	if o == nil {
		return c, nil
	}
	var err error
	c.Title, c.Path, err = o.Describe(ctx, s.db, m.Stored.OwnerID)
	return c, err
}

// AcceptTx takes the present catalogue's deadline in place of the stored one; where there is none any more, the stored one ends. KeepTx is the other
// answer. Errors: errs.NotFound for who may not decide, errs.Conflict where the deadline has changed since version.
func (s *Service) AcceptTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) error {
	d, err := s.decide(ctx, tx, actor, id)
	if err != nil {
		return err
	}
	now := s.cat.again(d)
	due, running := d.Due, 0 // what was due stays to be read where it ends
	var day civil.Date
	if now != nil {
		due, day, running = *now, now.Date, 1
	}
	body, err := json.Marshal(due)
	if err != nil {
		return fmt.Errorf("law: accept a deadline: %w", err)
	}
	err = tx.Update(ctx, `UPDATE law_due SET due=$1, duty=$2, explanation=$3, seen=$4, running=$5, version=version+1 WHERE id=$6 AND version=$7 AND running=1`,
		string(due.Date), due.DutyID, string(body), s.cat.digest, running, id, version)
	if err != nil {
		return err
	}
	if o := s.owners[d.OwnerKind]; o != nil {
		if err := o.MoveTx(ctx, tx, d.OwnerID, d.Due.Step, now); err != nil {
			return err
		}
	}
	return s.record(ctx, tx, actor, d, "law.due.accept", i18n.M("law.audit.accept", "before", d.Due.Date, "after", day))
}

// KeepTx leaves the stored deadline as it is, for as long as the catalogue does not change again. Errors as AcceptTx.
func (s *Service) KeepTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) error {
	d, err := s.decide(ctx, tx, actor, id)
	if err != nil {
		return err
	}
	err = tx.Update(ctx, `UPDATE law_due SET seen=$1, version=version+1 WHERE id=$2 AND version=$3 AND running=1`, s.cat.digest, id, version)
	if err != nil {
		return err
	}
	return s.record(ctx, tx, actor, d, "law.due.keep", i18n.M("law.audit.keep", "before", d.Due.Date))
}

func (s *Service) decide(ctx context.Context, tx *db.Tx, actor access.Actor, id string) (StoredDue, error) {
	d, err := storedByID(ctx, tx, id)
	if err != nil {
		return d, err
	}
	if !access.Allowed(actor, access.ManageSettings, s.place(d.Unit)) {
		return d, errs.E(errs.NotFound, "law.due_gone")
	}
	return d, nil
}

func (s *Service) record(ctx context.Context, tx *db.Tx, actor access.Actor, d StoredDue, action string, msg i18n.Msg) error {
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: action, Unit: d.Unit, Kind: d.OwnerKind, Subject: d.OwnerID, Msg: msg,
		Details: map[string]any{"step": d.Due.Step, "before": d.Due, "now": s.cat.again(d), "digest": s.cat.digest},
	})
}
