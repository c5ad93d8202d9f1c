package app

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/report"
	"dinh/internal/report/reportweb"
	"dinh/internal/web"
)

// openReports makes the room report: the other rooms compute its figures, the plan hears of what was handed in.
func (a *App) openReports() (err error) {
	a.Reports, err = report.New(report.Options{
		DB: a.DB, Units: a.Units, Law: a.Law, Clock: a.Clock, People: a.Auth, Files: a.Files, Recorder: planReports{a.Plans}, Focal: a.focal,
		Sources: []report.FigureSource{disclosureFigures{a.Disclosure}, planFigures{a.Plans}, orgFigures{a.Units}},
	})
	return err
}

// registerReport adds the pages of the room report.
func (a *App) registerReport(k *web.Kit) {
	reportweb.Register(k, reportweb.Deps{Service: a.Reports, Units: a.Units, Law: a.Law, Files: a.Files})
}

// focal is the body through which reports reach a province: the one that leads the plan's work there.
func (a *App) focal(ctx context.Context, province string) (string, error) {
	roles, err := a.Plans.Roles(ctx, province)
	return plan.RoleHolder(roles, plan.RoleFocal, a.Clock.Today()), err
}

// planReports tells the room plan of reports.
type planReports struct{ plans *plan.Service }

// RecordTx makes the report evidence of the tasks that it fits, or takes it away.
func (x planReports) RecordTx(ctx context.Context, tx *db.Tx, actor access.Actor, r report.Record) error {
	return x.plans.RecordTx(ctx, tx, actor, planReport(r))
}

// planReport is a report as the plan knows it: a unit's own by the kind of its period, a consolidated one as such.
func planReport(r report.Record) plan.Record {
	kind := r.Kind
	if kind == "report" {
		kind = r.Period
	}
	return plan.Record{Room: "report", Kind: kind, ID: r.ID, Unit: r.Unit, Day: r.Day, Due: r.Due, Title: r.Title, Link: r.Link, Number: r.Number, Counts: r.Counts}
}

// reportEvidence lists the reports again, so that the plan's rows can be checked and rebuilt.
type reportEvidence struct{ s *report.Service }

// Room is the room's name in rows of evidence.
func (reportEvidence) Room() string { return "report" }

// Records calls f for every report that counts.
func (x reportEvidence) Records(ctx context.Context, q db.Querier, f func(plan.Record) error) error {
	return x.s.Records(ctx, q, func(r report.Record) error { return f(planReport(r)) })
}

// reportDoor leads from a task that a report fulfils to the report, in the plan's own pages. There is none before the period is open.
func (a *App) reportDoor(ctx context.Context, t *plan.Task, unit *org.Unit, due civil.Date) (string, i18n.Msg, error) {
	kind := ""
	switch {
	case slices.Contains(t.Records, "report.half"):
		kind = report.PeriodHalf
	case slices.Contains(t.Records, "report.year"):
		kind = report.PeriodYear
	case slices.Contains(t.Records, "report.other"), slices.Contains(t.Records, "report.consolidated"):
		return "/lam-viec/bao-cao", i18n.M("reportunit.door.list"), nil
	}
	if kind == "" || due == civil.None {
		return "", i18n.Msg{}, nil
	}
	link, err := a.Reports.LinkOf(ctx, kind, due.Year(), unit)
	return link, i18n.M("reportunit.door.report"), err
}

// disclosureFigures are the figures that the room disclosure computes.
type disclosureFigures struct{ s *disclosure.Service }

// Sources are the words of the forms for the room.
func (disclosureFigures) Sources() []string { return []string{"propagate", "regulation", "disclosure"} }

// Figures are those of the codes, each with what it was counted from.
func (x disclosureFigures) Figures(ctx context.Context, q db.Querier, unit string, days civil.Span, codes []string) (map[string]report.Figure, error) {
	list, err := x.s.Figures(ctx, q, unit, days)
	if err != nil {
		return nil, err
	}
	out := map[string]report.Figure{}
	for _, f := range list {
		if !slices.Contains(codes, f.Code) || f.Measure == disclosure.FigureShare {
			continue
		}
		r := report.Figure{Value: int64(f.N)}
		for _, row := range f.Rows[:min(len(f.Rows), mostSources)] {
			src := report.Source{ID: row.ID, Title: row.Title, Link: x.link(row), Day: row.Day, N: int64(row.N)}
			if row.Item != nil {
				src.May = func(a access.Actor) bool { return x.s.MaySee(a, row.Item) || x.s.MayWrite(a, unit) }
			}
			r.Records = append(r.Records, src)
		}
		out[f.Code] = r
	}
	return out, nil
}

// mostSources is how many records a figure names.
const mostSources = 500

func (x disclosureFigures) link(r disclosure.FigureRow) string {
	switch {
	case r.Item != nil:
		return x.s.Link(r.Item, "")
	case r.Kind == "session":
		return "/lam-viec/tuyen-truyen/" + r.ID
	case r.Kind == "regulation":
		return "/lam-viec/quy-che/" + r.ID
	}
	return ""
}

// planFigures are the figures that the room plan computes: whether a unit has its own plan, and of which day.
type planFigures struct{ s *plan.Service }

// Sources is the word of the forms for the room.
func (planFigures) Sources() []string { return []string{"plan"} }

// Figures are I.1 and I.2 of the regular report.
func (x planFigures) Figures(ctx context.Context, q db.Querier, unit string, days civil.Span, codes []string) (map[string]report.Figure, error) {
	list, err := x.s.OwnPlans(ctx, q, unit, days)
	if err != nil {
		return nil, err
	}
	var records []report.Source
	for _, p := range list {
		title := p.Name
		if !p.Title.IsZero() {
			title = i18n.For(i18n.VI).Say(p.Title)
		}
		records = append(records, report.Source{ID: p.Link, Title: title, Link: p.Link, Day: p.Day, N: 1})
	}
	out := map[string]report.Figure{}
	if slices.Contains(codes, "I.1") {
		f := report.Figure{Records: records}
		if len(list) > 0 {
			f.Value = 1
		}
		out["I.1"] = f
	}
	if slices.Contains(codes, "I.2") && len(list) > 0 {
		n, err := strconv.ParseInt(strings.ReplaceAll(string(list[0].Day), "-", ""), 10, 64)
		if err != nil {
			return nil, err
		}
		out["I.2"] = report.Figure{Value: n, Records: records[:1]}
	}
	return out, nil
}

// orgFigures are the figures that the tree of units gives.
type orgFigures struct{ units *org.Directory }

// Sources is the word of the forms for the tree.
func (orgFigures) Sources() []string { return []string{"org"} }

// Figures is III.3, the villages on the last day. Of a unit whose villages nobody has entered it says nothing: there is no commune without.
func (x orgFigures) Figures(_ context.Context, _ db.Querier, unit string, days civil.Span, codes []string) (map[string]report.Figure, error) {
	out := map[string]report.Figure{}
	if !slices.Contains(codes, "III.3") {
		return out, nil
	}
	var f report.Figure
	for _, u := range x.units.On(days.To).Children(unit) {
		if u.Kind == org.Village {
			f.Value++
			if len(f.Records) < mostSources {
				f.Records = append(f.Records, report.Source{ID: u.ID, Title: u.Name, Link: x.units.Path(u.ID, days.To), Day: u.From, N: 1})
			}
		}
	}
	if f.Value > 0 {
		out["III.3"] = f
	}
	return out, nil
}
