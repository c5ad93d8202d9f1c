package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// target is one request, sent over and over.
type target struct {
	addr   string // host:port
	path   string
	header string // further lines, each with CRLF
	want   int    // status
}

// result of a load.
type result struct {
	n         int
	elapsed   time.Duration
	latencies []time.Duration // sorted
}

func (r result) rate() float64 { return float64(r.n) / r.elapsed.Seconds() }

// quantile in milliseconds.
func (r result) quantile(q float64) float64 {
	if len(r.latencies) == 0 {
		return 0
	}
	return float64(r.latencies[min(len(r.latencies)-1, int(q*float64(len(r.latencies))))].Microseconds()) / 1000
}

// load sends the request over conns connections for so long. It is as thin as can be: what it costs is not ours.
func load(ctx context.Context, t target, conns int, length time.Duration) (result, error) {
	request := "GET " + t.path + " HTTP/1.1\r\nHost: " + t.addr + "\r\n" + t.header + "\r\n"
	var (
		mu    sync.Mutex
		out   result
		fault error
		wg    sync.WaitGroup
	)
	begin := time.Now()
	end := begin.Add(length)
	for range conns {
		wg.Go(func() {
			lat, err := one(ctx, t, request, end)
			mu.Lock()
			defer mu.Unlock()
			out.latencies = append(out.latencies, lat...)
			fault = errors.Join(fault, err)
		})
	}
	wg.Wait()
	out.elapsed = time.Since(begin)
	out.n = len(out.latencies)
	slices.Sort(out.latencies)
	return out, fault
}

func one(ctx context.Context, t target, request string, end time.Time) ([]time.Duration, error) {
	return send(ctx, t, func(int) string { return request }, end)
}

// turns is one over several paths, which take turns from the one given.
func turns(ctx context.Context, t target, paths []string, from int, end time.Time) ([]time.Duration, error) {
	requests := make([]string, len(paths))
	for i, p := range paths {
		requests[i] = "GET " + p + " HTTP/1.1\r\nHost: " + t.addr + "\r\n" + t.header + "\r\n"
	}
	return send(ctx, t, func(i int) string { return requests[(from+i)%len(requests)] }, end)
}

// send sends one request after the other over a connection until the end.
func send(ctx context.Context, t target, request func(i int) string, end time.Time) ([]time.Duration, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", t.addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	err = c.SetDeadline(end.Add(30 * time.Second))
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(c, 64<<10)
	var lat []time.Duration
	for now := time.Now(); now.Before(end) && ctx.Err() == nil; {
		_, err = io.WriteString(c, request(len(lat)))
		if err != nil {
			return lat, err
		}
		status, err := answer(r)
		if err != nil {
			return lat, err
		}
		if status != t.want {
			return lat, fmt.Errorf("%s answered %d, not %d", request(len(lat))[:min(200, len(request(len(lat))))], status, t.want)
		}
		after := time.Now()
		lat = append(lat, after.Sub(now))
		now = after
	}
	return lat, nil
}

// answer reads one answer and throws its body away.
func answer(r *bufio.Reader) (int, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("not an answer: %q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, err
	}
	length, chunked := -1, false
	for {
		line, err = r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		name, value, _ := strings.Cut(strings.TrimSpace(string(line)), ": ")
		switch {
		case strings.EqualFold(name, "Content-Length"):
			length, err = strconv.Atoi(value)
			if err != nil {
				return 0, err
			}
		case strings.EqualFold(name, "Transfer-Encoding"):
			chunked = true
		}
	}
	if status == 304 || status == 204 {
		return status, nil
	}
	if chunked {
		return status, chunks(r)
	}
	if length < 0 {
		return 0, errors.New("an answer without length")
	}
	_, err = r.Discard(length)
	return status, err
}

func chunks(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 64)
		if err != nil {
			return err
		}
		_, err = r.Discard(int(n) + 2)
		if err != nil || n == 0 {
			return err
		}
	}
}
