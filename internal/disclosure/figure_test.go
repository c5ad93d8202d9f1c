package disclosure

import (
	"fmt"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/org"

	"github.com/google/go-cmp/cmp"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		officer := h.someone("hương", h.commune, "officer")
		h.write(func(tx *db.Tx) error {
			for _, x := range []Session{
				{Kind: SessionTalk, Day: "2021-01-12", People: 86, Copies: 30, Langs: []string{"vi", "th"}},
				{Kind: SessionTalk, Day: "2021-04-12", People: 14},
				{Kind: SessionTalk, Day: "2020-12-12", People: 99},
				{Kind: SessionTraining, Day: "2021-02-12", People: 20, Langs: []string{"th"}},
				{Kind: SessionMaterial, Day: "2021-02-13"},
				{Kind: SessionMaterial, Day: "2021-02-14", Copies: 200},
			} {
				x.Unit, x.Form, x.Title, x.Audience = h.commune, "meeting", "Phổ biến", Everybody
				if _, err := h.SessionTx(ctx, tx, officer, x, nil); err != nil {
					return err
				}
			}
			id, err := h.RegulationTx(ctx, tx, officer, Regulation{Unit: h.commune, Kind: RegulationQCDC, Title: "Quy chế dân chủ", Audience: Everybody}, RegulationEdition{DocNumber: "1", DocDay: "2019-04-01"}, nil)
			if err != nil {
				return err
			}
			if err := h.EditionTx(ctx, tx, officer, id, 1, RegulationEdition{DocNumber: "2", DocDay: "2021-04-01", Amends: true}, nil); err != nil {
				return err
			}
			_, err = h.RegulationTx(ctx, tx, officer, Regulation{Unit: h.commune, Kind: "working", Title: "Quy chế làm việc", Audience: Staff}, RegulationEdition{DocNumber: "1", DocDay: "2021-02-01"}, nil)
			return err
		})
		const yearly, event = "pl-34-2007.d5.k1", "pl-34-2007.d5.k2"
		h.told1(h.commune, "aaaaa", yearly, "2021", "2021-01-06", "2021-01-05")
		h.told1(h.commune, "bbbbb", event, "", "2021-02-06", "2021-02-08")
		h.told1(h.commune, "ccccc", event, "", "2021-03-06", "")
		h.told1(h.commune, "ddddd", event, "", "2021-08-06", "")
		h.told1(h.commune, "eeeee", "", "", "", "2021-03-01")
		// Its days: thirty at the office; a sheet that hung, and one that was taken down too early.
		for _, p := range []struct {
			item     string
			up, down civil.Date
		}{{"aaaaa", "2021-01-05", ""}, {"bbbbb", "2021-02-08", "2021-02-18"}} {
			h.write(func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE disclosure_item SET min_days=30 WHERE id=$1`, p.item)
				if err != nil {
					return err
				}
				if err := insertPlace(ctx, tx, Place{Item: p.item, Key: PlaceOffice, Unit: h.commune, Kind: PlaceOffice, Name: "Trụ sở", Need: 30}); err != nil {
					return err
				}
				return insertPosting(ctx, tx, &Posting{ID: tx.NewID(), Item: p.item, Unit: h.commune, Edition: 1, Place: PlaceOffice, UpDay: p.up, UpEntered: p.up, DownDay: p.down, Version: 1})
			})
		}
		list, err := h.Figures(ctx, h.d, h.commune, civil.Span{From: "2021-01-01", To: "2021-06-30"})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][2]int{}
		for _, f := range list {
			got[f.Code] = [2]int{f.N, f.Of}
			sum := 0
			for _, r := range f.Rows {
				sum += r.N
				if r.ID == "" || r.Title == "" || r.Day == "" {
					t.Errorf("%s: %+v opens nothing", f.Code, r)
				}
			}
			if f.Measure == FigureCount && sum != f.N {
				t.Errorf("%s is %d, its records come to %d", f.Code, f.N, sum)
			}
		}
		// Due by 20 April: three items of the matters of the ordinance; reception of January to March, of which nothing was made.
		want := map[string][2]int{
			"II.1": {2, 0}, "II.2": {100, 0}, "II.3": {231, 0}, "II.4": {1, 0}, "II.5": {20, 0}, "II.6": {1, 0}, "III.0": {1, 0}, "III.1": {1, 0}, "III.2": {1, 0},
			"IV.1": {6, 0}, "IV.2": {2, 0}, "IV.3a": {1, 0}, "IV.3b": {2, 0}, "IV.3c": {1, 0}, "IV.4": {1, 0}, "IV.5": {1, 6}, "IV.6": {1, 2},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		// The year of before knows nothing of this.
		before, err := h.Figures(ctx, h.d, h.commune, civil.Span{From: "2019-01-01", To: "2019-12-31"})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range before {
			if want := map[string]int{"III.0": 1, "III.1": 1, "IV.1": 12 + 3}[f.Code]; f.N != want {
				t.Errorf("2019: %s is %d, want %d", f.Code, f.N, want)
			}
		}
	})
}

func TestFollow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		snv := h.agency("SNV", "Sở Nội vụ", h.province, "home_affairs")
		officer := h.someone("hương", h.commune, "officer")
		boss := h.someone("snv", snv, "focal_officer")
		h.told1(h.commune, "aaaaa", "pl-34-2007.d5.k1", "2021", "2021-01-06", "2021-01-05")
		h.told1(h.commune, "bbbbb", "pl-34-2007.d5.k2", "", "2021-02-06", "2021-02-08")
		h.told1(h.commune, "ccccc", "pl-34-2007.d5.k5", "", "2021-03-06", "")
		in := budget()
		in.Matter, in.Period, in.Decided = "pl-34-2007.d5.k9", "", "2021-03-01"
		h.create(officer, h.commune, in) // a draft is nobody's business
		follow := func(a access.Actor, f FollowFilter) *Follow {
			t.Helper()
			out, err := h.Follow(ctx, a, f)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		m := follow(boss, FollowFilter{Year: 2021})
		if m.Source.Key != "pl-34-2007.d5" || m.Source.Article != "5" || len(m.Columns) != 11 || m.Columns[10].No != "11" || len(m.Rows) != 1 {
			t.Fatalf("%+v", m)
		}
		row := m.Rows[0]
		var states []SlotState
		for _, c := range row.Cells {
			states = append(states, c.State)
		}
		want := []SlotState{SlotFilled, SlotFilledLate, SlotOverdue, SlotDue, SlotOverdue, SlotWaiting, SlotWaiting, SlotWaiting, SlotWaiting, SlotOverdue, SlotWaiting}
		if diff := cmp.Diff(want, states); diff != "" {
			t.Error(diff)
		}
		if row.Unit.ID != h.commune || row.Missing != 3 || row.Late != 1 || row.Told != 2 || row.Asked != 5 || m.Behind != 1 || m.Sums[1].Late != 1 {
			t.Errorf("%+v", row)
		}
		if m := follow(boss, FollowFilter{Year: 2021, Q: "thanh nua", Missing: true}); len(m.Rows) != 1 {
			t.Errorf("found %d by name", len(m.Rows))
		}
		if m := follow(boss, FollowFilter{Year: 2021, Q: "mường"}); len(m.Rows) != 0 || m.Units != 1 {
			t.Errorf("found %d of %d by another name", len(m.Rows), m.Units)
		}
		if m := follow(boss, FollowFilter{Year: 2021, Kind: org.ServiceUnit}); m.Source.Key != "nd-04-2015.d13" && m.Source.Audience != Staff {
			t.Errorf("a school's: %+v", m.Source)
		}
		if m := follow(boss, FollowFilter{Year: 2026}); m.Source.Key != "l-10-2022.d11" || len(m.Columns) != 14 {
			t.Errorf("2026: %s, %d columns", m.Source.Key, len(m.Columns))
		}
		// In the year of the change both are there; by the spring it is the old one.
		if m := follow(boss, FollowFilter{Year: 2023, Source: "pl-34-2007.d5"}); len(m.Columns) != 11 {
			t.Errorf("2023: %d columns", len(m.Columns))
		}
		// A head of a commune follows the commune and its villages alone, a school's itself.
		if m := follow(h.someone("trường", h.school, "head"), FollowFilter{Year: 2021, Source: "pl-34-2007.d5"}); len(m.Rows) > 0 && m.Rows[0].Unit.ID != h.school {
			t.Errorf("a school's head follows %s", m.Rows[0].Unit.Name)
		}
		if m := follow(access.Actor{}, FollowFilter{Year: 2021}); len(m.Rows) != 0 || len(m.Kinds) != 0 {
			t.Errorf("everybody follows %d", len(m.Rows))
		}
		if !h.FollowsOthers(boss) || h.FollowsOthers(officer) {
			t.Error("who follows others")
		}
	})
}

// The matrix, a unit's duties and its figures take as many queries whatever there is.
func TestFollowQueries(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	ctx := t.Context()
	officer := h.someone("hương", h.commune, "officer")
	boss := h.someone("chủ tịch", h.province, "head")
	c := &counted{DB: h.d}
	h.db = c
	asks := map[string]func() error{
		"the matrix": func() error { _, err := h.Follow(ctx, boss, FollowFilter{Year: 2021}); return err },
		"duties":     func() error { _, err := h.Duties(ctx, officer, h.commune, 2021); return err },
		"figures": func() error {
			_, err := h.FiguresFor(ctx, officer, h.commune, civil.Span{From: "2021-01-01", To: "2021-12-31"})
			return err
		},
		"regulations": func() error { _, err := h.Regulations(ctx, officer, h.commune); return err },
		"sessions":    func() error { _, err := h.Sessions(ctx, officer, h.commune, 2021); return err },
	}
	first := map[string]int{}
	for n := range 21 {
		h.told1(h.commune, fmt.Sprintf("i%04d", n), "pl-34-2007.d5.k2", "", "2021-02-06", "2021-02-08")
		h.write(func(tx *db.Tx) error {
			if _, err := h.SessionTx(ctx, tx, officer, Session{Unit: h.commune, Kind: SessionTalk, Day: "2021-02-01", Form: "meeting", Title: "Phổ biến", Audience: Everybody}, nil); err != nil {
				return err
			}
			_, err := h.RegulationTx(ctx, tx, officer, Regulation{Unit: h.commune, Kind: "working", Title: "Quy chế", Audience: Everybody}, RegulationEdition{DocNumber: "1", DocDay: "2021-02-01"}, nil)
			return err
		})
		if n != 0 && n != 20 {
			continue
		}
		for name, ask := range asks {
			c.took()
			if err := ask(); err != nil {
				t.Fatal(err)
			}
			took := c.took()
			if n == 0 {
				first[name] = took
			} else if took != first[name] || took == 0 {
				t.Errorf("%s: %d queries for one, %d for 21", name, first[name], took)
			}
		}
	}
}
