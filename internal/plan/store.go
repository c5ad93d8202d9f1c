package plan

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// insertAll inserts many rows with few statements. The texts repeat themselves, so that they are prepared once.
func insertAll(ctx context.Context, tx *db.Tx, head string, cols, n int, args func(int) []any) error {
	const batch = 60
	for i := 0; i < n; i += batch {
		m := min(batch, n-i)
		all := make([]any, 0, m*cols)
		for j := range m {
			all = append(all, args(i+j)...)
		}
		if _, err := tx.Exec(ctx, head+` VALUES `+values(cols, m), all...); err != nil {
			return fmt.Errorf("plan: store: %w", err)
		}
	}
	return nil
}

func values(cols, rows int) string {
	var b strings.Builder
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range cols {
			if c > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(r*cols + c + 1))
		}
		b.WriteByte(')')
	}
	return b.String()
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types
	}
	return string(b)
}

const planColumns = `id, unit_id, status, progress_public, parent_id, doc, version`

func scanPlan(scan func(...any) error) (*Plan, error) {
	var id, unit, status, parent, doc string
	var public, version int
	if err := scan(&id, &unit, &status, &public, &parent, &doc, &version); err != nil {
		return nil, err
	}
	p := new(Plan)
	if err := json.Unmarshal([]byte(doc), p); err != nil {
		return nil, fmt.Errorf("plan: %s: %w", id, err)
	}
	p.ID, p.Unit, p.Status, p.ProgressPublic, p.Parent, p.Version = id, unit, Status(status), public != 0, parent, version
	return p, nil
}

// readPlan reads a plan with its tasks; errs.NotFound where there is none.
func readPlan(ctx context.Context, q db.Querier, id string) (*Plan, error) {
	p, err := scanPlan(q.QueryRow(ctx, `SELECT `+planColumns+` FROM plan WHERE id=$1`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errs.E(errs.NotFound, "plan.none")
	}
	if err != nil {
		return nil, err
	}
	err = db.Each(ctx, q, func(rows *sql.Rows) error {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		t := new(Task)
		if err := json.Unmarshal([]byte(doc), t); err != nil {
			return fmt.Errorf("plan: %s: %w", id, err)
		}
		p.Tasks = append(p.Tasks, t)
		return nil
	}, `SELECT doc FROM plan_task WHERE plan_id=$1 ORDER BY seq, id`, id)
	return p, err
}

// facts is the plan without its tasks, as it is stored.
func facts(p *Plan) string {
	c := *p
	c.Tasks = nil
	return mustJSON(&c)
}

// insertPlan stores a new plan with its tasks; errs.Conflict where the id is taken.
func insertPlan(ctx context.Context, tx *db.Tx, p *Plan) error {
	p.Version = 1
	var one int
	err := tx.QueryRow(ctx, `SELECT 1 FROM plan WHERE id=$1`, p.ID).Scan(&one)
	if err == nil {
		return errs.At("id", "plan.id_taken", "id", p.ID)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO plan(id,unit_id,status,signed,from_day,to_day,parent_id,progress_public,doc,version,created) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,1,$10)`,
		p.ID, p.Unit, string(p.Status), p.Signed, p.From, p.To, p.Parent, db.Flag(p.ProgressPublic), facts(p), db.Micros(tx.Now()))
	if err != nil {
		return err
	}
	return insertTasks(ctx, tx, p)
}

func insertTasks(ctx context.Context, tx *db.Tx, p *Plan) error {
	return insertAll(ctx, tx, `INSERT INTO plan_task(plan_id,id,seq,doc)`, 4, len(p.Tasks), func(i int) []any {
		return []any{p.ID, p.Tasks[i].ID, i + 1, mustJSON(p.Tasks[i])}
	})
}

// savePlan stores the plan's facts if nobody else changed it meanwhile, and moves its version.
func savePlan(ctx context.Context, tx *db.Tx, p *Plan) error {
	err := tx.Update(ctx, `UPDATE plan SET status=$3, signed=$4, from_day=$5, to_day=$6, parent_id=$7, progress_public=$8, doc=$9, version=version+1 WHERE id=$1 AND version=$2`,
		p.ID, p.Version, string(p.Status), p.Signed, p.From, p.To, p.Parent, db.Flag(p.ProgressPublic), facts(p))
	if err == nil {
		p.Version++
	}
	return err
}

// saveTasks stores all tasks of a plan anew.
func saveTasks(ctx context.Context, tx *db.Tx, p *Plan) error {
	if _, err := tx.Exec(ctx, `DELETE FROM plan_task WHERE plan_id=$1`, p.ID); err != nil {
		return err
	}
	return insertTasks(ctx, tx, p)
}

// Roles.

func readRoles(ctx context.Context, q db.Querier, province string) ([]Role, error) {
	var out []Role
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var r Role
		err := rows.Scan(&r.ID, &r.Province, &r.Role, &r.Unit, &r.From, &r.To, &r.Source, &r.Version)
		out = append(out, r)
		return err
	}, `SELECT id, province_id, role, unit_id, from_day, to_day, source, version FROM plan_role WHERE province_id=$1 ORDER BY role, from_day, id`, province)
	return out, err
}

func insertRole(ctx context.Context, tx *db.Tx, r *Role) error {
	r.ID, r.Version = tx.NewID(), 1
	_, err := tx.Exec(ctx, `INSERT INTO plan_role(id,province_id,role,unit_id,from_day,to_day,source,version) VALUES($1,$2,$3,$4,$5,$6,$7,1)`,
		r.ID, r.Province, r.Role, r.Unit, r.From, r.To, r.Source)
	return err
}

// Members.

func readMembers(ctx context.Context, q db.Querier, unit string) ([]Member, error) {
	var out []Member
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var m Member
		var units, groups string
		if err := rows.Scan(&m.ID, &m.Unit, &m.Name, &m.Position, &m.Account, &m.From, &m.To, &units, &groups, &m.Version); err != nil {
			return err
		}
		err := errors.Join(json.Unmarshal([]byte(units), &m.Units), json.Unmarshal([]byte(groups), &m.Groups))
		out = append(out, m)
		return err
	}, `SELECT id, unit_id, name, position, account, from_day, to_day, charge_units, charge_groups, version FROM plan_member WHERE unit_id=$1 ORDER BY id`, unit)
	return out, err
}

// Assignment is one task at one unit, as it is stored, with its occurrences in order.
type Assignment struct {
	ID, Plan, Task, Unit string
	Request              bool
	Given                civil.Date
	Received             civil.Date
	ReceivedBy           string // name of who received it
	Person               string // who does it
	Account              string
	NA                   NA
	NARule               i18n.Msg // why it does not apply by rule
	NAReason             string   // the unit's own reason
	Last                 civil.Date
	Dropped              civil.Date // an amendment took the task away
	Sample               bool
	Version              int
	Occ                  []Occurrence
}

const assignmentColumns = `id, plan_id, task_id, unit_id, request, given, received, received_by, person, account, na, na_rule, na_reason, last_record, dropped, sample, version`

func scanAssignment(scan func(...any) error) (*Assignment, error) {
	a := new(Assignment)
	var request, sample int
	var rule string
	err := scan(&a.ID, &a.Plan, &a.Task, &a.Unit, &request, &a.Given, &a.Received, &a.ReceivedBy, &a.Person, &a.Account, &a.NA, &rule, &a.NAReason, &a.Last, &a.Dropped, &sample, &a.Version)
	if err != nil {
		return nil, err
	}
	a.Request, a.Sample = request != 0, sample != 0
	if rule != "" {
		if err := json.Unmarshal([]byte(rule), &a.NARule); err != nil {
			return nil, fmt.Errorf("plan: assignment %s: %w", a.ID, err)
		}
	}
	return a, nil
}

const occurrenceColumns = `id, assignment_id, seq, event, due, limit_day, begun, done, entered, kept, returned, answer_by, version`

func scanOccurrence(scan func(...any) error) (o Occurrence, err error) {
	var begun, kept, returned int
	err = scan(&o.ID, &o.Assignment, &o.Seq, &o.Event, &o.Due, &o.Limit, &begun, &o.Done, &o.Entered, &kept, &returned, &o.AnswerBy, &o.Version)
	o.Begun, o.Kept, o.Returned = begun != 0, kept != 0, returned != 0
	return o, err
}

// readAssignments reads the assignments of a condition with their occurrences, in two queries. where speaks of assignment as a, with its arguments from $1.
func readAssignments(ctx context.Context, q db.Querier, where string, args ...any) ([]*Assignment, error) {
	var out []*Assignment
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		a, err := scanAssignment(rows.Scan)
		out = append(out, a)
		return err
	}, `SELECT `+prefixed("a.", assignmentColumns)+` FROM assignment a WHERE `+where+` ORDER BY a.id`, args...)
	if err != nil || len(out) == 0 {
		return out, err
	}
	byID := make(map[string]*Assignment, len(out))
	for _, a := range out {
		byID[a.ID] = a
	}
	err = db.Each(ctx, q, func(rows *sql.Rows) error {
		o, err := scanOccurrence(rows.Scan)
		if a := byID[o.Assignment]; a != nil {
			a.Occ = append(a.Occ, o)
		}
		return err
	}, `SELECT `+prefixed("o.", occurrenceColumns)+` FROM occurrence o JOIN assignment a ON a.id=o.assignment_id WHERE `+where+` ORDER BY o.assignment_id, o.seq`, args...)
	return out, err
}

func prefixed(p, columns string) string { return p + strings.ReplaceAll(columns, ", ", ", "+p) }

// readAssignment reads one assignment; errs.NotFound where there is none.
func readAssignment(ctx context.Context, q db.Querier, id string) (*Assignment, error) {
	list, err := readAssignments(ctx, q, `a.id=$1`, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.E(errs.NotFound, "plan.assignment.none")
	}
	return list[0], nil
}

// insertAssignments stores new assignments with their occurrences.
func insertAssignments(ctx context.Context, tx *db.Tx, list []*Assignment) error {
	err := insertAll(ctx, tx, `INSERT INTO assignment(id,plan_id,task_id,unit_id,request,given,na,na_rule,person,account)`, 10, len(list), func(i int) []any {
		a := list[i]
		rule := ""
		if !a.NARule.IsZero() {
			rule = mustJSON(a.NARule)
		}
		return []any{a.ID, a.Plan, a.Task, a.Unit, db.Flag(a.Request), a.Given, string(a.NA), rule, a.Person, a.Account}
	})
	if err != nil {
		return err
	}
	var occ []*Occurrence
	var of []*Assignment
	for _, a := range list {
		for i := range a.Occ {
			occ, of = append(occ, &a.Occ[i]), append(of, a)
		}
	}
	return insertAll(ctx, tx, `INSERT INTO occurrence(id,assignment_id,plan_id,unit_id,seq,event,due,limit_day)`, 8, len(occ), func(i int) []any {
		o, a := occ[i], of[i]
		return []any{o.ID, a.ID, a.Plan, a.Unit, o.Seq, o.Event, o.Due, o.Limit}
	})
}

// touch notes what changed for boards in memory, and moves the epoch.
func touch(ctx context.Context, tx *db.Tx, plan string, assignments ...string) error {
	if len(assignments) == 0 || len(assignments) > 200 {
		assignments = []string{""}
	}
	at := db.Micros(tx.Now())
	err := insertAll(ctx, tx, `INSERT INTO plan_touch(id,plan_id,assignment_id,at)`, 4, len(assignments), func(i int) []any {
		return []any{tx.NewID(), plan, assignments[i], at}
	})
	if err != nil {
		return err
	}
	return tx.Bump(ctx, epochName)
}

// epochName is the epoch that moves with each change in this room.
const epochName = "plan"

// in is a list of n placeholders from $1.
func in(n int) string { return db.In(n, 1) }

// cut parts a struct tag's value at its first comma.
func cut(tag string) (name, rest string, ok bool) { return strings.Cut(tag, ",") }
