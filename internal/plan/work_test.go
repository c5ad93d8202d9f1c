package plan

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// cell is the state of a task at a unit on the board.
func (b *bundle) cell(t *testing.T, task, code string) State {
	t.Helper()
	board, err := b.Board(t.Context(), access.System, plan648, Filter{Task: task, Under: b.unit(t, code)})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range board.Rows {
		if r.Unit.Code == code {
			return r.Cells[0].State
		}
	}
	t.Fatalf("no row for %s at %s", task, code)
	return ""
}

func (b *bundle) want(t *testing.T, task, code string, want State) {
	t.Helper()
	if got := b.cell(t, task, code); got != want {
		t.Errorf("%s at %s is %s, want %s", task, code, got, want)
	}
}

// The journey of acceptance: a commune receives the plan, enters its own plan with the chairman's signature, is asked for supplements and answers.
func TestJourney(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		officer := b.actor(t, "huong", "03322", "focal_officer")
		chair := b.actor(t, "pom", "03322", "head")
		sibling := b.actor(t, "khac", "03325", "head")
		district := b.actor(t, "huyen", "100", "officer")
		snv := b.actor(t, "snv", "SNV", "focal_officer")
		b.people.holders[b.unit(t, "03322")] = []string{"huong"}

		b.want(t, "1.2", "03322", Overdue)
		b.want(t, "2.1", "03322", NotReceived)
		for _, who := range []access.Actor{sibling, district, snv, {}} {
			err := d.Write(ctx, func(tx *db.Tx) error {
				_, err := b.ReceiveTx(ctx, tx, who, Receive{Plan: plan648, Unit: b.unit(t, "03322"), Day: "2021-03-15"})
				return err
			})
			if want := map[string]errs.Kind{"khac": errs.NotFound, "": errs.NotFound}[who.ID]; want == errs.NotFound && !errs.Is(err, errs.NotFound) || want == 0 && !errs.Is(err, errs.Forbidden) {
				t.Errorf("%q receives for the commune: %v", who.ID, err)
			}
		}
		for _, day := range []civil.Date{"", "2021-04-21", "2021-03-11"} {
			err := d.Write(ctx, func(tx *db.Tx) error {
				_, err := b.ReceiveTx(ctx, tx, officer, Receive{Plan: plan648, Unit: b.unit(t, "03322"), Day: day})
				return err
			})
			if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "day" {
				t.Errorf("received on %q: %v", day, err)
			}
		}
		var n int
		b.write(t, func(tx *db.Tx) (err error) {
			n, err = b.ReceiveTx(ctx, tx, officer, Receive{Plan: plan648, Unit: b.unit(t, "03322"), Day: "2021-03-15"})
			return err
		})
		if n < 20 {
			t.Errorf("%d received", n)
		}
		b.want(t, "2.1", "03322", Received)
		b.want(t, "4.2.a", "03322", NoEvent)

		// Evidence without a confirmation, then the head's, on paper: the day of the paper counts, not that of entry.
		a := b.of(t, "1.2", "03322")
		var ev string
		b.write(t, func(tx *db.Tx) (err error) {
			ev, err = b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: a.ID, Version: a.Version, Number: "12/KH-UBND", Day: "2021-03-25", Signer: "Quàng Văn Pọm"})
			return err
		})
		b.want(t, "1.2", "03322", Overdue)
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: a.ID, Version: a.Version, Number: "13/KH-UBND", Day: "2021-03-25"})
			return err
		})
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("an old form: %v", err)
		}
		a = b.of(t, "1.2", "03322")
		paper := Confirmation{Signer: "Quàng Văn Pọm", As: SignHead, Number: "12/KH-UBND", Day: "2021-03-25"}
		c := Confirm{Occurrence: a.Occ[0].ID, Version: a.Occ[0].Version, Confirmation: paper}
		err = d.Write(ctx, func(tx *db.Tx) error { return b.ConfirmTx(ctx, tx, officer, c) })
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "gap-0" {
			t.Errorf("confirmed with a gap: %v", err)
		}
		c.Gaps = map[int]string{0: "bản giấy lưu tại văn phòng"}
		err = d.Write(ctx, func(tx *db.Tx) error {
			screen := c
			screen.Screen = true
			return b.ConfirmTx(ctx, tx, officer, screen)
		})
		if !errs.Is(err, errs.Forbidden) {
			t.Errorf("an officer confirms on screen: %v", err)
		}
		err = d.Write(ctx, func(tx *db.Tx) error {
			bad := c
			bad.Confirmation = Confirmation{As: "me", Day: "2021-05-01"}
			return b.ConfirmTx(ctx, tx, officer, bad)
		})
		var names []string
		for _, f := range errs.FieldsOf(err) {
			names = append(names, f.Name)
		}
		if !slices.Equal(names, []string{"signer", "sign_as", "sign_number", "sign_day"}) {
			t.Errorf("a bad confirmation: %v", err)
		}
		b.write(t, func(tx *db.Tx) error { return b.ConfirmTx(ctx, tx, officer, c) })
		b.want(t, "1.2", "03322", Done)

		// Supplements: by the district or the focal body, not by a sibling nor the unit itself.
		o := b.of(t, "1.2", "03322").Occ[0]
		if o.Done != "2021-03-25" || o.Entered != "2021-04-20" {
			t.Errorf("done %s entered %s", o.Done, o.Entered)
		}
		ret := Return{Occurrence: o.ID, Version: o.Version, Reason: "Thiếu phân công"}
		for _, who := range []access.Actor{chair, sibling} {
			err := d.Write(ctx, func(tx *db.Tx) error { return b.ReturnTx(ctx, tx, who, ret) })
			if !errs.Is(err, errs.Forbidden) && !errs.Is(err, errs.NotFound) {
				t.Errorf("%s returns: %v", who.ID, err)
			}
		}
		b.write(t, func(tx *db.Tx) error { return b.ReturnTx(ctx, tx, district, ret) })
		b.want(t, "1.2", "03322", Returned)
		o = b.of(t, "1.2", "03322").Occ[0]
		b.write(t, func(tx *db.Tx) error {
			return b.AnswerTx(ctx, tx, officer, Answer{Occurrence: o.ID, Version: o.Version, Text: "Đã bổ sung"})
		})
		b.want(t, "1.2", "03322", Done)

		// Withdrawn evidence stays to be seen; what it alone showed is open again.
		err = d.Write(ctx, func(tx *db.Tx) error { return b.WithdrawTx(ctx, tx, district, Withdraw{Evidence: ev, Reason: "x"}) })
		if !errs.Is(err, errs.Forbidden) {
			t.Errorf("the district withdraws: %v", err)
		}
		err = d.Write(ctx, func(tx *db.Tx) error { return b.WithdrawTx(ctx, tx, officer, Withdraw{Evidence: ev}) })
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("withdrawn without a reason: %v", err)
		}
		b.write(t, func(tx *db.Tx) error {
			return b.WithdrawTx(ctx, tx, officer, Withdraw{Evidence: ev, Reason: "nhầm tệp"})
		})
		b.want(t, "1.2", "03322", Overdue)
		v, err := b.Assignment(ctx, snv, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(v.Occ[0].Evidence, func(e *Evidence) bool { return e.WithdrawnReason == "nhầm tệp" }) || v.Rights != (Rights{Return: true, Extend: true, Read: true}) {
			t.Errorf("the page: %+v %+v", v.Occ[0].Evidence, v.Rights)
		}
		var kinds []string
		for _, st := range v.Steps {
			kinds = append(kinds, st.Kind)
		}
		if want := []string{StepReceived, StepEvidence, StepConfirmed, StepReturned, StepAnswered, StepWithdrawn, StepReopened}; !sameSet(kinds, want) {
			t.Errorf("history %v", kinds)
		}
		if _, err := b.Assignment(ctx, sibling, a.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("a sibling reads: %v", err)
		}
		var told int
		if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM notice WHERE account='huong' AND kind='plan.return'`).Scan(&told); err != nil || told != 1 {
			t.Errorf("told %d times of the return, %v", told, err)
		}
	})
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// Of two who confirm at once one wins; the other is told of a conflict.
func TestConfirmAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		chair := b.actor(t, "pom", "03322", "head")
		a := b.of(t, "1.2", "03322")
		b.write(t, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, chair, NewEvidence{Assignment: a.ID, Number: "12/KH-UBND", Day: "2021-03-25", Items: []int{0}})
			return err
		})
		o := b.of(t, "1.2", "03322").Occ[0]
		faults := make([]error, 4)
		var wait sync.WaitGroup
		for i := range faults {
			wait.Go(func() {
				faults[i] = d.Write(ctx, func(tx *db.Tx) error {
					return b.ConfirmTx(ctx, tx, chair, Confirm{Occurrence: o.ID, Version: o.Version, Confirmation: Confirmation{Screen: true}})
				})
			})
		}
		wait.Wait()
		won := 0
		for _, err := range faults {
			switch {
			case err == nil:
				won++
			case !errs.Is(err, errs.Conflict):
				t.Errorf("got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d won: %v", won, errors.Join(faults...))
		}
		if got := b.of(t, "1.2", "03322").Occ[0]; got.Done != "2021-03-25" || got.Version != o.Version+1 {
			t.Errorf("done %s, version %d", got.Done, got.Version)
		}
	})
}

func TestNotApplicable(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		officer := b.actor(t, "huong", "03322", "officer")
		district := b.actor(t, "huyen", "100", "head")
		a := b.of(t, "7.3", "03322")
		err := d.Write(ctx, func(tx *db.Tx) error { return b.NotApplicableTx(ctx, tx, officer, NAClaim{Assignment: a.ID}) })
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		b.write(t, func(tx *db.Tx) error {
			return b.NotApplicableTx(ctx, tx, officer, NAClaim{Assignment: a.ID, Version: a.Version, Reason: "Huyện tổ chức chung"})
		})
		b.want(t, "7.3", "03322", Received) // it counts on until the superior agrees
		err = d.Write(ctx, func(tx *db.Tx) error { return b.ConsentTx(ctx, tx, officer, Consent{Assignment: a.ID, Agree: true}) })
		if !errs.Is(err, errs.Forbidden) {
			t.Errorf("the unit agrees with itself: %v", err)
		}
		err = d.Write(ctx, func(tx *db.Tx) error { return b.ConsentTx(ctx, tx, district, Consent{Assignment: a.ID}) })
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("refused without a reason: %v", err)
		}
		b.write(t, func(tx *db.Tx) error { return b.ConsentTx(ctx, tx, district, Consent{Assignment: a.ID, Agree: true}) })
		b.want(t, "7.3", "03322", NotApplicable)
		err = d.Write(ctx, func(tx *db.Tx) error { return b.ConsentTx(ctx, tx, district, Consent{Assignment: a.ID, Agree: true}) })
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("agreed twice: %v", err)
		}
	})
}

func TestExtend(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		snv := b.actor(t, "snv", "SNV", "officer")
		district := b.actor(t, "huyen", "100", "head")
		officer := b.actor(t, "huong", "03322", "officer")
		o := b.of(t, "1.2", "03322").Occ[0]
		e := Extend{Occurrence: o.ID, Version: o.Version, Due: "2021-04-30", Reason: "lũ quét"}
		for _, who := range []access.Actor{officer, district} { // the plan leaves this day to nobody
			if err := d.Write(ctx, func(tx *db.Tx) error { return b.ExtendTx(ctx, tx, who, e) }); !errs.Is(err, errs.Forbidden) {
				t.Errorf("%s extends: %v", who.ID, err)
			}
		}
		bad := e
		bad.Due, bad.Reason = "2021-04-01", ""
		if err := d.Write(ctx, func(tx *db.Tx) error { return b.ExtendTx(ctx, tx, snv, bad) }); len(errs.FieldsOf(err)) != 2 {
			t.Errorf("a bad extension: %v", err)
		}
		b.write(t, func(tx *db.Tx) error { return b.ExtendTx(ctx, tx, snv, e) })
		b.want(t, "1.2", "03322", NotReceived) // not overdue any more
		a := b.of(t, "1.2", "03322")
		b.write(t, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: a.ID, Number: "1/KH", Day: "2021-04-19", Items: []int{0}, Confirm: &Confirmation{Signer: "P", As: SignKT, Number: "1/KH", Day: "2021-04-19"}})
			return err
		})
		b.want(t, "1.2", "03322", DoneLate) // what was late stays late

		// The internal day of the communes' reports is the district's to move, for its communes alone.
		move := MoveDues{Plan: plan648, Task: "10.1.c", Under: b.unit(t, "100"), Due: "2021-05-08", Reason: "hạn của huyện"}
		other := b.actor(t, "khac", "099", "head")
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := b.MoveDuesTx(ctx, tx, other, move); return err }); !errs.Is(err, errs.Forbidden) {
			t.Errorf("another district moves: %v", err)
		}
		var n int
		b.write(t, func(tx *db.Tx) (err error) { n, err = b.MoveDuesTx(ctx, tx, district, move); return err })
		if n != 21 {
			t.Errorf("%d moved, want the 21 communes of the district", n)
		}
		if o := b.of(t, "10.1.c", "03322").Occ[0]; o.Due != "2021-05-08" || o.Limit != "2021-05-08" {
			t.Errorf("moved to %s, limit %s", o.Due, o.Limit)
		}
		if o := b.of(t, "10.1.c", "03124").Occ[0]; o.Due != "2021-05-05" {
			t.Errorf("a commune of another district moved to %s", o.Due)
		}
	})
}

func TestEventsAndStandingWork(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		officer := b.actor(t, "huong", "03322", "officer")
		a := b.of(t, "4.2.a", "03322")
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: a.ID, Note: "họp bản", Day: "2021-04-01"})
			return err
		})
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "event" {
			t.Errorf("evidence before an event: %v", err)
		}
		var occ string
		b.write(t, func(tx *db.Tx) (err error) {
			occ, err = b.EventTx(ctx, tx, officer, Event{Assignment: a.ID, Version: a.Version, Text: "Làm đường bản Mển", Due: "2021-04-22"})
			return err
		})
		b.want(t, "4.2.a", "03322", DueSoon)
		b.write(t, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: a.ID, Occurrence: occ, Number: "3/BB", Day: "2021-04-18", Items: []int{0}, Gaps: map[int]string{1: "x", 2: "y", 3: "z"}, Confirm: &Confirmation{Signer: "P", As: SignTL, Number: "3/BB", Day: "2021-04-18"}})
			return err
		})
		b.want(t, "4.2.a", "03322", Done)
		// Evidence and its event in one step.
		b.write(t, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: a.ID, Event: "Góp quỹ", Note: "họp", Day: "2021-04-19"})
			return err
		})
		b.want(t, "4.2.a", "03322", Doing)
		// No event for a task with a day.
		p := b.of(t, "1.2", "03322")
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := b.EventTx(ctx, tx, officer, Event{Assignment: p.ID, Text: "x"})
			return err
		}); !errs.Is(err, errs.Invalid) {
			t.Errorf("event of a task with a day: %v", err)
		}
		// A continuous task.
		c := b.of(t, "2.1", "03322")
		b.write(t, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: c.ID, Note: "tuyên truyền tại bản", Day: "2021-04-10"})
			return err
		})
		b.want(t, "2.1", "03322", Doing)
		// A review that kept everything needs no further evidence; a plan cannot be kept.
		r := b.of(t, "3.1", "03322")
		keep := NewEvidence{Assignment: r.ID, Number: "5/BC", Day: "2021-03-30", Kept: true, Confirm: &Confirmation{Signer: "P", As: SignHead, Number: "5/BC", Day: "2021-03-30"}}
		b.write(t, func(tx *db.Tx) error { _, err := b.EvidenceTx(ctx, tx, officer, keep); return err })
		b.want(t, "3.1", "03322", Done)
		keep.Assignment = p.ID
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := b.EvidenceTx(ctx, tx, officer, keep); return err }); !errs.Is(err, errs.Invalid) {
			t.Errorf("a plan that was kept: %v", err)
		}
		// The day of what was done cannot lie ahead; an item must be on the list.
		err = d.Write(ctx, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: p.ID, Day: "2021-04-21", Items: []int{7}})
			return err
		})
		var names []string
		for _, f := range errs.FieldsOf(err) {
			names = append(names, f.Name)
		}
		if !slices.Equal(names, []string{"day", "note", "items"}) {
			t.Errorf("got %v", err)
		}

		l, err := b.WorkList(ctx, officer, b.unit(t, "03322"))
		if err != nil {
			t.Fatal(err)
		}
		over := []string{}
		for _, w := range l.Overdue {
			over = append(over, w.Task.ID)
		}
		if !slices.Equal(over, []string{"1.2", "1.3", "8.1", "8.2"}) {
			t.Errorf("overdue %v", over)
		}
		if len(l.Done) != 2 || l.Done[0].Task.ID != "4.2.a" || l.Done[1].Task.ID != "3.1" {
			t.Errorf("done %+v", l.Done)
		}
		if len(l.Waiting) != 1 || l.Waiting[0].Event != "Góp quỹ" {
			t.Errorf("waiting %+v", l.Waiting)
		}
		i := slices.IndexFunc(l.Standing, func(w Work) bool { return w.Task.ID == "2.1" })
		if i < 0 || l.Standing[i].Records != 1 {
			t.Errorf("standing %+v", l.Standing)
		}
		if len(l.Plans) != 1 || l.Plans[0].Due != 5 || l.Plans[0].DoneDue != 1 || l.Plans[0].Overdue != 4 {
			t.Errorf("progress %+v", l.Plans)
		}
		for _, lang := range i18n.Langs {
			if s := l.GroupText(i18n.For(lang), "https://dinh.example"); len(s) < 100 {
				t.Errorf("%s: %s", lang, s)
			}
		}
		if _, err := b.WorkList(ctx, b.actor(t, "khac", "03325", "head"), b.unit(t, "03322")); !errs.Is(err, errs.NotFound) {
			t.Errorf("a sibling's work list: %v", err)
		}
	})
}
