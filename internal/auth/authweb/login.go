package authweb

import (
	"context"
	"net/http"

	"dinh/internal/access"
	"dinh/internal/auth"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/web"
)

type loginPage struct {
	F    *web.Form
	Next string
	Out  bool // just logged out
}

func (h *pages) login(c *web.Context) error {
	c.L.Hidden = true
	f := c.Form()
	p := loginPage{F: f, Next: next(c), Out: c.Query("thoat") != ""}
	if c.R.Method != http.MethodPost {
		if !c.Actor.Public() {
			return c.Redirect(p.Next)
		}
		return c.Render("auth-login", p)
	}
	if err := c.CheckToken(); err != nil {
		return again(c, err, "auth-login", p)
	}
	in, err := h.s.LogIn(c.Context(), auth.Attempt{Name: f.Text("ten"), Password: f.Raw("mat_khau"), Shared: f.Bool("dung_chung"), Client: client(c)}, token(c))
	if err != nil {
		return again(c, err, "auth-login", p)
	}
	return proceed(c, in, p.Next)
}

type codePage struct {
	F    *web.Form
	Next string
}

// secondStep asks for the one-time code between password and session.
func (h *pages) secondStep(c *web.Context) error {
	c.L.Hidden = true
	p := codePage{F: c.Form(), Next: next(c)}
	if c.R.Method != http.MethodPost {
		if _, se, err := h.s.Pending(c.Context(), token(c)); err != nil || se.Stage != auth.StageCode {
			return h.restart(c, err)
		}
		return c.Render("auth-code", p)
	}
	if err := c.CheckToken(); err != nil {
		return again(c, err, "auth-code", p)
	}
	in, err := h.s.SecondStep(c.Context(), token(c), c.Form().Text("ma"), client(c))
	if errs.Is(err, errs.Unauthenticated) {
		return h.restart(c, err)
	}
	if err != nil {
		return again(c, err, "auth-code", p)
	}
	return proceed(c, in, p.Next)
}

// restart sends whoever is not between two steps to the log-in, or to their work.
func (h *pages) restart(c *web.Context, err error) error {
	if err != nil && !errs.Is(err, errs.Unauthenticated) {
		return err
	}
	to := next(c)
	if to == homePath {
		to = ""
	}
	return c.Redirect(loginPath, "tiep", to)
}

type enrolPage struct {
	F        *web.Form
	Setup    auth.Setup
	Next     string
	Required bool // in the middle of a log-in
}

// enrol sets up a second factor in the middle of a log-in whose posts require one.
func (h *pages) enrol(c *web.Context) error {
	c.L.Hidden = true
	f := c.Form()
	acc, se, err := h.s.Pending(c.Context(), token(c))
	if err != nil || se.Stage != auth.StageEnrol {
		return h.restart(c, err)
	}
	setup, err := h.s.SetUp(acc, f.Raw("goi"))
	if err != nil {
		return err
	}
	p := enrolPage{F: f, Setup: setup, Next: next(c), Required: true}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-factor-setup", p)
	}
	if err := c.CheckToken(); err != nil {
		return again(c, err, "auth-factor-setup", p)
	}
	in, codes, err := h.s.Enrol(c.Context(), token(c), f.Raw("goi"), f.Text("ma"), client(c))
	if errs.Is(err, errs.Unauthenticated) {
		return h.restart(c, err)
	}
	if err != nil {
		return again(c, err, "auth-factor-setup", p)
	}
	setCookie(c, in)
	return c.Render("auth-recovery", recoveryPage{Codes: codes, Next: p.Next})
}

type recoveryPage struct {
	Codes []string
	Next  string
}

type logoutPage struct{ F *web.Form }

func (h *pages) logout(c *web.Context) error {
	c.L.Hidden = true
	if c.R.Method != http.MethodPost {
		if c.Actor.Public() {
			return c.Redirect(loginPath)
		}
		return c.Render("auth-logout", logoutPage{c.Form()})
	}
	// No token is asked for: whoever wants to go, may; other sites cannot send this form.
	if t := token(c); t != "" {
		if err := h.s.LogOut(c.Context(), t); err != nil {
			return err
		}
	}
	dropCookie(c)
	return c.Redirect(loginPath, "thoat", "1")
}

type typeCodePage struct{ F *web.Form }

// typeCode takes the code of an invitation that is typed from paper.
func (h *pages) typeCode(c *web.Context) error {
	c.L.Hidden = true
	f := c.Form()
	typed := f.Text("ma")
	if typed == "" {
		return c.Render("auth-invite-code", typeCodePage{f})
	}
	i, err := h.s.Invited(c.Context(), typed, client(c))
	if err != nil {
		return h.badInvite(c, err)
	}
	return c.Redirect(invitePath + "/" + i.Code)
}

func (h *pages) badInvite(c *web.Context, err error) error {
	var status int
	switch errs.KindOf(err) {
	case errs.NotFound:
		status = http.StatusNotFound
	case errs.Gone:
		status = http.StatusGone
	case errs.TooMany:
		status = http.StatusTooManyRequests
		c.W.Header().Set("Retry-After", "60")
	default:
		return err
	}
	f := c.Form()
	f.Add("ma", errs.MsgOf(err).Key, args(errs.MsgOf(err).Args)...)
	c.L.Failed = true
	return c.RenderStatus(status, "auth-invite-code", typeCodePage{f})
}

func args(m map[string]any) []any {
	var out []any
	for k, v := range m {
		out = append(out, k, v)
	}
	return out
}

type acceptPage struct {
	F         *web.Form
	I         *auth.Invitation
	Unit      *org.Unit
	Code      string // in groups
	Kind      string
	Phone     string
	Reset     bool
	AskName   bool
	AskLogin  bool
	MinLength int
}

// accept is the page that an invitation leads to.
func (h *pages) accept(c *web.Context) error {
	c.L.Hidden = true
	f := c.Form()
	i, err := h.s.Invited(c.Context(), c.Value("code"), client(c))
	if err != nil {
		return h.badInvite(c, err)
	}
	p := acceptPage{
		F: f, I: i, Code: auth.ShowCode(i.Code), Phone: auth.ShowPhone(i.Phone), Reset: i.Kind == auth.Reset, AskName: i.Name == "",
		AskLogin: i.Login == "" && i.Phone == "", MinLength: auth.MinPassword,
	}
	p.Unit, _ = c.Tree.ByID(i.Unit)
	if i.Post != "" {
		p.Kind = c.P.Say(auth.KindMsg(i.Post))
	}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-accept", p)
	}
	err = c.CheckToken()
	if err == nil && f.Raw("mat_khau_moi") != f.Raw("mat_khau_lai") && f.Raw("mat_khau_lai") != "" {
		err = errs.At("mat_khau_lai", "auth.password.differ")
	}
	if err != nil {
		return again(c, err, "auth-accept", p)
	}
	in, err := h.s.Accept(c.Context(), auth.Acceptance{
		Code: i.Code, Name: f.Text("ten"), Login: f.Text("ten_dang_nhap"), Password: f.Raw("mat_khau_moi"), Client: client(c),
	})
	if errs.Is(err, errs.Gone) {
		return h.badInvite(c, err)
	}
	if err != nil {
		return again(c, err, "auth-accept", p)
	}
	return proceed(c, in, homePath)
}

// self is the actor's own account.
func (h *pages) self(ctx context.Context, a access.Actor) (*auth.Account, error) {
	return h.s.Account(ctx, a, a.ID)
}
