package disclosure

import (
	"context"
	"time"

	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/job"
	"dinh/internal/notify"
)

// RegisterPostings has servers note that they answer, and units told of postings whose days end soon and of matters that fall due.
func (s *Service) RegisterPostings(r *job.Runner) {
	r.Every("disclosure.beat", job.Interval(time.Duration(Rules.BeatSeconds)*time.Second), s.Beat)
	r.Every("disclosure.ending", job.Daily(6), func(ctx context.Context) error {
		_, err := s.RemindEnding(ctx)
		return err
	})
	r.Every("disclosure.due", job.Daily(6), func(ctx context.Context) error {
		_, err := s.RemindDue(ctx)
		return err
	})
}

// RemindEnding tells units of items whose days end within the days of the house's rule, once for each end. It gives the number of items.
func (s *Service) RemindEnding(ctx context.Context) (int, error) {
	n := 0
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		n = 0
		today := tx.Today()
		items, err := readItems(ctx, tx, `state=$1 AND ends>=$2 AND ends<=$3 ORDER BY id LIMIT 5000`, string(Up), today, today.Add(Rules.EndingDays))
		if err != nil {
			return err
		}
		for _, i := range items {
			err := s.tellDeskTx(ctx, tx, i.Unit, notify.Notice{
				Kind: "disclosure.ending", Msg: i18n.M("disclosurepost.notice.ending", "title", i.Title), Link: WorkPath(i.ID), Due: i.Ends,
				Once: "disclosure.ending:" + i.ID + ":" + string(i.Ends),
			})
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}
