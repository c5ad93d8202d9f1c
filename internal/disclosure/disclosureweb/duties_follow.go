package disclosureweb

import (
	"bytes"
	"encoding/csv"
	"html/template"
	"net/url"
	"slices"
	"strconv"

	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
	"dinh/internal/xlsx"
)

// followPage is the matrix of matters and units that a superior follows.
type followPage struct {
	F       *web.Form // what the filter chose
	M       *disclosure.Follow
	Title   string // of the source
	Years   []web.Option
	Sources []web.Option
	Kinds   []web.Option
	Unders  []web.Option
	Views   []web.Option
	Columns []followColumn
	Blocks  []followBlock
	Legend  []followLegend
	Late    []followLate // the list of what is missing or late
	List    bool         // show that list in place of the matrix
	Query   string       // the filter as a query, "" or "?…"
	Count   int          // lines that are missing or late

	LateCells int // cells told too late
}

type followColumn struct {
	No, Ref string
	Titles  []string
	Path    []string
	Sum     disclosure.FollowSum
	Share   string
}

type followBlock struct {
	Name string
	Sums []string
	Rows []followRow
}

type followRow struct {
	Name, Code, Path, Percent string
	Missing                   int
	Cells                     []template.HTML
}

type followLegend struct{ Class, Word string }

// followLate is a matter that a unit has not told, or told too late.
type followLate struct {
	Unit, Code, UnitPath, Group string
	Matter, Path                string
	Period                      i18n.Msg
	Tag                         web.Tag
	Due                         civil.Date
	State                       disclosure.SlotState
	Days                        int
	Standing                    bool
}

// slotSigns are the classes of the matrix by state: the sign is drawn by CSS, the word stands in the cell.
var slotSigns = map[disclosure.SlotState]string{
	disclosure.SlotOverdue: "q", disclosure.SlotDue: "d", disclosure.SlotFilledLate: "l", disclosure.SlotFilled: "x", disclosure.SlotWaiting: "e",
	disclosure.SlotComing: "c", disclosure.SlotNoEvent: "e", disclosure.SlotNotArisen: "y", disclosure.SlotLapsed: "k",
}

// followCells are the cells that a matrix is made of, made once for a page.
func followCells(p *i18n.Printer) map[disclosure.SlotState]template.HTML {
	out := map[disclosure.SlotState]template.HTML{"": `<td class="o"></td>`}
	for _, s := range disclosure.SlotStates {
		word := template.HTMLEscapeString(p.T("disclosureduty.state." + string(s)))
		out[s] = template.HTML(`<td class="o ` + slotSigns[s] + `">` + word + `</td>`) //nolint:gosec // a word of the catalogue, escaped
	}
	return out
}

// followFilter reads the filter out of the address.
func (h *pages) followFilter(c *web.Context) (disclosure.FollowFilter, error) {
	year, err := yearAsked(c)
	f := disclosure.FollowFilter{Year: year, Source: c.Query("nguon"), Kind: c.Query("loai"), Q: c.Query("q"), Missing: c.Query("xem") == "thieu" || c.Query("xem") == "danh-sach"}
	if f.Kind != "" && !slices.Contains(org.Kinds, f.Kind) {
		return f, errs.E(errs.NotFound, "disclosure.none")
	}
	if code := c.Query("duoi"); code != "" {
		u, ok := h.named(c, code)
		if !ok {
			return f, errs.E(errs.NotFound, "disclosure.none")
		}
		f.Under = u.ID
	}
	return f, err
}

func (h *pages) followed(c *web.Context) (*disclosure.Follow, error) {
	if len(c.Actor.Units()) == 0 {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	f, err := h.followFilter(c)
	if err != nil {
		return nil, err
	}
	return h.Service.Follow(c.Context(), c.Actor, f)
}

func (h *pages) follow(c *web.Context) error {
	m, err := h.followed(c)
	if err != nil {
		return err
	}
	p := &followPage{F: web.NewForm(nil), M: m, List: c.Query("xem") == "danh-sach"}
	q := url.Values{}
	for _, k := range []string{"nam", "nguon", "loai", "duoi", "q", "xem"} {
		if v := c.Query(k); v != "" {
			q.Set(k, v)
			p.F.Put(k, v)
		}
	}
	if len(q) > 0 {
		p.Query = "?" + q.Encode()
	}
	p.F.Put("nam", strconv.Itoa(m.Filter.Year))
	p.F.Put("nguon", m.Source.Key)
	h.followOptions(c, p)
	p.Columns = followColumns(c, m)
	p.Blocks = h.followBlocks(c, m)
	p.Late = h.followLate(c, m)
	p.Count = len(p.Late)
	for _, s := range m.Sums {
		p.LateCells += s.Late
	}
	for _, s := range disclosure.SlotStates {
		if s != disclosure.SlotNoEvent || m.Filter.Year < c.Today.Year() {
			p.Legend = append(p.Legend, followLegend{slotSigns[s], c.P.T("disclosureduty.state." + string(s))})
		}
	}
	c.L.Wide = true
	return c.Render("duty_follow", p)
}

func (h *pages) followOptions(c *web.Context, p *followPage) {
	for y := c.Today.Year() + 1; y >= c.Today.Year()-8; y-- {
		p.Years = append(p.Years, web.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	if y := strconv.Itoa(p.M.Filter.Year); !slices.ContainsFunc(p.Years, func(o web.Option) bool { return o.Value == y }) {
		p.Years = append(p.Years, web.Option{Value: y, Label: y})
	}
	for _, s := range p.M.Sources {
		p.Sources = append(p.Sources, web.Option{Value: s.Key, Label: sourceName(c, s)})
	}
	p.Title = sourceName(c, p.M.Source)
	all := web.Option{Label: c.P.T("disclosureduty.follow.all")}
	p.Kinds = append(p.Kinds, all)
	for _, k := range p.M.Kinds {
		p.Kinds = append(p.Kinds, web.Option{Value: k, Label: c.P.Say(org.KindMsg(k))})
	}
	p.Unders = append(p.Unders, all)
	for _, u := range p.M.Unders {
		p.Unders = append(p.Unders, web.Option{Value: unitCode(u), Label: u.NameIn(c.Lang)})
	}
	for _, v := range []string{"", "thieu", "danh-sach"} {
		key := map[string]string{"": "matrix", "thieu": "missing", "danh-sach": "list"}[v]
		p.Views = append(p.Views, web.Option{Value: v, Label: c.P.T("disclosureduty.follow.view_" + key)})
	}
}

func sourceName(c *web.Context, s disclosure.FollowSource) string {
	if s.Act == nil {
		return ""
	}
	key := "disclosureduty.follow.source"
	if s.Article == "" {
		key = "disclosureduty.follow.source_act"
	}
	if s.Audience == disclosure.Staff {
		key += "_staff"
	}
	return c.P.T(key, "article", s.Article, "act", s.Act.Name(), "n", s.Columns)
}

func followColumns(c *web.Context, m *disclosure.Follow) []followColumn {
	var out []followColumn
	for i, col := range m.Columns {
		x := followColumn{No: col.No, Sum: m.Sums[i], Share: strconv.Itoa(m.Sums[i].Told) + "/" + strconv.Itoa(m.Sums[i].Asked)}
		for _, d := range col.Duties {
			x.Titles, x.Path = append(x.Titles, d.Title(c.Lang)), append(x.Path, "/luat/nghia-vu/"+d.ID)
		}
		x.Ref = c.P.Say(col.Duties[0].Cite())
		out = append(out, x)
	}
	return out
}

func (h *pages) followUnitPath(m *disclosure.Follow, u *org.Unit) string {
	return slotsPath + "?" + url.Values{"don-vi": {unitCode(u)}, "nam": {strconv.Itoa(m.Filter.Year)}}.Encode()
}

func (h *pages) followBlocks(c *web.Context, m *disclosure.Follow) []followBlock {
	made := followCells(c.P)
	var out []followBlock
	var sums []disclosure.FollowSum
	group := "-"
	flush := func() {
		if len(out) == 0 {
			return
		}
		last := &out[len(out)-1]
		for _, s := range sums {
			if s.Asked == 0 {
				last.Sums = append(last.Sums, "–")
			} else {
				last.Sums = append(last.Sums, strconv.Itoa(s.Told)+"/"+strconv.Itoa(s.Asked))
			}
		}
	}
	rows := slices.Clone(m.Rows)
	slices.SortStableFunc(rows, func(a, b disclosure.FollowRow) int { return compareGroups(a.Group, b.Group) })
	for _, r := range rows {
		id := ""
		if r.Group != nil {
			id = r.Group.ID
		}
		if id != group {
			flush()
			group = id
			sums = make([]disclosure.FollowSum, len(m.Columns))
			b := followBlock{Name: c.P.T("disclosureduty.follow.top")}
			if r.Group != nil {
				b.Name = r.Group.NameIn(c.Lang)
			}
			out = append(out, b)
		}
		row := followRow{Name: r.Unit.NameIn(c.Lang), Code: r.Unit.Code, Path: h.followUnitPath(m, r.Unit), Percent: c.P.Percent(r.Told, r.Asked), Missing: r.Missing}
		for i, cell := range r.Cells {
			row.Cells = append(row.Cells, made[cell.State])
			sums[i].Add(cell.State)
		}
		last := &out[len(out)-1]
		last.Rows = append(last.Rows, row)
	}
	flush()
	return out
}

// compareGroups orders units by the one above them, in Vietnamese order.
func compareGroups(a, b *org.Unit) int {
	switch {
	case a == b:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	case a.SortKey < b.SortKey:
		return -1
	case a.SortKey > b.SortKey:
		return 1
	}
	return 0
}

func (h *pages) followLate(c *web.Context, m *disclosure.Follow) []followLate {
	var out []followLate
	for _, r := range m.Rows {
		group := ""
		if r.Group != nil {
			group = r.Group.NameIn(c.Lang)
		}
		for _, cell := range r.Cells {
			for i := range cell.Slots {
				s := &cell.Slots[i]
				if !s.State.Missing() {
					continue
				}
				l := followLate{
					Unit: r.Unit.NameIn(c.Lang), Code: r.Unit.Code, UnitPath: h.followUnitPath(m, r.Unit), Group: group, Matter: s.Duty.Title(c.Lang),
					Path: "/luat/nghia-vu/" + s.Duty.ID, Tag: slotTag(c.P, s), Due: s.Due, State: s.State, Days: s.Late, Standing: s.Rhythm == disclosure.Standing && len(s.Items) == 0,
				}
				if s.Period != "" {
					l.Period = s.Period.Msg()
				}
				out = append(out, l)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b followLate) int {
		if a.State != b.State {
			return slices.Index(disclosure.SlotStates, a.State) - slices.Index(disclosure.SlotStates, b.State)
		}
		return b.Days - a.Days
	})
	return out
}

// followCSV is the matrix for other programs: a line per unit and matter.
func (h *pages) followCSV(c *web.Context) error {
	m, err := h.followed(c)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	buf.WriteString("\ufeff") // so that spreadsheets read UTF-8
	w := csv.NewWriter(&buf)
	lines := [][]string{{"unit", "name", "kind", "above", "duty", "matter", "period", "state", "word", "due", "told", "days_late"}}
	for _, r := range m.Rows {
		group := ""
		if r.Group != nil {
			group = r.Group.NameIn(c.Lang)
		}
		for _, cell := range r.Cells {
			for i := range cell.Slots {
				s := &cell.Slots[i]
				late := "0"
				if s.State.Missing() && s.Late > 0 {
					late = strconv.Itoa(s.Late)
				}
				lines = append(lines, []string{
					r.Unit.Code, r.Unit.NameIn(c.Lang), r.Unit.Kind, group, s.Matter, s.Duty.Title(c.Lang), string(s.Period), string(s.State),
					c.P.T("disclosureduty.state." + string(s.State)), string(s.Due), string(s.Told), late,
				})
			}
		}
	}
	for _, l := range lines {
		for i, v := range l {
			l[i] = safeCell(v)
		}
	}
	if err := w.WriteAll(lines); err != nil {
		return err
	}
	return c.Bytes("text/csv; charset=utf-8", "phai-cong-khai-"+strconv.Itoa(m.Filter.Year)+"-"+string(c.Today)+".csv", buf.Bytes())
}

// followXLSX is the matrix as a workbook, with what is missing or late on a sheet of its own.
func (h *pages) followXLSX(c *web.Context) error {
	m, err := h.followed(c)
	if err != nil {
		return err
	}
	t := func(key string, kv ...any) string { return c.P.T("disclosureduty.follow."+key, kv...) }
	title := t("title")
	notes := []string{sourceName(c, m.Source), t("asof", "day", c.Today, "year", strconv.Itoa(m.Filter.Year))}
	matrix := xlsx.Sheet{Name: t("sheet_matrix"), Title: title, Notes: notes}
	matrix.Columns = []xlsx.Column{{Head: t("code"), Width: 10}, {Head: t("unit"), Width: 34}, {Head: t("above"), Width: 28}}
	for _, col := range m.Columns {
		matrix.Columns = append(matrix.Columns, xlsx.Column{Head: col.No, Width: 12})
	}
	matrix.Columns = append(matrix.Columns, xlsx.Column{Head: t("told"), Type: xlsx.Int}, xlsx.Column{Head: t("asked"), Type: xlsx.Int}, xlsx.Column{Head: t("missing"), Type: xlsx.Int}, xlsx.Column{Head: t("late"), Type: xlsx.Int})
	var rows [][]any
	for _, r := range m.Rows {
		group := ""
		if r.Group != nil {
			group = r.Group.NameIn(c.Lang)
		}
		line := []any{r.Unit.Code, r.Unit.NameIn(c.Lang), group}
		for _, cell := range r.Cells {
			word := ""
			if cell.State != "" {
				word = c.P.T("disclosureduty.state." + string(cell.State))
			}
			line = append(line, word)
		}
		rows = append(rows, append(line, r.Told, r.Asked, r.Missing, r.Late))
	}
	matrix.Rows = xlsx.Rows(rows)
	names := xlsx.Sheet{Name: t("sheet_names"), Columns: []xlsx.Column{{Head: t("column"), Width: 10}, {Head: t("matter"), Width: 90, Type: xlsx.Long}, {Head: t("ref"), Width: 40}}}
	rows = nil
	for _, col := range m.Columns {
		for _, d := range col.Duties {
			rows = append(rows, []any{col.No, d.Title(c.Lang), c.P.Say(d.Cite())})
		}
	}
	names.Rows = xlsx.Rows(rows)
	late := xlsx.Sheet{
		Name: t("sheet_late"), Title: title, Notes: notes,
		Columns: []xlsx.Column{
			{Head: t("unit"), Width: 34},
			{Head: t("above"), Width: 28},
			{Head: t("matter"), Width: 70, Type: xlsx.Long},
			{Head: t("period"), Width: 18},
			{Head: t("state"), Width: 18},
			{Head: t("due"), Type: xlsx.Date},
			{Head: t("days"), Type: xlsx.Int},
		},
	}
	rows = nil
	for _, l := range h.followLate(c, m) {
		period, days := "", any(l.Days)
		if !l.Period.IsZero() {
			period = c.P.Say(l.Period)
		}
		if l.Standing {
			days = nil
		}
		rows = append(rows, []any{l.Unit, l.Group, l.Matter, period, c.P.T("disclosureduty.state." + string(l.State)), l.Due, days})
	}
	late.Rows = xlsx.Rows(rows)
	var buf bytes.Buffer
	book := xlsx.Book{Title: title, Lang: map[i18n.Lang]string{i18n.VI: "vi-VN", i18n.EN: "en-GB"}[c.Lang], Page: t("page"), Sheets: []xlsx.Sheet{matrix, late, names}}
	if err := book.Write(&buf); err != nil {
		return err
	}
	name := "phai-cong-khai-" + strconv.Itoa(m.Filter.Year) + "-" + string(c.Today) + ".xlsx"
	return c.Bytes("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name, buf.Bytes())
}
