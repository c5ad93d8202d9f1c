package webtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/org"
)

// Province is a database of the test's own that holds Điện Biên's units, and their directory. The file is made once in a process.
func Province(t testing.TB) (*db.DB, *org.Directory) {
	t.Helper()
	file, err := province()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, db.File), file, 0o600); err != nil {
		t.Fatal(err)
	}
	d := dbtest.Open(t, db.Options{Dir: dir, Clock: dbtest.Clock})
	units, err := org.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return d, units
}

var province = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "dinh-province-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{Dir: dir, Clock: dbtest.Clock})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(fill(ctx, d), d.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, db.File))
})

func fill(ctx context.Context, d *db.DB) error {
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	units, err := org.Open(ctx, d)
	if err != nil {
		return err
	}
	return org.NewService(d, units).LoadSample(ctx)
}
