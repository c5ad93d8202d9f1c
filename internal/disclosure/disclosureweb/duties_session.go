package disclosureweb

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// sessionTypes are the files that show a session, or were given out at it.
var sessionTypes = attach.Documents

// sessionsPage lists a unit's sessions of a year, to its staff or to everybody.
type sessionsPage struct {
	*dutyHead // nil on the public page
	Of        *org.Unit
	Year      int
	Years     []dutyLink
	List      []sessionLine
	Sum       sessionSum
	Add       string
	Other     string // the public page, or the unit's own
	Done      i18n.Msg
}

type sessionSum struct{ Talks, People, Trainings, Materials int }

type sessionLine struct {
	X     *disclosure.Session
	Kind  i18n.Msg
	Form  i18n.Msg
	Langs []i18n.Msg
	Path  string
}

func sessionLangMsg(lang string) i18n.Msg {
	if lang == disclosure.OtherLang {
		return i18n.M("disclosureduty.session.lang_other")
	}
	return i18n.M("disclosure.lang." + lang)
}

func sessionLineOf(x *disclosure.Session, path string) sessionLine {
	l := sessionLine{X: x, Kind: disclosure.SessionKindMsg(x.Kind), Form: i18n.M("disclosureduty.session.form." + x.Form), Path: path}
	for _, k := range x.Langs {
		l.Langs = append(l.Langs, sessionLangMsg(k))
	}
	return l
}

func (p *sessionsPage) add(x *disclosure.Session, path string) {
	p.List = append(p.List, sessionLineOf(x, path))
	if x.Struck != civil.None {
		return
	}
	switch x.Kind {
	case disclosure.SessionTalk:
		p.Sum.Talks++
		p.Sum.People += x.People
	case disclosure.SessionTraining:
		p.Sum.Trainings++
	}
	p.Sum.Materials += x.Told()
}

func (h *pages) sessions(c *web.Context) error {
	head, err := h.dutyHead(c, sessionPath, false)
	if err != nil {
		return err
	}
	year, err := yearAsked(c)
	if err != nil {
		return err
	}
	list, err := h.Service.Sessions(c.Context(), c.Actor, head.Unit.ID, year)
	if err != nil {
		return err
	}
	q := url.Values{"don-vi": {head.Code}}.Encode()
	p := &sessionsPage{dutyHead: head, Of: head.Unit, Year: year, Add: sessionPath + "/them?" + q, Other: c.UnitPath(head.Unit, "/tuyen-truyen")}
	p.Years = yearLinks(head.Unit, year, c.Today, func(y int) string { return sessionPath + "?" + q + "&nam=" + strconv.Itoa(y) })
	for _, x := range list {
		p.add(x, sessionPath+"/"+x.ID)
	}
	return c.Render("duty_sessions", p)
}

func (h *pages) publicSessions(c *web.Context) error {
	c.L.Room = "dan-biet"
	year, err := yearAsked(c)
	if err != nil {
		return err
	}
	list, err := h.Service.Sessions(c.Context(), c.Actor, c.Unit.ID, year)
	if err != nil {
		return err
	}
	here := c.UnitPath(c.Unit, "/tuyen-truyen")
	p := &sessionsPage{Of: c.Unit, Year: year}
	p.Years = yearLinks(c.Unit, year, c.Today, func(y int) string { return here + "?nam=" + strconv.Itoa(y) })
	for _, x := range list {
		if x.Audience == disclosure.Everybody && x.Struck == civil.None {
			p.add(x, here+"/"+x.ID)
		}
	}
	if !c.Actor.Public() && h.Service.MayWrite(c.Actor, c.Unit.ID) {
		p.Other = sessionPath + "?don-vi=" + url.QueryEscape(unitCode(c.Unit))
	}
	c.Touches("sessions:"+c.Unit.ID, "unit:"+c.Unit.ID)
	return c.Render("duty_sessions", p)
}

// sessionPage is one session.
type sessionPage struct {
	sessionLine
	Of     *org.Unit
	Acts   []dutyLink
	Files  []dutyFile
	Edit   string
	Strike string
	Back   string
	Work   bool
	Done   i18n.Msg
}

func (h *pages) sessionPageOf(c *web.Context, base string) (*sessionPage, error) {
	x, err := h.Service.Session(c.Context(), c.Actor, c.Value("session"))
	if err != nil {
		return nil, err
	}
	u := h.unitOf(c, x.Unit)
	if u == nil || c.Unit != nil && (c.Unit.ID != x.Unit || x.Audience != disclosure.Everybody) {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	p := &sessionPage{sessionLine: sessionLineOf(x, base+"/"+x.ID), Of: u, Acts: h.actNames(c, x.Acts)}
	p.Files = dutyFiles(c, p.Path, x.Files)
	p.Back = base
	return p, nil
}

func (h *pages) session(c *web.Context) error {
	p, err := h.sessionPageOf(c, sessionPath)
	if err != nil {
		return err
	}
	p.Work = true
	p.Back = sessionPath + "?" + url.Values{"don-vi": {unitCode(p.Of)}, "nam": {strconv.Itoa(p.X.Day.Year())}}.Encode()
	if !h.Service.MayWrite(c.Actor, p.X.Unit) {
		p.Back = ""
	} else if p.X.Struck == civil.None {
		p.Edit, p.Strike = p.Path+"/sua", p.Path+"/gach"
	}
	if w := c.Query("xong"); slices.Contains([]string{"them", "sua", "gach"}, w) {
		p.Done = i18n.M("disclosureduty.done.session_" + map[string]string{"them": "add", "sua": "edit", "gach": "strike"}[w])
	}
	return c.Render("duty_session", p)
}

func (h *pages) publicSession(c *web.Context) error {
	c.L.Room = "dan-biet"
	p, err := h.sessionPageOf(c, c.UnitPath(c.Unit, "/tuyen-truyen"))
	if err != nil {
		return err
	}
	if p.X.Struck != civil.None {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	c.Touches("sessions:"+c.Unit.ID, "unit:"+c.Unit.ID)
	return c.Render("duty_session", p)
}

// sessionFile answers with a file of a session to who may see the session.
func (h *pages) sessionFile(c *web.Context) error {
	x, err := h.Service.Session(c.Context(), c.Actor, c.Value("session"))
	if err != nil {
		return err
	}
	if c.Unit != nil && c.Unit.ID != x.Unit || !slices.ContainsFunc(x.Files, func(a attach.Attachment) bool { return a.ID == c.Value("file") }) {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	return h.sendFile(c, c.Value("file"))
}

// sessionFormPage enters a session, changes one, or strikes one out.
type sessionFormPage struct {
	*dutyHead
	F         *web.Form
	X         *disclosure.Session // nil: a new one
	Path      string
	Back      string
	Kinds     []web.Option
	Forms     []web.Option
	Langs     []web.Option
	Acts      []web.Option
	Audiences []web.Option
	Types     []string
	Accept    string
	MB        int
	Files     []dutyFile
}

func (h *pages) sessionFormPage(c *web.Context) (*sessionFormPage, error) {
	p := &sessionFormPage{F: c.Form(), Path: sessionPath + "/them", Types: sessionTypes.Names(), Accept: sessionTypes.Accept(), MB: h.maxMB()}
	if id := c.Value("session"); id != "" {
		x, err := h.Service.Session(c.Context(), c.Actor, id)
		if err != nil {
			return nil, err
		}
		u := h.unitOf(c, x.Unit)
		if u == nil || !h.Service.MayWrite(c.Actor, x.Unit) || x.Struck != civil.None {
			return nil, errs.E(errs.NotFound, "disclosure.none")
		}
		p.X, p.dutyHead, p.Path = x, &dutyHead{Unit: u}, sessionPath+"/"+x.ID+"/sua"
		h.fillHead(c, p.dutyHead, sessionPath, nil)
		p.Back = sessionPath + "/" + x.ID
		p.Files = dutyFiles(c, p.Back, x.Files)
	} else {
		head, err := h.dutyHead(c, sessionPath, false)
		if err != nil {
			return nil, err
		}
		p.dutyHead, p.Back = head, sessionPath+"?don-vi="+url.QueryEscape(head.Code)
	}
	for _, k := range disclosure.SessionKinds {
		p.Kinds = append(p.Kinds, web.Option{Value: k, Label: c.P.Say(disclosure.SessionKindMsg(k)), Hint: c.P.T("disclosureduty.session.kind_hint." + k)})
	}
	for _, k := range disclosure.SessionForms {
		p.Forms = append(p.Forms, web.Option{Value: k, Label: c.P.T("disclosureduty.session.form." + k)})
	}
	for _, k := range disclosure.SessionLangs {
		p.Langs = append(p.Langs, web.Option{Value: k, Label: c.P.Say(sessionLangMsg(k))})
	}
	p.Audiences = audienceOptions(c)
	h.prefillSession(c, p)
	return p, nil
}

func (h *pages) prefillSession(c *web.Context, p *sessionFormPage) {
	f := p.F
	f.Prefill("don-vi", p.Code)
	if x := p.X; x != nil {
		for name, v := range map[string]string{
			"version": strconv.Itoa(x.Version), "kind": x.Kind, "form": x.Form, "title": x.Title, "spot": x.Spot, "speaker": x.Speaker, "body": x.Body, "audience": string(x.Audience),
		} {
			f.Prefill(name, v)
		}
		f.PrefillDate("day", x.Day)
		f.PrefillAll("langs", x.Langs)
		f.PrefillAll("acts", x.Acts)
		for name, n := range map[string]int{"people": x.People, "copies": x.Copies} {
			if n > 0 {
				f.Prefill(name, strconv.Itoa(n))
			}
		}
		p.Acts = h.actOptions(c, x.Day, x.Acts)
		return
	}
	f.Prefill("kind", disclosure.SessionTalk)
	f.Prefill("form", disclosure.SessionForms[0])
	f.Prefill("audience", string(disclosure.Everybody))
	f.PrefillAll("langs", []string{"vi"})
	p.Acts = h.actOptions(c, c.Today, f.Texts("acts"))
}

func (h *pages) sessionForm(c *web.Context) error {
	p, err := h.sessionFormPage(c)
	if err != nil {
		return err
	}
	return c.Render("duty_session_form", p)
}

func (h *pages) saveSession(c *web.Context) error {
	p, err := h.sessionFormPage(c)
	if err != nil {
		return err
	}
	f := p.F
	x := disclosure.Session{
		Unit: p.Unit.ID, Kind: f.Text("kind"), Day: f.Date("day"), Form: f.Text("form"), Title: f.Text("title"), Spot: f.Text("spot"), Langs: f.Texts("langs"), Acts: f.Texts("acts"),
		People: f.Int("people"), Copies: f.Int("copies"), Speaker: f.Text("speaker"), Body: f.Lines("body"), Audience: disclosure.Audience(f.Text("audience")),
	}
	done := "them"
	if p.X != nil {
		x.ID, x.Version, done = p.X.ID, f.Int("version"), "sua"
	}
	files, err := h.takeFiles(c, "files", sessionTypes)
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			id, err := h.Service.SessionTx(ctx, tx, c.Actor, x, files)
			return sessionPath + "/" + id + "?xong=" + done, err
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) && p.X != nil {
		f.Put("version", strconv.Itoa(p.X.Version))
		f.Stored("title", p.X.Title)
		f.Stored("people", strconv.Itoa(p.X.People))
		f.Stored("body", p.X.Body)
	}
	return c.Retry(err, "duty_session_form", p)
}

func (h *pages) strikeForm(c *web.Context) error {
	p, err := h.sessionFormPage(c)
	if err != nil {
		return err
	}
	p.Path = sessionPath + "/" + p.X.ID + "/gach"
	return c.Render("duty_strike", p)
}

func (h *pages) strikeSession(c *web.Context) error {
	p, err := h.sessionFormPage(c)
	if err != nil {
		return err
	}
	p.Path = sessionPath + "/" + p.X.ID + "/gach"
	why, version := p.F.Lines("why"), p.F.Int("version")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.Service.StrikeSessionTx(ctx, tx, c.Actor, p.X.ID, version, why)
		return sessionPath + "/" + p.X.ID + "?xong=gach", err
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "duty_strike", p)
}
