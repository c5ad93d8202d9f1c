// Package orgweb has the pages of units: a unit's own page, lists with export, and the pages on which administrators and communes keep units in order.
package orgweb

import (
	"embed"
	"io/fs"
	"net/http"

	"dinh/internal/access"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/web"
)

//go:embed templates/*.gohtml
var templateFiles embed.FS

// Panel is what a room shows on a unit's page: facts, and rows under a heading. It is public.
type Panel struct {
	Title i18n.Msg
	Facts []Fact
	Rows  []Row
	Empty i18n.Msg // said where there are no rows and no facts
	More  Link
}

// Fact is a figure with what it counts.
type Fact struct {
	Label i18n.Msg
	Value string // formatted
	Under i18n.Msg
	Late  bool
}

// Row is one entry of a Panel.
type Row struct {
	Title string
	Lang  i18n.Lang // of Title; "" is Vietnamese
	Path  string
	Meta  i18n.Msg
	Tag   *web.Tag
}

// Link is a way on; without Path there is none.
type Link struct {
	Label i18n.Msg
	Path  string
}

// Room gives its panel for a unit; ok is false where it has none. It names what it shows with c.Touches.
type Room interface {
	Panel(c *web.Context, u *org.Unit) (p Panel, ok bool, err error)
}

// Deps are what the pages stand on.
type Deps struct {
	Service *org.Service
	Law     func() *law.Catalogue // nil: the page counts no duties
	Rooms   []Room                // asked in order
}

type pages struct {
	Deps
	dir *org.Directory
}

// ListPath is the list of units below a unit, with filters and files to download.
const ListPath = "/don-vi/danh-muc"

// Addresses of the work pages.
const (
	workPath    = "/lam-viec/don-vi"
	filePath    = "/lam-viec/nhap-don-vi"
	villagePath = "/lam-viec/thon-ban"
)

// Register adds the pages to the kit. The province's own page and its overview of units are siteweb's.
func Register(k *web.Kit, d Deps) {
	sub, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err)
	}
	k.Templates(sub)
	h := &pages{Deps: d, dir: d.Service.Directory()}
	var kinds []string
	for _, kind := range org.Kinds {
		if kind != org.Province {
			kinds = append(kinds, kind)
		}
	}
	k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: "/", Handler: h.unit, Kinds: kinds, Kept: &web.Kept{}})
	k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: "/{year}", Handler: h.year, Kept: &web.Kept{}})
	k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: "/don-vi", Handler: h.list, Kinds: kinds})
	k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: ListPath, Handler: h.list})
	k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: ListPath + ".csv", Handler: h.export("csv")})
	k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: ListPath + ".xlsx", Handler: h.export("xlsx")})

	admin := web.Posts(access.Admin)
	get := func(pattern string, f web.Handler, who web.Who) {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: f, Who: who})
	}
	both := func(pattern string, show, take web.Handler, who web.Who) {
		get(pattern, show, who)
		k.Handle(web.Route{Method: http.MethodPost, Pattern: pattern, Handler: take, Who: who})
	}
	get(workPath, h.work, admin)
	both(workPath+"/them", h.addForm, h.add, admin)
	both(workPath+"/sap-nhap", h.mergeForm, h.merge, admin)
	both(filePath, h.uploadForm, h.upload, admin)
	both(filePath+"/{file}", h.tryImport, h.doImport, admin)
	get(workPath+"/{id}", h.show, admin)
	both(workPath+"/{id}/sua", h.editForm, h.edit, admin)
	both(workPath+"/{id}/ket-thuc", h.endForm, h.end, admin)
	both(workPath+"/{id}/chia", h.splitForm, h.split, admin)

	keepers := web.Posts(access.Head, access.Focal, access.Officer, access.Admin)
	both(villagePath, h.villages, h.addVillages, keepers)
	both(villagePath+"/{id}", h.villageForm, h.village, keepers)

	k.Nav(web.NavItem{Key: "org.nav.units", Path: workPath, Who: admin, Order: 90, Show: func(c *web.Context) bool { return len(roots(c)) > 0 }})
	k.Nav(web.NavItem{Key: "org.nav.villages", Path: villagePath, Who: keepers, Order: 60, Show: func(c *web.Context) bool { return len(communes(c)) > 0 }})
}

// Pages are the templates with the types they are rendered with, for the test of templates.
func Pages() map[string]any {
	return map[string]any{
		"org_unit": unitPage{}, "org_list": listPage{}, "org_work": workPage{}, "org_show": showPage{}, "org_form": formPage{}, "org_merge": mergePage{},
		"org_end": endPage{}, "org_split": splitPage{}, "org_upload": uploadPage{}, "org_import": importPage{}, "org_villages": villagesPage{}, "org_village": villagePage{},
	}
}

// nameLink is a unit with its address for a reader of today.
type nameLink struct {
	Unit *org.Unit
	Path string
}

func (h *pages) link(c *web.Context, u *org.Unit) nameLink {
	return nameLink{u, h.dir.Link(u, c.Today)}
}
