package auth

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/mail"
)

// Ways by which an invitation reaches the person.
const (
	Paper  = "paper" // a printed page, handed over or sent
	ByMail = "mail"
)

// Kinds of invitations.
const (
	Welcome = "new"   // the first password
	Reset   = "reset" // a new password in place of one that was forgotten; the second factor goes too
)

const (
	inviteLength = 12
	inviteDays   = 14
)

// Invitation is a code, on paper or in a mail, that lets somebody set a password once.
type Invitation struct {
	ID      string
	Unit    string // in whose care it is
	Account string
	Name    string // of the person; may be empty
	Login   string
	Phone   string
	Lang    i18n.Lang
	Kind    string
	Way     string
	Post    access.PostKind // the person's first post, "" where there is none
	Code    string          // "K7QM3XWA9PDR"; only while it can be used, and only for whoever looks after the person
	Created time.Time
	Last    civil.Date // the last day on which it can be used
	Used    time.Time  // zero: not yet
	Revoked time.Time
}

// Open reports whether the invitation can be used on the day.
func (i *Invitation) Open(day civil.Date) bool {
	return i.Used.IsZero() && i.Revoked.IsZero() && day <= i.Last
}

const inviteColumns = `i.id, i.unit_id, i.account_id, a.name, a.login, a.phone, a.lang, i.kind, i.way, i.code, i.created, i.last_day, i.used, i.revoked,
	COALESCE((SELECT p.kind FROM post p WHERE p.account_id=a.id AND p.unit_id=i.unit_id ORDER BY p.day_from, p.id LIMIT 1), '')`

func (i *Invitation) fields(sealed *string) []any {
	return []any{
		&i.ID, &i.Unit, &i.Account, &i.Name, &i.Login, &i.Phone, &i.Lang, &i.Kind, &i.Way, sealed, (*instant)(&i.Created), &i.Last,
		(*instant)(&i.Used), (*instant)(&i.Revoked), &i.Post,
	}
}

func (s *Service) scanInvite(row interface{ Scan(...any) error }) (*Invitation, error) {
	var i Invitation
	var sealed string
	if err := row.Scan(i.fields(&sealed)...); err != nil {
		return nil, err
	}
	if sealed != "" && i.Open(s.clock.Today()) {
		code, err := s.key.open("invitation:"+i.ID, sealed)
		if err != nil {
			return nil, err
		}
		i.Code = code
	}
	return &i, nil
}

// InviteTx makes an invitation for an account in the actor's care: the first one, or one that resets a password. Earlier ones that are still open lose
// their force. By mail it leaves when the transaction has been committed.
func (s *Service) InviteTx(ctx context.Context, tx *db.Tx, actor access.Actor, accountID, way string) (id string, err error) {
	acc, err := account(ctx, tx, `a.id=$1`, accountID)
	if err != nil {
		return "", err
	}
	if err := s.mayChange(ctx, tx, actor, acc); err != nil {
		return "", err
	}
	kind := Welcome
	if acc.Password {
		kind = Reset
	}
	switch {
	case acc.Disabled:
		return "", errs.E(errs.Forbidden, "auth.invite.disabled")
	case acc.ID == actor.ID:
		return "", errs.E(errs.Forbidden, "auth.account.self")
	case way != Paper && way != ByMail:
		return "", errs.At("cach", "auth.invite.way")
	case way == ByMail && acc.Mail == "":
		return "", errs.At("cach", "auth.invite.no_mail")
	}
	now := db.Micros(tx.Now())
	if _, err := tx.Exec(ctx, `UPDATE invitation SET revoked=$2, code='' WHERE account_id=$1 AND used=0 AND revoked=0`, acc.ID, now); err != nil {
		return "", err
	}
	unit := acc.Unit
	err = tx.QueryRow(ctx, `SELECT unit_id FROM post WHERE account_id=$1 AND (day_to='' OR day_to>=$2) ORDER BY day_from, id LIMIT 1`, acc.ID, string(tx.Today())).Scan(&unit)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	id = tx.NewID()
	code := newCode(inviteLength)
	last := tx.Today().Add(inviteDays)
	_, err = tx.Exec(ctx, `INSERT INTO invitation(id,unit_id,account_id,code_hash,code,kind,way,created_by,created,last_day,used,revoked) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,0,0)`,
		id, unit, acc.ID, tokenHash(code), s.key.seal("invitation:"+id, code), kind, way, actor.ID, now, string(last))
	if err != nil {
		return "", err
	}
	if way == ByMail {
		link := "/moi/" + code
		if acc.Lang == i18n.EN {
			link = "/en" + link
		}
		err = mail.QueueTx(ctx, tx, mail.Message{
			Account: acc.ID, To: acc.Mail, Lang: acc.Lang, Kind: "invitation", Subject: i18n.M("auth.invite.mail." + kind + ".subject"),
			Body: []mail.Part{{Msg: i18n.M("auth.invite.mail."+kind+".body", "last", last), Link: link}, {Msg: i18n.M("auth.invite.mail.not_you")}},
		})
		if err != nil {
			return "", err
		}
	}
	return id, audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "auth.invite." + kind, Unit: unit, Kind: "account", Subject: acc.ID,
		Msg: i18n.M("auth.audit.invite_"+kind, "last", last), Details: map[string]any{"invitation": id, "way": way, "name": acc.Name},
	})
}

// Invitation is an invitation in the actor's care, with its code while it is open.
func (s *Service) Invitation(ctx context.Context, actor access.Actor, id string) (*Invitation, error) {
	i, err := s.scanInvite(s.db.QueryRow(ctx, `SELECT `+inviteColumns+` FROM invitation i JOIN account a ON a.id=i.account_id WHERE i.id=$1`, id))
	if errors.Is(err, sql.ErrNoRows) || err == nil && !s.Manages(actor, i.Unit) {
		return nil, errNotFound
	}
	return i, err
}

// RevokeTx takes the force from an invitation that is still open.
func (s *Service) RevokeTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string) error {
	var unit, acc string
	err := tx.QueryRow(ctx, `SELECT unit_id, account_id FROM invitation WHERE id=$1`, id).Scan(&unit, &acc)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !s.manages(actor, unit, tx.Today()) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	err = tx.Update(ctx, `UPDATE invitation SET revoked=$2, code='' WHERE id=$1 AND used=0 AND revoked=0`, id, db.Micros(tx.Now()))
	if errs.Is(err, errs.Conflict) {
		return errs.E(errs.Conflict, "auth.invite.over")
	}
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "auth.invite.revoke", Unit: unit, Kind: "account", Subject: acc,
		Msg: i18n.M("auth.audit.invite_revoke"), Details: map[string]any{"invitation": id},
	})
}

// Invited is the invitation of a code that somebody has in hand. A code that does not exist is errs.NotFound, one that was used, taken back or is too old
// errs.Gone with the reason; too many wrong ones from one network are errs.TooMany.
func (s *Service) Invited(ctx context.Context, typed string, c Client) (*Invitation, error) {
	if d := s.throttle.wait(inviteKey(c.net())); d > 0 {
		return nil, tooMany(d)
	}
	code, ok := normalCode(typed, inviteLength)
	if !ok {
		return nil, errs.E(errs.NotFound, "auth.invite.unknown")
	}
	i, err := s.scanInvite(s.db.QueryRow(ctx, `SELECT `+inviteColumns+` FROM invitation i JOIN account a ON a.id=i.account_id WHERE i.code_hash=$1`, tokenHash(code)))
	if errors.Is(err, sql.ErrNoRows) {
		s.throttle.fail(inviteKey(c.net()), limitInvite)
		return nil, errs.E(errs.NotFound, "auth.invite.unknown")
	}
	if err != nil {
		return nil, err
	}
	switch {
	case !i.Used.IsZero():
		return nil, errs.E(errs.Gone, "auth.invite.used")
	case !i.Revoked.IsZero():
		return nil, errs.E(errs.Gone, "auth.invite.revoked")
	case s.clock.Today() > i.Last:
		return nil, errs.E(errs.Gone, "auth.invite.expired", "last", i.Last)
	}
	i.Code = code
	return i, nil
}

// Acceptance is what somebody who was invited fills in.
type Acceptance struct {
	Code     string
	Name     string // only where the account has none
	Login    string // only where the account has neither log-in name nor number
	Password string
	Client
}

// Accept sets the password of an invitation's account, once, and logs in. Faults stand beside ten, ten_dang_nhap and mat_khau_moi.
func (s *Service) Accept(ctx context.Context, a Acceptance) (LoggedIn, error) {
	i, err := s.Invited(ctx, a.Code, a.Client)
	if err != nil {
		return LoggedIn{}, err
	}
	p := NewPerson{Name: i.Name, Login: i.Login, Phone: i.Phone}
	var l errs.List
	if p.Name == "" {
		if p.Name = a.Name; p.Name == "" {
			l.Add("ten", "auth.account.name")
		}
	}
	if p.Login == "" && p.Phone == "" {
		if p.Login = a.Login; p.Login == "" {
			l.Add("ten_dang_nhap", "auth.account.login")
		}
	}
	l.Fields = append(l.Fields, errs.FieldsOf(p.details())...)
	l.Fields = append(l.Fields, errs.FieldsOf(CheckPassword("mat_khau_moi", a.Password, p.Name, p.Login, p.Phone))...)
	if err := l.Err(); err != nil {
		return LoggedIn{}, err
	}
	hash, err := s.queue.hash(ctx, a.net(), a.Password)
	if err != nil {
		return LoggedIn{}, err
	}
	var in LoggedIn
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		now := db.Micros(tx.Now())
		err := tx.Update(ctx, `UPDATE invitation SET used=$2, code='' WHERE id=$1 AND used=0 AND revoked=0 AND last_day>=$3`, i.ID, now, string(tx.Today()))
		if errs.Is(err, errs.Conflict) {
			return errs.E(errs.Gone, "auth.invite.used")
		}
		if err != nil {
			return err
		}
		acc, err := account(ctx, tx, `a.id=$1`, i.Account)
		if err != nil {
			return err
		}
		if acc.Disabled {
			return errs.E(errs.Gone, "auth.invite.revoked")
		}
		if err := free(ctx, tx, acc.ID, p.Login, p.Phone); err != nil {
			return err
		}
		if err := s.bump(ctx, tx); err != nil {
			return err
		}
		if i.Kind == Reset {
			if err := dropFactor(ctx, tx, acc.ID); err != nil {
				return err
			}
		}
		err = tx.Update(ctx, `UPDATE account SET name=$2, name_fold=$3, sort_key=$4, login=$5, password=$6, password_at=$7, version=version+1 WHERE id=$1`,
			acc.ID, p.Name, i18n.Fold(p.Name), i18n.SortKey(givenFirst(p.Name)), p.Login, hash, now)
		if err != nil {
			return taken(tx, err)
		}
		if err := s.endAll(ctx, tx, acc.ID, ""); err != nil {
			return err
		}
		acc.Name, acc.TOTP = p.Name, false
		me := access.Actor{ID: acc.ID, Name: acc.Name}
		if err := record(ctx, tx, me, acc, "auth.invite.accept", i18n.M("auth.audit.invite_accept"), map[string]any{"invitation": i.ID, "name": acc.Name}); err != nil {
			return err
		}
		stage, err := s.needsFactor(ctx, tx, acc)
		if err != nil {
			return err
		}
		in, err = s.begin(ctx, tx, acc, stage, false, a.Agent)
		return err
	})
	return in, err
}

// Invitations lists the invitations of the units in the actor's care that are open, newest first, at most limit.
func (s *Service) Invitations(ctx context.Context, actor access.Actor, limit int) ([]Invitation, error) {
	today := s.clock.Today()
	units, all := s.managed(actor, today)
	where, args := `i.used=0 AND i.revoked=0 AND i.last_day>=$1`, []any{string(today), limit}
	if !all {
		where += ` AND i.unit_id IN ` + db.In(len(units), 3)
		for _, u := range units {
			args = append(args, u)
		}
	}
	rows, err := s.db.Query(ctx, `SELECT `+inviteColumns+` FROM invitation i JOIN account a ON a.id=i.account_id WHERE `+where+` ORDER BY i.created DESC, i.id DESC LIMIT $2`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Invitation
	for rows.Next() {
		i, err := s.scanInvite(rows)
		if err != nil {
			return nil, err
		}
		i.Code = "" // a list shows none
		out = append(out, *i)
	}
	return out, rows.Err()
}
