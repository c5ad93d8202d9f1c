// Package reportweb has the pages of the room report: periods and their forms, a unit's report from its first figure to the accepted paper, and the sums.
package reportweb

import (
	"embed"
	"io/fs"
	"maps"

	"dinh/internal/attach"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/report"
	"dinh/internal/web"
)

//go:embed templates/*.gohtml
var templateFiles embed.FS

// Deps are what the pages stand on.
type Deps struct {
	Service *report.Service
	Units   *org.Directory
	Law     func() *law.Catalogue
	Files   *attach.Store
}

type pages struct{ Deps }

// Register adds the pages to the kit.
func Register(k *web.Kit, d Deps) {
	sub, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // embedded
	}
	k.Templates(sub)
	h := &pages{Deps: d}
	h.registerUnits(k)
	h.registerPeriods(k)
	h.registerSums(k)
}

// Pages are the templates with the types they are rendered with, for the test of templates.
func Pages() map[string]any {
	out := map[string]any{}
	maps.Copy(out, unitPages())
	maps.Copy(out, periodPages())
	maps.Copy(out, sumPages())
	return out
}
