package auth

import (
	"crypto/subtle"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"rsc.io/qr"
)

// totpPeriod is how long one code holds, in seconds; the code before and the one after count too, for clocks that are not quite right.
const totpPeriod = 30

var totpOpts = totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// TOTP is a second factor about to be set up: the secret to type, and the address that its QR code holds.
type TOTP struct {
	Secret string
	URL    string
}

func newTOTP(issuer, account string) (TOTP, error) {
	k, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: account, Period: totpPeriod, Digits: totpOpts.Digits, Algorithm: totpOpts.Algorithm})
	if err != nil {
		return TOTP{}, err
	}
	return TOTP{Secret: k.Secret(), URL: k.URL()}, nil
}

// totpStep is the number of the time step whose code was typed, so that no code counts twice; false where it is none of the three around now, or not
// later than the last one used.
func totpStep(secret, code string, now time.Time, last int64) (int64, bool) {
	code = strings.Join(strings.Fields(code), "")
	if len(code) != 6 {
		return 0, false
	}
	this := now.Unix() / totpPeriod
	for step := this - 1; step <= this+1; step++ {
		want, err := totp.GenerateCodeCustom(secret, time.Unix(step*totpPeriod, 0), totpOpts)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			return step, true
		}
	}
	return 0, false
}

// QR is a QR code as the path of an SVG with a square viewBox of Size units, dark parts filled: no script, no style, no image file.
type QR struct {
	Size int
	Path string
}

// NewQR draws text as a QR code with a quiet zone of four units.
func NewQR(text string) (QR, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return QR{}, err
	}
	const quiet = 4
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			from := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if x > from {
				b.WriteString("M" + strconv.Itoa(from+quiet) + " " + strconv.Itoa(y+quiet) + "h" + strconv.Itoa(x-from) + "v1h-" + strconv.Itoa(x-from) + "z")
			}
		}
	}
	return QR{Size: c.Size + 2*quiet, Path: b.String()}, nil
}
