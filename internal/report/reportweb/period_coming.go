package reportweb

import (
	"context"
	"net/url"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/report"
	"dinh/internal/web"
)

// comingPage lists the reports that come in to a unit.
type comingPage struct {
	*periodPage
	In     *report.Incoming
	Query  string
	Lines  []lineView
	Filter string
	States []periodLink
	Lumps  []web.Option
	Given  int // handed in
	Late   int
	Own    bool // the reader works there: may set the day and report in one line
}

func (h *pages) comingOf(c *web.Context) (*comingPage, error) {
	p, err := h.periodOf(c)
	if err != nil {
		return nil, err
	}
	u, ok := h.named(c, c.R.URL.Query().Get("don-vi"))
	if !ok {
		return nil, errNone()
	}
	in, err := h.Service.Below(c.Context(), c.Actor, p.V.ID, u.ID)
	if err != nil {
		return nil, err
	}
	q := &comingPage{periodPage: p, In: in, Query: "?don-vi=" + url.QueryEscape(unitCode(u)), Filter: c.R.URL.Query().Get("trang-thai")}
	q.Own = c.Actor.Holds(u.ID, "head", "focal_officer", "officer")
	for _, l := range in.Lines {
		x := h.lineView(c, l)
		if l.State.Final() {
			q.Given++
		} else if l.Late(c.Today) > 0 && l.LumpKind == "" {
			q.Late++
		}
		if q.Filter == "" || q.Filter == string(l.State) || q.Filter == "chua-gui" && !l.State.Final() {
			q.Lines = append(q.Lines, x)
		}
	}
	here := p.Base + "/gui-ve" + q.Query
	for _, s := range []string{"", "chua-gui", string(report.Submitted), string(report.Returned), string(report.Accepted)} {
		key := s
		if s == "" {
			key = "all"
		}
		path := here
		if s != "" {
			path += "&trang-thai=" + s
		}
		q.States = append(q.States, periodLink{c.P.T("reportunit.filter." + strings.ReplaceAll(key, "-", "_")), path})
	}
	for _, k := range in.Kinds {
		if k.Open > 0 {
			q.Lumps = append(q.Lumps, web.Option{Value: k.Kind, Label: c.P.T("reportunit.lump.option", "kind", i18n.M("reportunit.kind."+k.Kind), "n", k.Open)})
		}
	}
	if in.Due != civil.None {
		q.F.PrefillDate("day", in.Due)
	}
	if len(q.Lumps) > 0 {
		q.F.Prefill("kind", q.Lumps[0].Value)
	}
	return q, nil
}

// Current reports whether the filter of the link is the one in force.
func (p *comingPage) Current(l periodLink) bool {
	return strings.HasSuffix(l.Path, "&trang-thai="+p.Filter) || p.Filter == "" && !strings.Contains(l.Path, "trang-thai")
}

func (h *pages) coming(c *web.Context) error {
	p, err := h.comingOf(c)
	if err != nil {
		return err
	}
	if c.Query("xong") == "han" {
		p.Done = i18n.M("reportunit.period_done.han")
	}
	return c.Render("period_coming", p)
}

func (h *pages) ownDue(c *web.Context) error {
	p, err := h.comingOf(c)
	if err != nil {
		return err
	}
	day := p.F.Date("day")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.Service.OwnDueTx(ctx, tx, c.Actor, p.V.ID, p.In.Unit.ID, day)
		return p.Base + "/gui-ve" + p.Query + "&xong=han", err
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "period_coming", p)
}

func (h *pages) lump(c *web.Context) error {
	p, err := h.comingOf(c)
	if err != nil {
		return err
	}
	kind, n := p.F.Text("kind"), p.F.Int("n")
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := h.Service.LumpTx(ctx, tx, c.Actor, p.V.ID, p.In.Unit.ID, kind, n)
		return report.Link(p.V.Period, p.In.Unit.Code, p.In.Unit.ID, kind), err
	})
	if err == nil {
		return nil
	}
	return c.Retry(err, "period_coming", p)
}
