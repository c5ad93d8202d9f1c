// Command bench measures Đình against limits that are measured in the same run, on the same machine, in rounds that take turns: a busy machine moves
// both sides. Each line says "ours / limit = ratio" with min/median/max over the rounds, the goal, and whether it was met.
//
//	go run ./bench pages     kept pages, work list, board; writes on GET; memory; size of the binary
//	go run ./bench start     time to the first answer; the demo from nothing
//	go run ./bench writes    db.Write with 64 callers
//	go run ./bench logins    log-ins, and pages while log-ins wait
//	go run ./bench search    a million texts: the whole request, size and making of the index; with -pg on PostgreSQL
//	go run ./bench docs      ten pages of PDF beside LibreOffice; a workbook of 100,000 rows beside bare excelize
//	go run ./bench rollup    a submission, the sums of a nation beside a province's, a period in memory; with -pg on PostgreSQL, with 50 submitters
//	go run ./bench all
//
// A goal that is missed once may be the machine's doing; one that is missed twice in a row is a bug.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
)

// options of a run.
type options struct {
	rounds  int
	seconds float64 // of one measurement
	pg      bool    // on PostgreSQL, from the programs that are installed
	texts   int     // of search
}

var benches = []struct {
	name string
	run  func(ctx context.Context, o options, r *report) error
}{
	{"pages", pages}, {"start", starts}, {"writes", writes}, {"logins", logins}, {"search", searches}, {"docs", docs}, {"rollup", rollup},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 1 && args[0] == childArg {
		return child(ctx, args[1], args[2:])
	}
	var o options
	fs := flag.NewFlagSet("bench", flag.ExitOnError)
	fs.IntVar(&o.rounds, "rounds", 3, "rounds, at least 3")
	fs.Float64Var(&o.seconds, "seconds", 2, "length of one measurement")
	fs.BoolVar(&o.pg, "pg", false, "search and roll-up on PostgreSQL")
	fs.IntVar(&o.texts, "texts", 1_000_000, "number of texts to search")
	name := ""
	if len(args) > 0 {
		name = args[0]
		err := fs.Parse(args[1:])
		if err != nil {
			return err
		}
	}
	o.rounds = max(o.rounds, 3)
	r := &report{out: os.Stdout}
	found := false
	for _, b := range benches {
		if b.name == name || name == "all" {
			found = true
			r.head(b.name)
			err := b.run(ctx, o, r)
			if err != nil {
				return fmt.Errorf("%s: %w", b.name, err)
			}
		}
	}
	if !found {
		names := make([]string, 0, len(benches))
		for _, b := range benches {
			names = append(names, b.name)
		}
		return fmt.Errorf("which? one of %v, or all", slices.Concat(names))
	}
	if r.missed > 0 {
		return errors.New("a goal was missed; measure again, and if it is missed again look for the cause")
	}
	return nil
}
