package disclosure

import (
	"context"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/law"
)

// Owner is the word under which package law keeps the deadlines of items.
const Owner = "disclosure"

// setDueTx stores the deadline that the law sets, in place of an earlier one, in the item too, which is for the caller to save.
func (s *Service) setDueTx(ctx context.Context, tx *db.Tx, i *Item, r Requirements) error {
	if err := law.CloseTx(ctx, tx, Owner, i.ID); err != nil {
		return err
	}
	i.Due = civil.None
	if !r.HasDue {
		return nil
	}
	u, ok := s.units.Near(i.Unit, r.Due.Event)
	if !ok {
		return nil
	}
	i.Due = r.Due.Date
	return law.PutTx(ctx, tx, law.StoredDue{
		OwnerKind: Owner, OwnerID: i.ID, Unit: i.Unit, Kind: u.Kind, Flags: u.Flags, Size: law.SizesOf(u.Staff, u.Workers), Due: r.Due,
	})
}

// settleDueTx ends the item's deadline when it was told for the first time, and sets it running again when that was struck out.
func settleDueTx(ctx context.Context, tx *db.Tx, i *Item, before civil.Date) error {
	switch {
	case i.Due == civil.None:
	case before == civil.None && i.FirstTold != civil.None, i.State == Withdrawn:
		return law.CloseTx(ctx, tx, Owner, i.ID)
	case before != civil.None && i.FirstTold == civil.None:
		list, err := law.StoredFor(ctx, tx, Owner, i.ID)
		if err != nil {
			return err
		}
		for _, d := range list {
			if d.Due.Date == i.Due {
				return law.PutTx(ctx, tx, d)
			}
		}
	}
	return nil
}

// LawOwner is the room as package law sees it.
type LawOwner struct{ s *Service }

// LawOwner gives the room as the owner of its deadlines.
func (s *Service) LawOwner() LawOwner { return LawOwner{s} }

var _ law.Owner = LawOwner{}

// Describe names an item and the page on which its unit works on it.
func (o LawOwner) Describe(ctx context.Context, q db.Querier, id string) (title, path string, err error) {
	i, err := readItem(ctx, q, `id=$1`, id)
	if err != nil {
		return "", "", err
	}
	return i.Title, WorkPath(id), nil
}

// MoveTx takes over the deadline that a person has accepted.
func (o LawOwner) MoveTx(ctx context.Context, tx *db.Tx, id, _ string, now *law.Due) error {
	i, err := readItem(ctx, tx, `id=$1`, id)
	if err != nil {
		return err
	}
	before := i.Due
	i.Due = civil.None
	if now != nil {
		i.Due = now.Date
	}
	if err := saveItem(ctx, tx, i); err != nil {
		return err
	}
	return o.s.note(ctx, tx, access.System, i, "due", map[string]any{"before": before, "after": i.Due})
}

// WorkPath is the address of the page on which a unit works on an item.
func WorkPath(item string) string { return "/lam-viec/niem-yet/" + item }
