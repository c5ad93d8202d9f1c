package plan

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// SourceRecalled marks a role that was written from memory and that nobody has compared with a paper.
const SourceRecalled = "recalled"

// labourMoved is the day from which labour is a field of Home Affairs in the demo's province, recalled.
const labourMoved civil.Date = "2025-03-01"

// SampleEvidence fills an issued plan with sample evidence for part of the units, always the same, up to today: most have received it, most of what has
// fallen due is done, some late, some overdue, one returned. Rows are marked as sample. Units with the codes of untouched are left as they are. It also gives
// the committee sample members, and labour to Home Affairs from 2025 on.
func (s *Service) SampleEvidence(ctx context.Context, id string, untouched ...string) error {
	today := s.clock.Today()
	b, p, roles, err := s.boardOf(ctx, id)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := s.load(ctx, b, p); err != nil {
		return err
	}
	st := s.compute(b, p, today)
	m := sampler{plan: p, today: today, units: map[string]*org.Unit{}, groups: map[string]string{}}
	for _, r := range st.rows {
		if !slices.Contains(untouched, r.Unit.Code) {
			m.units[r.Unit.ID], m.groups[r.Unit.ID] = r.Unit, r.Group
		}
	}
	byID := map[string]*Assignment{}
	for _, a := range b.list {
		byID[a.ID] = a
	}
	for _, r := range st.rows { // in the order of the board, so that it is always the same
		for i := range r.Cells {
			if a := byID[r.Cells[i].Assignment]; a != nil && m.units[a.Unit] != nil && today >= p.Signed {
				m.assignment(a, p.Tasks[i])
			}
		}
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := m.store(ctx, tx); err != nil {
			return err
		}
		if err := s.sampleRoles(ctx, tx, p, roles); err != nil {
			return err
		}
		if err := s.sampleMembers(ctx, tx, p, st.groups); err != nil {
			return err
		}
		err := record(ctx, tx, access.System, entry{action: "plan.sample", unit: p.Unit, kind: "plan", subject: p.ID, msg: i18n.M("plan.audit.sample", "number", p.Number, "n", len(m.evidence)), touches: []string{"plan:" + p.ID}})
		if err != nil {
			return err
		}
		if err := touch(ctx, tx, ""); err != nil {
			return err
		}
		return touch(ctx, tx, p.ID)
	})
}

// sampler decides what each unit has done. What it decides follows from the codes alone.
type sampler struct {
	plan     *Plan
	today    civil.Date
	units    map[string]*org.Unit
	groups   map[string]string
	evidence []sampleEvidence
	closed   []sampleClosed
	begun    []string
	events   []sampleEvent
	returned *sampleClosed
}

type sampleEvidence struct {
	a          *Assignment
	occurrence string
	event      int // index into events, -1 for none
	number     string
	day        civil.Date
	items      int
}

type sampleClosed struct {
	a      *Assignment
	id     string
	day    civil.Date
	number string
	kept   bool
}

type sampleEvent struct {
	a   *Assignment
	day civil.Date
	id  string
}

// roll is a number from 0 to 99 that belongs to a unit, a task and a question.
func roll(parts ...string) int {
	h := fnv.New32a()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	x := h.Sum32()
	x ^= x >> 15
	x *= 0x2c1b3c6d
	x ^= x >> 12
	return int(x % 100)
}

// zeal is how much of what has fallen due a unit has done, in percent; some districts are slower.
func (m *sampler) zeal(u *org.Unit) int {
	slow := roll("group", m.groups[u.ID]) / 7 // 0 to 14
	return 101 - slow - roll(u.Code, "zeal")/20
}

func (m *sampler) received(u *org.Unit) (civil.Date, bool) {
	d := m.plan.Signed.Add(1 + roll(u.Code, "received")%9)
	return d, d <= m.today && roll(u.Code, "has plan") < 94
}

// between is a day from a to b that belongs to the roll; a where b is before it.
func between(a, b civil.Date, n int) civil.Date {
	if b <= a {
		return a
	}
	return a.Add(n * b.Sub(a) / 99)
}

func (m *sampler) assignment(a *Assignment, t *Task) {
	u := m.units[a.Unit]
	got, ok := m.received(u)
	if a.NA == NARule || a.NA == NAAgreed || !ok {
		return
	}
	switch {
	case t.event():
		if roll(u.Code, t.ID, "event") < 12 {
			day := between(got, m.today, roll(u.Code, t.ID, "day"))
			m.events = append(m.events, sampleEvent{a: a, day: day})
			m.evidence = append(m.evidence, sampleEvidence{a: a, event: len(m.events) - 1, number: m.number(u, t), day: day, items: len(t.Evidence)})
		}
	case len(a.Occ) == 0:
		if roll(u.Code, t.ID, "standing") < 78 {
			for i := range 1 + roll(u.Code, t.ID, "times")/60 {
				day := between(got, m.today, roll(u.Code, t.ID, "day", strconv.Itoa(i)))
				m.evidence = append(m.evidence, sampleEvidence{a: a, event: -1, number: m.number(u, t), day: day, items: 1})
			}
		}
	}
	for i := range a.Occ {
		m.occurrence(a, t, &a.Occ[i], u, got)
	}
}

func (m *sampler) occurrence(a *Assignment, t *Task, o *Occurrence, u *org.Unit, got civil.Date) {
	seq := strconv.Itoa(o.Seq)
	r := roll(u.Code, t.ID, seq)
	zeal := m.zeal(u)
	if a.Request {
		zeal /= 2
	}
	if o.Due > m.today { // not yet: a few have begun, fewer are done; nobody reports on a time that is not over
		zeal = 4
		if t.Kind == "report" {
			zeal = 0
		}
	}
	e := sampleEvidence{a: a, occurrence: o.ID, event: -1, number: m.number(u, t), items: len(t.Evidence)}
	switch {
	case r < zeal:
		last := min(o.Due, m.today)
		e.day = between(got, last, roll(u.Code, t.ID, seq, "day"))
		if late := roll(u.Code, t.ID, seq, "late"); late < 7 && o.Due < m.today {
			e.day = min(o.Due.Add(1+late), m.today)
		}
		c := sampleClosed{a: a, id: o.ID, day: e.day, number: e.number, kept: t.MayKeep() && roll(u.Code, t.ID, "kept") < 40}
		if m.returned == nil && u.Kind == org.Commune && t.Kind == "regulation" {
			m.returned = &c
		}
		m.closed = append(m.closed, c)
	case r < zeal+6:
		e.day, e.items = between(got, m.today, r), min(1, len(t.Evidence))
		m.begun = append(m.begun, o.ID)
	default:
		return
	}
	m.evidence = append(m.evidence, e)
}

// paperKinds are the letters of the papers that tasks end in.
var paperKinds = map[string]string{"plan": "KH", "organise": "QĐ", "report": "BC", "regulation": "QĐ", "guide": "CV", "disclose": "TB", "conference": "NQ"}

func (m *sampler) number(u *org.Unit, t *Task) string {
	kind := paperKinds[t.Kind]
	if kind == "" {
		kind = "BB"
	}
	body := "UBND"
	if !org.Administrative(u.Kind) {
		body = u.Code
	}
	return strconv.Itoa(3+roll(u.Code, t.ID, "number")) + "/" + kind + "-" + body
}

func (m *sampler) store(ctx context.Context, tx *db.Tx) error {
	const who = "Dữ liệu mẫu"
	for _, u := range m.units {
		if day, ok := m.received(u); ok {
			if _, err := tx.Exec(ctx, `UPDATE assignment SET received=$3, received_by=$4, sample=1 WHERE plan_id=$1 AND unit_id=$2`, m.plan.ID, u.ID, day, who); err != nil {
				return err
			}
		}
	}
	for i := range m.events {
		m.events[i].id = tx.NewID()
	}
	err := insertAll(ctx, tx, `INSERT INTO occurrence(id,assignment_id,plan_id,unit_id,seq,event,begun,done,entered,signer,sign_as,confirmed_by)`, 12, len(m.events), func(i int) []any {
		e := &m.events[i]
		return []any{e.id, e.a.ID, m.plan.ID, e.a.Unit, 1, "Phát sinh ngày " + i18n.For(i18n.VI).Date(e.day), 1, e.day, m.today, who, SignHead, access.System.ID}
	})
	if err != nil {
		return err
	}
	items := []string{"[]", "[0]", "[0,1]", "[0,1,2]", "[0,1,2,3]"}
	err = insertAll(ctx, tx, `INSERT INTO evidence(id,assignment_id,occurrence_id,plan_id,unit_id,kind,number,day,note,items,entered,actor,actor_name,sample)`, 14, len(m.evidence), func(i int) []any {
		e := &m.evidence[i]
		occurrence := e.occurrence
		if e.event >= 0 {
			occurrence = m.events[e.event].id
		}
		return []any{tx.NewID(), e.a.ID, occurrence, m.plan.ID, e.a.Unit, kindPaper, e.number, e.day, "Minh chứng mẫu", items[min(e.items, len(items)-1)], e.day, access.System.ID, who, 1}
	})
	if err != nil {
		return err
	}
	for _, c := range m.closed {
		if _, err := tx.Exec(ctx, `UPDATE occurrence SET begun=1, done=$2, entered=$2, kept=$3, signer=$4, sign_as=$5, sign_number=$6, confirmed_by=$7 WHERE id=$1`, c.id, c.day, db.Flag(c.kept), who, SignHead, c.number, access.System.ID); err != nil {
			return err
		}
	}
	for _, id := range m.begun {
		if _, err := tx.Exec(ctx, `UPDATE occurrence SET begun=1 WHERE id=$1`, id); err != nil {
			return err
		}
	}
	if r := m.returned; r != nil {
		if _, err := tx.Exec(ctx, `UPDATE occurrence SET returned=1 WHERE id=$1`, r.id); err != nil {
			return err
		}
		day := min(r.day.Add(3), m.today)
		if err := insertSteps(ctx, tx, access.System, Step{Assignment: r.a.ID, Unit: r.a.Unit, Occurrence: r.id, Kind: StepReturned, Day: day, Reason: "Đề nghị bổ sung biên bản rà soát (dữ liệu mẫu)"}); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE assignment SET last_record=(SELECT MAX(e.day) FROM evidence e WHERE e.assignment_id=assignment.id AND e.counts=1 AND e.withdrawn='')
		WHERE plan_id=$1 AND EXISTS (SELECT 1 FROM evidence e WHERE e.assignment_id=assignment.id AND e.counts=1 AND e.withdrawn='')`, m.plan.ID)
	return err
}

// sampleRoles gives labour to the focal body from 2025 on, where both live then.
func (s *Service) sampleRoles(ctx context.Context, tx *db.Tx, p *Plan, roles []Role) error {
	to := RoleHolder(roles, RoleFocal, p.Signed)
	i := slices.IndexFunc(roles, func(r Role) bool { return r.Role == RoleLabour && r.To == civil.None && r.From < labourMoved })
	if _, lives := s.units.On(labourMoved).ByID(to); i < 0 || !lives || roles[i].Unit == to {
		return nil
	}
	if err := tx.Update(ctx, `UPDATE plan_role SET to_day=$3, version=version+1 WHERE id=$1 AND version=$2`, roles[i].ID, roles[i].Version, labourMoved.Add(-1)); err != nil {
		return err
	}
	return insertRole(ctx, tx, &Role{Province: roles[i].Province, Role: RoleLabour, Unit: to, Span: civil.Span{From: labourMoved}, Source: SourceRecalled})
}

// sampleMembers gives the committee three members, who between them have all groups in charge.
func (s *Service) sampleMembers(ctx context.Context, tx *db.Tx, p *Plan, groups []*Group) error {
	charge := [3][]string{}
	for i, g := range groups {
		switch {
		case g.Unit == nil:
			charge[0] = append(charge[0], g.Key)
		case i%2 == 0:
			charge[1] = append(charge[1], g.Key)
		default:
			charge[2] = append(charge[2], g.Key)
		}
	}
	names := [3]string{"Ủy viên phụ trách khối tỉnh (mẫu)", "Ủy viên phụ trách cụm 1 (mẫu)", "Ủy viên phụ trách cụm 2 (mẫu)"}
	for i, name := range names {
		if len(charge[i]) == 0 {
			continue
		}
		_, err := tx.Exec(ctx, `INSERT INTO plan_member(id,unit_id,name,position,from_day,charge_groups) VALUES($1,$2,$3,$4,$5,$6)`,
			tx.NewID(), p.Unit, name, "Thành viên Ban Chỉ đạo", p.From, mustJSON(charge[i]))
		if err != nil {
			return err
		}
	}
	return nil
}
