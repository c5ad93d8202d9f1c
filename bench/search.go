package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/search"
)

const (
	searchPath  = "/dien-bien/tim"
	searchConns = 4
	queries     = 200 // of a kind
)

// searches compares a search among a million texts, the whole request, with a list page for somebody signed in; the index with the texts, and making it
// with filling a table that has none.
func searches(ctx context.Context, o options, r *report) (err error) {
	dir, err := os.MkdirTemp("", "dinh-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := program(ctx, dir)
	if err != nil {
		return err
	}
	data, dsn := filepath.Join(dir, "data"), ""
	house, err := demo(ctx, binary, data)
	if err != nil {
		return err
	}
	password, err := house.passwordOf(officerName)
	err = errors.Join(err, house.end())
	if err != nil {
		return err
	}
	if o.pg {
		pg, err := startServer(ctx)
		if err != nil {
			return err
		}
		defer pg.end() //nolint:contextcheck // it ends also when the run was called off
		dsn = pg.dsn()
		data, err = moved(ctx, binary, dir, data, dsn)
		if err != nil {
			return err
		}
	}
	t, err := filled(ctx, o, r, data, dsn)
	if err != nil {
		return err
	}
	ours, err := self(ctx, "site", data, dsn)
	if err != nil {
		return err
	}
	err = compareSearch(ctx, o, r, ours, t, password)
	return errors.Join(err, ours.end())
}

// moved brings the demonstration to PostgreSQL by backup and restore, and gives its new data folder.
func moved(ctx context.Context, binary, dir, data, dsn string) (string, error) {
	to, file := filepath.Join(dir, "moved"), filepath.Join(dir, "demo.tar.gz")
	for _, c := range [][]string{{"backup", file, "--data", data}, {"restore", file, "--data", to}} {
		cmd := exec.CommandContext(ctx, binary, c...)
		cmd.Env = append(os.Environ(), english...)
		if c[0] == "restore" {
			cmd.Env = append(cmd.Env, "DINH_DATABASE="+dsn)
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("%s: %w\n%s", c[0], err, out)
		}
	}
	return to, nil
}

const bareTable = `CREATE TABLE bench_doc (id BIGINT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, doc_id TEXT NOT NULL, unit_id TEXT NOT NULL, audience TEXT NOT NULL,
	posts TEXT NOT NULL, title TEXT NOT NULL, title_en TEXT NOT NULL, body TEXT NOT NULL, path TEXT NOT NULL, day TEXT NOT NULL, UNIQUE (kind, doc_id))`

// filled fills a bare table and the documents with the same texts and makes the index; it prints what that took.
func filled(ctx context.Context, o options, r *report, data, dsn string) (t *texts, err error) {
	d, err := db.Open(ctx, db.Options{DSN: dsn, Dir: data, Clock: civil.Real(time.Now)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if t, err = newTexts(ctx, d, o.texts); err != nil {
		return nil, err
	}
	const batch = 5000
	each := func(f func(tx *db.Tx, from int, docs []search.Doc) error) (float64, error) {
		spent := time.Duration(0)
		for from := 0; from < o.texts; from += batch {
			docs := make([]search.Doc, 0, batch)
			for i := from; i < min(from+batch, o.texts); i++ {
				docs = append(docs, t.doc(i))
			}
			begun := time.Now()
			err := d.Write(ctx, func(tx *db.Tx) error { return f(tx, from, docs) })
			if err != nil {
				return 0, err
			}
			spent += time.Since(begun)
		}
		return spent.Seconds(), nil
	}
	run := func(query string) error {
		return d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, query)
			return err
		})
	}
	if err := run(bareTable); err != nil {
		return nil, err
	}
	bare, err := each(func(tx *db.Tx, from int, docs []search.Doc) error {
		const rows, cols = 100, 11
		args, list := make([]any, 0, rows*cols), make([]string, 0, rows)
		for i, doc := range docs {
			list = append(list, db.In(cols, len(args)+1))
			args = append(args, from+i, doc.Kind, doc.ID, doc.Unit, doc.Audience, "", doc.Title, "", doc.Text, doc.Path, string(doc.Day))
			if len(list) == rows || i == len(docs)-1 {
				_, err := tx.Exec(ctx, `INSERT INTO bench_doc VALUES `+strings.Join(list, ","), args...)
				if err != nil {
					return err
				}
				args, list = args[:0], list[:0]
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t.bytes = 0
	if _, err := each(func(tx *db.Tx, _ int, docs []search.Doc) error { return search.ImportTx(ctx, tx, docs) }); err != nil {
		return nil, err
	}
	begun := time.Now()
	if err := search.Rebuild(ctx, d, nil); err != nil {
		return nil, err
	}
	build := time.Since(begun).Seconds()
	if err := run(`DROP TABLE bench_doc`); err != nil {
		return nil, err
	}
	typed, folded := t.vocabulary()
	r.say("%s: %d texts, %s MB; %d different syllables, %d folded, %d numbers", d.Dialect(), o.texts, num(float64(t.bytes)/1e6), len(typed), len(folded), o.texts/10)
	size := `SELECT SUM(pgsize) FROM dbstat WHERE name LIKE 'search_words%'`
	if d.Dialect() == db.Postgres {
		if err := run(`ANALYZE search_doc`); err != nil {
			return nil, err
		}
		size = `SELECT pg_relation_size('search_doc_words')`
		var words int64
		if err := d.QueryRow(ctx, `SELECT SUM(pg_column_size(words)) FROM search_doc`).Scan(&words); err != nil {
			return nil, err
		}
		r.say("the column of words beside it: %s MB", num(float64(words)/1e6))
	}
	var index int64
	if err := d.QueryRow(ctx, size).Scan(&index); err != nil {
		return nil, err
	}
	r.ratio("size of the index / of the texts", "MB", []float64{float64(index) / 1e6}, []float64{float64(t.bytes) / 1e6}, 1, true)
	r.ratio("making the index / filling a bare table", "s", []float64{build}, []float64{bare}, 3, true)
	return t, nil
}

// asked is one kind of search.
type asked struct {
	name  string
	paths []string
	head  string // of the request
	p50   []float64
	p99   []float64
}

func compareSearch(ctx context.Context, o options, r *report, ours *process, t *texts, password string) error {
	officer, err := newBrowser(ours.addr)
	if err != nil {
		return err
	}
	if err := officer.login(ctx, password); err != nil {
		return err
	}
	visitor, err := newBrowser(ours.addr)
	if err != nil {
		return err
	}
	all := questions(t, officer.cookies())
	for _, a := range all { // what is measured answers, and finds something
		b := visitor
		if a.head != "" {
			b = officer
		}
		body, _, err := b.get(ctx, a.paths[0])
		if err != nil {
			return err
		}
		if found := strings.Contains(body, `class="dinh-rows__t`) || strings.Contains(body, "dinh-rows__t\""); found == strings.Contains(a.name, "hidden") {
			r.say("  %s: found %v", a.paths[0], found)
		}
	}
	list := &asked{name: "list page, signed in", paths: []string{listPage}, head: officer.cookies()}
	for range o.rounds {
		for _, a := range append([]*asked{list}, all...) {
			res, err := rotate(ctx, ours.addr, a, seconds(o.seconds))
			if err != nil {
				return err
			}
			a.p50, a.p99 = append(a.p50, res.quantile(.5)), append(a.p99, res.quantile(.99))
		}
	}
	for _, a := range append([]*asked{list}, all...) {
		s := spreadOf(a.p99)
		r.say("  %-34s p50 %s ms  p99 %s/%s/%s ms", a.name, num(spreadOf(a.p50).med), num(s.min), num(s.med), num(s.max))
	}
	for _, a := range all {
		r.ratio("p99 of "+a.name, "ms", a.p99, list.p99, 1, true)
	}
	r.say("memory after searching: %s MB", num(ours.pss()))
	return nil
}

// questions are the kinds of searches, each with many different ones.
func questions(t *texts, cookie string) []*asked {
	typed, folded := t.vocabulary()
	pick := func(f func() string, more ...string) []string {
		out := make([]string, queries)
		for i := range out {
			v := url.Values{"q": {f()}}
			for k := 0; k < len(more); k += 2 {
				v.Set(more[k], more[k+1])
			}
			out[i] = searchPath + "?" + v.Encode()
		}
		return out
	}
	one := func(of []string) func() string { return func() string { return of[t.rng.IntN(len(of))] } }
	common := one(t.words)
	return []*asked{
		{name: "one word, with diacritics", paths: pick(one(typed))},
		{name: "one word, without", paths: pick(one(folded))},
		{name: "one word, as often as it is written", paths: pick(common)},
		{name: "two words, with diacritics", paths: pick(t.pair)},
		{name: "two words, without", paths: pick(func() string { return plainWords(t.pair()) })},
		{name: "a rare number", paths: pick(func() string { return rare(10 * t.rng.IntN(t.n/10)) })},
		{name: "one word, of a kind", paths: pick(common, "loai", "plan")},
		{name: "one word, in a commune", paths: pick(common, "don-vi", "Xã Thanh Nưa")},
		{name: "one word, in a district", paths: pick(common, "don-vi", "Huyện Điện Biên")},
		{name: "one word, signed in", paths: pick(common), head: cookie},
		{name: "a hidden word, signed in", paths: pick(func() string { return hiddenWord }), head: cookie},
		{name: "one word, a later page", paths: pick(common, "sau", middle(t))},
		{name: "two words, the closest first", paths: pick(t.pair, "sap-xep", "sat")},
	}
}

// middle is a place among all documents, as the search page names it.
func middle(t *texts) string {
	day := civil.Date("2011-04-20").Add(t.days / 2).Sub("1850-01-01")
	return "n" + strconv.FormatInt(1<<41|int64(day)<<24, 36)
}

// plainWords is what somebody types who leaves the diacritics out.
func plainWords(s string) string { return strings.TrimSpace(search.FoldWords(s)) }

// rotate sends the requests in turn over some connections for so long.
func rotate(ctx context.Context, addr string, a *asked, length time.Duration) (result, error) {
	var (
		mu    sync.Mutex
		out   result
		fault error
		wg    sync.WaitGroup
	)
	begun := time.Now()
	for c := range searchConns {
		wg.Go(func() {
			lat, err := turns(ctx, target{addr: addr, header: a.head, want: 200}, a.paths, c*len(a.paths)/searchConns, begun.Add(length))
			mu.Lock()
			defer mu.Unlock()
			out.latencies = append(out.latencies, lat...)
			fault = errors.Join(fault, err)
		})
	}
	wg.Wait()
	out.elapsed, out.n = time.Since(begun), len(out.latencies)
	slices.Sort(out.latencies)
	return out, fault
}
