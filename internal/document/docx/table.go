package docx

import (
	"dinh/internal/document"
)

// table writes a table. A cell over several rows is a "restart" with empty cells that go on below it.
func (d *body) table(t *document.Table) error {
	keep := d.keep
	d.keep = false
	defer func() { d.keep = keep }()
	if t.Caption != "" {
		d.para("Caption", "", document.Plain(t.Caption))
	}
	if t.Unit != "" {
		d.para("TableUnit", "", document.Plain(t.Unit))
	}
	widths := make([]int, len(t.Columns))
	left := twips(d.width)
	for i, s := range t.Shares() {
		widths[i] = int(s * float64(twips(d.width)))
		left -= widths[i]
	}
	widths[len(widths)-1] += left
	d.raw(`<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="`, itoa(twips(d.width)), `" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>`)
	for _, w := range widths {
		d.raw(`<w:gridCol w:w="`, itoa(w), `"/>`)
	}
	d.raw(`</w:tblGrid>`)
	err := d.rows(t, t.Head, widths, true)
	if err != nil {
		return err
	}
	err = d.rows(t, t.Rows, widths, false)
	if err != nil {
		return err
	}
	d.raw(`</w:tbl>`)
	if t.Foot != "" {
		d.para("TableNote", "", document.Plain(t.Foot))
	} else {
		d.raw(`<w:p><w:pPr><w:pStyle w:val="Rule"/><w:pBdr><w:top w:val="nil"/></w:pBdr></w:pPr></w:p>`)
	}
	return nil
}

func (d *body) rows(t *document.Table, rows [][]document.Cell, widths []int, head bool) error {
	grid, err := t.Grid(rows, head)
	if err != nil {
		return err
	}
	open := make([]*document.Placed, len(widths)) // cells that reach down from above, by their first column
	for r, cells := range grid {
		d.raw(`<w:tr><w:trPr><w:cantSplit/>`)
		if head {
			d.raw(`<w:tblHeader/>`)
		}
		d.raw(`</w:trPr>`)
		next := 0
		for col := 0; col < len(widths); {
			if next < len(cells) && cells[next].Col == col {
				c := &cells[next]
				next++
				merge := ""
				if c.Height() > 1 {
					merge = `<w:vMerge w:val="restart"/>`
					open[col] = c
				}
				d.cell(t, c, widths, merge, head, c.Text)
				col += c.Span()
				continue
			}
			c := open[col]
			d.cell(t, c, widths, `<w:vMerge/>`, head, nil)
			if r+1 == c.Row+c.Height() {
				open[col] = nil
			}
			col += c.Span()
		}
		d.raw(`</w:tr>`)
	}
	return nil
}

func (d *body) cell(t *document.Table, c *document.Placed, widths []int, merge string, head bool, text document.Text) {
	w := 0
	for i := c.Col; i < c.Col+c.Span(); i++ {
		w += widths[i]
	}
	d.raw(`<w:tc><w:tcPr><w:tcW w:w="`, itoa(w), `" w:type="dxa"/>`)
	if c.Span() > 1 {
		d.raw(`<w:gridSpan w:val="`, itoa(c.Span()), `"/>`)
	}
	d.raw(merge)
	if c.Shaded {
		d.raw(`<w:shd w:val="clear" w:color="auto" w:fill="EDEDED"/>`)
	}
	if head || c.Height() > 1 {
		d.raw(`<w:vAlign w:val="center"/>`)
	}
	style := "TableText"
	if head {
		style = "TableHead"
	}
	d.raw(`</w:tcPr><w:p><w:pPr><w:pStyle w:val="`, style, `"/>`)
	if !head || c.Align != document.Centre {
		d.raw(`<w:jc w:val="`, justs[c.Align], `"/>`)
	}
	d.raw(`</w:pPr>`)
	props := ""
	if size := t.TextSize(); size != document.TableSize {
		props = `<w:sz w:val="` + half(size) + `"/><w:szCs w:val="` + half(size) + `"/>`
	}
	d.runs(text, props)
	d.raw(`</w:p></w:tc>`)
}
