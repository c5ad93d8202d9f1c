package report

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// MadeForm is a form made here, as those who may change it see it.
type MadeForm struct {
	*Form
	Unit    string // whose it is
	Row     int    // version of the row, for Conflict
	Used    bool   // a period that has opened stands on it: it is changed no more
	MayEdit bool
}

// mayForm: who asks for reports in a unit's name keeps its forms.
func (s *Service) mayForm(ctx context.Context, actor access.Actor, unit string) bool {
	askers, err := s.Askers(ctx, actor)
	return err == nil && slices.ContainsFunc(askers, func(a Asker) bool { return a.Unit == unit })
}

// FormList are the forms: the program's, and those made here that the actor may change or that are in use.
func (s *Service) FormList(ctx context.Context, actor access.Actor) ([]*MadeForm, error) {
	var out []*MadeForm
	err := s.db.Read(ctx, func(q db.Querier) error {
		for _, f := range s.own {
			out = append(out, &MadeForm{Form: f, Used: true})
		}
		made, err := readForms(ctx, q)
		if err != nil {
			return err
		}
		for _, f := range made {
			m, err := s.madeForm(ctx, q, actor, f)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}

func (s *Service) madeForm(ctx context.Context, q db.Querier, actor access.Actor, f *Form) (*MadeForm, error) {
	m := &MadeForm{Form: f}
	if err := q.QueryRow(ctx, `SELECT unit_id, version FROM report_form WHERE id=$1 AND number=$2`, f.ID, f.Version).Scan(&m.Unit, &m.Row); err != nil {
		return nil, noRow(err)
	}
	var n int
	if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM report_period WHERE form_id=$1 AND form_number=$2 AND state<>'planned'`, f.ID, f.Version).Scan(&n); err != nil {
		return nil, err
	}
	m.Used = n > 0
	m.MayEdit = s.mayForm(ctx, actor, m.Unit)
	return m, nil
}

// FormOf is one form.
func (s *Service) FormOf(ctx context.Context, actor access.Actor, id string, version int) (*MadeForm, error) {
	list, err := s.FormList(ctx, actor)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		if f.ID == id && f.Version == version {
			return f, nil
		}
	}
	return nil, errs.E(errs.NotFound, "report.form.none")
}

// MakeFormTx makes a form of a unit's own: empty but for one figure, or a copy of another as its next version or under a new name.
func (s *Service) MakeFormTx(ctx context.Context, tx *db.Tx, actor access.Actor, unit, title string, from civil.Date, like string, likeVersion int) (id string, version int, err error) {
	if !s.mayForm(ctx, actor, unit) {
		return "", 0, errs.E(errs.Forbidden, "report.period.not_yours")
	}
	if title = strings.TrimSpace(title); title == "" {
		return "", 0, errs.At("title", "report.period.title_missing")
	}
	f := &Form{ID: "f" + strings.ReplaceAll(tx.NewID(), "-", ""), Version: 1, Title: title, Span: civil.Span{From: from}}
	if like != "" {
		forms, err := s.Forms(ctx, tx)
		if err != nil {
			return "", 0, err
		}
		i := slices.IndexFunc(forms, func(x *Form) bool { return x.ID == like && x.Version == likeVersion })
		if i < 0 {
			return "", 0, errs.E(errs.NotFound, "report.form.none")
		}
		f.Indicators = forms[i].Indicators
	}
	if err := f.Check(); err != nil {
		return "", 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO report_form(id, number, unit_id, title, from_day, to_day, doc, created) VALUES($1,$2,$3,$4,$5,$6,$7,$8)`,
		f.ID, f.Version, unit, f.Title, f.From, f.To, toJSON(f), db.Micros(tx.Now()))
	if err != nil {
		return "", 0, err
	}
	return f.ID, f.Version, note(ctx, tx, actor, unit, "report_form", f.ID, "form_made", map[string]any{"title": title, "like": like}, "title", title)
}

// editForm reads a form to be changed: not one of the program's, nor one on which a period has opened.
func (s *Service) editForm(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version, row int) (*MadeForm, error) {
	made, err := readForms(ctx, tx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(made, func(f *Form) bool { return f.ID == id && f.Version == version })
	if i < 0 {
		return nil, errs.E(errs.NotFound, "report.form.none")
	}
	m, err := s.madeForm(ctx, tx, actor, made[i])
	switch {
	case err != nil:
		return nil, err
	case !m.MayEdit:
		return nil, errs.E(errs.Forbidden, "report.period.not_yours")
	case m.Used:
		return nil, errs.E(errs.Conflict, "report.form.used")
	case m.Row != row:
		return nil, errs.E(errs.Conflict, "report.conflict")
	}
	return m, nil
}

func (s *Service) storeForm(ctx context.Context, tx *db.Tx, actor access.Actor, m *MadeForm, action, code string) error {
	err := tx.Update(ctx, `UPDATE report_form SET title=$4, from_day=$5, to_day=$6, doc=$7, version=version+1 WHERE id=$1 AND number=$2 AND version=$3`,
		m.ID, m.Version, m.Row, m.Title, m.From, m.To, toJSON(m.Form))
	if err != nil {
		return err
	}
	return note(ctx, tx, actor, m.Unit, "report_form", m.ID, action, map[string]any{"code": code}, "title", m.Title, "code", code)
}

// SaveIndicatorTx adds a figure to a form, or changes the one that has the code old. Its faults stand beside the fields of Indicator.
func (s *Service) SaveIndicatorTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version, row int, old string, x Indicator) error {
	m, err := s.editForm(ctx, tx, actor, id, version, row)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(m.Indicators, func(o *Indicator) bool { return o.Code == old }); i >= 0 && x.Source == "" {
		x.Source = m.Indicators[i].Source // who computes it is not a matter of this page
	}
	if err := checkIndicator(&x); err != nil {
		return err
	}
	form, err := cloneForm(m.Form)
	if err != nil {
		return err
	}
	if old == "" {
		at := len(form.Indicators) // behind the last of its section
		for i, o := range form.Indicators {
			if o.Section == x.Section {
				at = i + 1
			}
		}
		form.Indicators = slices.Insert(form.Indicators, at, &x)
	} else {
		i := slices.IndexFunc(form.Indicators, func(o *Indicator) bool { return o.Code == old })
		if i < 0 {
			return errs.E(errs.NotFound, "report.form.none")
		}
		form.Indicators[i] = &x
	}
	if err := formFault(form.Check()); err != nil {
		return err
	}
	m.Form = form
	return s.storeForm(ctx, tx, actor, m, "form_figure", x.Code)
}

// DropIndicatorTx takes a figure out of a form.
func (s *Service) DropIndicatorTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version, row int, code string) error {
	m, err := s.editForm(ctx, tx, actor, id, version, row)
	if err != nil {
		return err
	}
	form, err := cloneForm(m.Form)
	if err != nil {
		return err
	}
	n := len(form.Indicators)
	form.Indicators = slices.DeleteFunc(form.Indicators, func(o *Indicator) bool { return o.Code == code })
	if len(form.Indicators) == n {
		return errs.E(errs.NotFound, "report.form.none")
	}
	if err := formFault(form.Check()); err != nil { // a rule or a ratio still names it
		return err
	}
	m.Form = form
	return s.storeForm(ctx, tx, actor, m, "form_figure_dropped", code)
}

// cloneForm is a copy that can be changed.
func cloneForm(f *Form) (*Form, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	out := new(Form)
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, err
	}
	out.ID, out.Version, out.Title, out.Span = f.ID, f.Version, f.Title, f.Span
	return out, nil
}

// formFault makes a fault of a form one beside the field of the page that can mend it.
func formFault(err error) error {
	if err == nil {
		return nil
	}
	return &errs.Error{Kind: errs.Invalid, Msg: i18n.M("error.invalid"), Fields: []errs.Field{{Name: "code", Msg: errs.MsgOf(err)}}}
}

// checkIndicator gathers what is wrong with a figure by itself, and puts it in order.
func checkIndicator(x *Indicator) error {
	l := new(errs.List)
	x.Code, x.Section, x.TitleVI, x.TitleEN = strings.TrimSpace(x.Code), strings.TrimSpace(x.Section), strings.TrimSpace(x.TitleVI), strings.TrimSpace(x.TitleEN)
	x.Rule, x.Hint = strings.TrimSpace(x.Rule), strings.TrimSpace(x.Hint)
	if x.Source == "" {
		x.Source = SourceTyped
	}
	if !codeForm.MatchString(x.Code) {
		l.Add("code", "report.form.code_bad")
	}
	if x.Section == "" {
		l.Add("section", "report.form.section_missing")
	}
	if x.TitleVI == "" {
		l.Add("title_vi", "report.form.title_missing")
	}
	if !slices.Contains(Measures, x.Unit) || x.Unit == Percent {
		l.Add("unit", "report.form.unit_bad")
	}
	if len(x.To) == 0 {
		l.Add("to", "report.form.to_missing")
	}
	if x.Rule != "" {
		if _, err := ParseRule(x.Rule); err != nil {
			l.Add("rule", "report.form.rule_bad")
		}
	}
	if len(x.Periods) == 0 {
		x.Periods = []string{PeriodHalf, PeriodYear}
	}
	switch x.Unit {
	case YesNo:
		x.Agg = "count_yes"
	case Grade:
		x.Agg = "histogram"
	case Count, VND, M2:
		x.Agg = "sum"
	default:
		x.Agg = "none"
	}
	if x.Measure != "stock" {
		x.Measure = "flow"
	}
	return l.Err()
}
