package report

import (
	"context"
	"encoding/json"
	"slices"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/job"
)

// Register gives the jobs of the room to the runner: telling units that a period is open, making lines smaller, reminding.
func (s *Service) Register(r *job.Runner) {
	r.Register(openedJob, func(ctx context.Context, raw []byte) error {
		var a openedArgs
		if err := json.Unmarshal(raw, &a); err != nil {
			return job.Hopeless(err)
		}
		return s.tellOpened(ctx, a.Period)
	})
	r.Register(joinedJob, func(ctx context.Context, raw []byte) error {
		var a joinedArgs
		if err := json.Unmarshal(raw, &a); err != nil {
			return job.Hopeless(err)
		}
		return s.joined(ctx, a.Report)
	})
	r.Every("report.remind", job.Daily(6), func(ctx context.Context) error {
		_, err := s.Remind(ctx)
		return err
	})
}

// tellBatch is how many units are told in one transaction.
const tellBatch = 50

func (s *Service) tellOpened(ctx context.Context, period string) error {
	p, form, err := s.PeriodForm(ctx, period)
	if errs.Is(err, errs.NotFound) {
		return job.Hopeless(err)
	}
	if err != nil {
		return err
	}
	list, err := readReports(ctx, s.db, len(form.Indicators), `period_id=$1 AND lump_kind='' ORDER BY id`, p.ID)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(list, tellBatch) {
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			for _, r := range part {
				o := s.with(r, p, form)
				msg := i18n.M("report.notice.opened", "title", p.Title, "due", o.Due)
				if p.Letter.Number != "" {
					msg = i18n.M("report.notice.opened_letter", "title", p.Title, "due", o.Due, "number", p.Letter.Number)
				}
				if err := s.tell(ctx, tx, r.Unit, desk, "report.opened", msg, o.Link(), o.Due, "report.opened:"+r.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// remindDays are the days before the last day on which a unit is reminded; the day after it is told that it is late, and its superior too. The plan's own
// reminders of its tasks come in between.
var remindDays = []int{10, 5, 2, 0}

// Remind sends today's reminders of reports that are not handed in. It may run more than once a day. It gives how many reports it reminded of.
func (s *Service) Remind(ctx context.Context) (int, error) {
	today := s.clock.Today()
	periods, err := readPeriods(ctx, s.db, `state=$1 ORDER BY id`, string(Open))
	if err != nil {
		return 0, err
	}
	total := 0
	for _, p := range periods {
		form, err := s.formOf(ctx, s.db, p)
		if err != nil {
			return total, err
		}
		list, err := readReports(ctx, s.db, len(form.Indicators), `period_id=$1 AND lump_kind='' AND state IN ('not_started','drafting','signing') AND due<>'' AND due<=$2 ORDER BY id`,
			p.ID, today.Add(remindDays[0]))
		if err != nil {
			return total, err
		}
		n, err := s.remindOf(ctx, p, form, list, today)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (s *Service) remindOf(ctx context.Context, p *Period, form *Form, list []*Report, today civil.Date) (int, error) {
	total := 0
	for part := range slices.Chunk(list, tellBatch) {
		n := 0
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			n = 0
			for _, r := range part {
				step, ok := remindStep(max(r.Due, r.Extended), today)
				if !ok {
					continue
				}
				o := s.with(r, p, form)
				due := max(r.Due, r.Extended)
				once := "report.remind:" + r.ID + ":" + string(due) + ":" + itoa(step)
				key := "report.notice.due"
				if step < 0 {
					key = "report.notice.late"
				}
				if err := s.tell(ctx, tx, r.Unit, desk, "report.reminder", i18n.M(key, "title", p.Title, "due", due), o.Link(), due, once); err != nil {
					return err
				}
				n++
			}
			return nil
		})
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// remindStep is the step that a report is in: the smallest of remindDays not below the days left, -1 within a week after the last day.
func remindStep(due, today civil.Date) (int, bool) {
	left := due.Sub(today)
	switch {
	case left < -7 || left > remindDays[0]:
		return 0, false
	case left < 0:
		return -1, true
	}
	step := remindDays[0]
	for _, d := range remindDays {
		if left <= d {
			step = d
		}
	}
	return step, true
}

// PeriodForm reads a period and its form, for the program itself: it asks nobody who may.
func (s *Service) PeriodForm(ctx context.Context, id string) (p *Period, form *Form, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		if p, err = readPeriod(ctx, q, id); err != nil {
			return err
		}
		form, err = s.formOf(ctx, q, p)
		return err
	})
	return p, form, err
}

// Records calls f for every report that counts for the plan.
func (s *Service) Records(ctx context.Context, q db.Querier, f func(Record) error) error {
	periods, err := readPeriods(ctx, q, `state<>$1 ORDER BY id`, string(Planned))
	if err != nil {
		return err
	}
	for _, p := range periods {
		form, err := s.formOf(ctx, q, p)
		if err != nil {
			return err
		}
		list, err := readReports(ctx, q, len(form.Indicators), `period_id=$1 AND lump_kind='' AND first_day<>'' ORDER BY id`, p.ID)
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := f(s.recordOf(s.with(r, p, form), true)); err != nil {
				return err
			}
		}
		if err := s.signedSnapshots(ctx, q, p, f); err != nil {
			return err
		}
	}
	return nil
}
