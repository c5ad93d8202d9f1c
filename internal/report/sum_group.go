package report

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/org"

	"github.com/BurntSushi/toml"
)

//go:embed setting/groups.toml
var groupFile []byte

// By is a way to group reports.
type By string

// The ways: by what stands below, by kind, by the authority of the field, by loại hình.
const (
	ByPlace  By = "dia-ban"
	ByKind   By = "loai"
	BySector By = "nganh"
	ByType   By = "loai-hinh"
)

// Bys lists the ways in the order of pages.
var Bys = []By{ByPlace, ByType, BySector, ByKind}

// Group is one of a grouping: a unit with all below it, or units of a sort.
type Group struct {
	Key  string
	Unit *org.Unit // the unit that it is named after, nil where Name says
	Name i18n.Msg
	Down bool // the unit has sums of its own below
}

// Title is the group's name in the language.
func (g *Group) Title(p *i18n.Printer) string {
	switch {
	case g.Unit != nil && g.Name.Key != "":
		name := g.Unit.NameIn(p.Lang)
		if p.Lang == i18n.VI {
			name = proseUnit(g.Unit)
		}
		return p.T(g.Name.Key, "unit", name)
	case g.Unit != nil:
		return g.Unit.NameIn(p.Lang)
	}
	return p.Say(g.Name)
}

type groupLine struct {
	Key   string   `toml:"key"`
	Kinds []string `toml:"kinds"`
	Flags []string `toml:"flags"`
	Names []string `toml:"names"`
}

type groupSetting struct {
	Shown []string    `toml:"shown"`
	Line  []groupLine `toml:"line"`
}

var groupSettings = sync.OnceValue(func() groupSetting {
	var in groupSetting
	if _, err := toml.Decode(string(groupFile), &in); err != nil {
		panic(err) // embedded, read by a test
	}
	return in
})

func groupLines() []groupLine { return groupSettings().Line }

// ShownFigures are the figures that stand beside each group of a sum, of those that its form has.
func ShownFigures() []string { return groupSettings().Shown }

// typeOf is the line of the annex by loại hình to which a unit belongs, -1 for none.
func typeOf(u *org.Unit) int {
	best, rank := -1, 0
	for i, l := range groupLines() {
		if !slices.Contains(l.Kinds, u.Kind) {
			continue
		}
		n := 1
		if len(l.Flags) > 0 {
			if !slices.ContainsFunc(l.Flags, u.HasFlag) {
				continue
			}
			n = 2
		}
		if len(l.Names) > 0 {
			if !slices.ContainsFunc(l.Names, func(w string) bool { return strings.HasPrefix(u.Name, w) }) {
				continue
			}
			n = 3
		}
		if n > rank {
			best, rank = i, n
		}
	}
	return best
}

// sectorOf is the authority of a unit's field: its managing authority, else the agency that it is or stands below; "" where it has none.
func sectorOf(tree *org.Tree, u *org.Unit) string {
	for u != nil {
		if u.ManagerID != "" {
			return u.ManagerID
		}
		if u.Kind == org.Agency {
			return u.ID
		}
		if org.Administrative(u.Kind) {
			return ""
		}
		u = tree.Parent(u.ID)
	}
	return ""
}

// standsAt is the unit as which an old one is counted in a tree: itself where it lives, the one that took it over whole, else the lowest unit above all that
// took a part of it, since figures cannot be divided; of one that ended without successor the unit that it stood below.
func (s *Service) standsAt(tree *org.Tree, id string) (*org.Unit, bool) {
	return s.standsIn(tree, id, 0)
}

func (s *Service) standsIn(tree *org.Tree, id string, depth int) (*org.Unit, bool) {
	if u, ok := tree.ByID(id); ok || depth > 20 {
		return u, ok
	}
	var whole, parts []string
	for _, x := range s.units.Successors(id, tree.Day()) {
		if x.New == id || slices.Contains(parts, x.New) {
			continue
		}
		parts = append(parts, x.New)
		if x.Share == org.Whole {
			whole = append(whole, x.New)
		}
	}
	if len(whole) == 1 {
		parts = whole
	}
	if len(parts) == 0 {
		u, ok := s.units.Unit(id, tree.Day())
		if !ok || u.ParentID == "" {
			return nil, false
		}
		return s.standsIn(tree, u.ParentID, depth+1)
	}
	var at *org.Unit
	for _, p := range parts {
		u, ok := s.standsIn(tree, p, depth+1)
		if !ok {
			continue
		}
		if at == nil {
			at = u
		}
		for at != nil && !tree.Under(u.ID, at.ID) {
			at = tree.Parent(at.ID)
		}
		if at == nil {
			return tree.Root(), tree.Root() != nil
		}
	}
	return at, at != nil
}

// Scope is whose reports are added up: those of a unit and all below it, or of the units of a field below it.
type Scope struct {
	Unit   string
	Sector string // the authority of a field; "" for all
}

// grouped is a grouping with the names of its groups.
type grouped struct {
	Grouping
	groups []*Group
	tree   *org.Tree
}

// inScope is the unit as which a report's unit is counted in the scope; nil where it is not.
func (s *Service) inScope(tree *org.Tree, p *Period, sc Scope, unit string) *org.Unit {
	u, ok := s.standsAt(tree, unit)
	if !ok {
		return nil
	}
	if sc.Sector != "" && sectorOf(tree, u) != sc.Sector {
		return nil
	}
	if tree.Under(u.ID, sc.Unit) {
		return u
	}
	if sc.Unit == p.Unit && u.ManagerID == sc.Unit { // a body that asks those whose field it manages
		return u
	}
	return nil
}

// group makes a grouping of the reports of a period in a scope, by the tree of a day.
func (s *Service) group(p *Period, form *Form, day civil.Date, sc Scope, by By) *grouped {
	tree := s.units.On(day)
	key := strings.Join([]string{tree.Key(), sc.Unit, sc.Sector, string(by), p.ID}, "|")
	return s.groupings.get(key, func() *grouped {
		g := &grouped{tree: tree}
		g.Key = key
		g.Asks = s.asker(p, form)
		at := map[string]int{}
		add := func(x *Group) int {
			at[x.Key] = len(g.groups)
			g.groups = append(g.groups, x)
			return len(g.groups) - 1
		}
		var of func(u *org.Unit) int
		switch by {
		case ByKind:
			for _, k := range org.Kinds {
				add(&Group{Key: k, Name: i18n.M("org.kinds." + k)})
			}
			of = func(u *org.Unit) int { return at[u.Kind] }
		case ByType:
			for _, l := range groupLines() {
				add(&Group{Key: l.Key, Name: i18n.M("reportsum.type." + l.Key)})
			}
			other := add(&Group{Key: "other", Name: i18n.M("reportsum.group.rest")})
			of = func(u *org.Unit) int {
				if i := typeOf(u); i >= 0 {
					return i
				}
				return other
			}
		case BySector:
			for _, u := range tree.All() {
				if m := sectorOf(tree, u); m != "" && s.inScope(tree, p, sc, u.ID) != nil {
					if _, ok := at[m]; !ok {
						if mu, ok := tree.ByID(m); ok {
							add(&Group{Key: m, Unit: mu})
						}
					}
				}
			}
			slices.SortFunc(g.groups, func(a, b *Group) int { return strings.Compare(a.Unit.SortKey, b.Unit.SortKey) })
			for i, x := range g.groups {
				at[x.Key] = i
			}
			none := add(&Group{Key: "none", Name: i18n.M("reportsum.group.no_sector")})
			of = func(u *org.Unit) int {
				if i, ok := at[sectorOf(tree, u)]; ok {
					return i
				}
				return none
			}
		default:
			of = s.byPlace(tree, p, sc, at, add)
		}
		g.N = len(g.groups)
		g.Place = func(unit string) int {
			u := s.inScope(tree, p, sc, unit)
			if u == nil {
				return -1
			}
			return of(u)
		}
		return g
	})
}

// byPlace groups by what stands directly below the scope's unit: the unit itself, each district or commune with all below it, the bodies of the same level
// together, enterprises together. Below a body each unit is a group.
func (s *Service) byPlace(tree *org.Tree, p *Period, sc Scope, at map[string]int, add func(*Group) int) func(u *org.Unit) int {
	root, ok := tree.ByID(sc.Unit)
	if !ok {
		return func(*org.Unit) int { return -1 }
	}
	add(&Group{Key: root.ID, Unit: root, Name: i18n.M("reportsum.group.own")})
	var bodies, firms []*org.Unit
	for _, c := range tree.Children(root.ID) {
		switch {
		case c.Kind == org.Village:
		case org.Administrative(c.Kind) || !org.Administrative(root.Kind):
			add(&Group{Key: c.ID, Unit: c, Down: true})
		case c.Kind == org.Enterprise:
			firms = append(firms, c)
		default:
			bodies = append(bodies, c)
		}
	}
	for _, k := range []struct {
		name  string
		units []*org.Unit
	}{{"bodies", bodies}, {"enterprises", firms}} {
		if len(k.units) == 0 {
			continue
		}
		i := add(&Group{Key: k.name, Name: i18n.M("reportsum.group." + k.name)})
		for _, c := range k.units {
			at[c.ID] = i
		}
	}
	managed := -1
	if sc.Unit == p.Unit && !org.Administrative(root.Kind) {
		managed = add(&Group{Key: "managed", Name: i18n.M("reportsum.group.managed")})
	}
	return func(u *org.Unit) int {
		for x := u; x != nil; x = tree.Parent(x.ID) {
			if i, ok := at[x.ID]; ok {
				return i
			}
		}
		return managed
	}
}

// asker says by figure what a unit is asked for in the period, by the tree of its last day.
func (s *Service) asker(p *Period, form *Form) func(unit string) []bool {
	tree := s.units.TreeOf(p.Unit, p.To)
	known := map[string][]bool{}
	var mu sync.Mutex
	return func(unit string) []bool {
		u, ok := tree.ByID(unit)
		if !ok {
			if u, ok = s.units.Unit(unit, p.To); !ok {
				return nil
			}
		}
		key := u.Kind + " " + strings.Join(u.Flags, " ")
		mu.Lock()
		defer mu.Unlock()
		out, ok := known[key]
		if !ok {
			out = make([]bool, len(form.Indicators))
			for i, x := range form.Indicators {
				out[i] = x.Asks(u.Kind, u.Flags, p.Kind)
			}
			known[key] = out
		}
		return out
	}
}

// groupings keeps the names of groupings that were made lately.
type groupings struct {
	mu   sync.Mutex
	list []*grouped
}

const mostGroupings = 32

func (k *groupings) get(key string, fresh func() *grouped) *grouped {
	k.mu.Lock()
	i := slices.IndexFunc(k.list, func(g *grouped) bool { return g.Key == key })
	if i >= 0 {
		g := k.list[i]
		copy(k.list[1:i+1], k.list[:i])
		k.list[0] = g
		k.mu.Unlock()
		return g
	}
	k.mu.Unlock()
	g := fresh()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.list = slices.Insert(k.list, 0, g)
	if len(k.list) > mostGroupings {
		k.list = k.list[:mostGroupings]
	}
	return g
}
