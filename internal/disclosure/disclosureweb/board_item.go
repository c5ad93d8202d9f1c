package disclosureweb

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// address reads the year and the slug of an item's address.
func address(c *web.Context) (year int, slug string, err error) {
	year, ok := org.Year(c.Value("year"))
	if !ok {
		return 0, "", errs.E(errs.NotFound, "disclosure.none")
	}
	return year, c.Value("slug"), nil
}

// head finds the item of the address for the pages below it that show little of it. What is not up yet has no public pages.
func (h *pages) head(c *web.Context) (*disclosure.Item, *disclosure.Edition, error) {
	year, slug, err := address(c)
	if err != nil {
		return nil, nil, err
	}
	i, e, err := h.Service.Head(c.Context(), c.Actor, c.Unit, c.On, year, slug)
	if err != nil {
		return nil, nil, err
	}
	if i.Edition == 0 || e == nil {
		return nil, nil, errs.E(errs.NotFound, "disclosure.none")
	}
	c.L.Room = "dan-biet"
	c.Touches(disclosure.Tags(i)...)
	h.standAt(c, i)
	return i, e, nil
}

// standAt puts the page below the unit that the item belongs to, which may be an earlier holder of the address.
func (h *pages) standAt(c *web.Context, i *disclosure.Item) {
	u := c.Unit
	if i.Unit != u.ID {
		u = h.unitOf(c, i.Unit)
		c.Unit = u
	}
	c.L.Crumbs = []web.Crumb{}
	on := min(c.On, cmp.Or(u.To, c.On))
	tree := h.Units.On(on)
	above := tree.Above(u.ID)
	for _, id := range slices.Backward(above) {
		if x, ok := tree.ByID(id); ok {
			c.L.Crumbs = append(c.L.Crumbs, web.Crumb{Text: x.NameIn(c.Lang), Path: h.Units.Link(x, c.Today)})
		}
	}
	c.L.Crumbs = append(c.L.Crumbs, web.Crumb{Text: u.NameIn(c.Lang), Path: h.boardOf(c, u)})
}

// boardOf is the address of a unit's board, of one that has ended too.
func (h *pages) boardOf(c *web.Context, u *org.Unit) string {
	path, on, ended := strings.Cut(h.Units.Link(u, c.Today), "?")
	if path += BoardPath; ended {
		path += "?" + on
	}
	return path
}

// itemPage is the public page of an item.
type itemPage struct {
	V         *disclosure.PageView
	Unit      *org.Unit
	Board     string
	At        func(rest string) string // addresses below the page
	Row       boardRow
	Staff     bool
	Stub      bool // withdrawn: its words are not shown
	Period    i18n.Msg
	Due       i18n.Msg // the deadline with its steps
	InTime    bool
	Papers    []fileRow
	Sounds    []fileRow
	Places    []placeRow
	More      []placeRow // those folded away
	Earlier   []*disclosure.Edition
	Changes   []changeRow
	Questions []disclosure.Question
	AskPath   string
	QR        QR
	Short     string
	Work      string // the item's work page, for those who may change it
	Phone     string // the page at the board, for those who may enter something there
}

type fileRow struct {
	disclosure.File
	Path string
	Size string
	Ext  string
	Lang i18n.Msg
}

type placeRow struct {
	Name    i18n.Msg
	Tag     web.Tag
	Lines   []i18n.Msg
	Photos  []photoRow
	Picture string // "photo", "none", "sound": the drawing before the name
}

// changeRow is a part of the edition that differs from the one before.
type changeRow struct {
	Name  i18n.Msg
	Parts []changePart
}

type changePart struct {
	Kind string // del, ins, "" for what stayed
	Text string
}

func changeRows(c *web.Context, list []disclosure.Change, old, now *disclosure.Edition) []changeRow {
	var out []changeRow
	for _, x := range list {
		r := changeRow{Name: i18n.M("disclosureboard.changed." + x.Field)}
		for _, p := range x.Pieces {
			r.Parts = append(r.Parts, changePart{map[disclosure.PieceKind]string{disclosure.Gone: "del", disclosure.Added: "ins"}[p.Kind], p.Text})
		}
		if x.Field == "doc_day" {
			r.Parts = []changePart{{"del", dateOrDash(c, old.DocDay)}, {"", " "}, {"ins", dateOrDash(c, now.DocDay)}}
		}
		out = append(out, r)
	}
	return out
}

func dateOrDash(c *web.Context, d civil.Date) string {
	if d == civil.None {
		return "–"
	}
	return c.P.Date(d)
}

type photoRow struct {
	Path, Thumb string
	Alt         i18n.Msg
}

// placesShown is how many places stand on an item's page before the rest is folded away.
const placesShown = 8

func (h *pages) item(c *web.Context) error {
	year, slug, err := address(c)
	if err != nil {
		return err
	}
	v, err := h.Service.At(c.Context(), c.Actor, c.Unit, c.On, year, slug)
	if err != nil {
		return err
	}
	if v.Edition == 0 { // a draft has no page yet, only work
		return c.MovedTo("/lam-viec/niem-yet/" + v.ID)
	}
	c.L.Room = "dan-biet"
	c.Touches(disclosure.Tags(v.Item)...)
	c.Touches("unit:"+v.Unit, "law")
	h.standAt(c, v.Item)
	p := &itemPage{
		V: v, Unit: c.Unit, Row: h.row(c, v.View, false), Staff: v.Audience == disclosure.Staff, Stub: v.State == disclosure.Withdrawn,
		Period: disclosure.Period(v.Period).Msg(), Questions: v.Questions, Board: h.boardOf(c, c.Unit), Short: shortHost(c) + "/n/" + v.Code,
	}
	p.At = func(rest string) string { return h.Service.Link(v.Item, rest) }
	if p.QR, err = newQR(c.BaseURL() + "/n/" + v.Code); err != nil {
		return err
	}
	for _, d := range v.Dues {
		if d.Date == v.Due {
			p.Due = d.Msg
		}
	}
	p.InTime = v.FirstTold != civil.None && v.FirstTold <= v.Due
	if !p.Stub {
		h.itemFiles(c, p)
		p.AskPath = p.At("/hoi")
	}
	rows := h.itemPlaces(c, p)
	p.Places = rows
	if len(rows) > placesShown+1 {
		p.Places, p.More = rows[:placesShown], rows[placesShown:]
	}
	for _, e := range v.Editions {
		if e.Number < v.Edition && e.Published != civil.None {
			p.Earlier = append(p.Earlier, e)
		}
	}
	if n := len(p.Earlier); n > 0 {
		p.Changes = changeRows(c, v.Changes, p.Earlier[n-1], v.Ed)
	}
	if !c.Actor.Public() {
		h.itemRights(c, p)
	}
	return c.Render("board_item", p)
}

// itemRights are the ways to work of who may.
func (h *pages) itemRights(c *web.Context, p *itemPage) {
	if h.Service.MayWrite(c.Actor, p.V.Unit) {
		p.Work = "/lam-viec/niem-yet/" + p.V.ID
	}
	for _, x := range p.V.Places {
		if disclosure.Hangs(x.Kind) && h.Service.MayWriteAt(c.Actor, x) {
			p.Phone = "/lam-viec/tai-bang?ma=" + p.V.Code
		}
	}
}

func (h *pages) itemFiles(c *web.Context, p *itemPage) {
	for _, f := range p.V.Files {
		if f.Shown == "" || f.At.ID == "" {
			continue
		}
		r := fileRow{File: f, Path: p.At("/tep/" + f.ID), Size: size(c, f.At.Size)}
		if n := strings.LastIndexByte(f.At.Name, '.'); n >= 0 {
			r.Ext = strings.ToUpper(f.At.Name[n+1:])
		}
		r.Title = cmp.Or(f.Title, f.At.Name)
		if f.Kind == disclosure.FileSound {
			r.Lang = langMsg(f.Lang)
			p.Sounds = append(p.Sounds, r)
		} else {
			p.Papers = append(p.Papers, r)
		}
	}
}

// langMsg names the language of a sound file.
func langMsg(lang string) i18n.Msg {
	if key := "disclosure.lang." + lang; i18n.For(i18n.VI).Has(key) {
		return i18n.M(key)
	}
	return i18n.M("disclosureboard.item.lang_any", "lang", lang)
}

// size words a file's size.
func size(c *web.Context, n int64) string {
	if n < 1<<20 {
		return c.P.Int(max(n/1024, 1)) + " KB"
	}
	return c.P.Int(n>>20) + " MB"
}

// itemPlaces words what happened at each place in the edition that is up.
func (h *pages) itemPlaces(c *web.Context, p *itemPage) []placeRow {
	var out []placeRow
	for _, pc := range p.V.Count.Places {
		r := placeRow{Name: pc.Place.Label(), Tag: progressTag(c, pc.Progress(c.Today)), Picture: "none"}
		if p.Stub {
			r.Tag = web.Tag{}
		}
		if disclosure.Told(pc.Place.Kind) {
			r.Picture = "sound"
			h.toldLines(c, pc, &r)
		} else if pc.Place.Kind == disclosure.PlaceWebsite {
			r.Picture = ""
			r.Lines = append(r.Lines, i18n.M("disclosureboard.at.website", "day", p.V.Published))
			if n := len(pc.Dark); n > 0 {
				r.Lines = append(r.Lines, i18n.M("disclosureboard.at.dark", "n", n))
			}
		} else {
			h.sheetLines(p, pc, &r)
		}
		if pc.Restarts > 0 && pc.Need > 0 && len(pc.Runs) > 0 {
			r.Lines = append(r.Lines, i18n.M("disclosureboard.at.again", "lost", pc.Lost, "day", pc.Runs[len(pc.Runs)-1].From))
		}
		if pc.Need > 0 && len(pc.Runs) > 0 {
			days := min(pc.Days, pc.Need)
			if pc.Full != civil.None {
				days = pc.Need
			}
			r.Lines = append(r.Lines, i18n.M("disclosureboard.at.days", "days", days, "need", pc.Need))
		}
		out = append(out, r)
	}
	return out
}

func (h *pages) toldLines(c *web.Context, pc disclosure.PlaceCount, r *placeRow) {
	switch n := len(pc.Runs); {
	case n == 0:
		r.Tag = web.Tag{Class: "cho", Text: c.P.T("disclosureboard.at.not_told")}
	case n == 1 && pc.Runs[0].From == pc.Runs[0].To:
		r.Lines = append(r.Lines, i18n.M("disclosureboard.at.told_once", "day", pc.Runs[0].From))
	default:
		last := pc.Runs[n-1]
		r.Lines = append(r.Lines, i18n.M("disclosureboard.at.told", "n", last.Days(c.Today), "from", last.From, "to", last.To))
	}
	if len(pc.Runs) > 0 && pc.Need == 0 {
		r.Tag = web.Tag{Class: "xong", Text: c.P.T("disclosureboard.at.done")}
	}
}

func (h *pages) sheetLines(p *itemPage, pc disclosure.PlaceCount, r *placeRow) {
	for _, x := range p.V.Postings {
		if x.Place != pc.Place.Key || x.Edition != p.V.Edition {
			continue
		}
		how := "up"
		if x.UpHour != "" {
			how = "up_hour"
		}
		if x.UpPerson != "" {
			how += "_by"
		}
		r.Lines = append(r.Lines, i18n.M("disclosureboard.at."+how, "day", x.UpDay, "hour", hour(x.UpHour), "person", x.UpPerson))
		if x.DownDay != civil.None {
			kind := x.DownKind
			if kind == "" {
				kind = disclosure.DownTaken
			}
			r.Lines = append(r.Lines, i18n.M("disclosureboard.down."+kind, "day", x.DownDay))
		}
		for n, ph := range p.V.Photos[x.ID] {
			path := p.At("/anh/" + ph.ID)
			thumb := path + "?co=nho"
			if strings.Contains(path, "?") {
				thumb = path + "&co=nho"
			}
			r.Photos = append(r.Photos, photoRow{Path: path, Thumb: thumb, Alt: i18n.M("disclosureboard.at.photo", "n", n+1, "place", pc.Place.Label(), "day", x.UpDay)})
			r.Picture = ""
		}
	}
}

// hour words "08:15" as people say it in the reader's language; nothing for no hour.
func hour(s string) i18n.Msg {
	hh, mm, ok := strings.Cut(s, ":")
	n, err := strconv.Atoi(hh)
	if !ok || err != nil {
		return i18n.Msg{}
	}
	return i18n.M("disclosureboard.at.hour", "h", strconv.Itoa(n), "m", mm)
}

// file answers with a file of the edition that is up.
func (h *pages) file(c *web.Context) error {
	i, _, err := h.head(c)
	if err != nil {
		return err
	}
	id, err := h.Service.ShownFile(c.Context(), i, c.Value("file"))
	if err != nil {
		return err
	}
	return h.sendFile(c, id)
}

func (h *pages) sendFile(c *web.Context, id string) error {
	if h.Files == nil {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	a, f, err := h.Files.Open(c.Context(), id)
	if err != nil {
		return err
	}
	defer f.Close()
	return c.File(string(a.Type), a.Name, a.Created, f, true)
}

// photo answers with the public copy of a photo, small with ?co=nho.
func (h *pages) photo(c *web.Context) error {
	if _, _, err := h.head(c); err != nil {
		return err
	}
	want := disclosure.PhotoShown
	if c.Query("co") == "nho" {
		want = disclosure.PhotoThumb
	}
	a, err := h.Service.PhotoFile(c.Context(), c.Actor, c.Value("photo"), want)
	if err != nil {
		return err
	}
	return h.sendFile(c, a.ID)
}

// short leads from the short link on a sheet to the item. Who may enter what happens at a board finds the way there on the item's page.
func (h *pages) short(c *web.Context) error {
	code, ok := disclosure.CleanCode(c.Value("code"))
	if !ok {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	v, err := h.Service.ByCode(c.Context(), c.Actor, code)
	if err != nil {
		return err
	}
	if v.Edition == 0 {
		return c.MovedTo("/lam-viec/niem-yet/" + v.ID)
	}
	return c.MovedTo(h.Service.Link(v.Item, ""))
}
