package disclosure

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/attach"
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
		if v.Count.Days != 0 || v.Progress != Posted {
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

func TestSecretsAndPersonalData(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		officer := h.someone("hương", h.commune, "officer")
		submit := func(item string, c Checks) string {
			return fieldsOf(h.try(func(tx *db.Tx) error { return h.SubmitTx(ctx, tx, officer, item, Submission{Checks: c}) }))
		}
		no := Checks{Secret: SecretNo, SecretBy: "Lò Thị Hương"}
		in := budget()
		in.Body = "TUYỆT MẬT\nKế hoạch phòng thủ"
		i := h.create(officer, h.commune, in)
		if got := submit(i.ID, no); got != "secret disclosureitem.secret_marked_words" {
			t.Errorf("marked words: %q", got)
		}
		if got := submit(h.create(officer, h.commune, budget()).ID, Checks{Secret: SecretYes, SecretBy: "x"}); got != "secret disclosureitem.secret_said" {
			t.Errorf("said to be secret: %q", got)
		}
		_, err := h.Prepare(ctx, strings.NewReader("MẬT\nKế hoạch"), "ke-hoach.txt", attach.Documents)
		if !errs.Is(err, errs.Invalid) || errs.MsgOf(err).Key != "disclosureitem.file_secret" {
			t.Errorf("a marked file: %v", err)
		}
		if bad, n, err := h.files.Check(ctx, nil); err != nil || n != 0 || len(bad) != 0 {
			t.Errorf("files with a row: %d, %v, %v", n, bad, err)
		}

		// Personal data in the words: named statement, or masked.
		in.Body = "Hộ ông Lò Văn Pánh, CCCD 011085001234, điện thoại 0912 345 678"
		i = h.create(officer, h.commune, in)
		if got := submit(i.ID, no); got != "personal disclosureitem.personal_needed" {
			t.Errorf("personal data: %q", got)
		}
		both := no
		both.Personal = PersonalStays
		if got := submit(i.ID, both); got != "personal_by disclosureitem.personal_by_needed" {
			t.Errorf("a statement without a name: %q", got)
		}
		h.write(func(tx *db.Tx) error { return h.MaskWordsTx(ctx, tx, officer, i.ID, 1) })
		v := h.item(officer, i.ID)
		if strings.Contains(v.Ed.Body, "011085001234") || !strings.Contains(v.Ed.Body, "Lò Văn Pánh") {
			t.Errorf("masked: %s", v.Ed.Body)
		}
		if got := submit(i.ID, no); got != "" {
			t.Errorf("masked, and yet: %q", got)
		}

		// Personal data in a file: a masked copy is shown, the original is internal, search finds the copy alone.
		i = h.create(officer, h.commune, budget())
		p := h.prepare("../../danh sach\x07.docx", docx("Hộ bà Lò Thị Mai, CCCD 011085001234"))
		if p.File.Name != "danh sach.docx" {
			t.Errorf("name %q", p.File.Name)
		}
		var f *File
		h.write(func(tx *db.Tx) (err error) {
			f, err = h.AttachTx(ctx, tx, officer, i.ID, NewFile{Prepared: p})
			return err
		})
		if got := submit(i.ID, no); got != "personal disclosureitem.personal_needed" {
			t.Errorf("personal data in a file: %q", got)
		}
		clean, err := h.TextCopy(ctx, officer, i.ID, f.ID, "Bản đã che dữ liệu cá nhân")
		if err != nil {
			t.Fatal(err)
		}
		h.write(func(tx *db.Tx) error { return h.CopyTx(ctx, tx, officer, i.ID, f.ID, clean) })
		v = h.up(officer, i.ID)
		g := v.Files[0]
		if g.Shown == g.Original || g.Shown == "" || strings.Contains(g.Text, "011085001234") || !slices.Contains(g.Faults, FaultPersonal) {
			t.Errorf("the file %+v", g)
		}
		if a, err := h.files.ByID(ctx, d, g.Original); err != nil || !a.Internal {
			t.Errorf("the original %+v, %v", a, err)
		}
		if a, err := h.files.ByID(ctx, d, g.Shown); err != nil || a.Internal || a.Type != attach.Plain {
			t.Errorf("the copy %+v, %v", a, err)
		}
		if n := h.count(`SELECT COUNT(*) FROM search_doc WHERE doc_id=$1 AND body LIKE '%011085001234%'`, i.ID); n != 0 {
			t.Error("search has what was masked")
		}

		// A new edition has uses of its own of the same files; dropping it leaves those of the edition that is up.
		h.write(func(tx *db.Tx) error {
			_, err := h.NewEditionTx(ctx, tx, officer, i.ID, v.Version, "Thêm hộ")
			return err
		})
		h.write(func(tx *db.Tx) error { return h.DropDraftTx(ctx, tx, officer, i.ID, 0) })
		again := h.item(officer, i.ID)
		if again.Draft != 0 || len(again.Editions) != 1 || again.Files[0].Shown != g.Shown {
			t.Errorf("after dropping the new edition: %+v", again.Item)
		}
		if _, err := h.files.ByID(ctx, d, g.Shown); err != nil {
			t.Errorf("the published file is gone: %v", err)
		}
	})
}

func TestDraftIsDroppedWithAllItHas(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	ctx := t.Context()
	officer := h.someone("hương", h.commune, "officer")
	i := h.create(officer, h.commune, budget())
	p := h.prepare("bang.docx", docx("Tổng thu"))
	h.write(func(tx *db.Tx) error { _, err := h.AttachTx(ctx, tx, officer, i.ID, NewFile{Prepared: p}); return err })
	h.write(func(tx *db.Tx) error { return h.DropDraftTx(ctx, tx, officer, i.ID, 1) })
	for _, table := range []string{"disclosure_item", "disclosure_edition", "disclosure_file", "disclosure_place", "attachment"} {
		if n := h.count(`SELECT COUNT(*) FROM ` + table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
	if n := h.count(`SELECT COUNT(*) FROM law_due WHERE running=1`); n != 0 {
		t.Errorf("%d deadlines run", n)
	}
}

// What lies about itself, carries code or cannot be opened is refused or kept from readers.
func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	ctx := t.Context()
	officer := h.someone("hương", h.commune, "officer")
	for _, c := range []struct {
		name string
		body []byte
		want string
	}{
		{"bang.pdf", []byte("<svg xmlns='http://www.w3.org/2000/svg'></svg>"), "attach.lies"},
		{"bang.svg", []byte("<svg xmlns='http://www.w3.org/2000/svg'></svg>"), "attach.type"},
		{"bang.docm", docx("x"), "attach.macro"},
		{"bang.docx", docx("x", "word/vbaProject.bin"), "attach.macro"},
		{"bang.docx", []byte("PK\x03\x04 not a zip"), "attach.torn"},
		{"", nil, "attach.empty"},
	} {
		_, err := h.Prepare(ctx, bytes.NewReader(c.body), c.name, PaperTypes)
		if got := errs.MsgOf(err).Key; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	i := h.create(officer, h.commune, budget())
	p := h.prepare("quyet-dinh.pdf", scriptPDF)
	if !slices.Contains(p.Faults, FaultScripts) {
		t.Fatalf("faults of a PDF with a script: %v", p.Faults)
	}
	var f *File
	h.write(func(tx *db.Tx) (err error) {
		f, err = h.AttachTx(ctx, tx, officer, i.ID, NewFile{Prepared: p})
		return err
	})
	if f.Shown != "" || f.Original == "" {
		t.Errorf("a PDF with a script is shown: %+v", f)
	}
	if _, err := h.TextCopy(ctx, officer, i.ID, f.ID, "Bản chữ"); !errs.Is(err, errs.Invalid) {
		t.Errorf("a text copy of what has no text: %v", err)
	}
	if _, err := h.TextCopy(ctx, h.someone("lạ", h.school, "officer"), i.ID, f.ID, "Bản chữ"); !errs.Is(err, errs.NotFound) {
		t.Errorf("a stranger's text copy: %v", err)
	}
	h.write(func(tx *db.Tx) error { return h.RemoveFileTx(ctx, tx, officer, i.ID, f.ID) })
	if n := h.count(`SELECT COUNT(*) FROM attachment`); n != 0 {
		t.Errorf("%d attachments are left", n)
	}
}

// The head of a village may add a recording to what is up, and a sound that was up is hidden, not erased.
func TestSounds(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	ctx := t.Context()
	officer, village := h.someone("hương", h.commune, "officer"), h.someone("pánh", h.villages[0], "village_head")
	in := budget()
	in.Places = []string{VillageKey(h.villages[0])}
	i := h.create(officer, h.commune, in)
	p, err := h.Prepare(ctx, strings.NewReader("OggS"+strings.Repeat("\x00", 60)), "doc.ogg", SoundTypes)
	if err != nil {
		t.Fatal(err)
	}
	add := func(a access.Actor, lang string) (f *File, err error) {
		err = h.try(func(tx *db.Tx) error {
			f, err = h.SoundTx(ctx, tx, a, i.ID, NewFile{Lang: lang, Prepared: p})
			return err
		})
		return f, err
	}
	if _, err := add(village, "th"); !errs.Is(err, errs.NotFound) {
		t.Errorf("a village head sees a draft: %v", err)
	}
	h.up(officer, i.ID)
	if _, err := add(village, "xx"); fieldsOf(err) != "lang disclosureitem.lang_needed" {
		t.Errorf("unknown language: %v", err)
	}
	f, err := add(village, "th")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := add(h.someone("khác", h.villages[1], "village_head"), "th"); !errs.Is(err, errs.NotFound) {
		t.Errorf("the head of another village: %v", err)
	}
	h.write(func(tx *db.Tx) error { return h.RemoveFileTx(ctx, tx, officer, i.ID, f.ID) })
	v := h.item(officer, i.ID)
	if len(v.Files) != 1 || v.Files[0].Shown != "" || v.Files[0].Original == "" {
		t.Errorf("files %+v", v.Files)
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
