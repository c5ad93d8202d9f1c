// Package auditweb has the pages of the audit log: a unit's history, the public page of the latest checkpoint, the erasure of details by two
// administrators, and the background jobs that were given up.
package auditweb

import (
	"embed"
	"io/fs"
	"net/http"
	"slices"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/web"
)

//go:embed templates/*.gohtml
var templateFiles embed.FS

// The addresses.
const (
	historyPath = "/lam-viec/lich-su"
	csvPath     = "/lam-viec/lich-su/csv"
	logPath     = "/nhat-ky"
	erasePath   = "/lam-viec/nhat-ky/xoa"
	jobsPath    = "/lam-viec/viec-nen"
)

type handlers struct {
	log   *audit.Log
	db    *db.DB
	units *org.Directory
}

// Register hands the pages to the kit.
func Register(k *web.Kit, log *audit.Log, d *db.DB, units *org.Directory) {
	sub, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // embedded
	}
	k.Templates(sub)
	h := &handlers{log: log, db: d, units: units}
	readers := web.Posts(access.Head, access.Focal, access.Admin)
	admins := web.Posts(access.Admin)
	for _, r := range []web.Route{
		{Method: http.MethodGet, Pattern: historyPath, Handler: h.history, Who: readers},
		{Method: http.MethodGet, Pattern: csvPath, Handler: h.historyCSV, Who: readers},
		{Method: http.MethodGet, Pattern: logPath, Handler: h.checkpoint},
		{Method: http.MethodGet, Pattern: erasePath, Handler: h.erasures, Who: admins},
		{Method: http.MethodPost, Pattern: erasePath, Handler: h.ask, Who: admins},
		{Method: http.MethodGet, Pattern: erasePath + "/{id}", Handler: h.erasure, Who: admins},
		{Method: http.MethodPost, Pattern: erasePath + "/{id}", Handler: h.decide, Who: admins},
		{Method: http.MethodGet, Pattern: jobsPath, Handler: h.jobs, Who: admins},
		{Method: http.MethodPost, Pattern: jobsPath, Handler: h.jobAgain, Who: admins},
	} {
		k.Handle(r)
	}
	k.Nav(web.NavItem{Key: "audit.nav.history", Path: historyPath, Who: readers, Order: 85})
	whole := func(c *web.Context) bool { return administrator(c) == nil }
	k.Nav(web.NavItem{Key: "audit.nav.erase", Path: erasePath, Who: admins, Order: 96, Show: whole})
	k.Nav(web.NavItem{Key: "audit.nav.jobs", Path: jobsPath, Who: admins, Order: 97, Show: whole})
}

// administrator is nil for an administrator of the whole tree; to others these pages are not there.
func administrator(c *web.Context) error {
	if c.Tree != nil {
		if root := c.Tree.Root(); root != nil && access.Allowed(c.Actor, access.RedactAudit, c.Tree.Place(root.ID)) {
			return nil
		}
	}
	return errs.E(errs.NotFound, "audit.none")
}

// unit is the unit as it is today or, where it has ended, as it was on its last day.
func (h *handlers) unit(c *web.Context, id string) (*org.Unit, bool) {
	if u, ok := c.Tree.ByID(id); ok {
		return u, true
	}
	return h.units.Unit(id, c.Today)
}

// place is where the unit stands, or stood on its last day.
func (h *handlers) place(c *web.Context, id string) access.Place {
	if u, ok := h.unit(c, id); ok && u.To != civil.None && u.To < c.Today {
		return h.units.On(u.To).Place(id)
	}
	return c.Tree.Place(id)
}

// readable reports whether the actor may read the history of the unit.
func (h *handlers) readable(c *web.Context, id string) bool {
	return access.Allowed(c.Actor, access.ReadHistory, h.place(c, id))
}

// readsDraft reports whether the actor may read what an entry says: an entry about a draft is for who may read or edit the unit's drafts.
func (h *handlers) readsDraft(c *web.Context, l *audit.Line) bool {
	if !l.Draft {
		return true
	}
	pl := h.place(c, l.Unit)
	pl.State = access.Draft
	if access.Allowed(c.Actor, access.ReadRecord, pl) {
		return true
	}
	pl.Issuer = l.Unit
	return l.Kind == "plan" && access.Allowed(c.Actor, access.EditPlan, pl)
}

// sees reports whether the entry is in the history that the actor reads. Of a draft that is not theirs to read an administrator sees that something was
// done, others see nothing.
func (h *handlers) sees(c *web.Context, l *audit.Line) bool {
	if h.readsDraft(c, l) {
		return true
	}
	pl := h.place(c, l.Unit)
	return slices.ContainsFunc(append(pl.Above, pl.Unit), func(unit string) bool { return c.Actor.Holds(unit, access.Admin) })
}

// ownUnits are the units at which the actor holds a post that reads history.
func (h *handlers) ownUnits(c *web.Context) []*org.Unit {
	var out []*org.Unit
	for _, id := range c.Actor.Units() {
		if u, ok := c.Tree.ByID(id); ok && h.readable(c, id) {
			out = append(out, u)
		}
	}
	return out
}

// unitByValue finds a unit by its id or by a code; one that has ended too.
func (h *handlers) unitByValue(c *web.Context, v string) (*org.Unit, bool) {
	if u, ok := h.unit(c, v); ok {
		return u, true
	}
	return h.units.Holder(v, c.Today)
}

// areas are the parts of the program whose actions the history filters by.
var areas = []string{"plan", "unit", "auth", "law", "audit"}

func knownArea(s string) string {
	if slices.Contains(areas, s) {
		return s
	}
	return ""
}
