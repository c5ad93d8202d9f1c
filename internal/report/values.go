package report

import (
	"encoding/binary"
	"errors"
	"math"
)

// Values are the numbers of one report in the order of its form; None where a figure was not given.
type Values []int64

// None is a figure that was not given. A figure that is not known is never 0.
const None int64 = math.MinInt64

// NewValues are n figures of which none is given.
func NewValues(n int) Values {
	v := make(Values, n)
	for i := range v {
		v[i] = None
	}
	return v
}

// Known reports whether figure i was given.
func (v Values) Known(i int) bool { return i >= 0 && i < len(v) && v[i] != None }

// Encode packs the figures for the database: a varint each, 0 for None, else one more than the zigzag number.
func (v Values) Encode() []byte {
	out := make([]byte, 0, len(v)*2)
	for _, x := range v {
		if x == None {
			out = append(out, 0)
			continue
		}
		out = binary.AppendUvarint(out, uint64(x<<1)^uint64(x>>63)+1)
	}
	return out
}

var errValues = errors.New("report: stored figures cannot be read")

// DecodeValues unpacks n figures. Trailing figures that were never written are None, so that a form can grow at its end.
func DecodeValues(b []byte, n int) (Values, error) {
	v := make(Values, n)
	return v, v.decode(b)
}

// decode is DecodeValues into figures that are there already.
func (v Values) decode(b []byte) error {
	i := 0
	for ; len(b) > 0; i++ {
		x, size := uint64(b[0]), 1
		if x >= 0x80 {
			x, size = binary.Uvarint(b)
		}
		if size <= 0 || i >= len(v) {
			return errValues
		}
		b = b[size:]
		v[i] = None
		if x > 0 {
			x--
			v[i] = int64(x>>1) ^ -int64(x&1)
		}
	}
	for ; i < len(v); i++ {
		v[i] = None
	}
	return nil
}
