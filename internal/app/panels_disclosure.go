package app

import (
	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/disclosure/disclosureweb"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/org/orgweb"
	"dinh/internal/web"
	"dinh/internal/web/siteweb"
)

// disclosurePanel shows on the pages of others what the room disclosure has for everybody: on a unit's page, on the province's home and in the room
// "Dân biết". The pages are kept for everybody, so nothing for staff alone is on them, whoever reads.
type disclosurePanel struct{ room *disclosure.Service }

// panelRows is how many items a panel shows.
const panelRows = 5

// Panel shows what is posted at the unit.
func (x disclosurePanel) Panel(c *web.Context, u *org.Unit) (orgweb.Panel, bool, error) {
	c.Touches("board:" + u.ID)
	if parent := c.Tree.Parent(u.ID); parent != nil && u.Kind == org.Village {
		c.Touches("board:" + parent.ID) // what the commune posts in the village
	}
	facts, err := x.room.BoardFacts(c.Context(), access.Actor{}, u)
	if err != nil {
		return orgweb.Panel{}, false, err
	}
	p := orgweb.Panel{
		Title: i18n.M("disclosureboard.panel.title"), Empty: i18n.M("disclosureboard.panel.empty"),
		More: orgweb.Link{Label: i18n.M("disclosureboard.panel.more"), Path: c.UnitLink(u, disclosureweb.BoardPath)},
	}
	if facts.Items == 0 {
		return p, true, nil
	}
	of := func(n, all int) string { return c.P.T("disclosureboard.panel.of", "n", n, "of", all) }
	p.Facts = []orgweb.Fact{{Label: i18n.M("disclosureboard.panel.current"), Value: c.P.Int(int64(facts.Current))}}
	if facts.Judged > 0 {
		p.Facts = append(p.Facts, orgweb.Fact{Label: i18n.M("disclosureboard.panel.in_time"), Value: of(facts.InTime, facts.Judged)})
	}
	if facts.Asked > 0 {
		p.Facts = append(p.Facts, orgweb.Fact{Label: i18n.M("disclosureboard.panel.answered"), Value: of(facts.Answered, facts.Asked)})
	}
	l, err := x.room.Board(c.Context(), access.Actor{}, u, disclosure.ListFilter{State: disclosure.ListCurrent, Limit: panelRows})
	if err != nil {
		return orgweb.Panel{}, false, err
	}
	for _, v := range l.Current {
		tag := disclosureweb.ItemTag(c, v)
		p.Rows = append(p.Rows, orgweb.Row{Title: v.Title, Lang: i18n.VI, Path: x.room.Link(v.Item, ""), Meta: whenUp(v.Item, ""), Tag: &tag})
	}
	return p, true, nil
}

// whenUp words until when an item is posted, with the name of its unit where it is given.
func whenUp(i *disclosure.Item, unit string) i18n.Msg {
	key, day := "since", i.Published
	if i.Ends != civil.None && !i.Permanent {
		key, day = "until", i.Ends
	}
	if unit != "" {
		key = "unit_" + key
	}
	return i18n.M("disclosureboard.panel."+key, "unit", unit, "day", day)
}

// Show gives the home its figure and what is new, and the room's own page its list.
func (x disclosurePanel) Show(c *web.Context, unit *org.Unit, room string) (siteweb.Piece, error) {
	if room != "" && room != "dan-biet" {
		return siteweb.Piece{}, nil
	}
	board := c.UnitLink(unit, disclosureweb.BoardPath)
	if unit.Kind != org.Province {
		return x.unitPiece(c, unit, board)
	}
	c.Touches("disclosure")
	facts, err := x.room.RoomFacts(c.Context(), unit.ID, disclosure.ListFilter{})
	if err != nil || facts.Items == 0 {
		return siteweb.Piece{}, err
	}
	l, err := x.room.Room(c.Context(), unit.ID, disclosure.ListFilter{State: disclosure.ListCurrent, Limit: 2 * panelRows})
	if err != nil {
		return siteweb.Piece{}, err
	}
	s := siteweb.Section{Title: i18n.M("disclosureboard.panel.newest"), More: siteweb.Link{Label: i18n.M("disclosureboard.panel.room"), Path: board}}
	for n, v := range l.Current {
		if room == "" && n == panelRows {
			break
		}
		name := ""
		if u, ok := c.Tree.ByID(v.Unit); ok {
			name = u.NameIn(c.Lang)
		}
		tag := disclosureweb.ItemTag(c, v)
		s.Rows = append(s.Rows, siteweb.Row{Title: v.Title, Lang: i18n.VI, Path: x.room.Link(v.Item, ""), Meta: whenUp(v.Item, name), Tag: &tag})
	}
	p := siteweb.Piece{
		Counts:   []siteweb.Count{{Room: "dan-biet", N: facts.Current, Label: i18n.M("disclosureboard.panel.count")}},
		Sections: []siteweb.Section{s},
	}
	if room != "" {
		p.Counts = nil
		p.Cards = []siteweb.Card{x.followCard(c.UnitPath(unit, disclosureweb.BoardPath))}
	}
	return p, nil
}

func (x disclosurePanel) followCard(board string) siteweb.Card {
	return siteweb.Card{
		Title: i18n.M("disclosureboard.panel.card"), Text: i18n.M("disclosureboard.panel.card_text"),
		Links: []siteweb.Link{{Label: i18n.M("disclosureboard.panel.card_link"), Path: board + "/theo-doi"}, {Label: i18n.M("disclosureboard.follow.atom"), Path: board + ".atom"}},
	}
}

// unitPiece is the room's page of one unit.
func (x disclosurePanel) unitPiece(c *web.Context, unit *org.Unit, board string) (siteweb.Piece, error) {
	c.Touches("board:" + unit.ID)
	if parent := c.Tree.Parent(unit.ID); parent != nil && unit.Kind == org.Village {
		c.Touches("board:" + parent.ID)
	}
	l, err := x.room.Board(c.Context(), access.Actor{}, unit, disclosure.ListFilter{State: disclosure.ListCurrent, Limit: 2 * panelRows})
	if err != nil {
		return siteweb.Piece{}, err
	}
	s := siteweb.Section{
		Title: i18n.M("disclosureboard.panel.title"), Empty: i18n.M("disclosureboard.panel.empty"),
		More: siteweb.Link{Label: i18n.M("disclosureboard.panel.more"), Path: board},
	}
	for _, v := range l.Current {
		tag := disclosureweb.ItemTag(c, v)
		s.Rows = append(s.Rows, siteweb.Row{Title: v.Title, Lang: i18n.VI, Path: x.room.Link(v.Item, ""), Meta: whenUp(v.Item, ""), Tag: &tag})
	}
	return siteweb.Piece{Sections: []siteweb.Section{s}, Cards: []siteweb.Card{x.followCard(c.UnitPath(unit, disclosureweb.BoardPath))}}, nil
}
