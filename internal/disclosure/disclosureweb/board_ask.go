package disclosureweb

import (
	"context"
	"strconv"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/web"
)

// trap is a field that people do not see: whoever fills it in is a program.
const trap = "website"

// askPage is the form for a question about an item.
type askPage struct {
	Item *disclosure.Item
	Unit *org.Unit
	Back string
	At   string
	F    *web.Form
	By   civil.Date
}

func (h *pages) askPage(c *web.Context) (*askPage, error) {
	i, _, err := h.head(c)
	if err != nil {
		return nil, err
	}
	if i.State != disclosure.Up {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	c.L.Hidden = true
	p := &askPage{Item: i, Unit: c.Unit, Back: h.Service.Link(i, ""), At: h.Service.Link(i, "/hoi"), F: c.Form()}
	p.By, err = h.Service.AnswerBy(c.Context(), i.Unit)
	return p, err
}

func (h *pages) askForm(c *web.Context) error {
	p, err := h.askPage(c)
	if err != nil {
		return err
	}
	return c.Render("board_ask", p)
}

func (h *pages) ask(c *web.Context) error {
	p, err := h.askPage(c)
	if err != nil {
		return err
	}
	f := c.Form()
	if f.Text(trap) != "" {
		return c.Redirect(p.Back)
	}
	in := disclosure.NewQuestion{Body: f.Lines("hoi"), Place: f.Text("noi"), Contact: f.Text("lien-he")}
	if err = f.Err(); err == nil {
		err = in.Check()
	}
	if err == nil {
		err = h.Service.Knock(c.IP())
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			q, err := h.Service.AskTx(ctx, tx, c.Actor, p.Item.ID, in)
			return h.Service.Link(p.Item, "/hoi/"+q.Code), err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "board_ask", p)
}

// receiptPage is a question for its asker: in whatever state, with the reason where it was refused.
type receiptPage struct {
	Item *disclosure.Item
	Unit *org.Unit
	Back string
	Q    disclosure.Question
	Code string // in groups, to be written down
	Link string
	Late bool
}

func (h *pages) receipt(c *web.Context) error {
	i, _, err := h.head(c)
	if err != nil {
		return err
	}
	q, err := h.Service.QuestionByCode(c.Context(), i.ID, c.Value("code"))
	if err != nil {
		return err
	}
	c.L.Hidden = true
	c.NoStore()
	code := q.Code
	if len(code) == 10 {
		code = code[:5] + " " + code[5:]
	}
	return c.Render("board_receipt", &receiptPage{
		Item: i, Unit: c.Unit, Back: h.Service.Link(i, ""), Q: q, Code: code, Link: c.BaseURL() + h.Service.Link(i, "/hoi/"+q.Code), Late: q.Late(c.Today),
	})
}

// tornPage is the form that reports a missing or torn sheet, of an item or of the whole board.
type tornPage struct {
	Item   *disclosure.Item // nil: the board
	Unit   *org.Unit
	Back   string
	At     string
	F      *web.Form
	Kinds  []web.Option
	Places []web.Option // nil: typed
	Sent   bool
}

func (h *pages) tornPage(c *web.Context, board bool) (*tornPage, error) {
	p := &tornPage{}
	if board {
		c.L.Room = "dan-biet"
		p.Back, p.At = c.UnitLink(c.Unit, BoardPath), c.UnitLink(c.Unit, BoardPath+"/bao-mat-to")
	} else {
		i, _, err := h.head(c)
		if err != nil {
			return nil, err
		}
		v, err := h.Service.Item(c.Context(), c.Actor, i.ID)
		if err != nil {
			return nil, err
		}
		if i.State != disclosure.Up {
			return nil, errs.E(errs.NotFound, "disclosure.none")
		}
		p.Item, p.Back, p.At = i, h.Service.Link(i, ""), h.Service.Link(i, "/bao-mat-to")
		for _, x := range hanging(v.Places) {
			o := web.Option{Value: x.Key, Label: c.P.Say(x.Label())}
			if x.Name != "" {
				o.Lang = "vi"
			}
			p.Places = append(p.Places, o)
		}
	}
	c.L.Hidden = true
	p.Unit, p.F = c.Unit, c.Form()
	for _, k := range disclosure.TornKinds {
		p.Kinds = append(p.Kinds, web.Option{Value: k, Label: c.P.T("disclosureboard.torn.kind." + k)})
	}
	p.F.PrefillDate("ngay", c.Today)
	return p, nil
}

func (h *pages) tornForm(c *web.Context) error      { return h.showTorn(c, false) }
func (h *pages) boardTornForm(c *web.Context) error { return h.showTorn(c, true) }
func (h *pages) torn(c *web.Context) error          { return h.takeTorn(c, false) }
func (h *pages) boardTorn(c *web.Context) error     { return h.takeTorn(c, true) }

func (h *pages) showTorn(c *web.Context, board bool) error {
	p, err := h.tornPage(c, board)
	if err != nil {
		return err
	}
	p.Sent = c.Query("da-gui") != ""
	return c.Render("board_torn", p)
}

func (h *pages) takeTorn(c *web.Context, board bool) error {
	p, err := h.tornPage(c, board)
	if err != nil {
		return err
	}
	f := c.Form()
	if f.Text(trap) != "" {
		return c.Redirect(p.Back)
	}
	in := disclosure.NewTorn{Unit: c.Unit.ID, Kind: f.Text("loai"), Place: f.Text("noi"), Body: f.Lines("noi-dung"), Seen: f.Date("ngay")}
	if p.Item != nil {
		in.Item = p.Item.ID
	}
	if err = f.Err(); err == nil {
		err = in.Check(c.Today)
	}
	if err == nil {
		err = h.Service.Knock(c.IP())
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return withQuery(p.At, "da-gui=1"), h.Service.TornTx(ctx, tx, c.Actor, in)
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "board_torn", p)
}

// withQuery adds to the query of an address.
func withQuery(path, query string) string {
	for _, r := range path {
		if r == '?' {
			return path + "&" + query
		}
	}
	return path + "?" + query
}

// subscribePage asks for a mail address.
type subscribePage struct {
	Unit  *org.Unit
	Back  string
	At    string
	F     *web.Form
	Below bool // there are units below to hear of
	All   bool // the room: always with all below
	Sent  bool
	Atom  string
}

func (h *pages) subscribePage(c *web.Context) *subscribePage {
	c.L.Room, c.L.Hidden = "dan-biet", true
	return &subscribePage{
		Unit: c.Unit, Back: c.UnitLink(c.Unit, BoardPath), At: c.UnitPath(c.Unit, BoardPath+"/theo-doi"), F: c.Form(), All: c.Unit.Kind == org.Province,
		Below: len(c.Tree.Children(c.Unit.ID)) > 0, Atom: c.BaseURL() + c.UnitPath(c.Unit, BoardPath+".atom"),
	}
}

func (h *pages) subscribeForm(c *web.Context) error {
	p := h.subscribePage(c)
	p.Sent = c.Query("da-gui") != ""
	return c.Render("board_subscribe", p)
}

func (h *pages) subscribe(c *web.Context) error {
	p := h.subscribePage(c)
	f := c.Form()
	if f.Text(trap) != "" {
		return c.Redirect(p.Back)
	}
	err := f.Err()
	if err == nil {
		err = h.Service.Knock(c.IP())
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return p.At + "?da-gui=1", h.Service.SubscribeTx(ctx, tx, c.Unit.ID, p.All || p.Below && f.Bool("duoi"), f.Text("thu"), c.Lang)
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "board_subscribe", p)
}

// confirmPage has one button: to confirm a subscription, or to leave it.
type confirmPage struct {
	Name string // of the unit
	Path string // of its board
	At   string
	F    *web.Form
	Done bool
}

func (h *pages) confirmPage(c *web.Context, unit, at string) *confirmPage {
	c.L.Hidden, c.L.Room = true, "dan-biet"
	p := &confirmPage{At: at, F: c.Form()}
	if u, ok := h.Units.Unit(unit, c.Today); ok {
		p.Name, p.Path = u.NameIn(c.Lang), h.boardOf(c, u)
	}
	return p
}

func (h *pages) confirmForm(c *web.Context) error {
	s, err := h.Service.Pending(c.Context(), c.Value("token"))
	if err != nil {
		return err
	}
	p := h.confirmPage(c, s.Unit, "/dang-ky/"+c.Value("token"))
	p.Done = s.Confirmed
	return c.Render("board_confirm", p)
}

func (h *pages) confirm(c *web.Context) error {
	token := c.Value("token")
	return c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.Service.ConfirmTx(ctx, tx, token)
		return "/dang-ky/" + token, err
	})
}

func (h *pages) leaveForm(c *web.Context) error {
	s, err := h.Service.Leaving(c.Context(), c.Value("token"))
	if errs.Is(err, errs.NotFound) {
		c.NoStore()
		p := h.confirmPage(c, "", "")
		p.Done = true
		return c.Render("board_leave", p)
	}
	if err != nil {
		return err
	}
	return c.Render("board_leave", h.confirmPage(c, s.Unit, "/huy-dang-ky/"+c.Value("token")))
}

// leave ends a subscription: by the button, and by a mail program's one press (RFC 8058), which comes without cookie, token and page. Whoever knows the
// link may leave, so it needs no form token.
func (h *pages) leave(c *web.Context) error {
	if err := h.Service.Leave(c.Context(), c.Value("token")); err != nil {
		return err
	}
	if c.Form().Text("List-Unsubscribe") != "" {
		return c.Bytes("text/plain; charset=utf-8", "", []byte(c.P.T("disclosureboard.subscribe.left")+"\n"))
	}
	return c.Redirect("/huy-dang-ky/" + c.Value("token"))
}

// deskPage is what waits for the unit: questions and reports.
type deskPage struct {
	Questions []questionRow
	Reports   []reportRow
	Done      bool // what was dealt with
	Said      string
}

type questionRow struct {
	disclosure.DeskQuestion
	Unit string
	Tag  web.Tag
	Path string
}

type reportRow struct {
	disclosure.Torn
	Unit string
	Path string
}

const deskRows = 200

func (h *pages) desk(c *web.Context) error {
	p := &deskPage{Done: c.Query("xem") == "xong"}
	if s := c.Query("da"); s == "tra-loi" || s == "bao" {
		p.Said = "disclosureboard.desk.done." + s
	}
	list, err := h.Service.Questions(c.Context(), c.Actor, p.Done, deskRows)
	if err != nil {
		return err
	}
	for _, x := range list {
		p.Questions = append(p.Questions, questionRow{x, h.unitOf(c, x.Unit).NameIn(c.Lang), questionTag(c, &x.Question), deskPath + "/" + x.ID})
	}
	reports, err := h.Service.Reports(c.Context(), c.Actor, p.Done, deskRows)
	if err != nil {
		return err
	}
	for _, x := range reports {
		p.Reports = append(p.Reports, reportRow{x, h.unitOf(c, x.Unit).NameIn(c.Lang), deskPath + "/to/" + x.ID})
	}
	return c.Render("board_desk", p)
}

func questionTag(c *web.Context, q *disclosure.Question) web.Tag {
	switch {
	case q.State == disclosure.QuestionAnswered:
		return web.Tag{Class: "xong", Text: c.P.T("disclosureboard.question.answered")}
	case q.State == disclosure.QuestionRefused:
		return web.Tag{Class: "cho", Text: c.P.T("disclosureboard.question.refused")}
	case q.Late(c.Today):
		return web.Tag{Class: "tre", Text: c.P.T("disclosureboard.question.late", "n", c.Today.Sub(q.Due))}
	case q.State == disclosure.QuestionOpen:
		return web.Tag{Class: "lam", Text: c.P.T("disclosureboard.question.open")}
	}
	return web.Tag{Class: "sap", Text: c.P.T("disclosureboard.question.waiting")}
}

// replyPage is a question to be shown, answered or refused.
type replyPage struct {
	Q    disclosure.DeskQuestion
	Unit string
	Tag  web.Tag
	At   string
	F    *web.Form
	Do   []web.Option
	By   civil.Date
}

func (h *pages) replyPage(c *web.Context) (*replyPage, error) {
	q, err := h.Service.Question(c.Context(), c.Actor, c.Value("question"))
	if err != nil {
		return nil, err
	}
	p := &replyPage{Q: q, Unit: h.unitOf(c, q.Unit).NameIn(c.Lang), Tag: questionTag(c, &q.Question), At: deskPath + "/" + q.ID, F: c.Form()}
	for _, do := range []string{disclosure.QuestionAnswered, disclosure.QuestionOpen, disclosure.QuestionRefused} {
		if do == disclosure.QuestionOpen && q.State != disclosure.QuestionWaiting && q.State != disclosure.QuestionRefused {
			continue
		}
		p.Do = append(p.Do, web.Option{Value: do, Label: c.P.T("disclosureboard.reply.do." + do), Hint: c.P.T("disclosureboard.reply.hint." + do)})
	}
	p.F.Prefill("version", strconv.Itoa(q.Version))
	p.F.Prefill("tra-loi", q.Answer)
	p.F.Prefill("ly-do", q.RefusedWhy)
	c.L.Crumbs = []web.Crumb{{Key: "disclosureboard.nav.desk", Path: deskPath}}
	return p, nil
}

func (h *pages) replyForm(c *web.Context) error {
	p, err := h.replyPage(c)
	if err != nil {
		return err
	}
	return c.Render("board_reply", p)
}

func (h *pages) reply(c *web.Context) error {
	p, err := h.replyPage(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := disclosure.Reply{ID: p.Q.ID, Version: f.Int("version"), Do: f.Text("lam"), Answer: f.Lines("tra-loi"), Why: f.Lines("ly-do")}
	if err = f.Err(); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return deskPath + "?da=tra-loi", h.Service.ReplyTx(ctx, tx, c.Actor, in)
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) { // what somebody else wrote meanwhile stands beside what was typed
		f.Stored("tra-loi", p.Q.Answer)
		f.Stored("ly-do", p.Q.RefusedWhy)
		f.Put("version", strconv.Itoa(p.Q.Version))
	}
	return c.Retry(err, "board_reply", p)
}

// settlePage is a report to be closed.
type settlePage struct {
	T       disclosure.Torn
	Unit    string
	At      string
	F       *web.Form
	Results []web.Option
	Item    string // the item's work page, where what was found is entered
}

func (h *pages) settlePage(c *web.Context) (*settlePage, error) {
	t, err := h.Service.Report(c.Context(), c.Actor, c.Value("report"))
	if err != nil {
		return nil, err
	}
	p := &settlePage{T: t, Unit: h.unitOf(c, t.Unit).NameIn(c.Lang), At: deskPath + "/to/" + t.ID, F: c.Form()}
	for _, r := range disclosure.TornResults {
		p.Results = append(p.Results, web.Option{Value: r, Label: c.P.T("disclosureboard.torn.result." + r)})
	}
	p.F.Prefill("version", strconv.Itoa(t.Version))
	if t.Item != "" {
		p.Item = "/lam-viec/niem-yet/" + t.Item
	}
	c.L.Crumbs = []web.Crumb{{Key: "disclosureboard.nav.desk", Path: deskPath}}
	return p, nil
}

func (h *pages) settleForm(c *web.Context) error {
	p, err := h.settlePage(c)
	if err != nil {
		return err
	}
	return c.Render("board_settle", p)
}

func (h *pages) settle(c *web.Context) error {
	p, err := h.settlePage(c)
	if err != nil {
		return err
	}
	f := c.Form()
	version, result := f.Int("version"), f.Text("ket-qua")
	if err = f.Err(); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return deskPath + "?da=bao", h.Service.SettleTx(ctx, tx, c.Actor, p.T.ID, version, result)
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "board_settle", p)
}
