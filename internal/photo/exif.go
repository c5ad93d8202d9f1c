package photo

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
	"unicode"
)

// The tags that are read.
const (
	tagMake        = 0x010f
	tagModel       = 0x0110
	tagOrientation = 0x0112
	tagChanged     = 0x0132
	tagExif        = 0x8769
	tagGPS         = 0x8825
	tagTaken       = 0x9003
	tagOffset      = 0x9011 // of tagTaken from UTC
	tagLatitude    = 2
	tagLongitude   = 4
)

const maxEntries = 500 // of one directory

// vietnam is the zone of a clock that names none.
var vietnam = time.FixedZone("+07", 7*60*60)

// tiff is the block in which EXIF stands.
type tiff struct {
	b     []byte
	order binary.ByteOrder
}

func (t tiff) u16(at int) (int, bool) {
	if at < 0 || at+2 > len(t.b) {
		return 0, false
	}
	return int(t.order.Uint16(t.b[at:])), true
}

func (t tiff) u32(at int) (int, bool) {
	if at < 0 || at+4 > len(t.b) {
		return 0, false
	}
	return int(t.order.Uint32(t.b[at:])), true
}

// entries calls f for each entry of the directory at off, with the place of its value.
func (t tiff) entries(off int, f func(tag, kind, count, at int)) {
	n, ok := t.u16(off)
	if !ok {
		return
	}
	for i := range min(n, maxEntries) {
		at := off + 2 + 12*i
		tag, _ := t.u16(at)
		kind, _ := t.u16(at + 2)
		count, _ := t.u32(at + 4)
		_, ok := t.u32(at + 8)
		if !ok {
			return
		}
		f(tag, kind, count, at+8)
	}
}

// number is a value of one or more shorts or longs, the first of them.
func (t tiff) number(kind, at int) int {
	switch kind {
	case 3:
		n, _ := t.u16(at)
		return n
	case 4, 13:
		n, _ := t.u32(at)
		return n
	}
	return 0
}

func (t tiff) text(kind, count, at int) string {
	if kind != 2 || count < 1 || count > 256 {
		return ""
	}
	if count > 4 {
		at, _ = t.u32(at)
	}
	if at < 0 || at+count > len(t.b) {
		return ""
	}
	s, _, _ := bytes.Cut(t.b[at:at+count], []byte{0})
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, string(s)))
}

// readExif notes what an EXIF block says; a damaged one says less.
func readExif(b []byte, info *Info) {
	t := tiff{b: b}
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")):
		t.order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte("MM\x00*")):
		t.order = binary.BigEndian
	default:
		return
	}
	first, _ := t.u32(4)
	var brand, model, changed, taken, offset string
	inner, gps := 0, 0
	t.entries(first, func(tag, kind, count, at int) {
		switch tag {
		case tagMake:
			brand = t.text(kind, count, at)
		case tagModel:
			model = t.text(kind, count, at)
		case tagOrientation:
			if n := t.number(kind, at); n >= 1 && n <= 8 {
				info.Orientation = n
			}
		case tagChanged:
			changed = t.text(kind, count, at)
		case tagExif:
			inner = t.number(kind, at)
		case tagGPS:
			gps = t.number(kind, at)
		}
	})
	if inner > 0 {
		t.entries(inner, func(tag, kind, count, at int) {
			switch tag {
			case tagTaken:
				taken = t.text(kind, count, at)
			case tagOffset:
				offset = t.text(kind, count, at)
			}
		})
	}
	if gps > 0 {
		t.entries(gps, func(tag, _, count, _ int) {
			info.HasGPS = info.HasGPS || (tag == tagLatitude || tag == tagLongitude) && count > 0
		})
	}
	if taken == "" {
		taken, offset = changed, ""
	}
	zone := vietnam
	if z, err := time.Parse("-07:00", offset); err == nil {
		_, seconds := z.Zone()
		zone = time.FixedZone(offset, seconds)
	}
	if at, err := time.ParseInLocation("2006:01:02 15:04:05", taken, zone); err == nil && at.Year() > 1990 {
		info.TakenAt = at
	}
	if brand != "" && !strings.HasPrefix(model, brand) {
		model = strings.TrimSpace(brand + " " + model)
	}
	if model != "" {
		info.Device = model
	}
}

// readXMP only looks for a place.
func readXMP(b []byte, info *Info) {
	info.HasGPS = info.HasGPS || bytes.Contains(b, []byte("GPSLatitude"))
}
