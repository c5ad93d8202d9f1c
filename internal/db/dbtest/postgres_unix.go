//go:build unix

package dbtest

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"dinh/internal/db"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// postgres is a server that stops when this process ends, however it ends: the shell that started it waits for the end of its standard input.
type postgres struct {
	dir   string
	admin *sql.DB
	alive io.WriteCloser
	count atomic.Int64
}

// The shell's arguments: folder of the programs, folder of the data. The order of names is Vietnamese, so that a column without COLLATE "C" is noticed.
const script = `
trap '' HUP INT TERM PIPE
trap '"$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$2"' EXIT
"$1/initdb" -D "$2/data" -U dinh --auth=trust --no-sync --encoding=UTF8 --locale=C --locale-provider=icu --icu-locale=vi >"$2/initdb.log" 2>&1 || { cat "$2/initdb.log"; exit 1; }
"$1/pg_ctl" -D "$2/data" -l "$2/server.log" -w -t 120 -o "-k '$2' -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c shared_buffers=32MB -c max_connections=300 -c autovacuum=off -c jit=off" start >/dev/null 2>&1 || { cat "$2/server.log"; exit 1; }
echo ready
read -r _
`

// programs is the folder with the newest server that is installed.
func programs() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(p), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("initdb is neither in PATH nor in /usr/lib/postgresql/*/bin")
	}
	version := func(p string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(p))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

func startPostgres() (*postgres, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	tmp := os.TempDir()
	if len(tmp) > 60 {
		tmp = "/tmp" // a socket's path is at most about 100 bytes
	}
	dir, err := os.MkdirTemp(tmp, "dinh-pg-")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", script, "sh", bin, dir) // it outlives every context of a test
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "LC_MESSAGES=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		uid, gid, err := unprivileged()
		if err != nil {
			return nil, err
		}
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r := bufio.NewReader(out)
	if line, err := r.ReadString('\n'); err != nil || line != "ready\n" {
		rest, _ := io.ReadAll(r)
		return nil, fmt.Errorf("the server does not start: %s%s %w", line, rest, errors.Join(err, cmd.Wait(), os.RemoveAll(dir)))
	}
	p := &postgres{dir: dir, alive: in}
	if p.admin, err = sql.Open("pgx", p.dsn("postgres")); err != nil {
		return nil, err
	}
	p.admin.SetMaxIdleConns(1)
	if _, err := p.admin.ExecContext(context.Background(), `CREATE DATABASE dinh_template`); err != nil {
		return nil, err
	}
	return p, migrated(db.Options{DSN: p.dsn("dinh_template"), Clock: Clock})
}

func unprivileged() (uid, gid int, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		return uid, gid, errors.Join(err1, err2)
	}
	return 0, 0, errors.New("neither postgres nor nobody is a user here")
}

func (p *postgres) dsn(name string) string {
	return "postgres://dinh@/" + name + "?host=" + url.QueryEscape(p.dir)
}

// create makes a database after a template; it goes when the test ends.
func (p *postgres) create(t testing.TB, after string) string {
	t.Helper()
	name := "t" + strconv.FormatInt(p.count.Add(1), 10)
	if _, err := p.admin.ExecContext(context.Background(), `CREATE DATABASE `+name+` TEMPLATE `+after); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := p.admin.ExecContext(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil && !strings.Contains(err.Error(), "57P01") {
			t.Error(err)
		}
	})
	return p.dsn(name)
}
