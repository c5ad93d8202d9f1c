package main

import (
	"bufio"
	"context"
	"strings"

	"dinh/internal/app"
	"dinh/internal/errs"
)

// password reads one line of standard input.
func (e *env) password() (string, error) {
	line, err := bufio.NewReader(e.stdin).ReadString('\n')
	if line == "" && err != nil {
		return "", errs.Wrap(errs.Usage, err, "command.nopassword")
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// runInit makes the data folder, the province and its first administrator.
func runInit(ctx context.Context, e *env) error {
	fs := e.flags("init")
	data, file := fs.String("data", "", ""), fs.String("config", "", "")
	code, name := fs.String("province", "", ""), fs.String("name", "", "")
	admin, phone, stdin := fs.String("admin", "", ""), fs.String("phone", "", ""), fs.Bool("password-stdin", false, "")
	if _, err := e.parse(fs, 0); err != nil {
		return err
	}
	if err := need("--province", *code, "--name", *name, "--admin", *admin, "--phone", *phone); err != nil {
		return err
	}
	cmd := &app.Init{Province: *code, Called: *name, Admin: *admin, Phone: *phone}
	if *stdin {
		var err error
		if cmd.Password, err = e.password(); err != nil {
			return err
		}
	}
	conf, err := e.settings(*file, *data, "")
	if err != nil {
		return err
	}
	o, err := e.options(conf, "", true)
	if err != nil {
		return err
	}
	return app.Do(ctx, o, cmd, e.p, e.stdout)
}

func runUserAdd(ctx context.Context, e *env) error {
	fs := e.flags("user add")
	data, file := fs.String("data", "", ""), fs.String("config", "", "")
	name, phone, login, mail := fs.String("name", "", ""), fs.String("phone", "", ""), fs.String("login", "", ""), fs.String("mail", "", "")
	unit, post, stdin := fs.String("unit", "", ""), fs.String("post", "officer", ""), fs.Bool("password-stdin", false, "")
	if _, err := e.parse(fs, 0); err != nil {
		return err
	}
	if err := need("--name", *name, "--unit", *unit); err != nil {
		return err
	}
	if *phone == "" && *login == "" {
		return need("--phone", "")
	}
	cmd := &app.UserAdd{Called: *name, Phone: *phone, Login: *login, Mail: *mail, Unit: *unit, Post: *post}
	if *stdin {
		var err error
		if cmd.Password, err = e.password(); err != nil {
			return err
		}
	}
	return e.do(ctx, *file, *data, cmd)
}

func runTokenCreate(ctx context.Context, e *env) error {
	fs := e.flags("token create")
	data, file, user, days := fs.String("data", "", ""), fs.String("config", "", ""), fs.String("user", "", ""), fs.Int("days", 365, "")
	if _, err := e.parse(fs, 0); err != nil {
		return err
	}
	if err := need("--user", *user); err != nil {
		return err
	}
	if *days < 1 {
		return errs.E(errs.Usage, "command.flag", "what", "--days")
	}
	return e.do(ctx, *file, *data, &app.TokenCreate{User: *user, Days: *days})
}
