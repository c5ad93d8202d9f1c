package authweb

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/web"
)

// What becomes of a post, beside the kinds of posts, as the form of a move says it.
const (
	postEnds  = "ket-thuc"
	postStays = "de-sau"
)

type movesPage struct {
	List    []endedRow
	Records []moveRow
}

type endedRow struct {
	ID, Name string
	Until    civil.Date
	Posts    int
	Heirs    []string
}

type moveRow struct {
	ID, Unit, To string
	Day          civil.Date
	Posts        int
}

// moves lists the units that have ended and whose people still hold posts there, and the records of earlier moves.
func (h *pages) moves(c *web.Context) error {
	crumbs(c, nil)
	list, err := h.s.EndedUnits(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	var p movesPage
	for i := range list {
		x := &list[i]
		r := endedRow{ID: x.Unit.ID, Name: x.Unit.NameIn(c.Lang), Until: x.Unit.To, Posts: len(x.Posts)}
		for _, u := range x.Heirs {
			r.Heirs = append(r.Heirs, u.NameIn(c.Lang))
		}
		p.List = append(p.List, r)
	}
	records, err := h.s.Moves(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	for i := range records {
		m := &records[i]
		p.Records = append(p.Records, moveRow{m.ID, h.unitName(c, m.Unit, c.Today), h.unitName(c, m.To, c.Today), m.Day, len(m.Posts)})
	}
	return c.Render("auth-moves", p)
}

type movePage struct {
	F     *web.Form
	Unit  *org.Unit
	Name  string
	To    []web.Option
	Posts []movePost
}

type movePost struct {
	personRow
	Field   string
	Choices []web.Option
}

// move moves the people of a unit that has ended to one that came after it, all in one step.
func (h *pages) move(c *web.Context) error {
	ctx, f := c.Context(), c.Form()
	crumbs(c, nil)
	c.L.Crumbs = append(c.L.Crumbs, web.Crumb{Key: "auth.move.title", Path: movePath})
	list, err := h.s.EndedUnits(ctx, c.Actor)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(e auth.EndedUnit) bool { return e.Unit.ID == c.Value("id") })
	if i < 0 && f.Posted() { // a form sent twice is answered by its first result
		return c.Post(func(context.Context, *db.Tx) (string, error) { return "", errs.E(errs.NotFound, "auth.not_found") })
	}
	if i < 0 {
		return errs.E(errs.NotFound, "auth.not_found")
	}
	e := &list[i]
	p := movePage{F: f, Unit: e.Unit, Name: e.Unit.NameIn(c.Lang)}
	for _, u := range e.Heirs {
		p.To = append(p.To, web.Option{Value: u.ID, Label: u.NameIn(c.Lang), Lang: lang(c, u)})
	}
	if e.Above != nil && !slices.Contains(e.Heirs, e.Above) {
		p.To = append(p.To, web.Option{Value: e.Above.ID, Label: e.Above.NameIn(c.Lang), Lang: lang(c, e.Above)})
	}
	f.PrefillDate("tu", e.Unit.To.Add(1))
	if err := h.moveChoices(c, e, &p); err != nil {
		return err
	}
	if c.R.Method != http.MethodPost {
		return c.Render("auth-move", p)
	}
	order := auth.MoveOrder{Unit: e.Unit.ID, To: f.Text("den"), Day: f.Date("tu"), Basis: f.Text("can_cu"), Note: f.Lines("ghi_chu"), As: map[string]access.PostKind{}}
	for _, x := range e.Posts {
		switch as := f.Text("viec-" + x.ID); as {
		case postStays, "":
		case postEnds:
			order.As[x.ID] = auth.PostEnds
		default:
			order.As[x.ID] = access.PostKind(as)
		}
	}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := h.s.MoveTx(ctx, tx, c.Actor, order)
		return peoplePath + "/bien-ban-chuyen/" + id, err
	})
	return retry(c, err, "auth-move", p)
}

// moveChoices offers for each post to keep it, to become an officer, to end it or to leave it for later. A unit has one head: where the first heir has
// one, or two come, the others become officers unless the administrator says otherwise.
func (h *pages) moveChoices(c *web.Context, e *auth.EndedUnit, p *movePage) error {
	head := true // nobody is the head yet
	village := false
	if len(p.To) > 0 {
		people, err := h.s.People(c.Context(), p.To[0].Value, c.Today)
		if err != nil {
			return err
		}
		head = !slices.ContainsFunc(people, func(x auth.Holding) bool { return x.Kind == access.Head && x.StandsIn == "" })
		if u, ok := c.Tree.ByID(p.To[0].Value); ok {
			village = u.Kind == org.Village
		}
	}
	kind := func(k access.PostKind) web.Option {
		return web.Option{Value: string(k), Label: c.P.T("auth.move.as", "post", auth.KindMsg(k))}
	}
	for _, x := range e.Posts {
		m := movePost{personRow: h.row(c, c.Today, x), Field: "viec-" + x.ID}
		best := string(x.Kind)
		m.Choices = append(m.Choices, kind(x.Kind))
		if x.Kind != access.Officer {
			m.Choices = append(m.Choices, kind(access.Officer))
		}
		switch {
		case x.Kind == access.VillageHead && !village:
			best = postEnds
		case x.Kind == access.Head && x.StandsIn == "" && !head:
			best = string(access.Officer)
		case x.Kind == access.Head && x.StandsIn == "":
			head = false
		}
		m.Choices = append(m.Choices, web.Option{Value: postEnds, Label: c.P.T("auth.move.ends")}, web.Option{Value: postStays, Label: c.P.T("auth.move.stays")})
		p.F.Prefill(m.Field, best)
		p.Posts = append(p.Posts, m)
	}
	return nil
}

type moveRecordPage struct {
	M        *auth.Move
	Unit, To string
	Parent   string
	Posts    []movedRow
	Note     []string // by paragraphs
}

type movedRow struct {
	Name, Kind, Title, As string
	Since                 civil.Date
}

// moveRecord is the record of a move, to print and sign.
func (h *pages) moveRecord(c *web.Context) error {
	m, err := h.s.MoveRecord(c.Context(), c.Actor, c.Value("id"))
	if err != nil {
		return err
	}
	c.L.Paper = true
	crumbs(c, nil)
	c.L.Crumbs = append(c.L.Crumbs, web.Crumb{Key: "auth.move.title", Path: movePath})
	p := moveRecordPage{M: m, Unit: "–", To: "–", Note: strings.FieldsFunc(m.Note, func(r rune) bool { return r == '\n' })}
	if u, ok := h.s.Unit(m.Unit, m.Day); ok {
		p.Unit = u.Name
	}
	if u, ok := h.s.Unit(m.To, m.Day); ok {
		p.To = u.Name
		if up, ok := h.s.Unit(u.ParentID, m.Day); ok {
			p.Parent = up.Name
		}
	}
	for _, x := range m.Posts {
		r := movedRow{Name: x.Name, Kind: c.P.Say(auth.KindMsg(x.Kind)), Title: x.Title, Since: x.Since, As: c.P.T("auth.move.ended")}
		if x.As != auth.PostEnds {
			r.As = c.P.Say(auth.KindMsg(x.As))
		}
		p.Posts = append(p.Posts, r)
	}
	return c.Render("auth-move-record", p)
}
