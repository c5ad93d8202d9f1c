package mail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"mime/quotedprintable"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"dinh/internal/civil"
	"dinh/internal/config"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/i18n"

	"github.com/google/go-cmp/cmp"
)

func letterTo(to string) Message {
	return Message{
		Account: "a1", To: to, Lang: i18n.EN, Kind: "notice", Subject: i18n.M("mail.none"),
		Body: []Part{{Msg: i18n.M("mail.address"), Link: "/lam-viec/viec-cua-toi"}, {Msg: i18n.M("mail.none")}},
	}
}

func queue(t *testing.T, d *db.DB, m Message) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error { return QueueTx(t.Context(), tx, m) })
}

// moving is a clock that the test moves.
func moving(start time.Time) (*time.Time, civil.Clock) {
	now := start
	return &now, civil.Clock{Now: func() time.Time { return now }, Today: dbtest.Clock.Today}
}

// line is a mail server in memory.
type line struct {
	refuse map[string]error
	got    []string
}

func (l *line) send(e envelope) error {
	if err := l.refuse[e.to]; err != nil {
		return err
	}
	l.got = append(l.got, e.to+"|"+e.subject+"|"+e.body)
	return nil
}

func (l *line) close() error { return nil }

func TestOutbox(t *testing.T) {
	t.Parallel()
	now, clock := moving(dbtest.Clock.Now())
	dbtest.EachAt(t, clock, func(t *testing.T, d *db.DB) {
		*now = dbtest.Clock.Now()
		o := New(d, config.Mail{Host: "relay"}, "https://dinh.example/", clock)
		server := &line{refuse: map[string]error{"full@x.vn": errors.New("450 mailbox full")}}
		o.dial = func(context.Context) (connection, error) { return server, nil }
		for _, to := range []string{"an@x.vn", "full@x.vn"} {
			err := queue(t, d, letterTo(to))
			if err != nil {
				t.Fatal(err)
			}
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			return errors.Join(QueueTx(t.Context(), tx, letterTo("never@x.vn")), errors.New("the command failed"))
		})
		if err == nil {
			t.Fatal("the failing command did not fail")
		}
		n, err := o.Send(t.Context())
		if err != nil || n != 1 {
			t.Fatalf("sent %d, %v", n, err)
		}
		p := i18n.For(i18n.EN)
		want := "an@x.vn|" + p.T("mail.none") + "|" + p.T("mail.address") + "\nhttps://dinh.example/lam-viec/viec-cua-toi\n\n" + p.T("mail.none") + "\n\n-- \n" +
			p.T("mail.foot", "address", "https://dinh.example") + "\n"
		if diff := cmp.Diff([]string{want}, server.got); diff != "" {
			t.Error(diff)
		}
		// What was sent keeps no body; what waits says why.
		var kept string
		err = d.QueryRow(t.Context(), `SELECT content FROM mail_outbox WHERE state='sent'`).Scan(&kept)
		if err != nil || strings.Contains(kept, "viec-cua-toi") {
			t.Errorf("kept %q, %v", kept, err)
		}
		list, _, err := o.List(t.Context(), Waiting, "", 10)
		if err != nil || len(list) != 1 || list[0].Recipient != "full@x.vn" || !strings.Contains(list[0].Fault, "450") || list[0].Tries != 1 {
			t.Fatalf("waiting: %+v, %v", list, err)
		}
		// Not before its time; then again; at last it has failed, and a person can send it once more.
		n, err = o.Send(t.Context())
		if err != nil || n != 0 || len(server.got) != 1 {
			t.Errorf("too early: sent %d, %v", n, err)
		}
		for range tries {
			*now = now.Add(24 * time.Hour)
			_, err = o.Send(t.Context())
			if err != nil {
				t.Fatal(err)
			}
		}
		counts, err := o.Count(t.Context())
		if diff := cmp.Diff(map[string]int{Sent: 1, Failed: 1}, counts); diff != "" || err != nil {
			t.Error(diff, err)
		}
		delete(server.refuse, "full@x.vn")
		err = d.Write(t.Context(), func(tx *db.Tx) error { return o.RetryTx(t.Context(), tx, list[0].ID) })
		if err != nil {
			t.Fatal(err)
		}
		n, err = o.Send(t.Context())
		if err != nil || n != 1 {
			t.Errorf("after retry: %d, %v", n, err)
		}
		err = d.Write(t.Context(), func(tx *db.Tx) error { return o.DropTx(t.Context(), tx, list[0].ID) })
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("dropping what was sent: %v", err)
		}
		*now = now.Add(100 * 24 * time.Hour)
		err = o.Prune(t.Context(), 90*24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		counts, err = o.Count(t.Context())
		if err != nil || len(counts) != 0 {
			t.Errorf("after pruning: %v, %v", counts, err)
		}
	})
}

// TestTogether sends from several processes at once: no letter goes twice.
func TestTogether(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const letters = 50
		for i := range letters {
			err := queue(t, d, letterTo(fmt.Sprintf("n%d@x.vn", i)))
			if err != nil {
				t.Fatal(err)
			}
		}
		var (
			mu  sync.Mutex
			got = map[string]int{}
			wg  sync.WaitGroup
		)
		for range 4 {
			o := New(d, config.Mail{Host: "relay"}, "https://dinh.example", dbtest.Clock)
			o.dial = func(context.Context) (connection, error) {
				return lineFunc(func(to string) {
					mu.Lock()
					defer mu.Unlock()
					got[to]++
				}), nil
			}
			wg.Go(func() {
				_, err := o.Send(t.Context())
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(got) != letters {
			t.Errorf("%d of %d sent", len(got), letters)
		}
		for to, n := range got {
			if n != 1 {
				t.Errorf("%s got %d", to, n)
			}
		}
	})
}

type lineFunc func(to string)

func (f lineFunc) send(e envelope) error {
	f(e.to)
	return nil
}

func (lineFunc) close() error { return nil }

func TestWithoutHost(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	o := New(d, config.Mail{}, "https://dinh.example", dbtest.Clock)
	for range 3 {
		err := queue(t, d, letterTo("an@x.vn"))
		if err != nil {
			t.Fatal(err)
		}
	}
	n, err := o.Send(t.Context())
	if err != nil || n != 0 {
		t.Errorf("sent %d, %v", n, err)
	}
	first, next, err := o.List(t.Context(), Waiting, "", 2)
	if err != nil || len(first) != 2 || next == "" {
		t.Fatalf("first page %+v, %q, %v", first, next, err)
	}
	rest, next, err := o.List(t.Context(), Waiting, next, 2)
	if err != nil || len(rest) != 1 || next != "" || rest[0].ID >= first[1].ID {
		t.Errorf("second page %+v, %q, %v", rest, next, err)
	}
}

func TestServerNotReached(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	o := New(d, config.Mail{Host: "relay"}, "https://dinh.example", dbtest.Clock)
	o.dial = func(context.Context) (connection, error) { return nil, errors.New("no route") }
	err := queue(t, d, letterTo("an@x.vn"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := o.Send(t.Context())
	if err != nil || n != 0 {
		t.Errorf("sent %d, %v", n, err)
	}
	list, _, err := o.List(t.Context(), Waiting, "", 2)
	if err != nil || len(list) != 1 || list[0].Fault != "no route" || !list[0].Next.After(dbtest.Clock.Now()) {
		t.Errorf("waiting %+v, %v", list, err)
	}
}

func TestQueueRefuses(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for _, to := range []string{"", "an", "an@", "an@x", "a b@x.vn", "An <an@x.vn>", "an@x.vn\r\nBcc: b@x.vn", "an@x.vn, b@x.vn", strings.Repeat("a", 260) + "@x.vn"} {
		err := queue(t, d, letterTo(to))
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v", to, err)
		}
	}
	m := letterTo("an@x.vn")
	m.Body[0].Link = "//evil.example"
	err := queue(t, d, m)
	if err == nil {
		t.Error("a link to elsewhere was taken")
	}
	m = letterTo("an@x.vn")
	m.Leave = "https://evil.example/"
	if err := queue(t, d, m); err == nil {
		t.Error("a way out at another site was taken")
	}
}

// TestSMTP speaks with a real, small mail server on this machine.
func TestSMTP(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan string, 1)
	go func() { done <- serve(l) }()
	d := dbtest.New(t)
	m := letterTo("an@x.vn")
	m.Lang = i18n.VI
	m.Leave = "/huy-dang-ky/k7"
	err = queue(t, d, m)
	if err != nil {
		t.Fatal(err)
	}
	o := New(d, config.Mail{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Plain: true, From: "dinh@x.vn"}, "https://dinh.example", dbtest.Clock)
	n, err := o.Send(t.Context())
	if err != nil || n != 1 {
		t.Fatalf("sent %d, %v", n, err)
	}
	got := <-done
	head, body, _ := strings.Cut(got, "\n\n")
	for _, want := range []string{
		"MAIL FROM:<dinh@x.vn>", "RCPT TO:<an@x.vn>", "To: <an@x.vn>", "Auto-Submitted: auto-generated", "charset=UTF-8", "Content-Transfer-Encoding: quoted-printable",
		"List-Unsubscribe: <https://dinh.example/huy-dang-ky/k7>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
	} {
		if !strings.Contains(head, want) {
			t.Errorf("no %q in\n%s", want, head)
		}
	}
	var plain strings.Builder
	_, err = bufio.NewReader(quotedprintable.NewReader(strings.NewReader(body))).WriteTo(&plain)
	if err != nil || !strings.Contains(plain.String(), i18n.For(i18n.VI).T("mail.none")) {
		t.Errorf("body %q, %v", plain.String(), err)
	}
}

// serve takes one letter and gives what was said.
func serve(l net.Listener) string {
	c, err := l.Accept()
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	var said strings.Builder
	say := func(s string) { fmt.Fprintf(c, "%s\r\n", s) }
	say("220 test")
	r := bufio.NewScanner(c)
	data := false
	for r.Scan() {
		text := r.Text()
		said.WriteString(text + "\n")
		switch {
		case data && text == ".":
			data = false
			say("250 taken")
		case data:
		case strings.HasPrefix(text, "EHLO"):
			say("250-test\r\n250 8BITMIME")
		case text == "DATA":
			data = true
			say("354 go on")
		case text == "QUIT":
			say("221 bye")
			return said.String()
		default:
			say("250 fine")
		}
	}
	return said.String()
}
