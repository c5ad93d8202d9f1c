package auth

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/mail"
)

// Account is a person who can log in, or will when the invitation is accepted.
type Account struct {
	ID       string
	Unit     string // where it was made: who looks after it while it has no post
	Name     string
	Login    string // log-in name; "" where the person logs in by telephone number alone
	Phone    string // "+84912345678"
	Mail     string
	Lang     i18n.Lang
	Password bool // has one: the invitation was accepted
	TOTP     bool // has a second factor
	Disabled bool // may not log in
	Created  time.Time
	Version  int

	password   string
	passwordAt int64
	totp       string
	totpStep   int64
}

const accountColumns = `a.id, a.unit_id, a.name, a.login, a.phone, a.mail, a.lang, a.password, a.password_at, a.totp, a.totp_step, a.disabled_at, a.created, a.version`

func (a *Account) fields() []any {
	return []any{&a.ID, &a.Unit, &a.Name, &a.Login, &a.Phone, &a.Mail, &a.Lang, &a.password, &a.passwordAt, &a.totp, &a.totpStep, (*flag)(&a.Disabled), (*instant)(&a.Created), &a.Version}
}

func (a *Account) done() *Account {
	a.Password, a.TOTP = a.password != "", a.totp != ""
	return a
}

// instant and flag scan stored microseconds.
type (
	instant time.Time
	flag    bool
)

func (t *instant) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return errors.New("auth: not an instant")
	}
	*t = instant(time.Time{})
	if n != 0 {
		*t = instant(db.FromMicros(n))
	}
	return nil
}

func (f *flag) Scan(v any) error {
	n, ok := v.(int64)
	*f = n != 0
	if !ok {
		return errors.New("auth: not a number")
	}
	return nil
}

// account reads one account by a condition on a; errs.NotFound where there is none.
func account(ctx context.Context, q db.Querier, where string, args ...any) (*Account, error) {
	var a Account
	err := q.QueryRow(ctx, `SELECT `+accountColumns+` FROM account a WHERE `+where, args...).Scan(a.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	return a.done(), nil
}

// Account is an account that the actor looks after, or the actor's own; errs.NotFound for all others.
func (s *Service) Account(ctx context.Context, a access.Actor, id string) (*Account, error) {
	acc, err := account(ctx, s.db, `a.id=$1`, id)
	if err != nil {
		return nil, err
	}
	if id == a.ID {
		return acc, nil
	}
	ok, _, err := s.caresFor(ctx, s.db, a, acc)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errNotFound
	}
	return acc, nil
}

// Find is the account of a log-in name or telephone number; for commands.
func (s *Service) Find(ctx context.Context, name string) (*Account, error) {
	where, value, ok := identity(name)
	if !ok {
		return nil, errNotFound
	}
	return account(ctx, s.db, where, value)
}

// identity is the condition by which a typed log-in name finds its account.
func identity(typed string) (where, value string, ok bool) {
	if phone, ok := NormalPhone(typed); ok {
		return `a.phone=$1`, phone, true
	}
	if login, ok := NormalLogin(typed); ok {
		return `a.login=$1`, login, true
	}
	return "", "", false
}

// caresFor reports whether the actor looks after an account: sees it (some of its posts are in the actor's care), and may change what concerns the whole
// account (all of them are), so that the administrator of one unit cannot take over somebody from elsewhere. Without posts the first unit counts.
func (s *Service) caresFor(ctx context.Context, q db.Querier, a access.Actor, acc *Account) (sees, whole bool, err error) {
	day := s.clock.Today()
	rows, err := q.Query(ctx, `SELECT DISTINCT unit_id FROM post WHERE account_id=$1 AND (day_to='' OR day_to>=$2)`, acc.ID, string(day))
	if err != nil {
		return false, false, err
	}
	defer rows.Close()
	var units []string
	for rows.Next() {
		var unit string
		if err := rows.Scan(&unit); err != nil {
			return false, false, err
		}
		if _, lives := s.units.On(day).ByID(unit); lives {
			units = append(units, unit)
		}
	}
	if err := rows.Err(); err != nil {
		return false, false, err
	}
	if len(units) == 0 {
		units = []string{acc.Unit}
	}
	whole = true
	for _, u := range units {
		if s.manages(a, u, day) {
			sees = true
		} else {
			whole = false
		}
	}
	return sees, whole, nil
}

// mayChange is nil where the actor may change what concerns the whole account.
func (s *Service) mayChange(ctx context.Context, tx *db.Tx, a access.Actor, acc *Account) error {
	sees, whole, err := s.caresFor(ctx, tx, a, acc)
	switch {
	case err != nil:
		return err
	case !sees:
		return errNotFound
	case !whole:
		return errs.E(errs.Forbidden, "auth.account.elsewhere")
	}
	return nil
}

// NewPerson is somebody who shall have an account, with a first post.
type NewPerson struct {
	Name  string // may be left to the person
	Login string // where "", one is made of the name unless there is a telephone number
	Phone string
	Mail  string
	Lang  i18n.Lang
	Post  Assignment // without Account
}

// details checks and normalises; faults stand beside ten, ten_dang_nhap, dien_thoai, mail.
func (p *NewPerson) details() error {
	var l errs.List
	var ok bool
	if p.Name != "" {
		if p.Name, ok = cleanName(p.Name); !ok {
			l.Add("ten", "auth.account.name")
		}
	}
	if p.Login != "" {
		if p.Login, ok = NormalLogin(p.Login); !ok {
			l.Add("ten_dang_nhap", "auth.account.login")
		}
	}
	if p.Phone != "" {
		if p.Phone, ok = NormalPhone(p.Phone); !ok {
			l.Add("dien_thoai", "auth.account.phone")
		}
	}
	if p.Name == "" && p.Login == "" && p.Phone == "" {
		l.Add("ten", "auth.account.who")
	}
	if p.Mail != "" {
		a, err := mail.Address("mail", p.Mail)
		l.Fields = append(l.Fields, errs.FieldsOf(err)...)
		p.Mail = a
	}
	if p.Lang != i18n.EN {
		p.Lang = i18n.VI
	}
	return l.Err()
}

// AddTx makes an account with its first post, without password: the invitation that follows brings it. Faults stand beside the fields of the form.
func (s *Service) AddTx(ctx context.Context, tx *db.Tx, actor access.Actor, p NewPerson) (id string, err error) {
	var l errs.List
	fault := p.details()
	l.Fields = append(l.Fields, errs.FieldsOf(fault)...)
	fault = s.checkAssignment(actor, &p.Post, tx.Today())
	if fault != nil && !errs.Is(fault, errs.Invalid) {
		return "", fault
	}
	l.Fields = append(l.Fields, errs.FieldsOf(fault)...)
	if err := l.Err(); err != nil {
		return "", err
	}
	return s.add(ctx, tx, actor, p)
}

// add is AddTx after its checks.
func (s *Service) add(ctx context.Context, tx *db.Tx, actor access.Actor, p NewPerson) (id string, err error) {
	if p.Login == "" && p.Phone == "" {
		if p.Login, err = freeLogin(ctx, tx, p.Name); err != nil {
			return "", err
		}
	}
	id = tx.NewID()
	if err := free(ctx, tx, "", p.Login, p.Phone); err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `INSERT INTO account(id,unit_id,name,name_fold,sort_key,login,phone,mail,lang,password,password_at,totp,totp_at,totp_step,disabled_at,created,version)
		VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,'',0,'',0,0,0,$10,1)`,
		id, p.Post.Unit, p.Name, i18n.Fold(p.Name), i18n.SortKey(givenFirst(p.Name)), p.Login, p.Phone, p.Mail, string(p.Lang), db.Micros(tx.Now()))
	if err != nil {
		return "", taken(tx, err)
	}
	if err := recordAdd(ctx, tx, actor, id, p); err != nil {
		return "", err
	}
	p.Post.Account = id
	_, err = s.assign(ctx, tx, actor, p.Post)
	return id, err
}

// givenFirst turns a Vietnamese name round for sorting: the given name stands last and sorts first.
func givenFirst(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == ' ' {
			return name[i+1:] + " " + name[:i]
		}
	}
	return name
}

// free is nil where no other account has the log-in name or the number; else the fault stands beside the field.
func free(ctx context.Context, q db.Querier, id, login, phone string) error {
	var l errs.List
	for _, f := range []struct{ field, column, value, key string }{
		{"ten_dang_nhap", "login", login, "auth.account.login_taken"}, {"dien_thoai", "phone", phone, "auth.account.phone_taken"},
	} {
		if f.value == "" {
			continue
		}
		var n int
		if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM account WHERE `+f.column+`=$1 AND id<>$2`, f.value, id).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			l.Add(f.field, f.key)
		}
	}
	return l.Err()
}

// taken words the breach of a unique key: somebody else took the log-in name or the number at the same time.
func taken(tx *db.Tx, err error) error {
	if !tx.Dialect().IsUnique(err) {
		return err
	}
	return errs.Wrap(errs.Conflict, err, "auth.account.taken")
}

// freeLogin is a log-in name made of a person's name that nobody has.
func freeLogin(ctx context.Context, q db.Querier, name string) (string, error) {
	base, ok := NormalLogin(name)
	if !ok {
		base = "canbo"
	}
	if len(base) > 34 {
		base = base[:34]
	}
	for n := 1; ; n++ {
		login := base
		if n > 1 {
			login += strconv.Itoa(n)
		}
		var have int
		if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM account WHERE login=$1`, login).Scan(&have); err != nil {
			return "", err
		}
		if have == 0 {
			return login, nil
		}
	}
}

// Change is what may be changed of an account by whoever looks after it.
type Change struct {
	Name, Login, Phone, Mail string
	Version                  int
}

// ChangeTx changes an account's name, log-in name, number and address. An account keeps at least one of log-in name and number.
func (s *Service) ChangeTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, c Change) error {
	acc, err := account(ctx, tx, `a.id=$1`, id)
	if err != nil {
		return err
	}
	if err := s.mayChange(ctx, tx, actor, acc); err != nil {
		return err
	}
	p := NewPerson{Name: c.Name, Login: c.Login, Phone: c.Phone, Mail: c.Mail}
	var l errs.List
	l.Fields = append(l.Fields, errs.FieldsOf(p.details())...)
	if p.Name == "" && acc.Password {
		l.Add("ten", "auth.account.name")
	}
	if p.Login == "" && p.Phone == "" {
		l.Add("ten_dang_nhap", "auth.account.way_in")
	}
	if err := l.Err(); err != nil {
		return err
	}
	if err := free(ctx, tx, id, p.Login, p.Phone); err != nil {
		return err
	}
	if err := s.bump(ctx, tx); err != nil {
		return err
	}
	err = tx.Update(ctx, `UPDATE account SET name=$3, name_fold=$4, sort_key=$5, login=$6, phone=$7, mail=$8, version=version+1 WHERE id=$1 AND version=$2`,
		id, c.Version, p.Name, i18n.Fold(p.Name), i18n.SortKey(givenFirst(p.Name)), p.Login, p.Phone, p.Mail)
	if err != nil {
		return taken(tx, err)
	}
	return record(ctx, tx, actor, acc, "auth.account.change", i18n.M("auth.audit.account_change"), map[string]any{
		"before": map[string]any{"name": acc.Name, "login": acc.Login, "phone": acc.Phone, "mail": acc.Mail},
		"after":  map[string]any{"name": p.Name, "login": p.Login, "phone": p.Phone, "mail": p.Mail},
	})
}

// SetMailTx changes the actor's own address for mail; "" takes it away.
func (s *Service) SetMailTx(ctx context.Context, tx *db.Tx, actor access.Actor, address string, version int) error {
	acc, err := account(ctx, tx, `a.id=$1`, actor.ID)
	if err != nil {
		return err
	}
	if address != "" {
		if address, err = mail.Address("mail", address); err != nil {
			return err
		}
	}
	if err := tx.Update(ctx, `UPDATE account SET mail=$3, version=version+1 WHERE id=$1 AND version=$2`, acc.ID, version, address); err != nil {
		return err
	}
	return record(ctx, tx, actor, acc, "auth.account.mail", i18n.M("auth.audit.account_mail"), map[string]any{"before": acc.Mail, "after": address})
}

// DisableTx locks an account and ends its sessions and tokens, or opens it again.
func (s *Service) DisableTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, disable bool, version int) error {
	acc, err := account(ctx, tx, `a.id=$1`, id)
	if err != nil {
		return err
	}
	if err := s.mayChange(ctx, tx, actor, acc); err != nil {
		return err
	}
	if id == actor.ID {
		return errs.E(errs.Forbidden, "auth.account.self")
	}
	if err := s.bump(ctx, tx); err != nil {
		return err
	}
	at, msg := int64(0), i18n.M("auth.audit.account_enable")
	if disable {
		at, msg = db.Micros(tx.Now()), i18n.M("auth.audit.account_disable")
		if err := s.endAll(ctx, tx, id, ""); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE api_token SET revoked=$2 WHERE account_id=$1 AND revoked=0`, id, at); err != nil {
			return err
		}
	}
	if err := tx.Update(ctx, `UPDATE account SET disabled_at=$3, version=version+1 WHERE id=$1 AND version=$2`, id, version, at); err != nil {
		return err
	}
	if disable {
		if err := s.keepAdministrators(ctx, tx, acc); err != nil {
			return err
		}
	}
	return record(ctx, tx, actor, acc, "auth.account.disable", msg, map[string]any{"name": acc.Name, "disabled": disable})
}

// record writes the audit entry of a change of an account.
func record(ctx context.Context, tx *db.Tx, actor access.Actor, acc *Account, action string, msg i18n.Msg, details any) error {
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: action, Unit: acc.Unit, Kind: "account", Subject: acc.ID, Msg: msg, Details: details,
	})
}

// MailAddress is where an account gets mail and in which language; "" where it has no address or is locked.
func (s *Service) MailAddress(ctx context.Context, q db.Querier, id string) (address string, lang i18n.Lang, err error) {
	err = q.QueryRow(ctx, `SELECT mail, lang FROM account WHERE id=$1 AND disabled_at=0`, id).Scan(&address, &lang)
	if errors.Is(err, sql.ErrNoRows) {
		return "", i18n.VI, nil
	}
	return address, lang, err
}
