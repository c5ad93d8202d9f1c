package disclosure

import (
	"context"
	"database/sql"

	"dinh/internal/db"
)

// readSetting is how the unit discloses; the house's defaults where it has said nothing.
func readSetting(ctx context.Context, q db.Querier, unit string) (Setting, error) {
	s := Setting{Unit: unit}
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var two int
		err := rows.Scan(&two, &s.AnswerDays, &s.Contact, &s.Version)
		s.TwoPeople = two == 1
		return err
	}, `SELECT two_people, answer_days, contact, version FROM disclosure_setting WHERE unit_id=$1`, unit)
	return s, err
}

// readBoards are the notice boards of units, past ones too, by unit and name.
func readBoards(ctx context.Context, q db.Querier, units ...string) ([]Board, error) {
	var out []Board
	if len(units) == 0 {
		return nil, nil
	}
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var b Board
		var sample int
		err := rows.Scan(&b.ID, &b.Unit, &b.Name, &b.Spot, &b.Audience, &b.From, &b.To, &sample, &b.Version)
		b.Sample = sample == 1
		out = append(out, b)
		return err
	}, `SELECT id, unit_id, name, spot, audience, from_day, to_day, sample, version FROM disclosure_board WHERE unit_id IN `+db.In(len(units), 1)+` ORDER BY unit_id, name, id`,
		db.Args(units)...)
	return out, err
}
