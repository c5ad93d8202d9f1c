package planweb

import (
	"dinh/internal/civil"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// claimsPage lists what units below ask to be told that it does not apply to them.
type claimsPage struct{ List []claimLine }

type claimLine struct {
	workRow
	Unit   string
	Reason string
	Answer string
}

// endedPage lists the open work of units that have ended: it has come to the unit above that still lives.
type endedPage struct {
	Unit *org.Unit
	List []claimLine
}

func (h officer) ended(c *web.Context) error {
	u, ok := h.unitOf(c, c.Query("don-vi"))
	if !ok {
		units := workUnits(c)
		if c.Query("don-vi") != "" || len(units) == 0 {
			return errNone()
		}
		if u, ok = c.Tree.ByID(units[0]); !ok {
			return errNone()
		}
	}
	list, err := h.Plans.WithoutHolder(c.Context(), c.Actor, u.ID)
	if err != nil {
		return err
	}
	p := &endedPage{Unit: u}
	for i := range list {
		x := &list[i]
		l := claimLine{workRow: workRow{Path: plan.WorkLink(x.Assignment), Title: x.Task.Title(c.Lang), Lang: langOf(c.Lang, x.Task.TitleEN), Ref: x.Task.Ref, Tag: stateTag(c.P, x.State, 0, true)}}
		if x.Due != civil.None {
			l.Hint = " · " + c.P.T("planweb.due", "day", x.Due)
		}
		if v, ok := h.Units.Unit(x.Unit, c.Today); ok {
			l.Unit = c.P.T("planweb.ended.unit", "unit", v.NameIn(c.Lang), "day", v.To)
		}
		p.List = append(p.List, l)
	}
	c.L.Crumbs = []web.Crumb{{Key: "planweb.nav.work", Path: homePath + "?don-vi=" + codeOf(u)}}
	return c.Render("work_ended", p)
}

func (h officer) claims(c *web.Context) error {
	list, err := h.Plans.Claims(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	p := &claimsPage{}
	for i := range list {
		x := &list[i]
		l := claimLine{
			workRow: workRow{Path: plan.WorkLink(x.Assignment), Title: x.Task.Title(c.Lang), Lang: langOf(c.Lang, x.Task.TitleEN), Ref: x.Task.Ref, Tag: stateTag(c.P, x.State, x.Days, true)},
			Reason:  x.Reason, Answer: assignmentPath(x.Assignment, "y-kien"),
		}
		if u, ok := h.Units.Unit(x.Unit, c.Today); ok {
			l.Unit = u.NameIn(c.Lang)
		}
		p.List = append(p.List, l)
	}
	c.L.Crumbs = []web.Crumb{{Key: "planweb.nav.work", Path: homePath}}
	return c.Render("work_claims", p)
}
