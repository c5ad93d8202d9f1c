// Package attach keeps the files that people upload: by content in a folder, with a row for each use of a file.
package attach

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// File is a file in the store. Until LinkTx gives it a row it is nobody's and goes after a day.
type File struct {
	SHA256 string // hex
	Size   int64  // bytes
	Type   Type
	Name   string // cleaned
}

// Owner is the record that a file hangs on, and the unit that the record belongs to.
type Owner struct{ Kind, ID, Unit string }

// Attachment is one use of a file.
type Attachment struct {
	ID string
	Owner
	File
	Internal bool   // for those with rights to the record only, also when the record is public
	AddedBy  string // account
	Created  time.Time
}

// Store is the folder of files and their rows. It is safe for concurrent use, also by several processes on one folder.
type Store struct {
	db    *db.DB
	root  *os.Root
	max   int64
	clock civil.Clock
	sweep sync.Mutex // a file is not swept while it is being put
}

const tempDir = "tmp"

// New opens the store in the folder "files" of a data folder and makes it where it is missing. A file may have at most maxBytes.
func New(d *db.DB, dataDir string, maxBytes int64, clock civil.Clock) (*Store, error) {
	dir := filepath.Join(dataDir, "files")
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		return nil, fmt.Errorf("attach: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("attach: %w", err)
	}
	s := &Store{db: d, root: root, max: maxBytes, clock: clock}
	err = root.MkdirAll(tempDir, 0o700)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("attach: %w", err), root.Close())
	}
	return s, nil
}

// Close gives the folder back.
func (s *Store) Close() error { return s.root.Close() }

// Max is the largest size of a file, in bytes.
func (s *Store) Max() int64 { return s.max }

// place is where the file with the sum lies below the store's folder.
func place(sum string) string { return path.Join(sum[:2], sum[2:]) }

// Put takes a file in, before the transaction that will use it. name is what the sender calls it; allow is what the form takes. Refusals are
// errs.Invalid or errs.TooLarge, worded for the sender. The file is on the disk for good when Put returns.
func (s *Store) Put(ctx context.Context, r io.Reader, name string, allow Types) (File, error) {
	name = cleanName(name)
	tmp := path.Join(tempDir, rand.Text())
	f, err := s.root.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return File{}, fmt.Errorf("attach: %w", err)
	}
	out, err := s.take(ctx, f, r, name, allow)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = s.keep(tmp, out.SHA256)
	}
	if err != nil {
		rerr := s.root.Remove(tmp)
		if rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
		return File{}, err
	}
	return out, nil
}

// take streams r into f, hashing, and looks at what came.
func (s *Store) take(ctx context.Context, f *os.File, r io.Reader, name string, allow Types) (File, error) {
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, sum), io.LimitReader(reader{ctx, r}, s.max+1))
	if err != nil {
		return File{}, fmt.Errorf("attach: taking a file in: %w", err)
	}
	if size > s.max {
		return File{}, errs.E(errs.TooLarge, "attach.too_large", "name", name, "max", int(s.max>>20))
	}
	kind, err := check(f, size, name, allow)
	if err != nil {
		return File{}, err
	}
	err = f.Sync()
	if err != nil {
		return File{}, fmt.Errorf("attach: %w", err)
	}
	return File{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size, Type: kind, Name: name}, nil
}

// keep moves the temporary file to its place, or marks the one that is there as wanted.
func (s *Store) keep(tmp, sum string) error {
	s.sweep.Lock()
	defer s.sweep.Unlock()
	now := s.clock.Now()
	err := s.root.Chtimes(tmp, now, now)
	if err != nil {
		return fmt.Errorf("attach: %w", err)
	}
	err = s.root.MkdirAll(sum[:2], 0o700)
	if err != nil {
		return fmt.Errorf("attach: %w", err)
	}
	// The rename also goes over a file of the same content: that heals one that was damaged.
	err = s.root.Rename(tmp, place(sum))
	if err != nil {
		return fmt.Errorf("attach: %w", err)
	}
	return errors.Join(s.syncDir(sum[:2]), s.syncDir("."))
}

func (s *Store) syncDir(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return fmt.Errorf("attach: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// reader stops when the sender has gone.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(b []byte) (int, error) {
	err := r.ctx.Err()
	if err != nil {
		return 0, err
	}
	return r.r.Read(b)
}

// LinkTx gives the file a row: from now on it is the owner's. The command's own audit entry names it (Kind, ID and SHA256 are in the result).
func (s *Store) LinkTx(ctx context.Context, tx *db.Tx, f File, o Owner, internal bool, account string) (Attachment, error) {
	if len(f.SHA256) != 64 || o.Kind == "" || o.ID == "" || o.Unit == "" {
		return Attachment{}, errors.New("attach: a file and its owner must be known before they are linked")
	}
	a := Attachment{ID: tx.NewID(), Owner: o, File: f, Internal: internal, AddedBy: account, Created: tx.Now()}
	_, err := tx.Exec(ctx, `INSERT INTO attachment (id, owner_kind, owner_id, unit_id, sha256, size, type, name, internal, added_by, created)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
		a.ID, o.Kind, o.ID, o.Unit, f.SHA256, f.Size, string(f.Type), f.Name, db.Flag(internal), account, db.Micros(a.Created))
	return a, err
}

// SetInternalTx changes who may see the file. errs.NotFound where there is no such row.
func (s *Store) SetInternalTx(ctx context.Context, tx *db.Tx, id string, internal bool) error {
	return one(tx.Exec(ctx, `UPDATE attachment SET internal=$1 WHERE id=$2`, db.Flag(internal), id))
}

// UnlinkTx takes the row away, for a file of a draft; what was published stays. errs.NotFound where there is no such row.
func (s *Store) UnlinkTx(ctx context.Context, tx *db.Tx, id string) error {
	return one(tx.Exec(ctx, `DELETE FROM attachment WHERE id=$1`, id))
}

func one(res interface{ RowsAffected() (int64, error) }, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = errs.E(errs.NotFound, "attach.none")
	}
	return err
}

const columns = `id, owner_kind, owner_id, unit_id, sha256, size, type, name, internal, added_by, created`

func scan(row interface{ Scan(...any) error }) (Attachment, error) {
	var (
		a                 Attachment
		internal, created int64
	)
	err := row.Scan(&a.ID, &a.Kind, &a.Owner.ID, &a.Unit, &a.SHA256, &a.Size, &a.Type, &a.Name, &internal, &a.AddedBy, &created)
	a.Internal, a.Created = internal != 0, db.FromMicros(created)
	return a, err
}
