package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"dinh/internal/app"
	"dinh/internal/civil"
	"dinh/internal/config"
	"dinh/internal/errs"
)

// clock is machine time, with Today shifted where --today names a day.
func clock(today string) (civil.Clock, error) {
	if today == "" {
		return civil.Real(time.Now), nil
	}
	d, err := civil.Parse(today)
	if err != nil {
		return civil.Clock{}, errs.E(errs.Usage, "command.date", "value", today)
	}
	return civil.Shifted(time.Now, d), nil
}

// logger writes lines of JSON to stderr.
func (e *env) logger(level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(e.stderr, &slog.HandlerOptions{Level: l}))
}

// options are what most commands open the data with. The folder must have been made by "init" or "demo".
func (e *env) options(c config.Config, today string, create bool) (app.Options, error) {
	if c.Data == "" {
		return app.Options{}, errs.E(errs.Usage, "command.nodata")
	}
	ck, err := clock(today)
	if err != nil {
		return app.Options{}, err
	}
	if !create && c.Database == "" {
		if _, err := os.Stat(filepath.Join(c.Data, "dinh.db")); err != nil {
			return app.Options{}, errs.E(errs.NotFound, "command.empty", "dir", c.Data)
		}
	}
	return app.Options{Config: c, Clock: ck, Log: e.logger(c.LogLevel)}, nil
}

func runServe(ctx context.Context, e *env) error {
	fs := e.flags("serve")
	data, file, addr, today := fs.String("data", "", ""), fs.String("config", "", ""), fs.String("addr", "", ""), fs.String("today", "", "")
	if _, err := e.parse(fs, 0); err != nil {
		return err
	}
	c, err := e.settings(*file, *data, *addr)
	if err != nil {
		return err
	}
	o, err := e.options(c, *today, false)
	if err != nil {
		return err
	}
	return serve(ctx, e, o, func(*app.App, string) error { return nil })
}

// serve opens the data, says where it listens, and answers until it is told to stop.
func serve(ctx context.Context, e *env, o app.Options, ready func(a *app.App, url string) error) error {
	ln, err := app.Listen(ctx, o.Config.Addr)
	if err != nil {
		return errs.Wrap(errs.Unavailable, err, "command.listen", "addr", o.Config.Addr, "what", err.Error())
	}
	url := app.URL(ln)
	if o.Config.BaseURL == "http://"+o.Config.Addr {
		o.Config.BaseURL = url // a port chosen by the system
	}
	a, err := app.Open(ctx, o)
	if err != nil {
		_ = ln.Close() // nothing was sent
		return err
	}
	if err := ready(a, url); err != nil {
		_ = ln.Close() // nothing was sent
		return joinClose(err, a)
	}
	fmt.Fprintln(e.stdout, e.p.T("command.listening", "url", url))
	return joinClose(a.Serve(ctx, ln), a)
}

func joinClose(err error, a *app.App) error {
	if cerr := a.Close(); err == nil {
		return cerr
	}
	return err
}
