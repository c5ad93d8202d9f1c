package photo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"

	"dinh/internal/photo"
)

var (
	red   = color.RGBA{255, 0, 0, 255}
	green = color.RGBA{0, 255, 0, 255}
	blue  = color.RGBA{0, 0, 255, 255}
	white = color.RGBA{255, 255, 255, 255}
)

// quarters is a picture with red, green, white and blue corners, from the upper left by rows.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [4]color.RGBA{red, green, white, blue}[x*2/w+2*(y*2/h)]
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// exifBlock is what a phone writes: maker, orientation, time, place, and a small picture of its own behind.
func exifBlock(order binary.AppendByteOrder, orientation int) []byte {
	var b []byte
	u16 := func(n int) { b = order.AppendUint16(b, uint16(n)) }
	u32 := func(n int) { b = order.AppendUint32(b, uint32(n)) }
	entry := func(tag, kind, count, value int) {
		u16(tag)
		u16(kind)
		u32(count)
		if kind == 3 {
			u16(value)
			u16(0)
			return
		}
		u32(value)
	}
	if order.String() == "LittleEndian" {
		b = append(b, "II*\x00"...)
	} else {
		b = append(b, "MM\x00*"...)
	}
	u32(8)
	// IFD0 at 8: 5 entries = 2+60+4 → 74; Exif at 74: 2 entries = 2+24+4 → 104; GPS at 104: 1 entry = 2+12+4 → 122; texts from 122
	u16(5)
	entry(0x010f, 2, 8, 122)
	entry(0x0110, 2, 5, 130)
	entry(0x0112, 3, 1, orientation)
	entry(0x8769, 4, 1, 74)
	entry(0x8825, 4, 1, 104)
	u32(0)
	u16(2)
	entry(0x9003, 2, 20, 136)
	entry(0x9011, 2, 7, 156)
	u32(0)
	u16(1)
	entry(2, 5, 3, 163)
	u32(0)
	b = append(b, "Samsung\x00A52s\x00\x002021:04:20 07:30:00\x00+07:00\x00"...)
	for _, n := range []int{21, 1, 23, 1, 1000, 100} {
		u32(n)
	}
	return append(b, "GPSLatitude thumbnail"...)
}

func withSegment(t testing.TB, file []byte, marker byte, data string) []byte {
	t.Helper()
	out := append([]byte{0xff, 0xd8, 0xff, marker}, byte((len(data)+2)>>8), byte(len(data)+2))
	return append(append(out, data...), file[2:]...)
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func phonePhoto(t testing.TB, orientation int) []byte {
	t.Helper()
	b := withSegment(t, jpegOf(t, quarters(64, 48)), 0xe1, "Exif\x00\x00"+string(exifBlock(binary.LittleEndian, orientation)))
	b = withSegment(t, b, 0xe1, "http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='21,23N'/>")
	b = withSegment(t, b, 0xed, "Photoshop 3.0\x008BIM IPTC: Thanh Nua")
	return withSegment(t, b, 0xfe, "made by GPS")
}

func near(a color.Color, b color.RGBA) bool {
	r, g, bl, _ := a.RGBA()
	d := func(x uint32, y uint8) bool { return int(x>>8)-int(y) < 40 && int(y)-int(x>>8) < 40 }
	return d(r, b.R) && d(g, b.G) && d(bl, b.B)
}

// corners checks the colours of the four corners, from the upper left by rows.
func corners(t *testing.T, what string, img image.Image, want [4]color.RGBA) {
	t.Helper()
	b := img.Bounds()
	for i, p := range []image.Point{{4, 4}, {b.Dx() - 5, 4}, {4, b.Dy() - 5}, {b.Dx() - 5, b.Dy() - 5}} {
		if got := img.At(p.X, p.Y); !near(got, want[i]) {
			t.Errorf("%s: corner %d is %v, want %v", what, i, got, want[i])
		}
	}
}

func TestAPublicCopySaysNothingButThePicture(t *testing.T) {
	t.Parallel()
	m := photo.New(1, 0)
	var out bytes.Buffer
	info, err := m.Public(t.Context(), bytes.NewReader(phonePhoto(t, 6)), &out, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"Exif", "GPS", "Samsung", "http", "Photoshop", "8BIM", "ICC", "JFIF", "2021"} {
		if bytes.Contains(out.Bytes(), []byte(bad)) {
			t.Errorf("the copy holds %q", bad)
		}
	}
	for i := 0; i+1 < out.Len(); i++ {
		if b := out.Bytes(); b[i] == 0xff && (b[i+1] >= 0xe0 && b[i+1] <= 0xef || b[i+1] == 0xfe) {
			t.Errorf("the copy has a segment %x", b[i+1])
		}
	}
	if !info.HasGPS || info.Device != "Samsung A52s" || info.Orientation != 6 || info.Width != 64 || info.Height != 48 || info.Format != photo.JPEG {
		t.Errorf("%+v", info)
	}
	if w, h := info.Upright(); w != 48 || h != 64 {
		t.Errorf("upright %d × %d", w, h)
	}
	if want := time.Date(2021, 4, 20, 0, 30, 0, 0, time.UTC); !info.TakenAt.Equal(want) {
		t.Errorf("taken at %s", info.TakenAt)
	}
	img, err := jpeg.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds().Dx() != 48 || img.Bounds().Dy() != 64 {
		t.Fatalf("%v", img.Bounds())
	}
	corners(t, "orientation 6", img, [4]color.RGBA{white, red, blue, green})
}

func TestEachOrientationIsTurnedUpright(t *testing.T) {
	t.Parallel()
	m := photo.New(1, 0)
	for o, want := range map[int][4]color.RGBA{
		1: {red, green, white, blue}, 2: {green, red, blue, white}, 3: {blue, white, green, red}, 4: {white, blue, red, green},
		5: {red, white, green, blue}, 6: {white, red, blue, green}, 7: {blue, green, white, red}, 8: {green, blue, red, white}, 9: {red, green, white, blue},
	} {
		var out bytes.Buffer
		_, err := m.Thumb(t.Context(), bytes.NewReader(phonePhoto(t, o)), &out)
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(&out)
		if err != nil {
			t.Fatal(err)
		}
		corners(t, "orientation", img, want)
	}
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	err := png.Encode(&b, img)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryKindOfPictureBecomesAPlainJPEG(t *testing.T) {
	t.Parallel()
	m := photo.New(2, 0)
	deep := image.NewNRGBA64(image.Rect(0, 0, 64, 48))
	gray := image.NewGray(image.Rect(0, 0, 64, 48))
	seeThrough := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	for y := range 48 {
		for x := range 64 {
			deep.Set(x, y, quarters(64, 48).At(x, y))
			gray.Set(x, y, white)
		}
	}
	exif := exifBlock(binary.BigEndian, 3)
	chunk := append([]byte("eXIf"), exif...)
	withExif := pngOf(t, quarters(64, 48))
	ext := binary.BigEndian.AppendUint32(nil, uint32(len(exif)))
	ext = append(ext, chunk...)
	ext = binary.BigEndian.AppendUint32(ext, crc32.ChecksumIEEE(chunk))
	withExif = append(append(append([]byte{}, withExif[:33]...), ext...), withExif[33:]...)
	four := [4]color.RGBA{red, green, white, blue}
	all := [4]color.RGBA{white, white, white, white}
	for what, c := range map[string]struct {
		b      []byte
		format photo.Format
		want   [4]color.RGBA
	}{
		"jpeg":          {jpegOf(t, quarters(64, 48)), photo.JPEG, four},
		"progressive":   {file(t, "progressive.jpg"), photo.JPEG, four},
		"cmyk":          {file(t, "cmyk.jpg"), photo.JPEG, four},
		"gray":          {jpegOf(t, gray), photo.JPEG, all},
		"png":           {pngOf(t, quarters(64, 48)), photo.PNG, four},
		"png 16 bit":    {pngOf(t, deep), photo.PNG, four},
		"png clear":     {pngOf(t, seeThrough), photo.PNG, all},
		"png with exif": {withExif, photo.PNG, [4]color.RGBA{blue, white, green, red}},
		"webp lossy":    {file(t, "lossy.webp"), photo.WebP, four},
		"webp lossless": {file(t, "lossless.webp"), photo.WebP, four},
	} {
		for _, side := range []int{0, 40} {
			var out bytes.Buffer
			info, err := m.Public(t.Context(), bytes.NewReader(c.b), &out, side)
			if err != nil {
				t.Errorf("%s: %v", what, err)
				continue
			}
			img, err := jpeg.Decode(&out)
			if err != nil {
				t.Fatal(err)
			}
			if side == 40 && img.Bounds() != image.Rect(0, 0, 40, 30) || side == 0 && img.Bounds() != image.Rect(0, 0, 64, 48) {
				t.Errorf("%s: %v", what, img.Bounds())
			}
			if info.Format != c.format || info.Width != 64 || info.Height != 48 {
				t.Errorf("%s: %+v", what, info)
			}
			corners(t, what, img, c.want)
		}
	}
}

func TestScalingKeepsTheMean(t *testing.T) {
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 1000, 700)) // black and white lines one pixel wide: of three pixels one or two are white, and picking one of them would give 0 or 255
	for y := range 700 {
		for x := range 1000 {
			c := color.RGBA{0, 0, 0, 255}
			if x%2 == 0 {
				c = white
			}
			img.SetRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	_, err := photo.New(1, 0).Public(t.Context(), bytes.NewReader(pngOf(t, img)), &out, 333)
	if err != nil {
		t.Fatal(err)
	}
	small, err := jpeg.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	for y := range small.Bounds().Dy() {
		for x := range small.Bounds().Dx() {
			if r, _, _, _ := small.At(x, y).RGBA(); r>>8 < 75 || r>>8 > 180 {
				t.Fatalf("%d at %d,%d", r>>8, x, y)
			}
		}
	}
}

// bigJPEG is a head that promises a picture; decoding it would need the memory.
func bigJPEG(t testing.TB, w, h int) []byte {
	t.Helper()
	b := jpegOf(t, quarters(16, 16))
	i := bytes.Index(b, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(b[i+5:], uint16(h))
	binary.BigEndian.PutUint16(b[i+7:], uint16(w))
	return b
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	m := photo.New(1, 1_000_000)
	bigPNG := pngOf(t, quarters(16, 16))
	binary.BigEndian.PutUint32(bigPNG[16:], 70_000)
	binary.BigEndian.PutUint32(bigPNG[20:], 70_000)
	bigWebP := file(t, "lossy.webp")
	binary.LittleEndian.PutUint16(bigWebP[26:], 16_000)
	binary.LittleEndian.PutUint16(bigWebP[28:], 16_000)
	progressive := file(t, "progressive.jpg") // 900 × 900 ordinary pixels are allowed, of these not
	i := bytes.Index(progressive, []byte{0xff, 0xc2})
	binary.BigEndian.PutUint16(progressive[i+5:], 900)
	binary.BigEndian.PutUint16(progressive[i+7:], 900)
	for what, b := range map[string][]byte{"jpeg": bigJPEG(t, 60_000, 60_000), "png": bigPNG, "webp": bigWebP, "progressive": progressive} {
		_, err := m.Public(t.Context(), bytes.NewReader(b), &bytes.Buffer{}, 0)
		if _, ok := errors.AsType[*photo.TooLargeError](err); !ok {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := m.Look(bytes.NewReader(bigJPEG(t, 900, 900)))
	if err != nil {
		t.Errorf("an ordinary photo below the limit: %v", err)
	}
	whole := phonePhoto(t, 1)
	for what, c := range map[string]struct {
		b    []byte
		want error
	}{
		"empty":         {nil, photo.ErrFormat},
		"svg":           {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), photo.ErrFormat},
		"heic":          {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), photo.ErrFormat},
		"gif":           {[]byte("GIF89a\x01\x00\x01\x00"), photo.ErrFormat},
		"animated webp": {file(t, "animated.webp"), photo.ErrAnimated},
		"cut in data":   {whole[:len(whole)-200], photo.ErrBroken},
		"cut in head":   {whole[:60], photo.ErrBroken},
		"cut png":       {pngOf(t, quarters(64, 48))[:80], photo.ErrBroken},
		"cut webp":      {file(t, "lossy.webp")[:60], photo.ErrBroken},
		"no data":       {[]byte("\xff\xd8\xff\xd9"), photo.ErrBroken},
	} {
		var out bytes.Buffer
		_, err := m.Public(t.Context(), bytes.NewReader(c.b), &out, 0)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
		if out.Len() > 0 {
			t.Errorf("%s: something was written", what)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err = m.Public(ctx, bytes.NewReader(whole), &bytes.Buffer{}, 0)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

func TestACardCanBeScannedAndRead(t *testing.T) {
	t.Parallel()
	link := "https://dinh.example.vn/n/7KQ2M"
	card := photo.CardText{
		Heading: "Dân biết", Unit: "Ủy ban nhân dân xã Thanh Nưa", Title: strings.Repeat("Công khai dự toán thu, chi ngân sách ", 12) + "🏠",
		Days: "Niêm yết từ 20/4 đến hết 20/5/2021", Short: "dinh.example.vn/n/7KQ2M", Alt: "Quét mã để đọc toàn văn", Link: link,
	}
	var b bytes.Buffer
	err := photo.Card(&b, card)
	if err != nil {
		t.Fatal(err)
	}
	if b.Len() > 150_000 {
		t.Errorf("%d bytes", b.Len())
	}
	img, err := png.Decode(&b)
	if err != nil || img.Bounds() != image.Rect(0, 0, 1080, 1080) {
		t.Fatalf("%v %v", img.Bounds(), err)
	}
	code, err := qr.Encode(link, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	dark := func(x, y int) bool { r, _, _, _ := img.At(x, y).RGBA(); return r < 0x8000 }
	x0, y0 := -1, -1
find:
	for y := 680; y < 1080; y++ {
		for x := range 400 {
			if dark(x, y) {
				x0, y0 = x, y
				break find
			}
		}
	}
	module := 0
	for dark(x0+module, y0) {
		module++
	}
	module /= 7 // the finder pattern is seven modules wide
	for y := range code.Size {
		for x := range code.Size {
			if dark(x0+x*module+module/2, y0+y*module+module/2) != code.Black(x, y) {
				t.Fatalf("module %d,%d is wrong", x, y)
			}
		}
	}
	if err := photo.Card(&bytes.Buffer{}, photo.CardText{Title: "x"}); err == nil {
		t.Error("a card without a link")
	}
	if err := photo.Card(&bytes.Buffer{}, photo.CardText{Title: strings.Repeat("x", 5000), Short: strings.Repeat("y", 500), Link: link}); err != nil {
		t.Error(err)
	}
}

func FuzzLook(f *testing.F) {
	f.Add(phonePhoto(f, 6))
	f.Add(pngOf(f, quarters(8, 8)))
	for _, name := range []string{"lossy.webp", "lossless.webp", "animated.webp", "cmyk.jpg", "progressive.jpg"} {
		f.Add(file(f, name))
	}
	m := photo.New(1, 1_000_000)
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := m.Look(bytes.NewReader(b))
		if err == nil && (info.Orientation < 1 || info.Orientation > 8 || info.Width*info.Height > 1_000_000 || info.Width < 1) {
			t.Fatalf("%+v", info)
		}
		_, err = m.Public(t.Context(), bytes.NewReader(b), &bytes.Buffer{}, 64)
		if err != nil && strings.Contains(err.Error(), "panic") {
			t.Fatal(err)
		}
	})
}

// FuzzExif tries the EXIF block alone, in a picture that is always whole.
func FuzzExif(f *testing.F) {
	f.Add(exifBlock(binary.LittleEndian, 6))
	f.Add(exifBlock(binary.BigEndian, 8))
	m := photo.New(1, 0)
	plain := jpegOf(f, quarters(8, 8))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 60_000 {
			return
		}
		info, err := m.Look(bytes.NewReader(withSegment(t, plain, 0xe1, "Exif\x00\x00"+string(b))))
		if err != nil || info.Orientation < 1 || info.Orientation > 8 || len(info.Device) > 1100 {
			t.Fatalf("%+v %v", info, err)
		}
	})
}

func BenchmarkPublic(b *testing.B) {
	src := jpegOf(b, quarters(4000, 3000)) // a phone's 12 megapixels
	m := photo.New(1, 0)
	b.ReportAllocs()
	for b.Loop() {
		_, err := m.Public(b.Context(), bytes.NewReader(src), &bytes.Buffer{}, 0)
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCard(b *testing.B) {
	c := photo.CardText{Heading: "Dân biết", Title: "Công khai dự toán thu, chi ngân sách xã năm 2021", Unit: "UBND xã Thanh Nưa", Link: "https://dinh.example.vn/n/7KQ2M"}
	for b.Loop() {
		err := photo.Card(&bytes.Buffer{}, c)
		if err != nil {
			b.Fatal(err)
		}
	}
}
