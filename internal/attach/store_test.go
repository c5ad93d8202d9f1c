package attach

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"

	"github.com/google/go-cmp/cmp"
)

// bundle is a store with a clock that the test moves.
type bundle struct {
	*Store
	dir string
	now time.Time
}

func setup(t *testing.T, d *db.DB) *bundle {
	t.Helper()
	data := t.TempDir()
	b := &bundle{dir: filepath.Join(data, "files"), now: dbtest.Clock.Now()}
	clock := civil.Clock{Now: func() time.Time { return b.now }, Today: dbtest.Clock.Today}
	var err error
	b.Store, err = New(d, data, 1<<20, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := b.Close()
		if err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bundle) put(t *testing.T, name, content string) File {
	t.Helper()
	f, err := b.Put(t.Context(), strings.NewReader(content), name, Documents)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (b *bundle) link(t *testing.T, f File, o Owner, internal bool) Attachment {
	t.Helper()
	var a Attachment
	err := b.db.Write(t.Context(), func(tx *db.Tx) (err error) {
		a, err = b.LinkTx(t.Context(), tx, f, o, internal, "acc")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (b *bundle) files(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(b.dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPutLinkOpen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		f := b.put(t, `C:\ký số\Kế hoạch.pdf`, pdf)
		if f.Name != "Kế hoạch.pdf" || f.Size != int64(len(pdf)) || f.Type != PDF {
			t.Errorf("put gave %+v", f)
		}
		one := b.link(t, f, Owner{"evidence", "e1", "u1"}, true)
		two := b.link(t, b.put(t, "ỹ ghi chú.txt", "một"), Owner{"evidence", "e1", "u1"}, false)
		b.link(t, f, Owner{"evidence", "e2", "u2"}, false)
		if n := len(b.files(t)); n != 2 {
			t.Errorf("%d files for two contents", n)
		}

		got, r, err := b.Open(t.Context(), one.ID)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		err = errors.Join(err, r.Close())
		if err != nil || string(content) != pdf {
			t.Errorf("read %q, %v", content, err)
		}
		if diff := cmp.Diff(one, got); diff != "" {
			t.Error(diff)
		}

		list, err := b.Of(t.Context(), d, "evidence", "e1", "none")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Attachment{one, two}, list); diff != "" {
			t.Error(diff)
		}

		err = d.Write(t.Context(), func(tx *db.Tx) error {
			return errors.Join(b.SetInternalTx(t.Context(), tx, one.ID, false), b.UnlinkTx(t.Context(), tx, two.ID))
		})
		if err != nil {
			t.Fatal(err)
		}
		list, err = b.Of(t.Context(), d, "evidence", "e1")
		if err != nil || len(list) != 1 || list[0].Internal {
			t.Errorf("after the change %+v, %v", list, err)
		}
		for name, f := range map[string]func(tx *db.Tx) error{
			"set":    func(tx *db.Tx) error { return b.SetInternalTx(t.Context(), tx, two.ID, true) },
			"unlink": func(tx *db.Tx) error { return b.UnlinkTx(t.Context(), tx, two.ID) },
		} {
			err = d.Write(t.Context(), f)
			if !errs.Is(err, errs.NotFound) {
				t.Errorf("%s of what is not there: %v", name, err)
			}
		}
		_, _, err = b.Open(t.Context(), two.ID)
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("open of what is not there: %v", err)
		}
	})
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	_, err := b.Put(t.Context(), strings.NewReader(pdf+strings.Repeat("x", 1<<20)), "a.pdf", Documents)
	if !errs.Is(err, errs.TooLarge) {
		t.Errorf("too large: %v", err)
	}
	_, err = b.Put(t.Context(), strings.NewReader("<svg/>"), "a.pdf", Documents)
	if !errs.Is(err, errs.Invalid) {
		t.Errorf("lying: %v", err)
	}
	broken := errors.New("the line broke")
	_, err = b.Put(t.Context(), io.MultiReader(strings.NewReader("%PDF-1.7"), badReader{broken}), "a.pdf", Documents)
	if !errors.Is(err, broken) {
		t.Errorf("broken upload: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = b.Put(gone, strings.NewReader(pdf), "a.pdf", Documents)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("sender gone: %v", err)
	}
	if left := b.files(t); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	exact := pdf + strings.Repeat(" ", 1<<20-len(pdf)-6) + "%%EOF\n"
	_, err = b.Put(t.Context(), strings.NewReader(exact), "a.pdf", Documents)
	if err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
}

type badReader struct{ err error }

func (b badReader) Read([]byte) (int, error) { return 0, b.err }

func TestCheckFindsDamage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		good := b.link(t, b.put(t, "tốt.pdf", pdf), Owner{"evidence", "e1", "u1"}, false)
		changed := b.link(t, b.put(t, "đổi.txt", "một"), Owner{"evidence", "e1", "u1"}, false)
		again := b.link(t, b.put(t, "đổi lại.txt", "một"), Owner{"evidence", "e2", "u1"}, false)
		lost := b.link(t, b.put(t, "mất.txt", "hai"), Owner{"evidence", "e1", "u1"}, false)
		faults, n, err := b.Check(t.Context(), nil)
		if err != nil || n != 3 || len(faults) != 0 {
			t.Fatalf("whole store: %v, %d files, %v", faults, n, err)
		}
		file := func(a Attachment) string { return filepath.Join(b.dir, a.SHA256[:2], a.SHA256[2:]) }
		err = errors.Join(os.WriteFile(file(changed), []byte("mộT"), 0o600), os.Remove(file(lost)))
		if err != nil {
			t.Fatal(err)
		}
		faults, _, err = b.Check(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, f := range faults {
			got[f.Attachment.ID] = f.Missing
		}
		if diff := cmp.Diff(map[string]bool{changed.ID: false, again.ID: false, lost.ID: true}, got); diff != "" {
			t.Error(diff)
		}
		if _, bad := got[good.ID]; bad {
			t.Error("a good file is called damaged")
		}
		// The same content put again heals the file.
		b.put(t, "đổi.txt", "một")
		faults, _, err = b.Check(t.Context(), nil)
		if err != nil || len(faults) != 1 {
			t.Errorf("after healing: %v, %v", faults, err)
		}
	})
}

func TestSweep(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	kept := b.link(t, b.put(t, "giữ.txt", "giữ"), Owner{"evidence", "e1", "u1"}, false)
	b.put(t, "bỏ.txt", "bỏ")
	for _, name := range []string{filepath.Join(tempDir, "TORN"), "lost+found.txt"} { // what a broken upload left; what is not ours
		file := filepath.Join(b.dir, name)
		err := errors.Join(os.WriteFile(file, []byte("x"), 0o600), os.Chtimes(file, b.now, b.now))
		if err != nil {
			t.Fatal(err)
		}
	}
	b.now = b.now.Add(20 * time.Hour)
	again := b.put(t, "lại.txt", "lại")
	n, err := b.Sweep(t.Context(), 24*time.Hour)
	if err != nil || n != 0 {
		t.Errorf("before a day: %d, %v", n, err)
	}
	b.now = b.now.Add(5 * time.Hour)
	n, err = b.Sweep(t.Context(), 24*time.Hour)
	if err != nil || n != 2 {
		t.Errorf("after a day: %d swept, %v", n, err)
	}
	b.now = b.now.Add(18 * time.Hour)
	b.put(t, "lại.txt", "lại") // wanted again just before its day is over
	b.now = b.now.Add(2 * time.Hour)
	n, err = b.Sweep(t.Context(), 24*time.Hour)
	if err != nil || n != 0 {
		t.Errorf("put again: %d swept, %v", n, err)
	}
	for _, f := range []File{kept.File, again} {
		r, err := b.Content(f)
		if err != nil {
			t.Fatal(err)
		}
		err = r.Close()
		if err != nil {
			t.Error(err)
		}
	}
	if left := b.files(t); len(left) != 3 {
		t.Errorf("left: %v", left)
	}
}

// TestOutside checks that no row can make the store read outside its folder.
func TestOutside(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	err := os.WriteFile(filepath.Join(filepath.Dir(b.dir), "secret"), []byte("x"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	sum := "../secret"
	sum += string(bytes.Repeat([]byte("/"), 64-len(sum)))
	_, err = b.Content(File{SHA256: sum})
	if err == nil {
		t.Error("read outside the folder")
	}
}
