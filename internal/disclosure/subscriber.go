package disclosure

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"dinh/internal/audit"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/job"
	"dinh/internal/mail"
)

// Subscriber hears by mail of what a unit publishes for everybody. The address is confirmed before anything else is sent to it.
type Subscriber struct {
	ID        string
	Unit      string
	Below     bool // also of all units below
	Mail      string
	Lang      i18n.Lang
	Confirmed bool
	leave     string
	asked     int64
}

func readSubscribers(ctx context.Context, q db.Querier, where string, args ...any) ([]Subscriber, error) {
	var out []Subscriber
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var x Subscriber
		var below, confirmed int
		err := rows.Scan(&x.ID, &x.Unit, &below, &x.Mail, &x.Lang, &confirmed, &x.leave, &x.asked)
		x.Below, x.Confirmed = below == 1, confirmed == 1
		out = append(out, x)
		return err
	}, `SELECT id, unit_id, below, mail, lang, confirmed, leave_token, asked FROM disclosure_subscriber WHERE `+where, args...)
	return out, err
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte("dinh subscription\n" + token))
	return hex.EncodeToString(sum[:])
}

// SubscribeTx takes an address that wants to hear of the unit, and sends it a letter with a link to confirm; nothing is said to the one who asks about
// whether the address is known already. The same address is not written to more often than the house allows.
func (s *Service) SubscribeTx(ctx context.Context, tx *db.Tx, unit string, below bool, address string, lang i18n.Lang) error {
	address, err := mail.Address("thu", strings.ToLower(strings.TrimSpace(address)))
	if err != nil {
		return err
	}
	u, ok := s.units.Unit(unit, tx.Today())
	if !ok {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	now := db.Micros(tx.Now())
	old, err := readSubscribers(ctx, tx, `unit_id=$1 AND mail=$2`, unit, address)
	if err != nil {
		return err
	}
	if len(old) > 0 && now-old[0].asked < int64(Rules.MailHours)*int64(time.Hour/time.Microsecond) {
		return nil
	}
	token := rand.Text()
	m := mail.Message{To: address, Lang: lang, Kind: "disclosure.subscribe"}
	switch {
	case len(old) > 0 && old[0].Confirmed: // whoever asks is not known to be its owner: it stays as it is
		_, err = tx.Exec(ctx, `UPDATE disclosure_subscriber SET asked=$2 WHERE id=$1`, old[0].ID, now)
		m.Subject = i18n.M("disclosureboard.mail.known_subject", "unit", u.Name)
		m.Body = []mail.Part{{Msg: i18n.M("disclosureboard.mail.known", "unit", u.Name), Link: leaveLink(old[0].leave)}}
		m.Leave = leaveLink(old[0].leave)
	case len(old) > 0:
		_, err = tx.Exec(ctx, `UPDATE disclosure_subscriber SET asked=$2, confirm_hash=$3, below=$4, lang=$5 WHERE id=$1`, old[0].ID, now, tokenHash(token), db.Flag(below), string(lang))
	default:
		_, err = tx.Exec(ctx, `INSERT INTO disclosure_subscriber(id,unit_id,below,mail,lang,confirm_hash,leave_token,asked) VALUES($1,$2,$3,$4,$5,$6,$7,$8)`,
			tx.NewID(), unit, db.Flag(below), address, string(lang), tokenHash(token), rand.Text(), now)
	}
	if err != nil {
		return err
	}
	if m.Subject.IsZero() {
		m.Subject = i18n.M("disclosureboard.mail.confirm_subject", "unit", u.Name)
		m.Body = []mail.Part{{Msg: i18n.M("disclosureboard.mail.confirm", "unit", u.Name, "n", Rules.MailDays), Link: "/dang-ky/" + token}, {Msg: i18n.M("disclosureboard.mail.confirm_else")}}
	}
	return mail.QueueTx(ctx, tx, m)
}

func leaveLink(token string) string { return "/huy-dang-ky/" + token }

// Pending is the subscription that a link from a letter means. errs.NotFound where it is none, or too old.
func (s *Service) Pending(ctx context.Context, token string) (Subscriber, error) {
	return pending(ctx, s.db, token, db.Micros(s.clock.Now()))
}

func pending(ctx context.Context, q db.Querier, token string, now int64) (Subscriber, error) {
	list, err := readSubscribers(ctx, q, `confirm_hash=$1`, tokenHash(token))
	if err == nil && (len(list) == 0 || !list[0].Confirmed && now-list[0].asked > int64(Rules.MailDays)*24*int64(time.Hour/time.Microsecond)) {
		err = errs.E(errs.NotFound, "disclosureboard.subscribe.no_link")
	}
	if err != nil {
		return Subscriber{}, err
	}
	return list[0], nil
}

// ConfirmTx makes the subscription of a link count.
func (s *Service) ConfirmTx(ctx context.Context, tx *db.Tx, token string) (Subscriber, error) {
	x, err := pending(ctx, tx, token, db.Micros(tx.Now()))
	if err != nil || x.Confirmed {
		return x, err
	}
	if _, err := tx.Exec(ctx, `UPDATE disclosure_subscriber SET confirmed=1 WHERE id=$1`, x.ID); err != nil {
		return x, err
	}
	return x, s.noteSubscriber(ctx, tx, x.Unit, "subscribe")
}

func (s *Service) noteSubscriber(ctx context.Context, tx *db.Tx, unit, action string) error {
	return audit.Record(ctx, tx, audit.Entry{Action: "disclosure." + action, Unit: unit, Kind: "unit", Subject: unit, Msg: i18n.M("disclosure.audit." + action)})
}

// Leaving is the subscription that a link to leave means. errs.NotFound where it is none, also after it was left.
func (s *Service) Leaving(ctx context.Context, token string) (Subscriber, error) {
	list, err := readSubscribers(ctx, s.db, `leave_token=$1`, token)
	if err == nil && len(list) == 0 {
		err = errs.E(errs.NotFound, "disclosureboard.subscribe.left_before")
	}
	if err != nil {
		return Subscriber{}, err
	}
	return list[0], nil
}

// Leave ends the subscription of a link and forgets the address. It is no error where there is none: whoever presses twice has left all the same.
func (s *Service) Leave(ctx context.Context, token string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		list, err := readSubscribers(ctx, tx, `leave_token=$1`, token)
		if err != nil || len(list) == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM disclosure_subscriber WHERE id=$1`, list[0].ID); err != nil {
			return err
		}
		return s.noteSubscriber(ctx, tx, list[0].Unit, "leave")
	})
}

// The job that writes to subscribers.
const announceJob = "disclosure.announce"

type announcement struct {
	Item    string `json:"item"`
	Edition int    `json:"edition"`
	After   string `json:"after,omitempty"` // id of the subscriber written to last
}

// announceTx has subscribers told of an edition that was just published for everybody.
func (s *Service) announceTx(ctx context.Context, tx *db.Tx, i *Item) error {
	if i.Audience != Everybody || i.Sample {
		return nil
	}
	return job.Enqueue(ctx, tx, announceJob, announcement{Item: i.ID, Edition: i.Edition}, tx.Now())
}

// announceBatch is how many letters one transaction queues.
const announceBatch = 200

// announce queues letters about an edition for the subscribers of the unit and of the units above, some at a time: the rest is the next job's, so that no
// subscriber gets two letters.
func (s *Service) announce(ctx context.Context, raw []byte) error {
	var a announcement
	if err := json.Unmarshal(raw, &a); err != nil {
		return job.Hopeless(err)
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		i, err := readItem(ctx, tx, `id=$1`, a.Item)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		if err != nil || i.State != Up || i.Edition != a.Edition || i.Audience != Everybody {
			return err // what was withdrawn or replaced meanwhile is not told any more
		}
		u, ok := s.units.Near(i.Unit, tx.Today())
		if !ok {
			return job.Hopeless(errors.New("disclosure: an item without a unit"))
		}
		above := s.units.TreeOf(i.Unit, tx.Today()).Above(i.Unit)
		args := append([]any{i.Unit, a.After, announceBatch}, db.Args(above)...)
		list, err := readSubscribers(ctx, tx, `confirmed=1 AND (unit_id=$1 OR below=1 AND unit_id IN `+db.In(len(above), 4)+`) AND id>$2 ORDER BY id LIMIT $3`, args...)
		if err != nil {
			return err
		}
		what := "new"
		if i.Edition > 1 {
			what = "changed"
		}
		for _, x := range list {
			err := mail.QueueTx(ctx, tx, mail.Message{
				To: x.Mail, Lang: x.Lang, Kind: announceJob, Subject: i18n.M("disclosureboard.mail."+what+"_subject", "unit", u.Name, "title", i.Title), Leave: leaveLink(x.leave),
				Body: []mail.Part{{Msg: i18n.M("disclosureboard.mail."+what, "unit", u.Name, "title", i.Title), Link: s.Link(i, "")}, {Msg: i18n.M("disclosureboard.mail.leave"), Link: leaveLink(x.leave)}},
			})
			if err != nil {
				return err
			}
		}
		if len(list) < announceBatch {
			return nil
		}
		a.After = list[len(list)-1].ID
		return job.Enqueue(ctx, tx, announceJob, a, tx.Now())
	})
}

// pruneSubscribers forgets addresses that nobody confirmed.
func (s *Service) pruneSubscribers(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM disclosure_subscriber WHERE confirmed=0 AND asked<$1`, db.Micros(tx.Now().AddDate(0, 0, -Rules.MailDays)))
		return err
	})
}

// RegisterBoard has subscribers written to, and addresses that nobody confirmed forgotten.
func (s *Service) RegisterBoard(r *job.Runner) {
	r.Register(announceJob, s.announce)
	r.Every("disclosure.subscribers", job.Daily(3), s.pruneSubscribers)
}
