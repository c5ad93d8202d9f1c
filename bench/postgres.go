package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
)

// server is a PostgreSQL of the measurement's own, with the settings it comes with but for memory.
type server struct {
	bin, dir string
}

// startServer makes and starts a server from the newest programs that are installed.
func startServer(ctx context.Context) (*server, error) {
	bin, err := serverPrograms()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "dinh-pg-")
	if err != nil {
		return nil, err
	}
	s := &server{bin, dir}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2, os.Chown(dir, uid, gid)); err != nil {
			return nil, err
		}
	}
	err = s.run(ctx, "initdb", "-D", filepath.Join(dir, "data"), "-U", "dinh", "--auth=trust", "--encoding=UTF8", "--locale=C")
	if err == nil {
		err = s.run(ctx, "pg_ctl", "-D", filepath.Join(dir, "data"), "-l", filepath.Join(dir, "log"), "-w", "-o",
			"-k "+dir+" -c listen_addresses= -c shared_buffers=512MB -c maintenance_work_mem=256MB -c max_wal_size=4GB", "start")
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

func serverPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if p, lookErr := exec.LookPath("initdb"); lookErr == nil {
		found = append(found[:0], p)
	}
	if err != nil || len(found) == 0 {
		return "", errors.New("initdb is neither in PATH nor in /usr/lib/postgresql/*/bin")
	}
	version := func(p string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(p))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

func (s *server) run(ctx context.Context, name string, args ...string) error {
	words := append([]string{filepath.Join(s.bin, name)}, args...)
	if os.Getuid() == 0 {
		words = append([]string{"runuser", "-u", "postgres", "--"}, words...)
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = s.dir
	log, err := os.OpenFile(filepath.Join(s.dir, name+".out"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log // files: a server that goes on must not hold a pipe
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%s: %w\n%s", name, err, said)
	}
	return nil
}

func (s *server) dsn() string { return "postgres://dinh@/postgres?host=" + url.QueryEscape(s.dir) }

func (s *server) end() error {
	err := s.run(context.Background(), "pg_ctl", "-D", filepath.Join(s.dir, "data"), "-m", "immediate", "-w", "stop")
	return errors.Join(err, os.RemoveAll(s.dir))
}
