package report

import (
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

func TestPeriodOpens(t *testing.T) {
	t.Parallel()
	eachHouse(t, "2021-04-20", func(t *testing.T, h *house) {
		ctx := t.Context()
		snv := h.actor("snv", "SNV", "focal_officer")
		h.actor("thanhnua", "03322", "focal_officer")
		askers, err := h.Askers(ctx, snv)
		if err != nil || len(askers) != 1 || askers[0] != (Asker{h.unit("11").ID, h.unit("SNV").ID}) {
			t.Fatalf("%v %v", askers, err)
		}
		id := h.half(snv)
		for _, c := range []struct {
			code, to string
			due      civil.Date
		}{{"03322", "100", "2021-05-05"}, {"100", "SNV", "2021-05-14"}, {"SYT", "SNV", "2021-05-14"}, {"11", "SNV", "2021-05-14"}} {
			r := h.report(id, c.code, "")
			if r.To != h.unit(c.to).ID || r.Due != c.due || r.State != NotStarted {
				t.Errorf("%s goes to %s by %s, %s", c.code, r.To, r.Due, r.State)
			}
		}
		if _, err := h.jobs.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := h.d.QueryRow(ctx, `SELECT COUNT(*) FROM notice WHERE account='thanhnua' AND kind='report.opened'`).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d notices, %v", n, err)
		}
		// An open period is changed no more, and opens once.
		p, err := h.PeriodOf(ctx, snv, id)
		if err != nil || p.Reports < 200 || !p.Steer {
			t.Fatalf("%+v %v", p, err)
		}
		if err := h.try(func(tx *db.Tx) error { return h.SavePeriodTx(ctx, tx, snv, *p.Period) }); !errs.Is(err, errs.Conflict) {
			t.Errorf("changed while open: %v", err)
		}
		if err := h.try(func(tx *db.Tx) error { _, err := h.OpenTx(ctx, tx, snv, id, p.Version); return err }); !errs.Is(err, errs.Conflict) {
			t.Errorf("opened twice: %v", err)
		}
		// The district sets an earlier day for its communes.
		huyen := h.actor("huyen", "100", "focal_officer")
		if err := h.try(func(tx *db.Tx) error {
			_, err := h.OwnDueTx(ctx, tx, huyen, id, h.unit("100").ID, "2021-05-20")
			return err
		}); !errs.Is(err, errs.Invalid) {
			t.Errorf("later than its own: %v", err)
		}
		h.write(func(tx *db.Tx) error {
			_, err := h.OwnDueTx(ctx, tx, huyen, id, h.unit("100").ID, "2021-05-03")
			return err
		})
		if r := h.report(id, "03322", ""); r.Due != "2021-05-03" {
			t.Errorf("due %s", r.Due)
		}
		// Somebody of a commune opens nothing.
		if err := h.try(func(tx *db.Tx) error { return h.CloseTx(ctx, tx, h.people["thanhnua"], id, 0) }); !errs.Is(err, errs.Forbidden) {
			t.Errorf("closed by a commune: %v", err)
		}
	})
}

func TestPeriodFaults(t *testing.T) {
	t.Parallel()
	eachHouse(t, "2021-04-20", func(t *testing.T, h *house) {
		snv := h.actor("snv", "SNV", "focal_officer")
		for name, c := range map[string]struct {
			field string
			edit  func(p *Period)
		}{
			"no title":              {"title", func(p *Period) { p.Title = " " }},
			"ends before it begins": {"to", func(p *Period) { p.To = "2020-01-01" }},
			"due before the data":   {"due", func(p *Period) { p.Dues = []Due{{Day: "2021-04-01"}} }},
			"no day for all":        {"due", func(p *Period) { p.Dues = []Due{{Kind: "commune", Day: "2021-05-05"}} }},
			"a form that is none":   {"form", func(p *Period) { p.FormVersion = 9 }},
			"asks nobody":           {"kinds", func(p *Period) { p.Kinds = []string{"village"} }},
			"a unit of nobody":      {"units", func(p *Period) { p.Units = []string{"x"} }},
		} {
			err := h.try(func(tx *db.Tx) error {
				forms, err := h.Forms(t.Context(), tx)
				if err != nil {
					return err
				}
				p := h.NewPeriod(forms, Asker{h.unit("11").ID, h.unit("SNV").ID}, PeriodHalf, 2021)
				c.edit(p)
				_, err = h.CreatePeriodTx(t.Context(), tx, snv, *p)
				return err
			})
			if !slices.ContainsFunc(errs.FieldsOf(err), func(f errs.Field) bool { return f.Name == c.field }) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

const (
	secII = "II. Tuyên truyền, quán triệt"
	secVI = "VI. Dân làm: huy động, đóng góp"
)

func TestReportIsFilledAndHandedIn(t *testing.T) {
	t.Parallel()
	eachHouse(t, "2021-05-10", func(t *testing.T, h *house) {
		ctx := t.Context()
		snv, huyen := h.actor("snv", "SNV", "focal_officer"), h.actor("huyen", "100", "focal_officer")
		lo, head, other := h.actor("lo", "03322", "focal_officer"), h.actor("pom", "03322", "head"), h.actor("other", h.sibling("03322"), "officer")
		id := h.half(snv, "100")
		r := h.report(id, "03322", "")
		h.write(func(tx *db.Tx) error { return h.StartTx(ctx, tx, lo, r.ID) })
		v := h.view(lo, r.ID)
		ii := v.Sections[1]
		if ii.Name != secII || ii.Figures[0].Value != 5 || ii.Figures[0].Found != 5 || !ii.Figures[0].Known || ii.Figures[3].Known != true {
			t.Fatalf("%+v", ii.Figures[0])
		}
		if !strings.Contains(ii.Draft, "05 cuộc tuyên truyền, phổ biến với 120 lượt người tham dự") {
			t.Errorf("draft: %q", ii.Draft)
		}
		// Drafts are for the unit alone.
		if w := h.view(huyen, r.ID); !w.Limited || w.Sections != nil {
			t.Error("the district sees a draft")
		}
		if _, err := h.Report(ctx, other, r.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("a sibling: %v", err)
		}
		save := func(a access.Actor, name string, version int, values map[string]int64, reasons map[string]string, nothing bool) error {
			return h.try(func(tx *db.Tx) error {
				return h.SaveSectionTx(ctx, tx, a, SectionEdit{Report: r.ID, Name: name, Version: version, Values: values, Reasons: reasons, Nothing: nothing})
			})
		}
		// Two people fill two sections; the same section meets a conflict.
		if err := save(lo, secII, 0, map[string]int64{"II.1": 6, "II.6": 9}, nil, false); err != nil {
			t.Fatal(err)
		}
		if err := save(head, secVI, 0, nil, nil, true); err != nil {
			t.Fatal(err)
		}
		if err := save(head, secII, 0, map[string]int64{"II.1": 7}, nil, false); !errs.Is(err, errs.Conflict) {
			t.Errorf("an old form: %v", err)
		}
		if err := save(lo, secII, 1, nil, nil, true); !errs.Is(err, errs.Invalid) {
			t.Errorf("nothing happened, but the records have it: %v", err)
		}
		v = h.view(lo, r.ID)
		if vi := v.Sections[5]; vi.Figures[0].Value != 0 || !vi.Section.Nothing || vi.Filled != vi.Asked {
			t.Errorf("%+v", vi)
		}
		hard := map[string]bool{}
		for _, f := range v.Findings {
			hard[f.Code+" "+f.Msg.Key] = f.Hard
		}
		if !hard["II.6 report.rule.at_most"] || !hard["II.1 report.reason_for_correction"] {
			t.Errorf("findings %v", hard)
		}
		send := func(a access.Actor, c Submit) error {
			c.Report = r.ID
			return h.try(func(tx *db.Tx) error { return h.SubmitTx(ctx, tx, a, c) })
		}
		if err := send(head, Submit{OnScreen: true, Incomplete: true}); len(errs.FieldsOf(err)) != 3 {
			t.Errorf("sent with faults: %v", err)
		}
		if err := save(lo, secII, 1, map[string]int64{"II.6": 3, "II.2": 120}, map[string]string{"II.1": "Một cuộc chưa nhập", "II.6": "Thêm một cuộc tiếng Mông"}, false); err != nil {
			t.Fatal(err)
		}
		h.write(func(tx *db.Tx) error { return h.LayTx(ctx, tx, lo, r.ID, 0) })
		if err := save(lo, secII, 2, map[string]int64{"II.6": 1}, nil, false); !errs.Is(err, errs.Conflict) {
			t.Errorf("changed before the head: %v", err)
		}
		if err := send(lo, Submit{OnScreen: true, Incomplete: true}); !errs.Is(err, errs.Invalid) {
			t.Errorf("an officer signs: %v", err)
		}
		if err := send(head, Submit{OnScreen: true}); !errs.Is(err, errs.Invalid) {
			t.Errorf("sent with empty figures: %v", err)
		}
		if err := send(head, Submit{OnScreen: true, Incomplete: true}); err != nil {
			t.Fatal(err)
		}
		if err := send(head, Submit{OnScreen: true, Incomplete: true}); !errs.Is(err, errs.Conflict) {
			t.Errorf("sent twice: %v", err)
		}
		got := h.report(id, "03322", "")
		if got.State != Submitted || got.First != may10 || got.Late(may10) != 5 || got.SignedBy == "" {
			t.Errorf("%s, first %s, %d days late, by %q", got.State, got.First, got.Late(may10), got.SignedBy)
		}
		if len(h.told) == 0 || h.told[len(h.told)-1].Kind != "report" || h.told[len(h.told)-1].Due != "2021-05-05" {
			t.Errorf("the plan heard %+v", h.told)
		}
		// The district sees it now, asks, and late stays late.
		if w := h.view(huyen, r.ID); w.Limited || !w.MayReturn {
			t.Error("the district does not see what was handed in")
		}
		h.write(func(tx *db.Tx) error {
			return h.AskTx(ctx, tx, huyen, r.ID, got.Version, "Số cuộc quá ít", "2021-05-12")
		})
		if err := save(lo, secII, 2, map[string]int64{"II.1": 8, "II.6": 3}, map[string]string{"II.1": "Đếm lại", "II.6": "như trên"}, false); err != nil {
			t.Fatal(err)
		}
		if err := send(head, Submit{OnScreen: true, Incomplete: true}); !errs.Is(err, errs.Invalid) {
			t.Errorf("no answer: %v", err)
		}
		if err := send(lo, Submit{Paper: Paper{Number: "45/BC-UBND", Day: may10, Signer: "Quàng Văn Pọm"}, Incomplete: true, Answer: "Đã bổ sung"}); err != nil {
			t.Fatal(err)
		}
		w := h.view(huyen, r.ID)
		if len(w.Changes) != 1 || w.Changes[0].Before != 6 || w.Changes[0].After != 8 || w.Asks[0].Answer != "Đã bổ sung" || w.Paper.Number != "45/BC-UBND" {
			t.Errorf("%+v %+v", w.Changes, w.Asks[0])
		}
		if err := h.try(func(tx *db.Tx) error { return h.ExtendTx(ctx, tx, huyen, r.ID, 0, "2021-05-20", "vì mưa lũ") }); !errs.Is(err, errs.Conflict) {
			t.Errorf("extended after it came: %v", err)
		}
		h.write(func(tx *db.Tx) error { return h.AcceptTx(ctx, tx, huyen, r.ID, w.Version) })
		if err := h.try(func(tx *db.Tx) error { return h.AcceptTx(ctx, tx, lo, r.ID, 0) }); err == nil {
			t.Error("a unit accepts its own report")
		}
		// Closed: nothing is taken in.
		h.write(func(tx *db.Tx) error { return h.CloseTx(ctx, tx, snv, id, 0) })
		if err := h.try(func(tx *db.Tx) error { return h.StartTx(ctx, tx, other, h.report(id, h.sibling("03322"), "").ID) }); !errs.Is(err, errs.Conflict) {
			t.Errorf("begun in a closed period: %v", err)
		}
	})
}

func TestRefreshKeepsCorrections(t *testing.T) {
	t.Parallel()
	eachHouse(t, "2021-05-10", func(t *testing.T, h *house) {
		ctx := t.Context()
		snv, lo := h.actor("snv", "SNV", "focal_officer"), h.actor("lo", "03322", "focal_officer")
		r := h.report(h.half(snv, "03322"), "03322", "")
		h.write(func(tx *db.Tx) error { return h.StartTx(ctx, tx, lo, r.ID) })
		h.write(func(tx *db.Tx) error {
			return h.SaveSectionTx(ctx, tx, lo, SectionEdit{Report: r.ID, Name: secII, Values: map[string]int64{"II.1": 6}, Reasons: map[string]string{"II.1": "thiếu một"}})
		})
		h.figs["II.1"], h.figs["II.2"] = 7, 150
		h.write(func(tx *db.Tx) error { return h.RefreshTx(ctx, tx, lo, r.ID) })
		v := h.view(lo, r.ID)
		f := v.Sections[1].Figures
		if f[0].Value != 6 || f[0].Found != 7 || f[1].Value != 150 || f[0].Reason != "thiếu một" {
			t.Errorf("%+v %+v", f[0], f[1])
		}
		if v.Sections[1].Section.Version != 2 {
			t.Errorf("a form that is open would not see it: version %d", v.Sections[1].Section.Version)
		}
		d, err := h.Drafts(ctx, lo, r.ID, 2)
		if err != nil || len(d.Drafts) != 1 || d.Drafts[0].Doc.Values["II.1"] != 6 {
			t.Errorf("%+v %v", d.Drafts, err)
		}
		_, open, err := h.Open(ctx, lo, r.ID, "II.1")
		if err != nil || !open.Fresh || open.Now.Value != 7 || len(open.Now.Records) != 1 {
			t.Errorf("%+v %v", open, err)
		}
	})
}

func TestExtensionAndLumps(t *testing.T) {
	t.Parallel()
	eachHouse(t, "2021-05-06", func(t *testing.T, h *house) {
		ctx := t.Context()
		snv, huyen := h.actor("snv", "SNV", "focal_officer"), h.actor("huyen", "100", "focal_officer")
		lo, head := h.actor("lo", "03322", "focal_officer"), h.actor("pom", "03322", "head")
		id := h.half(snv, "100")
		r := h.report(id, "03322", "")
		if err := h.try(func(tx *db.Tx) error { return h.ExtendTx(ctx, tx, lo, r.ID, 0, "2021-05-09", "bận") }); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a unit extends for itself: %v", err)
		}
		h.write(func(tx *db.Tx) error {
			return h.ExtendTx(ctx, tx, huyen, r.ID, 0, "2021-05-09", "Mưa lũ, đường tắc")
		})
		if r = h.report(id, "03322", ""); r.Late("2021-05-10") != 1 || r.ExtendedBy == "" {
			t.Errorf("late %d, %+v", r.Late("2021-05-10"), r)
		}
		district := h.unit("100").ID
		in, err := h.Below(ctx, huyen, id, district)
		if err != nil || len(in.Kinds) != 1 || in.Kinds[0].Kind != "commune" {
			t.Fatalf("%+v %v", in, err)
		}
		n := in.Kinds[0].Open
		if err := h.try(func(tx *db.Tx) error { _, err := h.LumpTx(ctx, tx, huyen, id, district, "commune", n+1); return err }); !errs.Is(err, errs.Invalid) {
			t.Errorf("more than there are: %v", err)
		}
		h.write(func(tx *db.Tx) error { _, err := h.LumpTx(ctx, tx, huyen, id, district, "commune", n); return err })
		lump := h.report(id, "100", "commune")
		if lump.Lump != n || lump.State != Drafting {
			t.Fatalf("%+v", lump)
		}
		h.write(func(tx *db.Tx) error {
			return h.SaveSectionTx(ctx, tx, huyen, SectionEdit{Report: lump.ID, Name: secII, Values: map[string]int64{"II.1": 40}})
		})
		h.write(func(tx *db.Tx) error { return h.SubmitTx(ctx, tx, huyen, Submit{Report: lump.ID, Incomplete: true}) })
		// A unit that reports by itself is counted out of the line.
		h.write(func(tx *db.Tx) error { return h.StartTx(ctx, tx, lo, r.ID) })
		h.write(func(tx *db.Tx) error {
			return h.SubmitTx(ctx, tx, head, Submit{Report: r.ID, OnScreen: true, Incomplete: true})
		})
		if _, err := h.jobs.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		if lump = h.report(id, "100", "commune"); lump.Lump != n-1 || lump.Values[h.own[0].Index("II.1")] != 40 {
			t.Errorf("%+v", lump)
		}
		if sent, err := h.Remind(ctx); err != nil || sent == 0 {
			t.Errorf("reminded %d, %v", sent, err)
		}
	})
}

func TestSubmittersDoNotMeet(t *testing.T) {
	t.Parallel()
	eachHouse(t, "2021-05-10", func(t *testing.T, h *house) {
		ctx := t.Context()
		snv, lo, head := h.actor("snv", "SNV", "focal_officer"), h.actor("lo", "03322", "focal_officer"), h.actor("pom", "03322", "head")
		r := h.report(h.half(snv, "03322"), "03322", "")
		h.write(func(tx *db.Tx) error { return h.StartTx(ctx, tx, lo, r.ID) })
		version := h.report(r.Period, "03322", "").Version
		done := make(chan error)
		for range 4 { // the same report at the same moment: one comes through
			go func() {
				done <- h.try(func(tx *db.Tx) error {
					return h.SubmitTx(ctx, tx, head, Submit{Report: r.ID, Version: version, OnScreen: true, Incomplete: true})
				})
			}()
		}
		ok := 0
		for range 4 {
			switch err := <-done; {
			case err == nil:
				ok++
			case !errs.Is(err, errs.Conflict):
				t.Errorf("%v", err)
			}
		}
		if ok != 1 {
			t.Errorf("%d came through", ok)
		}
	})
}

func TestReadFigure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit, in string
		want     int64
		fault    string
	}{
		{Count, "", None, ""},
		{Count, " 12 ", 12, ""},
		{Count, "1.234", 1234, ""},
		{Count, "1,234", 1234, ""},
		{Count, "1 234 567", 1234567, ""},
		{Count, "1.234.567", 1234567, ""},
		{Count, "1.234,5", None, "fraction_or_thousands"},
		{Count, "1,234.5", None, "fraction_or_thousands"},
		{Count, "1.234,000", None, "fraction_or_thousands"},
		{Count, "12,5", None, "fraction"},
		{Count, "-3", None, "negative"},
		{Count, "−3", None, "negative"},
		{Count, "(3)", None, "negative"},
		{Count, "12a", None, "letters"},
		{Count, "1O", None, "letters"},
		{Count, "1.23.4", None, "unclear"},
		{Count, "1.2345", None, "fraction"},
		{Count, "..", None, "unclear"},
		{Count, "99999999999999999", None, "large"},
		{Count, "1.234 567", None, "unclear"},
		{Count, "=1+1", None, "letters"},
		{Count, "1e3", None, "letters"},
		{VND, "7.412.500.000", 7412500000, ""},
		{VND, "7.412,5", None, "fraction_or_thousands"},
		{M2, "12.500", 12500, ""},
		{M2, "12,500", None, "two_readings"},
		{M2, "12500", 12500, ""},
		{Points, "8,5", 850, ""},
		{Points, "8.25", 825, ""},
		{Points, "95", 9500, ""},
		{Points, "1.234", None, "two_readings"},
		{Points, "1.234,5", None, "fraction_or_thousands"},
		{YesNo, "Có", 1, ""},
		{YesNo, "không", 0, ""},
		{YesNo, "2", None, "yes_no"},
		{Day, "31/3/2021", 20210331, ""},
		{Day, "2021-03-31", 20210331, ""},
		{Day, "31/2/2021", None, "day"},
		{Grade, "5", None, "grade"},
		{Grade, "1", 1, ""},
	} {
		got, fault := ReadFigure(&Indicator{Code: "A", Unit: c.unit}, c.in)
		key := ""
		if fault != nil {
			key = strings.TrimPrefix(fault.Msg.Key, "report.figure.")
			for _, l := range i18n.Langs {
				if s := i18n.For(l).Say(fault.Msg); strings.Contains(s, "⟦") || strings.Contains(s, "{{") {
					t.Errorf("%s: %s", key, s)
				}
			}
		}
		if got != c.want || key != c.fault {
			t.Errorf("%s %q: %d %s, want %d %s", c.unit, c.in, got, key, c.want, c.fault)
		}
	}
	// What is shown in a box can be read again.
	for _, l := range i18n.Langs {
		for _, c := range []struct {
			unit string
			v    int64
		}{{Count, 1234567}, {VND, 7412500000}, {M2, 12500}, {Points, 850}, {Points, 123450}, {Points, 123400}, {Day, 20210331}, {YesNo, 1}, {Grade, 2}} {
			x := &Indicator{Code: "A", Unit: c.unit}
			if got, fault := ReadFigure(x, Typed(i18n.For(l), x, c.v)); fault != nil || got != c.v {
				t.Errorf("%s %d in %s: %q is read as %d, %v", c.unit, c.v, l, Typed(i18n.For(l), x, c.v), got, fault)
			}
		}
	}
}

// Sentences name figures of their form, and are whole when all figures are known.
func TestProse(t *testing.T) {
	t.Parallel()
	f := qcdc(t)
	for _, s := range sentences()["qcdc"] {
		for _, c := range append(marks(s.Text+s.Zero), s.Code) {
			if c != "period" && c != "unit" && f.Index(c) < 0 {
				t.Errorf("%s: no figure %s", s.Code, c)
			}
		}
	}
	v := NewValues(len(f.Indicators))
	for code, n := range map[string]int64{"IV.1": 15, "IV.2": 14, "IV.3a": 12, "IV.4": 0, "V.1": 0, "II.1": 5} {
		v[f.Index(code)] = n
	}
	x := &proseOf{form: f, asked: f.Asked("commune", nil, PeriodHalf), now: v, unit: "xã Thanh Nưa", period: "06 tháng đầu năm 2021", p: i18n.For(i18n.VI), before: func(code string) int64 {
		if code == "IV.2" {
			return 11
		}
		return None
	}}
	want := "Trong 06 tháng đầu năm 2021, xã Thanh Nưa đã công khai 14 nội dung trên 15 nội dung phải công khai, đạt 93,3%; đúng hạn 12 nội dung, đạt 80,0%; so với cùng kỳ tăng 3."
	if got := x.section("IV. Dân biết: công khai"); got != want {
		t.Errorf("%q", got)
	}
	if got := x.section("V. Dân bàn, dân quyết định"); got != "Trong 06 tháng đầu năm 2021, không phát sinh nội dung phải lấy ý kiến." {
		t.Errorf("%q", got)
	}
	if got := x.section("VI. Dân làm: huy động, đóng góp"); got != "" {
		t.Errorf("%q", got)
	}
	if got := x.section(secII); got != "Trong 06 tháng đầu năm 2021, đã tổ chức 05 cuộc tuyên truyền, phổ biến." {
		t.Errorf("%q", got)
	}
}

func TestOutliers(t *testing.T) {
	t.Parallel()
	x := &Indicator{Agg: "sum"}
	for _, c := range []struct {
		v, last, year, like int64
		want                int
	}{{10, None, None, None, 0}, {10, 9, 8, 11, 0}, {40, 9, 8, 11, 3}, {0, 9, 8, 11, 3}, {3, 1, 0, 0, 0}, {None, 9, 8, 11, 0}} {
		if got := outlier(x, c.v, c.last, c.year, c.like); len(got) != c.want {
			t.Errorf("%v: %v", c, got)
		}
	}
}

func TestFormIsMadeHere(t *testing.T) {
	t.Parallel()
	eachHouse(t, "2021-04-20", func(t *testing.T, h *house) {
		ctx := t.Context()
		syt := h.actor("syt", "SYT", "focal_officer")
		unit := h.unit("SYT").ID
		askers, err := h.Askers(ctx, syt)
		if err != nil || len(askers) != 1 || askers[0].Unit != unit {
			t.Fatalf("%v %v", askers, err)
		}
		var id string
		h.write(func(tx *db.Tx) error {
			id, _, err = h.MakeFormTx(ctx, tx, syt, unit, "Dân chủ trong bệnh viện", "2021-01-01", "", 0)
			return err
		})
		add := func(row int, old string, x Indicator) error {
			return h.try(func(tx *db.Tx) error { return h.SaveIndicatorTx(ctx, tx, syt, id, 1, row, old, x) })
		}
		a := Indicator{Code: "A.1", Section: "A", Unit: Count, TitleVI: "Số hội nghị", To: []string{"service_unit"}}
		b := Indicator{Code: "A.2", Section: "A", Unit: Count, TitleVI: "Trong đó: đúng hạn", To: []string{"service_unit"}, Rule: "A.2 <= A.1"}
		if err := add(1, "", a); err != nil {
			t.Fatal(err)
		}
		if err := add(1, "", b); !errs.Is(err, errs.Conflict) {
			t.Errorf("an old form: %v", err)
		}
		if err := add(2, "", b); err != nil {
			t.Fatal(err)
		}
		if err := add(3, "", a); !errs.Is(err, errs.Invalid) {
			t.Errorf("a code twice: %v", err)
		}
		if err := h.try(func(tx *db.Tx) error { return h.DropIndicatorTx(ctx, tx, syt, id, 1, 3, "A.1") }); !errs.Is(err, errs.Invalid) {
			t.Errorf("a figure that a rule names: %v", err)
		}
		// Only its service units are asked, those that it manages.
		var period string
		h.write(func(tx *db.Tx) error {
			period, err = h.CreatePeriodTx(ctx, tx, syt, Period{
				Unit: unit, Kind: PeriodOther, Year: 2021, Title: "Báo cáo đột xuất", Form: id, FormVersion: 1, Span: civil.Span{From: "2021-01-01", To: "2021-03-31"}, Dues: []Due{{Day: "2021-04-30"}},
			})
			return err
		})
		h.write(func(tx *db.Tx) error { _, err := h.OpenTx(ctx, tx, syt, period, 1); return err })
		p, err := h.PeriodOf(ctx, syt, period)
		if err != nil || p.Reports == 0 {
			t.Fatalf("%+v %v", p, err)
		}
		if err := add(3, "A.1", a); !errs.Is(err, errs.Conflict) {
			t.Errorf("changed while in use: %v", err)
		}
	})
}
