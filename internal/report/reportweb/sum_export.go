package reportweb

import (
	"bytes"
	"encoding/csv"
	"strconv"

	"dinh/internal/i18n"
	"dinh/internal/report"
	"dinh/internal/web"
	"dinh/internal/xlsx"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// safe keeps a spreadsheet from taking text for a formula.
func safe(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t' || s[0] == '\r') {
		return "'" + s
	}
	return s
}

// table answers with lines as CSV that spreadsheets read.
func table(c *web.Context, name string, lines [][]string) error {
	var buf bytes.Buffer
	buf.WriteString("\ufeff")
	w := csv.NewWriter(&buf)
	for i, l := range lines {
		for k := range l {
			if i > 0 {
				l[k] = safe(l[k])
			}
		}
		if err := w.Write(l); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return c.Bytes("text/csv; charset=utf-8", name+".csv", buf.Bytes())
}

func exact(v int64) string {
	if v == report.None {
		return ""
	}
	return strconv.FormatInt(v, 10)
}

func fileName(v *report.Sum) string {
	return "tong-hop-" + i18n.Slug(v.Of.Name) + "-" + v.Period.Slug() + "-" + strconv.Itoa(v.Period.Year)
}

// sumCSV is a sum for other programs: a line per group and figure.
func (h *pages) sumCSV(c *web.Context) error {
	p, err := h.sumPageOf(c)
	if err != nil {
		return err
	}
	lines := [][]string{{"group", "name", "bound", "handed_in", "late", "overdue", "code", "title", "value", "yes", "of", "part", "whole", "known", "asked", "before", "year_before"}}
	for _, g := range append(p.Groups, p.Total) {
		head := []string{g.Key, g.Name, strconv.Itoa(g.Bound), strconv.Itoa(g.HandedIn()), strconv.Itoa(g.Late), strconv.Itoa(g.Overdue)}
		if p.V.Limited {
			lines = append(lines, append(head, make([]string, 11)...))
			continue
		}
		for _, f := range p.V.Figures(g.SumGroup) {
			if f.Agg == "none" {
				continue
			}
			yes, of, part, whole := "", "", "", ""
			if f.Agg == "count_yes" {
				yes, of = strconv.Itoa(f.Yes), strconv.Itoa(f.Of)
			}
			if f.RatioOK {
				part, whole = exact(f.Part), exact(f.Whole)
			}
			lines = append(lines, append(append([]string(nil), head...), f.Code, f.Title(c.Lang), exact(f.Value), yes, of, part, whole, strconv.Itoa(f.Known), strconv.Itoa(f.Asked), exact(f.Before), exact(f.Year)))
		}
	}
	return table(c, fileName(p.V), lines)
}

// sumReportsCSV lists the reports behind a sum.
func (h *pages) sumReportsCSV(c *web.Context) error {
	lines := [][]string{{"unit", "name", "state", "word", "days_late", "stands_for", "figure", "value"}}
	ask, _, err := h.askOf(c)
	if err != nil {
		return err
	}
	code := c.Query("so")
	for from := 0; ; {
		v, l, err := h.Service.Lines(c.Context(), c.Actor, ask, c.Query("nhom"), code, c.Query("chi"), from)
		if err != nil {
			return err
		}
		for _, x := range l.Lines {
			lines = append(lines, []string{x.Unit.Code, x.Unit.NameIn(c.Lang), string(x.State), c.P.T("reportunit.state." + string(x.State)), strconv.Itoa(x.Late), strconv.Itoa(x.Lump), code, exact(x.Value)})
		}
		if from = l.More(); from == 0 {
			return table(c, fileName(v)+"-don-vi", lines)
		}
	}
}

// number is a figure as a workbook holds it, nil where it is not known.
func number(f *report.SumFigure) any {
	if _, _, ok := f.Ratio(); ok {
		if !f.RatioOK {
			return nil
		}
		return xlsx.Share{Part: int(f.Part), Whole: int(f.Whole)}
	}
	switch {
	case f.Agg == "count_yes":
		return int64(f.Yes)
	case f.Agg == "sum" && f.Value != report.None:
		return f.Value
	}
	return nil
}

// figuresSheet has a line for each figure that can be added and a column for each group. Shares stand on a sheet of their own, since a column has one kind of
// numbers.
func figuresSheet(p *i18n.Printer, name, title string, notes []string, groups []string, all [][]*report.SumFigure, shares bool) xlsx.Sheet {
	s := xlsx.Sheet{Name: name, Title: title, Notes: notes, Columns: []xlsx.Column{{Head: p.T("reportsum.code"), Width: 9}, {Head: p.T("reportsum.figure"), Type: xlsx.Long, Width: 52}}}
	kind := xlsx.Int
	if shares {
		kind = xlsx.Percent
	}
	for _, g := range groups {
		s.Columns = append(s.Columns, xlsx.Column{Head: g, Type: kind, Width: 16})
	}
	if !shares {
		s.Columns = append(s.Columns, xlsx.Column{Head: p.T("reportsum.of_units"), Type: xlsx.Int, Width: 14})
	}
	var rows [][]any
	for i, f := range all[len(all)-1] {
		_, _, ratio := f.Ratio()
		if ratio != shares || !ratio && f.Agg != "sum" && f.Agg != "count_yes" {
			continue
		}
		row := []any{f.Code, f.Title(p.Lang)}
		for _, g := range all {
			row = append(row, number(g[i]))
		}
		if !shares {
			var of any
			if f.Agg == "count_yes" {
				of = int64(f.Of)
			}
			row = append(row, of)
		}
		rows = append(rows, row)
	}
	s.Rows = xlsx.Rows(rows)
	return s
}

func book(c *web.Context, name, title string, sheets []xlsx.Sheet) error {
	var buf bytes.Buffer
	b := xlsx.Book{Title: title, Lang: map[i18n.Lang]string{i18n.VI: "vi-VN", i18n.EN: "en-GB"}[c.Lang], Page: c.P.T("reportsum.page"), Sheets: sheets}
	if err := b.Write(&buf); err != nil {
		return err
	}
	return c.Bytes(xlsxType, name+".xlsx", buf.Bytes())
}

// sumXLSX is a sum as a workbook: how far the reports are, the figures, the shares.
func (h *pages) sumXLSX(c *web.Context) error {
	p, err := h.sumPageOf(c)
	if err != nil {
		return err
	}
	title := c.P.T("reportsum.title", "unit", p.Name)
	notes := []string{p.V.Period.Title, c.P.T("reportsum.as_of", "day", p.V.Today), c.P.T("reportsum.which." + p.Filter.Which)}
	states := xlsx.Sheet{Name: c.P.T("reportsum.sheet.states"), Title: title, Notes: notes, Columns: []xlsx.Column{
		{Head: c.P.T("reportsum.group_word"), Width: 40},
		{Head: c.P.T("reportsum.bound"), Type: xlsx.Int},
		{Head: c.P.T("reportsum.handed"), Type: xlsx.Int},
		{Head: c.P.T("reportsum.share"), Type: xlsx.Percent},
		{Head: c.P.T("reportsum.late"), Type: xlsx.Int},
		{Head: c.P.T("reportsum.overdue"), Type: xlsx.Int},
	}}
	var rows [][]any
	names := make([]string, 0, len(p.Groups)+1)
	var all [][]*report.SumFigure
	for _, g := range append(p.Groups, p.Total) {
		rows = append(rows, []any{g.Name, g.Bound, g.HandedIn(), xlsx.Share{Part: g.HandedIn(), Whole: g.Bound}, g.Late, g.Overdue})
		names = append(names, g.Name)
		if !p.V.Limited {
			all = append(all, p.V.Figures(g.SumGroup))
		}
	}
	states.Rows = xlsx.Rows(rows)
	sheets := []xlsx.Sheet{states}
	if !p.V.Limited {
		sheets = append(sheets, figuresSheet(c.P, c.P.T("reportsum.sheet.figures"), title, notes, names, all, false), figuresSheet(c.P, c.P.T("reportsum.sheet.shares"), title, notes, names, all, true))
	}
	return book(c, fileName(p.V), title, sheets)
}

// snapshotXLSX is the annex of a consolidated report.
func (h *pages) snapshotXLSX(c *web.Context) error {
	p, err := h.snapshotOf(c, report.ByType)
	if err != nil {
		return err
	}
	s := p.S
	title := c.P.T("reportsum.snapshot.title", "n", s.Number, "unit", p.Name)
	var names []string
	var all [][]*report.SumFigure
	for _, g := range s.Groups {
		names = append(names, g.Title(c.P))
		all = append(all, s.Figures(g))
	}
	names, all = append(names, c.P.T("reportsum.all")), append(all, s.Figures(nil))
	notes := []string{s.Of2.Title, c.P.T("reportsum.as_of", "day", s.Day)}
	return book(c, "bao-cao-tong-hop-"+i18n.Slug(s.Of.Name)+"-"+strconv.Itoa(s.Number), title, []xlsx.Sheet{
		figuresSheet(c.P, c.P.T("reportsum.sheet.figures"), title, notes, names, all, false), figuresSheet(c.P, c.P.T("reportsum.sheet.shares"), title, notes, names, all, true),
	})
}
