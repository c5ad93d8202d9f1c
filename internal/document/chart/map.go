package chart

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"strings"
)

// Area is the territory of a unit: its rings in degrees of longitude and latitude.
type Area struct {
	Code, Name string
	Rings      [][][2]float64
}

// ParseAreas reads a GeoJSON collection whose features have code and name.
func ParseAreas(src []byte) ([]Area, error) {
	var in struct {
		Features []struct {
			Properties struct{ Code, Name string }
			Geometry   struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(src, &in); err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	out := make([]Area, 0, len(in.Features))
	for _, f := range in.Features {
		a := Area{Code: f.Properties.Code, Name: f.Properties.Name}
		var many [][][][2]float64
		switch f.Geometry.Type {
		case "MultiPolygon":
			if err := json.Unmarshal(f.Geometry.Coordinates, &many); err != nil {
				return nil, fmt.Errorf("chart: %s: %w", a.Code, err)
			}
		case "Polygon":
			many = make([][][][2]float64, 1)
			if err := json.Unmarshal(f.Geometry.Coordinates, &many[0]); err != nil {
				return nil, fmt.Errorf("chart: %s: %w", a.Code, err)
			}
		default:
			return nil, fmt.Errorf("chart: %s: a %s is no area", a.Code, f.Geometry.Type)
		}
		for _, p := range many {
			a.Rings = append(a.Rings, p...)
		}
		out = append(out, a)
	}
	return out, nil
}

// Shade is how an area is shown.
type Shade struct {
	Class string // m1, m2, m3 by rank; m0 where nothing is known
	Title string
	Href  string // "" for none
}

const mapWide = 520.0

// Map draws the areas that have a shade; "" where none has. The list of units beside it is the way for keyboards and screen readers.
func Map(areas []Area, shades map[string]Shade) string {
	x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	found := false
	for _, a := range areas {
		if _, ok := shades[a.Code]; !ok {
			continue
		}
		found = true
		for _, ring := range a.Rings {
			for _, p := range ring {
				x0, x1, y0, y1 = min(x0, p[0]), max(x1, p[0]), min(y0, p[1]), max(y1, p[1])
			}
		}
	}
	if !found || x1 <= x0 {
		return ""
	}
	k := math.Cos((y0 + y1) / 2 * math.Pi / 180)
	s := mapWide / ((x1 - x0) * k)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="dinh-map" viewBox="-2 -2 %.0f %.0f" aria-hidden="true" focusable="false">`, mapWide+4, (y1-y0)*s+4)
	for _, a := range areas {
		shade, ok := shades[a.Code]
		if !ok {
			continue
		}
		var d strings.Builder
		for _, ring := range a.Rings {
			var px, py, n int
			for i, p := range ring {
				x, y := int(math.Round((p[0]-x0)*k*s)), int(math.Round((y1-p[1])*s))
				switch {
				case i == 0:
					fmt.Fprintf(&d, "M%d %dl", x, y)
				case x == px && y == py || i == len(ring)-1:
					continue
				default:
					if n > 0 {
						d.WriteByte(' ')
					}
					fmt.Fprintf(&d, "%d %d", x-px, y-py)
					n++
				}
				px, py = x, y
			}
			if n == 0 {
				d.WriteString("0 0")
			}
			d.WriteByte('z')
		}
		path := fmt.Sprintf(`<path class="%s" d="%s"><title>%s</title></path>`, html.EscapeString(shade.Class), d.String(), html.EscapeString(shade.Title))
		if shade.Href != "" {
			path = `<a href="` + html.EscapeString(shade.Href) + `" tabindex="-1">` + path + `</a>`
		}
		b.WriteString(path)
	}
	b.WriteString("</svg>")
	return b.String()
}
