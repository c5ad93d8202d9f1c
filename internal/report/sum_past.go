package report

import (
	"context"
	"slices"
	"sync"

	"dinh/internal/civil"
	"dinh/internal/db"
)

// pasts keeps what earlier periods add up to, so that a comparison does not read them again. What is kept is believed for as long as no report of the
// period has changed since.
type pasts struct {
	mu   sync.Mutex
	list []*past
}

type past struct {
	key     string
	changed int64
	groups  []*Sums // handed in, by group of the grouping
}

const mostPasts = 64

func (k *pasts) get(key string, changed int64) []*Sums {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, x := range k.list {
		if x.key == key && x.changed == changed {
			copy(k.list[1:i+1], k.list[:i])
			k.list[0] = x
			return x.groups
		}
	}
	return nil
}

func (k *pasts) put(x *past) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.list = slices.DeleteFunc(k.list, func(o *past) bool { return o.key == x.key })
	k.list = slices.Insert(k.list, 0, x)
	if len(k.list) > mostPasts {
		k.list = k.list[:mostPasts]
	}
}

// pastSums are the handed-in sums of a period by group, with the form in which they stand.
func (s *Service) pastSums(ctx context.Context, q db.Querier, p *Period, day civil.Date, sc Scope, by By) ([]*Sums, *Form, error) {
	form, err := s.formOf(ctx, q, p)
	if err != nil {
		return nil, nil, err
	}
	g := s.group(p, form, day, sc, by)
	var changed int64
	if err := q.QueryRow(ctx, `SELECT COALESCE(MAX(changed), 0) FROM report WHERE period_id=$1`, p.ID).Scan(&changed); err != nil {
		return nil, nil, err
	}
	if got := s.pasts.get(g.Key, changed); got != nil {
		return got, form, nil
	}
	x := &past{key: g.Key, changed: changed}
	err = s.live.tally(ctx, q, p, form, g.Grouping, func(_ *Columns, groups []*Counted) error {
		for _, k := range groups {
			x.groups = append(x.groups, k.Handed.clone())
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if changed < db.Micros(s.clock.Now())-overlap.Microseconds() { // what changes just now may not be all committed
		s.pasts.put(x)
	}
	return x.groups, form, nil
}

// into is sums in the order of another form, figure by figure by code.
func (s *Sums) into(from, to *Form) *Sums {
	if from == to {
		return s
	}
	out := newSums(len(to.Indicators))
	out.Reports, out.Grades = s.Reports, s.Grades
	for i, x := range to.Indicators {
		if k := from.Index(x.Code); k >= 0 {
			out.Sum[i], out.Known[i], out.Yes[i] = s.Sum[k], s.Known[k], s.Yes[k]
		}
	}
	return out
}

// earlierPeriods are the last opened periods of the same form and the same asking unit before a period, newest first.
func earlierPeriods(ctx context.Context, q db.Querier, p *Period, n int) ([]*Period, error) {
	return readPeriods(ctx, q, `unit_id=$1 AND form_id=$2 AND to_day<$3 AND state<>'planned' AND kind IN ('half', 'year') ORDER BY to_day DESC, created DESC LIMIT $4`, p.Unit, p.Form, p.To, n)
}

// compareSum puts what was before beside each group, by the tree of the sum.
func (s *Service) compareSum(ctx context.Context, q db.Querier, v *Sum) error {
	list, err := earlierPeriods(ctx, q, v.Period, 8)
	if err != nil {
		return err
	}
	for i, p := range list {
		year := v.Year == nil && p.Kind == v.Period.Kind && p.Year == v.Period.Year-1
		if i > 0 && !year {
			continue
		}
		groups, form, err := s.pastSums(ctx, q, p, v.Day, v.Ask.Scope, v.Ask.By)
		if err != nil {
			return err
		}
		g := s.group(p, form, v.Day, v.Ask.Scope, v.Ask.By)
		all := newSums(len(v.Form.Indicators))
		by := map[string]*Sums{}
		for k, x := range groups {
			in := x.into(form, v.Form)
			all.Add(in)
			by[g.groups[k].Key] = in
		}
		if i == 0 {
			v.Before, v.Total.Before = p, all
		}
		if year {
			v.Year, v.Total.Year = p, all
		}
		for _, x := range v.Groups {
			if i == 0 {
				x.Before = by[x.Key]
			}
			if year {
				x.Year = by[x.Key]
			}
		}
	}
	return nil
}

// Point is a figure of one period in a row of periods.
type Point struct {
	Period *Period
	*SumFigure
}

// trend are a figure's sums over the last periods of the same kind, oldest first, the period itself last.
func (s *Service) trend(ctx context.Context, q db.Querier, v *Sum, code string) ([]Point, error) {
	list, err := earlierPeriods(ctx, q, v.Period, 24)
	if err != nil {
		return nil, err
	}
	out := []Point{{v.Period, v.Figure(nil, code)}}
	for _, p := range list {
		if p.Kind != v.Period.Kind || len(out) >= 6 {
			continue
		}
		groups, form, err := s.pastSums(ctx, q, p, v.Day, v.Ask.Scope, ByPlace)
		if err != nil {
			return nil, err
		}
		all := newSums(len(v.Form.Indicators))
		for _, x := range groups {
			all.Add(x.into(form, v.Form))
		}
		i := v.Form.Index(code)
		out = append(out, Point{p, figureOf(v.Form, i, all, nil, nil, 0)})
	}
	slices.Reverse(out)
	return out, nil
}
