package main

import (
	"context"
	"fmt"
	"os"

	"dinh/internal/app"
	"dinh/internal/civil"
	"dinh/internal/errs"
)

// runDemo shows Điện Biên on 20 April 2021 with the real plan and units and with sample accounts and evidence.
func runDemo(ctx context.Context, e *env) error {
	fs := e.flags("demo")
	data, addr, today := fs.String("data", "", ""), fs.String("addr", "", ""), fs.String("today", string(app.DemoDay), "")
	if _, err := e.parse(fs, 0); err != nil {
		return err
	}
	c, err := e.settings("", *data, *addr)
	if err != nil {
		return err
	}
	if _, err := civil.Parse(*today); err != nil {
		return errs.E(errs.Usage, "command.date", "value", *today)
	}
	if c.Data == "" {
		dir, err := os.MkdirTemp("", "dinh-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		c.Data = dir
	}
	o, err := e.options(c, *today, true)
	if err != nil {
		return err
	}
	o.Demo = true
	return serve(ctx, e, o, func(a *app.App, url string) error {
		people, err := a.Demo(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintln(e.stdout, e.p.T("command.demo.head", "url", url, "day", a.Clock.Today()))
		for _, p := range people {
			fmt.Fprintf(e.stdout, "  %-14s %-18s %s\n", p.Login, p.Password, p.What(e.p))
		}
		fmt.Fprintln(e.stdout, e.p.T("command.demo.foot", "dir", c.Data))
		return nil
	})
}
