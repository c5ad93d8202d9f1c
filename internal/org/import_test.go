package org

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"testing"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/i18n"

	"github.com/google/go-cmp/cmp"
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

// words are the faults or warnings of a report, for messages of failed tests.
func words(fields []errs.Field) []string {
	var out []string
	for _, f := range fields {
		out = append(out, i18n.For(i18n.EN).T("org.import.line", "line", f.Line)+" "+f.Name+" "+i18n.For(i18n.EN).Say(f.Msg))
	}
	return out
}

func TestNation(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := service(t, d)
		r, err := s.ImportFile(ctx, access.System, nation(t, "units-vietnam-2021"), "units-2021.csv", ImportOptions{On: "2021-01-01"})
		if err != nil {
			t.Fatal(err)
		}
		if r.Counts[ChangeNew] != 11367 || len(r.Warnings) != 0 {
			t.Errorf("2021: %v, %d warnings", r.Counts, len(r.Warnings))
		}
		o := ImportOptions{On: "2025-07-01", Successions: nation(t, "successions-vietnam-2025"), SuccessionsName: "s.csv", DryRun: true}
		r, err = s.ImportFile(ctx, access.System, nation(t, "units-vietnam-2025"), "units-2025.csv", o)
		if err != nil || !r.DryRun || r.Counts[ChangeNew] == 0 {
			t.Fatalf("dry run: %v %v", err, words(r.Faults))
		}
		if n := s.dir.On("2025-07-01").Len(); n != 11367 {
			t.Fatalf("a dry run changed the tree: %d units", n)
		}
		o.DryRun = false
		r, err = s.ImportFile(ctx, access.System, nation(t, "units-vietnam-2025"), "units-2025.csv", o)
		if err != nil {
			t.Fatalf("%v %v", err, words(r.Faults))
		}
		for key, want := range map[string]int{
			"org.import.no_successor": 568, "org.import.old_unknown": 21, "org.import.no_predecessor": 2, "org.import.new_unknown": 2,
		} {
			if got := r.Warned(key); got != want {
				t.Errorf("%s: %d warnings, want %d", key, got, want)
			}
		}
		// The districts are gone; 568 communes of which nothing is known and 4 whose new unit the file does not have stay, below their provinces.
		if diff := cmp.Diff(map[string]int{Province: 34, Commune: 3321 + 568 + 4}, kinds(s.dir.On("2025-07-01"))); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string]int{Province: 63, District: 705, Commune: 10599}, kinds(s.dir.On("2025-06-30"))); diff != "" {
			t.Error(diff)
		}
		wantTrees(t, s.dir)
		r, err = s.ImportFile(ctx, access.System, nation(t, "units-vietnam-2025"), "units-2025.csv", o)
		if err != nil || r.Changed() != 0 {
			t.Errorf("the second time: %v %v", err, r.Counts)
		}
		if r.Warned("org.import.no_successor") != 568 || r.Warned("org.import.no_predecessor") != 2 {
			t.Error("the second time warns otherwise")
		}
	})
}

// TestOrderOfFiles: whether what became of units comes with the new units or after them makes no difference.
func TestOrderOfFiles(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	together, after := sample(t, dbtest.New(t)), service(t, dbtest.New(t))
	for _, st := range []struct {
		file string
		on   string
	}{{"units-2021", "2021-01-01"}, {"bodies-2021", "2021-01-01"}, {"units-2025", "2025-07-01"}, {"successions-2025", "2025-07-01"}} {
		data, err := samples.ReadFile("data/" + st.file + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		r, err := after.ImportFile(ctx, access.System, data, st.file+".csv", ImportOptions{On: dayOf(st.on), EndMissing: st.file == "successions-2025"})
		if err != nil {
			t.Fatalf("%s: %v %v", st.file, err, words(r.Faults))
		}
	}
	for _, day := range []string{"2021-04-20", "2025-07-01"} {
		if diff := cmp.Diff(dump(together.dir.On(dayOf(day))), dump(after.dir.On(dayOf(day)))); diff != "" {
			t.Errorf("%s: %s", day, diff)
		}
	}
	u, _ := after.dir.On("2025-07-01").ByCode("03127")
	old, _ := after.dir.On("2025-06-30").ByCode("03127")
	if u.ID == old.ID || len(after.dir.Predecessors(u.ID, "2025-07-01")) != 6 {
		t.Error("Phường Điện Biên Phủ is not a new body")
	}
}
