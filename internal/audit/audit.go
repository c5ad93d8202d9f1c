// Package audit keeps the log of everything that was done: entries written with the change itself, numbered afterwards by one sequencer into a Merkle
// tree whose signed heads prove that nothing was quietly changed.
//
// An entry has a part that stays for ever (when, which account, which action, on what) and details (names, words, before and after) that can be erased
// by two administrators. The tree's leaf covers the first part and a salted hash of the second, so it can be checked with and without the details.
//
// Each server signs with a key of its own, made in its keys folder at the first start; servers that share the folder share the key. A server's public
// key is entered in the log itself before it first signs, and a checkpoint holds if any entered key has signed it.
package audit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"

	"golang.org/x/mod/sumdb/tlog"
)

// Topic is what db.Woken is asked for to hear of new entries in this process.
const Topic = "audit"

// Entry is what a command says about itself.
type Entry struct {
	Actor     string   // account id; "" is the public, "system" the program
	ActorName string   // as shown; erasable
	Action    string   // "plan.issue"
	Unit      string   // the unit in whose history it stands; "" where it is nobody's
	Kind      string   // what Subject is: "unit", "plan"
	Subject   string   // its id
	Msg       i18n.Msg // the sentence for the history; erasable
	Details   any      // before and after, as JSON; erasable
	Touches   []string // tags of the kept pages that are old now: "unit:ID", "plan:ID", "law"
	Draft     bool     // it is about a draft: who may not read the unit's drafts gets neither sentence nor details
}

// body is the erasable part, as it is hashed and stored.
type body struct {
	ActorName string          `json:"actor_name,omitempty"`
	Msg       i18n.Msg        `json:"msg"`
	Details   json.RawMessage `json:"details,omitempty"`
	Draft     bool            `json:"draft,omitempty"`
	Day       civil.Date      `json:"day,omitempty"` // the program's, where it is not the machine's
}

// Record writes the command's entry in the command's own transaction. Every command calls it once.
func Record(ctx context.Context, tx *db.Tx, e Entry) error {
	b := body{ActorName: e.ActorName, Msg: e.Msg, Draft: e.Draft}
	if day := tx.Today(); day != civil.Of(tx.Now()) {
		b.Day = day
	}
	if e.Details != nil {
		raw, err := json.Marshal(e.Details)
		if err != nil {
			return fmt.Errorf("audit: details: %w", err)
		}
		b.Details = raw
	}
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("audit: details: %w", err)
	}
	salt := make([]byte, 32)
	rand.Read(salt)
	id := make([]byte, 16)
	rand.Read(id)
	name := hex.EncodeToString(id)
	_, err = tx.Exec(ctx, `INSERT INTO audit_entry(id,at,actor,action,unit,kind,subject,touches,commitment) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		name, db.Micros(tx.Now()), e.Actor, e.Action, e.Unit, e.Kind, e.Subject, strings.Join(e.Touches, " "), commit(salt, string(text)))
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if _, err = tx.Exec(ctx, `INSERT INTO audit_detail(entry_id,salt,body) VALUES($1,$2,$3)`, name, salt, string(text)); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	tx.Touch(e.Touches...)
	tx.Wake(Topic)
	return nil
}

// commit is the salted hash of the details.
func commit(salt []byte, text string) []byte {
	h := sha256.New()
	h.Write([]byte("dinh audit details 1\n"))
	h.Write(salt)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// row is an entry as it is stored.
type row struct {
	id, actor, action, unit, kind, subject, touches string
	at                                              int64
	commitment                                      []byte
}

const rowColumns = `e.id, e.at, e.actor, e.action, e.unit, e.kind, e.subject, e.touches, e.commitment`

func (r *row) dest() []any {
	return []any{&r.id, &r.at, &r.actor, &r.action, &r.unit, &r.kind, &r.subject, &r.touches, &r.commitment}
}

// leaf is the hash of all that stays for ever.
func (r *row) leaf() tlog.Hash {
	text, err := json.Marshal(struct {
		V          int    `json:"v"`
		ID         string `json:"id"`
		At         int64  `json:"at"`
		Actor      string `json:"actor"`
		Action     string `json:"action"`
		Unit       string `json:"unit"`
		Kind       string `json:"kind"`
		Subject    string `json:"subject"`
		Touches    string `json:"touches"`
		Commitment string `json:"commitment"`
	}{1, r.id, r.at, r.actor, r.action, r.unit, r.kind, r.subject, r.touches, hex.EncodeToString(r.commitment)})
	if err != nil {
		panic(err) // strings and numbers always have JSON
	}
	return tlog.RecordHash(text)
}

// Line is an entry as history shows it.
type Line struct {
	ID                          string
	Seq                         int64 // -1: not numbered yet
	At                          time.Time
	Actor, ActorName            string
	Action, Unit, Kind, Subject string
	Msg                         i18n.Msg
	Details                     json.RawMessage
	Draft                       bool       // about a draft of the unit: see Entry
	Day                         civil.Date // the program's day, where it was not the machine's
	Erased                      bool       // name, sentence and details were erased by a redaction
}
