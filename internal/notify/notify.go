// Package notify tells people inside the program what waits for them, and by mail where they want it.
package notify

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Notice is one thing that somebody should know.
type Notice struct {
	ID      string
	Account string // who
	Unit    string // for which unit; "" where it is about the person alone
	Kind    string // "plan.reminder", …: the room and what of it
	Msg     i18n.Msg
	Link    string     // a path of ours: "/lam-viec/viec-cua-toi"
	Due     civil.Date // None where nothing is due
	Once    string     // not "": there is at most one notice with it for the account
	Created time.Time
	Read    time.Time // zero while unread
}

// SendTx tells the account in the command's transaction. Where Once was used for the account before, it does nothing.
func SendTx(ctx context.Context, tx *db.Tx, n Notice) error {
	if n.Account == "" || n.Kind == "" || n.Msg.IsZero() {
		return errors.New("notify: a notice needs an account, a kind and a message")
	}
	if !strings.HasPrefix(n.Link, "/") || strings.HasPrefix(n.Link, "//") {
		return fmt.Errorf("notify: %s: a link must be a path of ours", n.Kind)
	}
	msg, err := json.Marshal(n.Msg)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO notice (id, account, unit_id, kind, msg, link, due, once, created) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
		ON CONFLICT (account, once) WHERE once <> '' DO NOTHING`,
		tx.NewID(), n.Account, n.Unit, n.Kind, string(msg), n.Link, string(n.Due), n.Once, db.Micros(tx.Now()))
	return err
}

// Text is the notice as a short text with its link, to be copied into a chat group. base is the address of the server.
func (n Notice) Text(p *i18n.Printer, base string) string {
	s := p.Say(n.Msg)
	if !n.Due.IsZero() {
		s = p.T("notify.due", "text", s, "date", n.Due)
	}
	return s + "\n" + strings.TrimRight(base, "/") + n.Link
}

const columns = `id, account, unit_id, kind, msg, link, due, once, created, read_at`

func scanAll(rows *sql.Rows) ([]Notice, error) {
	defer rows.Close()
	var out []Notice
	for rows.Next() {
		var (
			n             Notice
			msg           string
			created, read int64
		)
		err := rows.Scan(&n.ID, &n.Account, &n.Unit, &n.Kind, &msg, &n.Link, &n.Due, &n.Once, &created, &read)
		if err != nil {
			return nil, err
		}
		err = json.Unmarshal([]byte(msg), &n.Msg)
		if err != nil {
			return nil, fmt.Errorf("notify: notice %s: %w", n.ID, err)
		}
		n.Created = db.FromMicros(created)
		if read > 0 {
			n.Read = db.FromMicros(read)
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// List lists an account's notices, unread first, newest first within each, from after the cursor ("" for the first page). next is "" on the last page.
func List(ctx context.Context, q db.Querier, account, after string, limit int) (list []Notice, next string, err error) {
	unread, id := 2, "" // before all
	if after != "" {
		_, err = fmt.Sscanf(strings.Replace(after, "_", " ", 1), "%d %s", &unread, &id)
		if err != nil {
			return nil, "", errs.Wrap(errs.Invalid, err, "notify.cursor")
		}
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM notice WHERE account=$1 AND (unread, id) < ($2, $3) ORDER BY unread DESC, id DESC LIMIT $4`, account, unread, id, limit+1)
	if err != nil {
		return nil, "", err
	}
	list, err = scanAll(rows)
	if err == nil && len(list) > limit {
		list = list[:limit]
		last := list[limit-1]
		next = "0_" + last.ID
		if last.Read.IsZero() {
			next = "1_" + last.ID
		}
	}
	return list, next, err
}

// Unread counts an account's unread notices.
func Unread(ctx context.Context, q db.Querier, account string) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT count(*) FROM notice WHERE account=$1 AND unread=1`, account).Scan(&n)
	return n, err
}

// MarkReadTx marks notices of the account as read; without ids, all of them. Ids of other accounts are passed over.
func MarkReadTx(ctx context.Context, tx *db.Tx, account string, ids ...string) error {
	const set = `UPDATE notice SET unread=0, to_mail=0, read_at=$1 WHERE account=$2 AND unread=1`
	now := db.Micros(tx.Now())
	if len(ids) == 0 {
		_, err := tx.Exec(ctx, set, now, account)
		return err
	}
	for len(ids) > 0 {
		part := ids[:min(len(ids), 500)]
		ids = ids[len(part):]
		args := []any{now, account}
		for _, id := range part {
			args = append(args, id)
		}
		_, err := tx.Exec(ctx, set+` AND id IN `+db.In(len(part), 3), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// WithdrawTx takes back notices that have lost their reason: those of the accounts' with the given Once, read or not.
func WithdrawTx(ctx context.Context, tx *db.Tx, once string) error {
	if once == "" {
		return errors.New("notify: withdraw which?")
	}
	_, err := tx.Exec(ctx, `DELETE FROM notice WHERE once=$1`, once)
	return err
}

// Prune forgets notices older than keep.
func Prune(ctx context.Context, d *db.DB, keep time.Duration) error {
	if keep <= 0 {
		return errors.New("notify: keep nothing?")
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM notice WHERE created < $1`, db.Micros(tx.Now().Add(-keep)))
		return err
	})
}
