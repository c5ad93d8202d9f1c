package disclosure

import (
	"context"
	"database/sql"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/org"
)

// OpenRow is an item in the open data of the register: no names of persons, no words that people wrote but the title and the paper's number.
type OpenRow struct {
	*Item
	Summary   string // of the edition that is up; "" for what was withdrawn. For feeds, not for the register
	DocNumber string
	DocDay    civil.Date
}

// openBatch is how many rows are read at a time, so that a slow reader holds no connection.
const openBatch = 500

// Open gives every item that everybody may see, the newest first: a unit's board, or all below a root where the unit is the root of the tree. f stops it
// with an error, which comes back; limit 0 is none.
func (s *Service) Open(ctx context.Context, u *org.Unit, limit int, f func(OpenRow) error) error {
	base := s.openCond(u)
	for at := (cursor{}); ; {
		n := openBatch
		if limit > 0 {
			n = min(n, limit)
		}
		rows, err := openPage(ctx, s.db, base.clone(), at, n)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := f(r); err != nil {
				return err
			}
		}
		if limit -= len(rows); len(rows) < n || limit == 0 {
			return nil
		}
		last := rows[len(rows)-1]
		at = cursor{day: last.Published, id: last.ID}
	}
}

// openCond is what everybody sees of a board, or of the whole room.
func (s *Service) openCond(u *org.Unit) *cond {
	c := new(cond)
	if u.Kind == org.Province {
		c = s.inRoom(u.ID, ListFilter{})
		c.parts = c.parts[1:] // withdrawn ones stay in the register
	} else {
		c.add(`disclosure_item.unit_id=?`, u.ID)
		c.add(`disclosure_item.audience='public'`)
	}
	c.add(`disclosure_item.state<>'draft'`)
	return c
}

func openPage(ctx context.Context, q db.Querier, c *cond, at cursor, limit int) ([]OpenRow, error) {
	items, err := page(ctx, q, c, at, limit)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	ids := make([]string, len(items))
	out := make([]OpenRow, len(items))
	by := map[string]*OpenRow{}
	for n, i := range items {
		ids[n] = i.ID
		out[n].Item = i
		by[i.ID] = &out[n]
	}
	err = db.Each(ctx, q, func(rows *sql.Rows) error {
		var id, summary, number string
		var day civil.Date
		if err := rows.Scan(&id, &summary, &number, &day); err != nil {
			return err
		}
		if r := by[id]; r.State == Up {
			r.Summary = summary
			r.DocNumber, r.DocDay = number, day
		}
		return nil
	}, `SELECT e.item_id, e.summary, e.doc_number, e.doc_day FROM disclosure_edition e JOIN disclosure_item i ON i.id=e.item_id AND i.edition=e.number
		WHERE e.item_id IN `+db.In(len(ids), 1), db.Args(ids)...)
	return out, err
}
