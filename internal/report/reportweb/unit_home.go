package reportweb

import (
	"net/url"

	"dinh/internal/i18n"
	"dinh/internal/report"
	"dinh/internal/web"
)

// homePage lists what the reader has to do with reports.
type homePage struct {
	Own     []lineView
	Periods []periodLine
	Make    bool // may ask for reports
}

// lineView is a report in a list.
type lineView struct {
	L            *report.Line
	Tag          web.Tag
	Path         string
	Name         string
	Kind         i18n.Msg // of a line for several units
	Given, Asked int
}

type periodLine struct {
	V      *report.PeriodView
	Path   string
	Tag    web.Tag
	Coming []periodLink // lists of what comes in to units of the reader's
	Sum    string       // address of the sums, where the reader has units below
}

type periodLink struct{ Name, Path string }

func (h *pages) lineView(c *web.Context, l *report.Line) lineView {
	v := lineView{L: l, Tag: stateTag(c, l.Report, l.Period), Path: l.Link(), Name: l.Of.NameIn(c.Lang)}
	if l.LumpKind != "" {
		v.Kind = i18n.M("reportunit.kind." + l.LumpKind)
	}
	v.Given, v.Asked = l.Given()
	return v
}

var periodClass = map[report.PeriodState]string{report.Planned: "cho", report.Open: "lam", report.Closed: "xong"}

func (h *pages) home(c *web.Context) error {
	mine, err := h.Service.Mine(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	p := &homePage{}
	for _, l := range mine {
		p.Own = append(p.Own, h.lineView(c, l))
	}
	list, err := h.Service.Periods(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	for _, v := range list {
		l := periodLine{V: v, Path: periodPath + "/" + v.ID, Tag: web.Tag{Class: periodClass[v.State], Text: c.P.T("reportunit.period_state." + string(v.State))}}
		if v.State != report.Planned {
			units, err := h.Service.Collectors(c.Context(), c.Actor, v.ID)
			if err != nil {
				return err
			}
			for _, id := range units {
				u, ok := c.Tree.ByID(id)
				if !ok {
					continue
				}
				q := "?don-vi=" + url.QueryEscape(unitCode(u))
				l.Coming = append(l.Coming, periodLink{u.NameIn(c.Lang), l.Path + "/gui-ve" + q})
			}
		}
		l.Sum = h.sumOf(c, v.Period)
		if v.Steer || len(l.Coming) > 0 || l.Sum != "" {
			p.Periods = append(p.Periods, l)
		}
	}
	askers, err := h.Service.Askers(c.Context(), c.Actor)
	p.Make = len(askers) > 0
	if err != nil {
		return err
	}
	return c.Render("unit_home", p)
}
