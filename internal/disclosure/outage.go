package disclosure

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
)

// Outage is a time in which no server answered.
type Outage struct{ From, To time.Time }

// missedBeats is after how many beats that did not come the website counts as having been away.
const missedBeats = 3

// beatID is the one row of beats: any server that answers keeps it young.
const beatID = "beat"

// Beat notes that a server answers. Where the last note is old, the website was away meanwhile: the time is kept, each civil day gets its minutes, and the
// items whose days on the website it cuts are counted anew.
func (s *Service) Beat(ctx context.Context) error {
	now := s.clock.Now()
	var dark []civil.Date
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		dark = nil
		last, err := lastBeat(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO disclosure_beat(id, at, day) VALUES($1,$2,$3) ON CONFLICT (id) DO UPDATE SET at=excluded.at, day=excluded.day`,
			beatID, db.Micros(now), tx.Today())
		if err != nil || last.IsZero() || now.Sub(last) <= missedBeats*time.Duration(Rules.BeatSeconds)*time.Second {
			return err
		}
		dark, err = s.outageTx(ctx, tx, Outage{last, now})
		return err
	})
	if err != nil || len(dark) == 0 {
		return err
	}
	return s.recountOnline(ctx, dark[0])
}

func lastBeat(ctx context.Context, q db.Querier) (time.Time, error) {
	var at int64
	err := q.QueryRow(ctx, `SELECT at FROM disclosure_beat WHERE id=$1`, beatID).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return db.FromMicros(at), err
}

// outageTx keeps an outage and gives the days that no longer count because of it.
func (s *Service) outageTx(ctx context.Context, tx *db.Tx, o Outage) ([]civil.Date, error) {
	shift := tx.Today().Sub(civil.Of(tx.Now())) // a program whose day is set to another keeps its records in that one
	minutes := o.minutes()
	var from, to civil.Date
	var dark []civil.Date
	for day := civil.Of(o.From); day <= civil.Of(o.To); day = day.Add(1) {
		at := day.Add(shift)
		if from == civil.None {
			from = at
		}
		to = at
		var was int
		err := tx.QueryRow(ctx, `SELECT minutes FROM disclosure_dark_day WHERE day=$1`, at).Scan(&was)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		_, err = tx.Exec(ctx, `INSERT INTO disclosure_dark_day(day, minutes) VALUES($1,$2) ON CONFLICT (day) DO UPDATE SET minutes=excluded.minutes`, at, was+minutes[day])
		if err != nil {
			return nil, err
		}
		if was < Rules.DarkMinutes && was+minutes[day] >= Rules.DarkMinutes {
			dark = append(dark, at)
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_outage(id, from_at, to_at, from_day, to_day) VALUES($1,$2,$3,$4,$5)`,
		tx.NewID(), db.Micros(o.From), db.Micros(o.To), from, to)
	if err != nil {
		return nil, err
	}
	touches := []string{}
	if len(dark) > 0 {
		touches = append(touches, "disclosure")
	}
	root := s.units.On(tx.Today()).Root()
	if root == nil {
		return dark, nil
	}
	return dark, audit.Record(ctx, tx, audit.Entry{
		Actor: access.System.ID, ActorName: access.System.Name, Action: "disclosure.outage", Unit: root.ID, Kind: "disclosure", Subject: "website",
		Msg: i18n.M("disclosure.audit.outage", "from", from, "to", to, "minutes", int(o.To.Sub(o.From)/time.Minute)), Touches: touches,
		Details: map[string]any{"from": db.Micros(o.From), "to": db.Micros(o.To), "dark": dark},
	})
}

// minutes are the minutes of the outage on each civil day of the machine's clock.
func (o Outage) minutes() map[civil.Date]int {
	out := map[civil.Date]int{}
	for at := o.From; at.Before(o.To); {
		day := civil.Of(at)
		end := midnight(day.Add(1))
		if o.To.Before(end) {
			end = o.To
		}
		out[day] += int(end.Sub(at) / time.Minute)
		at = end
	}
	return out
}

// midnight is the instant at which the day begins in Vietnam.
func midnight(day civil.Date) time.Time {
	return time.Date(day.Year(), time.Month(day.Month()), day.Day(), 0, 0, 0, 0, civil.Zone)
}

// recountOnline counts anew the items whose days on the website run over the day or begin after it.
func (s *Service) recountOnline(ctx context.Context, day civil.Date) error {
	after := ""
	for {
		var last string
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			last = ""
			items, err := readItems(ctx, tx, `state=$1 AND online_days>0 AND id>$2 AND (ends='' OR ends>=$3) ORDER BY id LIMIT 100`, string(Up), after, day)
			if err != nil {
				return err
			}
			for _, i := range items {
				last = i.ID
				if err := s.recountTx(ctx, tx, access.System, i); err != nil {
					return err
				}
				tx.Touch(Tags(i)...)
			}
			return nil
		})
		if err != nil || last == "" {
			return err
		}
		after = last
	}
}

// Outages lists the times in which the website was away, newest first.
func (s *Service) Outages(ctx context.Context, limit int) ([]Outage, error) {
	var out []Outage
	err := db.Each(ctx, s.db, func(rows *sql.Rows) error {
		var from, to int64
		err := rows.Scan(&from, &to)
		out = append(out, Outage{db.FromMicros(from), db.FromMicros(to)})
		return err
	}, `SELECT from_at, to_at FROM disclosure_outage ORDER BY from_at DESC, id LIMIT $1`, limit)
	return out, err
}
