package auth

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/auth/argon2id"
	"dinh/internal/db"
	"dinh/internal/errs"

	"github.com/pquerna/otp/totp"
)

func TestLogIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		officer := h.person("Lò Văn Mển", "lovanmen", h.xaA, access.Officer)
		h.must(func(ctx context.Context, tx *db.Tx) error {
			return h.ChangeTx(ctx, tx, h.admin, officer.ID, Change{Name: "Lò Văn Mển", Login: "lovanmen", Phone: "0912 345 678", Version: 2})
		})
		for _, name := range []string{"lovanmen", " LoVanMen ", "Lò Văn Mển", "0912345678", "+84 912.345.678", "84912345678"} {
			in := h.mustLogIn(name, adminPassword)
			if in.Stage != StageIn || who(t, h.Service, in.Token) != officer.ID {
				t.Errorf("%q: stage %q", name, in.Stage)
			}
		}
		a, se, err := h.Session(t.Context(), h.mustLogIn("lovanmen", adminPassword).Token)
		if err != nil || len(a.Posts) != 1 || a.Posts[0].Unit != h.xaA || a.Name != "Lò Văn Mển" {
			t.Fatalf("actor %+v, %v", a, err)
		}
		if se.Agent != "chrome/android" || se.First != "2021-04-20" {
			t.Errorf("session %+v", se)
		}
		// The same words in another normal form of Unicode are the same password.
		h.mustLogIn("lovanmen", "nu\u031bo\u031b\u0301c cha\u0309y \u0111a\u0301 mo\u0300n")

		wrongName, wrongPassword := func() error { _, err := h.logIn("khongco", adminPassword); return err }(), func() error { _, err := h.logIn("lovanmen", "sai"); return err }()
		wantKind(t, wrongName, errs.Invalid, "auth.login.wrong")
		wantKind(t, wrongPassword, errs.Invalid, "auth.login.wrong")
		if wrongName.Error() != wrongPassword.Error() {
			t.Errorf("a wrong name says %v, a wrong password %v", wrongName, wrongPassword)
		}
		_, err = h.logIn("", "")
		if f := errs.FieldsOf(err); len(f) != 2 {
			t.Errorf("empty form: %v", err)
		}
		for _, name := range []string{"'; DROP TABLE account; --", "../../etc/passwd", "<b>", "%", "\x00"} {
			_, err := h.logIn(name, adminPassword)
			if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.TooMany) {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}

// A stored hash with old parameters is made anew by the log-in that proves the password.
func TestLogInHashesAnew(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		old := newHash()
		old.memory, old.passes = 64, 1
		err := h.queue.do(t.Context(), "t", func(m []argon2id.Block) { old.key = old.derive(m, goodPassword) })
		if err != nil {
			t.Fatal(err)
		}
		h.must(func(ctx context.Context, tx *db.Tx) error {
			return tx.Update(ctx, `UPDATE account SET password=$2 WHERE id=$1`, h.admin.ID, old.String())
		})
		h.mustLogIn("quantri1", goodPassword)
		acc, err := account(t.Context(), h.d, `a.id=$1`, h.admin.ID)
		if err != nil {
			t.Fatal(err)
		}
		if now, ok := parseHash(acc.password); !ok || !now.current() {
			t.Errorf("stored: %s", acc.password)
		}
		h.mustLogIn("quantri1", goodPassword)
	})
}

func TestThrottle(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.person("Lò Văn Mển", "lovanmen", h.xaA, access.Officer)
		far := Client{IP: netip.MustParseAddr("198.51.100.9")}
		fail := func(name string, c Client) error {
			_, err := h.LogIn(t.Context(), Attempt{Name: name, Password: "sai", Client: c}, "")
			return err
		}
		for i := range 5 {
			if err := fail("lovanmen", here); !errs.Is(err, errs.Invalid) {
				t.Fatalf("try %d: %v", i, err)
			}
		}
		_, err := h.logIn("lovanmen", adminPassword)
		wantKind(t, err, errs.TooMany, "auth.login.wait")
		for range 5 {
			if err := fail("khongai", here); !errs.Is(err, errs.Invalid) {
				t.Fatal(err)
			}
		}
		wantKind(t, fail("khongai", here), errs.TooMany, "auth.login.wait") // an unknown name is treated alike
		// From elsewhere the owner still comes in, and half a minute later from here too.
		if _, err := h.LogIn(t.Context(), Attempt{Name: "lovanmen", Password: adminPassword, Client: far}, ""); err != nil {
			t.Errorf("from another network: %v", err)
		}
		h.clock.pass(30 * time.Second)
		h.mustLogIn("lovanmen", adminPassword)

		// A network of attackers closes the account to strange networks for minutes, not to the owner's.
		for i := range 200 {
			c := Client{IP: netip.AddrFrom4([4]byte{203, byte(i), 1, 1})}
			if h.throttle.logInWait("lovanmen", c.net()) == 0 {
				h.throttle.logInFailed("lovanmen", c.net())
			}
		}
		strange := network(netip.MustParseAddr("203.250.1.1"))
		if d := h.throttle.logInWait("lovanmen", strange); d <= 0 || d > limitAccount.wait {
			t.Errorf("a strange network waits %v", d)
		}
		if d := h.throttle.logInWait("lovanmen", here.net()); d != 0 {
			t.Errorf("the owner's network waits %v", d)
		}
		h.clock.pass(limitAccount.wait + 20*time.Minute)
		if d := h.throttle.logInWait("lovanmen", strange); d != 0 {
			t.Errorf("half an hour later a strange network waits %v", d)
		}
	})
}

// Whatever is thrown at it, the wait has an end and the memory a bound.
func TestThrottleBounds(t *testing.T) {
	t.Parallel()
	c := newClock()
	th := newThrottle(c.read)
	for range 1000 {
		th.fail("k", limitPair)
	}
	if d := th.wait("k"); d <= 0 || d > limitPair.wait {
		t.Errorf("after 1000 failures: %v", d)
	}
	c.pass(limitPair.wait)
	if d := th.wait("k"); d != 0 {
		t.Errorf("after the longest wait: %v", d)
	}
	for i := range 2 * maxBuckets {
		th.fail(netKey(network(netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i), 1}))), limitNet)
	}
	if n := len(th.all); n > maxBuckets {
		t.Errorf("%d buckets", n)
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.0/24", "::ffff:192.0.2.7": "192.0.2.0/24", "2001:db8:1:2ff:3::4": "2001:db8:1:200::/56", "fe80::1%eth0": "fe80::/56",
	} {
		if got := network(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := network(netip.Addr{}); got != "?" {
		t.Errorf("no address: %s", got)
	}
}

// enrol turns the second factor of an actor on and gives the secret and the recovery codes.
func (h *house) enrol(a access.Actor) (secret string, codes []string) {
	h.t.Helper()
	acc, err := account(h.t.Context(), h.d, `a.id=$1`, a.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	setup, err := h.SetUp(acc, "")
	if err != nil {
		h.t.Fatal(err)
	}
	secret, err = h.key.open("setup:"+a.ID, setup.Sealed)
	if err != nil {
		h.t.Fatal(err)
	}
	h.must(func(ctx context.Context, tx *db.Tx) (err error) {
		codes, err = h.ConfirmFactorTx(ctx, tx, a, setup.Sealed, h.code(secret), "")
		return err
	})
	return secret, codes
}

func (h *house) code(secret string) string {
	h.t.Helper()
	c, err := totp.GenerateCodeCustom(secret, h.clock.read(), totpOpts)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func TestSecondFactor(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		secret, codes := h.enrol(h.admin)
		if len(codes) != recoveryCodes {
			t.Fatalf("recovery codes: %v", codes)
		}
		acc, err := account(ctx, h.d, `a.id=$1`, h.admin.ID)
		if err != nil || acc.totp == secret || acc.totp == "" {
			t.Fatalf("stored secret %q, %v", acc.totp, err)
		}
		step := func(code string) (LoggedIn, error) {
			in := h.mustLogIn("quantri1", adminPassword)
			if in.Stage != StageCode {
				t.Fatalf("stage %q", in.Stage)
			}
			if who(t, h.Service, in.Token) != "" {
				t.Fatal("a half-finished log-in is somebody")
			}
			out, err := h.SecondStep(ctx, in.Token, code, here)
			if err == nil && who(t, h.Service, out.Token) != h.admin.ID {
				t.Error("the finished log-in is nobody")
			}
			if err == nil && out.Token == in.Token {
				t.Error("the token did not change")
			}
			return out, err
		}
		_, err = step(h.code(secret))
		wantKind(t, err, errs.Invalid, "auth.factor.wrong") // the code that turned it on is used
		h.clock.pass(30 * time.Second)
		code := h.code(secret)
		if _, err := step(code); err != nil {
			t.Fatalf("a fresh code: %v", err)
		}
		_, err = step(code)
		wantKind(t, err, errs.Invalid, "auth.factor.wrong")
		h.clock.pass(5 * time.Minute)
		if _, err := step(codes[3]); err != nil {
			t.Fatalf("a recovery code: %v", err)
		}
		_, err = step(codes[3])
		wantKind(t, err, errs.Invalid, "auth.factor.wrong")
		if n, err := h.RecoveryLeft(ctx, h.admin); err != nil || n != recoveryCodes-1 {
			t.Errorf("left: %d, %v", n, err)
		}
		in := h.mustLogIn("quantri1", adminPassword)
		for range 6 {
			_, err = h.SecondStep(ctx, in.Token, "000000", here)
		}
		wantKind(t, err, errs.TooMany, "auth.login.wait")
		h.clock.pass(pendingLife)
		_, err = h.SecondStep(ctx, in.Token, h.code(secret), here)
		wantKind(t, err, errs.Unauthenticated, "auth.login.again")
	})
}

// Of many who bring the same code at once one comes in.
func TestCodeCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		secret, _ := h.enrol(h.admin)
		h.clock.pass(time.Minute)
		code := h.code(secret)
		var pending []string
		for range 4 {
			pending = append(pending, h.mustLogIn("quantri1", adminPassword).Token)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		good := 0
		for _, p := range pending {
			wg.Go(func() {
				if _, err := h.SecondStep(t.Context(), p, code, here); err == nil {
					mu.Lock()
					good++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if good != 1 {
			t.Errorf("%d came in with one code", good)
		}
	})
}

func TestRequiredFactor(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		commune := h.person("Lò Văn Xã", "quantrixa", h.xaA, access.Admin)
		err := h.write(func(ctx context.Context, tx *db.Tx) error {
			return h.RequireFactorTx(ctx, tx, commune, []access.PostKind{access.Admin}, 0)
		})
		wantKind(t, err, errs.NotFound, "auth.not_found")
		h.must(func(ctx context.Context, tx *db.Tx) error {
			return h.RequireFactorTx(ctx, tx, h.admin, []access.PostKind{access.Admin}, 0)
		})
		in := h.mustLogIn("quantrixa", adminPassword)
		if in.Stage != StageEnrol || who(t, h.Service, in.Token) != "" {
			t.Fatalf("stage %q", in.Stage)
		}
		acc, _, err := h.Pending(ctx, in.Token)
		if err != nil {
			t.Fatal(err)
		}
		setup, err := h.SetUp(acc, "")
		if err != nil {
			t.Fatal(err)
		}
		again, err := h.SetUp(acc, setup.Sealed)
		if err != nil || again.Secret != setup.Secret {
			t.Errorf("the secret changed after a failed try: %v", err)
		}
		secret, err := h.key.open("setup:"+acc.ID, setup.Sealed)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.Enrol(ctx, in.Token, setup.Sealed, "123", here); !errs.Is(err, errs.Invalid) {
			t.Errorf("a wrong code: %v", err)
		}
		other, err := account(ctx, h.d, `a.id=$1`, h.admin.ID)
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := h.SetUp(other, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.Enrol(ctx, in.Token, foreign.Sealed, h.code(secret), here); !errs.Is(err, errs.Invalid) {
			t.Errorf("another account's secret: %v", err)
		}
		done, codes, err := h.Enrol(ctx, in.Token, setup.Sealed, h.code(secret), here)
		if err != nil || len(codes) != recoveryCodes || who(t, h.Service, done.Token) != commune.ID {
			t.Fatalf("enrolled: %v, %d codes", err, len(codes))
		}
		err = h.write(func(ctx context.Context, tx *db.Tx) error { return h.DropFactorTx(ctx, tx, commune, "") })
		wantKind(t, err, errs.Forbidden, "auth.factor.required")
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		a, b := h.mustLogIn("quantri1", adminPassword), h.mustLogIn("quantri1", adminPassword)
		_, se, err := h.Session(ctx, a.Token)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.PreparePassword(ctx, h.admin, "sai", goodPassword, here)
		wantKind(t, err, errs.Invalid, "auth.password.wrong")
		_, err = h.PreparePassword(ctx, h.admin, adminPassword, "ngắn", here)
		wantKind(t, err, errs.Invalid, "auth.password.short")
		p, err := h.PreparePassword(ctx, h.admin, adminPassword, goodPassword, here)
		if err != nil {
			t.Fatal(err)
		}
		h.must(func(ctx context.Context, tx *db.Tx) error { return h.ChangePasswordTx(ctx, tx, h.admin, p, se.ID) })
		if who(t, h.Service, a.Token) != h.admin.ID {
			t.Error("one's own session ended")
		}
		if who(t, h.Service, b.Token) != "" {
			t.Error("another session goes on")
		}
		if _, err := h.logIn("quantri1", adminPassword); !errs.Is(err, errs.Invalid) {
			t.Errorf("the old password: %v", err)
		}
		h.mustLogIn("quantri1", goodPassword)
		err = h.write(func(ctx context.Context, tx *db.Tx) error { return h.ChangePasswordTx(ctx, tx, h.admin, p, se.ID) })
		wantKind(t, err, errs.Conflict, "db.conflict") // prepared against a password that is no longer there
	})
}
