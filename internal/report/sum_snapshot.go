package report

import (
	"context"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// mayFreeze: those who do a unit's own work consolidate what its units report; for the unit that asks also the body that collects.
func (s *Service) mayFreeze(actor access.Actor, p *Period, unit string) bool {
	return actor.ID == access.System.ID || actor.Holds(unit, desk...) || unit == p.Unit && s.MaySteer(actor, p)
}

// consolidatedTx reads the period of a command on a unit's consolidated report.
func (s *Service) consolidatedTx(ctx context.Context, q db.Querier, actor access.Actor, period, unit string) (*Period, error) {
	p, err := readPeriod(ctx, q, period)
	if err != nil {
		return nil, err
	}
	figures, counts := s.maySum(actor, p, Scope{Unit: unit})
	switch {
	case p.State == Planned || !figures && !counts:
		return nil, errs.E(errs.NotFound, "report.none")
	case !figures || !s.mayFreeze(actor, p, unit):
		return nil, errs.E(errs.Forbidden, "reportsum.not_yours")
	}
	return p, nil
}

// Freeze makes a consolidated report of what is handed in now.
type Freeze struct {
	Period, Unit string
	Note         string
}

// FreezeTx freezes a consolidated report: the rows it is made of and the texts as they are. It gives its id.
func (s *Service) FreezeTx(ctx context.Context, tx *db.Tx, actor access.Actor, c Freeze) (string, error) {
	p, err := s.consolidatedTx(ctx, tx, actor, c.Period, c.Unit)
	if err != nil {
		return "", err
	}
	if len(c.Note) > maxText {
		return "", errs.At("note", "report.text_long")
	}
	tree := s.units.TreeOf(p.Unit, p.To)
	x := &Snapshot{Period: p.ID, Unit: c.Unit, Day: tx.Today(), By: actor.Name, Note: strings.TrimSpace(c.Note)}
	err = eachFinal(ctx, tx, p.ID, func(r SnapshotRow) {
		if s.inScope(tree, p, Scope{Unit: c.Unit}, r.Unit) != nil {
			x.Rows = append(x.Rows, r)
		}
	})
	if err != nil {
		return "", err
	}
	if len(x.Rows) == 0 {
		return "", errs.E(errs.Invalid, "reportsum.nothing")
	}
	draft, err := s.textDraft(ctx, tx, p.ID, c.Unit)
	if err != nil {
		return "", err
	}
	x.Texts = draft.Texts
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(number), 0)+1 FROM report_snapshot WHERE period_id=$1 AND unit_id=$2`, p.ID, c.Unit).Scan(&x.Number); err != nil {
		return "", err
	}
	if err := insertSnapshot(ctx, tx, x); err != nil {
		if tx.Dialect().IsUnique(err) {
			return "", errs.E(errs.Conflict, "report.conflict")
		}
		return "", err
	}
	return x.ID, note(ctx, tx, actor, c.Unit, "report_snapshot", x.ID, "frozen", map[string]any{"reports": len(x.Rows), "note": x.Note}, "title", p.Title, "n", x.Number, "reports", len(x.Rows))
}

// SnapshotPaperTx notes the number, the day and the signer of the paper that the consolidated report became.
func (s *Service) SnapshotPaperTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, paper Paper) error {
	list, err := readSnapshots(ctx, tx, false, `id=$1 AND number>0`, id)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.E(errs.NotFound, "report.none")
	}
	x := list[0]
	p, err := s.consolidatedTx(ctx, tx, actor, x.Period, x.Unit)
	if err != nil {
		return err
	}
	l := new(errs.List)
	paper.Number, paper.Signer = strings.TrimSpace(paper.Number), strings.TrimSpace(paper.Signer)
	if paper.Number == "" {
		l.Add("number", "report.paper.number_missing")
	}
	switch {
	case paper.Day == civil.None:
		l.Add("day", "report.paper.day_missing")
	case paper.Day > tx.Today():
		l.Add("day", "report.paper.day_later")
	}
	if paper.Signer == "" {
		l.Add("signer", "report.paper.signer_missing")
	}
	if err := l.Err(); err != nil {
		return err
	}
	if err := tx.Update(ctx, `UPDATE report_snapshot SET paper=$3, version=version+1 WHERE id=$1 AND version=$2`, x.ID, version, toJSON(paper)); err != nil {
		return err
	}
	if err := s.recordSnapshot(ctx, tx, actor, p, x, paper); err != nil {
		return err
	}
	return note(ctx, tx, actor, x.Unit, "report_snapshot", x.ID, "frozen_paper", map[string]any{"paper": paper}, "title", p.Title, "number", paper.Number)
}

// recordSnapshot tells the plan that a unit's consolidated report is signed.
func (s *Service) recordSnapshot(ctx context.Context, tx *db.Tx, actor access.Actor, p *Period, x *Snapshot, paper Paper) error {
	if s.recorder == nil {
		return nil
	}
	x.Paper = paper
	return s.recorder.RecordTx(ctx, tx, actor, recordOfSnapshot(p, x))
}

func recordOfSnapshot(p *Period, x *Snapshot) Record {
	unit := x.Unit
	if unit == p.Unit && p.Via != "" {
		unit = p.Via // the body that consolidates for it has the duty
	}
	return Record{
		Kind: "consolidated", ID: x.ID, Unit: unit, Day: x.Paper.Day, Period: p.Kind, Due: p.dueOf("", p.Unit), Title: i18n.M("reportsum.record", "title", p.Title),
		Link: x.Link(p), Number: x.Paper.Number, Counts: true,
	}
}

// signedSnapshots calls f for every consolidated report of a period that is signed.
func (s *Service) signedSnapshots(ctx context.Context, q db.Querier, p *Period, f func(Record) error) error {
	list, err := readSnapshots(ctx, q, false, `period_id=$1 AND number>0 ORDER BY unit_id, number`, p.ID)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.Paper.Number == "" {
			continue
		}
		if err := f(recordOfSnapshot(p, x)); err != nil {
			return err
		}
	}
	return nil
}

// SumBase is the address of the sums of a period.
func SumBase(p *Period) string {
	return "/lam-viec/bao-cao/" + itoa(p.Year) + "/" + p.Slug() + "/tong-hop"
}

// Link is the page of the consolidated report.
func (x *Snapshot) Link(p *Period) string { return SumBase(p) + "/chot/" + x.ID }

// Difference is a figure that the reports now give otherwise than when they were consolidated.
type Difference struct {
	*Indicator
	Then, Now   *SumFigure
	Reports     []ChangedReport
	ThenV, NowV int64
}

// ChangedReport is a report whose figure is another than it was.
type ChangedReport struct {
	Unit      *org.Unit
	Then, Now int64
	New, Gone bool // it came, or went back, since
	Reason    string
	Link      string
}

// Compared is a consolidated report computed again from the rows that it was made of, beside what the reports give now.
type Compared struct {
	*Snapshot
	Of      *org.Unit
	Of2     *Period
	Form    *Form
	Groups  []*SumGroup // as they were then, by the tree of the period's last day
	Total   *SumGroup
	Now     *Sums
	Differs []*Difference
	Came    int // reports that came since
	Left    int // reports that are not handed in any more
	Changed int // reports with another figure
	MayEdit bool
}

// Snapshot computes a consolidated report again and compares it with what the reports give now.
func (s *Service) Snapshot(ctx context.Context, actor access.Actor, id string, by By) (*Compared, error) {
	var v *Compared
	err := s.db.Read(ctx, func(q db.Querier) error {
		list, err := readSnapshots(ctx, q, true, `id=$1 AND number>0`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return errs.E(errs.NotFound, "report.none")
		}
		v = &Compared{Snapshot: list[0]}
		p, err := readPeriod(ctx, q, v.Period)
		if err != nil {
			return err
		}
		if figures, _ := s.maySum(actor, p, Scope{Unit: v.Unit}); !figures {
			return errs.E(errs.NotFound, "report.none")
		}
		v.Of2, v.MayEdit = p, s.mayFreeze(actor, p, v.Unit)
		if v.Form, err = s.formOf(ctx, q, p); err != nil {
			return err
		}
		v.Of, _ = s.units.TreeOf(v.Unit, p.To).ByID(v.Unit)
		if err := s.recompute(v, p, by); err != nil {
			return err
		}
		return s.compareNow(ctx, q, v, p)
	})
	return v, err
}

// recompute adds up the rows of a snapshot.
func (s *Service) recompute(v *Compared, p *Period, by By) error {
	if !slices.Contains(Bys, by) {
		by = ByType
	}
	n := len(v.Form.Indicators)
	c := NewColumns(v.Form, len(v.Rows))
	for _, r := range v.Rows {
		values, err := DecodeValues(r.Values, n)
		if err != nil {
			return err
		}
		c.Put(Row{ID: r.Report, Unit: r.Unit, State: r.State, Version: r.Version, Lump: r.Lump, LumpKind: r.LumpKind, Values: values})
	}
	g := s.group(p, v.Form, p.To, Scope{Unit: v.Unit}, by)
	total := &SumGroup{Group: &Group{Key: "all"}, Counted: newCounted(n)}
	groups := c.Tally(g.Grouping)
	for _, k := range groups { // y of x/y are the units bound, not those that reported
		k.Asked = make([]int32, n)
	}
	for _, b := range s.Bound(p, v.Form) {
		at := g.Place(b.Unit.ID)
		if at < 0 {
			continue
		}
		groups[at].Bound++
		for i, is := range g.Asks(b.Unit.ID) {
			if is {
				groups[at].Asked[i]++
			}
		}
	}
	for i, k := range groups {
		total.add(k)
		if k.Handed.Reports > 0 {
			k.Bound -= k.HandedIn() // Columns counted these once more
			v.Groups = append(v.Groups, &SumGroup{Group: g.groups[i], Counted: k, Sums: k.Handed})
		}
	}
	total.Bound -= total.HandedIn()
	total.Sums = total.Handed
	v.Total = total
	return nil
}

// compareNow finds what changed since.
func (s *Service) compareNow(ctx context.Context, q db.Querier, v *Compared, p *Period) error {
	tree, n := s.units.TreeOf(p.Unit, p.To), len(v.Form.Indicators)
	then := map[string]SnapshotRow{}
	for _, r := range v.Rows {
		then[r.Report] = r
	}
	v.Now = newSums(n)
	diff := make([]*Difference, n)
	tell := func(i int, c ChangedReport) {
		if diff[i] == nil {
			diff[i] = &Difference{Indicator: v.Form.Indicators[i]}
		}
		if len(diff[i].Reports) < 50 {
			diff[i].Reports = append(diff[i].Reports, c)
		}
	}
	one := func(r SnapshotRow, before, after Values) {
		u, ok := s.units.TreeOf(r.Unit, p.To).ByID(r.Unit)
		if !ok {
			u = &org.Unit{ID: r.Unit, Name: r.Unit}
		}
		other := false
		for i := range n {
			a, b := None, None
			if before != nil {
				a = before[i]
			}
			if after != nil {
				b = after[i]
			}
			if a != b {
				other = true
				tell(i, ChangedReport{Unit: u, Then: a, Now: b, New: before == nil, Gone: after == nil, Link: Link(p, u.Code, u.ID, r.LumpKind)})
			}
		}
		switch {
		case before == nil:
			v.Came++
		case after == nil:
			v.Left++
		case other:
			v.Changed++
		}
	}
	var fault error
	err := eachFinal(ctx, q, p.ID, func(r SnapshotRow) {
		if s.inScope(tree, p, Scope{Unit: v.Unit}, r.Unit) == nil {
			return
		}
		now, err := DecodeValues(r.Values, n)
		if err != nil {
			fault = err
			return
		}
		v.Now.Reports++
		for i, x := range now {
			if x != None {
				v.Now.take(v.Form.Indicators[i], i, x, 1)
			}
		}
		var before Values
		if old, ok := then[r.Report]; ok {
			if before, err = DecodeValues(old.Values, n); err != nil {
				fault = err
				return
			}
			delete(then, r.Report)
		}
		one(r, before, now)
	})
	if err != nil || fault != nil {
		if err == nil {
			err = fault
		}
		return err
	}
	for _, r := range v.Rows {
		if _, gone := then[r.Report]; gone {
			old, err := DecodeValues(r.Values, n)
			if err != nil {
				return err
			}
			one(r, old, nil)
		}
	}
	changes, err := readChanges(ctx, q, `period_id=$1 AND at>=$2 ORDER BY at DESC LIMIT 500`, p.ID, v.Created)
	if err != nil {
		return err
	}
	reasons := map[[2]string]string{}
	for _, c := range changes {
		if k := [2]string{c.Unit, c.Code}; reasons[k] == "" {
			reasons[k] = c.Reason
		}
	}
	for i, d := range diff {
		if d == nil {
			continue
		}
		for k := range d.Reports {
			d.Reports[k].Reason = reasons[[2]string{d.Reports[k].Unit.ID, d.Code}]
		}
		d.Then, d.Now = figureOf(v.Form, i, v.Total.Sums, nil, nil, 0), figureOf(v.Form, i, v.Now, nil, nil, 0)
		v.Differs = append(v.Differs, d)
	}
	return nil
}

// Figures are the figures of the consolidated report as they were, of a group or of all.
func (v *Compared) Figures(g *SumGroup) []*SumFigure {
	if g == nil {
		g = v.Total
	}
	out := make([]*SumFigure, len(v.Form.Indicators))
	for i := range out {
		out[i] = figureOf(v.Form, i, g.Sums, nil, nil, g.Asked[i])
	}
	return out
}
