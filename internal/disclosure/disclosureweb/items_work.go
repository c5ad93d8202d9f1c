package disclosureweb

import (
	"cmp"
	"slices"
	"strconv"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// itemWorkPage is an item as its unit works on it: what comes next in front.
type itemWorkPage struct {
	F        *web.Form
	W        *disclosure.Work
	E        *disclosure.Edition // what is worked on, else what is up
	Unit     *org.Unit
	Path     string
	Tag      web.Tag
	New      web.Tag // of the edition that is written while another is up
	Done     i18n.Msg
	Next     i18n.Msg
	Why      string // why it came back
	Buttons  []itemButton
	More     []itemButton
	Due      []i18n.Msg
	Late     bool
	Cite     i18n.Msg
	CitePath string
	Matter   string
	MatterIn string
	Period   i18n.Msg
	Needs    []i18n.Msg
	Time     timing
	Counting bool
	Places   []itemPlaceRow
	Files    []itemFileRow
	Sounds   []itemFileRow
	Marks    []i18n.Msg
	Personal []itemFinding
	Changes  []itemChange
	Steps    []itemEvent
	Editions []*disclosure.Edition // those before the one that is shown, the newest first
	Public   string                // its page for readers
	Sheet    string
	Edit     bool // files can be added and removed
	Sound    string
	Papers   []itemButton // to print and sign
}

type itemButton struct {
	Key, Path string
	Primary   bool
}

// itemEvent is a step in the life of an item.
type itemEvent struct {
	Day  civil.Date
	What i18n.Msg
	Who  string
	Note string
	Next bool
	rank int
}

type itemPlaceRow struct {
	Name  i18n.Msg
	Path  string // what happened there, for who enters it
	Tag   web.Tag
	Lines []i18n.Msg
	Acts  []itemButton
}

type itemFileRow struct {
	ID, Title string
	Path      string // what readers get; "" where they get none
	Original  string // the original, where it is another
	Kind      string
	Size      string
	Lang      i18n.Msg
	Faults    []i18n.Msg
	Hidden    bool
	Mask      bool // a copy of its text can be shown in its place
}

type itemFinding struct {
	File  string
	Title string
	Kinds []i18n.Msg
	Lines []string
	More  int
}

type itemChange struct {
	Name   i18n.Msg
	Pieces []disclosure.Piece
}

func (h *pages) workItem(c *web.Context) error {
	w, err := h.Service.Work(c.Context(), c.Actor, c.Value("item"))
	if err != nil {
		return err
	}
	p, err := h.itemWorkPage(c, w)
	if err != nil {
		return err
	}
	return c.Render("item_work", p)
}

func (h *pages) itemWorkPage(c *web.Context, w *disclosure.Work) (*itemWorkPage, error) {
	e := w.EditionNow()
	if e == nil {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	p := &itemWorkPage{F: c.Form(), W: w, E: e, Unit: h.anyUnit(c, w.Unit), Path: disclosure.WorkPath(w.ID), Edit: isWriting(w)}
	c.L.Crumbs = h.itemCrumbs(c, p.Unit)
	p.Tag = progressTag(c, w.Progress)
	if w.State == disclosure.Draft {
		p.Tag = editionTag(c, e)
	} else if w.Writing != nil {
		p.New = editionTag(c, w.Writing)
	}
	if key := "disclosureitem.done." + c.Query("xong"); c.Query("xong") != "" && c.P.Has(key) {
		p.Done = i18n.M(key)
	}
	p.about(c, h)
	p.Counting = w.State == disclosure.Up
	p.Time = timingOf(w.View, c.Today)
	p.places(c)
	files := itemFileRows(c, w, w.FilesNow())
	for _, f := range files {
		if f.Lang.Key != "" {
			p.Sounds = append(p.Sounds, f)
		} else {
			p.Files = append(p.Files, f)
		}
	}
	if w.Writing != nil {
		p.Marks, p.Personal, p.Changes = itemMarks(w), itemFindings(w), itemChanges(w)
	}
	p.life()
	if w.State != disclosure.Draft {
		p.Public = h.Service.Link(w.Item, "")
	}
	if w.State == disclosure.Up {
		p.Sheet = h.Service.Link(w.Item, "/to-niem-yet")
		p.Papers = []itemButton{
			{Key: "disclosureitem.work.record", Path: p.Path + "/bien-ban"},
			{Key: "disclosureitem.work.end_record", Path: p.Path + "/bien-ban-ket-thuc"},
			{Key: "disclosureitem.work.script", Path: p.Path + "/bai-doc"},
		}
	}
	p.next(c)
	if w.State == disclosure.Up || p.Edit {
		p.Sound = p.Path + "/am-thanh"
	}
	return p, nil
}

// about says what the item is about and what the law asks.
func (p *itemWorkPage) about(c *web.Context, _ *pages) {
	w := p.W
	switch {
	case w.Duty != nil:
		p.Cite, p.CitePath, p.Matter = w.Duty.Cite(), "/luat/nghia-vu/"+w.Duty.ID, w.Duty.Title(c.Lang)
	case w.Own != nil:
		p.Matter, p.MatterIn = w.Own.Title, "vi"
	}
	p.Period = disclosure.Period(w.Period).Msg()
	p.Needs = itemNeeds(w.Need)
	if w.Item.Due == civil.None {
		return
	}
	p.Due = append(p.Due, i18n.M("disclosureitem.work.due_day", "day", w.Item.Due))
	for _, d := range w.Dues {
		if d.Due.Date == w.Item.Due {
			p.Due = append(p.Due, d.Due.Msg)
		}
	}
	p.Late = w.FirstTold == civil.None && w.Item.Due < c.Today && w.State != disclosure.Withdrawn
}

// next says what is to be done, and by which buttons.
func (p *itemWorkPage) next(c *web.Context) {
	w := p.W
	say := func(key string, kv ...any) { p.Next = i18n.M("disclosureitem.next."+key, kv...) }
	add := func(name string, primary bool) {
		key := name
		switch {
		case name == "duyet" && !w.Approve:
			key = "duyet_giay"
		case name == "tra-lai" && !(w.Approve && w.Writing.DraftedBy != c.Actor.ID):
			key = "lay-lai"
		}
		p.Buttons = append(p.Buttons, itemButton{"disclosureitem.button." + key, p.Path + "/" + name, primary})
	}
	more := func(name string) {
		p.More = append(p.More, itemButton{Key: "disclosureitem.button." + name, Path: p.Path + "/" + name})
	}
	if e := w.Writing; e != nil {
		switch e.State {
		case disclosure.Writing:
			if p.Why = e.ReturnedWhy; p.Why != "" {
				say("returned")
			} else {
				say("writing")
			}
			if w.Write {
				add("trinh", !w.Approve)
				add("duyet", w.Approve)
				add("sua", false)
				more("bo")
			}
		case disclosure.Waiting:
			if w.Approve {
				say("approve", "name", e.DraftedName)
			} else {
				say("waiting")
			}
			add("duyet", w.Approve)
			add("tra-lai", false)
		case disclosure.Approved:
			say("approved")
			if w.Write {
				add("cong-bo", true)
			}
			add("tra-lai", false)
		case disclosure.Published, disclosure.Replaced:
		}
	} else if w.State == disclosure.Up {
		missing, soon := 0, 0
		for _, x := range w.Count.Places {
			switch x.Progress(c.Today) {
			case disclosure.ToBePosted, disclosure.RemovedEarly:
				missing++
			case disclosure.EndingSoon:
				soon++
			default:
			}
		}
		switch {
		case missing > 0:
			say("post", "n", missing)
			if w.Write {
				p.Buttons = []itemButton{{"disclosureitem.button.sheet", p.Sheet, true}, {"disclosureitem.button.batch", "/lam-viec/nhan-anh?muc=" + w.ID, false}}
			}
		case soon > 0:
			say("ending", "n", soon)
		case w.Progress == disclosure.Full:
			say("full")
		default:
			say("up")
		}
	}
	if w.Write && w.State != disclosure.Withdrawn {
		if w.State == disclosure.Up && w.Writing == nil {
			more("ban-moi")
		}
		more("noi")
		if w.State == disclosure.Up {
			more("rut")
		}
	}
}

// places words how far each place has come, with the ways to enter what happened there.
func (p *itemWorkPage) places(c *web.Context) {
	w := p.W
	may := w.State == disclosure.Up || w.Writing != nil && w.Writing.State == disclosure.Approved
	for _, x := range w.Count.Places {
		r := itemPlaceRow{Name: x.Place.Label(), Tag: progressTag(c, x.Progress(c.Today))}
		say := func(key string, kv ...any) { r.Lines = append(r.Lines, i18n.M("disclosureitem.place."+key, kv...)) }
		switch {
		case w.State == disclosure.Draft:
			r.Tag = web.Tag{}
			if x.Need > 0 {
				say("need", "n", x.Need)
			}
		case w.State == disclosure.Withdrawn:
			r.Tag = web.Tag{}
		case x.Full != civil.None && x.Need > 0:
			say("full", "n", x.Need, "day", x.Full)
		case x.Need > 0 && len(x.Runs) > 0:
			say("days", "days", x.Days, "n", x.Need)
			if x.Ends != civil.None {
				say("ends", "day", x.Ends)
			}
		case x.Need > 0:
			say("need", "n", x.Need)
		}
		if x.Restarts > 0 {
			say("gap", "day", x.Lost)
		}
		at := p.Path + "/noi/" + x.Place.Key
		if w.Write {
			r.Path = at
		}
		add := func(name string) {
			r.Acts = append(r.Acts, itemButton{Key: "disclosureitem.act." + name, Path: at + "/" + name})
		}
		switch {
		case !may || !w.Write:
		case disclosure.Hangs(x.Place.Kind) && x.Up:
			add("go")
		case disclosure.Hangs(x.Place.Kind):
			add("dan")
		case disclosure.Told(x.Place.Kind):
			add("phat")
		}
		p.Places = append(p.Places, r)
	}
}

// life is what happened to the item, in the order of the days.
func (p *itemWorkPage) life() {
	w := p.W
	add := func(day civil.Date, rank int, who, note, key string, kv ...any) {
		if day != civil.None {
			p.Steps = append(p.Steps, itemEvent{Day: day, What: i18n.M("disclosureitem.life."+key, kv...), Who: who, Note: note, rank: rank})
		}
	}
	for _, e := range w.Editions {
		if !w.Write && !w.Approve && e.Published == civil.None {
			continue
		}
		n := e.Number * 10
		made := civil.Of(db.FromMicros(e.Created))
		for _, d := range []civil.Date{e.Approved, e.Published} { // what was on paper before is entered afterwards
			if d != civil.None {
				made = min(made, d)
			}
		}
		if e.Number == 1 {
			add(made, n, e.DraftedName, "", "made")
		} else {
			add(made, n, e.DraftedName, e.Why, "made_again", "n", e.Number)
		}
		switch {
		case e.Approved == civil.None:
		case e.PaperNumber != "":
			add(e.Approved, n+1, e.PaperSigner, "", "approved_paper", "number", e.PaperNumber)
		default:
			add(e.Approved, n+1, e.ApprovedName, "", "approved")
		}
		if e.Number == 1 {
			add(e.Published, n+2, "", "", "published")
		} else {
			add(e.Published, n+2, "", "", "published_again", "n", e.Number)
		}
	}
	add(w.FirstTold, 5, "", "", "told")
	add(w.Count.Full, 900, "", "", "full")
	add(w.Item.Withdrawn, 990, "", w.WithdrawnWhy, "withdrawn")
	slices.SortStableFunc(p.Steps, func(a, b itemEvent) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.rank, b.rank)) })
	if w.State == disclosure.Up && w.Count.Full == civil.None && w.Count.Ends != civil.None {
		p.Steps = append(p.Steps, itemEvent{Day: w.Count.Ends, What: i18n.M("disclosureitem.life.ends"), Next: true})
	}
	for _, e := range w.Editions {
		if e != p.E && e.Published != civil.None {
			p.Editions = append([]*disclosure.Edition{e}, p.Editions...)
		}
	}
}

func itemMarks(w *disclosure.Work) []i18n.Msg {
	var out []i18n.Msg
	for _, m := range w.Marks {
		out = append(out, m.Msg())
	}
	return out
}

func itemFindings(w *disclosure.Work) []itemFinding {
	var out []itemFinding
	for _, f := range w.Personal {
		x := itemFinding{File: f.File, Title: f.Title, Lines: f.Lines, More: f.More}
		for _, k := range f.Kinds {
			x.Kinds = append(x.Kinds, i18n.M("disclosureitem.personal_kind."+string(k.Kind), "n", k.N))
		}
		out = append(out, x)
	}
	return out
}

// itemChanges are what the edition that is written changes of the one that is up.
func itemChanges(w *disclosure.Work) []itemChange {
	if w.Writing == nil || w.Edition == 0 {
		return nil
	}
	var out []itemChange
	for _, x := range disclosure.Changes(w.Ed, w.Writing, w.OldFiles, w.New) {
		out = append(out, itemChange{i18n.M("disclosureitem.field." + x.Field), x.Pieces})
	}
	return out
}

// Version is the version of the edition that is worked on.
func (p *itemWorkPage) Version() string { return strconv.Itoa(p.E.Version) }
