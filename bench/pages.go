package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	keptPage  = "/luat"
	listPage  = "/lam-viec/viec-cua-toi"
	boardPage = "/lam-viec/ke-hoach/648-kh-ubnd-2021"
	conns     = 64
)

// measured is one thing to be measured in each round.
type measured struct {
	name string
	p    *process
	t    target
	cpu  []float64 // µs for each request
	rate []float64
	p50  []float64
	p99  []float64
}

func (m *measured) once(ctx context.Context, length time.Duration) error {
	before := m.p.cpu()
	res, err := load(ctx, m.t, conns, length)
	if err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	m.cpu = append(m.cpu, (m.p.cpu()-before)*1e6/float64(max(res.n, 1)))
	m.rate = append(m.rate, res.rate())
	m.p50 = append(m.p50, res.quantile(.5))
	m.p99 = append(m.p99, res.quantile(.99))
	return nil
}

func pages(ctx context.Context, o options, r *report) (err error) {
	dir, err := os.MkdirTemp("", "dinh-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := program(ctx, dir)
	if err != nil {
		return err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	r.bound("binary, -trimpath -ldflags='-s -w'", "MB", []float64{float64(info.Size()) / 1e6}, 44)

	data := filepath.Join(dir, "data")
	server, err := demo(ctx, binary, data)
	if err != nil {
		return err
	}
	password, err := server.passwordOf(officerName)
	if err != nil {
		return errors.Join(err, server.end())
	}
	time.Sleep(time.Second)
	r.say("memory of a demonstration that has just made its data: %s MB", num(server.pss()))
	err = server.end()
	if err != nil {
		return err
	}
	server, err = demo(ctx, binary, data) // from here on as a server that was started on its data
	if err != nil {
		return err
	}
	err = memory(ctx, server, o, r)
	err = errors.Join(err, server.end())
	if err != nil {
		return err
	}
	ours, err := self(ctx, "site", data)
	if err != nil {
		return err
	}
	err = compare(ctx, o, r, ours, dir, password)
	if err == nil {
		err = reading(ctx, r, ours, data, password)
	}
	return errors.Join(err, ours.end())
}

// memory of the program as it is given out: at rest with the province loaded, and after load on public pages.
func memory(ctx context.Context, p *process, o options, r *report) error {
	b, err := newBrowser(p.addr)
	if err != nil {
		return err
	}
	for _, path := range []string{"/dien-bien", "/dien-bien/xa-thanh-nua", keptPage} {
		_, _, err = b.get(ctx, path)
		if err != nil {
			return err
		}
	}
	time.Sleep(2 * time.Second) // what start-up made is let go by then
	r.bound("memory at rest, province loaded", "MB", []float64{p.pss()}, 65)
	peak := 0.0
	for range o.rounds {
		for _, path := range []string{"/dien-bien", "/dien-bien/xa-thanh-nua", keptPage, "/dien-bien/ke-hoach/648-2021"} {
			_, err = load(ctx, target{addr: p.addr, path: path, want: 200}, conns, seconds(o.seconds/2))
			if err != nil {
				return err
			}
			peak = max(peak, p.pss())
		}
	}
	r.bound("memory after load", "MB", []float64{peak}, 110)
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// compare measures pages beside their limits, in rounds that take turns.
func compare(ctx context.Context, o options, r *report, ours *process, dir, password string) (err error) {
	visitor, err := newBrowser(ours.addr)
	if err != nil {
		return err
	}
	body, head, err := visitor.get(ctx, keptPage)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "page")
	err = os.WriteFile(file, []byte(body), 0o600)
	if err != nil {
		return err
	}
	limit, err := self(ctx, "bare", file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, limit.end()) }()

	officer, err := newBrowser(ours.addr)
	if err != nil {
		return err
	}
	err = officer.login(ctx, password)
	if err != nil {
		return err
	}
	template := func(path string) (string, int, error) {
		page, _, err := officer.get(ctx, path)
		if err != nil {
			return "", 0, err
		}
		name, _, err := officer.get(ctx, "/-last")
		return "/-template?" + name, len(page), err
	}
	listTemplate, listSize, err := template(listPage)
	if err != nil {
		return err
	}
	boardTemplate, boardSize, err := template(boardPage)
	if err != nil {
		return err
	}
	r.say("kept page %s: %d bytes; list %s: %d bytes; board %s: %d bytes", keptPage, len(body), listPage, listSize, boardPage, boardSize)

	cookie := officer.cookies()
	at := func(p *process, path, header string, want int) target {
		return target{addr: p.addr, path: path, header: header, want: want}
	}
	kept := &measured{name: "kept page", p: ours, t: at(ours, keptPage, "", 200)}
	fresh := &measured{name: "kept page, not modified", p: ours, t: at(ours, keptPage, "If-None-Match: "+head.Get("ETag")+"\r\n", 304)}
	bytesOnly := &measured{name: "bare handler, same bytes", p: limit, t: at(limit, "/", "", 200)}
	list := &measured{name: "work list, signed in", p: ours, t: at(ours, listPage, cookie, 200)}
	listOnly := &measured{name: "its template alone", p: ours, t: at(ours, listTemplate, "", 200)}
	board := &measured{name: "board, signed in", p: ours, t: at(ours, boardPage, cookie, 200)}
	boardOnly := &measured{name: "its template alone", p: ours, t: at(ours, boardTemplate, "", 200)}
	all := []*measured{kept, fresh, bytesOnly, list, listOnly, board, boardOnly}
	for _, m := range all { // warm
		err = m.once(ctx, 300*time.Millisecond)
		if err != nil {
			return err
		}
		m.cpu, m.rate, m.p50, m.p99 = nil, nil, nil, nil
	}
	for range o.rounds {
		for _, m := range all {
			err = m.once(ctx, seconds(o.seconds))
			if err != nil {
				return err
			}
		}
	}
	for _, m := range all {
		s := spreadOf(m.cpu)
		r.say("  %-28s CPU %s/%s/%s µs  %s req/s  p50 %s ms  p99 %s ms", m.name, num(s.min), num(s.med), num(s.max), num(spreadOf(m.rate).med), num(spreadOf(m.p50).med), num(spreadOf(m.p99).med))
	}
	r.ratio("kept page: CPU of a request", "µs", kept.cpu, bytesOnly.cpu, 2, true)
	r.ratio("kept page, 304: CPU of a request", "µs", fresh.cpu, bytesOnly.cpu, 1.5, true)
	r.ratio("work list: CPU of a request", "µs", list.cpu, listOnly.cpu, 2, true)
	r.ratio("board: CPU of a request", "µs", board.cpu, boardOnly.cpu, 2, true)
	return nil
}

// reading checks that a thousand GETs, signed in and not, write nothing: the server of this measurement has nothing else that could.
func reading(ctx context.Context, r *report, ours *process, data, password string) error {
	officer, err := newBrowser(ours.addr)
	if err != nil {
		return err
	}
	err = officer.login(ctx, password)
	if err != nil {
		return err
	}
	visitor, err := newBrowser(ours.addr)
	if err != nil {
		return err
	}
	before, err := changes(data)
	if err != nil {
		return err
	}
	n := 0
	for n < 1000 {
		for _, path := range []string{listPage, boardPage, loginPath} {
			b := officer
			if path == loginPath {
				b = visitor
			}
			_, _, err = b.get(ctx, path)
			if err != nil {
				return err
			}
			n++
		}
		for _, path := range []string{"/dien-bien", "/dien-bien/xa-thanh-nua", keptPage, "/en/dien-bien", "/api/v1/units?limit=5"} {
			_, _, err = visitor.get(ctx, path)
			if err != nil {
				return err
			}
			n++
		}
	}
	after, err := changes(data)
	if err != nil {
		return err
	}
	r.say("%-46s %s", fmt.Sprintf("%d GETs: database files unchanged", n), r.verdict(before == after))
	return nil
}
