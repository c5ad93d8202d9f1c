package plan

import (
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

func TestPressing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		snv := b.actor(t, "snv", "SNV", "focal_officer")
		district := b.actor(t, "huyen", "100", "officer")
		commune := b.actor(t, "huong", "03322", "officer")
		b.people.holders[b.unit(t, "03322")] = []string{"huong", "pom"}
		f := Filter{Under: b.unit(t, "100"), Kind: "commune"}
		late, err := b.Late(ctx, snv, plan648, f, false)
		if err != nil || len(late) != 21 || len(late[0].Tasks) != 5 || late[0].Round != 1 || late[0].Tasks[0].Days != 20 {
			t.Fatalf("%d late, %v", len(late), err)
		}
		if l, err := b.Late(ctx, district, plan648, Filter{}, false); err != nil || len(l) != 21 {
			t.Errorf("the district may press %d units, %v", len(l), err)
		}
		if l, err := b.Late(ctx, commune, plan648, Filter{}, false); err != nil || len(l) != 0 {
			t.Errorf("a commune may press %d units, %v", len(l), err)
		}
		if l, err := b.Late(ctx, snv, plan648, Filter{Kind: "mass_org"}, false); err != nil || len(l) != 0 {
			t.Errorf("%d bodies that are only requested are pressed, %v", len(l), err)
		}
		asked, err := b.Late(ctx, snv, plan648, Filter{Kind: "mass_org"}, true)
		if err != nil || len(asked) == 0 {
			t.Errorf("%d requested, %v", len(asked), err)
		}

		c := Nudge{Plan: plan648, Unit: b.unit(t, "SNV"), Filter: f, Units: late}
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := b.NudgeTx(ctx, tx, commune, c); return err }); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a commune presses: %v", err)
		}
		var n *Nudged
		b.write(t, func(tx *db.Tx) (err error) { n, err = b.NudgeTx(ctx, tx, snv, c); return err })
		if n.Units != 21 || n.Tasks != 105 || n.People != 2 {
			t.Errorf("nudged %+v", n)
		}
		var told int
		if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM notice WHERE kind='plan.nudge'`).Scan(&told); err != nil || told != 2 {
			t.Errorf("%d told, %v", told, err)
		}
		// A reminder is no letter: the first letter is the first, the next the second, and each is evidence of III.7.a.
		for round := 1; round <= 2; round++ {
			l, err := b.DraftLetter(ctx, snv, plan648, NudgeLetter, b.unit(t, "SNV"), f)
			if err != nil || l.Round != round || len(l.Units) != 21 || l.Tasks != 105 {
				t.Fatalf("draft %+v, %v", l, err)
			}
			for _, lang := range i18n.Langs {
				for _, m := range append(slices.Clone(l.Body), l.Subject) {
					if s := i18n.For(lang).Say(m); strings.Contains(s, "⟦") || strings.Contains(s, "no value") {
						t.Errorf("%s: %s", lang, s)
					}
				}
			}
			sent := SentLetter{Plan: plan648, Kind: NudgeLetter, Unit: b.unit(t, "SNV"), Filter: f, Units: l.Units, Number: "45/SNV-XDCQ", Signed: "2021-04-19", Signer: "A", As: SignHead}
			if round == 1 {
				bad := sent
				bad.Number, bad.Signed = "", "2021-04-21"
				if err := d.Write(ctx, func(tx *db.Tx) error { _, err := b.LetterTx(ctx, tx, snv, bad); return err }); len(errs.FieldsOf(err)) != 2 {
					t.Errorf("a bad letter: %v", err)
				}
			}
			b.write(t, func(tx *db.Tx) error { _, err := b.LetterTx(ctx, tx, snv, sent); return err })
		}
		b.want(t, "III.7.a", "SNV", Doing)
		v, err := b.Assignment(ctx, snv, b.of(t, "III.7.a", "SNV").ID)
		if err != nil || len(v.Evidence) != 2 || v.Evidence[0].Number != "45/SNV-XDCQ" {
			t.Errorf("evidence %+v, %v", v, err)
		}
		list, err := b.Pressings(ctx, snv, plan648)
		if err != nil || len(list) != 3 {
			t.Errorf("%d pressings, %v", len(list), err)
		}
		if list, err := b.PressingsTo(ctx, commune, b.unit(t, "03322")); err != nil || len(list) != 3 {
			t.Errorf("%d pressings to the commune, %v", len(list), err)
		}
		if _, err := b.Pressings(ctx, commune, plan648); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a commune lists all pressing: %v", err)
		}
		guide, err := b.DraftLetter(ctx, snv, plan648, NudgeGuide, b.unit(t, "SNV"), Filter{})
		if err != nil || len(guide.Units) != 206 {
			t.Errorf("guiding letter to %d units, %v", len(guide.Units), err)
		}
	})
}

func TestRemind(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		b.people.holders[b.unit(t, "03322")] = []string{"huong"}
		b.people.holders[b.unit(t, "HND")] = []string{"hnd"} // only requested
		at := func(day civil.Date) *Service {
			return New(Options{DB: d, Units: b.units, Law: catalogue, Clock: civil.Fixed(day), People: b.people})
		}
		var got []int
		// 10.1.c falls due on 5/5; the others of March are long past on these days.
		for _, day := range []civil.Date{"2021-04-20", "2021-04-21", "2021-04-22", "2021-04-28", "2021-05-02", "2021-05-03", "2021-05-04", "2021-05-05", "2021-05-06", "2021-05-07"} {
			n, err := at(day).Remind(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := at(day).Remind(ctx); err != nil || again != 0 {
				t.Errorf("%s: %d sent twice, %v", day, again, err)
			}
			got = append(got, n)
		}
		if want := []int{0, 1, 0, 1, 1, 0, 1, 0, 1, 0}; !slices.Equal(got, want) {
			t.Errorf("sent %v, want %v", got, want)
		}
		var other int
		if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM notice WHERE account='hnd'`).Scan(&other); err != nil || other != 0 {
			t.Errorf("%d to a body that is only requested, %v", other, err)
		}
		n, err := at("2021-04-19").Digest(ctx)
		if err != nil || n != 1 {
			t.Errorf("%d digests, %v", n, err)
		}
		if n, err := at("2021-04-21").Digest(ctx); err != nil || n != 0 {
			t.Errorf("%d digests in the same week, %v", n, err)
		}
		if n, err := at("2021-04-26").Digest(ctx); err != nil || n != 1 {
			t.Errorf("%d digests in the next week, %v", n, err)
		}
		if err := b.Prune(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestRemindStep(t *testing.T) {
	t.Parallel()
	for left, want := range map[int]string{15: "", 14: "14", 8: "14", 7: "7", 4: "7", 3: "3", 2: "3", 1: "1", 0: "1", -1: "after", -7: "after", -8: ""} {
		if got := remindStep(civil.Date("2021-05-20").Add(left), "2021-05-20"); got != want {
			t.Errorf("%d days: %q, want %q", left, got, want)
		}
	}
}

func TestHandover(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		officer := b.actor(t, "huong", "03322", "officer")
		unit := b.unit(t, "03322")
		for _, task := range []string{"1.2", "2.1", "1.3"} {
			a := b.of(t, task, "03322")
			b.write(t, func(tx *db.Tx) error {
				if err := b.NameTx(ctx, tx, officer, Name{Assignment: a.ID, Person: "Lò Thị Hương", Account: "huong"}); err != nil {
					return err
				}
				if task != "1.3" {
					return nil
				}
				_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: a.ID, Number: "1", Day: "2021-03-20", Kept: true, Confirm: &Confirmation{Signer: "P", As: SignTUQ, Number: "1", Day: "2021-03-20"}})
				return err
			})
		}
		work, err := b.OpenWork(ctx, "huong", unit)
		if err != nil || len(work) != 2 || work[0].Due != "2021-03-31" || work[1].Due != civil.None {
			t.Fatalf("%+v %v", work, err)
		}
		var n int
		b.write(t, func(tx *db.Tx) (err error) { n, err = b.HandOverTx(ctx, tx, "huong", "moi", unit); return err })
		if n != 2 {
			t.Errorf("%d pieces", n)
		}
		if a := b.of(t, "1.2", "03322"); a.Account != "moi" || a.Person != "Tên moi" {
			t.Errorf("handed to %+v", a)
		}
		if a := b.of(t, "1.3", "03322"); a.Account != "huong" {
			t.Errorf("what was done changed hands: %+v", a)
		}
		moi := access.Actor{ID: "moi", Posts: officer.Posts}
		dl, err := b.Deadlines(ctx, moi)
		if err != nil || dl[0].Task.ID != "1.2" || slices.ContainsFunc(dl, func(x Deadline) bool { return x.Task.ID == "1.3" }) {
			t.Errorf("deadlines %+v %v", dl, err)
		}
	})
}

func TestSampleEvidence(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		if err := b.SampleEvidence(ctx, plan648, "03322"); err != nil {
			t.Fatal(err)
		}
		board, err := b.Board(ctx, access.System, plan648, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		states := map[State]int{}
		for _, x := range board.ByTask {
			for s, n := range x.ByState {
				states[s] += n
			}
		}
		if states[Returned] != 1 || states[Overdue] == 0 || states[DoneLate] == 0 || states[Done] < 500 {
			t.Errorf("states %v", states)
		}
		if share := board.Total.DoneDue * 100 / board.Total.Due; share < 75 || share > 97 {
			t.Errorf("%d%% of what is due is done", share)
		}
		// The commune of the tour has done nothing, and nothing stands in the future.
		i := slices.IndexFunc(board.Rows, func(r *Row) bool { return r.Unit.Code == "03322" })
		if r := board.Rows[i]; r.Received != 0 || r.Done != 0 || r.Overdue != 5 {
			t.Errorf("the commune of the tour: %+v", r)
		}
		var late, unmarked int
		if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM evidence WHERE day>'2021-04-20' OR day<'2021-03-12'`).Scan(&late); err != nil || late != 0 {
			t.Errorf("%d pieces of evidence on days that have not come, %v", late, err)
		}
		if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM evidence WHERE sample=0`).Scan(&unmarked); err != nil || unmarked != 0 {
			t.Errorf("%d not marked as sample, %v", unmarked, err)
		}
		roles, err := b.Roles(ctx, b.unit(t, "11"))
		if err != nil || RoleHolder(roles, RoleLabour, "2025-02-28") != b.unit(t, "SLDTBXH") || RoleHolder(roles, RoleLabour, "2025-03-01") != b.unit(t, "SNV") {
			t.Errorf("labour: %+v %v", roles, err)
		}
		members, err := b.Members(ctx, b.unit(t, "11"))
		if err != nil || len(members) != 3 {
			t.Errorf("members %+v %v", members, err)
		}
	})
}
