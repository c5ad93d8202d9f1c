package report

import (
	"context"
	"slices"
	"sync"
	"testing"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/job"
	"dinh/internal/law"
	"dinh/internal/org"
)

var catalogue = sync.OnceValue(func() *law.Catalogue {
	c, err := law.Load()
	if err != nil {
		panic(err)
	}
	return c
})

// house is the room over a database with Điện Biên in it.
type house struct {
	*Service
	t      *testing.T
	d      *db.DB
	people map[string]access.Actor
	told   []Record
	figs   map[string]int64 // what the records say, by code
	jobs   *job.Runner
}

func (h *house) Holders(_ context.Context, unit string, kinds ...access.PostKind) ([]string, error) {
	var out []string
	for id, a := range h.people {
		if a.Holds(unit, kinds...) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (h *house) Names(_ context.Context, ids ...string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range ids {
		out[id] = h.people[id].Name
	}
	return out, nil
}

func (h *house) RecordTx(_ context.Context, _ *db.Tx, _ access.Actor, r Record) error {
	h.told = append(h.told, r)
	return nil
}

// Sources and Figures: the house is the room that computes.
func (*house) Sources() []string { return []string{"propagate", "disclosure"} }

func (h *house) Figures(_ context.Context, _ db.Querier, _ string, _ civil.Span, codes []string) (map[string]Figure, error) {
	out := map[string]Figure{}
	for c, v := range h.figs {
		if slices.Contains(codes, c) {
			out[c] = Figure{Value: v, Records: []Source{{ID: "1", Title: "Cuộc tuyên truyền", N: v}}}
		}
	}
	return out, nil
}

func newHouse(t *testing.T, d *db.DB, clock civil.Clock) *house {
	t.Helper()
	dir, err := org.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if err := org.NewService(d, dir).LoadSample(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, d: d, people: map[string]access.Actor{}, figs: map[string]int64{"II.1": 5, "II.2": 120, "II.6": 2, "IV.1": 10, "IV.2": 8, "IV.3a": 7}}
	files, err := attach.New(d, t.TempDir(), 1<<20, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	snv, _ := dir.On("2021-04-20").ByCode("SNV")
	h.Service, err = New(Options{
		DB: d, Units: dir, Law: catalogue, Clock: clock, People: h, Files: files, Recorder: h, Sources: []FigureSource{h},
		Focal: func(context.Context, string) (string, error) { return snv.ID, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	h.jobs = job.New(d, 1)
	h.Register(h.jobs)
	return h
}

func (h *house) unit(code string) *org.Unit {
	h.t.Helper()
	u, ok := h.units.On("2021-04-20").ByCode(code)
	if !ok {
		h.t.Fatalf("no unit %s", code)
	}
	return u
}

// sibling is the code of another commune of the same district.
func (h *house) sibling(code string) string {
	h.t.Helper()
	tree, u := h.units.On("2021-04-20"), h.unit(code)
	for _, c := range tree.Children(u.ParentID) {
		if c.Kind == u.Kind && c.ID != u.ID {
			return c.Code
		}
	}
	h.t.Fatal("no sibling")
	return ""
}

func (h *house) actor(name string, posts ...string) access.Actor {
	h.t.Helper()
	a := access.Actor{ID: name, Name: "Bà " + name}
	for i := 0; i < len(posts); i += 2 {
		a.Posts = append(a.Posts, access.Post{Unit: h.unit(posts[i]).ID, Kind: access.PostKind(posts[i+1])})
	}
	h.people[name] = a
	return a
}

func (h *house) write(f func(tx *db.Tx) error) {
	h.t.Helper()
	if err := h.d.Write(h.t.Context(), f); err != nil {
		h.t.Fatalf("%v", err)
	}
}

func (h *house) try(f func(tx *db.Tx) error) error {
	return h.d.Write(h.t.Context(), f)
}

// half opens the half year of 2021 for the units given by code; none is all.
func (h *house) half(snv access.Actor, codes ...string) string {
	h.t.Helper()
	ctx := h.t.Context()
	var id string
	h.write(func(tx *db.Tx) error {
		forms, err := h.Forms(ctx, tx)
		if err != nil {
			return err
		}
		asker := Asker{h.unit("11").ID, h.unit("SNV").ID}
		p := h.NewPeriod(forms, asker, PeriodHalf, 2021)
		for _, c := range codes {
			p.Units = append(p.Units, h.unit(c).ID)
		}
		if id, err = h.CreatePeriodTx(ctx, tx, snv, *p); err != nil {
			return err
		}
		_, err = h.OpenTx(ctx, tx, snv, id, 1)
		return err
	})
	return id
}

func (h *house) report(period, code, lump string) *Report {
	h.t.Helper()
	form := h.own[0]
	list, err := readReports(h.t.Context(), h.d, len(form.Indicators), `period_id=$1 AND unit_id=$2 AND lump_kind=$3`, period, h.unit(code).ID, lump)
	if err != nil || len(list) != 1 {
		h.t.Fatalf("report of %s: %d, %v", code, len(list), err)
	}
	return list[0]
}

func (h *house) view(actor access.Actor, id string) *View {
	h.t.Helper()
	v, err := h.Report(h.t.Context(), actor, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

const may10 = civil.Date("2021-05-10")

func eachHouse(t *testing.T, day civil.Date, f func(t *testing.T, h *house)) {
	t.Helper()
	clock := civil.Fixed(day)
	dbtest.EachAt(t, clock, func(t *testing.T, d *db.DB) { f(t, newHouse(t, d, clock)) })
}
