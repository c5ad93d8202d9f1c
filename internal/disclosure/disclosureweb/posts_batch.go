package disclosureweb

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// batchNewPage takes many photos at once, and lists those that wait from before.
type batchNewPage struct {
	F       *web.Form
	Unit    *org.Unit
	Units   []itemUnitLink
	Items   []web.Option
	Batch   string
	Most    int
	MB      int
	Kept    int // of this try
	Waiting []waitingBatch
	Done    i18n.Msg
	DoneAt  string
	Go      string // the batch's page
}

type waitingBatch struct {
	B    disclosure.Batch
	Path string
	At   time.Time
}

func (h *pages) batchNew(c *web.Context) error {
	p := &batchNewPage{Most: disclosure.Rules.BatchPhotos, MB: h.photoMB()}
	if c.R.Method == http.MethodPost {
		// The form is read as it comes; what it shows besides is read after it.
		done, err := h.takeBatch(c, p)
		if done {
			return err
		}
		if perr := h.batchPage(c, p); perr != nil {
			return perr
		}
		return c.Retry(err, "post_batches", p)
	}
	if err := h.batchPage(c, p); err != nil {
		return err
	}
	p.Batch = h.Service.NewBatch()
	p.F.Prefill("item", c.Query("muc"))
	if n, m, ok := strings.Cut(c.Query("xong"), "-"); ok {
		posted, err1 := strconv.Atoi(n)
		added, err2 := strconv.Atoi(m)
		if err1 == nil && err2 == nil {
			p.Done = i18n.M("disclosurepost.batch.done", "posted", posted, "added", added)
			p.DoneAt = disclosure.WorkPath(c.Query("muc"))
		}
	}
	return c.Render("post_batches", p)
}

// batchPage fills in what the page shows: of the unit of the item that was chosen, of the one asked for, else of the reader's first.
func (h *pages) batchPage(c *web.Context, p *batchNewPage) error {
	p.F = c.Form()
	units := h.Service.EnterUnits(c.Actor)
	if len(units) == 0 {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	p.Unit = units[0]
	want := c.Query("don-vi")
	if item := p.F.Text("item") + c.Query("muc"); item != "" {
		if v, err := h.Service.Enterable(c.Context(), c.Actor, item); err == nil {
			want = v.Unit
		}
	}
	for _, u := range units {
		if u.ID == want {
			p.Unit = u
		}
	}
	if u, ok := h.Units.Unit(want, c.Today); ok && p.Unit.ID != want && h.Service.MayWrite(c.Actor, want) {
		p.Unit = u // a village of the commune
	}
	if len(units) > 1 {
		for _, u := range units {
			p.Units = append(p.Units, itemUnitLink{Name: u.NameIn(c.Lang), Path: batchPath + "?don-vi=" + u.ID, Current: u.ID == p.Unit.ID})
		}
	}
	items, err := h.Service.Drops(c.Context(), c.Actor, p.Unit.ID)
	if err != nil {
		return err
	}
	p.Items = []web.Option{{Label: c.P.T("disclosurepost.batch.choose_item")}}
	for _, i := range items {
		p.Items = append(p.Items, web.Option{Value: i.ID, Label: i.Title, Lang: "vi"})
	}
	list, err := h.Service.Batches(c.Context(), c.Actor, p.Unit.ID)
	if err != nil {
		return err
	}
	for _, b := range list {
		p.Waiting = append(p.Waiting, waitingBatch{b, batchPath + "/" + b.ID, db.FromMicros(b.Created)})
	}
	return nil
}

// takeBatch takes the photos in as they come, each with its row at once. done is true where the answer was given.
func (h *pages) takeBatch(c *web.Context, p *batchNewPage) (done bool, err error) {
	files, checked := 0, false
	err = c.Stream(p.Most, func(f *web.Form, _, name string, r io.Reader) error {
		item, batch := f.Text("item"), f.Text("batch")
		if !checked {
			if err := h.Service.BatchItem(c.Context(), c.Actor, item); err != nil {
				return err
			}
			checked = true
		}
		files++
		kept, err := h.Service.KeepPhoto(c.Context(), c.Actor, item, batch, r, name)
		if kept {
			p.Kept++
		}
		return err
	})
	p.F = c.Form()
	p.Batch = p.F.Text("batch")
	if !disclosure.IsBatch(p.Batch) {
		p.Batch = h.Service.NewBatch()
	}
	if err == nil && files == 0 {
		err = errs.At("photos", "disclosurepost.fault.photo_which")
		if p.F.Text("item") == "" {
			err = errs.At("item", "disclosurepost.fault.item_which")
		}
	}
	switch {
	case err == nil:
		return true, c.Redirect(batchPath + "/" + p.Batch)
	case errs.Is(err, errs.NotFound), errs.Is(err, errs.Forbidden), errs.Is(err, errs.Internal):
		return true, err
	}
	if p.Kept > 0 {
		p.Go = batchPath + "/" + p.Batch
	}
	return false, err
}

// The choice of a photo that belongs nowhere.
const dropChoice = "-"

// batchPage is the one screen on which each photo gets its place.
type batchPage struct {
	F      *web.Form
	B      *disclosure.BatchView
	Back   string
	Photos []batchPhoto
	Places []web.Option
	Hows   []web.Option
	Exif   int // photos with a day of their own
	Unpub  bool
	Needs  bool
	Given  int
}

type batchPhoto struct {
	shot
	N                        int
	Place, Day, Hour, Person string // names of fields
	At                       i18n.Msg
	Open                     bool // its own day is shown
}

func (h *pages) batchGive(c *web.Context) error {
	b, err := h.Service.Batch(c.Context(), c.Actor, c.Value("batch"))
	if err != nil {
		return err
	}
	c.L.Crumbs = []web.Crumb{{Key: "disclosureitem.nav", Path: itemsPath}, {Text: b.Title, Lang: i18n.VI, Path: disclosure.WorkPath(b.Item)}, {Key: "disclosurepost.batch.crumb", Path: batchPath + "?muc=" + b.Item}}
	p := &batchPage{F: c.Form(), B: b, Back: disclosure.WorkPath(b.Item), Hows: howOptions(c), Given: b.Given}
	if len(b.Waiting) == 0 {
		return c.Redirect(p.Back)
	}
	next := b.View.Next()
	p.Unpub = next != nil && next.Published == civil.None
	p.Places = []web.Option{{Label: c.P.T("disclosurepost.batch.choose_place")}}
	for _, at := range b.View.Count.Places {
		if !disclosure.Hangs(at.Place.Kind) || !h.Service.MayEnterAt(c.Actor, at.Place) {
			continue
		}
		label := c.P.Say(at.Place.Label())
		if at.Up {
			label = c.P.T("disclosurepost.batch.hangs", "place", label)
		}
		p.Places = append(p.Places, web.Option{Value: at.Place.Key, Label: label, Lang: "vi"})
		p.Needs = p.Needs || disclosure.NeedsSource(c.Actor, at.Place)
	}
	p.Places = append(p.Places, web.Option{Value: dropChoice, Label: c.P.T("disclosurepost.batch.drop")})
	in := disclosure.Given{Batch: b.ID}
	f := p.F
	for n, ph := range b.Waiting {
		x := batchPhoto{shot: shotOf(ph), N: n + 1, Place: "place-" + ph.ID, Day: "day-" + ph.ID, Hour: "hour-" + ph.ID, Person: "person-" + ph.ID}
		if day, at, ok := ph.TakenAt(); ok {
			p.Exif++
			x.At = i18n.M("disclosurepost.batch.taken", "day", day, "hour", at)
		}
		if f.Posted() {
			g := disclosure.GivenPhoto{Photo: ph.ID, Place: f.Text(x.Place), Day: f.Date(x.Day), Hour: disclosure.CleanHour(f.Text(x.Hour)), Person: f.Text(x.Person)}
			if g.Place == dropChoice {
				g.Place, g.Drop = "", true
			}
			x.Open = f.Text(x.Day) != "" || g.Hour != "" || g.Person != ""
			in.Photos = append(in.Photos, g)
		}
		p.Photos = append(p.Photos, x)
	}
	if !f.Posted() {
		f.PrefillDate("day", c.Today)
		f.Prefill("how", disclosure.HowChat)
		if p.Exif > 0 {
			f.Prefill("exif", "1")
		}
		return c.Render("post_batch", p)
	}
	in.Day, in.Hour, in.Person, in.How, in.ByExif = f.Date("day"), disclosure.CleanHour(f.Text("hour")), f.Text("person"), f.Text("how"), f.Bool("exif")
	if err = f.Err(); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			r, err := h.Service.GiveBatchTx(ctx, tx, c.Actor, in)
			if r.Waiting > 0 {
				return batchPath + "/" + b.ID, err
			}
			return batchPath + "?muc=" + b.Item + "&xong=" + strconv.Itoa(r.Posted) + "-" + strconv.Itoa(r.Added), err
		})
	}
	if err == nil {
		return nil
	}
	for n := range p.Photos {
		for _, x := range errs.FieldsOf(err) {
			p.Photos[n].Open = p.Photos[n].Open || x.Name == p.Photos[n].Day || x.Name == p.Photos[n].Hour
		}
	}
	return c.Retry(err, "post_batch", p)
}
