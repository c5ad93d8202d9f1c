package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// starts measures the time from the start of the process to its first answer, on a migrated database, beside a bare server with one table; and what the
// demonstration costs from nothing.
func starts(ctx context.Context, o options, r *report) error {
	dir, err := os.MkdirTemp("", "dinh-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := program(ctx, dir)
	if err != nil {
		return err
	}
	var cpu, wall []float64
	data := ""
	for i := range o.rounds {
		data = filepath.Join(dir, "data"+strconv.Itoa(i))
		begun := time.Now()
		p, err := demo(ctx, binary, data)
		if err != nil {
			return err
		}
		wall = append(wall, time.Since(begun).Seconds())
		cpu = append(cpu, p.cpu())
		err = p.end()
		if err != nil {
			return err
		}
	}
	s := spreadOf(wall)
	r.say("demo from nothing: %s/%s/%s s until it answers", num(s.min), num(s.med), num(s.max))
	r.bound("demo from nothing: CPU", "s", cpu, 3)

	exe, err := os.Executable()
	if err != nil {
		return err
	}
	var ours, limit []float64
	for range max(o.rounds, 5) {
		addr, err := freeAddr(ctx)
		if err != nil {
			return err
		}
		ms, err := first(ctx, addr, "/healthz", binary, "serve", "--data", data, "--addr", addr, "--today", "2021-04-20")
		if err != nil {
			return err
		}
		ours = append(ours, ms)
		addr, err = freeAddr(ctx)
		if err != nil {
			return err
		}
		file := filepath.Join(dir, "table.db")
		ms, err = first(ctx, addr, "/", exe, childArg, "table", addr, file)
		if err != nil {
			return err
		}
		limit = append(limit, ms)
		for _, end := range []string{"", "-wal", "-shm"} {
			err = os.Remove(file + end)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	r.ratio("first answer on a migrated database", "ms", ours, limit, 5, true)
	return nil
}

// first is the time in milliseconds from the start of a program to its first answer.
func first(ctx context.Context, addr, path, name string, args ...string) (float64, error) {
	begun := time.Now()
	p, err := begin(ctx, english, urlLine, name, args...)
	if err != nil {
		return 0, err
	}
	p.addr = addr
	err = ready(ctx, addr, path)
	took := time.Since(begun)
	return float64(took.Microseconds()) / 1000, errors.Join(err, p.end())
}
