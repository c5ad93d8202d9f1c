package disclosureweb

import (
	"context"
	"net/url"
	"strconv"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/web"
)

// ownMattersPage lists what a unit discloses beyond the law.
type ownMattersPage struct {
	*dutyHead
	List []ownMatterLine
	Add  string
	Done i18n.Msg
}

type ownMatterLine struct {
	M    *disclosure.OwnMatter
	Path string
	Make string
	Tag  web.Tag
}

func recurrenceKey(r string) string {
	if r == "" {
		return "disclosureduty.recurrence.standing"
	}
	return "disclosureduty.recurrence." + r
}

// Rhythm words how the matter comes back.
func (l ownMatterLine) Rhythm() i18n.Msg { return i18n.M(recurrenceKey(l.M.Recurrence)) }

func (h *pages) ownMatters(c *web.Context) error {
	head, err := h.dutyHead(c, ownMatterPath, false)
	if err != nil {
		return err
	}
	list, err := h.Service.OwnMatters(c.Context(), c.Actor, head.Unit.ID)
	if err != nil {
		return err
	}
	q := url.Values{"don-vi": {head.Code}}.Encode()
	p := &ownMattersPage{dutyHead: head, Add: ownMatterPath + "/them?" + q}
	for _, m := range list {
		l := ownMatterLine{M: m, Path: ownMatterPath + "/" + m.ID + "?" + q}
		switch {
		case m.To != civil.None && m.To < c.Today:
			l.Tag = web.Tag{Class: "cho", Text: c.P.T("disclosureduty.matter.ended")}
		case m.From > c.Today:
			l.Tag = web.Tag{Class: "cho", Text: c.P.T("disclosureduty.matter.later")}
		default:
			l.Tag = web.Tag{Class: "xong", Text: c.P.T("disclosureduty.matter.now")}
			l.Make = "/lam-viec/niem-yet/them?" + url.Values{"don-vi": {head.Code}, "viec": {disclosure.OwnPrefix + m.ID}, "ky": {string(disclosure.PeriodOf(m.Recurrence, c.Today))}}.Encode()
		}
		p.List = append(p.List, l)
	}
	if w := c.Query("xong"); w == "them" || w == "sua" {
		p.Done = i18n.M("disclosureduty.done.matter_" + map[string]string{"them": "add", "sua": "edit"}[w])
	}
	return c.Render("duty_matters", p)
}

// ownMatterPage makes or changes one.
type ownMatterPage struct {
	*dutyHead
	F         *web.Form
	M         *disclosure.OwnMatter // nil: a new one
	Path      string
	Back      string
	Audiences []web.Option
	Rhythms   []web.Option
}

const standingWord = "standing" // what a form calls the empty recurrence

func (h *pages) ownMatterPage(c *web.Context) (*ownMatterPage, error) {
	p := &ownMatterPage{F: c.Form(), Path: ownMatterPath + "/them"}
	if id := c.Value("matter"); id != "" {
		m, err := h.Service.OwnMatter(c.Context(), c.Actor, id)
		if err != nil {
			return nil, err
		}
		p.M, p.Path = m, ownMatterPath+"/"+m.ID
		u := h.unitOf(c, m.Unit)
		if u == nil {
			return nil, errs.E(errs.NotFound, "disclosure.none")
		}
		p.dutyHead = &dutyHead{Unit: u}
		h.fillHead(c, p.dutyHead, ownMatterPath, nil)
	} else {
		head, err := h.dutyHead(c, ownMatterPath, false)
		if err != nil {
			return nil, err
		}
		p.dutyHead = head
	}
	p.Back = ownMatterPath + "?don-vi=" + url.QueryEscape(p.Code)
	p.Audiences = audienceOptions(c)
	for _, r := range disclosure.OwnRecurrences {
		v := r
		if v == "" {
			v = standingWord
		}
		p.Rhythms = append(p.Rhythms, web.Option{Value: v, Label: c.P.T(recurrenceKey(r))})
	}
	f := p.F
	f.Prefill("don-vi", p.Code)
	if m := p.M; m != nil {
		f.Prefill("version", strconv.Itoa(m.Version))
		f.Prefill("title", m.Title)
		f.Prefill("basis", m.Basis)
		f.Prefill("audience", string(m.Audience))
		f.Prefill("recurrence", m.Recurrence)
		if m.Recurrence == "" {
			f.Prefill("recurrence", standingWord)
		}
		f.PrefillDate("from", m.From)
		f.PrefillDate("to", m.To)
	} else {
		f.Prefill("audience", string(disclosure.Everybody))
		f.Prefill("recurrence", "on_event")
		f.PrefillDate("from", c.Today)
	}
	return p, nil
}

func audienceOptions(c *web.Context) []web.Option {
	var out []web.Option
	for _, a := range []disclosure.Audience{disclosure.Everybody, disclosure.Staff} {
		out = append(out, web.Option{Value: string(a), Label: c.P.T("disclosure.audience." + string(a))})
	}
	return out
}

func (h *pages) ownMatterForm(c *web.Context) error {
	p, err := h.ownMatterPage(c)
	if err != nil {
		return err
	}
	return c.Render("duty_matter", p)
}

func (h *pages) saveOwnMatter(c *web.Context) error {
	p, err := h.ownMatterPage(c)
	if err != nil {
		return err
	}
	f := p.F
	m := disclosure.OwnMatter{
		Unit: p.Unit.ID, Title: f.Text("title"), Basis: f.Text("basis"), Audience: disclosure.Audience(f.Text("audience")), Recurrence: f.Text("recurrence"),
		Span: civil.Span{From: f.Date("from"), To: f.Date("to")},
	}
	switch m.Recurrence {
	case standingWord:
		m.Recurrence = ""
	case "":
		m.Recurrence = "?" // nothing was chosen
	}
	done := "them"
	if p.M != nil {
		m.ID, m.Version, done = p.M.ID, f.Int("version"), "sua"
	}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.Service.OwnMatterTx(ctx, tx, c.Actor, m)
		return p.Back + "&xong=" + done, err
	})
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) && p.M != nil {
		f.Put("version", strconv.Itoa(p.M.Version))
		f.Stored("title", p.M.Title)
		f.Stored("basis", p.M.Basis)
	}
	return c.Retry(err, "duty_matter", p)
}
