package plan

import (
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// On 1/7/2025 the districts end without successor and communes merge. Nothing of theirs gets late after that day; it stands on the province's list, and
// on that of the commune that came after, until it is taken over or closed.
func TestSettle(t *testing.T) {
	t.Parallel()
	clock := civil.Fixed("2025-10-15")
	dbtest.EachAt(t, clock, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setupAt(t, d, clock)
		parsed, err := b.Parse([]byte(small))
		if err != nil {
			t.Fatal(err)
		}
		p := parsed.Plan
		p.ID, p.Signed, p.From, p.To, p.Signer = "thu-2025", "2021-04-01", "2021-01-01", "2025-12-31", "A"
		p.Tasks[0].To, p.Tasks[0].Due = []string{org.District, org.Commune}, "2025-09-30"
		single := p.Tasks[0].Clone() // of one commune: who comes after it has not got it
		single.ID, single.To, single.ToUnits = "2", nil, []string{"03322"}
		p.Tasks = append(p.Tasks, single)
		b.write(t, func(tx *db.Tx) error {
			if _, err := b.ImportTx(ctx, tx, access.System, Import{Parsed: parsed}); err != nil {
				return err
			}
			_, err := b.IssueTx(ctx, tx, access.System, "thu-2025", 0)
			return err
		})
		root := b.unit(t, "11")
		chair := access.Actor{ID: "ct", Posts: []access.Post{{Unit: root, Kind: access.Head}}}
		left := func(actor access.Actor, at string) map[string]LeftWork {
			t.Helper()
			list, err := b.LeftWork(ctx, actor, at)
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]LeftWork{}
			for _, l := range list {
				out[l.Unit.Code] = l
			}
			return out
		}
		all := left(chair, root)
		if len(all) < 100 {
			t.Fatalf("%d units have left work", len(all))
		}
		district, ok := all["094"]
		if !ok || len(district.Works) != 1 || district.Works[0].State == Overdue || len(district.To) != 1 || district.To[0].ID != root || !district.May {
			t.Errorf("a district: %+v", district)
		}
		if _, err := b.LeftWork(ctx, b.actor(t, "x", "SYT", "head"), root); !errs.Is(err, errs.NotFound) {
			t.Errorf("a department reads the list: %v", err)
		}
		commune, ok := all["03322"]
		if !ok || len(commune.To) != 2 || commune.To[0].Kind != org.Commune {
			t.Fatalf("a merged commune: %+v", commune)
		}
		heir := commune.To[0]
		head, officer := access.Actor{ID: "h", Posts: []access.Post{{Unit: heir.ID, Kind: access.Head}}}, access.Actor{ID: "o", Posts: []access.Post{{Unit: heir.ID, Kind: access.Officer}}}
		of := left(head, heir.ID)
		if len(of) < 2 || len(of) > 10 || !of["03322"].May || of["094"].Unit != nil {
			t.Errorf("the list of the commune that came after: %d", len(of))
		}
		if left(officer, heir.ID)["03322"].May {
			t.Error("an officer settles what the head must")
		}
		one := func(l LeftWork, to string) SettleOne {
			return SettleOne{Assignment: l.Works[0].Assignment, Version: l.Works[0].Version, To: to}
		}
		stranger := access.Actor{ID: "s", Posts: []access.Post{{Unit: b.unit(t, "SYT"), Kind: access.Head}}}
		for name, tt := range map[string]struct {
			actor access.Actor
			order Settle
			kind  errs.Kind
		}{
			"no reason":         {chair, Settle{Works: []SettleOne{one(district, "")}}, errs.Invalid},
			"nothing":           {chair, Settle{Reason: "x"}, errs.Invalid},
			"a foreign taker":   {chair, Settle{Works: []SettleOne{one(district, heir.ID)}, Reason: "x"}, errs.Invalid},
			"a stranger":        {stranger, Settle{Works: []SettleOne{one(district, "")}, Reason: "x"}, errs.NotFound},
			"an old form":       {chair, Settle{Works: []SettleOne{{Assignment: district.Works[0].Assignment, Version: 99}}, Reason: "x"}, errs.Conflict},
			"heir of others":    {head, Settle{Works: []SettleOne{one(district, root)}, Reason: "x"}, errs.NotFound},
			"there is none":     {chair, Settle{Works: []SettleOne{{Assignment: "x"}}, Reason: "x"}, errs.NotFound},
			"a reason too long": {chair, Settle{Works: []SettleOne{one(district, "")}, Reason: strings.Repeat("x", 1001)}, errs.Invalid},
		} {
			if _, err := b.PreviewSettle(ctx, tt.actor, tt.order); !errs.Is(err, tt.kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
		two := commune.Works
		if len(two) != 2 {
			t.Fatalf("%d tasks at the commune", len(two))
		}
		order := Settle{Reason: "Đơn vị chấm dứt hoạt động"}
		for _, w := range two {
			order.Works = append(order.Works, SettleOne{Assignment: w.Assignment, Version: w.Version, To: heir.ID})
		}
		how := func(list []Settled) map[string]string {
			out := map[string]string{}
			for _, x := range list {
				out[x.Task.ID] = x.How
			}
			return out
		}
		pre, err := b.PreviewSettle(ctx, head, order)
		if err != nil || how(pre)["1"] != SettleJoined || how(pre)["2"] != SettleGiven {
			t.Fatalf("foreseen: %v %v", how(pre), err)
		}
		if left(chair, root)["03322"].Unit == nil {
			t.Error("a preview settles")
		}
		b.write(t, func(tx *db.Tx) error {
			got, err := b.SettleTx(ctx, tx, head, order)
			if len(got) != 2 || how(got)["2"] != SettleGiven {
				t.Errorf("settled: %v", how(got))
			}
			return err
		})
		if left(chair, root)["03322"].Unit != nil {
			t.Error("what was settled is still on the list")
		}
		taken, err := readAssignments(ctx, d, `a.plan_id='thu-2025' AND a.task_id='2' AND a.unit_id=$1`, heir.ID)
		if err != nil || len(taken) != 1 || taken[0].Given != "2025-10-15" || len(taken[0].Occ) != 1 || taken[0].Occ[0].Due != "2025-09-30" {
			t.Fatalf("the taker's: %+v %v", taken, err)
		}
		l, err := b.WorkList(ctx, officer, heir.ID)
		if err != nil {
			t.Fatal(err)
		}
		states := map[string]State{}
		for _, w := range append(l.Overdue, l.Later...) {
			states[w.Task.ID] = w.State
		}
		for _, w := range l.Week {
			states[w.Task.ID] = w.State
		}
		if states["2"] != EnteredLate { // it came to the taker after its last day: late it is not
			t.Errorf("on the taker's list: %v", states)
		}
		for _, id := range []string{taken[0].ID, two[0].Assignment, two[1].Assignment} {
			steps, err := readSteps(ctx, d, id)
			if err != nil || len(steps) == 0 {
				t.Errorf("no history: %v %v", steps, err)
			}
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := b.SettleTx(ctx, tx, head, order); return err }); !errs.Is(err, errs.Conflict) {
			t.Errorf("settled twice: %v", err)
		}
		// In bulk: all districts, one taken over by the province, the others closed.
		bulk := Settle{Reason: "Kết thúc hoạt động cấp huyện"}
		for code, x := range left(chair, root) {
			if x.Unit.Kind == org.District {
				to := ""
				if code == "094" {
					to = root
				}
				bulk.Works = append(bulk.Works, one(x, to))
			}
		}
		b.write(t, func(tx *db.Tx) error { _, err := b.SettleTx(ctx, tx, chair, bulk); return err })
		for code, x := range left(chair, root) {
			if x.Unit.Kind == org.District {
				t.Errorf("%s is still on the list", code)
			}
		}
		mine, err := readAssignments(ctx, d, `a.plan_id='thu-2025' AND a.unit_id=$1`, root)
		if err != nil || len(mine) != 1 {
			t.Errorf("the province took over %d, %v", len(mine), err)
		}
		entries := 0
		if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM audit_entry WHERE action='plan.settle'`).Scan(&entries); err != nil || entries != 1+len(bulk.Works) {
			t.Errorf("%d audit entries, %v", entries, err)
		}
	})
}
