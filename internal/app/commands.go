package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strings"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/org/legacy"
	"dinh/internal/plan"
)

func init() {
	knowCommand(func() Command { return new(Init) })
	knowCommand(func() Command { return new(ImportUnits) })
	knowCommand(func() Command { return new(ImportPlan) })
	knowCommand(func() Command { return new(UserAdd) })
	knowCommand(func() Command { return new(TokenCreate) })
	knowCommand(func() Command { return new(Redact) })
}

// longAgo is before any day of which the program will hold records, so that units and plans of earlier years find their province.
const longAgo civil.Date = "2000-01-01"

// Init makes the province and its first administrator. It is refused where there is one.
type Init struct{ Province, Called, Admin, Phone, Password string }

// Name is the command's key.
func (Init) Name() string { return "init" }

// Run does it.
func (c *Init) Run(ctx context.Context, a *App, p *i18n.Printer, out io.Writer) error {
	if root := a.Units.On(a.Clock.Today()).Root(); root != nil {
		return errs.E(errs.Conflict, "command.init.there", "name", root.Name)
	}
	in, err := a.Org.ReadFirst(c.Province, c.Called, longAgo)
	if err != nil {
		return err
	}
	password, made := c.Password, false
	if password == "" {
		password, made = strings.ToLower(rand.Text()[:16]), true
	}
	h, err := a.Auth.HashPassword(ctx, password, c.Admin, c.Phone)
	if err != nil {
		return err
	}
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		id, err := a.Org.FirstTx(ctx, tx, in)
		if err != nil {
			return err
		}
		_, err = a.Auth.FirstTx(ctx, tx, auth.NewPerson{Name: c.Admin, Phone: c.Phone, Lang: p.Lang, Post: auth.Assignment{Unit: id}}, h)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, p.T("command.init.done", "name", c.Called, "admin", c.Admin, "phone", c.Phone))
	if made {
		fmt.Fprintln(out, p.T("command.init.password", "password", password))
	}
	return nil
}

// ImportUnits takes a file of units, or of what became of units.
type ImportUnits struct {
	File, SuccessionsFile, Encoding, Province, Act string
	Body, Successions                              []byte
	On                                             civil.Date
	DryRun, EndMissing                             bool
}

// Name is the command's key.
func (ImportUnits) Name() string { return "import units" }

// Run does it and writes each change and each fault by line.
func (c *ImportUnits) Run(ctx context.Context, a *App, p *i18n.Printer, out io.Writer) error {
	enc, ok := legacy.Parse(c.Encoding)
	if !ok {
		return errs.E(errs.Usage, "command.encoding", "value", c.Encoding)
	}
	report, err := a.Org.ImportFile(ctx, access.System, c.Body, c.File, org.ImportOptions{
		Encoding: enc, On: c.On, DryRun: c.DryRun, Province: c.Province, Successions: c.Successions, SuccessionsName: c.SuccessionsFile, EndMissing: c.EndMissing, Act: c.Act,
	})
	if report != nil {
		if _, werr := io.WriteString(out, report.Text(p)); werr != nil {
			return errors.Join(err, werr)
		}
	}
	if report != nil && errs.Is(err, errs.Invalid) {
		return errs.E(errs.Invalid, "command.import.faults", "n", len(errs.FieldsOf(err)))
	}
	return err
}

// ImportPlan takes a plan's file as a draft.
type ImportPlan struct {
	Body   []byte
	DryRun bool
}

// Name is the command's key.
func (ImportPlan) Name() string { return "import plan" }

// Run does it and writes what the plan would bind.
func (c *ImportPlan) Run(ctx context.Context, a *App, p *i18n.Printer, out io.Writer) error {
	pre, err := a.Plans.PreviewImport(ctx, access.System, c.Body)
	if err != nil {
		return err
	}
	for _, w := range pre.Warnings {
		fmt.Fprintln(out, "  "+p.Say(w.Msg))
	}
	for _, d := range pre.Differences {
		fmt.Fprintln(out, "  "+p.Say(d.Msg))
	}
	fmt.Fprintln(out, p.T("command.import.plan", "number", pre.Plan.Number, "tasks", len(pre.Plan.Tasks), "units", pre.Units, "n", pre.Assignments))
	if c.DryRun {
		return nil
	}
	parsed, err := a.Plans.Parse(c.Body)
	if err != nil {
		return err
	}
	var id string
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		id, err = a.Plans.ImportTx(ctx, tx, access.System, plan.Import{Parsed: parsed, Replace: true})
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, p.T("command.import.plan_done", "id", id))
	return nil
}

// UserAdd makes an account with a post.
type UserAdd struct{ Called, Phone, Login, Mail, Unit, Post, Password string }

// Name is the command's key.
func (UserAdd) Name() string { return "user add" }

// Run does it and prints the code of the invitation where no password was given.
func (c *UserAdd) Run(ctx context.Context, a *App, p *i18n.Printer, out io.Writer) error {
	u, ok := a.Units.On(a.Clock.Today()).ByCode(c.Unit)
	if !ok {
		return errs.E(errs.NotFound, "command.unit", "code", c.Unit)
	}
	acc, inv, err := a.Auth.UserAdd(ctx, auth.NewPerson{
		Name: c.Called, Phone: c.Phone, Login: c.Login, Mail: c.Mail, Lang: i18n.VI, Post: auth.Assignment{Unit: u.ID, Kind: access.PostKind(c.Post), From: a.Clock.Today()},
	}, c.Password)
	if err != nil {
		return err
	}
	name := acc.Login
	if name == "" {
		name = acc.Phone
	}
	fmt.Fprintln(out, p.T("command.user.done", "name", acc.Name, "login", name, "unit", u.Name))
	if inv != nil {
		fmt.Fprintln(out, p.T("command.user.invited", "code", auth.ShowCode(inv.Code), "link", a.opts.Config.BaseURL+"/moi/"+inv.Code, "day", inv.Last))
	}
	return nil
}

// TokenCreate makes an API token for an account and prints it, this once.
type TokenCreate struct {
	User string
	Days int
}

// Name is the command's key.
func (TokenCreate) Name() string { return "token create" }

// Run does it.
func (c *TokenCreate) Run(ctx context.Context, a *App, p *i18n.Printer, out io.Writer) error {
	token, err := a.Auth.CreateTokenFor(ctx, c.User, auth.TokenOrder{Label: p.T("command.token.label"), Expires: a.Clock.Today().Add(c.Days)})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, token)
	return nil
}

// Redact asks for an erasure from the audit log, or confirms one that somebody else asked for.
type Redact struct{ Entry, Reason, Basis, User string }

// Name is the command's key.
func (Redact) Name() string { return "audit redact" }

// Run asks; where another person has asked for the same entry it confirms.
func (c *Redact) Run(ctx context.Context, a *App, p *i18n.Printer, out io.Writer) error {
	by, err := c.person(ctx, a)
	if err != nil {
		return err
	}
	if err := a.Audit.Flush(ctx); err != nil {
		return err
	}
	list, err := a.Audit.Redactions(ctx, 1000)
	if err != nil {
		return err
	}
	request := ""
	for _, r := range list {
		if r.Entry == c.Entry && r.State == audit.Asked {
			request = r.ID
		}
	}
	key := "command.redact.asked"
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		if request != "" {
			key = "command.redact.done"
			return a.Audit.Confirm(ctx, tx, by, request)
		}
		_, err := a.Audit.Ask(ctx, tx, by, c.Entry, c.Reason, c.Basis)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, p.T(key, "entry", c.Entry))
	return nil
}

// person is the administrator named, or the operator of the machine.
func (c *Redact) person(ctx context.Context, a *App) (audit.Person, error) {
	if c.User == "" {
		u, err := user.Current()
		if err != nil {
			return audit.Person{}, err
		}
		return audit.Person{ID: "operator:" + u.Username, Name: u.Username}, nil
	}
	acc, err := a.Auth.Find(ctx, c.User)
	if err != nil {
		return audit.Person{}, err
	}
	actor, err := a.Auth.ActorOf(ctx, acc.ID)
	if err != nil {
		return audit.Person{}, err
	}
	t := a.Units.On(a.Clock.Today())
	if root := t.Root(); root == nil || !access.Allowed(actor, access.RedactAudit, t.Place(root.ID)) {
		return audit.Person{}, errs.E(errs.Forbidden, "command.redact.who")
	}
	return audit.Person{ID: actor.ID, Name: actor.Name}, nil
}
