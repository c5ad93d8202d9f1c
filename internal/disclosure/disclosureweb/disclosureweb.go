// Package disclosureweb has the pages of the room "Dân biết": boards, items, the sheet to post, questions, and the pages on which units enter what they
// disclose.
package disclosureweb

import (
	"embed"
	"io/fs"
	"maps"

	"dinh/internal/attach"
	"dinh/internal/disclosure"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/web"
)

//go:embed templates/*.gohtml
var templateFiles embed.FS

// Deps are what the pages stand on.
type Deps struct {
	Service *disclosure.Service
	Units   *org.Directory
	Law     func() *law.Catalogue
	Files   *attach.Store
}

type pages struct {
	Deps
	cards cards
}

// Register adds the pages to the kit.
func Register(k *web.Kit, d Deps) {
	sub, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err)
	}
	k.Templates(sub)
	h := &pages{Deps: d}
	h.registerItems(k)
	h.registerPosts(k)
	h.registerBoard(k)
	h.registerDuties(k)
}

// Pages are the templates with the types they are rendered with, for the test of templates.
func Pages() map[string]any {
	out := map[string]any{}
	for _, m := range []map[string]any{itemPages(), postPages(), boardPages(), dutyPages()} {
		maps.Copy(out, m)
	}
	return out
}
