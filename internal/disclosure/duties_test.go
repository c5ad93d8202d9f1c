package disclosure

import (
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/org"

	"github.com/google/go-cmp/cmp"
)

// agency adds an agency below a unit.
func (h *itemHouse) agency(code, name, parent string, flags ...string) (id string) {
	h.t.Helper()
	h.write(func(tx *db.Tx) (err error) {
		id, err = org.NewService(h.d, h.units).AddTx(h.t.Context(), tx, access.System, org.Draft{
			Kind: org.Agency, Code: code, Name: name, ParentID: parent, Flags: flags, Staff: org.Unknown, Workers: org.Unknown,
		}, "1960-01-01", "")
		return err
	})
	return id
}

// told stores an item that is up and was told on a day.
func (h *itemHouse) told1(unit, id, matter string, period Period, due, told civil.Date) *Item {
	i := &Item{
		ID: id, Unit: unit, Code: strings.ToUpper(id), Year: 2021, Slug: id, Matter: matter, Period: string(period), Audience: Everybody, State: Up, Edition: 1, Title: "Mục " + id,
		Due: due, FirstTold: told, Published: told, Version: 1, Created: dayMicros("2021-03-01"),
	}
	h.write(func(tx *db.Tx) error { return insertItem(h.t.Context(), tx, i) })
	return i
}

func slotFor(y *UnitYear, matter string, period Period) *Slot {
	i := slices.IndexFunc(y.Slots, func(s Slot) bool { return s.Matter == matter && s.Period == period })
	if i < 0 {
		return nil
	}
	return &y.Slots[i]
}

func TestStatements(t *testing.T) {
	t.Parallel()
	const event, standing, yearly = "pl-34-2007.d5.k2", "pl-34-2007.d5.k3", "pl-34-2007.d5.k4"
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		officer, stranger := h.someone("hương", h.commune, "officer"), h.someone("lạ", h.school, "head")
		state := func(a access.Actor, matter, period string) (id string, err error) {
			err = h.try(func(tx *db.Tx) error {
				id, err = h.StateTx(ctx, tx, a, h.commune, matter, period, "Không có dự án nào")
				return err
			})
			return id, err
		}
		if _, err := state(stranger, event, "2021"); !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger states: %v", err)
		}
		if _, err := state(h.someone("dân", h.commune, "board_member"), event, "2021"); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a board member states: %v", err)
		}
		for _, bad := range [][2]string{{event, "2021-Q1"}, {event, "2022-13"}, {"no-such", "2021"}, {event, ""}} {
			if _, err := state(officer, bad[0], bad[1]); !errs.Is(err, errs.NotFound) {
				t.Errorf("%v: %v", bad, err)
			}
		}
		if _, err := state(officer, standing, "2021"); !errs.Is(err, errs.Conflict) {
			t.Errorf("what must hang for ever is said not to have arisen: %v", err)
		}
		if _, err := state(officer, yearly, "2022"); !errs.Is(err, errs.Conflict) {
			t.Errorf("before the period begins: %v", err)
		}
		id, err := state(officer, event, "2021")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := state(officer, event, "2021"); !errs.Is(err, errs.Conflict) {
			t.Errorf("stated twice: %v", err)
		}
		y, err := h.Duties(ctx, officer, h.commune, 2021)
		if err != nil {
			t.Fatal(err)
		}
		sl := slotFor(y, event, "")
		if sl.State != SlotNotArisen || sl.Stated == nil || sl.Stated.Name != "Bà hương" || !y.Write {
			t.Errorf("%+v", sl)
		}
		public, err := h.PublicDuties(ctx, h.commune, 2021)
		if err != nil {
			t.Fatal(err)
		}
		if sl := slotFor(public, event, ""); sl.Stated == nil || sl.Stated.Day == "" || sl.Stated.Name != "" || sl.Stated.Actor != "" || sl.Stated.Note != "" {
			t.Errorf("the public reads who stated it: %+v", sl.Stated)
		}
		take := func(a access.Actor, version int) error {
			return h.try(func(tx *db.Tx) error { _, err := h.UnstateTx(ctx, tx, a, id, version, "Có dự án"); return err })
		}
		if err := take(stranger, 1); !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger takes it back: %v", err)
		}
		if err := take(officer, 1); err != nil {
			t.Error(err)
		}
		if err := take(officer, 2); !errs.Is(err, errs.Conflict) {
			t.Errorf("taken back twice: %v", err)
		}
		if y, err = h.Duties(ctx, officer, h.commune, 2021); err != nil || slotFor(y, event, "").State != SlotWaiting {
			t.Errorf("after taking back: %v %v", slotFor(y, event, "").State, err)
		}
		if n := h.count(`SELECT COUNT(*) FROM audit_entry WHERE kind='disclosure.statement'`); n != 2 {
			t.Errorf("%d audit entries", n)
		}
	})
}

// What each reader sees of a unit's duties: the unit its drafts, superiors states alone, everybody what is for everybody.
func TestDutiesByReader(t *testing.T) {
	t.Parallel()
	const yearly, staffs = "pl-34-2007.d5.k1", "nd-04-2015.d7.k3"
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		snv := h.agency("SNV", "Sở Nội vụ", h.province, "home_affairs")
		other := h.agency("SYT", "Sở Y tế", h.province)
		officer := h.someone("hương", h.commune, "officer")
		in := budget()
		in.Decided = "2021-04-13"
		h.create(officer, h.commune, in) // a draft that is late
		i := h.told1(h.commune, "aaaaa", staffs, "", "", "2021-04-10")
		h.write(func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE disclosure_item SET audience='staff' WHERE id=$1`, i.ID)
			return err
		})
		own, err := h.Duties(ctx, officer, h.commune, 2021)
		if err != nil || slotFor(own, yearly, "2021").State != SlotOverdue || len(slotFor(own, staffs, "").Items) != 1 {
			t.Errorf("the unit: %v", err)
		}
		for _, who := range []access.Actor{h.someone("snv", snv, "focal_officer"), h.someone("chủ tịch", h.province, "head")} {
			y, err := h.Duties(ctx, who, h.commune, 2021)
			if err != nil {
				t.Errorf("%s: %v", who.ID, err)
				continue
			}
			if s := slotFor(y, yearly, "2021"); s.State != SlotDue || y.Write {
				t.Errorf("%s sees a draft: %+v", who.ID, s)
			}
			if s := slotFor(y, staffs, ""); s.State != SlotFilled || len(s.Items) != 0 {
				t.Errorf("%s: state and items of what is for the staff: %s, %d", who.ID, s.State, len(s.Items))
			}
		}
		for _, who := range []access.Actor{{}, h.someone("syt", other, "head"), h.someone("trường", h.school, "head")} {
			if _, err := h.Duties(ctx, who, h.commune, 2021); !errs.Is(err, errs.NotFound) {
				t.Errorf("%q: %v", who.ID, err)
			}
		}
		pub, err := h.PublicDuties(ctx, h.commune, 2021)
		if err != nil || slotFor(pub, staffs, "") != nil || slotFor(pub, yearly, "2021").State != SlotDue {
			t.Errorf("everybody: %v", err)
		}
		if _, err := h.PublicDuties(ctx, h.commune, 1950); !errs.Is(err, errs.NotFound) {
			t.Errorf("before the unit: %v", err)
		}
	})
}

func TestOwnMatters(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		officer, stranger := h.someone("hương", h.commune, "officer"), h.someone("lạ", h.school, "head")
		good := OwnMatter{Unit: h.commune, Title: "Giá dịch vụ chợ phiên", Basis: "Nghị quyết HĐND xã", Audience: Everybody, Recurrence: "quarterly", Span: civil.Span{From: "2021-01-01"}}
		put := func(a access.Actor, m OwnMatter) (id string, err error) {
			err = h.try(func(tx *db.Tx) error { id, err = h.OwnMatterTx(ctx, tx, a, m); return err })
			return id, err
		}
		bad := OwnMatter{Unit: h.commune, Recurrence: "weekly", Audience: "all", Span: civil.Span{}}
		if _, err := put(officer, bad); fields(err) != "audience choose, from day, recurrence choose, title title" {
			t.Errorf("faults: %s", fields(err))
		}
		backwards := good
		backwards.To = "2020-12-31"
		if _, err := put(officer, backwards); fields(err) != "to end_before_start" {
			t.Errorf("faults: %s", fields(err))
		}
		if _, err := put(stranger, good); !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger: %v", err)
		}
		id, err := put(officer, good)
		if err != nil {
			t.Fatal(err)
		}
		y, err := h.Duties(ctx, officer, h.commune, 2021)
		if err != nil || slotFor(y, OwnPrefix+id, "2021-Q1").State != SlotOverdue || slotFor(y, OwnPrefix+id, "2021-Q2").State != SlotDue {
			t.Errorf("slots: %v", err)
		}
		h.told1(h.commune, "bbbbb", OwnPrefix+id, "2021-Q1", "", "2021-03-01")
		changed := good
		changed.ID, changed.Version, changed.Recurrence = id, 1, "monthly"
		if _, err := put(officer, changed); fields(err) != "recurrence matter_used" {
			t.Errorf("its rhythm changed under its items: %s", fields(err))
		}
		changed.Recurrence, changed.To = good.Recurrence, "2021-06-30"
		if _, err := put(officer, changed); err != nil {
			t.Error(err)
		}
		if _, err := put(officer, changed); !errs.Is(err, errs.Conflict) {
			t.Errorf("an old version: %v", err)
		}
		list, err := h.OwnMatters(ctx, officer, h.commune)
		if err != nil || len(list) != 1 || list[0].To != "2021-06-30" || list[0].Version != 2 {
			t.Errorf("%+v %v", list, err)
		}
		if _, err := h.OwnMatters(ctx, stranger, h.commune); !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger reads: %v", err)
		}
	})
}

func TestSessions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		officer, stranger := h.someone("hương", h.commune, "officer"), h.someone("lạ", h.school, "head")
		good := Session{
			Unit: h.commune, Kind: SessionTalk, Day: "2021-04-12", Form: "meeting", Title: "Phổ biến Pháp lệnh 34/2007", Spot: "Nhà văn hóa bản Mển", Langs: []string{"vi", "th"},
			Acts: []string{"pl-34-2007"}, People: 86, Copies: 30, Audience: Everybody,
		}
		put := func(a access.Actor, x Session, files ...attach.File) (id string, err error) {
			err = h.try(func(tx *db.Tx) error { id, err = h.SessionTx(ctx, tx, a, x, files); return err })
			return id, err
		}
		bad := Session{Unit: h.commune, Kind: "party", Day: "2021-04-21", Form: "x", Langs: []string{"en"}, Acts: []string{"l-0"}, People: -1, Copies: 1 << 40, Audience: ""}
		if _, err := put(officer, bad); fields(err) != "acts act, audience choose, copies number, day future, form choose, kind choose, langs choose, people number, title title" {
			t.Errorf("faults: %s", fields(err))
		}
		if _, err := put(stranger, good); !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger: %v", err)
		}
		f, err := h.files.Put(ctx, strings.NewReader("Tài liệu phát cho bà con"), "tài liệu.txt", attach.Documents)
		if err != nil {
			t.Fatal(err)
		}
		id, err := put(officer, good, f)
		if err != nil {
			t.Fatal(err)
		}
		r := h.told[len(h.told)-1]
		if r.Kind != "session" || r.DutyKind != "propagate" || !r.Counts || r.Unit != h.commune || r.Day != "2021-04-12" || !slices.Equal(r.Lines, []int{0, 1}) {
			t.Errorf("the plan was told %+v", r)
		}
		x, err := h.Session(ctx, access.Actor{}, id)
		if err != nil || len(x.Files) != 1 || !x.Minority() || x.Acts[0] != "pl-34-2007" {
			t.Errorf("%+v %v", x, err)
		}
		staff := good
		staff.Audience, staff.Kind = Staff, SessionTraining
		inner, err := put(officer, staff)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Session(ctx, access.Actor{}, inner); !errs.Is(err, errs.NotFound) {
			t.Errorf("everybody sees what is for the staff: %v", err)
		}
		changed := good
		changed.ID, changed.Version, changed.People = id, 1, 90
		if _, err := put(officer, changed); err != nil {
			t.Error(err)
		}
		if _, err := put(officer, changed); !errs.Is(err, errs.Conflict) {
			t.Errorf("an old version: %v", err)
		}
		strike := func(version int, why string) error {
			return h.try(func(tx *db.Tx) error { _, err := h.StrikeSessionTx(ctx, tx, officer, id, version, why); return err })
		}
		if err := strike(2, " "); fields(err) != "why why" {
			t.Errorf("struck out without a reason: %v", err)
		}
		if err := strike(2, "Nhập trùng"); err != nil {
			t.Error(err)
		}
		if r := h.told[len(h.told)-1]; r.ID != id || r.Counts {
			t.Errorf("after striking out the plan was told %+v", r)
		}
		public, err := h.Sessions(ctx, access.Actor{}, h.commune, 2021)
		if err != nil || len(public) != 0 {
			t.Errorf("everybody sees %d", len(public))
		}
		if own, err := h.Sessions(ctx, officer, h.commune, 2021); err != nil || len(own) != 2 {
			t.Errorf("the unit sees %d", len(own))
		}
	})
}

func TestRegulations(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		officer, stranger := h.someone("hương", h.commune, "officer"), h.someone("lạ", h.school, "head")
		reg := Regulation{Unit: h.commune, Kind: RegulationQCDC, Title: "Quy chế dân chủ của xã", Audience: Everybody}
		first := RegulationEdition{DocNumber: "12/QĐ-UBND", DocDay: "2019-03-01", Signer: "Cà Văn Hặc", Basis: []string{"pl-34-2007", "nd-149-2018", "Nghị quyết HĐND xã"}}
		make1 := func(a access.Actor, r Regulation, e RegulationEdition) (id string, err error) {
			err = h.try(func(tx *db.Tx) error { id, err = h.RegulationTx(ctx, tx, a, r, e, nil); return err })
			return id, err
		}
		if _, err := make1(officer, Regulation{Unit: h.commune}, RegulationEdition{DocDay: "2021-04-21"}); fields(err) != "audience choose, doc_day future, doc_number doc_number, kind choose, title title" {
			t.Errorf("faults: %s", fields(err))
		}
		if _, err := make1(stranger, reg, first); !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger: %v", err)
		}
		id, err := make1(officer, reg, first)
		if err != nil {
			t.Fatal(err)
		}
		v, err := h.Regulation(ctx, access.Actor{}, id)
		if err != nil {
			t.Fatal(err)
		}
		// The decree of 2018 was in force to the end of January 2021; what the catalogue does not hold is not judged.
		if v.Now == nil || v.Now.From != "2019-03-01" || len(v.Expired) != 1 || v.Expired[0].Act.ID != "nd-149-2018" || v.Reviewed {
			t.Errorf("%+v", v)
		}
		review := func(version int, r Review) error {
			return h.try(func(tx *db.Tx) error { return h.ReviewTx(ctx, tx, officer, id, version, r) })
		}
		if err := review(1, Review{Day: "2018-01-01", Result: "fine", DocDay: "2021-12-01"}); fields(err) != "day before_issue, doc_day future, result choose" {
			t.Errorf("faults: %s", fields(err))
		}
		if err := review(1, Review{Day: "2021-03-20", Result: ReviewKeep, DocNumber: "5/BB"}); err != nil {
			t.Fatal(err)
		}
		if r := h.told[len(h.told)-1]; r.Kind != "regulation" || r.TaskKind != "regulation" || r.DutyKind != "" || !slices.Equal(r.Lines, []int{0}) || r.Number != "5/BB" || !r.Counts {
			t.Errorf("that it stays as it is: the plan was told %+v", r)
		}
		edition := func(version int, e RegulationEdition) error {
			return h.try(func(tx *db.Tx) error { return h.EditionTx(ctx, tx, officer, id, version, e, nil) })
		}
		if err := edition(2, RegulationEdition{DocNumber: "1", DocDay: "2018-01-01", From: "2017-01-01", Amends: true}); fields(err) != "doc_day before_last, from before_signed" {
			t.Errorf("faults: %s", fields(err))
		}
		if err := edition(1, RegulationEdition{DocNumber: "1", DocDay: "2021-04-01"}); !errs.Is(err, errs.Conflict) {
			t.Errorf("an old version: %v", err)
		}
		if err := edition(2, RegulationEdition{DocNumber: "30/QĐ-UBND", DocDay: "2021-04-01", From: "2021-05-01", Amends: true, Basis: []string{"pl-34-2007"}}); err != nil {
			t.Fatal(err)
		}
		if r := h.told[len(h.told)-1]; !slices.Equal(r.Lines, []int{0, 1}) || r.Number != "30/QĐ-UBND" || r.Day != "2021-04-01" {
			t.Errorf("the plan was told %+v", r)
		}
		if v, err = h.Regulation(ctx, officer, id); err != nil || v.Now.Seq != 1 || v.On("2021-05-01").Seq != 2 || !v.Reviewed {
			t.Errorf("in force before its day: %+v %v", v.Now, err)
		}
		end := func(version int, day civil.Date, by string) error {
			return h.try(func(tx *db.Tx) error { return h.EndRegulationTx(ctx, tx, officer, id, version, day, by) })
		}
		if err := end(3, "2021-03-01", ""); fields(err) != "ended before_last, ended_by ended_by" {
			t.Errorf("faults: %s", fields(err))
		}
		if err := end(3, "2021-04-20", "40/QĐ-UBND"); err != nil {
			t.Fatal(err)
		}
		if err := review(4, Review{Day: "2021-04-20", Result: ReviewKeep}); !errs.Is(err, errs.Conflict) {
			t.Errorf("an ended one is reviewed: %v", err)
		}
		inner := reg
		inner.Audience, inner.Kind = Staff, "spending"
		if _, err := make1(officer, inner, first); err != nil {
			t.Fatal(err)
		}
		if list, err := h.Regulations(ctx, access.Actor{}, h.commune); err != nil || len(list) != 1 || list[0].Now != nil {
			t.Errorf("everybody sees %d, %v", len(list), err)
		}
		if list, err := h.Regulations(ctx, officer, h.commune); err != nil || len(list) != 2 {
			t.Errorf("the unit sees %d, %v", len(list), err)
		}
	})
}

// Every record that counts is listed again as it was told, so that the plan's rows can be rebuilt.
func TestRecordsAreThoseTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		officer := h.someone("hương", h.commune, "officer")
		h.up(officer, h.create(officer, h.commune, budget()).ID)
		h.write(func(tx *db.Tx) error {
			_, err := h.SessionTx(ctx, tx, officer, Session{Unit: h.commune, Kind: SessionMaterial, Day: "2021-04-12", Form: "leaflet", Title: "Tờ gấp", Audience: Everybody}, nil)
			if err != nil {
				return err
			}
			id, err := h.RegulationTx(ctx, tx, officer, Regulation{Unit: h.commune, Kind: "working", Title: "Quy chế làm việc", Audience: Staff}, RegulationEdition{DocNumber: "1", DocDay: "2021-04-01"}, nil)
			if err != nil {
				return err
			}
			return h.ReviewTx(ctx, tx, officer, id, 1, Review{Day: "2021-04-02", Result: ReviewKeep})
		})
		last := map[string]Record{}
		for _, r := range h.told {
			last[r.Kind+r.ID] = r
		}
		got := map[string]Record{}
		if err := h.Records(ctx, h.d, func(r Record) error { got[r.Kind+r.ID] = r; return nil }); err != nil {
			t.Fatal(err)
		}
		// The budget's form is posting: a page on the website does not tell it.
		for key, r := range last {
			if !r.Counts {
				delete(last, key)
			}
		}
		if diff := cmp.Diff(last, got); diff != "" || len(got) != 3 {
			t.Errorf("%d records: %s", len(got), diff)
		}
	})
}
