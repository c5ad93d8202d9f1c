package disclosureweb

import (
	"context"
	"net/http"
	"slices"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/web"
)

// Addresses of the pages on which postings are entered.
const (
	photoPath  = "/lam-viec/anh"
	batchPath  = "/lam-viec/nhan-anh"
	phonePath  = "/lam-viec/tai-bang"
	boardsPath = "/lam-viec/bang-thong-bao"
)

func (h *pages) registerPosts(k *web.Kit) {
	get := func(pattern string, f web.Handler) {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	form := func(pattern string, f web.Handler) {
		get(pattern, f)
		k.Handle(web.Route{Method: http.MethodPost, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	item := itemsPath + "/{item}"
	at := item + "/noi/{place}"
	get(at, h.postPlace)
	form(at+"/dan", h.postUp)
	form(at+"/dan-lai", h.postUp)
	form(at+"/go", h.postDown)
	form(at+"/anh", h.postPhotos)
	form(at+"/phat", h.postTell)
	form(at+"/gach", h.postStrike)
	get(item+"/phat", h.postTellWhere)
	get(item+"/bien-ban", h.postRecord(false))
	get(item+"/bien-ban-ket-thuc", h.postRecord(true))
	for _, as := range []string{web.AsDOCX, web.AsPDF} {
		get(item+"/bien-ban"+as, h.postRecordFile(false, as))
		get(item+"/bien-ban-ket-thuc"+as, h.postRecordFile(true, as))
	}
	get(item+"/bai-doc", h.postScript)
	get(photoPath+"/{photo}/{size}", h.postPhoto)
	form(batchPath, h.batchNew)
	form(batchPath+"/{batch}", h.batchGive)
	form(phonePath, h.phone)
	get(boardsPath, h.boards)
	form(boardsPath+"/them", h.boardEdit)
	form(boardsPath+"/cai-dat", h.boardSetting)
	form(boardsPath+"/{board}", h.boardEdit)
	k.Nav(web.NavItem{Key: "disclosurepost.nav.phone", Path: phonePath, Who: web.Posts(access.VillageHead), Order: 15})
}

func postPages() map[string]any {
	return map[string]any{
		"post_place": &placePage{}, "post_up": &upPage{}, "post_down": &downPage{}, "post_photos": &photosPage{}, "post_tell": &tellPage{}, "post_strike": &strikePage{},
		"post_record": &recordPage{}, "post_script": &scriptPage{}, "post_batches": &batchNewPage{}, "post_batch": &batchPage{}, "post_phone": &phonePage{},
		"post_phones": &phonesPage{}, "post_boards": &boardsPage{}, "post_board": &boardEditPage{}, "post_setting": &settingPage{},
	}
}

// atPlace is what the pages about one place share.
type atPlace struct {
	F     *web.Form
	V     *disclosure.PlaceView
	Name  i18n.Msg // of the place
	Path  string   // of the place's page
	Back  string   // where one comes from: the item's page, or the list on the phone
	Hows  []web.Option
	Needs bool // an officer enters for a village: who told it is asked for
}

func (h *pages) atPlace(c *web.Context) (atPlace, error) {
	v, err := h.Service.PlaceAt(c.Context(), c.Actor, c.Value("item"), c.Value("place"))
	if err != nil {
		return atPlace{}, err
	}
	p := atPlace{F: c.Form(), V: v, Name: v.Place.Label(), Path: placePath(v.Item.ID, v.Place.Key), Hows: howOptions(c), Needs: disclosure.NeedsSource(c.Actor, v.Place)}
	p.Back = phonePath
	if h.Service.MayWrite(c.Actor, v.Unit) {
		p.Back = disclosure.WorkPath(v.Item.ID)
		c.L.Crumbs = []web.Crumb{{Key: "disclosureitem.nav", Path: itemsPath}, {Text: v.Title, Lang: i18n.VI, Path: p.Back}}
	} else {
		c.L.Crumbs = []web.Crumb{{Key: "disclosurepost.nav.phone", Path: phonePath}}
	}
	return p, nil
}

func placePath(item, key string) string { return disclosure.WorkPath(item) + "/noi/" + key }

func howOptions(c *web.Context) []web.Option {
	var out []web.Option
	for _, how := range disclosure.Hows {
		out = append(out, web.Option{Value: how, Label: c.P.T("disclosure.how." + how)})
	}
	return out
}

func downOptions(c *web.Context, kinds ...string) []web.Option {
	var out []web.Option
	for _, kind := range kinds {
		out = append(out, web.Option{Value: kind, Label: c.P.T("disclosurepost.down." + kind)})
	}
	return out
}

// takePhotos takes the photos of a form in, before its transaction. Refusals stand beside the field.
func (h *pages) takePhotos(c *web.Context, field string) ([]disclosure.TakenIn, error) {
	f := c.Form()
	if err := f.Err(); err != nil {
		return nil, err
	}
	if err := c.CheckToken(); err != nil {
		return nil, err
	}
	var out []disclosure.TakenIn
	for _, up := range f.Files(field) {
		t, err := h.Service.TakePhoto(c.Context(), up.Open(), up.Name)
		if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge) {
			return nil, besideField(field, err)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// besideField puts an error beside a field.
func besideField(field string, err error) error {
	m := errs.MsgOf(err)
	return &errs.Error{Kind: errs.Invalid, Msg: m, Fields: []errs.Field{{Name: field, Msg: m}}, Err: err}
}

// shot is a photo as the pages of work show it.
type shot struct {
	ID, Path, Thumb string
	Taken           string
	Name            string
}

func shots(list []disclosure.Photo) []shot {
	out := make([]shot, len(list))
	for n, p := range list {
		out[n] = shotOf(p)
	}
	return out
}

func shotOf(p disclosure.Photo) shot {
	s := shot{ID: p.ID, Path: photoPath + "/" + p.ID + "/" + disclosure.PhotoShown, Thumb: photoPath + "/" + p.ID + "/" + disclosure.PhotoThumb, Name: p.Name}
	s.Taken = p.Taken
	return s
}

// postPhoto answers with a photo for those who work with it.
func (h *pages) postPhoto(c *web.Context) error {
	a, err := h.Service.PhotoFile(c.Context(), c.Actor, c.Value("photo"), c.Value("size"))
	if err != nil {
		return err
	}
	return h.sendAttachment(c, a)
}

func (h *pages) sendAttachment(c *web.Context, a attach.Attachment) error {
	f, err := h.Files.Content(a.File)
	if err != nil {
		return err
	}
	defer f.Close()
	return c.File(string(a.Type), a.Name, a.Created, f, true)
}

// placePage is what happened at one place.
type placePage struct {
	atPlace
	Tag    web.Tag
	State  []i18n.Msg
	Events []placeEvent
	Hang   bool
	Told   bool
	Record string // addresses of the records to print
	End    string
	Script string
	Up     bool
	May    bool // something may be entered
	Unpub  bool // approved, not yet published
	Torn   []tornLine
	Settle string // where reports are settled, for who may
}

// tornLine is what somebody says of the sheet.
type tornLine struct {
	What i18n.Msg
	Body string
}

// placeEvent is a posting or a telling with what can be done about it.
type placeEvent struct {
	Head    i18n.Msg
	Lines   []i18n.Msg
	Struck  bool
	Why     string
	Note    string
	Shots   []shot
	Down    string // addresses
	Photos  string
	Strike  string
	Reopen  string
	Edition int
}

func (h *pages) postPlace(c *web.Context) error {
	at, err := h.atPlace(c)
	if err != nil {
		return err
	}
	v := at.V
	p := &placePage{atPlace: at, Hang: disclosure.Hangs(v.Place.Kind), Told: disclosure.Told(v.Place.Kind), May: v.Next() != nil, Unpub: v.State == disclosure.Draft}
	p.Tag = progressTag(c, v.At.Progress(c.Today))
	p.Up = v.Hanging() != nil
	work := disclosure.WorkPath(v.Item.ID)
	switch {
	case p.Hang && len(v.Postings) > 0:
		p.Record, p.End = work+"/bien-ban?noi="+v.Place.Key, work+"/bien-ban-ket-thuc?noi="+v.Place.Key
	case v.Place.Kind == disclosure.PlaceLoudspeaker:
		p.Script = work + "/bai-doc"
	}
	p.State = countLines(v.At)
	for _, r := range v.Reports {
		p.Torn = append(p.Torn, tornLine{i18n.M("disclosurepost.place.report_"+r.Kind, "day", r.Seen), r.Body})
	}
	if h.Service.MayWrite(c.Actor, v.Unit) {
		p.Settle = "/lam-viec/hoi-dap"
	}
	for _, x := range v.Postings {
		p.Events = append(p.Events, p.posting(x))
	}
	for _, t := range v.Tellings {
		p.Events = append(p.Events, p.telling(t))
	}
	return c.Render("post_place", p)
}

// countLines words the days of a place.
func countLines(at disclosure.PlaceCount) []i18n.Msg {
	var out []i18n.Msg
	say := func(key string, kv ...any) { out = append(out, i18n.M("disclosurepost.count."+key, kv...)) }
	switch {
	case at.Full != civil.None && at.Need > 0:
		say("full", "need", at.Need, "day", at.Full)
	case at.Need > 0 && len(at.Runs) > 0:
		say("days", "days", at.Days, "need", at.Need)
		if at.Ends != civil.None {
			say("ends", "day", at.Ends)
		}
	case at.Need > 0:
		say("need", "need", at.Need)
	}
	if at.Restarts > 0 {
		say("gap", "day", at.Lost)
	}
	if n := len(at.Dark); n > 0 {
		say("dark", "n", n)
	}
	return out
}

func (p *placePage) posting(x disclosure.Posting) placeEvent {
	e := placeEvent{Struck: x.Struck != civil.None, Why: x.StruckWhy, Note: x.DownNote, Shots: shots(p.V.Photos[x.ID]), Edition: x.Edition}
	e.Head = i18n.M("disclosurepost.line."+hourKey("up", x.UpHour), "day", x.UpDay, "hour", hour(x.UpHour))
	e.Lines = append(e.Lines, sourceLine(x.UpPerson, x.UpHow, x.UpName, x.UpEntered))
	if x.DownDay != civil.None {
		e.Lines = append(e.Lines, i18n.M("disclosurepost.line."+hourKey("down_"+x.DownKind, x.DownHour), "day", x.DownDay, "hour", hour(x.DownHour)))
		if slices.Contains(disclosure.Downs, x.DownKind) {
			e.Lines = append(e.Lines, sourceLine(x.DownPerson, x.DownHow, x.DownName, x.DownEntered))
		}
	}
	if len(p.V.Editions) > 1 {
		e.Lines = append(e.Lines, i18n.M("disclosurepost.line.edition", "n", x.Edition))
	}
	if e.Struck {
		return e
	}
	q := "?lan=" + x.ID
	e.Photos, e.Strike = p.Path+"/anh"+q, p.Path+"/gach"+q
	if x.DownDay == civil.None {
		if h := p.V.Hanging(); h == nil || h.ID != x.ID { // that one has the button
			e.Down = p.Path + "/go" + q
		}
	} else if slices.Contains(disclosure.Downs, x.DownKind) {
		e.Reopen = p.Path + "/gach" + q + "&viec=mo-lai"
	}
	return e
}

func (p *placePage) telling(t disclosure.Telling) placeEvent {
	e := placeEvent{Struck: t.Struck != civil.None, Why: t.StruckWhy, Note: t.Note, Edition: t.Edition}
	e.Head = i18n.M("disclosurepost.line."+hourKey("told", t.Hour), "day", t.Day, "hour", hour(t.Hour))
	if t.Lang != "" {
		e.Lines = append(e.Lines, i18n.M("disclosurepost.line.lang", "lang", disclosure.LangName(t.Lang)))
	}
	if t.People > 0 {
		e.Lines = append(e.Lines, i18n.M("disclosurepost.line.people", "n", t.People))
	}
	e.Lines = append(e.Lines, sourceLine(t.Person, t.How, t.ActorName, t.Entered))
	if !e.Struck {
		e.Strike = p.Path + "/gach?phat=" + t.ID
	}
	return e
}

func hourKey(key, hour string) string {
	if hour == "" {
		return key
	}
	return key + "_hour"
}

// sourceLine says who did or told it, and who entered it when.
func sourceLine(person, how, name string, entered civil.Date) i18n.Msg {
	key := "entered"
	if person != "" {
		key = "entered_of"
	}
	if how == "" {
		how = disclosure.HowSelf
	}
	return i18n.M("disclosurepost.line."+key, "person", person, "how", i18n.M("disclosurepost.how."+how), "name", name, "day", entered)
}

// postTellWhere leads to the place at which the item is told: the loudspeakers where it has them.
func (h *pages) postTellWhere(c *web.Context) error {
	v, err := h.Service.Enterable(c.Context(), c.Actor, c.Value("item"))
	if err != nil {
		return err
	}
	first := ""
	for _, p := range v.Places {
		if disclosure.Told(p.Kind) && h.Service.MayEnterAt(c.Actor, p) && (first == "" || p.Kind == disclosure.PlaceLoudspeaker) {
			first = p.Key
		}
	}
	if first == "" {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	return c.Redirect(placePath(v.Item.ID, first) + "/phat")
}

// command runs a form's command and goes back to the place's page.
func command(c *web.Context, to string, f func(ctx context.Context, tx *db.Tx) error) error {
	return c.Post(func(ctx context.Context, tx *db.Tx) (string, error) { return to, f(ctx, tx) })
}
