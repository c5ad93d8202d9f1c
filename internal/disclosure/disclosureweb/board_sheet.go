package disclosureweb

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// sheetPage is the sheet that hangs: a notice with room for signature and seal, or a cover that is clipped to the stamped paper. Papers are in Vietnamese.
type sheetPage struct {
	V        *disclosure.View
	Back     string
	Cover    bool
	Notice   string // addresses of the two forms
	CoverAt  string
	Upper    string
	Name     string
	Number   string
	Place    string
	Day      string
	Title    string
	Basis    string
	Who      string // the body, inside a sentence
	Doc      string
	Time     string
	Where    string
	Contact  string
	Lines    []string // of the summary, as far as they fit
	Body     string   // the whole text, where it fits too
	Cut      bool
	SignAs   []string
	Signer   string
	QR       QR
	Short    string
	Year     int
	Audience string
}

// The sheet in lines of 13 points: how many a page has, and how many characters stand in one.
const (
	sheetLines = 39
	sheetRunes = 74
)

func (h *pages) sheet(c *web.Context) error {
	i, _, err := h.head(c)
	if err != nil {
		return err
	}
	if i.State != disclosure.Up {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	v, err := h.Service.Item(c.Context(), c.Actor, i.ID)
	if err != nil {
		return err
	}
	c.Touches("unit:"+i.Unit, "law")
	c.L.Paper = true
	p := &sheetPage{V: v, Back: h.Service.Link(i, ""), Cover: c.Query("kieu") == "bia", Short: shortHost(c) + "/n/" + i.Code, Year: c.Today.Year()}
	p.Notice = h.Service.Link(i, "/to-niem-yet")
	p.CoverAt = h.Service.Link(i, "/to-niem-yet")
	if strings.Contains(p.CoverAt, "?") {
		p.CoverAt += "&kieu=bia"
	} else {
		p.CoverAt += "?kieu=bia"
	}
	if p.QR, err = newQR(c.BaseURL() + "/n/" + i.Code); err != nil {
		return err
	}
	if p.Contact, err = h.Service.ContactOf(c.Context(), i.Unit); err != nil {
		return err
	}
	p.fill(h, c, v)
	return c.Render("board_sheet", p)
}

// fill words the sheet and cuts what would not fit on one page of A4: each part has its share of lines, the summary what is left.
func (p *sheetPage) fill(h *pages, c *web.Context, v *disclosure.View) {
	vi := i18n.For(i18n.VI)
	u := c.Unit
	p.Upper, p.Name, p.Place = paperHead(h.Units.On(min(c.On, cmp.Or(u.To, c.On))), u)
	p.Who = bodyOf(u)
	p.Title, _ = cutText(v.Ed.Title, 3*sheetRunes)
	p.Number, p.Day = v.Ed.PaperNumber, "…… tháng …… năm "+strconv.Itoa(p.Year)
	if v.Ed.PaperDay != civil.None {
		p.Day = paperDay(v.Ed.PaperDay)
	}
	if v.Duty != nil {
		p.Basis = lowerFirst(vi.Say(v.Duty.Cite()))
	} else if v.Own != nil {
		p.Basis, _ = cutText(v.Own.Basis, sheetRunes)
	}
	if v.Ed.DocNumber != "" {
		p.Doc, _ = cutText(vi.T("disclosureboard.sheet.doc", "number", v.Ed.DocNumber), sheetRunes)
		if v.Ed.DocDay != civil.None {
			p.Doc += vi.T("disclosureboard.sheet.doc_day", "day", v.Ed.DocDay)
		}
	}
	t := timingOf(v, c.Today)
	switch {
	case v.Permanent:
		p.Time = vi.T("disclosureboard.sheet.permanent")
	case t.Need > 0 && (t.Running || t.Full):
		p.Time = vi.T("disclosureboard.sheet.days", "n", t.Need, "from", t.From, "to", t.To)
	case t.Need > 0:
		p.Time = vi.T("disclosureboard.sheet.days_open", "n", t.Need)
	case v.MinDays > 0:
		p.Time = vi.T("disclosureboard.sheet.days_open", "n", v.MinDays)
	default:
		p.Time = vi.T("disclosureboard.sheet.from", "day", v.Published)
	}
	var places []i18n.Msg
	for _, m := range where(hanging(v.Places)) {
		places = append(places, m)
	}
	if len(places) > 0 {
		p.Where, _ = cutText(vi.Arg(places), 2*sheetRunes)
	}
	p.Contact, _ = cutText(p.Contact, 2*sheetRunes)
	p.SignAs, p.Signer = signAs(u), cmp.Or(v.Ed.PaperSigner, v.Ed.ApprovedName)
	p.Audience = string(v.Audience)

	used := 21 // head, heading, code, signature, strip to confirm
	for _, s := range []string{p.Title, p.Basis + strings.Repeat("x", 120), p.Doc, p.Time + strings.Repeat("x", 24), p.Where + strings.Repeat("x", 20), p.Contact + strings.Repeat("x", 20)} {
		used += linesOf(s)
	}
	left := max(sheetLines-used, 3)
	summary, body := strings.TrimSpace(v.Ed.Summary), strings.TrimSpace(v.Ed.Body)
	if n := linesOfText(summary); !p.Cover && body != "" && n+linesOfText(body) <= left {
		p.Body, left = body, left-linesOfText(body)
	} else if summary == "" && !p.Cover {
		summary = plainText(body)
	} else if body != "" {
		p.Cut = true
	}
	for line := range strings.SplitSeq(summary, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		n := linesOf(line)
		if n > left {
			if left > 0 {
				part, _ := cutText(line, left*sheetRunes-8)
				p.Lines = append(p.Lines, part)
			}
			p.Cut = true
			break
		}
		p.Lines = append(p.Lines, line)
		left -= n
	}
}

func linesOf(s string) int {
	if s == "" {
		return 0
	}
	return (utf8.RuneCountInString(s) + sheetRunes - 1) / sheetRunes
}

// linesOfText is how many lines a text of several takes: a row of a table more than a line, an empty line half of one.
func linesOfText(s string) int {
	tenths := 0
	for line := range strings.SplitSeq(s, "\n") {
		switch line = strings.TrimSpace(line); {
		case line == "":
			tenths += 5
		case strings.HasPrefix(line, "|"):
			tenths += 12 * max(linesOf(line), 1)
		default:
			tenths += 10*linesOf(line) + 2
		}
	}
	return (tenths + 9) / 10
}

// plainText takes the marks of Markdown from a text that is cut and therefore not rendered.
func plainText(s string) string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimLeft(strings.TrimSpace(line), "#>*- ")
		if !strings.HasPrefix(line, "|") {
			out = append(out, strings.NewReplacer("**", "", "__", "", "`", "").Replace(line))
		}
	}
	return strings.Join(out, "\n")
}

func hanging(places []disclosure.Place) []disclosure.Place {
	var out []disclosure.Place
	for _, x := range places {
		if disclosure.Hangs(x.Kind) {
			out = append(out, x)
		}
	}
	return out
}

// paperHead are the two lines over a paper of a unit, and the place before its date.
func paperHead(tree *org.Tree, u *org.Unit) (upper, name, place string) {
	up := strings.ToUpper
	place = withoutKind(u.Name)
	switch u.Kind {
	case org.Province, org.District, org.Commune:
		return "ỦY BAN NHÂN DÂN", up(u.Name), place
	}
	if top := tree.Top(u.ID); top != nil && u.Kind != org.Village {
		place = withoutKind(top.Name)
	}
	if p := tree.Parent(u.ID); p != nil {
		if u.Kind == org.Village {
			place = withoutKind(p.Name)
		}
		if org.Administrative(p.Kind) {
			return "UBND " + up(p.Name), up(u.Name), place
		}
		return up(p.Name), up(u.Name), place
	}
	return "", up(u.Name), place
}

// bodyOf names the body that publishes, inside a sentence.
func bodyOf(u *org.Unit) string {
	switch u.Kind {
	case org.Province, org.District, org.Commune:
		return "Ủy ban nhân dân " + lowerFirst(u.Name)
	}
	return u.Name
}

// signAs are the lines above a signature.
func signAs(u *org.Unit) []string {
	switch u.Kind {
	case org.Province, org.District, org.Commune:
		return []string{"TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"}
	case org.Village:
		return []string{"TRƯỞNG THÔN (BẢN, TỔ DÂN PHỐ)"}
	case org.Enterprise:
		return []string{"NGƯỜI ĐẠI DIỆN DOANH NGHIỆP"}
	}
	return []string{"THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ"}
}

func withoutKind(name string) string {
	for _, kind := range []string{"Tỉnh ", "Thành phố ", "Thị xã ", "Huyện ", "Quận ", "Xã ", "Phường ", "Thị trấn ", "Đặc khu "} {
		if rest, ok := strings.CutPrefix(name, kind); ok {
			if r, _ := utf8.DecodeRuneInString(rest); unicode.IsUpper(r) {
				return rest
			}
		}
	}
	return name
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

// paperDay is a day as papers write it after the place: 05 tháng 4 năm 2021.
func paperDay(d civil.Date) string {
	day := strconv.Itoa(d.Day())
	month := strconv.Itoa(d.Month())
	if d.Day() < 10 {
		day = "0" + day
	}
	if d.Month() < 3 {
		month = "0" + month
	}
	return day + " tháng " + month + " năm " + strconv.Itoa(d.Year())
}

// messagePage is the text for a chat group, to be copied.
type messagePage struct {
	Item    *disclosure.Item
	Back    string
	Text    string
	Picture string
}

func (h *pages) message(c *web.Context) error {
	i, e, err := h.head(c)
	if err != nil {
		return err
	}
	if i.State != disclosure.Up {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	c.Touches("unit:" + i.Unit)
	return c.Render("board_message", &messagePage{Item: i, Back: h.Service.Link(i, ""), Text: chatText(c, i, e), Picture: h.Service.Link(i, "/anh-nhom.png")})
}

// chatText is what one sends to a group: who, what, what it means, until when, where to read more. It is in Vietnamese, as the group is.
func chatText(c *web.Context, i *disclosure.Item, e *disclosure.Edition) string {
	vi := i18n.For(i18n.VI)
	out := []string{vi.T("disclosureboard.message.head", "unit", bodyOf(c.Unit)), e.Title}
	if s, _ := cutText(strings.Join(strings.Fields(e.Summary), " "), 300); s != "" {
		out = append(out, "", s)
	}
	out = append(out, "")
	switch {
	case i.Ends != civil.None && i.MinDays > 0:
		out = append(out, vi.T("disclosureboard.message.until", "from", i.Ends.Add(1-i.MinDays), "to", i.Ends))
	case i.Permanent:
		out = append(out, vi.T("disclosureboard.message.permanent"))
	}
	return strings.Join(append(out, vi.T("disclosureboard.message.link", "link", c.BaseURL()+"/n/"+i.Code)), "\n")
}
