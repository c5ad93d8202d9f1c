package app

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"time"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/plan"
)

// Export is what to write out: units of a day, a plan, its board, or the audit log.
type Export struct {
	What   string
	On     civil.Date // units; None is today
	Plan   string     // plan and board; "" is the newest issued one
	Format string     // csv, xlsx (units alone) or json (plan alone)
}

// Check finds faults of the call.
func (x Export) Check() error {
	switch x.What {
	case "units":
		if x.Format != "csv" && x.Format != "xlsx" {
			return errs.E(errs.Usage, "command.format", "value", x.Format)
		}
	case "plan", "board", "audit":
	default:
		return errs.E(errs.Usage, "command.unknown", "name", "export "+x.What)
	}
	return nil
}

// RunExport reads the data, also beside a running server, and writes to out.
func RunExport(ctx context.Context, o Options, x Export, p *i18n.Printer, out io.Writer) error {
	d, err := db.Open(ctx, db.Options{DSN: o.Config.Database, Dir: o.Config.Data, ReadOnly: true, Clock: o.Clock})
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // nothing was written
	if x.What == "audit" {
		return exportAudit(ctx, audit.New(d, "", o.Clock), p, out)
	}
	units, err := org.Open(ctx, d)
	if err != nil {
		return err
	}
	if x.What == "units" {
		day := x.On
		if day == civil.None {
			day = o.Clock.Today()
		}
		_, _, data, err := units.Export(day, org.Filter{}, x.Format, p)
		if err != nil {
			return err
		}
		_, err = out.Write(data)
		return err
	}
	cat, err := law.Load()
	if err != nil {
		return err
	}
	plans := plan.New(plan.Options{DB: d, Units: units, Law: func() *law.Catalogue { return cat }, Clock: o.Clock})
	id := x.Plan
	if id == "" {
		list, err := plans.IssuedPlans(ctx)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return errs.E(errs.NotFound, "plan.none")
		}
		id = list[0].ID
	}
	if x.What == "plan" {
		pl, err := plans.Plan(ctx, id)
		if err != nil {
			return err
		}
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(pl)
	}
	return exportBoard(ctx, plans, id, out)
}

// exportBoard writes a line per unit and task.
func exportBoard(ctx context.Context, plans *plan.Service, id string, out io.Writer) error {
	b, err := plans.Board(ctx, access.System, id, plan.Filter{})
	if err != nil {
		return err
	}
	w := csv.NewWriter(out)
	if err := w.Write([]string{"unit", "name", "kind", "task", "state", "due"}); err != nil {
		return err
	}
	for _, r := range b.Rows {
		for i, c := range r.Cells {
			if c.State == "" {
				continue
			}
			if err := w.Write([]string{r.Unit.Code, r.Unit.Name, r.Unit.Kind, b.Tasks[i].ID, string(c.State), string(c.Due)}); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}

// exportAudit writes the numbered entries with what is not erased of them, oldest last as the log shows them.
func exportAudit(ctx context.Context, l *audit.Log, p *i18n.Printer, out io.Writer) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{"seq", "id", "at", "actor", "action", "unit", "kind", "subject", "text"}); err != nil {
		return err
	}
	for after := ""; ; {
		lines, next, err := l.History(ctx, audit.Query{After: after, Limit: 500})
		if err != nil {
			return err
		}
		for _, x := range lines {
			row := []string{strconv.FormatInt(x.Seq, 10), x.ID, x.At.UTC().Format(time.RFC3339Nano), x.Actor, x.Action, x.Unit, x.Kind, x.Subject, p.Say(x.Msg)}
			for i, v := range row {
				if v != "" && slices.Contains([]byte("=+-@"), v[0]) && i > 0 {
					row[i] = "'" + v
				}
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
		if next == "" {
			w.Flush()
			return w.Error()
		}
		after = next
	}
}
