package main

import (
	"context"
	"os"
	"path/filepath"

	"dinh/internal/law"
)

// runLaw answers from the catalogue in the program, with the laws of a data folder laid over it where --data names one.
func runLaw(ctx context.Context, e *env) error {
	args, dir := takeFlag(e.args, "--data")
	cat, err := law.Load()
	if dir != "" {
		if _, serr := os.Stat(filepath.Join(dir, "law")); serr == nil {
			cat, err = law.Overlay(filepath.Join(dir, "law"))
		}
	}
	if err != nil {
		return err
	}
	return law.Command(ctx, cat, args, e.p.Lang, e.stdout)
}

// takeFlag takes a flag with its value out of the arguments.
func takeFlag(args []string, name string) (rest []string, value string) {
	for i := 0; i < len(args); i++ {
		if args[i] == name && i+1 < len(args) {
			value = args[i+1]
			i++
			continue
		}
		if len(args[i]) > len(name) && args[i][:len(name)+1] == name+"=" {
			value = args[i][len(name)+1:]
			continue
		}
		rest = append(rest, args[i])
	}
	return rest, value
}
