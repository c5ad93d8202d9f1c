package photo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// Bounds of heads: real ones are far below.
const (
	maxParts = 2000
	maxHead  = 16 << 20
	maxExif  = 1 << 20
)

// head reads the parts in front of a picture's data.
type head struct {
	in   *bufio.Reader
	left int
	buf  [16]byte
}

// next gives n (up to 16) bytes, valid until the next call.
func (h *head) next(n int) ([]byte, error) {
	if h.left -= n; h.left < 0 {
		return nil, ErrBroken
	}
	_, err := io.ReadFull(h.in, h.buf[:n])
	return h.buf[:n], cutOff(err)
}

func (h *head) take(n int) ([]byte, error) {
	if h.left -= n; h.left < 0 {
		return nil, ErrBroken
	}
	var b bytes.Buffer
	_, err := io.CopyN(&b, h.in, int64(n))
	return b.Bytes(), cutOff(err)
}

func (h *head) skip(n int) error {
	if h.left -= n; h.left < 0 {
		return ErrBroken
	}
	_, err := h.in.Discard(n)
	return cutOff(err)
}

func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrBroken
	}
	return err
}

// jpegHead reads the segments up to the first scan.
func jpegHead(in *bufio.Reader, info *Info) error {
	h := &head{in: in, left: maxHead}
	err := h.skip(2)
	if err != nil {
		return err
	}
	for range maxParts {
		b, err := h.next(1)
		if err != nil {
			return err
		}
		if b[0] != 0xff { // bytes between segments: decoders skip them too
			continue
		}
		for b[0] == 0xff {
			b, err = h.next(1)
			if err != nil {
				return err
			}
		}
		marker := b[0]
		if marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd7 {
			continue
		}
		if marker == 0xd9 || marker == 0xda { // the end, or data
			break
		}
		b, err = h.next(2)
		if err != nil {
			return err
		}
		n := int(binary.BigEndian.Uint16(b)) - 2
		switch {
		case n < 0:
			return ErrBroken
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			if info.Width != 0 { // two frames: no decoder of ours takes that
				return ErrBroken
			}
			b, err = h.take(n)
			if err != nil {
				return err
			}
			err = frame(b, marker, info)
		case marker == 0xe1:
			b, err = h.take(n)
			if err != nil {
				return err
			}
			if exif, ok := bytes.CutPrefix(b, []byte("Exif\x00\x00")); ok {
				readExif(exif, info)
			} else {
				readXMP(b, info)
			}
		default:
			err = h.skip(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func frame(b []byte, marker byte, info *Info) error {
	if len(b) < 6 || len(b) < 6+3*int(b[5]) || b[5] == 0 || b[5] > 4 {
		return ErrBroken
	}
	info.Height, info.Width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	if b[0] != 8 || marker > 0xc2 {
		return ErrFormat // 12 bits, lossless, arithmetic: no decoder
	}
	h, v, samples := 1, 1, 0
	for i := range int(b[5]) {
		hv := b[7+3*i]
		h, v = max(h, int(hv>>4)), max(v, int(hv&15))
		samples += int(hv>>4) * int(hv&15)
	}
	info.cost = float64(samples) / float64(h*v)
	if marker == 0xc2 { // progressive: all coefficients are kept, of 4 bytes each
		info.cost *= 5
	}
	if b[5] == 4 {
		info.cost += 4
	}
	return nil
}

// pngHead reads the chunks before the data; an eXIf chunk stands there.
func pngHead(in *bufio.Reader, info *Info) error {
	h := &head{in: in, left: maxHead}
	err := h.skip(8)
	if err != nil {
		return err
	}
	for i := range maxParts {
		b, err := h.next(8)
		if err != nil {
			return err
		}
		n, kind := int(binary.BigEndian.Uint32(b)), string(b[4:])
		switch {
		case (i == 0) != (kind == "IHDR"):
			return ErrBroken
		case kind == "IHDR":
			if n != 13 {
				return ErrBroken
			}
			b, err = h.next(13)
			if err != nil {
				return err
			}
			info.Width, info.Height = int(binary.BigEndian.Uint32(b)&0x7fffffff), int(binary.BigEndian.Uint32(b[4:])&0x7fffffff)
			info.cost = 4
			if b[9] == 3 || b[9] == 0 {
				info.cost = 1
			}
			if b[8] == 16 {
				info.cost *= 2
			}
			if b[12] == 1 { // interlaced: a pass beside the whole
				info.cost *= 1.5
			}
		case kind == "acTL":
			return ErrAnimated
		case kind == "IDAT", kind == "IEND":
			return nil
		case kind == "eXIf" && n <= maxExif:
			b, err = h.take(n)
			if err != nil {
				return err
			}
			readExif(b, info)
			n = 0
			fallthrough
		default:
			err = h.skip(n)
			if err != nil {
				return err
			}
		}
		err = h.skip(4) // the sum
		if err != nil {
			return err
		}
	}
	return ErrBroken
}

// webpHead reads the chunks. EXIF may stand behind the picture, so the picture is passed over.
func webpHead(in *bufio.Reader, info *Info) error {
	h := &head{in: in, left: 1 << 30}
	err := h.skip(12)
	if err != nil {
		return err
	}
	set := func(w, ht int, cost float64) {
		info.Width, info.Height, info.cost = max(info.Width, w), max(info.Height, ht), max(info.cost, cost)
	}
	seen := false
	for range maxParts {
		b, err := h.next(8)
		if err != nil {
			break // the end of the file
		}
		kind, n := string(b[:4]), int(binary.LittleEndian.Uint32(b[4:]))
		pad := n & 1
		used := 0
		switch kind {
		case "VP8X", "VP8 ", "VP8L":
			if n < 10 {
				return ErrBroken
			}
			b, err = h.next(10)
			if err != nil {
				return err
			}
			used = 10
		}
		u24 := func(at int) int { return int(b[at]) | int(b[at+1])<<8 | int(b[at+2])<<16 }
		switch kind {
		case "VP8X":
			if b[0]&2 != 0 {
				return ErrAnimated
			}
			set(u24(4)+1, u24(7)+1, 0)
		case "VP8 ":
			seen = true
			set(int(b[6])|int(b[7]&0x3f)<<8, int(b[8])|int(b[9]&0x3f)<<8, 3)
		case "VP8L":
			seen = true
			bits := u24(1) | int(b[4])<<24
			set(bits&0x3fff+1, bits>>14&0x3fff+1, 4)
		case "ANIM", "ANMF":
			return ErrAnimated
		case "EXIF":
			if n <= maxExif {
				b, err = h.take(n)
				if err != nil {
					return nil //nolint:nilerr // a picture without the end of its EXIF is still one
				}
				used = n
				readExif(bytes.TrimPrefix(b, []byte("Exif\x00\x00")), info)
			}
		case "XMP ":
			if n <= maxExif {
				b, err = h.take(n)
				if err != nil {
					return nil //nolint:nilerr // as above
				}
				used = n
				readXMP(b, info)
			}
		}
		err = h.skip(n - used + pad)
		if err != nil {
			break
		}
	}
	if !seen {
		return ErrBroken
	}
	return nil
}
