package auth

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// People lists who holds which post at the unit on the day, heads first. It asks for no rights: the caller decides who may see names.
func (s *Service) People(ctx context.Context, unit string, day civil.Date) ([]Holding, error) {
	list, err := holdings(s.db.Query(ctx, `SELECT `+holdingColumns+` FROM post p JOIN account a ON a.id=p.account_id
		WHERE p.unit_id=$1 AND p.day_from<=$2 AND (p.day_to='' OR p.day_to>=$2)`, unit, string(day)))
	slices.SortFunc(list, func(a, b Holding) int {
		return cmp.Or(cmp.Compare(slices.Index(access.PostKinds, a.Kind), slices.Index(access.PostKinds, b.Kind)), cmp.Compare(a.sortKey, b.sortKey), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// Holders are the accounts that hold one of the posts at the unit today and can log in, each once; no kinds means any post. It is for notices.
func (s *Service) Holders(ctx context.Context, unit string, kinds ...access.PostKind) ([]string, error) {
	list, err := s.People(ctx, unit, s.clock.Today())
	var out []string
	for _, h := range list {
		if (len(kinds) == 0 || slices.Contains(kinds, h.Kind)) && h.Password && !h.Disabled && !slices.Contains(out, h.Account) {
			out = append(out, h.Account)
		}
	}
	return out, err
}

// Names are the names of accounts by id; one without name goes by its log-in name. Unknown ids are left out.
func (s *Service) Names(ctx context.Context, ids ...string) (map[string]string, error) {
	out := map[string]string{}
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), 500) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		rows, err := s.db.Query(ctx, `SELECT id, CASE WHEN name<>'' THEN name ELSE login END FROM account WHERE id IN `+db.In(len(part), 1), args...)
		if err != nil {
			return nil, err
		}
		if err := scanNames(rows, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// scanNames reads pairs of id and name into out.
func scanNames(rows *sql.Rows, out map[string]string) error {
	defer rows.Close()
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		out[id] = name
	}
	return rows.Err()
}

// Filter narrows a list of people and posts.
type Filter struct {
	Unit  string          // this unit and all below; "" for all in the actor's care
	Kind  access.PostKind // "" for all
	Day   civil.Date      // posts held on the day; None for today
	Query string          // part of a name with or without marks, a log-in name, a telephone number
	After string          // cursor of the page before
}

// List lists the posts in the actor's care, with the people who hold them, by given name. next is "" on the last page.
func (s *Service) List(ctx context.Context, actor access.Actor, f Filter, limit int) (list []Holding, next string, err error) {
	today := s.clock.Today()
	if f.Day.IsZero() {
		f.Day = today
	}
	units, all := s.managed(actor, today)
	where := []string{`p.day_from<=$1 AND (p.day_to='' OR p.day_to>=$1)`}
	args := []any{string(f.Day), limit + 1}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if f.Unit != "" {
		if !all && !slices.Contains(units, f.Unit) {
			return nil, "", errNotFound
		}
		tree := s.units.On(f.Day)
		if root := tree.Root(); !all || root == nil || root.ID != f.Unit || len(tree.Roots()) != 1 {
			units, all = []string{f.Unit}, false
			for u := range tree.Walk(f.Unit) {
				units = append(units, u.ID)
			}
			slices.Sort(units)
			units = slices.Compact(units)
		}
	}
	if !all {
		from := len(args) + 1
		for _, u := range units {
			args = append(args, u)
		}
		where = append(where, `p.unit_id IN `+db.In(len(units), from))
	}
	if f.Kind != "" {
		where = append(where, `p.kind=`+arg(string(f.Kind)))
	}
	if q := strings.TrimSpace(f.Query); q != "" {
		find := `a.name_fold LIKE ` + arg("%"+escapeLike(i18n.Fold(q))+"%") + ` ESCAPE '\'`
		if phone, ok := NormalPhone(q); ok {
			find += ` OR a.phone=` + arg(phone)
		}
		if login, ok := NormalLogin(q); ok {
			find += ` OR a.login LIKE ` + arg(escapeLike(login)+"%") + ` ESCAPE '\'`
		}
		where = append(where, `(`+find+`)`)
	}
	if f.After != "" {
		key, id, ok := strings.Cut(f.After, "_")
		if !ok || len(f.After) > 2000 {
			return nil, "", errs.E(errs.Invalid, "auth.people.cursor")
		}
		where = append(where, `(a.sort_key, p.id) > (`+arg(key)+`, `+arg(id)+`)`)
	}
	list, err = holdings(s.db.Query(ctx, `SELECT `+holdingColumns+` FROM post p JOIN account a ON a.id=p.account_id
		WHERE `+strings.Join(where, ` AND `)+` ORDER BY a.sort_key, p.id LIMIT $2`, args...))
	if err == nil && len(list) > limit {
		list = list[:limit]
		last := list[limit-1]
		next = last.sortKey + "_" + last.ID
	}
	return list, next, err
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// PostsOf lists all posts of an account that the actor may see, those in force first, newest first: the actor's own, and those at units in the actor's
// care.
func (s *Service) PostsOf(ctx context.Context, actor access.Actor, account string) ([]Holding, error) {
	list, err := holdings(s.db.Query(ctx, `SELECT `+holdingColumns+` FROM post p JOIN account a ON a.id=p.account_id WHERE p.account_id=$1 ORDER BY p.day_from DESC, p.id DESC`, account))
	if err != nil {
		return nil, err
	}
	today := s.clock.Today()
	list = slices.DeleteFunc(list, func(h Holding) bool { return account != actor.ID && !s.manages(actor, h.Unit, today) })
	slices.SortStableFunc(list, func(a, b Holding) int {
		switch {
		case a.Has(today) == b.Has(today):
			return 0
		case a.Has(today):
			return -1
		}
		return 1
	})
	return list, nil
}

// ManagedUnits are the ids of the units whose people the actor looks after today, as roots of subtrees: for the choice of a unit.
func (s *Service) ManagedUnits(a access.Actor) []string {
	tree := s.units.On(s.clock.Today())
	var out []string
	if a.ID == access.System.ID {
		for _, r := range tree.Roots() {
			out = append(out, r.ID)
		}
		return out
	}
	for _, p := range a.Posts {
		if _, lives := tree.ByID(p.Unit); p.Kind == access.Admin && lives && !slices.Contains(out, p.Unit) {
			out = append(out, p.Unit)
		}
	}
	return out
}

// MayChange reports whether the actor may change what concerns the whole account: lock it, invite again, change its names.
func (s *Service) MayChange(ctx context.Context, a access.Actor, acc *Account) (bool, error) {
	_, whole, err := s.caresFor(ctx, s.db, a, acc)
	return whole && acc.ID != a.ID, err
}
