package disclosure

import (
	"context"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/errs"
)

const maxAnswerDays = 60

// Setting is how the unit discloses, for who may write for it.
func (s *Service) Setting(ctx context.Context, actor access.Actor, unit string) (out Setting, err error) {
	if err := s.writable(actor, unit); err != nil {
		return out, err
	}
	err = s.db.Read(ctx, func(q db.Querier) error {
		out, err = readSetting(ctx, q, unit)
		return err
	})
	return out, err
}

// SaveSettingTx stores how a unit discloses. Whether two people are needed is for its head to say. Fields: two_people, answer_days, contact.
func (s *Service) SaveSettingTx(ctx context.Context, tx *db.Tx, actor access.Actor, in Setting) error {
	if err := s.writable(actor, in.Unit); err != nil {
		return err
	}
	was, err := readSetting(ctx, tx, in.Unit)
	if err != nil {
		return err
	}
	if was.Version != in.Version {
		return errs.E(errs.Conflict, "db.conflict")
	}
	var l errs.List
	if in.TwoPeople != was.TwoPeople && !s.MayApprove(actor, in.Unit) {
		l.Add("two_people", "disclosurepost.fault.two_people")
	}
	if in.AnswerDays < 0 || in.AnswerDays > maxAnswerDays {
		l.Add("answer_days", "disclosurepost.fault.answer_days", "n", maxAnswerDays)
	}
	if utf8.RuneCountInString(in.Contact) > maxContact {
		l.Add("contact", "disclosurepost.fault.long", "n", maxContact)
	}
	if err := l.Err(); err != nil {
		return err
	}
	if was.Version == 0 {
		_, err = tx.Exec(ctx, `INSERT INTO disclosure_setting(unit_id, two_people, answer_days, contact, version) VALUES($1,$2,$3,$4,1)`,
			in.Unit, db.Flag(in.TwoPeople), in.AnswerDays, in.Contact)
	} else {
		err = tx.Update(ctx, `UPDATE disclosure_setting SET two_people=$3, answer_days=$4, contact=$5, version=version+1 WHERE unit_id=$1 AND version=$2`,
			in.Unit, was.Version, db.Flag(in.TwoPeople), in.AnswerDays, in.Contact)
	}
	if err != nil {
		return err
	}
	return s.noteUnit(ctx, tx, actor, in.Unit, "setting_changed", in.Unit, map[string]any{"before": was, "after": in})
}
