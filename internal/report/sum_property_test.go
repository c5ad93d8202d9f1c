package report

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/org"

	"github.com/google/go-cmp/cmp"
)

// grove is a random tree with units of a field, enterprises of all sorts and communes that merged, with a period that all report in.
type grove struct {
	*Service
	t      *testing.T
	d      *db.DB
	r      *rand.Rand
	period *Period
	form   *Form
	root   string
	parent map[string]string // what the test itself knows of the tree on the period's last day
	kind   map[string]string
	field  map[string]string // manager, or the agency itself
	sort   map[string]string // loại hình
	merged map[string]string // old unit to new
	rows   map[string]*Report
	ids    []string // of reports
}

func newGrove(t *testing.T, d *db.DB, seed uint64) *grove {
	t.Helper()
	ctx := t.Context()
	dir, err := org.Open(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	g := &grove{
		t: t, d: d, r: rand.New(rand.NewPCG(seed, 648)), parent: map[string]string{}, kind: map[string]string{}, field: map[string]string{}, sort: map[string]string{}, merged: map[string]string{},
		rows: map[string]*Report{},
	}
	if g.Service, err = New(Options{DB: d, Units: dir, Law: catalogue, Clock: dbtest.Clock}); err != nil {
		t.Fatal(err)
	}
	o := org.NewService(d, dir)
	write := func(f func(tx *db.Tx) error) {
		t.Helper()
		if err := d.Write(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	in, err := o.ReadFirst("99", "Tỉnh Thử", "2021-01-01")
	if err != nil {
		t.Fatal(err)
	}
	write(func(tx *db.Tx) error {
		g.root, err = o.FirstTx(ctx, tx, in)
		return err
	})
	g.kind[g.root] = org.Province
	n := 0
	add := func(kind, parent, name, field, sort string, flags ...string) (id string) {
		n++
		write(func(tx *db.Tx) error {
			manager := field
			if kind == org.Agency {
				manager = ""
			}
			id, err = o.AddTx(ctx, tx, access.System, org.Draft{
				Kind: kind, Code: "X" + strconv.Itoa(n), Name: name + " " + strconv.Itoa(n), ParentID: parent, ManagerID: manager, Flags: flags, Staff: org.Unknown, Workers: org.Unknown,
			}, "2021-01-01", "")
			return err
		})
		g.parent[id], g.kind[id], g.sort[id], g.field[id] = parent, kind, sort, field
		if kind == org.Agency {
			g.field[id] = id
		}
		return id
	}
	var fields []string
	for range 2 + g.r.IntN(2) {
		fields = append(fields, add(org.Agency, g.root, "Sở", "", "administration", "department"))
	}
	add(org.Agency, g.root, "Công an tỉnh", "", "armed_forces")
	g.sort[g.root] = "administration"
	var communes []string
	for range 2 + g.r.IntN(3) {
		district := add(org.District, g.root, "Huyện", "", "administration")
		for range 2 + g.r.IntN(5) {
			communes = append(communes, add(org.Commune, district, "Xã", "", "commune"))
		}
		for range g.r.IntN(3) {
			add(org.ServiceUnit, district, "Trường", fields[g.r.IntN(len(fields))], "school", "school")
		}
		for range g.r.IntN(2) {
			add(org.Enterprise, district, "Hợp tác xã", "", "cooperative")
		}
	}
	for _, e := range []struct{ name, sort, flag string }{{"Công ty A", "private_enterprise", ""}, {"Công ty B", "state_enterprise", "state_owned"}} {
		var flags []string
		if e.flag != "" {
			flags = []string{e.flag}
		}
		add(org.Enterprise, g.root, e.name, "", e.sort, flags...)
	}
	for range g.r.IntN(3) {
		add(org.ServiceUnit, fields[0], "Bệnh viện", "", "health", "health")
	}
	for id, k := range g.kind { // what stands below an agency is of its field
		if k == org.ServiceUnit && g.field[id] == "" {
			g.field[id] = g.parent[id]
		}
	}
	g.form = g.own[0]
	g.period = &Period{
		ID: "p", Form: g.form.ID, FormVersion: g.form.Version, Unit: g.root, Via: fields[0], Kind: PeriodHalf, Year: 2021, Title: "Kỳ", Span: civil.Span{From: "2021-01-01", To: "2021-04-30"},
		State: Open, Dues: []Due{{Day: "2021-05-14"}}, Version: 1,
	}
	size := len(g.form.Indicators)
	write(func(tx *db.Tx) error {
		if err := insertPeriod(ctx, tx, g.period); err != nil {
			return err
		}
		for _, b := range g.Bound(g.period, g.form) {
			r := &Report{ID: tx.NewID(), Period: "p", Unit: b.Unit.ID, To: b.To, Due: b.Due, State: NotStarted, Values: NewValues(size), Found: NewValues(size), Version: 1}
			g.rows[r.ID] = r
			g.ids = append(g.ids, r.ID)
			if err := insertReport(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	// Two communes of one district merge before the period ends, after its reports were opened.
	for i := 0; i+1 < len(communes); i += 3 {
		a, b := communes[i], communes[i+1]
		if g.parent[a] != g.parent[b] {
			continue
		}
		ua, _ := dir.Unit(a, "2021-03-31")
		ub, _ := dir.Unit(b, "2021-03-31")
		write(func(tx *db.Tx) error {
			id, err := o.MergeTx(ctx, tx, access.System, org.Merge{
				Old: []org.Ref{{ID: a, Version: ua.Version}, {ID: b, Version: ub.Version}}, Day: "2021-04-01", Act: "NQ",
				New: org.Draft{Kind: org.Commune, Code: "M" + strconv.Itoa(i), Name: "Xã mới " + strconv.Itoa(i), ParentID: g.parent[a], Staff: org.Unknown, Workers: org.Unknown},
			})
			g.merged[a], g.merged[b] = id, id
			g.parent[id], g.kind[id], g.sort[id] = g.parent[a], org.Commune, "commune"
			return err
		})
	}
	return g
}

// change makes a report something else.
func (g *grove) change(r *rand.Rand, x *Report) {
	x.State = states[1+r.IntN(len(states)-1)]
	if x.State.Final() && x.First == civil.None {
		x.First = civil.Date("2021-05-10").Add(r.IntN(10))
	}
	for i, ind := range g.form.Indicators {
		switch {
		case !ind.Stored() || r.IntN(4) == 0:
			x.Values[i] = None
		case ind.Unit == YesNo:
			x.Values[i] = int64(r.IntN(2))
		case ind.Unit == Grade:
			x.Values[i] = int64(1 + r.IntN(4))
		case ind.Unit == VND:
			x.Values[i] = r.Int64N(1 << 42)
		default:
			x.Values[i] = int64(r.IntN(500))
		}
	}
}

// naive adds up the reports of the units for which in says so, with nothing of the program's sums.
func (g *grove) naive(which Which, in func(unit string) bool) *Sums {
	s := newSums(len(g.form.Indicators))
	for _, x := range g.rows {
		at := x.Unit
		if m := g.merged[at]; m != "" {
			at = m
		}
		if !which.takes(x.State) || !in(at) {
			continue
		}
		s.Reports++
		for i, v := range x.Values {
			if v == None {
				continue
			}
			s.Known[i]++
			switch ind := g.form.Indicators[i]; {
			case ind.Agg == "sum":
				s.Sum[i] += v
			case ind.Unit == YesNo && v == 1:
				s.Yes[i]++
			case ind.Unit == Grade:
				s.Grades[v]++
			}
		}
	}
	return s
}

func (g *grove) under(unit, root string) bool {
	for ; unit != ""; unit = g.parent[unit] {
		if unit == root {
			return true
		}
	}
	return false
}

// check compares the sums of every unit, every way, with what the test adds up itself.
func (g *grove) check() {
	g.t.Helper()
	ctx := g.t.Context()
	same := func(what string, want, got *Sums) {
		g.t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			g.t.Fatalf("%s: %s", what, diff)
		}
	}
	units := []string{g.root}
	for id := range g.parent {
		if g.merged[id] == "" {
			units = append(units, id)
		}
	}
	read := func(which Which, sc Scope, by By, day civil.Date) (map[string]*Sums, *Sums) {
		g.t.Helper()
		gr := g.group(g.period, g.form, day, sc, by)
		out, total := map[string]*Sums{}, newSums(len(g.form.Indicators))
		err := g.live.tally(ctx, g.d, g.period, g.form, gr.Grouping, func(_ *Columns, groups []*Counted) error {
			for i, x := range groups {
				out[gr.groups[i].Key] = x.Sums(which).clone()
				total.Add(x.Sums(which))
			}
			return nil
		})
		if err != nil {
			g.t.Fatal(err)
		}
		return out, total
	}
	day := g.period.To
	for _, which := range []Which{WithDrafts, HandedIn, OnlyAccepted} {
		for _, u := range units {
			by, total := read(which, Scope{Unit: u}, ByPlace, day)
			same(fmt.Sprintf("%s %s, %v", g.kind[u], u, which), g.naive(which, func(x string) bool { return g.under(x, u) }), total)
			// The parent is its own report and its children.
			sum := newSums(len(g.form.Indicators))
			sum.Add(g.naive(which, func(x string) bool { return x == u }))
			for _, c := range units {
				if g.parent[c] == u {
					_, child := read(which, Scope{Unit: c}, ByPlace, day)
					sum.Add(child)
				}
			}
			same("children of "+u, sum, total)
			for k, s := range by {
				if g.kind[k] == org.District || g.kind[k] == org.Commune {
					same("group "+k, g.naive(which, func(x string) bool { return x == k || k != u && g.under(x, k) }), s)
				}
			}
		}
		for _, by := range []By{ByKind, BySector, ByType} {
			groups, total := read(which, Scope{Unit: g.root}, by, day)
			same(string(by), g.naive(which, func(string) bool { return true }), total)
			for k, s := range groups {
				same(string(by)+" "+k, g.naive(which, func(x string) bool {
					switch by {
					case ByKind:
						return g.kind[x] == k
					case BySector:
						return g.field[x] == k || g.field[x] == "" && k == "none"
					}
					return g.sort[x] == k
				}), s)
			}
		}
		for _, f := range g.field {
			if f == "" {
				continue
			}
			_, total := read(which, Scope{Unit: g.root, Sector: f}, ByKind, day)
			same("field "+f, g.naive(which, func(x string) bool { return g.field[x] == f }), total)
		}
	}
}

func TestSumsOfRandomTrees(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newGrove(t, d, uint64(len(t.Name()))*7)
		ctx := t.Context()
		g.check() // nothing is handed in, and every grouping is kept from now on
		if len(g.merged) == 0 {
			t.Fatal("no commune merged")
		}
		const writers, times = 50, 4
		col := g.form.Index("II.1")
		var began, done atomic.Int64
		base := func() int64 {
			gr := g.group(g.period, g.form, g.period.To, Scope{Unit: g.root}, ByKind)
			var n int64
			err := g.live.tally(ctx, g.d, g.period, g.form, gr.Grouping, func(_ *Columns, groups []*Counted) error {
				for _, x := range groups {
					n += x.Sums(WithDrafts).Sum[col]
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			return n
		}
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(w), 1))
				for range times {
					for k := w; k < len(g.ids); k += writers { // each writer has reports of its own
						x := g.rows[g.ids[k]]
						before := int64(0)
						if x.State != NotStarted && x.Values[col] != None {
							before = x.Values[col]
						}
						next := *x
						next.Values = append(Values(nil), x.Values...)
						g.change(r, &next)
						next.Values[col] = before + int64(1+r.IntN(9)) // it only grows, so that every read can be checked
						began.Add(next.Values[col] - before)
						err := g.d.Write(ctx, func(tx *db.Tx) error {
							y := next // it may run twice
							return saveReport(ctx, tx, &y)
						})
						if err != nil {
							t.Error(err)
							return
						}
						next.Version = x.Version + 1
						*x = next
						low := done.Add(next.Values[col] - before)
						if got := base(); got < low || got > began.Load() {
							t.Errorf("the next read gives %d, committed are %d to %d", got, low, began.Load())
						}
					}
				}
			})
		}
		wg.Wait()
		g.check()
		fresh, err := New(Options{DB: d, Units: g.units, Law: catalogue, Clock: dbtest.Clock}) // another process, which reads all at once
		if err != nil {
			t.Fatal(err)
		}
		g.Service = fresh
		g.check()
	})
}

func TestSumsTakeEachReportOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newGrove(t, d, 3)
		v, err := g.Sum(context.Background(), access.System, SumAsk{Period: "p"})
		if err != nil {
			t.Fatal(err)
		}
		if v.Total.Bound != len(g.rows) || v.Total.HandedIn() != 0 || v.Total.Missing() != len(g.rows) {
			t.Errorf("bound %d, handed in %d, want %d, 0", v.Total.Bound, v.Total.HandedIn(), len(g.rows))
		}
		f := v.Figure(nil, "I.1")
		asked := 0
		for _, r := range g.rows {
			if k := g.kind[r.Unit]; k != org.Province {
				asked++
			}
		}
		if f.Of != asked || f.Yes != 0 {
			t.Errorf("own plan: %d of %d, want 0 of %d", f.Yes, f.Of, asked)
		}
	})
}
