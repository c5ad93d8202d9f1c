package disclosureweb

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/web"
)

// regulationTypes are the files of a regulation: the signed paper or its text.
var regulationTypes = attach.Types{attach.PDF, attach.DOCX, attach.ODT, attach.JPEG, attach.PNG}

// regulationsPage lists a unit's regulations, to its staff or to everybody.
type regulationsPage struct {
	*dutyHead // nil on the public page
	Of        *org.Unit
	Now, Over []regulationLine
	Add       string
	Other     string
	Behind    int // in force and not reviewed this year
	Done      i18n.Msg
}

type regulationLine struct {
	V       *disclosure.RegulationView
	Kind    i18n.Msg
	Path    string
	Tag     web.Tag
	Expired []expiredAct
	Last    i18n.Msg // the last review
}

// expiredAct is a basis that is no longer in force.
type expiredAct struct {
	Name      i18n.Msg
	Path      string
	Until     civil.Date
	Successor i18n.Msg
}

func expiredActs(list []law.Expired) []expiredAct {
	var out []expiredAct
	for _, x := range list {
		if x.NotYet {
			continue
		}
		e := expiredAct{Name: x.Act.Name(), Path: "/luat/" + x.Act.ID, Until: x.Act.EffectiveTo}
		if x.Successor != nil {
			e.Successor = x.Successor.Name()
		}
		out = append(out, e)
	}
	return out
}

func regulationLineOf(c *web.Context, v *disclosure.RegulationView, path string) regulationLine {
	l := regulationLine{V: v, Kind: disclosure.RegulationKindMsg(v.Kind), Path: path, Expired: expiredActs(v.Expired)}
	switch {
	case v.Ended != civil.None && v.Ended <= c.Today:
		l.Tag = web.Tag{Class: "cho", Text: c.P.T("disclosureduty.regulation.over")}
	case v.Now == nil:
		l.Tag = web.Tag{Class: "cho", Text: c.P.T("disclosureduty.regulation.later")}
	case len(l.Expired) > 0:
		l.Tag = web.Tag{Class: "sap", Text: c.P.T("disclosureduty.regulation.expired")}
	default:
		l.Tag = web.Tag{Class: "xong", Text: c.P.T("disclosureduty.regulation.now")}
	}
	if len(v.Reviews) > 0 {
		r := v.Reviews[0]
		l.Last = i18n.M("disclosureduty.regulation.reviewed", "day", r.Day, "result", i18n.M("disclosureduty.regulation.result."+r.Result))
	}
	return l
}

func (p *regulationsPage) add(c *web.Context, v *disclosure.RegulationView, path string) {
	l := regulationLineOf(c, v, path)
	if v.Now == nil && (v.Ended != civil.None && v.Ended <= c.Today) {
		p.Over = append(p.Over, l)
		return
	}
	p.Now = append(p.Now, l)
	if !v.Reviewed {
		p.Behind++
	}
}

func (h *pages) regulations(c *web.Context) error {
	head, err := h.dutyHead(c, regulationPath, false)
	if err != nil {
		return err
	}
	list, err := h.Service.Regulations(c.Context(), c.Actor, head.Unit.ID)
	if err != nil {
		return err
	}
	p := &regulationsPage{dutyHead: head, Of: head.Unit, Add: regulationPath + "/them?don-vi=" + url.QueryEscape(head.Code), Other: c.UnitPath(head.Unit, "/quy-che")}
	for _, v := range list {
		p.add(c, v, regulationPath+"/"+v.ID)
	}
	return c.Render("duty_regulations", p)
}

func (h *pages) publicRegulations(c *web.Context) error {
	c.L.Room = "dan-biet"
	list, err := h.Service.Regulations(c.Context(), c.Actor, c.Unit.ID)
	if err != nil {
		return err
	}
	p := &regulationsPage{Of: c.Unit}
	for _, v := range list {
		if v.Audience == disclosure.Everybody {
			p.add(c, v, c.UnitPath(c.Unit, "/quy-che/"+v.ID))
		}
	}
	if !c.Actor.Public() && h.Service.MayWrite(c.Actor, c.Unit.ID) {
		p.Other = regulationPath + "?don-vi=" + url.QueryEscape(unitCode(c.Unit))
	}
	c.Touches(disclosure.RegulationTag(c.Unit.ID), "unit:"+c.Unit.ID, "law")
	return c.Render("duty_regulations", p)
}

// regulationPageData is one regulation with its editions and reviews.
type regulationPageData struct {
	regulationLine
	Of       *org.Unit
	Editions []regulationEdition
	Amend    string
	Review   string
	End      string
	Back     string
	Work     bool
	Done     i18n.Msg
}

type regulationEdition struct {
	E     *disclosure.RegulationEdition
	Title i18n.Msg
	Basis []dutyLink
	Files []dutyFile
	Now   bool
}

func (h *pages) regulationPageOf(c *web.Context, base string) (*regulationPageData, error) {
	v, err := h.Service.Regulation(c.Context(), c.Actor, c.Value("regulation"))
	if err != nil {
		return nil, err
	}
	u := h.unitOf(c, v.Unit)
	if u == nil || c.Unit != nil && (c.Unit.ID != v.Unit || v.Audience != disclosure.Everybody) {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	p := &regulationPageData{regulationLine: regulationLineOf(c, v, base+"/"+v.ID), Of: u, Back: base}
	for _, e := range v.Editions {
		key := "disclosureduty.regulation.edition_new"
		if e.Amends {
			key = "disclosureduty.regulation.edition_amends"
		}
		p.Editions = append(p.Editions, regulationEdition{
			E: e, Title: i18n.M(key, "number", e.DocNumber, "day", e.DocDay), Basis: h.actNames(c, e.Basis), Files: dutyFiles(c, p.Path, e.Files), Now: e == v.Now,
		})
	}
	return p, nil
}

// ReviewWord words the result of a review.
func (p *regulationPageData) ReviewWord(r *disclosure.Review) i18n.Msg {
	return i18n.M("disclosureduty.regulation.result." + r.Result)
}

func (h *pages) regulation(c *web.Context) error {
	p, err := h.regulationPageOf(c, regulationPath)
	if err != nil {
		return err
	}
	p.Work = true
	p.Back = ""
	if h.Service.MayWrite(c.Actor, p.V.Unit) {
		p.Back = regulationPath + "?don-vi=" + url.QueryEscape(unitCode(p.Of))
		if p.V.Ended == civil.None {
			p.Amend, p.Review, p.End = p.Path+"/sua-doi", p.Path+"/ra-soat", p.Path+"/het-hieu-luc"
		}
	}
	if w := c.Query("xong"); slices.Contains([]string{"them", "sua-doi", "ra-soat", "het-hieu-luc"}, w) {
		p.Done = i18n.M("disclosureduty.done.regulation_" + map[string]string{"them": "add", "sua-doi": "amend", "ra-soat": "review", "het-hieu-luc": "end"}[w])
	}
	return c.Render("duty_regulation", p)
}

func (h *pages) publicRegulation(c *web.Context) error {
	c.L.Room = "dan-biet"
	p, err := h.regulationPageOf(c, c.UnitPath(c.Unit, "/quy-che"))
	if err != nil {
		return err
	}
	c.Touches(disclosure.RegulationTag(c.Unit.ID), "unit:"+c.Unit.ID, "law")
	return c.Render("duty_regulation", p)
}

// regulationFile answers with a file of an edition to who may see the regulation.
func (h *pages) regulationFile(c *web.Context) error {
	v, err := h.Service.Regulation(c.Context(), c.Actor, c.Value("regulation"))
	if err != nil {
		return err
	}
	has := slices.ContainsFunc(v.Editions, func(e *disclosure.RegulationEdition) bool {
		return slices.ContainsFunc(e.Files, func(a attach.Attachment) bool { return a.ID == c.Value("file") })
	})
	if !has || c.Unit != nil && c.Unit.ID != v.Unit {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	return h.sendFile(c, c.Value("file"))
}

// regulationFormPage enters a regulation, an edition of one, a review, or its end.
type regulationFormPage struct {
	*dutyHead
	F         *web.Form
	V         *disclosure.RegulationView // nil: a new one
	Path      string
	Back      string
	Kinds     []web.Option
	Audiences []web.Option
	Acts      []web.Option
	How       []web.Option // amends, or takes the place
	Results   []web.Option
	Types     []string
	Accept    string
	MB        int
}

func (h *pages) regulationFormPage(c *web.Context, rest string) (*regulationFormPage, error) {
	p := &regulationFormPage{F: c.Form(), Path: regulationPath + "/them", Types: regulationTypes.Names(), Accept: regulationTypes.Accept(), MB: h.maxMB()}
	if id := c.Value("regulation"); id != "" {
		v, err := h.Service.Regulation(c.Context(), c.Actor, id)
		if err != nil {
			return nil, err
		}
		u := h.unitOf(c, v.Unit)
		if u == nil || !h.Service.MayWrite(c.Actor, v.Unit) || v.Ended != civil.None {
			return nil, errs.E(errs.NotFound, "disclosure.none")
		}
		p.V, p.dutyHead, p.Back = v, &dutyHead{Unit: u}, regulationPath+"/"+v.ID
		p.Path = p.Back + rest
		h.fillHead(c, p.dutyHead, regulationPath, nil)
		p.F.Prefill("version", strconv.Itoa(v.Version))
	} else {
		head, err := h.dutyHead(c, regulationPath, false)
		if err != nil {
			return nil, err
		}
		p.dutyHead, p.Back = head, regulationPath+"?don-vi="+url.QueryEscape(head.Code)
		p.F.Prefill("audience", string(disclosure.Everybody))
		p.F.Prefill("kind", disclosure.RegulationQCDC)
	}
	p.F.Prefill("don-vi", p.Code)
	for _, k := range disclosure.RegulationKinds {
		p.Kinds = append(p.Kinds, web.Option{Value: k, Label: c.P.Say(disclosure.RegulationKindMsg(k))})
	}
	p.Audiences = audienceOptions(c)
	for _, k := range disclosure.ReviewResults {
		p.Results = append(p.Results, web.Option{Value: k, Label: c.P.T("disclosureduty.regulation.result." + k)})
	}
	for _, k := range []string{"amend", "renew"} {
		p.How = append(p.How, web.Option{Value: k, Label: c.P.T("disclosureduty.regulation.how." + k)})
	}
	return p, nil
}

// basis reads what an edition stands on: acts that were ticked, and lines of what the catalogue does not hold.
func basis(f *web.Form) []string {
	out := f.Texts("acts")
	for line := range strings.SplitSeq(f.Lines("basis"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func (h *pages) editionForm(c *web.Context) (*regulationFormPage, error) {
	p, err := h.regulationFormPage(c, "/sua-doi")
	if err != nil {
		return nil, err
	}
	chosen := p.F.Texts("acts")
	if p.V != nil && !p.F.Posted() && p.V.Now != nil {
		var lines []string
		for _, b := range p.V.Now.Basis {
			if _, ok := h.Law().Act(b); ok {
				chosen = append(chosen, b)
			} else {
				lines = append(lines, b)
			}
		}
		p.F.PrefillAll("acts", chosen)
		p.F.Prefill("basis", strings.Join(lines, "\n"))
		p.F.Prefill("how", "amend")
	}
	p.Acts = h.actOptions(c, c.Today, chosen)
	return p, nil
}

func (h *pages) regulationForm(c *web.Context) error {
	p, err := h.editionForm(c)
	if err != nil {
		return err
	}
	return c.Render("duty_regulation_form", p)
}

func (h *pages) saveRegulation(c *web.Context) error {
	p, err := h.editionForm(c)
	if err != nil {
		return err
	}
	f := p.F
	e := disclosure.RegulationEdition{
		DocNumber: f.Text("doc_number"), DocDay: f.Date("doc_day"), From: f.Date("from"), Signer: f.Text("signer"), Basis: basis(f), Note: f.Lines("note"), Amends: f.Text("how") == "amend",
	}
	r := disclosure.Regulation{Unit: p.Unit.ID, Kind: f.Text("kind"), Title: f.Text("title"), Audience: disclosure.Audience(f.Text("audience"))}
	version := f.Int("version")
	files, err := h.takeFiles(c, "files", regulationTypes)
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			if p.V != nil {
				return p.Back + "?xong=sua-doi", h.Service.EditionTx(ctx, tx, c.Actor, p.V.ID, version, e, files)
			}
			id, err := h.Service.RegulationTx(ctx, tx, c.Actor, r, e, files)
			return regulationPath + "/" + id + "?xong=them", err
		})
	}
	if err == nil {
		return nil
	}
	p.renewed(err)
	return c.Retry(err, "duty_regulation_form", p)
}

// renewed gives the form the version of now after a conflict: what was typed can be sent again.
func (p *regulationFormPage) renewed(err error) {
	if errs.Is(err, errs.Conflict) && p.V != nil {
		p.F.Put("version", strconv.Itoa(p.V.Version))
	}
}

func (h *pages) reviewForm(c *web.Context) error {
	p, err := h.regulationFormPage(c, "/ra-soat")
	if err != nil {
		return err
	}
	return c.Render("duty_review", p)
}

func (h *pages) saveReview(c *web.Context) error {
	p, err := h.regulationFormPage(c, "/ra-soat")
	if err != nil {
		return err
	}
	f := p.F
	r := disclosure.Review{Day: f.Date("day"), Result: f.Text("result"), DocNumber: f.Text("doc_number"), DocDay: f.Date("doc_day"), Note: f.Lines("note")}
	version := f.Int("version")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return p.Back + "?xong=ra-soat", h.Service.ReviewTx(ctx, tx, c.Actor, p.V.ID, version, r)
	})
	if err == nil {
		return nil
	}
	p.renewed(err)
	return c.Retry(err, "duty_review", p)
}

func (h *pages) endForm(c *web.Context) error {
	p, err := h.regulationFormPage(c, "/het-hieu-luc")
	if err != nil {
		return err
	}
	return c.Render("duty_end", p)
}

func (h *pages) saveEnd(c *web.Context) error {
	p, err := h.regulationFormPage(c, "/het-hieu-luc")
	if err != nil {
		return err
	}
	ended, by, version := p.F.Date("ended"), p.F.Text("ended_by"), p.F.Int("version")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return p.Back + "?xong=het-hieu-luc", h.Service.EndRegulationTx(ctx, tx, c.Actor, p.V.ID, version, ended, by)
	})
	if err == nil {
		return nil
	}
	p.renewed(err)
	return c.Retry(err, "duty_end", p)
}
