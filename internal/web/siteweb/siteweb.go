// Package siteweb has the pages that belong to no room: the province's home with its five bays, the rooms' own pages, the list of units, search, help
// and licences.
package siteweb

import (
	"embed"
	"io/fs"
	"net/http"

	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/search"
	"dinh/internal/web"
)

//go:embed templates/*.gohtml
var templateFiles embed.FS

// Deps are what the pages read from.
type Deps struct {
	Units   *org.Directory
	Law     func() *law.Catalogue        // nil: the rooms' pages list no duties
	LawPath func(kind, id string) string // the address of a duty or an act, by search.KindDuty and search.KindAct
	Search  *search.Index                // nil: no search page
	Rooms   []Contributor                // asked in order
	Notices string                       // licences of what the program is built from; default those embedded
	Filter  string                       // below a province: the list of units that filters and downloads; "" has none
	Kinds   []string                     // kinds of what can be found, in the order of the search page; others are not found; default units, disclosures, plans, tasks, duties, acts
}

// Contributor is a room as it shows on pages of the whole site. What it gives comes from its records; a room without records gives nothing, and the
// page says what will be there.
type Contributor interface {
	// Show gives what the room has for the home of a province (room "") or for a room's page of a unit. It names what it shows with c.Touches.
	Show(c *web.Context, unit *org.Unit, room string) (Piece, error)
}

// ContributorFunc is a function that is a Contributor.
type ContributorFunc func(c *web.Context, unit *org.Unit, room string) (Piece, error)

// Show calls the function.
func (f ContributorFunc) Show(c *web.Context, unit *org.Unit, room string) (Piece, error) {
	return f(c, unit, room)
}

// Piece is what a room shows.
type Piece struct {
	Counts   []Count
	Sections []Section
	Cards    []Card
}

// Count is the figure in a bay of the house.
type Count struct {
	Room  string   // one of web.Rooms
	N     int      // counted from records
	Label i18n.Msg // what was counted: "mục niêm yết"
}

// Section is a list under a heading.
type Section struct {
	Title i18n.Msg
	Rows  []Row
	Empty i18n.Msg // said when there are no rows
	More  Link
}

// Row is one entry of a Section.
type Row struct {
	Title string    // as written
	Lang  i18n.Lang // of Title; "" is Vietnamese
	Path  string
	Meta  i18n.Msg
	Tag   *web.Tag
}

// Card is a box beside the lists.
type Card struct {
	Title  i18n.Msg
	Text   i18n.Msg
	Big    string // a figure or a day, formatted
	Under  i18n.Msg
	Part   int // with Whole: a bar
	Whole  int
	Noted  bool
	Links  []Link
	Button Link
}

// Link is a way on; without Path there is none.
type Link struct {
	Label i18n.Msg
	Path  string
}

type site struct {
	Deps
	k    *web.Kit
	help help
}

// Register adds the pages to the kit.
func Register(k *web.Kit, d Deps) error {
	sub, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return err
	}
	k.Templates(sub)
	s := &site{Deps: d, k: k}
	if s.help, err = readHelp(); err != nil {
		return err
	}
	if s.Kinds == nil {
		s.Kinds = []string{search.KindUnit, search.KindDisclosure, search.KindPlan, search.KindTask, search.KindDuty, search.KindAct}
	}
	get := func(pattern string, h web.Handler, kept *web.Kept) {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: h, Kept: kept})
	}
	get("/", s.root, nil)
	get("/tro-giup", s.helpIndex, &web.Kept{})
	get("/tro-giup/{page}", s.helpPage, &web.Kept{})
	get("/bao-ve-thong-tin", s.single("bao-ve-thong-tin"), &web.Kept{})
	get("/kha-nang-tiep-can", s.single("kha-nang-tiep-can"), &web.Kept{})
	get("/giay-phep", s.licences, &web.Kept{})
	province := []string{org.Province}
	k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: "/", Handler: s.home, Kinds: province, Kept: &web.Kept{}})
	k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: "/don-vi", Handler: s.units, Kinds: province, Kept: &web.Kept{}})
	for _, room := range web.Rooms {
		k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: "/" + room, Handler: s.room(room), Kept: &web.Kept{Params: []string{"loai"}}})
	}
	if d.Search != nil {
		get("/tim", s.find, nil)
		k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: "/tim", Handler: s.find, Kinds: province})
	}
	k.HandleAPI("GET /robots.txt", http.HandlerFunc(robots))
	k.HandleAPI("GET /favicon.ico", k.Icon("logo.svg"))
	return nil
}

func robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /lam-viec\nDisallow: /en/lam-viec\nDisallow: /dang-nhap\nDisallow: /en/dang-nhap\n"))
}

// gather asks all rooms.
func (s *site) gather(c *web.Context, unit *org.Unit, room string) (Piece, error) {
	var all Piece
	for _, r := range s.Rooms {
		p, err := r.Show(c, unit, room)
		if err != nil {
			return all, err
		}
		all.Counts = append(all.Counts, p.Counts...)
		all.Sections = append(all.Sections, p.Sections...)
		all.Cards = append(all.Cards, p.Cards...)
	}
	return all, nil
}

// Pages are the templates with the types they are rendered with, for the test of templates.
func Pages() map[string]any {
	return map[string]any{
		"site_home": homePage{}, "site_room": roomPage{}, "site_units": unitsPage{}, "site_search": searchPage{}, "site_help": helpPage{},
		"site_help_index": []helpLink{}, "site_licences": licencesPage{}, "site_empty": struct{}{}, "site_provinces": []*org.Unit{},
	}
}
