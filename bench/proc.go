package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a server that was started for the measurement.
type process struct {
	cmd  *exec.Cmd
	addr string // host:port where it answers
	mu   sync.Mutex
	said []string // lines of its standard output
	logs bytes.Buffer
	done chan struct{}
}

// begin starts a program. listening finds the address in a line that it prints.
func begin(ctx context.Context, env []string, listening *regexp.Regexp, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, name, args...), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = &p.logs
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 10 * time.Second
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	err = p.cmd.Start()
	if err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go func() {
		defer close(p.done)
		told := false
		s := bufio.NewScanner(out)
		for s.Scan() {
			p.mu.Lock()
			p.said = append(p.said, s.Text())
			p.mu.Unlock()
			if m := listening.FindStringSubmatch(s.Text()); m != nil && !told {
				found <- m[1]
				told = true
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case p.addr = <-found:
		return p, nil
	case <-p.done:
	case <-time.After(60 * time.Second):
	case <-ctx.Done():
	}
	return nil, errors.Join(fmt.Errorf("%s %v did not say where it listens: %s", name, args, p.logs.String()), p.end())
}

func (p *process) end() error {
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.done
	err = p.cmd.Wait()
	if _, ok := errors.AsType[*exec.ExitError](err); ok && p.cmd.ProcessState.ExitCode() == -1 {
		return nil // ended by the signal
	}
	return err
}

func (p *process) lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.said...)
}

// cpu is the time in seconds that the process has used, its ended children too. The kernel counts in hundredths.
func (p *process) cpu() float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(f) < 15 {
		return 0
	}
	sum := 0.0
	for _, s := range f[11:15] {
		n, _ := strconv.ParseFloat(s, 64)
		sum += n / 100
	}
	return sum
}

var pssLine = regexp.MustCompile(`(?m)^Pss:\s+(\d+) kB`)

// pss is the memory of the process in MB, with its share of what it shares.
func (p *process) pss() float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	m := pssLine.FindSubmatch(b)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(string(m[1]), 64)
	return n * 1024 / 1e6
}

// program builds the command as it is given out and says where it lies.
func program(ctx context.Context, dir string) (string, error) {
	file := filepath.Join(dir, "dinh")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, "./cmd/dinh")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
}

var urlLine = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)`)

// english makes the program speak a language that this one reads.
var english = []string{"DINH_LANG=en"}

// demo starts the demonstration of a binary and waits until it is ready.
func demo(ctx context.Context, binary, data string) (*process, error) {
	p, err := begin(ctx, english, urlLine, binary, "demo", "--addr", "127.0.0.1:0", "--data", data)
	if err != nil {
		return nil, err
	}
	err = ready(ctx, p.addr, "/readyz")
	if err != nil {
		return nil, errors.Join(err, p.end())
	}
	return p, nil
}

// ready waits until the path answers 200.
func ready(ctx context.Context, addr, path string) error {
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(time.Millisecond) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			continue
		}
		_, err = io.Copy(io.Discard, res.Body)
		err = errors.Join(err, res.Body.Close())
		if err == nil && res.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("%s%s did not answer", addr, path)
}

// freeAddr is an address on which nobody listens at the moment.
func freeAddr(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// passwordOf finds a sample account in what the demo printed.
func (p *process) passwordOf(login string) (string, error) {
	for _, line := range p.lines() {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == login {
			return f[1], nil
		}
	}
	return "", fmt.Errorf("the demo printed no account %s", login)
}
