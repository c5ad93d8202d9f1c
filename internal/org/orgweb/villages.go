package orgweb

import (
	"context"
	"strconv"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/web"
)

func (h *pages) addVillages(c *web.Context) error {
	p, err := h.villagesPage(c)
	if err != nil {
		return err
	}
	if p.Commune == nil {
		return errs.E(errs.NotFound, "org.error.no_unit")
	}
	f := c.Form()
	day := f.Date("day")
	if day == civil.None && f.Err() == nil {
		f.Add("day", "org.form.day")
	}
	var list []org.VillageDraft
	for line := range strings.SplitSeq(f.Lines("villages"), "\n") { // "Bản Mển", or with a code of one's own "Bản Mển; 03322-07"
		name, code, _ := strings.Cut(line, ";")
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, org.VillageDraft{Name: name, Code: strings.TrimSpace(code)})
		}
	}
	err = f.Err()
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			_, err := h.Service.AddVillagesTx(ctx, tx, c.Actor, p.Commune.ID, list, day)
			return villagePath + "?xa=" + p.Commune.ID + "&xong=thon-ban", err
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(fit(err, map[string]string{"code": "villages", "parent": "day", "slug": "villages"}), "org_villages", p)
}

type villagePage struct {
	F       *web.Form
	Unit    *org.Unit
	Path    string
	Commune *org.Unit
	Back    string
}

func (h *pages) knownVillage(c *web.Context) (villagePage, error) {
	p := villagePage{F: c.Form()}
	u, ok := c.Tree.ByID(c.Value("id"))
	if !ok || u.Kind != org.Village || !access.Allowed(c.Actor, access.EditVillages, c.Tree.Place(u.ID)) {
		return p, errs.E(errs.NotFound, "org.error.no_unit")
	}
	p.Unit, p.Path, p.Commune = u, villagePath+"/"+u.ID, c.Tree.Parent(u.ID)
	p.Back = villagePath + "?xa=" + p.Commune.ID
	return p, nil
}

func (h *pages) villageForm(c *web.Context) error {
	p, err := h.knownVillage(c)
	if err != nil {
		return err
	}
	p.F.Prefill("version", strconv.Itoa(p.Unit.Version))
	p.F.Prefill("name", p.Unit.Name)
	p.F.Prefill("what", "rename")
	p.F.PrefillDate("day", c.Today)
	return c.Render("org_village", p)
}

// village renames a village or lets it end.
func (h *pages) village(c *web.Context) error {
	p, err := h.knownVillage(c)
	if err != nil {
		return err
	}
	f := p.F
	name, day, act := f.Text("name"), f.Date("day"), f.Text("act")
	if day == civil.None && f.Err() == nil {
		f.Add("day", "org.form.day")
	}
	err = f.Err()
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			ref := org.Ref{ID: p.Unit.ID, Version: f.Int("version")}
			if f.Text("what") == "end" {
				return p.Back + "&xong=ket-thuc", h.Service.EndTx(ctx, tx, c.Actor, ref, day, act)
			}
			return p.Back + "&xong=sua", h.Service.ChangeTx(ctx, tx, c.Actor, ref, day, org.Patch{Name: &name}, act)
		})
	}
	if err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		f.Stored("name", p.Unit.Name)
		f.Put("version", strconv.Itoa(p.Unit.Version))
	}
	return c.Retry(fit(err, map[string]string{"code": "", "parent": "", "slug": "name"}), "org_village", p)
}
