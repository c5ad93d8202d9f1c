package plan

import (
	"testing"

	"dinh/internal/audit"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

// The log says of each entry whether it is about a draft: a plan before it is issued, evidence before the head has confirmed it.
func TestDraftsInTheLog(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	b.issue648(t)
	ctx, officer, snv := t.Context(), b.actor(t, "huong", "03322", "officer"), b.actor(t, "snv", "SNV", "focal_officer")
	a := b.of(t, "1.2", "03322")
	var ev string
	enter := func(c NewEvidence) {
		t.Helper()
		c.Assignment, c.Day = a.ID, "2021-03-25"
		b.write(t, func(tx *db.Tx) (err error) {
			ev, err = b.EvidenceTx(ctx, tx, officer, c)
			return err
		})
	}
	withdraw := func() {
		t.Helper()
		b.write(t, func(tx *db.Tx) error {
			return b.WithdrawTx(ctx, tx, officer, Withdraw{Evidence: ev, Reason: "nhầm tệp"})
		})
	}
	enter(NewEvidence{Note: "đang soạn"})
	withdraw()
	enter(NewEvidence{Number: "12/KH-UBND", Items: []int{0}, Confirm: &Confirmation{Signer: "P", As: SignHead, Number: "12/KH-UBND", Day: "2021-03-25"}})
	withdraw()
	b.write(t, func(tx *db.Tx) error {
		_, err := b.CreateTx(ctx, tx, snv, &Plan{Unit: b.unit(t, "11"), TitleVI: "Kế hoạch thử", From: "2021-01-01", To: "2021-12-31"})
		return err
	})

	got := map[string][2]int{} // by action: about a draft, not about one
	for _, action := range []string{"plan.import", "plan.issue", "plan.create", "plan.evidence", "plan.withdraw"} {
		lines, _, err := audit.New(b.d, t.TempDir(), dbtest.Clock).History(ctx, audit.Query{Action: action})
		if err != nil {
			t.Fatal(err)
		}
		n := [2]int{}
		for _, l := range lines {
			if l.Draft {
				n[0]++
			} else {
				n[1]++
			}
		}
		got[action] = n
	}
	want := map[string][2]int{"plan.import": {1, 0}, "plan.issue": {0, 1}, "plan.create": {1, 0}, "plan.evidence": {1, 1}, "plan.withdraw": {1, 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
