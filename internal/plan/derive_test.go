package plan

import (
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// A plan for 2027 made from that of 2021: days of the new year, acts in force, roles by their holder, the level that is gone named.
func TestDerive(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := t.Context()
	b := setup(t, d)
	b.issue648(t)
	roles, err := b.Roles(ctx, b.unit(t, "11"))
	if err != nil {
		t.Fatal(err)
	}
	roles = slices.Clone(roles)
	for i := range roles {
		if roles[i].Role == RoleLabour {
			roles[i].To = "2025-02-28"
		}
	}
	roles = append(roles, Role{Role: RoleLabour, Unit: b.unit(t, "SNV"), Span: civil.Span{From: "2025-03-01"}, Source: SourceRecalled})
	tmpl, err := b.Plan(ctx, plan648)
	if err != nil {
		t.Fatal(err)
	}
	tree := b.units.On("2027-03-10")
	p, diffs := Derive(tmpl, DeriveOptions{ID: "77-kh-ubnd-2027", Number: "77/KH-UBND", Unit: b.unit(t, "11"), Year: 2027, Signed: "2027-03-10", Signer: "A"}, tree, roles, catalogue())
	if p.From != "2027-01-01" || p.To != "2027-12-31" || p.Status != StatusDraft || p.Template != plan648 || p.TitleVI != "Xây dựng và thực hiện Quy chế dân chủ ở cơ sở năm 2027" {
		t.Errorf("facts %+v", p)
	}
	for _, c := range []struct {
		task string
		want Task
	}{
		{"1.2", Task{Due: "2027-03-31", To: []string{"agency", "mass_org", "service_unit", "commune", "enterprise"}}},
		{"III.3.b", Task{Dues: []civil.Date{"2027-05-14", "2027-11-14"}, Acts: nil, ToRoles: []string{"labour"}}},
		{"3.1", Task{Due: "2027-03-31", To: []string{"commune"}, Acts: []string{"l-10-2022"}}},
		{"3.3", Task{Due: "2027-03-31", To: []string{"enterprise"}, Acts: []string{"nd-145-2020"}}},
		{"8.1", Task{Due: "2027-03-31", To: []string{"commune", "agency", "service_unit"}, ToUnits: []string{"XSKT", "TNONG"}, Acts: []string{"nd-59-2023", "nd-29-2021"}}},
	} {
		tk, _ := p.Task(c.task)
		if tk.Due != c.want.Due || !slices.Equal(tk.Dues, c.want.Dues) || !slices.Equal(tk.To, c.want.To) || !slices.Equal(tk.Acts, c.want.Acts) || !slices.Equal(tk.ToUnits, c.want.ToUnits) || !slices.Equal(tk.ToRoles, c.want.ToRoles) {
			t.Errorf("%s: %+v", c.task, tk)
		}
	}
	if tk, _ := p.Task("10.1.c"); tk.ReportTo != "focal" || tk.DueSetBy != "issuer" || strings.Contains(tk.TitleVI, "huyện") {
		t.Errorf("10.1.c: %+v", tk)
	}
	if tk, _ := p.Task("4.1.a"); tk.TitleVI != "Công khai để Nhân dân biết theo Luật 10/2022/QH15" || strings.Contains(tk.TitleEN, "34/2007") {
		t.Errorf("4.1.a: %q, %q", tk.TitleVI, tk.TitleEN)
	}
	if slices.Contains(p.Cites, "pl-34-2007") || !slices.Contains(p.Cites, "l-10-2022") || !slices.Contains(p.Cites, "qd-217-tw-2013") {
		t.Errorf("cites %v", p.Cites)
	}
	for _, tk := range p.Tasks {
		for _, id := range tk.Acts {
			if a, ok := catalogue().Act(id); !ok || !a.InForce("2027-03-10") {
				t.Errorf("%s names %s, which is not in force", tk.ID, id)
			}
		}
	}
	has := func(kind DiffKind, task string) bool {
		return slices.ContainsFunc(diffs, func(x Difference) bool { return x.Kind == kind && x.Task == task })
	}
	for _, c := range []struct {
		kind DiffKind
		task string
	}{{DiffMoved, ""}, {DiffActReplaced, "3.1"}, {DiffNoKind, "1.3"}, {DiffReportTo, "10.1.c"}, {DiffText, "4.1.a"}, {DiffWeekend, "III.6.b"}} {
		if !has(c.kind, c.task) {
			t.Errorf("no difference %s at %q", c.kind, c.task)
		}
	}
	for _, lang := range i18n.Langs {
		for _, x := range diffs {
			if s := i18n.For(lang).Say(x.Msg); strings.Contains(s, "⟦") || strings.Contains(s, "no value") {
				t.Errorf("%s: %s", lang, s)
			}
		}
	}
	targets, rest := Resolve(p, tree, roles, catalogue())
	i := slices.IndexFunc(targets, func(x Target) bool { return x.Task.ID == "III.3.b" })
	if i < 0 || targets[i].Unit.Code != "SNV" {
		t.Error("labour's reports do not fall on Home Affairs")
	}
	if !slices.ContainsFunc(rest, func(x Difference) bool { return x.Kind == DiffJoinedRoles }) {
		t.Errorf("two roles on one unit are not told: %v", rest)
	}
	// The same year again changes nothing but the draft's own facts.
	same, diffs := Derive(tmpl, DeriveOptions{ID: "x", Unit: b.unit(t, "11"), Year: 2021}, b.units.On(tmpl.Signed), roles, catalogue())
	if ch := Changes(tmpl, same); slices.ContainsFunc(ch, func(c Change) bool {
		return c.Task != "" && slices.ContainsFunc(c.Fields, func(f string) bool { return !slices.Contains([]string{"to_units", "acts", "title_vi", "title_en"}, f) })
	}) {
		t.Errorf("changes %+v", ch)
	}
	if slices.ContainsFunc(diffs, func(x Difference) bool { return x.Kind == DiffMoved || x.Kind == DiffNoKind }) {
		t.Errorf("differences of the same year: %v", diffs)
	}
}

// In another province nobody holds a role yet: units are proposed by code, by flag or kind, the rest is listed; acts of Điện Biên go.
func TestDeriveElsewhere(t *testing.T) {
	t.Parallel()
	d := dbtest.NewAt(t, civil.Fixed("2027-02-01"))
	ctx := t.Context()
	dir, err := org.Open(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	o := org.NewService(d, dir)
	b := &bundle{Service: New(Options{DB: d, Units: dir, Law: catalogue, Clock: civil.Fixed("2027-02-01")}), d: d, org: o, people: &people{}}
	csv := "code,name,kind,parent_code,flags\n12,Tỉnh Lai Châu,province,,\n03385,Xã Bình Lư,commune,12,\nSNV,Sở Nội vụ,agency,12,\nVH,Sở Văn hóa,agency,12,culture\nMT,Ủy ban Mặt trận Tổ quốc tỉnh,front,12,\n"
	if _, err := o.ImportFile(ctx, access.System, []byte(csv), "units.csv", org.ImportOptions{On: "2026-01-01"}); err != nil {
		t.Fatal(err)
	}
	root, _ := dir.On("2027-02-01").ByCode("12")
	parsed, err := Parse(Plan648, b.words())
	if err != nil {
		t.Fatal(err)
	}
	p, diffs := Derive(parsed.Plan, DeriveOptions{Number: "5/KH-UBND", Unit: root.ID, Year: 2027, Signed: "2027-01-20", Signer: "B"}, dir.On("2027-01-20"), nil, catalogue())
	given := map[string]string{}
	for _, r := range p.Roles {
		given[r.Role] = r.Code
	}
	if given["focal"] != "SNV" || given["culture"] != "VH" || given["front"] != "MT" || given["labour"] != "" {
		t.Errorf("proposed %v", given)
	}
	var vacant []string
	for _, x := range diffs {
		if x.Kind == DiffVacantRole {
			vacant = append(vacant, x.Role)
		}
	}
	if !sameSet(vacant, []string{"committee", "education", "health", "labour", "union"}) {
		t.Errorf("vacant %v", vacant)
	}
	for _, id := range append(slices.Clone(p.Basis), p.Cites...) {
		if strings.Contains(id, "dien-bien") {
			t.Errorf("cites %s", id)
		}
	}
	var id string
	b.write(t, func(tx *db.Tx) (err error) {
		if id, err = b.DeriveTx(ctx, tx, access.System, p); err != nil {
			return err
		}
		_, err = b.IssueTx(ctx, tx, access.System, id, 0)
		return err
	})
	if id != "5-kh-ubnd-2027" {
		t.Errorf("id %s", id)
	}
	board, err := b.Board(ctx, access.System, id, Filter{})
	if err != nil || len(board.Rows) != 5 {
		t.Errorf("%d rows %v", len(board.Rows), err)
	}
	// The vacant role is filled afterwards: its tasks fall on the unit then.
	vh, _ := dir.On("2027-02-01").ByCode("VH")
	b.write(t, func(tx *db.Tx) error {
		return b.RoleTx(ctx, tx, access.System, Role{Province: root.ID, Role: "labour", Unit: vh.ID})
	})
	if n, err := b.CatchUp(ctx); err != nil || n != 2 {
		t.Errorf("%d caught up, %v", n, err)
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		root := b.unit(t, "11")
		admin := b.actor(t, "qt", "11", "administrator")
		r := Role{Province: root, Role: RoleFocal, Unit: b.unit(t, "SNV"), Span: civil.Span{To: "2024-12-31"}}
		err := d.Write(ctx, func(tx *db.Tx) error { return b.RoleTx(ctx, tx, b.actor(t, "snv", "SNV", "head"), r) })
		if !errs.Is(err, errs.Forbidden) {
			t.Errorf("a department gives roles: %v", err)
		}
		b.write(t, func(tx *db.Tx) error { return b.RoleTx(ctx, tx, admin, r) })
		r.From, r.To = "2024-06-01", ""
		if err := d.Write(ctx, func(tx *db.Tx) error { return b.RoleTx(ctx, tx, admin, r) }); len(errs.FieldsOf(err)) != 1 {
			t.Errorf("overlapping rows: %v", err)
		}
		r.From, r.Unit = "2025-01-01", b.unit(t, "STP")
		b.write(t, func(tx *db.Tx) error { return b.RoleTx(ctx, tx, admin, r) })
		rows, err := b.Roles(ctx, root)
		if err != nil {
			t.Fatal(err)
		}
		for day, want := range map[civil.Date]string{"2021-01-01": "SNV", "2024-12-31": "SNV", "2025-01-01": "STP"} {
			if got := RoleHolder(rows, RoleFocal, day); got != b.unit(t, want) {
				t.Errorf("%s: %s", day, got)
			}
		}
		if RoleHolder(rows, RoleLabour, "2021-01-01") != "" {
			t.Error("somebody holds labour")
		}
		b.write(t, func(tx *db.Tx) error { return b.EndRoleTx(ctx, tx, admin, rows[1].ID, rows[1].Version, "2024-12-31") })
		if rows, err = b.Roles(ctx, root); err != nil || len(rows) != 1 {
			t.Errorf("%v %v", rows, err)
		}
	})
}

// A commune makes its own plan from the province's: what falls on it becomes a day of its own beside the assignment it has; a new task and one passed to
// its villages become assignments; the signed plan is the evidence of task 1.2.
func TestOwnPlan(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		commune := b.unit(t, "03322")
		b.write(t, func(tx *db.Tx) error {
			_, err := b.org.AddVillagesTx(ctx, tx, access.System, commune, []org.VillageDraft{{Name: "Bản Mển"}, {Name: "Bản Co Rốm"}}, "2021-01-01")
			return err
		})
		b.issue648(t)
		chair := b.actor(t, "pom", "03322", "head")
		if _, err := b.Adopt(ctx, b.actor(t, "x", "03325", "head"), plan648, commune); !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Forbidden) {
			t.Errorf("another commune drafts it: %v", err)
		}
		own, err := b.Adopt(ctx, chair, plan648, commune)
		if err != nil {
			t.Fatal(err)
		}
		if own.Fulfils != b.of(t, "1.2", "03322").ID || own.Parent != plan648 {
			t.Errorf("%+v", own)
		}
		conv, ok := own.Task("3.4")
		if !ok || !slices.Equal(conv.To, []string{org.Village}) || !conv.PassDown {
			t.Errorf("3.4: %+v", conv)
		}
		own.Number, own.Signed, own.Signer = "12/KH-UBND", "2021-03-25", "Quàng Văn Pọm"
		report, _ := own.Task("10.1.c")
		report.Due, report.Person = "2021-04-25", "Lò Thị Hương"
		board, _ := own.Task("8.3")
		own.Tasks = slices.DeleteFunc(own.Tasks, func(x *Task) bool { return x == board })
		own.Tasks = append(own.Tasks, &Task{ID: "X.1", Room: "know", Kind: "disclose", To: []string{org.Village}, Due: "2021-06-01", TitleVI: "Bảng tin ở nhà văn hóa bản"})
		var id string
		b.write(t, func(tx *db.Tx) (err error) { id, err = b.DeriveTx(ctx, tx, chair, own); return err })
		p, err := b.Plan(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if l, err := b.Adoptions(ctx, access.System, plan648, Filter{Under: commune}); err != nil || len(l) != 1 || l[0].Own != nil {
			t.Errorf("a draft is no own plan yet: %+v %v", l, err)
		}
		var got *Issued
		b.write(t, func(tx *db.Tx) (err error) { got, err = b.IssueTx(ctx, tx, chair, id, p.Version); return err })
		// X.1 at two villages is new; every other task is at its unit already.
		if got.Assignments != 2 || got.Links < 25 {
			t.Errorf("issued %+v", got)
		}
		if a := b.of(t, "10.1.c", "03322"); a.Person != "Lò Thị Hương" || a.Occ[0].Due != "2021-05-05" {
			t.Errorf("the superior's assignment: %+v", a)
		}
		l, err := b.WorkList(ctx, chair, commune)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(l.Week, func(w Work) bool { return w.Task.ID == "10.1.c" })
		if i < 0 || l.Week[i].OwnDue != "2021-04-25" {
			t.Errorf("own day is not on the list: %+v", l.Week)
		}
		ad, err := b.Adoption(ctx, b.actor(t, "snv", "SNV", "officer"), plan648, commune)
		if err != nil {
			t.Fatal(err)
		}
		how := map[string]string{}
		for _, x := range ad.Tasks {
			if x.Task != nil {
				how[x.Task.ID] = x.How
			} else {
				how[x.Own.ID] = x.How
			}
		}
		if how["1.2"] != Adopted || how["10.1.c"] != Altered || how["8.3"] != Ignored || how["X.1"] != AddedTask || ad.Ignored != 1 || ad.Added != 1 || ad.Altered != 1 {
			t.Errorf("taken over: %v", how)
		}
		// The signed paper closes task 1.2 of the superior.
		b.write(t, func(tx *db.Tx) error {
			return b.SignedTx(ctx, tx, chair, id, 0, "file-1", Confirmation{Signer: "Quàng Văn Pọm", As: SignHead})
		})
		b.want(t, "1.2", "03322", Done)
	})
}
