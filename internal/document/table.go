package document

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Table is a table with a head that is repeated on each page.
type Table struct {
	Caption string   // over it; "" for none
	Unit    string   // "Đơn vị tính: triệu đồng", small at the right over it
	Columns []Column // their widths are shares of the page
	Head    [][]Cell // one or more rows
	Rows    [][]Cell
	Foot    string  // a note below
	Size    float64 // of its text in points; 0 is 13
}

// Column is a column of a table.
type Column struct {
	Width float64 // a share; 0 is 1
	Align Align   // of its cells; "" is Left
}

// Cell is a cell that may cover several columns and rows. What it covers has no cells of its own.
type Cell struct {
	Text   Text
	Cols   int   `json:",omitempty"` // columns; 0 is 1
	Rows   int   `json:",omitempty"` // rows; 0 is 1
	Align  Align `json:",omitempty"`
	Shaded bool  `json:",omitempty"` // a group's line
}

// C is a cell with plain text.
func C(s string) Cell { return Cell{Text: Plain(s)} }

// B is a cell with bold text.
func B(s string) Cell { return Cell{Text: Bold(s)} }

// Wide is the cell over n columns.
func (c Cell) Wide(n int) Cell {
	c.Cols = n
	return c
}

// Tall is the cell over n rows.
func (c Cell) Tall(n int) Cell {
	c.Rows = n
	return c
}

// Span is how many columns the cell covers.
func (c Cell) Span() int { return max(c.Cols, 1) }

// Height is how many rows the cell covers.
func (c Cell) Height() int { return max(c.Rows, 1) }

// Cells makes a row of plain cells.
func Cells(texts ...string) []Cell {
	out := make([]Cell, len(texts))
	for i, s := range texts {
		out[i] = C(s)
	}
	return out
}

// TextSize is the size of the table's text in points.
func (t *Table) TextSize() float64 {
	if t.Size == 0 {
		return TableSize
	}
	return t.Size
}

// Label names the table for those who hear it: its caption, else the words of its head.
func (t *Table) Label() string {
	if t.Caption != "" || len(t.Head) == 0 {
		return t.Caption
	}
	words := make([]string, len(t.Head[0]))
	for i, c := range t.Head[0] {
		words[i] = c.Text.String()
	}
	return strings.Join(words, ", ")
}

// Shares are the widths of the columns, as parts of one.
func (t *Table) Shares() []float64 {
	out := make([]float64, len(t.Columns))
	sum := 0.0
	for i, c := range t.Columns {
		out[i] = c.Width
		if c.Width <= 0 {
			out[i] = 1
		}
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// Placed is a cell with its place in the grid.
type Placed struct {
	Cell
	Row, Col int
	Align    Align // the cell's, else the column's; never ""
}

// Grid puts the cells of rows into their columns, row by row. It fails where cells overlap, leave a hole or stand out.
func (t *Table) Grid(rows [][]Cell, head bool) ([][]Placed, error) {
	n := len(t.Columns)
	taken := make([]int, n) // rows still covered from above, by column
	out := make([][]Placed, len(rows))
	for r, cells := range rows {
		col := 0
		next := func() {
			for col < n && taken[col] > 0 {
				col++
			}
		}
		next()
		placed := make([]Placed, 0, len(cells))
		for _, c := range cells {
			if col+c.Span() > n {
				return nil, fmt.Errorf("row %d: more cells than the %d columns", r+1, n)
			}
			if r+c.Height() > len(rows) {
				return nil, fmt.Errorf("row %d: a cell reaches below the last row", r+1)
			}
			p := Placed{Cell: c, Row: r, Col: col, Align: c.Align}
			if p.Align == "" {
				p.Align = t.Columns[col].Align
				if head || c.Span() > 1 && p.Align == Right {
					p.Align = Centre
				}
			}
			if p.Align == "" {
				p.Align = Left
			}
			for i := col; i < col+c.Span(); i++ {
				if taken[i] > 0 {
					return nil, fmt.Errorf("row %d: cells overlap in column %d", r+1, i+1)
				}
				taken[i] = c.Height()
			}
			col += c.Span()
			placed = append(placed, p)
			next()
		}
		if col < n {
			return nil, fmt.Errorf("row %d: no cell in column %d", r+1, col+1)
		}
		for i := range taken {
			taken[i]--
		}
		out[r] = placed
	}
	return out, nil
}

// Upper is text in capitals.
func Upper(s string) string { return strings.ToUpper(s) }

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if unicode.IsUpper(second) { // an abbreviation
		return s
	}
	return string(unicode.ToLower(r)) + s[n:]
}

// sentenceCase is "Kế hoạch" of "KẾ HOẠCH".
func sentenceCase(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + strings.ToLower(s[n:])
}
