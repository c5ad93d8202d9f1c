package app

import (
	"context"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/org/orgweb"
	"dinh/internal/plan"
	"dinh/internal/web"
	"dinh/internal/web/siteweb"
)

// planPanel shows on the pages of others what the room plan has: on a unit's page, on the province's home and in the room "Dân kiểm tra".
type planPanel struct{ plans *plan.Service }

// current is the newest plan above the units that runs on the day, else the newest one over; nil where there is none.
func (x planPanel) current(ctx context.Context, day civil.Date, units ...string) (*plan.Plan, error) {
	list, err := x.plans.IssuedBy(ctx, units...)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.From <= day && day <= p.To {
			return p, nil
		}
	}
	for _, p := range list {
		if p.From <= day {
			return p, nil
		}
	}
	return nil, nil
}

// Panel shows how far the unit has come with the plan, where that is public.
func (x planPanel) Panel(c *web.Context, u *org.Unit) (orgweb.Panel, bool, error) {
	p, err := x.current(c.Context(), c.Today, append([]string{u.ID}, c.Tree.Above(u.ID)...)...)
	if err != nil || p == nil {
		return orgweb.Panel{}, false, err
	}
	c.Touches("plan:" + p.ID)
	v, err := x.plans.UnitProgress(c.Context(), access.Actor{}, p.ID, u.ID)
	if err != nil {
		if errs.Is(err, errs.NotFound) {
			err = nil // the plan does not bind the unit
		}
		return orgweb.Panel{}, false, err
	}
	out := orgweb.Panel{Title: i18n.M("planpanel.title", "number", p.Number), More: orgweb.Link{Label: i18n.M("planpanel.more"), Path: c.UnitPath(u, "/ke-hoach/"+p.Slug())}}
	if v.Hidden {
		out.Empty = i18n.M("planpanel.hidden")
		return out, true, nil
	}
	out.Facts = []orgweb.Fact{
		{Label: i18n.M("planboard.fact.done"), Value: c.P.Percent(v.Row.DoneDue, v.Row.Due), Under: i18n.M("planboard.fact.done_of", "done", v.Row.DoneDue, "n", v.Row.Due)},
		{Label: i18n.M("planboard.fact.overdue"), Value: c.P.Int(int64(v.Row.Overdue)), Late: v.Row.Overdue > 0},
	}
	return out, true, nil
}

// Show gives the province's card and the room's section.
func (x planPanel) Show(c *web.Context, unit *org.Unit, room string) (siteweb.Piece, error) {
	if room != "" && room != "dan-kiem-tra" {
		return siteweb.Piece{}, nil
	}
	p, err := x.current(c.Context(), c.Today, append([]string{unit.ID}, c.Tree.Above(unit.ID)...)...)
	if err != nil || p == nil {
		return siteweb.Piece{}, err
	}
	c.Touches("plan:" + p.ID)
	b, err := x.plans.Board(c.Context(), access.Actor{}, p.ID, plan.Filter{Under: unit.ID, Limit: 1})
	if err != nil {
		return siteweb.Piece{}, err
	}
	if b.Total.Units == 0 {
		return siteweb.Piece{}, nil
	}
	path := c.UnitPath(unit, "/ke-hoach/"+p.Slug())
	if room == "" {
		return siteweb.Piece{
			Counts: []siteweb.Count{{Room: "dan-kiem-tra", N: b.Total.Units, Label: i18n.M("planpanel.count")}},
			Cards: []siteweb.Card{{
				Title: i18n.M("planpanel.card"), Text: i18n.M("planpanel.card_text", "number", p.Number, "title", p.Title(c.Lang)), Big: c.P.Percent(b.Total.DoneDue, b.Total.Due),
				Under: i18n.M("planpanel.card_under", "done", b.Total.DoneDue, "n", b.Total.Due), Part: b.Total.DoneDue, Whole: b.Total.Due, Noted: true,
				Links: []siteweb.Link{{Label: i18n.M("planpanel.card_link"), Path: path}},
			}},
		}, nil
	}
	s := siteweb.Section{Title: i18n.M("planpanel.title", "number", p.Number), More: siteweb.Link{Label: i18n.M("planpanel.card_link"), Path: path}}
	for _, g := range b.Groups {
		row := siteweb.Row{Path: path, Meta: i18n.M("planpanel.group", "units", g.Units, "done", g.DoneDue, "n", g.Due)}
		if g.Unit != nil {
			row.Title = g.Unit.NameIn(c.Lang)
		} else {
			row.Title = c.P.Say(g.Name)
		}
		row.Lang = c.Lang
		tag := web.Tag{Class: "xong", Text: c.P.Percent(g.DoneDue, g.Due)}
		if g.Overdue > 0 {
			tag = web.Tag{Class: "tre", Text: c.P.T("planpanel.overdue", "n", g.Overdue)}
		}
		row.Tag = &tag
		s.Rows = append(s.Rows, row)
	}
	return siteweb.Piece{Sections: []siteweb.Section{s}}, nil
}
