package lawweb

import (
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/web"
)

type actPage struct {
	A         *law.Act
	Title     string
	Name      i18n.Msg
	InForce   i18n.Msg
	Tags      []web.Tag
	Replaced  *link  // by
	Replaces  []link // which acts
	Roles     []roleGroup
	Recalled  int
	Total     int
	SourceURL string
}

type link struct {
	Path string // "" where the catalogue does not hold the act
	Text i18n.Msg
	Raw  string
}

type roleGroup struct {
	Role string
	Rows []row
}

func (h pages) act(c *web.Context) error {
	c.Touches("law")
	cat := h.s.Catalogue()
	a, ok := cat.Act(c.Value("act"))
	if !ok {
		return notThere()
	}
	p := actPage{A: a, Title: a.Title(c.Lang), Name: a.Name(), InForce: inForceMsg(a.Span()), Tags: tags(c, a.Span(), false, a.Local)}
	if a.ReplacedBy != "" {
		p.Replaced = &link{Raw: a.ReplacedBy}
		if next, ok := cat.Act(a.ReplacedBy); ok {
			p.Replaced = &link{Path: ActPath(next.ID), Text: next.Name()}
		}
	}
	for _, o := range cat.Acts {
		if o.ReplacedBy == a.ID {
			p.Replaces = append(p.Replaces, link{Path: ActPath(o.ID), Text: o.Name()})
		}
	}
	if strings.HasPrefix(a.Source, "https://") || strings.HasPrefix(a.Source, "http://") {
		p.SourceURL = a.Source
	}
	duties := cat.DutiesOf(a.ID)
	p.Total = len(duties)
	for _, role := range law.Roles {
		g := roleGroup{Role: role}
		for _, d := range duties {
			if d.Role == role {
				r := h.row(c, d, true)
				if !a.InForce(c.Today) { // said once, of the act
					r.Tags = tags(c, civil.Span{}, d.Recalled, d.Local)
				}
				g.Rows = append(g.Rows, r)
			}
		}
		if g.Rows != nil {
			p.Roles = append(p.Roles, g)
		}
	}
	for _, d := range duties {
		if d.Recalled {
			p.Recalled++
		}
	}
	c.L.Crumbs = []web.Crumb{{Key: "law.list.title", Path: "/luat"}}
	return c.Render("law_act", p)
}

type dutyPage struct {
	D          *law.Duty
	Title      string
	Cite       i18n.Msg
	Act        actRow
	InForce    i18n.Msg
	Tags       []web.Tag
	Units      string
	Subject    text
	Numbers    []i18n.Msg
	Majority   text
	Exemptions []i18n.Msg
	Flags      []text
	Forms      string
	Note       text
	Yields     []row
	Of         []row // the matters that it details
	OfAll      bool  // it governs all papers, reports or systems
	Details    []row // the hows and limits of this matter
	Steps      []stepTable
}

// stepTable is a step with all that answered it, the oldest first.
type stepTable struct {
	ID             string
	Meaning, Event text
	Rows           []stepRow
}

type stepRow struct {
	Path    string
	Cite    i18n.Msg
	Title   string
	Span    i18n.Msg
	Numbers string
	Units   string
	Only    string // for cases and units with these marks, and not for those exempt
	Now     bool
	Self    bool
	Tags    []web.Tag
}

func (h pages) duty(c *web.Context) error {
	c.Touches("law")
	cat := h.s.Catalogue()
	d, ok := cat.Duty(c.Value("duty"))
	if !ok {
		return notThere()
	}
	p := dutyPage{
		D: d, Title: d.Title(c.Lang), Cite: d.Cite(), Act: h.actRow(c, d.ActOf()), InForce: inForceMsg(d.Span()), Tags: tags(c, d.Span(), d.Recalled, d.Local),
		Units: h.units(c, d), Numbers: d.Numbers(cat), Exemptions: d.Exemptions(), Note: written(d.Note),
	}
	if s, l := d.SubjectWords(c.Lang); s != "" {
		p.Subject = worded(s, l)
	}
	// The words for a majority are paraphrases in one language; the shares say the same in both.
	if m := written(d.MajorityText); m.Lang == string(c.Lang) {
		p.Majority = m
	}
	for _, f := range d.Flags {
		if fl, ok := cat.Flag(f); ok {
			s, l := fl.Words(c.Lang)
			p.Flags = append(p.Flags, worded(s, l))
		}
	}
	var forms []string
	for _, f := range d.Forms {
		forms = append(forms, c.P.T("law.form."+f))
	}
	p.Forms = strings.Join(forms, ", ")
	p.OfAll = (d.Role == "how" || d.Role == "limit") && d.Of.IsZero()
	for _, o := range cat.All() {
		switch {
		case slices.Contains(d.YieldsTo, o.ID):
			p.Yields = append(p.Yields, h.row(c, o, false))
		case o.Role == "matter" && d.Of.Has(o.ID):
			p.Of = append(p.Of, h.row(c, o, false))
		}
	}
	for _, o := range cat.Details(d.ID) {
		p.Details = append(p.Details, h.row(c, o, false))
	}
	for _, id := range d.Steps() {
		if s, ok := cat.Step(id); ok {
			p.Steps = append(p.Steps, h.stepTable(c, s, d))
		}
	}
	c.L.Crumbs = []web.Crumb{{Key: "law.list.title", Path: "/luat"}, {Text: c.P.Say(d.ActOf().Name()), Path: ActPath(d.Act)}}
	return c.Render("law_duty", p)
}

func (h pages) units(c *web.Context, d *law.Duty) string {
	var out []string
	for _, k := range d.UnitKinds {
		out = append(out, c.P.T("law.unit."+k))
	}
	return strings.Join(out, ", ")
}

func (h pages) stepTable(c *web.Context, s *law.Step, self *law.Duty) stepTable {
	m, ml := s.Words(c.Lang)
	e, el := s.EventWords(c.Lang)
	t := stepTable{ID: s.ID, Meaning: worded(m, ml), Event: worded(e, el)}
	cat := h.s.Catalogue()
	for _, d := range cat.Answers(s.ID) {
		var only []string
		for _, f := range d.Flags {
			if fl, ok := cat.Flag(f); ok {
				words, _ := fl.Words(c.Lang)
				only = append(only, words)
			}
		}
		if x := sayAll(c.P, d.Exemptions()); x != "" {
			only = append(only, c.P.T("law.duty.not_for", "who", x))
		}
		t.Rows = append(t.Rows, stepRow{
			Path: DutyPath(d.ID), Cite: d.Cite(), Title: d.Title(c.Lang), Span: inForceMsg(d.Span()), Numbers: sayAll(c.P, d.Numbers(cat)), Units: h.units(c, d),
			Only: strings.Join(only, "; "), Now: d.InForce(c.Today), Self: d == self, Tags: tags(c, d.Span(), d.Recalled, d.Local),
		})
	}
	return t
}
