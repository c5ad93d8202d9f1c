package authweb

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/access"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/web"
)

const perPage = 50

func itoa(n int) string { return strconv.Itoa(n) }

type peoplePage struct {
	F        *web.Form
	Units    []web.Option
	Kinds    []web.Option
	Rows     []personRow
	Pager    web.Pager
	Narrowed bool
	Export   string // address with the filters
	Day      civil.Date
	Today    civil.Date
	Open     int // invitations that are open
	Ended    int // units that have ended and whose people still hold posts there
	Settings bool
}

type personRow struct {
	ID, Name, Login string
	Unit            string
	Kind, Title     string
	span
	Instead bool
	State   web.Tag
}

// filter reads the list's filters; a day that cannot be read is today.
func filter(c *web.Context) auth.Filter {
	f := c.Form()
	day := f.Date("ngay")
	if f.Failed() {
		day = civil.None
	}
	return auth.Filter{Unit: f.Text("don_vi"), Kind: access.PostKind(f.Text("nhiem_vu")), Day: day, Query: f.Text("q"), After: f.Text("sau")}
}

func (h *pages) people(c *web.Context) error {
	ctx := c.Context()
	c.L.Wide = true
	q := filter(c)
	p := peoplePage{F: c.Form(), Kinds: kindOptions(c), Day: q.Day, Today: c.Today, Narrowed: q.Unit != "" || q.Kind != "" || q.Query != "" || !q.Day.IsZero()}
	p.Units = h.unitOptions(c, q.Unit)
	if p.Day.IsZero() {
		p.Day = c.Today
	}
	list, after, err := h.s.List(ctx, c.Actor, q, perPage)
	if err != nil {
		return err
	}
	for _, x := range list {
		p.Rows = append(p.Rows, h.row(c, p.Day, x))
	}
	query := []any{"q", q.Query, "don_vi", q.Unit, "nhiem_vu", q.Kind, "ngay", q.Day}
	p.Export = address(c, peoplePath+"/danh-sach.csv", query...)
	if q.After != "" {
		p.Pager.First = address(c, peoplePath, query...)
	}
	if after != "" {
		p.Pager.Next = address(c, peoplePath, append(query, "sau", after)...)
	}
	open, err := h.s.Invitations(ctx, c.Actor, 1000)
	if err != nil {
		return err
	}
	p.Open = len(open)
	if p.Ended, err = h.s.CountEnded(ctx, c.Actor); err != nil {
		return err
	}
	root := c.Tree.Root()
	p.Settings = root != nil && access.Allowed(c.Actor, access.ManageSettings, c.Tree.Place(root.ID))
	return c.Render("auth-people", p)
}

// address is a path with a query, without /en: templates put it before.
func address(c *web.Context, path string, query ...any) string {
	return strings.TrimPrefix(c.Href(path, query...), strings.TrimSuffix(c.Href(path), path))
}

func (h *pages) row(c *web.Context, day civil.Date, x auth.Holding) personRow {
	r := personRow{ID: x.Account, Name: x.Name, Login: x.Login, Kind: c.P.Say(auth.KindMsg(x.Kind)), Title: x.Title, span: span{x.From, x.To}, Instead: x.StandsIn != "", Unit: h.unitName(c, x.Unit, day)}
	if r.Login == "" {
		r.Login = auth.ShowPhone(x.Phone)
	}
	if r.Name == "" {
		r.Name = r.Login
	}
	r.State = state(c, x.Disabled, x.Password, x.TOTP)
	return r
}

func state(c *web.Context, disabled, password, totp bool) web.Tag {
	switch {
	case disabled:
		return web.Tag{Class: "tre", Text: c.P.T("auth.state.locked")}
	case !password:
		return web.Tag{Class: "cho", Text: c.P.T("auth.state.invited")}
	case totp:
		return web.Tag{Class: "xong", Text: c.P.T("auth.state.in_use_factor")}
	}
	return web.Tag{Class: "lam", Text: c.P.T("auth.state.in_use")}
}

// export is the list as CSV, all pages of it.
func (h *pages) export(c *web.Context) error {
	q := filter(c)
	q.After = ""
	day := q.Day
	if day.IsZero() {
		day = c.Today
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // so that spreadsheets read UTF-8
	w := csv.NewWriter(&b)
	var head []string
	for _, k := range []string{"name", "login", "phone", "unit_code", "unit", "post", "title", "from", "to", "state"} {
		head = append(head, c.P.T("auth.csv."+k))
	}
	if err := w.Write(head); err != nil {
		return err
	}
	for {
		list, after, err := h.s.List(c.Context(), c.Actor, q, 500)
		if err != nil {
			return err
		}
		for _, x := range list {
			r := h.row(c, day, x)
			code := ""
			if u, ok := h.s.Unit(x.Unit, day); ok {
				code = u.Code
			}
			err := w.Write([]string{plain(x.Name), plain(x.Login), auth.ShowPhone(x.Phone), code, plain(r.Unit), r.Kind, plain(x.Title), string(x.From), string(x.To), r.State.Text})
			if err != nil {
				return err
			}
		}
		if q.After = after; after == "" {
			break
		}
	}
	w.Flush()
	return c.Bytes("text/csv; charset=utf-8", "nhan-su-"+string(day)+".csv", b.Bytes())
}

// plain keeps a spreadsheet from taking a text for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

type addPage struct {
	F     *web.Form
	Units []web.Option
	Kinds []web.Option
}

func (h *pages) add(c *web.Context) error {
	crumbs(c, nil)
	f := c.Form()
	f.Prefill("cach", auth.Paper)
	f.PrefillDate("tu", c.Today)
	units := h.unitOptions(c, f.Text("don_vi"))
	if len(units) == 1 {
		f.Prefill("don_vi", units[0].Value)
	}
	p := addPage{f, chosen(c, units), chosen(c, kindOptions(c))}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-person-add", p)
	}
	person := auth.NewPerson{Name: f.Text("ten"), Login: f.Text("ten_dang_nhap"), Phone: f.Text("dien_thoai"), Mail: f.Text("mail"), Lang: c.Lang, Post: assignment(f)}
	err := c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := h.s.AddTx(ctx, tx, c.Actor, person)
		if err != nil {
			return "", err
		}
		inv, err := h.s.InviteTx(ctx, tx, c.Actor, id, f.Text("cach"))
		if err != nil {
			return "", err
		}
		if f.Text("cach") == auth.ByMail {
			return personPath(id) + "?xong=thu", nil
		}
		return peoplePath + "/giay-moi/" + inv, nil
	})
	if err != nil {
		return again(c, err, "auth-person-add", p)
	}
	return nil
}

func assignment(f *web.Form) auth.Assignment {
	return auth.Assignment{
		Unit: f.Text("don_vi"), Kind: access.PostKind(f.Text("chuc_danh")), Title: f.Text("ten_chuc_danh"), Basis: f.Text("can_cu"),
		From: f.Date("tu"), To: f.Date("den"), StandsIn: f.Text("thay_cho"),
	}
}

type personPage struct {
	F        *web.Form
	A        *auth.Account
	Name     string
	Phone    string
	Posts    []postRow
	State    web.Tag
	Whole    bool // the actor may change the account
	Self     bool
	Handable []*org.Unit // where there is something to hand over
	Done     string
}

var personDone = map[string]string{
	"thu": "auth.done.invited_mail", "sua": "auth.done.changed", "khoa": "auth.done.locked", "mo": "auth.done.unlocked", "nhiem-vu": "auth.done.assigned",
	"ket-thuc": "auth.done.ended", "thu-hoi": "auth.done.revoked",
}

func (h *pages) person(c *web.Context) error {
	ctx := c.Context()
	crumbs(c, nil)
	acc, err := h.s.Account(ctx, c.Actor, c.Value("id"))
	if err != nil {
		return err
	}
	p := personPage{F: c.Form(), A: acc, Name: shown(acc), Phone: auth.ShowPhone(acc.Phone), Self: acc.ID == c.Actor.ID, Done: personDone[c.Query("xong")]}
	p.State = state(c, acc.Disabled, acc.Password, acc.TOTP)
	if p.Whole, err = h.s.MayChange(ctx, c.Actor, acc); err != nil {
		return err
	}
	posts, err := h.s.PostsOf(ctx, c.Actor, acc.ID)
	if err != nil {
		return err
	}
	p.Posts = h.postRows(c, posts)
	for i := range p.Posts {
		p.Posts[i].Manage = !p.Posts[i].Over && h.s.Manages(c.Actor, p.Posts[i].UnitID)
		if u, lives := c.Tree.ByID(p.Posts[i].UnitID); lives && p.Posts[i].Manage && !slices.Contains(p.Handable, u) {
			p.Handable = append(p.Handable, u)
		}
	}
	return c.Render("auth-person", p)
}

type editPage struct {
	F *web.Form
	A *auth.Account
}

func (h *pages) edit(c *web.Context) error {
	ctx, f := c.Context(), c.Form()
	acc, err := h.s.Account(ctx, c.Actor, c.Value("id"))
	if err != nil {
		return err
	}
	crumbs(c, acc)
	stored := []struct{ field, value string }{{"ten", acc.Name}, {"ten_dang_nhap", acc.Login}, {"dien_thoai", auth.ShowPhone(acc.Phone)}, {"mail", acc.Mail}}
	for _, x := range stored {
		f.Prefill(x.field, x.value)
	}
	f.Prefill("phien_ban", itoa(acc.Version))
	p := editPage{f, acc}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-person-edit", p)
	}
	change := auth.Change{Name: f.Text("ten"), Login: f.Text("ten_dang_nhap"), Phone: f.Text("dien_thoai"), Mail: f.Text("mail"), Version: f.Int("phien_ban")}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return personPath(acc.ID) + "?xong=sua", h.s.ChangeTx(ctx, tx, c.Actor, acc.ID, change)
	})
	if errs.MsgOf(err).Key == "db.conflict" {
		for _, x := range stored {
			f.Stored(x.field, x.value)
		}
		f.Put("phien_ban", itoa(acc.Version))
	}
	if err != nil {
		return again(c, err, "auth-person-edit", p)
	}
	return nil
}

// lock locks an account, or opens it again.
func (h *pages) lock(c *web.Context) error {
	f, id := c.Form(), c.Value("id")
	disable, done := f.Text("khoa") == "1", "mo"
	if disable {
		done = "khoa"
	}
	return c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return personPath(id) + "?xong=" + done, h.s.DisableTx(ctx, tx, c.Actor, id, disable, f.Int("phien_ban"))
	})
}

type settingsPage struct {
	F     *web.Form
	Kinds []web.Option
	Done  bool
}

// settings says for which posts a second factor is required.
func (h *pages) settings(c *web.Context) error {
	crumbs(c, nil)
	root := c.Tree.Root()
	if root == nil || !access.Allowed(c.Actor, access.ManageSettings, c.Tree.Place(root.ID)) {
		return errs.E(errs.NotFound, "auth.not_found")
	}
	f := c.Form()
	kinds, version, err := h.s.FactorPolicy(c.Context())
	if err != nil {
		return err
	}
	var now []string
	for _, k := range kinds {
		now = append(now, string(k))
	}
	f.PrefillAll("nhiem_vu", now)
	f.Prefill("phien_ban", itoa(version))
	p := settingsPage{F: f, Done: c.Query("xong") != ""}
	for _, k := range auth.FactorPosts {
		p.Kinds = append(p.Kinds, web.Option{Value: string(k), Label: c.P.Say(auth.KindMsg(k))})
	}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-settings", p)
	}
	var want []access.PostKind
	for _, k := range f.Texts("nhiem_vu") {
		want = append(want, access.PostKind(k))
	}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return peoplePath + "/quy-dinh?xong=1", h.s.RequireFactorTx(ctx, tx, c.Actor, want, f.Int("phien_ban"))
	})
	if errs.Is(err, errs.Conflict) {
		f.Put("phien_ban", itoa(version))
	}
	if err != nil {
		return again(c, err, "auth-settings", p)
	}
	return nil
}
