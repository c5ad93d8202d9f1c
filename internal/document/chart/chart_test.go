package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// drawn reads the picture as XML and refuses what a strict policy refuses.
func drawn(t *testing.T, svg string) map[string]int {
	t.Helper()
	out := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
		if e, ok := tok.(xml.StartElement); ok {
			out[e.Name.Local]++
			for _, a := range e.Attr {
				if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("attribute %s", a.Name.Local)
				}
			}
		}
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	svg := Columns(`"Xã" <A> & B`, []Column{{Label: "2020", Text: "5", Value: 5}, {Label: "2021", Unknown: true}, {Label: "2022", Text: "10", Value: 10, Strong: true}, {Label: "0", Text: "0"}, {Label: "-", Text: "-3", Value: -3}})
	n := drawn(t, svg)
	if n["rect"] != 4 {
		t.Errorf("%d columns, want 4: what is not known leaves a gap", n["rect"])
	}
	if !strings.Contains(svg, `height="110"`) || !strings.Contains(svg, `height="55"`) {
		t.Errorf("the heights are not in proportion: %s", svg)
	}
	if Columns("x", nil) != "" {
		t.Error("a picture of nothing")
	}
	drawn(t, Small([]Column{{Value: 1 << 50}, {Value: 1}, {Unknown: true}}, 1<<50))
	drawn(t, Bar(3, 4, "xong")+"")
	if !strings.Contains(Bar(3, 4, ""), `width="75"`) || !strings.Contains(Bar(1, 0, ""), `width="0"`) || !strings.Contains(Bar(9, 4, ""), `width="100"`) {
		t.Error("bars are not in proportion")
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	areas, err := ParseAreas([]byte(`{"features":[{"properties":{"code":"1","name":"A"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}},
		{"properties":{"code":"2","name":"B"},"geometry":{"type":"MultiPolygon","coordinates":[[[[1,0],[2,0],[2,1],[1,0]]]]}}]}`))
	if err != nil || len(areas) != 2 {
		t.Fatal(areas, err)
	}
	n := drawn(t, Map(areas, map[string]Shade{"1": {Class: "m1", Title: "A & co", Href: "/a"}, "2": {Class: "m3"}}))
	if n["path"] != 2 || n["a"] != 1 {
		t.Errorf("%v", n)
	}
	if Map(areas, map[string]Shade{"3": {}}) != "" {
		t.Error("a map of units that have no area")
	}
	for _, bad := range []string{`{`, `{"features":[{"geometry":{"type":"Point","coordinates":[1,2]}}]}`, `{"features":[{"geometry":{"type":"Polygon","coordinates":7}}]}`} {
		if _, err := ParseAreas([]byte(bad)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
