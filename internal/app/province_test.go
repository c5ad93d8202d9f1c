package app

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/config"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/plan"
)

// TestSecondProvince is acceptance 4: a province of 2025 is set up from the command line with its units and departments, and a plan for 2027 is made from the
// template; its acts are those in force, and every difference is listed.
func TestSecondProvince(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := config.Config{Data: t.TempDir()}
	c.Default()
	now := func() time.Time { return time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC) }
	a, err := Open(ctx, Options{Config: c, Clock: civil.Real(now), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	vi := i18n.For(i18n.VI)
	var out bytes.Buffer
	f, err := os.Open("../org/testdata/units-vietnam-2025.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	nation, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	departments := "code,name,kind,parent_code\nSNV,Sở Nội vụ,agency,08\nSYT,Sở Y tế,agency,08\nSGDDT,Sở Giáo dục và Đào tạo,agency,08\nMTTQ,Ủy ban MTTQ Việt Nam tỉnh,front,08\n"
	for _, cmd := range []Command{
		&Init{Province: "08", Called: "Tỉnh Tuyên Quang", Admin: "Nguyễn Văn Mẫu", Phone: "0912345678", Password: "mat-khau-thu-nghiem"},
		&ImportUnits{File: "units-vietnam-2025.csv", Body: nation, Encoding: "utf-8", On: "2025-07-01", Province: "08"},
		&ImportUnits{File: "so.csv", Body: []byte(departments), Encoding: "utf-8", On: "2025-07-01"},
	} {
		if err := cmd.Run(ctx, a, vi, &out); err != nil {
			t.Fatalf("%s: %v\n%s", cmd.Name(), err, out.String())
		}
	}
	if err := (&Init{Province: "08", Called: "Tỉnh khác", Admin: "Người Khác", Phone: "0912345679"}).Run(ctx, a, vi, &out); err == nil {
		t.Error("a second init is taken")
	}
	tree := a.Units.On("2026-11-24")
	root := tree.Root()
	if root == nil || root.Code != "08" || tree.Len() < 100 {
		t.Fatalf("%d units under %v", tree.Len(), root)
	}
	snv, _ := tree.ByCode("SNV")
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		return a.Plans.RoleTx(ctx, tx, access.System, plan.Role{Province: root.ID, Role: plan.RoleFocal, Unit: snv.ID, Span: civil.Span{From: "2025-07-01"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	pre, err := a.Plans.FromTemplate(ctx, access.System, "", plan.DeriveOptions{Unit: root.ID, Number: "12/KH-UBND", Year: 2027, Signed: "2026-11-20", Signer: "Người Ký Mẫu"})
	if err != nil {
		t.Fatal(err)
	}
	if len(pre.Differences) == 0 || pre.Units < 100 {
		t.Fatalf("%d differences, %d units", len(pre.Differences), pre.Units)
	}
	words := ""
	for _, d := range pre.Differences {
		s := vi.Say(d.Msg)
		if strings.Contains(s, "⟦") || strings.Contains(s, "<no value>") {
			t.Errorf("not worded: %s", s)
		}
		words += s + "\n"
	}
	if !strings.Contains(words, "34/2007") || !strings.Contains(words, "10/2022") {
		t.Errorf("the ordinance's successor is not among the differences:\n%s", words)
	}
	for _, task := range pre.Plan.Tasks {
		for _, id := range task.Acts {
			if act, ok := a.Law().Act(id); !ok || !act.InForce("2026-11-20") {
				t.Errorf("task %s names %s, which is not in force", task.ID, id)
			}
		}
		for _, d := range task.Days() {
			if d.Year() != 2027 {
				t.Errorf("task %s is due on %s", task.ID, d)
			}
		}
	}
	var id string
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		id, err = a.Plans.DeriveTx(ctx, tx, access.System, pre.Plan)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Plans.Plan(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := a.Plans.IssueTx(ctx, tx, access.System, id, p.Version)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := a.Plans.Board(ctx, access.System, id, plan.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if b.Total.Units < 100 || b.Total.Overdue > 0 {
		t.Errorf("the new board: %+v", b.Total)
	}
}
