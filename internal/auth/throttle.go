package auth

import (
	"net/netip"
	"slices"
	"sync"
	"time"
)

// A limit is how many failures are free, how fast they are forgotten, and the longest anybody is made to wait.
type limit struct {
	free  float64
	every time.Duration // one failure is forgotten in this time
	wait  time.Duration
}

// The limits. Whoever mistypes a password five times waits half a minute before each further try. An account that is attacked from many networks is
// guarded as a whole, but stays open to networks from which its owner has come before.
var (
	limitPair    = limit{5, 30 * time.Second, 10 * time.Minute}  // one account from one network
	limitAccount = limit{20, time.Minute, 10 * time.Minute}      // one account from anywhere
	limitNet     = limit{60, 5 * time.Second, 5 * time.Minute}   // one network, any account
	limitCode    = limit{5, time.Minute, 10 * time.Minute}       // one account's one-time codes
	limitInvite  = limit{20, 30 * time.Second, 10 * time.Minute} // invitation codes from one network
)

// throttle counts failures in memory: a restart forgets them, which nobody outside can bring about. It is safe for concurrent use.
type throttle struct {
	now func() time.Time

	mu   sync.Mutex
	all  map[string]*bucket
	good map[string][]string // networks from which an account was logged in to, newest last
}

type bucket struct {
	limit limit
	level float64 // failures not yet forgotten at the instant
	at    time.Time
}

// What is remembered at most.
const (
	maxBuckets = 50_000
	maxGood    = 20_000
	goodOfOne  = 4
)

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, all: map[string]*bucket{}, good: map[string][]string{}}
}

func (b *bucket) leak(now time.Time) {
	if d := now.Sub(b.at); d > 0 {
		b.level = max(0, b.level-float64(d)/float64(b.limit.every))
		b.at = now
	}
}

// wait is how long the key must wait before its next try, 0 where it need not.
func (t *throttle) wait(key string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.all[key]
	if b == nil {
		return 0
	}
	b.leak(t.now())
	over := b.level - b.limit.free + 1 // below 1 there is room for this try
	if over <= 0 {
		return 0
	}
	return time.Duration(over * float64(b.limit.every))
}

// fail counts a failure.
func (t *throttle) fail(key string, l limit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	b := t.all[key]
	if b == nil {
		t.makeRoom(now)
		b = &bucket{limit: l, at: now}
		t.all[key] = b
	}
	b.leak(now)
	b.level = min(b.level+1, l.free-1+float64(l.wait)/float64(l.every))
}

func (t *throttle) forget(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, key)
}

// makeRoom drops buckets that are empty, and where there are none, any: what is forgotten is in favour of whoever tries.
func (t *throttle) makeRoom(now time.Time) {
	if len(t.all) < maxBuckets {
		return
	}
	for k, b := range t.all {
		if b.leak(now); b.level == 0 {
			delete(t.all, k)
		}
	}
	for k := range t.all {
		if len(t.all) < maxBuckets*9/10 {
			return
		}
		delete(t.all, k)
	}
}

// The keys.
func pairKey(name, net string) string { return "p\x00" + name + "\x00" + net }
func accountKey(name string) string   { return "a\x00" + name }
func netKey(net string) string        { return "n\x00" + net }
func codeKey(account string) string   { return "c\x00" + account }
func inviteKey(net string) string     { return "i\x00" + net }

// logInWait is how long a log-in by the name from the network must wait.
func (t *throttle) logInWait(name, net string) time.Duration {
	d := max(t.wait(pairKey(name, net)), t.wait(netKey(net)))
	if !t.known(name, net) {
		d = max(d, t.wait(accountKey(name)))
	}
	return d
}

func (t *throttle) logInFailed(name, net string) {
	t.fail(pairKey(name, net), limitPair)
	t.fail(netKey(net), limitNet)
	if !t.known(name, net) {
		t.fail(accountKey(name), limitAccount)
	}
}

// logInGood forgives the pair and remembers the network as one of the account's owner.
func (t *throttle) logInGood(name, net string) {
	t.forget(pairKey(name, net))
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.good[name]
	for i, n := range list {
		if n == net {
			list = append(list[:i:i], list[i+1:]...)
			break
		}
	}
	list = append(list, net)
	if len(list) > goodOfOne {
		list = list[1:]
	}
	if list := t.good[name]; list == nil && len(t.good) >= maxGood {
		for k := range t.good {
			delete(t.good, k)
			break
		}
	}
	t.good[name] = list
}

func (t *throttle) known(name, net string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Contains(t.good[name], net)
}

// network is the part of an address that stands for whoever is behind it: /24 of IPv4, /56 of IPv6.
func network(a netip.Addr) string {
	a = a.Unmap()
	bits := 56
	if a.Is4() {
		bits = 24
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil || !p.IsValid() {
		return "?"
	}
	return p.String()
}
