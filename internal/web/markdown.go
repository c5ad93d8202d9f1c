package web

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"dinh/internal/i18n"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	mdtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// mdUser renders what people write: Markdown without HTML, without images, with headings that stand below the page's own.
var mdUser = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Strikethrough, extension.Linkify, extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tame{lower: 2}, 100))),
		goldmark.WithRendererOptions(html.WithHardWraps(), renderer.WithNodeRenderers(util.Prioritized(tables{}, 100))),
	)
})

// mdPage renders pages of our own (help): its first heading is the page's.
var mdPage = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tame{}, 100))))
})

// markdown renders what a person wrote. Raw HTML is left out, dangerous addresses too (goldmark does both unless told otherwise).
func markdown(s string) (template.HTML, error) { return render(mdUser(), s) }

// PageMarkdown renders a page of our own.
func PageMarkdown(s string) (template.HTML, error) { return render(mdPage(), s) }

func render(md goldmark.Markdown, s string) (template.HTML, error) {
	var b bytes.Buffer
	if err := md.Convert([]byte(s), &b); err != nil {
		return "", err
	}
	return template.HTML(strings.TrimSpace(b.String())), nil //nolint:gosec // made by goldmark without raw HTML
}

// tame lowers headings, gives elements the classes of the style sheet and turns images into their words.
type tame struct{ lower int }

// Transform changes the tree in place.
func (t tame) Transform(doc *ast.Document, r mdtext.Reader, _ parser.Context) {
	var images []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		class := ""
		switch x := n.(type) {
		case *ast.Heading:
			x.Level = min(6, x.Level+t.lower)
			class = [...]string{"", "govuk-heading-l", "govuk-heading-m", "govuk-heading-s", "govuk-heading-s", "govuk-heading-s", "govuk-heading-s"}[x.Level]
		case *ast.Paragraph:
			class = "govuk-body"
		case *ast.List:
			class = "govuk-list govuk-list--bullet"
			if x.IsOrdered() {
				class = "govuk-list govuk-list--number"
			}
		case *extast.TableCell:
			class = "govuk-table__cell"
			if x.Parent().Kind() == extast.KindTableHeader {
				class = "govuk-table__header"
				x.SetAttributeString("scope", []byte("col"))
			}
			if x.Alignment == extast.AlignRight {
				class += " " + class + "--numeric"
			}
		case *ast.Link, *ast.AutoLink:
			class = "govuk-link"
		case *ast.Image:
			images = append(images, x)
		}
		if class != "" {
			n.SetAttributeString("class", []byte(class))
		}
		return ast.WalkContinue, nil
	})
	for _, img := range images {
		words := ast.NewString(img.Text(r.Source())) //nolint:staticcheck // the words of an image are its plain text
		img.Parent().ReplaceChild(img.Parent(), img, words)
	}
}

// tables renders the frame of a table: with a name for who hears the page, and scrolling by itself where it is wider than a phone. What people write is
// in Vietnamese, so its name is.
type tables struct{}

// RegisterFuncs takes tables over from the extension.
func (t tables) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(extast.KindTable, t.table)
}

func (tables) table(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, err := w.WriteString("</table></div>\n")
		return ast.WalkContinue, err
	}
	name := template.HTMLEscapeString(i18n.For(i18n.VI).T("web.md.table"))
	_, err := w.WriteString(`<div class="dinh-scroll" role="group" aria-label="` + name + `" tabindex="0"><table class="govuk-table"><caption class="govuk-visually-hidden">` + name + "</caption>\n")
	return ast.WalkContinue, err
}
