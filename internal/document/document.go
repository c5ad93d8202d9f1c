// Package document is an official paper as a model of its parts, after the page that the decree on clerical work describes: head, kind, subject, bases, body, recipients,
// signature, annexes. It says what stands on the paper and in which words; docx, pdf and the kit's template put it where it belongs.
package document

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"dinh/internal/civil"
	"dinh/internal/i18n"
)

// Paper is one official paper. The parts are plain text without the marks that their place gives them: no "V/v", no dash before a recipient, no full stop after the last basis.
type Paper struct {
	Lang   string    // of the text; "" is vi-VN
	Title  string    // for the properties of the file; "" is made of kind and subject
	Author string    // for the properties of the file; "" is the issuing body
	Made   time.Time // for the properties of the file; the zero time is the day of the head, so that equal papers are equal files

	Head      Head
	Kind      string      // "KẾ HOẠCH"; "" is a letter (công văn), which has no kind
	Subject   string      // trích yếu: "Thực hiện Quy chế dân chủ ở cơ sở năm 2021"
	Urgent    string      // "KHẨN", "HỎA TỐC"; "" mostly
	Authority string      // of a decision: who decides, in capitals, over the bases
	To        []string    // Kính gửi
	Bases     []string    // Căn cứ …, each without its mark at the end
	Decides   string      // "QUYẾT ĐỊNH:" between the bases and the body
	Blocks    []Block     // the body
	Sent      []string    // Nơi nhận, each without dash and mark; "Lưu: VT" last
	Signs     []Signature // one; minutes have two or more, which stand side by side
	Annexes   []Annex
	Mark      *Mark
}

// Head is the top of the first page.
type Head struct {
	Upper   string     // the body above, in capitals; "" for none
	Body    string     // who issues, in capitals; a line break stays one
	Number  string     // "648/KH-UBND"; "" leaves the place open for the clerk
	Symbol  string     // "KH-UBND", where Number is open
	Place   string     // "Điện Biên"
	Day     civil.Date // None leaves the day open for the clerk
	Undated bool       // minutes: the text says when
}

// The words of every head.
const (
	Country = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
	Motto   = "Độc lập - Tự do - Hạnh phúc"
)

// NumberLine is "Số: 648/KH-UBND", or with the place of the number open.
func (h Head) NumberLine() string {
	switch {
	case h.Number != "":
		return "Số: " + h.Number
	case h.Symbol != "":
		return "Số:" + strings.Repeat(nbsp, 8) + "/" + h.Symbol
	}
	return "Số:" + strings.Repeat(nbsp, 8) + "/" + strings.Repeat(nbsp, 10)
}

// DateLine is "Điện Biên, ngày 12 tháng 3 năm 2021", or with the day open; "" where the head has none.
func (h Head) DateLine() string {
	if h.Undated {
		return ""
	}
	day := i18n.PaperDate(h.Day)
	if h.Day.IsZero() {
		day = "ngày" + strings.Repeat(nbsp, 6) + "tháng" + strings.Repeat(nbsp, 6) + "năm" + strings.Repeat(nbsp, 8)
	}
	if h.Place == "" {
		return day
	}
	return h.Place + ", " + day
}

const nbsp = "\u00a0"

// Block is one part of a body: exactly one of its fields is set.
type Block struct {
	Heading *Heading `json:"heading,omitempty"`
	Para    *Para    `json:"para,omitempty"`
	List    *List    `json:"list,omitempty"`
	Table   *Table   `json:"table,omitempty"`
	NewPage bool     `json:"new_page,omitempty"`
}

// Level is the rank of a heading.
type Level string

// The headings of papers. Which of them a paper uses is its author's choice; a paper by articles has chapters, sections and articles, another one I., 1., 1.1.
const (
	Part    Level = "part"    // Phần, Chương: centred, number over title
	Section Level = "section" // Mục: centred, number over title
	Article Level = "article" // Điều 1. Title
	Roman   Level = "roman"   // I. TITLE
	Arabic  Level = "arabic"  // 1. Title
	Sub     Level = "sub"     // 1.1. Title
)

// Heading is a heading with its number as it is printed: "I", "1", "Điều 1", "Chương II".
type Heading struct {
	Level Level
	No    string
	Title string
}

// Line is the heading in one line: "I. MỤC ĐÍCH", "1. Yêu cầu", "Chương I" and its title.
func (h Heading) Line() string {
	if h.No == "" {
		return h.Words()
	}
	if h.Title == "" {
		return h.No + "."
	}
	return h.No + ". " + h.Words()
}

// Words is the title in the case that its level has: capitals for Phần, Chương, Mục and I.
func (h Heading) Words() string {
	if h.Centred() || h.Level == Roman {
		return Upper(h.Title)
	}
	return h.Title
}

// Centred reports whether number and title stand on lines of their own in the middle.
func (h Heading) Centred() bool { return h.Level == Part || h.Level == Section }

// Span is a piece of text in one style. A line break in it is one on the paper.
type Span struct {
	Text   string
	Bold   bool `json:",omitempty"`
	Italic bool `json:",omitempty"`
}

// Text is what stands in a paragraph or cell.
type Text []Span

// Plain is text without styles.
func Plain(s string) Text {
	if s == "" {
		return nil
	}
	return Text{{Text: s}}
}

// Bold is bold text.
func Bold(s string) Text { return Text{{Text: s, Bold: true}} }

// Italic is italic text.
func Italic(s string) Text { return Text{{Text: s, Italic: true}} }

// And is the text with more behind it.
func (t Text) And(more ...Text) Text {
	out := append(Text(nil), t...)
	for _, m := range more {
		out = append(out, m...)
	}
	return out
}

// String is the text without styles.
func (t Text) String() string {
	if len(t) == 1 {
		return t[0].Text
	}
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Align is where lines stand between the margins; "" is what is usual there: paragraphs justified, cells by their column.
type Align string

// The alignments.
const (
	Left    Align = "left"
	Right   Align = "right"
	Centre  Align = "centre"
	Justify Align = "justify"
)

// Para is a paragraph. The first line is indented where it is not flush, centred or at the right. Lines that people fill in by hand are better not justified: dots do not break.
type Para struct {
	Text  Text
	Align Align `json:",omitempty"`
	Flush bool  `json:",omitempty"` // no indent
}

// Indented reports whether the first line is indented.
func (p Para) Indented() bool { return !p.Flush && p.Align != Centre && p.Align != Right }

// List is a list as papers have it: paragraphs that begin with a dash, or with letters or numbers.
type List struct {
	Items  []Text
	Marker Marker `json:",omitempty"`
}

// Marker is what an item of a list begins with.
type Marker string

// The markers; the default is Dash.
const (
	Dash    Marker = "-"
	Plus    Marker = "+"
	Letters Marker = "a)"
	Numbers Marker = "1."
)

// The letters of points, as acts use them.
var letters = strings.Split("a b c d đ e g h i k l m n o p q r s t u v x y", " ")

// Mark is the marker of item i, counted from 0.
func (l List) Mark(i int) string {
	switch l.Marker {
	case Plus:
		return "+"
	case Numbers:
		return strconv.Itoa(i+1) + "."
	case Letters:
		s := letters[i%len(letters)]
		if i >= len(letters) {
			s = strconv.Itoa(i/len(letters)) + s
		}
		return s + ")"
	case Dash:
	}
	return "-"
}

// Line is item i with its marker.
func (l List) Line(i int) Text { return Plain(l.Mark(i) + " ").And(l.Items[i]) }

// Signature is who signs: "TM. ỦY BAN NHÂN DÂN" / "KT. CHỦ TỊCH" / "PHÓ CHỦ TỊCH", the place to sign, the name.
type Signature struct {
	As   []string // in capitals, one line each
	Note string   // "(Ký, ghi rõ họ tên)"; "" mostly
	Name string   // "" where it is not known who will sign
}

// Annex is a phụ lục: it begins on a new page and counts its own pages.
type Annex struct {
	Label     string // "Phụ lục II"; "" is numbered by its place
	Title     string
	Note      string // "(Kèm theo …)"; "" is made from the paper
	Landscape bool
	Blocks    []Block
}

// Mark joins paper and record: a QR code with the address of the record, and lines in small print beside it (what the code shows, the state of the log).
type Mark struct {
	Link  string
	Lines []string
}

// SignRows are the signatures as they stand side by side: up to three in a row.
func (p *Paper) SignRows() [][]Signature {
	n := 3
	if len(p.Signs) == 4 {
		n = 2
	}
	return slices.Collect(slices.Chunk(p.Signs, n))
}

// SignTextSize is the size of the lines over signatures of which n stand side by side.
func SignTextSize(n int) float64 {
	if n > 2 {
		return TableSize
	}
	return BodySize
}

// IsLetter reports whether the paper is a công văn, which names its subject below its number.
func (p *Paper) IsLetter() bool { return p.Kind == "" }

// SubjectLine is the subject as its place has it: "V/v …" in a letter.
func (p *Paper) SubjectLine() string {
	if p.IsLetter() && p.Subject != "" && !strings.HasPrefix(p.Subject, "V/v ") {
		return "V/v " + lowerFirst(p.Subject)
	}
	return p.Subject
}

// Name is the paper in one line for the properties of its file: "Kế hoạch: Thực hiện …".
func (p *Paper) Name() string {
	switch {
	case p.Title != "":
		return p.Title
	case p.IsLetter():
		return p.Subject
	case p.Subject == "":
		return p.Kind
	}
	return p.Kind + " " + p.Subject
}

// Writer is the author for the properties of the file.
func (p *Paper) Writer() string {
	if p.Author != "" {
		return p.Author
	}
	return strings.Join(strings.Fields(p.Head.Upper+" "+p.Head.Body), " ")
}

// Language is the language of the text: vi-VN where none is given.
func (p *Paper) Language() string {
	if p.Lang == "" {
		return "vi-VN"
	}
	return p.Lang
}

// Stamp is the time for the properties of the file.
func (p *Paper) Stamp() time.Time {
	switch {
	case !p.Made.IsZero():
		return p.Made.UTC()
	case !p.Head.Day.IsZero():
		return p.Head.Day.Time().UTC()
	}
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
}

// BaseLines are the bases with their marks: semicolons, and a full stop after the last.
func (p *Paper) BaseLines() []string {
	end := "."
	if p.Decides != "" && len(p.Bases) > 0 && strings.HasSuffix(p.Bases[len(p.Bases)-1], ":") {
		end = ""
	}
	return marked(p.Bases, "", end)
}

// ToLines are the addressees of "Kính gửi:": one stands behind the words, several below them with dashes.
func (p *Paper) ToLines() []string {
	if len(p.To) < 2 {
		return p.To
	}
	return marked(p.To, "- ", ".")
}

// SentLines are the recipients with their dashes and marks.
func (p *Paper) SentLines() []string { return marked(p.Sent, "- ", ".") }

func marked(list []string, before, last string) []string {
	out := make([]string, 0, len(list))
	for i, s := range list {
		end := ";"
		if i == len(list)-1 {
			end = last
		}
		if strings.HasSuffix(s, ":") {
			end = ""
		}
		out = append(out, before+strings.TrimRight(s, " ;.")+end)
	}
	return out
}

// AnnexLabel is the label of annex i: "Phụ lục" where it is the only one, else "Phụ lục II".
func (p *Paper) AnnexLabel(i int) string {
	switch {
	case p.Annexes[i].Label != "":
		return p.Annexes[i].Label
	case len(p.Annexes) == 1:
		return "Phụ lục"
	}
	return "Phụ lục " + RomanNumber(i+1)
}

// AnnexNote says what annex i belongs to: "(Kèm theo Kế hoạch số 648/KH-UBND ngày 12 tháng 3 năm 2021 của Ủy ban nhân dân tỉnh Điện Biên)".
func (p *Paper) AnnexNote(i int) string {
	if p.Annexes[i].Note != "" {
		return p.Annexes[i].Note
	}
	kind := "Công văn"
	if !p.IsLetter() {
		kind = sentenceCase(p.Kind)
	}
	h := p.Head
	number := strings.TrimPrefix(h.NumberLine(), "Số: ")
	number = strings.TrimPrefix(number, "Số:")
	h.Place = ""
	out := "(Kèm theo " + kind + " số " + number
	if day := h.DateLine(); day != "" {
		out += " " + day
	}
	return out + ")"
}

// RomanNumber is n in Roman figures.
func RomanNumber(n int) string {
	var b strings.Builder
	for _, r := range []struct {
		n int
		s string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= r.n; n -= r.n {
			b.WriteString(r.s)
		}
	}
	return b.String()
}

// Symbol is the symbol of a paper: the kind's abbreviation and the body's: "KH-UBND"; a letter has the body's and the unit's that wrote it: "UBND-NC".
func Symbol(kind, body string) string { return strings.Trim(kind+"-"+body, "-") }

// CountryLine is Country, for templates.
func (p *Paper) CountryLine() string { return Country }

// MottoLine is Motto, for templates.
func (p *Paper) MottoLine() string { return Motto }

// Words is the title in capitals.
func (a Annex) Words() string { return Upper(a.Title) }

// Lines are the items with their markers.
func (l List) Lines() []Text {
	out := make([]Text, len(l.Items))
	for i := range l.Items {
		out[i] = l.Line(i)
	}
	return out
}
