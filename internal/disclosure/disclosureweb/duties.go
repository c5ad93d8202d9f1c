package disclosureweb

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// The addresses of the pages about what a unit must disclose.
const (
	slotsPath      = disclosure.SlotsPath
	ownMatterPath  = "/lam-viec/noi-dung-rieng"
	sessionPath    = "/lam-viec/tuyen-truyen"
	regulationPath = "/lam-viec/quy-che"
	figurePath     = "/lam-viec/so-lieu"
	followPath     = "/lam-viec/theo-doi-cong-khai"
)

func (h *pages) registerDuties(k *web.Kit) {
	get := func(pattern string, f web.Handler) {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	form := func(pattern string, show, take web.Handler) {
		get(pattern, show)
		k.Handle(web.Route{Method: http.MethodPost, Pattern: pattern, Handler: take, Who: web.Staff})
	}
	get(slotsPath, h.slots)
	form(slotsPath+"/khong-phat-sinh", h.stateForm, h.state)
	form(slotsPath+"/lay-lai/{statement}", h.unstateForm, h.unstate)
	get(ownMatterPath, h.ownMatters)
	form(ownMatterPath+"/them", h.ownMatterForm, h.saveOwnMatter)
	form(ownMatterPath+"/{matter}", h.ownMatterForm, h.saveOwnMatter)
	get(sessionPath, h.sessions)
	form(sessionPath+"/them", h.sessionForm, h.saveSession)
	get(sessionPath+"/{session}", h.session)
	form(sessionPath+"/{session}/sua", h.sessionForm, h.saveSession)
	form(sessionPath+"/{session}/gach", h.strikeForm, h.strikeSession)
	get(sessionPath+"/{session}/tep/{file}", h.sessionFile)
	get(regulationPath, h.regulations)
	form(regulationPath+"/them", h.regulationForm, h.saveRegulation)
	get(regulationPath+"/{regulation}", h.regulation)
	form(regulationPath+"/{regulation}/sua-doi", h.regulationForm, h.saveRegulation)
	form(regulationPath+"/{regulation}/ra-soat", h.reviewForm, h.saveReview)
	form(regulationPath+"/{regulation}/het-hieu-luc", h.endForm, h.saveEnd)
	get(regulationPath+"/{regulation}/tep/{file}", h.regulationFile)
	get(figurePath, h.figures)
	get(figurePath+"/{code}", h.figure)
	get(followPath, h.follow)
	get(followPath+"/bang.csv", h.followCSV)
	get(followPath+"/bang.xlsx", h.followXLSX)

	unit := func(pattern string, f web.Handler, kept *web.Kept) {
		k.HandleUnit(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: f, Kept: kept})
	}
	unit("/phai-cong-khai", h.publicSlots, &web.Kept{Params: []string{"nam"}})
	unit("/tuyen-truyen", h.publicSessions, &web.Kept{Params: []string{"nam"}})
	unit("/tuyen-truyen/{session}", h.publicSession, &web.Kept{})
	unit("/tuyen-truyen/{session}/tep/{file}", h.sessionFile, nil)
	unit("/quy-che", h.publicRegulations, &web.Kept{})
	unit("/quy-che/{regulation}", h.publicRegulation, &web.Kept{})
	unit("/quy-che/{regulation}/tep/{file}", h.regulationFile, nil)

	k.Nav(web.NavItem{Key: "disclosureduty.nav.slots", Path: slotsPath, Who: web.Staff, Order: 34, Show: func(c *web.Context) bool { return len(h.writable(c)) > 0 }})
	k.Nav(web.NavItem{Key: "disclosureduty.nav.follow", Path: followPath, Who: web.Staff, Order: 38, Show: func(c *web.Context) bool { return h.Service.FollowsOthers(c.Actor) }})
}

func dutyPages() map[string]any {
	return map[string]any{
		"duty_slots": &slotsPage{}, "duty_state": &statePage{}, "duty_public": &publicSlotsPage{}, "duty_matters": &ownMattersPage{}, "duty_matter": &ownMatterPage{},
		"duty_sessions": &sessionsPage{}, "duty_session": &sessionPage{}, "duty_session_form": &sessionFormPage{}, "duty_strike": &sessionFormPage{},
		"duty_regulations": &regulationsPage{}, "duty_regulation": &regulationPageData{}, "duty_regulation_form": &regulationFormPage{},
		"duty_review": &regulationFormPage{}, "duty_end": &regulationFormPage{}, "duty_figures": &figuresPage{}, "duty_figure": &figuresPage{}, "duty_follow": &followPage{},
	}
}

// dutyLink is an entry of a navigation inside the room.
type dutyLink struct {
	Name, Path string
	Current    bool
}

// dutyHead is what the pages of a unit's duties begin with.
type dutyHead struct {
	Unit  *org.Unit
	Code  string
	Write bool
	Units []dutyLink // the reader's units, where there are several
	Sub   []dutyLink // the room's pages about this unit
}

// writable are the units whose items the actor makes, in the order of the actor's posts.
func (h *pages) writable(c *web.Context) []*org.Unit {
	var out []*org.Unit
	for _, id := range c.Actor.Units() {
		if u, ok := c.Tree.ByID(id); ok && h.Service.MayWrite(c.Actor, id) {
			out = append(out, u)
		}
	}
	return out
}

func unitCode(u *org.Unit) string { return cmp.Or(u.Code, u.ID) }

// dutyHead finds the unit that the address or the form names (don-vi), else the first at which the actor writes; errs.NotFound for what the actor may not
// see. Only where follow is true do superiors come in.
func (h *pages) dutyHead(c *web.Context, path string, follow bool) (*dutyHead, error) {
	name := c.Query("don-vi")
	if c.R.Method == http.MethodPost {
		name = c.Form().Text("don-vi")
	}
	own := h.writable(c)
	p := &dutyHead{}
	switch u, ok := h.named(c, name); {
	case name == "" && len(own) > 0:
		p.Unit = own[0]
	case name != "" && ok && (h.Service.MayWrite(c.Actor, u.ID) || follow && h.Service.MayFollow(c.Actor, u.ID)):
		p.Unit = u
	default:
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	h.fillHead(c, p, path, own)
	return p, nil
}

func (h *pages) fillHead(c *web.Context, p *dutyHead, path string, own []*org.Unit) {
	p.Code, p.Write = unitCode(p.Unit), h.Service.MayWrite(c.Actor, p.Unit.ID)
	if len(own) > 1 && p.Write {
		for _, u := range own {
			p.Units = append(p.Units, dutyLink{u.NameIn(c.Lang), path + "?don-vi=" + unitCode(u), u.ID == p.Unit.ID})
		}
	}
	if !p.Write {
		return
	}
	for _, x := range []struct{ key, path string }{
		{"slots", slotsPath}, {"matters", ownMatterPath}, {"sessions", sessionPath}, {"regulations", regulationPath}, {"figures", figurePath},
	} {
		p.Sub = append(p.Sub, dutyLink{c.P.T("disclosureduty.sub." + x.key), x.path + "?don-vi=" + p.Code, x.path == path})
	}
}

// named is the unit with the code today or held it last, or with the id.
func (h *pages) named(c *web.Context, name string) (*org.Unit, bool) {
	if u, ok := c.Tree.ByCode(name); ok {
		return u, true
	}
	if u, ok := c.Tree.ByID(name); ok {
		return u, true
	}
	if u, ok := h.Units.Holder(name, c.Today); ok {
		return u, true
	}
	return h.Units.Unit(name, c.Today)
}

// yearAsked is the year of ?nam=, this year without.
func yearAsked(c *web.Context) (int, error) {
	s := c.Query("nam")
	if s == "" {
		return c.Today.Year(), nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < firstYear || n > c.Today.Year()+1 {
		return 0, errs.E(errs.NotFound, "disclosure.none")
	}
	return n, nil
}

// firstYear is the first year that pages of what was disclosed know.
const firstYear = 1976

// yearLinks lead to the years around one in which the unit lives.
func yearLinks(u *org.Unit, year int, today civil.Date, at func(year int) string) []dutyLink {
	first, last := min(year, today.Year())-2, min(max(today.Year(), year), today.Year()+1)
	if u.From != civil.None {
		first = max(first, u.From.Year())
	}
	if u.To != civil.None {
		last = min(last, u.To.Year())
	}
	var out []dutyLink
	for y := max(first, firstYear); y <= last; y++ {
		out = append(out, dutyLink{strconv.Itoa(y), at(y), y == year})
	}
	return out
}

// slotClass are the classes of tags by state.
var slotClass = map[disclosure.SlotState]string{
	disclosure.SlotOverdue: "tre", disclosure.SlotDue: "lam", disclosure.SlotFilledLate: "sap", disclosure.SlotFilled: "xong", disclosure.SlotWaiting: "cho",
	disclosure.SlotComing: "cho", disclosure.SlotNoEvent: "cho", disclosure.SlotNotArisen: "cho", disclosure.SlotLapsed: "cho",
}

// slotTag words a state, with its days where they are known and mean something.
func slotTag(p *i18n.Printer, s *disclosure.Slot) web.Tag {
	t := web.Tag{Class: slotClass[s.State]}
	key := "disclosureduty.state." + string(s.State)
	standing := s.Rhythm == disclosure.Standing && len(s.Items) == 0
	switch {
	case s.State == disclosure.SlotDue && s.Due != civil.None && s.Late == 0:
		t.Class, t.Text = "sap", p.T("disclosureduty.state.due_today")
	case s.State == disclosure.SlotDue && s.Due != civil.None && !standing:
		if s.Late >= -disclosure.Rules.EndingDays {
			t.Class = "sap"
		}
		t.Text = p.T(key+"_days", "n", -s.Late)
	case s.State == disclosure.SlotOverdue && standing:
		t.Text = p.T("disclosureduty.state.absent")
	case (s.State == disclosure.SlotOverdue || s.State == disclosure.SlotFilledLate) && s.Late > 0:
		t.Text = p.T(key+"_days", "n", s.Late)
	default:
		t.Text = p.T(key)
	}
	return t
}

// besideFile puts the store's refusal of a file beside its field.
func besideFile(field string, err error) error {
	if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.TooLarge) {
		return err
	}
	m := errs.MsgOf(err)
	return &errs.Error{Kind: errs.Invalid, Msg: m, Fields: []errs.Field{{Name: field, Msg: m}}, Err: err}
}

// takeFiles takes the files of a form's field in, before the transaction. They go to readers as they are, so that one that carries what can run, or a mark
// of secrecy, is refused; of a picture the copy is taken that has nothing but the picture.
func (h *pages) takeFiles(c *web.Context, field string, allow attach.Types) ([]attach.File, error) {
	var out []attach.File
	for _, up := range c.Form().Files(field) {
		if h.Files == nil {
			return nil, errs.E(errs.NotFound, "disclosure.none")
		}
		p, err := h.Service.Prepare(c.Context(), up.Open(), up.Name, allow)
		if err != nil {
			return nil, besideFile(field, err)
		}
		for _, bad := range []string{disclosure.FaultMacros, disclosure.FaultScripts, disclosure.FaultEmbedded} {
			if slices.Contains(p.Faults, bad) {
				return nil, errs.At(field, "disclosureduty.fault.active", "name", p.File.Name)
			}
		}
		if p.Public != nil {
			p.File = *p.Public
		}
		out = append(out, p.File)
	}
	return out, nil
}

// dutyFile is a file as the pages offer it.
type dutyFile struct{ Name, Size, Path string }

func dutyFiles(c *web.Context, base string, list []attach.Attachment) []dutyFile {
	var out []dutyFile
	for _, a := range list {
		out = append(out, dutyFile{a.Name, size(c, a.Size), base + "/tep/" + a.ID})
	}
	return out
}

func (h *pages) maxMB() int {
	if h.Files == nil {
		return 0
	}
	return int(h.Files.Max() >> 20)
}

// actOptions are the acts in force on a day, the newest first, by their citation; those in chosen come too.
func (h *pages) actOptions(c *web.Context, day civil.Date, chosen []string) []web.Option {
	var out []web.Option
	acts := slices.Clone(h.Law().Acts)
	slices.Reverse(acts)
	for _, a := range acts {
		if a.InForce(day) || slices.Contains(chosen, a.ID) {
			out = append(out, web.Option{Value: a.ID, Label: c.P.Say(a.Name()), Hint: a.Title(c.Lang)})
		}
	}
	return out
}

// actNames are acts by their citation, with their addresses; what the catalogue does not hold is shown as written.
func (h *pages) actNames(c *web.Context, ids []string) []dutyLink {
	var out []dutyLink
	for _, id := range ids {
		if a, ok := h.Law().Act(id); ok {
			out = append(out, dutyLink{Name: c.P.Say(a.Name()), Path: "/luat/" + a.ID})
		} else {
			out = append(out, dutyLink{Name: id})
		}
	}
	return out
}
