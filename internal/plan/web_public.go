package plan

import (
	"context"
	"database/sql"
	"regexp"
	"slices"
	"strconv"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
)

var firstNumber = regexp.MustCompile(`^[0-9]+`)

// Slug is the plan's address below a unit: the number and the year, "648-2021"; its id where it has no number.
func (p *Plan) Slug() string {
	n := firstNumber.FindString(p.Number)
	if n == "" {
		return p.ID
	}
	return n + "-" + strconv.Itoa(p.From.Year())
}

// IssuedBy are the plans issued by the units, the newest first; those of the first unit come first. They are shared: do not change them.
func (s *Service) IssuedBy(ctx context.Context, units ...string) ([]*Plan, error) {
	if len(units) == 0 {
		return nil, nil
	}
	type found struct {
		id    string
		place int
	}
	var list []found
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var f found
		var unit string
		err := rows.Scan(&f.id, &unit)
		f.place = slices.Index(units, unit)
		list = append(list, f)
		return err
	}, `SELECT id, unit_id FROM plan WHERE unit_id IN `+db.In(len(units), 2)+` AND status<>$1 ORDER BY from_day DESC, signed DESC, id`, append([]any{string(StatusDraft)}, db.Args(units)...)...)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b found) int { return a.place - b.place })
	out := make([]*Plan, len(list))
	for i, f := range list {
		if out[i], err = s.Plan(ctx, f.id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// At is the issued plan whose address below the unit has the slug: one of the unit's own or of a unit above it; a plan's id does as well.
// errs.NotFound where there is none.
func (s *Service) At(ctx context.Context, unit, slug string) (*Plan, error) {
	tree := s.units.TreeOf(unit, s.clock.Today())
	list, err := s.IssuedBy(ctx, append([]string{unit}, tree.Above(unit)...)...)
	if err != nil {
		return nil, err
	}
	for _, same := range []func(p *Plan) bool{func(p *Plan) bool { return p.ID == slug }, func(p *Plan) bool { return p.Slug() == slug }} {
		if i := slices.IndexFunc(list, same); i >= 0 {
			return list[i], nil
		}
	}
	return nil, errs.E(errs.NotFound, "plan.none")
}

// SeesProgress reports whether the actor may see the unit's state per task of the plan.
func (s *Service) SeesProgress(ctx context.Context, actor access.Actor, p *Plan, unit string) (bool, error) {
	if p.ProgressPublic {
		return true, nil
	}
	if actor.Public() {
		return false, nil
	}
	today := s.clock.Today()
	roles, err := s.Roles(ctx, s.province(p.Unit, today))
	if err != nil {
		return false, err
	}
	return access.Allowed(actor, access.ReadProgress, s.placeOf(p, unit, roles, today)), nil
}

// MayReadFile reports whether the actor may have a file of an assignment's evidence: an internal one with rights to the evidence, any other where the
// unit's progress may be seen, once the head has confirmed what it shows.
func (s *Service) MayReadFile(ctx context.Context, actor access.Actor, assignment, file string, internal bool) (bool, error) {
	a, err := readAssignment(ctx, s.db, assignment)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	p, roles, err := s.pair(ctx, a.Plan)
	if err != nil {
		return false, err
	}
	t, ok := p.Task(a.Task)
	if !ok {
		return false, nil
	}
	list, err := readEvidence(ctx, s.db, `assignment_id=$1 AND file_id=$2`, assignment, file)
	if err != nil {
		return false, err
	}
	pl := s.placeOf(p, a.Unit, roles, s.clock.Today())
	r := rightsOf(actor, t, pl)
	progress := p.ProgressPublic || access.Allowed(actor, access.ReadProgress, pl)
	return slices.ContainsFunc(list, func(e *Evidence) bool {
		return r.Draft || a.sent(e.Occurrence) && (r.Read || progress && !internal && e.Live())
	}), nil
}

// OpenEvidence is the evidence of an assignment that counts and that the head has confirmed, without names, notes and reasons: what may be shown where
// progress is public. Whether a file may be shown is for its attachment to say.
func (s *Service) OpenEvidence(ctx context.Context, assignment string) ([]*Evidence, error) {
	list, err := readEvidence(ctx, s.db, `assignment_id=$1 AND counts=1 AND withdrawn='' AND kind<>$2
		AND (occurrence_id='' OR occurrence_id IN (SELECT o.id FROM occurrence o WHERE o.assignment_id=$1 AND o.done<>''))`, assignment, kindGap)
	out := make([]*Evidence, len(list))
	for i, e := range list {
		out[i] = &Evidence{ID: e.ID, Assignment: e.Assignment, Occurrence: e.Occurrence, Kind: e.Kind, Number: e.Number, Day: e.Day, File: e.File, Title: e.Title, Link: e.Link, Counts: true, Sample: e.Sample}
	}
	return out, err
}
