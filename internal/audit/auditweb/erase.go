package auditweb

import (
	"context"

	"dinh/internal/audit"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/web"
)

type erasePage struct {
	F     *web.Form
	Entry *historyLine // what is asked about
	List  []audit.Redaction
	Done  i18n.Msg
}

type decidePage struct {
	F     *web.Form
	R     audit.Redaction
	Entry historyLine
	Own   bool // the reader has asked for it
}

func person(c *web.Context) audit.Person { return audit.Person{ID: c.Actor.ID, Name: c.Actor.Name} }

// erasures lists the requests and, with ?muc=, has the form for a new one.
func (h *handlers) erasures(c *web.Context) error {
	if err := administrator(c); err != nil {
		return err
	}
	f := c.Form()
	p := erasePage{F: f}
	switch f.Text("xong") {
	case "de-nghi":
		p.Done = i18n.M("audit.erase.asked")
	case "xoa":
		p.Done = i18n.M("audit.erase.done")
	case "khong":
		p.Done = i18n.M("audit.erase.declined")
	}
	if err := h.fillErase(c, &p, f.Text("muc")); err != nil {
		return err
	}
	return c.Render("audit_erase", p)
}

func (h *handlers) fillErase(c *web.Context, p *erasePage, entry string) (err error) {
	if p.List, err = h.log.Redactions(c.Context(), 100); err != nil || entry == "" {
		return err
	}
	l, err := h.log.Entry(c.Context(), entry)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err == nil {
		line := h.newLine(c, l, true)
		p.Entry = &line
		p.F.Prefill("muc", entry)
	}
	return err
}

func (h *handlers) ask(c *web.Context) error {
	if err := administrator(c); err != nil {
		return err
	}
	f := c.Form()
	err := c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.log.Ask(ctx, tx, person(c), f.Text("muc"), f.Lines("reason"), f.Lines("basis"))
		return erasePath + "?xong=de-nghi", err
	})
	if err == nil {
		return nil
	}
	p := erasePage{F: f}
	if ferr := h.fillErase(c, &p, f.Text("muc")); ferr != nil {
		return ferr
	}
	return c.Retry(err, "audit_erase", p)
}

// erasure shows one request with what would be erased.
func (h *handlers) erasure(c *web.Context) error {
	p, err := h.decision(c)
	if err != nil {
		return err
	}
	return c.Render("audit_decide", p)
}

func (h *handlers) decision(c *web.Context) (decidePage, error) {
	if err := administrator(c); err != nil {
		return decidePage{}, err
	}
	r, err := h.log.Redaction(c.Context(), c.Value("id"))
	if err != nil {
		return decidePage{}, err
	}
	l, err := h.log.Entry(c.Context(), r.Entry)
	return decidePage{F: c.Form(), R: r, Entry: h.newLine(c, l, true), Own: r.AskedBy.ID == c.Actor.ID}, err
}

func (h *handlers) decide(c *web.Context) error {
	if err := administrator(c); err != nil {
		return err
	}
	err := c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		if c.Form().Text("quyet-dinh") == "xoa" {
			return erasePath + "?xong=xoa", h.log.Confirm(ctx, tx, person(c), c.Value("id"))
		}
		return erasePath + "?xong=khong", h.log.Decline(ctx, tx, person(c), c.Value("id"))
	})
	if err == nil {
		return nil
	}
	p, perr := h.decision(c)
	if perr != nil {
		return perr
	}
	return c.Retry(err, "audit_decide", p)
}
