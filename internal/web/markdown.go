package web

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	mdtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// mdUser renders what people write: Markdown without HTML, without images, with headings that stand below the page's own.
var mdUser = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Strikethrough, extension.Linkify),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tame{lower: 2}, 100))),
		goldmark.WithRendererOptions(html.WithHardWraps()),
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
