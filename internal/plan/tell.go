package plan

import (
	"context"
	"slices"
	"strconv"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/notify"
)

func itoa(n int) string { return strconv.Itoa(n) }

// name is the unit's name on a day, for messages.
func (s *Service) name(unit string, day civil.Date) string {
	if u, ok := s.units.Near(unit, day); ok {
		return u.Name
	}
	return unit
}

// WorkLink is the page of an assignment.
func WorkLink(assignment string) string { return "/lam-viec/viec/" + assignment }

// BoardLink is the tracking board of a plan for those who work with it.
func BoardLink(plan string) string { return "/lam-viec/ke-hoach/" + plan }

// HomeLink is one's work list.
const HomeLink = "/lam-viec/viec-cua-toi"

// deskPosts are those who do a unit's work and are told of it.
var deskPosts = []access.PostKind{access.Head, access.Focal, access.Officer, access.VillageHead, access.Front, access.Union}

// tellUnit tells the person who does the assignment, or all who do the unit's work.
func (s *Service) tellUnit(ctx context.Context, tx *db.Tx, w *work, kind string, msg i18n.Msg, due civil.Date) error {
	return s.tell(ctx, tx, w.Account, w.Unit, kind, msg, WorkLink(w.ID), due)
}

// tellAbove tells those who may answer for the unit's superior.
func (s *Service) tellAbove(ctx context.Context, tx *db.Tx, w *work, kind string, msg i18n.Msg) error {
	units := slices.Clone(w.place.Focal)
	if len(w.place.Above) > 0 && !slices.Contains(units, w.place.Above[0]) {
		units = append(units, w.place.Above[0])
	}
	for _, u := range units {
		if err := s.tell(ctx, tx, "", u, kind, msg, WorkLink(w.ID), civil.None); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, account, unit, kind string, msg i18n.Msg, link string, due civil.Date) error {
	accounts := []string{account}
	if account == "" {
		if s.people == nil {
			return nil
		}
		var err error
		if accounts, err = s.people.Holders(ctx, unit, deskPosts...); err != nil {
			return err
		}
	}
	for _, a := range accounts {
		if err := notify.SendTx(ctx, tx, notify.Notice{Account: a, Unit: unit, Kind: kind, Msg: msg, Link: link, Due: due}); err != nil {
			return err
		}
	}
	return nil
}
