package disclosure

import (
	"context"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/notify"
)

// desk is one person who does the commune's work.
type desk struct{ unit string }

func (d desk) Holders(_ context.Context, unit string, _ ...access.PostKind) ([]string, error) {
	if unit == d.unit {
		return []string{"officer"}, nil
	}
	return nil, nil
}

func (desk) Names(context.Context, ...string) (map[string]string, error) { return nil, nil }

func TestRemindEnding(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWall(t, d)
		w.people = desk{w.commune}
		ctx := t.Context()
		for _, ends := range []civil.Date{"2021-04-19", "2021-04-20", "2021-04-23", "2021-04-24", civil.None} {
			item := w.hang("2021-03-20", "2021-03-21")
			w.must(func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE disclosure_item SET ends=$2 WHERE id=$1`, item, ends)
				return err
			})
		}
		for range 2 { // the second morning tells nobody anew
			if n, err := w.RemindEnding(ctx); err != nil || n != 2 {
				t.Fatalf("%d items, %v", n, err)
			}
		}
		list, _, err := notify.List(ctx, d, "officer", "", 10)
		if err != nil || len(list) != 2 {
			t.Fatalf("notices %+v, %v", list, err)
		}
		for _, n := range list {
			if n.Due != "2021-04-20" && n.Due != "2021-04-23" || n.Link == "" {
				t.Errorf("notice %+v", n)
			}
		}
	})
}
