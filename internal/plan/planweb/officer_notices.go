package planweb

import (
	"context"
	"net/url"
	"time"

	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/notify"
	"dinh/internal/web"
)

const (
	noticesPath  = "/lam-viec/thong-bao"
	settingsPath = "/lam-viec/thong-bao/cai-dat"
	noticesAPage = 30
)

// noticesPage lists one's notices, unread ones first.
type noticesPage struct {
	F     *web.Form
	List  []notify.Notice
	Count int // unread
	Pager web.Pager
	Done  i18n.Msg
}

// unread is the number beside the navigation's entry. A fault of the database is the page's own to tell.
func (h officer) unread(c *web.Context) int {
	n, err := notify.Unread(c.Context(), h.DB, c.Actor.ID)
	if err != nil {
		return 0
	}
	return n
}

func (h officer) notices(c *web.Context) error {
	list, next, err := notify.List(c.Context(), h.DB, c.Actor.ID, c.Query("sau"), noticesAPage)
	if err != nil {
		return err
	}
	p := noticesPage{F: c.Form(), List: list, Count: h.unread(c)}
	if next != "" {
		p.Pager.Next = noticesPath + "?sau=" + url.QueryEscape(next)
	}
	if c.Query("sau") != "" {
		p.Pager.First = noticesPath
	}
	if c.Query("xong") == "doc" {
		p.Done = i18n.M("planweb.notices.read_done")
	}
	return c.Render("notices", p)
}

// noticesRead marks the notices of the form as read, all of them where it names none, and goes on to the notice's own page where asked.
func (h officer) noticesRead(c *web.Context) error {
	ids := c.Form().Texts("id")
	to := web.Local(c.Form().Text("tiep"), noticesPath+"?xong=doc")
	return c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return to, notify.MarkReadTx(ctx, tx, c.Actor.ID, ids...)
	})
}

// settingsPage is how one hears of notices: by mail, and deadlines in one's own calendar.
type settingsPage struct {
	F     *web.Form
	Paces []web.Option
	Since time.Time // the calendar's address was made; zero where there is none
	Feed  string    // the new address, shown once
	Done  i18n.Msg
}

func (h officer) settingsOf(c *web.Context) (settingsPage, error) {
	p := settingsPage{F: c.Form()}
	for _, pace := range notify.Paces {
		p.Paces = append(p.Paces, web.Option{Value: string(pace), Label: c.P.T("planweb.notices.pace." + string(pace))})
	}
	pace, err := notify.PaceOf(c.Context(), h.DB, c.Actor.ID)
	if err != nil {
		return p, err
	}
	p.F.Prefill("mail", string(pace))
	p.Since, err = h.Plans.CalendarSince(c.Context(), c.Actor.ID)
	return p, err
}

func (h officer) noticeSettings(c *web.Context) error {
	p, err := h.settingsOf(c)
	if err != nil {
		return err
	}
	switch c.Query("xong") {
	case "mail":
		p.Done = i18n.M("planweb.notices.settings_done")
	case "lich":
		p.Done = i18n.M("planweb.calendar.dropped")
	case "lich-moi":
		p.Done = i18n.M("planweb.calendar.shown_before")
	}
	return c.Render("notice_settings", p)
}

func (h officer) saveNoticeSettings(c *web.Context) error {
	pace := notify.Pace(c.Form().Text("mail"))
	err := c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return settingsPath + "?xong=mail", notify.SetPaceTx(ctx, tx, c.Actor.ID, pace)
	})
	if err == nil {
		return nil
	}
	p, perr := h.settingsOf(c)
	if perr != nil {
		return perr
	}
	return c.Retry(err, "notice_settings", p)
}

// settingsRetry answers a failed small form by the page it stood on.
func (h officer) settingsRetry(c *web.Context, err error) error {
	if errs.KindOf(err) != errs.Invalid && errs.KindOf(err) != errs.Conflict {
		return err
	}
	p, perr := h.settingsOf(c)
	if perr != nil {
		return perr
	}
	return c.Retry(err, "notice_settings", p)
}
