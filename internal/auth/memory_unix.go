//go:build unix

package auth

import (
	"syscall"
	"unsafe"

	"dinh/internal/auth/argon2id"
)

// borrow takes memory from the system, outside the collector's heap: it would double what the heap may grow to, and go back late.
func borrow(blocks int) (memory []argon2id.Block, release func()) {
	b, err := syscall.Mmap(-1, 0, blocks*int(unsafe.Sizeof(argon2id.Block{})), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return make([]argon2id.Block, blocks), func() {}
	}
	//nolint:gosec // the mapping is page-aligned and has no pointers
	return unsafe.Slice((*argon2id.Block)(unsafe.Pointer(&b[0])), blocks), func() { _ = syscall.Munmap(b) }
}
