package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"dinh/internal/auth/argon2id"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Parameters of new hashes: 19 MiB, two passes, one lane (OWASP). A hash with others is made anew at the next log-in.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashLength = 32
	saltLength = 16
	maxMemory  = 64 * 1024 // KiB: no stored hash makes us take more
	maxPasses  = 10
)

// Lengths of passwords in letters.
const (
	MinPassword = 10
	maxPassword = 200
)

// hash is a stored password: "$argon2id$v=19$m=19456,t=2,p=1$salt$key".
type hash struct {
	memory, passes uint32
	salt, key      []byte
}

func (h hash) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", h.memory, h.passes, b64(h.salt), b64(h.key))
}

// parseHash reads what String wrote; false for anything else, also for parameters out of bounds.
func parseHash(s string) (h hash, ok bool) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != "v=19" {
		return h, false
	}
	var lanes int
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &lanes); err != nil || n != 3 || lanes != 1 {
		return h, false
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(part[4]); err != nil {
		return h, false
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(part[5]); err != nil {
		return h, false
	}
	ok = h.memory >= 8 && h.memory <= maxMemory && h.memory%4 == 0 && h.passes >= 1 && h.passes <= maxPasses && len(h.salt) >= 8 && len(h.key) >= 16 && len(h.key) <= 128
	return h, ok && h.String() == s
}

// current reports whether the hash has the parameters of new ones.
func (h hash) current() bool {
	return h.memory == hashMemory && h.passes == hashPasses && len(h.key) == hashLength
}

func (h hash) derive(memory []argon2id.Block, password string) []byte {
	if int(h.memory) > len(memory) {
		memory = make([]argon2id.Block, h.memory)
	}
	return argon2id.Key(memory[:h.memory], []byte(i18n.NFC(password)), h.salt, h.passes, uint32(len(h.key)))
}

func newHash() hash {
	h := hash{memory: hashMemory, passes: hashPasses, salt: make([]byte, saltLength), key: make([]byte, hashLength)}
	rand.Read(h.salt)
	return h
}

// hash makes the stored form of a new password.
func (q *queue) hash(ctx context.Context, client, password string) (string, error) {
	h := newHash()
	err := q.do(ctx, client, func(memory []argon2id.Block) { h.key = h.derive(memory, password) })
	if err != nil {
		return "", err
	}
	return h.String(), nil
}

// dummy is compared with where there is no account or no password yet, so that the answer takes as long and says as little.
var dummy = sync.OnceValue(newHash)

// check compares a password with a stored hash; anew says that the hash should be made again with today's parameters. A stored "" matches nothing and
// takes as long as the others.
func (q *queue) check(ctx context.Context, client, password, stored string) (ok, anew bool, err error) {
	h, known := parseHash(stored)
	if !known {
		h = dummy()
	}
	if utf8.RuneCountInString(password) > maxPassword {
		password, known = "", false
	}
	err = q.do(ctx, client, func(memory []argon2id.Block) {
		ok = subtle.ConstantTimeCompare(h.derive(memory, password), h.key) == 1
	})
	return ok && known && err == nil, !h.current(), err
}

//go:embed data/common.txt
var commonText string

var common = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			m[line] = true
		}
	}
	return m
})

// CheckPassword looks whether a new password may be used: long enough, not one that everybody tries first, not the person's own name or number. There
// are no rules about kinds of letters. The fault stands beside field.
func CheckPassword(field, password string, own ...string) error {
	switch n := utf8.RuneCountInString(i18n.NFC(password)); {
	case n < MinPassword:
		return errs.At(field, "auth.password.short", "min", MinPassword)
	case n > maxPassword:
		return errs.At(field, "auth.password.long", "max", maxPassword)
	}
	plain := plainPassword(password)
	for _, s := range own {
		if p := plainPassword(s); p != "" && (p == plain || p == strings.TrimRight(plain, "0123456789")) {
			return errs.At(field, "auth.password.own")
		}
		if phone, ok := NormalPhone(s); ok {
			if other, ok := NormalPhone(password); ok && other == phone {
				return errs.At(field, "auth.password.own")
			}
		}
	}
	letters := map[rune]bool{}
	for _, r := range plain {
		letters[r] = true
	}
	if common()[plain] || common()[strings.TrimRight(plain, "0123456789")] || len(letters) < 4 {
		return errs.At(field, "auth.password.common")
	}
	return nil
}

// plainPassword is a password as a guesser thinks of it: without case, marks and signs.
func plainPassword(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127 {
			return r
		}
		return -1
	}, i18n.Fold(s))
}
