package disclosureweb

import (
	"bytes"
	"encoding/csv"
	"net/url"

	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
	"dinh/internal/xlsx"
)

// maxExport bounds a list that is taken along.
const maxExport = 5000

func (h *pages) exported(c *web.Context) (*org.Unit, []*disclosure.DeskItem, error) {
	u, err := h.itemUnit(c, c.Query("don-vi"))
	if err != nil {
		return nil, nil, err
	}
	f := h.itemFilter(c, u)
	f.After, f.Limit = "", maxExport
	desk, err := h.Service.Desk(c.Context(), c.Actor, f)
	if err != nil {
		return nil, nil, err
	}
	return u, desk.Items, nil
}

// itemStateWord is the state of an item as the list shows it.
func itemStateWord(c *web.Context, d *disclosure.DeskItem) string {
	if d.State == disclosure.Draft && d.Writing != nil {
		return editionTag(c, d.Writing).Text
	}
	return progressTag(c, d.Progress).Text
}

// itemsCSV is the list for other programs.
func (h *pages) itemsCSV(c *web.Context) error {
	u, items, err := h.exported(c)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	buf.WriteString("\ufeff") // so that spreadsheets read UTF-8
	w := csv.NewWriter(&buf)
	lines := [][]string{{"code", "title", "matter", "period", "audience", "state", "word", "doc_number", "doc_day", "decided", "due", "first_told", "published", "full", "ends", "withdrawn", "address"}}
	for _, d := range items {
		number, day := docOf(d)
		lines = append(lines, []string{
			d.Code, d.Title, d.Matter, d.Period, string(d.Audience), string(d.State), itemStateWord(c, d), number, string(day), string(d.Decided), string(d.Due), string(d.FirstTold),
			string(d.Published), string(d.Count.Full), string(d.Count.Ends), string(d.Item.Withdrawn), h.publicAddress(c, d),
		})
	}
	for _, line := range lines {
		for n, v := range line {
			line[n] = safeCell(v)
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return c.Bytes("text/csv; charset=utf-8", "niem-yet-"+u.Slug+"-"+string(c.Today)+".csv", buf.Bytes())
}

func docOf(d *disclosure.DeskItem) (string, civil.Date) {
	if d.Ed == nil {
		return "", civil.None
	}
	return d.Ed.DocNumber, d.Ed.DocDay
}

// publicAddress is where readers find the item; "" where they do not.
func (h *pages) publicAddress(c *web.Context, d *disclosure.DeskItem) string {
	if d.State == disclosure.Draft {
		return ""
	}
	a, err := url.JoinPath(c.BaseURL(), h.Service.Link(d.Item, ""))
	if err != nil {
		return ""
	}
	return a
}

// itemsXLSX is the list as a workbook, as it is filed.
func (h *pages) itemsXLSX(c *web.Context) error {
	u, items, err := h.exported(c)
	if err != nil {
		return err
	}
	t := func(key string, kv ...any) string { return c.P.T("disclosureitem.sheet."+key, kv...) }
	title := t("title", "unit", u.NameIn(c.Lang))
	s := xlsx.Sheet{
		Name: t("name"), Title: title, Notes: []string{t("asof", "day", c.Today)},
		Columns: []xlsx.Column{
			{Head: t("item"), Width: 50},
			{Head: t("matter"), Width: 50},
			{Head: t("period"), Width: 16},
			{Head: t("audience"), Width: 16},
			{Head: t("number"), Width: 16},
			{Head: t("doc_day"), Type: xlsx.Date},
			{Head: t("due"), Type: xlsx.Date},
			{Head: t("told"), Type: xlsx.Date},
			{Head: t("published"), Type: xlsx.Date},
			{Head: t("places"), Width: 40},
			{Head: t("days"), Type: xlsx.Int},
			{Head: t("need"), Type: xlsx.Int},
			{Head: t("full"), Type: xlsx.Date},
			{Head: t("state"), Width: 18},
		},
	}
	var rows [][]any
	for _, d := range items {
		number, day := docOf(d)
		matter := ""
		switch {
		case d.Duty != nil:
			matter = d.Duty.Title(c.Lang) + " (" + c.P.Say(d.Duty.Cite()) + ")"
		case d.Own != nil:
			matter = d.Own.Title
		}
		places := ""
		if len(d.Places) > 0 {
			places = c.P.Say(i18n.M("disclosureitem.sheet.where", "places", where(d.Places)))
		}
		rows = append(rows, []any{
			d.Title, matter, c.P.Say(disclosure.Period(d.Period).Msg()), c.P.T("disclosure.audience." + string(d.Audience)), number, day, d.Due, d.FirstTold, d.Published, places,
			d.Count.Days, d.Count.Need, d.Count.Full, itemStateWord(c, d),
		})
	}
	s.Rows = xlsx.Rows(rows)
	var buf bytes.Buffer
	lang := map[i18n.Lang]string{i18n.VI: "vi-VN", i18n.EN: "en-GB"}[c.Lang]
	if err := (xlsx.Book{Title: title, Lang: lang, Page: t("page"), Sheets: []xlsx.Sheet{s}}).Write(&buf); err != nil {
		return err
	}
	return c.Bytes("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "niem-yet-"+u.Slug+"-"+string(c.Today)+".xlsx", buf.Bytes())
}
