package planweb

import (
	"slices"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/plan"
)

// lawAct is an act that a task names, with its duties that the task is about. An act that was not in force on the plan's day is marked; then the duties
// are those of the act that stood in its place.
type lawAct struct {
	Act       *law.Act
	Ended     bool     // not in force on the plan's day
	Until     bool     // it has a last day to show
	NotYet    bool     // it comes into force only later
	Successor *law.Act // nil where none is known
	Duties    []lawDuty
	More      []lawDuty // beyond the first few
}

type lawDuty struct {
	Ref, Title, Lang, Path string
	Recalled               bool
}

// fewDuties are shown at once; an act may have dozens.
const fewDuties = 6

// Path is the page of the act.
func (a lawAct) Path() string { return actPath(a.Act.ID) }

// SuccessorPath is the page of the act that stands in its place.
func (a lawAct) SuccessorPath() string { return actPath(a.Successor.ID) }

func actPath(id string) string  { return "/luat/" + id }
func dutyPath(id string) string { return "/luat/nghia-vu/" + id }

// lawOf is the law behind a task on a day: for one unit what binds it, for no unit what binds the kinds of units that the task falls on.
func lawOf(cat *law.Catalogue, lang i18n.Lang, t *plan.Task, u *org.Unit, day civil.Date) []lawAct {
	if cat == nil {
		return nil
	}
	var out []lawAct
	for _, id := range t.Acts {
		act, ok := cat.Act(id)
		if !ok {
			continue
		}
		la := lawAct{Act: act}
		from := act
		if in, next := cat.Standing(id, day); !in {
			la.Ended, la.Successor, la.NotYet = true, next, day < act.EffectiveFrom
			la.Until = !la.NotYet && act.EffectiveTo != civil.None
			from = next
		}
		if from != nil {
			for _, d := range cat.DutiesOf(from.ID) {
				if slices.Contains(t.DutyKinds, d.Kind) && concerns(d, t, u, day) {
					la.Duties = append(la.Duties, lawDuty{d.Ref, d.Title(lang), langOf(lang, d.TitleEN), dutyPath(d.ID), d.Recalled})
				}
			}
		}
		if len(la.Duties) > fewDuties+2 {
			la.Duties, la.More = la.Duties[:fewDuties:fewDuties], la.Duties[fewDuties:]
		}
		out = append(out, la)
	}
	return out
}

func concerns(d *law.Duty, t *plan.Task, u *org.Unit, day civil.Date) bool {
	if u != nil {
		return d.Binds(u.Kind, u.Flags, law.SizesOf(u.Staff, u.Workers), day)
	}
	return d.InForce(day) && (len(t.To) == 0 || slices.ContainsFunc(d.UnitKinds, func(k string) bool { return slices.Contains(t.To, k) }))
}

// lawDay is the day whose law a plan is judged by.
func lawDay(p *plan.Plan, today civil.Date) civil.Date {
	if p.Signed != civil.None {
		return p.Signed
	}
	return today
}

// langOf is the language of a text that is in English only where somebody wrote it so.
func langOf(lang i18n.Lang, en string) string {
	if lang == i18n.EN && en == "" {
		return string(i18n.VI)
	}
	return string(lang)
}
