package plan

import (
	"context"
	"testing"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/i18n"
)

// records is a room of a test.
type records []Record

func (records) Room() string { return "disclosure" }

func (r records) Records(_ context.Context, _ db.Querier, f func(Record) error) error {
	for _, x := range r {
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		officer := b.actor(t, "huong", "03322", "officer")
		unit := b.unit(t, "03322")
		rec := func(r Record) {
			t.Helper()
			b.write(t, func(tx *db.Tx) error { return b.RecordTx(ctx, tx, officer, r) })
		}
		count := func() (n int) {
			t.Helper()
			if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM evidence WHERE room='disclosure' AND counts=1`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		posting := Record{Room: "disclosure", Kind: "item", ID: "p1", Unit: unit, Day: "2021-04-10", DutyKind: "disclose", Tasks: []string{"4.1.a"}, Items: []int{0, 2, 9}, Title: i18n.M("plan.none"), Counts: true}
		rec(posting)
		b.want(t, "4.1.a", "03322", Doing)
		rec(posting) // told again: still one row
		if n := count(); n != 1 {
			t.Errorf("%d rows", n)
		}
		// It ceases to count, and counts again.
		posting.Counts = false
		rec(posting)
		b.want(t, "4.1.a", "03322", Received)
		posting.Counts, posting.Day = true, "2021-04-12"
		rec(posting)
		if a := b.of(t, "4.1.a", "03322"); a.Last != "2021-04-12" {
			t.Errorf("last record %s", a.Last)
		}
		// A record of another year or of a kind that no task names is nobody's evidence.
		rec(Record{Room: "disclosure", Kind: "item", ID: "p2", Unit: unit, Day: "2020-04-10", DutyKind: "disclose", Counts: true})
		rec(Record{Room: "disclosure", Kind: "no_such", ID: "p3", Unit: unit, Day: "2021-04-10", DutyKind: "no such", Counts: true})
		if n := count(); n != 1 {
			t.Errorf("%d rows after foreign records", n)
		}
		// On an event the record is the event; confirmed in its room it closes it. Gone, it leaves nothing open.
		vote := Record{Room: "disclosure", Kind: "vote", ID: "v1", Unit: unit, Day: "2021-04-11", DutyKind: "vote", Title: i18n.M("plan.none"), Counts: true, Tasks: []string{"4.2.a"}, Confirmed: &Confirmation{Signer: "P", As: SignHead, Number: "3/BB", Day: "2021-04-13"}}
		rec(vote)
		b.want(t, "4.2.a", "03322", Done)
		vote.Counts, vote.Confirmed = false, nil
		rec(vote)
		b.want(t, "4.2.a", "03322", NoEvent)
		vote.Counts = true
		rec(vote)
		b.want(t, "4.2.a", "03322", Doing)
		// A task with a day: the regulation's review, then the head's confirmation on screen.
		rec(Record{Room: "disclosure", Kind: "regulation", ID: "r1", Unit: unit, Day: "2021-03-28", TaskKind: "regulation", Title: i18n.M("plan.none"), Items: []int{0, 1}, Counts: true})
		b.want(t, "3.1", "03322", Overdue)
		o := b.of(t, "3.1", "03322").Occ[0]
		chair := b.actor(t, "pom", "03322", "head")
		b.write(t, func(tx *db.Tx) error {
			return b.ConfirmTx(ctx, tx, chair, Confirm{Occurrence: o.ID, Version: o.Version, Confirmation: Confirmation{Screen: true}})
		})
		b.want(t, "3.1", "03322", Done)

		// What stands for years shows the plan over whose end it stands, from the plan's first day; taken down within the year it shows it no longer.
		board1 := Record{Room: "disclosure", Kind: "board", ID: "b1", Unit: unit, Day: "2015-03-01", Until: NoEnd, Title: i18n.M("plan.none"), Items: []int{0}, Counts: true}
		rec(board1)
		b.want(t, "4.1.d", "03322", Doing)
		if a := b.of(t, "4.1.d", "03322"); a.Last != "2021-01-01" {
			t.Errorf("last record %s", a.Last)
		}
		board1.Until = "2021-04-12"
		rec(board1)
		b.want(t, "4.1.d", "03322", Received)
		board1.Until = "2022-04-12"
		rec(board1)
		b.want(t, "4.1.d", "03322", Doing)
		board1.Until = NoEnd

		// What the room no longer has, and what plan has missed, is found and mended.
		posting.Counts = true
		src := records{posting, board1, {Room: "disclosure", Kind: "item", ID: "p9", Unit: b.unit(t, "03325"), Day: "2021-04-10", DutyKind: "disclose", Title: i18n.M("plan.none")}, vote}
		drift, err := b.Check(ctx, src)
		if err != nil || len(drift) != 2 {
			t.Fatalf("drift %+v %v", drift, err)
		}
		if _, err := b.Rebuild(ctx, src); err != nil {
			t.Fatal(err)
		}
		if drift, err := b.Check(ctx, src); err != nil || len(drift) != 0 {
			t.Errorf("drift after the rebuild %+v %v", drift, err)
		}
		b.want(t, "3.1", "03322", Overdue) // its record has gone, and with it the confirmation
		b.want(t, "4.1.a", "03325", Doing)
		board, err := b.Board(ctx, access.System, plan648, Filter{})
		if err != nil || board.Total.Units != 207 {
			t.Errorf("%v", err)
		}
	})
}
