package disclosureweb

import (
	"context"
	"net/http"
	"strconv"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// boardsPage lists the notice boards of a unit, and how it discloses.
type boardsPage struct {
	Unit    *org.Unit
	Units   []itemUnitLink
	Boards  []boardCard
	Setting disclosure.Setting
	Days    int // working days in which questions are answered
	Add     string
	Change  string
	Public  string
	Offers  []i18n.Msg // the places that every unit of the kind has
	Outages []outageRow
}

type boardCard struct {
	B    disclosure.BoardView
	Path string
	Shot *shot
	Over bool
}

type outageRow struct{ O disclosure.Outage }

// boardUnit is the unit whose boards are meant: one for which the reader may write.
func (h *pages) boardUnit(c *web.Context, want string) (*org.Unit, []*org.Unit, error) {
	units := h.Service.EnterUnits(c.Actor)
	for _, u := range units {
		if u.ID == want || want == "" {
			return u, units, nil
		}
	}
	if u, ok := h.Units.Unit(want, c.Today); ok && h.Service.MayWrite(c.Actor, want) {
		return u, units, nil
	}
	return nil, nil, errs.E(errs.NotFound, "disclosure.none")
}

func (h *pages) boards(c *web.Context) error {
	u, units, err := h.boardUnit(c, c.Query("don-vi"))
	if err != nil {
		return err
	}
	p := &boardsPage{Unit: u, Add: boardsPath + "/them" + "?don-vi=" + u.ID, Change: boardsPath + "/cai-dat" + "?don-vi=" + u.ID, Public: h.Units.Path(u.ID, c.Today) + "/bang-niem-yet"}
	if len(units) > 1 {
		for _, x := range units {
			p.Units = append(p.Units, itemUnitLink{Name: x.NameIn(c.Lang), Path: boardsPath + "?don-vi=" + x.ID, Current: x.ID == u.ID})
		}
	}
	list, err := h.Service.Boards(c.Context(), c.Actor, u.ID)
	if err != nil {
		return err
	}
	for _, b := range list {
		card := boardCard{B: b, Path: boardsPath + "/" + b.ID, Over: b.To != civil.None && b.To < c.Today}
		if n := len(b.Photos); n > 0 {
			s := shotOf(b.Photos[n-1])
			card.Shot = &s
		}
		p.Boards = append(p.Boards, card)
	}
	if p.Setting, err = h.Service.Setting(c.Context(), c.Actor, u.ID); err != nil {
		return err
	}
	p.Days = p.Setting.AnswerDays
	if p.Days == 0 {
		p.Days = disclosure.Rules.AnswerDays
	}
	p.Offers = where(disclosure.Offers(c.Tree, u.ID, disclosure.Everybody, c.Today, nil))
	outages, err := h.Service.Outages(c.Context(), 10)
	if err != nil {
		return err
	}
	for _, o := range outages {
		p.Outages = append(p.Outages, outageRow{o})
	}
	return c.Render("post_boards", p)
}

// boardEditPage adds or changes a notice board.
type boardEditPage struct {
	F         *web.Form
	Unit      *org.Unit
	New       bool
	Back      string
	Audiences []web.Option
	Shots     []shot
	MB        int
	Conflict  bool
}

func (h *pages) boardEdit(c *web.Context) error {
	id := c.Value("board")
	p := &boardEditPage{F: c.Form(), New: id == "", MB: h.photoMB()}
	b := disclosure.Board{ID: id, Audience: disclosure.Everybody}
	var err error
	if p.New {
		want := c.Query("don-vi")
		if c.R.Method == http.MethodPost {
			want = p.F.Text("don-vi")
		}
		if p.Unit, _, err = h.boardUnit(c, want); err != nil {
			return err
		}
		b.Unit = p.Unit.ID
	} else {
		v, err := h.Service.NoticeBoard(c.Context(), c.Actor, id)
		if err != nil {
			return err
		}
		b, p.Shots = v.Board, shots(v.Photos)
		if p.Unit = h.anyUnit(c, b.Unit); p.Unit == nil {
			return errs.E(errs.NotFound, "disclosure.none")
		}
	}
	p.Back = boardsPath + "?don-vi=" + b.Unit
	c.L.Crumbs = []web.Crumb{{Key: "disclosurepost.boards.title", Path: p.Back}}
	for _, a := range []disclosure.Audience{disclosure.Everybody, disclosure.Staff} {
		p.Audiences = append(p.Audiences, web.Option{Value: string(a), Label: c.P.T("disclosure.audience." + string(a))})
	}
	f := p.F
	if c.R.Method == http.MethodGet {
		f.Prefill("don-vi", b.Unit)
		f.Prefill("name", b.Name)
		f.Prefill("spot", b.Spot)
		f.Prefill("audience", string(b.Audience))
		f.PrefillDate("from", b.From)
		f.PrefillDate("to", b.To)
		f.Prefill("version", strconv.Itoa(b.Version))
		return c.Render("post_board", p)
	}
	stored := b
	b.Name, b.Spot, b.Audience, b.From, b.To, b.Version = f.Text("name"), f.Text("spot"), disclosure.Audience(f.Text("audience")), f.Date("from"), f.Date("to"), f.Int("version")
	photos, err := h.takePhotos(c, "photos")
	if err == nil {
		err = command(c, p.Back, func(ctx context.Context, tx *db.Tx) error {
			_, err := h.Service.SaveBoardTx(ctx, tx, c.Actor, b, photos)
			return err
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		p.Conflict = true
		f.Stored("name", stored.Name)
		f.Stored("spot", stored.Spot)
		f.Put("version", strconv.Itoa(stored.Version))
	}
	return c.Retry(err, "post_board", p)
}

// settingPage changes how a unit discloses.
type settingPage struct {
	F        *web.Form
	Unit     *org.Unit
	Back     string
	MayTwo   bool
	House    int
	Conflict bool
}

func (h *pages) boardSetting(c *web.Context) error {
	p := &settingPage{F: c.Form(), House: disclosure.Rules.AnswerDays}
	want := c.Query("don-vi")
	if c.R.Method == http.MethodPost {
		want = p.F.Text("don-vi")
	}
	var err error
	if p.Unit, _, err = h.boardUnit(c, want); err != nil {
		return err
	}
	s, err := h.Service.Setting(c.Context(), c.Actor, p.Unit.ID)
	if err != nil {
		return err
	}
	p.Back = boardsPath + "?don-vi=" + p.Unit.ID
	p.MayTwo = h.Service.MayApprove(c.Actor, p.Unit.ID)
	c.L.Crumbs = []web.Crumb{{Key: "disclosurepost.boards.title", Path: p.Back}}
	f := p.F
	days := ""
	if s.AnswerDays > 0 {
		days = strconv.Itoa(s.AnswerDays)
	}
	if c.R.Method == http.MethodGet {
		f.Prefill("don-vi", p.Unit.ID)
		f.Prefill("version", strconv.Itoa(s.Version))
		if s.TwoPeople {
			f.Prefill("two_people", "1")
		}
		f.Prefill("answer_days", days)
		f.Prefill("contact", s.Contact)
		return c.Render("post_setting", p)
	}
	in := disclosure.Setting{Unit: p.Unit.ID, TwoPeople: f.Bool("two_people"), AnswerDays: f.Int("answer_days"), Contact: f.Text("contact"), Version: f.Int("version")}
	if !p.MayTwo {
		in.TwoPeople = s.TwoPeople // shown, not asked
	}
	if err = f.Err(); err == nil {
		err = command(c, p.Back, func(ctx context.Context, tx *db.Tx) error { return h.Service.SaveSettingTx(ctx, tx, c.Actor, in) })
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		p.Conflict = true
		f.Stored("answer_days", days)
		f.Stored("contact", s.Contact)
		f.Put("version", strconv.Itoa(s.Version))
	}
	return c.Retry(err, "post_setting", p)
}
