package disclosure

import (
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/law"
	"dinh/internal/notify"
)

// fieldsOf are the fields that an error names, with their keys.
func fieldsOf(err error) string {
	var out []string
	for _, f := range errs.FieldsOf(err) {
		out = append(out, f.Name+" "+f.Msg.Key)
	}
	return strings.Join(out, ", ")
}

// From the draft to the stub: each step does what it says, and what must hear of it hears.
func TestItemFromDraftToStub(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		officer, head := h.someone("hương", h.commune, "officer"), h.someone("hặc", h.commune, "head")
		village := h.someone("pánh", h.villages[0], "village_head")

		in := budget()
		in.Places = []string{"website", VillageKey(h.villages[0]), "office"}
		i := h.create(officer, h.commune, in)
		if i.Due != "2021-04-07" || i.MinDays != 30 || i.Beyond || i.Year != 2021 || i.Slug != "du-toan-thu-chi-ngan-sach-xa-nam-2021" || len(i.Code) != 5 {
			t.Errorf("created %+v", i)
		}
		dues, err := law.StoredFor(ctx, d, Owner, i.ID)
		if err != nil || len(dues) != 1 || !dues[0].Running || dues[0].Due.Date != "2021-04-07" {
			t.Errorf("stored deadlines: %+v, %v", dues, err)
		}
		if _, err := h.Item(ctx, access.Actor{}, i.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("the public sees a draft: %v", err)
		}

		err = h.try(func(tx *db.Tx) error { return h.SubmitTx(ctx, tx, officer, i.ID, Submission{Version: 1}) })
		if got := fieldsOf(err); got != "secret disclosureitem.secret_needed" {
			t.Errorf("submitted without the check: %s", got)
		}
		h.write(func(tx *db.Tx) error {
			return h.SubmitTx(ctx, tx, officer, i.ID, Submission{Version: 1, Checks: Checks{Secret: SecretNo, SecretBy: "Lò Thị Hương"}})
		})
		if list, _, err := notify.List(ctx, d, head.ID, "", 9); err != nil || len(list) != 1 || list[0].Link != WorkPath(i.ID)+"/duyet" {
			t.Errorf("the head's notices: %+v, %v", list, err)
		}
		if err := h.try(func(tx *db.Tx) error { return h.SaveDraftTx(ctx, tx, officer, i.ID, 2, in) }); !errs.Is(err, errs.Conflict) {
			t.Errorf("changed what waits: %v", err)
		}
		err = h.try(func(tx *db.Tx) error { return h.ReturnTx(ctx, tx, head, i.ID, 2, "") })
		if got := fieldsOf(err); got != "why disclosureitem.why_needed" {
			t.Errorf("returned without a reason: %s", got)
		}
		h.write(func(tx *db.Tx) error { return h.ReturnTx(ctx, tx, head, i.ID, 2, "Ghi rõ số chi") })
		if list, _, _ := notify.List(ctx, d, head.ID, "", 9); len(list) != 0 {
			t.Errorf("the head is still asked: %+v", list)
		}
		h.write(func(tx *db.Tx) error { return h.SaveDraftTx(ctx, tx, officer, i.ID, 3, in) })
		h.write(func(tx *db.Tx) error {
			return h.SubmitTx(ctx, tx, officer, i.ID, Submission{Version: 4, Checks: Checks{Secret: SecretNo, SecretBy: "Lò Thị Hương"}})
		})
		if err := h.try(func(tx *db.Tx) error { return h.ApproveTx(ctx, tx, officer, i.ID, Approval{Screen: true}) }); !errs.Is(err, errs.Forbidden) {
			t.Errorf("an officer approved on screen: %v", err)
		}
		if err := h.try(func(tx *db.Tx) error { return h.PublishTx(ctx, tx, officer, i.ID, Publication{}) }); !errs.Is(err, errs.Conflict) {
			t.Errorf("published what nobody approved: %v", err)
		}
		h.write(func(tx *db.Tx) error {
			return h.ApproveTx(ctx, tx, head, i.ID, Approval{Version: 5, Screen: true, Day: "1999-01-01"})
		})
		h.write(func(tx *db.Tx) error {
			return h.PublishTx(ctx, tx, officer, i.ID, Publication{Version: 6, Day: "1999-01-01"})
		})

		v := h.item(access.Actor{}, i.ID)
		if v.State != Up || v.Edition != 1 || v.Draft != 0 || v.Published != "2021-04-20" || v.Ed.Approved != "2021-04-20" || v.Ed.SecretChecked != "Lò Thị Hương" {
			t.Errorf("published %+v, %+v", v.Item, v.Ed)
		}
		if v.FirstTold != civil.None && !slices.Contains(v.Duty.Forms, "website") {
			t.Errorf("the law of 2021 names no website, but it was told on %s", v.FirstTold)
		}
		if n := h.count(`SELECT COUNT(*) FROM search_doc WHERE kind='disclosure' AND audience='public' AND doc_id=$1`, i.ID); n != 1 {
			t.Errorf("%d documents in search", n)
		}
		if list, _, _ := notify.List(ctx, d, village.ID, "", 9); len(list) != 1 || list[0].Kind != "disclosure.post" {
			t.Errorf("the village head's notices: %+v", list)
		}

		// A sheet goes up: the deadline is met, the plan hears of it.
		h.write(func(tx *db.Tx) error {
			_, err := h.PostTx(ctx, tx, village, PutUp{Item: i.ID, Place: VillageKey(h.villages[0]), Day: "2021-04-20", Person: "Lò Văn Pánh"})
			return err
		})
		if dues, _ := law.StoredFor(ctx, d, Owner, i.ID); dues[0].Running {
			t.Error("told, and its deadline still runs")
		}
		if last := h.told[len(h.told)-1]; !last.Counts || last.ID != i.ID || last.Kind != "item" || last.Day != "2021-04-20" {
			t.Errorf("the plan heard %+v", last)
		}

		// A new edition: old sheets end with it, its days begin anew.
		v = h.item(officer, i.ID)
		h.write(func(tx *db.Tx) error {
			_, err := h.NewEditionTx(ctx, tx, officer, i.ID, v.Version, "Sửa số chi")
			return err
		})
		second := in
		second.Title, second.Why = "Dự toán thu, chi ngân sách xã năm 2021 (sửa)", "Sửa số chi"
		second.Audience, second.Matter = Staff, "" // stay as they are
		h.write(func(tx *db.Tx) error { return h.SaveDraftTx(ctx, tx, officer, i.ID, 1, second) })
		if now := h.item(access.Actor{}, i.ID); now.Title != in.Title || now.Ed.Number != 1 {
			t.Errorf("the public sees what is being written: %+v", now.Ed)
		}
		v = h.up(officer, i.ID)
		if v.Edition != 2 || v.Title != second.Title || v.Audience != Everybody || v.Slug != i.Slug || v.Editions[0].State != Replaced || v.Postings[0].DownKind != DownReplaced {
			t.Errorf("second edition %+v, %+v, %+v", v.Item, v.Editions[0], v.Postings)
		}
		if v.Count.Days != 0 || v.Progress != ToBePosted {
			t.Errorf("the days of the first edition count for the second: %+v, %s", v.Count, v.Progress)
		}

		// Withdrawn: a stub stays, the clock stops, search loses it.
		err = h.try(func(tx *db.Tx) error { return h.WithdrawTx(ctx, tx, officer, i.ID, v.Version, " ") })
		if got := fieldsOf(err); got != "why disclosureitem.why_needed" {
			t.Errorf("withdrawn without a reason: %s", got)
		}
		h.write(func(tx *db.Tx) error {
			return h.WithdrawTx(ctx, tx, officer, i.ID, v.Version, "Có quyết định thay thế")
		})
		v = h.item(access.Actor{}, i.ID)
		if v.State != Withdrawn || v.Progress != Taken || v.WithdrawnWhy == "" || v.Ends != civil.None || len(v.Editions) != 2 {
			t.Errorf("withdrawn %+v", v.Item)
		}
		if n := h.count(`SELECT COUNT(*) FROM search_doc WHERE kind='disclosure'`); n != 0 {
			t.Errorf("%d documents in search", n)
		}
		if last := h.told[len(h.told)-1]; last.Counts {
			t.Errorf("the plan heard %+v", last)
		}
		if err := h.try(func(tx *db.Tx) error { _, err := h.NewEditionTx(ctx, tx, officer, i.ID, v.Version, "x"); return err }); !errs.Is(err, errs.Conflict) {
			t.Errorf("a new edition of what was withdrawn: %v", err)
		}
	})
}

// The same item dated 2021 and 2026 has the deadline and the days of its own law.
func TestItemIsJudgedByTheLawOfItsDay(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.NewAt(t, civil.Fixed("2026-03-20")), civil.Fixed("2026-03-20"))
	officer := h.someone("hương", h.commune, "officer")
	old := budget()
	old.Decided, old.DocDay = "2021-03-12", "2021-03-12"
	now := old
	now.Matter, now.Period, now.Decided, now.DocDay = "l-10-2022.d11.k1", "2026", "2026-03-12", "2026-03-12"
	a, b := h.create(officer, h.commune, old), h.create(officer, h.commune, now)
	if a.Due != "2021-03-15" || a.Year != 2021 { // 14/3/2021 was a Sunday
		t.Errorf("2021: due %s, year %d", a.Due, a.Year)
	}
	if b.Due != "2026-03-19" || b.Year != 2026 || b.MinDays != 30 {
		t.Errorf("2026: due %s, year %d, %d days", b.Due, b.Year, b.MinDays)
	}
	now.Decided = "2021-03-12"
	err := h.try(func(tx *db.Tx) error {
		_, err := h.CreateTx(t.Context(), tx, officer, NewItem{Unit: h.commune, ItemInput: now})
		return err
	})
	if got := fieldsOf(err); got != "matter disclosureitem.matter_not" {
		t.Errorf("a matter of the law of 2022 in 2021: %s", got)
	}
}

func TestWhatAnItemRefuses(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	officer := h.someone("hương", h.commune, "officer")
	for _, c := range []struct {
		name, want string
		change     func(in *ItemInput)
	}{
		{"no title", "title disclosureitem.title_needed", func(in *ItemInput) { in.Title = "" }},
		{"long title", "title disclosureitem.too_long", func(in *ItemInput) { in.Title = strings.Repeat("ộ", 301) }},
		{"decided tomorrow", "decided disclosureitem.day_to_come", func(in *ItemInput) { in.Decided = "2021-04-21" }},
		{"unknown matter", "matter disclosureitem.matter_not", func(in *ItemInput) { in.Matter = "l-10-2022.d11.k1" }},
		{"somebody's own matter", "matter disclosureitem.matter_unknown", func(in *ItemInput) { in.Matter = OwnPrefix + "x" }},
		{"for nobody", "audience disclosureitem.audience_needed", func(in *ItemInput) { in.Audience = "" }},
		{"for staff alone", "audience disclosureitem.audience_everybody", func(in *ItemInput) { in.Audience, in.Places = Staff, []string{"office"} }},
		{"a period of its own", "period disclosureitem.period_other", func(in *ItemInput) { in.Period = "2021-Q2" }},
		{"a village of others", "places disclosureitem.place_unknown", func(in *ItemInput) { in.Places = []string{VillageKey(h.school)} }},
		{"an invented place", "places disclosureitem.place_unknown", func(in *ItemInput) { in.Places = []string{"../office"} }},
	} {
		in := budget()
		c.change(&in)
		err := h.try(func(tx *db.Tx) error {
			_, err := h.CreateTx(t.Context(), tx, officer, NewItem{Unit: h.commune, ItemInput: in})
			return err
		})
		if got := fieldsOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if n := h.count(`SELECT COUNT(*) FROM disclosure_item`); n != 0 {
		t.Errorf("%d items were kept", n)
	}

	// Outside one's unit: does not exist; for those of the unit who may not write: forbidden.
	stranger, board := h.someone("lạ", h.school, "officer"), h.someone("tra", h.commune, "board_member")
	for a, want := range map[*access.Actor]errs.Kind{&stranger: errs.NotFound, &board: errs.Forbidden, {}: errs.NotFound} {
		err := h.try(func(tx *db.Tx) error {
			_, err := h.CreateTx(t.Context(), tx, *a, NewItem{Unit: h.commune, ItemInput: budget()})
			return err
		})
		if !errs.Is(err, want) {
			t.Errorf("%s: %v", a.ID, err)
		}
	}
	i := h.create(officer, h.commune, budget())
	for _, a := range []access.Actor{stranger, {}} {
		if err := h.try(func(tx *db.Tx) error { return h.PublishTx(t.Context(), tx, a, i.ID, Publication{}) }); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s publishes: %v", a.ID, err)
		}
	}
	in := budget()
	in.Summary, in.Body, in.Places = "", "", nil
	i = h.create(officer, h.commune, in)
	err := h.try(func(tx *db.Tx) error { return h.SubmitTx(t.Context(), tx, officer, i.ID, Submission{}) })
	if got := fieldsOf(err); got != "summary disclosureitem.summary_needed, body disclosureitem.body_needed, places disclosureitem.places_needed" {
		t.Errorf("incomplete: %s", got)
	}
	if i.Slug != "du-toan-thu-chi-ngan-sach-xa-nam-2021-2" {
		t.Errorf("second slug %s", i.Slug)
	}
}

// Two officers edit one draft: the second is told, nothing is lost.
func TestTwoOfficersEditOneItem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		a, b := h.someone("a", h.commune, "officer"), h.someone("b", h.commune, "officer")
		i := h.create(a, h.commune, budget())
		first, second := budget(), budget()
		first.Body, second.Body = "Của A", "Của B"
		h.write(func(tx *db.Tx) error { return h.SaveDraftTx(ctx, tx, a, i.ID, 1, first) })
		if err := h.try(func(tx *db.Tx) error { return h.SaveDraftTx(ctx, tx, b, i.ID, 1, second) }); !errs.Is(err, errs.Conflict) {
			t.Fatalf("the second is not told: %v", err)
		}
		if v := h.item(b, i.ID); v.Ed.Body != "Của A" || v.Ed.DraftedBy != "a" {
			t.Errorf("stored %+v", v.Ed)
		}
	})
}

func TestTwoPeople(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	ctx := t.Context()
	head, officer := h.someone("hặc", h.commune, "head"), h.someone("hương", h.commune, "officer")
	h.write(func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO disclosure_setting(unit_id,two_people) VALUES($1,1)`, h.commune)
		return err
	})
	i := h.create(head, h.commune, budget())
	if got := fieldsOf(h.try(func(tx *db.Tx) error { return h.ApproveTx(ctx, tx, head, i.ID, Approval{Screen: true}) })); got != "how disclosureitem.two_people" {
		t.Errorf("the head approves an own draft: %s", got)
	}
	got := fieldsOf(h.try(func(tx *db.Tx) error {
		return h.ApproveTx(ctx, tx, officer, i.ID, Approval{PaperNumber: "1", PaperDay: "2021-04-20", PaperSigner: "bà  HẶC"})
	}))
	if got != "paper_signer disclosureitem.two_people" {
		t.Errorf("a paper signed by who drafted: %s", got)
	}
	h.write(func(tx *db.Tx) error { return h.SaveDraftTx(ctx, tx, officer, i.ID, 1, budget()) })
	h.write(func(tx *db.Tx) error { return h.ApproveTx(ctx, tx, head, i.ID, Approval{Screen: true}) })
}

// A school tells its staff alone: nobody else sees it, in search neither.
func TestStaffOnly(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	officer, colleague := h.someone("hoa", h.school, "officer"), h.someone("board", h.school, "board_member")
	in := ItemInput{Matter: "", Audience: Staff, Title: "Phân công giảng dạy", Summary: "Ai dạy lớp nào", Body: "Lớp 1A: cô Hoa", Places: []string{"office", "website"}}
	i := h.create(officer, h.school, in)
	h.up(officer, i.ID)
	if v := h.item(colleague, i.ID); v.State != Up || !v.Beyond {
		t.Errorf("a colleague sees %+v", v.Item)
	}
	village := h.someone("dân", h.villages[0], "village_head")
	for _, a := range []access.Actor{{}, village} {
		if _, err := h.Item(t.Context(), a, i.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", a.ID, err)
		}
	}
	if n := h.count(`SELECT COUNT(*) FROM search_doc WHERE kind='disclosure' AND audience='unit'`); n != 1 {
		t.Errorf("%d documents for the unit", n)
	}
}

// A person accepts a deadline that a changed catalogue sets: the item has it, and the log says so.
func TestLawOwner(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	ctx := t.Context()
	i := h.create(h.someone("hương", h.commune, "officer"), h.commune, budget())
	o := h.LawOwner()
	title, path, err := o.Describe(ctx, h.d, i.ID)
	if err != nil || title != i.Title || path != "/lam-viec/niem-yet/"+i.ID {
		t.Errorf("described as %q, %q, %v", title, path, err)
	}
	h.write(func(tx *db.Tx) error { return o.MoveTx(ctx, tx, i.ID, StepPublish, &law.Due{Date: "2021-04-12"}) })
	got, err := readItem(ctx, h.d, `id=$1`, i.ID)
	if err != nil || got.Due != "2021-04-12" {
		t.Errorf("due %s, %v", got.Due, err)
	}
	if _, _, err := o.Describe(ctx, h.d, "none"); !errs.Is(err, errs.NotFound) {
		t.Errorf("an item that is not there: %v", err)
	}
}
