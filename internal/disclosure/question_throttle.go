package disclosure

import (
	"net/netip"
	"sync"
	"time"

	"dinh/internal/errs"
)

// door slows down who sends question after question without an account: each network may send some at once and then one in a while. It counts in memory; a
// restart forgets. The zero door is ready, and safe for concurrent use.
type door struct {
	mu  sync.Mutex
	all map[string]*knocks
}

type knocks struct {
	level float64
	at    time.Time
}

// How a network may knock. Whole communes come out of one network of a mobile provider.
const (
	doorFree  = 12
	doorEvery = time.Minute
	doorMost  = 20_000 // networks remembered
)

// Knock counts something sent by the public from the address. errs.TooMany where its network has sent too much lately.
func (s *Service) Knock(addr netip.Addr) error {
	return s.door.knock(prefix(addr), s.clock.Now())
}

func (d *door) knock(net string, now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := d.all[net]
	if k == nil {
		d.room(now)
		k = &knocks{at: now}
		d.all[net] = k
	}
	k.leak(now)
	if k.level+1 > doorFree {
		return errs.E(errs.TooMany, "disclosureboard.ask.slow", "n", int((k.level+1-doorFree)*doorEvery.Minutes())+1)
	}
	k.level++
	return nil
}

func (k *knocks) leak(now time.Time) {
	if d := now.Sub(k.at); d > 0 {
		k.level = max(0, k.level-float64(d)/float64(doorEvery))
		k.at = now
	}
}

// room drops networks that have nothing to be remembered for, and where there are none, any.
func (d *door) room(now time.Time) {
	if d.all == nil {
		d.all = map[string]*knocks{}
	}
	if len(d.all) < doorMost {
		return
	}
	for net, k := range d.all {
		if k.leak(now); k.level == 0 {
			delete(d.all, net)
		}
	}
	for net := range d.all {
		if len(d.all) < doorMost*9/10 {
			return
		}
		delete(d.all, net)
	}
}

// prefix is the network of an address: /24 of IPv4, /56 of IPv6.
func prefix(a netip.Addr) string {
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
