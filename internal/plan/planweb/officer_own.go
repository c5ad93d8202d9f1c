package planweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

const ownPath = "/lam-viec/ke-hoach-rieng"

func registerOwn(k *web.Kit, h officer) {
	on := func(method, pattern string, f web.Handler) {
		k.Handle(web.Route{Method: method, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	on(http.MethodGet, ownPath, h.ownList)
	on(http.MethodPost, ownPath, h.ownMake)
	on(http.MethodGet, ownPath+"/{plan}", h.own)
	on(http.MethodGet, ownPath+"/{plan}/viec/{task}", h.ownTask)
	on(http.MethodPost, ownPath+"/{plan}/viec/{task}", h.saveOwnTask)
	on(http.MethodGet, ownPath+"/{plan}/viec-moi", h.newOwnTask)
	on(http.MethodPost, ownPath+"/{plan}/viec-moi", h.addOwnTask)
	on(http.MethodGet, ownPath+"/{plan}/thong-tin", h.ownFacts)
	on(http.MethodPost, ownPath+"/{plan}/thong-tin", h.saveOwnFacts)
	on(http.MethodGet, ownPath+"/{plan}/sua-doi/{task}", h.ownAmend)
	on(http.MethodPost, ownPath+"/{plan}/sua-doi/{task}", h.saveOwnAmend)
	on(http.MethodPost, ownPath+"/{plan}/bo", h.ownIgnore)
	on(http.MethodPost, ownPath+"/{plan}/lay-lai", h.ownTake)
	on(http.MethodGet, ownPath+"/{plan}/ban-hanh", h.ownIssue)
	on(http.MethodPost, ownPath+"/{plan}/ban-hanh", h.takeOwnIssue)
	on(http.MethodPost, ownPath+"/{plan}/xoa", h.ownDrop)
	on(http.MethodGet, "/lam-viec/ke-hoach-cap-duoi/{plan}", h.adoptions)
	on(http.MethodGet, "/lam-viec/ke-hoach-cap-duoi/{plan}/{unit}", h.adoption)
}

// ownListPage lists the plans that bind a unit, each with the unit's own plan for it.
type ownListPage struct {
	F     *web.Form
	Unit  *org.Unit
	Code  string
	Units []unitLink
	List  []ownLine
}

type ownLine struct {
	Up    plan.Summary
	Title string
	Lang  string
	Own   *plan.Summary
	Path  string // of the own plan
	Below string // how the units below took the plan over; "" where there are none
}

func (h officer) ownList(c *web.Context) error {
	p, err := h.ownListPage(c)
	if err != nil {
		return err
	}
	return c.Render("own_list", p)
}

func (h officer) ownListPage(c *web.Context) (*ownListPage, error) {
	units := slices.DeleteFunc(c.Actor.Units(), func(id string) bool {
		u, ok := c.Tree.ByID(id)
		return !ok || u.Kind == org.Village || !c.Actor.Holds(id, access.Head, access.Focal, access.Officer, access.Admin)
	})
	name := c.Query("don-vi")
	if c.R.Method == http.MethodPost {
		name = c.Form().Text("don-vi")
	}
	p := &ownListPage{F: c.Form()}
	switch u, ok := h.unitOf(c, name); {
	case name != "" && ok && slices.Contains(units, u.ID):
		p.Unit = u
	case name != "" || len(units) == 0:
		return nil, errNone()
	default:
		p.Unit, _ = c.Tree.ByID(units[0])
	}
	p.Code = codeOf(p.Unit)
	if len(units) > 1 {
		for _, id := range units {
			u, _ := c.Tree.ByID(id)
			p.Units = append(p.Units, unitLink{u.NameIn(c.Lang), ownPath + "?don-vi=" + codeOf(u), id == p.Unit.ID})
		}
	}
	list, err := h.Plans.PlansFor(c.Context(), p.Unit.ID)
	if err != nil {
		return nil, err
	}
	own, err := h.Plans.Plans(c.Context(), c.Actor, p.Unit.ID)
	if err != nil {
		return nil, err
	}
	for _, up := range list {
		if up.Unit == p.Unit.ID { // a unit's own plan binds it too, and has no plan below it
			continue
		}
		l := ownLine{Up: up, Title: up.Title(c.Lang), Lang: langOf(c.Lang, up.TitleEN)}
		for i := range own {
			if own[i].Parent == up.ID && l.Own == nil {
				l.Own, l.Path = &own[i], ownPath+"/"+own[i].ID
			}
		}
		if len(c.Tree.Children(p.Unit.ID)) > 0 {
			l.Below = "/lam-viec/ke-hoach-cap-duoi/" + up.ID
		}
		p.List = append(p.List, l)
	}
	return p, nil
}

// ownMake makes the draft of a unit's own plan: every task taken over as it is.
func (h officer) ownMake(c *web.Context) error {
	p, err := h.ownListPage(c)
	if err != nil {
		return err
	}
	parent := c.Form().Text("plan")
	draft, err := h.Plans.Adopt(c.Context(), c.Actor, parent, p.Unit.ID)
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			id, err := h.Plans.DeriveTx(ctx, tx, c.Actor, draft)
			return ownPath + "/" + id, err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "own_list", p)
}

// ownPage is a unit's own plan beside its superior's.
type ownPage struct {
	F       *web.Form
	O       *plan.OwnPlan
	Draft   bool
	Base    string
	Version string
	Taken   []takenLine
	Added   []takenLine // tasks of its own
	Ignored []takenLine
	Done    i18n.Msg
	Public  string // address of the issued plan
	Over    bool   // the plan's time is past: nothing is amended any more

	Amendments []amendedLine
}

// amendedLine is one amendment of the plan with what it changed.
type amendedLine struct {
	plan.Amendment
	What []i18n.Msg
}

// takenLine is one task: taken over, changed, left out or added.
type takenLine struct {
	ID, Title, Lang, Ref string
	How                  string
	Tag                  web.Tag
	Due                  i18n.Msg
	Was                  i18n.Msg // the superior's day, where it differs
	Person               string
	Down                 []i18n.Msg // kinds of units to which it is passed on
	Path                 string
	Amend                string // address of the form that takes it out, or back in, by an amendment
}

var takenClass = map[string]string{plan.Adopted: "xong", plan.Altered: "lam", plan.Ignored: "cho", plan.AddedTask: "lam"}

func takenLines(c *web.Context, base string, list []plan.Taken) (taken, added, ignored []takenLine) {
	for _, t := range list {
		from := t.Own
		if from == nil {
			from = t.Task
		}
		l := takenLine{
			ID: from.ID, Title: from.Title(c.Lang), Lang: langOf(c.Lang, from.TitleEN), Ref: from.Ref, How: t.How, Due: dueMsg(from), Person: from.Person,
			Tag: web.Tag{Class: takenClass[t.How], Text: c.P.Say(plan.HowMsg(t.How))},
		}
		if base != "" {
			l.Path, l.Amend = base+"/viec/"+from.ID, base+"/sua-doi/"+from.ID
		}
		if t.Own != nil && t.Task != nil && slices.Contains(t.Fields, "due") {
			l.Was = dueMsg(t.Task)
		}
		for _, k := range from.To {
			l.Down = append(l.Down, i18n.M("planweb.unit_kind."+k))
		}
		switch t.How {
		case plan.Ignored:
			l.Down = nil
			ignored = append(ignored, l)
		case plan.AddedTask:
			added = append(added, l)
		default:
			taken = append(taken, l)
		}
	}
	return taken, added, ignored
}

// ownLineView is one task on the page of the plan: takes out by the button that Drop names.
type ownLineView struct {
	L    takenLine
	P    *ownPage
	Drop string
}

// Line is a task as the page shows it.
func (p *ownPage) Line(l takenLine, drop string) ownLineView { return ownLineView{l, p, drop} }

func (h officer) ownPageOf(c *web.Context) (*ownPage, error) {
	o, err := h.Plans.OwnPlan(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return nil, err
	}
	p := &ownPage{F: c.Form(), O: o, Draft: o.Plan.Status == plan.StatusDraft, Base: ownPath + "/" + o.Plan.ID, Version: strconv.Itoa(o.Plan.Version)}
	p.Taken, p.Added, p.Ignored = takenLines(c, p.Base, o.Adoption.Tasks)
	if !p.Draft {
		p.Public = c.UnitPath(o.Adoption.Unit, "/ke-hoach/"+o.Plan.Slug())
		p.Over = o.Plan.StatusOn(c.Today) == plan.StatusEnded
		list, err := h.Plans.Amendments(c.Context(), o.Plan.ID)
		if err != nil {
			return nil, err
		}
		for i := range list {
			p.Amendments = append(p.Amendments, amendedLine{list[i], changesOf(list[i].Changes, c.Lang)})
		}
	}
	c.L.Crumbs = []web.Crumb{{Key: "planweb.own.title", Path: ownPath + "?don-vi=" + codeOf(o.Adoption.Unit)}, {Text: o.Adoption.Unit.NameIn(c.Lang)}}
	return p, nil
}

func (h officer) own(c *web.Context) error {
	p, err := h.ownPageOf(c)
	if err != nil {
		return err
	}
	if w := c.Query("xong"); slices.Contains([]string{"viec", "viec-ngoai", "bo", "lay-lai", "ban-hanh", "thong-tin", "sua-doi"}, w) {
		p.Done = i18n.M("planweb.own.done." + w)
	}
	return c.Render("own_plan", p)
}

// ownIgnore leaves a task of the superior's out of the draft.
func (h officer) ownIgnore(c *web.Context) error {
	return h.ownChange(c, "bo", func(ctx context.Context, tx *db.Tx, o *plan.OwnPlan, version int, task string) error {
		return h.Plans.DropTaskTx(ctx, tx, c.Actor, o.Plan.ID, version, task)
	})
}

// ownTake takes a task over after all.
func (h officer) ownTake(c *web.Context) error {
	var t *plan.Task
	return h.ownChange(c, "lay-lai", func(ctx context.Context, tx *db.Tx, o *plan.OwnPlan, version int, _ string) error {
		// The next task of the superior's that the draft has is the one before which it goes.
		before := ""
		for _, x := range o.Parent.Tasks[o.Parent.TaskIndex(t.From)+1:] {
			if i := slices.IndexFunc(o.Plan.Tasks, func(y *plan.Task) bool { return y.From == x.ID }); i >= 0 {
				before = o.Plan.Tasks[i].ID
				break
			}
		}
		return h.Plans.TaskTx(ctx, tx, c.Actor, o.Plan.ID, version, "", t, before)
	}, func(o *plan.OwnPlan, task string) (err error) {
		t, err = h.Plans.AdoptedTask(c.Context(), c.Actor, o.Plan, task)
		return err
	})
}

func (h officer) ownChange(c *web.Context, word string, f func(ctx context.Context, tx *db.Tx, o *plan.OwnPlan, version int, task string) error, ready ...func(o *plan.OwnPlan, task string) error) error {
	p, err := h.ownPageOf(c)
	if err != nil {
		return err
	}
	task, version := c.Form().Text("task"), c.Form().Int("version")
	for _, r := range ready {
		if err := r(p.O, task); err != nil {
			return err
		}
	}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return p.Base + "?xong=" + word, f(ctx, tx, p.O, version, task)
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "own_plan", p)
}

// ownDrop deletes a draft.
func (h officer) ownDrop(c *web.Context) error {
	p, err := h.ownPageOf(c)
	if err != nil {
		return err
	}
	version := c.Form().Int("version")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return ownPath + "?don-vi=" + codeOf(p.O.Adoption.Unit), h.Plans.DropDraftTx(ctx, tx, c.Actor, p.O.Plan.ID, version)
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "own_plan", p)
}
