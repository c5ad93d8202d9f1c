// Command dinh is Đình: the server of a province's grassroots democracy work, and the tools to set it up and look after it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"dinh/internal/config"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// env is the world of one call: what a test replaces.
type env struct {
	args    []string
	environ []string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	p       *i18n.Printer
}

type command struct {
	name string // "import units"
	args string // how to call it
	run  func(ctx context.Context, e *env) error
}

func commands() []command {
	return []command{
		{"demo", "[--data DIR] [--addr HOST:PORT] [--today DATE]", runDemo},
		{"serve", "[--data DIR] [--config FILE] [--addr HOST:PORT] [--today DATE]", runServe},
		{"init", "--province CODE --name NAME --admin NAME --phone PHONE [--data DIR]", runInit},
		{"import units", "FILE [--encoding utf-8|tcvn3|vni] [--on DATE] [--province CODE] [--dry-run] [--data DIR]", runImportUnits},
		{"import plan", "FILE [--dry-run] [--data DIR]", runImportPlan},
		{"export", "units|plan|board|audit [--on DATE] [--plan ID] [--format csv|xlsx] [--out FILE] [--data DIR]", runExport},
		{"user add", "--name NAME --phone PHONE --unit CODE --post POST [--password-stdin] [--data DIR]", runUserAdd},
		{"token create", "--user NAME [--days N] [--data DIR]", runTokenCreate},
		{"law duties", "--kind KIND --on DATE [--role ROLE] [--json]", runLaw},
		{"law due", "STEP DATE --kind KIND [--flag FLAG …] [--size N] [--json]", runLaw},
		{"law passes", "STEP --kind KIND --on DATE --yes N [--called N] [--attending N] [--members N] [--all-households N] [--all-voters-or-households N] [--all-villages N] [--all-workers N] [--flag FLAG …] [--json]", runLaw},
		{"audit redact", "ENTRY --reason TEXT --basis TEXT --user NAME [--data DIR]", runAuditRedact},
		{"verify", "[--data DIR]", runVerify},
		{"backup", "FILE.tar.gz [--data DIR]", runBackup},
		{"restore", "FILE.tar.gz --data DIR", runRestore},
		{"config show", "[--config FILE] [--data DIR]", runConfigShow},
		{"version", "", runVersion},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run does one call and returns the exit status: 0, 1 for a failure, 2 for a call that cannot be understood.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{environ: environ, stdin: stdin, stdout: stdout, stderr: stderr, p: i18n.For(language(environ))}
	if len(args) == 0 {
		return e.fail(errs.E(errs.Usage, "command.none"))
	}
	if args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		e.help(stdout)
		return 0
	}
	list := commands()
	i := slices.IndexFunc(list, func(c command) bool {
		words := strings.Fields(c.name)
		return len(args) >= len(words) && slices.Equal(args[:len(words)], words)
	})
	if i < 0 {
		return e.fail(errs.E(errs.Usage, "command.unknown", "name", strings.Join(args[:min(2, len(args))], " ")))
	}
	c := list[i]
	e.args = args[len(strings.Fields(c.name)):]
	if c.name[:3] == "law" {
		e.args = args[1:]
	}
	if slices.Contains(e.args, "--help") || slices.Contains(e.args, "-h") {
		fmt.Fprintln(stdout, "dinh", c.name, c.args)
		return 0
	}
	if err := c.run(ctx, e); err != nil {
		return e.fail(err)
	}
	return 0
}

// fail says what went wrong in one line; several faults of an input stand below it, each in its own.
func (e *env) fail(err error) int {
	lines, kind := []string{err.Error()}, errs.KindOf(err)
	if ee, ok := errors.AsType[*errs.Error](err); ok {
		lines[0] = e.p.Say(errs.MsgOf(err))
		if ee.Err != nil && kind == errs.Internal {
			lines[0] += " (" + ee.Err.Error() + ")"
		}
		for _, f := range ee.Fields {
			lines = append(lines, e.fault(f))
		}
		if len(lines) == 2 {
			lines = []string{lines[0] + " " + lines[1]}
		}
	}
	for i, l := range lines {
		lines[i] = strings.Join(strings.Fields(l), " ")
	}
	fmt.Fprintln(e.stderr, "dinh: "+strings.Join(lines, "\n"))
	if kind == errs.Usage {
		return 2
	}
	return 1
}

// fault is one fault with its place: the field, or the file and the line.
func (e *env) fault(f errs.Field) string {
	where := f.Name
	if f.Line > 0 {
		where += ":" + strconv.Itoa(f.Line)
	}
	if where == "" {
		return e.p.Say(f.Msg)
	}
	return strings.TrimPrefix(where, ":") + ": " + e.p.Say(f.Msg)
}

func (e *env) help(w io.Writer) {
	fmt.Fprintln(w, e.p.T("command.help"))
	for _, c := range commands() {
		fmt.Fprintln(w, "  dinh", c.name, c.args)
	}
}

// language is that of the terminal: English where the environment says so, else Vietnamese.
func language(environ []string) i18n.Lang {
	for _, name := range []string{"DINH_LANG=", "LC_ALL=", "LC_MESSAGES=", "LANG="} {
		for _, kv := range environ {
			if v, ok := strings.CutPrefix(kv, name); ok && v != "" {
				if strings.HasPrefix(v, "en") {
					return i18n.EN
				}
				return i18n.VI
			}
		}
	}
	return i18n.VI
}

// flags makes the flag set of a command.
func (e *env) flags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return fs
}

// parse reads flags and words in any order and checks the number of words.
func (e *env) parse(fs *flag.FlagSet, words int) ([]string, error) {
	var out []string
	args := e.args
	for {
		if err := fs.Parse(args); err != nil {
			return nil, errs.E(errs.Usage, "command.flag", "what", err.Error())
		}
		args = fs.Args()
		if len(args) == 0 {
			break
		}
		out = append(out, args[0])
		args = args[1:]
	}
	if len(out) != words {
		return nil, errs.E(errs.Usage, "command.words", "n", words, "got", len(out))
	}
	return out, nil
}

// settings reads --config and the environment and lays --data and --addr over them.
func (e *env) settings(file, data, addr string) (config.Config, error) {
	c, err := config.Load(file, e.environ)
	if err != nil {
		return c, errs.Wrap(errs.Usage, err, "command.config", "what", err.Error())
	}
	if data != "" {
		c.Data = data
	}
	if addr != "" {
		c.Addr = addr
	}
	c.Default()
	return c, nil
}

func need(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return errs.E(errs.Usage, "command.missing", "flag", pairs[i])
		}
	}
	return nil
}
