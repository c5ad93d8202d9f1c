package reportweb

import (
	"context"
	"strconv"

	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/report"
	"dinh/internal/web"
)

// sumTextsPage is the texts of a consolidated report; with H one heading beside what the subordinate reports say.
type sumTextsPage struct {
	*sumHead
	T    *report.Texts
	H    *report.Heading
	Rows []textRow
	Prev string
	Next string
}

type textRow struct {
	*report.Heading
	Path string
}

func (h *pages) textsOf(c *web.Context, n int) (*sumTextsPage, error) {
	ask, period, err := h.askOf(c)
	if err != nil {
		return nil, err
	}
	t, err := h.Service.Texts(c.Context(), c.Actor, period.ID, ask.Unit, n)
	if err != nil {
		return nil, err
	}
	p := &sumTextsPage{sumHead: h.headOfSum(c, t.Sum), T: t}
	at := func(i int) string { return p.At("loi-van/" + strconv.Itoa(i)) }
	for _, x := range t.Headings {
		p.Rows = append(p.Rows, textRow{x, at(x.N)})
	}
	if n > 0 {
		p.H = t.Headings[n-1]
		if n > 1 {
			p.Prev = at(n - 1)
		}
		if n < len(t.Headings) {
			p.Next = at(n + 1)
		}
		p.F.Prefill("version", strconv.Itoa(t.Version))
		body := p.H.Body
		if body == "" {
			body = p.H.Draft
		}
		p.F.Prefill("body", body)
	}
	if c.Query("xong") == "luu" {
		p.Done = i18n.M("reportsum.text_saved")
	}
	return p, nil
}

func (h *pages) sumTexts(c *web.Context) error {
	p, err := h.textsOf(c, 0)
	if err != nil {
		return err
	}
	return c.Render("sum_texts", p)
}

func (h *pages) headingOf(c *web.Context) (*sumTextsPage, error) {
	n, err := strconv.Atoi(c.Value("n"))
	if err != nil || n < 1 {
		return nil, errNone()
	}
	return h.textsOf(c, n)
}

func (h *pages) sumText(c *web.Context) error {
	p, err := h.headingOf(c)
	if err != nil {
		return err
	}
	c.L.Wide = true
	return c.Render("sum_text", p)
}

func (h *pages) saveSumText(c *web.Context) error {
	p, err := h.headingOf(c)
	if err != nil {
		return err
	}
	f := c.Form()
	version, err := strconv.Atoi(f.Raw("version"))
	if err != nil {
		version = -1
	}
	err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		err := h.Service.SaveTextTx(ctx, tx, c.Actor, report.SaveText{Period: p.V.Period.ID, Unit: p.V.Of.ID, N: p.H.N, Body: f.Lines("body"), Version: version})
		return p.At("loi-van/"+strconv.Itoa(p.H.N), "xong", "luu"), err
	})
	if err != nil {
		f.Stored("body", p.H.Body) // what is stored stands beside what was typed
		f.Put("version", strconv.Itoa(p.T.Version))
		c.L.Wide = true
		return c.Retry(err, "sum_text", p)
	}
	return nil
}
