package argon2id

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"golang.org/x/crypto/argon2"
)

// Every result is x/crypto's, for passwords, salts, sizes and lengths of many kinds, in memory that is used again.
func TestKeyIsArgon2id(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	text := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		return b
	}
	memory := make([]Block, 2048)
	for i := range memory {
		memory[i][i%words] = rnd.Uint64() // what an earlier use left must not matter
	}
	for _, n := range []uint32{8, 12, 64, 508, 1024, 2048} {
		for passes := uint32(1); passes <= 3; passes++ {
			for _, length := range []uint32{4, 16, 32, 64, 65, 96, 128, 200} {
				password, salt := text(rnd.IntN(80)), text(8+rnd.IntN(24))
				want := argon2.IDKey(password, salt, passes, n, 1, length)
				if got := Key(memory[:n], password, salt, passes, length); !bytes.Equal(got, want) {
					t.Fatalf("%d KiB, %d passes, %d bytes: %x, want %x", n, passes, length, got, want)
				}
			}
		}
	}
}

func BenchmarkKey(b *testing.B) {
	memory := make([]Block, 19*1024)
	for b.Loop() {
		Key(memory, []byte("mật khẩu"), []byte("0123456789abcdef"), 2, 32)
	}
}

func BenchmarkXCrypto(b *testing.B) {
	for b.Loop() {
		argon2.IDKey([]byte("mật khẩu"), []byte("0123456789abcdef"), 2, 19*1024, 1, 32)
	}
}
