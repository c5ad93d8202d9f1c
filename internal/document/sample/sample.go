// Package sample makes papers for tests and for bench docs: one of each form, with everything that a writer must set.
package sample

import (
	"fmt"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/document"
)

// Report is a report with an annex in landscape whose head has merged cells: rows is how many lines the annex has.
func Report(rows int) *document.Paper {
	p := &document.Paper{
		Head:    document.Head{Upper: "ỦY BAN NHÂN DÂN TỈNH ĐIỆN BIÊN", Body: "SỞ NỘI VỤ", Symbol: "BC-SNV", Place: "Điện Biên", Day: civil.Date("2021-05-05")},
		Kind:    "BÁO CÁO",
		Subject: "Kết quả xây dựng và thực hiện quy chế dân chủ ở cơ sở 06 tháng đầu năm 2021",
		To:      []string{"Ủy ban nhân dân tỉnh Điện Biên", "Ban Chỉ đạo thực hiện quy chế dân chủ ở cơ sở tỉnh"},
		Bases:   []string{"Căn cứ Kế hoạch số 648/KH-UBND ngày 12 tháng 3 năm 2021 của Ủy ban nhân dân tỉnh", "Theo đề nghị của Trưởng phòng Xây dựng chính quyền"},
		Blocks: []document.Block{
			document.P("Sở Nội vụ báo cáo kết quả xây dựng và thực hiện quy chế dân chủ ở cơ sở 06 tháng đầu năm 2021 trên địa bàn tỉnh như sau:"),
			document.H(document.Roman, "I", "Kết quả đạt được"),
			document.H(document.Arabic, "1", "Công tác lãnh đạo, chỉ đạo"),
			document.P("Trong 06 tháng, các xã đã niêm yết 14 nội dung, đạt 90,1%; so với cùng kỳ tăng 03 nội dung. Các cơ quan, đơn vị tổ chức quán triệt, triển khai thực hiện nghiêm túc, nhân dân đồng tình ủng hộ."),
			document.T(document.Plain("Số liệu chi tiết tại ").And(document.Bold("Phụ lục II"), document.Plain(" kèm theo, tính đến "), document.Italic("hết ngày 30/4/2021"), document.Plain("."))),
			document.H(document.Sub, "1.1", "Tuyên truyền, phổ biến"),
			document.Items("Tổ chức 125 cuộc, 4.512 lượt người dự;", "Phát 1.230 tờ tin bằng tiếng Thái, tiếng Mông;", "Đài truyền thanh xã phát 2.310 lượt."),
			{List: &document.List{Marker: document.Letters, Items: []document.Text{document.Plain("Xã, phường, thị trấn;"), document.Plain("Cơ quan, đơn vị;"), document.Plain("Doanh nghiệp.")}}},
			document.TableOf(document.Table{
				Caption: "Số đơn vị theo loại hình", Unit: "Đơn vị tính: đơn vị",
				Columns: []document.Column{{Width: 8, Align: document.Centre}, {Width: 60}, {Width: 20, Align: document.Right}, {Width: 20, Align: document.Right}},
				Head: [][]document.Cell{
					{document.C("TT").Tall(2), document.C("Loại hình").Tall(2), document.C("Số đơn vị").Wide(2)},
					{document.C("Phải báo cáo"), document.C("Đã báo cáo")},
				},
				Rows: [][]document.Cell{
					document.Cells("1", "Xã, phường, thị trấn", "129", "116"), document.Cells("2", "Cơ quan, đơn vị sự nghiệp", "43", "41"),
					{document.B("Tổng").Wide(2), document.B("172"), document.B("157")},
				},
				Foot: "Nguồn: báo cáo của các đơn vị.",
			}),
			document.H(document.Roman, "II", "Tồn tại, hạn chế và nguyên nhân"),
			document.P("Một số đơn vị gửi báo cáo chậm so với thời hạn quy định. Trên đây là báo cáo của Sở Nội vụ./."),
		},
		Sent:  []string{"Như trên", "Thường trực Tỉnh ủy (để b/c)", "Các sở, ban, ngành tỉnh", "Lưu: VT, XDCQ"},
		Signs: []document.Signature{{As: []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}, Name: "Lò Văn Mừng"}},
		Mark:  &document.Mark{Link: "https://dinh.example/n/7K3M2", Lines: []string{"dinh.example/n/7K3M2", "Nhật ký: 1.204 mục, 9f3a…c2"}},
	}
	p.Annexes = []document.Annex{
		{Title: "Danh sách đơn vị chưa báo cáo", Blocks: []document.Block{{List: &document.List{Marker: document.Numbers, Items: []document.Text{document.Plain("Xã Mường Phăng"), document.Plain("Xã Nà Tấu")}}}}},
		{Title: "Biểu tổng hợp theo đơn vị", Landscape: true, Blocks: []document.Block{document.TableOf(Figures(rows))}},
	}
	return p
}

// Figures is a table of rows lines with a head of two rows and groups over several rows.
func Figures(rows int) document.Table {
	t := document.Table{
		Columns: []document.Column{{Width: 6, Align: document.Centre}, {Width: 26}, {Width: 30}, {Width: 12, Align: document.Right}, {Width: 12, Align: document.Right}, {Width: 14, Align: document.Right}},
		Head: [][]document.Cell{
			{document.C("TT").Tall(2), document.C("Huyện").Tall(2), document.C("Xã, phường, thị trấn").Tall(2), document.C("Nội dung công khai").Wide(2), document.C("Tỷ lệ (%)").Tall(2)},
			{document.C("Phải"), document.C("Đã")},
		},
		Size: 12,
	}
	for i := range rows {
		row := []document.Cell{document.C(strconv.Itoa(i + 1))}
		if i%3 == 0 {
			row = append(row, document.C("Huyện Điện Biên, nhóm "+strconv.Itoa(i/3+1)).Tall(min(3, rows-i)))
		}
		row = append(row, document.C("Xã Mường Phăng "+strconv.Itoa(i+1)), document.C("14"), document.C(strconv.Itoa(i%15)), document.C(fmt.Sprintf("%d,%d", i%100, i%10)))
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Letter is a letter that presses late units.
func Letter() *document.Paper {
	return &document.Paper{
		Head:    document.Head{Upper: "UBND TỈNH ĐIỆN BIÊN", Body: "SỞ NỘI VỤ", Symbol: "SNV-XDCQ", Place: "Điện Biên"},
		Subject: "đôn đốc thực hiện Kế hoạch số 648/KH-UBND (lần 2)",
		Urgent:  "KHẨN",
		To:      []string{"Ủy ban nhân dân xã Mường Phăng"},
		Blocks: []document.Block{
			document.P("Thực hiện Kế hoạch số 648/KH-UBND ngày 12/3/2021 của Ủy ban nhân dân tỉnh, đến nay đơn vị chưa gửi kế hoạch của đơn vị về Sở Nội vụ."),
			document.P("Đề nghị đơn vị thực hiện và báo cáo kết quả trước ngày 30/4/2021./."),
		},
		Sent:  []string{"Như trên", "Lưu: VT"},
		Signs: []document.Signature{{As: []string{"GIÁM ĐỐC"}}},
	}
}

// Minutes are minutes with two signatures.
func Minutes() *document.Paper {
	return &document.Paper{
		Head: document.Head{Upper: "ỦY BAN NHÂN DÂN", Body: "XÃ THANH NƯA", Symbol: "BB-UBND", Undated: true}, Kind: "BIÊN BẢN", Subject: "Niêm yết công khai dự toán ngân sách xã năm 2021",
		Blocks: []document.Block{document.P("Thời gian bắt đầu: 8 giờ 00 ngày 06 tháng 4 năm 2021."), document.P("Biên bản lập thành 02 bản, có giá trị như nhau./.")},
		Sent:   []string{"Lưu: VT"},
		Signs:  []document.Signature{{As: []string{"NGƯỜI CHỨNG KIẾN"}, Note: "(Ký, ghi rõ họ tên)"}, {As: []string{"NGƯỜI NIÊM YẾT"}, Note: "(Ký, ghi rõ họ tên)", Name: "Lò Thị Hương"}},
	}
}

// Decision is a decision by articles.
func Decision() *document.Paper {
	return &document.Paper{
		Head: document.Head{Body: "ỦY BAN NHÂN DÂN TỈNH ĐIỆN BIÊN", Number: "512/QĐ-UBND", Place: "Điện Biên", Day: civil.Date("2021-12-20")}, Kind: "QUYẾT ĐỊNH",
		Subject: "Công nhận kết quả xếp loại thực hiện quy chế dân chủ ở cơ sở năm 2021", Authority: "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH ĐIỆN BIÊN",
		Bases: []string{"Căn cứ Luật Tổ chức chính quyền địa phương", "Theo đề nghị của Giám đốc Sở Nội vụ"}, Decides: "QUYẾT ĐỊNH:",
		Blocks: []document.Block{
			document.H(document.Part, "Chương I", "Quy định chung"),
			document.H(document.Article, "Điều 1", "Công nhận kết quả xếp loại của 129 xã, phường, thị trấn"), document.P("1. Có danh sách kèm theo."),
			document.H(document.Article, "Điều 2", "Trách nhiệm thi hành"), document.P("Chánh Văn phòng Ủy ban nhân dân tỉnh, Giám đốc Sở Nội vụ chịu trách nhiệm thi hành Quyết định này./."),
		},
		Sent: []string{"Như Điều 2", "Lưu: VT, NC"}, Signs: []document.Signature{{As: []string{"CHỦ TỊCH"}, Name: "Lê Thành Đô"}},
	}
}

// Long is a paper of about so many pages of text and tables, as bench docs measures it.
func Long(pages int) *document.Paper {
	p := Report(1)
	p.Annexes = nil
	p.Blocks = nil
	text := strings.Repeat("Căn cứ Kết luận số 120-KL/TW ngày 7 tháng 01 năm 2016 của Bộ Chính trị về việc tiếp tục đẩy mạnh, nâng cao chất lượng, hiệu quả việc xây dựng và thực hiện quy chế dân chủ ở cơ sở; Ủy ban nhân dân tỉnh ban hành kế hoạch thực hiện. ", 2)
	for i := range pages {
		p.Blocks = append(p.Blocks, document.H(document.Roman, document.RomanNumber(i+1), fmt.Sprintf("Phần %d", i+1)))
		for range 4 {
			p.Blocks = append(p.Blocks, document.P(strings.TrimSpace(text)))
		}
		t := document.Table{Columns: []document.Column{{Width: 20, Align: document.Centre}, {Width: 110}, {Width: 30, Align: document.Right}}, Head: [][]document.Cell{document.Cells("TT", "Đơn vị", "Số liệu")}}
		for r := range 12 {
			t.Rows = append(t.Rows, document.Cells(strconv.Itoa(r+1), "Xã Mường Phăng, huyện Điện Biên", strconv.Itoa(r*977)))
		}
		p.Blocks = append(p.Blocks, document.TableOf(t))
	}
	return p
}
