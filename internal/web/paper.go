package web

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"dinh/internal/document"
	"dinh/internal/document/docx"
	"dinh/internal/document/pdf"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
)

// The endings of papers' addresses: "…/soan" is the page to print, "…/soan.docx" and "…/soan.pdf" are its files.
const (
	AsDOCX = ".docx"
	AsPDF  = ".pdf"
)

// Files are the addresses of a paper's files, for the partial "paper_files".
type Files struct{ DOCX, PDF string }

// FilesOf gives the addresses of the files of the paper at path, which may have a query.
func FilesOf(path string) *Files {
	p, query, ok := strings.Cut(path, "?")
	if ok {
		query = "?" + query
	}
	return &Files{DOCX: p + AsDOCX + query, PDF: p + AsPDF + query}
}

// Paper answers with a paper as a file: as is AsDOCX or AsPDF. The file's name is made of the name, without marks.
func (c *Context) Paper(p *document.Paper, name, as string) error {
	var b bytes.Buffer
	var err error
	kind := docx.ContentType
	switch as {
	case AsDOCX:
		err = docx.Write(&b, p)
	case AsPDF:
		kind = pdf.ContentType
		err = pdf.Write(&b, p)
	default:
		return fmt.Errorf("web: a paper as %q", as)
	}
	if err != nil {
		return err
	}
	c.NoStore()
	name = i18n.Slug(name)
	if name == "" {
		name = "van-ban"
	}
	return c.Bytes(kind, name+as, b.Bytes())
}

// PaperHead is the head of a paper of the unit: the body above it, its own name, the place of the date, and the symbol of a paper of the kind ("KH", "BC"; "" for a letter)
// as far as it is known. Number and day stay open.
func (c *Context) PaperHead(u *org.Unit, kind string) document.Head {
	h := document.Head{Body: document.Upper(u.Name), Place: u.Name}
	if top := c.Tree.Top(u.ID); top != nil {
		h.Place = BareName(top)
	}
	body := ""
	switch u.Kind {
	case org.Province, org.District, org.Commune:
		h.Body, h.Place, body = "ỦY BAN NHÂN DÂN\n"+h.Body, BareName(u), "UBND"
	default:
		if up := c.Tree.Parent(u.ID); up != nil {
			h.Upper = document.Upper(up.Name)
			if org.Administrative(up.Kind) {
				h.Upper = "UBND " + h.Upper
			}
			if up.Kind != org.Province && org.Administrative(up.Kind) {
				h.Place = BareName(up)
			}
		}
		if u.Kind == org.Agency {
			body = initials(u.Name)
		}
	}
	if body == "" {
		body = strings.Repeat("\u00a0", 8)
	}
	if kind == "" { // a letter has the body's symbol and the open one of who wrote it
		kind, body = body, strings.Repeat("\u00a0", 8)
	}
	h.Symbol = document.Symbol(kind, body)
	return h
}

// PaperBasis is how a paper names an act that it rests on: "Căn cứ Kết luận số 120-KL/TW ngày 07 tháng 01 năm 2016 của Bộ Chính trị". The act's own title is not added: the catalogue
// has it in short words.
func PaperBasis(a *law.Act) string {
	out := "Căn cứ " + strings.Replace(i18n.For(i18n.VI).Say(a.Name()), " "+a.Number, " số "+a.Number, 1)
	if !a.Issued.IsZero() {
		out += " " + i18n.PaperDate(a.Issued)
	}
	if a.Issuer != "" {
		out += " của " + a.Issuer
	}
	return out
}

// BareName is a unit's name without the word for its kind: "Điện Biên" of "Tỉnh Điện Biên".
func BareName(u *org.Unit) string {
	for _, w := range []string{"Tỉnh ", "Thành phố ", "Thị xã ", "Huyện ", "Quận ", "Xã ", "Phường ", "Thị trấn ", "Đặc khu "} {
		if rest, ok := strings.CutPrefix(u.Name, w); ok {
			if r, _ := utf8.DecodeRuneInString(rest); unicode.IsUpper(r) {
				return rest
			}
		}
	}
	return u.Name
}

// initials is how symbols shorten the name of an agency: "SNV" of "Sở Nội vụ", "SLĐTBXH" of "Sở Lao động - Thương binh và Xã hội".
func initials(name string) string {
	name, _, _ = strings.Cut(name, ",")
	var b strings.Builder
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if w == "và" {
			continue
		}
		r, _ := utf8.DecodeRuneInString(w)
		b.WriteRune(unicode.ToUpper(r))
	}
	if b.Len() > 16 {
		return ""
	}
	return b.String()
}

// heads are the titles of those who lead units, by the first word of the name.
var heads = []struct{ word, title string }{
	{"Sở ", "GIÁM ĐỐC"},
	{"Ban ", "TRƯỞNG BAN"},
	{"Phòng ", "TRƯỞNG PHÒNG"},
	{"Văn phòng ", "CHÁNH VĂN PHÒNG"},
	{"Thanh tra ", "CHÁNH THANH TRA"},
	{"Trường ", "HIỆU TRƯỞNG"},
	{"Bệnh viện ", "GIÁM ĐỐC"},
	{"Trung tâm ", "GIÁM ĐỐC"},
	{"Công ty ", "GIÁM ĐỐC"},
	{"Bản ", "TRƯỞNG BẢN"},
	{"Thôn ", "TRƯỞNG THÔN"},
	{"Tổ dân phố ", "TỔ TRƯỞNG"},
}

// PaperSign is who signs the papers of the unit, without a name: "TM. ỦY BAN NHÂN DÂN" / "CHỦ TỊCH". Who signs for the head changes it in the paper.
func PaperSign(u *org.Unit) document.Signature {
	switch u.Kind {
	case org.Province, org.District, org.Commune:
		return document.Signature{As: []string{"TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"}}
	case org.Front:
		return document.Signature{As: []string{"TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH"}}
	case org.Union:
		return document.Signature{As: []string{"TM. BAN THƯỜNG VỤ", "CHỦ TỊCH"}}
	}
	for _, h := range heads {
		if strings.HasPrefix(u.Name, h.word) {
			return document.Signature{As: []string{h.title}}
		}
	}
	return document.Signature{As: []string{"THỦ TRƯỞNG ĐƠN VỊ"}}
}
