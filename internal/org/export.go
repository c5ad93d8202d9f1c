package org

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/xlsx"
)

// Filter picks units of a tree. The zero Filter picks all.
type Filter struct {
	Under string // the unit with the id and all below it
	Not   string // without the unit with this id
	Kind  string
	Q     string // part of the name, with or without marks, or the code
}

// Pick are the units that the filter picks, in Vietnamese order of their names.
func (t *Tree) Pick(f Filter) []*Unit {
	q := i18n.Fold(strings.TrimSpace(f.Q))
	var out []*Unit
	for _, u := range t.all {
		if f.Kind != "" && u.Kind != f.Kind || u.ID == f.Not || f.Under != "" && !t.Under(u.ID, f.Under) {
			continue
		}
		if q != "" && !strings.Contains(i18n.Fold(u.Name), q) && !strings.Contains(strings.ToLower(u.NameEN), q) && !strings.EqualFold(u.Code, q) {
			continue
		}
		out = append(out, u)
	}
	return out
}

// exportColumns are what an export writes and an import takes.
var exportColumns = []string{"code", "name", "kind", "parent_code", "slug", "name_en", "manager_code", "flags", "staff", "workers"}

func (t *Tree) exportRow(u *Unit) []string {
	code := func(id string) string {
		if x, ok := t.ByID(id); ok {
			return x.Code
		}
		return ""
	}
	size := func(n int) string {
		if n == Unknown {
			return ""
		}
		return strconv.Itoa(n)
	}
	return []string{u.Code, u.Name, u.Kind, code(u.ParentID), u.Slug, u.NameEN, code(u.ManagerID), strings.Join(u.Flags, " "), size(u.Staff), size(u.Workers)}
}

// WriteCSV writes the units as they are on the tree's day, so that an import with that day takes them again: UTF-8 with a byte order mark, which table
// programs want to see.
func (t *Tree) WriteCSV(w io.Writer, units []*Unit) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	if err := c.Write(exportColumns); err != nil {
		return err
	}
	for _, u := range units {
		if err := c.Write(t.exportRow(u)); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// Book is WriteCSV as a workbook with one sheet whose first line is the head.
func (t *Tree) Book(p *i18n.Printer, units []*Unit) xlsx.Book {
	columns := make([]xlsx.Column, len(exportColumns))
	for i, head := range exportColumns {
		columns[i] = xlsx.Column{Head: head, Width: map[string]float64{"name": 44, "name_en": 40, "slug": 32, "flags": 24}[head]}
	}
	return xlsx.Book{
		Title: p.T("org.export.title", "day", t.day), Author: "Đình", Lang: string(p.Lang), Created: t.day.Time(), Page: p.T("org.export.page"),
		Sheets: []xlsx.Sheet{{Name: p.T("org.export.sheet"), Columns: columns, Rows: func(yield func([]any, error) bool) {
			for _, u := range units {
				row := make([]any, len(exportColumns))
				for i, cell := range t.exportRow(u) {
					if cell != "" {
						row[i] = cell
					}
				}
				if !yield(row, nil) {
					return
				}
			}
		}}},
	}
}

// Export is a file of units as they are on a day: name, content and type. Format is "csv" or "xlsx".
func (dir *Directory) Export(on civil.Date, f Filter, format string, p *i18n.Printer) (name, kind string, data []byte, err error) {
	t := dir.On(on)
	units := t.Pick(f)
	var b bytes.Buffer
	name = "don-vi-" + string(on) + "." + format
	if format == "xlsx" {
		err = t.Book(p, units).Write(&b)
		return name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b.Bytes(), err
	}
	err = t.WriteCSV(&b, units)
	return name, "text/csv; charset=utf-8", b.Bytes(), err
}
