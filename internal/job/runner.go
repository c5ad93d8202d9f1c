package job

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	mrand "math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"dinh/internal/db"
)

// How a runner keeps time.
const (
	leaseFor = 2 * time.Minute  // how long others leave a job alone that somebody has taken; renewed while it runs
	poll     = 2 * time.Second  // PostgreSQL: how often jobs of other servers are looked for
	nap      = time.Minute      // the longest sleep otherwise
	grace    = 10 * time.Second // how long jobs may go on when the server has to stop
)

// Runner does jobs. Register all kinds before Run. Several runners on one database share the work.
type Runner struct {
	d      *db.DB
	holder string
	width  int
	kinds  map[string]Func
	ticks  map[string]Schedule
}

// New is a runner that does at most width jobs at once (2 where 0).
func New(d *db.DB, width int) *Runner {
	if width <= 0 {
		width = 2
	}
	id := make([]byte, 8)
	rand.Read(id)
	return &Runner{d: d, holder: hex.EncodeToString(id), width: width, kinds: map[string]Func{}, ticks: map[string]Schedule{}}
}

// Register says what does jobs of a kind. A kind given twice panics.
func (r *Runner) Register(kind string, f Func) {
	if r.kinds[kind] != nil {
		panic("job: " + kind + " twice")
	}
	r.kinds[kind] = f
}

// Every has f done on a schedule, once over all servers. What was missed while no server ran is made up for once.
func (r *Runner) Every(name string, s Schedule, f func(ctx context.Context) error) {
	r.Register(tickPrefix+name, func(ctx context.Context, _ []byte) error { return f(ctx) })
	r.ticks[name] = s
}

type taken struct {
	id, kind, args string
	tries          int
}

// Run does jobs until ctx ends, and then gives those under way a little time; what is not done by then is left to others.
func (r *Runner) Run(ctx context.Context) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running sync.WaitGroup
	slots := make(chan struct{}, r.width)
	for ctx.Err() == nil {
		free := r.width - len(slots)
		jobs, next, err := r.take(ctx, free)
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "job: cannot look for work", slog.Any("error", err))
			next = r.d.Clock().Now().Add(nap / 4)
		}
		for _, j := range jobs {
			slots <- struct{}{}
			running.Go(func() {
				defer func() {
					<-slots
					r.d.Wake(topic)
				}()
				r.do(work, j)
			})
		}
		if len(jobs) > 0 && len(jobs) == free {
			next = time.Time{} // all are busy: whoever is done first wakes us
		}
		r.sleep(ctx, next, len(jobs) > 0 && len(jobs) == free)
	}
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(grace):
		cancel()
		<-done
	}
}

// sleep waits for the next job's time, or a wake.
func (r *Runner) sleep(ctx context.Context, next time.Time, full bool) {
	d := nap
	if r.d.Dialect() == db.Postgres && !full {
		d = poll
	}
	if !next.IsZero() {
		d = min(d, max(next.Sub(r.d.Clock().Now()), 0))
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-r.d.Woken(topic):
	case <-t.C:
	}
}

// Drain does all jobs that are due, one after the other, and returns how many there were: for tests and commands that do not stay.
func (r *Runner) Drain(ctx context.Context) (int, error) {
	n := 0
	for {
		jobs, _, err := r.take(ctx, 1)
		if err != nil || len(jobs) == 0 {
			return n, err
		}
		r.do(ctx, jobs[0])
		n++
	}
}

// take leases up to n jobs that are due and tells when the next one will be (the zero time: none). It writes nothing where nothing is due.
func (r *Runner) take(ctx context.Context, n int) (jobs []taken, next time.Time, err error) {
	if n == 0 {
		return nil, next, nil
	}
	tick, err := r.tick(ctx)
	if err != nil {
		return nil, next, err
	}
	kinds := slices.Sorted(maps.Keys(r.kinds))
	args := make([]any, 0, len(kinds)+2)
	for _, k := range kinds {
		args = append(args, k)
	}
	mine := `state='waiting' AND kind IN ` + db.In(len(kinds), 1)
	now := r.d.Clock().Now()
	var first sql.NullInt64
	if err := r.d.QueryRow(ctx, `SELECT MIN(run_at) FROM job WHERE `+mine, args...).Scan(&first); err != nil {
		return nil, next, fmt.Errorf("job: %w", err)
	}
	if !first.Valid || first.Int64 > db.Micros(now) {
		if first.Valid {
			next = db.FromMicros(first.Int64)
		}
		if !tick.IsZero() && (next.IsZero() || tick.Before(next)) {
			next = tick
		}
		return nil, next, nil
	}
	err = r.d.WriteLoose(ctx, func(tx *db.Tx) error {
		jobs, err = r.lease(ctx, tx, mine, args, n)
		return err
	})
	if len(jobs) == 0 {
		now = now.Add(poll) // another server is just taking them
	}
	return jobs, now, err
}

func (r *Runner) lease(ctx context.Context, tx *db.Tx, mine string, args []any, n int) ([]taken, error) {
	now := db.Micros(tx.Now())
	k := len(args)
	q := fmt.Sprintf(`SELECT id, kind, args, tries FROM job WHERE %s AND run_at<=$%d ORDER BY run_at, id LIMIT $%d%s`, mine, k+1, k+2, tx.Dialect().SkipLocked())
	rows, err := tx.Query(ctx, q, append(slices.Clone(args), now, n)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var jobs []taken
	for rows.Next() {
		var j taken
		if err := rows.Scan(&j.id, &j.kind, &j.args, &j.tries); err != nil {
			return nil, err
		}
		j.tries++
		jobs = append(jobs, j)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, j := range jobs {
		err := tx.Update(ctx, `UPDATE job SET run_at=$2, holder=$3, tries=$4 WHERE id=$1`, j.id, now+leaseFor.Microseconds(), r.holder, j.tries)
		if err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

// tick enqueues recurring jobs whose time has come and tells when the next one will be.
func (r *Runner) tick(ctx context.Context) (next time.Time, err error) {
	if len(r.ticks) == 0 {
		return next, nil
	}
	due, err := r.dues(ctx)
	if err != nil {
		return next, err
	}
	now := r.d.Clock().Now()
	for _, name := range slices.Sorted(maps.Keys(r.ticks)) {
		at, known := due[name]
		if !known || !at.After(now) {
			at, err = r.strike(ctx, name, known, at, now)
			if err != nil {
				return next, err
			}
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next, nil
}

func (r *Runner) dues(ctx context.Context) (map[string]time.Time, error) {
	rows, err := r.d.Query(ctx, `SELECT name, due FROM job_tick`)
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	defer rows.Close()
	due := map[string]time.Time{}
	for rows.Next() {
		var name string
		var at int64
		if err := rows.Scan(&name, &at); err != nil {
			return nil, fmt.Errorf("job: %w", err)
		}
		due[name] = db.FromMicros(at)
	}
	return due, rows.Err()
}

// strike moves a recurring job on to its next time and, unless it is new, enqueues it; of several servers one does.
func (r *Runner) strike(ctx context.Context, name string, known bool, at, now time.Time) (time.Time, error) {
	next := r.ticks[name](now)
	err := r.d.WriteLoose(ctx, func(tx *db.Tx) error {
		if !known {
			_, err := tx.Exec(ctx, `INSERT INTO job_tick(name,due) VALUES($1,$2) ON CONFLICT(name) DO NOTHING`, name, db.Micros(next))
			return err
		}
		res, err := tx.Exec(ctx, `UPDATE job_tick SET due=$2 WHERE name=$1 AND due=$3`, name, db.Micros(next), db.Micros(at))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		// One that is still waiting or under way is enough; one that was given up gets another chance.
		_, err = tx.Exec(ctx, `INSERT INTO job(id,kind,args,state,run_at,holder,tries,fault,made_at) VALUES($1,$1,'null','waiting',$2,'',0,'',$2)
			ON CONFLICT(id) DO UPDATE SET state='waiting', run_at=excluded.run_at, tries=0, holder='' WHERE job.state='dead'`, tickPrefix+name, db.Micros(now))
		return err
	})
	if err != nil {
		return next, fmt.Errorf("job: %w", err)
	}
	return next, nil
}

// do does one job and writes how it ended.
func (r *Runner) do(ctx context.Context, j taken) {
	run, stop := context.WithCancel(ctx)
	defer stop()
	var beat sync.WaitGroup
	beat.Go(func() { r.hold(run, j, stop) })
	err := r.call(run, j)
	lost := run.Err() != nil && ctx.Err() == nil
	stop()
	beat.Wait()
	if lost {
		return // another has it now
	}
	if err := r.end(context.WithoutCancel(ctx), j, err, ctx.Err() != nil); err != nil {
		slog.ErrorContext(ctx, "job: its end could not be written; it will be done again", slog.String("kind", j.kind), slog.Any("error", err))
	}
}

func (r *Runner) call(ctx context.Context, j taken) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
			slog.ErrorContext(ctx, "job: panic", slog.String("kind", j.kind), slog.String("stack", string(debug.Stack())))
		}
	}()
	return r.kinds[j.kind](ctx, []byte(j.args))
}

// hold renews the lease while the job runs, and stops the job where another has taken it.
func (r *Runner) hold(ctx context.Context, j taken, stop func()) {
	t := time.NewTicker(leaseFor / 3)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		ours := true
		err := r.d.WriteLoose(ctx, func(tx *db.Tx) error {
			res, err := tx.Exec(ctx, `UPDATE job SET run_at=$3 WHERE id=$1 AND holder=$2 AND state='waiting'`, j.id, r.holder, db.Micros(tx.Now().Add(leaseFor)))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			ours = n == 1
			return err
		})
		if err == nil && !ours {
			stop()
			return
		}
	}
}

// end forgets a job that is done, or says when it is tried again. stopped says that the server had to stop it: that was no fault of the job's.
func (r *Runner) end(ctx context.Context, j taken, fault error, stopped bool) error {
	return r.d.WriteLoose(ctx, func(tx *db.Tx) error {
		if fault == nil {
			_, err := tx.Exec(ctx, `DELETE FROM job WHERE id=$1 AND holder=$2`, j.id, r.holder)
			return err
		}
		state, tries, at := "waiting", j.tries, tx.Now().Add(wait(j.tries)+mrand.N(time.Second))
		_, never := errors.AsType[hopeless](fault)
		switch {
		case stopped:
			tries, at = tries-1, tx.Now()
		case never || tries >= maxTries:
			state = "dead"
			slog.ErrorContext(ctx, "job: given up", slog.String("kind", j.kind), slog.String("id", j.id), slog.Any("error", fault))
		default:
			slog.WarnContext(ctx, "job: failed, will be tried again", slog.String("kind", j.kind), slog.Int("tries", tries), slog.Any("error", fault))
		}
		said := strings.ToValidUTF8(strings.ReplaceAll(fault.Error(), "\x00", ""), "")
		if r := []rune(said); len(r) > 500 {
			said = string(r[:500])
		}
		_, err := tx.Exec(ctx, `UPDATE job SET state=$3, run_at=$4, tries=$5, fault=$6, holder='' WHERE id=$1 AND holder=$2`,
			j.id, r.holder, state, db.Micros(at), tries, said)
		return err
	})
}
