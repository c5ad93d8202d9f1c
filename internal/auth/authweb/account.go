package authweb

import (
	"context"
	"net/http"

	"dinh/internal/access"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/web"
)

type accountPage struct {
	F        *web.Form
	A        *auth.Account
	Phone    string
	Posts    []postRow
	Sessions []sessionRow
	Recovery int
	Tokens   int // in force
	Done     string
}

type postRow struct {
	ID     string
	Kind   string
	Title  string
	Unit   string
	UnitID string
	Basis  string
	span
	Now     bool
	Over    bool
	Instead bool // stands in for somebody
	Manage  bool
}

type sessionRow struct {
	ID          string
	Device      i18n.Msg
	First, Last civil.Date
	Shared      bool
	This        bool
}

// doneWords are what the account page says after a change, by the word in its address.
var doneWords = map[string]string{
	"mat-khau": "auth.done.password", "thu": "auth.done.mail", "ma": "auth.done.factor_off", "phien": "auth.done.session", "cac-phien": "auth.done.sessions",
	"ma-bat": "auth.done.factor_on",
}

func (h *pages) account(c *web.Context) error {
	ctx := c.Context()
	acc, err := h.self(ctx, c.Actor)
	if err != nil {
		return err
	}
	p := accountPage{F: c.Form(), A: acc, Phone: auth.ShowPhone(acc.Phone), Done: doneWords[c.Query("xong")]}
	posts, err := h.s.PostsOf(ctx, c.Actor, c.Actor.ID)
	if err != nil {
		return err
	}
	p.Posts = h.postRows(c, posts)
	list, err := h.s.Sessions(ctx, c.Actor)
	if err != nil {
		return err
	}
	for _, s := range list {
		p.Sessions = append(p.Sessions, sessionRow{ID: s.ID, Device: auth.AgentMsg(s.Agent), First: s.First, Last: s.Last, Shared: s.Idle > 0, This: s.ID == c.Session.ID})
	}
	if acc.TOTP {
		if p.Recovery, err = h.s.RecoveryLeft(ctx, c.Actor); err != nil {
			return err
		}
	}
	tokens, err := h.s.Tokens(ctx, c.Actor)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if !t.Revoked && (t.Expires.IsZero() || t.Expires >= c.Today) {
			p.Tokens++
		}
	}
	return c.Render("auth-account", p)
}

func (h *pages) postRows(c *web.Context, list []auth.Holding) []postRow {
	out := make([]postRow, 0, len(list))
	for _, x := range list {
		out = append(out, postRow{
			ID: x.ID, Kind: c.P.Say(auth.KindMsg(x.Kind)), Title: x.Title, Unit: h.unitName(c, x.Unit, c.Today), UnitID: x.Unit, Basis: x.Basis, span: span{x.From, x.To},
			Now: x.Has(c.Today), Over: !x.To.IsZero() && x.To < c.Today, Instead: x.StandsIn != "",
		})
	}
	return out
}

func accountCrumbs(c *web.Context) {
	c.L.Crumbs = []web.Crumb{{Key: "auth.nav.account", Path: accountPath}}
}

type passwordPage struct {
	F         *web.Form
	MinLength int
}

func (h *pages) password(c *web.Context) error {
	accountCrumbs(c)
	f := c.Form()
	p := passwordPage{f, auth.MinPassword}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-password", p)
	}
	if err := c.CheckToken(); err != nil { // before the costly hashes
		return again(c, err, "auth-password", p)
	}
	if f.Raw("mat_khau_moi") != f.Raw("mat_khau_lai") {
		return again(c, errs.At("mat_khau_lai", "auth.password.differ"), "auth-password", p)
	}
	prepared, err := h.s.PreparePassword(c.Context(), c.Actor, f.Raw("mat_khau"), f.Raw("mat_khau_moi"), client(c))
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return accountPath + "?xong=mat-khau", h.s.ChangePasswordTx(ctx, tx, c.Actor, prepared, c.Session.ID)
		})
	}
	if err != nil {
		return again(c, err, "auth-password", p)
	}
	return nil
}

type mailPage struct{ F *web.Form }

func (h *pages) mail(c *web.Context) error {
	accountCrumbs(c)
	f := c.Form()
	acc, err := h.self(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	f.Prefill("mail", acc.Mail)
	f.Prefill("phien_ban", itoa(acc.Version))
	p := mailPage{f}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-mail", p)
	}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return accountPath + "?xong=thu", h.s.SetMailTx(ctx, tx, c.Actor, f.Text("mail"), f.Int("phien_ban"))
	})
	if errs.Is(err, errs.Conflict) {
		f.Stored("mail", acc.Mail)
		f.Put("phien_ban", itoa(acc.Version))
	}
	if err != nil {
		return again(c, err, "auth-mail", p)
	}
	return nil
}

// factor turns the second factor on, or off with the password.
func (h *pages) factor(c *web.Context) error {
	accountCrumbs(c)
	ctx, f := c.Context(), c.Form()
	acc, err := h.self(ctx, c.Actor)
	if err != nil {
		return err
	}
	switch {
	case acc.TOTP && f.Has("goi"): // the form that turned it on came twice
		return c.Redirect(accountPath + "?xong=ma-bat")
	case acc.TOTP:
		return h.factorOff(c)
	}
	setup, err := h.s.SetUp(acc, f.Raw("goi"))
	if err != nil {
		return err
	}
	p := enrolPage{F: f, Setup: setup}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-factor-setup", p)
	}
	var codes []string
	to, err := c.Command(func(ctx context.Context, tx *db.Tx) (string, error) {
		codes, err = h.s.ConfirmFactorTx(ctx, tx, c.Actor, f.Raw("goi"), f.Text("ma"), c.Session.ID)
		return accountPath + "?xong=ma-bat", err
	})
	switch {
	case err != nil:
		return again(c, err, "auth-factor-setup", p)
	case codes == nil: // the form came twice: the codes were shown the first time
		return c.Redirect(to)
	}
	return c.Render("auth-recovery", recoveryPage{Codes: codes, Next: accountPath})
}

type factorOffPage struct{ F *web.Form }

func (h *pages) factorOff(c *web.Context) error {
	f := c.Form()
	p := factorOffPage{f}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-factor-off", p)
	}
	err := c.CheckToken()
	if err == nil {
		err = h.s.Verify(c.Context(), c.Actor, f.Raw("mat_khau"), client(c))
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return accountPath + "?xong=ma", h.s.DropFactorTx(ctx, tx, c.Actor, c.Session.ID)
		})
	}
	if err != nil {
		return again(c, err, "auth-factor-off", p)
	}
	return nil
}

type newCodesPage struct {
	F    *web.Form
	Left int
}

// recovery makes new recovery codes, with the password.
func (h *pages) recovery(c *web.Context) error {
	accountCrumbs(c)
	f := c.Form()
	left, err := h.s.RecoveryLeft(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	p := newCodesPage{f, left}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-recovery-new", p)
	}
	if err = c.CheckToken(); err == nil {
		err = h.s.Verify(c.Context(), c.Actor, f.Raw("mat_khau"), client(c))
	}
	var codes []string
	to := ""
	if err == nil {
		to, err = c.Command(func(ctx context.Context, tx *db.Tx) (string, error) {
			codes, err = h.s.NewRecoveryTx(ctx, tx, c.Actor)
			return accountPath, err
		})
	}
	switch {
	case err != nil:
		return again(c, err, "auth-recovery-new", p)
	case codes == nil:
		return c.Redirect(to)
	}
	return c.Render("auth-recovery", recoveryPage{Codes: codes, Next: accountPath})
}

// endSession ends one session, or all others.
func (h *pages) endSession(c *web.Context) error {
	f := c.Form()
	return c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		if id := f.Text("phien"); id != "" {
			return accountPath + "?xong=phien", h.s.EndSessionTx(ctx, tx, c.Actor, id)
		}
		return accountPath + "?xong=cac-phien", h.s.EndOthersTx(ctx, tx, c.Actor, c.Session.ID)
	})
}

type tokensPage struct {
	F      *web.Form
	List   []tokenRow
	Scopes []web.Option
	New    string // shown once
	Done   string
}

type tokenRow struct {
	auth.APIToken
	What  string
	Over  bool // its last day has passed
	Alive bool
}

func (h *pages) tokens(c *web.Context) error {
	accountCrumbs(c)
	f := c.Form()
	p := tokensPage{F: f}
	for _, s := range access.Scopes {
		p.Scopes = append(p.Scopes, web.Option{Value: s, Label: c.P.T("auth.scope." + s)})
	}
	var fault error
	if c.R.Method == http.MethodPost {
		order := auth.TokenOrder{Label: f.Text("ten_khoa"), Scopes: f.Texts("pham_vi"), Expires: f.Date("den")}
		to, err := c.Command(func(ctx context.Context, tx *db.Tx) (t string, err error) {
			p.New, err = h.s.CreateTokenTx(ctx, tx, c.Actor, order)
			return accountPath + "/khoa-api", err
		})
		if err == nil && p.New == "" {
			return c.Redirect(to)
		}
		fault = err
	} else {
		f.PrefillAll("pham_vi", []string{access.ScopeRead})
		f.PrefillDate("den", c.Today.AddMonths(12))
		if c.Query("xong") != "" {
			p.Done = "auth.done.token"
		}
	}
	list, err := h.s.Tokens(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	for _, t := range list {
		row := tokenRow{APIToken: t, Over: !t.Expires.IsZero() && t.Expires < c.Today}
		row.Alive = !row.Over && !t.Revoked
		for i, s := range t.Scopes {
			if i > 0 {
				row.What += "; "
			}
			row.What += c.P.T("auth.scope." + s)
		}
		p.List = append(p.List, row)
	}
	if fault != nil {
		return again(c, fault, "auth-tokens", p)
	}
	return c.Render("auth-tokens", p)
}

func (h *pages) revokeToken(c *web.Context) error {
	id := c.Form().Text("khoa")
	return c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return accountPath + "/khoa-api?xong=1", h.s.RevokeTokenTx(ctx, tx, c.Actor, id)
	})
}
