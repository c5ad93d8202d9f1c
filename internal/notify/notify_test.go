package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dinh/internal/civil"
	"dinh/internal/config"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/mail"

	"github.com/google/go-cmp/cmp"
)

func notice(account, once string) Notice {
	return Notice{
		Account: account, Unit: "u1", Kind: "plan.reminder", Msg: i18n.M("notify.due", "text", "Việc 1.2", "date", civil.Date("2021-03-26")),
		Link: "/lam-viec/viec-cua-toi", Due: "2021-03-26", Once: once,
	}
}

func send(t *testing.T, d *db.DB, n Notice) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error { return SendTx(t.Context(), tx, n) })
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, d *db.DB, f func(tx *db.Tx) error) {
	t.Helper()
	err := d.Write(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
}

func TestListUnreadFirst(t *testing.T) {
	t.Parallel()
	now := dbtest.Clock.Now()
	clock := civil.Clock{Now: func() time.Time { return now }, Today: dbtest.Clock.Today}
	dbtest.EachAt(t, clock, func(t *testing.T, d *db.DB) {
		for i := range 7 {
			now = now.Add(time.Second)
			n := notice("a", "")
			n.Kind = fmt.Sprintf("k%d", i)
			send(t, d, n)
		}
		send(t, d, notice("b", ""))
		all, _, err := List(t.Context(), d, "a", "", 100)
		if err != nil || len(all) != 7 {
			t.Fatalf("%d notices, %v", len(all), err)
		}
		want := notice("a", "")
		want.ID, want.Created, want.Kind = all[0].ID, now, "k6"
		if diff := cmp.Diff(want, all[0]); diff != "" {
			t.Errorf("came back otherwise: %s", diff)
		}
		other, _, err := List(t.Context(), d, "b", "", 1)
		if err != nil {
			t.Fatal(err)
		}
		write(t, d, func(tx *db.Tx) error {
			return MarkReadTx(t.Context(), tx, "a", all[0].ID, all[3].ID, other[0].ID)
		})
		var kinds []string
		pages := 0
		for after := ""; ; pages++ {
			page, next, err := List(t.Context(), d, "a", after, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range page {
				kinds = append(kinds, n.Kind)
			}
			if next == "" {
				break
			}
			after = next
		}
		if diff := cmp.Diff([]string{"k5", "k4", "k2", "k1", "k0", "k6", "k3"}, kinds); diff != "" || pages != 3 {
			t.Errorf("%d pages: %s", pages, diff)
		}
		n, err := Unread(t.Context(), d, "a")
		if err != nil || n != 5 {
			t.Errorf("%d unread, %v", n, err)
		}
		write(t, d, func(tx *db.Tx) error { return MarkReadTx(t.Context(), tx, "a") })
		n, err = Unread(t.Context(), d, "a")
		if err != nil || n != 0 {
			t.Errorf("%d unread after all were read, %v", n, err)
		}
		n, err = Unread(t.Context(), d, "b")
		if err != nil || n != 1 {
			t.Errorf("another account's notice was marked: %d, %v", n, err)
		}
		_, _, err = List(t.Context(), d, "a", "x'--", 2)
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("broken cursor: %v", err)
		}
	})
}

func TestOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 2 {
			send(t, d, notice("a", "due:occ1:3"))
			send(t, d, notice("b", "due:occ1:3"))
			send(t, d, notice("a", ""))
		}
		for account, want := range map[string]int{"a": 3, "b": 1} {
			n, err := Unread(t.Context(), d, account)
			if err != nil || n != want {
				t.Errorf("%s has %d, want %d, %v", account, n, want, err)
			}
		}
		write(t, d, func(tx *db.Tx) error { return WithdrawTx(t.Context(), tx, "due:occ1:3") })
		n, err := Unread(t.Context(), d, "a")
		if err != nil || n != 2 {
			t.Errorf("after withdrawing %d, %v", n, err)
		}
	})
}

func TestSendRefuses(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for name, change := range map[string]func(*Notice){
		"no account": func(n *Notice) { n.Account = "" },
		"no words":   func(n *Notice) { n.Msg = i18n.Msg{} },
		"elsewhere":  func(n *Notice) { n.Link = "//evil.example" },
		"script":     func(n *Notice) { n.Link = "javascript:alert(1)" },
	} {
		n := notice("a", "")
		change(&n)
		err := d.Write(t.Context(), func(tx *db.Tx) error { return SendTx(t.Context(), tx, n) })
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	n := notice("a", "")
	n.Msg = i18n.M("notify.pace.unknown")
	want := i18n.For(i18n.VI).T("notify.pace.unknown") + " (hạn 26/3/2021)\nhttps://dinh.example/lam-viec/viec-cua-toi"
	if got := n.Text(i18n.For(i18n.VI), "https://dinh.example/"); got != want {
		t.Errorf("got %q", got)
	}
}

// book has addresses by account.
type book map[string]string

func (b book) MailAddress(_ context.Context, _ db.Querier, account string) (string, i18n.Lang, error) {
	if b[account] == "fault" {
		return "", "", errors.New("no book")
	}
	return b[account], i18n.EN, nil
}

func TestMail(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		where := book{"a": "a@x.vn", "soon": "s@x.vn", "never": "n@x.vn"}
		for account, p := range map[string]Pace{"soon": Soon, "never": Never} {
			write(t, d, func(tx *db.Tx) error { return SetPaceTx(t.Context(), tx, account, p) })
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error { return SetPaceTx(t.Context(), tx, "a", "hourly") })
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("a pace that is none: %v", err)
		}
		for range perMail + 2 {
			send(t, d, notice("a", ""))
		}
		for _, account := range []string{"soon", "never", "nobody"} {
			send(t, d, notice(account, ""))
		}
		for i, tc := range []struct {
			pace Pace
			want int
		}{{Soon, 1}, {Soon, 0}, {Daily, 1}, {Daily, 0}} {
			n, err := Mail(t.Context(), d, where, tc.pace)
			if err != nil || n != tc.want {
				t.Errorf("step %d: %d letters, want %d, %v", i, n, tc.want, err)
			}
		}
		list, _, err := mail.New(d, config.Mail{}, "https://dinh.example", dbtest.Clock).List(t.Context(), mail.Waiting, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, it := range list {
			got[it.Recipient] = i18n.For(i18n.EN).Say(it.Subject)
		}
		want := map[string]string{"a@x.vn": fmt.Sprintf("Đình: %d new notices", perMail+2), "s@x.vn": "Đình: one new notice"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		var text string
		err = d.QueryRow(t.Context(), `SELECT content FROM mail_outbox WHERE account='a'`).Scan(&text)
		if err != nil || strings.Count(text, "/lam-viec/") != perMail {
			t.Errorf("letter has %d links, %v", strings.Count(text, "/lam-viec/"), err)
		}
	})
}

// TestMailReadFirst checks that what was read on screen is not mailed as well, and that a fault leaves the notices for the next try.
func TestMailReadFirst(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	send(t, d, notice("a", ""))
	_, err := Mail(t.Context(), d, book{"a": "fault"}, Daily)
	if err == nil {
		t.Error("the fault was swallowed")
	}
	n, err := Mail(t.Context(), d, book{"a": "a@x.vn"}, Daily)
	if err != nil || n != 1 {
		t.Errorf("after the fault: %d, %v", n, err)
	}
	send(t, d, notice("a", ""))
	write(t, d, func(tx *db.Tx) error { return MarkReadTx(t.Context(), tx, "a") })
	n, err = Mail(t.Context(), d, book{"a": "a@x.vn"}, Daily)
	if err != nil || n != 0 {
		t.Errorf("read and mailed: %d, %v", n, err)
	}
}
