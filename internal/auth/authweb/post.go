package authweb

import (
	"context"
	"net/http"
	"strings"

	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/web"
)

type assignPage struct {
	F       *web.Form
	A       *auth.Account
	Name    string
	Unit    *org.Unit // nil: the unit is chosen first
	Units   []web.Option
	Kinds   []web.Option
	Instead []web.Option // whom one may stand in for, at the unit chosen
}

func (h *pages) assign(c *web.Context) error {
	ctx, f := c.Context(), c.Form()
	acc, err := h.s.Account(ctx, c.Actor, c.Value("id"))
	if err != nil {
		return err
	}
	crumbs(c, acc)
	f.PrefillDate("tu", c.Today)
	p := assignPage{F: f, A: acc, Name: shown(acc), Units: h.unitOptions(c, f.Text("don_vi")), Kinds: chosen(c, kindOptions(c))}
	if len(p.Units) == 1 {
		f.Prefill("don_vi", p.Units[0].Value)
	}
	if unit, ok := c.Tree.ByID(f.Text("don_vi")); ok && h.s.Manages(c.Actor, unit.ID) {
		p.Unit = unit
		people, err := h.s.People(ctx, unit.ID, c.Today)
		if err != nil {
			return err
		}
		for _, x := range people {
			if x.Account != acc.ID && x.StandsIn == "" {
				p.Instead = append(p.Instead, web.Option{Value: x.ID, Label: x.Name + " – " + c.P.Say(auth.KindMsg(x.Kind))})
			}
		}
	}
	p.Units = chosen(c, p.Units)
	if len(p.Instead) > 0 {
		p.Instead = append([]web.Option{{Label: c.P.T("auth.post.nobody")}}, p.Instead...)
	}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-post-add", p)
	}
	a := assignment(f)
	a.Account = acc.ID
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.s.AssignTx(ctx, tx, c.Actor, a)
		return personPath(acc.ID) + "?xong=nhiem-vu", err
	})
	if err != nil {
		return again(c, err, "auth-post-add", p)
	}
	return nil
}

type endPage struct {
	F    *web.Form
	H    auth.Holding
	Kind string
	Unit string
}

func (h *pages) end(c *web.Context) error {
	f := c.Form()
	x, err := h.s.Post(c.Context(), c.Actor, c.Value("id"))
	if err != nil {
		return err
	}
	c.L.Crumbs = []web.Crumb{{Key: "auth.nav.people", Path: peoplePath}, {Text: x.Name, Path: personPath(x.Account)}}
	f.PrefillDate("den", c.Today)
	f.Prefill("phien_ban", itoa(x.Version))
	p := endPage{f, x, c.P.Say(auth.KindMsg(x.Kind)), h.unitName(c, x.Unit, c.Today)}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-post-end", p)
	}
	last := f.Date("den")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return personPath(x.Account) + "?xong=ket-thuc", h.s.EndTx(ctx, tx, c.Actor, x.ID, last, f.Int("phien_ban"))
	})
	if errs.Is(err, errs.Conflict) {
		f.Put("phien_ban", itoa(x.Version))
	}
	return retry(c, err, "auth-post-end", p)
}

// retry is again, also for what is refused although the page is seen: the reason stands above the form, with what was typed.
func retry(c *web.Context, err error, page string, data any) error {
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Forbidden) {
		c.Form().Fail(err)
		c.L.Failed = true
		return c.RenderStatus(http.StatusForbidden, page, data)
	}
	return again(c, err, page, data)
}

type handOverPage struct {
	F      *web.Form
	A      *auth.Account
	Name   string
	Unit   *org.Unit
	Posts  []postRow
	Work   []auth.WorkItem
	People []web.Option
}

// handOver gives all posts of a person at a unit, and the open work with them, to somebody else.
func (h *pages) handOver(c *web.Context) error {
	ctx, f := c.Context(), c.Form()
	acc, err := h.s.Account(ctx, c.Actor, c.Value("id"))
	if err != nil {
		return err
	}
	unit, ok := c.Tree.ByID(f.Text("don_vi"))
	if !ok || !h.s.Manages(c.Actor, unit.ID) {
		return errs.E(errs.NotFound, "auth.not_found")
	}
	crumbs(c, acc)
	f.PrefillDate("tu", c.Today)
	p := handOverPage{F: f, A: acc, Name: shown(acc), Unit: unit}
	posts, err := h.s.PostsOf(ctx, c.Actor, acc.ID)
	if err != nil {
		return err
	}
	for _, x := range h.postRows(c, posts) {
		if x.UnitID == unit.ID && !x.Over {
			p.Posts = append(p.Posts, x)
		}
	}
	if p.Work, err = h.s.OpenWork(ctx, acc.ID, unit.ID); err != nil {
		return err
	}
	if p.People, err = h.candidates(c, acc, unit); err != nil {
		return err
	}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-handover", p)
	}
	order := auth.HandoverOrder{Unit: unit.ID, From: acc.ID, To: f.Text("nguoi_nhan"), Day: f.Date("tu"), Basis: f.Text("can_cu"), Note: f.Lines("ghi_chu"), Work: p.Work}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := h.s.HandOverTx(ctx, tx, c.Actor, order)
		return peoplePath + "/ban-giao/" + id, err
	})
	return retry(c, err, "auth-handover", p)
}

// candidates are those who may take over: people of the unit first, then of the units around it that are in the actor's care.
func (h *pages) candidates(c *web.Context, from *auth.Account, unit *org.Unit) ([]web.Option, error) {
	out := []web.Option{{Label: c.P.T("auth.choose")}}
	seen := map[string]bool{from.ID: true}
	add := func(list []auth.Holding) {
		for _, x := range list {
			if !seen[x.Account] && !x.Disabled {
				seen[x.Account] = true
				name := x.Name
				if name == "" {
					name = x.Login
				}
				out = append(out, web.Option{Value: x.Account, Label: name + " – " + c.P.Say(auth.KindMsg(x.Kind)) + ", " + h.unitName(c, x.Unit, c.Today)})
			}
		}
	}
	people, err := h.s.People(c.Context(), unit.ID, c.Today)
	if err != nil {
		return nil, err
	}
	add(people)
	around := unit.ID
	if p := c.Tree.Parent(unit.ID); p != nil && h.s.Manages(c.Actor, p.ID) {
		around = p.ID
	}
	list, _, err := h.s.List(c.Context(), c.Actor, auth.Filter{Unit: around}, 500)
	if err != nil {
		return nil, err
	}
	add(list)
	return out, nil
}

type recordPage struct {
	R        *auth.Record
	Unit     *org.Unit
	UnitName string
	Parent   string
	Posts    []handedRow
	Note     []string // by paragraphs
}

type handedRow struct {
	Kind, Title string
	Since       civil.Date
}

// record is the record of a hand-over, to print and sign.
func (h *pages) record(c *web.Context) error {
	r, err := h.s.HandoverRecord(c.Context(), c.Actor, c.Value("id"))
	if err != nil {
		return err
	}
	c.L.Paper = true
	c.L.Crumbs = []web.Crumb{{Key: "auth.nav.account", Path: accountPath}}
	if h.s.Manages(c.Actor, r.Unit) {
		crumbs(c, nil)
	}
	p := recordPage{R: r, UnitName: "–", Note: strings.FieldsFunc(r.Note, func(r rune) bool { return r == '\n' })}
	if u, ok := h.s.Unit(r.Unit, r.Day); ok {
		p.Unit, p.UnitName = u, u.Name
		if up, ok := h.s.Unit(u.ParentID, r.Day); ok {
			p.Parent = up.Name
		}
	}
	for _, x := range r.Posts {
		p.Posts = append(p.Posts, handedRow{c.P.Say(auth.KindMsg(x.Kind)), x.Title, x.Since})
	}
	return c.Render("auth-record", p)
}

// invite makes a new invitation for a person.
func (h *pages) invite(c *web.Context) error {
	id, way := c.Value("id"), c.Form().Text("cach")
	return c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		inv, err := h.s.InviteTx(ctx, tx, c.Actor, id, way)
		if way == auth.ByMail {
			return personPath(id) + "?xong=thu", err
		}
		return peoplePath + "/giay-moi/" + inv, err
	})
}

type invitationsPage struct {
	F    *web.Form
	List []inviteRow
	Done bool
}

type inviteRow struct {
	auth.Invitation
	Name, Unit, Kind string
	Reset, Mail      bool
}

func (h *pages) invitations(c *web.Context) error {
	crumbs(c, nil)
	list, err := h.s.Invitations(c.Context(), c.Actor, 500)
	if err != nil {
		return err
	}
	p := invitationsPage{F: c.Form(), Done: c.Query("xong") != ""}
	for _, i := range list {
		p.List = append(p.List, h.inviteOf(c, i))
	}
	return c.Render("auth-invitations", p)
}

func (h *pages) inviteOf(c *web.Context, i auth.Invitation) inviteRow {
	r := inviteRow{Invitation: i, Name: i.Name, Unit: h.unitName(c, i.Unit, c.Today), Reset: i.Kind == auth.Reset, Mail: i.Way == auth.ByMail}
	if r.Name == "" {
		r.Name = shown(&auth.Account{Login: i.Login, Phone: i.Phone})
	}
	if i.Post != "" {
		r.Kind = c.P.Say(auth.KindMsg(i.Post))
	}
	return r
}

type invitationPage struct {
	I       inviteRow
	Open    bool
	Code    string // in groups
	Address string // to type
	QR      auth.QR
	Phone   string
	F       *web.Form
}

// invitation is the page to print and hand over.
func (h *pages) invitation(c *web.Context) error {
	i, err := h.s.Invitation(c.Context(), c.Actor, c.Value("id"))
	if err != nil {
		return err
	}
	crumbs(c, nil)
	c.L.Crumbs = append(c.L.Crumbs, web.Crumb{Key: "auth.invitations", Path: peoplePath + "/giay-moi"})
	c.L.Paper = true
	p := invitationPage{I: h.inviteOf(c, *i), Open: i.Open(c.Today) && i.Code != "", Code: auth.ShowCode(i.Code), Phone: auth.ShowPhone(i.Phone), F: c.Form()}
	base := c.BaseURL()
	_, p.Address, _ = strings.Cut(base+invitePath, "://")
	if p.Open {
		if p.QR, err = auth.NewQR(base + invitePath + "/" + i.Code); err != nil {
			return err
		}
	}
	c.W.Header().Set("Cache-Control", "no-store")
	return c.Render("auth-invitation", p)
}

func (h *pages) revoke(c *web.Context) error {
	id := c.Value("id")
	return c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return peoplePath + "/giay-moi?xong=1", h.s.RevokeTx(ctx, tx, c.Actor, id)
	})
}
