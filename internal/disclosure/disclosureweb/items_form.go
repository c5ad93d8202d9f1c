package disclosureweb

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/web"
)

// noMatter stands in addresses for an item that is about none of the unit's matters.
const noMatter = "khac"

// itemStartPage lets the reader choose what a new item is about.
type itemStartPage struct {
	Unit  *org.Unit
	Units []itemUnitLink
	Law   []itemMatter
	Staff []itemMatter // by law too, for staff
	Own   []itemMatter
	Other string
	Day   civil.Date
}

// itemMatter is what an item is about.
type itemMatter struct {
	Title, Lang string
	Cite        i18n.Msg
	CitePath    string
	Path        string
	Hint        i18n.Msg
	Staff       bool
}

func dutyMatter(c *web.Context, d *law.Duty) itemMatter {
	m := itemMatter{Title: d.Title(c.Lang), Cite: d.Cite(), CitePath: "/luat/nghia-vu/" + d.ID, Staff: d.Audience == "staff"}
	if d.Recurrence != "" {
		m.Hint = i18n.M("disclosureitem.recurs." + d.Recurrence)
	}
	return m
}

// itemFormPage is the form of an item and its edition.
type itemFormPage struct {
	F         *web.Form
	Unit      *org.Unit
	W         *disclosure.Work // nil for a new one
	First     bool             // nothing of it was published: all can be changed
	Matter    *itemMatter      // nil: about none of the unit's matters
	Own       bool
	Matters   []web.Option // to choose another, on the form of a draft
	Periods   []web.Option
	Audiences []web.Option
	Places    []web.Option
	Forms     []i18n.Msg // in which the law wants it told
	Needs     []i18n.Msg // and for how long
	Due       i18n.Msg   // the deadline; with Why as its explanation
	Why       i18n.Msg
	Late      bool
	NoDay     bool // the law sets a deadline once the day of decision is known
	Path      string
	Back      string
	Other     string // to choose another matter
	Accept    string
	Types     []string
	MB        int

	in disclosure.ItemInput // what is typed so far
}

func (h *pages) newItem(c *web.Context) error {
	u, err := h.itemUnit(c, c.Query("don-vi"))
	if err != nil {
		return err
	}
	if c.Query("viec") == "" {
		return h.startItem(c, u)
	}
	p, err := h.newItemPage(c, u, c.Query("viec"))
	if err != nil {
		return err
	}
	return c.Render("item_form", p)
}

// startItem shows the matters.
func (h *pages) startItem(c *web.Context, u *org.Unit) error {
	p := &itemStartPage{Unit: u, Day: c.Today}
	at := func(matter string) string {
		return itemsPath + "/them?" + url.Values{"don-vi": {unitCode(u)}, "viec": {matter}}.Encode()
	}
	for _, d := range disclosure.Matters(h.Law(), u, c.Today) {
		m := dutyMatter(c, d)
		m.Path = at(d.ID)
		if m.Staff {
			p.Staff = append(p.Staff, m)
		} else {
			p.Law = append(p.Law, m)
		}
	}
	own, err := h.itemOwn(c, u.ID)
	if err != nil {
		return err
	}
	for _, o := range own {
		p.Own = append(p.Own, itemMatter{Title: o.Title, Lang: "vi", Path: at(disclosure.OwnPrefix + o.ID), Staff: o.Audience == disclosure.Staff})
	}
	p.Other = at(noMatter)
	for _, id := range h.itemUnits(c) {
		if x := h.anyUnit(c, id); x != nil && len(h.itemUnits(c)) > 1 {
			p.Units = append(p.Units, itemUnitLink{x.NameIn(c.Lang), itemsPath + "/them?don-vi=" + url.QueryEscape(unitCode(x)), id == u.ID})
		}
	}
	c.L.Crumbs = h.itemCrumbs(c, u)
	return c.Render("item_start", p)
}

// itemOwn are the unit's own matters that go on.
func (h *pages) itemOwn(c *web.Context, unit string) ([]*disclosure.OwnMatter, error) {
	own, err := h.Service.OwnMatters(c.Context(), c.Actor, unit)
	return slices.DeleteFunc(own, func(o *disclosure.OwnMatter) bool { return !o.Has(c.Today) }), err
}

func (h *pages) itemCrumbs(c *web.Context, u *org.Unit) []web.Crumb {
	return []web.Crumb{{Key: "disclosureitem.list.title", Path: itemsPath + "?don-vi=" + url.QueryEscape(unitCode(u))}, {Text: u.NameIn(c.Lang)}}
}

func (h *pages) newItemPage(c *web.Context, u *org.Unit, matter string) (*itemFormPage, error) {
	p := &itemFormPage{F: c.Form(), Unit: u, First: true, Path: itemsPath + "/them", Back: itemsPath + "?don-vi=" + url.QueryEscape(unitCode(u))}
	p.Other = p.Path + "?don-vi=" + url.QueryEscape(unitCode(u))
	f := p.F
	f.Prefill("unit", unitCode(u))
	f.Prefill("matter", matter)
	f.Prefill("period", c.Query("ky"))
	p.Accept, p.Types = disclosure.PaperTypes.Accept(), disclosure.PaperTypes.Names()
	if h.Files != nil {
		p.MB = int(h.Files.Max() >> 20)
	}
	return p, h.fillItemForm(c, p)
}

// fillItemForm brings what the form shows beside what was typed: choices, and what the law says to what is typed so far.
func (h *pages) fillItemForm(c *web.Context, p *itemFormPage) error {
	c.L.Crumbs = h.itemCrumbs(c, p.Unit)
	f := p.F
	p.in = readItem(f)
	in := p.in
	if !p.First {
		return nil
	}
	recurrence := ""
	audience := disclosure.Everybody
	switch own := disclosure.OwnID(in.Matter); {
	case in.Matter == "":
	case own != "":
		o, err := h.Service.OwnMatter(c.Context(), c.Actor, own)
		if err != nil {
			return err
		}
		p.Own, p.Matter, recurrence, audience = true, &itemMatter{Title: o.Title, Lang: "vi"}, o.Recurrence, o.Audience
	default:
		d, ok := h.Law().Duty(in.Matter)
		if !ok {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		m := dutyMatter(c, d)
		p.Matter, recurrence, audience = &m, d.Recurrence, disclosure.AudienceOf(d)
	}
	f.Prefill("audience", string(audience))
	if in.Audience == "" {
		in.Audience = audience
	}
	h.itemPeriods(c, p, recurrence, in)
	if len(p.Periods) == 0 {
		f.Put("period", "")
		p.in.Period = ""
	}
	in.Period = disclosure.Period(f.Text("period"))
	for _, a := range []disclosure.Audience{disclosure.Everybody, disclosure.Staff} {
		p.Audiences = append(p.Audiences, web.Option{Value: string(a), Label: c.P.T("disclosure.audience." + string(a))})
	}
	r, err := h.Service.Asked(c.Context(), p.Unit.ID, in)
	if err != nil && !errs.Is(err, errs.Invalid) {
		return err
	}
	if err == nil {
		p.say(c, r)
	}
	return h.itemOffers(c, p, r)
}

// itemPeriods are the periods of this year and the one before, and the one that is asked for.
func (h *pages) itemPeriods(c *web.Context, p *itemFormPage, recurrence string, in disclosure.ItemInput) {
	list := append(disclosure.Periods(recurrence, c.Today.Year()-1), disclosure.Periods(recurrence, c.Today.Year())...)
	if len(list) == 0 {
		return
	}
	if span, ok := in.Period.Span(); ok && !slices.Contains(list, in.Period) && slices.Contains(disclosure.Periods(recurrence, span.From.Year()), in.Period) {
		list = append([]disclosure.Period{in.Period}, list...)
	}
	list = append(list, disclosure.Periods(recurrence, c.Today.Year()+1)...)
	for _, x := range list {
		p.Periods = append(p.Periods, web.Option{Value: string(x), Label: c.P.Say(x.Msg())})
	}
	day := c.Today
	if in.Decided != civil.None {
		day = in.Decided
	}
	if p.F.Text("period") == "" {
		p.F.Put("period", string(disclosure.PeriodOf(recurrence, day)))
	}
}

// say words what the law asks.
func (p *itemFormPage) say(c *web.Context, r disclosure.Requirements) {
	for _, form := range r.Forms {
		p.Forms = append(p.Forms, i18n.M("disclosureitem.form."+form))
	}
	p.Needs = itemNeeds(r.Need)
	switch {
	case r.HasDue:
		p.Due, p.Why, p.Late = i18n.M("disclosureitem.due", "day", r.Due.Date), r.Due.Msg, r.Due.Date < c.Today
	case r.Duty != nil:
		p.NoDay = true
	}
}

// itemNeeds words for how long something must be told.
func itemNeeds(n disclosure.Need) []i18n.Msg {
	var out []i18n.Msg
	add := func(key string, n int) {
		if n > 0 {
			out = append(out, i18n.M("disclosureitem.need."+key, "n", n))
		}
	}
	if n.Permanent {
		return []i18n.Msg{i18n.M("disclosureitem.need.permanent")}
	}
	add("posting", n.MinDays)
	add("loud", n.LoudDays)
	add("online", n.OnlineDays)
	return out
}

// itemOffers are the places of both audiences: which of them fits is said when the form is sent.
func (h *pages) itemOffers(c *web.Context, p *itemFormPage, r disclosure.Requirements) error {
	offers, err := h.Service.OfferedPlaces(c.Context(), p.Unit.ID, disclosure.Everybody)
	if err != nil {
		return err
	}
	inner, err := h.Service.OfferedPlaces(c.Context(), p.Unit.ID, disclosure.Staff)
	if err != nil {
		return err
	}
	for _, x := range inner {
		if !slices.ContainsFunc(offers, func(o disclosure.Place) bool { return o.Key == x.Key }) {
			offers = append(offers, x)
		}
	}
	if p.W != nil {
		for _, x := range p.W.Places {
			if !slices.ContainsFunc(offers, func(o disclosure.Place) bool { return o.Key == x.Key }) {
				offers = append(offers, x)
			}
		}
	}
	p.Places = placeOptions(c, offers)
	if r.Audience == disclosure.Staff {
		offers = inner
	}
	p.F.PrefillAll("places", disclosure.Preselect(r, offers))
	return nil
}

func placeOptions(c *web.Context, offers []disclosure.Place) []web.Option {
	var out []web.Option
	for _, x := range offers {
		o := web.Option{Value: x.Key, Label: c.P.Say(x.Label())}
		if x.Name != "" && c.Lang != i18n.VI {
			o.Lang = "vi"
		}
		out = append(out, o)
	}
	return out
}

// readItem reads the form.
func readItem(f *web.Form) disclosure.ItemInput {
	in := disclosure.ItemInput{
		Matter: f.Text("matter"), Period: disclosure.Period(f.Text("period")), Audience: disclosure.Audience(f.Text("audience")), Title: f.Text("title"), Summary: f.Lines("summary"),
		Body: f.Lines("body"), DocNumber: f.Text("doc_number"), DocDay: f.Date("doc_day"), Decided: f.Date("decided"), Places: f.Texts("places"), Why: f.Lines("why"),
	}
	if in.Matter == noMatter {
		in.Matter = ""
	}
	return in
}

// makeItem takes the form of a new item, with a paper where one was chosen.
func (h *pages) makeItem(c *web.Context) error {
	f := c.Form()
	u, err := h.itemUnit(c, f.Text("unit"))
	if err != nil {
		return err
	}
	p, err := h.newItemPage(c, u, f.Text("matter"))
	if err != nil {
		return err
	}
	in := p.in
	err = f.Err()
	if f.Has("xem") && err == nil {
		return c.Render("item_form", p)
	}
	var file *disclosure.Prepared
	if err == nil {
		file, err = h.prepareItemFile(c, "file")
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			i, err := h.Service.CreateTx(ctx, tx, c.Actor, disclosure.NewItem{Unit: u.ID, ItemInput: in})
			if err != nil {
				return "", err
			}
			if file != nil {
				if _, err := h.Service.AttachTx(ctx, tx, c.Actor, i.ID, disclosure.NewFile{Prepared: *file}); err != nil {
					return "", err
				}
			}
			return disclosure.WorkPath(i.ID) + "?xong=them", nil
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "item_form", p)
}

// prepareItemFile takes in the file of a field before the transaction; nil where none was chosen. A refusal stands beside the field.
func (h *pages) prepareItemFile(c *web.Context, field string) (*disclosure.Prepared, error) {
	up := c.Form().File(field)
	if up == nil {
		return nil, nil
	}
	types := disclosure.PaperTypes
	if field == "sound" {
		types = disclosure.SoundTypes
	}
	file, err := h.Service.Prepare(c.Context(), up.Open(), up.Name, types)
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge) {
		m := errs.MsgOf(err)
		return nil, &errs.Error{Kind: errs.Invalid, Msg: m, Fields: []errs.Field{{Name: field, Msg: m}}, Err: err}
	}
	return &file, err
}

func (h *pages) editItemPage(c *web.Context) (*itemFormPage, error) {
	w, err := h.Service.Work(c.Context(), c.Actor, c.Value("item"))
	if err != nil {
		return nil, err
	}
	if !w.Write {
		return nil, errs.E(errs.Forbidden, "disclosure.forbidden.write")
	}
	if w.Writing == nil || w.Writing.State != disclosure.Writing {
		return nil, errs.E(errs.Conflict, "disclosureitem.no_draft")
	}
	u := h.anyUnit(c, w.Unit)
	p := &itemFormPage{F: c.Form(), Unit: u, W: w, First: w.State == disclosure.Draft, Path: disclosure.WorkPath(w.ID) + "/sua", Back: disclosure.WorkPath(w.ID)}
	f, e := p.F, w.Writing
	f.Prefill("version", strconv.Itoa(e.Version))
	f.Prefill("matter", w.Matter)
	if w.Matter == "" {
		f.Prefill("matter", noMatter)
	}
	f.Prefill("period", w.Period)
	f.Prefill("audience", string(w.Audience))
	f.Prefill("title", e.Title)
	f.Prefill("summary", e.Summary)
	f.Prefill("body", e.Body)
	f.Prefill("doc_number", e.DocNumber)
	f.PrefillDate("doc_day", e.DocDay)
	f.PrefillDate("decided", w.Decided)
	f.Prefill("why", e.Why)
	keys := make([]string, 0, len(w.Places))
	for _, x := range w.Places {
		keys = append(keys, x.Key)
	}
	f.PrefillAll("places", keys)
	if p.First {
		if p.Matters, err = h.matterOptions(c, u, w); err != nil {
			return nil, err
		}
	}
	return p, h.fillItemForm(c, p)
}

// matterOptions are what an item may be about: the matters of its day, and the unit's own.
func (h *pages) matterOptions(c *web.Context, u *org.Unit, w *disclosure.Work) ([]web.Option, error) {
	out := []web.Option{{Value: noMatter, Label: c.P.T("disclosureitem.form.no_matter")}}
	day := disclosure.AskedDay(disclosure.Period(w.Period), w.Decided, c.Today)
	if x, ok := h.Units.Unit(u.ID, day); ok {
		u = x
	}
	for _, d := range disclosure.Matters(h.Law(), u, day) {
		text, _ := cutText(d.Title(c.Lang), 90)
		out = append(out, web.Option{Value: d.ID, Label: text})
	}
	own, err := h.itemOwn(c, u.ID)
	if w.Own != nil && !slices.ContainsFunc(own, func(o *disclosure.OwnMatter) bool { return o.ID == w.Own.ID }) {
		own = append(own, w.Own)
	}
	for _, o := range own {
		text, _ := cutText(o.Title, 90)
		out = append(out, web.Option{Value: disclosure.OwnPrefix + o.ID, Label: text, Lang: "vi"})
	}
	return out, err
}

func (h *pages) editItem(c *web.Context) error {
	p, err := h.editItemPage(c)
	if err != nil {
		return h.backToWork(c, err)
	}
	return c.Render("item_form", p)
}

// backToWork leads to the page of the item where what was asked for is over: somebody else was quicker.
func (h *pages) backToWork(c *web.Context, err error) error {
	if errs.Is(err, errs.Conflict) && c.R.Method != "POST" {
		return c.Redirect(disclosure.WorkPath(c.Value("item")))
	}
	return err
}

func (h *pages) saveItem(c *web.Context) error {
	p, err := h.editItemPage(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in, version := p.in, f.Int("version")
	err = f.Err()
	if f.Has("xem") && err == nil {
		return c.Render("item_form", p)
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return p.Back + "?xong=sua", h.Service.SaveDraftTx(ctx, tx, c.Actor, p.W.ID, version, in)
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		now := p.W.Writing
		for name, value := range map[string]string{"title": now.Title, "summary": now.Summary, "body": now.Body, "doc_number": now.DocNumber, "why": now.Why} {
			if strings.TrimSpace(value) != "" {
				f.Stored(name, value)
			}
		}
		f.Put("version", strconv.Itoa(now.Version))
	}
	return c.Retry(err, "item_form", p)
}
