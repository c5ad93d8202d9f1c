package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/job"
	"dinh/internal/mail"
)

// Pace is how soon an account's notices also come by mail.
type Pace string

// The paces. Daily is the one of accounts that have not chosen.
const (
	Never Pace = "never"
	Soon  Pace = "soon"  // within minutes
	Daily Pace = "daily" // in the morning, all together
)

// Paces lists the paces in the order of the form.
var Paces = []Pace{Soon, Daily, Never}

// PaceOf is what the account has chosen.
func PaceOf(ctx context.Context, q db.Querier, account string) (Pace, error) {
	var p Pace
	err := q.QueryRow(ctx, `SELECT mail FROM notice_preference WHERE account=$1`, account).Scan(&p)
	if errors.Is(err, sql.ErrNoRows) {
		return Daily, nil
	}
	return p, err
}

// SetPaceTx keeps what the account has chosen; errs.Invalid where there is no such pace.
func SetPaceTx(ctx context.Context, tx *db.Tx, account string, p Pace) error {
	if !slices.Contains(Paces, p) {
		return errs.At("mail", "notify.pace.unknown")
	}
	_, err := tx.Exec(ctx, `INSERT INTO notice_preference (account, mail) VALUES ($1,$2) ON CONFLICT (account) DO UPDATE SET mail=excluded.mail`, account, string(p))
	return err
}

// Addresses knows where an account gets mail; auth is it. An account without address gives "".
type Addresses interface {
	MailAddress(ctx context.Context, q db.Querier, account string) (address string, lang i18n.Lang, err error)
}

const perMail = 30 // notices in one letter; the rest is counted

// Mail puts letters with new unread notices into the outbox, one for each account of the pace, and gives their number. Run it every few minutes for
// Soon, in the morning for Daily.
func Mail(ctx context.Context, d *db.DB, where Addresses, pace Pace) (int, error) {
	var accounts []string
	rows, err := d.Query(ctx, `SELECT DISTINCT n.account FROM notice n LEFT JOIN notice_preference p ON p.account = n.account
		WHERE n.to_mail = 1 AND COALESCE(p.mail, $1) IN ($2, $3) ORDER BY n.account`, string(Daily), string(pace), string(Never))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var a string
		err = rows.Scan(&a)
		if err != nil {
			return 0, err
		}
		accounts = append(accounts, a)
	}
	err = errors.Join(rows.Err(), rows.Close())
	if err != nil {
		return 0, err
	}
	n := 0
	for _, a := range accounts {
		sent := false
		err = d.Write(ctx, func(tx *db.Tx) (err error) {
			sent, err = mailTx(ctx, tx, where, a)
			return err
		})
		if err != nil {
			return n, fmt.Errorf("notify: mail: %w", err)
		}
		if sent {
			n++
		}
	}
	return n, nil
}

// Register has notices mailed, at each pace in its time, and forgotten after four hundred days.
func Register(r *job.Runner, d *db.DB, where Addresses) {
	pace := func(name string, s job.Schedule, p Pace) {
		r.Every(name, s, func(ctx context.Context) error {
			_, err := Mail(ctx, d, where, p)
			return err
		})
	}
	pace("notify.mail.soon", job.Interval(5*time.Minute), Soon)
	pace("notify.mail.daily", job.Daily(6), Daily)
	r.Every("notify.prune", job.Daily(3), func(ctx context.Context) error { return Prune(ctx, d, 400*24*time.Hour) })
}

// mailTx queues one account's letter and marks its notices, also where there is no address: a notice is not mailed weeks later because someone gave one.
func mailTx(ctx context.Context, tx *db.Tx, where Addresses, account string) (bool, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM notice WHERE account=$1 AND to_mail=1 ORDER BY id`, account)
	if err != nil {
		return false, err
	}
	list, err := scanAll(rows)
	if err != nil || len(list) == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE notice SET to_mail=0 WHERE account=$1 AND to_mail=1`, account)
	if err != nil {
		return false, err
	}
	pace, err := PaceOf(ctx, tx, account)
	if err != nil || pace == Never {
		return false, err
	}
	to, lang, err := where.MailAddress(ctx, tx, account)
	if err != nil || to == "" {
		return false, err
	}
	m := mail.Message{Account: account, To: to, Lang: lang, Kind: "notice", Subject: i18n.M("notify.mail.subject", "n", len(list))}
	for _, n := range list[:min(len(list), perMail)] {
		msg := n.Msg
		if !n.Due.IsZero() {
			msg = i18n.M("notify.due", "text", n.Msg, "date", n.Due)
		}
		m.Body = append(m.Body, mail.Part{Msg: msg, Link: n.Link})
	}
	if len(list) > perMail {
		m.Body = append(m.Body, mail.Part{Msg: i18n.M("notify.mail.more", "n", len(list)-perMail)})
	}
	err = mail.QueueTx(ctx, tx, m)
	if errs.Is(err, errs.Invalid) { // an address that was taken before addresses were checked so strictly
		slog.WarnContext(ctx, "notices not mailed: bad address", slog.String("account", account))
		return false, nil
	}
	return err == nil, err
}
