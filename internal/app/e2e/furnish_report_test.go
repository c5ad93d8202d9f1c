package e2e

import (
	"path"
	"strings"
	"testing"

	"dinh/internal/web"
)

// reporting is what the addresses of the room report name: a period, and the form that it takes. "none" where the demonstration has none.
type reporting struct{ period, form string }

func (f *furnished) reporting(t *testing.T) reporting {
	t.Helper()
	below := func(at, prefix string) string {
		for _, h := range hrefs(f.as(t, "snv").Get(at), prefix) {
			id, _, _ := strings.Cut(strings.TrimPrefix(h, prefix), "?")
			if id != "" && !strings.Contains(id, "/") && id != "moi" && id != "them" && id != "lap" {
				return path.Base(id)
			}
		}
		return "none"
	}
	return reporting{period: below("/lam-viec/bao-cao/ky", "/lam-viec/bao-cao/ky/"), form: below("/lam-viec/bao-cao/bieu-mau", "/lam-viec/bao-cao/bieu-mau/")}
}

// address is the route's pattern with sensible values.
func (r reporting) address(pattern string) string {
	return strings.NewReplacer("{year}", "2021", "{period}", "6-thang", "ky/{id}", "ky/"+r.period, "chot/{id}", "chot/none", "{form}", r.form, "{n}", "1", "{code}", "II.1", "{file}", "none").Replace(pattern)
}

func reportRoom(r *web.Route) bool { return strings.Contains(handlerName(r), "/reportweb.") }
