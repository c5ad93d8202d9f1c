package auth

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"dinh/internal/auth/argon2id"
	"dinh/internal/errs"
)

// The queue's bounds. At 30 hashes a second 512 waiting are some 17 seconds: whoever comes after that is better told to come back.
const (
	maxWaiting       = 512
	maxWaitingOfOne  = 256 // of one client
	blocksOfWorker   = hashMemory
	defaultHashQueue = 2
)

// queue computes password hashes on a few threads that let others go first, so that a village evening of log-ins bounds its memory to the workers' and leaves the
// pages quick. Clients (network prefixes) take turns; within a client first come is first served. Workers live while somebody waits: at rest there are
// neither goroutines nor memory.
type queue struct {
	workers int

	mu      sync.Mutex
	running int
	waiting int
	clients []*client // those with somebody waiting, in the order of their turns
}

type client struct {
	name string
	list []*hashing
}

// hashing is one caller's place in the queue.
type hashing struct {
	run  func(memory []argon2id.Block)
	done chan struct{}
}

func newQueue(workers int) *queue {
	if workers <= 0 {
		workers = defaultHashQueue
	}
	return &queue{workers: workers}
}

// do runs f on a worker, with the worker's memory, and returns when it is done; where ctx ends before f's turn, f does not run. A full queue answers
// errs.Unavailable, one client's share of it errs.TooMany.
func (q *queue) do(ctx context.Context, name string, f func(memory []argon2id.Block)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	h := &hashing{run: f, done: make(chan struct{})}
	q.mu.Lock()
	i := slices.IndexFunc(q.clients, func(c *client) bool { return c.name == name })
	switch {
	case i >= 0 && len(q.clients[i].list) >= maxWaitingOfOne:
		q.mu.Unlock()
		return errs.E(errs.TooMany, "auth.busy")
	case q.waiting >= maxWaiting:
		q.mu.Unlock()
		return errs.E(errs.Unavailable, "auth.busy")
	case i < 0:
		q.clients = append(q.clients, &client{name: name, list: []*hashing{h}})
	default:
		q.clients[i].list = append(q.clients[i].list, h)
	}
	q.waiting++
	if q.running < q.workers {
		q.running++
		go q.work()
	}
	q.mu.Unlock()

	select {
	case <-h.done:
		return nil
	case <-ctx.Done():
	}
	if q.leave(name, h) {
		return ctx.Err()
	}
	<-h.done // its turn had come
	return nil
}

// leave takes a place out of the queue, and reports false where its turn had come.
func (q *queue) leave(name string, h *hashing) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.clients, func(c *client) bool { return c.name == name })
	if i < 0 {
		return false
	}
	j := slices.Index(q.clients[i].list, h)
	if j < 0 {
		return false
	}
	q.clients[i].list = slices.Delete(q.clients[i].list, j, j+1)
	if len(q.clients[i].list) == 0 {
		q.clients = slices.Delete(q.clients, i, i+1)
	}
	q.waiting--
	return true
}

// next takes whoever's turn it is out of the queue; without anybody the worker is gone.
func (q *queue) next() *hashing {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.clients) == 0 {
		q.running--
		return nil
	}
	c := q.clients[0]
	h := c.list[0]
	c.list = c.list[1:]
	q.clients = append(q.clients[:0], q.clients[1:]...)
	if len(c.list) > 0 {
		q.clients = append(q.clients, c)
	}
	q.waiting--
	return h
}

func (q *queue) work() {
	goLast()
	memory, release := borrow(blocksOfWorker)
	defer release()
	for h := q.next(); h != nil; h = q.next() {
		h.run(memory)
		close(h.done)
	}
}

// Procs is the GOMAXPROCS that suits a server which hashes with so many workers: a Go processor for each of them beside those there were at the start.
// Without it a page waits for a hash to be interrupted, with it the kernel lets the page go first.
func Procs(workers int) int {
	if workers <= 0 {
		workers = defaultHashQueue
	}
	return procsAtStart() + workers
}

var procsAtStart = sync.OnceValue(func() int { return runtime.GOMAXPROCS(0) })
