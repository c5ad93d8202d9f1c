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

func TestCheckOwnDays(t *testing.T) {
	t.Parallel()
	two := &Task{Dues: []civil.Date{"2021-11-30", "2021-05-31"}} // in whatever order the plan names them
	for _, tt := range []struct {
		name   string
		up     *Task
		own    *Task
		faults []string
	}{
		{"the same day", &Task{Due: "2021-05-31"}, &Task{Due: "2021-05-31"}, nil},
		{"earlier", &Task{Due: "2021-05-31"}, &Task{Due: "2021-05-01"}, nil},
		{"a day later", &Task{Due: "2021-05-31"}, &Task{Due: "2021-06-01"}, []string{"due plan.own.later"}},
		{"none named above", &Task{Recurs: Yearly}, &Task{Due: "2021-06-01"}, nil},
		{"two, both kept", two, &Task{Dues: []civil.Date{"2021-05-31", "2021-11-30"}}, nil},
		{"two, both earlier", two, &Task{Dues: []civil.Date{"2021-05-20", "2021-11-20"}}, nil},
		{"the first later", two, &Task{Dues: []civil.Date{"2021-06-01", "2021-11-20"}}, []string{"due-1 plan.own.later"}},
		{"both later", two, &Task{Dues: []civil.Date{"2021-06-01", "2021-12-01"}}, []string{"due-1 plan.own.later", "due-2 plan.own.later"}},
		{"one missing", two, &Task{Dues: []civil.Date{"2021-05-20", ""}}, []string{"due-2 plan.day_needed"}},
		{"out of order", two, &Task{Dues: []civil.Date{"2021-05-20", "2021-05-20"}}, []string{"due-2 plan.own.order"}},
		{"one for two", two, &Task{Due: "2021-05-20"}, []string{"due-1 plan.own.each_day"}},
	} {
		var l errs.List
		CheckOwnDays(tt.own, tt.up, &l)
		var got []string
		for _, f := range l.Fields {
			got = append(got, f.Name+" "+f.Msg.Key)
		}
		if !slices.Equal(got, tt.faults) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.faults)
		}
	}
}

func TestNextOwnID(t *testing.T) {
	t.Parallel()
	p := &Plan{Tasks: []*Task{{ID: "1.2"}, {ID: "R.2"}, {ID: "R.x"}}}
	if id := NextOwnID(p, nil); id != "R.3" {
		t.Error(id)
	}
	if id := NextOwnID(p, []Amendment{{Changes: []Change{{Task: "R.9"}}}}); id != "R.10" {
		t.Errorf("the id of a task that was taken away comes again: %s", id)
	}
	if id := NextOwnID(&Plan{}, nil); id != "R.1" {
		t.Error(id)
	}
}

// A task with two days of the superior's: the unit sets its own for each, none later; the work list shows them. A task of its own is added, changed and
// taken away, before and after the issue.
func TestOwnTasks(t *testing.T) {
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
		up, err := b.Plan(ctx, plan648)
		if err != nil {
			t.Fatal(err)
		}
		// The province gives one task of the commune's a second day.
		twice, _ := up.Task("10.1.c")
		twice = twice.Clone()
		twice.Due, twice.Dues = "", []civil.Date{"2021-05-05", "2021-11-05"}
		b.write(t, func(tx *db.Tx) error {
			_, err := b.AmendTx(ctx, tx, access.System, Amend{Plan: plan648, Number: "700/KH-UBND", Day: "2021-03-20", Reason: "Hai lần", Set: []*Task{twice}})
			return err
		})
		chair := b.actor(t, "pom", "03322", "head")
		own, err := b.Adopt(ctx, chair, plan648, commune)
		if err != nil {
			t.Fatal(err)
		}
		var id string
		b.write(t, func(tx *db.Tx) (err error) { id, err = b.DeriveTx(ctx, tx, chair, own); return err })
		task := func(x string) *Task {
			t.Helper()
			p, err := b.Plan(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := p.Task(x)
			return got
		}
		set := func(old string, x *Task) error {
			return b.d.Write(ctx, func(tx *db.Tx) error { return b.TaskTx(ctx, tx, chair, id, 0, old, x, "") })
		}
		report := task("10.1.c").Clone()
		report.Dues = []civil.Date{"2021-05-01", "2021-11-06"}
		if err := set("10.1.c", report); !faultAt(err, "due-2") {
			t.Errorf("a day later than the superior's: %v", err)
		}
		report.Dues[1] = "2021-11-01"
		mine := &Task{ID: "R.1", Ref: "R.1", Room: "know", Kind: "disclose", ToUnits: []string{"03322"}, Due: "2021-06-01", TitleVI: "Bảng tin ở trụ sở", Person: "Lò Thị Hương", Evidence: []string{"Ảnh bảng tin"}}
		for old, x := range map[string]*Task{"10.1.c": report, "": mine} {
			if err := set(old, x); err != nil {
				t.Fatal(err)
			}
		}
		b.write(t, func(tx *db.Tx) error {
			p := own.Clone()
			p.Number, p.Signed, p.Signer = "12/KH-UBND", "2021-03-25", "Quàng Văn Pọm"
			if err := b.FactsTx(ctx, tx, chair, id, 0, p); err != nil {
				return err
			}
			_, err := b.IssueTx(ctx, tx, chair, id, 0)
			return err
		})
		l, err := b.WorkList(ctx, chair, commune)
		if err != nil {
			t.Fatal(err)
		}
		days := map[civil.Date]civil.Date{}
		person := ""
		for _, w := range slices.Concat(l.Week, l.Later, l.Overdue) {
			switch w.Task.ID {
			case "10.1.c":
				days[w.Due] = w.OwnDue
			case "R.1":
				person = w.Person
			}
		}
		if days["2021-05-05"] != "2021-05-01" || days["2021-11-05"] != "2021-11-01" || person != "Lò Thị Hương" {
			t.Errorf("own days %v, person %q", days, person)
		}
		// After the issue only by an amendment: another day for the second time, the own task to the villages as well, a further task.
		if err := set("R.1", mine); !errs.Is(err, errs.Forbidden) {
			t.Errorf("an issued plan is changed without a paper: %v", err)
		}
		amend := func(a Amend) (out *Amendment, err error) {
			a.Plan, a.Number, a.Day, a.Reason = id, "20/KH-UBND", "2021-04-15", "Bổ sung"
			err = b.d.Write(ctx, func(tx *db.Tx) (err error) { out, err = b.AmendTx(ctx, tx, chair, a); return err })
			return out, err
		}
		late := report.Clone()
		late.Dues = []civil.Date{"2021-05-01", "2021-12-01"}
		if _, err := amend(Amend{Set: []*Task{late}}); !faultAt(err, "due-2") {
			t.Errorf("amended to a day later than the superior's: %v", err)
		}
		report = report.Clone()
		report.Dues[1], report.Person = "2021-10-20", "Cà Văn Ún"
		mine = mine.Clone()
		mine.To, mine.PassDown, mine.Person = []string{org.Village}, true, "Lò Văn Ánh"
		more := &Task{ID: NextOwnID(&Plan{Tasks: []*Task{mine}}, nil), Ref: "R.2", Room: "do", Kind: "organise", ToUnits: []string{"03322"}, Recurs: HalfYearly, TitleVI: "Làm đường ngõ"}
		pre, _, err := b.PreviewAmend(ctx, chair, Amend{Plan: id, Set: []*Task{report, mine, more}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := amend(Amend{Set: []*Task{report, mine, more}})
		if err != nil {
			t.Fatal(err)
		}
		// R.1 at two villages and R.2 at the commune; 10.1.c stays the superior's assignment.
		if got.Given != 3 || pre.Given != 3 || got.Dropped != 0 {
			t.Errorf("amended: %+v, foreseen %+v", got, pre)
		}
		if a := b.of(t, "10.1.c", "03322"); a.Person != "Cà Văn Ún" || len(a.Occ) != 2 || a.Occ[1].Due != "2021-11-05" {
			t.Errorf("the superior's assignment: %+v", a)
		}
		if own, err := b.ownDays(ctx, b.of(t, "10.1.c", "03322").ID); err != nil || !slices.Equal(own, []civil.Date{"2021-05-01", "2021-10-20"}) {
			t.Errorf("own days after the amendment: %v %v", own, err)
		}
		at := func(x string) []*Assignment {
			t.Helper()
			list, err := readAssignments(ctx, b.d, `a.plan_id=$1 AND a.task_id=$2 AND a.dropped=''`, id, x)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		for _, a := range at("R.1") {
			if a.Unit == commune && a.Person != "Lò Văn Ánh" {
				t.Errorf("the amendment's person: %+v", a)
			}
		}
		if n := len(at("R.2")); n != 1 {
			t.Errorf("R.2 at %d units", n)
		}
		// Taken away, and the superior's back in: nothing is made twice, and the superior's own assignment is none of the amendment's.
		if _, err := amend(Amend{Drop: []string{"R.1", "10.1.c"}}); err != nil {
			t.Fatal(err)
		}
		if own, err := b.ownDays(ctx, b.of(t, "10.1.c", "03322").ID); err != nil || len(own) != 0 || len(at("R.1")) != 0 {
			t.Errorf("after the drop: own days %v, %d of R.1, %v", own, len(at("R.1")), err)
		}
		if _, err := amend(Amend{Set: []*Task{mine, report}}); err != nil {
			t.Fatal(err)
		}
		if n := len(at("R.1")); n != 3 {
			t.Errorf("R.1 is back at %d units, want 3", n)
		}
		list, err := b.Amendments(ctx, id)
		if err != nil || len(list) != 3 {
			t.Errorf("%d amendments, %v", len(list), err)
		}
		ad, err := b.Adoption(ctx, b.actor(t, "snv", "SNV", "officer"), plan648, commune)
		if err != nil || ad.Added != 2 {
			t.Errorf("the superior sees %+v, %v", ad, err)
		}
	})
}

func faultAt(err error, field string) bool {
	return slices.ContainsFunc(errs.FieldsOf(err), func(f errs.Field) bool { return f.Name == field })
}
