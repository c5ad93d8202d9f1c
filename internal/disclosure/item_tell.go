package disclosure

import (
	"context"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/notify"
	"dinh/internal/search"
)

// SearchKind is the kind of items in search.
const SearchKind = "disclosure"

// findableTx puts an item that is up into search, for those who may see it, and takes any other out.
func (s *Service) findableTx(ctx context.Context, tx *db.Tx, i *Item, e *Edition) error {
	if i.State != Up || e == nil {
		return search.DeleteTx(ctx, tx, SearchKind, i.ID)
	}
	files, err := readFiles(ctx, tx, `edition_id=$1`, e.ID)
	if err != nil {
		return err
	}
	parts := []string{e.DocNumber, e.Summary, e.Body}
	for _, f := range files {
		if f.Kind == FilePaper && f.Shown != "" {
			parts = append(parts, f.Title, f.Text)
		}
	}
	d := search.Doc{
		Kind: SearchKind, ID: i.ID, Unit: i.Unit, Audience: search.Public, Title: e.Title, Text: strings.TrimSpace(strings.Join(parts, "\n\n")),
		Path: s.Link(i, ""), Day: e.Published,
	}
	if i.Audience == Staff {
		d.Audience = search.Unit
	}
	return search.PutTx(ctx, tx, d)
}

func waitOnce(e *Edition) string { return "disclosure.wait:" + e.ID }

// askHeadTx tells the unit's head that an edition waits.
func (s *Service) askHeadTx(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item, e *Edition) error {
	return s.sendTx(ctx, tx, actor, i.Unit, []access.PostKind{access.Head}, notify.Notice{
		Kind: "disclosure.approve", Msg: i18n.M("disclosureitem.notice.approve", "title", e.Title), Link: WorkPath(i.ID) + "/duyet", Due: i.Due, Once: waitOnce(e),
	})
}

// answerDrafterTx takes back what the heads were asked, and tells whoever drafted the edition what became of it.
func (s *Service) answerDrafterTx(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item, e *Edition, what string) error {
	if err := notify.WithdrawTx(ctx, tx, waitOnce(e)); err != nil {
		return err
	}
	if e.DraftedBy == "" || e.DraftedBy == actor.ID || e.DraftedBy == access.System.ID {
		return nil
	}
	return notify.SendTx(ctx, tx, notify.Notice{
		Account: e.DraftedBy, Unit: i.Unit, Kind: "disclosure." + what, Msg: i18n.M("disclosureitem.notice."+what, "title", e.Title), Link: WorkPath(i.ID),
	})
}

// tellVillagesTx tells the heads of the villages in which something is to be put up, replaced or taken down; each once for an edition.
func (s *Service) tellVillagesTx(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item, what string) error {
	places, err := readPlaces(ctx, tx, i.ID)
	if err != nil {
		return err
	}
	due := i.Due
	if what == "take_down" || i.FirstTold != civil.None && i.FirstTold < s.clock.Today() {
		due = civil.None
	}
	for _, p := range places {
		if p.AtUnit == "" {
			continue
		}
		err := s.sendTx(ctx, tx, actor, p.AtUnit, []access.PostKind{access.VillageHead}, notify.Notice{
			Kind: "disclosure." + what, Msg: i18n.M("disclosureitem.notice."+what, "title", i.Title), Link: "/lam-viec/tai-bang?ma=" + i.Code, Due: due,
			Once: what + ":" + i.ID + ":" + p.Key + ":" + string(i.Published),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sendTx tells all who hold one of the posts at the unit, but not whoever does it.
func (s *Service) sendTx(ctx context.Context, tx *db.Tx, actor access.Actor, unit string, posts []access.PostKind, n notify.Notice) error {
	if s.people == nil {
		return nil
	}
	accounts, err := s.people.Holders(ctx, unit, posts...)
	if err != nil {
		return err
	}
	n.Unit = unit
	for _, a := range accounts {
		if a == actor.ID {
			continue
		}
		n.Account = a
		if err := notify.SendTx(ctx, tx, n); err != nil {
			return err
		}
	}
	return nil
}
