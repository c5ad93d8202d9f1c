package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeyFile is the name of the file in the folder of keys with the key that seals second factors and invitation codes.
const KeyFile = "auth.key"

// key seals what must be read again but must not stand in the database in clear: neither the database nor its backup reveals it without this file.
type key struct {
	aead  cipher.AEAD
	print string // fingerprint, to notice another process's different key
}

// loadKey reads the key from dir, and makes one where there is none; the file is the owner's alone.
func loadKey(dir string) (*key, error) {
	file := filepath.Join(dir, KeyFile)
	raw, err := readKey(file)
	if errors.Is(err, fs.ErrNotExist) {
		if raw, err = makeKey(dir, file); errors.Is(err, fs.ErrExist) { // another process was quicker
			raw, err = readKey(file)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("auth: key: %w", err)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("auth: key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("auth: key: %w", err)
	}
	sum := sha256.Sum256(append([]byte("dinh auth key\n"), raw...))
	return &key{aead: aead, print: hex.EncodeToString(sum[:8])}, nil
}

func readKey(file string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(raw) != 32 {
		return nil, fmt.Errorf("%s is damaged", file)
	}
	return raw, nil
}

// makeKey writes the whole key under another name first, so that nobody ever reads half of one.
func makeKey(dir, file string) ([]byte, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	raw := make([]byte, 32)
	rand.Read(raw)
	f, err := os.CreateTemp(dir, KeyFile+".*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // a leftover does no harm
	_, err = f.WriteString(hex.EncodeToString(raw) + "\n")
	if err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return raw, os.Link(f.Name(), file)
}

// seal encrypts text; what it is about (table and id) must be told again to open it, so that sealed text cannot be moved to another row.
func (k *key) seal(about, text string) string {
	nonce := make([]byte, k.aead.NonceSize())
	rand.Read(nonce)
	return base64.RawStdEncoding.EncodeToString(k.aead.Seal(nonce, nonce, []byte(text), []byte(about)))
}

func (k *key) open(about, sealed string) (string, error) {
	b, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil || len(b) < k.aead.NonceSize() {
		return "", errors.New("auth: sealed text is damaged")
	}
	n := k.aead.NonceSize()
	text, err := k.aead.Open(nil, b[:n], b[n:], []byte(about))
	if err != nil {
		return "", fmt.Errorf("auth: sealed with another key, or damaged: %w", err)
	}
	return string(text), nil
}

// newToken is a random secret of 256 bits for a cookie or an API token, and the form in which it is stored.
func newToken() (token string, stored []byte) {
	b := make([]byte, 32)
	rand.Read(b)
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, tokenHash(token)
}

// tokenHash is the stored form of a secret of high entropy: a plain SHA-256 suffices.
func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// codeLetters are those of codes that people type from paper: no I and O, no 0 and 1. There are 32, so a random byte's low bits choose evenly.
const codeLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

func newCode(letters int) string {
	b := make([]byte, letters)
	rand.Read(b)
	for i := range b {
		b[i] = codeLetters[b[i]%32]
	}
	return string(b)
}

// ShowCode is a code in groups of four, as it is printed: "K7QM-3XWA-9PDR".
func ShowCode(code string) string {
	var parts []string
	for len(code) > 4 {
		parts, code = append(parts, code[:4]), code[4:]
	}
	return strings.Join(append(parts, code), "-")
}

// normalCode is a code as typed from paper, without groups and in upper case; false where it cannot be one.
func normalCode(s string, letters int) (string, bool) {
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		switch {
		case r == ' ' || r == '-' || r == '.':
		case r < 128 && strings.ContainsRune(codeLetters, r):
			b.WriteRune(r)
		default:
			return "", false
		}
	}
	return b.String(), b.Len() == letters
}
