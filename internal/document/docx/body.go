package docx

import (
	"bytes"
	"strings"

	"dinh/internal/document"
)

// body writes word/document.xml.
type body struct {
	p     *document.Paper
	b     bytes.Buffer
	width float64 // of the text, in millimetres
	qr    bool    // a picture is used
	keep  bool    // what is written now stays with what follows
}

func (d *body) raw(s ...string) {
	for _, x := range s {
		d.b.WriteString(x)
	}
}

func (d *body) write() error {
	p := d.p
	d.width = document.PageWidth - document.MarginLeft - document.MarginRight
	d.raw(header, `<w:document xmlns:w="`, nsMain, `" xmlns:r="`, nsRel, `" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><w:body>`)
	d.head()
	d.opening()
	for i, b := range p.Blocks {
		d.keep = i == len(p.Blocks)-1 // the last paragraph goes with the signature
		err := d.block(b)
		if err != nil {
			return err
		}
	}
	d.keep = false
	d.end()
	landscape := false
	for i, a := range p.Annexes {
		d.raw(`<w:p><w:pPr>`, small)
		d.section(landscape)
		d.raw(`</w:pPr></w:p>`)
		landscape = a.Landscape
		d.width = document.PageWidth - document.MarginLeft - document.MarginRight
		if landscape {
			d.width = document.PageHeight - document.MarginTop - document.MarginBottom
		}
		d.para("AnnexLabel", "", document.Plain(p.AnnexLabel(i)))
		if a.Title != "" {
			d.para("AnnexTitle", "", balanced(document.Upper(a.Title), document.BodySize, true, d.width-10))
		}
		d.para("AnnexNote", "", document.Plain(p.AnnexNote(i)))
		d.rule(document.Width(p.AnnexNote(i), document.BodySize, false)/3, d.width)
		for _, b := range a.Blocks {
			err := d.block(b)
			if err != nil {
				return err
			}
		}
	}
	if len(p.Annexes) == 0 {
		d.gap() // a text cannot end in a table
	}
	d.section(landscape)
	d.raw(`</w:body></w:document>`)
	return nil
}

// small are the properties of a paragraph that is there because one must be.
const small = `<w:pStyle w:val="Rule"/><w:pBdr><w:top w:val="nil"/></w:pBdr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>`

// gap parts two tables, which would else be one.
func (d *body) gap() { d.raw(`<w:p><w:pPr>`, small, `</w:pPr></w:p>`) }

// section ends a section: its page, its number from the second page on, counted anew in each.
func (d *body) section(landscape bool) {
	size := `<w:pgSz w:w="11906" w:h="16838"/>`
	top, right, bottom, left := document.MarginTop, document.MarginRight, document.MarginBottom, document.MarginLeft
	if landscape {
		size = `<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>`
		top, right, bottom, left = document.MarginLeft, document.MarginTop, document.MarginRight, document.MarginBottom
	}
	d.raw(`<w:sectPr><w:headerReference w:type="default" r:id="rId4"/><w:type w:val="nextPage"/>`, size, `<w:pgMar w:top="`, itoa(twips(top)), `" w:right="`, itoa(twips(right)), `" w:bottom="`, itoa(twips(bottom)), `" w:left="`, itoa(twips(left)),
		`" w:header="567" w:footer="567" w:gutter="0"/><w:pgNumType w:start="1"/><w:titlePg/></w:sectPr>`)
}

// para writes a paragraph in a style; props go into its properties.
func (d *body) para(style, props string, t document.Text) {
	d.raw(`<w:p><w:pPr><w:pStyle w:val="`, style, `"/>`)
	if d.keep && !strings.Contains(props, "keepNext") {
		d.raw(`<w:keepNext/>`)
	}
	d.raw(props, `</w:pPr>`)
	d.runs(t, "")
	d.raw(`</w:p>`)
}

func (d *body) runs(t document.Text, props string) {
	for _, s := range t {
		rpr := ""
		if s.Bold {
			rpr += `<w:b/><w:bCs/>`
		}
		if s.Italic {
			rpr += `<w:i/><w:iCs/>`
		}
		rpr += props // the order is that of the schema
		for i, line := range strings.Split(strings.ReplaceAll(s.Text, "\r\n", "\n"), "\n") {
			d.raw(`<w:r>`)
			if rpr != "" {
				d.raw(`<w:rPr>`, rpr, `</w:rPr>`)
			}
			if i > 0 {
				d.raw(`<w:br/>`)
			}
			if line != "" {
				d.raw(`<w:t xml:space="preserve">`, esc(line), `</w:t>`)
			}
			d.raw(`</w:r>`)
		}
	}
}

// rule is a line of a length in the middle of what is width wide.
func (d *body) rule(length, width float64) {
	side := itoa(twips(max(0, (width-length)/2)))
	d.raw(`<w:p><w:pPr><w:pStyle w:val="Rule"/><w:ind w:left="`, side, `" w:right="`, side, `"/></w:pPr></w:p>`)
}

// columns writes a row of cells without borders; the last takes the rest of the width.
func (d *body) columns(width float64, cells ...func(width float64)) {
	widths := make([]float64, len(cells))
	for i := range cells {
		widths[i] = width
	}
	widths[len(cells)-1] = d.width - width*float64(len(cells)-1)
	d.raw(`<w:tbl><w:tblPr><w:tblW w:w="`, itoa(twips(d.width)), `" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>`)
	for _, w := range widths {
		d.raw(`<w:gridCol w:w="`, itoa(twips(w)), `"/>`)
	}
	d.raw(`</w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>`)
	for i, c := range cells {
		d.raw(`<w:tc><w:tcPr><w:tcW w:w="`, itoa(twips(widths[i])), `" w:type="dxa"/></w:tcPr>`)
		c(widths[i])
		d.raw(`</w:tc>`)
	}
	d.raw(`</w:tr></w:tbl>`)
}

func (d *body) head() {
	h := d.p.Head
	side := itoa(twips(document.HeadInset))
	inset := `<w:ind w:left="` + side + `" w:right="` + side + `"/>`
	d.columns(document.HeadLeft, func(w float64) {
		if h.Upper != "" {
			d.para("HeadBody", inset, balanced(h.Upper, document.HeadSize, false, w-2*document.HeadInset))
		}
		d.para("HeadIssuer", inset, balanced(h.Body, document.HeadSize, true, w-2*document.HeadInset))
		d.rule(document.RuleLength(h.Body, document.HeadSize, w-2*document.HeadInset), w)
	}, func(w float64) {
		d.para("HeadIssuer", "", document.Plain(document.Country))
		d.para("HeadMotto", "", document.Plain(document.Motto))
		d.rule(document.Width(document.Motto, document.MottoSize, true), w)
	})
	d.gap()
	d.columns(document.HeadLeft, func(w float64) {
		d.para("HeadNumber", "", document.Plain(h.NumberLine()))
		if d.p.IsLetter() && d.p.Subject != "" {
			d.para("HeadSubject", inset, balanced(d.p.SubjectLine(), document.LetterSize, false, w-2*document.HeadInset))
		}
		if d.p.Urgent != "" {
			side := itoa(twips((w - document.Width(d.p.Urgent, document.HeadSize, true) - 6) / 2))
			edge := func(s string) string { return `<w:` + s + ` w:val="single" w:sz="8" w:space="1" w:color="C00000"/>` }
			d.para("Urgent", `<w:pBdr>`+edge("top")+edge("left")+edge("bottom")+edge("right")+`</w:pBdr><w:spacing w:before="120"/><w:ind w:left="`+side+`" w:right="`+side+`"/>`, document.Plain(d.p.Urgent))
		}
	}, func(float64) { d.para("HeadDate", "", document.Plain(h.DateLine())) })
}

// balanced is a centred text in lines of about equal length.
func balanced(text string, size float64, bold bool, width float64) document.Text {
	return document.Plain(strings.Join(document.Lines(text, size, bold, width), "\n"))
}

// opening is what stands between head and body.
func (d *body) opening() {
	p := d.p
	if !p.IsLetter() {
		d.para("Title", `<w:spacing w:before="240"/>`, document.Plain(p.Kind))
		last := p.Kind
		if p.Subject != "" {
			d.para("Subtitle", "", balanced(p.Subject, document.BodySize, true, d.width-10))
			last = p.Subject
		}
		d.rule(document.RuleLength(last, document.BodySize, d.width-10), d.width)
	}
	to := p.ToLines()
	switch {
	case len(to) == 1:
		d.para("To", `<w:spacing w:before="240"/><w:jc w:val="center"/>`, document.Plain("Kính gửi: "+to[0]))
	case len(to) > 1:
		d.para("To", `<w:spacing w:before="240" w:after="0"/><w:ind w:left="`+itoa(twips(toIndent))+`"/>`, document.Plain("Kính gửi:"))
		for i, s := range to {
			after := ""
			if i < len(to)-1 {
				after = ` w:after="0"`
			}
			d.para("To", `<w:spacing w:before="0"`+after+`/><w:ind w:left="`+itoa(twips(toIndent+22))+`"/>`, document.Plain(s))
		}
	}
	if p.Authority != "" {
		d.para("Title", `<w:spacing w:before="240" w:after="120"/>`, document.Plain(p.Authority))
	}
	for _, s := range p.BaseLines() {
		d.para("Basis", "", document.Plain(s))
	}
	if p.Decides != "" {
		d.para("Title", `<w:spacing w:before="120" w:after="120"/>`, document.Plain(p.Decides))
	}
}

const toIndent = 30.0

var headings = map[document.Level]string{
	document.Part: "Part", document.Section: "Division", document.Article: "Article", document.Roman: "Heading1", document.Arabic: "Heading2", document.Sub: "Heading3",
}

func (d *body) block(b document.Block) error {
	switch {
	case b.NewPage:
		d.raw(`<w:p><w:r><w:br w:type="page"/></w:r></w:p>`)
	case b.Heading != nil:
		h := *b.Heading
		style := headings[h.Level]
		if h.Centred() && h.No != "" && h.Title != "" {
			d.para(style, `<w:spacing w:after="0"/>`, document.Plain(h.No))
			d.para(style, `<w:spacing w:before="0"/>`, document.Plain(h.Words()))
			break
		}
		d.para(style, "", document.Plain(h.Line()))
	case b.Para != nil:
		d.para("BodyText", paraProps(*b.Para), b.Para.Text)
	case b.List != nil:
		keep := d.keep
		for i := range b.List.Items {
			d.keep = keep && i == len(b.List.Items)-1
			d.para("BodyText", "", b.List.Line(i))
		}
	case b.Table != nil:
		return d.table(b.Table)
	}
	return nil
}

var justs = map[document.Align]string{document.Left: "left", document.Right: "right", document.Centre: "center", document.Justify: "both"}

func paraProps(p document.Para) string {
	out := ""
	if !p.Indented() {
		out += `<w:ind w:firstLine="0"/>`
	}
	if p.Align != "" {
		out += `<w:jc w:val="` + justs[p.Align] + `"/>`
	}
	return out
}

// end is the place of recipients and signature, which stays on one page.
func (d *body) end() {
	p := d.p
	d.raw(`<w:p><w:pPr><w:pStyle w:val="Rule"/><w:keepNext/><w:pBdr><w:top w:val="nil"/></w:pBdr></w:pPr></w:p>`)
	if len(p.Signs) == 1 {
		d.columns(document.EndLeft, func(float64) {
			d.sent()
			d.mark()
		}, func(float64) { d.sign(&p.Signs[0], 1) })
		return
	}
	for i, row := range p.SignRows() {
		if i > 0 {
			d.para("Small", "", nil)
		}
		cells := make([]func(float64), len(row))
		for j := range row {
			cells[j] = func(float64) { d.sign(&row[j], len(row)) }
		}
		d.columns(d.width/float64(len(row)), cells...)
	}
	d.para("Small", "", nil)
	if len(p.Sent) > 0 || p.Mark != nil {
		d.sent()
		d.mark()
	}
}

func (d *body) sent() {
	lines := d.p.SentLines()
	if len(lines) == 0 {
		d.para("Sent", "", nil)
		return
	}
	d.para("SentHead", "", document.Plain("Nơi nhận:"))
	for _, s := range lines {
		d.para("Sent", "", document.Plain(s))
	}
}

func (d *body) sign(s *document.Signature, beside int) {
	size := ""
	if n := document.SignTextSize(beside); n != document.BodySize {
		size = `<w:sz w:val="` + half(n) + `"/><w:szCs w:val="` + half(n) + `"/>`
	}
	for _, as := range s.As {
		d.raw(`<w:p><w:pPr><w:pStyle w:val="SignAs"/></w:pPr>`)
		d.runs(document.Plain(as), size)
		d.raw(`</w:p>`)
	}
	if s.Note != "" {
		d.para("SignNote", "", document.Plain(s.Note))
	}
	d.para("SignName", `<w:spacing w:before="`+itoa(twips(document.SignSpace))+`"/>`, document.Plain(s.Name))
}

func (d *body) mark() {
	m := d.p.Mark
	if m == nil {
		return
	}
	if q, ok := d.p.QR(); ok {
		d.qr = true
		side := itoa(int(document.QRSide * 36000))
		d.raw(`<w:p><w:pPr><w:pStyle w:val="Small"/><w:spacing w:before="120"/></w:pPr><w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="`, side, `" cy="`, side, `"/><wp:docPr id="1" name="QR" descr="`, esc("Mã QR: "+q.Text),
			`"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="qr.png"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId5"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="`,
			side, `" cy="`, side, `"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`)
	}
	for _, s := range m.Lines {
		d.para("Small", "", document.Plain(s))
	}
}
