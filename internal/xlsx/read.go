package xlsx

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Limits bound what Read takes from a file that somebody sent. Zero values are usable.
type Limits struct {
	Rows     int   // rows with content; default 20,000
	Columns  int   // default 64
	Unzipped int64 // bytes of all parts read; default 64 MiB
}

func (l Limits) defaults() Limits {
	if l.Rows <= 0 {
		l.Rows = 20_000
	}
	if l.Columns <= 0 {
		l.Columns = 64
	}
	if l.Unzipped <= 0 {
		l.Unzipped = 64 << 20
	}
	return l
}

// Row is one row with content: its number in the sheet and its cells, right end cut. Days are "2006-01-02", whatever the cell looks like; numbers are
// plain, with the noughts before them that the format "000" shows.
type Row struct {
	Line  int
	Cells []string
}

// Read reads the first visible sheet of a workbook. It refuses what an import must not trust: macros, links to other files, formulas (beside the cell),
// too many rows, parts that unpack to too much. The errors are errs.Invalid or errs.TooLarge.
func Read(r io.ReaderAt, size int64, l Limits) ([]Row, error) {
	l = l.defaults()
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "xlsx.broken")
	}
	p := pkg{left: l.Unzipped, parts: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		name := strings.TrimPrefix(path.Clean("/"+f.Name), "/")
		lower := strings.ToLower(name)
		if strings.HasSuffix(lower, "vbaproject.bin") || strings.HasPrefix(lower, "xl/macrosheets/") || strings.HasPrefix(lower, "xl/externallinks/") {
			return nil, errs.E(errs.Invalid, "xlsx.macro")
		}
		if _, twice := p.parts[name]; twice {
			return nil, errs.E(errs.Invalid, "xlsx.broken")
		}
		p.parts[name] = f
	}
	rows, err := p.read(l)
	if _, ours := errors.AsType[*errs.Error](err); err != nil && !ours {
		return nil, errs.Wrap(errs.Invalid, err, "xlsx.broken")
	}
	return rows, err
}

// pkg is an open workbook with what may still be unpacked of it.
type pkg struct {
	parts map[string]*zip.File
	left  int64
}

// bounded counts what is unpacked, whatever the directory of the file says.
type bounded struct {
	r io.ReadCloser
	p *pkg
}

func (b bounded) Read(buf []byte) (int, error) {
	n, err := b.r.Read(buf)
	b.p.left -= int64(n)
	if b.p.left < 0 {
		return 0, errs.E(errs.TooLarge, "xlsx.bomb")
	}
	return n, err
}

func (b bounded) Close() error { return b.r.Close() }

func (p *pkg) open(name string) (io.ReadCloser, error) {
	f, ok := p.parts[name]
	if !ok {
		return nil, fmt.Errorf("xlsx: no part %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return bounded{r, p}, nil
}

// decode reads a small part into v; a part that is not there leaves v as it was where optional.
func (p *pkg) decode(name string, v any, optional bool) (err error) {
	if _, ok := p.parts[name]; !ok && optional {
		return nil
	}
	r, err := p.open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return xml.NewDecoder(r).Decode(v)
}

func (p *pkg) read(l Limits) ([]Row, error) {
	var book struct {
		Properties struct {
			Date1904 bool `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			State string `xml:"state,attr"`
			ID    string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			// Strict files write the relationship in another name space.
			StrictID string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	err := p.decode("xl/workbook.xml", &book, false)
	if err != nil {
		return nil, err
	}
	var rels struct {
		Rel []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
			Mode   string `xml:"TargetMode,attr"`
		} `xml:"Relationship"`
	}
	err = p.decode("xl/_rels/workbook.xml.rels", &rels, false)
	if err != nil {
		return nil, err
	}
	sheet := ""
	for _, s := range book.Sheets {
		if s.State != "" && s.State != "visible" {
			continue
		}
		for _, r := range rels.Rel {
			if r.ID == s.ID+s.StrictID && r.Mode != "External" {
				sheet = strings.TrimPrefix(path.Join("/xl", r.Target), "/")
				if strings.HasPrefix(r.Target, "/") {
					sheet = strings.TrimPrefix(path.Clean(r.Target), "/")
				}
			}
		}
		break
	}
	st, err := p.formats()
	if err != nil {
		return nil, err
	}
	st.date1904 = book.Properties.Date1904
	shared, err := p.strings()
	if err != nil {
		return nil, err
	}
	return p.sheet(sheet, st, shared, l)
}

// formats are the number formats of cells, by style.
type formats struct {
	codes    []string
	date1904 bool
}

func (p *pkg) formats() (formats, error) {
	var x struct {
		Custom []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			ID int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	err := p.decode("xl/styles.xml", &x, true)
	if err != nil {
		return formats{}, err
	}
	custom := make(map[int]string, len(x.Custom))
	for _, c := range x.Custom {
		custom[c.ID] = c.Code
	}
	out := formats{codes: make([]string, len(x.Cells))}
	for i, c := range x.Cells {
		code, ok := custom[c.ID]
		switch {
		case ok:
		case c.ID >= 14 && c.ID <= 17, c.ID == 22, c.ID >= 27 && c.ID <= 36, c.ID >= 50 && c.ID <= 58: // the built-in ones that show a day
			code = "yyyy-mm-dd"
		}
		out.codes[i] = code
	}
	return out, nil
}

// isDate reports whether a format shows a day: it has a d or y outside quotes, brackets and escapes.
func isDate(code string) bool {
	quoted := false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\', c == '_', c == '*':
			i++
		case c == '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return false
			}
			i += end
		case c == ';':
			return false
		case c == 'd' || c == 'D' || c == 'y' || c == 'Y':
			return true
		}
	}
	return false
}

// number words a number as a person reads it in the cell, as far as an import needs: days, noughts in front, no exponent.
func (f formats) number(v string, style int) (string, error) {
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return "", fmt.Errorf("xlsx: not a number: %q", v)
	}
	code := ""
	if style >= 0 && style < len(f.codes) {
		code = f.codes[style]
	}
	if isDate(code) {
		if f.date1904 {
			x += 1462
		}
		if x < 61 || x >= 2_958_466 { // before 1/3/1900 the count of days is known to be wrong
			return "", fmt.Errorf("xlsx: day out of range: %q", v)
		}
		return string(civil.Date("1899-12-30").Add(int(x))), nil
	}
	s := strconv.FormatFloat(x, 'f', -1, 64)
	if zeros := strings.Trim(code, "0") == ""; zeros && len(code) > len(s) && !strings.ContainsAny(s, "-.") {
		s = strings.Repeat("0", len(code)-len(s)) + s
	}
	return s, nil
}

// richText is a string item: plain, or in runs with formats; phonetic readings are left out.
type richText struct {
	T *string `xml:"t"`
	R []struct {
		T string `xml:"t"`
	} `xml:"r"`
}

func (t richText) String() string {
	var b strings.Builder
	if t.T != nil {
		b.WriteString(*t.T)
	}
	for _, r := range t.R {
		b.WriteString(r.T)
	}
	return b.String()
}

func (p *pkg) strings() ([]string, error) {
	const name = "xl/sharedStrings.xml"
	if _, ok := p.parts[name]; !ok {
		return nil, nil
	}
	r, err := p.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []string
	dec := xml.NewDecoder(r)
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if se, ok := tok.(xml.StartElement); ok && se.Name.Local == "si" {
			var t richText
			err = dec.DecodeElement(&t, &se)
			if err != nil {
				return nil, err
			}
			out = append(out, t.String())
		}
	}
}

type cell struct {
	Ref     string    `xml:"r,attr"`
	Type    string    `xml:"t,attr"`
	Style   int       `xml:"s,attr"`
	Value   string    `xml:"v"`
	Inline  *richText `xml:"is"`
	Formula *struct{} `xml:"f"`
}

func (p *pkg) sheet(name string, st formats, shared []string, l Limits) ([]Row, error) {
	r, err := p.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var (
		out  []Row
		list errs.List
		line int
		dec  = xml.NewDecoder(r)
	)
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out, list.Err()
		}
		if err != nil {
			return nil, err
		}
		se, ok := tok.(xml.StartElement)
		if !ok || se.Name.Local != "row" {
			continue
		}
		line++
		for _, a := range se.Attr {
			if a.Name.Local == "r" {
				n, err := strconv.Atoi(a.Value)
				if err != nil || n < line || n > 1<<20 {
					return nil, fmt.Errorf("xlsx: row %q", a.Value)
				}
				line = n
			}
		}
		cells, err := row(dec, line, st, shared, l, &list)
		if err != nil {
			return nil, err
		}
		if len(cells) == 0 {
			continue
		}
		if len(out) == l.Rows {
			return nil, errs.E(errs.TooLarge, "xlsx.rows", "max", l.Rows)
		}
		out = append(out, Row{Line: line, Cells: cells})
	}
}

// row reads the cells of one row. Faults of cells go to list; what breaks the file is an error.
func row(dec *xml.Decoder, line int, st formats, shared []string, l Limits, list *errs.List) ([]string, error) {
	var out []string
	next := 0
	for {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		if _, end := tok.(xml.EndElement); end {
			break
		}
		se, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if se.Name.Local != "c" {
			err = dec.Skip()
			if err != nil {
				return nil, err
			}
			continue
		}
		var c cell
		err = dec.DecodeElement(&c, &se)
		if err != nil {
			return nil, err
		}
		col := next
		if c.Ref != "" {
			col, err = column(c.Ref)
			if err != nil {
				return nil, err
			}
		}
		next = col + 1
		text, err := c.text(st, shared)
		if c.Formula != nil && len(list.Fields) < 20 {
			list.AddLine(line, c.Ref, "xlsx.formula", "cell", c.Ref)
		}
		if err != nil {
			if len(list.Fields) < 20 {
				list.AddLine(line, c.Ref, "xlsx.cell", "cell", c.Ref)
			}
			continue
		}
		if text == "" {
			continue
		}
		if col >= l.Columns {
			return nil, errs.E(errs.TooLarge, "xlsx.columns", "max", l.Columns)
		}
		for len(out) <= col {
			out = append(out, "")
		}
		out[col] = text
	}
	return out, nil
}

func (c cell) text(st formats, shared []string) (string, error) {
	var s string
	switch c.Type {
	case "s":
		i, err := strconv.Atoi(c.Value)
		if err != nil || i < 0 || i >= len(shared) {
			return "", fmt.Errorf("xlsx: no string %q", c.Value)
		}
		s = shared[i]
	case "inlineStr":
		if c.Inline != nil {
			s = c.Inline.String()
		}
	case "str":
		s = c.Value
	case "d":
		s, _, _ = strings.Cut(c.Value, "T")
	case "b":
		s = c.Value
	case "e":
		return "", fmt.Errorf("xlsx: cell holds the error %s", c.Value)
	default:
		if c.Value == "" {
			return "", nil
		}
		return st.number(strings.TrimSpace(c.Value), c.Style)
	}
	return strings.TrimSpace(i18n.NFC(s)), nil
}

// column is the number, from 0, of the column in a reference like "BC12".
func column(ref string) (int, error) {
	n := 0
	for i := 0; i < len(ref); i++ {
		c := ref[i]
		if c >= '0' && c <= '9' && i > 0 {
			return n - 1, nil
		}
		if c < 'A' || c > 'Z' || n > 16384 {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return 0, fmt.Errorf("xlsx: reference %q", ref)
}
