package disclosure

import (
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
)

func TestPostAndTakeDown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWall(t, d)
		item := w.hang("2021-04-05", "2021-04-06")
		ctx := t.Context()
		village := VillageKey(w.villages[0])

		// Entered late, counted from the day on which it was put up.
		x, err := w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-06", Hour: "08:15"})
		if err != nil {
			t.Fatal(err)
		}
		if x.UpEntered != "2021-04-20" || x.UpDay != "2021-04-06" || x.UpHow != HowSelf || x.Edition != 1 || x.UpActor != "officer" {
			t.Errorf("posting %+v", x)
		}
		if c := w.count(item, "office"); c.Days != 15 || c.Ends != "2021-05-05" || !c.Up {
			t.Errorf("office: %+v", c)
		}
		if i := w.view(w.officer(), item); i.FirstTold != "2021-04-06" || i.Ends != civil.None {
			t.Errorf("first told %q, ends %q: two villages still have no sheet", i.FirstTold, i.Ends)
		}

		// A second sheet while the first hangs asks how that one ended.
		_, err = w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-12"})
		if got := fields(err); got != "prev-day still_hangs" {
			t.Errorf("double posting: %s", got)
		}
		_, err = w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-12", Prev: &Down{Day: "2021-04-13", Kind: DownMissing}})
		if got := fields(err); got != "prev-day prev_after" {
			t.Errorf("the first ended after the second began: %s", got)
		}
		_, err = w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-12", Prev: &Down{Day: "2021-04-10", Kind: DownEnd}})
		if got := fields(err); got != "prev-kind not_full" {
			t.Errorf("four days are no end: %s", got)
		}
		_, err = w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-12", Prev: &Down{Day: "2021-04-10", Kind: DownMissing}})
		if err != nil {
			t.Fatal(err)
		}
		if c := w.count(item, "office"); c.Restarts != 1 || c.Days != 9 || c.Lost != "2021-04-10" {
			t.Errorf("two days without a sheet: %+v", c)
		}

		// Days on which one hung already.
		_, err = w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-08", Down: &Down{Day: "2021-04-09", Kind: DownTorn}})
		if got := fields(err); got != "day hung_then" {
			t.Errorf("it hung then: %s", got)
		}
		_, err = w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-10"})
		if got := fields(err); got != "down-day earlier_ends" {
			t.Errorf("an earlier one without an end: %s", got)
		}
		_, err = w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-10", Down: &Down{Day: "2021-04-12", Kind: DownTorn}})
		if err != nil {
			t.Fatal(err)
		}
		if c := w.count(item, "office"); c.Restarts != 0 || c.Days != 15 {
			t.Errorf("a late entry closes the gap: %+v", c)
		}

		// An officer names who told it; the village head needs nobody.
		_, err = w.post(w.officer(), PutUp{Item: item, Place: village, Day: "2021-04-07"})
		if got := fields(err); got != "how how_which, person person" {
			t.Errorf("source: %s", got)
		}
		x, err = w.post(w.headOf(0), PutUp{Item: item, Place: village, Day: "2021-04-07"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.post(w.headOf(0), PutUp{Item: item, Place: VillageKey(w.villages[1]), Day: "2021-04-07"})
		if !errs.Is(err, errs.Forbidden) {
			t.Errorf("another village: %v", err)
		}
		_, err = w.post(w.headOf(0), PutUp{Item: item, Place: "office", Day: "2021-04-07"})
		if !errs.Is(err, errs.Forbidden) {
			t.Errorf("the office by a village head: %v", err)
		}

		// Down: before it went up, ahead of today, without a reason, too early for an end.
		down := func(dn Down) error {
			return w.do(func(tx *db.Tx) error {
				_, err := w.TakeDownTx(ctx, tx, w.headOf(0), TakeDown{Posting: x.ID, Version: x.Version, Down: dn})
				return err
			})
		}
		for _, tt := range []struct {
			name string
			in   Down
			want string
		}{
			{"before it went up", Down{Day: "2021-04-06", Kind: DownMissing}, "day down_before_up"},
			{"ahead", Down{Day: "2021-04-21", Kind: DownMissing}, "day day_ahead"},
			{"nothing typed", Down{}, "day day_which, kind down_kind"},
			{"no reason", Down{Day: "2021-04-19", Kind: DownTaken}, "note down_why"},
			{"not its end", Down{Day: "2021-04-19", Kind: DownEnd}, "kind not_full"},
			{"no hour", Down{Day: "2021-04-19", Hour: "25:00", Kind: DownTorn}, "hour hour"},
			{"an end that only the program gives", Down{Day: "2021-04-19", Kind: DownReplaced}, "kind down_kind"},
		} {
			if got := fields(down(tt.in)); got != tt.want {
				t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
			}
		}
		if err := down(Down{Day: "2021-04-19", Kind: DownMissing}); err != nil {
			t.Fatal(err)
		}
		if err := down(Down{Day: "2021-04-19", Kind: DownMissing}); !errs.Is(err, errs.Conflict) {
			t.Errorf("down twice: %v", err)
		}
		if c := w.count(item, village); c.Up || c.Progress("2021-04-20") != RemovedEarly {
			t.Errorf("village: %+v", c)
		}

		// Entered by mistake.
		w.must(func(tx *db.Tx) error { return w.ReopenTx(ctx, tx, w.headOf(0), x.ID, 0, "nhầm bản") })
		if c := w.count(item, village); !c.Up || c.Days != 14 {
			t.Errorf("reopened: %+v", c)
		}
		err = w.do(func(tx *db.Tx) error { return w.StrikeTx(ctx, tx, w.headOf(0), x.ID, 0, "") })
		if got := fields(err); got != "why why" {
			t.Errorf("struck out without a reason: %s", got)
		}
		w.must(func(tx *db.Tx) error { return w.StrikeTx(ctx, tx, w.headOf(0), x.ID, 0, "ghi nhầm mục") })
		if c := w.count(item, village); len(c.Runs) != 0 {
			t.Errorf("struck out: %+v", c)
		}
		left, err := readPostings(ctx, d, `id=$1`, x.ID)
		if err != nil || len(left) != 1 || left[0].StruckWhy != "ghi nhầm mục" {
			t.Errorf("the struck posting stays: %+v, %v", left, err)
		}
	})
}

func TestPostRefuses(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := newWall(t, d)
	item := w.hang("2021-04-05", "2021-04-06")
	waiting := w.hang("2021-04-15", civil.None)
	draft := w.hang(civil.None, civil.None)
	gone := w.hang("2021-04-05", "2021-04-06")
	w.must(func(tx *db.Tx) error {
		i, err := readItem(t.Context(), tx, `id=$1`, gone)
		if err != nil {
			return err
		}
		i.State, i.Withdrawn = Withdrawn, "2021-04-18"
		return saveItem(t.Context(), tx, i)
	})
	stranger := access.Actor{ID: "x", Name: "X", Posts: []access.Post{{Unit: "elsewhere", Kind: access.Officer}}}
	for _, tt := range []struct {
		name  string
		actor access.Actor
		in    PutUp
		want  string
	}{
		{"no day", w.officer(), PutUp{Item: item, Place: "office"}, "day day_which"},
		{"a day ahead", w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-21"}, "day day_ahead"},
		{"an hour ahead", w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-20", Hour: "12:01"}, "hour hour_ahead"},
		{"no hour", w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-20", Hour: "sáng"}, "hour hour"},
		{"a place that the item does not have", w.officer(), PutUp{Item: item, Place: "meeting", Day: "2021-04-20"}, "place place_none"},
		{"a place of another unit", w.officer(), PutUp{Item: item, Place: VillageKey("elsewhere"), Day: "2021-04-20"}, "place place_none"},
		{"no place", w.officer(), PutUp{Item: item, Day: "2021-04-20"}, "place place_which"},
		{"no sheet hangs on a loudspeaker", w.officer(), PutUp{Item: item, Place: "loudspeaker", Day: "2021-04-20"}, "place hangs_not"},
		{"before the approval", w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-04"}, "day before_approval"},
		{"approved, not published: before the approval", w.officer(), PutUp{Item: waiting, Place: "office", Day: "2021-04-14"}, "day before_approval"},
		{"not approved", w.officer(), PutUp{Item: draft, Place: "office", Day: "2021-04-20"}, "- not_approved"},
		{"after it was withdrawn", w.officer(), PutUp{Item: gone, Place: "office", Day: "2021-04-18"}, "day withdrawn"},
		{"a draft is hidden from village heads", w.headOf(0), PutUp{Item: draft, Place: VillageKey(w.villages[0]), Day: "2021-04-20"}, "- none"},
		{"nobody's", stranger, PutUp{Item: draft, Place: "office", Day: "2021-04-20"}, "- none"},
		{"not published: a stranger does not see it", stranger, PutUp{Item: waiting, Place: "office", Day: "2021-04-20"}, "- none"},
		{"published: a stranger sees and may not", stranger, PutUp{Item: item, Place: "office", Day: "2021-04-20"}, "- write"},
		{"no such item", w.officer(), PutUp{Item: "x", Place: "office", Day: "2021-04-20"}, "- none"},
		{"a way of telling that there is not", w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-20", How: "pigeon"}, "how how_which"},
	} {
		_, err := w.post(tt.actor, tt.in)
		if got := fields(err); got != tt.want {
			t.Errorf("%s: %q, want %q (%v)", tt.name, got, tt.want, err)
		}
	}
	// Paper and network are equal: from the day of approval it may hang.
	x, err := w.post(w.headOf(0), PutUp{Item: waiting, Place: VillageKey(w.villages[0]), Day: "2021-04-15"})
	if err != nil || x.Edition != 1 {
		t.Errorf("approved, not published: %+v, %v", x, err)
	}
	// What hung before it was withdrawn can still be entered; it ended with the item.
	x, err = w.post(w.officer(), PutUp{Item: gone, Place: "office", Day: "2021-04-07"})
	if err != nil || x.DownDay != "2021-04-18" || x.DownKind != DownWithdrawn {
		t.Errorf("withdrawn: %+v, %v", x, err)
	}
}

func TestPostingsBelongToTheEditionOfTheDay(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := newWall(t, d)
	item := w.hang("2021-04-05", "2021-04-06")
	if _, err := w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-06"}); err != nil {
		t.Fatal(err)
	}
	w.replace(item, "2021-04-14")
	if c := w.count(item, "office"); c.Up || c.Days != 0 {
		t.Errorf("the new edition hangs nowhere yet: %+v", c)
	}
	// Entered after the new edition: it hung before it.
	x, err := w.post(w.headOf(1), PutUp{Item: item, Place: VillageKey(w.villages[1]), Day: "2021-04-08"})
	if err != nil {
		t.Fatal(err)
	}
	if x.Edition != 1 || x.DownDay != "2021-04-14" || x.DownKind != DownReplaced {
		t.Errorf("late entry of the old edition: %+v", x)
	}
	if x, err = w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-14"}); err != nil || x.Edition != 2 {
		t.Fatalf("the day of publication belongs to the new edition: %+v, %v", x, err)
	}
	if _, err := w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-15", Edition: 1}); fields(err) != "day replaced" {
		t.Errorf("the old edition after it was replaced: %v", err)
	}
	if c := w.count(item, "office"); !c.Up || c.Days != 7 || c.Ends != "2021-05-13" {
		t.Errorf("the days begin anew: %+v", c)
	}
}

func TestTell(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWall(t, d)
		item := w.hang("2021-04-05", "2021-04-06")
		tell := func(actor access.Actor, in Tell) (n int, err error) {
			err = w.do(func(tx *db.Tx) error {
				n, err = w.TellTx(t.Context(), tx, actor, in)
				return err
			})
			return n, err
		}
		n, err := tell(w.officer(), Tell{Item: item, Place: "loudspeaker", Day: "2021-04-06", Until: "2021-04-08", Hour: "05:30", Lang: "th"})
		if err != nil || n != 3 {
			t.Fatalf("%d tellings, %v", n, err)
		}
		if c := w.count(item, "loudspeaker"); c.Full != "2021-04-08" || c.Days != 3 {
			t.Errorf("three days running: %+v", c)
		}
		if n, err = tell(w.headOf(0), Tell{Item: item, Place: "village_head", Day: "2021-04-09", People: 42}); err != nil || n != 1 {
			t.Errorf("a village head tells: %d, %v", n, err)
		}
		for _, tt := range []struct {
			name string
			in   Tell
			want string
		}{
			{"ahead", Tell{Place: "loudspeaker", Day: "2021-04-20", Until: "2021-04-22"}, "until day_ahead"},
			{"backwards", Tell{Place: "loudspeaker", Day: "2021-04-09", Until: "2021-04-07"}, "until until_before"},
			{"a sheet is no telling", Tell{Place: "office", Day: "2021-04-09"}, "place told_not"},
			{"nor the website", Tell{Place: "website", Day: "2021-04-09"}, "place told_not"},
			{"a tongue nobody speaks", Tell{Place: "loudspeaker", Day: "2021-04-09", Lang: "xx"}, "lang lang"},
			{"fewer than nobody", Tell{Place: "loudspeaker", Day: "2021-04-09", People: -1}, "people people"},
		} {
			tt.in.Item = item
			if _, err := tell(w.officer(), tt.in); fields(err) != tt.want {
				t.Errorf("%s: %v, want %s", tt.name, fields(err), tt.want)
			}
		}
		tellings, err := readTellings(t.Context(), d, `item_id=$1 AND day='2021-04-07'`, item)
		if err != nil || len(tellings) != 1 {
			t.Fatal(tellings, err)
		}
		w.must(func(tx *db.Tx) error {
			return w.StrikeTellingTx(t.Context(), tx, w.officer(), tellings[0].ID, 1, "không phát")
		})
		if c := w.count(item, "loudspeaker"); c.Full != civil.None || c.Days != 1 {
			t.Errorf("without the middle day: %+v", c)
		}
	})
}

func TestCleanHour(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "8:15": "08:15", "08:15": "08:15", "8h15": "08:15", "8 giờ 15": "08:15", "8 giờ": "08:00", "8h": "08:00", "16 giờ 30 phút": "16:30", "0815": "08:15",
		"8": "08:00", "23.59": "23:59", "24:00": "24:00", "sáng": "sáng", "8:7": "8:7", "12:345": "12:345",
	} {
		if got := CleanHour(in); got != want {
			t.Errorf("CleanHour(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPostingTellsThePlan(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := newWall(t, d)
	item := w.hang("2021-04-05", "2021-04-06")
	if _, err := w.post(w.officer(), PutUp{Item: item, Place: "office", Day: "2021-04-06"}); err != nil {
		t.Fatal(err)
	}
	if len(w.records) != 1 || !w.records[0].Counts || w.records[0].Day != "2021-04-06" || !strings.Contains(w.records[0].Link, "/bang-niem-yet/2021/") {
		t.Errorf("records %+v", w.records)
	}
}
