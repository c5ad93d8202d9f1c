package planweb

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// boardPage is the tracking board (prototype 07).
type boardPage struct {
	B        *plan.Board
	View     string // don-vi, viec, qua-han
	Base     string // path of the board
	Filter   boardFilter
	Groups   []groupLine
	Slowest  []groupLine
	Columns  []column
	Blocks   []block
	Tasks    []taskLine
	Late     []lateLine
	Legend   []legend
	Query    string // the filter as a query, "" or "?…"
	May      boardRights
	Narrowed bool
}

type boardRights struct{ Steer, Edit bool }

// boardFilter is what the form of the board offers and what was chosen.
type boardFilter struct {
	Group, Section, Task, State, Kind, Member, Q       string
	Groups, Sections, TaskList, States, Kinds, Members []web.Option
}

// groupLine is a group of units in the summary.
type groupLine struct {
	Key, Name string
	Sum       plan.Sum
	Percent   string
	Width     int // of the bar, 0 to 100
	DaysLate  int
	Anchor    string
}

// column is one of the matrix: a section of the plan, or a task.
type column struct {
	No, Name, Title, Ref, Note, Href string
	at                               []int // places of its tasks in Board.Tasks
}

// block is a group with its rows.
type block struct {
	Key, Name, Percent string
	Sums               []string
	Rows               []matrixRow
}

type matrixRow struct {
	Unit, Name, Href, Percent string
	Overdue                   int
	Cells                     []template.HTML
}

// taskLine is a task over all units.
type taskLine struct {
	Task              *plan.Task
	Title             string
	Due               string
	Units, Done, Due2 int
	Overdue           int
	Percent           string
	Width             int
	Href              string
	Request           bool
}

// lateLine is an overdue task of a unit.
type lateLine struct {
	Unit, UnitHref, Group, Task, Href, Ref string
	Due                                    civil.Date
	Days                                   int
}

type legend struct{ Class, Word string }

// signs are the classes of the matrix by state: the sign is drawn by CSS, the word stands in the cell.
var signs = map[plan.State]string{
	plan.Overdue: "q", plan.Returned: "t", plan.DueSoon: "s", plan.NotReceived: "m", plan.Received: "c", plan.Doing: "d",
	plan.NoEvent: "e", plan.Quiet: "y", plan.DoneLate: "l", plan.EnteredLate: "l", plan.Done: "x", plan.NotApplicable: "k",
}

// cells are the twelve cells a board is made of, made once for a page: html/template escapes each value anew, which is most of what a board costs.
func cells(p *i18n.Printer) map[plan.State]template.HTML {
	out := make(map[plan.State]template.HTML, len(plan.States)+1)
	for _, s := range plan.States {
		out[s] = template.HTML(`<td class="o ` + signs[s] + `">` + template.HTMLEscapeString(p.T("planboard.state."+string(s))) + `</td>`) //nolint:gosec // a word of the catalogue, escaped
	}
	out[""] = `<td class="o"></td>`
	return out
}

// section is the part of the plan that a task belongs to, by its id: "8.1.b" is of "8", "III.2.a" of "III".
func section(t *plan.Task) string {
	s, _, _ := strings.Cut(t.ID, ".")
	return s
}

func (h focal) readFilter(c *web.Context) (plan.Filter, string) {
	f := plan.Filter{
		Group: c.Query("nhom"), Task: c.Query("viec"), State: plan.State(c.Query("trang-thai")), Q: c.Query("q"), Kind: c.Query("loai"), Member: c.Query("thanh-vien"),
	}
	if !slices.Contains(plan.States, f.State) {
		f.State = ""
	}
	if f.Kind != "" && !slices.Contains(org.Kinds, f.Kind) {
		f.Kind = ""
	}
	view := c.Query("xem")
	if view != "viec" && view != "qua-han" {
		view = "don-vi"
	}
	f.OnlyOverdue = view == "qua-han"
	if code := c.Query("duoi"); code != "" {
		if u, ok := h.Units.Holder(code, c.Today); ok {
			f.Under = u.ID
		}
	}
	return f, view
}

// board shows the plan's progress over all units that the actor may see.
func (h focal) board(c *web.Context) error {
	f, view := h.readFilter(c)
	b, err := h.Plans.Board(c.Context(), c.Actor, c.Value("plan"), f)
	if err != nil {
		return err
	}
	p, err := h.boardPage(c, b, f, view)
	if err != nil {
		return err
	}
	c.L.Wide = true
	return c.Render("board", p)
}

// summary is the one page for leaders: facts, the slowest, the table by group.
func (h focal) summary(c *web.Context) error {
	b, err := h.Plans.Board(c.Context(), c.Actor, c.Value("plan"), plan.Filter{})
	if err != nil {
		return err
	}
	p, err := h.boardPage(c, b, plan.Filter{}, "tom-tat")
	if err != nil {
		return err
	}
	return c.Render("board_summary", p)
}

func (h focal) boardPage(c *web.Context, b *plan.Board, f plan.Filter, view string) (*boardPage, error) {
	p := &boardPage{B: b, View: view, Base: "/lam-viec/ke-hoach/" + url.PathEscape(b.Plan.ID)}
	steer, err := h.Plans.MaySteer(c.Context(), c.Actor, b.Plan.ID)
	if err != nil {
		return nil, err
	}
	edit, err := h.Plans.MayEdit(c.Context(), c.Actor, b.Plan.Unit)
	if err != nil {
		return nil, err
	}
	p.May = boardRights{Steer: steer, Edit: edit}
	p.Filter = h.filterForm(c, b, f)
	if err := h.members(c, b, p); err != nil {
		return nil, err
	}
	p.Narrowed = f != plan.Filter{OnlyOverdue: f.OnlyOverdue} || p.Filter.Section != ""
	q := url.Values{}
	for _, k := range []string{"nhom", "muc", "viec", "trang-thai", "loai", "thanh-vien", "q"} {
		if v := c.Query(k); v != "" {
			q.Set(k, v)
		}
	}
	if len(q) > 0 {
		p.Query = "?" + q.Encode()
	}
	for _, g := range b.Groups {
		p.Groups = append(p.Groups, groupOf(c, g))
	}
	for _, g := range b.Slowest {
		p.Slowest = append(p.Slowest, groupOf(c, g))
	}
	switch view {
	case "viec":
		p.Tasks = h.taskLines(c, b, p)
	case "qua-han":
		p.Late = h.lateLines(c, b)
	case "don-vi":
		p.Columns = columns(c, b, p.Filter.Section, f.Task != "", p)
		p.Blocks = h.blocks(c, b, p.Columns)
		for _, s := range plan.States {
			if s != plan.EnteredLate {
				p.Legend = append(p.Legend, legend{signs[s], c.P.T("planboard.state." + string(s))})
			}
		}
	}
	return p, nil
}

func groupOf(c *web.Context, g *plan.Group) groupLine {
	l := groupLine{Key: g.Key, Name: groupName(c, g), Sum: g.Sum, Percent: c.P.Percent(g.DoneDue, g.Due), Anchor: "g-" + g.Key}
	if g.Due > 0 {
		l.Width = g.DoneDue * 100 / g.Due
	}
	return l
}

func groupName(c *web.Context, g *plan.Group) string {
	if g.Unit != nil {
		return g.Unit.NameIn(c.Lang)
	}
	return c.P.Say(g.Name)
}

func (h focal) filterForm(c *web.Context, b *plan.Board, f plan.Filter) boardFilter {
	out := boardFilter{Group: f.Group, Section: c.Query("muc"), Task: f.Task, State: string(f.State), Kind: f.Kind, Member: f.Member, Q: f.Q}
	for _, g := range b.AllGroups {
		out.Groups = append(out.Groups, web.Option{Value: g.Key, Label: groupName(c, g)})
	}
	seen := map[string]bool{}
	for _, t := range b.Plan.Tasks {
		s := section(t)
		if !seen[s] {
			seen[s] = true
			out.Sections = append(out.Sections, web.Option{Value: s, Label: sectionName(c, s)})
		}
		out.TaskList = append(out.TaskList, web.Option{Value: t.ID, Label: t.ID + " " + short(t.Title(c.Lang), 60)})
	}
	if !seen[out.Section] {
		out.Section = ""
	}
	for _, s := range plan.States {
		out.States = append(out.States, web.Option{Value: string(s), Label: c.P.T("planboard.state." + string(s))})
	}
	for _, k := range org.Kinds {
		if slices.ContainsFunc(b.Plan.Tasks, func(t *plan.Task) bool { return slices.Contains(t.To, k) }) {
			out.Kinds = append(out.Kinds, web.Option{Value: k, Label: c.P.Say(org.KindMsg(k))})
		}
	}
	return out
}

func (h focal) members(c *web.Context, b *plan.Board, p *boardPage) error {
	list, err := h.Plans.Members(c.Context(), b.Plan.Unit)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.Has(b.Day) {
			p.Filter.Members = append(p.Filter.Members, web.Option{Value: m.ID, Label: m.Name})
		}
	}
	return nil
}

func sectionName(c *web.Context, s string) string {
	if strings.HasPrefix(s, "III") {
		return c.P.T("planboard.part", "part", s)
	}
	return c.P.T("planboard.section", "part", "II."+s)
}

// short cuts a text at a word.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

// columns are the sections of the plan, or the tasks of the section or the task asked for.
func columns(c *web.Context, b *plan.Board, sec string, single bool, p *boardPage) []column {
	var out []column
	if sec == "" && !single {
		at := map[string]int{}
		for i, t := range b.Tasks {
			s := section(t)
			j, ok := at[s]
			if !ok {
				j = len(out)
				at[s] = j
				out = append(out, column{No: s, Title: sectionName(c, s), Href: p.Base + "?muc=" + url.QueryEscape(s)})
			}
			out[j].at = append(out[j].at, i)
		}
		for j := range out {
			out[j].Note = c.P.T("planboard.tasks", "n", len(out[j].at))
		}
		return out
	}
	for i, t := range b.Tasks {
		if sec != "" && section(t) != sec {
			continue
		}
		out = append(out, column{No: t.ID, Title: t.Title(c.Lang), Ref: t.Ref, Note: dueNote(c, t), Href: p.Base + "?viec=" + url.QueryEscape(t.ID), at: []int{i}})
	}
	return out
}

// dueNote is the last day of a task in short, or its rhythm.
func dueNote(c *web.Context, t *plan.Task) string {
	days := t.Days()
	if len(days) == 0 {
		return c.P.T("planboard.recurs." + t.Recurs)
	}
	var out []string
	for _, d := range days {
		out = append(out, strconv.Itoa(d.Day())+"/"+strconv.Itoa(d.Month()))
	}
	return c.P.T("planboard.due", "day", strings.Join(out, ", "))
}

// worst is the state that a cell of several tasks shows.
func worst(cells []plan.Cell, at []int) plan.State {
	best, rank := plan.State(""), len(plan.States)
	for _, i := range at {
		s := cells[i].State
		if s == "" {
			continue
		}
		// What does not apply hides nothing else.
		if r := slices.Index(plan.States, s); r < rank {
			best, rank = s, r
		}
	}
	return best
}

func (h focal) blocks(c *web.Context, b *plan.Board, cols []column) []block {
	made := cells(c.P)
	var out []block
	names := map[string]*plan.Group{}
	for _, g := range b.Groups {
		names[g.Key] = g
	}
	for _, r := range b.Rows {
		if len(out) == 0 || out[len(out)-1].Key != r.Group {
			bl := block{Key: r.Group}
			if g := names[r.Group]; g != nil {
				bl.Name, bl.Percent = groupName(c, g), c.P.Percent(g.DoneDue, g.Due)
				for _, col := range cols {
					done, of := 0, 0
					for _, i := range col.at {
						done += g.Columns[i].Done
						of += g.Columns[i].Of
					}
					if of == 0 {
						bl.Sums = append(bl.Sums, "–")
					} else {
						bl.Sums = append(bl.Sums, strconv.Itoa(done)+"/"+strconv.Itoa(of))
					}
				}
			}
			out = append(out, bl)
		}
		row := matrixRow{Unit: r.Unit.Code, Name: r.Unit.NameIn(c.Lang), Percent: c.P.Percent(r.DoneDue, r.Due), Overdue: r.Overdue}
		row.Href = "/lam-viec/ke-hoach/" + url.PathEscape(b.Plan.ID) + "/don-vi/" + url.PathEscape(r.Unit.Code)
		row.Cells = make([]template.HTML, len(cols))
		for j, col := range cols {
			row.Cells[j] = made[worst(r.Cells, col.at)]
		}
		last := &out[len(out)-1]
		last.Rows = append(last.Rows, row)
	}
	return out
}

func (h focal) taskLines(c *web.Context, b *plan.Board, p *boardPage) []taskLine {
	var out []taskLine
	for i := range b.ByTask {
		t := &b.ByTask[i]
		if p.Filter.Section != "" && section(t.Task) != p.Filter.Section {
			continue
		}
		l := taskLine{
			Task: t.Task, Title: t.Task.Title(c.Lang), Due: dueNote(c, t.Task), Units: t.Units, Done: t.Done, Due2: t.Due, Overdue: t.Overdue,
			Percent: c.P.Percent(t.DoneDue, t.Due), Href: p.Base + "?viec=" + url.QueryEscape(t.Task.ID), Request: t.Task.Mode == plan.ModeRequest,
		}
		if t.Due > 0 {
			l.Width = t.DoneDue * 100 / t.Due
		}
		out = append(out, l)
	}
	return out
}

func (h focal) lateLines(c *web.Context, b *plan.Board) []lateLine {
	names := map[string]string{}
	for _, g := range b.Groups {
		names[g.Key] = groupName(c, g)
	}
	var out []lateLine
	for _, r := range b.Rows {
		for i := range r.Cells {
			cell := &r.Cells[i]
			if cell.State != plan.Overdue {
				continue
			}
			t := b.Tasks[i]
			out = append(out, lateLine{
				Unit: r.Unit.NameIn(c.Lang), UnitHref: "/lam-viec/ke-hoach/" + url.PathEscape(b.Plan.ID) + "/don-vi/" + url.PathEscape(r.Unit.Code), Group: names[r.Group],
				Task: t.ID + " " + t.Title(c.Lang), Href: "/lam-viec/viec/" + cell.Assignment, Ref: t.Ref, Due: cell.Due, Days: cell.Late,
			})
		}
	}
	slices.SortStableFunc(out, func(x, y lateLine) int { return y.Days - x.Days })
	return out
}
