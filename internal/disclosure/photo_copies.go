package disclosure

import (
	"io"
)

func lookAt(r io.ReadSeeker, name string) (taken string, err error) { return "", nil }

func publicCopy(w io.Writer, r io.ReadSeeker) error { _, err := io.Copy(w, r); return err }

func thumbCopy(w io.Writer, r io.ReadSeeker) error { _, err := io.Copy(w, r); return err }
