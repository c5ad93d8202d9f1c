package main

import (
	"context"
	"os"
	"path/filepath"

	"dinh/internal/app"
	"dinh/internal/errs"
)

func runBackup(ctx context.Context, e *env) error {
	fs := e.flags("backup")
	data, file := fs.String("data", "", ""), fs.String("config", "", "")
	words, err := e.parse(fs, 1)
	if err != nil {
		return err
	}
	c, err := e.settings(*file, *data, "")
	if err != nil {
		return err
	}
	o, err := e.options(c, "", false)
	if err != nil {
		return err
	}
	return app.Backup(ctx, o, words[0], func(done, of int) { e.progress("command.backup.progress", done, of) }, e.p, e.stdout)
}

func runRestore(ctx context.Context, e *env) error {
	fs := e.flags("restore")
	data, file := fs.String("data", "", ""), fs.String("config", "", "")
	words, err := e.parse(fs, 1)
	if err != nil {
		return err
	}
	c, err := e.settings(*file, *data, "")
	if err != nil {
		return err
	}
	o, err := e.options(c, "", true)
	if err != nil {
		return err
	}
	return app.Restore(ctx, o, words[0], func(done, of int) { e.progress("command.restore.progress", done, of) }, e.p, e.stdout)
}

func runExport(ctx context.Context, e *env) error {
	fs := e.flags("export")
	data, file := fs.String("data", "", ""), fs.String("config", "", "")
	on, id, format, out := fs.String("on", "", ""), fs.String("plan", "", ""), fs.String("format", "csv", ""), fs.String("out", "", "")
	words, err := e.parse(fs, 1)
	if err != nil {
		return err
	}
	d, err := day(*on)
	if err != nil {
		return err
	}
	c, err := e.settings(*file, *data, "")
	if err != nil {
		return err
	}
	x := app.Export{What: words[0], On: d, Plan: *id, Format: *format}
	if err := x.Check(); err != nil {
		return err
	}
	o, err := e.options(c, "", false)
	if err != nil {
		return err
	}
	if *out == "" {
		return app.RunExport(ctx, o, x, e.p, e.stdout)
	}
	// A half-written file is worse than none: it gets its name when it is whole.
	f, err := os.CreateTemp(filepath.Dir(*out), ".dinh-*")
	if err != nil {
		return errs.Wrap(errs.Unavailable, err, "command.file", "name", *out, "what", err.Error())
	}
	err = app.RunExport(ctx, o, x, e.p, f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), *out)
	}
	if err != nil {
		os.Remove(f.Name()) //nolint:errcheck // best effort: the error above is what counts
	}
	return err
}
