package job

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
)

// moving is a clock that a test moves; it begins at 8 o'clock on Tuesday 20 April 2021 in Vietnam.
type moving struct{ ns atomic.Int64 }

func (m *moving) clock() civil.Clock {
	start := time.Date(2021, 4, 20, 8, 0, 0, 0, civil.Zone)
	return civil.Real(func() time.Time { return start.Add(time.Duration(m.ns.Load())) })
}

// add moves the clock on.
func (m *moving) add(d time.Duration) { m.ns.Add(int64(d)) }

func enqueue(t *testing.T, d *db.DB, kind string, args any, at time.Time) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return Enqueue(t.Context(), tx, kind, args, at) }); err != nil {
		t.Fatal(err)
	}
}

func drain(t *testing.T, r *Runner) int {
	t.Helper()
	n, err := r.Drain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func each(t *testing.T, f func(t *testing.T, d *db.DB, m *moving)) {
	t.Helper()
	var m moving
	dbtest.EachAt(t, m.clock(), func(t *testing.T, d *db.DB) {
		m.ns.Store(0)
		f(t, d, &m)
	})
}

func TestRunnersShareTheWork(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, civil.Real(time.Now), func(t *testing.T, d *db.DB) {
		var mu sync.Mutex
		did := map[string]int{}
		all := make(chan struct{})
		ctx, stop := context.WithCancel(t.Context())
		var runners sync.WaitGroup
		for range 3 {
			r := New(d, 3)
			r.Register("count", func(_ context.Context, args []byte) error {
				mu.Lock()
				defer mu.Unlock()
				did[string(args)]++
				if len(did) == 60 {
					close(all)
				}
				return nil
			})
			runners.Go(func() { r.Run(ctx) })
		}
		for i := range 60 {
			enqueue(t, d, "count", i, time.Time{})
			if i == 30 { // what does not commit is not done
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					return errors.Join(Enqueue(t.Context(), tx, "count", 1000, time.Time{}), errors.New("no"))
				})
				if err == nil {
					t.Error("committed")
				}
			}
		}
		<-all
		stop()
		runners.Wait()
		for k, n := range did {
			if n != 1 || k == "1000" {
				t.Errorf("job %s done %d times", k, n)
			}
		}
		var left int
		if err := d.QueryRow(t.Context(), `SELECT COUNT(*) FROM job`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d jobs left, %v", left, err)
		}
	})
}

func TestTakeover(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB, m *moving) {
		done := 0
		count := func(context.Context, []byte) error { done++; return nil }
		dying, heir := New(d, 1), New(d, 1)
		dying.Register("k", count)
		heir.Register("k", count)
		enqueue(t, d, "k", nil, time.Time{})
		jobs, _, err := dying.take(t.Context(), 1)
		if err != nil || len(jobs) != 1 {
			t.Fatal(jobs, err)
		}
		if n := drain(t, heir); n != 0 {
			t.Errorf("taken while leased: %d", n)
		}
		m.add(leaseFor + time.Second)
		if n := drain(t, heir); n != 1 || done != 1 {
			t.Errorf("not taken over: %d, done %d", n, done)
		}
		enqueue(t, d, "k", nil, time.Time{})
		if err := dying.end(t.Context(), jobs[0], nil, false); err != nil { // comes back from the dead: too late
			t.Error(err)
		}
		if n := drain(t, heir); n != 1 {
			t.Errorf("another job was lost: %d", n)
		}
	})
}

func TestTriedAgainAndGivenUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB, m *moving) {
		r := New(d, 1)
		tries := 0
		r.Register("fails", func(context.Context, []byte) error {
			tries++
			if tries == 2 {
				panic("oh")
			}
			return errors.New("not yet")
		})
		r.Register("never", func(context.Context, []byte) error { return Hopeless(errors.New("no such thing")) })
		enqueue(t, d, "fails", nil, time.Time{})
		drain(t, r)
		if drain(t, r) != 0 {
			t.Error("tried again at once")
		}
		for range 40 {
			m.add(time.Hour + 2*time.Second)
			drain(t, r)
		}
		if tries != maxTries {
			t.Errorf("tried %d times", tries)
		}
		m.add(time.Minute)
		enqueue(t, d, "never", nil, time.Time{})
		drain(t, r)
		dead, err := DeadOnes(t.Context(), d, 10)
		if err != nil || len(dead) != 2 || dead[0].Kind != "never" || dead[0].Fault != "no such thing" || dead[1].Tries != maxTries {
			t.Fatalf("dead: %+v %v", dead, err)
		}
		err = d.Write(t.Context(), func(tx *db.Tx) error {
			return errors.Join(Drop(t.Context(), tx, dead[0].ID), Revive(t.Context(), tx, dead[1].ID))
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := drain(t, r); n != 1 || tries != maxTries+1 {
			t.Errorf("revived: %d", n)
		}
		err = d.Write(t.Context(), func(tx *db.Tx) error { return Drop(t.Context(), tx, dead[0].ID) })
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("dropped twice: %v", err)
		}
	})
}

func TestRunAtAndUnknownKinds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB, m *moving) {
		r := New(d, 1)
		var did []string
		r.Register("k", func(_ context.Context, args []byte) error { did = append(did, string(args)); return nil })
		now := d.Clock().Now()
		enqueue(t, d, "k", 2, now.Add(2*time.Hour))
		enqueue(t, d, "k", 1, now.Add(time.Hour))
		enqueue(t, d, "of a newer program", 0, now)
		drain(t, r)
		m.add(time.Hour)
		drain(t, r)
		if !slices.Equal(did, []string{"1"}) {
			t.Errorf("after an hour: %v", did)
		}
		m.add(time.Hour)
		drain(t, r)
		if !slices.Equal(did, []string{"1", "2"}) {
			t.Errorf("after two: %v", did)
		}
	})
}

func TestTicksOnceOverAllServers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB, m *moving) {
		did := map[string]int{}
		var servers []*Runner
		for range 2 {
			r := New(d, 1)
			r.Every("daily", Daily(7), func(context.Context) error { did["daily"]++; return nil })
			r.Every("weekly", Weekly(time.Monday, 7), func(context.Context) error { did["weekly"]++; return nil })
			servers = append(servers, r)
		}
		all := func() {
			for _, r := range servers {
				drain(t, r)
			}
		}
		all()
		m.add(22 * time.Hour) // Wednesday 6:00
		all()
		if len(did) != 0 {
			t.Errorf("too early: %v", did)
		}
		m.add(time.Hour)
		all()
		if did["daily"] != 1 {
			t.Errorf("at seven: %v", did)
		}
		m.add(6 * 24 * time.Hour) // no server ran for six days, over Monday
		all()
		all()
		if did["daily"] != 2 || did["weekly"] != 1 {
			t.Errorf("made up for: %v", did)
		}
	})
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	at := func(day, hour, minute int) time.Time { return time.Date(2021, 4, day, hour, minute, 0, 0, civil.Zone) }
	for _, c := range []struct {
		s           Schedule
		after, want time.Time
	}{
		{Daily(7), at(20, 6, 59), at(20, 7, 0)},
		{Daily(7), at(20, 7, 0), at(21, 7, 0)},
		{Daily(0), at(20, 23, 59).UTC(), at(21, 0, 0)},
		{Weekly(time.Monday, 8), at(20, 9, 0), at(26, 8, 0)},
		{Weekly(time.Tuesday, 8), at(20, 7, 0), at(20, 8, 0)},
		{Weekly(time.Tuesday, 8), at(20, 9, 0), at(27, 8, 0)},
		{Interval(time.Hour), at(20, 9, 0), at(20, 10, 0)},
	} {
		if got := c.s(c.after); !got.Equal(c.want) {
			t.Errorf("after %v: %v, want %v", c.after, got, c.want)
		}
	}
}

// A runner on a database that is open for reading only looks for work without a fault as long as nothing is due.
func TestIdleWritesNothing(t *testing.T) {
	t.Parallel()
	var m moving
	dir := t.TempDir()
	dbtest.Fill(t, dir)
	for _, o := range []db.Options{{Dir: dir, Clock: m.clock()}, {DSN: dbtest.Postgres(t), Clock: m.clock()}} {
		idle := func(d *db.DB) *Runner {
			r := New(d, 1)
			r.Every("daily", Daily(7), func(context.Context) error { return nil })
			return r
		}
		d := dbtest.Open(t, o)
		drain(t, idle(d))
		enqueue(t, d, tickPrefix+"daily", nil, d.Clock().Now().Add(24*time.Hour))
		o.ReadOnly = true
		r := idle(dbtest.Open(t, o))
		for range 3 {
			m.add(time.Second)
			if n := drain(t, r); n != 0 {
				t.Errorf("%s: did %d jobs", d.Dialect(), n)
			}
		}
		m.add(24 * time.Hour)
		if _, err := r.Drain(t.Context()); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s: wrote nothing though something was due: %v", d.Dialect(), err)
		}
		m.ns.Store(0)
	}
}
