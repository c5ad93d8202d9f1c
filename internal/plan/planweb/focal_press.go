package planweb

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/document"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

func (h focal) registerPress(k *web.Kit) {
	handle := func(method, pattern string, f web.Handler) {
		k.Handle(web.Route{Method: method, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	handle(http.MethodGet, "/lam-viec/ke-hoach/{plan}/nhac", h.nudgeForm)
	handle(http.MethodPost, "/lam-viec/ke-hoach/{plan}/nhac", h.nudge)
	handle(http.MethodGet, "/lam-viec/ke-hoach/{plan}/van-ban", h.letters)
	handle(http.MethodGet, "/lam-viec/ke-hoach/{plan}/van-ban/soan", h.letterDraft)
	handle(http.MethodGet, "/lam-viec/ke-hoach/{plan}/van-ban/ghi-so", h.letterForm)
	handle(http.MethodPost, "/lam-viec/ke-hoach/{plan}/van-ban/ghi-so", h.letterEntry)
	handle(http.MethodGet, "/lam-viec/ke-hoach/{plan}/van-ban/{id}", h.pressed)
}

// filterOf is the board's filter as pressing takes it: from the address, or from the hidden field of a form.
func (h focal) filterOf(c *web.Context, query string) (plan.Filter, url.Values) {
	q := url.Values{}
	in := c.R.URL.Query()
	if query != "" {
		if v, err := url.ParseQuery(query); err == nil {
			in = v
		}
	}
	for _, k := range []string{"nhom", "viec", "loai", "thanh-vien", "q", "duoi"} {
		if v := in.Get(k); v != "" {
			q.Set(k, v)
		}
	}
	f := plan.Filter{Group: q.Get("nhom"), Task: q.Get("viec"), Kind: q.Get("loai"), Member: q.Get("thanh-vien"), Q: q.Get("q")}
	if code := q.Get("duoi"); code != "" {
		if u, ok := h.Units.Holder(code, c.Today); ok {
			f.Under = u.ID
		}
	}
	return f, q
}

// writer is the unit in whose name the actor presses: the first of their posts that may.
func (h focal) writer(c *web.Context, p *plan.Plan) (*org.Unit, error) {
	roles, err := h.Plans.Roles(c.Context(), h.provinceOf(c, p.Unit))
	if err != nil {
		return nil, err
	}
	lead := plan.RoleHolder(roles, plan.RoleFocal, c.Today)
	var first *org.Unit
	for _, id := range c.Actor.Units() {
		if !c.Actor.Holds(id, access.Head, access.Focal, access.Officer) {
			continue
		}
		u, ok := c.Tree.ByID(id)
		if !ok {
			continue
		}
		if id == lead {
			return u, nil
		}
		if first == nil {
			first = u
		}
	}
	if first == nil {
		return nil, errs.E(errs.Forbidden, "plan.forbidden.press")
	}
	return first, nil
}

func (h focal) provinceOf(c *web.Context, unit string) string {
	if u := c.Tree.Top(unit); u != nil {
		return u.ID
	}
	return unit
}

// nudgePage is the page that reminds all late units of a filter.
type nudgePage struct {
	F       *web.Form
	Plan    *plan.Plan
	Base    string
	Query   string // the filter, for the form
	Units   []lateUnit
	Tasks   int
	Request bool
	Text    string // to copy into a chat group
	Other   string // the same for requests, or for what is overdue
	Done    bool
	People  int
}

type lateUnit struct {
	Name, Href string
	Tasks      []string
	Last       civil.Date
	Round      int
}

func (h focal) nudgePage(c *web.Context, f *web.Form, query string) (*nudgePage, []plan.LateUnit, plan.Filter, error) {
	p, err := h.Plans.Seen(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return nil, nil, plan.Filter{}, err
	}
	filter, q := h.filterOf(c, query)
	request := c.Query("de-nghi") == "1" || f != nil && f.Text("request") == "1"
	late, err := h.Plans.Late(c.Context(), c.Actor, p.ID, filter, request)
	if err != nil {
		return nil, nil, filter, err
	}
	out := &nudgePage{F: f, Plan: p, Base: "/lam-viec/ke-hoach/" + url.PathEscape(p.ID), Query: q.Encode(), Request: request}
	other := url.Values{}
	maps.Copy(other, q)
	if !request {
		other.Set("de-nghi", "1")
	}
	out.Other = out.Base + "/nhac?" + other.Encode()
	for _, u := range late {
		l := lateUnit{Name: u.Unit.NameIn(c.Lang), Href: out.Base + "/don-vi/" + url.PathEscape(u.Unit.Code), Last: u.Last, Round: u.Round}
		for _, t := range u.Tasks {
			if request {
				l.Tasks = append(l.Tasks, t.ID+" "+short(t.Task.Title(c.Lang), 80))
			} else {
				l.Tasks = append(l.Tasks, c.P.T("planpress.task", "task", t.ID+" "+short(t.Task.Title(c.Lang), 80), "n", t.Days))
			}
		}
		out.Tasks += len(u.Tasks)
		out.Units = append(out.Units, l)
	}
	out.Text = h.chatText(c, p, late, request)
	return out, late, filter, nil
}

// chatText is what an officer copies into a group: short, with the address of the list.
func (h focal) chatText(c *web.Context, p *plan.Plan, late []plan.LateUnit, request bool) string {
	key := "planpress.chat"
	if request {
		key = "planpress.chat_request"
	}
	var names []string
	for i, u := range late {
		if i == 15 {
			names = append(names, c.P.T("planpress.chat_more", "n", len(late)-15))
			break
		}
		names = append(names, u.Unit.NameIn(c.Lang)+" ("+strconv.Itoa(len(u.Tasks))+")")
	}
	return c.P.T(key, "number", p.Number, "units", len(late), "names", names, "link", c.BaseURL()+c.Href(plan.HomeLink))
}

func (h focal) nudgeForm(c *web.Context) error {
	p, _, _, err := h.nudgePage(c, c.Form(), "")
	if err != nil {
		return err
	}
	return c.Render("press_nudge", p)
}

func (h focal) nudge(c *web.Context) error {
	f := c.Form()
	p, late, filter, err := h.nudgePage(c, f, f.Text("query"))
	if err != nil {
		return err
	}
	from, err := h.writer(c, p.Plan)
	if err != nil {
		return err
	}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		done, err := h.Plans.NudgeTx(ctx, tx, c.Actor, plan.Nudge{Plan: p.Plan.ID, Unit: from.ID, Filter: filter, Units: late, Note: f.Lines("note"), Request: p.Request})
		if err != nil {
			return "", err
		}
		return p.Base + "/van-ban/" + done.ID, nil
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "press_nudge", p)
}

// lettersPage lists what was sent, and offers drafts.
type lettersPage struct {
	Plan  *plan.Plan
	Base  string
	Lines []pressing
}

type pressing struct {
	plan.Pressing
	Word, From, Href string
}

func (h focal) letters(c *web.Context) error {
	p, err := h.Plans.Seen(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return err
	}
	list, err := h.Plans.Pressings(c.Context(), c.Actor, p.ID)
	if err != nil {
		return err
	}
	out := &lettersPage{Plan: p, Base: "/lam-viec/ke-hoach/" + url.PathEscape(p.ID)}
	for _, x := range list {
		out.Lines = append(out.Lines, h.pressing(c, out.Base, x))
	}
	return c.Render("press_letters", out)
}

func (h focal) pressing(c *web.Context, base string, x plan.Pressing) pressing {
	out := pressing{Pressing: x, Word: c.P.T("planpress.kind." + x.Kind), Href: base + "/van-ban/" + x.ID}
	if x.Round > 0 {
		out.Word = c.P.T("planpress.round", "word", out.Word, "n", x.Round)
	}
	if u, ok := h.Units.Unit(x.Unit, c.Today); ok {
		out.From = u.NameIn(c.Lang)
	}
	return out
}

// pressedPage is one reminder or letter as it was sent.
type pressedPage struct {
	Plan  *plan.Plan
	Base  string
	X     pressing
	Units []lateUnit
}

func (h focal) pressed(c *web.Context) error {
	p, err := h.Plans.Seen(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return err
	}
	list, err := h.Plans.Pressings(c.Context(), c.Actor, p.ID)
	if err != nil {
		return err
	}
	out := &pressedPage{Plan: p, Base: "/lam-viec/ke-hoach/" + url.PathEscape(p.ID)}
	for _, x := range list {
		if x.ID == c.Value("id") {
			out.X = h.pressing(c, out.Base, x)
		}
	}
	if out.X.ID == "" {
		return errs.E(errs.NotFound, "plan.none")
	}
	units, err := h.Plans.PressedUnits(c.Context(), c.Actor, p.ID, out.X.ID)
	if err != nil {
		return err
	}
	for _, u := range units {
		l := lateUnit{Name: u.Unit.NameIn(c.Lang), Href: out.Base + "/don-vi/" + url.PathEscape(u.Unit.Code), Round: u.Round}
		for _, t := range u.Tasks {
			title := t.ID
			if t.Task != nil {
				title += " " + short(t.Task.Title(c.Lang), 80)
			}
			l.Tasks = append(l.Tasks, title)
		}
		out.Units = append(out.Units, l)
	}
	return c.Render("press_sent", out)
}

// letterKinds are the letters by their word in addresses.
var letterKinds = map[string]string{"don-doc": plan.NudgeLetter, "huong-dan": plan.NudgeGuide, "phoi-hop": plan.NudgeRequest}

// letterPage is a letter to print, and what is asked when its number is entered.
type letterPage struct {
	F      *web.Form
	L      *plan.Letter
	Base   string
	Query  string
	Paper  *document.Paper
	Files  *web.Files
	SignAs []web.Option
	Accept string
	Enter  string
	Kind   string
}

func (h focal) letter(c *web.Context, query string) (*letterPage, plan.Filter, error) {
	p, err := h.Plans.Seen(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return nil, plan.Filter{}, err
	}
	from, err := h.writer(c, p)
	if err != nil {
		return nil, plan.Filter{}, err
	}
	filter, q := h.filterOf(c, query)
	word := c.Query("kieu")
	if query != "" {
		if v, err := url.ParseQuery(query); err == nil {
			word = v.Get("kieu")
		}
	}
	kind, ok := letterKinds[word]
	if !ok {
		word, kind = "don-doc", plan.NudgeLetter
	}
	l, err := h.Plans.DraftLetter(c.Context(), c.Actor, p.ID, kind, from.ID, filter)
	if err != nil {
		return nil, filter, err
	}
	q.Set("kieu", word)
	out := &letterPage{L: l, Kind: word, Base: "/lam-viec/ke-hoach/" + url.PathEscape(p.ID), Query: q.Encode(), Accept: evidenceTypes.Accept()}
	out.Enter = out.Base + "/van-ban/ghi-so?" + out.Query
	out.Paper = h.letterPaper(c, l)
	out.Files = web.FilesOf(out.Base + "/van-ban/soan?" + out.Query)
	for _, as := range plan.SignAs {
		out.SignAs = append(out.SignAs, web.Option{Value: as, Label: c.P.T("planweb.sign." + as)})
	}
	return out, filter, nil
}

func (h focal) letterDraft(c *web.Context) error {
	p, _, err := h.letter(c, "")
	if errs.Is(err, errs.Invalid) {
		return c.Redirect("/lam-viec/ke-hoach/"+url.PathEscape(c.Value("plan"))+"/nhac", "de-nghi", map[bool]string{true: "1"}[c.Query("kieu") == "phoi-hop"])
	}
	if err != nil {
		return err
	}
	c.L.Paper = true
	return c.Render("press_letter", p)
}

func (h focal) letterForm(c *web.Context) error {
	p, _, err := h.letter(c, "")
	if err != nil {
		return err
	}
	p.F = c.Form()
	p.F.Prefill("sign_as", plan.SignHead)
	return c.Render("press_enter", p)
}

// letterEntry takes the number that the clerk gave the letter.
func (h focal) letterEntry(c *web.Context) error {
	f := c.Form()
	p, filter, err := h.letter(c, f.Text("query"))
	if err != nil {
		return err
	}
	p.F = f
	in := plan.SentLetter{
		Plan: p.L.Plan.ID, Kind: p.L.Kind, Unit: p.L.From.ID, Filter: filter, Units: p.L.Units, Number: f.Text("number"), Signed: f.Date("signed"), Signer: f.Text("signer"),
		As: f.Text("sign_as"), Note: f.Lines("note"),
	}
	err = f.Err()
	var file *attach.File
	if up := f.File("file"); err == nil && up != nil && h.Files != nil {
		got, perr := h.Files.Put(c.Context(), up.Open(), up.Name, evidenceTypes)
		if perr != nil {
			f.Fail(perr)
			err = perr
		} else {
			file = &got
		}
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			if file != nil {
				a, err := h.Files.LinkTx(ctx, tx, *file, attach.Owner{Kind: "plan", ID: in.Plan, Unit: in.Unit}, true, c.Actor.ID)
				if err != nil {
					return "", err
				}
				in.File = a.ID
			}
			id, err := h.Plans.LetterTx(ctx, tx, c.Actor, in)
			return p.Base + "/van-ban/" + id, err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "press_enter", p)
}
