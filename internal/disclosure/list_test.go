package disclosure

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// counted counts the queries of the room.
type counted struct {
	*db.DB
	n atomic.Int64
}

type countedQuerier struct {
	db.Querier
	n *atomic.Int64
}

func (c countedQuerier) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.n.Add(1)
	return c.Querier.Query(ctx, query, args...)
}

func (c countedQuerier) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	c.n.Add(1)
	return c.Querier.QueryRow(ctx, query, args...)
}

func (c *counted) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return countedQuerier{c.DB, &c.n}.Query(ctx, query, args...)
}

func (c *counted) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return countedQuerier{c.DB, &c.n}.QueryRow(ctx, query, args...)
}

func (c *counted) Read(ctx context.Context, f func(q db.Querier) error) error {
	return c.DB.Read(ctx, func(q db.Querier) error { return f(countedQuerier{q, &c.n}) })
}

func (c *counted) took() int { return int(c.n.Swap(0)) }

// shelf puts items into the store as they are after n days of their life: published ones with a sheet at the office.
type shelf struct {
	*itemHouse
	n int
}

func (h *shelf) put(tx *db.Tx, unit string, published civil.Date, change func(i *Item)) error {
	ctx := h.t.Context()
	h.n++
	i := &Item{
		ID: tx.NewID(), Unit: unit, Code: fmt.Sprintf("%05d", h.n), Year: published.Year(), Slug: fmt.Sprintf("muc-%d", h.n), Audience: Everybody, State: Up, Edition: 1,
		Title: fmt.Sprintf("Mục số %d", h.n), Need: Need{MinDays: 30}, Published: published, FirstTold: published, Ends: published.Add(29), Version: 1, Created: db.Micros(tx.Now()),
	}
	if change != nil {
		change(i)
	}
	e := &Edition{ID: tx.NewID(), Item: i.ID, Unit: unit, Number: 1, State: Published, Title: i.Title, DocNumber: fmt.Sprintf("%d/TB", h.n), Published: published, Version: 1}
	p := &Posting{ID: tx.NewID(), Item: i.ID, Unit: unit, Edition: 1, Place: PlaceOffice, UpDay: published, UpEntered: published, Version: 1}
	if err := insertItem(ctx, tx, i); err != nil {
		return err
	}
	if err := insertEdition(ctx, tx, e); err != nil {
		return err
	}
	if err := insertPlace(ctx, tx, Place{Item: i.ID, Key: PlaceOffice, Unit: unit, Kind: PlaceOffice, Need: i.MinDays}); err != nil {
		return err
	}
	return insertPosting(ctx, tx, p)
}

func newShelf(t *testing.T, d *db.DB) *shelf {
	return &shelf{itemHouse: newItemHouse(t, d, dbtest.Clock)}
}

func (h *shelf) unit(id string) *org.Unit {
	u, _ := h.units.Unit(id, dbtest.Clock.Today())
	return u
}

// A page of a board and of the room takes as many queries with five hundred items as with five.
func TestQueriesDoNotGrow(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	h := newShelf(t, d)
	c := &counted{DB: d}
	h.db = c
	ctx := t.Context()
	commune := h.unit(h.commune)
	asks := []struct {
		name string
		most int
		f    func() error
	}{
		{"board", 12, func() error { _, err := h.Board(ctx, access.Actor{}, commune, ListFilter{}); return err }},
		{"the whole board", 12, func() error { _, err := h.Board(ctx, access.Actor{}, commune, ListFilter{Limit: 500}); return err }},
		{"a board's words", 12, func() error {
			_, err := h.Board(ctx, access.Actor{}, commune, ListFilter{Text: "mục", Year: 2021})
			return err
		}},
		{"a board's figures", 3, func() error { _, err := h.BoardFacts(ctx, access.Actor{}, commune); return err }},
		{"room", 8, func() error { _, err := h.Room(ctx, h.province, ListFilter{}); return err }},
		{"a part of the room", 8, func() error {
			_, err := h.Room(ctx, h.province, ListFilter{Kind: org.Commune, State: ListEnding, Time: ListInTime})
			return err
		}},
		{"the room's figures", 1, func() error { _, err := h.RoomFacts(ctx, h.province, ListFilter{Under: h.commune}); return err }},
	}
	var first []int
	for _, many := range []int{5, 500} {
		h.write(func(tx *db.Tx) error {
			for h.n < many {
				if err := h.put(tx, []string{commune.ID, h.school}[h.n%2*(h.n%5/4)], dbtest.Clock.Today().Add(-h.n%60), nil); err != nil {
					return err
				}
			}
			return nil
		})
		for n, a := range asks {
			c.took()
			if err := a.f(); err != nil {
				t.Fatalf("%s: %v", a.name, err)
			}
			took := c.took()
			if many == 5 {
				first = append(first, took)
			} else if took > first[n] || took > a.most {
				t.Errorf("%s: %d queries with 5 items, %d with 500; at most %d", a.name, first[n], took, a.most)
			}
		}
	}
}

// What is up comes first, what is over after it, each once over all pages, on both engines.
func TestBoardPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newShelf(t, d)
		today := dbtest.Clock.Today()
		h.write(func(tx *db.Tx) error {
			for n := range 47 { // two on each day; those of the first days are over by now
				err := h.put(tx, h.commune, today.Add(-n/2*3), func(i *Item) {
					switch n % 8 {
					case 1:
						i.State, i.Withdrawn = Withdrawn, today
					case 3:
						i.Permanent, i.Ends = true, civil.None
					case 5:
						i.Audience = Staff
					case 6:
						i.State = Draft
					default:
					}
					if n%9 == 0 {
						i.Due = i.Published.Add(-1)
					} else {
						i.Due = i.Published
					}
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		ctx := t.Context()
		walk := func(next func(f ListFilter) (*Listing, error), f ListFilter) (out []*View, current int) {
			t.Helper()
			for range 20 {
				l, err := next(f)
				if err != nil {
					t.Fatal(err)
				}
				if len(l.Current) > 0 && len(out) > current {
					t.Error("what is up follows what is over")
				}
				current += len(l.Current)
				out = append(out, l.All()...)
				if f.After = l.Next; f.After == "" {
					return out, current
				}
			}
			t.Fatal("no end")
			return nil, 0
		}
		board := func(a access.Actor) func(f ListFilter) (*Listing, error) {
			return func(f ListFilter) (*Listing, error) { return h.Board(ctx, a, h.unit(h.commune), f) }
		}
		room := func(f ListFilter) (*Listing, error) { return h.Room(ctx, h.province, f) }
		officer := h.someone("huong", h.commune, string(access.Officer))
		for _, c := range []struct {
			name    string
			list    func(f ListFilter) (*Listing, error)
			f       ListFilter
			all     int
			current int
		}{
			{"all that everybody sees", board(access.Actor{}), ListFilter{Limit: 4}, 35, 16},
			{"in one page", board(access.Actor{}), ListFilter{Limit: 100}, 35, 16},
			{"a page that ends with what is up", board(access.Actor{}), ListFilter{Limit: 16}, 35, 16},
			{"as its staff see it", board(officer), ListFilter{Limit: 4}, 41, 18},
			{"withdrawn", board(access.Actor{}), ListFilter{Limit: 2, State: ListWithdrawn}, 6, 0},
			{"full", board(access.Actor{}), ListFilter{Limit: 5, State: ListFull}, 13, 0},
			{"words", board(access.Actor{}), ListFilter{Text: "muc so 2", Limit: 3}, 12, 3},
			{"the paper's number", board(access.Actor{}), ListFilter{Text: "14/tb"}, 0, 0},
			{"another year", board(access.Actor{}), ListFilter{Year: 2019}, 0, 0},
			{"room", room, ListFilter{Limit: 4}, 29, 29},
			{"room, withdrawn", room, ListFilter{Limit: 4, State: ListWithdrawn}, 6, 6},
			{"room, late", room, ListFilter{Limit: 2, Time: ListLate}, 4, 4},
			{"room, ending", room, ListFilter{State: ListEnding}, 1, 1},
			{"room, of the school", room, ListFilter{Under: h.school}, 0, 0},
			{"room, of communes", room, ListFilter{Kind: org.Commune, Limit: 10}, 29, 29},
		} {
			got, current := walk(c.list, c.f)
			if len(got) != c.all || current != c.current {
				t.Errorf("%s: %d items, %d of them up; want %d and %d", c.name, len(got), current, c.all, c.current)
			}
			seen := map[string]bool{}
			for _, v := range got {
				if seen[v.ID] || v.State == Draft || v.Audience == Staff && c.name != "as its staff see it" {
					t.Errorf("%s: %s is twice, a draft or for others", c.name, v.Title)
				}
				seen[v.ID] = true
			}
			if !slices.IsSortedFunc(got[:current], func(a, b *View) int { return -cmpDay(a.Published, b.Published) }) {
				t.Errorf("%s: not the newest first", c.name)
			}
		}
		f, err := h.BoardFacts(ctx, access.Actor{}, h.unit(h.commune))
		if err != nil || f.Items != 35 || f.Current != 16 || f.Withdrawn != 6 || f.Full != 13 || f.Sheets != 16 || f.Photos != 0 || f.Judged != 35 || f.InTime != 30 {
			t.Errorf("figures %+v, %v", f, err)
		}
		if f, err := h.RoomFacts(ctx, h.province, ListFilter{}); err != nil || f.Items != 35 || f.Units != 1 {
			t.Errorf("the room's figures %+v, %v", f, err)
		}
		var rows int
		if err := h.Open(ctx, h.unit(h.province), 0, func(OpenRow) error { rows++; return nil }); err != nil || rows != 35 {
			t.Errorf("open data: %d rows, %v", rows, err)
		}
		for _, s := range []string{"x", "0_2021-04-20_", "2_2021-04-20_a", "0_2021-13-40_a"} {
			if _, err := h.Board(ctx, access.Actor{}, h.unit(h.commune), ListFilter{After: s}); !errs.Is(err, errs.NotFound) {
				t.Errorf("cursor %q: %v", s, err)
			}
		}
	})
}

func cmpDay(a, b civil.Date) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestDoor(t *testing.T) {
	t.Parallel()
	var d door
	now := time.Unix(1_700_000_000, 0)
	net := func(s string) string { return prefix(netip.MustParseAddr(s)) }
	for n := range doorFree {
		if err := d.knock(net(fmt.Sprintf("192.0.2.%d", n)), now); err != nil {
			t.Fatalf("knock %d: %v", n, err)
		}
	}
	if err := d.knock(net("192.0.2.200"), now); !errs.Is(err, errs.TooMany) {
		t.Errorf("one more from the same network: %v", err)
	}
	if err := d.knock(net("198.51.100.1"), now); err != nil {
		t.Errorf("another network: %v", err)
	}
	if err := d.knock(net("192.0.2.200"), now.Add(61*time.Second)); err != nil {
		t.Errorf("a minute later: %v", err)
	}
	if a, b := net("2001:db8:1:ab00::1"), net("2001:db8:1:abff::2"); a != b {
		t.Errorf("%s and %s are one subscriber's", a, b)
	}
	for n := range doorMost + 10 {
		_ = d.knock(fmt.Sprint(n), now)
	}
	if len(d.all) > doorMost {
		t.Errorf("%d networks are remembered", len(d.all))
	}
}
