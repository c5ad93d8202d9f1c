package org

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org/legacy"
	"dinh/internal/xlsx"
)

// MaxFile is the size of the largest file that an import takes; the units of the whole country are 400 KB.
const MaxFile = 16 << 20

// maxLines is the greatest number of lines of one file: all villages of the country and some more.
const maxLines = 200_000

// table is a file as lines of cells.
type table struct {
	head []string
	rows []tableRow
}

type tableRow struct {
	line  int
	cells []string
}

// readTable reads a CSV file or a workbook, as its name and its content say.
func readTable(data []byte, name string, enc legacy.Encoding) (*table, error) {
	if len(data) > MaxFile {
		return nil, errs.E(errs.TooLarge, "org.import.too_large", "max", MaxFile>>20)
	}
	ext := strings.ToLower(path.Ext(name))
	book := bytes.HasPrefix(data, []byte("PK\x03\x04"))
	switch {
	case ext != ".csv" && ext != ".txt" && ext != ".xlsx":
		return nil, errs.E(errs.Invalid, "org.import.type", "name", shorten(name))
	case len(data) == 0:
		return nil, errs.E(errs.Invalid, "org.import.empty")
	case book != (ext == ".xlsx"), bytes.HasPrefix(data, []byte("\xD0\xCF\x11\xE0")), bytes.HasPrefix(data, []byte("%PDF")), bytes.IndexByte(data[:min(len(data), 4096)], 0) >= 0 && !book:
		return nil, errs.E(errs.Invalid, "org.import.other_type", "name", shorten(name))
	}
	var t *table
	var err error
	if book {
		t, err = readBook(data, enc)
	} else {
		t, err = readCSV(data, enc)
	}
	if err != nil {
		return nil, err
	}
	if len(t.rows) == 0 {
		return nil, errs.E(errs.Invalid, "org.import.empty")
	}
	for i, h := range t.head {
		t.head[i] = strings.ToLower(strings.TrimSpace(h))
	}
	return t, nil
}

func readBook(data []byte, enc legacy.Encoding) (*table, error) {
	rows, err := xlsx.Read(bytes.NewReader(data), int64(len(data)), xlsx.Limits{Rows: maxLines, Unzipped: 256 << 20})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errs.E(errs.Invalid, "org.import.empty")
	}
	t := &table{head: rows[0].Cells}
	for _, r := range rows[1:] {
		for i, c := range r.Cells {
			r.Cells[i], _ = legacy.Text(c, enc) // a cell that is Unicode already stays as it is
		}
		t.add(r.Line, r.Cells)
	}
	return t, nil
}

func readCSV(data []byte, enc legacy.Encoding) (*table, error) {
	text, ok := legacy.Bytes(data, enc)
	if !ok {
		return nil, notUTF8(data)
	}
	first, _, _ := strings.Cut(text, "\n")
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	for _, sep := range ",;\t" { // Excel with Vietnamese settings parts by semicolons
		if strings.Count(first, string(sep)) > strings.Count(first, string(r.Comma)) {
			r.Comma = sep
		}
	}
	t := &table{}
	for {
		cells, err := r.Read()
		if pe, ok := errors.AsType[*csv.ParseError](err); ok {
			l := errs.List{}
			l.AddLine(pe.Line, "", "org.import.quotes")
			return nil, l.Err()
		}
		if err != nil {
			return t, nil //nolint:nilerr // the end: there is no other error of a text in memory
		}
		line, _ := r.FieldPos(0)
		switch {
		case t.head == nil:
			t.head = cells
		case len(t.rows) == maxLines:
			return nil, errs.E(errs.TooLarge, "org.import.too_many", "max", maxLines)
		default:
			t.add(line, cells)
		}
	}
}

func (t *table) add(line int, cells []string) {
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	if slices.ContainsFunc(cells, func(c string) bool { return c != "" }) {
		t.rows = append(t.rows, tableRow{line, cells})
	}
}

// notUTF8 names the first line that is not UTF-8.
func notUTF8(data []byte) error {
	line := 1
	for rest := data; ; line++ {
		text, after, more := bytes.Cut(rest, []byte("\n"))
		if !utf8.Valid(text) || !more {
			break
		}
		rest = after
	}
	l := errs.List{}
	l.AddLine(line, "encoding", "org.import.not_utf8")
	return l.Err()
}

func shorten(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// The columns of a file of units, and of a file of successions.
var (
	unitColumns   = []string{"code", "name", "kind", "level", "parent_code", "from", "to", "slug", "name_en", "manager_code", "flags", "staff", "workers"}
	followColumns = []string{"level", "old_code", "new_code", "share"}
)

// isSuccessions reports whether the head is that of a file of successions.
func (t *table) isSuccessions() bool { return slices.Contains(t.head, "old_code") }

// columns finds the columns of the head; unknown, double and missing ones are faults of line 1.
func (t *table) columns(known, needed []string, l *errs.List) map[string]int {
	at := map[string]int{}
	for i, h := range t.head {
		if h == "" {
			continue
		}
		if !slices.Contains(known, h) {
			l.AddLine(1, h, "org.import.unknown_column", "column", shorten(h))
			continue
		}
		if _, twice := at[h]; twice {
			l.AddLine(1, h, "org.import.double_column", "column", h)
		}
		at[h] = i
	}
	for _, h := range needed {
		if _, ok := at[h]; !ok {
			l.AddLine(1, h, "org.import.missing_column", "column", h)
		}
	}
	return at
}

// fileUnit is a line of a file of units. A pointer is nil where the file does not say.
type fileUnit struct {
	line                  int
	code, name, kind      string
	parentCode            string
	from, to              civil.Date
	slug, nameEN, manager *string
	flags                 *[]string
	staff, workers        *int
	made                  *entry // what the line became
}

// readUnits reads the lines; every fault is noted by line, and lines with faults come apart.
func (t *table) readUnits(flags []string, l *errs.List) (out, faulty []*fileUnit) {
	at := t.columns(unitColumns, []string{"code", "name", "parent_code"}, l)
	kindAt, ok := at["kind"]
	if !ok {
		kindAt, ok = at["level"]
	}
	if !ok {
		l.AddLine(1, "kind", "org.import.missing_column", "column", "kind")
	}
	if len(l.Fields) > 0 {
		return nil, nil
	}
	for _, r := range t.rows {
		before := len(l.Fields)
		if len(r.cells) > len(t.head) && slices.ContainsFunc(r.cells[len(t.head):], func(c string) bool { return c != "" }) {
			l.AddLine(r.line, "", "org.import.too_many_cells", "got", len(r.cells), "want", len(t.head))
		}
		cell := func(col string) string {
			i, ok := at[col]
			if col == "kind" {
				i, ok = kindAt, true
			}
			if !ok || i >= len(r.cells) {
				return ""
			}
			return r.cells[i]
		}
		for col := range at {
			if c := cell(col); !CleanText(c) {
				l.AddLine(r.line, col, "org.import.control", "column", col)
			}
		}
		u := &fileUnit{line: r.line, code: cell("code"), name: cell("name"), kind: cell("kind"), parentCode: cell("parent_code")}
		u.check(l)
		u.from, u.to = readDay(l, r.line, "from", cell("from")), readDay(l, r.line, "to", cell("to"))
		if u.from > end(u.to) {
			l.AddLine(r.line, "to", "org.import.end_before_start", "from", u.from, "to", u.to)
		}
		u.slug, u.nameEN, u.manager = optional(cell("slug")), optional(cell("name_en")), optional(cell("manager_code"))
		if u.slug != nil && !ValidSlug(*u.slug) {
			l.AddLine(r.line, "slug", "org.import.slug", "slug", shorten(*u.slug))
		}
		if s := optional(cell("flags")); s != nil {
			known, unknown := parseFlags(*s, flags)
			for _, f := range unknown {
				l.AddLine(r.line, "flags", "org.import.unknown_flag", "flag", shorten(f))
			}
			u.flags = &known
		}
		u.staff, u.workers = readSize(l, r.line, "staff", cell("staff")), readSize(l, r.line, "workers", cell("workers"))
		if len(l.Fields) == before {
			out = append(out, u)
		} else {
			faulty = append(faulty, u)
		}
	}
	return out, faulty
}

func (u *fileUnit) check(l *errs.List) {
	switch {
	case u.code == "":
		l.AddLine(u.line, "code", "org.import.no_code")
	case !ValidCode(u.code):
		l.AddLine(u.line, "code", "org.import.code", "code", shorten(u.code))
	}
	switch {
	case u.name == "":
		l.AddLine(u.line, "name", "org.import.no_name")
	case utf8.RuneCountInString(u.name) > maxName:
		l.AddLine(u.line, "name", "org.import.long_name", "max", maxName)
	case i18n.Slug(u.name) == "" || strings.ContainsAny(u.name[:1], "=+-@"): // the last four begin a formula when the list is opened again
		l.AddLine(u.line, "name", "org.import.name", "name", shorten(u.name))
	}
	if !slices.Contains(Kinds, u.kind) {
		l.AddLine(u.line, "kind", "org.import.unknown_kind", "kind", shorten(u.kind))
	}
	if u.parentCode != "" && !ValidCode(u.parentCode) {
		l.AddLine(u.line, "parent_code", "org.import.code", "code", shorten(u.parentCode))
	}
}

// maxName is the length of the longest name, in letters.
const maxName = 200

// CleanText reports whether the text is free of control and bidirectional characters.
func CleanText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0xFEFF || r == utf8.RuneError
	})
}

// optional is nil for an empty cell, which leaves a thing as it is; "-" empties it.
func optional(s string) *string {
	switch s {
	case "":
		return nil
	case "-":
		s = ""
	}
	return &s
}

// readDay takes 2021-03-12 and 12/3/2021.
func readDay(l *errs.List, line int, col, s string) civil.Date {
	if s == "" {
		return civil.None
	}
	d, err := civil.Parse(s)
	if err == nil {
		return d
	}
	if p := strings.Split(s, "/"); len(p) == 3 {
		day, err1 := strconv.Atoi(p[0])
		month, err2 := strconv.Atoi(p[1])
		year, err3 := strconv.Atoi(p[2])
		if d, ok := civil.New(year, month, day); ok && errors.Join(err1, err2, err3) == nil {
			return d
		}
	}
	l.AddLine(line, col, "org.import.day", "day", shorten(s))
	return civil.None
}

func readSize(l *errs.List, line int, col, s string) *int {
	n := Unknown
	switch s {
	case "":
		return nil
	case "-":
		return &n
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 10_000_000 {
		l.AddLine(line, col, "org.import.size", "column", col, "value", shorten(s))
		return nil
	}
	return &n
}

// fileSuccession is a line of a file of successions.
type fileSuccession struct {
	line     int
	level    string
	old, new string
	share    string
}

func (t *table) readSuccessions(l *errs.List) []fileSuccession {
	at := t.columns(followColumns, followColumns, l)
	if len(l.Fields) > 0 {
		return nil
	}
	var out []fileSuccession
	seen := map[string]int{}
	for _, r := range t.rows {
		cell := func(col string) string {
			if i := at[col]; i < len(r.cells) {
				return r.cells[i]
			}
			return ""
		}
		s := fileSuccession{line: r.line, level: cell("level"), old: cell("old_code"), new: cell("new_code"), share: cell("share")}
		before := len(l.Fields)
		if !slices.Contains(Kinds, s.level) {
			l.AddLine(r.line, "level", "org.import.unknown_kind", "kind", shorten(s.level))
		}
		for col, code := range map[string]string{"old_code": s.old, "new_code": s.new} {
			if !ValidCode(code) {
				l.AddLine(r.line, col, "org.import.code", "code", shorten(code))
			}
		}
		if s.share != Whole && s.share != Part {
			l.AddLine(r.line, "share", "org.import.share", "share", shorten(s.share))
		}
		key := fmt.Sprint(s.level, " ", s.old, " ", s.new)
		if first, twice := seen[key]; twice {
			l.AddLine(r.line, "", "org.import.double_succession", "line", first)
		}
		seen[key] = r.line
		if len(l.Fields) == before {
			out = append(out, s)
		}
	}
	return out
}

// Preview is the first lines of a file as each encoding would read them, for the person who chooses.
type Preview struct {
	Encoding legacy.Encoding
	Lines    []string
	OK       bool // the file can be read so
}

// PreviewFile shows the first n lines of a file in every encoding.
func PreviewFile(data []byte, name string, n int) ([]Preview, error) {
	var out []Preview
	for _, enc := range legacy.Encodings {
		p := Preview{Encoding: enc}
		t, err := readTable(data, name, enc)
		if err == nil {
			p.OK = true
			p.Lines = append(p.Lines, strings.Join(t.head, " | "))
			for _, r := range t.rows[:min(n, len(t.rows))] {
				p.Lines = append(p.Lines, strings.Join(r.cells, " | "))
			}
		} else if enc != legacy.UTF8 || !slices.ContainsFunc(errs.FieldsOf(err), func(f errs.Field) bool { return f.Msg.Key == "org.import.not_utf8" }) {
			return nil, err // wrong in whatever encoding
		}
		out = append(out, p)
	}
	return out, nil
}
