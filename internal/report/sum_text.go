package report

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// Said is what one subordinate report says under a heading.
type Said struct {
	Unit  *org.Unit
	By    string // who wrote it last
	Body  string
	Words []Word // figures that are words
	Link  string
	State State
}

// Word is a figure that is words.
type Word struct {
	*Indicator
	Text string
}

// Heading is a heading of a consolidated report: its own text, what the figures say, what the subordinate reports say.
type Heading struct {
	N     int // from 1
	Name  string
	Body  string // as edited
	Draft string // written from the figures
	Said  []Said
	Count int // reports that say something under it
}

// Texts are the texts of a consolidated report while it is edited.
type Texts struct {
	*Sum
	Headings []*Heading
	Version  int // of the texts, 0 where nothing was saved
	By       string
	MayEdit  bool
}

// Headings are those of the period's outline, and of the form where the outline leaves some out.
func Headings(p *Period, form *Form) []string {
	var out []string
	for line := range strings.Lines(p.Outline) {
		if h, ok := strings.CutPrefix(strings.TrimSpace(line), "## "); ok {
			if h = strings.TrimSpace(h); h != "" && !slices.Contains(out, h) {
				out = append(out, h)
			}
		}
	}
	for _, h := range form.Sections() {
		if !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

// textDraft are the texts that are being edited: the snapshot with number 0, which nobody has frozen. It is never nil.
func (s *Service) textDraft(ctx context.Context, q db.Querier, period, unit string) (*Snapshot, error) {
	list, err := readSnapshots(ctx, q, false, `period_id=$1 AND unit_id=$2 AND number=0`, period, unit)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return &Snapshot{Period: period, Unit: unit, Texts: map[string]string{}}, nil
	}
	if list[0].Texts == nil {
		list[0].Texts = map[string]string{}
	}
	return list[0], nil
}

// SaveText stores the text of a heading.
type SaveText struct {
	Period, Unit string
	N            int // of the heading
	Body         string
	Version      int
}

// SaveTextTx stores what a consolidated report is to say under a heading.
func (s *Service) SaveTextTx(ctx context.Context, tx *db.Tx, actor access.Actor, c SaveText) error {
	p, err := s.consolidatedTx(ctx, tx, actor, c.Period, c.Unit)
	if err != nil {
		return err
	}
	form, err := s.formOf(ctx, tx, p)
	if err != nil {
		return err
	}
	names := Headings(p, form)
	switch {
	case c.N < 1 || c.N > len(names):
		return errs.E(errs.NotFound, "report.none")
	case len(c.Body) > maxText:
		return errs.At("body", "report.text_long")
	}
	x, err := s.textDraft(ctx, tx, p.ID, c.Unit)
	if err != nil {
		return err
	}
	if x.Version != c.Version {
		return errs.E(errs.Conflict, "report.conflict")
	}
	body := strings.TrimSpace(c.Body)
	if x.Texts[names[c.N-1]] == body {
		return nil
	}
	x.Texts[names[c.N-1]], x.By, x.Day = body, actor.Name, tx.Today()
	if x.Version == 0 {
		err = insertSnapshot(ctx, tx, x)
		if tx.Dialect().IsUnique(err) {
			return errs.E(errs.Conflict, "report.conflict")
		}
	} else {
		err = tx.Update(ctx, `UPDATE report_snapshot SET texts=$3, actor_name=$4, day=$5, version=version+1 WHERE id=$1 AND version=$2`, x.ID, x.Version, toJSON(x.Texts), x.By, x.Day)
	}
	if err != nil {
		return err
	}
	return noteDraft(ctx, tx, actor, c.Unit, x.ID, "summed_text", nil, "title", p.Title, "heading", names[c.N-1])
}

// mostSaid is how many reports' texts stand side by side at once.
const mostSaid = 200

// Texts gives the headings of a unit's consolidated report; of the one with number n also what the subordinate reports say under it.
func (s *Service) Texts(ctx context.Context, actor access.Actor, period, unit string, n int) (*Texts, error) {
	v := new(Texts)
	err := s.db.Read(ctx, func(q db.Querier) error {
		sum, err := s.sumOf(ctx, q, actor, SumAsk{Period: period, Scope: Scope{Unit: unit}, By: ByPlace, Which: HandedIn})
		if err != nil {
			return err
		}
		if sum.Limited {
			return errs.E(errs.NotFound, "report.none")
		}
		if err := s.fillSum(ctx, q, actor, sum); err != nil {
			return err
		}
		v.Sum = sum
		v.MayEdit = s.mayFreeze(actor, sum.Period, sum.Of.ID)
		draft, err := s.textDraft(ctx, q, sum.Period.ID, sum.Of.ID)
		if err != nil {
			return err
		}
		v.Version, v.By = draft.Version, draft.By
		names := Headings(sum.Period, sum.Form)
		if n < 0 || n > len(names) {
			return errs.E(errs.NotFound, "report.none")
		}
		write := sum.prose()
		for i, name := range names {
			h := &Heading{N: i + 1, Name: name, Body: draft.Texts[name], Draft: write(name)}
			v.Headings = append(v.Headings, h)
		}
		if n > 0 {
			h := v.Headings[n-1]
			h.Said, err = s.said(ctx, q, sum, h.Name)
			h.Count = len(h.Said)
		}
		return err
	})
	return v, err
}

// said are the texts of the reports that go to a unit, under a heading, by the name of their unit.
func (s *Service) said(ctx context.Context, q db.Querier, v *Sum, heading string) ([]Said, error) {
	to := []string{v.Of.ID}
	if v.Of.ID == v.Period.Unit && v.Period.Via != "" && v.Period.Via != v.Period.Unit {
		to = append(to, v.Period.Via)
	}
	var out []Said
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var unit, lump, texts string
		var x Said
		if err := rows.Scan(&unit, &x.State, &lump, &x.Body, &texts, &x.By); err != nil {
			return err
		}
		words := map[string]string{}
		if err := json.Unmarshal([]byte(texts), &words); err != nil {
			return err
		}
		for _, i := range v.Form.Indicators {
			if t := strings.TrimSpace(words[i.Code]); t != "" {
				x.Words = append(x.Words, Word{i, t})
			}
		}
		if x.Body == "" && len(x.Words) == 0 {
			return nil
		}
		var ok bool
		if x.Unit, ok = s.units.TreeOf(unit, v.Period.To).ByID(unit); !ok {
			x.Unit = &org.Unit{ID: unit, Name: unit}
		}
		x.Link = Link(v.Period, x.Unit.Code, unit, lump)
		out = append(out, x)
		return nil
	}, `SELECT r.unit_id, r.state, r.lump_kind, s.body, s.texts, s.actor_name FROM report r JOIN report_section s ON s.report_id=r.id AND s.name=$2
		WHERE r.period_id=$1 AND r.state IN ('submitted', 'returned', 'accepted') AND r.to_unit IN `+db.In(len(to), 3)+` ORDER BY r.unit_id LIMIT `+itoa(mostSaid),
		append([]any{v.Period.ID, heading}, db.Args(to)...)...)
	slices.SortStableFunc(out, func(a, b Said) int { return strings.Compare(a.Unit.SortKey, b.Unit.SortKey) })
	return out, err
}

// prose writes a first draft of a heading's text from the sums, in the style of administrative reports: sentences of the unit's own report where they are
// about numbers, "x trên y đơn vị" where a figure is yes or no.
func (v *Sum) prose() func(section string) string {
	p := i18n.For(i18n.VI)
	now, total := NewValues(len(v.Form.Indicators)), v.Total
	var asked []*Indicator
	for i, x := range v.Form.Indicators {
		if x.Agg == "sum" && total.Sums.Known[i] > 0 {
			now[i] = total.Sums.Sum[i]
		}
		if x.Agg == "sum" || x.over != "" {
			asked = append(asked, x)
		}
	}
	w := &proseOf{
		form: v.Form, asked: asked, now: now, unit: proseUnit(v.Of), period: prosePeriod(v.Period), p: p,
		before: func(code string) int64 {
			if i := v.Form.Index(code); total.Year != nil && i >= 0 && total.Year.Known[i] > 0 {
				return total.Year.Sum[i]
			}
			return None
		},
	}
	return func(section string) string {
		var lines []string
		for i, x := range v.Form.Indicators {
			if x.Section == section && x.Agg == "count_yes" && total.Asked[i] > 0 {
				lines = append(lines, p.T("reportsum.prose_yes", "x", int(total.Sums.Yes[i]), "y", int(total.Asked[i]), "share", p.Percent(int(total.Sums.Yes[i]), int(total.Asked[i])), "title", lowerFirst(x.TitleVI)))
			}
		}
		if t := strings.ReplaceAll(w.section(section), "Toàn xã", "Trên địa bàn"); t != "" {
			lines = append(lines, t)
		}
		return strings.Join(lines, " ")
	}
}

func lowerFirst(s string) string {
	r := []rune(s)
	if len(r) > 1 && strings.ToUpper(string(r[1])) == string(r[1]) && strings.ToLower(string(r[1])) != string(r[1]) {
		return s // an abbreviation
	}
	if len(r) > 0 {
		return strings.ToLower(string(r[0])) + string(r[1:])
	}
	return s
}
