package main

import (
	"context"
	"os"
	"path/filepath"

	"dinh/internal/app"
	"dinh/internal/civil"
	"dinh/internal/errs"
)

// readFile reads a file named on the command line; it need not be readable for the server that may do the work.
func readFile(name string) ([]byte, error) {
	const most = 64 << 20
	st, err := os.Stat(name)
	if err == nil && st.Size() > most {
		return nil, errs.E(errs.TooLarge, "command.large", "name", name, "mb", most>>20)
	}
	b, err := os.ReadFile(filepath.Clean(name))
	if err != nil {
		return nil, errs.Wrap(errs.NotFound, err, "command.file", "name", name, "what", err.Error())
	}
	return b, nil
}

func day(value string) (civil.Date, error) {
	if value == "" {
		return civil.None, nil
	}
	d, err := civil.Parse(value)
	if err != nil {
		return civil.None, errs.E(errs.Usage, "command.date", "value", value)
	}
	return d, nil
}

func runImportUnits(ctx context.Context, e *env) error {
	fs := e.flags("import units")
	data, file := fs.String("data", "", ""), fs.String("config", "", "")
	enc, on, province, succ := fs.String("encoding", "utf-8", ""), fs.String("on", "", ""), fs.String("province", "", ""), fs.String("successions", "", "")
	dry, ends, act := fs.Bool("dry-run", false, ""), fs.Bool("end-missing", false, ""), fs.String("act", "", "")
	words, err := e.parse(fs, 1)
	if err != nil {
		return err
	}
	from, err := day(*on)
	if err != nil {
		return err
	}
	body, err := readFile(words[0])
	if err != nil {
		return err
	}
	cmd := &app.ImportUnits{File: filepath.Base(words[0]), Body: body, Encoding: *enc, On: from, Province: *province, DryRun: *dry, EndMissing: *ends, Act: *act}
	if *succ != "" {
		if cmd.Successions, err = readFile(*succ); err != nil {
			return err
		}
		cmd.SuccessionsFile = filepath.Base(*succ)
	}
	return e.do(ctx, *file, *data, cmd)
}

func runImportPlan(ctx context.Context, e *env) error {
	fs := e.flags("import plan")
	data, file, dry := fs.String("data", "", ""), fs.String("config", "", ""), fs.Bool("dry-run", false, "")
	words, err := e.parse(fs, 1)
	if err != nil {
		return err
	}
	body, err := readFile(words[0])
	if err != nil {
		return err
	}
	return e.do(ctx, *file, *data, &app.ImportPlan{Body: body, DryRun: *dry})
}

// do hands a command to the data: here, or to the server that holds the folder.
func (e *env) do(ctx context.Context, file, data string, c app.Command) error {
	conf, err := e.settings(file, data, "")
	if err != nil {
		return err
	}
	o, err := e.options(conf, "", false)
	if err != nil {
		return err
	}
	return app.Do(ctx, o, c, e.p, e.stdout)
}
