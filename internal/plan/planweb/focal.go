package planweb

import (
	"net/http"

	"dinh/internal/web"
)

// focal has the pages of those who follow a plan: the board, pressing and guiding, and the plan's own editing.
type focal struct{ Deps }

func registerFocal(k *web.Kit, d Deps) {
	h := focal{d}
	get := func(pattern string, f web.Handler) {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	get("/lam-viec/ke-hoach/{plan}", h.board)
	get("/lam-viec/ke-hoach/{plan}/tom-tat", h.summary)
	get("/lam-viec/ke-hoach/{plan}/bang.csv", h.boardCSV)
	get("/lam-viec/ke-hoach/{plan}/bang.xlsx", h.boardXLSX)
	h.registerPress(k)
	h.registerPapers(k)
	h.registerEdit(k)
	h.registerRoles(k)
}
