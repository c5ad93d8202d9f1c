package extract

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/ascii85"
	"errors"
	"fmt"
	"io"
	"maps"

	"golang.org/x/image/tiff/lzw"
)

// pdfFile is a PDF read without its table of contents: objects are found where they stand. So a broken or lying table changes nothing, and no loop in it
// can hold us. The last object of a number counts, as in a file that was changed by appending.
type pdfFile struct {
	ctx     context.Context
	r       io.ReaderAt
	size    int64
	block   []byte // what was read last
	blockAt int64
	objects map[int]place
	packed  []packed // object streams in the order of the file
	trailer dict
	left    int64 // what may still be unpacked
	work    int64 // bytes that may still be lexed, so that no file makes us read the same again and again
	flags   *Result
	cache   map[int]any
}

// place is where an object stands: at off in the file, or at off in the stream.
type place struct {
	off int64
	in  *packed
	seq int // later ones win
}

type packed struct {
	s    stream
	seq  int
	data []byte
}

const (
	blockSize   = 256 << 10
	maxObjects  = 1_000_000
	maxValue    = 8 << 20 // bytes of one object without its stream
	maxStream   = 64 << 20
	maxInStream = 200_000
)

var (
	errTooMuch = errors.New("extract: unpacks to more than allowed")
	errFilter  = errors.New("extract: a filter of pictures")
)

// at gives up to n bytes from off on; they are valid until the next call.
func (p *pdfFile) at(off int64, n int) []byte {
	if off < 0 || off >= p.size {
		return nil
	}
	if off >= p.blockAt && off+int64(n) <= p.blockAt+int64(len(p.block)) {
		return p.block[off-p.blockAt:][:n]
	}
	want := min(max(int64(n), blockSize), p.size-off)
	if int64(cap(p.block)) < want {
		p.block = make([]byte, want)
	}
	p.block = p.block[:want]
	p.blockAt = off
	got, err := p.r.ReadAt(p.block, off)
	if err != nil {
		p.block = p.block[:got]
	}
	return p.block[:min(n, len(p.block))]
}

// read parses the object at off: its number, its value.
func (p *pdfFile) read(off int64) (num int, v any, err error) {
	for n := 8 << 10; ; n *= 8 {
		l := &lexer{b: p.at(off, n), refs: true}
		num, v, err = l.object(off)
		if p.work -= int64(l.i); p.work < 0 {
			return 0, nil, errTooMuch
		}
		if !errors.Is(err, errShort) || n >= maxValue || int64(n) >= p.size-off {
			return num, v, err
		}
	}
}

func (l *lexer) object(off int64) (num int, v any, err error) {
	l.skip()
	num, ok := l.integer()
	if ok {
		l.skip()
		_, ok = l.integer()
		l.skip()
	}
	if !ok || !l.has("obj") {
		return 0, nil, errLex
	}
	l.i += 3
	v, err = l.value(0)
	if err != nil {
		return 0, nil, err
	}
	d, ok := v.(dict)
	if !ok {
		return num, v, nil
	}
	l.skip()
	if len(l.b)-l.i < len("stream\r\n") {
		return num, v, errShort
	}
	if !l.has("stream") {
		return num, d, nil
	}
	l.i += len("stream")
	if l.has("\r\n") {
		l.i += 2
	} else if l.has("\n") || l.has("\r") {
		l.i++
	}
	return num, stream{d, off + int64(l.i)}, nil
}

// scan finds all objects and what the file is under.
func (p *pdfFile) scan() error {
	seq := 0
	for pos := int64(0); pos < p.size; {
		err := p.ctx.Err()
		if err != nil {
			return err
		}
		b := p.at(pos, blockSize)
		jump := int64(-1)
		for j := 0; j < len(b); {
			k := bytes.Index(b[j:], []byte("obj"))
			if k < 0 {
				break
			}
			k += j
			j = k + 3
			start, ok := header(b, k)
			if !ok {
				continue
			}
			if k > len(b)-(16<<10) && k > 64 && pos+int64(len(b)) < p.size { // read it from a block that has all of it
				jump = pos + int64(k) - 64
				break
			}
			num, v, err := p.read(pos + int64(start))
			if errors.Is(err, errTooMuch) {
				return err
			}
			b = p.at(pos, blockSize) // read may have moved the block
			if err != nil && !errors.Is(err, errShort) || v == nil {
				continue
			}
			if seq++; seq > maxObjects {
				return errTooMuch
			}
			p.objects[num] = place{off: pos + int64(start), seq: seq}
			p.look(v, 0)
			s, ok := v.(stream)
			if !ok {
				continue
			}
			switch s.dict["Type"] {
			case name("ObjStm"):
				p.packed = append(p.packed, packed{s: s, seq: seq})
			case name("XRef"):
				p.under(s.dict)
			}
			if n, ok := s.dict["Length"].(float64); ok && n > 64 && n < float64(p.size) {
				end := s.off + int64(n)
				if bytes.Contains(p.at(end, 32), []byte("endstream")) {
					jump = end
					break
				}
				b = p.at(pos, blockSize)
			}
		}
		switch {
		case jump > pos:
			pos = jump
		case pos+int64(len(b)) >= p.size || len(b) <= 64:
			pos = p.size
		default:
			pos += int64(len(b)) - 32
		}
	}
	p.trailers()
	return p.unpackObjects()
}

// header finds the beginning of "12 0 obj" before the "obj" at k.
func header(b []byte, k int) (start int, ok bool) {
	i := k
	for range 2 {
		n := i
		for n > 0 && space(b[n-1]) {
			n--
		}
		m := n
		for m > 0 && b[m-1] >= '0' && b[m-1] <= '9' && n-m < 10 {
			m--
		}
		if m == n {
			return 0, false
		}
		if i != k && n == i { // no space between the two numbers
			return 0, false
		}
		i = m
	}
	return i, i == 0 || b[i-1] != '.' && b[i-1] != '-' // "%%EOF4 0 obj" is seen in the wild
}

// under takes what a trailer says.
func (p *pdfFile) under(d dict) {
	maps.Copy(p.trailer, d)
	if d["Encrypt"] != nil {
		p.flags.Encrypted = true
	}
}

func (p *pdfFile) trailers() {
	mark := []byte("trailer")
	for pos := int64(0); pos < p.size; {
		b := p.at(pos, blockSize)
		k := bytes.Index(b, mark)
		if k < 0 {
			if len(b) < blockSize {
				return
			}
			pos += int64(len(b) - len(mark))
			continue
		}
		pos += int64(k + len(mark))
		l := &lexer{b: p.at(pos, 64<<10), refs: true}
		v, err := l.value(0)
		if d, ok := v.(dict); err == nil && ok {
			p.look(d, 0)
			p.under(d)
		}
	}
}

func (p *pdfFile) unpackObjects() error {
	if p.flags.Encrypted {
		return nil
	}
	for i := range p.packed {
		err := p.ctx.Err()
		if err != nil {
			return err
		}
		c := &p.packed[i]
		c.data, err = p.data(c.s)
		if err != nil {
			if errors.Is(err, errTooMuch) {
				return err
			}
			continue
		}
		n, first := int(p.num(c.s.dict["N"])), int(p.num(c.s.dict["First"]))
		if first < 0 || first > len(c.data) {
			continue
		}
		l := &lexer{b: c.data[:first]}
		for range min(n, maxInStream) {
			l.skip()
			num, ok1 := l.integer()
			l.skip()
			off, ok2 := l.integer()
			if !ok1 || !ok2 || first+off > len(c.data) {
				break
			}
			if old, ok := p.objects[num]; !ok || old.seq <= c.seq {
				p.objects[num] = place{off: int64(first + off), in: c, seq: c.seq}
			}
			v, err := (&lexer{b: c.data, i: first + off, refs: true}).value(0)
			if err == nil {
				p.look(v, 0)
			}
			if len(p.objects) > maxObjects {
				return errTooMuch
			}
		}
	}
	return nil
}

// get follows references.
func (p *pdfFile) get(v any) any {
	for range 8 {
		r, ok := v.(ref)
		if !ok {
			return v
		}
		if c, ok := p.cache[r.num]; ok {
			v = c
			continue
		}
		at, ok := p.objects[r.num]
		if !ok {
			return nil
		}
		var err error
		if at.in != nil {
			v, err = (&lexer{b: at.in.data, i: int(at.off), refs: true}).value(0)
		} else {
			_, v, err = p.read(at.off)
		}
		if err != nil && !errors.Is(err, errShort) {
			v = nil
		}
		if len(p.cache) > 4096 {
			clear(p.cache)
		}
		p.cache[r.num] = v
	}
	return nil
}

func (p *pdfFile) dict(v any) dict {
	switch v := p.get(v).(type) {
	case dict:
		return v
	case stream:
		return v.dict
	}
	return nil
}

func (p *pdfFile) array(v any) array {
	a, _ := p.get(v).(array)
	return a
}

func (p *pdfFile) num(v any) float64 {
	f, _ := p.get(v).(float64)
	return f
}

// data unpacks a stream; what came before a fault in it is kept.
func (p *pdfFile) data(s stream) ([]byte, error) {
	n := int64(p.num(s.dict["Length"]))
	if n <= 0 || s.off+n > p.size {
		n = p.size - s.off
	}
	var r io.Reader = io.NewSectionReader(p.r, s.off, n)
	filters, params := p.get(s.dict["Filter"]), p.get(s.dict["DecodeParms"])
	if f, ok := filters.(name); ok {
		filters, params = array{f}, array{params}
	}
	list, _ := filters.(array)
	with, _ := params.(array)
	if len(list) > 8 {
		return nil, errFilter
	}
	for i, f := range list {
		f, _ := p.get(f).(name)
		var d dict
		if i < len(with) {
			d = p.dict(with[i])
		}
		var err error
		r, err = p.filter(r, f, d)
		if err != nil {
			return nil, err
		}
	}
	limit := min(p.left, maxStream)
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	p.left -= int64(len(b))
	if int64(len(b)) > limit {
		return nil, errTooMuch
	}
	if len(b) == 0 && err != nil {
		return nil, err
	}
	if len(list) == 0 {
		if end := bytes.LastIndex(b, []byte("endstream")); end >= 0 && p.num(s.dict["Length"]) <= 0 {
			b = b[:end]
		}
	}
	return b, nil
}

func (p *pdfFile) filter(r io.Reader, f name, d dict) (io.Reader, error) {
	switch f {
	case "FlateDecode", "Fl":
		z, err := zlib.NewReader(r)
		if err != nil {
			return nil, err
		}
		return p.predicted(z, d)
	case "LZWDecode", "LZW":
		if v, ok := p.get(d["EarlyChange"]).(float64); ok && v == 0 {
			return nil, errFilter
		}
		return p.predicted(lzw.NewReader(r, lzw.MSB, 8), d)
	case "ASCII85Decode", "A85":
		return ascii85.NewDecoder(&until{r: r, stop: '~'}), nil
	case "ASCIIHexDecode", "AHx":
		return &hexReader{r: &until{r: r, stop: '>'}}, nil
	case "RunLengthDecode", "RL":
		return &runReader{r: r}, nil
	}
	return nil, fmt.Errorf("%w: %q", errFilter, f)
}

// predicted undoes the predictor of a stream.
func (p *pdfFile) predicted(r io.Reader, d dict) (io.Reader, error) {
	predictor := int(p.num(d["Predictor"]))
	if predictor < 2 {
		return r, nil
	}
	of := func(k name, or int) int {
		if n := int(p.num(d[k])); n > 0 {
			return n
		}
		return or
	}
	bits := of("Colors", 1) * of("BitsPerComponent", 8)
	row := (of("Columns", 1)*bits + 7) / 8
	if predictor < 10 || bits <= 0 || bits > 256 || row <= 0 || row > 1<<20 {
		return nil, errFilter // 2 is of pictures
	}
	return &pngReader{r: r, bpp: (bits + 7) / 8, row: make([]byte, row+1), last: make([]byte, row)}, nil
}
