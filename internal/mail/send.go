package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/job"

	gomail "github.com/wneessen/go-mail"
)

const (
	batch   = 20
	tries   = 12               // then a letter has failed: after about two days
	claimed = 10 * time.Minute // a letter that a process took and never reported on is tried again after this
	timeout = 30 * time.Second
)

// letter is a row on its way out.
type letter struct {
	id, recipient string
	lang          i18n.Lang
	content       content
	tries         int
}

// envelope is a letter as it goes out.
type envelope struct {
	from, to, id, subject, body string
	leave                       string // address at which one press ends the subscription, "" for none
}

// connection is an open line to a mail server.
type connection interface {
	send(e envelope) error
	close() error
}

// Send sends what is due and gives the number sent. Without a host it does nothing. A letter is claimed before it is sent, so that two processes do not
// send it twice; one whose process died on the way is sent again.
func (o *Outbox) Send(ctx context.Context) (int, error) {
	if !o.Configured() {
		return 0, nil
	}
	sent := 0
	for {
		letters, err := o.claim(ctx)
		if err != nil || len(letters) == 0 {
			return sent, err
		}
		line, err := o.dial(ctx)
		if err != nil {
			slog.WarnContext(ctx, "mail server not reached", slog.Any("error", err))
			for _, l := range letters {
				err := o.note(ctx, l, err)
				if err != nil {
					return sent, err
				}
			}
			return sent, nil
		}
		n, err := o.through(ctx, line, letters)
		sent += n
		err = errors.Join(err, line.close())
		if err != nil || len(letters) < batch {
			return sent, err
		}
	}
}

// Register has the outbox sent every minute and old letters forgotten.
func (o *Outbox) Register(r *job.Runner) {
	r.Every("mail.send", job.Interval(time.Minute), func(ctx context.Context) error {
		_, err := o.Send(ctx)
		return err
	})
	r.Every("mail.prune", job.Daily(3), func(ctx context.Context) error { return o.Prune(ctx, 90*24*time.Hour) })
}

func (o *Outbox) through(ctx context.Context, line connection, letters []letter) (int, error) {
	sent := 0
	for _, l := range letters {
		subject, body := o.text(l.lang, l.content)
		e := envelope{from: o.from(), to: l.recipient, id: l.id, subject: subject, body: body}
		if l.content.Leave != "" {
			e.leave = o.base + l.content.Leave
		}
		fault := line.send(e)
		if fault != nil {
			slog.WarnContext(ctx, "letter not sent", slog.String("letter", l.id), slog.Int("try", l.tries))
		} else {
			sent++
		}
		err := o.note(ctx, l, fault)
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

func (o *Outbox) claim(ctx context.Context) ([]letter, error) {
	var out []letter
	err := o.db.Write(ctx, func(tx *db.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, `SELECT id, recipient, lang, content, tries FROM mail_outbox WHERE state='waiting' AND next_at <= $1 ORDER BY next_at, id LIMIT 20`+
			tx.Dialect().SkipLocked(), db.Micros(tx.Now()))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var (
				l    letter
				text string
			)
			err = rows.Scan(&l.id, &l.recipient, &l.lang, &text, &l.tries)
			if err != nil {
				return err
			}
			err = json.Unmarshal([]byte(text), &l.content)
			if err != nil {
				return fmt.Errorf("mail: letter %s: %w", l.id, err)
			}
			l.tries++
			out = append(out, l)
		}
		err = errors.Join(rows.Err(), rows.Close())
		if err != nil {
			return err
		}
		for _, l := range out {
			_, err = tx.Exec(ctx, `UPDATE mail_outbox SET tries=$1, next_at=$2 WHERE id=$3`, l.tries, db.Micros(tx.Now().Add(claimed)), l.id)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// note records what became of a letter. The body of one that was sent is not kept: it may hold a link that opens an account.
func (o *Outbox) note(ctx context.Context, l letter, fault error) error {
	return o.db.Write(ctx, func(tx *db.Tx) error {
		if fault == nil {
			rest, err := json.Marshal(content{Subject: l.content.Subject})
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `UPDATE mail_outbox SET state='sent', sent_at=$1, content=$2, fault='' WHERE id=$3`, db.Micros(tx.Now()), string(rest), l.id)
			return err
		}
		state := Waiting
		if se, ok := errors.AsType[*gomail.SendError](fault); ok && !se.IsTemp() || l.tries >= tries {
			state = Failed
		}
		wait := time.Minute << min(l.tries, 9)
		_, err := tx.Exec(ctx, `UPDATE mail_outbox SET state=$1, next_at=$2, fault=$3 WHERE id=$4`, state, db.Micros(tx.Now().Add(wait)), short(fault.Error()), l.id)
		return err
	})
}

func short(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return s
}

// from is the sender: as set, or the log-in name where that is an address, or dinh@ and the server's name.
func (o *Outbox) from() string {
	switch {
	case o.conf.From != "":
		return o.conf.From
	case strings.Contains(o.conf.User, "@"):
		return o.conf.User
	}
	u, err := url.Parse(o.base)
	if err != nil || u.Hostname() == "" {
		return "dinh@localhost"
	}
	return "dinh@" + u.Hostname()
}

type smtpLine struct{ c *gomail.Client }

// smtp opens a line: TLS always, but where the settings say that the relay is on this machine.
func (o *Outbox) smtp(ctx context.Context) (connection, error) {
	opts := []gomail.Option{gomail.WithTimeout(timeout)}
	switch {
	case o.conf.Plain:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	case o.conf.Port == 465:
		opts = append(opts, gomail.WithSSL())
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	opts = append(opts, gomail.WithPort(o.conf.Port))
	if o.conf.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(o.conf.User), gomail.WithPassword(o.conf.Password))
	}
	c, err := gomail.NewClient(o.conf.Host, opts...)
	if err != nil {
		return nil, err
	}
	err = c.DialWithContext(ctx)
	if err != nil {
		return nil, err
	}
	return smtpLine{c}, nil
}

func (l smtpLine) send(e envelope) error {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	err := errors.Join(m.From(e.from), m.To(e.to))
	if err != nil {
		return err
	}
	m.Subject(e.subject)
	m.SetMessageIDWithValue(e.id + "@dinh")
	m.SetDate()
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if e.leave != "" {
		m.SetGenHeader("List-Unsubscribe", "<"+e.leave+">")
		m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	m.SetBodyString(gomail.TypeTextPlain, e.body)
	return l.c.Send(m)
}

func (l smtpLine) close() error { return l.c.Close() }
