package disclosureweb

import (
	"strconv"
	"strings"

	"dinh/internal/disclosure"
	"dinh/internal/document"
	"dinh/internal/web"
)

const dots = "…………………………………"

// edge leaves lines with dots uneven.
func edge(s string) document.Align {
	if strings.Contains(s, "……") {
		return document.Left
	}
	return document.Justify
}

// paper is the record as a paper: what was entered, with dots where people write by hand.
func (p *recordPage) paper() *document.Paper {
	or := func(s, otherwise string) string {
		if s == "" {
			return otherwise
		}
		return s
	}
	out := &document.Paper{Head: p.Head, Kind: "BIÊN BẢN", Subject: "Về việc niêm yết công khai: " + p.Title}
	at := p.Start
	if p.End {
		at, out.Subject = p.Stop, "Về việc kết thúc niêm yết công khai: "+p.Title
	}
	say := func(lines ...string) {
		for _, s := range lines {
			out.Blocks = append(out.Blocks, document.Block{Para: &document.Para{Text: document.Plain(s), Align: edge(s)}})
		}
	}
	fact := func(label, text string) {
		out.Blocks = append(out.Blocks, document.Block{Para: &document.Para{Text: document.Bold(label).And(document.Plain(" " + text)), Align: edge(text)}})
	}
	say("Hôm nay, vào hồi " + at.Hour + " giờ " + at.Minute + " phút, ngày " + at.Day + ", tại " + or(p.Where, dots) + ", chúng tôi gồm:")
	person := dots
	if p.Village == "" {
		person = or(p.Person, dots)
	}
	witness := "Người chứng kiến: ông (bà) " + dots + " Địa chỉ: ……………………"
	say("1. Đại diện " + p.Body + ": ông (bà) " + person + " Chức vụ: ……………………")
	switch {
	case p.Where == "":
		say("2. Đại diện các nơi niêm yết: có tên trong bảng dưới đây.", "3. "+witness)
	case p.Village != "":
		say("2. Đại diện "+p.Village+": ông (bà) "+or(p.Person, dots)+" Chức vụ: ……………………", "3. "+witness)
	default:
		say("2. " + witness)
	}
	what := p.Title
	if p.Doc != "" {
		what += " (văn bản số " + p.Doc + ")"
	}
	if p.Basis != "" {
		what += ", theo " + p.Basis
	}
	if p.End {
		p.ended(out, say, fact, what)
	} else {
		say("Đã tiến hành niêm yết công khai " + what + ".")
		fact("Số tờ, số trang niêm yết:", "……………………………")
		days := "thường xuyên, từ ngày " + or(p.From, "…………")
		if p.Need > 0 {
			days = strconv.Itoa(p.Need) + " ngày liên tục, từ ngày " + or(p.From, "…………") + " đến hết ngày " + or(p.To, "…………")
		}
		fact("Thời gian niêm yết:", days+".")
		fact("Ý kiến gửi về:", or(p.Contact, dots)+".")
	}
	if len(p.Rows) > 0 {
		out.Blocks = append(out.Blocks, document.TableOf(p.table()))
	}
	if p.End {
		asked := ""
		if p.Asked != "" {
			asked = p.Asked + " câu hỏi gửi trên trang thông tin; "
		}
		fact("Ý kiến trong thời gian niêm yết:", asked+"ý kiến bằng lời, bằng văn bản: …………………………")
		say("Đã gỡ tờ niêm yết, lưu cùng hồ sơ.")
	}
	say("Biên bản lập xong hồi …… giờ …… phút cùng ngày, đã đọc cho mọi người cùng nghe, thống nhất ký tên; lập thành 02 bản, mỗi bên giữ 01 bản.")
	by := "(Ký, ghi rõ họ tên)"
	out.Signs = append(out.Signs, document.Signature{As: []string{"NGƯỜI CHỨNG KIẾN"}, Note: by})
	if p.Village != "" {
		out.Signs = append(out.Signs, document.Signature{As: []string{"ĐẠI DIỆN THÔN, BẢN,", "TỔ DÂN PHỐ"}, Note: by})
	}
	out.Signs = append(out.Signs, document.Signature{As: p.SignAs, Note: "(Ký, đóng dấu)"})
	return out
}

func (p *recordPage) ended(out *document.Paper, say func(...string), fact func(label, text string), what string) {
	say("Cùng lập biên bản về việc kết thúc niêm yết công khai " + what + ", như sau:")
	if p.Where != "" {
		time := "……………………………"
		if p.From != "" {
			to := p.To
			if to == "" {
				to = "…………"
			}
			time = "từ ngày " + p.From + " đến hết ngày " + to
			if p.Need > 0 {
				time += "; số ngày phải niêm yết: " + strconv.Itoa(p.Need) + " ngày liên tục; số ngày niêm yết liên tục: " + strconv.Itoa(p.Days) + " ngày"
			}
		}
		fact("Thời gian đã niêm yết:", time+".")
	} else if p.Need > 0 {
		fact("Số ngày phải niêm yết:", strconv.Itoa(p.Need)+" ngày liên tục; thời gian từng nơi ghi trong bảng dưới đây.")
	}
	if len(p.Gaps) == 0 {
		fact("Thời gian gián đoạn:", "không.")
		return
	}
	fact("Thời gian gián đoạn:", "")
	gaps := make([]string, len(p.Gaps))
	for i, g := range p.Gaps {
		gaps[i] = g + ";"
	}
	out.Blocks = append(out.Blocks, document.Items(gaps...))
}

// table lists the places of a record for all of them; each signs in it.
func (p *recordPage) table() document.Table {
	t := document.Table{
		Caption: "Nơi niêm yết", Size: 12,
		Columns: []document.Column{{Width: 7, Align: document.Centre}, {Width: 34}, {Width: 22}, {Width: 24}, {Width: 18}},
		Head:    [][]document.Cell{document.Cells("TT", "Nơi niêm yết", "Dán lúc", "Người dán", "Ký")},
	}
	if p.End {
		t.Columns = []document.Column{{Width: 8, Align: document.Centre}, {Width: 28}, {Width: 19}, {Width: 19}, {Width: 9, Align: document.Right}, {Width: 22}, {Width: 14}}
		t.Head = [][]document.Cell{document.Cells("TT", "Nơi niêm yết", "Dán lúc", "Gỡ lúc", "Số ngày", "Người dán", "Ký")}
	}
	for _, r := range p.Rows {
		if p.End {
			t.Rows = append(t.Rows, document.Cells(strconv.Itoa(r.No), r.Place, r.Up, r.Down, r.Days, r.Person, ""))
		} else {
			t.Rows = append(t.Rows, document.Cells(strconv.Itoa(r.No), r.Place, r.Up, r.Person, ""))
		}
	}
	return t
}

// postRecordFile gives the record as a file.
func (h *pages) postRecordFile(end bool, as string) web.Handler {
	return func(c *web.Context) error {
		p, err := h.record(c, end)
		if err != nil {
			return err
		}
		name := "bien-ban-niem-yet-"
		if end {
			name = "bien-ban-ket-thuc-niem-yet-"
		}
		return c.Paper(p.Paper, name+p.V.Item.Slug, as)
	}
}

// recordFiles are the addresses of the files of the record at path.
func recordFiles(path string, one *disclosure.PlaceCount) *web.Files {
	if one != nil {
		path = withPlace(path, one.Place.Key)
	}
	return web.FilesOf(path)
}

// notice is the sheet as a paper to sign and number: the whole text, however many pages it takes, with the code that leads to the page.
func (p *sheetPage) notice(c *web.Context) *document.Paper {
	e := p.V.Ed
	out := &document.Paper{
		Head: c.PaperHead(c.Unit, "TB"), Kind: "THÔNG BÁO", Subject: "Về việc công khai: " + e.Title, Sent: []string{"Các nơi niêm yết", "Lưu: VT"},
		Signs: []document.Signature{{As: p.SignAs, Name: p.Signer}}, Mark: &document.Mark{Link: p.QR.Text, Lines: []string{p.Short}},
	}
	out.Head.Number, out.Head.Day = e.PaperNumber, e.PaperDay
	begin := p.Who
	if p.Basis != "" {
		begin = "Thực hiện " + p.Basis + ", " + p.Who
	}
	readers := "Nhân dân"
	if p.Audience == "staff" {
		readers = "cán bộ, công chức, viên chức, người lao động"
	}
	begin += " công khai để " + readers + " biết, theo dõi và kiểm tra"
	if p.Doc != "" {
		begin += " nội dung " + p.Doc
	}
	out.Blocks = append(out.Blocks, document.P(begin+":"))
	text := document.Markdown(e.Body)
	if len(text) == 0 {
		for line := range strings.SplitSeq(e.Summary, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				text = append(text, document.P(line))
			}
		}
	}
	out.Blocks = append(out.Blocks, text...)
	for _, f := range []struct{ label, text string }{{"Thời gian niêm yết:", p.Time + "."}, {"Nơi niêm yết:", p.Where}, {"Ý kiến gửi về:", p.Contact}} {
		if f.text != "" {
			out.Blocks = append(out.Blocks, document.T(document.Bold(f.label).And(document.Plain(" "+f.text))))
		}
	}
	return out
}

func (h *pages) noticeFile(c *web.Context, as string) error {
	p, err := h.sheetOf(c)
	if err != nil {
		return err
	}
	return c.Paper(p.notice(c), "thong-bao-"+p.V.Item.Slug, as)
}
