package planweb

import (
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
