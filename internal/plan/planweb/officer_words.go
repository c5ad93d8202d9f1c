package planweb

import (
	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// stateClass are the classes of tags by state.
var stateClass = map[plan.State]string{
	plan.NotReceived: "cho", plan.Received: "cho", plan.Doing: "lam", plan.DueSoon: "sap", plan.Overdue: "tre", plan.Returned: "sap",
	plan.Done: "xong", plan.DoneLate: "xong", plan.EnteredLate: "cho", plan.NoEvent: "cho", plan.Quiet: "sap", plan.NotApplicable: "cho",
}

// stateTag words a state. days are the days late or left, where they are known: overdue, due_soon, done_late.
func stateTag(p *i18n.Printer, s plan.State, days int, open bool) web.Tag {
	t := web.Tag{Class: stateClass[s]}
	key := "planweb.state." + string(s)
	switch {
	case s == plan.DueSoon && days <= 0:
		t.Text = p.T("planweb.state.due_today")
	case s == plan.DueSoon, s == plan.Overdue && days > 0, s == plan.DoneLate && days > 0:
		t.Text = p.T(key+"_days", "n", days)
	case s == plan.EnteredLate && !open:
		t.Class, t.Text = "xong", p.T("planweb.state.entered_late_done")
	default:
		t.Text = p.T(key)
	}
	return t
}

func cellTag(p *i18n.Printer, c *plan.Cell) web.Tag {
	if c.Request && c.State == plan.Done {
		return web.Tag{Class: "xong", Text: p.T("planweb.state.request_done")}
	}
	return stateTag(p, c.State, c.Late, c.Open)
}

// rhythm says when a task is to be done, where it names no day.
func rhythm(t *plan.Task) i18n.Msg {
	if t.Recurs == "" || len(t.Days()) > 0 {
		return i18n.Msg{}
	}
	return i18n.M("planweb.recurs." + t.Recurs)
}

// dueMsg says when a task is to be done: its days, or its rhythm.
func dueMsg(t *plan.Task) i18n.Msg {
	days := t.Days()
	switch len(days) {
	case 0:
		return rhythm(t)
	case 1:
		return i18n.M("planweb.due", "day", days[0])
	}
	return i18n.M("planweb.dues", "days", days)
}

// dueOf is dueMsg for one unit, whose own last day may have been moved.
func dueOf(t *plan.Task, due civil.Date) i18n.Msg {
	if due != civil.None {
		return i18n.M("planweb.due", "day", due)
	}
	return dueMsg(t)
}

// share is part of whole in hundredths, for the width of a bar.
func share(part, whole int) int {
	if whole <= 0 {
		return 0
	}
	return part * 100 / whole
}

// rooms are the parts into which tasks are put where they are listed for readers.
var rooms = []string{"lead", "know", "discuss", "decide", "do", "inspect"}
