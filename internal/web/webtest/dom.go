package webtest

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Attr is an attribute's value, "" where the element has none.
func Attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// HasAttr reports whether the element has the attribute.
func HasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// Text is an element's text with spaces made single.
func Text(n *html.Node) string { return strings.Join(strings.Fields(raw(n)), " ") }

func raw(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style") {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if n.Type == html.ElementNode && !inline[n.Data] {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return b.String()
}

// inline elements do not part words.
var inline = map[string]bool{"a": true, "b": true, "em": true, "i": true, "small": true, "span": true, "strong": true, "code": true}

// Find are the elements below n that match a selector, in the order of the page.
func Find(n *html.Node, selector string) []*html.Node {
	steps := strings.Fields(selector)
	found := []*html.Node{n}
	for _, s := range steps {
		var next []*html.Node
		seen := map[*html.Node]bool{}
		for _, f := range found {
			for d := range f.Descendants() {
				if d.Type == html.ElementNode && !seen[d] && matches(d, s) {
					seen[d] = true
					next = append(next, d)
				}
			}
		}
		found = next
	}
	return found
}

// matches reports whether the element is what one step of a selector means.
func matches(n *html.Node, step string) bool {
	for step != "" {
		end := 1 + strings.IndexAny(step[1:], ".#[")
		if step[0] == '[' {
			end = strings.IndexByte(step, ']') + 1
		}
		if end <= 0 {
			end = len(step)
		}
		part := step[:end]
		step = step[end:]
		switch part[0] {
		case '.':
			if !hasWord(Attr(n, "class"), part[1:]) {
				return false
			}
		case '#':
			if Attr(n, "id") != part[1:] {
				return false
			}
		case '[':
			name, value, exact := strings.Cut(strings.Trim(part, "[]"), "=")
			if !HasAttr(n, name) || exact && Attr(n, name) != strings.Trim(value, `"`) {
				return false
			}
		default:
			if n.Data != part {
				return false
			}
		}
	}
	return true
}

func hasWord(list, word string) bool {
	return slices.Contains(strings.Fields(list), word)
}
