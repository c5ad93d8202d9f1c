package lawweb

import (
	"context"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/web"
)

type movedPage struct {
	F     *web.Form
	Rows  []movedRow
	Pager web.Pager
	Local []string // names of the files laid over
	Seen  []seenRow
}

type movedRow struct {
	ID          string
	Version     int
	Title, Path string
	Unit        string
	Step        text
	Before, Now civil.Date
	Why, WhyNow i18n.Msg
	Gone        bool
}

type seenRow struct {
	Day    civil.Date
	Msg    i18n.Msg
	Digest string
}

func (h pages) moved(c *web.Context) error {
	p, err := h.movedPage(c)
	if err != nil {
		return err
	}
	return c.Render("law_moved", p)
}

func (h pages) movedPage(c *web.Context) (movedPage, error) {
	p := movedPage{F: c.Form(), Local: h.s.Catalogue().Local}
	list, next, err := h.s.Moved(c.Context(), c.Actor, c.Query("sau"), 20)
	if err != nil {
		return p, err
	}
	if next != "" {
		p.Pager.Next = movedPath + "?sau=" + next
	}
	if c.Query("sau") != "" {
		p.Pager.First = movedPath
	}
	for _, m := range list {
		r := movedRow{ID: m.Stored.ID, Version: m.Stored.Version, Title: m.Title, Path: m.Path, Before: m.Stored.Due.Date, Why: m.Stored.Due.Msg, Gone: m.Now == nil}
		if m.Now != nil {
			r.Now, r.WhyNow = m.Now.Date, m.Now.Msg
		}
		if s, ok := h.s.Catalogue().Step(m.Stored.Due.Step); ok {
			r.Step = worded(s.Words(c.Lang))
		}
		if c.Tree != nil {
			if u, ok := c.Tree.ByID(m.Stored.Unit); ok {
				r.Unit = u.NameIn(c.Lang)
			}
		}
		p.Rows = append(p.Rows, r)
	}
	seen, err := h.s.History(c.Context(), 10)
	for _, s := range seen {
		p.Seen = append(p.Seen, seenRow{civil.Of(db.FromMicros(s.At)), i18n.M("law.audit.catalogue", "acts", s.Acts, "duties", s.Duties), s.Digest[:12]})
	}
	return p, err
}

func (h pages) answer(c *web.Context) error {
	f := c.Form()
	id, version, accept := f.Text("id"), f.Int("version"), f.Text("answer") == "accept"
	err := f.Err()
	if err == nil && !accept && f.Text("answer") != "keep" {
		err = errs.E(errs.Invalid, "law.moved.unclear")
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			if accept {
				return movedPath, h.s.AcceptTx(ctx, tx, c.Actor, id, version)
			}
			return movedPath, h.s.KeepTx(ctx, tx, c.Actor, id, version)
		})
	}
	if err == nil {
		return nil
	}
	p, perr := h.movedPage(c)
	if perr != nil {
		return perr
	}
	return c.Retry(err, "law_moved", p)
}
