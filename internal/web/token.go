package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// A form token is 16 random bytes, the second it was made and an HMAC over both and the actor. Nothing is stored when a page with a form is shown;
// the POST's transaction records the random part under a unique key, so that a repeat finds the first result.
const (
	tokenRandom = 16
	tokenMAC    = 16
	tokenLen    = tokenRandom + 8 + tokenMAC
	tokenLife   = 24 * time.Hour // a form left open over a night still counts
)

type tokens struct {
	key []byte
	now func() time.Time
}

func (t tokens) mac(head []byte, actor string) []byte {
	m := hmac.New(sha256.New, t.key)
	m.Write(head)
	m.Write([]byte(actor))
	return m.Sum(nil)[:tokenMAC]
}

// issue makes a token for a form shown to the actor ("" for the public).
func (t tokens) issue(actor string) string {
	b := make([]byte, tokenRandom+8, tokenLen)
	_, _ = rand.Read(b[:tokenRandom])
	binary.BigEndian.PutUint64(b[tokenRandom:], uint64(t.now().Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, t.mac(b, actor)...))
}

// check gives the part of the token to record; ok is false where it is forged, of another actor or too old.
func (t tokens) check(token, actor string) (key string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != tokenLen {
		return "", false
	}
	head := b[:tokenRandom+8]
	if !hmac.Equal(b[tokenRandom+8:], t.mac(head, actor)) {
		return "", false
	}
	age := t.now().Sub(time.Unix(int64(binary.BigEndian.Uint64(head[tokenRandom:])), 0))
	if age > tokenLife || age < -time.Hour {
		return "", false
	}
	return base64.RawURLEncoding.EncodeToString(b[:tokenRandom]), true
}
