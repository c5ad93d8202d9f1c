package attach

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/job"
)

// ByID is the row; errs.NotFound where there is none. Whether the reader may see it is for the owner's room to say.
func (s *Store) ByID(ctx context.Context, q db.Querier, id string) (Attachment, error) {
	a, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM attachment WHERE id=$1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return a, errs.E(errs.NotFound, "attach.none")
	}
	return a, err
}

// ByIDs are the rows with the ids; ids that are not there are left out. Whether the reader may see them is for the owner's room to say.
func (s *Store) ByIDs(ctx context.Context, q db.Querier, ids ...string) (map[string]Attachment, error) {
	out := map[string]Attachment{}
	for len(ids) > 0 {
		part := ids[:min(len(ids), 500)]
		ids = ids[len(part):]
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		rows, err := q.Query(ctx, `SELECT `+columns+` FROM attachment WHERE id IN `+db.In(len(part), 1), args...)
		if err != nil {
			return nil, err
		}
		err = each(rows, func(a Attachment) error {
			out[a.ID] = a
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Of lists the files of owners of one kind, by the time they were added, then by name. Ask for all owners of a page at once.
func (s *Store) Of(ctx context.Context, q db.Querier, kind string, owners ...string) ([]Attachment, error) {
	var out []Attachment
	for len(owners) > 0 {
		part := owners[:min(len(owners), 500)]
		owners = owners[len(part):]
		args := []any{kind}
		for _, o := range part {
			args = append(args, o)
		}
		rows, err := q.Query(ctx, `SELECT `+columns+` FROM attachment WHERE owner_kind=$1 AND owner_id IN `+db.In(len(part), 2)+` ORDER BY created, name, id`, args...)
		if err != nil {
			return nil, err
		}
		err = each(rows, func(a Attachment) error {
			out = append(out, a)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func each(rows *sql.Rows, f func(Attachment) error) error {
	defer rows.Close()
	for rows.Next() {
		a, err := scan(rows)
		if err != nil {
			return err
		}
		err = f(a)
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// Open opens the content for reading. A file that is missing on the disk is a fault of ours, not errs.NotFound.
func (s *Store) Open(ctx context.Context, id string) (Attachment, *os.File, error) {
	a, err := s.ByID(ctx, s.db, id)
	if err != nil {
		return a, nil, err
	}
	f, err := s.Content(a.File)
	return a, f, err
}

// Content opens the content of a file whose row is known.
func (s *Store) Content(f File) (*os.File, error) {
	if len(f.SHA256) != 64 {
		return nil, errors.New("attach: no sum")
	}
	r, err := s.root.Open(place(f.SHA256))
	if err != nil {
		return nil, fmt.Errorf("attach: %w", err)
	}
	return r, nil
}

// Fault is a row whose file is not as it was taken in.
type Fault struct {
	Attachment
	Missing bool // else its content has changed
}

// Check reads every file that has a row and compares it with its sum. progress, where not nil, hears after each file how many were read.
func (s *Store) Check(ctx context.Context, progress func(done int)) ([]Fault, int, error) {
	var faults []Fault
	done := 0
	last := ""  // sum of the file read last: rows come by sum
	bad := true // what became of it
	missing := false
	after := ""
	for {
		var page []Attachment
		rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM attachment WHERE (sha256, id) > ($1, $2) ORDER BY sha256, id LIMIT 500`, last, after)
		if err != nil {
			return faults, done, err
		}
		err = each(rows, func(a Attachment) error {
			page = append(page, a)
			return nil
		})
		if err != nil {
			return faults, done, err
		}
		if len(page) == 0 {
			return faults, done, nil
		}
		for _, a := range page {
			if a.SHA256 != last {
				bad, missing, err = s.damaged(ctx, a.File)
				if err != nil {
					return faults, done, err
				}
				done++
				if progress != nil {
					progress(done)
				}
			}
			last, after = a.SHA256, a.ID
			if bad {
				faults = append(faults, Fault{Attachment: a, Missing: missing})
			}
		}
	}
}

func (s *Store) damaged(ctx context.Context, f File) (bad, missing bool, err error) {
	r, err := s.Content(f)
	if errors.Is(err, fs.ErrNotExist) {
		return true, true, nil
	}
	if err != nil {
		return false, false, err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, reader{ctx, r})
	err = errors.Join(err, r.Close())
	switch {
	case ctx.Err() != nil:
		return false, false, ctx.Err()
	case err != nil:
		// A file that the disk cannot give any more is as good as changed.
		slog.WarnContext(ctx, "file cannot be read", slog.String("sha256", f.SHA256), slog.Any("error", err))
		bad = true
	default:
		bad = hex.EncodeToString(sum.Sum(nil)) != f.SHA256
	}
	return bad, false, nil
}

// ours are the names that the store gives; anything else in its folder is left alone.
var ours = regexp.MustCompile(`^([0-9a-f]{2}/[0-9a-f]{62}|tmp/[A-Z2-7]+)$`)

// Sweep removes files that no row has named for longer than keep, and what broken uploads left. It gives the number removed.
func (s *Store) Sweep(ctx context.Context, keep time.Duration) (int, error) {
	old := s.clock.Now().Add(-keep)
	n := 0
	err := fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !ours.MatchString(name) {
			return err
		}
		if err = ctx.Err(); err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.ModTime().Before(old) {
			return nil
		}
		if err != nil {
			return err
		}
		removed, err := s.remove(ctx, name, old)
		if removed {
			n++
		}
		return err
	})
	if err != nil {
		return n, fmt.Errorf("attach: sweep: %w", err)
	}
	return n, nil
}

// Register has files that nobody wants swept every night.
func (s *Store) Register(r *job.Runner) {
	r.Every("attach.sweep", job.Daily(3), func(ctx context.Context) error {
		n, err := s.Sweep(ctx, 24*time.Hour)
		if n > 0 {
			slog.InfoContext(ctx, "files without a row removed", slog.Int("files", n))
		}
		return err
	})
}

// remove removes the file unless a row names it or it was put anew meanwhile.
func (s *Store) remove(ctx context.Context, name string, old time.Time) (bool, error) {
	dir, base := path.Split(name)
	if dir != tempDir+"/" {
		sum := strings.TrimSuffix(dir, "/") + base
		var rows int
		err := s.db.QueryRow(ctx, `SELECT count(*) FROM attachment WHERE sha256=$1`, sum).Scan(&rows)
		if err != nil || rows > 0 {
			return false, err
		}
	}
	s.sweep.Lock()
	defer s.sweep.Unlock()
	info, err := s.root.Stat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.ModTime().Before(old) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.root.Remove(name)
}

// Discard removes a file at once that was put and must not be kept; one that a row names stays.
func (s *Store) Discard(ctx context.Context, f File) error {
	if len(f.SHA256) != 64 {
		return errors.New("attach: no sum")
	}
	_, err := s.remove(ctx, place(f.SHA256), s.clock.Now().Add(time.Second))
	return err
}
