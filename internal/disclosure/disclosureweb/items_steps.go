package disclosureweb

import (
	"context"
	"slices"
	"strconv"

	"dinh/internal/attach"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// itemStepPage is a form of one step of an item.
type itemStepPage struct {
	F        *web.Form
	W        *disclosure.Work
	Unit     *org.Unit
	Path     string
	Back     string
	Personal []itemFinding
	Marks    []i18n.Msg
	Changes  []itemChange
	Files    []itemFileRow
	Secrets  []web.Option
	Hows     []web.Option // of an approval
	Places   []web.Option
	Langs    []web.Option
	Accept   string
	Types    []string
	MB       int
	Ask      bool // the check for secrets is still to be answered
	AskData  bool // and what is to become of personal data
	Return   string
	Hang     int // sheets that are to be taken down
	Mine     bool
}

// itemStep is a step: its address, its page, what it needs to be possible, what its form shows and what is done with it.
type itemStep struct {
	path, page string
	may        func(w *disclosure.Work) bool
	fill       func(h *pages, c *web.Context, p *itemStepPage) error
	run        func(h *pages, c *web.Context, p *itemStepPage) (itemCommand, error)
}

type itemCommand func(ctx context.Context, tx *db.Tx) error

func isWriting(w *disclosure.Work) bool {
	return w.Write && w.Writing != nil && w.Writing.State == disclosure.Writing
}

func inState(states ...disclosure.EditionState) func(w *disclosure.Work) bool {
	return func(w *disclosure.Work) bool {
		for _, s := range states {
			if w.Writing != nil && w.Writing.State == s {
				return w.Write || w.Approve
			}
		}
		return false
	}
}

func isUp(w *disclosure.Work) bool { return w.Write && w.State == disclosure.Up }

var itemSteps = []itemStep{
	{"noi", "item_places", func(w *disclosure.Work) bool { return w.Write && w.State != disclosure.Withdrawn }, (*pages).fillPlaces, (*pages).runPlaces},
	{"tep", "item_file", isWriting, (*pages).fillFile, (*pages).runFile},
	{"am-thanh", "item_sound", func(w *disclosure.Work) bool { return w.State == disclosure.Up || isWriting(w) }, (*pages).fillSound, (*pages).runSound},
	{"trinh", "item_submit", isWriting, (*pages).fillChecks, (*pages).runSubmit},
	{"duyet", "item_approve", inState(disclosure.Writing, disclosure.Waiting), (*pages).fillApprove, (*pages).runApprove},
	{"tra-lai", "item_return", inState(disclosure.Waiting, disclosure.Approved), (*pages).fillReturn, (*pages).runReturn},
	{"cong-bo", "item_publish", func(w *disclosure.Work) bool { return w.Write && inState(disclosure.Approved)(w) }, (*pages).fillChecks, (*pages).runPublish},
	{"ban-moi", "item_edition", func(w *disclosure.Work) bool { return isUp(w) && w.Draft == 0 }, (*pages).fillUp, (*pages).runEdition},
	{"rut", "item_withdraw", isUp, (*pages).fillUp, (*pages).runWithdraw},
	{"bo", "item_drop", isWriting, (*pages).fillReturn, (*pages).runDrop},
}

func (h *pages) stepPage(c *web.Context, s itemStep) (*itemStepPage, error) {
	w, err := h.Service.Work(c.Context(), c.Actor, c.Value("item"))
	if err != nil {
		return nil, err
	}
	if !w.Write && !w.Approve && s.path != "am-thanh" { // a village head
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	if !s.may(w) {
		return nil, errs.E(errs.Conflict, "disclosureitem.over")
	}
	p := &itemStepPage{F: c.Form(), W: w, Unit: h.anyUnit(c, w.Unit), Back: disclosure.WorkPath(w.ID)}
	p.Path = p.Back + "/" + s.path
	c.L.Crumbs = append(h.itemCrumbs(c, p.Unit), web.Crumb{Text: w.Title, Lang: i18n.VI, Path: p.Back})
	return p, s.fill(h, c, p)
}

func (h *pages) showStep(s itemStep) web.Handler {
	return func(c *web.Context) error {
		p, err := h.stepPage(c, s)
		if err != nil {
			return h.backToWork(c, err)
		}
		return c.Render(s.page, p)
	}
}

func (h *pages) takeStep(s itemStep) web.Handler {
	return func(c *web.Context) error {
		p, err := h.stepPage(c, s)
		if errs.Is(err, errs.Conflict) {
			return h.sentBefore(c, err)
		}
		if err != nil {
			return err
		}
		cmd, err := s.run(h, c, p)
		if err == nil {
			err = c.Form().Err()
		}
		if err == nil {
			err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
				to := p.Back + "?xong=" + s.path
				if s.path == "bo" && p.W.State == disclosure.Draft {
					to = itemsPath + "?xong=bo&don-vi=" + unitCode(p.Unit)
				}
				return to, cmd(ctx, tx)
			})
		}
		if err == nil {
			return nil
		}
		if errs.Is(err, errs.Conflict) {
			p.F.Put("version", strconv.Itoa(p.version(s)))
		}
		return c.Retry(p.elsewhere(s, err), s.page, p)
	}
}

// elsewhere takes the name of a field from faults whose field stands on another page, so that the summary leads nowhere for them.
func (p *itemStepPage) elsewhere(s itemStep, err error) error {
	fields := errs.FieldsOf(err)
	if len(fields) == 0 {
		return err
	}
	fields = slices.Clone(fields)
	for i := range fields {
		gone := false
		switch fields[i].Name {
		case "title", "summary", "body":
			gone = true
		case "places":
			gone = s.path != "noi"
		case "secret", "secret_by":
			gone = !p.Ask
		case "personal", "personal_by":
			gone = !p.AskData
		}
		if gone {
			fields[i].Name = ""
		}
	}
	return &errs.Error{Kind: errs.KindOf(err), Msg: errs.MsgOf(err), Fields: fields, Err: err}
}

// sentBefore answers a form whose step is over: with the first answer where it is the same form sent twice, else with what is so now.
func (h *pages) sentBefore(c *web.Context, err error) error {
	return c.Post(func(context.Context, *db.Tx) (string, error) { return "", err })
}

// version is what the step's form changes: the item, or its edition.
func (p *itemStepPage) version(s itemStep) int {
	switch s.path {
	case "noi", "rut", "ban-moi":
		return p.W.Item.Version
	}
	return p.W.EditionNow().Version
}

func (h *pages) fillUp(_ *web.Context, p *itemStepPage) error {
	p.F.Prefill("version", strconv.Itoa(p.W.Item.Version))
	for _, x := range p.W.Count.Places {
		if x.Up && disclosure.Hangs(x.Place.Kind) {
			p.Hang++
		}
	}
	return nil
}

func (h *pages) fillReturn(c *web.Context, p *itemStepPage) error {
	p.F.Prefill("version", strconv.Itoa(p.W.Writing.Version))
	p.Mine = p.W.Writing.DraftedBy == c.Actor.ID || !p.W.Approve
	return nil
}

func (h *pages) fillPlaces(c *web.Context, p *itemStepPage) error {
	p.F.Prefill("version", strconv.Itoa(p.W.Item.Version))
	offers, err := h.Service.OfferedPlaces(c.Context(), p.W.Unit, p.W.Audience)
	if err != nil {
		return err
	}
	var keys []string
	for _, x := range p.W.Places {
		keys = append(keys, x.Key)
		there := false
		for _, o := range offers {
			there = there || o.Key == x.Key
		}
		if !there {
			offers = append(offers, x)
		}
	}
	p.Places = placeOptions(c, offers)
	p.F.PrefillAll("places", keys)
	return nil
}

func (h *pages) runPlaces(c *web.Context, p *itemStepPage) (itemCommand, error) {
	version, keys := p.F.Int("version"), p.F.Texts("places")
	return func(ctx context.Context, tx *db.Tx) error {
		return h.Service.PlacesTx(ctx, tx, c.Actor, p.W.ID, version, keys)
	}, nil
}

func (h *pages) fillFile(_ *web.Context, p *itemStepPage) error {
	p.takes(h, disclosure.PaperTypes)
	return nil
}

func (p *itemStepPage) takes(h *pages, types attach.Types) {
	p.Accept, p.Types = types.Accept(), types.Names()
	if h.Files != nil {
		p.MB = int(h.Files.Max() >> 20)
	}
}

func (h *pages) runFile(c *web.Context, p *itemStepPage) (itemCommand, error) {
	in := disclosure.NewFile{Title: p.F.Text("file_title")}
	file, err := h.prepareItemFile(c, "file")
	if err != nil {
		return nil, err
	}
	if file == nil {
		return nil, noFile(p.F, "file")
	}
	in.Prepared = *file
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := h.Service.AttachTx(ctx, tx, c.Actor, p.W.ID, in)
		return err
	}, nil
}

// noFile is that none was chosen, unless the form says already what is wrong with the one that was.
func noFile(f *web.Form, field string) error {
	if err := f.Err(); err != nil {
		return err
	}
	return errs.At(field, "disclosureitem.file_needed")
}

func (h *pages) fillSound(c *web.Context, p *itemStepPage) error {
	p.takes(h, disclosure.SoundTypes)
	for _, l := range disclosure.Langs {
		p.Langs = append(p.Langs, web.Option{Value: l, Label: c.P.Say(disclosure.LangName(l))})
	}
	return nil
}

func (h *pages) runSound(c *web.Context, p *itemStepPage) (itemCommand, error) {
	in := disclosure.NewFile{Lang: p.F.Text("lang"), Title: p.F.Text("file_title")}
	file, err := h.prepareItemFile(c, "sound")
	if err != nil {
		return nil, err
	}
	if file == nil {
		return nil, noFile(p.F, "sound")
	}
	in.Prepared = *file
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := h.Service.SoundTx(ctx, tx, c.Actor, p.W.ID, in)
		return err
	}, nil
}

// fillChecks asks what has no answer yet.
func (h *pages) fillChecks(c *web.Context, p *itemStepPage) error {
	e := p.W.Writing
	p.F.Prefill("version", strconv.Itoa(e.Version))
	p.Marks, p.Personal, p.Changes = itemMarks(p.W), itemFindings(p.W), itemChanges(p.W)
	p.Files = itemFileRows(c, p.W, p.W.New)
	p.Ask, p.AskData = e.SecretChecked == "", len(p.Personal) > 0 && e.PersonalChecked == ""
	p.Secrets = []web.Option{
		{Value: disclosure.SecretNo, Label: c.P.T("disclosureitem.check.no")},
		{Value: disclosure.SecretYes, Label: c.P.T("disclosureitem.check.yes")},
	}
	p.F.Prefill("secret_by", c.Actor.Name)
	p.F.Prefill("personal_by", "")
	return nil
}

func readChecks(f *web.Form) disclosure.Checks {
	c := disclosure.Checks{Secret: f.Text("secret"), SecretBy: f.Text("secret_by"), PersonalBy: f.Text("personal_by")}
	if f.Bool("personal") {
		c.Personal = disclosure.PersonalStays
	}
	return c
}

func (h *pages) runSubmit(c *web.Context, p *itemStepPage) (itemCommand, error) {
	in := disclosure.Submission{Version: p.F.Int("version"), Checks: readChecks(p.F)}
	return func(ctx context.Context, tx *db.Tx) error {
		return h.Service.SubmitTx(ctx, tx, c.Actor, p.W.ID, in)
	}, nil
}

func (h *pages) runPublish(c *web.Context, p *itemStepPage) (itemCommand, error) {
	in := disclosure.Publication{Version: p.F.Int("version"), Checks: readChecks(p.F)}
	return func(ctx context.Context, tx *db.Tx) error {
		return h.Service.PublishTx(ctx, tx, c.Actor, p.W.ID, in)
	}, nil
}

// The ways of an approval in the form.
const (
	byScreen = "man-hinh"
	byPaper  = "giay"
)

func (h *pages) fillApprove(c *web.Context, p *itemStepPage) error {
	if err := h.fillChecks(c, p); err != nil {
		return err
	}
	if p.W.Approve {
		p.Hows = append(p.Hows, web.Option{Value: byScreen, Label: c.P.T("disclosureitem.approve.screen")})
	}
	p.Hows = append(p.Hows, web.Option{Value: byPaper, Label: c.P.T("disclosureitem.approve.paper"), Hint: c.P.T("disclosureitem.approve.paper_hint")})
	p.F.Prefill("how", p.Hows[0].Value)
	p.F.Prefill("paper_number", p.W.Writing.DocNumber)
	p.F.PrefillDate("paper_day", p.W.Writing.DocDay)
	if p.W.Writing.State == disclosure.Waiting {
		p.Return = p.Back + "/tra-lai"
	}
	return nil
}

func (h *pages) runApprove(c *web.Context, p *itemStepPage) (itemCommand, error) {
	f := p.F
	in := disclosure.Approval{Version: f.Int("version")}
	switch f.Text("how") {
	case byScreen:
		in.Screen = true
	case byPaper:
		in.PaperNumber, in.PaperDay, in.PaperSigner = f.Text("paper_number"), f.Date("paper_day"), f.Text("paper_signer")
	default:
		f.Add("how", "disclosureitem.approve.how_needed")
	}
	return func(ctx context.Context, tx *db.Tx) error {
		return h.Service.ApproveTx(ctx, tx, c.Actor, p.W.ID, in)
	}, nil
}

func (h *pages) runReturn(c *web.Context, p *itemStepPage) (itemCommand, error) {
	version, why := p.F.Int("version"), p.F.Lines("why")
	return func(ctx context.Context, tx *db.Tx) error {
		return h.Service.ReturnTx(ctx, tx, c.Actor, p.W.ID, version, why)
	}, nil
}

func (h *pages) runEdition(c *web.Context, p *itemStepPage) (itemCommand, error) {
	version, why := p.F.Int("version"), p.F.Lines("why")
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := h.Service.NewEditionTx(ctx, tx, c.Actor, p.W.ID, version, why)
		return err
	}, nil
}

func (h *pages) runWithdraw(c *web.Context, p *itemStepPage) (itemCommand, error) {
	version, why := p.F.Int("version"), p.F.Lines("why")
	return func(ctx context.Context, tx *db.Tx) error {
		return h.Service.WithdrawTx(ctx, tx, c.Actor, p.W.ID, version, why)
	}, nil
}

func (h *pages) runDrop(c *web.Context, p *itemStepPage) (itemCommand, error) {
	version := p.F.Int("version")
	return func(ctx context.Context, tx *db.Tx) error {
		return h.Service.DropDraftTx(ctx, tx, c.Actor, p.W.ID, version)
	}, nil
}
