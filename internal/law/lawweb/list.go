package lawweb

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/web"
)

// The parameters of the list.
const (
	byDay, byKind, byRoom, byRole, byText, allDays, view, pageNo = "ngay", "don-vi", "gian", "vai", "tim", "moi-luc", "xem", "trang"
	viewActs                                                     = "van-ban"
)

var filterParams = []string{byDay, byKind, byRoom, byRole, byText, allDays, view, pageNo}

const perPage = 40

// filter is what the reader asked for.
type filter struct {
	day              civil.Date
	all              bool // in force or not
	kind, room, role string
	words            []string
}

func readFilter(c *web.Context) (filter, error) {
	f := c.Form()
	x := filter{day: f.Date(byDay), all: f.Bool(allDays), words: strings.Fields(i18n.Fold(f.Text(byText)))}
	x.day = cmp.Or(x.day, c.Today)
	for _, p := range []struct {
		to    *string
		name  string
		words []string
	}{{&x.kind, byKind, law.UnitKinds}, {&x.room, byRoom, law.Principles}, {&x.role, byRole, law.Roles}} {
		if v := f.Text(p.name); slices.Contains(p.words, v) {
			*p.to = v
		}
	}
	return x, f.Err()
}

func (x filter) hasWords(folded string) bool {
	for _, w := range x.words {
		if !strings.Contains(folded, w) {
			return false
		}
	}
	return true
}

// duties are those that the filter lets through, newest acts first.
func (h pages) duties(x filter) []*law.Duty {
	folded := h.folded()
	var out []*law.Duty
	for _, d := range h.s.Catalogue().All() {
		if (x.all || d.InForce(x.day)) && (x.kind == "" || slices.Contains(d.UnitKinds, x.kind)) && (x.room == "" || d.Principle == x.room) &&
			(x.role == "" || d.Role == x.role) && x.hasWords(folded[d]) {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b *law.Duty) int {
		return cmp.Or(cmp.Compare(b.ActOf().EffectiveFrom, a.ActOf().EffectiveFrom), cmp.Compare(a.Act, b.Act))
	})
	return out
}

// acts are those in force on the day (or all), newest first; the words are looked for in number and title.
func (h pages) acts(x filter) []*law.Act {
	p := i18n.For(i18n.VI)
	var out []*law.Act
	for _, a := range h.s.Catalogue().Acts {
		if (x.all || a.InForce(x.day)) && x.hasWords(i18n.Fold(p.Say(a.Name())+"\n"+a.TitleVI+"\n"+a.TitleEN+"\n"+a.Issuer)) {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b *law.Act) int { return cmp.Compare(b.EffectiveFrom, a.EffectiveFrom) })
	return out
}

type actRow struct {
	Path  string
	Name  i18n.Msg
	Title string
	Meta  i18n.Msg
	Tags  []web.Tag
}

func (h pages) actRow(c *web.Context, a *law.Act) actRow {
	return actRow{Path: ActPath(a.ID), Name: a.Name(), Title: a.Title(c.Lang), Meta: inForceMsg(a.Span()), Tags: tags(c, a.Span(), false, a.Local)}
}

// inForceMsg is "có hiệu lực từ 1/7/2007 đến 30/6/2023".
func inForceMsg(s civil.Span) i18n.Msg {
	if s.To == civil.None {
		return i18n.M("law.span.from", "from", s.From)
	}
	return i18n.M("law.span.both", "from", s.From, "to", s.To)
}

type group struct {
	Act  actRow
	Rows []row
}

type listPage struct {
	F                  *web.Form
	Acts               bool // the list of acts
	Filter             i18n.Msg
	Total              int
	Groups             []group
	ActRows            []actRow
	Pager              web.Pager
	Duties, ActsPath   string // the two views with the same filter
	CSV                string
	Kinds, Rooms, Role []web.Option
	View               string
}

func options(p *i18n.Printer, all, area string, values []string) []web.Option {
	out := []web.Option{{Label: p.T(all)}}
	for _, v := range values {
		out = append(out, web.Option{Value: v, Label: p.T("law." + area + "." + v)})
	}
	return out
}

// with is the list's address with the filter as it is, but for one parameter.
func with(c *web.Context, path, name, value string) string {
	q := url.Values{}
	for _, k := range filterParams {
		if v := c.Query(k); v != "" {
			q.Set(k, v)
		}
	}
	q.Del(pageNo)
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (h pages) list(c *web.Context) error {
	c.Touches("law")
	x, err := readFilter(c)
	p := listPage{
		F: c.Form(), Acts: c.Query(view) == viewActs, View: c.Query(view),
		Duties: with(c, "/luat", view, ""), ActsPath: with(c, "/luat", view, viewActs), CSV: with(c, "/luat/danh-sach.csv", "", ""),
		Kinds: options(c.P, "law.list.all_kinds", "unit", law.UnitKinds), Rooms: options(c.P, "law.list.all_rooms", "principle", law.Principles),
		Role: options(c.P, "law.list.all_roles", "role", law.Roles),
	}
	if err != nil {
		return c.Retry(err, "law_list", p)
	}
	p.F.Prefill(byDay, c.P.Date(x.day))
	if c.Lang == i18n.EN && !p.F.Has(byDay) {
		p.F.Put(byDay, i18n.For(i18n.VI).Date(x.day)) // 12/3/2021 is understood in both languages
	}
	no, _ := strconv.Atoi(c.Query(pageNo))
	if p.Acts {
		all := h.acts(x)
		part := h.part(c, &p, len(all), no)
		for _, a := range all[part.from:part.to] {
			p.ActRows = append(p.ActRows, h.actRow(c, a))
		}
	} else {
		all := h.duties(x)
		part := h.part(c, &p, len(all), no)
		for _, d := range all[part.from:part.to] {
			if n := len(p.Groups); n == 0 || p.Groups[n-1].Act.Path != ActPath(d.Act) {
				p.Groups = append(p.Groups, group{Act: h.actRow(c, d.ActOf())})
			}
			g := &p.Groups[len(p.Groups)-1]
			g.Rows = append(g.Rows, h.row(c, d, true))
		}
	}
	key := "law.list.found_duties"
	if p.Acts {
		key = "law.list.found_acts"
	}
	if x.all {
		p.Filter = i18n.M(key+"_all", "n", p.Total)
	} else {
		p.Filter = i18n.M(key, "n", p.Total, "day", x.day)
	}
	return c.Render("law_list", p)
}

type part struct{ from, to int }

// part cuts the page out of the list and fills in the way to the others.
func (h pages) part(c *web.Context, p *listPage, total, no int) part {
	p.Total = total
	last := max(1, (total+perPage-1)/perPage)
	no = min(max(1, no), last)
	at := func(n int) string {
		if n == 1 {
			return with(c, "/luat", pageNo, "")
		}
		return with(c, "/luat", pageNo, strconv.Itoa(n))
	}
	if no > 1 {
		p.Pager.Prev = at(no - 1)
	}
	if no > 2 {
		p.Pager.First = at(1)
	}
	if no < last {
		p.Pager.Next = at(no + 1)
	}
	return part{(no - 1) * perPage, min(no*perPage, total)}
}

// csv is the filtered list of duties for a spreadsheet.
func (h pages) csv(c *web.Context) error {
	x, err := readFilter(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // Excel takes the file for UTF-8 by it
	w := csv.NewWriter(&b)
	var head []string
	for _, k := range []string{"act", "act_title", "ref", "room", "kind", "role", "title", "units", "numbers", "exempt", "from", "to", "confidence", "local", "code"} {
		head = append(head, c.P.T("law.csv."+k))
	}
	lines := [][]string{head}
	cat := h.s.Catalogue()
	for _, d := range h.duties(x) {
		lines = append(lines, []string{
			c.P.Say(d.ActOf().Name()), d.ActOf().Title(c.Lang), d.Ref, c.P.T("law.principle." + d.Principle), c.P.T("law.kind." + d.Kind),
			c.P.T("law.role." + d.Role), d.Title(c.Lang), h.units(c, d), sayAll(c.P, d.Numbers(cat)), sayAll(c.P, d.Exemptions()),
			string(d.EffectiveFrom), string(d.EffectiveTo), c.P.T("law.confidence." + d.Confidence), mark(d.Local), d.ID,
		})
	}
	for _, l := range lines {
		for i, cell := range l {
			l[i] = plain(cell)
		}
	}
	if err := w.WriteAll(lines); err != nil {
		return err
	}
	return c.Bytes("text/csv; charset=utf-8", "luat-"+string(x.day)+".csv", b.Bytes())
}

func mark(b bool) string {
	if b {
		return "x"
	}
	return ""
}

// plain keeps a spreadsheet from taking a local entry's text for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
