package pdf

import (
	"dinh/internal/document"
)

const (
	padX = 4.0 // inside cells
	padY = 2.5
)

// laid is a cell with its lines.
type laid struct {
	document.Placed
	rows  []row
	x, w  float64
	h     float64 // of its text with the padding
	drawn int     // lines already printed, where the cell breaks over pages
}

// grid is a part of a table that is laid out: cells by row, heights of the rows.
type grid struct {
	cells  [][]laid
	height []float64
	head   bool
}

func (d *page) table(t *document.Table) {
	text := style{size: t.TextSize()}
	if t.Caption != "" {
		d.reserve = 4 * text.leading()
		d.paragraph(document.Plain(t.Caption), style{bold: true, size: document.TableSize}, document.Centre, 0)
		d.reserve = 0
	}
	if t.Unit != "" {
		d.reserve = 3 * text.leading()
		d.paragraph(document.Plain(t.Unit), style{italic: true, size: document.SentHead}, document.Right, 0)
		d.y -= document.ParaSpace - 2
		d.reserve = 0
	}
	head := d.lay(t, t.Head, true)
	body := d.lay(t, t.Rows, false)
	headHeight := sum(head.height)
	first := 0.0
	if len(body.height) > 0 {
		first = min(body.height[0], 60)
	}
	d.need(headHeight + first)
	d.cells(head, 0, len(head.cells))
	if headHeight > (d.bottom-d.top)/2 {
		headHeight = 0 // a head that leaves no room for rows is printed once
	}
	again := func() {
		d.add()
		if headHeight > 0 {
			d.cells(head, 0, len(head.cells))
		}
	}
	for from := 0; from < len(body.cells); {
		to := body.group(from)
		h := sum(body.height[from:to])
		switch {
		case d.y+h <= d.bottom+0.1:
			d.cells(body, from, to)
		case h <= d.bottom-d.top-headHeight:
			again()
			d.cells(body, from, to)
		case to-from == 1:
			d.pieces(body, from, again)
		default: // a group of rows that no page holds: its tall cells are cut into single ones
			body.cut(from, to)
			continue
		}
		from = to
	}
	d.y += 4
	if t.Foot != "" {
		d.paragraph(document.Plain(t.Foot), style{italic: true, size: document.SentHead}, document.Left, 0)
	}
	d.y += 4
}

func sum(xs []float64) float64 {
	s := 0.0
	for _, x := range xs {
		s += x
	}
	return s
}

// lay breaks the text of the cells into lines and finds the heights of the rows. The paper was checked, so the grid is whole.
func (d *page) lay(t *document.Table, rows [][]document.Cell, head bool) grid {
	placed, err := t.Grid(rows, head)
	if err != nil {
		d.f.SetError(err)
		return grid{}
	}
	shares := t.Shares()
	at := make([]float64, len(shares)+1)
	for i, s := range shares {
		at[i+1] = at[i] + s*(d.right-d.left)
	}
	s := style{size: t.TextSize(), bold: head}
	g := grid{cells: make([][]laid, len(placed)), height: make([]float64, len(placed)), head: head}
	for r, cells := range placed {
		g.cells[r] = make([]laid, len(cells))
		for i, c := range cells {
			l := laid{Placed: c, x: at[c.Col], w: at[c.Col+c.Span()] - at[c.Col]}
			l.rows = d.wrap(c.Text, s, l.w-2*padX, 0)
			for j := range l.rows {
				l.rows[j].height = s.size * line
			}
			l.h = float64(len(l.rows))*s.size*line + 2*padY
			g.cells[r][i] = l
			if c.Height() == 1 {
				g.height[r] = max(g.height[r], l.h)
			}
		}
		g.height[r] = max(g.height[r], s.size*line+2*padY)
	}
	for r, cells := range g.cells {
		for _, c := range cells {
			if n := c.Height(); n > 1 {
				if more := c.h - sum(g.height[r:r+n]); more > 0 {
					g.height[r+n-1] += more
				}
			}
		}
	}
	return g
}

// group is the end of the rows that hang together with row from through tall cells.
func (g grid) group(from int) int {
	to := from + 1
	for r := from; r < to; r++ {
		for _, c := range g.cells[r] {
			to = max(to, r+c.Height())
		}
	}
	return to
}

// cut makes single cells of the tall ones of a group: the text stays in the first.
func (g grid) cut(from, to int) {
	for r := from; r < to; r++ {
		for i := range g.cells[r] {
			n := g.cells[r][i].Height()
			for k := 1; k < n; k++ {
				empty := g.cells[r][i]
				empty.rows, empty.Rows, empty.Row = nil, 1, r+k
				g.cells[r+k] = append(g.cells[r+k], empty)
			}
			if n > 1 {
				g.height[r] = max(g.height[r], g.cells[r][i].h)
			}
			g.cells[r][i].Rows = 1
		}
	}
}

// cells prints rows from … to, which fit on the page.
func (d *page) cells(g grid, from, to int) {
	for r := from; r < to; r++ {
		for _, c := range g.cells[r] {
			h := sum(g.height[r : r+c.Height()])
			d.box(c, h)
			y := d.y + padY
			if g.head || c.Height() > 1 {
				y = d.y + (h-c.h)/2 + padY
			}
			d.text(c, y, c.rows)
		}
		d.y += g.height[r]
	}
}

func (d *page) box(c laid, h float64) {
	how := "D"
	if c.Shaded {
		d.f.SetFillColor(0xED, 0xED, 0xED)
		how = "FD"
	}
	d.f.Rect(d.left+c.x, d.y, c.w, h, how)
}

func (d *page) text(c laid, y float64, rows []row) {
	for _, r := range rows {
		d.draw(r, d.left+c.x+padX, y, c.w-2*padX, c.Align)
		y += r.height
	}
}

// pieces prints a row that is higher than a page, piece by piece.
func (d *page) pieces(g grid, r int, again func()) {
	cells := g.cells[r]
	for {
		room := d.bottom - d.y - 2*padY
		most, left := 0.0, false
		take := make([]int, len(cells))
		for i, c := range cells {
			used := 0.0
			for j := c.drawn; j < len(c.rows) && used+c.rows[j].height <= room; j++ {
				used += c.rows[j].height
				take[i]++
			}
			most = max(most, used)
			left = left || c.drawn+take[i] < len(c.rows)
		}
		if most > 0 {
			for i := range cells {
				c := &cells[i]
				d.box(*c, most+2*padY)
				d.text(*c, d.y+padY, c.rows[c.drawn:c.drawn+take[i]])
				c.drawn += take[i]
			}
			d.y += most + 2*padY
		}
		if !left {
			return
		}
		again()
	}
}
