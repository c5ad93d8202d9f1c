package disclosureweb

import (
	"strconv"
	"strings"

	"rsc.io/qr"
)

// QR is a code as an SVG path, with its quiet zone.
type QR struct {
	Text string
	Size int    // modules along a side, the quiet zone of four on each side counted
	Path string // the dark modules
}

const quietZone = 4

// newQR makes the code of an address with error correction M, which still reads where a corner of the sheet is dirty.
func newQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return QR{}, err
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			run := 1
			for code.Black(x+run, y) {
				run++
			}
			n := strconv.Itoa(run)
			b.WriteString("M" + strconv.Itoa(x+quietZone) + " " + strconv.Itoa(y+quietZone) + "h" + n + "v1h-" + n + "z")
			x += run
		}
	}
	return QR{Text: text, Size: code.Size + 2*quietZone, Path: b.String()}, nil
}
