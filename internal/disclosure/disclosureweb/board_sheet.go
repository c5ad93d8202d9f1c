package disclosureweb

import (
	"cmp"
	"math"
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
	Files    *web.Files // of the notice with its whole text
}

// The sheet in tenths of a line of 13 points: what a page has, what the parts take that are always there (head, heading, code and signature, the strip to
// confirm), and the space between paragraphs.
const (
	sheetTenths = 440
	sheetFixed  = 185
	sheetGap    = 3
	sheetRunes  = 74 // characters of an ordinary line, where single parts are cut
)

func (h *pages) sheet(c *web.Context) error {
	p, err := h.sheetOf(c)
	if err != nil {
		return err
	}
	c.L.Paper = true
	return c.Render("board_sheet", p)
}

func (h *pages) sheetOf(c *web.Context) (*sheetPage, error) {
	i, _, err := h.head(c)
	if err != nil {
		return nil, err
	}
	if i.State != disclosure.Up {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	v, err := h.Service.Item(c.Context(), c.Actor, i.ID)
	if err != nil {
		return nil, err
	}
	c.Touches("unit:"+i.Unit, "law")
	p := &sheetPage{V: v, Back: h.Service.Link(i, ""), Cover: c.Query("kieu") == "bia", Short: shortHost(c) + "/n/" + i.Code, Year: c.Today.Year()}
	p.Notice = h.Service.Link(i, "/to-niem-yet")
	p.CoverAt = h.Service.Link(i, "/to-niem-yet")
	if strings.Contains(p.CoverAt, "?") {
		p.CoverAt += "&kieu=bia"
	} else {
		p.CoverAt += "?kieu=bia"
	}
	if p.QR, err = newQR(c.BaseURL() + "/n/" + i.Code); err != nil {
		return nil, err
	}
	if p.Contact, err = h.Service.ContactOf(c.Context(), i.Unit); err != nil {
		return nil, err
	}
	p.fill(h, c, v)
	p.Files = web.FilesOf(p.Notice)
	return p, nil
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
	if places := where(hanging(v.Places)); len(places) > 0 {
		p.Where, _ = cutText(vi.Arg(places), 2*sheetRunes)
	}
	p.Contact, _ = cutText(strings.Join(strings.Fields(p.Contact), " "), 2*sheetRunes)
	p.Where, p.Contact = stop(p.Where), stop(p.Contact)
	p.SignAs, p.Signer = signAs(u), cmp.Or(v.Ed.PaperSigner, v.Ed.ApprovedName)
	p.Audience = string(v.Audience)

	left := sheetTenths - sheetFixed - 12*linesOf(p.Title+p.Title[:len(p.Title)/4]) // bold, and a size larger
	for _, part := range []string{p.Basis + p.Who + p.Doc + strings.Repeat("x", 80), p.Time + strings.Repeat("x", 24), p.Where + strings.Repeat("x", 20), p.Contact + strings.Repeat("x", 20), "Xem đủ"} {
		left -= 10*linesOf(part) + sheetGap
	}
	left = max(left, 30)
	summary, body := strings.TrimSpace(v.Ed.Summary), strings.TrimSpace(v.Ed.Body)
	if n := tenthsOf(summary) + tenthsOf(body); !p.Cover && body != "" && n <= left {
		p.Body, left = body, left-tenthsOf(body)
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
		n := 10*linesOf(line) + sheetGap
		if n > left {
			if part := fitting(line, left/10); part != "" {
				p.Lines = append(p.Lines, part)
			}
			p.Cut = true
			break
		}
		p.Lines = append(p.Lines, line)
		left -= n
	}
}

// lineEms is the width of the sheet's text in ems, somewhat less than it is.
const lineEms = 36.5

// ems is about the width of a text in the sheet's type.
func ems(s string) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("ijlt.,;:'|!()[]ỉịíìĩ ", r):
			w += 0.29
		case strings.ContainsRune("mwWM%@…—", r):
			w += 0.95
		case unicode.IsUpper(r):
			w += 0.72
		case unicode.IsMark(r):
		case r > 0x2000: // other writing, signs
			w++
		default:
			w += 0.48
		}
	}
	return w
}

// linesOf is how many lines a paragraph takes.
func linesOf(s string) int { return int(math.Ceil(ems(s) / lineEms)) }

// tenthsOf is how much a text of several paragraphs takes, in tenths of a line: a row of a table more than a line, an empty line little.
func tenthsOf(s string) int {
	n := 0
	for line := range strings.SplitSeq(s, "\n") {
		switch line = strings.TrimSpace(line); {
		case line == "":
			n += sheetGap
		case strings.HasPrefix(line, "|"):
			// A cell may be narrow and its words in several lines.
			cells := strings.Split(strings.Trim(line, "|"), "|")
			most := 1
			for _, cell := range cells {
				most = max(most, linesOf(strings.Repeat(cell, len(cells))))
			}
			n += 13 * most
		case strings.HasPrefix(line, "#"):
			n += 22
		default:
			n += 10*linesOf(line) + 2*sheetGap
		}
	}
	return n
}

// fitting is the beginning of a paragraph that takes at most so many lines, the sign that something follows counted; "" where none would be worth it.
func fitting(s string, lines int) string {
	if lines < 1 {
		return ""
	}
	n := min(utf8.RuneCountInString(s), lines*130) // more than fits even of the narrowest letters
	for n > 20 {
		part, _ := cutText(s, n-1)
		if linesOf(part) <= lines {
			return part
		}
		n = min(n-1, utf8.RuneCountInString(part))
	}
	return ""
}

// stop ends a part of the sheet with one full stop.
func stop(s string) string {
	if s == "" || strings.HasSuffix(s, "…") || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
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
