// Package mail puts letters into an outbox in the transaction of the command that wants them sent, and sends what is there by SMTP.
package mail

import (
	"context"
	"encoding/json"
	"errors"
	"net/mail"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/config"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Message is a letter in plain text, stored as keys and arguments and worded in the reader's language when it is sent. It holds no more about people
// than its reader needs: mail travels in the open.
type Message struct {
	Account string // whose it is, "" where the reader has no account
	To      string // address
	Lang    i18n.Lang
	Kind    string // "notice", "invitation", …: for the list of the outbox
	Subject i18n.Msg
	Body    []Part
	Leave   string // of letters to a list: a path of ours at which one press ends the subscription (RFC 8058); "" for other letters
}

// Part is a paragraph, with an address of ours below it where Link is not "".
type Part struct {
	Msg  i18n.Msg `json:"m"`
	Link string   `json:"l,omitempty"` // a path: "/lam-viec/viec-cua-toi"
}

type content struct {
	Subject i18n.Msg `json:"s"`
	Body    []Part   `json:"b,omitempty"`
	Leave   string   `json:"u,omitempty"`
}

// Address checks an address and gives it in its plain form; errs.Invalid beside field where it is none.
func Address(field, s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || strings.ContainsAny(s, "\r\n\" ") || !strings.Contains(s[strings.LastIndexByte(s, '@')+1:], ".") {
		return "", errs.At(field, "mail.address")
	}
	return s, nil
}

// The states of a letter in the outbox.
const (
	Waiting = "waiting"
	Sent    = "sent"
	Failed  = "failed"
)

// QueueTx puts a letter into the outbox: it is sent when the transaction has been committed, and never when it was not.
func QueueTx(ctx context.Context, tx *db.Tx, m Message) error {
	to, err := Address("mail", m.To)
	if err != nil {
		return err
	}
	if m.Subject.IsZero() || len(m.Body) == 0 || m.Kind == "" {
		return errors.New("mail: a letter needs a kind, a subject and a body")
	}
	for _, p := range append([]Part{{Link: m.Leave}}, m.Body...) {
		if p.Link != "" && (!strings.HasPrefix(p.Link, "/") || strings.HasPrefix(p.Link, "//")) {
			return errors.New("mail: a link must be a path of ours")
		}
	}
	b, err := json.Marshal(content{m.Subject, m.Body, m.Leave})
	if err != nil {
		return err
	}
	now := db.Micros(tx.Now())
	_, err = tx.Exec(ctx, `INSERT INTO mail_outbox (id, account, recipient, lang, kind, content, state, next_at, created) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$8)`,
		tx.NewID(), m.Account, to, string(m.Lang), m.Kind, string(b), Waiting, now)
	return err
}

// Outbox is the list of letters and the way out.
type Outbox struct {
	db    *db.DB
	conf  config.Mail
	base  string // https://… of this server
	clock civil.Clock
	dial  func(ctx context.Context) (connection, error)
}

// New is the outbox; without conf.Host letters stay in it.
func New(d *db.DB, conf config.Mail, baseURL string, clock civil.Clock) *Outbox {
	o := &Outbox{db: d, conf: conf, base: strings.TrimRight(baseURL, "/"), clock: clock}
	o.dial = o.smtp
	return o
}

// Configured reports whether letters can leave.
func (o *Outbox) Configured() bool { return o.conf.Host != "" }

// text words the letter.
func (o *Outbox) text(lang i18n.Lang, c content) (subject, body string) {
	p := i18n.For(lang)
	var b strings.Builder
	for _, part := range c.Body {
		b.WriteString(p.Say(part.Msg))
		b.WriteString("\n")
		if part.Link != "" {
			b.WriteString(o.base + part.Link + "\n")
		}
		b.WriteString("\n")
	}
	b.WriteString("-- \n")
	b.WriteString(p.T("mail.foot", "address", o.base))
	b.WriteString("\n")
	return strings.Join(strings.Fields(p.Say(c.Subject)), " "), b.String()
}
