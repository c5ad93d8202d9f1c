package org

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/i18n"
)

func service(t testing.TB, d *db.DB) *Service {
	t.Helper()
	dir, err := Open(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	return NewService(d, dir)
}

func sample(t testing.TB, d *db.DB) *Service {
	t.Helper()
	s := service(t, d)
	if err := s.LoadSample(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// nation is a file of the whole country.
func nation(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func kinds(t *Tree) map[string]int {
	out := map[string]int{}
	for _, u := range t.All() {
		out[u.Kind]++
	}
	return out
}

func TestNation(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := service(t, d)
		start := time.Now()
		r, err := s.ImportFile(ctx, access.System, nation(t, "units-vietnam-2021"), "units-2021.csv", ImportOptions{On: "2021-01-01"})
		if err != nil {
			t.Fatal(err)
		}
		if r.Counts[ChangeNew] != 11367 || len(r.Warnings) != 0 {
			t.Errorf("2021: %v, %d warnings", r.Counts, len(r.Warnings))
		}
		t.Logf("2021 in %v", time.Since(start))
		start = time.Now()
		o := ImportOptions{On: "2025-07-01", Successions: nation(t, "successions-vietnam-2025"), SuccessionsName: "s.csv"}
		r, err = s.ImportFile(ctx, access.System, nation(t, "units-vietnam-2025"), "units-2025.csv", o)
		if err != nil {
			for _, f := range r.Faults[:min(20, len(r.Faults))] {
				t.Log(f.Line, i18n.For(i18n.EN).Say(f.Msg), f.Msg)
			}
			t.Fatal(err)
		}
		t.Logf("2025 in %v: %v", time.Since(start), r.Counts)
		for key, want := range map[string]int{
			"org.import.no_successor": 568, "org.import.old_unknown": 21, "org.import.no_predecessor": 2, "org.import.new_unknown": 2,
		} {
			if got := r.Warned(key); got != want {
				t.Errorf("%s: %d warnings, want %d", key, got, want)
			}
		}
		t.Log(kinds(s.dir.On("2021-04-20")), kinds(s.dir.On("2025-07-01")))
		r, err = s.ImportFile(ctx, access.System, nation(t, "units-vietnam-2025"), "units-2025.csv", o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Changed() != 0 {
			t.Errorf("the second time: %v %v", r.Counts, r.Changes[0])
		}
		_ = civil.None
	})
}
