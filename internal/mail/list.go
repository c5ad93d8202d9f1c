package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Item is a letter as the outbox lists it; its body is not shown.
type Item struct {
	ID        string
	Account   string
	Recipient string
	Kind      string
	Subject   i18n.Msg
	State     string
	Tries     int
	Fault     string // what the mail server said last
	Created   time.Time
	Next      time.Time // next try of a waiting letter
	SentAt    time.Time // zero where it was not sent
}

// List lists the letters in a state, newest first, from before the id after ("" for the first page). next is "" on the last page.
func (o *Outbox) List(ctx context.Context, state, after string, limit int) (items []Item, next string, err error) {
	if after == "" {
		after = "~" // after every id
	}
	rows, err := o.db.Query(ctx, `SELECT id, account, recipient, kind, content, state, tries, fault, created, next_at, sent_at FROM mail_outbox
		WHERE state=$1 AND id < $2 ORDER BY id DESC LIMIT $3`, state, after, limit+1)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			it                    Item
			text                  string
			c                     content
			created, due, sentted int64
		)
		err = rows.Scan(&it.ID, &it.Account, &it.Recipient, &it.Kind, &text, &it.State, &it.Tries, &it.Fault, &created, &due, &sentted)
		if err != nil {
			return nil, "", err
		}
		err = json.Unmarshal([]byte(text), &c)
		if err != nil {
			return nil, "", fmt.Errorf("mail: letter %s: %w", it.ID, err)
		}
		it.Subject, it.Created, it.Next = c.Subject, db.FromMicros(created), db.FromMicros(due)
		if sentted > 0 {
			it.SentAt = db.FromMicros(sentted)
		}
		items = append(items, it)
	}
	if len(items) > limit {
		items = items[:limit]
		next = items[limit-1].ID
	}
	return items, next, rows.Err()
}

// Count is the number of letters by state.
func (o *Outbox) Count(ctx context.Context) (map[string]int, error) {
	rows, err := o.db.Query(ctx, `SELECT state, count(*) FROM mail_outbox GROUP BY state`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var (
			state string
			n     int
		)
		err = rows.Scan(&state, &n)
		if err != nil {
			return nil, err
		}
		out[state] = n
	}
	return out, rows.Err()
}

// RetryTx lets a letter that failed or waits be tried at once. errs.NotFound where there is no such letter.
func (o *Outbox) RetryTx(ctx context.Context, tx *db.Tx, id string) error {
	res, err := tx.Exec(ctx, `UPDATE mail_outbox SET state='waiting', tries=0, next_at=$1, fault='' WHERE id=$2 AND state <> 'sent'`, db.Micros(tx.Now()), id)
	return none(res, err)
}

// DropTx takes a letter that was not sent out of the outbox. errs.NotFound where there is no such letter.
func (o *Outbox) DropTx(ctx context.Context, tx *db.Tx, id string) error {
	res, err := tx.Exec(ctx, `DELETE FROM mail_outbox WHERE id=$1 AND state <> 'sent'`, id)
	return none(res, err)
}

func none(res interface{ RowsAffected() (int64, error) }, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = errs.E(errs.NotFound, "mail.none")
	}
	return err
}

// Prune forgets letters that were sent or failed longer ago than keep, and waiting ones as old as that: nobody needs them any more.
func (o *Outbox) Prune(ctx context.Context, keep time.Duration) error {
	if keep <= 0 {
		return errors.New("mail: keep nothing?")
	}
	return o.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM mail_outbox WHERE created < $1`, db.Micros(tx.Now().Add(-keep)))
		return err
	})
}
