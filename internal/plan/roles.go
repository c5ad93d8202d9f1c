package plan

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// mayRole is nil where the actor may say who holds roles in the province: its administrator.
func (s *Service) mayRole(actor access.Actor, province string, today civil.Date) error {
	pl := s.units.TreeOf(province, today).Place(province)
	if access.Allowed(actor, access.ManageSettings, pl) {
		return nil
	}
	return errs.E(errs.Forbidden, "plan.forbidden.roles")
}

// MayRole reports whether the actor may say who holds roles in the province.
func (s *Service) MayRole(actor access.Actor, province string) bool {
	return s.mayRole(actor, province, s.clock.Today()) == nil
}

// RoleTx adds a dated role or, where r.ID names one, changes it. Two rows of one role may not share a day.
func (s *Service) RoleTx(ctx context.Context, tx *db.Tx, actor access.Actor, r Role) error {
	if err := s.mayRole(actor, r.Province, tx.Today()); err != nil {
		return err
	}
	rows, err := readRoles(ctx, tx, r.Province)
	if err != nil {
		return err
	}
	var l errs.List
	if !roleName.MatchString(r.Role) {
		l.Add("role", "plan.bad_role", "role", r.Role)
	}
	if u, ok := s.units.Near(r.Unit, max(r.From, tx.Today())); !ok || s.province(u.ID, max(r.From, tx.Today())) != r.Province {
		l.Add("unit", "plan.role_unit")
	}
	if r.From != civil.None && r.To != civil.None && r.To < r.From {
		l.Add("to", "plan.end_before_start")
	}
	for _, o := range rows {
		if o.Role == r.Role && o.ID != r.ID && o.Meets(r.Span) {
			l.Add("from", "plan.role_overlap", "from", o.From, "to", o.To)
			break
		}
	}
	text(&l, "source", r.Source, false, 500)
	if err := l.Err(); err != nil {
		return err
	}
	var was *Role
	if i := slices.IndexFunc(rows, func(o Role) bool { return o.ID == r.ID }); r.ID != "" {
		if i < 0 {
			return errs.E(errs.NotFound, "plan.role_none")
		}
		was = &rows[i]
		if err := version(r.Version, was.Version); err != nil {
			return err
		}
		err = tx.Update(ctx, `UPDATE plan_role SET role=$3, unit_id=$4, from_day=$5, to_day=$6, source=$7, version=version+1 WHERE id=$1 AND version=$2`,
			r.ID, was.Version, r.Role, r.Unit, r.From, r.To, r.Source)
	} else {
		err = insertRole(ctx, tx, &r)
	}
	if err != nil {
		return err
	}
	return s.doneRole(ctx, tx, actor, r, map[string]any{"before": was, "after": r})
}

// EndRoleTx ends a role's row on a day, or takes away one that had not begun by then.
func (s *Service) EndRoleTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, v int, last civil.Date) error {
	var r Role
	err := tx.QueryRow(ctx, `SELECT id, province_id, role, unit_id, from_day, to_day, source, version FROM plan_role WHERE id=$1`, id).
		Scan(&r.ID, &r.Province, &r.Role, &r.Unit, &r.From, &r.To, &r.Source, &r.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return errs.E(errs.NotFound, "plan.role_none")
	}
	if err != nil {
		return err
	}
	if err := s.mayRole(actor, r.Province, tx.Today()); err != nil {
		return err
	}
	if err := version(v, r.Version); err != nil {
		return err
	}
	if last < r.From || last == civil.None {
		err = tx.Update(ctx, `DELETE FROM plan_role WHERE id=$1 AND version=$2`, id, r.Version)
	} else {
		err = tx.Update(ctx, `UPDATE plan_role SET to_day=$3, version=version+1 WHERE id=$1 AND version=$2`, id, r.Version, last)
	}
	if err != nil {
		return err
	}
	return s.doneRole(ctx, tx, actor, r, map[string]any{"before": r, "last": last})
}

func (s *Service) doneRole(ctx context.Context, tx *db.Tx, actor access.Actor, r Role, details any) error {
	err := record(ctx, tx, actor, entry{action: "plan.role", unit: r.Province, kind: "plan_role", subject: r.ID, msg: i18n.M("plan.audit.role", "role", RoleMsg(r.Role)), details: details})
	if err != nil {
		return err
	}
	return touch(ctx, tx, "")
}

// giveRoles makes open rows for the roles that a plan names and nobody holds on its day. It returns the rows afterwards.
func (s *Service) giveRoles(ctx context.Context, tx *db.Tx, actor access.Actor, p *Plan, tree *org.Tree) ([]Role, error) {
	province := s.province(p.Unit, tree.Day())
	rows, err := readRoles(ctx, tx, province)
	if err != nil {
		return nil, err
	}
	for _, rc := range p.Roles {
		if RoleHolder(rows, rc.Role, tree.Day()) != "" {
			continue
		}
		u, ok := tree.ByCode(rc.Code)
		if !ok {
			continue
		}
		r := Role{Province: province, Role: rc.Role, Unit: u.ID, Source: p.Number}
		for _, o := range rows { // the new row must not run into a later one
			if o.Role == rc.Role && o.From > tree.Day() && (r.To == civil.None || o.From <= r.To) {
				r.To = o.From.Add(-1)
			}
			if o.Role == rc.Role && o.To != civil.None && o.To < tree.Day() && o.To >= r.From {
				r.From = o.To.Add(1)
			}
		}
		if err := insertRole(ctx, tx, &r); err != nil {
			return nil, err
		}
		rows = append(rows, r)
		if err := s.doneRole(ctx, tx, actor, r, r); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// MemberTx adds a member of a unit's steering committee or, where m.ID names one, changes it.
func (s *Service) MemberTx(ctx context.Context, tx *db.Tx, actor access.Actor, m Member) (string, error) {
	today := tx.Today()
	if err := s.mayMember(ctx, tx, actor, m.Unit); err != nil {
		return "", err
	}
	var l errs.List
	m.Name = strings.TrimSpace(m.Name)
	text(&l, "name", m.Name, true, 200)
	text(&l, "position", m.Position, false, 200)
	if m.From != civil.None && m.To != civil.None && m.To < m.From {
		l.Add("to", "plan.end_before_start")
	}
	for _, u := range m.Units {
		if !s.units.TreeOf(m.Unit, today).Under(u, m.Unit) {
			l.Add("units", "plan.member.unit")
			break
		}
	}
	if err := l.Err(); err != nil {
		return "", err
	}
	if m.Units == nil {
		m.Units = []string{}
	}
	if m.Groups == nil {
		m.Groups = []string{}
	}
	var err error
	if m.ID == "" {
		m.ID = tx.NewID()
		_, err = tx.Exec(ctx, `INSERT INTO plan_member(id,unit_id,name,position,account,from_day,to_day,charge_units,charge_groups) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
			m.ID, m.Unit, m.Name, m.Position, m.Account, m.From, m.To, mustJSON(m.Units), mustJSON(m.Groups))
	} else {
		err = tx.Update(ctx, `UPDATE plan_member SET name=$4, position=$5, account=$6, from_day=$7, to_day=$8, charge_units=$9, charge_groups=$10, version=version+1 WHERE id=$1 AND version=$2 AND unit_id=$3`,
			m.ID, m.Version, m.Unit, m.Name, m.Position, m.Account, m.From, m.To, mustJSON(m.Units), mustJSON(m.Groups))
	}
	if err != nil {
		return "", err
	}
	err = record(ctx, tx, actor, entry{action: "plan.member", unit: m.Unit, kind: "plan_member", subject: m.ID, msg: i18n.M("plan.audit.member"), details: m})
	if err != nil {
		return "", err
	}
	return m.ID, touch(ctx, tx, "")
}

func (s *Service) mayMember(ctx context.Context, tx *db.Tx, actor access.Actor, unit string) error {
	roles, err := readRoles(ctx, tx, s.province(unit, tx.Today()))
	if err != nil {
		return err
	}
	p := &Plan{Unit: unit, Status: StatusIssued}
	if s.province(unit, tx.Today()) != unit {
		p.Parent = "own"
	}
	return may(actor, access.EditPlan, s.planPlace(p, roles, tx.Today()), true)
}
