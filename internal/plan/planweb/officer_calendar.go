package planweb

import (
	"context"
	"net/http"
	"time"

	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/feed"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// makeCalendar makes the secret address of one's calendar and shows it, this once.
func (h officer) makeCalendar(c *web.Context) error {
	token, made := plan.NewCalendarToken(), false
	to, err := c.Command(func(ctx context.Context, tx *db.Tx) (string, error) {
		made = true
		return settingsPath + "?xong=lich-moi", h.Plans.CalendarTx(ctx, tx, c.Actor, token)
	})
	switch {
	case err != nil:
		return h.settingsRetry(c, err)
	case !made: // the form was sent before: its address has been shown
		return c.Redirect(to)
	}
	p, err := h.settingsOf(c)
	if err != nil {
		return err
	}
	p.Feed = c.BaseURL() + c.Href("/lam-viec/lich.ics", "token", token)
	return c.RenderStatus(http.StatusOK, "notice_settings", p)
}

func (h officer) dropCalendar(c *web.Context) error {
	err := c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		return settingsPath + "?xong=lich", h.Plans.DropCalendarTx(ctx, tx, c.Actor)
	})
	if err == nil {
		return nil
	}
	return h.settingsRetry(c, err)
}

// feedEvery is how often a calendar program may ask.
const feedEvery = 6 * time.Hour

// calendar is the feed of one's open deadlines. It names tasks, never persons.
func (h officer) calendar(c *web.Context) error {
	account, err := h.Plans.CalendarOwner(c.Context(), c.Query("token"))
	if err != nil {
		return err
	}
	actor, err := h.Actors.ActorOf(c.Context(), account)
	if err != nil {
		if errs.Is(err, errs.NotFound) { // the account is closed
			return errNone()
		}
		return err
	}
	list, err := h.Plans.Deadlines(c.Context(), actor)
	if err != nil {
		return err
	}
	cal := feed.Calendar{Name: c.P.T("planweb.calendar.name"), Lang: string(c.Lang), Refresh: feedEvery}
	for _, d := range list {
		e := feed.Event{
			UID: d.Occurrence + "@dinh", Sequence: d.Version, Stamp: h.Clock.Now(), Day: d.Due, RemindDays: 1,
			Summary:     d.Task.Title(c.Lang),
			Description: c.P.T("planweb.calendar.words", "unit", d.Unit.NameIn(c.Lang), "ref", d.Task.Ref, "number", d.Plan.Number),
		}
		if base := c.BaseURL(); base != "" {
			e.URL = base + c.Href(plan.WorkLink(d.Assignment))
		}
		cal.Events = append(cal.Events, e)
	}
	body, err := cal.Bytes()
	if err != nil {
		return err
	}
	c.W.Header()["Cache-Control"] = []string{"no-store"}
	return c.Bytes("text/calendar; charset=utf-8", "", body)
}
