package document

import (
	"strconv"
	"strings"

	"rsc.io/qr"
)

// QR is a code with its quiet zone, as squares.
type QR struct {
	Text string
	Size int // squares along a side, the quiet zone counted
	code *qr.Code
}

const quiet = 4

// NewQR makes the code of an address, with an error correction that still reads where a corner of the sheet is dirty.
func NewQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return QR{}, err
	}
	return QR{Text: text, Size: code.Size + 2*quiet, code: code}, nil
}

// Runs gives the dark squares as horizontal runs: x, y and length.
func (q QR) Runs(yield func(x, y, n int)) {
	for y := range q.code.Size {
		for x := 0; x < q.code.Size; x++ {
			if !q.code.Black(x, y) {
				continue
			}
			n := 1
			for q.code.Black(x+n, y) {
				n++
			}
			yield(x+quiet, y+quiet, n)
			x += n
		}
	}
}

// Path is the dark squares as an SVG path.
func (q QR) Path() string {
	var b strings.Builder
	q.Runs(func(x, y, n int) {
		s := strconv.Itoa(n)
		b.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h" + s + "v1h-" + s + "z")
	})
	return b.String()
}

// QR is the code of the paper's mark; false where it has none.
func (p *Paper) QR() (QR, bool) {
	if p.Mark == nil || p.Mark.Link == "" {
		return QR{}, false
	}
	q, err := NewQR(p.Mark.Link)
	return q, err == nil
}

// Code is the code of the paper's mark, nil where it has none; for templates.
func (p *Paper) Code() *QR {
	q, ok := p.QR()
	if !ok {
		return nil
	}
	return &q
}
