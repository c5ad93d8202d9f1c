// Package photo looks into photos without believing them, makes copies of them that say nothing of place and device, and draws pictures for chat groups.
package photo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"time"

	"golang.org/x/image/webp"
)

// Format is what a picture is, by its content.
type Format string

// The formats that are read.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	WebP Format = "webp"
)

// What is refused, beside TooLargeError.
var (
	ErrFormat   = errors.New("photo: not a JPEG, PNG or WebP")
	ErrAnimated = errors.New("photo: an animated picture")
	ErrBroken   = errors.New("photo: the picture is damaged or cut off")
)

// TooLargeError says that a picture would need more memory than is given: too many pixels, or pixels of a costly kind (progressive, 16 bits).
type TooLargeError struct {
	Width, Height int
	Limit         int // pixels of an ordinary photo that are allowed
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("photo: %d × %d pixels are too many for a limit of %d", e.Width, e.Height, e.Limit)
}

// Info is what the head of a picture says.
type Info struct {
	Format        Format
	Width, Height int       // as stored; Upright turns them
	Orientation   int       // 1…8 as in EXIF; 1 where nothing is said
	TakenAt       time.Time // by the camera's clock, in the zone it names or else in Vietnam's; zero where nothing is said
	HasGPS        bool      // a place stands in the file
	Device        string    // maker and model
	cost          float64   // bytes per pixel while decoding
}

// Upright is the size of the picture as people see it.
func (i Info) Upright() (width, height int) {
	if i.Orientation >= 5 {
		return i.Height, i.Width
	}
	return i.Width, i.Height
}

// Defaults of a Maker and of what it makes.
const (
	DefaultPixels = 50_000_000
	DefaultSide   = 1600
	ThumbSide     = 480
	quality       = 82
	bytesPerPixel = 4 // of an ordinary photo, at most
)

// Maker makes copies of photos, at most as many at once as it has slots, so that the memory of a server is bounded by slots × pixels × 4 bytes. It is safe
// for concurrent use.
type Maker struct {
	slots  chan struct{}
	pixels int
}

// New makes a Maker. Slots below 1 are 1, pixels below 1 are DefaultPixels.
func New(slots, pixels int) *Maker {
	if pixels < 1 {
		pixels = DefaultPixels
	}
	return &Maker{slots: make(chan struct{}, max(1, slots)), pixels: pixels}
}

// Look reads the head of a picture and decodes nothing. It refuses what the Maker would refuse: the errors are ErrFormat, ErrAnimated, ErrBroken,
// *TooLargeError and those of r, which is left somewhere.
func (m *Maker) Look(r io.ReadSeeker) (Info, error) {
	_, err := r.Seek(0, io.SeekStart)
	if err != nil {
		return Info{}, err
	}
	in := bufio.NewReaderSize(r, 32<<10)
	head, _ := in.Peek(12)
	info := Info{Orientation: 1}
	switch {
	case len(head) >= 3 && string(head[:3]) == "\xff\xd8\xff":
		info.Format = JPEG
		err = jpegHead(in, &info)
	case len(head) >= 8 && string(head[:8]) == "\x89PNG\r\n\x1a\n":
		info.Format = PNG
		err = pngHead(in, &info)
	case len(head) == 12 && string(head[:4]) == "RIFF" && string(head[8:]) == "WEBP":
		info.Format = WebP
		err = webpHead(in, &info)
	default:
		err = ErrFormat
	}
	if err != nil {
		return info, err
	}
	if info.Width <= 0 || info.Height <= 0 {
		return info, ErrBroken
	}
	if n := float64(info.Width) * float64(info.Height); n > float64(m.pixels) || n*info.cost > float64(m.pixels)*bytesPerPixel {
		return info, &TooLargeError{info.Width, info.Height, m.pixels}
	}
	return info, nil
}

// Public writes the copy for everybody: a JPEG, turned upright, at most side pixels long (0: DefaultSide), with nothing in it but the picture. It waits for
// a slot until ctx ends. The errors are those of Look and of w. Info is that of the source.
func (m *Maker) Public(ctx context.Context, r io.ReadSeeker, w io.Writer, side int) (Info, error) {
	if side <= 0 {
		side = DefaultSide
	}
	info, err := m.Look(r)
	if err != nil {
		return info, err
	}
	select {
	case m.slots <- struct{}{}:
		defer func() { <-m.slots }()
	case <-ctx.Done():
		return info, ctx.Err()
	}
	small, err := m.small(ctx, r, &info, side)
	if err != nil {
		return info, err
	}
	return info, jpeg.Encode(w, small, &jpeg.Options{Quality: quality})
}

// Thumb writes a small copy, ThumbSide pixels long.
func (m *Maker) Thumb(ctx context.Context, r io.ReadSeeker, w io.Writer) (Info, error) {
	return m.Public(ctx, r, w, ThumbSide)
}

func (m *Maker) small(ctx context.Context, r io.ReadSeeker, info *Info, side int) (small *image.RGBA, err error) {
	defer func() {
		if x := recover(); x != nil { // a decoder's fault in some strange file must not end a server
			small, err = nil, fmt.Errorf("%w: panic: %v", ErrBroken, x)
		}
	}()
	_, err = r.Seek(0, io.SeekStart)
	if err != nil {
		return nil, err
	}
	in := &ending{ctx: ctx, r: r}
	var img image.Image
	switch buf := bufio.NewReaderSize(in, 32<<10); info.Format {
	case JPEG:
		img, err = jpeg.Decode(buf)
	case PNG:
		img, err = png.Decode(buf)
	case WebP:
		img, err = webp.Decode(buf)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if in.err != nil && !errors.Is(in.err, io.EOF) {
			return nil, in.err
		}
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	b := img.Bounds()
	width, height := fit(b.Dx(), b.Dy(), side)
	return turn(shrink(img, width, height), info.Orientation), nil
}

// ending is a reader that ends with a context and remembers why it ended.
type ending struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (e *ending) Read(b []byte) (n int, err error) {
	if e.err = e.ctx.Err(); e.err != nil {
		return 0, e.err
	}
	n, e.err = e.r.Read(b)
	return n, e.err
}

// fit is the size with the longer side at most side; nothing is made larger.
func fit(w, h, side int) (int, int) {
	longer := max(w, h)
	if longer <= side {
		return w, h
	}
	f := float64(side) / float64(longer)
	return max(1, int(math.Round(float64(w)*f))), max(1, int(math.Round(float64(h)*f)))
}
