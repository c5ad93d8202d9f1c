package planweb

import (
	"net/http"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

func registerPublic(k *web.Kit, h officer) {
	unit := func(pattern string, f web.Handler, kept *web.Kept) {
		k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: f, Kept: kept})
	}
	unit("/ke-hoach", h.planList, &web.Kept{})
	unit("/ke-hoach/{plan}", h.planPublic, &web.Kept{Params: []string{"xem", "nhom"}})
	unit("/ke-hoach/{plan}/viec/{task}", h.taskPublic, &web.Kept{})
	unit("/ke-hoach/{plan}/ban-ky", h.planFile, nil)
}

// planList lists the plans that bind a unit: its own and those of the units above.
type publicListPage struct {
	Unit *org.Unit
	List []publicLine
}

type publicLine struct {
	Plan   *plan.Plan
	Issuer *org.Unit
	Path   string
	Status string
}

func (h officer) planList(c *web.Context) error {
	c.L.Room = "dan-kiem-tra"
	c.Touches("units", "unit:"+c.Unit.ID)
	above := c.Tree.Above(c.Unit.ID)
	list, err := h.Plans.IssuedBy(c.Context(), append([]string{c.Unit.ID}, above...)...)
	if err != nil {
		return err
	}
	p := publicListPage{Unit: c.Unit}
	for _, id := range append([]string{c.Unit.ID}, above...) {
		c.Touches("unit:" + id) // issuing a plan touches its issuer
	}
	taken := map[string]bool{}
	for _, pl := range list {
		c.Touches("plan:" + pl.ID)
		slug := pl.Slug()
		if taken[slug] { // of two plans with one number the unit's own has the short address
			slug = pl.ID
		}
		taken[slug] = true
		issuer, ok := h.Units.Unit(pl.Unit, c.On)
		if !ok {
			continue
		}
		p.List = append(p.List, publicLine{Plan: pl, Issuer: issuer, Path: c.UnitPath(c.Unit, "/ke-hoach/"+slug), Status: string(pl.StatusOn(c.Today))})
	}
	return c.Render("plan_list", p)
}

// publicPage is a plan as everybody may see it: the whole of it at its issuer, a unit's part of it at the unit.
type publicPage struct {
	Plan    *plan.Plan
	Unit    *org.Unit
	Issuer  *org.Unit
	Whole   bool   // the page of the issuer
	Base    string // address of this page
	Home    string // address of the plan at its issuer
	at      string // the plan in addresses: its slug, or its id as it was asked for
	List    string // address of the unit's plans
	Board   string // address of the board for those who work with it; "" for the public
	View    string // "", "viec", "don-vi"
	B       *plan.Board
	Width   int
	Clear   int // units without anything overdue
	Groups  []publicGroup
	Slowest []publicGroup
	Rooms   []publicRoom
	Mine    []publicRoom // the unit's own tasks
	MineOf  plan.Row     // its sums
	Group   *publicGroup
	Units   []publicUnit
	Hidden  bool // each unit's state is not public
	Ended   bool
	Marks   []plan.Mark
	Basis   []basisAct
	Signed  bool // the signed paper can be read
}

type basisAct struct {
	Name i18n.Msg
	Path string
}

type publicGroup struct {
	Key, Name string
	Sum       plan.Sum
	Width     int
	Path      string
}

type publicRoom struct {
	Room  string
	Tasks []publicTask
}

type publicTask struct {
	Task    *plan.Task
	Title   string
	Lang    string
	Path    string
	Due     i18n.Msg
	Sum     plan.TaskSum
	Width   int
	Tag     web.Tag
	Request bool
}

type publicUnit struct {
	Unit  *org.Unit
	Row   *plan.Row
	Path  string
	Width int
	State web.Tag // of the one task of the page
}

func (h officer) planPublic(c *web.Context) error {
	p, err := h.publicPlan(c)
	if err != nil {
		return err
	}
	f := plan.Filter{Group: c.Query("nhom")}
	if !p.Whole {
		f.Under = c.Unit.ID
	}
	all := f
	all.Group = ""
	if p.B, err = h.Plans.Board(c.Context(), c.Actor, p.Plan.ID, all); err != nil {
		return err
	}
	p.View = c.Query("xem")
	if p.View != "viec" && p.View != "don-vi" {
		p.View = ""
	}
	p.Width = share(p.B.Total.DoneDue, p.B.Total.Due)
	p.Clear = p.B.Total.Units - p.B.Total.OverdueUnits
	p.Hidden = p.B.Hidden
	for _, g := range p.B.Groups {
		p.Groups = append(p.Groups, p.group(c, g))
	}
	for _, g := range p.B.Slowest {
		p.Slowest = append(p.Slowest, p.group(c, g))
	}
	if f.Group != "" {
		i := slices.IndexFunc(p.Groups, func(g publicGroup) bool { return g.Key == f.Group })
		if i < 0 {
			return errNone()
		}
		p.Group, p.View = &p.Groups[i], "don-vi"
	}
	p.tasks(c)
	p.rows(c, f.Group)
	p.Marks = plan.Marks(p.Plan, h.Law(), lawDay(p.Plan, c.Today))
	for _, id := range p.Plan.Basis {
		if a, ok := h.Law().Act(id); ok {
			p.Basis = append(p.Basis, basisAct{a.Name(), actPath(a.ID)})
		}
	}
	return c.Render("plan_public", p)
}

// publicPlan finds the plan of the address.
func (h officer) publicPlan(c *web.Context) (*publicPage, error) {
	pl, err := h.Plans.At(c.Context(), c.Unit.ID, c.Value("plan"))
	if err != nil {
		return nil, err
	}
	c.L.Room = "dan-kiem-tra"
	c.Touches("plan:"+pl.ID, "unit:"+c.Unit.ID, "units", "law")
	issuer, ok := h.Units.Unit(pl.Unit, c.On)
	if !ok {
		return nil, errNone()
	}
	p := &publicPage{
		Plan: pl, Unit: c.Unit, Issuer: issuer, Whole: pl.Unit == c.Unit.ID, Base: c.UnitPath(c.Unit, "/ke-hoach/"+c.Value("plan")), Home: c.UnitPath(issuer, "/ke-hoach/"+c.Value("plan")), at: c.Value("plan"), List: c.UnitPath(c.Unit, "/ke-hoach"),
		Ended: pl.StatusOn(c.Today) == plan.StatusEnded, Signed: pl.File != "",
	}
	if !c.Actor.Public() {
		p.Board = plan.BoardLink(pl.ID)
	}
	return p, nil
}

func (p *publicPage) group(c *web.Context, g *plan.Group) publicGroup {
	out := publicGroup{Key: g.Key, Sum: g.Sum, Width: share(g.DoneDue, g.Due), Path: p.Base + "?nhom=" + g.Key}
	if g.Unit != nil {
		out.Name = g.Unit.NameIn(c.Lang)
	} else {
		out.Name = c.P.Say(g.Name)
	}
	return out
}

// tasks puts the plan's tasks into the rooms, with the sums over the units shown.
func (p *publicPage) tasks(c *web.Context) {
	for _, room := range rooms {
		r := publicRoom{Room: room}
		for i := range p.B.ByTask {
			s := p.B.ByTask[i]
			if s.Task.Room != room || s.Units == 0 {
				continue
			}
			r.Tasks = append(r.Tasks, publicTask{
				Task: s.Task, Title: s.Task.Title(c.Lang), Lang: langOf(c.Lang, s.Task.TitleEN), Path: p.taskPath(s.Task), Due: dueMsg(s.Task), Sum: s, Width: share(s.DoneDue, s.Due), Request: s.Task.Mode == plan.ModeRequest,
			})
		}
		if len(r.Tasks) > 0 {
			p.Rooms = append(p.Rooms, r)
		}
	}
}

func (p *publicPage) taskPath(t *plan.Task) string { return p.Base + "/viec/" + t.ID }

// rows lists the units that may be seen one by one: those of a group, those below the unit; and the unit's own tasks.
func (p *publicPage) rows(c *web.Context, group string) {
	for _, r := range p.B.Rows {
		if r.Unit.ID == p.Unit.ID && !p.Whole {
			p.mine(c, r)
			continue
		}
		if group != "" && r.Group != group || p.Whole && group == "" && p.View != "don-vi" {
			continue
		}
		p.Units = append(p.Units, publicUnit{Unit: r.Unit, Row: r, Path: c.UnitPath(r.Unit, "/ke-hoach/"+p.at), Width: share(r.DoneDue, r.Due)})
	}
}

func (p *publicPage) mine(c *web.Context, r *plan.Row) {
	p.MineOf = *r
	for _, room := range rooms {
		out := publicRoom{Room: room}
		for i, t := range p.B.Tasks {
			cell := &r.Cells[i]
			if cell.State == "" || t.Room != room {
				continue
			}
			out.Tasks = append(out.Tasks, publicTask{Task: t, Title: t.Title(c.Lang), Lang: langOf(c.Lang, t.TitleEN), Path: p.taskPath(t), Due: dueOf(t, cell.Due), Tag: cellTag(c.P, cell), Request: cell.Request})
		}
		if len(out.Tasks) > 0 {
			p.Mine = append(p.Mine, out)
		}
	}
}

// publicTaskPage is one task of a plan: whom it binds, by when, what shows that it was done, the law behind it, how far it has come.
type publicTaskPage struct {
	publicPage
	Task    *plan.Task
	Due     i18n.Msg
	Kinds   []i18n.Msg
	Named   []*org.Unit
	RolesOf []i18n.Msg
	Law     []lawAct
	Sum     plan.TaskSum
	States  []stateCount
	Cell    *plan.Cell // the unit's own
	Tag     web.Tag
	Request bool
	Papers  []paper // what everybody may see of the unit's evidence
}

// paper is a piece of evidence that everybody may see: a record of a room, a paper whose file is not internal.
type paper struct {
	Title string
	Day   civil.Date
	Link  string
}

type stateCount struct {
	State plan.State
	Tag   web.Tag
	N     int
}

func (h officer) taskPublic(c *web.Context) error {
	base, err := h.publicPlan(c)
	if err != nil {
		return err
	}
	t, ok := base.Plan.Task(c.Value("task"))
	if !ok {
		return errNone()
	}
	f := plan.Filter{Task: t.ID}
	if !base.Whole {
		f.Under = c.Unit.ID
	}
	if base.B, err = h.Plans.Board(c.Context(), c.Actor, base.Plan.ID, f); err != nil {
		return err
	}
	p := &publicTaskPage{publicPage: *base, Task: t, Due: dueMsg(t), Request: t.Mode == plan.ModeRequest}
	p.Hidden = p.B.Hidden
	if len(p.B.ByTask) > 0 {
		p.Sum = p.B.ByTask[0]
		p.Width = share(p.Sum.DoneDue, p.Sum.Due)
	}
	for _, s := range plan.States {
		if n := p.Sum.ByState[s]; n > 0 {
			p.States = append(p.States, stateCount{State: s, Tag: stateTag(c.P, s, 0, false), N: n})
		}
	}
	for _, k := range t.To {
		p.Kinds = append(p.Kinds, i18n.M("planweb.unit_kind."+k))
	}
	tree := h.Units.On(lawDay(p.Plan, c.Today))
	for _, code := range t.ToUnits {
		if u, ok := tree.ByCode(code); ok {
			p.Named = append(p.Named, u)
		}
	}
	for _, r := range t.ToRoles {
		p.RolesOf = append(p.RolesOf, plan.RoleMsg(r))
	}
	var own *org.Unit
	for _, r := range p.B.Rows {
		if r.Unit.ID == c.Unit.ID && !p.Whole && len(r.Cells) == 1 {
			p.Cell = &r.Cells[0]
			p.Due, p.Tag = dueOf(t, p.Cell.Due), cellTag(c.P, p.Cell)
			own = r.Unit
			if p.Papers, err = h.papers(c, p.Cell.Assignment); err != nil {
				return err
			}
			continue
		}
		p.Units = append(p.Units, publicUnit{Unit: r.Unit, Row: r, Path: c.UnitPath(r.Unit, "/ke-hoach/"+p.at+"/viec/"+t.ID), State: cellTag(c.P, &r.Cells[0])})
	}
	p.Law = lawOf(h.Law(), c.Lang, t, own, lawDay(p.Plan, c.Today))
	return c.Render("plan_task", p)
}

// papers are what everybody may see of an assignment's evidence.
func (h officer) papers(c *web.Context, assignment string) ([]paper, error) {
	list, err := h.Plans.OpenEvidence(c.Context(), assignment)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	files := map[string]bool{}
	if h.Files != nil {
		all, err := h.Files.Of(c.Context(), h.DB, ownerKind, assignment)
		if err != nil {
			return nil, err
		}
		for _, a := range all {
			files[a.ID] = !a.Internal
		}
	}
	var out []paper
	for _, e := range list {
		x := paper{Title: e.Number, Day: e.Day, Link: e.Link}
		if !e.Title.IsZero() {
			x.Title = c.P.Say(e.Title)
		}
		if files[e.File] {
			x.Link = "/lam-viec/tep/" + e.File
		}
		if x.Link == "" {
			continue
		}
		if x.Title == "" {
			x.Title = c.P.T("planweb.evidence.no_number")
		}
		out = append(out, x)
	}
	return out, nil
}

// planFile is the plan's signed paper.
func (h officer) planFile(c *web.Context) error {
	pl, err := h.Plans.At(c.Context(), c.Unit.ID, c.Value("plan"))
	if err != nil {
		return err
	}
	if pl.File == "" {
		return errNone()
	}
	return h.send(c, pl.File, func(a attach.Attachment) bool {
		return !a.Internal || c.Actor.Holds(pl.Unit, access.Head, access.Focal, access.Officer)
	})
}

// send answers with a file, where the reader may have it.
func (h officer) send(c *web.Context, id string, may func(a attach.Attachment) bool) error {
	if len(id) > 64 || strings.ContainsAny(id, "/\\") {
		return errNone()
	}
	a, f, err := h.Files.Open(c.Context(), id)
	if err != nil {
		return err
	}
	defer f.Close()
	if !may(a) {
		return errNone()
	}
	return c.File(string(a.Type), a.Name, a.Created, f, true)
}
