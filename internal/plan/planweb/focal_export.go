package planweb

import (
	"bytes"
	"encoding/csv"
	"strconv"

	"dinh/internal/i18n"
	"dinh/internal/plan"
	"dinh/internal/web"
	"dinh/internal/xlsx"
)

// boardCSV is the board as the filter shows it: a line per unit and task, for other programs.
func (h focal) boardCSV(c *web.Context) error {
	f, _ := h.readFilter(c)
	b, err := h.Plans.Board(c.Context(), c.Actor, c.Value("plan"), f)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	buf.WriteString("\ufeff") // so that spreadsheets read UTF-8
	w := csv.NewWriter(&buf)
	head := []string{"unit", "name", "kind", "group", "task", "title", "state", "word", "due", "days_late"}
	if err := w.Write(head); err != nil {
		return err
	}
	names := map[string]string{}
	for _, g := range b.Groups {
		names[g.Key] = groupName(c, g)
	}
	for _, r := range b.Rows {
		for i := range r.Cells {
			cell := &r.Cells[i]
			if cell.State == "" {
				continue
			}
			late := "0"
			if cell.State == plan.Overdue {
				late = strconv.Itoa(cell.Late)
			}
			t := b.Tasks[i]
			line := []string{
				r.Unit.Code, r.Unit.NameIn(c.Lang), r.Unit.Kind, names[r.Group], t.ID, t.Title(c.Lang), string(cell.State), c.P.T("planboard.state." + string(cell.State)),
				string(cell.Due), late,
			}
			for k, v := range line {
				line[k] = safe(v)
			}
			if err := w.Write(line); err != nil {
				return err
			}
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return c.Bytes("text/csv; charset=utf-8", b.Plan.ID+"-"+string(b.Day)+".csv", buf.Bytes())
}

// safe keeps a spreadsheet from taking text for a formula.
func safe(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t' || s[0] == '\r') {
		return "'" + s
	}
	return s
}

// boardXLSX is the board as a workbook: the summary by group, the matrix with a column per task, and what is overdue.
func (h focal) boardXLSX(c *web.Context) error {
	f, _ := h.readFilter(c)
	b, err := h.Plans.Board(c.Context(), c.Actor, c.Value("plan"), f)
	if err != nil {
		return err
	}
	t := func(key string, kv ...any) string { return c.P.T("planboard."+key, kv...) }
	title := t("title", "number", b.Plan.Number)
	sums := xlsx.Sheet{
		Name: t("sheet.groups"), Title: title, Notes: []string{t("asof", "day", b.Day)},
		Columns: []xlsx.Column{
			{Head: t("group"), Width: 40},
			{Head: t("units"), Type: xlsx.Int},
			{Head: t("due_all"), Type: xlsx.Int},
			{Head: t("done"), Type: xlsx.Int},
			{Head: t("share"), Type: xlsx.Percent},
			{Head: t("overdue"), Type: xlsx.Int},
			{Head: t("overdue_units"), Type: xlsx.Int},
		},
	}
	var rows [][]any
	for _, g := range b.Groups {
		rows = append(rows, []any{groupName(c, g), g.Units, g.Due, g.DoneDue, xlsx.Share{Part: g.DoneDue, Whole: g.Due}, g.Overdue, g.OverdueUnits})
	}
	s := b.Total
	rows = append(rows, []any{t("total"), s.Units, s.Due, s.DoneDue, xlsx.Share{Part: s.DoneDue, Whole: s.Due}, s.Overdue, s.OverdueUnits})
	sums.Rows = xlsx.Rows(rows)

	matrix := xlsx.Sheet{Name: t("sheet.matrix"), Title: title, Notes: []string{t("asof", "day", b.Day)}}
	matrix.Columns = []xlsx.Column{{Head: t("code"), Width: 10}, {Head: t("unit"), Width: 36}, {Head: t("group"), Width: 28}}
	for _, task := range b.Tasks {
		matrix.Columns = append(matrix.Columns, xlsx.Column{Head: task.ID, Width: 11})
	}
	matrix.Columns = append(matrix.Columns, xlsx.Column{Head: t("done"), Type: xlsx.Int}, xlsx.Column{Head: t("due_all"), Type: xlsx.Int}, xlsx.Column{Head: t("overdue"), Type: xlsx.Int})
	names := map[string]string{}
	for _, g := range b.Groups {
		names[g.Key] = groupName(c, g)
	}
	rows = nil
	for _, r := range b.Rows {
		line := []any{r.Unit.Code, r.Unit.NameIn(c.Lang), names[r.Group]}
		for i := range r.Cells {
			word := ""
			if st := r.Cells[i].State; st != "" {
				word = c.P.T("planboard.state." + string(st))
			}
			line = append(line, word)
		}
		rows = append(rows, append(line, r.Done, r.Due, r.Overdue))
	}
	matrix.Rows = xlsx.Rows(rows)

	late := xlsx.Sheet{
		Name: t("sheet.late"), Title: title, Notes: []string{t("asof", "day", b.Day)},
		Columns: []xlsx.Column{
			{Head: t("unit"), Width: 36},
			{Head: t("group"), Width: 28},
			{Head: t("task"), Width: 60},
			{Head: t("ref"), Width: 22},
			{Head: t("due_day"), Type: xlsx.Date},
			{Head: t("days_late"), Type: xlsx.Int},
		},
	}
	rows = nil
	for _, l := range h.lateLines(c, b) {
		rows = append(rows, []any{l.Unit, l.Group, l.Task, l.Ref, l.Due, l.Days})
	}
	late.Rows = xlsx.Rows(rows)

	var buf bytes.Buffer
	if err := (xlsx.Book{Title: title, Lang: map[i18n.Lang]string{i18n.VI: "vi-VN", i18n.EN: "en-GB"}[c.Lang], Page: t("page"), Sheets: []xlsx.Sheet{sums, matrix, late}}).Write(&buf); err != nil {
		return err
	}
	return c.Bytes("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b.Plan.ID+"-"+string(b.Day)+".xlsx", buf.Bytes())
}
