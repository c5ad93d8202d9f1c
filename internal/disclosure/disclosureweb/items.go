package disclosureweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// itemsPath is where a unit works on its items.
const itemsPath = "/lam-viec/niem-yet"

func (h *pages) registerItems(k *web.Kit) {
	on := func(method, pattern string, f web.Handler) {
		k.Handle(web.Route{Method: method, Pattern: itemsPath + pattern, Handler: f, Who: web.Staff})
	}
	both := func(pattern string, show, take web.Handler) {
		on(http.MethodGet, pattern, show)
		on(http.MethodPost, pattern, take)
	}
	on(http.MethodGet, "", h.itemList)
	on(http.MethodGet, ".csv", h.itemsCSV)
	on(http.MethodGet, ".xlsx", h.itemsXLSX)
	both("/them", h.newItem, h.makeItem)
	on(http.MethodGet, "/{item}", h.workItem)
	both("/{item}/sua", h.editItem, h.saveItem)
	for _, s := range itemSteps {
		both("/{item}/"+s.path, h.showStep(s), h.takeStep(s))
	}
	on(http.MethodGet, "/{item}/tep/{file}", h.itemFile)
	on(http.MethodPost, "/{item}/tep/{file}/go", h.removeItemFile)
	on(http.MethodPost, "/{item}/tep/{file}/che", h.maskItemFile)
	on(http.MethodPost, "/{item}/che", h.maskItem)
	k.Nav(web.NavItem{
		Key: "disclosureitem.nav", Path: itemsPath, Who: web.Staff, Order: 20,
		Show: func(c *web.Context) bool { return len(h.itemUnits(c)) > 0 },
	})
}

func itemPages() map[string]any {
	out := map[string]any{"item_list": &itemListPage{}, "item_start": &itemStartPage{}, "item_form": &itemFormPage{}, "item_work": &itemWorkPage{}}
	for _, s := range itemSteps {
		out[s.page] = &itemStepPage{}
	}
	return out
}

// itemUnits are the units whose items the reader works on, in the order of the posts.
func (h *pages) itemUnits(c *web.Context) []string {
	return slices.DeleteFunc(c.Actor.Units(), func(u string) bool { return !h.Service.MayList(c.Actor, u) })
}

// itemUnit is the unit that an address names by its code or id, else the first of the reader's. It must be one on whose items the reader works: a commune's officer
// may name a village.
func (h *pages) itemUnit(c *web.Context, name string) (*org.Unit, error) {
	id := name
	if units := h.itemUnits(c); name == "" && len(units) > 0 {
		id = units[0]
	} else if u, ok := c.Tree.ByCode(name); ok {
		id = u.ID
	}
	if !h.Service.MayList(c.Actor, id) {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	if u := h.anyUnit(c, id); u != nil {
		return u, nil
	}
	return nil, errs.E(errs.NotFound, "disclosure.none")
}

// anyUnit is the unit as it is today, else as it was last; nil where there is none.
func (h *pages) anyUnit(c *web.Context, id string) *org.Unit {
	if u, ok := h.Units.Unit(id, c.Today); ok {
		return u
	}
	if rows := h.Units.History(id); len(rows) > 0 {
		return rows[0]
	}
	return nil
}

// itemListPage is a unit's own items.
type itemListPage struct {
	F       *web.Form
	Unit    *org.Unit
	Code    string
	Units   []itemUnitLink // where the reader has several
	Rows    []itemRow
	All     int
	States  []web.Option
	Years   []web.Option
	Facts   []itemFact
	Active  bool
	Pager   web.Pager
	New     string
	CSV     string
	XLSX    string
	Done    i18n.Msg
	Village bool
}

type itemUnitLink struct {
	Name, Path string
	Current    bool
}

// itemFact is a number of items in a state, with the way to them.
type itemFact struct {
	Key  string
	N    int
	Path string
	Late bool
}

type itemRow struct {
	V     *disclosure.DeskItem
	Path  string
	Tag   web.Tag
	Lines []i18n.Msg
	Staff bool
}

func (h *pages) itemFilter(c *web.Context, u *org.Unit) disclosure.DeskFilter {
	f := disclosure.DeskFilter{Unit: u.ID, State: c.Query("trang-thai"), Text: c.Query("q"), After: c.Query("sau")}
	if y, ok := org.Year(c.Query("nam")); ok {
		f.Year = y
	}
	return f
}

func (h *pages) itemList(c *web.Context) error {
	u, err := h.itemUnit(c, c.Query("don-vi"))
	if err != nil {
		return err
	}
	f := h.itemFilter(c, u)
	desk, err := h.Service.Desk(c.Context(), c.Actor, f)
	if err != nil {
		return err
	}
	p := &itemListPage{F: c.Form(), Unit: u, Code: unitCode(u), All: desk.All, Active: f.State != "" || f.Text != "" || f.Year != 0, Village: u.Kind == org.Village}
	for _, id := range h.itemUnits(c) {
		if x := h.anyUnit(c, id); x != nil {
			p.Units = append(p.Units, itemUnitLink{x.NameIn(c.Lang), itemsPath + "?don-vi=" + url.QueryEscape(unitCode(x)), id == u.ID})
		}
	}
	if len(p.Units) < 2 {
		p.Units = nil
	}
	for _, d := range desk.Items {
		p.Rows = append(p.Rows, h.itemRow(c, d))
	}
	p.States = []web.Option{{Label: c.P.T("disclosureitem.list.all")}}
	for _, s := range disclosure.DeskStates {
		p.States = append(p.States, web.Option{Value: s, Label: c.P.T("disclosureitem.desk."+s) + " (" + c.P.Int(int64(desk.Counts[s])) + ")"})
	}
	p.Years = []web.Option{{Label: c.P.T("disclosureitem.list.all_years")}}
	for _, y := range desk.Years {
		p.Years = append(p.Years, web.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	for _, s := range []string{disclosure.DeskWaiting, disclosure.DeskApproved, disclosure.DeskToPost, disclosure.DeskUp, disclosure.DeskEnding, disclosure.DeskOverdue} {
		p.Facts = append(p.Facts, itemFact{"disclosureitem.desk." + s, desk.Counts[s], p.with("", "trang-thai", s), s == disclosure.DeskOverdue && desk.Counts[s] > 0})
	}
	q := url.Values{"don-vi": {p.Code}}
	for _, name := range []string{"trang-thai", "nam", "q"} {
		if v := c.Query(name); v != "" {
			q.Set(name, v)
		}
	}
	p.New = itemsPath + "/them?don-vi=" + url.QueryEscape(p.Code)
	p.CSV, p.XLSX = itemsPath+".csv?"+q.Encode(), itemsPath+".xlsx?"+q.Encode()
	if f.After != "" {
		p.Pager.First = itemsPath + "?" + q.Encode()
	}
	if desk.Next != "" {
		q.Set("sau", desk.Next)
		p.Pager.Next = itemsPath + "?" + q.Encode()
	}
	if c.Query("xong") == "bo" {
		p.Done = i18n.M("disclosureitem.done.bo")
	}
	return c.Render("item_list", p)
}

// with is the list's address with one choice.
func (p *itemListPage) with(ending, name, value string) string {
	return itemsPath + ending + "?" + url.Values{"don-vi": {p.Code}, name: {value}}.Encode()
}

// editionClass are the classes of tags of what is not published.
var editionClass = map[disclosure.EditionState]string{
	disclosure.Writing: "cho", disclosure.Waiting: "sap", disclosure.Approved: "lam", disclosure.Published: "lam", disclosure.Replaced: "cho",
}

func editionTag(c *web.Context, e *disclosure.Edition) web.Tag {
	key := string(e.State)
	if e.State == disclosure.Writing && e.ReturnedWhy != "" {
		return web.Tag{Class: "sap", Text: c.P.T("disclosureitem.edition.returned")}
	}
	return web.Tag{Class: editionClass[e.State], Text: c.P.T("disclosureitem.edition." + key)}
}

func (h *pages) itemRow(c *web.Context, d *disclosure.DeskItem) itemRow {
	r := itemRow{V: d, Path: disclosure.WorkPath(d.ID), Staff: d.Audience == disclosure.Staff}
	if d.State == disclosure.Draft && d.Writing != nil {
		r.Tag = editionTag(c, d.Writing)
	} else {
		r.Tag = progressTag(c, d.Progress)
		if d.Writing != nil {
			r.Lines = append(r.Lines, i18n.M("disclosureitem.list.new_edition", "state", i18n.M("disclosureitem.edition."+string(d.Writing.State))))
		}
	}
	switch {
	case d.State == disclosure.Withdrawn:
		r.Lines = append(r.Lines, i18n.M("disclosureitem.list.withdrawn", "day", d.Item.Withdrawn))
	case d.Published != "":
		r.Lines = append(r.Lines, i18n.M("disclosureitem.list.published", "day", d.Published))
	}
	if d.State != disclosure.Withdrawn {
		switch {
		case d.Count.Hang > 0 && d.Edition != 0:
			r.Lines = append(r.Lines, i18n.M("disclosureitem.list.places", "up", d.Count.Up, "n", len(d.Places)))
		case len(d.Places) > 0:
			r.Lines = append(r.Lines, i18n.M("disclosureitem.list.where", "places", where(d.Places)))
		}
		switch due := d.Due; {
		case due == "":
		case d.FirstTold != "" && d.FirstTold > due:
			r.Lines = append(r.Lines, i18n.M("disclosureitem.list.told_late", "due", due, "day", d.FirstTold))
		case d.FirstTold != "":
			r.Lines = append(r.Lines, i18n.M("disclosureitem.list.told", "due", due, "day", d.FirstTold))
		case due < c.Today:
			r.Lines = append(r.Lines, i18n.M("disclosureitem.list.overdue", "due", due, "n", c.Today.Sub(due)))
		default:
			r.Lines = append(r.Lines, i18n.M("disclosureitem.list.due", "due", due))
		}
	}
	return r
}
