package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/app"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web/webtest"

	"golang.org/x/net/html"
)

// TestTwoProcesses lets two servers answer over one PostgreSQL database: what is done through one shows through the other within about two seconds, a
// log-in holds on both and ends on both.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	dsn, files := dbtest.Postgres(t), t.TempDir()
	var base [2]string
	var sites [2]*site
	for i := range sites {
		ln, err := app.Listen(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		o := options(files, dsn)
		base[i], o.Config.BaseURL = app.URL(ln), app.URL(ln)
		sites[i] = open(t, o)
		if i == 0 {
			if _, err := sites[0].Demo(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		run(t, sites[i], ln)
	}
	public := newReader(t)
	page := commune + "/ke-hoach/" + planID + "/viec/1.2"
	for _, b := range base { // kept from now on
		if got := public.get(b + page); strings.Contains(got, `dinh-tag--xong`) {
			t.Fatal("the task is done before anybody did it")
		}
	}

	// The officer logs in at one server and works at the other.
	officer := newReader(t)
	officer.logIn(base[0], "thanhnua")
	officer.carry(base[0], base[1])
	task := assignment(t, sites[1], "1.2")
	officer.send(base[1], "/lam-viec/viec/"+task+"/ket-qua", url.Values{
		"number": {"15/KH-UBND"}, "day-day": {"25"}, "day-month": {"3"}, "day-year": {"2021"}, "signer": {"Quàng Văn Pọm"}, "item-0": {"1"}, "confirm": {"giay"}, "sign_as": {"head"}, "note": {"Kế hoạch của xã"},
	})
	if got := public.get(base[1] + page); !strings.Contains(got, `dinh-tag--xong`) {
		t.Error("the server that did it shows an old page")
	}
	t.Logf("a finished task shows at the other server after %v", until(t, func() bool { return strings.Contains(public.get(base[0]+page), `dinh-tag--xong`) }))

	// A unit gets another name; its page was kept.
	for _, b := range base {
		public.get(b + commune)
	}
	u, _ := sites[0].Units.On(app.DemoDay).ByCode("03322")
	write(t, sites[0].DB, func(ctx context.Context, tx *db.Tx) error {
		name := "Xã Thanh Nưa Mới"
		return sites[0].Org.ChangeTx(ctx, tx, access.System, org.Ref{ID: u.ID, Version: u.Version}, app.DemoDay, org.Patch{Name: &name}, "Nghị quyết thử")
	})
	t.Logf("a new name shows at the other server after %v", until(t, func() bool { return strings.Contains(public.get(base[1]+commune), "Thanh Nưa Mới") }))

	// Who logs out is out everywhere.
	officer.send(base[0], "/thoat", nil)
	home := base[1] + "/lam-viec/viec-cua-toi"
	t.Logf("a log-out counts at the other server after %v", until(t, func() bool { return strings.Contains(officer.get(home), "mat_khau") }))
}

// until asks until it is so, and gives how long that took; about two seconds are allowed, and some for a busy machine.
func until(t *testing.T, so func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !so() {
		if time.Since(began) > 10*time.Second {
			t.Fatal("not within ten seconds")
		}
	}
	return time.Since(began).Round(10 * time.Millisecond)
}

func write(t *testing.T, d *db.DB, do func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	ctx := t.Context()
	if err := d.Write(ctx, func(tx *db.Tx) error { return do(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
}

// reader is somebody with a browser without script.
type reader struct {
	t *testing.T
	c *http.Client
}

func newReader(t *testing.T) *reader {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &reader{t, &http.Client{Jar: jar, Timeout: time.Minute}}
}

func (r *reader) get(at string) string {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, at, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.do(req)
}

func (r *reader) do(req *http.Request) string {
	r.t.Helper()
	res, err := r.c.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		r.t.Fatalf("%s %s: %d %v\n%s", req.Method, req.URL, res.StatusCode, err, b)
	}
	return string(b)
}

// send fills in the form of a page and sends it to the page's own address.
func (r *reader) send(base, path string, values url.Values) {
	r.t.Helper()
	doc, err := html.Parse(strings.NewReader(r.get(base + path)))
	if err != nil {
		r.t.Fatal(err)
	}
	form := url.Values{}
	for _, n := range webtest.Find(doc, "main input") {
		if webtest.Attr(n, "type") == "hidden" {
			form.Set(webtest.Attr(n, "name"), webtest.Attr(n, "value"))
		}
	}
	maps.Copy(form, values)
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, base+path, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	r.do(req)
}

func (r *reader) logIn(base, login string) {
	r.t.Helper()
	r.send(base, "/dang-nhap", url.Values{"ten": {login}, "mat_khau": {password}})
}

// carry takes the cookies of one server to the other, as one address before both would.
func (r *reader) carry(from, to string) {
	r.t.Helper()
	a, err1 := url.Parse(from)
	b, err2 := url.Parse(to)
	if err := errors.Join(err1, err2); err != nil {
		r.t.Fatal(err)
	}
	r.c.Jar.SetCookies(b, r.c.Jar.Cookies(a))
}

// Many officers write at once on one database, from two processes' worth of servers: none of the changes is lost.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := demoOn(t, engine)
			b, err := s.Plans.Board(t.Context(), access.System, planID, plan.Filter{Task: "1.2", State: plan.Overdue})
			if err != nil || len(b.Rows) < 16 {
				t.Fatal(len(b.Rows), err)
			}
			late := b.Rows[:min(64, len(b.Rows))]
			errc := make(chan error, len(late))
			for i, r := range late {
				go func() {
					ctx := t.Context()
					errc <- s.DB.Write(ctx, func(tx *db.Tx) error {
						actor := access.Actor{ID: fmt.Sprint("officer", i), Name: "Cán bộ", Posts: []access.Post{{Kind: access.Officer, Unit: r.Unit.ID}}}
						_, err := s.Plans.EvidenceTx(ctx, tx, actor, plan.NewEvidence{
							Assignment: r.Cells[0].Assignment, Number: fmt.Sprint(i, "/KH"), Day: "2021-03-30", Signer: "Thủ trưởng", Items: []int{0},
							Confirm: &plan.Confirmation{Signer: "Thủ trưởng", As: plan.SignHead, Number: fmt.Sprint(i, "/KH"), Day: "2021-03-30"},
						})
						return err
					})
				}()
			}
			for range late {
				if err := <-errc; err != nil {
					t.Error(err)
				}
			}
			now, err := s.Plans.Board(t.Context(), access.System, planID, plan.Filter{Task: "1.2", State: plan.Overdue})
			if err != nil || len(now.Rows) != len(b.Rows)-len(late) {
				t.Errorf("%d units were late, %d wrote at once, %d are late: %v", len(b.Rows), len(late), len(now.Rows), err)
			}
			if err := s.Audit.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			report, err := s.Audit.Verify(t.Context())
			if err != nil || !report.OK() {
				t.Errorf("verify: %+v %v", report, err)
			}
		})
	}
}

const killEnv = "DINH_E2E_KILLED"

// TestMain lets the test's program be the child that is killed.
func TestMain(m *testing.M) {
	if where := os.Getenv(killEnv); where != "" {
		if err := importUntilKilled(where); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func childOptions(where string) app.Options {
	dir, dsn, _ := strings.Cut(where, "|")
	return options(dir, dsn)
}

func country() ([]byte, error) {
	f, err := os.Open("../../org/testdata/units-vietnam-2021.csv.gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// importUntilKilled imports the country's units and, with all of them written and nothing committed, waits for its end.
func importUntilKilled(where string) error {
	ctx := context.Background()
	a, err := app.Open(ctx, childOptions(where))
	if err != nil {
		return err
	}
	body, err := country()
	if err != nil {
		return err
	}
	in, err := a.Org.ReadImport(body, "units-vietnam-2021.csv", org.ImportOptions{On: "2021-01-01"})
	if err != nil {
		return err
	}
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := a.Org.ImportTx(ctx, tx, access.System, in); err != nil {
			return err
		}
		fmt.Println("written")
		select {}
	})
}

// TestKillInTheMiddleOfAnImport kills a process with -9 that has written the country's 11,000 units and not committed them: nothing is left of it, and the
// import can be done again.
func TestKillInTheMiddleOfAnImport(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			dir, dsn := t.TempDir(), ""
			if engine == "sqlite" {
				dbtest.Fill(t, dir)
			} else {
				dsn = dbtest.Postgres(t)
			}
			where := dir + "|" + dsn
			first, err := app.Open(t.Context(), childOptions(where)) // notes its law
			if err == nil {
				err = first.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			before := dump(t, where)
			kill(t, where)
			unchanged(t, before, dump(t, where))
			s := open(t, childOptions(where))
			if n := s.Units.On("2021-04-20").Len(); n != 0 {
				t.Fatalf("%d units are there", n)
			}
			body, err := country()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Org.ImportFile(t.Context(), access.System, body, "units-vietnam-2021.csv", org.ImportOptions{On: "2021-01-01"}); err != nil {
				t.Fatal(err)
			}
			if n := s.Units.On("2021-04-20").Len(); n < 11000 {
				t.Errorf("%d units after the second import", n)
			}
		})
	}
}

// dump are the rows of all tables, read from outside.
func dump(t *testing.T, where string) map[string]string {
	t.Helper()
	o := childOptions(where)
	d, err := db.Open(t.Context(), db.Options{DSN: o.Config.Database, Dir: o.Config.Data, Clock: o.Clock})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	return contents(t, d)
}

func kill(t *testing.T, where string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), killEnv+"="+where)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, rerr := bufio.NewReader(out).ReadString('\n')
	if err := cmd.Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	err = cmd.Wait()
	if rerr != nil || line != "written\n" {
		t.Fatalf("the child said %q %v %v: %s", line, rerr, err, said.String())
	}
}
