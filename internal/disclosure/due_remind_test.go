package disclosure

import (
	"testing"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/notify"
)

func TestRemindDue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWall(t, d)
		w.people = desk{w.commune}
		ctx := t.Context()
		for _, c := range []struct {
			today civil.Date
			want  int // notices in all after the morning
		}{
			{"2021-04-20", 0}, // nothing falls due around
			{"2021-12-17", 1}, // yearly matters are due on 31/12: fourteen days before
			{"2021-12-18", 1}, // no day of the rule
			{"2021-12-28", 2}, // three days before
			{"2021-12-28", 2}, // a second time on the same morning
			{"2021-12-30", 3}, // the day before
		} {
			w.clock = civil.Fixed(c.today)
			if _, err := w.RemindDue(ctx); err != nil {
				t.Fatal(err)
			}
			list, _, err := notify.List(ctx, d, "officer", "", 50)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, x := range list {
				if x.Kind == "disclosure.due" && x.Due == "2021-12-31" && x.Link == SlotsPath {
					n++
				}
			}
			if n != c.want {
				t.Errorf("%s: %d notices, want %d", c.today, n, c.want)
			}
		}
	})
}
