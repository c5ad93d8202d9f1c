package extract

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	sheetPart = regexp.MustCompile(`^xl/worksheets/[^/]+\.xml$`)
	notePart  = regexp.MustCompile(`^xl/(comments\d*|comments/comment\d*|threadedcomments/threadedcomment\d*|drawings/drawing\d*|charts/chart\d*)\.xml$`)
)

// xlsx reads all sheets, the hidden ones too: whoever gets the file gets them.
func (o *office) xlsx() error {
	err := o.relations()
	if err != nil {
		return err
	}
	if o.parts["xl/workbook.xml"] == nil {
		return fmt.Errorf("%w: no workbook", ErrBroken)
	}
	b := &book{o: o}
	err = o.walk("xl/workbook.xml", handler{start: func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			v := attr(e, "date1904")
			b.from1904 = v == "1" || v == "true"
		case "sheet":
			return o.write(attr(e, "name") + "\n")
		case "externalReference":
			o.out.External = true
		case "ddeLink":
			o.out.Scripts = true
		}
		return nil
	}})
	if err != nil {
		return err
	}
	for _, read := range []func() error{b.strings, b.styles} {
		err = read()
		if err != nil {
			return err
		}
	}
	for _, p := range o.names {
		if sheetPart.MatchString(p) {
			err = b.sheet(p)
			if err != nil {
				return err
			}
		}
	}
	for _, p := range o.names {
		if notePart.MatchString(p) {
			err = b.notes(p)
			if err != nil {
				return err
			}
		}
	}
	for _, p := range o.names {
		if strings.HasPrefix(p, "xl/externallinks/") && strings.HasSuffix(p, ".xml") {
			err = o.walk(p, handler{start: func(e xml.StartElement) error {
				o.out.Scripts = o.out.Scripts || e.Name.Local == "ddeLink"
				return nil
			}})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

type book struct {
	o        *office
	shared   []string
	dates    []bool // by cell format
	from1904 bool
}

// strings reads the table of texts, as much of it as can be shown.
func (b *book) strings() error {
	var s strings.Builder
	in, phonetic := 0, 0
	room := 8 * b.o.w.left
	return b.o.walk("xl/sharedstrings.xml", handler{
		start: func(e xml.StartElement) error {
			switch e.Name.Local {
			case "si":
				s.Reset()
			case "rPh":
				phonetic++
			case "t":
				in++
			}
			return nil
		},
		end: func(e xml.EndElement) error {
			switch e.Name.Local {
			case "si":
				t := s.String()
				if room -= len(t) + 16; room < 0 {
					t = ""
					b.o.w.cut = true
				}
				b.shared = append(b.shared, t)
				if len(b.shared) > 4_000_000 {
					return errTooMuch
				}
			case "rPh":
				phonetic--
			case "t":
				in--
			}
			return nil
		},
		text: func(t []byte) error {
			if in > 0 && phonetic == 0 {
				s.Write(t)
			}
			return nil
		},
	})
}

// styles finds out which cells show a day.
func (b *book) styles() error {
	own := map[string]bool{}
	cells := false
	return b.o.walk("xl/styles.xml", handler{
		start: func(e xml.StartElement) error {
			switch e.Name.Local {
			case "numFmt":
				own[attr(e, "numFmtId")] = dateFormat(attr(e, "formatCode"))
			case "cellXfs":
				cells = true
			case "xf":
				if cells && len(b.dates) < 100_000 {
					id := attr(e, "numFmtId")
					n, _ := strconv.Atoi(id)
					b.dates = append(b.dates, own[id] || n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 36 || n >= 50 && n <= 58)
				}
			}
			return nil
		},
		end: func(e xml.EndElement) error {
			if e.Name.Local == "cellXfs" {
				cells = false
			}
			return nil
		},
	})
}

var quoted = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]|_.`)

func dateFormat(code string) bool {
	code = strings.ToLower(quoted.ReplaceAllString(code, ""))
	return strings.ContainsAny(code, "yd") && !strings.ContainsAny(code, "0#?")
}

// headCode are what stands for the page's number, the font and the like in heads and feet.
var headCode = regexp.MustCompile(`&"[^"]*"|&K[0-9A-F]{6}|&\d+|&[A-Za-z]`)

func (b *book) sheet(p string) error {
	var kind, format string
	var value strings.Builder
	in, first := 0, true
	return b.o.walk(p, handler{
		start: func(e xml.StartElement) error {
			switch e.Name.Local {
			case "row":
				first = true
			case "c":
				kind, format = attr(e, "t"), attr(e, "s")
				value.Reset()
			case "v", "t", "oddHeader", "oddFooter":
				in++
				if e.Name.Local[0] == 'o' {
					value.Reset()
				}
			case "oleObject":
				b.o.out.Embedded = true
			}
			return nil
		},
		end: func(e xml.EndElement) error {
			switch e.Name.Local {
			case "v", "t":
				in--
			case "oddHeader", "oddFooter":
				in--
				return b.o.write(headCode.ReplaceAllString(value.String(), " ") + "\n")
			case "c":
				s := b.show(kind, format, value.String())
				if s == "" && first {
					return nil
				}
				if !first {
					s = "\t" + s
				}
				first = false
				return b.o.write(s)
			case "row":
				if !first {
					return b.o.write("\n")
				}
			}
			return nil
		},
		text: func(t []byte) error {
			if in > 0 {
				value.Write(t)
			}
			return nil
		},
	})
}

// show is what a cell says. Days are written the Vietnamese way, so that a day of birth looks like one.
func (b *book) show(kind, format, v string) string {
	switch kind {
	case "s":
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n >= len(b.shared) {
			return ""
		}
		return b.shared[n]
	case "", "n":
		if n, err := strconv.Atoi(format); err == nil && n >= 0 && n < len(b.dates) && b.dates[n] {
			days, err := strconv.ParseFloat(v, 64)
			if err == nil && days >= 1 && days < 2_958_466 {
				from := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
				if b.from1904 {
					from = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
				}
				return from.AddDate(0, 0, int(days)).Format("02/01/2006")
			}
		}
		if f, err := strconv.ParseFloat(v, 64); err == nil && strings.ContainsAny(v, "eE") && f == float64(int64(f)) {
			return strconv.FormatInt(int64(f), 10) // 8.905205012345E12 is a bank account
		}
	}
	return v
}

// notes reads comments and the texts of drawings.
func (b *book) notes(p string) error {
	in := 0
	return b.o.walk(p, handler{
		start: func(e xml.StartElement) error {
			if e.Name.Local == "t" || e.Name.Local == "text" {
				in++
			}
			return nil
		},
		end: func(e xml.EndElement) error {
			switch e.Name.Local {
			case "t":
				in--
			case "text":
				in--
				return b.o.write("\n")
			case "p":
				return b.o.write("\n")
			}
			return nil
		},
		text: func(t []byte) error {
			if in > 0 {
				return b.o.write(string(t))
			}
			return nil
		},
	})
}
