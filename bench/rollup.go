package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/law"
	room "dinh/internal/report"
	"dinh/internal/report/reportweb"
	"dinh/internal/web"
)

// The trees: a province of 2,183 units and a nation of 101,368, as many on each level as there are.
var levels = map[string][]int{"province": {1, 12, 129, 2041}, "nation": {1, 63, 705, 10599, 90000}}

const (
	rollPath   = "/lam-viec/bao-cao/2021/6-thang/tong-hop"
	submits    = 60 // in a round
	dashboards = 200
	handing    = 50 // submitters at once
	memoryGoal = 50 // MB for the nation's period
)

const rolled = "II.1"

// rollup measures reports and their sums: a submission beside a bare write, the nation's dashboard beside the province's and beside its template, reading a period beside scanning
// its rows, the memory it takes, and on PostgreSQL whether submitters wait for each other.
func rollup(ctx context.Context, o options, r *report) (err error) {
	dir, err := os.MkdirTemp("", "dinh-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	dsn := map[string]string{}
	if o.pg {
		for name := range levels {
			pg, err := startServer(ctx)
			if err != nil {
				return err
			}
			defer pg.end() //nolint:contextcheck // it ends also when the run was called off
			dsn[name] = pg.dsn()
		}
	}
	var all []*forest
	for _, name := range []string{"province", "nation"} {
		f, err := plant(ctx, name, filepath.Join(dir, name), dsn[name])
		if err != nil {
			return err
		}
		defer f.d.Close()
		all = append(all, f)
		r.say("%s on %s: %d units", name, f.d.Dialect(), f.units.On("2021-05-01").Len())
	}
	province, nation := all[0], all[1]
	for _, f := range all {
		if err := f.compareSubmit(ctx, o, r); err != nil {
			return err
		}
	}
	if err := compareDashboards(ctx, o, r, province, nation); err != nil {
		return err
	}
	if err := nation.compareReading(ctx, o, r); err != nil {
		return err
	}
	if o.pg {
		return nation.compareLocks(ctx, r)
	}
	return nil
}

func (f *forest) ask() room.SumAsk {
	return room.SumAsk{Period: "p", Scope: room.Scope{Unit: f.root}, Which: room.HandedIn}
}

// right says whether the next read of the root gives what was committed.
func (f *forest) right(ctx context.Context) error {
	v, err := f.s.Sum(ctx, f.actor, f.ask())
	if err != nil {
		return err
	}
	if got := v.Figure(nil, rolled).Value; got != f.expect {
		return fmt.Errorf("%s: the next read gives %d, committed are %d", f.name, got, f.expect)
	}
	return nil
}

func (f *forest) submit(ctx context.Context, id string) error {
	return f.d.Write(ctx, func(tx *db.Tx) error {
		return f.s.SubmitTx(ctx, tx, access.System, room.Submit{Report: id, OnScreen: true, Incomplete: true})
	})
}

// take gives n reports that nobody has handed in.
func (f *forest) take(n int) []string {
	out := f.ready[:n]
	f.ready = f.ready[n:]
	return out
}

func (f *forest) compareSubmit(ctx context.Context, o options, r *report) error {
	if err := f.right(ctx); err != nil {
		return err
	}
	var ours, bare, next []float64
	for range o.rounds {
		var a, b, c []float64
		for i, id := range f.take(min(submits, len(f.ready)/(o.rounds+1))) {
			begun := time.Now()
			if err := f.submit(ctx, id); err != nil {
				return err
			}
			a = append(a, millis(begun))
			f.expect++
			begun = time.Now()
			if err := f.right(ctx); err != nil {
				return err
			}
			c = append(c, millis(begun))
			begun = time.Now()
			err := f.d.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE bench_row SET n=n+1 WHERE id=$1`, i)
				return err
			})
			if err != nil {
				return err
			}
			b = append(b, millis(begun))
		}
		ours, bare, next = append(ours, spreadOf(a).med), append(bare, spreadOf(b).med), append(next, spreadOf(c).med)
	}
	r.ratio("a submission, "+f.name+", p50 / a bare write", "ms", ours, bare, 3, true)
	r.say("  each next read of the root was right; it took %s ms (p50)", num(spreadOf(next).med))
	return nil
}

func millis(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

// dashboard is the page of the root's sums with its template by itself.
type dashboard struct {
	h        http.Handler
	template func(*bytes.Buffer) error
}

type oneSession struct{ actor access.Actor }

func (s oneSession) Session(context.Context, string) (access.Actor, web.Session, error) {
	return s.actor, web.Session{ID: "s"}, nil
}

func (f *forest) dashboard(ctx context.Context) (*dashboard, error) {
	k, err := web.New(web.Config{DB: f.d, Clock: civil.Shifted(time.Now, "2021-05-20"), Units: f.units, Sessions: oneSession{f.actor}, Key: []byte("k"), BaseURL: "http://dinh.test", Upload: 1 << 20})
	if err != nil {
		return nil, err
	}
	reportweb.Register(k, reportweb.Deps{Service: f.s, Units: f.units, Law: func() *law.Catalogue { return f.law }}) //nolint:contextcheck // requests carry their own
	b := &dashboard{h: k}
	k.Observe(func(_ string, again func(*bytes.Buffer) error) { b.template = again })
	return b, b.get(ctx)
}

func (b *dashboard) get(ctx context.Context) error {
	q := httptest.NewRequestWithContext(ctx, http.MethodGet, rollPath, nil)
	q.Host = "dinh.test"
	q.AddCookie(&http.Cookie{Name: web.CookieName, Value: "x"})
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, q)
	if w.Code != http.StatusOK {
		return fmt.Errorf("the dashboard answers %d", w.Code)
	}
	return nil
}

// compareDashboards: the nation's beside the province's, and beside the time of its template.
func compareDashboards(ctx context.Context, o options, r *report, province, nation *forest) error {
	small, err := province.dashboard(ctx)
	if err != nil {
		return err
	}
	large, err := nation.dashboard(ctx)
	if err != nil {
		return err
	}
	times := func(f func() error) ([]float64, error) {
		out := make([]float64, 0, dashboards)
		for range dashboards {
			begun := time.Now()
			if err := f(); err != nil {
				return nil, err
			}
			out = append(out, millis(begun))
		}
		slices.Sort(out)
		return out, nil
	}
	sum := func(f *forest) func() error {
		return func() error {
			_, err := f.s.Sum(ctx, f.actor, f.ask())
			return err
		}
	}
	var buf bytes.Buffer
	render := func(b *dashboard) func() error {
		return func() error {
			buf.Reset()
			return b.template(&buf)
		}
	}
	var pageP, pageN, sumP, sumN, sumN99, template, template99 []float64
	for range o.rounds {
		for _, x := range []struct {
			f    func() error
			p50  *[]float64
			high *[]float64
		}{
			{func() error { return small.get(ctx) }, &pageP, nil},
			{func() error { return large.get(ctx) }, &pageN, nil},
			{sum(province), &sumP, nil},
			{sum(nation), &sumN, &sumN99},
			{render(large), &template, &template99},
		} {
			list, err := times(x.f)
			if err != nil {
				return err
			}
			*x.p50 = append(*x.p50, list[len(list)/2])
			if x.high != nil {
				*x.high = append(*x.high, list[len(list)*99/100])
			}
		}
	}
	r.ratio("the nation's dashboard / the province's, page p50", "ms", pageN, pageP, 3, true)
	r.ratio("the nation's sums / the province's, p50", "ms", sumN, sumP, 3, true)
	r.ratio("the nation's sums / its template, p50", "ms", sumN, template, 1, true)
	r.ratio("the nation's sums / its template, p99", "ms", sumN99, template99, 1, true) // the same share of rounds that a busy machine spoils on both sides
	return nil
}

// compareReading: a period into memory beside scanning its rows, and the memory that it takes.
func (f *forest) compareReading(ctx context.Context, o options, r *report) error {
	var ours, bare, memory []float64
	for range o.rounds {
		s, err := f.service()
		if err != nil {
			return err
		}
		before := heap()
		begun := time.Now()
		n, err := s.Preload(ctx, "p")
		if err != nil {
			return err
		}
		ours = append(ours, millis(begun))
		memory = append(memory, heap()-before)
		if n != f.units.On("2021-05-01").Len() {
			return fmt.Errorf("%d reports in memory", n)
		}
		runtime.KeepAlive(s)
		begun = time.Now()
		if err := f.scan(ctx); err != nil {
			return err
		}
		bare = append(bare, millis(begun))
	}
	r.ratio("reading the nation's period / scanning its rows", "ms", ours, bare, 2, true)
	r.bound("memory of the nation's period", "MB", memory, memoryGoal)
	return nil
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// scan reads the same rows and does nothing with them.
func (f *forest) scan(ctx context.Context) error {
	rows, err := f.d.Query(ctx, `SELECT id, unit_id, state, version, lump, lump_kind, due, extended, first_day, changed, figures FROM report WHERE period_id=$1`, "p")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, unit, state, kind, due, extended, first string
		var version, lump int
		var changed int64
		var figures []byte
		if err := rows.Scan(&id, &unit, &state, &version, &lump, &kind, &due, &extended, &first, &changed, &figures); err != nil {
			return err
		}
	}
	return rows.Err()
}

// compareLocks lets many submit at once and looks for sessions that wait for a lock of another.
func (f *forest) compareLocks(ctx context.Context, r *report) error {
	ids := f.take(handing * 20)
	var waits, grows, looks atomic.Int64
	stop := make(chan struct{})
	var watch, work sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
			var n, files int64
			err := f.d.QueryRow(ctx, `SELECT COUNT(*) FILTER (WHERE wait_event<>'extend'), COUNT(*) FILTER (WHERE wait_event='extend') FROM pg_stat_activity
				WHERE wait_event_type='Lock' AND datname=current_database()`).Scan(&n, &files)
			if err == nil {
				looks.Add(1)
				waits.Add(n)
				grows.Add(files)
			}
		}
	})
	var mu sync.Mutex
	var fault error
	begun := time.Now()
	for w := range handing {
		work.Go(func() {
			for i := w; i < len(ids); i += handing {
				if err := f.submit(ctx, ids[i]); err != nil {
					mu.Lock()
					fault = errors.Join(fault, err)
					mu.Unlock()
					return
				}
			}
		})
	}
	work.Wait()
	took := time.Since(begun)
	close(stop)
	watch.Wait()
	if fault != nil {
		return fault
	}
	f.expect += int64(len(ids))
	if err := f.right(ctx); err != nil {
		return err
	}
	r.say("%d submitters at once: %s submissions/s; the sum is right afterwards", handing, num(float64(len(ids))/took.Seconds()))
	r.say("  waiting while a file of the server grew: %d", grows.Load())
	r.bound("sessions waiting for each other's rows, in "+strconv.FormatInt(looks.Load(), 10)+" looks", "sessions", []float64{float64(waits.Load())}, 0)
	return nil
}
