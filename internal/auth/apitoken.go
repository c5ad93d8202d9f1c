package auth

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// tokenMark begins every API token, so that one that lies about is recognised as a secret of ours.
const tokenMark = "dinh_"

// maxTokens is how many API tokens an account may have at once.
const maxTokens = 20

// APIToken lets a program read in its owner's name.
type APIToken struct {
	ID      string
	Account string
	Label   string
	Scopes  []string
	Created time.Time
	Expires civil.Date // its last day; None: no end
	Last    civil.Date // the last day it was used; None: never
	Revoked bool
}

// TokenOrder is an API token to be made.
type TokenOrder struct {
	Label   string
	Scopes  []string   // access.Scopes; none means read
	Expires civil.Date // None: no end
}

// CreateTokenTx makes an API token for the actor; the token itself is given once. Faults stand beside ten_khoa, pham_vi and den.
func (s *Service) CreateTokenTx(ctx context.Context, tx *db.Tx, actor access.Actor, o TokenOrder) (token string, err error) {
	var l errs.List
	o.Label = strings.TrimSpace(o.Label)
	if n := utf8.RuneCountInString(o.Label); n == 0 || n > 80 {
		l.Add("ten_khoa", "auth.token.label")
	}
	if len(o.Scopes) == 0 {
		o.Scopes = []string{access.ScopeRead}
	}
	for _, scope := range o.Scopes {
		if !slices.Contains(access.Scopes, scope) {
			l.Add("pham_vi", "auth.token.scope")
		}
	}
	if !o.Expires.IsZero() && o.Expires < tx.Today() {
		l.Add("den", "auth.token.expires")
	}
	if err := l.Err(); err != nil {
		return "", err
	}
	acc, err := account(ctx, tx, `a.id=$1 AND a.disabled_at=0`, actor.ID)
	if err != nil {
		return "", err
	}
	var n int
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM api_token WHERE account_id=$1 AND revoked=0 AND (expires='' OR expires>=$2)`, acc.ID, string(tx.Today())).Scan(&n)
	if err != nil {
		return "", err
	}
	if n >= maxTokens {
		return "", errs.E(errs.Forbidden, "auth.token.too_many", "n", maxTokens)
	}
	token, _ = newToken()
	token = tokenMark + token
	id := tx.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO api_token(id,account_id,token_hash,label,scopes,created,expires,last_day,revoked) VALUES($1,$2,$3,$4,$5,$6,$7,'',0)`,
		id, acc.ID, tokenHash(token), o.Label, strings.Join(o.Scopes, " "), db.Micros(tx.Now()), string(o.Expires))
	if err != nil {
		return "", err
	}
	return token, record(ctx, tx, actor, acc, "auth.token.create", i18n.M("auth.audit.token_create"), map[string]any{
		"token": id, "label": o.Label, "scopes": o.Scopes, "expires": o.Expires,
	})
}

// CreateTokenFor makes an API token for the account of a log-in name or number; for the command `token create`, which the operator of the server runs.
func (s *Service) CreateTokenFor(ctx context.Context, name string, o TokenOrder) (token string, err error) {
	acc, err := s.Find(ctx, name)
	if err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		token, err = s.CreateTokenTx(ctx, tx, access.Actor{ID: acc.ID, Name: acc.Name}, o)
		return err
	})
	return token, err
}

// Tokens lists the actor's API tokens, newest first, revoked ones too.
func (s *Service) Tokens(ctx context.Context, actor access.Actor) ([]APIToken, error) {
	rows, err := s.db.Query(ctx, `SELECT id, account_id, label, scopes, created, expires, last_day, revoked FROM api_token WHERE account_id=$1 ORDER BY created DESC, id DESC`, actor.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []APIToken
	for rows.Next() {
		var t APIToken
		var scopes string
		if err := rows.Scan(&t.ID, &t.Account, &t.Label, &scopes, (*instant)(&t.Created), &t.Expires, &t.Last, (*flag)(&t.Revoked)); err != nil {
			return nil, err
		}
		t.Scopes = strings.Fields(scopes)
		out = append(out, t)
	}
	return out, rows.Err()
}

// RevokeTokenTx takes the force from one of the actor's API tokens.
func (s *Service) RevokeTokenTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string) error {
	acc, err := account(ctx, tx, `a.id=$1`, actor.ID)
	if err != nil {
		return err
	}
	if err := s.bump(ctx, tx); err != nil {
		return err
	}
	res, err := tx.Exec(ctx, `UPDATE api_token SET revoked=$3 WHERE id=$1 AND account_id=$2 AND revoked=0`, id, acc.ID, db.Micros(tx.Now()))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errNotFound)
	}
	return record(ctx, tx, actor, acc, "auth.token.revoke", i18n.M("auth.audit.token_revoke"), map[string]any{"token": id})
}

// Token is who an Authorization header speaks for: "Bearer dinh_…" or "ApiToken dinh_…". The Actor has the token's scopes, never nil. A token that is
// unknown, revoked, over, or whose owner is locked or has no post is errs.Unauthenticated. It writes nothing.
func (s *Service) Token(ctx context.Context, header string) (access.Actor, error) {
	bad := errs.E(errs.Unauthenticated, "auth.token.bad")
	scheme, token, _ := strings.Cut(strings.TrimSpace(header), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "ApiToken") || !strings.HasPrefix(token, tokenMark) || len(token) > 100 {
		return access.Actor{}, bad
	}
	hash := tokenHash(token)
	e, gen, err := s.fresh(ctx, string(hash))
	if err != nil {
		return access.Actor{}, err
	}
	if e == nil {
		if e, err = s.loadToken(ctx, hash); err != nil {
			return access.Actor{}, err
		}
		if e == nil {
			return access.Actor{}, bad
		}
		s.cache.keep(string(hash), e, gen)
	}
	today := s.clock.Today()
	if e.session.Last < today {
		s.cache.mu.Lock()
		s.cache.tokens[e.session.ID] = today
		s.cache.mu.Unlock()
	}
	return e.actor, nil
}

func (s *Service) loadToken(ctx context.Context, hash []byte) (*entry, error) {
	today := s.clock.Today()
	var id, acc, name, scopes, last string
	err := s.db.QueryRow(ctx, `SELECT t.id, t.account_id, a.name, t.scopes, t.last_day FROM api_token t JOIN account a ON a.id=t.account_id
		WHERE t.token_hash=$1 AND t.revoked=0 AND a.disabled_at=0 AND (t.expires='' OR t.expires>=$2)`, hash, string(today)).Scan(&id, &acc, &name, &scopes, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e := &entry{actor: access.Actor{ID: acc, Name: name, Scopes: strings.Fields(scopes)}, session: Session{ID: id, Last: civil.Date(last)}}
	if e.actor.Scopes == nil {
		e.actor.Scopes = []string{}
	}
	if e.actor.Posts, err = s.postsToday(ctx, acc, today); err != nil || len(e.actor.Posts) == 0 {
		return nil, err
	}
	return e, nil
}

// postsToday are the posts that an account holds on the day at units that live.
func (s *Service) postsToday(ctx context.Context, account string, day civil.Date) ([]access.Post, error) {
	rows, err := s.db.Query(ctx, `SELECT kind, unit_id, day_from, day_to FROM post WHERE account_id=$1 AND day_from<=$2 AND (day_to='' OR day_to>=$2) ORDER BY day_from, id`, account, string(day))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []access.Post
	tree := s.units.On(day)
	for rows.Next() {
		var p access.Post
		if err := rows.Scan(&p.Kind, &p.Unit, &p.From, &p.To); err != nil {
			return nil, err
		}
		if _, lives := tree.ByID(p.Unit); lives {
			out = append(out, p)
		}
	}
	return out, rows.Err()
}

// ActorOf is the account as an Actor with today's posts, for jobs and commands that act in somebody's name.
func (s *Service) ActorOf(ctx context.Context, id string) (access.Actor, error) {
	acc, err := account(ctx, s.db, `a.id=$1 AND a.disabled_at=0`, id)
	if err != nil {
		return access.Actor{}, err
	}
	posts, err := s.postsToday(ctx, id, s.clock.Today())
	return access.Actor{ID: acc.ID, Name: acc.Name, Posts: posts}, err
}
