package disclosureweb

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/document"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/web"
)

// recordPage is a record to print and sign: that something was posted, or that its posting has ended. It is filled from what was entered; what nobody entered
// is left to be written by hand. Papers are in Vietnamese.
type recordPage struct {
	V       *disclosure.View
	End     bool
	Back    string
	Choices []paperChoice
	Short   bool   // the days are not full
	Where   string // the place, for a record of one
	Body    string // who posts
	Village string // who stands for the village, where it is one
	Title   string
	Doc     string
	Basis   string
	Start   paperTime
	Stop    paperTime
	Person  string
	Need    int
	Days    int
	From    string
	To      string
	Gaps    []string
	Contact string
	Asked   string
	Rows    []recordRow
	SignAs  []string
	Head    document.Head
	Paper   *document.Paper
	Files   *web.Files
}

// paperChoice is another form of the paper.
type paperChoice struct {
	Name    i18n.Msg
	Path    string
	Current bool
}

// paperTime is an hour and a day as papers write them, with dots for what is not known.
type paperTime struct{ Hour, Minute, Day string }

type recordRow struct {
	No                      int
	Place, Up, Person, Down string
	Days                    string
	Photos                  int
}

func paperMoment(day civil.Date, hour string) paperTime {
	t := paperTime{"……", "……", "…… tháng …… năm ………"}
	if hh, mm, ok := strings.Cut(hour, ":"); ok {
		t.Hour, t.Minute = hh, mm
	}
	if day != civil.None {
		t.Day = paperDay(day)
	}
	return t
}

func (h *pages) postRecord(end bool) web.Handler {
	return func(c *web.Context) error {
		p, err := h.record(c, end)
		if err != nil {
			return err
		}
		c.L.Paper = true
		return c.Render("post_record", p)
	}
}

func (h *pages) record(c *web.Context, end bool) (*recordPage, error) {
	v, err := h.Service.Enterable(c.Context(), c.Actor, c.Value("item"))
	if err != nil {
		return nil, err
	}
	p := &recordPage{V: v, End: end, Back: disclosure.WorkPath(v.Item.ID)}
	if !h.Service.MayWrite(c.Actor, v.Unit) {
		p.Back = phonePath
	}
	var places []disclosure.PlaceCount
	for _, at := range v.Count.Places {
		if disclosure.Hangs(at.Place.Kind) && h.Service.MayEnterAt(c.Actor, at.Place) {
			places = append(places, at)
		}
	}
	if len(places) == 0 {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	key := c.Query("noi")
	path := strings.TrimSuffix(strings.TrimSuffix(c.Path(), web.AsDOCX), web.AsPDF)
	p.Choices = append(p.Choices, paperChoice{i18n.M("disclosurepost.paper.all"), path, key == ""})
	var one *disclosure.PlaceCount
	for n, at := range places {
		p.Choices = append(p.Choices, paperChoice{at.Place.Label(), withPlace(path, at.Place.Key), key == at.Place.Key})
		if key == at.Place.Key {
			one = &places[n]
		}
	}
	if len(places) == 1 {
		p.Choices, one = nil, &places[0]
	}
	if key != "" && one == nil {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	if err := h.fillRecord(c, p, places, one); err != nil {
		return nil, err
	}
	p.Paper = p.paper()
	p.Files = recordFiles(path, one)
	return p, nil
}

func withPlace(path, key string) string { return path + "?noi=" + url.QueryEscape(key) }

func (h *pages) fillRecord(c *web.Context, p *recordPage, places []disclosure.PlaceCount, one *disclosure.PlaceCount) error {
	v, vi := p.V, i18n.For(i18n.VI)
	u := h.anyUnit(c, v.Unit)
	if u == nil {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	p.Head = c.PaperHead(u, "BB")
	p.Head.Undated = true
	p.Body, p.Title, p.SignAs = bodyOf(u), v.Title, signAs(u)
	if v.Ed != nil {
		p.Title = v.Ed.Title
		switch {
		case v.Ed.DocNumber != "" && v.Ed.DocDay != civil.None:
			p.Doc = v.Ed.DocNumber + " ngày " + vi.Date(v.Ed.DocDay)
		case v.Ed.DocNumber != "":
			p.Doc = v.Ed.DocNumber
		}
	}
	if v.Duty != nil {
		p.Basis = lowerFirst(vi.Say(v.Duty.Cite()))
	}
	var err error
	if p.Contact, err = h.Service.ContactOf(c.Context(), v.Unit); err != nil {
		return err
	}
	p.Start, p.Stop = paperMoment(civil.None, ""), paperMoment(civil.None, "")
	from, to := civil.None, civil.None
	full := true
	for n, at := range places {
		p.Rows = append(p.Rows, h.recordRow(v, at, n+1))
		if one != nil && at.Place.Key != one.Place.Key {
			continue
		}
		p.Need = max(p.Need, at.Need)
		if n == 0 || one != nil || at.Days < p.Days {
			p.Days = at.Days
		}
		full = full && (at.Need == 0 || at.Full != civil.None)
		if len(at.Runs) == 0 {
			full = false
			continue
		}
		if first := at.Runs[len(at.Runs)-1].From; from == civil.None || first > from {
			from = first
		}
		to = max(to, p.last(at))
		for i := 1; i < len(at.Runs); i++ {
			p.Gaps = append(p.Gaps, vi.Say(at.Place.Label())+", từ ngày "+vi.Date(at.Runs[i-1].To.Add(1))+" đến hết ngày "+vi.Date(at.Runs[i].From.Add(-1)))
		}
	}
	p.Short = p.End && !full
	if from != civil.None {
		p.From = vi.Date(from)
	}
	if to != civil.None {
		p.To = vi.Date(to)
	}
	if one != nil {
		p.Rows = nil
		p.Where = h.whereOf(c, one.Place)
		if one.Place.AtUnit != "" {
			p.Village = h.villageName(c, one.Place)
		}
		for _, x := range v.Postings {
			if x.Place != one.Place.Key || x.Edition != editionShown(v) {
				continue
			}
			p.Start, p.Person = paperMoment(x.UpDay, x.UpHour), x.UpPerson
			p.Stop = paperMoment(civil.None, "")
			if x.DownDay != civil.None {
				p.Stop = paperMoment(x.DownDay, x.DownHour)
				if x.DownPerson != "" && p.End {
					p.Person = x.DownPerson
				}
			}
		}
	}
	if p.End && from != civil.None {
		last := c.Today
		if to != civil.None && to < last {
			last = to
		}
		n, err := h.Service.QuestionCount(c.Context(), v.Item.ID, from, last)
		if err != nil {
			return err
		}
		p.Asked = strconv.Itoa(n)
	}
	return nil
}

// last is the last day of a place for its paper: the day with which the days will be full, or were; at the end the day before the sheet came down. None
// where nobody knows it yet.
func (p *recordPage) last(at disclosure.PlaceCount) civil.Date {
	run := at.Runs[len(at.Runs)-1]
	switch {
	case p.End && !run.Open:
		return run.To
	case at.Full != civil.None:
		return at.Full
	case p.End:
		return civil.None
	}
	return at.Ends
}

// editionShown is the edition that the papers are about.
func editionShown(v *disclosure.View) int {
	if v.Ed != nil {
		return v.Ed.Number
	}
	return v.Edition
}

// whereOf words a place inside a sentence of a paper.
func (h *pages) whereOf(c *web.Context, p disclosure.Place) string {
	switch p.Kind {
	case disclosure.PlaceOffice:
		if u := h.anyUnit(c, p.Unit); u != nil {
			return "trụ sở " + bodyOf(u)
		}
	case disclosure.PlaceVillage:
		return "nhà văn hóa (điểm sinh hoạt cộng đồng) " + h.villageName(c, p)
	}
	return p.Name
}

// villageName is the village of a place inside a sentence, by the name that it had when it was chosen where it is gone.
func (h *pages) villageName(c *web.Context, p disclosure.Place) string {
	if u := h.anyUnit(c, p.AtUnit); u != nil {
		return lowerFirst(u.Name)
	}
	return lowerFirst(p.Name)
}

func (h *pages) recordRow(v *disclosure.View, at disclosure.PlaceCount, no int) recordRow {
	vi := i18n.For(i18n.VI)
	r := recordRow{No: no, Place: vi.Say(at.Place.Label()), Up: "", Person: "", Days: strconv.Itoa(at.Days)}
	if len(at.Runs) == 0 {
		r.Days = ""
	}
	moment := func(day civil.Date, at string) string {
		if at == "" {
			return vi.Date(day)
		}
		return vi.Say(hour(at)) + " ngày " + vi.Date(day)
	}
	for _, x := range v.Postings {
		if x.Place != at.Place.Key || x.Edition != editionShown(v) {
			continue
		}
		r.Up, r.Person, r.Down = moment(x.UpDay, x.UpHour), x.UpPerson, ""
		if x.DownDay != civil.None {
			r.Down = moment(x.DownDay, x.DownHour)
		}
		r.Photos += len(v.Photos[x.ID])
	}
	return r
}

// scriptPage is what is read aloud over the loudspeaker.
type scriptPage struct {
	V       *disclosure.View
	Back    string
	Lines   []string
	Words   int
	Minutes int
	Seconds int
	Days    int // running days of broadcasts
	Tell    string
	Empty   bool // there is no summary
}

func (h *pages) postScript(c *web.Context) error {
	v, err := h.Service.Enterable(c.Context(), c.Actor, c.Value("item"))
	if err != nil {
		return err
	}
	u := h.anyUnit(c, v.Unit)
	if u == nil || v.Ed == nil {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	p := &scriptPage{V: v, Back: disclosure.WorkPath(v.Item.ID), Days: v.LoudDays, Empty: strings.TrimSpace(v.Ed.Summary) == ""}
	if slices.ContainsFunc(v.Places, func(p disclosure.Place) bool { return disclosure.Told(p.Kind) }) {
		p.Tell = disclosure.WorkPath(v.Item.ID) + "/phat"
	}
	if !h.Service.MayWrite(c.Actor, v.Unit) {
		p.Back = phonePath
	}
	p.Lines = h.script(c, v, bodyOf(u))
	for _, l := range p.Lines {
		p.Words += len(strings.Fields(l))
	}
	seconds := (p.Words*60 + disclosure.Rules.WordsPerMinute - 1) / disclosure.Rules.WordsPerMinute
	p.Minutes, p.Seconds = seconds/60, seconds%60
	c.L.Paper = true
	return c.Render("post_script", p)
}

// script is made of the summary: who speaks, what, what it means, where it hangs and until when, whom to ask.
func (h *pages) script(c *web.Context, v *disclosure.View, body string) []string {
	vi := i18n.For(i18n.VI)
	out := []string{
		"Kính thưa bà con!",
		body + " thông báo công khai: " + strings.TrimRight(v.Ed.Title, ". ") + ".",
	}
	for line := range strings.SplitSeq(v.Ed.Summary, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	places := where(hanging(v.Places))
	t := timingOf(v, c.Today)
	if len(places) > 0 {
		line := "Nội dung đầy đủ được niêm yết tại " + lowerFirst(vi.Arg(places))
		switch {
		case t.Permanent:
			line += ", niêm yết thường xuyên"
		case t.Need > 0 && t.To != civil.None:
			line += ", đến hết ngày " + strconv.Itoa(t.To.Day()) + " tháng " + strconv.Itoa(t.To.Month()) + " năm " + strconv.Itoa(t.To.Year())
		case v.MinDays > 0:
			line += ", trong " + strconv.Itoa(v.MinDays) + " ngày liên tục"
		}
		out = append(out, line+".")
	}
	if contact, err := h.Service.ContactOf(c.Context(), v.Unit); err == nil && contact != "" {
		out = append(out, "Bà con cần hỏi thêm, xin gặp "+strings.TrimRight(contact, ". ")+".")
	}
	return append(out, "Xin cảm ơn bà con đã lắng nghe!")
}
