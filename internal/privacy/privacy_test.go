package privacy_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"dinh/internal/i18n"
	"dinh/internal/privacy"
)

// found writes hits as "kind:what" so that a table can be read.
func found(text string) []string {
	nfc := i18n.NFC(text)
	out := []string{}
	for _, h := range privacy.Find(text) {
		out = append(out, string(h.Kind)+":"+nfc[h.Start:h.End])
	}
	return out
}

var personal = []struct {
	text string
	want []string
}{
	{"Căn cước công dân số 011085001234 do Cục Cảnh sát cấp", []string{"citizen_id:011085001234"}},
	{"CCCD: 011 185 001 234", []string{"citizen_id:011 185 001 234"}},
	{"CCCD 0111 8500 1234.", []string{"citizen_id:0111 8500 1234"}},
	{"số định danh cá nhân 011.085.001.234", []string{"citizen_id:011.085.001.234"}},
	{"1. Lò Văn Pánh, 011085001234, bản Mển", []string{"citizen_id:011085001234"}},
	{"Số thẻ căn cước: 0 1 1 0 8 5 0 0 1 2 3 4", []string{"citizen_id:0 1 1 0 8 5 0 0 1 2 3 4"}},
	{"CCCD (12 số): 999999001234", []string{"citizen_id:999999001234"}},
	{"011085001234 và 034192007788", []string{"citizen_id:011085001234", "citizen_id:034192007788"}},
	{"Số CMND: 040123456 cấp ngày 12/3/2010", []string{"old_id:040123456"}},
	{"giấy chứng minh nhân dân số 040 123 456", []string{"old_id:040 123 456"}},
	{"Chứng minh thư 040.123.456", []string{"old_id:040.123.456"}},
	{"STT\tHọ và tên\tCMND\n1\tLò Văn A\t040123456\n2\tCà Thị B\t040654321\n", []string{"old_id:040123456", "old_id:040654321"}},
	{"liên hệ 0912345678", []string{"phone:0912345678"}},
	{"ĐT: 0912 345 678", []string{"phone:0912 345 678"}},
	{"0912.345.678 hoặc 0987-654-321", []string{"phone:0912.345.678", "phone:0987-654-321"}},
	{"gọi +84 912 345 678 nhé", []string{"phone:+84 912 345 678"}},
	{"(+84)912345678", []string{"phone:(+84)912345678"}},
	{"+84 (0)912 345 678", []string{"phone:+84 (0)912 345 678"}},
	{"84912345678", []string{"phone:84912345678"}},
	{"máy bàn 0215 3825 123", []string{"phone:0215 3825 123"}},
	{"(0215) 3.825.123", []string{"phone:(0215) 3.825.123"}},
	{"số cũ 01682345678", []string{"phone:01682345678"}},
	{"0912345678 0987654321", []string{"phone:0912345678", "phone:0987654321"}},
	{"Đồng chí Tòng Văn Hặc 0912345678 đồng chí gọi lại", []string{"phone:0912345678"}},
	{"STK 0123456789012 Agribank", []string{"account:0123456789012"}},
	{"Số tài khoản: 8905 2050 12345 tại Agribank Điện Biên", []string{"account:8905 2050 12345"}},
	{"tài khoản số 3713.0.1234567 Kho bạc", []string{"account:3713.0.1234567"}},
	{"Chuyển vào TK số 101123456", []string{"account:101123456"}},
	{"so tai khoan 19034567890123", []string{"account:19034567890123"}},
	{"Họ tên\tSố tài khoản\nLò Văn A\t8905205012345\nCà Thị B\t8905205067890\n", []string{"account:8905205012345", "account:8905205067890"}},
	{"Ông Lò Văn Pánh, sinh ngày 12/3/1985, trú tại bản Mển", []string{"birth:12/3/1985"}},
	{"Bà Cà Thị Hịa, sinh năm 1962", []string{"birth:1962"}},
	{"Họ và tên: Giàng A Chứ\nNgày sinh: 01-02-1990", []string{"birth:01-02-1990"}},
	{"GIÀNG A CHỨ, sinh ngày 05 tháng 9 năm 1978", []string{"birth:05 tháng 9 năm 1978"}},
	{"Sùng Thị Mỷ, ngày, tháng, năm sinh: 20/11/2001", []string{"birth:20/11/2001"}},
	{"Nguyễn Văn An (SN 1979)", []string{"birth:1979"}},
	{"DOB 12.03.1985, full name Tran Van B", []string{"birth:12.03.1985"}},
	{"Sinh năm 1985, Lò Văn Hặc", []string{"birth:1985"}},
	{"thư: lo.pan85@gmail.com.", []string{"email:lo.pan85@gmail.com"}},
	{"Email:Ca_Thi-B@truong.edu.vn", []string{"email:Ca_Thi-B@truong.edu.vn"}},
	{"thẻ BHYT DN4010123456789", []string{"insurance:DN4010123456789"}},
	{"HN 2 11 0123456789", []string{"insurance:HN 2 11 0123456789"}},
	{"mã số BHXH 1116012345", []string{"insurance:1116012345"}},
	{"Mã hộ gia đình: 1110123456", []string{"household:1110123456"}},
	{"sổ hộ khẩu số 120012345", []string{"household:120012345"}},
	{"０９１２３４５６７８", []string{"phone:０９１２３４５６７８"}},
	{"09\u200b12345678", []string{"phone:09\u200b12345678"}},
}

var harmless = []string{
	"Kế hoạch số 648/KH-UBND ngày 12/3/2021",
	"Luật số 10/2022/QH15, Nghị định 59/2023/NĐ-CP",
	"Quyết định 0912345678/QĐ-UBND",
	"1.234.567 đồng",
	"12.345.678.900 đồng",
	"84.912.345.678 đồng",
	"Tổng dự toán 91.234.567.890 VNĐ",
	"Dự toán: 123456789 đồng",
	"Thửa đất số 123, tờ bản đồ số 45, diện tích 1.250,5 m2",
	"Năm 2021, 2022 và 2023; giai đoạn 2021 - 2025",
	"Điện Biên, ngày 12 tháng 3 năm 2021",
	"Trẻ sinh năm 2015 trở về sau được cấp thẻ",
	"Công dân sinh từ ngày 01/01/2005 đến ngày 31/12/2007",
	"Họp lúc 7 giờ 30 ngày 20/4/2021 tại nhà văn hoá bản Mển",
	"Mã số thuế 0312345678",
	"MST: 5600123456",
	"Mã ngân sách 1234567",
	"phát hành GCN BK 123456",
	"Email: ubnd.thanhnua@dienbien.gov.vn",
	"tài khoản 112 và 331 của chế độ kế toán",
	"Số tiền trong tài khoản: 150.000.000 đồng",
	"Tài khoản của quỹ có 1.234.567.890 đồng",
	"999999999999", // no province
	"011985001234", // no century
	"toạ độ 21.386123456 103.016987654",
	"Tỷ lệ 98,123456789 %",
	"1234567890123456789012345",
	"Quốc lộ 279, km 1234567",
	"Lò Văn Pánh, Chủ tịch UBND xã",
	"mã hồ sơ H18.50-210420-0001",
	"ISBN 978-604-123456-7",
	"ngày sinh hoạt chi bộ 03/02/2021, ông Lò Văn Pánh chủ trì",
	"@dienbien và a@b",
}

func TestPersonalDataIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range personal {
		if d := cmp.Diff(c.want, found(c.text)); d != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, d)
		}
		nfd := make([]string, len(c.want))
		copy(nfd, c.want)
		if d := cmp.Diff(nfd, found(norm.NFD.String(c.text))); d != "" {
			t.Errorf("NFD %q (-want +got):\n%s", c.text, d)
		}
	}
}

func TestWhatPapersAreFullOfIsNotPersonal(t *testing.T) {
	t.Parallel()
	for _, text := range harmless {
		if got := found(text); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestMaskLeavesEnoughToTellTwoPeopleApart(t *testing.T) {
	t.Parallel()
	text := norm.NFD.String("Ông Lò Văn Pánh, sinh ngày 12/3/1985, CCCD 011 085 001 234, ĐT 0912.345.678, lo.pan@gmail.com, STK 0123456789012.")
	want := "Ông Lò Văn Pánh, sinh ngày ••/•/••••, CCCD ••• ••• ••• •34, ĐT ••••.•••.•78, ••.•••@•••••.com, STK •••••••••••12."
	masked := privacy.Mask(text, privacy.Find(text))
	if masked != want {
		t.Errorf("got  %s\nwant %s", masked, want)
	}
	if again := privacy.Find(masked); len(again) > 0 {
		t.Errorf("a masked text still has %v", again)
	}
	if got := privacy.Mask("ngắn", []privacy.Hit{{Kind: privacy.Phone, Start: 2, End: 99}, {Kind: privacy.Phone, Start: 3, End: 1}}); got != "ngắn" {
		t.Errorf("hits of another text: %q", got)
	}
}

func TestMarking(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ỦY BAN NHÂN DÂN\nMẬT\nSố: 12/BC-UBND": "Mật",
		"TỐI MẬT":                "Tối mật",
		"  TUYỆT MẬT  \nBáo cáo": "Tuyệt mật",
		"TUYET MAT":              "Tuyệt mật",
		"TOI MAT\n":              "Tối mật",
		"M Ậ T":                  "Mật",
		"T Ố I   M Ậ T":          "Tối mật",
		"T U Y Ệ T  M Ậ T":       "Tuyệt mật",
		"(MẬT)":                  "Mật",
		"*** TỐI MẬT ***":        "Tối mật",
		"Độ mật: Mật":            "Mật",
		"Độ mật: Tối mật.":       "Tối mật",
		"Mức độ mật:\nTUYỆT MẬT": "Tuyệt mật",
		"ĐỘ MẬT: TỐI MẬT":        "Tối mật",
		"Do mat: Tuyet mat":      "Tuyệt mật",
		"Tên văn bản\tĐộ mật\nBáo cáo\tMẬT": "Mật",
		"UBND TỈNH ĐIỆN BIÊN          MẬT":  "Mật",
		"HOẢ TỐC - MẬT":                     "Mật",
		"TÀI LIỆU MẬT":                      "Mật",
		"Đóng\nĐÓNG DẤU: TỐI MẬT":           "Tối mật",
		"Tuyệt mật\nKế hoạch phòng thủ":     "Tuyệt mật",
		"MÂT":                 "Mật", // a scanner lost the dot
		"MẬT\nrồi\nTUYỆT MẬT": "Tuyệt mật",
		"Độ mật: Không":       "",
		"Độ mật: Thường":      "",
		"Mức độ mật của tài liệu do người ký quyết định": "",
		"giữ bí mật nhà nước":                            "",
		"BÍ MẬT":                                         "",
		"BẢO MẬT":                                        "",
		"BẢO MẬT THÔNG TIN":                              "",
		"Nuôi ong lấy mật":                               "",
		"mật ong rừng":                                   "",
		"MẬT ONG":                                        "",
		"MẬT ĐỘ DÂN SỐ":                                  "",
		"mật độ dân số 57 người/km2":                     "",
		"Mật khẩu của bà con":                            "",
		"Bỏ phiếu kín, giữ bí mật lá phiếu":              "",
		"Luật Bảo vệ bí mật nhà nước quy định các độ Tuyệt mật, Tối mật, Mật": "",
		"MẮT":               "",
		"MẶT":               "",
		"MẤT":               "",
		"TÚI MẬT":           "",
		"viêm túi mật":      "",
		"BÍ - MẬT MÃ":       "",
		"danh mục gồm: mật": "",
		"":                  "",
	} {
		got, ok := privacy.Marking(text)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", text, got, ok, want)
		}
		if got, _ := privacy.Marking(norm.NFD.String(text)); got != want {
			t.Errorf("NFD %q: %q, want %q", text, got, want)
		}
	}
	if got, ok := privacy.Marking(strings.Repeat("một dòng\n", 40) + "Mật\n"); ok {
		t.Errorf("a word alone in a line far down is taken for a stamp: %s", got)
	}
}

// FuzzFind checks that offsets always cut the text between characters and that masking changes no other part.
func FuzzFind(f *testing.F) {
	for _, c := range personal {
		f.Add(c.text)
	}
	f.Add("\u0301\u0323 0912345678\u0301 a@b.cd")
	f.Fuzz(func(t *testing.T, text string) {
		nfc := i18n.NFC(text)
		last := 0
		hits := privacy.Find(text)
		for _, h := range hits {
			if h.Start < last || h.End <= h.Start || h.End > len(nfc) {
				t.Fatalf("hit %v after %d in %d bytes", h, last, len(nfc))
			}
			if utf8.ValidString(nfc) && (!utf8.ValidString(nfc[:h.Start]) || !utf8.ValidString(nfc[h.Start:h.End])) {
				t.Fatalf("hit %v cuts a character", h)
			}
			last = h.End
		}
		privacy.Mask(text, hits)
		privacy.Marking(text)
	})
}

func BenchmarkFind(b *testing.B) {
	var s strings.Builder
	for _, c := range personal {
		s.WriteString(c.text + "\nThực hiện Kế hoạch số 648/KH-UBND ngày 12/3/2021 của Ủy ban nhân dân tỉnh về thực hiện dân chủ ở cơ sở năm 2021.\n")
	}
	text := strings.Repeat(s.String(), 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		privacy.Find(text)
	}
}

func BenchmarkMarking(b *testing.B) {
	text := strings.Repeat("Thực hiện Luật Bảo vệ bí mật nhà nước, Ủy ban nhân dân xã yêu cầu các bản giữ bí mật.\n", 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		privacy.Marking(text)
	}
}
