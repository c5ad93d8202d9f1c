package disclosure

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
)

// FollowFilter narrows what a superior looks at.
type FollowFilter struct {
	Year    int
	Source  string // an article, FollowSource.Key; "" is the one with the most matters
	Kind    string // of units; "" is all that the source binds
	Under   string // id of a unit: itself and those below it
	Q       string // part of a unit's name
	Missing bool   // only units with something missing or late
}

// FollowSource is an article of the law whose matters make the columns.
type FollowSource struct {
	Key      string
	Act      *law.Act
	Article  string // "5"; "" where the catalogue's id names none
	Audience Audience
	Columns  int
	Kinds    []string
}

// FollowColumn is one matter, or the parts of one clause.
type FollowColumn struct {
	Key    string
	No     string // the clause: "5", "đ"
	Duties []*law.Duty
}

// FollowCell is how a unit stands with a column; State "" where it does not have the matter.
type FollowCell struct {
	State SlotState
	Due   civil.Date
	Late  int
	Slots []Slot
}

// FollowRow is one unit.
type FollowRow struct {
	Unit    *org.Unit
	Group   *org.Unit // above it
	Cells   []FollowCell
	Missing int // cells overdue
	Late    int // cells told too late
	Asked   int // cells in which something was to be told by today
	Told    int // of those, told
}

// FollowSum is a column over all rows.
type FollowSum struct{ Missing, Late, Told, Asked int }

// Follow is the matrix of matters and units, as the units have published.
type Follow struct {
	Filter  FollowFilter
	Day     civil.Date
	Sources []FollowSource
	Source  FollowSource
	Columns []FollowColumn
	Rows    []FollowRow
	Sums    []FollowSum // by column
	Kinds   []string    // of the units that the actor follows
	Unders  []*org.Unit // to narrow by: those above the units
	Units   int         // before the filter by name and by what is missing
	Behind  int         // units with something missing, before that filter
}

// sourceOf is the article that a duty stands in, by the parts of its id, and the clause there.
func sourceOf(d *law.Duty) (source, column string) {
	parts := strings.Split(d.ID, ".")
	switch len(parts) {
	case 1:
		return d.ID, d.ID
	case 2:
		return d.Act, d.ID
	}
	return parts[0] + "." + parts[1], strings.Join(parts[:3], ".")
}

// columnsOf are the columns of a source: its clauses, or its points where it has one clause alone.
func columnsOf(duties []*law.Duty) []FollowColumn {
	var out []FollowColumn
	for _, d := range duties {
		_, key := sourceOf(d)
		i := slices.IndexFunc(out, func(c FollowColumn) bool { return c.Key == key })
		if i < 0 {
			i = len(out)
			out = append(out, FollowColumn{Key: key})
		}
		out[i].Duties = append(out[i].Duties, d)
	}
	if len(out) == 1 && len(duties) > 1 {
		out = nil
		for _, d := range duties {
			out = append(out, FollowColumn{Key: d.ID, Duties: []*law.Duty{d}})
		}
	}
	for i := range out {
		out[i].No = clause(out[i].Key, i)
	}
	return out
}

// clause is the number in the last part of an id: "k5" is 5, "dd" is đ; the place in the list where the part is a word.
func clause(key string, at int) string {
	last := key[strings.LastIndexByte(key, '.')+1:]
	switch n := strings.TrimLeft(last, "k"); {
	case n != "" && strings.Trim(n, "0123456789") == "":
		return n
	case last == "dd":
		return "đ"
	case len(last) == 1:
		return last
	}
	return strconv.Itoa(at + 1)
}

// sources are the articles that give units of the kinds something to tell in a year; those with the most columns first, everybody's before the staff's.
func sources(c *law.Catalogue, year int, kinds []string) (list []FollowSource, duties map[string][]*law.Duty) {
	duties = map[string][]*law.Duty{}
	for _, d := range c.All() {
		if d.Role != "matter" || d.Kind != "disclose" || !d.Span().Meets(yearSpan(year)) || !slices.ContainsFunc(d.UnitKinds, func(k string) bool { return slices.Contains(kinds, k) }) {
			continue
		}
		key, _ := sourceOf(d)
		i := slices.IndexFunc(list, func(s FollowSource) bool { return s.Key == key })
		if i < 0 {
			i = len(list)
			article := ""
			if rest, ok := strings.CutPrefix(key, d.Act+".d"); ok && strings.Trim(rest, "0123456789") == "" {
				article = rest
			}
			list = append(list, FollowSource{Key: key, Act: d.ActOf(), Article: article, Audience: AudienceOf(d)})
		}
		duties[key] = append(duties[key], d)
		for _, k := range d.UnitKinds {
			if slices.Contains(kinds, k) && !slices.Contains(list[i].Kinds, k) {
				list[i].Kinds = append(list[i].Kinds, k)
			}
		}
	}
	for i := range list {
		list[i].Columns = len(columnsOf(duties[list[i].Key]))
	}
	slices.SortStableFunc(list, func(a, b FollowSource) int {
		if a.Audience != b.Audience {
			if a.Audience == Everybody {
				return -1
			}
			return 1
		}
		return b.Columns - a.Columns
	})
	return list, duties
}

// Following are the units whose progress the actor may see on a day of the year, in the order of the tree.
func (s *Service) following(actor access.Actor, day civil.Date) []*org.Unit {
	tree := s.units.On(day)
	focal := map[string][]string{}
	today := s.clock.Today()
	var out []*org.Unit
	see := func(u *org.Unit) bool {
		now := s.units.TreeOf(u.ID, today)
		pl := now.Place(u.ID)
		for _, id := range pl.Above {
			list, ok := focal[id]
			if !ok {
				list = focalOf(now, []string{id})
				focal[id] = list
			}
			pl.Focal = append(pl.Focal, list...)
		}
		return access.Allowed(actor, access.ReadProgress, pl)
	}
	for _, root := range tree.Roots() {
		for u := range tree.Walk(root.ID) {
			if see(u) {
				out = append(out, u)
			}
		}
	}
	return out
}

// FollowsOthers reports whether the actor follows any unit besides those at which the actor has a post.
func (s *Service) FollowsOthers(actor access.Actor) bool {
	tree := s.units.On(s.clock.Today())
	for _, id := range actor.Units() {
		u, ok := tree.ByID(id)
		if !ok {
			continue
		}
		switch {
		case u.Kind == org.Province, u.Kind == org.District, u.HasFlag("home_affairs"), u.Kind == org.Front, u.Kind == org.Union:
			return true
		}
		if s.manages(tree, u.ID) && actor.Holds(u.ID, access.Head, access.Focal, access.Officer) {
			return true
		}
	}
	return false
}

func (s *Service) manages(tree *org.Tree, id string) bool {
	return slices.ContainsFunc(tree.All(), func(u *org.Unit) bool { return u.ManagerID == id })
}

// Follow is the matrix of what units must tell and have told, over all units that the actor follows: two queries whatever their number. Drafts do not count.
func (s *Service) Follow(ctx context.Context, actor access.Actor, f FollowFilter) (*Follow, error) {
	today := s.clock.Today()
	y := yearSpan(f.Year)
	out := &Follow{Filter: f, Day: min(max(today, y.From), y.To)}
	units := s.following(actor, out.Day)
	tree := s.units.On(out.Day)
	seen := map[string]bool{}
	for _, u := range units {
		if !slices.Contains(out.Kinds, u.Kind) {
			out.Kinds = append(out.Kinds, u.Kind)
		}
		for _, id := range tree.Above(u.ID) {
			if a, ok := tree.ByID(id); ok && !seen[id] && (a.Kind == org.District || a.Kind == org.Province && len(tree.Roots()) > 1) {
				seen[id] = true
				out.Unders = append(out.Unders, a)
			}
		}
	}
	slices.SortStableFunc(out.Kinds, func(a, b string) int { return slices.Index(org.Kinds, a) - slices.Index(org.Kinds, b) })
	slices.SortStableFunc(out.Unders, func(a, b *org.Unit) int { return strings.Compare(a.SortKey, b.SortKey) })
	kinds := out.Kinds
	if f.Kind != "" {
		kinds = []string{f.Kind}
	}
	var duties map[string][]*law.Duty
	out.Sources, duties = sources(s.law(), f.Year, kinds)
	if len(out.Sources) == 0 {
		return out, nil
	}
	out.choose(duties)
	out.Columns = columnsOf(duties[out.Source.Key])
	out.Sums = make([]FollowSum, len(out.Columns))
	units = slices.DeleteFunc(units, func(u *org.Unit) bool {
		return !slices.Contains(out.Source.Kinds, u.Kind) || f.Under != "" && !tree.Under(u.ID, f.Under)
	})
	items, stated, err := s.followed(ctx, duties[out.Source.Key], f.Year, units)
	if err != nil {
		return nil, err
	}
	w := followWork{s: s, out: out, matters: map[string][]matter{}, today: today}
	name := i18n.Fold(f.Q)
	for _, u := range units {
		row, ok := w.row(u, items[u.ID], stated[u.ID])
		if !ok {
			continue
		}
		row.Group = tree.Parent(u.ID)
		out.Units++
		if row.Missing > 0 {
			out.Behind++
		}
		if f.Missing && row.Missing+row.Late == 0 || name != "" && !strings.Contains(i18n.Fold(u.Name), name) {
			continue
		}
		for i, c := range row.Cells {
			out.Sums[i].Add(c.State)
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// choose takes the source that was asked for, else the first that is in force on the day, else the first.
func (o *Follow) choose(duties map[string][]*law.Duty) {
	i := slices.IndexFunc(o.Sources, func(s FollowSource) bool { return s.Key == o.Filter.Source })
	if i < 0 {
		i = slices.IndexFunc(o.Sources, func(s FollowSource) bool {
			return slices.ContainsFunc(duties[s.Key], func(d *law.Duty) bool { return d.InForce(o.Day) })
		})
	}
	o.Source = o.Sources[max(i, 0)]
	o.Filter.Source = o.Source.Key
}

// Add counts a cell.
func (x *FollowSum) Add(s SlotState) {
	switch s {
	case SlotOverdue:
		x.Missing++
		x.Asked++
	case SlotFilledLate:
		x.Late++
		x.Told++
		x.Asked++
	case SlotFilled:
		x.Told++
		x.Asked++
	default:
	}
}

type followWork struct {
	s       *Service
	out     *Follow
	matters map[string][]matter // by what makes a difference between units
	today   civil.Date
}

// row judges one unit; ok is false where it has none of the matters.
func (w *followWork) row(u *org.Unit, items []*Item, stated []Statement) (r FollowRow, ok bool) {
	key := u.Kind + " " + strings.Join(u.Flags, " ") + " " + strconv.Itoa(u.Staff) + " " + strconv.Itoa(u.Workers)
	list, had := w.matters[key]
	if !had {
		list = lawMatters(w.s.law(), u, w.out.Filter.Year)
		w.matters[key] = list
	}
	slots := slotsOf(list, u, w.out.Filter.Year, w.today, items, stated)
	r = FollowRow{Unit: u, Cells: make([]FollowCell, len(w.out.Columns))}
	for i, c := range w.out.Columns {
		cell := &r.Cells[i]
		for _, sl := range slots {
			if sl.Duty != nil && slices.Contains(c.Duties, sl.Duty) {
				cell.Slots = append(cell.Slots, sl)
				ok = true
			}
		}
		cell.State = WorstSlot(cell.Slots)
		for _, sl := range cell.Slots {
			if sl.State == cell.State && sl.Late >= cell.Late {
				cell.Due, cell.Late = sl.Due, sl.Late
			}
		}
		var sum FollowSum
		sum.Add(cell.State)
		r.Missing, r.Late, r.Asked, r.Told = r.Missing+sum.Missing, r.Late+sum.Late, r.Asked+sum.Asked, r.Told+sum.Told
	}
	return r, ok
}

// fewUnits is up to how many units are asked for by name; more are read by the matters.
const fewUnits = 400

// followed reads what the units have published about the duties, and what they stated of them.
func (s *Service) followed(ctx context.Context, duties []*law.Duty, year int, units []*org.Unit) (items map[string][]*Item, stated map[string][]Statement, err error) {
	items, stated = map[string][]*Item{}, map[string][]Statement{}
	if len(units) == 0 {
		return items, stated, nil
	}
	matters := make([]string, len(duties))
	for i, d := range duties {
		matters[i] = d.ID
	}
	n := len(matters)
	in := db.In(n, 1)
	args := db.Args(matters)
	narrow := ""
	if len(units) <= fewUnits {
		narrow = ` AND unit_id IN ` + db.In(len(units), n+2)
	}
	of := func(first any) []any {
		out := append(slices.Clone(args), first)
		if narrow != "" {
			for _, u := range units {
				out = append(out, u.ID)
			}
		}
		return out
	}
	err = s.db.Read(ctx, func(q db.Querier) error {
		err := db.Each(ctx, q, func(rows *sql.Rows) error {
			i := new(Item)
			var permanent int
			err := rows.Scan(&i.ID, &i.Unit, &i.Matter, &i.Period, &i.Audience, &i.State, &i.Decided, &i.Due, &i.FirstTold, &permanent, &i.Title, &i.Created)
			i.Permanent = permanent == 1
			items[i.Unit] = append(items[i.Unit], i)
			return err
		}, `SELECT id, unit_id, matter, period, audience, state, decided, due, first_told, permanent, title, created FROM disclosure_item
			WHERE matter IN `+in+` AND state='`+string(Up)+`' AND beyond=0 AND year<=$`+strconv.Itoa(n+1)+narrow, of(year+1)...)
		if err != nil {
			return err
		}
		list, err := readStatements(ctx, q, `matter IN `+in+` AND period>=$`+strconv.Itoa(n+1)+narrow+` AND ended=''`, of(strconv.Itoa(year))...)
		for _, x := range list {
			stated[x.Unit] = append(stated[x.Unit], x)
		}
		return err
	})
	return items, stated, err
}
