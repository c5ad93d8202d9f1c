package plan

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/notify"
)

// The steps of reminding: so many days before the last day, and the day after. A step is sent once for each occurrence; where the server stood still on
// its day, it is sent on the next.
var remindDays = []int{14, 7, 3, 1}

const (
	stepAfter     = "after"
	remindAfter   = 7  // days after which "the day after" is no longer sent
	keepReminders = 90 // days
)

// remindStep is the step that an occurrence is in on a day: "14" from 14 to 8 days before, "after" past the last day; "" outside.
func remindStep(due, today civil.Date) string {
	left := due.Sub(today)
	switch {
	case left < -remindAfter, left > remindDays[0]:
		return ""
	case left < 0:
		return stepAfter
	}
	step := remindDays[0]
	for _, d := range remindDays {
		if left <= d {
			step = d
		}
	}
	return itoa(step)
}

// dueSoon is an open occurrence that somebody should be reminded of.
type dueSoon struct {
	occurrence, assignment, plan, task, unit, account string
	due                                               civil.Date
	step                                              string
}

// Remind sends today's reminders: for each unit or person one notice for all tasks that fall due on one day. It may run more than once a day and in
// several processes. It returns how many notices there were. Requests get none.
func (s *Service) Remind(ctx context.Context) (int, error) {
	today := s.clock.Today()
	var list []dueSoon
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var d dueSoon
		err := rows.Scan(&d.occurrence, &d.assignment, &d.plan, &d.task, &d.unit, &d.account, &d.due)
		if d.step = remindStep(d.due, today); d.step != "" {
			list = append(list, d)
		}
		return err
	}, `SELECT o.id, a.id, a.plan_id, a.task_id, a.unit_id, a.account, o.due FROM occurrence o JOIN assignment a ON a.id=o.assignment_id JOIN plan p ON p.id=a.plan_id
		WHERE o.done='' AND o.due<>'' AND o.due>=$1 AND o.due<=$2 AND a.request=0 AND a.na NOT IN ('rule','agreed') AND a.dropped='' AND a.given<=o.due AND p.status='issued'
		ORDER BY a.unit_id, o.due, o.id`, today.Add(-remindAfter), today.Add(remindDays[0]))
	if err != nil {
		return 0, err
	}
	sent, err := s.sentReminders(ctx, list)
	if err != nil {
		return 0, err
	}
	tree := s.units.On(today)
	list = slices.DeleteFunc(list, func(d dueSoon) bool {
		_, lives := tree.ByID(d.unit)
		return sent[d.occurrence+"\x00"+d.step] || !lives
	})
	slices.SortStableFunc(list, func(a, b dueSoon) int { return strings.Compare(a.group(), b.group()) })
	total := 0
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].group() == list[0].group() {
			n++
		}
		k, err := s.remindGroup(ctx, list[:n], today)
		if err != nil {
			return total, err
		}
		total += k
		list = list[n:]
	}
	return total, nil
}

func (d *dueSoon) group() string {
	return strings.Join([]string{d.unit, d.account, string(d.due), d.step, d.plan}, "\x00")
}

func (s *Service) sentReminders(ctx context.Context, list []dueSoon) (map[string]bool, error) {
	out := map[string]bool{}
	if len(list) == 0 {
		return out, nil
	}
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var subject, step string
		err := rows.Scan(&subject, &step)
		out[subject+"\x00"+step] = true
		return err
	}, `SELECT subject, step FROM plan_reminder WHERE day>=$1`, s.clock.Today().Add(-keepReminders))
	return out, err
}

// remindGroup sends one notice about tasks of one unit or person that fall due on one day.
func (s *Service) remindGroup(ctx context.Context, list []dueSoon, today civil.Date) (int, error) {
	p, err := s.Plan(ctx, list[0].plan)
	if err != nil {
		return 0, err
	}
	accounts := []string{list[0].account}
	if list[0].account == "" {
		if accounts, err = s.holders(ctx, list[0].unit, deskPosts...); err != nil {
			return 0, err
		}
	}
	n := 0
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		n = 0
		var fresh []string
		for _, d := range list {
			res, err := tx.Exec(ctx, `INSERT INTO plan_reminder(subject,step,day) VALUES($1,$2,$3) ON CONFLICT(subject,step) DO NOTHING`, d.occurrence, d.step, today)
			if err != nil {
				return err
			}
			if k, err := res.RowsAffected(); err != nil {
				return err
			} else if k == 1 {
				if t, ok := p.Task(d.task); ok {
					fresh = append(fresh, t.ID)
				}
			}
		}
		if len(fresh) == 0 {
			return nil
		}
		msg := remindMsg(p, fresh, list[0].due, today)
		link := HomeLink
		if len(fresh) == 1 {
			link = WorkLink(list[0].assignment)
		}
		for _, a := range accounts {
			n++
			if err := notify.SendTx(ctx, tx, notify.Notice{Account: a, Unit: list[0].unit, Kind: "plan.remind", Msg: msg, Link: link, Due: list[0].due}); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// remindMsg is a sentence short enough for a chat group.
func remindMsg(p *Plan, tasks []string, due, today civil.Date) i18n.Msg {
	left := due.Sub(today)
	number := p.Number
	if len(tasks) == 1 {
		t, _ := p.Task(tasks[0])
		switch {
		case left < 0:
			return i18n.M("plan.remind.one_after", "task", t.TitleVI, "number", number, "n", -left)
		case left == 0:
			return i18n.M("plan.remind.one_today", "task", t.TitleVI, "number", number)
		}
		return i18n.M("plan.remind.one_before", "task", t.TitleVI, "number", number, "n", left)
	}
	switch {
	case left < 0:
		return i18n.M("plan.remind.many_after", "n", len(tasks), "tasks", tasks, "number", number, "due", due)
	case left == 0:
		return i18n.M("plan.remind.many_today", "n", len(tasks), "tasks", tasks, "number", number)
	}
	return i18n.M("plan.remind.many_before", "n", len(tasks), "tasks", tasks, "number", number, "due", due)
}

func (s *Service) holders(ctx context.Context, unit string, kinds ...access.PostKind) ([]string, error) {
	if s.people == nil {
		return nil, nil
	}
	return s.people.Holders(ctx, unit, kinds...)
}

// Digest sends each head the weekly digest: what is overdue and what falls due within seven days at the unit. It is sent once a week and unit; run it
// daily, it waits for Monday and makes up for one that was missed. It returns how many notices there were.
func (s *Service) Digest(ctx context.Context) (int, error) {
	today := s.clock.Today()
	year, week := today.Time().ISOWeek()
	step := "w" + itoa(year) + "-" + itoa(week)
	type sum struct{ overdue, soon int }
	units := map[string]*sum{}
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var unit string
		var due civil.Date
		err := rows.Scan(&unit, &due)
		if units[unit] == nil {
			units[unit] = &sum{}
		}
		if due < today {
			units[unit].overdue++
		} else {
			units[unit].soon++
		}
		return err
	}, `SELECT a.unit_id, o.due FROM occurrence o JOIN assignment a ON a.id=o.assignment_id JOIN plan p ON p.id=a.plan_id
		WHERE o.done='' AND o.due<>'' AND o.due<=$1 AND a.request=0 AND a.na NOT IN ('rule','agreed') AND a.dropped='' AND a.given<=o.limit_day AND p.status='issued' AND p.to_day>=$2
		ORDER BY a.unit_id`, today.Add(7), today.Add(-recentDays))
	if err != nil {
		return 0, err
	}
	tree := s.units.On(today)
	total := 0
	for unit, n := range units {
		if _, lives := tree.ByID(unit); !lives {
			continue
		}
		heads, err := s.holders(ctx, unit, access.Head, access.VillageHead)
		if err != nil {
			return total, err
		}
		if len(heads) == 0 {
			continue
		}
		k := 0
		err = s.db.Write(ctx, func(tx *db.Tx) error {
			k = 0
			res, err := tx.Exec(ctx, `INSERT INTO plan_reminder(subject,step,day) VALUES($1,$2,$3) ON CONFLICT(subject,step) DO NOTHING`, unit, step, today)
			if err != nil {
				return err
			}
			if once, err := res.RowsAffected(); err != nil || once == 0 {
				return err
			}
			for _, a := range heads {
				k++
				msg := i18n.M("plan.digest", "overdue", n.overdue, "soon", n.soon, "unit", s.name(unit, today))
				if err := notify.SendTx(ctx, tx, notify.Notice{Account: a, Unit: unit, Kind: "plan.digest", Msg: msg, Link: HomeLink}); err != nil {
					return err
				}
			}
			return nil
		})
		total += k
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// Prune forgets touches that every process has long taken in, and reminders of long ago.
func (s *Service) Prune(ctx context.Context) error {
	return s.db.WriteLoose(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM plan_touch WHERE at<$1`, db.Micros(tx.Now())-6*touchWindow); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM plan_reminder WHERE day<$1`, tx.Today().Add(-2*keepReminders))
		return err
	})
}

// GroupText is a short text with its link, to be copied into a chat group: what a unit has overdue and what falls due within seven days. base is the
// server's address.
func (l *WorkList) GroupText(p *i18n.Printer, base string) string {
	lines := []string{p.T("plan.chat.head", "unit", l.Unit.NameIn(p.Lang), "day", l.Day)}
	add := func(key string, list []Work) {
		for _, w := range list {
			if w.Request || w.Days < 0 { // asked for supplements without a day, or entered late
				continue
			}
			lines = append(lines, p.T(key, "task", w.Task.Title(p.Lang), "due", w.Due, "n", w.Days))
		}
	}
	add("plan.chat.overdue", l.Overdue)
	add("plan.chat.soon", l.Week)
	if len(lines) == 1 {
		lines = append(lines, p.T("plan.chat.nothing"))
	}
	link := HomeLink
	if p.Lang == i18n.EN {
		link = "/en" + link
	}
	return strings.Join(append(lines, strings.TrimRight(base, "/")+link), "\n")
}
