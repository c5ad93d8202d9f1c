package plan

import (
	"syscall"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
)

func cpu() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestSampleX(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		b.issue648(t)
		start := time.Now()
		c0 := cpu()
		if err := b.SampleEvidence(t.Context(), plan648, "03322"); err != nil {
			t.Fatal(err)
		}
		t.Logf("sample in %s cpu %s", time.Since(start), cpu()-c0)
		board, err := b.Board(t.Context(), access.System, plan648, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		states := map[State]int{}
		for _, x := range board.ByTask {
			for s, n := range x.ByState {
				states[s] += n
			}
		}
		t.Logf("%+v %v", board.Total, states)
		for _, g := range board.Groups {
			t.Logf("%s %+v", g.Key, g.Sum)
		}
		for _, g := range board.Slowest {
			t.Log(g.Key)
		}
	})
}
