package disclosure

import (
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
)

func TestDesk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		officer := h.someone("hương", h.commune, "officer")
		title := func(s string) ItemInput {
			in := budget()
			in.Title = s
			return in
		}
		h.create(officer, h.commune, title("Đang soạn"))
		late := title("Quá hạn")
		late.Decided = "2021-03-01"
		h.create(officer, h.commune, late)
		posted := h.up(officer, h.create(officer, h.commune, title("Đã công bố")).ID)
		gone := h.up(officer, h.create(officer, h.commune, title("Đã rút")).ID)
		h.write(func(tx *db.Tx) error { return h.WithdrawTx(ctx, tx, officer, gone.ID, gone.Version, "nhầm") })
		h.create(h.someone("hoa", h.school, "officer"), h.school, ItemInput{Audience: Staff, Title: "Của trường", Places: []string{"office"}})

		list := func(f DeskFilter) (string, *Desk) {
			f.Unit = h.commune
			out, err := h.Desk(ctx, officer, f)
			if err != nil {
				t.Fatal(err)
			}
			var titles []string
			for _, i := range out.Items {
				titles = append(titles, i.Title)
			}
			slices.Sort(titles) // the clock of the test stands still: which is the newest is not known
			return strings.Join(titles, ", "), out
		}
		for _, c := range []struct {
			f    DeskFilter
			want string
		}{
			{DeskFilter{}, "Quá hạn, Đang soạn, Đã công bố, Đã rút"},
			{DeskFilter{State: DeskWriting}, "Quá hạn, Đang soạn"},
			{DeskFilter{State: DeskOverdue}, "Quá hạn, Đang soạn, Đã công bố"}, // what was decided on 5/4 was due on 7/4, and this site is no form of that law
			{DeskFilter{State: DeskUp}, "Đã công bố"},
			{DeskFilter{State: DeskWithdrawn}, "Đã rút"},
			{DeskFilter{State: DeskWaiting}, ""},
			{DeskFilter{Text: "qua HAN"}, "Quá hạn"},
			{DeskFilter{Text: "không có"}, ""},
			{DeskFilter{Year: 2020}, ""},
		} {
			if got, _ := list(c.f); got != c.want {
				t.Errorf("%+v: %s, want %s", c.f, got, c.want)
			}
		}
		_, page := list(DeskFilter{Limit: 3})
		if _, next := list(DeskFilter{Limit: 3, After: page.Next}); len(page.Items) != 3 || len(next.Items) != 1 || next.Next != "" {
			t.Errorf("pages of %d and %d, then %q", len(page.Items), len(next.Items), next.Next)
		}
		if page.All != 4 || page.Counts[DeskWriting] != 2 || page.Counts[DeskUp] != 1 || page.Counts[DeskWithdrawn] != 1 || len(page.Years) != 1 {
			t.Errorf("counts %v of %d, years %v", page.Counts, page.All, page.Years)
		}
		for _, a := range []access.Actor{{}, h.someone("lạ", h.school, "officer"), h.someone("tra", h.commune, "board_member")} {
			if _, err := h.Desk(ctx, a, DeskFilter{Unit: h.commune}); !errs.Is(err, errs.NotFound) {
				t.Errorf("%s lists: %v", a.ID, err)
			}
		}
		if _, err := h.Desk(ctx, officer, DeskFilter{Unit: h.commune, State: "x"}); !errs.Is(err, errs.NotFound) {
			t.Errorf("an unknown state: %v", err)
		}

		w, err := h.Work(ctx, officer, posted.ID)
		if err != nil || !w.Write || w.Approve || w.Writing != nil || w.EditionNow().Number != 1 {
			t.Errorf("work %+v, %v", w, err)
		}
	})
}

// The number of queries does not grow with the items.
func TestDeskQueries(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	officer := h.someone("hương", h.commune, "officer")
	n := &counted{DB: h.d}
	h.db = n
	list := func() int {
		if _, err := h.Desk(t.Context(), officer, DeskFilter{Unit: h.commune, Limit: 100}); err != nil {
			t.Fatal(err)
		}
		return n.took()
	}
	h.create(officer, h.commune, budget())
	n.took()
	one := list()
	for range 30 {
		h.create(officer, h.commune, budget())
	}
	n.took()
	if many := list(); many != one || one == 0 {
		t.Errorf("%d queries for one item, %d for 31", one, many)
	}
}
