package disclosureweb

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/org"
	"dinh/internal/web"
	"dinh/internal/web/webtest"
)

func TestFeedAndOpenData(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	in := budget()
	in.Title, in.Matter, in.Period = `=HYPERLINK("x") & "dấu", <chấm>`, "", ""
	h.publish(h.commune.ID, in, "2021-04-07")
	for _, unit := range []string{thanhNua, "/dien-bien"} {
		p := h.public().Get(unit + "/bang-niem-yet.atom").Want(200)
		if p.Header.Get("Content-Type") != "application/atom+xml; charset=utf-8" {
			t.Errorf("feed is %s", p.Header.Get("Content-Type"))
		}
		var f struct {
			ID      string `xml:"id"`
			Updated string `xml:"updated"`
			Entries []struct {
				ID, Title, Updated, Published string
				Link                          struct {
					Href string `xml:"href,attr"`
				} `xml:"link"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(p.Body), &f); err != nil || len(f.Entries) != 2 {
			t.Fatalf("%d entries, %v", len(f.Entries), err)
		}
		if f.Updated != "2021-04-07T05:00:00Z" || !strings.Contains(p.Body, "http://dinh.test"+h.Link(v.Item, "")) || !strings.Contains(p.Body, "urn:uuid:"+v.ID) {
			t.Errorf("feed %s", p.Body)
		}
		file := h.public().Get(unit + "/bang-niem-yet.csv").Want(200)
		if !strings.HasPrefix(file.Body, "\uFEFF") || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
			t.Error("the file has no byte order mark, or no name")
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\uFEFF"))).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		if rows[0][2] != "Tên mục" || rows[1][2] != `'=HYPERLINK("x") & "dấu", <chấm>` || rows[2][0] != "03322" || rows[2][1] != "Xã Thanh Nưa" || rows[2][6] != "21/TB-UBND" || rows[2][14] != "Chờ niêm yết" {
			t.Errorf("rows %q", rows)
		}
		if strings.Contains(file.Body, "Hặc") || strings.Contains(file.Body, "Hương") {
			t.Error("the open data name persons")
		}
		var data struct {
			About map[string]string
			Items []map[string]any
		}
		if err := json.Unmarshal([]byte(h.public().Get(unit+"/bang-niem-yet.json").Want(200).Body), &data); err != nil || len(data.Items) != 2 {
			t.Fatalf("%d items, %v", len(data.Items), err)
		}
		if data.Items[1]["title"] != v.Title || data.Items[1]["days_needed"] != 30.0 || data.Items[1]["published"] != "2021-04-06" {
			t.Errorf("item %v", data.Items[1])
		}
	}
}

// Whoever wrote an address on paper finds the item after the unit was merged away and another one has its name.
func TestAddressesOutliveAMerger(t *testing.T) {
	t.Parallel()
	clock := civil.Fixed("2021-04-20")
	h := newSquareAt(t, clock)
	v := h.publish(h.commune.ID, budget(), "2021-04-06")
	before := h.Link(v.Item, "")
	tree := h.dir.On("2021-04-20")
	other, ok := tree.ByCode("03325")
	if !ok {
		t.Fatal("no neighbour")
	}
	h.write(func(tx *db.Tx) error {
		_, err := h.org.MergeTx(t.Context(), tx, access.System, org.Merge{
			Day: "2021-04-15", Act: "Nghị quyết 1/NQ", Old: []org.Ref{{ID: h.commune.ID, Version: h.commune.Version}, {ID: other.ID, Version: other.Version}}, New: org.Draft{Kind: org.Commune, Code: "99999", Name: "Xã Thanh Nưa", ParentID: h.commune.ParentID, Staff: org.Unknown, Workers: org.Unknown},
		})
		return err
	})
	h.k.Drop("*")
	u, _ := h.dir.On("2021-04-20").ByCode("99999")
	if u == nil || h.dir.Path(u.ID, "2021-04-20") != thanhNua {
		t.Fatalf("the new unit has another address: %v", u)
	}
	h.public().Get(before).Want(200).Check().WantText("Dự toán thu, chi")
	h.public().Get("/n/" + v.Code).Want(200).WantText("Dự toán thu, chi")
	h.public().Get(h.Link(v.Item, "/to-niem-yet")).Want(200).WantText("XÃ THANH NƯA")
	files := web.FilesOf(h.Link(v.Item, "/to-niem-yet"))
	for _, path := range []string{files.DOCX, files.PDF} { // the notice with its whole text, to sign
		paperFile(t, h.public(), path, "XÃ THANH NƯA", "THÔNG BÁO", "Dự toán thu, chi", "Thời gian niêm yết:", "TM. ỦY BAN NHÂN DÂN")
	}
	// The new unit's board is empty and names the boards before it.
	board := twice(h.public(), thanhNua+"/bang-niem-yet")
	if board.Has("Dự toán thu, chi") {
		t.Error("the new unit's board shows what another unit told")
	}
	earlier := ""
	for _, a := range board.Find("main a[href]") {
		if strings.HasSuffix(webtest.Attr(a, "href"), "/bang-niem-yet?on=2021-04-14") && webtest.Text(a) == "Xã Thanh Nưa" {
			earlier = webtest.Attr(a, "href")
		}
	}
	if earlier == "" {
		t.Fatalf("no way to the boards before in %s", board.Main())
	}
	h.public().Get(earlier).Want(200).WantText("Dự toán thu, chi")
	// The new unit may tell something of the same name: both are found, each under its own address.
	w := h.publish(u.ID, budget(), "2021-04-20")
	if h.Link(w.Item, "") == h.Link(v.Item, "") {
		t.Error("two items have one address")
	}
	for _, x := range []*disclosure.View{v, w} {
		if p := h.public().Get("/n/" + x.Code).Want(200); !strings.Contains(p.Body, "/n/"+x.Code) {
			t.Errorf("%s leads to another item", x.Code)
		}
	}
}

func zipped(body string) int {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, 7)
	_, _ = w.Write([]byte(body))
	_ = w.Close()
	return b.Len()
}

// A board of hundreds of items is read by pages that stay small, each item once; the whole of it in print too.
func TestBoardOfManyItems(t *testing.T) {
	t.Parallel()
	h := newSquare(t)
	in := budget()
	in.Matter, in.Period = "", ""
	const many = 130
	for n := range many {
		in.Title = fmt.Sprintf("Thông báo số %d về danh sách hộ được hỗ trợ gạo, giống cây trồng và vật nuôi đợt %d năm 2021", n, many-n)
		h.publish(h.commune.ID, in, civil.Date("2021-03-01").Add(n%45))
	}
	for _, start := range []string{thanhNua + "/bang-niem-yet", "/dien-bien/bang-niem-yet", thanhNua + "/bang-niem-yet?nam=2021&q=ho+tro+gao"} {
		seen := map[string]bool{}
		c := h.public()
		p := c.Get(start).Want(200).Check()
		for n := 0; ; n++ {
			if size := zipped(p.Body); size > 60<<10 {
				t.Errorf("%s: %d bytes", p.URL, size)
			}
			for _, a := range p.Find(".dinh-board h3 a") {
				if seen[webtest.Text(a)] {
					t.Fatalf("%s: twice: %s", p.URL, webtest.Text(a))
				}
				seen[webtest.Text(a)] = true
			}
			next := p.Find("a[rel=next]")
			if len(next) == 0 || n > 20 {
				break
			}
			p = c.Get(webtest.Attr(next[0], "href")).Want(200)
		}
		if len(seen) != many {
			t.Errorf("%s: %d of %d", start, len(seen), many)
		}
	}
	p := h.public().Get(thanhNua + "/bang-niem-yet/in").Want(200).Check()
	if n := len(p.Find("tbody tr")); n != many {
		t.Errorf("%d rows printed", n)
	}
	if size := zipped(p.Body) * 500 / many; size > 60<<10 {
		t.Errorf("500 printed rows would take %d bytes", size)
	}
}

func TestQRHasItsQuietZone(t *testing.T) {
	t.Parallel()
	q, err := newQR("https://dinh.dienbien.gov.vn/n/7K3M2")
	if err != nil {
		t.Fatal(err)
	}
	if q.Size != 29+8 || !strings.HasPrefix(q.Path, "M4 4h7v1h-7z") {
		t.Errorf("size %d, %.40s", q.Size, q.Path)
	}
}

// Whatever was written, a sheet has no more lines than its page: what does not fit is cut, and says where the rest is.
func TestSheetKeepsToItsPage(t *testing.T) {
	t.Parallel()
	u := &org.Unit{ID: "u", Name: "Xã Thanh Nưa", Kind: org.Commune}
	h := &pages{}
	h.Units = newSquare(t).dir
	sentence := "Ủy ban nhân dân xã thông báo để bà con biết việc thu, chi ngân sách trong năm. "
	for _, c := range []struct {
		name, title, summary, body string
		cut, whole                 bool
	}{
		{"short", "Dự toán năm 2021", "Một câu.", "Nội dung.", false, true},
		{"a table that fits", "Dự toán năm 2021", "Một câu.", strings.Repeat("| Thu xã được hưởng | 286,4 |\n", 4), false, true},
		{"a table that does not", "Dự toán năm 2021", "Một câu.", strings.Repeat("| Thu xã được hưởng | 286,4 |\n", 80), true, false},
		{"a long summary", "Dự toán năm 2021", strings.Repeat(sentence, 80), "Nội dung.", true, false},
		{"many lines", "Dự toán năm 2021", strings.Repeat("một dòng\n", 200), "Nội dung.", true, false},
		{"no words to break at", strings.Repeat("W", 2000), strings.Repeat("M", 9000), strings.Repeat("x", 9000), true, false},
		{"no summary", strings.Repeat("Danh sách hộ nghèo ", 60), "", strings.Repeat("**"+sentence+"**\n\n", 60), true, false},
	} {
		v := &disclosure.View{
			Item: &disclosure.Item{Unit: "u", Published: "2021-04-06"}, Ed: &disclosure.Edition{Title: c.title, Summary: c.summary, Body: c.body, DocNumber: strings.Repeat("1", 300)},
			Places: []disclosure.Place{{Kind: disclosure.PlaceOffice}, {Kind: disclosure.PlaceVillage, Name: strings.Repeat("Bản dài ", 40)}},
		}
		for _, cover := range []bool{false, true} {
			p := &sheetPage{Cover: cover, Contact: strings.Repeat("bà Lò Thị Hương ", 60)}
			p.fill(h, &web.Context{Unit: u, On: "2021-04-20", Today: "2021-04-20"}, v)
			used := sheetFixed + 12*linesOf(p.Title) + tenthsOf(p.Body)
			for _, part := range append([]string{p.Basis + p.Who + p.Doc, p.Time, p.Where, p.Contact}, p.Lines...) {
				used += 10*linesOf(part) + sheetGap
			}
			if used > sheetTenths+10 { // cut parts of the head may leave the text its least three lines
				t.Errorf("%s: %d tenths of a line of %d", c.name, used, sheetTenths)
			}
			if !cover && (p.Cut != c.cut || (p.Body != "") != c.whole) {
				t.Errorf("%s: cut %v, whole text %v", c.name, p.Cut, p.Body != "")
			}
		}
	}
}

func TestCutText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		n    int
		want string
		cut  bool
	}{
		{"ngắn", 10, "ngắn", false},
		{"Năm nay xã thu nhiều hơn", 15, "Năm nay xã thu…", true},
		{"Năm nay xã, thu", 11, "Năm nay xã…", true},
		{"liềnkhôngcódấucách", 8, "liềnkh…", true},
	} {
		if got, cut := cutText(c.in, c.n); got != c.want || cut != c.cut {
			t.Errorf("cutText(%q, %d) = %q, %v", c.in, c.n, got, cut)
		}
	}
}
