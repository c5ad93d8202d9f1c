//go:build !unix

package auth

import "dinh/internal/auth/argon2id"

func borrow(blocks int) (memory []argon2id.Block, release func()) {
	return make([]argon2id.Block, blocks), func() {}
}
