package document

import (
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// Markdown makes blocks of what people write in the forms: paragraphs, headings, lists, tables, bold and italic. Links and pictures keep their words; HTML is left out.
func Markdown(s string) []Block {
	src := []byte(s)
	doc := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(src))
	m := reading{src: src}
	m.blocks(doc)
	return m.out
}

type reading struct {
	src []byte
	out []Block
}

func (m *reading) blocks(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch x := n.(type) {
		case *ast.Heading:
			if t := m.text(x, Span{Bold: true}); len(t) > 0 {
				m.out = append(m.out, T(t))
			}
		case *ast.List:
			l := List{Marker: Dash}
			if x.IsOrdered() {
				l.Marker = Numbers
			}
			var inner []Block
			for item := x.FirstChild(); item != nil; item = item.NextSibling() {
				var t Text
				for part := item.FirstChild(); part != nil; part = part.NextSibling() {
					if _, deeper := part.(*ast.List); deeper { // what lies deeper follows the list
						sub := reading{src: m.src}
						sub.blocks(item)
						inner = append(inner, sub.out[min(1, len(sub.out)):]...)
						break
					}
					if len(t) > 0 {
						t = append(t, Span{Text: "\n"})
					}
					t = append(t, m.text(part, Span{})...)
				}
				l.Items = append(l.Items, t)
			}
			m.out = append(append(m.out, Block{List: &l}), inner...)
		case *extast.Table:
			m.table(x)
		case *ast.Paragraph, *ast.TextBlock:
			if t := m.text(n, Span{}); len(t) > 0 {
				m.out = append(m.out, T(t))
			}
		case *ast.Blockquote:
			m.blocks(x)
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			lines := n.Lines()
			for i := range lines.Len() {
				at := lines.At(i)
				m.out = append(m.out, P(string(at.Value(m.src))))
			}
		}
	}
}

func (m *reading) table(x *extast.Table) {
	t := Table{Columns: make([]Column, len(x.Alignments))}
	for i, a := range x.Alignments {
		switch a {
		case extast.AlignRight:
			t.Columns[i].Align = Right
		case extast.AlignCenter:
			t.Columns[i].Align = Centre
		case extast.AlignLeft, extast.AlignNone:
		}
	}
	for n := x.FirstChild(); n != nil; n = n.NextSibling() {
		row := make([]Cell, 0, len(t.Columns))
		for c := n.FirstChild(); c != nil && len(row) < len(t.Columns); c = c.NextSibling() {
			row = append(row, Cell{Text: m.text(c, Span{})})
		}
		for len(row) < len(t.Columns) {
			row = append(row, Cell{})
		}
		if _, head := n.(*extast.TableHeader); head {
			t.Head = append(t.Head, row)
		} else {
			t.Rows = append(t.Rows, row)
		}
	}
	for i := range t.Columns { // a column is as wide as its longest text asks, within bounds
		longest := 6
		for _, r := range append(t.Head, t.Rows...) {
			longest = max(longest, len([]rune(r[i].Text.String())))
		}
		t.Columns[i].Width = float64(min(longest, 40))
	}
	m.out = append(m.out, TableOf(t))
}

// text gathers the words below a node.
func (m *reading) text(n ast.Node, style Span) Text {
	var out Text
	add := func(s string) {
		if s != "" {
			style.Text = s
			out = append(out, style)
		}
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch x := c.(type) {
		case *ast.Text:
			add(string(x.Segment.Value(m.src)))
			if x.HardLineBreak() || x.SoftLineBreak() { // a line ends where its writer ended it, as on the pages
				add("\n")
			}
		case *ast.String:
			add(string(x.Value))
		case *ast.Emphasis:
			inner := style
			inner.Bold, inner.Italic = style.Bold || x.Level == 2, style.Italic || x.Level == 1
			out = append(out, m.text(x, inner)...)
		case *ast.AutoLink:
			add(string(x.Label(m.src)))
		case *ast.RawHTML:
		default:
			out = append(out, m.text(c, style)...)
		}
	}
	return out
}
