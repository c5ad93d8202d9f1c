package law

import (
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
)

// Numbers are the duty's numbers in words, in the order in which one reads them: days, shares, sizes, terms, rhythm.
func (d *Duty) Numbers(c *Catalogue) []i18n.Msg {
	var out []i18n.Msg
	say := func(key string, kv ...any) { out = append(out, i18n.M(key, kv...)) }
	l := &d.Limits
	if d.WithinDays > 0 {
		say("law.number.within", "days", daysMsg(d.WithinDays, d.Working))
	}
	if d.MinDays > 0 {
		say("law.number.lasts", "days", daysMsg(d.MinDays, false))
	}
	if q := d.Quorum; q != nil {
		key := "law.number.quorum"
		if s := c.steps[d.Step]; s != nil && s.Quorum == "backing" {
			key = "law.number.backing"
		}
		say(key, "share", q.Rule())
	}
	if a := d.Approval; a != nil {
		say("law.number.approval", "share", a.Rule())
	}
	if l.Due != "" {
		say("law.limit.due", "day", dueDay(l.Due))
	}
	for name, v := range l.Each() {
		switch name {
		case "lead_days":
			say("law.limit.lead", "days", daysMsg(l.LeadDays, l.LeadWorking))
		case "test_lead_days":
			say("law.limit.test_lead", "days", daysMsg(l.TestLeadDays, l.LeadWorking))
		case "team":
			out = append(out, teamMsg(l.Team))
		case "permanent":
			say("law.limit.permanent")
		case "lead_working", "due":
		default:
			say("law.limit."+name, "n", v)
		}
	}
	if d.Recurrence != "" {
		say("law.recurrence." + d.Recurrence)
	}
	return out
}

// dueDay words "11-18" or "2023-12-30".
func dueDay(s string) i18n.Msg {
	if len(s) == len("2006-01-02") {
		return i18n.M("law.limit.due_day_of_year", "date", civil.Date(s))
	}
	d := civil.Date("2020-" + s).Time()
	return i18n.M("law.due.day_list", "days", d.Format("2"), "month", i18n.M("law.month.m"+d.Format("1")))
}

func teamMsg(team string) i18n.Msg {
	if from, to, ok := strings.Cut(team, ".."); ok {
		return i18n.M("law.limit.team_range", "from", from, "to", to)
	}
	return i18n.M("law.limit.team_list", "list", strings.Split(team, "|"))
}

// Exemptions are the units that the duty does not bind, in words.
func (d *Duty) Exemptions() []i18n.Msg {
	var out []i18n.Msg
	for _, a := range d.exempt {
		if a.op == "" {
			out = append(out, i18n.M("law.exempt.private"))
			continue
		}
		key := map[string]string{"<": "under", "<=": "to", ">": "over", ">=": "from"}[a.op]
		out = append(out, i18n.M("law.exempt."+key, "size", a.n, "who", i18n.M("law.exempt."+a.name)))
	}
	return out
}
