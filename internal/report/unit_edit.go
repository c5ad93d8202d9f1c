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
)

// SectionEdit is what a form of one section sends.
type SectionEdit struct {
	Report  string
	Name    string
	Version int // of the section as it was shown; 0: never saved
	Nothing bool
	Body    string
	Values  map[string]int64 // by code; those left out stay
	Texts   map[string]string
	Reasons map[string]string
}

// SaveSectionTx stores one section of a report that is not handed in, or was sent back. Another section may be saved at the same moment. Rules that do not
// hold yet are no hindrance here: they are when the report is handed in.
func (s *Service) SaveSectionTx(ctx context.Context, tx *db.Tx, actor access.Actor, e SectionEdit) error {
	o, err := s.ownTx(ctx, tx, actor, e.Report, 0)
	if err != nil {
		return err
	}
	if !o.State.editable() {
		return errs.E(errs.Conflict, "report.frozen")
	}
	fields := o.inSection(e.Name)
	if len(fields) == 0 {
		return errs.E(errs.NotFound, "report.none")
	}
	sections, err := readSections(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	x := sections[e.Name]
	had := 0
	if x == nil {
		x = &Section{Report: o.ID, Name: e.Name}
	} else {
		had = x.Version
	}
	if had != e.Version {
		return errs.E(errs.Conflict, "report.section_conflict", "by", x.By, "at", db.FromMicros(x.At).In(civil.Zone).Format("15:04"))
	}
	before := slices.Clone(o.Values)
	if o.State == NotStarted {
		if err := s.beginTx(ctx, tx, o); err != nil {
			return err
		}
	}
	if err := o.take(x, fields, e); err != nil {
		return err
	}
	if err := saveSection(ctx, tx, actor, x, had); err != nil {
		return err
	}
	doc := DraftDoc{Values: map[string]int64{}, Nothing: x.Nothing, Body: x.Body, Texts: x.Texts, Reasons: x.Reasons}
	for _, f := range fields {
		if i := o.form.Index(f.Code); o.Values.Known(i) {
			doc.Values[f.Code] = o.Values[i]
		}
	}
	fresh, err := keepDraft(ctx, tx, actor, x, doc)
	if err != nil {
		return err
	}
	if err := s.noteChanges(ctx, tx, actor, o, before, x.Reasons); err != nil {
		return err
	}
	if err := saveReport(ctx, tx, o.Report); err != nil {
		return err
	}
	switch {
	case o.First != civil.None: // what changed is seen above at once
		return note(ctx, tx, actor, o.Unit, "report", o.ID, "corrected", map[string]any{"section": e.Name, "before": o.differing(before), "doc": doc}, "title", o.period.Title, "section", e.Name)
	case !fresh:
		return nil // one entry for a run of saves, as there is one version
	}
	return noteDraft(ctx, tx, actor, o.Unit, o.ID, "section", map[string]any{"section": e.Name, "doc": doc}, "title", o.period.Title, "section", e.Name)
}

// differing are the figures that were others before, by code.
func (o *opened) differing(before Values) map[string]int64 {
	out := map[string]int64{}
	for i, x := range o.form.Indicators {
		if i < len(before) && before[i] != o.Values[i] && before[i] != None {
			out[x.Code] = before[i]
		}
	}
	return out
}

func (o *opened) inSection(name string) []*Indicator {
	var out []*Indicator
	for _, x := range o.asked {
		if x.Section == name {
			out = append(out, x)
		}
	}
	return out
}

// take puts what was sent into the section and the figures.
func (o *opened) take(x *Section, fields []*Indicator, e SectionEdit) error {
	l := new(errs.List)
	x.Nothing = e.Nothing
	x.Body = strings.TrimSpace(e.Body)
	if len(x.Body) > maxText {
		l.Add("body", "report.text_long")
	}
	reasons, texts := map[string]string{}, map[string]string{}
	for _, f := range fields {
		if !typed(f) {
			continue
		}
		if f.Unit == Words {
			t, ok := e.Texts[f.Code]
			if !ok {
				t = x.Texts[f.Code]
			}
			if t = strings.TrimSpace(t); len(t) > maxText {
				l.Add(f.Code, "report.text_long")
			}
			if t != "" {
				texts[f.Code] = t
			}
			continue
		}
		i := o.form.Index(f.Code)
		v, ok := e.Values[f.Code]
		if !ok {
			v = o.Values[i]
		}
		if e.Nothing && f.nothing() {
			switch {
			case o.Found.Known(i) && o.Found[i] > 0:
				l.Add(f.Code, "report.nothing_but_found", "n", o.Found[i])
			case v != None && v > 0:
				l.Add(f.Code, "report.nothing_but_typed", "n", v)
			default:
				v = 0
			}
		}
		if v != None && v < 0 {
			l.Add(f.Code, "report.figure.negative")
		}
		o.Values[i] = v
		if t := strings.TrimSpace(e.Reasons[f.Code]); t != "" && corrected(o.Report, i) {
			reasons[f.Code] = t
		}
	}
	x.Reasons, x.Texts = reasons, texts
	return l.Err()
}

// nothing reports whether the figure is 0 where nothing happened in the period.
func (x *Indicator) nothing() bool {
	return x.Measure == "flow" && slices.Contains([]string{Count, VND, M2, Points}, x.Unit) && typed(x)
}

// Nothing reports whether the tick "nothing happened" is of use in the section.
func Nothing(fields []*Indicator) bool { return slices.ContainsFunc(fields, (*Indicator).nothing) }

// LayTx lays the report before the head. RecallTx takes it back.
func (s *Service) LayTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) error {
	o, err := s.ownTx(ctx, tx, actor, id, version)
	if err != nil {
		return err
	}
	if o.State != Drafting {
		return errs.E(errs.Conflict, "report.frozen")
	}
	if err := s.sound(ctx, tx, o, true); err != nil {
		return err
	}
	o.State = Signing
	if err := saveReport(ctx, tx, o.Report); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, o.Unit, []access.PostKind{access.Head}, "report.signing", i18n.M("report.notice.signing", "title", o.period.Title, "by", actor.Name), o.Link(), o.Due, ""); err != nil {
		return err
	}
	return noteDraft(ctx, tx, actor, o.Unit, o.ID, "laid", nil, "title", o.period.Title)
}

// RecallTx takes a report that lies before the head back to be worked on; the head says why.
func (s *Service) RecallTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, reason string) error {
	o, err := s.ownTx(ctx, tx, actor, id, version)
	if err != nil {
		return err
	}
	if o.State != Signing {
		return errs.E(errs.Conflict, "report.other_state")
	}
	o.State = Drafting
	if err := saveReport(ctx, tx, o.Report); err != nil {
		return err
	}
	if reason != "" {
		if err := s.tell(ctx, tx, o.Unit, desk, "report.recalled", i18n.M("report.notice.recalled", "title", o.period.Title, "reason", reason), o.Link(), o.Due, ""); err != nil {
			return err
		}
	}
	return noteDraft(ctx, tx, actor, o.Unit, o.ID, "recalled", map[string]any{"reason": reason}, "title", o.period.Title)
}

// sound refuses a report with faults that keep it from being handed in. incomplete: figures that nobody gave are said to be unknown.
func (s *Service) sound(ctx context.Context, q db.Querier, o *opened, incomplete bool) error {
	sections, err := readSections(ctx, q, o.ID)
	if err != nil {
		return err
	}
	l := new(errs.List)
	for _, f := range append(o.form.checks(o.asked, o.Values), o.reasonsMissing(sections)...) {
		l.Add("", "report.code_says", "code", f.Code, "what", f.Msg)
	}
	if n := len(o.empty(sections)); n > 0 && !incomplete {
		l.Add("incomplete", "report.incomplete", "n", n)
	}
	return l.Err()
}
