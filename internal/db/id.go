package db

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

// NewID is a UUIDv7 (RFC 9562) for an instant: ids sort by time, within a millisecond by its fraction, and their last 62 bits are random.
func NewID(now time.Time) string {
	var b [16]byte
	rand.Read(b[8:])
	ms := now.UnixMilli()
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	frac := now.Nanosecond() % 1_000_000 * 4096 / 1_000_000 // the 12 bits after the millisecond
	b[6] = 0x70 | byte(frac>>8)
	b[7] = byte(frac)
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[:], b[:4])
	out[8] = '-'
	hex.Encode(out[9:], b[4:6])
	out[13] = '-'
	hex.Encode(out[14:], b[6:8])
	out[18] = '-'
	hex.Encode(out[19:], b[8:10])
	out[23] = '-'
	hex.Encode(out[24:], b[10:])
	return string(out[:])
}
