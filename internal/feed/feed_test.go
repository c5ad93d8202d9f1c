package feed

import (
	"bytes"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dinh/internal/civil"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		err := os.WriteFile(file, got, 0o644)
		if err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

var at = time.Date(2021, 3, 12, 8, 30, 0, 0, civil.Zone)

func TestCalendar(t *testing.T) {
	t.Parallel()
	c := Calendar{
		Name: "Việc của xã Thanh Nưa", Lang: "vi", Refresh: 2 * time.Hour,
		Events: []Event{
			{
				UID: "a@dinh.example", Stamp: at, Day: "2021-03-26", Summary: "Ban hành kế hoạch; gửi Sở Nội vụ, bản ký số", RemindDays: 3,
				Description: "Mục I.2 Kế hoạch 648\nHạn 26/3/2021: \"trước\" là hết ngày 25\\3, không phải 26.",
				URL:         "https://dinh.example/lam-viec/viec-cua-toi?viec=1.2", Categories: []string{"Kế hoạch, 648", "Dân biết"},
			},
			{UID: "b@dinh.example", Sequence: 2, Stamp: at, Day: "2021-04-30", Last: "2021-05-03", Summary: "Niêm yết", Cancelled: true},
			{
				UID: "c@dinh.example", Stamp: at, Start: at, Stop: at.Add(90 * time.Minute), Summary: "Tiếp công dân",
				Location: "Trụ sở UBND xã Thanh Nưa, phòng 2",
			},
		},
	}
	b, err := c.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "calendar.ics", b)
}

// TestFold checks what a strict reader checks: CRLF everywhere, no line over 75 octets, no character split, and unfolding gives the text back.
func TestFold(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Đặng Thị Diệu, ", 40) + "🏠" + strings.Repeat("x", 200) + `;\` + "\nhết"
	b, err := Calendar{Events: []Event{{UID: "u", Stamp: at, Day: "2021-01-01", Summary: "s", Description: long}}}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(b, []byte("\n")) != bytes.Count(b, []byte("\r\n")) {
		t.Error("a line does not end in CRLF")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(b), "\r\n"), "\r\n") {
		if len(line) > 75 {
			t.Errorf("%d octets: %s", len(line), line)
		}
		if !utf8.ValidString(line) {
			t.Errorf("character split: %q", line)
		}
	}
	unfolded := strings.ReplaceAll(string(b), "\r\n ", "")
	_, rest, _ := strings.Cut(unfolded, "DESCRIPTION:")
	value, _, _ := strings.Cut(rest, "\r\n")
	back := strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(value)
	if diff := cmp.Diff(long, back); diff != "" {
		t.Error(diff)
	}
}

func TestCalendarInjection(t *testing.T) {
	t.Parallel()
	bad := "x\r\nEND:VEVENT\rBEGIN:VEVENT\u2028\x00"
	b, err := Calendar{Name: bad, Events: []Event{{
		UID: bad, Stamp: at, Day: "2021-01-01", Summary: bad, Description: bad, Location: bad, URL: "https://h/" + bad, Categories: []string{bad},
	}}}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "\r\nEND:VEVENT\r\n"); n != 1 {
		t.Errorf("%d events end; want 1:\n%s", n, b)
	}
	if bytes.ContainsAny(b, "\x00") {
		t.Error("control character passed through")
	}
}

func TestCalendarEmpty(t *testing.T) {
	t.Parallel()
	b, err := Calendar{Name: "Không có việc"}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "empty.ics", b)
}

func TestCalendarRefuses(t *testing.T) {
	t.Parallel()
	ok := Event{UID: "u", Stamp: at, Day: "2021-01-02", Summary: "s"}
	for name, change := range map[string]func(*Event){
		"no UID":     func(e *Event) { e.UID = " " },
		"no stamp":   func(e *Event) { e.Stamp = time.Time{} },
		"no day":     func(e *Event) { e.Day = civil.None },
		"back days":  func(e *Event) { e.Last = "2021-01-01" },
		"back times": func(e *Event) { e.Day, e.Start, e.Stop = civil.None, at, at.Add(-time.Hour) },
	} {
		e := ok
		change(&e)
		_, err := Calendar{Events: []Event{e}}.Bytes()
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	_, err := Calendar{Events: []Event{ok, ok}}.Bytes()
	if err == nil {
		t.Error("UID twice: no error")
	}
}

func TestAtom(t *testing.T) {
	t.Parallel()
	f := Feed{
		ID: "https://dinh.example/dien-bien/xa-thanh-nua", Title: "Bảng niêm yết xã Thanh Nưa", Subtitle: "Dân biết", Lang: "vi",
		Author: "UBND xã Thanh Nưa", Self: "https://dinh.example/dien-bien/xa-thanh-nua/tin.atom", Link: "https://dinh.example/dien-bien/xa-thanh-nua",
		Entries: []Entry{
			{
				ID: URN("018f0000-0000-7000-8000-000000000001"), Title: "Dự toán <ngân sách> & thu chi", Link: "https://dinh.example/n/7K3M2",
				Published: at, Updated: at.Add(time.Hour), Summary: "Công khai 30 ngày\nDòng hai \x01", Categories: []string{"Ngân sách"},
			},
			{ID: URN("018f0000-0000-7000-8000-000000000002"), Title: "Lịch tiếp công dân", Updated: at, Author: "Văn phòng"},
		},
	}
	b, err := f.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "news.atom", b)
	var back atomFeed
	err = xml.Unmarshal(b, &back)
	if err != nil {
		t.Fatal(err)
	}
	if back.Entries[0].Title != f.Entries[0].Title {
		t.Errorf("title came back as %q", back.Entries[0].Title)
	}
	for _, e := range []Feed{{}, {ID: "x", Title: "t", Author: "a"}, {ID: "x", Title: "t", Updated: at}, {ID: "x", Title: "t", Author: "a", Updated: at, Entries: []Entry{{}}}} {
		_, err := e.Bytes()
		if err == nil {
			t.Errorf("%+v: no error", e)
		}
	}
}
