package org

import (
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db/dbtest"
	"dinh/internal/i18n"

	"github.com/google/go-cmp/cmp"
)

// TestExportComesBack: what an export writes changes nothing where it came from, and makes the same tree in an empty house.
func TestExportComesBack(t *testing.T) {
	t.Parallel()
	s := sample(t, dbtest.New(t))
	for _, day := range []civil.Date{"2021-04-20", "2026-11-24"} {
		for _, format := range []string{"csv", "xlsx"} {
			name, _, data, err := s.dir.Export(day, Filter{}, format, i18n.For(i18n.VI))
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.ImportFile(t.Context(), access.System, data, name, ImportOptions{On: day})
			if err != nil || r.Changed() != 0 || r.Counts[ChangeUnchanged] != s.dir.On(day).Len() {
				t.Fatalf("%s %s: %v %v", day, format, err, r.Counts)
			}
			empty := service(t, dbtest.New(t))
			if _, err := empty.ImportFile(t.Context(), access.System, data, name, ImportOptions{On: day}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(dump(s.dir.On(day)), dump(empty.dir.On(day))); diff != "" {
				t.Errorf("%s %s: %s", day, format, diff)
			}
		}
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	tree := sample(t, dbtest.New(t)).dir.On("2021-04-20")
	district, _ := tree.ByCode("100")
	for _, c := range []struct {
		f    Filter
		want []string
	}{
		{Filter{Q: "thanh nua"}, []string{"03322 Xã Thanh Nưa"}},
		{Filter{Q: "Thanh Nưa"}, []string{"03322 Xã Thanh Nưa"}},
		{Filter{Q: "snv"}, []string{"SNV Sở Nội vụ"}},
		{Filter{Q: "of health"}, []string{"SYT Sở Y tế"}},
		{Filter{Kind: Union}, []string{"LDLD Liên đoàn Lao động tỉnh"}},
		{Filter{Kind: Village}, nil},
		{Filter{Under: district.ID, Kind: Agency}, nil},
	} {
		if diff := cmp.Diff(c.want, names(tree.Pick(c.f))); diff != "" {
			t.Errorf("%v: %s", c.f, diff)
		}
	}
	if n := len(tree.Pick(Filter{Under: district.ID, Kind: Commune})); n != len(tree.Children(district.ID)) {
		t.Errorf("%d communes in the district", n)
	}
}
