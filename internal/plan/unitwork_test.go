package plan

import (
	"testing"

	"dinh/internal/db"
	"dinh/internal/db/dbtest"
)

// The work list in memory follows what this process and another one change: evidence, persons, whole plans; other units' changes leave it.
func TestWorkListFollows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		b.issue648(t)
		officer, unit := b.actor(t, "huong", "03322", "officer"), b.unit(t, "03322")
		other := New(Options{DB: d, Units: b.units, Law: catalogue, Clock: dbtest.Clock, People: b.people})
		list := func() *WorkList {
			t.Helper()
			l, err := b.WorkList(t.Context(), officer, unit)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		before := list()
		kept := b.kept.works.byUnit[unit]
		if kept == nil || len(before.Overdue) == 0 || before.NotYet == 0 {
			t.Fatalf("nothing kept, or nothing to do: %+v", before)
		}
		b.write(t, func(tx *db.Tx) error {
			return other.NameTx(t.Context(), tx, b.actor(t, "x", "03325", "officer"), Name{Assignment: b.of(t, "1.3", "03325").ID, Person: "Ai đó"})
		})
		list()
		if b.kept.works.byUnit[unit] != kept {
			t.Error("another unit's change drops this unit's work")
		}
		b.write(t, func(tx *db.Tx) error {
			_, err := other.ReceiveTx(t.Context(), tx, officer, Receive{Plan: plan648, Unit: unit, Day: "2021-03-15"})
			return err
		})
		if l := list(); l.NotYet != 0 {
			t.Errorf("%d not received after all were", l.NotYet)
		}
		b.write(t, func(tx *db.Tx) error {
			_, err := other.EvidenceTx(t.Context(), tx, officer, NewEvidence{Assignment: b.of(t, "2.1", "03322").ID, Number: "1", Day: "2021-04-10"})
			return err
		})
		records := 0
		for _, w := range list().Standing {
			records += w.Records
		}
		if records != 1 {
			t.Errorf("%d records this month, want the one that was entered", records)
		}
		b.write(t, func(tx *db.Tx) error {
			return other.NameTx(t.Context(), tx, officer, Name{Assignment: b.of(t, "1.3", "03322").ID, Person: "Lò Thị Hương", Account: "huong"})
		})
		mine := 0
		for _, w := range list().Overdue {
			if w.Mine {
				mine++
			}
		}
		if mine != 1 {
			t.Errorf("%d tasks given to the officer, want 1", mine)
		}
		for range keepUnits + 3 { // no more than are kept
			b.kept.works.keep(db.NewID(dbtest.Clock.Now()), &unitWork{})
		}
		if n := len(b.kept.works.byUnit); n > keepUnits {
			t.Errorf("%d units kept", n)
		}
	})
}
