package audit

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"dinh/internal/errs"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// keyFile is the signing key in the keys folder, in the text form of golang.org/x/mod/sumdb/note.
const keyFile = "audit.key"

// lastFile is the latest checkpoint that this server has kept outside the database.
const lastFile = "audit.last"

// signer is this server's key for the tree of the name, made where there is none yet.
func signer(dir, origin string) (note.Signer, string, error) {
	file := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		if err := makeKey(dir, file, origin); err != nil {
			return nil, "", fmt.Errorf("audit: key: %w", err)
		}
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, "", fmt.Errorf("audit: key: %w", err)
	}
	private, public, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	s, err := note.NewSigner(private)
	if err != nil {
		return nil, "", fmt.Errorf("audit: key: %w", err)
	}
	if s.Name() != origin {
		return nil, "", errs.E(errs.Unavailable, "audit.key_foreign", "file", file, "key", s.Name(), "log", origin)
	}
	if _, err := note.NewVerifier(public); err != nil {
		return nil, "", fmt.Errorf("audit: key: %w", err)
	}
	return s, public, nil
}

// makeKey writes a new key. Two that do it at once leave one whole file.
func makeKey(dir, file, origin string) error {
	private, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return err
	}
	temp, err := newFile(dir, private+"\n"+public+"\n")
	if err != nil {
		return err
	}
	defer os.Remove(temp) //nolint:errcheck // after a rename it is gone
	if err := os.Link(temp, file); err != nil && !errors.Is(err, os.ErrExist) {
		// A file system without links: at worst the later of two keys stays, and the log has both.
		return os.Rename(temp, file)
	}
	return nil
}

// newFile writes a file of mode 0600 under a name that nobody has.
func newFile(dir, text string) (name string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "audit-*.new")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// writeFile puts a whole file in the place of the one before.
func writeFile(dir, name, text string) error {
	temp, err := newFile(dir, text)
	if err != nil {
		return err
	}
	return os.Rename(temp, filepath.Join(dir, name))
}

// head is the text of a checkpoint (C2SP tlog-checkpoint) before it is signed.
func head(origin string, size int64, root tlog.Hash) string {
	return origin + "\n" + strconv.FormatInt(size, 10) + "\n" + root.String() + "\n"
}

// parseHead reads what head wrote.
func parseHead(text string) (origin string, size int64, root tlog.Hash, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[3] != "" && len(lines) == 4 {
		return "", 0, root, errors.New("audit: not a checkpoint")
	}
	size, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return "", 0, root, errors.New("audit: not a checkpoint: size")
	}
	b, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(b) != len(root) {
		return "", 0, root, errors.New("audit: not a checkpoint: root")
	}
	return lines[0], size, tlog.Hash(b), nil
}
