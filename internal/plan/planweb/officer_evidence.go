package planweb

import (
	"context"
	"strconv"

	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// evidenceTypes are the files that may show that something was done.
var evidenceTypes = attach.Documents

// Choices of how the head's confirmation comes.
const (
	byPaper  = "giay"     // the paper is signed and stamped
	byScreen = "man-hinh" // the head sits at the form
	byLater  = "sau"
)

const anotherEvent = "moi"

func (h officer) readyEvidence(c *web.Context, p *actPage) error {
	v := p.V
	if v.NA == plan.NARule || v.NA == plan.NAAgreed {
		return errs.E(errs.Conflict, "plan.evidence.not_applicable")
	}
	if p.O == nil && !p.Event {
		p.only()
	}
	p.Accept, p.Types = evidenceTypes.Accept(), evidenceTypes.Names()
	if h.Files != nil {
		p.MB = int(h.Files.Max() >> 20)
	}
	p.Source = v.Unit.Kind == org.Village && !c.Actor.Holds(v.Assignment.Unit)
	p.Closes = p.Event || p.O != nil && p.O.Open() && !p.O.Returned
	p.Keep = p.Closes && v.Task.MayKeep()
	p.lines()
	p.occurrences(c)
	if p.Closes {
		p.Confirms = []web.Option{{Value: byPaper, Label: c.P.T("planweb.act.ket-qua.by_paper"), Hint: c.P.T("planweb.act.ket-qua.by_paper_hint")}}
		if v.Rights.Confirm {
			p.Confirms = append(p.Confirms, web.Option{Value: byScreen, Label: c.P.T("planweb.act.ket-qua.by_screen")})
		}
		p.Confirms = append(p.Confirms, web.Option{Value: byLater, Label: c.P.T("planweb.act.ket-qua.by_later"), Hint: c.P.T("planweb.act.ket-qua.by_later_hint")})
		for _, as := range plan.SignAs {
			p.SignAs = append(p.SignAs, web.Option{Value: as, Label: c.P.T("planweb.sign." + as)})
		}
	}
	p.F.Prefill("sign_as", plan.SignHead)
	if len(p.Lines) == 1 && !p.Lines[0].Shown { // the one thing asked for is most likely what is entered
		p.F.Prefill(p.Lines[0].Box, "1")
	}
	return nil
}

// only takes the one open occurrence, where there is one and it was not named.
func (p *actPage) only() {
	id, n := "", 0
	for i := range p.V.Occ {
		if o := &p.V.Occ[i]; o.Open() {
			if n == 0 || o.Due != civil.None && o.Due < due(p.V, id) {
				id = o.ID
			}
			n++
		}
	}
	if n == 0 && len(p.V.Occ) > 0 {
		id = p.V.Occ[len(p.V.Occ)-1].ID
	}
	p.find(id, "")
}

func due(v *plan.AssignmentView, id string) civil.Date {
	for i := range v.Occ {
		if v.Occ[i].ID == id {
			return v.Occ[i].Due
		}
	}
	return civil.None
}

// occurrences are the events to choose from, and another one.
func (p *actPage) occurrences(c *web.Context) {
	if !p.Event {
		return
	}
	for i := range p.V.Occ {
		if o := &p.V.Occ[i]; o.Open() {
			p.Occs = append(p.Occs, web.Option{Value: o.ID, Label: o.Event, Lang: "vi"})
		}
	}
	if len(p.Occs) > 0 {
		p.Occs = append(p.Occs, web.Option{Value: anotherEvent, Label: c.P.T("planweb.act.ket-qua.another_event")})
		return
	}
	p.F.Prefill("lan", anotherEvent)
}

func (h officer) runEvidence(c *web.Context, p *actPage) (command, error) {
	f := c.Form()
	in := plan.NewEvidence{
		Assignment: p.V.ID, Version: f.Int("version"), Number: f.Text("number"), Day: f.Date("day"), Signer: f.Text("signer"), Note: f.Lines("note"),
		Source: f.Text("source"), Gaps: p.gaps(), Kept: p.Keep && f.Bool("kept"),
	}
	for i := range p.V.Task.Evidence {
		if f.Bool("item-" + strconv.Itoa(i)) {
			in.Items = append(in.Items, i)
			delete(in.Gaps, i)
		}
	}
	switch lan := f.Text("lan"); {
	case !p.Event:
		if p.O != nil {
			in.Occurrence = p.O.ID
		}
	case lan == anotherEvent || len(p.Occs) == 0:
		if in.Event, in.EventDue = f.Text("event"), f.Date("event_due"); in.Event == "" {
			f.Add("event", "plan.event.first")
		}
	case lan == "":
		f.Add("lan", "planweb.act.ket-qua.which_event")
	default:
		in.Occurrence = lan
	}
	if p.Closes {
		switch f.Text("confirm") {
		case byPaper:
			in.Confirm = &plan.Confirmation{Signer: in.Signer, As: f.Text("sign_as"), Number: in.Number, Day: in.Day}
		case byScreen:
			in.Confirm = &plan.Confirmation{Screen: true, Day: in.Day}
		case byLater:
		default:
			f.Add("confirm", "planweb.act.ket-qua.confirm_choose")
		}
	}
	up := f.File("file")
	if err := f.Err(); err != nil {
		return nil, err
	}
	var file attach.File
	if up != nil {
		var err error
		if file, err = h.Files.Put(c.Context(), up.Open(), up.Name, evidenceTypes); err != nil {
			return nil, besideFile(err)
		}
	}
	internal := f.Bool("internal")
	return func(ctx context.Context, tx *db.Tx) error {
		e := in
		if up != nil {
			a, err := h.Files.LinkTx(ctx, tx, file, attach.Owner{Kind: ownerKind, ID: p.V.ID, Unit: p.V.Assignment.Unit}, internal, c.Actor.ID)
			if err != nil {
				return err
			}
			e.File = a.ID
		}
		_, err := h.Plans.EvidenceTx(ctx, tx, c.Actor, e)
		return err
	}, nil
}

// besideFile puts the store's refusal of a file beside its field.
func besideFile(err error) error {
	if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.TooLarge) {
		return err
	}
	m := errs.MsgOf(err)
	return &errs.Error{Kind: errs.Invalid, Msg: m, Fields: []errs.Field{{Name: "file", Msg: m}}, Err: err}
}
