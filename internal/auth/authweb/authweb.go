// Package authweb has the pages of people: log-in and log-out, invitations, one's own account, and the people and posts of a unit and all below it.
package authweb

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"dinh/internal/access"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/web"
)

//go:embed templates/*.gohtml
var templateFiles embed.FS

// Addresses, without /en.
const (
	loginPath   = "/dang-nhap"
	codePath    = "/dang-nhap/ma"
	enrolPath   = "/dang-nhap/cai-ma"
	logoutPath  = "/thoat"
	invitePath  = "/moi"
	homePath    = "/lam-viec"
	accountPath = "/lam-viec/tai-khoan"
	peoplePath  = "/lam-viec/nhan-su"
	movePath    = "/lam-viec/nhan-su/don-vi-da-ket-thuc"
)

type pages struct{ s *auth.Service }

// Register adds the pages to the kit.
func Register(k *web.Kit, s *auth.Service) {
	sub, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err)
	}
	k.Templates(sub)
	h := &pages{s}
	both := func(pattern string, handler web.Handler, who web.Who) {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: handler, Who: who})
		k.Handle(web.Route{Method: http.MethodPost, Pattern: pattern, Handler: handler, Who: who})
	}
	get := func(pattern string, handler web.Handler, who web.Who) {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: handler, Who: who})
	}
	post := func(pattern string, handler web.Handler, who web.Who) {
		k.Handle(web.Route{Method: http.MethodPost, Pattern: pattern, Handler: handler, Who: who})
	}
	both(loginPath, h.login, web.Public)
	both(codePath, h.secondStep, web.Public)
	both(enrolPath, h.enrol, web.Public)
	both(logoutPath, h.logout, web.Public)
	get(invitePath, h.typeCode, web.Public)
	both(invitePath+"/{code}", h.accept, web.Public)

	get(accountPath, h.account, web.Staff)
	both(accountPath+"/mat-khau", h.password, web.Staff)
	both(accountPath+"/thu-dien-tu", h.mail, web.Staff)
	both(accountPath+"/ma-xac-thuc", h.factor, web.Staff)
	both(accountPath+"/ma-du-phong", h.recovery, web.Staff)
	post(accountPath+"/phien", h.endSession, web.Staff)
	both(accountPath+"/khoa-api", h.tokens, web.Staff)
	post(accountPath+"/khoa-api/thu-hoi", h.revokeToken, web.Staff)

	admin := web.Posts(access.Admin)
	get(peoplePath, h.people, admin)
	get(peoplePath+"/danh-sach.csv", h.export, admin)
	both(peoplePath+"/them", h.add, admin)
	both(peoplePath+"/quy-dinh", h.settings, admin)
	get(peoplePath+"/giay-moi", h.invitations, admin)
	get(peoplePath+"/giay-moi/{id}", h.invitation, admin)
	post(peoplePath+"/giay-moi/{id}", h.revoke, admin)
	get(peoplePath+"/nguoi/{id}", h.person, admin)
	both(peoplePath+"/nguoi/{id}/sua", h.edit, admin)
	post(peoplePath+"/nguoi/{id}/moi", h.invite, admin)
	post(peoplePath+"/nguoi/{id}/khoa", h.lock, admin)
	both(peoplePath+"/nguoi/{id}/nhiem-vu", h.assign, admin)
	both(peoplePath+"/nhiem-vu/{id}/ket-thuc", h.end, admin)
	both(peoplePath+"/nguoi/{id}/ban-giao", h.handOver, admin)
	get(peoplePath+"/ban-giao/{id}", h.record, web.Staff)
	get(movePath, h.moves, admin)
	both(movePath+"/{id}", h.move, admin)
	get(peoplePath+"/bien-ban-chuyen/{id}", h.moveRecord, admin)

	k.Nav(web.NavItem{Key: "auth.nav.people", Path: peoplePath, Who: admin, Order: 80})
	k.Nav(web.NavItem{Key: "auth.nav.account", Path: accountPath, Who: web.Staff, Order: 99})
}

func client(c *web.Context) auth.Client { return auth.Client{IP: c.IP(), Agent: c.R.UserAgent()} }

// token is the cookie's value, "" without one.
func token(c *web.Context) string {
	if ck, err := c.R.Cookie(web.CookieName); err == nil {
		return ck.Value
	}
	return ""
}

// setCookie gives the browser a log-in's token; without an end it goes when the browser is closed.
func setCookie(c *web.Context, in auth.LoggedIn) {
	ck := &http.Cookie{Name: web.CookieName, Value: in.Token, Path: "/", HttpOnly: true, Secure: c.Secure(), SameSite: http.SameSiteLaxMode}
	if !in.Expires.IsZero() {
		ck.Expires = in.Expires.UTC().Truncate(time.Second)
	}
	http.SetCookie(c.W, ck)
}

func dropCookie(c *web.Context) {
	http.SetCookie(c.W, &http.Cookie{Name: web.CookieName, Path: "/", MaxAge: -1, HttpOnly: true, Secure: c.Secure(), SameSite: http.SameSiteLaxMode})
}

// next is where a log-in leads: the path in tiep where it is one of ours, else the person's work.
func next(c *web.Context) string {
	to := c.Form().Raw("tiep")
	if to == "" {
		to = c.R.URL.Query().Get("tiep")
	}
	to = web.Local(to, homePath)
	if rest, ok := strings.CutPrefix(to, "/en/"); ok { // the reader's language is put before it
		to = "/" + rest
	}
	if strings.HasPrefix(to, loginPath) || strings.HasPrefix(to, logoutPath) {
		return homePath
	}
	return to
}

// proceed sends on whoever has logged in, or on to the second step.
func proceed(c *web.Context, in auth.LoggedIn, to string) error {
	setCookie(c, in)
	if to == homePath {
		to = "" // left out of the address
	}
	switch in.Stage {
	case auth.StageCode:
		return c.Redirect(codePath, "tiep", to)
	case auth.StageEnrol:
		return c.Redirect(enrolPath, "tiep", to)
	case auth.StageIn:
	}
	if to == "" {
		to = homePath
	}
	return c.Redirect(to)
}

// again shows the form after a fault; where the fault says to come back later it also says so to programs.
func again(c *web.Context, err error, page string, data any) error {
	if errs.Is(err, errs.TooMany) || errs.Is(err, errs.Unavailable) {
		c.W.Header().Set("Retry-After", "60")
	}
	return c.Retry(err, page, data)
}

// unitName is the unit's name on the day, or as it was when it ended.
func (h *pages) unitName(c *web.Context, id string, on civil.Date) string {
	if u, ok := h.s.Unit(id, on); ok {
		return u.NameIn(c.Lang)
	}
	return "–"
}

// unitOptions are the units whose people the actor looks after, in the order of the tree. Villages are listed where there are few units, and those of
// the unit chosen.
func (h *pages) unitOptions(c *web.Context, near string) []web.Option {
	const few = 300
	var list []*org.Unit
	seen := map[string]bool{}
	for _, root := range h.s.ManagedUnits(c.Actor) {
		for u := range c.Tree.Walk(root) {
			if !seen[u.ID] {
				seen[u.ID] = true
				list = append(list, u)
			}
		}
	}
	at := func(u *org.Unit) bool { return near != "" && (u.ID == near || u.ParentID == near) }
	out := make([]web.Option, 0, min(len(list), few))
	for _, u := range list {
		if u.Kind == org.Village && len(list) > few && !at(u) {
			continue
		}
		label := u.NameIn(c.Lang)
		if p := c.Tree.Parent(u.ID); p != nil && c.Tree.Parent(p.ID) != nil {
			label += ", " + p.NameIn(c.Lang)
		}
		out = append(out, web.Option{Value: u.ID, Label: label, Lang: lang(c, u)})
	}
	return out
}

// lang is the language of a unit's name where it is not the page's.
func lang(c *web.Context, u *org.Unit) string {
	if u.NameIn(c.Lang) == u.Name && u.NameEN != u.Name {
		return "vi"
	}
	return ""
}

// chosen puts "choose" before the options of a form, so that nothing is chosen by chance; a lone option needs no choice.
func chosen(c *web.Context, list []web.Option) []web.Option {
	if len(list) == 1 {
		return list
	}
	return append([]web.Option{{Label: c.P.T("auth.choose")}}, list...)
}

func kindOptions(c *web.Context) []web.Option {
	var out []web.Option
	for _, k := range access.PostKinds {
		out = append(out, web.Option{Value: string(k), Label: c.P.Say(auth.KindMsg(k))})
	}
	return out
}

// crumbs lead back to the list of people, and to a person.
func crumbs(c *web.Context, acc *auth.Account) {
	c.L.Crumbs = []web.Crumb{{Key: "auth.nav.people", Path: peoplePath}}
	if acc != nil {
		c.L.Crumbs = append(c.L.Crumbs, web.Crumb{Text: shown(acc), Path: personPath(acc.ID)})
	}
}

func personPath(id string) string { return peoplePath + "/nguoi/" + id }

// shown is how a person is called: by name, else by log-in name or number.
func shown(acc *auth.Account) string {
	switch {
	case acc.Name != "":
		return acc.Name
	case acc.Login != "":
		return acc.Login
	}
	return auth.ShowPhone(acc.Phone)
}

// span words the days of a post.
type span struct{ From, To civil.Date }
