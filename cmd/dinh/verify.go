package main

import (
	"context"
	"fmt"

	"dinh/internal/app"
	"dinh/internal/errs"
)

// runVerify checks the audit log and the files against it. It only reads, so a running server does not matter.
func runVerify(ctx context.Context, e *env) error {
	o, err := e.opened("verify")
	if err != nil {
		return err
	}
	report, err := app.Verify(ctx, o, func(done, of int) { e.progress("command.verify.progress", done, of) })
	if err != nil {
		return err
	}
	report.Write(e.stdout, e.p)
	if !report.OK() {
		return errs.E(errs.Invalid, "command.verify.failed", "n", report.FaultCount())
	}
	return nil
}

// opened parses --data, --config and nothing else.
func (e *env) opened(name string) (app.Options, error) {
	fs := e.flags(name)
	data, file := fs.String("data", "", ""), fs.String("config", "", "")
	if _, err := e.parse(fs, 0); err != nil {
		return app.Options{}, err
	}
	c, err := e.settings(*file, *data, "")
	if err != nil {
		return app.Options{}, err
	}
	return e.options(c, "", false)
}

// progress draws a bar on stderr where that is a terminal.
func (e *env) progress(key string, done, of int) {
	if !isTerminal(e.stderr) {
		return
	}
	const width = 30
	full := width
	if of > 0 {
		full = width * done / of
	}
	bar := make([]byte, width)
	for i := range bar {
		bar[i] = ' '
		if i < full {
			bar[i] = '#'
		}
	}
	fmt.Fprintf(e.stderr, "\r%s [%s] %d/%d", e.p.T(key), bar, done, of)
	if done >= of {
		fmt.Fprintln(e.stderr)
	}
}
