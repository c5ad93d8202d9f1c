// Package xlsx writes tables as workbooks and reads the workbooks that people send. It takes plain values and knows no room.
package xlsx

import (
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dinh/internal/civil"

	"github.com/xuri/excelize/v2"
)

// Type is what a column holds; the program that opens the file sorts and sums by it.
type Type uint8

// The types of columns.
const (
	Text    Type = iota // string; never read as a formula
	Int                 // int or int64
	Date                // civil.Date; None is an empty cell
	Percent             // Share; a whole of 0 is an empty cell
	Long                // string, wrapped over several lines
	Decimal             // float64, shown with one or two decimals
)

// Strong is a value shown in bold: of sums and of the lines of groups.
type Strong struct{ Value any }

// Share is a part of a whole, shown as a percentage.
type Share struct{ Part, Whole int }

// Column is one column of a sheet.
type Column struct {
	Head  string
	Group string // a head over the heads of this and the neighbouring columns of the same group; "" for none
	Type  Type
	Width float64 // in characters; 0 is a width by type
}

// Sheet is one table: a title over it, a head that stays in sight and is printed on each page, rows.
type Sheet struct {
	Name    string // on the tab; cut and cleaned to what programs accept
	Title   string // over the table, "" for none
	Notes   []string
	Columns []Column
	Rows    iter.Seq2[[]any, error] // nil is an empty cell; an error ends the writing
}

// Book is a workbook with what its properties say.
type Book struct {
	Title, Subject, Author string
	Lang                   string // "vi-VN", "en-GB"
	Created                time.Time
	Page                   string // words before the page number in the foot: "Trang", "Page"
	Sheets                 []Sheet
}

// Rows gives a slice as rows.
func Rows(rows [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

type styles struct {
	title, note, head int
	body, strong      map[Type]int
}

// Write writes the workbook. A value that does not fit its column is an error that names the cell.
func (b Book) Write(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() {
		cerr := f.Close()
		if err == nil {
			err = cerr
		}
	}()
	st, err := b.styles(f)
	if err != nil {
		return fmt.Errorf("xlsx: styles: %w", err)
	}
	names := map[string]bool{}
	for i, s := range b.Sheets {
		name := tab(s.Name, i, names)
		if i == 0 {
			err = f.SetSheetName("Sheet1", name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err != nil {
			return fmt.Errorf("xlsx: sheet %q: %w", name, err)
		}
		err = b.sheet(f, name, s, st)
		if err != nil {
			return fmt.Errorf("xlsx: sheet %q: %w", name, err)
		}
	}
	stamp := b.Created.UTC().Format(time.RFC3339)
	err = f.SetDocProps(&excelize.DocProperties{
		Title: b.Title, Subject: b.Subject, Creator: b.Author, LastModifiedBy: b.Author, Language: b.Lang, Created: stamp, Modified: stamp,
	})
	if err != nil {
		return fmt.Errorf("xlsx: properties: %w", err)
	}
	err = f.SetAppProps(&excelize.AppProperties{Application: "Dinh"})
	if err != nil {
		return fmt.Errorf("xlsx: properties: %w", err)
	}
	_, err = f.WriteTo(w)
	return err
}

// The face of official papers; programs without it take one with the same widths.
const face = "Times New Roman"

func (b Book) styles(f *excelize.File) (styles, error) {
	line := []excelize.Border{}
	for _, side := range []string{"left", "right", "top", "bottom"} {
		line = append(line, excelize.Border{Type: side, Style: 1, Color: "8C8279"})
	}
	var err error
	add := func(s excelize.Style) int {
		id, e := f.NewStyle(&s)
		if e != nil && err == nil {
			err = e
		}
		return id
	}
	body := func(bold bool) map[Type]int {
		one := func(format string, num int, align excelize.Alignment) int {
			align.Vertical = "top"
			s := excelize.Style{Border: line, Font: &excelize.Font{Family: face, Size: 12, Bold: bold}, NumFmt: num, Alignment: &align}
			if format != "" {
				s.CustomNumFmt = &format
			}
			return add(s)
		}
		right := excelize.Alignment{Horizontal: "right"}
		return map[Type]int{
			Text:    one("", 49, excelize.Alignment{}), // 49 is "@": what is typed over it stays text
			Long:    one("", 49, excelize.Alignment{WrapText: true}),
			Int:     one("#,##0", 0, right),
			Date:    one("d/m/yyyy", 0, right),
			Percent: one("0.0%", 0, right),
			Decimal: one("#,##0.0#", 0, right),
		}
	}
	st := styles{
		title: add(excelize.Style{Font: &excelize.Font{Family: face, Size: 14, Bold: true}, Alignment: &excelize.Alignment{Vertical: "top"}}),
		note:  add(excelize.Style{Font: &excelize.Font{Family: face, Size: 12, Italic: true}, Alignment: &excelize.Alignment{Vertical: "top"}}),
		head: add(excelize.Style{
			Border: line, Font: &excelize.Font{Family: face, Size: 12, Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7E0D7"}},
			Alignment: &excelize.Alignment{WrapText: true, Vertical: "center", Horizontal: "center"},
		}),
		body: body(false), strong: body(true),
	}
	return st, err
}

var widths = map[Type]float64{Text: 24, Long: 48, Int: 12, Date: 12, Percent: 10, Decimal: 12}

func (b Book) sheet(f *excelize.File, name string, s Sheet, st styles) error {
	yes, one, none, a4 := true, 1, 0, 9
	landscape := "landscape"
	// These must come before the streaming begins: the writer sends them first.
	err := f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes})
	if err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, c := range s.Columns {
		width := c.Width
		if width == 0 {
			width = widths[c.Type]
		}
		err = sw.SetColWidth(i+1, i+1, min(width, 255))
		if err != nil {
			return err
		}
	}
	row := 1
	above := func(text string, style int) error {
		if text == "" {
			return nil
		}
		cell, _ := excelize.CoordinatesToCellName(1, row)
		row++
		return sw.SetRow(cell, []any{excelize.Cell{StyleID: style, Value: clip(text)}})
	}
	head := row
	if s.Title != "" {
		head++
	}
	for _, n := range s.Notes {
		if n != "" {
			head++
		}
	}
	grouped := slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Group != "" })
	if grouped {
		head++
	}
	below, _ := excelize.CoordinatesToCellName(1, head+1)
	err = sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: head, TopLeftCell: below, ActivePane: "bottomLeft"})
	if err != nil {
		return err
	}
	err = above(s.Title, st.title)
	if err != nil {
		return err
	}
	for _, n := range s.Notes {
		err = above(n, st.note)
		if err != nil {
			return err
		}
	}
	top := row
	if grouped {
		err = groups(sw, s, st, row)
		if err != nil {
			return err
		}
		row++
	}
	cells := make([]any, len(s.Columns))
	for i, c := range s.Columns {
		cells[i] = excelize.Cell{StyleID: st.head, Value: clip(c.Head)}
	}
	first, _ := excelize.CoordinatesToCellName(1, row)
	err = sw.SetRow(first, cells)
	if err != nil {
		return err
	}
	last, err := rows(sw, s, st, row)
	if err != nil {
		return err
	}
	corner, err := excelize.CoordinatesToCellName(max(len(s.Columns), 1), last)
	if err != nil {
		return err
	}
	err = f.AutoFilter(name, first+":"+corner, nil)
	if err != nil {
		return err
	}
	err = f.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &one, FitToHeight: &none})
	if err != nil {
		return err
	}
	side, end := 0.4, 0.6 // inches
	err = f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &end, Bottom: &end})
	if err != nil {
		return err
	}
	foot := strings.TrimSpace(strings.ReplaceAll(b.Page, "&", "&&") + " &P/&N")
	err = f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&L" + strings.ReplaceAll(b.Title, "&", "&&") + "&R" + foot})
	if err != nil {
		return err
	}
	err = f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: name, RefersTo: fmt.Sprintf("'%s'!$%d:$%d", strings.ReplaceAll(name, "'", "''"), top, row)})
	if err != nil {
		return err
	}
	return sw.Flush()
}

// groups writes the upper row of a head of two: a cell over each run of columns of one group, and over both rows where a column has none.
func groups(sw *excelize.StreamWriter, s Sheet, st styles, row int) error {
	cells := make([]any, len(s.Columns))
	for i, c := range s.Columns {
		text := c.Group
		if text == "" {
			text = c.Head
		}
		cells[i] = excelize.Cell{StyleID: st.head, Value: clip(text)}
	}
	at, _ := excelize.CoordinatesToCellName(1, row)
	err := sw.SetRow(at, cells)
	for i := 0; i < len(s.Columns) && err == nil; {
		end, low := i+1, row
		for end < len(s.Columns) && s.Columns[i].Group != "" && s.Columns[end].Group == s.Columns[i].Group {
			end++
		}
		if s.Columns[i].Group == "" {
			low++
		}
		if end > i+1 || low > row {
			from, _ := excelize.CoordinatesToCellName(i+1, row)
			to, _ := excelize.CoordinatesToCellName(end, low)
			err = sw.MergeCell(from, to)
		}
		i = end
	}
	return err
}

// rows streams the rows below the head and gives the number of the last one.
func rows(sw *excelize.StreamWriter, s Sheet, st styles, head int) (int, error) {
	last := head
	if s.Rows == nil {
		return last, nil
	}
	cells := make([]any, len(s.Columns))
	for r, err := range s.Rows {
		if err != nil {
			return last, err
		}
		last++
		if len(r) > len(s.Columns) {
			return last, fmt.Errorf("row %d: %d values for %d columns", last, len(r), len(s.Columns))
		}
		for i, c := range s.Columns {
			var v any
			if i < len(r) {
				v = r[i]
			}
			style := st.body[c.Type]
			if strong, is := v.(Strong); is {
				v, style = strong.Value, st.strong[c.Type]
			}
			val, ok := c.Type.value(v)
			if !ok {
				return last, fmt.Errorf("row %d, column %q: %T does not fit", last, c.Head, v)
			}
			cells[i] = excelize.Cell{StyleID: style, Value: val}
		}
		at, err := excelize.CoordinatesToCellName(1, last)
		if err != nil {
			return last, err
		}
		err = sw.SetRow(at, cells)
		if err != nil {
			return last, err
		}
	}
	return last, nil
}

func (t Type) value(v any) (any, bool) {
	if v == nil {
		return nil, true
	}
	switch x := v.(type) {
	case string:
		if t != Text && t != Long {
			return nil, false
		}
		if x == "" {
			return nil, true
		}
		return clip(x), true
	case int, int64:
		return x, t == Int
	case float64:
		return x, t == Decimal && !math.IsNaN(x) && !math.IsInf(x, 0)
	case civil.Date:
		if x.IsZero() {
			return nil, t == Date
		}
		return x.Time(), t == Date
	case Share:
		if x.Whole == 0 {
			return nil, t == Percent
		}
		return float64(x.Part) / float64(x.Whole), t == Percent
	}
	return nil, false
}

// clip cleans text to what a cell can hold: 32,767 characters as UTF-16 and no control characters.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD"))
	if len(s) <= excelize.TotalCellChars {
		return s
	}
	n := 0
	for i, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
		if n > excelize.TotalCellChars-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// tab makes a name that programs accept on a tab, different from those before it.
func tab(name string, i int, taken map[string]bool) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || r < 0x20 {
			return '-'
		}
		return r
	}, strings.ToValidUTF8(name, "")), "' ")
	name = short(name, 31)
	if name == "" {
		name = fmt.Sprintf("%d", i+1)
	}
	for n := 2; taken[strings.ToLower(name)]; n++ {
		end := fmt.Sprintf(" (%d)", n)
		name = short(name, 31-len(end)) + end
	}
	taken[strings.ToLower(name)] = true
	return name
}

func short(s string, n int) string {
	for utf8.RuneCountInString(s) > n {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
