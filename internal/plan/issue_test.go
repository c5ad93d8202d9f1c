package plan

import (
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
)

func TestIssue648Sums(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		start := time.Now()
		got := b.issue648(t)
		t.Logf("%d assignments at %d units in %s", got.Assignments, got.Units, time.Since(start))
		for _, x := range got.Differences {
			t.Logf("%s %s %v", x.Kind, x.Task, x.Msg)
		}
		start = time.Now()
		board, err := b.Board(t.Context(), access.System, plan648, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("board of %d rows in %s", len(board.Rows), time.Since(start))
		start = time.Now()
		board, err = b.Board(t.Context(), access.System, plan648, Filter{})
		t.Logf("again %s; total %+v next %v", time.Since(start), board.Total, board.NextDue.Day)
		for _, g := range board.Groups {
			name := ""
			if g.Unit != nil {
				name = g.Unit.Name
			}
			t.Logf("%s %s %+v", g.Key, name, g.Sum)
		}
	})
}
