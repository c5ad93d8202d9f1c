package auth

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// WorkItem is one piece of open work that changes hands.
type WorkItem struct {
	Title string     `json:"title"`         // as it is written in the plan
	Unit  string     `json:"unit"`          // id
	Due   civil.Date `json:"due,omitempty"` // None: no deadline
	Link  string     `json:"link,omitempty"`
}

// Handover is who has the open work: the room plan.
type Handover interface {
	// OpenWork lists what an account has still to do at a unit, the earliest deadline first.
	OpenWork(ctx context.Context, account, unit string) ([]WorkItem, error)
	// HandOverTx gives all open work of one account at a unit to another and says how many pieces that were.
	HandOverTx(ctx context.Context, tx *db.Tx, from, to, unit string) (n int, err error)
}

// SetHandover says who has the open work. Call it before the first request; without it there is none.
func (s *Service) SetHandover(h Handover) { s.handover = h }

// OpenWork lists the open work of an account at a unit, for the page that asks whether to hand it over.
func (s *Service) OpenWork(ctx context.Context, account, unit string) ([]WorkItem, error) {
	if s.handover == nil {
		return nil, nil
	}
	return s.handover.OpenWork(ctx, account, unit)
}

// HandoverOrder is a change of officer: all posts of From at the unit go to To, and all open work with them.
type HandoverOrder struct {
	Unit     string
	From, To string     // accounts
	Day      civil.Date // To's first day; From's last is the day before
	Basis    string     // the paper it rests on
	Note     string     // what is said besides: papers, keys, seals handed over
	Work     []WorkItem // what OpenWork gave before the transaction, for the record
}

// HandedPost is one post that changed hands.
type HandedPost struct {
	Kind  access.PostKind `json:"kind"`
	Title string          `json:"title,omitempty"`
	Since civil.Date      `json:"since,omitempty"` // From's first day
}

// Record is what is printed and signed after a change of an officer.
type Record struct {
	ID          string
	Unit        string
	From, To    string // accounts
	FromName    string
	ToName      string
	Day         civil.Date
	Basis, Note string
	Posts       []HandedPost
	Work        []WorkItem
	Moved       int // pieces of work that changed hands
	By          string
	Created     time.Time
}

// HandOverTx ends all posts that From holds at the unit, gives them to To, moves all open work, and writes the record, all or nothing. Faults stand
// beside nguoi_nhan, tu, can_cu and ghi_chu.
func (s *Service) HandOverTx(ctx context.Context, tx *db.Tx, actor access.Actor, o HandoverOrder) (id string, err error) {
	today := tx.Today()
	if !s.manages(actor, o.Unit, today) {
		return "", errNotFound
	}
	o.Basis, o.Note = strings.TrimSpace(o.Basis), strings.TrimSpace(o.Note)
	var l errs.List
	if o.To == "" || o.To == o.From {
		l.Add("nguoi_nhan", "auth.handover.whom")
	}
	switch {
	case o.Day.IsZero():
		l.Add("tu", "auth.post.from")
	case o.Day > today:
		l.Add("tu", "auth.handover.future")
	}
	if utf8.RuneCountInString(o.Basis) > 200 {
		l.Add("can_cu", "auth.post.text_long")
	}
	if utf8.RuneCountInString(o.Note) > 2000 {
		l.Add("ghi_chu", "auth.post.text_long")
	}
	if err := l.Err(); err != nil {
		return "", err
	}
	if _, err := account(ctx, tx, `a.id=$1`, o.From); err != nil {
		return "", err
	}
	if _, err := account(ctx, tx, `a.id=$1 AND a.disabled_at=0`, o.To); err != nil {
		return "", errs.Wrap(errs.Invalid, errs.At("nguoi_nhan", "auth.handover.whom"), "error.invalid")
	}
	if err := s.bump(ctx, tx); err != nil {
		return "", err
	}
	posts, err := holdings(tx.Query(ctx, `SELECT `+holdingColumns+` FROM post p JOIN account a ON a.id=p.account_id
		WHERE p.account_id=$1 AND p.unit_id=$2 AND (p.day_to='' OR p.day_to>=$3) ORDER BY p.day_from, p.id`, o.From, o.Unit, string(o.Day)))
	if err != nil {
		return "", err
	}
	if len(posts) == 0 {
		return "", errs.At("tu", "auth.handover.nothing")
	}
	var handed []HandedPost
	for _, h := range posts {
		if err := s.end(ctx, tx, actor, h, o.Day.Add(-1), h.Version); err != nil {
			return "", err
		}
		handed = append(handed, HandedPost{h.Kind, h.Title, h.From})
		var have int
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM post WHERE account_id=$1 AND unit_id=$2 AND kind=$3 AND (day_to='' OR day_to>=$4)`,
			o.To, o.Unit, string(h.Kind), string(o.Day)).Scan(&have)
		if err != nil {
			return "", err
		}
		if have > 0 { // held already
			continue
		}
		_, err = s.assign(ctx, tx, actor, Assignment{
			Account: o.To, Unit: o.Unit, Kind: h.Kind, Title: h.Title, Basis: o.Basis, StandsIn: h.StandsIn, From: max(o.Day, h.From), To: h.To,
		})
		if err != nil {
			return "", err
		}
	}
	for _, h := range posts {
		if err := s.keepAdministrator(ctx, tx, h); err != nil {
			return "", err
		}
	}
	moved := 0
	if s.handover != nil {
		if moved, err = s.handover.HandOverTx(ctx, tx, o.From, o.To, o.Unit); err != nil {
			return "", err
		}
	}
	id = tx.NewID()
	postsJSON, err := json.Marshal(handed)
	if err != nil {
		return "", err
	}
	workJSON, err := json.Marshal(o.Work)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `INSERT INTO handover(id,unit_id,from_account,to_account,day,basis,note,posts,work,moved,created_by,created) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`,
		id, o.Unit, o.From, o.To, string(o.Day), o.Basis, o.Note, string(postsJSON), string(workJSON), moved, actor.ID, db.Micros(tx.Now()))
	if err != nil {
		return "", err
	}
	return id, audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "auth.handover", Unit: o.Unit, Kind: "unit", Subject: o.Unit,
		Msg:     i18n.M("auth.audit.handover", "day", o.Day, "n", moved),
		Details: map[string]any{"record": id, "from": o.From, "to": o.To, "posts": handed, "basis": o.Basis},
	})
}

const recordColumns = `h.id, h.unit_id, h.from_account, f.name, h.to_account, t.name, h.day, h.basis, h.note, h.posts, h.work, h.moved, COALESCE(b.name,''), h.created`

const recordTables = ` FROM handover h JOIN account f ON f.id=h.from_account JOIN account t ON t.id=h.to_account LEFT JOIN account b ON b.id=h.created_by `

func scanRecord(row interface{ Scan(...any) error }) (*Record, error) {
	var r Record
	var posts, work string
	err := row.Scan(&r.ID, &r.Unit, &r.From, &r.FromName, &r.To, &r.ToName, &r.Day, &r.Basis, &r.Note, &posts, &work, &r.Moved, &r.By, (*instant)(&r.Created))
	if err != nil {
		return nil, err
	}
	return &r, errors.Join(json.Unmarshal([]byte(posts), &r.Posts), json.Unmarshal([]byte(work), &r.Work))
}

// HandoverRecord is the record of a change of an officer, for whoever looks after the unit and for the two it is about; errs.NotFound for all others.
func (s *Service) HandoverRecord(ctx context.Context, actor access.Actor, id string) (*Record, error) {
	r, err := scanRecord(s.db.QueryRow(ctx, `SELECT `+recordColumns+recordTables+`WHERE h.id=$1`, id))
	if errors.Is(err, sql.ErrNoRows) || err == nil && actor.ID != r.From && actor.ID != r.To && !s.Manages(actor, r.Unit) {
		return nil, errNotFound
	}
	return r, err
}

// Handovers lists the records of a unit in the actor's care, newest first.
func (s *Service) Handovers(ctx context.Context, actor access.Actor, unit string) ([]Record, error) {
	if !s.Manages(actor, unit) {
		return nil, errNotFound
	}
	rows, err := s.db.Query(ctx, `SELECT `+recordColumns+recordTables+`WHERE h.unit_id=$1 ORDER BY h.created DESC, h.id DESC LIMIT 100`, unit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Record
	for rows.Next() {
		r, err := scanRecord(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, *r)
	}
	return out, rows.Err()
}
