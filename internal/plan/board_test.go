package plan

import (
	"context"
	"database/sql"
	"slices"
	"sync/atomic"
	"testing"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/org"
)

// counting counts the queries of a room.
type counting struct {
	*db.DB
	n atomic.Int64
}

func (c *counting) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.n.Add(1)
	return c.DB.Query(ctx, query, args...)
}

func (c *counting) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	c.n.Add(1)
	return c.DB.QueryRow(ctx, query, args...)
}

func (c *counting) Epoch(ctx context.Context, name string) (int64, error) {
	c.n.Add(1)
	return c.DB.Epoch(ctx, name)
}

func (c *counting) took() int { return int(c.n.Swap(0)) }

func TestBoard(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		all, err := b.Board(ctx, access.System, plan648, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if len(all.Rows) != 207 || len(all.Tasks) != 59 || all.Hidden || all.Total.Units != 207 {
			t.Errorf("%d rows, %d tasks", len(all.Rows), len(all.Tasks))
		}
		// The sums are those of the cells; requests and what does not apply are never due, early work is done though not due.
		var sum Sum
		for _, r := range all.Rows {
			done, due, over := 0, 0, 0
			for i, c := range r.Cells {
				if c.State == "" {
					continue
				}
				if c.State == Done || c.State == DoneLate || c.State == EnteredLate {
					done++
				}
				if c.State == Overdue {
					over++
				}
				if tk := all.Tasks[i]; !c.Request && c.State != NotApplicable && len(tk.Days()) > 0 && tk.Days()[0] <= "2021-04-20" {
					due++
				}
			}
			if r.Done != done || r.Due != due || r.Overdue != over {
				t.Errorf("%s: %d/%d/%d, counted %d/%d/%d", r.Unit.Name, r.Done, r.Due, r.Overdue, done, due, over)
			}
			sum.Done, sum.Due, sum.Overdue = sum.Done+done, sum.Due+due, sum.Overdue+over
		}
		if sum.Done != all.Total.Done || sum.Due != all.Total.Due || sum.Overdue != all.Total.Overdue || sum.Overdue == 0 {
			t.Errorf("total %+v, counted %+v", all.Total, sum)
		}
		var order []string
		for _, g := range all.Groups {
			order = append(order, g.Key)
		}
		if want := []string{"issuer", "agencies", "service_units", "enterprises", "unit-094", "unit-095", "unit-096", "unit-097", "unit-098", "unit-099", "unit-100", "unit-101", "unit-102", "unit-103"}; !slices.Equal(order, want) {
			t.Errorf("groups %v", order)
		}
		i := slices.IndexFunc(all.Rows, func(r *Row) bool { return r.Group == "unit-100" })
		if all.Rows[i].Unit.Code != "100" {
			t.Errorf("the district does not lead its group: %s", all.Rows[i].Unit.Name)
		}

		// Filters.
		district := b.unit(t, "100")
		for _, c := range []struct {
			name  string
			f     Filter
			rows  int
			tasks int
		}{
			{"under a district, itself included", Filter{Under: district}, 22, 59},
			{"communes under it", Filter{Under: district, Kind: org.Commune}, 21, 59},
			{"below a department", Filter{Under: b.unit(t, "SYT")}, 11, 59},
			{"a task", Filter{Task: "3.1"}, 129, 1},
			{"a room", Filter{Task: "", Room: "decide"}, 137, 3}, // communes and firms
			{"by name without marks", Filter{Q: "thanh nua"}, 1, 59},
			{"only overdue", Filter{OnlyOverdue: true, Kind: org.MassOrg}, 0, 59},
			{"by state", Filter{Task: "1.3.b", State: NotApplicable}, 46, 1},
			{"nothing", Filter{Q: "không có"}, 0, 59},
		} {
			got, err := b.Board(ctx, access.System, plan648, c.f)
			if err != nil || len(got.Rows) != c.rows || len(got.Tasks) != c.tasks {
				t.Errorf("%s: %d rows of %d tasks, %v", c.name, len(got.Rows), len(got.Tasks), err)
			}
		}

		// Pages.
		var seen []string
		f := Filter{Under: district, Limit: 5}
		for range 10 {
			page, err := b.Board(ctx, access.System, plan648, f)
			if err != nil {
				t.Fatal(err)
			}
			if page.Found != 22 || page.Total.Units != 22 {
				t.Fatalf("found %d", page.Found)
			}
			for _, r := range page.Rows {
				seen = append(seen, r.Unit.Code)
			}
			if f.After = page.Next; f.After == "" {
				break
			}
		}
		if len(seen) != 22 || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != 22 {
			t.Errorf("paged %v", seen)
		}
	})
}

func TestBoardPrivacy(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := t.Context()
	b := setup(t, d)
	b.issue648(t)
	manager := b.actor(t, "bv", "BVDKT", "officer")
	for _, c := range []struct {
		name string
		who  access.Actor
		rows int
	}{
		{"the public", access.Actor{}, 0},
		{"a commune: itself", b.actor(t, "c", "03322", "officer"), 1},
		{"a district: its own", b.actor(t, "d", "100", "officer"), 22},
		{"a department: itself, its service units and the school it manages", b.actor(t, "s", "SYT", "focal_officer"), 12},
		{"the focal body: all", b.actor(t, "snv", "SNV", "officer"), 207},
		{"the province's chairman: all", b.actor(t, "ct", "11", "head"), 207},
		{"the Front watches all", b.actor(t, "mt", "MTTQ", "front_officer"), 207},
		{"a token that may read", access.Actor{ID: "t", Posts: manager.Posts, Scopes: []string{access.ScopeRead}}, 1},
		{"a token that may not", access.Actor{ID: "t", Posts: manager.Posts, Scopes: []string{access.ScopeHistory}}, 0},
	} {
		got, err := b.Board(ctx, c.who, plan648, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Rows) != c.rows || got.Hidden != (c.rows < 207) {
			t.Errorf("%s: %d rows, hidden %v", c.name, len(got.Rows), got.Hidden)
		}
		if got.Total.Units != 207 || got.Total.Overdue == 0 {
			t.Errorf("%s: the sums are everybody's: %+v", c.name, got.Total)
		}
	}
	commune := b.unit(t, "03322")
	v, err := b.UnitProgress(ctx, access.Actor{}, plan648, commune)
	if err != nil || !v.Hidden || v.Tasks != nil {
		t.Errorf("the public at a commune: %+v %v", v, err)
	}
	b.write(t, func(tx *db.Tx) error {
		return b.PublicTx(ctx, tx, b.actor(t, "snv", "SNV", "officer"), plan648, 0, true)
	})
	got, err := b.Board(ctx, access.Actor{}, plan648, Filter{})
	if err != nil || len(got.Rows) != 207 || got.Hidden {
		t.Errorf("after the switch: %d rows %v", len(got.Rows), err)
	}
	a := b.of(t, "1.2", "03322")
	officer := b.actor(t, "c", "03322", "officer")
	b.write(t, func(tx *db.Tx) error {
		return b.NameTx(ctx, tx, officer, Name{Assignment: a.ID, Person: "Lò Thị Hương", Account: "huong"})
	})
	page, err := b.Assignment(ctx, access.Actor{}, a.ID)
	if err != nil || page.Person != "" || page.Steps != nil || page.Rights.Read || page.State != Overdue {
		t.Errorf("the public sees %+v %v", page, err)
	}
}

// The board takes a constant number of queries: one where nothing changed, a few where something did, whatever the number of units and tasks.
func TestBoardQueries(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		b := setup(t, d)
		b.issue648(t)
		c := &counting{DB: d}
		b.Service.db = c
		other := New(Options{DB: d, Units: b.units, Law: catalogue, Clock: dbtest.Clock}) // another process
		show := func(s *Service, who access.Actor) *Board {
			t.Helper()
			got, err := s.Board(ctx, who, plan648, Filter{})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		snv := b.actor(t, "snv", "SNV", "officer")
		show(b.Service, snv)
		first := c.took()
		show(other, snv)
		for range 3 {
			show(b.Service, snv)
			if n := c.took(); n != 1 {
				t.Errorf("unchanged: %d queries", n)
			}
		}
		officer := b.actor(t, "huong", "03322", "officer")
		a := b.of(t, "2.1", "03322")
		b.write(t, func(tx *db.Tx) error {
			_, err := b.EvidenceTx(ctx, tx, officer, NewEvidence{Assignment: a.ID, Note: "x", Day: "2021-04-10"})
			return err
		})
		c.took()
		show(b.Service, snv)
		if n := c.took(); n > 5 {
			t.Errorf("one assignment changed: %d queries", n)
		}
		for name, s := range map[string]*Service{"this process": b.Service, "the other": other} {
			got := show(s, snv)
			i := slices.IndexFunc(got.Rows, func(r *Row) bool { return r.Unit.Code == "03322" })
			if st := got.Rows[i].Cells[got.Plan.TaskIndex("2.1")].State; st != Doing {
				t.Errorf("%s shows %s", name, st)
			}
		}
		c.took()
		if first > 8 {
			t.Errorf("the first board took %d queries", first)
		}
		if _, err := b.WorkList(ctx, officer, b.unit(t, "03322")); err != nil {
			t.Fatal(err)
		}
		one := c.took()
		if _, err := b.WorkList(ctx, b.actor(t, "syt", "SYT", "officer"), b.unit(t, "SYT")); err != nil {
			t.Fatal(err)
		}
		if two := c.took(); one > 7 || two != one {
			t.Errorf("the work list took %d and %d queries", one, two)
		}
	})
}

func TestBoardByMember(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := t.Context()
	b := setup(t, d)
	b.issue648(t)
	snv := b.actor(t, "snv", "SNV", "head")
	m := Member{Unit: b.unit(t, "11"), Name: "Ủy viên A", Groups: []string{"unit-095"}, Units: []string{b.unit(t, "SYT")}}
	err := d.Write(ctx, func(tx *db.Tx) error { _, err := b.MemberTx(ctx, tx, b.actor(t, "x", "SYT", "head"), m); return err })
	if !errs.Is(err, errs.Forbidden) {
		t.Errorf("a department names members: %v", err)
	}
	b.write(t, func(tx *db.Tx) (err error) { m.ID, err = b.MemberTx(ctx, tx, snv, m); return err })
	got, err := b.Board(ctx, snv, plan648, Filter{Member: m.ID})
	if err != nil || len(got.Rows) != 5 {
		t.Errorf("%d rows in charge, %v", len(got.Rows), err)
	}
	if _, err := b.Board(ctx, snv, plan648, Filter{Member: "nobody"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("an unknown member: %v", err)
	}
}
