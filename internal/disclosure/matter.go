package disclosure

import (
	"context"
	"database/sql"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// OwnRecurrences are the rhythms of a unit's own matters in the order of forms; "" is a standing one.
var OwnRecurrences = []string{"on_event", "", "yearly", "half_yearly", "quarterly", "monthly"}

const ownColumns = `id, unit_id, title, basis, audience, recurrence, from_day, to_day, version`

func readOwn(ctx context.Context, q db.Querier, where string, args ...any) ([]*OwnMatter, error) {
	var out []*OwnMatter
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		m := new(OwnMatter)
		out = append(out, m)
		return rows.Scan(&m.ID, &m.Unit, &m.Title, &m.Basis, &m.Audience, &m.Recurrence, &m.From, &m.To, &m.Version)
	}, `SELECT `+ownColumns+` FROM disclosure_matter WHERE `+where+` ORDER BY from_day, id`, args...)
	return out, err
}

// OwnMatters are the matters that a unit tells beyond the law, ended ones too, for those who write at the unit.
func (s *Service) OwnMatters(ctx context.Context, actor access.Actor, unit string) (out []*OwnMatter, err error) {
	if err := s.writable(actor, unit); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(q db.Querier) error {
		out, err = readOwn(ctx, q, `unit_id=$1`, unit)
		return err
	})
	return out, err
}

// OwnMatter is one of them.
func (s *Service) OwnMatter(ctx context.Context, actor access.Actor, id string) (m *OwnMatter, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		m, err = s.ownTx(ctx, q, actor, id)
		return err
	})
	return m, err
}

func (s *Service) ownTx(ctx context.Context, q db.Querier, actor access.Actor, id string) (*OwnMatter, error) {
	list, err := readOwn(ctx, q, `id=$1`, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	return list[0], s.writable(actor, list[0].Unit)
}

// OwnMatterTx makes an own matter (no ID) or changes one. What it is for and how it comes back do not change once it has items. Fields: title, basis,
// audience, recurrence, from, to.
func (s *Service) OwnMatterTx(ctx context.Context, tx *db.Tx, actor access.Actor, m OwnMatter) (id string, err error) {
	var was *OwnMatter
	if m.ID != "" {
		if was, err = s.ownTx(ctx, tx, actor, m.ID); err != nil {
			return "", err
		}
		if was.Version != m.Version {
			return "", errs.E(errs.Conflict, "db.conflict")
		}
		m.Unit = was.Unit
	} else if err := s.writable(actor, m.Unit); err != nil {
		return "", err
	}
	var l errs.List
	dutyText(&l, "title", m.Title, true, maxTitle)
	dutyText(&l, "basis", m.Basis, false, maxTitle)
	if m.Audience != Everybody && m.Audience != Staff {
		l.Add("audience", "disclosureduty.fault.choose")
	}
	if !slices.Contains(OwnRecurrences, m.Recurrence) {
		l.Add("recurrence", "disclosureduty.fault.choose")
	}
	if m.From == civil.None {
		l.Add("from", "disclosureduty.fault.needed.day")
	} else if m.To != civil.None && m.To < m.From {
		l.Add("to", "disclosureduty.fault.end_before_start")
	}
	if err := l.Err(); err != nil {
		return "", err
	}
	if was == nil {
		m.ID, m.Version = tx.NewID(), 1
		_, err = tx.Exec(ctx, `INSERT INTO disclosure_matter(`+ownColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,1)`,
			m.ID, m.Unit, m.Title, m.Basis, string(m.Audience), m.Recurrence, m.From, m.To)
		if err != nil {
			return "", err
		}
		return m.ID, recordOf(ctx, tx, actor, m.Unit, "matter", m.ID, "matter_add", []string{DutyTag(m.Unit)}, m, "title", m.Title)
	}
	if was.Audience != m.Audience || was.Recurrence != m.Recurrence {
		var n int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM disclosure_item WHERE unit_id=$1 AND matter=$2`, m.Unit, OwnPrefix+m.ID).Scan(&n); err != nil {
			return "", err
		}
		field := "recurrence"
		if was.Audience != m.Audience {
			field = "audience"
		}
		if n > 0 {
			return "", errs.At(field, "disclosureduty.fault.matter_used", "n", n)
		}
	}
	err = tx.Update(ctx, `UPDATE disclosure_matter SET title=$3, basis=$4, audience=$5, recurrence=$6, from_day=$7, to_day=$8, version=version+1 WHERE id=$1 AND version=$2`,
		m.ID, m.Version, m.Title, m.Basis, string(m.Audience), m.Recurrence, m.From, m.To)
	if err != nil {
		return "", err
	}
	return m.ID, recordOf(ctx, tx, actor, m.Unit, "matter", m.ID, "matter_edit", []string{DutyTag(m.Unit)}, map[string]any{"before": was, "after": m}, "title", m.Title)
}
