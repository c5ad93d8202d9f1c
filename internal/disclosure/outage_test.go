package disclosure

import (
	"testing"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

func TestOutageMinutes(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", s, civil.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, tt := range []struct {
		from, to string
		want     map[civil.Date]int
	}{
		{"2021-04-20 10:00", "2021-04-20 10:30", map[civil.Date]int{"2021-04-20": 30}},
		{"2021-04-20 23:50", "2021-04-21 00:10", map[civil.Date]int{"2021-04-20": 10, "2021-04-21": 10}},
		{"2021-04-20 12:00", "2021-04-23 06:00", map[civil.Date]int{"2021-04-20": 720, "2021-04-21": 1440, "2021-04-22": 1440, "2021-04-23": 360}},
		{"2021-04-20 00:00", "2021-04-21 00:00", map[civil.Date]int{"2021-04-20": 1440}},
	} {
		if diff := cmp.Diff(tt.want, (Outage{at(tt.from), at(tt.to)}).minutes()); diff != "" {
			t.Errorf("%s to %s: %s", tt.from, tt.to, diff)
		}
	}
}

func TestBeat(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWall(t, d)
		ctx := t.Context()
		item := w.hang("2021-04-05", "2021-04-06")
		w.must(func(tx *db.Tx) error {
			i, err := readItem(ctx, tx, `id=$1`, item)
			if err != nil {
				return err
			}
			i.OnlineDays = 20
			if _, err = tx.Exec(ctx, `DELETE FROM disclosure_place WHERE item_id=$1 AND place<>'website'`, item); err != nil {
				return err
			}
			if _, err = tx.Exec(ctx, `UPDATE disclosure_place SET need=20 WHERE item_id=$1`, item); err != nil {
				return err
			}
			return w.recountTx(ctx, tx, w.officer(), i)
		})
		// beat is a beat after a time in which none came.
		beat := func(after time.Duration) {
			t.Helper()
			w.must(func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE disclosure_beat SET at=$1`, db.Micros(tx.Now().Add(-after)))
				return err
			})
			if err := w.Beat(ctx); err != nil {
				t.Fatal(err)
			}
		}
		beat(0) // the first of all
		beat(time.Minute)
		beat(2 * time.Minute)
		if list, err := w.Outages(ctx, 10); err != nil || len(list) != 0 {
			t.Fatalf("two minutes are no outage: %+v, %v", list, err)
		}
		if i := w.view(w.officer(), item); i.Count.Days != 15 || i.Ends != "2021-04-25" {
			t.Errorf("before: %d days, ends %s", i.Count.Days, i.Ends)
		}

		// An hour is kept and costs no day.
		beat(time.Hour)
		if list, err := w.Outages(ctx, 10); err != nil || len(list) != 1 || list[0].To.Sub(list[0].From) != time.Hour {
			t.Fatalf("an hour: %+v, %v", list, err)
		}
		if i := w.view(w.officer(), item); i.Count.Days != 15 {
			t.Errorf("after an hour: %d days", i.Count.Days)
		}

		// From 16:00 of the 18th to 8:00 of the 20th, then once more: the 19th is dark.
		w.must(func(tx *db.Tx) error {
			_, err := w.outageTx(ctx, tx, Outage{tx.Now().Add(-44 * time.Hour), tx.Now().Add(-4 * time.Hour)})
			return err
		})
		dark, err := readDark(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]civil.Date{"2021-04-19"}, dark); diff != "" {
			t.Errorf("dark days: %s", diff)
		}
		i := w.view(w.officer(), item)
		if c := i.Count.Places[0]; c.Days != 1 || c.Restarts != 1 || c.Lost != "2021-04-19" || c.Ends != "2021-05-09" {
			t.Errorf("after the dark day: %+v", c)
		}
		if i.Ends != "2021-04-25" {
			t.Errorf("the item knows already: %s", i.Ends)
		}

		// A server that was away for a day finds out when it comes back, and counts anew.
		beat(24 * time.Hour)
		if i := w.view(w.officer(), item); i.Ends == "2021-04-25" {
			t.Errorf("the item was not counted anew: %s, %+v", i.Ends, i.Count.Places[0])
		}
		var n int
		if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM audit_entry WHERE action='disclosure.outage'`).Scan(&n); err != nil || n != 3 {
			t.Errorf("%d outages in the log, %v", n, err)
		}
	})
}
