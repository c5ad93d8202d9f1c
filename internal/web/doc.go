// Package web is the kit under all pages: addresses, templates, forms, errors, kept pages and static files. It knows no room.
//
// # A room's pages
//
//	//go:embed templates/*.gohtml
//	var files embed.FS
//
//	func Register(k *web.Kit, s *law.Service) {
//		sub, _ := fs.Sub(files, "templates")
//		k.Templates(sub)
//		h := handlers{s}
//		k.Handle(web.Route{Method: "GET", Pattern: "/luat/{id}", Handler: h.act, Kept: &web.Kept{Params: []string{"ngay"}}})
//		k.Handle(web.Route{Method: "POST", Pattern: "/lam-viec/luat/{id}", Handler: h.save, Who: web.Staff})
//		k.HandleUnit(web.Route{Method: "GET", Pattern: "/ke-hoach/{plan}", Handler: h.plan})
//		k.Nav(web.NavItem{Key: "law.nav", Path: "/lam-viec/luat", Who: web.Staff, Order: 40})
//	}
//
// A template file defines "title" and "main" and is executed with a View: {{.L}} is the frame, {{.P}} the value given to Render. See funcs for what
// templates can call and templates/_form.gohtml, _parts.gohtml for the partials:
//
//	{{define "title"}}{{t "law.act.title" "name" .P.Name}}{{end}}
//	{{define "main"}}
//	{{template "errors" .P.F}}
//	<h1 class="govuk-heading-l">{{template "title" .}}</h1>
//	<form method="post" action="{{href .L.Path}}" enctype="multipart/form-data" novalidate data-once>
//	{{template "token" .P.F}}
//	{{template "field" (control .P.F "name" "law.act.name" "hint" "law.act.name_hint" "width" "20")}}
//	{{template "textarea" (control .P.F "note" "law.act.note" "rows" 4 "optional" true)}}
//	{{template "dateinput" (control .P.F "due" "law.act.due")}}
//	{{template "radios" (control .P.F "kind" "law.act.kind" "options" (options "a" "law.kind.a" "b" "law.kind.b"))}}
//	{{template "select" (control .P.F "unit" "law.act.unit" "options" .P.Units)}}
//	{{template "file" (control .P.F "scan" "law.act.scan" "accept" "application/pdf")}}
//	{{template "checkbox" (control .P.F "sure" "law.act.sure")}}
//	{{template "submit" "law.act.save"}}
//	</form>
//	{{end}}
//
// Text in the other language (law, plans, names in Vietnamese on an English page) stands in an element with {{inlang "vi"}}:
// <p{{inlang "vi"}}>{{.P.Text}}</p>.
//
// # A form
//
// One handler shows the form, one takes it. Faults of reading (31/2, not a number, a file too large) come first, then the service is asked; both end beside
// the fields:
//
//	func (h handlers) save(c *web.Context) error {
//		f := c.Form()
//		in := law.Input{Name: f.Text("name"), Due: f.Date("due"), Version: f.Int("version")}
//		err := f.Err()
//		if err == nil {
//			err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
//				id, err := h.s.SaveTx(ctx, tx, c.Actor, in)
//				return "/lam-viec/luat/" + id, err
//			})
//		}
//		if err == nil {
//			return nil
//		}
//		if errs.Is(err, errs.Conflict) { // what is stored now appears beside what was typed
//			now := …
//			f.Stored("name", now.Name)
//			f.Put("version", strconv.Itoa(now.Version))
//		}
//		return c.Retry(err, "act_form", formPage{F: f})
//	}
//
// The function given to Post may run twice and does nothing but SQL: files (f.File, attach.Put), hashing and parsing come before it. A log-in and other
// commands that set a cookie use Command or CheckToken and redirect by themselves.
//
// # Errors
//
// A handler returns errs of a kind; this package alone turns the kind into a status and a page. What an actor may not see is errs.NotFound.
//
// # Kept pages
//
// A GET of the public with Kept is kept as bytes. Its handler calls Touches with the tags of what it shows ("unit:ID", "plan:ID", "act:ID", "law",
// "units"), has no form with a token and looks at nothing of the request but the path, the known parameters and the language. Who changes something
// calls Kit.Drop with the tags after the commit.
package web
