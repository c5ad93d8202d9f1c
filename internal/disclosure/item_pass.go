package disclosure

import (
	"context"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Submission sends an edition to the head. Version is the edition's.
type Submission struct {
	Version int
	Checks
}

// SubmitTx asks for the approval of the edition that is being written, after the named checks for state secrets and personal data.
func (s *Service) SubmitTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, in Submission) error {
	i, e, err := s.writingTx(ctx, tx, actor, item, in.Version, Writing)
	if err != nil {
		return err
	}
	if err := s.fitTx(ctx, tx, i, e, &in.Checks); err != nil {
		return err
	}
	e.State, e.ReturnedWhy = Waiting, ""
	if err := saveEdition(ctx, tx, e); err != nil {
		return err
	}
	if err := s.askHeadTx(ctx, tx, actor, i, e); err != nil {
		return err
	}
	return s.noteDraft(ctx, tx, actor, i, "submit", map[string]any{"edition": e.Number, "secret_checked": e.SecretChecked, "personal_checked": e.PersonalChecked})
}

// fitTx finds out whether an edition may go further: complete, and with checks where they are given.
func (s *Service) fitTx(ctx context.Context, q db.Querier, i *Item, e *Edition, checks *Checks) error {
	files, err := readFiles(ctx, q, `edition_id=$1`, e.ID)
	if err != nil {
		return err
	}
	places, err := readPlaces(ctx, q, i.ID)
	if err != nil {
		return err
	}
	if err := completeEdition(e, files, places); err != nil || checks == nil {
		return err
	}
	return checkEdition(e, files, *checks)
}

// ReturnTx sends an edition that waits, or is approved and not yet published, back to be written again. The head does it with a reason; whoever may write takes it
// back without one.
func (s *Service) ReturnTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, version int, why string) error {
	i, e, err := s.writingTx(ctx, tx, actor, item, version, Waiting, Approved)
	if err != nil {
		return err
	}
	var l errs.List
	itemText(&l, "why", why, maxItemWhy, s.MayApprove(actor, i.Unit) && actor.ID != e.DraftedBy)
	if err := l.Err(); err != nil {
		return err
	}
	if err := s.unposted(ctx, tx, e); err != nil {
		return err
	}
	e.State, e.ReturnedWhy = Writing, why
	e.SecretChecked, e.PersonalChecked = "", ""
	e.Approved, e.ApprovedBy, e.ApprovedName, e.PaperNumber, e.PaperDay, e.PaperSigner = civil.None, "", "", "", civil.None, ""
	if err := saveEdition(ctx, tx, e); err != nil {
		return err
	}
	if err := s.answerDrafterTx(ctx, tx, actor, i, e, "returned"); err != nil {
		return err
	}
	return s.noteDraft(ctx, tx, actor, i, "return", map[string]any{"edition": e.Number, "why": why})
}

// unposted refuses where the edition hangs somewhere already: what people have read cannot be written again.
func (s *Service) unposted(ctx context.Context, q db.Querier, e *Edition) error {
	var n int
	err := q.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM disclosure_posting WHERE item_id=$1 AND edition=$2 AND struck='')
		+ (SELECT COUNT(*) FROM disclosure_telling WHERE item_id=$1 AND edition=$2 AND struck='')`, e.Item, e.Number).Scan(&n)
	if err == nil && n > 0 {
		err = errs.E(errs.Conflict, "disclosureitem.told_already")
	}
	return err
}

// Approval is how an edition is approved: by a signed paper, whose number somebody enters, or on screen by the head. Version is the edition's.
type Approval struct {
	Version     int
	Screen      bool
	PaperNumber string
	PaperDay    civil.Date
	PaperSigner string
	Day         civil.Date // of an approval on screen: None is today; only the program itself may name another
}

// ApproveTx approves an edition that waits, or is still being written. Where the unit asks for two people, whoever drafted it last may not approve it.
// errs.Forbidden for who may not approve on screen.
func (s *Service) ApproveTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, in Approval) error {
	i, e, err := s.approvalTx(ctx, tx, actor, item, in.Version)
	if err != nil {
		return err
	}
	if err := s.fitTx(ctx, tx, i, e, nil); err != nil {
		return err
	}
	if err := s.unmarked(ctx, tx, e); err != nil {
		return err
	}
	set, err := readSetting(ctx, tx, i.Unit)
	if err != nil {
		return err
	}
	today := s.clock.Today()
	e.ApprovedBy, e.ApprovedName, e.ReturnedWhy = actor.ID, actor.Name, ""
	if in.Screen {
		if !s.MayApprove(actor, i.Unit) {
			return errs.E(errs.Forbidden, "disclosure.forbidden.approve")
		}
		if set.TwoPeople && actor.ID == e.DraftedBy {
			return errs.At("how", "disclosureitem.two_people")
		}
		e.Approved = today
		if in.Day != civil.None && actor.ID == access.System.ID {
			e.Approved = in.Day
		}
	} else {
		var l errs.List
		itemText(&l, "paper_number", in.PaperNumber, maxItemShort, true)
		switch {
		case in.PaperDay == civil.None:
			l.Add("paper_day", "disclosureitem.paper_day_needed")
		case in.PaperDay > today:
			l.Add("paper_day", "disclosureitem.day_to_come")
		}
		itemText(&l, "paper_signer", in.PaperSigner, maxItemShort, true)
		if set.TwoPeople && len(l.Fields) == 0 && sameName(in.PaperSigner, e.DraftedName) {
			l.Add("paper_signer", "disclosureitem.two_people")
		}
		if err := l.Err(); err != nil {
			return err
		}
		e.Approved, e.PaperNumber, e.PaperDay, e.PaperSigner = in.PaperDay, in.PaperNumber, in.PaperDay, in.PaperSigner
	}
	e.State = Approved
	if err := saveEdition(ctx, tx, e); err != nil {
		return err
	}
	if err := s.answerDrafterTx(ctx, tx, actor, i, e, "approved"); err != nil {
		return err
	}
	return s.noteDraft(ctx, tx, actor, i, "approve", map[string]any{
		"edition": e.Number, "screen": in.Screen, "paper_number": e.PaperNumber, "paper_day": e.PaperDay, "paper_signer": e.PaperSigner, "approved": e.Approved,
	})
}

// unmarked refuses what carries a mark of secrecy.
func (s *Service) unmarked(ctx context.Context, q db.Querier, e *Edition) error {
	files, err := readFiles(ctx, q, `edition_id=$1`, e.ID)
	if err != nil {
		return err
	}
	for _, m := range FindMarks(e, files) {
		return &errs.Error{Kind: errs.Invalid, Msg: m.Msg()}
	}
	return nil
}

// approvalTx is writingTx for who approves: the head of the unit may, also where the head may not write.
func (s *Service) approvalTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, version int) (*Item, *Edition, error) {
	i, err := readItem(ctx, tx, `id=$1`, item)
	if err != nil {
		return nil, nil, err
	}
	if !s.MayApprove(actor, i.Unit) {
		return s.writingTx(ctx, tx, actor, item, version, Writing, Waiting)
	}
	e, err := s.editionTx(ctx, tx, i, version, Writing, Waiting)
	return i, e, err
}

func sameName(a, b string) bool {
	plain := func(s string) string { return strings.Join(strings.Fields(i18n.Fold(s)), " ") }
	return plain(a) == plain(b)
}

// Publication puts an approved edition up. Version is the edition's.
type Publication struct {
	Version int
	Checks
	Day civil.Date // None is today; only the program itself may name another
}

// PublishTx puts the approved edition up: readers see it, search and feeds have it, and its days begin to be counted. The sheets of the edition before end with
// the day.
func (s *Service) PublishTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, in Publication) error {
	i, e, err := s.writingTx(ctx, tx, actor, item, in.Version, Approved)
	if err != nil {
		return err
	}
	if err := s.fitTx(ctx, tx, i, e, &in.Checks); err != nil {
		return err
	}
	day := s.clock.Today()
	if in.Day != civil.None && actor.ID == access.System.ID {
		day = in.Day
	}
	if i.Edition != 0 {
		if err := s.replaceTx(ctx, tx, actor, i, day); err != nil {
			return err
		}
	}
	e.State, e.Published = Published, day
	if err := saveEdition(ctx, tx, e); err != nil {
		return err
	}
	first := i.Edition == 0
	i.State, i.Edition, i.Draft, i.Title, i.Published = Up, e.Number, 0, e.Title, day
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return err
	}
	if err := s.findableTx(ctx, tx, i, e); err != nil {
		return err
	}
	what := "post"
	if !first {
		what = "replace"
	}
	if err := s.tellVillagesTx(ctx, tx, actor, i, what); err != nil {
		return err
	}
	if err := s.announceTx(ctx, tx, i); err != nil {
		return err
	}
	action := "publish"
	if !first {
		action = "publish_again"
	}
	return s.note(ctx, tx, actor, i, action, map[string]any{
		"edition": e.Number, "published": day, "why": e.Why, "doc_number": e.DocNumber, "secret_checked": e.SecretChecked, "personal_checked": e.PersonalChecked,
	})
}

// replaceTx ends the edition that is up.
func (s *Service) replaceTx(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item, day civil.Date) error {
	list, err := readEditions(ctx, tx, `item_id=$1 AND number=$2`, i.ID, i.Edition)
	if err != nil {
		return err
	}
	for _, old := range list {
		old.State = Replaced
		if err := saveEdition(ctx, tx, old); err != nil {
			return err
		}
	}
	return s.endPostingsTx(ctx, tx, actor, i, i.Edition, DownReplaced, day)
}

// endPostingsTx takes down the sheets of an edition that still hang.
func (s *Service) endPostingsTx(ctx context.Context, tx *db.Tx, actor access.Actor, i *Item, edition int, kind string, day civil.Date) error {
	list, err := readPostings(ctx, tx, `item_id=$1 AND edition=$2 AND down_day='' AND struck=''`, i.ID, edition)
	if err != nil {
		return err
	}
	for n := range list {
		p := &list[n]
		p.DownDay, p.DownKind, p.DownEntered, p.DownActor, p.DownName = max(day, p.UpDay), kind, s.clock.Today(), actor.ID, actor.Name
		if err := savePosting(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// NewEditionTx begins a new edition of an item that is up, with the words and files of the one before. version is the item's.
func (s *Service) NewEditionTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, version int, why string) (*Edition, error) {
	i, err := s.itemTx(ctx, tx, actor, item, version)
	if err != nil {
		return nil, err
	}
	switch {
	case i.State == Withdrawn:
		return nil, errs.E(errs.Conflict, "disclosureitem.withdrawn_already")
	case i.State != Up || i.Draft != 0:
		return nil, errs.E(errs.Conflict, "disclosureitem.draft_already")
	}
	var l errs.List
	itemText(&l, "why", why, maxItemWhy, true)
	if err := l.Err(); err != nil {
		return nil, err
	}
	list, err := readEditions(ctx, tx, `item_id=$1 ORDER BY number`, i.ID)
	if err != nil {
		return nil, err
	}
	last := list[len(list)-1]
	var up *Edition
	for _, e := range list {
		if e.Number == i.Edition {
			up = e
		}
	}
	e := &Edition{
		ID: tx.NewID(), Item: i.ID, Unit: i.Unit, Number: last.Number + 1, State: Writing, Title: up.Title, Summary: up.Summary, Body: up.Body, DocNumber: up.DocNumber,
		DocDay: up.DocDay, Why: why, DraftedBy: actor.ID, DraftedName: actor.Name, Version: 1, Created: instant(tx),
	}
	if err := insertEdition(ctx, tx, e); err != nil {
		return nil, err
	}
	if err := s.copyFilesTx(ctx, tx, actor, up, e); err != nil {
		return nil, err
	}
	i.Draft = e.Number
	if err := saveItem(ctx, tx, i); err != nil {
		return nil, err
	}
	return e, s.noteDraft(ctx, tx, actor, i, "edition", map[string]any{"edition": e.Number, "why": why})
}

// WithdrawTx takes an item back: its stub says why, its sheets come down, its clock stops, search and feeds lose it. Nothing is erased. version is the item's.
func (s *Service) WithdrawTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, version int, why string) error {
	i, err := s.itemTx(ctx, tx, actor, item, version)
	if err != nil {
		return err
	}
	if i.State != Up {
		return errs.E(errs.Conflict, "disclosureitem.not_up")
	}
	var l errs.List
	itemText(&l, "why", why, maxItemWhy, true)
	if err := l.Err(); err != nil {
		return err
	}
	today := s.clock.Today()
	i.State, i.Withdrawn, i.WithdrawnWhy, i.WithdrawnBy = Withdrawn, today, why, actor.ID
	if err := s.endPostingsTx(ctx, tx, actor, i, i.Edition, DownWithdrawn, today); err != nil {
		return err
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return err
	}
	if err := s.findableTx(ctx, tx, i, nil); err != nil {
		return err
	}
	if err := s.tellVillagesTx(ctx, tx, actor, i, "take_down"); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, i, "withdraw", map[string]any{"why": why, "edition": i.Edition})
}
