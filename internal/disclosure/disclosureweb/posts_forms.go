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

// upPage is the form for a sheet that was put up.
type upPage struct {
	atPlace
	Again    bool
	Hanging  *disclosure.Posting // the sheet that still hangs there
	Kinds    []web.Option        // how it ended
	Gone     bool                // the fields of the end of this sheet are shown
	Unpub    bool                // a warning: not published yet
	Editions []web.Option        // where a later edition is approved and not yet published
	MB       int
}

func (h *pages) postUp(c *web.Context) error {
	at, err := h.atPlace(c)
	if err != nil {
		return err
	}
	v := at.V
	if !disclosure.Hangs(v.Place.Kind) {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	p := &upPage{atPlace: at, Again: len(v.Postings) > 0, MB: h.photoMB(), Kinds: downOptions(c, disclosure.DownMissing, disclosure.DownTorn, disclosure.DownTaken, disclosure.DownEnd)}
	next := v.Next()
	p.Unpub = next != nil && next.Published == civil.None
	if x := v.Hanging(); x != nil && (next == nil || x.Edition == next.Number) {
		p.Hanging = x
	}
	p.editions(c)
	f := p.F
	if c.R.Method == http.MethodGet {
		f.PrefillDate("day", c.Today)
		if !p.Needs {
			f.Prefill("how", disclosure.HowSelf)
			f.Prefill("person", c.Actor.Name)
		}
		return c.Render("post_up", p)
	}
	in := disclosure.PutUp{
		Item: v.Item.ID, Place: v.Place.Key, Edition: f.Int("edition"), Day: f.Date("day"), Hour: disclosure.CleanHour(f.Text("hour")), Person: f.Text("person"), How: f.Text("how"),
	}
	in.Prev, in.Down = downOf(f, "prev-"), downOf(f, "down-")
	photos, err := h.takePhotos(c, "photos")
	if err == nil {
		in.Photos = photos
		err = command(c, p.Path, func(ctx context.Context, tx *db.Tx) error {
			_, err := h.Service.PostTx(ctx, tx, c.Actor, in)
			return err
		})
	}
	if err == nil {
		return nil
	}
	// A sheet that was put up meanwhile by somebody else, or on the day typed, is shown with its question.
	if now, ferr := h.Service.PlaceAt(c.Context(), c.Actor, v.Item.ID, v.Place.Key); ferr == nil {
		for _, n := range errs.FieldsOf(err) {
			if n.Name == "prev-day" && p.Hanging == nil {
				p.Hanging = now.Hanging()
			}
			p.Gone = p.Gone || n.Name == "down-day"
		}
	}
	p.Gone = p.Gone || in.Down != nil
	return c.Retry(err, "post_up", p)
}

func (p *upPage) editions(c *web.Context) {
	v := p.V
	if v.Edition == 0 {
		return
	}
	for _, e := range v.Editions {
		if e.State == disclosure.Approved {
			p.Editions = []web.Option{
				{Value: "", Label: c.P.T("disclosurepost.up.edition_up", "n", v.Edition)},
				{Value: i18n.For(i18n.EN).Int(int64(e.Number)), Label: c.P.T("disclosurepost.up.edition_next", "n", e.Number)},
			}
		}
	}
}

// downOf reads the fields of an end, nil where none was filled in.
func downOf(f *web.Form, prefix string) *disclosure.Down {
	d := disclosure.Down{Day: f.Date(prefix + "day"), Hour: disclosure.CleanHour(f.Text(prefix + "hour")), Kind: f.Text(prefix + "kind"), Note: f.Text(prefix + "note")}
	if d == (disclosure.Down{}) {
		return nil
	}
	return &d
}

func (h *pages) photoMB() int {
	if h.Files == nil {
		return 0
	}
	return int(h.Files.Max() >> 20)
}

// downPage is the form for a sheet that came down.
type downPage struct {
	atPlace
	X       *disclosure.Posting
	Up      i18n.Msg
	Kinds   []web.Option
	MB      int
	Version int
}

func (h *pages) postDown(c *web.Context) error {
	at, err := h.atPlace(c)
	if err != nil {
		return err
	}
	x := at.V.Hanging()
	if id := at.F.Text("lan"); id != "" {
		x = findPosting(at.V, id)
	}
	if x == nil {
		return c.Redirect(at.Path)
	}
	p := &downPage{atPlace: at, X: x, MB: h.photoMB(), Kinds: downOptions(c, disclosure.DownMissing, disclosure.DownTorn, disclosure.DownTaken, disclosure.DownEnd)}
	if at.V.At.Full != civil.None || at.V.Place.Need == 0 {
		p.Kinds = downOptions(c, disclosure.DownEnd, disclosure.DownMissing, disclosure.DownTorn, disclosure.DownTaken)
	} else {
		p.Kinds = downOptions(c, disclosure.DownMissing, disclosure.DownTorn, disclosure.DownTaken)
	}
	p.Up = i18n.M("disclosurepost.line."+hourKey("up", x.UpHour), "day", x.UpDay, "hour", hour(x.UpHour))
	f := p.F
	if c.R.Method == http.MethodGet {
		f.PrefillDate("day", c.Today)
		f.Prefill("version", i18n.For(i18n.EN).Int(int64(x.Version)))
		if !p.Needs {
			f.Prefill("how", disclosure.HowSelf)
			f.Prefill("person", c.Actor.Name)
		}
		return c.Render("post_down", p)
	}
	in := disclosure.TakeDown{Posting: x.ID, Version: f.Int("version"), Down: disclosure.Down{
		Day: f.Date("day"), Hour: disclosure.CleanHour(f.Text("hour")), Kind: f.Text("kind"), Person: f.Text("person"), How: f.Text("how"), Note: f.Text("note"),
	}}
	in.Photos, err = h.takePhotos(c, "photos")
	if err == nil {
		err = command(c, p.Path, func(ctx context.Context, tx *db.Tx) error {
			_, err := h.Service.TakeDownTx(ctx, tx, c.Actor, in)
			return err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "post_down", p)
}

func findPosting(v *disclosure.PlaceView, id string) *disclosure.Posting {
	n := slices.IndexFunc(v.Postings, func(x disclosure.Posting) bool { return x.ID == id && x.Struck == civil.None })
	if n < 0 {
		return nil
	}
	return &v.Postings[n]
}

// photosPage is the form for more photos of a posting, and for taking one away.
type photosPage struct {
	atPlace
	X     *disclosure.Posting
	Up    i18n.Msg
	Shots []shot
	Drops []web.Option
	MB    int
}

func (h *pages) postPhotos(c *web.Context) error {
	at, err := h.atPlace(c)
	if err != nil {
		return err
	}
	x := findPosting(at.V, at.F.Text("lan"))
	if x == nil {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	p := &photosPage{atPlace: at, X: x, Shots: shots(at.V.Photos[x.ID]), MB: h.photoMB()}
	p.Up = i18n.M("disclosurepost.line."+hourKey("up", x.UpHour), "day", x.UpDay, "hour", hour(x.UpHour))
	for n, s := range p.Shots {
		p.Drops = append(p.Drops, web.Option{Value: s.ID, Label: c.P.T("disclosurepost.photos.nth", "n", n+1)})
	}
	if c.R.Method == http.MethodGet {
		return c.Render("post_photos", p)
	}
	f := p.F
	if f.Text("viec") == "bo" {
		id, why := f.Text("drop"), f.Text("why")
		if id == "" {
			f.Add("drop", "disclosurepost.fault.photo_drop")
		}
		if err = f.Err(); err == nil {
			err = command(c, p.Path, func(ctx context.Context, tx *db.Tx) error { return h.Service.DropPhotoTx(ctx, tx, c.Actor, id, why) })
		}
	} else {
		var photos []disclosure.TakenIn
		if photos, err = h.takePhotos(c, "photos"); err == nil {
			err = command(c, p.Path, func(ctx context.Context, tx *db.Tx) error {
				if err := h.Service.AddPhotosTx(ctx, tx, c.Actor, x.ID, photos); err != nil {
					return renameField(err, "photo", "photos")
				}
				return nil
			})
		}
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "post_photos", p)
}

// renameField moves the faults of a field to the one of the form.
func renameField(err error, from, to string) error {
	for n, f := range errs.FieldsOf(err) {
		if f.Name == from {
			errs.FieldsOf(err)[n].Name = to
		}
	}
	return err
}

// tellPage is the form for what was told without a sheet.
type tellPage struct {
	atPlace
	Langs  []web.Option
	Loud   bool
	Script string
	Unpub  bool
}

func (h *pages) postTell(c *web.Context) error {
	at, err := h.atPlace(c)
	if err != nil {
		return err
	}
	if !disclosure.Told(at.V.Place.Kind) {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	p := &tellPage{atPlace: at, Loud: at.V.Place.Kind == disclosure.PlaceLoudspeaker, Script: disclosure.WorkPath(at.V.Item.ID) + "/bai-doc"}
	if next := at.V.Next(); next != nil {
		p.Unpub = next.Published == civil.None
	}
	for _, l := range disclosure.Langs {
		p.Langs = append(p.Langs, web.Option{Value: l, Label: c.P.Say(disclosure.LangName(l))})
	}
	f := p.F
	if c.R.Method == http.MethodGet {
		f.PrefillDate("day", c.Today)
		f.Prefill("how", disclosure.HowSelf)
		f.Prefill("person", c.Actor.Name)
		f.Prefill("lang", "vi")
		return c.Render("post_tell", p)
	}
	in := disclosure.Tell{
		Item: at.V.Item.ID, Place: at.V.Place.Key, Day: f.Date("day"), Until: f.Date("until"), Hour: disclosure.CleanHour(f.Text("hour")), Lang: f.Text("lang"),
		People: f.Int("people"), Person: f.Text("person"), How: f.Text("how"), Note: f.Text("note"),
	}
	if err = f.Err(); err == nil {
		err = command(c, p.Path, func(ctx context.Context, tx *db.Tx) error {
			_, err := h.Service.TellTx(ctx, tx, c.Actor, in)
			return err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "post_tell", p)
}

// strikePage asks why something is struck out, or opened again.
type strikePage struct {
	atPlace
	What   i18n.Msg
	Reopen bool
	Action string
}

func (h *pages) postStrike(c *web.Context) error {
	at, err := h.atPlace(c)
	if err != nil {
		return err
	}
	p := &strikePage{atPlace: at, Reopen: c.Query("viec") == "mo-lai", Action: c.Path() + "?" + c.R.URL.RawQuery}
	var run func(ctx context.Context, tx *db.Tx, why string) error
	if x := findPosting(at.V, c.Query("lan")); x != nil {
		p.What = i18n.M("disclosurepost.line."+hourKey("up", x.UpHour), "day", x.UpDay, "hour", hour(x.UpHour))
		run = func(ctx context.Context, tx *db.Tx, why string) error {
			if p.Reopen {
				return h.Service.ReopenTx(ctx, tx, c.Actor, x.ID, x.Version, why)
			}
			return h.Service.StrikeTx(ctx, tx, c.Actor, x.ID, x.Version, why)
		}
		if p.Reopen {
			p.What = i18n.M("disclosurepost.line."+hourKey("down_"+x.DownKind, x.DownHour), "day", x.DownDay, "hour", hour(x.DownHour))
			if x.DownDay == civil.None {
				return c.Redirect(at.Path)
			}
		}
	}
	for _, t := range at.V.Tellings {
		if id := c.Query("phat"); id != "" && t.ID == id && t.Struck == civil.None {
			p.What = i18n.M("disclosurepost.line."+hourKey("told", t.Hour), "day", t.Day, "hour", hour(t.Hour))
			run = func(ctx context.Context, tx *db.Tx, why string) error {
				return h.Service.StrikeTellingTx(ctx, tx, c.Actor, t.ID, t.Version, why)
			}
		}
	}
	if run == nil {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	if c.R.Method == http.MethodGet {
		return c.Render("post_strike", p)
	}
	why := p.F.Text("why")
	err = command(c, at.Path, func(ctx context.Context, tx *db.Tx) error { return run(ctx, tx, why) })
	if err == nil {
		return nil
	}
	return c.Retry(err, "post_strike", p)
}
