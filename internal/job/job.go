// Package job does work later, outside the command that asked for it: once enqueued in the command's transaction it is done at least once, whatever
// process dies meanwhile.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// topic is what runners of this process are woken by.
const topic = "job"

// tickPrefix begins the ids of recurring jobs.
const tickPrefix = "tick:"

// Func does a job. It may run more than once for the same job, so what it does must bear that. Its context ends when the server has to stop.
type Func func(ctx context.Context, args []byte) error

// Enqueue has a job of the kind done at runAt (the zero time is at once), if the transaction commits. args are kept as JSON.
func Enqueue(ctx context.Context, tx *db.Tx, kind string, args any, runAt time.Time) error {
	text, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("job: args of %s: %w", kind, err)
	}
	if runAt.IsZero() {
		runAt = tx.Now()
	}
	_, err = tx.Exec(ctx, `INSERT INTO job(id,kind,args,state,run_at,holder,tries,fault,made_at) VALUES($1,$2,$3,'waiting',$4,'',0,'',$5)`,
		tx.NewID(), kind, string(text), db.Micros(runAt), db.Micros(tx.Now()))
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	tx.Wake(topic)
	return nil
}

// hopeless is an error after which a job is not tried again.
type hopeless struct{ error }

func (h hopeless) Unwrap() error { return h.error }

// Hopeless marks an error of a Func: the job is not tried again but shown to the administrator.
func Hopeless(err error) error {
	if err == nil {
		return nil
	}
	return hopeless{err}
}

// wait is how long to wait before the try after the given number of tries: 5 s, 10 s, 20 s … at most an hour.
func wait(tries int) time.Duration { return min(5*time.Second<<min(tries-1, 20), time.Hour) }

// maxTries is how often a job is tried, over about six hours, before it is given up.
const maxTries = 15

// Schedule gives the next instant of a recurring job after an instant.
type Schedule func(after time.Time) time.Time

// Interval is every so often.
func Interval(d time.Duration) Schedule {
	return func(after time.Time) time.Time { return after.Add(d) }
}

// Daily is every day at the hour in Vietnam.
func Daily(hour int) Schedule {
	return func(after time.Time) time.Time {
		t := after.In(civil.Zone)
		next := time.Date(t.Year(), t.Month(), t.Day(), hour, 0, 0, 0, civil.Zone)
		if !next.After(after) {
			next = next.AddDate(0, 0, 1)
		}
		return next
	}
}

// Weekly is every week on the day at the hour in Vietnam.
func Weekly(day time.Weekday, hour int) Schedule {
	daily := Daily(hour)
	return func(after time.Time) time.Time {
		next := daily(after)
		return next.AddDate(0, 0, int(day-next.In(civil.Zone).Weekday()+7)%7)
	}
}

// Dead is a job that was given up.
type Dead struct {
	ID, Kind string
	Tries    int
	Fault    string // for the administrator; not worded
	MadeAt   time.Time
}

// DeadOnes are the jobs that were given up, newest first.
func DeadOnes(ctx context.Context, q db.Querier, limit int) ([]Dead, error) {
	rows, err := q.Query(ctx, `SELECT id, kind, tries, fault, made_at FROM job WHERE state='dead' ORDER BY made_at DESC, id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	defer rows.Close()
	var out []Dead
	for rows.Next() {
		var d Dead
		var made int64
		if err := rows.Scan(&d.ID, &d.Kind, &d.Tries, &d.Fault, &made); err != nil {
			return nil, fmt.Errorf("job: %w", err)
		}
		d.MadeAt = db.FromMicros(made)
		out = append(out, d)
	}
	return out, rows.Err()
}

// Revive has a dead job tried again; errs.NotFound where there is none.
func Revive(ctx context.Context, tx *db.Tx, id string) error {
	tx.Wake(topic)
	return one(tx.Update(ctx, `UPDATE job SET state='waiting', tries=0, run_at=$2 WHERE id=$1 AND state='dead'`, id, db.Micros(tx.Now())))
}

// Drop forgets a dead job; errs.NotFound where there is none.
func Drop(ctx context.Context, tx *db.Tx, id string) error {
	return one(tx.Update(ctx, `DELETE FROM job WHERE id=$1 AND state='dead'`, id))
}

func one(err error) error {
	if errs.Is(err, errs.Conflict) {
		return errs.E(errs.NotFound, "job.none")
	}
	return err
}

var errPanic = errors.New("job: panic")
