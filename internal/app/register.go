package app

import (
	"context"
	"net/http"
	"time"

	"dinh/internal/access"
	"dinh/internal/api"
	"dinh/internal/audit/auditweb"
	"dinh/internal/auth"
	"dinh/internal/auth/authweb"
	"dinh/internal/job"
	"dinh/internal/law/lawweb"
	"dinh/internal/notify"
	"dinh/internal/org/orgweb"
	"dinh/internal/search"
	"dinh/internal/web"
	"dinh/internal/web/siteweb"
)

// register hands the kit to every room.
func (a *App) register(k *web.Kit) error {
	a.Search = search.New(a.DB, search.Units(a.Units), search.Law(a.Law, lawPath))
	err := siteweb.Register(k, siteweb.Deps{Units: a.Units, Law: a.Law, LawPath: lawPath, Search: a.Search, Filter: orgweb.ListPath, Rooms: []siteweb.Contributor{disclosurePanel{a.Disclosure}, planPanel{a.Plans}}})
	if err != nil {
		return err
	}
	lawweb.Register(k, a.LawRoom)
	authweb.Register(k, a.Auth)
	orgweb.Register(k, orgweb.Deps{Service: a.Org, Law: a.Law, Rooms: []orgweb.Room{disclosurePanel{a.Disclosure}, planPanel{a.Plans}}})
	auditweb.Register(k, a.Audit, a.DB, a.Units)
	a.registerPlan(k)
	a.registerDisclosure(k)
	a.registerReport(k)
	api.Register(k, api.Deps{Units: a.Units, Law: a.Law, Plans: a.Plans, Tokens: a.Auth, Clock: a.Clock})
	k.HandleAPI("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	}))
	k.HandleAPI("GET /readyz", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if err := a.DB.Healthy(r.Context()); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("not ready\n"))
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	}))
	return nil
}

// lawPath is the address of an act or a duty.
func lawPath(kind, id string) string {
	if kind == search.KindDuty {
		return "/luat/nghia-vu/" + id
	}
	return "/luat/" + id
}

// sessions gives the kit what it needs to know of a log-in.
type sessions struct{ s *auth.Service }

// Session is the log-in of a token.
func (x sessions) Session(ctx context.Context, token string) (access.Actor, web.Session, error) {
	actor, se, err := x.s.Session(ctx, token)
	return actor, web.Session{ID: se.ID}, err
}

// registerJobs gives the rooms their hours.
func (a *App) registerJobs(r *job.Runner) {
	a.Files.Register(r)
	a.Mail.Register(r)
	a.Auth.Register(r)
	notify.Register(r, a.DB, a.Auth)
	a.Disclosure.RegisterPostings(r)
	a.Disclosure.RegisterBoard(r)
	a.Reports.Register(r)
	count := func(f func(context.Context) (int, error)) func(context.Context) error {
		return func(ctx context.Context) error { _, err := f(ctx); return err }
	}
	r.Every("plan.remind", job.Daily(6), count(a.Plans.Remind))
	r.Every("plan.digest", job.Daily(6), count(a.Plans.Digest))
	r.Every("plan.catch_up", job.Interval(10*time.Minute), count(a.Plans.CatchUp)) // new units, such as villages, get what the plan asks of them
	// What the rooms told is what the plan counts.
	r.Every("plan.rebuild", job.Daily(2), func(ctx context.Context) error {
		_, err := a.Plans.Rebuild(ctx, planEvidence{a.Disclosure}, reportEvidence{a.Reports})
		return err
	})
	r.Every("plan.prune", job.Daily(3), a.Plans.Prune)
	r.Every("db.prune", job.Daily(3), func(ctx context.Context) error { return a.DB.Prune(ctx, 30*24*time.Hour) })
}
