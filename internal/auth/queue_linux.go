package auth

import (
	"runtime"
	"syscall"
)

// niceness of the threads that hash: pages go first, and where they need both cores the hashes still get a tenth.
const niceness = 10

// lowPriority puts the goroutine on a thread of its own with low priority. The thread ends with the goroutine. With more Go processors than cores
// (GOMAXPROCS, see Procs) the kernel then lets pages run as soon as there are some.
func lowPriority() {
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), niceness) // without it the hashes are only less polite
}
