package disclosure

import (
	"context"
	"database/sql"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// BoardView is a notice board with its photos.
type BoardView struct {
	Board
	Photos []Photo
}

// Boards are the notice boards of a unit with their photos, past ones last. Boards for staff are left out for others.
func (s *Service) Boards(ctx context.Context, actor access.Actor, unit string) (out []BoardView, err error) {
	today := s.clock.Today()
	err = s.db.Read(ctx, func(q db.Querier) error {
		list, err := readBoards(ctx, q, unit)
		if err != nil || len(list) == 0 {
			return err
		}
		args := []any{unit}
		for _, b := range list {
			args = append(args, BoardKey(b.ID))
		}
		photos, err := readPhotos(ctx, q, `unit_id=$1 AND batch IN `+db.In(len(list), 2), args...)
		if err != nil {
			return err
		}
		out = nil
		for _, present := range []bool{true, false} {
			for _, b := range list {
				if (b.To == civil.None || b.To >= today) != present || b.Audience == Staff && !actor.Holds(unit) && !s.MayWrite(actor, unit) {
					continue
				}
				v := BoardView{Board: b}
				for _, p := range photos {
					if p.Batch == BoardKey(b.ID) {
						v.Photos = append(v.Photos, p)
					}
				}
				out = append(out, v)
			}
		}
		return nil
	})
	return out, err
}

// NoticeBoard is a notice board, for who may change it. errs.NotFound else.
func (s *Service) NoticeBoard(ctx context.Context, actor access.Actor, id string) (BoardView, error) {
	list, err := s.boardsByID(ctx, s.db, id)
	if err != nil {
		return BoardView{}, err
	}
	if len(list) == 0 || !s.MayWrite(actor, list[0].Unit) {
		return BoardView{}, errs.E(errs.NotFound, "disclosure.none")
	}
	v := BoardView{Board: list[0]}
	v.Photos, err = readPhotos(ctx, s.db, `unit_id=$1 AND batch=$2`, v.Unit, BoardKey(id))
	return v, err
}

const (
	maxBoardName = 120
	maxContact   = 300
)

func checkBoard(tx *db.Tx, b *Board) error {
	var l errs.List
	switch {
	case b.Name == "":
		l.Add("name", "disclosurepost.fault.board_name")
	case utf8.RuneCountInString(b.Name) > maxBoardName:
		l.Add("name", "disclosurepost.fault.long", "n", maxBoardName)
	}
	switch {
	case b.Spot == "":
		l.Add("spot", "disclosurepost.fault.board_spot")
	case utf8.RuneCountInString(b.Spot) > maxContact:
		l.Add("spot", "disclosurepost.fault.long", "n", maxContact)
	}
	if b.Audience != Everybody && b.Audience != Staff {
		l.Add("audience", "disclosurepost.fault.audience")
	}
	switch {
	case b.From == civil.None:
		l.Add("from", "disclosurepost.fault.day_which")
	case b.From > tx.Today():
		l.Add("from", "disclosurepost.fault.day_ahead", "today", tx.Today())
	}
	switch {
	case b.To == civil.None:
	case b.To > tx.Today():
		l.Add("to", "disclosurepost.fault.day_ahead", "today", tx.Today())
	case b.To < b.From:
		l.Add("to", "disclosurepost.fault.until_before", "day", b.From)
	}
	return l.Err()
}

// SaveBoardTx adds a notice board of a unit (ID "") or changes one, and gives it photos. A board that hangs no longer has a last day. It gives the id.
// Fields: name, spot, audience, from, to.
func (s *Service) SaveBoardTx(ctx context.Context, tx *db.Tx, actor access.Actor, b Board, photos []TakenIn) (string, error) {
	if b.ID != "" {
		var unit string
		list, err := s.boardsByID(ctx, tx, b.ID)
		if err != nil {
			return "", err
		}
		if len(list) > 0 {
			unit = list[0].Unit
		}
		b.Unit, b.Sample = unit, len(list) > 0 && list[0].Sample
	}
	if b.Unit == "" {
		return "", errs.E(errs.NotFound, "disclosure.none")
	}
	if err := s.writable(actor, b.Unit); err != nil {
		return "", err
	}
	if err := checkBoard(tx, &b); err != nil {
		return "", err
	}
	action := "board_changed"
	if b.ID == "" {
		action = "board_added"
		b.ID, b.Version = tx.NewID(), 1
		_, err := tx.Exec(ctx, `INSERT INTO disclosure_board(id, unit_id, name, spot, audience, from_day, to_day, sample, version) VALUES($1,$2,$3,$4,$5,$6,$7,$8,1)`,
			b.ID, b.Unit, b.Name, b.Spot, string(b.Audience), b.From, b.To, db.Flag(b.Sample))
		if err != nil {
			return "", err
		}
	} else {
		err := tx.Update(ctx, `UPDATE disclosure_board SET name=$3, spot=$4, audience=$5, from_day=$6, to_day=$7, version=version+1 WHERE id=$1 AND version=$2`,
			b.ID, b.Version, b.Name, b.Spot, string(b.Audience), b.From, b.To)
		if err != nil {
			return "", err
		}
	}
	sums := []photoSum{}
	for _, t := range photos {
		p, err := s.keepPhotoTx(ctx, tx, actor, t, Photo{Unit: b.Unit, Batch: BoardKey(b.ID)})
		if err != nil {
			return "", err
		}
		sums = append(sums, photoSum{p.ID, t.Original.SHA256, t.Taken})
	}
	if err := s.tellBoardTx(ctx, tx, actor, b); err != nil {
		return "", err
	}
	return b.ID, s.noteUnit(ctx, tx, actor, b.Unit, action, b.ID, map[string]any{
		"name": b.Name, "spot": b.Spot, "audience": b.Audience, "from": b.From, "to": b.To, "photos": sums,
	}, "name", b.Name)
}

func (s *Service) boardsByID(ctx context.Context, q db.Querier, id string) ([]Board, error) {
	unit := ""
	err := db.Each(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&unit) }, `SELECT unit_id FROM disclosure_board WHERE id=$1`, id)
	if err != nil || unit == "" {
		return nil, err
	}
	all, err := readBoards(ctx, q, unit)
	var out []Board
	for _, b := range all {
		if b.ID == id {
			out = append(out, b)
		}
	}
	return out, err
}

// tellBoardTx lets the plan know of a board: where it hangs, and its photo where there is one.
func (s *Service) tellBoardTx(ctx context.Context, tx *db.Tx, actor access.Actor, b Board) error {
	if s.recorder == nil {
		return nil
	}
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM disclosure_photo WHERE unit_id=$1 AND batch=$2`, b.Unit, BoardKey(b.ID)).Scan(&n)
	if err != nil {
		return err
	}
	return s.recorder.RecordTx(ctx, tx, actor, s.boardRecord(b, n > 0))
}
