package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// View is what every template is executed with: L for the frame, P for the page.
type View struct {
	L *Layout
	P any
}

// Crumb is a step on the way to the page. Text is as written; where it is empty Key is worded.
type Crumb struct {
	Text, Key, Path string
	Lang            i18n.Lang // of Text, where it is in one language alone
}

// Link is an entry of a navigation.
type Link struct {
	Key     string
	Path    string
	Current string // aria-current: "page", "true" inside, "" elsewhere
	Count   int    // what waits there; 0 is not shown
}

// Rooms are the five rooms by the last part of their address.
var Rooms = []string{"dan-biet", "dan-ban", "dan-quyet-dinh", "dan-lam", "dan-kiem-tra"}

// Layout is what the frame of a page shows. A handler may set the first part; the kit fills in the rest.
type Layout struct {
	Room   string  // the room that the page belongs to, one of Rooms
	Wide   bool    // a page of wide tables
	Crumbs []Crumb // instead of the units above
	Paper  bool    // a sheet to print: without the navigation between rooms
	Failed bool    // the title begins with "Có lỗi: "
	Hidden bool    // not for search engines
	Feed   string  // path of the page's Atom feed
	Work   bool    // the navigation of the signed-in in place of the five rooms; so below /lam-viec

	Lang      i18n.Lang
	Other     i18n.Lang // the language to switch to
	OtherName string
	Switch    string // this page in Other
	Path      string // this page without /en
	Home      string // where the brand leads
	Brand     string // the unit below the name of the product
	Root      string // name of the province inside a sentence; "" before there is one
	Search    string // path of the search page
	Rooms     []Link
	Nav       []Link
	SignedIn  bool
	Name      string // of the person signed in
	Login     string
	Today     civil.Date
	Demo      bool
	CSS       []string
	JS        string
	Logo      string
}

// fill completes the layout for the page about to be rendered.
func (c *Context) fill() {
	l := &c.L
	k := c.k
	l.Lang, l.Other, l.OtherName = c.Lang, i18n.EN, "English"
	if c.Lang == i18n.EN {
		l.Other, l.OtherName = i18n.VI, "Tiếng Việt"
	}
	sw := url.URL{Path: langPath(l.Other, c.path), RawQuery: c.R.URL.RawQuery}
	if c.R.Method == http.MethodPost {
		sw.RawQuery = ""
	}
	l.Switch = sw.String()
	l.Path = c.path
	l.Today, l.Demo = c.Today, k.conf.Demo
	l.CSS, l.JS, l.Logo = k.views.css, k.views.js, k.views.logo
	l.SignedIn, l.Name = !c.Actor.Public(), c.Actor.Name
	l.Login = "/dang-nhap"
	inWork := c.path == "/lam-viec" || len(c.path) > 9 && c.path[:10] == "/lam-viec/"
	l.Work = l.Work || inWork
	if l.Work {
		l.Hidden = true
	}

	root := c.root()
	unit := c.Unit
	if unit == nil && l.SignedIn && l.Work {
		if ids := c.Actor.Units(); len(ids) > 0 && c.Tree != nil {
			unit, _ = c.Tree.ByID(ids[0])
		}
	}
	unit = cmp.Or(unit, root)
	l.Home, l.Search = "/", c.searchPath()
	if root != nil {
		l.Root = unitIn(c.Lang, root)
	}
	if unit != nil {
		l.Brand = unit.NameIn(c.Lang)
		l.Home = c.UnitLink(unit, "")
	}
	if l.Work && l.SignedIn {
		l.Nav = make([]Link, 0, len(k.nav))
		for _, n := range k.nav {
			if n.Who.Allows(c.Actor) && (n.Show == nil || n.Show(c)) {
				link := Link{Key: n.Key, Path: n.Path, Current: current(c.path, n.Path)}
				if n.Count != nil {
					link.Count = n.Count(c)
				}
				l.Nav = append(l.Nav, link)
			}
		}
	} else if unit != nil {
		l.Work = l.Work && l.SignedIn
		base := c.UnitPath(unit, "")
		l.Rooms = make([]Link, len(Rooms))
		for i, r := range Rooms {
			p := base + "/" + r
			cur := current(c.path, p)
			if cur == "" && l.Room == r {
				cur = "true"
			}
			p = c.UnitLink(unit, "/"+r)
			l.Rooms[i] = Link{Key: r, Path: p, Current: cur}
		}
	}
	if l.Crumbs == nil && c.Unit != nil && c.Tree != nil {
		l.Crumbs = c.unitCrumbs()
	}
}

func current(path, p string) string {
	switch {
	case path == p:
		return "page"
	case len(path) > len(p) && path[:len(p)] == p && path[len(p)] == '/':
		return "true"
	}
	return ""
}

// unitCrumbs leads from the province down to the page's unit, the unit itself only where the page is below it.
func (c *Context) unitCrumbs() []Crumb {
	above := c.Tree.Above(c.Unit.ID)
	out := make([]Crumb, 0, len(above)+1)
	for _, id := range slices.Backward(above) {
		if u, ok := c.Tree.ByID(id); ok {
			out = append(out, Crumb{Text: u.NameIn(c.Lang), Path: c.UnitLink(u, "")})
		}
	}
	if own := c.UnitPath(c.Unit, ""); own != c.path {
		out = append(out, Crumb{Text: c.Unit.NameIn(c.Lang), Path: c.UnitLink(c.Unit, "")})
	}
	return out
}

// root is the province of the page's unit, or the first one.
func (c *Context) root() *org.Unit {
	if c.Tree == nil {
		return nil
	}
	if c.Unit != nil {
		if top := c.Tree.Top(c.Unit.ID); top != nil {
			return top
		}
	}
	return c.Tree.Root()
}

func (c *Context) searchPath() string {
	if root := c.root(); root != nil {
		return c.UnitPath(root, "/tim")
	}
	return "/tim"
}
