package disclosureweb

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// slotsPage is what a unit must disclose in a year.
type slotsPage struct {
	*dutyHead
	Year     int
	Years    []dutyLink
	Sections []slotSection
	N        map[string]int // by state
	All      int
	Missing  bool // only what is missing or late
	Here     string
	Public   string
	Done     i18n.Msg
}

// slotSection are the matters of one audience, or the unit's own.
type slotSection struct {
	Key     string
	Matters []*slotMatter
}

// slotMatter is one matter with its periods.
type slotMatter struct {
	ID       string
	Title    string
	Lang     string // of Title, where it is not the reader's
	Cite     i18n.Msg
	Path     string // of the duty
	Basis    string // of an own matter
	Recalled bool
	Forms    []i18n.Msg
	Days     []i18n.Msg // how long, by when
	Lines    []slotLine
	Coming   int // periods that have not begun

	act string
}

// slotLine is a slot.
type slotLine struct {
	S       *disclosure.Slot
	Period  i18n.Msg
	Tag     web.Tag
	Items   []slotItem
	Make    string // address of a new item
	Urgent  bool
	State   string // address of the statement that it did not arise
	Unstate string
}

type slotItem struct {
	I    *disclosure.Item
	Path string
	Work bool // not up yet
}

func (h *pages) slots(c *web.Context) error {
	head, err := h.dutyHead(c, slotsPath, true)
	if err != nil {
		return err
	}
	year, err := yearAsked(c)
	if err != nil {
		return err
	}
	y, err := h.Service.Duties(c.Context(), c.Actor, head.Unit.ID, year)
	if err != nil {
		return err
	}
	p := &slotsPage{dutyHead: head, Year: year, Missing: c.Query("xem") == "thieu", N: map[string]int{}}
	at := func(year int) string {
		return slotsPath + "?don-vi=" + url.QueryEscape(p.Code) + "&nam=" + strconv.Itoa(year)
	}
	p.Here = at(year)
	p.Years = yearLinks(p.Unit, year, c.Today, at)
	p.Public = c.UnitPath(p.Unit, "/phai-cong-khai")
	for i := range y.Slots {
		p.N[string(y.Slots[i].State)]++
		if s := y.Slots[i].State; s != disclosure.SlotComing && s != disclosure.SlotLapsed {
			p.All++
		}
	}
	p.Sections = h.slotSections(c, y, p.Missing)
	if w := c.Query("xong"); w == "khong-phat-sinh" || w == "lay-lai" {
		p.Done = i18n.M("disclosureduty.done." + w)
	}
	c.L.Wide = true
	return c.Render("duty_slots", p)
}

func (h *pages) slotSections(c *web.Context, y *disclosure.UnitYear, missing bool) []slotSection {
	list := []slotSection{{Key: "public"}, {Key: "staff"}, {Key: "own"}}
	for i := range y.Slots {
		s := &y.Slots[i]
		at := &list[0]
		switch {
		case s.Own != nil:
			at = &list[2]
		case s.Audience == disclosure.Staff:
			at = &list[1]
		}
		if missing && !s.State.Missing() {
			continue
		}
		n := len(at.Matters)
		if n == 0 || at.Matters[n-1].ID != s.Matter {
			at.Matters = append(at.Matters, h.slotMatter(c, y.Unit, s))
			n++
		}
		m := at.Matters[n-1]
		if s.State == disclosure.SlotComing && len(m.Lines) > 0 {
			m.Coming++
			continue
		}
		m.Lines = append(m.Lines, h.slotLine(c, y, s))
	}
	var out []slotSection
	for _, s := range list {
		if len(s.Matters) > 0 {
			s.order()
			out = append(out, s)
		}
	}
	return out
}

// order puts the act with the most matters first, as it is the one that people know; the matters of an act stay in its order.
func (s *slotSection) order() {
	n := map[string]int{}
	for _, m := range s.Matters {
		n[m.act]++
	}
	slices.SortStableFunc(s.Matters, func(a, b *slotMatter) int { return n[b.act] - n[a.act] })
}

func (h *pages) slotMatter(c *web.Context, u *org.Unit, s *disclosure.Slot) *slotMatter {
	m := &slotMatter{ID: s.Matter, Title: s.Name(), Lang: "vi"}
	r := h.Service.AskSlot(u, s)
	if d := s.Duty; d != nil {
		m.Title, m.Lang, m.act = d.Title(c.Lang), "", d.Act
		m.Cite, m.Path, m.Recalled = d.Cite(), "/luat/nghia-vu/"+d.ID, d.Recalled
		for _, f := range d.Forms {
			m.Forms = append(m.Forms, i18n.M("law.form."+f))
		}
	} else {
		m.Basis = s.Own.Basis
	}
	day := func(key string, n int) {
		if n > 0 {
			m.Days = append(m.Days, i18n.M("disclosureduty.days."+key, "n", n))
		}
	}
	if d := h.Service.Within(u, s); d != nil {
		key := "within"
		if d.Working {
			key = "within_working"
		}
		day(key, d.WithinDays)
	}
	if s.Rhythm == disclosure.Standing {
		m.Days = append(m.Days, i18n.M("disclosureduty.days.permanent"))
	} else {
		day("posting", r.MinDays)
	}
	day("loud", r.LoudDays)
	day("online", r.OnlineDays)
	return m
}

func (h *pages) slotLine(c *web.Context, y *disclosure.UnitYear, s *disclosure.Slot) slotLine {
	l := slotLine{S: s, Tag: slotTag(c.P, s)}
	if s.Period != "" {
		l.Period = s.Period.Msg()
	}
	for _, i := range s.Items {
		it := slotItem{I: i, Path: h.Service.Link(i, ""), Work: i.State == disclosure.Draft}
		if y.Write {
			it.Path = "/lam-viec/niem-yet/" + i.ID
		}
		l.Items = append(l.Items, it)
	}
	if !y.Write {
		return l
	}
	q := url.Values{"don-vi": {unitCode(y.Unit)}, "viec": {s.Matter}}
	if s.Period != "" {
		q.Set("ky", string(s.Period))
	}
	if s.Open() && s.State != disclosure.SlotLapsed {
		l.Make = "/lam-viec/niem-yet/them?" + q.Encode()
		l.Urgent = s.State == disclosure.SlotOverdue && len(s.Items) == 0 || s.State == disclosure.SlotDue && len(s.Items) == 0
	}
	q.Set("ky", s.Key())
	if s.MayState() {
		l.State = slotsPath + "/khong-phat-sinh?" + q.Encode()
	}
	if s.State == disclosure.SlotNotArisen && s.Stated != nil {
		l.Unstate = slotsPath + "/lay-lai/" + s.Stated.ID + "?" + url.Values{"don-vi": {unitCode(y.Unit)}, "viec": {s.Matter}, "ky": {s.Key()}}.Encode()
	}
	return l
}

// statePage states that a matter did not arise, or takes that back.
type statePage struct {
	*dutyHead
	F      *web.Form
	S      *disclosure.Slot
	M      *slotMatter
	Period i18n.Msg
	Path   string
	Back   string
	Taken  bool // it takes the statement back
}

func (h *pages) statePage(c *web.Context, path string, taken bool) (*statePage, error) {
	head, err := h.dutyHead(c, slotsPath, false)
	if err != nil {
		return nil, err
	}
	ask := c.Query
	if c.R.Method == "POST" {
		ask = c.Form().Text
	}
	matter, period := ask("viec"), ask("ky")
	u, s, err := h.Service.Slot(c.Context(), c.Actor, head.Unit.ID, matter, period)
	if err != nil {
		return nil, err
	}
	p := &statePage{dutyHead: head, F: c.Form(), S: s, M: h.slotMatter(c, u, s), Period: disclosure.Period(s.Key()).Msg(), Path: path, Taken: taken}
	p.Back = slotsPath + "?don-vi=" + url.QueryEscape(head.Code) + "&nam=" + s.Key()[:4]
	for name, v := range map[string]string{"don-vi": head.Code, "viec": matter, "ky": period} {
		p.F.Prefill(name, v)
	}
	if s.Stated != nil {
		p.F.Prefill("version", strconv.Itoa(s.Stated.Version))
	}
	return p, nil
}

func (h *pages) stateForm(c *web.Context) error {
	p, err := h.statePage(c, slotsPath+"/khong-phat-sinh", false)
	if err != nil {
		return err
	}
	if !p.S.MayState() {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	return c.Render("duty_state", p)
}

func (h *pages) state(c *web.Context) error {
	p, err := h.statePage(c, slotsPath+"/khong-phat-sinh", false)
	if err != nil {
		return err
	}
	note := p.F.Lines("note")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.Service.StateTx(ctx, tx, c.Actor, p.Unit.ID, p.S.Matter, p.S.Key(), note)
		return p.Back + "&xong=khong-phat-sinh", err
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "duty_state", p)
}

func (h *pages) unstateForm(c *web.Context) error {
	p, err := h.statePage(c, slotsPath+"/lay-lai/"+c.Value("statement"), true)
	if err != nil {
		return err
	}
	if p.S.Stated == nil || p.S.Stated.ID != c.Value("statement") {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	return c.Render("duty_state", p)
}

func (h *pages) unstate(c *web.Context) error {
	p, err := h.statePage(c, slotsPath+"/lay-lai/"+c.Value("statement"), true)
	if err != nil {
		return err
	}
	why, version := p.F.Lines("note"), p.F.Int("version")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.Service.UnstateTx(ctx, tx, c.Actor, c.Value("statement"), version, why)
		return p.Back + "&xong=lay-lai", err
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "duty_state", p)
}

// publicSlotsPage is what a unit must tell everybody, and whether it did.
type publicSlotsPage struct {
	Unit     *org.Unit
	Year     int
	Years    []dutyLink
	Sections []slotSection
	Board    string
	None     bool // the unit has nothing to tell everybody
}

func (h *pages) publicSlots(c *web.Context) error {
	c.L.Room = "dan-biet"
	year, err := yearAsked(c)
	if err != nil {
		return err
	}
	y, err := h.Service.PublicDuties(c.Context(), c.Unit.ID, year)
	if err != nil {
		return err
	}
	p := &publicSlotsPage{Unit: c.Unit, Year: year, Sections: h.slotSections(c, y, false), None: len(y.Slots) == 0, Board: c.UnitLink(c.Unit, BoardPath)}
	here := c.UnitPath(c.Unit, "/phai-cong-khai")
	p.Years = yearLinks(c.Unit, year, c.Today, func(year int) string { return here + "?nam=" + strconv.Itoa(year) })
	c.Touches(disclosure.DutyTag(c.Unit.ID), "board:"+c.Unit.ID, "unit:"+c.Unit.ID, "law")
	return c.Render("duty_public", p)
}
