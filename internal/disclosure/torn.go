package disclosure

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/notify"
)

// What somebody may report of a sheet.
const (
	TornMissing = "missing" // there is none
	TornTorn    = "torn"    // torn or unreadable
	TornOther   = "wrong"   // an old one hangs, it hangs where nobody comes by, …
)

// TornKinds lists the kinds in the order of forms.
var TornKinds = []string{TornMissing, TornTorn, TornOther}

// What a unit found when it went to look.
const (
	TornFixed = "fixed" // put up again
	TornFine  = "fine"  // the sheet hangs as it should
	TornNone  = "none"  // nothing could be found out
)

// TornResults lists the results in the order of forms.
var TornResults = []string{TornFixed, TornFine, TornNone}

// Torn is a report that a sheet is missing or torn, by anybody.
type Torn struct {
	ID, Unit  string
	Item      string // "" where it is about the whole board
	Place     string // key of a place of the item, or in words what was typed
	State     string // open, settled
	Kind      string
	Body      string
	Seen      civil.Date // when it was seen
	Day       civil.Date // when it was told
	Result    string     // one of TornResults
	Settled   civil.Date
	Actor     string
	Version   int
	Created   int64
	Title     string // of the item
	PlaceName i18n.Msg
}

const tornColumns = `id, unit_id, item_id, place, state, kind, body, seen, day, result, settled, actor, version, created`

func readTorn(ctx context.Context, q db.Querier, where string, args ...any) ([]Torn, error) {
	var out []Torn
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var t Torn
		err := rows.Scan(&t.ID, &t.Unit, &t.Item, &t.Place, &t.State, &t.Kind, &t.Body, &t.Seen, &t.Day, &t.Result, &t.Settled, &t.Actor, &t.Version, &t.Created)
		out = append(out, t)
		return err
	}, `SELECT `+tornColumns+` FROM disclosure_torn WHERE `+where, args...)
	return out, err
}

// NewTorn is what the form has.
type NewTorn struct {
	Unit  string
	Item  string // "" for the whole board
	Place string
	Kind  string
	Body  string
	Seen  civil.Date
}

// Check keeps the rules of a report that need no database.
func (n NewTorn) Check(today civil.Date) error {
	var faults errs.List
	switch n.Kind {
	case TornMissing, TornTorn, TornOther:
	default:
		faults.Add("loai", "disclosureboard.torn.choose")
	}
	if n.Place == "" {
		faults.Add("noi", "disclosureboard.torn.where")
	} else if utf8.RuneCountInString(n.Place) > 200 {
		faults.Add("noi", "disclosureboard.ask.place_long")
	}
	switch {
	case n.Seen == civil.None:
		faults.Add("ngay", "disclosureboard.torn.when")
	case n.Seen > today:
		faults.Add("ngay", "disclosureboard.torn.future")
	case n.Seen < today.Add(-366):
		faults.Add("ngay", "disclosureboard.torn.long_ago")
	}
	if n.Kind == TornOther && strings.TrimSpace(n.Body) == "" {
		faults.Add("noi-dung", "disclosureboard.torn.what")
	}
	if utf8.RuneCountInString(n.Body) > Rules.QuestionRunes {
		faults.Add("noi-dung", "disclosureboard.ask.long", "n", Rules.QuestionRunes)
	}
	return faults.Err()
}

// TornTx takes a report and tells the unit. A report changes nothing of the item's days: whoever goes to look enters what is found.
func (s *Service) TornTx(ctx context.Context, tx *db.Tx, actor access.Actor, n NewTorn) error {
	if err := n.Check(tx.Today()); err != nil {
		return err
	}
	title := ""
	if n.Item != "" {
		i, err := readItem(ctx, tx, `id=$1`, n.Item)
		if err != nil {
			return err
		}
		if i.State != Up || !s.MaySee(actor, i) {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		n.Unit, title = i.Unit, i.Title
	}
	if _, ok := s.units.Unit(n.Unit, tx.Today()); !ok {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	var open int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM disclosure_torn WHERE unit_id=$1 AND state='open'`, n.Unit).Scan(&open); err != nil {
		return err
	}
	if open >= Rules.ReportsOpen {
		return errs.E(errs.TooMany, "disclosureboard.ask.crowded")
	}
	t := Torn{
		ID: tx.NewID(), Unit: n.Unit, Item: n.Item, Place: n.Place, State: "open", Kind: n.Kind, Body: strings.TrimSpace(n.Body), Seen: n.Seen, Day: tx.Today(),
		Version: 1, Created: db.Micros(tx.Now()),
	}
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_torn(`+tornColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)`,
		t.ID, t.Unit, t.Item, t.Place, t.State, t.Kind, t.Body, t.Seen, t.Day, t.Result, t.Settled, t.Actor, t.Version, t.Created)
	if err != nil {
		return err
	}
	msg := i18n.M("disclosureboard.notice.torn_board")
	if title != "" {
		msg = i18n.M("disclosureboard.notice.torn", "title", title)
	}
	if err := s.tellDeskTx(ctx, tx, t.Unit, notify.Notice{Kind: "disclosure.torn", Msg: msg, Link: "/lam-viec/hoi-dap", Once: "torn:" + t.ID}); err != nil {
		return err
	}
	return s.noteTorn(ctx, tx, actor, &t, title, "torn")
}

func (s *Service) noteTorn(ctx context.Context, tx *db.Tx, actor access.Actor, t *Torn, title, action string) error {
	e := audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "disclosure." + action, Unit: t.Unit, Kind: "unit", Subject: t.Unit,
		Msg: i18n.M("disclosure.audit." + action + "_board"), Details: map[string]any{"report": t.ID, "kind": t.Kind, "result": t.Result},
	}
	if t.Item != "" {
		e.Kind, e.Subject, e.Msg = "disclosure", t.Item, i18n.M("disclosure.audit."+action, "title", title)
	}
	return audit.Record(ctx, tx, e)
}

// SettleTx notes what the unit found. errs.Conflict where somebody else was quicker.
func (s *Service) SettleTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, result string) error {
	list, err := readTorn(ctx, tx, `id=$1`, id)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	t := list[0]
	if err := s.writable(actor, t.Unit); err != nil {
		return err
	}
	if result != TornFixed && result != TornFine && result != TornNone {
		return errs.At("ket-qua", "disclosureboard.torn.result_choose")
	}
	if t.State != "open" {
		return errs.E(errs.Conflict, "db.conflict")
	}
	err = tx.Update(ctx, `UPDATE disclosure_torn SET state='settled', result=$3, settled=$4, actor=$5, version=version+1 WHERE id=$1 AND version=$2`,
		id, version, result, tx.Today(), actor.ID)
	if err != nil {
		return err
	}
	if err := notify.WithdrawTx(ctx, tx, "torn:"+id); err != nil {
		return err
	}
	title := ""
	if t.Item != "" {
		i, err := readItem(ctx, tx, `id=$1`, t.Item)
		if err != nil {
			return err
		}
		title = i.Title
	}
	t.Result = result
	return s.noteTorn(ctx, tx, actor, &t, title, "torn_settled")
}

// Reports lists reports at the actor's units: open ones, the oldest first; settled ones only with done, the newest first.
func (s *Service) Reports(ctx context.Context, actor access.Actor, done bool, limit int) ([]Torn, error) {
	units := s.deskUnits(actor)
	if len(units) == 0 {
		return nil, nil
	}
	where := `state='open' AND unit_id IN ` + db.In(len(units), 2) + ` ORDER BY created, id LIMIT $1`
	if done {
		where = `state='settled' AND unit_id IN ` + db.In(len(units), 2) + ` ORDER BY created DESC, id DESC LIMIT $1`
	}
	return s.reports(ctx, where, append([]any{limit}, db.Args(units)...)...)
}

// Report is one report for the desk. errs.NotFound for others.
func (s *Service) Report(ctx context.Context, actor access.Actor, id string) (Torn, error) {
	list, err := s.reports(ctx, `id=$1`, id)
	if err == nil && (len(list) == 0 || !s.MayWrite(actor, list[0].Unit)) {
		err = errs.E(errs.NotFound, "disclosure.none")
	}
	if err != nil {
		return Torn{}, err
	}
	return list[0], nil
}

// reports reads reports with the words for what they are about.
func (s *Service) reports(ctx context.Context, where string, args ...any) (out []Torn, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		if out, err = readTorn(ctx, q, where, args...); err != nil || len(out) == 0 {
			return err
		}
		var ids []string
		for _, t := range out {
			if t.Item != "" {
				ids = append(ids, t.Item)
			}
		}
		items, err := readItems(ctx, q, `id IN `+db.In(len(ids), 1), db.Args(ids)...)
		if err != nil {
			return err
		}
		places, err := readPlaces(ctx, q, ids...)
		if err != nil {
			return err
		}
		for n := range out {
			t := &out[n]
			for _, i := range items {
				if i.ID == t.Item {
					t.Title = i.Title
				}
			}
			for _, p := range places {
				if p.Item == t.Item && p.Key == t.Place {
					t.PlaceName = p.Label()
				}
			}
		}
		return nil
	})
	return out, err
}
