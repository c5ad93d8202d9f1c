package report

import (
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// hand makes a unit's report what it is to be: figures by code.
func (h *house) hand(period, code string, st State, first civil.Date, figures map[string]int64) {
	h.t.Helper()
	r := h.report(period, code, "")
	r.State, r.First, r.Submitted = st, first, first
	for c, v := range figures {
		r.Values[h.own[0].Index(c)] = v
	}
	h.write(func(tx *db.Tx) error { x := *r; return saveReport(h.t.Context(), tx, &x) })
}

func (h *house) sum(actor access.Actor, ask SumAsk) *Sum {
	h.t.Helper()
	v, err := h.Sum(h.t.Context(), actor, ask)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

// A year ago the same units reported; sums stand beside what was, also where communes have merged since.
func TestSumsBesideEarlierPeriods(t *testing.T) {
	t.Parallel()
	eachHouse(t, "2021-05-20", func(t *testing.T, h *house) {
		ctx := t.Context()
		snv := h.actor("snv", "SNV", "focal_officer")
		now := h.half(snv)
		old := &Period{
			ID: "old", Form: "qcdc", FormVersion: 1, Unit: h.unit("11").ID, Via: h.unit("SNV").ID, Kind: PeriodHalf, Year: 2020, Title: "Kỳ cũ", Span: civil.Span{From: "2019-11-15", To: "2021-01-30"},
			State: Closed, Version: 1,
		}
		size := len(h.own[0].Indicators)
		h.write(func(tx *db.Tx) error {
			if err := insertPeriod(ctx, tx, old); err != nil {
				return err
			}
			for _, code := range []string{"03322", "03319"} {
				r := &Report{ID: tx.NewID(), Period: "old", Unit: h.unit(code).ID, State: Accepted, First: "2020-05-01", Values: NewValues(size), Found: NewValues(size), Version: 1}
				r.Values[h.own[0].Index("II.1")] = 3
				if err := insertReport(ctx, tx, r); err != nil {
					return err
				}
			}
			return nil
		})
		h.hand(now, "03322", Submitted, "2021-05-04", map[string]int64{"II.1": 5, "IV.1": 10, "IV.3a": 9, "I.1": 1, "X.1c": 1})
		h.hand(now, "03319", Returned, "2021-05-08", map[string]int64{"II.1": 7, "IV.1": 10, "IV.3a": 2, "I.1": 0, "X.1c": 2})
		h.hand(now, "100", Drafting, "", map[string]int64{"II.1": 1000})
		v := h.sum(snv, SumAsk{Period: now, Scope: Scope{Unit: h.unit("100").ID}, Which: HandedIn})
		if f := v.Figure(nil, "II.1"); f.Value != 12 || f.Year != 6 || f.Before != 6 || f.Known != 2 {
			t.Errorf("II.1: %+v", f)
		}
		if f := v.Figure(nil, "IV.5"); !f.RatioOK || f.Part != 11 || f.Whole != 20 {
			t.Errorf("a ratio is that of the sums: %d of %d", f.Part, f.Whole)
		}
		if f := v.Figure(nil, "I.1"); f.Yes != 1 || f.Of != 22 {
			t.Errorf("own plans: %d of %d, want 1 of the 22 units bound", f.Yes, f.Of)
		}
		if f := v.Figure(nil, "X.1c"); f.Grades[0] != 1 || f.Grades[1] != 1 {
			t.Errorf("grades %v", f.Grades)
		}
		if v.Total.HandedIn() != 2 || v.Total.Late != 1 || v.Total.Missing() != 20 || v.Total.Overdue(v.Today) != 20 {
			t.Errorf("handed in %d, late %d, missing %d, overdue %d", v.Total.HandedIn(), v.Total.Late, v.Total.Missing(), v.Total.Overdue(v.Today))
		}
		// The old period on today's tree of 2025: both communes went into new ones, under the province.
		later := h.sum(snv, SumAsk{Period: now, Scope: Scope{Unit: h.unit("11").ID}, Which: HandedIn, Now: true})
		if later.Total.Sums.Sum[h.own[0].Index("II.1")] != 12 {
			t.Error("a figure was lost on another day's tree")
		}
		_, l, err := h.Lines(ctx, snv, SumAsk{Period: now, Scope: Scope{Unit: h.unit("100").ID}, Which: HandedIn}, "", "II.1", OnlyHanded, 0)
		if err != nil || l.Found != 2 || l.Lines[0].Value+l.Lines[1].Value != 12 || len(l.Trend) != 2 || l.Spread.Mid != 5 {
			t.Errorf("%+v, %v", l, err)
		}
		_, l, err = h.Lines(ctx, snv, SumAsk{Period: now, Scope: Scope{Unit: h.unit("100").ID}}, "", "II.1", OnlyMissing, 0)
		if err != nil || l.Found != 20 || !l.Lines[0].Hidden {
			t.Errorf("%d lines, %v", l.Found, err)
		}
		for _, x := range l.Lines {
			if x.Value != None {
				t.Errorf("the draft of %s is shown", x.Unit.Name)
			}
		}
	})
}

// A commune of 2021 that went into another one of 2025 is counted there on the tree of that time.
func TestSumsOnTheTreeOfAnotherTime(t *testing.T) {
	t.Parallel()
	eachHouse(t, "2025-08-01", func(t *testing.T, h *house) {
		ctx := t.Context()
		size := len(h.own[0].Indicators)
		p := &Period{
			ID: "p", Form: "qcdc", FormVersion: 1, Unit: h.unit("11").ID, Via: h.unit("SNV").ID, Kind: PeriodHalf, Year: 2021, Title: "Kỳ cũ", Span: civil.Span{From: "2020-11-15", To: "2021-04-30"}, State: Closed, Version: 1,
		}
		units := []string{"03127", "03130", "03133", "100"}
		h.write(func(tx *db.Tx) error {
			if err := insertPeriod(ctx, tx, p); err != nil {
				return err
			}
			for _, code := range units {
				r := &Report{ID: tx.NewID(), Period: "p", Unit: h.unit(code).ID, State: Accepted, First: "2021-05-01", Values: NewValues(size), Found: NewValues(size), Version: 1}
				r.Values[h.own[0].Index("II.1")] = 3
				if err := insertReport(ctx, tx, r); err != nil {
					return err
				}
			}
			return nil
		})
		v := h.sum(access.System, SumAsk{Period: "p", Which: HandedIn, Now: true})
		at := map[string]int64{}
		for _, g := range v.Groups {
			at[g.Unit.Code] = g.Sums.Sum[h.own[0].Index("II.1")]
		}
		if at["03127"] != 9 || at["11"] != 3 {
			t.Errorf("by place today: %v; want 9 where three communes went and 3 at the province, below which the district ended", at)
		}
		then := h.sum(access.System, SumAsk{Period: "p", Which: HandedIn})
		if len(then.Groups) != 2 || then.Total.Sums.Sum[h.own[0].Index("II.1")] != 12 {
			t.Errorf("%d groups then", len(then.Groups))
		}
	})
}

func TestConsolidatedReportStaysAsItWas(t *testing.T) {
	t.Parallel()
	eachHouse(t, "2021-05-20", func(t *testing.T, h *house) {
		ctx := t.Context()
		snv, huyen := h.actor("snv", "SNV", "focal_officer"), h.actor("huyen", "100", "focal_officer")
		p := h.half(snv)
		district := h.unit("100").ID
		h.hand(p, "03322", Submitted, "2021-05-04", map[string]int64{"II.1": 5, "I.1": 1})
		if err := h.try(func(tx *db.Tx) error {
			_, err := h.FreezeTx(ctx, tx, h.actor("syt", "SYT", "officer"), Freeze{Period: p, Unit: district})
			return err
		}); !errs.Is(err, errs.NotFound) {
			t.Errorf("a stranger freezes: %v", err)
		}
		if err := h.try(func(tx *db.Tx) error {
			_, err := h.FreezeTx(ctx, tx, snv, Freeze{Period: p, Unit: district})
			return err
		}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("another body freezes the district's: %v", err)
		}
		text := func(a access.Actor, version int) error {
			return h.try(func(tx *db.Tx) error {
				return h.SaveTextTx(ctx, tx, a, SaveText{Period: p, Unit: district, N: 2, Body: "Huyện đã tuyên truyền.", Version: version})
			})
		}
		if err := text(huyen, 0); err != nil {
			t.Fatal(err)
		}
		if err := text(huyen, 0); !errs.Is(err, errs.Conflict) {
			t.Errorf("an old form wins: %v", err)
		}
		var id string
		h.write(func(tx *db.Tx) (err error) {
			id, err = h.FreezeTx(ctx, tx, huyen, Freeze{Period: p, Unit: district})
			return err
		})
		h.hand(p, "03322", Submitted, "2021-05-04", map[string]int64{"II.1": 8})
		h.hand(p, "03319", Submitted, "2021-05-20", map[string]int64{"II.1": 1})
		c, err := h.Snapshot(ctx, snv, id, ByPlace)
		if err != nil {
			t.Fatal(err)
		}
		i := h.own[0].Index("II.1")
		if c.Total.Sums.Sum[i] != 5 || c.Now.Sum[i] != 9 || c.Came != 1 || c.Changed != 1 || c.Left != 0 || len(c.Rows) != 1 {
			t.Errorf("then %d, now %d, came %d, changed %d", c.Total.Sums.Sum[i], c.Now.Sum[i], c.Came, c.Changed)
		}
		if f := c.Figures(nil)[h.own[0].Index("I.1")]; f.Yes != 1 || f.Of != 22 {
			t.Errorf("own plans %d of %d", f.Yes, f.Of)
		}
		if c.Total.Bound != 22 || c.Texts["II. Tuyên truyền, quán triệt"] != "Huyện đã tuyên truyền." {
			t.Errorf("bound %d, texts %v", c.Total.Bound, c.Texts)
		}
		if err := h.try(func(tx *db.Tx) error {
			return h.SnapshotPaperTx(ctx, tx, huyen, id, 1, Paper{Number: "5/BC-UBND", Day: "2021-05-20", Signer: "Ông A"})
		}); err != nil {
			t.Fatal(err)
		}
		if n := len(h.told); n != 1 || h.told[0].Kind != "consolidated" || h.told[0].Unit != district || !strings.HasSuffix(h.told[0].Link, id) {
			t.Errorf("told %+v", h.told)
		}
		again := 0
		err = h.Records(ctx, h.d, func(r Record) error {
			if r.Kind == "consolidated" {
				again++
				if r.ID != h.told[0].ID || r.Unit != h.told[0].Unit || r.Number != "5/BC-UBND" || r.Due != h.told[0].Due {
					t.Errorf("listed again as %+v", r)
				}
			}
			return nil
		})
		if err != nil || again != 1 {
			t.Errorf("%d consolidated reports are listed, %v", again, err)
		}
	})
}
