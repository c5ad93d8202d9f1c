package disclosureweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/web"
)

// BoardPath is a unit's board, and below a province the room over all its units.
const BoardPath = "/bang-niem-yet"

// deskPath is where questions and reports wait for the unit.
const deskPath = "/lam-viec/hoi-dap"

func (h *pages) registerBoard(k *web.Kit) {
	unit := func(method, pattern string, f web.Handler, kept *web.Kept) {
		k.HandleUnit(web.Route{Method: method, Pattern: BoardPath + pattern, Handler: f, Kept: kept})
	}
	get := func(pattern string, f web.Handler, kept *web.Kept) { unit(http.MethodGet, pattern, f, kept) }
	both := func(pattern string, show, take web.Handler) {
		get(pattern, show, nil)
		unit(http.MethodPost, pattern, take, nil)
	}
	get("", h.board, &web.Kept{Params: []string{"nam", "viec", "trang-thai", "q", "sau", "loai", "don-vi", "dung-han"}})
	get("/in", h.printBoard, &web.Kept{})
	get(".atom", h.atom, nil)
	get(".csv", h.openCSV, nil)
	get(".json", h.openJSON, nil)
	both("/theo-doi", h.subscribeForm, h.subscribe)
	both("/bao-mat-to", h.boardTornForm, h.boardTorn)

	const item = "/{year}/{slug}"
	get(item, h.item, &web.Kept{})
	get(item+"/to-niem-yet", h.sheet, &web.Kept{Params: []string{"kieu"}})
	for _, as := range []string{web.AsDOCX, web.AsPDF} {
		get(item+"/to-niem-yet"+as, func(c *web.Context) error { return h.noticeFile(c, as) }, nil)
	}
	get(item+"/tin-nhan", h.message, &web.Kept{})
	get(item+"/anh-nhom.png", h.card, nil)
	get(item+"/tep/{file}", h.file, nil)
	get(item+"/anh/{photo}", h.photo, nil)
	both(item+"/hoi", h.askForm, h.ask)
	get(item+"/hoi/{code}", h.receipt, nil)
	both(item+"/bao-mat-to", h.tornForm, h.torn)

	fixed := func(method, pattern string, f web.Handler, who web.Who) {
		k.Handle(web.Route{Method: method, Pattern: pattern, Handler: f, Who: who})
	}
	fixed(http.MethodGet, "/n/{code}", h.short, web.Public)
	fixed(http.MethodGet, "/dang-ky/{token}", h.confirmForm, web.Public)
	fixed(http.MethodPost, "/dang-ky/{token}", h.confirm, web.Public)
	fixed(http.MethodGet, "/huy-dang-ky/{token}", h.leaveForm, web.Public)
	fixed(http.MethodPost, "/huy-dang-ky/{token}", h.leave, web.Public)
	fixed(http.MethodGet, deskPath, h.desk, web.Staff)
	fixed(http.MethodGet, deskPath+"/{question}", h.replyForm, web.Staff)
	fixed(http.MethodPost, deskPath+"/{question}", h.reply, web.Staff)
	fixed(http.MethodGet, deskPath+"/to/{report}", h.settleForm, web.Staff)
	fixed(http.MethodPost, deskPath+"/to/{report}", h.settle, web.Staff)
	k.Nav(web.NavItem{
		Key: "disclosureboard.nav.desk", Path: deskPath, Who: web.Staff, Order: 36,
		Show: func(c *web.Context) bool {
			return slices.ContainsFunc(c.Actor.Units(), func(u string) bool { return h.Service.MayWrite(c.Actor, u) })
		},
		Count: func(c *web.Context) int {
			n, err := h.Service.Waiting(c.Context(), c.Actor)
			if err != nil {
				return 0 // the number is a convenience; the page itself says what is wrong
			}
			return n
		},
	})
}

func boardPages() map[string]any {
	return map[string]any{
		"board_list": &boardPage{}, "board_room": &boardPage{}, "board_print": &printPage{}, "board_item": &itemPage{}, "board_sheet": &sheetPage{},
		"board_message": &messagePage{}, "board_ask": &askPage{}, "board_receipt": &receiptPage{}, "board_torn": &tornPage{}, "board_subscribe": &subscribePage{},
		"board_confirm": &confirmPage{}, "board_leave": &confirmPage{}, "board_desk": &deskPage{}, "board_reply": &replyPage{}, "board_settle": &settlePage{},
	}
}

// boardPage is a unit's board, or the room over all units.
type boardPage struct {
	Unit    *org.Unit
	Base    string
	Facts   disclosure.Facts
	L       *disclosure.Listing
	F       *web.Form // what the filter chose
	Filter  disclosure.ListFilter
	Current []boardRow
	Over    []boardRow
	Years   []web.Option
	Matters []web.Option
	States  []web.Option
	Times   []web.Option
	Kinds   []web.Option
	Units   []web.Option
	Pager   web.Pager
	Before  []unitLink // boards of the units from which this one came
	Contact string
	Work    string // where the unit's own items are, for its staff
	Feeds   feedLinks
	Later   bool // not the first page
	Village bool
}

type unitLink struct{ Name, Path string }

type feedLinks struct{ Atom, CSV, JSON, Print, Follow, Torn, Duties, Regulations, Sessions string }

func (h *pages) feeds(c *web.Context) feedLinks {
	at := func(rest string) string { return c.UnitLink(c.Unit, BoardPath+rest) }
	return feedLinks{
		Atom: at(".atom"), CSV: at(".csv"), JSON: at(".json"), Print: at("/in"), Follow: at("/theo-doi"), Torn: at("/bao-mat-to"),
		Duties: c.UnitLink(c.Unit, "/phai-cong-khai"), Regulations: c.UnitLink(c.Unit, "/quy-che"), Sessions: c.UnitLink(c.Unit, "/tuyen-truyen"),
	}
}

// readFilter reads the filter out of the address.
func readFilter(c *web.Context) (disclosure.ListFilter, error) {
	f := disclosure.ListFilter{Matter: c.Query("viec"), State: c.Query("trang-thai"), Time: c.Query("dung-han"), Text: c.Query("q"), Kind: c.Query("loai"), After: c.Query("sau")}
	if y := c.Query("nam"); y != "" {
		n, err := strconv.Atoi(y)
		if err != nil || n < 1900 || n > 2999 {
			return f, errs.E(errs.NotFound, "disclosure.none")
		}
		f.Year = n
	}
	if f.State != "" && !slices.Contains(disclosure.RoomStates, f.State) || f.Time != "" && !slices.Contains(disclosure.RoomTimes, f.Time) {
		return f, errs.E(errs.NotFound, "disclosure.none")
	}
	return f, nil
}

func (h *pages) board(c *web.Context) error {
	u := c.Unit
	c.L.Room = "dan-biet"
	f, err := readFilter(c)
	if err != nil {
		return err
	}
	p := &boardPage{Unit: u, Base: c.UnitPath(u, BoardPath), Feeds: h.feeds(c), Later: f.After != "", Village: u.Kind == org.Village}
	c.L.Feed = p.Feeds.Atom
	if u.Kind == org.Province {
		return h.room(c, p, f)
	}
	c.Touches("board:"+u.ID, "unit:"+u.ID, "units", "law")
	if p.Village {
		if parent := c.Tree.Parent(u.ID); parent != nil {
			c.Touches("board:" + parent.ID)
		}
	}
	f.Kind, f.Time = "", ""
	p.Filter = f
	if p.L, err = h.Service.Board(c.Context(), c.Actor, u, f); err != nil {
		return err
	}
	if p.Facts, err = h.Service.BoardFacts(c.Context(), c.Actor, u); err != nil {
		return err
	}
	if p.Contact, err = h.Service.ContactOf(c.Context(), u.ID); err != nil {
		return err
	}
	for _, v := range p.L.Current {
		p.Current = append(p.Current, h.row(c, v, false))
	}
	for _, v := range p.L.Over {
		p.Over = append(p.Over, h.row(c, v, false))
	}
	for _, s := range h.Units.Predecessors(u.ID, c.On) {
		if x, ok := h.Units.Unit(s.Old, s.Day.Add(-1)); ok && s.Old != u.ID {
			p.Before = append(p.Before, unitLink{x.NameIn(c.Lang), h.Units.Path(x.ID, x.Valid().To) + BoardPath + "?on=" + string(s.Day.Add(-1))})
		}
	}
	if h.Service.MayWrite(c.Actor, u.ID) {
		p.Work = "/lam-viec/niem-yet"
	}
	p.F = web.NewForm(c.R.URL.Query())
	p.Years = append(p.Years, web.Option{Label: c.P.T("disclosureboard.filter.all_years")})
	for _, y := range p.L.Years {
		p.Years = append(p.Years, web.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	p.Matters = append(p.Matters, web.Option{Label: c.P.T("disclosureboard.filter.all_matters")})
	for _, m := range p.L.Matters {
		p.Matters = append(p.Matters, h.matterOption(c, m, p.L.Own))
	}
	p.States = stateOptions(c, disclosure.ListStates, "disclosureboard.filter.all_states")
	p.pager(c, f)
	return c.Render("board_list", p)
}

func stateOptions(c *web.Context, states []string, all string) []web.Option {
	out := []web.Option{{Label: c.P.T(all)}}
	for _, s := range states {
		out = append(out, web.Option{Value: s, Label: c.P.T("disclosureboard.list." + s)})
	}
	return out
}

func (h *pages) matterOption(c *web.Context, m string, own map[string]*disclosure.OwnMatter) web.Option {
	o := web.Option{Value: m, Label: m}
	if x := own[disclosure.OwnID(m)]; x != nil {
		o.Label, o.Lang = x.Title, "vi"
	} else if d, ok := h.Law().Duty(m); ok {
		o.Label = d.Title(c.Lang)
	}
	if r := []rune(o.Label); len(r) > 90 {
		o.Label = string(r[:88]) + "…"
	}
	return o
}

// pager makes the ways to the first and the next page, which keep the filter.
func (p *boardPage) pager(c *web.Context, f disclosure.ListFilter) {
	q := url.Values{}
	for name, values := range c.R.URL.Query() {
		if name != "sau" && len(values) > 0 && values[0] != "" {
			q.Set(name, values[0])
		}
	}
	at := func() string {
		if len(q) == 0 {
			return p.Base
		}
		return p.Base + "?" + q.Encode()
	}
	if f.After != "" {
		p.Pager.First = at()
	}
	if p.L.Next != "" {
		q.Set("sau", p.L.Next)
		p.Pager.Next = at()
	}
	p.Pager.Label = "disclosureboard.list.pages"
}

// room is the room over all units of the province.
func (h *pages) room(c *web.Context, p *boardPage, f disclosure.ListFilter) error {
	c.Touches("disclosure", "units", "unit:"+p.Unit.ID, "law")
	f.Text, f.Matter = "", ""
	if code := c.Query("don-vi"); code != "" {
		u, ok := c.Tree.ByCode(code)
		if !ok || !c.Tree.Under(u.ID, p.Unit.ID) {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		f.Under = u.ID
	}
	if f.Kind != "" && !slices.Contains(org.Kinds, f.Kind) {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	p.Filter = f
	var err error
	if p.L, err = h.Service.Room(c.Context(), p.Unit.ID, f); err != nil {
		return err
	}
	if p.Facts, err = h.Service.RoomFacts(c.Context(), p.Unit.ID, f); err != nil {
		return err
	}
	for _, v := range p.L.Current {
		p.Current = append(p.Current, h.row(c, v, true))
	}
	p.F = web.NewForm(c.R.URL.Query())
	p.States = stateOptions(c, disclosure.RoomStates, "disclosureboard.filter.up")
	p.Times = stateOptions(c, disclosure.RoomTimes, "disclosureboard.filter.all_times")
	p.Kinds = append(p.Kinds, web.Option{Label: c.P.T("disclosureboard.filter.all_kinds")})
	p.Units = append(p.Units, web.Option{Label: c.P.T("disclosureboard.filter.all_units")})
	kinds := map[string]bool{}
	for _, u := range c.Tree.All() {
		if !c.Tree.Under(u.ID, p.Unit.ID) {
			continue
		}
		kinds[u.Kind] = true
		if u.Kind != org.Village {
			p.Units = append(p.Units, web.Option{Value: u.Code, Label: u.NameIn(c.Lang)})
		}
	}
	for _, k := range org.Kinds {
		if kinds[k] {
			p.Kinds = append(p.Kinds, web.Option{Value: k, Label: c.P.T("org.kinds." + k)})
		}
	}
	if h.Service.MayWrite(c.Actor, p.Unit.ID) {
		p.Work = "/lam-viec/niem-yet"
	}
	p.pager(c, f)
	return c.Render("board_room", p)
}

// printPage is the whole of a board on paper.
type printPage struct {
	Unit *org.Unit
	Base string
	Rows []boardRow
	More int // items that do not fit
	Host string
}

// printMost bounds how much is printed at once.
const printMost = 500

func (h *pages) printBoard(c *web.Context) error {
	u := c.Unit
	c.L.Room, c.L.Wide = "dan-biet", true
	p := &printPage{Unit: u, Base: c.UnitLink(u, BoardPath), Host: shortHost(c)}
	f := disclosure.ListFilter{State: disclosure.ListCurrent, Limit: printMost}
	var l *disclosure.Listing
	var facts disclosure.Facts
	var err error
	if u.Kind == org.Province {
		c.Touches("disclosure", "units", "law")
		if l, err = h.Service.Room(c.Context(), u.ID, f); err == nil {
			facts, err = h.Service.RoomFacts(c.Context(), u.ID, f)
		}
	} else {
		c.Touches("board:"+u.ID, "unit:"+u.ID, "law")
		if parent := c.Tree.Parent(u.ID); parent != nil && u.Kind == org.Village {
			c.Touches("board:" + parent.ID)
		}
		if l, err = h.Service.Board(c.Context(), c.Actor, u, f); err == nil {
			facts, err = h.Service.BoardFacts(c.Context(), c.Actor, u)
		}
	}
	if err != nil {
		return err
	}
	for _, v := range l.Current {
		p.Rows = append(p.Rows, h.row(c, v, u.Kind == org.Province))
	}
	p.More = max(facts.Current-len(p.Rows), 0)
	return c.Render("board_print", p)
}

// unitOf is the unit of an item, as it is today or was on its last day.
func (h *pages) unitOf(c *web.Context, id string) *org.Unit {
	if u, ok := h.Units.Unit(id, c.Today); ok {
		return u
	}
	return c.Unit
}
