package extract

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	maxNesting = 512
	maxPart    = 128 << 20 // bytes of one part
)

// office is an office document: a zip of XML parts.
type office struct {
	ctx   context.Context
	parts map[string]*zip.File // by name in small letters
	names []string             // sorted
	left  int64
	out   *Result
	w     *writer
	gap   bool // a paragraph of a cell has ended: a space comes before the next
}

// compound is how files begin that are no zip: office documents with a password, and those of before 2007.
const compound = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

func officeText(ctx context.Context, r io.ReaderAt, size int64, kind string, lim Limits, out *Result, w *writer) error {
	head := make([]byte, len(compound))
	n, _ := r.ReadAt(head, 0)
	if string(head[:n]) == compound {
		out.Encrypted = true
		return nil
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if len(z.File) > lim.Entries {
		return errTooMuch
	}
	o := &office{ctx: ctx, parts: make(map[string]*zip.File, len(z.File)), left: lim.Unpacked, out: out, w: w}
	for _, f := range z.File {
		p := strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(f.Name, `\`, "/")), "/"))
		if o.parts[p] == nil {
			o.parts[p] = f
			o.names = append(o.names, p)
		}
		o.seen(p)
	}
	slices.SortFunc(o.names, natural)
	switch kind {
	case ODT, ODS:
		err = o.openDocument()
	case DOCX:
		err = o.docx()
	default:
		err = o.xlsx()
	}
	if errors.Is(err, errFull) {
		return nil
	}
	if err != nil && !errors.Is(err, errTooMuch) && !errors.Is(err, ErrBroken) && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return err
}

// errFull ends reading when the text is as long as it may be.
var errFull = errors.New("extract: enough text")

// natural sorts sheet2 before sheet10.
func natural(a, b string) int {
	if len(a) != len(b) && strings.TrimRight(strings.TrimSuffix(a, ".xml"), "0123456789") == strings.TrimRight(strings.TrimSuffix(b, ".xml"), "0123456789") {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// seen notes what the names of the parts tell.
func (o *office) seen(p string) {
	dir, base := path.Split(p)
	switch {
	case base == "vbaproject.bin", base == "vbadata.xml", strings.Contains(dir, "activex/"), strings.Contains(dir, "macrosheets/"), strings.Contains(dir, "dialogsheets/"),
		strings.HasPrefix(p, "basic/"), strings.HasPrefix(p, "scripts/"), strings.HasPrefix(p, "dialogs/"):
		o.out.Macros = true
	case strings.Contains(dir, "embeddings/"), strings.HasPrefix(base, "oleobject"), strings.HasPrefix(p, "object "), strings.Contains(p, "/afchunk"):
		o.out.Embedded = true
	case strings.Contains(dir, "externallinks/"), base == "connections.xml", strings.HasPrefix(dir, "xl/querytables/"):
		o.out.External = true
	}
}

// bounded counts what is unpacked, whatever the directory of the file says.
type bounded struct {
	r io.Reader
	o *office
	n int64
}

func (b *bounded) Read(buf []byte) (int, error) {
	err := b.o.ctx.Err()
	if err != nil {
		return 0, err
	}
	n, err := b.r.Read(buf)
	b.o.left -= int64(n)
	if b.n += int64(n); b.o.left < 0 || b.n > maxPart {
		return 0, errTooMuch
	}
	return n, err
}

// handler is told of a part's elements and text.
type handler struct {
	start func(e xml.StartElement) error
	end   func(e xml.EndElement) error
	text  func(s []byte) error
}

// walk reads a part; one that is not there is empty. Nothing outside of the part is ever looked at: encoding/xml knows no entities but the five.
func (o *office) walk(part string, h handler) (err error) {
	f := o.parts[part]
	if f == nil {
		return nil
	}
	rc, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rc.Close()) }()
	d := xml.NewDecoder(&bounded{r: rc, o: o})
	depth := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth > maxNesting {
				return fmt.Errorf("%w: %s: nested too deeply", ErrBroken, part)
			}
			if h.start != nil {
				err = h.start(t)
			}
		case xml.EndElement:
			depth--
			if h.end != nil {
				err = h.end(t)
			}
		case xml.CharData:
			if h.text != nil {
				err = h.text(t)
			}
		}
		if err != nil {
			return err
		}
	}
}

func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

func (o *office) write(s string) error {
	if o.gap && s != "" && s != "\t" && s != "\n" {
		s = " " + s
	}
	if s != "" {
		o.gap = false
	}
	if !o.w.write(s) {
		return errFull
	}
	return nil
}

// relations reads the .rels parts and the list of types for what the names did not tell.
func (o *office) relations() error {
	for _, p := range o.names {
		if !strings.HasSuffix(p, ".rels") {
			continue
		}
		err := o.walk(p, handler{start: func(e xml.StartElement) error {
			kind := strings.ToLower(path.Base(attr(e, "Type")))
			switch kind {
			case "vbaproject", "control", "activexcontrolbinary", "xlmacrosheet", "xlintlmacrosheet":
				o.out.Macros = true
			case "afchunk", "oleobject", "package":
				o.out.Embedded = true
			case "externallinkpath", "attachedtemplate":
				o.out.External = true
			}
			if strings.EqualFold(attr(e, "TargetMode"), "External") && kind != "hyperlink" {
				o.out.External = true
			}
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return o.walk("[content_types].xml", handler{start: func(e xml.StartElement) error {
		if t := strings.ToLower(attr(e, "ContentType")); strings.Contains(t, "macroenabled") || strings.Contains(t, "vbaproject") {
			o.out.Macros = true
		}
		return nil
	}})
}

var docxParts = []*regexp.Regexp{
	regexp.MustCompile(`^word/header\d*\.xml$`),
	regexp.MustCompile(`^word/document\d*\.xml$`),
	regexp.MustCompile(`^word/(footnotes|endnotes|comments|footer\d*|diagrams/data\d*|charts/chart\d*)\.xml$`),
}

func (o *office) docx() error {
	err := o.relations()
	if err != nil {
		return err
	}
	var usual string
	usual, err = o.usualFont()
	if err != nil {
		return err
	}
	found := false
	for n, re := range docxParts {
		for _, p := range o.names {
			if !re.MatchString(p) {
				continue
			}
			found = found || n == 1
			err = o.wordPart(p, usual)
			if err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("%w: no document", ErrBroken)
	}
	return nil
}

// usualFont is the font of runs that name none, for the old fonts' own alphabet.
func (o *office) usualFont() (string, error) {
	usual, within := "", false
	err := o.walk("word/styles.xml", handler{
		start: func(e xml.StartElement) error {
			switch e.Name.Local {
			case "docDefaults":
				within = true
			case "style":
				within = attr(e, "default") == "1" && attr(e, "type") == "paragraph"
			case "rFonts":
				if f := attr(e, "ascii"); within && f != "" {
					usual = f
				}
			}
			return nil
		},
		end: func(e xml.EndElement) error {
			if e.Name.Local == "docDefaults" || e.Name.Local == "style" {
				within = false
			}
			return nil
		},
	})
	return usual, err
}

// wordPart reads paragraphs and tables. Text that was struck out under change tracking is read too: whoever gets the file gets it.
func (o *office) wordPart(p, usual string) error {
	var font string
	var field strings.Builder
	inText, inField, skip, cells := 0, 0, 0, 0
	return o.walk(p, handler{
		start: func(e xml.StartElement) error {
			switch e.Name.Local {
			case "Fallback": // the same text once more for old programs
				skip++
			case "r":
				font = usual
			case "rFonts":
				if f := attr(e, "ascii"); f != "" {
					font = f
				}
			case "t", "delText":
				inText++
			case "instrText", "delInstrText":
				inField++
			case "fldChar":
				field.Reset()
			case "fldSimple":
				o.fieldCode(attr(e, "instr"))
			case "altChunk", "OLEObject", "object":
				o.out.Embedded = true
			case "tc":
				cells++
			case "tab":
				if e.Name.Space == "" || inText > 0 || skip > 0 || strings.Contains(e.Name.Space, "drawing") || len(e.Attr) > 0 && attr(e, "pos") != "" {
					return nil
				}
				return o.write("\t")
			case "br", "cr":
				if skip == 0 {
					return o.write("\n")
				}
			case "noBreakHyphen":
				return o.write("-")
			}
			return nil
		},
		end: func(e xml.EndElement) error {
			switch e.Name.Local {
			case "Fallback":
				skip--
			case "t", "delText":
				inText--
			case "instrText", "delInstrText":
				inField--
			case "tc":
				cells--
				if skip == 0 {
					return o.write("\t")
				}
			case "tr", "pt":
				if skip == 0 {
					return o.write("\n")
				}
			case "p":
				if skip > 0 {
					return nil
				}
				if cells > 0 {
					o.gap = true
					return nil
				}
				return o.write("\n")
			}
			return nil
		},
		text: func(s []byte) error {
			switch {
			case inField > 0:
				if field.Len() < 4096 {
					field.Write(s)
					o.fieldCode(field.String())
				}
			case inText > 0 && skip == 0:
				t := string(s)
				if strings.HasPrefix(font, ".Vn") {
					t = fromTCVN(t, strings.HasSuffix(font, "H"))
				}
				return o.write(t)
			}
			return nil
		},
	})
}

// fieldCode notes fields that start programs or fetch files.
func (o *office) fieldCode(s string) {
	s = strings.ToUpper(strings.TrimSpace(s))
	switch {
	case strings.HasPrefix(s, "DDE"):
		o.out.Scripts = true
	case strings.HasPrefix(s, "INCLUDEPICTURE"), strings.HasPrefix(s, "INCLUDETEXT"), strings.HasPrefix(s, "LINK"), strings.HasPrefix(s, "IMPORT"):
		o.out.External = true
	}
}

// openDocument reads text documents and sheets of the other family.
func (o *office) openDocument() error {
	err := o.walk("meta-inf/manifest.xml", handler{start: func(e xml.StartElement) error {
		if e.Name.Local == "encryption-data" {
			o.out.Encrypted = true
		}
		return nil
	}})
	if err != nil || o.out.Encrypted {
		return err
	}
	if o.parts["content.xml"] == nil {
		return fmt.Errorf("%w: no content", ErrBroken)
	}
	err = o.odfPart("content.xml")
	if err != nil {
		return err
	}
	return o.odfPart("styles.xml") // heads and feet of pages
}

func (o *office) odfPart(p string) error {
	paragraphs, cells := 0, 0
	return o.walk(p, handler{
		start: func(e xml.StartElement) error {
			href := attr(e, "href")
			switch e.Name.Local {
			case "p", "h":
				paragraphs++
			case "table-cell", "covered-table-cell":
				cells++
			case "tab":
				if paragraphs > 0 {
					return o.write("\t")
				}
			case "s":
				return o.write(" ")
			case "line-break":
				return o.write("\n")
			case "event-listener", "script":
				o.out.Macros = true
			case "dde-source", "dde-connection", "dde-connection-decl":
				o.out.Scripts = true
			case "cell-range-source", "table-source", "database-source-sql", "database-source-query":
				o.out.External = true
			case "object", "object-ole":
				o.out.Embedded = true
			case "image", "fill-image", "background-image", "section-source", "plugin", "applet":
				if strings.Contains(href, ":") || strings.HasPrefix(href, "/") || strings.HasPrefix(href, "../") {
					o.out.External = true
				}
			}
			if strings.HasPrefix(href, "vnd.sun.star.script:") || strings.HasPrefix(href, "macro:") {
				o.out.Macros = true
			}
			return nil
		},
		end: func(e xml.EndElement) error {
			switch e.Name.Local {
			case "p", "h":
				paragraphs--
				if cells > 0 {
					o.gap = true
					return nil
				}
				return o.write("\n")
			case "table-cell", "covered-table-cell":
				cells--
				return o.write("\t")
			case "table-row":
				return o.write("\n")
			}
			return nil
		},
		text: func(s []byte) error {
			if paragraphs > 0 {
				return o.write(string(s))
			}
			return nil
		},
	})
}
