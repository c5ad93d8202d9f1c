package auth

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// How the threads that hash share the cores: all they can get while nothing else is to be done, a tenth beside pages that keep the cores busy, in turns of
// a tenth of a millisecond (Linux 6.12 and later; older ones have the niceness alone), so that a page that has come need not wait for the end of a long
// turn. Measured with `go run ./bench logins` on two busy cores: a page's p99 with 50 log-ins waiting was 1.8 times its p99 without them, against 3.4
// times and more without niceness; log-ins kept the rate of bare argon2id.
const (
	niceness = 10
	turn     = 100_000 // nanoseconds
)

// goLast puts the goroutine on a thread of its own that lets others go first. The thread ends with the goroutine. It needs more Go processors than there
// are cores, see Procs: then the kernel, not Go, decides who runs.
func goLast() {
	runtime.LockOSThread()
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL, Nice: niceness, Runtime: turn}, 0) // without it the hashes are only less polite
}
