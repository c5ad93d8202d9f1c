package disclosureweb

import (
	"context"
	"net/http"
	"slices"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/web"
)

// phonesPage is what must hang in the village of the reader, and a box for the code of a sheet.
type phonesPage struct {
	F    *web.Form
	Rows []phoneRow
	Head bool // of a village
}

type phoneRow struct {
	Title string
	Path  string
	Tag   web.Tag
	Lines []i18n.Msg
	Name  i18n.Msg
}

// phonePage is a sheet at one place, seen on a phone: one photo, two taps.
type phonePage struct {
	F       *web.Form
	V       *disclosure.View
	Code    string
	Place   disclosure.Place
	Name    i18n.Msg
	Tag     web.Tag
	Lines   []i18n.Msg
	Up      bool
	Unpub   bool
	Others  []phoneRow // other places, where there are some
	Choose  bool       // no place is known yet
	Details string     // the form with day and hour
	Done    i18n.Msg
	Key     string
	MB      int
	List    bool // the list of the village has more
}

func phoneAt(code, key string) string { return phonePath + "?ma=" + code + "&noi=" + key }

func (h *pages) phone(c *web.Context) error {
	f := c.Form()
	typed := f.Text("ma")
	if typed == "" {
		return h.phoneList(c)
	}
	code, ok := disclosure.CleanCode(typed)
	if !ok {
		f.Add("ma", "disclosurepost.fault.code")
		return h.phoneList(c)
	}
	v, err := h.Service.EnterableByCode(c.Context(), c.Actor, code)
	if errs.Is(err, errs.NotFound) && c.R.Method == http.MethodGet {
		f.Add("ma", "disclosurepost.fault.code_none", "code", code)
		return h.phoneList(c)
	}
	if err != nil {
		return err
	}
	p := &phonePage{F: f, V: v, Code: code, MB: h.photoMB(), List: h.headsVillage(c)}
	if next := v.Next(); next != nil {
		p.Unpub = next.Published == civil.None
	}
	c.L.Crumbs = []web.Crumb{{Key: "disclosurepost.nav.phone", Path: phonePath}}
	places := h.Service.EnterPlaces(c.Actor, v)
	p.Key = f.Text("noi")
	if p.Key == "" && f.Text("chon") == "" {
		if p.Key, err = h.Service.UsualPlace(c.Context(), c.Actor, v); err != nil {
			return err
		}
	}
	at := slices.IndexFunc(places, func(x disclosure.Place) bool { return x.Key == p.Key })
	for _, x := range places {
		if x.Key != p.Key {
			pc := v.Count.Places[slices.IndexFunc(v.Count.Places, func(o disclosure.PlaceCount) bool { return o.Place.Key == x.Key })]
			p.Others = append(p.Others, phoneRow{Path: phoneAt(code, x.Key), Name: x.Label(), Tag: progressTag(c, pc.Progress(c.Today))})
		}
	}
	if at < 0 {
		p.Choose = true
		return c.Render("post_phone", p)
	}
	p.Place = places[at]
	pv, err := h.Service.PlaceAt(c.Context(), c.Actor, v.Item.ID, p.Key)
	if err != nil {
		return err
	}
	return h.phonePlace(c, p, pv)
}

// phonePlace shows or takes what happens at the place.
func (h *pages) phonePlace(c *web.Context, p *phonePage, pv *disclosure.PlaceView) error {
	p.Name, p.Lines, p.Tag = p.Place.Label(), countLines(pv.At), progressTag(c, pv.At.Progress(c.Today))
	x := pv.Hanging()
	next := pv.Next()
	if x != nil && next != nil && x.Edition != next.Number {
		x = nil // of an edition that is over
	}
	p.Up, p.Details = x != nil, placePath(pv.Item.ID, p.Key)
	if p.Up {
		p.Lines = append([]i18n.Msg{i18n.M("disclosurepost.line."+hourKey("up", x.UpHour), "day", x.UpDay, "hour", hour(x.UpHour))}, p.Lines...)
	}
	if c.R.Method == http.MethodGet {
		switch done := c.Query("xong"); done {
		case "dan", "anh", "go":
			p.Done = i18n.M("disclosurepost.phone.done."+done, "place", p.Name)
		}
		return c.Render("post_phone", p)
	}
	err := h.phoneTake(c, p, x)
	if err == nil {
		return nil
	}
	// What is asked for beside fields that this page does not have is told as a whole.
	for n, f := range errs.FieldsOf(err) {
		if f.Name != "photo" {
			errs.FieldsOf(err)[n].Name = ""
		}
	}
	return c.Retry(err, "post_phone", p)
}

func (h *pages) phoneTake(c *web.Context, p *phonePage, x *disclosure.Posting) error {
	photos, err := h.takePhotos(c, "photo")
	if err != nil {
		return err
	}
	day, at := h.Service.Now()
	back := phoneAt(p.Code, p.Key) + "&xong="
	switch do := p.F.Text("viec"); do {
	case disclosure.DownMissing, disclosure.DownTorn:
		if x == nil {
			return errs.E(errs.Conflict, "disclosurepost.fault.hangs_no_more")
		}
		return command(c, back+"go", func(ctx context.Context, tx *db.Tx) error {
			_, err := h.Service.TakeDownTx(ctx, tx, c.Actor, disclosure.TakeDown{
				Posting: x.ID, Version: x.Version, Photos: photos, Down: disclosure.Down{Day: day, Hour: at, Kind: do, Person: c.Actor.Name, How: disclosure.HowSelf},
			})
			return err
		})
	}
	if len(photos) == 0 {
		return errs.At("photo", "disclosurepost.fault.photo_take")
	}
	if x != nil {
		return command(c, back+"anh", func(ctx context.Context, tx *db.Tx) error {
			return h.Service.AddPhotosTx(ctx, tx, c.Actor, x.ID, photos)
		})
	}
	return command(c, back+"dan", func(ctx context.Context, tx *db.Tx) error {
		_, err := h.Service.PostTx(ctx, tx, c.Actor, disclosure.PutUp{
			Item: p.V.Item.ID, Place: p.Key, Day: day, Hour: at, Person: c.Actor.Name, How: disclosure.HowSelf, Photos: photos,
		})
		return err
	})
}

func (h *pages) headsVillage(c *web.Context) bool {
	return slices.ContainsFunc(c.Actor.Units(), func(u string) bool { return h.Service.HeadsVillage(c.Actor, u) })
}

func (h *pages) phoneList(c *web.Context) error {
	p := &phonesPage{F: c.Form(), Head: h.headsVillage(c)}
	list, err := h.Service.ToHangAt(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	for _, x := range list {
		p.Rows = append(p.Rows, phoneRow{
			Title: x.Title, Path: phoneAt(x.Code, x.At.Place.Key), Tag: progressTag(c, x.At.Progress(c.Today)), Lines: countLines(x.At), Name: x.At.Place.Label(),
		})
	}
	if p.F.Failed() {
		c.L.Failed = true
	}
	return c.Render("post_phones", p)
}
