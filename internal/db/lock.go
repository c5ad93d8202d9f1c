package db

import (
	"fmt"
	"os"
	"path/filepath"

	"dinh/internal/errs"
)

// Lock is a data folder held by this process alone. It ends with the process, however that ends.
type Lock struct{ f *os.File }

// LockDir takes the data folder, making it where it is missing. Where another process has it the error is errs.Unavailable "db.locked".
func LockDir(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("db: lock: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("db: lock: %w", err)
	}
	taken, err := lockFile(f)
	if err == nil && !taken {
		err = errs.E(errs.Unavailable, "db.locked", "dir", dir)
	}
	if err != nil {
		f.Close() // nothing was written
		return nil, err
	}
	return &Lock{f}, nil
}

// Unlock gives the folder back.
func (l *Lock) Unlock() error { return l.f.Close() }
