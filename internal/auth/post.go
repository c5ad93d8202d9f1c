package auth

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Assignment is a post to be given to an account.
type Assignment struct {
	Account  string
	Unit     string
	Kind     access.PostKind
	Title    string // "Phó Chủ tịch UBND xã"; may be empty
	Basis    string // the paper it rests on: number and date; may be empty
	StandsIn string // id of the post whose holder is substituted; "" for a post of one's own
	From, To civil.Date
}

// Holding is a post that somebody holds, held or will hold.
type Holding struct {
	ID      string
	Account string
	Name    string // of the person
	Unit    string
	Kind    access.PostKind
	Title   string
	Basis   string
	civil.Span
	StandsIn string
	Version  int
	Phone    string
	Login    string
	Password bool // the invitation was accepted
	TOTP     bool
	Disabled bool
	sortKey  string
}

const holdingColumns = `p.id, p.account_id, a.name, p.unit_id, p.kind, p.title, p.basis, p.day_from, p.day_to, p.stands_in, p.version, a.phone, a.login,
	CASE WHEN a.password<>'' THEN 1 ELSE 0 END, CASE WHEN a.totp<>'' THEN 1 ELSE 0 END, a.disabled_at, a.sort_key`

func (h *Holding) fields() []any {
	return []any{
		&h.ID, &h.Account, &h.Name, &h.Unit, &h.Kind, &h.Title, &h.Basis, &h.From, &h.To, &h.StandsIn, &h.Version, &h.Phone, &h.Login,
		(*flag)(&h.Password), (*flag)(&h.TOTP), (*flag)(&h.Disabled), &h.sortKey,
	}
}

func holdings(rows *sql.Rows, err error) ([]Holding, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Holding
	for rows.Next() {
		var h Holding
		if err := rows.Scan(h.fields()...); err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, rows.Err()
}

// checkAssignment is nil where the actor may give the post and it makes sense; faults stand beside don_vi, chuc_danh, tu, den.
func (s *Service) checkAssignment(actor access.Actor, p *Assignment, today civil.Date) error {
	tree := s.units.On(today)
	u, lives := tree.ByID(p.Unit)
	if !lives || !s.manages(actor, p.Unit, today) {
		return errs.At("don_vi", "auth.post.unit")
	}
	var l errs.List
	switch {
	case !slices.Contains(access.PostKinds, p.Kind):
		l.Add("chuc_danh", "auth.post.kind_unknown")
	case !fitsUnit(p.Kind, u.Kind):
		l.Add("chuc_danh", "auth.post.kind_unit")
	}
	p.Title, p.Basis = strings.TrimSpace(p.Title), strings.TrimSpace(p.Basis)
	if utf8.RuneCountInString(p.Title) > 150 {
		l.Add("ten_chuc_danh", "auth.post.text_long")
	}
	if utf8.RuneCountInString(p.Basis) > 200 {
		l.Add("can_cu", "auth.post.text_long")
	}
	switch {
	case p.From.IsZero():
		l.Add("tu", "auth.post.from")
	case !p.To.IsZero() && p.To < p.From:
		l.Add("den", "auth.post.to_before")
	case p.To.IsZero() && p.StandsIn != "":
		l.Add("den", "auth.post.substitute_end")
	case !p.To.IsZero() && p.To < today:
		l.Add("den", "auth.post.over")
	}
	return l.Err()
}

// AssignTx gives a post to an account that there is. Nobody holds the same post twice on a day, and a unit has one head at a time; somebody else stands
// in for a head until a day.
func (s *Service) AssignTx(ctx context.Context, tx *db.Tx, actor access.Actor, p Assignment) (id string, err error) {
	if err := s.checkAssignment(actor, &p, tx.Today()); err != nil {
		return "", err
	}
	if _, err := account(ctx, tx, `a.id=$1 AND a.disabled_at=0`, p.Account); err != nil {
		return "", err
	}
	return s.assign(ctx, tx, actor, p)
}

// assign is AssignTx after its checks of rights.
func (s *Service) assign(ctx context.Context, tx *db.Tx, actor access.Actor, p Assignment) (id string, err error) {
	if err := s.bump(ctx, tx); err != nil {
		return "", err
	}
	span := civil.Span{From: p.From, To: p.To}
	others, err := holdings(tx.Query(ctx, `SELECT `+holdingColumns+` FROM post p JOIN account a ON a.id=p.account_id WHERE p.unit_id=$1 AND p.kind=$2`, p.Unit, string(p.Kind)))
	if err != nil {
		return "", err
	}
	substituted := false
	for _, h := range others {
		if h.ID == p.StandsIn && h.Account != p.Account {
			substituted = true
		}
		if !h.Meets(span) {
			continue
		}
		if h.Account == p.Account {
			return "", errs.At("chuc_danh", "auth.post.twice")
		}
		if p.Kind == access.Head && p.StandsIn == "" && h.StandsIn == "" {
			return "", errs.At("chuc_danh", "auth.post.head_taken")
		}
	}
	if p.StandsIn != "" && !substituted {
		return "", errs.At("thay_cho", "auth.post.substitute_whom")
	}
	id = tx.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO post(id,account_id,unit_id,kind,title,basis,stands_in,day_from,day_to,created,version) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,1)`,
		id, p.Account, p.Unit, string(p.Kind), p.Title, p.Basis, p.StandsIn, string(p.From), string(p.To), db.Micros(tx.Now()))
	if err != nil {
		return "", err
	}
	return id, audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "auth.post.assign", Unit: p.Unit, Kind: "account", Subject: p.Account,
		Msg:     i18n.M("auth.audit.post_assign", "post", KindMsg(p.Kind), "from", p.From),
		Details: map[string]any{"post": id, "kind": p.Kind, "title": p.Title, "basis": p.Basis, "from": p.From, "to": p.To, "stands_in": p.StandsIn},
	})
}

// KindMsg names a kind of post.
func KindMsg(k access.PostKind) i18n.Msg { return i18n.M("auth.kind." + string(k)) }

// EndTx ends a post: last is its last day. A post that has not begun by then is taken back. When an account has no post left, its sessions end. The
// province keeps an administrator.
func (s *Service) EndTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, last civil.Date, version int) error {
	h, err := s.holding(ctx, tx, actor, id)
	if err != nil {
		return err
	}
	switch {
	case last.IsZero():
		return errs.At("den", "auth.post.last")
	case !h.To.IsZero() && last > h.To:
		return errs.At("den", "auth.post.last_later", "date", h.To)
	}
	if err := s.bump(ctx, tx); err != nil {
		return err
	}
	if err := s.end(ctx, tx, actor, h, last, version); err != nil {
		return err
	}
	return s.keepAdministrator(ctx, tx, h)
}

// holding is a post in the actor's care.
func (s *Service) holding(ctx context.Context, q db.Querier, actor access.Actor, id string) (h Holding, err error) {
	err = q.QueryRow(ctx, `SELECT `+holdingColumns+` FROM post p JOIN account a ON a.id=p.account_id WHERE p.id=$1`, id).Scan(h.fields()...)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !s.manages(actor, h.Unit, s.clock.Today()) {
		return h, errNotFound
	}
	return h, err
}

// Post is a post in the actor's care; errs.NotFound for all others.
func (s *Service) Post(ctx context.Context, actor access.Actor, id string) (Holding, error) {
	return s.holding(ctx, s.db, actor, id)
}

func (s *Service) end(ctx context.Context, tx *db.Tx, actor access.Actor, h Holding, last civil.Date, version int) error {
	var err error
	if last < h.From {
		err = tx.Update(ctx, `DELETE FROM post WHERE id=$1 AND version=$2`, h.ID, version)
	} else {
		err = tx.Update(ctx, `UPDATE post SET day_to=$3, version=version+1 WHERE id=$1 AND version=$2`, h.ID, version, string(last))
	}
	if err != nil {
		return err
	}
	// Whoever stands in does so no longer than there is something to stand in for.
	_, err = tx.Exec(ctx, `UPDATE post SET day_to=$2, version=version+1 WHERE stands_in=$1 AND day_from<=$2 AND (day_to='' OR day_to>$2)`, h.ID, string(last))
	if err != nil {
		return err
	}
	if err := s.endIfNoPost(ctx, tx, h.Account); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "auth.post.end", Unit: h.Unit, Kind: "account", Subject: h.Account,
		Msg:     i18n.M("auth.audit.post_end", "post", KindMsg(h.Kind), "last", last),
		Details: map[string]any{"post": h.ID, "kind": h.Kind, "from": h.From, "before": h.To, "to": last},
	})
}

// endIfNoPost ends the sessions of an account that has no post today or later.
func (s *Service) endIfNoPost(ctx context.Context, tx *db.Tx, account string) error {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM post WHERE account_id=$1 AND (day_to='' OR day_to>=$2)`, account, string(tx.Today())).Scan(&n)
	if err != nil || n > 0 {
		return err
	}
	return s.endAll(ctx, tx, account, "")
}

// keepAdministrator is nil while a root keeps an administrator without end who can log in, after one who could has lost the post h. Two who end each
// other at the same moment meet here: one of the transactions fails.
func (s *Service) keepAdministrator(ctx context.Context, tx *db.Tx, h Holding) error {
	u, lives := s.units.On(tx.Today()).ByID(h.Unit)
	if h.Kind != access.Admin || !h.Password || h.Disabled || !lives || s.units.On(tx.Today()).Top(u.ID) != u {
		return nil
	}
	var left int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM post p JOIN account a ON a.id=p.account_id
		WHERE p.unit_id=$1 AND p.kind=$2 AND p.day_from<=$3 AND p.day_to='' AND a.password<>'' AND a.disabled_at=0`,
		h.Unit, string(access.Admin), string(tx.Today())).Scan(&left)
	if err == nil && left == 0 {
		return errs.E(errs.Forbidden, "auth.post.last_administrator")
	}
	return err
}

// keepAdministrators is keepAdministrator for all posts of an account that has just been locked or lost its password.
func (s *Service) keepAdministrators(ctx context.Context, tx *db.Tx, acc *Account) error {
	list, err := holdings(tx.Query(ctx, `SELECT `+holdingColumns+` FROM post p JOIN account a ON a.id=p.account_id
		WHERE p.account_id=$1 AND p.kind=$2 AND p.day_from<=$3 AND (p.day_to='' OR p.day_to>=$3)`, acc.ID, string(access.Admin), string(tx.Today())))
	if err != nil {
		return err
	}
	for _, h := range list {
		h.Password, h.Disabled = acc.Password, acc.Disabled // as it was before
		if err := s.keepAdministrator(ctx, tx, h); err != nil {
			return err
		}
	}
	return nil
}
