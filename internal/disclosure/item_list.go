package disclosure

import (
	"cmp"
	"context"
	"database/sql"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// The states by which a unit picks among its own items.
const (
	DeskWriting   = "writing"
	DeskWaiting   = "waiting"  // for the approval
	DeskApproved  = "approved" // to be published
	DeskOverdue   = "overdue"  // the last day is past and it was told nowhere
	DeskToPost    = "to_post"  // published, told nowhere yet
	DeskUp        = "up"
	DeskEnding    = "ending"
	DeskFull      = "full"
	DeskWithdrawn = "withdrawn"
)

// DeskStates lists the states in the order of the filter.
var DeskStates = []string{DeskWriting, DeskWaiting, DeskApproved, DeskOverdue, DeskToPost, DeskUp, DeskEnding, DeskFull, DeskWithdrawn}

const whereDraft = `EXISTS (SELECT 1 FROM disclosure_edition e WHERE e.item_id=disclosure_item.id AND e.number=disclosure_item.draft AND e.state=?) AND disclosure_item.state<>'withdrawn'`

func (c *cond) desk(state string, today civil.Date) bool {
	switch state {
	case DeskWriting, DeskWaiting, DeskApproved:
		c.add(whereDraft, state)
	case DeskOverdue:
		c.add(`disclosure_item.state<>'withdrawn' AND disclosure_item.due<>'' AND disclosure_item.due<? AND disclosure_item.first_told=''`, today)
	case DeskToPost:
		c.state(ListWaiting, today)
	case DeskUp:
		c.state(ListCurrent, today)
	case DeskEnding:
		c.state(ListEnding, today)
	case DeskFull:
		c.state(ListFull, today)
	case DeskWithdrawn:
		c.state(ListWithdrawn, today)
	default:
		return state == ""
	}
	return true
}

// DeskFilter picks among a unit's own items.
type DeskFilter struct {
	Unit  string
	State string // one of DeskStates; "" for all
	Year  int
	Text  string // words of the title, with or without marks
	After string // Desk.Next of the page before
	Limit int
}

// Desk is a page of a unit's own items, the newest first.
type Desk struct {
	Items  []*DeskItem
	Counts map[string]int // of the unit's items by state, whatever the filter
	All    int
	Years  []int
	Next   string
}

// DeskItem is an item of the list with what is being written of it.
type DeskItem struct {
	*View
	Writing *Edition
}

// MayList reports whether the actor works on the unit's items.
func (s *Service) MayList(actor access.Actor, unit string) bool {
	return s.MayWrite(actor, unit) || s.MayApprove(actor, unit)
}

// Desk lists a unit's own items for who works on them; errs.NotFound for others. A constant number of queries, whatever the number of items.
func (s *Service) Desk(ctx context.Context, actor access.Actor, f DeskFilter) (*Desk, error) {
	if !s.MayList(actor, f.Unit) {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	today := s.clock.Today()
	f.Limit = cmp.Or(max(f.Limit, 0), listPage)
	base := new(cond)
	base.add(`disclosure_item.unit_id=?`, f.Unit)
	c := base.clone()
	if !c.desk(f.State, today) {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	if f.Year != 0 {
		c.add(`disclosure_item.year=?`, f.Year)
	}
	out := &Desk{Counts: map[string]int{}}
	err := s.db.Read(ctx, func(q db.Querier) error {
		if err := s.deskCounts(ctx, q, base, out, today); err != nil {
			return err
		}
		if f.Text != "" {
			ids, err := matching(ctx, q, c, f.Text)
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				return nil
			}
			c.in("disclosure_item.id", ids)
		}
		if f.After != "" {
			c.add(`disclosure_item.id<?`, f.After)
		}
		c.args = append(c.args, f.Limit+1)
		items, err := readItems(ctx, q, c.sql()+` ORDER BY disclosure_item.id DESC LIMIT $`+itoa(len(c.args)), c.args...)
		if err != nil {
			return err
		}
		if len(items) > f.Limit {
			items = items[:f.Limit]
			out.Next = items[f.Limit-1].ID
		}
		views, err := s.views(ctx, q, items, false)
		for _, v := range views {
			d := &DeskItem{View: v}
			for _, e := range v.Editions {
				if e.Number == v.Draft && v.State != Withdrawn {
					d.Writing = e
				}
			}
			out.Items = append(out.Items, d)
		}
		return err
	})
	return out, err
}

func (s *Service) deskCounts(ctx context.Context, q db.Querier, base *cond, out *Desk, today civil.Date) error {
	c := new(cond)
	var sums strings.Builder
	for _, state := range DeskStates {
		one := &cond{args: c.args}
		one.desk(state, today)
		c.args = one.args
		sums.WriteString(`, COALESCE(SUM(CASE WHEN ` + one.sql() + ` THEN 1 ELSE 0 END),0)`)
	}
	c.parts = nil
	c.add(`disclosure_item.unit_id=?`, base.args[0])
	counts := make([]int, len(DeskStates))
	dest := []any{&out.All}
	for i := range counts {
		dest = append(dest, &counts[i])
	}
	if err := q.QueryRow(ctx, `SELECT COUNT(*)`+sums.String()+` FROM disclosure_item WHERE `+c.sql(), c.args...).Scan(dest...); err != nil {
		return err
	}
	for i, state := range DeskStates {
		out.Counts[state] = counts[i]
	}
	return db.Each(ctx, q, func(rows *sql.Rows) error {
		var year int
		err := rows.Scan(&year)
		out.Years = append(out.Years, year)
		return err
	}, `SELECT DISTINCT year FROM disclosure_item WHERE `+base.sql()+` ORDER BY year DESC`, base.args...)
}
