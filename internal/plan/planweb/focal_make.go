package planweb

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// derivePage makes a plan from a template: shown once to choose, and again with every difference before it is stored.
type derivePage struct {
	F         *web.Form
	Templates []web.Option
	Issuers   []web.Option
	Preview   *plan.Preview
}

func (h focal) derivePage(c *web.Context) (*derivePage, error) {
	issuers, err := h.issuers(c)
	if err != nil {
		return nil, err
	}
	out := &derivePage{F: c.Form(), Issuers: issuers}
	unit := issuers[0].Value
	if v := out.F.Text("unit"); v != "" {
		unit = v
	}
	u, ok := c.Tree.ByCode(unit)
	if !ok {
		return out, errs.At("unit", "plan.unknown_issuer", "code", unit)
	}
	list, err := h.Plans.Templates(c.Context(), u.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		id := t.ID
		if id == "" {
			id = "chuong-trinh"
		}
		title := t.TitleVI
		if c.Lang == "en" && t.TitleEN != "" {
			title = t.TitleEN
		}
		out.Templates = append(out.Templates, web.Option{Value: id, Label: t.Number + " – " + title})
	}
	return out, nil
}

func (h focal) deriveForm(c *web.Context) error {
	out, err := h.derivePage(c)
	if err != nil {
		return err
	}
	f := out.F
	f.Prefill("unit", out.Issuers[0].Value)
	f.Prefill("template", out.Templates[0].Value)
	if id := c.Query("mau"); id != "" {
		f.Prefill("template", id)
	}
	f.Prefill("year", strconv.Itoa(c.Today.Year()+1))
	return c.Render("edit_derive", out)
}

func (h focal) derive(c *web.Context) error {
	out, err := h.derivePage(c)
	if out == nil {
		return err
	}
	f := out.F
	o := plan.DeriveOptions{Number: f.Text("number"), Year: f.Int("year"), Signed: f.Date("signed"), Signer: f.Text("signer")}
	if o.Year < 2000 || o.Year > 2100 {
		f.Add("year", "planedit.year")
	}
	if ferr := f.Err(); err == nil {
		err = ferr
	}
	if err == nil {
		o.Unit, err = h.issuerOf(c, f)
	}
	if err == nil {
		tmpl := f.Text("template")
		if tmpl == "chuong-trinh" {
			tmpl = ""
		}
		out.Preview, err = h.Plans.FromTemplate(c.Context(), c.Actor, tmpl, o)
	}
	if err == nil && !f.Bool("sure") {
		return c.Render("edit_derive", out)
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			id, err := h.Plans.DeriveTx(ctx, tx, c.Actor, out.Preview.Plan)
			return "/lam-viec/ke-hoach/" + url.PathEscape(id) + "/sua", err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "edit_derive", out)
}

// importPage takes a plan as a file: the preview comes back with the text, so that nothing is kept between the two steps.
type importPage struct {
	F       *web.Form
	Preview *plan.Preview
	Text    string
}

const maxPlanFile = 1 << 20

func (h focal) importForm(c *web.Context) error {
	if _, err := h.issuers(c); err != nil {
		return err
	}
	return c.Render("edit_import", &importPage{F: c.Form()})
}

func (h focal) importFile(c *web.Context) error {
	f := c.Form()
	out := &importPage{F: f, Text: f.Raw("text")}
	if up := f.File("file"); up != nil {
		b, err := io.ReadAll(io.LimitReader(up.Open(), maxPlanFile+1))
		if err != nil {
			return err
		}
		if len(b) > maxPlanFile {
			f.Add("file", "planedit.file_large")
		}
		out.Text = string(b)
	}
	if strings.TrimSpace(out.Text) == "" {
		f.Add("file", "planedit.no_file")
	}
	err := f.Err()
	if err == nil {
		out.Preview, err = h.Plans.PreviewImport(c.Context(), c.Actor, []byte(out.Text))
	}
	if err == nil && !f.Bool("sure") {
		return c.Render("edit_import", out)
	}
	if err == nil {
		var parsed *plan.Parsed
		if parsed, err = h.Plans.Parse([]byte(out.Text)); err == nil {
			v := 0
			if out.Preview.Exists != nil {
				v = out.Preview.Exists.Version
			}
			err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
				id, err := h.Plans.ImportTx(ctx, tx, c.Actor, plan.Import{Parsed: parsed, Replace: out.Preview.Exists != nil, Version: v})
				return "/lam-viec/ke-hoach/" + url.PathEscape(id) + "/sua", err
			})
		}
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "edit_import", out)
}

func (h focal) registerRoles(k *web.Kit) {
	handle := func(method, pattern string, f web.Handler) {
		k.Handle(web.Route{Method: method, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	handle(http.MethodGet, "/lam-viec/vai-tro", h.roles)
	handle(http.MethodPost, "/lam-viec/vai-tro", h.role)
	handle(http.MethodGet, "/lam-viec/ban-chi-dao", h.committee)
	handle(http.MethodPost, "/lam-viec/ban-chi-dao", h.member)
}

// rolesPage lists which unit holds which role when.
type rolesPage struct {
	F     *web.Form
	Lines []roleLine
	Roles []web.Option
	Units []web.Option
	Edit  string
	May   bool // the reader may change them: has the form
}

type roleLine struct {
	plan.Role
	Word, Name string
	Recalled   bool
	Now        bool
}

func (h focal) rolesPage(c *web.Context) (*rolesPage, string, error) {
	root := c.Tree.Root()
	if ids := c.Actor.Units(); len(ids) > 0 {
		if p := c.Tree.Top(ids[0]); p != nil {
			root = p
		}
	}
	if root == nil {
		return nil, "", errs.E(errs.NotFound, "plan.none")
	}
	list, err := h.Plans.Roles(c.Context(), root.ID)
	if err != nil {
		return nil, "", err
	}
	out := &rolesPage{F: c.Form(), Roles: options(c, plan.RoleNames, "planedit.role", false), May: h.Plans.MayRole(c.Actor, root.ID)}
	for _, r := range list {
		l := roleLine{Role: r, Word: c.P.T("planedit.role." + r.Role), Recalled: r.Source == plan.SourceRecalled, Now: r.Has(c.Today)}
		if u, ok := h.Units.Unit(r.Unit, max(c.Today, r.From)); ok {
			l.Name = u.NameIn(c.Lang)
		}
		out.Lines = append(out.Lines, l)
	}
	for _, u := range c.Tree.Children(root.ID) {
		if !org.Administrative(u.Kind) {
			out.Units = append(out.Units, web.Option{Value: u.Code, Label: u.NameIn(c.Lang)})
		}
	}
	return out, root.ID, nil
}

func (h focal) roles(c *web.Context) error {
	out, _, err := h.rolesPage(c)
	if err != nil {
		return err
	}
	if id := c.Query("sua"); id != "" && out.May {
		for _, l := range out.Lines {
			if l.ID != id {
				continue
			}
			out.Edit = id
			out.F.Prefill("id", l.ID)
			out.F.Prefill("version", strconv.Itoa(l.Version))
			out.F.Prefill("role", l.Role.Role)
			if u, ok := h.Units.Unit(l.Unit, max(c.Today, l.From)); ok {
				out.F.Prefill("unit", u.Code)
			}
			out.F.PrefillDate("from", l.From)
			out.F.PrefillDate("to", l.To)
			out.F.Prefill("source", l.Source)
		}
	}
	return c.Render("edit_roles", out)
}

func (h focal) role(c *web.Context) error {
	out, province, err := h.rolesPage(c)
	if err != nil {
		return err
	}
	if !out.May {
		return errs.E(errs.Forbidden, "plan.forbidden.roles")
	}
	f := out.F
	in := plan.Role{ID: f.Text("id"), Province: province, Role: f.Text("role"), Source: f.Text("source"), Version: f.Int("version")}
	in.From, in.To = f.Date("from"), f.Date("to")
	if u, ok := h.Units.Holder(f.Text("unit"), c.Today); ok {
		in.Unit = u.ID
	}
	out.Edit = in.ID
	if err = f.Err(); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return "/lam-viec/vai-tro", h.Plans.RoleTx(ctx, tx, c.Actor, in)
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "edit_roles", out)
}

// committeePage lists the members of a unit's steering committee with what is in their charge.
type committeePage struct {
	F      *web.Form
	Unit   *org.Unit
	Lines  []memberLine
	Units  []web.Option
	Groups []web.Option
	Edit   string
	May    bool // the reader may change it: has the form
}

type memberLine struct {
	plan.Member
	Charge []string
	Now    bool
}

func (h focal) committeePage(c *web.Context) (*committeePage, error) {
	root := c.Tree.Root()
	if ids := c.Actor.Units(); len(ids) > 0 {
		if p := c.Tree.Top(ids[0]); p != nil {
			root = p
		}
	}
	if code := c.Query("don-vi"); code != "" {
		if u, ok := c.Tree.ByCode(code); ok {
			root = u
		}
	}
	if root == nil {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	list, err := h.Plans.Members(c.Context(), root.ID)
	if err != nil {
		return nil, err
	}
	out := &committeePage{F: c.Form(), Unit: root}
	if out.May, err = h.Plans.MayEdit(c.Context(), c.Actor, root.ID); err != nil {
		return nil, err
	}
	groups := map[string]string{}
	for _, u := range c.Tree.Children(root.ID) {
		out.Units = append(out.Units, web.Option{Value: u.ID, Label: u.NameIn(c.Lang)})
		if u.Kind == org.District {
			groups["unit-"+u.Code] = u.NameIn(c.Lang)
			out.Groups = append(out.Groups, web.Option{Value: "unit-" + u.Code, Label: u.NameIn(c.Lang)})
		}
	}
	for _, k := range []string{"issuer", "agencies", "service_units", "enterprises"} {
		groups[k] = c.P.T("plan.group." + k)
		out.Groups = append(out.Groups, web.Option{Value: k, Label: groups[k]})
	}
	for _, m := range list {
		l := memberLine{Member: m, Now: m.Has(c.Today)}
		for _, g := range m.Groups {
			l.Charge = append(l.Charge, groups[g])
		}
		for _, id := range m.Units {
			if u, ok := h.Units.Unit(id, c.Today); ok {
				l.Charge = append(l.Charge, u.NameIn(c.Lang))
			}
		}
		out.Lines = append(out.Lines, l)
	}
	return out, nil
}

func (h focal) committee(c *web.Context) error {
	out, err := h.committeePage(c)
	if err != nil {
		return err
	}
	if id := c.Query("sua"); id != "" && out.May {
		for _, l := range out.Lines {
			if l.ID != id {
				continue
			}
			out.Edit = id
			out.F.Prefill("id", l.ID)
			out.F.Prefill("version", strconv.Itoa(l.Version))
			out.F.Prefill("name", l.Name)
			out.F.Prefill("position", l.Position)
			out.F.PrefillDate("from", l.From)
			out.F.PrefillDate("to", l.To)
			out.F.PrefillAll("groups", l.Groups)
			out.F.PrefillAll("units", l.Units)
		}
	}
	return c.Render("edit_committee", out)
}

func (h focal) member(c *web.Context) error {
	out, err := h.committeePage(c)
	if err != nil {
		return err
	}
	if !out.May {
		return errs.E(errs.Forbidden, "plan.forbidden.edit")
	}
	f := out.F
	in := plan.Member{
		ID: f.Text("id"), Unit: out.Unit.ID, Name: f.Text("name"), Position: f.Text("position"), Version: f.Int("version"), Groups: f.Texts("groups"), Units: f.Texts("units"),
	}
	in.From, in.To = f.Date("from"), f.Date("to")
	out.Edit = in.ID
	if err = f.Err(); err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			_, err := h.Plans.MemberTx(ctx, tx, c.Actor, in)
			return "/lam-viec/ban-chi-dao?don-vi=" + url.QueryEscape(out.Unit.Code), err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "edit_committee", out)
}
