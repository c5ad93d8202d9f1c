// Package docx writes papers as Word files: named styles, tables with heads that repeat, page numbers, annexes in sections of their own. Equal papers are equal files.
package docx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strconv"
	"strings"
	"time"

	"dinh/internal/document"
)

// ContentType is the media type of the files.
const ContentType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

const (
	nsMain = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	nsRel  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	rels   = "http://schemas.openxmlformats.org/package/2006/relationships"
	header = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
)

// Write writes the paper. It fails where the paper is faulty (see document.Paper.Check) and with the errors of w.
func Write(w io.Writer, p *document.Paper) error {
	parts, err := Parts(p)
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, part := range parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.Name, Method: zip.Deflate}) // no time: equal papers are equal files
		if err != nil {
			return err
		}
		_, err = f.Write(part.Body)
		if err != nil {
			return err
		}
	}
	return z.Close()
}

// A Named is one part of the file.
type Named struct {
	Name string
	Body []byte
}

// Parts are the parts of the file in their order, for tests and for those who look inside.
func Parts(p *document.Paper) ([]Named, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	d := &body{p: p}
	err := d.write()
	if err != nil {
		return nil, err
	}
	types := `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>`
	docRels := rel("rId1", nsRel+"/styles", "styles.xml") + rel("rId2", nsRel+"/settings", "settings.xml") + rel("rId3", nsRel+"/fontTable", "fontTable.xml") + rel("rId4", nsRel+"/header", "header1.xml")
	var picture []byte
	if d.qr {
		q, _ := p.QR()
		picture, err = pictureOf(q)
		if err != nil {
			return nil, err
		}
		types += `<Default Extension="png" ContentType="image/png"/>`
		docRels += rel("rId5", nsRel+"/image", "media/qr.png")
	}
	var overrides strings.Builder
	const ml = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	for _, o := range [][2]string{
		{"/word/document.xml", ml + "document.main+xml"},
		{"/word/styles.xml", ml + "styles+xml"},
		{"/word/settings.xml", ml + "settings+xml"},
		{"/word/fontTable.xml", ml + "fontTable+xml"},
		{"/word/header1.xml", ml + "header+xml"},
		{"/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"},
		{"/docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml"},
	} {
		overrides.WriteString(`<Override PartName="` + o[0] + `" ContentType="` + o[1] + `"/>`)
	}
	out := []Named{
		{"[Content_Types].xml", []byte(header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` + types + overrides.String() + `</Types>`)},
		{"_rels/.rels", []byte(header + `<Relationships xmlns="` + rels + `">` + rel("rId1", nsRel+"/officeDocument", "word/document.xml") +
			rel("rId2", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml") + rel("rId3", nsRel+"/extended-properties", "docProps/app.xml") + `</Relationships>`)},
		{"docProps/core.xml", core(p)},
		{"docProps/app.xml", []byte(header + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Dinh</Application></Properties>`)},
		{"word/document.xml", d.b.Bytes()},
		{"word/_rels/document.xml.rels", []byte(header + `<Relationships xmlns="` + rels + `">` + docRels + `</Relationships>`)},
		{"word/styles.xml", styles(p.Language())},
		{"word/settings.xml", []byte(header + `<w:settings xmlns:w="` + nsMain + `"><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/><w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="` + esc(p.Language()) + `"/></w:settings>`)},
		{"word/fontTable.xml", []byte(header + `<w:fonts xmlns:w="` + nsMain + `"><w:font w:name="` + document.Face + `"><w:altName w:val="Liberation Serif"/><w:panose1 w:val="02020603050405020304"/><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font></w:fonts>`)},
		{"word/header1.xml", []byte(header + `<w:hdr xmlns:w="` + nsMain + `"><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:hdr>`)},
	}
	if d.qr {
		out = append(out, Named{"word/media/qr.png", picture})
	}
	return out, nil
}

func rel(id, kind, target string) string {
	return `<Relationship Id="` + id + `" Type="` + kind + `" Target="` + target + `"/>`
}

func core(p *document.Paper) []byte {
	at := p.Stamp().Format(time.RFC3339)
	return []byte(header + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>` +
		esc(p.Name()) + `</dc:title><dc:subject>` + esc(p.Subject) + `</dc:subject><dc:creator>` + esc(p.Writer()) + `</dc:creator><dc:language>` + esc(p.Language()) +
		`</dc:language><dcterms:created xsi:type="dcterms:W3CDTF">` + at + `</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">` + at + `</dcterms:modified></cp:coreProperties>`)
}

// esc makes text safe inside XML; what XML cannot hold is left out.
func esc(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if !strings.ContainsAny(s, "<>&\"'\t\n\r") {
		return s
	}
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer does not fail
	return b.String()
}

// pictureOf draws the code, four pixels for a square.
func pictureOf(q document.QR) ([]byte, error) {
	const side = 4
	img := image.NewPaletted(image.Rect(0, 0, q.Size*side, q.Size*side), color.Palette{color.White, color.Black})
	q.Runs(func(x, y, n int) {
		for py := y * side; py < (y+1)*side; py++ {
			for px := x * side; px < (x+n)*side; px++ {
				img.SetColorIndex(px, py, 1)
			}
		}
	})
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img)
	return b.Bytes(), err
}

// twips are twentieths of a point, the unit of Word's lengths.
func twips(mm float64) int { return int(mm/25.4*1440 + 0.5) }

func itoa(n int) string { return strconv.Itoa(n) }

// half is a size in half points.
func half(size float64) string { return itoa(int(size*2 + 0.5)) }

type style struct {
	id, name, based, next string
	para, run             string
}

// styles are the named styles: who edits the paper changes them in one place.
func styles(lang string) []byte {
	line := fmt.Sprintf(`w:line="%.0f" w:lineRule="auto"`, 240*document.LineSpace)
	space := func(before, after float64) string {
		return fmt.Sprintf(`<w:spacing w:before="%d" w:after="%d" %s/>`, int(before*20), int(after*20), line)
	}
	tight := `<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>`
	indent := fmt.Sprintf(`<w:ind w:firstLine="%d"/>`, twips(document.Indent))
	size := func(pt float64) string { return `<w:sz w:val="` + half(pt) + `"/><w:szCs w:val="` + half(pt) + `"/>` }
	outline := func(n int) string { return `<w:outlineLvl w:val="` + itoa(n) + `"/>` }
	const b, i, centre, both, keep = `<w:b/><w:bCs/>`, `<w:i/><w:iCs/>`, `<w:jc w:val="center"/>`, `<w:jc w:val="both"/>`, `<w:keepNext/>`
	all := []style{
		{"BodyText", "Body Text", "Normal", "", space(0, document.ParaSpace) + indent + both, ""},
		{"Heading1", "heading 1", "Normal", "BodyText", keep + space(document.ParaSpace, document.ParaSpace) + indent + both + outline(0), b},
		{"Heading2", "heading 2", "Normal", "BodyText", keep + space(0, document.ParaSpace) + indent + both + outline(1), b},
		{"Heading3", "heading 3", "Normal", "BodyText", keep + space(0, document.ParaSpace) + indent + both + outline(2), b + i},
		{"Article", "Article", "Normal", "BodyText", keep + space(0, document.ParaSpace) + indent + both + outline(2), b},
		{"Part", "Part", "Normal", "BodyText", keep + space(document.ParaSpace, document.ParaSpace) + centre + outline(0), b},
		{"Division", "Division", "Normal", "BodyText", keep + space(document.ParaSpace, document.ParaSpace) + centre + outline(1), b},
		{"Title", "Title", "Normal", "Subtitle", keep + space(document.ParaSpace, 0) + centre, b},
		{"Subtitle", "Subtitle", "Normal", "BodyText", keep + space(0, 0) + centre, b},
		{"Header", "header", "Normal", "", tight + centre, size(document.PageNoSize)},
		{"HeadBody", "Head Body", "Normal", "", tight + centre, size(document.HeadSize)},
		{"HeadIssuer", "Head Issuer", "HeadBody", "", "", b},
		{"HeadMotto", "Head Motto", "HeadBody", "", "", b + size(document.MottoSize)},
		{"HeadNumber", "Head Number", "HeadBody", "", "", size(document.NumberSize)},
		{"HeadDate", "Head Date", "HeadBody", "", "", i + size(document.NumberSize)},
		{"HeadSubject", "Head Subject", "HeadBody", "", "", size(document.LetterSize)},
		{"Urgent", "Urgent", "HeadBody", "", "", b + `<w:color w:val="C00000"/>`},
		{"Rule", "Rule", "Normal", "BodyText", `<w:pBdr><w:top w:val="single" w:sz="6" w:space="0" w:color="auto"/></w:pBdr><w:spacing w:before="40" w:after="0" w:line="120" w:lineRule="exact"/>`, size(4)},
		{"Basis", "Basis", "BodyText", "", "", i},
		{"To", "To", "Normal", "", space(document.ParaSpace, document.ParaSpace), ""},
		{"SentHead", "Sent Head", "Normal", "Sent", keep + tight, b + i + size(document.SentHead)},
		{"Sent", "Sent", "Normal", "", tight, size(document.SentSize)},
		{"SignAs", "Sign As", "Normal", "", keep + tight + centre, b},
		{"SignNote", "Sign Note", "Normal", "", keep + tight + centre, i + size(document.TableSize)},
		{"SignName", "Sign Name", "Normal", "", tight + centre, b},
		{"Small", "Small Print", "Normal", "", tight, size(document.SmallSize)},
		{"Caption", "caption", "Normal", "", keep + space(document.ParaSpace, document.ParaSpace/2) + centre, b + size(document.TableSize)},
		{"TableUnit", "Table Unit", "Normal", "", keep + `<w:spacing w:before="0" w:after="40" w:line="240" w:lineRule="auto"/><w:jc w:val="right"/>`, i + size(document.SentHead)},
		{"TableText", "Table Text", "Normal", "", `<w:spacing w:before="40" w:after="40" w:line="240" w:lineRule="auto"/>`, size(document.TableSize)},
		{"TableHead", "Table Head", "TableText", "", centre, b},
		{"TableNote", "Table Note", "Normal", "", `<w:spacing w:before="60" w:after="120" w:line="240" w:lineRule="auto"/>`, i + size(document.SentHead)},
		{"AnnexLabel", "Annex Label", "Normal", "AnnexTitle", keep + space(0, 0) + centre + outline(0), b},
		{"AnnexTitle", "Annex Title", "Normal", "AnnexNote", keep + space(0, 0) + centre, b},
		{"AnnexNote", "Annex Note", "Normal", "BodyText", keep + space(0, 0) + centre, i},
	}
	var s strings.Builder
	s.WriteString(header + `<w:styles xmlns:w="` + nsMain + `"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="` + document.Face + `" w:hAnsi="` + document.Face + `" w:eastAsia="` + document.Face + `" w:cs="` + document.Face + `"/>` +
		size(document.BodySize) + `<w:lang w:val="` + esc(lang) + `" w:eastAsia="` + esc(lang) + `" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="0" ` + line + `/></w:pPr></w:pPrDefault></w:docDefaults>`)
	s.WriteString(`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>`)
	s.WriteString(`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="80" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>`)
	for _, x := range all {
		s.WriteString(`<w:style w:type="paragraph" w:styleId="` + x.id + `"><w:name w:val="` + x.name + `"/><w:basedOn w:val="` + x.based + `"/>`)
		if x.next != "" {
			s.WriteString(`<w:next w:val="` + x.next + `"/>`)
		}
		s.WriteString(`<w:qFormat/>`)
		if x.para != "" {
			s.WriteString(`<w:pPr>` + x.para + `</w:pPr>`)
		}
		if x.run != "" {
			s.WriteString(`<w:rPr>` + x.run + `</w:rPr>`)
		}
		s.WriteString(`</w:style>`)
	}
	s.WriteString(`<w:style w:type="table" w:styleId="Grid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		s.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`)
	}
	s.WriteString(`</w:tblBorders></w:tblPr></w:style></w:styles>`)
	return []byte(s.String())
}
