// Package argon2id computes Argon2id (RFC 9106) with one lane, in the caller's goroutine and in memory that the caller lends.
//
// golang.org/x/crypto/argon2 does the same in new memory and new goroutines each time. A server that hashes beside answering pages wants neither: the
// memory is the garbage collector's work, and a goroutine that hashes cannot be kept on a thread of low priority. So the order of the blocks is computed
// here, and the blocks themselves by x/crypto's own compression function, in assembler where there is one. The tests compare every result with x/crypto's.
package argon2id

import (
	"encoding/binary"
	_ "unsafe" // for go:linkname

	_ "golang.org/x/crypto/argon2" // has the compression function
	"golang.org/x/crypto/blake2b"
)

const (
	version = 0x13
	mode    = 2 // Argon2id
	slices  = 4 // a pass has four parts
	words   = 128
)

// Block is 1 KiB of Argon2's memory.
type Block [words]uint64

//go:linkname processBlock golang.org/x/crypto/argon2.processBlock
//go:noescape
func processBlock(out, in1, in2 *Block)

//go:linkname processBlockXOR golang.org/x/crypto/argon2.processBlockXOR
//go:noescape
func processBlockXOR(out, in1, in2 *Block)

// Key derives keyLen bytes from the password and the salt in passes over the memory, one KiB a block. There are at least 8 blocks, a multiple of 4;
// other lengths panic. What is in the memory before does not matter; afterwards it holds blocks from which the key follows.
func Key(memory []Block, password, salt []byte, passes, keyLen uint32) []byte {
	n := uint32(len(memory))
	if passes == 0 || n < 2*slices || n%slices != 0 {
		panic("argon2id: parameters out of range")
	}
	h0 := start(password, salt, passes, n, keyLen)
	var first [1024]byte
	for i := range uint32(2) {
		binary.LittleEndian.PutUint32(h0[blake2b.Size:], i)
		long(first[:], h0[:])
		for j := range memory[i] {
			memory[i][j] = binary.LittleEndian.Uint64(first[j*8:])
		}
	}
	for pass := range passes {
		for slice := range uint32(slices) {
			fill(memory, pass, slice, passes)
		}
	}
	for i, v := range memory[n-1] {
		binary.LittleEndian.PutUint64(first[i*8:], v)
	}
	key := make([]byte, keyLen)
	long(key, first[:])
	return key
}

// start is H0 of the RFC, with room for two numbers behind it.
func start(password, salt []byte, passes, memory, keyLen uint32) (h0 [blake2b.Size + 8]byte) {
	h, _ := blake2b.New512(nil)
	var b []byte
	for _, v := range []uint32{1, keyLen, memory, passes, version, mode} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	for _, v := range [][]byte{password, salt, nil, nil} {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, v...)
	}
	h.Write(b)
	clear(b)
	h.Sum(h0[:0])
	return h0
}

// fill computes one slice of one pass.
func fill(memory []Block, pass, slice, passes uint32) {
	var addresses, in, zero Block
	n := uint32(len(memory))
	segment := n / slices
	independent := pass == 0 && slice < slices/2 // where the order of reading does not depend on the password
	if independent {
		in = Block{uint64(pass), 0, uint64(slice), uint64(n), uint64(passes), mode}
	}
	next := func() {
		in[6]++
		processBlock(&addresses, &in, &zero)
		processBlock(&addresses, &addresses, &zero)
	}
	index := uint32(0)
	if pass == 0 && slice == 0 {
		index = 2 // the first two are there
		next()
	}
	for ; index < segment; index++ {
		at := slice*segment + index
		prev := at - 1
		if at == 0 {
			prev = n - 1
		}
		random := memory[prev][0]
		if independent {
			if index%words == 0 {
				next()
			}
			random = addresses[index%words]
		}
		from := &memory[reference(random, n, segment, pass, slice, index)]
		if pass == 0 {
			processBlock(&memory[at], &memory[prev], from) // whatever was there is overwritten
		} else {
			processBlockXOR(&memory[at], &memory[prev], from)
		}
	}
}

// reference is the block that the random number means: one of those written before, the later ones likelier.
func reference(random uint64, n, segment, pass, slice, index uint32) uint32 {
	from, count := ((slice+1)%slices)*segment, 3*segment+index
	if pass == 0 {
		from, count = 0, slice*segment+index
	}
	count--
	p := random & 0xffffffff
	p = p * p >> 32
	p = p * uint64(count) >> 32
	return uint32((uint64(from) + uint64(count) - (p + 1)) % uint64(n))
}

// long is H' of the RFC: a hash of any length.
func long(out, in []byte) {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(out)))
	b = append(b, in...)
	if len(out) <= blake2b.Size {
		h, _ := blake2b.New(len(out), nil)
		h.Write(b)
		h.Sum(out[:0])
		return
	}
	v := blake2b.Sum512(b)
	for len(out) > blake2b.Size {
		n := copy(out, v[:blake2b.Size/2])
		out = out[n:]
		if len(out) > blake2b.Size {
			v = blake2b.Sum512(v[:])
		}
	}
	h, _ := blake2b.New(len(out), nil)
	h.Write(v[:])
	h.Sum(out[:0])
}
