package pdf

import (
	"dinh/internal/document"
)

func (d *page) head() {
	h := d.p.Head
	left := document.HeadLeft * mm
	right := d.right - d.left - left
	top, inset := d.y, document.HeadInset*mm
	if h.Upper != "" {
		d.column(d.left+inset, left-2*inset, h.Upper, style{size: document.HeadSize})
	}
	bold := style{bold: true, size: document.HeadSize}
	d.column(d.left+inset, left-2*inset, h.Body, bold)
	d.rule(d.left+left/2, document.RuleLength(clean(h.Body), bold.size, document.HeadLeft-2*document.HeadInset)*mm)
	below := d.y
	d.y = top
	d.column(d.left+left, right, document.Country, bold)
	motto := style{bold: true, size: document.MottoSize}
	d.column(d.left+left, right, document.Motto, motto)
	d.rule(d.left+left+right/2, d.measure(document.Motto, motto))
	d.y = max(d.y, below) + 8
	top = d.y
	d.column(d.left, left, h.NumberLine(), style{size: document.NumberSize})
	if d.p.IsLetter() && d.p.Subject != "" {
		d.y += 2
		d.column(d.left+inset, left-2*inset, d.p.SubjectLine(), style{size: document.LetterSize})
	}
	if d.p.Urgent != "" {
		d.urgent(d.left + left/2)
	}
	below = d.y
	d.y = top
	d.column(d.left+left, right, h.DateLine(), style{italic: true, size: document.NumberSize})
	d.y = max(d.y, below) + 6
}

// urgent is the stamp, framed and red.
func (d *page) urgent(middle float64) {
	s := style{bold: true, size: document.HeadSize}
	w := d.measure(clean(d.p.Urgent), s) + 12
	d.y += 8
	d.f.SetDrawColor(0xC0, 0, 0)
	d.f.SetTextColor(0xC0, 0, 0)
	d.f.SetLineWidth(1)
	d.f.Rect(middle-w/2, d.y-2, w, s.size*line+4, "D")
	d.f.SetLineWidth(0.5)
	d.column(middle-w/2, w, d.p.Urgent, s)
	d.f.SetDrawColor(0, 0, 0)
	d.f.SetTextColor(0, 0, 0)
	d.y += 4
}

func (d *page) opening() {
	p := d.p
	text, bold := style{size: document.BodySize}, style{bold: true, size: document.BodySize}
	if !p.IsLetter() {
		d.y += 6
		d.centre(p.Kind, bold)
		last := p.Kind
		if p.Subject != "" {
			d.centre(p.Subject, bold)
			last = p.Subject
		}
		d.rule((d.left+d.right)/2, document.RuleLength(clean(last), bold.size, (d.right-d.left)/mm-10)*mm)
	}
	d.y += 12
	to := p.ToLines()
	switch {
	case len(to) == 1:
		d.centre("Kính gửi: "+to[0], text)
		d.y += document.ParaSpace
	case len(to) > 1:
		d.lines(d.wrap(document.Plain("Kính gửi:"), text, d.right-d.left-30*mm, 0), d.left+30*mm, d.right-d.left-30*mm, 0, document.Left)
		for _, s := range to {
			rows := d.wrap(document.Plain(s), text, d.right-d.left-52*mm, 0)
			d.need(float64(len(rows)) * text.leading())
			d.lines(rows, d.left+52*mm, d.right-d.left-52*mm, 0, document.Left)
		}
		d.y += document.ParaSpace
	}
	if p.Authority != "" {
		d.centre(p.Authority, bold)
		d.y += document.ParaSpace
	}
	for _, s := range p.BaseLines() {
		d.paragraph(document.Plain(s), style{italic: true, size: document.BodySize}, document.Justify, document.Indent*mm)
	}
	if p.Decides != "" {
		d.centre(p.Decides, bold)
		d.y += document.ParaSpace
	}
}

// body prints blocks. The last one of the paper's own body leaves room for the signature below its last lines.
func (d *page) body(blocks []document.Block, closing bool) {
	for i, b := range blocks {
		d.closing = closing && i == len(blocks)-1
		switch {
		case b.NewPage:
			if d.y > d.top {
				d.add()
			}
		case b.Heading != nil:
			d.heading(*b.Heading)
		case b.Para != nil:
			if d.closing {
				d.reserve = min(d.endHeight()+document.ParaSpace, (d.bottom-d.top)/2)
			}
			align, indent := b.Para.Align, 0.0
			if align == "" {
				align = document.Justify
			}
			if b.Para.Indented() {
				indent = document.Indent * mm
			}
			d.paragraph(b.Para.Text, style{size: document.BodySize}, align, indent)
		case b.List != nil:
			for j := range b.List.Items {
				if d.closing && j == len(b.List.Items)-1 {
					d.reserve = min(d.endHeight()+document.ParaSpace, (d.bottom-d.top)/2)
				}
				d.paragraph(b.List.Line(j), style{size: document.BodySize}, document.Justify, document.Indent*mm)
			}
		case b.Table != nil:
			d.table(b.Table)
		}
		d.reserve = 0
	}
}

// heading stays with two lines of what follows.
func (d *page) heading(h document.Heading) {
	s := style{bold: true, size: document.BodySize, italic: h.Level == document.Sub}
	d.reserve = 2*s.leading() + document.ParaSpace
	defer func() { d.reserve = 0 }()
	if h.Level == document.Part || h.Level == document.Roman {
		if d.y > d.top {
			d.y += document.ParaSpace
		}
		d.need(s.leading() + d.reserve)
		d.f.Bookmark(clean(h.Line()), 0, d.y)
	}
	if h.Centred() && h.No != "" && h.Title != "" {
		d.need(3*s.leading() + d.reserve)
		d.centre(h.No, s)
		d.centre(h.Words(), s)
		d.y += document.ParaSpace
		return
	}
	if h.Centred() {
		d.need(s.leading() + d.reserve)
		d.centre(h.Words()+h.No, s)
		d.y += document.ParaSpace
		return
	}
	d.paragraph(document.Plain(h.Line()), s, document.Justify, document.Indent*mm)
}

// endHeight is about how much the recipients and signatures need.
func (d *page) endHeight() float64 {
	p := d.p
	sent := 0.0
	if n := len(p.Sent); n > 0 {
		sent = document.SentHead*line + float64(n)*document.SentSize*line + 6
	}
	if p.Mark != nil {
		sent += document.QRSide*mm + float64(len(p.Mark.Lines))*document.SmallSize*line + 10
	}
	sign := 0.0
	for _, row := range p.SignRows() {
		sign += d.signHeight(row[0])
	}
	if len(p.Signs) == 1 {
		return 10 + max(sent, sign)
	}
	return 10 + sent + sign
}

func (d *page) signHeight(s document.Signature) float64 {
	return float64(len(s.As)+2)*document.BodySize*line + document.SignSpace*mm
}

func (d *page) end() {
	p := d.p
	d.need(d.endHeight())
	d.y += 8
	top := d.y
	if len(p.Signs) == 1 {
		left := document.EndLeft * mm
		d.sent(left)
		d.mark()
		below := d.y
		d.y = top
		d.sign(d.left+left, d.right-d.left-left, p.Signs[0], 1)
		d.y = max(d.y, below)
		return
	}
	for _, row := range p.SignRows() {
		top, below := d.y, 0.0
		width := (d.right - d.left) / float64(len(row))
		for j, s := range row {
			d.y = top
			d.sign(d.left+float64(j)*width, width, s, len(row))
			below = max(below, d.y)
		}
		d.y = below + 10
	}
	d.sent(d.right - d.left)
	d.mark()
}

func (d *page) sent(width float64) {
	list := d.p.SentLines()
	if len(list) == 0 {
		return
	}
	put := func(text string, s style) {
		for _, r := range d.wrap(document.Plain(text), s, width, 0) {
			r.height = s.size * line
			d.draw(r, d.left, d.y, width, document.Left)
			d.y += r.height
		}
	}
	put("Nơi nhận:", style{bold: true, italic: true, size: document.SentHead})
	for _, s := range list {
		put(s, style{size: document.SentSize})
	}
}

func (d *page) sign(x, width float64, s document.Signature, beside int) {
	bold := style{bold: true, size: document.SignTextSize(beside)}
	for _, as := range s.As {
		d.column(x, width, as, bold)
	}
	if s.Note != "" {
		d.column(x, width, s.Note, style{italic: true, size: document.TableSize})
	}
	d.y += document.SignSpace * mm
	d.column(x, width, s.Name, bold)
}

// mark draws the code as squares and its lines below it.
func (d *page) mark() {
	m := d.p.Mark
	if m == nil {
		return
	}
	d.y += 6
	if q, ok := d.p.QR(); ok {
		side := document.QRSide * mm / float64(q.Size)
		d.f.SetFillColor(0, 0, 0)
		q.Runs(func(x, y, n int) { d.f.Rect(d.left+float64(x)*side, d.y+float64(y)*side, float64(n)*side, side, "F") })
		d.y += document.QRSide * mm
	}
	s := style{size: document.SmallSize}
	for _, text := range m.Lines {
		d.need(s.size * line)
		for _, r := range d.wrap(document.Plain(text), s, document.EndLeft*mm, 0) {
			r.height = s.size * line
			d.draw(r, d.left, d.y, document.EndLeft*mm, document.Left)
			d.y += r.height
		}
	}
}
