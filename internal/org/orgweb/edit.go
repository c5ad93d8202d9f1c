package orgweb

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// formPage is the form for a new unit and for a change of one.
type formPage struct {
	F        *web.Form
	Unit     *org.Unit // nil for a new one
	Kinds    []web.Option
	Parents  []web.Option
	Managers []web.Option
	Flags    []web.Option
}

func (h *pages) form(c *web.Context, u *org.Unit) formPage {
	p := formPage{F: c.Form(), Unit: u, Kinds: kindOptions(c, false)}
	p.Parents, p.Managers = parentOptions(c), managerOptions(c)
	for _, f := range h.Service.Flags() {
		p.Flags = append(p.Flags, web.Option{Value: f, Label: c.P.Say(flagMsg(f))})
	}
	return p
}

func unitOption(c *web.Context, u *org.Unit) web.Option {
	return web.Option{Value: u.ID, Label: u.NameIn(c.Lang) + " (" + u.Code + ")", Lang: nameLang(u)}
}

// parentOptions are the units under which another may stand, the territory first.
func parentOptions(c *web.Context) []web.Option {
	out := []web.Option{{Label: c.P.T("org.edit.choose")}}
	for _, kind := range []string{org.Province, org.District, org.Commune, org.Agency} {
		for _, u := range reach(c) {
			if u.Kind == kind {
				out = append(out, unitOption(c, u))
			}
		}
	}
	return out
}

func managerOptions(c *web.Context) []web.Option {
	out := []web.Option{{Label: c.P.T("org.edit.no_manager")}}
	for _, u := range reach(c) {
		if !org.Administrative(u.Kind) && u.Kind != org.ServiceUnit && u.Kind != org.Enterprise || u.Kind == org.District || u.Kind == org.Province {
			out = append(out, unitOption(c, u))
		}
	}
	return out
}

// size reads a number of people; an empty field is not known.
func size(f *web.Form, name string) int {
	if f.Text(name) == "" {
		return org.Unknown
	}
	n := f.Int(name)
	if n < 0 {
		f.Add(name, "org.form.size")
	}
	return n
}

func (h *pages) addForm(c *web.Context) error {
	if len(roots(c)) == 0 {
		return errs.E(errs.Forbidden, "org.error.forbidden")
	}
	f := c.Form()
	f.PrefillDate("day", c.Today)
	f.Prefill("kind", org.Agency)
	f.Prefill("parent", roots(c)[0].ID)
	return c.Render("org_form", h.form(c, nil))
}

func draft(f *web.Form) org.Draft {
	return org.Draft{
		Kind: f.Text("kind"), Code: f.Text("code"), Name: f.Text("name"), NameEN: f.Text("name_en"), Slug: f.Text("slug"), ParentID: f.Text("parent"),
		ManagerID: f.Text("manager"), Flags: f.Texts("flags"), Staff: size(f, "staff"), Workers: size(f, "workers"),
	}
}

func (h *pages) add(c *web.Context) error {
	f := c.Form()
	d, day, act := draft(f), f.Date("day"), f.Text("act")
	err := f.Err()
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			id, err := h.Service.AddTx(ctx, tx, c.Actor, d, day, act)
			return workPath + "/" + id + "?xong=them", err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "org_form", h.form(c, nil))
}

func (h *pages) editForm(c *web.Context) error {
	u, err := h.known(c)
	if err != nil {
		return err
	}
	f := c.Form()
	f.PrefillDate("day", c.Today)
	fill(f, u)
	return c.Render("org_form", h.form(c, u))
}

func fill(f *web.Form, u *org.Unit) {
	for name, v := range stored(u) {
		f.Prefill(name, v)
	}
	f.PrefillAll("flags", u.Flags)
	f.Prefill("version", strconv.Itoa(u.Version))
}

// stored is the unit as the form's fields show it.
func stored(u *org.Unit) map[string]string {
	out := map[string]string{"code": u.Code, "name": u.Name, "name_en": u.NameEN, "slug": u.Slug, "parent": u.ParentID, "manager": u.ManagerID, "staff": "", "workers": ""}
	if u.Staff != org.Unknown {
		out["staff"] = strconv.Itoa(u.Staff)
	}
	if u.Workers != org.Unknown {
		out["workers"] = strconv.Itoa(u.Workers)
	}
	return out
}

func (h *pages) edit(c *web.Context) error {
	u, err := h.known(c)
	if err != nil {
		return err
	}
	f := c.Form()
	d, day, act := draft(f), f.Date("day"), f.Text("act")
	if day == civil.None && f.Err() == nil {
		f.Add("day", "org.form.day")
	}
	err = f.Err()
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			p := changed(u, d)
			ref := org.Ref{ID: u.ID, Version: f.Int("version")}
			return workPath + "/" + u.ID + "?xong=sua", h.Service.ChangeTx(ctx, tx, c.Actor, ref, day, p, act)
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		for name, v := range stored(u) {
			f.Stored(name, v)
		}
		f.Put("version", strconv.Itoa(u.Version))
	}
	return c.Retry(err, "org_form", h.form(c, u))
}

// changed is what the form says otherwise than the unit it was filled from. A new name without a new address makes one.
func changed(u *org.Unit, d org.Draft) org.Patch {
	var p org.Patch
	text := func(old, now string) *string {
		if old == now {
			return nil
		}
		return &now
	}
	p.Code, p.Name, p.NameEN = text(u.Code, d.Code), text(u.Name, d.Name), text(u.NameEN, d.NameEN)
	p.ParentID, p.ManagerID = text(u.ParentID, d.ParentID), text(u.ManagerID, d.ManagerID)
	p.Slug = text(u.Slug, d.Slug)
	if flags := slices.Sorted(slices.Values(d.Flags)); !slices.Equal(flags, u.Flags) {
		p.Flags = &flags
	}
	if d.Staff != u.Staff {
		p.Staff = &d.Staff
	}
	if d.Workers != u.Workers {
		p.Workers = &d.Workers
	}
	return p
}

type endPage struct {
	F    *web.Form
	Unit *org.Unit
}

func (h *pages) endForm(c *web.Context) error {
	u, err := h.known(c)
	if err != nil {
		return err
	}
	c.Form().Prefill("version", strconv.Itoa(u.Version))
	return c.Render("org_end", endPage{c.Form(), u})
}

func (h *pages) end(c *web.Context) error {
	u, err := h.known(c)
	if err != nil {
		return err
	}
	f := c.Form()
	day, act := f.Date("day"), f.Text("act")
	if day == civil.None && f.Err() == nil {
		f.Add("day", "org.form.day")
	}
	err = f.Err()
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return workPath + "/" + u.ID + "?xong=ket-thuc", h.Service.EndTx(ctx, tx, c.Actor, org.Ref{ID: u.ID, Version: f.Int("version")}, day, act)
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		f.Put("version", strconv.Itoa(u.Version))
	}
	return c.Retry(fit(err, map[string]string{"parent": ""}), "org_end", endPage{f, u})
}

type mergePage struct {
	F       *web.Form
	Kind    string
	Parent  string
	Kinds   []web.Option
	Under   []web.Option // where the units to choose from stand
	Units   []web.Option
	Parents []web.Option // of the new unit
	Known   bool         // what to choose from is chosen
}

// mergePage offers the units of a kind below a unit.
func (h *pages) mergePage(c *web.Context) mergePage {
	f := c.Form()
	p := mergePage{F: f, Kind: f.Text("kind"), Parent: f.Text("under"), Parents: parentOptions(c)}
	for _, k := range org.Kinds {
		if k != org.Province {
			p.Kinds = append(p.Kinds, web.Option{Value: k, Label: c.P.T("org.kinds." + k)})
		}
	}
	p.Under = parentOptions(c)[1:]
	p.Known = slices.Contains(org.Kinds, p.Kind) && p.Parent != ""
	if p.Known {
		for _, u := range reach(c) {
			if u.Kind == p.Kind && c.Tree.Under(u.ID, p.Parent) {
				p.Units = append(p.Units, web.Option{Value: u.ID + "." + strconv.Itoa(u.Version), Label: u.NameIn(c.Lang) + " (" + u.Code + ")", Lang: nameLang(u)})
			}
		}
	}
	return p
}

func (h *pages) mergeForm(c *web.Context) error {
	if len(roots(c)) == 0 {
		return errs.E(errs.Forbidden, "org.error.forbidden")
	}
	c.Form().Prefill("parent", c.Form().Text("under"))
	return c.Render("org_merge", h.mergePage(c))
}

// refs reads values "id.version".
func refs(values []string) []org.Ref {
	var out []org.Ref
	for _, v := range values {
		for i := len(v) - 1; i > 0; i-- {
			if v[i] == '.' {
				n, _ := strconv.Atoi(v[i+1:])
				out = append(out, org.Ref{ID: v[:i], Version: n})
				break
			}
		}
	}
	return out
}

func (h *pages) merge(c *web.Context) error {
	f := c.Form()
	d := draft(f)
	m := org.Merge{Old: refs(f.Texts("old")), New: d, Day: f.Date("day"), Act: f.Text("act")}
	err := f.Err()
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			id, err := h.Service.MergeTx(ctx, tx, c.Actor, m)
			return workPath + "/" + id + "?xong=sap-nhap", err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(fit(err, map[string]string{"slug": "name"}), "org_merge", h.mergePage(c))
}

// fit gives the faults of a command the names of the form's fields, by the names that the service uses; "" is a fault of the whole.
func fit(err error, names map[string]string) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return err
	}
	out := *e
	out.Fields = slices.Clone(e.Fields)
	for i, f := range out.Fields {
		if n, ok := names[f.Name]; ok {
			out.Fields[i].Name = n
		}
	}
	return &out
}

// splitInto is into how many units the form can split one.
const splitInto = 4

type splitPage struct {
	F       *web.Form
	Unit    *org.Unit
	New     []int
	Parents []web.Option
	Below   []splitRow
	Places  []web.Option
}

type splitRow struct {
	Field string
	Unit  *org.Unit
	Label string
}

func (h *pages) splitPage(c *web.Context, u *org.Unit) splitPage {
	p := splitPage{F: c.Form(), Unit: u, Parents: parentOptions(c), Places: []web.Option{{Label: c.P.T("org.edit.choose")}}}
	for i := 1; i <= splitInto; i++ {
		p.New = append(p.New, i)
		p.Places = append(p.Places, web.Option{Value: strconv.Itoa(i), Label: c.P.T("org.split.new", "no", i)})
	}
	for _, x := range c.Tree.Children(u.ID) {
		p.Below = append(p.Below, splitRow{Field: "below-" + x.ID, Unit: x, Label: x.NameIn(c.Lang) + " (" + x.Code + ")"})
	}
	return p
}

func (h *pages) splitForm(c *web.Context) error {
	u, err := h.known(c)
	if err != nil {
		return err
	}
	f := c.Form()
	f.Prefill("version", strconv.Itoa(u.Version))
	f.Prefill("new1-code", u.Code)
	f.Prefill("new1-name", u.Name)
	return c.Render("org_split", h.splitPage(c, u))
}

func (h *pages) split(c *web.Context) error {
	u, err := h.known(c)
	if err != nil {
		return err
	}
	f := c.Form()
	s := org.Split{Old: org.Ref{ID: u.ID, Version: f.Int("version")}, Day: f.Date("day"), Act: f.Text("act"), Below: map[string]int{}}
	place := map[int]int{}
	for i := 1; i <= splitInto; i++ {
		at := "new" + strconv.Itoa(i)
		if f.Text(at+"-name") == "" && f.Text(at+"-code") == "" {
			continue
		}
		place[i] = len(s.New)
		s.New = append(s.New, org.Draft{Kind: u.Kind, Code: f.Text(at + "-code"), Name: f.Text(at + "-name"), ParentID: u.ParentID, Staff: org.Unknown, Workers: org.Unknown})
	}
	for _, x := range c.Tree.Children(u.ID) {
		if n, ok := place[f.Int("below-"+x.ID)]; ok {
			s.Below[x.ID] = n
		}
	}
	err = f.Err()
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			_, err := h.Service.SplitTx(ctx, tx, c.Actor, s)
			return workPath + "/" + u.ID + "?xong=chia", err
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		f.Put("version", strconv.Itoa(u.Version))
	}
	return c.Retry(fit(err, map[string]string{"code": "", "parent": "", "slug": ""}), "org_split", h.splitPage(c, u))
}

// communes are the communes whose villages the actor may keep by a post there.
func communes(c *web.Context) []*org.Unit {
	var out []*org.Unit
	if c.Tree == nil {
		return nil
	}
	for _, id := range c.Actor.Units() {
		if u, ok := c.Tree.ByID(id); ok && u.Kind == org.Commune && access.Allowed(c.Actor, access.EditVillages, c.Tree.Place(id)) {
			out = append(out, u)
		}
	}
	return out
}

type villagesPage struct {
	F       *web.Form
	Commune *org.Unit // nil: none chosen yet
	Path    string
	Choose  []nameLink
	Rows    []nameLink
	Done    i18n.Msg
	Form    string
}

func (h *pages) commune(c *web.Context) (*org.Unit, []*org.Unit, error) {
	mine := communes(c)
	if id := c.Query("xa"); id != "" {
		u, ok := c.Tree.ByID(id)
		if !ok || u.Kind != org.Commune || !access.Allowed(c.Actor, access.EditVillages, c.Tree.Place(id)) {
			return nil, nil, errs.E(errs.NotFound, "org.error.no_unit")
		}
		return u, mine, nil
	}
	if len(mine) == 1 {
		return mine[0], mine, nil
	}
	if len(mine) == 0 {
		for _, u := range reach(c) {
			if u.Kind == org.Commune {
				mine = append(mine, u)
			}
		}
	}
	if len(mine) == 0 {
		return nil, nil, errs.E(errs.Forbidden, "org.error.forbidden_villages")
	}
	return nil, mine, nil
}

func (h *pages) villagesPage(c *web.Context) (villagesPage, error) {
	u, mine, err := h.commune(c)
	p := villagesPage{F: c.Form(), Commune: u, Done: done(c)}
	if err != nil {
		return p, err
	}
	if u == nil {
		for _, x := range mine {
			p.Choose = append(p.Choose, nameLink{x, villagePath + "?xa=" + x.ID})
		}
		return p, nil
	}
	p.Path, p.Form = h.dir.Link(u, c.Today), villagePath+"?xa="+u.ID
	for _, x := range c.Tree.Children(u.ID) {
		if x.Kind == org.Village {
			p.Rows = append(p.Rows, nameLink{x, villagePath + "/" + x.ID})
		}
	}
	return p, nil
}

func (h *pages) villages(c *web.Context) error {
	p, err := h.villagesPage(c)
	if err != nil {
		return err
	}
	p.F.PrefillDate("day", c.Today)
	return c.Render("org_villages", p)
}
