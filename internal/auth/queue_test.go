package auth

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"dinh/internal/auth/argon2id"
	"dinh/internal/errs"
)

func TestHashIsStandard(t *testing.T) {
	t.Parallel()
	q := newQueue(1)
	stored, err := q.hash(t.Context(), "c", goodPassword)
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %v", stored, err)
	}
	for password, want := range map[string]bool{goodPassword: true, goodPassword + " ": false, "": false, strings.Repeat("x", 10_000): false} {
		ok, anew, err := q.check(t.Context(), "c", password, stored)
		if ok != want || anew || err != nil {
			t.Errorf("%.20q: %v, anew %v, %v", password, ok, anew, err)
		}
	}
	for _, bad := range []string{
		"", "x", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA", "$argon2id$v=19$m=4000000000,t=2,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA",
		"$argon2id$v=19$m=19456,t=2,p=4$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA", "$argon2id$v=19$m=19456,t=4000000,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA", stored + "$", stored[:60],
	} {
		if ok, _, err := q.check(t.Context(), "c", "", bad); ok || err != nil {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
}

// Clients take turns, each in the order in which its callers came; a caller who leaves does not hold anybody up; nothing is left behind.
func TestQueueIsFair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1)
		hold := make(chan struct{})
		var wg sync.WaitGroup
		var order []string
		enter := func(ctx context.Context, client, name string) {
			wg.Go(func() {
				err := q.do(ctx, client, func([]argon2id.Block) {
					if name == "first" {
						<-hold
					}
					order = append(order, name) // one worker
				})
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("%s: %v", name, err)
				}
			})
			synctest.Wait()
		}
		enter(t.Context(), "a", "first")
		enter(t.Context(), "a", "a1")
		gone, leave := context.WithCancel(t.Context())
		enter(gone, "a", "a2")
		enter(t.Context(), "a", "a3")
		enter(t.Context(), "b", "b1")
		enter(t.Context(), "b", "b2")
		enter(t.Context(), "c", "c1")
		leave()
		synctest.Wait()
		close(hold)
		wg.Wait()
		if want := []string{"first", "a1", "b1", "c1", "a3", "b2"}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
		synctest.Wait() // a worker that stayed would be a deadlock at the end of the bubble
		if q.running != 0 || q.waiting != 0 || len(q.clients) != 0 {
			t.Errorf("left behind: %d running, %d waiting", q.running, q.waiting)
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(2)
		hold := make(chan struct{})
		var wg sync.WaitGroup
		var mu sync.Mutex
		kinds := map[errs.Kind]int{}
		busy, most := 0, 0
		for i := range 3 {
			for range maxWaitingOfOne + 10 {
				wg.Go(func() {
					err := q.do(t.Context(), string(rune('a'+i)), func([]argon2id.Block) {
						mu.Lock()
						busy++
						most = max(most, busy)
						mu.Unlock()
						<-hold
						mu.Lock()
						busy--
						mu.Unlock()
					})
					if err != nil {
						mu.Lock()
						kinds[errs.KindOf(err)]++
						mu.Unlock()
					}
				})
				synctest.Wait()
			}
		}
		close(hold)
		wg.Wait()
		if most != 2 {
			t.Errorf("%d hashed at once", most)
		}
		if kinds[errs.TooMany] == 0 || kinds[errs.Unavailable] == 0 {
			t.Errorf("refused: %v", kinds)
		}
		if total := kinds[errs.TooMany] + kinds[errs.Unavailable]; total != 3*(maxWaitingOfOne+10)-maxWaiting-2 {
			t.Errorf("%d refused", total)
		}
	})
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	for password, key := range map[string]string{
		goodPassword: "", "tôi đi chợ phiên": "", "hoa ban trắng nở": "", "Z3Q-9f0x-Kp": "",
		"ngắn quá": "auth.password.short", "ươươươươư": "auth.password.short", strings.Repeat("dài ", 60): "auth.password.long",
		"1234567890": "auth.password.common", "Mật khẩu 123": "auth.password.common", "MATKHAU2021": "auth.password.common", "Điện Biên Phủ 1954": "auth.password.common",
		"aaaaaaaaaaaa": "auth.password.common", "0912345678": "auth.password.own", "+84 912 345 678": "auth.password.own", "Lò Văn Mển 2021": "auth.password.own", "lovanmenxa": "",
	} {
		err := CheckPassword("f", password, "Lò Văn Mển", "lovanmen", "+84912345678")
		got := ""
		if f := errs.FieldsOf(err); len(f) == 1 && f[0].Name == "f" {
			got = f[0].Msg.Key
		}
		if got != key {
			t.Errorf("%q: %q, want %q", password, got, key)
		}
	}
}

func TestNormalPhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0912345678": "+84912345678", " 0912 345 678 ": "+84912345678", "+84 912.345.678": "+84912345678", "84912345678": "+84912345678", "0084-912-345-678": "+84912345678",
		"+84 (0)912 345 678": "+84912345678", "0215 382 5123": "+842153825123", "+856 20 5551 2345": "+8562055512345",
		"": "", "0": "", "091234567": "", "09123456789": "", "0112345678": "", "lovanmen": "", "0912345678a": "", "09+12345678": "", "+": "", "00": "", "1234567890": "", "+840": "", "+84": "",
	} {
		got, ok := NormalPhone(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
	if got := ShowPhone("+84912345678"); got != "0912 345 678" {
		t.Error(got)
	}
}

func TestNormalLogin(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"lovanmen": "lovanmen", "Lò Văn Mển": "lovanmen", " LÒ.VĂN-MỂN_2 ": "lo.van-men_2", "Đinh Đức": "dinhduc",
		"ab": "", "123": "", "a b/c": "", "<script>": "", "a\x00bc": "", "": "", strings.Repeat("a", 41): "",
	} {
		got, ok := NormalLogin(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	var wg sync.WaitGroup
	keys := make([]*key, 8)
	for i := range keys { // processes that start at once agree on one key
		wg.Go(func() {
			k, err := loadKey(dir)
			if err != nil {
				t.Error(err)
			}
			keys[i] = k
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	sealed := keys[0].seal("totp:1", "bí mật")
	for _, k := range keys {
		if text, err := k.open("totp:1", sealed); err != nil || text != "bí mật" {
			t.Errorf("%q, %v", text, err)
		}
	}
	if _, err := keys[0].open("totp:2", sealed); err == nil {
		t.Error("opened for another row")
	}
	if _, err := keys[0].open("totp:1", sealed[:10]+"A"+sealed[11:]); err == nil {
		t.Error("opened although changed")
	}
	if runtime.GOOS != "windows" {
		info, err := os.Stat(filepath.Join(dir, KeyFile))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if err := os.WriteFile(filepath.Join(dir, KeyFile), []byte("xx"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadKey(dir); err == nil {
		t.Error("a damaged key is taken")
	}
}

func TestQR(t *testing.T) {
	t.Parallel()
	q, err := NewQR("https://dinh.example/moi/K7QM3XWA9PDR")
	if err != nil || q.Size < 29 || !strings.HasPrefix(q.Path, "M4 4h7v1h-7z") {
		t.Errorf("%d %.40s %v", q.Size, q.Path, err)
	}
}
