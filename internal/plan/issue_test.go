package plan

import (
	"slices"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/org"
)

func TestIssue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		got := b.issue648(t)
		// Every unit but the steering committee (a party body, which no task names) is bound.
		if got.Units != b.units.On("2021-03-12").Len()-1 {
			t.Errorf("%d units bound, want all but one", got.Units)
		}
		var kinds []DiffKind
		for _, x := range got.Differences {
			kinds = append(kinds, x.Kind)
		}
		if !slices.Equal(kinds, []DiffKind{DiffNoKind, DiffNobody}) { // no villages are loaded, so task 3.4 falls on nobody
			t.Errorf("differences %v", got.Differences)
		}
		for _, c := range []struct {
			task, code string
			request    bool
			na         NA
			dues       []civil.Date
		}{
			{"1.2", "03322", false, NANo, []civil.Date{"2021-03-31"}},
			{"1.2", "HND", true, NANo, []civil.Date{"2021-03-31"}},       // a mass organisation: only requested
			{"1.3.b", "KBNN", false, NARule, []civil.Date{"2021-03-31"}}, // no committee: does not apply
			{"III.7.c", "11", false, NANo, []civil.Date{"2021-06-30", "2021-12-31"}},
			{"5.1", "094", false, NANo, []civil.Date{"2021-12-31"}},
			{"4.1.e", "SYT", false, NANo, nil},
			{"2.1", "SYT", false, NANo, nil},
			{"III.3.b", "SLDTBXH", false, NANo, []civil.Date{"2021-05-14", "2021-11-14"}},
			{"8.1", "XSKT", false, NANo, []civil.Date{"2021-03-31"}}, // named by code
			{"9.2", "SNV", false, NANo, nil},                         // by code and by role: once
			{"6.2", "MTTQ", true, NANo, nil},
		} {
			a := b.of(t, c.task, c.code)
			var dues []civil.Date
			for _, o := range a.Occ {
				dues = append(dues, o.Due)
				if o.Limit != o.Due {
					t.Errorf("%s at %s: limit %s of %s", c.task, c.code, o.Limit, o.Due)
				}
			}
			if a.Request != c.request || a.NA != c.na || !slices.Equal(dues, c.dues) || a.Given != "2021-03-12" {
				t.Errorf("%s at %s: request %v, na %q, dues %v, given %s", c.task, c.code, a.Request, a.NA, dues, a.Given)
			}
		}
		var one int
		if err := d.QueryRow(t.Context(), `SELECT COUNT(*) FROM assignment WHERE task_id='8.1' AND unit_id=$1`, b.unit(t, "CAPNUOC")).Scan(&one); err != nil || one != 0 {
			t.Errorf("a firm that is not named has task 8.1: %d %v", one, err)
		}

		roles, err := b.Roles(t.Context(), b.unit(t, "11"))
		if err != nil {
			t.Fatal(err)
		}
		if h := RoleHolder(roles, RoleFocal, "2021-03-12"); h != b.unit(t, "SNV") {
			t.Errorf("focal body is %s", h)
		}
		// A second issue, an import over it and a change of its tasks are refused.
		p, err := b.Plan(t.Context(), plan648)
		if err != nil || p.Status != StatusIssued {
			t.Fatalf("%v %v", p, err)
		}
		snv := b.actor(t, "snv", "SNV", "focal_officer")
		for name, f := range map[string]func(tx *db.Tx) error{
			"issue": func(tx *db.Tx) error { _, err := b.IssueTx(t.Context(), tx, snv, plan648, p.Version); return err },
			"task": func(tx *db.Tx) error {
				return b.TaskTx(t.Context(), tx, snv, plan648, p.Version, "1.1", p.Tasks[0], "")
			},
			"facts": func(tx *db.Tx) error { return b.FactsTx(t.Context(), tx, snv, plan648, p.Version, p) },
		} {
			if err := d.Write(t.Context(), f); !errs.Is(err, errs.Forbidden) {
				t.Errorf("%s of an issued plan: %v", name, err)
			}
		}
		if _, err := b.PreviewImport(t.Context(), snv, Plan648); !errs.Is(err, errs.Invalid) {
			t.Errorf("import over an issued plan: %v", err)
		}
	})
}

func TestDraft(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		chair := b.actor(t, "chutich", "11", "head")
		stranger := b.actor(t, "syt", "SYT", "head")
		pre, err := b.PreviewImport(ctx, chair, []byte(small))
		if err != nil {
			t.Fatal(err)
		}
		if pre.Units != 129 || pre.Assignments != 129 || pre.Bound[0].Units != 129 || pre.Exists != nil {
			t.Errorf("preview %+v", pre)
		}
		if _, err := b.PreviewImport(ctx, stranger, []byte(small)); !errs.Is(err, errs.NotFound) {
			t.Errorf("preview by a stranger: %v", err)
		}
		parsed, err := b.Parse([]byte(small))
		if err != nil {
			t.Fatal(err)
		}
		b.write(t, func(tx *db.Tx) error { _, err := b.ImportTx(ctx, tx, chair, Import{Parsed: parsed}); return err })
		p, err := b.Plan(ctx, "thu-2021")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Board(ctx, stranger, p.ID, Filter{}); !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger sees a draft: %v", err)
		}
		err = d.Write(ctx, func(tx *db.Tx) error { return b.TaskTx(ctx, tx, stranger, p.ID, p.Version, "", p.Tasks[0], "") })
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger writes a task: %v", err)
		}
		// Two people edit one draft: the second is told.
		add := &Task{ID: "2", Room: "know", Kind: "propagate", To: []string{"agency"}, Recurs: Continuous, TitleVI: "Tuyên truyền"}
		b.write(t, func(tx *db.Tx) error { return b.TaskTx(ctx, tx, chair, p.ID, p.Version, "", add, "1") })
		err = d.Write(ctx, func(tx *db.Tx) error { return b.DropTaskTx(ctx, tx, chair, p.ID, p.Version, "1") })
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("the second editor: %v", err)
		}
		p, err = b.Plan(ctx, "thu-2021")
		if err != nil || len(p.Tasks) != 2 || p.Tasks[0].ID != "2" {
			t.Fatalf("%v %v", p.Tasks, err)
		}
		pre, err = b.PreviewImport(ctx, chair, []byte(small))
		if err != nil || pre.Exists == nil || len(pre.Changes) != 1 || pre.Changes[0].Task != "2" || pre.Changes[0].After != nil {
			t.Errorf("changes %+v %v", pre.Changes, err)
		}
		form := p.Clone()
		form.Number, form.To = "", "2020-01-01"
		err = d.Write(ctx, func(tx *db.Tx) error { return b.FactsTx(ctx, tx, chair, p.ID, p.Version, form) })
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "to" {
			t.Errorf("facts: %v", err)
		}
		form.To, form.Signed = p.To, ""
		b.write(t, func(tx *db.Tx) error { return b.FactsTx(ctx, tx, chair, p.ID, p.Version, form) })
		err = d.Write(ctx, func(tx *db.Tx) error { _, err := b.IssueTx(ctx, tx, chair, p.ID, 0); return err })
		var names []string
		for _, f := range errs.FieldsOf(err) {
			names = append(names, f.Name)
		}
		if !slices.Equal(names, []string{"number", "signed", "signer"}) {
			t.Errorf("issue without number, day and signer: %v", err)
		}
		b.write(t, func(tx *db.Tx) error { return b.DropDraftTx(ctx, tx, chair, p.ID, 0) })
		if _, err := b.Plan(ctx, p.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("the dropped draft: %v", err)
		}
	})
}

func TestUnitsThatComeLater(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		commune := b.unit(t, "03322")
		b.write(t, func(tx *db.Tx) error {
			_, err := b.org.AddVillagesTx(ctx, tx, access.System, commune, []org.VillageDraft{{Name: "Bản Mển"}}, "2021-01-01")
			return err
		})
		n, err := b.CatchUp(ctx)
		if err != nil || n != 2 {
			t.Fatalf("%d assignments caught up, %v", n, err)
		}
		if n, err := b.CatchUp(ctx); err != nil || n != 0 {
			t.Errorf("again %d, %v", n, err)
		}
		board, err := b.Board(ctx, access.System, plan648, Filter{Kind: org.Village})
		if err != nil || len(board.Rows) != 1 {
			t.Fatalf("%d rows %v", len(board.Rows), err)
		}
		got := map[string]State{}
		for i, c := range board.Rows[0].Cells {
			if c.State != "" {
				got[board.Tasks[i].ID] = c.State
			}
		}
		if got["3.4"] != EnteredLate || got["4.2.a"] != NotReceived || len(got) != 2 {
			t.Errorf("cells of the village: %v", got)
		}
		if board.Rows[0].Group != "unit-100" || board.Rows[0].Overdue != 0 {
			t.Errorf("row %+v", board.Rows[0])
		}
	})
}

// A unit of seven needs no inspection board under the law of 2023; the law of 2021 had no such rule, and an unknown size exempts nobody.
func TestExemption(t *testing.T) {
	t.Parallel()
	parsed, err := Parse(Plan648, known)
	if err != nil {
		t.Fatal(err)
	}
	p := parsed.Plan
	FillSteps(p, catalogue())
	for _, c := range []struct {
		task   string
		unit   org.Unit
		day    civil.Date
		exempt bool
	}{
		{"8.1", org.Unit{Kind: org.Agency, Staff: 7, Workers: -1}, "2027-03-12", true},
		{"8.1.b", org.Unit{Kind: org.Agency, Staff: 7, Workers: -1}, "2027-03-12", true},
		{"8.2", org.Unit{Kind: org.ServiceUnit, Staff: 5, Workers: -1}, "2027-03-12", true},
		{"8.3", org.Unit{Kind: org.ServiceUnit, Staff: 5, Workers: -1}, "2027-03-12", true},
		{"8.1", org.Unit{Kind: org.Agency, Staff: 8, Workers: -1}, "2027-03-12", false},
		{"8.1", org.Unit{Kind: org.Agency, Staff: -1, Workers: -1}, "2027-03-12", false},
		{"8.1", org.Unit{Kind: org.Agency, Staff: 7, Workers: -1}, "2021-03-12", false},
		{"8.1", org.Unit{Kind: org.Enterprise, Staff: -1, Workers: 500}, "2021-03-12", false},
		{"1.2", org.Unit{Kind: org.Agency, Staff: 2, Workers: -1}, "2027-03-12", false},
		{"5.1", org.Unit{Kind: org.Agency, Staff: 7, Workers: -1}, "2021-03-12", false},
	} {
		tk, ok := p.Task(c.task)
		if !ok {
			t.Fatal(c.task)
		}
		why, got := Exemption(tk, &c.unit, catalogue(), c.day)
		if got != c.exempt {
			t.Errorf("%s, %s with %d on %s: exempt %v (%v); steps %v", c.task, c.unit.Kind, c.unit.Staff, c.day, got, why, tk.Steps)
		}
	}
}
