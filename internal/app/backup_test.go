package app_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/app"
	"dinh/internal/attach"
	"dinh/internal/audit"
	"dinh/internal/config"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/search"
)

func options(data, dsn string) app.Options {
	return app.Options{Config: config.Config{Data: data, Database: dsn, Limits: config.Limits{UploadMB: 1}}, Clock: dbtest.Clock}
}

func dbOptions(o app.Options) db.Options {
	return db.Options{DSN: o.Config.Database, Dir: o.Config.Data, Clock: o.Clock}
}

// furnish gives a data folder entries, a file, a searchable record and a law of its own.
func furnish(t *testing.T, o app.Options) {
	t.Helper()
	ctx := t.Context()
	d := dbtest.Open(t, dbOptions(o))
	files, err := attach.New(d, o.Config.Data, 1<<20, o.Clock)
	if err != nil {
		t.Fatal(err)
	}
	f, err := files.Put(ctx, strings.NewReader("Kế hoạch của xã\n"), "ke-hoach.txt", attach.Documents)
	if err != nil {
		t.Fatal(err)
	}
	l := audit.New(d, filepath.Join(o.Config.Data, "keys"), o.Clock)
	for range 3 {
		err = d.Write(ctx, func(tx *db.Tx) error {
			doc := search.Doc{Kind: "task", ID: tx.NewID(), Audience: search.Posts, Posts: []access.PostKind{access.Head}, Unit: "u", Title: "Việc", Path: "/x"}
			return errors.Join(
				audit.Record(ctx, tx, audit.Entry{Actor: "a", Action: "plan.issue", Unit: "u", Msg: i18n.M("audit.did.ask")}),
				search.PutTx(ctx, tx, doc),
			)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		_, err := files.LinkTx(ctx, tx, f, attach.Owner{Kind: "plan", ID: "p", Unit: "u"}, false, "a")
		return err
	})
	if err := errors.Join(err, l.Flush(ctx), files.Close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"law/local.toml": "# ours\n", "files/tmp/half": "half"} {
		file := filepath.Join(o.Config.Data, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func backup(t *testing.T, o app.Options) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "b.tar.gz")
	if err := app.Backup(t.Context(), o, file, func(int, int) {}, i18n.For(i18n.EN), io.Discard); err != nil {
		t.Fatal(err)
	}
	return file
}

func restore(t *testing.T, o app.Options, file string) error {
	t.Helper()
	return app.Restore(t.Context(), o, file, func(int, int) {}, i18n.For(i18n.EN), io.Discard)
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			from := options(t.TempDir(), "")
			if engine == "postgres" {
				from.Config.Database = dbtest.Postgres(t)
			} else {
				dbtest.Fill(t, from.Config.Data)
			}
			furnish(t, from)
			file := backup(t, from)
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			err := app.Backup(t.Context(), from, file, nil, i18n.For(i18n.EN), io.Discard)
			if !errs.Is(err, errs.Conflict) {
				t.Errorf("overwritten: %v", err)
			}
			for _, to := range []app.Options{options(filepath.Join(t.TempDir(), "new"), ""), options(t.TempDir(), dbtest.EmptyPostgres(t))} {
				if err := restore(t, to, file); err != nil {
					t.Fatal(err)
				}
				report, err := app.Verify(t.Context(), to, nil)
				if err != nil || !report.OK() || report.Entries != 4 || report.Erasures != nil {
					t.Errorf("verify: %+v, %v", report, err)
				}
				for _, name := range []string{"law/local.toml", "keys/audit.key", "keys/audit.last"} {
					want, err1 := os.ReadFile(filepath.Join(from.Config.Data, name))
					got, err2 := os.ReadFile(filepath.Join(to.Config.Data, name))
					if err := errors.Join(err1, err2); err != nil || !bytes.Equal(got, want) {
						t.Errorf("%s differs: %v", name, err)
					}
				}
				if _, err := os.Stat(filepath.Join(to.Config.Data, "files", "tmp", "half")); err == nil {
					t.Error("a half-made file was kept")
				}
				d := dbtest.Open(t, dbOptions(to))
				found, err := search.New(d).Find(t.Context(), search.Query{
					Text:  "viec",
					Actor: access.Actor{ID: "x", Posts: []access.Post{{Kind: access.Head, Unit: "u"}}},
				})
				if err != nil || len(found.Hits) != 3 {
					t.Errorf("found %+v, %v", found, err)
				}
				// It goes on from there: a new entry is signed with the key that came along.
				err = d.Write(t.Context(), func(tx *db.Tx) error {
					return audit.Record(t.Context(), tx, audit.Entry{Action: "plan.issue", Msg: i18n.M("audit.did.ask")})
				})
				if err := errors.Join(err, audit.New(d, filepath.Join(to.Config.Data, "keys"), to.Clock).Flush(t.Context())); err != nil {
					t.Fatal(err)
				}
				if report, err := app.Verify(t.Context(), to, nil); err != nil || !report.OK() || report.Entries != 5 {
					t.Errorf("verify later: %+v, %v", report, err)
				}
				if err := restore(t, to, file); !errs.Is(err, errs.Conflict) {
					t.Errorf("restored over data: %v", err)
				}
			}
		})
	}
}

// rewrite copies a backup entry by entry.
func rewrite(t *testing.T, file string, change func(h *tar.Header, body []byte) []byte) string {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	zr, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	tr, tw := tar.NewReader(zr), tar.NewWriter(zw)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		if body = change(h, body); body == nil {
			continue
		}
		h.Size = int64(len(body))
		if err := tw.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(t.TempDir(), "changed.tar.gz")
	if err := errors.Join(tw.Close(), zw.Close(), os.WriteFile(out, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRestoreRefusesABrokenBackup(t *testing.T) {
	t.Parallel()
	from := options(t.TempDir(), "")
	dbtest.Fill(t, from.Config.Data)
	furnish(t, from)
	file := backup(t, from)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.tar.gz")
	if err := os.WriteFile(cut, whole[:len(whole)*2/3], 0o600); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"cut": cut,
		"a byte": rewrite(t, file, func(h *tar.Header, b []byte) []byte {
			if h.Name == "database.jsonl" {
				return bytes.Replace(b, []byte("plan.issue"), []byte("plan.issuf"), 1)
			}
			return b
		}),
		"a file lost": rewrite(t, file, func(h *tar.Header, b []byte) []byte {
			if strings.HasPrefix(h.Name, "files/") {
				return nil
			}
			return b
		}),
		"out of the folder": rewrite(t, file, func(h *tar.Header, b []byte) []byte {
			if h.Name == "law/local.toml" {
				h.Name = "law/../../outside.toml"
			}
			return b
		}),
		"no manifest": rewrite(t, file, func(h *tar.Header, b []byte) []byte {
			if h.Name == "manifest.json" {
				return nil
			}
			return b
		}),
	} {
		data := filepath.Join(t.TempDir(), "data")
		if err := restore(t, options(data, ""), bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(data, db.File)); err == nil {
			t.Errorf("%s: left a database", name)
		}
		if err := restore(t, options(data, ""), file); err != nil { // the folder can still be used
			t.Errorf("after %s: %v", name, err)
		}
	}
}

func TestBackupWhileWriting(t *testing.T) {
	t.Parallel()
	o := options(t.TempDir(), "")
	dbtest.Fill(t, o.Config.Data)
	furnish(t, o)
	d := dbtest.Open(t, dbOptions(o))
	ctx, stop := context.WithCancel(t.Context())
	l := audit.New(d, filepath.Join(o.Config.Data, "keys"), o.Clock)
	done := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				return audit.Record(t.Context(), tx, audit.Entry{Action: "plan.issue", Msg: i18n.M("audit.did.ask")})
			})
			if err := errors.Join(err, l.Flush(t.Context())); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for range 3 {
		file := backup(t, o)
		if err := restore(t, options(t.TempDir(), ""), file); err != nil {
			t.Error(err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
