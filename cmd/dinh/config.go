package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
)

func runConfigShow(_ context.Context, e *env) error {
	fs := e.flags("config show")
	data, file := fs.String("data", "", ""), fs.String("config", "", "")
	if _, err := e.parse(fs, 0); err != nil {
		return err
	}
	c, err := e.settings(*file, *data, "")
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.stdout, c.Show())
	return err
}

// version is set by the linker for a release.
var version = "dev"

func runVersion(_ context.Context, e *env) error {
	if _, err := e.parse(e.flags("version"), 0); err != nil {
		return err
	}
	commit := ""
	if bi, ok := debug.ReadBuildInfo(); ok {
		for _, s := range bi.Settings {
			if s.Key == "vcs.revision" {
				commit = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	fmt.Fprintf(e.stdout, "dinh %s%s %s %s/%s\n", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}
