// Package chart draws figures as inline SVG without style attributes: columns, bars, small multiples, a map of areas. A picture is never alone: the numbers stand in a table beside it.
package chart

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// Column is one number of a row of columns. Unknown ones leave a gap: what is not known is not 0.
type Column struct {
	Label, Text string // under and over the column
	Value       int64
	Unknown     bool
	Strong      bool // the one that matters
}

// The measures of a row of columns, in units of the picture; it is as wide on a phone as they say.
const (
	columnWide = 56
	columnHigh = 110
	labelHigh  = 22
)

// Columns draws a row of columns with their numbers. name says what they show.
func Columns(name string, cols []Column) string {
	if len(cols) == 0 {
		return ""
	}
	most := int64(1)
	for _, c := range cols {
		if !c.Unknown {
			most = max(most, c.Value)
		}
	}
	var b strings.Builder
	w, h := columnWide*len(cols), columnHigh+2*labelHigh
	fmt.Fprintf(&b, `<svg class="dinh-chart" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s" focusable="false">`, w, h, w, h, html.EscapeString(name))
	for i, c := range cols {
		x := i*columnWide + 6
		mid := i*columnWide + columnWide/2
		if c.Unknown {
			fmt.Fprintf(&b, `<text class="n" x="%d" y="%d">–</text>`, mid, labelHigh+columnHigh-6)
		} else {
			high := scaled(max(c.Value, 0), most, columnHigh)
			class := "c"
			if c.Strong {
				class = "c s"
			}
			fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d"/>`, class, x, labelHigh+columnHigh-high, columnWide-12, high)
			fmt.Fprintf(&b, `<text class="n" x="%d" y="%d">%s</text>`, mid, labelHigh+columnHigh-high-5, html.EscapeString(c.Text))
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`, mid, h-6, html.EscapeString(c.Label))
	}
	fmt.Fprintf(&b, `<path class="a" d="M0 %d.5h%d"/></svg>`, labelHigh+columnHigh, w)
	return b.String()
}

// scaled is v of most in units of high, at least 1 where it is anything.
func scaled(v, most int64, high int) int {
	if v <= 0 {
		return 0
	}
	return max(int(float64(v)/float64(most)*float64(high)+.5), 1)
}

// Small is a picture of one group in a row of like ones: columns without words, all on the same scale. most is the largest number of all groups.
func Small(values []Column, most int64) string {
	const w, h, wide = 120, 40, 120
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="dinh-small" viewBox="0 0 %d %d" aria-hidden="true" focusable="false">`, w, h)
	if n := len(values); n > 0 {
		step := wide / n
		for i, c := range values {
			if c.Unknown {
				continue
			}
			class := "c"
			if c.Strong {
				class = "c s"
			}
			high := scaled(max(c.Value, 0), max(most, 1), h-2)
			fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d"/>`, class, i*step+1, h-1-high, max(step-3, 1), high)
		}
	}
	fmt.Fprintf(&b, `<path class="a" d="M0 %d.5h%d"/></svg>`, h-1, w)
	return b.String()
}

// Bar is a part of a whole as a bar, beside which the words stand.
func Bar(part, whole int64, class string) string {
	width := 0
	if whole > 0 {
		width = scaled(min(max(part, 0), whole), whole, 100)
	}
	if class != "" {
		class = " dinh-bar--" + class
	}
	return `<svg class="dinh-bar` + html.EscapeString(class) + `" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect width="` + strconv.Itoa(width) + `" height="8"/></svg>`
}
