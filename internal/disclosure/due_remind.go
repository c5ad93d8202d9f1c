package disclosure

import (
	"context"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/notify"
	"dinh/internal/org"
)

// SlotsPath is the page of what a unit must disclose.
const SlotsPath = "/lam-viec/phai-cong-khai"

// RemindDue tells units which of their matters fall due: each time some day of the house's rule is reached (so many days before the last day, and the day
// after it), one notice for all matters of that day. It gives the number of notices' units.
func (s *Service) RemindDue(ctx context.Context) (int, error) {
	if s.people == nil {
		return 0, nil
	}
	today := s.clock.Today()
	type call struct {
		unit string
		due  civil.Date
		n    int
		late bool
	}
	var calls []call
	for _, u := range s.units.On(today).All() {
		if u.Kind == org.Province {
			continue
		}
		who, err := s.people.Holders(ctx, u.ID, access.Focal, access.Officer, access.VillageHead, access.Head)
		if err != nil {
			return 0, err
		}
		if len(who) == 0 { // nobody would hear it
			continue
		}
		y, err := s.Duties(ctx, access.System, u.ID, today.Year())
		if err != nil {
			return 0, err
		}
		for _, sl := range y.Slots {
			if sl.Due == civil.None || sl.State != SlotDue && sl.State != SlotOverdue || !slices.Contains(Rules.RemindDays, sl.Due.Sub(today)) {
				continue
			}
			i := slices.IndexFunc(calls, func(c call) bool { return c.unit == u.ID && c.due == sl.Due })
			if i < 0 {
				i = len(calls)
				calls = append(calls, call{unit: u.ID, due: sl.Due, late: sl.Due < today})
			}
			calls[i].n++
		}
	}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		for _, c := range calls {
			msg := i18n.M("disclosureduty.notice.due", "n", c.n, "day", c.due)
			if c.late {
				msg = i18n.M("disclosureduty.notice.overdue", "n", c.n, "day", c.due)
			}
			err := s.tellDeskTx(ctx, tx, c.unit, notify.Notice{
				Kind: "disclosure.due", Msg: msg, Link: SlotsPath, Due: c.due, Once: "disclosure.due:" + c.unit + ":" + string(c.due) + ":" + string(today),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return len(calls), err
}
