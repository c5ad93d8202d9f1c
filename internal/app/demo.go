package app

import (
	"context"

	"dinh/internal/access"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/plan"
)

// DemoDay is the day on which the demonstration stands: the plan was five weeks old.
const DemoDay civil.Date = "2021-04-20"

// DemoPerson is a sample account. Nobody of that name is known to hold the post.
type DemoPerson struct {
	Login, Password string
	name            string
	unit            string // code
	post            access.PostKind
	title           string
}

// What says who the sample person is.
func (d DemoPerson) What(p *i18n.Printer) string { return p.T("command.demo.who." + d.Login) }

// demoPassword is that of all sample accounts; it is printed at start and guards nothing.
const demoPassword = "thu-dinh-2021" //nolint:gosec // printed at every start

var demoPeople = []DemoPerson{
	{Login: "thanhnua", name: "Lò Thị Hương", unit: "03322", post: access.Focal, title: "Văn phòng – Thống kê"},
	{Login: "ct-thanhnua", name: "Quàng Văn Pọm", unit: "03322", post: access.Head, title: "Chủ tịch UBND xã"},
	{Login: "huyendb", name: "Nguyễn Thị Mai", unit: "100", post: access.Focal, title: "Phòng Nội vụ huyện"},
	{Login: "snv", name: "Trần Văn Sơn", unit: "SNV", post: access.Focal, title: "Chuyên viên theo dõi"},
	{Login: "chutich", name: "Lường Văn Bình", unit: "11", post: access.Head, title: "Lãnh đạo UBND tỉnh"},
	{Login: "syt", name: "Phạm Thu Hà", unit: "SYT", post: access.Focal, title: "Văn phòng Sở"},
	{Login: "clqd", name: "Đỗ Minh Tuấn", unit: "CLQD", post: access.Officer, title: "Thư ký hội đồng trường"},
	{Login: "mttq", name: "Cà Thị Xuân", unit: "MTTQ", post: access.Front, title: "Ban Dân chủ – Pháp luật"},
	{Login: "quantri", name: "Vũ Đức Long", unit: "11", post: access.Admin, title: "Quản trị hệ thống"},
}

// Demo fills an empty data folder with Điện Biên's units of 2021 and 2025, plan 648 as issued, sample accounts and sample evidence, and gives the
// accounts. A folder that holds a demonstration already is left as it is; one that holds anything else is refused.
func (a *App) Demo(ctx context.Context) ([]DemoPerson, error) {
	people := make([]DemoPerson, len(demoPeople))
	for i, p := range demoPeople {
		p.Password = demoPassword
		people[i] = p
	}
	if a.Units.On(a.Clock.Today()).Len() > 0 {
		var mark string
		err := a.DB.QueryRow(ctx, `SELECT value FROM setting WHERE name = 'demo'`).Scan(&mark)
		if err != nil {
			return nil, errs.E(errs.Conflict, "command.demo.real", "dir", a.opts.Config.Data)
		}
		return people, nil
	}
	if err := a.Org.LoadSample(ctx); err != nil {
		return nil, err
	}
	if err := a.demoAccounts(ctx); err != nil {
		return nil, err
	}
	if err := a.demoPlan(ctx); err != nil {
		return nil, err
	}
	if root := a.Units.On(a.Clock.Today()).Root(); root != nil {
		if err := a.Disclosure.Sample(ctx, root.ID, "03322"); err != nil { // the tour fills xã Thanh Nưa's board
			return nil, err
		}
		if err := a.Reports.Sample(ctx, root.ID, "03322"); err != nil { // and makes its report
			return nil, err
		}
	}
	err := a.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO setting(name, value) VALUES ('demo', '1')`)
		return err
	})
	return people, err
}

func (a *App) demoAccounts(ctx context.Context) error {
	h, err := a.Auth.HashPassword(ctx, demoPassword)
	if err != nil {
		return err
	}
	tree := a.Units.On(a.Clock.Today())
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		for _, p := range demoPeople {
			u, ok := tree.ByCode(p.unit)
			if !ok {
				continue // on a day on which the unit does not live
			}
			_, err := a.Auth.AddHashedTx(ctx, tx, access.System, auth.NewPerson{
				Name: p.name, Login: p.Login, Lang: i18n.VI, Post: auth.Assignment{Unit: u.ID, Kind: p.post, Title: p.title, Basis: "Dữ liệu mẫu", From: a.Clock.Today()},
			}, h)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *App) demoPlan(ctx context.Context) error {
	parsed, err := a.Plans.Parse(plan.Plan648)
	if err != nil {
		return err
	}
	var id string
	err = a.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if id, err = a.Plans.ImportTx(ctx, tx, access.System, plan.Import{Parsed: parsed}); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, step := range []func(tx *db.Tx, p *plan.Plan) error{
		func(tx *db.Tx, p *plan.Plan) error {
			_, err := a.Plans.IssueTx(ctx, tx, access.System, id, p.Version)
			return err
		},
		func(tx *db.Tx, p *plan.Plan) error {
			return a.Plans.PublicTx(ctx, tx, access.System, id, p.Version, true)
		},
	} {
		p, err := a.Plans.Plan(ctx, id)
		if err != nil {
			return err
		}
		if err := a.DB.Write(ctx, func(tx *db.Tx) error { return step(tx, p) }); err != nil {
			return err
		}
	}
	return a.Plans.SampleEvidence(ctx, id, "03322") // xã Thanh Nưa begins with nothing done: the tour starts there
}
