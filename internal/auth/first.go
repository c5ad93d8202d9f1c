package auth

import (
	"context"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Hashed is a password in its stored form, made before the transaction that uses it.
type Hashed struct{ stored string }

// HashPassword checks a password that an operator gives and makes its stored form. The fault stands beside mat_khau_moi.
func (s *Service) HashPassword(ctx context.Context, password string, own ...string) (Hashed, error) {
	if err := CheckPassword("mat_khau_moi", password, own...); err != nil {
		return Hashed{}, err
	}
	h, err := s.queue.hash(ctx, "operator", password)
	return Hashed{h}, err
}

// FirstTx makes the first administrator, at the root unit, which may have been made in the same transaction. It is errs.Conflict where there is an account
// already. p.Post needs its Unit only.
func (s *Service) FirstTx(ctx context.Context, tx *db.Tx, p NewPerson, h Hashed) (id string, err error) {
	var n int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM account`).Scan(&n); err != nil {
		return "", err
	}
	if n > 0 {
		return "", errs.E(errs.Conflict, "auth.first.there")
	}
	p.Post = Assignment{Unit: p.Post.Unit, Kind: access.Admin, Title: p.Post.Title, Basis: p.Post.Basis, From: tx.Today()}
	if err := p.details(); err != nil {
		return "", err
	}
	if p.Name == "" {
		return "", errs.At("ten", "auth.account.name")
	}
	if id, err = s.add(ctx, tx, access.System, p); err != nil {
		return "", err
	}
	return id, setPassword(ctx, tx, id, h)
}

// AddHashedTx is AddTx for an account that gets its password at once instead of an invitation: `user add`, and the demo.
func (s *Service) AddHashedTx(ctx context.Context, tx *db.Tx, actor access.Actor, p NewPerson, h Hashed) (id string, err error) {
	if actor.ID != access.System.ID {
		return "", errNotFound
	}
	if id, err = s.AddTx(ctx, tx, actor, p); err != nil {
		return "", err
	}
	return id, setPassword(ctx, tx, id, h)
}

// SetPasswordTx sets the password of an account by the operator of the server, ends its sessions and takes its second factor away.
func (s *Service) SetPasswordTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, h Hashed) error {
	if actor.ID != access.System.ID {
		return errNotFound
	}
	acc, err := account(ctx, tx, `a.id=$1`, id)
	if err != nil {
		return err
	}
	if err := s.bump(ctx, tx); err != nil {
		return err
	}
	if err := s.endAll(ctx, tx, id, ""); err != nil {
		return err
	}
	if err := dropFactor(ctx, tx, id); err != nil {
		return err
	}
	if err := setPassword(ctx, tx, id, h); err != nil {
		return err
	}
	return record(ctx, tx, actor, acc, "auth.password.set", i18n.M("auth.audit.password_set"), nil)
}

func setPassword(ctx context.Context, tx *db.Tx, id string, h Hashed) error {
	if h.stored == "" {
		return errs.At("mat_khau_moi", "auth.password.short", "min", MinPassword)
	}
	return tx.Update(ctx, `UPDATE account SET password=$2, password_at=$3, version=version+1 WHERE id=$1`, id, h.stored, db.Micros(tx.Now()))
}

// UserAdd makes an account for the command `user add`: with a password, or, where it is "", with an invitation on paper whose code it gives.
func (s *Service) UserAdd(ctx context.Context, p NewPerson, password string) (acc *Account, invitation *Invitation, err error) {
	var h Hashed
	if password != "" {
		if h, err = s.HashPassword(ctx, password, p.Name, p.Login, p.Phone); err != nil {
			return nil, nil, err
		}
	}
	var id, invited string
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		invited = ""
		if password != "" {
			id, err = s.AddHashedTx(ctx, tx, access.System, p, h)
			return err
		}
		if id, err = s.AddTx(ctx, tx, access.System, p); err != nil {
			return err
		}
		invited, err = s.InviteTx(ctx, tx, access.System, id, Paper)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if invited != "" {
		if invitation, err = s.Invitation(ctx, access.System, invited); err != nil {
			return nil, nil, err
		}
	}
	acc, err = account(ctx, s.db, `a.id=$1`, id)
	return acc, invitation, err
}

// recordAdd writes the audit entry of a new account.
func recordAdd(ctx context.Context, tx *db.Tx, actor access.Actor, id string, p NewPerson) error {
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "auth.account.add", Unit: p.Post.Unit, Kind: "account", Subject: id, Msg: i18n.M("auth.audit.account_add"),
		Details: map[string]any{"name": p.Name, "login": p.Login, "phone": p.Phone, "mail": p.Mail},
	})
}
