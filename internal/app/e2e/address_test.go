package e2e

import (
	"slices"
	"strings"
	"testing"

	"dinh/internal/org"
	"dinh/internal/web"
)

// The commune of the tour, the province and a department, as addresses.
const (
	commune    = "/dien-bien/xa-thanh-nua"
	province   = "/dien-bien"
	department = "/dien-bien/so-y-te"
)

// addresses are sensible values for every route that has wildcards: pattern → addresses. A new route with wildcards must get its own here.
func (f *furnished) addresses() map[string][]string {
	work := "/lam-viec/viec/"
	out := map[string][]string{
		"/tro-giup/{page}":             {"/tro-giup/can-bo"},
		"/luat/{act}":                  {"/luat/" + f.Law().Acts[0].ID},
		"/luat/nghia-vu/{duty}":        {"/luat/nghia-vu/" + f.Law().All()[0].ID},
		"/moi/{code}":                  {"/moi/" + f.code},
		"/lam-viec/phai-cong-khai":     {"/lam-viec/phai-cong-khai", "/lam-viec/phai-cong-khai?don-vi=CLQD"},
		"/{year}":                      {"/2021"},
		"/ke-hoach/{plan}":             {"/ke-hoach/" + planID, "/ke-hoach/" + f.draft},
		"/ke-hoach/{plan}/viec/{task}": {"/ke-hoach/" + planID + "/viec/1.2"},
		"/ke-hoach/{plan}/ban-ky":      {"/ke-hoach/" + planID + "/ban-ky"},
		"/lam-viec/tep/{file}":         {"/lam-viec/tep/" + f.file[kDraftFile], "/lam-viec/tep/" + f.file[kSentFile]},

		"/lam-viec/nhan-su/giay-moi/{id}":                {"/lam-viec/nhan-su/giay-moi/" + f.invite},
		"/lam-viec/nhan-su/nguoi/{id}":                   {"/lam-viec/nhan-su/nguoi/" + f.accs["thanhnua"]},
		"/lam-viec/nhan-su/nguoi/{id}/sua":               {"/lam-viec/nhan-su/nguoi/" + f.accs["thanhnua"] + "/sua"},
		"/lam-viec/nhan-su/nguoi/{id}/moi":               {"/lam-viec/nhan-su/nguoi/" + f.accs["thanhnua"] + "/moi"},
		"/lam-viec/nhan-su/nguoi/{id}/khoa":              {"/lam-viec/nhan-su/nguoi/" + f.accs["thanhnua"] + "/khoa"},
		"/lam-viec/nhan-su/nguoi/{id}/nhiem-vu":          {"/lam-viec/nhan-su/nguoi/" + f.accs["thanhnua"] + "/nhiem-vu"},
		"/lam-viec/nhan-su/nguoi/{id}/ban-giao":          {"/lam-viec/nhan-su/nguoi/" + f.accs["thanhnua"] + "/ban-giao"},
		"/lam-viec/nhan-su/nhiem-vu/{id}/ket-thuc":       {"/lam-viec/nhan-su/nhiem-vu/" + f.post + "/ket-thuc"},
		"/lam-viec/nhan-su/ban-giao/{id}":                {"/lam-viec/nhan-su/ban-giao/" + f.handed},
		"/lam-viec/nhap-don-vi/{file}":                   {"/lam-viec/nhap-don-vi/" + f.upload},
		"/lam-viec/don-vi/{id}":                          {"/lam-viec/don-vi/" + f.unit},
		"/lam-viec/don-vi/{id}/sua":                      {"/lam-viec/don-vi/" + f.unit + "/sua"},
		"/lam-viec/don-vi/{id}/ket-thuc":                 {"/lam-viec/don-vi/" + f.unit + "/ket-thuc"},
		"/lam-viec/don-vi/{id}/chia":                     {"/lam-viec/don-vi/" + f.unit + "/chia"},
		"/lam-viec/thon-ban/{id}":                        {"/lam-viec/thon-ban/" + f.village},
		"/lam-viec/nhat-ky/xoa/{id}":                     {"/lam-viec/nhat-ky/xoa/" + f.erasure},
		"/lam-viec/ke-hoach-rieng/{plan}":                {"/lam-viec/ke-hoach-rieng/" + f.own},
		"/lam-viec/ke-hoach-rieng/{plan}/viec/{task}":    {"/lam-viec/ke-hoach-rieng/" + f.own + "/viec/1.3"},
		"/lam-viec/ke-hoach-rieng/{plan}/viec-moi":       {"/lam-viec/ke-hoach-rieng/" + f.own + "/viec-moi"},
		"/lam-viec/ke-hoach-rieng/{plan}/thong-tin":      {"/lam-viec/ke-hoach-rieng/" + f.own + "/thong-tin"},
		"/lam-viec/ke-hoach-rieng/{plan}/sua-doi/{task}": {"/lam-viec/ke-hoach-rieng/" + f.own + "/sua-doi/1.3"},
		"/lam-viec/nhan-su/don-vi-da-ket-thuc/{id}":      {"/lam-viec/nhan-su/don-vi-da-ket-thuc/" + f.unit},
		"/lam-viec/nhan-su/bien-ban-chuyen/{id}":         {"/lam-viec/nhan-su/bien-ban-chuyen/none"},
		"/lam-viec/ke-hoach-rieng/{plan}/bo":             {"/lam-viec/ke-hoach-rieng/" + f.own + "/bo"},
		"/lam-viec/ke-hoach-rieng/{plan}/lay-lai":        {"/lam-viec/ke-hoach-rieng/" + f.own + "/lay-lai"},
		"/lam-viec/ke-hoach-rieng/{plan}/ban-hanh":       {"/lam-viec/ke-hoach-rieng/" + f.own + "/ban-hanh"},
		"/lam-viec/ke-hoach-rieng/{plan}/xoa":            {"/lam-viec/ke-hoach-rieng/" + f.own + "/xoa"},
		"/lam-viec/ke-hoach-cap-duoi/{plan}":             {"/lam-viec/ke-hoach-cap-duoi/" + planID},
		"/lam-viec/ke-hoach-cap-duoi/{plan}/{unit}":      {"/lam-viec/ke-hoach-cap-duoi/" + planID + "/03322"},
		"/lam-viec/ke-hoach/{plan}/van-ban/{id}":         {"/lam-viec/ke-hoach/" + planID + "/van-ban/" + f.nudge},
		"/lam-viec/ke-hoach/{plan}/don-vi/{code}":        {"/lam-viec/ke-hoach/" + planID + "/don-vi/03322"},
	}
	for _, r := range f.kit.Routes() {
		p := r.Pattern
		switch {
		case out[p] != nil:
		case reportRoom(r):
			out[p] = []string{f.report.address(p)}
		case room(r):
			for _, x := range []*told{f.know, f.staff} {
				if at, ok := x.address(p); ok && !slices.Contains(out[p], at) {
					out[p] = append(out[p], at)
				}
			}
			if strings.HasPrefix(p, "/lam-viec/anh/") {
				out[p] = append(out[p], "/lam-viec/anh/"+f.know.photo+"/goc", "/lam-viec/anh/"+f.staff.photo+"/goc")
			}
			if strings.HasPrefix(p, "/lam-viec/niem-yet/{item}") {
				out[p] = append(out[p], strings.ReplaceAll(out[p][0], f.know.item, f.draftOf))
			}
		case strings.HasPrefix(p, "/lam-viec/viec/{assignment}"):
			rest := strings.TrimPrefix(p, "/lam-viec/viec/{assignment}")
			out[p] = []string{
				work + f.at["draft"] + rest, work + f.at["returned"] + rest + "?lan=" + f.occ["returned"], work + f.at["draft"] + rest + "?lan=" + f.occ["draft"] + "&kq=" + f.ev["draft"],
				work + f.at["claimed"] + rest,
			}
		case strings.HasPrefix(p, "/lam-viec/ke-hoach/{plan}"):
			rest := strings.TrimPrefix(p, "/lam-viec/ke-hoach/{plan}")
			out[p] = []string{"/lam-viec/ke-hoach/" + planID + rest, "/lam-viec/ke-hoach/" + f.draft + rest}
		}
	}
	return out
}

// of are the addresses of a route.
func (f *furnished) of(t *testing.T, all map[string][]string, r *web.Route) []string {
	t.Helper()
	paths := all[r.Pattern]
	if len(paths) == 0 {
		if strings.Contains(r.Pattern, "{") {
			t.Errorf("%s %s: no sensible values; add them to addresses", r.Method, r.Pattern)
			return nil
		}
		paths = []string{r.Pattern}
	}
	if !r.Unit() {
		return paths
	}
	at := []string{commune, province, department}
	if room(r) && strings.Contains(r.Pattern, "{") {
		at[1] = school
	}
	switch {
	case slices.Contains(r.Kinds, org.Province):
		at = []string{province}
	case len(r.Kinds) > 0:
		at = []string{commune, department}
	}
	var out []string
	for _, u := range at {
		for _, p := range paths {
			out = append(out, strings.TrimSuffix(u+p, "/"))
		}
	}
	return out
}
