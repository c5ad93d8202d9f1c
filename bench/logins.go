package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
)

// logins compares log-ins over HTTP with bare argon2id on all cores, and pages while log-ins wait with pages alone.
func logins(ctx context.Context, o options, r *report) (err error) {
	dir, err := os.MkdirTemp("", "dinh-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := program(ctx, dir)
	if err != nil {
		return err
	}
	p, err := begin(ctx, append(english, "DINH_TRUSTED_PROXIES=127.0.0.1/32"), urlLine, binary, "demo", "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.end()) }()
	err = ready(ctx, p.addr, "/readyz")
	if err != nil {
		return err
	}
	password, err := p.passwordOf(officerName)
	if err != nil {
		return err
	}
	length := seconds(max(o.seconds, 4))
	var ours, limit, alone, beside []float64
	for range o.rounds {
		n, err := crowd(ctx, p, password, 16, length, nil)
		if err != nil {
			return err
		}
		ours = append(ours, n)
		limit = append(limit, hashes(length))
	}
	r.ratio("log-ins, all cores", "/s", ours, limit, 0.8, false)

	officer, err := newBrowser(p.addr)
	if err != nil {
		return err
	}
	err = officer.login(ctx, password)
	if err != nil {
		return err
	}
	page := target{addr: p.addr, path: listPage, header: officer.cookies(), want: 200}
	for range o.rounds {
		res, err := load(ctx, page, 2, length)
		if err != nil {
			return err
		}
		alone = append(alone, res.quantile(.99))
		_, err = crowd(ctx, p, password, 50, length+time.Second, func() error {
			res, err := load(ctx, page, 2, length)
			beside = append(beside, res.quantile(.99))
			return err
		})
		if err != nil {
			return err
		}
	}
	r.ratio("page's p99 with 50 log-ins waiting", "ms", beside, alone, 3, true)
	return nil
}

// hashes is the rate of bare argon2id with the parameters of the program, on all cores.
func hashes(length time.Duration) float64 {
	var (
		n  atomic.Int64
		wg sync.WaitGroup
	)
	begun := time.Now()
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for time.Since(begun) < length {
				argon2.IDKey([]byte("mật khẩu"), []byte("0123456789abcdef"), 2, 19*1024, 1, 32)
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(begun).Seconds()
}

// crowd logs in from so many readers at once, each from a network of its own, and gives the rate. meanwhile, where not nil, runs beside it.
func crowd(ctx context.Context, p *process, password string, readers int, length time.Duration, meanwhile func() error) (float64, error) {
	var (
		n     atomic.Int64
		wg    sync.WaitGroup
		mu    sync.Mutex
		fault error
	)
	failed := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		fault = errors.Join(fault, err)
	}
	begun := time.Now()
	for i := range readers {
		wg.Go(func() {
			for k := 0; time.Since(begun) < length && ctx.Err() == nil; k++ {
				b, err := newBrowser(p.addr)
				if err != nil {
					failed(err)
					return
				}
				b.from = fmt.Sprintf("10.%d.%d.1", i, k%250)
				err = b.login(ctx, password)
				if err != nil {
					failed(err)
					return
				}
				n.Add(1)
			}
		})
	}
	if meanwhile != nil {
		time.Sleep(500 * time.Millisecond) // until the queue is full
		err := meanwhile()
		if err != nil {
			failed(err)
		}
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(begun).Seconds(), fault
}
