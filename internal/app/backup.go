package app

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/search"
)

// A backup is one .tar.gz: the folders of the data folder, the database in the portable form of db.Dump, and last a manifest with the sum of each. It
// can be restored to either engine.
const (
	backupRows     = "database.jsonl"
	backupManifest = "manifest.json"
)

// backupFolders are the folders of the data folder that a backup holds, in this order: keys come before the database, since the checkpoint kept there
// may not be ahead of the log, and files after it, since whatever a row names was stored before the row.
var backupFolders = struct{ before, after []string }{[]string{"keys", "law"}, []string{"files"}}

// notKept are tables that make no sense in another place or at another time: used form tokens, and sessions, since one that was ended after the backup
// must not live again.
var notKept = []string{"form_token", "session"}

type manifest struct {
	Dinh   int            `json:"dinh"` // 1
	MadeAt string         `json:"made_at"`
	Files  []manifestFile `json:"files"`
}

type manifestFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Sum  string `json:"sha256"`
}

// Backup writes database, files and keys of one moment into a file, beside a running server. The file is whole or not there, and nobody else may read it:
// it holds keys.
func Backup(ctx context.Context, o Options, file string, progress func(done, of int), p *i18n.Printer, out io.Writer) (err error) {
	c := o.Config
	d, err := db.Open(ctx, db.Options{DSN: c.Database, Dir: c.Data, ReadOnly: true, Clock: o.Clock})
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // nothing was written
	if _, err := os.Lstat(file); err == nil {
		return errs.E(errs.Conflict, "backup.there", "name", file)
	}
	dir := filepath.Dir(file)
	f, err := os.CreateTemp(dir, ".dinh-*.part") // mode 0600
	if err != nil {
		return errs.Wrap(errs.Unavailable, err, "backup.cannot_write", "name", file, "what", err.Error())
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	w := newArchive(f, o.Clock)
	if err := w.all(ctx, d, c.Data, dir, progress); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Rename(f.Name(), file)); err != nil {
		return err
	}
	fmt.Fprintln(out, p.T("backup.done", "name", file, "n", len(w.manifest.Files)))
	return nil
}

// archive writes a backup.
type archive struct {
	zip      *gzip.Writer
	tar      *tar.Writer
	manifest manifest
	at       civil.Clock
}

func newArchive(w io.Writer, clock civil.Clock) *archive {
	zip := gzip.NewWriter(w)
	return &archive{zip: zip, tar: tar.NewWriter(zip), at: clock, manifest: manifest{Dinh: 1, MadeAt: clock.Now().UTC().Format("2006-01-02T15:04:05Z")}}
}

func (w *archive) all(ctx context.Context, d *db.DB, data, temp string, progress func(done, of int)) error {
	for _, folder := range backupFolders.before {
		if err := w.folder(ctx, data, folder, nil); err != nil {
			return err
		}
	}
	if err := w.rows(ctx, d, temp, progress); err != nil {
		return err
	}
	for _, folder := range backupFolders.after {
		if err := w.folder(ctx, data, folder, progress); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(w.manifest, "", " ")
	if err != nil {
		return err
	}
	if err := w.add(backupManifest, int64(len(text)), strings.NewReader(string(text))); err != nil {
		return err
	}
	return errors.Join(w.tar.Close(), w.zip.Close())
}

// rows writes the database: first into a file beside the backup, since its size must be known before.
func (w *archive) rows(ctx context.Context, d *db.DB, temp string, progress func(done, of int)) (err error) {
	f, err := os.CreateTemp(temp, ".dinh-*.rows")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if err := d.Dump(ctx, f, notKept, steps(progress)); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return w.add(backupRows, size, f)
}

func steps(progress func(done, of int)) func(done, of int64) {
	if progress == nil {
		return nil
	}
	return func(done, of int64) { progress(int(done), int(of)) }
}

// folder writes the files of a folder, without those that are still being made.
func (w *archive) folder(ctx context.Context, data, folder string, progress func(done, of int)) error {
	root, err := os.OpenRoot(data)
	if err != nil {
		return err
	}
	defer root.Close()
	var names []string
	err = fs.WalkDir(root.FS(), folder, func(name string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == folder:
			return fs.SkipAll
		case err != nil:
			return err
		case e.IsDir() && e.Name() == "tmp":
			return fs.SkipDir
		case e.Type().IsRegular() && path.Ext(name) != ".new":
			names = append(names, name)
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.file(root, name); err != nil && !errors.Is(err, fs.ErrNotExist) { // one that was swept meanwhile is named by no row
			return err
		}
		if progress != nil {
			progress(i+1, len(names))
		}
	}
	return nil
}

func (w *archive) file(root *os.Root, name string) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return w.add(name, info.Size(), f)
}

// add writes one file and notes its sum.
func (w *archive) add(name string, size int64, r io.Reader) error {
	err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: w.at.Now(), Format: tar.FormatPAX})
	if err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(w.tar, sum), r, size); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.manifest.Files = append(w.manifest.Files, manifestFile{name, size, hexSum(sum)})
	return nil
}

// Restore puts a backup into a data folder that is empty, and into the PostgreSQL database of the settings where they name one, which must be empty too.
// Every sum is compared before anything is put in its place, and the log is verified at the end.
func Restore(ctx context.Context, o Options, file string, progress func(done, of int), p *i18n.Printer, out io.Writer) (err error) {
	c := o.Config
	f, err := os.Open(file)
	if err != nil {
		return errs.Wrap(errs.Unavailable, err, "backup.cannot_read", "name", file, "what", err.Error())
	}
	defer f.Close()
	if err := emptyFolder(c.Data); err != nil {
		return err
	}
	lock, err := db.LockDir(c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	temp := filepath.Join(c.Data, ".restore")
	if err := os.RemoveAll(temp); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	if err := unpack(ctx, f, temp, progress); err != nil {
		return err
	}
	if err := load(ctx, o, temp); err != nil {
		return err
	}
	// In this order the database, without which there is no data folder, comes last.
	for _, name := range slices.Concat(backupFolders.after, backupFolders.before, []string{db.File}) {
		err := os.Rename(filepath.Join(temp, name), filepath.Join(c.Data, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	report, err := Verify(ctx, o, progress)
	if err != nil {
		return err
	}
	report.Write(out, p)
	if !report.OK() {
		return errs.E(errs.Invalid, "backup.faults", "n", report.FaultCount())
	}
	fmt.Fprintln(out, p.T("backup.restored", "dir", c.Data))
	return nil
}

// emptyFolder refuses a folder with anything in it but a lock and what a broken restore has left.
func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if e.Name() != "lock" && e.Name() != ".restore" {
			return errs.E(errs.Conflict, "backup.not_empty", "dir", dir)
		}
	}
	return nil
}

// unpack writes the files of a backup into a folder and holds them to the manifest.
func unpack(ctx context.Context, r io.Reader, dir string, progress func(done, of int)) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	zip, err := gzip.NewReader(r)
	if err != nil {
		return broken(err)
	}
	in := tar.NewReader(zip)
	var got []manifestFile
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := in.Next()
		if err != nil {
			return broken(err) // the manifest comes last: an end before it is no end
		}
		if h.Name == backupManifest {
			var m manifest
			text, err := io.ReadAll(in)
			if err != nil || json.Unmarshal(text, &m) != nil || m.Dinh != 1 || !slices.Equal(m.Files, got) {
				return broken(errors.Join(err, errors.New("the manifest says something else")))
			}
			return nil
		}
		one, err := unpackFile(root, h, in)
		if err != nil {
			return err
		}
		if got = append(got, one); progress != nil && len(got)%100 == 0 {
			progress(len(got), len(got)+1) // how many there are is not known before the end
		}
	}
}

func broken(err error) error { return errs.Wrap(errs.Invalid, err, "backup.broken") }

func unpackFile(root *os.Root, h *tar.Header, in io.Reader) (manifestFile, error) {
	folder, _, _ := strings.Cut(h.Name, "/")
	known := slices.Contains(slices.Concat(backupFolders.before, backupFolders.after), folder) && folder != h.Name
	if h.Typeflag != tar.TypeReg || h.Name != path.Clean(h.Name) || !known && h.Name != backupRows {
		return manifestFile{}, broken(fmt.Errorf("unexpected entry %q", h.Name))
	}
	if err := root.MkdirAll(path.Dir(h.Name), 0o700); err != nil {
		return manifestFile{}, err
	}
	f, err := root.OpenFile(h.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return manifestFile{}, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), in)
	if err != nil {
		err = broken(err)
	}
	return manifestFile{h.Name, n, hexSum(sum)}, errors.Join(err, f.Sync(), f.Close())
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// load reads the rows into a new database: SQLite's file in the folder temp, or PostgreSQL.
func load(ctx context.Context, o Options, temp string) (err error) {
	f, err := os.Open(filepath.Join(temp, backupRows))
	if err != nil {
		return broken(err)
	}
	defer f.Close()
	d, err := db.Open(ctx, db.Options{DSN: o.Config.Database, Dir: temp, Clock: o.Clock})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Load(ctx, f, map[string]db.LoadRow{"search_doc": search.LoadTx})
}
