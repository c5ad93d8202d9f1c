package extract

import (
	"bytes"
	"errors"
	"io"
)

// until ends at a byte that closes a text form of data.
type until struct {
	r    io.Reader
	stop byte
	done bool
}

func (u *until) Read(b []byte) (int, error) {
	if u.done {
		return 0, io.EOF
	}
	n, err := u.r.Read(b)
	if i := bytes.IndexByte(b[:n], u.stop); i >= 0 {
		u.done = true
		return i, io.EOF
	}
	return n, err
}

type hexReader struct {
	r    io.Reader
	half int // 1 + the digit that waits
	buf  [512]byte
}

func (h *hexReader) Read(b []byte) (int, error) {
	for {
		n, err := h.r.Read(h.buf[:min(len(h.buf), max(1, len(b)))])
		out := 0
		for _, c := range h.buf[:n] {
			d := hexOf(c)
			switch {
			case d < 0:
			case h.half == 0:
				h.half = 1 + d
			default:
				b[out] = byte((h.half-1)<<4 | d)
				out++
				h.half = 0
			}
		}
		if out > 0 || err != nil || len(b) == 0 {
			return out, err
		}
	}
}

type runReader struct {
	r    io.Reader
	pend []byte
	buf  [128]byte
}

func (l *runReader) Read(b []byte) (int, error) {
	for len(l.pend) == 0 {
		_, err := io.ReadFull(l.r, l.buf[:1])
		if err != nil {
			return 0, io.EOF
		}
		switch n := int(l.buf[0]); {
		case n == 128:
			return 0, io.EOF
		case n < 128:
			_, err = io.ReadFull(l.r, l.buf[:n+1])
			l.pend = l.buf[:n+1]
		default:
			_, err = io.ReadFull(l.r, l.buf[:1])
			for i := range 257 - n {
				l.buf[i] = l.buf[0]
			}
			l.pend = l.buf[:257-n]
		}
		if err != nil {
			return 0, err
		}
	}
	n := copy(b, l.pend)
	l.pend = l.pend[n:]
	return n, nil
}

// pngReader undoes the five PNG filters, of which xref and object streams use one or two.
type pngReader struct {
	r         io.Reader
	bpp       int
	row, last []byte
	pend      []byte
}

func (g *pngReader) Read(b []byte) (int, error) {
	if len(g.pend) == 0 {
		n, err := io.ReadFull(g.r, g.row)
		if n < 2 {
			if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			return 0, err
		}
		cur := g.row[1:n]
		for i := range cur {
			var left, up, corner int
			up = int(g.last[i])
			if i >= g.bpp {
				left, corner = int(cur[i-g.bpp]), int(g.last[i-g.bpp])
			}
			switch g.row[0] {
			case 1:
				cur[i] += byte(left)
			case 2:
				cur[i] += byte(up)
			case 3:
				cur[i] += byte((left + up) / 2)
			case 4:
				cur[i] += byte(paeth(left, up, corner))
			}
		}
		copy(g.last, cur)
		g.pend = g.last[:len(cur)]
	}
	n := copy(b, g.pend)
	g.pend = g.pend[n:]
	return n, nil
}

func paeth(a, b, c int) int {
	pa, pb, pc := abs(b-c), abs(a-c), abs(a+b-2*c)
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
