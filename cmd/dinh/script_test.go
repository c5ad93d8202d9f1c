package main

import (
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dinh": main})
}

// TestScripts runs the command as people do: the scripts are testdata/script/*.txtar.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"), RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("DINH_LANG", "en")
			return unpack(env.WorkDir, "units-vietnam-2025.csv", "successions-vietnam-2025.csv")
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"refuses": refuses, "faults": faults, "ready": ready, "freeport": freeport, "fetch": fetch, "spoil": spoil, "setout": setout,
		},
	})
}

// unpack puts files of the country into the folder of a script.
func unpack(dir string, names ...string) error {
	for _, name := range names {
		in, err := os.Open(filepath.Join("..", "..", "internal", "org", "testdata", name+".gz"))
		if err != nil {
			return err
		}
		defer in.Close()
		z, err := gzip.NewReader(in)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(z)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// refuses STATUS [WORDS…] fails unless dinh with the words ends with the status, says why in one line on standard error and nothing on standard output.
// Standard error stays to be matched.
func refuses(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: refuses STATUS [WORDS…]")
	}
	refused(ts, args[0], 1, args[1:])
}

// faults N WORDS… is refuses 1 for a call that has several faults: one line with their number, then one line for each.
func faults(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: faults N WORDS…")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	refused(ts, "1", n+1, args[1:])
	if first, _, _ := strings.Cut(ts.ReadFile("stderr"), "\n"); !strings.Contains(first, args[0]) {
		ts.Fatalf("the number of faults is not in %q", first)
	}
}

func refused(ts *testscript.TestScript, want string, lines int, words []string) {
	err := ts.Exec("dinh", words...)
	status := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		status = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	said, out := ts.ReadFile("stderr"), ts.ReadFile("stdout")
	if strconv.Itoa(status) != want {
		ts.Fatalf("status %d, want %s\n%s%s", status, want, out, said)
	}
	if out != "" || !strings.HasPrefix(said, "dinh: ") || strings.Count(said, "\n") != lines || strings.Contains(said, "⟦") || strings.Contains(said, "<no value>") {
		ts.Fatalf("said on standard output %q and on standard error %q", out, said)
	}
}

// ready DIR waits until a server takes commands for the folder.
func ready(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ready DIR")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	path := filepath.Join(ts.MkAbs(args[0]), "dinh.sock")
	for {
		var d net.Dialer
		c, err := d.DialContext(ctx, "unix", path)
		if err == nil {
			ts.Check(c.Close())
			st, err := os.Stat(path)
			ts.Check(err)
			if st.Mode().Perm() != 0o600 {
				ts.Fatalf("others may speak to the server: %v", st.Mode())
			}
			return
		}
		if ctx.Err() != nil {
			ts.Fatalf("no server takes commands at %s: %v", path, err)
		}
	}
}

// freeport NAME sets a variable to an address that nobody listens on.
func freeport(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], ln.Addr().String())
	ts.Check(ln.Close())
}

// fetch STATUS FILE URL [TOKEN] reads an address into a file.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: fetch STATUS FILE URL [TOKEN]")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, args[2], nil)
	ts.Check(err)
	if len(args) == 4 {
		req.Header.Set("Authorization", "Bearer "+args[3])
	}
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	if strconv.Itoa(res.StatusCode) != args[0] {
		ts.Fatalf("%s: %d, want %s\n%s", args[2], res.StatusCode, args[0], body)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), body, 0o600))
}

// setout NAME sets a variable to what the last command wrote, or to the part of its first line before the first comma after the header (export audit).
func setout(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: setout NAME [COLUMN]")
	}
	out := strings.TrimSpace(ts.ReadFile("stdout"))
	if len(args) == 2 {
		lines := strings.Split(out, "\n")
		column := -1
		for i, head := range strings.Split(strings.TrimPrefix(lines[0], "\ufeff"), ",") {
			if head == args[1] {
				column = i
			}
		}
		if column < 0 || len(lines) < 2 {
			ts.Fatalf("no column %s with rows in %.300s", args[1], out)
		}
		out = strings.Split(lines[1], ",")[column]
	}
	ts.Setenv(args[0], out)
}

// spoil DIR ENTRY changes one byte of the details of an entry of the log, or changes it back.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: spoil DIR ENTRY")
	}
	d, err := sql.Open("sqlite", filepath.Join(ts.MkAbs(args[0]), "dinh.db"))
	ts.Check(err)
	defer d.Close()
	res, err := d.ExecContext(context.Background(), `UPDATE audit_detail SET body = CASE WHEN instr(body, '"msg"') > 0 THEN replace(body, '"msg"', '"mag"') ELSE replace(body, '"mag"', '"msg"') END WHERE entry_id = ?`, args[1])
	ts.Check(err)
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		ts.Fatalf("%d entries changed: %v", n, err)
	}
}
