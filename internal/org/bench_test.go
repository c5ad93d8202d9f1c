package org

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
)

// country is a database with all units of the country and 30 villages in each commune of 2025.
func country(b *testing.B) (*db.DB, *Service) {
	b.Helper()
	d := dbtest.NewAt(b, civil.Fixed("2026-11-24"))
	s := service(b, d)
	for _, f := range []struct {
		file, follow string
		on           civil.Date
	}{{"units-vietnam-2021", "", "2021-01-01"}, {"units-vietnam-2025", "successions-vietnam-2025", "2025-07-01"}} {
		o := ImportOptions{On: f.on, EndMissing: true}
		if f.follow != "" {
			o.Successions, o.SuccessionsName = nation(b, f.follow), "s.csv"
		}
		if _, err := s.ImportFile(context.Background(), access.System, nation(b, f.file), "u.csv", o); err != nil {
			b.Fatal(err)
		}
	}
	var sb strings.Builder
	sb.WriteString("code,name,kind,parent_code\n")
	for _, u := range s.dir.On("2026-11-24").All() {
		if u.Kind == Commune {
			for i := range 30 {
				fmt.Fprintf(&sb, "%s-%02d,Thôn %d,village,%s\n", u.Code, i+1, i+1, u.Code)
			}
		}
	}
	if _, err := s.ImportFile(context.Background(), access.System, []byte(sb.String()), "v.csv", ImportOptions{On: "2025-07-01"}); err != nil {
		b.Fatal(err)
	}
	return d, s
}

// BenchmarkCountry says what the country's units cost: reading all, one tree, one look-up, one village more.
func BenchmarkCountry(b *testing.B) {
	d, s := country(b)
	ctx := context.Background()
	b.Run("open", func(b *testing.B) {
		var before, after runtime.MemStats
		for range b.N {
			runtime.GC()
			runtime.ReadMemStats(&before)
			dir, err := Open(ctx, d)
			if err != nil {
				b.Fatal(err)
			}
			tree := dir.On("2026-11-24")
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
			b.ReportMetric(float64(tree.Len()), "units")
			runtime.KeepAlive(dir)
		}
	})
	b.Run("tree", func(b *testing.B) {
		ix := s.dir.state.Load().ix
		for b.Loop() {
			newSnapshot(ix, "2026-11-24")
		}
	})
	b.Run("look-up", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			t := s.dir.On("2026-11-24")
			u, _ := t.ByCode("03328-07")
			t.Path(u.ID)
		}
	})
	b.Run("find", func(b *testing.B) {
		parts := []string{"dien-bien", "xa-thanh-nua", "thon-7"}
		for b.Loop() {
			if f, ok := s.dir.Find(parts, "2026-11-24"); !ok || f.Unit.Kind != Village {
				b.Fatal("not found")
			}
		}
	})
	b.Run("add a village", func(b *testing.B) {
		u, _ := s.dir.On("2026-11-24").ByCode("03328")
		n := 0
		for b.Loop() {
			n++
			err := d.Write(ctx, func(tx *db.Tx) error {
				_, err := s.AddVillagesTx(ctx, tx, access.System, u.ID, []VillageDraft{{Name: fmt.Sprint("Bản số ", n)}}, "2026-11-24")
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
