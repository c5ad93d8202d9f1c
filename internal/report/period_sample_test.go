package report

import (
	"testing"
	"time"

	"dinh/internal/db"
	"dinh/internal/db/dbtest"
)

// A demonstration's reports keep the rules of the form, and comparisons find the year before.
func TestSample(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t), dbtest.Clock)
	began := time.Now()
	if err := h.Sample(t.Context(), h.unit("11").ID, "03322"); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(began))
	var periods []*Period
	err := h.d.Read(t.Context(), func(q db.Querier) (err error) {
		periods, err = readPeriods(t.Context(), q, `sample=1 ORDER BY year`)
		return err
	})
	if err != nil || len(periods) != 2 || periods[0].State != Closed || periods[1].State != Open {
		t.Fatalf("%v %+v", err, periods)
	}
	form := h.own[0]
	states := map[State]int{}
	for _, p := range periods {
		list, err := readReports(t.Context(), h.d, len(form.Indicators), `period_id=$1`, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			o := h.with(r, p, form)
			states[r.State]++
			if f := form.checks(o.asked, r.Values); r.State != NotStarted && Hard(f) {
				t.Fatalf("%s %d: %+v", o.unit.Code, p.Year, f)
			}
		}
	}
	if states[Accepted] < 200 || states[Submitted] == 0 || states[Drafting] == 0 || states[NotStarted] == 0 {
		t.Errorf("%v", states)
	}
	r := h.report(periods[1].ID, "03322", "")
	lo := h.actor("lo", "03322", "officer")
	h.write(func(tx *db.Tx) error { return h.StartTx(t.Context(), tx, lo, r.ID) })
	v := h.view(lo, r.ID)
	if r.State != NotStarted || v.Before == nil || v.Previous == nil || v.Before.ID != v.Previous.ID || v.Sections[4].Figures[0].Year == None {
		t.Errorf("%s, %+v", r.State, v.Sections[4].Figures[0])
	}
	notes := 0
	h.write(func(tx *db.Tx) error {
		return h.SaveSectionTx(t.Context(), tx, lo, SectionEdit{Report: r.ID, Name: v.Sections[4].Name, Values: map[string]int64{"V.1": 9000}})
	})
	for _, f := range h.view(lo, r.ID).Sections[4].Figures {
		if f.Code == "V.1" {
			notes = len(f.Notes)
		}
	}
	if notes == 0 {
		t.Error("nine thousand matters are no outlier")
	}
}
