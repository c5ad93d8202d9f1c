package planweb

import (
	"net/http"

	"dinh/internal/errs"
	"dinh/internal/web"
)

// officer has the pages of those who do a unit's work: the work list, an assignment with its forms, the unit's own plan, notices; and what the public
// sees of a plan.
type officer struct{ Deps }

func registerOfficer(k *web.Kit, d Deps) {
	h := officer{d}
	get := func(pattern string, f web.Handler) {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	form := func(pattern string, show, take web.Handler) {
		get(pattern, show)
		k.Handle(web.Route{Method: http.MethodPost, Pattern: pattern, Handler: take, Who: web.Staff})
	}
	post := func(pattern string, f web.Handler) {
		k.Handle(web.Route{Method: http.MethodPost, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	get("/lam-viec", func(c *web.Context) error { return c.Redirect(homePath) })
	get(homePath, h.workList)
	post(homePath+"/tiep-nhan", h.receiveAll)
	get("/lam-viec/viec/{assignment}", h.assignment)
	for _, a := range acts {
		form("/lam-viec/viec/{assignment}/"+a.slug, h.show(a), h.take(a))
	}
	k.Handle(web.Route{Method: http.MethodGet, Pattern: "/lam-viec/tep/{file}", Handler: h.file, Who: web.Public})
	get("/lam-viec/xin-y-kien", h.claims)
	get(endedPath, h.ended)
	form(endedPath+"/giai-quyet", h.settleForm, h.settle)
	registerOwn(k, h)
	registerPublic(k, h)
	get("/lam-viec/thong-bao", h.notices)
	post("/lam-viec/thong-bao/da-doc", h.noticesRead)
	form("/lam-viec/thong-bao/cai-dat", h.noticeSettings, h.saveNoticeSettings)
	post("/lam-viec/lich/tao", h.makeCalendar)
	post("/lam-viec/lich/huy", h.dropCalendar)
	// The token in the address is the key: calendar programs cannot log in.
	k.Handle(web.Route{Method: http.MethodGet, Pattern: "/lam-viec/lich.ics", Handler: h.calendar, Who: web.Public})

	k.Nav(web.NavItem{Key: "planweb.nav.work", Path: homePath, Who: web.Staff, Order: 10})
	k.Nav(web.NavItem{Key: "planweb.nav.notices", Path: "/lam-viec/thong-bao", Who: web.Staff, Order: 90, Count: h.unread})
}

// errNone is the answer for what is not there and for what the reader may not see.
func errNone() error { return errs.E(errs.NotFound, "web.error.not_found") }
