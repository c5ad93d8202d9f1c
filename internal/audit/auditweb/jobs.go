package auditweb

import (
	"context"

	"dinh/internal/audit"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/job"
	"dinh/internal/web"
)

type jobsPage struct {
	F    *web.Form
	Dead []job.Dead
}

// jobs lists the background jobs that were given up.
func (h *handlers) jobs(c *web.Context) error {
	p, err := h.dead(c)
	if err != nil {
		return err
	}
	return c.Render("audit_jobs", p)
}

func (h *handlers) dead(c *web.Context) (p jobsPage, err error) {
	if err := administrator(c); err != nil {
		return p, err
	}
	p.F = c.Form()
	p.Dead, err = job.DeadOnes(c.Context(), h.db, 200)
	return p, err
}

// jobAgain has one tried again, or forgets it.
func (h *handlers) jobAgain(c *web.Context) error {
	if err := administrator(c); err != nil {
		return err
	}
	err := c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
		id := c.Form().Text("id")
		e := audit.Entry{Actor: c.Actor.ID, ActorName: c.Actor.Name, Action: "audit.job_again", Kind: "job", Subject: id, Msg: i18n.M("audit.did.job_again")}
		do := job.Revive
		if c.Form().Text("lam") == "bo" {
			e.Action, e.Msg, do = "audit.job_drop", i18n.M("audit.did.job_drop"), job.Drop
		}
		if err := do(ctx, tx, id); err != nil {
			return "", err
		}
		return jobsPath, audit.Record(ctx, tx, e)
	})
	if err == nil {
		return nil
	}
	p, perr := h.dead(c)
	if perr != nil {
		return perr
	}
	return c.Retry(err, "audit_jobs", p)
}
