package plan

import (
	"slices"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
)

// An amendment moves what is open, keeps what is done, gives new addressees their task from its day and takes it from those who are none any more.
func TestAmend(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		snv := b.actor(t, "snv", "SNV", "focal_officer")
		officer := b.actor(t, "huong", "03322", "officer")
		done := b.of(t, "1.3", "03322")
		b.write(t, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: done.ID, Number: "9/QĐ", Day: "2021-03-20", Kept: true, Confirm: &Confirmation{Signer: "P", As: SignHead, Number: "9/QĐ", Day: "2021-03-20"}})
			return err
		})
		p, err := b.Plan(ctx, plan648)
		if err != nil {
			t.Fatal(err)
		}
		task := func(id string, f func(*Task)) *Task {
			tk, _ := p.Task(id)
			tk = tk.Clone()
			f(tk)
			return tk
		}
		am := Amend{
			Plan: plan648, Version: p.Version, Number: "900/QĐ-UBND", Day: "2021-04-15", Reason: "dịch bệnh",
			Set: []*Task{
				task("1.3", func(x *Task) { x.Due = "2021-04-30" }),                        // late at most units, done at one
				task("10.1", func(x *Task) { x.Due = "2021-05-31" }),                       // ahead
				task("8.1", func(x *Task) { x.To = []string{"commune"}; x.ToUnits = nil }), // fewer addressees
				task("5.4", func(x *Task) { x.To = append(x.To, "agency") }),               // more
				task("III.3.b", func(x *Task) { x.Dues = []civil.Date{"2021-05-14"} }),     // one day less
				{ID: "11.1", Room: "know", Kind: "disclose", To: []string{"commune"}, Due: "2021-06-30", TitleVI: "Công khai thêm"},
			},
			Drop: []string{"7.3"},
		}
		bad := am
		bad.Number, bad.Day, bad.Reason = "", "2021-03-01", ""
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := b.AmendTx(ctx, tx, snv, bad); return err }); len(errs.FieldsOf(err)) != 3 {
			t.Errorf("a bad amendment: %v", err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := b.AmendTx(ctx, tx, officer, am); return err }); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a commune amends: %v", err)
		}
		pre, _, err := b.PreviewAmend(ctx, snv, am)
		if err != nil {
			t.Fatal(err)
		}
		var got *Amendment
		b.write(t, func(tx *db.Tx) (err error) { got, err = b.AmendTx(ctx, tx, snv, am); return err })
		if pre.Moved != got.Moved || pre.Given != got.Given || pre.Dropped != got.Dropped || pre.Kept != got.Kept || len(got.Changes) != 7 || got.Kept != 1 {
			t.Errorf("preview %+v\ngot %+v", pre, got)
		}
		if o := b.of(t, "1.3", "03322").Occ[0]; o.Due != "2021-03-31" || o.Done != "2021-03-20" {
			t.Errorf("what was done moved: %+v", o)
		}
		if o := b.of(t, "1.3", "03325").Occ[0]; o.Due != "2021-04-30" || o.Limit != "2021-03-31" {
			t.Errorf("what was late: due %s, limit %s", o.Due, o.Limit)
		}
		if o := b.of(t, "10.1", "SYT").Occ[0]; o.Due != "2021-05-31" || o.Limit != "2021-05-31" {
			t.Errorf("what was ahead: due %s, limit %s", o.Due, o.Limit)
		}
		if a := b.of(t, "8.1", "SYT"); a.Dropped != "2021-04-15" {
			t.Errorf("no addressee any more: %+v", a)
		}
		if a := b.of(t, "8.1", "03322"); a.Dropped != civil.None {
			t.Errorf("still an addressee: %+v", a)
		}
		if a := b.of(t, "5.4", "SYT"); a.Given != "2021-04-15" || len(a.Occ) != 1 {
			t.Errorf("a new addressee: %+v", a)
		}
		if a := b.of(t, "III.3.b", "SLDTBXH"); len(a.Occ) != 1 {
			t.Errorf("a day less: %+v", a.Occ)
		}
		board, err := b.Board(ctx, snv, plan648, Filter{Under: b.unit(t, "03322")})
		if err != nil {
			t.Fatal(err)
		}
		cells := map[string]State{}
		for i, c := range board.Rows[0].Cells {
			if c.State != "" {
				cells[board.Tasks[i].ID] = c.State
			}
		}
		if cells["7.3"] != "" || cells["11.1"] != NotReceived || cells["1.3"] != Done {
			t.Errorf("cells %v", cells)
		}
		list, err := b.Amendments(ctx, plan648)
		if err != nil || len(list) != 1 || list[0].Number != "900/QĐ-UBND" {
			t.Fatalf("%+v %v", list, err)
		}
		i := slices.IndexFunc(list[0].Changes, func(c Change) bool { return c.Task == "1.3" })
		if c := list[0].Changes[i]; c.Before.Due != "2021-03-31" || c.After.Due != "2021-04-30" || !slices.Equal(c.Fields, []string{"due"}) {
			t.Errorf("history %+v", c)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := b.AmendTx(ctx, tx, snv, am); return err }); !errs.Is(err, errs.Conflict) {
			t.Errorf("an amendment of an old version: %v", err)
		}
		a := b.of(t, "7.3", "03322")
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: a.ID, Note: "x", Day: "2021-04-19"})
			return err
		}); !errs.Is(err, errs.Gone) {
			t.Errorf("evidence of a dropped task: %v", err)
		}
		if _, err := b.Assignment(ctx, access.System, a.ID); !errs.Is(err, errs.Gone) {
			t.Errorf("page of a dropped task: %v", err)
		}
	})
}
