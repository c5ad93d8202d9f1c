package planweb

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// ownIssuePage asks for what the signed paper says.
type ownIssuePage struct {
	F      *web.Form
	O      *plan.OwnPlan
	Base   string
	SignAs []web.Option
	Accept string
	Types  []string
	Counts struct{ Adopted, Altered, Ignored, Added int }
	Closes *plan.Task // the superior's task that the paper fulfils
}

func (h officer) ownIssueOf(c *web.Context) (*ownIssuePage, error) {
	o, err := h.Plans.OwnPlan(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return nil, err
	}
	if o.Plan.Status != plan.StatusDraft {
		return nil, errNone()
	}
	p := &ownIssuePage{F: c.Form(), O: o, Base: ownPath + "/" + o.Plan.ID, Accept: attach.Signed.Accept(), Types: attach.Signed.Names()}
	a := &o.Adoption
	p.Counts.Adopted, p.Counts.Altered, p.Counts.Ignored, p.Counts.Added = a.Adopted, a.Altered, a.Ignored, a.Added
	for _, as := range plan.SignAs {
		p.SignAs = append(p.SignAs, web.Option{Value: as, Label: c.P.T("planweb.sign." + as)})
	}
	if o.Plan.Fulfils != "" {
		if i := slices.IndexFunc(o.Parent.Tasks, func(t *plan.Task) bool { return t.Kind == "plan" && t.Room == "lead" }); i >= 0 {
			p.Closes = o.Parent.Tasks[i]
		}
	}
	c.L.Crumbs = []web.Crumb{{Key: "planweb.own.title", Path: p.Base}, {Text: a.Unit.NameIn(c.Lang)}}
	f := p.F
	f.Prefill("version", strconv.Itoa(o.Plan.Version))
	f.Prefill("number", o.Plan.Number)
	f.PrefillDate("signed", o.Plan.Signed)
	f.Prefill("signer", o.Plan.Signer)
	f.Prefill("signer_title", o.Plan.SignerTitle)
	f.Prefill("sign_as", plan.SignHead)
	return p, nil
}

func (h officer) ownIssue(c *web.Context) error {
	p, err := h.ownIssueOf(c)
	if err != nil {
		return err
	}
	return c.Render("own_issue", p)
}

func (h officer) takeOwnIssue(c *web.Context) error {
	p, err := h.ownIssueOf(c)
	if err != nil {
		return err
	}
	if err = h.issueOwn(c, p); err == nil {
		return nil
	}
	if errs.Is(err, errs.Conflict) {
		p.F.Put("version", strconv.Itoa(p.O.Plan.Version))
	}
	return c.Retry(besideIssue(err), "own_issue", p)
}

func (h officer) issueOwn(c *web.Context, p *ownIssuePage) error {
	f := c.Form()
	id := p.O.Plan.ID
	facts := p.O.Plan.Clone()
	facts.Number, facts.Signed, facts.Signer, facts.SignerTitle = f.Text("number"), f.Date("signed"), f.Text("signer"), f.Text("signer_title")
	version, as := f.Int("version"), f.Text("sign_as")
	if facts.Number == "" {
		f.Add("number", "planweb.own.number_needed")
	}
	up := f.File("file")
	if up == nil && !f.FileAgain() {
		f.Add("file", "planweb.own.file_needed")
	}
	if err := f.Err(); err != nil {
		return err
	}
	file, err := h.Files.Put(c.Context(), up.Open(), up.Name, attach.Signed)
	if err != nil {
		return besideFile(err)
	}
	return c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		if err := h.Plans.FactsTx(ctx, tx, c.Actor, id, version, facts); err != nil {
			return "", err
		}
		if _, err := h.Plans.IssueTx(ctx, tx, c.Actor, id, 0); err != nil {
			return "", err
		}
		owner := attach.Owner{Kind: "plan", ID: id, Unit: facts.Unit}
		if facts.Fulfils != "" {
			owner = attach.Owner{Kind: ownerKind, ID: facts.Fulfils, Unit: facts.Unit}
		}
		a, err := h.Files.LinkTx(ctx, tx, file, owner, false, c.Actor.ID)
		if err != nil {
			return "", err
		}
		signed := plan.Confirmation{Signer: facts.Signer, As: as, Number: facts.Number, Day: facts.Signed}
		return p.Base + "?xong=ban-hanh", h.Plans.SignedTx(ctx, tx, c.Actor, id, 0, a.ID, signed)
	})
}

// besideIssue names the fields of the form of issue in the service's faults.
func besideIssue(err error) error {
	fields := errs.FieldsOf(err)
	if len(fields) == 0 {
		return err
	}
	out := &errs.Error{Kind: errs.KindOf(err), Msg: errs.MsgOf(err), Err: err}
	for _, f := range fields {
		switch f.Name {
		case "sign_number":
			f.Name = "number"
		case "sign_day", "day":
			f.Name = "signed"
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

// adoptionsPage is how the units took a plan over: what was adopted, changed, ignored, added.
type adoptionsPage struct {
	Plan  *plan.Plan
	List  []adoptionLine
	Q     string
	Under *org.Unit

	// Over all units, whatever is looked for.
	Units int // that should have a plan of their own, or have one
	With  int // have one
	Asked int // tasks of the superior's that fall on those who have one
	Sum   plan.Adoption
}

// ownSums are what became of the superior's tasks, beside how many they are.
type ownSums struct {
	A     plan.Adoption
	Asked int
}

// Sums are those of all units.
func (p *adoptionsPage) Sums() ownSums { return ownSums{p.Sum, p.Asked} }

// Share is how many of a hundred units have a plan of their own.
func (p *adoptionsPage) Share() int { return share(p.With, p.Units) }

// Sums are those of the unit.
func (p *adoptionPage) Sums() ownSums { return ownSums{*p.A, p.Asked} }

type adoptionLine struct {
	A    plan.Adoption
	Path string
}

func (h officer) adoptions(c *web.Context) error {
	pl, err := h.Plans.Plan(c.Context(), c.Value("plan"))
	if err != nil {
		return err
	}
	p := &adoptionsPage{Plan: pl, Q: c.Query("q")}
	f := plan.Filter{}
	if code := c.Query("don-vi"); code != "" {
		u, ok := h.unitOf(c, code)
		if !ok {
			return errNone()
		}
		f.Under, p.Under = u.ID, u
	}
	list, err := h.Plans.Adoptions(c.Context(), c.Actor, pl.ID, f)
	if err != nil {
		return err
	}
	find := i18n.Fold(p.Q)
	for _, a := range list {
		l := adoptionLine{A: a}
		p.Units++
		if a.Own != nil {
			l.Path = "/lam-viec/ke-hoach-cap-duoi/" + pl.ID + "/" + codeOf(a.Unit)
			p.With++
			p.Asked += a.Adopted + a.Altered + a.Ignored
			p.Sum.Adopted += a.Adopted
			p.Sum.Altered += a.Altered
			p.Sum.Ignored += a.Ignored
			p.Sum.Added += a.Added
		}
		if find == "" || strings.Contains(i18n.Fold(a.Unit.Name), find) || strings.EqualFold(a.Unit.Code, p.Q) {
			p.List = append(p.List, l)
		}
	}
	c.L.Crumbs = []web.Crumb{{Text: pl.Number, Path: plan.BoardLink(pl.ID)}}
	return c.Render("adoptions", p)
}

// adoptionPage is one unit's plan beside the superior's.
type adoptionPage struct {
	Plan    *plan.Plan
	A       *plan.Adoption
	Taken   []takenLine
	Added   []takenLine
	Ignored []takenLine
	Asked   int // tasks of the superior's that fall on the unit
	Public  string
	Signed  civil.Date
}

func (h officer) adoption(c *web.Context) error {
	pl, err := h.Plans.Seen(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return err
	}
	u, ok := h.unitOf(c, c.Value("unit"))
	if !ok {
		return errNone()
	}
	a, err := h.Plans.Adoption(c.Context(), c.Actor, pl.ID, u.ID)
	if err != nil {
		return err
	}
	p := &adoptionPage{Plan: pl, A: a, Public: c.UnitPath(a.Unit, "/ke-hoach/"+a.Own.Slug()), Signed: a.Own.Signed}
	p.Asked = a.Adopted + a.Altered + a.Ignored
	p.Taken, p.Added, p.Ignored = takenLines(c, "", a.Tasks)
	for _, list := range [][]takenLine{p.Taken, p.Added, p.Ignored} { // who does what inside another unit is not the superior's to read here
		for i := range list {
			list[i].Person = ""
		}
	}
	c.L.Crumbs = []web.Crumb{{Text: pl.Number, Path: plan.BoardLink(pl.ID)}, {Key: "planweb.below.title", Path: "/lam-viec/ke-hoach-cap-duoi/" + pl.ID}}
	return c.Render("adoption", p)
}
