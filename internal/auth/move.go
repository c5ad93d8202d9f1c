package auth

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// EndedUnit is a unit that has ended and at which people still hold posts.
type EndedUnit struct {
	Unit  *org.Unit   // as it was on its last day
	Heirs []*org.Unit // living units into which it went, the nearest first
	Above *org.Unit   // the living unit above it, to which posts can be moved as well; nil where there is none
	Posts []Holding   // heads first
}

// EndedUnits lists the units in the actor's care that have ended and whose people still hold posts there, by kind and name.
func (s *Service) EndedUnits(ctx context.Context, actor access.Actor) ([]EndedUnit, error) {
	today := s.clock.Today()
	units, err := s.ended(ctx, actor, today)
	if err != nil {
		return nil, err
	}
	out := make([]EndedUnit, len(units))
	for i, u := range units {
		out[i] = EndedUnit{Unit: u, Heirs: s.heirs(u.ID, today), Above: s.livingAbove(u, today)}
		if out[i].Posts, err = s.left(ctx, s.db, u.ID, today); err != nil {
			return nil, err
		}
		slices.SortStableFunc(out[i].Posts, func(a, b Holding) int {
			return cmp.Compare(slices.Index(access.PostKinds, a.Kind), slices.Index(access.PostKinds, b.Kind))
		})
	}
	return out, nil
}

// CountEnded is how many units EndedUnits lists.
func (s *Service) CountEnded(ctx context.Context, actor access.Actor) (int, error) {
	units, err := s.ended(ctx, actor, s.clock.Today())
	return len(units), err
}

// ended are the units in the actor's care that have ended and at which somebody holds a post.
func (s *Service) ended(ctx context.Context, actor access.Actor, today civil.Date) ([]*org.Unit, error) {
	tree := s.units.On(today)
	rows, err := s.db.Query(ctx, `SELECT DISTINCT unit_id FROM post WHERE day_to='' OR day_to>=$1`, string(today))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*org.Unit
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		if _, lives := tree.ByID(id); lives {
			continue
		}
		if u, known := s.units.Unit(id, today); known && !u.To.IsZero() && u.To < today && s.manages(actor, id, today) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *org.Unit) int {
		return cmp.Or(slices.Index(org.Kinds, a.Kind)-slices.Index(org.Kinds, b.Kind), strings.Compare(a.SortKey, b.SortKey), strings.Compare(a.ID, b.ID))
	})
	return out, rows.Err()
}

// left are the posts in force or to come at a unit, those who stand in for others at the end.
func (s *Service) left(ctx context.Context, q db.Querier, unit string, today civil.Date) ([]Holding, error) {
	return holdings(q.Query(ctx, `SELECT `+holdingColumns+` FROM post p JOIN account a ON a.id=p.account_id
		WHERE p.unit_id=$1 AND (p.day_to='' OR p.day_to>=$2) ORDER BY CASE WHEN p.stands_in='' THEN 0 ELSE 1 END, a.sort_key, p.id`, unit, string(today)))
}

// heirs are the living units into which a unit went, also through units that have ended since.
func (s *Service) heirs(unit string, today civil.Date) []*org.Unit {
	tree := s.units.On(today)
	var out []*org.Unit
	seen := map[string]bool{unit: true}
	next := []string{unit}
	for len(next) > 0 {
		id := next[0]
		next = next[1:]
		for _, x := range s.units.Successors(id, today) {
			if seen[x.New] {
				continue
			}
			seen[x.New] = true
			if u, ok := tree.ByID(x.New); ok {
				out = append(out, u)
			} else {
				next = append(next, x.New)
			}
		}
	}
	return out
}

// livingAbove is the nearest unit above the ended one that lives today.
func (s *Service) livingAbove(u *org.Unit, today civil.Date) *org.Unit {
	tree := s.units.On(today)
	for _, id := range s.units.On(u.To).Above(u.ID) {
		if up, ok := tree.ByID(id); ok {
			return up
		}
	}
	return nil
}

// PostEnds is the choice that ends a post without another in its place.
const PostEnds access.PostKind = ""

// MoveOrder moves people from a unit that has ended to one that came after it.
type MoveOrder struct {
	Unit, To string
	Day      civil.Date // the first day at the new unit
	Basis    string     // the paper it rests on
	Note     string
	As       map[string]access.PostKind // what each post becomes, by its id; PostEnds ends it. Posts that are not named stay
}

// MovedPost is one post of a move.
type MovedPost struct {
	Account string          `json:"account"`
	Name    string          `json:"-"`
	Kind    access.PostKind `json:"kind"`
	Title   string          `json:"title,omitempty"`
	Since   civil.Date      `json:"since,omitempty"`
	As      access.PostKind `json:"as,omitempty"` // PostEnds: it ended
}

// Move is the record of a move, to print and sign.
type Move struct {
	ID          string
	Unit, To    string
	Day         civil.Date
	Basis, Note string
	Posts       []MovedPost
	By          string
	Created     time.Time
}

// MoveTx moves posts of a unit that has ended to one that came after it, or ends them, all or nothing, and writes the record. Faults stand beside den,
// tu, can_cu, ghi_chu, and viec-ID for a post.
func (s *Service) MoveTx(ctx context.Context, tx *db.Tx, actor access.Actor, o MoveOrder) (id string, err error) {
	today := tx.Today()
	u, known := s.units.Unit(o.Unit, today)
	if !known || !s.manages(actor, o.Unit, today) {
		return "", errNotFound
	}
	if u.To.IsZero() || u.To >= today {
		return "", errs.E(errs.Conflict, "auth.move.lives")
	}
	o.Basis, o.Note = strings.TrimSpace(o.Basis), strings.TrimSpace(o.Note)
	if err := s.checkMove(actor, u, &o, today); err != nil {
		return "", err
	}
	if err := s.bump(ctx, tx); err != nil {
		return "", err
	}
	posts, err := s.left(ctx, tx, o.Unit, today)
	if err != nil {
		return "", err
	}
	var moved []MovedPost
	var l errs.List
	fresh := map[string]string{} // the new post by the old
	for _, h := range posts {
		as, ok := o.As[h.ID]
		if !ok {
			continue
		}
		m := MovedPost{Account: h.Account, Kind: h.Kind, Title: h.Title, Since: h.From, As: as}
		if as != PostEnds {
			// First the new post, so that nobody is without one in between and logged out.
			if fresh[h.ID], err = s.moveOne(ctx, tx, actor, &o, h, as, fresh[h.StandsIn]); err != nil {
				faults := errs.FieldsOf(err)
				if !errs.Is(err, errs.Invalid) || len(faults) == 0 {
					return "", err
				}
				l.Fields = append(l.Fields, errs.Field{Name: "viec-" + h.ID, Msg: faults[0].Msg})
				continue
			}
			if as != h.Kind {
				m.Title = ""
			}
		}
		if err := s.end(ctx, tx, actor, h, o.Day.Add(-1), h.Version); err != nil {
			return "", err
		}
		moved = append(moved, m)
	}
	if err := l.Err(); err != nil {
		return "", err
	}
	if len(moved) == 0 {
		return "", errs.E(errs.Invalid, "auth.move.nothing")
	}
	return s.recordMove(ctx, tx, actor, o, moved)
}

// checkMove gathers what is wrong with an order in itself.
func (s *Service) checkMove(actor access.Actor, u *org.Unit, o *MoveOrder, today civil.Date) error {
	var l errs.List
	up := s.livingAbove(u, today)
	fits := up != nil && up.ID == o.To || slices.ContainsFunc(s.heirs(u.ID, today), func(h *org.Unit) bool { return h.ID == o.To })
	to, lives := s.units.On(today).ByID(o.To)
	if !fits || !lives || !s.manages(actor, o.To, today) {
		l.Add("den", "auth.move.to")
	}
	switch {
	case o.Day.IsZero():
		l.Add("tu", "auth.post.from")
	case o.Day > today:
		l.Add("tu", "auth.handover.future")
	case o.Day <= u.To:
		l.Add("tu", "auth.move.before_end", "date", u.To)
	case lives && o.Day < to.From:
		l.Add("tu", "auth.move.before_start", "date", to.From)
	}
	if utf8.RuneCountInString(o.Basis) > 200 {
		l.Add("can_cu", "auth.post.text_long")
	}
	if utf8.RuneCountInString(o.Note) > 2000 {
		l.Add("ghi_chu", "auth.post.text_long")
	}
	for id, k := range o.As {
		switch {
		case k != PostEnds && !slices.Contains(access.PostKinds, k):
			l.Add("viec-"+id, "auth.post.kind_unknown")
		case k != PostEnds && lives && !fitsUnit(k, to.Kind):
			l.Add("viec-"+id, "auth.post.kind_unit")
		}
	}
	return l.Err()
}

// fitsUnit reports whether a post can be held at a unit of the kind: villages have a head of their own kind, and the posts of the people.
func fitsUnit(k access.PostKind, kind string) bool {
	return (k == access.VillageHead) == (kind == org.Village) || k == access.Front || k == access.BoardMember || k == access.Union
}

// moveOne gives the holder the post at the new unit; somebody who holds it there already keeps that. instead is the new post of the one whom the holder
// stands in for.
func (s *Service) moveOne(ctx context.Context, tx *db.Tx, actor access.Actor, o *MoveOrder, h Holding, as access.PostKind, instead string) (id string, err error) {
	err = tx.QueryRow(ctx, `SELECT id FROM post WHERE account_id=$1 AND unit_id=$2 AND kind=$3 AND (day_to='' OR day_to>=$4)`, h.Account, o.To, string(as), string(o.Day)).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	a := Assignment{Account: h.Account, Unit: o.To, Kind: as, Basis: o.Basis, From: max(o.Day, h.From), To: h.To}
	if as == h.Kind {
		a.Title = h.Title
		if h.StandsIn != "" {
			if instead == "" {
				return "", errs.At("thay_cho", "auth.post.substitute_whom")
			}
			a.StandsIn = instead
		}
	}
	return s.assign(ctx, tx, actor, a)
}

func (s *Service) recordMove(ctx context.Context, tx *db.Tx, actor access.Actor, o MoveOrder, moved []MovedPost) (string, error) {
	id := tx.NewID()
	posts, err := json.Marshal(moved)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `INSERT INTO post_move(id,unit_id,to_unit_id,day,basis,note,posts,created_by,created) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		id, o.Unit, o.To, string(o.Day), o.Basis, o.Note, string(posts), actor.ID, db.Micros(tx.Now()))
	if err != nil {
		return "", err
	}
	return id, audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "auth.move", Unit: o.Unit, Kind: "unit", Subject: o.Unit,
		Msg:     i18n.M("auth.audit.move", "day", o.Day, "n", len(moved)),
		Details: map[string]any{"record": id, "to": o.To, "posts": moved, "basis": o.Basis}, Touches: []string{"unit:" + o.Unit, "unit:" + o.To},
	})
}

const moveColumns = `m.id, m.unit_id, m.to_unit_id, m.day, m.basis, m.note, m.posts, COALESCE(b.name,''), m.created`

func scanMove(row interface{ Scan(...any) error }) (*Move, error) {
	var m Move
	var posts string
	if err := row.Scan(&m.ID, &m.Unit, &m.To, &m.Day, &m.Basis, &m.Note, &posts, &m.By, (*instant)(&m.Created)); err != nil {
		return nil, err
	}
	return &m, json.Unmarshal([]byte(posts), &m.Posts)
}

// MoveRecord is the record of a move with the names of those who moved, for whoever looks after both units; errs.NotFound for all others.
func (s *Service) MoveRecord(ctx context.Context, actor access.Actor, id string) (*Move, error) {
	m, err := scanMove(s.db.QueryRow(ctx, `SELECT `+moveColumns+` FROM post_move m LEFT JOIN account b ON b.id=m.created_by WHERE m.id=$1`, id))
	if errors.Is(err, sql.ErrNoRows) || err == nil && (!s.Manages(actor, m.Unit) || !s.Manages(actor, m.To)) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	return m, s.nameMoved(ctx, m)
}

func (s *Service) nameMoved(ctx context.Context, m *Move) error {
	var ids []string
	for _, p := range m.Posts {
		ids = append(ids, p.Account)
	}
	names, err := s.Names(ctx, ids...)
	for i := range m.Posts {
		m.Posts[i].Name = names[m.Posts[i].Account]
	}
	return err
}

// Moves lists the records of moves in the actor's care, newest first, at most a hundred.
func (s *Service) Moves(ctx context.Context, actor access.Actor) ([]Move, error) {
	rows, err := s.db.Query(ctx, `SELECT `+moveColumns+` FROM post_move m LEFT JOIN account b ON b.id=m.created_by ORDER BY m.created DESC, m.id DESC LIMIT 100`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Move
	for rows.Next() {
		m, err := scanMove(rows)
		if err != nil {
			return nil, err
		}
		if s.Manages(actor, m.Unit) && s.Manages(actor, m.To) {
			out = append(out, *m)
		}
	}
	return out, rows.Err()
}
