package disclosure

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// What readers choose from: how an item stands on the day.
const (
	ListCurrent   = "current"   // up, its days not yet full
	ListEnding    = "ending"    // up, its days soon full
	ListFull      = "full"      // its days are full
	ListWithdrawn = "withdrawn" // taken back
	ListWaiting   = "waiting"   // published, told nowhere yet
	ListInTime    = "in_time"   // told by the last day that the law sets
	ListLate      = "late"      // told after it, or not yet although it is past
)

// ListStates lists the states of a board's filter in the order of forms.
var ListStates = []string{ListCurrent, ListFull, ListWithdrawn}

// RoomStates lists those of the room over all units.
var RoomStates = []string{ListCurrent, ListWaiting, ListEnding, ListFull, ListWithdrawn}

// RoomTimes lists the choices between in time and late.
var RoomTimes = []string{ListInTime, ListLate}

// ListFilter picks items of a board or of the room.
type ListFilter struct {
	Year   int
	Matter string
	State  string // one of ListStates or RoomStates; "": a board has all, what is current first; the room has what is up
	Time   string // of the room: one of RoomTimes, "" for both
	Text   string // of a board: words of the title, with or without marks, or the paper's number
	Kind   string // of the room: the kind of unit
	Under  string // of the room: a unit with all below it
	After  string // Listing.Next of the page before
	Limit  int
}

// Active reports whether the filter picks anything at all.
func (f ListFilter) Active() bool {
	return f.Year != 0 || f.Matter != "" || f.State != "" || f.Time != "" || f.Text != "" || f.Kind != "" || f.Under != ""
}

// Listing is one page of items.
type Listing struct {
	Current []*View // what is up and not over, the newest first; in the room all
	Over    []*View // what is full or withdrawn, the newest first
	Next    string  // cursor of the next page, "" on the last
	Years   []int   // what a board's filter can choose from, the newest first
	Matters []string
	Own     map[string]*OwnMatter // by id, of Matters
}

// All are the views of the page in their order.
func (l *Listing) All() []*View { return slices.Concat(l.Current, l.Over) }

// cond is the conditions of a query with their arguments: ? stands for the next one.
type cond struct {
	parts []string
	args  []any
}

func (c *cond) add(text string, args ...any) {
	var b strings.Builder
	for _, r := range text {
		if r == '?' {
			c.args = append(c.args, args[0])
			args = args[1:]
			b.WriteString("$" + itoa(len(c.args)))
			continue
		}
		b.WriteRune(r)
	}
	c.parts = append(c.parts, b.String())
}

func (c *cond) in(column string, values []string) {
	c.parts = append(c.parts, column+" IN "+db.In(len(values), len(c.args)+1))
	c.args = append(c.args, db.Args(values)...)
}

func (c *cond) sql() string { return strings.Join(c.parts, " AND ") }

func (c *cond) clone() *cond { return &cond{slices.Clone(c.parts), slices.Clone(c.args)} }

// The conditions of states. An item's end is kept with it, so that boards need not count days to find what is over.
const (
	whereCurrent = `disclosure_item.state='up' AND (disclosure_item.permanent=1 OR disclosure_item.ends='' OR disclosure_item.ends>=?)`
	whereFull    = `disclosure_item.state='up' AND disclosure_item.permanent=0 AND disclosure_item.ends<>'' AND disclosure_item.ends<?`
	whereOver    = `(disclosure_item.state='withdrawn' OR ` + whereFull + `)`
	whereEnding  = `disclosure_item.state='up' AND disclosure_item.permanent=0 AND disclosure_item.ends>=? AND disclosure_item.ends<=?`
	whereInTime  = `disclosure_item.due<>'' AND disclosure_item.first_told<>'' AND disclosure_item.first_told<=disclosure_item.due`
	whereLate    = `disclosure_item.due<>'' AND (disclosure_item.first_told>disclosure_item.due OR disclosure_item.first_told='' AND disclosure_item.due<?)`
)

func (c *cond) state(state string, today civil.Date) {
	switch state {
	case ListCurrent:
		c.add(whereCurrent, today)
	case ListEnding:
		c.add(whereEnding, today, today.Add(Rules.EndingDays))
	case ListFull:
		c.add(whereFull, today)
	case ListWithdrawn:
		c.add(`disclosure_item.state='withdrawn'`)
	case ListWaiting:
		c.add(`disclosure_item.state='up' AND disclosure_item.first_told=''`)
	}
}

// onBoard are the items that stand on a unit's board for the actor: its own, and on a village's what others tell there. What is for staff is for those who
// hold a post at the unit.
func (s *Service) onBoard(actor access.Actor, u *org.Unit) *cond {
	c := new(cond)
	if u.Kind == org.Village {
		c.add(`(disclosure_item.unit_id=? OR disclosure_item.id IN (SELECT item_id FROM disclosure_place WHERE at_unit=?))`, u.ID, u.ID)
	} else {
		c.add(`disclosure_item.unit_id=?`, u.ID)
	}
	if s.MaySee(actor, &Item{Unit: u.ID, Audience: Staff, State: Up}) {
		c.add(`(disclosure_item.audience='public' OR disclosure_item.unit_id=?)`, u.ID)
	} else {
		c.add(`disclosure_item.audience='public'`)
	}
	c.add(`disclosure_item.state<>'draft'`)
	return c
}

// Board is a page of a unit's board: first what is up, then what is over. The number of its queries does not depend on the number of items.
func (s *Service) Board(ctx context.Context, actor access.Actor, u *org.Unit, f ListFilter) (*Listing, error) {
	out := new(Listing)
	today := s.clock.Today()
	f.Limit = cmp.Or(max(f.Limit, 0), listPage)
	at, err := readCursor(f.After)
	if err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(q db.Querier) error {
		base := s.onBoard(actor, u)
		if err := s.boardChoices(ctx, q, base, out); err != nil {
			return err
		}
		if f.Year != 0 {
			base.add(`disclosure_item.year=?`, f.Year)
		}
		if f.Matter != "" {
			base.add(`disclosure_item.matter=?`, f.Matter)
		}
		base.state(f.State, today)
		if f.Text != "" {
			ids, err := matching(ctx, q, base, f.Text)
			if err != nil {
				return err
			}
			base.in(`disclosure_item.id`, ids)
		}
		var items []*Item
		if !at.over {
			c := base.clone()
			c.add(whereCurrent, today)
			if items, err = page(ctx, q, c, at, f.Limit+1); err != nil {
				return err
			}
		}
		current := len(items)
		if current <= f.Limit {
			c := base.clone()
			c.add(whereOver, today)
			if !at.over {
				at = cursor{}
			}
			rest, err := page(ctx, q, c, at, f.Limit+1-current)
			if err != nil {
				return err
			}
			items = append(items, rest...)
		}
		if len(items) > f.Limit {
			items = items[:f.Limit]
			last := items[f.Limit-1]
			out.Next = cursor{over: f.Limit > current, day: last.Published, id: last.ID}.String()
		}
		current = min(current, len(items))
		views, err := s.views(ctx, q, items, false)
		if err == nil {
			out.Current, out.Over = views[:current], views[current:]
		}
		return err
	})
	return out, err
}

const listPage = 20

// boardChoices are the years and matters that a board has.
func (s *Service) boardChoices(ctx context.Context, q db.Querier, c *cond, out *Listing) error {
	var own []string
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var year int
		var matter string
		if err := rows.Scan(&year, &matter); err != nil {
			return err
		}
		if !slices.Contains(out.Years, year) {
			out.Years = append(out.Years, year)
		}
		if matter != "" && !slices.Contains(out.Matters, matter) {
			out.Matters = append(out.Matters, matter)
			if id := OwnID(matter); id != "" {
				own = append(own, id)
			}
		}
		return nil
	}, `SELECT DISTINCT year, matter FROM disclosure_item WHERE `+c.sql()+` ORDER BY year DESC, matter`, c.args...)
	if err != nil {
		return err
	}
	slices.Sort(out.Matters)
	out.Own, err = readOwnMatters(ctx, q, own)
	return err
}

// matching are the ids of items whose title or paper has the words; at most listMatches of them, the newest.
func matching(ctx context.Context, q db.Querier, c *cond, text string) ([]string, error) {
	words := strings.Fields(i18n.Fold(text))
	var out []string
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var id, title, number string
		if err := rows.Scan(&id, &title, &number); err != nil {
			return err
		}
		have := i18n.Fold(title + " " + number)
		if len(out) < listMatches && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(have, w) }) {
			out = append(out, id)
		}
		return nil
	}, `SELECT disclosure_item.id, disclosure_item.title, COALESCE(e.doc_number,'') FROM disclosure_item
		LEFT JOIN disclosure_edition e ON e.item_id=disclosure_item.id AND e.number=disclosure_item.edition WHERE `+c.sql()+`
		ORDER BY disclosure_item.published DESC, disclosure_item.id DESC`, c.args...)
	return out, err
}

const listMatches = 1000

// page reads the items after the cursor, the newest first.
func page(ctx context.Context, q db.Querier, c *cond, at cursor, limit int) ([]*Item, error) {
	if at.id != "" {
		c.add(`(disclosure_item.published, disclosure_item.id) < (?, ?)`, at.day, at.id)
	}
	c.args = append(c.args, limit)
	return readItems(ctx, q, c.sql()+` ORDER BY published DESC, id DESC LIMIT $`+itoa(len(c.args)), c.args...)
}

// cursor is where a page ended: in what is over or before, after the item of the day and id.
type cursor struct {
	over bool
	day  civil.Date
	id   string
}

func (c cursor) String() string {
	part := "0"
	if c.over {
		part = "1"
	}
	return part + "_" + string(c.day) + "_" + c.id
}

func readCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	p := strings.SplitN(s, "_", 3)
	if len(p) == 3 && (p[0] == "0" || p[0] == "1") && p[2] != "" && len(p[2]) <= 64 {
		day, err := civil.Parse(p[1])
		if err == nil || p[1] == "" {
			return cursor{over: p[0] == "1", day: day, id: p[2]}, nil
		}
	}
	return cursor{}, errs.E(errs.NotFound, "disclosure.none")
}

// Room is a page of what all units below a root tell everybody, the newest first. Its choices (years, matters) are left to the page.
func (s *Service) Room(ctx context.Context, root string, f ListFilter) (*Listing, error) {
	out := new(Listing)
	f.Limit = cmp.Or(max(f.Limit, 0), listPage)
	at, err := readCursor(f.After)
	if err != nil {
		return nil, err
	}
	c := s.inRoom(root, f)
	c.state(f.State, s.clock.Today())
	err = s.db.Read(ctx, func(q db.Querier) error {
		items, err := page(ctx, q, c, at, f.Limit+1)
		if err != nil {
			return err
		}
		if len(items) > f.Limit {
			items = items[:f.Limit]
			last := items[f.Limit-1]
			out.Next = cursor{day: last.Published, id: last.ID}.String()
		}
		out.Current, err = s.views(ctx, q, items, false)
		return err
	})
	return out, err
}

// inRoom is what the filter picks but for the state.
func (s *Service) inRoom(root string, f ListFilter) *cond {
	today := s.clock.Today()
	c := new(cond)
	if f.State != ListWithdrawn {
		c.add(`disclosure_item.state='up'`)
	} else {
		c.add(`disclosure_item.state='withdrawn'`)
	}
	c.add(`disclosure_item.audience='public'`)
	switch f.Time {
	case ListInTime:
		c.add(whereInTime)
	case ListLate:
		c.add(whereLate, today)
	}
	if f.Year != 0 {
		c.add(`disclosure_item.year=?`, f.Year)
	}
	if f.Matter != "" {
		c.add(`disclosure_item.matter=?`, f.Matter)
	}
	tree := s.units.On(today)
	roots := tree.Roots()
	if f.Kind == "" && f.Under == "" && len(roots) == 1 && roots[0].ID == root {
		return c // all there are, ended units too
	}
	var units []string
	for u := range tree.Walk(cmp.Or(f.Under, root)) {
		if f.Kind == "" || u.Kind == f.Kind {
			units = append(units, u.ID)
		}
	}
	c.in(`disclosure_item.unit_id`, units)
	return c
}

// Facts are figures of a board or of the room.
type Facts struct {
	Items     int // all, withdrawn ones too
	Current   int
	Ending    int
	Full      int
	Withdrawn int
	Units     int // that have something up
	Judged    int // items for which the law sets a last day that is past, or that were told
	InTime    int // of Judged
	Sheets    int // items up that must hang somewhere
	Photos    int // of Sheets: with a photo at every such place
	Asked     int // questions that are shown
	Answered  int // of Asked
}

// BoardFacts are the figures of a unit's board, as the actor sees it: three queries.
func (s *Service) BoardFacts(ctx context.Context, actor access.Actor, u *org.Unit) (Facts, error) {
	var f Facts
	today := s.clock.Today()
	err := s.db.Read(ctx, func(q db.Querier) error {
		c := s.onBoard(actor, u)
		if err := f.read(ctx, q, c, today); err != nil {
			return err
		}
		c.add(whereCurrent, today)
		err := q.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN EXISTS (SELECT 1 FROM disclosure_place p WHERE p.item_id=disclosure_item.id AND p.kind IN ('office','village','board')
			AND NOT EXISTS (SELECT 1 FROM disclosure_posting o JOIN disclosure_photo f ON f.posting_id=o.id
				WHERE o.item_id=disclosure_item.id AND o.place=p.place AND o.edition=disclosure_item.edition AND o.struck='')) THEN 0 ELSE 1 END),0)
			FROM disclosure_item WHERE `+c.sql()+` AND EXISTS (SELECT 1 FROM disclosure_place p WHERE p.item_id=disclosure_item.id AND p.kind IN ('office','village','board'))`,
			c.args...).Scan(&f.Sheets, &f.Photos)
		if err != nil {
			return err
		}
		return q.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN state='answered' THEN 1 ELSE 0 END),0) FROM disclosure_question
			WHERE unit_id=$1 AND state IN ('open','answered') AND item_id IN (SELECT id FROM disclosure_item WHERE unit_id=$1 AND audience='public')`, u.ID).Scan(&f.Asked, &f.Answered)
	})
	return f, err
}

// RoomFacts are the figures of the room over all units below a root, within the filter's units: one query.
func (s *Service) RoomFacts(ctx context.Context, root string, f ListFilter) (Facts, error) {
	var out Facts
	c := s.inRoom(root, ListFilter{Kind: f.Kind, Under: f.Under})
	c.parts[0] = `disclosure_item.state IN ('up','withdrawn')`
	err := out.read(ctx, s.db, c, s.clock.Today())
	return out, err
}

func (f *Facts) read(ctx context.Context, q db.Querier, where *cond, today civil.Date) error {
	c := where.clone()
	n := len(c.args)
	c.args = append(c.args, today, today.Add(Rules.EndingDays))
	t, soon := "$"+itoa(n+1), "$"+itoa(n+2)
	sum := func(cond string) string { return `COALESCE(SUM(CASE WHEN ` + cond + ` THEN 1 ELSE 0 END),0)` }
	return q.QueryRow(ctx, `SELECT COUNT(*), COUNT(DISTINCT CASE WHEN state='up' THEN unit_id END),
		`+sum(`state='up' AND (permanent=1 OR ends='' OR ends>=`+t+`)`)+`,
		`+sum(`state='up' AND permanent=0 AND ends>=`+t+` AND ends<=`+soon)+`,
		`+sum(`state='up' AND permanent=0 AND ends<>'' AND ends<`+t)+`,
		`+sum(`state='withdrawn'`)+`,
		`+sum(`due<>'' AND (first_told<>'' OR due<`+t+`)`)+`,
		`+sum(`due<>'' AND first_told<>'' AND first_told<=due`)+`
		FROM disclosure_item WHERE `+c.sql(), c.args...).
		Scan(&f.Items, &f.Units, &f.Current, &f.Ending, &f.Full, &f.Withdrawn, &f.Judged, &f.InTime)
}
